"""`make update` writes its best guesses into the overlay, each marked `# proposed` with the reason.

`python -m sagemaker_typed.codegen.proposals` lists those that stand there; whoever has looked at one takes the mark away.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from .build import build
from .drafting import drafts
from .guesses import Guess, guess
from .identifying import always_there
from .kept import installed
from .overlay import FOLDER, Overlay, SiblingList, kinds
from .problems import Question, Unsettled
from .read import BotocoreModel, Json, read_installed
from .targets import MAIN, Target

MARK = "# proposed"
_HEAD = re.compile(r"\s*\[+([^\]]+)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|[\w-]+)\s*=")
_NEW_FILE = "# Words of our own on {}. Facts are checked against AWS's documentation; no sentence is taken from it."
_SERVICE_FILE = """\
# Decisions about {}. Each table is what a file of that name is for SageMaker: [names.fields] is
# [fields] of names.toml.
"""
_BARE = re.compile(r"[\w-]+")


def answers(model: BotocoreModel, overlay: Overlay, target: Target = MAIN) -> Iterator[tuple[Question, Guess]]:
    """A guess for each question that the model asks of the decisions, as far as one can be made.

    Each guess is put into a copy of the decisions before the next look: a new group brings new questions.
    """
    given = replace(overlay, **{kind: copy.deepcopy(getattr(overlay, kind)) for kind in kinds()})
    asked: set[Question] = set()
    while new := [each for each in questions(model, given, target) if each not in asked]:
        for question in new:
            asked.add(question)
            found = guess(question, model, given)
            if found is not None and not _stands(found, given):
                found.added_to(given)
                yield question, found


def write_answers(target: Target, folder: Path = FOLDER) -> list[Guess]:
    """Write a guess for each question about a service that has one."""
    own = Overlay.of(target, folder)
    overlay = own.reading(Overlay.load(folder)) if target.overlay else own
    found = [each for _, each in answers(installed(own, target), overlay, target)]
    if target.overlay:  # its file has a table for each of SageMaker's files
        found = [
            replace(part, file=target.overlay, table=(part.file, *part.table), more=())
            for each in found
            for part in each.parts()
        ]
    for each in found:
        write(each, folder)
    return found


def write_services(known: Container[str], folder: Path = FOLDER) -> list[Guess]:
    """Write the file of decisions of each service that `services.toml` names and that has none. `known` has botocore's
    services."""
    found: list[Guess] = []
    for service, attribute in SiblingList.load(folder).unwritten(folder).items():
        if service in known:
            (folder / f"{attribute}.toml").write_text(_SERVICE_FILE.format(service), encoding="utf-8", newline="\n")
            found.append(_about_service(read_installed(service), attribute))
            write(found[-1], folder)
    return found


def _about_service(model: BotocoreModel, attribute: str) -> Guess:
    metadata: Json = model.raw["service-2"]["metadata"]
    table = ("service",)
    name, uid = metadata["serviceFullName"], metadata["uid"]
    class_name = "".join(word.capitalize() for word in attribute.split("_"))
    words = Guess(attribute, table, {"words": f"Call {name}."}, "drafted from the service's name")
    address = f"https://docs.aws.amazon.com/goto/WebAPI/{uid}/{{}}"
    page = Guess(attribute, table, {"documentation": address}, "the address that AWS's own SDKs name")
    return Guess(attribute, table, {"class": class_name}, "the name of the attribute, as a class", (words, page))


def write_drafts(before: Json, target: Target, folder: Path = FOLDER) -> list[Guess]:
    """Write what can be said of the new elements of a service: members that every answer has, and sentences for docstrings.

    `before` is the model that is not new. Nothing is written while something else is undecided.
    """
    overlay = Overlay.of(target, folder)
    model = installed(overlay, target)
    try:
        plan = build(model, overlay.reading(Overlay.load(folder)) if target.overlay else overlay, target)
    except Unsettled:
        return []
    found = list(drafts(plan, model, overlay, before))
    if not target.overlay:
        found += always_there(model, before, overlay)
    for each in found:
        write(each, folder)
    return found


def questions(model: BotocoreModel, overlay: Overlay, target: Target = MAIN) -> list[Question]:
    """What a person, or a guess, has to settle before the model can be generated from."""
    try:
        build(model, overlay, target)
    except Unsettled as error:
        return list(dict.fromkeys(error.questions.values()))
    return []


def _stands(found: Guess, overlay: Overlay) -> bool:
    """Whether the decisions hold it already: several fields may have one word."""
    before = {kind: copy.deepcopy(getattr(overlay, kind)) for kind in {part.file for part in found.parts()}}
    after = replace(overlay, **copy.deepcopy(before))
    for part in found.parts():
        table: Any = getattr(after, part.file)
        for name in part.table:
            table = table.get(name, {})
        for key, value in part.lines.items():
            there = table.get(key)
            if there != value and not (
                isinstance(value, list) and there and set(cast("list[str]", value)) <= set(there)
            ):
                return False
    return True


# --- into the files ---------------------------------------------------------------------------------------------------


def write(found: Guess, folder: Path = FOLDER) -> None:
    """Add a guess to the overlay's files."""
    for part in found.parts():
        path = folder / f"{part.file}.toml"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else [_NEW_FILE.format(_about(path))]
        for key, value in part.lines.items():
            lines = _with(lines, ".".join(part.table), key, value, part.reason)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _about(path: Path) -> str:
    return path.stem.replace("_", " ")


def _with(lines: list[str], table: str, key: str, value: object, reason: str) -> list[str]:
    start, end = _table(lines, table)
    if start is None:
        return [*lines, "", f"[{table}]", _line(key, value, reason)]
    for index in range(start, end):
        if _key(lines[index]) == key:
            return (
                _longer(lines, index, cast("list[str]", value), reason)
                if isinstance(value, list)
                else _changed(lines, index, key, value, reason)
            )
    at = _place(lines, start, end, key)
    return [*lines[:at], _line(key, value, reason), *lines[at:]]


def _place(lines: list[str], start: int, end: int, key: str) -> int:
    """Where a new key goes: in its place where those of the table are in order, else behind them."""
    keys = [(number, found) for number in range(start, end) if (found := _key(lines[number]))]
    names = [name for _, name in keys]
    later = [number for number, name in keys if name > key] if names == sorted(names) else []
    if later:
        return later[0]
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _table(lines: list[str], table: str) -> tuple[int | None, int]:
    """The first line of a table, and the one after its last; None for one that is not there."""
    start = None if table else 0
    for index, line in enumerate(lines):
        head = _HEAD.match(line)
        if head and start is not None:
            return start, index - _comments_above(lines, index)
        if head and head[1].strip() == table:
            start = index + 1
    return start, len(lines)


def _comments_above(lines: list[str], index: int) -> int:
    """How many lines of comment belong to the table that begins at a line."""
    count = 0
    while index > count and lines[index - count - 1].startswith("#"):
        count += 1
    return count


def _longer(lines: list[str], index: int, value: list[str], reason: str) -> list[str]:
    """The list that begins at a line, with more in it."""
    end = next(number for number in range(index, len(lines)) if "]" in lines[number].partition("#")[0])
    before, _, after = lines[end].rpartition("]")
    added = ", ".join(map(_text, value))
    bare = before.rstrip()
    comma = "" if bare.endswith("[") or not bare else " " if bare.endswith(",") else ", "
    if not bare:  # the bracket has a line of its own
        return [*lines[:end], f"    {added},  {MARK}: {reason}", *lines[end:]]
    return [*lines[:end], f"{bare}{comma}{added}]{after}  {MARK}: {reason}", *lines[end + 1 :]]


def _changed(lines: list[str], index: int, key: str, value: object, reason: str) -> list[str]:
    return [*lines[:index], _line(key, value, reason), *lines[index + 1 :]]


def _key(line: str) -> str | None:
    match = _KEY.match(line)
    return match[1].strip('"') if match else None


def _line(key: str, value: object, reason: str) -> str:
    named = key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
    return f"{named} = {_text(value)}  {MARK}: {reason}"


def _text(value: object) -> str:
    """A value as TOML, which has texts, numbers and lists as JSON does."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_text(item)}' for key, item in cast('dict[str, object]', value).items())} }}"
    return json.dumps(value, ensure_ascii=False)


def standing(folder: Path = FOLDER) -> Iterator[str]:
    """The proposals that nobody has looked at yet, each with its file, line and table."""
    for path in sorted(folder.rglob("*.toml")):
        table = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if head := _HEAD.match(line):
                table = f"[{head[1].strip()}] "
            if MARK in line:
                yield f"{path.relative_to(folder.parents[2]).as_posix()}:{number}: {table}{line.strip()}"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen.proposals", description=__doc__)
    parser.add_argument("--fail", action="store_true", help="fail where there are any, as a release does")
    args = parser.parse_args(argv)
    found = list(standing())
    print("\n".join(found) if found else "no proposals")
    return 1 if args.fail and found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Writes the page on what to change in code for another version."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Mapping

from sagemaker_typed.changes._surface.breaks import Break
from sagemaker_typed.changes._surface.entries import Alias, Attribute, Class, Surface

__all__ = ["additions", "advice", "page", "shown"]

_GROUP = re.compile(r"resources\.(\w+)\.[A-Z]\w*\.(\w+)")
_NAMED = 6
_MOVED = re.compile(r"moved to ([\w.]+)")

_ADVICE: Mapping[str, str] = {
    r"no longer in __all__": "It can still be imported, but it is no longer public.",
    r"parameter (\w+) renamed to (\w+)": "Pass `{2}=` instead of `{1}=`.",
    r"parameter (\w+) removed": "Do not pass `{1}`.",
    r"parameter (\w+) added, and required": "Pass `{1}=`.",
    r"parameter (\w+) is now required": "Pass `{1}=`.",
    r"parameter (\w+) is now keyword only": "Pass it by name, `{1}=`.",
    r"parameter (\w+) is now positional only": "Pass it by position.",
    r"parameter (\w+) was at place \d+, is now at \d+": "Pass it by name, `{1}=`.",
    r"parameter (\w+): default (.*) is now .*": "Pass `{1}={2}` to keep the old behaviour.",
    r"parameter (\w+): type .*": "Pass a value of the new type.",
    r"no longer takes \*.*": "Pass only the parameters that it names.",
    r"is now async": "Await it.",
    r"is no longer async": "Do not await it.",
    r"is no longer an? (.*)": "Use the class itself in `except` and `isinstance`, not `{1}`.",
    r"returned .*": "Check how your code uses the result.",
    r"type .*": "Check how your code uses it: it may have another type, or be None.",
    r"value .*": "Do not rely on the value.",
}


def shown(where: str) -> str:
    """Return a name as users write it: `sm.compilation_jobs.create`, `types.TargetDevice.ML_M4`."""
    found = _GROUP.fullmatch(where)
    if found is None:
        return where
    return f"sm.{found[2]}" if found[1] == "groups" else f"sm.{found[1]}.{found[2]}"


def advice(old: Surface, new: Surface, found: Break) -> str:
    """Return a sentence that says how to change the code."""
    if found.what == "removed":
        return _of_removed(old, new, found.where)
    if place := _MOVED.fullmatch(found.what):
        module, _, name = place[1].rpartition(".")
        package = old.version.partition(" ")[0]
        was = ".".join([package, *found.where.split(".")[:-1]])
        return f"Import `{name}` from `{'.'.join(filter(None, (package, module)))}` instead of `{was}`."
    for pattern, text in _ADVICE.items():
        if match := re.fullmatch(pattern, found.what):
            return text.format(match[0], *match.groups())
    return "Check each use."


def _of_removed(old: Surface, new: Surface, where: str) -> str:
    above, _, name = where.rpartition(".")
    owner = old.entries.get(above)
    member = owner.members.get(name) if isinstance(owner, Class) else None
    if isinstance(member, Attribute) and member.value and any("Enum" in base for base in _bases(owner)):
        text = ast.literal_eval(member.value)
        return f"AWS removed it. If the service still accepts it, write `{above.rpartition('.')[2]}({text!r})`."
    added = sorted(_siblings(new, above) - _siblings(old, above))
    near = difflib.get_close_matches(name, added, n=1, cutoff=0.75)
    return f"Use `{near[0]}` if that is its new name." if near else "Remove its uses."


def _bases(owner: object) -> tuple[str, ...]:
    return owner.bases if isinstance(owner, Class) else ()


def _siblings(surface: Surface, above: str) -> set[str]:
    entry = surface.entries.get(above)
    if isinstance(entry, Class):
        return set(entry.members)
    prefix = f"{above}." if above else ""
    below = [name.removeprefix(prefix) for name in surface.entries if name.startswith(prefix)]
    return {name for name in below if "." not in name}


def additions(old: Surface, new: Surface, breaks: tuple[Break, ...]) -> tuple[str, ...]:
    """Return the names that only the new version has. Classes that moved and members of new classes are left out."""
    moved = {place[1] for each in breaks if (place := _MOVED.fullmatch(each.what))}
    found: list[str] = []
    for name, entry in new.entries.items():
        before = old.entries.get(name)
        if before is None:
            if not isinstance(entry, Alias) and name not in moved:
                found.append(shown(name))
        elif isinstance(entry, Class) and isinstance(before, Class):
            found += [shown(f"{name}.{each}") for each in entry.members if each not in before.members]
    return tuple(sorted(found))


def page(old: Surface, new: Surface, found: tuple[Break, ...], added: tuple[str, ...]) -> str:
    """Return the page as Markdown. The same change in many places is listed once."""
    was, is_ = (each.version.rpartition(" ")[2] for each in (old, new))
    blocks = [f"# From sagemaker-typed {was} to {is_}"]
    if not found:
        blocks.append("Nothing has to be changed: every public name is still there, with compatible types.")
    else:
        blocks.append(f"{len(found)} changes of public names may need a change of your code.")
        blocks += ["## What to change", *_groups(old, new, found)]
    blocks += ["## What is new", _new(added)]
    return "\n\n".join(blocks) + "\n"


def _groups(old: Surface, new: Surface, found: tuple[Break, ...]) -> Iterator[str]:
    alike: dict[tuple[str, str], list[str]] = {}
    for each in found:
        alike.setdefault((each.what, advice(old, new, each)), []).append(shown(each.where))
    for (what, do), places in sorted(alike.items(), key=lambda item: (item[1][0], item[0])):
        named = ", ".join(f"`{place}`" for place in places[:_NAMED])
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        yield f"- {named}{more}: {_plain(what)}. {do}"


def _new(added: tuple[str, ...]) -> str:
    if not added:
        return "Nothing."
    heads: dict[str, int] = {}
    for name in added:
        head = (
            ".".join(name.split(".")[:2]) if name.startswith(("sm.", "types.", "services.")) else name.partition(".")[0]
        )
        heads[head] = heads.get(head, 0) + 1
    groups = [f"`{head}`" + (f" ({count})" if count > 1 else "") for head, count in heads.items()]
    more = f" and {len(groups) - 40} more" if len(groups) > 40 else ""
    return f"{len(added):,} names: {', '.join(groups[:40])}{more}."


def _plain(text: str) -> str:
    """Shorten a text, as types of generated classes can fill a screen, and escape Markdown's signs."""
    short = text if len(text) <= 160 else f"{text[:157]}..."
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in short)

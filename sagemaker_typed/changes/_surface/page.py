"""One page: what a user of one version must change for another."""

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

_ADVICE: Mapping[str, str] = {
    r"parameter (\w+) renamed to (\w+)": "Pass `{2}=` instead of `{1}=`.",
    r"parameter (\w+) removed": "Do not pass `{1}`.",
    r"parameter (\w+) added, and required": "Pass `{1}=`.",
    r"parameter (\w+) is now required": "Pass `{1}=`.",
    r"parameter (\w+) is now keyword only": "Pass it by name, `{1}=`.",
    r"parameter (\w+) is now positional only": "Pass it by position.",
    r"parameter (\w+) was at place \d+, is now at \d+": "Pass it by name, `{1}=`.",
    r"parameter (\w+): default (.*) is now .*": "Pass `{1}={2}` to keep what it did.",
    r"parameter (\w+): type .*": "Pass what the new type takes.",
    r"no longer takes \*.*": "Pass what it names.",
    r"is now async": "Await it.",
    r"is no longer async": "Do not await it.",
    r"is no longer an? (.*)": "Catch, or ask for, the class itself and not `{1}`.",
    r"returned .*": "Look at what is read from the result.",
    r"type .*": "Look at what is read from it: it may be another type, or None.",
    r"value .*": "Do not rely on the text.",
}


def shown(where: str) -> str:
    """A place as users write it: `sm.compilation_jobs.create`, `types.TargetDevice.ML_M4`."""
    found = _GROUP.fullmatch(where)
    if found is None:
        return where
    return f"sm.{found[2]}" if found[1] == "groups" else f"sm.{found[1]}.{found[2]}"


def advice(old: Surface, new: Surface, found: Break) -> str:
    """What to do about one break."""
    if found.what == "removed":
        return _of_removed(old, new, found.where)
    for pattern, text in _ADVICE.items():
        if match := re.fullmatch(pattern, found.what):
            return text.format(match[0], *match.groups())
    return "Look at each use."


def _of_removed(old: Surface, new: Surface, where: str) -> str:
    above, _, name = where.rpartition(".")
    owner = old.entries.get(above)
    member = owner.members.get(name) if isinstance(owner, Class) else None
    if isinstance(member, Attribute) and member.value and any("Enum" in base for base in _bases(owner)):
        text = ast.literal_eval(member.value)
        return f"The service no longer names it; where it still takes it, write `{above.rpartition('.')[2]}({text!r})`."
    added = sorted(_siblings(new, above) - _siblings(old, above))
    near = difflib.get_close_matches(name, added, n=1, cutoff=0.75)
    return f"Perhaps `{near[0]}` is what it became." if near else "Take out what uses it."


def _bases(owner: object) -> tuple[str, ...]:
    return owner.bases if isinstance(owner, Class) else ()


def _siblings(surface: Surface, above: str) -> set[str]:
    entry = surface.entries.get(above)
    if isinstance(entry, Class):
        return set(entry.members)
    prefix = f"{above}." if above else ""
    below = [name.removeprefix(prefix) for name in surface.entries if name.startswith(prefix)]
    return {name for name in below if "." not in name}


def additions(old: Surface, new: Surface) -> tuple[str, ...]:
    """The names that only the new version has; of a new class, the class alone."""
    found: list[str] = []
    for name, entry in new.entries.items():
        before = old.entries.get(name)
        if before is None:
            if not isinstance(entry, Alias):
                found.append(shown(name))
        elif isinstance(entry, Class) and isinstance(before, Class):
            found += [shown(f"{name}.{each}") for each in entry.members if each not in before.members]
    return tuple(sorted(found))


def page(old: Surface, new: Surface, found: tuple[Break, ...], added: tuple[str, ...]) -> str:
    """Markdown: what must be changed, the same change in many places once; then how much is new."""
    was, is_ = (each.version.rpartition(" ")[2] for each in (old, new))
    blocks = [f"# From sagemaker-typed {was} to {is_}"]
    if not found:
        blocks.append("Nothing has to be changed: every public name is there and takes and gives what it did.")
    else:
        blocks.append(f"{len(found)} changes of public names ask for something.")
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
    """Types of generated classes can fill a screen."""
    short = text if len(text) <= 160 else f"{text[:157]}..."
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in short)

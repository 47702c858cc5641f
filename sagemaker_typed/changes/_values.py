"""Compares two shapes of the same type: their values, their limits and their wire format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, cast

from sagemaker_typed.changes._finding import Finding, Severity, Site
from sagemaker_typed.changes._model import PROSE, CheckedModel, Json

__all__ = ["is_required", "of_member", "of_operation_traits", "of_requirement", "of_values"]

# Traits that change the wire format. The others only tell clients how to behave (box, sensitive, deprecated, ...).
_WIRE = frozenset(
    {
        "document", "error", "event", "eventheader", "eventpayload", "eventstream", "exception", "flattened", "hostLabel",
        "jsonvalue", "location", "locationName", "payload", "queryName", "streaming", "timestampFormat", "wrapper",
        "xmlAttribute", "xmlNamespace", "xmlOrder",
        # of operations
        "authtype", "endpoint", "http", "httpChecksum", "httpChecksumRequired", "resultWrapper", "signatureVersion",
    }
)  # fmt: skip
# Keys with a comparison of their own. All other keys of a shape, a member or an operation are traits.
_OWN = {"type", "members", "member", "key", "value", "required", "enum", "min", "max", "pattern"}
_OF_OPERATION = {"name", "input", "output", "errors"}
_LENGTHS = ("blob", "list", "map", "string")


def of_values(before: Json, after: Json, place: Site, *, moved: bool = False) -> Iterator[Finding]:
    """Yield the differences between two shapes of the same type, apart from their members.

    `moved` means that a place now refers to another shape. The order of an enum's values is then no difference.
    """
    yield from _of_enum(list(before.get("enum") or ()), list(after.get("enum") or ()), place, moved=moved)
    yield from _of_limits(before, after, place)
    yield from _of_pattern(_pattern(before), _pattern(after), place, before.get("pattern"), after.get("pattern"))
    for trait, was, now in _differences(_traits(before, _OWN), _traits(after, _OWN)):
        yield place.found("trait_changed", _trait_severity(trait), value=trait, old=was, new=now)


def of_member(before: Json, after: Json, place: Site) -> Iterator[Finding]:
    """Yield the differences between two references to a member."""
    for trait, was, now in _differences(_traits(before, {"shape"}), _traits(after, {"shape"})):
        yield place.found("member_trait_changed", _trait_severity(trait), value=trait, old=was, new=now)


def of_requirement(was: bool, now: bool, place: Site) -> Iterator[Finding]:
    """Yield a finding if a member became required, or optional."""
    if now and not was:
        yield place.found("member_made_required", place.if_asked("breaking"))
    if was and not now:
        yield place.found("member_no_longer_required", place.if_answered("conditional"))


def of_operation_traits(old: CheckedModel, new: CheckedModel, place: Site) -> Iterator[Finding]:
    """Yield the differences between the traits of two versions of an operation."""
    for trait, was, now in _differences(_operation_traits(old, place.where), _operation_traits(new, place.where)):
        yield place.found("trait_changed", _trait_severity(trait), value=trait, old=was, new=now)


def _of_enum(before: list[str], after: list[str], place: Site, *, moved: bool) -> Iterator[Finding]:
    if before == after:
        return
    if not before:
        yield place.found("enum_introduced", "conditional", new=after)
    elif not after:
        yield place.found("enum_dropped", "breaking", old=before)
    else:
        added, removed = (dict.fromkeys(after), dict.fromkeys(before))
        for value in added.keys() - removed.keys():
            yield place.found("enum_value_added", place.if_answered("conditional"), value=value)
        for value in removed.keys() - added.keys():
            yield place.found("enum_value_removed", "breaking", value=value)
        if not moved and [value for value in before if value in after] != [value for value in after if value in before]:
            yield place.found("enum_reordered", "compatible", old=before, new=after)


def _of_limits(before: Json, after: Json, place: Site) -> Iterator[Finding]:
    parts: tuple[Literal["min", "max"], ...] = ("min", "max")
    for part in parts:
        was, now = before.get(part), after.get(part)
        if _limit(part, was, before) != _limit(part, now, after):
            severity = _limit_severity(_tightens(part, was, now), place)
            yield place.found("min_changed" if part == "min" else "max_changed", severity, old=was, new=now)


def _of_pattern(constrains: bool, will: bool, place: Site, was: str | None, now: str | None) -> Iterator[Finding]:
    if was == now:
        return
    if constrains and will:
        severity: Severity = "conditional"
    else:
        severity = _limit_severity(will, place) if constrains != will else "compatible"
    yield place.found("pattern_changed", severity, old=was, new=now)


def _limit_severity(tightened: bool, place: Site) -> Severity:
    return place.if_asked("breaking") if tightened else place.if_answered("conditional")


def _limit(part: str, limit: Any, body: Json) -> Any:
    """Return a limit. A missing minimum of a length is 0."""
    return 0 if part == "min" and limit is None and body["type"] in _LENGTHS else limit


def _tightens(part: Literal["min", "max"], old: Any, new: Any) -> bool:
    if old is None or new is None:
        return old is None
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return True  # not comparable: assume the worse
    return new > old if part == "min" else new < old


# Patterns that match every character: `.`, a class together with its complement, or a group of the two. In some dialects `.`
# does not match line ends, but the authors of a model who write `.*` mean every text.
_EITHER = r"\\s\\S|\\S\\s|\\w\\W|\\W\\w|\\d\\D|\\D\\d"
_ANY = rf"(?:\.|\[(?:{_EITHER})\]|\((?:\?:)?(?:\.\|\\[ns]|\\[ns]\|\.|\\s\|\\S|\\S\|\\s)\))\*"
_EVERY_TEXT = re.compile(rf"(?:\(\?s\))?\^?(?:{_ANY}|\((?:\?:)?\^?{_ANY}\$?\))\$?")


def _pattern(body: Json) -> bool:
    """Whether a shape has a pattern that excludes some texts."""
    pattern = body.get("pattern")
    return bool(pattern) and not _EVERY_TEXT.fullmatch(str(pattern))


def _trait_severity(trait: str) -> Severity:
    return "breaking" if trait.rpartition(".")[2] in _WIRE else "compatible"


def is_required(body: Json, member: str) -> bool:
    """Whether a member of a structure is required."""
    return member in cast("list[str]", body.get("required") or [])


def _traits(body: Json, without: set[str]) -> Json:
    """Return the traits of a shape or a reference. A flag that is false counts as absent."""
    return {
        name: value
        for name, value in body.items()
        if name not in without and name not in PROSE and value is not False and value is not None
    }


def _operation_traits(model: CheckedModel, name: str) -> Json:
    body = model.operations[name]
    found = dict(_traits(body, _OF_OPERATION))
    for part in ("input", "output"):
        if body.get(part) is not None:
            found |= {f"{part}.{trait}": value for trait, value in _traits(body[part], {"shape"}).items()}
    return found


def _differences(before: Json, after: Json) -> Iterator[tuple[str, Any, Any]]:
    """Yield each name whose two values differ, with both values."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)

"""What two shapes of one type allow, compared: their values, their limits, how they travel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, cast

from sagemaker_typed.changes._finding import Finding, Severity, Site
from sagemaker_typed.changes._model import PROSE, CheckedModel, Json

__all__ = ["is_required", "of_member", "of_operation_traits", "of_requirement", "of_values"]

# What decides how a value travels. The other traits tell clients how to behave (box, sensitive, deprecated, ...).
_WIRE = frozenset(
    {
        "document", "error", "event", "eventheader", "eventpayload", "eventstream", "exception", "flattened", "hostLabel",
        "jsonvalue", "location", "locationName", "payload", "queryName", "streaming", "timestampFormat", "wrapper",
        "xmlAttribute", "xmlNamespace", "xmlOrder",
        # of operations
        "authtype", "endpoint", "http", "httpChecksum", "httpChecksumRequired", "resultWrapper", "signatureVersion",
    }
)  # fmt: skip
# What is compared by itself; whatever else a shape, a member or an operation has is a trait.
_OWN = {"type", "members", "member", "key", "value", "required", "enum", "min", "max", "pattern"}
_OF_OPERATION = {"name", "input", "output", "errors"}
_LENGTHS = ("blob", "list", "map", "string")


def of_values(before: Json, after: Json, place: Site, *, moved: bool = False) -> Iterator[Finding]:
    """What differs between two shapes of one type, apart from what they hold.

    `moved` says that a place is pointed at another shape, in which the order of an enum's values means nothing.
    """
    yield from _of_enum(list(before.get("enum") or ()), list(after.get("enum") or ()), place, moved=moved)
    yield from _of_limits(before, after, place)
    yield from _of_pattern(_pattern(before), _pattern(after), place, before.get("pattern"), after.get("pattern"))
    for trait, was, now in _differences(_traits(before, _OWN), _traits(after, _OWN)):
        yield place.found("trait_changed", _trait_severity(trait), value=trait, old=was, new=now)


def of_member(before: Json, after: Json, place: Site) -> Iterator[Finding]:
    """What differs in how a structure refers to its member."""
    for trait, was, now in _differences(_traits(before, {"shape"}), _traits(after, {"shape"})):
        yield place.found("member_trait_changed", _trait_severity(trait), value=trait, old=was, new=now)


def of_requirement(was: bool, now: bool, place: Site) -> Iterator[Finding]:
    """What differs in whether a member must be there."""
    if now and not was:
        yield place.found("member_made_required", place.if_asked("breaking"))
    if was and not now:
        yield place.found("member_no_longer_required", place.if_answered("conditional"))


def of_operation_traits(old: CheckedModel, new: CheckedModel, place: Site) -> Iterator[Finding]:
    """What differs in how an operation is called."""
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
    """A length is never less than 0, whether the model says so or not."""
    return 0 if part == "min" and limit is None and body["type"] in _LENGTHS else limit


def _tightens(part: Literal["min", "max"], old: Any, new: Any) -> bool:
    if old is None or new is None:
        return old is None
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return True  # nobody can say; rather too strict
    return new > old if part == "min" else new < old


# Any sign, or nothing: `.`, a class with its opposite, or one of both in a group. That `.` leaves out line ends in some
# dialects is not what those mean who write `.*` into a model.
_EITHER = r"\\s\\S|\\S\\s|\\w\\W|\\W\\w|\\d\\D|\\D\\d"
_ANY = rf"(?:\.|\[(?:{_EITHER})\]|\((?:\?:)?(?:\.\|\\[ns]|\\[ns]\|\.|\\s\|\\S|\\S\|\\s)\))\*"
_EVERY_TEXT = re.compile(rf"(?:\(\?s\))?\^?(?:{_ANY}|\((?:\?:)?\^?{_ANY}\$?\))\$?")


def _pattern(body: Json) -> bool:
    """Whether a shape has a pattern that some text does not match."""
    pattern = body.get("pattern")
    return bool(pattern) and not _EVERY_TEXT.fullmatch(str(pattern))


def _trait_severity(trait: str) -> Severity:
    return "breaking" if trait.rpartition(".")[2] in _WIRE else "compatible"


def is_required(body: Json, member: str) -> bool:
    """Whether a structure cannot do without a member."""
    return member in cast("list[str]", body.get("required") or [])


def _traits(body: Json, without: set[str]) -> Json:
    """What else is said; a flag that is off is as one that is not there."""
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
    """The names whose values are not the same, with both values."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)

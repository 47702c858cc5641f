"""Compares the settings of a request with those of the existing resource. Does no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.masks import MASK, hides
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed.errors import Difference
from sagemaker_typed.structure import Structure, members_of

__all__ = ["differences"]

_TAGS = "tags"
_IN_ANY_ORDER = frozenset({"security_group_ids", "subnets", "subnet_ids"})
_TOLERANCE = 1.0
"""Seconds. The service rounds times to milliseconds or to seconds."""


class _Hiding(Protocol):
    @property
    def sensitive(self) -> bool: ...
    @property
    def items(self) -> Any: ...


class _Place(NamedTuple):
    """The path of a value, and what is known of it."""

    path: str
    field: str
    rule: _Hiding | None = None
    json: bool = False

    def below(self, part: str) -> _Place:
        return _Place(f"{self.path}{part}", self.field, None if self.rule is None else self.rule.items)


def differences(request: Structure, described: Structure) -> tuple[Difference, ...]:
    """Return the differences between a request and a description.

    Each member that the request sets and the description has is compared. Members that the request leaves out are not: the
    service fills them in. Tags, which descriptions lack, and members that the description does not know are not compared.
    """
    return tuple(_members("", request, described))


def _members(path: str, wanted: Structure, found: Structure) -> Iterator[Difference]:
    echoed = {member.field for member in members_of(type(found))}
    for member in members_of(type(wanted)):
        value = getattr(wanted, member.field)
        if value is None or member.token or member.field not in echoed or (not path and member.field == _TAGS):
            continue
        place = _Place(f"{path}{member.field}", member.field, member, member.json)
        yield from _values(place, value, getattr(found, member.field))


def _values(place: _Place, wanted: Any, found: Any) -> Iterator[Difference]:
    if found is None:
        if _says_something(wanted):
            yield _difference(place, wanted, found)
    elif isinstance(wanted, Structure) and isinstance(found, Structure):
        yield from _members(f"{place.path}.", wanted, found)
    elif is_mapping(wanted) and is_mapping(found):
        for key in dict.fromkeys([*wanted, *found]):
            yield from _items(place.below(f"[{quoted(key)}]"), wanted.get(key), found.get(key))
    elif is_list(wanted) and is_list(found):
        yield from _lists(place, list(wanted), list(found))
    elif not _equal(place, wanted, found):
        yield _difference(place, wanted, found)


def _items(place: _Place, wanted: Any, found: Any) -> Iterator[Difference]:
    if wanted is None:
        yield _difference(place, wanted, found)
    else:
        yield from _values(place, wanted, found)


def _lists(place: _Place, wanted: list[Any], found: list[Any]) -> Iterator[Difference]:
    if place.field in _IN_ANY_ORDER:
        wanted, found = sorted(map(str, wanted)), sorted(map(str, found))
    if len(wanted) != len(found):
        yield Difference(place.path, f"{len(wanted)} items", f"{len(found)} items")
        return
    for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
        yield from _values(place.below(f"[{index}]"), one, other)


def _says_something(wanted: Any) -> bool:
    """Whether a value differs from a member missing in an answer. Services leave out empty values."""
    if isinstance(wanted, Structure):
        return any(_says_something(getattr(wanted, member.field)) for member in members_of(type(wanted)))
    return (
        wanted is not None
        and wanted is not False
        and wanted != ""
        and not (is_list(wanted) and not wanted)
        and wanted != {}
    )


def _equal(place: _Place, wanted: Any, found: Any) -> bool:
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return abs((wanted - found).total_seconds()) < _TOLERANCE
    if wanted == found:
        return True
    if isinstance(wanted, str) and isinstance(found, str) and (place.json or wanted[:1] in "{["):
        try:
            return bool(json.loads(wanted) == json.loads(found))
        except ValueError:
            return False
    return False


def _difference(place: _Place, wanted: Any, found: Any) -> Difference:
    if place.rule is not None and hides(place.rule):
        return Difference(place.path, _hidden(wanted), _hidden(found))
    return Difference(place.path, _shown(wanted), _shown(found))


def _hidden(value: Any) -> str:
    return "nothing" if value is None else repr(MASK)


def _shown(value: Any) -> str:
    """Return a value's text without its secrets, which structures hide in their `repr`."""
    if value is None:
        return "nothing"
    return shortened(repr(value), 200) if isinstance(value, Structure) else quoted(value)

"""The meaning of a list request's members, derived from their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Candidate", "condition", "ordered_by"]

_PAGING = frozenset({"NextToken", "MaxResults", "SortBy", "SortOrder"})
_MOMENT = re.compile(r"(.+?)(After|Before)")
_TEXT = re.compile(r"(.*)Contains")
_EQUAL = re.compile(r"(.+)Equals")
_CREATED = frozenset({"created", "createdat", "creationtime", "createdtime", "createdate", "registrationtime"})
_MODIFIED = frozenset({"modifiedtime", "lastmodifiedtime", "lastmodifiedat", "lastupdateddate", "modified"})


class Candidate(Protocol):
    """The properties of one resource that a list can filter and sort by."""

    @property
    def short(self) -> str: ...
    @property
    def status(self) -> str: ...


Known = Callable[[Any, str], Any]
"""What is known of a resource under the name of a member, or None."""
Condition = Callable[[Any, Any], bool]


def condition(member: str, known: Known, *, name_member: str, is_status: bool) -> Condition | None:
    """Return a test of resources for the request's `member`. None if the member is not a filter."""
    if member in _PAGING or not member:
        return None
    if found := _MOMENT.fullmatch(member):
        return _moment(found[1], known, after=found[2] == "After")
    if found := _TEXT.fullmatch(member):
        return _contains(found[1], known, name_member)
    if is_status:
        return lambda row, wanted: bool(row.status == wanted)
    if member == "Filters":
        return lambda row, wanted: all(_passes(row, each, known) for each in wanted)
    if found := _EQUAL.fullmatch(member):
        member = found[1]
    return lambda row, wanted: bool(known(row, member) == wanted)


def ordered_by(sort_by: str, known: Known, members: Sequence[str], *, name_member: str) -> Callable[[Any], str | float]:
    """Return the sort key that a request asks for."""
    word = sort_by.replace("_", "").lower()
    if word in {"name", name_member.lower()}:
        return lambda row: str(row.short)
    if word in _CREATED:
        return lambda row: float(row.created)
    if word in _MODIFIED:
        return lambda row: float(row.modified)
    if word.endswith("status"):
        return lambda row: f"{row.status} {row.short}"
    named = next((member for member in members if member.lower() == word), sort_by)
    return lambda row: _sortable(known(row, named))


def _sortable(value: Any) -> str:
    """Return a text that sorts like the value, because a page token cannot mix texts and numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:020.3f}"
    return "" if value is None else str(value)


def _moment(stem: str, known: Known, *, after: bool) -> Condition:
    def fits(row: Any, wanted: Any) -> bool:
        moment = known(row, _canonical(stem))
        if moment is None:
            return False
        return bool(to_epoch(moment) > to_epoch(wanted) if after else to_epoch(moment) < to_epoch(wanted))

    return fits


def _canonical(stem: str) -> str:
    word = stem.lower()
    if word in _CREATED:
        return "CreationTime"
    return "LastModifiedTime" if word in _MODIFIED else stem


def _contains(stem: str, known: Known, name_member: str) -> Condition:
    if stem in {"Name", "", name_member}:
        return lambda row, wanted: wanted in row.short
    return lambda row, wanted: wanted in str(known(row, stem) or known(row, f"{stem}Name") or "")


def _passes(row: Any, wanted: Mapping[str, Any], known: Known) -> bool:
    values = wanted.get("Values") or [wanted.get("Value")]
    name = str(wanted.get("Name", ""))
    found = row.status if name.lower() == "status" else known(row, name)
    return found in values or str(found) in values

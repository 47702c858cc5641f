"""Filters, order and pages of list operations, shared by all resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from sagemaker_typed.testing._tokens import make_token, query_of, read_token
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Listing", "Row", "list_page", "page_in_order", "page_of"]

_DEFAULT_PAGE = 10


class Row(Protocol):
    """The properties of one resource that a list operation filters and sorts by."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def created(self) -> int: ...
    @property
    def modified(self) -> int: ...
    @property
    def serial(self) -> int: ...


RowT = TypeVar("RowT", bound=Row)
ItemT = TypeVar("ItemT")
SortKey = Callable[[Any], "str | float"]


@dataclass(frozen=True, slots=True)
class Listing:
    """The defaults of one list operation."""

    result_key: str
    """The member of the answer that holds the items."""
    sort_by: str = "CreationTime"
    descending: bool = False
    keys: Mapping[str, SortKey] = field(default_factory=dict[str, SortKey])
    """What the values of SortBy mean that only this operation has."""
    default_size: int = _DEFAULT_PAGE
    created_from: bool = False
    """Whether CreationTimeAfter takes in that moment itself."""


def list_page(
    rows: Iterable[RowT],
    parameters: Mapping[str, Any],
    listing: Listing,
    *,
    epoch: Callable[[int], float],
    show: Callable[[RowT], Mapping[str, Any]],
) -> dict[str, Any]:
    """Return one page. Only its own items are rendered: an account may hold ten thousand jobs."""
    sort_by = parameters.get("SortBy", listing.sort_by)
    keys: Mapping[str, SortKey] = {
        "Name": lambda row: row.name,
        "Status": lambda row: f"{row.status} {row.name}",
        # The exact moment rather than milliseconds, so that items created in the same millisecond keep their order.
        "CreationTime": lambda row: row.created,
        "LastModifiedTime": lambda row: row.modified,
        **listing.keys,
    }
    key = keys[sort_by]
    return page_of(
        [row for row in rows if _fits(row, parameters, epoch, listing.created_from)],
        parameters,
        result_key=listing.result_key,
        place=lambda row: (key(row), row.serial),
        descending=_descending(parameters, listing.descending),
        default_size=listing.default_size,
        show=show,
    )


def page_of(
    items: Iterable[ItemT],
    parameters: Mapping[str, Any],
    *,
    result_key: str,
    place: Callable[[ItemT], tuple[str | float, str | int]],
    show: Callable[[ItemT], Any],
    descending: bool = False,
    default_size: int = _DEFAULT_PAGE,
) -> dict[str, Any]:
    """Sort the items and return one page. The token holds the sort key of the last item, so new items shift nothing."""
    query = {"": result_key, **query_of(parameters)}
    chosen = sorted(((place(item), item) for item in items), key=lambda pair: pair[0], reverse=descending)
    token = parameters.get("NextToken")
    if token is not None:
        last = cast("tuple[str | float, str | int]", tuple(read_token(token, query)))
        chosen = [pair for pair in chosen if _is_after(pair[0], last, descending)]
    size = parameters.get("MaxResults", default_size)
    page = chosen[:size]
    answer: dict[str, Any] = {result_key: [show(item) for _, item in page]}
    if len(chosen) > size:
        answer["NextToken"] = make_token(query, list(page[-1][0]))
    return answer


def page_in_order(
    items: Iterable[Any],
    parameters: Mapping[str, Any],
    *,
    result_key: str,
    default_size: int = _DEFAULT_PAGE,
) -> dict[str, Any]:
    """Return one page of items in the given order."""
    return page_of(
        enumerate(items),
        parameters,
        result_key=result_key,
        place=lambda numbered: (numbered[0], 0),
        show=lambda numbered: numbered[1],
        default_size=default_size,
    )


def _descending(parameters: Mapping[str, Any], default: bool) -> bool:
    return bool(parameters["SortOrder"] == "Descending") if "SortOrder" in parameters else default


def _fits(row: Row, parameters: Mapping[str, Any], epoch: Callable[[int], float], created_from: bool) -> bool:
    if parameters.get("NameContains", "") not in row.name:
        return False
    if parameters.get("StatusEquals", row.status) != row.status:
        return False
    for member, moment in (("CreationTime", row.created), ("Created", row.created), ("LastModifiedTime", row.modified)):
        after, before = parameters.get(f"{member}After"), parameters.get(f"{member}Before")
        if after is not None and epoch(moment) < to_epoch(after):
            return False
        if after is not None and epoch(moment) == to_epoch(after) and not (created_from and member == "CreationTime"):
            return False
        if before is not None and epoch(moment) >= to_epoch(before):
            return False
    return True


def _is_after(key: tuple[str | float, str | int], place: tuple[str | float, str | int], descending: bool) -> bool:
    # Both keys come from the same sort column, so their first parts have the same type.
    left, right = (place, key) if descending else (key, place)
    return bool(cast("Any", left) > right)

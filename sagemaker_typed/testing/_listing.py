"""List operations: filters, order and pages, the same for every resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from sagemaker_typed.testing._tokens import make_token, query_of, read_token
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Listing", "Row", "list_page", "page_in_order", "page_of"]

_DEFAULT_PAGE = 10


class Row(Protocol):
    """What a list operation needs to know of one resource."""

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
    """What one list operation does if the request does not say."""

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
    """One page. Only what is on it is shown: an account may hold ten thousand jobs."""
    sort_by = parameters.get("SortBy", listing.sort_by)
    keys: Mapping[str, SortKey] = {
        "Name": lambda row: row.name,
        "Status": lambda row: f"{row.status} {row.name}",
        # The moment, and not its time in milliseconds: what was created first comes first.
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
    """Sort and cut. A token holds the place of the last item, so that items created meanwhile shift nothing."""
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
    """Cut items that are shown as they are, in the order in which they are given."""
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
    # Both keys come from one sort column, so their first parts are of one type.
    left, right = (place, key) if descending else (key, place)
    return bool(cast("Any", left) > right)

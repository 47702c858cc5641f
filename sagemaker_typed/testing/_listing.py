"""List operations: filters, order and pages, the same for every resource."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sagemaker_typed.testing._errors import ServiceError
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Row", "list_page"]

_DEFAULT_PAGE = 10


@dataclass(frozen=True, slots=True)
class Row:
    """What a list operation needs to know of one resource. Times are epoch seconds."""

    name: str
    status: str
    created: float
    modified: float
    summary: Mapping[str, Any]

    def sort_key(self, sort_by: str) -> tuple[str | float, str]:
        first: str | float = {"Name": self.name, "Status": self.status}.get(sort_by, self.created)
        return first, self.name


def list_page(
    rows: Iterable[Row],
    parameters: Mapping[str, Any],
    *,
    result_key: str,
    sort_by: str = "CreationTime",
    sort_order: str = "Ascending",
) -> dict[str, Any]:
    """One page. A token holds the place after the last item, so that items created meanwhile shift nothing."""
    sort_by = parameters.get("SortBy", sort_by)
    descending = parameters.get("SortOrder", sort_order) == "Descending"
    query = _query_digest(parameters)
    chosen = sorted(
        (row for row in rows if _fits(row, parameters)), key=lambda row: row.sort_key(sort_by), reverse=descending
    )
    token = parameters.get("NextToken")
    if token is not None:
        place = _place(token, query)
        chosen = [row for row in chosen if _is_after(row.sort_key(sort_by), place, descending)]
    size = parameters.get("MaxResults", _DEFAULT_PAGE)
    page = chosen[:size]
    answer: dict[str, Any] = {result_key: [row.summary for row in page]}
    if len(chosen) > size:
        answer["NextToken"] = _token(page[-1].sort_key(sort_by), query)
    return answer


def _fits(row: Row, parameters: Mapping[str, Any]) -> bool:
    if parameters.get("NameContains", "") not in row.name:
        return False
    if parameters.get("StatusEquals", row.status) != row.status:
        return False
    for member, moment in (("CreationTime", row.created), ("LastModifiedTime", row.modified)):
        after, before = parameters.get(f"{member}After"), parameters.get(f"{member}Before")
        if after is not None and moment <= to_epoch(after):
            return False
        if before is not None and moment >= to_epoch(before):
            return False
    return True


def _is_after(key: tuple[str | float, str], place: tuple[str | float, str], descending: bool) -> bool:
    # Both keys come from one sort column, so their first parts are of one type; _place has seen to that.
    left, right = (place, key) if descending else (key, place)
    return bool(cast("Any", left) > right)


def _query_digest(parameters: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in parameters.items() if name not in {"NextToken", "MaxResults"}}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _token(key: tuple[str | float, str], query: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([query, *key]).encode()).decode()


def _place(token: str, query: str) -> tuple[str | float, str]:
    try:
        token_query, first, name = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise ServiceError("ValidationException", "The pagination token is not valid") from None
    # The digest also vouches for the types: only this module makes a token that carries it.
    if token_query != query:
        raise ServiceError("ValidationException", "The pagination token belongs to another request")
    return first, name

"""Search requests with a condition, for `sm.search(where=...)` and the `search` of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._helpers.conditions import Condition, Sort, compiled
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed.types import SearchRequest

__all__ = ["search_request"]


def search_request(
    client: object, where: Condition | None, sort_by: str | Sort | None, request: SearchRequest
) -> SearchRequest:
    """Return the request with a condition and an order, checked at the client's level of validation.

    Raises `InvalidRequestError` for an invalid condition, and for two conditions or two orders.
    """
    level: Validation = getattr(client, "_validation", "standard")
    if where is not None:
        given: Any = where
        if not isinstance(given, Condition):
            raise _wrong("where", "type", f'a condition such as field("TrainingJobName") == "a", not {quoted(given)}')
        if request.search_expression is not None:
            raise _wrong("where", "excludes", "cannot be combined with search_expression: leave one of them out")
        request.search_expression = compiled(where, request.resource, level)
    if isinstance(sort_by, Sort):
        if request.sort_order is not None:
            raise _wrong("sort_by", "excludes", f"{sort_by} has an order already: leave sort_order out")
        request.sort_by, request.sort_order = sort_by.by, sort_by.sort_order
    else:
        request.sort_by = sort_by
    return request


def _wrong(path: str, rule: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError([Problem(path, rule, detail)], "Search")

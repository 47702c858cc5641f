"""Pagination tokens: the position of the last item, signed together with its query."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError

__all__ = ["make_token", "query_of", "read_token"]


def query_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a request that must stay the same from page to page."""
    return {name: value for name, value in parameters.items() if name not in {"NextToken", "MaxResults"}}


def make_token(query: Mapping[str, Any], place: list[Any]) -> str:
    seal = hashlib.sha256(json.dumps([query, place], sort_keys=True).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps([seal, *place]).encode()).decode()


def read_token(token: str, query: Mapping[str, Any]) -> list[Any]:
    """Return the position in a token. The signature guarantees its types: only `make_token` creates valid tokens."""
    try:
        place = list(json.loads(base64.b64decode(token, altchars=b"-_", validate=True)))[1:]
        genuine = make_token(query, place) == token
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _refused() from None
    if not genuine:
        raise _refused()
    return place


def _refused() -> AnsweredError:
    return AnsweredError("ValidationException", "The pagination token is not valid for this request")

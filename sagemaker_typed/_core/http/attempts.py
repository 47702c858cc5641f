"""Which number of an attempt botocore's retry handlers are told, where the caller has said how often to try.

The handlers go on until the number that the client was made with. They are asked about every attempt all the same: they
know which answers to try again, after which pause, and keep the quota of retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["told"]

_LAST = 1_000_000
"""An attempt that no retry handler takes for less than the last. It then takes nothing from the retry quota."""
_FEWEST = 3
"""Attempts of botocore's standard mode; its other modes make more."""


def told(attempts: int, request: Mapping[str, Any], *, last: bool) -> int:
    """Return the number to tell of an attempt that is the last one, or that another one may follow."""
    if last:
        return _LAST
    chosen: Any = request["context"]["client_config"].retries or {}
    most: int = chosen.get("total_max_attempts", _FEWEST)
    return min(attempts, most - 1)

"""The attempt number for botocore's retry handlers if the caller has set the number of retries.

The handlers stop at the number that the client was configured with. They are still asked about every attempt, because they
know which responses to retry and after which pause, and keep the retry quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["told"]

_LAST = 1_000_000
"""A number that every retry handler treats as the last attempt, so that nothing is taken from the retry quota."""
_FEWEST = 3
"""Number of attempts of botocore's standard mode; its other modes make more."""


def told(attempts: int, request: Mapping[str, Any], *, last: bool) -> int:
    """Return the attempt number for the handlers, given whether another attempt may follow."""
    if last:
        return _LAST
    chosen: Any = request["context"]["client_config"].retries or {}
    most: int = chosen.get("total_max_attempts", _FEWEST)
    return min(attempts, most - 1)

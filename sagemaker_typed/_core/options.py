"""What a caller may choose for one call, or for a view of a client."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any, NamedTuple

from sagemaker_typed._core.quoting import quoted

__all__ = ["Options"]

_LONGEST = 9e9
"""Seconds: a socket takes no longer timeout."""


class Options(NamedTuple):
    """The timeout of a call, and how often it is tried again. None: as the configuration says."""

    timeout: float | None = None
    """Seconds for the whole call, all attempts and the pauses between them included."""
    retries: int | None = None
    """Attempts after the first."""

    @classmethod
    def of(cls, timeout: float | timedelta | None, retries: int | None) -> Options:
        """Check and convert what a caller gave. Raises `InvalidRequestError`."""
        return cls(None if timeout is None else _seconds(timeout), None if retries is None else _count(retries))

    def over(self, other: Options) -> Options:
        """These, under those of `other` that say something."""
        return Options(
            self.timeout if other.timeout is None else other.timeout,
            self.retries if other.retries is None else other.retries,
        )


def _seconds(timeout: float | timedelta) -> float:
    seconds: Any = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if not (_is_number(seconds) and 0 < seconds <= _LONGEST):
        raise _refused("timeout", f"seconds (more than 0) or a timedelta, not {quoted(timeout)}")
    return float(seconds)


def _count(retries: Any) -> int:
    if not (_is_number(retries) and 0 <= retries < inf and retries == int(retries)):
        raise _refused("retries", f"a whole number, 0 or more, not {quoted(retries)}")
    return int(retries)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _refused(argument: str, detail: str) -> Exception:
    from sagemaker_typed.errors import InvalidRequestError, Problem

    return InvalidRequestError([Problem(argument, "type", detail)])

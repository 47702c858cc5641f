"""What a caller may choose for one call, or for a view of a client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

__all__ = ["Options"]

N = TypeVar("N", int, float)


class Options(NamedTuple):
    """The timeout of each attempt, and how often a call is tried again. None: as the configuration says."""

    timeout: float | None = None
    """Seconds, for connecting and for reading."""
    retries: int | None = None
    """Attempts after the first."""

    @classmethod
    def of(cls, timeout: float | timedelta | None, retries: int | None) -> Options:
        """Check and convert what a caller gave. Raises `InvalidRequestError`."""
        if timeout is None and retries is None:
            return cls()
        from sagemaker_typed.errors import InvalidRequestError, Problem

        seconds: Any = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        if seconds is not None and not (_is_finite(seconds) and seconds > 0):
            raise InvalidRequestError(
                [Problem("timeout", "type", f"seconds (more than 0) or a timedelta, not {timeout!r}")]
            )
        if retries is not None and not (_is_finite(retries) and retries >= 0 and retries == int(retries)):
            raise InvalidRequestError([Problem("retries", "type", f"a whole number, 0 or more, not {retries!r}")])
        return cls(_maybe(float, seconds), _maybe(int, retries))

    def over(self, other: Options) -> Options:
        """These, under those of `other` that say something."""
        return Options(
            self.timeout if other.timeout is None else other.timeout,
            self.retries if other.retries is None else other.retries,
        )


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf")


def _maybe(make: Callable[[Any], N], value: Any) -> N | None:
    return None if value is None else make(value)

"""What a caller may choose for one call, or for a view of a client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

__all__ = ["Options"]


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
        if seconds is not None and not (_is_number(seconds) and 0 < seconds < float("inf")):
            raise InvalidRequestError(
                [Problem("timeout", "type", f"seconds (more than 0) or a timedelta, not {timeout!r}")]
            )
        if retries is not None and not (
            _is_number(retries) and 0 <= retries < float("inf") and retries == int(retries)
        ):
            raise InvalidRequestError([Problem("retries", "type", f"a whole number, 0 or more, not {retries!r}")])
        return cls(None if seconds is None else float(seconds), None if retries is None else int(retries))

    def over(self, other: Options) -> Options:
        """These, under those of `other` that say something."""
        return Options(
            self.timeout if other.timeout is None else other.timeout,
            self.retries if other.retries is None else other.retries,
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

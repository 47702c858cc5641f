"""What a caller may choose for one call, or for a view of a client; and how the times are read that callers give."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any, NamedTuple

from sagemaker_typed._core.quoting import quoted

__all__ = ["Options", "seconds_of"]


_LONGEST = 9e9
"""Seconds: neither a socket nor Python's own functions wait for much longer."""


class Options(NamedTuple):
    """The timeout of a call, and how often it is tried again. None: as the configuration says."""

    timeout: float | None = None
    """Seconds for the whole call, all attempts and the pauses between them included."""
    retries: int | None = None
    """Attempts after the first."""

    @classmethod
    def of(cls, timeout: float | timedelta | None, retries: int | None) -> Options:
        """Check and convert what a caller gave. Raises `InvalidRequestError`."""
        return cls(
            None if timeout is None else seconds_of(timeout, "timeout"), None if retries is None else _count(retries)
        )

    def over(self, other: Options) -> Options:
        """These, under those of `other` that say something."""
        return Options(
            self.timeout if other.timeout is None else other.timeout,
            self.retries if other.retries is None else other.retries,
        )


def _count(retries: Any) -> int:
    if not (_is_number(retries) and 0 <= retries < inf and retries == int(retries)):
        from sagemaker_typed.errors import InvalidRequestError, Problem  # which imports botocore

        raise InvalidRequestError([Problem("retries", "type", f"a whole number, 0 or more, not {quoted(retries)}")])
    return int(retries)


def seconds_of(value: float | timedelta, argument: str, *, zero: bool = False, endless: bool = False) -> float:
    """Return a caller's time in seconds; `zero` and `endless` say whether 0 and infinity are times.

    Raises `InvalidRequestError`, which names the argument.
    """
    seconds: Any = value.total_seconds() if isinstance(value, timedelta) else value
    if (
        _is_number(seconds)
        and (seconds >= 0 if zero else seconds > 0)
        and (seconds <= _LONGEST or (endless and seconds == inf))
    ):
        return float(seconds)
    from sagemaker_typed.errors import InvalidRequestError, Problem  # which imports botocore

    bound = "0 or more" if zero else "more than 0"
    raise InvalidRequestError([Problem(argument, "type", f"seconds ({bound}) or a timedelta, not {quoted(value)}")])


def _is_number(value: Any) -> bool:
    """Whether a value is a number. A bool is an int to Python."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""Options of one call or of a view of a client, and the conversion of times that callers pass."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Options", "seconds_of"]


_LONGEST = 9e9
"""Maximum in seconds: sockets and Python's own functions cannot wait much longer."""


class Options(NamedTuple):
    """The timeout and the number of retries of a call. None: as configured."""

    timeout: float | None = None
    """Seconds for the whole call, including all attempts and the pauses between them."""
    retries: int | None = None
    """Attempts after the first."""

    @classmethod
    def of(cls, timeout: float | timedelta | None, retries: int | None) -> Options:
        """Check and convert a caller's arguments. Raises `InvalidRequestError`."""
        return cls(
            None if timeout is None else seconds_of(timeout, "timeout"), None if retries is None else _count(retries)
        )

    def over(self, other: Options) -> Options:
        """Return these options, overridden by those of `other` that are not None."""
        return Options(
            self.timeout if other.timeout is None else other.timeout,
            self.retries if other.retries is None else other.retries,
        )


def _count(retries: Any) -> int:
    if not (_is_number(retries) and 0 <= retries < inf and retries == int(retries)):
        from sagemaker_typed.errors import InvalidRequestError, Problem  # which imports botocore

        raise InvalidRequestError(
            [Problem("retries", "type", f"must be a whole number of at least 0, not {quoted(retries)}")]
        )
    return int(retries)


def seconds_of(value: float | timedelta, argument: str, *, zero: bool = False, endless: bool = False) -> float:
    """Return a caller's time in seconds; `zero` and `endless` say whether 0 and infinity are allowed.

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
    raise InvalidRequestError(
        [Problem(argument, "type", f"must be seconds ({bound}) or a timedelta, not {quoted(value)}")]
    )


def _is_number(value: Any) -> bool:
    """Whether a value is a number. `bool` is excluded, although it is a subclass of `int`."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)

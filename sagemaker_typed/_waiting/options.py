"""`WaitOptions`: what a caller may say about a wait, checked once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._waiting.display import Display

__all__ = ["WaitOptions"]

E = TypeVar("E")

_LONGEST = 9e9
"""Seconds: Python's own functions cannot wait for much longer."""


def _timeout(value: float | timedelta | None) -> float | None:
    return _seconds(value, "timeout", zero=True)


def _poll(value: float | timedelta | None) -> float | None:
    return _seconds(value, "poll", zero=False)


def _seconds(value: float | timedelta | None, argument: str, *, zero: bool) -> float | None:
    if value is None:
        return None
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    # A bool is an int to Python, and neither a NaN nor a text is a time.
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not number or not (seconds >= 0 if zero else seconds > 0) or (seconds > _LONGEST and seconds != inf):
        bound = "0 or more" if zero else "more than 0"
        raise InvalidRequestError([Problem(argument, "type", f"seconds ({bound}) or a timedelta, not {quoted(value)}")])
    return float(seconds)


@attrs.frozen(kw_only=True)
class WaitOptions(Generic[E]):
    """The options of a wait. `E` is the event that `on_poll` is called with.

    Raises `InvalidRequestError` for a `timeout` or a `poll` that is not a time.
    """

    timeout: float | None = attrs.field(default=None, converter=_timeout)
    """Seconds; None for the waiter's own."""
    poll: float | None = attrs.field(default=None, converter=_poll)
    """Seconds between two looks; None for delays that grow."""
    on_poll: Callable[[E], object] | None = None
    """Called after each look."""
    progress: bool = False
    """Whether each look is shown on standard error."""
    stop_on_interrupt: bool = False
    """Whether Ctrl-C stops the resources, and is followed by a wait until they have stopped."""
    fail_fast: bool = False
    """Whether a wait on many ends with the first resource that does not succeed."""

    def display(self) -> AbstractContextManager[Display | None]:
        """Return what shows the progress: None unless `progress` is set."""
        if not self.progress:
            return nullcontext()
        from sagemaker_typed._waiting.display import display

        return display()

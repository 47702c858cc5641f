"""`WaitOptions` and `RunOptions`: the options of a wait or a run, checked once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.options import seconds_of
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.many import BatchEvent
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._core.log_line import LogLine
    from sagemaker_typed._waiting.display import Display

__all__ = ["RunOptions", "WaitOptions"]

E = TypeVar("E")
MOST_TAIL = 10_000


def _timeout(value: float | timedelta | None) -> float | None:
    return None if value is None else seconds_of(value, "timeout", zero=True, endless=True)


def _poll(value: float | timedelta | None) -> float | None:
    return None if value is None else seconds_of(value, "poll", endless=True)


def _logs(value: Any) -> bool | Callable[..., object]:
    if isinstance(value, bool) or callable(value):
        chosen: bool | Callable[..., object] = value
        return chosen
    raise InvalidRequestError(
        [Problem("logs", "type", f"True, or a function that takes a LogLine, not {quoted(value)}")]
    )


def _log_tail(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TAIL:
        return value
    raise InvalidRequestError(
        [Problem("log_tail", "type", f"a number of lines between 0 and {MOST_TAIL}, not {quoted(value)}")]
    )


@attrs.frozen(kw_only=True)
class WaitOptions(Generic[E]):
    """The options of a wait. `E` is the class of the events that `on_poll` receives.

    Raises `InvalidRequestError` for a `timeout` or a `poll` that is not a duration.
    """

    timeout: float | None = attrs.field(default=None, converter=_timeout)
    """Seconds; None for the waiter's default."""
    poll: float | None = attrs.field(default=None, converter=_poll)
    """Seconds between two polls; None for growing delays."""
    on_poll: Callable[[E], object] | None = None
    """Called after each poll."""
    progress: bool = False
    """Whether to show each poll on standard error."""
    stop_on_interrupt: bool = False
    """Whether Ctrl-C stops the resources and waits until they have stopped."""
    logs: bool | Callable[..., object] = attrs.field(default=False, converter=_logs)
    """Whether to print the log of a resource during the wait; or a function that is called with each line.

    In a wait on many, each line is printed after the name of its resource, and the function gets the name and the line.
    """
    log_tail: int = attrs.field(default=0, converter=_log_tail)
    """How many of the last lines of the log a `WaitFailedError` carries."""
    fail_fast: bool = False
    """Whether a wait on many ends with the first resource that does not succeed."""

    def line_taker(self) -> Callable[[LogLine], object] | None:
        """Return the function for each line of the log; None unless `logs` is set."""
        if isinstance(self.logs, bool):
            if not self.logs:
                return None
            from sagemaker_typed._waiting.display import show

            return show
        return self.logs

    def taker_of(self, name: str) -> Callable[[LogLine], object]:
        """Return the function for each line of the log of one resource of many."""
        if isinstance(self.logs, bool):
            from sagemaker_typed._waiting.display import show

            return partial(show, name=name)
        return partial(self.logs, name)

    def display(self) -> AbstractContextManager[Display | None]:
        """Return a context manager for the progress display. It gives None unless `progress` is set."""
        if not self.progress:
            return nullcontext()
        from sagemaker_typed._waiting.display import display

        return display()


def _max_running(value: int) -> int:
    if type(value) is not int or value < 1:
        raise InvalidRequestError([Problem("max_running", "min", f"a number of at least 1, not {quoted(value)}")])
    return value


def _exist_ok(value: bool | Literal["same"]) -> bool | Literal["same"]:
    found: Any = value
    if type(found) is not bool and found != "same":
        raise InvalidRequestError([Problem("exist_ok", "enum", f'True, False or "same", not {quoted(found)}')])
    return value


@attrs.frozen(kw_only=True)
class RunOptions(WaitOptions[BatchEvent]):
    """The options of `run_all` and of runners.

    Raises `InvalidRequestError` for an invalid option.
    """

    max_running: int = attrs.field(default=20, converter=_max_running)
    """The most resources that run at the same time."""
    exist_ok: bool | Literal["same"] = attrs.field(default=False, converter=_exist_ok)
    """Whether to wait for a resource that exists already: True, or "same" if its settings equal those of the request."""


late(WaitOptions)

"""Waiting until a resource reaches a state: the clock, the delays, the outcome. Knows no HTTP.

`Progress` is a plain state machine: it is told what each look at the resource gave, and says whether to look again and
when. `wait` drives it with a sender and a clock; an asynchronous twin can drive the same machine.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

from sagemaker_typed.errors import (
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    WaitError,
    WaitFailedError,
    WaitStoppedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from sagemaker_typed._group import Sender
    from sagemaker_typed.structure import Request

__all__ = [
    "SYSTEM_CLOCK",
    "Batch",
    "BatchEvent",
    "Clock",
    "Progress",
    "WaitEvent",
    "WaitReport",
    "Waiter",
    "chosen",
    "wait",
    "wait_all",
    "wait_deleted",
]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")

# A resource that was only just created may not be visible to the first looks.
_GRACE_SECONDS = 10.0


class Clock(NamedTuple):
    """Where time and chance come from; tests give their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], object] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


SYSTEM_CLOCK = Clock()


class Batch(NamedTuple):
    """How many resources of a kind are looked at; generated."""

    describe: type[Request[Any]]
    name: str
    """The identifier's field in the request of `describe`."""
    list: type[Request[Any]] | None = None
    """Its items carry name and status."""
    item_name: str = ""
    item_status: str = ""
    list_scope: tuple[str, ...] = ()
    """What the list cannot be asked without."""
    stop: type[Request[Any]] | None = None


class Waiter(NamedTuple, Generic[R]):
    """What there is to know about one `wait_until_<state>`; generated from `overlay/waiters.toml`."""

    group: str
    noun: str
    target: str
    status: str | None
    """The field of the description that holds the status; None for a resource without one."""
    outcomes: Mapping[str, str]
    """Each text of the status -> pending, success, failure or stopped."""
    timeout: float
    """Seconds."""
    poll: tuple[float, float]
    """Seconds: the ceiling of the first delay, and of every delay."""
    reason: str | None = None
    arn: str | None = None
    log_group: str | None = None
    """Where its logs are; `{name}` stands for its name."""
    stop: str | None = None
    """The call that stops the resource, as a user writes it."""
    gone: bool = False
    """It is over when the resource is no longer there."""
    compare: str | None = None
    """The field of the description that must be what the caller asked for, beside the status."""
    batch: Batch | None = None
    """None where one name does not tell which resource is meant."""


class WaitEvent(NamedTuple, Generic[R]):
    """One look at a resource that is waited on."""

    name: str
    status: str | None
    """None when the look gave no answer."""
    changed: bool
    """Whether the status differs from that of the look before."""
    polls: int
    elapsed: float
    """Seconds since the wait began."""
    remaining: float
    """Seconds left to the deadline."""
    response: R | None
    error: SageMakerError | None


class BatchEvent(NamedTuple, Generic[R]):
    """One look at many resources that are waited on."""


class WaitReport(NamedTuple, Generic[R]):
    """How a wait for many ended."""


class Progress(Generic[R]):
    """One wait: `answered` and `unanswered` take what a look gave; `done`, `settle` and `delay` say what next."""

    def __init__(
        self,
        waiter: Waiter[R],
        name: str,
        *,
        timeout: float,
        poll: float | None,
        now: float,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        # Here and not above: tenacity imports asyncio, and most programs that import this module never wait.
        from tenacity import wait_exponential, wait_fixed
        from tenacity.wait import wait_base

        low, high = waiter.poll
        self.waiter = waiter
        self.name = name
        self.started: float = now
        self.deadline: float = now + timeout
        self.polls: int = 0
        self.status: str | None = None
        self.response: R | None = None
        self.error: SageMakerError | None = None
        self.done: bool = False
        self._fixed = poll is not None
        self._low = low
        self._uniform = clock.uniform
        self._ceiling: wait_base = (
            wait_fixed(poll) if poll is not None else wait_exponential(multiplier=low, min=low, max=high)
        )
        self._unanswered: wait_base = wait_exponential(
            multiplier=max(low, poll or 0), min=low, max=max(high, poll or 0)
        )
        self._failures = 0
        self._unknown: set[str] = set()

    # --- what a look gave ---------------------------------------------------------------------------------------------

    def answered(self, response: R, now: float) -> WaitEvent[R]:
        """A description came. Sets `done`, or raises the wait's error where the target cannot be reached any more."""
        self.polls += 1
        self.response, self.error, self._failures = response, None, 0
        status = str(getattr(response, self.waiter.status) or "") if self.waiter.status else ""
        changed, self.status = status != self.status, status
        if changed:
            _log.info("%s: %s", self._who, status or "(no status)")
        outcome = self.waiter.outcomes.get(status)
        if outcome is None and status and status not in self._unknown:
            self._unknown.add(status)
            _log.warning("%s has the status %r, which this version does not know; waiting on", self._who, status)
        self.done = outcome == "success"
        return self._event(changed, now)

    def unanswered(self, error: SageMakerError, now: float) -> WaitEvent[R]:
        """The look failed. Raises the error unless looking again can heal it."""
        self.polls += 1
        early = self.response is None and now - self.started <= _GRACE_SECONDS
        if not (error.retryable or (isinstance(error, ResourceNotFoundError) and early)):
            raise error
        self.error = error
        self._failures += 1
        _log.debug("%s: %s; looking again", self._who, error)
        return self._event(False, now)

    def settle(self, now: float) -> None:
        """Raise the error that ends the wait, if it has ended badly."""
        if self.done:
            return
        outcome = self.waiter.outcomes.get(self.status or "") if self.error is None else None
        if outcome == "failure":
            self._end(WaitFailedError, "failed", now)
        if outcome == "stopped":
            self._end(WaitStoppedError, "was stopped", now)
        if now >= self.deadline:
            if self.response is None and isinstance(self.error, ResourceNotFoundError):
                raise self.error
            self._end(WaitTimeoutError, f"was not {self.waiter.target.replace('_', ' ')} in time", now)

    def delay(self, now: float) -> float:
        """Seconds until the next look; the last one falls on the deadline."""
        from tenacity import RetryCallState

        state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
        state.attempt_number = self._failures or self.polls
        ceiling = float((self._unanswered if self._failures else self._ceiling)(state))
        seconds = ceiling if self._fixed and not self._failures else self._uniform(min(self._low, ceiling), ceiling)
        return max(0.0, min(seconds, self.deadline - now))

    # --- words --------------------------------------------------------------------------------------------------------

    @property
    def _who(self) -> str:
        return f"{self.waiter.noun} {self.name!r}"

    def _event(self, changed: bool, now: float) -> WaitEvent[R]:
        return WaitEvent(
            name=self.name,
            status=None if self.error else self.status,
            changed=changed,
            polls=self.polls,
            elapsed=now - self.started,
            remaining=max(0.0, self.deadline - now),
            response=None if self.error else self.response,
            error=self.error,
        )

    def _end(self, cls: type[WaitError], what: str, now: float) -> NoReturn:
        reason = self._field(self.waiter.reason)
        elapsed = now - self.started
        text = f"{self._who} {what} after {duration(elapsed)}"
        if reason:
            text += f": {reason}"
        elif self.error is not None:
            text += f": the last look failed with {self.error}"
        last = self.status or "none seen"
        if self.status and self.status not in self.waiter.outcomes:
            last += ", which this version does not know"
        raise cls(
            f"{text} (last state {last})",
            name=self.name,
            status=self.status,
            reason=reason,
            arn=self._field(self.waiter.arn),
            elapsed=elapsed,
            polls=self.polls,
            log_group=self.waiter.log_group and self.waiter.log_group.replace("{name}", self.name),
            response=self.response,
        ) from self.error

    def _field(self, name: str | None) -> str | None:
        """A text of the last description; "" counts as none, as services and mocks send it."""
        return getattr(self.response, name, None) or None if name else None


def wait(
    sender: Sender,
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    *,
    timeout: float | timedelta | None,
    poll: float | timedelta | None,
    on_poll: Callable[[WaitEvent[R]], object] | None,
    progress: bool,
    stop: Request[Any] | None,
    stop_on_interrupt: bool,
    expected: object | None = None,
) -> R:
    """Describe until the target is reached; return the last description, or raise what ended the wait."""
    clock = sender.clock
    state: Progress[R] = Progress(
        waiter,
        name,
        timeout=_seconds(timeout, "timeout", waiter.timeout, zero=True),
        poll=None if poll is None else _seconds(poll, "poll", 0.0, zero=False),
        now=clock.now(),
        clock=clock,
    )
    stopping = False
    unsent: Request[Any] | None = None
    refused: SageMakerError | None = None
    while True:
        try:
            if unsent is not None:
                try:
                    sender.send(unsent)
                    unsent = None
                except SageMakerError as error:
                    # It may be over already; the next look tells. What can heal is tried again then.
                    _log.warning("%s %r could not be stopped: %s", waiter.noun, name, error)
                    if not error.retryable:
                        unsent, refused = None, error
            event = _look(sender, request, state, clock)
            if on_poll is not None:
                on_poll(event)
            if state.done and event.response is not None:
                if waiter.compare is None or getattr(event.response, waiter.compare) == expected:
                    return event.response
                state.done = False
            now = clock.now()
            state.settle(now)
            if refused is not None:
                refused.add_note(f"{waiter.noun} {name!r} goes on: it could not be stopped")
                raise refused
            clock.sleep(state.delay(now))
        except KeyboardInterrupt as interrupt:
            if stop is None or not stop_on_interrupt or stopping:
                text = f"{waiter.noun} {name!r} goes on"
                if waiter.stop is not None and not stopping:
                    text += f"; {waiter.stop}({name!r}) stops it"
                _log.warning("%s", text)
                interrupt.add_note(text)
                raise
            stopping, unsent = True, stop
            _log.warning("interrupted: stopping %s %r and waiting until it has stopped", waiter.noun, name)


def wait_deleted(
    sender: Sender,
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    *,
    timeout: float | timedelta | None,
    poll: float | timedelta | None,
    on_poll: Callable[[WaitEvent[R]], object] | None,
    progress: bool,
) -> R | None:
    """Describe until there is nothing to describe; return the last description, None if there was none."""
    last: list[R] = []

    def seen(event: WaitEvent[R]) -> None:
        if event.response is not None:
            last[:] = [event.response]
        if on_poll is not None:
            on_poll(event)
        if isinstance(event.error, ResourceNotFoundError):
            raise event.error

    try:
        return wait(
            sender, waiter, name, request,
            timeout=timeout, poll=poll, on_poll=seen, progress=progress, stop=None, stop_on_interrupt=False,
        )  # fmt: skip
    except ResourceNotFoundError:
        return last[0] if last else None


def wait_all(
    sender: Sender,
    waiter: Waiter[R],
    names: Iterable[str],
    *,
    timeout: float | timedelta | None,
    poll: float | timedelta | None,
    on_poll: Callable[[BatchEvent[R]], object] | None,
    progress: bool,
    fail_fast: bool,
    stop_on_interrupt: bool = False,
) -> WaitReport[R]:
    """Look at many until each has settled."""
    raise NotImplementedError


def chosen(waiters: Mapping[str, Waiter[R]], until: str) -> Waiter[R]:
    """The waiter for the state that a caller named."""
    if until not in waiters:
        raise InvalidRequestError([Problem("until", "enum", f"one of {', '.join(waiters)}, not {until!r}")])
    return waiters[until]


def _look(sender: Sender, request: Request[R], progress: Progress[R], clock: Clock) -> WaitEvent[R]:
    try:
        response = sender.send(request)
    except SageMakerError as error:
        return progress.unanswered(error, clock.now())
    return progress.answered(response, clock.now())


def _seconds(value: float | timedelta | None, argument: str, default: float, *, zero: bool) -> float:
    seconds = default if value is None else value.total_seconds() if isinstance(value, timedelta) else value
    # A bool is an int to Python, and neither a NaN nor a text is a time.
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not number or not (seconds >= 0 if zero else seconds > 0):
        bound = "0 or more" if zero else "more than 0"
        raise InvalidRequestError([Problem(argument, "type", f"seconds ({bound}) or a timedelta, not {value!r}")])
    return float(seconds)


def duration(seconds: float) -> str:
    """4m10s, 1h02m, 12s."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"

"""One wait as a plain state machine: the clock, the delays, the outcome. Knows no HTTP.

`Progress` is told what each look at the resource gave, and says whether to look again and when. `waiting.wait` drives it
with a sender and a clock; an asynchronous twin can drive the same machine.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
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
    from sagemaker_typed.structure import Request

__all__ = ["SYSTEM_CLOCK", "Batch", "Clock", "Progress", "WaitEvent", "Waiter", "duration", "seconds_of"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
E = TypeVar("E", bound=WaitError)
Strategy = Callable[[Any], float]

# A resource that was only just created may not be visible to the first looks.
_GRACE_SECONDS = 10.0


def _uniform(low: float, high: float) -> float:
    import random

    return random.uniform(low, high)


class Clock(NamedTuple):
    """Where time and chance come from; tests give their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], object] = time.sleep
    uniform: Callable[[float, float], float] = _uniform


SYSTEM_CLOCK = Clock()


class Batch(NamedTuple):
    """How many of one kind are looked at."""

    describe: type[Request[Any]]
    name: str
    """The field of the requests that holds the identifier."""
    list: type[Request[Any]] | None = None
    """None: its items do not say both name and status."""
    item_name: str = ""
    item_status: str = ""
    list_scope: tuple[str, ...] = ()
    """What else the list request must be given: a sweep over all is then not to be had."""
    list_sort: str | None = None
    """The SortBy that means the time of creation."""
    stop: type[Request[Any]] | None = None


class Waiter(NamedTuple, Generic[R]):
    """What there is to know about one `wait_until_<state>`; generated from `overlay/waiters.toml`."""

    group: str
    """The attribute of `SageMaker`: compilation_jobs."""
    noun: str
    target: str
    """The state in words: in service."""
    status: str | None
    """The field of the description that holds the status; None where there is none."""
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
    """Whether it is the target that the resource is not there."""
    compare: str | None = None
    """The field that must have the expected value as well, for the target to be reached."""
    batch: Batch | None = None
    """None: one name does not identify the resource."""

    def outcome(self, status: str | None) -> str | None:
        """None for a status that this version does not know. One that is not there yet is pending."""
        return self.outcomes.get(status) if self.status is not None and status else "pending"


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
        expected: object = None,
    ) -> None:
        low, high = waiter.poll
        self.waiter = waiter
        self.name = name
        self.started: float = now
        self.deadline: float = now + timeout
        self.polls: int = 0
        self.status: str | None = None
        self.outcome: str | None = None
        self.response: R | None = None
        self.error: SageMakerError | None = None
        self.done: bool = False
        self._fixed = poll is not None
        self._floor = low if poll is None else poll
        self._uniform = clock.uniform
        self._ceiling: Strategy = _fixed(poll) if poll is not None else _exponential(low, high)
        # What is not answered is asked for less and less often, and never sooner than it would have been.
        self._widened: Strategy = _exponential(self._floor, max(high, self._floor))
        self._expected = expected
        self._under_way = False
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
            _log.info("%s: %s", self.who, status or ("there" if self.waiter.status is None else "(no status)"))
        outcome = self._known(status)
        self.outcome = self._compared(response, now) if outcome == "success" else outcome
        self._under_way = self._under_way or outcome != "success"
        self.done = self.outcome == "success"
        return self._event(changed, now)

    def listed(self, status: str) -> None:
        """A list showed the status; that is less than a description."""
        if status != self.status:
            _log.info("%s: %s", self.who, status or "(no status)")
        self.status, self.error = status, None
        self._known(status)

    def _known(self, status: str) -> str | None:
        """The outcome of a status; of one that is not known, none, and a warning once."""
        outcome = self.waiter.outcome(status)
        if outcome is None and status not in self._unknown:
            self._unknown.add(status)
            _log.warning("%s has the status %r, which this version does not know; waiting on", self.who, status)
        return outcome

    def _compared(self, response: R, now: float) -> str:
        """Whether the target's status comes with what is expected, and not with what was before."""
        if self.waiter.compare is None or getattr(response, self.waiter.compare) == self._expected:
            return "success"
        # The update may not have begun to show.
        early = not self._under_way and now - self.started <= _GRACE_SECONDS
        return "pending" if early else "failure"

    def unanswered(self, error: SageMakerError, now: float) -> WaitEvent[R]:
        """The look failed. Raises the error unless looking again can heal it, or the target is to be gone."""
        self.polls += 1
        if self.waiter.gone and isinstance(error, ResourceNotFoundError):
            self.error, self.done = error, True
            _log.info("%s: gone", self.who)
            return self._event(True, now)
        early = self.response is None and now - self.started < _GRACE_SECONDS
        if not (error.retryable or (isinstance(error, ResourceNotFoundError) and early)):
            self.tell(error, now)
            raise error
        self.error = error
        self._failures = self._failures + 1 if error.retryable else 0
        _log.debug("%s: %s; looking again", self.who, error)
        return self._event(False, now)

    def settle(self, now: float) -> None:
        """Raise the error that ends the wait, if it has ended badly."""
        if self.done:
            return
        outcome = self.outcome if self.error is None else None
        if outcome == "failure":
            self._end(WaitFailedError, self.failed, now)
        if outcome == "stopped":
            self._end(WaitStoppedError, "was stopped", now)
        if now >= self.deadline:
            if self.response is None and isinstance(self.error, ResourceNotFoundError):
                self.tell(self.error, now)
                raise self.error
            self._end(WaitTimeoutError, f"was not {self.waiter.target} in time", now)

    def delay(self, now: float) -> float:
        """Seconds until the next look; the last one falls on the deadline."""
        floor, ceiling = self._floor, _after(self._ceiling, self.polls)
        end = self.deadline
        if self._failures:
            floor = _after(self._widened, self._failures)
            ceiling = max(ceiling, _after(self._widened, self._failures + 1))
        elif self.error is not None:  # not found, and soon to be taken at its word
            end = min(end, self.started + _GRACE_SECONDS)
        seconds = ceiling if self._fixed and not self._failures else self._uniform(min(floor, ceiling), ceiling)
        return max(0.0, min(seconds, end - now))

    # --- words --------------------------------------------------------------------------------------------------------

    @property
    def who(self) -> str:
        return f"{self.waiter.noun} {self.name!r}"

    @property
    def failed(self) -> str:
        if self.waiter.compare is None or self.waiter.outcome(self.status) != "success":
            # Only the word: that it is a failure, the table said. A job that completed before it was stopped did not fail.
            failed = "fail" in (self.status or "").lower()
            return "failed" if failed else f"can no longer be {self.waiter.target},"
        found = getattr(self.response, self.waiter.compare)
        return f"was not updated: it is back with {self.waiter.compare} {found!r} and not {self._expected!r},"

    def tell(self, error: SageMakerError, now: float) -> None:
        """Let an error of the service carry what is known of the wait that it ended."""
        error.add_note(f"while waiting for {self.who}, for {duration(now - self.started)} and {self.polls} polls")
        if isinstance(error, ResourceNotFoundError):
            error.name, error.status, error.last_response = self.name, self.status or None, self.response
            error.arn, error.reason = self._field(self.waiter.arn), self._field(self.waiter.reason)
            error.elapsed, error.polls = now - self.started, self.polls

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
        raise self.ended(cls, what, now) from self.error

    def ended(self, cls: type[E], what: str, now: float) -> E:
        """The error that ends the wait, with all that is known."""
        reason = self._field(self.waiter.reason)
        elapsed = now - self.started
        text = f"{self.who} {what} after {duration(elapsed)}"
        if reason:
            text += f": {reason}"
        elif self.error is not None:
            text += f": the last look failed with {self.error}"
        last = self.status or "none seen"
        if self.status and self.status not in self.waiter.outcomes:
            last += ", which this version does not know"
        return cls(
            text if self.waiter.status is None else f"{text} (last state {last})",
            name=self.name,
            status=self.status or None,
            reason=reason,
            arn=self._field(self.waiter.arn),
            elapsed=elapsed,
            polls=self.polls,
            log_group=self.waiter.log_group and self.waiter.log_group.replace("{name}", self.name),
            response=self.response,
        )

    def _field(self, name: str | None) -> str | None:
        """A text of the last description; "" counts as none, as services and mocks send it."""
        return getattr(self.response, name, None) or None if name else None


# tenacity is imported in functions, and in none that sets an attribute of `self`: it imports asyncio, and most programs
# that import this module never wait; and mypy, which reads the bodies of just those, would read tenacity for every user.


def _fixed(seconds: float) -> Strategy:
    from tenacity import wait_fixed

    return wait_fixed(seconds)


def _exponential(low: float, high: float) -> Strategy:
    from tenacity import wait_exponential

    return wait_exponential(multiplier=low, min=low, max=high)


def _after(strategy: Strategy, attempts: int) -> float:
    """What a strategy of tenacity says after so many attempts."""
    from tenacity import RetryCallState

    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = attempts
    return float(strategy(state))


def seconds_of(value: float | timedelta | None, argument: str, default: float, *, zero: bool) -> float:
    seconds = default if value is None else value.total_seconds() if isinstance(value, timedelta) else value
    # A bool is an int to Python, and neither a NaN nor a text is a time.
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not number or not (seconds >= 0 if zero else seconds > 0):
        bound = "0 or more" if zero else "more than 0"
        raise InvalidRequestError([Problem(argument, "type", f"seconds ({bound}) or a timedelta, not {value!r}")])
    return float(seconds)


def duration(seconds: float) -> str:
    """4m10s, 1h02m, 12s."""
    if seconds == math.inf:
        return "no end"
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"

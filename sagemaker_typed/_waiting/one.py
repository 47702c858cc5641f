"""One wait as a plain state machine: delays, outcomes and messages. Does no I/O.

`Progress` takes the answer to each poll and says whether to poll again, and when.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, NamedTuple, NoReturn, TypeVar

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, backoff
from sagemaker_typed._waiting.trouble import MOST_TEXT, Trouble, text_of_error
from sagemaker_typed.errors import (
    ConversionError,
    ResourceNotFoundError,
    Rollback,
    SageMakerError,
    WaitError,
    WaitFailedError,
    WaitStoppedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from sagemaker_typed._waiting.spec import Waiter

__all__ = ["Progress", "WaitEvent", "duration"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
E = TypeVar("E", bound=WaitError)

# A resource that was just created may not be visible to the first polls.
_GRACE_SECONDS = 10.0
_UNREADABLE = 3
"""Unreadable descriptions in a row, after which the wait ends."""


class WaitEvent(NamedTuple, Generic[R]):
    """One poll of a resource that is waited on."""

    name: str
    status: str | None
    """None when the poll got no answer."""
    changed: bool
    """Whether the status changed since the last poll."""
    polls: int
    elapsed: float
    """Seconds since the wait began."""
    remaining: float
    """Seconds left to the deadline."""
    response: R | None
    error: SageMakerError | None


class Progress(Generic[R]):
    """One wait: `answered` and `unanswered` take the result of a poll; `done`, `settle` and `delay` say what to do next."""

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
        trouble: Trouble | None = None,
    ) -> None:
        """`trouble` is shared by the whole wait where this is one resource of many."""
        self.waiter = waiter
        self.name = name
        self.started: float = now
        self.deadline: float = now + timeout
        self.polls: int = 0
        self.status: str | None = None
        self.outcome: str | None = None
        self.response: R | None = None
        self.error: SageMakerError | None = None
        self.explained: object = None
        """A page of the list that explains a failure."""
        self.done: bool = False
        self._poll = poll
        self._uniform = clock.uniform
        self._expected = expected
        self._under_way = False
        self._failures = self._unreadable = 0
        self._unknown: set[str] = set()
        self._alone = trouble is None
        self._trouble = Trouble(self.who, now) if trouble is None else trouble

    # --- what a look gave ---------------------------------------------------------------------------------------------

    def answered(self, response: R, now: float) -> WaitEvent[R]:
        """Take a description. Sets `outcome`, and `done` if the target is reached.

        Raises `ConversionError` for a mock in place of a description.
        """
        status = self.waiter.status_of(response)
        self.polls += 1
        self.response, self.error = response, None
        self._failures = self._unreadable = 0
        self._trouble.over()
        changed, self.status = status != self.status, status
        if changed:
            shown = shortened(status) or ("there" if self.waiter.status is None else "(no status)")
            _log.info("%s: %s", self.who, shown)
        outcome = self._known(status)
        self.outcome = self._compared(response, now) if outcome == "success" else outcome
        self._under_way = self._under_way or outcome != "success"
        self.done = self.outcome == "success"
        return self._event(changed, now)

    def listed(self, status: str) -> None:
        """Take a status from a list, which says less than a description."""
        if status != self.status:
            _log.info("%s: %s", self.who, shortened(status) or "(no status)")
        self.status, self.error = status, None
        self._under_way = self._under_way or self._known(status) != "success"

    def _known(self, status: str) -> str | None:
        """Return the outcome of a status. An unknown status has no outcome and is warned of once."""
        outcome = self.waiter.outcome(status)
        if outcome is None and status not in self._unknown:
            self._unknown.add(status)
            shown = quoted(status)
            _log.warning("%s has the status %s, which this version does not know; still waiting", self.who, shown)
        return outcome

    def _compared(self, response: R, now: float) -> str:
        """Return the outcome for the target's status: success only if the compared field has the expected value."""
        if self.waiter.compare is None or getattr(response, self.waiter.compare) == self._expected:
            return "success"
        # The update may not show yet.
        early = not self._under_way and now - self.started <= _GRACE_SECONDS
        return "pending" if early else "failure"

    def unanswered(self, error: SageMakerError, now: float) -> WaitEvent[R]:
        """Take the error of a poll. Raises it unless another poll may succeed, or the wait was for the resource to be gone.

        For one resource of many, only the whole wait ends when no call is ever answered.
        """
        self.polls += 1
        if self.waiter.gone and isinstance(error, ResourceNotFoundError):
            self.error, self.done = error, True
            self._trouble.over()
            _log.info("%s: gone", self.who)
            return self._event(True, now)
        if not self._may_heal(error, now):
            self._trouble.over()
            self.tell(error, now)
            raise error
        self.error = error
        self._failures = self._failures + 1 if error.retryable else 0
        _log.debug("%s: %s; polling again", self.who, text_of_error(error))
        if isinstance(error, ResourceNotFoundError):
            self._trouble.over()
        else:
            self._trouble.met(error)
            if self._failures > 1:
                self._trouble.warn(self.who, error, self._failures)
        if self._alone and now < self.deadline and self._trouble.lost(now):
            self.tell(error, now, "no usable answer ever came ")
            raise error
        return self._event(False, now)

    def _may_heal(self, error: SageMakerError, now: float) -> bool:
        if isinstance(error, ConversionError) and not error.retryable:
            # The resource itself may be fine. An answer of a stub would stay as it is.
            self._unreadable += 1
            return error.operation is None and self._unreadable < _UNREADABLE
        self._unreadable = 0
        early = self.response is None and now - self.started < _GRACE_SECONDS
        return error.retryable or (isinstance(error, ResourceNotFoundError) and early)

    def settle(self, now: float) -> None:
        """Raise the error that ends the wait, if it ended badly."""
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
            self._end(WaitTimeoutError, f"was not {self.waiter.target}", now)

    @property
    def missing(self) -> ResourceNotFoundError | None:
        """The answer that the resource does not exist. None without that answer, and once the resource was seen."""
        return self.error if self.status is None and isinstance(self.error, ResourceNotFoundError) else None

    def delay(self, now: float) -> float:
        """Return the seconds until the next poll. The last poll falls on the deadline."""
        end = self.deadline - now
        if self._alone:
            end = min(end, self._trouble.patience(now))
        if self._failures:
            return max(0.0, min(self._widened(), end))
        if isinstance(self.error, ResourceNotFoundError):  # trusted once the grace period is over
            end = min(end, self.started + _GRACE_SECONDS - now)
        if self._poll is not None:
            return max(0.0, min(self._poll, end))
        low, high = self.waiter.poll
        ceiling = backoff(low, high, self.polls)
        return max(0.0, min(self._uniform(min(low, ceiling), ceiling), end))

    def _widened(self) -> float:
        """Return the delay after unanswered polls: longer each time, and never shorter than usual."""
        low, high = self.waiter.poll
        usual = backoff(low, high, self.polls) if self._poll is None else self._poll
        if self._poll is not None:
            low, high = self._poll, max(high, self._poll)
        floor = backoff(low, high, self._failures)
        ceiling = max(usual, backoff(low, high, self._failures + 1))
        return self._uniform(min(floor, ceiling), ceiling)

    # --- words --------------------------------------------------------------------------------------------------------

    @property
    def who(self) -> str:
        return f"{self.waiter.noun} {self.name!r}"

    @property
    def failed(self) -> str:
        if not self._is_back:
            # Say "failed" only if the status does: a job that completed before it was stopped did not fail.
            failed = "fail" in (self.status or "").lower()
            return "failed" if failed else f"can no longer be {self.waiter.target},"
        found = shortened(repr(self._field(self.waiter.compare)), MOST_TEXT)
        return f"was not updated: it is back with {self.waiter.compare} {found} and not {self._expected!r},"

    def tell(self, error: SageMakerError, now: float, what: str = "") -> None:
        """Add what is known of the wait to the service's error that ended it."""
        error.add_note(f"{what}while waiting for {self.who}, for {duration(now - self.started)} and {self.polls} polls")
        if isinstance(error, ResourceNotFoundError):
            error.status, error.reason, error.last_response = self.status or None, self._reason(), self.response
            error.elapsed, error.polls = now - self.started, self.polls
            # The message may be about another resource, such as the domain of a user profile.
            if error.kind in (None, self.waiter.noun):
                error.kind = self.waiter.noun
                error.name = error.name or self.name
                error.arn = error.arn or self._field(self.waiter.arn)

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
        """Return the error that ends the wait, with everything known about it."""
        reason = self._reason()
        elapsed = now - self.started
        text = f"{self.who} {what} {'within' if cls is WaitTimeoutError else 'after'} {duration(elapsed)}"
        details = self._details(reason, cls is WaitTimeoutError)
        if details:
            text += f": {'; '.join(details)}"
        last = shortened(self.status or "none seen")
        if self.status and self.status not in self.waiter.outcomes:
            last += ", which this version does not know"
        error = cls(
            text if self.waiter.status is None else f"{text} (last state {last})",
            name=self.name,
            status=self.status or None,
            reason=reason,
            arn=self._field(self.waiter.arn),
            elapsed=elapsed,
            polls=self.polls,
            log_group=self.waiter.log_group_of(self.name, self._field(self.waiter.arn)),
            response=self.response,
        )
        if isinstance(error, WaitFailedError) and self._is_back:
            error.rolled_back = Rollback(str(self._expected), self._field(self.waiter.compare))
        return error

    @property
    def _is_back(self) -> bool:
        """Whether the resource is in the target's status again, but without the value of the update."""
        return self.waiter.compare is not None and self.waiter.outcome(self.status) == "success"

    def _details(self, reason: str | None, timed_out: bool) -> list[str]:
        # The reasons of several steps are joined into one text.
        most = MOST_TEXT if self.explained is None else 4 * MOST_TEXT
        details = [shortened(reason, most)] if reason else []
        if timed_out and not self._has_ended():
            details.insert(0, self._goes_on())
        if self.error is not None and (timed_out or not reason):
            error = text_of_error(self.error)
            if self.status is None and not self._trouble.heard:  # the address may be wrong: the cause comes first
                details.insert(0, f"no poll had a usable answer ({error})")
            else:
                details.append(f"the last poll failed with {error}")
        return details

    def _has_ended(self) -> bool:
        """Whether the last status is final."""
        outcome = self.outcome if self.waiter.compare else self.waiter.outcome(self.status)
        return outcome in ("success", "failure", "stopped")

    def _goes_on(self) -> str:
        if self.status is None:
            return "it may still be running"
        return "it is still there" if self.waiter.gone else "it continues"

    def _reason(self) -> str | None:
        """Return why the resource finished as it did, from its last description and the explanation."""
        reason = self._field(self.waiter.reason)
        outcome = self.waiter.outcome(self.status)
        if self.waiter.explanation is not None and self.explained is not None:
            return self.waiter.explanation.text(self.explained, reason)
        return reason or (self._detail() if outcome in ("failure", "stopped") else None)

    def _detail(self) -> str | None:
        """Return the finer status and its message: `MaxRuntimeExceeded: ...`; None if it adds nothing to the status."""
        detail = self._field(self.waiter.secondary)
        if detail is None or detail == self.status:
            return None
        history = getattr(self.response, self.waiter.transitions, None) if self.waiter.transitions else None
        shown = [each for each in history or () if each is not None and each.status == detail]
        messages = [each.status_message for each in shown if each.status_message]
        return f"{detail}: {messages[-1]}" if messages else str(detail)

    def _field(self, name: str | None) -> str | None:
        """Return a text of the last description; None for "", which services and mocks send."""
        return getattr(self.response, name, None) or None if name else None


late(Progress)

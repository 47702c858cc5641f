"""A wait on many as a plain state machine, and its report. Does no I/O.

`Many` says which call is worth making next and takes its answer. A tick looks at all that are pending: by one sweep
over the pages of the list, or by a Describe for each where that is cheaper. Describe is called once more for each that
has ended, for its last description.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import attrs

from sagemaker_typed._waiting.one import Progress, duration
from sagemaker_typed.errors import (
    ConfigurationError,
    CredentialsError,
    ExpiredCredentialsError,
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    WaitError,
    WaitFailedError,
    WaitReportError,
    WaitStoppedError,
    WaitTimeoutError,
)
from sagemaker_typed.structure import operation_of

if TYPE_CHECKING:
    from sagemaker_typed._waiting.pacing import Clock
    from sagemaker_typed._waiting.spec import Waiter
    from sagemaker_typed.structure import Request

__all__ = [
    "MEETS_EVERY_CALL",
    "BatchEvent",
    "Many",
    "WaitReport",
    "checked_names",
    "meets_every_call",
    "summed",
    "together",
]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")

MEETS_EVERY_CALL = (CredentialsError, ConfigurationError, ExpiredCredentialsError)
"""The errors that would meet every other call as well: they end the whole wait."""
_FEW = 10
"""So many are described one by one from the start: a sweep could go over a long history."""
_PAGE = 100
_DRY_PAGES = 2
"""Pages in a row that show none of the pending: the rest is then cheaper to describe."""
_FAIR_PAGES = 6
"""So many pages a tick are worth their calls however few are pending."""
_UNANSWERED = 4
"""Calls in a row without an answer: asking on would only keep the others waiting."""
_SHOWN = 5
"""Names that a text gives before it only counts."""


def meets_every_call(error: SageMakerError) -> bool:
    """Whether every other call would end in the same error. Credentials that cannot be fetched now may be there later."""
    return isinstance(error, MEETS_EVERY_CALL) and not error.retryable


class BatchEvent(NamedTuple):
    """One tick of a wait on many."""

    total: int
    done: int
    states: Mapping[str, int]
    """How many are in each status, the ended ones included. "?" for those not seen yet."""
    changed: Mapping[str, str]
    """Name -> status, of those whose status is another one than a tick before."""
    slowest: str | None
    """The one that has been pending the longest."""
    elapsed: float
    """Seconds since the wait began."""
    remaining: float
    """Seconds left to the deadline."""
    list_calls: int
    describe_calls: int


@attrs.define(kw_only=True)
class WaitReport(Generic[R]):
    """How a wait on many ended. Each name is in exactly one of the five."""

    succeeded: dict[str, R] = attrs.field(factory=dict[str, R])
    """Name -> its last description."""
    failed: dict[str, SageMakerError] = attrs.field(factory=dict[str, SageMakerError])
    stopped: dict[str, WaitStoppedError] = attrs.field(factory=dict[str, WaitStoppedError])
    pending: dict[str, WaitError] = attrs.field(factory=dict[str, WaitError])
    """Not ended when the wait was: `WaitTimeoutError` where time was the reason."""
    missing: dict[str, ResourceNotFoundError] = attrs.field(factory=dict[str, ResourceNotFoundError])
    """There is no such resource."""
    elapsed: float = 0.0
    """Seconds."""
    list_calls: int = 0
    describe_calls: int = 0

    @property
    def ok(self) -> bool:
        """Whether all succeeded."""
        return not self.problems

    @property
    def problems(self) -> dict[str, SageMakerError]:
        """Name -> error, of all that did not succeed."""
        return {**self.failed, **self.stopped, **self.pending, **self.missing}

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each of the five."""
        return {
            "succeeded": len(self.succeeded),
            "failed": len(self.failed),
            "stopped": len(self.stopped),
            "pending": len(self.pending),
            "missing": len(self.missing),
        }

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {what}" for what, number in self.counts.items() if number)
        calls = f"{self.list_calls} List and {self.describe_calls} Describe calls"
        lines = [f"{counts or 'nothing to wait for'} (after {duration(self.elapsed)}, {calls})"]
        problems = self.problems
        lines += [f"  {name}: {' '.join(str(error).split())}" for name, error in list(problems.items())[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(f"  and {len(problems) - _SHOWN} more")
        return "\n".join(lines)

    def take(self, other: WaitReport[R]) -> None:
        """Add what another report has."""
        self.succeeded.update(other.succeeded)
        self.failed.update(other.failed)
        self.stopped.update(other.stopped)
        self.pending.update(other.pending)
        self.missing.update(other.missing)
        self.elapsed = max(self.elapsed, other.elapsed)
        self.list_calls += other.list_calls
        self.describe_calls += other.describe_calls

    def raise_for_failures(self) -> None:
        """Raise `WaitReportError` unless all succeeded."""
        if not self.ok:
            raise WaitReportError(str(self), report=self)


class _One(Generic[R]):
    """One of the many, still pending."""

    __slots__ = ("created", "ending", "progress", "seen")

    def __init__(self, progress: Progress[R]) -> None:
        self.progress = progress
        self.created: datetime | None = None
        self.seen = False
        """In the sweep that is going on."""
        self.ending = False
        """A sweep has shown it ended; its last description is still to come."""


class Many(Generic[R]):
    """The waits on many resources of one kind."""

    def __init__(
        self,
        waiter: Waiter[R],
        names: Iterable[str],
        *,
        timeout: float,
        poll: float | None,
        now: float,
        clock: Clock,
        prefix: str = "",
    ) -> None:
        if waiter.batch is None:
            raise TypeError(f"a {waiter.noun} is not known by one name, and so cannot be one of many")
        self.waiter = waiter
        self.batch = waiter.batch
        self.report: WaitReport[R] = WaitReport()
        self.deadline = now + timeout
        self.changed: dict[str, str] = {}
        self._prefix = prefix
        self._started = now
        self._states: Counter[str] = Counter()
        self._pending: dict[str, _One[R]] = {
            name: _One(Progress(waiter, name, timeout=timeout, poll=poll, now=now, clock=clock))
            for name in dict.fromkeys(names)
        }
        self.total = len(self._pending)
        self._sweeps = self.batch.list is not None and not self.batch.list_scope and self.total > _FEW
        # A sweep that finds all of them takes so many pages if nothing else is in between.
        self._fair = min(-(-self.total // _PAGE) + 1, _FAIR_PAGES)
        self._bound: datetime | None = None
        self._pages = self._dry = self._unseen = self._unanswered = 0

    # --- what to do next ----------------------------------------------------------------------------------------------

    @property
    def pending(self) -> list[str]:
        return list(self._pending)

    @property
    def sweeps(self) -> bool:
        """Whether the next tick goes over the list."""
        return self._sweeps and bool(self._pending)

    def begin(self) -> None:
        """A tick begins."""
        self.changed = {}
        self._pages = self._dry = self._unanswered = 0
        self._unseen = len(self._pending)
        for one in self._pending.values():
            one.seen = False
        created = [one.created for one in self._pending.values() if one.created is not None]
        # The bound itself is left out, and times come in milliseconds.
        self._bound = min(created) - timedelta(seconds=1) if created and len(created) == self._unseen else None

    def list_request(self, next_token: str | None) -> Request[Any]:
        """The next page of the sweep.

        Before anything is known of the pending ones, the newest come first, as those that were just created are what is
        mostly waited for. Later the oldest pending one is where it begins.
        """
        assert self.batch.list is not None
        known = {field.name for field in attrs.fields(self.batch.list)}
        wanted: dict[str, Any] = {
            "max_results": _PAGE,
            "sort_by": self.batch.list_sort,
            "sort_order": "Descending" if self._bound is None else "Ascending",
            "next_token": next_token,
            "creation_time_after": self._bound,
            "created_after": self._bound,
        }
        return self.batch.list(**{name: value for name, value in wanted.items() if name in known and value is not None})

    def listed(self, items: Iterable[Any], *, last: bool) -> bool:
        """A page of the sweep came. Whether another is worth its call."""
        self.report.list_calls += 1
        self._pages += 1
        self._unanswered = 0
        shown = sum(map(self._shown, items))
        self._unseen -= shown
        self._dry = 0 if shown else self._dry + 1
        if last or not self._unseen:
            return False
        if self._pages >= max(len(self._pending), self._fair):
            if self._bound is not None:
                self._sweeps = False  # there is too much between them
            return False
        return self._bound is not None or self._dry < _DRY_PAGES

    def _shown(self, item: Any) -> bool:
        """Take an item of the list. Whether it is one of the pending that this sweep had not shown before."""
        one = self._pending.get(str(getattr(item, self.batch.item_name)))
        if one is None or one.seen:
            return False
        one.seen = True
        one.created = getattr(item, "creation_time", None) or getattr(item, "start_time", None) or one.created
        self._look(one, str(getattr(item, self.batch.item_status) or ""))
        return True

    def items(self, page: Any) -> Iterable[Any]:
        """Of a page of the list."""
        assert self.batch.list is not None
        return (item for field in operation_of(self.batch.list).items for item in getattr(page, field) or ())

    def unlisted(self, error: SageMakerError) -> bool:
        """A page did not come. Whether the tick goes on without the rest of them; otherwise it is asked for again."""
        self.report.list_calls += 1
        if meets_every_call(error):
            raise error
        if not error.retryable:
            _log.warning("the list gives no answer (%s): each %s is described instead", error, self.waiter.noun)
            self._sweeps = False
            return True
        _log.debug("%s: the list gave no answer: %s", self.waiter.group, error)
        self._unanswered += 1
        if self._unanswered < _UNANSWERED:
            return False
        self._unanswered = 0
        return True

    @property
    def silent(self) -> bool:
        """Whether this tick is better ended: none of the last calls was answered."""
        return self._unanswered >= _UNANSWERED

    def to_describe(self) -> Iterator[str]:
        """What the sweep leaves open, or all that are pending if there was none."""
        swept = self._pages > 0
        for name, one in list(self._pending.items()):
            if one.ending or not swept or not one.seen:
                yield name

    def describe_request(self, name: str) -> Request[R]:
        return cast("Callable[..., Request[R]]", self.batch.describe)(**{self.batch.name: name})

    def stop_request(self, name: str) -> Request[Any] | None:
        """None where stopping is no way to end the wait."""
        if self.batch.stop is None or self.waiter.stop is None:
            return None
        return cast("Callable[..., Request[Any]]", self.batch.stop)(**{self.batch.name: name})

    # --- what it gave -------------------------------------------------------------------------------------------------

    def described(self, name: str, response: R, now: float, explained: object = None) -> None:
        """Take a description, and the list that explains a failure."""
        self.report.describe_calls += 1
        self._unanswered = 0
        one = self._pending.get(name)
        if one is None:
            return
        before = one.progress.status
        one.progress.explained = explained
        one.created = getattr(response, "creation_time", None) or one.created
        event = one.progress.answered(response, now)
        if event.status != before:
            self.changed[self._prefix + name] = str(event.status)
        one.ending = False
        if one.progress.done:
            self._succeed(name, response)
        elif one.progress.outcome == "failure":
            self.report.failed[self._prefix + name] = one.progress.ended(WaitFailedError, one.progress.failed, now)
            self._leave(name)
        elif one.progress.outcome == "stopped":
            self.report.stopped[self._prefix + name] = one.progress.ended(WaitStoppedError, "was stopped", now)
            self._leave(name)

    def undescribed(self, name: str, error: SageMakerError, now: float) -> None:
        """Raises only what would meet every other call as well."""
        self.report.describe_calls += 1
        one = self._pending.get(name)
        if one is None:
            return
        if meets_every_call(error):
            raise error
        if error.retryable:
            # The others come first the next time, so that one that never answers holds up nobody.
            self._unanswered += 1
            self._pending[name] = self._pending.pop(name)
        else:
            self._unanswered = 0
        try:
            one.progress.unanswered(error, now)
        except ResourceNotFoundError as missing:
            self.report.missing[self._prefix + name] = missing
            self._leave(name, "missing")
        except SageMakerError as failure:
            self.report.failed[self._prefix + name] = failure
            self._leave(name, "failed")
        else:
            if one.progress.done:
                self._succeed(name, one.progress.response)

    def end(self, now: float, why: str | None = None) -> WaitReport[R]:
        """No more calls: what is pending stays so, for want of time or for another reason."""
        for name, one in list(self._pending.items()):
            progress = one.progress
            if progress.status is None and isinstance(progress.error, ResourceNotFoundError):
                progress.tell(progress.error, now)
                self.report.missing[self._prefix + name] = progress.error
            elif why is not None:
                self.report.pending[self._prefix + name] = progress.ended(WaitError, why, now)
            else:
                what = f"was not {self.waiter.target} in time"
                if one.ending:
                    what = "has ended, and could not be described in time"
                self.report.pending[self._prefix + name] = progress.ended(WaitTimeoutError, what, now)
        self._pending.clear()
        self.report.elapsed = now - self._started
        return self.report

    # --- words and figures --------------------------------------------------------------------------------------------

    def event(self, now: float) -> BatchEvent:
        states = Counter(self._states)
        for one in self._pending.values():
            states[one.progress.status or "?"] += 1
        oldest = min(
            (one for one in self._pending.values() if one.created is not None),
            key=lambda one: one.created or datetime.max,
            default=next(iter(self._pending.values()), None),
        )
        return BatchEvent(
            total=self.total,
            done=self.total - len(self._pending),
            states=dict(states),
            changed=self.changed,
            slowest=None if oldest is None else self._prefix + oldest.progress.name,
            elapsed=now - self._started,
            remaining=max(0.0, self.deadline - now),
            list_calls=self.report.list_calls,
            describe_calls=self.report.describe_calls,
        )

    def goes_on(self) -> str:
        """What is left to itself when the wait is interrupted."""
        names = self.pending
        noun = self.waiter.noun
        many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
        text = f"{len(names)} {many} go on: " if len(names) > 1 else f"1 {noun} goes on: "
        text += ", ".join(repr(name) for name in names[:_SHOWN])
        if len(names) > _SHOWN:
            text += f" and {len(names) - _SHOWN} more"
        if self.waiter.stop is None:
            return text
        return f"{text}; " + (
            f"{self.waiter.stop}({names[0]!r}) stops it" if len(names) == 1 else f"{self.waiter.stop}(name) stops one"
        )

    def _look(self, one: _One[R], status: str) -> None:
        """What a list says of one."""
        before, outcome = one.progress.status, self.waiter.outcome(status)
        one.progress.listed(status)
        if status != before:
            self.changed[self._prefix + one.progress.name] = status
        one.ending = outcome in {"success", "failure", "stopped"}

    def _succeed(self, name: str, response: R | None) -> None:
        # None only where the target was to be gone, and nothing was ever seen.
        self.report.succeeded[self._prefix + name] = response  # type: ignore[assignment]
        self._leave(name, "gone" if isinstance(self._pending[name].progress.error, ResourceNotFoundError) else None)

    def _leave(self, name: str, state: str | None = None) -> None:
        one = self._pending.pop(name)
        self._states[state or one.progress.status or "gone"] += 1


# --- several kinds ----------------------------------------------------------------------------------------------------


def summed(events: Sequence[BatchEvent]) -> BatchEvent:
    """Return one event for the events of several kinds."""
    if len(events) == 1:
        return events[0]

    def total(field: str) -> int:
        return sum(getattr(event, field) for event in events)

    states: Counter[str] = Counter()
    changed: dict[str, str] = {}
    for event in events:
        states.update(event.states)
        changed.update(event.changed)
    return BatchEvent(
        total=total("total"),
        done=total("done"),
        states=dict(states),
        changed=changed,
        slowest=next((event.slowest for event in events if event.slowest is not None), None),
        elapsed=max(event.elapsed for event in events),
        remaining=max(event.remaining for event in events),
        list_calls=total("list_calls"),
        describe_calls=total("describe_calls"),
    )


def together(reports: Sequence[WaitReport[Any]]) -> WaitReport[Any]:
    """Return one report for the reports of several kinds."""
    if len(reports) == 1:
        return reports[0]
    whole: WaitReport[Any] = WaitReport()
    for report in reports:
        whole.take(report)
    return whole


def checked_names(names: Iterable[str]) -> list[str]:
    """Return the names as a list.

    Raises `InvalidRequestError` for one text, and for a name that is empty or no text.
    """
    if isinstance(names, str):
        raise InvalidRequestError([Problem("names", "type", f"several names, and not one text: [{names!r}]")])
    found = list(names)
    for index, name in enumerate(cast("list[object]", found)):
        if not (isinstance(name, str) and name):
            raise InvalidRequestError([Problem(f"names[{index}]", "type", f"a name, not {name!r}")])
    return found

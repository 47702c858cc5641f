"""A wait on many as a plain state machine, and its report. Does no I/O.

`Many` says which call is worth making next and takes its answer. A tick polls every pending resource: by one sweep over the
pages of the list, or by a Describe for each where that takes fewer calls. A resource that has finished is described once
more, for its last description.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import attrs

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.one import Progress
from sagemaker_typed._waiting.spec import required_wire, status_in
from sagemaker_typed._waiting.trouble import Trouble, text_of_error
from sagemaker_typed.errors import (
    ConfigurationError,
    ConversionError,
    CredentialsError,
    ExpiredCredentialsError,
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    WaitError,
    WaitFailedError,
    WaitReport,
    WaitStoppedError,
    WaitTimeoutError,
)
from sagemaker_typed.structure import operation_of

if TYPE_CHECKING:
    from sagemaker_typed._waiting.pacing import Clock
    from sagemaker_typed._waiting.spec import Batch, Waiter
    from sagemaker_typed.structure import Request

__all__ = [
    "MEETS_EVERY_CALL",
    "BatchEvent",
    "Many",
    "carry",
    "checked_expected",
    "checked_names",
    "counted",
    "meets_every_call",
    "summed",
    "together",
]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
T = TypeVar("T")

MEETS_EVERY_CALL = (CredentialsError, ConfigurationError, ExpiredCredentialsError)
"""Errors that every other call would meet as well. They end the whole wait."""
_FEW = 10
"""Up to this many are described one by one: a sweep might have to cross a long history."""
_PAGE = 100
_DRY_PAGES = 2
"""Pages in a row without a pending resource, after which describing the rest is cheaper."""
_FAIR_PAGES = 6
"""Pages that a tick may always fetch, however few resources are pending."""
_UNANSWERED = 4
"""Calls in a row without an answer, after which the tick ends: the other resources must not wait for them."""
_UNREADABLE_PAGES = 2 * _UNANSWERED
"""Unreadable pages in a row (those of two ticks), after which sweeps are given up."""
_SHOWN = 5
"""Names that a text lists before it counts the rest."""


def meets_every_call(error: Exception) -> bool:
    """Whether every other call would raise the same error. Credentials that cannot be fetched now may be there later."""
    return isinstance(error, MEETS_EVERY_CALL) and not error.retryable


class BatchEvent(NamedTuple):
    """One tick of a wait on many."""

    total: int
    done: int
    states: Mapping[str, int]
    """How many resources are in each status, finished ones included. "?" stands for those not seen yet.

    A run also has "queued", "held by a quota", "looked up", "being submitted" and "not submitted: ...".
    """
    changed: Mapping[str, str]
    """Name -> status, for each resource whose status changed since the last tick."""
    slowest: str | None
    """The name of the resource that has been pending the longest."""
    elapsed: float
    """Seconds since the wait began."""
    remaining: float
    """Seconds left to the deadline; infinity for a run without one."""
    list_calls: int
    describe_calls: int


class _One(Generic[R]):
    """One pending resource."""

    __slots__ = ("created", "ending", "progress", "seen")

    def __init__(self, progress: Progress[R]) -> None:
        self.progress = progress
        self.created: datetime | None = None
        self.seen = False
        """Whether the current sweep has shown it."""
        self.ending = False
        """Whether a sweep has shown that it finished. Its last description is still to come."""


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
        expected: Mapping[str, object] | None = None,
        trouble: Trouble | None = None,
        placed: Callable[[str, Any], object] = lambda name, ended: None,
        few: int = _FEW,
    ) -> None:
        """`expected` gives the wanted value of the compared field for each name; `trouble` is shared by the whole wait.

        `placed` is called with each name and its outcome. Up to `few` resources are described instead of listed.
        """
        if waiter.batch is None:
            raise TypeError(f"a {waiter.noun} has no single name, so it cannot be one of many")
        self.waiter = waiter
        self.batch: Batch = waiter.batch
        self.report: WaitReport[R] = WaitReport()
        self.deadline: float = now + timeout
        self.changed: dict[str, str] = {}
        self._prefix = prefix
        self._placed, self._few = placed, few
        self._started = now
        self._states: Counter[str] = Counter()
        each = list(dict.fromkeys(names))
        self._trouble = Trouble(counted(len(each), waiter.noun), now) if trouble is None else trouble
        settings: dict[str, Any] = {"timeout": timeout, "poll": poll, "now": now, "clock": clock}
        self._pending: dict[str, _One[R]] = {
            name: _One(Progress(waiter, name, expected=(expected or {}).get(name), trouble=self._trouble, **settings))
            for name in each
        }
        self._all = dict(self._pending)
        self._poll, self._clock = poll, clock
        self._titles: dict[str, str] = {}
        self._requests: dict[str, tuple[Request[R], Request[Any] | None]] = {}
        self._alone: set[str] = set()
        self._lists = self.batch.list is not None and not self.batch.list_scope
        self._bound: datetime | None = None
        self._pages = self._dry = self._unseen = self._unanswered = 0
        self._unreadable = 0

    def add(
        self, name: str, title: str, describe: Request[R], stop: Request[Any] | None, *, timeout: float, now: float
    ) -> None:
        """Wait on one more resource, which the report calls `title`."""
        progress = Progress(
            self.waiter, name, timeout=timeout, poll=self._poll, now=now, clock=self._clock, trouble=self._trouble
        )
        self._titles[name] = title
        self._requests[name] = describe, stop
        self._all[name] = self._pending[name] = _One(progress)

    # --- what to do next ----------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return len(self._all)

    @property
    def _fair(self) -> int:
        """Return the pages that a sweep over all resources takes if no others are listed between them."""
        return min(-(-self.total // _PAGE) + 1, _FAIR_PAGES)

    @property
    def names(self) -> list[str]:
        """All names, including those of finished resources."""
        return list(self._all)

    def last_response(self, name: str) -> R | None:
        """Return the last description of a resource."""
        return self._all[name].progress.response

    @property
    def pending(self) -> list[str]:
        return list(self._pending)

    @property
    def sweeps(self) -> bool:
        """Whether the next tick lists the resources."""
        return self._lists and self.total > self._few and bool(self._pending)

    def begin(self) -> None:
        """Begin a tick."""
        self.changed = {}
        self._pages = self._dry = self._unanswered = 0
        self._unseen = len(self._pending)
        for one in self._pending.values():
            one.seen = False
        created = [one.created for one in self._pending.values() if one.created is not None]
        # The service excludes the bound itself and keeps times in milliseconds.
        self._bound = min(created) - timedelta(seconds=1) if created and len(created) == self._unseen else None

    def list_request(self, next_token: str | None) -> Request[Any]:
        """Return the request for the next page of the sweep.

        The first sweeps list the newest resources first: most waits are for resources that were just created. Once every
        pending resource has been seen, the sweep begins at the oldest of them.
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
        return self.batch.list(**{name: value for name, value in wanted.items() if name in known})

    def listed(self, items: Iterable[Any], *, last: bool) -> bool:
        """Take a page of the sweep. Returns whether the next page is worth a call."""
        self.report.list_calls += 1
        self._trouble.over()
        self._pages += 1
        self._unanswered = self._unreadable = 0
        shown = sum(map(self._shown, items))
        self._unseen -= shown
        self._dry = 0 if shown else self._dry + 1
        if last or not self._unseen:
            return False
        if self._pages >= max(len(self._pending), self._fair):
            if self._bound is not None:
                self._lists = False  # too many other resources lie between them
            return False
        return self._bound is not None or self._dry < _DRY_PAGES

    def _shown(self, item: Any) -> bool:
        """Take an item of the list. Returns whether this sweep now shows a pending resource for the first time."""
        one = self._pending.get(str(getattr(item, self.batch.item_name)))
        if one is None or one.seen:
            return False
        status = status_in(item, self.batch.item_status)
        if not status and required_wire(item, self.batch.item_status) is not None:
            return False  # a description tells
        one.seen = True
        one.created = getattr(item, "creation_time", None) or getattr(item, "start_time", None) or one.created
        self._look(one, status)
        return True

    def items(self, page: Any) -> Iterable[Any]:
        """Return the items of a page. A service other than SageMaker itself may send null items."""
        assert self.batch.list is not None
        fields = operation_of(self.batch.list).items
        return (item for field in fields for item in getattr(page, field) or () if item is not None)

    def unlisted(self, error: SageMakerError) -> bool:
        """Take the error of a page. Returns whether the tick continues without the list; if not, retry the page."""
        self.report.list_calls += 1
        if meets_every_call(error):
            raise error
        unreadable = isinstance(error, ConversionError) and not error.retryable
        self._unreadable = self._unreadable + 1 if unreadable else 0
        if not (error.retryable or unreadable) or self._unreadable >= _UNREADABLE_PAGES:
            self._trouble.over()
            _log.warning("the list cannot be read (%s): each %s is described instead", error, self.waiter.noun)
            self._lists = False
            return True
        _log.debug("%s: the list gave no answer: %s", self.waiter.group, text_of_error(error))
        self._trouble.met(error)
        self._unanswered += 1
        if self._unanswered < _UNANSWERED:
            return False
        self._unanswered = 0
        return True

    @property
    def silent(self) -> bool:
        """Whether to end this tick: none of the last calls was answered."""
        return self._unanswered >= _UNANSWERED

    @property
    def calls(self) -> int:
        """How many calls were answered or failed."""
        return self.report.list_calls + self.report.describe_calls

    def to_describe(self) -> Iterator[str]:
        """Yield the names that the sweep did not settle, or all pending names if there was no sweep."""
        for name, one in list(self._pending.items()):
            if one.ending or not one.seen:
                yield name

    def describe_request(self, name: str) -> Request[R]:
        if name in self._requests:
            return self._requests[name][0]
        return cast("Callable[..., Request[R]]", self.batch.describe)(**{self.batch.name: name})

    def stop_request(self, name: str) -> Request[Any] | None:
        """Return the request that stops a resource; None where stopping cannot end the wait."""
        if name in self._requests:
            return self._requests[name][1]
        if self.batch.stop is None or self.waiter.stop is None:
            return None
        return cast("Callable[..., Request[Any]]", self.batch.stop)(**{self.batch.name: name})

    def leave_alone(self, name: str) -> None:
        """Record that a resource cannot be stopped."""
        self._alone.add(name)

    def left_alone(self, name: str) -> bool:
        return name in self._alone

    @property
    def next_deadline(self) -> float:
        """The earliest deadline of a pending resource."""
        return min((one.progress.deadline for one in self._pending.values()), default=math.inf)

    # --- what it gave -------------------------------------------------------------------------------------------------

    def described(self, name: str, response: R, now: float, explained: object = None) -> None:
        """Take a description and the list that explains a failure."""
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
            self.changed[self.title(name)] = str(event.status)
        one.ending = False
        if one.progress.done:
            self._succeed(name, response, now)
        elif one.progress.outcome == "failure":
            self._place(self.report.failed, name, one.progress.ended(WaitFailedError, one.progress.failed, now), now)
            self._leave(name)
        elif one.progress.outcome == "stopped":
            self._place(self.report.stopped, name, one.progress.ended(WaitStoppedError, "was stopped", now), now)
            self._leave(name)

    def undescribed(self, name: str, error: SageMakerError, now: float) -> None:
        """Take the error of a Describe. Raises it only if every other call would meet it too."""
        self.report.describe_calls += 1
        one = self._pending.get(name)
        if one is None:
            return
        if meets_every_call(error):
            raise error
        if error.retryable:
            # Put it last, so that a resource whose calls never get an answer does not hold up the others.
            self._unanswered += 1
            self._pending[name] = self._pending.pop(name)
        else:
            self._unanswered = 0
        try:
            one.progress.unanswered(error, now)
        except ConversionError as unreadable:
            # The resource itself may be fine.
            left = one.progress.ended(WaitError, "may still be running, but its description cannot be read,", now)
            left.__cause__ = unreadable
            self._place(self.report.pending, name, left, now)
            self._leave(name, "unreadable")
        except ResourceNotFoundError as missing:
            self._place(self.report.missing, name, missing, now)
            self._leave(name, "missing")
        except SageMakerError as failure:
            self._place(self.report.failed, name, failure, now)
            self._leave(name, "failed")
        else:
            if one.progress.done:
                self._succeed(name, one.progress.response, now)

    def end(self, now: float, why: str | None = None) -> WaitReport[R]:
        """End the wait and return the report. What is pending stays so, for lack of time or because of `why`."""
        for name, one in self._all.items():
            # Check all, not only the pending ones: Ctrl-C may have interrupted a move between places.
            if self.title(name) not in self.report:
                self._left(name, one, now, why)
        self._pending.clear()
        self.report.sort(self.title(name) for name in self._all)
        self.report.elapsed = now - self._started
        return self.report

    def expire(self, now: float) -> None:
        """Stop polling resources whose own deadline has passed. They stay pending."""
        for name, one in list(self._pending.items()):
            if now >= one.progress.deadline:
                self._left(name, one, now, None)
                self._leave(name)

    def _left(self, name: str, one: _One[R], now: float, why: str | None) -> None:
        """Report a resource that has not finished."""
        progress = one.progress
        if (missing := progress.missing) is not None:
            progress.tell(missing, now)
            self._place(self.report.missing, name, missing, now)
        elif why is not None:
            self._place(self.report.pending, name, progress.ended(WaitError, why, now), now)
        else:
            what = f"was not {self.waiter.target}"
            if one.ending:
                what = "has finished, but could not be described"
            self._place(self.report.pending, name, progress.ended(WaitTimeoutError, what, now), now)

    def _place(self, place: dict[str, T], name: str, ended: T, now: float) -> None:
        """Put an outcome into exactly one place of the report, even if Ctrl-C interrupts."""
        if self.title(name) not in self.report:
            title, progress = self.title(name), self._all[name].progress
            if progress.status:
                self.report.statuses[title] = progress.status
            self.report.seconds[title] = now - progress.started
            place[title] = ended
            self._placed(title, ended)

    def title(self, name: str) -> str:
        """Return the name that the report uses for a resource."""
        return self._titles.get(name, self._prefix + name)

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
            slowest=None if oldest is None else self.title(oldest.progress.name),
            elapsed=now - self._started,
            remaining=max(0.0, self.deadline - now),
            list_calls=self.report.list_calls,
            describe_calls=self.report.describe_calls,
        )

    def goes_on(self) -> str:
        """Return a text that names what keeps running after an interrupt, and says what was not found."""
        names = [name for name, one in self._pending.items() if one.progress.missing is None]
        missing = len(self._pending) - len(names)
        texts = [self._named(names)] if names else []
        if missing:
            texts.append(f"{counted(missing, self.waiter.noun)} {'were' if missing > 1 else 'was'} not found")
        return "; ".join(texts)

    def _named(self, names: Sequence[str]) -> str:
        text = f"{counted(len(names), self.waiter.noun)} {'continue' if len(names) > 1 else 'continues'}: "
        text += ", ".join(repr(name) for name in names[:_SHOWN])
        if len(names) > _SHOWN:
            text += f" and {len(names) - _SHOWN} more"
        if self.waiter.stop is None:
            return text
        return f"{text}; " + (
            f"{self.waiter.stop}({names[0]!r}) stops it" if len(names) == 1 else f"{self.waiter.stop}(name) stops one"
        )

    def _look(self, one: _One[R], status: str) -> None:
        """Take the status that a list shows for a resource."""
        before, outcome = one.progress.status, self.waiter.outcome(status)
        one.progress.listed(status)
        if status != before:
            self.changed[self.title(one.progress.name)] = status
        one.ending = outcome in {"success", "failure", "stopped"}

    def _succeed(self, name: str, response: R | None, now: float) -> None:
        # The response is None only where the wait was for the resource to be gone and it was never seen.
        self._place(self.report.succeeded, name, cast("R", response), now)
        self._leave(name, "gone" if isinstance(self._pending[name].progress.error, ResourceNotFoundError) else None)

    def _leave(self, name: str, state: str | None = None) -> None:
        one = self._pending.pop(name)
        self._states[state or one.progress.status or "gone"] += 1


def counted(number: int, noun: str) -> str:
    """Return "1 compilation job", "3 inference components", "2 model quality policies"."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


# --- several kinds ----------------------------------------------------------------------------------------------------


def summed(events: Sequence[BatchEvent]) -> BatchEvent:
    """Return one event that sums up the events of several kinds."""
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
    """Return one report that joins the reports of several kinds."""
    if len(reports) == 1:
        return reports[0]
    whole: WaitReport[Any] = WaitReport()
    for report in reports:
        whole.take(report)
    return whole


def carry(error: BaseException, report: WaitReport[Any]) -> None:
    """Set `report` on an error that ends a wait on many.

    If the error has an attribute `report` of its own, or accepts no attributes, add the summary as a note instead.
    """
    theirs: object = getattr(error, "report", None)
    if theirs is None or isinstance(theirs, WaitReport):
        try:
            BaseException.__setattr__(error, "report", report)  # bypasses the `__setattr__` of a frozen class
        except AttributeError:
            pass  # a class with slots
        else:
            return
    notes = [*getattr(error, "__notes__", ()), f"of the wait: {report.summary}"]
    BaseException.__setattr__(error, "__notes__", notes)


def checked_names(names: Iterable[str]) -> list[str]:
    """Return the names as a list.

    Raises `InvalidRequestError` for a single text, and for a name that is empty or not a text.
    """
    if isinstance(names, str):
        raise InvalidRequestError([Problem("names", "type", f"several names, not one text: write [{quoted(names)}]")])
    found = list(names)
    for index, name in enumerate(cast("list[object]", found)):
        if not (isinstance(name, str) and name):
            raise InvalidRequestError([Problem(f"names[{index}]", "type", f"a name, not {quoted(name)}")])
    return found


def checked_expected(waiter: Waiter[Any], names: Sequence[str], expected: object) -> Mapping[str, object]:
    """Return the expected value of the compared field for each name.

    `expected` is one value for all names, or a mapping with one for each. Raises `InvalidRequestError` where one is missing.
    """
    if waiter.compare is None:
        return {}
    found = cast("Mapping[str, object]", expected) if isinstance(expected, Mapping) else dict.fromkeys(names, expected)
    missing = [name for name in dict.fromkeys(names) if found.get(name) is None]
    if missing:
        raise InvalidRequestError(
            [Problem(f"{waiter.compare}[{name!r}]", "required", f"what {name!r} is updated to") for name in missing]
        )
    return found

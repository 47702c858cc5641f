"""Waits as generators that do no I/O.

Each yields its next step: a `Look`, a `Sleep`, or several waits that are taken `Together`. The runner takes the step and
gives the answer back by `send`, an error by `throw`. `KeyboardInterrupt` enters by `throw` too, unless it is raised by what
the generator itself calls, such as `on_poll`. So there is one copy of each decision, whether a synchronous or an
asynchronous runner drives it, and nothing here needs a lock: a generator is resumed by one thread, however many look.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from sagemaker_typed._core.durations import duration
from sagemaker_typed._waiting.many import (
    MEETS_EVERY_CALL,
    BatchEvent,
    Many,
    carry,
    checked_expected,
    checked_names,
    counted,
    meets_every_call,
    summed,
    together,
)
from sagemaker_typed._waiting.one import Progress, WaitEvent
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed.errors import ResourceNotFoundError, SageMakerError, ThrottlingError, WaitReport

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.display import Display
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import Timed, TokenBucket
    from sagemaker_typed._waiting.spec import Explanation, Waiter
    from sagemaker_typed.structure import Request

__all__ = ["Look", "Sleep", "Steps", "Together", "wait", "wait_all", "wait_deleted", "wait_many"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
T = TypeVar("T")


GRACE = 1.5
"""Seconds that a look which begins on the deadline has for its answer."""
_LONGEST = 30.0
"""Seconds after which no look has an answer to come, however far the deadline is."""
_FIRST = 0.5
"""Seconds in which looks begin that nothing has answered yet, if the timeout is 0."""
_SHORTEST = 0.2
"""Seconds that a call has for its answer when the one before has used up the grace."""


class Look(NamedTuple):
    """A step of a wait: send a request once, and have its answer or a `TransportError` within so many seconds."""

    request: Request[Any]
    seconds: float


class Sleep(NamedTuple):
    """A step of a wait: sleep so many seconds."""

    seconds: float


class Together(NamedTuple):
    """A step of a wait: take the steps of all parts, in any order, with several looks under way at once.

    The next part is asked for when there is a hand free for it, so that it sees what the parts before it were answered.
    What a part raises ends the step. It gives nothing back.
    """

    parts: Iterator[Steps[None]]


Steps = Generator["Request[Any] | Look | Sleep | Together", Any, T]


# --- one --------------------------------------------------------------------------------------------------------------


def wait(
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    options: WaitOptions[WaitEvent[R]],
    *,
    stop: Request[Any] | None = None,
    expected: object = None,
) -> Task[R]:
    """Return a task that describes until the target is reached, and whose result is the last description.

    The task raises the error that ended the wait.
    """

    def steps(client: Timed) -> Steps[R]:
        response = yield from _WaitOnOne(client, waiter, name, request, options, stop, expected).steps()
        assert response is not None
        return response

    return steps


def wait_deleted(
    waiter: Waiter[R], name: str, request: Request[R], options: WaitOptions[WaitEvent[R]]
) -> Task[R | None]:
    """Return a task that describes until there is nothing to describe. Its result is the last description, if any."""
    return lambda client: _WaitOnOne(client, waiter, name, request, options, None, None).steps()


class _WaitOnOne(Generic[R]):
    """A wait on one resource that is under way."""

    def __init__(
        self,
        client: Timed,
        waiter: Waiter[R],
        name: str,
        request: Request[R],
        options: WaitOptions[WaitEvent[R]],
        stop: Request[Any] | None,
        expected: object,
    ) -> None:
        self._clock = client.clock
        self._progress: Progress[R] = Progress(
            waiter,
            name,
            timeout=float(waiter.timeout) if options.timeout is None else options.timeout,
            poll=options.poll,
            now=self._clock.now(),
            clock=self._clock,
            expected=expected,
        )
        self._request = request
        self._options = options
        self._stop = stop if options.stop_on_interrupt else None
        self._stopping = False
        self._end = math.inf
        """When the last answer of this look, and of what belongs to it, is to be there."""
        self._unsent: Request[Any] | None = None
        self._refused: SageMakerError | None = None

    def steps(self) -> Steps[R | None]:
        with self._options.display() as display:
            while True:
                try:
                    done = yield from self._look_and_sleep(display)
                except KeyboardInterrupt as interrupt:
                    if self._progress.done:  # in the last `on_poll`: nothing goes on, and nothing is left to stop
                        if self._options.stop_on_interrupt:
                            return self._progress.response
                        raise
                    if not self._stops():
                        text = self._goes_on()
                        _log.warning("%s", text)
                        interrupt.add_note(text)
                        raise
                else:
                    if done:
                        return self._progress.response

    def _look_and_sleep(self, display: Display | None) -> Steps[bool]:
        """Look once, and sleep until the next look. Returns whether the target is reached."""
        self._end = max(self._progress.deadline, self._clock.now()) + GRACE
        if self._unsent is not None:
            yield from self._send_stop(self._unsent)
        event = yield from self._look()
        if display is not None:
            display.one(self._progress, event)
        if self._options.on_poll is not None:
            self._options.on_poll(event)
        if self._progress.done:
            return True
        explanation = _explanation(self._progress.waiter, event.response)
        if explanation is not None:
            self._progress.explained = yield from _explain(explanation, self._progress.name, self._bounded)
        now = self._clock.now()
        self._progress.settle(now)
        if self._refused is not None:
            self._refused.add_note(f"{self._progress.who} goes on: it could not be stopped")
            raise self._refused
        yield Sleep(self._progress.delay(now))
        return False

    def _look(self) -> Steps[WaitEvent[R]]:
        try:
            response: R = yield self._bounded(self._request)
        except SageMakerError as error:
            return self._progress.unanswered(error, self._clock.now())
        return self._progress.answered(response, self._clock.now())

    def _bounded(self, request: Request[Any]) -> Look:
        return Look(request, min(_LONGEST, max(_SHORTEST, self._end - self._clock.now())))

    # --- Ctrl-C -------------------------------------------------------------------------------------------------------

    def _stops(self) -> bool:
        """Whether an interrupt stops the resource: the first one does, if that is what the caller wants."""
        if self._stop is None or self._stopping:
            return False
        self._stopping, self._unsent = True, self._stop
        _log.warning("interrupted: stopping %s and waiting until it has stopped", self._progress.who)
        return True

    def _send_stop(self, stop: Request[Any]) -> Steps[None]:
        try:
            yield self._bounded(stop)
            self._unsent = None
        except SageMakerError as error:
            # The resource may have ended already; the next look tells. An error that can heal is met by another try.
            _log.warning("%s could not be stopped: %s", self._progress.who, error)
            if not _can_heal(error):
                self._unsent, self._refused = None, error

    def _goes_on(self) -> str:
        """Return a text that says what becomes of the resource now that nobody waits for it."""
        progress = self._progress
        if self._stopping and self._unsent is None and self._refused is None:
            return f"{progress.who} was told to stop, and may not have stopped yet"
        if progress.waiter.stop is None:
            return f"{progress.who} goes on"
        return f"{progress.who} goes on; {progress.waiter.stop}({progress.name!r}) stops it"


def _explanation(waiter: Waiter[Any], response: Any) -> Explanation | None:
    """Return the list that explains a failure; None where there is none, or where nothing has failed."""
    if waiter.explanation is None or waiter.status is None or response is None:
        return None
    return waiter.explanation if getattr(response, waiter.status) in waiter.explanation.when else None


def _explain(explanation: Explanation, name: str, bounded: Callable[[Request[Any]], Look]) -> Steps[Any]:
    """Ask for the list that explains a failure. None if there is no answer: the failure is what the caller has to hear of."""
    try:
        return (yield bounded(explanation.request(name)))
    except SageMakerError as error:
        _log.warning("%r has failed, and it cannot be told which %s did: %s", name, explanation.noun, error)
        return None


def _can_heal(error: SageMakerError) -> bool:
    """Whether a stop is worth another try. A resource that was only just created may be found a moment later."""
    return error.retryable or isinstance(error, ResourceNotFoundError)


# --- many -------------------------------------------------------------------------------------------------------------


class _Crowd(NamedTuple):
    """The resources of one kind that a wait on many looks at."""

    prefix: str
    waiter: Waiter[Any]
    names: list[str]
    expected: Mapping[str, object]


def wait_all(
    waiter: Waiter[R],
    names: Iterable[str],
    options: WaitOptions[BatchEvent],
    *,
    expected: str | Mapping[str, str] | None = None,
) -> Task[WaitReport[R]]:
    """Return a task that waits on many of one kind, with few calls. Its result says how each ended.

    `expected` is for a state that compares: what the compared field is to be, for all names or for each.
    """
    return _wait_many([("", waiter, names)], options, expected)


def wait_many(
    kinds: Sequence[tuple[str, Waiter[Any], Iterable[str]]], options: WaitOptions[BatchEvent]
) -> Task[WaitReport[Any]]:
    """Return a task that waits on several kinds at once. Each is a prefix for the names in the report, a waiter, and names.

    With a timeout of 0, each is looked at once, as long as the service answers. Whatever the task raises carries `report`:
    what had become of each name.
    """
    return _wait_many(kinds, options, None)


def _wait_many(
    kinds: Sequence[tuple[str, Waiter[Any], Iterable[str]]], options: WaitOptions[BatchEvent], expected: object
) -> Task[WaitReport[Any]]:
    checked: list[_Crowd] = []
    for prefix, waiter, given in kinds:
        names = checked_names(given)
        checked.append(_Crowd(prefix, waiter, names, checked_expected(waiter, names, expected)))
    return lambda client: _WaitOnMany(client, checked, options).steps()


class _WaitOnMany:
    """A wait on many resources, of one kind or several, that is under way."""

    def __init__(self, client: Timed, kinds: Sequence[_Crowd], options: WaitOptions[BatchEvent]) -> None:
        self._clock = client.clock
        self._options = options
        timeout = options.timeout
        if timeout is None:
            timeout = float(max((kind.waiter.timeout for kind in kinds), default=0.0))
        now = self._clock.now()
        self._deadline = now + timeout
        whom = ", ".join(counted(len(set(kind.names)), kind.waiter.noun) for kind in kinds)
        self._trouble = Trouble(whom, now)
        self._calls = _Calls(client, self._trouble, self._deadline, once=timeout == 0)
        self._machines = [
            Many(
                kind.waiter,
                kind.names,
                timeout=timeout,
                poll=options.poll,
                now=now,
                clock=self._clock,
                prefix=kind.prefix,
                expected=kind.expected,
                trouble=self._trouble,
            )
            for kind in kinds
        ]
        self._stops: _Stops | None = None
        self._why: str | None = None
        """Why the wait was cut short."""
        # The ticks are paced as the looks at one resource would be, the slowest of them.
        self._pace: Progress[Any] | None = None
        if kinds:
            slowest = max((kind.waiter for kind in kinds), key=lambda waiter: waiter.poll)
            self._pace = Progress(slowest, "", timeout=timeout, poll=options.poll, now=now, clock=self._clock)

    def steps(self) -> Steps[WaitReport[Any]]:
        try:
            with self._options.display() as display:
                yield from self._ticks(display)
            return self._report(self._why)
        except GeneratorExit:  # the runner has given up on the wait, and hears nothing of it
            raise
        except BaseException as error:
            carry(error, self._report(f"was not waited for any longer, as the wait ended with {type(error).__name__},"))
            raise

    def _report(self, why: str | None) -> WaitReport[Any]:
        now = self._clock.now()
        return together([machine.end(now, why) for machine in self._machines])

    def _ticks(self, display: Display | None) -> Steps[None]:
        over = False
        while self._pace is not None and not over:
            try:
                over = yield from self._tick_and_sleep(self._pace, display)
            except MEETS_EVERY_CALL as error:
                error.add_note(f"{self._done} had ended before; {self._goes_on()}")
                raise
            except KeyboardInterrupt as interrupt:
                if not any(machine.pending for machine in self._machines):  # in the last `on_poll`
                    raise
                if (text := self._left_alone()) is not None:
                    _log.warning("%s", text)
                    interrupt.add_note(text)
                    raise

    def _tick_and_sleep(self, pace: Progress[Any], display: Display | None) -> Steps[bool]:
        """Look once at all that are pending, and sleep until the next tick. Returns whether the wait is over."""
        begun = self._clock.now()
        if self._stops is not None:
            yield from self._stops.steps(self._calls)
        yield from self._tick()
        pace.polls += 1
        self._raise_if_lost(self._clock.now() - pace.started)
        self._tell(display)
        if not any(machine.pending for machine in self._machines):
            return True
        self._why = self._cut_short()
        now = self._clock.now()
        if self._why is not None or now >= self._deadline:
            return True
        yield Sleep(min(_pause(pace, now, now - begun), max(0.0, self._trouble.patience(now))))
        return False

    def _raise_if_lost(self, elapsed: float) -> None:
        """Raise the last error if nothing has ever answered, for too long."""
        error, now = self._trouble.last, self._clock.now()
        if error is not None and now < self._deadline and self._trouble.lost(now):
            calls = sum(machine.calls for machine in self._machines)
            whom = self._trouble.who
            error.add_note(f"nothing ever answered while waiting for {whom}, for {duration(elapsed)} and {calls} calls")
            raise error

    def _tell(self, display: Display | None) -> None:
        now = self._clock.now()
        event = summed([machine.event(now) for machine in self._machines])
        if display is not None:
            display.many(event, self._machines)
        if self._options.on_poll is not None:
            self._options.on_poll(event)

    def _cut_short(self) -> str | None:
        if self._options.fail_fast and any(machine.report.problems for machine in self._machines):
            return "was not waited for any longer, as another one did not succeed,"
        if self._stops is not None and self._stops.over:
            return "was not waited for any longer, as the wait was interrupted,"
        return None

    # --- one tick -----------------------------------------------------------------------------------------------------

    def _tick(self) -> Steps[None]:
        """Look at all that are pending, as far as there is time."""
        self._calls.begin()
        for machine in self._machines:
            machine.begin()
        for machine in self._machines:
            in_time = not machine.sweeps or (yield from self._sweep(machine))
            if not in_time or not (yield from self._describe(machine)):
                return

    def _sweep(self, machine: Many[Any]) -> Steps[bool]:
        """Go over the list. Returns False if there is no time left."""
        token: str | None = None
        more = True
        while more:
            if not (yield from self._calls.turn("list")):
                return False
            begun = self._clock.now()
            try:
                page = yield self._calls.look(machine.list_request(token))
            except SageMakerError as error:
                self._calls.failed("list", error, begun)
                more = not machine.unlisted(error)
            else:
                self._calls.succeeded("list")
                token = page.next_token or None
                more = machine.listed(machine.items(page), last=token is None)
            if (more and self._calls.late) or self._trouble.lost(self._clock.now()):
                return False
        return True

    def _describe(self, machine: Many[Any]) -> Steps[bool]:
        """Describe those that the sweep leaves open. Returns False if there is no time left."""
        parts = self._descriptions(machine)
        if self._calls.one_first(len(machine.pending)) and (first := next(parts, None)) is not None:
            yield from first
        yield Together(parts)
        return not self._calls.late

    def _descriptions(self, machine: Many[Any]) -> Iterator[Steps[None]]:
        """Yield the part that describes each pending resource, until the time is over or nothing answers."""
        for name in machine.to_describe():
            if self._calls.late or machine.silent or self._trouble.lost(self._clock.now()):
                return
            yield self._describe_one(machine, name)

    def _describe_one(self, machine: Many[Any], name: str) -> Steps[None]:
        if not (yield from self._calls.turn("describe")):
            return
        begun = self._clock.now()
        try:
            response = yield self._calls.look(machine.describe_request(name))
        except SageMakerError as error:
            self._calls.failed("describe", error, begun)
            machine.undescribed(name, error, self._clock.now())
        else:
            self._calls.succeeded("describe")
            explained = yield from self._explained(machine, name, response)
            machine.described(name, response, self._clock.now(), explained)

    def _explained(self, machine: Many[Any], name: str, response: Any) -> Steps[Any]:
        """Ask for the list that explains a failure, if there is time."""
        explanation = _explanation(machine.waiter, response)
        if explanation is None or not (yield from self._calls.turn("describe")):
            return None
        return (yield from _explain(explanation, name, self._calls.look))

    # --- Ctrl-C -------------------------------------------------------------------------------------------------------

    def _left_alone(self) -> str | None:
        """Take an interrupt. Returns None if the resources are being stopped now, or a text that says what goes on."""
        if self._stops is not None:
            return self._stops.words
        self._stops = _Stops(self._machines)
        if not self._options.stop_on_interrupt or self._stops.over:
            return self._goes_on()
        _log.warning("interrupted: stopping %d and waiting until they have stopped", len(self._stops.unsent))
        return None

    def _goes_on(self) -> str:
        return "; ".join(machine.goes_on() for machine in self._machines if machine.pending)

    @property
    def _done(self) -> int:
        return sum(machine.total - len(machine.pending) for machine in self._machines)


def _pause(pace: Progress[Any], now: float, spent: float) -> float:
    """Return the seconds until the next tick.

    The last tick begins early enough to be over by the deadline, if it takes as long as the one before.
    """
    left = pace.deadline - now
    return min(pace.delay(now), left - spent if spent < left else left)


class _Calls:
    """The calls of a wait on many: when each may begin, at the client's pace, and how long it may take.

    None begins after the deadline, and at least one before it, whatever the pace: a service that has recovered from throttling
    would never be heard of otherwise. With a timeout of 0 each resource is looked at `once`, as long as the service answers.
    """

    def __init__(self, client: Timed, trouble: Trouble, deadline: float, *, once: bool) -> None:
        self._clock, self._pacing = client.clock, client.pacing
        self._trouble, self._deadline, self._once = trouble, deadline, once
        self._refused = self._begun = False

    def begin(self) -> None:
        """A tick begins, and the pace may have recovered."""
        self._refused = False

    @property
    def now(self) -> float:
        return self._clock.now()

    @property
    def late(self) -> bool:
        """Whether no call may begin any more."""
        return self._refused or self._clock.now() > self._last()

    def _last(self) -> float:
        """When the last call may begin."""
        if not self._once:
            return self._deadline
        well = self._trouble.heard and self._trouble.last is None
        return math.inf if well else self._deadline + _FIRST

    def turn(self, what: Literal["list", "describe"]) -> Steps[bool]:
        """Sleep until the next call is due. Returns False if that is only when no call may begin any more."""
        now = self._clock.now()
        seconds = self._pacing.delay(what, now, self._last())
        if seconds is None and not self._begun:
            seconds = max(0.0, self._deadline - now)
        if seconds is None:
            self._refused = True
            return False
        self._begun = True
        if seconds > 0:
            yield Sleep(seconds)
        return True

    def one_first(self, pending: int) -> bool:
        """Whether one Describe is to be answered before others begin.

        With a timeout of 0 the answer says that there is time for those which the pace does not let through at once.
        """
        if not self._once:
            return False
        wanted = min(pending, self._pacing.at_once)
        due = [self._pacing.delay("describe", self.now, self._last()) is not None for _ in range(wanted)]
        for _ in range(sum(due)):
            self._pacing.describe.give_back()
        return not all(due)

    def look(self, request: Request[Any]) -> Look:
        """Return the step that sends a request, with the time that it has."""
        return Look(request, min(_LONGEST, max(0.0, self._deadline - self._clock.now()) + GRACE))

    def succeeded(self, what: Literal["list", "describe"]) -> None:
        self._bucket(what).succeeded()

    def failed(self, what: Literal["list", "describe"], error: SageMakerError, begun: float) -> None:
        if isinstance(error, ThrottlingError):
            self._bucket(what).throttled(begun, self._clock.now())

    def _bucket(self, what: Literal["list", "describe"]) -> TokenBucket:
        return self._pacing.list if what == "list" else self._pacing.describe


class _Stops:
    """The resources that an interrupted wait on many stops, and waits for until they have stopped."""

    def __init__(self, machines: Sequence[Many[Any]]) -> None:
        self.unsent: deque[tuple[Many[Any], str]] = deque(
            (machine, name) for machine in machines for name in machine.pending if machine.stop_request(name)
        )
        self._awaited = [
            (machine, {name for stopped, name in self.unsent if stopped is machine}) for machine in machines
        ]
        self._sent = 0

    @property
    def over(self) -> bool:
        """Whether there is nothing left to wait for."""
        return all(names.isdisjoint(machine.pending) for machine, names in self._awaited)

    @property
    def words(self) -> str:
        return f"{self._sent} were told to stop, and may not have stopped yet; {len(self.unsent)} were not told"

    def steps(self, calls: _Calls) -> Steps[None]:
        """Send what is unsent, as far as there is time. An error that can heal is met by another try at the next tick."""
        for _ in range(len(self.unsent)):
            if not (yield from calls.turn("describe")):
                return
            machine, name = self.unsent[0]
            request = machine.stop_request(name)
            assert request is not None
            begun = calls.now
            try:
                yield calls.look(request)
            except SageMakerError as error:
                calls.failed("describe", error, begun)
                _log.warning("%s %r could not be stopped: %s", machine.waiter.noun, name, error)
                if meets_every_call(error):
                    raise
                self._refused(machine, name, again=_can_heal(error))
            else:
                self._sent += 1
                self.unsent.popleft()

    def _refused(self, machine: Many[Any], name: str, *, again: bool) -> None:
        if again:
            self.unsent.rotate(-1)
            return
        self.unsent.popleft()
        # It may have ended already; the next look tells. If it has not, it goes on by itself.
        for stopped, names in self._awaited:
            if stopped is machine:
                names.discard(name)

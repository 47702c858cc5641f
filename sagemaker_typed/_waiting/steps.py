"""Waits as generators that do no I/O.

Each yields its next step: a request to send, or a `Sleep`. The runner takes the step and gives the answer back by
`send`, an error by `throw`. `KeyboardInterrupt` enters by `throw` too, unless it is raised by what the generator itself
calls, such as `on_poll`. So there is one copy of each decision, whether a synchronous or an asynchronous runner drives it.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from sagemaker_typed._waiting.many import (
    MEETS_EVERY_CALL,
    BatchEvent,
    Many,
    WaitReport,
    checked_names,
    meets_every_call,
    summed,
    together,
)
from sagemaker_typed._waiting.one import Progress, WaitEvent
from sagemaker_typed.errors import ResourceNotFoundError, SageMakerError, ThrottlingError

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.display import Display
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed._waiting.spec import Explanation, Waiter
    from sagemaker_typed.structure import Request

__all__ = ["Sleep", "Steps", "wait", "wait_all", "wait_deleted", "wait_many"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
T = TypeVar("T")


class Sleep(NamedTuple):
    """A step of a wait: sleep so many seconds."""

    seconds: float


Steps = Generator["Request[Any] | Sleep", Any, T]


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
            self._progress.explained = yield from _explain(explanation, self._progress.name)
        now = self._clock.now()
        self._progress.settle(now)
        if self._refused is not None:
            self._refused.add_note(f"{self._progress.who} goes on: it could not be stopped")
            raise self._refused
        yield Sleep(self._progress.delay(now))
        return False

    def _look(self) -> Steps[WaitEvent[R]]:
        try:
            response: R = yield self._request
        except SageMakerError as error:
            return self._progress.unanswered(error, self._clock.now())
        return self._progress.answered(response, self._clock.now())

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
            yield stop
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


def _explain(explanation: Explanation, name: str) -> Steps[Any]:
    """Ask for the list that explains a failure. None if there is no answer: the failure is what the caller has to hear of."""
    try:
        return (yield explanation.request(name))
    except SageMakerError as error:
        _log.warning("%r has failed, and it cannot be told which %s did: %s", name, explanation.noun, error)
        return None


def _can_heal(error: SageMakerError) -> bool:
    """Whether a stop is worth another try. A resource that was only just created may be found a moment later."""
    return error.retryable or isinstance(error, ResourceNotFoundError)


# --- many -------------------------------------------------------------------------------------------------------------


def wait_all(waiter: Waiter[R], names: Iterable[str], options: WaitOptions[BatchEvent]) -> Task[WaitReport[R]]:
    """Return a task that waits on many of one kind, with few calls. Its result says how each ended."""
    return wait_many([("", waiter, names)], options)


def wait_many(
    kinds: Sequence[tuple[str, Waiter[Any], Iterable[str]]], options: WaitOptions[BatchEvent]
) -> Task[WaitReport[Any]]:
    """Return a task that waits on several kinds at once. Each is a prefix for the names in the report, a waiter, and names.

    With a timeout of 0, each is looked at once, however long the calls take.
    """
    checked = [(prefix, waiter, checked_names(names)) for prefix, waiter, names in kinds]
    return lambda client: _WaitOnMany(client, checked, options).steps()


class _WaitOnMany:
    """A wait on many resources, of one kind or several, that is under way."""

    def __init__(
        self,
        client: Timed,
        kinds: Sequence[tuple[str, Waiter[Any], Sequence[str]]],
        options: WaitOptions[BatchEvent],
    ) -> None:
        self._clock = client.clock
        self._calls = _Calls(client)
        self._options = options
        timeout = options.timeout
        if timeout is None:
            timeout = float(max((waiter.timeout for _, waiter, _ in kinds), default=0.0))
        now = self._clock.now()
        self._deadline = now + timeout
        self._last_call = self._deadline if timeout else math.inf
        """No Describe or List is begun after it."""
        self._machines = [
            Many(waiter, names, timeout=timeout, poll=options.poll, now=now, clock=self._clock, prefix=prefix)
            for prefix, waiter, names in kinds
        ]
        self._stops: _Stops | None = None
        self._why: str | None = None
        """Why the wait was cut short."""
        # The ticks are paced as the looks at one resource would be, the slowest of them.
        self._pace: Progress[Any] | None = None
        if kinds:
            slowest = max((waiter for _, waiter, _ in kinds), key=lambda waiter: waiter.poll)
            self._pace = Progress(slowest, "", timeout=timeout, poll=options.poll, now=now, clock=self._clock)

    def steps(self) -> Steps[WaitReport[Any]]:
        over = False
        with self._options.display() as display:
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
        now = self._clock.now()
        return together([machine.end(now, self._why) for machine in self._machines])

    def _tick_and_sleep(self, pace: Progress[Any], display: Display | None) -> Steps[bool]:
        """Look once at all that are pending, and sleep until the next tick. Returns whether the wait is over."""
        begun = self._clock.now()
        if self._stops is not None:
            yield from self._stops.steps(self._calls, self._deadline)
        yield from self._tick()
        pace.polls += 1
        self._tell(display)
        if not any(machine.pending for machine in self._machines):
            return True
        self._why = self._cut_short()
        now = self._clock.now()
        if self._why is not None or now >= self._deadline:
            return True
        yield Sleep(_pause(pace, now, now - begun))
        return False

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
            if not (yield from self._calls.turn("list", self._last_call)):
                return False
            try:
                page = yield machine.list_request(token)
            except SageMakerError as error:
                self._calls.failed("list", error)
                more = not machine.unlisted(error)
            else:
                self._calls.succeeded("list")
                token = page.next_token or None
                more = machine.listed(machine.items(page), last=token is None)
            if more and self._clock.now() > self._last_call:
                return False
        return True

    def _describe(self, machine: Many[Any]) -> Steps[bool]:
        """Describe those that the sweep leaves open. Returns False if there is no time left."""
        for name in machine.to_describe():
            if not (yield from self._calls.turn("describe", self._last_call)):
                return False
            try:
                response = yield machine.describe_request(name)
            except SageMakerError as error:
                self._calls.failed("describe", error)
                machine.undescribed(name, error, self._clock.now())
            else:
                self._calls.succeeded("describe")
                explained = yield from self._explained(machine, name, response)
                machine.described(name, response, self._clock.now(), explained)
            if self._clock.now() > self._last_call:
                return False
            if machine.silent:
                break
        return True

    def _explained(self, machine: Many[Any], name: str, response: Any) -> Steps[Any]:
        """Ask for the list that explains a failure, if there is time."""
        explanation = _explanation(machine.waiter, response)
        if explanation is None or not (yield from self._calls.turn("describe", self._last_call)):
            return None
        return (yield from _explain(explanation, name))

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
    """The turns of the calls that a wait on many makes, at the client's pace."""

    def __init__(self, client: Timed) -> None:
        self._clock, self._pacing = client.clock, client.pacing

    def turn(self, what: Literal["list", "describe"], deadline: float) -> Steps[bool]:
        """Sleep until the next call is due. Returns False if that is only after the deadline."""
        seconds = self._pacing.delay(what, self._clock.now(), deadline)
        if seconds is None:
            return False
        if seconds > 0:
            yield Sleep(seconds)
        return True

    def succeeded(self, what: Literal["list", "describe"]) -> None:
        (self._pacing.list if what == "list" else self._pacing.describe).succeeded()

    def failed(self, what: Literal["list", "describe"], error: SageMakerError) -> None:
        if isinstance(error, ThrottlingError):
            (self._pacing.list if what == "list" else self._pacing.describe).throttled()


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

    def steps(self, calls: _Calls, deadline: float) -> Steps[None]:
        """Send what is unsent, as far as there is time. An error that can heal is met by another try at the next tick."""
        for _ in range(len(self.unsent)):
            if not (yield from calls.turn("describe", deadline)):
                return
            machine, name = self.unsent[0]
            request = machine.stop_request(name)
            assert request is not None
            try:
                yield request
            except SageMakerError as error:
                calls.failed("describe", error)
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

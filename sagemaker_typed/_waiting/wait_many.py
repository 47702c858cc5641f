"""The wait on many resources, of one kind or several, as a generator."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.late_hints import late
from sagemaker_typed._waiting.calls import Calls
from sagemaker_typed._waiting.echoing import LogEchoes
from sagemaker_typed._waiting.looks import Looks
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
from sagemaker_typed._waiting.one import Progress
from sagemaker_typed._waiting.steps import Sleep, Steps, can_heal
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed.errors import SageMakerError, WaitReport

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.display import Display
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed._waiting.spec import Waiter

__all__ = ["wait_all", "wait_many"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")


class _Crowd(NamedTuple):
    """The resources of one kind that a wait on many polls."""

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
    """Return a task that waits on many resources of one kind with few calls. Its result is the report.

    `expected` is for a state that compares: the expected value of the compared field, one for all names or one for each.
    """
    return _wait_many([("", waiter, names)], options, expected)


def wait_many(
    kinds: Sequence[tuple[str, Waiter[Any], Iterable[str]]], options: WaitOptions[BatchEvent]
) -> Task[WaitReport[Any]]:
    """Return a task that waits on several kinds at once. Each has a prefix for the names in the report, a waiter and names.

    With a timeout of 0, each resource is polled once, as long as the service answers. Any error of the task carries `report`,
    with the outcomes so far.
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
    """A wait on many resources, of one kind or several."""

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
        self._calls = Calls(client, self._trouble, self._deadline, once=timeout == 0)
        self._looks = Looks(client, self._calls, self._trouble)
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
        self._echoes: LogEchoes | None = None
        if options.logs:
            self._echoes = LogEchoes(self._clock, self._machines, options, self._calls.look)
        self._stops: _Stops | None = None
        self._why: str | None = None
        """Why the wait was cut short."""
        # The ticks keep the pace of the slowest waiter.
        self._pace: Progress[Any] | None = None
        if kinds:
            slowest = max((kind.waiter for kind in kinds), key=lambda waiter: waiter.poll)
            self._pace = Progress(slowest, "", timeout=timeout, poll=options.poll, now=now, clock=self._clock)

    def steps(self) -> Steps[WaitReport[Any]]:
        try:
            with self._options.display() as display:
                yield from self._ticks(display)
                if self._echoes is not None and self._stops is None:
                    yield from self._echoes.drain(self._deadline)
            return self._report(self._why)
        except GeneratorExit:  # the runner abandoned the wait, and cannot take a report
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
                error.add_note(f"{self._done} had finished before; {self._goes_on()}")
                raise
            except KeyboardInterrupt as interrupt:
                if not any(machine.pending for machine in self._machines):  # raised by the last `on_poll`
                    raise
                if (text := self._left_alone()) is not None:
                    _log.warning("%s", text)
                    interrupt.add_note(text)
                    raise

    def _tick_and_sleep(self, pace: Progress[Any], display: Display | None) -> Steps[bool]:
        """Poll all pending resources once, and sleep until the next tick. Returns whether the wait is over."""
        begun = self._clock.now()
        if self._stops is not None:
            yield from self._stops.steps(self._calls)
        yield from self._looks.tick(self._machines)
        pace.polls += 1
        self._raise_if_lost(self._clock.now() - pace.started)
        self._tell(display)
        if not any(machine.pending for machine in self._machines):
            return True
        self._why = self._cut_short()
        now = self._clock.now()
        if self._why is not None or now >= self._deadline:
            return True
        seconds = min(_pause(pace, now, now - begun), max(0.0, self._trouble.patience(now)))
        if self._echoes is None:
            yield Sleep(seconds)
        else:
            yield from self._echoes.rest(seconds, self._deadline)
        return False

    def _raise_if_lost(self, elapsed: float) -> None:
        """Raise the last error if no call has been answered for too long."""
        error, now = self._trouble.last, self._clock.now()
        if error is not None and now < self._deadline and self._trouble.lost(now):
            calls = sum(machine.calls for machine in self._machines)
            whom = self._trouble.who
            error.add_note(
                f"no usable answer ever came while waiting for {whom}, for {duration(elapsed)} and {calls} calls"
            )
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

    # --- Ctrl-C -------------------------------------------------------------------------------------------------------

    def _left_alone(self) -> str | None:
        """Handle an interrupt. Returns None if the resources are being stopped now, or a text that says what continues."""
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

    The last tick begins early enough to finish by the deadline, if it takes as long as the tick before.
    """
    left = pace.deadline - now
    return min(pace.delay(now), left - spent if spent < left else left)


class _Stops:
    """The stops that an interrupted wait on many sends, and the resources it then waits for."""

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
        """Whether nothing is left to wait for."""
        return all(names.isdisjoint(machine.pending) for machine, names in self._awaited)

    @property
    def words(self) -> str:
        return f"{self._sent} were told to stop and may not have stopped yet; {len(self.unsent)} were not told"

    def steps(self, calls: Calls) -> Steps[None]:
        """Send the remaining stops, as far as there is time. Errors that can heal are retried at the next tick."""
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
                self._refused(machine, name, again=can_heal(error))
            else:
                self._sent += 1
                self.unsent.popleft()

    def _refused(self, machine: Many[Any], name: str, *, again: bool) -> None:
        if again:
            self.unsent.rotate(-1)
            return
        self.unsent.popleft()
        # It may have finished already: the next poll tells. If not, it continues.
        for stopped, names in self._awaited:
            if stopped is machine:
                names.discard(name)


late(wait_all, wait_many)

"""Waiting until a resource, or many, reach a state. Knows no HTTP: `send` of the client makes the calls.

The decisions are those of two state machines, `Progress` for one and `Many` for many. What stands here drives them with
a sender and a clock; an asynchronous twin can drive the same machines.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sagemaker_typed._waiting.many import MEETS_EVERY_CALL, BatchEvent, Many, WaitReport
from sagemaker_typed._waiting.one import SYSTEM_CLOCK, Batch, Clock, Progress, Waiter, WaitEvent, duration, seconds_of
from sagemaker_typed._waiting.pacing import Pacing
from sagemaker_typed.errors import InvalidRequestError, Problem, ResourceNotFoundError, SageMakerError, ThrottlingError

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Sender
    from sagemaker_typed.structure import Request

__all__ = [
    "SYSTEM_CLOCK",
    "Batch",
    "BatchEvent",
    "Clock",
    "Pacing",
    "Progress",
    "WaitEvent",
    "WaitReport",
    "Waiter",
    "chosen",
    "duration",
    "wait",
    "wait_all",
    "wait_deleted",
    "wait_many",
]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")
Seconds = float | timedelta | None


# --- one --------------------------------------------------------------------------------------------------------------


def wait(
    sender: Sender,
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    *,
    timeout: Seconds,
    poll: Seconds,
    on_poll: Callable[[WaitEvent[R]], object] | None,
    progress: bool = False,
    stop: Request[Any] | None = None,
    stop_on_interrupt: bool = False,
    expected: object = None,
) -> R:
    """Describe until the target is reached; return the last description, or raise what ended the wait."""
    machine = _drive(sender, waiter, name, request, timeout, poll, on_poll, progress, stop, stop_on_interrupt, expected)
    assert machine.response is not None
    return machine.response


def wait_deleted(
    sender: Sender,
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    *,
    timeout: Seconds,
    poll: Seconds,
    on_poll: Callable[[WaitEvent[R]], object] | None,
    progress: bool = False,
) -> R | None:
    """Describe until there is nothing to describe; return the last description, or None if there never was one."""
    return _drive(sender, waiter, name, request, timeout, poll, on_poll, progress, None, False, None).response


def _drive(
    sender: Sender,
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    timeout: Seconds,
    poll: Seconds,
    on_poll: Callable[[WaitEvent[R]], object] | None,
    progress: bool,
    stop: Request[Any] | None,
    stop_on_interrupt: bool,
    expected: object,
) -> Progress[R]:
    clock = sender.clock
    machine: Progress[R] = Progress(
        waiter,
        name,
        timeout=seconds_of(timeout, "timeout", waiter.timeout, zero=True),
        poll=None if poll is None else seconds_of(poll, "poll", 0.0, zero=False),
        now=clock.now(),
        clock=clock,
        expected=expected,
    )
    stopping = False
    unsent: Request[Any] | None = None
    refused: SageMakerError | None = None
    with _display(progress) as display:
        while True:
            try:
                if unsent is not None:
                    try:
                        sender.send(unsent)
                        unsent = None
                    except SageMakerError as error:
                        # It may be over already; the next look tells. What can heal is tried again then.
                        _log.warning("%s could not be stopped: %s", machine.who, error)
                        if not _again(error):
                            unsent, refused = None, error
                event = _look(sender, request, machine, clock)
                if display is not None:
                    display.one(machine, event)
                if on_poll is not None:
                    on_poll(event)
                if machine.done:
                    return machine
                now = clock.now()
                machine.settle(now)
                if refused is not None:
                    refused.add_note(f"{machine.who} goes on: it could not be stopped")
                    raise refused
                clock.sleep(machine.delay(now))
            except KeyboardInterrupt as interrupt:
                if stop is None or not stop_on_interrupt or stopping:
                    text = f"{machine.who} goes on"
                    if stopping and unsent is None and refused is None:
                        text = f"{machine.who} was told to stop, and may not have stopped yet"
                    elif waiter.stop is not None:
                        text += f"; {waiter.stop}({name!r}) stops it"
                    _log.warning("%s", text)
                    interrupt.add_note(text)
                    raise
                stopping, unsent = True, stop
                _log.warning("interrupted: stopping %s and waiting until it has stopped", machine.who)


def _look(sender: Sender, request: Request[R], machine: Progress[R], clock: Clock) -> WaitEvent[R]:
    try:
        response = sender.send(request)
    except SageMakerError as error:
        return machine.unanswered(error, clock.now())
    return machine.answered(response, clock.now())


def _again(error: SageMakerError) -> bool:
    """Whether a stop is to be tried again. What was only just created may be there a moment later."""
    return error.retryable or isinstance(error, ResourceNotFoundError)


def chosen(waiters: Mapping[str, Waiter[R]], until: str) -> Waiter[R]:
    """The waiter for the state that a caller named."""
    if until not in waiters:
        raise InvalidRequestError([Problem("until", "enum", f"one of {', '.join(waiters)}, not {until!r}")])
    return waiters[until]


# --- many -------------------------------------------------------------------------------------------------------------


def wait_all(
    sender: Sender,
    waiter: Waiter[R],
    names: Iterable[str],
    *,
    timeout: Seconds,
    poll: Seconds,
    on_poll: Callable[[BatchEvent], object] | None,
    progress: bool = False,
    fail_fast: bool = False,
    stop_on_interrupt: bool = False,
) -> WaitReport[R]:
    """Wait on many of one kind, with few calls; return how each ended."""
    return wait_many(
        sender,
        [("", waiter, names)],
        timeout=timeout,
        poll=poll,
        on_poll=on_poll,
        progress=progress,
        fail_fast=fail_fast,
        stop_on_interrupt=stop_on_interrupt,
    )


def wait_many(
    sender: Sender,
    kinds: Sequence[tuple[str, Waiter[Any], Iterable[str]]],
    *,
    timeout: Seconds,
    poll: Seconds,
    on_poll: Callable[[BatchEvent], object] | None,
    progress: bool = False,
    fail_fast: bool = False,
    stop_on_interrupt: bool = False,
) -> WaitReport[Any]:
    """Wait on several kinds at once. Each is a prefix for the names in the report, a waiter, and names.

    With a timeout of 0, each is looked at once, however long the calls take.
    """
    clock = sender.clock
    longest = max((waiter.timeout for _, waiter, _ in kinds), default=0.0)
    seconds = seconds_of(timeout, "timeout", longest, zero=True)
    fixed = None if poll is None else seconds_of(poll, "poll", 0.0, zero=False)
    started = clock.now()
    deadline = started + seconds
    machines = [
        Many(waiter, _names(names), timeout=seconds, poll=fixed, now=started, clock=clock, prefix=prefix)
        for prefix, waiter, names in kinds
    ]
    pace: Progress[Any] | None = None  # of the ticks, as if the whole were one resource
    if machines:
        first = max((machine.waiter for machine in machines), key=lambda waiter: waiter.poll)
        pace = Progress(first, "", timeout=seconds, poll=fixed, now=started, clock=clock)
    stops: _Stops | None = None
    with _display(progress) as display:
        while pace is not None:
            try:
                begun = clock.now()
                if stops is not None:
                    stops.send(sender, deadline)
                _tick(sender, machines, clock, deadline if seconds else math.inf)
                now = clock.now()
                pace.polls += 1
                event = _together([machine.event(now) for machine in machines])
                if display is not None:
                    display.many(event, machines)
                if on_poll is not None:
                    on_poll(event)
                if not any(machine.pending for machine in machines):
                    break
                if fail_fast and any(machine.report.problems for machine in machines):
                    return _ended(machines, now, "was not waited for any longer, as another one did not succeed,")
                if stops is not None and stops.over:
                    return _ended(machines, now, "was not waited for any longer, as the wait was interrupted,")
                now = clock.now()
                if now >= deadline:
                    break
                clock.sleep(_pause(pace, now, now - begun))
            except MEETS_EVERY_CALL as error:
                done = sum(machine.total - len(machine.pending) for machine in machines)
                left = "; ".join(machine.goes_on() for machine in machines if machine.pending)
                error.add_note(f"{done} had ended before; {left}")
                raise
            except KeyboardInterrupt as interrupt:
                again, stops = stops, stops or _Stops(machines)
                if again is not None or not stop_on_interrupt or stops.over:
                    text = "; ".join(machine.goes_on() for machine in machines if machine.pending)
                    text = text if again is None else again.words
                    _log.warning("%s", text)
                    interrupt.add_note(text)
                    raise
                _log.warning("interrupted: stopping %d and waiting until they have stopped", len(stops.unsent))
    return _ended(machines, clock.now(), None)


def _pause(pace: Progress[Any], now: float, spent: float) -> float:
    """Seconds until the next tick. The last one begins early enough to be over by the deadline, as the one before was."""
    left = pace.deadline - now
    return min(pace.delay(now), left - spent if spent < left else left)


class _Stops:
    """What an interrupted wait on many is to stop, and to wait for until it has stopped."""

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

    def send(self, sender: Sender, deadline: float) -> None:
        """Send what is unsent; what can heal is tried again at the next tick."""
        for _ in range(len(self.unsent)):
            if not sender.pacing.wait("describe", sender.clock, deadline):
                return
            machine, name = self.unsent[0]
            request = machine.stop_request(name)
            assert request is not None
            try:
                sender.send(request)
            except SageMakerError as error:
                _noted(sender.pacing, "describe", error)
                _log.warning("%s %r could not be stopped: %s", machine.waiter.noun, name, error)
                if isinstance(error, MEETS_EVERY_CALL):
                    raise
                if _again(error):
                    self.unsent.rotate(-1)
                    continue
                # It may be over already; the next look tells. If it is not, it goes on by itself.
                for stopped, names in self._awaited:
                    if stopped is machine:
                        names.discard(name)
            else:
                self._sent += 1
            self.unsent.popleft()


def _tick(sender: Sender, machines: Sequence[Many[Any]], clock: Clock, deadline: float) -> None:
    """Look at all that are pending. The calls that are not due before the deadline are left out."""
    for machine in machines:
        machine.begin()
    for machine in machines:
        if machine.sweeps and not _sweep(sender, machine, clock, deadline):
            return
        for name in machine.to_describe():
            if not sender.pacing.wait("describe", clock, deadline):
                return
            try:
                response = sender.send(machine.describe_request(name))
            except SageMakerError as error:
                _noted(sender.pacing, "describe", error)
                machine.undescribed(name, error, clock.now())
            else:
                sender.pacing.describe.succeeded()
                machine.described(name, response, clock.now())
            if clock.now() > deadline:
                return
            if machine.silent:
                break


def _sweep(sender: Sender, machine: Many[Any], clock: Clock, deadline: float) -> bool:
    """Go over the list. False if there is no time left."""
    token: str | None = None
    while True:
        if not sender.pacing.wait("list", clock, deadline):
            return False
        try:
            page = sender.send(machine.list_request(token))
        except SageMakerError as error:
            _noted(sender.pacing, "list", error)
            if machine.unlisted(error):
                return True
        else:
            sender.pacing.list.succeeded()
            token = page.next_token or None
            if not machine.listed(machine.items(page), last=token is None):
                return True
        if clock.now() > deadline:
            return False


def _noted(pacing: Pacing, what: str, error: SageMakerError) -> None:
    if isinstance(error, ThrottlingError):
        (pacing.list if what == "list" else pacing.describe).throttled()


def _together(events: Sequence[BatchEvent]) -> BatchEvent:
    if len(events) == 1:
        return events[0]
    states: Counter[str] = Counter()
    for event in events:
        states.update(event.states)
    return BatchEvent(
        total=sum(event.total for event in events),
        done=sum(event.done for event in events),
        states=dict(states),
        changed={name: status for event in events for name, status in event.changed.items()},
        slowest=next((event.slowest for event in events if event.slowest is not None), None),
        elapsed=max(event.elapsed for event in events),
        remaining=max(event.remaining for event in events),
        list_calls=sum(event.list_calls for event in events),
        describe_calls=sum(event.describe_calls for event in events),
    )


def _ended(machines: Sequence[Many[Any]], now: float, why: str | None) -> WaitReport[Any]:
    reports = [machine.end(now, why) for machine in machines]
    if len(reports) == 1:
        return reports[0]
    whole: WaitReport[Any] = WaitReport()
    for report in reports:
        whole.take(report)
    return whole


def _names(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise InvalidRequestError([Problem("names", "type", f"several names, and not one text: [{names!r}]")])
    found = list(names)
    for index, name in enumerate(cast("list[object]", found)):
        if not (isinstance(name, str) and name):
            raise InvalidRequestError([Problem(f"names[{index}]", "type", f"a name, not {name!r}")])
    return found


def _display(progress: bool) -> AbstractContextManager[Any]:
    """What shows the progress, or nothing."""
    if not progress:
        return nullcontext()
    from sagemaker_typed._waiting.display import display

    return display()

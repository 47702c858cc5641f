"""Runs: submit requests that create or start resources as slots free up, and wait for them. Generators without I/O.

Each tick polls what runs, then submits what there is room for. A creation goes through the states of `creating`. Once its
resource is known to run, it joins a `Many`, the state machine of a wait on many.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.durations import duration
from sagemaker_typed._waiting.calls import Calls
from sagemaker_typed._waiting.creating import ABSENT, LOST, QUEUED, SENT, UNKNOWN, Creation, quota_of
from sagemaker_typed._waiting.looks import Looks
from sagemaker_typed._waiting.many import (
    MEETS_EVERY_CALL,
    BatchEvent,
    Many,
    carry,
    meets_every_call,
    summed,
    together,
)
from sagemaker_typed._waiting.pacing import backoff
from sagemaker_typed._waiting.spec import Batch
from sagemaker_typed._waiting.steps import Sleep, Steps, Together, can_heal
from sagemaker_typed._waiting.submitting import RunNeeds, Submitter, unfinished
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed.errors import (
    SageMakerError,
    WaitError,
    WaitReport,
)
from sagemaker_typed.structure import service_of

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.display import Display
    from sagemaker_typed._waiting.options import RunOptions
    from sagemaker_typed._waiting.pacing import Timed

__all__ = ["Running", "run_all"]

_log = logging.getLogger("sagemaker_typed.waiting")

_FEW = 3
"""Up to this many are described: what a run creates is the newest of its list and shows on the first page."""
_LEAST, _MOST = 0.05, 3600.0
"""The shortest and the longest sleep, in seconds."""

Ended = Callable[[str, Any], object]


def run_all(creations: Sequence[Creation], options: RunOptions) -> Task[WaitReport[Any]]:
    """Return a task that submits creations as slots free up and waits for all of them. Its result is the report.

    Any error of the task carries `report`, with the outcomes so far.
    """
    groups = {creation.run.group for creation in creations}
    for creation in creations:
        if len(groups) > 1:
            creation.name = f"{creation.run.group}/{creation.name}"

    def steps(client: Timed) -> Steps[WaitReport[Any]]:
        running = Running(client, options, timeout=math.inf if options.timeout is None else options.timeout)
        for creation in creations:
            running.add(creation)
        return (yield from running.steps())

    return steps


class Running:
    """A run under way. More creations may be added to it."""

    def __init__(
        self,
        client: Timed,
        options: RunOptions,
        *,
        timeout: float = math.inf,
        begin: Callable[[Creation], bool] = lambda creation: True,
        ended: Ended = lambda name, outcome: None,
        arrivals: Callable[[Running], object] = lambda running: None,
    ) -> None:
        """`begin` says whether a creation is still wanted, `ended` takes the outcome of a name, `arrivals` adds more."""
        self._clock = client.clock
        self._options = options
        self._ended, self._arrivals = ended, arrivals
        self._started = self._clock.now()
        self._deadline = self._started + timeout
        self._trouble = Trouble("a run", self._started)
        self._calls = Calls(client, self._trouble, self._deadline, once=False)
        self._looks = Looks(client, self._calls, self._trouble)
        needs = RunNeeds(begin, self._watch, self._close, lambda: self._running)
        self._submitter = Submitter(self._clock, self._calls, self._trouble, options, needs)
        self._all: dict[str, Creation] = {}
        self._machines: dict[tuple[str, str], Many[Any]] = {}
        self._polls = 0
        self._next_poll = -math.inf
        self._error: BaseException | None = None
        self._stopping = False
        self._told: set[tuple[str, str]] = set()
        """Resources that were told to stop or cannot be stopped."""
        self._stopped = 0
        self._cut: str | None = None
        """Why the run was cut short."""

    def add(self, creation: Creation) -> None:
        """Add a creation. Its own deadline counts if it comes before that of the run."""
        creation.deadline = min(creation.deadline, self._deadline)
        creation.bounded = creation.deadline < math.inf
        self._submitter.open[creation.name] = self._all[creation.name] = creation
        self._trouble.who = f"a run of {len(self._all)}"

    @property
    def over(self) -> bool:
        """Whether nothing is left to submit or to wait for."""
        return not self._submitter.open and not any(machine.pending for machine in self._machines.values())

    def withdraw(self, name: str) -> None:
        """Withdraw a creation that has not been submitted."""
        creation = self._submitter.open.get(name)
        if creation is not None and creation.state in (QUEUED, UNKNOWN):
            self._submitter.withdraw(creation)

    @property
    def unsubmitted(self) -> list[str]:
        """The names of creations that have not been submitted."""
        return [name for name, each in self._submitter.open.items() if each.state in (QUEUED, UNKNOWN)]

    @property
    def was_cut(self) -> bool:
        """Whether the run was cut short."""
        return self._cut is not None

    def steps(self) -> Steps[WaitReport[Any]]:
        """Run until nothing is left or the deadline has passed."""
        try:
            with self._options.display() as display:
                yield from self._ticks(display)
            return self._end(self._cut)
        except GeneratorExit:  # the runner abandoned the run, and cannot take a report
            raise
        except BaseException as error:
            self._error = error
            carry(error, self._end(f"was not waited for any longer, as the run ended with {type(error).__name__},"))
            raise

    # --- the report ---------------------------------------------------------------------------------------------------

    def snapshot(self) -> WaitReport[Any]:
        """Return a report of all outcomes so far."""
        whole: WaitReport[Any] = WaitReport()
        for report in [self._submitter.report, *(machine.report for machine in self._machines.values())]:
            whole.take(report)
        whole.elapsed = self._clock.now() - self._started
        return whole

    def _end(self, why: str | None) -> WaitReport[Any]:
        now = self._clock.now()
        for machine in self._machines.values():
            machine.end(now, why)
        known = self.snapshot()
        for name, creation in self._submitter.open.items():
            # Check all, not only the open ones: Ctrl-C may have interrupted a move between places.
            if name not in known:
                self._place("pending", name, self._unfinished(creation, why))
        self._submitter.open.clear()
        whole = together([self._submitter.report, *(machine.report for machine in self._machines.values())])
        whole.sort(self._all)
        whole.elapsed = now - self._started
        return whole

    def _unfinished(self, creation: Creation, why: str | None) -> WaitError:
        return unfinished(creation, self._clock.now() - self._started, why)

    def _place(self, place: str, name: str, outcome: Any) -> None:
        """Report a creation that never ran."""
        getattr(self._submitter.report, place)[name] = outcome
        self._finish(name, outcome)

    def _finish(self, name: str, outcome: Any) -> None:
        creation = self._all.get(name)
        if creation is not None:
            self._submitter.quotas.freed(quota_of(creation.request))
        # If an error ended the run, the future gets that error itself. Ctrl-C is not passed on.
        fatal = self._error if type(outcome) is WaitError and isinstance(self._error, Exception) else None
        self._ended(name, outcome if fatal is None else fatal)

    def _close(self, creation: Creation, place: str, outcome: Any) -> None:
        self._place(place, creation.name, outcome)
        self._submitter.open.pop(creation.name, None)

    # --- ticks --------------------------------------------------------------------------------------------------------

    def _ticks(self, display: Display | None) -> Steps[None]:
        over = False
        while not over:
            try:
                over = yield from self._tick_and_sleep(display)
            except MEETS_EVERY_CALL as error:
                error.add_note(f"{self._done} had finished before; {self._goes_on()}")
                raise
            except KeyboardInterrupt as interrupt:
                if self.over:  # raised by the last `on_poll`
                    raise
                if (text := self._left_alone()) is not None:
                    _log.warning("%s", text)
                    interrupt.add_note(text)
                    raise

    def _tick_and_sleep(self, display: Display | None) -> Steps[bool]:
        """Poll what runs, submit what there is room for, and sleep. Returns whether the run is over."""
        self._arrivals(self)
        self._calls.begin()
        if self._stopping:
            self._give_up()
            yield from self._stop_all()
        yield Together(self._submitter.searches())
        if self._clock.now() >= self._next_poll:
            yield from self._poll()
        if not self._stopping:
            yield Together(self._submitter.submissions())
        self._expire()
        self._raise_if_lost()
        self._tell(display)
        if self._is_over():
            return True
        yield Sleep(max(0.0, self._wake() - self._clock.now()))
        return False

    def _is_over(self) -> bool:
        if self.over:
            return True
        if self._options.fail_fast and self.snapshot().problems:
            self._cut = "was not waited for any longer, as another one did not succeed,"
        elif self._stopping and self._all_stopped():
            self._cut = "was not waited for any longer, as the run was interrupted,"
        return self._cut is not None or self._clock.now() >= self._deadline

    def _poll(self) -> Steps[None]:
        """Poll all that run."""
        machines = [machine for machine in self._machines.values() if machine.pending]
        if machines:
            yield from self._looks.tick(machines)
            self._polls += 1
        low, high = max((machine.waiter.poll for machine in machines), default=(1.0, 1.0))
        delay = self._options.poll
        if delay is None:
            ceiling = backoff(low, high, max(1, self._polls))
            delay = self._clock.uniform(min(low, ceiling), ceiling)
        if not any(machine.pending for machine in self._machines.values()):
            self._polls = 0  # poll what is submitted next soon
        now = self._clock.now()
        ends = [self._deadline, *(machine.next_deadline for machine in machines)]
        self._next_poll = min([now + delay, *(end for end in ends if end > now)])  # the last poll falls on the deadline

    def _wake(self) -> float:
        """Return when the next tick is due."""
        due = [self._deadline]
        if any(machine.pending for machine in self._machines.values()):
            due.append(self._next_poll)
            due += [machine.next_deadline for machine in self._machines.values()]
        due += self._submitter.due()
        now = self._clock.now()
        # A refused request is not due at once, and nothing is due after the run.
        due_at = min(max(min(due), now + _LEAST), now + _MOST, max(now, now + self._trouble.patience(now)))
        return min(due_at, self._deadline)

    def _expire(self) -> None:
        now = self._clock.now()
        for machine in self._machines.values():
            machine.expire(now)
        for creation in list(self._submitter.open.values()):
            if now >= creation.deadline:
                self._close(creation, "pending", self._unfinished(creation, None))

    def _raise_if_lost(self) -> None:
        """Raise the last error if no call has been answered for too long."""
        error, now = self._trouble.last, self._clock.now()
        if error is not None and now < self._deadline and self._trouble.lost(now):
            error.add_note(f"no usable answer ever came in {self._trouble.who}, for {duration(now - self._started)}")
            raise error

    def _tell(self, display: Display | None) -> None:
        event = self._event(self._clock.now())
        if display is not None:
            display.many(event, list(self._machines.values()))
        if self._options.on_poll is not None:
            self._options.on_poll(event)
        self._submitter.changed = {}

    def _event(self, now: float) -> BatchEvent:
        events = [machine.event(now) for machine in self._machines.values()]
        states = Counter(self._submitter.shown(creation) for creation in self._submitter.open.values())
        ended = {place: len(getattr(self._submitter.report, place)) for place in ("failed", "pending")}
        states.update({f"not submitted: {place}": number for place, number in ended.items() if number})
        ours = BatchEvent(
            total=len(self._submitter.open) + len(self._submitter.report),
            done=len(self._submitter.report),
            states=states,
            changed=self._submitter.changed,
            slowest=None,
            elapsed=now - self._started,
            remaining=max(0.0, self._deadline - now),
            list_calls=self._submitter.report.list_calls,
            describe_calls=self._submitter.report.describe_calls,
        )
        whole = summed([*events, ours])
        return whole._replace(elapsed=ours.elapsed)  # from the start of the run, not from the first submission

    # --- how many run -------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> int:
        return sum(len(machine.pending) for machine in self._machines.values())

    @property
    def _done(self) -> int:
        return (
            len(self._all)
            - len(self._submitter.open)
            - sum(len(machine.pending) for machine in self._machines.values())
        )

    def _watch(self, creation: Creation, response: Any = None) -> None:
        """Wait for a resource that runs or has finished. `response` is its description, if known."""
        machine = self._machine(creation)
        now = self._clock.now()
        timeout = creation.deadline - now if creation.bounded else creation.waiter.timeout
        key = creation.key
        machine.add(key, creation.name, creation.describe_request(), creation.stop_request(), timeout=timeout, now=now)
        self._submitter.open.pop(creation.name, None)
        if self._running == 1:
            self._next_poll = min(self._next_poll, now + creation.waiter.poll[0])
        if response is not None and creation.waiter.explanation is None:
            self._submitter.report.describe_calls -= 1  # the machine counts this call
            machine.described(key, response, now)

    def _machine(self, creation: Creation) -> Many[Any]:
        place = creation.run.group, creation.run.state
        machine = self._machines.get(place)
        if machine is None:
            waiter = creation.waiter
            if waiter.batch is None:  # each resource has its own Describe request
                describe = service_of(type(creation.request)).types.find(creation.run.describe)
                waiter = waiter._replace(batch=Batch(describe=describe, name=creation.run.fields[0]))
            machine = self._machines[place] = Many(
                waiter,
                (),
                timeout=self._deadline - self._clock.now(),
                poll=self._options.poll,
                now=self._clock.now(),
                clock=self._clock,
                trouble=self._trouble,
                placed=self._finish,
                few=_FEW,
            )
        return machine

    # --- Ctrl-C -------------------------------------------------------------------------------------------------------

    def _left_alone(self) -> str | None:
        """Handle an interrupt. Returns None if the resources are being stopped now, or a text that says what continues."""
        for creation in self._submitter.open.values():
            if creation.state == SENT:  # its answer will not be read
                creation.lost, creation.state = True, LOST
        if self._stopping:
            return f"{self._stopped} were told to stop and may not have stopped yet; {self._goes_on()}"
        if not self._options.stop_on_interrupt:
            return self._goes_on()
        self._stopping, self._next_poll = True, -math.inf
        _log.warning(
            "interrupted: stopping %d and waiting until they have stopped", self._running + self._submitter.doubtful
        )
        return None

    def _goes_on(self) -> str:
        texts = [machine.goes_on() for machine in self._machines.values() if machine.pending]
        states = Counter(creation.may_exist for creation in self._submitter.open.values())
        if states[True]:
            texts.append(f"{states[True]} may have been created")
        if states[False]:
            texts.append(f"{states[False]} {'were' if states[False] > 1 else 'was'} not submitted")
        return "; ".join(texts) or "nothing is left running"

    def _give_up(self) -> None:
        """Give up what has not been submitted."""
        why = "was not submitted, as the run was interrupted,"
        for creation in list(self._submitter.open.values()):
            if creation.state in (QUEUED, UNKNOWN, ABSENT):
                self._close(creation, "pending", self._unfinished(creation, why))

    def _stop_all(self) -> Steps[None]:
        """Stop what runs. Errors that can heal are retried at the next tick."""
        for machine in self._machines.values():
            for name in machine.pending:
                if (machine.waiter.group, name) in self._told:
                    continue
                request = machine.stop_request(name)
                if request is None:
                    self._told.add((machine.waiter.group, name))
                    continue
                if not (yield from self._calls.turn("describe")):
                    return
                yield from self._stop(machine, name, request)

    def _stop(self, machine: Many[Any], name: str, request: Any) -> Steps[None]:
        begun = self._clock.now()
        try:
            yield self._calls.look(request)
        except SageMakerError as error:
            self._calls.failed("describe", error, begun)
            _log.warning("%s %r could not be stopped: %s", machine.waiter.noun, name, error)
            if meets_every_call(error):
                raise
            if not can_heal(error):
                machine.leave_alone(name)
                self._told.add((machine.waiter.group, name))
        else:
            self._stopped += 1
            self._told.add((machine.waiter.group, name))

    def _all_stopped(self) -> bool:
        """Whether an interrupted run has nothing left to wait for."""
        stoppable = (
            name
            for machine in self._machines.values()
            for name in machine.pending
            if machine.stop_request(name) is not None and not machine.left_alone(name)
        )
        return not self._submitter.open and next(stoppable, None) is None

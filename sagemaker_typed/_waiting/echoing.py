"""Shows the logs of many resources between the polls of a wait on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sagemaker_typed._waiting.following import LastLines, LogEcho
from sagemaker_typed._waiting.options import WaitOptions
from sagemaker_typed._waiting.steps import Look, Sleep

if TYPE_CHECKING:
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.logs import Reading
    from sagemaker_typed._waiting.many import Many
    from sagemaker_typed._waiting.pacing import Clock
    from sagemaker_typed.structure import Request

__all__ = ["LogEchoes"]


class _Echo:
    """The log of one resource of many."""

    def __init__(self, machine: Many[Any], name: str, echo: LogEcho) -> None:
        self.machine = machine
        self.name = name
        self.echo = echo
        self.last = LastLines()
        self.over = False

    @property
    def due(self) -> float:
        """When the next poll is due."""
        if self.over or self.echo.off:
            return math.inf
        return min(self.echo.look_at, self.last.due)


class LogEchoes:
    """Shows the logs of many resources, each until its last lines have come. Errors of the logs never end the wait.

    The logs are read one after the other, the longest unread first. Hundreds of logs are therefore each read less often, but
    never faster than CloudWatch Logs allows.
    """

    def __init__(
        self,
        clock: Clock,
        machines: Sequence[Many[Any]],
        options: WaitOptions[Any],
        bounded: Callable[[Request[Any] | RawCall], Look],
    ) -> None:
        self._clock = clock
        self._each = [
            _Echo(machine, name, self._echo(machine, name, options, bounded))
            for machine in machines
            if machine.waiter.logs is not None
            for name in machine.names
        ]

    def _echo(
        self,
        machine: Many[Any],
        name: str,
        options: WaitOptions[Any],
        bounded: Callable[[Request[Any] | RawCall], Look],
    ) -> LogEcho:
        own: WaitOptions[Any] = WaitOptions(logs=options.taker_of(machine.title(name)))
        return LogEcho(self._clock, machine.waiter, name, machine.describe_request(name), own, bounded)

    def rest(self, seconds: float, deadline: float) -> Reading[None]:
        """Sleep `seconds` and poll the logs meanwhile."""
        end = self._clock.now() + seconds
        self._note_ends(deadline)
        while (now := self._clock.now()) < end:
            each = min(self._each, key=lambda each: each.due, default=None)
            if each is None or each.due >= end:
                yield Sleep(end - now)
            elif each.due > now:
                yield Sleep(each.due - now)
            else:
                yield from self._look(each)

    def drain(self, deadline: float) -> Reading[None]:
        """Show the last lines of finished resources, which come some seconds after the end. Stops at the deadline."""
        self._note_ends(deadline)
        ended = [each for each in self._each if each.last.begun]
        while ended := [each for each in ended if each.due < math.inf]:
            each = min(ended, key=lambda each: each.due)
            if (seconds := each.due - self._clock.now()) > 0:
                yield Sleep(seconds)
            yield from self._look(each)

    def _note_ends(self, deadline: float) -> None:
        now = self._clock.now()
        pending = {
            id(machine): set(machine.pending) for machine in {id(e.machine): e.machine for e in self._each}.values()
        }
        for each in self._each:
            if not each.last.begun and each.name not in pending[id(each.machine)]:
                each.last.begin(now, now if each.echo.goes_on else deadline)

    def _look(self, each: _Echo) -> Reading[None]:
        heard = yield from each.echo.look(each.machine.last_response(each.name), last=each.last.begun)
        each.over = each.last.over(heard, self._clock.now())

"""The wait on one resource, as a generator."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._waiting.following import LogEcho
from sagemaker_typed._waiting.one import Progress, WaitEvent
from sagemaker_typed._waiting.steps import (
    GRACE,
    LONGEST,
    Look,
    Sleep,
    Steps,
    can_heal,
    describe,
    explain,
    explanation_of,
)
from sagemaker_typed.errors import SageMakerError, WaitError, WaitFailedError, WaitStoppedError

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.display import Display
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed._waiting.spec import Waiter
    from sagemaker_typed.structure import Request

__all__ = ["wait", "wait_deleted"]

_log = logging.getLogger("sagemaker_typed.waiting")
R = TypeVar("R")

_SHORTEST = 0.2
"""Seconds that a call may take when the one before has used up the grace period."""


def wait(
    waiter: Waiter[R],
    name: str,
    request: Request[R],
    options: WaitOptions[WaitEvent[R]],
    *,
    stop: Request[Any] | None = None,
    expected: object = None,
) -> Task[R]:
    """Return a task that describes until the target is reached. Its result is the last description.

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
    """Return a task that describes until the resource is gone. Its result is the last description, if any."""
    return lambda client: _WaitOnOne(client, waiter, name, request, options, None, None).steps()


class _WaitOnOne(Generic[R]):
    """A wait on one resource."""

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
        """When the last answer of the current poll is due, including the calls that belong to it."""
        self._unsent: Request[Any] | None = None
        self._refused: SageMakerError | None = None
        self._over: str | None = None
        """How the wait ended, set while the last lines of the log come."""
        self._echo: LogEcho | None = None
        if options.logs or options.log_tail:
            self._echo = LogEcho(self._clock, waiter, name, request, options, self._bounded)

    def steps(self) -> Steps[R | None]:
        with self._options.display() as display:
            while True:
                try:
                    done = yield from self._look_and_sleep(display)
                except KeyboardInterrupt as interrupt:
                    if self._progress.done:  # raised by the last `on_poll`: nothing is left to stop
                        if self._options.stop_on_interrupt:
                            return self._progress.response
                        raise
                    if self._over is not None:
                        interrupt.add_note(self._over)
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
        """Poll once, and sleep until the next poll. Returns whether the target is reached."""
        self._end = max(self._progress.deadline, self._clock.now()) + GRACE
        if self._unsent is not None:
            yield from self._send_stop(self._unsent)
        event = yield from self._look()
        if display is not None:
            display.one(self._progress, event)
        if self._options.on_poll is not None:
            self._options.on_poll(event)
        if self._progress.done:
            if self._echo is not None:
                yield from self._echo.drain(self._progress.response, self._progress.deadline, succeeded=True)
            return True
        explanation = explanation_of(self._progress.waiter, event.response)
        if explanation is not None:
            self._progress.explained = yield from explain(explanation, self._progress.name, self._bounded)
        now = self._clock.now()
        yield from self._settle(now)
        if self._refused is not None:
            self._refused.add_note(f"{self._progress.who} continues: it could not be stopped")
            raise self._refused
        seconds = self._progress.delay(now)
        if self._echo is None:
            yield Sleep(seconds)
        else:
            yield from self._echo.rest(seconds, self._progress.response)
        return False

    def _settle(self, now: float) -> Steps[None]:
        """Raise the error that ends the wait, if it ended badly, once the last lines of the log are there."""
        ended: WaitError | None = None
        try:
            self._progress.settle(now)
        except (WaitFailedError, WaitStoppedError) as error:
            if self._echo is None or self._stopping:
                raise
            ended = error
        if ended is None or self._echo is None:
            return
        self._over = str(ended)
        try:
            yield from self._echo.drain(self._progress.response, self._progress.deadline, succeeded=False)
            yield from self._echo.add_tail(ended, self._progress.deadline)
            raise ended
        finally:
            del ended  # its traceback holds this frame

    def _look(self) -> Steps[WaitEvent[R]]:
        try:
            response: R = yield from describe(self._progress.waiter, self._bounded(self._request))
        except SageMakerError as error:
            return self._progress.unanswered(error, self._clock.now())
        return self._progress.answered(response, self._clock.now())

    def _bounded(self, request: Request[Any] | RawCall) -> Look:
        return Look(request, min(LONGEST, max(_SHORTEST, self._end - self._clock.now())))

    # --- Ctrl-C -------------------------------------------------------------------------------------------------------

    def _stops(self) -> bool:
        """Whether an interrupt stops the resource: the first one does, if the caller wants that."""
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
            # The resource may have finished already: the next poll tells. Errors that can heal are retried.
            _log.warning("%s could not be stopped: %s", self._progress.who, error)
            if not can_heal(error):
                self._unsent, self._refused = None, error

    def _goes_on(self) -> str:
        """Return a text that says how the resource is left."""
        progress = self._progress
        if self._stopping and self._unsent is None and self._refused is None:
            return f"{progress.who} was told to stop and may not have stopped yet"
        if progress.missing is not None:
            return f"{progress.who} was not found"
        if progress.waiter.stop is None:
            return f"{progress.who} continues"
        return f"{progress.who} continues; {progress.waiter.stop}({progress.name!r}) stops it"


late(wait, wait_deleted)

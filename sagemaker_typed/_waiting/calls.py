"""The calls of a wait on many: when each may begin, and how long it may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sagemaker_typed._waiting.steps import GRACE, LONGEST, Look, Sleep, Steps
from sagemaker_typed.errors import SageMakerError, ThrottlingError

if TYPE_CHECKING:
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.pacing import Paced, Timed, TokenBucket
    from sagemaker_typed._waiting.trouble import Trouble
    from sagemaker_typed.structure import Request

__all__ = ["Calls"]

_FIRST = 0.5
"""Seconds during which polls may begin before the first answer, if the timeout is 0."""


class Calls:
    """The calls of a wait on many: when each may begin, at the client's pace, and how long it may take.

    No call begins after the deadline. At least one begins before it, whatever the pace: otherwise a wait would never notice
    that throttling is over. With `once`, a timeout of 0, each resource is polled once as long as the service answers.
    """

    def __init__(self, client: Timed, trouble: Trouble, deadline: float, *, once: bool) -> None:
        self._clock, self._pacing = client.clock, client.pacing
        self._trouble, self._deadline, self._once = trouble, deadline, once
        self._refused = self._begun = False

    def begin(self) -> None:
        """Begin a tick. The pace may have recovered since the last one."""
        self._refused = False

    @property
    def now(self) -> float:
        return self._clock.now()

    @property
    def late(self) -> bool:
        """Whether no further call may begin."""
        return self._refused or self._clock.now() > self._last()

    def _last(self) -> float:
        """Return when the last call may begin."""
        if not self._once:
            return self._deadline
        well = self._trouble.heard and self._trouble.last is None
        return math.inf if well else self._deadline + _FIRST

    def turn(self, what: Paced) -> Steps[bool]:
        """Sleep until the next call is due. Returns False without sleeping if that is too late for any call."""
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
        """Whether to await one Describe before others begin.

        With a timeout of 0, its answer shows that there is time for the calls that the pace holds back.
        """
        if not self._once:
            return False
        wanted = min(pending, self._pacing.at_once)
        due = [self._pacing.delay("describe", self.now, self._last()) is not None for _ in range(wanted)]
        for _ in range(sum(due)):
            self._pacing.describe.give_back()
        return not all(due)

    def look(self, request: Request[Any] | RawCall) -> Look:
        """Return the step that sends a request within the time left."""
        return Look(request, min(LONGEST, max(0.0, self._deadline - self._clock.now()) + GRACE))

    def succeeded(self, what: Paced) -> None:
        self._bucket(what).succeeded()

    def failed(self, what: Paced, error: SageMakerError, begun: float) -> None:
        if isinstance(error, ThrottlingError):
            self._bucket(what).throttled(begun, self._clock.now())

    def _bucket(self, what: Paced) -> TokenBucket:
        return self._pacing.bucket(what)

"""Time that passes when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable

from sagemaker_typed.waiting import Clock


class FakeTime:
    """A clock that moves when somebody sleeps."""

    def __init__(self, *, draw: Callable[[float, float], float] = lambda low, high: high) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.interrupts: list[int] = []
        self.clock = Clock(now=lambda: self.now, sleep=self._sleep, uniform=draw)

    def _sleep(self, seconds: float) -> None:
        if len(self.slept) in self.interrupts:
            self.interrupts.remove(len(self.slept))
            raise KeyboardInterrupt
        self.slept.append(seconds)
        self.now += seconds

"""A clock for tests on which a sleep takes no real time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.late_hints import late

if TYPE_CHECKING:
    from sagemaker_typed.waiting import Clock

__all__ = ["fast_forward"]


def fast_forward() -> Clock:
    """Return a clock that follows real time, but whose sleeps return at once: a sleep moves the clock forward instead.

    `LocalSageMaker(clock=fast_forward())` and the waits of its `client()` use this clock, so a wait of half an hour
    takes a few polls. Give a clock to one LocalSageMaker only. If another thread has to do something in real time
    before a wait can end, use the default clock: this one can reach the timeout first.
    """
    from sagemaker_typed.waiting import Clock

    ahead = _Ahead()
    return Clock(now=ahead.now, sleep=ahead.sleep)


class _Ahead:
    """How far the clock is ahead of real time."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._lock = threading.Lock()
        mend_after_fork(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.monotonic() + self._seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += max(0.0, seconds)


late(fast_forward)

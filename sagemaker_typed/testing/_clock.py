"""Time in which nobody has to wait."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from sagemaker_typed._core.forking import mend_after_fork

if TYPE_CHECKING:
    from sagemaker_typed.waiting import Clock

__all__ = ["fast_forward"]


def fast_forward() -> Clock:
    """A clock on which real time passes, and a sleep is over at once: the clock moves forward by it instead.

    `LocalSageMaker(clock=fast_forward())` lives by it, and so do the waits of its `client()`: a wait of half an hour
    takes a few polls. Give it to one LocalSageMaker only. Where another thread has to do something in real time
    before a wait may end, take the usual clock: this one can reach the timeout first.
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
        """Make the lock anew; another thread may have held it."""
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.monotonic() + self._seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += max(0.0, seconds)

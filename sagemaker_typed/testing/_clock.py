"""Time in which nobody has to wait."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

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

    lock = threading.Lock()
    ahead = 0.0

    def now() -> float:
        return time.monotonic() + ahead

    def sleep(seconds: float) -> None:
        nonlocal ahead
        with lock:
            ahead += max(0.0, seconds)

    return Clock(now=now, sleep=sleep)

"""How fast calls may follow each other: token buckets that throttling slows down and success speeds up."""

from __future__ import annotations

import math
import threading
from typing import Literal

from sagemaker_typed._waiting.one import Clock

__all__ = ["Pacing"]


class Pacing:
    """The calls a second that the waits of one `SageMaker` begin with, and the most that they work up to.

    SageMaker publishes few limits; ListTrainingJobs is known to be held to 2 a second for an account.
    """

    def __init__(
        self,
        *,
        list_per_second: float = 1.0,
        describe_per_second: float = 5.0,
        most_lists: float = 20.0,
        most_describes: float = 200.0,
    ) -> None:
        for name, value in {"list_per_second": list_per_second, "describe_per_second": describe_per_second}.items():
            if not value > 0:
                raise ValueError(f"{name} must be greater than 0: {value}")
        self.list: Bucket = Bucket(list_per_second, max(most_lists, list_per_second), burst=6)
        self.describe: Bucket = Bucket(describe_per_second, max(most_describes, describe_per_second), burst=10)

    def wait(self, what: Literal["list", "describe"], clock: Clock, deadline: float) -> bool:
        """Sleep until the next call is due. False if that is only after the deadline: then it is not to be made."""
        bucket = self.list if what == "list" else self.describe
        now = clock.now()
        seconds = bucket.take(now)
        if now + seconds > deadline:
            bucket.give_back()
            return False
        if seconds > 0:
            clock.sleep(seconds)
        return True


class Bucket:
    """A token bucket. Half as fast after each throttling, an eighth faster after each success.

    What it lets through at once is halved as well, and stays so: the service fills its own bucket no faster.
    """

    _SLOWEST = 0.1
    _FASTER = 1.125

    def __init__(self, rate: float, most: float, burst: int) -> None:
        self.rate: float = rate
        self._most = most
        self._burst = burst
        self._left = float(burst)
        self._filled = -math.inf
        self._lock = threading.Lock()

    def take(self, now: float) -> float:
        """Take a token. Returns the seconds to sleep before it may be used."""
        with self._lock:
            if self._filled > -math.inf:
                self._left = min(self._burst, self._left + max(0.0, now - self._filled) * self.rate)
            self._filled = max(now, self._filled)
            self._left -= 1
            return max(0.0, -self._left / self.rate)

    def give_back(self) -> None:
        """A token that was taken and not used."""
        with self._lock:
            self._left += 1

    def throttled(self) -> None:
        with self._lock:
            self.rate = max(self._SLOWEST, self.rate / 2)
            self._burst = max(1, self._burst // 2)
            self._left = min(self._left, 0.0)

    def succeeded(self) -> None:
        with self._lock:
            self.rate = min(self._most, self.rate * self._FASTER)

"""Time and pace: the clock, growing delays, and token buckets that throttling slows down and success speeds up."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["SYSTEM_CLOCK", "Clock", "Paced", "Pacing", "Timed", "TokenBucket", "backoff"]


def _uniform(low: float, high: float) -> float:
    import random

    return random.uniform(low, high)


class Clock(NamedTuple):
    """Sources of time and randomness. Tests pass their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], object] = time.sleep
    uniform: Callable[[float, float], float] = _uniform


SYSTEM_CLOCK = Clock()

Paced = Literal["list", "describe", "create"]
"""The kinds of calls that each have a pace. Calls of `sm.map` keep the pace of Describe."""


class Timed(Protocol):
    """What the steps of a wait need of a client, besides its answers to their requests."""

    @property
    def clock(self) -> Clock: ...
    @property
    def pacing(self) -> Pacing: ...


def backoff(low: float, high: float, attempts: int) -> float:
    """Return the seconds to wait after this many attempts: `low` after the first, doubled after each, up to `high`."""
    # tenacity imports asyncio, and most programs that import this module never wait.
    from tenacity import RetryCallState, Retrying, wait_exponential

    retrying = Retrying(wait=wait_exponential(multiplier=low, min=low, max=high))
    state = RetryCallState(retrying, fn=None, args=(), kwargs={})
    state.attempt_number = attempts
    return float(retrying.wait(state))


class Pacing:
    """The calls per second that the waits and runs of one `SageMaker` start with, and the most that they speed up to.

    SageMaker publishes few limits; ListTrainingJobs is known to be limited to 2 calls a second per account. Each wait on many
    has up to `at_once` Describe calls under way at the same time, each in a thread. With `at_once=1` the calls are made one
    after the other, in the caller's thread.
    """

    def __init__(
        self,
        *,
        list_per_second: float = 1.0,
        describe_per_second: float = 5.0,
        most_lists: float = 20.0,
        most_describes: float = 500.0,
        create_per_second: float = 2.0,
        most_creates: float = 50.0,
        at_once: int = 8,
    ) -> None:
        rates = {
            "list_per_second": list_per_second,
            "describe_per_second": describe_per_second,
            "create_per_second": create_per_second,
        }
        for name, value in rates.items():
            if not value > 0:
                raise ValueError(f"{name} must be greater than 0: {value}")
        if at_once < 1:
            raise ValueError(f"at_once must be 1 or more: {at_once}")
        # botocore keeps 10 connections and warns of each further one.
        self.at_once: int = at_once
        self.list: TokenBucket = TokenBucket(list_per_second, max(most_lists, list_per_second), burst=6)
        self.describe: TokenBucket = TokenBucket(
            describe_per_second, max(most_describes, describe_per_second), burst=10
        )
        self.create: TokenBucket = TokenBucket(create_per_second, max(most_creates, create_per_second), burst=10)

    def bucket(self, what: Paced) -> TokenBucket:
        """Return the bucket of a kind of call."""
        return {"list": self.list, "describe": self.describe, "create": self.create}[what]

    def delay(self, what: Paced, now: float, deadline: float) -> float | None:
        """Take a turn for the next call. Returns the seconds until it is due.

        Returns None if the call would be due after the deadline: do not make it. Its turn is given back.
        """
        bucket = self.bucket(what)
        seconds = bucket.take(now)
        if now + seconds > deadline:
            bucket.give_back()
            return None
        return seconds


class TokenBucket:
    """A token bucket. The rate halves with each throttling and grows by an eighth with each success.

    Throttling also halves the burst, for good: the service's own bucket fills no faster.
    """

    _SLOWEST = 0.1
    _FASTER = 1.125

    def __init__(self, rate: float, most: float, burst: int) -> None:
        self.rate: float = rate
        self._most = most
        self._burst = burst
        self._left = float(burst)
        self._filled = self._slowed = -math.inf
        self._began = (rate, most, burst)
        self._lock = threading.Lock()
        mend_after_fork(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held. A child process keeps the pace of its parent."""
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        # The time of the last call means nothing in another process, which starts at the initial rate.
        return type(self), self._began

    def take(self, now: float) -> float:
        """Take a token. Returns the seconds to sleep before it may be used."""
        with self._lock:
            if self._filled > -math.inf:
                self._left = min(self._burst, self._left + max(0.0, now - self._filled) * self.rate)
            self._filled = max(now, self._filled)
            self._left -= 1
            return max(0.0, -self._left / self.rate)

    def give_back(self) -> None:
        """Give back a token that was taken and not used."""
        with self._lock:
            self._left += 1

    def throttled(self, begun: float = math.inf, now: float = -math.inf) -> None:
        """Slow down: the service throttled a call that began at `begun`.

        Calls that were under way together slow it down only once: they began before the new pace did.
        """
        with self._lock:
            if begun <= self._slowed:
                return
            self._slowed = max(now, self._slowed)
            self.rate = max(self._SLOWEST, self.rate / 2)
            self._burst = max(1, self._burst // 2)
            self._left = min(self._left, 0.0)

    def succeeded(self) -> None:
        """Speed up: a call was answered."""
        with self._lock:
            self.rate = min(self._most, self.rate * self._FASTER)

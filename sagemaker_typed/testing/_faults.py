"""Faults that tests inject (errors, lost connections, delays, limits), and the count of the calls that arrived."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import Literal

__all__ = ["ANY", "Fault", "Ledger", "usual_status"]

ANY = "*"
"""Stands for whatever operation is called next."""

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One injected fault."""

    kind: Literal["error", "drop", "lose", "delay"]
    """An error answer; a connection closed before the work is done, or after it; an answer that takes its time."""
    code: str = ""
    message: str = ""
    status: int = 400
    seconds: float = 0.0


class CallBudget:
    """A token bucket: `rate` calls a second, and as many at once."""

    def __init__(self, rate: float, now: int) -> None:
        self._rate = rate
        self._room = max(1.0, rate)
        self._left = self._room
        self._moment = now

    def take(self, now: int) -> bool:
        self._left = min(self._room, self._left + (now - self._moment) / _MICROSECONDS * self._rate)
        self._moment = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Ledger:
    """The queued faults, limits and counts. They outlive the server."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._limits: dict[str, CallBudget] = {}

    def add(self, operation: str, fault: Fault, times: int) -> None:
        self._faults[operation].extend([fault] * times)

    def limit(self, operation: str, rate: float | None, now: int) -> None:
        if rate is None:
            self._limits.pop(operation, None)
        else:
            self._limits[operation] = CallBudget(rate, now)

    def count(self, operation: str, now: int) -> Fault | None:
        """Count a call, and return its fault. Faults of the operation come before faults of "*"."""
        self.calls[operation] += 1
        for name in (operation, ANY):
            if self._faults[name]:
                return self._faults[name].popleft()
        for name in (operation, ANY):
            bucket = self._limits.get(name)
            if bucket is not None and not bucket.take(now):
                return Fault("error", "ThrottlingException", "Rate exceeded")
        return None

    def clear(self) -> None:
        self.calls.clear()
        self._faults.clear()
        self._limits.clear()


def usual_status(code: str) -> int:
    """Return the HTTP status that SageMaker uses for an error code."""
    if code in {"InternalFailure", "InternalServerError", "InternalServerException", "InternalError"}:
        return 500
    if code in {"ServiceUnavailable", "ServiceUnavailableException"}:
        return 503
    return 400

"""The used-up quotas that a run has met: which requests each holds back, and until when. Does no I/O."""

from __future__ import annotations

import math

from sagemaker_typed._waiting.pacing import backoff

__all__ = ["Quotas"]

_FIRST, _LAST = 5.0, 120.0
"""Seconds until a request is tried again although nothing of this run has finished: others use the quota too."""
_TRUSTED = 3
"""Accepted requests in a row, after which several are tried at the same time."""


class _Hold:
    """One quota that was used up."""

    __slots__ = ("accepted", "times", "trying", "until")

    def __init__(self) -> None:
        self.until = -math.inf
        self.times = 0
        self.accepted = 0
        self.trying = 0


class Quotas:
    """The requests that used-up quotas hold back. A quota is known by the operation and the instance types of a request.

    While a quota is used up, one request at a time is tried: when one of its resources has finished, or after a while.
    """

    def __init__(self) -> None:
        self._holds: dict[tuple[str, ...], _Hold] = {}
        self._met: set[tuple[str, ...]] = set()

    def admits(self, quota: tuple[str, ...], now: float) -> bool:
        """Whether a request may be sent now."""
        hold = self._holds.get(quota)
        return hold is None or (hold.until <= now and not hold.trying)

    def until(self, quota: tuple[str, ...]) -> float:
        """Return when a request may be sent again."""
        hold = self._holds.get(quota)
        return -math.inf if hold is None else hold.until

    def sent(self, quota: tuple[str, ...]) -> None:
        if quota in self._holds:
            self._holds[quota].trying += 1

    def refused(self, quota: tuple[str, ...]) -> None:
        """Record that a request was not accepted, for any reason."""
        if quota in self._holds:
            hold = self._holds[quota]
            hold.trying, hold.accepted = max(0, hold.trying - 1), 0

    def accepted(self, quota: tuple[str, ...]) -> None:
        if quota in self._holds:
            hold = self._holds[quota]
            hold.trying, hold.accepted = max(0, hold.trying - 1), hold.accepted + 1
            if hold.accepted >= _TRUSTED:
                del self._holds[quota]

    def exceeded(self, quota: tuple[str, ...], now: float) -> bool:
        """Record that the quota is used up. Returns whether that is news."""
        first = quota not in self._met
        self._met.add(quota)
        hold = self._holds.setdefault(quota, _Hold())
        if now >= hold.until:  # requests under way together count as one refusal
            hold.times += 1
            hold.until = now + backoff(_FIRST, _LAST, hold.times)
        return first

    def freed(self, quota: tuple[str, ...]) -> None:
        """Record that a resource has finished."""
        if quota in self._holds:
            self._holds[quota].until = -math.inf

"""One thread for the timeouts of all calls of the process.

A thread for each bounded call would cost as much as a third of the call.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Condition, Thread

from sagemaker_typed._core.forking import mend_after_fork

__all__ = ["ALARMS", "Alarms"]

_IDLE = 30.0
"""Seconds after which the idle thread ends."""

Alarm = Callable[[], object]


class Alarms:
    """Calls functions at their deadlines. They must be fast and must not raise. Safe to share among threads."""

    def __init__(self, idle: float = _IDLE) -> None:
        self._idle = idle
        self._begin()
        mend_after_fork(self)

    def _begin(self) -> None:
        self._changed = Condition()
        self._due: dict[Alarm, float] = {}
        self._wakes = math.inf
        self._thread: Thread | None = None

    def after_fork(self) -> None:
        """Start without a thread: the parent's thread does not exist in the child, and its calls belong to the parent."""
        self._begin()

    def set(self, alarm: Alarm, seconds: float) -> None:
        """Call a function after `seconds`, in the alarm thread."""
        due = time.monotonic() + seconds
        with self._changed:
            if self._thread is None:
                thread = Thread(target=self._run, name="sagemaker_typed-alarms", daemon=True)
                thread.start()
                self._thread = thread
            self._due[alarm] = due
            if due < self._wakes:
                self._changed.notify()

    def drop(self, alarm: Alarm) -> None:
        """Cancel the call of a function, if it has not happened yet."""
        with self._changed:
            self._due.pop(alarm, None)  # the thread finds nothing to do and keeps sleeping

    def _run(self) -> None:
        idle = False
        reached = -math.inf
        while True:
            with self._changed:
                # The thread has waited until `reached`, even if a test has stopped the clock.
                now = max(time.monotonic(), reached)
                late = [alarm for alarm, due in self._due.items() if due <= now]
                for alarm in late:
                    del self._due[alarm]
                if not late:
                    if idle and not self._due:
                        self._thread, self._wakes = None, math.inf
                        return
                    idle = not self._due
                    self._wakes = now + self._idle if idle else min(self._due.values())
                    reached = -math.inf if self._changed.wait(self._wakes - now) else self._wakes
                    continue
            for alarm in late:
                alarm()


ALARMS = Alarms()

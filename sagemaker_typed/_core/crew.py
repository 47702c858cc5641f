"""The threads of `threads.py`: how many work at once, and who takes which work."""

from __future__ import annotations

import logging
import sys
from collections import OrderedDict
from threading import Lock, Thread
from time import monotonic, thread_time
from typing import Protocol

__all__ = ["Crew", "Job"]

_log = logging.getLogger("sagemaker_typed")
_IDLE = 30.0
"""Seconds after which an idle thread ends."""
_WATCH = 0.02
"""Seconds between two looks of an idle thread at queued work. An event loop that runs its user's code does not look."""


class Job(Protocol):
    """A piece of work that an event loop waits for."""

    @property
    def mailbox(self) -> object:
        """The mailbox of the loop."""

    def do(self) -> None:
        """Run the work in this thread, and give the loop the result or the error."""

    def fail(self, error: BaseException) -> None:
        """Give the loop an error in place of a result."""

    def watch(self) -> None:
        """Make the loop call `Crew.look` from now on. Called in a thread."""


class _Worker:
    """A thread that does work, and the lock that it waits for while it is idle."""

    __slots__ = ("cpu", "is_called", "thread", "wake")

    def __init__(self) -> None:
        self.thread: Thread | None = None
        self.cpu = 0.0
        """Seconds of CPU that the thread had used when it last looked for work."""
        self.is_called = True
        self.wake = Lock()
        self.wake.acquire()


class _Share:
    """Number of threads that may work at once: as few as keep Python's global lock busy.

    Further threads would only pass the lock around, which takes as much CPU as the calls. So their number falls while they
    compute for most of the time, as they do if answers come fast, and rises while they wait.
    """

    _WINDOW = 8
    _BUSY, _WAITING = 0.85, 0.6
    """Parts of the time for which threads compute: above the first, fewer may work; below the second, more."""

    def __init__(self, most: int) -> None:
        self._cpu = 0.0
        self._since = 0.0
        self.taken = 0
        """Number of pieces of work that threads have taken."""
        self.widen(most)

    def widen(self, most: int) -> None:
        self.most = self.allowed = most

    @property
    def is_limited(self) -> bool:
        return self.allowed < self.most

    def grow(self) -> None:
        self.allowed = min(self.most, 2 * self.allowed)

    def used(self, seconds: float) -> None:
        """Record the CPU time that a thread has used."""
        self._cpu += seconds

    def took(self) -> None:
        """Record that a thread takes work."""
        self.taken += 1
        if self.taken % self._WINDOW:
            return
        now = monotonic()
        busy, self._cpu = self._cpu / max(now - self._since, 1e-9), 0.0
        self._since = now
        if busy < self._WAITING:
            self.grow()
        elif busy > self._BUSY and _has_global_lock():
            self.allowed = max(1, self.allowed - max(1, self.allowed // 4))


def _has_global_lock() -> bool:
    """Whether Python runs one thread at a time. From Python 3.13 on, it can be built without that lock."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


class Crew:
    """The threads, and the work in the queue.

    One thread at a time is called, that is, woken or started. It takes work and calls the next thread if there is more, and
    if another may work. The thread that became idle last is called first, so that those that are not needed end.

    While not all threads may work, the event loop of each queued piece of work looks every millisecond whether some was
    taken, and lets more threads work if none was. An idle thread does so more rarely, as a loop may be blocked.

    `Thread.start` blocks until the thread runs. To keep the event loop from waiting, a thread that takes work starts the
    next thread, unless one is free.
    """

    def __init__(self, most: int) -> None:
        self._lock = Lock()
        self._work: OrderedDict[Job, None] = OrderedDict()
        self._share = _Share(most)
        self._count = 0
        self._idle: list[_Worker] = []
        self._is_coming = False
        """Whether a called thread has not looked for work yet."""
        self._is_watched = False
        """Whether an idle thread looks at queued work that it may not take yet."""
        self._dismissed = False

    @property
    def busy(self) -> int:
        """Number of threads that are not idle."""
        with self._lock:
            return self._working()

    def _working(self) -> int:
        return self._count - len(self._idle)

    @property
    def has_work(self) -> bool:
        """Whether work is queued."""
        return bool(self._work)

    @property
    def taken(self) -> int:
        """Number of pieces of work that threads have taken."""
        return self._share.taken

    def widen(self, most: int) -> None:
        """Start a thread for queued work; it starts the next one."""
        with self._lock:
            self._share.widen(most)
            begins = bool(self._work) and self._call_another()
        if begins:
            self._begin()

    def put(self, job: Job) -> bool:
        """Queue work for the next free thread. Return whether its event loop must look at it."""
        with self._lock:
            self._work[job] = None
            begins, is_limited = self._call_another(), self._share.is_limited
        if begins:
            self._begin()
        return is_limited

    def look(self, taken: int) -> bool:
        """Let more threads work if no more than `taken` pieces of work were taken. Return whether to look again."""
        begins = False
        with self._lock:
            if not self._work:
                return False
            if self._share.taken == taken:
                self._share.grow()
                begins = self._call_another()
            is_limited = self._share.is_limited
        if begins:
            self._begin()
        return is_limited

    def withdraw(self, job: Job) -> bool:
        """Remove work from the queue. Return False if a thread has taken it."""
        with self._lock:
            queued = job in self._work
            if queued:
                del self._work[job]
            return queued

    def dismiss(self) -> list[Thread]:
        """Make each thread end when no work is left. Return the idle threads."""
        with self._lock:
            self._dismissed = True
            idle, self._idle = self._idle, []
            for worker in idle:
                worker.wake.release()
            return [worker.thread for worker in idle if worker.thread is not None]

    def _call_another(self) -> bool:
        """Wake a thread if there is work. Return whether a thread must be started, which is then counted.

        The thread works if another may, or else watches the work.
        """
        unwatched = bool(self._work) and not (self._is_watched or self._dismissed)
        if self._is_coming or (self._working() >= self._share.allowed and not unwatched):
            return False
        if self._idle:
            if self._work:
                worker = self._idle.pop()
                worker.is_called = self._is_coming = True
                worker.wake.release()
            return False
        if self._count >= self._share.most or (self._dismissed and not self._work):
            return False
        self._count += 1
        self._is_coming = True
        return True

    def _begin(self) -> None:
        """Start a thread that was counted. If the system refuses, the other threads do the work; without any, it fails."""
        worker = _Worker()
        worker.thread = Thread(target=self._serve, args=(worker,), name="sagemaker_typed", daemon=True)
        try:
            worker.thread.start()
        except (RuntimeError, MemoryError) as error:
            failed: list[Job] = []
            with self._lock:
                self._count -= 1
                self._is_coming = False
                if not self._count:
                    failed = [*self._work]
                    self._work.clear()
                elif self._idle:
                    self._call_another()
            for job in failed:
                job.fail(error)
            _log.debug("no thread can be started; %d queued calls fail", len(failed), exc_info=True)

    def _serve(self, me: _Worker) -> None:
        while (job := self._next(me)) is not None:
            job.do()
            del job  # release the job while waiting for the next

    def _next(self, me: _Worker) -> Job | None:
        """Wait for work and return it. Return None if the thread must end; the thread is then no longer counted."""
        while True:
            with self._lock:
                if me.is_called:
                    me.is_called = self._is_coming = False
                if self._work and self._working() <= self._share.allowed:
                    job, _ = self._work.popitem(last=False)
                    watching = self._took(me)
                    begins = self._call_another()
                    break
                if self._dismissed:
                    self._count -= 1
                    return None
                taken = self._rest(me)
            if not self._called(me, taken):
                return None
        if begins:
            self._begin()
        for each in watching:
            each.watch()
        return job

    def _rest(self, me: _Worker) -> int | None:
        """Make a thread idle. If it must watch the work, return the number of pieces that were taken."""
        if not self._work or self._is_watched:
            self._idle.append(me)
            return None
        self._is_watched = True
        self._idle.insert(0, me)  # it is called last
        return self._share.taken

    def _called(self, me: _Worker, taken: int | None) -> bool:
        """Wait until the idle thread is called. Return False if it must end.

        A thread that watches the work also stops waiting after a moment. It lets more threads work if no more than `taken`
        pieces of work were taken.
        """
        watches = taken is not None
        called = me.wake.acquire(timeout=_WATCH if watches else _IDLE)
        with self._lock:
            if watches:
                self._is_watched = False
            if called:
                return True
            if me in self._idle:
                self._idle.remove(me)
                if not watches:
                    self._count -= 1
                elif self._work and self._share.taken == taken:
                    self._share.grow()
                return watches
        return me.wake.acquire()  # it was called at the last moment

    def _took(self, me: _Worker) -> list[Job]:
        """Record that a thread has taken work. Return a piece of queued work for each loop that must look from now on."""
        cpu = thread_time()
        share, was_limited = self._share, self._share.is_limited
        share.used(cpu - me.cpu)
        me.cpu = cpu
        share.took()
        if was_limited or not share.is_limited:
            return []
        return [*{job.mailbox: job for job in self._work}.values()]

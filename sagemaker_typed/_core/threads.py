"""Threads that make blocking calls for an event loop, at most as many as there are connections."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from threading import Condition, Thread, current_thread
from typing import Any, TypeVar

from sagemaker_typed._core.forking import mend_after_fork

__all__ = ["Threads"]

T = TypeVar("T")
_log = logging.getLogger("sagemaker_typed")
_IDLE = 30.0
"""Seconds after which an idle thread ends."""


class Threads:
    """Runs work from any event loop, and returns each result to its loop.

    Unlike in `concurrent.futures`, the threads are daemons, so that a stuck call does not block the exit of the program.
    Threads start when there is work, and end after being idle for a while.
    """

    def __init__(self, most: int = 1) -> None:
        self.most = most
        self._crew = _Workers(most)
        mend_after_fork(self)

    def widen(self, most: int) -> None:
        """Raise the maximum number of threads. Called in one of them."""
        if most != self.most:
            self.most = most
            self._crew.widen(most)

    def after_fork(self) -> None:
        """Start without threads: the parent's threads do not exist in the child, and one may have held the lock."""
        self._crew = _Workers(self.most)

    async def run(
        self,
        work: Callable[[], T],
        *,
        abandon: Callable[[], object] | None = None,
        seconds: float | None = None,
        late: Callable[[], BaseException] = TimeoutError,
    ) -> T:
        """Run the work in a thread, in the context of the caller; return its result or raise its error.

        Work that is cancelled before a thread is free does not start. If running work is cancelled, `abandon` is called to
        make it end soon, without waiting for it. If no thread is free within `seconds`, the error of `late` is raised.
        """
        loop = asyncio.get_running_loop()
        job = _Work(loop, loop.create_future(), work)
        timer = None if seconds is None else loop.call_later(max(0.0, seconds), self._give_up, job, late)
        self._crew.put(job)
        try:
            result: T = await job.future
            return result
        except asyncio.CancelledError:
            if not self._crew.withdraw(job) and abandon is not None:
                abandon()
            raise
        finally:
            if timer is not None:
                timer.cancel()
            del job  # breaks a reference cycle: the traceback of the error refers to this frame

    def _give_up(self, job: _Work, late: Callable[[], BaseException]) -> None:
        if self._crew.withdraw(job) and not job.future.done():
            job.future.set_exception(late())

    def close(self) -> list[Thread]:
        """Make each thread end when it has nothing to do; return the idle threads, which end at once.

        Running work finishes, and later work gets a new thread.
        """
        return self._crew.dismiss()


class _Work:
    """A piece of work, and the future that waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], work: Callable[[], Any]) -> None:
        self.loop = loop
        self.future = future
        self._work: Callable[[], Any] | None = work
        # A tracer finds the caller's span in the context.
        self._context = copy_context()

    def do(self) -> None:
        """Run the work in this thread."""
        work, self._work = self._work, None
        assert work is not None
        try:
            result: Any = self._context.run(work)
        except StopIteration as error:  # futures do not accept it
            wrapped = RuntimeError("the call raised StopIteration")
            wrapped.__cause__ = error
            self._tell(self._fail, wrapped)
        except BaseException as error:
            self._tell(self._fail, error)
        else:
            self._tell(self._succeed, result)

    def _tell(self, tell: Callable[[Any], object], what: object) -> None:
        try:
            self.loop.call_soon_threadsafe(tell, what)
        except RuntimeError:
            _log.debug("the event loop was closed before its call finished")

    def _succeed(self, result: object) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _Workers:
    """The threads, and the work in the queue.

    `Thread.start` blocks until the thread runs. To keep the event loop from waiting, a thread that takes work starts the
    next thread, unless one is free.
    """

    def __init__(self, most: int) -> None:
        self._changed = Condition()
        self._work: deque[_Work] = deque()
        self._most = most
        self._count = 0
        self._free = 0
        """Number of threads that wait for work or are about to."""
        self._idle: set[Thread] = set()
        self._dismissed = False

    def widen(self, most: int) -> None:
        """Start a thread for queued work; it starts the next one."""
        with self._changed:
            self._most = most
            begins = bool(self._work) and self._wants_another()
        if begins:
            self._begin()

    def put(self, job: _Work) -> None:
        """Queue work for the next free thread."""
        with self._changed:
            self._work.append(job)
            begins = self._wants_another()
            self._changed.notify()
        if begins:
            self._begin()

    def withdraw(self, job: _Work) -> bool:
        """Remove work from the queue. Return False if a thread has taken it."""
        with self._changed:
            try:
                self._work.remove(job)
            except ValueError:
                return False
            return True

    def dismiss(self) -> list[Thread]:
        """Make each thread end when no work is left. Return the idle threads."""
        with self._changed:
            self._dismissed = True
            self._changed.notify_all()
            return list(self._idle)

    def _wants_another(self) -> bool:
        """Whether to start another thread; if so, count it."""
        if self._free or self._count >= self._most or (self._dismissed and not self._work):
            return False
        self._count += 1
        self._free += 1
        return True

    def _begin(self) -> None:
        Thread(target=self._serve, name="sagemaker_typed", daemon=True).start()

    def _serve(self) -> None:
        me = current_thread()
        while (job := self._next(me)) is not None:
            job.do()
            del job  # release the job while waiting for the next
            with self._changed:
                self._free += 1

    def _next(self, me: Thread) -> _Work | None:
        with self._changed:
            self._idle.add(me)
            self._changed.wait_for(lambda: self._work or self._dismissed, _IDLE)
            self._idle.discard(me)
            self._free -= 1
            if not self._work:
                self._count -= 1
                return None
            job = self._work.popleft()
            begins = self._wants_another()
        if begins:
            self._begin()
        return job

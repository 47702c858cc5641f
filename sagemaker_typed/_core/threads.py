"""Threads that make blocking calls for an event loop, at most as many as there are connections."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sagemaker_typed._core.crew import Crew
from sagemaker_typed._core.forking import mend_after_fork

__all__ = ["Threads"]

T = TypeVar("T")
_log = logging.getLogger("sagemaker_typed")
_LOOK = 0.001
"""Seconds between two looks of an event loop at its calls while few threads work."""
_RESULTS = 8
"""Number of results that may lie in a mailbox until the next look."""


class Threads:
    """Runs work from any event loop, and returns each result to its loop.

    Unlike in `concurrent.futures`, the threads are daemons, so that a stuck call does not block the exit of the program.
    Threads start when there is work, and end after being idle for a while.
    """

    def __init__(self, most: int = 1) -> None:
        self.most = most
        self._begin()
        mend_after_fork(self)

    def _begin(self) -> None:
        self._crew = Crew(self.most)
        # Only work under way holds a mailbox: a lasting one would keep a closed loop in memory.
        self._mailboxes: WeakValueDictionary[asyncio.AbstractEventLoop, _Mailbox] = WeakValueDictionary()

    def widen(self, most: int) -> None:
        """Raise the maximum number of threads. Called in one of them."""
        if most != self.most:
            self.most = most
            self._crew.widen(most)

    def after_fork(self) -> None:
        """Start without threads: the parent's threads do not exist in the child, and one may have held the lock."""
        self._begin()

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
        job = _Work(self._mailbox(loop), work)
        if self._crew.put(job):
            job.mailbox.watch()
        timer = None if seconds is None else loop.call_later(max(0.0, seconds), self._give_up, job, late)
        try:
            result: T = await job.future
            return result
        except (asyncio.CancelledError, GeneratorExit):  # a coroutine may also be closed
            if not self._crew.withdraw(job) and abandon is not None:
                abandon()
            raise
        finally:
            if timer is not None:
                timer.cancel()
            del job  # breaks a reference cycle: the traceback of the error refers to this frame

    def _mailbox(self, loop: asyncio.AbstractEventLoop) -> _Mailbox:
        found = self._mailboxes.get(loop)
        if found is None:
            found = self._mailboxes[loop] = _Mailbox(loop, self._crew)
        return found

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

    __slots__ = ("_context", "_work", "future", "mailbox")

    def __init__(self, mailbox: _Mailbox, work: Callable[[], Any]) -> None:
        self.mailbox = mailbox
        self.future: asyncio.Future[Any] = mailbox.loop.create_future()
        self._work: Callable[[], Any] | None = work
        # A tracer finds the caller's span in the context.
        self._context = copy_context()

    def do(self) -> None:
        """Run the work in this thread."""
        work, self._work = self._work, None
        assert work is not None
        result: Any = None
        failed: BaseException | None = None
        try:
            result = self._context.run(work)
        except StopIteration as error:  # futures do not accept it
            failed = RuntimeError("the call raised StopIteration")
            failed.__cause__ = error
        except BaseException as error:
            failed = error
        self.mailbox.put((self.future, result, failed))
        del failed  # breaks a reference cycle: its traceback refers to this frame

    def watch(self) -> None:
        """Make the event loop look at the work from now on. Called in a thread."""
        try:
            self.mailbox.loop.call_soon_threadsafe(self.mailbox.watch)
        except RuntimeError:
            _log.debug("the event loop was closed before its call began")

    def fail(self, error: BaseException) -> None:
        """Give the caller an error in place of a result."""
        self.mailbox.put((self.future, None, error))


class _Mailbox:
    """Results on the way from threads to one event loop, which is woken once for all of them: waking it costs a write."""

    def __init__(self, loop: asyncio.AbstractEventLoop, crew: Crew) -> None:
        self.loop = loop
        self._crew = crew
        self._come: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._wakes = False
        """Whether the loop is going to deliver. Threads that see False at the same time wake it twice, without harm."""
        self._watches = False
        """Whether the loop looks at the work in a moment, and then delivers."""
        self._taken = 0

    def put(self, result: tuple[asyncio.Future[Any], Any, BaseException | None]) -> None:
        self._come.append(result)
        if self._watches and self._crew.has_work and len(self._come) < _RESULTS:
            return
        if not self._wakes:
            self._wakes = True
            try:
                self.loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                self._come.clear()
                _log.debug("the event loop was closed before its call finished")

    def watch(self) -> None:
        """Look at the work every millisecond while few threads work and some is queued. Called by the loop."""
        if not self._watches:
            self._watches = True
            self._taken = self._crew.taken
            self.loop.call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._watches = False  # whatever comes from now on wakes the loop
        self._deliver()
        if self._crew.look(self._taken):
            self.watch()

    def _deliver(self) -> None:
        """Resolve the futures of all results that have come. Called by the loop."""
        self._wakes = False  # whatever comes from now on wakes the loop again
        for _ in range(len(self._come)):
            future, result, error = self._come.popleft()
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

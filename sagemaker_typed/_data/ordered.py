"""Calls a function with many items, several at a time, and yields the outcomes in the order of the items.

Items are taken as calls become free, so that neither all items nor all results are in memory at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Generator, Iterable
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, Generic, TypeVar, cast

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

__all__ = ["Outcome", "aoutcomes", "checked_concurrency", "outcomes"]

T = TypeVar("T")
V = TypeVar("V")
_AHEAD = 2
"""Items taken per concurrent call, so that one slow call does not hold up the others at once."""
_HEARS = 0.5
"""Seconds until a waiting thread notices Ctrl-C on systems where Ctrl-C does not wake it."""


def checked_concurrency(value: int) -> int:
    """Return a number of calls; raise `InvalidRequestError` for anything else."""
    if type(value) is not int or value < 1:
        told = f"a number of at least 1, not {quoted(value)}"
        raise InvalidRequestError([Problem("max_concurrency", "min", told)])
    return value


def checked_items(name: str, items: Any, *, asynchronous: bool = False) -> Any:
    """Return what gives several items; raise `InvalidRequestError` for a single one, and for what gives none.

    A DataFrame is refused too, as iterating over it gives the names of its columns.
    """
    one = is_mapping(items) or any(isinstance(items, kind) for kind in (str, bytes, bytearray, memoryview))
    one = one or hasattr(items, "read") or hasattr(items, "itertuples")
    if one or not (hasattr(items, "__iter__") or (asynchronous and hasattr(items, "__aiter__"))):
        told = f"several are needed, such as a list or a generator, not {quoted(items)}"
        raise InvalidRequestError([Problem(name, "type", told)])
    return items


class Outcome(Generic[T, V]):
    """The outcome of one item: a result, or the error that the function raised."""

    __slots__ = ("_settled", "error", "item", "value")

    def __init__(self, item: T) -> None:
        self.item = item
        self.value: V | None = None
        self.error: BaseException | None = None
        self._settled = Event()

    @property
    def result(self) -> V:
        """Return the result or raise the error."""
        if self.error is not None:
            raise self.error
        return cast("V", self.value)

    @property
    def done(self) -> bool:
        """Whether the function has been called."""
        return self._settled.is_set()

    def settle(self, fn: Callable[[T], V]) -> None:
        """Call the function."""
        try:
            self.value = fn(self.item)
        except BaseException as error:  # the caller's thread re-raises it
            self.error = error
        finally:
            self._settled.set()

    def wait(self) -> None:
        """Wait until another thread has called the function."""
        while not self._settled.wait(_HEARS):
            continue


def outcomes(fn: Callable[[T], V], items: Iterable[T], most: int) -> Generator[Outcome[T, V], None, None]:
    """Call `fn` with each item in threads, at most `most` at a time, and yield the outcomes in order.

    At most twice as many items are taken as calls may be under way. An error of `items` is raised after the outcomes of the
    items before. When the generator is closed, no more calls begin, and calls under way are not waited for.
    """
    crew: _Callers[T, V] = _Callers(fn, most)
    waiting: deque[Outcome[T, V]] = deque()
    source: _Items[T] = _Items(iter(items))
    try:
        while True:
            taken = False
            # A slow source of items must not hold up finished outcomes.
            while len(waiting) < most * _AHEAD and source.more and not (taken and waiting and waiting[0].done):
                for item in source.take():
                    waiting.append(crew.begin(item))
                taken = True
            if not waiting:
                source.end()
                return
            head = waiting.popleft()
            head.wait()
            if head.error is not None and not isinstance(head.error, Exception):
                raise head.error
            yield head
    finally:
        crew.end(waiting)


class _Items(Generic[T]):
    """Items, and the error that ended them."""

    def __init__(self, items: Any) -> None:
        self._items = items
        self._error: Exception | None = None
        self.more = True

    def take(self) -> list[T]:
        """Return the next item in a list; an empty list at the end."""
        try:
            return [next(self._items)]
        except StopIteration:
            self.more = False
        except Exception as error:
            self.more, self._error = False, error
        return []

    async def atake(self) -> list[T]:
        """Return the next item in a list; an empty list at the end."""
        if not hasattr(self._items, "__anext__"):
            return self.take()
        try:
            item: T = await anext(self._items)
            return [item]
        except StopAsyncIteration:
            self.more = False
        except Exception as error:
            self.more, self._error = False, error
        return []

    def end(self) -> None:
        """Raise the error that ended the items, if any."""
        if self._error is not None:
            raise self._error


class _Callers(Generic[T, V]):
    """Threads that call a function, at most a given number, started as needed.

    The threads are daemons, so that an abandoned call does not delay the exit of the program.
    """

    def __init__(self, fn: Callable[[T], V], most: int) -> None:
        self._fn = fn
        self._most = most
        self._threads = 0
        self._jobs: SimpleQueue[Outcome[T, V] | None] = SimpleQueue()
        self._left = Event()

    def begin(self, item: T) -> Outcome[T, V]:
        job: Outcome[T, V] = Outcome(item)
        self._jobs.put(job)
        if self._threads < self._most:
            self._threads += 1
            # A tracer finds the caller's span in the context.
            call = (_work, self._fn, self._jobs, self._left)
            Thread(target=copy_context().run, args=call, name="sagemaker_typed-caller", daemon=True).start()
        return job

    def end(self, waiting: deque[Outcome[T, V]]) -> None:
        if waiting:
            self._left.set()
        for _ in range(self._threads):
            self._jobs.put(None)


def _work(fn: Callable[[T], V], jobs: SimpleQueue[Outcome[T, V] | None], left: Event) -> None:
    while (job := jobs.get()) is not None and not left.is_set():
        job.settle(fn)
        del job  # let the caller free it while this thread waits


async def aoutcomes(
    fn: Callable[[T], Awaitable[V]], items: Iterable[T] | AsyncIterable[T], most: int
) -> AsyncGenerator[Outcome[T, V], None]:
    """Await `fn` with each item in tasks: `outcomes` for an event loop. Closing it cancels the calls under way."""
    tasks: _Awaited[T, V] = _Awaited(fn, items, most)
    try:
        while await tasks.advance():
            for head in tasks.settled():
                yield head
    finally:
        await tasks.end()


class _Awaited(Generic[T, V]):
    """The calls under way in tasks, and the next item, which a task fetches too."""

    def __init__(self, fn: Callable[[T], Awaitable[V]], items: Iterable[T] | AsyncIterable[T], most: int) -> None:
        self._fn = fn
        self._most = most
        self._free = asyncio.Semaphore(most)
        self._waiting: deque[tuple[Outcome[T, V], asyncio.Task[None]]] = deque()
        self._taking: asyncio.Task[list[T]] | None = None
        self._source: _Items[T] = _Items(aiter(items) if isinstance(items, AsyncIterable) else iter(items))

    async def advance(self) -> bool:
        """Wait until the next item or the first outcome is there. Returns whether anything is still to come.

        Waiting for both means that a slow source of items does not hold up outcomes.
        """
        if self._taking is None and self._source.more and len(self._waiting) < self._most * _AHEAD:
            self._taking = asyncio.create_task(self._source.atake())
        watched: list[asyncio.Task[Any]] = [task for _, task in list(self._waiting)[:1]]
        if self._taking is not None:
            watched.append(self._taking)
        if not watched:
            self._source.end()
            return False
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        if self._taking is not None and self._taking.done():
            for item in self._taking.result():
                self._begin(item)
            self._taking = None
        return True

    def _begin(self, item: T) -> None:
        job: Outcome[T, V] = Outcome(item)
        self._waiting.append((job, asyncio.create_task(self._settle(job))))

    async def _settle(self, job: Outcome[T, V]) -> None:
        async with self._free:
            try:
                job.value = await self._fn(job.item)
            except Exception as error:
                job.error = error

    def settled(self) -> list[Outcome[T, V]]:
        """Return the first outcome in a list, if it is there."""
        if not self._waiting or not self._waiting[0][1].done():
            return []
        head, task = self._waiting.popleft()
        task.result()
        return [head]

    async def end(self) -> None:
        """Cancel the tasks under way, and wait until they have ended."""
        tasks: list[asyncio.Task[Any]] = [task for _, task in self._waiting]
        if self._taking is not None:
            tasks.append(self._taking)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

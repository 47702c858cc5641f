"""The asynchronous runner: takes the steps of a wait on an event loop, and sends several requests at once in tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sagemaker_typed._waiting.steps import Look, Sleep, Together, checked

if TYPE_CHECKING:
    from sagemaker_typed._waiting.steps import Steps

__all__ = ["arun"]

T = TypeVar("T")
_Resume = Callable[[], Any]


async def arun(
    steps: Steps[T],
    send: Callable[[Any], Awaitable[Any]],
    look: Callable[[Any, float], Awaitable[Any]],
    sleep: Callable[[float], Awaitable[object]],
    *,
    at_once: int = 1,
) -> T:
    """Take the steps that `steps` yields; return what it returns.

    `look` sends a request once and gives it a number of seconds. At most `at_once` requests of a `Together` are under way at
    the same time, each in a task. `steps` itself runs in the caller's task.
    Every exception of a step is thrown into `steps`. A cancellation is thrown as a `KeyboardInterrupt`, since Ctrl-C cancels
    the task under `asyncio.run`. The caller gets the cancellation, with the notes and the report that the interrupt was given.
    """
    return await _AsyncRunner(send, look, sleep, at_once).run(checked(steps))


class _Cancelled(KeyboardInterrupt):
    """A cancellation, as the steps of a wait see it."""


_Cancelled.__name__ = asyncio.CancelledError.__name__  # the name that a report shows


def _take_over(error: BaseException, interrupt: _Cancelled) -> None:
    """Copy the notes and the report of an interrupt to the error that replaces it."""
    given = dict(vars(interrupt))
    for note in given.pop("__notes__", ()):
        error.add_note(note)
    vars(error).update(given)


class _AsyncRunner:
    def __init__(
        self,
        send: Callable[[Any], Awaitable[Any]],
        look: Callable[[Any, float], Awaitable[Any]],
        sleep: Callable[[float], Awaitable[object]],
        at_once: int,
    ) -> None:
        self._send, self._look, self._sleep, self._at_once = send, look, sleep, at_once

    async def run(self, steps: Steps[T]) -> T:
        resume: _Resume = partial(next, steps)
        try:
            while True:
                try:
                    step = resume()
                except StopIteration as ended:
                    result: T = ended.value
                    return result
                try:
                    resume = partial(steps.send, await self._take(step))
                except asyncio.CancelledError as error:
                    resume = partial(self._cancel, steps, error)
                except GeneratorExit:  # the loop was closed: nothing can be awaited
                    raise
                except BaseException as error:
                    resume = partial(steps.throw, error)
        finally:
            del resume  # it may hold an error, whose traceback holds this frame
            steps.close()

    def _cancel(self, steps: Steps[Any], error: asyncio.CancelledError) -> Any:
        """Throw a cancellation into the steps. Returns their next step if they continue in spite of it."""
        interrupt = _Cancelled()
        leaves = False
        try:
            return steps.throw(interrupt)
        except _Cancelled as raised:
            leaves = raised is interrupt
            if not leaves:
                raise
            _take_over(error, interrupt)
            raise error from None
        finally:
            task = asyncio.current_task()
            if not leaves and task is not None:
                task.uncancel()
            del interrupt

    async def _take(self, step: Any) -> Any:
        if isinstance(step, Sleep):
            return await self._sleep(step.seconds)
        if isinstance(step, Look):
            return await self._look(step.request, step.seconds)
        if isinstance(step, Together):
            return await self._together(step.parts)
        return await self._send(step)

    async def _together(self, parts: Iterator[Steps[None]]) -> None:
        if self._at_once < 2:
            for part in parts:
                await self.run(part)
            return
        crew = _Tasks(self._look)
        try:
            for part in parts:
                await self._advance(crew, part, partial(next, part))
                while len(crew.parts) >= self._at_once or crew.has_answers:
                    await self._advance(crew, *await crew.next())
            while crew.parts:
                await self._advance(crew, *await crew.next())
        finally:
            await crew.end()

    async def _advance(self, crew: _Tasks, part: Steps[None], resume: _Resume) -> None:
        """Take the steps of a part up to its next `Look`, and hand that to the crew."""
        try:
            while True:
                try:
                    step = resume()
                except StopIteration:
                    return
                if isinstance(step, Look):
                    crew.begin(part, step)
                    return
                try:
                    resume = partial(part.send, await self._take(step))
                except GeneratorExit:
                    raise
                except BaseException as error:
                    resume = partial(part.throw, error)
        finally:
            del resume


class _Tasks:
    """The requests of several parts that are under way, each in a task."""

    def __init__(self, look: Callable[[Any, float], Awaitable[Any]]) -> None:
        self._look = look
        self.parts: dict[asyncio.Task[Any], Steps[None]] = {}

    @property
    def has_answers(self) -> bool:
        return any(task.done() for task in self.parts)

    def begin(self, part: Steps[None], look: Look) -> None:
        """Send the request of a part in a task."""
        self.parts[asyncio.create_task(self._taken(look))] = part

    async def _taken(self, look: Look) -> Any:
        return await self._look(look.request, look.seconds)

    async def next(self) -> tuple[Steps[None], _Resume]:
        """Wait for an answer. Return the part that asked, and what resumes it."""
        if not self.has_answers:
            await asyncio.wait(self.parts, return_when=asyncio.FIRST_COMPLETED)
        task = next(task for task in self.parts if task.done())
        part = self.parts.pop(task)
        if task.cancelled():  # by code that cancels all tasks of the loop
            raise asyncio.CancelledError
        error = task.exception()
        return part, partial(part.send, task.result()) if error is None else partial(part.throw, error)

    async def end(self) -> None:
        """Cancel the requests that are still under way, and wait until their tasks have ended."""
        tasks, parts = list(self.parts), list(self.parts.values())
        self.parts.clear()
        for task in tasks:
            task.cancel()
        try:
            if tasks:
                await asyncio.wait(tasks)
        finally:
            for part in parts:
                part.close()
            for task in tasks:
                if task.done() and not task.cancelled():
                    task.exception()  # read it, or asyncio warns

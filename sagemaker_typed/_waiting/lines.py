"""`LogLines` and `AsyncLogLines`: the lines of a log, read on demand."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._waiting.logs import Lines
from sagemaker_typed._waiting.steps import Look, checked

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task

__all__ = ["AsyncLogLines", "LogLines"]


class LogLines:
    """The lines of a log. Iterate to get `LogLine` objects; each iteration reads again from the start.

    No request is sent before the first line is asked for. Leaving the iteration early leaves nothing open.
    """

    def __init__(
        self,
        client: Any,
        task: Task[None],
        look: Callable[[Any, float], Any],
        sleep: Callable[[float], object],
    ) -> None:
        self._client = client
        self._task = task
        self._look = look
        self._sleep = sleep

    def __iter__(self) -> Iterator[LogLine]:
        return self._iterate()

    def _iterate(self) -> Generator[LogLine, None, None]:
        walk = _Walk(self._task(self._client))
        try:
            while (step := walk.next()) is not None:
                if isinstance(step, Lines):
                    yield from step.lines
                    continue
                try:
                    if isinstance(step, Look):
                        walk.answer(self._look(step.request, step.seconds))
                    else:
                        self._sleep(step.seconds)
                except Exception as error:
                    walk.fail(error)
        finally:
            walk.close()

    if not TYPE_CHECKING:  # a checker reports it

        def __aiter__(self) -> object:
            raise TypeError("'LogLines' is iterated by `for`; use AsyncSageMaker for `async for`")


class AsyncLogLines:
    """The lines of a log for an asynchronous client. Iterate with `async for` to get `LogLine` objects.

    Otherwise the same as `LogLines`.
    """

    def __init__(
        self,
        client: Any,
        task: Task[None],
        look: Callable[[Any, float], Awaitable[Any]],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._client = client
        self._task = task
        self._look = look
        self._sleep = sleep

    def __aiter__(self) -> AsyncIterator[LogLine]:
        return self._iterate()

    async def _iterate(self) -> AsyncGenerator[LogLine, None]:
        walk = _Walk(self._task(self._client))
        try:
            while (step := walk.next()) is not None:
                if isinstance(step, Lines):
                    for line in step.lines:
                        yield line
                    continue
                try:
                    if isinstance(step, Look):
                        walk.answer(await self._look(step.request, step.seconds))
                    else:
                        await self._sleep(step.seconds)
                except Exception as error:
                    walk.fail(error)
        finally:
            walk.close()

    if not TYPE_CHECKING:  # a checker reports it

        def __iter__(self) -> object:
            raise TypeError("'AsyncLogLines' is iterated by `async for`")


class _Walk:
    """The steps of a reader, and the answer or error that resumes the next one."""

    def __init__(self, steps: Generator[Any, Any, None]) -> None:
        self._steps = checked(steps)
        self._resume: Callable[[], Any] = partial(next, steps)

    def next(self) -> Any:
        """Return the next step; None at the end."""
        resume, self._resume = self._resume, partial(next, self._steps)
        try:
            return resume()
        except StopIteration:
            return None
        finally:
            del resume  # it may hold an error, and its traceback the caller's frame

    def answer(self, answer: Any) -> None:
        """Resume the next step with an answer."""
        self._resume = partial(self._steps.send, answer)

    def fail(self, error: Exception) -> None:
        """Resume the next step with an error."""
        self._resume = partial(self._steps.throw, error)

    def close(self) -> None:
        """End the steps."""
        self._resume = partial(next, self._steps)
        self._steps.close()


late(AsyncLogLines, LogLines)

"""An `AsyncSageMaker` whose methods block, so that it goes through what is written for the synchronous client."""

from __future__ import annotations

import asyncio
import inspect
from types import TracebackType
from typing import Any, Self

from sagemaker_typed import AsyncSageMaker

__all__ = ["Blocking"]


class Blocking:
    """Runs inside `with`."""

    def __init__(self, aio: AsyncSageMaker) -> None:
        self.aio = aio
        self.runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.runner.run(self.aio.close())
        self.runner.close()

    @property
    def taken(self) -> int:
        """How many calls went over aiohttp."""
        return self.aio._road.taken

    def __getattr__(self, name: str) -> Any:
        return _Part(self.runner, getattr(self.aio, name))


class _Part:
    def __init__(self, runner: asyncio.Runner, part: Any) -> None:
        self._runner = runner
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return _Part(self._runner, getattr(self._part, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = self._part(*args, **kwargs)
        if inspect.iscoroutine(given):
            return self._runner.run(given)
        return _Part(self._runner, given)

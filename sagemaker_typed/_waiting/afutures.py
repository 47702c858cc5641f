"""The runner of an asynchronous client: takes requests one by one and returns a future for each. One task polls for all."""

from __future__ import annotations

import asyncio
import time
from asyncio import Future
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.arun import arun
from sagemaker_typed._waiting.many import carry
from sagemaker_typed._waiting.running import Running
from sagemaker_typed.errors import InvalidRequestError, Problem, WaitReport

if TYPE_CHECKING:
    from types import TracebackType

    from sagemaker_typed._waiting.creating import Creation, Kinds
    from sagemaker_typed._waiting.options import RunOptions
    from sagemaker_typed._waiting.spec import Runnable

__all__ = ["AsyncRunFuture", "AsyncRunner"]

D = TypeVar("D")


class AsyncRunFuture(Future[D], Generic[D]):
    """The outcome of one request of a runner: the last description of its resource, or the error that ended it.

    An `asyncio.Future`, so it can be awaited. Cancelling it withdraws a request that has not been submitted. A running
    resource continues and keeps its slot.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        """The name in `report`: "compilation_jobs/resnet-c5"."""


class AsyncRunner:
    """Takes requests that create or start resources, and submits them as slots free up. Made by `AsyncSageMaker.runner`.

    An asynchronous context manager. At the end of the block it waits for everything that was submitted, even if an exception
    ends the block. A cancellation does not wait: requests not yet submitted are given up, and running resources continue, or
    with `stop_on_interrupt` are stopped and waited for. The cancellation carries `report`. A runner belongs to one event loop.
    """

    def __init__(self, client: Any, kinds: Kinds, options: RunOptions) -> None:
        self._client, self._kinds, self._options = client, kinds, options
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._error: BaseException | None = None
        self._futures: dict[str, AsyncRunFuture[Any]] = {}
        self._unseen: list[AsyncRunFuture[Any]] = []
        self._arrived: list[Creation] = []
        self._running = Running(client, options, begin=self._begin, ended=self._end, arrivals=self._arrive)

    def submit(self, request: Runnable[D]) -> AsyncRunFuture[D]:
        """Take a request and return a future of its resource's last description. Await the future, not this method.

        The `timeout` of the runner starts now. Raises `InvalidRequestError` for a request that has no wait or whose name was
        submitted before, and `RuntimeError` once the runner has ended.
        """
        creation = self._kinds.creation(request)
        creation.name = f"{creation.run.group}/{creation.own_name}"
        if self._options.timeout is not None:
            creation.deadline = self._client.clock.now() + self._options.timeout
        if self._closed:
            raise RuntimeError("nothing can be submitted: the runner has ended") from self._error
        if creation.name in self._futures:
            told = f"a unique name: {quoted(creation.name)} was submitted before"
            raise InvalidRequestError([Problem("request", "unique", told)])
        future: AsyncRunFuture[D] = AsyncRunFuture(creation.name)
        future.add_done_callback(lambda _: self._wake.set() if future.cancelled() else None)
        self._futures[creation.name] = future
        self._unseen.append(future)
        self._arrived.append(creation)
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="sagemaker_typed-runner")
        self._wake.set()
        return future

    async def as_completed(self) -> AsyncIterator[AsyncRunFuture[Any]]:
        """Yield each future when it is done, including those of requests submitted meanwhile.

        Each future is yielded once, to one caller.
        """
        while self._unseen:
            awaited = list(self._unseen)
            done, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for future in awaited:
                if future in done and future in self._unseen:
                    self._unseen.remove(future)
                    yield future

    @property
    def report(self) -> WaitReport[Any]:
        """The outcomes so far."""
        return self._running.snapshot()

    # --- the end ------------------------------------------------------------------------------------------------------

    async def shutdown(self, *, cancel_futures: bool = False) -> None:
        """Take no more requests and wait until all have finished. A cancellation ends the waiting as it ends the block.

        `cancel_futures` withdraws requests that have not been submitted.
        """
        self._closed = True
        if cancel_futures:
            for name in self._running.unsubmitted:
                self._futures[name].cancel()
        self._wake.set()
        await self._join()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._wake.set()
        if error is None or isinstance(error, Exception):
            await self._join()
            return
        if self._task is not None:
            self._task.cancel()  # the run sees it as Ctrl-C
            await asyncio.wait([self._task])
        carry(error, self.report)

    async def _join(self) -> None:
        """Wait for the run. Pass a cancellation on to it, then raise it with the report even if the run handled it."""
        ours = asyncio.current_task()
        before = 0 if ours is None else ours.cancelling()
        try:
            if self._task is not None:
                await self._task
            if ours is not None and ours.cancelling() > before:
                raise asyncio.CancelledError
        except asyncio.CancelledError as error:
            carry(error, self.report)
            raise

    # --- in the task --------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            while await self._awaits_more():
                await arun(
                    self._running.steps(),
                    self._client.send,
                    self._client._look,
                    self._sleep,
                    at_once=self._client.pacing.at_once,
                )
                if self._running.was_cut:
                    break
        except asyncio.CancelledError:
            raise
        except Exception as error:  # each future raises it
            self._error = error
        finally:
            self._finish()

    async def _awaits_more(self) -> bool:
        """Wait for a request. Returns False if none will come."""
        while not self._arrived:
            if self._closed:
                return False
            self._wake.clear()
            await self._wake.wait()
        return True

    def _finish(self) -> None:
        """Finish every future that is still open."""
        self._closed = True
        for future in self._futures.values():
            if future.done():
                continue
            if self._error is None:
                future.cancel()
            else:
                _fail(future, self._error)

    async def _sleep(self, seconds: float) -> None:
        if self._client.clock.sleep is not time.sleep:
            await self._client._sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _arrive(self, running: Running) -> None:
        self._wake.clear()
        arrived, self._arrived = self._arrived, []
        for creation in arrived:
            running.add(creation)
        for name in running.unsubmitted:
            if self._futures[name].cancelled():
                running.withdraw(name)

    def _begin(self, creation: Creation) -> bool:
        return not self._futures[creation.name].cancelled()

    def _end(self, name: str, outcome: Any) -> None:
        future = self._futures[name]
        if future.done():
            return
        if isinstance(outcome, BaseException):
            _fail(future, outcome)
        else:
            future.set_result(outcome)


def _fail(future: AsyncRunFuture[Any], error: BaseException) -> None:
    future.set_exception(error)
    future.exception()  # asyncio warns of errors never read; the report has each


late(AsyncRunner)

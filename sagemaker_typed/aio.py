"""`AsyncSageMaker`: SageMaker for programs that run on an event loop."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from inspect import isawaitable
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

from sagemaker_typed._core.acall import Road
from sagemaker_typed._core.connection import Connection
from sagemaker_typed._core.hints import explaining
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.raw import RawCall, RawJob
from sagemaker_typed._core.threads import Threads
from sagemaker_typed._waiting.arun import arun
from sagemaker_typed._waiting.lines import AsyncLogLines
from sagemaker_typed._waiting.options import WaitOptions
from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, Pacing
from sagemaker_typed._waiting.wait_many import wait_many
from sagemaker_typed.client import ClientBase, checked_urls
from sagemaker_typed.resources.aio.groups import AsyncGroups
from sagemaker_typed.services.siblings import AsyncSiblings
from sagemaker_typed.types._service import SERVICE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import timedelta
    from types import TracebackType

    import boto3
    from botocore.config import Config

    from sagemaker_typed._core.group import Task
    from sagemaker_typed._core.log_line import LogLine
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed._waiting.afutures import AsyncRunner
    from sagemaker_typed._waiting.many import BatchEvent
    from sagemaker_typed._waiting.mapping import MapReport
    from sagemaker_typed._waiting.spec import Runnable
    from sagemaker_typed.errors import WaitReport
    from sagemaker_typed.resources.aio.api import AsyncApi
    from sagemaker_typed.structure import Request

__all__ = ["AsyncSageMaker"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)

R = TypeVar("R")
D = TypeVar("D")
T = TypeVar("T")
V = TypeVar("V")
_ENDS = 1.0
"""Seconds that `close` waits for an idle thread to end."""


class AsyncSageMaker(ClientBase, AsyncGroups, AsyncSiblings):
    """A typed client for Amazon SageMaker with asyncio: `SageMaker` whose methods are awaited.

    ::

        async with AsyncSageMaker(region="us-west-2") as sm:
            await sm.transform_jobs.create("scores", ...)
            async for job in sm.transform_jobs.list():
                print(job.transform_job_name)
            await sm.transform_jobs.wait_until_completed("scores", timeout=3600)

    The groups, their methods, `api` and the errors are those of `SageMaker`. Lists return `AsyncPages`. Calls use aiohttp
    if it is installed (`pip install 'sagemaker-typed[async]'`) and no hooks are registered with botocore. Otherwise each
    call runs in a thread, and there are as many threads as connections. The event loop is never blocked. A cancelled call
    closes its connection at once. One object serves any number of event loops, and can be shared among threads and with
    forked processes. It can be pickled, by its settings, unless it was made from a `session` or a `client`.

    Args:
        region: As in boto3.
        profile: As in boto3.
        endpoint_url: As in boto3.
        session: A `boto3.Session` to sign with.
        client: A boto3 SageMaker client to use. Its credentials and settings serve the data plane too.
        config: A botocore `Config`. Its `max_pool_connections` is the number of calls that can run at once.
        validation: What is checked before a request is sent: "standard", "strict" or "off".
        short_way: Whether calls may bypass botocore's machinery where the result is the same. None, the default, follows
            the environment variable `SAGEMAKER_TYPED_SHORT_WAY`: yes, unless it is 0.
        endpoint_urls: Addresses of the data plane's services, CloudWatch Logs and S3 by botocore's names,
            `{"sagemaker-runtime": url, "logs": url}`. They replace those of the environment and the profile.
    """

    _OWN = ClientBase._OWN | {"_threads", "_road"}

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        session: boto3.Session | None = None,
        client: Any = None,
        config: Config | None = None,
        validation: Validation = "standard",
        short_way: bool | None = None,
        endpoint_urls: Mapping[str, str] | None = None,
    ) -> None:
        connection = Connection(
            SERVICE,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            session=session,
            client=client,
            config=config,
            short_way=short_way,
            endpoint_urls=checked_urls(endpoint_urls),
        )
        self._begin(connection, validation)
        self.clock: Clock = SYSTEM_CLOCK
        """The clock of this object's waits; may be replaced. Its `sleep` may be a coroutine function."""
        self.pacing: Pacing = Pacing()
        """The initial calls per second of this object's waits on many resources; may be replaced."""

    def _connect(self, connection: Connection) -> None:
        super()._connect(connection)
        self._threads: Threads = Threads()  # one, until the client's number of connections is known
        self._road = Road(connection, self._threads)

    # --- sending ------------------------------------------------------------------------------------------------------

    async def send(
        self, request: Request[R], /, *, timeout: float | timedelta | None = None, retries: int | None = None
    ) -> R:
        """Send a request; return its typed response, or None if the operation has none. A list request gives one page.

        `timeout` bounds the whole call, in seconds or as a `timedelta`: all attempts and the pauses between them. `retries`
        is the number of attempts after the first one. Without these arguments, the configuration decides.

        Raises `InvalidRequestError` before anything is sent, an `ApiError` for an error of the service, `CallTimeoutError`
        when the time runs out, `TransportError` when no response came, `CredentialsError` and `ConfigurationError` when no
        request could be made.
        """
        options = self._over(timeout, retries)
        return await self._call(request, options.timeout, options.retries)

    async def _look(self, request: Request[Any] | RawCall, seconds: float) -> Any:
        """Send a poll: one attempt of at most `seconds`, so that a wait sees each attempt and ends in time."""
        seconds = min(seconds, self._options.timeout or seconds)
        if isinstance(request, RawCall):
            job = RawJob(self._connection.ask, request, seconds, self._threads)
            return await self._threads.run(job, abandon=job.abandon, seconds=seconds, late=job.late)
        return await self._call(request, seconds, 0)

    async def _call(self, request: Request[R], seconds: float | None, retries: int | None) -> R:
        return await self._road.call(request, self._validation, seconds, retries)

    async def _run(self, task: Task[R], /) -> R:
        return await arun(task(self), self.send, self._look, self._sleep, at_once=self.pacing.at_once)

    def _lines(self, task: Task[None], /) -> AsyncLogLines:
        return AsyncLogLines(self, task, self._look, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        """Sleep with `clock`; the system's clock does not block the event loop."""
        sleep: Callable[[float], object] = self.clock.sleep
        slept = asyncio.sleep(seconds) if sleep is time.sleep else sleep(seconds)
        if isawaitable(slept):
            await slept
        else:
            await asyncio.sleep(0)  # a fake clock does not yield to other tasks by itself

    # --- the surface --------------------------------------------------------------------------------------------------

    @property
    def api(self) -> AsyncApi:
        """Every operation under boto3's method name."""
        from sagemaker_typed.resources.aio.api import AsyncApi

        if self._api is None:
            self._api = AsyncApi(self)
        return cast("AsyncApi", self._api)

    async def wait_all(
        self,
        items: Iterable[str | tuple[str, str]],
        *,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        logs: bool | Callable[[str, LogLine], object] = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[Any]:
        """Wait for resources of different kinds at once, each until its usual state; report on all of them.

        An item is an ARN, or a pair of group and name, such as `("compilation_jobs", "resnet-c5")`. The keys of the report
        are the ARN, or "compilation_jobs/resnet-c5". `logs=True` prints the log lines of all resources, each after its
        resource's key; a function is called with the key and each `LogLine` instead. The other arguments are as in a
        group's `wait_all`; `timeout` and `poll` are seconds or a `timedelta`.

        Raises `InvalidRequestError` for an item that cannot be waited on.
        """
        options = WaitOptions(
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            logs=logs,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        given = items if isinstance(items, str) else list(items)
        kinds = await self._threads.run(partial(self._kinds, given))
        return await self._run(wait_many(kinds, options))

    async def run_all(
        self,
        requests: Iterable[Runnable[D]],
        *,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = False,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[D]:
        """Submit requests that create or start resources, at most `max_running` at a time, and wait for all of them.

        The keys of the report are the names in the requests, or "compilation_jobs/resnet-c5" if the requests are of
        several kinds. `exist_ok` says what to do if a resource exists already: False counts it as a failure, "same" waits
        for it if its settings match the request, True waits for it in any case. With "same", a script that was killed can
        be started again: resources that still run count towards `max_running`.

        If a quota is used up (`ResourceLimitExceededError`) or calls are throttled, the run waits and tries again. If the
        response to a create request was lost, the resource is looked up, and the request is sent again only if the
        resource does not exist. `timeout`, in seconds or as a `timedelta`, applies to all requests together; by default,
        each resource has the default timeout of its wait from its creation on. The other arguments are as in a group's
        `wait_all`.

        Every exception has the report as its attribute `report`. Raises `InvalidRequestError`, before anything is sent,
        for a request without a wait, and for two requests of the same name.
        """
        from sagemaker_typed._waiting.options import RunOptions
        from sagemaker_typed._waiting.running import run_all

        options = RunOptions(
            max_running=max_running,
            exist_ok=exist_ok,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        creations = self._runs(exist_ok).creations(requests)
        return await self._run(run_all(creations, options))

    def runner(
        self,
        *,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = False,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> AsyncRunner:
        """Return a runner, which takes requests one by one and returns a future for each.

        ::

            async with sm.runner(max_running=20) as runner:
                futures = [runner.submit(request) for request in requests]
                async for future in runner.as_completed():
                    print(future.name, future.result())

        The futures can be awaited. One task submits and polls for all requests. `timeout` bounds each request from its
        submission to the runner; the other arguments are as in `run_all`. At the end of the `async with` block, the runner
        waits for all submitted requests.
        """
        from sagemaker_typed._waiting.afutures import AsyncRunner
        from sagemaker_typed._waiting.options import RunOptions

        options = RunOptions(
            max_running=max_running,
            exist_ok=exist_ok,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        return AsyncRunner(self, self._runs(exist_ok), options)

    async def map(
        self, fn: Callable[[T], Awaitable[V]], items: Iterable[T], *, max_concurrency: int = 8, fail_fast: bool = False
    ) -> MapReport[T, V]:
        """Await `fn` with each item, several at a time, at the pace that this object's waits share; report on all of them.

        Use it for clean-ups, lists of tags, and other jobs of many calls: `await sm.map(sm.models.delete, names)`. At most
        `max_concurrency` calls run at a time. A `ThrottlingError` slows down the calls that follow. If `fn` raises an
        `Exception`, the item is in `failed`; with `fail_fast`, or once credentials have expired, no more calls start.
        Equal items are called once.

        Any other exception, such as a cancellation, has the report as its attribute `report`. Raises
        `InvalidRequestError` for items that cannot be keys of a dict.
        """
        from sagemaker_typed._waiting.mapping import amap_all

        return await amap_all(
            fn, items, self.clock, self.pacing, self._sleep, max_concurrency=max_concurrency, fail_fast=fail_fast
        )

    # --- the end ------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close the connections of the client that this object made, and end its threads.

        A client passed in by the caller stays open. Running calls are not interrupted.
        """
        if not self._borrowed:
            closer = Threads()  # all threads of this object may be busy
            thread = await closer.run(self._end)
            closer.close()
            await self._road.close()
            thread.join(_ENDS)

    def _end(self) -> Thread:
        """Close the connection, and end the idle threads. Return the thread that this runs in."""
        self._connection.close()
        for thread in self._threads.close():
            thread.join(_ENDS)
        return current_thread()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    if not TYPE_CHECKING:  # so that type checkers report a plain `with`

        def __enter__(self) -> object:
            raise TypeError("AsyncSageMaker must be entered with `async with`")

        def __exit__(self, *_: object) -> None: ...


if not TYPE_CHECKING:
    AsyncSageMaker.__init__ = explaining(AsyncSageMaker.__init__)

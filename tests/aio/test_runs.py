"""`run_all` and runners of the asynchronous client take the same steps as those of the synchronous one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import pytest

from sagemaker_typed import errors
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.afutures import AsyncRunner
from sagemaker_typed._waiting.arun import arun
from sagemaker_typed._waiting.creating import Kinds
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed._waiting.running import run_all
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from tests.support import account as acc
from tests.support.account import Account, Life, request
from tests.support.simulated import JumpyTime, api

R = TypeVar("R")
NAMES = [f"job-{number:02}" for number in range(12)]
SECONDS = 30  # within which a test that hangs fails


class AsyncAccount(Account):
    """The same account, whose calls are awaited."""

    async def _alook(self, request: Any, seconds: float) -> Any:
        await asyncio.sleep(0)
        return Account._look(self, request, seconds)

    async def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        await asyncio.sleep(0)

    async def _arun(self, task: Task[R]) -> R:
        return await arun(task(self), self._send, self._alook, self._sleep, at_once=self.pacing.at_once)

    async def _send(self, request: Any) -> Any:
        return await self._alook(request, 60)

    async def run(self, requests: Iterable[Any], **options: Any) -> Any:
        chosen = RunOptions(**options)
        kinds = Kinds(RUNS, waiter_of, look=chosen.exist_ok is not False)
        return await self._arun(run_all(kinds.creations(requests), chosen))

    def runner(self, **options: Any) -> AsyncRunner:
        chosen = RunOptions(**options)
        return AsyncRunner(_Client(self), Kinds(RUNS, waiter_of, look=chosen.exist_ok is not False), chosen)


class _Client:
    """What a runner needs of a client."""

    def __init__(self, account: AsyncAccount) -> None:
        self.clock, self.pacing = account.clock, account.pacing
        self.send: Callable[[Any], Awaitable[Any]] = account._send
        self._look = account._alook
        self._sleep = account._sleep


def within(awaited: Any) -> Any:
    async def main() -> Any:
        return await asyncio.wait_for(awaited, SECONDS)

    return asyncio.run(main())


def test_both_clients_take_the_same_calls_and_come_to_the_same_report() -> None:
    faults = [acc.THROTTLED, acc.LOST, None, acc.FAILED_AFTER, None, acc.NEVER_SENT]
    requests = [request(name) for name in NAMES]
    plain = Account(JumpyTime(), quota=5, faults=faults)
    awaited = AsyncAccount(JumpyTime(), quota=5, faults=faults)
    one = plain.run_all(requests, max_running=7)
    other = within(awaited.run(requests, max_running=7))
    assert other.counts == one.counts == {"succeeded": 12, "failed": 0, "stopped": 0, "pending": 0, "missing": 0}
    assert awaited.calls == plain.calls
    assert awaited.accepted == plain.accepted


def test_several_creations_are_under_way_at_once() -> None:
    account = AsyncAccount(JumpyTime(), at_once=4)
    assert within(account.run([request(name) for name in NAMES], max_running=7)).ok
    assert account.most == 7
    assert sorted(account.accepted) == NAMES


def test_a_cancellation_carries_the_report() -> None:
    account = AsyncAccount(JumpyTime(), life=lambda name: Life(10**5))

    async def main() -> Any:
        task: Any = None

        def cancel(event: Any) -> None:
            if event.elapsed > 100:
                task.cancel()

        task = asyncio.create_task(account.run([request(name) for name in NAMES], max_running=3, on_poll=cancel))
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.report  # type: ignore[attr-defined]

    report = within(main())
    assert list(report.pending) == NAMES


def test_futures_are_awaited_and_come_as_they_end() -> None:
    account = AsyncAccount(JumpyTime(), life=lambda name: Life(50, "FAILED" if name == "job-01" else "COMPLETED"))

    async def main() -> None:
        async with account.runner(max_running=3) as running:
            futures = [running.submit(request(name)) for name in NAMES]
            assert futures[-1].cancel()
            assert (await futures[0]).compilation_job_status == "COMPLETED"
            with pytest.raises(errors.WaitFailedError):
                await futures[1]
            names = [future.name async for future in running.as_completed()]
            assert sorted(names) == [f"compilation_jobs/{name}" for name in NAMES]
            with pytest.raises(errors.InvalidRequestError, match="submitted before"):
                running.submit(request("job-00"))
            assert (await running.submit(request("later"))).compilation_job_name == "later"
        with pytest.raises(RuntimeError, match="the runner has ended"):
            running.submit(request("too-late"))
        assert running.report.counts == {"succeeded": 11, "failed": 1, "stopped": 0, "pending": 1, "missing": 0}

    within(main())
    assert account.most <= 3
    assert "job-11" not in account.accepted


def test_an_exception_in_the_block_waits_and_a_cancellation_does_not() -> None:
    account = AsyncAccount(JumpyTime())

    async def raises() -> None:
        async with account.runner(max_running=1) as running:
            for name in NAMES[:3]:
                running.submit(request(name))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        within(raises())
    assert account.accepted == NAMES[:3]
    endless = AsyncAccount(JumpyTime(), life=lambda name: Life(10**7))

    async def cancelled(**options: Any) -> Any:
        with pytest.raises(asyncio.CancelledError) as caught:  # noqa: PT012
            async with endless.runner(max_running=1, **options) as running:
                for name in NAMES[:3]:
                    running.submit(request(name))
                while not endless.accepted:
                    await asyncio.sleep(0)
                raise asyncio.CancelledError
        return caught.value.report  # type: ignore[attr-defined]

    report = within(cancelled(timeout=10**6))
    assert len(report) == 3
    assert not report.succeeded
    assert len(endless.accepted) == 1


def test_what_ends_the_run_is_in_each_future() -> None:
    expired = acc.Fault(lambda: api("ExpiredTokenException", operation="CreateCompilationJob"))
    account = AsyncAccount(JumpyTime(), faults=[None, expired])

    async def main() -> list[Any]:
        async with account.runner(max_running=1) as running:
            futures = [running.submit(request(name)) for name in NAMES[:3]]
        return [future.exception() for future in futures]

    assert all(isinstance(error, errors.ExpiredCredentialsError) for error in within(main()))

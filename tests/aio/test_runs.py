"""`run_all` and runners of the asynchronous client take the same steps as those of the synchronous one."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterable
from types import SimpleNamespace
from typing import Any, Literal, TypeVar

import pytest

from sagemaker_typed import errors
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.afutures import AsyncRunFuture, AsyncRunner
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


def test_a_runner_sleeps_until_it_is_woken_or_as_its_clock_does() -> None:
    async def main() -> None:
        account = AsyncAccount(JumpyTime())
        made, loop = account.runner(), asyncio.get_running_loop()
        begun = loop.time()
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        client: Any = SimpleNamespace(clock=SimpleNamespace(sleep=time.sleep), _sleep=sleep)
        made._client = client
        await made._sleep(0.05)
        assert loop.time() - begun >= 0.04
        assert slept == []
        made._wake.set()
        await made._sleep(3600)
        client.clock.sleep = lambda seconds: None
        await made._sleep(7200)
        assert slept == [7200]

    within(main())


def test_what_ends_the_run_is_in_each_future() -> None:
    refused, expired = (
        acc.Fault(lambda code=code: api(code, operation="CreateCompilationJob"))  # type: ignore[misc]
        for code in ("ValidationException", "ExpiredTokenException")
    )
    account = AsyncAccount(JumpyTime(), faults=[refused, expired])

    async def main() -> list[Any]:
        async with account.runner(max_running=1) as running:
            futures = [running.submit(request(name)) for name in NAMES[:3]]
        return [future.exception() for future in futures]

    first, *others = within(main())
    assert isinstance(first, errors.ValidationError)  # it had ended before
    assert len(others) == 2
    assert all(isinstance(error, errors.ExpiredCredentialsError) for error in others)


def test_requests_of_a_runner_are_sent_together_as_the_pace_allows() -> None:
    class Waiting(AsyncAccount):
        under_way = most_under_way = 0

        async def _alook(self, request: Any, seconds: float) -> Any:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            await asyncio.sleep(0)
            self.under_way -= 1
            return await super()._alook(request, seconds)

    account = Waiting(JumpyTime(), at_once=3)

    async def main() -> None:
        async with account.runner(max_running=5) as running:
            for name in NAMES:
                running.submit(request(name))

    within(main())
    assert account.most_under_way == 3


def test_the_timeout_is_that_of_each() -> None:
    account = AsyncAccount(JumpyTime(), life=lambda name: Life(10**5 if name == "slow" else 10))

    async def main() -> tuple[Any, Any]:
        async with account.runner(timeout=300) as running:
            slow, fast = running.submit(request("slow")), running.submit(request("fast"))
        return slow.exception(), fast.result()

    slow, fast = within(main())
    assert isinstance(slow, errors.WaitTimeoutError)
    assert slow.elapsed == 300
    assert fast.compilation_job_status == "COMPLETED"


def test_two_that_iterate_get_each_future_once_and_only_when_it_is_done() -> None:
    async def main() -> None:
        async with AsyncAccount(JumpyTime()).runner(max_running=2) as running:
            for name in NAMES:
                running.submit(request(name))

            async def names() -> list[str]:
                found = []
                async for future in running.as_completed():
                    assert future.done()
                    found.append(future.name)
                    await asyncio.sleep(0)
                return found

            first, second = await asyncio.gather(names(), names())
            assert sorted(first + second) == [f"compilation_jobs/{name}" for name in NAMES]
            assert [future async for future in running.as_completed()] == []

    within(main())


@pytest.mark.parametrize("cancel", [False, True])
def test_shutdown_waits_for_all_and_can_withdraw_what_was_not_submitted(cancel: bool) -> None:
    account = AsyncAccount(JumpyTime())

    async def main() -> None:
        running = account.runner(max_running=1)
        futures = [running.submit(request(name)) for name in NAMES[:3]]
        while not account.accepted:
            await asyncio.sleep(0)
        await running.shutdown(cancel_futures=cancel)
        assert [future.cancelled() for future in futures] == [False, cancel, cancel]
        assert account.accepted == NAMES[: 1 if cancel else 3]
        with pytest.raises(RuntimeError, match="the runner has ended"):
            running.submit(request("late"))
        await running.shutdown()  # twice is once

    within(main())


@pytest.mark.parametrize("stops", [False, True])
def test_a_cancellation_while_it_waits_carries_the_report(stops: bool) -> None:
    account = AsyncAccount(JumpyTime(), life=lambda name: Life(10**7))

    async def main() -> tuple[Any, Any]:
        running = account.runner(max_running=1, timeout=10**6, stop_on_interrupt=stops)
        futures = [running.submit(request(name)) for name in NAMES[:3]]
        task = asyncio.create_task(running.shutdown())
        while not account.accepted:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.report, futures  # type: ignore[attr-defined]

    report, futures = within(main())
    assert sorted(name for place in (report.pending, report.stopped) for name in place) == [
        f"compilation_jobs/{name}" for name in NAMES[:3]
    ]
    assert len(report.stopped) == stops
    assert all(future.done() and not future.cancelled() for future in futures)
    assert account.accepted == NAMES[:1]
    assert bool(account.running()) is not stops


@pytest.mark.parametrize("error", [None, api("ExpiredTokenException")])
def test_a_future_that_the_run_never_took_ends_with_it(error: Any) -> None:
    async def main() -> None:
        running = AsyncAccount(JumpyTime()).runner()
        done, left, other = futures = [AsyncRunFuture[Any](name) for name in ("done", "left", "other")]
        running._futures = {future.name: future for future in futures}
        done.set_result("it")
        running._error = error
        running._finish()
        assert done.result() == "it"
        for future in (left, other):
            assert future.cancelled() is (error is None)
            assert error is None or future.exception() is error
        with pytest.raises(RuntimeError, match="the runner has ended") as caught:
            running.submit(request("late"))
        assert caught.value.__cause__ is error

    within(main())


def test_errors_that_nobody_reads_are_in_the_report_and_nothing_complains(caplog: pytest.LogCaptureFixture) -> None:
    account = AsyncAccount(JumpyTime(), life=lambda name: Life(5, "FAILED"))

    async def main() -> Any:
        async with account.runner() as running:
            for name in NAMES[:3]:
                running.submit(request(name))
        report = running.report
        del running
        gc.collect()
        return report

    assert len(within(main()).failed) == 3
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def test_a_runner_with_nothing_to_do_sleeps() -> None:
    class Waits(asyncio.Event):
        count = 0

        async def wait(self) -> Literal[True]:
            self.count += 1
            return await super().wait()

    async def main() -> None:
        running = AsyncAccount(JumpyTime()).runner()
        running._wake = waits = Waits()
        async with running:
            for name in NAMES[:2]:
                await running.submit(request(name))
                for _ in range(50):
                    await asyncio.sleep(0)
        assert waits.count < 6

    within(main())


def test_the_error_that_ended_a_runner_is_the_cause_of_what_it_refuses() -> None:
    expired = acc.Fault(lambda: api("ExpiredTokenException", operation="CreateCompilationJob"))

    async def main() -> None:
        async with AsyncAccount(JumpyTime(), faults=[expired]).runner() as running:
            future = running.submit(request("a"))
            assert {task.get_name() for task in asyncio.all_tasks()} > {"sagemaker_typed-runner"}
            with pytest.raises(errors.ExpiredCredentialsError) as ended:
                await future
            assert running._task is not None
            await running._task
            with pytest.raises(RuntimeError, match="the runner has ended") as caught:
                running.submit(request("b"))
            assert caught.value.__cause__ is ended.value

    within(main())


def test_what_is_cancelled_wakes_the_run_and_is_never_submitted() -> None:
    account = AsyncAccount(JumpyTime())

    async def main() -> None:
        running = account.runner(max_running=1)
        futures = [running.submit(request(name)) for name in NAMES[:2]]
        await asyncio.sleep(0)
        running._wake.clear()
        futures[1].cancel()
        await asyncio.sleep(0)
        assert running._wake.is_set()
        await running.shutdown()
        assert futures[0].done()
        assert list(running.report.pending) == [futures[1].name]

    within(main())
    assert account.accepted == NAMES[:1]

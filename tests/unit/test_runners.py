"""`sm.runner`: futures that everything takes which takes futures, one thread, and an end in every case."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed._waiting.creating import Kinds
from sagemaker_typed._waiting.futures import Runner
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.types import DescribeCompilationJobRequest
from tests.support import account as acc
from tests.support.account import Account, Life, request
from tests.support.simulated import JumpyTime, api

SECONDS = 30  # within which a test that hangs fails


def runner(account: Account, **options: Any) -> Runner:
    chosen = RunOptions(**options)
    return Runner(account, Kinds(RUNS, waiter_of, look=chosen.exist_ok is not False), chosen)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "sagemaker-typed-runner":
            thread.join(SECONDS)
            assert not thread.is_alive()


def test_futures_hold_the_last_description_or_the_error() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(50, "FAILED" if name == "b" else "COMPLETED"))
    with runner(account, max_running=2) as running:
        futures = [running.submit(request(name)) for name in "abc"]
    assert [future.name for future in futures] == [f"compilation_jobs/{name}" for name in "abc"]
    assert futures[0].result(0).compilation_job_status == "COMPLETED"
    assert isinstance(futures[1].exception(0), errors.WaitFailedError)
    assert account.most <= 2
    assert running.report.counts["succeeded"] == 2


def test_one_thread_polls_for_all() -> None:
    account = Account(JumpyTime())
    before = threading.active_count()
    seen: set[int] = set()
    with runner(account, max_running=5, on_poll=lambda event: seen.add(threading.get_ident())) as running:
        for number in range(50):
            running.submit(request(f"job-{number}"))
            assert threading.active_count() <= before + 1
    assert len(seen) == 1
    assert seen != {threading.get_ident()}


def test_concurrent_futures_and_asyncio_take_them() -> None:
    with runner(Account(JumpyTime()), max_running=2) as running:
        futures = [running.submit(request(name)) for name in "abc"]
        done, left = concurrent.futures.wait(futures, timeout=SECONDS)
        assert (done, left) == (set(futures), set())
        assert set(concurrent.futures.as_completed(futures, timeout=SECONDS)) == set(futures)

        async def wrapped() -> Any:
            return await asyncio.wait_for(asyncio.wrap_future(running.submit(request("d"))), SECONDS)

        assert asyncio.run(wrapped()).compilation_job_name == "d"


def test_as_completed_yields_each_once_and_those_that_come_meanwhile() -> None:
    with runner(Account(JumpyTime()), max_running=2) as running:
        running.submit(request("a"))
        names = []
        for future in running.as_completed(timeout=SECONDS):
            names.append(future.name)
            if len(names) < 4:
                running.submit(request(f"more-{len(names)}"))
        assert names == ["compilation_jobs/a", *(f"compilation_jobs/more-{number}" for number in (1, 2, 3))]
        assert list(running.as_completed(timeout=SECONDS)) == []


def test_what_was_not_submitted_can_be_cancelled() -> None:
    gate = threading.Event()
    account = Account(JumpyTime(), life=lambda name: Life(50))
    with runner(account, max_running=1, on_poll=lambda event: gate.wait(SECONDS)) as running:
        futures = [running.submit(request(name)) for name in "abc"]
        assert futures[2].cancel()
        gate.set()
        concurrent.futures.wait(futures, timeout=SECONDS)
        assert not futures[0].cancel()  # it has ended
    assert "c" not in account.accepted
    assert futures[2].cancelled()
    assert "was cancelled" in str(running.report.pending["compilation_jobs/c"])


def test_a_name_twice_and_a_request_without_a_wait_are_refused() -> None:
    with runner(Account(JumpyTime())) as running:
        running.submit(request("a"))
        with pytest.raises(errors.InvalidRequestError, match="'compilation_jobs/a' was submitted before"):
            running.submit(request("a"))
        with pytest.raises(errors.InvalidRequestError, match="not DescribeCompilationJob"):
            running.submit(DescribeCompilationJobRequest(compilation_job_name="a"))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="the runner has ended"):
        running.submit(request("b"))


def test_an_exception_in_the_block_waits_as_executors_do() -> None:
    account = Account(JumpyTime())
    with pytest.raises(ValueError, match="mine"), runner(account, max_running=1) as running:  # noqa: PT012
        futures = [running.submit(request(name)) for name in "abc"]
        raise ValueError("mine")
    assert all(future.done() for future in futures)
    assert account.accepted == ["a", "b", "c"]


def test_ctrl_c_in_the_block_gives_up_what_was_not_submitted() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**5))
    with pytest.raises(KeyboardInterrupt) as caught, runner(account, max_running=1) as running:  # noqa: PT012
        futures = [running.submit(request(name)) for name in "abc"]
        raise KeyboardInterrupt
    report = caught.value.report  # type: ignore[attr-defined]
    assert sorted(report.pending) == sorted(future.name for future in futures)
    assert all(future.done() for future in futures)


def test_ctrl_c_in_the_block_stops_what_runs_if_asked() -> None:
    started = threading.Event()
    account = Account(JumpyTime(), life=lambda name: Life(10**6))
    stopping = runner(account, max_running=1, stop_on_interrupt=True, on_poll=lambda event: started.set())
    with pytest.raises(KeyboardInterrupt) as caught, stopping as running:  # noqa: PT012
        for name in "abc":
            running.submit(request(name))
        assert started.wait(SECONDS)
        raise KeyboardInterrupt
    report = caught.value.report  # type: ignore[attr-defined]
    assert len(report) == 3
    assert not report.succeeded
    assert account.running() == []


def test_what_ends_the_run_is_in_each_future() -> None:
    expired = acc.Fault(lambda: api("ExpiredTokenException", operation="CreateCompilationJob"))
    with runner(Account(JumpyTime(), faults=[None, expired]), max_running=3) as running:
        futures = []
        for name in "abc":
            try:
                futures.append(running.submit(request(name)))
            except RuntimeError:  # it may have ended already
                break
        concurrent.futures.wait(futures, timeout=SECONDS)
    assert any(isinstance(future.exception(0), errors.ExpiredCredentialsError) for future in futures)
    with pytest.raises(RuntimeError, match="the runner has ended"):
        running.submit(request("d"))


def test_the_timeout_is_that_of_each() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**5 if name == "slow" else 10))
    with runner(account, timeout=300) as running:
        slow, fast = running.submit(request("slow")), running.submit(request("fast"))
    assert isinstance(slow.exception(0), errors.WaitTimeoutError)
    assert fast.result(0).compilation_job_status == "COMPLETED"


def test_a_runner_that_nothing_is_given_to_ends() -> None:
    with runner(Account(JumpyTime())) as running:
        assert list(running.as_completed()) == []
    assert len(running.report) == 0

"""`sm.runner`: futures that everything takes which takes futures, one thread, and an end in every case."""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
import threading
import time
from collections.abc import Callable, Iterator
from threading import Thread, main_thread
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed._waiting.creating import Kinds
from sagemaker_typed._waiting.futures import RunFuture, Runner
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.types import DescribeCompilationJobRequest
from sagemaker_typed.waiting import BatchEvent
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
        if thread.name == "sagemaker_typed-runner":
            thread.join(SECONDS)
            assert not thread.is_alive()


class Gate:
    """Holds a run up at the end of each tick until it is opened."""

    def __init__(self) -> None:
        self.reached, self._open = threading.Event(), threading.Event()

    def __call__(self, event: Any) -> None:
        self.reached.set()
        assert self._open.wait(SECONDS)

    def open(self) -> None:
        self._open.set()


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


def test_its_threads_do_not_hold_up_the_exit_of_the_program() -> None:
    seen: set[tuple[str, bool]] = set()

    def note(event: Any) -> None:
        seen.update((thread.name, thread.daemon) for thread in threading.enumerate())

    with runner(Account(JumpyTime()), on_poll=note) as running:
        for name in "abc":
            running.submit(request(name))
    assert {daemon for name, daemon in seen if name == "sagemaker_typed-runner"} == {True}


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


def test_what_is_cancelled_is_reported_at_once_and_not_when_its_turn_comes() -> None:
    gate, told = Gate(), list[dict[str, int]]()

    def on_poll(event: Any) -> None:
        told.append(dict(event.states))
        gate(event)

    with runner(Account(JumpyTime(), life=lambda name: Life(500)), max_running=1, on_poll=on_poll) as running:
        futures = [running.submit(request("a"))]
        assert gate.reached.wait(SECONDS)
        futures += [running.submit(request(name)) for name in "bc"]
        assert futures[1].cancel()
        gate.open()
    assert told[1] == {"INPROGRESS": 1, "queued": 1, "not submitted: pending": 1}


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
    both = threading.Event()  # the clock jumps while there is one request alone

    def life(name: str) -> Life:
        assert both.wait(10)
        return Life(10**5 if name == "slow" else 10)

    with runner(Account(JumpyTime(), life=life), timeout=300) as running:
        slow, fast = running.submit(request("slow")), running.submit(request("fast"))
        both.set()
    assert isinstance(slow.exception(0), errors.WaitTimeoutError)
    assert fast.result(0).compilation_job_status == "COMPLETED"


def test_a_runner_that_nothing_is_given_to_ends() -> None:
    with runner(Account(JumpyTime())) as running:
        assert list(running.as_completed()) == []
    assert len(running.report) == 0


def test_requests_are_sent_together_as_the_pace_allows() -> None:
    together, gate, lock = threading.Barrier(3), Gate(), threading.Lock()

    class Waiting(Account):
        def _create(self, request: Any) -> Any:
            if request.compilation_job_name != "first":
                together.wait(SECONDS)
            with lock:
                return super()._create(request)

    account = Waiting(JumpyTime(), at_once=3)
    with runner(account, max_running=4, on_poll=gate) as running:
        futures = [running.submit(request("first"))]
        assert gate.reached.wait(SECONDS)
        futures += [running.submit(request(name)) for name in "abc"]  # which come together with the next tick
        gate.open()
    assert [future.result(0).compilation_job_name for future in futures] == ["first", "a", "b", "c"]


def test_shutdown_can_withdraw_what_was_not_submitted() -> None:
    gate = Gate()
    account = Account(JumpyTime(), life=lambda name: Life(50))
    running = runner(account, max_running=1, on_poll=gate)
    futures = [running.submit(request("a"))]
    assert gate.reached.wait(SECONDS)
    futures += [running.submit(request(name)) for name in "bc"]
    running.shutdown(wait=False, cancel_futures=True)
    assert not futures[0].done()
    assert [future.cancelled() for future in futures] == [False, True, True]
    gate.open()
    running.shutdown()
    assert futures[0].result(0).compilation_job_name == "a"
    assert account.accepted == ["a"]
    assert list(running.report.pending) == ["compilation_jobs/b", "compilation_jobs/c"]
    with pytest.raises(RuntimeError, match="the runner has ended"):
        running.submit(request("d"))


def test_shutdown_waits_for_all_unless_told() -> None:
    account = Account(JumpyTime())
    running = runner(account, max_running=1)
    futures = [running.submit(request(name)) for name in "abc"]
    running.shutdown()
    assert [future.cancelled() for future in futures] == [False] * 3
    assert account.accepted == ["a", "b", "c"]
    running.shutdown()  # twice is once


def test_ctrl_c_in_shutdown_gives_up_and_carries_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**6))
    running = runner(account, max_running=1, timeout=10**6)
    futures = [running.submit(request(name)) for name in "abc"]
    join, presses = running._join, [KeyboardInterrupt()]

    def interrupted() -> None:
        if presses:
            raise presses.pop()
        join()

    monkeypatch.setattr(running, "_join", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        running.shutdown()
    report = caught.value.report  # type: ignore[attr-defined]
    assert sorted(report.pending) == [future.name for future in futures]
    assert [future.cancelled() for future in futures] == [False] * 3
    assert {type(future.exception(0)) for future in futures} == {errors.WaitError}


def test_what_ctrl_c_leaves_is_an_error_and_not_a_cancellation() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**5))
    with pytest.raises(KeyboardInterrupt), runner(account, max_running=1) as running:  # noqa: PT012
        futures = [running.submit(request(name)) for name in "abc"]
        raise KeyboardInterrupt
    assert [future.cancelled() for future in futures] == [False] * 3
    assert {type(future.exception(0)) for future in futures} == {errors.WaitError}


def test_what_is_submitted_just_before_ctrl_c_is_in_the_report() -> None:
    """It has arrived after the tick in which the interrupt is seen had begun."""
    running = runner(Account(JumpyTime()))
    names = []
    ways: list[Callable[[], None]] = [lambda: running._sleep(5.0), lambda: running._arrive(running._running)]
    for number, see in enumerate(ways):
        creation = running._kinds.creation(request(f"job-{number}"))
        names.append(creation.name)
        running._arrived.append(creation)
        running._interrupted = True
        with pytest.raises(KeyboardInterrupt):
            see()
        assert running._running.unsubmitted == names
        assert running._arrived == []


def test_the_end_of_its_thread_is_waited_for_in_steps_that_ctrl_c_can_interrupt() -> None:
    waited: list[float] = []

    class Ended:
        def wait(self, seconds: float) -> bool:
            waited.append(seconds)
            return len(waited) == 3

    running = runner(Account(JumpyTime()))
    running._join()
    ended: Any = Ended()
    running._thread, running._ended = Thread(), ended
    running._thread.start()
    running._join()
    assert waited == [0.5] * 3


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals cannot be sent to a thread")
@pytest.mark.parametrize("stop", [False, True])
def test_a_real_ctrl_c_at_the_end_of_the_block_waits_for_the_report(stop: bool) -> None:
    """Before Python 3.13, a join that Ctrl-C interrupts takes a running thread for one that has ended."""
    account = Account(JumpyTime(), life=lambda name: Life(10**6))
    pressed: list[BatchEvent] = []

    def press(event: BatchEvent) -> None:
        if not pressed and account.calls["Create"] == 3:
            pressed.append(event)
            signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)

    running = runner(account, timeout=10**7, on_poll=press, stop_on_interrupt=stop)
    with pytest.raises(KeyboardInterrupt) as caught, running:  # noqa: PT012
        for name in "abc":
            running.submit(request(name))
    report = caught.value.report  # type: ignore[attr-defined]
    assert len(report.stopped if stop else report.pending) == 3
    assert running._ended.is_set()


def test_a_forked_child_does_not_wait_for_a_thread_that_it_lacks() -> None:
    running = runner(Account(JumpyTime()))
    running._thread = Thread()
    running._thread.start()
    running._lock.acquire()
    running.after_fork()
    with running._lock:
        pass
    running._join()


def test_a_thread_that_cannot_start_refuses_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    running = runner(Account(JumpyTime()))
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", lambda self: refuse())
        with pytest.raises(RuntimeError, match="no more threads"):
            running.submit(request("a"))
    future = running.submit(request("a"))
    running.shutdown()
    assert future.result().compilation_job_status == "COMPLETED"


def refuse() -> None:
    raise RuntimeError("no more threads")


@pytest.mark.parametrize("error", [None, api("ExpiredTokenException")])
def test_a_future_that_the_run_never_took_ends_with_it(error: Any) -> None:
    running = runner(Account(JumpyTime()))
    futures = [RunFuture[Any](name, running._cancel) for name in ("left", "cancelled", "done", "begun")]
    left, cancelled, done, begun = futures
    running._futures = {future.name: future for future in futures}
    cancelled.cancel()
    begun.begin()
    done.begin()
    done.set_result("it")
    running._error = error
    running._finish()
    for future in (left, begun):
        expected = error or concurrent.futures.CancelledError
        assert future.exception(0) is error or isinstance(future.exception(0), expected)
        assert str(future.exception(0)) == str(error or "the runner has ended")
    assert cancelled.cancelled()
    assert done.result(0) == "it"
    with pytest.raises(RuntimeError, match="the runner has ended") as caught:
        running.submit(request("late"))
    assert caught.value.__cause__ is error


class Waits(threading.Event):
    """Counts how often somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.first = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.count += 1
        self.first.set()
        return super().wait(timeout)


def test_a_thread_with_nothing_to_do_sleeps() -> None:
    running = runner(Account(JumpyTime()))
    running._wake = waits = Waits()
    with running:
        running.submit(request("a")).result(SECONDS)
        assert waits.first.wait(SECONDS)
        time.sleep(0.05)
        assert waits.count < 5
        running.submit(request("b")).result(SECONDS)


def test_it_sleeps_until_it_is_woken_or_as_its_clock_does() -> None:
    running = runner(Account(JumpyTime()))
    slept: list[float] = []
    client: Any = SimpleNamespace(clock=SimpleNamespace(sleep=time.sleep))
    running._client = client
    running._wake = waits = Waits()
    running._sleep(0.01)
    assert waits.count == 1
    waits.set()
    running._sleep(3600)
    assert waits.count == 2
    running._arrive(running._running)
    assert not waits.is_set()  # the next sleep lasts
    client.clock.sleep = slept.append
    running._sleep(7200)
    assert (slept, waits.count) == ([7200], 2)
    running._interrupted = True
    for sleep in (time.sleep, slept.append):
        client.clock.sleep = sleep
        running._interrupted = True
        with pytest.raises(KeyboardInterrupt):
            running._sleep(3600)
        assert not running._interrupted  # it is told once
    client.clock.sleep = lambda seconds: setattr(running, "_interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        running._sleep(5)
    running._interrupted = True
    with pytest.raises(KeyboardInterrupt):
        running._arrive(running._running)
    assert slept == [7200]


def test_two_that_iterate_get_each_future_once() -> None:
    with runner(Account(JumpyTime(), life=lambda name: Life(50)), max_running=2) as running:
        for number in range(8):
            running.submit(request(f"job-{number}"))
        first, second = running.as_completed(SECONDS), running.as_completed(SECONDS)
        found = [next(first), next(second)]
        assert all(future.done() for future in found)
        found += [*first, *second]
    assert len(found) == len(set(found)) == 8


def test_as_completed_says_how_many_are_not_done() -> None:
    gate = Gate()
    with runner(Account(JumpyTime()), max_running=1, on_poll=gate) as running:
        try:
            for name in "abc":
                running.submit(request(name))
            with pytest.raises(TimeoutError, match=r"^3 of 3 futures are not done$"):
                list(running.as_completed(timeout=0))
        finally:
            gate.open()


@pytest.mark.parametrize(("arrives", "goes_on"), [(True, True), (False, False)])
def test_what_arrives_with_ctrl_c_still_reaches_the_run(arrives: bool, goes_on: bool) -> None:
    """The run then has it in its report."""
    running = runner(Account(JumpyTime()))

    class Pressed(threading.Event):
        count = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.count += 1
            running._interrupted = running._closed = True
            if arrives:
                running._arrived.append(running._kinds.creation(request("a")))
            return True

    running._wake = pressed = Pressed()
    assert running._awaits_more() is goes_on
    assert pressed.count == 1


def test_after_a_run_that_was_cut_short_no_other_begins() -> None:
    running = runner(Account(JumpyTime()))
    begun: list[int] = []

    def steps() -> Iterator[Any]:
        begun.append(len(begun))
        if len(begun) > 1:
            running._arrived.clear()
        yield from ()

    cut: Any = SimpleNamespace(steps=steps, was_cut=True)
    running._running = cut
    running._arrived.append(running._kinds.creation(request("a")))
    running._closed = True
    running._work()
    assert begun == [0]
    assert running._error is None
    assert running._ended.is_set()


def test_the_outcome_of_a_future_that_has_ended_does_not_change() -> None:
    running = runner(Account(JumpyTime()))
    futures = [RunFuture[Any](name, running._cancel) for name in ("open", "begun", "cancelled", "done")]
    running._futures = {future.name: future for future in futures}
    opened, begun, cancelled, done = futures
    cancelled.cancel()
    for future in (begun, done):
        future.begin()
    done.set_result("first")
    for future in futures:
        running._end(future.name, "second")
        running._end(future.name, ValueError("third"))
    assert cancelled.cancelled()
    assert [future.result(0) for future in (opened, begun, done)] == ["second", "second", "first"]

"""The threads of an event loop step by step: the tests take each thread's turn, so none of them runs."""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from functools import partial
from threading import Thread
from typing import Any

import pytest

from sagemaker_typed._core import crew
from sagemaker_typed._core.crew import Crew, _Share, _Worker
from sagemaker_typed._core.threads import Threads


class Standing:
    """A thread that never runs."""

    made: list[Standing]
    refuses: type[BaseException] | None

    def __init__(self, *, target: Any, args: Any, name: str, daemon: bool) -> None:
        self.target, self.args, self.name, self.daemon = target, args, name, daemon

    def start(self) -> None:
        if Standing.refuses is not None:
            raise Standing.refuses("no more threads")
        Standing.made.append(self)

    @property
    def worker(self) -> _Worker:
        (worker,) = self.args
        assert isinstance(worker, _Worker)
        return worker


class Job:
    def __init__(self, mailbox: object = None) -> None:
        self.mailbox: object = mailbox or self
        self.done = self.watched = 0
        self.failed: list[BaseException] = []

    def do(self) -> None:
        self.done += 1

    def fail(self, error: BaseException) -> None:
        self.failed.append(error)

    def watch(self) -> None:
        self.watched += 1


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    Standing.made, Standing.refuses = [], None
    monkeypatch.setattr(crew, "Thread", Standing)
    monkeypatch.setattr(crew, "_IDLE", 0.0)


def turn(made: Crew, thread: int) -> Any:
    """What a thread takes in its next turn; None if it has nothing to do and ends."""
    return made._next(Standing.made[thread].worker)


def test_work_begins_a_thread() -> None:
    made, job = Crew(2), Job()
    assert (made.has_work, made.busy, made.taken) == (False, 0, 0)
    assert made.put(job) is False
    assert (made.has_work, made.busy, made.taken) == (True, 1, 0)
    (thread,) = Standing.made
    assert (thread.target, thread.name, thread.daemon) == (made._serve, "sagemaker_typed", True)
    assert thread.worker.thread is thread  # type: ignore[comparison-overlap]
    assert turn(made, 0) is job
    assert (made.has_work, made.busy, made.taken, len(Standing.made)) == (False, 2, 1, 2), "one is there for the next"
    assert [turn(made, 0), turn(made, 1)] == [None, None]
    assert (made.busy, len(Standing.made)) == (0, 2)


def test_a_thread_that_takes_work_begins_the_next() -> None:
    made, jobs = Crew(2), [Job() for _ in range(4)]
    for job in jobs:
        made.put(job)
    assert len(Standing.made) == 1, "the others wait for the first to look"
    assert turn(made, 0) is jobs[0]
    assert len(Standing.made) == 2
    assert turn(made, 1) is jobs[1]
    assert len(Standing.made) == 2, "as many as there may be"
    assert [turn(made, 0), turn(made, 1)] == jobs[2:]
    assert made.busy == 2
    made.put(last := Job())
    assert turn(made, 0) is last
    assert [turn(made, 0), turn(made, 1), made.busy] == [None, None, 0]


def test_a_thread_runs_all_work_and_ends() -> None:
    made, jobs = Crew(1), [Job(), Job()]
    for job in jobs:
        made.put(job)
    (thread,) = Standing.made
    thread.target(*thread.args)
    assert [job.done for job in jobs] == [1, 1]
    assert (made.busy, made.has_work, made.taken) == (0, False, 2)
    made.put(Job())
    assert len(Standing.made) == 2, "the first has ended"


def test_work_that_no_thread_took_can_be_withdrawn() -> None:
    made, first, second = Crew(1), Job(), Job()
    made.put(first)
    made.put(second)
    assert turn(made, 0) is first
    assert made.withdraw(first) is False
    assert made.withdraw(second) is True
    assert made.withdraw(second) is False
    assert made.has_work is False


def test_a_wider_crew_begins_a_thread_for_queued_work() -> None:
    made = Crew(1)
    made.put(Job())
    made.put(Job())
    assert turn(made, 0)
    assert len(Standing.made) == 1
    made.widen(3)
    assert len(Standing.made) == 2
    assert turn(made, 1)
    assert turn(made, 2) is None
    made.widen(5)
    assert len(Standing.made) == 3, "nothing is queued"
    for _ in range(3):
        made.put(Job())
        assert turn(made, len(Standing.made) - 1)
    assert (made.busy, len(Standing.made)) == (5, 6)


@pytest.mark.parametrize("refusal", [RuntimeError, MemoryError])
def test_without_any_thread_work_fails(refusal: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    made, job = Crew(2), Job()
    Standing.refuses = refusal
    with caplog.at_level(logging.DEBUG, "sagemaker_typed"):
        made.put(job)
    assert [type(error) for error in job.failed] == [refusal]
    assert (made.has_work, made.busy) == (False, 0)
    (record,) = caplog.records
    assert record.getMessage() == "no thread can be started; 1 queued calls fail"
    assert record.exc_info is not None
    Standing.refuses = None
    made.put(later := Job())
    assert turn(made, 0) is later


def test_with_other_threads_work_waits(caplog: pytest.LogCaptureFixture) -> None:
    made, first, second = Crew(2), Job(), Job()
    made.put(first)
    made.put(second)
    Standing.refuses = RuntimeError
    with caplog.at_level(logging.DEBUG, "sagemaker_typed"):
        assert turn(made, 0) is first
    assert (second.failed, made.has_work, made.busy) == ([], True, 1)
    assert caplog.records[0].getMessage() == "no thread can be started; 0 queued calls fail"
    assert turn(made, 0) is second


def test_threads_that_are_idle_are_told_to_end() -> None:
    made = Crew(3)
    workers = [_Worker(), _Worker(), _Worker()]
    for worker in workers[:2]:
        worker.thread = Thread()
    made._count, made._idle = 3, list(workers)
    assert made.dismiss() == [worker.thread for worker in workers[:2]]
    assert [worker.wake.locked() for worker in workers] == [False, False, False]
    assert made.dismiss() == []
    assert made.busy == 3
    assert [made._next(worker) for worker in workers] == [None, None, None]
    assert made.busy == 0


def test_after_the_end_work_gets_a_thread_that_ends_with_it() -> None:
    made = Crew(2)
    made.dismiss()
    assert made._call_another() is False
    made.put(job := Job())
    assert turn(made, 0) is job
    assert turn(made, 0) is None
    assert (made.busy, made._idle) == (0, [])


def test_an_idle_thread_is_called_before_another_begins() -> None:
    made = Crew(3)
    old, new = _Worker(), _Worker()
    old.is_called = new.is_called = False
    made._count, made._idle = 2, [old, new]
    made.put(job := Job())
    assert (Standing.made, made._idle) == ([], [old])
    assert (new.is_called, new.wake.locked(), old.wake.locked()) == (True, False, True)
    assert made._next(new) is job
    assert new.is_called is False
    made.put(Job())
    assert (Standing.made, made._idle) == ([], [])


LOOKS = [
    # allowed before, whether nothing was taken, whether there is work; then allowed, threads begun, whether to look again
    (1, True, True, 2, 1, True),
    (2, True, True, 4, 1, False),
    (1, False, True, 1, 0, True),
    (1, True, False, 1, 0, False),
    (4, True, True, 4, 1, False),
]


@pytest.mark.parametrize(("allowed", "stuck", "work", "grown", "begun", "again"), LOOKS)
def test_a_look_lets_more_threads_work(
    allowed: int, stuck: bool, work: bool, grown: int, begun: int, again: bool
) -> None:
    made = Crew(4)
    made._share.allowed = allowed
    made._count = min(allowed, 3)  # all at work
    made._share.taken = 7
    if work:
        made._work[Job()] = None
    assert made.look(7 if stuck else 6) is again
    assert (made._share.allowed, len(Standing.made)) == (grown, begun)


def test_each_loop_with_queued_work_looks_once_the_crew_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    made, one, other = Crew(4), object(), object()
    jobs = [Job(), Job(one), Job(other), Job(one)]
    made._work.update(dict.fromkeys(jobs))
    made._count = 1
    worker = _Worker()

    def limit() -> None:
        made._share.taken += 1
        made._share.allowed = 1

    monkeypatch.setattr(made._share, "took", limit)
    assert made._next(worker) is jobs[0]
    assert [job.watched for job in jobs] == [0, 0, 1, 1]
    assert made._next(worker) is jobs[1]
    assert [job.watched for job in jobs] == [0, 0, 1, 1], "they look already"


def test_threads_record_what_they_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    made, worker = Crew(4), _Worker()
    made._work.update({Job(): None, Job(): None})
    made._count = 1
    used: list[float] = []
    times = iter([2.0, 5.0])
    monkeypatch.setattr(crew, "thread_time", lambda: next(times))
    monkeypatch.setattr(made._share, "used", used.append)
    made._next(worker)
    made._next(worker)
    assert (used, worker.cpu) == ([2.0, 3.0], 5.0)


def test_a_share_begins_with_all_threads() -> None:
    share = _Share(3)
    assert (share.allowed, share.is_limited, share.taken) == (3, False, 0)
    share.allowed = 1
    assert share.is_limited is True
    share.grow()
    assert share.allowed == 2
    share.grow()
    assert share.allowed == 3
    share.widen(9)
    assert (share.allowed, share.is_limited) == (9, False)


# --- one piece of work ------------------------------------------------------------------------------------------------

HERE: ContextVar[str] = ContextVar("here", default="nowhere")


class Asked:
    """A coroutine that waits for work, in a loop of its own; the test takes the turns of the threads."""

    def __init__(self, work: Any, **options: Any) -> None:
        self.threads = Threads(1)
        self.work, self.options = work, options
        self.abandoned = 0

    def abandon(self) -> None:
        self.abandoned += 1

    def run(self, between: Any) -> Any:
        async def ask() -> Any:
            task = asyncio.ensure_future(self.threads.run(self.work, **self.options))
            await asyncio.sleep(0)
            between(task)
            return await asyncio.wait_for(task, 60)

        return asyncio.run(ask())

    def take(self) -> Any:
        return turn(self.threads._crew, 0)


def test_the_result_comes_to_whoever_asked() -> None:
    HERE.set("here")
    asked = Asked(HERE.get, abandon=lambda: None)
    assert asked.run(lambda _: asked.take().do()) == "here"


def test_an_error_comes_to_whoever_asked() -> None:
    def fail() -> None:
        raise KeyError("of the work")

    asked = Asked(fail)
    with pytest.raises(KeyError, match="of the work"):
        asked.run(lambda _: asked.take().do())


def test_an_end_of_an_iteration_is_another_error() -> None:
    asked = Asked(lambda: next(iter(())))
    with pytest.raises(RuntimeError) as caught:
        asked.run(lambda _: asked.take().do())
    assert str(caught.value) == "the call raised StopIteration"
    assert isinstance(caught.value.__cause__, StopIteration)


def test_a_refused_thread_is_told_to_whoever_asked() -> None:
    Standing.refuses = RuntimeError
    with pytest.raises(RuntimeError, match="no more threads"):
        Asked(int).run(lambda _: None)


@pytest.mark.parametrize("seconds", [0, -5.0])
@pytest.mark.parametrize("late", [None, KeyError])
def test_work_that_no_thread_takes_in_time(late: Any, seconds: float) -> None:
    asked = Asked(int, seconds=seconds, **({} if late is None else {"late": late}))
    asked.options["abandon"] = asked.abandon
    with pytest.raises(TimeoutError if late is None else late):
        asked.run(lambda _: None)
    assert (asked.abandoned, asked.threads._crew.has_work) == (0, False)


def test_work_that_a_thread_took_may_take_longer() -> None:
    asked = Asked(lambda: 5, seconds=0)

    def between(task: Any) -> None:
        job = asked.take()
        task.get_loop().call_later(0.002, job.do)

    assert asked.run(between) == 5


def test_an_answer_ends_the_timer() -> None:
    timers: list[Any] = []
    asked = Asked(lambda: 5, seconds=60)

    async def ask() -> Any:
        loop = asyncio.get_running_loop()
        later = loop.call_later
        loop.call_later = lambda *each: timers.append(later(*each)) or timers[-1]  # type: ignore[method-assign,func-returns-value]
        task = asyncio.ensure_future(asked.threads.run(asked.work, **asked.options))
        await asyncio.sleep(0)
        asked.take().do()
        return await task

    assert asyncio.run(ask()) == 5
    (timer,) = timers
    assert timer.cancelled()


@pytest.mark.parametrize(("taken", "abandons"), [(False, 0), (True, 1)])
def test_a_cancelled_caller_abandons_what_runs(taken: bool, abandons: int) -> None:
    asked = Asked(int)
    asked.options["abandon"] = asked.abandon

    def between(task: Any) -> None:
        if taken:
            asked.take()
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        asked.run(between)
    assert (asked.abandoned, asked.threads._crew.has_work) == (abandons, False)


def test_a_cancelled_caller_need_not_abandon() -> None:
    asked = Asked(int)
    with pytest.raises(asyncio.CancelledError):
        asked.run(lambda task: (asked.take(), task.cancel()))


def test_a_result_for_a_cancelled_caller_is_dropped() -> None:
    async def ask() -> None:
        made = Threads(1)
        task = asyncio.ensure_future(made.run(int))
        await asyncio.sleep(0)
        job = turn(made._crew, 0)
        task.cancel()
        await asyncio.sleep(0)
        job.do()
        made._give_up(job, TimeoutError)
        made._crew._work[job] = None
        made._give_up(job, TimeoutError)  # its time is over, and nobody waits
        await asyncio.sleep(0)
        assert task.cancelled()

    asyncio.run(ask())


def test_threads_are_widened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Threads()
    assert made.most == 1
    widened: list[int] = []
    monkeypatch.setattr(made._crew, "widen", widened.append)
    for most in (1, 7, 7, 3):
        made.widen(most)
    assert (widened, made.most) == ([7, 3], 3)


def test_a_forked_child_has_a_crew_of_its_own() -> None:
    made = Threads(4)
    before = made._crew, made._mailboxes
    made.after_fork()
    assert made._crew is not before[0]
    assert made._mailboxes is not before[1]
    assert made._crew._share.most == 4
    assert made.close() == []
    assert made._crew._dismissed


def test_results_after_one_that_nobody_waits_for() -> None:
    async def ask() -> None:
        made = Threads(1)
        tasks = [asyncio.ensure_future(made.run(partial(int, each))) for each in "123"]
        await asyncio.sleep(0)
        jobs = [turn(made._crew, 0) for _ in tasks]
        tasks[1].cancel()
        for job in jobs:
            job.do()
        await asyncio.wait_for(asyncio.wait(tasks), 60)
        assert [tasks[0].result(), tasks[1].cancelled(), tasks[2].result()] == [1, True, 3]

    asyncio.run(ask())


def test_results_for_a_closed_loop_are_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    made = Threads(1)
    loop = asyncio.new_event_loop()
    task = loop.create_task(made.run(int))
    loop.run_until_complete(asyncio.sleep(0))
    job = turn(made._crew, 0)
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()
    with caplog.at_level(logging.DEBUG, "sagemaker_typed"):
        job.do()
    assert [record.getMessage() for record in caplog.records] == ["the event loop was closed before its call finished"]
    assert not job.mailbox._come

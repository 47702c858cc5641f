"""How many threads make the calls of an event loop, and how often they wake it."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from functools import partial
from threading import Barrier, Event, Semaphore
from typing import Any

import pytest

from sagemaker_typed._core import crew, threads
from sagemaker_typed._core.crew import _Share
from sagemaker_typed._core.threads import Threads, _Mailbox, _Work

HANG = 60.0  # a bound on a test that would hang


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(crew, "monotonic", made)
    return made


def allowed(share: _Share, clock: Clock, busy: float, windows: int) -> list[int]:
    """How many threads may work after each window of eight takes, of which the threads compute for a part."""
    found: list[int] = []
    for _ in range(windows):
        for _ in range(8):
            clock.now += 0.25
            share.used(0.25 * busy)
            before = share.allowed
            share.took()
        assert before in (*found[-1:], share.allowed) or not found, "it changes at the end of a window"
        found.append(share.allowed)
    return found


def begun(clock: Clock, most: int) -> _Share:
    """A share whose first window, which began with the clock at zero, is over."""
    share = _Share(most)
    assert allowed(share, clock, 1.0, 1) == [most]
    return share


def test_threads_that_compute_become_fewer_and_one_remains(clock: Clock) -> None:
    assert allowed(begun(clock, 16), clock, 0.9, 12) == [12, 9, 7, 6, 5, 4, 3, 2, 1, 1, 1, 1]


def test_threads_that_wait_become_more(clock: Clock) -> None:
    share = begun(clock, 12)
    assert allowed(share, clock, 0.9, 9)[-1] == 1
    assert share.is_limited
    assert allowed(share, clock, 0.5, 5) == [2, 4, 8, 12, 12]
    assert not share.is_limited


@pytest.mark.parametrize("busy", [0.61, 0.7, 0.84])
def test_between_the_two_nothing_changes(clock: Clock, busy: float) -> None:
    share = begun(clock, 16)
    share.allowed = 5
    assert allowed(share, clock, busy, 3) == [5, 5, 5]


def test_threads_that_run_in_parallel_never_become_fewer(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert allowed(begun(clock, 16), clock, 3.0, 3) == [16, 16, 16]


def test_two_takes_at_the_same_time_divide_by_no_zero(clock: Clock) -> None:
    share = begun(clock, 16)
    for _ in range(8):
        share.used(0.1)
        share.took()
    assert share.allowed == 12


def limited(most: int, to: int) -> Threads:
    """Threads of which some may not work."""
    made = Threads(most)
    made._crew._share.allowed = to
    return made


def test_work_behind_a_stuck_call_gets_another_thread() -> None:
    async def run() -> None:
        made, stuck = limited(4, to=1), Event()
        await asyncio.gather(made.run(stuck.wait), made.run(stuck.set))

    asyncio.run(asyncio.wait_for(run(), HANG))


def test_work_that_was_queued_before_the_limit_gets_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def limit(share: _Share) -> None:
        share.taken += 1
        if share.taken == 1:
            share.allowed = 1

    monkeypatch.setattr(_Share, "took", limit)

    async def run() -> None:
        made, stuck = Threads(4), Event()
        await asyncio.gather(made.run(stuck.wait), made.run(stuck.set))

    asyncio.run(asyncio.wait_for(run(), HANG))


def test_each_of_many_stuck_calls_gets_a_thread() -> None:
    async def run() -> None:
        made, stuck = limited(16, to=1), Event()
        await asyncio.gather(*(made.run(stuck.wait) for _ in range(15)), made.run(stuck.set))

    asyncio.run(asyncio.wait_for(run(), HANG))


def test_calls_that_a_blocked_loop_has_queued_get_threads() -> None:
    """A loop that runs its user's code does not look."""
    together = Barrier(8)

    async def run() -> None:
        made = limited(8, to=1)
        running = [asyncio.ensure_future(made.run(partial(together.wait, HANG))) for _ in range(8)]
        await asyncio.sleep(0)
        while made._crew.has_work:  # blocks the loop
            time.sleep(0.001)
        await asyncio.gather(*running)

    asyncio.run(asyncio.wait_for(run(), HANG))


def test_one_thread_takes_all_quick_work_while_one_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Share, "took", lambda share: setattr(share, "taken", share.taken + 1))
    monkeypatch.setattr(_Share, "grow", lambda share: None)

    async def run() -> None:
        made = limited(8, to=1)
        await asyncio.gather(*(made.run(int) for _ in range(200)))
        assert made._crew._count <= 2  # the other one watches
        assert made._crew.taken == 200

    asyncio.run(asyncio.wait_for(run(), HANG))


def test_more_than_allowed_become_idle_though_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Share, "took", lambda share: None)
    monkeypatch.setattr(_Share, "grow", lambda share: None)

    async def run() -> None:
        made, begun, go, held = Threads(2), Semaphore(0), Event(), Event()

        def first() -> None:
            begun.release()
            go.wait()

        running: list[asyncio.Future[Any]] = [asyncio.ensure_future(made.run(first)) for _ in range(2)]
        await asyncio.to_thread(lambda: (begun.acquire(), begun.acquire()))
        made._crew._share.allowed = 1
        rest: list[asyncio.Future[Any]] = [asyncio.ensure_future(made.run(each)) for each in (held.wait, held.set)]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*running)
        while (made._crew.busy, made._crew._is_watched) != (1, True):
            await asyncio.sleep(0.001)
        assert made._crew.has_work
        held.set()
        await asyncio.gather(*rest)

    asyncio.run(asyncio.wait_for(run(), HANG))


class Loop:
    """A loop that records what it is asked for."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.soon: list[Any] = []
        self.later: list[tuple[float, Any, tuple[Any, ...]]] = []

    def call_soon_threadsafe(self, function: Any, *arguments: Any) -> None:
        if self.closed:
            raise RuntimeError("Event loop is closed")
        self.soon.append((function, *arguments))

    def call_later(self, seconds: float, function: Any, *arguments: Any) -> None:
        self.later.append((seconds, function, arguments))

    def create_future(self) -> Future:
        return Future()


class Future:
    result: Any = None

    def done(self) -> bool:
        return False

    def set_result(self, result: Any) -> None:
        self.result = result


class Work:
    """The threads, as a mailbox sees them."""

    def __init__(self, *, has_work: bool, taken: int = 0, looks: bool = False) -> None:
        self.has_work = has_work
        self.taken = taken
        self.looks = looks
        self.looked: list[int] = []

    def look(self, taken: int) -> bool:
        self.looked.append(taken)
        return self.looks


def put(mailbox: _Mailbox, count: int) -> list[Future]:
    futures = [Future() for _ in range(count)]
    for future in futures:
        mailbox.put((future, "done", None))  # type: ignore[arg-type]
    return futures


def test_results_wake_a_loop_once() -> None:
    loop = Loop()
    mailbox = _Mailbox(loop, Work(has_work=True))  # type: ignore[arg-type]
    futures = put(mailbox, 20)
    [(deliver,)] = loop.soon
    deliver()
    assert [each.result for each in futures] == ["done"] * 20
    put(mailbox, 1)
    assert len(loop.soon) == 2


def test_a_loop_that_looks_soon_is_woken_by_the_eighth_result() -> None:
    loop = Loop()
    mailbox = _Mailbox(loop, Work(has_work=True))  # type: ignore[arg-type]
    mailbox.watch()
    put(mailbox, 7)
    assert not loop.soon
    put(mailbox, 1)
    assert len(loop.soon) == 1


def test_a_loop_that_looks_soon_is_woken_if_no_other_result_will_come() -> None:
    loop = Loop()
    mailbox = _Mailbox(loop, Work(has_work=False))  # type: ignore[arg-type]
    mailbox.watch()
    put(mailbox, 1)
    assert len(loop.soon) == 1


@pytest.mark.parametrize("looks", [True, False])
def test_a_look_delivers_and_is_repeated_while_the_threads_say_so(looks: bool) -> None:
    work = Work(has_work=True, taken=3, looks=looks)
    loop = Loop()
    mailbox = _Mailbox(loop, work)  # type: ignore[arg-type]
    mailbox.watch()
    mailbox.watch()
    [(seconds, look, arguments)] = loop.later
    assert seconds == threads._LOOK
    futures = put(mailbox, 2)
    work.taken = 5
    look(*arguments)
    assert [each.result for each in futures] == ["done", "done"]
    assert work.looked == [3]
    assert len(loop.later) == 1 + looks
    put(mailbox, 1)
    assert len(loop.soon) == (not looks)
    if looks:
        _, look, arguments = loop.later[1]
        look(*arguments)
        assert work.looked == [3, 5]


def test_a_closed_loop_is_not_made_to_look(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_typed")
    loop = Loop(closed=True)
    job = _Work(_Mailbox(loop, Work(has_work=True)), int)  # type: ignore[arg-type]
    job.watch()
    assert caplog.messages == ["the event loop was closed before its call began"]
    assert not loop.later


def test_one_look_is_asked_for_each_loop_however_much_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Threads(4)
    mailboxes = [_Mailbox(Loop(), made._crew), _Mailbox(Loop(), made._crew)]  # type: ignore[arg-type]
    jobs = [_Work(mailboxes[number % 2], int) for number in range(10)]
    made._crew._work.update(dict.fromkeys(jobs))
    monkeypatch.setattr(_Share, "took", lambda share: setattr(share, "allowed", 1))
    worker = crew._Worker()
    assert [each.mailbox for each in made._crew._took(worker)] == mailboxes
    assert made._crew._took(worker) == []

"""`sm.map`: any calls at the shared pace, and what became of each."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, MapReport, Pacing, SageMaker, errors
from sagemaker_typed.waiting import Clock
from tests.support.simulated import JumpyTime, api


def client(time: JumpyTime | None = None, pacing: Pacing | None = None) -> SageMaker:
    sm = SageMaker(region="us-west-2")
    sm.clock = (time or JumpyTime()).clock
    sm.pacing = pacing or Pacing()
    return sm


def odd(item: int) -> str:
    if item % 2 == 0:
        raise ValueError(f"{item} is even")
    return str(item)


def test_results_come_in_the_order_of_the_items() -> None:
    report = client().map(odd, [5, 4, 3, 2, 1])
    assert list(report.succeeded.items()) == [(5, "5"), (3, "3"), (1, "1")]
    assert list(report.failed) == [4, 2]
    assert not report.ok
    assert len(report) == 5
    with pytest.raises(ValueError, match="4 is even"):
        report.raise_for_failures()
    assert str(report).splitlines()[:3] == [
        "3 succeeded, 2 failed (after 0s)",
        "item  outcome    error",
        "4     failed     ValueError: 4 is even",
    ]
    assert report._repr_html_().count("<tr>") == 6


def test_no_more_at_once_than_asked_for() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    together = threading.Barrier(3)

    def call(item: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(30)
        with lock:
            under_way -= 1

    assert client().map(call, range(9), max_concurrency=3).ok
    assert most == 3


def test_calls_are_paced_with_the_waits_and_throttling_slows_them() -> None:
    time = JumpyTime()
    pacing = Pacing(describe_per_second=1, most_describes=1)
    sm = client(time, pacing)
    assert sm.map(str, range(15), max_concurrency=1).ok
    assert time.now - 1000 == pytest.approx(5)  # ten at once, and then one a second

    def throttled(item: int) -> None:
        raise api("ThrottlingException")

    report = sm.map(throttled, [1], max_concurrency=1)
    assert isinstance(report.failed[1], errors.ThrottlingError)
    assert pacing.describe.rate == 0.5


def test_fail_fast_and_expired_credentials_begin_no_more() -> None:
    report = client().map(odd, range(10), max_concurrency=1, fail_fast=True)
    assert list(report.failed) == [0]
    assert report.skipped == list(range(1, 10))

    def expired(item: int) -> None:
        raise api("ExpiredTokenException")

    report_of_expired = client().map(expired, range(10), max_concurrency=1)
    assert len(report_of_expired.failed) == 1
    assert len(report_of_expired.skipped) == 9


def test_what_ends_the_program_ends_the_calls_of_the_other_threads() -> None:
    begun: list[int] = []
    other, ended = threading.Event(), threading.Event()

    def told_of(thread: threading.Thread) -> None:
        thread.join(20)
        ended.set()

    def call(item: int) -> None:
        begun.append(item)
        if item == 0:
            thread = threading.current_thread()
            threading.Thread(target=told_of, args=(thread,), daemon=True).start()
            assert other.wait(20)
            raise SystemExit(3)
        other.set()
        assert ended.wait(20)

    with pytest.raises(SystemExit) as caught:
        client().map(call, range(50), max_concurrency=2)
    assert sorted(begun) == [0, 1]
    report: MapReport[int, None] = caught.value.report  # type: ignore[attr-defined]
    assert report.skipped == [0, *range(2, 50)]


def test_an_interrupt_carries_the_report() -> None:
    def call(item: int) -> int:
        if item == 2:
            raise KeyboardInterrupt
        return item

    with pytest.raises(KeyboardInterrupt) as caught:
        client().map(call, range(5), max_concurrency=1)
    report: MapReport[int, int] = caught.value.report  # type: ignore[attr-defined]
    assert report.succeeded == {0: 0, 1: 1}
    assert report.skipped == [2, 3, 4]


@pytest.mark.parametrize(
    ("items", "options", "said"),
    [
        ("abc", {}, "several items, not one text"),
        ([{"a": 1}], {}, r"items\[0\]: a hashable value"),
        ([1], {"max_concurrency": 0}, "max_concurrency: a number of at least 1"),
    ],
)
def test_what_cannot_be_mapped_is_refused(items: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=said):
        client().map(str, items, **options)


def test_equal_items_are_called_once_and_none_are_no_matter() -> None:
    calls: list[int] = []
    assert client().map(calls.append, [1, 1, 2], max_concurrency=1).ok
    assert calls == [1, 2]
    assert str(client().map(str, [])) == "nothing to do (after 0s)"


def test_a_report_shows_no_control_characters() -> None:
    text = str(client().map(len, ["\x1b[31m"]))
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


# --- asynchronous -----------------------------------------------------------------------------------------------------


def async_client() -> AsyncSageMaker:
    sm = AsyncSageMaker(region="us-west-2")
    time = JumpyTime()
    sm.clock = Clock(now=lambda: time.now, sleep=time.clock.sleep)
    return sm


def test_the_asynchronous_map_awaits() -> None:
    async def call(item: int) -> str:
        await asyncio.sleep(0)
        return odd(item)

    report = asyncio.run(async_client().map(call, range(20), max_concurrency=4))
    assert list(report.succeeded) == list(range(1, 20, 2))
    assert list(report.failed) == list(range(0, 20, 2))


def test_a_cancelled_map_carries_its_report() -> None:
    async def main() -> MapReport[int, int]:
        second = asyncio.Event()

        async def call(item: int) -> int:
            if item:
                second.set()
                await asyncio.Event().wait()
            return item

        task = asyncio.create_task(async_client().map(call, range(3), max_concurrency=1))
        await asyncio.wait_for(second.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.report  # type: ignore[attr-defined,no-any-return]

    report = asyncio.run(main())
    assert (report.succeeded, report.skipped) == ({0: 0}, [1, 2])

"""`sm.map`: any calls at the shared pace, and what became of each."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, MapReport, Pacing, SageMaker, errors
from sagemaker_typed._waiting import mapping
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


def test_calls_that_the_pace_allows_begin_without_a_pause() -> None:
    time = JumpyTime()
    assert client(time, Pacing(describe_per_second=10)).map(str, [1, 2, 3], max_concurrency=1).ok
    assert time.slept == []


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
        ([(1, [])], {}, r"items\[0\]: a hashable value"),
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


# --- each part --------------------------------------------------------------------------------------------------------


def report_of(succeeded: int = 0, failed: int = 0, skipped: int = 0, elapsed: float = 61.0) -> MapReport[Any, Any]:
    return MapReport(
        succeeded={f"s{number}": number for number in range(succeeded)},
        failed={f"f{number}": ValueError(f"no {number}") for number in range(failed)},
        skipped=[f"k{number}" for number in range(skipped)],
        elapsed=elapsed,
    )


@pytest.mark.parametrize(
    ("counts", "said", "ok"),
    [
        ((0, 0, 0), "nothing to do (after 1m01s)", True),
        ((2, 0, 0), "2 succeeded (after 1m01s)", True),
        ((0, 1, 0), "1 failed (after 1m01s)", False),
        ((0, 0, 3), "3 skipped (after 1m01s)", False),
        ((1, 2, 3), "1 succeeded, 2 failed, 3 skipped (after 1m01s)", False),
    ],
)
def test_a_report_counts_each_outcome(counts: tuple[int, int, int], said: str, ok: bool) -> None:
    report = report_of(*counts)
    assert str(report).splitlines()[0] == said
    assert report._repr_html_().startswith(f"<p>{said}</p>")
    assert (report.ok, len(report)) == (ok, sum(counts))


def test_what_went_wrong_comes_first() -> None:
    assert str(report_of(1, 1, 1)).splitlines()[1:] == [
        "item  outcome    error",
        "'f0'  failed     ValueError: no 0",
        "'k0'  skipped",
        "'s0'  succeeded",
    ]
    shown = report_of(1, 1, 1)._repr_html_()
    assert [shown.index(word) for word in ("f0", "k0", "s0")] == sorted(
        shown.index(word) for word in ("f0", "k0", "s0")
    )
    assert "error" in shown


@pytest.mark.parametrize(("rows", "more"), [(20, None), (21, "and 1 more"), (25, "and 5 more")])
def test_a_report_shows_twenty_items(rows: int, more: str | None) -> None:
    lines = str(report_of(rows)).splitlines()
    assert len(lines) == 2 + 20 + (more is not None)
    assert (lines[-1] == more) is (more is not None)


@pytest.mark.parametrize(("rows", "more"), [(200, ""), (201, "<p>and 1 more</p>"), (210, "<p>and 10 more</p>")])
def test_a_report_in_a_notebook_shows_two_hundred(rows: int, more: str) -> None:
    shown = report_of(rows)._repr_html_()
    assert shown.count("<tr>") == 201
    assert shown.endswith(f"</table>{more}")


def test_the_first_error_is_raised_if_there_is_any() -> None:
    report_of(1, 0, 1).raise_for_failures()
    with pytest.raises(ValueError, match="no 0"):
        report_of(1, 2).raise_for_failures()


class Repeated:
    """A call whose first item fails in some way."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.called: list[int] = []

    def __call__(self, item: int) -> int:
        self.called.append(item)
        if item == 0:
            raise self.error
        return item


ENDS: list[tuple[Exception, dict[str, Any], bool]] = [
    (ValueError("of one item"), {}, False),
    (ValueError("of one item"), {"fail_fast": True}, True),
    (api("ExpiredTokenException"), {}, True),
    (api("ValidationException"), {}, False),
    (api("ThrottlingException"), {}, False),
    (errors.CredentialsError("there are none", None), {}, True),
    (errors.TransportError("no answer", None), {}, False),
]


@pytest.mark.parametrize("ways", ["threads", "tasks"])
@pytest.mark.parametrize(("error", "options", "ends"), ENDS)
def test_what_ends_the_calls(ways: str, error: Exception, options: dict[str, Any], ends: bool) -> None:
    call = Repeated(error)

    async def awaited(item: int) -> int:
        return call(item)

    if ways == "threads":
        report: MapReport[int, int] = client().map(call, range(3), max_concurrency=1, **options)
    else:
        report = asyncio.run(async_client().map(awaited, range(3), max_concurrency=1, **options))
    assert report.failed == {0: error}
    assert call.called == ([0] if ends else [0, 1, 2])
    assert report.skipped == ([1, 2] if ends else [])
    assert report.succeeded == ({} if ends else {1: 1, 2: 2})


def test_the_threads_are_daemons_with_a_name_and_see_the_callers_context() -> None:
    here: contextvars.ContextVar[str] = contextvars.ContextVar("here", default="nowhere")
    here.set("here")
    before = set(threading.enumerate())

    def call(_: int) -> tuple[str, bool, str]:
        thread = threading.current_thread()
        return thread.name, thread.daemon, here.get()

    report = client().map(call, range(5), max_concurrency=2)
    assert set(report.succeeded.values()) == {("sagemaker_typed-map", True, "here")}
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(("items", "most", "hands"), [(3, 8, 3), (8, 3, 3), (0, 8, 0), (1, 1, 1)])
def test_as_many_threads_as_there_are_items(items: int, most: int, hands: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    original = threading.Thread

    def thread(**options: Any) -> Any:
        made.append(options)
        return original(**options)

    monkeypatch.setattr(mapping, "Thread", thread)
    assert client().map(str, range(items), max_concurrency=most).ok
    assert len(made) == hands


@pytest.mark.parametrize("most", [0, -1, True, 1.0, "2", None])
def test_what_is_no_number_of_threads(most: Any) -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        client().map(str, [1], max_concurrency=most)
    ((path, rule, detail),) = caught.value.problems
    assert (path, rule, detail) == ("max_concurrency", "min", f"a number of at least 1, not {most!r}")


def test_each_item_that_cannot_be_a_key_is_named() -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        client().map(str, [1, [], "a", {}])
    assert list(caught.value.problems) == [
        errors.Problem("items[1]", "type", "a hashable value, not []"),
        errors.Problem("items[3]", "type", "a hashable value, not {}"),
    ]
    for text in ("abc", b"abc"):
        with pytest.raises(errors.InvalidRequestError) as caught:
            client().map(str, text)
        assert list(caught.value.problems) == [
            errors.Problem("items", "type", f"several items, not one text: write [{text!r}]")
        ]


def test_throttling_since_a_call_began_slows_the_calls_and_answers_speed_them_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = JumpyTime()
    pacing = Pacing()
    told: list[Any] = []
    bucket = pacing.describe
    monkeypatch.setattr(bucket, "throttled", lambda begun, now: told.append((begun, now)))
    monkeypatch.setattr(bucket, "succeeded", lambda: told.append("succeeded"))

    def call(item: int) -> int:
        time.now += 5
        if item == 0:
            raise api("ThrottlingException")
        if item == 1:
            raise api("ValidationException")
        return item

    began = time.now
    report = client(time, pacing).map(call, range(3), max_concurrency=1)
    assert told == [(began, began + 5), "succeeded"]
    assert report.elapsed == 15


def test_what_ends_one_task_ends_the_others() -> None:
    """No more calls begin, not even after one that takes no notice of its cancellation."""
    called: list[int] = []

    class Over(BaseException):
        pass

    async def call(item: int) -> int:
        called.append(item)
        if item == 1:
            raise Over
        if item == 0:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return item
        await asyncio.Event().wait()
        return item

    async def main() -> MapReport[int, int]:
        with pytest.raises(Over) as caught:
            await async_client().map(call, range(9), max_concurrency=3)
        return caught.value.report  # type: ignore[attr-defined,no-any-return]

    report = asyncio.run(main())
    assert called == [0, 1, 2]
    assert (report.succeeded, report.skipped) == ({0: 0}, list(range(1, 9)))


@pytest.mark.parametrize("ways", ["threads", "tasks"])
def test_a_call_sleeps_as_long_as_the_pace_says_and_not_at_all_where_it_says_nothing(
    ways: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    turns = iter([0.0, 2.5, 0.0, 0.5])
    pacing = Pacing()
    monkeypatch.setattr(pacing.describe, "take", lambda now: next(turns))

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def awaited(item: int) -> int:
        return item

    if ways == "threads":
        clock = Clock(now=lambda: 0.0, sleep=slept.append)
        made = mapping.map_all(int, range(4), clock, pacing, max_concurrency=1, fail_fast=False)
    else:
        work = mapping.amap_all(awaited, range(4), Clock(), pacing, sleep, max_concurrency=1, fail_fast=False)
        made = asyncio.run(work)
    assert slept == [2.5, 0.5]
    assert made.succeeded == {item: item for item in range(4)}

"""Token buckets: bursts, the pace after them, and what throttling and success make of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_typed import Pacing
from sagemaker_typed._waiting.pacing import TokenBucket


def test_a_burst_is_free_and_then_the_pace_holds() -> None:
    bucket = TokenBucket(2.0, 20.0, burst=3)
    assert [bucket.take(0.0) for _ in range(6)] == [0, 0, 0, 0.5, 1.0, 1.5]
    assert bucket.take(10.0) == 0  # long enough for the debt and the burst


def test_throttling_halves_and_success_recovers() -> None:
    bucket = TokenBucket(8.0, 20.0, burst=6)
    bucket.throttled()
    assert bucket.rate == 4
    assert bucket.take(0.0) == pytest.approx(0.25)  # nothing is left of the burst
    for _ in range(6):
        bucket.succeeded()
    assert bucket.rate > 8
    for _ in range(100):
        bucket.succeeded()
    assert bucket.rate == 20
    for _ in range(100):
        bucket.throttled()
    assert bucket.rate == 0.1
    assert bucket.take(1e6) == 0  # the slowest is not never


def test_a_burst_that_was_refused_is_not_tried_again() -> None:
    bucket = TokenBucket(1.0, 20.0, burst=6)
    bucket.take(0.0)
    bucket.throttled()
    bucket.throttled()
    assert [bucket.take(1000.0) > 0 for _ in range(2)] == [False, True]


def test_a_token_that_was_not_used_is_there_for_the_next() -> None:
    pacing = Pacing(list_per_second=1)
    assert [pacing.delay("list", 0.0, 0.0) for _ in range(6)] == [0.0] * 6
    assert [pacing.delay("list", 0.0, 0.5) for _ in range(5)] == [None] * 5
    assert pacing.delay("list", 0.0, 1.0) == 1.0


def test_a_clock_that_another_thread_read_earlier_gives_nothing_twice() -> None:
    """Threads read the clock before they wait for their turn, and so come with times in any order."""
    pacing = Pacing(list_per_second=2)
    pacing.list.throttled()  # to one a second, and nothing is left of the burst
    # One second has passed between them all, and has earned one token.
    assert [pacing.delay("list", now, 1e9) for now in (100.0, 99.0, 101.0, 101.0)] == [1.0, 2.0, 2.0, 3.0]


def test_lists_and_describes_have_a_pace_each() -> None:
    pacing = Pacing(list_per_second=1, describe_per_second=10)
    assert [pacing.delay("list", 0.0, 1e9) for _ in range(7)] == [0.0] * 6 + [1.0]
    assert [pacing.delay("describe", 0.0, 1e9) for _ in range(11)] == [0.0] * 10 + [0.1]


@pytest.mark.parametrize("argument", ["list_per_second", "describe_per_second"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_pace_is_more_than_nothing(argument: str, value: float) -> None:
    with pytest.raises(ValueError, match=argument):
        Pacing(**{argument: value})


def test_a_pace_above_the_usual_most_is_kept() -> None:
    pacing = Pacing(list_per_second=50)
    pacing.list.succeeded()
    assert pacing.list.rate == 50


@given(
    gaps=st.lists(st.floats(0, 20), min_size=1, max_size=200),
    rate=st.floats(0.1, 50),
    burst=st.integers(1, 10),
)
def test_never_more_than_the_burst_and_the_pace(gaps: list[float], rate: float, burst: int) -> None:
    bucket, now, used = TokenBucket(rate, 100.0, burst), 0.0, list[float]()
    for gap in gaps:
        now += gap
        now += bucket.take(now)  # who takes sleeps
        used.append(now)
    for first in range(0, len(used), 7):
        for last in range(first, len(used), 11):
            assert last - first + 1 <= burst + (used[last] - used[first]) * rate + 1e-6


def test_threads_share_one_pace() -> None:
    bucket = TokenBucket(1.0, 1.0, burst=1)
    waits: list[Any] = []
    threads = [threading.Thread(target=lambda: waits.extend(bucket.take(0.0) for _ in range(50))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == list(range(200))


def test_calls_under_way_together_slow_down_once() -> None:
    """Eight at once are throttled; then one that began after the first of these answers."""
    bucket = TokenBucket(8.0, 20.0, burst=8)
    for late in range(8):
        bucket.throttled(begun=10.0, now=10.1 + late / 100)
    assert bucket.rate == 4
    bucket.throttled(begun=10.5, now=10.6)
    assert bucket.rate == 2

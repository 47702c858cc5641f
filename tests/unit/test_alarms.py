"""One thread calls what is due, for all calls of the process. Its times are short; no test waits for a long one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from sagemaker_typed._core.http.alarms import Alarms

PATIENCE = 20.0


def until(condition: Callable[[], object]) -> None:
    deadline = time.perf_counter() + PATIENCE
    while not condition():
        assert time.perf_counter() < deadline
        time.sleep(0.005)


def test_alarms_ring_in_the_order_of_their_times() -> None:
    alarms, rung = Alarms(), list[str]()
    for name, seconds in (("late", 0.2), ("never", 3600), ("soon", 0.05), ("dropped", 0.1)):
        ring = Ring(rung, name)
        alarms.set(ring, seconds)
        if name == "dropped":
            alarms.drop(ring)
    until(lambda: len(rung) == 2)
    assert rung == ["soon", "late"]


class Ring:
    def __init__(self, rung: list[str], name: str) -> None:
        self.rung, self.name = rung, name

    def __call__(self) -> None:
        self.rung.append(self.name)


def test_one_thread_serves_all_and_ends_when_it_has_nothing_to_do() -> None:
    alarms = Alarms(idle=0.05)
    rings = [Ring([], str(number)) for number in range(50)]
    for _ in range(2):  # and it begins again
        for ring in rings:
            alarms.set(ring, 3600)
        thread = alarms._thread
        assert thread is not None
        assert thread.is_alive()
        assert thread.daemon
        for ring in rings:
            alarms.drop(ring)
        alarms.set(rings[0], 0.01)
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert alarms._thread is None


def test_an_alarm_rings_where_a_test_has_stopped_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    alarms, rung = Alarms(), list[str]()
    now = time.monotonic()
    monkeypatch.setattr("sagemaker_typed._core.http.alarms.time", StoppedClock(now))
    alarms.set(Ring(rung, "x"), 0.05)
    until(lambda: rung)


class StoppedClock:
    def __init__(self, now: float) -> None:
        self.monotonic = lambda: now


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_has_a_thread_of_its_own() -> None:
    alarms = Alarms()
    alarms.set(Ring([], "of the parent"), 3600)
    child = os.fork()
    if child == 0:
        rung: list[str] = []
        alarms.set(Ring(rung, "x"), 0.01)
        until(lambda: rung)
        os._exit(0 if threading.active_count() == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

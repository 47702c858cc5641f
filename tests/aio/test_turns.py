"""Whose turn it is on an event loop, and when its session ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed._core.http.aiolines import OpenLines
from sagemaker_typed._core.http.aiowire import (
    _RETIRED,
    AioWire,
    OnLoop,
    Slots,
    _at_exit,
)
from tests.aio.parts import StoppedLoop, route

aiohttp: Any = pytest.importorskip("aiohttp")


def test_slots_go_to_whoever_waits_longest() -> None:
    async def main() -> None:
        slots, order = Slots(asyncio.get_running_loop(), 2), list[int]()
        assert [slots.take() for _ in range(3)] == [True, True, False]

        async def wait(number: int) -> None:
            await slots.wait()
            order.append(number)

        waiting = [asyncio.create_task(wait(number)) for number in range(4)]
        await asyncio.sleep(0)
        slots.give()
        await asyncio.sleep(0)
        assert order == [0]
        assert not slots.take()  # it went to the first one, and was not free in between
        waiting[1].cancel()
        await asyncio.sleep(0)
        slots.give()
        await asyncio.sleep(0)
        assert order == [0, 2]
        slots.give()
        waiting[3].cancel()  # it gets its slot in the same turn, and gives it back
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert waiting[3].cancelled()
        assert order == [0, 2]
        assert [slots.take() for _ in range(2)] == [True, False]
        dropped = slots.wait().__await__()
        next(dropped)
        dropped.close()  # as a coroutine that is garbage
        assert not slots.take()
        slots.give()
        assert [slots.take() for _ in range(2)] == [True, False]

    asyncio.run(main())


class Lines:
    """Answers each request when the test says so."""

    def __init__(self) -> None:
        self.answered = asyncio.Event()

    async def send(self, *_: Any) -> Any:
        await self.answered.wait()
        return 200, {}, b""


async def on_loop(stopped: StoppedLoop) -> OnLoop:
    made = await AioWire(aiohttp, 50, []).on_loop()
    made._loop = stopped  # type: ignore[assignment]
    made._last = stopped.now
    return made


def test_a_turn_of_the_loop_begins_as_many_connections_as_it_has_time_for() -> None:
    async def main() -> None:
        stopped = StoppedLoop()
        held = await on_loop(stopped)
        for _ in range(2):
            assert [held.has_room() for _ in range(10)] == [True] * 8 + [False] * 2
            assert len(stopped.due) == 1
            stopped.turn()
        assert held.has_room()
        stopped.now += 0.009
        assert held.has_room()
        stopped.now += 0.002
        assert not held.has_room()
        stopped.turn()
        assert held.has_room()
        await held._session.close()

    asyncio.run(main())


def test_requests_over_open_connections_do_not_count_as_new_ones() -> None:
    async def main() -> None:
        stopped = StoppedLoop()
        held = await on_loop(stopped)
        lines = Lines()
        held._lines = lines  # type: ignore[assignment]
        sends = [asyncio.create_task(held.send(route(), None, None)) for _ in range(3)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        lines.answered.set()
        assert await asyncio.gather(*sends) == [(200, {}, b"")] * 3
        assert [held.has_room() for _ in range(20)] == [True] * 20  # none of them opens one
        stopped.turn()
        lines.answered.clear()
        sends = [asyncio.create_task(held.send(route(), None, None)) for _ in range(2)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert all(held.has_room() for _ in range(20))  # two of three are in use
        stopped.turn()
        sends.append(asyncio.create_task(held.send(route(), None, None)))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert [held.has_room() for _ in range(9)] == [True] * 8 + [False]
        lines.answered.set()
        await asyncio.gather(*sends)
        held._lines = None
        await held._session.close()

    asyncio.run(main())


def test_a_call_after_a_second_lets_the_loop_notice_what_was_closed() -> None:
    async def main() -> None:
        stopped = StoppedLoop()
        held = await on_loop(stopped)
        assert not held.enter()
        stopped.now += 1.0
        assert not held.enter()
        stopped.now += 0.1
        assert held.enter()
        await held.leave()
        assert not held.enter()
        for _ in range(3):
            await held.leave()
        assert not held._session.closed
        await held.end()
        assert held._session.closed

    asyncio.run(main())


def test_a_session_that_is_to_end_does_so_with_its_last_call() -> None:
    async def main() -> None:
        wire = AioWire(aiohttp, 50, [])
        held = await wire.on_loop()
        assert wire.at_hand() is held is await wire.on_loop()
        for _ in range(2):
            held.enter()
        await wire.close()
        await held.leave()
        assert not held._session.closed
        await held.leave()
        assert held._session.closed
        assert wire.at_hand() is None
        again = await wire.on_loop()
        assert again is not held
        await wire.close()
        assert again._session.closed

    asyncio.run(main())


def test_the_session_of_a_closed_loop_is_dropped() -> None:
    wire = AioWire(aiohttp, 50, [])
    loop = asyncio.new_event_loop()
    held = loop.run_until_complete(wire.on_loop())
    lines: Any = held._lines
    lines.idle["key"] = []
    closed = list[Silent]()
    lines.all.add(line := Silent(1.0))
    line.connection = SimpleNamespace(close=lambda: closed.append(line))
    loop.close()
    assert not held._connector.closed
    wire.end()
    assert closed == [line]
    assert held._connector.closed
    assert held._session.closed
    assert (lines.all, lines.idle) == (set(), {})
    assert wire._loops == {}


def test_at_exit_nothing_is_closed_and_nothing_complains() -> None:
    wire = AioWire(aiohttp, 50, [])
    loop = asyncio.new_event_loop()
    held = loop.run_until_complete(wire.on_loop())
    _at_exit()
    assert held._session.connector is None
    loop.close()


def test_a_forked_child_begins_anew() -> None:
    wire = AioWire(aiohttp, 50, [])
    loop = asyncio.new_event_loop()
    held = loop.run_until_complete(wire.on_loop())
    wire.after_fork()
    assert wire._loops == {}
    assert held._session.connector is None
    assert held in _RETIRED  # nothing of it is garbage, which would be closed
    _RETIRED.remove(held)
    loop.close()


@pytest.mark.parametrize("how", ["retire", "drop"])
def test_a_session_without_lines_ends_as_well(how: str) -> None:
    wire = AioWire(aiohttp, 50, [])
    loop = asyncio.new_event_loop()
    held = loop.run_until_complete(wire.on_loop())
    held._lines = None
    loop.close()
    getattr(held, how)()
    assert held._connector.closed
    assert held._session.closed


class Silent:
    """A line on which nothing comes."""

    connection: Any = None

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expired = False

    def expire(self) -> None:
        self.expired, self.deadline = True, float("inf")


def test_one_timer_serves_the_deadlines_of_all_lines() -> None:
    stopped = StoppedLoop()
    lines = OpenLines(aiohttp, None, None, stopped)  # type: ignore[arg-type]
    lines._look()
    assert stopped.set() == []
    _, second, third = silent = [Silent(when) for when in (105.0, 110.0, 120.0)]
    lines.all.update(silent)  # type: ignore[arg-type]
    for when, timers in ((120.0, [120.0]), (105.0, [105.0]), (110.0, [105.0]), (105.0, [105.0])):
        lines.watch(when)
        assert stopped.set() == timers
        assert lines.due == timers[0]
    stopped.now = 105.0
    stopped.timers.clear()
    lines._look()
    assert [each.expired for each in silent] == [True, False, False]
    assert stopped.set() == [110.0]
    stopped.now = 119.9
    second.deadline, third.deadline = 119.9, 120.0
    stopped.timers.clear()
    lines._look()
    assert [each.expired for each in silent] == [True, True, False]
    assert stopped.set() == [120.0]
    lines.give_back()
    assert stopped.set() == []

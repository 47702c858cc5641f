"""Waits on an event loop: the synchronous steps over another runner, cancelled at every step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier, get_ident
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, Pacing, SageMaker, errors
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.arun import arun
from sagemaker_typed._waiting.steps import Look, Together
from sagemaker_typed.waiting import SYSTEM_CLOCK, Clock
from tests.contract import model
from tests.contract.waits import WAITS, Wait
from tests.contract.waits import Service as WaitService
from tests.support.clock import FakeTime
from tests.support.model_server import ModelServer
from tests.support.simulated import Service
from tests.unit.test_steps import (
    NAMES,
    STEPS_OF_MANY,
    STEPS_OF_ONE,
    STOPPED_AT,
    Interrupted,
    crowd,
    lone,
    many,
    one,
)

pytestmark = pytest.mark.usefixtures("way")


class Cancelled:
    """A client whose task is cancelled at some steps, before each is taken or after."""

    def __init__(self, service: Service, *turns: int, after: bool = False) -> None:
        self.service, self.turns, self.after = service, turns, after
        self.kinds: list[str] = []
        self.left: asyncio.CancelledError | None = None

    def run(self, task: Task[Any]) -> Any:
        async def main() -> Any:
            try:
                result = await arun(task(self.service), self._send, self._look, self._sleep)
            except asyncio.CancelledError as error:
                self.left = error
                raise
            finally:
                me = asyncio.current_task()
                assert me is not None
                # A cancellation that the wait did not let through is taken back.
                assert me.cancelling() == (self.left is not None)
                assert asyncio.all_tasks() == {me}
            return result

        return asyncio.run(main())

    async def _send(self, request: Any) -> Any:
        return await self._take(type(request).__name__, partial(self.service.send, request))

    async def _look(self, request: Any, seconds: float) -> Any:
        return await self._take(type(request).__name__, partial(self.service.look, request, seconds))

    async def _sleep(self, seconds: float) -> object:
        return await self._take("Sleep", partial(self.service.clock.sleep, seconds))

    async def _take(self, kind: str, step: Callable[[], Any]) -> Any:
        turn = len(self.kinds)
        self.kinds.append(kind)
        if turn not in self.turns:
            return step()
        if self.after:
            step()
        me = asyncio.current_task()
        assert me is not None
        me.cancel()
        await asyncio.sleep(0)
        raise AssertionError("the cancellation did not come")


def outcome(client: Any, task: Task[Any]) -> tuple[Any, ...]:
    """What a wait gave or raised, and what it left behind."""
    try:
        result = client.run(task)
    except (KeyboardInterrupt, asyncio.CancelledError) as error:
        report = getattr(client, "left", error) or error
        return (
            "interrupted",
            getattr(report, "__notes__", []),
            str(getattr(report, "report", None)).replace("CancelledError", "KeyboardInterrupt"),
        )
    except errors.SageMakerError as error:
        return type(error), str(error), getattr(error, "__notes__", [])
    return "result", str(result)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("stop", [False, True], ids=["leave", "stop"])
@pytest.mark.parametrize("turn", range(-1, len(STEPS_OF_ONE)))
def test_a_cancellation_of_one_is_an_interrupt(turn: int, stop: bool, after: bool) -> None:
    ours, theirs = Cancelled(lone(), turn, after=after), Interrupted(lone(), turn, after=after)
    assert outcome(ours, one(stop_on_interrupt=stop)) == outcome(theirs, one(stop_on_interrupt=stop))
    assert ours.kinds == theirs.kinds
    assert ours.service.stopped == theirs.service.stopped


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(STOPPED_AT + 1, STOPPED_AT + 6))
def test_a_second_cancellation_of_one_is_one_as_well(turn: int, after: bool) -> None:
    ours, theirs = (kind(lone(), STOPPED_AT, turn, after=after) for kind in (Cancelled, Interrupted))
    assert outcome(ours, one(stop_on_interrupt=True)) == outcome(theirs, one(stop_on_interrupt=True))
    assert ours.kinds == theirs.kinds


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("stop", [False, True], ids=["leave", "stop"])
@pytest.mark.parametrize("turn", range(0, len(STEPS_OF_MANY), 7))
def test_a_cancellation_of_many_is_an_interrupt_and_carries_the_report(turn: int, stop: bool, after: bool) -> None:
    ours, theirs = Cancelled(crowd(), turn, after=after), Interrupted(crowd(), turn, after=after)
    assert outcome(ours, many(NAMES, stop_on_interrupt=stop)) == outcome(theirs, many(NAMES, stop_on_interrupt=stop))
    assert ours.kinds == theirs.kinds
    if ours.left is not None:
        report = ours.left.report  # type: ignore[attr-defined]
        assert len(report.pending) == len(NAMES) - len(report.succeeded)


def test_both_runners_give_the_same_report() -> None:
    ours, theirs = Cancelled(crowd()), Interrupted(crowd())
    assert outcome(ours, many(NAMES)) == outcome(theirs, many(NAMES))
    assert ours.kinds == theirs.kinds


def test_a_timeout_around_a_wait_is_a_timeout() -> None:
    service = lone()

    async def main() -> None:
        async def sleep(seconds: float) -> None:
            await asyncio.Event().wait()

        async def look(request: Any, seconds: float) -> Any:
            return service.look(request, seconds)

        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.01):
                await arun(one()(service), look, look, sleep)  # type: ignore[arg-type]
        cancelled = caught.value.__cause__
        assert isinstance(cancelled, asyncio.CancelledError)
        assert cancelled.__notes__ == ["compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"]
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


# --- several at once --------------------------------------------------------------------------------------------------


class AtOnce:
    """Looks that end when all that may be under way are."""

    def __init__(self, most: int, fails: int = -1) -> None:
        self.most, self.fails = most, fails
        self.now = self.peak = self.begun = 0

    async def look(self, request: Any, seconds: float) -> Any:
        turn = self.begun
        self.begun += 1
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            await asyncio.sleep(0 if turn == self.fails else 0.001 * (turn % 3 + 1))
            if turn == self.fails:
                raise KeyError(turn)
            return turn
        finally:
            self.now -= 1


def parts(count: int, got: list[int]) -> Any:
    def part() -> Any:
        got.append((yield Look(None, 1)))  # type: ignore[arg-type]

    def steps() -> Any:
        yield Together(part() for _ in range(count))
        return len(got)

    return steps()


@pytest.mark.parametrize("most", [1, 2, 8])
def test_as_many_looks_are_under_way_as_may_be(most: int) -> None:
    looks, got = AtOnce(most), list[int]()
    never: Any = None
    assert asyncio.run(arun(parts(40, got), never, looks.look, never, at_once=most)) == 40
    assert sorted(got) == list(range(40))
    assert looks.peak == most


@pytest.mark.parametrize("most", [1, 8])
def test_what_a_part_raises_ends_the_others(most: int) -> None:
    looks = AtOnce(most, fails=20)
    never: Any = None

    async def main() -> None:
        with pytest.raises(KeyError):
            await arun(parts(40, []), never, looks.look, never, at_once=most)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert looks.now == 0
    assert looks.begun < 40


@pytest.mark.parametrize("seed", range(20))
def test_a_cancellation_leaves_no_look_under_way(seed: int) -> None:
    looks = AtOnce(8)
    never: Any = None

    async def main() -> None:
        wait = asyncio.create_task(arun(parts(100, []), never, looks.look, never, at_once=8))
        for _ in range(seed):
            await asyncio.sleep(0)
        wait.cancel()
        with pytest.raises(asyncio.CancelledError):
            await wait
        assert looks.now == 0
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


# --- over the wire ----------------------------------------------------------------------------------------------------


def program(server: ModelServer, *statuses: str) -> None:
    for status in statuses:
        server.respond("DescribeEndpoint", {"EndpointName": "e", "EndpointStatus": status}, times=1)


def test_a_wait_takes_the_clock_that_it_is_given(server: ModelServer) -> None:
    time = FakeTime()
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.clock = time.clock
    program(server, "Creating", "Creating", "InService")
    events: list[Any] = []
    waited = aio.endpoints.wait_until_in_service("e", on_poll=events.append)
    assert asyncio.run(waited).endpoint_status == "InService"
    assert [event.status for event in events] == ["Creating", "Creating", "InService"]
    assert time.slept == [5, 10]


def test_a_clock_may_sleep_asynchronously(server: ModelServer) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.clock = Clock(sleep=sleep, uniform=lambda low, high: high)
    program(server, "Creating", "Failed")
    with pytest.raises(errors.WaitFailedError):
        asyncio.run(aio.endpoints.wait_until_in_service("e"))
    assert slept == [5]


def test_a_wait_on_many_kinds(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.clock = FakeTime().clock
    server.respond("DescribeEndpoint", {"EndpointName": "e", "EndpointStatus": "InService"})
    server.respond("DescribeCompilationJob", {"CompilationJobName": "c", "CompilationJobStatus": "FAILED"})
    items = [("endpoints", "e"), ("compilation_jobs", "c")]
    report = asyncio.run(aio.wait_all(items, timeout=100))
    assert set(report.succeeded) == {"endpoints/e"}
    assert set(report.failed) == {"compilation_jobs/c"}
    with SageMaker(session=model.session(), endpoint_url=server.url) as sm:
        sm.clock = FakeTime().clock
        assert sm.wait_all(items, timeout=100).counts == report.counts
        with pytest.raises(errors.InvalidRequestError) as refused:
            sm.wait_all("endpoints/e")
    with pytest.raises(errors.InvalidRequestError) as caught:
        asyncio.run(aio.wait_all("endpoints/e"))
    assert str(caught.value) == str(refused.value)


def test_items_are_taken_from_a_generator_in_the_thread_of_the_loop(server: ModelServer) -> None:
    """It may use what belongs to the loop."""
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.clock = FakeTime().clock
    server.respond("DescribeEndpoint", {"EndpointName": "e", "EndpointStatus": "InService"})

    async def run() -> None:
        found: list[int] = []

        def items() -> Iterator[tuple[str, str]]:
            found.append(get_ident())
            yield "endpoints", "e"

        assert (await aio.wait_all(items())).ok
        assert found == [get_ident()]

    asyncio.run(run())


def test_many_are_looked_at_at_once(server: ModelServer) -> None:
    barrier = Barrier(4, timeout=30)  # breaks unless four requests are under way at once

    def answer(request: Any) -> Any:
        barrier.wait()
        return {"EndpointName": request.body["EndpointName"], "EndpointStatus": "InService"}

    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.pacing = Pacing(describe_per_second=1000, most_describes=1000, at_once=4)
    names = [f"e{number}" for number in range(4)]
    server.respond("DescribeEndpoint", answer)
    report = asyncio.run(aio.endpoints.wait_all(names, timeout=100))
    assert sorted(report.succeeded) == names


@pytest.mark.surface
@pytest.mark.parametrize("wait", WAITS, ids=str)
def test_each_wait_ends_as_the_synchronous_one(
    wait: Wait, server: ModelServer, sm: SageMaker, aio: AsyncSageMaker
) -> None:
    results: list[Any] = []
    pending = [text for text, outcome in wait.waiter.outcomes.items() if outcome == "pending"][:2]
    for client in (sm, aio):
        server.clear()
        served = WaitService(wait, server, client)  # type: ignore[arg-type]
        for text in pending:
            served.shows(text)
        served.finish()
        result = served.run()
        results.append((asyncio.run(result) if client is aio else result, served.looks, served.time.slept))
        client.clock = SYSTEM_CLOCK
    assert results[0][1:] == results[1][1:]
    assert type(results[0][0]) is type(results[1][0])
    assert results[0][1] == len(pending) + 1


def test_two_hundred_waits_share_one_loop(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    aio.clock = FakeTime().clock
    looks: dict[str, int] = {}

    def answer(request: Any) -> Any:
        name = request.body["EndpointName"]
        looks[name] = looks.get(name, 0) + 1
        return {"EndpointName": name, "EndpointStatus": "Creating" if looks[name] < 3 else "InService"}

    server.respond("DescribeEndpoint", answer)
    names = [f"e{number}" for number in range(200)]

    async def main() -> list[str]:
        async with aio:
            # The clock is one that all of them move forward.
            waits = (aio.endpoints.wait_until_in_service(name, timeout=1e6) for name in names)
            return [ended.endpoint_name for ended in await asyncio.gather(*waits)]

    assert asyncio.run(main()) == names
    assert set(looks.values()) == {3}

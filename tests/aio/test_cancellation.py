"""A call that nobody waits for any longer leaves no connection, no task and no busy thread behind."""

from __future__ import annotations

import asyncio
import gc
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from threading import Barrier, Event, Semaphore, Thread
from threading import enumerate as threads_alive
from typing import Any
from weakref import ref

import pytest
from botocore.config import Config

from sagemaker_typed import AsyncSageMaker, errors
from sagemaker_typed._core.threads import Threads
from sagemaker_typed.types import DescribeEndpointInput
from tests.contract import model
from tests.support.faults import Fault, FaultServer, answer, drip, late, server_error, silence, throttled
from tests.support.model_server import ModelServer

pytestmark = pytest.mark.usefixtures("way")

REQUEST = DescribeEndpointInput(endpoint_name="e")
PATIENCE_SECONDS = 20.0
WHOLE = {"EndpointName": "e", "EndpointArn": "arn", "EndpointStatus": "InService"}


def client(url: str, **options: Any) -> AsyncSageMaker:
    return AsyncSageMaker(session=model.session(), endpoint_url=url, validation="off", **options)


def open_connections(faults: FaultServer) -> int:
    return sum(thread.name == "faults-connection" for thread in threads_alive())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


@asynccontextmanager
async def ready(faults: FaultServer, **options: Any) -> AsyncIterator[AsyncSageMaker]:
    """A client that has made a call. At the end there is neither a task, nor a thread or a connection of it."""
    faults.script(None, answer(WHOLE))
    async with client(faults.url, **options) as aio:
        await aio.send(REQUEST)
        yield aio
    assert len(asyncio.all_tasks()) == 1
    await until(lambda: not ours() and not open_connections(faults))


OTHERS: set[Thread] = set()


@pytest.fixture(autouse=True)
def _others() -> None:
    """Remember the threads of clients of other tests, which end when they have been idle for a while."""
    OTHERS.clear()
    OTHERS.update(threads_alive())


def ours() -> list[str]:
    return [thread.name for thread in threads_alive() if thread.name == "sagemaker_typed" and thread not in OTHERS]


NEVER: list[Fault] = [silence(), drip(0.2), drip(0.2, head=True), throttled(), server_error(), late(60, throttled())]


@pytest.mark.parametrize("fault", NEVER, ids=lambda fault: fault.name)
def test_a_timeout_ends_the_call_and_its_connection(faults: FaultServer, fault: Fault) -> None:
    async def main() -> None:
        # Legacy mode goes on trying, with pauses of many seconds.
        config: Any = Config(retries={"mode": "legacy", "max_attempts": 20})
        async with ready(faults, config=config) as aio:
            faults.always(None, fault)
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.3):
                    await aio.send(REQUEST)
            assert not isinstance(caught.value, errors.SageMakerError)
            await until(lambda: thread_is_idle(aio))
            sent = len(faults.operations)
            faults.always(None, answer(WHOLE))
            assert (await aio.send(REQUEST)).endpoint_name == "e"
            assert len(faults.operations) == sent + 1  # nothing was tried again for nobody

    asyncio.run(main())


def thread_is_idle(aio: AsyncSageMaker) -> bool:
    return aio._threads._crew.busy == 0


def test_a_call_that_waits_for_its_turn_is_never_sent(faults: FaultServer) -> None:
    async def main() -> None:
        config: Any = Config(max_pool_connections=1)
        async with ready(faults, config=config) as aio:
            faults.always(None, silence())
            first, second = (asyncio.create_task(aio.send(REQUEST)) for _ in range(2))
            await until(lambda: len(faults.operations) == 2)
            second.cancel()
            await asyncio.wait({second})
            first.cancel()
            await asyncio.wait({first})
            assert first.cancelled()
            assert second.cancelled()
            faults.always(None, answer(WHOLE))
            await aio.send(REQUEST)
            assert len(faults.operations) == 3

    asyncio.run(main())


def test_a_timeout_holds_for_a_call_that_no_connection_is_free_for(faults: FaultServer) -> None:
    async def main() -> None:
        config: Any = Config(max_pool_connections=1)
        async with ready(faults, config=config) as aio:
            faults.always(None, silence())
            first = asyncio.create_task(aio.send(REQUEST))
            await until(lambda: len(faults.operations) == 2)
            with pytest.raises(
                errors.CallTimeoutError, match=r"DescribeEndpoint was not sent within 0\.1 s: no con"
            ) as late:
                await aio.send(REQUEST, timeout=0.1)
            assert str(late.value).endswith("no connection was free, of 1")
            assert late.value.operation == "DescribeEndpoint"
            first.cancel()
            await asyncio.wait({first})

    asyncio.run(main())


def test_a_timeout_of_the_call_is_the_error_of_the_synchronous_client(faults: FaultServer) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            faults.always(None, silence())
            with pytest.raises(errors.CallTimeoutError, match=r"DescribeEndpoint was not answered within 0\.2 s"):
                await aio.send(REQUEST, timeout=0.2)
            with pytest.raises(errors.CallTimeoutError):
                await aio.with_options(timeout=0.2).endpoints.describe("e")

    asyncio.run(main())


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_call_that_was_given_up_before_its_thread_began_is_not_sent(
    seconds: float | None, faults: FaultServer
) -> None:
    from sagemaker_typed._core.acall import _Asked

    faults.always(None, answer(WHOLE))
    theirs = model.session().client("sagemaker", endpoint_url=faults.url)
    aio = AsyncSageMaker(client=theirs, validation="off")  # whose calls go through threads
    asked = _Asked(aio._road, REQUEST, "off", seconds, None)
    asked.abandon()
    with pytest.raises(errors.TransportError):
        asked()
    assert faults.operations == []
    assert _Asked(aio._road, REQUEST, "off", seconds, None)().endpoint_name == "e"
    theirs.close()


@pytest.mark.parametrize(("seconds", "retries"), [(None, None), (None, 0), (60.0, None), (60.0, 3)])
def test_the_bound_of_a_call_begins_with_the_request(seconds: float | None, retries: int | None) -> None:
    from sagemaker_typed._core.acall import _Asked

    road: Any = None
    asked = _Asked(road, REQUEST, "off", seconds, retries)
    assert asked.is_bound is ((seconds, retries) != (None, None))
    asked._begun -= 40  # it waited for a thread
    bound = asked.bound()
    assert bound.retries == (float("inf") if retries is None else retries)
    assert bound.seconds == (float("inf") if seconds is None else 60.0)
    assert bound.left == float("inf") if seconds is None else 15 < bound.left <= 20
    asked._begun -= 40
    assert asked.bound().left <= 0 or seconds is None


def test_cancelled_calls_take_nothing_from_the_retry_quota(faults: FaultServer) -> None:
    """The quota of a client allows fifty retries of timeouts; afterwards it would try nothing again."""

    async def main() -> None:
        async with ready(faults) as aio:
            faults.always(None, silence())
            for _ in range(3):
                calls = [asyncio.create_task(aio.send(REQUEST)) for _ in range(30)]
                sent = len(faults.operations)
                await until(lambda sent=sent: len(faults.operations) >= sent + 25)  # type: ignore[misc]
                for call in calls:
                    call.cancel()
                await asyncio.wait(calls)
                await until(lambda: thread_is_idle(aio))
            await until(lambda: not open_connections(faults))  # none is left whose request is read later
            faults.clear()
            faults.always(None, answer(WHOLE))
            faults.script(None, server_error())
            assert (await aio.send(REQUEST)).endpoint_name == "e"
            assert len(faults.operations) == 2

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(4))
def test_256_calls_of_which_some_are_cancelled_at_random(faults: FaultServer, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"e{number}" for number in range(256)]

    async def main() -> None:
        async with ready(faults) as aio:
            with ModelServer(model.MODEL) as behind:
                behind.respond("DescribeEndpoint", lambda request: {**WHOLE, **request.body})
                faults._behind = behind.answer
                calls = {name: asyncio.create_task(aio.endpoints.describe(name)) for name in names}
                doomed = chance.sample(names, 128)
                for name in doomed:
                    await asyncio.sleep(chance.choice([0, 0, 0.001, 0.004]))
                    calls[name].cancel()
                await asyncio.wait(calls.values())
            for name, call in calls.items():
                if call.cancelled():
                    assert name in doomed
                else:
                    assert call.result().endpoint_name == name  # its own answer, and no other's

    asyncio.run(main())


def test_a_handshake_that_does_not_end_is_given_up(faults: FaultServer) -> None:
    """The server accepts, and says nothing to TLS: the socket is there, and there is no connection yet."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"

        async def main() -> None:
            config: Any = Config(connect_timeout=1, retries={"total_max_attempts": 1})
            aio = client(url, config=config)
            call = asyncio.create_task(aio.send(REQUEST))
            accepted, _ = await asyncio.to_thread(listener.accept)
            began = time.monotonic()
            call.cancel()
            await asyncio.wait({call})
            assert call.cancelled()
            assert time.monotonic() - began < PATIENCE_SECONDS
            await until(lambda: thread_is_idle(aio))
            accepted.close()
            await aio.close()

        asyncio.run(main())


# --- the threads ------------------------------------------------------------------------------------------------------


def test_there_are_no_more_threads_than_may_be() -> None:
    async def main() -> None:
        threads = Threads(3)
        now = peak = 0

        def work(number: int) -> int:
            nonlocal now, peak
            now += 1
            peak = max(peak, now)
            time.sleep(0.001)
            now -= 1
            return number

        results = await asyncio.gather(*(threads.run(lambda number=number: work(number)) for number in range(60)))
        assert results == list(range(60))
        assert peak <= 3
        for thread in threads.close():
            thread.join(PATIENCE_SECONDS)
        await until(lambda: not ours())

    asyncio.run(main())


def test_work_finds_a_thread_while_others_are_busy() -> None:
    from threading import Event

    async def main() -> None:
        threads, gate = Threads(8), Event()
        stuck = [asyncio.create_task(threads.run(gate.wait)) for _ in range(7)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(threads.run(lambda: "done"), PATIENCE_SECONDS) == "done"
        gate.set()
        await asyncio.wait(stuck)
        threads.close()
        await until(lambda: not ours())

    asyncio.run(main())


def test_work_that_blocks_gets_all_threads() -> None:
    """Each thread calls the next one, so that none waits until another is done."""

    async def main() -> None:
        threads, together = Threads(16), Barrier(16)
        for _ in range(2):  # with new threads, and with idle ones
            waits = [threads.run(lambda: together.wait(PATIENCE_SECONDS)) for _ in range(16)]
            assert sorted(await asyncio.gather(*waits)) == list(range(16))
        for thread in threads.close():
            thread.join(PATIENCE_SECONDS)
        await until(lambda: not ours())

    asyncio.run(main())


def test_one_wake_up_of_the_loop_delivers_all_results_that_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        loop, wakes, begun = asyncio.get_running_loop(), 0, 0

        def work() -> int:
            nonlocal begun
            begun += 1
            return begun

        def count(function: Any, *args: Any) -> Any:
            nonlocal wakes
            wakes += 1
            return wake(function, *args)

        wake = loop.call_soon_threadsafe
        monkeypatch.setattr(loop, "call_soon_threadsafe", count)
        threads = Threads(1)
        tasks = [asyncio.create_task(threads.run(work)) for _ in range(50)]
        await asyncio.sleep(0)  # let the tasks begin
        deadline = time.monotonic() + PATIENCE_SECONDS
        while begun < 50 or threads._crew.busy:  # the loop stands still
            assert time.monotonic() < deadline
            time.sleep(0.001)
        assert sorted(await asyncio.gather(*tasks)) == list(range(1, 51))
        assert wakes == 1
        threads.close()
        await until(lambda: not ours())

    asyncio.run(main())


def test_a_closed_loop_is_not_kept_by_results_that_come_later() -> None:
    """`asyncio.run` twice, a Lambda handler: each loop ends while a thread works for it."""
    threads = Threads(4)
    loops: list[ref[asyncio.AbstractEventLoop]] = []
    for _ in range(3):
        begun, go_on, done = Semaphore(0), Event(), Barrier(3)

        def work(begun: Semaphore = begun, go_on: Event = go_on, done: Barrier = done) -> None:
            begun.release()
            assert go_on.wait(PATIENCE_SECONDS)
            done.wait(PATIENCE_SECONDS)

        async def main(work: Callable[[], None] = work, begun: Semaphore = begun) -> None:
            loops.append(ref(asyncio.get_running_loop()))
            tasks = [asyncio.create_task(threads.run(work)) for _ in range(2)]
            for _ in tasks:
                await until(lambda: begun.acquire(blocking=False))
            for task in tasks:
                task.cancel()

        asyncio.run(main())
        go_on.set()
        done.wait(PATIENCE_SECONDS)
    for thread in threads.close():
        thread.join(PATIENCE_SECONDS)
    asyncio.run(until(lambda: not ours()))
    gc.collect()
    assert [loop() for loop in loops] == [None] * 3


def test_no_queued_call_hangs_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two loops: the call of the second one is queued while the first one tries to start the only thread."""
    threads = Threads(1)
    told: list[Any] = []
    start = Thread.start

    async def main() -> None:
        told.extend(await asyncio.gather(threads.run(int), return_exceptions=True))

    def refuse(thread: Thread) -> None:
        if thread.name != "sagemaker_typed":
            return start(thread)
        second.start()
        while len(threads._crew._work) < 2:
            time.sleep(0.001)
        raise MemoryError

    second = Thread(target=lambda: asyncio.run(main()), name="second")
    monkeypatch.setattr(Thread, "start", refuse)
    asyncio.run(main())
    second.join(PATIENCE_SECONDS)
    assert [type(each) for each in told] == [MemoryError] * 2


def test_a_queued_call_whose_coroutine_is_closed_is_not_sent() -> None:
    threads, free, sent = Threads(1), Event(), []

    async def main() -> None:
        running = asyncio.create_task(threads.run(lambda: free.wait(PATIENCE_SECONDS)))
        await until(lambda: threads._crew.busy == 1)
        call = threads.run(lambda: sent.append(1))
        call.send(None)
        call.close()
        free.set()
        await running
        await threads.run(int)

    asyncio.run(main())
    threads.close()
    assert sent == []


def test_a_system_without_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done by the threads that there are; without any, the caller learns of it."""
    start, most = Thread.start, 0
    refused: list[Thread] = []

    def refuse(thread: Thread) -> None:
        if thread.name == "sagemaker_typed" and len(ours()) >= most:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(Thread, "start", refuse)

    async def main() -> None:
        nonlocal most
        threads = Threads(4)
        most = 0
        with pytest.raises(RuntimeError, match="can't start new thread"):
            await threads.run(int)
        most = 1
        assert await asyncio.gather(*(threads.run(partial(abs, number)) for number in range(20))) == list(range(20))
        assert len(refused) > 1
        most = 4
        together = Barrier(4)
        await asyncio.gather(*(threads.run(lambda: together.wait(PATIENCE_SECONDS)) for _ in range(4)))
        threads.close()
        await until(lambda: not ours())

    asyncio.run(main())


def test_threads_that_have_nothing_to_do_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_typed._core.crew._IDLE", 0.01)

    async def main() -> None:
        threads = Threads(2)
        await threads.run(int)
        await until(lambda: not ours())
        assert await threads.run(lambda: 1) == 1
        await until(lambda: not ours())

    asyncio.run(main())


@pytest.mark.parametrize("error", [ValueError("bad"), StopIteration(1)], ids=repr)
def test_an_error_of_the_work_is_raised(error: Exception) -> None:
    def work() -> None:
        raise error

    async def main() -> None:
        threads = Threads(1)
        expected = RuntimeError if isinstance(error, StopIteration) else type(error)
        with pytest.raises(expected) as raised:
            await threads.run(work)
        assert error in (raised.value, raised.value.__cause__)
        threads.close()

    asyncio.run(main())


def test_close_does_not_wait_for_calls_that_are_under_way(faults: FaultServer) -> None:
    async def main() -> None:
        config: Any = Config(max_pool_connections=1)
        async with ready(faults, config=config) as aio:
            faults.always(None, late(0.3, answer(WHOLE)))
            call = asyncio.create_task(aio.send(REQUEST))
            await until(lambda: len(faults.operations) == 2)
            await aio.close()
            assert not call.done()
            assert (await call).endpoint_name == "e"

    asyncio.run(main())

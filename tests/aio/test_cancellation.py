"""A call that nobody waits for any longer leaves no connection, no task and no busy thread behind."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Thread
from threading import enumerate as threads_alive
from typing import Any

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
    crew = aio._threads._crew
    return crew._free == crew._count


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
            with pytest.raises(errors.CallTimeoutError, match=r"within 0\.1 s: no connection was free, of 1"):
                await aio.send(REQUEST, timeout=0.1)
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


def test_threads_that_have_nothing_to_do_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_typed._core.threads._IDLE", 0.01)

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

"""aiohttp's sessions: one for each loop, closed with it, and nothing is said of them afterwards."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker
from tests.aio.test_cancellation import WHOLE, open_connections, until
from tests.contract import model
from tests.support.faults import FaultServer, answer, late
from tests.support.raw import RawServer
from tests.wire.roads import config

pytest.importorskip("aiohttp")
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)


def client(url: str, **options: Any) -> AsyncSageMaker:
    return AsyncSageMaker(session=model.session(), endpoint_url=url, validation="off", **options)


def sessions(aio: AsyncSageMaker) -> dict[Any, Any]:
    held: Any = aio._road._wire
    found: dict[Any, Any] = held[1]._loops
    return found


def test_a_session_ends_with_its_loop(faults: FaultServer) -> None:
    faults.always(None, answer(WHOLE))
    aio = client(faults.url)
    for number in range(3):
        with asyncio.Runner() as runner:
            runner.run(aio.endpoints.describe("e"))
            assert len(sessions(aio)) == 1
            assert open_connections(faults) == 1
        assert not sessions(aio)
        asyncio.run(until(lambda: not open_connections(faults)))
        assert aio._road.taken == number + 1
    asyncio.run(aio.close())


def test_two_loops_at_once_have_a_session_each(faults: FaultServer) -> None:
    faults.always(None, answer(WHOLE))
    aio = client(faults.url)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        for runner in (first, second, first, second):
            runner.run(aio.endpoints.describe("e"))
        assert len(sessions(aio)) == 2
        assert open_connections(faults) == 2
        first.run(aio.close())
        assert len(sessions(aio)) == 1
        second.run(asyncio.sleep(0.01))  # where it is told of the end
        assert not sessions(aio)
    asyncio.run(until(lambda: not open_connections(faults)))


def test_it_is_closed_on_one_loop_while_another_runs(faults: FaultServer) -> None:
    faults.always(None, answer(WHOLE))
    aio = client(faults.url)
    called, over = threading.Event(), threading.Event()

    async def elsewhere() -> None:
        await aio.endpoints.describe("e")
        called.set()
        await until(over.is_set)

    thread = threading.Thread(target=asyncio.run, args=(elsewhere(),))
    thread.start()
    assert called.wait(PATIENCE_SECONDS)

    async def here() -> None:
        await aio.close()
        await until(lambda: not sessions(aio) and not open_connections(faults))

    asyncio.run(here())
    over.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_calls_that_are_under_way_go_on_when_it_is_closed(faults: FaultServer) -> None:
    faults.script(None, answer(WHOLE))
    faults.always(None, late(0.2, answer(WHOLE)))

    async def main() -> None:
        aio = client(faults.url)
        await aio.endpoints.describe("e")
        calls = [asyncio.create_task(aio.endpoints.describe("e")) for _ in range(3)]
        await until(lambda: len(faults.operations) == 4)
        await aio.close()
        assert [(await call).endpoint_name for call in calls] == ["e"] * 3
        assert not sessions(aio)
        await until(lambda: not open_connections(faults))
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_connection_that_was_closed_while_the_loop_stood_still_is_not_used(faults: FaultServer) -> None:
    """The socket says so at once when the loop looks at it; a request that is sent before that is lost."""
    faults.always(None, answer(WHOLE))
    aio = client(faults.url, config=config())
    with asyncio.Runner() as runner:
        runner.run(aio.endpoints.describe("e"))
        (held,) = sessions(aio).values()
        faults.refuse()
        faults.listen()
        held._last -= 3600  # as if it had stood still for an hour
        assert runner.run(aio.endpoints.describe("e")).endpoint_name == "e"
        runner.run(aio.close())
    assert len(faults.operations) == aio._road.taken == 2


SCRIPT = """
import asyncio, gc, sys
from sagemaker_typed import AsyncSageMaker

async def call(aio):
    await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(3)))

def without_goodbye(aio):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(call(aio))
    loop.close()

aio = AsyncSageMaker(region="us-west-2", endpoint_url=sys.argv[1], validation="off")
how = sys.argv[2]
if how == "never":
    for _ in range(2):
        asyncio.run(call(aio))
elif how == "closed":
    for _ in range(3):
        without_goodbye(aio)
    gc.collect()
    asyncio.run(aio.close())
elif how == "dropped":
    asyncio.run(call(aio))
    del aio
elif how == "forgotten":
    loop = asyncio.new_event_loop()
    loop.run_until_complete(call(aio))
elif how == "left":
    async def main():
        task = asyncio.create_task(call(aio))
        await asyncio.sleep(0.3)
    asyncio.run(main())
gc.collect()
print("done")
"""


@pytest.mark.parametrize("how", ["never", "closed", "dropped", "forgotten", "left"])
def test_nothing_is_said_of_what_was_not_closed(how: str, faults: FaultServer) -> None:
    faults.always(None, late(60, answer(WHOLE)) if how == "left" else answer(WHOLE))
    keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "PYTHONPATH": str(ROOT)}
    flags = (
        [] if how in ("closed", "forgotten") else ["-W", "default::ResourceWarning"]
    )  # asyncio itself complains of such a loop
    done = subprocess.run(
        [sys.executable, *flags, "-c", SCRIPT, faults.url, how],
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert done.stdout == "done\n"
    assert done.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_leaves_the_connections_of_its_parent_alone() -> None:
    with RawServer(lambda *_: b'{"EndpointName": "e"}') as server:
        aio = client(server.url)
        with asyncio.Runner() as runner:
            runner.run(aio.endpoints.describe("e"))
            child = os.fork()
            if not child:
                with suppress(BaseException):
                    assert aio._road._wire is not None
                    assert not sessions(aio)
                    assert asyncio.run(aio.endpoints.describe("e")).endpoint_name == "e"
                    asyncio.run(aio.close())
                    os._exit(0)
                os._exit(1)
            assert os.waitpid(child, 0)[1] == 0
            for _ in range(2):
                runner.run(aio.endpoints.describe("e"))
            runner.run(aio.close())
        assert server.connections == 2  # the parent's own, and that of the child
        assert len(server.requests) == 4

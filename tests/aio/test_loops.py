"""Event loops: one object on several, the loop is not held up, and nothing is left at the end."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed import AsyncSageMaker
from tests.aio.conftest import Switch
from tests.contract import model
from tests.support.faults import FaultServer, answer, late
from tests.support.model_server import ModelServer

pytestmark = pytest.mark.usefixtures("way")

ROOT = Path(__file__).parents[2]
LONGEST_PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 60


def test_one_object_serves_loops_one_after_another(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    for _ in range(3):
        assert asyncio.run(aio.endpoints.describe("e")).endpoint_name
    connections = {request.headers.get("host") for request in server.requests}
    assert len(server.requests) == 3
    assert len(connections) == 1
    asyncio.run(aio.close())


def test_one_object_serves_loops_in_several_threads(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    found: list[str] = []

    def work() -> None:
        for _ in range(5):
            found.append(asyncio.run(aio.endpoints.describe("e")).endpoint_name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20


def test_a_loop_that_closes_before_its_answer_harms_nobody(faults: FaultServer) -> None:
    faults.always(None, late(0.2, answer({"EndpointName": "e"})))
    aio = AsyncSageMaker(session=model.session(), endpoint_url=faults.url, validation="off")
    loop = asyncio.new_event_loop()
    call = loop.create_task(aio.endpoints.describe("e"))
    loop.call_later(0.1, loop.stop)
    loop.run_forever()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(call)
    loop.close()
    assert asyncio.run(aio.endpoints.describe("e")).endpoint_name == "e"
    asyncio.run(aio.close())


def test_close_ends_it(server: ModelServer) -> None:
    others = set(threading.enumerate())

    async def main() -> AsyncSageMaker:
        async with AsyncSageMaker(session=model.session(), endpoint_url=server.url) as aio:
            await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(20)))
        with pytest.raises(RuntimeError, match="closed"):
            await aio.endpoints.describe("e")
        await aio.close()  # twice is once
        return aio

    asyncio.run(main())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(thread.name == "sagemaker_typed" for thread in set(threading.enumerate()) - others):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_view_closes_what_is_its_own_only(server: ModelServer) -> None:
    async def main() -> None:
        aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
        async with aio.with_options(timeout=30) as view:
            assert type(view) is AsyncSageMaker
            await view.endpoints.describe("e")
        await aio.endpoints.describe("e")
        config: Any = Config(max_pool_connections=3)
        async with aio.with_options(config=config) as other:
            await other.endpoints.describe("e")
            assert other._threads is not aio._threads
            assert other._threads.most == 3
        await aio.endpoints.describe("e")
        assert aio._threads.most == 50
        await aio.close()

    asyncio.run(main())


def test_it_pickles_and_copies_as_the_synchronous_client_does(server: ModelServer) -> None:
    aio = AsyncSageMaker(region="us-west-2", endpoint_url=server.url, validation="strict")
    twin = pickle.loads(pickle.dumps(aio))
    assert repr(twin) == repr(aio) == f"AsyncSageMaker(region='us-west-2', endpoint_url={server.url!r})"
    assert twin._validation == "strict"
    assert pickle.loads(pickle.dumps(aio.endpoints.describe)).__self__._sender._validation == "strict"
    assert repr(pickle.loads(pickle.dumps(aio.endpoints.list()))) == "<AsyncPages of ListEndpoints>"
    made = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(made)
    for again in (copy.copy(made), copy.deepcopy(made)):
        assert asyncio.run(again.endpoints.describe("e")).endpoint_name
    assert copy.deepcopy(made)._threads is not made._threads


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_threads_of_its_own(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url)
    asyncio.run(aio.endpoints.describe("e"))
    child = os.fork()
    if not child:
        try:
            signal.alarm(PATIENCE_SECONDS)
            name = asyncio.run(aio.endpoints.describe("e")).endpoint_name
            os._exit(0 if name else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    asyncio.run(aio.endpoints.describe("e"))


# --- the loop goes on -------------------------------------------------------------------------------------------------


class Heartbeat:
    """Notes how long the loop's own thread was busy between two turns of it, in seconds of CPU and of the clock.

    A machine with other things to do adds to the clock, and not to the CPU time of this thread.
    """

    def __init__(self) -> None:
        self.busy: list[float] = []
        self.pauses: list[float] = []

    async def beat(self) -> None:
        cpu, clock = time.thread_time(), time.monotonic()
        while True:
            await asyncio.sleep(0.001)
            self.busy.append(time.thread_time() - cpu)
            self.pauses.append(time.monotonic() - clock)
            cpu, clock = time.thread_time(), time.monotonic()


SCRIPT = """
import asyncio, gc, json, sys
from sagemaker_typed import AsyncSageMaker
from tests.aio.test_loops import Heartbeat

gc.disable()  # with so many objects, a collection takes 60 ms wherever it falls

async def main():
    aio = AsyncSageMaker(region="us-west-2", endpoint_url=sys.argv[1], validation="off")
    groups = "endpoints", "training_jobs", "models", "pipelines", "notebook_instances"
    for group in groups:
        getattr(aio, group)  # imports its module
    heart = Heartbeat()
    beats = asyncio.create_task(heart.beat())
    await asyncio.sleep(0.02)
    heart.busy.clear(); heart.pauses.clear()
    await aio.endpoints.describe("e")
    await aio.compilation_jobs.list().first()
    await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(64)))
    for group in groups:
        await getattr(aio, group).list().first()
    await aio.close()
    print(json.dumps([heart.busy, heart.pauses, aio._road.taken]))

asyncio.run(main())
"""


def test_a_first_call_does_not_hold_up_the_loop(
    way: Switch, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It imports botocore, reads models and configuration, looks for credentials and connects: in a thread."""
    import json

    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)
    keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", way.prelude + SCRIPT, server.url],
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    busy, pauses, taken = json.loads(done.stdout)
    assert taken == (71 if way.over_aiohttp else 0)
    assert max(busy) < LONGEST_PAUSE_SECONDS
    assert statistics.median(pauses) < LONGEST_PAUSE_SECONDS


def test_a_slow_service_does_not_hold_up_the_loop(faults: FaultServer) -> None:
    faults.always(None, late(0.3, answer({"EndpointName": "e"})))
    heart = Heartbeat()

    async def main() -> None:
        aio = AsyncSageMaker(session=model.session(), endpoint_url=faults.url, validation="off")
        await aio.endpoints.describe("e")
        beats = asyncio.create_task(heart.beat())
        await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(10)))
        beats.cancel()
        await aio.close()

    asyncio.run(main())
    assert len(heart.pauses) > 10  # with the loop held up, there would be one a call at most
    assert max(heart.busy) < LONGEST_PAUSE_SECONDS


def test_uvloop(server: ModelServer) -> None:
    uvloop: Any = pytest.importorskip("uvloop")

    async def main() -> list[Any]:
        async with AsyncSageMaker(session=model.session(), endpoint_url=server.url) as aio:
            return await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(20)))

    assert len(uvloop.run(main())) == 20


# --- Ctrl-C -----------------------------------------------------------------------------------------------------------

INTERRUPTED = """
import asyncio, json, os, signal, sys
from sagemaker_typed import AsyncSageMaker, errors

async def main():
    aio = AsyncSageMaker(region="us-west-2", endpoint_url=sys.argv[1], validation="off")
    press = lambda event: os.kill(os.getpid(), signal.SIGINT)
    if sys.argv[2] == "many":
        await aio.compilation_jobs.wait_all(["job"], poll=30, on_poll=press)
    else:
        pressed = []
        once = lambda event: pressed or (pressed.append(1), press(event))
        await aio.compilation_jobs.wait_until_completed(
            "job", poll=0.01, on_poll=once, stop_on_interrupt=sys.argv[2] == "stop")

try:
    asyncio.run(main())
except BaseException as error:
    cancelled = error.__context__
    report = getattr(cancelled, "report", None)
    print(json.dumps([type(error).__name__, getattr(cancelled, "__notes__", None), report and list(report.pending)]))
"""
GOES_ON = "compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"


@pytest.mark.parametrize(
    ("how", "expected", "operations"),
    [
        ("leave", ["KeyboardInterrupt", [GOES_ON], None], ["Describe"]),
        ("stop", ["WaitStoppedError", None, None], ["Describe", "Stop", "Describe"]),
        (
            "many",
            [
                "KeyboardInterrupt",
                ["1 compilation job continues: 'job'; sm.compilation_jobs.stop('job') stops it"],
                ["job"],
            ],
            [],
        ),
    ],
    ids=["leave", "stop", "many"],
)
def test_ctrl_c(way: Switch, server: ModelServer, how: str, expected: list[Any], operations: list[str]) -> None:
    import json

    stopped: list[Any] = []

    def describe(request: Any) -> Any:
        return {"CompilationJobName": "job", "CompilationJobStatus": "STOPPED" if stopped else "INPROGRESS"}

    def stop(request: Any) -> Any:
        stopped.append(request)
        return {}

    server.respond("DescribeCompilationJob", describe)
    server.respond("StopCompilationJob", stop)
    keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", way.prelude + INTERRUPTED, server.url, how],
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == expected
    if operations:
        sent = [each.operation.removesuffix("CompilationJob") for each in server.requests]
        assert sent[: len(operations)] == operations

"""One server, one synchronous client and one asynchronous client for a module."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker
from tests.contract import model
from tests.support.faults import FaultServer
from tests.support.model_server import ModelServer


class Switch:
    """Which way the calls of this folder's tests go."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.prelude = "" if self.over_aiohttp else "import sys; sys.modules['aiohttp'] = None\n"
        """The first line of a script that goes the same way."""

    @property
    def over_aiohttp(self) -> bool:
        return self.way == "aiohttp"


@pytest.fixture(params=["aiohttp", "threads"], scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[Switch]:
    """Have calls go over aiohttp, or over threads as if it were not installed."""
    made = Switch(request.param)
    with pytest.MonkeyPatch.context() as patch:
        if made.over_aiohttp:
            pytest.importorskip("aiohttp")
        else:
            patch.setitem(sys.modules, "aiohttp", None)
        yield made


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where a callback, a task or a protocol raised what nobody awaits: an event loop only logs that."""
    yield
    said = [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"]
    assert said == []


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer(model.MODEL) as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> Iterator[ModelServer]:
    """A server without a past. Whatever it refused fails the test."""
    running.clear()
    running.variant = 0
    yield running
    assert running.problems == []


@pytest.fixture
def faults() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="module")
def sm(running: ModelServer) -> Iterator[SageMaker]:
    with SageMaker(session=model.session(), endpoint_url=running.url, config=model.quiet(), validation="off") as made:
        yield made


@pytest.fixture(scope="module")
def aio(way: Switch, running: ModelServer) -> Iterator[AsyncSageMaker]:
    """One for all tests of a module, each of which has an event loop of its own."""
    made = AsyncSageMaker(session=model.session(), endpoint_url=running.url, config=model.quiet(), validation="off")
    yield made
    asyncio.run(made.close())

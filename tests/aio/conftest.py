"""One server, one synchronous client and one asynchronous client for a module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker
from tests.contract import model
from tests.support.faults import FaultServer
from tests.support.model_server import ModelServer


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
def aio(running: ModelServer) -> Iterator[AsyncSageMaker]:
    """One for all tests of a module, each of which has an event loop of its own."""
    made = AsyncSageMaker(session=model.session(), endpoint_url=running.url, config=model.quiet(), validation="off")
    yield made
    asyncio.run(made.close())

"""One server and one of each client for a module; what they saw is forgotten before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from tests.contract import model
from tests.contract.waits import Service, Wait
from tests.support.model_server import ModelServer
from tests.support.patience import patient as _patient  # noqa: F401  # applies to every test here


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


@pytest.fixture(scope="module")
def boto(running: ModelServer) -> Iterator[Any]:
    """boto3 itself."""
    client = model.boto3_client(running.url)
    yield client
    client.close()


@pytest.fixture(scope="module")
def sm(running: ModelServer) -> Iterator[SageMaker]:
    """With a client of its own. Checks nothing, so that any value gets to the wire."""
    with SageMaker(
        session=model.session(), endpoint_url=running.url, config=model.quiet(), validation="off"
    ) as sagemaker:
        yield sagemaker


@pytest.fixture(scope="module")
def borrowed(boto: Any) -> SageMaker:
    """With a boto3 client that somebody else made."""
    return SageMaker(client=boto, validation="off")


@pytest.fixture(scope="module")
def checked(running: ModelServer) -> Iterator[SageMaker]:
    """With the checks that are made unless one says otherwise."""
    with SageMaker(session=model.session(), endpoint_url=running.url, config=model.quiet()) as sagemaker:
        yield sagemaker


@pytest.fixture(scope="module")
def strict(running: ModelServer) -> Iterator[SageMaker]:
    with SageMaker(
        session=model.session(), endpoint_url=running.url, config=model.quiet(), validation="strict"
    ) as sagemaker:
        yield sagemaker


@pytest.fixture
def serve(server: ModelServer, sm: SageMaker) -> Iterator[Callable[[Wait], Service]]:
    clock = sm.clock
    yield lambda wait: Service(wait, server, sm)
    sm.clock = clock

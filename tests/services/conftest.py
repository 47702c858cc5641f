"""One server for a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sagemaker_typed import SageMaker
from tests.services import siblings
from tests.services.wire import Told, Wire


@pytest.fixture(scope="module")
def running() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture
def server(running: Wire) -> Wire:
    running.sent.clear()
    running.closed.clear()
    running.tell(Told(b"{}"))
    return running


@pytest.fixture(scope="module")
def sm(running: Wire) -> Iterator[SageMaker]:
    """Checks nothing, so that any value gets to the wire."""
    with siblings.connected(running.url, validation="off") as sagemaker:
        yield sagemaker


@pytest.fixture(scope="module")
def checked(running: Wire) -> Iterator[SageMaker]:
    with siblings.connected(running.url) as sagemaker:
        yield sagemaker

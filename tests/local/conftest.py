"""An embedded SageMaker without a past for each test, on a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import client_of
from tests.local.support import HandClock
from tests.support.patience import patient as _patient  # noqa: F401  # applies to every test here


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "own_local: stops its LocalSageMaker, or starts another one")


@pytest.fixture(scope="module")
def module_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def clock(module_clock: HandClock) -> HandClock:
    module_clock.seconds = HandClock().seconds
    return module_clock


@pytest.fixture(scope="module")
def shared_local(module_clock: HandClock) -> Iterator[LocalSageMaker]:
    """For all tests of a module, and with it the clients on it: making one takes longer than most tests do."""
    with LocalSageMaker(clock=module_clock, every=1) as running:
        yield running


@pytest.fixture
def local(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[LocalSageMaker]:
    if request.node.get_closest_marker("own_local"):
        with LocalSageMaker(clock=clock, every=1) as running:
            yield running
    else:
        shared: LocalSageMaker = request.getfixturevalue("shared_local")
        shared.reset()
        yield shared


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    """boto3 without retries."""
    return client_of(local, lambda: local.boto3_client("sagemaker", config=no_retries()), "plain")


@pytest.fixture
def s3(local: LocalSageMaker) -> Any:
    client = local.boto3_client("s3")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    client.put_object(Bucket="models", Key="in/resnet.tar.gz", Body=b"weights")
    return client


def no_retries() -> Any:
    return Config(retries={"max_attempts": 0})

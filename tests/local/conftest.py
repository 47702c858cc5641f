"""One embedded SageMaker per test, on a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def local(clock: HandClock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=clock, every=1) as running:
        yield running


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker", config=no_retries())


@pytest.fixture
def s3(local: LocalSageMaker) -> Any:
    client = local.boto3_client("s3")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    client.put_object(Bucket="models", Key="in/resnet.tar.gz", Body=b"weights")
    return client


def no_retries() -> Any:
    return Config(retries={"max_attempts": 0})

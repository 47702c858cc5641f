"""An embedded SageMaker without a past for each test, on a clock that moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def local(stage: Stage) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=stage.clock, every=30) as running:
        yield running


@pytest.fixture
def sm(local: LocalSageMaker) -> SageMaker:
    return local.client()


@pytest.fixture
def boto(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker")


@pytest.fixture
def logs(local: LocalSageMaker) -> Any:
    return local.boto3_client("logs")

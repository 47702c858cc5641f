"""The fixture `local_sagemaker`: a running `LocalSageMaker`, new for each test.

Set `pytest_plugins = ["sagemaker_typed.testing.pytest_plugin"]` in the top-level `conftest.py`. To start it with other
arguments, define a fixture `local_sagemaker_options` that returns them as a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sagemaker_typed.testing.local import LocalSageMaker

__all__ = ["local_sagemaker", "local_sagemaker_options"]


@pytest.fixture
def local_sagemaker_options() -> Mapping[str, Any]:
    """The arguments of `LocalSageMaker`. Override this fixture to change them."""
    return {}


@pytest.fixture
def local_sagemaker(local_sagemaker_options: Mapping[str, Any]) -> Iterator[LocalSageMaker]:
    """A running `LocalSageMaker`: SageMaker and S3 on loopback, new for each test."""
    with LocalSageMaker(**local_sagemaker_options) as local:
        yield local

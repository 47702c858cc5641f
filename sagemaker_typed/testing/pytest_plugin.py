"""The fixture `local_sagemaker`: a running `LocalSageMaker`, new for each test.

Say `pytest_plugins = ["sagemaker_typed.testing.pytest_plugin"]` in the top `conftest.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sagemaker_typed.testing.local import LocalSageMaker

__all__ = ["local_sagemaker"]


@pytest.fixture
def local_sagemaker() -> Iterator[LocalSageMaker]:
    with LocalSageMaker() as local:
        yield local

"""An embedded SageMaker that is quick, for commands that wait by the clock of the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sagemaker_typed.testing import LocalSageMaker


@pytest.fixture(scope="module")
def _running() -> Iterator[LocalSageMaker]:
    with LocalSageMaker(every=0.02) as running:
        yield running


@pytest.fixture
def local(_running: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> LocalSageMaker:
    """Without a past. The environment leads every command to it."""
    _running.reset()
    for name, value in _running.environment().items():
        monkeypatch.setenv(name, value)
    return _running

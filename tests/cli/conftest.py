"""An embedded SageMaker that is quick, for commands that wait by the clock of the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

import sagemaker_typed.client
from sagemaker_typed._waiting.pacing import Clock
from sagemaker_typed.testing import LocalSageMaker
from tests.support.patience import patient as _patient  # noqa: F401  # applies to every test here


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


class Hurried:
    """A clock that jumps over pauses. The embedded service takes a moment of real time for each state."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        slept = min(seconds, 0.02)
        self.ahead += seconds - slept
        time.sleep(slept)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Hurried:
    """Commands in this process do not pause for real. Commands in others do."""
    made = Hurried()
    monkeypatch.setattr(sagemaker_typed.client, "SYSTEM_CLOCK", Clock(made.now, made.sleep))
    return made

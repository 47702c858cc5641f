"""More time for the last poll of a wait: on a busy machine, a second and a half may not be enough for an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sagemaker_typed._data import outputs
from sagemaker_typed._waiting import calls, wait_one

__all__ = ["patient"]


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """Give the last poll half a minute. For tests in which an answer is sure to come."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (outputs, calls, wait_one):
            patch.setattr(module, "GRACE", 25.0)
        yield

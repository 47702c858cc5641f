"""The repository's own model, decisions and plan, read once in a process."""

from __future__ import annotations

import pytest

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.kept import installed
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.read import BotocoreModel


@pytest.fixture(scope="session")
def model(overlay: Overlay) -> BotocoreModel:
    """With what is kept although AWS took it back."""
    return installed(overlay)


@pytest.fixture(scope="session")
def overlay() -> Overlay:
    return Overlay.load()


@pytest.fixture(scope="session")
def notes() -> list[str]:
    """What the generator has to say about the model; there once `plan` is."""
    return []


@pytest.fixture(scope="session")
def plan(model: BotocoreModel, overlay: Overlay, notes: list[str]) -> Plan:
    return build(model, overlay, notes=notes)

"""The table of what the embedded SageMaker knows."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from sagemaker_typed.testing._model import load_model

DOCS = Path(__file__).parents[2] / "docs"


def test_each_operation_stands_once_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    page = import_module("local_kinds").pages()["kinds.md"]
    for operation in load_model().operations:
        assert page.count(f"`{operation}`") == 1, operation
    assert "| `image` | `CreateImage`, `DescribeImage`, `UpdateImage`, `DeleteImage`, `ListImages` |" in page
    assert "create: CREATING → CREATED" in page

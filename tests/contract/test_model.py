"""The model that the library ships is that of the botocore it was generated from, prose aside."""

from __future__ import annotations

from typing import Any

import botocore
import pytest
from botocore.loaders import Loader

from tests.contract import model

GENERATED_FROM = (model.FOLDER / "botocore-version").read_text().strip()
PROSE = ("documentation", "deprecatedMessage")


@pytest.mark.skipif(botocore.__version__ != GENERATED_FROM, reason=f"generated from botocore {GENERATED_FROM}")
@pytest.mark.parametrize("file", ["service-2", "paginators-1", "endpoint-rule-set-1", "waiters-2"])
def test_what_ships_is_what_botocore_ships(file: str) -> None:
    ours = Loader(extra_search_paths=[str(model.FOLDER)], include_default_search_paths=False)
    assert ours.load_service_model("sagemaker", file) == bare(Loader().load_service_model("sagemaker", file))


def bare(value: Any, inside: str = "") -> Any:
    """`value` without prose, but with the members that are called so."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = inside in ("members", "shapes", "operations")
    return {key: bare(item, key) for key, item in value.items() if names or key not in PROSE}


def test_the_model_is_as_large_as_it_was_measured() -> None:
    """A walk over nothing would pass everything else in this folder."""
    assert len(model.OPERATIONS) >= 425
    assert len(model.STRUCTURES) >= 1633
    assert len(model.ENUMS) >= 383
    assert len(model.PAGED) >= 99

"""What is public: the names, in order, and nothing else."""

from __future__ import annotations

from importlib import import_module

import pytest

import sagemaker_typed
from sagemaker_typed import errors, types

_MODULES = ("errors", "paging", "waiting", "enums", "structure", "client", "testing", "cli")


def test_the_front_door_is_sorted_and_each_name_is_there() -> None:
    assert sagemaker_typed.__all__ == sorted(sagemaker_typed.__all__)
    for name in sagemaker_typed.__all__:
        assert getattr(sagemaker_typed, name) is not None
    assert set(dir(sagemaker_typed)) == set(sagemaker_typed.__all__) - {"__version__"}


@pytest.mark.parametrize("module", _MODULES)
def test_each_name_of_all_is_there_once(module: str) -> None:
    found = import_module(f"sagemaker_typed.{module}")
    assert len(found.__all__) == len(set(found.__all__))
    for name in found.__all__:
        assert hasattr(found, name), name


@pytest.mark.parametrize("module", [sagemaker_typed, types])
def test_a_name_that_is_not_there_is_an_attribute_error(module: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoSuchName'"):
        module.NoSuchName  # type: ignore[attr-defined]  # noqa: B018


def test_every_error_is_drawn_in_the_tree() -> None:
    drawn = errors.__doc__ or ""
    assert [name for name in errors.__all__ if name not in drawn] == ["Problem", "Wording"]

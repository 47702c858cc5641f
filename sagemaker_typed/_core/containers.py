"""Type guards for mappings and lists that mypy and pyright understand in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

__all__ = ["is_list", "is_mapping"]


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether `value` can be passed as a structure or a map."""
    return value.__class__ is dict or isinstance(value, Mapping)  # the check for a `Mapping` is slow


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` can be passed as a list. A text cannot, although it is a sequence in Python."""
    return isinstance(value, (list, tuple))

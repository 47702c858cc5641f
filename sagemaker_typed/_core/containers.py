"""What a value is, in words that both type checkers take the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

__all__ = ["is_list", "is_mapping"]


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether `value` may stand where SageMaker wants a structure or a map."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` may stand where SageMaker wants a list; a text may not, though Python calls it a sequence."""
    return isinstance(value, (list, tuple))

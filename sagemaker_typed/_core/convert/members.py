"""The members of a generated class, each with its type.

This module must not import `structure`, which imports it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from sagemaker_typed._core.convert.annotations import named, resolve

__all__ = ["member_annotations", "member_types", "name_types"]


@cache
def member_annotations(cls: Any) -> tuple[tuple[Any, str], ...]:
    """Return the members of a generated class, each a `Member` with its annotation."""
    import inspect

    annotations: dict[str, str] = {}
    for base in reversed(cls.__mro__):  # a user's subclass may add members
        annotations.update(inspect.get_annotations(base))
    return tuple((member, annotations[member.field]) for member in cls._members)


@cache
def member_types(cls: Any) -> tuple[tuple[Any, Any], ...]:
    """Return the members of a generated class, each a `Member` with its type without `| None`."""
    names = cls._service.types
    return tuple((member, resolve(annotation, names)) for member, annotation in member_annotations(cls))


@cache
def name_types(cls: Any) -> None:
    """Add the classes in the annotations of `cls` to its module, which imports them only for type checkers.

    `typing.get_type_hints` evaluates the annotations there.
    """
    space = vars(sys.modules[cls.__module__])
    for _, annotation in member_annotations(cls):
        for name, type_ in named(annotation, cls._service.types):
            space.setdefault(name, type_)

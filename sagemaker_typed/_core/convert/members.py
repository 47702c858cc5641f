"""The members of a generated class, each with its type.

It imports no `structure`, whose classes come here themselves for their types.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from sagemaker_typed._core.convert.annotations import named, resolve

__all__ = ["member_annotations", "member_types", "name_types"]


@cache
def member_annotations(cls: Any) -> tuple[tuple[Any, str], ...]:
    """The members of a generated class, each a `Member` with its annotation."""
    import inspect

    annotations: dict[str, str] = {}
    for base in reversed(cls.__mro__):  # a user's subclass adds to what the generated class says
        annotations.update(inspect.get_annotations(base))
    return tuple((member, annotations[member.field]) for member in cls._members)


@cache
def member_types(cls: Any) -> tuple[tuple[Any, Any], ...]:
    """The members of a generated class, each a `Member` with its type without `| None`."""
    names = cls._service.types
    return tuple((member, resolve(annotation, names)) for member, annotation in member_annotations(cls))


@cache
def name_types(cls: Any) -> None:
    """Put the classes that the annotations of `cls` name into its module, as its imports for type checkers say.

    `typing.get_type_hints` evaluates the annotations there.
    """
    space = vars(sys.modules[cls.__module__])
    for _, annotation in member_annotations(cls):
        for name, type_ in named(annotation, cls._service.types):
            space.setdefault(name, type_)

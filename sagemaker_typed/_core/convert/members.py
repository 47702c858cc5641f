"""The members of a generated class, each with its type."""

from __future__ import annotations

from functools import cache
from typing import Any

from sagemaker_typed._core.convert.annotations import resolve
from sagemaker_typed.structure import Member, members_of, service_of

__all__ = ["member_annotations", "member_types"]


@cache
def member_annotations(cls: Any) -> tuple[tuple[Member, str], ...]:
    """The members of a generated class, each with its annotation."""
    import inspect

    annotations: dict[str, str] = {}
    for base in reversed(cls.__mro__):  # a user's subclass adds to what the generated class says
        annotations.update(inspect.get_annotations(base))
    return tuple((member, annotations[member.field]) for member in members_of(cls))


@cache
def member_types(cls: Any) -> tuple[tuple[Member, Any], ...]:
    """The members of a generated class, each with its type without `| None`."""
    names = service_of(cls).types
    return tuple((member, resolve(annotation, names)) for member, annotation in member_annotations(cls))

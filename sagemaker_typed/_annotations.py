"""The types behind the annotations of generated classes, found when they are first needed.

Generated modules name each other's classes under `TYPE_CHECKING` only, so that using one resource imports no other.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from sagemaker_typed.enums import OpenEnum, as_enum, as_enum_list, as_enum_map, as_pair_list
from sagemaker_typed.structure import Member, members_of

__all__ = ["coercion", "member_types", "origin", "resolve"]


class _Names(dict[str, Any]):
    """Resolves the names in annotations: generated classes are imported when they are first met."""

    def __missing__(self, name: str) -> Any:
        # Generated types stand above the runtime, so their package is found by name and only when it is needed.
        try:
            found = getattr(import_module(f"{__package__}.types"), name)
        except AttributeError:
            raise KeyError(name) from None
        self[name] = found
        return found


_NAMES = _Names(
    Any=Any,
    Mapping=Mapping,
    Sequence=Sequence,
    bool=bool,
    datetime=datetime,
    dict=dict,
    float=float,
    int=int,
    list=list,
    str=str,
)


@cache
def resolve(annotation: str) -> Any:
    """The type behind an annotation, without `| None`. A class's name means the same in every generated module."""
    return eval(annotation.removesuffix(" | None"), {"__builtins__": {}}, _NAMES)


@cache
def member_types(cls: Any) -> tuple[tuple[Member, Any], ...]:
    """The members of a generated class, each with its type without `| None`."""
    annotations: dict[str, str] = {}
    for base in reversed(cls.__mro__):  # a user's subclass adds to what the generated class says
        annotations.update(inspect.get_annotations(base))
    return tuple((member, resolve(annotations[member.field])) for member in members_of(cls))


_ORIGINS: Mapping[Any, type] = {list: list, Sequence: list, dict: dict, Mapping: dict}


def origin(type_: Any) -> type | None:
    """list or dict for the containers that annotations use, else None."""
    return _ORIGINS.get(typing.get_origin(type_))


def coercion(annotation: str, pairs: tuple[str, ...]) -> Callable[[Any], Any]:
    """What turns the other forms in which a member may be written into its type; `pairs` as in `Member`."""
    type_ = resolve(annotation)
    args = typing.get_args(type_)
    if pairs:
        return lambda value: as_pair_list(value, args[0], *pairs)
    if origin(type_) is list:
        return lambda value: as_enum_list(args[0], value)
    if origin(type_) is dict:
        keys, items = (arg if isinstance(arg, type) and issubclass(arg, OpenEnum) else None for arg in args)
        return lambda value: as_enum_map(value, keys, items)
    return lambda value: as_enum(type_, value)

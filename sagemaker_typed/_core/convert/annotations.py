"""Resolves the annotations of generated classes on first use.

Generated modules name each other's classes under `TYPE_CHECKING` only, so that using one resource imports no other.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.lazy import Names
from sagemaker_typed._core.streams import Blob, EventStream, Payload, StreamedBody
from sagemaker_typed.enums import OpenEnum, as_enum

__all__ = ["coercion", "is_ready", "named", "origin", "resolve", "unchanged", "words"]

_BUILT_IN: Mapping[str, Any] = {
    "Any": Any,
    "Blob": Blob,
    "EventStream": EventStream,
    "Mapping": Mapping,
    "Payload": Payload,
    "Sequence": Sequence,
    "StreamedBody": StreamedBody,
    "bool": bool,
    "datetime": datetime,
    "dict": dict,
    "float": float,
    "int": int,
    "list": list,
    "str": str,
}
# Python may import modules while it makes a generic class such as `EventStream[...]`.
_NONE_BUT_IMPORT = {"__import__": __import__}
_NAME = re.compile(r"[A-Za-z_]\w*")


class _Scope(dict[str, Any]):
    """The namespace for annotations. Generated classes are imported on first use."""

    def __init__(self, names: Names) -> None:
        super().__init__(_BUILT_IN)
        self._names = names

    def __missing__(self, name: str) -> Any:
        found = self[name] = self._names.find(name)
        return found


_scope = cache(_Scope)


@cache
def resolve(annotation: str, names: Names) -> Any:
    """Return the type of an annotation, without `| None`. Class names are unique within a service."""
    return eval(annotation.removesuffix(" | None"), {"__builtins__": _NONE_BUT_IMPORT}, _scope(names))


def is_ready(annotation: str, names: Names) -> bool:
    """Whether `resolve` works without importing anything."""
    scope = _scope(names)
    return all(name in scope or names.imported(name) for name in _NAME.findall(annotation.removesuffix(" | None")))


def named(annotation: str, names: Names) -> Iterator[tuple[str, Any]]:
    """Return the names in an annotation with their classes; generated classes are imported."""
    for name in _NAME.findall(annotation):
        if name in names.homes or name in _BUILT_IN:
            yield name, _scope(names)[name]


@cache
def words(annotation: str) -> frozenset[str]:
    """Return the names in an annotation."""
    return frozenset(_NAME.findall(annotation))


_ORIGINS: Mapping[Any, type] = {list: list, Sequence: list, dict: dict, Mapping: dict}


def origin(type_: Any) -> type | None:
    """Return list or dict for an annotation of a container, else None."""
    return _ORIGINS.get(typing.get_origin(type_))


def coercion(annotation: str, names: Names, pairs: tuple[str, ...], *, dumps: bool = False) -> Callable[[Any], Any]:
    """Return a function that converts other accepted forms of a member to its type; `pairs` and `dumps` as in `Member`.

    Values of other forms are returned unchanged. The check before sending reports them with their path, which is unknown
    here.
    """
    if dumps:
        return _as_json_text
    type_ = resolve(annotation, names)
    if pairs:
        return _from_pairs(typing.get_args(type_)[0], *pairs)
    return _to_enums(type_) or unchanged


def unchanged(value: Any, _: Any = None) -> Any:
    """Return the value unchanged. Generated code omits this conversion."""
    return value


def _to_enums(type_: Any) -> Callable[[Any], Any] | None:
    """Return a function that converts texts to enum members at every depth; None if the type has no enums."""
    if isinstance(type_, type) and issubclass(type_, OpenEnum):
        return partial(as_enum, type_)
    parts = [_to_enums(part) for part in typing.get_args(type_)] if origin(type_) else []
    if not any(parts):
        return None
    known = [part or unchanged for part in parts]
    return _each_item(*known) if origin(type_) is list else _each_entry(*known)


def _each_item(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [item(element) for element in value] if is_list(value) else value


def _each_entry(key: Callable[[Any], Any], item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: {key(name): item(element) for name, element in value.items()} if is_mapping(value) else value


def _as_json_text(value: Any) -> Any:
    """Return the JSON text of a mapping. A mapping that JSON cannot represent is left to the type check."""
    if not is_mapping(value):
        return value
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return value


def _from_pairs(build: Callable[..., Any], key: str, item: str) -> Callable[[Any], Any]:
    """Convert a mapping to a list of structures with a key and a value."""
    return lambda value: (
        [build(**{key: name, item: text}) for name, text in value.items()] if is_mapping(value) else value
    )

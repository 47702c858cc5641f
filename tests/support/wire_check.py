"""Holds a JSON body against a shape, as the service would read it.

It does not use botocore's parameter validation, so that it also judges callers that switch that off. Enum values,
patterns and ranges are let pass: which of those the service accepts changes faster than any model.
"""

from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

_NOT_QUITE_NUMBERS = ("NaN", "Infinity", "-Infinity")


def problems(shape: Shape, body: Any, path: str = "") -> Iterator[str]:
    """What is wrong with `body`, one line each, every line with the path of the value it is about."""
    if not _has_type(shape.type_name, body):
        yield f"{path or 'body'}: {shape.type_name} expected, got {type(body).__name__}"
        return
    match shape.type_name:
        case "structure":
            yield from _structure_problems(shape, body, path)
        case "list":
            for index, item in enumerate(body):
                yield from problems(shape.member, item, f"{path}[{index}]")
        case "map":
            for key, item in body.items():
                yield from problems(shape.value, item, f"{path}[{key!r}]")


def _structure_problems(shape: Shape, body: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in body:
            yield f"{_join(path, name)}: required and missing"
    if shape.is_tagged_union and len(body) != 1:
        yield f"{path or 'body'}: a union with {len(body)} members"
    for name, member in body.items():
        if name in shape.members:
            yield from problems(shape.members[name], member, _join(path, name))
        else:
            yield f"{_join(path, name)}: unknown"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _has_type(type_name: str, value: Any) -> bool:
    match type_name:
        case "structure" | "map":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "long":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float" | "double":
            return _is_number(value) or value in _NOT_QUITE_NUMBERS
        case "timestamp":
            return _is_number(value)
        case other:
            raise NotImplementedError(f"no check for the type {other}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

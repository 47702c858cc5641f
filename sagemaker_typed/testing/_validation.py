"""Validation of requests against the service model, with ValidationExceptions like the service's."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables, Shape

__all__ = ["check_request", "to_epoch", "value_problems"]

_Check: TypeAlias = Callable[[Shape, object, str], Iterator[str]]

_SHOWN = 120
"""Characters of a refused value that its message shows."""


def check_request(
    model: ServiceTables, operation: str, parameters: Mapping[str, Any], *, patterns: bool = True
) -> None:
    """Raise one error that names every problem of a request. `patterns` checks regular expressions too."""
    shape = model.input_shape(operation)
    checker = _Checker(model, patterns)
    problems = list(checker.structure(shape if shape is not None else {"members": {}}, parameters, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise AnsweredError(
            "ValidationException", f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}"
        )


def value_problems(model: ServiceTables, shape: str, value: object, name: str, *, enums: bool = True) -> list[str]:
    """Return the problems of one value in wire form, without patterns. `enums` refuses unknown enum values."""
    return list(_Checker(model, patterns=False, enums=enums).any(model.shape(shape), value, name))


def to_epoch(value: float | str) -> float:
    """Return a checked timestamp in seconds since 1970. boto3 sends numbers; the protocol also allows ISO 8601."""
    if isinstance(value, str):
        moment = datetime.datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
    return float(value)


class _Checker:
    """The checks by type. Each method yields the problems of one value, prefixed with its path."""

    def __init__(self, model: ServiceTables, patterns: bool, enums: bool = True) -> None:
        self._model = model
        self._patterns = patterns
        self._enums = enums
        whole = functools.partial(_number, int, "an integer")
        number = functools.partial(_number, int | float, "a number")
        self._checks: Mapping[str, _Check] = {
            "structure": self.structure,
            "list": self.list,
            "map": self.map,
            "string": self.string,
            "integer": whole,
            "long": whole,
            "float": number,
            "double": number,
            "boolean": functools.partial(_plain, lambda value: isinstance(value, bool), "a boolean"),
            "timestamp": functools.partial(_plain, _is_timestamp, "a timestamp"),
            "blob": functools.partial(_plain, lambda value: isinstance(value, str), "a base64 text"),
        }

    def structure(self, shape: Shape, value: object, path: str) -> Iterator[str]:
        if shape.get("document"):
            return  # a value of any type
        if not isinstance(value, dict):
            yield _wrong_type(value, path, "a structure")
            return
        given = cast("dict[str, object]", value)
        members = cast("Mapping[str, Mapping[str, Any]]", shape.get("members", {}))
        for name in shape.get("required", ()):
            if given.get(name) is None:
                yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in given.items():
            if name not in members:
                yield f"Unknown member '{_join(path, name)}'"
            elif member is not None:
                yield from self.any(self._model.shape(members[name]["shape"]), member, _join(path, name))
        if shape.get("union") and sum(member is not None for member in given.values()) != 1:
            yield f"Value at '{path}' failed to satisfy constraint: exactly one of {', '.join(members)} must be set"

    def any(self, shape: Shape, value: object, path: str) -> Iterator[str]:
        check = self._checks.get(shape["type"])
        if check is None:
            raise AssertionError(f"the service model has an unknown type: {shape['type']} at {path}")
        yield from check(shape, value, path)

    def list(self, shape: Shape, value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _wrong_type(value, path, "a list")
            return
        items = cast("list[object]", value)
        yield from _size(shape, len(items), items, path, "length")
        member = self._model.shape(shape["member"]["shape"])
        for index, item in enumerate(items, start=1):
            yield from self.any(member, item, f"{path}.{index}.member")

    def map(self, shape: Shape, value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _wrong_type(value, path, "a map")
            return
        items = cast("dict[str, object]", value)
        yield from _size(shape, len(items), items, path, "length")
        key_shape, value_shape = self._model.shape(shape["key"]["shape"]), self._model.shape(shape["value"]["shape"])
        for key, item in items.items():
            yield from self.any(key_shape, key, f"{path}.key")
            yield from self.any(value_shape, item, f"{path}.{key}")

    def string(self, shape: Shape, value: object, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _wrong_type(value, path, "a string")
            return
        allowed = shape.get("enum")
        if allowed is not None and value not in allowed and self._enums:
            yield _refused(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
            return
        sizes = list(_size(shape, len(value), value, path, "length"))
        yield from sizes
        pattern = _compiled(shape["pattern"]) if self._patterns and "pattern" in shape else None
        # A text of the wrong length is refused already, and matching a long text could take long.
        if pattern is not None and not sizes and not pattern.fullmatch(value):
            yield _refused(value, path, f"Member must satisfy regular expression pattern: {shape['pattern']}")


def _number(kinds: Any, wanted: str, shape: Shape, value: object, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, kinds):
        yield _wrong_type(value, path, wanted)
    else:
        yield from _size(shape, cast("float", value), value, path, "value")


def _plain(fits: Callable[[object], bool], wanted: str, shape: Shape, value: object, path: str) -> Iterator[str]:
    """Check a value without constraints."""
    del shape
    if not fits(value):
        yield _wrong_type(value, path, wanted)


def _size(shape: Shape, size: float, value: object, path: str, what: str) -> Iterator[str]:
    if "min" in shape and size < shape["min"]:
        yield _refused(value, path, f"Member must have {what} greater than or equal to {shape['min']}")
    if "max" in shape and size > shape["max"]:
        yield _refused(value, path, f"Member must have {what} less than or equal to {shape['max']}")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern. Return None for Java syntax that Python's `re` lacks, such as \\p{L}: it stays unchecked."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _is_timestamp(value: object) -> bool:
    if isinstance(value, str):
        try:
            datetime.datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong_type(value: object, path: str, wanted: str) -> str:
    return _refused(value, path, f"Member must be {wanted}")


def _refused(value: object, path: str, constraint: str) -> str:
    text = str(value)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    # The service's own messages write paths in lower camel case.
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name

"""Holds a typed value against the dict that boto3 gives for the same answer, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sagemaker_typed.structure import Structure, members_of
from tests.contract import model


def differences(shape: Any, typed: Any, plain: Any, path: str = "") -> Iterator[str]:
    """Where the two differ, one line each: in a value, in its type, or in what is there at all."""
    if plain is None:
        if typed is not None:
            yield f"{path}: {typed!r} where boto3 has None"
        return
    match shape.type_name:
        case "structure":
            yield from _structure(shape, typed, plain, path)
        case "list":
            yield from _list(shape, typed, plain, path)
        case "map":
            yield from _map(shape, typed, plain, path)
        case _ if not _same(shape, typed, plain):
            yield f"{path}: {typed!r} where boto3 has {plain!r}"


def _structure(shape: Any, typed: Any, plain: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(typed, Structure) or type(typed).__name__ != shape.name:
        yield f"{path}: a {type(typed).__name__} where {shape.name} is expected"
        return
    for member in members_of(type(typed)):
        value = getattr(typed, member.field)
        yield from differences(shape.members[member.wire], value, plain.get(member.wire), f"{path}.{member.wire}")
    expected = {name: value for name, value in plain.items() if name not in shape.members}
    if typed.unknown_members != expected:
        yield f"{path}: unknown members {dict(typed.unknown_members)!r}, not {expected!r}"


def _list(shape: Any, typed: Any, plain: Any, path: str) -> Iterator[str]:
    if type(typed) is not list or len(typed) != len(plain):
        yield f"{path}: {typed!r} where a list of {len(plain)} is expected"
        return
    for index, (one, other) in enumerate(zip(typed, plain, strict=True)):
        yield from differences(shape.member, one, other, f"{path}[{index}]")


def _map(shape: Any, typed: Any, plain: Any, path: str) -> Iterator[str]:
    if type(typed) is not dict or list(typed) != list(plain):
        yield f"{path}: {typed!r} where a dict of {list(plain)} is expected"
        return
    for (one_key, one), (other_key, other) in zip(typed.items(), plain.items(), strict=True):
        yield from differences(shape.key, one_key, other_key, f"{path} (key {other_key!r})")
        yield from differences(shape.value, one, other, f"{path}[{other_key!r}]")


def _same(shape: Any, typed: Any, plain: Any) -> bool:
    if typed != plain:
        return False
    if model.is_enum(shape):
        return isinstance(typed, model.enum(shape.name)) and typed.value == plain
    if shape.type_name == "timestamp":
        return isinstance(typed, datetime) and typed.tzinfo is UTC
    return type(typed) is type(plain)


def unlike(found: Any, expected: Any, path: str = "") -> Iterator[str]:
    """Where two dicts of boto3's form differ, in a value or in its type: a text is a plain text, and 1 is not 1.0."""
    if isinstance(expected, dict) and type(found) is dict:
        for name in {**expected, **found}:
            at = f"{path}.{name}"
            if name not in found or name not in expected:
                yield f"{at}: {'missing' if name not in found else 'too much'}"
            else:
                yield from unlike(found[name], expected[name], at)
        yield from (f"{path} (key {name!r}): no plain text" for name in found if type(name) is not str)
    elif isinstance(expected, list) and type(found) is list and len(found) == len(expected):
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from unlike(one, other, f"{path}[{index}]")
    elif type(found) is not type(expected) or found != expected:
        yield f"{path}: {found!r}, not {expected!r}"

"""Converts a document to the values of a class: its members by AWS's names or ours, each with its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, get_args, get_origin

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.members import member_types
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.cli._documents import Plain, values_of
from sagemaker_typed.structure import Member, Structure

__all__ = [
    "KnownMember",
    "NotWanted",
    "below",
    "is_structure",
    "kind_of",
    "known_member",
    "member_value",
    "structure_value",
    "value_of",
]


class NotWanted(Exception):
    """A document does not fit the class."""


class KnownMember(NamedTuple):
    """The member of a key, and its type."""

    member: Member
    type: Any


def known_member(cls: Any, key: Any, path: str) -> KnownMember:
    """Return the member with a wire name or a Python name."""
    found = list(member_types(cls))
    for member, type_ in found:
        if key in (member.wire, member.field):
            return KnownMember(member, type_)
    names = [name for member, _ in found for name in (member.field, member.wire)]
    near = nearest(key, names) if isinstance(key, str) else None
    # Suggest a name in the form that the caller used.
    if near is not None:
        member = next(member for member, _ in found if near in (member.wire, member.field))
        near = member.wire if key[:1].isupper() else member.field
    where = f"{path}: " if path else ""
    raise NotWanted(f"{where}{cls.__name__} has no {quoted(key)}" + (f"; did you mean {near}?" if near else ""))


def structure_value(cls: Any, document: Any, path: str) -> dict[str, Any]:
    document = document.value if isinstance(document, Plain) else document
    if not is_mapping(document):
        raise NotWanted(
            f"{path or 'the document'} is {kind_of(document)}; a mapping of the members of {cls.__name__} is needed"
        )
    found: dict[str, Any] = {}
    for key, value in document.items():
        member, type_ = known_member(cls, key, path)
        here = below(path, str(key))
        if member.field in found:
            raise NotWanted(f"{here} stands twice, as {member.wire} and as {member.field}")
        found[member.field] = member_value(member, type_, value, here)
    return found


def member_value(member: Member, type_: Any, value: Any, path: str) -> Any:
    if isinstance(value, Plain) and (member.pairs or member.json):
        value = value.value
    if member.pairs and is_mapping(value):  # tags as a mapping: both are texts
        return {str(key): _text(item, f"{path}.{key}") for key, item in value.items()}
    if member.json and (is_mapping(value) or is_list(value)):
        return json.dumps(values_of(value))
    return value_of(type_, value, path)


def value_of(type_: Any, value: Any, path: str) -> Any:
    if value is None:
        return None
    if is_structure(type_):
        return structure_value(type_, value, path)
    origin = get_origin(type_)
    if origin is None:
        return _leaf(type_, value, path)
    value = value.value if isinstance(value, Plain) else value
    if issubclass(origin, Mapping):
        if not is_mapping(value):
            raise NotWanted(f"{path} is {kind_of(value)}; a mapping is needed")
        item_type = get_args(type_)[1]
        return {str(key): value_of(item_type, item, f"{path}.{key}") for key, item in value.items()}
    if not is_list(value):
        raise NotWanted(f"{path} is {kind_of(value)}; a list is needed")
    (item_type,) = get_args(type_)
    items = value
    # An item without a value is not sent, like a member without a value.
    return [value_of(item_type, item, f"{path}[{index}]") for index, item in enumerate(items) if item is not None]


def _leaf(type_: Any, value: Any, path: str) -> Any:
    if isinstance(type_, type) and issubclass(type_, str):
        return _text(value, path)
    value = value.value if isinstance(value, Plain) else values_of(value)
    if type_ is datetime:
        return _moment(value, path)
    if type_ in (int, float, bool) and not _is_a(type_, value):
        raise NotWanted(f"{path} is {kind_of(value)}; {_NEEDED[type_]} is needed")
    return value


def _text(value: Any, path: str) -> Any:
    """Return a text. A number or a time in YAML counts as the text that was written."""
    if isinstance(value, Plain):
        return value.text
    if value is None or isinstance(value, str):
        return value
    raise NotWanted(f"{path} is {kind_of(value)}; a text is needed" + _as_text(value))


def _as_text(value: Any) -> str:
    return f': write "{json.dumps(value)}"' if isinstance(value, bool | int | float) else ""


def _moment(value: Any, path: str) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise NotWanted(f"{path} is {quoted(value)}; a time is needed, as 2026-01-31T12:00:00Z") from None
    if isinstance(value, date) and (not isinstance(value, datetime) or value.tzinfo is None):
        raise NotWanted(f"{path} is {value.isoformat()}, without a time zone: write 2026-01-31T12:00:00Z")
    return value


_NEEDED: Mapping[Any, str] = {int: "a whole number", float: "a number", bool: "true or false"}


def _is_a(type_: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return type_ is bool
    return isinstance(value, int) if type_ is int else isinstance(value, int | float) and type_ is float


def is_structure(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Structure)


def kind_of(value: Any) -> str:
    """Return the word for the type of a value in a document."""
    value = value.value if isinstance(value, Plain) else value
    for kind, word in ((dict, "a mapping"), (list, "a list"), (str, "a text"), (bool, "true or false")):
        if isinstance(value, kind):
            return word
    return "empty" if value is None else "a number" if isinstance(value, int | float) else f"a {type(value).__name__}"


def below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key

"""Typed objects as plain dicts and as JSON texts, and back."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_args

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.annotations import origin, resolve, words
from sagemaker_typed._core.convert.converter import leaf_hook, read_metadata
from sagemaker_typed._core.convert.members import member_annotations
from sagemaker_typed._core.convert.plain import BYTES, METADATA, UNKNOWN, Form, plain
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed.errors import ConversionError
from sagemaker_typed.structure import Response, ResponseMetadata, Structure, service_of

__all__ = ["from_dict", "from_json", "to_dict", "to_json"]

S = TypeVar("S", bound=Structure)


# --- out --------------------------------------------------------------------------------------------------------------


def to_dict(
    obj: Structure, *, exclude_none: bool = True, mask_secrets: bool = False, metadata: bool = False
) -> dict[str, Any]:
    """Return the members of `obj` as a dict of plain Python values, keyed by field names.

    Structures become dicts, and enums become texts; datetimes stay datetimes, and lists and maps are copied. Members that
    this version does not know are in "unknown_members". `exclude_none=False` keeps the members that are not set,
    `mask_secrets` writes `***` for values that a repr hides, and `metadata` adds the "response_metadata" of a response.

    Raises `InvalidRequestError` for a time without a time zone, and for objects that contain themselves.
    """
    return plain(
        _checked(obj, "to_dict"), Form(exclude_none=exclude_none, metadata=metadata, mask_secrets=mask_secrets)
    )


def to_json(
    obj: Structure,
    *,
    indent: int | None = None,
    wire: bool = False,
    exclude_none: bool = True,
    mask_secrets: bool = False,
    metadata: bool = False,
) -> str:
    """Return `obj` as a JSON text, which `from_json` reads back as an equal object.

    Times are ISO 8601 texts in UTC, bytes are base64, and numbers that JSON cannot represent are "NaN", "Infinity" and
    "-Infinity", as in AWS. `wire=True` writes AWS's names instead of field names, like the AWS CLI; every version of the
    library can read that form. `indent` is passed to `json.dumps`; see `to_dict` for the other options.

    Raises `InvalidRequestError` for a value that JSON cannot represent.
    """
    form = Form(wire=wire, json=True, exclude_none=exclude_none, metadata=metadata, mask_secrets=mask_secrets)
    return json.dumps(plain(_checked(obj, "to_json"), form), indent=indent, allow_nan=False)


def _checked(obj: Any, function: str) -> Structure:
    if not isinstance(obj, Structure):
        raise TypeError(f"{function} takes an object of a generated class, not a {type(obj).__name__}")
    return obj


# --- in ---------------------------------------------------------------------------------------------------------------


def from_dict(cls: type[S], mapping: Mapping[str, Any]) -> S:
    """Return an object of `cls` from a dict of `to_dict`, or from the parsed JSON text of `to_json`.

    Missing members become None. Raises `ConversionError`, with the path, for a name that is not a field, and if a value
    cannot be converted to a structure, a list, a map, an enum or a timestamp. Other texts and numbers are kept unchanged.
    """
    return _read(_checked_class(cls, "from_dict"), mapping, wire=False)


def from_json(cls: type[S], text: str | bytes | bytearray, *, wire: bool = False) -> S:
    """Return an object of `cls` from a JSON text of `to_json`.

    With `wire`, the text has AWS's names, as the AWS CLI prints them, and members that the class does not know are kept in
    `unknown_members`. Without it, they are an error. Raises `ConversionError` like `from_dict`, and for invalid JSON.
    """
    _checked_class(cls, "from_json")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"{cls.__name__}: not a JSON text: {error}") from error
    return _read(cls, values, wire=wire)


def _checked_class(cls: type[S], function: str) -> type[S]:
    if not (isinstance(cls, type) and issubclass(cls, Structure)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{function} takes a generated class, not {quoted(cls)}")
    return cls


def _read(cls: type[S], values: Any, *, wire: bool) -> S:
    try:
        return cast("S", _structure(cls, values, wire))
    except RecursionError as error:
        raise ConversionError(f"{cls.__name__}: nested too deeply to be read") from error
    except ConversionError as error:
        raise ConversionError(f"{cls.__name__}: {error}") from error.__cause__


@cache
def _by_key(cls: Any, wire: bool) -> dict[str, tuple[Any, str]]:
    return {(member.wire if wire else member.field): (member, text) for member, text in member_annotations(cls)}


def _structure(cls: Any, values: Any, wire: bool) -> Any:
    known, names = _by_key(cls, wire), service_of(cls).types
    found: dict[str, Any] = dict.fromkeys(member.field for member, _ in known.values())
    unknown: dict[str, Any] = {}
    metadata: Any = None
    for key, value in _mapping(values).items():
        if key in known:
            member, annotation = known[key]
            found[member.field] = _placed(key, value, member, annotation, names, wire)
        elif issubclass(cls, Response) and key == ("ResponseMetadata" if wire else METADATA):
            metadata = value
        elif wire:
            unknown[key] = value
        elif key == UNKNOWN:
            unknown = dict(_mapping(value))
        else:
            raise ConversionError(_no_field(cls, key, known))
    make: Any = cls
    obj: Any = make(**found, **({UNKNOWN: unknown} if unknown else {}))
    if metadata is not None:
        obj.response_metadata = _metadata(metadata, wire)
    return obj


def _placed(key: str, value: Any, member: Any, annotation: str, names: Any, wire: bool) -> Any:
    """Return the value of a member; an error has its path."""
    if value is None:
        return None
    try:
        if words(annotation) & BYTES:
            return _bytes(value)
        if member.pairs and not wire and is_mapping(value):
            return value  # the class converts it to a list
        return _value(resolve(annotation, names), value, wire)
    except ConversionError as error:
        raise ConversionError(f"{key}: {error}") from error.__cause__


def _value(type_: Any, value: Any, wire: bool) -> Any:
    if value is None:
        return None
    if isinstance(type_, type) and issubclass(type_, Structure):
        return value if isinstance(value, type_) else _structure(type_, value, wire)
    kind = origin(type_)
    if kind is None:
        return leaf_hook(type_)(value, type_)
    if kind is list:
        if not is_list(value):
            raise ConversionError(f"a {type(value).__name__} where a list was expected")
        (item_type,) = get_args(type_)
        return [_value(item_type, item, wire) for item in value]
    key_type, item_type = get_args(type_)
    return {_value(key_type, key, wire): _value(item_type, item, wire) for key, item in _mapping(value).items()}


def _bytes(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return b64decode(value, validate=True)
    except ValueError as error:
        raise ConversionError(f"not base64: {error}") from None


def _mapping(value: Any) -> Mapping[Any, Any]:
    if not is_mapping(value):
        raise ConversionError(f"a {type(value).__name__} where a mapping was expected")
    return value


def _no_field(cls: Any, key: Any, known: Mapping[str, Any]) -> str:
    text = f"{quoted(key)} is not a field of {cls.__name__}"
    if not isinstance(key, str):
        return text
    if key in _by_key(cls, True):
        return f"{text}; it is AWS's name of a member: use from_boto3, or from_json(..., wire=True)"
    near = nearest(key, known)
    return f"{text}; did you mean {shortened(near)}?" if near else text


def _metadata(value: Any, wire: bool) -> ResponseMetadata:
    if wire:
        return read_metadata(_mapping(value))
    try:
        make: Any = ResponseMetadata
        made: ResponseMetadata = make(**_mapping(value))
        return made
    except TypeError as error:
        raise ConversionError(f"{METADATA}: {error}") from None

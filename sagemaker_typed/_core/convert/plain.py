"""Objects of generated classes as plain Python values and as JSON values.

This module must not import `structure`, which imports it. It recognizes objects of generated classes by `_members`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.annotations import words
from sagemaker_typed._core.convert.members import member_annotations
from sagemaker_typed._core.convert.moments import moment
from sagemaker_typed._core.masks import MASK, masked, masked_unknown
from sagemaker_typed._core.printable import HIDDEN
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import InvalidRequestError, Problem

__all__ = ["BYTES", "UNKNOWN", "Form", "is_structure", "plain"]

UNKNOWN = "unknown_members"
METADATA = "response_metadata"
BYTES = frozenset({"Blob", "Payload", "bytes"})
"""Names of types whose values are bytes, which are base64 in JSON."""
_TOO_DEEP = "structures are nested too deeply to be converted, or contain themselves"


class Form(NamedTuple):
    """Options of a conversion."""

    wire: bool = False
    """Use AWS's names instead of field names."""
    json: bool = False
    """Convert to values that JSON can represent."""
    exclude_none: bool = True
    metadata: bool = False
    """Include the metadata of a response."""
    mask_secrets: bool = False


def is_structure(value: Any) -> bool:
    """Whether a value is an object of a generated class."""
    cls: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    return hasattr(cls, "_members")


def plain(obj: Any, form: Form) -> dict[str, Any]:
    """Return the members of an object as a dict. Raises `InvalidRequestError` for a value that cannot be converted."""
    try:
        return _structure(obj, form)
    except RecursionError as error:
        raise InvalidRequestError([Problem("", "type", _TOO_DEEP)]) from error


def _structure(obj: Any, form: Form) -> dict[str, Any]:
    result: dict[str, Any] = {}
    cls: Any = type(obj)  # pyright: ignore[reportUnknownVariableType]
    for member, annotation in member_annotations(cls):
        value = getattr(obj, member.field)
        if value is None and form.exclude_none:
            continue
        if form.mask_secrets:
            value = masked(value, member)
        try:
            result[member.wire if form.wire else member.field] = _value(value, form, _leaf_of(annotation, form))
        except InvalidRequestError as error:
            raise _below(member.field, error) from None
    _add_unknown(result, obj, form)
    if form.metadata and hasattr(obj, METADATA):
        result |= _metadata(obj.response_metadata, form)
    return result


def _below(field: str, error: InvalidRequestError) -> InvalidRequestError:
    """Return the same error with its paths below a field."""
    return InvalidRequestError(
        [problem._replace(path=f"{field}.{problem.path}".rstrip(".")) for problem in error.problems]
    )


def _add_unknown(result: dict[str, Any], obj: Any, form: Form) -> None:
    unknown = masked_unknown(obj.unknown_members) if form.mask_secrets else obj.unknown_members
    if not unknown:
        return
    members = _value(unknown, form, _of_json if form.json else _as_it_is)
    if not form.wire:
        result[UNKNOWN] = members
        return
    for name, item in members.items():
        if name in result:
            raise InvalidRequestError([Problem(name, "unknown", "given both as a field and as an unknown member")])
        result[name] = item


def _metadata(metadata: Any, form: Form) -> dict[str, Any]:
    """Return the metadata of a response, with boto3's names or field names."""
    values = {
        "request_id": metadata.request_id,
        "http_status_code": metadata.http_status_code,
        "http_headers": dict(metadata.http_headers),
        "retry_attempts": metadata.retry_attempts,
    }
    if not form.wire:
        return {METADATA: {**values, "extra": dict(metadata.extra)}}
    names = ("RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts")
    return {"ResponseMetadata": {**dict(zip(names, values.values(), strict=True)), **metadata.extra}}


# --- values -----------------------------------------------------------------------------------------------------------

_Leaf = Callable[[Any], Any]


def _value(value: Any, form: Form, leaf: _Leaf) -> Any:
    """Return the plain form of any value; `leaf` converts scalars."""
    if value is None or value.__class__ is bool:
        return value
    if is_structure(value):
        return _structure(value, form)
    if is_mapping(value):
        return {_key(key): _value(item, form, leaf) for key, item in value.items()}
    if is_list(value):
        return [_value(item, form, leaf) for item in value]
    if value is MASK:
        return HIDDEN
    return leaf(value)


def _key(key: Any) -> Any:
    return key.value if isinstance(key, OpenEnum) else key


def _leaf_of(annotation: str, form: Form) -> _Leaf:
    """Return the function that converts the scalars of a member with this annotation."""
    found = words(annotation)
    if "datetime" in found:
        return _moment_of_json if form.json else _moment
    if not form.json:
        return _as_it_is
    return _bytes_of_json if found & BYTES else _of_json


def _as_it_is(value: Any) -> Any:
    return value.value if isinstance(value, OpenEnum) else value


def _moment(value: Any) -> datetime:
    """Convert a timestamp in any form that a request accepts."""
    found = moment(value)
    if isinstance(found, Problem):
        raise InvalidRequestError([found])
    return found


def _moment_of_json(value: Any) -> str:
    return _iso(_moment(value))


def _iso(value: datetime) -> str:
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)  # of an unknown member, which boto3 returns in UTC
    try:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:  # within hours of the earliest or latest datetime
        raise InvalidRequestError([Problem("", "type", f"{value!r} is not a time in UTC")]) from None


def _bytes_of_json(value: Any) -> Any:
    return _of_json(value.encode() if isinstance(value, str) else value)


def _of_json(value: Any) -> Any:
    """Return a scalar in the form of AWS's JSON."""
    if isinstance(value, str):
        return value.value if isinstance(value, OpenEnum) else value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if isfinite(value) else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, (bytes, bytearray)):
        return b64encode(value).decode()
    raise InvalidRequestError([Problem("", "type", f"a {type(value).__name__} cannot be represented in JSON")])

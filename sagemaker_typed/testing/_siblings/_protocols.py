"""The protocols of AWS services that are neither SageMaker nor REST: JSON with a target, CBOR, and forms with XML.

Newer versions of botocore send JSON to CloudWatch, older ones send forms and read XML, and SDKs of other languages use
CBOR.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, cast
from urllib.parse import parse_qsl

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._siblings._cbor import BrokenCborError, Moment, decode, encode

__all__ = ["Message", "Reply", "cbor_reply", "read_message"]

_NUMBERS: Mapping[str, Callable[[str], Any]] = {"integer": int, "long": int, "float": float, "double": float}


@dataclass(frozen=True, slots=True)
class Reply:
    """The content type and body of an answer."""

    content_type: str
    body: bytes
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One request, and the encoding of its answer."""

    operation: str
    parameters: Mapping[str, Any]
    protocol: str
    """json, cbor or query."""

    def answer(self, model: ServiceTables, members: Mapping[str, Any], request_id: str) -> Reply:
        shape = model.output_name(self.operation) if model.has_output(self.operation) else ""
        if self.protocol == "json":
            return Reply("application/x-amz-json-1.0", json.dumps(members).encode())
        if self.protocol == "cbor":
            return cbor_reply(_with_moments(model, shape, members) if shape else {})
        content = "".join(_xml_members(model, shape, members)) if shape else ""
        result = f"<{self.operation}Result>{content}</{self.operation}Result>"
        metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        return Reply("text/xml", f"<{self.operation}Response>{result}{metadata}</{self.operation}Response>".encode())


def cbor_reply(members: Mapping[str, Any]) -> Reply:
    """Encode an answer or an error in CBOR."""
    return Reply("application/cbor", encode(members), [("smithy-protocol", "rpc-v2-cbor")])


def read_message(model: ServiceTables, target: str, path: str, body: bytes) -> Message:
    """Parse a request. `target` is the X-Amz-Target header and `path` the path of the URL; forms use neither."""
    if target:
        operation = target.rpartition(".")[2]
        _check_known(model, operation)
        return Message(operation, _json_object(body), "json")
    if "/operation/" in path:
        operation = path.rpartition("/")[2]
        _check_known(model, operation)
        return Message(operation, _cbor_object(body), "cbor")
    fields = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    operation = fields.get("Action", "")
    _check_known(model, operation)
    shape = model.input_shape(operation) or {"members": {}}
    try:
        return Message(operation, dict(_form_members(model, shape["members"], fields, "")), "query")
    except ValueError as error:
        raise AnsweredError("MalformedInput", f"The form has a value of the wrong type: {error}") from None


def _check_known(model: ServiceTables, operation: str) -> None:
    if operation not in model.operations:
        raise AnsweredError("UnknownOperationException", f"There is no operation {operation!r}")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed: object = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise AnsweredError("SerializationException", f"The body is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise AnsweredError("SerializationException", "The body is not a JSON object")
    return {name: value for name, value in cast("dict[str, Any]", parsed).items() if value is not None}


def _cbor_object(body: bytes) -> dict[str, Any]:
    parsed: object = {}
    try:
        parsed = decode(body) if body else parsed
    except BrokenCborError as error:
        raise AnsweredError("SerializationException", f"The body is not CBOR: {error}") from None
    if not isinstance(parsed, dict):
        raise AnsweredError("SerializationException", "The body is not a CBOR map")
    return {name: value for name, value in cast("dict[str, Any]", parsed).items() if value is not None}


def _with_moments(model: ServiceTables, shape: str, value: Any) -> Any:
    """Convert timestamps to `Moment` and floating-point members to float: CBOR distinguishes them, JSON does not."""
    about = model.shape(shape)
    if about["type"] == "structure":
        members = about["members"]
        return {
            name: _with_moments(model, members[name]["shape"], each) for name, each in value.items() if name in members
        }
    if about["type"] == "list":
        return [_with_moments(model, about["member"]["shape"], each) for each in value]
    if about["type"] == "map":
        return {key: _with_moments(model, about["value"]["shape"], each) for key, each in value.items()}
    if about["type"] == "timestamp":
        return Moment(value)
    return float(value) if about["type"] in {"double", "float"} else value


# --- forms ------------------------------------------------------------------------------------------------------------


def _form_members(
    model: ServiceTables, members: Mapping[str, Any], fields: Mapping[str, str], prefix: str
) -> Iterator[tuple[str, Any]]:
    for name, member in members.items():
        path = f"{prefix}{name}"
        if any(field == path or field.startswith(f"{path}.") for field in fields):
            yield name, _form_value(model, member["shape"], fields, path)


def _form_value(model: ServiceTables, shape: str, fields: Mapping[str, str], path: str) -> Any:
    about = model.shape(shape)
    if about["type"] == "structure":
        return dict(_form_members(model, about["members"], fields, f"{path}."))
    if about["type"] == "list":
        found: list[Any] = []
        item = f"{path}.member.1"
        while any(field == item or field.startswith(f"{item}.") for field in fields):
            found.append(_form_value(model, about["member"]["shape"], fields, item))
            item = f"{path}.member.{len(found) + 1}"
        return found
    text = fields[path]
    if about["type"] == "boolean":
        return text == "true"
    return _NUMBERS.get(about["type"], str)(text)


# --- XML --------------------------------------------------------------------------------------------------------------


def _xml_members(model: ServiceTables, shape: str, document: Mapping[str, Any]) -> Iterator[str]:
    for name, member in model.shape(shape)["members"].items():
        if name in document:
            yield f"<{name}>{_xml_value(model, member['shape'], document[name])}</{name}>"


def _xml_value(model: ServiceTables, shape: str, value: Any) -> str:
    about = model.shape(shape)
    if about["type"] == "structure":
        return "".join(_xml_members(model, shape, value))
    if about["type"] == "list":
        item = about["member"]["shape"]
        return "".join(f"<member>{_xml_value(model, item, each)}</member>" for each in value)
    if about["type"] == "map":
        pairs = (
            f"<entry><key>{escape(key)}</key><value>{_xml_value(model, about['value']['shape'], each)}</value></entry>"
            for key, each in value.items()
        )
        return "".join(pairs)
    if about["type"] == "timestamp":
        return datetime.datetime.fromtimestamp(value, datetime.UTC).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value), quote=False)

"""Requests and answers of AWS services that are neither SageMaker nor REST: JSON with a target, and the query protocol.

botocore speaks JSON with CloudWatch since it can; older ones send forms and read XML.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, cast
from urllib.parse import parse_qsl

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables

__all__ = ["Message", "read_message"]

_NUMBERS: Mapping[str, Callable[[str], Any]] = {"integer": int, "long": int, "float": float, "double": float}


@dataclass(frozen=True, slots=True)
class Message:
    """One request, and how it is to be answered."""

    operation: str
    parameters: Mapping[str, Any]
    form: bool
    """Sent as a form, and so to be answered with XML."""

    def answer(self, model: ServiceTables, members: Mapping[str, Any], request_id: str) -> tuple[str, str]:
        """Content type and body."""
        if not self.form:
            return "application/x-amz-json-1.0", json.dumps(members)
        content = ""
        if model.has_output(self.operation):
            content = "".join(_xml_members(model, model.output_name(self.operation), members))
        result = f"<{self.operation}Result>{content}</{self.operation}Result>"
        metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        return "text/xml", f"<{self.operation}Response>{result}{metadata}</{self.operation}Response>"


def read_message(model: ServiceTables, target: str, body: bytes) -> Message:
    """`target` is the X-Amz-Target header; empty where the body is a form."""
    if target:
        operation = target.rpartition(".")[2]
        _check_known(model, operation)
        return Message(operation, _json_object(body), form=False)
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    operation = fields.get("Action", "")
    _check_known(model, operation)
    shape = model.input_shape(operation) or {"members": {}}
    try:
        return Message(operation, dict(_form_members(model, shape["members"], fields, "")), form=True)
    except ValueError as error:
        raise AnsweredError("MalformedInput", f"The form holds a value of another type: {error}") from None


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

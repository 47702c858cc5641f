"""The single road to boto3 and back: a typed request in, a typed response or a typed error out."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from sagemaker_typed._convert import from_boto3, from_wire, to_boto3
from sagemaker_typed._guards import is_list, is_mapping
from sagemaker_typed._operation import Operation
from sagemaker_typed._validate import Validation, check
from sagemaker_typed.errors import ConversionError, InvalidRequestError, Problem, Wording, api_error, no_answer
from sagemaker_typed.structure import Request, Response, Structure, members_of, operation_of

__all__ = ["call", "read_bodies"]

R = TypeVar("R")

# Under this key a raw body travels through botocore's parsed result, which is a dict of wire names.
_BODY = "sagemaker_typed body"


def call(client: Any, request: Request[R], validation: Validation, wording: Wording) -> R:
    """Check, convert, send, convert back."""
    operation = operation_of(type(request))
    check(request, validation)
    try:
        arguments = to_boto3(request)
    except InvalidRequestError as error:
        raise InvalidRequestError(error.problems, operation.name) from None
    try:
        answer: dict[str, Any] = getattr(client, operation.method)(**arguments)
    except ClientError as error:
        raise api_error(error, operation, wording) from error
    except (KeyError, ParamValidationError) as error:
        # Both come before anything is sent: botocore serializes first.
        unsendable = _unsendable(operation, request, error)
        if unsendable is None:
            raise
        raise unsendable from error
    except BotoCoreError as error:
        typed = no_answer(error, operation.name)
        if typed is None:
            raise
        raise typed from error
    return cast("R", _response(operation, answer))


def _response(operation: Operation, answer: dict[str, Any]) -> Any:
    if operation.output is None:
        return None
    cls: type[Response] = getattr(import_module(f"{__package__}.types"), operation.output)
    body = answer.pop(_BODY, None)
    if body is None:
        return from_boto3(cls, answer)
    return from_wire(cls, body, answer["ResponseMetadata"])


# --- the raw body -----------------------------------------------------------------------------------------------------


def read_bodies(client: Any) -> None:
    """Let our own client hand over the body of each answer unparsed.

    botocore's parser drops what its model does not know, and takes most of a call's time. An answer of another kind (an
    error, an empty body) goes the usual way. Only ever called with a client that this library made.
    """
    client.meta.events.register("before-parse.sagemaker", _take_body)


def _take_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    body: bytes = response_dict["body"]
    if response_dict["status_code"] >= 300 or not body:
        return
    try:
        parsed: Any = json.loads(body)
    except ValueError as error:
        raise ConversionError(f"the answer is no JSON text: {error}") from error
    if is_mapping(parsed):
        customized_response_dict[_BODY] = parsed
        response_dict["body"] = b"{}"


# --- what the client's model lacks ------------------------------------------------------------------------------------


def _unsendable(operation: Operation, request: Structure, error: Exception) -> InvalidRequestError | None:
    """botocore cannot serialize what its model does not know, nor can its own check pass it; say where it stands."""
    problems = [
        Problem(path, "unknown", f"the client's service model has no such member ({type(error).__name__}: {error})")
        for path in _unknown_paths(request, "")
    ]
    if not problems and isinstance(error, ParamValidationError):
        problems = [Problem("", "botocore", str(error))]
    return InvalidRequestError(problems, operation.name) if problems else None


def _unknown_paths(value: Any, path: str) -> list[str]:
    if isinstance(value, Structure):
        found = [f"{path}.{name}".lstrip(".") for name in value.unknown_members]
        parts = [
            (f"{path}.{member.field}".lstrip("."), getattr(value, member.field)) for member in members_of(type(value))
        ]
    elif is_list(value):
        found, parts = [], [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    elif is_mapping(value):
        found, parts = [], [(f"{path}[{key!r}]", item) for key, item in value.items()]
    else:
        return []
    return found + [below for at, item in parts for below in _unknown_paths(item, at)]

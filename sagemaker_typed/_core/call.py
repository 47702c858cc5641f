"""The single road to boto3 and back: a typed request in, a typed response or a typed error out."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from importlib import import_module
from typing import Any, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.converter import from_boto3, from_wire, to_boto3
from sagemaker_typed._core.convert.json import loads
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.validate import Validation, check
from sagemaker_typed.errors import (
    ConfigurationError,
    ConversionError,
    InvalidRequestError,
    Problem,
    Wording,
    api_error,
    no_answer,
)
from sagemaker_typed.structure import Request, Response, Structure, members_of, operation_of

__all__ = ["call", "read_bodies"]

R = TypeVar("R")

# Set while a thread is in `call`: whoever calls the client itself gets boto3's own dicts.
_calling = threading.local()

# Under this key a raw body travels through botocore's parsed result, which is a dict of wire names.
_BODY = "sagemaker_typed body"


def call(client: Any, request: Request[R], validation: Validation, wording: Wording) -> R:
    """Check, convert, send, convert back."""
    if not isinstance(request, Request):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"send takes a request object, such as DescribeEndpointInput(...), not {request!r}")
    operation = operation_of(type(request))
    method = getattr(client, operation.method, None)
    if method is None:
        raise ConfigurationError(f"the client has no {operation.method}: is it a SageMaker client, and a recent one?")
    check(request, validation)
    try:
        arguments = to_boto3(request)
    except InvalidRequestError as error:
        raise InvalidRequestError(error.problems, operation.name) from None
    try:
        _calling.typed = True
        answer: dict[str, Any] = method(**arguments)
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
    finally:
        _calling.typed = False
    return cast("R", _response(operation, answer))


def _response(operation: Operation, answer: dict[str, Any]) -> Any:
    if operation.output is None:
        return None
    cls: type[Response] = getattr(import_module("sagemaker_typed.types"), operation.output)
    body = answer.pop(_BODY, None)
    metadata: Mapping[str, Any] = answer.get("ResponseMetadata", {})
    try:
        return from_boto3(cls, answer) if body is None else from_wire(cls, body, metadata)
    except ConversionError as error:
        raise ConversionError(str(error), operation.name, metadata.get("RequestId")) from error.__cause__


# --- the raw body -----------------------------------------------------------------------------------------------------


def read_bodies(client: Any) -> None:
    """Let our own client hand over the body of each answer unparsed.

    botocore's parser drops what its model does not know, and takes most of a call's time. An answer of another kind (an
    error, an empty body) goes the usual way. Only ever called with a client that this library made.
    """
    client.meta.events.register("before-parse.sagemaker", _take_body)


def _take_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    body: bytes = response_dict["body"]
    if not body or not getattr(_calling, "typed", False):
        return
    if response_dict["status_code"] >= 300:
        response_dict["body"] = _sound(body)
        return
    try:
        parsed = loads(body)
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"the answer is no JSON text: {error}") from error
    if not is_mapping(parsed):
        raise ConversionError(f"the answer is no JSON object but a {type(parsed).__name__}")
    customized_response_dict[_BODY] = parsed
    response_dict["body"] = b"{}"


def _sound(body: bytes) -> bytes:
    """The body of an error in a form that botocore's parser can read; proxies and half-dead servers send others."""
    text = body.decode(errors="replace")
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        return text.encode()
    if is_mapping(parsed) and isinstance(parsed.get("__type", ""), str) and isinstance(parsed.get("code", ""), str):
        return body
    return json.dumps({"message": text}).encode()


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
        found, parts = [], [(f"{path}[{str(key)!r}]", item) for key, item in value.items()]
    else:
        return []
    return found + [below for at, item in parts for below in _unknown_paths(item, at)]

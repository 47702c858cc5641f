"""One call: `prepare` converts a request to boto3's arguments, `finish` converts boto3's result. Neither does I/O.

`call` is the synchronous path between the two; the module `acall` has the asynchronous one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from logging import DEBUG
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from sagemaker_typed._core.answers import Received, TypedCall, with_unknown
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.converter import from_boto3, from_wire, to_boto3
from sagemaker_typed._core.convert.floats import plain_floats, writes_all_floats
from sagemaker_typed._core.failures import (
    api_error,
    broken_stream,
    error_event,
    modules_of,
    nested,
    no_answer,
    not_of_the_service,
    out_of_time,
    raised_in,
    unanswered,
)
from sagemaker_typed._core.http.overheard import overheard
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.printable import cause, safe
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._core.requests_log import REQUESTS, Watch
from sagemaker_typed._core.secrets import without_secrets, without_values
from sagemaker_typed._core.service import Service
from sagemaker_typed._core.streams import EventFrames
from sagemaker_typed._core.tuples import NamedTuple
from sagemaker_typed._core.validate import Validation, check
from sagemaker_typed.errors import (
    ConfigurationError,
    ConversionError,
    InvalidRequestError,
    Problem,
    SageMakerError,
)
from sagemaker_typed.structure import Request, Structure, members_of, operation_of, service_of

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.short import ShortWay

__all__ = ["FAILURES", "OneCall", "Prepared", "body_of", "call", "failure", "finish", "method_of", "prepare"]

R = TypeVar("R")
_UNREAD = "json"
"""The protocol whose responses have all of their members in a JSON body."""


class Prepared(NamedTuple, Generic[R]):
    """A checked request, and the arguments for boto3's method."""

    request: Request[R]
    service: Service
    operation: Operation
    arguments: dict[str, Any]

    def hidden(self, text: str) -> str:
        """Return the message of an error without the secrets of the request."""
        return safe(without_values(without_secrets(text, self.request)))


FAILURES = (BotoCoreError, ClientError, KeyError, OSError, RecursionError, ValueError)
"""Exceptions of boto3's method that may become typed errors.

Credentials may cause an OSError or a ValueError, for example if a file is missing or malformed.
"""


class OneCall(Generic[R]):
    """The steps of a call before and after the transport, for synchronous and asynchronous calls."""

    FAILURES = FAILURES

    def __init__(self, client: Any, request: Request[R], validation: Validation) -> None:
        """Check the request. Raises `InvalidRequestError`."""
        self.client: Any = client
        self.prepared = prepared = prepare(request, validation)
        unread = prepared.service.protocol == _UNREAD
        self.typed_call = TypedCall(client, prepared.operation, prepared.arguments, unread=unread)
        self._watch = Watch(prepared.operation.name) if REQUESTS.isEnabledFor(DEBUG) else None

    def method(self) -> Any:
        """boto3's method for the request. Raises `ConfigurationError` for a client that has none."""
        return method_of(self.client, self.prepared)

    def received(self, answer: Any) -> Received | None:
        """Return the bytes and headers of the response. Raise boto3's error if it is an error with a success status."""
        received = self.typed_call.received_as(answer)
        if received is not None and received.refused:
            raise _refusal(self.client, self.prepared, answer)
        return received

    def _typed(self, error: Exception, bound: Bound | None) -> SageMakerError | None:
        prepared = self.prepared
        typed = failure(prepared, error, self.typed_call.received_as(getattr(error, "response", None)))
        if bound is not None and bound.ended:
            typed = out_of_time(error, typed, prepared.operation.name, bound.seconds)
        if self._watch is not None:
            self._watch.failed(typed or error)
        return typed

    def fail(self, error: Exception, bound: Bound | None = None) -> NoReturn:
        """Raise the typed error for one of `FAILURES`, or the error itself."""
        typed = self._typed(error, bound)
        if typed is None:
            raise error
        raise typed from cause(error, self.prepared.hidden)

    def response(self, answer: Any, received: Received | None) -> R:
        """Return the typed response. Raises the errors of `finish`."""
        if self._watch is not None:
            self._watch.answered(answer)
        return finish(self.prepared, answer, received)


def call(
    client: Any,
    request: Request[R],
    validation: Validation,
    bound: Bound | None = None,
    short: ShortWay | None = None,
) -> R:
    """Send a request with a boto3 client, within a bound; return its response or raise the typed error.

    Takes the short way, past botocore's machinery, if it is available and nothing would notice.
    """
    made = OneCall(client, request, validation)
    prepared = made.prepared
    sender = overheard(client)
    method = method_of(sender, prepared)
    try:
        with made.typed_call:
            answer = None
            if short is not None:
                answer = short.call(client, prepared.operation, prepared.arguments, method, bound)
            if answer is None:
                answer = _by_botocore(sender, prepared, method, bound)
        received = made.received(answer)
    except FAILURES as error:
        made.fail(error, bound)
    response = made.response(answer, received)
    if (body := body_of(request, response)) is not None:
        _bind(client, prepared, body)
    return response


def _by_botocore(client: Any, prepared: Prepared[Any], method: Any, bound: Bound | None) -> Any:
    by = method if bound is None else method_of(bound.client(client), prepared)
    return by(**prepared.arguments)


def method_of(client: Any, prepared: Prepared[Any]) -> Any:
    """boto3's method for a request. Raises `ConfigurationError` for a client that has none."""
    name = prepared.operation.method
    method = getattr(client, name, None)
    if method is None:
        raise ConfigurationError(f"the client has no method {name}: is it a recent client of {prepared.service.name}?")
    return method


# --- before -----------------------------------------------------------------------------------------------------------


def prepare(request: Request[R], validation: Validation) -> Prepared[R]:
    """Check a request and make boto3's arguments of it. Raises `InvalidRequestError`."""
    if not isinstance(request, Request):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"send takes a request object, such as DescribeEndpointInput(...), not a {type(request).__name__}"
        )
    operation = operation_of(type(request))
    check(request, validation)
    try:
        arguments = to_boto3(request)
    except InvalidRequestError as error:
        raise InvalidRequestError(error.problems, operation.name) from None
    if not writes_all_floats():
        arguments = plain_floats(arguments)
    return Prepared(request, service_of(type(request)), operation, arguments)


# --- after ------------------------------------------------------------------------------------------------------------


def finish(prepared: Prepared[R], answer: Mapping[str, Any], received: Received | None) -> R:
    """Convert the result of boto3's method to the typed response.

    `received` is the response from the wire; None if a stub or a wrapper of the caller made the result.
    Raises `TransportError` for a broken response, and `ConversionError` for a response that does not fit its class.
    """
    if received is not None and received.flaw is not None:
        raise unanswered(prepared.operation, received, received.flaw)
    output = prepared.operation.output
    if output is None:
        return None  # type: ignore[return-value]
    cls: Any = prepared.service.types.find(output)
    metadata: Mapping[str, Any] = (answer.get("ResponseMetadata") if is_mapping(answer) else None) or {}
    response: R
    try:
        if received is None:
            response = from_boto3(cls, answer)
        elif prepared.service.protocol != _UNREAD:
            parsed = received.parsed() if received.heard else answer
            response = from_boto3(cls, with_unknown(received.found, parsed, answer))
        elif received.edited(answer):
            response = from_boto3(cls, with_unknown(received.found, received.parsed(), answer))
        else:
            response = from_wire(cls, received.found, metadata)
    except ConversionError as error:
        typed = ConversionError(
            str(error),
            prepared.operation.name,
            metadata.get("RequestId"),
            metadata.get("HTTPStatusCode"),
        )
        # A stub would give the same answer again.
        typed.retryable = received is not None
        raise typed from error.__cause__
    return response


def body_of(request: Request[R], response: R) -> Any:
    """Return the body of a response that is read after the call; None for any other response."""
    field = operation_of(type(request)).stream
    return None if field is None else getattr(response, field)


def _bind(client: Any, prepared: Prepared[Any], stream: Any) -> None:
    """Make a body that is read after the call raise typed errors."""

    def translate(error: Exception) -> tuple[Exception, BaseException | None] | None:
        typed: Exception | None
        if isinstance(error, ClientError):
            _ = getattr(client, "exceptions", None)  # botocore makes the classes on first access
            frames = getattr(stream.raw, "_raw_stream", None)
            details = frames.details() if isinstance(frames, EventFrames) else {}
            hide = partial(without_secrets, request=prepared.request)
            typed = error_event(error, prepared.operation, prepared.service, details, hide)
        else:
            typed = broken_stream(error, prepared.operation.name)
        return None if typed is None else (typed, cause(error, prepared.hidden))

    stream.belongs(prepared.operation.name, translate)


def _refusal(client: Any, prepared: Prepared[Any], answer: Mapping[str, Any]) -> Exception:
    """Return the error that boto3 would raise for the same response with an error status."""
    code = answer["Error"].get("Code")
    error: Exception = client.exceptions.from_code(code)(answer, prepared.operation.name)
    return error


def failure(prepared: Prepared[Any], error: Exception, received: Received | None = None) -> SageMakerError | None:
    """Return the typed error for an exception of boto3's method; None if the exception must pass unchanged.

    `received` is the response that the error was made from.
    """
    operation = prepared.operation
    if isinstance(error, SageMakerError):
        return None  # of a typed call that a hook made
    if (typed := nested(error, operation.name)) is not None:
        return typed
    if isinstance(error, ClientError):
        if received is not None and received.foreign:
            return not_of_the_service(error, operation, received)
        hide = partial(without_secrets, request=prepared.request)
        return api_error(error, operation, prepared.service, received, hide)
    if isinstance(error, ParamValidationError) or (
        isinstance(error, KeyError) and raised_in(error, "botocore.serialize")
    ):
        return _unsendable(prepared, error)
    if isinstance(error, (RecursionError, ValueError)) and "botocore.serialize" in modules_of(error):
        text = f"cannot be written as JSON: {shortened(str(error), 200)}"
        return InvalidRequestError([Problem("", "type", text)], operation.name)
    return no_answer(error, operation.name) if isinstance(error, BotoCoreError) else None


# --- members that the client's model lacks ----------------------------------------------------------------------------


def _unsendable(prepared: Prepared[Any], error: Exception) -> InvalidRequestError | None:
    """Return the error for members that botocore's model lacks, with their paths; None if there are none."""
    text = without_values(str(error))
    problems = [
        Problem(path, "unknown", f"the client's service model has no such member ({type(error).__name__}: {text})")
        for path in _unknown_paths(prepared.request, "")
    ]
    if not problems and isinstance(error, ParamValidationError):
        problems = [Problem("", "botocore", text)]
    return InvalidRequestError(problems, prepared.operation.name) if problems else None


def _unknown_paths(value: Any, path: str) -> list[str]:
    if isinstance(value, Structure):
        found = [f"{path}.{name}".lstrip(".") for name in value.unknown_members]
        parts = [
            (f"{path}.{member.field}".lstrip("."), getattr(value, member.field)) for member in members_of(type(value))
        ]
    elif is_list(value):
        found, parts = [], [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    elif is_mapping(value):
        found, parts = [], [(f"{path}[{quoted(key)}]", item) for key, item in value.items()]
    else:
        return []
    return found + [below for at, item in parts for below in _unknown_paths(item, at)]

"""Converts botocore's exceptions to typed errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from traceback import walk_tb
from types import TracebackType
from typing import Any, TypeVar

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sagemaker_typed._core.answers import Received
from sagemaker_typed._core.bodies import error_type, excerpt, readable
from sagemaker_typed._core.codes import BY_CODE
from sagemaker_typed._core.joined import joined, modeled
from sagemaker_typed._core.messages import Said, meaning_of, read
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.printable import without_passwords
from sagemaker_typed._core.service import Service
from sagemaker_typed.errors import (
    AccessDeniedError,
    ApiError,
    CallTimeoutError,
    ConfigurationError,
    ConflictError,
    CredentialsError,
    ResourceAlreadyExistsError,
    ResourceInUseError,
    ResourceNotFoundError,
    SageMakerError,
    ServiceError,
    ThrottlingError,
    TransportError,
    ValidationError,
)

__all__ = [
    "api_error",
    "broken_stream",
    "error_event",
    "modules_of",
    "nested",
    "no_answer",
    "not_of_the_service",
    "out_of_time",
    "raised_in",
    "raw_failure",
    "unanswered",
]

_NoAnswer = TypeVar("_NoAnswer", bound=CredentialsError | ConfigurationError | TransportError)

# --- the service answered ---------------------------------------------------------------------------------------------

_BY_MEANING: Mapping[str, type[ApiError]] = {
    "malformed": ValidationError,
    "not_found": ResourceNotFoundError,
    "already_exists": ResourceAlreadyExistsError,
    "in_use": ResourceInUseError,
    "conflict": ConflictError,
}
_BY_STATUS: Mapping[int, type[ApiError]] = {403: AccessDeniedError, 408: ServiceError, 429: ThrottlingError}


def api_error(
    error: Any,
    operation: Operation,
    service: Service,
    received: Received | None = None,
    hide: Callable[[str], str] = str,
) -> ApiError:
    """Return the typed error for a `ClientError`, chosen by code and message.

    If the body has no code, botocore uses the HTTP status; a header of `received` may have the code.
    `hide` removes secrets from the service's message.
    """
    response: Mapping[str, Any] = error.response
    details: Mapping[str, Any] = response.get("Error", {})
    code = str(details.get("Code", ""))
    message = str(details.get("Message", ""))
    if (shown := hide(message)) != message:
        response = {**response, "Error": {**details, "Message": shown}}
    # Modeled members of the error, such as the message of a container.
    response = {name: hide(item) if isinstance(item, str) else item for name, item in response.items()}
    spoke = error.operation_name
    if spoke != operation.name:
        # A hook called another service or operation. Keep the operation's name; its messages have other wordings.
        theirs: type[Exception] = error.__class__
        return joined(BY_CODE.get(code, ApiError), theirs)(response, str(spoke))
    meaning = meaning_of(message, code, operation.name, service.wording)
    cls = _BY_MEANING[meaning] if meaning is not None else _class_without_words(code, response, received)
    typed = joined(cls, *modeled(error, service.exceptions, code))(response, operation.name)
    if isinstance(typed, (ResourceNotFoundError, ResourceInUseError, ConflictError)):
        _fill(typed, read(message, operation.name, service.wording))
    if meaning == "in_use":
        typed.retryable = True
    if isinstance(typed, ResourceInUseError):
        _note_own_attempt(typed, operation)
    if received is not None and received.body and not readable(received.body):
        typed.excerpt = hide(excerpt(received.body))
        typed.add_note(f"the answer begins with {typed.excerpt}")
    return typed


def error_event(
    error: Any, operation: Operation, service: Service, details: Mapping[str, Any], hide: Callable[[str], str]
) -> ApiError:
    """Return the typed error for an error event. `details` has all of its members; botocore keeps only the message."""
    members = {name: item for name, item in details.items() if name.lower() != "message"}
    error.response = {**members, **error.response}
    return api_error(error, operation, service, None, hide)


def raw_failure(error: Exception, operation: str) -> SageMakerError | None:
    """Return the typed error for a call of a service with unknown wordings; None for an error of another kind."""
    if (typed := nested(error, operation)) is not None:
        return typed
    if isinstance(error, ClientError):
        return _without_words(error, operation)
    if isinstance(error, ResponseParserError) or raised_in(error, "botocore.parsers"):
        return TransportError(f"{operation}: the answer cannot be read: {error}", operation)
    return no_answer(error, operation)


def _without_words(error: Any, operation: str) -> ApiError:
    """Return the typed error, chosen by code and status alone."""
    response: Mapping[str, Any] = error.response
    code = str(response.get("Error", {}).get("Code", ""))
    theirs: type[Exception] = error.__class__
    return joined(_class_without_words(code, response, None), theirs)(response, operation)


def modules_of(error: Exception) -> list[str]:
    """Return the names of the modules that an error came through. The last one raised it."""
    return [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]


def raised_in(error: Exception, module: str) -> bool:
    """Whether code of a module has raised an error. A hook may raise the same kind of error."""
    return modules_of(error)[-1:] == [module]


def _class_without_words(code: str, response: Mapping[str, Any], received: Received | None) -> type[ApiError]:
    """Return the class for the code, else for the code in a header, else for the HTTP status."""
    cls = BY_CODE.get(code)
    if cls is None and received is not None:
        cls = BY_CODE.get(error_type(received.response["headers"]) or "")
    if cls is not None:
        return cls
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return ServiceError if status >= 500 else _BY_STATUS.get(status, ApiError)


_CREATES = ("Create", "Import", "Register")


def _note_own_attempt(error: ResourceInUseError, operation: Operation) -> None:
    """Add a note that an earlier attempt of the same call may have created the resource."""
    retries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    if retries and operation.name.startswith(_CREATES):
        error.add_note(
            f"{operation.name} was sent {retries + 1} times, because no valid response had come: an earlier attempt "
            "of this call may have created the resource"
        )


def _fill(error: ResourceNotFoundError | ResourceInUseError | ConflictError, said: Said) -> None:
    error.kind, error.name, error.arn = said.kind, said.name, said.arn
    if said.status is not None:
        error.status = said.status


# --- no answer --------------------------------------------------------------------------------------------------------


def _classes(*names: str) -> tuple[type[Exception], ...]:
    """Return botocore's error classes of these names; the installed version may lack some. Subclasses count too."""
    return tuple(getattr(exceptions, name) for name in names if hasattr(exceptions, name))


_FETCHING = ("botocore.credentials", "botocore.tokens")
_CREDENTIALS = _classes(
    "CredentialRetrievalError",
    "InfiniteLoopConfigError",
    "InvalidIMDSEndpointError",
    "InvalidIMDSEndpointModeError",
    "LoginError",
    "MetadataRetrievalError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "SSOError",
    "TokenRetrievalError",
    "UnknownCredentialError",
)
_CONFIGURATION = _classes(
    "ConfigNotFound",
    "ConfigParseError",
    "EndpointProviderError",
    "EndpointVariantError",
    "InvalidChecksumConfigError",
    "InvalidConfigError",
    "InvalidDefaultsMode",
    "InvalidProxiesConfigError",
    "InvalidRegionError",
    "InvalidRetryConfigurationError",
    "InvalidSTSRegionalEndpointsConfigError",
    "MissingDependencyException",
    "NoRegionError",
    "ProfileNotFound",
    "UnknownEndpointError",
    "UnknownSignatureVersionError",
    "UnsupportedSignatureVersionError",
)
_TRANSPORT = _classes("ConnectionError", "HTTPClientError", "IncompleteReadError")


def no_answer(error: Any, operation: str | None) -> SageMakerError | None:
    """Return the typed error if botocore got no response; None for an error of another kind."""
    for classes, cls in (
        (_CREDENTIALS, CredentialsError),
        (_CONFIGURATION, ConfigurationError),
        (_TRANSPORT, TransportError),
    ):
        if isinstance(error, classes):
            return _without_answer(cls, error, str(error), operation)
    return None


def broken_stream(error: Exception, operation: str) -> SageMakerError | None:
    """Return the typed error for an exception raised while reading a body; None for an error of another kind."""
    from http.client import HTTPException

    from botocore.eventstream import ParserError
    from urllib3.exceptions import HTTPError
    from urllib3.exceptions import ReadTimeoutError as SlowRead

    if isinstance(error, ParserError):
        return TransportError(f"{operation}: the answer is not an event stream: {error}", operation)
    theirs: Any = error
    if isinstance(error, (SlowRead, TimeoutError)):
        theirs = exceptions.ReadTimeoutError(endpoint_url=operation, error=error)
    if isinstance(theirs, exceptions.ReadTimeoutError):  # which is an OSError, too
        return _without_answer(TransportError, theirs, f"{operation}: reading the answer timed out", operation)
    if isinstance(error, (HTTPError, HTTPException, OSError)):
        theirs = exceptions.ResponseStreamingError(error=error)
    if isinstance(theirs, _TRANSPORT):
        return _without_answer(TransportError, theirs, f"{operation}: the answer was cut off: {error}", operation)
    return no_answer(theirs, operation) if isinstance(theirs, BotoCoreError) else None


def out_of_time(error: Exception, typed: SageMakerError | None, operation: str, seconds: float) -> CallTimeoutError:
    """Return the error for a call that ran out of time; its last attempt raised `error`."""
    text = f"{operation} was not answered within {seconds:.3g} s: {error if typed is None else typed}"
    if isinstance(error, BotoCoreError):
        return _without_answer(CallTimeoutError, error, text, operation)
    return CallTimeoutError(text, operation)  # the last attempt got a response that called for a retry


def unanswered(operation: Operation, received: Received, what: str) -> TransportError:
    """Return the error for a broken response with a success status."""
    shown = excerpt(received.body)
    text = f"{operation.name}: the answer (HTTP {received.status}) {what}"
    typed = TransportError(f"{text}; it begins with {shown}" if shown else text, operation.name)
    request_id = received.bare().get("ResponseMetadata", {}).get("RequestId")
    typed.came(request_id, received.status, shown or None)
    return typed


def not_of_the_service(error: Any, operation: Operation, received: Received) -> TransportError:
    """Return the error for an error page from a proxy or a load balancer."""
    shown = excerpt(received.body)
    text = f"{operation.name}: HTTP {received.status}, but not an error of the service"
    typed = _without_answer(TransportError, error, f"{text}: {shown}" if shown else text, operation.name)
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId")
    typed.came(request_id, received.status, shown or None)
    return typed


def nested(error: Exception, operation: str | None) -> SageMakerError | None:
    """Return the typed error for a failure while botocore fetched credentials; None for any other error.

    Without an `operation`, the credentials were fetched to make a client.
    """
    call = _call_for_credentials(error.__traceback__)
    if call is None:
        return None
    text = str(error) if call in str(error) else f"{call}: {error}"
    typed = _without_answer(
        CredentialsError, error, f"{operation or 'the client'} has no credentials: {text}", operation
    )
    typed.retryable = isinstance(error, _TRANSPORT) or (isinstance(error, ClientError) and _passes(error))
    return typed


def _passes(error: Any) -> bool:
    """Whether the credentials service may answer the same call later."""
    cls = BY_CODE.get(str(error.response.get("Error", {}).get("Code", "")), ApiError)
    return cls.retryable or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500


def _without_answer(cls: type[_NoAnswer], error: Exception, message: str, operation: str | None) -> _NoAnswer:
    typed = joined(cls, type(error))(message, operation)
    theirs: dict[str, Any] = getattr(error, "kwargs", {})
    kwargs = {name: _without_password(name, value) for name, value in theirs.items()}
    typed.__dict__.update({**error.__dict__, **typed.__dict__, "kwargs": kwargs})
    return typed


def _without_password(name: str, value: Any) -> Any:
    """Hide passwords in a value of botocore's error. Connection errors have strings and urllib3's error as values."""
    if isinstance(value, str) and "@" in value:
        head = f"{name}="  # the name tells `without_passwords` whether the value is a URL
        return without_passwords(head + value)[len(head) :]
    return value


def _call_for_credentials(trace: TracebackType | None) -> str | None:
    """Return the operation that botocore called to get credentials, such as AssumeRole."""
    fetching = False
    while trace is not None:
        frame = trace.tb_frame
        module = frame.f_globals.get("__name__")
        fetching = fetching or module in _FETCHING
        if fetching and module == "botocore.client" and "operation_name" in frame.f_locals:
            return str(frame.f_locals["operation_name"])
        trace = trace.tb_next
    return "the provider of credentials" if fetching else None

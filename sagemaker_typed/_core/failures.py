"""Which typed error an exception of botocore becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore import exceptions

from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.service import Wording
from sagemaker_typed.errors import (
    AccessDeniedError,
    ApiError,
    ConfigurationError,
    ConflictError,
    CredentialsError,
    ExpiredCredentialsError,
    ResourceAlreadyExistsError,
    ResourceInUseError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
    SageMakerError,
    ServiceError,
    ThrottlingError,
    TransportError,
    ValidationError,
)

__all__ = ["api_error", "no_answer"]

# --- the service answered ---------------------------------------------------------------------------------------------

_BY_CODE: Mapping[str, type[ApiError]] = {
    "ResourceNotFound": ResourceNotFoundError,
    "ResourceNotFoundException": ResourceNotFoundError,
    "ResourceInUse": ResourceInUseError,
    "ResourceInUseException": ResourceInUseError,
    "ResourceAlreadyExists": ResourceAlreadyExistsError,
    "ResourceAlreadyExistsException": ResourceAlreadyExistsError,
    "ResourceLimitExceeded": ResourceLimitExceededError,
    "ResourceLimitExceededException": ResourceLimitExceededError,
    "ServiceQuotaExceededException": ResourceLimitExceededError,
    "ConflictException": ConflictError,
    "AccessDenied": AccessDeniedError,
    "AccessDeniedException": AccessDeniedError,
    "NotAuthorized": AccessDeniedError,
    "OptInRequired": AccessDeniedError,
    "UnauthorizedOperation": AccessDeniedError,
    "UnrecognizedClientException": AccessDeniedError,
    "InvalidClientTokenId": AccessDeniedError,
    "InvalidSignatureException": AccessDeniedError,
    "IncompleteSignature": AccessDeniedError,
    "MissingAuthenticationToken": AccessDeniedError,
    "MissingAuthenticationTokenException": AccessDeniedError,
    "SignatureDoesNotMatch": AccessDeniedError,
    "ExpiredToken": ExpiredCredentialsError,
    "ExpiredTokenException": ExpiredCredentialsError,
    "RequestExpired": ExpiredCredentialsError,
    "ValidationException": ValidationError,
    "ValidationError": ValidationError,
    "InvalidParameterValue": ValidationError,
    "InvalidParameterCombination": ValidationError,
    "MissingParameter": ValidationError,
    "SerializationException": ValidationError,
    "Throttling": ThrottlingError,
    "ThrottlingException": ThrottlingError,
    "ThrottledException": ThrottlingError,
    "RequestThrottled": ThrottlingError,
    "RequestThrottledException": ThrottlingError,
    "RequestLimitExceeded": ThrottlingError,
    "TooManyRequestsException": ThrottlingError,
    "SlowDown": ThrottlingError,
    "BandwidthLimitExceeded": ThrottlingError,
    "EC2ThrottledException": ThrottlingError,
    "PriorRequestNotComplete": ThrottlingError,
    "ProvisionedThroughputExceededException": ThrottlingError,
    "TransactionInProgressException": ThrottlingError,
    "InternalFailure": ServiceError,
    "InternalServerError": ServiceError,
    "InternalServerException": ServiceError,
    "RequestTimeout": ServiceError,
    "RequestTimeoutException": ServiceError,
    "ServiceUnavailable": ServiceError,
    "ServiceUnavailableException": ServiceError,
}


_BY_STATUS: Mapping[int, type[ApiError]] = {403: AccessDeniedError, 429: ThrottlingError}


def api_error(error: Any, operation: Operation, wording: Wording) -> ApiError:
    """The typed error for what botocore raised, decided by code and message."""
    response: Mapping[str, Any] = error.response
    details: Mapping[str, Any] = response.get("Error", {})
    code = str(details.get("Code", ""))
    message = str(details.get("Message", ""))
    cls = _BY_CODE.get(code)
    spoke = error.operation_name
    if spoke != operation.name:
        # Another service spoke: STS, when credentials were refreshed. Its name and its words stay its own.
        return (cls or ApiError)(response, str(spoke))
    if code in wording.not_found_codes and _says(message, operation.not_found + wording.not_found):
        cls = ResourceNotFoundError
    elif code in wording.already_exists_codes and _says(message, wording.already_exists):
        cls = ResourceAlreadyExistsError
    elif cls is None:
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        cls = ServiceError if status >= 500 else _BY_STATUS.get(status, ApiError)
    return cls(response, operation.name)


def _says(message: str, expressions: tuple[str, ...]) -> bool:
    return any(re.match(expression, message) for expression in expressions)


# --- no answer --------------------------------------------------------------------------------------------------------


def _classes(*names: str) -> tuple[type[Exception], ...]:
    """botocore's error classes of these names, as far as the installed one has them."""
    return tuple(getattr(exceptions, name) for name in names if hasattr(exceptions, name))


_CREDENTIALS = _classes(
    "CredentialRetrievalError",
    "InfiniteLoopConfigError",
    "InvalidIMDSEndpointError",
    "LoginError",
    "MetadataRetrievalError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
    "UnknownCredentialError",
)
_CONFIGURATION = _classes(
    "ConfigNotFound",
    "ConfigParseError",
    "EndpointProviderError",
    "EndpointResolutionError",
    "InvalidConfigError",
    "InvalidMaxRetryAttemptsError",
    "InvalidProxiesConfigError",
    "InvalidRegionError",
    "InvalidRetryConfigurationError",
    "InvalidRetryModeError",
    "NoRegionError",
    "ProfileNotFound",
    "UnknownEndpointError",
)
_TRANSPORT = _classes("ConnectionError", "HTTPClientError", "IncompleteReadError", "ResponseStreamingError")


def no_answer(error: Any, operation: str | None) -> SageMakerError | None:
    """The typed error for what botocore raised instead of an answer; None for one that is not of that kind."""
    if isinstance(error, _CREDENTIALS):
        return CredentialsError(str(error), operation)
    if isinstance(error, _CONFIGURATION):
        return ConfigurationError(str(error), operation)
    if isinstance(error, _TRANSPORT):
        return TransportError(str(error), operation)
    return None

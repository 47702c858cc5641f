"""What the service answers with an error arrives as the class that says what it means."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from sagemaker_typed import SageMaker, errors, from_boto3
from sagemaker_typed.errors import ApiError
from tests.contract import model
from tests.support.model_server import ModelServer

MODELLED = {
    "ConflictException": errors.ConflictError,
    "ResourceAlreadyExists": errors.ResourceAlreadyExistsError,
    "ResourceInUse": errors.ResourceInUseError,
    "ResourceLimitExceeded": errors.ResourceLimitExceededError,
    "ResourceNotFound": errors.ResourceNotFoundError,
}
DESCRIBES = tuple(name for name in model.OPERATIONS if name.startswith("Describe"))
REQUEST_ID = "3f1c9b1e-0000-4000-8000-000000000001"


def declared(operation: str) -> list[str]:
    return [shape.name for shape in model.MODEL.operation_model(operation).error_shapes]


def caught(sm: SageMaker, operation: str) -> ApiError:
    request = from_boto3(model.request_class(operation), model.minimal_request(operation))
    with pytest.raises(ApiError) as found:
        sm.send(request)
    return found.value


def class_of(error: ApiError) -> type[Any]:
    """The class of `errors` that it has; it may also be of the class that boto3 raises."""
    known = [each for each in vars(errors).values() if isinstance(each, type)]
    return next(cls for cls in type(error).__mro__ if cls in known)


def test_every_error_of_the_model_has_a_class() -> None:
    assert {name for operation in model.OPERATIONS for name in declared(operation)} == set(MODELLED)


@pytest.mark.surface
@pytest.mark.parametrize("operation", [name for name in model.OPERATIONS if declared(name)])
def test_a_declared_error_arrives_as_its_class(operation: str, server: ModelServer, sm: SageMaker) -> None:
    for code in declared(operation):
        server.respond_error(operation, code, f"{code} of {operation}", request_id=REQUEST_ID)
        error = caught(sm, operation)
        assert_says(error, MODELLED[code], code, f"{code} of {operation}", operation)


@pytest.mark.parametrize("code", MODELLED)
def test_what_boto3_raised_is_still_there(code: str, server: ModelServer, boto: Any, borrowed: SageMaker) -> None:
    operation = next(name for name in model.OPERATIONS if code in declared(name))
    server.respond_error(operation, code, "no", request_id=REQUEST_ID)
    error = caught(borrowed, operation)
    assert_says(error, MODELLED[code], code, "no", operation)
    assert isinstance(error.__cause__, getattr(boto.exceptions, code))


def assert_says(error: ApiError, cls: type[ApiError], code: str, message: str, operation: str) -> None:
    twin: ApiError = pickle.loads(pickle.dumps(error))
    for each in (error, twin):
        assert class_of(each) is cls
        assert issubclass(cls, ClientError)
        assert issubclass(cls, errors.SageMakerError)
        assert each.code == each.response["Error"]["Code"] == code
        assert each.message == each.response["Error"]["Message"] == message
        assert each.operation == each.operation_name == operation
        assert each.request_id == REQUEST_ID
        assert each.http_status_code == each.response["ResponseMetadata"]["HTTPStatusCode"]
        assert str(each) == str(error)
        for part in (code, message, operation):
            assert part in str(each)


@pytest.mark.surface
@pytest.mark.parametrize("operation", DESCRIBES)
def test_could_not_find_is_not_found_whatever_its_code(operation: str, server: ModelServer, sm: SageMaker) -> None:
    message = 'Could not find compilation job "resnet".'
    server.respond_error(operation, "ValidationException", message, request_id=REQUEST_ID)
    error = caught(sm, operation)
    assert_says(error, errors.ResourceNotFoundError, "ValidationException", message, operation)


@pytest.mark.surface
@pytest.mark.parametrize("operation", DESCRIBES)
def test_a_malformed_name_is_not_a_missing_resource(operation: str, server: ModelServer, sm: SageMaker) -> None:
    message = (
        "1 validation error detected: Value 'Could not find ' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )
    server.respond_error(operation, "ValidationException", message, request_id=REQUEST_ID)
    error = caught(sm, operation)
    assert_says(error, errors.ValidationError, "ValidationException", message, operation)
    assert not isinstance(error, errors.ResourceNotFoundError)


@pytest.mark.parametrize(
    ("code", "status", "cls", "retryable"),
    [
        ("ThrottlingException", 400, errors.ThrottlingError, True),
        ("Throttling", 400, errors.ThrottlingError, True),
        ("TooManyRequestsException", 429, errors.ThrottlingError, True),
        ("SomethingNew", 429, errors.ThrottlingError, True),
        ("SomethingNew", 403, errors.AccessDeniedError, False),
        ("SomethingNew", 404, errors.ApiError, False),
        ("SomethingNew", 499, errors.ApiError, False),
        ("SomethingNew", 500, errors.ServiceError, True),
        ("AccessDeniedException", 400, errors.AccessDeniedError, False),
        ("AccessDenied", 403, errors.AccessDeniedError, False),
        ("UnrecognizedClientException", 400, errors.AccessDeniedError, False),
        ("InvalidSignatureException", 400, errors.AccessDeniedError, False),
        ("ExpiredTokenException", 400, errors.ExpiredCredentialsError, False),
        ("ExpiredToken", 403, errors.ExpiredCredentialsError, False),
        ("ServiceQuotaExceededException", 400, errors.ResourceLimitExceededError, False),
        ("InternalFailure", 500, errors.ServiceError, True),
        ("ServiceUnavailable", 503, errors.ServiceError, True),
        ("SomethingNew", 502, errors.ServiceError, True),
        ("SerializationException", 400, errors.ValidationError, False),
        ("ValidationException", 400, errors.ValidationError, False),
        ("SomethingNew", 400, errors.ApiError, False),
    ],
)
def test_what_every_operation_may_answer(
    code: str, status: int, cls: type[ApiError], retryable: bool, server: ModelServer, sm: SageMaker
) -> None:
    server.respond_error("ListModels", code, "no", status=status, request_id=REQUEST_ID)
    error = caught(sm, "ListModels")
    assert_says(error, cls, code, "no", "ListModels")
    assert error.http_status_code == status
    assert error.retryable is retryable


# AWS's common errors and the other codes that say something to a caller, by hand.
CODES = {
    errors.AccessDeniedError: (
        "AccessDenied AccessDeniedException NotAuthorized OptInRequired UnauthorizedOperation UnrecognizedClientException "
        "InvalidClientTokenId InvalidSignatureException IncompleteSignature SignatureDoesNotMatch "
        "MissingAuthenticationToken MissingAuthenticationTokenException"
    ),
    errors.ExpiredCredentialsError: "ExpiredToken ExpiredTokenException RequestExpired",
    errors.ValidationError: (
        "ValidationException ValidationError InvalidParameterValue InvalidParameterCombination MissingParameter "
        "SerializationException"
    ),
    errors.ServiceError: (
        "InternalFailure InternalServerError InternalServerException RequestTimeout RequestTimeoutException "
        "ServiceUnavailable ServiceUnavailableException"
    ),
    errors.ResourceNotFoundError: "ResourceNotFound ResourceNotFoundException",
    errors.ResourceInUseError: "ResourceInUse ResourceInUseException",
    errors.ResourceAlreadyExistsError: "ResourceAlreadyExists ResourceAlreadyExistsException",
    errors.ResourceLimitExceededError: (
        "ResourceLimitExceeded ResourceLimitExceededException ServiceQuotaExceededException"
    ),
    errors.ConflictError: "ConflictException",
}


@pytest.mark.parametrize(("cls", "code"), [(cls, code) for cls, codes in CODES.items() for code in codes.split()])
def test_a_code_means_the_same_whatever_the_status(
    cls: type[ApiError], code: str, server: ModelServer, sm: SageMaker
) -> None:
    for status in (400, 403, 500):
        server.respond_error("ListModels", code, "no", status=status)
        error = caught(sm, "ListModels")
        assert class_of(error) is cls
        assert error.retryable is (cls is errors.ServiceError)


@pytest.mark.parametrize("code", ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
def test_what_botocore_takes_for_throttling_is_throttling(code: str, server: ModelServer, sm: SageMaker) -> None:
    server.respond_error("ListModels", code, "slow down")
    error = caught(sm, "ListModels")
    assert class_of(error) is errors.ThrottlingError
    assert error.retryable


@pytest.mark.parametrize("code", TransientRetryableChecker._TRANSIENT_ERROR_CODES)
def test_what_botocore_takes_for_transient_may_be_retried(code: str, server: ModelServer, sm: SageMaker) -> None:
    server.respond_error("ListModels", code, "once more")
    assert caught(sm, "ListModels").retryable


def test_what_is_missing_without_a_wait_says_nothing_of_one(server: ModelServer, sm: SageMaker) -> None:
    server.respond_error("DescribeModel", "ResourceNotFound", "no such model")
    error = caught(sm, "DescribeModel")
    assert isinstance(error, errors.ResourceNotFoundError)
    for each in (error, pickle.loads(pickle.dumps(error))):
        assert (each.name, each.arn, each.status, each.reason, each.last_response) == (None,) * 5
        assert (each.elapsed, each.polls) == (0.0, 0)


def test_a_code_with_its_namespace_is_the_same_code(server: ModelServer, sm: SageMaker) -> None:
    server.respond_error("ListModels", "com.amazonaws.sagemaker#AccessDeniedException", "no", request_id=REQUEST_ID)
    assert_says(caught(sm, "ListModels"), errors.AccessDeniedError, "AccessDeniedException", "no", "ListModels")


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_a_name_that_is_taken_already_exists(operation: str, server: ModelServer, sm: SageMaker) -> None:
    message = 'Cannot create already existing model "arn:aws:sagemaker:us-west-2:123456789012:model/m".'
    server.respond_error(operation, "ValidationException", message, request_id=REQUEST_ID)
    error = caught(sm, operation)
    assert_says(error, errors.ResourceAlreadyExistsError, "ValidationException", message, operation)
    assert isinstance(error, errors.ResourceInUseError)


def test_an_answer_that_is_no_sagemaker_error(server: ModelServer, sm: SageMaker) -> None:
    """As a proxy gives."""
    server.respond("ListModels", {}, status=502)
    error = caught(sm, "ListModels")
    assert type(error) is errors.ServiceError
    assert error.http_status_code == 502
    assert error.message == ""


def test_pages_raise_when_they_are_asked(server: ModelServer, sm: SageMaker) -> None:
    pages: Any = sm.api.list_models()
    server.respond_error("ListModels", "AccessDeniedException", "no")
    with pytest.raises(errors.AccessDeniedError):
        pages.first()

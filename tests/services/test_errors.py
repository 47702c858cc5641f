"""An error of a service beside SageMaker arrives as the class that says what it means, and as boto3's."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_typed import SageMaker, errors, from_boto3
from tests.services import siblings
from tests.services.siblings import OPERATIONS, Operation
from tests.services.wire import Told, Wire

# By hand.
CLASSES: dict[str, type[errors.ApiError]] = {
    "AccessDeniedException": errors.AccessDeniedError,
    "AccessForbidden": errors.AccessDeniedError,
    "BadGatewayException": errors.ServiceError,
    "ConflictException": errors.ConflictError,
    "GatewayTimeoutException": errors.ServiceError,
    "InternalDependencyException": errors.ServiceError,
    "InternalFailure": errors.ServiceError,
    "InternalServerException": errors.ServiceError,
    "InternalServiceError": errors.ServiceError,
    "InternalServiceException": errors.ServiceError,
    "InternalStreamFailure": errors.ServiceError,
    "ModelError": errors.ModelError,
    "ModelNotReadyException": errors.ModelNotReadyError,
    "ModelStreamError": errors.ModelStreamError,
    "PayloadTooLargeException": errors.ValidationError,
    "RequestTimeoutException": errors.ServiceError,
    "ResourceNotFound": errors.ResourceNotFoundError,
    "ResourceNotFoundException": errors.ResourceNotFoundError,
    "ServiceQuotaExceededException": errors.ResourceLimitExceededError,
    "ServiceUnavailable": errors.ServiceError,
    "ServiceUnavailableException": errors.ServiceError,
    "ThrottlingException": errors.ThrottlingError,
    "ValidationError": errors.ValidationError,
    "ValidationException": errors.ValidationError,
}
DECLARED = [(operation, shape.name) for operation in OPERATIONS for shape in operation.model.error_shapes]


def caught(sm: SageMaker, operation: Operation) -> Any:
    request = from_boto3(operation.request_class, list(operation.requests())[-1])
    with pytest.raises(errors.SageMakerError) as found:
        sm.send(request)
    return found.value


def test_every_error_of_the_models_has_a_class() -> None:
    assert {name for _, name in DECLARED} == CLASSES.keys()


@pytest.mark.surface
@pytest.mark.parametrize(("operation", "code"), DECLARED, ids=lambda part: str(part))
def test_a_declared_error_arrives_as_its_class(operation: Operation, code: str, server: Wire, sm: SageMaker) -> None:
    shape = siblings.model(operation.service).shape_for(code)
    (message,) = [name for name in shape.members if name.lower() == "message"]
    status = (shape.metadata.get("error") or {}).get("httpStatusCode", 500)
    server.tell(Told(json.dumps({message: "no"}).encode(), status, {"x-amzn-ErrorType": f"{code}:http://a.b/"}))
    client = siblings.boto(operation.service, server.url)
    with pytest.raises(ClientError) as theirs:
        getattr(client, operation.method)(**list(operation.requests())[-1])
    error = caught(sm, operation)
    twin = pickle.loads(pickle.dumps(error))
    for each in (error, twin):
        assert isinstance(each, CLASSES[code])
        assert (each.code, each.message, each.operation) == (code, "no", operation.name)
        assert each.http_status_code == status
        assert each.request_id == theirs.value.response["ResponseMetadata"]["RequestId"]
        assert str(each) == str(theirs.value)
    assert isinstance(error, getattr(client.exceptions, code))
    assert error.response["Error"] == theirs.value.response["Error"]
    client.close()


@pytest.mark.parametrize("place", ["header", "code", "__type"])
def test_a_code_counts_wherever_boto3_finds_it(place: str, server: Wire, sm: SageMaker) -> None:
    said = {"message": "no", **({} if place == "header" else {place: "ModelError"})}
    headers = {"x-amzn-ErrorType": "ModelError"} if place == "header" else {}
    server.tell(Told(json.dumps(said).encode(), 424, headers))
    error = caught(sm, Operation("sagemaker-runtime", "InvokeEndpoint"))
    assert type(error).__name__ == "ModelError"
    assert isinstance(error, errors.ModelError)


@pytest.mark.parametrize("name", ["code", "Code", "__type"])
def test_the_name_of_an_error_is_the_services_word_without_an_id(name: str, server: Wire, sm: SageMaker) -> None:
    body = json.dumps({"message": "no", name: "ModelError"}).encode()
    server.tell(Told(body, 424, {"x-amzn-RequestId": None}))
    error = caught(sm, Operation("sagemaker-runtime", "InvokeEndpoint"))
    assert isinstance(error, errors.ModelError)


def test_a_code_that_is_no_text_breaks_nothing(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b'{"message": "no", "code": {"a": 5}}', 424))
    error = caught(sm, Operation("sagemaker-runtime", "InvokeEndpoint"))
    assert isinstance(error, errors.ApiError)
    assert error.http_status_code == 424


def test_a_model_error_tells_what_the_container_said(server: Wire, sm: SageMaker) -> None:
    told = {
        "Message": "Received server error (500) from primary",
        "OriginalStatusCode": 500,
        "OriginalMessage": "Traceback ...",
        "LogStreamArn": "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/Endpoints/e",
    }
    server.tell(Told(json.dumps(told).encode(), 424, {"x-amzn-ErrorType": "ModelError"}))
    error = caught(sm, Operation("sagemaker-runtime", "InvokeEndpoint"))
    twin = pickle.loads(pickle.dumps(error))
    for each in (error, twin):
        assert each.original_status_code == 500
        assert each.original_message == "Traceback ..."
        assert each.log_stream_arn == told["LogStreamArn"]
        assert not each.retryable


def test_an_unknown_endpoint_is_a_missing_resource(server: Wire, sm: SageMaker) -> None:
    """The wording of aws/amazon-sagemaker-examples#293."""
    body = b'{"Message": "Endpoint demo-1 of account 123456789012 not found."}'
    server.tell(Told(body, 400, {"x-amzn-ErrorType": "ValidationError"}))
    error = caught(sm, Operation("sagemaker-runtime", "InvokeEndpoint"))
    assert isinstance(error, errors.ResourceNotFoundError)
    assert (error.kind, error.name) == ("endpoint", "demo-1")


def test_a_page_of_a_gateway_is_no_answer(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"<html>no</html>", 404))
    error = caught(sm, Operation("sagemaker-featurestore-runtime", "GetRecord"))
    assert isinstance(error, (errors.TransportError, errors.ApiError))
    assert "no" in str(error)


def test_half_an_answer_is_no_answer(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b'{"Record": [{"FeatureName": "a"', 200))
    error = caught(sm, Operation("sagemaker-featurestore-runtime", "GetRecord"))
    assert isinstance(error, errors.TransportError)


@pytest.mark.parametrize("body", [b"my secret text", "my secret text", bytearray(b"my secret text")])
def test_no_error_shows_the_body_of_the_request(body: Any, server: Wire, sm: SageMaker) -> None:
    told = {"Message": "cannot read 'my secret text'", "OriginalMessage": "my secret text, no JSON"}
    server.tell(Told(json.dumps(told).encode(), 424, {"x-amzn-ErrorType": "ModelError"}))
    with pytest.raises(errors.ModelError) as found:
        sm.runtime.invoke_endpoint("e", body=body)
    assert "my secret text" not in f"{found.value} {found.value.response} {found.value.__cause__}"


def test_an_error_in_an_answer_of_success_is_none(server: Wire, sm: SageMaker) -> None:
    """The bytes of a model are its own, whatever they look like."""
    server.tell(Told(b'{"__type": "ValidationException", "message": "no"}'))
    assert sm.runtime.invoke_endpoint("e", body=b"in").body.read().startswith(b'{"__type"')

"""What surrounds the transport of a call: its preparation, its answer, and the error for each exception."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from sagemaker_typed import errors, from_boto3
from sagemaker_typed._core.answers import Received, UnreadAnswer
from sagemaker_typed._core.call import OneCall, body_of, failure, finish, method_of, prepare
from sagemaker_typed._core.http.bound import Bound
from sagemaker_typed.errors import Problem
from sagemaker_typed.services.metrics import BatchPutMetricsRequest, RawMetricData
from sagemaker_typed.services.runtime import InvokeEndpointInput, InvokeEndpointOutput
from sagemaker_typed.streams import StreamedBody
from sagemaker_typed.types import (
    CreateModelInput,
    DeleteEndpointInput,
    DescribeEndpointInput,
    DescribeEndpointOutput,
    ListModelsInput,
    Tag,
)

DESCRIBE = DescribeEndpointInput(endpoint_name="x")
DELETE = DeleteEndpointInput(endpoint_name="x")
INVOKE = InvokeEndpointInput(endpoint_name="x", body=b"b")
BODY = b'{"EndpointName": "x", "EndpointStatus": "InService", "Brand": "new"}'


@cache
def client(service: str = "sagemaker") -> Any:
    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    return session.client(service)


def received(body: bytes = BODY, status: int = 200, **more: Any) -> Received:
    headers = HeadersDict({"x-amzn-RequestId": "id"})
    shape = client().meta.service_model.operation_model("DescribeEndpoint").output_shape
    response = {"status_code": status, "headers": headers, "body": body}
    return Received(create_parser("json"), response, shape, **more)


# --- before -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("request_", "unread"), [(DESCRIBE, True), (INVOKE, False)])
def test_bodies_that_have_all_members_may_stay_unread(request_: Any, unread: bool) -> None:
    made = OneCall(client("sagemaker" if unread else "sagemaker-runtime"), request_, "standard")
    assert made.typed_call.unread is unread
    assert made.typed_call.checked(made.prepared.operation.name, made.prepared.arguments)


def test_the_method_is_boto3s() -> None:
    made = OneCall(client(), DESCRIBE, "standard")
    assert made.method() == client().describe_endpoint
    assert made.prepared.arguments == {"EndpointName": "x"}
    assert made.prepared.request is DESCRIBE
    with pytest.raises(errors.ConfigurationError) as caught:
        method_of(object(), made.prepared)
    assert str(caught.value) == "the client has no method describe_endpoint: is it a recent client of sagemaker?"


def test_what_is_no_request() -> None:
    with pytest.raises(TypeError) as caught:
        prepare(Tag(key="k", value="v"), "standard")  # type: ignore[arg-type]
    assert str(caught.value) == "send takes a request object, such as DescribeEndpointInput(...), not a Tag"


def test_what_cannot_be_written_names_the_operation() -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        prepare(ListModelsInput(creation_time_after=datetime(2026, 1, 1)), "off")
    assert caught.value.operation == "ListModels"
    assert [problem.path for problem in caught.value.problems] == ["creation_time_after"]
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("all_floats", "found"), [(True, [Decimal("0.5"), math.inf]), (False, [0.5, "Infinity"])], ids=["newer", "older"]
)
def test_numbers_that_an_older_botocore_does_not_write(
    all_floats: bool, found: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_typed._core.call.writes_all_floats", lambda: all_floats)
    numbers: list[Any] = [Decimal("0.5"), math.inf]
    data = [RawMetricData(metric_name="m", value=each, timestamp=datetime(2026, 1, 1, tzinfo=UTC)) for each in numbers]
    arguments = prepare(BatchPutMetricsRequest(trial_component_name="t", metric_data=data), "off").arguments
    assert [each["Value"] for each in arguments["MetricData"]] == found


# --- after ------------------------------------------------------------------------------------------------------------


def test_an_operation_without_an_output_gives_none() -> None:
    assert finish(prepare(DELETE, "standard"), {}, None) is None


@pytest.mark.parametrize(
    "answer", [{"EndpointName": "x"}, {"EndpointName": "x", "ResponseMetadata": {"RequestId": "i"}}]
)
def test_an_answer_of_a_stub(answer: dict[str, Any]) -> None:
    response = finish(prepare(DESCRIBE, "standard"), answer, None)
    assert isinstance(response, DescribeEndpointOutput)
    assert (response.endpoint_name, response.unknown_members) == ("x", {})
    metadata = response.response_metadata
    assert (metadata.request_id if metadata else None) == ("i" if len(answer) == 2 else None)


def test_an_answer_of_the_service_has_what_the_body_has() -> None:
    source = received(found={"EndpointName": "x", "Brand": "new"})
    response = finish(prepare(DESCRIBE, "standard"), UnreadAnswer(source), source)
    assert (response.endpoint_name, response.unknown_members) == ("x", {"Brand": "new"})
    assert response.response_metadata is not None
    assert response.response_metadata.request_id == "id"


def test_an_answer_that_a_hook_edited() -> None:
    source = received(found={"EndpointName": "x", "EndpointStatus": "InService", "Brand": "new"})
    edited = {**source.parsed(), "EndpointName": "edited"}
    response = finish(prepare(DESCRIBE, "standard"), edited, source)
    assert (response.endpoint_name, response.unknown_members) == ("edited", {"Brand": "new"})


WRONG: list[tuple[Any, Any, str | None, int | None, bool]] = [
    # the answer, whether it came over the network, the id, the status, whether to try again
    (5, False, None, None, False),
    (None, False, None, None, False),
    ({"CreationTime": "no time"}, False, None, None, False),
    ({"CreationTime": "no time", "ResponseMetadata": None}, False, None, None, False),
    (
        {"CreationTime": "no time", "ResponseMetadata": {"RequestId": "i", "HTTPStatusCode": 200}},
        False,
        "i",
        200,
        False,
    ),
    ({"CreationTime": "no time", "ResponseMetadata": {"RequestId": "i", "HTTPStatusCode": 200}}, True, "i", 200, True),
]


@pytest.mark.parametrize(("answer", "came", "request_id", "status", "retryable"), WRONG)
def test_an_answer_that_does_not_fit(answer: Any, came: bool, request_id: Any, status: Any, retryable: bool) -> None:
    source = None
    if came:
        source = received(b'{"CreationTime": "no time"}', found={"CreationTime": "no time"})
        metadata, answer = answer["ResponseMetadata"], UnreadAnswer(source)
        answer["ResponseMetadata"].update(metadata)
    with pytest.raises(errors.ConversionError) as caught:
        finish(prepare(DESCRIBE, "standard"), answer, source)
    error = caught.value
    assert (error.operation, error.request_id, error.http_status_code) == ("DescribeEndpoint", request_id, status)
    assert error.retryable is retryable


def test_a_broken_answer() -> None:
    with pytest.raises(errors.TransportError) as caught:
        finish(prepare(DESCRIBE, "standard"), {}, received(b"<html>", flaw="is not JSON"))
    error = caught.value
    assert str(error) == "DescribeEndpoint: the answer (HTTP 200) is not JSON; it begins with <html>"
    assert (error.request_id, error.http_status_code, error.excerpt) == ("id", 200, "<html>")


def test_a_body_that_is_read_after_the_call() -> None:
    body = StreamedBody(BytesIO(b""))
    output = InvokeEndpointOutput(body=body)
    assert body_of(INVOKE, output) is body
    assert body_of(DESCRIBE, output) is None


def test_an_error_that_came_with_a_success_is_the_clients_exception() -> None:
    made = OneCall(client(), DESCRIBE, "standard")
    answer = {"Error": {"Code": "ResourceNotFound", "Message": "no"}}
    made.typed_call.received.append((answer, received(refused=True)))
    with pytest.raises(client().exceptions.ResourceNotFound) as caught:
        made.received(answer)
    assert (caught.value.response, caught.value.operation_name) == (answer, "DescribeEndpoint")
    plain: dict[str, Any] = {}
    made.typed_call.received.append((plain, source := received()))
    assert made.received(plain) is source
    assert made.received({}) is None


# --- the error for each exception -------------------------------------------------------------------------------------


def client_error(code: str = "ResourceNotFound", **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}, **more}, "DescribeEndpoint")


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def of_the_serializer(value: Any) -> Exception:
    """An error that botocore's serializer raises."""
    model = client().meta.service_model.operation_model("CreateModel")
    try:
        create_serializer("json", include_validation=False).serialize_to_request(value, model)
    except Exception as error:
        return error
    raise AssertionError


FOUND: list[tuple[Exception, str | None]] = [
    (raised(errors.PaginationError("of a hook")), None),
    (client_error(), "ResourceNotFoundError"),
    (client_error("ThrottlingException"), "ThrottlingError"),
    (raised(KeyError("of a hook")), None),
    (raised(ValueError("of a hook")), None),
    (raised(RecursionError("of a hook")), None),
    (raised(OSError("of a hook")), None),
    (ParamValidationError(report="wrong"), "InvalidRequestError"),
    (exceptions.NoCredentialsError(), "CredentialsError"),
    (exceptions.NoRegionError(), "ConfigurationError"),
    (exceptions.EndpointConnectionError(endpoint_url="u"), "TransportError"),
    (exceptions.PaginationError(message="m"), None),
    (exceptions.WaiterError(name="n", reason="r", last_response={}), None),
]


@pytest.mark.parametrize(("error", "found"), FOUND, ids=lambda each: type(each).__name__)
def test_the_error_for_an_exception(error: Exception, found: str | None) -> None:
    typed = failure(prepare(DESCRIBE, "standard"), error)
    assert (None if found is None else getattr(errors, found)) in ([None] if typed is None else type(typed).__mro__)
    made = OneCall(client(), DESCRIBE, "standard")
    expected = type(error) if typed is None else type(typed)
    with pytest.raises(expected) as caught:
        made.fail(error)
    assert (caught.value is error) is (typed is None)
    if typed is not None:
        assert caught.value.__cause__ is error


def test_values_that_cannot_be_written_as_json() -> None:
    made = prepare(CreateModelInput(model_name="m"), "off")
    around: dict[str, Any] = {"Containers": [{"Environment": {}}]}
    around["Containers"][0]["Environment"]["a"] = around  # botocore's JSON finds a circle
    error = of_the_serializer(around)
    typed = failure(made, error)
    assert isinstance(typed, errors.InvalidRequestError)
    ((path, rule, detail),) = typed.problems
    assert (path, rule, typed.operation) == ("", "type", "CreateModel")
    assert detail == "cannot be written as JSON: Circular reference detected"


def test_foreign_errors_are_of_the_transport() -> None:
    error = client_error("502", ResponseMetadata={"RequestId": "r", "HTTPStatusCode": 502})
    page = received(b"<html>proxy</html>", 502, foreign=True)
    typed = failure(prepare(DESCRIBE, "standard"), error, page)
    assert isinstance(typed, errors.TransportError)
    assert str(typed) == "DescribeEndpoint: HTTP 502, but not an error of the service: <html>proxy</html>"
    assert (typed.request_id, typed.http_status_code, typed.excerpt) == ("r", 502, "<html>proxy</html>")
    empty = failure(prepare(DESCRIBE, "standard"), client_error("404"), received(b"", 404, foreign=True))
    assert isinstance(empty, errors.TransportError)
    assert str(empty) == "DescribeEndpoint: HTTP 404, but not an error of the service"
    assert (empty.request_id, empty.http_status_code, empty.excerpt) == (None, 404, None)
    theirs = failure(prepare(DESCRIBE, "standard"), client_error(), received(b"{}", 400))
    assert isinstance(theirs, errors.ResourceNotFoundError)


def test_the_answer_of_an_error_is_found_by_its_dict() -> None:
    made = OneCall(client(), DESCRIBE, "standard")
    error = client_error("404")
    made.typed_call.received.append((error.response, received(b"<html>", 404, foreign=True)))
    with pytest.raises(errors.TransportError, match="not an error of the service"):
        made.fail(error)


@pytest.mark.parametrize("ended", [False, True])
def test_an_error_after_the_time_of_the_call(ended: bool) -> None:
    made = OneCall(client(), DESCRIBE, "standard")
    bound = Bound(2.5)
    bound.ended = ended
    error = exceptions.ReadTimeoutError(endpoint_url="u")
    with pytest.raises(errors.TransportError) as caught:
        made.fail(error, bound)
    assert isinstance(caught.value, errors.CallTimeoutError) is ended
    if ended:
        said = 'Read timeout on endpoint URL: "u"'
        assert str(caught.value) == f"DescribeEndpoint was not answered within 2.5 s: {said}"
        assert caught.value.operation == "DescribeEndpoint"
    with pytest.raises(errors.TransportError) as plain:
        made.fail(error)
    assert not isinstance(plain.value, errors.CallTimeoutError)


def test_the_last_error_of_a_call_without_time_may_be_the_services() -> None:
    made = OneCall(client(), DESCRIBE, "standard")
    bound = Bound(math.inf)
    bound.ended = True
    with pytest.raises(errors.CallTimeoutError, match=r"not answered within inf s: .*: m") as caught:
        made.fail(client_error("ThrottlingException"), bound)
    assert not isinstance(caught.value, ClientError)
    with pytest.raises(errors.CallTimeoutError, match="not answered within inf s: of a hook"):
        made.fail(OSError("of a hook"), bound)


@pytest.mark.parametrize(
    ("end", "line"),
    [
        (lambda made: made.response({"EndpointName": "x"}, None), "DescribeEndpoint no answer in"),
        (
            lambda made: made.response({"ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "r"}}, None),
            "DescribeEndpoint 200 in",
        ),
        (lambda made: made.fail(client_error()), "DescribeEndpoint no answer ResourceNotFound in"),
        (lambda made: made.fail(OSError("x")), "DescribeEndpoint no answer OSError in"),
        (lambda made: made.fail(exceptions.NoCredentialsError()), "DescribeEndpoint no answer CredentialsError"),
    ],
)
def test_each_end_of_a_call_is_logged(end: Callable[[Any], Any], line: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_typed.requests")
    made = OneCall(client(), DESCRIBE, "standard")
    with suppress(errors.SageMakerError, OSError):
        end(made)
    ((name, level, text),) = caplog.record_tuples
    assert (name, level) == ("sagemaker_typed.requests", logging.DEBUG)
    assert text.startswith(line)


# --- members that the client's model lacks ----------------------------------------------------------------------------


def test_unknown_members_are_named_at_each_depth() -> None:
    tags = [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w", "Deep": 2}]
    request = from_boto3(CreateModelInput, {"ModelName": "m", "Tags": tags, "Top": 1})
    made = prepare(request, "off")
    typed = failure(made, raised(ParamValidationError(report='Unknown parameter in input: "Top"')))
    assert isinstance(typed, errors.InvalidRequestError)
    text = (
        "the client's service model has no such member (ParamValidationError: Parameter validation failed:\n"
        'Unknown parameter in input: "Top")'
    )
    assert list(typed.problems) == [Problem("Top", "unknown", text), Problem("tags[1].Deep", "unknown", text)]
    assert typed.operation == "CreateModel"


def test_members_in_maps_are_named_by_their_keys() -> None:
    from sagemaker_typed._core.call import _unknown_paths

    tag = from_boto3(Tag, {"Key": "k", "Value": "v", "New": 1})
    value = SimpleNamespace()
    assert _unknown_paths({"a": tag, "b": value}, "envs") == ["envs['a'].New"]
    assert _unknown_paths([{"a": [tag]}], "x") == ["x[0]['a'][0].New"]
    assert _unknown_paths(tag, "") == ["New"]
    assert _unknown_paths(tag, "at") == ["at.New"]
    assert _unknown_paths("text", "at") == []


def test_other_problems_of_the_parameters_are_botocores() -> None:
    made = prepare(DESCRIBE, "off")
    typed = failure(made, ParamValidationError(report="Invalid type for parameter X, value: 5, type: <class 'int'>"))
    assert isinstance(typed, errors.InvalidRequestError)
    ((path, rule, detail),) = typed.problems
    assert (path, rule) == ("", "botocore")
    assert detail == "Parameter validation failed:\nInvalid type for parameter X, value: ***, type: <class 'int'>"

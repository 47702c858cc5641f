"""One call without any I/O: its requests, what each answer means, and what hooks learn of it. botocore is the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse, HeadersDict
from botocore.endpoint import convert_to_response_dict
from botocore.exceptions import ClientError, ConnectionClosedError

from sagemaker_typed import SageMaker
from sagemaker_typed._core.call import OneCall
from sagemaker_typed._core.http.sigv4 import Keys
from sagemaker_typed._core.http.wire import Exchange, Lane, Outgoing, _canon, _host, _protocol, _timestamp, is_traced
from sagemaker_typed.services.runtime import InvokeEndpointInput
from sagemaker_typed.services.runtime._service import SERVICE as RUNTIME
from sagemaker_typed.types import DescribeEndpointInput
from tests.wire.roads import made, session

URL = "http://127.0.0.1:1"
GIVEN = {"EndpointName": "e"}
HEADERS = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "id", "X-Odd": "Value"}
GOOD = b'{"EndpointName": "e"}'
THROTTLED = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
CLOSED = ConnectionClosedError(endpoint_url=URL)


@pytest.fixture(scope="module")
def kept() -> Any:
    """A client as `SageMaker` makes it: it does not check parameters again."""
    return made(URL, short=True, attempts=3)._connection.client()


def lane_of(client: Any, operation: str = "DescribeEndpoint", given: Any = GIVEN) -> Lane:
    model = client.meta.service_model.operation_model(operation)
    learned = Lane.learned(Lane.drafts(client, model, given), credentials(), Keys())
    assert learned is not None
    return learned


def credentials(token: str | None = None) -> Any:
    return session(token).get_credentials().get_frozen_credentials()


@pytest.fixture(scope="module")
def lane(kept: Any) -> Lane:
    return lane_of(kept)


@pytest.fixture
def heard(kept: Any) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """What the hooks of two events are told, while a test runs."""
    told: dict[str, list[dict[str, Any]]] = {"needs-retry": [], "after-call": []}
    handlers = {event: lambda event_name, event=event, **given: told[event].append(given) for event in told}
    for event, handler in handlers.items():
        kept.meta.events.register(f"{event}.sagemaker", handler)
    yield told
    for event, handler in handlers.items():
        kept.meta.events.unregister(f"{event}.sagemaker", handler)


def begun(lane: Lane, retries: float | None = None) -> Exchange:
    exchange = lane.exchange(GIVEN, retries)
    exchange.first(credentials())
    return exchange


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 299])
def test_a_good_answer_is_boto3s(status: int, kept: Any, lane: Lane) -> None:
    exchange = begun(lane)
    assert exchange.answered(status, HEADERS, GOOD) is None
    found = exchange.result()
    assert found["EndpointName"] == "e"
    assert found["ResponseMetadata"] == {
        "RequestId": "id",
        "HTTPStatusCode": status,
        "HTTPHeaders": {name.lower(): value for name, value in HEADERS.items()},
        "RetryAttempts": 0,
    }


@pytest.mark.parametrize("status", [300, 400, 404, 499])
def test_an_error_is_boto3s(status: int, kept: Any, lane: Lane) -> None:
    exchange = begun(lane)
    body = json.dumps({"__type": "ResourceNotFound", "message": "no"}).encode()
    assert exchange.answered(status, HEADERS, body) is None
    with pytest.raises(kept.exceptions.ResourceNotFound if status > 300 else ClientError) as caught:
        exchange.result()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (status, 301)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert caught.value.operation_name == "DescribeEndpoint"


@pytest.mark.parametrize(("status", "body"), [(200, GOOD), (400, THROTTLED), (503, b"")])
def test_the_parser_is_given_what_botocore_gives_it(
    status: int, body: bytes, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []
    parse = lane.parser.parse

    def recorded(response: dict[str, Any], shape: Any) -> Any:
        given.append(dict(response))
        return parse(response, shape)

    monkeypatch.setattr(lane, "parser", SimpleNamespace(parse=recorded))
    exchange = begun(lane)
    exchange.answered(status, HEADERS, body)
    http: Any = AWSResponse(lane.url, status, HeadersDict(HEADERS), SimpleNamespace(stream=lambda: [body]))
    expected = convert_to_response_dict(http, lane.model)
    (first, *_) = given
    assert first.keys() == expected.keys()
    assert {**first, "headers": None} == {**expected, "headers": None}
    assert {name.lower(): value for name, value in first["headers"].items()} == {
        name.lower(): value for name, value in HEADERS.items()
    }


def test_hooks_get_botocores_form_of_an_answer(lane: Lane, heard: Any) -> None:
    exchange = begun(lane, 0)
    exchange.answered(200, HEADERS, GOOD)
    result = exchange.result()
    (told,) = heard["after-call"]
    assert told.keys() == {"http_response", "parsed", "model", "context"}
    assert (told["parsed"], told["model"], told["context"]) == (result, lane.model, exchange._context)
    http = told["http_response"]
    assert isinstance(http, AWSResponse)
    assert (http.url, http.status_code, http.content, http.text) == (f"{URL}/", 200, GOOD, GOOD.decode())
    assert http.headers["X-ODD"] == http.headers["x-odd"] == "Value"
    assert b"".join(http.raw.stream()) == GOOD


def test_a_hook_may_change_the_code_of_an_error(kept: Any, lane: Lane) -> None:
    exchange = begun(lane)
    exchange.answered(400, HEADERS, json.dumps({"__type": "ValidationException", "message": "no"}).encode())
    exchange._context["error_code_override"] = "ResourceInUse"
    with pytest.raises(kept.exceptions.ResourceInUse):
        exchange.result()


# --- attempts ---------------------------------------------------------------------------------------------------------


def attempts_of(outgoing: Outgoing) -> str:
    found = outgoing.headers["amz-sdk-request"]
    return found if isinstance(found, str) else found.decode()


@pytest.mark.parametrize("comes", ["throttled", "closed"])
@pytest.mark.parametrize(("retries", "attempts"), [(None, 3), (float("inf"), 3), (0, 1), (1, 2), (2, 3), (5, 6)])
def test_there_are_as_many_attempts_as_may_be(retries: Any, attempts: int, comes: str, lane: Lane) -> None:
    exchange = lane.exchange(GIVEN, retries)
    sent = [exchange.first(credentials())]
    while True:
        pause = exchange.answered(400, HEADERS, THROTTLED) if comes == "throttled" else exchange.failed(CLOSED)
        if pause is None:
            break
        assert type(pause) is float
        assert 0 <= pause <= 20
        sent.append(exchange.again())
    assert len(sent) == attempts
    assert [attempts_of(each).partition(";")[0] for each in sent] == [
        f"attempt={number}" for number in range(1, attempts + 1)
    ]
    assert {each.url for each in sent} == {f"{URL}/"}
    assert {each.method for each in sent} == {"POST"}
    assert {each.body for each in sent} == {exchange.body} == {b'{"EndpointName": "e"}'}
    with pytest.raises(ClientError if comes == "throttled" else ConnectionClosedError) as caught:
        exchange.result()
    if comes == "closed":
        assert caught.value is CLOSED
    else:
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == attempts - 1


def test_an_error_is_forgotten_once_there_is_an_answer(lane: Lane) -> None:
    exchange = begun(lane)
    assert exchange.failed(CLOSED) is not None
    exchange.again()
    assert exchange.answered(200, HEADERS, GOOD) is None
    assert exchange.result()["ResponseMetadata"]["RetryAttempts"] == 1
    other = begun(lane)
    other.answered(400, HEADERS, THROTTLED)
    other.again()
    other.failed(CLOSED)
    with pytest.raises(ConnectionClosedError):
        other.result()


@pytest.mark.parametrize(
    ("retries", "before", "body", "asked"),
    [
        (None, 0, GOOD, 0),
        (None, 1, GOOD, 1),
        (None, 2, GOOD, 3),  # the last attempt is told of: it gives back to the quota
        (0, 0, GOOD, 1),
        (1, 0, GOOD, 0),
        (1, 1, GOOD, 2),
        (None, 0, b'{"__type": "ThrottlingException"}', 0),
    ],
)
def test_handlers_of_retries_are_asked_where_they_have_something_to_say(
    retries: Any, before: int, body: bytes, asked: int, lane: Lane, heard: Any
) -> None:
    exchange = begun(lane, retries)
    for _ in range(before):
        exchange.answered(400, HEADERS, THROTTLED)
        exchange.again()
    assert exchange.answered(200, HEADERS, body) is None
    assert len(heard["needs-retry"]) == asked
    for told in heard["needs-retry"]:
        assert told.keys() == {"response", "endpoint", "operation", "attempts", "caught_exception", "request_dict"}
        assert (told["endpoint"], told["operation"]) == (lane.endpoint, lane.model)
        assert told["caught_exception"] is None
        assert told["response"][1]["ResponseMetadata"]["HTTPStatusCode"] in (200, 400)
        assert told["request_dict"]["body"] == exchange.body
        assert told["request_dict"]["context"] is exchange._context


def test_an_answer_with_an_error_inside_is_told_of(lane: Lane, heard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser of ours says so of some answers with a status of success."""
    parsed = {"Error": {"Code": "RequestTimeout", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 200}}
    monkeypatch.setattr(lane, "parser", SimpleNamespace(parse=lambda *_: parsed))
    exchange = begun(lane)
    assert exchange.answered(200, HEADERS, GOOD) is not None
    assert len(heard["needs-retry"]) == 1


def test_handlers_learn_of_errors(lane: Lane, heard: Any) -> None:
    exchange = begun(lane)
    exchange.failed(CLOSED)
    (told,) = heard["needs-retry"]
    assert (told["response"], told["caught_exception"], told["attempts"]) == (None, CLOSED, 1)


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "traced"),
    [
        ({}, False),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, False),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f", "_X_AMZN_TRACE_ID": ""}, False),
        ({"_X_AMZN_TRACE_ID": "Root=1"}, False),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f", "_X_AMZN_TRACE_ID": "Root=1"}, True),
    ],
)
def test_calls_are_traced_in_lambda_functions(
    environment: dict[str, str], traced: bool, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_traced() is traced
    lane = lane_of(kept)
    exchange = lane.exchange(GIVEN)
    first = exchange.first(credentials())
    assert ("X-Amzn-Trace-Id" in first.headers) is traced
    exchange.answered(400, HEADERS, THROTTLED)
    again = exchange.again()
    assert ("X-Amzn-Trace-Id" in again.headers) is traced


def test_what_a_lane_knows_of_its_requests(kept: Any, lane: Lane) -> None:
    assert (lane.client, lane.model.name, lane.url, lane.event) == (
        kept,
        "DescribeEndpoint",
        f"{URL}/",
        "sagemaker.DescribeEndpoint",
    )
    assert (lane.is_ascii, lane.has_token, lane.silent_attempts) == (True, False, 3)
    model = kept.meta.service_model.operation_model("DescribeEndpoint")
    other = Lane.learned(Lane.drafts(kept, model, GIVEN), credentials("token"), Keys())
    assert other is not None
    assert other.has_token


def test_a_request_has_the_token_that_the_credentials_have(lane: Lane) -> None:
    outgoing = lane.exchange(GIVEN).first(credentials())
    assert "X-Amz-Security-Token" not in outgoing.headers
    prepared = outgoing.prepared()
    assert (prepared.method, prepared.url, prepared.body) == ("POST", f"{URL}/", outgoing.body)
    assert prepared.headers is outgoing.headers
    assert prepared.stream_output is False


def test_a_token_that_makes_a_request_safe_to_repeat_is_the_same_in_all_attempts(kept: Any) -> None:
    given = {"PipelineName": "p", "RoleArn": "r" * 20, "PipelineDefinition": "{}"}
    lane = lane_of(kept, "CreatePipeline", given)
    bodies = []
    for _ in range(2):
        exchange = lane.exchange(given)
        first = exchange.first(credentials())
        exchange.failed(CLOSED)
        assert exchange.again().body == first.body
        bodies.append(json.loads(first.body))
    assert [len(body["ClientRequestToken"]) for body in bodies] == [36, 36]
    assert bodies[0]["ClientRequestToken"] != bodies[1]["ClientRequestToken"]
    assert "ClientRequestToken" not in given
    mine = {**given, "ClientRequestToken": "m" * 32}
    assert json.loads(lane.exchange(mine).body)["ClientRequestToken"] == "m" * 32


def test_an_operation_with_streams_has_no_drafts(kept: Any) -> None:
    model = kept.meta.service_model.operation_model("DescribeEndpoint")
    special = SimpleNamespace(
        **{name: getattr(model, name) for name in dir(model) if not name.startswith("_")}
        | {"has_streaming_output": True}
    )
    assert Lane.drafts(kept, special, GIVEN) == []
    first, second = Lane.drafts(kept, model, GIVEN)
    assert (first._made["body"], second._made["body"]) == (b'{"EndpointName": "e"}', b"{}")


@pytest.mark.parametrize("broken", [b"", b"AWS4-HMAC-SHA256 Credential=a", b"Bearer x"])
def test_a_request_that_is_signed_in_another_way_has_no_canonical_form(broken: bytes, lane: Lane) -> None:
    prepared = lane.exchange(GIVEN).first(credentials()).prepared()
    found = _canon(prepared)
    assert found is not None
    assert (found.region, found.name) == ("us-west-2", "sagemaker")
    headers = {**prepared.headers, "Authorization": broken}
    assert _canon(SimpleNamespace(headers=headers, url=prepared.url, method="POST")) is None
    del headers["Authorization"]
    assert _canon(SimpleNamespace(headers=headers, url=prepared.url, method="POST")) is None


@pytest.mark.parametrize(
    "url",
    ["http://h/", "http://h:80/", "https://h:443/p", "http://h:443/", "https://h:80/", "http://h:8080/", "https://[::1]/",
     "http://[::1]:81/", "http://H/", "http://u:p@h:9/"],
)  # fmt: skip
def test_the_host_is_the_one_that_botocore_signs(url: str) -> None:
    signed = botocore.auth._host_from_url(url)
    assert _host(url) == signed


def test_the_time_is_the_one_that_botocore_signs_with(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 2, 8, 9, 7, 5, 999999)  # as botocore's clock
    if hasattr(botocore.auth, "get_current_datetime"):
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: noon)
    else:
        clock = SimpleNamespace(utcnow=lambda: noon)
        monkeypatch.setattr(botocore.auth, "datetime", SimpleNamespace(datetime=clock))
    assert _timestamp() == noon.strftime(botocore.auth.SIGV4_TIMESTAMP)


@pytest.mark.parametrize(
    ("service", "protocol"),
    [
        (SimpleNamespace(resolved_protocol="json", metadata={"protocol": "query"}), "json"),
        (SimpleNamespace(resolved_protocol=None, metadata={"protocol": "query"}), "query"),
        (SimpleNamespace(metadata={"protocol": "rest-json"}), "rest-json"),
    ],
)
def test_the_protocol_is_the_one_that_botocore_chose(service: Any, protocol: str) -> None:
    assert _protocol(service) == protocol


def test_botocore_signs_the_same(lane: Lane) -> None:
    """The signature of a first attempt, over all headers that botocore signs."""
    frozen = credentials()
    outgoing = lane.exchange(GIVEN).first(frozen)
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in outgoing.headers.items()}
    signed = headers.pop("Authorization")
    names = signed.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    kept = {name: value for name, value in headers.items() if name.lower() in names}
    assert len(kept) == len(names) - 1  # botocore adds the host itself
    request: Any = AWSRequest("POST", outgoing.url, kept, outgoing.body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    auth: Any = botocore.auth.SigV4Auth(frozen, "sagemaker", "us-west-2")
    canonical = auth.canonical_request(request)
    assert signed.endswith(f"Signature={auth.signature(auth.string_to_sign(request, canonical), request)}")


def test_only_the_answers_of_plain_json_are_left_unread(kept: Any) -> None:
    """Other protocols have members in headers, and errors whose names stand in code."""
    describe = OneCall(kept, DescribeEndpointInput(endpoint_name="e"), "off")
    assert describe.typed_call.unread is True
    runtime = SageMaker(session=session())._connection.beside(RUNTIME).client()
    assert OneCall(runtime, InvokeEndpointInput(endpoint_name="e", body=b""), "off").typed_call.unread is False

"""The model server and the samples that it answers with, both held against botocore's own reading of the model."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED, xform_name
from botocore.exceptions import ClientError, ConnectionClosedError, ParamValidationError
from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape
from botocore.serialize import create_serializer

from tests.support import samples, wire_check
from tests.support.loopback import Loopback, Reply
from tests.support.model_server import ACCESS_KEY, REGION, ModelServer, installed_model

MODEL = installed_model()
OPERATIONS = tuple(MODEL.operation_names)
ROOTS = tuple(
    shape
    for operation in map(MODEL.operation_model, OPERATIONS)
    for shape in (operation.input_shape, operation.output_shape)
    if shape is not None
)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[ModelServer, Any]]:
    with ModelServer() as server:
        yield server, server.client()


@pytest.fixture
def server(running: tuple[ModelServer, Any]) -> ModelServer:
    running[0].clear()
    running[0].variant = 0
    return running[0]


@pytest.fixture
def client(running: tuple[ModelServer, Any]) -> Any:
    return running[1]


def call(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Calls by wire name; gives the response without what boto3 adds to it."""
    response: dict[str, Any] = getattr(client, xform_name(operation))(**params)
    metadata = response.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RequestId"]
    return response


def leaves(shape: Shape, value: Any) -> Iterator[tuple[Shape, Any]]:
    """Each shape in `shape` with what `value` holds for it, the containers and map keys too."""
    yield shape, value
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                yield from leaves(shape.members[name], member)
        case "list":
            for item in value:
                yield from leaves(shape.member, item)
        case "map":
            for key, item in value.items():
                yield shape.key, key
                yield from leaves(shape.value, item)


def is_python(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


# Samples


def test_a_filled_sample_leaves_nothing_out() -> None:
    for root in ROOTS:
        for shape, value in leaves(root, samples.fill(root)):
            if shape.type_name == "structure" and shape.is_tagged_union:
                assert len(value) == 1, (root, shape)
            elif shape.type_name == "structure" and shape.name != "SearchExpression":
                assert list(value) == list(shape.members), (root, shape)


def test_a_minimal_sample_holds_the_required_members_only() -> None:
    for root in ROOTS:
        for shape, value in leaves(root, samples.minimal(root)):
            if shape.type_name == "structure" and shape.is_tagged_union:
                assert len(value) == 1, (root, shape)
            elif shape.type_name == "structure":
                assert set(value) == set(shape.required_members), (root, shape)


@pytest.mark.parametrize("make", [samples.fill, samples.minimal])
@pytest.mark.parametrize("variant", [0, 1])
def test_samples_keep_the_constraints_of_the_model(make: Callable[..., Any], variant: int) -> None:
    for root in ROOTS:
        for shape, value in leaves(root, make(root, variant=variant)):
            size = len(value) if isinstance(value, str | list | dict) else value
            assert size >= shape.metadata.get("min", size), (root, shape)
            assert size <= shape.metadata.get("max", size), (root, shape)
            assert value in shape.metadata.get("enum", [value]), (root, shape)


def test_every_pattern_that_python_understands_is_matched() -> None:
    for name in MODEL.shape_names:
        shape = MODEL.shape_for(name)
        # Those that Python refuses hold \\p{...}, or a range whose ends are out of order for it.
        if "pattern" in shape.metadata and "enum" not in shape.metadata and is_python(shape.metadata["pattern"]):
            for variant in range(3):
                assert re.fullmatch(shape.metadata["pattern"], samples.fill(shape, variant=variant)), shape


def test_the_variants_cover_every_union_member_at_every_depth() -> None:
    for root in ROOTS:
        declared, seen = set(), set()
        for variant in range(samples.union_variants(root)):
            for shape, value in leaves(root, samples.fill(root, variant=variant)):
                if shape.type_name == "structure" and shape.is_tagged_union:
                    declared |= {(shape.name, member) for member in shape.members}
                    seen |= {(shape.name, member) for member in value}
        assert seen == declared, root


def test_a_union_in_a_union_does_not_turn_in_step_with_it() -> None:
    union = {"type": "structure", "union": True}
    model = ServiceModel(
        {
            "metadata": {},
            "operations": {},
            "shapes": {
                "Outer": union | {"members": {"A": {"shape": "Inner"}, "B": {"shape": "Inner"}}},
                "Inner": union | {"members": {"X": {"shape": "Text"}, "Y": {"shape": "Text"}}},
                "Text": {"type": "string"},
            },
        }
    )
    outer = model.shape_for("Outer")
    assert samples.union_variants(outer) == 4
    filled = [samples.fill(outer, variant=variant) for variant in range(4)]
    assert {(name, *inner) for each in filled for name, inner in each.items()} == {
        ("A", "X"),
        ("A", "Y"),
        ("B", "X"),
        ("B", "Y"),
    }


def test_an_enum_moves_on_with_every_variant() -> None:
    shape = MODEL.shape_for("TargetDevice")
    values = shape.metadata["enum"]
    assert {samples.fill(shape, variant=variant) for variant in range(len(values))} == set(values)


def test_the_recursive_shape_is_filled_two_levels_deep() -> None:
    expression = samples.fill(MODEL.shape_for("SearchRequest"))["SearchExpression"]
    assert set(expression) == {"Filters", "NestedFilters", "SubExpressions", "Operator"}
    assert set(expression["SubExpressions"][0]) == {"Filters", "NestedFilters", "Operator"}


def test_members_of_one_shape_differ() -> None:
    filled = samples.fill(MODEL.shape_for("DescribeCompilationJobResponse"))
    times = [value for value in filled.values() if hasattr(value, "microsecond")]
    assert len(times) == len(set(times)) == 4
    assert all(time.microsecond and time.utcoffset() == timedelta(0) for time in times)


def test_times_have_fractions_of_both_kinds() -> None:
    shape = MODEL.shape_for("Timestamp")
    fractions = [samples.fill(shape, variant=variant).microsecond for variant in range(4)]
    assert [bool(each % 1000) for each in fractions] == [True, False, True, False]


def test_samples_are_the_same_in_another_process() -> None:
    code = (
        "import json; from tests.support import samples; from tests.support.model_server import installed_model;"
        "shape = installed_model().shape_for('DescribeTrainingJobResponse');"
        "print(json.dumps(samples.to_wire(shape, samples.fill(shape, variant=2))))"
    )
    shape = MODEL.shape_for("DescribeTrainingJobResponse")
    here = samples.to_wire(shape, samples.fill(shape, variant=2))
    root = Path(__file__).parents[2]
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    assert json.loads(there.stdout) == here


def test_enums_are_listed_with_their_values() -> None:
    listed = dict(samples.enums(MODEL))
    assert {"INPROGRESS", "COMPLETED", "FAILED"} < set(listed["CompilationJobStatus"])
    assert set(listed) == {name for name in MODEL.shape_names if "enum" in MODEL.shape_for(name).metadata}


def test_the_json_text_of_a_jsonvalue_member_stays_text() -> None:
    shape = MODEL.shape_for("HumanLoopActivationConditionsConfig")
    filled = samples.fill(shape)
    assert isinstance(json.loads(filled["HumanLoopActivationConditions"]), dict)
    assert samples.to_wire(shape, filled) == filled


# Round trips


@pytest.mark.surface
@pytest.mark.parametrize("operation", OPERATIONS)
def test_round_trip(server: ModelServer, client: Any, operation: str) -> None:
    model = MODEL.operation_model(operation)
    params = samples.fill(model.input_shape)
    response = call(client, operation, params)
    assert not server.problems
    assert response == ({} if model.output_shape is None else samples.fill(model.output_shape))
    [request] = server.requests
    assert request.operation == operation
    assert request.raw_body == create_serializer("json").serialize_to_request(params, model)["body"]


@pytest.mark.surface
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if MODEL.operation_model(name).error_shapes])
def test_every_declared_error_is_raised(server: ModelServer, client: Any, operation: str) -> None:
    model = MODEL.operation_model(operation)
    params = samples.minimal(model.input_shape)
    for error in model.error_shapes:
        server.respond_error(operation, error.name, f"about {error.name}", times=1, request_id="r-1")
        with pytest.raises(getattr(client.exceptions, error.name)) as caught:
            call(client, operation, params)
        assert caught.value.response["Error"] == {"Code": error.name, "Message": f"about {error.name}"}
        assert caught.value.response["ResponseMetadata"]["RequestId"] == "r-1"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert not server.problems


def test_every_union_member_goes_out_and_comes_back(server: ModelServer, client: Any) -> None:
    for operation in OPERATIONS:
        model = MODEL.operation_model(operation)
        shapes = [shape for shape in (model.input_shape, model.output_shape) if shape is not None]
        for variant in range(1, max(map(samples.union_variants, shapes))):
            server.variant = variant
            response = call(client, operation, samples.fill(model.input_shape, variant=variant))
            if model.output_shape is not None:
                assert response == samples.fill(model.output_shape, variant=variant)
    assert server.requests
    assert not server.problems


# Records and checks


def test_a_request_is_recorded(server: ModelServer, client: Any) -> None:
    client.stop_compilation_job(CompilationJobName="a")
    [request] = server.requests
    assert request.operation == "StopCompilationJob"
    assert request.body == {"CompilationJobName": "a"} == json.loads(request.raw_body)
    assert request.headers["x-amz-target"] == "SageMaker.StopCompilationJob"
    assert (request.access_key, request.region) == (ACCESS_KEY, REGION)


def test_an_unsigned_request_is_refused(server: ModelServer) -> None:
    with pytest.raises(ClientError, match="not signed"):
        server.client(signature_version=UNSIGNED).list_models()
    assert server.problems == ["ListModels: not signed with AWS4-HMAC-SHA256"]
    assert server.requests[0].access_key is None


@pytest.mark.parametrize(
    ("raw_body", "problem"),
    [
        (b"{", "not JSON"),
        (b"null", "body: structure expected, got NoneType"),
        (b'{"Nonsense": 1}', "Nonsense: unknown"),
        (b'{"CompilationJobName": 1}', "CompilationJobName: string expected, got int"),
        (b"{}", "CompilationJobName: required and missing"),
    ],
)
def test_a_body_that_the_model_does_not_allow_is_refused(server: ModelServer, raw_body: bytes, problem: str) -> None:
    def send_this(request: Any, **_: Any) -> None:
        request.data = raw_body

    client = server.client()
    client.meta.events.register("before-sign.sagemaker", send_this)
    with pytest.raises(ClientError) as caught:
        client.describe_compilation_job(CompilationJobName="a")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert problem in caught.value.response["Error"]["Message"]
    assert any(problem in line for line in server.problems)
    assert server.requests[0].raw_body == raw_body


def post(server: ModelServer, body: bytes, headers: dict[str, str]) -> tuple[int, str, HTTPMessage]:
    """A request from something other than botocore; gives the status, the error code and the headers."""
    with closing(HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}").get("__type", ""), answer.headers


HEADERS = {
    "X-Amz-Target": "SageMaker.ListModels",
    "X-Amz-Date": "20240101T000000Z",
    "Content-Type": "application/x-amz-json-1.1",
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20240101/us-west-2/sagemaker/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
}


@pytest.mark.parametrize(
    ("header", "value", "problem"),
    [
        ("Authorization", HEADERS["Authorization"].replace("/sagemaker/", "/s3/"), "signed for s3"),
        ("Authorization", "Bearer token", "not signed with AWS4-HMAC-SHA256"),
        ("X-Amz-Date", None, "not signed with AWS4-HMAC-SHA256"),
        ("Content-Type", "text/plain", "Content-Type is text/plain, not application/x-amz-json-1.1"),
    ],
)
def test_headers_that_botocore_would_not_send_are_refused(
    server: ModelServer, header: str, value: str | None, problem: str
) -> None:
    assert post(server, b"{}", HEADERS)[0] == 200
    wrong = {name: text for name, text in {**HEADERS, header: value}.items() if text is not None}
    assert post(server, b"{}", wrong)[:2] == (400, "ValidationException")
    assert server.problems == [f"ListModels: {problem}"]


def test_an_unknown_operation_is_refused(server: ModelServer) -> None:
    status, code, headers = post(server, b"{}", {"X-Amz-Target": "SageMaker.MakeCoffee"})
    assert (status, code) == (400, "UnknownOperationException")
    assert headers["x-amzn-RequestId"]
    assert server.problems == ["X-Amz-Target names no operation: SageMaker.MakeCoffee"]
    assert not server.requests


def test_the_check_finds_nothing_in_a_sample() -> None:
    for root in ROOTS:
        for value in (samples.fill(root), samples.minimal(root)):
            assert not list(wire_check.problems(root, samples.to_wire(root, value))), root


@pytest.mark.parametrize(
    ("shape", "body", "problem"),
    [
        ("StoppingCondition", {"MaxRuntimeInSeconds": True}, "MaxRuntimeInSeconds: integer expected, got bool"),
        ("StoppingCondition", {"MaxRuntimeInSeconds": 1.0}, "MaxRuntimeInSeconds: integer expected, got float"),
        ("StoppingCondition", {"MaxRuntimeInSeconds": None}, "MaxRuntimeInSeconds: integer expected, got NoneType"),
        ("TagList", [{"Key": "k", "Value": "v"}, {"Key": "k"}], "[1].Value: required and missing"),
        ("EnvironmentMap", {"k": 1}, "['k']: string expected, got int"),
        ("AutoMLProblemTypeConfig", {}, "body: a union with 0 members"),
        ("CreationTime", "2024-01-01", "body: timestamp expected, got str"),
    ],
)
def test_the_check_says_where_and_what(shape: str, body: Any, problem: str) -> None:
    assert list(wire_check.problems(MODEL.shape_for(shape), body)) == [problem]


# Programmed answers


def test_answers_are_queued_then_standing_then_drawn(server: ModelServer, client: Any) -> None:
    def status() -> str:
        return str(client.describe_endpoint(EndpointName="e")["EndpointStatus"])

    drawn = status()
    server.respond("DescribeEndpoint", {"EndpointStatus": "Failed"})
    server.respond("DescribeEndpoint", {"EndpointStatus": "Creating"}, times=2)
    server.respond("DescribeEndpoint", {"EndpointStatus": "Updating"}, times=1)
    assert [status() for _ in range(5)] == ["Creating", "Creating", "Updating", "Failed", "Failed"]
    server.respond("DescribeEndpoint", {"EndpointStatus": "InService"})
    assert status() == "InService"
    server.clear()
    assert status() == drawn


def test_an_answer_may_be_made_from_the_request(server: ModelServer, client: Any) -> None:
    server.respond("DescribeEndpoint", lambda request: {"EndpointName": request.body["EndpointName"]})
    assert client.describe_endpoint(EndpointName="mine")["EndpointName"] == "mine"


def test_an_answer_that_fails_is_a_problem(server: ModelServer, client: Any) -> None:
    server.respond("DescribeEndpoint", lambda request: {"EndpointName": request.body["Nonsense"]})
    with pytest.raises(ClientError, match="InternalFailure"):
        client.describe_endpoint(EndpointName="e")
    assert server.problems == ["DescribeEndpoint: the answer failed: KeyError('Nonsense')"]


def test_status_and_headers_of_an_answer(server: ModelServer, client: Any) -> None:
    server.respond("ListModels", {"Models": []}, status=202, headers={"X-Amzn-RequestId": "mine", "X-More": "yes"})
    metadata = client.list_models()["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RequestId"]) == (202, "mine")
    assert metadata["HTTPHeaders"]["x-more"] == "yes"


def test_an_altered_sample_leaves_the_sample_alone(server: ModelServer, client: Any) -> None:
    body = server.sample("ListModels")
    del body["NextToken"]
    server.respond("ListModels", body, times=1)
    body.clear()
    assert set(client.list_models()) == {"Models", "ResponseMetadata"}
    assert "NextToken" in client.list_models()


def test_request_ids_differ(client: Any) -> None:
    assert len({client.list_models()["ResponseMetadata"]["RequestId"] for _ in range(3)}) == 3


def test_an_error_stands_until_it_is_replaced(server: ModelServer, client: Any) -> None:
    server.respond_error("ListModels", "ThrottlingException", "slower", status=429)
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            client.list_models()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    server.respond("ListModels", {"Models": []})
    assert client.list_models()["Models"] == []


def test_a_client_made_here_retries_only_when_told_to(server: ModelServer, client: Any) -> None:
    server.respond_error("ListModels", "InternalFailure", "sorry", status=500, times=1)
    with pytest.raises(ClientError):
        client.list_models()
    assert len(server.requests) == 1


def test_a_dropped_connection(server: ModelServer, client: Any) -> None:
    server.drop("ListModels", times=2)
    for _ in range(2):
        with pytest.raises(ConnectionClosedError):
            client.list_models()
    assert client.list_models()["Models"]
    assert [request.operation for request in server.requests] == ["ListModels"] * 3


def test_programming_an_unknown_operation_is_an_error(server: ModelServer) -> None:
    with pytest.raises(ValueError, match="ListModel"):
        server.respond("ListModel", {})


def test_a_model_of_the_tests_own() -> None:
    description = create_loader().load_service_model("sagemaker", "service-2")
    without_input = {"name": "ListModels", "http": {"method": "POST", "requestUri": "/"}}
    with ModelServer(ServiceModel({**description, "operations": {"ListModels": without_input}})) as server:
        client = server.client()
        assert set(client.list_models()) == {"ResponseMetadata"}
        with pytest.raises(ClientError, match="takes none"):
            client.list_models(MaxResults=1)
        with pytest.raises(ClientError, match="UnknownOperationException"):
            client.list_endpoints()


# The life of the server


def test_connections_are_kept_and_used_by_many_threads(server: ModelServer) -> None:
    client = server.client(max_pool_connections=8)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.list_models()["Models"], range(64)))
    assert len(server.requests) == len(answers) == 64
    assert not server.problems


def test_no_thread_is_left_after_the_end() -> None:
    before = set(threading.enumerate())
    with ModelServer() as server:
        client = server.client()
        client.list_models()  # the client keeps its connection, and the server a thread for it
        assert len(set(threading.enumerate()) - before) == 2
    assert set(threading.enumerate()) <= before
    with pytest.raises(RuntimeError):
        _ = server.url


def test_no_socket_is_left_after_the_end() -> None:
    loopback = Loopback(lambda _headers, _body: Reply(b"here"))
    address = urlsplit(loopback.url).netloc
    with closing(HTTPConnection(address)) as kept:
        kept.request("POST", "/", b"")
        assert kept.getresponse().read() == b"here"
        loopback.close()
        assert kept.sock.recv(1) == b""
    with closing(HTTPConnection(address, timeout=1)) as late, pytest.raises(ConnectionRefusedError):
        late.connect()
    assert loopback is not None  # its listening socket was closed, not collected


def test_the_proxies_of_the_environment_are_left_out(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert server.client().list_models()["Models"]


def test_two_servers_do_not_know_each_other() -> None:
    with ModelServer() as one, ModelServer() as other:
        one.respond_error("ListModels", "ThrottlingException", "slower")
        assert other.client().list_models()["Models"]
        assert (len(one.requests), len(other.requests)) == (0, 1)


def test_botocore_still_checks_before_it_sends(server: ModelServer, client: Any) -> None:
    with pytest.raises(ParamValidationError):
        client.describe_endpoint(EndpointNam="e")
    assert not server.requests


def test_a_session_of_the_tests_own_is_told_apart(server: ModelServer) -> None:
    session = boto3.Session("AKIDOTHER", "not-a-secret", region_name="eu-west-1")
    session.client("sagemaker", endpoint_url=server.url).list_models()
    assert (server.requests[0].access_key, server.requests[0].region) == ("AKIDOTHER", "eu-west-1")

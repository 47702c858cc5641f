"""Endpoints answer: what boto3's runtime client sees of the weights, of a test's functions and of what goes wrong."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from sagemaker_typed.testing import ContainerError, Invocation, InvocationAnswer, LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import HandClock, error_of

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def runtime(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker-runtime", config=no_retries())


def deploy(sm: Any, name: str, weights: dict[str, float] | None = None, **config: Any) -> None:
    """An endpoint that is being created: its clock has to move before it serves."""
    container = config.pop("container", {"Image": "image"})
    sm.create_model(ModelName=f"{name}-model", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variants = [
        {
            "VariantName": variant,
            "ModelName": f"{name}-model",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }
        for variant, weight in (weights or {"AllTraffic": 1.0}).items()
    ]
    sm.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=variants, **config)
    sm.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")


def invoke(runtime: Any, **parameters: Any) -> dict[str, Any]:
    """The answer, with its body read: an unread one keeps its connection."""
    answer = runtime.invoke_endpoint(**{"Body": b"", **parameters})
    with answer["Body"] as body:
        return {**answer, "Body": body.read()}


@pytest.fixture
def endpoint(sm: Any, clock: HandClock) -> str:
    deploy(sm, "canary")
    clock.forward(1)
    return "canary"


def test_an_endpoint_that_does_not_serve_is_not_found(sm: Any, runtime: Any, clock: HandClock) -> None:
    expected = ("ValidationError", "Endpoint canary of account 123456789012 not found.", 400)
    assert error_of(runtime.invoke_endpoint, EndpointName="canary", Body=b"") == expected
    deploy(sm, "canary")
    assert error_of(runtime.invoke_endpoint, EndpointName="canary", Body=b"") == expected
    clock.forward(1)
    assert invoke(runtime, EndpointName="canary", Body=b"")["Body"] == b""


def test_the_default_is_an_echo(runtime: Any, endpoint: str) -> None:
    answer = invoke(runtime, EndpointName=endpoint, Body=b"\x00\xff", ContentType="application/x-npy")
    assert (answer["Body"], answer["ContentType"]) == (b"\x00\xff", "application/x-npy")
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_weights_share_the_calls(sm: Any, runtime: Any, clock: HandClock) -> None:
    deploy(sm, "ab", {"blue": 3, "green": 1, "off": 0})
    clock.forward(1)

    def asked() -> Counter[str]:
        return Counter(invoke(runtime, EndpointName="ab", Body=b"")["InvokedProductionVariant"] for _ in range(8))

    assert asked() == {"blue": 6, "green": 2}
    sm.update_endpoint_weights_and_capacities(
        EndpointName="ab",
        DesiredWeightsAndCapacities=[
            {"VariantName": "blue", "DesiredWeight": 0},
            {"VariantName": "green", "DesiredWeight": 1},
        ],
    )
    clock.forward(1)
    assert asked()["green"] >= 7


def test_a_target_variant_goes_before_the_weights(sm: Any, runtime: Any, clock: HandClock) -> None:
    deploy(sm, "ab", {"blue": 1, "green": 0})
    clock.forward(1)
    answer = invoke(runtime, EndpointName="ab", Body=b"", TargetVariant="green")
    assert answer["InvokedProductionVariant"] == "green"
    code, message, status = error_of(runtime.invoke_endpoint, EndpointName="ab", Body=b"", TargetVariant="red")
    assert (code, status) == ("ValidationError", 400)
    assert "red" in message


def test_a_function_sees_the_whole_request(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    seen: list[Invocation] = []

    def answer(invocation: Invocation) -> dict[str, Any]:
        seen.append(invocation)
        return {"doubled": [2 * number for number in invocation.json()]}

    local.answer("endpoint", "can*", answer)
    answered = invoke(
        runtime,
        EndpointName=endpoint,
        Body=json.dumps([1, 2]),
        ContentType="application/json",
        Accept="application/json",
        CustomAttributes="trace=7",
        InferenceId="i-7",
        TargetVariant="AllTraffic",
        TargetContainerHostname="second",
        SessionId="NEW_SESSION",
        EnableExplanations="`true`",
    )
    assert json.loads(answered["Body"]) == {"doubled": [2, 4]}
    assert answered["ContentType"] == "application/json"
    assert answered["NewSessionId"].partition("; ")[2].startswith("Expires=")
    assert seen == [
        Invocation(
            endpoint_name="canary",
            variant="AllTraffic",
            body=b"[1, 2]",
            content_type="application/json",
            accept="application/json",
            region="us-west-2",
            custom_attributes="trace=7",
            inference_id="i-7",
            target_variant="AllTraffic",
            target_container_hostname="second",
            session_id="NEW_SESSION",
            enable_explanations="`true`",
        )
    ]
    assert seen[0].text == "[1, 2]"


@pytest.mark.parametrize(
    ("answer", "body", "content_type"),
    [
        (b"\x01", b"\x01", "application/octet-stream"),
        ("é", "é".encode(), "text/plain"),
        ({"a": 1}, b'{"a": 1}', "application/json"),
        ([1, 2], b"[1, 2]", "application/json"),
        (None, b"", "application/octet-stream"),
        (InvocationAnswer("1,2", "text/csv"), b"1,2", "text/csv"),
    ],
)
def test_what_a_function_may_return(
    local: LocalSageMaker, runtime: Any, endpoint: str, answer: Any, body: bytes, content_type: str
) -> None:
    local.answer("endpoint", "*", lambda _: answer)
    answered = invoke(runtime, EndpointName=endpoint, Body=b"")
    assert (answered["Body"], answered["ContentType"]) == (body, content_type)


def test_custom_attributes_come_back(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    local.answer("endpoint", "*", lambda _: InvocationAnswer(b"", custom_attributes="cost=3"))
    assert invoke(runtime, EndpointName=endpoint, Body=b"")["CustomAttributes"] == "cost=3"
    local.answer("endpoint", "*", lambda _: InvocationAnswer(b"", custom_attributes="a\r\nX-Injected: 1"))
    code, message, status = error_of(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"")
    assert (code, status) == ("ModelError", 424)
    assert "printable ASCII" in message


@pytest.mark.parametrize(("status", "whose"), [(400, "client"), (503, "server")])
def test_a_container_that_refuses_is_a_model_error(
    local: LocalSageMaker, runtime: Any, endpoint: str, status: int, whose: str
) -> None:
    def refuse(_: Invocation) -> bytes:
        raise ContainerError("no such column", status)

    local.answer("endpoint", "*", refuse)
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        invoke(runtime, EndpointName=endpoint, Body=b"")
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (answer["OriginalStatusCode"], answer["OriginalMessage"]) == (status, "no such column")
    assert answer["LogStreamArn"] == "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/Endpoints/canary"
    said = f'Received {whose} error ({status}) from primary with message "no such column".'
    assert answer["Error"]["Message"].startswith(said)


def test_a_function_that_breaks_is_a_model_error_and_stands_in_the_log(
    local: LocalSageMaker, runtime: Any, endpoint: str
) -> None:
    local.answer("endpoint", "*", lambda invocation: {"x": invocation.json()["absent"]})
    code, message, _ = error_of(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"{}")
    assert code == "ModelError"
    assert "KeyError: 'absent'" in message
    logs = local.boto3_client("logs")
    events = logs.filter_log_events(logGroupName="/aws/sagemaker/Endpoints/canary")["events"]
    assert any("KeyError: 'absent'" in event["message"] for event in events)


def test_a_function_may_call_back(local: LocalSageMaker, sm: Any, runtime: Any, endpoint: str) -> None:
    local.answer(
        "endpoint",
        "*",
        lambda invocation: sm.describe_endpoint(EndpointName=invocation.endpoint_name)["EndpointStatus"],
    )
    assert invoke(runtime, EndpointName=endpoint, Body=b"")["Body"] == b"InService"


def test_the_latest_answer_wins_and_a_reset_forgets_it(
    local: LocalSageMaker, sm: Any, runtime: Any, endpoint: str, clock: HandClock
) -> None:
    local.answer("endpoint", "*", lambda _: b"first")
    local.answer("endpoint", "canary", lambda _: b"second")
    local.answer("endpoint", "other", lambda _: b"third")
    assert invoke(runtime, EndpointName=endpoint, Body=b"x")["Body"] == b"second"
    local.reset()
    deploy(sm, "canary")
    clock.forward(1)
    assert invoke(runtime, EndpointName=endpoint, Body=b"x")["Body"] == b"x"


def test_misuse_of_answer(local: LocalSageMaker) -> None:
    with pytest.raises(ValueError, match="'training_job' answers no invocations"):
        local.answer("training_job", "*", lambda _: b"")
    with pytest.raises(ValueError, match="a function that takes the invocation"):
        local.answer("endpoint", "*", b"fixed")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="between 400 and 599"):
        ContainerError("fine", 200)


# --- streams -------------------------------------------------------------------------------------------------------------


def parts_of(answer: Any) -> list[bytes]:
    return [event["PayloadPart"]["Bytes"] for event in answer["Body"]]


def test_a_stream_arrives_in_its_parts(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    parts: list[bytes | str] = ["Hel", b"lo ", "", "wörld"]
    local.answer("endpoint", "*", lambda _: InvocationAnswer(iter(parts), "text/plain"))
    answer = runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"hi", Accept="text/plain")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/plain", "AllTraffic")
    assert parts_of(answer) == [b"Hel", b"lo ", b"", "wörld".encode()]


def test_a_stream_of_an_echo_is_one_part(runtime: Any, endpoint: str) -> None:
    big = bytes(range(256)) * 2000
    assert parts_of(runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=big)) == [big]


def test_a_stream_that_breaks(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    def answer(_: Invocation) -> Iterator[bytes]:
        yield b"one"
        raise ContainerError("out of memory", 507)

    local.answer("endpoint", "*", answer)
    with closing(runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"")["Body"]) as body:
        stream = iter(body)
        assert next(stream)["PayloadPart"]["Bytes"] == b"one"
        with pytest.raises(EventStreamError, match=r"ModelStreamError.*Received server error \(507\)"):
            next(stream)


def test_a_stream_that_never_begins_is_a_model_error(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    def answer(_: Invocation) -> Iterator[bytes]:
        raise ContainerError("busy", 429)
        yield b""

    local.answer("endpoint", "*", answer)
    code, _, status = error_of(runtime.invoke_endpoint_with_response_stream, EndpointName=endpoint, Body=b"")
    assert (code, status) == ("ModelError", 424)


def test_parts_go_out_as_they_are_made(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    was_read = threading.Event()

    def answer(_: Invocation) -> Iterator[bytes]:
        yield b"one"
        yield b"two" if was_read.wait(30) else b"nobody has read the first part"

    local.answer("endpoint", "*", answer)
    read: list[bytes] = []
    for event in runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"")["Body"]:
        read.append(event["PayloadPart"]["Bytes"])
        was_read.set()
    assert read == [b"one", b"two"]


# --- asynchronous --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(sm: Any, s3: Any, clock: HandClock) -> str:
    deploy(
        sm,
        "slow",
        AsyncInferenceConfig={
            "OutputConfig": {"S3OutputPath": "s3://models/answers", "S3FailurePath": "s3://models/failures"}
        },
    )
    clock.forward(1)
    return "slow"


def read_s3(s3: Any, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def test_an_asynchronous_answer_is_in_s3(local: LocalSageMaker, runtime: Any, s3: Any, waiting: str) -> None:
    local.answer("endpoint", "slow", lambda invocation: invocation.body.upper())
    answer = runtime.invoke_endpoint_async(
        EndpointName=waiting, InputLocation="s3://models/in/resnet.tar.gz", InferenceId="mine"
    )
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["InferenceId"]) == (202, "mine")
    assert answer["OutputLocation"].startswith("s3://models/answers/")
    assert answer["FailureLocation"].startswith("s3://models/failures/")
    assert read_s3(s3, answer["OutputLocation"]) == b"WEIGHTS"


def test_each_asynchronous_answer_has_its_own_place(runtime: Any, waiting: str) -> None:
    answers = [
        runtime.invoke_endpoint_async(EndpointName=waiting, InputLocation="s3://models/in/resnet.tar.gz")
        for _ in range(2)
    ]
    assert (
        len({answer["OutputLocation"] for answer in answers}) == len({answer["InferenceId"] for answer in answers}) == 2
    )


def test_an_asynchronous_failure_is_in_s3(local: LocalSageMaker, runtime: Any, s3: Any, waiting: str) -> None:
    def refuse(_: Invocation) -> bytes:
        raise ContainerError("too long", 400)

    local.answer("endpoint", "slow", refuse)
    answer = runtime.invoke_endpoint_async(EndpointName=waiting, InputLocation="s3://models/in/resnet.tar.gz")
    assert b"too long" in read_s3(s3, answer["FailureLocation"])
    with pytest.raises(s3.exceptions.NoSuchKey):
        read_s3(s3, answer["OutputLocation"])
    answer = runtime.invoke_endpoint_async(EndpointName=waiting, InputLocation="s3://models/in/absent")
    assert b"s3://models/in/absent" in read_s3(s3, answer["FailureLocation"])


def test_each_kind_of_endpoint_has_its_operation(runtime: Any, endpoint: str, waiting: str) -> None:
    for call in (
        lambda: invoke(runtime, EndpointName=waiting, Body=b""),
        lambda: runtime.invoke_endpoint_with_response_stream(EndpointName=waiting, Body=b""),
        lambda: runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://models/in/resnet.tar.gz"),
    ):
        code, message, status = error_of(call)
        assert (code, status) == ("ValidationError", 400)
        assert "asynchronous" in message


# --- many models, bounds, faults -----------------------------------------------------------------------------------------


def test_an_endpoint_of_many_models(sm: Any, runtime: Any, s3: Any, clock: HandClock) -> None:
    container = {"Image": "image", "Mode": "MultiModel", "ModelDataUrl": "s3://models/in/"}
    deploy(sm, "many", container=container)
    clock.forward(1)
    answer = invoke(runtime, EndpointName="many", Body=b"x", TargetModel="resnet.tar.gz")
    assert answer["Body"] == b"x"
    code, message, _ = error_of(runtime.invoke_endpoint, EndpointName="many", Body=b"", TargetModel="absent.tar.gz")
    assert code == "ValidationError"
    assert "bucket: models, key: in/absent.tar.gz" in message
    assert error_of(runtime.invoke_endpoint, EndpointName="many", Body=b"")[0] == "ValidationError"


def test_one_model_takes_no_target(runtime: Any, endpoint: str) -> None:
    assert error_of(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"", TargetModel="m")[0] == "ValidationError"


def test_a_body_that_is_too_long(runtime: Any, endpoint: str) -> None:
    most = runtime.meta.service_model.shape_for("BodyBlob").metadata["max"]
    code, message, status = error_of(runtime.invoke_endpoint, EndpointName=endpoint, Body=bytes(most + 1))
    assert (code, status) == ("ValidationError", 400)
    assert str(most) in message


def test_invocations_are_counted_and_made_to_fail(local: LocalSageMaker, runtime: Any, endpoint: str) -> None:
    local.fail_next("InvokeEndpoint", "ModelNotReadyException")
    code, _, status = error_of(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"")
    assert (code, status) == ("ModelNotReadyException", 429)
    invoke(runtime, EndpointName=endpoint, Body=b"")
    assert local.calls["InvokeEndpoint"] == 2
    with pytest.raises(ValueError, match="did you mean 'InvokeEndpoint"):
        local.fail_next("InvokeEndpiont", "ModelError")


def test_a_path_that_means_nothing(local: LocalSageMaker, runtime: Any) -> None:
    def elsewhere(request: Any, **_: Any) -> None:
        request.url = request.url.replace("/invocations", "/nothing")

    runtime.meta.events.register("before-sign.sagemaker-runtime.InvokeEndpoint", elsewhere)
    with pytest.raises(ClientError, match="no POST /endpoints/e/nothing"):
        invoke(runtime, EndpointName="e", Body=b"")


# --- inference components ------------------------------------------------------------------------------------------------


def test_an_endpoint_of_inference_components(local: LocalSageMaker, sm: Any, runtime: Any, clock: HandClock) -> None:
    variant = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sm.create_endpoint_config(EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    sm.create_endpoint(EndpointName="shared", EndpointConfigName="c")
    sm.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    clock.forward(1)
    code, message, _ = error_of(runtime.invoke_endpoint, EndpointName="shared", Body=b"")
    assert code == "ValidationError"
    assert message.startswith("Inference Component Name header is required")
    named = {"EndpointName": "shared", "InferenceComponentName": "llm"}
    sm.create_inference_component(
        **named,
        VariantName="v",
        Specification={
            "ModelName": "m",
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128, "NumberOfCpuCoresRequired": 1},
        },
        RuntimeConfig={"CopyCount": 1},
    )
    assert error_of(runtime.invoke_endpoint, Body=b"", **named)[0] == "ValidationError"
    clock.forward(5)
    local.answer("endpoint", "shared", lambda _: b"endpoint")
    local.answer("inference_component", "llm", lambda invocation: invocation.inference_component_name)
    answer = invoke(runtime, **named)
    assert (answer["Body"], answer["InvokedProductionVariant"]) == (b"llm", "v")
    groups = {group["logGroupName"] for group in local.boto3_client("logs").describe_log_groups()["logGroups"]}
    assert "/aws/sagemaker/InferenceComponents/llm" in groups

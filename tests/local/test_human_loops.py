"""Human loops: started on a flow definition, on the local clock, with an output in S3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import HandClock, error_of

ROLE = "arn:aws:iam::123456789012:role/r"
ARN = "arn:aws:sagemaker:us-west-2:123456789012"


@pytest.fixture
def a2i(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker-a2i-runtime", config=no_retries())


@pytest.fixture
def flow(sm: Any, clock: HandClock) -> str:
    arn: str = sm.create_flow_definition(
        FlowDefinitionName="review",
        HumanLoopConfig={
            "WorkteamArn": f"{ARN}:workteam/private-crowd/w",
            "HumanTaskUiArn": f"{ARN}:human-task-ui/u",
            "TaskTitle": "t",
            "TaskDescription": "d",
            "TaskCount": 1,
        },
        OutputConfig={"S3OutputPath": "s3://models/reviews"},
        RoleArn=ROLE,
    )["FlowDefinitionArn"]
    clock.forward(1)
    return arn


def start(a2i: Any, flow: str, name: str, content: Any = None) -> str:
    arn: str = a2i.start_human_loop(
        HumanLoopName=name,
        FlowDefinitionArn=flow,
        HumanLoopInput={"InputContent": json.dumps({"n": 1} if content is None else content)},
    )["HumanLoopArn"]
    return arn


def test_a_loop_is_completed_in_time(a2i: Any, s3: Any, flow: str, clock: HandClock) -> None:
    arn = start(a2i, flow, "one")
    assert arn == f"{ARN}:human-loop/one"
    loop = a2i.describe_human_loop(HumanLoopName="one")
    assert (loop["HumanLoopStatus"], loop["FlowDefinitionArn"]) == ("InProgress", flow)
    assert loop["CreationTime"].tzinfo is not None
    assert "HumanLoopOutput" not in loop
    clock.forward(1)
    loop = a2i.describe_human_loop(HumanLoopName="one")
    assert loop["HumanLoopStatus"] == "Completed"
    bucket, _, key = loop["HumanLoopOutput"]["OutputS3Uri"].removeprefix("s3://").partition("/")
    assert key.startswith("reviews/review/")
    output = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    assert (output["humanLoopName"], output["inputContent"]) == ("one", {"n": 1})
    assert output["flowDefinitionArn"] == flow


def test_a_loop_follows_its_script(local: LocalSageMaker, a2i: Any, flow: str) -> None:
    local.script("human_loop", "bad-*", ["InProgress", ("Failed", "nobody came")], manual=True)
    start(a2i, flow, "bad-one")
    local.advance("human_loop", "bad-one")
    loop = a2i.describe_human_loop(HumanLoopName="bad-one")
    assert (loop["HumanLoopStatus"], loop["FailureReason"]) == ("Failed", "nobody came")
    with pytest.raises(ValueError, match="did you mean 'Completed'"):
        local.script("human_loop", "*", ["Complete"])


def test_a_loop_is_stopped(a2i: Any, flow: str, clock: HandClock) -> None:
    start(a2i, flow, "one")
    a2i.stop_human_loop(HumanLoopName="one")
    assert a2i.describe_human_loop(HumanLoopName="one")["HumanLoopStatus"] == "Stopping"
    clock.forward(1)
    assert a2i.describe_human_loop(HumanLoopName="one")["HumanLoopStatus"] == "Stopped"
    assert error_of(a2i.stop_human_loop, HumanLoopName="one")[0] == "ValidationException"


def test_a_loop_is_deleted(a2i: Any, flow: str) -> None:
    start(a2i, flow, "one")
    a2i.delete_human_loop(HumanLoopName="one")
    for call in (a2i.describe_human_loop, a2i.delete_human_loop, a2i.stop_human_loop):
        code, message, status = error_of(call, HumanLoopName="one")
        assert (code, status) == ("ResourceNotFoundException", 404)
        assert "one" in message


def test_loops_are_listed(a2i: Any, flow: str, clock: HandClock) -> None:
    moments: list[Any] = []
    for name in ("a", "b", "c"):
        start(a2i, flow, name)
        moments.append(a2i.describe_human_loop(HumanLoopName=name)["CreationTime"])
        clock.forward(10)

    def listed(**parameters: Any) -> list[str]:
        pages = a2i.get_paginator("list_human_loops").paginate(FlowDefinitionArn=flow, **parameters)
        return [loop["HumanLoopName"] for page in pages for loop in page["HumanLoopSummaries"]]

    assert listed(PaginationConfig={"PageSize": 1}) == ["c", "b", "a"]
    assert listed(SortOrder="Ascending") == ["a", "b", "c"]
    assert listed(CreationTimeAfter=moments[1], SortOrder="Ascending") == ["b", "c"]
    assert listed(CreationTimeBefore=moments[1]) == ["a"]
    assert a2i.list_human_loops(FlowDefinitionArn=flow[:-1])["HumanLoopSummaries"] == []


def test_what_is_refused(a2i: Any, flow: str) -> None:
    start(a2i, flow, "one")
    given = {"FlowDefinitionArn": flow, "HumanLoopInput": {"InputContent": "{}"}}
    assert error_of(a2i.start_human_loop, HumanLoopName="one", **given)[::2] == ("ConflictException", 409)
    for changes in (
        {"FlowDefinitionArn": f"{flow}-absent"},
        {"HumanLoopInput": {"InputContent": "no JSON"}},
        {"HumanLoopInput": {"InputContent": "[1]"}},
        {"HumanLoopName": "Upper"},
    ):
        code, _, status = error_of(a2i.start_human_loop, **{"HumanLoopName": "two", **given, **changes})
        assert (code, status) == ("ValidationException", 400)

"""The members that the overlay says are in every answer are in every answer of the embedded service and of moto."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import from_boto3, to_boto3, types
from sagemaker_typed.structure import members_of
from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import service_model
from tests.local.every import OPERATIONS, Wire, drawn, groundwork
from tests.local.support import HandClock

ALWAYS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parents[2] / "sagemaker_typed/codegen/overlay/optional.toml").read_text(encoding="utf-8")
)["always"]


def shapes_in(shape: Any) -> Iterator[tuple[str, Any]]:
    """The shapes of the list that an answer has, as it is written: themselves, or as items of one of its lists."""
    if shape.name in ALWAYS:
        yield "", shape
    for name, member in shape.members.items():
        if member.type_name == "list" and member.member.name in ALWAYS:
            yield name, member.member


ANSWERS = [
    operation
    for operation in OPERATIONS
    if (shape := service_model().operation_model(operation).output_shape) is not None and any(shapes_in(shape))
]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with LocalSageMaker(strict=True, clock=HandClock(), every=1) as local:
        connection = Wire(local)
        yield connection
        connection.close()


def test_each_shape_of_the_list_is_in_an_answer() -> None:
    found = {
        shape.name
        for operation in ANSWERS
        for _, shape in shapes_in(service_model().operation_model(operation).output_shape)
    }
    assert found == set(ALWAYS)


@pytest.mark.surface
@pytest.mark.parametrize("operation", ANSWERS)
def test_they_are_in_every_answer(wire: Wire, operation: str) -> None:
    wire.local.reset()
    for creation in groundwork(operation):
        for request, region in drawn(creation):
            wire.send(creation, request, region)
    output = service_model().operation_model(operation).output_shape
    for request, region in drawn(operation):
        status, _, body = wire.send(operation, request, region)
        if status != 200:
            continue
        assert missing(output, json.loads(body))[1] == []


def missing(output: Any, answer: dict[str, Any]) -> tuple[set[str], list[str]]:
    """The shapes of the list that an answer has, and what they lack."""
    seen: set[str] = set()
    lacks: list[str] = []
    for name, shape in shapes_in(output):
        for item in answer.get(name, []) if name else [answer]:
            seen.add(shape.name)
            lacks += [f"{shape.name}.{member}" for member in ALWAYS[shape.name] if item.get(member) in (None, "")]
    return seen, lacks


DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "on purpose"}}],
    }
)
ROLE = "arn:aws:iam::123456789012:role/SageMaker"
STEPS: list[tuple[str, dict[str, Any]]] = [
    (
        "CreatePipeline",
        {"PipelineName": "p", "PipelineDefinition": DEFINITION, "RoleArn": ROLE, "ClientRequestToken": "t" * 32},
    ),
    ("DescribePipeline", {"PipelineName": "p"}),
    ("ListPipelines", {}),
    ("StartPipelineExecution", {"PipelineName": "p", "ClientRequestToken": "t" * 32}),
    ("DescribePipelineExecution", {"PipelineExecutionArn": "StartPipelineExecution.PipelineExecutionArn"}),
    ("ListPipelineExecutions", {"PipelineName": "p"}),
    ("ListPipelineExecutionSteps", {"PipelineExecutionArn": "StartPipelineExecution.PipelineExecutionArn"}),
    ("UpdatePipelineExecution", {"PipelineExecutionArn": "StartPipelineExecution.PipelineExecutionArn"}),
    (
        "CreateDomain",
        {
            "DomainName": "d",
            "AuthMode": "IAM",
            "DefaultUserSettings": {"ExecutionRole": ROLE},
            "SubnetIds": ["s-1"],
            "VpcId": "v-1",
        },
    ),
    ("DescribeDomain", {"DomainId": "CreateDomain.DomainId"}),
    ("ListDomains", {}),
    ("CreateUserProfile", {"DomainId": "CreateDomain.DomainId", "UserProfileName": "ann"}),
    ("DescribeUserProfile", {"DomainId": "CreateDomain.DomainId", "UserProfileName": "ann"}),
    ("ListUserProfiles", {}),
    (
        "CreateSpace",
        {
            "DomainId": "CreateDomain.DomainId",
            "SpaceName": "s",
            "OwnershipSettings": {"OwnerUserProfileName": "ann"},
            "SpaceSharingSettings": {"SharingType": "Private"},
        },
    ),
    ("DescribeSpace", {"DomainId": "CreateDomain.DomainId", "SpaceName": "s"}),
    ("ListSpaces", {}),
    (
        "CreateApp",
        {
            "DomainId": "CreateDomain.DomainId",
            "UserProfileName": "ann",
            "AppType": "JupyterServer",
            "AppName": "default",
        },
    ),
    (
        "DescribeApp",
        {
            "DomainId": "CreateDomain.DomainId",
            "UserProfileName": "ann",
            "AppType": "JupyterServer",
            "AppName": "default",
        },
    ),
    ("ListApps", {}),
    ("CreateTrialComponent", {"TrialComponentName": "c"}),
    ("DescribeTrialComponent", {"TrialComponentName": "c"}),
    ("CreateAction", {"ActionName": "a", "ActionType": "Deploy", "Source": {"SourceUri": "s3://b/k"}}),
    ("DescribeAction", {"ActionName": "a"}),
    ("CreateContext", {"ContextName": "c", "ContextType": "Model", "Source": {"SourceUri": "s3://b/k"}}),
    ("DescribeContext", {"ContextName": "c"}),
    ("CreateArtifact", {"ArtifactType": "Data", "Source": {"SourceUri": "s3://b/k"}}),
    ("DescribeArtifact", {"ArtifactArn": "CreateArtifact.ArtifactArn"}),
    ("AddAssociation", {"SourceArn": "CreateArtifact.ArtifactArn", "DestinationArn": "CreateAction.ActionArn"}),
    ("ListAssociations", {"SourceArn": "CreateArtifact.ArtifactArn"}),
]
"""Requests that build on each other: "CreateDomain.DomainId" is what that operation has answered."""


def test_they_are_in_the_answers_of_resources_that_build_on_each_other(wire: Wire) -> None:
    wire.local.reset()
    answers: dict[str, dict[str, Any]] = {}
    found: set[str] = set()
    for operation, request in STEPS:
        body: dict[str, Any] = {}
        for name, value in request.items():
            origin, _, member = value.partition(".") if isinstance(value, str) else ("", "", "")
            body[name] = answers[origin][member] if origin in answers else value
        status, _, answer = wire.send(operation, body)
        assert status == 200, (operation, answer)
        answers[operation] = json.loads(answer)
        seen, lacks = missing(service_model().operation_model(operation).output_shape, answers[operation])
        found |= seen
        assert lacks == [], operation
    assert len(found) == 28


@pytest.mark.parametrize("shape", ALWAYS)
def test_one_that_is_missing_all_the_same_is_none(shape: str) -> None:
    cls = getattr(types, shape)
    found = from_boto3(cls, {})
    assert all(getattr(found, member.field) is None for member in members_of(cls))
    assert to_boto3(found) == {}
    assert not [member.wire for member in members_of(cls) if member.required and member.wire in ALWAYS[shape]]

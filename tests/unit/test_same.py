"""The settings of a request beside those of what is there: each member that both have, and never a secret."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sagemaker_typed import errors, from_boto3, to_boto3
from sagemaker_typed._waiting.same import differences
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.structure import members_of, operation_of
from sagemaker_typed.types._service import SERVICE
from tests.contract.model import input_shape, output_shape, request_class
from tests.support import samples

CREATIONS = sorted(name for name, run in RUNS.items() if not run.starts)


def described(name: str) -> Any:
    return SERVICE.types.find(operation_of(SERVICE.types.find(RUNS[name].describe)).output or "")


def common(name: str) -> dict[str, Any]:
    """A full request in boto3's form, and the shape of what its description says of the same members."""
    body = samples.fill(input_shape(name))
    said = output_shape(operation_of(SERVICE.types.find(RUNS[name].describe)).name)
    return {key: value for key, value in body.items() if key in said.members}


@pytest.mark.surface
@pytest.mark.parametrize("name", CREATIONS)
def test_what_a_description_repeats_is_no_difference(name: str) -> None:
    request = from_boto3(request_class(name), samples.fill(input_shape(name)))
    echo = from_boto3(described(name), {key: value for key, value in common(name).items() if key != "Tags"})
    assert [each for each in differences(request, echo) if _comparable(name, each.path)] == []


@pytest.mark.surface
@pytest.mark.parametrize("name", CREATIONS)
def test_what_a_description_lacks_is_a_difference_each(name: str) -> None:
    request: Any = from_boto3(request_class(name), samples.fill(input_shape(name)))
    empty = from_boto3(described(name), {})
    fields = {member.field for member in members_of(described(name))}
    tokens = {member.field for member in members_of(type(request)) if member.token}
    wanted = {
        member.field
        for member in members_of(type(request))
        if member.field in fields - tokens - {"tags"} and getattr(request, member.field) not in (None, False, "")
    }
    assert {each.path for each in differences(request, empty)} == wanted


def _comparable(name: str, path: str) -> bool:
    """Whether both shapes of a member are the same; a summary may lack some."""
    wire = {member.field: member.wire for member in members_of(request_class(name))}[path.split(".")[0].split("[")[0]]
    said = output_shape(operation_of(SERVICE.types.find(RUNS[name].describe)).name)
    return bool(input_shape(name).members[wire].name == said.members[wire].name)


TRAINING: dict[str, Any] = {
    "TrainingJobName": "a",
    "RoleArn": "arn:aws:iam::123456789012:role/r",
    "Environment": {"TOKEN": "hush-hush", "MODE": "fast"},
    "HyperParameters": {"lr": "0.1"},
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://a"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 10},
    "VpcConfig": {"Subnets": ["s-1", "s-2"], "SecurityGroupIds": ["g"]},
    "EnableNetworkIsolation": False,
}


def compared(**found: Any) -> list[str]:
    request = from_boto3(request_class("CreateTrainingJob"), TRAINING)
    said = {**copy.deepcopy(TRAINING), **found}
    said = {key: value for key, value in said.items() if value is not None}
    return [str(each) for each in differences(request, from_boto3(described("CreateTrainingJob"), said))]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, []),
        ({"EnableNetworkIsolation": None, "EnableInterContainerTrafficEncryption": False}, []),
        ({"VpcConfig": {"Subnets": ["s-2", "s-1"], "SecurityGroupIds": ["g"]}}, []),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10}},
            ["resource_config.instance_type: requested 'ml.m5.large', found 'ml.m5.xlarge'"],
        ),
        ({"ResourceConfig": {**TRAINING["ResourceConfig"], "KeepAlivePeriodInSeconds": 0}}, []),
        ({"EnableNetworkIsolation": True}, ["enable_network_isolation: requested False, found True"]),
        (
            {"VpcConfig": {"Subnets": ["s-1"], "SecurityGroupIds": ["g"]}},
            ["vpc_config.subnets: requested 2 items, found 1 items"],
        ),
        (
            {"Environment": {"TOKEN": "another-one", "MODE": "fast", "NEW": "new-value"}},
            [
                "environment['TOKEN']: requested ***, found ***",
                "environment['NEW']: requested nothing, found ***",
            ],
        ),
        ({"HyperParameters": None}, ["hyper_parameters: requested ***, found nothing"]),
    ],
)  # fmt: skip
def test_each_difference_is_a_line(found: dict[str, Any], said: list[str]) -> None:
    assert compared(**found) == said


def test_json_texts_are_compared_by_what_they_mean() -> None:
    request = from_boto3(request_class("CreatePipeline"), {"PipelineName": "p", "PipelineDefinition": '{"a": 1}'})
    same = from_boto3(described("CreatePipeline"), {"PipelineName": "p", "PipelineDefinition": '{ "a":1 }'})
    other = from_boto3(described("CreatePipeline"), {"PipelineName": "p", "PipelineDefinition": '{"a": 2}'})
    assert differences(request, same) == ()
    assert [each.path for each in differences(request, other)] == ["pipeline_definition"]


def test_no_secret_is_in_the_error() -> None:
    request = from_boto3(request_class("CreateTrainingJob"), TRAINING)
    said = {**to_boto3(request), "Environment": {"TOKEN": "another-one"}, "HyperParameters": {"lr": "0.25"}}
    found = from_boto3(described("CreateTrainingJob"), said)
    error = errors.ResourceDiffersError("training job", "a", differences(request, found), found)
    for text in (str(error), repr(error), repr(error.differences)):
        assert not any(secret in text for secret in ("hush-hush", "another-one", "0.1'", "0.25"))


def test_a_value_of_another_kind_is_a_difference() -> None:
    request = from_boto3(request_class("CreateTransformJob"), samples.fill(input_shape("CreateTransformJob")))
    for other in ("a text", 3, ["a list"], {"a": "mapping"}):
        echo: Any = from_boto3(described("CreateTransformJob"), common("CreateTransformJob"))
        echo.transform_resources = other
        assert [each.path for each in differences(request, echo)] == ["transform_resources"]
    echo = from_boto3(described("CreateTransformJob"), common("CreateTransformJob"))
    echo.environment = echo.transform_resources
    assert [each.path for each in differences(request, echo)] == ["environment"]

"""The settings of a request beside those of what is there: each member that both have, and never a secret."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
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


def changed(name: str, wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    request, said = from_boto3(request_class(name), wanted), from_boto3(described(name), found)
    return [str(each) for each in differences(request, said)]


SCHEDULED = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("milliseconds", [-1500, -1000, -999, -1, 0, 1, 999, 1000, 1500])
def test_a_time_differs_from_one_second_on(milliseconds: int) -> None:
    other = SCHEDULED + timedelta(milliseconds=milliseconds)
    experiment = {"Name": "e", "Schedule": {"StartTime": SCHEDULED}}
    found = changed("CreateInferenceExperiment", experiment, {"Name": "e", "Schedule": {"StartTime": other}})
    lines = [f"schedule.start_time: requested {SCHEDULED!r}, found {other!r}"]
    assert found == (lines if abs(milliseconds) >= 1000 else [])


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_time_differs_from_a_text(is_wanted: bool) -> None:
    """A request that was built without checks, or an answer of a newer model, may hold a text."""
    experiment = {"Name": "e", "Schedule": {"StartTime": SCHEDULED}}
    request: Any = from_boto3(request_class("CreateInferenceExperiment"), experiment)
    said: Any = from_boto3(described("CreateInferenceExperiment"), experiment)
    (request if is_wanted else said).schedule.start_time = SCHEDULED.isoformat()
    assert [each.path for each in differences(request, said)] == ["schedule.start_time"]


@pytest.mark.parametrize("member", ["Subnets", "SecurityGroupIds"])
def test_subnets_and_security_groups_have_no_order(member: str) -> None:
    config = {"Subnets": ["a", "b"], "SecurityGroupIds": ["a", "b"]}
    assert changed("CreateCluster", {"VpcConfig": config}, {"VpcConfig": {**config, member: ["b", "a"]}}) == []
    path = {"Subnets": "subnets", "SecurityGroupIds": "security_group_ids"}[member]
    other = changed("CreateCluster", {"VpcConfig": config}, {"VpcConfig": {**config, member: ["c", "a"]}})
    assert other == [f"vpc_config.{path}[1]: requested 'b', found 'c'"]


def test_the_subnets_of_a_domain_have_no_order() -> None:
    assert changed("CreateDomain", {"SubnetIds": ["a", "b"]}, {"SubnetIds": ["b", "a"]}) == []


def test_other_lists_have_an_order() -> None:
    wanted = {"AlgorithmSpecification": {"TrainingInputMode": "File", "ContainerArguments": ["a", "b"]}}
    found = {"AlgorithmSpecification": {"TrainingInputMode": "File", "ContainerArguments": ["b", "a"]}}
    assert changed("CreateTrainingJob", wanted, found) == [
        "algorithm_specification.container_arguments[0]: requested ***, found ***",
        "algorithm_specification.container_arguments[1]: requested ***, found ***",
    ]


@pytest.mark.parametrize(
    ("definition", "other", "same"),
    [
        ('{"a": 1}', '{"a":1.0}', True),
        ('["a"]', '[ "a" ]', True),
        ("[1", "[ 1", False),
        ("1", "1.0", False),  # a text that happens to be a number
        (' {"a": 1}', '{"a": 1}', False),
        ("", "x", False),
    ],
)
def test_a_text_is_taken_for_json_where_it_begins_as_an_object_or_a_list(
    definition: str, other: str, same: bool
) -> None:
    found = changed("CreatePipeline", {"PipelineDefinition": definition}, {"PipelineDefinition": other})
    assert found == ([] if same else ["pipeline_definition: requested ***, found ***"])


@pytest.mark.parametrize(("other", "same"), [('{"a":1}', True), ('{"a": 2}', False), ('{"a": ', False)])
def test_a_member_that_the_model_calls_json_is_compared_as_json_whatever_it_begins_with(other: str, same: bool) -> None:
    """`HumanLoopActivationConditions` has the trait `jsonvalue` in botocore's model."""

    def conditions(text: str) -> dict[str, Any]:
        inner = {"HumanLoopActivationConditions": text}
        return {"HumanLoopActivationConfig": {"HumanLoopActivationConditionsConfig": inner}}

    found = changed("CreateFlowDefinition", conditions('\n{"a": 1}'), conditions(other))
    assert len(found) == (not same)


def test_a_json_text_differs_from_what_is_no_text() -> None:
    request = from_boto3(request_class("CreatePipeline"), {"PipelineName": "p", "PipelineDefinition": '{"a": 1}'})
    said: Any = from_boto3(described("CreatePipeline"), {"PipelineName": "p"})
    said.pipeline_definition = 1
    (found,) = differences(request, said)
    assert found.path == "pipeline_definition"


def test_the_values_of_a_map_are_texts_and_no_json() -> None:
    wanted, found = {"Environment": {"N": "1", "M": "1"}}, {"Environment": {"N": "1.0", "M": "1"}}
    assert changed("CreateTransformJob", wanted, found) == ["environment['N']: requested ***, found ***"]


def test_a_structure_that_is_missing_is_shown_whole_up_to_a_length() -> None:
    request = from_boto3(request_class("CreateTrainingJob"), {"OutputDataConfig": {"S3OutputPath": "s3://a"}})
    said = from_boto3(described("CreateTrainingJob"), {})
    (found,) = differences(request, said)
    output: Any = request
    assert (found.requested, found.found) == (repr(output.output_data_config), "nothing")
    names = dict.fromkeys(("ExperimentName", "TrialName", "RunName"), "n" * 100)
    long: Any = from_boto3(request_class("CreateTrainingJob"), {"ExperimentConfig": names})
    (found,) = differences(long, said)
    whole = repr(long.experiment_config)
    assert len(whole) > 200
    assert found.requested == f"{whole[:197]}..."


@pytest.mark.parametrize(
    ("wanted", "differs"),
    [
        ({}, False),
        ({"LifecycleConfigArns": []}, False),
        ({"DefaultResourceSpec": {}}, False),
        ({"DefaultResourceSpec": {"InstanceType": ""}}, False),
        ({"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}}, True),
        ({"LifecycleConfigArns": ["arn"]}, True),
    ],
)
def test_an_empty_value_does_not_differ_from_a_missing_one(wanted: dict[str, Any], differs: bool) -> None:
    settings = {"DefaultUserSettings": {"JupyterServerAppSettings": wanted}}
    found = changed("CreateDomain", settings, {"DefaultUserSettings": {}})
    assert [each.partition(":")[0] for each in found] == ["default_user_settings.jupyter_server_app_settings"] * differs


@pytest.mark.parametrize(
    ("wire", "value", "differs"),
    [
        ("EnableNetworkIsolation", False, False),
        ("EnableNetworkIsolation", True, True),
        ("HyperParameters", {}, False),
        ("HyperParameters", {"lr": ""}, True),
        ("InputDataConfig", [], False),
        ("RoleArn", "", False),
        ("RetryStrategy", {"MaximumRetryAttempts": 0}, True),
    ],
)
def test_which_values_say_something(wire: str, value: Any, differs: bool) -> None:
    assert len(changed("CreateTrainingJob", {wire: value}, {})) == differs

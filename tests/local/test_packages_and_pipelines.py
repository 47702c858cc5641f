"""Model packages in groups and without one, pipelines with their executions, and feature groups."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.support import HandClock, error_of

SECOND = datetime.timedelta(seconds=1)
ROLE = "arn:aws:iam::123456789012:role/registrar"
HERE = "arn:aws:sagemaker:us-west-2:123456789012"
SPECIFICATION = {"Containers": [{"Image": "registry/image:1"}], "SupportedContentTypes": ["text/csv"]}


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


@pytest.fixture
def patient(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that sends again what got no answer."""

    def sleep(seconds: float) -> None:
        pass

    monkeypatch.setattr("time.sleep", sleep)
    return local.boto3_client("sagemaker")


# --- model packages ---------------------------------------------------------------------------------------------------


def register(sm: Any, group: str, **more: Any) -> str:
    answer = sm.create_model_package(ModelPackageGroupName=group, InferenceSpecification=SPECIFICATION, **more)
    return str(answer["ModelPackageArn"])


def package(sm: Any, name: str) -> Any:
    return sm.describe_model_package(ModelPackageName=name)


def packages(sm: Any, **asked: Any) -> list[str]:
    """The last parts of the ARNs."""
    summaries = sm.list_model_packages(**asked)["ModelPackageSummaryList"]
    return [summary["ModelPackageArn"].partition("model-package/")[2] for summary in summaries]


@pytest.fixture
def registry(sm: Any, clock: HandClock) -> Any:
    """Two groups with three versions and one, and two packages without a group; ten seconds apart."""
    for group in ("detector", "other"):
        sm.create_model_package_group(ModelPackageGroupName=group)
    for group in ("detector", "detector", "other", "detector"):
        clock.forward(10)
        register(sm, group)
    for name in ("plain-b", "plain-a"):
        clock.forward(10)
        sm.create_model_package(ModelPackageName=name)
    clock.forward(10)
    return sm


def test_a_group(sm: Any, clock: HandClock) -> None:
    arn = sm.create_model_package_group(ModelPackageGroupName="detector", ModelPackageGroupDescription="finds")
    assert arn == arn | {"ModelPackageGroupArn": f"{HERE}:model-package-group/detector"}
    for name in ("detector", arn["ModelPackageGroupArn"]):
        group = sm.describe_model_package_group(ModelPackageGroupName=name)
        assert (group["ModelPackageGroupName"], group["ModelPackageGroupDescription"]) == ("detector", "finds")
        assert group["ModelPackageGroupStatus"] == "Completed"
    code, message, http = error_of(sm.create_model_package_group, ModelPackageGroupName="detector")
    assert (code, http) == ("ValidationException", 400)
    assert "already exists" in message


def test_groups_in_order_and_by_filter(sm: Any, clock: HandClock) -> None:
    for name in ("g-b", "g-a", "x-c"):
        sm.create_model_package_group(ModelPackageGroupName=name)
        clock.forward(10)

    def listed(**asked: Any) -> list[str]:
        summaries = sm.list_model_package_groups(**asked)["ModelPackageGroupSummaryList"]
        return [summary["ModelPackageGroupName"] for summary in summaries]

    assert listed() == ["g-b", "g-a", "x-c"]
    assert listed(SortBy="Name") == ["g-a", "g-b", "x-c"]
    assert listed(SortBy="Name", SortOrder="Descending") == ["x-c", "g-b", "g-a"]
    assert listed(NameContains="g-") == ["g-b", "g-a"]
    second = sm.describe_model_package_group(ModelPackageGroupName="g-a")["CreationTime"]
    assert listed(CreationTimeAfter=second - SECOND) == ["g-a", "x-c"]
    assert listed(CreationTimeBefore=second - SECOND) == ["g-b"]
    assert listed(CrossAccountFilterOption="CrossAccount") == []
    assert listed(CrossAccountFilterOption="SameAccount") == ["g-b", "g-a", "x-c"]


def test_versions_are_numbered_in_their_group(registry: Any) -> None:
    assert packages(registry, ModelPackageGroupName="detector") == ["detector/1", "detector/2", "detector/3"]
    assert packages(registry, ModelPackageGroupName="other") == ["other/1"]
    found = package(registry, f"{HERE}:model-package/detector/2")
    assert (found["ModelPackageGroupName"], found["ModelPackageVersion"]) == ("detector", 2)
    assert found["InferenceSpecification"] == SPECIFICATION
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert package(registry, "detector/2")["ModelPackageArn"] == found["ModelPackageArn"]


def test_a_number_is_given_once(registry: Any) -> None:
    registry.delete_model_package(ModelPackageName="detector/3")
    assert register(registry, "detector").endswith("/detector/4")
    registry.delete_model_package(ModelPackageName="detector/1")
    assert register(registry, "detector").endswith("/detector/5")
    assert packages(registry, ModelPackageGroupName="detector") == ["detector/2", "detector/4", "detector/5"]


def test_a_group_may_be_named_by_its_arn(registry: Any) -> None:
    arn = f"{HERE}:model-package-group/detector"
    assert register(registry, arn).endswith(":model-package/detector/4")
    assert packages(registry, ModelPackageGroupName=arn)[-1] == "detector/4"


def test_a_package_without_a_group(registry: Any) -> None:
    found = package(registry, "plain-a")
    assert found["ModelPackageArn"] == f"{HERE}:model-package/plain-a"
    assert found["ModelPackageName"] == "plain-a"
    assert not {"ModelPackageGroupName", "ModelPackageVersion", "ModelApprovalStatus"} & set(found)
    code, message, _ = error_of(registry.create_model_package, ModelPackageName="plain-a")
    assert code == "ConflictException"
    assert "already exists" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Missing ARN"),
        ({"ModelPackageName": "a", "ModelPackageGroupName": "detector"}, "Both ModelPackageName and"),
        ({"ModelPackageGroupName": "gone"}, "does not exist"),
        ({"ModelPackageGroupName": "detector", "Tags": [{"Key": "k", "Value": "v"}]}, "tags of its group"),
    ],
)
def test_what_cannot_be_registered(registry: Any, arguments: dict[str, Any], message: str) -> None:
    code, said, http = error_of(registry.create_model_package, **arguments)
    assert (code, http) == ("ValidationException", 400)
    assert message in said
    assert len(packages(registry, ModelPackageType="Both")) == 6


def test_the_same_token_is_the_same_package(local: LocalSageMaker, registry: Any, patient: Any) -> None:
    first = register(registry, "detector", ClientToken="token-1")
    assert register(registry, "detector", ClientToken="token-1") == first
    assert register(registry, "detector", ClientToken="token-2") != first
    # As in a retry after the answer was lost.
    local.drop_next("CreateModelPackage", done=True)
    assert register(patient, "detector").endswith("/detector/6")
    assert len(packages(registry, ModelPackageGroupName="detector")) == 6


def test_a_package_goes_through_its_states(sm: Any, clock: HandClock) -> None:
    sm.create_model_package(ModelPackageName="plain")
    seen: list[tuple[str, str]] = []
    for _ in range(4):
        found = package(sm, "plain")
        (details,) = found["ModelPackageStatusDetails"]["ValidationStatuses"]
        seen.append((found["ModelPackageStatus"], details["Status"]))
        clock.forward(1)
    assert seen == [("Pending", "NotStarted"), ("InProgress", "InProgress"), *[("Completed", "Completed")] * 2]


def test_a_script_for_a_group_is_for_its_versions(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("model_package", "detector", ["Pending", ("Failed", "ClientError: no image")], every=5)
    local.script("model_package", "detector/2", ["InProgress", "Completed"], every=5)
    for name in ("detector", "other"):
        sm.create_model_package_group(ModelPackageGroupName=name)
    for group in ("detector", "detector", "other"):
        register(sm, group)
    clock.forward(5)
    statuses = {name: package(sm, name)["ModelPackageStatus"] for name in ("detector/1", "detector/2", "other/1")}
    assert statuses == {"detector/1": "Failed", "detector/2": "Completed", "other/1": "Completed"}
    details = package(sm, "detector/1")["ModelPackageStatusDetails"]["ValidationStatuses"]
    assert [(each["Status"], each["FailureReason"]) for each in details] == [("Failed", "ClientError: no image")]
    assert sm.list_model_packages(ModelPackageGroupName="detector")["ModelPackageSummaryList"][0][
        "ModelPackageStatus"
    ] == ("Failed")


@pytest.mark.parametrize("name", ["detector", "detector/1", f"{HERE}:model-package/detector/1"])
def test_advancing_by_any_name(local: LocalSageMaker, sm: Any, name: str) -> None:
    local.script("model_package", "*", ["Pending", "InProgress", "Completed"], manual=True)
    sm.create_model_package_group(ModelPackageGroupName="detector")
    register(sm, "detector")
    assert local.advance("model_package", name) == 1
    assert package(sm, "detector/1")["ModelPackageStatus"] == "InProgress"


def test_a_deletion_may_be_scripted(local: LocalSageMaker, registry: Any, clock: HandClock) -> None:
    local.script("model_package", "detector/2", ["Deleting", None], every=5)
    for name in ("detector/1", "detector/2"):
        registry.delete_model_package(ModelPackageName=name)
    assert package(registry, "detector/2")["ModelPackageStatus"] == "Deleting"
    assert packages(registry, ModelPackageGroupName="detector") == ["detector/2", "detector/3"]
    clock.forward(5)
    assert packages(registry, ModelPackageGroupName="detector") == ["detector/3"]


def test_updating_a_package(sm: Any, clock: HandClock) -> None:
    sm.create_model_package_group(ModelPackageGroupName="detector")
    arn = register(sm, "detector", CustomerMetadataProperties={"a": "1", "b": "2"})
    created = package(sm, arn)["CreationTime"]
    clock.forward(7)
    more = {"Name": "edge", "Containers": [{"Image": "registry/edge:1"}]}
    sm.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="good enough",
        CustomerMetadataProperties={"b": "20", "c": "3"},
        CustomerMetadataPropertiesToRemove=["a", "unknown"],
        AdditionalInferenceSpecificationsToAdd=[more],
        SourceUri="s3://models/source",
    )
    found = package(sm, arn)
    assert found["ModelApprovalStatus"] == "Approved"
    assert found["ApprovalDescription"] == "good enough"
    assert found["CustomerMetadataProperties"] == {"b": "20", "c": "3"}
    assert found["AdditionalInferenceSpecifications"] == [more]
    assert found["SourceUri"] == "s3://models/source"
    assert found["InferenceSpecification"] == SPECIFICATION
    assert (found["CreationTime"], found["LastModifiedTime"]) == (created, created + 7 * SECOND)
    sm.update_model_package(ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=[{**more, "Name": "cloud"}])
    assert [each["Name"] for each in package(sm, arn)["AdditionalInferenceSpecifications"]] == ["edge", "cloud"]


def test_a_package_has_fifteen_additional_specifications(sm: Any) -> None:
    arn = sm.create_model_package(ModelPackageName="plain")["ModelPackageArn"]
    many = [{"Name": f"n{number}", "Containers": [{"Image": "registry/i:1"}]} for number in range(15)]
    sm.update_model_package(ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=many)
    code, message, _ = error_of(
        sm.update_model_package, ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=many[:1]
    )
    assert code == "ValidationException"
    assert "at most 15" in message
    assert len(package(sm, arn)["AdditionalInferenceSpecifications"]) == 15


def test_packages_by_kind(registry: Any) -> None:
    assert packages(registry) == ["plain-b", "plain-a"]
    assert packages(registry, ModelPackageType="Unversioned") == ["plain-b", "plain-a"]
    versioned = ["detector/1", "detector/2", "other/1", "detector/3"]
    assert packages(registry, ModelPackageType="Versioned") == versioned
    assert packages(registry, ModelPackageType="Both") == [*versioned, "plain-b", "plain-a"]
    assert packages(registry, ModelPackageType="Both", ModelPackageGroupName="other") == ["other/1"]


def test_packages_by_filter(registry: Any) -> None:
    registry.update_model_package(ModelPackageArn=f"{HERE}:model-package/detector/2", ModelApprovalStatus="Approved")
    detector: dict[str, Any] = {"ModelPackageGroupName": "detector"}
    assert packages(registry, **detector, ModelApprovalStatus="Approved") == ["detector/2"]
    assert packages(registry, **detector, ModelApprovalStatus="PendingManualApproval") == ["detector/1", "detector/3"]
    assert packages(registry, **detector, ModelApprovalStatus="Rejected") == []
    assert packages(registry, NameContains="n-a") == ["plain-a"]
    assert packages(registry, ModelPackageType="Both", NameContains="other") == ["other/1"]
    assert packages(registry, ModelPackageType="Versioned", NameContains="3") == []  # a number is no name
    second = package(registry, "detector/2")["CreationTime"]
    assert packages(registry, **detector, CreationTimeAfter=second + SECOND) == ["detector/3"]
    assert packages(registry, **detector, CreationTimeBefore=second + SECOND) == ["detector/1", "detector/2"]
    summary = registry.list_model_packages(**detector)["ModelPackageSummaryList"][0]
    assert (summary["ModelPackageGroupName"], summary["ModelPackageVersion"]) == ("detector", 1)
    assert "ModelPackageName" not in summary


def test_packages_in_order(registry: Any) -> None:
    assert packages(registry, SortBy="Name") == ["plain-a", "plain-b"]
    assert packages(registry, SortBy="Name", SortOrder="Descending") == ["plain-b", "plain-a"]
    latest = packages(registry, ModelPackageGroupName="detector", SortOrder="Descending", MaxResults=1)
    assert latest == ["detector/3"]


def test_version_ten_comes_after_version_nine(sm: Any, clock: HandClock) -> None:
    sm.create_model_package_group(ModelPackageGroupName="many")
    for _ in range(25):
        register(sm, "many")
        clock.forward(1)
    expected = [f"many/{number}" for number in range(1, 26)]
    pages = sm.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName="many", SortBy="Name", PaginationConfig={"PageSize": 10}
    )
    shown = [[summary["ModelPackageVersion"] for summary in page["ModelPackageSummaryList"]] for page in pages]
    assert shown == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26))]
    assert packages(sm, ModelPackageGroupName="many", MaxResults=100) == expected


def test_describing_many(registry: Any) -> None:
    there = f"{HERE}:model-package/detector/1"
    elsewhere = there.replace("us-west-2", "eu-west-1")
    gone = f"{HERE}:model-package/gone/1"
    plain = f"{HERE}:model-package/plain-a"
    answer = registry.batch_describe_model_package(ModelPackageArnList=[there, gone, elsewhere, plain])
    (found,) = answer["ModelPackageSummaries"].values()
    assert (found["ModelPackageArn"], found["ModelPackageGroupName"]) == (there, "detector")
    assert found["InferenceSpecification"] == SPECIFICATION
    assert set(answer["BatchDescribeModelPackageErrorMap"]) == {gone, elsewhere, plain}
    assert "does not exist" in answer["BatchDescribeModelPackageErrorMap"][gone]["ErrorResponse"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_model_package", {"ModelPackageName": "gone"}),
        ("describe_model_package", {"ModelPackageName": "detector/99"}),
        ("delete_model_package", {"ModelPackageName": f"{HERE}:model-package/gone"}),
        ("update_model_package", {"ModelPackageArn": f"{HERE}:model-package/gone/1"}),
        ("describe_model_package_group", {"ModelPackageGroupName": "gone"}),
        ("delete_model_package_group", {"ModelPackageGroupName": "gone"}),
        ("list_model_packages", {"ModelPackageGroupName": "gone"}),
    ],
)
def test_a_package_that_is_not_there(registry: Any, operation: str, arguments: dict[str, str]) -> None:
    # None of these declares ResourceNotFound.
    code, message, http = error_of(getattr(registry, operation), **arguments)
    assert (code, http) == ("ValidationException", 400)
    assert "does not exist" in message


def test_a_group_goes_after_its_versions(registry: Any) -> None:
    code, message, http = error_of(registry.delete_model_package_group, ModelPackageGroupName="detector")
    assert (code, http) == ("ConflictException", 400)
    assert "3 model packages" in message
    for name in ("detector/1", f"{HERE}:model-package/detector/2", "detector/3"):
        registry.delete_model_package(ModelPackageName=name)
    registry.delete_model_package_group(ModelPackageGroupName="detector")
    groups = registry.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in groups] == ["other"]


# --- pipelines --------------------------------------------------------------------------------------------------------

DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Steps": [
            {"Name": "Prepare", "Type": "Processing", "Arguments": {}},
            {"Name": "Train", "Type": "Training", "DisplayName": "Training", "Description": "learns", "Arguments": {}},
            {"Name": "Register", "Type": "RegisterModel", "Arguments": {}},
        ],
    }
)
TOKEN = "t" * 32


def create_pipeline(sm: Any, name: str, **changes: Any) -> str:
    request = {"PipelineName": name, "PipelineDefinition": DEFINITION, "RoleArn": ROLE, **changes}
    answer = sm.create_pipeline(**{name: value for name, value in request.items() if value is not None})
    return str(answer["PipelineArn"])


def run(sm: Any, pipeline: str, **more: Any) -> str:
    return str(sm.start_pipeline_execution(PipelineName=pipeline, **more)["PipelineExecutionArn"])


def execution(sm: Any, arn: str) -> Any:
    return sm.describe_pipeline_execution(PipelineExecutionArn=arn)


def status(sm: Any, arn: str) -> str:
    return str(execution(sm, arn)["PipelineExecutionStatus"])


def steps(sm: Any, arn: str, **asked: Any) -> list[Any]:
    return list(sm.list_pipeline_execution_steps(PipelineExecutionArn=arn, **asked)["PipelineExecutionSteps"])


def test_a_pipeline(sm: Any, clock: HandClock) -> None:
    arn = create_pipeline(
        sm, "train", PipelineDescription="d", ParallelismConfiguration={"MaxParallelExecutionSteps": 2}
    )
    assert arn == f"{HERE}:pipeline/train"
    for name in ("train", arn):
        found = sm.describe_pipeline(PipelineName=name)
        assert (found["PipelineStatus"], found["PipelineDefinition"]) == ("Active", DEFINITION)
        assert (found["PipelineDisplayName"], found["PipelineDescription"]) == ("train", "d")
        assert found["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
        assert "LastRunTime" not in found
    clock.forward(3)
    run(sm, "train")
    assert sm.describe_pipeline(PipelineName="train")["LastRunTime"] == found["CreationTime"] + 3 * SECOND


def test_a_definition_from_s3(sm: Any, s3: Any) -> None:
    s3.put_object(Bucket="models", Key="pipelines/train.json", Body=DEFINITION.encode())
    place = {"Bucket": "models", "ObjectKey": "pipelines/train.json"}
    create_pipeline(sm, "train", PipelineDefinition=None, PipelineDefinitionS3Location=place)
    assert sm.describe_pipeline(PipelineName="train")["PipelineDefinition"] == DEFINITION
    code, message, http = error_of(
        sm.update_pipeline, PipelineName="train", PipelineDefinitionS3Location={**place, "ObjectKey": "none.json"}
    )
    assert (code, http) == ("ValidationException", 400)
    assert "s3://models/none.json" in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"PipelineDefinition": None}, "should be provided"),
        ({"PipelineDefinitionS3Location": {"Bucket": "models", "ObjectKey": "k"}}, "shouldn't be present"),
        (
            {"PipelineDefinition": None, "PipelineDefinitionS3Location": {"Bucket": "models", "ObjectKey": "k"}},
            "no object s3://models/k",
        ),
    ],
)
def test_one_definition(sm: Any, s3: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(sm.exceptions.ClientError, match=message):
        create_pipeline(sm, "train", **changes)
    assert sm.list_pipelines()["PipelineSummaries"] == []


def test_versions_of_a_pipeline(sm: Any, clock: HandClock) -> None:
    create_pipeline(sm, "train")
    first = run(sm, "train")
    clock.forward(5)
    answer = sm.update_pipeline(PipelineName="train", PipelineDefinition='{"Steps": []}', PipelineDisplayName="Shown")
    assert answer["PipelineVersionId"] == 2
    found = sm.describe_pipeline(PipelineName="train")
    assert (found["PipelineDefinition"], found["PipelineDisplayName"]) == ('{"Steps": []}', "Shown")
    assert found["LastModifiedTime"] == found["CreationTime"] + 5 * SECOND
    assert sm.describe_pipeline(PipelineName="train", PipelineVersionId=1)["PipelineDefinition"] == DEFINITION
    definition = sm.describe_pipeline_definition_for_execution(PipelineExecutionArn=first)
    assert definition["PipelineDefinition"] == DEFINITION
    assert definition["CreationTime"] == execution(sm, first)["CreationTime"]
    assert steps(sm, run(sm, "train")) == []
    old = run(sm, "train", PipelineVersionId=1)
    assert [step["StepName"] for step in steps(sm, old)] == ["Prepare", "Train", "Register"]
    assert execution(sm, old)["PipelineVersionId"] == 1
    # A change of anything else is no new version.
    assert sm.update_pipeline(PipelineName="train", RoleArn=ROLE)["PipelineVersionId"] == 2


@pytest.mark.parametrize("operation", ["describe_pipeline", "start_pipeline_execution"])
def test_a_version_that_is_not_there(sm: Any, operation: str) -> None:
    create_pipeline(sm, "train")
    for which in ({"PipelineVersionId": 2}, {"PipelineVersionAlias": "prod"}):
        assert error_of(getattr(sm, operation), PipelineName="train", **which)[0] == "ResourceNotFound"
    both = {"PipelineVersionId": 1, "PipelineVersionAlias": "prod"}
    assert error_of(getattr(sm, operation), PipelineName="train", **both)[0] == "ValidationException"


def test_pipelines_in_order_and_by_filter(sm: Any, clock: HandClock) -> None:
    for name in ("p-b", "p-a", "x-c"):
        create_pipeline(sm, name)
        clock.forward(10)

    def listed(**asked: Any) -> list[str]:
        return [summary["PipelineName"] for summary in sm.list_pipelines(**asked)["PipelineSummaries"]]

    assert listed() == ["x-c", "p-a", "p-b"]
    assert listed(SortBy="Name", SortOrder="Ascending") == ["p-a", "p-b", "x-c"]
    assert listed(PipelineNamePrefix="p") == ["p-a", "p-b"]
    assert listed(PipelineNamePrefix="a") == []
    second = sm.describe_pipeline(PipelineName="p-a")["CreationTime"]
    assert listed(CreatedAfter=second - SECOND) == ["x-c", "p-a"]
    assert listed(CreatedBefore=second - SECOND) == ["p-b"]
    pages = sm.get_paginator("list_pipelines").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["PipelineSummaries"]) for page in pages] == [2, 1]


def test_a_pipeline_is_created_once(sm: Any) -> None:
    arn = create_pipeline(sm, "train", ClientRequestToken=TOKEN)
    assert create_pipeline(sm, "train", ClientRequestToken=TOKEN) == arn
    code, message, http = error_of(
        sm.create_pipeline, PipelineName="train", PipelineDefinition=DEFINITION, RoleArn=ROLE
    )
    assert (code, http) == ("ValidationException", 400)
    assert "already exists" in message


def test_deleting_a_pipeline(sm: Any, clock: HandClock) -> None:
    create_pipeline(sm, "train")
    arn = run(sm, "train")
    code, message, http = error_of(sm.delete_pipeline, PipelineName="train")
    assert (code, http) == ("ConflictException", 400)
    assert "1 running" in message
    clock.forward(1)
    deleted = sm.delete_pipeline(PipelineName="train", ClientRequestToken=TOKEN)
    assert sm.delete_pipeline(PipelineName="train", ClientRequestToken=TOKEN)["PipelineArn"] == deleted["PipelineArn"]
    assert error_of(sm.delete_pipeline, PipelineName="train")[0] == "ResourceNotFound"
    assert error_of(sm.describe_pipeline_execution, PipelineExecutionArn=arn)[0] == "ResourceNotFound"
    create_pipeline(sm, "train")
    assert sm.list_pipeline_executions(PipelineName="train")["PipelineExecutionSummaries"] == []


# --- executions -------------------------------------------------------------------------------------------------------


def test_an_execution_goes_through_its_states(sm: Any, clock: HandClock) -> None:
    create_pipeline(sm, "train")
    arn = run(sm, "train", PipelineExecutionDisplayName="nightly", PipelineExecutionDescription="each night")
    assert arn.startswith(f"{HERE}:pipeline/train/execution/")
    found = execution(sm, arn)
    assert found["PipelineArn"] == f"{HERE}:pipeline/train"
    assert (found["PipelineExecutionDisplayName"], found["PipelineExecutionDescription"]) == ("nightly", "each night")
    assert found["PipelineExecutionStatus"] == "Executing"
    assert {step["StepStatus"] for step in steps(sm, arn)} == {"Executing"}
    clock.forward(1)
    assert status(sm, arn) == "Succeeded"
    assert "FailureReason" not in execution(sm, arn)
    listed = steps(sm, arn)
    assert [step["StepName"] for step in listed] == ["Prepare", "Train", "Register"]
    assert {step["StepStatus"] for step in listed} == {"Succeeded"}
    assert (listed[1]["StepDisplayName"], listed[1]["StepDescription"]) == ("Training", "learns")
    assert all(step["EndTime"] - step["StartTime"] == SECOND for step in listed)


def test_the_same_token_is_the_same_execution(local: LocalSageMaker, sm: Any, patient: Any) -> None:
    for name in ("train", "other"):
        create_pipeline(sm, name)
    first = run(sm, "train", ClientRequestToken=TOKEN)
    assert run(sm, f"{HERE}:pipeline/train", ClientRequestToken=TOKEN) == first
    assert len({first, run(sm, "other", ClientRequestToken=TOKEN), run(sm, "train")}) == 3
    local.drop_next("StartPipelineExecution", done=True)
    run(patient, "train")
    assert len(sm.list_pipeline_executions(PipelineName="train")["PipelineExecutionSummaries"]) == 3


@pytest.mark.parametrize("pattern", ["train", "nightly", f"{HERE}:pipeline/train/execution/*", "tr*"])
def test_a_script_for_an_execution(local: LocalSageMaker, sm: Any, clock: HandClock, pattern: str) -> None:
    local.script("pipeline_execution", pattern, ["Executing", ("Failed", "Step Train failed")], every=2)
    create_pipeline(sm, "train")
    create_pipeline(sm, "other")
    failing, other = run(sm, "train", PipelineExecutionDisplayName="nightly"), run(sm, "other")
    clock.forward(2)
    assert (status(sm, failing), status(sm, other)) == ("Failed", "Succeeded")
    assert execution(sm, failing)["FailureReason"] == "Step Train failed"
    (summary,) = sm.list_pipeline_executions(PipelineName="train")["PipelineExecutionSummaries"]
    assert summary["PipelineExecutionStatus"] == "Failed"
    assert summary["PipelineExecutionFailureReason"] == "Step Train failed"
    assert {step["FailureReason"] for step in steps(sm, failing)} == {"Step Train failed"}


@pytest.mark.parametrize("by", ["train", "nightly", "arn", "id"])
def test_advancing_an_execution(local: LocalSageMaker, sm: Any, by: str) -> None:
    local.script("pipeline_execution", "*", ["Executing", "Succeeded"], manual=True)
    create_pipeline(sm, "train")
    arn = run(sm, "train", PipelineExecutionDisplayName="nightly")
    assert local.advance("pipeline_execution", {"arn": arn, "id": arn.rpartition("/")[2]}.get(by, by)) == 1
    assert status(sm, arn) == "Succeeded"


def test_stopping_an_execution(sm: Any, clock: HandClock) -> None:
    create_pipeline(sm, "train")
    arn = run(sm, "train", ClientRequestToken=TOKEN)
    stopped = sm.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    assert stopped["PipelineExecutionArn"] == arn
    assert status(sm, arn) == "Stopping"
    clock.forward(1)
    assert status(sm, arn) == "Stopped"
    assert {step["StepStatus"] for step in steps(sm, arn)} == {"Stopped"}
    sm.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)  # the same request, once more
    code, message, http = error_of(sm.stop_pipeline_execution, PipelineExecutionArn=arn)
    assert (code, http) == ("ValidationException", 400)
    assert "Stopped" in message


def test_retrying_an_execution(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_execution", "train", ["Executing", "Failed"], every=1)
    create_pipeline(sm, "train")
    arn = run(sm, "train", ClientRequestToken=TOKEN)
    assert error_of(sm.retry_pipeline_execution, PipelineExecutionArn=arn)[0] == "ConflictException"
    clock.forward(1)
    assert execution(sm, arn)["FailureReason"]
    sm.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    assert status(sm, arn) == "Executing"
    assert "FailureReason" not in execution(sm, arn)
    sm.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)  # the same request, once more
    clock.forward(1)
    assert status(sm, arn) == "Succeeded"
    assert {step["AttemptCount"] for step in steps(sm, arn)} == {2}
    assert error_of(sm.retry_pipeline_execution, PipelineExecutionArn=arn)[0] == "ConflictException"


def test_a_script_for_a_retry(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_execution", "train", ["Executing", "Failed"], every=1)
    local.script("pipeline_execution", "train", ["Executing", ("Failed", "again")], on="retry", every=1)
    create_pipeline(sm, "train")
    arn = run(sm, "train")
    clock.forward(1)
    sm.retry_pipeline_execution(PipelineExecutionArn=arn)
    clock.forward(1)
    assert execution(sm, arn)["FailureReason"] == "again"


def test_updating_an_execution(sm: Any) -> None:
    create_pipeline(sm, "train")
    arn = run(sm, "train", PipelineExecutionDisplayName="a", PipelineExecutionDescription="b")
    sm.update_pipeline_execution(PipelineExecutionArn=arn, PipelineExecutionDisplayName="c")
    found = execution(sm, arn)
    assert (found["PipelineExecutionDisplayName"], found["PipelineExecutionDescription"]) == ("c", "b")


def test_the_parameters_of_an_execution(sm: Any) -> None:
    create_pipeline(sm, "train")
    given = [{"Name": f"p{number:02}", "Value": str(number)} for number in range(25)]
    arn = run(sm, "train", PipelineParameters=given)
    pages = sm.get_paginator("list_pipeline_parameters_for_execution").paginate(
        PipelineExecutionArn=arn, PaginationConfig={"PageSize": 10}
    )
    shown = [page["PipelineParameters"] for page in pages]
    assert [len(page) for page in shown] == [10, 10, 5]
    assert [item for page in shown for item in page] == given
    assert sm.list_pipeline_parameters_for_execution(PipelineExecutionArn=run(sm, "train"))["PipelineParameters"] == []


def test_steps_in_pages_and_backwards(sm: Any) -> None:
    definition = {"Steps": [{"Name": f"s{number:02}"} for number in range(12)]}
    create_pipeline(sm, "train", PipelineDefinition=json.dumps(definition))
    arn = run(sm, "train")
    pages = sm.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Descending", PaginationConfig={"PageSize": 5}
    )
    shown = [step["StepName"] for page in pages for step in page["PipelineExecutionSteps"]]
    assert shown == [f"s{number:02}" for number in reversed(range(12))]


@pytest.mark.parametrize("definition", ["no JSON", "[]", "{}", '{"Steps": 5}', '{"Steps": [1, {"Name": "a"}]}'])
def test_any_text_is_a_definition(sm: Any, definition: str) -> None:
    create_pipeline(sm, "train", PipelineDefinition=definition)
    assert [step["StepName"] for step in steps(sm, run(sm, "train"))] == (["a"] if '"a"' in definition else [])


def test_executions_in_order_and_by_filter(sm: Any, clock: HandClock) -> None:
    create_pipeline(sm, "train")
    create_pipeline(sm, "other")
    arns: list[str] = []
    for _ in range(4):
        arns.append(run(sm, "train"))
        clock.forward(10)
    run(sm, "other")

    def listed(**asked: Any) -> list[str]:
        page = sm.list_pipeline_executions(**{"PipelineName": "train", **asked})
        return [summary["PipelineExecutionArn"] for summary in page["PipelineExecutionSummaries"]]

    assert listed() == arns[::-1]
    assert listed(SortOrder="Ascending") == arns
    assert listed(SortBy="PipelineExecutionArn", SortOrder="Ascending") == sorted(arns)
    assert listed(PipelineName=f"{HERE}:pipeline/train", MaxResults=2) == arns[:1:-1]
    second = execution(sm, arns[1])["CreationTime"]
    assert listed(CreatedAfter=second + SECOND) == arns[:1:-1]
    assert listed(CreatedBefore=second + SECOND) == arns[1::-1]
    pages = sm.get_paginator("list_pipeline_executions").paginate(
        PipelineName="train", PaginationConfig={"PageSize": 3}
    )
    assert [len(page["PipelineExecutionSummaries"]) for page in pages] == [3, 1]


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("describe_pipeline", "PipelineName"),
        ("update_pipeline", "PipelineName"),
        ("delete_pipeline", "PipelineName"),
        ("start_pipeline_execution", "PipelineName"),
        ("list_pipeline_executions", "PipelineName"),
        ("describe_pipeline_execution", "PipelineExecutionArn"),
        ("describe_pipeline_definition_for_execution", "PipelineExecutionArn"),
        ("update_pipeline_execution", "PipelineExecutionArn"),
        ("stop_pipeline_execution", "PipelineExecutionArn"),
        ("retry_pipeline_execution", "PipelineExecutionArn"),
        ("list_pipeline_execution_steps", "PipelineExecutionArn"),
        ("list_pipeline_parameters_for_execution", "PipelineExecutionArn"),
    ],
)
def test_a_pipeline_that_is_not_there(sm: Any, operation: str, member: str) -> None:
    name = "gone" if member == "PipelineName" else f"{HERE}:pipeline/gone/execution/abcdefghijkl"
    code, message, http = error_of(getattr(sm, operation), **{member: name})
    assert (code, http) == ("ResourceNotFound", 400)
    assert "does not exist" in message


# --- feature groups ---------------------------------------------------------------------------------------------------


def feature_group(name: str, **more: Any) -> dict[str, Any]:
    return {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "Fractional"},
        ],
        **more,
    }


def groups(page: Mapping[str, Iterable[Any]]) -> list[str]:
    return [summary["FeatureGroupName"] for summary in page["FeatureGroupSummaries"]]


OFFLINE = {"S3StorageConfig": {"S3Uri": "s3://models/features"}}


def test_a_feature_group(sm: Any, clock: HandClock) -> None:
    request = feature_group("users", OnlineStoreConfig={"EnableOnlineStore": True}, RoleArn=ROLE, Description="d")
    arn = sm.create_feature_group(**request, OfflineStoreConfig=OFFLINE)["FeatureGroupArn"]
    assert arn == f"{HERE}:feature-group/users"
    found = sm.describe_feature_group(FeatureGroupName="users")
    assert {name: found[name] for name in request} == request
    assert found["FeatureGroupStatus"] == "Creating"
    storage = found["OfflineStoreConfig"]["S3StorageConfig"]
    assert storage["S3Uri"] == "s3://models/features"
    assert storage["ResolvedOutputS3Uri"].startswith("s3://models/features/123456789012/us-west-2/offline-store/users-")
    assert found["OfflineStoreStatus"] == {"Status": "Active"}
    clock.forward(1)
    assert sm.describe_feature_group(FeatureGroupName=arn)["FeatureGroupStatus"] == "Created"
    assert error_of(sm.create_feature_group, **request)[0] == "ResourceInUse"


def test_updating_a_feature_group(sm: Any, clock: HandClock) -> None:
    sm.create_feature_group(**feature_group("users", OnlineStoreConfig={"EnableOnlineStore": True}))
    clock.forward(3)
    sm.update_feature_group(
        FeatureGroupName="users", FeatureAdditions=[{"FeatureName": "age", "FeatureType": "Integral"}]
    )
    ttl = {"TtlDuration": {"Unit": "Days", "Value": 3}}
    sm.update_feature_group(FeatureGroupName="users", OnlineStoreConfig=ttl)
    found = sm.describe_feature_group(FeatureGroupName="users")
    assert [feature["FeatureName"] for feature in found["FeatureDefinitions"]] == ["id", "at", "age"]
    assert found["OnlineStoreConfig"] == {"EnableOnlineStore": True, **ttl}
    assert found["LastUpdateStatus"] == {"Status": "Successful"}
    assert found["LastModifiedTime"] == found["CreationTime"] + 3 * SECOND


def test_feature_groups_in_order_and_by_filter(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("feature_group", "bad", ["Creating", ("CreateFailed", "no role")], every=1)
    sm.create_feature_group(**feature_group("good", OfflineStoreConfig=OFFLINE))
    clock.forward(10)
    sm.create_feature_group(**feature_group("bad"))
    clock.forward(10)
    sm.create_feature_group(**feature_group("new"))
    assert groups(sm.list_feature_groups()) == ["good", "bad", "new"]
    assert groups(sm.list_feature_groups(SortBy="Name", SortOrder="Descending")) == ["new", "good", "bad"]
    assert groups(sm.list_feature_groups(SortBy="FeatureGroupStatus")) == ["bad", "good", "new"]
    assert groups(sm.list_feature_groups(SortBy="OfflineStoreStatus", SortOrder="Descending"))[0] == "good"
    assert groups(sm.list_feature_groups(FeatureGroupStatusEquals="CreateFailed")) == ["bad"]
    assert groups(sm.list_feature_groups(OfflineStoreStatusEquals="Active")) == ["good"]
    assert groups(sm.list_feature_groups(OfflineStoreStatusEquals="Blocked")) == []
    assert groups(sm.list_feature_groups(NameContains="oo")) == ["good"]
    second = sm.describe_feature_group(FeatureGroupName="bad")
    assert second["FailureReason"] == "no role"
    assert groups(sm.list_feature_groups(CreationTimeAfter=second["CreationTime"] + SECOND)) == ["new"]
    pages = sm.get_paginator("list_feature_groups").paginate(PaginationConfig={"PageSize": 2})
    assert [groups(page) for page in pages] == [["good", "bad"], ["new"]]


def test_deleting_a_feature_group(sm: Any, clock: HandClock) -> None:
    sm.create_feature_group(**feature_group("users"))
    clock.forward(1)
    sm.delete_feature_group(FeatureGroupName="users")
    clock.forward(0.5)
    sm.delete_feature_group(FeatureGroupName="users")  # again, which changes nothing
    assert sm.describe_feature_group(FeatureGroupName="users")["FeatureGroupStatus"] == "Deleting"
    clock.forward(0.5)
    for operation in ("describe_feature_group", "delete_feature_group", "update_feature_group"):
        code, _, http = error_of(getattr(sm, operation), FeatureGroupName="users")
        assert (code, http) == ("ResourceNotFound", 400)
    sm.create_feature_group(**feature_group("users"))


# --- regions ----------------------------------------------------------------------------------------------------------


def test_regions_are_apart(local: LocalSageMaker, registry: Any) -> None:
    there = checked_client(local, "eu-west-1")
    create_pipeline(registry, "train")
    arn = run(registry, "train")
    registry.create_feature_group(**feature_group("users"))
    assert there.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert packages(there, ModelPackageType="Both") == []
    assert there.list_pipelines()["PipelineSummaries"] == []
    assert groups(there.list_feature_groups()) == []
    for method, arguments in (
        (there.describe_model_package, {"ModelPackageName": f"{HERE}:model-package/detector/1"}),
        (there.describe_pipeline, {"PipelineName": f"{HERE}:pipeline/train"}),
        (there.stop_pipeline_execution, {"PipelineExecutionArn": arn}),
        (there.describe_feature_group, {"FeatureGroupName": f"{HERE}:feature-group/users"}),
        (there.create_model_package, {"ModelPackageGroupName": "detector"}),
    ):
        assert error_of(method, **arguments)[0] in ("ResourceNotFound", "ValidationException")
    there.create_model_package_group(ModelPackageGroupName="detector")
    assert register(there, "detector") == "arn:aws:sagemaker:eu-west-1:123456789012:model-package/detector/1"
    create_pipeline(there, "train", PipelineDefinition="{}")
    assert registry.describe_pipeline(PipelineName="train")["PipelineDefinition"] == DEFINITION
    assert status(registry, arn) == "Executing"
    assert packages(registry, ModelPackageGroupName="detector") == ["detector/1", "detector/2", "detector/3"]

"""Tags of every kind, and Search over the records that are really there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._generic.resource import GenericResource
from sagemaker_typed.testing._kinds import kinds_of
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client, service_model
from tests.local.support import HandClock, error_of
from tests.support import samples

HERE = "arn:aws:sagemaker:us-west-2:123456789012"
ROLE = "arn:aws:iam::123456789012:role/searcher"
TAGS = [{"Key": "team", "Value": "vision"}, {"Key": "stage", "Value": "test"}]


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


# --- tags -------------------------------------------------------------------------------------------------------------

NEEDS: Mapping[str, Mapping[str, Any]] = {
    "CreateCompilationJob": {
        "InputConfig": {"S3Uri": "s3://models/in/resnet.tar.gz", "Framework": "PYTORCH"},
        "OutputConfig": {"S3OutputLocation": "s3://models/out", "TargetDevice": "ml_c5"},
    },
    "CreateTransformJob": {"ModelName": "model"},
    "CreateTrainingJob": {"AlgorithmSpecification": {"TrainingImage": "registry/i:1", "TrainingInputMode": "File"}},
    "CreateEndpointConfig": {
        "ProductionVariants": [
            {"VariantName": "v", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ]
    },
    "CreateEndpoint": {"EndpointConfigName": "config"},
    "CreateModelPackage": {"ModelPackageName": "package"},
    "CreatePipeline": {"PipelineDefinition": "{}"},
    "CreateTrial": {"ExperimentName": "experiment"},
    "CreateHyperParameterTuningJob": {},
    "CreateAutoMLJob": {},
    "CreateAutoMLJobV2": {"AutoMLJobName": "second"},
    "CreateProcessingJob": {},
    "CreateModel": {},
    "CreateNotebookInstance": {},
    "CreateFlowDefinition": {},
    "CreateModelPackageGroup": {},
    "CreateExperiment": {},
    "CreateTrialComponent": {},
    "CreateFeatureGroup": {},
}
"""Beside the members that are required, what each creation needs."""
MOTO_NEEDS: Mapping[str, Mapping[str, Any]] = {
    "CreateModelCard": {"Content": "{}"},
    "CreateDomain": {},
    "CreateDataQualityJobDefinition": {},
}
"""The same of some kinds that are moto's."""


def create(sm: Any, operation: str, **more: Any) -> str:
    """The ARN."""
    shape = service_model().operation_model(operation).input_shape
    request = {**samples.minimal(shape), **{**NEEDS, **MOTO_NEEDS}[operation], **more}
    answer = getattr(sm, xform_name(operation))(**request)
    return next(str(value) for name, value in answer.items() if name.endswith("Arn"))


def tags(sm: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in sm.list_tags(ResourceArn=arn)["Tags"]}


@pytest.fixture
def stocked(sm: Any) -> Any:
    """With what others are made of."""
    sm.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/i:1"})
    create(sm, "CreateEndpointConfig", EndpointConfigName="config")
    sm.create_experiment(ExperimentName="experiment")
    return sm


@pytest.mark.parametrize("operation", sorted({*NEEDS, *MOTO_NEEDS}))
def test_tags_of_every_kind(stocked: Any, operation: str) -> None:
    arn = create(stocked, operation, Tags=TAGS)
    assert tags(stocked, arn) == {"team": "vision", "stage": "test"}
    stocked.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "live"}, {"Key": "new", "Value": ""}])
    assert tags(stocked, arn) == {"team": "vision", "stage": "live", "new": ""}
    stocked.delete_tags(ResourceArn=arn, TagKeys=["team", "unknown"])
    assert tags(stocked, arn) == {"stage": "live", "new": ""}


def test_each_kind_of_ours_that_takes_tags_is_tried() -> None:
    model = load_model()
    # Those that the model alone brings are tried in test_lives_by_the_model.
    for kind in kinds_of(model).values():
        if issubclass(kind, GenericResource):
            continue
        operation = f"Create{kind.noun}"
        if operation in model.operations and "Tags" in model.input_shape(operation)["members"]:
            assert operation in NEEDS


@pytest.mark.parametrize("operation", sorted({*NEEDS, "CreateDataQualityJobDefinition"}))
def test_nothing_is_tagged_by_itself(stocked: Any, operation: str) -> None:
    assert tags(stocked, create(stocked, operation)) == {}


def test_adding_says_all_tags(sm: Any) -> None:
    arn = create(sm, "CreateExperiment", Tags=TAGS[:1])
    assert sm.add_tags(ResourceArn=arn, Tags=TAGS[1:])["Tags"] == TAGS


def test_there_are_at_most_fifty_tags(sm: Any) -> None:
    fifty = [{"Key": f"k{number:02}", "Value": str(number)} for number in range(50)]
    arn = create(sm, "CreateExperiment", Tags=fifty)
    code, message, http = error_of(sm.add_tags, ResourceArn=arn, Tags=[{"Key": "one-more", "Value": ""}])
    assert (code, http) == ("ValidationException", 400)
    assert "50" in message
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "k00", "Value": "changed"}])
    assert tags(sm, arn) == {**{tag["Key"]: tag["Value"] for tag in fifty}, "k00": "changed"}
    page = sm.list_tags(ResourceArn=arn, MaxResults=50)
    assert len(page["Tags"]) == 50
    assert "NextToken" not in page
    assert error_of(sm.list_tags, ResourceArn=arn, NextToken="no token")[0] == "ValidationException"
    code, _, _ = error_of(sm.create_experiment, ExperimentName="e", Tags=[*fifty, {"Key": "one-more", "Value": ""}])
    assert code == "ValidationException"


@pytest.mark.parametrize("operation", ["add_tags", "list_tags", "delete_tags"])
@pytest.mark.parametrize("tail", ["experiment/gone", "model-card/gone", "no-such-kind/gone", "training-job/gone"])
def test_tags_of_what_is_not_there(sm: Any, operation: str, tail: str) -> None:
    more = {"add_tags": {"Tags": TAGS}, "delete_tags": {"TagKeys": ["k"]}}.get(operation, {})
    code, message, http = error_of(getattr(sm, operation), ResourceArn=f"{HERE}:{tail}", **more)
    assert (code, http) == ("ValidationException", 400)
    assert "gone" in message


def test_tags_go_with_what_they_are_on(sm: Any) -> None:
    arn = create(sm, "CreateExperiment", ExperimentName="e", Tags=TAGS)
    sm.delete_experiment(ExperimentName="e")
    assert error_of(sm.list_tags, ResourceArn=arn)[0] == "ValidationException"
    create(sm, "CreateExperiment", ExperimentName="e")
    assert tags(sm, arn) == {}


def test_tags_of_another_region(local: LocalSageMaker, sm: Any) -> None:
    arn = create(sm, "CreateExperiment", ExperimentName="e", Tags=TAGS)
    there = checked_client(local, "eu-west-1")
    assert error_of(there.list_tags, ResourceArn=arn)[0] == "ValidationException"
    other = create(there, "CreateExperiment", ExperimentName="e")
    assert (tags(there, other), tags(sm, arn)) == ({}, {"team": "vision", "stage": "test"})


# --- search: every resource -------------------------------------------------------------------------------------------


def search(sm: Any, resource: str, **asked: Any) -> list[Any]:
    """The records, without the member that they stand under."""
    records: list[Any] = []
    for result in sm.search(Resource=resource, **asked)["Results"]:
        records += result.values()
    return records


def where(*filters: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """A search expression of (name), (name, operator) or (name, operator, value)."""
    members = ("Name", "Operator", "Value")
    return {**({"Filters": [dict(zip(members, each, strict=False)) for each in filters]} if filters else {}), **more}


def test_every_resource_can_be_searched(local: LocalSageMaker, stocked: Any, s3: Any, clock: HandClock) -> None:
    for operation in NEEDS:
        create(stocked, operation, Tags=TAGS)
    name = stocked.list_pipelines()["PipelineSummaries"][0]["PipelineName"]
    stocked.start_pipeline_execution(PipelineName=name)
    clock.forward(100)
    found = {resource: len(search(stocked, resource)) for resource in load_model().enum("ResourceType")}
    assert found == {
        "TrainingJob": found["TrainingJob"],
        "Experiment": 2,
        "ExperimentTrial": 1,
        "ExperimentTrialComponent": 1,
        "Endpoint": 1,
        "Model": 2,
        "ModelPackage": 1,
        "ModelPackageGroup": 1,
        "Pipeline": 1,
        "PipelineExecution": 1,
        "FeatureGroup": 1,
        "FeatureMetadata": 1,
        "HyperParameterTuningJob": 1,
        # Nothing of these is held here.
        **dict.fromkeys(("Image", "ImageVersion", "Project", "ModelCard", "PipelineVersion", "Job", "HubContent"), 0),
    }
    assert found["TrainingJob"] >= 1
    there = checked_client(local, "eu-west-1")
    assert not any(search(there, resource) for resource in load_model().enum("ResourceType"))


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("TrainingJob", "TrainingJobStatus"),
        ("Experiment", "ExperimentName"),
        ("ExperimentTrial", "ExperimentName"),
        ("ExperimentTrialComponent", "TrialComponentArn"),
        ("Endpoint", "EndpointStatus"),
        ("Model", "Model.ModelName"),
        ("ModelPackage", "ModelPackageStatus"),
        ("ModelPackageGroup", "ModelPackageGroupName"),
        ("Pipeline", "PipelineStatus"),
        ("PipelineExecution", "PipelineExecutionStatus"),
        ("FeatureGroup", "FeatureGroupStatus"),
        ("FeatureMetadata", "FeatureType"),
        ("HyperParameterTuningJob", "HyperParameterTuningJobStatus"),
    ],
)
def test_each_resource_has_its_properties(stocked: Any, resource: str, name: str) -> None:
    for operation in NEEDS:
        create(stocked, operation)
    name_of_pipeline = stocked.list_pipelines()["PipelineSummaries"][0]["PipelineName"]
    stocked.start_pipeline_execution(PipelineName=name_of_pipeline)
    assert search(stocked, resource, SearchExpression=where((name, "Exists")))
    assert search(stocked, resource, SearchExpression=where((name, "NotExists"))) == []
    code, message, http = error_of(
        stocked.search, Resource=resource, SearchExpression=where(("NoSuchProperty", "Exists"))
    )
    assert (code, message, http) == ("ValidationException", "Unknown property name: NoSuchProperty", 400)


# --- search: what it finds --------------------------------------------------------------------------------------------


@pytest.fixture
def jobs(sm: Any, local: LocalSageMaker, clock: HandClock) -> Any:
    """Six training jobs, ten seconds apart: two nets, three learning rates, one of them failed."""
    local.script("training_job", "vgg-2", ["InProgress", ("Failed", "AlgorithmError: nan")], every=1)
    for net in ("resnet", "vgg"):
        for number in (1, 2, 3):
            channels = {
                "train": f"s3://models/{net}/train",
                "test": "s3://models/shared/test" if number == 1 else f"s3://models/{net}/test",
            }
            sm.create_training_job(
                TrainingJobName=f"{net}-{number}",
                RoleArn=ROLE,
                AlgorithmSpecification={"TrainingImage": "registry/i:1", "TrainingInputMode": "File"},
                HyperParameters={"lr": str(number / 10), "epochs": str(number * 5), "net.kind": net},
                InputDataConfig=[
                    {
                        "ChannelName": channel,
                        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
                        "CompressionType": "Gzip" if channel == "train" else "None",
                    }
                    for channel, uri in channels.items()
                ],
                OutputDataConfig={"S3OutputPath": "s3://models/out"},
                ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": number, "VolumeSizeInGB": 10},
                StoppingCondition={"MaxRuntimeInSeconds": 60},
                EnableNetworkIsolation=number == 3,
                Tags=[{"Key": "net", "Value": net}, *([{"Key": "odd", "Value": "yes"}] if number % 2 else [])],
            )
            clock.forward(10)
    return sm


RESNETS, VGGS = ["resnet-1", "resnet-2", "resnet-3"], ["vgg-1", "vgg-2", "vgg-3"]


def found(sm: Any, *filters: tuple[str, ...], **more: Any) -> list[str]:
    """The names of the jobs, sorted."""
    records = search(sm, "TrainingJob", SearchExpression=where(*filters, **more))
    return sorted(record["TrainingJobName"] for record in records)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("TrainingJobName", "Equals", "vgg-2")], ["vgg-2"]),
        ([("TrainingJobName", "NotEquals", "vgg-2")], [*RESNETS, "vgg-1", "vgg-3"]),
        ([("TrainingJobName", "Contains", "net-")], RESNETS),
        ([("TrainingJobName", "In", "vgg-1,resnet-3,none")], ["resnet-3", "vgg-1"]),
        ([("FailureReason", "Exists")], ["vgg-2"]),
        ([("FailureReason", "NotExists")], [*RESNETS, "vgg-1", "vgg-3"]),
        ([("TrainingJobStatus", "Equals", "Failed")], ["vgg-2"]),
        ([("ResourceConfig.InstanceCount", "GreaterThan", "2")], ["resnet-3", "vgg-3"]),
        ([("ResourceConfig.InstanceCount", "GreaterThanOrEqualTo", "2")], [*RESNETS[1:], *VGGS[1:]]),
        ([("ResourceConfig.InstanceCount", "LessThan", "2")], ["resnet-1", "vgg-1"]),
        ([("ResourceConfig.InstanceCount", "LessThanOrEqualTo", "2")], [*RESNETS[:2], *VGGS[:2]]),
        ([("HyperParameters.lr", "LessThan", "0.15")], ["resnet-1", "vgg-1"]),
        ([("HyperParameters.epochs", "Equals", "10")], ["resnet-2", "vgg-2"]),
        ([("HyperParameters.net.kind", "Equals", "vgg")], VGGS),
        ([("Tags.net", "Equals", "vgg")], VGGS),
        ([("Tags.odd", "Exists")], ["resnet-1", "resnet-3", "vgg-1", "vgg-3"]),
        ([("EnableNetworkIsolation", "Equals", "true")], ["resnet-3", "vgg-3"]),
        ([("CreationTime", "GreaterThan", "2000-01-01T00:00:00")], [*RESNETS, *VGGS]),
        ([("CreationTime", "LessThan", "2000-01-01T00:00:00")], []),
        ([("Tags.net", "Equals", "vgg"), ("ResourceConfig.InstanceCount", "LessThan", "3")], ["vgg-1", "vgg-2"]),
        ([], [*RESNETS, *VGGS]),
    ],
)
def test_operators(jobs: Any, filters: list[tuple[str, ...]], expected: list[str]) -> None:
    assert found(jobs, *filters) == expected


def test_or(jobs: Any) -> None:
    either = (("TrainingJobName", "Equals", "vgg-3"), ("ResourceConfig.InstanceCount", "Equals", "1"))
    assert found(jobs, *either, Operator="Or") == ["resnet-1", "vgg-1", "vgg-3"]
    assert found(jobs, *either, Operator="And") == []


def nested(*filters: tuple[str, ...]) -> dict[str, Any]:
    return {"NestedPropertyName": "InputDataConfig", **where(*filters)}


def test_nested_filters_are_about_one_element(jobs: Any) -> None:
    uri = "InputDataConfig.DataSource.S3DataSource.S3Uri"
    shared = (uri, "Equals", "s3://models/shared/test")
    test, train = (("InputDataConfig.ChannelName", "Equals", name) for name in ("test", "train"))
    assert found(jobs, NestedFilters=[nested(shared, test)]) == ["resnet-1", "vgg-1"]
    assert found(jobs, NestedFilters=[nested(shared, train)]) == []
    # Not so for filters beside each other.
    assert found(jobs, shared, train) == ["resnet-1", "vgg-1"]
    assert found(jobs, NestedFilters=[nested(shared), nested(train, (uri, "Equals", "s3://models/vgg/train"))]) == [
        "vgg-1"
    ]


def test_expressions_in_expressions(jobs: Any) -> None:
    inner = where(("TrainingJobName", "Equals", "vgg-2"), ("TrainingJobName", "Equals", "resnet-2"), Operator="Or")
    failed = where(("TrainingJobStatus", "Equals", "Failed"), SubExpressions=[inner])
    assert found(jobs, SubExpressions=[failed]) == ["vgg-2"]
    either = [failed, where(("TrainingJobName", "Equals", "resnet-1"))]
    assert found(jobs, SubExpressions=either, Operator="Or") == ["resnet-1", "vgg-2"]
    whole = where(
        ("TrainingJobStatus", "Equals", "Completed"),
        SubExpressions=[where(SubExpressions=either, Operator="Or")],
        NestedFilters=[nested(("InputDataConfig.ChannelName", "Equals", "test"))],
    )
    assert found(jobs, **whole) == ["resnet-1"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([("Nothing", "Exists")], "Unknown property name: Nothing"),
        ([("ResourceConfig.Nothing", "Equals", "1")], "Unknown property name: ResourceConfig.Nothing"),
        ([("TrainingJobName", "GreaterThan", "a")], "does not fit TrainingJobName"),
        ([("ResourceConfig.InstanceCount", "Equals", "two")], "does not fit ResourceConfig.InstanceCount"),
        ([("TrainingJobName", "Equals")], "needs a Value"),
        ([("TrainingJobName", "Contains", "a"), ("TrainingJobName", "Contains", "b")], "usage limit of 1 exceeded"),
    ],
)
def test_what_cannot_be_searched_for(jobs: Any, filters: list[tuple[str, ...]], message: str) -> None:
    code, said, http = error_of(jobs.search, Resource="TrainingJob", SearchExpression=where(*filters))
    assert (code, http) == ("ValidationException", 400)
    assert message in said


def test_order_and_pages(jobs: Any, clock: HandClock) -> None:
    def names(**asked: Any) -> list[str]:
        return [record["TrainingJobName"] for record in search(jobs, "TrainingJob", **asked)]

    assert names(SortBy="CreationTime", SortOrder="Ascending") == [*RESNETS, *VGGS]
    assert names(SortBy="TrainingJobName") == [*reversed(VGGS), *reversed(RESNETS)]
    assert names(SortBy="HyperParameters.epochs", SortOrder="Ascending")[:2] == ["resnet-1", "vgg-1"]
    assert names()[0] == "vgg-3"  # modified last
    asked: dict[str, Any] = {"Resource": "TrainingJob", "SortBy": "TrainingJobName", "MaxResults": 4}
    first = jobs.search(**asked)
    assert first["TotalHits"] == {"Value": 6, "Relation": "EqualTo"}
    token = first["NextToken"]
    second = jobs.search(**asked, NextToken=token)
    assert "NextToken" not in second
    shown = [result["TrainingJob"]["TrainingJobName"] for page in (first, second) for result in page["Results"]]
    assert shown == [*reversed(VGGS), *reversed(RESNETS)]
    assert error_of(jobs.search, **{**asked, "SortBy": "CreationTime"}, NextToken=token)[0] == "ValidationException"
    assert error_of(jobs.search, **asked, NextToken="no token")[0] == "ValidationException"
    pages = list(jobs.get_paginator("search").paginate(Resource="TrainingJob", PaginationConfig={"PageSize": 5}))
    assert [len(page["Results"]) for page in pages] == [5, 1]


def test_twenty_five_in_pages(sm: Any, clock: HandClock) -> None:
    for number in range(25):
        sm.create_experiment(ExperimentName=f"e-{number:02}")
        clock.forward(1)
    asked: dict[str, Any] = {"Resource": "Experiment", "SortBy": "ExperimentName", "SortOrder": "Ascending"}
    page = sm.search(**asked)
    shown = [result["Experiment"]["ExperimentName"] for result in page["Results"]]
    assert len(shown) == 10
    while "NextToken" in page:
        sm.create_experiment(ExperimentName=f"a-{len(shown)}")  # before all that is still to come
        page = sm.search(**asked, NextToken=page["NextToken"])
        shown += [result["Experiment"]["ExperimentName"] for result in page["Results"]]
    assert shown == [f"e-{number:02}" for number in range(25)]


def test_a_record_is_what_describe_says(jobs: Any) -> None:
    (record,) = search(jobs, "TrainingJob", SearchExpression=where(("TrainingJobName", "Equals", "vgg-2")))
    described = jobs.describe_training_job(TrainingJobName="vgg-2")
    common = set(record) & set(described)
    assert {"TrainingJobArn", "HyperParameters", "FailureReason", "SecondaryStatusTransitions"} <= common
    assert {name: record[name] for name in common} == {name: described[name] for name in common}
    assert record["Tags"] == jobs.list_tags(ResourceArn=record["TrainingJobArn"])["Tags"]


def test_components_by_the_trial_that_they_are_in(sm: Any) -> None:
    sm.create_experiment(ExperimentName="e")
    for trial in ("t1", "t2"):
        sm.create_trial(TrialName=trial, ExperimentName="e")
    for name, trials in (("one", ["t1"]), ("both", ["t1", "t2"]), ("none", [])):
        sm.create_trial_component(
            TrialComponentName=name, Parameters={"lr": {"NumberValue": len(name)}, "net": {"StringValue": name}}
        )
        for trial in trials:
            sm.associate_trial_component(TrialComponentName=name, TrialName=trial)

    def components(*filters: tuple[str, ...]) -> list[str]:
        records = search(sm, "ExperimentTrialComponent", SearchExpression=where(*filters))
        return sorted(record["TrialComponentName"] for record in records)

    assert components(("Parents.TrialName", "Equals", "t1")) == ["both", "one"]
    assert components(("Parents.TrialName", "Equals", "t2")) == ["both"]
    assert components(("Parents.ExperimentName", "Equals", "e")) == ["both", "one"]
    assert components(("Parents", "NotExists")) == ["none"]
    assert components(("Parameters.lr", "GreaterThan", "3")) == ["both", "none"]
    assert components(("Parameters.net", "Equals", "one")) == ["one"]
    (record,) = search(sm, "ExperimentTrialComponent", SearchExpression=where(("TrialComponentName", "Equals", "both")))
    assert record["Parents"] == [{"TrialName": trial, "ExperimentName": "e"} for trial in ("t1", "t2")]
    (trial,) = search(sm, "ExperimentTrial", SearchExpression=where(("TrialName", "Equals", "t2")))
    assert [each["TrialComponentName"] for each in trial["TrialComponentSummaries"]] == ["both"]
    sm.disassociate_trial_component(TrialComponentName="both", TrialName="t2")
    assert components(("Parents.TrialName", "Equals", "t2")) == []


def test_what_is_deleted_or_retagged_is_found_no_more(sm: Any) -> None:
    arn = create(sm, "CreateExperiment", ExperimentName="e", Tags=TAGS)
    vision = where(("Tags.team", "Equals", "vision"))
    assert len(search(sm, "Experiment", SearchExpression=vision)) == 1
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "speech"}])
    assert search(sm, "Experiment", SearchExpression=vision) == []
    assert len(search(sm, "Experiment", SearchExpression=where(("Tags.team", "Equals", "speech")))) == 1
    sm.delete_experiment(ExperimentName="e")
    assert search(sm, "Experiment") == []


@pytest.mark.parametrize(
    ("resource", "made", "filters"),
    [
        (
            "ModelPackage",
            lambda sm: sm.create_model_package(ModelPackageGroupName="g", ModelApprovalStatus="Approved"),
            [("ModelPackageGroupName", "Equals", "g"), ("ModelPackageVersion", "Equals", "1")],
        ),
        (
            "ModelPackage",
            lambda sm: sm.create_model_package(ModelPackageGroupName="g", ModelApprovalStatus="Approved"),
            [("ModelApprovalStatus", "In", "Approved,Rejected")],
        ),
        (
            "PipelineExecution",
            lambda sm: sm.start_pipeline_execution(
                PipelineName="p", PipelineParameters=[{"Name": "epochs", "Value": "5"}]
            ),
            [("PipelineParameters.Name", "Equals", "epochs"), ("PipelineExecutionStatus", "Equals", "Executing")],
        ),
        (
            "FeatureMetadata",
            lambda sm: create(sm, "CreateFeatureGroup", FeatureGroupName="users"),
            [("FeatureGroupName", "Equals", "users")],
        ),
    ],
)
def test_properties_of_other_kinds(
    sm: Any, resource: str, made: Callable[[Any], Any], filters: list[tuple[str, ...]]
) -> None:
    sm.create_model_package_group(ModelPackageGroupName="g")
    sm.create_pipeline(PipelineName="p", PipelineDefinition="{}", RoleArn=ROLE)
    assert search(sm, resource, SearchExpression=where(*filters)) == []
    made(sm)
    assert len(search(sm, resource, SearchExpression=where(*filters))) == 1


def test_other_accounts_share_nothing(sm: Any) -> None:
    sm.create_model_package_group(ModelPackageGroupName="g")
    assert search(sm, "ModelPackageGroup", CrossAccountFilterOption="CrossAccount") == []
    assert len(search(sm, "ModelPackageGroup", CrossAccountFilterOption="SameAccount")) == 1

"""Monitoring schedules and what they start, lineage, clusters and their nodes, and what else has behaviour of its own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.types import ActionSource
from tests.local.checked import checked_client
from tests.local.families import make_endpoint_config
from tests.local.support import HandClock, error_of

ARN = "arn:aws:sagemaker:us-west-2:123456789012"
ROLE = "arn:aws:iam::123456789012:role/worker"
HOUR = 3600


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    """A client that holds every answer against the model."""
    return checked_client(local)


# --- monitoring -------------------------------------------------------------------------------------------------------


def schedule(sm: Any, name: str = "watch", expression: str = "cron(0 * ? * * *)") -> None:
    config = {
        "ScheduleConfig": {"ScheduleExpression": expression},
        "MonitoringJobDefinitionName": "quality",
        "MonitoringType": "DataQuality",
    }
    sm.create_monitoring_schedule(MonitoringScheduleName=name, MonitoringScheduleConfig=config)


def executions(sm: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sm.list_monitoring_executions(**asked)["MonitoringExecutionSummaries"]
    return found


def test_each_hour_brings_an_execution(sm: Any, clock: HandClock) -> None:
    schedule(sm)
    clock.forward(1)
    shown = sm.describe_monitoring_schedule(MonitoringScheduleName="watch")
    assert (shown["MonitoringScheduleStatus"], shown["MonitoringType"]) == ("Scheduled", "DataQuality")
    assert "LastMonitoringExecutionSummary" not in shown
    clock.forward(HOUR)
    [running] = executions(sm, MonitoringScheduleName="watch")
    assert running["MonitoringExecutionStatus"] == "Pending"
    assert running["MonitoringJobDefinitionName"] == "quality"
    clock.forward(2 * HOUR)
    three = executions(sm, MonitoringScheduleName="watch", SortBy="ScheduledTime")
    assert [each["MonitoringExecutionStatus"] for each in three] == ["Pending", "Completed", "Completed"]
    times = [each["ScheduledTime"] for each in three]
    gaps = [(later - earlier).seconds for later, earlier in itertools.pairwise(times)]
    assert gaps == [HOUR, HOUR]
    job = sm.describe_processing_job(ProcessingJobName=three[1]["ProcessingJobArn"].rpartition("/")[2])
    assert job["ProcessingJobStatus"] == "Completed"
    shown = sm.describe_monitoring_schedule(MonitoringScheduleName="watch")
    assert shown["LastMonitoringExecutionSummary"]["ScheduledTime"] == three[0]["ScheduledTime"]
    assert executions(sm, MonitoringScheduleName="other") == []
    assert len(executions(sm, StatusEquals="Completed")) == 2


def test_a_stopped_schedule_brings_none(sm: Any, clock: HandClock) -> None:
    schedule(sm)
    assert "in status Pending" in error_of(sm.stop_monitoring_schedule, MonitoringScheduleName="watch")[1]
    clock.forward(2)
    sm.stop_monitoring_schedule(MonitoringScheduleName="watch")
    clock.forward(5 * HOUR)
    assert sm.describe_monitoring_schedule(MonitoringScheduleName="watch")["MonitoringScheduleStatus"] == "Stopped"
    assert executions(sm) == []
    sm.start_monitoring_schedule(MonitoringScheduleName="watch")
    clock.forward(HOUR + 1)
    assert len(executions(sm)) == 1


def test_other_rhythms(sm: Any, clock: HandClock) -> None:
    schedule(sm, "once", "NOW")
    schedule(sm, "daily", "cron(0 5 ? * * *)")
    schedule(sm, "often", "cron(0 0/6 ? * * *)")
    clock.forward(24 * HOUR + 1)
    counts = {name: len(executions(sm, MonitoringScheduleName=name)) for name in ("once", "daily", "often")}
    assert counts == {"once": 1, "daily": 1, "often": 4}


def test_years_are_no_flood(sm: Any, clock: HandClock) -> None:
    schedule(sm)
    clock.forward(3 * 365 * 24 * HOUR)
    found = sum(
        len(page["MonitoringExecutionSummaries"])
        for page in sm.get_paginator("list_monitoring_executions").paginate(PaginationConfig={"PageSize": 100})
    )
    assert 700 <= found <= 722


def test_executions_by_script(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("monitoring_execution", "watch", ["InProgress", "CompletedWithViolations"])
    schedule(sm)
    clock.forward(HOUR + 5)
    [found] = executions(sm)
    assert found["MonitoringExecutionStatus"] == "CompletedWithViolations"


def test_an_alert(sm: Any) -> None:
    schedule(sm)
    [alert] = sm.list_monitoring_alerts(MonitoringScheduleName="watch")["MonitoringAlertSummaries"]
    named = {"MonitoringScheduleName": "watch", "MonitoringAlertName": alert["MonitoringAlertName"]}
    sm.update_monitoring_alert(**named, DatapointsToAlert=2, EvaluationPeriod=3)
    [alert] = sm.list_monitoring_alerts(MonitoringScheduleName="watch")["MonitoringAlertSummaries"]
    assert (alert["DatapointsToAlert"], alert["EvaluationPeriod"]) == (2, 3)


def test_job_definitions_know_their_endpoint(sm: Any) -> None:
    for number in range(2):
        sm.create_data_quality_job_definition(
            JobDefinitionName=f"d{number}",
            RoleArn=ROLE,
            DataQualityAppSpecification={"ImageUri": "image"},
            DataQualityJobInput={"EndpointInput": {"EndpointName": f"e{number}", "LocalPath": "/opt/ml/in"}},
            DataQualityJobOutputConfig={
                "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://out/x", "LocalPath": "/opt/ml/out"}}]
            },
            JobResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}},
        )
    [found] = sm.list_data_quality_job_definitions(EndpointName="e1")["JobDefinitionSummaries"]
    assert (found["MonitoringJobDefinitionName"], found["EndpointName"]) == ("d1", "e1")
    assert found["MonitoringJobDefinitionArn"] == f"{ARN}:data-quality-job-definition/d1"


# --- lineage ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lineage(sm: Any) -> Mapping[str, str]:
    """data -> training -> model -> endpoint, and notes on the model."""
    source = {"SourceUri": "s3://models/x"}
    arns = {
        "data": sm.create_artifact(ArtifactName="data", ArtifactType="DataSet", Source={"SourceUri": "s3://in/data"})[
            "ArtifactArn"
        ],
        "training": sm.create_action(ActionName="training", ActionType="Training", Source=source)["ActionArn"],
        "model": sm.create_artifact(ArtifactType="Model", Source=source, Properties={"stage": "prod"})["ArtifactArn"],
        "endpoint": sm.create_context(ContextName="endpoint", ContextType="Endpoint", Source=source)["ContextArn"],
        "notes": sm.create_artifact(ArtifactName="notes", ArtifactType="Notes", Source={"SourceUri": "s3://notes"})[
            "ArtifactArn"
        ],
    }
    for start, end in (("data", "training"), ("training", "model"), ("model", "endpoint"), ("notes", "model")):
        sm.add_association(SourceArn=arns[start], DestinationArn=arns[end], AssociationType="ContributedTo")
    return arns


def reached(sm: Any, lineage: Mapping[str, str], start: str, **asked: Any) -> set[str]:
    found = sm.query_lineage(StartArns=[lineage[start]], **asked)["Vertices"]
    names = {arn: name for name, arn in lineage.items()}
    return {names[vertex["Arn"]] for vertex in found}


def test_queries_of_lineage(sm: Any, lineage: Mapping[str, str]) -> None:
    assert reached(sm, lineage, "model", Direction="Ascendants") == {"data", "training", "notes"}
    assert reached(sm, lineage, "model", Direction="Descendants") == {"endpoint"}
    assert reached(sm, lineage, "model", Direction="Both") == set(lineage) - {"model"}
    assert reached(sm, lineage, "model", Direction="Ascendants", MaxDepth=1) == {"training", "notes"}
    assert reached(sm, lineage, "model", Direction="Ascendants", Filters={"Types": ["DataSet"]}) == {"data"}
    assert reached(sm, lineage, "model", Filters={"LineageTypes": ["Context", "Action"]}) == {"training", "endpoint"}
    assert reached(sm, lineage, "data", Filters={"Properties": {"stage": "prod"}}) == {"model"}
    edges = sm.query_lineage(StartArns=[lineage["data"]], Direction="Descendants", IncludeEdges=True)["Edges"]
    assert [edge["SourceArn"] for edge in edges] == [lineage[name] for name in ("data", "training", "model")]
    assert sm.query_lineage(StartArns=[lineage["data"]], IncludeEdges=False)["Edges"] == []
    unknown = f"{ARN}:artifact/none"
    assert error_of(sm.query_lineage, StartArns=[unknown])[0] == "ResourceNotFound"


def test_associations(sm: Any, lineage: Mapping[str, str]) -> None:
    ends = {"SourceArn": lineage["data"], "DestinationArn": lineage["training"]}
    [found] = sm.list_associations(**ends)["AssociationSummaries"]
    assert (found["SourceType"], found["SourceName"], found["DestinationType"]) == ("DataSet", "data", "Training")
    assert len(sm.list_associations(DestinationType="Model")["AssociationSummaries"]) == 2
    assert "already exists" in error_of(sm.add_association, **ends)[1]
    assert "associated" in error_of(sm.delete_action, ActionName="training")[1]
    sm.delete_association(**ends)
    assert error_of(sm.delete_association, **ends)[0] == "ResourceNotFound"
    assert reached(sm, lineage, "model", Direction="Ascendants") == {"training", "notes"}
    unknown = f"{ARN}:artifact/none"
    assert error_of(sm.add_association, SourceArn=unknown, DestinationArn=lineage["model"])[0] == "ResourceNotFound"


def test_artifacts_by_source_and_properties(sm: Any, lineage: Mapping[str, str]) -> None:
    assert len(sm.list_artifacts(SourceUri="s3://models/x")["ArtifactSummaries"]) == 1
    assert [each["ArtifactName"] for each in sm.list_artifacts(ArtifactType="Notes")["ArtifactSummaries"]] == ["notes"]
    sm.update_artifact(ArtifactArn=lineage["model"], Properties={"a": "1", "b": "2"})
    sm.update_artifact(ArtifactArn=lineage["model"], PropertiesToRemove=["a"])
    assert sm.describe_artifact(ArtifactArn=lineage["model"])["Properties"] == {"b": "2"}
    assert "must be given" in error_of(sm.delete_artifact)[1]
    made = sm.create_artifact(ArtifactType="Model", Source={"SourceUri": "s3://lonely"})["ArtifactArn"]
    assert sm.delete_artifact(Source={"SourceUri": "s3://lonely"})["ArtifactArn"] == made
    [group] = sm.list_lineage_groups()["LineageGroupSummaries"]
    assert sm.describe_artifact(ArtifactArn=lineage["model"])["LineageGroupArn"] == group["LineageGroupArn"]


def test_an_action_whose_name_is_taken(local: LocalSageMaker, sm: Any, lineage: Mapping[str, str]) -> None:
    with pytest.raises(errors.ResourceAlreadyExistsError):
        local.client().actions.create("training", source=ActionSource(source_uri="s3://x"), action_type="t")


# --- clusters ---------------------------------------------------------------------------------------------------------


def group(name: str, count: int) -> dict[str, Any]:
    return {
        "InstanceGroupName": name,
        "InstanceCount": count,
        "InstanceType": "ml.c5.xlarge",
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-x/y", "OnCreate": "on.sh"},
        "ExecutionRole": ROLE,
    }


def nodes(sm: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sm.list_cluster_nodes(ClusterName="c", **asked)["ClusterNodeSummaries"]
    return found


def test_the_nodes_of_a_cluster(sm: Any, clock: HandClock) -> None:
    sm.create_cluster(ClusterName="c", InstanceGroups=[group("head", 1), group("work", 2)])
    assert [each["InstanceStatus"]["Status"] for each in nodes(sm)] == ["Pending"] * 3
    clock.forward(1)
    shown = sm.describe_cluster(ClusterName="c")
    assert shown["ClusterStatus"] == "InService"
    assert [(each["CurrentCount"], each["TargetCount"]) for each in shown["InstanceGroups"]] == [(1, 1), (2, 2)]
    assert len(nodes(sm, InstanceGroupNameContains="wor")) == 2
    sm.update_cluster(ClusterName="c", InstanceGroups=[group("work", 3)], InstanceGroupsToDelete=["head"])
    clock.forward(1)
    assert {each["InstanceGroupName"] for each in nodes(sm)} == {"work"}
    assert len(nodes(sm)) == 3
    [operation] = sm.list_cluster_operations(ClusterName="c")["ClusterOperationSummaries"]
    assert (operation["Type"], operation["Status"]) == ("Scaling", "Done")
    one = nodes(sm)[0]["InstanceId"]
    node = sm.describe_cluster_node(ClusterName="c", NodeId=one)["NodeDetails"]
    assert node["InstanceGroupName"] == "work"
    answer = sm.batch_delete_cluster_nodes(ClusterName="c", NodeIds=[one, "i-00000000"])
    assert (answer["Successful"], answer["Failed"][0]["Code"]) == ([one], "NodeIdNotFound")
    assert sm.describe_cluster(ClusterName="c")["InstanceGroups"][0]["TargetCount"] == 2
    added = sm.batch_add_cluster_nodes(
        ClusterName="c", NodesToAdd=[{"InstanceGroupName": "work", "IncrementTargetCountBy": 2}]
    )
    assert len(added["Successful"]) == 2
    events = sm.list_cluster_events(ClusterName="c", SortOrder="Ascending")["Events"]
    assert events[0]["Description"] == "The cluster is Creating."
    detail = sm.describe_cluster_event(ClusterName="c", EventId=events[0]["EventId"])
    assert detail["EventDetails"]["EventId"] == events[0]["EventId"]


def test_a_cluster_that_something_belongs_to(sm: Any, clock: HandClock) -> None:
    arn = sm.create_cluster(ClusterName="c", InstanceGroups=[group("work", 1)])["ClusterArn"]
    clock.forward(1)
    quota = sm.create_compute_quota(
        Name="q", ClusterArn=arn, ComputeQuotaConfig={}, ComputeQuotaTarget={"TeamName": "t"}
    )
    clock.forward(1)
    assert error_of(sm.delete_cluster, ClusterName="c")[0] == "ConflictException"
    named = {"ComputeQuotaId": quota["ComputeQuotaId"]}
    assert error_of(sm.update_compute_quota, **named, TargetVersion=7)[0] == "ConflictException"
    updated = sm.update_compute_quota(**named, TargetVersion=1, Description="more")
    assert updated["ComputeQuotaVersion"] == 2
    clock.forward(1)
    sm.delete_compute_quota(**named)
    clock.forward(1)
    sm.delete_cluster(ClusterName="c")
    clock.forward(1)
    assert error_of(sm.list_cluster_nodes, ClusterName="c")[0] == "ResourceNotFound"


# --- and more ---------------------------------------------------------------------------------------------------------


def test_copies_of_an_inference_component(sm: Any, clock: HandClock) -> None:
    make_endpoint_config(sm)
    sm.create_endpoint(EndpointName="e", EndpointConfigName="config")
    specification = {"Container": {"Image": "repo:1"}, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
    named = {"InferenceComponentName": "ic"}
    sm.create_inference_component(
        **named, EndpointName="e", VariantName="main", Specification=specification, RuntimeConfig={"CopyCount": 2}
    )
    assert sm.describe_inference_component(**named)["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 0}
    clock.forward(1)
    shown = sm.describe_inference_component(**named)
    assert shown["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert shown["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == "repo:1"
    assert shown["EndpointArn"] == f"{ARN}:endpoint/e"
    sm.update_inference_component_runtime_config(**named, DesiredRuntimeConfig={"CopyCount": 5})
    assert "in-progress" in error_of(sm.delete_inference_component, **named)[1]
    clock.forward(1)
    assert sm.describe_inference_component(**named)["RuntimeConfig"]["DesiredCopyCount"] == 5
    assert sm.list_inference_components(EndpointNameEquals="other")["InferenceComponents"] == []
    unknown = error_of(sm.create_inference_component, InferenceComponentName="x", EndpointName="none")
    assert unknown[:2] == ("ValidationException", f'Could not find endpoint "{ARN}:endpoint/none".')


def test_devices_of_a_fleet(sm: Any) -> None:
    sm.create_device_fleet(DeviceFleetName="f", OutputConfig={"S3OutputLocation": "s3://out/x"})
    sm.register_devices(DeviceFleetName="f", Devices=[{"DeviceName": name} for name in ("d1", "d2")])
    assert [each["DeviceName"] for each in sm.list_devices(DeviceFleetName="f")["DeviceSummaries"]] == ["d1", "d2"]
    sm.update_devices(DeviceFleetName="f", Devices=[{"DeviceName": "d1", "Description": "new"}])
    assert sm.describe_device(DeviceFleetName="f", DeviceName="d1")["Description"] == "new"
    assert sm.get_device_fleet_report(DeviceFleetName="f")["DeviceStats"]["RegisteredDeviceCount"] == 2
    sm.create_edge_deployment_plan(
        EdgeDeploymentPlanName="p",
        DeviceFleetName="f",
        ModelConfigs=[{"ModelHandle": "m", "EdgePackagingJobName": "j"}],
        Stages=[{"StageName": "half", "DeviceSelectionConfig": {"DeviceSubsetType": "PERCENTAGE", "Percentage": 50}}],
    )
    sm.start_edge_deployment_stage(EdgeDeploymentPlanName="p", StageName="half")
    assert sm.describe_edge_deployment_plan(EdgeDeploymentPlanName="p")["EdgeDeploymentSuccess"] == 1
    [device] = sm.list_stage_devices(EdgeDeploymentPlanName="p", StageName="half")["DeviceDeploymentSummaries"]
    assert (device["DeviceName"], device["DeviceDeploymentStatus"]) == ("d1", "DEPLOYED")
    sm.deregister_devices(DeviceFleetName="f", DeviceNames=["d1", "d2"])
    sm.delete_device_fleet(DeviceFleetName="f")


def test_a_training_plan_from_its_offering(sm: Any, clock: HandClock) -> None:
    asked = {
        "InstanceType": "ml.p5.48xlarge",
        "InstanceCount": 2,
        "DurationHours": 48,
        "TargetResources": ["training-job"],
    }
    [offering] = sm.search_training_plan_offerings(**asked)["TrainingPlanOfferings"]
    sm.create_training_plan(TrainingPlanName="p", TrainingPlanOfferingId=offering["TrainingPlanOfferingId"])
    clock.forward(2)
    plan = sm.describe_training_plan(TrainingPlanName="p")
    assert (plan["Status"], plan["TotalInstanceCount"], plan["DurationHours"]) == ("Active", 2, 48)
    [capacity] = plan["ReservedCapacitySummaries"]
    reserved = sm.describe_reserved_capacity(ReservedCapacityArn=capacity["ReservedCapacityArn"])
    assert reserved["TotalInstanceCount"] == 2
    arn = plan["TrainingPlanArn"]
    [extension] = sm.search_training_plan_offerings(DurationHours=24, TrainingPlanArn=arn)[
        "TrainingPlanExtensionOfferings"
    ]
    sm.extend_training_plan(TrainingPlanExtensionOfferingId=extension["TrainingPlanExtensionOfferingId"])
    assert len(sm.describe_training_plan_extension_history(TrainingPlanArn=arn)["TrainingPlanExtensions"]) == 1
    assert sm.describe_training_plan(TrainingPlanName="p")["EndTime"] > plan["EndTime"]
    assert len(sm.list_training_plans(Filters=[{"Name": "Status", "Value": "Active"}])["TrainingPlanSummaries"]) == 1
    assert sm.list_training_plans(Filters=[{"Name": "Status", "Value": "Failed"}])["TrainingPlanSummaries"] == []


def test_one_workforce_and_its_teams(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    cognito = {"UserPool": "us-west-2_abc", "ClientId": "abc"}
    sm.create_workforce(WorkforceName="w", CognitoConfig=cognito)
    clock.forward(1)
    assert "more than one workforce" in error_of(sm.create_workforce, WorkforceName="x", CognitoConfig=cognito)[1]
    members = [{"CognitoMemberDefinition": {"UserPool": "us-west-2_abc", "UserGroup": "g", "ClientId": "abc"}}]
    sm.create_workteam(WorkteamName="t", WorkforceName="w", MemberDefinitions=members, Description="us")
    team = sm.describe_workteam(WorkteamName="t")["Workteam"]
    assert team["WorkforceArn"] == f"{ARN}:workforce/w"
    assert team["WorkteamArn"] == f"{ARN}:workteam/private-crowd/t"
    changed = sm.update_workteam(WorkteamName="t", Description="we")["Workteam"]
    assert changed["Description"] == "we"
    assert sm.delete_workteam(WorkteamName="t")["Success"] is True
    with pytest.raises(errors.ResourceNotFoundError):
        local.client().workteams.describe("t")


def test_what_is_said_of_a_feature(sm: Any) -> None:
    sm.create_feature_group(
        FeatureGroupName="g",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")],
        OnlineStoreConfig={"EnableOnlineStore": True},
    )
    named = {"FeatureGroupName": "g", "FeatureName": "id"}
    sm.update_feature_metadata(**named, Description="whose", ParameterAdditions=[{"Key": "k", "Value": "v"}])
    sm.update_feature_metadata(**named, ParameterAdditions=[{"Key": "l", "Value": "w"}], ParameterRemovals=["k"])
    shown = sm.describe_feature_metadata(**named)
    assert (shown["Description"], shown["Parameters"]) == ("whose", [{"Key": "l", "Value": "w"}])
    assert error_of(sm.describe_feature_metadata, FeatureGroupName="g", FeatureName="x")[0] == "ResourceNotFound"
    found = sm.search(
        Resource="FeatureMetadata",
        SearchExpression={"Filters": [{"Name": "Description", "Operator": "Contains", "Value": "who"}]},
    )
    assert [each["FeatureMetadata"]["FeatureName"] for each in found["Results"]] == ["id"]


def test_suggestions_name_what_search_knows(sm: Any) -> None:
    query = {"PropertyNameQuery": {"PropertyNameHint": "TrainingJobS"}}
    names = sm.get_search_suggestions(Resource="TrainingJob", SuggestionQuery=query)["PropertyNameSuggestions"]
    assert [each["PropertyName"] for each in names] == ["TrainingJobStatus"]


def test_policies_go_with_what_they_are_about(local: LocalSageMaker, sm: Any) -> None:
    sm.create_model_package_group(ModelPackageGroupName="g")
    with pytest.raises(errors.ResourceNotFoundError):
        local.client().model_package_groups.get_policy("g")
    sm.put_model_package_group_policy(ModelPackageGroupName="g", ResourcePolicy="{}")
    assert sm.get_model_package_group_policy(ModelPackageGroupName="g")["ResourcePolicy"] == "{}"
    sm.delete_model_package_group_policy(ModelPackageGroupName="g")
    assert "Cannot find resource policy" in error_of(sm.get_model_package_group_policy, ModelPackageGroupName="g")[1]


def test_projects_and_cards_are_found_by_search(sm: Any) -> None:
    sm.create_project(ProjectName="p", ProjectDescription="churn", Tags=[{"Key": "team", "Value": "vision"}])
    sm.create_model_card(ModelCardName="c", Content="{}", ModelCardStatus="Draft")
    by_tag = {"Filters": [{"Name": "Tags.team", "Operator": "Equals", "Value": "vision"}]}
    [found] = sm.search(Resource="Project", SearchExpression=by_tag)["Results"]
    assert found["Project"]["ProjectName"] == "p"
    by_status = {"Filters": [{"Name": "ModelCardStatus", "Operator": "Equals", "Value": "Draft"}]}
    [found] = sm.search(Resource="ModelCard", SearchExpression=by_status)["Results"]
    assert found["ModelCard"]["ModelCardName"] == "c"


def test_a_template_is_rendered(sm: Any) -> None:
    template = {"Content": "<p>{{ task.input.text }} and {{ task.input.more | grant_read_access }}</p>"}
    answer = sm.render_ui_template(UiTemplate=template, Task={"Input": '{"text": "hi", "more": "ho"}'}, RoleArn=ROLE)
    assert (answer["RenderedContent"], answer["Errors"]) == ("<p>hi and ho</p>", [])
    broken = sm.render_ui_template(UiTemplate=template, Task={"Input": "{x"}, RoleArn=ROLE)
    assert broken["Errors"][0]["Code"] == "InvalidTaskInput"


def test_recommendations_of_a_job(sm: Any, clock: HandClock) -> None:
    version = f"{ARN}:model-package/g/1"
    sm.create_inference_recommendations_job(
        JobName="j",
        JobType="Advanced",
        RoleArn=ROLE,
        InputConfig={"ModelPackageVersionArn": version, "EndpointConfigurations": [{"InstanceType": "ml.c5.large"}]},
    )
    assert "InferenceRecommendations" not in sm.describe_inference_recommendations_job(JobName="j")
    clock.forward(2)
    [best] = sm.describe_inference_recommendations_job(JobName="j")["InferenceRecommendations"]
    assert best["EndpointConfiguration"]["InstanceType"] == "ml.c5.large"
    [step] = sm.list_inference_recommendations_job_steps(JobName="j")["Steps"]
    assert step["Status"] == "COMPLETED"
    [listed] = sm.list_inference_recommendations_jobs(ModelPackageVersionArnEquals=version)[
        "InferenceRecommendationsJobs"
    ]
    assert listed["ModelPackageVersionArn"] == version
    scaling = sm.get_scaling_configuration_recommendation(
        InferenceRecommendationsJobName="j", RecommendationId=best["RecommendationId"]
    )
    assert scaling["DynamicScalingConfiguration"]["MaxCapacity"] >= 1


def test_a_tracking_server_stops_and_starts(sm: Any, clock: HandClock) -> None:
    named = {"TrackingServerName": "ml"}
    sm.create_mlflow_tracking_server(**named, ArtifactStoreUri="s3://runs/x", RoleArn=ROLE)
    clock.forward(1)
    assert sm.describe_mlflow_tracking_server(**named)["TrackingServerStatus"] == "Created"
    sm.stop_mlflow_tracking_server(**named)
    clock.forward(1)
    assert error_of(sm.stop_mlflow_tracking_server, **named)[0] == "ConflictException"
    sm.start_mlflow_tracking_server(**named)
    clock.forward(1)
    [listed] = sm.list_mlflow_tracking_servers(TrackingServerStatus="Started")["TrackingServerSummaries"]
    assert listed["TrackingServerName"] == "ml"
    assert sm.create_presigned_mlflow_tracking_server_url(**named)["AuthorizedUrl"].startswith("https://")


def test_kinds_of_optimization(sm: Any) -> None:
    sm.create_optimization_job(
        OptimizationJobName="o",
        RoleArn=ROLE,
        ModelSource={"S3": {"S3Uri": "s3://models/x"}},
        DeploymentInstanceType="ml.g5.12xlarge",
        OptimizationConfigs=[{"ModelQuantizationConfig": {"Image": "repo:1"}}],
        OutputConfig={"S3OutputLocation": "s3://out/x"},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    [found] = sm.list_optimization_jobs(OptimizationContains="Quant")["OptimizationJobSummaries"]
    assert found["OptimizationTypes"] == ["Quantization"]
    assert sm.list_optimization_jobs(OptimizationContains="Compilation")["OptimizationJobSummaries"] == []

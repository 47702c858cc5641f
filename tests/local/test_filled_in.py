"""Members of descriptions that the service fills in: what AWS's API reference says of them."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.families import ROLE
from tests.local.support import HandClock, request

ESTIMATED: dict[str, Any] = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://models/trained"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


def test_who_made_experiments_and_where_their_lineage_is(sm: Any) -> None:
    sm.create_experiment(ExperimentName="e")
    sm.create_trial(TrialName="t", ExperimentName="e")
    sm.create_trial_component(TrialComponentName="c")
    component = sm.describe_trial_component(TrialComponentName="c")
    for found in (sm.describe_experiment(ExperimentName="e"), sm.describe_trial(TrialName="t"), component):
        assert (found["CreatedBy"], found["LastModifiedBy"]) == ({}, {})
    group = sm.describe_lineage_group(LineageGroupName="sagemaker-default-lineage-group")["LineageGroupArn"]
    assert component["LineageGroupArn"] == group


def test_an_offline_store_says_whether_it_makes_tables(sm: Any) -> None:
    sm.create_feature_group(
        FeatureGroupName="g",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://models/fs"}},
        RoleArn=ROLE,
    )
    assert sm.describe_feature_group(FeatureGroupName="g")["OfflineStoreConfig"]["DisableGlueTableCreation"] is False


def test_a_tuning_job_says_how_long_its_jobs_ran(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("hyper_parameter_tuning_job", "*", every=20)
    sm.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="h",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        },
        TrainingJobDefinition=ESTIMATED,
    )
    seen: list[int] = []
    for _ in range(3):
        found = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="h")
        seen.append(found["ConsumedResources"]["RuntimeInSeconds"])
        clock.forward(10)
    assert seen == [0, 20, 40]  # two at once, for ten seconds each


def test_a_packaged_model_has_a_place(sm: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("neo"))
    clock.forward(5)
    sm.create_edge_packaging_job(
        EdgePackagingJobName="edge",
        CompilationJobName="neo",
        ModelName="resnet",
        ModelVersion="1.0",
        RoleArn=ROLE,
        OutputConfig={"S3OutputLocation": "s3://models/edge"},
    )
    assert "ModelArtifact" not in sm.describe_edge_packaging_job(EdgePackagingJobName="edge")
    clock.forward(5)
    found = sm.describe_edge_packaging_job(EdgePackagingJobName="edge")
    assert found["ModelArtifact"] == "s3://models/edge/resnet-1.0.tar.gz"


def test_a_tracking_server_is_active_while_it_runs(sm: Any, clock: HandClock) -> None:
    sm.create_mlflow_tracking_server(TrackingServerName="ml", ArtifactStoreUri="s3://models/ml", RoleArn=ROLE)
    active: list[str] = []
    for act in (None, sm.stop_mlflow_tracking_server, sm.start_mlflow_tracking_server):
        if act is not None:
            act(TrackingServerName="ml")
        clock.forward(5)
        active.append(sm.describe_mlflow_tracking_server(TrackingServerName="ml")["IsActive"])
    assert active == ["Active", "Inactive", "Active"]


def test_a_schedule_names_the_endpoint_that_it_watches(sm: Any, clock: HandClock) -> None:
    sm.create_data_quality_job_definition(
        JobDefinitionName="quality",
        DataQualityAppSpecification={"ImageUri": "image"},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "watched", "LocalPath": "/in"}},
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://models", "LocalPath": "/out"}}]},
        JobResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}},
        RoleArn=ROLE,
    )
    config = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": "quality",
        "MonitoringType": "DataQuality",
    }
    sm.create_monitoring_schedule(MonitoringScheduleName="hourly", MonitoringScheduleConfig=config)
    assert sm.describe_monitoring_schedule(MonitoringScheduleName="hourly")["EndpointName"] == "watched"
    for name, found in (("watched", ["hourly"]), ("other", [])):
        listed = sm.list_monitoring_schedules(EndpointName=name)["MonitoringScheduleSummaries"]
        assert [row["MonitoringScheduleName"] for row in listed] == found


def test_a_model_package_is_not_for_the_marketplace_unless_it_says_so(sm: Any) -> None:
    sm.create_model_package_group(ModelPackageGroupName="g")
    specification = {
        "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/m.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    arn = sm.create_model_package(ModelPackageGroupName="g", InferenceSpecification=specification)["ModelPackageArn"]
    assert sm.describe_model_package(ModelPackageName=arn)["CertifyForMarketplace"] is False

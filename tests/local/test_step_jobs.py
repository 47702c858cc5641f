"""What the steps of a pipeline make, and steps that wait to be called back."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.families import ROLE
from tests.local.support import HandClock, error_of
from tests.local.test_steps import execution, listed, statuses

SECOND = datetime.timedelta(seconds=1)

TRAIN: dict[str, Any] = {
    "Name": "Train",
    "Type": "Training",
    "Arguments": {
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
        "OutputDataConfig": {
            "S3OutputPath": {"Std:Join": {"On": "/", "Values": ["s3://models", {"Get": "Parameters.Team"}]}}
        },
        "ResourceConfig": {
            "InstanceType": {"Get": "Parameters.Instance"},
            "InstanceCount": {"Get": "Parameters.Count"},
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    },
}
PREPARE: dict[str, Any] = {
    "Name": "Prepare",
    "Type": "Processing",
    "Arguments": {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "image:1"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
        },
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "train",
                    "S3Output": {"S3Uri": "s3://models/ready", "LocalPath": "/out", "S3UploadMode": "EndOfJob"},
                }
            ]
        },
    },
}
WITH_DATA: dict[str, Any] = {
    **TRAIN,
    "Arguments": {
        **TRAIN["Arguments"],
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"},
                    }
                },
            }
        ],
    },
}
MODEL: dict[str, Any] = {
    "Name": "Model",
    "Type": "Model",
    "Arguments": {
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": "image:1",
            "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
        },
    },
}
REGISTER: dict[str, Any] = {
    "Name": "Register",
    "Type": "RegisterModel",
    "Arguments": {
        "ModelPackageGroupName": "detectors",
        "InferenceSpecification": {
            "Containers": [
                {"Image": "image:1", "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    },
}
PARAMETERS = [
    {"Name": "Team", "Type": "String", "DefaultValue": "vision"},
    {"Name": "Instance", "Type": "String", "DefaultValue": "ml.m5.large"},
    {"Name": "Count", "Type": "Integer", "DefaultValue": 1},
]
CALLBACK: dict[str, Any] = {
    "Name": "Ask",
    "Type": "Callback",
    "SqsQueueUrl": "https://sqs.us-west-2.amazonaws.com/123456789012/questions",
    "OutputParameters": [{"OutputName": "team", "OutputType": "String"}],
    "Arguments": {"question": "who?"},
}


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


def start(sm: Any, *steps: dict[str, Any], **more: Any) -> str:
    definition = json.dumps({"Version": "2020-12-01", "Parameters": PARAMETERS, "Steps": steps})
    sm.create_pipeline(PipelineName="nightly", PipelineDefinition=definition, RoleArn=ROLE)
    return str(sm.start_pipeline_execution(PipelineName="nightly", **more)["PipelineExecutionArn"])


def metadata(sm: Any, arn: str, step: str) -> dict[str, Any]:
    (found,) = [each["Metadata"] for each in listed(sm, arn) if each["StepName"] == step]
    return dict(found)


def job_of(sm: Any, arn: str, step: str = "Train") -> Any:
    name = metadata(sm, arn, step)["TrainingJob"]["Arn"].rpartition("/")[2]
    return sm.describe_training_job(TrainingJobName=name)


# --- what steps make --------------------------------------------------------------------------------------------------


def test_a_training_step_has_a_training_job(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_execution", "*", every=20)
    parameters = [{"Name": "Team", "Value": "speech"}, {"Name": "Count", "Value": "2"}]
    arn = start(sm, PREPARE, WITH_DATA, PipelineParameters=parameters)
    identifier = arn.rpartition("/")[2]
    (job,) = sm.list_processing_jobs()["ProcessingJobSummaries"]
    assert job["ProcessingJobName"].startswith(f"pipelines-{identifier}-Prepare-")
    assert job["ProcessingJobStatus"] == "InProgress"
    assert metadata(sm, arn, "Prepare") == {"ProcessingJob": {"Arn": job["ProcessingJobArn"]}}
    assert sm.list_training_jobs()["TrainingJobSummaries"] == []
    clock.forward(10)
    training = job_of(sm, arn)
    assert training["TrainingJobStatus"] == "InProgress"
    assert training["OutputDataConfig"]["S3OutputPath"] == "s3://models/speech"
    assert training["ResourceConfig"]["InstanceCount"] == 2
    assert training["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://models/ready"
    clock.forward(10)
    ended = job_of(sm, arn)
    assert ended["TrainingJobStatus"] == "Completed"
    assert ended["TrainingEndTime"] - ended["TrainingStartTime"] == 10 * SECOND
    (step,) = [each for each in listed(sm, arn) if each["StepName"] == "Train"]
    assert (step["StartTime"], step["EndTime"]) == (ended["CreationTime"], ended["TrainingEndTime"])


def test_models_and_packages_are_of_what_was_trained(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    arn = start(sm, TRAIN, MODEL, REGISTER)
    clock.forward(1)
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Succeeded"
    artifact = job_of(sm, arn)["ModelArtifacts"]["S3ModelArtifacts"]
    bucket, _, key = artifact.removeprefix("s3://").partition("/")
    assert local.boto3_client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    model = metadata(sm, arn, "Model")["Model"]["Arn"].rpartition("/")[2]
    assert sm.describe_model(ModelName=model)["PrimaryContainer"]["ModelDataUrl"] == artifact
    package = metadata(sm, arn, "Register")["RegisterModel"]["Arn"]
    assert package.endswith(":model-package/detectors/1")
    found = sm.describe_model_package(ModelPackageName=package)
    assert found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == artifact


def test_a_script_for_the_job_ends_the_step(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("training_job", "pipelines-*-Train-*", ["InProgress", ("Failed", "AlgorithmError: NaN")])
    arn = start(sm, TRAIN, REGISTER)
    clock.forward(1)
    assert statuses(sm, arn) == {"Train": "Failed"}
    assert listed(sm, arn)[0]["FailureReason"] == "ClientError: AlgorithmError: NaN"
    assert (job_of(sm, arn)["TrainingJobStatus"], job_of(sm, arn)["FailureReason"]) == ("Failed", "AlgorithmError: NaN")
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Failed"


def test_a_script_for_the_step_ends_the_job(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Train", ["Executing", ("Failed", "no capacity")])
    arn = start(sm, TRAIN)
    clock.forward(1)
    assert listed(sm, arn)[0]["FailureReason"] == "no capacity"
    assert (job_of(sm, arn)["TrainingJobStatus"], job_of(sm, arn)["FailureReason"]) == ("Failed", "no capacity")


def test_the_metrics_of_a_script_are_those_of_the_job(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("training_job", "*", metrics={"loss": 0.5}, fields={"BillableTimeInSeconds": 7})
    arn = start(sm, TRAIN)
    assert "FinalMetricDataList" not in job_of(sm, arn)
    clock.forward(1)
    ended = job_of(sm, arn)
    assert [metric["Value"] for metric in ended["FinalMetricDataList"]] == [0.5]
    assert ended["BillableTimeInSeconds"] == 7


def test_stopping_an_execution_stops_its_jobs(sm: Any, clock: HandClock) -> None:
    arn = start(sm, TRAIN)
    sm.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert job_of(sm, arn)["TrainingJobStatus"] == "Stopping"
    clock.forward(5)
    assert job_of(sm, arn)["TrainingJobStatus"] == "Stopped"


def test_a_job_that_somebody_stops_fails_its_step(sm: Any, clock: HandClock) -> None:
    arn = start(sm, TRAIN)
    sm.stop_training_job(TrainingJobName=job_of(sm, arn)["TrainingJobName"])
    clock.forward(2)
    assert job_of(sm, arn)["TrainingJobStatus"] == "Stopped"
    assert statuses(sm, arn) == {"Train": "Failed"}


def test_a_job_that_is_stuck_keeps_its_execution_waiting(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("training_job", "*", ["InProgress"])
    arn = start(sm, TRAIN, REGISTER)
    clock.forward(3600)
    assert statuses(sm, arn) == {"Train": "Executing"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Executing"
    sm.stop_training_job(TrainingJobName=job_of(sm, arn)["TrainingJobName"])
    clock.forward(5)
    assert statuses(sm, arn) == {"Train": "Failed"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Failed"


def test_a_request_that_the_service_refuses_fails_the_step(sm: Any, clock: HandClock) -> None:
    condition = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    arn = start(sm, {**TRAIN, "Arguments": {**TRAIN["Arguments"], "StoppingCondition": condition}})
    clock.forward(1)
    assert statuses(sm, arn) == {"Train": "Failed"}
    # As users have seen it: https://github.com/aws/sagemaker-python-sdk/issues/4140
    assert listed(sm, arn)[0]["FailureReason"] == (
        "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: Invalid MaxWaitTimeInSeconds. "
        "It is only supported when EnableManagedSpotTraining is set to true"
    )


@pytest.mark.parametrize(
    "arguments",
    [{}, {"RoleArn": ROLE}, {**TRAIN["Arguments"], "RoleArn": {"Get": "Parameters.Nobody"}}],
    ids=["none", "too few", "an unknown parameter"],
)
def test_arguments_that_are_no_request_make_no_job(sm: Any, clock: HandClock, arguments: dict[str, Any]) -> None:
    arn = start(sm, {**TRAIN, "Arguments": arguments})
    clock.forward(1)
    assert statuses(sm, arn) == {"Train": "Succeeded"}
    assert "Metadata" not in listed(sm, arn)[0]
    assert sm.list_training_jobs()["TrainingJobSummaries"] == []


def test_a_retry_makes_another_job(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Train", ["Failed"])
    arn = start(sm, TRAIN)
    clock.forward(1)
    sm.retry_pipeline_execution(PipelineExecutionArn=arn)
    clock.forward(1)
    found = sorted(job["TrainingJobStatus"] for job in sm.list_training_jobs()["TrainingJobSummaries"])
    assert found == ["Completed", "Failed"]
    assert job_of(sm, arn)["TrainingJobStatus"] == "Completed"


def test_a_job_may_have_a_prefix_of_its_own(sm: Any) -> None:
    arn = start(sm, {**TRAIN, "Arguments": {**TRAIN["Arguments"], "TrainingJobName": "resnet"}})
    assert job_of(sm, arn)["TrainingJobName"].startswith(f"resnet-{arn.rpartition('/')[2]}-")


def test_an_execution_has_a_display_name(sm: Any) -> None:
    arn = start(sm, TRAIN)
    found = execution(sm, arn)
    milliseconds = round(found["CreationTime"].timestamp() * 1000)
    assert found["PipelineExecutionDisplayName"] == f"execution-{milliseconds}"


# --- callback steps ---------------------------------------------------------------------------------------------------

AFTER: dict[str, Any] = {
    **TRAIN,
    "Name": "After",
    "Arguments": {
        **TRAIN["Arguments"],
        "OutputDataConfig": {
            "S3OutputPath": {
                "Std:Join": {"On": "/", "Values": ["s3://models", {"Get": "Steps.Ask.OutputParameters['team']"}]}
            }
        },
    },
}


def test_a_callback_step_waits_to_be_told(sm: Any, clock: HandClock) -> None:
    arn = start(sm, CALLBACK, {"Name": "Beside", "Type": "Processing"}, AFTER)
    about = metadata(sm, arn, "Ask")["Callback"]
    assert about["SqsQueueUrl"] == CALLBACK["SqsQueueUrl"]
    assert about["OutputParameters"] == []
    clock.forward(3600)
    assert statuses(sm, arn) == {"Ask": "Executing", "Beside": "Succeeded"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Executing"
    outputs = [{"Name": "team", "Value": "speech"}]
    told = sm.send_pipeline_execution_step_success(CallbackToken=about["CallbackToken"], OutputParameters=outputs)
    assert told["PipelineExecutionArn"] == arn
    assert statuses(sm, arn)["Ask"] == "Succeeded"
    assert metadata(sm, arn, "Ask")["Callback"]["OutputParameters"] == outputs
    clock.forward(1)
    assert statuses(sm, arn) == {"Ask": "Succeeded", "Beside": "Succeeded", "After": "Succeeded"}
    assert job_of(sm, arn, "After")["OutputDataConfig"]["S3OutputPath"] == "s3://models/speech"
    found = execution(sm, arn)
    assert found["PipelineExecutionStatus"] == "Succeeded"
    # What it waited for took time: nothing ended, or began, before it was told.
    steps = {step["StepName"]: step for step in listed(sm, arn)}
    assert found["CreationTime"] + 3600 * SECOND == steps["Ask"]["EndTime"] <= steps["After"]["StartTime"]
    assert found["LastModifiedTime"] == steps["Ask"]["EndTime"] + SECOND


def test_a_callback_step_that_fails_ends_the_execution(sm: Any, clock: HandClock) -> None:
    arn = start(sm, CALLBACK, AFTER)
    token = metadata(sm, arn, "Ask")["Callback"]["CallbackToken"]
    sm.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="nobody knows")
    clock.forward(1)
    assert statuses(sm, arn) == {"Ask": "Failed"}
    assert listed(sm, arn)[0]["FailureReason"] == "nobody knows"
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Failed"


def test_a_token_is_good_once(sm: Any) -> None:
    arn = start(sm, CALLBACK, AFTER)
    token = metadata(sm, arn, "Ask")["Callback"]["CallbackToken"]
    same = {"CallbackToken": token, "ClientRequestToken": "a" * 32}
    sm.send_pipeline_execution_step_success(**same)
    assert sm.send_pipeline_execution_step_success(**same)["PipelineExecutionArn"] == arn
    for send in (sm.send_pipeline_execution_step_success, sm.send_pipeline_execution_step_failure):
        code, message, _ = error_of(send, CallbackToken=token)
        assert code == "ConflictException"
        assert "Succeeded" in message
    assert error_of(sm.send_pipeline_execution_step_success, CallbackToken="0123456789")[0] == "ResourceNotFound"


def test_a_script_tells_a_callback_step_its_end(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Ask", ["Executing", "Succeeded"])
    arn = start(sm, CALLBACK)
    clock.forward(1)
    assert statuses(sm, arn) == {"Ask": "Succeeded"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Succeeded"


def test_an_execution_that_waits_can_be_stopped(sm: Any, clock: HandClock) -> None:
    arn = start(sm, CALLBACK)
    clock.forward(10)
    sm.stop_pipeline_execution(PipelineExecutionArn=arn)
    clock.forward(10)
    assert statuses(sm, arn) == {"Ask": "Stopped"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Stopped"


@pytest.mark.parametrize("moved", ["by hand", "by Describe"])
def test_neither_a_hand_nor_a_look_moves_what_waits(
    local: LocalSageMaker, sm: Any, clock: HandClock, moved: str
) -> None:
    pace: dict[str, Any] = {"manual": True} if moved == "by hand" else {"describes": 1}
    local.script("pipeline_execution", "*", ["Executing", "Succeeded"], **pace)
    arn = start(sm, {"Name": "First", "Type": "Processing"}, {**CALLBACK, "DependsOn": ["First"]})

    def move() -> None:
        for _ in range(4):
            execution(sm, arn)
            if moved == "by hand":
                local.advance("pipeline_execution", "nightly")

    move()
    assert statuses(sm, arn) == {"First": "Succeeded", "Ask": "Executing"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Executing"
    token = metadata(sm, arn, "Ask")["Callback"]["CallbackToken"]
    sm.send_pipeline_execution_step_success(CallbackToken=token)
    move()
    assert statuses(sm, arn) == {"First": "Succeeded", "Ask": "Succeeded"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Succeeded"

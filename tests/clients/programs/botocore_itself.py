"""boto3: each of botocore's waiters and paginators for SageMaker, with nothing there and with something."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import boto3
from botocore import xform_name
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"
client: Any = boto3.client("sagemaker")
S3 = "s3://models"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}


def wait(name: str, **parameters: Any) -> None:
    client.get_waiter(name).wait(**parameters, WaiterConfig={"Delay": 1, "MaxAttempts": 300})


def model(name: str) -> None:
    client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})


def train(name: str) -> str:
    return str(
        client.create_training_job(
            TrainingJobName=name,
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": S3},
            ResourceConfig=CLUSTER,
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )["TrainingJobArn"]
    )


@step("waiters of endpoints")
def endpoints() -> None:
    model("waited")
    variant = {"VariantName": "all", "ModelName": "waited", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    client.create_endpoint_config(EndpointConfigName="waited", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="waited", EndpointConfigName="waited")
    wait("endpoint_in_service", EndpointName="waited")
    client.delete_endpoint(EndpointName="waited")
    wait("endpoint_deleted", EndpointName="waited")


@step("waiters of images")
def images() -> None:
    client.create_image(ImageName="picture", RoleArn=ROLE)
    wait("image_created", ImageName="picture")
    client.create_image_version(ImageName="picture", BaseImage=IMAGE, ClientToken="0123456789")
    wait("image_version_created", ImageName="picture")
    client.update_image(ImageName="picture", Description="better")
    wait("image_updated", ImageName="picture")
    client.delete_image_version(ImageName="picture", Version=1)
    wait("image_version_deleted", ImageName="picture", Version=1)
    client.delete_image(ImageName="picture")
    wait("image_deleted", ImageName="picture")


@step("waiters of notebook instances")
def notebooks() -> None:
    client.create_notebook_instance(NotebookInstanceName="book", InstanceType="ml.t3.medium", RoleArn=ROLE)
    wait("notebook_instance_in_service", NotebookInstanceName="book")
    client.stop_notebook_instance(NotebookInstanceName="book")
    wait("notebook_instance_stopped", NotebookInstanceName="book")
    client.delete_notebook_instance(NotebookInstanceName="book")
    wait("notebook_instance_deleted", NotebookInstanceName="book")


@step("waiters of jobs")
def jobs() -> None:
    model("batch")
    train("waited")
    client.create_processing_job(
        ProcessingJobName="waited",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE},
        ProcessingResources={"ClusterConfig": CLUSTER},
    )
    client.create_transform_job(
        TransformJobName="waited",
        ModelName="batch",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}},
        TransformOutput={"S3OutputPath": S3},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    wait("training_job_completed_or_stopped", TrainingJobName="waited")
    wait("processing_job_completed_or_stopped", ProcessingJobName="waited")
    wait("transform_job_completed_or_stopped", TransformJobName="waited")


@step("no waiter is left out")
def all_waiters() -> None:
    used = {"endpoint", "image", "notebook", "training", "processing", "transform"}
    left = [name for name in client.waiter_names if name.partition("_")[0] not in used]
    expect(not left, left)


PEOPLED: dict[str, Callable[[], dict[str, Any]]] = {}


def needs(*operations: str) -> Callable[[Callable[[], dict[str, Any]]], None]:
    """What has to be there for a paginator, and the arguments that name it."""

    def keep(function: Callable[[], dict[str, Any]]) -> None:
        PEOPLED.update(dict.fromkeys(operations, function))

    return keep


@needs("list_image_versions", "list_aliases")
def an_image() -> dict[str, Any]:
    if not client.list_images(NameContains="paged")["Images"]:
        client.create_image(ImageName="paged", RoleArn=ROLE)
    return {"ImageName": "paged"}


@needs("list_pipeline_executions")
def a_pipeline() -> dict[str, Any]:
    definition = (
        '{"Version": "2020-12-01", "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]}'
    )
    client.create_pipeline(
        PipelineName="paged", PipelineDefinition=definition, ClientRequestToken="0" * 32, RoleArn=ROLE
    )
    return {"PipelineName": "paged"}


@needs("list_pipeline_versions")
def pipeline_versions() -> dict[str, Any]:
    return {"PipelineName": "paged"}


@needs("list_pipeline_execution_steps", "list_pipeline_parameters_for_execution")
def an_execution() -> dict[str, Any]:
    started = client.start_pipeline_execution(PipelineName="paged", ClientRequestToken="1" * 32)
    return {"PipelineExecutionArn": started["PipelineExecutionArn"]}


@needs("list_model_card_versions", "list_model_card_export_jobs")
def a_card() -> dict[str, Any]:
    if not client.list_model_cards()["ModelCardSummaries"]:
        client.create_model_card(ModelCardName="paged", Content="{}", ModelCardStatus="Draft")
    return {"ModelCardName": "paged"}


@needs("list_tags")
def tagged() -> dict[str, Any]:
    return {"ResourceArn": train("tagged")}


@needs("search")
def searched() -> dict[str, Any]:
    return {"Resource": "TrainingJob"}


@needs("list_training_jobs_for_hyper_parameter_tuning_job")
def a_tuning_job() -> dict[str, Any]:
    definition = {
        "StaticHyperParameters": {},
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "auc", "Regex": "auc=(.*)"}],
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": S3},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="paged",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}]},
        },
        TrainingJobDefinition=definition,
    )
    return {"HyperParameterTuningJobName": "paged"}


@needs("list_candidates_for_auto_ml_job")
def an_automl_job() -> dict[str, Any]:
    client.create_auto_ml_job(
        AutoMLJobName="paged",
        InputDataConfig=[
            {"TargetAttributeName": "y", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}}
        ],
        OutputDataConfig={"S3OutputPath": S3},
        RoleArn=ROLE,
    )
    return {"AutoMLJobName": "paged"}


@step("paginators that need no argument")
def free_paginators() -> None:
    failed = {}
    for name in paginators():
        if needed(name) or name in PEOPLED:
            continue
        try:
            expect(list(client.get_paginator(name).paginate()))
        except client.exceptions.ClientError as error:
            failed[name] = str(error)
    expect(not failed, failed)


@step("paginators that belong to a resource")
def owned_paginators() -> None:
    for name, make in PEOPLED.items():
        expect(list(client.get_paginator(name).paginate(**make())), name)


@step("paginators about what is not there")
def lost_paginators() -> None:
    """They end in the service's error, and not in one that LocalSageMaker would answer for itself."""
    failed = {}
    for name in paginators():
        if not needed(name) or name in PEOPLED:
            continue
        try:
            list(client.get_paginator(name).paginate(**{member: made_up(name, member) for member in needed(name)}))
        except client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 400:
                failed[name] = str(error)
    expect(not failed, failed)


def paginators() -> list[str]:
    return [name for name in map(xform_name, client.meta.service_model.operation_names) if client.can_paginate(name)]


def shape_of(name: str) -> Any:
    return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape


def needed(name: str) -> list[str]:
    return list(shape_of(name).required_members)


def made_up(name: str, member: str) -> Any:
    """A value that fits the member: an ARN, one of its words, or a name."""
    shape = shape_of(name).members[member]
    if shape.type_name == "integer":
        return 1
    if shape.enum:
        return shape.enum[0]
    if member.endswith("Arn"):
        kind = re.sub("([a-z])([A-Z])", r"\1-\2", member.removesuffix("Arn")).lower()
        return f"arn:aws:sagemaker:us-west-2:123456789012:{kind}/nobody12345a"
    return "nobody12345a"


if __name__ == "__main__":
    run()

"""boto3, as its users write it. Only the attempts are set: to what sagemaker_typed sets, whatever boto3's default is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-west-2"


def connect(url: str) -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 5})
    return boto3.client("sagemaker", region_name=REGION, endpoint_url=url, config=config)


def jobs(client: Any, count: int) -> Iterable[Any]:
    for page in client.get_paginator("list_compilation_jobs").paginate(NameContains=f"first-{count}"):
        yield from page["CompilationJobSummaries"]


def wait(client: Any) -> int:
    """The calls that a wait on 5,000 jobs makes which have ended: their list, and a Describe of each."""
    names = [job["CompilationJobName"] for job in jobs(client, 5_000)]
    return sum(bool(client.describe_compilation_job(CompilationJobName=name)) for name in names)


def create(client: Any) -> Any:
    response = client.create_compilation_job(
        CompilationJobName="resnet50-image-classifier-000000",
        RoleArn="arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole",
        InputConfig={
            "S3Uri": "s3://models-123456789012/trained/resnet50/model.tar.gz",
            "DataInputConfig": '{"input0":[1,3,224,224]}',
            "Framework": "PYTORCH",
            "FrameworkVersion": "1.8",
        },
        OutputConfig={
            "S3OutputLocation": "s3://models-123456789012/compiled/resnet50/",
            "TargetDevice": "ml_c5",
            "CompilerOptions": '{"dtype":"float32"}',
        },
        StoppingCondition={"MaxRuntimeInSeconds": 900},
        Tags=[{"Key": "team", "Value": "vision"}, {"Key": "stage", "Value": "test"}],
    )
    return response["CompilationJobArn"]


def create_transform(client: Any) -> Any:
    response = client.create_transform_job(
        TransformJobName="image-classification-000000",
        ModelName="resnet50",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data-123456789012/input/"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": "s3://data-123456789012/output/", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
        BatchStrategy="MultiRecord",
        MaxPayloadInMB=6,
        Environment={"LOG_LEVEL": "info"},
        Tags=[{"Key": "team", "Value": "vision"}],
    )
    return response["TransformJobArn"]


CALLS: dict[str, Callable[[Any], Any]] = {
    "describe": lambda c: c.describe_compilation_job(CompilationJobName="resnet50")["CompilationJobStatus"],
    "describe-training": lambda c: c.describe_training_job(TrainingJobName="resnet50")["SecondaryStatus"],
    "describe-in-time": lambda c: c.describe_compilation_job(CompilationJobName="resnet50")["CompilationJobStatus"],
    "wait": wait,
    "poll": lambda c: c.describe_compilation_job(CompilationJobName="resnet50")["CompilationJobStatus"],
    "create": create,
    "create-transform": create_transform,
    "list": lambda c: len(c.list_compilation_jobs()["CompilationJobSummaries"]),
    "search": lambda c: len(c.search(Resource="TrainingJob")["Results"]),
    "iterate": lambda c: sum(1 for job in jobs(c, 10_000) if job["CompilationJobStatus"] == "FAILED"),
    "list-training": lambda c: len(c.list_training_jobs()["TrainingJobSummaries"]),
    "list-endpoints": lambda c: len(c.list_endpoints()["Endpoints"]),
    "list-tags": lambda c: len(c.list_tags(ResourceArn="arn:aws:sagemaker:us-west-2:123456789012:model/m")["Tags"]),
    "describe-endpoint": lambda c: c.describe_endpoint(EndpointName="resnet50")["EndpointName"],
    "describe-package": lambda c: c.describe_model_package(ModelPackageName="resnet50")["ModelPackageName"],
}

"""sagemaker_typed, as its users write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_typed import SageMaker


def connect(url: str) -> Any:
    return SageMaker(region="us-west-2", endpoint_url=url)


def connect_async(sm: Any) -> Any:
    """The same for an event loop."""
    from sagemaker_typed import AsyncSageMaker

    return AsyncSageMaker(region="us-west-2", endpoint_url=sm.boto3_client.meta.endpoint_url)


async def describe_async(sm: Any) -> Any:
    return (await sm.compilation_jobs.describe("resnet50")).compilation_job_status


def jobs(sm: Any, count: int) -> Any:
    return sm.compilation_jobs.list(name_contains=f"first-{count}")


def create(sm: Any) -> Any:
    from sagemaker_typed.types import Framework, InputConfig, OutputConfig, StoppingCondition, TargetDevice

    response = sm.compilation_jobs.create(
        "resnet50-image-classifier-000000",
        role_arn="arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole",
        input_config=InputConfig(
            s3_uri="s3://models-123456789012/trained/resnet50/model.tar.gz",
            data_input_config='{"input0":[1,3,224,224]}',
            framework=Framework.PYTORCH,
            framework_version="1.8",
        ),
        output_config=OutputConfig(
            s3_output_location="s3://models-123456789012/compiled/resnet50/",
            target_device=TargetDevice.ML_C5,
            compiler_options='{"dtype":"float32"}',
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision", "stage": "test"},
    )
    return response.compilation_job_arn


def create_transform(sm: Any) -> Any:
    from sagemaker_typed.types import (
        AssemblyType,
        BatchStrategy,
        S3DataType,
        SplitType,
        TransformDataSource,
        TransformInput,
        TransformInstanceType,
        TransformOutput,
        TransformResources,
        TransformS3DataSource,
    )

    source = TransformS3DataSource(s3_data_type=S3DataType.S3_PREFIX, s3_uri="s3://data-123456789012/input/")
    response = sm.transform_jobs.create(
        "image-classification-000000",
        model_name="resnet50",
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=source), content_type="text/csv", split_type=SplitType.LINE
        ),
        transform_output=TransformOutput(
            s3_output_path="s3://data-123456789012/output/", assemble_with=AssemblyType.LINE
        ),
        transform_resources=TransformResources(instance_type=TransformInstanceType.ML_M5_LARGE, instance_count=2),
        batch_strategy=BatchStrategy.MULTI_RECORD,
        max_payload_in_mb=6,
        environment={"LOG_LEVEL": "info"},
        tags={"team": "vision"},
    )
    return response.transform_job_arn


def describe_in_time(sm: Any) -> Any:
    from sagemaker_typed.types import DescribeCompilationJobRequest

    return sm.send(DescribeCompilationJobRequest(compilation_job_name="resnet50"), timeout=60).compilation_job_status


def poll(sm: Any) -> Any:
    from sagemaker_typed.types import DescribeCompilationJobRequest

    return sm._look(DescribeCompilationJobRequest(compilation_job_name="resnet50"), 60).compilation_job_status


def wait(sm: Any) -> int:
    """Wait on 5,000 jobs that have ended, by a clock on which the pauses take no time."""
    from time import monotonic

    from sagemaker_typed.waiting import Clock, Pacing

    slept = [0.0]

    def sleep(seconds: float) -> None:
        slept[0] += seconds

    sm.clock, sm.pacing = Clock(now=lambda: monotonic() + slept[0], sleep=sleep), Pacing()
    report = sm.compilation_jobs.wait_all([f"resnet50-image-classifier-{number:06}" for number in range(5_000)])
    return len(report.succeeded)


def page(pages: Any) -> Any:
    return next(pages.by_page())


CALLS: dict[str, Callable[[Any], Any]] = {
    "describe": lambda sm: sm.compilation_jobs.describe("resnet50").compilation_job_status,
    "describe-training": lambda sm: sm.training_jobs.describe("resnet50").secondary_status,
    "describe-in-time": describe_in_time,
    "poll": poll,
    "wait": wait,
    "create": create,
    "create-transform": create_transform,
    "list": lambda sm: len(page(sm.compilation_jobs.list()).compilation_job_summaries),
    "search": lambda sm: len(page(sm.search("TrainingJob")).results),
    "iterate": lambda sm: sum(1 for job in jobs(sm, 10_000) if job.compilation_job_status == "FAILED"),
    "list-training": lambda sm: len(page(sm.training_jobs.list()).training_job_summaries),
    "list-endpoints": lambda sm: len(page(sm.endpoints.list()).endpoints),
    "list-tags": lambda sm: len(page(sm.tags.list("arn:aws:sagemaker:us-west-2:123456789012:model/m")).tags),
    "describe-endpoint": lambda sm: sm.endpoints.describe("resnet50").endpoint_name,
    "describe-package": lambda sm: sm.model_packages.describe("resnet50").model_package_name,
}
ASYNC_CALLS: dict[str, Callable[[Any], Any]] = {"describe": describe_async}

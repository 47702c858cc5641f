"""sagemaker-core. A Describe follows each item that it lists, and each thing that it creates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import boto3
from sagemaker.core.resources import CompilationJob, Endpoint, ModelPackage, TrainingJob
from sagemaker.core.shapes import InputConfig, OutputConfig, StoppingCondition, Tag


def connect(url: str) -> Any:
    os.environ["AWS_ENDPOINT_URL"] = url  # its client takes none
    return boto3.Session(region_name="us-west-2")


def jobs(session: Any, count: int) -> Iterable[Any]:
    return islice(CompilationJob.get_all(name_contains=f"first-{count}", session=session), count)


def create(session: Any) -> Any:
    job = CompilationJob.create(
        "resnet50-image-classifier-000000",
        role_arn="arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole",
        input_config=InputConfig(
            s3_uri="s3://models-123456789012/trained/resnet50/model.tar.gz",
            data_input_config='{"input0":[1,3,224,224]}',
            framework="PYTORCH",
            framework_version="1.8",
        ),
        output_config=OutputConfig(
            s3_output_location="s3://models-123456789012/compiled/resnet50/",
            target_device="ml_c5",
            compiler_options='{"dtype":"float32"}',
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags=[Tag(key="team", value="vision"), Tag(key="stage", value="test")],
        session=session,
    )
    return job.compilation_job_arn


CALLS: dict[str, Callable[[Any], Any]] = {
    "describe": lambda s: CompilationJob.get("resnet50", session=s).compilation_job_status,
    "describe-training": lambda s: TrainingJob.get("resnet50", session=s).secondary_status,
    "create": create,
    "list": lambda s: sum(1 for _ in jobs(s, 100)),
    "list-endpoints": lambda s: sum(1 for _ in Endpoint.get_all(session=s)),
    "describe-endpoint": lambda s: Endpoint.get("resnet50", session=s).endpoint_name,
    "describe-package": lambda s: ModelPackage.get("resnet50", session=s).model_package_name,
}

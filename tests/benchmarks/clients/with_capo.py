"""capo-sagemaker's synchronous client."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from capo_sagemaker import Credentials, SageMakerClient


def connect(url: str) -> Any:
    credentials = Credentials(
        access_key=os.environ["AWS_ACCESS_KEY_ID"], secret_key=os.environ["AWS_SECRET_ACCESS_KEY"]
    )
    return SageMakerClient(region="us-west-2", endpoint=url, credentials=credentials)


def jobs(client: Any, count: int) -> Any:
    return client.iter_list_compilation_jobs(name_contains=f"first-{count}")


def create(client: Any) -> Any:
    response = client.create_compilation_job(
        compilation_job_name="resnet50-image-classifier-000000",
        role_arn="arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole",
        input_config={
            "s3_uri": "s3://models-123456789012/trained/resnet50/model.tar.gz",
            "data_input_config": '{"input0":[1,3,224,224]}',
            "framework": "PYTORCH",
            "framework_version": "1.8",
        },
        output_config={
            "s3_output_location": "s3://models-123456789012/compiled/resnet50/",
            "target_device": "ml_c5",
            "compiler_options": '{"dtype":"float32"}',
        },
        stopping_condition={"max_runtime_in_seconds": 900},
        tags=[{"key": "team", "value": "vision"}, {"key": "stage", "value": "test"}],
    )
    return response["compilation_job_arn"]


ARN = "arn:aws:sagemaker:us-west-2:123456789012:model/m"

CALLS: dict[str, Callable[[Any], Any]] = {
    "describe": lambda c: c.describe_compilation_job(compilation_job_name="resnet50")["compilation_job_status"],
    "describe-training": lambda c: c.describe_training_job(training_job_name="resnet50")["secondary_status"],
    "create": create,
    "list": lambda c: len(c.list_compilation_jobs()["compilation_job_summaries"]),
    "search": lambda c: len(c.search(resource="TrainingJob")["results"]),
    "iterate": lambda c: sum(1 for job in jobs(c, 10_000) if job["compilation_job_status"] == "FAILED"),
    "list-training": lambda c: len(c.list_training_jobs()["training_job_summaries"]),
    "list-endpoints": lambda c: len(c.list_endpoints()["endpoints"]),
    "list-tags": lambda c: len(c.list_tags(resource_arn=ARN)["tags"]),
    "describe-endpoint": lambda c: c.describe_endpoint(endpoint_name="resnet50")["endpoint_name"],
    "describe-package": lambda c: c.describe_model_package(model_package_name="resnet50")["model_package_name"],
}

"""Compile a model for several devices, and say how it went."""

from botocore.exceptions import ClientError
from sagemaker_typed import SageMaker, to_boto3
from sagemaker_typed.types import (
    InputConfig,
    ListTagsInput,
    OutputConfig,
    StoppingCondition,
    TargetDevice,
)

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
MODEL = "s3://models/resnet/model.tar.gz"

sagemaker = SageMaker(region="us-west-2")


def start(device: str) -> str:
    name = f"resnet-{device.replace('_', '-')}"
    response = sagemaker.compilation_jobs.create(
        name,
        role_arn=ROLE,
        input_config=InputConfig(
            s3_uri=MODEL,
            data_input_config='{"input0": [1, 3, 224, 224]}',
            framework="PYTORCH",
        ),
        output_config=OutputConfig(s3_output_location="s3://models/compiled/", target_device=TargetDevice(device)),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision", "device": device},
    )
    print("started", response.compilation_job_arn)
    return name


def finished(name: str) -> bool:
    job = sagemaker.compilation_jobs.describe(name)
    status = job.compilation_job_status
    if status == "FAILED":
        print(f"{name} failed: {job.failure_reason}")
        # sagemaker-typed: `failure_reason` may be None; the dict has no such key then
        print("first word:", to_boto3(job)["FailureReason"].split()[0])
    elif status == "COMPLETED":
        print(f"{name} for {job.output_config.target_device}:", job.model_artifacts.s3_model_artifacts)
    return status in ("COMPLETED", "FAILED", "STOPPED")


def main() -> None:
    names = [start(device) for device in ("ml_c5", "ml_m5", "lambda")]
    while not all([finished(name) for name in names]):
        pass

    for summary in sagemaker.compilation_jobs.list(sort_by="Name", sort_order="Ascending", max_results=2):
        print(
            summary.compilation_job_name, summary.compilation_job_status, summary.compilation_target_device
        )
    done = [
        summary.compilation_job_name
        for summary in sagemaker.compilation_jobs.list(status_equals="COMPLETED", sort_by="Name", sort_order="Ascending")
    ]
    print("completed:", ", ".join(done))

    arn = sagemaker.compilation_jobs.describe(names[0]).compilation_job_arn
    tags = sagemaker.send(ListTagsInput(resource_arn=arn)).tags or []
    print(sorted((tag.key, tag.value) for tag in tags))
    try:
        sagemaker.compilation_jobs.describe("no-such-job")
    except ClientError as error:
        print(error.response["Error"]["Code"])
    for name in names:
        sagemaker.compilation_jobs.delete(name)


if __name__ == "__main__":
    main()

"""Compile a model for several devices, and say how it went."""

import boto3
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
MODEL = "s3://models/resnet/model.tar.gz"

sagemaker = boto3.client("sagemaker", region_name="us-west-2")


def start(device: str) -> str:
    name = f"resnet-{device.replace('_', '-')}"
    response = sagemaker.create_compilation_job(
        CompilationJobName=name,
        RoleArn=ROLE,
        InputConfig={
            "S3Uri": MODEL,
            "DataInputConfig": '{"input0": [1, 3, 224, 224]}',
            "Framework": "PYTORCH",
        },
        OutputConfig={"S3OutputLocation": "s3://models/compiled/", "TargetDevice": device},
        StoppingCondition={"MaxRuntimeInSeconds": 900},
        Tags=[{"Key": "team", "Value": "vision"}, {"Key": "device", "Value": device}],
    )
    print("started", response["CompilationJobArn"])
    return name


def finished(name: str) -> bool:
    job = sagemaker.describe_compilation_job(CompilationJobName=name)
    status = job["CompilationJobStatus"]
    if status == "FAILED":
        print(f"{name} failed: {job['FailureReason']}")
        print("first word:", job["FailureReason"].split()[0])
    elif status == "COMPLETED":
        print(f"{name} for {job['OutputConfig']['TargetDevice']}:", job["ModelArtifacts"]["S3ModelArtifacts"])
    return status in ("COMPLETED", "FAILED", "STOPPED")


def main() -> None:
    names = [start(device) for device in ("ml_c5", "ml_m5", "lambda")]
    while not all([finished(name) for name in names]):
        pass

    paginator = sagemaker.get_paginator("list_compilation_jobs")
    for page in paginator.paginate(SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}):
        for summary in page["CompilationJobSummaries"]:
            print(
                summary["CompilationJobName"], summary["CompilationJobStatus"], summary.get("CompilationTargetDevice")
            )
    done = [
        summary["CompilationJobName"]
        for page in paginator.paginate(StatusEquals="COMPLETED", SortBy="Name", SortOrder="Ascending")
        for summary in page["CompilationJobSummaries"]
    ]
    print("completed:", ", ".join(done))

    arn = sagemaker.describe_compilation_job(CompilationJobName=names[0])["CompilationJobArn"]
    tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    print(sorted((tag["Key"], tag["Value"]) for tag in tags))
    try:
        sagemaker.describe_compilation_job(CompilationJobName="no-such-job")
    except ClientError as error:
        print(error.response["Error"]["Code"])
    for name in names:
        sagemaker.delete_compilation_job(CompilationJobName=name)


if __name__ == "__main__":
    main()

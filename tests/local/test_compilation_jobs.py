"""The life of a compilation job, through boto3 and real HTTP."""

from __future__ import annotations

import datetime
import hashlib
import io
import tarfile
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock, error_of, names, request, status


def test_a_job_goes_through_its_states_by_time(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    seen: list[str] = []
    for _ in range(4):
        seen.append(status(sm, "job"))
        clock.forward(1)
    assert seen == ["STARTING", "INPROGRESS", "COMPLETED", "COMPLETED"]


def test_the_times_are_those_of_the_states_not_of_the_calls(sm: Any, s3: Any, clock: HandClock) -> None:
    before = datetime.datetime.now(datetime.UTC)
    sm.create_compilation_job(**request("job"))
    clock.forward(60)
    job = sm.describe_compilation_job(CompilationJobName="job")
    second = datetime.timedelta(seconds=1)
    assert abs(job["CreationTime"] - before) < 60 * second
    assert job["CompilationStartTime"] == job["CreationTime"] + second
    assert job["CompilationEndTime"] == job["LastModifiedTime"] == job["CreationTime"] + 2 * second


def test_a_running_job_has_neither_end_nor_artifact(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    assert "CompilationStartTime" not in sm.describe_compilation_job(CompilationJobName="job")
    clock.forward(1)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert "CompilationStartTime" in job
    assert "CompilationEndTime" not in job
    assert "ModelDigests" not in job
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": ""}
    assert job["FailureReason"] == ""


def test_the_artifact_is_in_s3(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    clock.forward(2)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://models/out/resnet-ml_c5.tar.gz"}
    content = s3.get_object(Bucket="models", Key="out/resnet-ml_c5.tar.gz")["Body"].read()
    assert job["ModelDigests"]["ArtifactDigest"] == hashlib.blake2b(content).hexdigest()
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        assert tar.getnames() == ["compiled_model.json"]


def test_the_artifact_is_there_before_anybody_describes_the_job(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    clock.forward(2)
    assert s3.head_object(Bucket="models", Key="out/resnet-ml_c5.tar.gz")["ContentLength"] > 0


@pytest.mark.parametrize(
    ("output", "artifact"),
    [
        ({"S3OutputLocation": "s3://models", "TargetDevice": "lambda"}, "s3://models/resnet-lambda.tar.gz"),
        ({"S3OutputLocation": "s3://models/a/b/", "TargetDevice": "coreml"}, "s3://models/a/b/resnet-coreml.tar.gz"),
        (
            {"S3OutputLocation": "https://models.s3.us-west-2.amazonaws.com/a", "TargetDevice": "rasp3b"},
            "s3://models/a/resnet-rasp3b.tar.gz",
        ),
        (
            {"S3OutputLocation": "https://s3.us-west-2.amazonaws.com/models/a", "TargetDevice": "rasp3b"},
            "s3://models/a/resnet-rasp3b.tar.gz",
        ),
        (
            {"S3OutputLocation": "s3://models/a", "TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}},
            "s3://models/a/resnet-LINUX_ARM64.tar.gz",
        ),
        (
            {
                "S3OutputLocation": "s3://models/a",
                "TargetPlatform": {"Os": "LINUX", "Arch": "X86_64", "Accelerator": "NVIDIA"},
            },
            "s3://models/a/resnet-LINUX_X86_64_NVIDIA.tar.gz",
        ),
    ],
)
def test_the_name_of_the_artifact(sm: Any, s3: Any, clock: HandClock, output: dict[str, Any], artifact: str) -> None:
    sm.create_compilation_job(**request("job", OutputConfig=output))
    clock.forward(2)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == artifact
    assert s3.head_object(Bucket="models", Key=artifact.removeprefix("s3://models/"))


def test_a_model_package_needs_no_input_object(sm: Any, s3: Any, clock: HandClock) -> None:
    package = "arn:aws:sagemaker:us-west-2:123456789012:model-package/detector/3"
    sm.create_compilation_job(**request("job", InputConfig=None, ModelPackageVersionArn=package))
    clock.forward(2)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["ModelPackageVersionArn"] == package
    assert job["CompilationJobStatus"] == "COMPLETED"


def test_a_missing_input_fails_the_job(sm: Any, s3: Any, clock: HandClock) -> None:
    config = {"S3Uri": "s3://models/in/none.tar.gz", "Framework": "PYTORCH"}
    sm.create_compilation_job(**request("job", InputConfig=config))
    clock.forward(2)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["CompilationJobStatus"] == "FAILED"
    assert job["FailureReason"].startswith("ClientError: InputConfiguration: S3 object does not exist.")
    assert "in/none.tar.gz" in job["FailureReason"]
    assert "CompilationEndTime" in job
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": ""}


def test_buckets_that_are_not_here_are_anothers(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(
        **request(
            "job",
            InputConfig={"S3Uri": "s3://theirs/in/resnet.tar.gz", "Framework": "PYTORCH"},
            OutputConfig={"S3OutputLocation": "s3://theirs-too/out", "TargetDevice": "ml_c5"},
        )
    )
    clock.forward(2)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["CompilationJobStatus"] == "COMPLETED"
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert s3.head_object(Bucket="theirs-too", Key=artifact.removeprefix("s3://theirs-too/"))["ContentLength"] > 0


def test_what_was_asked_for_is_described(sm: Any, s3: Any) -> None:
    sent = request("job", VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]})
    arn = sm.create_compilation_job(**sent)["CompilationJobArn"]
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert arn == job["CompilationJobArn"]
    assert arn.startswith("arn:aws:sagemaker:us-west-2:")
    assert arn.endswith(":compilation-job/job")
    assert {member: job[member] for member in sent} == sent


def test_stopping(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    clock.forward(1)
    assert "CompilationStartTime" in sm.describe_compilation_job(CompilationJobName="job")
    sm.stop_compilation_job(CompilationJobName="job")
    assert status(sm, "job") == "STOPPING"
    clock.forward(0.5)
    sm.stop_compilation_job(CompilationJobName="job")  # again, which changes nothing
    clock.forward(0.5)
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["CompilationJobStatus"] == "STOPPED"
    assert "CompilationEndTime" in job
    clock.forward(10)
    assert status(sm, "job") == "STOPPED"
    assert "Contents" not in s3.list_objects_v2(Bucket="models", Prefix="out/")


@pytest.mark.parametrize("final", ["COMPLETED", "FAILED", "STOPPED"])
def test_stopping_what_has_ended(local: LocalSageMaker, sm: Any, final: str) -> None:
    local.script("compilation_job", "*", [final])
    sm.create_compilation_job(**request("job"))
    code, message, http = error_of(sm.stop_compilation_job, CompilationJobName="job")
    assert (code, http) == ("ValidationException", 400)
    assert final in message


@pytest.mark.parametrize("operation", ["describe", "stop", "delete"])
def test_an_unknown_name(sm: Any, operation: str) -> None:
    with pytest.raises(sm.exceptions.ResourceNotFound) as caught:
        getattr(sm, f"{operation}_compilation_job")(CompilationJobName="none")
    assert "none" in caught.value.response["Error"]["Message"]
    assert caught.value.response["Message"] == caught.value.response["Error"]["Message"]


def test_a_name_is_taken_once(sm: Any, s3: Any) -> None:
    sm.create_compilation_job(**request("job"))
    with pytest.raises(sm.exceptions.ResourceInUse):
        sm.create_compilation_job(**request("job"))


def test_a_name_is_taken_per_region(local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock) -> None:
    there = local.boto3_client("sagemaker", region_name="eu-west-1")
    sm.create_compilation_job(**request("job"))
    clock.forward(1)
    assert ":eu-west-1:" in there.create_compilation_job(**request("job"))["CompilationJobArn"]
    assert (status(sm, "job"), status(there, "job")) == ("INPROGRESS", "STARTING")


def test_deleting(sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    code, message, _ = error_of(sm.delete_compilation_job, CompilationJobName="job")
    assert code == "ValidationException"
    assert "STARTING" in message
    clock.forward(2)
    sm.delete_compilation_job(CompilationJobName="job")
    assert error_of(sm.describe_compilation_job, CompilationJobName="job")[0] == "ResourceNotFound"
    sm.create_compilation_job(**request("job"))
    assert status(sm, "job") == "STARTING"


@pytest.mark.parametrize(
    "changes",
    [
        {"InputConfig": None},
        {"ModelPackageVersionArn": "arn:aws:sagemaker:us-west-2:123456789012:model-package/detector/3"},
        {"OutputConfig": {"S3OutputLocation": "s3://models/out"}},
        {
            "OutputConfig": {
                "S3OutputLocation": "s3://models/out",
                "TargetDevice": "ml_c5",
                "TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"},
            }
        },
    ],
)
def test_one_of_two(sm: Any, changes: dict[str, Any]) -> None:
    code, message, http = error_of(sm.create_compilation_job, **request("job", **changes))
    assert (code, http) == ("ValidationException", 400)
    assert "not both" in message


def test_tags(sm: Any, s3: Any) -> None:
    tags = [{"Key": "team", "Value": "vision"}]
    tagged = sm.create_compilation_job(**request("tagged", Tags=tags))["CompilationJobArn"]
    plain = sm.create_compilation_job(**request("plain"))["CompilationJobArn"]
    assert sm.list_tags(ResourceArn=tagged)["Tags"] == tags
    assert sm.list_tags(ResourceArn=plain)["Tags"] == []
    sm.add_tags(ResourceArn=plain, Tags=tags)
    assert sm.list_tags(ResourceArn=plain)["Tags"] == tags
    sm.delete_tags(ResourceArn=plain, TagKeys=["team"])
    assert sm.list_tags(ResourceArn=plain)["Tags"] == []


def test_a_bucket_that_cannot_be_fails_the_job_and_nothing_else(sm: Any, clock: HandClock) -> None:
    output = {"S3OutputLocation": "s3://x/out", "TargetDevice": "ml_c5"}
    sm.create_compilation_job(**request("job", OutputConfig=output))
    clock.forward(2)
    assert names(sm.list_compilation_jobs()) == ["job"]
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["FailureReason"] == "ClientError: OutputConfiguration: 'x' is no name of a bucket."

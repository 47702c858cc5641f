"""What the server answers, made before anything is measured. Names, ARNs and times look as the service's own do."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import Shape

from tests.support import samples
from tests.support.model_server import installed_model

PAGE_SIZE = 100
SEARCH_RESULTS = 20
WAITED = 5_000
"""How many jobs are waited on at once."""
_ARN = "arn:aws:sagemaker:us-west-2:123456789012"
_FIRST_TIME_MS = 1_717_400_000_000
_DEVICES = ("ml_c5", "ml_p3", "ml_inf2", "jetson_xavier", "ml_m5")
_STATUSES = ("COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "INPROGRESS")


def answer(operation: str, body: bytes) -> bytes:
    """The body of the answer to `operation`."""
    return _compilation_jobs(body) if operation == "ListCompilationJobs" else _one(operation)


def sizes() -> dict[str, int]:
    """The size of each answer, which also makes it."""
    return {operation: len(answer(operation, b"{}")) for operation in ("ListCompilationJobs", *_MAKERS)}


def _wire(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _time(number: int, step: int = 0) -> float:
    # Whole milliseconds, as the service has them.
    return (_FIRST_TIME_MS + number * 97_317 + step * 61_403) / 1000


# --- the pages of compilation jobs ------------------------------------------------------------------------------------


def _compilation_jobs(body: bytes) -> bytes:
    """The page that `body` asks for. A NameContains of "first-250" makes it a list of 250 jobs; otherwise one page.

    A sweep, which sorts, is over the jobs of `WAITED`, all of which have ended.
    """
    asked = json.loads(body)
    sweeps = "SortOrder" in asked
    jobs = int(asked.get("NameContains", f"first-{WAITED if sweeps else PAGE_SIZE}").removeprefix("first-"))
    start = int(base64.b64decode(asked["NextToken"]).split()[0]) if "NextToken" in asked else 0
    end = min(start + PAGE_SIZE, jobs)
    over = {"CompilationJobStatus": "COMPLETED"} if sweeps else {}
    summaries = [_compilation_job(number) | over for number in range(start, end)]
    page: dict[str, Any] = {"CompilationJobSummaries": summaries}
    if end < jobs:
        page["NextToken"] = base64.b64encode(f"{end} {'of the jobs in the order asked for; ' * 6}".encode()).decode()
    return _wire(page)


def _compilation_job(number: int) -> dict[str, Any]:
    name = f"resnet50-image-classifier-{number:06}"
    return {
        "CompilationJobName": name,
        "CompilationJobArn": f"{_ARN}:compilation-job/{name}",
        "CreationTime": _time(number),
        "CompilationStartTime": _time(number, 1),
        "CompilationEndTime": _time(number, 5),
        "CompilationTargetDevice": _DEVICES[number % len(_DEVICES)],
        "CompilationTargetPlatformOs": "LINUX",
        "CompilationTargetPlatformArch": "X86_64",
        "CompilationTargetPlatformAccelerator": "NVIDIA",
        "LastModifiedTime": _time(number, 6),
        "CompilationJobStatus": _STATUSES[number % len(_STATUSES)],
    }


# --- the other answers ------------------------------------------------------------------------------------------------


def _describe_compilation_job() -> dict[str, Any]:
    # What the service answers for a job that ended well. Members of other kinds of job are left out, as it does.
    name = "resnet50-image-classifier-000000"
    return {
        "CompilationJobName": name,
        "CompilationJobArn": f"{_ARN}:compilation-job/{name}",
        "CompilationJobStatus": "COMPLETED",
        "CompilationStartTime": _time(0, 1),
        "CompilationEndTime": _time(0, 5),
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
        "InferenceImage": "301217895009.dkr.ecr.us-west-2.amazonaws.com/sagemaker-inference-pytorch:1.8-cpu-py3",
        "CreationTime": _time(0),
        "LastModifiedTime": _time(0, 6),
        "FailureReason": "",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://models-123456789012/compiled/resnet50/model-ml_c5.tar.gz"},
        "ModelDigests": {"ArtifactDigest": "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"},
        "RoleArn": "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole",
        "InputConfig": {
            "S3Uri": "s3://models-123456789012/trained/resnet50/model.tar.gz",
            "DataInputConfig": '{"input0":[1,3,224,224]}',
            "Framework": "PYTORCH",
            "FrameworkVersion": "1.8",
        },
        "OutputConfig": {
            "S3OutputLocation": "s3://models-123456789012/compiled/resnet50/",
            "TargetDevice": "ml_c5",
            "CompilerOptions": '{"dtype":"float32"}',
        },
    }


def _training_job(shape: str, number: int = 0) -> dict[str, Any]:
    """Every member filled; those that are long in an ordinary job are as long here."""
    name = f"image-classification-2024-06-03-{number:06}"
    image = "763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.3.0-gpu-py311-cu121-ubuntu20.04-sagemaker"
    metrics = ("train:loss", "train:accuracy", "validation:loss", "validation:accuracy")
    steps = ("Starting", "Pending", "Downloading", "Training", "Uploading", "Completed")
    hyperparameters = {
        "batch-size": "128",
        "epochs": "90",
        "learning-rate": "0.1",
        "momentum": "0.9",
        "weight-decay": "0.0001",
        "model": "resnet50",
        "workers": "8",
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": f'"{name}"',
        "sagemaker_program": '"train.py"',
        "sagemaker_region": '"us-west-2"',
        "sagemaker_submit_directory": f'"s3://models-123456789012/{name}/source/sourcedir.tar.gz"',
    }
    own = {
        "TrainingJobName": name,
        "TrainingJobArn": f"{_ARN}:training-job/{name}",
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://models-123456789012/{name}/output/model.tar.gz"},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "HyperParameters": hyperparameters,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "MetricDefinitions": [{"Name": metric, "Regex": f"{metric} = ([0-9\\.]+)"} for metric in metrics],
        },
        "CreationTime": _time(number),
        "TrainingStartTime": _time(number, 1),
        "TrainingEndTime": _time(number, 50),
        "LastModifiedTime": _time(number, 51),
        "SecondaryStatusTransitions": [
            {
                "Status": step,
                "StartTime": _time(number, index),
                "EndTime": _time(number, index + 1),
                "StatusMessage": f"{step}: the training job goes on as planned",
            }
            for index, step in enumerate(steps)
        ],
        "FinalMetricDataList": [
            {"MetricName": metric, "Value": 0.7612000107765198, "Timestamp": _time(number, 49)} for metric in metrics
        ],
        "Environment": {"NCCL_DEBUG": "INFO", "OMP_NUM_THREADS": "8", "PYTHONUNBUFFERED": "1"},
        "Tags": [{"Key": key, "Value": f"{key}-of-image-classification"} for key in ("team", "project", "cost-center")],
    }
    wanted: Any = installed_model().shape_for(shape)
    known = {key: value for key, value in own.items() if key in wanted.members}
    full: dict[str, Any] = _merged(_filled(wanted, number), known)
    return full


def _filled(shape: Shape, variant: int = 0) -> Any:
    return samples.to_wire(shape, _in_milliseconds(samples.fill(shape, variant=variant)))


def _in_milliseconds(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, dict):
        return {key: _in_milliseconds(item) for key, item in value.items()}
    return [_in_milliseconds(item) for item in value] if isinstance(value, list) else value


def _merged(filled: Any, own: Any) -> Any:
    if not (isinstance(filled, dict) and isinstance(own, dict)):
        return own
    return filled | {key: _merged(filled.get(key), value) for key, value in own.items()}


def _full(operation: str, **own: Any) -> Any:
    shape: Any = installed_model().operation_model(operation).output_shape
    return _merged(_filled(shape), own)


def _list_of(key: str, shape: str, kind: str, prefix: str) -> dict[str, Any]:
    items = []
    for number in range(PAGE_SIZE):
        name = f"image-classification-2024-06-03-{number:06}"
        named = {f"{prefix}Name": name, f"{prefix}Arn": f"{_ARN}:{kind}/{name}"}
        items.append(_merged(_filled(installed_model().shape_for(shape), number), named))
    return {key: items}


_MAKERS: dict[str, Callable[[], Any]] = {
    "CreateCompilationJob": lambda: {"CompilationJobArn": f"{_ARN}:compilation-job/resnet50-image-classifier-000000"},
    "CreateTransformJob": lambda: {"TransformJobArn": f"{_ARN}:transform-job/image-classification-000000"},
    "DescribeCompilationJob": _describe_compilation_job,
    "DescribeTrainingJob": lambda: _training_job("DescribeTrainingJobResponse"),
    "Search": lambda: {
        "Results": [{"TrainingJob": _training_job("TrainingJob", number)} for number in range(SEARCH_RESULTS)]
    },
    "ListTrainingJobs": lambda: _list_of("TrainingJobSummaries", "TrainingJobSummary", "training-job", "TrainingJob"),
    "ListEndpoints": lambda: _list_of("Endpoints", "EndpointSummary", "endpoint", "Endpoint"),
    "DescribeEndpoint": lambda: _full("DescribeEndpoint", EndpointName="image-classification-2024-06-03"),
    "DescribeModelPackage": lambda: _full("DescribeModelPackage", ModelPackageName="image-classification-2024-06-03"),
    "ListTags": lambda: {"Tags": [{"Key": f"key-{n:02}", "Value": f"value of key {n:02}"} for n in range(50)]},
}


@cache
def _one(operation: str) -> bytes:
    return _wire(_MAKERS[operation]())

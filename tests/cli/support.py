"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from sagemaker_typed.cli.app import app
from tests.support.command_line import runner

ROLE = "arn:aws:iam::123456789012:role/SageMaker"

COMPILATION: dict[str, Any] = {
    "CompilationJobName": "resnet",
    "RoleArn": ROLE,
    "InputConfig": {
        "S3Uri": "s3://models/in/resnet.tar.gz",
        "Framework": "PYTORCH",
        "FrameworkVersion": "1.10",
        "DataInputConfig": '{"input0": [1, 3, 224, 224]}',
    },
    "OutputConfig": {"S3OutputLocation": "s3://models/out", "TargetDevice": "ml_c5"},
    "StoppingCondition": {"MaxRuntimeInSeconds": 900},
}

TRAINING: dict[str, Any] = {
    "TrainingJobName": "run",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


def run(*arguments: str, stdin: str | bytes | None = None) -> Any:
    """A command in this process. An error that is no exit is raised."""
    result = runner().invoke(app, list(arguments), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def program(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A command as a program of its own."""
    command = [sys.executable, "-m", "sagemaker_typed", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)

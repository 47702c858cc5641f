"""What the tests of the embedded SageMaker share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError


class HandClock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


def request(name: str, **changes: Any) -> dict[str, Any]:
    """What create_compilation_job takes. A change to None leaves the member out."""
    whole = {
        "CompilationJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/neo",
        "InputConfig": {
            "S3Uri": "s3://models/in/resnet.tar.gz",
            "Framework": "PYTORCH",
            "DataInputConfig": '{"input0": [1, 3, 224, 224]}',
        },
        "OutputConfig": {"S3OutputLocation": "s3://models/out", "TargetDevice": "ml_c5"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
        **changes,
    }
    return {member: value for member, value in whole.items() if value is not None}


def status(sm: Any, name: str) -> str:
    return str(sm.describe_compilation_job(CompilationJobName=name)["CompilationJobStatus"])


def names(page: Mapping[str, Any]) -> list[str]:
    return [summary["CompilationJobName"] for summary in page["CompilationJobSummaries"]]


def lacks(found: Any, asked: Any, path: str = "") -> list[str]:
    """Where an answer does not hold what was asked for; it may hold more, which the service fills in."""
    if isinstance(asked, Mapping) and isinstance(found, Mapping):
        return [
            problem
            for name, value in asked.items()
            for problem in (
                lacks(found[name], value, f"{path}.{name}") if name in found else [f"{path}.{name} is missing"]
            )
        ]
    if isinstance(asked, list) and isinstance(found, list) and len(asked) == len(found):
        return [
            problem for index, item in enumerate(asked) for problem in lacks(found[index], item, f"{path}[{index}]")
        ]
    return [] if found == asked else [f"{path}: {found!r} is not {asked!r}"]


def error_of(method: Any, **parameters: Any) -> tuple[str, str, int]:
    """Code, message and HTTP status of the error that a call must end in."""
    with pytest.raises(ClientError) as caught:
        method(**parameters)
    answer = cast("Any", caught.value).response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]

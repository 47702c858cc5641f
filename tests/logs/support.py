"""What the tests of logs share: a clock on which things happen, jobs, and CloudWatch Logs as boto3 sees it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sagemaker_typed.waiting import Clock

ROLE = "arn:aws:iam::123456789012:role/r"
TRAINING = "/aws/sagemaker/TrainingJobs"
FIRST = 1000 * (int(time.time()) - 7200)
"""Milliseconds since 1970, two hours ago: CloudWatch Logs takes no line that is older than two weeks."""


class Stage:
    """Seconds that pass when somebody sleeps, with things that happen at set times."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._acts: list[tuple[float, Callable[[], object]]] = []
        self.clock = Clock(now=lambda: self.seconds, sleep=self._sleep, uniform=max)

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something so many seconds from now."""
        self._acts.append((self.seconds + seconds, act))
        self._acts.sort(key=lambda each: each[0])

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        assert len(self.slept) < 10_000, "nobody ends this"
        end = self.seconds + seconds
        while self._acts and self._acts[0][0] <= end:
            moment, act = self._acts.pop(0)
            self.seconds = max(self.seconds, moment)
            act()
        self.seconds = max(self.seconds, end)


def train(sm: Any, name: str, instances: int = 1) -> None:
    """Create a training job with boto3."""
    sm.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models/trained"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def write(logs: Any, group: str, stream: str, *messages: str, at: int | None = None) -> None:
    """Put lines into a stream with boto3, a millisecond apart; make the group and the stream where there is none."""
    for make, arguments in (
        (logs.create_log_group, {"logGroupName": group}),
        (logs.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
    ):
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            make(**arguments)
    first = round(time.time() * 1000) if at is None else at
    events = [{"timestamp": first + number, "message": message} for number, message in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def there(logs: Any, group: str, prefix: str) -> list[tuple[datetime, str, str]]:
    """What boto3 finds in the streams whose names begin so, in the order of time and stream."""
    found: list[tuple[datetime, str, str]] = []
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNamePrefix=prefix)
    for page in pages:
        for event in page["events"]:
            moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            found.append((moment, event["logStreamName"], event["message"]))
    return sorted(found, key=lambda each: each[:2])

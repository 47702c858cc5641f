"""500 creations through quotas and lost answers, killed in the middle and started again: nothing twice, few calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.types import CreateCompilationJobRequest
from sagemaker_typed.waiting import BatchEvent
from tests.local.support import request

NAMES = [f"job-{number:04}" for number in range(500)]
AT_ONCE = 40
RUNS = ("STARTING", "INPROGRESS")
ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """The end of a process."""


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=fast_forward(), every=60) as running:
        yield running


@pytest.fixture
def sm(local: LocalSageMaker) -> SageMaker:
    return local.client()


def creation(name: str, **changes: Any) -> CreateCompilationJobRequest:
    return from_boto3(CreateCompilationJobRequest, request(name, **changes))


def running_now(local: LocalSageMaker) -> int:
    client = local.boto3_client("sagemaker")
    pages = client.get_paginator("list_compilation_jobs").paginate(MaxResults=100)
    return sum(job["CompilationJobStatus"] in RUNS for page in pages for job in page["CompilationJobSummaries"])


def test_five_hundred_are_killed_in_the_middle_and_started_again(local: LocalSageMaker, sm: SageMaker) -> None:
    local.script("compilation_job", "job-0007", ["STARTING", ("FAILED", "ClientError: bad shape")])
    faults = {"quota": 0, "lost": 0}
    most = 0

    def trouble(event: BatchEvent) -> None:
        nonlocal most
        most = max(most, sum(event.states.get(status, 0) for status in RUNS))
        if event.done > 100 and not faults["quota"]:
            local.fail_next("CreateCompilationJob", "ResourceLimitExceeded", times=3)
            faults["quota"] = 3
        if event.done > 200 and not faults["lost"]:
            local.drop_next("CreateCompilationJob", done=True, times=4)
            faults["lost"] = 4

    def killed(event: BatchEvent) -> None:
        trouble(event)
        if event.done > 240:
            raise Killed

    requests = [creation(name) for name in NAMES]
    with pytest.raises(Killed):
        sm.run_all(requests, max_running=AT_ONCE, on_poll=killed)
    there = running_now(local)
    assert 0 < there <= AT_ONCE
    before = local.calls
    report = local.client().run_all(requests, max_running=AT_ONCE, exist_ok="same", on_poll=trouble)
    assert report.counts == {"succeeded": 499, "failed": 1, "stopped": 0, "pending": 0, "missing": 0}
    assert [row.name for row in report.rows()] == NAMES
    assert most <= AT_ONCE
    # Each was created once: those that a quota refused were sent again, and those whose answer was lost were not.
    assert local.calls["CreateCompilationJob"] == 500 + faults["quota"]
    assert faults == {"quota": 3, "lost": 4}
    after = local.calls - before
    assert after["DescribeCompilationJob"] <= 500 + after["CreateCompilationJob"] + AT_ONCE + faults["lost"]
    assert after["ListCompilationJobs"] < 300


def test_settings_that_differ_are_told_and_nothing_is_created(local: LocalSageMaker, sm: SageMaker) -> None:
    assert sm.run_all([creation("a"), creation("b")]).ok
    output = {**request("b")["OutputConfig"], "TargetDevice": "ml_m5"}
    report = sm.run_all([creation("a"), creation("b", OutputConfig=output)], exist_ok="same")
    assert list(report.succeeded) == ["a"]
    error = report.failed["b"]
    assert isinstance(error, errors.ResourceDiffersError)
    assert [difference.path for difference in error.differences] == ["output_config.target_device"]
    assert local.calls["CreateCompilationJob"] == 2


KILLED = """
import os, sys
from sagemaker_typed import from_boto3
from sagemaker_typed.testing import fast_forward
from sagemaker_typed.types import CreateCompilationJobRequest
from sagemaker_typed import SageMaker
from tests.local.support import request

sm = SageMaker(region="us-west-2", endpoint_url=sys.argv[1])
sm.clock = fast_forward()
requests = [from_boto3(CreateCompilationJobRequest, request(f"job-{number:04}")) for number in range(60)]
sm.run_all(requests, max_running=8, exist_ok="same", on_poll=lambda event: event.done > 20 and os._exit(9))
"""


def test_a_process_that_is_killed_leaves_what_the_next_one_goes_on_with() -> None:
    with LocalSageMaker(every=0.02) as local:
        environment = {**os.environ, **local.environment()}
        code = [sys.executable, "-c", KILLED, local.url]
        ended = subprocess.run(code, cwd=ROOT, env=environment, timeout=100, check=False, capture_output=True)
        assert ended.returncode == 9, ended.stderr
        sm = local.client()
        sm.clock = fast_forward()
        report = sm.run_all([creation(f"job-{number:04}") for number in range(60)], max_running=8, exist_ok="same")
        report.raise_for_failures()
        assert len(report) == 60
        assert local.calls["CreateCompilationJob"] == 60

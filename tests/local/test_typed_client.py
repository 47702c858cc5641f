"""The typed client against the embedded service."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.errors import ResourceInUseError, ResourceNotFoundError, ThrottlingError, WaitFailedError
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.types import Framework, InputConfig, OutputConfig, StoppingCondition, TargetDevice
from sagemaker_typed.types.compilation_jobs import CompilationJobStatus
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock

pytestmark = pytest.mark.own_local


def create(sm: Any, name: str) -> None:
    sm.compilation_jobs.create(
        name,
        role_arn="arn:aws:iam::123456789012:role/neo",
        input_config=InputConfig(s3_uri="s3://models/in/resnet.tar.gz", framework=Framework.PYTORCH),
        output_config=OutputConfig(s3_output_location="s3://models/out", target_device=TargetDevice.ML_C5),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision"},
    )


def test_a_compilation_job(local: LocalSageMaker, s3: Any, clock: HandClock) -> None:
    sm = local.client(validation="strict")
    # The wait sleeps on the clock that the service lives by.
    sm.clock = Clock(now=clock, sleep=clock.forward)
    create(sm, "resnet")
    job = sm.compilation_jobs.wait_until_completed("resnet", timeout=10, poll=1)
    assert job.compilation_job_status is CompilationJobStatus.COMPLETED
    assert job.model_artifacts.s3_model_artifacts == "s3://models/out/resnet-ml_c5.tar.gz"
    assert local.calls["DescribeCompilationJob"] == 3
    assert [summary.compilation_job_name for summary in sm.compilation_jobs.list()] == ["resnet"]
    assert [tag.key for tag in sm.tags.list(job.compilation_job_arn)] == ["team"]


def test_errors_are_typed(local: LocalSageMaker) -> None:
    sm = local.client()
    with pytest.raises(ResourceNotFoundError):
        sm.compilation_jobs.describe("none")
    create(sm, "one")
    with pytest.raises(ResourceInUseError):
        create(sm, "one")


def test_a_failure_is_raised_by_the_wait(local: LocalSageMaker, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STARTING", ("FAILED", "ClientError: bad shape")], describes=1)
    sm = local.client()
    sm.clock = Clock(now=clock, sleep=clock.forward)
    create(sm, "one")
    with pytest.raises(WaitFailedError, match="bad shape"):
        sm.compilation_jobs.wait_until_completed("one", timeout=10, poll=1)


def test_throttling_comes_through_when_retries_are_used_up(local: LocalSageMaker) -> None:
    sm = local.client(config=Config(retries={"total_max_attempts": 1}))
    create(sm, "one")
    local.fail_next("DescribeCompilationJob", "ThrottlingException", message="Rate exceeded")
    with pytest.raises(ThrottlingError):
        sm.compilation_jobs.describe("one")


def test_stopping_the_service_closes_its_clients(local: LocalSageMaker) -> None:
    sm = local.client()
    create(sm, "one")
    local.stop()
    with pytest.raises(RuntimeError, match="closed"):
        sm.compilation_jobs.describe("one")

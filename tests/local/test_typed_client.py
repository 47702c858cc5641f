"""The typed client against the embedded service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.errors import ResourceInUseError, ResourceNotFoundError, ThrottlingError, WaitFailedError
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.types import Framework, InputConfig, OutputConfig, StoppingCondition, TargetDevice
from sagemaker_typed.types.compilation_jobs import CompilationJobStatus
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock

pytestmark = pytest.mark.own_local

ROLE = "arn:aws:iam::123456789012:role/neo"


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


@pytest.mark.parametrize("clock", [fast_forward()], ids=["fast"])
def test_an_asynchronous_client_waits_on_the_same_clock(local: LocalSageMaker, clock: Clock) -> None:
    async def run() -> Any:
        async with local.async_client(region="eu-west-1", validation="strict") as sm:
            await sm.pipelines.create("nightly", pipeline_definition="{}", role_arn=ROLE)
            started = await sm.api.start_pipeline_execution(pipeline_name="nightly")
            return await sm.pipeline_executions.wait_until_completed(str(started.pipeline_execution_arn), poll=3600)

    local.script("pipeline_execution", "*", every=1800)
    began = clock.now()
    execution = asyncio.run(run())
    assert execution.pipeline_execution_status == "Succeeded"
    assert clock.now() - began >= 3600
    assert ":eu-west-1:" in execution.pipeline_arn


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

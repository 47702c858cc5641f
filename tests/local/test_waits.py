"""Waits against the embedded SageMaker, with the calls that they cost. Nobody sleeps: the clock moves instead."""

from __future__ import annotations

import itertools
import logging
import pickle
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import BatchEvent, SageMaker, errors
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.waiting import Clock
from tests.local.support import request

NAMES = [f"job-{number:04d}" for number in range(500)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time for the service, for the waits, and for botocore between its own attempts at one call."""
    clock = fast_forward()
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=clock.sleep))
    return clock


@pytest.fixture
def local(clock: Clock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=clock, every=60) as running:
        yield running


@pytest.fixture
def sm(local: LocalSageMaker) -> SageMaker:
    return local.client()


def create(local: LocalSageMaker, names: list[str]) -> None:
    client = local.boto3_client("sagemaker")
    for name in names:
        client.create_compilation_job(**request(name))
    client.close()


def costs(local: LocalSageMaker, ticks: list[BatchEvent]) -> tuple[int, int]:
    """The most List calls of a tick, and all Describe calls."""
    lists = [0, *(tick.list_calls for tick in ticks)]
    assert local.calls["ListCompilationJobs"] == lists[-1]
    assert local.calls["DescribeCompilationJob"] == ticks[-1].describe_calls
    return max(after - before for before, after in itertools.pairwise(lists)), ticks[-1].describe_calls


def test_five_hundred_jobs_cost_six_lists_a_tick_and_a_describe_each(local: LocalSageMaker, sm: SageMaker) -> None:
    for seventh in range(7):
        local.script(
            "compilation_job", f"*{seventh}", ["STARTING", "INPROGRESS", "COMPLETED"], every=60 + 200 * seventh
        )
    local.script("compilation_job", "job-0007", ["STARTING", ("FAILED", "ClientError: bad shape")])
    local.script("compilation_job", "job-0013", ["INPROGRESS", "STOPPING", "STOPPED"])
    create(local, NAMES)
    ticks: list[BatchEvent] = []
    report = sm.compilation_jobs.wait_all(NAMES, timeout=6 * 3600, on_poll=ticks.append)
    assert report.counts == {"succeeded": 498, "failed": 1, "stopped": 1, "pending": 0, "missing": 0}
    assert len(ticks) > 20
    lists, describes = costs(local, ticks)
    assert lists <= 6
    assert describes == 500
    assert report.succeeded["job-0000"].model_artifacts.s3_model_artifacts.startswith("s3://")
    assert str(report.failed["job-0007"]).startswith("compilation job 'job-0007' failed after ")
    assert "bad shape" in str(report)
    with pytest.raises(errors.WaitReportError, match="1 failed, 1 stopped") as caught:
        report.raise_for_failures()
    assert pickle.loads(pickle.dumps(caught.value)).report.counts == report.counts


def test_three_jobs_among_many_are_described_and_not_swept(local: LocalSageMaker, sm: SageMaker) -> None:
    create(local, [f"other-{number}" for number in range(300)])
    create(local, NAMES[:3])
    report = sm.compilation_jobs.wait_all(NAMES[:3])
    assert report.ok
    assert local.calls["ListCompilationJobs"] == 0


def test_old_jobs_behind_a_long_history_are_swept_from_the_oldest_on(local: LocalSageMaker, sm: SageMaker) -> None:
    local.script("compilation_job", "job-*", ["STARTING", "INPROGRESS", "COMPLETED"], every=1200)
    create(local, NAMES[:20])
    create(local, [f"other-{number}" for number in range(900)])
    ticks: list[BatchEvent] = []
    assert sm.compilation_jobs.wait_all(NAMES[:20], on_poll=ticks.append).ok
    lists, describes = costs(local, ticks)
    # Two pages of others show none of them; each is described once to learn its age, and once at its end.
    assert (lists, describes) == (2, 40)
    assert ticks[-1].list_calls - ticks[0].list_calls == len(ticks) - 1


def test_throttled_to_two_lists_a_second(local: LocalSageMaker, sm: SageMaker) -> None:
    local.throttle("ListCompilationJobs", 2)
    local.throttle("DescribeCompilationJob", 5)
    create(local, NAMES[:150])
    report = sm.compilation_jobs.wait_all(NAMES[:150], timeout=6 * 3600)
    assert report.counts["succeeded"] == 150


def test_every_name_is_in_one_of_five(local: LocalSageMaker, sm: SageMaker) -> None:
    local.script("compilation_job", "job-0001", [("FAILED", "")])
    local.script("compilation_job", "job-0002", ["STOPPED"])
    local.script("compilation_job", "job-0003", ["INPROGRESS"])
    create(local, NAMES[:4])
    report = sm.compilation_jobs.wait_all([*NAMES[:4], "nope", "job-0000"], timeout=600)
    assert report.counts == {"succeeded": 1, "failed": 1, "stopped": 1, "pending": 1, "missing": 1}
    assert len(report) == 5
    failed, pending, missing = report.failed["job-0001"], report.pending["job-0003"], report.missing["nope"]
    assert isinstance(failed, errors.WaitFailedError)
    assert failed.reason is None
    assert isinstance(pending, errors.WaitTimeoutError)
    assert (pending.status, round(pending.elapsed)) == ("INPROGRESS", 600)
    assert (missing.name, missing.polls > 0) == ("nope", True)


def test_fail_fast(local: LocalSageMaker, sm: SageMaker) -> None:
    local.script("compilation_job", "job-0001", ["FAILED"])
    create(local, NAMES[:3])
    report = sm.compilation_jobs.wait_all(NAMES[:3], fail_fast=True)
    assert report.counts == {"succeeded": 0, "failed": 1, "stopped": 0, "pending": 2, "missing": 0}
    assert not isinstance(report.pending["job-0000"], errors.WaitTimeoutError)


def test_no_names_no_calls(local: LocalSageMaker, sm: SageMaker) -> None:
    assert sm.compilation_jobs.wait_all([]).ok
    assert sm.wait_all([]).ok
    assert local.calls == {}
    with pytest.raises(errors.InvalidRequestError, match="several names"):
        sm.compilation_jobs.wait_all("job")
    for name in (None, 3, ""):
        with pytest.raises(errors.InvalidRequestError, match=r"names\[1\]"):
            sm.compilation_jobs.wait_all(["job", name])  # type: ignore[list-item]
    with pytest.raises(errors.InvalidRequestError, match="can be waited on"):
        sm.wait_all(["arn:aws:s3:::bucket"])
    with pytest.raises(errors.InvalidRequestError, match="can be waited on"):
        sm.wait_all([("code_repositories", "x")])


def endpoint(local: LocalSageMaker, name: str) -> str:
    client = local.boto3_client("sagemaker")
    client.create_model(
        ModelName=name, ExecutionRoleArn="arn:aws:iam::123456789012:role/x", PrimaryContainer={"Image": "i"}
    )
    variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    for config in (name, f"{name}-v2"):
        client.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    return str(client.create_endpoint(EndpointName=name, EndpointConfigName=name)["EndpointArn"])


def test_kinds_together(local: LocalSageMaker, sm: SageMaker) -> None:
    create(local, NAMES[:2])
    arn = endpoint(local, "canary")
    report = sm.wait_all([("compilation_jobs", NAMES[0]), ("compilation_jobs", NAMES[1]), arn, ("endpoints", "nope")])
    assert list(report.succeeded) == [f"compilation_jobs/{NAMES[0]}", f"compilation_jobs/{NAMES[1]}", arn]
    assert list(report.missing) == ["endpoints/nope"]


def test_an_endpoint_that_rolls_back_is_not_updated(local: LocalSageMaker, sm: SageMaker) -> None:
    endpoint(local, "canary")
    assert sm.endpoints.wait_until_in_service("canary").endpoint_config_name == "canary"
    local.script("endpoint", "canary", ["Updating", "RollingBack", "InService"])
    local.boto3_client("sagemaker").update_endpoint(EndpointName="canary", EndpointConfigName="canary-v2")
    with pytest.raises(errors.WaitFailedError, match="'canary' and not 'canary-v2'"):
        sm.endpoints.wait_until_updated("canary", endpoint_config_name="canary-v2")
    local.script("endpoint", "canary", ["Updating", "InService"])
    local.boto3_client("sagemaker").update_endpoint(EndpointName="canary", EndpointConfigName="canary-v2")
    updated = sm.endpoints.wait_until_updated("canary", endpoint_config_name="canary-v2")
    assert updated.endpoint_config_name == "canary-v2"


def test_only_what_is_not_there_is_deleted(local: LocalSageMaker, sm: SageMaker) -> None:
    endpoint(local, "canary")
    sm.endpoints.wait_until_in_service("canary")
    sm.endpoints.delete("canary")
    last = sm.endpoints.wait_until_deleted("canary")
    assert last is not None
    assert last.endpoint_status == "Deleting"
    assert sm.endpoints.wait_until_deleted("canary") is None
    with pytest.warns(errors.InvalidRequestWarning), pytest.raises(errors.ValidationError):
        sm.endpoints.wait_until_deleted("no such name!")


def test_a_minute_of_throttling_and_worse(local: LocalSageMaker, sm: SageMaker) -> None:
    create(local, ["job"])
    local.throttle("DescribeCompilationJob", 0.05)
    for _ in range(3):
        local.fail_next("DescribeCompilationJob", "InternalFailure", times=2)
        local.drop_next("DescribeCompilationJob")
    assert sm.compilation_jobs.wait_until_completed("job", timeout=3600).compilation_job_status == "COMPLETED"


def test_expired_credentials_end_the_wait_at_once(local: LocalSageMaker, sm: SageMaker) -> None:
    create(local, NAMES[:2])
    local.fail_next("DescribeCompilationJob", "ExpiredTokenException", message="The security token is expired", times=2)
    with pytest.raises(errors.ExpiredCredentialsError, match="expired"):
        sm.compilation_jobs.wait_until_completed(NAMES[0])
    with pytest.raises(errors.ExpiredCredentialsError, match="expired") as caught:
        sm.compilation_jobs.wait_all(NAMES[:2])
    assert "2 compilation jobs continue" in caught.value.__notes__[0]
    assert caught.value.report is not None
    assert list(caught.value.report.pending) == NAMES[:2]
    assert 2 <= local.calls["DescribeCompilationJob"] <= 3  # the other job's was under way


def test_one_line_for_each_change_and_nothing_printed(
    local: LocalSageMaker, sm: SageMaker, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    create(local, ["job"])
    with caplog.at_level(logging.INFO, "sagemaker_typed.waiting"):
        sm.compilation_jobs.wait_until_completed("job")
    assert [record.getMessage() for record in caplog.records] == [
        f"compilation job 'job': {status}" for status in ("STARTING", "INPROGRESS", "COMPLETED")
    ]
    assert capfd.readouterr() == ("", "")
    sm.compilation_jobs.wait_until_completed("job", progress=True)
    assert capfd.readouterr() == ("", "compilation job 'job': COMPLETED (0s)\n")


def test_an_interrupt_leaves_them_running_or_stops_them(local: LocalSageMaker, sm: SageMaker) -> None:
    def interrupt(event: Any) -> None:
        if event.elapsed < 10:
            raise KeyboardInterrupt

    local.script("compilation_job", "*", ["INPROGRESS"])
    create(local, NAMES[:3])
    with pytest.raises(KeyboardInterrupt) as caught:
        sm.compilation_jobs.wait_all(NAMES[:3], on_poll=interrupt)
    (note,) = caught.value.__notes__
    assert "3 compilation jobs continue: 'job-0000', 'job-0001', 'job-0002'" in note
    assert "sm.compilation_jobs.stop" in note
    assert local.calls["StopCompilationJob"] == 0
    interrupts = iter([KeyboardInterrupt])

    def once(event: Any) -> None:
        for each in interrupts:
            raise each

    report = sm.compilation_jobs.wait_all(NAMES[:3], on_poll=once, stop_on_interrupt=True)
    assert report.counts["stopped"] == 3

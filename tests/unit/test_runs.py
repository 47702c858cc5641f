"""`sm.run_all`: what is submitted when, what becomes of refusals, and what leaves by an exception."""

from __future__ import annotations

import logging
from itertools import repeat
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import (
    CreateCompilationJobRequest,
    CreateModelCardRequest,
    DescribeCompilationJobRequest,
    StartPipelineExecutionRequest,
)
from sagemaker_typed.waiting import BatchEvent
from tests.support import account as acc
from tests.support.account import Account, Fault, Life, request
from tests.support.simulated import JumpyTime, api

NAMES = [f"job-{number:02}" for number in range(30)]


def requests(names: list[str] = NAMES) -> list[CreateCompilationJobRequest]:
    return [request(name) for name in names]


# --- before anything is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([DescribeCompilationJobRequest(compilation_job_name="a")], r"not DescribeCompilationJob"),
        (
            [request("a"), request("b"), request("a")],
            r"requests\[2\]: a unique name: requests\[0\] already creates the comp",
        ),
        (["a"], r"requests\[0\]: a request, not 'a'"),
        (request("a"), "several requests, not a CreateCompilationJobRequest"),
        ([StartPipelineExecutionRequest(pipeline_name="p")] * 2, r"pipeline execution 'p'"),
        ([CreateModelCardRequest(model_card_name="c", content="{}", model_card_status="Draft")], "not CreateModelCard"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_sent(given: Any, said: str) -> None:
    account = Account(JumpyTime())
    with pytest.raises(errors.InvalidRequestError, match=said):
        account.run_all(given)
    assert not account.calls


@pytest.mark.parametrize(
    ("options", "said"),
    [({"max_running": 0}, "max_running"), ({"max_running": True}, "max_running"), ({"exist_ok": "some"}, "exist_ok")],
)
def test_options_are_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=said):
        SageMaker(region="us-west-2").run_all([], **options)


def test_nothing_to_run() -> None:
    report = Account(JumpyTime()).run_all([])
    assert report.ok
    assert len(report) == 0


# --- calls ------------------------------------------------------------------------------------------------------------


def test_a_run_costs_one_creation_and_one_description_each_and_few_lists() -> None:
    account = Account(JumpyTime())
    report = account.run_all(requests(), max_running=10)
    assert report.ok
    assert account.most == 10
    assert (account.calls["Create"], account.calls["Describe"]) == (30, 30)
    assert account.calls["List"] <= 30
    assert (report.create_calls, report.describe_calls) == (30, 30)


def test_a_restart_describes_each_name_and_creates_what_is_missing() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(1000))
    for name in NAMES[-8:]:  # those that run are the last
        account.put(request(name), ago=100)
    report = account.run_all(requests(), max_running=10, exist_ok="same")
    assert report.ok
    assert account.most == 10
    assert account.calls["Create"] == 22


def test_a_name_that_cannot_be_looked_up_holds_the_others_up_until_it_is() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(5000), faults=[Fault(lambda: api("ThrottlingException"))])
    for name in NAMES[:2]:
        account.put(request(name), ago=100)
    account.run_all(requests(NAMES[:4]), max_running=2, exist_ok=True)
    assert account.most == 2


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_quota_is_waited_out_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(JumpyTime(), quota=4)
    ticks: list[BatchEvent] = []
    with caplog.at_level(logging.WARNING, "sagemaker_typed.waiting"):
        report = account.run_all(requests(), max_running=10, on_poll=ticks.append)
    assert report.ok
    assert account.most == 4
    told = [record for record in caplog.records if "waits for the quota, and so do others" in record.getMessage()]
    assert len(told) == 1
    assert "service limit 'Compilation jobs' is 4 Jobs" in told[0].getMessage()
    assert any(tick.states.get("held by a quota") for tick in ticks)
    assert account.refused["quota"] < 40  # one try for each that ends, and not one for each that waits


def test_a_quota_is_waited_out_until_the_timeout() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**6), quota=2)
    report = account.run_all(requests(NAMES[:3]), timeout=500)
    (late,) = (error for name, error in report.pending.items() if name not in account.accepted)
    assert isinstance(late, errors.WaitTimeoutError)
    assert isinstance(late.__cause__, errors.ResourceLimitExceededError)
    assert "was not submitted in time: the last answer was" in str(late)


def test_a_quota_that_is_too_small_for_the_request_is_a_failure() -> None:
    report = Account(JumpyTime(), quota=0).run_all(requests(NAMES[:2]))
    assert {type(error) for error in report.failed.values()} == {errors.ResourceLimitExceededError}
    assert report.elapsed < 60


def test_quotas_of_one_instance_type_do_not_hold_up_another() -> None:
    from sagemaker_typed._waiting.creating import quota_of
    from sagemaker_typed.types import CreateTransformJobRequest, TransformResources

    def asks(instance: str) -> CreateTransformJobRequest:
        resources = TransformResources(instance_type=instance, instance_count=1)  # type: ignore[arg-type]
        none: Any = None
        return CreateTransformJobRequest(
            transform_job_name="t", model_name="m", transform_input=none, transform_output=none,
            transform_resources=resources,
        )  # fmt: skip

    assert quota_of(asks("ml.m5.large")) == ("CreateTransformJob", "ml.m5.large")
    assert quota_of(asks("ml.m5.large")) != quota_of(asks("ml.c5.large"))


def test_throttling_slows_the_pace_of_submissions_and_fails_nothing() -> None:
    account = Account(JumpyTime(), faults=[acc.THROTTLED] * 3)
    report = account.run_all(requests(NAMES[:5]), max_running=5)
    assert report.ok
    assert account.calls["Create"] == 8
    assert account.refused["taken"] == 0


@pytest.mark.parametrize("fault", [acc.LOST, acc.FAILED_AFTER])
@pytest.mark.parametrize("shown_after", [0.0, 6.0])
def test_a_lost_answer_makes_no_second_job(fault: Fault, shown_after: float) -> None:
    account = Account(JumpyTime(), faults=[fault], shown_after=shown_after)
    report = account.run_all(requests(NAMES[:1]))
    assert report.ok
    assert account.accepted == NAMES[:1]


@pytest.mark.parametrize("fault", [acc.NEVER_SENT, acc.FAILED_BEFORE])
def test_a_creation_that_did_not_arrive_is_sent_again(fault: Fault) -> None:
    account = Account(JumpyTime(), faults=[fault])
    assert account.run_all(requests(NAMES[:1])).ok
    assert account.calls["Create"] == 2


def test_a_lost_answer_about_somebody_elses_job_is_a_failure() -> None:
    account = Account(JumpyTime(), faults=[acc.NEVER_SENT])
    account.put(request("job-00", framework="ONNX"))
    error = account.run_all(requests(NAMES[:1])).failed["job-00"]
    assert isinstance(error, errors.ResourceDiffersError)
    assert str(error) == (
        "compilation job 'job-00' exists already with other settings:\n"
        "  input_config.framework: requested 'PYTORCH', found 'ONNX'"
    )


def test_a_name_that_is_taken_is_a_failure_unless_it_may_be() -> None:
    account = Account(JumpyTime())
    account.put(request("job-00"))
    error = account.run_all(requests(NAMES[:2])).failed["job-00"]
    assert isinstance(error, errors.ResourceInUseError)
    assert account.run_all(requests(NAMES[:2]), exist_ok="same").ok
    assert account.calls["Create"] == 2


def test_where_nothing_ever_answers_the_run_ends_with_a_report() -> None:
    account = Account(JumpyTime(), faults=repeat(acc.NEVER_SENT))
    with pytest.raises(errors.TransportError) as caught:
        account.run_all(requests(NAMES[:3]))
    assert caught.value.report is not None
    assert list(caught.value.report.pending) == NAMES[:3]
    assert account.time.now - 1000 < 120


# --- what leaves by an exception --------------------------------------------------------------------------------------


def test_ctrl_c_says_what_goes_on_and_what_was_not_submitted() -> None:
    account = Account(JumpyTime(interrupts=[3]), life=lambda name: Life(5000))
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all(requests(NAMES[:6]), max_running=4)
    report = caught.value.report  # type: ignore[attr-defined]
    assert list(report.pending) == NAMES[:6]
    assert "4 compilation jobs continue" in caught.value.__notes__[0]
    assert "2 were not submitted" in caught.value.__notes__[0]
    assert "was not submitted, as the run ended with KeyboardInterrupt" in str(report.pending[NAMES[5]])


def test_ctrl_c_stops_what_runs_if_asked() -> None:
    account = Account(JumpyTime(interrupts=[3]), life=lambda name: Life(5000))
    report = account.run_all(requests(NAMES[:6]), max_running=4, stop_on_interrupt=True)
    assert list(report.stopped) == NAMES[:4]
    assert list(report.pending) == NAMES[4:6]
    assert account.calls["Stop"] == 4


def test_a_job_whose_creation_was_interrupted_is_stopped_as_well() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(5000), faults=[None, acc.CTRL_C_AFTER])
    report = account.run_all(requests(NAMES[:3]), max_running=2, stop_on_interrupt=True)
    assert list(report.stopped) == NAMES[:2]
    assert list(report.pending) == NAMES[2:3]


def test_an_error_of_on_poll_leaves_with_the_report() -> None:
    def fails(event: BatchEvent) -> None:
        if event.done == 2:
            raise ValueError("enough")

    account = Account(JumpyTime(), life=lambda name: Life(50 + 400 * NAMES.index(name)))
    with pytest.raises(ValueError, match="enough") as caught:
        account.run_all(requests(NAMES[:6]), max_running=2, on_poll=fails)
    report = caught.value.report  # type: ignore[attr-defined]
    assert list(report.succeeded) == NAMES[:2]
    assert sorted([*report.succeeded, *report.pending]) == NAMES[:6]


def test_fail_fast_submits_no_more() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(50, "FAILED" if name == "job-01" else "COMPLETED"))
    report = account.run_all(requests(NAMES[:10]), max_running=2, fail_fast=True)
    assert list(report.failed) == ["job-01"]
    assert len(account.accepted) <= 4
    assert "as another one did not succeed" in str(report.pending["job-09"])


def test_requests_of_several_kinds_are_told_apart_by_their_group() -> None:
    account = Account(JumpyTime())
    with pytest.raises(AssertionError):  # the account knows compilation jobs only
        account.run_all([request("a"), StartPipelineExecutionRequest(pipeline_name="p")])
    assert account.accepted == ["a"]

"""`run`: a job that is created or found, waited for and described; refusals, lost answers and interruptions between."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed.resources.compilation_jobs import CompilationJobs
from sagemaker_typed.types import DescribeCompilationJobResponse, StartPipelineExecutionRequest
from tests.support import account as acc
from tests.support.account import Account, Life, request
from tests.support.simulated import JumpyTime


def run(account: Account, name: str = "a", **options: Any) -> DescribeCompilationJobResponse:
    sender: Any = account
    made = request(name)
    return CompilationJobs(sender).run(
        name,
        role_arn=made.role_arn,
        input_config=options.pop("input_config", made.input_config),
        output_config=made.output_config,
        stopping_condition=made.stopping_condition,
        **options,
    )


def test_it_creates_waits_and_describes() -> None:
    account = Account(JumpyTime())
    events: list[str | None] = []
    job = run(account, on_poll=lambda event: events.append(event.status))
    assert (job.compilation_job_name, job.compilation_job_status) == ("a", "COMPLETED")
    assert account.accepted == ["a"]
    assert (events[0], events[-1]) == ("INPROGRESS", "COMPLETED")


def test_it_attaches_to_a_job_with_the_same_settings() -> None:
    account = Account(JumpyTime())
    account.put(request("a"), ago=40)
    assert run(account).compilation_job_status == "COMPLETED"
    assert (account.accepted, account.calls["Create"]) == ([], 0)
    assert account.time.now == pytest.approx(1060, abs=30)  # the rest of its life, and not a whole one


def test_a_job_that_ended_before_is_described_at_once() -> None:
    account = Account(JumpyTime())
    account.put(request("a"), ago=1000)
    assert run(account).compilation_job_status == "COMPLETED"
    assert account.time.slept == []


def test_other_settings_are_an_error_unless_told() -> None:
    account = Account(JumpyTime())
    other = request("a", framework="ONNX").input_config
    account.put(request("a"))
    with pytest.raises(errors.ResourceDiffersError, match=r"input_config\.framework"):
        run(account, input_config=other)
    assert run(account, input_config=other, exist_ok=True).compilation_job_status == "COMPLETED"


def test_without_exist_ok_a_taken_name_is_the_services_error() -> None:
    account = Account(JumpyTime())
    account.put(request("a"))
    with pytest.raises(errors.ResourceInUseError):
        run(account, exist_ok=False)
    assert account.calls["Describe"] == 0


def test_a_failed_job_that_is_there_fails_the_run() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(end="FAILED"))
    account.put(request("a"), ago=1000)
    with pytest.raises(errors.WaitFailedError):
        run(account)


@pytest.mark.parametrize("fault", [acc.LOST, acc.NEVER_SENT, acc.FAILED_AFTER, acc.FAILED_BEFORE, acc.THROTTLED])
def test_a_creation_that_goes_wrong_is_made_once(fault: acc.Fault) -> None:
    account = Account(JumpyTime(), faults=[None, fault])  # the look that finds nothing, then the creation
    assert run(account).compilation_job_status == "COMPLETED"
    assert account.accepted == ["a"]


def test_a_quota_is_waited_out() -> None:
    account = Account(JumpyTime(), quota=1, life=lambda name: Life(seconds=300))
    account.put(request("other"))
    assert run(account).compilation_job_status == "COMPLETED"
    assert account.refused["quota"] >= 1


def test_the_timeout_counts_from_the_beginning() -> None:
    account = Account(JumpyTime(), quota=1, life=lambda name: Life(seconds=10_000))
    account.put(request("other"))
    with pytest.raises(errors.WaitTimeoutError, match="compilation job 'a' was not submitted within") as caught:
        run(account, timeout=100)
    assert isinstance(caught.value.__cause__, errors.ResourceLimitExceededError)
    assert (caught.value.name, caught.value.elapsed) == ("a", 100.0)
    assert f"was not submitted within 1m40s: the last answer was {caught.value.__cause__}" in str(caught.value)
    assert account.time.now == pytest.approx(1100, abs=2)
    account = Account(JumpyTime(), quota=1, life=lambda name: Life(seconds=5 if name == "other" else 10_000))
    account.put(request("other"))
    with pytest.raises(errors.WaitTimeoutError, match="was not completed within"):
        run(account, timeout=100)
    assert account.time.now == pytest.approx(1100, abs=2)


@pytest.mark.parametrize("turn", [0, 1])
def test_a_job_that_may_exist_is_told_of_whenever_it_is_left(turn: int) -> None:
    """After the answer was lost, and after the job was not found."""
    account = Account(JumpyTime(interrupts=[turn]), faults=[None, acc.NEVER_SENT])
    with pytest.raises(KeyboardInterrupt) as caught:
        run(account)
    lost = "compilation job 'a' was sent, and no answer came: it may have been created"
    assert caught.value.__notes__ == [lost]
    assert account.calls["Describe"] == 1 + turn


def test_a_request_whose_answer_is_lost_for_good_is_told_of() -> None:
    account = Account(JumpyTime(), faults=[None, *[acc.NEVER_SENT] * 50])
    with pytest.raises(errors.WaitTimeoutError) as caught:
        run(account, timeout=30)
    assert str(caught.value) == (
        "compilation job 'a' was sent, and no answer came: it may have been created: the last answer was refused "
        "(after 30s)"
    )


def test_nobody_there() -> None:
    account = Account(JumpyTime(), faults=[acc.NEVER_SENT] * 1000)
    with pytest.raises(errors.TransportError) as caught:
        run(account, exist_ok=False)
    (note,) = caught.value.__notes__
    assert re.fullmatch("no usable answer ever came for compilation job 'a', for 1m[0-9]+s", note)
    assert account.time.now < 1000 + 120


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([acc.CTRL_C], "was not submitted"),
        ([None, acc.CTRL_C], "it may have been created"),
        ([None, None, None, acc.CTRL_C], "continues; sm.compilation_jobs.stop('a') stops it"),
    ],
)
def test_ctrl_c_says_what_becomes_of_the_job(faults: list[acc.Fault | None], said: str) -> None:
    account = Account(JumpyTime(), faults=faults)
    with pytest.raises(KeyboardInterrupt) as caught:
        run(account)
    assert said in " ".join(caught.value.__notes__)


def test_what_cannot_be_is_refused_before_anything_is_sent() -> None:
    account = Account(JumpyTime())
    for options in ({"exist_ok": "some"}, {"timeout": -1}, {"logs": "yes"}):
        with pytest.raises(errors.InvalidRequestError):
            run(account, **options)
    assert not account.calls


def test_a_start_without_a_name_is_not_looked_up() -> None:
    """An execution has no name of its own: with "same" it could not be told from the next."""
    import inspect

    from sagemaker_typed.resources.pipeline_executions import PipelineExecutions

    assert inspect.signature(PipelineExecutions.run).parameters["exist_ok"].default is False
    assert StartPipelineExecutionRequest(pipeline_name="p").client_request_token is None

"""A wait that ends badly says why: the time limit of a job, the failed step of a pipeline execution, the missing resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from tests.support.clock import FakeTime
from tests.support.model_server import ModelServer

ARN = "arn:aws:sagemaker:us-west-2:123456789012:"
EXECUTION = f"{ARN}pipeline/p/execution/abcdefghijkl"
TOO_LONG = "Training job ran for longer than MaxRuntimeInSeconds"


@pytest.fixture(autouse=True)
def _stands(sm: SageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only pauses take time: the texts say it."""
    monkeypatch.setattr(sm, "clock", FakeTime().clock)


def without(sample: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in sample.items() if name not in names}


# --- jobs -------------------------------------------------------------------------------------------------------------


def shows_training(server: ModelServer, status: str, secondary: str, *messages: tuple[str, str], **more: Any) -> None:
    history = [{"Status": state, "StartTime": 1.7e9, "StatusMessage": text} for state, text in messages]
    document = without(server.sample("DescribeTrainingJob"), "FailureReason")
    shown = {"TrainingJobStatus": status, "SecondaryStatus": secondary, "SecondaryStatusTransitions": history}
    server.respond("DescribeTrainingJob", {**document, **shown, **more})


def stopped(sm: SageMaker) -> errors.WaitStoppedError:
    with pytest.raises(errors.WaitStoppedError) as caught:
        sm.training_jobs.wait_until_completed("t", timeout=60)
    return caught.value


@pytest.mark.parametrize(
    ("secondary", "messages", "reason"),
    [
        ("MaxRuntimeExceeded", [("Training", "Training is under way"), ("MaxRuntimeExceeded", TOO_LONG)], TOO_LONG),
        ("MaxWaitTimeExceeded", [("MaxWaitTimeExceeded", "first"), ("MaxWaitTimeExceeded", "last")], "last"),
        ("MaxRuntimeExceeded", [("Training", "Training is under way")], None),
        ("MaxRuntimeExceeded", [("MaxRuntimeExceeded", "")], None),
        ("MaxRuntimeExceeded", [], None),
    ],
)
def test_a_time_limit_is_the_reason(
    secondary: str, messages: list[tuple[str, str]], reason: str | None, server: ModelServer, sm: SageMaker
) -> None:
    shows_training(server, "Stopped", secondary, *messages)
    error = stopped(sm)
    assert error.reason == (f"{secondary}: {reason}" if reason else secondary)
    assert f"was stopped after 0s: {error.reason} (last state Stopped)" in str(error)


def test_a_job_without_a_history_is_stopped_by_its_time_limit_too(server: ModelServer, sm: SageMaker) -> None:
    server.respond(
        "DescribeTrainingJob",
        {"TrainingJobName": "t", "TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"},
    )
    assert stopped(sm).reason == "MaxWaitTimeExceeded"


def test_somebody_who_stops_a_job_gives_no_reason(server: ModelServer, sm: SageMaker) -> None:
    shows_training(server, "Stopped", "Stopped", ("Stopped", "Training job stopped"))
    assert stopped(sm).reason is None


def test_the_failure_reason_comes_first(server: ModelServer, sm: SageMaker) -> None:
    shows_training(server, "Failed", "Interrupted", ("Interrupted", "no"), FailureReason="AlgorithmError: exit code 1")
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("t", timeout=60)
    assert caught.value.reason == "AlgorithmError: exit code 1"


def test_a_job_that_goes_on_has_no_reason(server: ModelServer, sm: SageMaker) -> None:
    shows_training(server, "InProgress", "Downloading", ("Downloading", "Downloading the training image"))
    with pytest.raises(errors.WaitTimeoutError) as caught:
        sm.training_jobs.wait_until_completed("t", timeout=0)
    assert caught.value.reason is None


def test_of_many_each_has_its_reason(server: ModelServer, sm: SageMaker) -> None:
    shows_training(server, "Stopped", "MaxRuntimeExceeded", ("MaxRuntimeExceeded", TOO_LONG))
    report = sm.training_jobs.wait_all(["a", "b"], timeout=60)
    assert {name: error.reason for name, error in report.stopped.items()} == dict.fromkeys(
        ("a", "b"), f"MaxRuntimeExceeded: {TOO_LONG}"
    )


@pytest.mark.parametrize(
    ("wait", "operation", "shown", "reason"),
    [
        (
            lambda sm: sm.auto_ml_jobs.wait_until_completed("j", timeout=60),
            "DescribeAutoMLJobV2",
            {"AutoMLJobStatus": "Stopped", "AutoMLJobSecondaryStatus": "MaxAutoMLJobRuntimeReached"},
            "MaxAutoMLJobRuntimeReached",
        ),
        (
            lambda sm: sm.jobs.wait_until_completed("j", job_category="AgentRFT", timeout=60),
            "DescribeJob",
            {
                "JobStatus": "Stopped",
                "SecondaryStatus": "MaxRuntimeExceeded",
                "SecondaryStatusTransitions": [
                    {"Status": "MaxRuntimeExceeded", "StartTime": 1.7e9, "StatusMessage": "took too long"}
                ],
            },
            "MaxRuntimeExceeded: took too long",
        ),
    ],
)
def test_other_jobs_with_a_finer_status(
    wait: Callable[[SageMaker], object],
    operation: str,
    shown: dict[str, Any],
    reason: str,
    server: ModelServer,
    sm: SageMaker,
) -> None:
    server.respond(operation, {**without(server.sample(operation), "FailureReason"), **shown})
    with pytest.raises(errors.WaitStoppedError) as caught:
        wait(sm)
    assert caught.value.reason == reason


# --- pipeline executions ----------------------------------------------------------------------------------------------

WHOLE = "Step failure: One or multiple steps failed."


def fails(server: ModelServer, status: str = "Failed", **more: Any) -> None:
    document = without(server.sample("DescribePipelineExecution"), "FailureReason")
    server.respond("DescribePipelineExecution", {**document, "PipelineExecutionStatus": status, **more})


def has_steps(server: ModelServer, *steps: tuple[str, str, str | None]) -> None:
    """The latest first, as they are asked for."""
    shown = [{"StepName": name, "StepStatus": status, "FailureReason": reason} for name, status, reason in steps]
    items = [{name: value for name, value in step.items() if value is not None} for step in shown]
    server.respond("ListPipelineExecutionSteps", {"PipelineExecutionSteps": items})


def failed(sm: SageMaker) -> errors.WaitFailedError:
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.pipeline_executions.wait_until_completed(EXECUTION, timeout=60)
    return caught.value


def operations(server: ModelServer) -> list[str]:
    return [request.operation for request in server.requests]


@pytest.mark.parametrize(
    ("steps", "whole", "reason"),
    [
        (
            [("Train", "Failed", "ClientError: no data"), ("Prepare", "Succeeded", None)],
            WHOLE,
            "step 'Train' failed: ClientError: no data",
        ),
        (
            [("Right", "Failed", "later"), ("Middle", "Stopped", None), ("Left", "Failed", "earlier")],
            WHOLE,
            "step 'Left' failed: earlier; step 'Right' failed: later",
        ),
        ([("Train", "Failed", None)], WHOLE, f"step 'Train' failed: {WHOLE}"),
        ([("Train", "Failed", "")], None, "step 'Train' failed"),
        ([("Train", "Stopped", "no")], WHOLE, WHOLE),
        ([], WHOLE, WHOLE),
        ([], None, None),
    ],
)
@pytest.mark.parametrize("status", ["Failed", "CompletedWithFailures"])
def test_a_failed_execution_names_the_failed_step(
    status: str,
    steps: list[tuple[str, str, str | None]],
    whole: str | None,
    reason: str | None,
    server: ModelServer,
    sm: SageMaker,
) -> None:
    fails(server, status, **({"FailureReason": whole} if whole else {}))
    has_steps(server, *steps)
    error = failed(sm)
    assert error.reason == reason
    assert reason is None or reason in str(error)
    assert operations(server) == ["DescribePipelineExecution", "ListPipelineExecutionSteps"]
    assert server.requests[1].body == {
        "PipelineExecutionArn": EXECUTION,
        "SortOrder": "Descending",
        "MaxResults": 100,
    }


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 400), ("ThrottlingException", 400), ("InternalFailure", 500)]
)
def test_a_list_that_gives_no_answer_hides_nothing(code: str, status: int, server: ModelServer, sm: SageMaker) -> None:
    fails(server, FailureReason=WHOLE)
    server.respond_error("ListPipelineExecutionSteps", code, "no", status=status)
    error = failed(sm)
    assert (error.reason, error.status) == (WHOLE, "Failed")
    assert error.__cause__ is None
    report = sm.pipeline_executions.wait_all([EXECUTION], timeout=60)
    assert [getattr(error, "reason", "") for error in report.failed.values()] == [WHOLE]


def test_each_failed_execution_of_many_names_its_step(server: ModelServer, sm: SageMaker) -> None:
    fails(server, FailureReason=WHOLE)
    has_steps(server, ("Train", "Failed", "no data"))
    report = sm.pipeline_executions.wait_all([EXECUTION, f"{EXECUTION}2"], timeout=60)
    assert [getattr(error, "reason", "") for error in report.failed.values()] == ["step 'Train' failed: no data"] * 2
    assert operations(server).count("ListPipelineExecutionSteps") == 2


def test_a_success_that_came_before_the_stop_is_not_explained(server: ModelServer, sm: SageMaker) -> None:
    fails(server, "Succeeded")
    with pytest.raises(errors.WaitFailedError):
        sm.pipeline_executions.wait_until_stopped(EXECUTION, timeout=60)
    assert operations(server) == ["DescribePipelineExecution"]


@pytest.mark.parametrize(("status", "cls"), [("Succeeded", None), ("Stopped", errors.WaitStoppedError)])
def test_no_list_is_asked_for_unless_something_failed(
    status: str, cls: type[errors.WaitError] | None, server: ModelServer, sm: SageMaker
) -> None:
    fails(server, status)
    if cls is None:
        sm.pipeline_executions.wait_until_completed(EXECUTION, timeout=60)
    else:
        with pytest.raises(cls):
            sm.pipeline_executions.wait_until_completed(EXECUTION, timeout=60)
    assert operations(server) == ["DescribePipelineExecution"]


def test_a_wait_for_the_end_of_a_stop_names_the_failed_step(server: ModelServer, sm: SageMaker) -> None:
    fails(server)
    has_steps(server, ("Train", "Failed", "no data"))
    with pytest.raises(errors.WaitFailedError, match="step 'Train' failed: no data"):
        sm.pipeline_executions.wait_until_stopped(EXECUTION, timeout=60)


# --- what is not there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "kind", "name", "arn"),
    [
        (f'Could not find endpoint "{ARN}endpoint/e".', "endpoint", "e", f"{ARN}endpoint/e"),
        ("Could not find it.", "endpoint", "e", None),
        ("Could not find endpoint configuration 'c'.", "endpoint configuration", "c", None),
        ("Cannot find resource policy", "resource policy", None, None),
    ],
)
def test_a_wait_fills_in_what_the_message_leaves_open(
    message: str, kind: str, name: str | None, arn: str | None, server: ModelServer, sm: SageMaker
) -> None:
    server.respond_error("DescribeEndpoint", "ValidationException", message)
    with pytest.raises(errors.ResourceNotFoundError) as caught:
        sm.endpoints.wait_until_in_service("e", timeout=0)
    error = caught.value
    assert (error.kind, error.name, error.arn) == (kind, name, arn)
    assert error.polls == 1


# --- lists with nothing in them ---------------------------------------------------------------------------------------


def test_a_null_among_the_items_of_a_list_is_passed_over(server: ModelServer, sm: SageMaker) -> None:
    server.respond("DescribePipelineExecution", {"PipelineExecutionStatus": "Failed", "FailureReason": "why"})
    server.respond("ListPipelineExecutionSteps", {"PipelineExecutionSteps": [None]})
    with pytest.raises(errors.WaitFailedError, match="why") as caught:
        sm.pipeline_executions.wait_until_completed(EXECUTION, timeout=60)
    assert caught.value.reason == "why"
    server.respond(
        "DescribeTrainingJob",
        {
            "TrainingJobName": "t",
            "TrainingJobStatus": "Stopped",
            "SecondaryStatus": "MaxRuntimeExceeded",
            "SecondaryStatusTransitions": [None],
        },
    )
    assert stopped(sm).reason == "MaxRuntimeExceeded"
    names = [f"e-{number}" for number in range(12)]
    server.respond("ListEndpoints", {"Endpoints": [None]})
    server.respond("DescribeEndpoint", {"EndpointName": "e", "EndpointStatus": "InService"})
    report = sm.endpoints.wait_all(names, timeout=60)
    assert report.ok
    assert report.list_calls >= 1

"""Waits that show the log, and errors that carry the end of it."""

from __future__ import annotations

import inspect
import io
import logging
import pickle
import sys
import threading
from functools import partial
from typing import Any

import pytest

from sagemaker_typed import SageMaker, WaitEvent, errors
from sagemaker_typed.logs import LogLine
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import FIRST, TRAINING, Stage, there, train, write

FAILS = ["InProgress/Training", ("Failed", "AlgorithmError: NaN")]


def scripted(local: LocalSageMaker, boto: Any, *states: Any, lines: list[str] | None = None) -> None:
    """A training job `job` whose states last a minute."""
    local.script("training_job", "job", list(states) or ["InProgress/Training", "Completed"], every=60)
    local.log("training_job", "job", ["one", "two"] if lines is None else lines)
    train(boto, "job")


# --- logs= ------------------------------------------------------------------------------------------------------------


def test_the_log_is_printed_while_waiting(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(local, boto, lines=["loss 1\r\x1b[2J"])
    stage.after(30, lambda: write(logs, TRAINING, "job/algo-2-7", "two\nlines\n"))
    job = sm.training_jobs.wait_until_completed("job", logs=True)
    assert job.training_job_status == "Completed"
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert first.endswith(r"loss 1\r\x1b[2J")
    assert second.endswith(r" job/algo-2-7 two\nlines")
    assert first.startswith(there(logs, TRAINING, "job/")[0][0].isoformat(timespec="milliseconds")[:-6])
    assert err == ""


def test_a_function_gets_the_lines_as_they_come(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(local, boto)
    came: list[tuple[float, LogLine]] = []
    stage.after(20, lambda: write(logs, TRAINING, "job/algo-2-7", "three"))
    stage.after(63, lambda: write(logs, TRAINING, "job/algo-2-7", "after the end"))
    threads: set[threading.Thread] = set()

    def takes(line: LogLine) -> None:
        came.append((stage.seconds, line))
        threads.add(threading.current_thread())

    sm.training_jobs.wait_until_completed("job", logs=takes)
    assert [tuple(line) for _, line in came] == there(logs, TRAINING, "job/")
    assert [line.message for _, line in came] == ["one", "two", "three", "after the end"]
    times = [moment - 1000 for moment, _ in came]
    assert times[0] == times[1] == 0  # at once
    assert 20 <= times[2] <= 30  # between two looks at the job, which are up to a minute apart
    assert capsys.readouterr().out == ""
    assert threads == {threading.current_thread()}


def test_looks_at_the_job_are_as_without_the_log(sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    def polls(**more: Any) -> list[float]:
        local.reset()
        stage.seconds = 1000
        scripted(local, boto)
        events: list[WaitEvent[Any]] = []
        sm.training_jobs.wait_until_completed("job", on_poll=events.append, **more)
        return [event.elapsed for event in events]

    assert polls() == polls(logs=list) == polls(log_tail=3)


def test_without_logs_none_is_read(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto)
    sm.training_jobs.wait_until_completed("job", log_tail=5)
    assert (local.calls["DescribeLogStreams"], local.calls["GetLogEvents"]) == (0, 0)


def test_a_log_that_may_not_be_read_is_warned_of_once(
    sm: SageMaker, boto: Any, local: LocalSageMaker, caplog: pytest.LogCaptureFixture
) -> None:
    scripted(local, boto)
    local.fail_next(
        "DescribeLogStreams", "AccessDeniedException", message="not authorized: logs:DescribeLogStreams", times=50
    )
    came: list[LogLine] = []
    sm.training_jobs.wait_until_completed("job", logs=came.append)
    assert came == []
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "the log of training job 'job' cannot be read" in warnings[0]
    assert "not authorized: logs:DescribeLogStreams" in warnings[0]
    assert local.calls["DescribeLogStreams"] == 1


def test_a_log_that_is_throttled_comes_later(
    sm: SageMaker, boto: Any, local: LocalSageMaker, caplog: pytest.LogCaptureFixture
) -> None:
    scripted(local, boto)
    local.fail_next("GetLogEvents", "ThrottlingException", times=4)
    came: list[LogLine] = []
    sm.training_jobs.wait_until_completed("job", logs=came.append)
    assert [line.message for line in came] == ["one", "two"]
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1


def test_the_wait_ends_at_its_deadline_whatever_the_log_does(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    scripted(local, boto)
    with pytest.raises(errors.WaitTimeoutError):
        sm.training_jobs.wait_until_completed("job", logs=list, timeout=45)
    assert stage.seconds == 1045
    for seconds in range(100):
        stage.after(seconds, partial(write, logs, TRAINING, "job/algo-2-7", str(seconds)))
    sm.training_jobs.wait_until_completed("job", logs=list, timeout=20, poll=1)
    assert stage.seconds == 1065


def test_the_errors_of_the_function_reach_the_caller(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto)

    def takes(line: LogLine) -> None:
        raise LookupError(line.message)

    with pytest.raises(LookupError, match="one"):
        sm.training_jobs.wait_until_completed("job", logs=takes)


def test_ctrl_c_in_the_function_is_one_in_the_wait(
    sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Stopping", "Stopped"], on="stop", every=10)
    scripted(local, boto, lines=["one", "two", "three"])
    came: list[str] = []

    def takes(line: LogLine) -> None:
        came.append(line.message)
        if line.message == "one":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        sm.training_jobs.wait_until_completed("job", logs=takes)
    assert caught.value.__notes__ == ["training job 'job' continues; sm.training_jobs.stop('job') stops it"]
    came.clear()
    with pytest.raises(errors.WaitStoppedError):
        sm.training_jobs.wait_until_completed("job", logs=takes, stop_on_interrupt=True)
    assert came == ["one", "two", "three"]
    assert boto.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopped"


def test_an_endpoint_shows_what_it_writes_from_now_on(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    boto.create_model(
        ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/r", PrimaryContainer={"Image": "i"}
    )
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    boto.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    group = "/aws/sagemaker/Endpoints/ep"
    write(logs, group, "v/i-0", "of two hours ago", at=FIRST)
    boto.create_endpoint(EndpointName="ep", EndpointConfigName="c")
    local.log("endpoint", "ep", ["model server started"])
    before = stage.seconds
    came: list[LogLine] = []
    sm.endpoints.wait_until_in_service("ep", logs=came.append)
    assert [line.message for line in came] == ["model server started"]
    assert stage.seconds - before < 60
    with pytest.raises(TypeError, match="logs"):
        sm.endpoints.wait_until_deleted("ep", logs=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_standard_output_that_cannot_write_a_line(
    sm: SageMaker, boto: Any, local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(local, boto, lines=["fünf ☃"])
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    sm.training_jobs.wait_until_completed("job", logs=True)
    sys.stdout.flush()
    assert raw.getvalue().decode("latin-1").endswith("fünf \\u2603\n")


@pytest.mark.parametrize(
    "more",
    [
        {"logs": "yes"},
        {"logs": 1},
        {"logs": None},
        {"log_tail": -1},
        {"log_tail": True},
        {"log_tail": "20"},
        {"log_tail": 10_001},
    ],
)
def test_bad_options(sm: SageMaker, local: LocalSageMaker, more: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidRequestError, match=f"{next(iter(more))}: "):
        sm.training_jobs.wait_until_completed("job", **more)
    assert sum(local.calls.values()) == 0


def test_only_waits_with_a_log_take_the_options() -> None:
    sm: Any = SageMaker()
    taken = {"logs", "log_tail"}
    for method in (
        sm.training_jobs.wait_until_completed,
        sm.training_jobs.wait_until_stopped,
        sm.apps.wait_until_in_service,
    ):
        assert taken <= inspect.signature(method).parameters.keys()
    for method in (sm.models.wait_until_deleted, sm.domains.wait_until_in_service, sm.training_jobs.wait_until_deleted):
        assert taken.isdisjoint(inspect.signature(method).parameters)


# --- log_tail= --------------------------------------------------------------------------------------------------------


def test_an_error_carries_the_last_lines_on_request(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    scripted(local, boto, *FAILS, lines=[f"line {number}" for number in range(50)])
    stage.after(62, lambda: write(logs, TRAINING, "job/algo-2-7", "Traceback", "NaN\x1b[0m"))
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=20)
    error = caught.value
    expected = there(logs, TRAINING, "job/")[-20:]
    assert [tuple(line) for line in error.log_tail] == expected
    assert [line.message for line in error.log_tail[-2:]] == ["Traceback", "NaN\x1b[0m"]
    (note,) = error.__notes__
    first, *shown = note.splitlines()
    assert first == "the last 20 lines of its log in /aws/sagemaker/TrainingJobs:"
    assert [line.strip() for line in shown] == [str(line) for line in error.log_tail]
    assert shown[-1].endswith(r"NaN\x1b[0m")
    assert (error.log_group, error.reason) == (TRAINING, "AlgorithmError: NaN")
    again = pickle.loads(pickle.dumps(error))
    assert again.log_tail == error.log_tail
    assert error.elapsed == 75  # when the failure was seen, not when its log had come


def test_without_the_request_there_is_no_tail(sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    scripted(local, boto, *FAILS)
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job")
    assert caught.value.log_tail == ()
    assert not hasattr(caught.value, "__notes__")
    assert stage.seconds == 1075
    assert local.calls["DescribeLogStreams"] == 0


def test_the_tail_of_a_log_that_was_shown(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto, *FAILS)
    came: list[LogLine] = []
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", logs=came.append, log_tail=1)
    assert [line.message for line in came] == ["one", "two"]
    assert [line.message for line in caught.value.log_tail] == ["two"]


def test_a_stopped_job_has_a_tail_too(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto, "InProgress/Training", "Stopped")
    with pytest.raises(errors.WaitStoppedError) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=1)
    assert [line.message for line in caught.value.log_tail] == ["two"]


def test_a_tail_that_may_not_be_read(
    sm: SageMaker, boto: Any, local: LocalSageMaker, caplog: pytest.LogCaptureFixture
) -> None:
    scripted(local, boto, *FAILS)
    local.fail_next("DescribeLogStreams", "AccessDeniedException", times=50)
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=5)
    assert caught.value.log_tail == ()
    assert "its log in /aws/sagemaker/TrainingJobs cannot be read: " in caught.value.__notes__[0]
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1


def test_an_empty_tail(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto, *FAILS, lines=[])
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=5)
    assert caught.value.__notes__ == ["its log in /aws/sagemaker/TrainingJobs is empty"]


def test_ctrl_c_while_the_tail_is_waited_for(sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    scripted(local, boto, *FAILS)

    def interrupt() -> None:
        raise KeyboardInterrupt

    stage.after(80, interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=5, stop_on_interrupt=True)
    assert caught.value.__notes__ == ["training job 'job' failed after 1m15s: AlgorithmError: NaN (last state Failed)"]
    assert local.calls["StopTrainingJob"] == 0


def test_the_traceback_names_no_other_error(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    scripted(local, boto, *FAILS)
    local.fail_next("DescribeLogStreams", "ThrottlingException", times=2)
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", log_tail=5)
    assert len(caught.value.log_tail) == 2
    assert caught.value.__cause__ is caught.value.__context__ is None

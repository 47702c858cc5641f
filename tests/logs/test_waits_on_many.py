"""A wait on many resources that shows their logs."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.logs import LogLine
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import TRAINING, Stage, there, train, write

NAMES = ["ada", "bob", "eve"]


def those_of(logs: Any, name: str) -> list[Any]:
    """What boto3 finds in the streams of a job; moto's filter takes no prefix."""
    return [each for each in there(logs, TRAINING, f"{name}/") if each[1].startswith(f"{name}/")]


@pytest.fixture
def jobs(local: LocalSageMaker, boto: Any) -> list[str]:
    """Each runs one minute longer than the one before it."""
    for number, name in enumerate(NAMES):
        local.script("training_job", name, ["InProgress/Training"] * (number + 1) + ["Completed"], every=60)
        local.log("training_job", name, [f"{name} begins"])
        train(boto, name, instances=3 if name == "eve" else 1)
    return NAMES


def test_the_lines_of_many_are_printed_behind_their_names(
    sm: SageMaker, jobs: list[str], logs: Any, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.after(30, lambda: write(logs, TRAINING, "bob/algo-1-7", "loss 1\r\x1b[2J"))
    report = sm.training_jobs.wait_all(jobs, logs=True)
    assert sorted(report.succeeded) == jobs
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert {line.partition(": ")[0] for line in lines} == set(jobs)
    for name in jobs:
        shown = [line.partition(": ")[2] for line in lines if line.startswith(f"{name}: ")]
        found = [str(LogLine(*each)) for each in those_of(logs, name)]
        assert sorted(shown) == sorted(found)
    assert any(line.endswith(r"loss 1\r\x1b[2J") for line in lines)


def test_a_function_gets_each_line_once_with_the_name(
    sm: SageMaker, jobs: list[str], boto: Any, logs: Any, stage: Stage
) -> None:
    came: list[tuple[str, LogLine]] = []
    moments: list[float] = []
    stage.after(40, lambda: write(logs, TRAINING, "eve/algo-2-7", "second host"))
    stage.after(45, lambda: write(logs, TRAINING, "eve/algo-3-7", "third host"))
    stage.after(65, lambda: write(logs, TRAINING, "ada/algo-1-9", "after the end"))

    def take(name: str, line: LogLine) -> None:
        came.append((name, line))
        moments.append(stage.seconds - 1000)

    sm.wait_all([("training_jobs", name) for name in jobs], logs=take)
    for name in jobs:
        mine = [tuple(line) for found, line in came if found == f"training_jobs/{name}"]
        assert sorted(mine) == sorted(those_of(logs, name))
    late = [moment for (_, line), moment in zip(came, moments, strict=True) if line.message == "after the end"]
    assert len(late) == 1
    assert 65 <= late[0] <= 80  # while the others are waited for


def test_looks_at_the_jobs_are_as_without_the_logs(
    sm: SageMaker, local: LocalSageMaker, boto: Any, stage: Stage
) -> None:
    def looked(**more: Any) -> int:
        local.reset()
        stage.seconds = 1000.0
        for name in NAMES:
            local.script("training_job", name, ["InProgress/Training"] * 3 + ["Completed"], every=60)
            train(boto, name)
        before = local.calls["DescribeTrainingJob"]
        assert sm.training_jobs.wait_all(NAMES, poll=20, **more).ok
        return local.calls["DescribeTrainingJob"] - before

    assert looked(logs=lambda *_: None) == looked()


def test_the_deadline_holds(sm: SageMaker, local: LocalSageMaker, boto: Any, stage: Stage) -> None:
    local.script("training_job", "*", ["InProgress/Training"], manual=True)
    local.log("training_job", "*", ["begins"])
    for name in NAMES:
        train(boto, name)
    report = sm.training_jobs.wait_all(NAMES, timeout=100, logs=lambda name, line: None)
    assert sorted(report.pending) == NAMES
    assert 100 <= stage.seconds - 1000 <= 102


def test_a_log_that_cannot_be_read_ends_no_wait(
    sm: SageMaker, local: LocalSageMaker, jobs: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    local.fail_next("DescribeLogStreams", "AccessDeniedException", times=100)
    with caplog.at_level(logging.WARNING, "sagemaker_typed.waiting"):
        assert sm.training_jobs.wait_all(jobs, logs=True).ok
    assert sum("cannot be read" in each.message for each in caplog.records) == 3


def test_kinds_without_a_log_show_none(sm: SageMaker, boto: Any, capsys: pytest.CaptureFixture[str]) -> None:
    boto.create_model(
        ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/r", PrimaryContainer={"Image": "i"}
    )
    train(boto, "job")
    report = sm.wait_all([("training_jobs", "job"), ("training_jobs", "absent")], logs=True)
    assert "training_jobs/job" in report.succeeded
    assert not report.ok
    assert "absent" not in capsys.readouterr().out
    with pytest.raises(errors.InvalidRequestError, match="logs"):
        sm.wait_all([("training_jobs", "job")], logs="yes")  # type: ignore[arg-type]


def test_an_error_of_the_function_reaches_the_caller(sm: SageMaker, jobs: list[str]) -> None:
    def take(name: str, line: LogLine) -> None:
        raise KeyError(name)

    with pytest.raises(KeyError) as found:
        sm.training_jobs.wait_all(jobs, logs=take)
    assert found.value.report is not None  # type: ignore[attr-defined]


def test_on_an_event_loop(local: LocalSageMaker, jobs: list[str], logs: Any) -> None:
    came: list[tuple[str, str]] = []

    async def run() -> None:
        async with local.async_client() as sm:
            report = await sm.training_jobs.wait_all(jobs, logs=lambda name, line: came.append((name, line.message)))
            assert report.ok

    asyncio.run(run())
    for name in jobs:
        assert [text for found, text in came if found == name] == [each[2] for each in those_of(logs, name)]

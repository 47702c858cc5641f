"""Following a log: until the resource has ended and its last lines have come, on a clock that nobody waits for."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed import logs as public
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import FIRST, TRAINING, Stage, there, train, write


def texts(lines: Any) -> list[str]:
    return [line.message for line in lines]


def test_a_job_is_followed_to_its_last_line(sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker) -> None:
    train(boto, "job", instances=3)
    found = list(sm.training_jobs.logs("job", follow=True))
    assert [tuple(line) for line in found] == there(logs, TRAINING, "job/")
    assert len({line.stream for line in found}) == 3
    assert sum("Reporting training SUCCESS" in line.message for line in found) == 3
    assert boto.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("lag", [1, 9, 18, 45])
def test_lines_that_come_late_are_there(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage, lag: int
) -> None:
    """While lines come within ten seconds of each other, the log is read for a minute after the end."""
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=2)
    local.log("training_job", "job", ["begins"])
    train(boto, "job")
    for seconds in range(2, lag, 8):
        stage.after(seconds, partial(write, logs, TRAINING, "job/late", f"after {seconds}"))
    stage.after(lag + 2, lambda: write(logs, TRAINING, "job/late", "the last"))
    assert texts(sm.training_jobs.logs("job", follow=True))[-1] == "the last"


def test_a_job_whose_log_never_ends_is_left_after_a_minute(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    train(boto, "job")
    stage.seconds += 600
    for seconds in range(1, 200):
        stage.after(seconds, partial(write, logs, TRAINING, "job/late", f"after {seconds}"))
    last = texts(sm.training_jobs.logs("job", follow=True))[-1]
    assert last in ("after 60", "after 61")
    assert stage.seconds == 1600 + public.LONGEST_LAG


def test_a_job_that_writes_nothing_more_is_left_ten_seconds_after_its_end(
    sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage
) -> None:
    train(boto, "job")
    stage.seconds += 600
    before = stage.seconds
    assert texts(sm.training_jobs.logs("job", follow=True))
    assert stage.seconds - before == public.LAG == 10


def test_a_stream_that_appears_later_is_picked_up(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=120)
    local.log("training_job", "job", ["one"])
    train(boto, "job")
    stage.after(20, lambda: write(logs, TRAINING, "job/algo-2-7", "two"))
    stage.after(70, lambda: write(logs, TRAINING, "job/algo-1-0", "three"))
    stage.after(71, lambda: write(logs, TRAINING, "job/algo-2-7", "four"))
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["one", "two", "three", "four"]


def test_lines_of_one_look_are_in_order_and_later_looks_come_later(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=60)
    local.log("training_job", "job", [])
    train(boto, "job")

    def both() -> None:
        write(logs, TRAINING, "job/b", "later", at=FIRST + 5000)
        write(logs, TRAINING, "job/a", "earlier", at=FIRST + 4000)

    stage.after(10, both)
    stage.after(40, lambda: write(logs, TRAINING, "job/c", "earliest, and too late", at=FIRST))
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["earlier", "later", "earliest, and too late"]


def test_a_group_that_does_not_exist_yet_is_waited_for(
    sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Starting", "InProgress/Training", "Completed"], every=300)
    local.log("training_job", "job", ["at last"])
    train(boto, "job")
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["at last"]
    assert stage.seconds > 1600


@pytest.mark.parametrize("end", ["Failed", "Stopped"])
def test_a_job_that_fails_or_is_stopped_has_ended(sm: SageMaker, boto: Any, local: LocalSageMaker, end: str) -> None:
    local.script("training_job", "job", ["InProgress/Training", end])
    local.log("training_job", "job", ["a"])
    train(boto, "job")
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["a"]


def test_a_job_that_does_not_exist_is_an_error(sm: SageMaker, stage: Stage) -> None:
    with pytest.raises(errors.ResourceNotFoundError) as caught:
        list(sm.training_jobs.logs("nowhere", follow=True))
    assert (caught.value.kind, caught.value.name) == ("training job", "nowhere")
    assert 10 <= stage.seconds - 1000 <= 20  # it may have been created a moment ago


def test_a_job_that_is_deleted_has_ended(sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    local.script("training_job", "job", ["InProgress/Training", None], every=30)
    local.log("training_job", "job", ["a"])
    train(boto, "job")
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["a"]


def test_throttling_makes_looks_rarer_and_ends_nothing(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=900)
    local.log("training_job", "job", ["begins"])
    train(boto, "job")

    def throttle() -> None:
        local.fail_next("DescribeLogStreams", "ThrottlingException", times=20)
        write(logs, TRAINING, "job/algo-2-7", "meanwhile")

    stage.after(30, throttle)
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["begins", "meanwhile"]
    assert local.calls["DescribeLogStreams"] < 130


def test_a_describe_that_fails_for_a_while_does_not_end_it(sm: SageMaker, boto: Any, local: LocalSageMaker) -> None:
    local.log("training_job", "job", ["a"])
    train(boto, "job")
    local.fail_next("DescribeTrainingJob", "ThrottlingException", times=3)
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["a"]
    local.fail_next("DescribeTrainingJob", "AccessDeniedException")
    with pytest.raises(errors.AccessDeniedError):
        list(sm.training_jobs.logs("job", follow=True))


def endpoint(boto: Any, name: str) -> None:
    boto.create_model(
        ModelName=name, ExecutionRoleArn="arn:aws:iam::123456789012:role/r", PrimaryContainer={"Image": "i"}
    )
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    boto.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    boto.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_an_endpoint_is_followed_until_it_is_left(
    sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage
) -> None:
    endpoint(boto, "ep")
    for minute in range(1, 10):
        stage.after(60 * minute, partial(local.log, "endpoint", "ep", [f"minute {minute}"]))
    seen: list[str] = []
    for line in sm.endpoints.logs("ep", follow=True):
        seen.append(line.message)
        if line.message == "minute 9":
            break
    assert seen[-9:] == [f"minute {minute}" for minute in range(1, 10)]


def test_an_endpoint_that_is_deleted_has_ended(sm: SageMaker, boto: Any, stage: Stage) -> None:
    endpoint(boto, "ep")
    stage.after(300, lambda: boto.delete_endpoint(EndpointName="ep"))
    assert len(list(sm.endpoints.logs("ep", follow=True))) >= 2
    assert 1300 < stage.seconds < 1450


def test_any_group_is_followed_until_it_is_left(sm: SageMaker, logs: Any, stage: Stage) -> None:
    stage.after(100, lambda: write(logs, "/mine", "a", "one"))
    stage.after(200, lambda: write(logs, "/mine", "b", "two"))
    lines = iter(public.lines(sm, "/mine", follow=True))
    assert [next(lines).message, next(lines).message] == ["one", "two"]


def test_the_looks_of_a_quiet_log_are_ten_seconds_apart(
    sm: SageMaker, boto: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=3600)
    local.log("training_job", "job", ["a"])
    train(boto, "job")
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["a"]
    assert 350 <= local.calls["GetLogEvents"] <= 370
    assert local.calls["DescribeTrainingJob"] <= 190


def test_silent_streams_of_many_are_looked_at_rarely_and_at_the_end(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=600)
    local.log("training_job", "job", [])
    train(boto, "job")
    for number in range(40):
        write(logs, TRAINING, f"job/algo-{number:02}-7", f"host {number:02}")
    stage.after(595, lambda: write(logs, TRAINING, "job/algo-33-7", "the last"))
    assert len(texts(sm.training_jobs.logs("job", follow=True))) == 41
    looks = local.calls["DescribeLogStreams"]
    assert local.calls["GetLogEvents"] < 40 * looks / 3


def test_an_expired_token_loses_no_line_and_gives_none_twice(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    local.script("training_job", "job", ["InProgress/Training", "Completed"], every=120)
    local.log("training_job", "job", [])
    train(boto, "job")
    for message in ("a", "b", "b"):
        write(logs, TRAINING, "job/x", message, at=FIRST)

    def expire() -> None:
        local.fail_next("GetLogEvents", "InvalidParameterException", message="The specified nextToken is invalid.")
        write(logs, TRAINING, "job/x", "c", at=FIRST)
        write(logs, TRAINING, "job/x", "d", at=FIRST + 1)

    stage.after(50, expire)
    assert texts(sm.training_jobs.logs("job", follow=True)) == ["a", "b", "b", "c", "d"]

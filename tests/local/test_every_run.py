"""Every request that creates or starts a resource with a wait is run against the embedded SageMaker, and run again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.structure import members_of, operation_of
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.types import CreateModelPackageInput, StartNotebookInstanceInput, StartPipelineExecutionRequest
from sagemaker_typed.types._service import SERVICE
from sagemaker_typed.waiting import Clock
from tests.contract.model import request_class
from tests.local.checked import checked_client
from tests.local.lives import Lives
from tests.local.test_every_waiter import compilation

CREATIONS = sorted(name for name, run in RUNS.items() if not run.starts and name.startswith("Create"))
STARTS = sorted(RUNS.keys() - set(CREATIONS))


@pytest.fixture(scope="module")
def clock() -> Clock:
    return fast_forward()


@pytest.fixture(scope="module")
def running(clock: Clock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=clock, every=3) as local:
        yield local


@pytest.fixture
def lives(running: LocalSageMaker, clock: Clock) -> Lives:
    running.reset()
    return Lives(checked_client(running), partial(rest, clock))


@pytest.fixture
def sm(running: LocalSageMaker) -> SageMaker:
    return running.client(validation="off")


def rest(clock: Clock) -> None:
    clock.sleep(60)


def creation(lives: Lives, name: str) -> Any:
    noun = name.removeprefix("Create")
    body = compilation() if noun == "CompilationJob" else lives.request(noun)
    if noun == "Action":  # a record of what others do
        body = {**body, "Status": "Completed"}
    return from_boto3(request_class(name), body)


@pytest.mark.surface
@pytest.mark.parametrize("name", CREATIONS)
def test_a_creation_runs_and_runs_again(running: LocalSageMaker, sm: SageMaker, lives: Lives, name: str) -> None:
    request = creation(lives, name)
    before = running.calls[name]
    report = sm.run_all([request])
    report.raise_for_failures()
    assert running.calls[name] == before + 1
    (response,) = report.succeeded.values()
    assert type(response).__name__ == operation_of(SERVICE.types.find(RUNS[name].describe)).output
    has_token = any(member.token for member in members_of(type(request)))
    if RUNS[name].find is None and RUNS[name].answer is not None and has_token:
        return  # nothing tells its resource from another one of the same request
    again = sm.run_all([request], exist_ok="same")
    assert list(again.succeeded) == list(report.succeeded), again
    assert running.calls[name] == before + 1


@pytest.mark.surface
@pytest.mark.parametrize("name", CREATIONS)
def test_a_creation_whose_answer_is_lost_is_not_carried_out_twice(
    running: LocalSageMaker, sm: SageMaker, lives: Lives, name: str
) -> None:
    request = creation(lives, name)
    running.drop_next(name, done=True)
    report = sm.run_all([request])
    report.raise_for_failures()
    # Where only the answer names the resource, the request is repeated with its token, if it has one.
    repeated = RUNS[name].answer is not None and any(member.token for member in members_of(type(request)))
    assert running.calls[name] == (2 if repeated else 1)


def test_every_start_is_named() -> None:
    assert STARTS == [
        "StartInferenceExperiment", "StartMlflowTrackingServer", "StartMonitoringSchedule", "StartNotebookInstance",
        "StartPipelineExecution",
    ]  # fmt: skip


def test_a_notebook_instance_is_started(running: LocalSageMaker, sm: SageMaker, lives: Lives) -> None:
    name = lives.one("NotebookInstance")["NotebookInstanceName"]
    lives.call("StopNotebookInstance", {"NotebookInstanceName": name})
    sm.notebook_instances.wait_until_stopped(name)
    request = StartNotebookInstanceInput(notebook_instance_name=name)
    assert sm.run_all([request]).succeeded[name].notebook_instance_status == "InService"
    before = running.calls["StartNotebookInstance"]
    assert sm.run_all([request], exist_ok="same").ok
    assert running.calls["StartNotebookInstance"] == before
    assert isinstance(sm.run_all([request]).failed[name], errors.ApiError)


def test_pipeline_executions_of_one_pipeline_are_told_apart_by_their_display_names(
    running: LocalSageMaker, sm: SageMaker, lives: Lives
) -> None:
    pipeline = lives.one("Pipeline")["PipelineName"]
    start = StartPipelineExecutionRequest

    def execution(number: int) -> StartPipelineExecutionRequest:
        return start(pipeline_name=pipeline, pipeline_execution_display_name=f"run-{number}")

    requests = [execution(number) for number in range(3)]
    running.drop_next("StartPipelineExecution", done=True)
    report = sm.run_all(requests)
    report.raise_for_failures()
    assert list(report.succeeded) == [f"{pipeline}/run-{number}" for number in range(3)]
    executions = list(sm.pipeline_executions.list(pipeline))
    assert len(executions) == 3, "the answer that was lost made no second one"
    before = running.calls["StartPipelineExecution"]
    again = sm.run_all([*requests, execution(3)], exist_ok="same")
    assert list(again.succeeded) == [f"{pipeline}/run-{number}" for number in range(4)]
    assert running.calls["StartPipelineExecution"] == before + 1
    with pytest.raises(errors.InvalidRequestError, match="a unique name"):
        sm.run_all([start(pipeline_name=pipeline), start(pipeline_name=pipeline)])
    with pytest.raises(errors.InvalidRequestError, match="client_token: needed with exist_ok"):
        sm.run_all([CreateModelPackageInput(model_package_group_name="g")], exist_ok="same")

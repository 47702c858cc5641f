"""Every wait that is generated, and every waiter of botocore, reaches its state against the embedded SageMaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.testing._model import botocore_loader
from sagemaker_typed.waiting import Clock
from tests.contract.model import response_class
from tests.contract.waits import WAITS, Wait
from tests.local.checked import checked_client
from tests.local.lives import Lives, input_of, named
from tests.support import samples

BOTOCORES = botocore_loader().load_service_model("sagemaker", "waiters-2")["waiters"]


@pytest.fixture(scope="module")
def clock() -> Clock:
    return fast_forward()


@pytest.fixture(scope="module")
def running(clock: Clock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=clock, every=3) as local:
        yield local


@pytest.fixture
def lives(running: LocalSageMaker, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Lives:
    monkeypatch.setattr("botocore.waiter.time", SimpleNamespace(sleep=clock.sleep))
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=clock.sleep))
    running.reset()
    return Lives(checked_client(running), lambda: clock.sleep(60))


@pytest.fixture
def sm(running: LocalSageMaker) -> SageMaker:
    return running.client()


UPDATES: Mapping[str, Mapping[str, Any]] = {
    "ModelCard": {"ModelCardStatus": "Approved"},
    "ModelPackage": {"ModelApprovalStatus": "Approved"},
    "Action": {"Status": "Completed"},
    "ComputeQuota": {"TargetVersion": 1},
    "ClusterSchedulerConfig": {"TargetVersion": 1},
}


def made(lives: Lives, noun: str) -> dict[str, Any]:
    """Just made, and on its way."""
    request = lives.request(noun)
    if noun == "CompilationJob":
        request = compilation()
    creation = {"HubContent": "ImportHubContent"}.get(noun, f"Create{noun}")
    known = {"HubContentVersion": "1.0.0", **request, **lives.call(creation, request)}
    names = {"ImageVersion": {"Version": 1}, "ModelPackage": {"ModelPackageName": known.get("ModelPackageArn")}}
    return {**known, "Identifier": known.get("Id"), **names.get(noun, {})}


def compilation() -> dict[str, Any]:
    return {
        "CompilationJobName": "resnet",
        "RoleArn": "arn:aws:iam::123456789012:role/neo",
        "InputConfig": {"S3Uri": "s3://models/in/resnet.tar.gz", "Framework": "PYTORCH", "DataInputConfig": "{}"},
        "OutputConfig": {"S3OutputLocation": "s3://models/out", "TargetDevice": "ml_c5"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    }


def reserved_capacity(lives: Lives) -> dict[str, Any]:
    plan = made(lives, "TrainingPlan")
    description = lives.call("DescribeTrainingPlan", named("DescribeTrainingPlan", plan))
    return dict(description["ReservedCapacitySummaries"][0])


def cluster_operation(lives: Lives) -> dict[str, Any]:
    cluster = lives.one("Cluster")
    lives.call("UpdateCluster", {"ClusterName": cluster["ClusterName"]})
    [operation] = lives.call("ListClusterOperations", {"ClusterName": cluster["ClusterName"]})[
        "ClusterOperationSummaries"
    ]
    return {**operation, "ClusterName": cluster["ClusterName"]}


def pipeline_execution(lives: Lives) -> dict[str, Any]:
    pipeline = made(lives, "Pipeline")
    request = {"PipelineName": pipeline["PipelineName"], "ClientRequestToken": "0" * 32}
    return lives.call("StartPipelineExecution", request)


OTHERWISE: Mapping[str, Callable[[Lives], dict[str, Any]]] = {
    "ReservedCapacity": reserved_capacity,
    "ClusterOperation": cluster_operation,
    "PipelineExecution": pipeline_execution,
}


def update(lives: Lives, noun: str, known: Mapping[str, Any]) -> None:
    operation = f"Update{noun}"
    drawn = {**samples.minimal(input_of(operation)), **known}
    shape = input_of(operation)
    request = {name: value for name, value in drawn.items() if name in shape.required_members}
    lives.call(operation, {**request, **named(operation, known), **UPDATES.get(noun, {})})


def brought_about(lives: Lives, noun: str, state: str, known: Mapping[str, Any]) -> None:
    """What a user does for a state that does not come of itself."""
    if state in ("updated", "approved") or (noun, state) == ("Action", "completed"):
        lives.wait()
        update(lives, noun, known)
    elif state == "stopped" or (noun, state) == ("InferenceExperiment", "completed"):
        if noun in ("NotebookInstance", "MlflowTrackingServer", "MonitoringSchedule", "InferenceExperiment"):
            lives.wait()
        operation = f"Stop{noun}"
        drawn = {**samples.minimal(input_of(operation)), **known}
        lives.call(operation, {name: drawn[name] for name in input_of(operation).required_members})
    elif state == "deleted":
        lives.wait()
        if noun == "NotebookInstance":
            lives.call("StopNotebookInstance", named("StopNotebookInstance", known))
            lives.wait()
        operation = f"Delete{noun}"
        drawn = {**samples.minimal(input_of(operation)), **known}
        wanted = [*input_of(operation).required_members, "UserProfileName", "Version", "ArtifactArn"]
        lives.call(
            operation, {name: drawn[name] for name in wanted if name in drawn and name in input_of(operation).members}
        )


@pytest.mark.parametrize("wait", WAITS, ids=str)
def test_the_typed_wait_ends(lives: Lives, sm: SageMaker, wait: Wait) -> None:
    noun = re.sub("^Describe|V2$", "", wait.operation)
    if wait.group == "auto_ml_jobs" and wait.state != "completed_v1":
        noun = "AutoMLJobV2" if wait.operation.endswith("V2") else noun
    known = OTHERWISE[noun](lives) if noun in OTHERWISE else made(lives, noun)
    brought_about(lives, noun.removesuffix("V2"), wait.state, known)
    given = {xform_name(wire): value for wire, value in known.items() if value is not None}
    fields = {**given, **{field: known.get(wire) for field, wire in wait.wires.items()}}
    accepted = {name: fields[name] for name in wait.signature.parameters if fields.get(name) is not None}
    result = wait.method(sm)(**accepted)
    if wait.state != "deleted":
        assert isinstance(result, response_class(wait.operation))


@pytest.mark.parametrize("name", sorted(BOTOCORES))
def test_botocores_waiter_ends(lives: Lives, name: str) -> None:
    operation = BOTOCORES[name]["operation"]
    noun = operation.removeprefix("Describe")
    known = OTHERWISE[noun](lives) if noun in OTHERWISE else made(lives, noun)
    if name == "ImageUpdated":
        brought_about(lives, noun, "updated", known)
    elif name.endswith(("Deleted", "Stopped")):
        brought_about(lives, noun, name[-7:].lower(), known)
    waiter = lives.client.get_waiter(xform_name(name))
    waiter.wait(**named(operation, known), **({"Version": 1} if noun == "ImageVersion" else {}))

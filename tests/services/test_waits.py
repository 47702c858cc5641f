"""Waits of the services beside SageMaker: on human loops, and on the jobs of geospatial."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from tests.services import siblings
from tests.services.wire import Told, Wire
from tests.support.clock import FakeTime

LOOP = {"HumanLoopName": "loop", "HumanLoopArn": "arn:loop", "FlowDefinitionArn": "arn:flow"}
MOMENT = "2026-01-01T00:00:00Z"


def loop(status: str, **more: str) -> Told:
    return Told(json.dumps({**LOOP, "CreationTime": MOMENT, "HumanLoopStatus": status, **more}).encode())


def job(status: str) -> Told:
    members = {"Arn": "arn:job", "CreationTime": MOMENT, "DurationInSeconds": 1, "Name": "job", "Status": status}
    return Told(json.dumps(members).encode())


GONE = Told(b'{"Message": "no such loop"}', 404, {"x-amzn-ErrorType": "ResourceNotFoundException"})


@pytest.fixture
def sm(server: Wire) -> Iterator[SageMaker]:
    with siblings.connected(server.url) as sagemaker:
        sagemaker.clock = FakeTime().clock
        yield sagemaker


def test_a_human_loop_is_waited_on(server: Wire, sm: SageMaker) -> None:
    server.tell(loop("InProgress"), loop("InProgress"), loop("Completed"))
    found = sm.a2i.wait_until_completed("loop")
    assert found.human_loop_status == "Completed"
    assert [each.target for each in server.sent] == ["/human-loops/loop"] * 3


@pytest.mark.parametrize(("status", "cls"), [("Failed", errors.WaitFailedError), ("Stopped", errors.WaitStoppedError)])
def test_a_human_loop_that_does_not_complete(status: str, cls: Any, server: Wire, sm: SageMaker) -> None:
    server.tell(loop("Stopping"), loop(status, FailureReason="nobody came"))
    with pytest.raises(cls, match="human loop") as found:
        sm.a2i.wait_until_completed("loop")
    assert "nobody came" in str(found.value)


def test_a_human_loop_is_waited_on_until_it_is_gone(server: Wire, sm: SageMaker) -> None:
    server.tell(loop("Completed"), GONE)
    last = sm.a2i.wait_until_deleted("loop")
    assert last is not None
    assert last.human_loop_name == "loop"
    with pytest.raises(errors.ResourceNotFoundError):
        sm.a2i.wait_until_completed("loop")


def test_many_human_loops_at_once(server: Wire, sm: SageMaker) -> None:
    server.tell(loop("Completed"))
    report = sm.a2i.wait_all(["a", "b"])
    assert sorted(report.succeeded) == ["a", "b"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("wait_until_earth_observation_job_completed", "/earth-observation-jobs/arn%3Ajob"),
        ("wait_until_vector_enrichment_job_completed", "/vector-enrichment-jobs/arn%3Ajob"),
    ],
)
def test_jobs_of_geospatial(method: str, path: str, server: Wire, sm: SageMaker) -> None:
    wait = getattr(sm.with_options(validation="off").geospatial, method)
    server.tell(job("INITIALIZING"), job("IN_PROGRESS"), job("COMPLETED"))
    assert wait("arn:job").status == "COMPLETED"
    assert {each.target for each in server.sent} == {path}
    server.tell(job("STOPPING"), job("STOPPED"))
    with pytest.raises(errors.WaitStoppedError):
        wait("arn:job")
    server.tell(job("DELETED"))
    with pytest.raises(errors.WaitFailedError):
        wait("arn:job")

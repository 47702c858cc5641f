"""CloudWatch Logs behind a network that breaks: no line is lost, and none comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from tests.contract import model
from tests.logs.support import Stage
from tests.support import faults
from tests.support.faults import Fault, FaultServer

NAMES = {"logStreams": [{"logStreamName": "job/algo-1-7"}]}


def page(token: str, *messages: str) -> dict[str, Any]:
    events = [{"timestamp": 1000 + number, "message": message} for number, message in enumerate(messages)]
    return {"events": events, "nextForwardToken": token, "nextBackwardToken": "b/0"}


FIRST, SECOND, END = page("f/1", "one", "two"), page("f/2", "three"), page("f/2")
BROKEN = [
    faults.cut_off(FIRST),
    faults.unframed(FIRST),
    faults.bad_chunk(FIRST),
    faults.cut_chunk(FIRST),
    faults.cut_head(),
    faults.hung_up(),
    faults.reset(),
    faults.html(200),
    faults.html(502),
    faults.empty(200),
    faults.not_object("[1]"),
    faults.answer({"events": []}, name="no_token"),
    faults.answer({"nextForwardToken": None, "events": [], "nextBackwardToken": "b"}, name="null_token"),
    faults.server_error(500),
    faults.throttled(),
]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        running.always("DescribeLogStreams", faults.answer(NAMES))
        yield running


@pytest.fixture
def sm(server: FaultServer, stage: Stage) -> Iterator[SageMaker]:
    with SageMaker(session=model.session(), endpoint_urls={"logs": server.url}) as made:
        made.clock = stage.clock
        yield made


def read(sm: SageMaker) -> list[str]:
    return [line.message for line in sm.training_jobs.logs("job")]


@pytest.mark.parametrize("fault", BROKEN, ids=[fault.name for fault in BROKEN])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_answer_that_breaks_is_asked_for_again(
    sm: SageMaker, server: FaultServer, stage: Stage, fault: Fault, at: int
) -> None:
    answers = [faults.answer(FIRST), faults.answer(SECOND), faults.answer(END)]
    server.script("GetLogEvents", *answers[:at], fault, *answers[at:])
    assert read(sm) == ["one", "two", "three"]
    assert server.operations.count("GetLogEvents") == 4
    assert stage.slept == [1]


@pytest.mark.parametrize(
    "fault", [faults.html(200), faults.empty(200), faults.not_object("{}")], ids=lambda each: each.name
)
def test_a_list_of_streams_that_breaks_is_no_empty_list(sm: SageMaker, server: FaultServer, fault: Fault) -> None:
    server.script("DescribeLogStreams", fault)
    server.script("GetLogEvents", faults.answer(FIRST), faults.answer(page("f/1")))
    assert read(sm) == ["one", "two"]


def test_a_network_that_never_answers_is_a_transport_error(sm: SageMaker, server: FaultServer, stage: Stage) -> None:
    server.always("GetLogEvents", faults.hung_up())
    with pytest.raises(errors.TransportError) as caught:
        read(sm)
    assert caught.value.operation == "GetLogEvents"
    assert 120 <= sum(stage.slept) < 200


def test_a_token_of_the_list_that_comes_twice_is_an_error(sm: SageMaker, server: FaultServer) -> None:
    server.always("DescribeLogStreams", faults.answer({**NAMES, "nextToken": "again"}))
    with pytest.raises(errors.PaginationError):
        read(sm)


def test_each_call_is_one_attempt_in_time(sm: SageMaker, server: FaultServer, stage: Stage) -> None:
    server.script("GetLogEvents", faults.throttled(), faults.answer(FIRST), faults.answer(page("f/1")))
    read(sm)
    assert server.operations == [
        "DescribeLogStreams",
        "GetLogEvents",
        *["DescribeLogStreams", "GetLogEvents", "GetLogEvents"],
    ]
    view = sm.with_options(timeout=0.3)
    server.script("GetLogEvents", faults.silence(), faults.answer(FIRST), faults.answer(page("f/1")))
    assert [line.message for line in view.training_jobs.logs("job")] == ["one", "two"]

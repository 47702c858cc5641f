"""Waits over real sockets: a half-broken network neither holds one past its deadline nor ends it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from sagemaker_typed import Pacing, SageMaker, WaitReport, errors
from tests.support.faults import (
    FAULTS,
    Fault,
    FaultServer,
    answer,
    cut_off,
    drip,
    html,
    hung_up,
    late,
    refusing,
    server_error,
    service_error,
    silence,
    throttled,
)
from tests.support.loopback import Reply

NAMES = [f"e-{number}" for number in range(40)]
TIMEOUT = 0.5
IN_TIME = TIMEOUT + 2 + 6
"""The deadline, the two seconds, and six more for a loaded machine; botocore alone would take minutes."""
NEVER: list[Fault] = [
    silence(),
    drip(0.3),
    drip(0.3, head=True),
    throttled(),
    server_error(),
    hung_up(),
    cut_off(),
    html(502),
]
BREAKS: list[Fault] = list(FAULTS)
CREATED = {"CreationTime": 1_700_000_000, "LastModifiedTime": 1_700_000_000}


def endpoint(name: str, status: str) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:us-west-2:123456789012:endpoint/{name}"
    return {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": status, **CREATED}


class Behind:
    """A service whose endpoints are all in the status that it is told."""

    def __init__(self) -> None:
        self.status = "InService"
        self.under_way = self.most = 0
        self.meeting: threading.Barrier | None = None

    def __call__(self, headers: Any, body: bytes) -> Reply:
        asked = json.loads(body)
        if "EndpointName" in asked:
            if self.meeting is not None:
                self.meeting.wait(20)
            shown: dict[str, Any] = endpoint(asked["EndpointName"], self.status)
        else:
            shown = {"Endpoints": [endpoint(name, self.status) for name in NAMES]}
        return Reply(json.dumps(shown).encode(), headers={"Content-Type": "application/x-amz-json-1.1"})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def server(behind: Behind) -> Iterator[FaultServer]:
    with FaultServer(behind=behind) as running:
        yield running


def client(url: str) -> SageMaker:
    sm = SageMaker(session=boto3.Session("AKID", "secret", region_name="us-west-2"), endpoint_url=url)
    sm.pacing = Pacing(list_per_second=100, describe_per_second=1000)
    return sm


@pytest.fixture
def sm(server: FaultServer) -> SageMaker:
    made = client(server.url)
    made.endpoints.describe("e-0")  # the client is made, and a connection is open
    return made


# --- the deadline -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0, TIMEOUT])
@pytest.mark.parametrize("fault", NEVER, ids=lambda fault: fault.name)
def test_a_wait_ends_in_time(sm: SageMaker, server: FaultServer, fault: Fault, timeout: float) -> None:
    server.always(None, fault)
    begin = time.monotonic()
    with pytest.raises(errors.WaitTimeoutError, match="it may still be running") as caught:
        sm.endpoints.wait_until_in_service("e-0", timeout=timeout, poll=0.1)
    assert time.monotonic() - begin < IN_TIME
    # What never came is told first. An error of the service is an answer; no retry beneath a poll is told of.
    answered = isinstance(caught.value.__cause__, errors.ApiError)
    assert ("s: no poll had a usable answer (" in str(caught.value)) is not answered
    assert ("; the last poll failed with An error occurred (" in str(caught.value)) is answered
    assert "max retries" not in str(caught.value)
    for count in (5, 40):  # described, and swept
        begin = time.monotonic()
        report = sm.endpoints.wait_all(NAMES[:count], timeout=timeout, poll=0.1)
        assert time.monotonic() - begin < IN_TIME
        assert list(report.pending) == NAMES[:count]


def test_a_wait_on_a_port_that_refuses_ends_in_time() -> None:
    with refusing() as url:
        sm = client(url)
        begin = time.monotonic()
        with pytest.raises(errors.WaitTimeoutError):
            sm.endpoints.wait_until_in_service("e-0", timeout=TIMEOUT, poll=0.1)
        assert time.monotonic() - begin < IN_TIME + 5  # the client is made in it


def test_a_silent_list_of_what_failed_does_not_hold_the_failure_back(server: FaultServer) -> None:
    arn = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/p/execution/x"
    server.script(None, answer({"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Failed"}), silence())
    begin = time.monotonic()
    with pytest.raises(errors.WaitFailedError):
        client(server.url).pipeline_executions.wait_until_completed(arn, timeout=TIMEOUT)
    assert time.monotonic() - begin < IN_TIME + 5


def test_nothing_is_sent_twice_beneath_a_poll(sm: SageMaker, server: FaultServer) -> None:
    server.always("DescribeEndpoint", throttled())
    heard = len(server.operations)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        sm.endpoints.wait_until_in_service("e-0", timeout=TIMEOUT, poll=0.1)
    assert len(server.operations) - heard == caught.value.polls


# --- answers that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.name)
def test_a_broken_answer_ends_no_wait(sm: SageMaker, server: FaultServer, behind: Behind, fault: Fault) -> None:
    updating = answer(endpoint("e-0", "Updating"))
    server.script("DescribeEndpoint", updating, fault, updating, fault, fault)
    assert sm.endpoints.wait_until_in_service("e-0", timeout=60, poll=0.01).endpoint_status == "InService"
    server.script("DescribeEndpoint", fault, fault)
    assert sm.endpoints.wait_all(NAMES[:5], timeout=60, poll=0.01).ok
    server.script("ListEndpoints", fault, fault)
    heard = len(server.operations)
    assert sm.endpoints.wait_all(NAMES, timeout=60, poll=0.01).ok
    assert server.operations[heard:].count("DescribeEndpoint") == len(NAMES)


# --- reports, and looks at the same time ------------------------------------------------------------------------------


def test_the_last_descriptions_are_under_way_together(sm: SageMaker, behind: Behind) -> None:
    behind.meeting = threading.Barrier(8)  # broken if fewer come
    assert sm.endpoints.wait_all(NAMES, timeout=60).ok


def test_ctrl_c_and_expired_credentials_leave_the_report(sm: SageMaker, server: FaultServer) -> None:
    server.script("DescribeEndpoint", *[answer(endpoint("e-0", "InService"))] * 3)
    server.always("DescribeEndpoint", service_error("ExpiredTokenException", "expired"))
    with pytest.raises(errors.ExpiredCredentialsError) as caught:
        sm.endpoints.wait_all(NAMES[:5], timeout=60)
    report = caught.value.report
    assert isinstance(report, WaitReport)
    assert sorted([*report.succeeded, *report.pending]) == NAMES[:5]


def test_an_outage_in_the_middle_is_waited_out(sm: SageMaker, server: FaultServer, behind: Behind) -> None:
    behind.status = "Updating"
    seen: list[str] = []

    def on_poll(event: Any) -> None:
        seen.append(event.status or type(event.error).__name__)
        if len(seen) == 2:
            server.refuse()
        if len(seen) == 5:
            behind.status = "InService"
            server.listen()

    found = sm.endpoints.wait_until_in_service("e-0", timeout=60, poll=0.05, on_poll=on_poll)
    assert found.endpoint_status == "InService"
    assert seen[:2] == ["Updating", "Updating"]
    assert len([look for look in seen if look not in ("Updating", "InService")]) >= 3


def test_a_late_answer_is_an_answer(sm: SageMaker, server: FaultServer) -> None:
    server.script("DescribeEndpoint", late(0.3, answer(endpoint("e-0", "InService"))))
    assert sm.endpoints.wait_until_in_service("e-0", timeout=0).endpoint_status == "InService"


@pytest.mark.parametrize("debt", [0, 1, 4])
@pytest.mark.parametrize("timeout", [0, 0.2])
def test_a_wait_after_throttling_looks_once_it_has_recovered(
    timeout: float, debt: int, sm: SageMaker, behind: Behind
) -> None:
    sm.pacing = Pacing(describe_per_second=20)
    for _ in range(3):
        sm.pacing.describe.throttled()  # to 2.5 a second
    for _ in range(debt):
        sm.pacing.delay("describe", time.monotonic(), 1e9)
    report = sm.endpoints.wait_all(NAMES[:3], timeout=timeout)
    assert report.describe_calls == len(report.succeeded) >= 1
    if timeout == 0:
        assert report.ok

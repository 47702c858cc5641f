"""Calls that are bounded in time take the short way too, and keep their promises there: nothing is left behind.

What a bounded call promises is held by `tests/unit/test_bound.py`, over both ways.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.http.bound import Abandonable, Bound
from sagemaker_typed.testing._clock import fast_forward
from sagemaker_typed.types import DescribeEndpointInput
from tests.support.certificates import certificate
from tests.support.faults import BODY, Fault, FaultServer, answer, drip, late, silence, throttled
from tests.support.raw import RawServer
from tests.wire.roads import made, taken

DESCRIBE = DescribeEndpointInput(endpoint_name="e")
PATIENCE = 20.0


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        running.script(None, answer(BODY))
        yield running


@pytest.fixture
def sm(server: FaultServer) -> Iterator[SageMaker]:
    """A client whose connection is open already."""
    with made(server.url, short=True, attempts=5) as client:
        client.send(DESCRIBE)
        yield client
    assert until(lambda: not open_connections()), "a connection is left behind"


def open_connections() -> int:
    return sum(thread.name == "faults-connection" for thread in threading.enumerate())


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.perf_counter() + PATIENCE
    while not condition() and time.perf_counter() < deadline:
        time.sleep(0.005)
    return condition()


@pytest.mark.parametrize("how", ["timeout", "retries", "view", "poll"])
def test_it_is_taken(how: str, sm: SageMaker, server: FaultServer) -> None:
    server.always(None, answer(BODY))
    for _ in range(3):
        if how == "poll":
            sm._look(DESCRIBE, 600)
        elif how == "view":
            sm.with_options(timeout=600).endpoints.describe("e")
        else:
            sm.send(DESCRIBE, **{how: 7})
    assert taken(sm) == 4
    assert open_connections() == 1


def test_a_wait_polls_by_it(sm: SageMaker, server: FaultServer) -> None:
    sm.clock = fast_forward()
    server.script(None, *(answer({**BODY, "EndpointStatus": "Creating"}),) * 5)
    server.always(None, answer({**BODY, "EndpointStatus": "InService"}))
    sm.endpoints.wait_until_in_service("e", timeout=600)
    assert taken(sm) == 7


ENDLESS: list[Fault] = [silence(), drip(0.2), drip(0.2, head=True), late(60, throttled())]


@pytest.mark.parametrize("fault", ENDLESS, ids=lambda fault: fault.name)
def test_the_end_of_the_time_leaves_no_connection(fault: Fault, sm: SageMaker, server: FaultServer) -> None:
    server.always(None, fault)
    with pytest.raises(errors.CallTimeoutError):
        sm.send(DESCRIBE, timeout=0.3)
    assert until(lambda: not open_connections())
    assert taken(sm) == 2
    assert len(server.operations) == 2
    server.always(None, answer(BODY))
    assert sm.send(DESCRIBE, timeout=60).endpoint_name == "half-received"


def test_another_thread_ends_a_call_that_nobody_waits_for(sm: SageMaker, server: FaultServer) -> None:
    server.always(None, silence())
    for seconds in (None, 600.0):
        before = len(server.operations)
        bound = Abandonable(seconds)
        raised: list[errors.SageMakerError] = []
        thread = threading.Thread(target=_caught, args=(sm, bound, raised))
        thread.start()
        assert until(lambda: len(server.operations) == before + 1)  # noqa: B023
        bound.abandon()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert [each.retryable for each in raised] == [True]
        assert until(lambda: not open_connections())
        assert len(server.operations) == before + 1
    assert taken(sm) == 3


def test_an_abandoned_call_does_not_sleep_before_another_attempt(
    sm: SageMaker, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)  # a whole second between two attempts, then two, ...
    server.always(None, throttled())
    bound = Abandonable()
    raised: list[errors.SageMakerError] = []
    thread = threading.Thread(target=_caught, args=(sm, bound, raised))
    thread.start()
    assert until(lambda: len(server.operations) == 2)
    bound.abandon()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert raised[0].retryable
    assert len(server.operations) == 2


def _caught(sm: SageMaker, bound: Bound, raised: list[errors.SageMakerError]) -> None:
    try:
        sm._connection.send(DESCRIBE, "off", bound)
    except errors.SageMakerError as error:
        raised.append(error)


def test_a_socket_of_tls_is_shut_down_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = certificate(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    silent = threading.Event()

    def answered(*_: object) -> bytes:
        if silent.is_set():
            time.sleep(1)
        return b'{"EndpointName": "e"}'

    with RawServer(answered, tls=context) as secure, made(secure.url, short=True, attempts=5) as sm:
        for _ in range(3):
            assert sm.send(DESCRIBE, timeout=60).endpoint_name == "e"
        assert secure.connections == 1
        silent.set()
        with pytest.raises(errors.CallTimeoutError):
            sm.send(DESCRIBE, timeout=0.2)
        silent.clear()
        assert sm.send(DESCRIBE, timeout=60).endpoint_name == "e"
        assert (secure.connections, taken(sm)) == (2, 5)

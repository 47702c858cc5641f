"""A call that is given a timeout ends in it, and a poll is one attempt: over real sockets, whatever the service does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.config import Config
from botocore.stub import Stubber

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.http import bound
from sagemaker_typed.types import CreateModelInput, DescribeEndpointInput
from tests.support.faults import (
    BODY,
    Fault,
    FaultServer,
    answer,
    drip,
    hung_up,
    late,
    refusing,
    server_error,
    silence,
    throttled,
)

DESCRIBE = DescribeEndpointInput(endpoint_name="e")
SECONDS = 0.6
IN_TIME = 15
"""Far below how long botocore would take, and far above a loaded machine's delays."""
NEVER: list[Fault] = [
    silence(),
    drip(0.4),
    drip(0.4, head=True),
    throttled(),
    server_error(),
    hung_up(),
    late(60, throttled()),
]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def session() -> Any:
    return boto3.Session("AKID", "secret", region_name="us-west-2")


def typed(url: str) -> SageMaker:
    sm = SageMaker(session=session(), endpoint_url=url)
    sm._connection.client()  # which takes a while on a loaded machine, and is part of a first call
    return sm


def over_a_client(url: str) -> SageMaker:
    # Twenty attempts, as botocore makes them: its pauses alone would take minutes.
    config: Any = Config(retries={"mode": "legacy", "max_attempts": 20}, read_timeout=30)
    return SageMaker(client=session().client("sagemaker", endpoint_url=url, config=config))


def heard(url: str) -> SageMaker:
    sm = typed(url)
    sm.boto3_client.meta.events.register("after-call", lambda **_: None)
    return sm


ROADS = [typed, over_a_client, heard]


def elapsed(call: Callable[[], object]) -> tuple[errors.SageMakerError, float]:
    begun = time.monotonic()
    with pytest.raises(errors.SageMakerError) as caught:
        call()
    return caught.value, time.monotonic() - begun


# --- the whole call ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("fault", NEVER, ids=lambda fault: fault.name)
def test_a_call_ends_in_its_time_whatever_the_service_does(
    fault: Fault, road: Callable[[str], SageMaker], server: FaultServer
) -> None:
    server.always(None, fault)
    error, seconds = elapsed(lambda: road(server.url).send(DESCRIBE, timeout=SECONDS))
    assert seconds < IN_TIME
    assert error.retryable
    if not isinstance(error, errors.CallTimeoutError):  # random pauses that were short enough for all attempts
        assert len(server.operations) == 5
        return
    assert isinstance(error, TimeoutError)
    assert error.operation == "DescribeEndpoint"
    assert "DescribeEndpoint was not answered within 0.6 s: " in str(error)


@pytest.mark.parametrize("short_way", [True, False])
@pytest.mark.parametrize("options", [{"retries": 1}, {"timeout": 3600}], ids=str)
def test_a_client_without_timeouts(options: Any, short_way: bool, server: FaultServer) -> None:
    server.always(None, answer({"EndpointName": "e"}))
    config: Any = Config(connect_timeout=None, read_timeout=None)
    sm = SageMaker(session=session(), endpoint_url=server.url, config=config, short_way=short_way)
    for _ in range(2):  # over a new connection, and over an open one
        assert sm.send(DESCRIBE, **options).endpoint_name == "e"


@pytest.mark.parametrize("fault", [silence(), drip(0.4), drip(0.4, head=True)], ids=lambda fault: fault.name)
def test_an_except_clause_for_boto3s_timeout_catches_it(fault: Fault, server: FaultServer) -> None:
    server.always(None, fault)
    with pytest.raises(exceptions.ReadTimeoutError) as caught:
        typed(server.url).with_options(timeout=SECONDS).endpoints.describe("e")
    assert isinstance(caught.value, errors.CallTimeoutError)


@pytest.mark.parametrize("road", ROADS)
def test_a_refused_connection_ends_in_time(road: Callable[[str], SageMaker]) -> None:
    with refusing() as url:
        error, seconds = elapsed(lambda: road(url).send(DESCRIBE, timeout=SECONDS))
    assert seconds < IN_TIME
    # With next to no time left, the last attempt may end before the refusal.
    assert isinstance(error, (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError))


def test_an_address_that_never_connects_ends_in_time() -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in (first, second):  # fill the queue: what comes next is left hanging
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        sm = typed(f"http://127.0.0.1:{listener.getsockname()[1]}")
        error, seconds = elapsed(lambda: sm.send(DESCRIBE, timeout=SECONDS))
    assert seconds < IN_TIME
    assert isinstance(error, errors.CallTimeoutError)


def test_other_addresses_are_tried_only_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with several addresses, none of which connects: botocore gives each its whole timeout."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", listener.getsockname())
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 50)
        error, seconds = elapsed(lambda: typed("http://many.test").send(DESCRIBE, timeout=SECONDS))
    assert seconds < IN_TIME
    assert isinstance(error, errors.TransportError)


def test_attempts_go_on_while_there_is_time(server: FaultServer) -> None:
    server.script(None, throttled(), hung_up(), server_error(503), answer(BODY))
    assert typed(server.url).send(DESCRIBE, timeout=60).endpoint_name == "half-received"
    assert len(server.operations) == 4


def test_no_more_attempts_are_made_than_without_a_timeout(server: FaultServer) -> None:
    server.always(None, throttled())
    for sm, attempts in ((typed(server.url), 5), (typed(server.url).with_options(retries=1), 2)):
        server.heard.clear()
        error, _ = elapsed(lambda sm=sm: sm.send(DESCRIBE, timeout=60))  # type: ignore[misc]
        assert isinstance(error, errors.ThrottlingError)
        assert len(server.operations) == attempts


def test_nothing_goes_on_once_the_time_is_over(server: FaultServer) -> None:
    server.always(None, late(0.7, throttled()))
    elapsed(lambda: typed(server.url).send(CreateModelInput(model_name="m"), timeout=SECONDS))
    time.sleep(0.5)  # an attempt that comes later would come within botocore's first pause
    assert server.operations == ["CreateModel"]
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer) and each.is_alive()]


def test_an_error_that_cannot_heal_is_raised_as_it_is(server: FaultServer) -> None:
    server.always(None, answer({"__type": "AccessDeniedException", "message": "no"}, status=403))
    error, _ = elapsed(lambda: typed(server.url).send(DESCRIBE, timeout=60))
    assert isinstance(error, errors.AccessDeniedError)


def test_a_call_in_time_leaves_its_connection_as_it_was(server: FaultServer) -> None:
    """Bounded and other calls share connections; a bound that is over may not end the call that has the connection next."""
    server.always(None, answer(BODY))
    sm = typed(server.url)
    for _ in range(5):
        sm.send(DESCRIBE, timeout=0.2)
        sm.send(DESCRIBE)
    server.always(None, late(0.5, answer(BODY)))
    sm.send(DESCRIBE)
    assert len(server._open) == 1


# --- polls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("fault", NEVER, ids=lambda fault: fault.name)
def test_a_poll_is_one_attempt_within_its_seconds(
    fault: Fault, road: Callable[[str], SageMaker], server: FaultServer
) -> None:
    server.always(None, fault)
    sm = road(server.url)
    error, seconds = elapsed(lambda: sm._look(DESCRIBE, SECONDS))
    assert seconds < IN_TIME
    assert error.retryable
    assert server.operations == ["DescribeEndpoint"]


def test_a_poll_of_a_view_has_no_more_time_than_the_view_gives(server: FaultServer) -> None:
    server.always(None, silence())
    _, seconds = elapsed(lambda: typed(server.url).with_options(timeout=SECONDS)._look(DESCRIBE, 600))
    assert seconds < IN_TIME


def test_a_poll_without_an_end_has_the_timeouts_of_the_configuration(server: FaultServer) -> None:
    server.always(None, silence())
    sm = SageMaker(session=session(), endpoint_url=server.url, config=Config(read_timeout=0.2))
    error, _ = elapsed(lambda: sm._look(DESCRIBE, float("inf")))
    assert isinstance(error, exceptions.ReadTimeoutError)
    assert not isinstance(error, errors.CallTimeoutError)


def test_adaptive_mode_holds_no_call_past_its_time(server: FaultServer) -> None:
    """Its limiter sleeps before it sends, for tens of seconds after some throttled answers."""
    server.always(None, throttled())
    config: Any = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
    sm = SageMaker(session=session(), endpoint_url=server.url, config=config)
    sm._connection.client()
    begun = time.monotonic()
    for _ in range(12):
        elapsed(lambda: sm._look(DESCRIBE, 0.3))
        elapsed(lambda: sm.send(DESCRIBE, timeout=0.3))
    assert time.monotonic() - begun < 24 * 0.3 + IN_TIME
    sent = len(server.operations)
    elapsed(lambda: sm.send(DESCRIBE, timeout=0.3))
    assert len(server.operations) <= sent + 1  # it is slowed down all the same


def test_handlers_of_retries_learn_of_polls(server: FaultServer) -> None:
    """Adaptive mode counts throttled answers, and sends less."""
    server.always(None, throttled())
    sm = typed(server.url)
    told: list[str] = []
    sm.boto3_client.meta.events.register("needs-retry", lambda response, **_: told.append(response[1]["Error"]["Code"]))
    elapsed(lambda: sm._look(DESCRIBE, 5))
    assert told == ["ThrottlingException"]
    assert server.operations == ["DescribeEndpoint"]


# --- whose client it is -----------------------------------------------------------------------------------------------


def test_hooks_and_stubs_of_the_client_see_bounded_calls(server: FaultServer) -> None:
    client = session().client("sagemaker", endpoint_url=server.url)
    seen: list[str] = []
    client.meta.events.register("before-send", lambda request, **_: seen.append(request.url))
    server.always(None, answer(BODY))
    SageMaker(client=client).send(DESCRIBE, timeout=5)
    assert seen == [server.url + "/"]
    with Stubber(client) as stubber:
        stubber.add_response("describe_model", {"ModelName": "m", "CreationTime": 0, "ModelArn": "a" * 20})
        assert SageMaker(client=client).with_options(timeout=5).models.describe("m").model_name == "m"


def test_a_given_client_is_not_altered(server: FaultServer) -> None:
    server.always(None, answer(BODY))
    client = session().client("sagemaker", endpoint_url=server.url)
    before = {
        name: dict(vars(each))
        for name, each in (("client", client), ("endpoint", client._endpoint), ("http", client._endpoint.http_session))
    }
    SageMaker(client=client).send(DESCRIBE, timeout=5)
    after = {
        name: dict(vars(each))
        for name, each in (("client", client), ("endpoint", client._endpoint), ("http", client._endpoint.http_session))
    }
    assert {name: {key: id(item) for key, item in each.items()} for name, each in before.items()} == {
        name: {key: id(item) for key, item in each.items()} for name, each in after.items()
    }
    assert type(client._endpoint).__name__ == "Endpoint"


def test_a_client_that_cannot_be_bounded_is_used_as_it_is(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Proxy:
        """Such as a tracing library puts around a client."""

        def __init__(self, client: Any) -> None:
            self._wrapped = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._wrapped, name)

    server.always(None, answer(BODY))
    bound._warn_unbound.cache_clear()
    sm = SageMaker(client=Proxy(session().client("sagemaker", endpoint_url=server.url)))
    for _ in range(2):
        assert sm.send(DESCRIBE, timeout=5).endpoint_name == "half-received"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "the time of a call by a Proxy cannot be limited: its own timeouts apply to each attempt"
    ]


def test_without_botocores_private_parts_the_client_is_used_as_it_is(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always(None, answer(BODY))
    monkeypatch.delattr("botocore.httpsession.URLLib3Session._get_connection_manager")
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", _plain_send)
    bound._classes.cache_clear()
    assert typed(server.url).send(DESCRIBE, timeout=5).endpoint_name == "half-received"
    bound._classes.cache_clear()


def _plain_send(self: Any, request: Any) -> Any:
    from botocore.awsrequest import AWSResponse

    reply = self._manager.connection_from_url(request.url).urlopen(
        method=request.method, url="/", body=request.body, headers=request.headers, preload_content=False
    )
    response: Any = AWSResponse(request.url, reply.status, reply.headers, reply)
    response.content  # noqa: B018  # reads the body
    return response

"""What goes out on the short way is, byte for byte, what botocore sends: head and body, in their order.

botocore is the oracle, and the socket is where the bytes are read. boto3's client is given our user agent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import nan
from types import FrameType
from typing import Any

import pytest
from botocore import xform_name
from botocore.serialize import JSONSerializer

from sagemaker_typed import SageMaker, errors, from_boto3, to_boto3
from sagemaker_typed.types import AddTagsInput, DescribeEndpointInput, ListEndpointsInput, Tag
from tests.contract import model
from tests.support.raw import RawServer
from tests.wire.roads import boto, made, stand_still, start_again, taken


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(
        lambda operation, _: b'{"EndpointName": "e"}' if operation == "DescribeEndpoint" else b"{}"
    ) as running:
        yield running


@pytest.fixture(params=[None, "session/token+=="], ids=["lasting", "temporary"], scope="module")
def clients(request: pytest.FixtureRequest, server: RawServer) -> tuple[SageMaker, SageMaker, Any]:
    token: str | None = request.param
    short, long = made(server.url, short=True, token=token), made(server.url, short=False, token=token)
    return short, long, boto(short, server.url, token=token)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)


def sent(server: RawServer, monkeypatch: pytest.MonkeyPatch, call: Callable[[], object]) -> bytes:
    start_again(monkeypatch)
    with suppress(errors.TransportError, errors.ConversionError):  # `{}` is no answer to most operations
        call()
    (request,) = server.taken()
    return request


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_bytes_are_botocores(
    operation: str,
    clients: tuple[SageMaker, SageMaker, Any],
    server: RawServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short, long, client = clients
    cls = model.request_class(operation)
    for params in model.requests(operation):
        request = from_boto3(cls, params)
        before = taken(short)
        ours = sent(server, monkeypatch, lambda: short.send(request))  # noqa: B023
        assert taken(short) == before + 1
        assert ours == sent(server, monkeypatch, lambda: long.send(request))  # noqa: B023
        arguments = to_boto3(request)
        assert ours == sent(server, monkeypatch, lambda: getattr(client, xform_name(operation))(**arguments))  # noqa: B023
    assert taken(long) == 0


_SCALARS = ("string", "integer", "long", "boolean")


def _of_scalars() -> Iterator[tuple[str, dict[str, Any]]]:
    """The operations that can be called with scalars alone, each with a request of all of them."""
    for operation in model.OPERATIONS:
        shape: Any = model.MODEL.operation_model(operation).input_shape
        members = {} if shape is None else shape.members
        plain = [name for name, member in members.items() if member.type_name in _SCALARS]
        if shape is None or set(shape.required_members) <= set(plain):
            request = next(iter(model.requests(operation)))
            yield operation, {name: value for name, value in request.items() if name in plain}


def _serialized(call: Callable[[], object]) -> int:
    """Make a call, and count how often botocore's serializer writes a request in it. The guard does not see a profile."""
    written = 0

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal written
        written += event == "call" and frame.f_code is JSONSerializer.serialize_to_request.__code__

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    return written


def test_scalars_are_written_without_botocores_serializer(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = made(server.url, short=True), made(server.url, short=False)
    count = 0
    for operation, params in _of_scalars():
        request = from_boto3(model.request_class(operation), params)
        ours, theirs = partial(short.send, request), partial(long.send, request)
        sent(server, monkeypatch, ours)  # learns
        before = taken(short)
        assert _serialized(lambda: sent(server, monkeypatch, ours)) == 0, operation  # noqa: B023
        assert taken(short) == before + 1
        assert _serialized(lambda: sent(server, monkeypatch, theirs)) == 1, operation  # noqa: B023
        assert sent(server, monkeypatch, ours) == sent(server, monkeypatch, theirs), operation
        count += 1
    assert count > 200


def test_a_structure_is_written_by_botocores_serializer(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    short = made(server.url, short=True)
    request = AddTagsInput(
        resource_arn="arn:aws:sagemaker:us-west-2:111122223333:endpoint/e", tags=[Tag(key="a", value="b")]
    )
    sent(server, monkeypatch, lambda: short.send(request))
    assert _serialized(lambda: sent(server, monkeypatch, lambda: short.send(request))) == 1


@pytest.mark.parametrize("text", ['ä "quoted" \\ \u2028\x00\x7f', "\U0001f600 \ud800", ""])
def test_any_text_and_number_is_written_alike(
    text: str, clients: tuple[SageMaker, SageMaker, Any], server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request without structures is written without botocore's serializer."""
    short, long, _ = clients
    request = ListEndpointsInput(next_token=text, max_results=100)
    assert sent(server, monkeypatch, lambda: short.send(request)) == sent(
        server, monkeypatch, lambda: long.send(request)
    )


@pytest.mark.parametrize(
    "value",
    [
        b"x",
        {"a"},
        {"a": 1, 2: None},
        {(1, 2): 3},
        ["a", None],
        datetime(2026, 1, 1),
        Decimal("0.1"),
        nan,
        -0.0,
        1 << 99,
    ],
    ids=repr,
)
def test_a_value_that_nobody_has_checked_is_written_or_refused_alike(
    value: Any, clients: tuple[SageMaker, SageMaker, Any], server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []
    for sm in clients[:2]:
        unchecked = sm.with_options(validation="off")
        try:
            found.append(sent(server, monkeypatch, lambda: unchecked.send(DescribeEndpointInput(endpoint_name=value))))  # noqa: B023
        except TypeError as error:
            assert server.taken() == []
            found.append(str(error))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "trace", ["Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", "ä &|"]
)
def test_the_trace_of_a_lambda_function_goes_along(
    trace: str, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = made(server.url, short=True), made(server.url, short=False)
    plain = describe(short, server, monkeypatch)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    first = describe(short, server, monkeypatch)
    assert b"X-Amzn-Trace-Id" in first
    for each in (trace, "Root=2"):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", each)
        assert describe(short, server, monkeypatch) == describe(long, server, monkeypatch)
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    describe(short, server, monkeypatch)
    assert describe(short, server, monkeypatch) == plain == describe(long, server, monkeypatch)
    assert taken(short) == 6


def describe(sm: SageMaker, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    return sent(server, monkeypatch, lambda: sm.endpoints.describe("e"))


@pytest.mark.parametrize(
    "options",
    [
        {"user_agent": "mine/1"},
        {"user_agent_extra": "extra/2"},
        {"user_agent_appid": "application"},
        {"attempts": 3},
        {"read_timeout": 7},
    ],
    ids=str,
)
def test_settings_show_in_the_same_bytes(
    options: dict[str, Any], server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = (made(server.url, short=each, **options) for each in (True, False))
    describe(short, server, monkeypatch)
    assert describe(short, server, monkeypatch) == describe(long, server, monkeypatch)
    assert taken(short) == 2


def test_an_endpoint_with_a_path(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = (made(f"{server.url}/a%20b/c d/", short=each) for each in (True, False))
    for _ in range(2):
        found = describe(short, server, monkeypatch)
    assert found == describe(long, server, monkeypatch)


def test_credentials_that_change_are_signed_with(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = made(server.url, short=True), made(server.url, short=False)
    describe(short, server, monkeypatch)
    for key, token in [("AKIDOTHER", None), ("AKIDOTHER", "with-token"), ("AKIDWIRE", "another"), ("AKIDWIRE", None)]:
        for sm in (short, long):
            held = sm._connection.client()._request_signer._credentials
            held.access_key, held.token = key, token
        describe(short, server, monkeypatch)
        assert describe(short, server, monkeypatch) == describe(long, server, monkeypatch)
        assert f"Credential={key}/".encode() in describe(short, server, monkeypatch)

"""A call of the asynchronous client is that of the synchronous one, on the wire and in its result."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any
from unittest import mock

import pytest
from botocore import xform_name
from botocore.stub import Stubber

from sagemaker_typed import AsyncPages, AsyncSageMaker, SageMaker, errors, from_boto3
from sagemaker_typed.resources.aio.groups import AsyncGroups
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.services.siblings import ATTRIBUTES
from sagemaker_typed.structure import members_of
from sagemaker_typed.types import CreateModelInput, DescribeEndpointInput
from tests.contract import model
from tests.support.faults import (
    FaultServer,
    bad_utf8,
    cut_chunk,
    cut_off,
    error_in_200,
    html,
    hung_up,
    not_object,
    refusing,
    reset,
    server_error,
    service_error,
    throttled,
)
from tests.support.model_server import ModelServer

pytestmark = pytest.mark.usefixtures("way")

# Of the headers, those differ that say when and which call it was.
_OF_THE_MOMENT = {"amz-sdk-invocation-id", "authorization", "x-amz-date"}


def minimal(operation: str) -> Any:
    return from_boto3(model.request_class(operation), model.minimal_request(operation))


def given(operation: str) -> dict[str, Any]:
    """The least that the method of an operation takes."""
    request, required = minimal(operation), model.required(operation)
    return {each.field: getattr(request, each.field) for each in members_of(type(request)) if each.wire in required}


def bare(response: Any) -> Any:
    if response is None:
        return None
    return {each.field: getattr(response, each.field) for each in members_of(type(response))}


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_each_operation_sends_and_gives_the_same(
    operation: str, server: ModelServer, sm: SageMaker, aio: AsyncSageMaker
) -> None:
    name = xform_name(operation)
    result: Any = getattr(aio.api, name)(**given(operation))
    if isinstance(result, AsyncPages):
        expected, result = sm.send(minimal(operation)), asyncio.run(aio.send(minimal(operation)))
    else:
        assert inspect.iscoroutine(result)
        assert inspect.iscoroutinefunction(getattr(aio.api, name))
        expected, result = getattr(sm.api, name)(**given(operation)), asyncio.run(result)
    assert type(result) is type(expected)
    assert bare(result) == bare(expected)
    ours, theirs = server.requests[-1], server.requests[-2]
    assert ours.operation == theirs.operation == operation
    shape = model.MODEL.operation_model(operation).input_shape
    tokens = {
        name for name, member in (shape.members if shape else {}).items() if member.metadata.get("idempotencyToken")
    }
    if not tokens:
        assert ours.raw_body == theirs.raw_body
    # botocore draws a token for each call.
    assert {**ours.body, **dict.fromkeys(tokens)} == {**theirs.body, **dict.fromkeys(tokens)}
    assert {**ours.headers, **dict.fromkeys(_OF_THE_MOMENT)} == {**theirs.headers, **dict.fromkeys(_OF_THE_MOMENT)}


def public(cls: type) -> dict[str, Any]:
    return {name: value for base in cls.__mro__ for name, value in vars(base).items() if not name.startswith("_")}


def test_the_groups_and_their_methods_are_those_of_the_synchronous_client() -> None:
    sm, aio = SageMaker(), AsyncSageMaker()
    assert dir(aio.api) == dir(sm.api)
    assert public(AsyncGroups).keys() == public(Groups).keys()
    assert public(AsyncSageMaker).keys() == public(SageMaker).keys()
    groups = [name for name, value in vars(Groups).items() if isinstance(value, property)]
    assert len(groups) > 80
    groups += ATTRIBUTES.values()
    for name in groups:
        ours, theirs = type(getattr(aio, name)), type(getattr(sm, name))
        assert ours.__name__ == f"Async{theirs.__name__}"
        assert public(ours).keys() == public(theirs).keys()
        for method in public(theirs):
            assert takes(getattr(ours, method)) == takes(getattr(theirs, method))


def takes(method: Any) -> inspect.Signature:
    """The signature of a method. A stream or an iterator that is awaited has a class of its own."""
    found = inspect.signature(method)
    given = str(found.return_annotation)
    if given.startswith("AsyncIterator[") or given.endswith("Stream"):
        given = given.removeprefix("Async")
    taken = [
        each.replace(annotation=str(each.annotation).removesuffix(" | AsyncIterable[Any]"))
        for each in found.parameters.values()
    ]
    return found.replace(parameters=taken, return_annotation=given)


def test_the_constructor_takes_the_same() -> None:
    assert inspect.signature(AsyncSageMaker) == inspect.signature(SageMaker)
    assert inspect.signature(AsyncSageMaker.send) == inspect.signature(SageMaker.send)
    assert inspect.signature(AsyncSageMaker.wait_all) == inspect.signature(SageMaker.wait_all)


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        service_error("ResourceNotFound"),
        service_error("ValidationException", "Could not find endpoint"),
        service_error("ResourceLimitExceeded"),
        service_error("AccessDeniedException"),
        service_error("ExpiredTokenException", status=403),
        service_error("UnrecognizedClientException", status=403),
        throttled(),
        server_error(),
        html(502),
        html(),
        error_in_200(),
        cut_off(),
        cut_chunk(),
        hung_up(),
        reset(),
        bad_utf8(),
        not_object(),
    ],
    ids=lambda fault: fault.name,
)
def test_errors_are_the_same_after_as_many_attempts(faults: FaultServer, fault: Any) -> None:
    settings: Any = {"session": model.session(), "endpoint_url": faults.url}
    request = DescribeEndpointInput(endpoint_name="e")
    faults.always(None, fault)
    with mock.patch("botocore.endpoint.time.sleep"), SageMaker(**settings) as sm:
        with pytest.raises(errors.SageMakerError) as theirs:
            sm.send(request, retries=2)
        attempts = len(faults.operations)
        aio = AsyncSageMaker(**settings)
        with (
            mock.patch("sagemaker_typed._core.http.bound.Event.wait", return_value=False),
            mock.patch("asyncio.sleep"),
            pytest.raises(errors.SageMakerError) as ours,
        ):
            asyncio.run(closing(aio, request, retries=2))
    assert len(faults.operations) == 2 * attempts
    assert type(ours.value) is type(theirs.value)
    assert str(ours.value) == str(theirs.value)
    assert (ours.value.code, ours.value.request_id) == (theirs.value.code, theirs.value.request_id)
    assert type(ours.value.__cause__) is type(theirs.value.__cause__)


async def closing(aio: AsyncSageMaker, request: Any, **options: Any) -> Any:
    async with aio:
        return await aio.send(request, **options)


def test_a_refused_connection_and_missing_credentials() -> None:
    request = DescribeEndpointInput(endpoint_name="e")
    with refusing() as url, pytest.raises(errors.TransportError):
        asyncio.run(AsyncSageMaker(session=model.session(), endpoint_url=url).send(request, retries=0))
    with pytest.raises(errors.CredentialsError):
        asyncio.run(AsyncSageMaker(region="us-west-2").send(request))
    with pytest.raises(errors.ConfigurationError):
        asyncio.run(AsyncSageMaker().send(request))


def test_what_is_wrong_is_said_before_anything_is_sent(server: ModelServer) -> None:
    aio = AsyncSageMaker(session=model.session(), endpoint_url=server.url, validation="strict")
    with pytest.raises(errors.InvalidRequestError, match="model_name"):
        asyncio.run(aio.send(CreateModelInput(model_name="no spaces!")))
    with pytest.raises(errors.InvalidRequestError, match="timeout"):
        asyncio.run(aio.send(DescribeEndpointInput(endpoint_name="e"), timeout=-1))
    with pytest.raises(TypeError, match="endpoint_name instead of endpoint_nam"):
        asyncio.run(aio.endpoints.describe(endpoint_nam="e"))  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="describe"):
        aio.endpoints.get  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(TypeError, match="async with"), aio:  # type: ignore[attr-defined]
        pass
    for nothing in (None, "e", {"EndpointName": "e"}, DescribeEndpointInput):
        told = []
        for send in (SageMaker(region="us-west-2").send, lambda request: asyncio.run(aio.send(request))):
            with pytest.raises(TypeError, match="takes a request object") as caught:
                send(nothing)  # type: ignore[arg-type]
            told.append(str(caught.value))
        assert told[0] == told[1]
    assert server.requests == []


# --- who listens ------------------------------------------------------------------------------------------------------


def test_hooks_and_stubs_see_the_calls(server: ModelServer) -> None:
    client = model.session().client("sagemaker", endpoint_url=server.url)
    aio = AsyncSageMaker(client=client)
    seen: list[str] = []
    client.meta.events.register("before-send.sagemaker.*", lambda **more: seen.append("sent"))
    asyncio.run(aio.endpoints.describe("e"))
    assert seen == ["sent"]
    with Stubber(client) as stubber:
        answer = {"EndpointName": "stubbed", "EndpointArn": "a" * 20, "EndpointStatus": "InService"}
        times = dict.fromkeys(("CreationTime", "LastModifiedTime"), 0)
        stubber.add_response("describe_endpoint", {**answer, **times})
        assert asyncio.run(aio.endpoints.describe("e")).endpoint_name == "stubbed"
    assert len(server.requests) == 1


def test_a_context_variable_of_the_caller_is_seen_by_hooks(server: ModelServer) -> None:
    from contextvars import ContextVar

    span: ContextVar[str] = ContextVar("span")
    client = model.session().client("sagemaker", endpoint_url=server.url)
    seen: list[str] = []
    client.meta.events.register("before-send.sagemaker.*", lambda **more: seen.append(span.get()))
    aio = AsyncSageMaker(client=client)

    async def one(name: str) -> None:
        span.set(name)
        await aio.endpoints.describe("e")

    async def both() -> None:
        await asyncio.gather(one("first"), one("second"))

    asyncio.run(both())
    assert sorted(seen) == ["first", "second"]


def test_a_mock_of_it_is_awaited() -> None:
    double = mock.create_autospec(AsyncSageMaker().endpoints)
    double.describe.return_value = "described"
    assert asyncio.run(double.describe("e")) == "described"

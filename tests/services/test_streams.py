"""Bodies that are read after the call: whole, part by part, event by event, left early, stalled and broken."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import pickle
from collections.abc import Callable, Coroutine, Iterator
from threading import Event
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError, ReadTimeoutError, ResponseStreamingError

from sagemaker_typed import AsyncSageMaker, SageMaker, errors, from_boto3, to_boto3
from sagemaker_typed.services.geospatial import GetTileOutput
from sagemaker_typed.services.runtime import InvokeEndpointOutput, InvokeEndpointWithResponseStreamOutput, PayloadPart
from sagemaker_typed.streams import EventStream, StreamedBody
from tests.contract.model import quiet
from tests.services import siblings
from tests.services.wire import Told, Wire, event, exception, unmodelled

PATIENCE = 10.0
"""Seconds after which a test gives up."""


def on_a_loop(test: Callable[[Wire, AsyncSageMaker], Coroutine[Any, Any, None]]) -> Callable[[Wire], None]:
    """Run a test with a client of its own on an event loop of its own."""

    async def run(server: Wire) -> None:
        urls = dict.fromkeys(siblings.SERVICES, server.url)
        async with AsyncSageMaker(session=siblings.session(), endpoint_urls=urls, config=quiet()) as asm:
            await asyncio.wait_for(test(server, asm), 6 * PATIENCE)

    def begin(server: Wire) -> None:
        asyncio.run(run(server))

    begin.__name__ = test.__name__
    return begin


def invoke(sm: SageMaker) -> InvokeEndpointOutput:
    return sm.runtime.invoke_endpoint("e", body=b"in")


def stream(sm: SageMaker) -> EventStream[PayloadPart]:
    return sm.runtime.invoke_endpoint_with_response_stream("e", body=b"in").body


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"bytes", bytearray(b"bytes"), "bytes", io.BytesIO(b"bytes")], ids=lambda body: type(body).__name__
)
def test_a_body_may_be_bytes_a_text_or_a_file(body: Any, server: Wire, checked: SageMaker) -> None:
    server.tell(Told(b"out"))
    checked.runtime.invoke_endpoint("e", body=body).body.close()
    assert server.taken().body == b"bytes"


@pytest.mark.parametrize("body", [{"a": 1}, [1], 5, None])
def test_anything_else_is_refused_before_it_is_sent(body: Any, server: Wire, checked: SageMaker) -> None:
    with pytest.raises(errors.InvalidRequestError) as found:
        checked.runtime.invoke_endpoint("e", body=body)
    (problem,) = found.value.problems
    assert (problem.path, problem.rule) == ("body", "required" if body is None else "type")
    assert server.sent == []


def test_a_file_is_sent_again_whole(server: Wire) -> None:
    again = Config(retries={"mode": "standard", "total_max_attempts": 2}, proxies={})
    body = io.BytesIO(b"sent")
    with siblings.connected(server.url, config=again) as sm:
        server.tell(Told(b"{}", 503), Told(b"out"))
        assert sm.with_options(timeout=PATIENCE).runtime.invoke_endpoint("e", body=body).body.read() == b"out"
    assert [each.body for each in server.sent] == [b"sent", b"sent"]


@pytest.mark.filterwarnings("error")
def test_hooks_see_a_file_as_it_is(server: Wire) -> None:
    """Arguments that a hook may edit are copied, and a file cannot be."""
    seen: list[Any] = []
    session = siblings.boto_session()
    session.events.register(
        "provide-client-params.sagemaker-runtime.InvokeEndpoint", lambda params, **_: seen.append(params["Body"])
    )
    server.tell(Told(b"out"))
    with (
        SageMaker(session=session, endpoint_urls={"sagemaker-runtime": server.url}, config=quiet()) as sm,
        open(__file__, "rb") as file,
    ):
        assert sm.runtime.invoke_endpoint("e", body=file).body.read() == b"out"
        assert seen == [file]


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_a_body_is_read_whole_or_in_pieces(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"0123456789"))
    assert invoke(sm).body.read() == b"0123456789"
    body = invoke(sm).body
    assert (body.read(4), body.read(4), body.read(), body.read()) == (b"0123", b"4567", b"89", b"")


def test_a_body_is_iterated_as_its_parts_arrive(server: Wire, sm: SageMaker) -> None:
    go_on = Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(PATIENCE)
        yield b"second"

    server.tell(Told(pieces))
    parts = iter(invoke(sm).body)
    assert next(parts) == b"first"  # though the second is not sent yet
    go_on.set()
    assert list(parts) == [b"second"]


def test_parts_arrive_with_an_older_urllib3_too(server: Wire, sm: SageMaker) -> None:
    """It has no `read1`."""

    class Older:
        def __init__(self, raw: Any) -> None:
            self.stream, self.read, self.close = raw.stream, raw.read, raw.close

    go_on = Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(PATIENCE)
        yield b"second"

    server.tell(Told(pieces))
    body = invoke(sm).body
    body.raw._raw_stream = Older(body.raw._raw_stream)
    parts = iter(body)
    assert next(parts) == b"first"
    go_on.set()
    assert list(parts) == [b"second"]


@pytest.mark.parametrize("cut", range(1, 14))
def test_lines_are_put_together_wherever_the_parts_are_cut(cut: int, server: Wire, sm: SageMaker) -> None:
    whole = b"one\r\n\r\nthree\nfour"
    server.tell(Told(lambda: (whole[:cut], whole[cut:])))
    assert list(invoke(sm).body.lines()) == [b"one", b"", b"three", b"four"]


def test_the_connection_of_a_body_that_was_read_is_used_again(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    for _ in range(3):
        assert b"".join(invoke(sm).body) == b"out"
    body = invoke(sm).body
    with body:
        assert body.read(1) == b"o"
    assert body.closed
    with pytest.raises(ValueError, match="closed"):
        body.read()


def endless(server: Wire) -> Callable[[], Iterator[bytes]]:
    """Pieces for as long as the client takes them."""

    def pieces() -> Iterator[bytes]:
        while True:
            yield event("PayloadPart", bytes(10_000))

    return pieces


def hung_up(server: Wire) -> bool:
    """Whether the server has seen that its client hung up."""
    waiter = Event()
    for _ in range(int(PATIENCE * 100)):
        if server.closed:
            return True
        waiter.wait(0.01)
    return False


@pytest.mark.parametrize("take", [lambda sm: invoke(sm).body, stream], ids=["bytes", "events"])
def test_leaving_early_closes_the_connection(take: Any, server: Wire, sm: SageMaker) -> None:
    server.tell(Told(endless(server)))
    body = take(sm)
    for _ in body:
        break
    gc.collect()
    assert body.closed
    assert hung_up(server)


def test_a_context_manager_closes_the_connection(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(endless(server)))
    with stream(sm) as events:
        assert next(iter(events)).bytes == bytes(10_000)
    assert events.closed
    assert hung_up(server)


def test_a_body_that_is_cut_off_is_an_error(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: (b"half", None)))
    for read in (lambda body: body.read(), lambda body: b"".join(body)):
        with pytest.raises(errors.TransportError, match="InvokeEndpoint") as found:
            read(invoke(sm).body)
        assert found.value.retryable
        assert isinstance(found.value, ResponseStreamingError)


def test_a_body_that_stalls_is_an_error(server: Wire) -> None:
    over = Event()

    def pieces() -> Iterator[bytes]:
        yield b"half"
        over.wait(PATIENCE)

    server.tell(Told(pieces))
    with siblings.connected(server.url, config=quiet().merge(Config(read_timeout=0.2))) as sm:
        for parts in (iter(invoke(sm).body), invoke(sm).body.lines()):
            with pytest.raises(errors.TransportError) as found:
                list(parts)
            assert isinstance(found.value, ReadTimeoutError)
            assert not isinstance(found.value, errors.CallTimeoutError)
    over.set()


def test_the_timeout_of_a_call_bounds_each_wait_for_more(server: Wire, sm: SageMaker) -> None:
    over = Event()

    def pieces() -> Iterator[bytes]:
        yield event("PayloadPart", b"first")
        over.wait(PATIENCE)

    server.tell(Told(pieces))
    events = iter(stream(sm.with_options(timeout=0.5)))
    assert next(events).bytes == b"first"
    with pytest.raises(errors.TransportError, match="timed out"):
        next(events)
    over.set()


# --- events -----------------------------------------------------------------------------------------------------------

PARTS = [b"", b"one", b'data: {"x": 1}\n\n', bytes(range(256)) * 300]


@pytest.mark.parametrize("size", [1, 7, 1000, 10**9])
def test_events_are_boto3s_however_the_bytes_arrive(size: int, server: Wire, sm: SageMaker) -> None:
    whole = b"".join(event("PayloadPart", part) for part in PARTS[: 3 if size == 1 else 4])
    server.tell(Told(lambda: (whole[at : at + size] for at in range(0, len(whole), size))))
    client = siblings.boto("sagemaker-runtime", server.url)
    theirs = list(client.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"in")["Body"])
    ours = list(stream(sm))
    assert [{"PayloadPart": to_boto3(each)} for each in ours] == theirs
    assert all(type(each) is PayloadPart for each in ours)
    assert [each.bytes for each in ours] == PARTS[: len(ours)]
    client.close()


def test_the_head_of_an_answer_comes_before_its_events(server: Wire, sm: SageMaker) -> None:
    go_on = Event()

    def pieces() -> Iterator[bytes]:
        assert go_on.wait(PATIENCE)
        yield event("PayloadPart", b"late")

    server.tell(Told(pieces, headers={"x-Amzn-Invoked-Production-Variant": "v", "X-Amzn-SageMaker-Content-Type": "t"}))
    response = sm.runtime.invoke_endpoint_with_response_stream("e", body=b"in")
    assert (response.invoked_production_variant, response.content_type) == ("v", "t")
    go_on.set()
    assert [part.bytes for part in response.body] == [b"late"]


def test_an_event_that_this_version_does_not_know_is_left_out(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: (event("Brandnew", b"?"), event("PayloadPart", b"known"))))
    assert [part.bytes for part in stream(sm)] == [b"known"]


MEMBERS = {"Message": "it broke", "ErrorCode": "StreamBroken"}


def caught(events: EventStream[PayloadPart]) -> tuple[list[PayloadPart], Any]:
    """The events before an error, and the error."""
    before: list[PayloadPart] = []
    with pytest.raises(errors.SageMakerError) as found:
        before.extend(events)
    return before, found.value


def test_an_event_that_is_an_error_is_raised_typed(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: (event("PayloadPart", b"sound"), exception("ModelStreamError", MEMBERS))))
    client = siblings.boto("sagemaker-runtime", server.url)
    plain = client.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"in")["Body"]
    with pytest.raises(EventStreamError) as theirs:
        list(plain)
    plain.close()
    before, error = caught(stream(sm))
    assert [part.bytes for part in before] == [b"sound"]
    assert isinstance(error, errors.ModelStreamError)
    assert isinstance(error, EventStreamError)
    assert str(error) == str(theirs.value)
    assert (error.code, error.message, error.error_code) == ("ModelStreamError", "it broke", "StreamBroken")
    assert error.operation == "InvokeEndpointWithResponseStream"
    assert pickle.loads(pickle.dumps(error)).error_code == "StreamBroken"
    # In boto3 an event is never of the class of `client.exceptions`; here both clauses catch it.
    assert isinstance(error, client.exceptions.ModelStreamError)
    client.close()


@pytest.mark.parametrize(
    ("frame", "code", "cls"),
    [
        (exception("InternalStreamFailure", {"Message": "no"}), "InternalStreamFailure", errors.ServiceError),
        (unmodelled("ThrottlingException", "no"), "ThrottlingException", errors.ThrottlingError),
        (unmodelled("Brandnew", "no"), "Brandnew", errors.ApiError),
    ],
)
def test_every_error_of_a_stream_has_its_class(
    frame: bytes, code: str, cls: type[errors.ApiError], server: Wire, sm: SageMaker
) -> None:
    server.tell(Told(lambda: (frame,)))
    events = stream(sm)
    before, error = caught(events)
    assert before == []
    assert isinstance(error, cls)
    assert (error.code, error.message) == (code, "no")
    assert events.closed


def test_an_error_hides_the_body_of_the_request(server: Wire, sm: SageMaker) -> None:
    told = {"Message": "cannot read 'my secret text'", "OriginalMessage": "my secret text", "OriginalStatusCode": 500}
    server.tell(Told(lambda: (exception("ModelStreamError", told),)))
    _, error = caught(sm.runtime.invoke_endpoint_with_response_stream("e", body=b"my secret text").body)
    assert "my secret text" not in f"{error} {error.response} {error.__cause__}"


@pytest.mark.parametrize("kept", [1, 3, 11, 12, 40, -1])
def test_a_stream_that_ends_within_an_event_is_an_error(kept: int, server: Wire, sm: SageMaker) -> None:
    """boto3 takes it for the end."""
    last = event("PayloadPart", b"the last one")[:kept]
    server.tell(Told(lambda: (event("PayloadPart", b"sound"), last)))
    before, error = caught(stream(sm))
    assert [part.bytes for part in before] == [b"sound"]
    assert isinstance(error, errors.TransportError)
    assert "within an event" in str(error)


def test_a_stream_that_is_cut_off_is_an_error(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: (event("PayloadPart", b"sound"), None)))
    before, error = caught(stream(sm))
    assert len(before) == 1
    assert isinstance(error, errors.TransportError)


def test_bytes_that_are_no_events_are_an_error(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: (b"<html>a page of some gateway's</html>",)))
    _, error = caught(stream(sm))
    assert isinstance(error, errors.TransportError)
    assert "not an event stream" in str(error)


def test_an_error_instead_of_a_stream_is_raised_by_the_call(server: Wire, sm: SageMaker) -> None:
    body = b'{"Message": "down", "OriginalStatusCode": 503, "OriginalMessage": "oops", "LogStreamArn": "arn:log"}'
    server.tell(Told(body, 424, {"x-amzn-ErrorType": "ModelError"}))
    with pytest.raises(errors.ModelError) as found:
        stream(sm)
    error = found.value
    assert (error.original_status_code, error.original_message, error.log_stream_arn) == (503, "oops", "arn:log")
    assert isinstance(error, ClientError)


# --- as values --------------------------------------------------------------------------------------------------------


def test_a_body_cannot_be_pickled_or_copied_and_says_so(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    response = invoke(sm)
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="read it first"):
            attempt(response)
    assert "***" in repr(response)
    assert repr(response.body) == "<StreamedBody of InvokeEndpoint>"
    response.body.close()


def test_what_stubs_give_is_read_too() -> None:
    """A test double gives plain bytes, a file or a list of events."""
    tile = from_boto3(GetTileOutput, {"BinaryFile": b"tile"}).binary_file
    assert tile is not None
    assert tile.read() == b"tile"
    assert from_boto3(InvokeEndpointOutput, {"Body": io.BytesIO(b"out")}).body.read() == b"out"
    events = [{"PayloadPart": {"Bytes": b"a"}}, {"PayloadPart": {"Bytes": b"b"}}]
    response = from_boto3(InvokeEndpointWithResponseStreamOutput, {"Body": events})
    assert to_boto3(response)["Body"] is events
    assert [part.bytes for part in response.body] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("cls", "members"),
    [
        (InvokeEndpointOutput, {"Body": 5}),
        (InvokeEndpointWithResponseStreamOutput, {"Body": b"bytes"}),
        (InvokeEndpointWithResponseStreamOutput, {"Body": {}}),
    ],
)
def test_what_is_no_body_is_an_error(cls: Any, members: Any) -> None:
    with pytest.raises(errors.ConversionError, match="Body"):
        from_boto3(cls, members)


# --- on an event loop -------------------------------------------------------------------------------------------------


@on_a_loop
async def test_bodies_are_awaited(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(lambda: (b"one\ntw", b"o")))
    response = await asm.runtime.invoke_endpoint("e", body=b"in")
    assert await response.body.aread(3) == b"one"
    assert await response.body.aread() == b"\ntwo"
    async with (await asm.runtime.invoke_endpoint("e", body=b"in")).body as body:
        assert b"".join([part async for part in body]) == b"one\ntwo"
    async with (await asm.runtime.invoke_endpoint("e", body=b"in")).body as body:
        assert not body.closed
    assert body.closed  # though nothing was read
    lines = (await asm.runtime.invoke_endpoint("e", body=b"in")).body.alines()
    assert [line async for line in lines] == [b"one", b"two"]


@on_a_loop
async def test_events_are_iterated_and_the_loop_runs_on(server: Wire, asm: AsyncSageMaker) -> None:
    go_on = Event()

    def pieces() -> Iterator[bytes]:
        yield event("PayloadPart", b"first")
        assert go_on.wait(PATIENCE)
        yield event("PayloadPart", b"second")

    server.tell(Told(pieces))
    response = await asm.runtime.invoke_endpoint_with_response_stream("e", body=b"in")
    found: list[Any] = []
    async for part in response.body:
        found.append(part.bytes)
        asyncio.get_running_loop().call_soon(go_on.set)  # runs while the next part is waited for
    assert found == [b"first", b"second"]


@on_a_loop
async def test_an_error_event_is_raised_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(lambda: (event("PayloadPart", b"sound"), exception("ModelStreamError", MEMBERS))))
    response = await asm.runtime.invoke_endpoint_with_response_stream("e", body=b"in")
    with pytest.raises(errors.ModelStreamError) as found:
        async for _ in response.body:
            pass
    assert found.value.error_code == "StreamBroken"


@on_a_loop
async def test_leaving_early_closes_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(endless(server)))
    response = await asm.runtime.invoke_endpoint_with_response_stream("e", body=b"in")
    async for _ in response.body:
        break
    gc.collect()
    await asyncio.sleep(0)  # the loop closes the generator
    assert await asyncio.to_thread(hung_up, server)
    assert response.body.closed


class Announced:
    """A body that tells when somebody begins to read it."""

    def __init__(self, raw: Any, begun: Event) -> None:
        self._raw_stream = raw._raw_stream
        self._raw = raw
        self._begun = begun

    def read(self, *amount: int) -> Any:
        self._begun.set()
        return self._raw.read(*amount)

    def close(self) -> None:
        self._raw.close()


@on_a_loop
async def test_a_cancelled_read_ends_at_once(server: Wire, asm: AsyncSageMaker) -> None:
    over, begun = Event(), Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        over.wait(PATIENCE)
        for _ in range(100):
            yield b"more"

    server.tell(Told(pieces))
    body = (await asm.runtime.invoke_endpoint("e", body=b"in")).body
    assert await body.aread(5) == b"first"
    body.raw = Announced(body.raw, begun)
    reading = asyncio.create_task(body.aread())
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert body.closed
    over.set()
    assert await asyncio.to_thread(hung_up, server)


def test_a_body_of_the_synchronous_client_can_be_awaited_too(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    body: StreamedBody = invoke(sm).body
    assert asyncio.run(body.aread()) == b"out"

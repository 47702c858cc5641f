"""`sm.endpoints.invoke` and its like, on both clients."""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors
from sagemaker_typed._data.invoking import AsyncInvoking, EndpointAnswer, Invoking
from sagemaker_typed._data.texts import EventReader, LineReader, ServerSentEvent, charset_of
from tests.services import siblings
from tests.services.test_streams import PATIENCE, endless, hung_up, on_a_loop
from tests.services.wire import Told, Wire, event, exception

OPTIONS = {
    "content_type": ("text/csv", "content-type"),
    "accept": ("text/plain", "accept"),
    "target_variant": ("v", "x-amzn-sagemaker-target-variant"),
    "target_model": ("m.tar.gz", "x-amzn-sagemaker-target-model"),
    "target_container_hostname": ("h", "x-amzn-sagemaker-target-container-hostname"),
    "inference_component_name": ("c", "x-amzn-sagemaker-inference-component"),
    "inference_id": ("i", "x-amzn-sagemaker-inference-id"),
    "custom_attributes": ("a=b", "x-amzn-sagemaker-custom-attributes"),
    "enable_explanations": ("`true`", "x-amzn-sagemaker-enable-explanations"),
    "session_id": ("NEW_SESSION", "x-amzn-sagemaker-session-id"),
}


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        (b"\x00\xff", b"\x00\xff", None),
        (bytearray(b"ab"), b"ab", None),
        (memoryview(b"abcd")[1:3], b"bc", None),
        ("zwölf", "zwölf".encode(), None),
        (io.BytesIO(b"file"), b"file", None),
        ({"a": [1, 2.5, None, True, "ü"]}, None, "application/json"),
        ([1, 2], None, "application/json"),
        (5, None, "application/json"),
        (False, None, "application/json"),
        (None, None, "application/json"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_is_sent(
    body: Any, sent: bytes | None, content_type: str | None, server: Wire, checked: SageMaker
) -> None:
    server.tell(Told(b"out"))
    checked.endpoints.invoke("e", body)
    request = server.taken()
    assert (request.method, request.target) == ("POST", "/endpoints/e/invocations")
    if sent is None:
        assert json.loads(request.body) == body
    else:
        assert request.body == sent
    assert request.headers.get("content-type") == content_type


@pytest.mark.parametrize("body", [object(), {"a": object()}, {1, 2}, {"a": b"bytes"}])
def test_what_cannot_be_sent_is_refused(body: Any, server: Wire, sm: SageMaker) -> None:
    for call in (sm.endpoints.invoke, sm.endpoints.invoke_stream):
        with pytest.raises(errors.InvalidRequestError) as found:
            call("e", body)
        assert [(problem.path, problem.rule) for problem in found.value.problems] == [("body", "type")]
    assert server.sent == []


def test_every_option_has_its_header(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    given: dict[str, Any] = {name: value for name, (value, _) in OPTIONS.items()}
    sm.endpoints.invoke("e", {"a": 1}, **given)
    headers = server.taken().headers
    assert {header: headers[header] for _, header in OPTIONS.values()} == {
        header: value for value, header in OPTIONS.values()
    }


def test_the_options_are_the_members_of_the_request() -> None:
    """But for the id of a cache, which none of the SDKs has; those of the stream are the same as far as it has them."""
    members = set(siblings.model("sagemaker-runtime").shape_for("InvokeEndpointInput").members)
    taken = set(inspect.signature(Invoking.invoke).parameters) - {"self", "timeout"}
    assert {name.replace("_", "").lower() for name in taken} == {name.lower() for name in members - {"PrefixAwareId"}}
    streamed = set(inspect.signature(Invoking.invoke_stream).parameters)
    assert streamed == taken - {"target_model", "enable_explanations"} | {"self", "timeout"}


@pytest.mark.parametrize("name", ["invoke", "invoke_stream", "invoke_async"])
def test_both_clients_take_the_same(name: str) -> None:
    one, other = (inspect.signature(getattr(cls, name)).parameters for cls in (Invoking, AsyncInvoking))
    assert list(one.values()) == list(other.values())
    assert inspect.iscoroutinefunction(getattr(AsyncInvoking, name))


def test_what_is_answered(server: Wire, sm: SageMaker) -> None:
    headers = {
        "Content-Type": "application/json",
        "x-Amzn-Invoked-Production-Variant": "blue",
        "X-Amzn-SageMaker-Custom-Attributes": "secret",
        "X-Amzn-SageMaker-New-Session-Id": "new",
        "X-Amzn-SageMaker-Closed-Session-Id": "old",
    }
    server.tell(Told('{"score": "ü"}'.encode(), 200, headers))
    answer = sm.endpoints.invoke("e", b"in")
    assert (answer.body, answer.text, answer.json()) == ('{"score": "ü"}'.encode(), '{"score": "ü"}', {"score": "ü"})
    assert (answer.content_type, answer.invoked_variant, answer.custom_attributes) == (
        "application/json",
        "blue",
        "secret",
    )
    assert (answer.new_session_id, answer.closed_session_id) == ("new", "old")
    assert answer.response_metadata.request_id is not None
    assert "secret" not in repr(answer)
    assert "score" not in repr(answer)
    assert "secret" not in repr(answer.response_metadata)
    assert str(answer.response_metadata.request_id) in repr(answer.response_metadata)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, "ü".encode()),
        ("text/plain; charset=latin-1", b"\xfc"),
        ('text/plain; Charset="UTF-16-LE"', "ü".encode("utf-16-le")),
        ("text/plain; charset=unheard-of", "ü".encode()),
    ],
)
def test_a_text_is_read_in_its_charset(content_type: str | None, body: bytes, server: Wire, sm: SageMaker) -> None:
    server.tell(Told(body, 200, {"Content-Type": content_type} if content_type else {}))
    assert sm.endpoints.invoke("e", b"in").text == "ü"
    assert charset_of(content_type) in ("utf-8", "iso8859-1", "utf-16-le")


def test_the_connection_is_used_again(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    answers = [sm.endpoints.invoke("e", b"in").body for _ in range(3)]
    assert answers == [b"out"] * 3


def test_a_model_that_fails(server: Wire, sm: SageMaker) -> None:
    told = {"Message": "it broke", "OriginalStatusCode": 500, "OriginalMessage": "oops", "LogStreamArn": "arn:log"}
    server.tell(Told(json.dumps(told).encode(), 424, {"x-amzn-ErrorType": "ModelError"}))
    for call in (sm.endpoints.invoke, sm.endpoints.invoke_stream):
        with pytest.raises(errors.ModelError) as found:
            call("e", b"in")
        assert (found.value.original_status_code, found.value.original_message) == (500, "oops")
        assert found.value.log_stream_arn == "arn:log"


def test_the_timeout_bounds_the_call(server: Wire, sm: SageMaker) -> None:
    over = Event()

    def never() -> Iterator[bytes]:
        over.wait(PATIENCE)
        yield b"late"

    server.tell(Told(never))
    with pytest.raises(errors.TransportError):
        sm.endpoints.invoke("e", b"in", timeout=0.3)
    over.set()


def test_an_asynchronous_endpoint(server: Wire, sm: SageMaker) -> None:
    headers = {"X-Amzn-SageMaker-OutputLocation": "s3://b/out", "X-Amzn-SageMaker-FailureLocation": "s3://b/err"}
    server.tell(Told(b'{"InferenceId": "i"}', 202, headers))
    answer = sm.endpoints.invoke_async("e", input_location="s3://b/in", request_ttl_seconds=60, content_type="text/csv")
    assert (answer.output_location, answer.failure_location, answer.inference_id) == ("s3://b/out", "s3://b/err", "i")
    request = server.taken()
    assert request.target == "/endpoints/e/async-invocations"
    assert request.headers["x-amzn-sagemaker-inputlocation"] == "s3://b/in"
    assert request.headers["x-amzn-sagemaker-requestttlseconds"] == "60"
    assert request.headers["x-amzn-sagemaker-content-type"] == "text/csv"


# --- streams ----------------------------------------------------------------------------------------------------------

TOKENS = 'data: {"t": "Hel"}\n\ndata: {"t": "lö"}\r\n\r\n: ping\n\nevent: done\ndata: [DONE]\nid: 7\n\ndata: lost'


def parts(text: str, size: int) -> Iterator[bytes]:
    whole = text.encode()
    return (event("PayloadPart", whole[at : at + size]) for at in range(0, len(whole), size))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_lines_and_events_wherever_the_parts_are_cut(size: int, server: Wire, sm: SageMaker) -> None:
    server.tell(Told(lambda: parts(TOKENS, size)))
    assert sm.endpoints.invoke_stream("e", {"stream": True}).read().decode() == TOKENS
    lines = TOKENS.replace("\r\n", "\n").split("\n")
    assert list(sm.endpoints.invoke_stream("e", b"in").lines()) == lines
    events: list[ServerSentEvent] = []
    with pytest.raises(errors.TransportError, match=r"middle of an event: 'data: lost'"):
        events.extend(sm.endpoints.invoke_stream("e", b"in").events())
    assert events == [
        ServerSentEvent('{"t": "Hel"}'),
        ServerSentEvent('{"t": "lö"}'),
        ServerSentEvent("[DONE]", "done", "7"),
    ]
    assert "".join(each.json()["t"] for each in events[:2]) == "Hellö"


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("data: b\n", [ServerSentEvent("b")]),
        ("data: [DONE]", [ServerSentEvent("[DONE]")]),
        (": ping", []),
        ("  ", []),
        ("event: e\n", []),
    ],
)
def test_an_answer_may_end_without_a_blank_line(
    end: str, last: list[ServerSentEvent], server: Wire, sm: SageMaker
) -> None:
    server.tell(Told(lambda: parts(f"data: a\n\n{end}", 3)))
    assert list(sm.endpoints.invoke_stream("e", b"in").events()) == [ServerSentEvent("a"), *last]


def test_parts_are_given_as_they_arrive(server: Wire, sm: SageMaker) -> None:
    go_on = Event()

    def pieces() -> Iterator[bytes]:
        yield event("PayloadPart", b"first\n")
        assert go_on.wait(PATIENCE)
        yield event("PayloadPart", b"second")

    server.tell(Told(pieces, headers={"x-Amzn-Invoked-Production-Variant": "blue"}))
    stream = sm.endpoints.invoke_stream("e", b"in")
    assert stream.invoked_variant == "blue"
    lines = stream.lines()
    assert next(lines) == "first"
    go_on.set()
    assert list(lines) == ["second"]
    assert stream.closed


@pytest.mark.parametrize("take", [iter, lambda stream: stream.lines(), lambda stream: stream.events()])
def test_leaving_early_closes(take: Any, server: Wire, sm: SageMaker) -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            yield event("PayloadPart", b"data: x\n\n" * 1000)

    server.tell(Told(pieces))
    stream = sm.endpoints.invoke_stream("e", b"in")
    for _ in take(stream):
        break
    gc.collect()
    assert stream.closed
    assert hung_up(server)


def test_a_model_that_fails_on_the_way(server: Wire, sm: SageMaker) -> None:
    broken = exception("ModelStreamError", {"Message": "no", "ErrorCode": "StreamBroken"})
    server.tell(Told(lambda: (event("PayloadPart", b"sound\nha"), broken)))
    stream = sm.endpoints.invoke_stream("e", b"in")
    lines = stream.lines()
    assert next(lines) == "sound"
    with pytest.raises(errors.ModelStreamError, match="no"):
        next(lines)
    assert stream.closed


def test_a_stream_in_a_with_block(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(endless(server)))
    with sm.endpoints.invoke_stream("e", b"in") as stream:
        assert not stream.closed
    assert stream.closed
    assert "closed" in repr(stream)


# --- on an event loop -------------------------------------------------------------------------------------------------


@on_a_loop
async def test_invoking_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(b'{"a": 1}'))
    answers = await asyncio.gather(*(asm.endpoints.invoke("e", {"n": n}) for n in range(5)))
    assert all(type(answer) is EndpointAnswer for answer in answers)
    assert [answer.json() for answer in answers] == [{"a": 1}] * 5
    assert sorted(json.loads(each.body)["n"] for each in server.sent) == [0, 1, 2, 3, 4]


@on_a_loop
async def test_streaming_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(lambda: parts(TOKENS, 7)))
    assert (await (await asm.endpoints.invoke_stream("e", b"in")).read()).decode() == TOKENS
    stream = await asm.endpoints.invoke_stream("e", b"in")
    assert stream._events._threads is asm._road.threads  # not one of its own for each stream
    assert [line async for line in stream.lines()] == TOKENS.replace("\r\n", "\n").split("\n")
    async with await asm.endpoints.invoke_stream("e", b"in") as stream:
        events = stream.events()
        assert [(await anext(events)).data for _ in range(3)] == ['{"t": "Hel"}', '{"t": "lö"}', "[DONE]"]
        with pytest.raises(errors.TransportError, match="middle of an event"):
            await anext(events)
    assert stream.closed


@on_a_loop
async def test_leaving_early_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(endless(server)))
    stream = await asm.endpoints.invoke_stream("e", b"in")
    async for _ in stream:
        break
    gc.collect()
    for _ in range(5):  # the loop closes the generators, from the outside in
        await asyncio.sleep(0)
    assert stream.closed
    assert await asyncio.to_thread(hung_up, server)


@on_a_loop
async def test_an_asynchronous_endpoint_on_a_loop(server: Wire, asm: AsyncSageMaker) -> None:
    server.tell(Told(b"{}", 202, {"X-Amzn-SageMaker-OutputLocation": "s3://b/out"}))
    assert (await asm.endpoints.invoke_async("e", input_location="s3://b/in")).output_location == "s3://b/out"


# --- the readers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("cut", range(12))
def test_every_end_of_a_line_counts_once(end: str, cut: int) -> None:
    whole = f"ä{end}{end}b{end}c".encode()
    reader = LineReader()
    found = [*reader.feed(whole[:cut]), *reader.feed(whole[cut:]), *reader.end()]
    assert found == ["ä", "", "b", "c"]


@pytest.mark.parametrize(
    ("lines", "events"),
    [
        (["data: a", "data: b", ""], [ServerSentEvent("a\nb")]),
        (["data:a", "data:  b", ""], [ServerSentEvent("a\n b")]),
        (["data", ""], [ServerSentEvent("")]),
        (["event: e", ""], []),
        (["id: 1", "data: a", "", "data: b", ""], [ServerSentEvent("a", id="1"), ServerSentEvent("b", id="1")]),
        (["event: e", "data: a", "", "data: b", ""], [ServerSentEvent("a", "e"), ServerSentEvent("b")]),
        ([": comment", "retry: 5", "other: x", "data: a", ""], [ServerSentEvent("a")]),
        (["data: never ends"], []),
    ],
)
def test_events_as_the_standard_has_them(lines: list[str], events: list[ServerSentEvent]) -> None:
    reader = EventReader()
    assert [event for line in lines if (event := reader.feed(line)) is not None] == events

"""Bodies that are read after the call, without a connection: their parts, their frames, and the errors while reading."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import pytest
import urllib3.exceptions
from botocore import exceptions
from botocore.eventstream import ParserError
from botocore.exceptions import IncompleteReadError, ResponseStreamingError

from sagemaker_typed import errors
from sagemaker_typed._core.failures import broken_stream
from sagemaker_typed._core.streams import EventFrames, arriving, streamed
from sagemaker_typed.streams import EventStream, StreamedBody
from tests.services.wire import event, exception


class Raw:
    """What botocore puts around a connection: the parts of `below`, and how many bytes were announced."""

    def __init__(self, below: Any, announced: object = None) -> None:
        self._raw_stream = below
        self._content_length = announced
        self.closed = 0

    def read(self, size: int) -> bytes:
        raise AssertionError("botocore waits until all of this many bytes have come")

    def close(self) -> None:
        self.closed += 1


class ByStream:
    """An older urllib3."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.asked: list[int] = []

    def stream(self, most: int) -> Iterator[bytes]:
        self.asked.append(most)
        yield from self.parts


class ByRead1:
    def __init__(self, *parts: bytes) -> None:
        self.parts = [*parts, b""]
        self.asked: list[int] = []

    def read1(self, most: int) -> bytes:
        self.asked.append(most)
        return self.parts.pop(0)

    def stream(self, most: int) -> Iterator[bytes]:
        raise AssertionError("read1 gives what has come")


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", [ByStream, ByRead1])
def test_parts_come_as_they_arrive(below: Any) -> None:
    connection = below(b"a", b"bc")
    assert list(arriving(Raw(connection))) == [b"a", b"bc"]
    assert set(connection.asked) == {65536}
    connection = below(b"a", b"bc")
    assert list(arriving(Raw(connection), 7)) == [b"a", b"bc"]
    assert set(connection.asked) == {7}


def test_parts_of_a_file() -> None:
    class OnlyReads:
        def __init__(self) -> None:
            self.file = io.BytesIO(b"abcde")

        def read(self, size: int) -> bytes:
            return self.file.read(size)

    assert list(arriving(OnlyReads(), 2)) == [b"ab", b"cd", b"e"]
    assert list(arriving(io.BytesIO(b"abc"), 2)) == [b"ab", b"c"]


@pytest.mark.parametrize(
    ("announced", "missing"),
    [(None, False), ("3", False), (3, False), ("2", False), ("4", True), (4, True), ("x", False)],
)
def test_as_many_bytes_as_were_announced(announced: object, missing: bool) -> None:
    parts = arriving(Raw(ByRead1(b"a", b"bc"), announced))
    assert (next(parts), next(parts)) == (b"a", b"bc")
    if not missing:
        assert list(parts) == []
        return
    with pytest.raises(IncompleteReadError) as caught:
        next(parts)
    assert caught.value.kwargs == {"actual_bytes": 3, "expected_bytes": 4}


def test_what_is_a_body() -> None:
    file = io.BytesIO(b"file")
    body = streamed(file)
    assert type(body) is StreamedBody
    assert body.raw is file
    assert streamed(body) is body
    assert streamed(b"bytes").read() == b"bytes"
    assert streamed(bytearray(b"bytes")).read() == b"bytes"
    for other in ("text", 5, None, [b"a"]):
        assert streamed(other) is None


def test_a_body_is_closed_with_what_is_below() -> None:
    raw = Raw(ByRead1())
    body = StreamedBody(raw)
    assert (body.closed, body.operation) == (False, "")
    with body as entered:
        assert entered is body
    assert (body.closed, raw.closed) == (True, 1)
    without = StreamedBody([b""])
    without.close()
    assert without.closed


# --- frames -----------------------------------------------------------------------------------------------------------

PART = event("PayloadPart", b"abc")
REFUSED = exception("ModelStreamError", {"Message": "m", "ErrorCode": "E"})


def frames_of(data: bytes, size: int) -> EventFrames:
    return EventFrames(Raw(ByStream(*(data[at : at + size] for at in range(0, len(data), size)))))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, len(PART) - 1, len(PART), len(PART) + 1, 10_000])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_frames_are_whole_however_they_are_cut(count: int, size: int) -> None:
    data = PART * count
    frames = frames_of(data, size)
    assert b"".join(frames.stream()) == data
    assert frames.details() == {}


@pytest.mark.parametrize("size", [1, 3, 4, 64, 10_000])
@pytest.mark.parametrize("kept", [1, 3, 4, 5, len(PART) - 1])
def test_a_stream_that_ends_within_a_frame(kept: int, size: int) -> None:
    frames = frames_of(PART + PART[:kept], size)
    parts: list[bytes] = []
    with pytest.raises(ResponseStreamingError, match="the stream ended within an event"):
        parts += frames.stream()
    assert b"".join(parts) == PART + PART[:kept]


@pytest.mark.parametrize("size", [1, 3, 64, 10_000])
def test_the_members_of_an_error(size: int) -> None:
    frames = frames_of(PART + REFUSED, size)
    assert b"".join(frames.stream()) == PART + REFUSED
    assert frames.details() == {"Message": "m", "ErrorCode": "E"}


def test_the_first_error_of_a_stream_counts() -> None:
    other = exception("ModelStreamError", {"Message": "n"})
    frames = frames_of(REFUSED + other, 10_000)
    assert list(frames.stream())
    assert frames.details()["Message"] == "m"


def test_an_event_that_speaks_of_exceptions_is_none() -> None:
    frames = frames_of(event("PayloadPart", b'{"type": "exception-type"}') + PART, 10)
    assert list(frames.stream())
    assert frames.details() == {}


@pytest.mark.parametrize("length", [65536, 65537])
def test_a_large_frame_is_not_kept(length: int) -> None:
    bare = len(exception("ModelStreamError", {"Message": ""}))
    large = exception("ModelStreamError", {"Message": "m" * (length - bare)})
    assert len(large) == length
    frames = frames_of(large, 4096)
    assert sum(map(len, frames.stream())) == length
    assert bool(frames.details()) is (length == 65536)


def test_a_frame_that_is_too_short_is_left_to_botocore() -> None:
    broken = b"\0\0\0\2"
    frames = frames_of(broken + PART, 3)
    assert b"".join(frames.stream()) == broken + PART


@pytest.mark.parametrize("payload", [b"no json", b"[1]", b"\xff"])
def test_an_error_without_members(payload: bytes) -> None:
    frames = EventFrames(Raw(ByStream()))
    frames._error = event("PayloadPart", payload)
    assert frames.details() == {}


def test_frames_are_closed_with_the_connection() -> None:
    raw = Raw(ByStream())
    EventFrames(raw).close()
    assert raw.closed == 1


# --- errors while reading ---------------------------------------------------------------------------------------------

BROKEN: list[tuple[Exception, str | None, str]] = [
    (ParserError("p"), "TransportError", "Invoke: the answer is not an event stream: p"),
    (TimeoutError("t"), "TransportError", "Invoke: reading the answer timed out"),
    (urllib3.exceptions.ReadTimeoutError(None, "u", "t"), "TransportError", "Invoke: reading the answer timed out"),  # type: ignore[arg-type]
    (exceptions.ReadTimeoutError(endpoint_url="u"), "TransportError", "Invoke: reading the answer timed out"),
    (OSError("o"), "TransportError", "Invoke: the answer was cut off: o"),
    (ConnectionResetError("c"), "TransportError", "Invoke: the answer was cut off: c"),
    (HTTPException("h"), "TransportError", "Invoke: the answer was cut off: h"),
    (urllib3.exceptions.ProtocolError("p"), "TransportError", "Invoke: the answer was cut off: p"),
    (exceptions.ResponseStreamingError(error="e"), "TransportError", "reading from response stream: e"),
    (exceptions.NoCredentialsError(), "CredentialsError", "Unable to locate credentials"),
    (ValueError("of the caller"), None, ""),
    (exceptions.PaginationError(message="m"), None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("error", "name", "text"), BROKEN, ids=lambda each: type(each).__name__)
def test_the_error_for_a_failure_while_reading(error: Exception, name: str | None, text: str) -> None:
    typed = broken_stream(error, "Invoke")
    if name is None:
        assert typed is None
        return
    assert isinstance(typed, getattr(errors, name))
    assert text in str(typed)
    assert typed.operation == "Invoke"
    if isinstance(error, (TimeoutError, urllib3.exceptions.ReadTimeoutError, exceptions.ReadTimeoutError)):
        assert isinstance(typed, exceptions.ReadTimeoutError)
    elif name == "TransportError" and not isinstance(error, ParserError):
        assert isinstance(typed, exceptions.ResponseStreamingError)


def test_an_event_stream_without_a_reader_gives_what_it_holds() -> None:
    found = [{"a": 1}, {"b": 2}]
    assert list(EventStream(found)) == found
    assert list(EventStream(found, lambda value: [*value])) == [["a"], ["b"]]


# --- reading ----------------------------------------------------------------------------------------------------------


class Failing:
    """A body whose second read fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.count = self.closed = 0

    def read(self, size: int = 5) -> bytes:
        self.count += 1
        if self.count > 1:
            raise self.error
        return b"a" * size

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("translated", [True, False])
def test_an_error_while_reading_closes_the_body(translated: bool) -> None:
    error, cause = OSError("o"), ValueError("cause")
    raw = Failing(error)
    body = StreamedBody(raw)
    if translated:
        body.belongs("Invoke", lambda each: (errors.TransportError(f"typed {each}", "Invoke"), cause))
    assert (body.operation, body.read(3), body.read) == ("Invoke" if translated else "", b"aaa", body.read)
    with pytest.raises(errors.TransportError if translated else OSError) as caught:
        body.read()
    assert (str(caught.value), caught.value.__cause__) == (("typed o", cause) if translated else ("o", None))
    assert (body.closed, raw.closed) == (True, 1)
    with pytest.raises(ValueError, match="the body is closed"):
        body.read()
    assert raw.count == 2


def test_an_error_that_has_no_typed_one_is_raised_as_it_is() -> None:
    error = OSError("o")
    body = StreamedBody(Failing(error))
    body.belongs("Invoke", lambda each: None)
    body.read()
    with pytest.raises(OSError, match="o") as caught:
        body.read()
    assert caught.value is error
    assert repr(body) == "<StreamedBody of Invoke, closed>"


def test_leaving_early_closes_the_body() -> None:
    raw = Failing(OSError("o"))
    body = StreamedBody(raw)
    parts = body.parts(3)
    assert next(parts) == b"aaa"
    parts.close()  # type: ignore[attr-defined]
    assert (body.closed, raw.closed) == (True, 1)


def test_the_end_closes_the_body() -> None:
    raw = Raw(ByRead1(b"a\r\nb", b"c\n", b"d"))
    body = StreamedBody(raw)
    assert list(body.lines()) == [b"a", b"bc", b"d"]
    assert (body.closed, raw.closed) == (True, 1)
    assert repr(StreamedBody(raw)) == "<StreamedBody>"

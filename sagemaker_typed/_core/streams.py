"""Bodies: the bytes of requests, and responses that are read after the call.

botocore returns a wrapper of the connection. These classes wrap it again: failures while reading raise typed errors,
parts are yielded as they arrive, and the connection is closed if reading stops early.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, Self, TypeAlias, TypeVar

from sagemaker_typed._core.containers import is_mapping

if TYPE_CHECKING:
    from collections.abc import Generator

    from sagemaker_typed._core.threads import Threads

__all__ = ["Blob", "EventFrames", "EventStream", "Payload", "Readable", "StreamedBody", "streamed"]

E = TypeVar("E")
_PART = 65536
"""Maximum size of a part in bytes."""
_END: Any = object()


class Readable(Protocol):
    """A file opened for reading bytes. If it can `seek`, it can be sent again after a failed attempt."""

    def read(self, size: int = ..., /) -> bytes: ...


Blob: TypeAlias = bytes
"""`bytes` in responses, under a name that a field called `bytes` does not hide."""
Payload: TypeAlias = bytes | bytearray | str | Readable
"""The types of a request body: bytes, a text, which is sent as UTF-8, or a file."""
Translator = Callable[[Exception], tuple[Exception, BaseException | None] | None]
"""Converts an error raised while reading to the typed error and its cause; returns None for other errors."""


class _Streamed:
    """The common base of bodies of bytes and of events."""

    def __init__(self, raw: Any) -> None:
        self.raw: Any = raw
        """boto3's body, or a file."""
        self.operation: str = ""
        """The operation of the response; empty if the body does not come from a call."""
        self._translate: Translator | None = None
        self._threads: Threads | None = None
        self._closed = False

    def belongs(self, operation: str, translate: Translator) -> None:
        """Record the call that the body comes from."""
        self.operation, self._translate = operation, translate

    def reads_in(self, threads: Any) -> None:
        """Record the threads that read the body for an event loop."""
        self._threads = threads

    @property
    def closed(self) -> bool:
        """Whether the connection was closed, or returned to its pool after all was read."""
        return self._closed

    def close(self) -> None:
        """Close the connection. Unread bytes are lost."""
        self._closed = True
        close = getattr(self.raw, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- for event loops ----------------------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Close the connection, from a coroutine."""
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        if self._threads is None:
            from sagemaker_typed._core.threads import Threads

            self._threads = Threads()
        return await self._threads.run(work, abandon=self._abandon)

    async def _each(self, parts: Iterator[E]) -> AsyncIterator[E]:
        """Yield the same parts, each read in a thread."""
        try:
            while (part := await self._in_thread(partial(next, parts, _END))) is not _END:
                yield part
        finally:
            if not self._closed:
                self.close()

    def _abandon(self) -> None:
        """Interrupt a read in another thread. Closing alone would wait for it."""
        self._closed = True
        shut_down(self.raw)

    # --- errors -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Generator[None, None, None]:
        if self._closed:
            raise ValueError("the body is closed")
        try:
            yield
        except Exception as error:
            self.close()
            typed = None if self._translate is None else self._translate(error)
            if typed is None:
                raise
            raise typed[0] from typed[1]

    def __repr__(self) -> str:
        of = f" of {self.operation}" if self.operation else ""
        return f"<{type(self).__name__}{of}{', closed' if self._closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is a connection, and cannot be copied or pickled: read it first")


class StreamedBody(_Streamed):
    """The bytes of a response, read on demand.

    Iteration yields parts as they arrive. The connection returns to its pool when all is read. Leaving the iteration early,
    `close()` and the end of a `with` block close it. On an event loop, use `await body.aread()` and
    `async for part in body`.
    """

    def read(self, amount: int | None = None) -> bytes:
        """Read at most the given number of bytes, or the whole rest. Returns b"" at the end.

        Raises `TransportError` if the connection breaks or stalls, and `ValueError` on a closed body.
        """
        with self._reading():
            found: bytes = self.raw.read() if amount is None else self.raw.read(amount)
        return found

    def __iter__(self) -> Iterator[bytes]:
        return self.parts()

    def parts(self, most: int = _PART) -> Iterator[bytes]:
        """Iterate over the parts as they arrive, each of limited size in bytes."""
        try:
            with self._reading():
                yield from arriving(self.raw, most)
        finally:
            self.close()

    def lines(self) -> Iterator[bytes]:
        r"""Iterate over the lines as they arrive, without line ends (`\n` or `\r\n`)."""
        rest = b""
        for part in self.parts():
            *whole, rest = (rest + part).split(b"\n")
            yield from (line.removesuffix(b"\r") for line in whole)
        if rest:
            yield rest

    async def aread(self, amount: int | None = None) -> bytes:
        """Read at most the given number of bytes, or the whole rest, without blocking the event loop."""
        found: bytes = await self._in_thread(partial(self.read, amount))
        return found

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._each(self.parts())

    def alines(self) -> AsyncIterator[bytes]:
        """Iterate over the lines as they arrive, on an event loop."""
        return self._each(self.lines())


class EventStream(_Streamed, Generic[E]):
    """The events of a response, yielded as they arrive.

    Iteration yields an object for each event, and raises a typed error for an error event. Leaving the iteration early,
    `close()` and the end of a `with` block close the connection. On an event loop, use `async for event in stream`.
    """

    def __init__(self, raw: Any, read: Callable[[Mapping[str, Any]], E | None] | None = None) -> None:
        super().__init__(raw)
        self._read = read

    def __iter__(self) -> Iterator[E]:
        try:
            with self._reading():
                for event in self.raw:
                    found: Any = event if self._read is None else self._read(event)
                    if found is not None:  # an event unknown to this version
                        yield found
        finally:
            self.close()

    def __aiter__(self) -> AsyncIterator[E]:
        return self._each(iter(self))


def streamed(value: Any) -> Any:
    """Return a body of bytes for boto3's value; None if the value is not a body."""
    if isinstance(value, StreamedBody):
        return value
    if isinstance(value, (bytes, bytearray)):
        return StreamedBody(BytesIO(value))
    return StreamedBody(value) if hasattr(value, "read") else None


# --- the connection ---------------------------------------------------------------------------------------------------


def arriving(raw: Any, most: int = _PART) -> Iterator[bytes]:
    """Yield the parts of a body as they arrive.

    botocore's `read` blocks until it has the requested number of bytes.
    """
    announced = str(getattr(raw, "_content_length", None))
    count = 0
    for part in _parts(raw, getattr(raw, "_raw_stream", raw), most):
        count += len(part)
        yield part
    if announced.isdecimal() and count < int(announced):
        from botocore.exceptions import IncompleteReadError

        raise IncompleteReadError(actual_bytes=count, expected_bytes=int(announced))


def _parts(raw: Any, below: Any, most: int) -> Iterator[bytes]:
    """Yield the parts of the connection `below`. Older versions of urllib3 have only `stream`, and files only `read`."""
    read: Callable[[int], bytes] | None = getattr(below, "read1", None)
    if read is None and hasattr(below, "stream"):
        yield from below.stream(most)
        return
    while part := (read or raw.read)(most):
        yield part


def shut_down(raw: Any) -> None:
    """Shut down the socket of a body, so that a read in another thread ends at once.

    Neither botocore nor older versions of urllib3 have a public API for this. If the socket is not found, the read ends
    with its timeout.
    """
    from socket import SHUT_RDWR, socket

    below = getattr(raw, "_raw_stream", raw)
    below = getattr(below, "raw", below)  # `EventFrames`
    for path in ("_connection.sock", "_fp.fp.raw._sock"):
        found: Any = below
        for name in path.split("."):
            found = getattr(found, name, None)
        if isinstance(found, socket):
            try:
                socket.shutdown(found, SHUT_RDWR)  # not the TLS method, which says goodbye and waits
            except OSError:
                continue  # already closed
            return


class EventFrames:
    """The raw stream for botocore's event parser.

    botocore's parser accepts a stream that ends in the middle of an event, and drops all members of an error event but the
    message. This class raises an error for such a truncated stream, and keeps the frame of an error event.
    """

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self._head = b""
        self._left = 0
        self._frame: bytearray | None = None
        self._error: bytes | None = None

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        for part in arriving(self.raw):
            self._advance(part)
            yield part
        if self._left or self._head:
            from botocore.exceptions import ResponseStreamingError

            raise ResponseStreamingError(error="the stream ended within an event")

    def close(self) -> None:
        self.raw.close()

    def _advance(self, part: bytes) -> None:
        at = 0
        while at < len(part):
            if not self._left:
                taken = part[at : at + 4 - len(self._head)]
                self._head, at = self._head + taken, at + len(taken)
                if len(self._head) == 4:
                    self._begin()
            else:
                taken = part[at : at + self._left]
                self._left, at = self._left - len(taken), at + len(taken)
                if self._frame is not None:
                    self._frame += taken
                    if not self._left and b":exception-type" in self._frame and self._error is None:
                        self._error = bytes(self._frame)

    def _begin(self) -> None:
        length = int.from_bytes(self._head, "big")
        # Too short for a frame: botocore's parser raises the error.
        self._left = max(0, length - 4)
        self._frame = bytearray(self._head) if length <= _PART else None
        self._head = b""

    def details(self) -> dict[str, Any]:
        """Return the members of the stream's error event, as parsed JSON."""
        if self._error is None:
            return {}
        from botocore.eventstream import EventStreamBuffer

        buffer: Any = EventStreamBuffer()
        buffer.add_data(self._error)
        try:
            found: Any = json.loads(next(buffer).payload)
        except ValueError:
            return {}
        return dict(found) if is_mapping(found) else {}

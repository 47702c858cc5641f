"""HTTP on loopback for one WSGI application. Standard library only.

The servers of werkzeug and wsgiref close the connection after each request, and a test suite would spend its time on
connecting. This server keeps connections open, writes each answer at once, and turns Nagle's algorithm off, which would
delay a small answer by 40 ms, until the client's acknowledgement.

No client can occupy a thread for long: sizes are bounded, and a request must arrive in time once it has begun.
"""

from __future__ import annotations

import io
import logging
import os
import re
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["Bounds", "InParts", "LoopbackServer", "LostConnection"]

_HOST = "127.0.0.1"
_GRACE_SECONDS = 0.5
_JOIN_SECONDS = 10.0
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_LINE = 65536
"""Bytes of a line between chunks, as http.server has it for the lines of a head."""

logger = logging.getLogger(__name__)


class LostConnection(Exception):
    """Raised by the application to close the connection instead of answering."""


class RefusedRequestError(Exception):
    """A request that is refused unread. The connection is closed after the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits for requests."""

    DEFAULT_BYTES: ClassVar[int] = 1 << 30

    request_bytes: int = DEFAULT_BYTES
    """Of one body. S3 uploads arrive here too."""
    request_seconds: float = 30.0
    """From the first byte of a request to the last one; `bytes_per_second` adds to it."""
    bytes_per_second: float = 100_000.0
    """The slowest body that is waited for."""
    idle_seconds: float = 600.0
    """Without a request. boto3 keeps connections open between calls."""


class InParts:
    """A body that is sent part by part as it is produced. An application returns it instead of a list."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        """End the generator of the parts. Called if the client has gone."""
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


class LoopbackServer:
    """An HTTP server on 127.0.0.1, between `start()` and `stop()`. Port 0 means a free port."""

    def __init__(self, application: WSGIApplication, port: int = 0, bounds: Bounds | None = None) -> None:
        self._application = application
        self._port = port
        self._bounds = Bounds() if bounds is None else bounds
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server is not running")
        return f"http://{_HOST}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._server = _Server(self._application, self._port, self._bounds)
        self._thread = threading.Thread(target=self._server.accept, name="LocalSageMaker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the server, and return when every thread has ended and every socket is closed."""
        if self._server is None or self._thread is None:
            return
        server, thread = self._server, self._thread
        self._server = self._thread = None
        try:
            server.stop_accepting()
            _join([thread], _JOIN_SECONDS)
            server.close_connections()
        finally:
            server.server_close()


class _Server(socketserver.TCPServer):
    """A server with one thread per connection. It knows all threads, so that stopping can wait for them."""

    request_queue_size = 128
    # On Windows, this option would let two servers listen on the same port.
    allow_reuse_address = os.name == "posix"

    def __init__(self, application: WSGIApplication, port: int, bounds: Bounds) -> None:
        super().__init__((_HOST, port), _Handler)
        self.application = application
        self.bounds = bounds
        self._stopping = False
        self._connections: dict[threading.Thread, socket.socket] = {}  # held by the accepting thread until it ends

    def accept(self) -> None:
        # serve_forever would poll, which wakes the process for nothing and delays the stop by up to a poll.
        while not self._stopping:
            self.handle_request()

    def stop_accepting(self) -> None:
        self._stopping = True
        # handle_request waits for a connection without a timeout; this connection wakes it.
        socket.create_connection(cast("tuple[str, int]", self.server_address)).close()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self._run_connection, args=(request, client_address), name="LocalSageMaker-connection", daemon=True
        )
        self._connections = {known: kept for known, kept in self._connections.items() if known.is_alive()}
        thread.start()
        self._connections[thread] = request

    def _run_connection(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except ConnectionError:
            logger.debug("the client has gone", exc_info=True)
        except Exception:
            logger.exception("a connection broke")
        finally:
            self.shutdown_request(request)

    def close_connections(self) -> None:
        # Shut down reading only, so that an answer in progress is still sent.
        self._shut(socket.SHUT_RD)
        if not _ended(self._connections, _GRACE_SECONDS):
            self._shut(socket.SHUT_RDWR)
            _join(self._connections, _JOIN_SECONDS)

    def _shut(self, how: int) -> None:
        for connection in self._connections.values():
            try:
                connection.shutdown(how)
            except OSError:
                logger.debug("the connection was closed already", exc_info=True)


class _PatientSocket(io.RawIOBase):
    """The reading side of a connection. Each read ends by the deadline, however slowly the bytes arrive."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = 0.0

    def allow(self, seconds: float) -> None:
        """Set the deadline of the following reads."""
        self._deadline = time.monotonic() + seconds

    def grant(self, seconds: float) -> None:
        self._deadline += seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the client is too slow")
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        finally:
            # Answers have no deadline: a client that reads slowly harms only itself.
            self._connection.settimeout(None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._incoming = _PatientSocket(self.connection)
        self._buffer = io.BufferedReader(self._incoming)
        self.rfile = self._buffer
        self._bounds = cast("_Server", self.server).bounds

    def handle_one_request(self) -> None:
        self._incoming.allow(self._bounds.idle_seconds)
        try:
            self._buffer.peek(1)
        except TimeoutError:
            self.close_connection = True
            return
        self._incoming.allow(self._bounds.request_seconds)
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Refuse a body that is too large before the client sends it."""
        try:
            self._announced_size()
        except RefusedRequestError as error:
            self._turn_away(error)
            return False
        return super().handle_expect_100()

    def answer(self) -> None:
        try:
            body = self._read_body()
        except RefusedRequestError as error:
            self._turn_away(error)
            return
        except TimeoutError:
            self._turn_away(RefusedRequestError(408, "The request did not arrive in time"))
            return
        answer = _CollectedAnswer()
        try:
            result = cast("_Server", self.server).application(self._environ(body), answer.start)
        except LostConnection:
            self.close_connection = True
            return
        try:
            if isinstance(result, InParts):
                self._send_parts(result, answer)
            else:
                answer.chunks.extend(result)
                self.wfile.write(answer.encode(head=self.command == "HEAD", closing=self.close_connection))
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        self.log_request(answer.status)

    def _send_parts(self, parts: InParts, answer: _CollectedAnswer) -> None:
        self.wfile.write(answer.head([("Transfer-Encoding", "chunked")], closing=self.close_connection))
        for part in parts:
            if part:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def _turn_away(self, error: RefusedRequestError) -> None:
        """Refuse a request, and close the connection, because the rest of the request stays unread."""
        self.close_connection = True
        self.send_error(error.status, error.message)
        self.wfile.flush()
        # Closing a socket with unread bytes resets the connection, which may lose the answer.
        self.connection.shutdown(socket.SHUT_WR)
        self._incoming.allow(_GRACE_SECONDS)
        try:
            while self.rfile.read1(_LINE):
                pass
        except (TimeoutError, ConnectionError):
            logger.debug("the client went on sending", exc_info=True)

    def _announced_size(self) -> int | None:
        """Return the announced size of the body. None for a chunked body."""
        encodings, sizes = self.headers.get_all("Transfer-Encoding", []), self.headers.get_all("Content-Length", [])
        if encodings:
            if sizes or [encoding.strip().lower() for encoding in encodings] != ["chunked"]:
                raise RefusedRequestError(400, "The length of the body is not clear")
            return None
        if not sizes:
            return 0
        if len(set(sizes)) > 1 or not re.fullmatch(r"[0-9]{1,18}", sizes[0]):
            raise RefusedRequestError(400, "Content-Length is not a number of bytes")
        return self._bounded(int(sizes[0]))

    def _bounded(self, size: int) -> int:
        if size > self._bounds.request_bytes:
            raise RefusedRequestError(413, f"A request may have {self._bounds.request_bytes} bytes")
        return size

    def _read_body(self) -> bytes:
        """Read the whole body, or the rest would be taken for the next request on this connection."""
        size = self._announced_size()
        if size is not None:
            return self._read(size)
        body = bytearray()
        while size := self._chunk_size():
            self._bounded(len(body) + size)
            body += self._read(size)
            if self.rfile.readline(3).strip():
                raise RefusedRequestError(400, "A chunk does not have the announced length")
        for _ in range(100):  # trailers
            if not self.rfile.readline(_LINE).strip():
                return bytes(body)
        raise RefusedRequestError(400, "The body has too many trailers")

    def _chunk_size(self) -> int:
        line = self.rfile.readline(_LINE)
        if not line:
            raise ConnectionResetError("the client went away in the midst of a request")
        digits = line.split(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(digits):
            raise RefusedRequestError(400, "A chunk has no length")
        return int(digits, 16)

    def _read(self, size: int) -> bytes:
        self._incoming.grant(size / self._bounds.bytes_per_second)
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("the client went away in the midst of a request")
        return data

    def _environ(self, body: bytes) -> WSGIEnvironment:
        url = urlsplit(self.path)
        # urlsplit takes two slashes at the start of a path for a host.
        path = url.path if url.scheme or not url.netloc else f"//{url.netloc}{url.path}"
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": url.query,
            # Not in the WSGI standard; moto reads the quoted path from it.
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": _HOST,
            "SERVER_PORT": str(cast("_Server", self.server).server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in {"CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"}:
                key = f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
            elif key == "CONTENT_TYPE":
                environ[key] = value
        environ["CONTENT_LENGTH"] = str(len(body))
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


for _method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
    setattr(_Handler, f"do_{_method}", _Handler.answer)


class _CollectedAnswer:
    """Collects the parts of the application's answer."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.chunks: list[bytes] = []

    def start(self, status: str, headers: Iterable[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> Any:
        self.status, self.headers = status, list(headers)
        return self.chunks.append

    def encode(self, *, head: bool, closing: bool) -> bytes:
        body = b"".join(self.chunks)
        # The answer to HEAD announces a length and has no body. For all others the length is computed.
        headers = [(name, value) for name, value in self.headers if head or name.lower() != "content-length"]
        if not head and not self.status.startswith(("1", "204", "304")):
            headers.append(("Content-Length", str(len(body))))
        if closing:
            headers.append(("Connection", "close"))
        return _head(self.status, headers) + (b"" if head else body)

    def head(self, more: Iterable[tuple[str, str]], *, closing: bool) -> bytes:
        """Return the head of an answer whose body follows later."""
        return _head(self.status, [*self.headers, *more, *([("Connection", "close")] if closing else [])])


def _head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _ended(threads: Collection[threading.Thread], seconds: float) -> bool:
    """Whether all threads end within the given seconds."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _join(threads: Collection[threading.Thread], seconds: float) -> None:
    if not _ended(threads, seconds):
        raise RuntimeError(f"a thread of LocalSageMaker did not end within {seconds:.0f} s")

"""An HTTP server on loopback that keeps each request as it came, and answers as a test says, piece by piece if it likes."""

from __future__ import annotations

import json
import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

_CHANGING = frozenset({"authorization", "x-amz-date", "amz-sdk-invocation-id", "user-agent", "host"})


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    target: str
    """Path and query, as they stood in the first line."""
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes

    @property
    def lasting(self) -> tuple[str, str, dict[str, str], bytes]:
        """All of it but what no two requests have in common."""
        headers = {name: value for name, value in self.headers.items() if name not in _CHANGING}
        return self.method, self.target, headers, self.body


@dataclass(frozen=True)
class Told:
    """One answer. A `body` that is a function gives its pieces, each sent at once; None of it breaks the connection off."""

    body: bytes | Callable[[], Iterable[bytes | None]] = b""
    status: int = 200
    headers: Mapping[str, str | None] = field(default_factory=dict)
    """None: not that header, where each answer has it."""


class Wire:
    """Runs inside `with`. The first answer that is programmed is given first; the last one stands."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.closed = deque[bool]()
        """One for each connection that its client has closed while pieces were still sent."""
        self._told: deque[Told] = deque()

    def __enter__(self) -> Self:
        self._server = _Listener(("127.0.0.1", 0), type("Handler", (_Talk,), {"wire": self}))
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def tell(self, *answers: Told) -> None:
        """Answer so from now on."""
        self._told = deque(answers)

    def next(self) -> Told:
        return self._told.popleft() if len(self._told) > 1 else self._told[0]

    def taken(self) -> Sent:
        """The one request since the last look."""
        (request,) = self.sent
        self.sent.clear()
        return request


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silent: clients that hang up are what some tests are about."""


class _Talk(BaseHTTPRequestHandler):
    wire: Wire
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.wire.sent.append(Sent(self.command, self.path, headers, self.rfile.read(length)))
        told = self.wire.next()
        self.send_response(told.status)
        for name, value in {"x-amzn-RequestId": "00000000-0000-4000-8000-000000000000", **told.headers}.items():
            if value is not None:
                self.send_header(name, value)
        if isinstance(told.body, bytes):
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)
        else:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            with suppress(ConnectionError):
                self._pieces(told.body())

    def _pieces(self, pieces: Iterable[bytes | None]) -> None:
        try:
            for piece in pieces:
                if piece is None:
                    self.close_connection = True
                    return
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        except ConnectionError:
            self.wire.closed.append(True)
            raise
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


# --- event streams, after https://smithy.io/2.0/aws/amazon-eventstream.html -------------------------------------------


def event(kind: str, payload: bytes) -> bytes:
    return frame({":message-type": "event", ":event-type": kind, ":content-type": "application/octet-stream"}, payload)


def exception(kind: str, members: Mapping[str, Any]) -> bytes:
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return frame(headers, json.dumps(members).encode())


def unmodelled(code: str, message: str) -> bytes:
    return frame({":message-type": "error", ":error-code": code, ":error-message": message}, b"")


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Lengths, their checksum, the headers (each a text), the payload, and a checksum of all."""
    head = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    lengths = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    whole = lengths + struct.pack(">I", zlib.crc32(lengths)) + head + payload
    return whole + struct.pack(">I", zlib.crc32(whole))

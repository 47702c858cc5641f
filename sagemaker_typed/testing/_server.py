"""HTTP on loopback for one WSGI application. Standard library only.

Neither werkzeug's server nor wsgiref's fits: both close the connection after each request, and a test suite then spends
its time on connecting. Here a connection stays, each answer is one write, and Nagle's algorithm is off: otherwise a
small answer waits 40 ms for the client's acknowledgement.
"""

from __future__ import annotations

import io
import logging
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Collection, Iterable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["LoopbackServer", "LostConnection"]

_HOST = "127.0.0.1"
_GRACE_SECONDS = 0.5
_JOIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class LostConnection(Exception):
    """Raised by the application: instead of an answer, the connection ends."""


class LoopbackServer:
    """Listens on 127.0.0.1 only, on a free port, from `start()` to `stop()`."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server is not running")
        return f"http://{_HOST}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._server = _Server(self._application)
        self._thread = threading.Thread(target=self._server.accept, name="LocalSageMaker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when every thread has ended and every socket is closed."""
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
    """One thread per connection, each known, so that stopping can wait for it."""

    request_queue_size = 128

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.application = application
        self._stopping = False
        self._connections: dict[threading.Thread, socket.socket] = {}  # of the accepting thread, until it has ended

    def accept(self) -> None:
        # Not serve_forever: its polling would wake the process for nothing, and delay the stop by up to a poll.
        while not self._stopping:
            self.handle_request()

    def stop_accepting(self) -> None:
        self._stopping = True
        # handle_request waits for a connection without end; this one releases it.
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
        # For reading only: an answer on its way still goes out, if somebody reads it.
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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        try:
            body = self._read_body()
        except ValueError as error:
            self.send_error(400, str(error))
            self.close_connection = True
            return
        answer = _CollectedAnswer()
        try:
            result = cast("_Server", self.server).application(self._environ(body), answer.start)
        except LostConnection:
            self.close_connection = True
            return
        try:
            answer.chunks.extend(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        self.wfile.write(answer.encode(head=self.command == "HEAD", closing=self.close_connection))
        self.log_request(answer.status)

    def _read_body(self) -> bytes:
        """All of it, or the next request on this connection would start in its midst."""
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self._read(int(self.headers.get("Content-Length", 0)))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self._read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _read(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("the client went away in the midst of a request")
        return data

    def _environ(self, body: bytes) -> WSGIEnvironment:
        url = urlsplit(self.path)
        # Two slashes at the front of a path look like a host to urlsplit.
        path = url.path if url.scheme or not url.netloc else f"//{url.netloc}{url.path}"
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": url.query,
            # Not in the standard, but how moto gets at a path before it was unquoted.
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
    """Collects what the application gives."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.chunks: list[bytes] = []

    def start(self, status: str, headers: Iterable[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> Any:
        self.status, self.headers = status, list(headers)
        return self.chunks.append

    def encode(self, *, head: bool, closing: bool) -> bytes:
        body = b"".join(self.chunks)
        # The answer to HEAD announces a length and has no body; for all others the length is counted.
        headers = [(name, value) for name, value in self.headers if head or name.lower() != "content-length"]
        if not head and not self.status.startswith(("1", "204", "304")):
            headers.append(("Content-Length", str(len(body))))
        if closing:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1") + (b"" if head else body)


def _ended(threads: Collection[threading.Thread], seconds: float) -> bool:
    """Whether all of them end within so many seconds."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _join(threads: Collection[threading.Thread], seconds: float) -> None:
    if not _ended(threads, seconds):
        raise RuntimeError(f"a thread of LocalSageMaker did not end within {seconds:.0f} s")

"""A server on loopback that answers as half-broken networks, proxies and services do: one named fault for each request.

    with FaultServer() as server:
        server.script("DescribeEndpoint", cut_off(), html(502), answer({"EndpointName": "e"}))
        server.always("ListEndpoints", silence())
        ...                                      # calls to server.url
        server.operations                        # ["DescribeEndpoint", "DescribeEndpoint", ...]

Each request takes the next fault that was scripted for its operation, then the next for any operation, then the standing
fault of its operation, then that of any. Without any of these it goes to `behind`, such as `ModelServer().answer`, and
without that it gets a 500 that says so.

`server.refuse()` refuses connections until `server.listen()`; `refusing()` gives the address of a port that refuses for
as long as it is held. `FAULTS` holds every fault after which a call has no answer, for tests that go through all.

It writes to the socket itself: no HTTP library sends a body that is shorter than its `Content-Length`.
"""

from __future__ import annotations

import json
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self

from tests.support.loopback import Answer

REQUEST_ID = "6f3a2c1e-0000-4000-8000-0000000fa017"
"""The request id of every fault that comes with headers of the service."""
BODY: Mapping[str, Any] = {"EndpointName": "half-received", "EndpointArn": "arn:aws:sagemaker:us-west-2:1:endpoint/e"}
"""What the faults below break, unless a test gives another body."""
_HOST = "127.0.0.1"
_JSON = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": REQUEST_ID}
_PATIENCE_SECONDS = 10.0
_DEPTH = 100_000


class Gone(ConnectionError):
    """The client has hung up, or the server is being closed."""


class Heard(NamedTuple):
    """One request as it came in."""

    operation: str
    body: bytes
    headers: Mapping[str, str]
    """With names in lower case."""


class Wire:
    """What a fault writes to."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.keeps = False
        """Whether the connection stays open for another request."""
        self.resets = False

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def rest(self, seconds: float | None = None) -> None:
        """Do nothing for some seconds, or until the client hangs up. Raises `Gone` when it does."""
        self._connection.settimeout(seconds)
        try:
            if not self._connection.recv(1, socket.MSG_PEEK):
                raise Gone("nobody reads any more")
        except TimeoutError:
            pass
        finally:
            self._connection.settimeout(None)

    def reset(self) -> None:
        """Let the connection end with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.resets = True


class Fault(NamedTuple):
    """How one request is answered."""

    name: str
    play: Callable[[Wire], None]


# --- answers that are whole -------------------------------------------------------------------------------------------


def answer(
    body: Mapping[str, Any] | bytes = b"{}",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    name: str = "answer",
) -> Fault:
    """A whole answer, well framed. Also for any body that a test wants to try."""
    content = _encoded(body)
    named = {name.lower() for name in headers or {}}
    usual = {header: value for header, value in _JSON.items() if header.lower() not in named}
    head = _head(status, {**usual, **(headers or {}), "Content-Length": str(len(content))})

    def play(wire: Wire) -> None:
        wire.send(head + content)
        wire.keeps = True

    return Fault(name, play)


def service_error(code: str, message: str = "said the service", *, status: int = 400) -> Fault:
    """An error as the service words it."""
    return answer({"__type": code, "message": message}, status=status, name=f"service_error({code})")


def throttled() -> Fault:
    return service_error("ThrottlingException", "Rate exceeded")._replace(name="throttled")


def server_error(status: int = 500) -> Fault:
    return service_error("InternalFailure", "try later", status=status)._replace(name=f"server_error({status})")


def error_in_200(code: str = "ThrottlingException", message: str = "Rate exceeded", *, header: bool = False) -> Fault:
    """An error that comes with status 200: its code in `__type`, or in the header that the service also uses."""
    if header:
        headers = {"x-amzn-ErrorType": f"{code}:http://internal.amazon.com/coral/com.amazon.coral.availability/"}
        return answer({"message": message}, headers=headers, name="error_in_200(header)")
    return answer({"__type": code, "message": message}, name="error_in_200")


def html(status: int = 200) -> Fault:
    """The page of a proxy, a captive portal or a load balancer; it carries no request id."""
    page = f"<html>\r\n<head><title>{status} Of a proxy</title></head>\r\n<body>\x1b[31mnginx</body>\r\n</html>\r\n"
    return foreign(page.encode(), status, {"Content-Type": "text/html"}, f"html({status})")


def empty(status: int = 200) -> Fault:
    return answer(b"", status=status, name=f"empty({status})")


def request_timeout() -> Fault:
    """What a load balancer says of a request that came in too slowly, and then it hangs up."""
    return foreign(b"", 408, {"Connection": "close"}, "request_timeout")


def deep_json(status: int = 200) -> Fault:
    """JSON that no recursive parser can read."""
    return answer(b'{"a":' * _DEPTH + b"1" + b"}" * _DEPTH, status=status, name=f"deep_json({status})")


def bad_utf8(status: int = 200) -> Fault:
    return answer(b'{"message": "caf\xe9 \xff\xfe"}', status=status, name=f"bad_utf8({status})")


def not_object(text: str = "[1]", status: int = 200) -> Fault:
    return answer(text.encode(), status=status, name=f"not_object({text}, {status})")


def metadata_member() -> Fault:
    """A member that has the name of the one that botocore adds."""
    return answer({"ResponseMetadata": 1}, name="metadata_member")


# --- answers that are broken ------------------------------------------------------------------------------------------


def cut_off(body: Mapping[str, Any] | bytes = BODY) -> Fault:
    """The connection ends in the middle of the body."""
    content = _encoded(body)
    return _broken("cut_off", {"Content-Length": str(len(content))}, content[: len(content) // 2])


def short_body(body: Mapping[str, Any] | bytes = BODY) -> Fault:
    """What comes is whole JSON, and shorter than its `Content-Length`; then the connection ends."""
    content = _encoded(body)
    return _broken("short_body", {"Content-Length": str(len(content) + 10)}, content)


def unframed(body: Mapping[str, Any] | bytes = BODY) -> Fault:
    """A body without a length, which the end of the connection ends too soon: HTTP cannot tell."""
    content = _encoded(body)
    return _broken("unframed", {"Connection": "close"}, content[: len(content) // 2])


def bad_chunk(body: Mapping[str, Any] | bytes = BODY) -> Fault:
    """A chunked body; where the size of its second chunk stands, there is none."""
    return _broken("bad_chunk", {"Transfer-Encoding": "chunked"}, _chunk(_encoded(body)) + b"no-size\r\n")


def cut_chunk(body: Mapping[str, Any] | bytes = BODY) -> Fault:
    """A chunked body that ends in the middle of a chunk."""
    chunk = _chunk(_encoded(body))
    return _broken("cut_chunk", {"Transfer-Encoding": "chunked"}, chunk[: len(chunk) // 2])


def cut_head() -> Fault:
    """The connection ends in the middle of the headers."""
    return Fault("cut_head", lambda wire: wire.send(b"HTTP/1.1 200 OK\r\nContent-Ty"))


def hung_up() -> Fault:
    """The connection ends without a word."""
    return Fault("hung_up", lambda wire: None)


def reset() -> Fault:
    """The connection is reset where an answer is due."""
    return Fault("reset", Wire.reset)


def silence() -> Fault:
    """No answer, for as long as the client waits for one."""
    return Fault("silence", Wire.rest)


def drip(seconds: float, body: Mapping[str, Any] | bytes = BODY, *, head: bool = False) -> Fault:
    """One byte of the body every so many seconds; with `head`, of the headers as well."""
    content = _encoded(body)
    quick = _head(200, {**_JSON, "Content-Length": str(len(content))})
    slow = quick + content if head else content

    def play(wire: Wire) -> None:
        if not head:
            wire.send(quick)
        for byte in slow:
            wire.rest(seconds)
            wire.send(bytes((byte,)))

    return Fault(f"drip({seconds})", play)


def late(seconds: float, then: Fault) -> Fault:
    """Silence for some seconds, and then another fault or answer."""

    def play(wire: Wire) -> None:
        wire.rest(seconds)
        then.play(wire)

    return Fault(f"late({seconds}, {then.name})", play)


# --- the server -------------------------------------------------------------------------------------------------------


class FaultServer:
    """Runs inside `with`. All else may be called from any thread."""

    def __init__(self, *script: Fault, behind: Answer | None = None) -> None:
        self.heard: list[Heard] = []
        """Every request, in the order of arrival."""
        self._behind = behind
        self._queued: dict[str | None, deque[Fault]] = {}
        self._standing: dict[str | None, Fault] = {}
        self._lock = Lock()
        self._open: dict[Thread, socket.socket] = {}
        self._listener: socket.socket | None = None
        self._port = 0
        self._acceptor: Thread | None = None
        self.script(None, *script)

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop_listening()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        with self._lock:
            served = dict(self._open)
        for connection in served.values():
            _shut(connection)
        for thread in served:
            thread.join(_PATIENCE_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"{thread.name} does not end")

    @property
    def url(self) -> str:
        if not self._port:
            raise RuntimeError("The server runs inside `with` only.")
        return f"http://{_HOST}:{self._port}"

    @property
    def operations(self) -> list[str]:
        """The operations that were asked for, in the order of arrival."""
        with self._lock:
            return [heard.operation for heard in self.heard]

    def script(self, operation: str | None, *faults: Fault) -> None:
        """Answer the next requests of an operation, or of any, with these, one each."""
        with self._lock:
            self._queued.setdefault(operation, deque()).extend(faults)

    def always(self, operation: str | None, fault: Fault) -> None:
        """Answer all requests of an operation, or of any, that nothing is scripted for."""
        with self._lock:
            self._standing[operation] = fault

    def clear(self) -> None:
        """Forget the requests, the scripts and the standing faults."""
        with self._lock:
            self.heard.clear()
            self._queued.clear()
            self._standing.clear()

    def listen(self) -> None:
        """Accept connections, as from the beginning; after `refuse`, on the same port."""
        if self._acceptor is not None:
            return
        if self._listener is None:
            self._listener = _bound(self._port)
            self._port = self._listener.getsockname()[1]
        self._listener.listen(128)
        self._acceptor = Thread(target=self._accept, args=(self._listener,), name="faults-acceptor", daemon=True)
        self._acceptor.start()

    def refuse(self) -> None:
        """Refuse new connections and end those that are open. The port stays ours."""
        self._stop_listening()
        if self._listener is not None:
            self._listener.close()
            self._listener = _bound(self._port)  # bound and not listening: the system refuses
        with self._lock:
            served = list(self._open.values())
        for connection in served:
            _shut(connection)

    def _stop_listening(self) -> None:
        if self._acceptor is None or self._listener is None:
            return
        acceptor, self._acceptor = self._acceptor, None
        with suppress(OSError):  # a last connection wakes the acceptor, which sees that it is to end
            socket.create_connection((_HOST, self._port), _PATIENCE_SECONDS).close()
        acceptor.join(_PATIENCE_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            if self._acceptor is None:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = Thread(target=self._serve, args=(connection,), name="faults-connection", daemon=True)
            with self._lock:
                self._open = {each: held for each, held in self._open.items() if each.is_alive()}
                self._open[thread] = connection
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
            wire = Wire(connection)
            while (heard := _read(lines)) is not None:
                wire.keeps = False
                self._take(heard).play(wire)
                if not wire.keeps:
                    break
            if not wire.resets:
                _shut(connection)

    def _take(self, heard: Heard) -> Fault:
        with self._lock:
            self.heard.append(heard)
            for queue in (self._queued.get(heard.operation), self._queued.get(None)):
                if queue:
                    return queue.popleft()
            standing = self._standing.get(heard.operation) or self._standing.get(None)
        if standing is not None:
            return standing
        if self._behind is None:
            return service_error("InternalFailure", f"nothing is scripted for {heard.operation}", status=500)
        reply = self._behind(heard.headers, heard.body)
        return hung_up() if reply is None else answer(reply.body, status=reply.status, headers=reply.headers)


@contextmanager
def refusing() -> Iterator[str]:
    """The address of a port that refuses every connection, and that nobody else can take meanwhile."""
    with _bound(0) as held:
        yield f"http://{_HOST}:{held.getsockname()[1]}"


# --- the wire ---------------------------------------------------------------------------------------------------------


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((_HOST, port))
    return made


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # closed already
        connection.shutdown(socket.SHUT_RDWR)


def _read(lines: BinaryIO) -> Heard | None:
    """The next request of a connection; None at its end."""
    if not lines.readline():
        return None
    headers: dict[str, str] = {}
    while line := lines.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", "0")))
    return Heard(headers.get("x-amz-target", "").partition(".")[2], body, headers)


def _encoded(body: Mapping[str, Any] | bytes) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Named", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def _broken(name: str, headers: Mapping[str, str], sent: bytes) -> Fault:
    data = _head(200, {**_JSON, **headers}) + sent
    return Fault(name, lambda wire: wire.send(data))


def foreign(content: bytes, status: int, headers: Mapping[str, str], name: str) -> Fault:
    """An answer without any header of the service."""
    data = _head(status, {**headers, "Content-Length": str(len(content))}) + content

    def play(wire: Wire) -> None:
        wire.send(data)
        wire.keeps = "Connection" not in headers

    return Fault(name, play)


# --- all of them -------------------------------------------------------------------------------------------------------

FAULTS: tuple[Fault, ...] = (
    *(cut_off(), short_body(), unframed(), bad_chunk(), cut_chunk(), cut_head(), hung_up(), reset()),
    *(empty(), *map(html, (200, 403, 404, 408, 502, 503)), request_timeout()),
    *(deep_json(), deep_json(400), deep_json(500), bad_utf8(), bad_utf8(500)),
    *(not_object(), not_object("null"), not_object('"text"'), not_object("[1]", 500), metadata_member()),
    *(error_in_200(), error_in_200(header=True), throttled(), server_error(), server_error(503)),
)
"""Every fault that comes at once, and after which the same call may succeed."""

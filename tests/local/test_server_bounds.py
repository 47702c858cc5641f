"""What no client may do to the server: send too much, say nonsense of its length, or take its time."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._server import Bounds, InParts, LoopbackServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LONG = 30.0
"""Seconds in which all must be over; nothing here takes long unless it hangs."""


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    body = bytes(environ["wsgi.input"].read())
    if environ["PATH_INFO"] == "/parts":
        return InParts([body, b"", b"!"])
    return [body]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    bounds = Bounds(request_bytes=1000, request_seconds=0.3, bytes_per_second=10_000, idle_seconds=0.6)
    running = LoopbackServer(echo, bounds=bounds)
    running.start()
    yield running
    running.stop()


def connected(server: LoopbackServer) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=LONG)


def exchange(server: LoopbackServer, *pieces: bytes) -> tuple[int, bytes, bool]:
    """Status and body of the answer, and whether the server has closed the connection after it."""
    with connected(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read()
        answer.close()
        closes = answer.getheader("Connection", "").lower() == "close"
        return answer.status, body, closes


def head(*lines: str, path: str = "/") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


def test_what_fits_is_answered(server: LoopbackServer) -> None:
    assert exchange(server, head("Content-Length: 1000"), b"x" * 1000) == (200, b"x" * 1000, False)
    assert exchange(server, head()) == (200, b"", False)
    chunks = b"3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
    assert exchange(server, head("Transfer-Encoding: chunked"), chunks) == (200, b"abcde", False)


def test_parts_are_a_chunked_answer(server: LoopbackServer) -> None:
    assert exchange(server, head("Content-Length: 2", path="/parts"), b"ab") == (200, b"ab!", False)


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([head("Content-Length: 1001")], 413),
        ([head("Content-Length: 1001", "Expect: 100-continue")], 413),
        ([head("Transfer-Encoding: chunked"), b"400\r\n"], 413),
        ([head("Transfer-Encoding: chunked"), b"300\r\n", b"x" * 0x300, b"\r\n300\r\n"], 413),
        ([head("Content-Length: -1")], 400),
        ([head("Content-Length: ten")], 400),
        ([head("Content-Length: 1_0")], 400),
        ([head("Content-Length: +1")], 400),
        ([head("Content-Length:")], 400),
        ([head("Content-Length: " + "9" * 30)], 400),
        ([head("Content-Length: 1", "Content-Length: 2")], 400),
        ([head("Content-Length: 1", "Transfer-Encoding: chunked")], 400),
        ([head("Transfer-Encoding: gzip")], 400),
        ([head("Transfer-Encoding: chunked"), b"-1\r\n"], 400),
        ([head("Transfer-Encoding: chunked"), b"0x1\r\n"], 400),
        ([head("Transfer-Encoding: chunked"), b"\r\n"], 400),
        ([head("Transfer-Encoding: chunked"), b"1\r\nabcd\r\n"], 400),
        ([head("Transfer-Encoding: chunked"), b"0\r\n", b"T: 1\r\n" * 200], 400),
    ],
)
def test_what_is_turned_away(server: LoopbackServer, pieces: list[bytes], status: int) -> None:
    answered, _, closes = exchange(server, *pieces)
    assert (answered, closes) == (status, True)


def test_a_body_that_does_not_arrive(server: LoopbackServer) -> None:
    answered, _, closes = exchange(server, head("Content-Length: 10"), b"x")
    assert (answered, closes) == (408, True)


def trickle(connection: socket.socket, pieces: Iterable[bytes]) -> None:
    gap = threading.Event()
    try:
        for piece in pieces:
            connection.sendall(piece)
            gap.wait(0.05)
    except OSError:
        pass  # the server has had enough


@pytest.mark.parametrize(
    "pieces",
    [
        [b"POST / HTTP/1.1\r\n", *[b"X: 1\r\n"] * 80],
        [head("Transfer-Encoding: chunked"), *[b"1\r\nx\r\n"] * 400],
        [b""],
    ],
    ids=["head", "chunks", "silence"],
)
def test_who_takes_too_long_is_left(server: LoopbackServer, pieces: list[bytes]) -> None:
    """Each byte comes in time, and the whole does not."""
    with connected(server) as connection:
        sender = threading.Thread(target=trickle, args=(connection, pieces))
        sender.start()
        received = b""
        try:
            while part := connection.recv(4096):
                received += part
        except ConnectionResetError:
            pass
        sender.join(LONG)
        assert not sender.is_alive()
    assert not received.startswith(b"HTTP/1.1 200")


def test_no_thread_is_held_by_nonsense(server: LoopbackServer) -> None:
    before = set(threading.enumerate())
    for _ in range(20):
        exchange(server, head("Content-Length: -1"))
    server.stop()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "LocalSageMaker-connection"]


def test_a_port_of_ones_own() -> None:
    first = LoopbackServer(echo)
    first.start()
    try:
        port = urlsplit(first.url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"):
            LoopbackServer(echo, port).start()
        exchange(first, head())
    finally:
        first.stop()
    second = LoopbackServer(echo, port)  # though connections of the first one linger
    second.start()
    try:
        assert urlsplit(second.url).port == port
    finally:
        second.stop()


# --- control routes ------------------------------------------------------------------------------------------------------


def reset(local: LocalSageMaker, **headers: str) -> int:
    parts = urlsplit(local.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=LONG)
    try:
        connection.putrequest("POST", "/moto-api/reset", skip_host="Host" in headers)
        for name, value in {**headers, "Content-Length": "0"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:5001"}, 200),
        ({"Host": "[::1]:5001"}, 200),
        ({"Host": "sagemaker.localhost"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "http://127.0.0.1"}, 200),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.example.com"}, 403),
        ({"Origin": "http://127.0.0.1.example.com"}, 403),
        ({"Host": "example.com:5001"}, 403),
        ({"Host": "127.0.0.1.example.com"}, 403),
        ({"Host": ""}, 403),
    ],
)
def test_who_may_reset(local: LocalSageMaker, sm: Any, headers: dict[str, str], status: int) -> None:
    sm.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/r", PrimaryContainer={"Image": "i"})
    assert reset(local, **headers) == status
    assert len(sm.list_models()["Models"]) == (0 if status == 200 else 1)

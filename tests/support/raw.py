"""A server on loopback that keeps each request byte for byte, as its socket had it.

It answers over plain HTTP or TLS, as a forward proxy (whatever URL a request line names), and as a proxy that tunnels: it
accepts `CONNECT`, and is then itself the server at the other end.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Thread, current_thread
from types import TracebackType
from typing import Self

__all__ = ["RawServer"]

Answered = Callable[[str, bytes], bytes]
"""The body for an operation and the body of its request."""


class RawServer:
    """Runs inside `with`."""

    def __init__(self, answer: Answered = lambda *_: b"{}", *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        """Head and body of each request, `CONNECT` as well."""
        self.connections = 0
        self._answer = answer
        self._tls = tls
        self._open: dict[Thread, socket.socket] = {}

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._acceptor = Thread(target=self._accept, name="raw-acceptor", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(10)
        for thread, connection in list(self._open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(10)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http{'' if self._tls is None else 's'}://127.0.0.1:{self.port}"

    def taken(self) -> list[bytes]:
        """The requests since the last look."""
        found, self.requests = self.requests, []
        return found

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = Thread(target=self._serve, args=(connection,), name="raw-connection", daemon=True)
            self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), ExitStack() as closing:
            closing.enter_context(connection)
            encrypted = self._tls is not None and connection.recv(1, socket.MSG_PEEK) == b"\x16"
            while True:
                if encrypted and self._tls is not None:
                    connection = closing.enter_context(self._tls.wrap_socket(connection, server_side=True))
                    self._open[current_thread()] = connection  # wrapping has detached the one before
                if (head := self._one(connection)) is None:
                    return
                encrypted = head.startswith(b"CONNECT")

    def _one(self, connection: socket.socket) -> bytes | None:
        data = b""
        while b"\r\n\r\n" not in data:
            came = connection.recv(65536)
            if not came:
                return None
            data += came
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        while length is not None and len(body) < int(length[1]):
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        if head.startswith(b"CONNECT"):
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return head
        operation = re.search(rb"(?i)x-amz-target: *\w+\.(\w+)", head)
        answer = self._answer("" if operation is None else operation[1].decode(), body)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: raw\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer)
        )
        return head

"""An HTTP/1.1 server on loopback that hands each POST to a function. It knows nothing of AWS.

`http.server.ThreadingHTTPServer` is not used: it forgets its connections, and one that a client keeps alive would
outlive the server, with its thread and its socket. It also looks up the host's name when it binds, which may ask a DNS
server.
"""

import socket
import socketserver
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any, TypeAlias

_POLL_SECONDS = 0.02  # the longest that the acceptor takes to see that it is to stop
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer: TypeAlias = Callable[[Mapping[str, str], bytes], Reply | None]
"""Takes the headers, their names in lower case, and the body. None closes the connection without a word."""


class Loopback:
    def __init__(self, answer: Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._connections = _Connections(answer)
        if tls is not None:
            self._connections.socket = tls.wrap_socket(self._connections.socket, server_side=True)
        self._acceptor = Thread(
            target=self._connections.serve_forever, args=(_POLL_SECONDS,), name="loopback-acceptor", daemon=True
        )
        self._acceptor.start()

    @property
    def url(self) -> str:
        host, port = self._connections.server_address[:2]
        return f"http{'' if self._tls is None else 's'}://{host!s}:{port}"

    def close(self) -> None:
        """Returns when every socket is closed and every thread has ended."""
        self._connections.shutdown()
        self._acceptor.join()
        self._connections.server_close()
        self._connections.hang_up()


class _Connections(socketserver.TCPServer):
    request_queue_size = 128

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        # Needs no lock: the acceptor's thread writes it, and hang_up reads it when that thread has ended.
        self._served: dict[Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        # Threads are struck off here and not by themselves, so that hang_up also waits for one that is just ending.
        self._served = {thread: connection for thread, connection in self._served.items() if thread.is_alive()}
        thread = Thread(target=self._serve, args=(request, client_address), name="loopback-connection", daemon=True)
        self._served[thread] = request
        thread.start()

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except ConnectionError:
            pass  # the client is gone, as clients that time out are
        finally:
            self.shutdown_request(request)

    def hang_up(self) -> None:
        for connection in self._served.values():
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._served:
            thread.join(_PATIENCE_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"{thread.name} does not end: its answer is still being made")


class _Handler(BaseHTTPRequestHandler):
    server: _Connections
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        reply = self.server.answer({name.lower(): value for name, value in self.headers.items()}, body)
        if reply is None:
            self.close_connection = True
            return
        lines = [
            f"{self.protocol_version} {reply.status} {_phrase(reply.status)}",
            f"Date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
            f"Content-Length: {len(reply.body)}",
        ]
        # Head and body in one write. In two, the second waits some 40 ms for the client's delayed acknowledgement.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what came in is kept where a test can look at it."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unnamed"

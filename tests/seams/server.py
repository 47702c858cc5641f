"""An HTTP server on loopback that takes any method: metadata services are asked with GET and PUT."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import TypeAlias

from tests.seams.scenario import Answer

Handler: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Takes the method, the URL, the headers and the body."""


class Server:
    """`handler` may be replaced at any time; every connection ends with its answer, so that no thread stays."""

    def __init__(self) -> None:
        self.handler: Handler | None = None
        self._server = _Connections(("127.0.0.1", 0), _Request)
        self._server.owner = self
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Connections(socketserver.ThreadingTCPServer):
    owner: Server


class _Request(BaseHTTPRequestHandler):
    server: _Connections

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        owner = self.server.owner
        if owner.handler is None:
            return
        answer = owner.handler(self.command, owner.url + self.path, dict(self.headers.items()), body)
        if answer.raises is not None:
            return  # closes the connection without a word
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

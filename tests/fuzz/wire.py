"""A server on loopback that answers every request with the same bytes, whatever they are."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Wire:
    """Runs inside `with`. `answer` is what it sends, and whether it then closes the connection."""

    answer: tuple[bytes, bool] = (b"", True)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._open: dict[Thread, socket.socket] = {}
        self._acceptor = Thread(target=self._accept, name="fuzz-acceptor", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._acceptor.join()
        for thread, connection in self._open.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._open = {thread: one for thread, one in self._open.items() if thread.is_alive()}
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = Thread(target=self._serve, args=(connection,), name="fuzz-connection", daemon=True)
            self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        unread = b""
        with connection, suppress(OSError):
            while True:
                end = unread.find(b"\r\n\r\n")
                length = _LENGTH.search(unread, 0, end) if end >= 0 else None
                size = end + 4 + (int(length[1]) if length else 0)
                if end < 0 or len(unread) < size:
                    received = connection.recv(65536)
                    if not received:
                        return
                    unread += received
                    continue
                unread = unread[size:]
                content, closes = self.answer
                connection.sendall(content)
                if closes:
                    return

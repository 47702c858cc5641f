"""A SageMaker of prepared answers on loopback, in a process of its own: `python -m tests.benchmarks.server`.

It prints its port and the sizes of its answers as one line of JSON, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from email.utils import formatdate
from functools import cache

from tests.benchmarks import payloads

_TARGET = re.compile(rb"x-amz-target: *\w+\.(\w+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

# By the bytes asked, so that an answer is made but once.
_answer = cache(payloads.answer)


class _Connection(asyncio.Protocol):
    _served = 0

    def __init__(self) -> None:
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head, length = self._unread[:end], _LENGTH.search(self._unread, 0, end)
            start, size = end + 4, int(length[1]) if length else 0
            if len(self._unread) < start + size:
                return
            body, self._unread = self._unread[start : start + size], self._unread[start + size :]
            target = _TARGET.search(head)
            if target is None:
                self._transport.close()
                return
            # Head and body in one write: two would meet the client's delayed acknowledgement.
            self._transport.write(_response(_answer(target[1].decode(), body)))


def _response(body: bytes) -> bytes:
    _Connection._served += 1
    head = (
        "HTTP/1.1 200 OK\r\n"
        f"x-amzn-RequestId: 8a5d5b8f-3c1e-4f0a-9d2b-{_Connection._served:012x}\r\n"
        "Content-Type: application/x-amz-json-1.1\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Date: {formatdate(usegmt=True)}\r\n\r\n"
    )
    return head.encode() + body


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=128)
    print(json.dumps({"port": server.sockets[0].getsockname()[1], "sizes": payloads.sizes()}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())

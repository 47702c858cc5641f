"""A SageMaker that also breaks, in a process of its own: `python -m tests.soak.server`.

A name in the request says what happens: `missing-...` is not there, `denied-...` is refused, `broken-...` closes the
connection every other time, `cut-...` sends half the answer every other time, `throttled-...` refuses every other time, and
`wait-7-...` ends after seven polls. It prints its port, ends with its standard input, and counts what it answers.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from functools import cache
from typing import Any

from tests.support import samples
from tests.support.model_server import installed_model

COUNTS = "Counts"
"""The operation that answers with the counts."""
PAGES = 3

_TARGET = re.compile(rb"x-amz-target: *\w+\.(\w+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_NAME = re.compile(rb'"[A-Z]\w+Name(?:Contains)?": *"(?P<name>[a-z]+(?:-(?P<polls>\d+))?-[\w-]+)"')
_ENDED = {"DescribeTrainingJob": ("TrainingJobStatus", "InProgress", "Completed")}
_SUMMARIES = 10


class State:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._turns: Counter[bytes] = Counter()

    def answer(self, operation: str, body: bytes) -> tuple[bytes, bool]:
        """What is sent, and whether the connection ends with it."""
        if operation == COUNTS:
            return _response(json.dumps(self.counts).encode()), False
        self.counts[operation] += 1
        found = _NAME.search(body)
        name = found["name"] if found else b""
        kind = name.partition(b"-")[0]
        if kind in (b"broken", b"cut", b"throttled"):
            self._turns[name] += 1
            if self._turns[name] % 2:
                self.counts[kind.decode()] += 1
                return _trouble(kind, operation)
        if kind in _ERRORS:
            self.counts[kind.decode()] += 1
            return _response(*_ERRORS[kind]), False
        if kind == b"wait" and found is not None and operation in _ENDED:
            return _response(self._progress(operation, name, int(found["polls"]))), False
        if operation.startswith("List"):
            return _response(_page(operation, body)), False
        return _response(_sample(operation)), False

    def _progress(self, operation: str, name: bytes, polls: int) -> bytes:
        self.counts["polls"] += 1
        self._turns[name] += 1
        status, going, ended = _ENDED[operation]
        done = self._turns[name] >= polls
        if done:
            del self._turns[name]
        return json.dumps({**json.loads(_sample(operation)), status: ended if done else going}).encode()


def _trouble(kind: bytes, operation: str) -> tuple[bytes, bool]:
    if kind == b"broken":
        return b"", True
    if kind == b"cut":
        whole = _response(_sample(operation))
        return whole[: len(whole) - len(whole) // 4], True
    return _response(b'{"__type": "ThrottlingException", "message": "Rate exceeded"}', 400), False


_ERRORS = {
    b"missing": (b'{"__type": "ValidationException", "message": "Could not find it."}', 400),
    b"denied": (b'{"__type": "AccessDeniedException", "message": "Not for you."}', 403),
}


@cache
def _sample(operation: str) -> bytes:
    shape = installed_model().operation_model(operation).output_shape
    return b"" if shape is None else json.dumps(samples.to_wire(shape, samples.fill(shape))).encode()


def _page(operation: str, body: bytes) -> bytes:
    page: dict[str, Any] = json.loads(_sample(operation))
    page.update({name: value * _SUMMARIES for name, value in page.items() if isinstance(value, list)})
    number = int(json.loads(body).get("NextToken", 1))
    page.pop("NextToken", None)
    return json.dumps(page if number >= PAGES else {**page, "NextToken": str(number + 1)}).encode()


def _response(body: bytes, status: int = 200) -> bytes:
    head = (
        f"HTTP/1.1 {status} Whatever\r\nx-amzn-RequestId: 8a5d5b8f-3c1e-4f0a-9d2b-000000000001\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, state: State) -> None:
        self._state = state
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head, length = self._unread[:end], _LENGTH.search(self._unread, 0, end)
            start = end + 4
            stop = start + (int(length[1]) if length else 0)
            if len(self._unread) < stop:
                return
            body, self._unread = self._unread[start:stop], self._unread[stop:]
            target = _TARGET.search(head)
            sent, closes = self._state.answer(target[1].decode(), body) if target else (b"", True)
            self._transport.write(sent)
            if closes:
                self._transport.close()
                return


async def _serve() -> None:
    loop, state = asyncio.get_running_loop(), State()
    server = await loop.create_server(lambda: _Connection(state), "127.0.0.1", 0, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())

"""One connection without aiohttp's layers: what it reads, and what it leaves to aiohttp."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed._core.http import aiolines
from sagemaker_typed._core.http.aiolines import Line, OpenLines
from sagemaker_typed._core.http.aiowire import (
    AioWire,
)
from tests.aio.parts import StoppedLoop, route

aiohttp: Any = pytest.importorskip("aiohttp")


class Transport:
    """What a line and aiohttp's protocol would write to."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.protocol: Any = None
        self.closed = 0

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def close(self) -> None:
        self.closed += 1

    def is_closing(self) -> bool:
        return self.closed > 0


class Opened:
    """A connection of aiohttp, and its protocol: what happens to it, in order."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.protocol = self
        self.events: list[Any] = []
        self.callbacks: list[Any] = []

    def close(self) -> None:
        self.events.append("closed")

    def release(self) -> None:
        self.events.append("released")

    def add_callback(self, function: Any) -> None:
        self.callbacks.append(function)

    def data_received(self, data: bytes) -> None:
        self.events.append(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.events.append(error)


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
RATHER_LONG = b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * (1 << 19)


def line_on(loop: Any) -> tuple[Line, Opened, OpenLines]:
    lines, connection = OpenLines(aiohttp, None, None, loop), Opened()
    line = Line(lines, "key", connection)
    lines.idle["key"] = []
    assert connection.transport.protocol is line
    assert lines.all == {line}
    return line, connection, lines


def receive(line: Line, *pieces: bytes) -> None:
    for piece in pieces:
        buffer = line.get_buffer(-1)
        buffer[: len(piece)] = piece
        line.buffer_updated(len(piece))


@pytest.mark.parametrize(
    ("pieces", "came"),
    [
        ([PLAIN + b"body"], (200, {"Content-Length": "4"}, b"body")),
        ([PLAIN[:9], PLAIN[9:-1], PLAIN[-1:], b"bo", b"dy"], (200, {"Content-Length": "4"}, b"body")),
        ([PLAIN.replace(b"4", b"0")], (200, {"Content-Length": "0"}, b"")),
        ([PLAIN + b"bod"], "waits"),
        ([PLAIN[:-1]], "waits"),
        ([PLAIN + b"body!"], None),
        ([PLAIN.replace(b"1.1", b"1.0")], None),
        ([PLAIN.replace(b"200", b"304")], None),
        ([RATHER_LONG[: 1 << 18], RATHER_LONG[1 << 18 : 1 << 19]], "waits"),
        ([RATHER_LONG[: 1 << 18], RATHER_LONG[1 << 18 : 1 << 19], b"a"], None),
    ],
)
def test_a_line_reads_a_plain_answer_and_leaves_others_to_aiohttp(pieces: list[bytes], came: Any) -> None:
    async def main() -> None:
        line, connection, lines = line_on(asyncio.get_running_loop())
        for _ in range(2):  # the second answer has nothing of the first
            waiter = line.asked(b"request", 60)
            receive(line, *pieces)
            assert waiter.done() is (came != "waits")
            assert not waiter.done() or waiter.result() == came
            assert (line.deadline == float("inf")) is waiter.done()
        assert connection.transport.written == [b"request"] * 2
        assert connection.events == []
        lines.give_back()

    asyncio.run(main())


def test_each_piece_moves_the_deadline() -> None:
    async def main() -> None:
        stopped = StoppedLoop()
        line, _, lines = line_on(stopped)
        waiter = line.asked(b"request", 5)
        assert (line.deadline, stopped.set()) == (105.0, [105.0])
        stopped.now = 104.0
        receive(line, PLAIN)
        assert (line.deadline, stopped.set()) == (109.0, [105.0])
        stopped.now = 105.0
        lines._look()
        assert not waiter.done()
        stopped.now = 109.0
        lines._look()
        assert isinstance(waiter.exception(), TimeoutError)
        assert line.deadline == float("inf")
        line.expire()
        line.asked(b"request", None)
        assert line.deadline == float("inf")
        late = line.asked(b"request", 1)
        late.cancel()
        stopped.now = 111.0
        lines._look()
        assert late.cancelled()

    asyncio.run(main())


@pytest.mark.parametrize("error", [None, ConnectionResetError("reset")])
def test_a_line_that_is_lost_while_it_is_idle(error: Exception | None) -> None:
    line, connection, lines = line_on(StoppedLoop())
    lines.idle["key"].append(line)
    line.connection_lost(error)
    assert line.is_lost
    assert (lines.all, lines.idle) == (set(), {"key": []})
    assert connection.events == ["closed", error]
    assert lines._waiting("key") is None


def test_bytes_that_nobody_asked_for_close_a_line() -> None:
    line, connection, lines = line_on(StoppedLoop())
    receive(line, b"unasked")
    assert connection.transport.closed == 1
    lines.idle["key"].append(line)
    assert lines._waiting("key") is None  # a transport that closes is not used
    other = Line(lines, "key", Opened())
    lines.idle["key"] += [other, line]
    assert lines._waiting("key") is other
    assert lines._waiting("another") is None


def test_an_answer_that_is_cut_off_is_left_to_aiohttp() -> None:
    async def main() -> None:
        line, connection, lines = line_on(asyncio.get_running_loop())
        waiter = line.asked(b"request", 60)
        receive(line, PLAIN + b"bo")
        error = ConnectionResetError("reset")
        line.connection_lost(error)
        assert waiter.done()
        assert waiter.result() is None
        assert connection.events == []  # aiohttp gets to know it as it reads
        lent = line.lent()
        assert lent is connection
        again: Any = connection.protocol.transport
        assert not again.is_closing()
        again.write(b"head")
        again.writelines([b"body"])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert connection.events == [PLAIN + b"bo", error]
        assert again._line.transport.written == [b"request"]
        lines.give_back()

    asyncio.run(main())


def test_an_odd_answer_is_replayed_and_goes_on() -> None:
    async def main() -> None:
        line, connection, lines = line_on(asyncio.get_running_loop())
        transport = connection.transport
        waiter = line.asked(b"request", 60)
        receive(line, b"HTTP/1.0 200 OK\r\n\r\n")
        assert waiter.result() is None
        receive(line, b"more")  # comes before aiohttp reads
        assert transport.closed == 0
        line.lent()
        again: Any = connection.protocol.transport
        assert again is not transport
        again.write(b"request")
        transport.closed = 1
        assert not again.is_closing()
        await asyncio.sleep(0)
        assert again.is_closing()
        assert connection.events == [b"HTTP/1.0 200 OK\r\n\r\nmore"]
        assert transport.protocol is connection.protocol
        assert lines.all == set()
        assert again.written == [b"request"]  # all else is the transport's own
        (end,) = connection.callbacks
        end()
        assert connection.protocol.transport is transport
        connection.protocol.transport = None
        end()
        assert connection.protocol.transport is None  # aiohttp has given it up
        lines.give_back()

    asyncio.run(main())


def test_a_line_is_given_back_to_aiohttp() -> None:
    line, connection, lines = line_on(StoppedLoop())
    lines.idle["key"].append(line)
    lines.give_back()
    assert connection.events == ["released"]
    assert connection.transport.protocol is connection.protocol
    assert (lines.all, lines.idle) == (set(), {"key": []})


@pytest.mark.parametrize("broken", ["protocol", "transport", None])
def test_a_new_connection_on_which_something_came_already_is_closed(broken: str | None) -> None:
    connection: Any = Opened()
    connection.should_close = broken == "protocol"
    if broken == "transport":
        connection.transport = None

    class Connector:
        async def connect(self, request: Any, *, traces: list[Any], timeout: Any) -> Any:
            assert (request, traces, timeout) == ("asked", [], "timeout")
            return connection

    lines = OpenLines(aiohttp, None, Connector(), StoppedLoop())  # type: ignore[arg-type]
    way: Any = SimpleNamespace(request="asked", key="key")
    line = asyncio.run(lines._opened(way, "timeout"))
    assert (line is None) is (broken is not None)
    assert connection.events == ([] if broken is None else ["closed"])
    assert line is None or (line.key, line.connection) == ("key", connection)


@pytest.mark.parametrize(("url", "tunnels", "by_line"), [("http://h/", False, False), ("https://h/", True, True)])
def test_a_proxy_without_a_tunnel_is_left_to_aiohttp(url: str, tunnels: bool, by_line: bool) -> None:
    async def main() -> None:
        wire = AioWire(aiohttp, 50, [])
        lines = (await wire.on_loop())._lines
        assert lines is not None
        for proxy in (True, False):
            way: Any = route(url, proxy=proxy, tunnels=tunnels and proxy)
            way.how = {"proxy": "http://p"} if proxy else {}
            way.timeout = wire.timeout(5.0, 60.0, False)
            found = await lines._way(way)
            assert found.route is way
            assert (found.request is not None) is (by_line or not proxy)
            assert (found.key is not None) is (by_line or not proxy)
        await wire.close()

    asyncio.run(main())


def test_a_line_of_a_closed_loop_cannot_be_closed() -> None:
    loop = asyncio.new_event_loop()
    line, connection, _ = line_on(loop)
    line.close()
    assert connection.events == ["closed"]
    loop.close()
    line.close()
    assert connection.events == ["closed"]


# --- what the lines leave to aiohttp ----------------------------------------------------------------------------------


def test_a_line_without_a_limit_of_silence_has_no_deadline() -> None:
    stopped = StoppedLoop()
    line, _, lines = line_on(stopped)

    async def main() -> None:
        line._lines.loop = asyncio.get_running_loop()
        waiter = line.asked(b"request", None)
        receive(line, PLAIN)
        assert (line.deadline, waiter.done()) == (float("inf"), False)
        receive(line, b"body")
        assert waiter.done()

    asyncio.run(main())
    assert lines.due == float("inf")


@pytest.mark.parametrize(("size", "goes"), [(0, True), (65536, True), (65537, False)])
@pytest.mark.parametrize("patched", [False, True])
def test_which_requests_go_over_a_line(size: int, goes: bool, patched: bool) -> None:
    lines = OpenLines(aiohttp, None, None, StoppedLoop())  # type: ignore[arg-type]
    watched: Any = SimpleNamespace(is_untouched=lambda: not patched)
    lines._watched = watched
    asked: list[Any] = []

    async def way(route: Any) -> Any:
        asked.append(route)
        return SimpleNamespace(route=route, request=None, key=None)

    lines._way = way  # type: ignore[method-assign]
    route: Any = SimpleNamespace(name="DescribeEndpoint")
    outgoing: Any = SimpleNamespace(body=b"a" * size)
    assert asyncio.run(lines.send(route, outgoing, None, lambda *_: None)) is None
    assert asked == ([route] if goes and not patched else [])
    asyncio.run(lines.send(route, outgoing, None, lambda *_: None))
    assert len(asked) == (goes and not patched), "it is learned once"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("of", "name"), [(of, name) for of, names in aiolines._METHODS for name in names])
def test_whoever_patches_a_method_of_aiohttp_is_seen(of: str, name: str, when: str) -> None:
    assert aiolines._Aiohttp(aiohttp).is_untouched()
    with pytest.MonkeyPatch.context() as patch:
        seen = aiolines._Aiohttp(aiohttp)
        patch.setattr(getattr(aiohttp, of), name, lambda *_, **__: None)
        if when == "before":
            seen = aiolines._Aiohttp(aiohttp)
        assert not seen.is_untouched()
    assert aiolines._Aiohttp(aiohttp).is_untouched()


def test_an_aiohttp_that_lacks_a_method_is_not_bypassed() -> None:
    for of, names in aiolines._METHODS:
        for name in names:
            if name == "__init__":
                continue
            classes = {each: getattr(aiohttp, each) for each, _ in aiolines._METHODS}
            bare = {each: None for _, more in aiolines._METHODS for each in more if each != name}
            odd: Any = SimpleNamespace(__file__=aiohttp.__file__, **{**classes, of: type(of, (), bare)})
            assert not aiolines._Aiohttp(odd).is_untouched(), (of, name)
            del classes[of]
            assert not aiolines._Aiohttp(SimpleNamespace(__file__=aiohttp.__file__, **classes)).is_untouched()

"""Requests over connections that aiohttp has opened, without aiohttp's layers around a request.

    lines = OpenLines.of(aiohttp, session, connector, loop)         # None if the layers of this aiohttp cannot be bypassed
    came = await lines.send(route, outgoing, bound, timeout)    # None if aiohttp must send the request
    connector = lines.lending(came)                             # if it is a `Line`, whose response aiohttp must read

aiohttp resolves names, connects, talks to proxies and does TLS. Then a `Line` replaces aiohttp's protocol on the transport,
writes head and body in one piece, and reads a plain response by the rules of `direct.py`. aiohttp's own layers take two
thirds of the CPU time of a call.

Unusual cases are left to aiohttp: a proxy without a tunnel, a large body, a patched method of aiohttp. If such a case is found
only after the request was sent, aiohttp gets the connection with a transport that sends nothing and replays the received
bytes. So aiohttp reads the unusual response, or raises the error, as if it had sent the request itself.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sagemaker_typed._core.http.direct import HEAD, PlainHead, told
from sagemaker_typed._core.http.untouched import Library

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.route import Route
    from sagemaker_typed._core.http.wire import Outgoing

__all__ = ["Line", "OpenLines"]

Came = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""

_PIECE = 1 << 18
_LONGEST_HEAD = 1 << 19
_LARGEST = 1 << 16
"""Maximum size of a body that a socket accepts at once, so that sending needs no timeout."""
# The methods of aiohttp that a request goes through, and that tracers and mocks patch.
_METHODS = (
    ("ClientSession", ("__init__", "_request", "request")),
    ("ClientRequest", ("send",)),
    ("ClientResponse", ("start", "read")),
    ("TCPConnector", ("connect",)),
)


class OpenLines:
    """The connections of one aiohttp session. Belongs to an event loop."""

    def __init__(self, aiohttp: Any, session: Any, connector: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.buffer = memoryview(bytearray(_PIECE))
        """The read buffer of all connections; it is emptied before the next read."""
        self.all: set[Line] = set()
        self.idle: dict[object, list[Line]] = {}
        self._aiohttp = aiohttp
        self._watched = _Aiohttp(aiohttp)
        self._session = session
        self._connector = connector
        self._ways: dict[str, _Way] = {}
        self.due = math.inf
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, aiohttp: Any, session: Any, connector: Any, loop: asyncio.AbstractEventLoop) -> OpenLines | None:
        """Return the lines of a session; None if the session has listeners or an unknown structure."""
        if getattr(session, "trace_configs", True):
            return None
        return cls(aiohttp, session, connector, loop)

    async def send(
        self,
        route: Route,
        outgoing: Outgoing,
        bound: Bound | None,
        timeout: Callable[[Route, Bound | None], Any],
    ) -> Came | Line | None:
        """Return the response, or the connection whose response aiohttp must read, or None if aiohttp must send the request.

        Raises aiohttp's errors if it cannot connect, and `TimeoutError` if the service is silent for too long.
        `timeout` returns aiohttp's timeouts.
        """
        if len(outgoing.body) > _LARGEST or not self._watched.is_untouched():
            return None
        way = self._ways.get(route.name)
        if way is None or way.route is not route:
            way = self._ways[route.name] = await self._way(route)
        request = None if way.request is None else route.post.written(outgoing)
        if request is None:
            return None
        line = self._waiting(way.key) or await self._opened(way, timeout(route, bound))
        if line is None:
            return None
        return await self._over(line, request, route.read if bound is None else bound.cut(route.read))

    async def _over(self, line: Line, request: bytes, silence: float | None) -> Came | Line:
        try:
            came = await line.asked(request, silence)
        except BaseException:
            line.close()
            raise
        if came is None:
            return line
        if not line.is_lost:
            self.idle[line.key].append(line)
        return came

    # --- connections --------------------------------------------------------------------------------------------------

    def _waiting(self, key: object) -> Line | None:
        """Return an open connection of an earlier request."""
        waiting = self.idle.setdefault(key, [])
        while waiting:
            line = waiting.pop()
            if not line.transport.is_closing():
                return line
        return None

    async def _opened(self, way: _Way, timeout: Any) -> Line | None:
        connection = await self._connector.connect(way.request, traces=[], timeout=timeout)
        if connection.transport is None or connection.protocol.should_close:  # the service has sent unexpected data
            connection.close()
            return None
        return Line(self, way.key, connection)

    async def _way(self, route: Route) -> _Way:
        """Learn how a request gets to its address: let aiohttp make a request, and stop it before it connects."""
        if "proxy" in route.how and not route.tunnels:
            return _Way(route, None, None)
        lending = _lending(self._aiohttp)()
        session = self._aiohttp.ClientSession(connector=lending, cookie_jar=self._session.cookie_jar)
        try:
            await session.request("POST", route.url, timeout=route.timeout, **route.how)
        except _Noted as noted:
            return _Way(route, noted.request, noted.request.connection_key)
        except Exception:  # it then logs each request
            return _Way(route, None, None)
        finally:
            session.detach()
        return _Way(route, None, None)

    def lend_one(self, route: Route) -> None:
        """Hand an idle connection to aiohttp, which is about to need one."""
        way = self._ways.get(route.name)
        line = None if way is None else self._waiting(way.key)
        if line is not None:
            line.give_back()

    def lending(self, line: Line) -> Any:
        """Return an aiohttp connector for a request that was sent over a line; aiohttp reads the response there."""
        connector = _lending(self._aiohttp)()
        connector.lent = line.lent()
        return connector

    # --- timeouts -----------------------------------------------------------------------------------------------------

    def watch(self, deadline: float) -> None:
        """Check the deadlines of all connections at this time at the latest."""
        if deadline < self.due:
            if self._timer is not None:
                self._timer.cancel()
            self.due = deadline
            self._timer = self.loop.call_at(deadline, self._look)

    def _look(self) -> None:
        self._timer, self.due = None, math.inf
        now = self.loop.time()
        for line in self.all:
            if line.deadline <= now:
                line.expire()
        self.watch(min((line.deadline for line in self.all), default=math.inf))

    # --- the end ------------------------------------------------------------------------------------------------------

    def give_back(self) -> None:
        """Hand the idle connections to aiohttp, which closes them with its session."""
        for waiting in self.idle.values():
            while waiting:
                waiting.pop().give_back()
        if self._timer is not None:
            self._timer.cancel()

    def forget(self) -> None:
        """Drop all connections of a session that is no longer used."""
        for line in list(self.all):
            line.connection.close()
        self.all.clear()
        self.idle.clear()


class _Way(NamedTuple):
    """The way of the requests of one operation to their address."""

    route: Route
    request: Any
    """An aiohttp request with the address to connect to; None if aiohttp must send all requests."""
    key: Any


# --- one connection ---------------------------------------------------------------------------------------------------


class Line(asyncio.BufferedProtocol):
    """A connection that replaces aiohttp's protocol."""

    def __init__(self, lines: OpenLines, key: Any, connection: Any) -> None:
        self.connection = connection
        self.protocol: Any = connection.protocol
        self.transport: Any = connection.transport
        self.is_lost = False
        self.deadline = math.inf
        """The time at which the service has been silent for too long."""
        self.error: Exception | None = None
        """The error that the connection was lost with."""
        self.received = bytearray()
        self._lines = lines
        self.key = key
        self._silence = math.inf
        self._waiter: asyncio.Future[Came | None] | None = None
        self._has_head = False
        self._told: PlainHead | None = None
        self._is_lent = False
        lines.all.add(self)
        self.transport.set_protocol(self)

    def asked(self, request: bytes, silence: float | None) -> asyncio.Future[Came | None]:
        """Send a request; return a future with the response, None if the response is unusual, or `TimeoutError`."""
        lines = self._lines
        self.received, self._has_head, self._told = bytearray(), False, None
        waiter = self._waiter = lines.loop.create_future()
        self.transport.write(request)
        if silence is not None:
            self._silence = silence
            self.deadline = lines.loop.time() + silence
            if self.deadline < lines.due:
                lines.watch(self.deadline)
        return waiter

    def expire(self) -> None:
        """Let the request fail, because its time ran out."""
        waiter, self._waiter = self._waiter, None
        self._silence = self.deadline = math.inf
        if waiter is not None and not waiter.done():
            waiter.set_exception(TimeoutError("the service is silent"))

    def close(self) -> None:
        """Close the connection, because nothing waits for its response."""
        if not self._lines.loop.is_closed():
            self.connection.close()

    def give_back(self) -> None:
        """Return the connection to aiohttp, for other requests."""
        self.leave()
        self.transport.set_protocol(self.protocol)
        self.connection.release()

    def lent(self) -> Any:
        """Return the connection for aiohttp, which sends the same request over it and gets the same response."""
        self._is_lent = True
        self.protocol.transport = again = _Repeated(self)
        self.connection.add_callback(again.end)
        return self.connection

    def leave(self) -> None:
        """Remove this line from the lines of the loop."""
        self._lines.all.discard(self)

    # --- called by the transport --------------------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._lines.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.received += self._lines.buffer[:nbytes]
        waiter = self._waiter
        if waiter is None:
            if not self._is_lent:  # no request is waiting
                self.transport.close()
        elif self._is_whole():
            self._ended(self._came())
        else:
            self.deadline = self._lines.loop.time() + self._silence

    def _ended(self, came: Came | None) -> None:
        """Pass the response to the waiting request; None if aiohttp must read it."""
        waiter, self._waiter = self._waiter, None
        self._silence = self.deadline = math.inf
        self._is_lent = came is None
        if waiter is not None and not waiter.done():
            waiter.set_result(came)

    def eof_received(self) -> None:
        """Let the transport close the connection."""

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost, self.error = True, exc
        self.leave()
        waiting = self._lines.idle.get(self.key, [])
        if self in waiting:
            waiting.remove(self)
        if self._waiter is not None and not self._waiter.done():
            self._ended(None)
        if not self._is_lent:
            self.connection.close()
            self.protocol.connection_lost(exc)

    # --- the answer ---------------------------------------------------------------------------------------------------

    def _is_whole(self) -> bool:
        """Whether the response is complete, or is found to be unusual."""
        received = self.received
        if not self._has_head:
            head = HEAD.match(received)
            if head is None:
                return b"\r\n\r\n" in received or len(received) > _LONGEST_HEAD
            self._has_head = True
            self._told = told(head)
        return self._told is None or self._told.end <= len(received)

    def _came(self) -> Came | None:
        if self._told is None or self._told.end != len(self.received):
            return None
        return self._told.status, self._told.headers, bytes(memoryview(self.received)[self._told.begin :])


class _Repeated:
    """A transport that does not send the request again, replays the received bytes, and then continues normally."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begun = False
        self._ended = False

    def write(self, _: object) -> None:
        """Do not send the request again."""
        if not self._begun:
            self._begun = True
            asyncio.get_running_loop().call_soon(self._replay)

    writelines = write

    def is_closing(self) -> bool:
        """Whether the connection is closed, according to the events replayed so far."""
        return self._ended and bool(self._line.transport.is_closing())

    def end(self) -> None:
        """Stop replacing the transport, once the connection has no request."""
        if self._line.protocol.transport is self:
            self._line.protocol.transport = self._line.transport

    def _replay(self) -> None:
        line, protocol = self._line, self._line.protocol
        self._ended = True
        line.leave()
        if protocol.transport is not None:
            protocol.data_received(bytes(line.received))
        if line.is_lost:
            protocol.connection_lost(line.error)
        else:
            line.transport.set_protocol(protocol)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line.transport, name)


# --- what is done with aiohttp ----------------------------------------------------------------------------------------


class _Noted(Exception):
    """Carries the request for which aiohttp was about to connect."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


class _LendingConnector:
    """A subclass of aiohttp's connector that returns one connection, or stops a request if it has none."""

    lent: Any = None

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
        if self.lent is None:
            raise _Noted(req)
        return self.lent


@cache
def _lending(aiohttp: Any) -> Any:
    return type("LendingConnector", (_LendingConnector, aiohttp.BaseConnector), {})


class _Aiohttp:
    """Whether aiohttp is not patched."""

    def __init__(self, aiohttp: Any) -> None:
        library = Library(os.path.dirname(aiohttp.__file__))
        self._lookups: list[tuple[Any, Any]] = []
        self._found: list[Any] = []
        # If this aiohttp lacks a name, the method may have been renamed and patched under its new name.
        self._known = all(hasattr(getattr(aiohttp, of, None), name) for of, names in _METHODS for name in names)
        if self._known:
            classes = [(getattr(aiohttp, of), names) for of, names in _METHODS]
            self._lookups = [(cls, attrgetter("__name__", *names)) for cls, names in classes]
            self._found = [take(cls) for cls, take in self._lookups]
            self._known = all(library.is_untouched(cls, names) for cls, names in classes)

    def is_untouched(self) -> bool:
        return self._known and [take(cls) for cls, take in self._lookups] == self._found

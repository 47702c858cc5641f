"""The asynchronous path of a call: over aiohttp if it is installed and no hooks would miss the call, else in a thread.

The event loop runs only steps of microseconds. A thread makes the client, learns an operation, imports the modules of its
requests and responses, reads certificates, fetches credentials, signs retries, and reads errors and large responses.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.http.copies import class_of
from sagemaker_typed.structure import Request, operation_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from sagemaker_typed._core.call import OneCall
    from sagemaker_typed._core.connection import Connection
    from sagemaker_typed._core.http.aiowire import AioWire, OnLoop
    from sagemaker_typed._core.http.bound import Abandonable, Bound
    from sagemaker_typed._core.http.route import Route
    from sagemaker_typed._core.http.short import Learned, ShortWay
    from sagemaker_typed._core.http.wire import Exchange, Outgoing
    from sagemaker_typed._core.threads import Threads
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed.errors import CallTimeoutError

__all__ = ["Road"]

_log = logging.getLogger("sagemaker_typed.wire")
R = TypeVar("R")
T = TypeVar("T")
_CONNECTIONS = 50
"""Number of connections assumed for a caller's client whose config has none."""
_LARGE = 1 << 18
"""Size in bytes from which reading a response takes milliseconds, so that a thread reads it."""


class Road:
    """The calls of one connection, from any event loop."""

    def __init__(self, connection: Connection, threads: Threads) -> None:
        self.connection = connection
        self.threads = threads
        self.taken = 0
        """Number of calls sent over aiohttp. Event loops that count at the same time may lose one."""
        self.known: set[str] = set()
        """Operations whose requests and responses were converted before, so that another call imports and compiles nothing."""
        self._wire: tuple[Any, AioWire | None] | None = None
        self._routes: dict[str, tuple[Learned, Route | None]] = {}
        self._lock = Lock()
        mend_after_fork(self)

    async def call(self, request: Request[R], validation: Validation, seconds: float | None, retries: int | None) -> R:
        """Send a request within `seconds` and `retries`; return its typed response or raise the typed error."""
        asked = _Asked(self, request, validation, seconds, retries)
        flight: _Flight[R] | None = self.begun(asked) if self._is_known(request) else None
        if flight is None:
            come = await self.threads.run(asked, abandon=asked.abandon, seconds=seconds, late=asked.late)
            if class_of(come) is not _Flight:
                response: R = come
                return response
            flight = cast("_Flight[R]", come)
        return await flight.made()

    def _is_known(self, request: Any) -> bool:
        cls = class_of(request)
        if not issubclass(cls, Request) or operation_of(cast("Any", cls)).name not in self.known:
            return False
        return self.connection.serving(request) is self.connection

    def begun(self, asked: _Asked, *, in_thread: bool = False) -> _Flight[Any] | None:
        """Begin a call over aiohttp. Return None if aiohttp cannot send it, or if a thread must begin it.

        Raises `InvalidRequestError`, as sending does.
        """
        at_hand = self.connection.at_hand
        wire = None if at_hand is None else self._wire_of(at_hand[0], makes=in_thread)
        if at_hand is None or wire is None:
            return None
        from sagemaker_typed._core.call import OneCall

        call = OneCall(at_hand[0], asked.request, asked.validation)
        try:
            return self._flight(asked, call, at_hand[1], wire, in_thread=in_thread)
        except call.FAILURES as error:
            call.fail(error)

    def _flight(
        self, asked: _Asked, call: OneCall[R], short: ShortWay, wire: AioWire, *, in_thread: bool
    ) -> _Flight[R] | None:
        prepared, context = call.prepared, call.typed_call.context()
        name, method = prepared.operation.name, call.method()
        if in_thread:
            learned = context.run(short.learned, call.client, name, prepared.arguments, method)
        else:
            learned = short.ready(call.client, name, method)
        credentials = None if learned is None else short.credentials(call.client, may_fetch=in_thread)
        if learned is None or learned.lane is None or credentials is None:
            return None
        if bool(credentials.token) != learned.lane.has_token:
            short.forget(name)
            return None
        route = self._route(name, learned, wire, makes=in_thread)
        if route is None or route.post.is_watched():
            return None
        try:
            exchange = context.run(learned.lane.exchange, prepared.arguments, asked.retries)
        except Exception:  # the call then goes through botocore, which raises the error again
            return None
        if not wire.takes(exchange.body):
            return None
        self.taken += 1
        _log.debug("%s goes over aiohttp", name)
        return _Flight(asked, self, wire, route, call, context, exchange, credentials)

    def _wire_of(self, client: Any, *, makes: bool) -> AioWire | None:
        """Return the wire of a client. The connection may switch to a client that knows more operations."""
        held = self._wire
        if held is not None and held[0] is client:
            return held[1]
        return self._make_wire(client) if makes else None

    def _make_wire(self, client: Any) -> AioWire | None:
        from sagemaker_typed._core.http.aiowire import AioWire

        with self._lock:
            held = self._wire
            if held is None or held[0] is not client:
                wire = AioWire.of(client, connections_of(client))
                self._wire, self._routes = (client, wire), {}
                if held is not None and held[1] is not None:
                    held[1].end()
                return wire
            return held[1]

    def after_fork(self) -> None:
        """Renew the lock in the child; the parent may have held it."""
        self._lock = Lock()

    def _route(self, name: str, learned: Learned, wire: AioWire, *, makes: bool) -> Route | None:
        """Return the route of an operation's requests; only a thread makes a new one."""
        found = self._routes.get(name)
        if found is not None and found[0] is learned:
            return found[1]
        if not makes or learned.post is None or learned.lane is None:
            return None
        # `http.client` and aiohttp encode headers that are not ASCII differently.
        route = wire.route(name, learned.post) if learned.lane.is_ascii else None
        self._routes[name] = (learned, route)
        return route

    async def close(self) -> None:
        """Close the connections that aiohttp has made. Running calls are not interrupted."""
        held = self._wire
        if held is not None and held[1] is not None:
            await held[1].close()


def connections_of(client: Any) -> int:
    """Return the number of calls that a client can make at once."""
    config: Any = getattr(getattr(client, "meta", None), "config", None)
    return getattr(config, "max_pool_connections", None) or _CONNECTIONS


# --- what a caller asks for -------------------------------------------------------------------------------------------


class _Asked:
    """A requested call. Calling the object, in a thread, makes the call or begins it for the event loop."""

    def __init__(
        self, road: Road, request: Request[Any], validation: Validation, seconds: float | None, retries: int | None
    ) -> None:
        self._road = road
        self.request = request
        self.validation: Validation = validation
        self._seconds = seconds
        self.retries = retries
        self._begun = time.monotonic()
        self._bound: Abandonable | None = None
        self._abandoned = False

    def __call__(self) -> Any:
        road = self._road
        bound = self._bound = self.bound()
        if self._abandoned:
            bound.abandon()
        connection = road.connection.serving(self.request)
        road.threads.widen(connections_of(connection.client()))
        flight = road.begun(self, in_thread=True) if connection is road.connection else None
        if flight is not None:
            return flight
        from sagemaker_typed._core.call import body_of

        response = connection.send(self.request, self.validation, bound)
        body = body_of(self.request, response)
        if body is not None:
            body.reads_in(road.threads)  # a body that is read after the call
        return response

    @property
    def is_bound(self) -> bool:
        """Whether the caller has set a timeout or a number of retries."""
        return self._seconds is not None or self.retries is not None

    def bound(self) -> Abandonable:
        """Return the bound of the call, whose time runs since the call was requested."""
        from sagemaker_typed._core.http.bound import Abandonable

        if self._seconds is None:
            return Abandonable(None, self.retries)
        bound = Abandonable(max(0.0, self._seconds - (time.monotonic() - self._begun)), self.retries)
        bound.seconds = self._seconds  # shown in the error
        return bound

    def abandon(self) -> None:
        """Abandon the call, from another thread."""
        self._abandoned = True
        if self._bound is not None:
            self._bound.abandon()

    def late(self) -> CallTimeoutError:
        """Return the error of a call for which no connection became free in time."""
        from sagemaker_typed.errors import CallTimeoutError

        name = operation_of(type(self.request)).name
        most = self._road.threads.most
        return CallTimeoutError(
            f"{name} was not sent within {self._seconds:.3g} s: no connection was free, of {most}", name
        )


# --- over aiohttp -----------------------------------------------------------------------------------------------------


class _Flight(Generic[R]):
    """One call over aiohttp."""

    def __init__(
        self,
        asked: _Asked,
        road: Road,
        wire: AioWire,
        route: Route,
        call: OneCall[R],
        context: Context,
        exchange: Exchange,
        credentials: Any,
    ) -> None:
        self._asked = asked
        self._road = road
        self._wire = wire
        self._route = route
        self._call = call
        self._context = context
        self._exchange = exchange
        self._credentials = credentials
        self._bound: Bound | None = asked.bound() if asked.is_bound else None

    async def made(self) -> R:
        """Send the request; return its typed response or raise the typed error."""
        call = self._call
        try:
            try:
                answer = await self._answer()
            finally:
                call.typed_call.end()
            received = call.received(answer)
        except call.FAILURES as error:
            call.fail(error, self._bound)
        name = call.prepared.operation.name
        known = name in self._road.known
        if known and (received is None or len(received.body) < _LARGE):
            return call.response(answer, received)
        response = await self._road.threads.run(partial(call.response, answer, received))
        self._road.known.add(name)
        return response

    async def _answer(self) -> Any:
        on_loop = self._wire.at_hand() or await self._wire.on_loop()
        exchange, bound = self._exchange, self._bound
        sign: Callable[[], Outgoing] | None = None
        sleepy = on_loop.enter()
        try:
            if sleepy:  # in the first turn, this task may come before what has happened on the sockets
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            while True:
                pause, answer = await self._attempt(on_loop, sign)
                if pause is None:
                    return answer
                if bound is not None and pause >= bound.left:
                    bound.ended = True
                    return await self._in_thread(exchange.result)
                await asyncio.sleep(pause)
                sign = exchange.again
        finally:
            await on_loop.leave()

    async def _in_thread(self, step: Callable[[], T]) -> T:
        return await self._road.threads.run(partial(self._context.run, step))

    async def _attempt(self, on_loop: OnLoop, sign: Callable[[], Outgoing] | None) -> tuple[float | None, Any]:
        """Send the request once. Return the seconds to sleep before the next attempt, or None and the response."""
        exchange, bound = self._exchange, self._bound
        self._has_slot = False
        try:
            unbound = bound is None or bound.seconds == math.inf
            sent = self._sent(on_loop, sign) if unbound else self._within(on_loop, sign)
            status, headers, body = await sent
        except Exception as error:  # as botocore does: its retry handlers decide which errors to retry
            if not self._has_slot:
                raise
            return await self._in_thread(partial(_judged, exchange, partial(exchange.failed, error)))
        step = partial(_judged, exchange, partial(exchange.answered, status, headers, body))
        if status < 300 and len(body) < _LARGE:
            return self._context.run(step)
        return await self._in_thread(step)

    async def _within(self, on_loop: OnLoop, sign: Callable[[], Outgoing] | None) -> tuple[int, dict[str, str], bytes]:
        """Return the response, within the bound. Raise botocore's error if none comes."""
        bound = cast("Bound", self._bound)
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

        try:
            async with asyncio.timeout(max(bound.left, 0.0)):
                return await self._sent(on_loop, sign)
        except Exception as error:
            if bound.left > 0 and not isinstance(error, TimeoutError):
                raise
            if not self._has_slot:
                raise self._asked.late() from error
            bound.ended = True
            if isinstance(error, (ConnectTimeoutError, EndpointConnectionError)):
                raise
            raise ReadTimeoutError(endpoint_url=self._route.post.url, error=error) from error

    async def _sent(self, on_loop: OnLoop, sign: Callable[[], Outgoing] | None) -> tuple[int, dict[str, str], bytes]:
        slots = on_loop.slots
        if not slots.take():
            await slots.wait()
        try:
            self._has_slot = True
            while not on_loop.has_room():
                await asyncio.sleep(0)
            outgoing = self._exchange.first(self._credentials) if sign is None else await self._in_thread(sign)
            return await on_loop.send(self._route, outgoing, self._bound)
        finally:
            slots.give()


def _judged(exchange: Exchange, step: Callable[[], float | None]) -> tuple[float | None, Any]:
    pause = step()
    return pause, exchange.result() if pause is None else None

"""Calls with a time limit, whatever the service or the network does, and with a given number of attempts.

botocore limits each read and each connection attempt, but never the whole call: a service that sends byte by byte can make a
call last arbitrarily long, and so can retries. A `Bound` knows the time left. Attempts and pauses respect it, urllib3's pool
is `lent` with timeouts cut to the time left, and a watch shuts the socket down when the time runs out.

The short way uses the bound directly. Other calls go through a copy of the boto3 client, which shares the hooks, the
credentials and the connections with the original, and differs in two places: its endpoint retries only while there is time,
and counts the attempts itself; its HTTP session lends its pools.

The copy needs private parts of botocore and urllib3, which only this module uses. If one is missing, `Bound.client` returns
the client unchanged: its own timeouts then limit each attempt, and a warning says so.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from copy import copy
from functools import cache, partial
from socket import SHUT_RDWR, socket
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from weakref import ref

from botocore.client import BaseClient
from botocore.exceptions import (
    CapacityNotAvailableError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from sagemaker_typed._core.http.alarms import ALARMS
from sagemaker_typed._core.http.attempts import told
from sagemaker_typed._core.http.copies import class_of, shallow
from sagemaker_typed._core.listeners import handlers_of

if TYPE_CHECKING:
    # urllib3 comes with botocore; older versions of botocore vendored it.
    class _Timeout:
        connect_timeout: Any
        read_timeout: Any


__all__ = ["Abandonable", "Bound"]

T = TypeVar("T")
_log = logging.getLogger("sagemaker_typed")
_LONGEST = 3e6  # maximum number of seconds that a lock can wait
_CONNECTING = 2.0
"""Seconds to connect to one address; at most half of the time left, so that a second address can be tried."""


class Bound:
    """The time limit and the number of retries of one call. None means no limit."""

    def __init__(self, seconds: float | None = None, retries: int | None = None) -> None:
        self.seconds = math.inf if seconds is None else seconds
        self.retries = math.inf if retries is None else retries
        self.ended = False
        """Whether the call was abandoned because its time ran out."""
        self._deadline = time.monotonic() + self.seconds
        self._watch: _Watch | None = None

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self._deadline - time.monotonic()

    abandoned: bool = False
    """Whether the caller no longer waits for the call."""

    def client(self, client: Any) -> Any:
        """Return a client that makes one call within the bound."""
        cls = class_of(client)
        endpoint: Any = getattr(client, "_endpoint", None) if issubclass(cls, BaseClient) else None
        session: Any = getattr(endpoint, "http_session", None)
        classes = _classes(class_of(endpoint), class_of(session))
        if classes is None:
            if self.seconds < math.inf or self.retries < math.inf:
                _warn_unbound(cls)
            return client
        session = shallow(session, classes[1], _bound=self)
        events = _in_pace(client, getattr(endpoint, "_event_emitter", None), self)
        made = shallow(endpoint, classes[0], _bound=self, http_session=session, _event_emitter=events)
        return shallow(client, cls, _endpoint=made)

    def pause(self, seconds: float) -> bool:
        """Sleep before another attempt. Return False at once if the time left is too short for the pause."""
        if seconds >= self.left:
            self.ended = True
            return False
        return self._slept(seconds)

    def _slept(self, seconds: float) -> bool:
        """Sleep. Return whether the call continues."""
        time.sleep(seconds)
        return True

    def attempt(self, url: str, send: Callable[[], T]) -> T:
        """Make an attempt with `send`. Raises botocore's timeout error if the time runs out."""
        if self.left <= 0:
            self.ended = True
            raise ReadTimeoutError(endpoint_url=url, error="no time is left")
        try:
            return send()
        except Exception as error:
            if self.left > 0:
                raise
            self.ended = True
            if isinstance(error, (ConnectTimeoutError, EndpointConnectionError)):
                raise
            raise ReadTimeoutError(endpoint_url=url, error=error) from error

    def watch(self) -> _Watch:
        """Return a context manager that watches the socket of an attempt."""
        self._watch = watch = _Watch(self)
        return watch

    def cut(self, seconds: object, share: float = 1.0) -> Any:
        """Return a timeout, limited to a share of the time left. botocore's "no timeout" is None."""
        if self._deadline == math.inf:
            return seconds
        left = max(self.left, 0.001)
        longest = max(left * share, min(left, _CONNECTING))
        return min(float(seconds), longest) if isinstance(seconds, (int, float)) else longest


class Abandonable(Bound):
    """A bound of a call in a thread that the waiting caller may abandon."""

    def __init__(self, seconds: float | None = None, retries: int | None = None) -> None:
        super().__init__(seconds, retries)
        self._pausing: Event | None = None

    def abandon(self) -> None:
        """End the call from another thread: nothing more is sent, and its socket is shut down.

        A connecting socket is closed once it is connected, or after its connect timeout.
        """
        self.abandoned = True
        self._deadline = -math.inf
        if self._pausing is not None:
            self._pausing.set()
        watch = self._watch
        if watch is not None:
            watch.fire()

    def _slept(self, seconds: float) -> bool:
        self._pausing = pausing = Event()  # made late, because few calls pause
        return not self.abandoned and not pausing.wait(seconds)


@cache
def _warn_unbound(cls: type[Any]) -> None:
    _log.warning("the time of a call by a %s cannot be limited: its own timeouts apply to each attempt", cls.__name__)


@cache
def _classes(endpoint: type[Any], session: type[Any]) -> tuple[type[Any], type[Any]] | None:
    """Return the two classes of a bounded call; None if the installed botocore has an unknown structure."""
    needed = ((endpoint, "_send"), (endpoint, "_needs_retry"), (session, "send"), (session, "_get_connection_manager"))
    if not all(hasattr(cls, name) for cls, name in needed):
        return None
    return (
        type(f"Bound{endpoint.__name__}", (_InTime, endpoint), {}),
        type(f"Bound{session.__name__}", (_Session, session), {}),
    )


# --- the pace of adaptive mode ----------------------------------------------------------------------------------------

_TURN = 0.05  # seconds between two checks whether it is the call's turn


def _in_pace(client: Any, events: Any, bound: Bound) -> Any:
    """Return the emitter of a bounded call. In adaptive mode, botocore's rate limiter sleeps for an unlimited time.

    The bound waits for the call's turn instead.
    """
    retries: Any = client.meta.config.retries
    if not retries or retries.get("mode") != "adaptive":
        return events
    for handler in handlers_of(client, "before-send") or ():
        limiter: Any = getattr(handler, "__self__", None)
        if type(limiter).__module__ == "botocore.retries.adaptive" and hasattr(limiter, "_token_bucket"):
            made = copy(events)
            made.unregister("before-send", handler)
            made.register("before-send", partial(_take_turn, limiter, bound))
            return made
    return events


def _take_turn(limiter: Any, bound: Bound, request: Any, **_: Any) -> None:
    while limiter._enabled:
        try:
            limiter._token_bucket.acquire(block=False)
        except CapacityNotAvailableError as error:
            if not bound.pause(_TURN):
                raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        else:
            return


# --- attempts ---------------------------------------------------------------------------------------------------------


class _InTime:
    """A subclass of botocore's `Endpoint` that sends within the bound and retries only while there is time."""

    if TYPE_CHECKING:
        _bound: Bound
        _event_emitter: Any
        http_session: Any

    def _send(self, request: Any) -> Any:
        return self._bound.attempt(request.url, lambda: self.http_session.send(request))

    def _needs_retry(
        self,
        attempts: int,
        operation_model: Any,
        request_dict: Any,
        response: Any = None,
        caught_exception: BaseException | None = None,
    ) -> bool:
        # The last attempt must take nothing from the retry quota, and an abandoned call makes no other attempt.
        last = attempts > self._bound.retries or self._bound.abandoned
        service = operation_model.service_model.service_id.hyphenize()
        answers: Any = self._event_emitter.emit(
            f"needs-retry.{service}.{operation_model.name}",
            response=response,
            endpoint=self,
            operation=operation_model,
            attempts=told(attempts, request_dict, last=last) if last or self._bound.retries < math.inf else attempts,
            caught_exception=caught_exception,
            request_dict=request_dict,
        )
        seconds = next((answer for _, answer in answers if answer is not None), None)
        return seconds is not None and not last and self._bound.pause(seconds)


# --- sockets ----------------------------------------------------------------------------------------------------------


class _Session:
    """A subclass of botocore's `URLLib3Session` that lends its connections with timeouts within the bound."""

    if TYPE_CHECKING:
        _bound: Bound

    def send(self, request: Any) -> Any:
        self._watch = watch = self._bound.watch()
        with watch:
            answer = cast("Any", super().send(request))  # type: ignore[misc]
        watch.confirm(request.url)
        return answer

    def _get_connection_manager(self, *args: Any, **kwargs: Any) -> Any:
        manager: Any = super()._get_connection_manager(*args, **kwargs)  # type: ignore[misc]
        return _Manager(manager, self._watch)


class _Watch:
    """Shuts down the socket of an attempt when the time runs out."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.fired = False
        self._connection: Any = None
        self._alarm: Callable[[], None] | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        left = self.bound.left
        if left < math.inf:
            self._alarm = self.fire
            ALARMS.set(self._alarm, min(left, _LONGEST))
        return self

    def __exit__(self, *error: object) -> None:
        if self._alarm is not None:
            ALARMS.drop(self._alarm)
        self.release()

    def confirm(self, url: str) -> None:
        """Raise an error if the socket was shut down while reading the body, which may look like the end of the body."""
        if self.fired:
            raise ReadTimeoutError(endpoint_url=url, error="the time ran out before the whole body came")

    def lent(self, pool: Any) -> Any:
        """urllib3's pool for the attempt, with connections that respect its time limit."""
        made: Any = object.__new__(_pool_class(class_of(pool)))
        made.__dict__ = vars(pool)  # shared state: setting an attribute on one sets it on both
        made.lent_to = self
        made.original = ref(pool)
        return made

    def lend(self, connection: Any) -> None:
        with self._lock:
            self._connection = connection
        if self.bound.left <= 0:  # the time ran out, or the call was abandoned, before there was a socket to shut down
            raise TimeoutError("no time is left to send")
        if getattr(connection, "sock", None) is None and hasattr(connection, "socket_options"):
            connection.socket_options = _WhileTime(connection.socket_options, self.bound)

    def check(self) -> None:
        """Raise an error if the call was abandoned, possibly before there was a socket to shut down."""
        if self.bound.abandoned:
            self.fired = True
            raise TimeoutError("the caller no longer waits for the answer")

    def release(self) -> None:
        """Forget the connection, because another call may use it next."""
        if self._connection is None:  # only the thread of the attempt sets it
            return
        with self._lock:
            connection, self._connection = self._connection, None
        options = getattr(connection, "socket_options", None)
        if isinstance(options, _WhileTime):
            connection.socket_options = options.original

    def fire(self) -> None:
        """Shut the socket down."""
        with self._lock:
            if self._connection is None:
                return
            self.fired = True
            made = self._connection.sock
            made = getattr(made, "original", made)  # the wrapper of `direct`
            if isinstance(made, socket):
                try:
                    # The plain class's method: TLS would send a close message first, and wait.
                    socket.shutdown(made, SHUT_RDWR)
                except OSError:
                    _log.debug("the socket was closed already")


class _WhileTime:
    """The socket options of a connection. urllib3 reads them before each address that it tries."""

    def __init__(self, original: Any, bound: Bound) -> None:
        self.original = original
        self._bound = bound
        self._tried = False

    def __iter__(self) -> Iterator[Any]:
        if self._bound.left < (_CONNECTING if self._tried else 0):
            raise TimeoutError("no time is left to connect")
        self._tried = True
        return iter(self.original or ())

    def __bool__(self) -> bool:
        return True


class _Manager:
    """A pool manager that lends its pools to one attempt."""

    def __init__(self, manager: Any, watch: _Watch) -> None:
        self._manager = manager
        self._watch = watch

    def connection_from_url(self, url: str) -> Any:
        return self._watch.lent(self._manager.connection_from_url(url))


@cache
def _pool_class(cls: type[Any]) -> type[Any]:
    return type(f"Bound{cls.__name__}", (_Pool, cls), {"__slots__": ()})


class _Pool:
    __slots__ = ("lent_to", "original")

    lent_to: _Watch
    original: ref[Any]

    if TYPE_CHECKING:
        timeout: _Timeout

    OF_ONE_ATTEMPT = __slots__

    def in_time(self, connecting: object, reading: object) -> tuple[Any, Any]:
        """The timeouts to connect and to read, limited to the time left."""
        return self.lent_to.bound.cut(connecting, 0.5), self.lent_to.bound.cut(reading)

    def urlopen(self, *args: Any, timeout: Any = None, **kwargs: Any) -> Any:
        usual: Any = self.timeout if timeout is None else timeout
        connecting, reading = self.in_time(usual.connect_timeout, usual.read_timeout)
        limited: Any = type(usual)(connect=connecting, read=reading)
        return cast("Any", super().urlopen(*args, timeout=limited, **kwargs))  # type: ignore[misc]

    def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        connection = cast("Any", super()._get_conn(*args, **kwargs))  # type: ignore[misc]
        try:
            self.lent_to.lend(connection)
        except TimeoutError:
            connection.close()  # not shared with another call
            raise
        return connection

    def _validate_conn(self, conn: Any) -> None:
        if isinstance(self.lent_to.bound, Abandonable) and getattr(conn, "sock", None) is None:
            conn.connect()  # as urllib3 does for TLS, so that the call can be abandoned between connecting and sending
        super()._validate_conn(conn)  # type: ignore[misc]
        self.lent_to.check()

    def _put_conn(self, conn: Any) -> None:
        self.lent_to.release()
        original = self.original()
        if original is not None:
            super()._put_conn(conn)  # type: ignore[misc]
        elif conn is not None:
            conn.close()  # urllib3 has dropped the pool during the call and closed its connections

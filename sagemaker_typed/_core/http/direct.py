"""A request over an open connection, without the layers of urllib3 and `http.client`.

    came = Direct(how).send(pool, outgoing)     # how: the other arguments of urllib3's `urlopen`

Most requests reuse a connection and get a plain response: some headers, and a body whose length is in a header. This module
reads such a response. That saves a tenth of a boto3 call, and a packet, because urllib3 sends head and body separately.

Unusual cases are left to urllib3: a new connection, a patched method of urllib3 or `http.client`, their debug logs. If such a
case is found only after the request was sent or sending has failed, urllib3 gets the connection with a socket that replays
the received bytes or the error. So urllib3 reads the unusual response, or raises the error, as if it had sent the request
itself.
"""

from __future__ import annotations

import io
import logging
import os
import re
import ssl
import sys
from functools import cache
from http import client as http_client
from socket import socket
from typing import TYPE_CHECKING, Any, cast

import botocore
import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPResponse

from sagemaker_typed._core.http.copies import class_of, shallow
from sagemaker_typed._core.http.untouched import Library
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sagemaker_typed._core.http.wire import Outgoing

__all__ = ["HEAD", "Direct", "PlainHead", "is_watched", "told"]

Came = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


class PlainHead(NamedTuple):
    """The head of a plain response, and where its body begins and ends."""

    status: int
    headers: dict[str, str]
    begin: int
    end: int


_log = logging.getLogger(HTTPConnectionPool.__module__)
_SOCKETS = (socket, ssl.SSLSocket)
_PIECE, _LARGE_PIECE = 65536, 1 << 20
_PIECES_OF_A_HEAD = 8
_HEADERS = 100
"""`http.client` refuses as many: it counts the blank line as well."""
HEAD = re.compile(rb"HTTP/1\.1 ([2-9]\d\d)(?: [^\r\n]*)?\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n")
_HEADER = re.compile(r"([!-9;-~]+):[ \t]*([^\r\n]*)\r\n")
_BODILESS = (204, 304)

# The methods of connections, pools and responses that urllib3 and `http.client` would call.
_OF_CONNECTION = (
    *("request", "putrequest", "putheader", "endheaders", "_send_output", "send", "getresponse", "close"),
    *("connect", "set_tunnel", "_send_request", "__init__"),
)
_OF_POOL = ("urlopen", "_make_request", "_get_conn", "_put_conn", "_new_conn", "_validate_conn", "_get_timeout")
_OF_ANSWER = ("__init__", "read", "stream", "release_conn", "close")
_OF_HTTP_ANSWER = ("__init__", "begin", "_read_status", "read", "readinto", "close")
_LIBRARY = Library(
    *(os.path.dirname(each) for each in (botocore.__file__, urllib3.__file__, http_client.__file__, __file__) if each)
)


class Direct:
    """Sends requests of one kind over the connections of a pool. Safe to share among threads."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        self._how = how
        self._learned: _Beginning | None = None
        self._names: dict[str, bytes] = {}

    def send(self, pool: Any, outgoing: Outgoing) -> Came:
        """Return the response. Raises urllib3's errors."""
        if not _is_quiet(pool):
            return self._by_urllib3(pool, outgoing)
        connection: Any = None
        try:
            connection = pool._get_conn()
        except Exception:  # urllib3 gets the same error again and converts it
            return self._by_urllib3(pool, outgoing)
        clean = False
        try:
            came = self._over(connection, pool, outgoing)
            clean = True
        finally:
            if not clean:  # KeyboardInterrupt and the like
                connection.close()
                pool._put_conn(None)
        if isinstance(came, _Again):
            if came.original is not None:
                connection.sock = came
            return self._by_urllib3(_given(pool, connection), outgoing)
        pool.num_requests += 1
        pool._put_conn(connection)
        return came

    def _by_urllib3(self, pool: Any, outgoing: Outgoing) -> Came:
        came = pool.urlopen(body=outgoing.body, headers=outgoing.headers, **self._how)
        return came.status, dict(came.headers.itermerged()), b"".join(came.stream())

    def _over(self, connection: Any, pool: Any, outgoing: Outgoing) -> Came | _Again:
        """Return the response, or the socket with which urllib3 must continue."""
        try:
            ready = self._ready(connection, pool, outgoing)
        except AttributeError:  # this urllib3 has an unknown structure, and sends the request itself
            ready = None
        if ready is None:
            return _Again(None)
        request, connecting, reading = ready
        sock: Any = connection.sock
        try:
            pool._validate_conn(connection)
            sys.audit("http.client.send", connection, request)
            _set_timeout(sock, connecting)
            sock.sendall(request)
        except Exception as error:
            return _Again(sock, unsent=error)
        received = bytearray()
        try:
            _set_timeout(sock, reading)
            came = _read(sock, received)
        except Exception as error:
            return _Again(sock, bytes(received), error)
        return _Again(sock, bytes(received)) if came is None else came

    def _ready(self, connection: Any, pool: Any, outgoing: Outgoing) -> tuple[bytes, float | None, float | None] | None:
        """Return the request as bytes, with the timeouts for sending and reading; None if urllib3 must send it."""
        cls = class_of(connection)
        if class_of(connection.sock) not in _SOCKETS or connection.debuglevel or not _is_untouched(cls, connection):
            return None
        if pool.proxy is not None and not connection._tunnel_host:  # urllib3 must add the headers for the proxy
            return None
        request, timeouts = self.written(connection, outgoing), _timeouts(pool)
        return None if request is None or timeouts is None else (request, *timeouts)

    def written(self, connection: Any, outgoing: Outgoing) -> bytes | None:
        """Return head and body of a request as urllib3 would write them; None if that is not known."""
        learned = self._learned
        if learned is None or learned.connection is not class_of(connection):
            learned = self._learned = _learned(connection, outgoing, self._how)
        if learned.begin is None:
            return None
        try:
            lines = _lines(outgoing.headers, self._names)
        except (AttributeError, UnicodeError):  # a header that urllib3 must validate
            return None
        # A line break in a value would start another header. urllib3 refuses it.
        if lines.count(b"\n") != len(outgoing.headers) or lines.count(b"\r") != len(outgoing.headers):
            return None
        return b"%b%b\r\n%b" % (learned.begin, lines, outgoing.body)


def _lines(headers: Mapping[str, bytes | str], names: dict[str, bytes]) -> bytes:
    parts: list[bytes] = []
    for name, value in headers.items():
        begin = names.get(name)
        if begin is None:
            begin = names[name] = f"{name}: ".encode("ascii")
        parts += [begin, value if isinstance(value, bytes) else value.encode("latin-1"), b"\r\n"]
    return b"".join(parts)


# --- the request ------------------------------------------------------------------------------------------------------


class _Beginning(NamedTuple):
    """Return the start of requests over a class of connections: the request line and the automatic headers."""

    connection: Any
    begin: bytes | None


class _Noting:
    """A socket that records the sent bytes."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def settimeout(self, _: object) -> None: ...


def _learned(connection: Any, outgoing: Outgoing, how: Mapping[str, Any]) -> _Beginning:
    noting = _Noting()
    begin: bytes | None = None
    try:
        blank = shallow(connection, sock=noting, _buffer=[])
        blank.request(how["method"], how["url"], body=outgoing.body, headers=outgoing.headers)
        written = b"%b\r\n%b" % (_lines(outgoing.headers, {}), outgoing.body)
    except Exception:  # this urllib3 has an unknown structure, or it refuses a header
        return _Beginning(None, None)
    if noting.sent.endswith(b"\r\n" + written):
        begin = noting.sent.removesuffix(written)
    return _Beginning(class_of(connection), begin)


def _timeouts(pool: Any) -> tuple[float | None, float | None] | None:
    """Return a pool's timeouts for connecting and sending, and for each read; None if they are not in botocore's form."""
    timeout: Any = pool.timeout
    if timeout.total is not None:
        return None
    found = timeout.connect_timeout, timeout.read_timeout
    if hasattr(pool, "in_time"):
        found = pool.in_time(*found)
    return found if all(each is None or isinstance(each, (int, float)) for each in found) else None


def _set_timeout(sock: Any, seconds: float | None) -> None:
    if sock.gettimeout() != seconds:
        sock.settimeout(seconds)


# --- the answer -------------------------------------------------------------------------------------------------------


def _read(sock: Any, received: bytearray) -> Came | None:
    """Read a response; None if it is not plain. `received` keeps the bytes in any case."""
    head: re.Match[bytes] | None = None
    for _ in range(_PIECES_OF_A_HEAD):
        piece = sock.recv(_PIECE)
        received += piece
        if not piece or b"\r\n\r\n" in received:
            head = HEAD.match(received)
            break
    said = None if head is None else told(head)
    if said is None:
        return None
    while (missing := said.end - len(received)) > 0:
        piece = sock.recv(min(missing, _LARGE_PIECE))
        if not piece:
            return None
        received += piece
    return None if missing else (said.status, said.headers, bytes(memoryview(received)[said.begin :]))


def told(head: re.Match[bytes]) -> PlainHead | None:
    """Return what the head says; None if the response is not plain."""
    status = int(head[1])
    found = _HEADER.findall(head[2].decode("latin-1"))
    headers = dict(found)
    lowered = {name.lower(): value for name, value in found}
    length = lowered.get("content-length", "")
    plain = (
        len(lowered) == len(found) < _HEADERS  # no header is repeated
        and not 300 <= status < 400
        and status not in _BODILESS
        and "transfer-encoding" not in lowered
        and lowered.get("connection", "keep-alive").lower() == "keep-alive"
        and length.isdecimal()
        and len(length) < 16
    )
    return PlainHead(status, headers, head.end(), head.end() + int(length)) if plain else None


# --- whether anybody looks on -----------------------------------------------------------------------------------------


def is_watched(pool: Any) -> bool:
    """Whether urllib3 or `http.client` is patched or logging, so that bypassing it would be noticed."""
    return not (_is_quiet(pool) and _LIBRARY.is_untouched(pool.ConnectionCls, _OF_CONNECTION))


def _is_quiet(pool: Any) -> bool:
    """Whether neither urllib3 nor `http.client` is patched or logging."""
    return (
        not _log.isEnabledFor(logging.DEBUG)
        and _is_untouched(class_of(pool), pool)
        and _LIBRARY.is_untouched(HTTPResponse, _OF_ANSWER)
        and _LIBRARY.is_untouched(http_client.HTTPResponse, _OF_HTTP_ANSWER)
    )


def _is_untouched(cls: Any, own: Any) -> bool:
    names = _OF_POOL if issubclass(cls, HTTPConnectionPool) else _OF_CONNECTION
    return _names(names).isdisjoint(own.__dict__) and _LIBRARY.is_untouched(cls, names)


@cache
def _names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


# --- what urllib3 has to go on with -----------------------------------------------------------------------------------


class _Again:
    """A socket that replays the received bytes or the error, and then continues normally."""

    def __init__(
        self, original: Any, came: bytes = b"", error: Exception | None = None, unsent: Exception | None = None
    ) -> None:
        self.original = original
        self._came = came
        self._error = error
        self._unsent = unsent

    def sendall(self, data: bytes) -> None:
        """Do not send the request again."""
        if self._unsent is not None:
            raise self._unsent

    def makefile(self, mode: str, *_: Any, **__: Any) -> Any:
        return io.BufferedReader(_Rest(self._came, self._error, self.original.makefile(mode, buffering=0)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class _Rest(io.RawIOBase):
    """The received bytes, followed by the rest from the socket."""

    def __init__(self, came: bytes, error: Exception | None, after: Any) -> None:
        self._came = io.BytesIO(came)
        self._error = error
        self._after = after

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int | None:
        count = self._came.readinto(into)
        if count:
            return count
        if self._error is not None:
            raise self._error
        return cast("int | None", self._after.readinto(into))

    def close(self) -> None:
        self._after.close()
        super().close()


def _given(pool: Any, connection: Any) -> Any:
    """Return the pool for one request over a connection that was taken from it already."""
    made: Any = object.__new__(_giving(class_of(pool)))
    made.__dict__ = pool.__dict__
    for name in getattr(class_of(pool), "OF_ONE_ATTEMPT", ()):
        setattr(made, name, getattr(pool, name))
    made.taken = connection
    return made


@cache
def _giving(cls: Any) -> Any:
    return type(f"Giving{cls.__name__}", (_Giving, cls), {"__slots__": ("taken",)})


class _Giving:
    """A subclass of urllib3's pool that returns one connection."""

    __slots__ = ()

    if TYPE_CHECKING:
        taken: Any

    def _get_conn(self, *_: Any, **__: Any) -> Any:
        return self.taken

    def _put_conn(self, conn: Any) -> None:
        if conn is not None and isinstance(conn.sock, _Again):
            conn.sock = conn.sock.original
        super()._put_conn(conn)  # type: ignore[misc]

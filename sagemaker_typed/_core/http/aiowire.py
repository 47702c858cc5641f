"""Sends signed requests with aiohttp, if aiohttp can send them like botocore's HTTP session.

Only this module imports aiohttp, in a thread. The settings of a request (proxy, TLS, timeouts, socket options) are read from
the pool that botocore has made from its configuration. Requests that aiohttp cannot send in the same way have no `Route`.
aiohttp's errors are converted to urllib3's errors, from which botocore's own code makes its errors.

An aiohttp session belongs to one event loop, so each loop has its own. The session ends with its loop: `asyncio.run` closes
the asynchronous generators of the loop, and one of them closes the session.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from http.client import HTTPException, RemoteDisconnected
from inspect import signature
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit
from weakref import WeakSet

from urllib3 import exceptions as words
from urllib3.response import HTTPResponse
from urllib3.util.ssl_ import resolve_cert_reqs

from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.http.aiolines import Line, OpenLines
from sagemaker_typed._core.http.route import Route

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.post import Post
    from sagemaker_typed._core.http.wire import Outgoing

__all__ = ["AioWire", "OnLoop"]

_log = logging.getLogger("sagemaker_typed.wire")
_PATH = re.compile(r"(/[\w.~%-]*)+", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
_AUTOMATIC = ("Accept",)
"""The header that aiohttp adds to requests besides botocore's headers."""
_LONGEST_LINE = 65_536
"""Maximum length of a header line, as in `http.client`."""
_LARGEST = 1 << 20
"""Size of a body from which aiohttp warns that it blocks the loop."""
_KEPT = 86_400.0
"""Seconds that an idle connection is kept. botocore keeps it until the service closes it."""
_ASLEEP = 1.0
"""Seconds without a call after which the loop may not yet have noticed that the service closed a connection."""
_TURN = 0.01
"""Seconds that one iteration of the loop may spend on starting requests."""
_CONNECTING = 8
"""How many of them may open a connection, which takes the loop a millisecond."""
_NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_UNUSUAL = ("assert_hostname", "assert_fingerprint", "key_password", "ssl_version", "ca_cert_dir")
"""Settings of urllib3's pools that botocore does not change."""
_WHOLE = signature(HTTPResponse.__init__).parameters["enforce_content_length"].default
"""Whether a truncated body is an error in urllib3 by default."""
_RETIRED: list[Any] = []
_WIRES: WeakSet[AioWire] = WeakSet()


class _Settings(NamedTuple):
    """The TLS settings of a connection."""

    verifies: int
    bundle: str | None
    certificate: str | None
    key: str | None


class AioWire:
    """Sends the requests of one client. Safe to share among threads and event loops."""

    def __init__(self, aiohttp: Any, most: int, options: list[Any]) -> None:
        self.aiohttp = aiohttp
        self.most = most
        """Maximum number of connections of a loop."""
        self.options = options
        """Socket options that asyncio does not set by itself."""
        self._contexts: dict[_Settings, ssl.SSLContext] = {}
        self._loops: dict[asyncio.AbstractEventLoop, OnLoop] = {}
        mend_after_fork(self)
        _WIRES.add(self)

    @classmethod
    def of(cls, client: Any, most: int) -> AioWire | None:
        """Return the wire of a client; None if aiohttp is not installed or does not support the client's settings."""
        try:
            import aiohttp
        except ImportError:
            return None
        asked: Any = client._endpoint.http_session._socket_options or ()
        options = [tuple(option) for option in asked if tuple(option) != _NODELAY]
        if options and "socket_factory" not in signature(aiohttp.TCPConnector).parameters:
            _log.debug("this aiohttp does not support socket options: calls go through threads")
            return None
        return cls(aiohttp, most, options)

    # --- routes -------------------------------------------------------------------------------------------------------

    def takes(self, body: bytes) -> bool:
        """Whether aiohttp sends a body of this size unchanged."""
        return len(body) <= _LARGEST

    def route(self, name: str, post: Post) -> Route | None:
        """Return the route to the address of `post` over aiohttp; None if there is none. Reads files: call it in a thread."""
        pool, url = post.pool, _plain(post.url)
        waits = _waits(pool)
        proxy = _through(post)
        if url is None or waits is None or proxy is False:
            return None
        secure = url.scheme == "https"
        headers: dict[str, str] = {} if proxy is None else dict(pool.proxy_headers or {})
        how: dict[str, Any] = {"ssl": self._context(post, pool)} if secure else {}
        if proxy is not None:
            how["proxy"] = proxy
            if secure:
                how["proxy_headers"] = headers
        tunnels = secure and proxy is not None
        return Route(
            name=name,
            post=post,
            url=url,
            how=how,
            lead={"Accept-Encoding": "identity"},
            trail={} if secure else headers,
            connect=waits[0],
            read=waits[1],
            tunnels=tunnels,
            timeout=self.timeout(waits[0], waits[1], tunnels),
            whole=bool(post.asked.get("enforce_content_length", _WHOLE)),
        )

    def timeout(self, connect: float | None, read: float | None, tunnels: bool) -> Any:
        """Return the timeouts of a request in aiohttp's form. The connect timeout includes setting up a proxy's tunnel."""
        return self.aiohttp.ClientTimeout(sock_connect=connect, sock_read=read, connect=connect if tunnels else None)

    def _context(self, post: Post, pool: Any) -> ssl.SSLContext:
        """Return the TLS context that urllib3 would use for a connection of the pool."""
        verifies = resolve_cert_reqs(pool.cert_reqs)
        settings = _Settings(int(verifies), pool.ca_certs, pool.cert_file, pool.key_file)
        made = self._contexts.get(settings)
        if made is None:
            made = cast("ssl.SSLContext", post.session._get_ssl_context())
            made.check_hostname = False
            made.verify_mode = ssl.VerifyMode(settings.verifies)
            made.check_hostname = made.verify_mode is ssl.CERT_REQUIRED
            if settings.bundle is not None:
                made.load_verify_locations(settings.bundle)
            if settings.certificate is not None:
                made.load_cert_chain(settings.certificate, settings.key)
            made.set_alpn_protocols(["http/1.1"])
            self._contexts[settings] = made
        return made

    # --- loops --------------------------------------------------------------------------------------------------------

    def at_hand(self) -> OnLoop | None:
        """Return the state of the running loop; None before its first call."""
        return self._loops.get(asyncio.get_running_loop())

    async def on_loop(self) -> OnLoop:
        """Return the state of the running loop, and make it before its first call."""
        loop = asyncio.get_running_loop()
        held = self._loops.get(loop)
        if held is None:
            for other in [other for other in list(self._loops) if other.is_closed()]:
                self._forget(other)
            held = self._loops[loop] = OnLoop(self, loop)
            await held.begin()
        return held

    def left(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget the session of a finished loop."""
        self._loops.pop(loop, None)

    def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        held = self._loops.pop(loop, None)
        if held is not None:
            held.drop()

    async def close(self) -> None:
        """Close the sessions; a session with running calls is closed after them."""
        held = self._loops.get(asyncio.get_running_loop())
        if held is not None:
            await held.end()
        self.end()

    def end(self) -> None:
        """Close the sessions from any thread, without waiting."""
        for loop, held in list(self._loops.items()):
            try:
                loop.call_soon_threadsafe(held.end_soon)
            except RuntimeError:  # the loop is closed
                self._forget(loop)

    def after_fork(self) -> None:
        """Do not close the parent's connections: that would send data to its service and change its selector."""
        _RETIRED.extend(self._loops.values())
        self.retire()
        self._loops = {}

    def retire(self) -> None:
        """Suppress aiohttp's warnings about sessions whose loops never end."""
        for held in self._loops.values():
            held.retire()


@atexit.register
def _at_exit() -> None:
    """At exit, leave open connections to the operating system."""
    for wire in list(_WIRES):
        wire.retire()


def _waits(pool: Any) -> tuple[float | None, float | None] | None:
    """Return a pool's timeouts for connecting and reading; None if they are not in botocore's form."""
    waits: list[Any] = [getattr(pool.timeout, name, "") for name in ("connect_timeout", "read_timeout")]
    if any(getattr(pool, name, None) for name in _UNUSUAL):
        return None
    return (waits[0], waits[1]) if all(each is None or isinstance(each, (int, float)) for each in waits) else None


def _through(post: Post) -> Any:
    """Return the proxy in aiohttp's form; None without a proxy, False if aiohttp cannot use it like urllib3."""
    if post.proxy is None:
        return None
    if not post.proxy.lower().startswith("http://") or post.session._proxy_config.settings:
        return False  # aiohttp does not support separate certificates for the proxy
    return _plain(f"http://{post.proxy.partition('://')[2].rpartition('@')[2]}") or False


def _plain(url: str) -> Any:
    """Return the URL in aiohttp's form; None if aiohttp might write it differently than botocore."""
    from yarl import URL  # a dependency of aiohttp

    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    if parts.query or parts.fragment or parts.username is not None or not _PATH.fullmatch(parts.path or "/"):
        return None
    if not _NAME.fullmatch(host):
        return None
    if host.replace(".", "").isdigit() and not _is_address(host):
        return None
    return URL(url if parts.path else f"{url}/", encoded=True)


def _is_address(host: str) -> bool:
    """Whether a host is an address in full. The operating system also takes "127.1"."""
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


# --- one event loop ---------------------------------------------------------------------------------------------------


class Slots:
    """A limited number of slots, in order of request: a semaphore without overhead while a slot is free."""

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self._loop = loop
        self._free = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a slot, if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Take the next slot that becomes free."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.give()  # to the next waiter: this one got its slot in the same iteration
            waiter.cancel()
            raise

    def give(self) -> None:
        """Return a slot, or pass it to the next waiter."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1


class OnLoop:
    """The session of one loop, with as many slots for calls as connections."""

    def __init__(self, wire: AioWire, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self.slots = Slots(loop, wire.most)
        self._calls = 0
        self._ends = False
        self._last = loop.time()
        self._turn: float | None = None
        self._connecting = 0
        self._flying = 0
        self._most = 0
        """The highest number of simultaneous requests, each over its own connection."""
        aiohttp = wire.aiohttp
        more: dict[str, Any] = {"socket_factory": self._socket} if wire.options else {}
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT, resolver=aiohttp.ThreadedResolver(), **more)
        self._connector = connector
        self._session = self._session_over(connector)
        self._lines = OpenLines.of(aiohttp, self._session, connector, loop)
        self._keeper = self._kept()
        self._ending: asyncio.Task[None] | None = None

    def _session_over(self, connector: Any) -> Any:
        aiohttp = self._wire.aiohttp
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_AUTOMATIC,
            auto_decompress=False,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )

    def _socket(self, address: Any) -> socket.socket:
        made = socket.socket(*address[:3])
        for option in self._wire.options:
            made.setsockopt(*option)
        return made

    async def _kept(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._wire.left(self._loop)
            if self._lines is not None:
                self._lines.give_back()
            await self._session.close()

    async def begin(self) -> None:
        """Let the loop close the session at its end."""
        await anext(self._keeper)

    async def end(self) -> None:
        """Close the session, or let the last running call close it."""
        self._ends = True
        if not self._calls:
            await self._keeper.aclose()

    def end_soon(self) -> None:
        """Close the session, called by the loop."""
        self._ending = self._loop.create_task(self.end())

    def drop(self) -> None:
        """Drop a session whose loop is closed."""
        self._session.detach()
        steps = self._connector.close().__await__()
        with suppress(StopIteration, RuntimeError):
            while True:
                next(steps)
        if self._lines is not None:
            self._lines.forget()

    def retire(self) -> None:
        """Neither warn nor close anything when the session is garbage-collected."""
        self._session.detach()
        self._connector._closed = True
        if self._lines is not None:
            self._lines.forget()

    # --- calls --------------------------------------------------------------------------------------------------------

    def enter(self) -> bool:
        """Count a starting call. Return whether the loop should run first, to notice closed connections."""
        self._calls += 1
        return self._loop.time() - self._last > _ASLEEP

    async def leave(self) -> None:
        """Count a finished call."""
        self._calls -= 1
        self._last = self._loop.time()
        if self._ends:
            await self.end()

    def has_room(self) -> bool:
        """Whether this iteration of the loop has time to start another request."""
        connects = self._flying >= self._most
        if self._turn is None:
            self._turn = self._loop.time()
            self._loop.call_soon(self._turned)
        elif self._loop.time() - self._turn > _TURN or (connects and self._connecting >= _CONNECTING):
            return False
        self._connecting += connects
        return True

    def _turned(self) -> None:
        self._turn, self._connecting = None, 0

    async def send(self, route: Route, outgoing: Outgoing, bound: Bound | None) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the whole body. Raises botocore's error if they do not come."""
        self._flying += 1
        try:
            lines = self._lines
            found = None if lines is None else await lines.send(route, outgoing, bound, self._timeout)
            came = found if isinstance(found, tuple) else await self._by_aiohttp(found, route, outgoing, bound)
            self._most = max(self._most, self._flying)
            return came
        except Exception as error:
            said = _in_urllib3s_words(self._wire.aiohttp, error, route)
        finally:
            self._flying -= 1
        raise route.post.worded(said, outgoing)

    async def _by_aiohttp(
        self, line: Line | None, route: Route, outgoing: Outgoing, bound: Bound | None
    ) -> tuple[int, dict[str, str], bytes]:
        """Let aiohttp send the request, or read the response of a line."""
        timeout = self._timeout(route, bound)
        if self._lines is None:
            return await self._exchanged(self._session, route, outgoing, timeout)
        if line is None:
            self._lines.lend_one(route)
            return await self._exchanged(self._session, route, outgoing, timeout)
        session = self._session_over(self._lines.lending(line))
        try:
            return await self._exchanged(session, route, outgoing, timeout)
        finally:
            session.detach()

    def _timeout(self, route: Route, bound: Bound | None) -> Any:
        if bound is None:
            return route.timeout
        return self._wire.timeout(bound.cut(route.connect, 0.5), bound.cut(route.read), route.tunnels)

    async def _exchanged(
        self, session: Any, route: Route, outgoing: Outgoing, timeout: Any
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {**route.lead}
        for name, value in outgoing.headers.items():
            headers[name] = value if isinstance(value, str) else value.decode("latin-1")
        headers.update(route.trail)
        try:
            response: Any = await session.request(
                outgoing.method,
                route.url,
                data=outgoing.body,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
                **route.how,
            )
        except self._wire.aiohttp.ServerDisconnectedError as error:
            head = error.message
            if isinstance(head, str) or not hasattr(head, "raw_headers"):
                raise
            return head.code, _joined(head.raw_headers), b""  # a truncated head, which `http.client` accepts
        try:
            return response.status, _joined(response.raw_headers), await self._body(response, whole=route.whole)
        except BaseException:
            response.close()
            raise

    async def _body(self, response: Any, *, whole: bool) -> bytes:
        """Return the body. A body truncated by the end of the connection is accepted if urllib3 would accept it."""
        pieces: list[bytes] = []
        content = response.content
        try:
            while not content.at_eof():
                pieces.append(await content.readany())
        except self._wire.aiohttp.ClientPayloadError as error:
            if "ContentLengthError" not in str(error) or "Connection" in type(error.__context__).__name__:
                raise
            pieces.extend(getattr(content, "_buffer", ()))
            response.close()
            if whole:
                came = sum(map(len, pieces))
                raise words.IncompleteRead(came, int(response.headers["Content-Length"]) - came) from error
        return b"".join(pieces)


def _joined(raw: Any) -> dict[str, str]:
    """Return the headers; values of a repeated name are joined by commas."""
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in raw:
        text, said = name.decode("latin-1"), value.decode("latin-1")
        first = names.setdefault(text.lower(), text)
        found[first] = f"{found[first]}, {said}" if first in found else said
    return found


# --- errors -----------------------------------------------------------------------------------------------------------


def _in_urllib3s_words(aiohttp: Any, error: Any, route: Route) -> Exception:
    """Return urllib3's error for the same fault. It must not refer to aiohttp's error, which has the headers."""
    pool, host = route.post.pool, str(route.url.host)
    connection = pool.ConnectionCls(host=pool.host, port=pool.port)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _no_proxy(OSError(f"Tunnel connection failed: {error.status} {error.message}"))
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return _no_proxy(_refused(connection, error.os_error))
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return words.SSLError(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return words.SSLError(error.os_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error.os_error, route, connection)
    if isinstance(error, asyncio.TimeoutError):
        if _passed(error, "start_connection"):
            return words.ConnectTimeoutError(pool, f"Connection to {host} timed out.")
        return words.ReadTimeoutError(pool, str(route.url), "Read timed out.")
    if isinstance(error, words.IncompleteRead):
        return words.ProtocolError(f"Connection broken: {error!r}", error)
    if not isinstance(error, (aiohttp.ClientError, OSError)):
        return cast("Exception", error)
    return _broken(aiohttp, error, route)


def _no_proxy(error: Exception) -> Exception:
    return words.ProxyError("Unable to connect to proxy", error)


def _broken(aiohttp: Any, error: Any, route: Route) -> Exception:
    """Return the error for a connection that was closed before or during the response."""
    if isinstance(error, aiohttp.ClientPayloadError):
        return words.ProtocolError(f"Connection broken: {error}", error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        inner: Exception = RemoteDisconnected("Remote end closed connection without response")
    elif isinstance(error, OSError):
        inner = OSError(*error.args)  # the error number selects the subclass
    else:
        inner = HTTPException(" ".join(str(getattr(error, "message", error)).split()))
    if isinstance(inner, OSError) and "proxy" in route.how and not route.tunnels:
        return _no_proxy(inner)  # in this case urllib3 no longer knows that it had reached the proxy
    return words.ProtocolError("Connection aborted.", inner)


def _unconnected(error: Any, route: Route, connection: Any) -> Exception:
    if not isinstance(error, ConnectionError) or isinstance(error, ConnectionRefusedError):
        return _refused(connection, error)
    if error.errno is not None or route.url.scheme != "https":
        return words.ProtocolError("Connection aborted.", error)
    if isinstance(error, ConnectionAbortedError):  # asyncio's own timeout for the TLS handshake
        return words.ReadTimeoutError(route.post.pool, str(route.url), "Read timed out.")
    return words.SSLError(
        ssl.SSLEOFError(8, "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol")
    )


def _refused(connection: Any, error: Any) -> Exception:
    return words.NewConnectionError(connection, f"Failed to establish a new connection: {_plainly(error)}")


def _plainly(error: Any) -> str:
    """Return the operating system's message for an error, without asyncio's."""
    number: int | None = error.errno
    if number is None or isinstance(error, socket.gaierror):
        return str(error)
    return f"[Errno {number}] {os.strerror(number)}"


def _passed(error: BaseException | None, function: str) -> bool:
    """Whether an error or one of its causes passed through a function of this name."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_name == function:
                return True
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return False

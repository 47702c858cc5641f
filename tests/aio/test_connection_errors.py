"""The errors of aiohttp in the words of urllib3, from which botocore's are made."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from http.client import HTTPException, RemoteDisconnected
from types import SimpleNamespace
from typing import Any

import pytest
from urllib3 import exceptions as words

from sagemaker_typed._core.http.aiowire import (
    _in_urllib3s_words,
)
from tests.aio.parts import route

aiohttp: Any = pytest.importorskip("aiohttp")


KEY = SimpleNamespace(host="h", port=1, ssl=True)
REFUSED = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
RESET = ConnectionResetError(errno.ECONNRESET, "reset by asyncio")
NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def passed_through(name: str) -> TimeoutError:
    """An error that was raised in a function of this name, and then again."""
    space: dict[str, Any] = {}
    exec(f"def {name}():\n    raise TimeoutError('inner')", space)

    def outer() -> None:
        try:
            space[name]()
        except TimeoutError as inner:
            raise TimeoutError("outer") from inner

    with pytest.raises(TimeoutError) as caught:
        outer()
    return caught.value


SSL = ssl.SSLError(1, "[SSL] alert")
CERTIFICATE = ssl.SSLCertVerificationError(1, "self-signed")
CASES: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "proxy refuses": (
        aiohttp.ClientHttpProxyError(None, (), status=403, message="Forbidden"),
        route(proxy=True), words.ProxyError, "Tunnel connection failed: 403 Forbidden",
    ),
    "no proxy": (
        aiohttp.ClientProxyConnectionError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, "by asyncio")),
        route(proxy=True), words.ProxyError, f"Failed to establish a new connection: {REFUSED}",
    ),
    "certificate": (
        aiohttp.ClientConnectorCertificateError(KEY, CERTIFICATE), route(), words.SSLError, "self-signed",
    ),
    "tls": (aiohttp.ClientConnectorSSLError(KEY, SSL), route(), words.SSLError, "[SSL] alert"),
    "refused": (
        aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, "by asyncio")),
        route(), words.NewConnectionError, f"Failed to establish a new connection: {REFUSED}",
    ),
    "no such name": (
        aiohttp.ClientConnectorError(KEY, NO_NAME), route(), words.NewConnectionError, "Name or service not known",
    ),
    "no number": (
        aiohttp.ClientConnectorError(KEY, OSError("odd")), route(), words.NewConnectionError, "connection: odd",
    ),
    "reset": (aiohttp.ClientConnectorError(KEY, RESET), route(), words.ProtocolError, "Connection aborted"),
    "closed in the handshake": (
        aiohttp.ClientConnectorError(KEY, ConnectionResetError("closed")), route(), words.SSLError,
        "EOF occurred in violation of protocol",
    ),
    "closed without TLS": (
        aiohttp.ClientConnectorError(KEY, ConnectionResetError("closed")), route("http://h/"), words.ProtocolError,
        "Connection aborted",
    ),
    "a long handshake": (
        aiohttp.ClientConnectorError(KEY, ConnectionAbortedError("60 s")), route(), words.ReadTimeoutError,
        "Read timed out",
    ),
    "connects for too long": (
        passed_through("start_connection"), route(), words.ConnectTimeoutError, "Connection to h timed out",
    ),
    "silent for too long": (passed_through("read"), route(), words.ReadTimeoutError, "Read timed out"),
    "of aiohttp, silent": (aiohttp.SocketTimeoutError("t"), route(), words.ReadTimeoutError, "Read timed out"),
    "short": (words.IncompleteRead(3, 4), route(), words.ProtocolError, "Connection broken: IncompleteRead"),
    "half": (aiohttp.ClientPayloadError("half"), route(), words.ProtocolError, "Connection broken: half"),
    "hung up": (
        aiohttp.ServerDisconnectedError(), route(), words.ProtocolError, "Connection aborted...without response",
    ),
    "hung up behind a proxy": (
        aiohttp.ServerDisconnectedError(), route("http://h/", proxy=True), words.ProxyError,
        "Unable to connect to proxy...without response",
    ),
    "hung up behind a tunnel": (
        aiohttp.ServerDisconnectedError(), route(proxy=True, tunnels=True), words.ProtocolError, "without response",
    ),
    "reset later": (RESET, route(), words.ProtocolError, "Connection aborted...ConnectionResetError"),
    "nonsense": (
        aiohttp.ClientResponseError(None, (), status=400, message="bad\n  head"), route(), words.ProtocolError,
        "Connection aborted...bad head",
    ),
    "other of aiohttp": (aiohttp.ClientError("odd one"), route(), words.ProtocolError, "Connection aborted...odd one"),
}  # fmt: skip


_OF_A_POOL = (words.NewConnectionError, words.ConnectTimeoutError, words.ReadTimeoutError)
"""urllib3 puts the connection or the pool before their text."""


@pytest.mark.parametrize("name", CASES)
def test_each_error_is_said_in_urllib3s_words(name: str) -> None:
    error, way, cls, text = CASES[name]
    found = _in_urllib3s_words(aiohttp, error, way)
    assert type(found) is cls
    for part in text.split("..."):
        assert part in str(found)
    assert isinstance(found.args[0], str) or cls in (words.SSLError, *_OF_A_POOL)
    if cls is words.ConnectTimeoutError:
        assert found.args[0] is way.post.pool
    if isinstance(found, words.ReadTimeoutError):
        assert (found.pool, found.url) == (way.post.pool, "https://h/")


@pytest.mark.parametrize(
    ("error", "inner"),
    [
        (aiohttp.ServerDisconnectedError(), RemoteDisconnected),
        (RESET, ConnectionResetError),
        (OSError(errno.EPIPE, "pipe"), BrokenPipeError),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), ConnectionResetError),
        (aiohttp.ClientError("odd"), HTTPException),
    ],
)
def test_the_error_inside_has_the_class_that_the_operating_system_gives(error: Any, inner: type[Exception]) -> None:
    assert type(_in_urllib3s_words(aiohttp, error, route()).args[1]) is inner


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("k"), RuntimeError("closed")])
def test_an_error_that_is_not_of_the_connection_stays(error: Exception) -> None:
    assert _in_urllib3s_words(aiohttp, error, route()) is error

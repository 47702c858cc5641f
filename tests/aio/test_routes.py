"""What is known of a request over aiohttp before it is sent: its address, proxy, timeouts, TLS and sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from urllib3.util.timeout import Timeout

from sagemaker_typed._core import forking
from sagemaker_typed._core.acall import connections_of
from sagemaker_typed._core.http.aiolines import OpenLines
from sagemaker_typed._core.http.aiowire import (
    AioWire,
    _joined,
    _plain,
    _through,
    _waits,
)
from sagemaker_typed._core.http.bound import Bound
from tests.aio.parts import StoppedLoop

aiohttp: Any = pytest.importorskip("aiohttp")


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://api.sagemaker.us-west-2.amazonaws.com", "https://api.sagemaker.us-west-2.amazonaws.com/"),
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("http://a_b.c-d:81/a-b/c.d~e/%20", "http://a_b.c-d:81/a-b/c.d~e/%20"),
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566/"),
        ("http://127.1:4566", None),
        ("http://127.0.0.01", None),
        ("http://2130706433", None),
        ("http://HOST/", None),
        ("http://h\u00f6st/", None),
        ("http://[::1]:4566/", None),
        ("http://user@h/", None),
        ("http://h/a b", None),
        ("http://h/\u00e4", None),
        ("http://h/?query", None),
        ("http://h/#fragment", None),
    ],
)
def test_urls_that_aiohttp_writes_as_botocore_does(url: str, written: str | None) -> None:
    found = _plain(url)
    assert (found if found is None else str(found)) == written


def post(proxy: str | None, **settings: Any) -> Any:
    return SimpleNamespace(
        proxy=proxy, session=SimpleNamespace(_proxy_config=SimpleNamespace(settings=settings or None))
    )


@pytest.mark.parametrize(
    ("given", "proxy"),
    [
        (post(None), None),
        (post("http://p:3128"), "http://p:3128/"),
        (post("HTTP://p:3128"), "http://p:3128/"),
        (post("http://user:pass@p:3128"), "http://p:3128/"),  # the user goes into a header
        (post("http://user:p@ss@p:3128/"), "http://p:3128/"),
        (post("https://p:3128"), False),
        (post("socks5://p:3128"), False),
        (post("http://[::1]:3128"), False),
        (post("http://p:3128", proxy_client_cert="cert"), False),
        (post(None, proxy_client_cert="cert"), None),
    ],
)
def test_proxies_that_aiohttp_uses_as_urllib3_does(given: Any, proxy: Any) -> None:
    found = _through(given)
    assert (str(found) if found else found) == proxy


@pytest.mark.parametrize(
    ("timeout", "more", "waits"),
    [
        (Timeout(connect=5, read=2.5), {}, (5, 2.5)),
        (Timeout(connect=None, read=None), {}, (None, None)),
        (Timeout(connect=5, read=60), {"assert_hostname": None, "ssl_version": None}, (5, 60)),
        (Timeout(connect=5, read=60), {"assert_hostname": "h"}, None),
        (Timeout(connect=5, read=60), {"assert_fingerprint": "aa"}, None),
        (Timeout(connect=5, read=60), {"key_password": "k"}, None),
        (Timeout(connect=5, read=60), {"ssl_version": ssl.PROTOCOL_TLS_CLIENT}, None),
        (Timeout(connect=5, read=60), {"ca_cert_dir": "/certificates"}, None),
        (SimpleNamespace(connect_timeout=5, read_timeout="long"), {}, None),
        (SimpleNamespace(connect_timeout="long", read_timeout=5), {}, None),
        (SimpleNamespace(connect_timeout=5), {}, None),
        (5, {}, None),
    ],
)
def test_timeouts_and_settings_of_a_pool(timeout: Any, more: dict[str, Any], waits: Any) -> None:
    assert _waits(SimpleNamespace(timeout=timeout, **more)) == waits


def test_headers_of_one_name_are_joined_under_the_first_spelling() -> None:
    raw = [(b"X-A", b"1"), (b"X-B", b"caf\xe9"), (b"x-a", b"2"), (b"X-a", b""), (b"X-C", b"3")]
    assert list(_joined(raw).items()) == [("X-A", "1, 2, "), ("X-B", "caf\xe9"), ("X-C", "3")]


# --- settings ---------------------------------------------------------------------------------------------------------


def test_the_connector_has_no_limits_of_its_own() -> None:
    """As many connections as the client may have, names as the system resolves them, kept until the service closes them."""

    async def main() -> None:
        wire = AioWire(aiohttp, 200, [])
        connector = (await wire.on_loop())._connector
        assert connector.limit == 0
        assert connector._keepalive_timeout >= 3600
        assert isinstance(connector._resolver, aiohttp.ThreadedResolver)
        await wire.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("seconds", "connect", "read"),
    [(None, 5.0, 60.0), (40.0, 5.0, 40.0), (8.0, 4.0, 8.0), (3.0, 2.0, 3.0), (1.0, 1.0, 1.0)],
)
def test_timeouts_end_with_the_call(seconds: float | None, connect: float, read: float) -> None:
    """A second address can be tried in the other half of the time, unless two seconds are not there."""

    async def main() -> Any:
        wire = AioWire(aiohttp, 50, [])
        held = await wire.on_loop()
        way: Any = SimpleNamespace(connect=5.0, read=60.0, tunnels=False, timeout=wire.timeout(5.0, 60.0, False))
        found = held._timeout(way, None if seconds is None else Bound(seconds))
        await wire.close()
        return found

    found = asyncio.run(main())
    assert (found.sock_connect, found.sock_read) == pytest.approx((connect, read), abs=0.5)


def test_a_session_with_listeners_has_no_lines() -> None:
    loop: Any = StoppedLoop()
    for session in (SimpleNamespace(trace_configs=["tracer"]), SimpleNamespace()):
        assert OpenLines.of(aiohttp, session, None, loop) is None
    assert OpenLines.of(aiohttp, SimpleNamespace(trace_configs=[]), None, loop) is not None


@pytest.mark.parametrize(
    ("client", "count"),
    [
        (SimpleNamespace(meta=SimpleNamespace(config=Config(max_pool_connections=7))), 7),
        (SimpleNamespace(meta=SimpleNamespace(config=SimpleNamespace(max_pool_connections=None))), 50),
        (SimpleNamespace(meta=SimpleNamespace(config=None)), 50),
        (SimpleNamespace(meta=None), 50),
        (None, 50),
    ],
)
def test_as_many_calls_as_the_client_has_connections(client: Any, count: int) -> None:
    assert connections_of(client) == count


def test_a_body_as_large_as_aiohttp_warns_of_goes_another_way() -> None:
    wire = AioWire(aiohttp, 50, [])
    assert wire.takes(b"x" * 2**20)
    assert not wire.takes(b"x" * (2**20 + 1))


class Session:
    """botocore's HTTP session, as far as a route asks it."""

    def __init__(self) -> None:
        self._proxy_config = SimpleNamespace(settings=None)
        self.made = 0

    def _get_ssl_context(self) -> ssl.SSLContext:
        self.made += 1
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


SESSION = Session()


def poster(url: str, proxy: str | None = None, *, cert_reqs: Any = "CERT_REQUIRED", **asked: Any) -> Any:
    headers = {"Proxy-Authorization": "Basic x"} if proxy else None
    pool = SimpleNamespace(
        timeout=Timeout(connect=5.0, read=60.0), proxy_headers=headers, cert_reqs=cert_reqs, ca_certs=None, cert_file=None,
        key_file=None,
    )  # fmt: skip
    return SimpleNamespace(url=url, pool=pool, proxy=proxy, session=SESSION, asked=asked)


@pytest.mark.parametrize("proxy", [None, "http://u:p@proxy:3128"])
@pytest.mark.parametrize("url", ["http://h/", "https://h/"])
def test_a_route_has_all_that_is_known_before_the_first_request(url: str, proxy: str | None) -> None:
    wire = AioWire(aiohttp, 50, [])
    post = poster(url, proxy)
    found = wire.route("DescribeEndpoint", post)
    assert found is not None
    secure, proxied = url.startswith("https"), {"Proxy-Authorization": "Basic x"} if proxy else {}
    assert (found.name, found.post, str(found.url)) == ("DescribeEndpoint", post, url)
    assert found.lead == {"Accept-Encoding": "identity"}
    assert found.trail == ({} if secure else proxied)
    assert (found.connect, found.read, found.tunnels, found.whole) == (5.0, 60.0, secure and proxy is not None, True)
    assert found.timeout == wire.timeout(5.0, 60.0, found.tunnels)
    how = dict(found.how)
    assert isinstance(how.pop("ssl", None), ssl.SSLContext) is secure
    assert how.pop("proxy_headers", None) == (proxied if secure and proxy else None)
    assert str(how.pop("proxy", None)) == ("http://proxy:3128/" if proxy else "None")
    assert how == {}


@pytest.mark.parametrize(
    "post",
    [poster("http://127.1/"), poster("http://h/", "socks5://p:1"), poster("http://h/?q"), poster("https://h/ x")],
)
def test_an_address_without_a_route(post: Any) -> None:
    assert AioWire(aiohttp, 50, []).route("DescribeEndpoint", post) is None
    post = poster("https://h/")
    post.pool.timeout = 5
    assert AioWire(aiohttp, 50, []).route("DescribeEndpoint", post) is None


@pytest.mark.parametrize(
    ("asked", "whole"),
    [({}, True), ({"enforce_content_length": False}, False), ({"enforce_content_length": True}, True)],
)
def test_whether_a_body_must_be_whole(asked: dict[str, Any], whole: bool) -> None:
    found = AioWire(aiohttp, 50, []).route("DescribeEndpoint", poster("http://h/", **asked))
    assert found is not None
    assert found.whole is whole


def test_connections_with_the_same_settings_share_a_tls_context() -> None:
    wire = AioWire(aiohttp, 50, [])
    routes: list[Any] = [wire.route(name, poster("https://h/")) for name in ("One", "Two")]
    first, second = (route.how["ssl"] for route in routes)
    assert first is second
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
    for unverified in ("CERT_NONE", ssl.CERT_NONE):
        trusting: Any = wire.route("One", poster("https://h/", cert_reqs=unverified))
        assert trusting.how["ssl"] is not first
        assert (trusting.how["ssl"].verify_mode, trusting.how["ssl"].check_hostname) == (ssl.CERT_NONE, False)
    assert len(wire._contexts) == 2


KEEPALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    ("asked", "options"),
    [(None, []), ([], []), ([NODELAY], []), ([NODELAY, KEEPALIVE], [KEEPALIVE]), ([list(KEEPALIVE)], [KEEPALIVE])],
)
def test_socket_options_need_an_aiohttp_that_takes_them(
    asked: Any, options: Any, old: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if old:
        monkeypatch.setattr(aiohttp, "TCPConnector", lambda *, limit=100: None)
    caplog.set_level("DEBUG", "sagemaker_typed.wire")
    client = SimpleNamespace(_endpoint=SimpleNamespace(http_session=SimpleNamespace(_socket_options=asked)))
    found = AioWire.of(client, 7)
    if old and options:
        assert found is None
        assert [each.message for each in caplog.records] == [
            "this aiohttp does not support socket options: calls go through threads"
        ]
        return
    assert found is not None
    assert (found.aiohttp, found.most, found.options) == (aiohttp, 7, options)
    assert found in forking._FORKED
    assert caplog.records == []


def test_socket_options_are_set_on_each_socket() -> None:
    async def main() -> None:
        wire = AioWire(aiohttp, 50, [KEEPALIVE])
        held = await wire.on_loop()
        with held._socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 1))) as made:
            assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert (made.family, made.type) == (socket.AF_INET, socket.SOCK_STREAM)
        await wire.close()

    asyncio.run(main())


@pytest.mark.parametrize("tunnels", [False, True])
def test_the_timeout_to_connect_counts_the_tunnel(tunnels: bool) -> None:
    found = AioWire(aiohttp, 50, []).timeout(5.0, 60.0, tunnels)
    assert (found.sock_connect, found.sock_read, found.total) == (5.0, 60.0, None)
    assert found.connect == (5.0 if tunnels else None)

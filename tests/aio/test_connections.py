"""aiohttp connects as botocore is configured: proxies, TLS, timeouts, sockets. What it cannot do goes through threads."""

from __future__ import annotations

import asyncio
import inspect
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors
from tests.aio.blocking import Blocking
from tests.support.certificates import certificate
from tests.support.faults import FaultServer, drip, refusing, silence
from tests.support.raw import RawServer
from tests.wire.roads import config, made, session, stand_still, start_again

aiohttp: Any = pytest.importorskip("aiohttp")
ANSWER = b'{"EndpointName": "e"}'


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(lambda *_: ANSWER) as running:
        yield running


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@contextmanager
def serving(bundle: Path, *, asks: bool = False) -> Iterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    if asks:
        context.load_verify_locations(bundle)
        context.verify_mode = ssl.CERT_REQUIRED
    with RawServer(lambda *_: ANSWER, tls=context) as running:
        yield running


@pytest.fixture
def secure(bundle: Path) -> Iterator[RawServer]:
    with serving(bundle) as running:
        yield running


@contextmanager
def both(url: str, **options: Any) -> Iterator[tuple[Any, SageMaker]]:
    aio = AsyncSageMaker(session=session(), endpoint_url=url, config=config(**options))
    with Blocking(aio) as ours, made(url, short=False, **options) as theirs:
        yield ours, theirs


def requests(sm: Any, server: RawServer, monkeypatch: pytest.MonkeyPatch, calls: int = 2) -> list[bytes]:
    start_again(monkeypatch)
    for _ in range(calls):
        assert sm.endpoints.describe("e").endpoint_name == "e"
    return server.taken()


def told(sm: Any) -> tuple[Any, ...]:
    with pytest.raises(errors.TransportError) as caught:
        sm.endpoints.describe("e")
    error = caught.value
    return (*type(error).__mro__[1:], re.sub(r"object at.*| \(_ssl.c:\d+\)", "", str(error)), type(error.__cause__))


# --- proxies ----------------------------------------------------------------------------------------------------------


def test_a_proxy_gets_what_botocore_sends_it(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    proxies = {"http": f"http://user:secret@127.0.0.1:{server.port}"}
    with both("http://sagemaker.test", proxies=proxies) as (ours, theirs):
        sent = requests(ours, server, monkeypatch)
        assert sent[0].startswith(b"POST http://sagemaker.test/ HTTP/1.1\r\n")
        assert any(b"proxy-authorization" in line.lower() for line in sent[0].split(b"\r\n"))
        assert sent == requests(theirs, server, monkeypatch)
        assert ours.taken == 2


@pytest.mark.filterwarnings("ignore::sagemaker_typed.errors.InvalidRequestWarning")
@pytest.mark.parametrize("proxied", [False, True])
def test_a_large_request_has_botocores_bytes(proxied: bool, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    options = {"proxies": {"http": f"http://user:secret@127.0.0.1:{server.port}"}} if proxied else {}
    with both("http://sagemaker.test" if proxied else server.url, **options) as clients:
        sent = []
        for sm in clients:
            start_again(monkeypatch)
            sm.endpoints.describe("e" * 100_000)
            sent.append(server.taken())
        assert sent[0] == sent[1]
        assert clients[0].taken == 1


def test_the_environment_names_a_proxy(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    for excepted, reached in (("other.test", True), ("sagemaker.test", False)):
        monkeypatch.setenv("NO_PROXY", excepted)
        monkeypatch.setenv("no_proxy", excepted)
        with both("http://sagemaker.test", proxies=None, connect_timeout=1) as (ours, _):
            if reached:
                assert requests(ours, server, monkeypatch, 1)[0].startswith(b"POST http://sagemaker.test/ ")
            else:
                with pytest.raises(errors.TransportError):
                    ours.endpoints.describe("e")
                assert server.taken() == []
            assert ours.taken == 1


def test_a_tunnel_through_a_proxy(secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the tunnel is the same; the `CONNECT` is aiohttp's own, with its own headers."""
    stand_still(monkeypatch)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    proxies = {"https": f"http://user:secret@127.0.0.1:{secure.port}"}
    with both("https://127.0.0.1:44443", proxies=proxies) as (ours, theirs):
        sent = requests(ours, secure, monkeypatch)
        assert [request.split(b" ")[:2] for request in sent] == [[b"CONNECT", b"127.0.0.1:44443"]] + [
            [b"POST", b"/"]
        ] * 2
        assert b"proxy-authorization: basic dxnlcjpzzwnyzxq=" in sent[0].lower()
        assert sent[1:] == requests(theirs, secure, monkeypatch)[1:]
        assert ours.taken == 2


@contextmanager
def speaking(words: bytes | None) -> Iterator[int]:
    """The port of a server that says these words to whatever comes, and hangs up; None: says nothing at all."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                if words is not None:
                    connection.settimeout(0.1)
                    with suppress(TimeoutError):
                        while connection.recv(65536):  # all of it: what comes after the end is answered with a reset
                            pass
                    with suppress(OSError):  # the client may be gone
                        connection.sendall(words)
                        connection.shutdown(socket.SHUT_RDWR)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for connection in held:
            connection.close()


@pytest.mark.parametrize("target", ["http", "https"])
@pytest.mark.parametrize(
    "words", [b"", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"what?\r\n\r\n", None]
)
def test_a_proxy_that_does_not_do_its_work(words: bytes | None, target: str) -> None:
    if words is not None and words.startswith(b"HTTP") and target == "http":
        pytest.skip("an answer like any other")
    with speaking(words) as port:
        proxies = {target: f"http://user:secret@127.0.0.1:{port}"}
        with both(f"{target}://sagemaker.test", proxies=proxies, connect_timeout=0.3, read_timeout=0.3) as (
            ours,
            theirs,
        ):
            found = told(ours)
            assert "secret" not in str(found)
            expected = told(theirs)
            assert found[:-1] == expected[:-1]
            assert words == b"what?\r\n\r\n" or found == expected  # whose words no error shows
            assert ours.taken == 1


@pytest.mark.parametrize("target", ["http", "https"])
def test_a_proxy_that_is_not_there(target: str) -> None:
    with refusing() as url:
        proxies = {target: url.replace("//", "//user:secret@")}
        with both(f"{target}://sagemaker.test", proxies=proxies) as (ours, theirs):
            assert told(ours) == told(theirs)
            assert ours.taken == 1


# --- TLS --------------------------------------------------------------------------------------------------------------


def test_a_private_authority(secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with both(secure.url) as (ours, theirs):
        assert requests(ours, secure, monkeypatch) == requests(theirs, secure, monkeypatch)
        assert secure.connections == 2
        assert ours.taken == 2


def test_a_certificate_that_nobody_trusts(secure: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = stand_still(monkeypatch)
    with both(secure.url) as (ours, theirs):
        found = told(ours)
        assert "certificate" in str(found).lower()
        assert found == told(theirs)
        assert ours.taken == 1
    assert secure.requests == []
    assert pauses == []


def test_operations_share_a_connection(secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with both(secure.url) as (ours, _):
        for call in (ours.endpoints.describe, ours.endpoints.delete) * 2:
            call("e")
        assert ours.taken == 4
        assert secure.connections == 1


def test_the_protocol_that_is_offered(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Thread

    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    context.set_alpn_protocols(["h2", "http/1.1"])
    chosen: list[str | None] = []

    def accept() -> None:
        for _ in range(2):
            with listener.accept()[0] as connection, context.wrap_socket(connection, server_side=True) as encrypted:
                chosen.append(encrypted.selected_alpn_protocol())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=accept, daemon=True)
        thread.start()
        with both(f"https://127.0.0.1:{listener.getsockname()[1]}") as clients:
            for sm in clients:
                with pytest.raises(errors.TransportError):
                    sm.endpoints.describe("e")
        thread.join(20)
    assert chosen == ["http/1.1"] * 2


@pytest.mark.parametrize("shows", [True, False])
def test_a_client_certificate(bundle: Path, shows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    options = {"client_cert": str(bundle)} if shows else {}
    with serving(bundle, asks=True) as server, both(server.url, **options) as (ours, theirs):
        if shows:
            assert len(requests(ours, server, monkeypatch)) == 2
        else:
            assert told(ours)[0] in (errors.TransportError, *told(theirs))
            assert server.requests == []
        assert ours.taken


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", None], ids=["ends", "http", "silent"])
def test_a_handshake_that_comes_to_nothing(words: bytes | None) -> None:
    with speaking(words) as port, both(f"https://127.0.0.1:{port}", connect_timeout=0.3) as (ours, theirs):
        assert told(ours) == told(theirs)
        assert ours.taken == 1


# --- connecting and reading ---------------------------------------------------------------------------------------------


@contextmanager
def deaf() -> Iterator[str]:
    """The address of a port that neither accepts nor refuses: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_connect_timeout() -> None:
    with deaf() as url, both(url, connect_timeout=0.2) as (ours, theirs):
        found = told(ours)
        assert "Connect timeout" in str(found)
        assert found == told(theirs)
        assert ours.taken == 1


@pytest.mark.parametrize("fault", [silence(), drip(5), drip(5, head=True)], ids=lambda fault: fault.name)
def test_a_read_timeout(fault: Any) -> None:
    with FaultServer() as server:
        server.always(None, fault)
        with both(server.url, read_timeout=0.2) as (ours, theirs):
            found = told(ours)
            assert "Read timeout" in str(found)
            assert found == told(theirs)
            assert ours.taken == 1


def test_a_name_that_nobody_knows() -> None:
    with both("http://no-such-host.invalid") as (ours, theirs):
        assert told(ours) == told(theirs)
        assert ours.taken == 1


def test_there_are_no_more_connections_than_botocore_may_have() -> None:
    with RawServer(lambda *_: ANSWER) as server:
        aio = AsyncSageMaker(session=session(), endpoint_url=server.url, config=config(max_pool_connections=3))

        async def main() -> None:
            async with aio:
                await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(40)))

        asyncio.run(main())
        assert server.connections == 3
        assert len(server.requests) == aio._road.taken == 40


def test_tcp_keepalive(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    if "socket_factory" not in inspect.signature(aiohttp.TCPConnector).parameters:  # before aiohttp 3.12
        with both(server.url, tcp_keepalive=True) as (ours, _):
            assert len(requests(ours, server, monkeypatch)) == 2
            assert ours.taken == 0
        return
    aio = AsyncSageMaker(session=session(), endpoint_url=server.url, config=config(tcp_keepalive=True))

    async def main() -> bool:
        async with aio:
            await aio.endpoints.describe("e")
            (held,) = aio._road._wire[1]._loops.values()  # type: ignore[index,union-attr]
            (line,) = held._lines.all
            kept = line.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            return bool(kept)

    assert asyncio.run(main())
    assert aio._road.taken == 1


# --- what goes through threads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [{"proxy_use_forwarding_for_https": True}, {"proxy_client_cert": "certificate"}],
    ids=lambda each: next(iter(each)),
)
def test_settings_of_a_proxy_alone(
    settings: dict[str, Any], secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    if "proxy_client_cert" in settings:
        settings = {"proxy_client_cert": str(bundle)}
    options = {"proxies": {"https": f"http://127.0.0.1:{secure.port}"}, "proxies_config": settings}
    with both("https://127.0.0.1:44443", **options) as (ours, _):
        assert [request.split(b" ")[0] for request in requests(ours, secure, monkeypatch)] == [
            b"CONNECT",
            b"POST",
            b"POST",
        ]
        assert ours.taken == 0


@pytest.mark.parametrize("path", ["/a%20b/c d/", "/ä", "/?query=1"])
def test_a_path_that_aiohttp_would_write_in_another_way(
    path: str, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_still(monkeypatch)
    with both(f"{server.url}{path}") as (ours, theirs):
        assert requests(ours, server, monkeypatch) == requests(theirs, server, monkeypatch)
        assert ours.taken == 0


def test_a_path_that_it_writes_alike(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    with both(f"{server.url}/a-b/c-d.e/") as (ours, theirs):
        assert requests(ours, server, monkeypatch) == requests(theirs, server, monkeypatch)
        assert ours.taken == 2


def test_headers_that_are_not_ascii(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    with both(server.url, user_agent_extra="caf\xe9") as (ours, theirs):
        assert requests(ours, server, monkeypatch) == requests(theirs, server, monkeypatch)
        assert ours.taken == 0

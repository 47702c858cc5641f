"""The short way goes over botocore's own connections: proxies, TLS, the size of the pool, and threads."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import DescribeEndpointInput
from tests.support.certificates import certificate
from tests.support.raw import RawServer
from tests.wire.roads import config, made, session, stand_still, start_again, taken

ANSWER = b'{"EndpointName": "e"}'


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(lambda *_: ANSWER) as running:
        yield running


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(bundle: Path) -> Iterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    with RawServer(lambda *_: ANSWER, tls=context) as running:
        yield running


def both(url: str, **options: Any) -> tuple[SageMaker, SageMaker]:
    return made(url, short=True, **options), made(url, short=False, **options)


def requests(sm: SageMaker, server: RawServer, monkeypatch: pytest.MonkeyPatch, calls: int = 2) -> list[bytes]:
    start_again(monkeypatch)
    for _ in range(calls):
        assert sm.endpoints.describe("e").endpoint_name == "e"
    return server.taken()


# --- proxies ----------------------------------------------------------------------------------------------------------


def test_a_proxy_gets_what_botocore_sends_it(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    proxies = {"http": f"http://user:secret@127.0.0.1:{server.port}"}
    short, long = both("http://sagemaker.test", proxies=proxies)
    sent = requests(short, server, monkeypatch)
    assert sent[0].startswith(b"POST http://sagemaker.test/ HTTP/1.1\r\n")
    assert any(b"proxy-authorization" in line.lower() for line in sent[0].split(b"\r\n"))
    assert sent == requests(long, server, monkeypatch)
    assert (taken(short), taken(long)) == (2, 0)


def test_a_tunnel_through_a_proxy(secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    short, long = both("https://127.0.0.1:44443", proxies={"https": f"http://127.0.0.1:{secure.port}"})
    sent = requests(short, secure, monkeypatch)
    assert [request.split(b" ")[0] for request in sent] == [b"CONNECT", b"POST", b"POST"]
    assert sent == requests(long, secure, monkeypatch)
    assert taken(short) == 2


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://user:secret@127.0.0.1:9"])
def test_a_proxy_that_is_not_there(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    told = []
    for sm in both("https://sagemaker.test", proxies={"https": proxy}):
        with pytest.raises(errors.TransportError) as caught:
            sm.endpoints.describe("e")
        told.append((type(caught.value), str(caught.value).split("object at")[0]))
        assert "secret" not in str(caught.value)
    assert told[0] == told[1]


# --- TLS --------------------------------------------------------------------------------------------------------------


def test_a_private_authority(secure: RawServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    short, long = both(secure.url)
    assert requests(short, secure, monkeypatch) == requests(long, secure, monkeypatch)
    assert secure.connections == 2
    assert taken(short) == 2


def test_a_certificate_that_nobody_trusts(secure: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = stand_still(monkeypatch)
    told = []
    for sm in both(secure.url, attempts=2):
        start_again(monkeypatch)
        pauses.clear()
        with pytest.raises(errors.TransportError) as caught:
            sm.endpoints.describe("e")
        told.append((type(caught.value).__mro__[1:], str(caught.value), list(pauses)))
    assert told[0] == told[1]
    assert "certificate" in told[0][1].lower()
    assert secure.requests == []


# --- the pool ---------------------------------------------------------------------------------------------------------


def test_one_connection_serves_both_roads(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda *_: ANSWER) as server:
        sm = made(server.url, short=True)
        for number in range(6):
            sm.endpoints.describe("e")
            if number % 2:
                sm.boto3_client.describe_endpoint(EndpointName="e")
        assert server.connections <= 2  # the escape hatch may be another client than the one before it


def test_connections_that_somebody_has_closed_are_made_again(server: RawServer) -> None:
    sm = made(server.url, short=True)
    for _ in range(3):
        sm.endpoints.describe("e")
        sm._connection.client()._endpoint.http_session.close()
    assert taken(sm) == 3


def test_threads_share_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: str, body: bytes) -> bytes:
        return body  # the name that was asked for

    with RawServer(answer) as server:
        sm = SageMaker(session=session(), endpoint_url=server.url, config=config(max_pool_connections=4))
        with ThreadPoolExecutor(16) as pool:
            names = [f"endpoint-{number}" for number in range(800)]
            found = list(pool.map(lambda name: sm.endpoints.describe(name).endpoint_name, names))
        assert found == names
        assert len(server.requests) == 800
        assert taken(sm) > 700  # threads that count at once may lose one


def test_an_interrupt_is_not_taken_for_an_error(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sm = made(server.url, short=True, attempts=5)
    sm.endpoints.describe("e")
    pool = sm._connection._short._learned["DescribeEndpoint"].post._connected()  # type: ignore[union-attr]

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "urlopen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sm.endpoints.describe("e")


@pytest.mark.parametrize("timeout", [None, 60])
def test_closing_the_client_closes_its_connections(timeout: float | None) -> None:
    closed: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                received = b""
                while not received.endswith(b"}"):
                    received += connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER))
                closed.append(connection.recv(1))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        sm = made(f"http://127.0.0.1:{listener.getsockname()[1]}", short=True)
        sm.with_options(timeout=timeout).endpoints.describe("e")
        assert taken(sm) == 1
        sm.close()
        thread.join(20)
    assert closed == [b""]


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("timeout", [None, 60.0])
def test_a_closed_client_leaves_nothing_behind(server: RawServer, short: bool, timeout: float | None) -> None:
    """botocore makes a class with hundreds of methods for each client: whatever keeps one would grow for ever."""

    def called_and_closed() -> None:
        with made(server.url, short=short) as sm:
            for _ in range(3):
                sm.send(DescribeEndpointInput(endpoint_name="e"), timeout=timeout)

    called_and_closed()  # what is kept once and for all
    gc.collect()
    before = weakref.WeakSet(BaseClient.__subclasses__())
    called_and_closed()
    gc.collect()
    assert [cls for cls in BaseClient.__subclasses__() if cls not in before] == []

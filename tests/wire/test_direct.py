"""Over a connection that is open already, a request goes without the layers of urllib3, and nobody can tell."""

from __future__ import annotations

import http.client
import io
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse
from urllib3.util.timeout import Timeout

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.http import direct
from sagemaker_typed._core.http.direct import Direct
from sagemaker_typed.types import DescribeEndpointInput
from tests.support.raw import RawServer
from tests.wire.roads import made, stand_still, start_again, taken

ANSWER = b'{"EndpointName": "e"}'
DESCRIBE = DescribeEndpointInput(endpoint_name="e")


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(lambda *_: ANSWER) as running:
        yield running


@pytest.fixture
def layered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each request that went through urllib3."""
    counted: list[str] = []
    original = Direct._by_urllib3

    def counting(self: Direct, pool: Any, outgoing: Any) -> Any:
        counted.append(outgoing.url)
        return original(self, pool, outgoing)

    monkeypatch.setattr(Direct, "_by_urllib3", counting)
    return counted


def warm(server: RawServer, **options: Any) -> SageMaker:
    """A client whose connection is open, and was used."""
    sm = made(server.url, short=True, **options)
    for _ in range(2):
        sm.endpoints.describe("e")
    return sm


def test_it_is_taken_from_the_second_request_of_a_connection_on(server: RawServer, layered: list[str]) -> None:
    sm = made(server.url, short=True)
    for _ in range(5):
        sm.endpoints.describe("e")
        sm.send(DESCRIBE, timeout=60)
    assert layered == [f"{server.url}/"]
    assert taken(sm) == 10


def test_the_bytes_are_those_of_urllib3(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    for token in (None, "a-session-token"):
        sent = []
        for short in (True, False):
            sm = made(server.url, short=short, token=token)
            start_again(monkeypatch)
            server.taken()
            for name in ("e", "another", "ünicode"):
                sm.with_options(validation="off").endpoints.describe(name)
            sent.append(server.taken())
        assert sent[0] == sent[1]


def test_a_line_within_a_header_is_left_to_urllib3_which_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    with RawServer(lambda *_: ANSWER) as server:
        for short in (True, False):
            monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
            monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1")
            sm = made(server.url, short=short, token="token")
            sm.endpoints.describe("e")
            credentials: Any = sm._connection.client()._request_signer._credentials
            credentials.token = "token\r\nX-Evil: 1"
            with pytest.raises(Exception, match="header value") as caught:
                sm.endpoints.describe("e")
            told.append((type(caught.value), str(caught.value)))
            sm.close()
        assert not any(b"Evil" in request for request in server.requests)
    assert told[0] == told[1]


# --- who looks on -----------------------------------------------------------------------------------------------------

PATCHES = [
    (HTTPConnectionPool, "urlopen"),
    (HTTPConnectionPool, "_make_request"),
    (HTTPConnectionPool, "_get_conn"),
    (AWSHTTPConnectionPool, "urlopen"),
    (HTTPConnection, "request"),
    (AWSHTTPConnection, "request"),
    (AWSHTTPConnection, "getresponse"),
    (http.client.HTTPConnection, "putrequest"),
    (http.client.HTTPConnection, "putheader"),
    (http.client.HTTPConnection, "endheaders"),
    (http.client.HTTPConnection, "send"),
    (http.client.HTTPConnection, "getresponse"),
    (http.client.HTTPResponse, "begin"),
    (HTTPResponse, "stream"),
]


@pytest.mark.parametrize("bounded", [False, True], ids=["plain", "bounded"])
@pytest.mark.parametrize(("cls", "name"), PATCHES, ids=lambda each: getattr(each, "__name__", each))
def test_a_patched_method_sees_each_request(
    cls: Any, name: str, bounded: bool, server: RawServer, layered: list[str]
) -> None:
    seen: list[str] = []
    original = getattr(cls, name)

    def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(name)
        return original(self, *args, **kwargs)

    sm = warm(server)
    timeout = 60 if bounded else None
    layered.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cls, name, patched)
        sm.send(DESCRIBE, timeout=timeout)
        assert seen
    seen.clear()
    assert len(layered) == 1
    sm.send(DESCRIBE, timeout=timeout)
    assert not seen
    assert len(layered) == 1


# All that urllib3 and `http.client` call on the way of a request, by a reading of both.
ON_THE_WAY: dict[Any, str] = {
    AWSHTTPConnectionPool: "urlopen _make_request _get_conn _put_conn _new_conn _validate_conn _get_timeout",
    HTTPConnectionPool: "urlopen _make_request _get_conn _put_conn _new_conn _validate_conn _get_timeout",
    AWSHTTPConnection: "request putrequest putheader endheaders _send_output send getresponse close connect __init__",
    HTTPConnection: "request putrequest putheader endheaders _send_output send getresponse close connect set_tunnel __init__",
    http.client.HTTPConnection: "putrequest putheader endheaders _send_output send getresponse close connect _send_request",
    HTTPResponse: "__init__ read stream release_conn close",
    http.client.HTTPResponse: "__init__ begin _read_status read readinto close",
}


@pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, name) for cls, names in ON_THE_WAY.items() for name in names.split()],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_whoever_patches_any_of_them_looks_on(cls: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = AWSHTTPConnectionPool("127.0.0.1", 1)
    assert not direct.is_watched(pool)
    original = getattr(cls, name)
    with monkeypatch.context() as patch:
        patch.setattr(cls, name, lambda *args, **named: original(*args, **named))
        assert direct.is_watched(pool)
    assert not direct.is_watched(pool)


def ready(connection: Any, pool: Any, value: str = "1") -> Any:
    outgoing: Any = SimpleNamespace(headers={"User-Agent": "mine", "X-A": value}, body=b"{}")
    return Direct({"method": "POST", "url": "/"})._ready(connection, pool, outgoing)


@pytest.fixture
def opened() -> Iterator[tuple[Any, Any]]:
    """A connection with an open socket, and its pool."""
    pool = AWSHTTPConnectionPool("127.0.0.1", 80, timeout=Timeout(connect=3, read=7))
    connection = pool.ConnectionCls("127.0.0.1", 80)
    one, other = socket.socketpair()
    with one, other:
        connection.sock = one
        yield connection, pool


def test_a_request_over_an_open_connection_is_written_at_once(opened: Any) -> None:
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\nContent-Length: 2\r\n"
    written = head + b"User-Agent: mine\r\nX-A: 1\r\n\r\n{}"
    assert ready(*opened) == (written, 3, 7)


@pytest.mark.parametrize("name", [*ON_THE_WAY[AWSHTTPConnection].split(), "set_tunnel"])
def test_a_method_that_is_patched_on_a_connection_is_called(name: str, opened: Any) -> None:
    connection, pool = opened
    setattr(connection, name, getattr(connection, name))
    assert ready(connection, pool) is None


@pytest.mark.parametrize(
    ("of_connection", "of_pool", "is_ready"),
    [
        ({"sock": None}, {}, False),
        ({"sock": SimpleNamespace()}, {}, False),
        ({"debuglevel": 1}, {}, False),
        ({}, {"proxy": "http://p"}, False),
        ({"_tunnel_host": "h"}, {"proxy": "http://p"}, True),
        ({"_tunnel_host": "h"}, {}, True),
        ({}, {"timeout": Timeout(total=5)}, False),
        ({}, {"timeout": Timeout(connect=None, read=None)}, True),
        ({}, {"timeout": Timeout()}, False),  # the system's default, which is an object
        ({}, {"in_time": lambda *times: (*times[:1], "long")}, False),
        ({}, {"in_time": lambda *times: (1, 1)}, True),
    ],
)
def test_when_urllib3_has_to_send(of_connection: Any, of_pool: Any, is_ready: bool, opened: Any) -> None:
    for changed, values in zip(opened, (of_connection, of_pool), strict=True):
        for name, value in values.items():
            setattr(changed, name, value)
    assert (ready(*opened) is not None) is is_ready


def test_an_error_before_there_is_a_connection_is_said_in_urllib3s_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(HTTPConnectionPool):
        def _get_conn(self, timeout: float | None = None) -> Any:
            raise TimeoutError("no time is left to send")

    monkeypatch.setattr(direct, "_is_quiet", lambda pool: True)
    outgoing: Any = SimpleNamespace(headers={}, body=b"{}")
    with pytest.raises(ProtocolError, match="no time is left"):
        Direct({"method": "POST", "url": "/", "retries": False}).send(Late("127.0.0.1", 1), outgoing)


@pytest.mark.parametrize("value", ["a\r\nX-B: 1", "a\nb", "a\rb", "\u20ac"])
def test_a_header_that_urllib3_has_to_check(value: str, opened: Any) -> None:
    connection, pool = opened
    assert ready(connection, pool, value) is None


@pytest.mark.parametrize("name", ON_THE_WAY[HTTPConnectionPool].split())
def test_whoever_patches_one_pool_looks_on_at_it(name: str) -> None:
    pool, other = AWSHTTPConnectionPool("127.0.0.1", 1), AWSHTTPConnectionPool("127.0.0.1", 1)
    setattr(pool, name, lambda *_, **__: None)
    assert direct.is_watched(pool)
    assert not direct.is_watched(other)


def test_the_log_of_urllib3_tells_of_each_request(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    sm = warm(server)
    with caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
        sm.endpoints.describe("e")
    assert '"POST / HTTP/1.1" 200' in caplog.text


def test_http_client_prints_what_it_is_asked_to(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sm = warm(server)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    sm.endpoints.describe("e")
    assert "send: b'POST / HTTP/1.1" in capsys.readouterr().out


def test_a_name_that_this_urllib3_lacks_means_its_own_way(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, layered: list[str]
) -> None:
    def lacks(_: object) -> None:
        raise AttributeError("timeout")

    sm = warm(server)
    layered.clear()
    monkeypatch.setattr(direct, "_timeouts", lacks)
    assert sm.endpoints.describe("e").endpoint_name == "e"
    assert len(layered) == 1


# --- odd answers ------------------------------------------------------------------------------------------------------

PLAIN = b"HTTP/1.1 200 OK\r\nx-amzn-RequestId: 1\r\nContent-Length: %d\r\n\r\n%b"
BODY = b'{"EndpointName": "e", "EndpointArn": "arn"}'
WHOLE = PLAIN % (len(BODY), BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ODD: dict[str, list[bytes]] = {
    "plain": [WHOLE],
    "one byte at a time": [bytes([each]) for each in WHOLE],
    "the head in two pieces": [WHOLE[:30], WHOLE[30:]],
    "the body later": [WHOLE[: -len(BODY)], BODY[:9], BODY[9:]],
    "chunked": [CHUNKED + b"5\r\n", b'{"End\r\n', b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY) - 5, BODY[5:])],
    "continued": [b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE],
    "continued in one piece": [b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE],
    "an old protocol": [WHOLE.replace(b"1.1", b"1.0")],
    "no reason": [WHOLE.replace(b" OK", b"")],
    "about to close": [WHOLE.replace(b"x-amzn", b"Connection: close\r\nx-amzn")],
    "kept alive": [WHOLE.replace(b"x-amzn", b"Connection: Keep-Alive\r\nx-amzn")],
    "without a length": [WHOLE.replace(b"Content-Length", b"Content-Depth")],
    "a header twice": [WHOLE.replace(b"x-amzn", b"X-A: 1\r\nx-a: 2\r\nx-amzn")],
    "a folded header": [WHOLE.replace(b"x-amzn", b"X-A: 1\r\n  2\r\nx-amzn")],
    "no space and many": [WHOLE.replace(b"x-amzn", b"X-A:1\r\nX-B: \t 2 \t\r\nX-C:\r\nx-amzn")],
    "bare line ends": [WHOLE.replace(b"\r\n", b"\n")],
    "a broken header": [WHOLE.replace(b"x-amzn", b"nonsense\r\nx-amzn")],
    "latin-1": [WHOLE.replace(b"x-amzn", b"X-A: caf\xe9\r\nx-amzn")],
    "a hundred headers": [WHOLE.replace(b"x-amzn", b"".join(b"X-%d: 1\r\n" % each for each in range(120)) + b"x-amzn")],
    "nothing at all": [],
    "half a head": [WHOLE[:40]],
    "half a body": [WHOLE[:-9]],
    "more than a body": [WHOLE + b"garbage"],
    "garbage": [b"garbage\r\n\r\n"],
    "two lengths": [WHOLE.replace(b"x-amzn", b"Content-Length: 3\r\nx-amzn")],
    "a length of words": [WHOLE.replace(b"Content-Length: ", b"Content-Length: x")],
    "no content": [b"HTTP/1.1 204 No Content\r\nx-amzn-RequestId: 1\r\n\r\n"],
    "moved": [b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"],
    "an error": [b"HTTP/1.1 400 Bad\r\nContent-Length: 40\r\n\r\n" + b'{"__type": "ValidationException"}'.ljust(40)],
    "a fault": [b"HTTP/1.1 503 Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"],
}  # fmt: skip


class Script:
    """Answers the first request of a connection plainly, and the second with given pieces; then it closes the connection."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.requests: list[bytes] = []
        self.closed = threading.Semaphore(0)
        """Released for each connection that was closed."""

    def __enter__(self) -> Script:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            for pieces in ([WHOLE], self.pieces):
                received = b""
                while not received.endswith(b"}"):
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    received += piece
                self.requests.append(received)
                for each in pieces:
                    connection.sendall(each)
            connection.shutdown(socket.SHUT_WR)
            self.closed.release()
            connection.recv(1)


@pytest.mark.parametrize("send", ["plain", "bounded"])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_read_as_urllib3_reads_it(name: str, send: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    told = []
    for short in (True, False):
        with Script(ODD[name]) as script:
            sm = made(script.url, short=short)
            start_again(monkeypatch)
            sm.endpoints.describe("e")
            timeout = 60 if send == "bounded" else None
            told.append((seen(partial(sm.send, DESCRIBE, timeout=timeout)), script.requests))
            assert taken(sm) == (2 if short else 0)
    assert told[0][0] == told[1][0]
    # urllib3 sends the head first; the server may hang up before the body has come.
    assert [_lasting(each) for each in told[0][1]] == [_lasting(each) for each in told[1][1]]


def _lasting(request: bytes) -> list[bytes]:
    return [line for line in request.split(b"\r\n") if not line.startswith((b"Host:", b"Authorization:"))]


def seen(call: Callable[[], Any]) -> list[str]:
    try:
        found = call()
    except errors.SageMakerError as error:
        chain: list[str] = []
        at: BaseException | None = error
        while at is not None:
            chain.append(f"{type(at).__name__}: {at}".split("object at")[0].split("127.0.0.1:")[0])
            at = at.__cause__
        return chain
    metadata = found.response_metadata
    return [repr(found), repr(metadata.http_headers), repr(metadata.http_status_code), repr(metadata.request_id)]


HTTP = b"HTTP/1.1 200 OK\r\n%bContent-Length: 5\r\n\r\n"


def numbered(count: int) -> bytes:
    return b"".join(b"X-%d: 1\r\n" % number for number in range(count))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HTTP % b"", (200, {"Content-Length": "5"}, 5)),
        (HTTP % b"X-A:caf\xe9\r\nX-B: \t 2 \r\n", (200, {"X-A": "caf\xe9", "X-B": "2 ", "Content-Length": "5"}, 5)),
        (HTTP % b"Connection: Keep-Alive\r\n", (200, {"Connection": "Keep-Alive", "Content-Length": "5"}, 5)),
        (HTTP.replace(b" OK", b"") % b"", (200, {"Content-Length": "5"}, 5)),
        (HTTP.replace(b"200", b"299") % b"", (299, {"Content-Length": "5"}, 5)),
        (HTTP.replace(b"200", b"400") % b"", (400, {"Content-Length": "5"}, 5)),
        (HTTP.replace(b"200", b"599") % b"", (599, {"Content-Length": "5"}, 5)),
        (HTTP.replace(b": 5", b": 0") % b"", (200, {"Content-Length": "0"}, 0)),
        (HTTP.replace(b": 5", b": 12345") % b"", (200, {"Content-Length": "12345"}, 12345)),
        (HTTP.replace(b"200", b"300") % b"", None),
        (HTTP.replace(b"200", b"399") % b"", None),
        (HTTP.replace(b"200", b"204") % b"", None),
        (HTTP.replace(b"200", b"304") % b"", None),
        (HTTP % b"Connection: close\r\n", None),
        (HTTP % b"Connection: upgrade\r\n", None),
        (HTTP % b"Transfer-Encoding: chunked\r\n", None),
        (HTTP % b"transfer-encoding: identity\r\n", None),
        (HTTP % b"X-A: 1\r\nX-A: 1\r\n", None),
        (HTTP % b"X-A: 1\r\nx-a: 2\r\n", None),
        (HTTP % b"content-length: 5\r\n", None),
        (HTTP.replace(b"Length", b"Depth") % b"", None),
        (HTTP.replace(b": 5", b":") % b"", None),
        (HTTP.replace(b": 5", b": -5") % b"", None),
        (HTTP.replace(b": 5", b": 5 ") % b"", None),
        (HTTP.replace(b": 5", b": \xb2") % b"", None),
        (HTTP.replace(b": 5", b": x") % b"", None),
        (HTTP.replace(b": 5", b": " + b"9" * 5000) % b"", None),
        (HTTP % numbered(1000), None),
    ],
)
def test_which_heads_are_plain(head: bytes, said: Any) -> None:
    match = direct.HEAD.match(head + b"body")
    assert match is not None
    found = direct.told(match)
    assert found == (None if said is None else (said[0], said[1], len(head), len(head) + said[2]))


@pytest.mark.parametrize("count", [97, 98, 99, 100])
def test_as_many_headers_as_http_client_reads(count: int) -> None:
    head = HTTP % numbered(count)
    match = direct.HEAD.match(head)
    assert match is not None
    found = direct.told(match)
    try:
        read = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2]))
    except http.client.HTTPException:
        assert found is None
    else:
        assert found is not None
        assert len(found.headers) == len(read) == count + 1


@pytest.mark.parametrize(
    "head",
    [
        HTTP.replace(b"1.1", b"1.0") % b"", HTTP.replace(b"200", b"100") % b"", HTTP.replace(b"200", b"2000") % b"",
        HTTP % b"nonsense\r\n", HTTP % b" X-A: 1\r\n", HTTP % b"X A: 1\r\n", HTTP % b"X-A: 1\r\n 2\r\n", HTTP % b"X-A: 1\n",
        HTTP % b": 1\r\n", (HTTP % b"").replace(b"\r\n", b"\n"), b"\r\n" + HTTP % b"", b"", HTTP[:-1] % b"",
    ],
)  # fmt: skip
def test_which_heads_are_left_to_urllib3(head: bytes) -> None:
    assert direct.HEAD.match(head) is None


class Pieces:
    """A socket that has these pieces, and then its end."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [*pieces]

    def recv(self, most: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        assert len(piece) <= most
        return piece


@pytest.mark.parametrize(
    ("pieces", "read"),
    [
        ([HTTP % b"" + b"hello"], True),
        ([HTTP % b"", b"he", b"llo"], True),
        ([*(bytes([byte]) for byte in HTTP[:7]), HTTP[7:] % b"" + b"hel", b"lo"], True),
        ([*(bytes([byte]) for byte in HTTP[:8]), HTTP[8:] % b"" + b"hello"], False),  # it would take too long
        ([HTTP % b"" + b"hello!"], False),
        ([HTTP % b"" + b"hell"], False),
        ([HTTP % b""], False),
        ([HTTP[:20]], False),
        ([], False),
    ],
)
def test_a_response_in_pieces(pieces: list[bytes], read: bool) -> None:
    received = bytearray()
    came = direct._read(Pieces(*pieces), received)
    assert came == ((200, {"Content-Length": "5"}, b"hello") if read else None)
    assert b"".join(pieces).startswith(received)  # urllib3 begins with that
    if not read:
        assert len(received) == len(b"".join(pieces[:8]))


AUDITED: list[Any] = []
"""What the interpreter told an audit hook, which cannot be taken away again, while `None` is the first item."""


def audit(event: str, args: Any) -> None:
    if event == "http.client.send" and AUDITED:
        AUDITED.append(args[1] if isinstance(args[1], bytes) else None)


def test_an_audit_hook_hears_of_what_is_sent(server: RawServer) -> None:
    sys.addaudithook(audit)
    heard = []
    for short in (True, False):
        sm = made(server.url, short=short)
        for _ in range(2):  # what a request looks like is learned at the second one
            sm.endpoints.describe("e")
        AUDITED.append(None)
        sm.endpoints.describe("e")
        heard.append(b"".join(AUDITED[1:]))
        AUDITED.clear()
    assert [_lasting(sent)[0] for sent in heard] == [b"POST / HTTP/1.1"] * 2
    assert [sent.partition(b"\r\n\r\n")[2] for sent in heard] == [b'{"EndpointName": "e"}'] * 2


def test_sending_may_take_as_long_as_connecting_and_each_read_its_own_time(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sm, set_timeout, times = warm(server, connect_timeout=3, read_timeout=7), direct._set_timeout, list[Any]()

    def seen(sock: Any, seconds: float | None) -> None:
        set_timeout(sock, seconds)
        times.append(sock.gettimeout())

    monkeypatch.setattr(direct, "_set_timeout", seen)
    sm.endpoints.describe("e")
    assert times == [3.0, 7.0]


def test_urllib3_counts_each_request(server: RawServer) -> None:
    counts = []
    for short in (True, False):
        sm = made(server.url, short=short)
        for _ in range(4):
            sm.endpoints.describe("e")
        pool = sm._connection.client()._endpoint.http_session._manager.connection_from_url(server.url)
        counts.append(pool.num_requests)
    assert counts == [4, 4]


def test_connections_that_the_service_has_closed_are_made_again(layered: list[str]) -> None:
    with Script([WHOLE]) as script:
        sm = made(script.url, short=True)
        for number in range(6):
            sm.endpoints.describe("e")
            assert number % 2 == 0 or script.closed.acquire(timeout=20)
        assert len(script.requests) == 6
        assert len(layered) == 3


def test_an_interrupt_closes_the_connection(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sm = warm(server)
    connections = server.connections

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sagemaker_typed._core.http.direct._read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sm.endpoints.describe("e")
    for _ in range(2):
        assert sm.endpoints.describe("e").endpoint_name == "e"
    assert server.connections == connections + 1

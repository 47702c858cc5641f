"""Plain answers are read from aiohttp's connections without its layers; odd ones are left to it, on the same connection."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import enumerate as threads_alive
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed import AsyncSageMaker, errors
from sagemaker_typed.types import DescribeEndpointInput
from tests.contract import model
from tests.support.certificates import certificate
from tests.support.faults import Fault, FaultServer, Wire, answer, cut_off, drip, late, silence
from tests.support.raw import RawServer

aiohttp: Any = pytest.importorskip("aiohttp")

Loops = Callable[[], asyncio.AbstractEventLoop] | None
REQUEST = DescribeEndpointInput(endpoint_name="e")
ANSWER = {"EndpointName": "e", "EndpointArn": "arn", "EndpointStatus": "InService"}
BODY = b'{"EndpointName": "e"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)


@pytest.fixture(autouse=True, params=["asyncio", "uvloop"])
def loops(request: pytest.FixtureRequest) -> Loops:
    factory: Loops = pytest.importorskip("uvloop").new_event_loop if request.param == "uvloop" else None
    return factory


def run(main: Any, loops: Loops) -> None:
    with asyncio.Runner(loop_factory=loops) as runner:
        runner.run(main())


def plain(*extra: bytes) -> bytes:
    return HEAD + b"".join(extra) + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


def sends(*pieces: bytes, keeps: bool = True, seconds: float = 0.0) -> Fault:
    """An answer in pieces, between which there is time for each to be read."""

    def play(wire: Wire) -> None:
        for piece in pieces:
            wire.send(piece)
            wire.rest(seconds or 0.02)
        wire.keeps = keeps

    return Fault("sends", play)


def connections() -> int:
    return sum(thread.name == "faults-connection" for thread in threads_alive())


def lines_of(aio: AsyncSageMaker) -> Any:
    (held,) = aio._road._wire[1]._loops.values()  # type: ignore[index,union-attr]
    return held._lines


@asynccontextmanager
async def ready(faults: FaultServer, host: str = "127.0.0.1", **options: Any) -> AsyncIterator[AsyncSageMaker]:
    """A client that has made a call."""
    faults.always(None, answer(ANSWER))
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, **options)
    url = faults.url.replace("127.0.0.1", host)
    made = AsyncSageMaker(session=model.session(), endpoint_url=url, config=config, validation="off")
    async with made as aio:
        await described(aio)
        yield aio


async def described(aio: AsyncSageMaker) -> None:
    assert (await aio.send(REQUEST)).endpoint_name == "e"


class Asked:
    """Counts the requests that aiohttp's layers make or read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        exchanged: Any = None
        from sagemaker_typed._core.http.aiowire import OnLoop

        exchanged = OnLoop._exchanged

        async def counted(on_loop: Any, *args: Any) -> Any:
            self.count += 1
            return await exchanged(on_loop, *args)

        monkeypatch.setattr(OnLoop, "_exchanged", counted)


def test_plain_answers_need_none_of_aiohttps_layers(
    faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        asked = Asked(monkeypatch)
        async with ready(faults) as aio:
            for _ in range(3):
                await described(aio)
            assert (asked.count, connections()) == (0, 1)
            await asyncio.gather(*(described(aio) for _ in range(10)))
            assert asked.count == 0
            assert len(lines_of(aio).all) == connections() <= 10

    run(main, loops)


PLAIN = {
    "in three pieces": (plain()[:30], plain()[30:-5], plain()[-5:]),
    "with the end of the head alone": (plain()[: -len(BODY) - 2], plain()[-len(BODY) - 2 :]),
}


@pytest.mark.parametrize("pieces", PLAIN.values(), ids=PLAIN)
def test_an_answer_in_pieces(
    pieces: tuple[bytes, ...], faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        asked = Asked(monkeypatch)
        async with ready(faults) as aio:
            faults.script(None, sends(*pieces))
            await described(aio)
            await described(aio)
            assert (asked.count, connections()) == (0, 1)

    run(main, loops)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ODD = {
    "chunked": (CHUNKED,),
    "chunked, in pieces": (CHUNKED[:100], CHUNKED[100:-9], CHUNKED[-9:]),
    "after a 100": (CONTINUE, plain()),
    "after a 100, at once": (CONTINUE + plain(),),
    "a header twice": (plain(b"X-A: 1\r\n", b"X-A: 2\r\n"),),
    "an old HTTP": (plain(b"Connection: keep-alive\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"),),
}


@pytest.mark.parametrize("pieces", ODD.values(), ids=ODD)
def test_an_odd_answer_is_aiohttps_and_the_connection_stays(
    pieces: tuple[bytes, ...], faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        asked = Asked(monkeypatch)
        async with ready(faults) as aio:
            for round_ in range(1, 4):
                faults.script(None, sends(*pieces))
                await described(aio)
                assert asked.count == round_
                await described(aio)
            assert asked.count == 3
            assert connections() == 1
            assert len(faults.operations) == 7  # no request was sent twice

    run(main, loops)


@pytest.mark.parametrize("last", [plain(b"Connection: close\r\n"), HEAD + b"\r\n" + BODY], ids=["said", "unframed"])
def test_a_connection_that_the_answer_ends(last: bytes, faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            faults.script(None, sends(last, keeps=False))
            await described(aio)
            await described(aio)
            assert len(faults.operations) == 3

    run(main, loops)


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], ids=["closed", "unasked"])
def test_what_comes_unasked_is_no_answer_to_the_next_request(after: bytes, faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            faults.script(None, sends(plain(), after, keeps=False) if after else sends(plain(), keeps=False))
            await described(aio)
            await asyncio.sleep(0.2)
            assert not lines_of(aio).all
            await described(aio)
            assert len(faults.operations) == 3

    run(main, loops)


def test_more_than_the_length_says_ends_the_connection(faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            faults.script(None, sends(plain() + b"HTTP/1.1 200 OK\r\n"))
            await described(aio)
            await described(aio)

    run(main, loops)


# --- time -------------------------------------------------------------------------------------------------------------


def test_silence_ends_a_request_and_its_connection_alone(faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults, read_timeout=1) as aio:
            faults.script(None, silence(), late(0.6, answer(ANSWER)))
            silent = asyncio.create_task(aio.send(REQUEST))
            while len(faults.operations) < 2:
                await asyncio.sleep(0.01)
            await described(aio)
            with pytest.raises(errors.TransportError, match="Read timeout"):
                await silent
            assert len(lines_of(aio).all) == 1
            await described(aio)

    run(main, loops)


def test_bytes_that_drip_are_no_silence(faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults, read_timeout=1) as aio:
            faults.script(None, sends(*(plain()[at : at + 7] for at in range(0, len(plain()), 7)), seconds=0.09))
            await described(aio)  # takes longer than the service may be silent
            faults.script(None, drip(0.08, ANSWER))
            with pytest.raises(errors.CallTimeoutError):
                await aio.send(REQUEST, timeout=0.5)
            assert not lines_of(aio).all

    run(main, loops)


def test_a_cancelled_call_closes_its_connection_in_each_stage(faults: FaultServer, loops: Loops) -> None:
    stages = {
        "nothing came": silence(),
        "half came": sends(plain()[:-5], plain()[-5:], seconds=20.0),
        "aiohttp reads": sends(CHUNKED[:-12], CHUNKED[-12:], seconds=20.0),
        "handed over": cut_off(),
    }

    async def main() -> None:
        async with ready(faults) as aio:
            for fault in stages.values():
                for pause in (0.0, 0.05):
                    faults.clear()
                    faults.always(None, fault)  # a request of the stage before may come late, and takes one too
                    with pytest.raises((TimeoutError, errors.TransportError)):
                        async with asyncio.timeout(pause or 0.0005):
                            await aio.send(REQUEST)
                    faults.clear()
                    faults.always(None, answer(ANSWER))
                    await described(aio)
            while connections() > 1:
                await asyncio.sleep(0.01)
            assert len(asyncio.all_tasks()) == 1

    run(main, loops)


# --- who looks on -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "method"),
    [
        ("ClientSession", "_request"),
        ("ClientRequest", "send"),
        ("TCPConnector", "connect"),
        ("ClientResponse", "start"),
    ],
)
def test_a_patch_of_aiohttp_sees_each_request(
    of: str, method: str, faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    cls = getattr(aiohttp, of)
    original: Any = getattr(cls, method)

    async def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(method)
        return await original(self, *args, **kwargs)

    async def main() -> None:
        async with ready(faults) as aio:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(cls, method, patched)
                for _ in range(2):
                    await described(aio)
                assert seen == [method] * 2
            await described(aio)
            assert seen == [method] * 2
            assert connections() == 1

    run(main, loops)


def test_a_session_whose_making_is_patched_sees_each_request(
    faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    original = aiohttp.ClientSession.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        request = self._request

        async def noted(method: str, *args: Any, **kwargs: Any) -> Any:
            seen.append(method)
            return await request(method, *args, **kwargs)

        object.__setattr__(self, "_request", noted)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", init)

    async def main() -> None:
        async with ready(faults) as aio:
            await described(aio)
        assert seen == ["POST"] * 2

    run(main, loops)


def test_a_trace_that_every_session_gets_sees_each_request(
    faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As OpenTelemetry puts it there."""
    seen: list[str] = []
    original = aiohttp.ClientSession.__init__

    async def started(*_: Any) -> None:
        seen.append("started")

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(started)
        original(self, *args, trace_configs=[trace], **kwargs)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", init)

    async def main() -> None:
        async with ready(faults) as aio:
            await described(aio)
        assert seen == ["started"] * 2

    run(main, loops)


# --- connections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 100_000], ids=["over a line", "by aiohttp"])
def test_a_redirect_is_not_followed(size: int, faults: FaultServer, loops: Loops) -> None:
    async def main(other: FaultServer) -> None:
        async with ready(faults) as aio:
            faults.script(None, answer(b"", status=307, headers={"Location": other.url}))
            with pytest.raises(errors.TransportError, match="HTTP 307"):
                await aio.send(DescribeEndpointInput(endpoint_name="e" * size))
            assert (len(faults.operations), other.operations) == (2, [])

    with FaultServer() as other:
        run(lambda: main(other), loops)


@pytest.mark.parametrize("size", [1, 100_000], ids=["over a line", "by aiohttp"])
def test_what_botocore_does_not_interpret(size: int, faults: FaultServer, loops: Loops) -> None:
    request = DescribeEndpointInput(endpoint_name="e" * size)

    async def main() -> None:
        async with ready(faults, "localhost") as aio:  # aiohttp keeps no cookies of addresses
            faults.script(None, answer(ANSWER, headers={"Set-Cookie": "a=1", "X-Long": "x" * 60_000}))
            metadata = (await aio.send(request)).response_metadata
            assert metadata is not None
            assert len(metadata.http_headers["x-long"]) == 60_000
            faults.script(None, answer(gzip.compress(BODY), headers={"Content-Encoding": "gzip"}))
            with pytest.raises(errors.TransportError, match="not JSON"):
                await aio.send(request)
            assert not any("cookie" in heard.headers for heard in faults.heard)

    run(main, loops)


def test_requests_follow_a_new_route(faults: FaultServer, loops: Loops) -> None:
    async def main(other: FaultServer) -> None:
        async with ready(faults) as aio:
            routes = aio._road._routes
            learned, route = routes["DescribeEndpoint"]
            assert route is not None
            elsewhere = route._replace(url=route.url.with_port(int(other.url.rpartition(":")[2])))
            for chosen, counts in ((elsewhere, (1, 1)), (elsewhere, (1, 2)), (route, (2, 2))):
                routes["DescribeEndpoint"] = (learned, chosen)
                await described(aio)
                assert (len(faults.operations), len(other.operations)) == counts

    with FaultServer() as other:
        other.always(None, answer(ANSWER))
        run(lambda: main(other), loops)


def test_a_route_holds_for_what_was_learned(faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            road = aio._road
            learned, route = road._routes["DescribeEndpoint"]
            assert road._wire is not None
            client, wire = road._wire
            assert wire is not None
            assert road._make_wire(client) is wire is road._wire_of(client, makes=False)
            assert road._wire_of(object(), makes=False) is None
            assert road._route("DescribeEndpoint", learned, wire, makes=False) is route
            again = learned._replace(token=object())
            assert road._route("DescribeEndpoint", again, wire, makes=False) is None
            for lacking in (again._replace(post=None), again._replace(lane=None)):
                assert road._route("DescribeEndpoint", lacking, wire, makes=True) is None
            assert road._routes["DescribeEndpoint"] == (learned, route)
            made = road._route("DescribeEndpoint", again, wire, makes=True)
            assert made is not None
            assert made is not route
            assert road._routes["DescribeEndpoint"] == (again, made)

    run(main, loops)


# uvloop warns of what aiohttp 3.10 leaves of the connection to the proxy once it is a tunnel.
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::ResourceWarning")
def test_over_tls_and_through_a_tunnel(tmp_path: Path, loops: Loops, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    async def main(server: RawServer, url: str, **options: Any) -> None:
        asked = Asked(monkeypatch)
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, **options)
        made = AsyncSageMaker(session=model.session(), endpoint_url=url, config=config, validation="off")
        before = server.connections
        async with made as aio:
            for _ in range(3):
                await described(aio)
            assert asked.count == 0
            assert len(lines_of(aio).all) == server.connections - before == 1
            (_, route), *_ = aio._road._routes.values()
            assert route is not None
            assert route.tunnels is ("proxies" in options)

    with RawServer(lambda *_: BODY, tls=context) as server:
        run(lambda: main(server, server.url), loops)
        proxies = {"https": f"http://127.0.0.1:{server.port}"}
        run(lambda: main(server, "https://127.0.0.1:44443", proxies=proxies), loops)


def test_a_large_request_takes_a_connection_that_waits(
    faults: FaultServer, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        asked = Asked(monkeypatch)
        async with ready(faults) as aio:
            for expected in (1, 2):
                large = DescribeEndpointInput(endpoint_name="e" * 100_000)
                assert (await aio.send(large)).endpoint_name == "e"
                await described(aio)
                assert (asked.count, connections()) == (expected, 1)

    run(main, loops)


def test_an_end_with_calls_under_way(faults: FaultServer, loops: Loops) -> None:
    async def main() -> None:
        async with ready(faults) as aio:
            faults.script(None, late(0.1, answer(ANSWER)))
            call = asyncio.create_task(aio.send(REQUEST))
            while len(faults.operations) < 2:
                await asyncio.sleep(0.01)
        assert (await call).endpoint_name == "e"

    run(main, loops)
    for thread in threads_alive():
        if thread.name == "faults-connection":
            thread.join(5)
    assert connections() == 0

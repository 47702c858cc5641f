"""When a call goes over aiohttp, and when it goes through botocore in a thread, so that whoever listens hears of it."""

from __future__ import annotations

import asyncio
import logging
import select
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError
from botocore.history import get_global_history_recorder
from botocore.stub import Stubber
from urllib3.connectionpool import HTTPConnectionPool

from sagemaker_typed import AsyncSageMaker, errors, from_boto3
from sagemaker_typed.types import CreateModelInput, DescribeEndpointInput
from tests.aio.test_loops import LONGEST_PAUSE_SECONDS, Heartbeat
from tests.contract import model
from tests.support.faults import (
    Fault,
    FaultServer,
    Wire,
    answer,
    hung_up,
    server_error,
    service_error,
    silence,
    throttled,
)
from tests.support.model_server import ModelServer
from tests.wire.roads import config

pytest.importorskip("aiohttp")
REQUEST = DescribeEndpointInput(endpoint_name="e")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)


def client(url: str, **options: Any) -> AsyncSageMaker:
    return AsyncSageMaker(session=model.session(), endpoint_url=url, validation="off", **options)


def describes(aio: AsyncSageMaker, times: int = 1) -> int:
    """Make some calls on a loop of their own; return how many of them went over aiohttp."""

    async def main() -> None:
        for _ in range(times):
            assert (await aio.endpoints.describe("e")).endpoint_name

    before = aio._road.taken
    asyncio.run(main())
    return aio._road.taken - before


# --- who listens ------------------------------------------------------------------------------------------------------


def test_all_calls_go_over_aiohttp_where_nobody_listens(server: ModelServer) -> None:
    async def main() -> int:
        async with client(server.url) as aio:
            await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(100)))
            await aio.models.list().first()
            await aio.send(CreateModelInput(model_name="m"), timeout=30, retries=1)
            await aio.compilation_jobs.describe("j")
            return aio._road.taken

    assert asyncio.run(main()) == 103 == len(server.requests)


def test_an_operation_that_was_called_before_needs_no_thread(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> list[int]:
        async with client(server.url) as aio:
            threads = aio._road.threads
            through, run = list[object](), threads.run

            def counting(work: Any, **options: Any) -> Any:
                through.append(work)
                return run(work, **options)

            monkeypatch.setattr(threads, "run", counting)
            counts = []
            for call in (aio.endpoints.describe, aio.endpoints.describe, aio.models.describe, aio.models.describe):
                await call("n")
                counts.append(len(through))
                through.clear()
            return counts

    # The first call of an operation is begun in a thread, which also reads its answer.
    assert asyncio.run(main()) == [2, 0, 2, 0]


LARGE = 1 << 18
"""The bytes from which on a thread reads an answer."""


def sized(size: int) -> Fault:
    body = b'{"EndpointName": "%b"}'
    return answer(body % (b"e" * (size - len(body % b""))))


def closing(fault: Fault) -> Fault:
    """The same answer, after which the service closes the connection."""

    def play(wire: Wire) -> None:
        fault.play(wire)
        wire.keeps = False

    return Fault("closing", play)


@pytest.mark.parametrize("bound", [{}, {"timeout": 60}, {"retries": 1}], ids=str)
@pytest.mark.parametrize(
    ("came", "threads"),
    [
        ([sized(100)], 0),
        ([sized(LARGE - 1)], 0),
        ([sized(LARGE)], 2),  # which parses it, and makes the response of it
        ([answer({"EndpointName": "e"}, status=299)], 0),
        ([answer({"EndpointName": "e"}, status=300)], 1),
        ([service_error("ValidationException")], 1),
        ([service_error("ValidationException", "n" * LARGE)], 1),
        ([throttled(), sized(100)], 2),  # what reads the error, and what signs again
        ([hung_up(), sized(100)], 2),
    ],
    ids=["small", "rather large", "large", "299", "300", "error", "large error", "throttled", "hung up"],
)
def test_what_takes_long_is_done_in_threads_and_nothing_else(
    came: list[Fault], threads: int, bound: dict[str, Any], faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with client(faults.url, config=config(attempts=2)) as aio:
            faults.script(None, answer({"EndpointName": "e"}), *came)
            await aio.send(REQUEST)
            through, run, sleep = list[object](), aio._road.threads.run, asyncio.sleep

            def counting(work: Any, **options: Any) -> Any:
                through.append(work)
                return run(work, **options)

            monkeypatch.setattr(aio._road.threads, "run", counting)
            monkeypatch.setattr(asyncio, "sleep", lambda _: sleep(0))
            try:
                await aio.send(REQUEST, **bound)
            except (errors.ApiError, errors.TransportError):
                assert threads == 1
            assert len(through) == threads
            assert aio._road.taken == 2
            assert len(faults.operations) == 1 + len(came)

    asyncio.run(main())


def test_a_call_that_no_thread_has_begun_before_is_begun_in_one(server: ModelServer) -> None:
    """The first call of an operation, and requests that are none."""

    async def main() -> None:
        async with client(server.url) as aio:
            wrong: Any
            for wrong in ("no request", None, DescribeEndpointInput):
                with pytest.raises(TypeError, match="send takes a request object"):
                    await aio.send(wrong)
            await aio.endpoints.describe("e")
            assert aio._road.known == {"DescribeEndpoint"}
            assert aio._road.taken == 1

    asyncio.run(main())


def test_connections_that_were_closed_meanwhile_are_not_used(
    faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while without a call, the loop runs before the next one, so that it hears of what was closed."""
    monkeypatch.setattr("sagemaker_typed._core.http.aiowire._ASLEEP", -1.0)

    async def main() -> None:
        async with client(faults.url) as aio:
            faults.always(None, closing(sized(100)))
            for _ in range(5):
                assert await aio.send(REQUEST, retries=0)
                wire: Any = aio._road._wire
                (held,) = wire[1]._loops.values()
                for line in held._lines.all:  # the loop stands still until the end has come
                    assert select.select([line.transport.get_extra_info("socket").fileno()], [], [], 20)[0]

    asyncio.run(main())
    assert len(faults.operations) == 5


@pytest.mark.parametrize(
    "event", ["provide-client-params", "before-call", "before-sign", "before-send", "response-received", "after-call"]
)
def test_hooks_hear_of_each_call_while_they_are_registered(event: str, server: ModelServer) -> None:
    aio = client(server.url)
    assert describes(aio) == 1
    heard: list[str] = []

    def listen(**_: Any) -> None:
        heard.append(threading.current_thread().name)

    events = aio.boto3_client.meta.events
    events.register(f"{event}.sagemaker", listen)
    assert describes(aio, 2) == 0
    assert heard == ["sagemaker_typed"] * 2
    events.unregister(f"{event}.sagemaker", listen)
    assert describes(aio, 2) == 2
    assert len(heard) == 2
    asyncio.run(aio.close())


def test_a_stub_answers(server: ModelServer) -> None:
    aio = client(server.url)
    describes(aio)
    response = {"EndpointName": "stubbed", "EndpointArn": "a" * 20, "EndpointStatus": "InService"}
    times = dict.fromkeys(("CreationTime", "LastModifiedTime"), 0)
    with Stubber(aio.boto3_client) as stub:
        stub.add_response("describe_endpoint", {**response, **times})
        assert asyncio.run(aio.endpoints.describe("e")).endpoint_name == "stubbed"
    assert len(server.requests) == 1
    asyncio.run(aio.close())


def test_patches_of_botocore_and_of_urllib3_see_the_calls(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    aio = client(server.url)
    for cls, name in ((BaseClient, "_make_api_call"), (HTTPConnectionPool, "urlopen")):
        assert describes(aio) == 1
        seen: list[Any] = []
        original = getattr(cls, name)

        def patched(self: Any, *args: Any, seen: list[Any] = seen, original: Any = original, **kwargs: Any) -> Any:
            seen.append(self)
            return original(self, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(cls, name, patched)
            assert describes(aio, 2) == 0
        assert len(seen) == 2
    asyncio.run(aio.close())


def test_botocores_debug_log_and_its_recorder(server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    aio = client(server.url)
    assert describes(aio) == 1
    with caplog.at_level(logging.DEBUG, "botocore.endpoint"):
        assert describes(aio) == 0
    assert any("Sending http request" in each.message for each in caplog.records)
    recorder = get_global_history_recorder()
    recorder.enable()
    try:
        assert describes(aio) == 0
    finally:
        recorder.disable()
    assert describes(aio) == 1
    asyncio.run(aio.close())


def test_urllib3s_debug_log(server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    aio = client(server.url)
    assert describes(aio) == 1
    with caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
        assert describes(aio) == 0
    assert any("POST / HTTP/1.1" in each.getMessage() for each in caplog.records)
    assert describes(aio) == 1
    asyncio.run(aio.close())


def test_clients_that_never_take_it(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    given = AsyncSageMaker(client=model.session().client("sagemaker", endpoint_url=server.url))
    legacy: Any = config(retries={"mode": "legacy"})
    for aio in (given, client(server.url, short_way=False), client(server.url, config=legacy)):
        assert describes(aio, 2) == 0
        asyncio.run(aio.close())
    monkeypatch.setenv("SAGEMAKER_TYPED_SHORT_WAY", "0")
    assert describes(client(server.url)) == 0


def test_the_log_says_which_way(server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    aio = client(server.url)
    with caplog.at_level(logging.DEBUG, "sagemaker_typed.wire"):
        describes(aio, 2)
    assert [each.message for each in caplog.records] == ["DescribeEndpoint goes over aiohttp"] * 2
    asyncio.run(aio.close())


# --- requests and answers that are not like others ------------------------------------------------------------------------


def test_a_large_request_goes_through_a_thread(server: ModelServer) -> None:
    aio = client(server.url)
    large = CreateModelInput(model_name="m", execution_role_arn="r" * (1 << 21))
    for request in (large, CreateModelInput(model_name="m"), large):
        asyncio.run(aio.send(request))
    assert aio._road.taken == 1
    assert [len(each.raw_body) > 1 << 21 for each in server.requests] == [True, False, True]
    asyncio.run(aio.close())


def test_a_large_answer_does_not_hold_up_the_loop(faults: FaultServer) -> None:
    job = {"CompilationJobName": "j", "CompilationJobArn": "a" * 500, "CompilationJobStatus": "INPROGRESS"}
    faults.always(None, answer({"CompilationJobSummaries": [job] * 4_000}))
    heart = Heartbeat()

    async def main() -> None:
        async with client(faults.url) as aio:
            await aio.compilation_jobs.list().first()
            beats = asyncio.create_task(heart.beat())
            page = await anext(aiter(aio.compilation_jobs.list().by_page()))
            beats.cancel()
            assert len(page.compilation_job_summaries) == 4_000
            assert aio._road.taken == 2

    asyncio.run(main())
    assert max(heart.busy) < LONGEST_PAUSE_SECONDS


def test_what_our_model_lacks_is_sent_all_the_same(server: ModelServer) -> None:
    """A member that only the installed botocore knows, or nobody: the client is made anew, or the error says so."""
    aio = client(server.url)
    describes(aio)
    request = from_boto3(DescribeEndpointInput, {"EndpointName": "e", "Future": 1})
    with pytest.raises(errors.InvalidRequestError, match="no such member"):
        asyncio.run(aio.send(request))
    assert describes(aio) == 1
    asyncio.run(aio.close())


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_retries_are_those_that_were_asked_for(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    faults.always(None, server_error())
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _: sleep(0))

    async def main() -> None:
        async with client(faults.url, config=config(attempts=3)) as aio:
            for retries, attempts in ((0, 1), (1, 2), (6, 7), (None, 3)):
                faults.heard.clear()
                with pytest.raises(errors.ServiceError):
                    await aio.send(REQUEST, retries=retries)
                assert len(faults.operations) == attempts
            assert aio._road.taken == 4

    asyncio.run(main())


def test_a_timeout_bounds_the_attempts_and_the_pauses(faults: FaultServer) -> None:
    async def main() -> None:
        async with client(faults.url) as aio:
            for fault in (silence(), throttled()):
                faults.always(None, fault)
                with pytest.raises(errors.CallTimeoutError, match=r"DescribeEndpoint was not answered within 0\.1 s"):
                    await aio.send(REQUEST, timeout=0.1, retries=50)
            assert aio._road.taken == 2
            assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_poll_is_one_attempt(faults: FaultServer) -> None:
    faults.script(None, server_error(), answer({"EndpointName": "e", "EndpointStatus": "InService"}))
    from sagemaker_typed._waiting.pacing import Clock

    async def main() -> None:
        async with client(faults.url) as aio:
            now = 0.0

            async def sleep(seconds: float) -> None:
                nonlocal now
                now += seconds

            aio.clock = Clock(now=lambda: now, sleep=sleep)  # type: ignore[arg-type]
            found = await aio.endpoints.wait_until_in_service("e", poll=5)
            assert found.endpoint_name == "e"
            assert now >= 5
            assert aio._road.taken == 2

    asyncio.run(main())
    assert len(faults.operations) == 2


# --- credentials ------------------------------------------------------------------------------------------------------


class Fetched:
    """Temporary credentials that are fetched, slowly, and are about to expire when they come."""

    def __init__(self, lasts: timedelta) -> None:
        self.fetches: list[str] = []
        self.lasts = lasts
        self.gate = threading.Event()
        self.gate.set()

    def fetch(self) -> dict[str, str]:
        self.gate.wait(20)
        self.fetches.append(threading.current_thread().name)
        number = len(self.fetches)
        expires = (datetime.now(UTC) + self.lasts).isoformat()
        return {"access_key": f"AKID{number}", "secret_key": "s", "token": f"t{number}", "expiry_time": expires}

    def session(self) -> boto3.Session:
        core = botocore.session.Session()
        core.register_component("data_loader", model.LOADER)
        held: Any = RefreshableCredentials.create_from_metadata(self.fetch(), self.fetch, "test")
        core._credentials = held
        return boto3.Session(region_name="us-west-2", botocore_session=core)


def test_credentials_are_refreshed_in_a_thread(server: ModelServer) -> None:
    fetched = Fetched(timedelta(minutes=5))  # botocore fetches new ones fifteen minutes before the old ones end
    aio = AsyncSageMaker(session=fetched.session(), endpoint_url=server.url, validation="off")
    fetched.fetches.clear()

    async def main() -> None:
        await aio.endpoints.describe("e")
        fetched.lasts = timedelta(hours=1)
        fetched.gate.clear()
        call = asyncio.create_task(aio.endpoints.describe("e"))
        await asyncio.sleep(0.05)
        assert not call.done()  # and the loop goes on
        fetched.gate.set()
        await call
        count = len(fetched.fetches)
        await asyncio.gather(*(aio.endpoints.describe("e") for _ in range(10)))
        assert len(fetched.fetches) == count
        await aio.close()

    asyncio.run(main())
    assert set(fetched.fetches) == {"sagemaker_typed"}
    assert aio._road.taken == 12
    token = f"t{len(fetched.fetches)}"
    assert server.requests[-1].headers["x-amz-security-token"] in (token, "t" + str(len(fetched.fetches) + 1))


def test_credentials_that_cannot_be_fetched(server: ModelServer) -> None:
    class Failing(Fetched):
        def fetch(self) -> dict[str, str]:
            if self.fetches:
                raise CredentialRetrievalError(provider="test", error_msg="gone")
            return super().fetch()

    aio = AsyncSageMaker(session=Failing(timedelta(seconds=1)).session(), endpoint_url=server.url)

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(errors.CredentialsError, match="gone"):
                await aio.endpoints.describe("e")
        await aio.close()

    asyncio.run(main())
    assert server.requests == []


def test_a_token_that_comes_and_goes(server: ModelServer) -> None:
    aio = client(server.url)
    describes(aio)
    held = aio.boto3_client._request_signer._credentials
    for token in ("there", None):
        held.token = token
        assert describes(aio, 3) == 3  # the first learns how requests look now
        assert server.requests[-1].headers.get("x-amz-security-token") == token
    asyncio.run(aio.close())


def test_errors_hold_no_headers(faults: FaultServer) -> None:
    """aiohttp's errors know the request's; ours are logged and pickled."""
    from tests.support.faults import bad_chunk

    faults.always(None, bad_chunk())
    aio = client(faults.url, config=config())
    with pytest.raises(errors.TransportError) as caught:
        asyncio.run(aio.endpoints.describe("e"))
    assert not any(type(each).__module__.startswith("aiohttp") for each in chain(caught.value))
    asyncio.run(aio.close())


def chain(error: BaseException | None) -> list[object]:
    """What an error was made of."""
    found: list[object] = []
    while error is not None:
        found += [error, *getattr(error, "kwargs", {}).values()]
        error = error.__cause__ or error.__context__
    return found

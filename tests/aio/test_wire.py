"""Over aiohttp goes what botocore would send, byte for byte, and what goes wrong goes wrong alike.

The synchronous client over botocore's machinery is the oracle: requests, pauses, answers and errors are to be the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors, from_boto3
from tests.aio.blocking import Blocking
from tests.contract import model
from tests.support import faults
from tests.support.faults import Fault, FaultServer
from tests.support.raw import RawServer
from tests.wire.roads import config, made, session, stand_still, start_again, taken
from tests.wire.test_faults import ANSWERS, CALLS, seen

pytest.importorskip("aiohttp")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)
    found = stand_still(monkeypatch)
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        if seconds:
            found.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", slept)
    return found


def flying(url: str, *, token: str | None = None, **options: Any) -> Blocking:
    return Blocking(AsyncSageMaker(session=session(token), endpoint_url=url, config=config(**options)))


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw() -> Iterator[RawServer]:
    with RawServer(
        lambda operation, _: b'{"EndpointName": "e"}' if operation == "DescribeEndpoint" else b"{}"
    ) as server:
        yield server


@pytest.fixture(params=[None, "session/token+=="], ids=["lasting", "temporary"], scope="module")
def pair(request: pytest.FixtureRequest, raw: RawServer) -> Iterator[tuple[Blocking, SageMaker]]:
    token: str | None = request.param
    with flying(raw.url, token=token) as ours:
        yield ours, made(raw.url, short=False, token=token)


def sent(server: RawServer, monkeypatch: pytest.MonkeyPatch, send: Any) -> bytes:
    start_again(monkeypatch)
    with suppress(errors.TransportError, errors.ConversionError):  # `{}` is no answer to most operations
        send()
    (request,) = server.taken()
    return request


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_bytes_are_botocores(
    operation: str, pair: tuple[Blocking, SageMaker], raw: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    for params in model.requests(operation):
        request = from_boto3(model.request_class(operation), params)
        before = ours.taken
        found = sent(raw, monkeypatch, lambda: ours.send(request))  # noqa: B023
        assert found == sent(raw, monkeypatch, lambda: theirs.send(request))  # noqa: B023
        assert ours.taken == before + 1
    assert taken(theirs) == 0


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="module", params=[1, 3])
def roads(request: pytest.FixtureRequest, server: FaultServer) -> Iterator[tuple[Any, SageMaker]]:
    with flying(server.url, attempts=request.param) as ours:
        yield ours, made(server.url, short=False, attempts=request.param)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_met_alike(
    fault: Fault,
    operation: str,
    roads: tuple[Any, SageMaker],
    server: FaultServer,
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = roads[0].taken
    for script in [(), (fault,), (fault, fault), (fault,) * 4, (faults.throttled(), fault, faults.server_error())]:
        ours, theirs = (seen(sm, operation, server, script, pauses, monkeypatch) for sm in roads)
        if fault.name in ("bad_chunk", "cut_chunk"):  # aiohttp has its own words for what is wrong with a chunk
            ours["attributes"] = theirs["attributes"]
        assert ours == theirs
    assert roads[0].taken == before + 5


def test_nobody_listens(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as alone, flying(alone.url, attempts=3) as ours:
        alone.always(None, faults.answer(ANSWERS["DescribeCompilationJob"]))
        roads: Any = (ours, made(alone.url, short=False, attempts=3))
        for sm in roads:
            seen(sm, "DescribeCompilationJob", alone, (), pauses, monkeypatch)
        alone.refuse()
        for _ in range(2):  # the first finds the connection that was kept
            found, theirs = (seen(sm, "DescribeCompilationJob", alone, (), pauses, monkeypatch) for sm in roads)
            assert found == theirs
        assert len(found["pauses"]) == 2

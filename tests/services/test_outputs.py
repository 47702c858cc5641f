"""The wait for an asynchronous answer, where S3 or the network does not do well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors
from tests.contract.model import quiet
from tests.services import siblings
from tests.services.wire import Told, Wire

PATIENCE = 10.0
"""Seconds after which a test gives up."""
PLACE = "s3://bucket/out/1.out"
FAILURE = "s3://bucket/failed/1.out"
MISSING = Told(b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>", 404)
DENIED = Told(b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", 403)


def wait(kind: Any, server: Wire, **options: Any) -> Any:
    urls = {"s3": server.url}
    if kind is SageMaker:
        with SageMaker(session=siblings.session(), endpoint_urls=urls, config=quiet()) as sm:
            return sm.endpoints.wait_for_output(PLACE, **options)

    async def run() -> Any:
        async with AsyncSageMaker(session=siblings.session(), endpoint_urls=urls, config=quiet()) as asm:
            return await asm.endpoints.wait_for_output(PLACE, **options)

    return asyncio.run(run())


kinds = pytest.mark.parametrize("kind", [SageMaker, AsyncSageMaker])


@kinds
def test_both_places_are_looked_at_until_one_is_there(kind: Any, server: Wire) -> None:
    server.tell(MISSING, MISSING, MISSING, MISSING, Told(b"out", 200, {"Content-Type": "text/plain"}))
    output = wait(kind, server, failure_location=FAILURE, timeout=PATIENCE, poll=0.01)
    assert (output.body, output.content_type) == (b"out", "text/plain")
    targets = [each.target.partition("?")[0] for each in server.sent]
    assert targets == ["/bucket/out/1.out", "/bucket/failed/1.out"] * 2 + ["/bucket/out/1.out"]
    assert all("/s3/aws4_request" in each.headers["authorization"] for each in server.sent)


@kinds
def test_an_object_that_stalls_is_given_up_at_the_deadline(kind: Any, server: Wire) -> None:
    over = Event()

    def stalls() -> Iterator[bytes]:
        yield b"begin"
        over.wait(3 * PATIENCE)

    server.tell(Told(stalls))
    begun = time.monotonic()
    with pytest.raises(errors.WaitTimeoutError) as found:
        wait(kind, server, timeout=0.3)
    assert time.monotonic() - begun < PATIENCE  # its bound is two seconds after the timeout
    assert isinstance(found.value.__cause__, errors.TransportError)
    over.set()


@kinds
def test_an_object_that_drips_is_given_up_at_the_deadline(kind: Any, server: Wire) -> None:
    over = Event()

    def drips() -> Iterator[bytes]:
        while not over.wait(0.05):
            yield b"."

    server.tell(Told(drips))
    begun = time.monotonic()
    with pytest.raises(errors.WaitTimeoutError):
        wait(kind, server, timeout=0.3)
    assert time.monotonic() - begun < PATIENCE
    over.set()


@kinds
@pytest.mark.parametrize("broken", [Told(lambda: (b"half", None)), Told(b"", 503)], ids=["cut off", "503"])
def test_what_passes_is_looked_over(kind: Any, broken: Told, server: Wire) -> None:
    server.tell(broken, Told(b"whole"))
    assert wait(kind, server, timeout=PATIENCE, poll=0.01).body == b"whole"
    assert len(server.sent) == 2


def test_a_large_object_is_read_whole(server: Wire) -> None:
    body = bytes(range(256)) * 20_000
    server.tell(Told(body))
    assert wait(SageMaker, server, timeout=PATIENCE).body == body


@kinds
def test_no_permission_is_told_with_what_it_takes(kind: Any, server: Wire) -> None:
    server.tell(DENIED)
    with pytest.raises(errors.AccessDeniedError) as found:
        wait(kind, server, timeout=PATIENCE)
    assert any("s3:ListBucket" in note for note in found.value.__notes__)
    assert len(server.sent) == 1


def test_a_failure_without_a_text(server: Wire) -> None:
    server.tell(MISSING, Told(b""))
    with pytest.raises(errors.WaitFailedError, match="no reason is given") as found:
        wait(SageMaker, server, failure_location=FAILURE, timeout=PATIENCE)
    assert found.value.reason is None

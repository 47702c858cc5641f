"""Raw calls: their lines in the log, and their bodies, which are read within the time of the call and always closed."""

from __future__ import annotations

import logging
import math
import re
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from sagemaker_typed import errors
from sagemaker_typed._core.http.alarms import ALARMS
from sagemaker_typed._core.http.bound import Bound
from sagemaker_typed._core.raw import RawCall, RawClients, _read


class Stream:
    """Parts that are read one by one; the time of `bound` is over with the part `last`. An exception is raised."""

    def __init__(self, parts: list[Any], bound: Bound, last: int | None = None) -> None:
        self.parts, self.bound, self.last = parts, bound, last
        self.reads = 0
        self.closed = False

    def read(self, most: int) -> bytes:
        part = self.parts[self.reads] if self.reads < len(self.parts) else b""
        if self.reads == self.last:
            self.bound._deadline = -math.inf
        self.reads += 1
        if isinstance(part, Exception):
            raise part
        assert len(part) <= most
        found: bytes = part
        return found

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("seconds", [None, 3600.0])
@pytest.mark.parametrize("parts", [[], [b"one"], [b"one", b"two"]])
def test_all_parts_are_read(seconds: float | None, parts: list[bytes]) -> None:
    bound = Bound(seconds)
    stream = Stream([*parts], bound)
    assert _read(stream, bound) == b"".join(parts)
    assert stream.closed
    assert not bound.ended


def test_no_body() -> None:
    assert _read(None, Bound()) is None


@pytest.mark.parametrize("error", [ConnectionResetError("reset"), ReadTimeoutError(endpoint_url="", error="slow")])
def test_an_error_within_the_time_is_raised_as_it_is(error: Exception) -> None:
    bound = Bound(3600.0)
    stream = Stream([b"one", error], bound)
    with pytest.raises(type(error)) as caught:
        _read(stream, bound)
    assert caught.value is error
    assert stream.closed
    assert not bound.ended


@pytest.mark.parametrize(
    ("parts", "last", "reads"),
    [
        ([b"one", b"two"], 0, 1),
        ([b"one"], 1, 2),  # a socket that was shut down looks like the end of the body
        ([b"one", ConnectionResetError("reset")], 1, 2),
        ([b"one", ReadTimeoutError(endpoint_url="", error="slow")], 1, 2),
    ],
)
def test_a_body_that_takes_too_long_is_a_timeout(parts: list[Any], last: int, reads: int) -> None:
    bound = Bound(3600.0)
    stream = Stream(parts, bound, last)
    with pytest.raises(ReadTimeoutError):
        _read(stream, bound)
    assert bound.ended
    assert stream.closed
    assert stream.reads == reads


def test_no_time_at_all_reads_nothing() -> None:
    bound = Bound(0.0)
    stream = Stream([b"one"], bound)
    with pytest.raises(ReadTimeoutError):
        _read(stream, bound)
    assert (stream.reads, stream.closed) == (0, True)


class Answering:
    """A client of another service, whose one method gives an answer or raises an error."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._answer = answer

    def list_things(self) -> dict[str, Any]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def logged(answer: dict[str, Any] | Exception, level: int, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Make a raw call, and return what the log of requests then has, without the milliseconds."""
    clients = RawClients(lambda service: Answering(answer))
    with caplog.at_level(level, "sagemaker_typed.requests"), suppress(errors.SageMakerError):
        clients.send(RawCall("things", "ListThings", "list_things", {}), Bound())
    return [re.sub(r"in \d+ ms", "in ms", record.getMessage()) for record in caplog.records]


METADATA = {"HTTPStatusCode": 200, "RequestId": "r", "RetryAttempts": 1}
DENIED = ClientError({"Error": {"Code": "Denied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "ListThings")


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"ResponseMetadata": METADATA}, "ListThings 200 in ms, 2 attempts, request id r"),
        (DENIED, "ListThings 403 Denied in ms"),
        (EndpointConnectionError(endpoint_url="http://x"), "ListThings no answer TransportError in ms"),
    ],
)
def test_a_raw_call_has_a_line_in_the_log_of_requests(answer: Any, line: str, caplog: pytest.LogCaptureFixture) -> None:
    assert logged(answer, logging.DEBUG, caplog) == [line]


def test_calls_are_not_timed_unless_somebody_reads_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert logged({"ResponseMetadata": METADATA}, logging.INFO, caplog) == []


@pytest.mark.parametrize(("seconds", "alarms"), [(None, 0), (3600.0, 1)])
def test_a_body_has_an_alarm_if_its_time_is_bounded(
    seconds: float | None, alarms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired: list[float] = []
    monkeypatch.setattr(ALARMS, "set", lambda fire, left: fired.append(left))
    bound = Bound(seconds)
    assert _read(Stream([b"one"], bound), bound) == b"one"
    assert len(fired) == alarms

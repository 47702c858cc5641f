"""The body of a raw call is read within the time of the call, and closed however that ends."""

from __future__ import annotations

import math
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from sagemaker_typed._core.http.bound import Bound
from sagemaker_typed._core.raw import _read


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

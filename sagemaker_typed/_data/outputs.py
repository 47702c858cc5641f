"""Waits for the answer of an asynchronous endpoint in Amazon S3.

Both places are read with GetObject. The same call reads an answer that is there, and S3 reports a missing bucket, which it
does not do for HeadObject.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Generator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.options import seconds_of
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._data.texts import charset_of
from sagemaker_typed._waiting.pacing import backoff
from sagemaker_typed._waiting.steps import GRACE, LONGEST, Look, Sleep
from sagemaker_typed.errors import (
    AccessDeniedError,
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    WaitFailedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed.services.runtime import InvokeEndpointAsyncOutput

__all__ = ["EndpointOutput", "output_of"]

_PAUSES = (1.0, 15.0)
"""Seconds between two polls: after the first, and at most."""
_URI = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)
_MOST_REASON = 2000
"""The most characters of the endpoint's error text in a message."""

_Steps = Generator["Look | Sleep", Any, "EndpointOutput"]


@attrs.frozen(kw_only=True)
class EndpointOutput:
    """The complete answer of an asynchronous endpoint, read from Amazon S3."""

    body: bytes = attrs.field(repr=False)
    """The bytes of the model's answer."""
    content_type: str | None
    """The MIME type of the body."""
    location: str
    """The S3 address of the answer."""

    @property
    def text(self) -> str:
        """The body as text, in the charset of its type (default: UTF-8)."""
        return self.body.decode(charset_of(self.content_type))

    def json(self) -> Any:
        """Return the body parsed as JSON. Raises `ValueError` if the body is not JSON."""
        return json.loads(self.body)


class _Object(NamedTuple):
    location: str
    bucket: str
    key: str

    @property
    def call(self) -> RawCall:
        return RawCall(
            "s3", "GetObject", "get_object", {"Bucket": self.bucket, "Key": self.key}, ("Body",), body="Body"
        )


def _place(location: object, argument: str) -> _Object:
    match = _URI.fullmatch(location) if isinstance(location, str) else None
    if match is None:
        raise InvalidRequestError(
            [Problem(argument, "type", f'an S3 address such as "s3://bucket/key", not {quoted(location)}')]
        )
    return _Object(match[0], match[1], match[2])


def output_of(
    answer: InvokeEndpointAsyncOutput | str,
    failure_location: str | None,
    timeout: float | timedelta,
    poll: float | timedelta | None,
) -> Task[EndpointOutput]:
    """Return a task that waits until an answer, or an error in its place, is in Amazon S3.

    Raises `InvalidRequestError` for invalid places and times.
    """
    if isinstance(answer, str):
        output = _place(answer, "answer")
    else:
        output = _place(getattr(answer, "output_location", None), "answer.output_location")
        failure_location = failure_location or answer.failure_location
    failure = None if failure_location is None else _place(failure_location, "failure_location")
    seconds = seconds_of(timeout, "timeout", zero=True, endless=True)
    pause = None if poll is None else seconds_of(poll, "poll")
    return lambda client: _Waiting(client, output, failure, seconds, pause).steps()


class _Waiting:
    """A wait for one answer."""

    def __init__(
        self, client: Timed, output: _Object, failure: _Object | None, timeout: float, poll: float | None
    ) -> None:
        self._clock = client.clock
        self._output = output
        self._failure = failure
        self._poll = poll
        self._started = self._clock.now()
        self._deadline = self._started + timeout
        self._looks = 0
        self._unanswered: SageMakerError | None = None

    def steps(self) -> _Steps:
        while True:
            end = max(self._deadline, self._clock.now()) + GRACE
            self._looks += 1
            self._unanswered = None
            found = yield from self._get(self._output, end)
            if found is not None:
                return EndpointOutput(
                    body=found["Body"], content_type=found.get("ContentType"), location=self._output.location
                )
            if self._failure is not None:
                found = yield from self._get(self._failure, end)
                if found is not None:
                    raise self._failed(found["Body"], self._failure)
            now = self._clock.now()
            if now >= self._deadline:
                raise self._late(now) from self._unanswered
            pause = backoff(*_PAUSES, self._looks) if self._poll is None else self._poll
            yield Sleep(min(pause, self._deadline - now))

    def _get(self, place: _Object, end: float) -> Generator[Look, Any, Mapping[str, Any] | None]:
        """Read an object. Returns None if it is missing or if there was no answer."""
        left = max(0.2, end - self._clock.now())
        # A large object may take long to read. Without a deadline, allow any time.
        try:
            answer: Mapping[str, Any] = yield Look(place.call, left if left < math.inf else 100 * LONGEST)
        except ResourceNotFoundError as error:
            if error.code == "NoSuchBucket":
                raise
            return None
        except AccessDeniedError as error:
            if not error.retryable:
                error.add_note(
                    f"{place.location}: without the permission s3:ListBucket, S3 says this of an object that is not "
                    "there yet"
                )
            raise
        except SageMakerError as error:
            if not error.retryable:
                raise
            self._unanswered = error
            return None
        return answer

    def _failed(self, body: bytes, failure: _Object) -> WaitFailedError:
        reason = body.decode("utf-8", "replace").strip()
        error = WaitFailedError(
            f"the invocation whose answer was to be in {self._output.location} failed: "
            f"{shortened(reason, _MOST_REASON) or 'no reason is given'} ({failure.location})",
            name=self._output.location,
            status="Failed",
            reason=reason or None,
            elapsed=self._clock.now() - self._started,
            polls=self._looks,
        )
        return error

    def _late(self, now: float) -> WaitTimeoutError:
        elapsed = now - self._started
        what = "could not be looked for" if self._unanswered is not None else "is not there"
        return WaitTimeoutError(
            f"{self._output.location} {what} after {duration(elapsed)}; the invocation may continue",
            name=self._output.location,
            elapsed=elapsed,
            polls=self._looks,
        )

"""Calls of untyped services with the session of a connection: a plain boto3 client, but typed errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from logging import DEBUG
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.forking import mend_after_fork, retire
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Abandonable, Bound
    from sagemaker_typed._core.threads import Threads

__all__ = ["RawCall", "RawClients", "RawJob"]


_THREADS = 10
"""botocore's default number of connections."""
_PART = 65536
"""Number of bytes per read of a body."""


class RawCall(NamedTuple):
    """A call in boto3's terms."""

    service: str
    """Name of the service for `boto3.client`."""
    operation: str
    method: str
    """Name of the client's method."""
    arguments: Mapping[str, Any]
    members: tuple[str, ...] = ()
    """Members that a valid response must have. For a truncated body, botocore returns an empty response."""
    body: str | None = None
    """Member with a stream of bytes, which is read completely within the bound."""


class RawClients:
    """The boto3 clients of other services, each made at its first call."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make
        self._clients: dict[str, Any] = {}
        self._lock = RLock()
        mend_after_fork(self)

    def after_fork(self) -> None:
        """Leave the clients to the parent."""
        self._lock = RLock()
        for client in self._clients.values():
            retire(client)
        self._clients.clear()

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service."""
        client = self._clients.get(service)
        if client is None:
            with self._lock:
                client = self._clients.get(service)
                if client is None:
                    client = self._clients[service] = self._make(service)
        return client

    def send(self, call: RawCall, bound: Bound) -> Mapping[str, Any]:
        """Make a call within a bound; return boto3's response.

        Raises an `ApiError` for an error of the service, `TransportError` if no complete response came, `CallTimeoutError`,
        `CredentialsError` and `ConfigurationError`, as typed calls do.
        """
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        from sagemaker_typed._core.failures import out_of_time, raw_failure
        from sagemaker_typed._core.printable import cause
        from sagemaker_typed._core.requests_log import REQUESTS, Watch
        from sagemaker_typed.errors import TransportError

        client = self.client(call.service)
        watch = Watch(call.operation) if REQUESTS.isEnabledFor(DEBUG) else None
        try:
            answer: Mapping[str, Any] = getattr(bound.client(client), call.method)(**call.arguments)
            if call.body is not None:
                answer = {**answer, call.body: _read(answer.get(call.body), bound)}
        except (
            AttributeError,
            BotoCoreError,
            ClientError,
            OSError,
            ResponseParserError,
            TypeError,
            ValueError,
        ) as error:
            # botocore's parser raises AttributeError or TypeError for JSON that is not an object.
            typed = raw_failure(error, call.operation)
            if bound.ended:
                typed = out_of_time(error, typed, call.operation, bound.seconds)
            if watch is not None:
                watch.failed(typed or error)
            if typed is None:
                raise
            raise typed from cause(error)
        if watch is not None:
            watch.answered(answer)
        missing = [member for member in call.members if answer.get(member) is None]
        if missing:
            raise TransportError(f"{call.operation}: the answer has no {' and no '.join(missing)}", call.operation)
        return answer

    def close(self) -> None:
        """Close the connections of the clients."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def _read(stream: Any, bound: Bound) -> bytes | None:
    """Read a body within the bound. Raises botocore's timeout error if the time runs out."""
    from botocore.exceptions import ReadTimeoutError

    from sagemaker_typed._core.http.alarms import ALARMS
    from sagemaker_typed._core.streams import shut_down

    if stream is None:
        return None
    parts: list[bytes] = []

    def fire() -> None:
        shut_down(stream)

    if bound.left < math.inf:
        ALARMS.set(fire, max(0.0, bound.left))
    try:
        while bound.left > 0:
            part: bytes = stream.read(_PART)
            if not part:
                break
            parts.append(part)
        if bound.left <= 0:
            raise ReadTimeoutError(endpoint_url="", error="the time ran out before the whole body came")
    except Exception as error:
        bound.ended = bound.left <= 0
        if not bound.ended or isinstance(error, ReadTimeoutError):
            raise
        # Reading from a socket that was shut down may raise any error.
        raise ReadTimeoutError(endpoint_url="", error=error) from error
    finally:
        ALARMS.drop(fire)
        stream.close()
    return b"".join(parts)


class RawJob:
    """One call for an event loop, made in a thread: one attempt of at most `seconds`."""

    def __init__(
        self, ask: Callable[[RawCall, Bound], Mapping[str, Any]], call: RawCall, seconds: float, threads: Threads
    ) -> None:
        self._ask = ask
        self._request = call
        self._seconds = seconds
        self._threads = threads
        self._begun = monotonic()
        self._bound: Abandonable | None = None
        self._abandoned = False

    def __call__(self) -> Mapping[str, Any]:
        from sagemaker_typed._core.http.bound import Abandonable

        self._bound = bound = Abandonable(max(0.0, self._seconds - (monotonic() - self._begun)), retries=0)
        bound.seconds = self._seconds  # shown in the error
        if self._abandoned:
            bound.abandon()
        self._threads.widen(max(_THREADS, self._threads.most))
        return self._ask(self._request, bound)

    def abandon(self) -> None:
        """Abandon the call, from another thread."""
        self._abandoned = True
        if self._bound is not None:
            self._bound.abandon()

    def late(self) -> Exception:
        """Return the error of a call for which no thread became free in time."""
        from sagemaker_typed.errors import CallTimeoutError

        name = self._request.operation
        text = f"{name} was not sent within {self._seconds:.3g} s: all {self._threads.most} threads were busy"
        return CallTimeoutError(text, name)

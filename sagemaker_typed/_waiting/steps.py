"""The steps that waits yield, as generators without I/O.

A wait yields its next step: a `Look`, a `Sleep`, or several waits to be taken `Together`. The runner takes the step and
returns the answer with `send`, or an error with `throw`. `KeyboardInterrupt` also enters by `throw`, unless code that the
generator calls raises it, such as `on_poll`. A synchronous and an asynchronous runner thus share every decision. No locks
are needed: one thread at a time resumes a generator, however many threads send requests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from sagemaker_typed._core.quoting import shortened
from sagemaker_typed._waiting.spec import required_wire
from sagemaker_typed.errors import ResourceNotFoundError, SageMakerError, TransportError
from sagemaker_typed.structure import operation_of

if TYPE_CHECKING:
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.spec import Explanation, Waiter
    from sagemaker_typed.structure import Request, Response

__all__ = [
    "GRACE",
    "LONGEST",
    "Look",
    "Sleep",
    "Steps",
    "Together",
    "can_heal",
    "checked",
    "describe",
    "explain",
    "explanation_of",
]

_log = logging.getLogger("sagemaker_typed.waiting")
T = TypeVar("T")

GRACE = 1.5
"""Seconds that a request sent on the deadline may take."""
LONGEST = 30.0
"""The most seconds that any request may take, however far the deadline is."""
_SHOWN = 200
"""Most characters of a broken answer in a message."""


class Look(NamedTuple):
    """A step of a wait: send a request once, and return its answer or raise a `TransportError` within `seconds`."""

    request: Request[Any] | RawCall
    seconds: float


class Sleep(NamedTuple):
    """A step of a wait: sleep for `seconds`."""

    seconds: float


class Together(NamedTuple):
    """A step of a wait: take the steps of all parts, in any order, with several requests under way at once.

    The next part is asked for only when a worker is free, so that it knows the answers to the parts before it. An exception of
    a part ends the step. The step has no result.
    """

    parts: Iterator[Steps[None]]


Steps = Generator["Request[Any] | Look | Sleep | Together", Any, T]


def checked(steps: Steps[T]) -> Steps[T]:
    """Return the steps of a task. Raises `TypeError` for anything else: a mock would be resumed forever."""
    if not isinstance(steps, Generator):  # pyright: ignore[reportUnnecessaryIsInstance]
        kind = type(steps).__name__
        raise TypeError(
            f"a task returned a {kind} instead of its steps: to replace a wait in a test, patch the method of its group"
        )
    return steps


def describe(waiter: Waiter[Any], look: Look) -> Steps[Any]:
    """Send a Describe request once, and return its answer.

    Raises the errors of the call, and a `TransportError` for an answer without the status that every answer must have, or
    with an empty one.
    """
    response = yield look
    missing = None if waiter.status is None else required_wire(response, waiter.status)
    if missing is not None and getattr(response, str(waiter.status)) in (None, ""):
        raise _lacking(missing, cast("Request[Any]", look.request), response)
    return response


def _lacking(member: str, request: Request[Any], response: Response) -> TransportError:
    """Return the error for an answer without a required member."""
    operation, metadata = operation_of(type(request)).name, response.response_metadata
    shown = shortened(repr(response), _SHOWN)
    status = metadata.http_status_code
    came = "" if status is None else f" (HTTP {status})"
    error = TransportError(f"{operation}: the answer{came} lacks its required member {member}: {shown}", operation)
    if status is not None:
        error.came(metadata.request_id, status, shown)
    return error


def explanation_of(waiter: Waiter[Any], response: Any) -> Explanation | None:
    """Return the list that explains a failure; None without such a list or without a failure."""
    if waiter.explanation is None or waiter.status is None or response is None:
        return None
    return waiter.explanation if getattr(response, waiter.status) in waiter.explanation.when else None


def explain(explanation: Explanation, name: str, bounded: Callable[[Request[Any]], Look]) -> Steps[Any]:
    """Request the list that explains a failure. Returns None without an answer: the caller needs to see the failure itself."""
    try:
        return (yield bounded(explanation.request(name)))
    except SageMakerError as error:
        _log.warning("%r failed, and it is not known which %s failed: %s", name, explanation.noun, error)
        return None


def can_heal(error: SageMakerError) -> bool:
    """Whether to retry a stop. A resource that was just created may be found a moment later."""
    return error.retryable or isinstance(error, ResourceNotFoundError)

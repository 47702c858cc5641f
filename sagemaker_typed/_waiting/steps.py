"""The vocabulary of waits as generators that do no I/O.

Each yields its next step: a `Look`, a `Sleep`, or several waits that are taken `Together`. The runner takes the step and
gives the answer back by `send`, an error by `throw`. `KeyboardInterrupt` enters by `throw` too, unless it is raised by what
the generator itself calls, such as `on_poll`. So there is one copy of each decision, whether a synchronous or an
asynchronous runner drives it, and nothing here needs a lock: a generator is resumed by one thread, however many look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sagemaker_typed.errors import ResourceNotFoundError, SageMakerError

if TYPE_CHECKING:
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.spec import Explanation, Waiter
    from sagemaker_typed.structure import Request

__all__ = ["GRACE", "LONGEST", "Look", "Sleep", "Steps", "Together", "can_heal", "explain", "explanation_of"]

_log = logging.getLogger("sagemaker_typed.waiting")
T = TypeVar("T")

GRACE = 1.5
"""Seconds that a look which begins on the deadline has for its answer."""
LONGEST = 30.0
"""Seconds after which no look has an answer to come, however far the deadline is."""


class Look(NamedTuple):
    """A step of a wait: send a request once, and have its answer or a `TransportError` within so many seconds."""

    request: Request[Any] | RawCall
    seconds: float


class Sleep(NamedTuple):
    """A step of a wait: sleep so many seconds."""

    seconds: float


class Together(NamedTuple):
    """A step of a wait: take the steps of all parts, in any order, with several looks under way at once.

    The next part is asked for when there is a hand free for it, so that it sees what the parts before it were answered.
    What a part raises ends the step. It gives nothing back.
    """

    parts: Iterator[Steps[None]]


Steps = Generator["Request[Any] | Look | Sleep | Together", Any, T]


def explanation_of(waiter: Waiter[Any], response: Any) -> Explanation | None:
    """Return the list that explains a failure; None where there is none, or where nothing has failed."""
    if waiter.explanation is None or waiter.status is None or response is None:
        return None
    return waiter.explanation if getattr(response, waiter.status) in waiter.explanation.when else None


def explain(explanation: Explanation, name: str, bounded: Callable[[Request[Any]], Look]) -> Steps[Any]:
    """Ask for the list that explains a failure. None if there is no answer: the failure is what the caller has to hear of."""
    try:
        return (yield bounded(explanation.request(name)))
    except SageMakerError as error:
        _log.warning("%r has failed, and it cannot be told which %s did: %s", name, explanation.noun, error)
        return None


def can_heal(error: SageMakerError) -> bool:
    """Whether a stop is worth another try. A resource that was only just created may be found a moment later."""
    return error.retryable or isinstance(error, ResourceNotFoundError)

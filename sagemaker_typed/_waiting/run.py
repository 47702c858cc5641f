"""The synchronous runner: takes the steps of a wait one after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sagemaker_typed._waiting.steps import Sleep

if TYPE_CHECKING:
    from sagemaker_typed._waiting.steps import Steps

__all__ = ["run"]

T = TypeVar("T")


def run(steps: Steps[T], send: Callable[[Any], Any], sleep: Callable[[float], object]) -> T:
    """Send the requests and sleep the seconds that `steps` yields; return what it returns.

    Whatever a step raises goes back into `steps`, `KeyboardInterrupt` included.
    """
    resume = partial(next, steps)
    try:
        while True:
            try:
                step = resume()
                answer = sleep(step.seconds) if isinstance(step, Sleep) else send(step)
                resume = partial(steps.send, answer)
            except BaseException as error:
                if getattr(steps, "gi_frame", None) is not None:
                    resume = partial(steps.throw, error)
                elif isinstance(error, StopIteration):
                    result: T = error.value
                    return result
                else:
                    raise
    finally:
        del resume  # it may hold an error, whose traceback holds this frame
        steps.close()

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
            step = resume()
            try:
                answer = sleep(step.seconds) if isinstance(step, Sleep) else send(step)
            except BaseException as error:
                resume = partial(steps.throw, error)
            else:
                resume = partial(steps.send, answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        del resume  # it may hold an error, whose traceback holds this frame
        steps.close()

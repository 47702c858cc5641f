"""One request that creates or starts a resource, and the wait that follows it. A generator without I/O.

The request is submitted as in a run: quotas and throttling are waited out, and a lost answer is looked up. After that it is
an ordinary wait, with its log and its events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.late_hints import late
from sagemaker_typed._waiting.calls import Calls
from sagemaker_typed._waiting.creating import Creation, Kinds
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed._waiting.steps import Sleep, Steps, Together
from sagemaker_typed._waiting.submitting import MAYBE, RunNeeds, Submitter, unfinished
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed._waiting.wait_one import wait

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.one import WaitEvent
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed._waiting.spec import Run, Waiter
    from sagemaker_typed.structure import Request

__all__ = ["run_one"]

R = TypeVar("R")
_LEAST, _MOST = 0.05, 60.0
"""The shortest and the longest sleep, in seconds, before a submission is repeated."""


def run_one(
    runs: Mapping[str, Run],
    waiter: Waiter[R],
    request: Request[Any],
    options: WaitOptions[WaitEvent[R]],
    *,
    exist_ok: bool | Literal["same"],
) -> Task[R]:
    """Return a task that creates or starts a resource, or attaches to it, and waits. Its result is the last description.

    Raises `InvalidRequestError` for a request without a name and for an invalid `exist_ok`.
    """
    settings = RunOptions(timeout=options.timeout, exist_ok=exist_ok)
    creation = Kinds(runs, lambda group, state: waiter, look=exist_ok is not False).creation(request)

    def steps(client: Timed) -> Steps[R]:
        begun = client.clock.now()
        yield from _Submission(client, creation, settings).steps()
        rest = options
        if options.timeout is not None:
            rest = attrs.evolve(options, timeout=max(0.0, options.timeout - (client.clock.now() - begun)))
        task = wait(waiter, creation.key, creation.describe_request(), rest, stop=creation.stop_request())
        described: R = yield from task(client)
        return described

    return steps


class _Submission:
    """A creation whose resource is not known to run yet."""

    def __init__(self, client: Timed, creation: Creation, options: RunOptions) -> None:
        self._clock = client.clock
        self._creation = creation
        self._begun = self._clock.now()
        timeout = float(creation.waiter.timeout) if options.timeout is None else options.timeout
        creation.deadline = self._deadline = self._begun + timeout
        self._trouble = Trouble(creation.title, self._begun)
        calls = Calls(client, self._trouble, self._deadline, once=False)
        needs = RunNeeds(self._wanted, self._watch, self._close, lambda: 0)
        self._calls, self._submitter = calls, Submitter(self._clock, calls, self._trouble, options, needs)
        self._submitter.open[creation.name] = creation
        self._error: Exception | None = None

    def _wanted(self, creation: Creation) -> bool:
        return True

    def _watch(self, creation: Creation, response: Any) -> None:
        self._submitter.open.clear()

    def _close(self, creation: Creation, place: str, outcome: Any) -> None:
        self._submitter.open.clear()
        self._error = outcome

    def steps(self) -> Steps[None]:
        """Submit, or find the existing resource. Raises the service's error or `WaitTimeoutError`."""
        try:
            while self._submitter.open:
                yield from self._try()
        except KeyboardInterrupt as interrupt:
            so_far = MAYBE if self._creation.may_exist else "was not submitted"
            interrupt.add_note(f"{self._creation.title} {so_far}")
            raise
        if self._error is not None:
            raise self._error

    def _try(self) -> Steps[None]:
        self._calls.begin()
        yield Together(self._submitter.searches())
        yield Together(self._submitter.submissions())
        now = self._clock.now()
        if not self._submitter.open:
            return
        if now >= self._deadline:
            raise unfinished(self._creation, now - self._begun)
        if self._trouble.last is not None and self._trouble.lost(now):
            error = self._trouble.last
            error.add_note(f"no usable answer ever came for {self._creation.title}, for {duration(now - self._begun)}")
            raise error
        due = min([self._deadline, now + self._trouble.patience(now), *self._submitter.due()])
        yield Sleep(min(max(due - now, _LEAST), _MOST))


late(run_one)

"""One poll of all resources of a wait on many: a sweep over each list, or descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sagemaker_typed._waiting.many import Many
from sagemaker_typed._waiting.steps import Steps, Together, describe, explain, explanation_of
from sagemaker_typed.errors import SageMakerError

if TYPE_CHECKING:
    from sagemaker_typed._waiting.calls import Calls
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed._waiting.trouble import Trouble

__all__ = ["Looks"]


class Looks:
    """Sends the requests that the state machines of a wait ask for."""

    def __init__(self, client: Timed, calls: Calls, trouble: Trouble) -> None:
        self._clock, self._calls, self._trouble = client.clock, calls, trouble

    def tick(self, machines: Sequence[Many[Any]]) -> Steps[None]:
        """Poll all pending resources, as far as there is time."""
        self._calls.begin()
        for machine in machines:
            machine.begin()
        for machine in machines:
            in_time = not machine.sweeps or (yield from self._sweep(machine))
            if not in_time or not (yield from self._describe(machine)):
                return

    def _sweep(self, machine: Many[Any]) -> Steps[bool]:
        """Read the list. Returns False if no time is left."""
        token: str | None = None
        more = True
        while more:
            if not (yield from self._calls.turn("list")):
                return False
            begun = self._clock.now()
            try:
                page = yield self._calls.look(machine.list_request(token))
            except SageMakerError as error:
                self._calls.failed("list", error, begun)
                more = not machine.unlisted(error)
            else:
                self._calls.succeeded("list")
                token = page.next_token or None
                more = machine.listed(machine.items(page), last=token is None)
            if self._trouble.lost(self._clock.now()):
                return False
        return True

    def _describe(self, machine: Many[Any]) -> Steps[bool]:
        """Describe the resources that the sweep did not settle. Returns False if no time is left."""
        parts = self._descriptions(machine)
        if self._calls.one_first(len(machine.pending)) and (first := next(parts, None)) is not None:
            yield from first
        yield Together(parts)
        return not self._calls.late

    def _descriptions(self, machine: Many[Any]) -> Iterator[Steps[None]]:
        """Yield a part that describes each pending resource, until time is up or no call is answered."""
        for name in machine.to_describe():
            if self._calls.late or machine.silent or self._trouble.lost(self._clock.now()):
                return
            yield self._describe_one(machine, name)

    def _describe_one(self, machine: Many[Any], name: str) -> Steps[None]:
        if not (yield from self._calls.turn("describe")):
            return
        begun = self._clock.now()
        try:
            response = yield from describe(machine.waiter, self._calls.look(machine.describe_request(name)))
        except SageMakerError as error:
            self._calls.failed("describe", error, begun)
            machine.undescribed(name, error, self._clock.now())
        else:
            self._calls.succeeded("describe")
            explained = yield from self._explained(machine, name, response)
            machine.described(name, response, self._clock.now(), explained)

    def _explained(self, machine: Many[Any], name: str, response: Any) -> Steps[Any]:
        """Request the list that explains a failure, if there is time."""
        explanation = explanation_of(machine.waiter, response)
        if explanation is None or not (yield from self._calls.turn("describe")):
            return None
        return (yield from explain(explanation, name, self._calls.look))

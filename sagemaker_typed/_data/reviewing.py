"""`sm.flow_definitions.start_human_loop` and the other methods for reviews by people, from content to result."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed.services.a2i import (
        ContentClassifier,
        ContentClassifierValue,
        DescribeHumanLoopResponse,
        StartHumanLoopResponse,
    )
    from sagemaker_typed.types import DescribeFlowDefinitionResponse
    from sagemaker_typed.waiting import WaitEvent

    _Classifiers = Sequence[ContentClassifier | ContentClassifierValue] | None

__all__ = ["AsyncReviewing", "Reviewing", "StartedLoop"]

_LONGEST = 63
"""The most characters of a loop's name."""


@attrs.frozen(kw_only=True)
class StartedLoop:
    """A human loop that was started."""

    name: str
    """The name of the loop, as `sm.a2i.describe_human_loop`, `stop_human_loop` and `wait_until_completed` take it."""
    arn: str
    flow_definition_arn: str


def _start(flow: str, content: Any, name: str | None, classifiers: _Classifiers) -> Task[StartedLoop]:
    if not isinstance(flow, str) or not flow:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError(
            [Problem("flow", "type", f"the name or ARN of a flow definition, not {quoted(flow)}")]
        )
    text = _content_of(content)
    chosen = _name_for(flow) if name is None else name

    def steps(client: Timed) -> Generator[Any, Any, StartedLoop]:
        del client
        from sagemaker_typed.services.a2i import HumanLoopDataAttributes, HumanLoopInput, StartHumanLoopRequest
        from sagemaker_typed.types import DescribeFlowDefinitionRequest

        arn = flow
        if not flow.startswith("arn:"):
            found: DescribeFlowDefinitionResponse = yield DescribeFlowDefinitionRequest(flow_definition_name=flow)
            arn = found.flow_definition_arn
        started: StartHumanLoopResponse = yield StartHumanLoopRequest(
            human_loop_name=chosen,
            flow_definition_arn=arn,
            human_loop_input=HumanLoopInput(input_content=text),
            data_attributes=None if classifiers is None else HumanLoopDataAttributes(content_classifiers=classifiers),
        )
        return StartedLoop(name=chosen, arn=started.human_loop_arn or "", flow_definition_arn=arn)

    return steps


def _content_of(content: Any) -> str:
    """Return the content to show, as JSON. A text counts as JSON already."""
    if isinstance(content, str):
        return content
    try:
        return json.dumps(content)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError([Problem("content", "type", f"cannot be written as JSON: {error}")]) from None


def _name_for(flow: str) -> str:
    """Return a unique name: that of the flow definition with a random end."""
    tail = uuid4().hex[:16]
    head = re.sub(r"[^a-z0-9]+", "-", flow.rpartition("/")[2].lower()).strip("-")[: _LONGEST - len(tail) - 1].strip("-")
    return f"{head}-{tail}" if head else tail


class Reviewing:
    """The methods of `sm.flow_definitions` besides its operations: the human loops of a flow definition."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def start_human_loop(
        self,
        flow: str,
        content: Any,
        *,
        name: str | None = None,
        content_classifiers: Sequence[ContentClassifier | ContentClassifierValue] | None = None,
    ) -> StartedLoop:
        """Start a review by people, and return the human loop that began.

        Args:
            flow: ARN or name of the flow definition. A name takes an extra DescribeFlowDefinition call.
            content: What the task's template shows: a value to write as JSON, or a JSON text.
            name: Name of the loop, unique in the account for good; by default the flow's name with a random end.
            content_classifiers: Declares the content free of personal data or of adult content, as a public workforce
                needs.

        Raises `InvalidRequestError` for content that JSON cannot represent; `ResourceNotFoundError` for an unknown flow
        definition; `ConflictError` for a name that is taken; and any error that every call may raise.

        https://docs.aws.amazon.com/augmented-ai/2019-11-07/APIReference/API_StartHumanLoop.html
        """
        loop: StartedLoop = self._sender._run(_start(flow, content, name, content_classifiers))
        return loop

    def wait_for_human_loop(
        self,
        loop: StartedLoop | str,
        *,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeHumanLoopResponse]], object] | None = None,
        progress: bool = False,
        stop_on_interrupt: bool = False,
    ) -> DescribeHumanLoopResponse:
        """Wait until a review has finished. Returns the description of the loop, which says where the output is.

        `loop` is a `StartedLoop` or a name; the other arguments are those of every wait. Raises `WaitFailedError`,
        `WaitStoppedError` and `WaitTimeoutError`.

        https://docs.aws.amazon.com/augmented-ai/2019-11-07/APIReference/API_DescribeHumanLoop.html
        """
        found: DescribeHumanLoopResponse = self._sender.a2i.wait_until_completed(
            loop.name if isinstance(loop, StartedLoop) else loop,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            stop_on_interrupt=stop_on_interrupt,
        )
        return found

    def run_human_loop(
        self,
        flow: str,
        content: Any,
        *,
        name: str | None = None,
        content_classifiers: Sequence[ContentClassifier | ContentClassifierValue] | None = None,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeHumanLoopResponse]], object] | None = None,
        progress: bool = False,
        stop_on_interrupt: bool = False,
    ) -> DescribeHumanLoopResponse:
        """Start a review by people and wait for it: `start_human_loop`, then `wait_for_human_loop`."""
        return self.wait_for_human_loop(
            self.start_human_loop(flow, content, name=name, content_classifiers=content_classifiers),
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            stop_on_interrupt=stop_on_interrupt,
        )


class AsyncReviewing:
    """`Reviewing` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    async def start_human_loop(
        self,
        flow: str,
        content: Any,
        *,
        name: str | None = None,
        content_classifiers: Sequence[ContentClassifier | ContentClassifierValue] | None = None,
    ) -> StartedLoop:
        """Start a review by people. See `SageMaker.flow_definitions.start_human_loop` for the arguments."""
        loop: StartedLoop = await self._sender._run(_start(flow, content, name, content_classifiers))
        return loop

    async def wait_for_human_loop(
        self,
        loop: StartedLoop | str,
        *,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeHumanLoopResponse]], object] | None = None,
        progress: bool = False,
        stop_on_interrupt: bool = False,
    ) -> DescribeHumanLoopResponse:
        """Wait until a review has finished. See `SageMaker.flow_definitions.wait_for_human_loop`."""
        found: DescribeHumanLoopResponse = await self._sender.a2i.wait_until_completed(
            loop.name if isinstance(loop, StartedLoop) else loop,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            stop_on_interrupt=stop_on_interrupt,
        )
        return found

    async def run_human_loop(
        self,
        flow: str,
        content: Any,
        *,
        name: str | None = None,
        content_classifiers: Sequence[ContentClassifier | ContentClassifierValue] | None = None,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeHumanLoopResponse]], object] | None = None,
        progress: bool = False,
        stop_on_interrupt: bool = False,
    ) -> DescribeHumanLoopResponse:
        """Start a review by people and wait for it: `start_human_loop`, then `wait_for_human_loop`."""
        return await self.wait_for_human_loop(
            await self.start_human_loop(flow, content, name=name, content_classifiers=content_classifiers),
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            stop_on_interrupt=stop_on_interrupt,
        )

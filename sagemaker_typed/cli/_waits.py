"""Waits for what a command started, and prints the outcome."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from sagemaker_typed import SageMaker
from sagemaker_typed._core.printable import printable
from sagemaker_typed.cli._common import misuse, say, write
from sagemaker_typed.cli._output import OutputForm, show_response
from sagemaker_typed.cli._resources import states_of
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.structure import Request, Response, members_of, operation_of

__all__ = ["OPTIONS", "After"]

OPTIONS = ("timeout", "poll", "on_poll", "progress", "logs", "log_tail", "stop_on_interrupt")
"""The options that every wait takes besides the identifiers of its resource."""


class After:
    """The wait that follows a request; checked before the request is sent."""

    def __init__(
        self, sm: SageMaker, group_name: str, kind: str, *, state: str | None = None, logs: bool = False
    ) -> None:
        """`state` is the state to wait for; None stands for the state that the request leads to."""
        self._sm, self._group_name, self._kind = sm, group_name, kind
        self._state, self._logs = state, logs

    def method(self, cls: type[Request[Any]] | None) -> Any:
        """Return the wait that follows a request of the class. Asking for a missing wait is misuse."""
        run = RUNS.get(operation_of(cls).name) if cls is not None else None
        if run is not None and self._state is None:
            self._group_name, self._state = run.group, run.state
        states = states_of(self._group_name)
        if self._state not in states:
            raise misuse(f"there is nothing to wait for with {self._kind}", "--wait")
        method = getattr(getattr(self._sm, self._group_name), f"wait_until_{self._state}")
        if self._logs and "logs" not in inspect.signature(method).parameters:
            raise misuse(f"{self._kind} has no log that is known", "--logs")
        return method

    def arguments(self, request: Request[Any], answer: Any) -> dict[str, Any]:
        """Return the arguments of the wait, from the request and its answer."""
        wanted = inspect.signature(self.method(type(request))).parameters.keys() - set(OPTIONS)
        fields = {member.field for member in members_of(type(request))} & wanted
        found = {name: value for name in fields if (value := getattr(request, name)) is not None}
        found.update(_answered(request, answer, found))
        for name in WAITABLE[self._group_name].states[self._state or ""]:
            if name not in found and hasattr(answer, name):
                found[name] = getattr(answer, name)
        return found

    def wait(
        self, request: Request[Any], answer: Response | None, form: OutputForm, *, timeout: float | None, quiet: bool
    ) -> None:
        """Wait, and show how it ended: a line, or the last description."""
        method, arguments = self.method(type(request)), self.arguments(request, answer)
        options: dict[str, Any] = {"timeout": timeout, "progress": not quiet}
        if self._logs:
            options["logs"] = say  # standard output is for the answer
        if not form.is_document:
            show_response(answer, form)
        response = method(**arguments, **options)
        if form.is_document:
            show_response(response, form)
        else:
            state = self._state or ""
            name = str(arguments.get(WAITABLE[self._group_name].states[state][0], self._kind))
            write(f"{printable(name)} is {state.replace('_', ' ')}\n")


def _answered(request: Request[Any], answer: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What only the answer identifies the resource by."""
    run = RUNS.get(operation_of(type(request)).name)
    if run is None or run.answer is None or run.into is None or run.into in given:
        return {}
    identifier = str(getattr(answer, run.answer))
    return {run.into: int(identifier.rpartition("/")[2]) if run.tail else identifier}

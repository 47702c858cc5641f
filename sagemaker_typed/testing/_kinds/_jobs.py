"""The base of training, processing, transform, tuning and AutoML jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._resource import Call, RecordT, Resource
from sagemaker_typed.testing._states import State

__all__ = ["Jobs"]

_AFTER_THE_END = frozenset({"Deleting", "DeleteFailed"})


class Jobs(Resource[RecordT]):
    """Jobs that run once: InProgress, then Completed, Failed or Stopped."""

    terminal = frozenset({"Completed", "Failed", "Stopped"})
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "AlgorithmError: the job failed (as scripted)"}
    lives: ClassVar = {"create": ["InProgress", "Completed"], "stop": ["Stopping", "Stopped"]}
    start_member: ClassVar[str]
    end_member: ClassVar[str]
    running: ClassVar[str] = "InProgress"
    """The status, or the secondary status, with which the work itself begins."""

    def entered(self, record: RecordT, state: State, moment: int) -> None:
        if record.started is None and self.running in (state.status, state.secondary):
            record.started = moment
        if state.status in self.terminal:
            record.ended = moment
            if record.started is None and state.status == "Completed":
                record.started = moment
        elif state.status not in _AFTER_THE_END:
            record.ended = None  # a script with on="now" has revived it

    def stop(self, call: Call) -> None:
        record = self.find(call)
        if record.status in _AFTER_THE_END:
            raise AnsweredError(
                "ValidationException",
                f"The request was rejected because the {self.label} {record.name} is in status {record.status}.",
            )
        super().stop(call)

    def describe_document(self, record: RecordT) -> dict[str, Any]:
        document = super().describe_document(record)
        document.update(_times(self.start_member, record.started, self.end_member, record.ended, self.world.epoch))
        return document


def _times(start: str, started: int | None, end: str, ended: int | None, epoch: Any) -> dict[str, Any]:
    given = {start: started, end: ended}
    return {name: epoch(moment) for name, moment in given.items() if name and moment is not None}

"""Human loops of Amazon A2I. Their operations belong to a REST service, their states are like those of a job."""

from __future__ import annotations

import datetime
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._artifacts import bucket_and_key
from sagemaker_typed.testing._kinds.flows import FlowDefinitions
from sagemaker_typed.testing._listing import Listing, list_page
from sagemaker_typed.testing._model import ServiceTables, service_tables
from sagemaker_typed.testing._outcomes import Told
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource
from sagemaker_typed.testing._states import State, Vocabulary

__all__ = ["HumanLoops"]


@dataclass(eq=False, kw_only=True)
class HumanLoop(Record):
    folder: str
    """Of its flow definition's output."""


class HumanLoops(Resource[HumanLoop]):
    kind = "human_loop"
    noun = "HumanLoop"
    arn_type = "human-loop"
    listing = Listing("HumanLoopSummaries", descending=True, created_from=True)
    status_shape = "HumanLoopStatus"
    terminal = frozenset({"Completed", "Failed", "Stopped"})
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "The human loop failed (as scripted)"}
    lives: ClassVar = {"create": ["InProgress", "Completed"], "stop": ["Stopping", "Stopped"]}
    record_type = HumanLoop

    @classmethod
    def vocabulary(cls, model: ServiceTables) -> Vocabulary:
        del model  # SageMaker's model, which has no human loops
        return super().vocabulary(service_tables("sagemaker-a2i-runtime"))

    @classmethod
    def may_be_told(cls, model: ServiceTables) -> Told:
        del model
        return super().may_be_told(service_tables("sagemaker-a2i-runtime"))

    def operations(self) -> Mapping[str, Handler]:
        return {}  # no operations of SageMaker

    def human_loop_operations(self) -> Mapping[str, Handler]:
        """Return the handlers for the operations of the A2I service."""
        return {
            "StartHumanLoop": self._start,
            "DescribeHumanLoop": self.describe,
            "ListHumanLoops": self.list,
            "StopHumanLoop": self._stop,
            "DeleteHumanLoop": self._delete,
        }

    def shown(self, operation: str, document: Mapping[str, Any]) -> dict[str, Any]:
        model = service_tables("sagemaker-a2i-runtime")
        return model.project(model.output_name(operation), document)

    def unknown(self, call: Call, name: str) -> AnsweredError:
        return AnsweredError("ResourceNotFoundException", self.unknown_message(call.region, name))

    def describe_document(self, record: HumanLoop) -> dict[str, Any]:
        document = super().describe_document(record)
        if record.progress.state.reason is not None:
            document["FailureCode"] = "InternalError"
        if record.status == "Completed":
            document["HumanLoopOutput"] = {"OutputS3Uri": self._output(record)}
        return document

    def list(self, call: Call) -> Mapping[str, Any]:
        flow = call.parameters["FlowDefinitionArn"]
        return list_page(
            (record for record in self.records(call.region) if record.document["FlowDefinitionArn"] == flow),
            call.parameters,
            self.listing,
            epoch=self.world.epoch,
            show=lambda record: {**self.describe_document(record), **record.told},
        )

    def entered(self, record: HumanLoop, state: State, moment: int) -> None:
        if state.status == "Completed":
            output: dict[str, Any] = {
                "flowDefinitionArn": record.document["FlowDefinitionArn"],
                "humanLoopName": record.name,
                "inputContent": json.loads(record.document["HumanLoopInput"]["InputContent"]),
                "humanAnswers": [
                    {"answerContent": {}, "submissionTime": _iso(self.world.epoch(moment)), "workerId": "local"}
                ],
            }
            self.world.leave(record.region, *bucket_and_key(self._output(record)), json.dumps(output).encode())

    def _start(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["HumanLoopName"]
        if self.get(call.region, name) is not None:
            raise AnsweredError("ConflictException", f"A human loop named {name} already exists.")
        flow = self.world[FlowDefinitions].by_arn(call.parameters["FlowDefinitionArn"])
        if flow is None or flow.status != "Active":
            raise AnsweredError(
                "ValidationException", f"There is no active flow definition {call.parameters['FlowDefinitionArn']}."
            )
        content = call.parameters["HumanLoopInput"]["InputContent"]
        try:
            parsed: object = json.loads(content)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise AnsweredError("ValidationException", "InputContent must be the text of a JSON object.")
        output = flow.document["OutputConfig"]["S3OutputPath"]
        record = self.add(call, name, folder=posixpath.join(output, flow.name))
        return {"HumanLoopArn": record.arn}

    def _output(self, record: HumanLoop) -> str:
        began = datetime.datetime.fromtimestamp(self.world.epoch(record.created), datetime.UTC)
        return posixpath.join(record.folder, f"{began:%Y/%m/%d/%H/%M/%S}", record.name, "output.json")

    def _stop(self, call: Call) -> Mapping[str, Any]:
        self.stop(call)
        return {}

    def _delete(self, call: Call) -> Mapping[str, Any]:
        """Delete a loop in any state: the reference names no restriction."""
        self.remove(self.find(call))
        return {}


def _iso(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

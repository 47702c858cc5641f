"""Pipelines and their executions. The steps of a definition are shown with the status of the whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource, World
from sagemaker_typed.testing._states import State

__all__ = ["PipelineExecutions", "Pipelines"]

_TOKEN = "ClientRequestToken"
_NOBODY: dict[str, Any] = {}
"""Who created it. There are no users here."""


@dataclass(eq=False, kw_only=True)
class Pipeline(Record):
    definitions: list[str] = field(default_factory=list[str])
    """Of each version, the first one's first."""
    last_run: int | None = None
    executions: int = 0
    """Ever started."""


class Pipelines(Resource[Pipeline]):
    kind = "pipeline"
    noun = "Pipeline"
    arn_type = "pipeline"
    listing = Listing("PipelineSummaries", descending=True)
    status_shape = "PipelineStatus"
    lives: ClassVar = {"create": ["Active"]}
    search_member = "Pipeline"
    record_type = Pipeline

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._deletions: dict[tuple[str, str], str] = {}
        """The ARN of what was deleted, by region and token of the request."""

    def reset(self) -> None:
        super().reset()
        self._deletions.clear()

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreatePipeline": self.create,
            "DescribePipeline": self._describe,
            "ListPipelines": self.list,
            "UpdatePipeline": self._update,
            "DeletePipeline": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return f"Pipeline '{self.arn_of(region, name)}' does not exist."

    def duplicate_message(self, record: Pipeline) -> str:
        return (
            "Pipeline names must be unique within an AWS account and region. "
            f"Pipeline with name ({record.name}) already exists."
        )

    def create(self, call: Call) -> Mapping[str, Any]:
        existing = self.get(call.region, call.parameters["PipelineName"])
        if existing is not None:
            if existing.document[_TOKEN] == call.parameters[_TOKEN]:
                return {"PipelineArn": existing.arn}  # the same request, once more
            raise AnsweredError("ValidationException", self.duplicate_message(existing))
        definition = self._definition(call)
        if definition is None:
            raise AnsweredError(
                "ValidationException", "Pipeline Definition or Pipeline Definition S3 location should be provided"
            )
        record = self.add(call, call.parameters["PipelineName"], definitions=[definition])
        return {"PipelineArn": record.arn}

    def version(self, call: Call, pipeline: Pipeline) -> int:
        """The one that the request names, or the latest. There are no aliases here."""
        number, alias = call.parameters.get("PipelineVersionId"), call.parameters.get("PipelineVersionAlias")
        if number is not None and alias is not None:
            raise AnsweredError("ValidationException", "Give PipelineVersionId or PipelineVersionAlias, and not both.")
        if alias is not None or (number is not None and number > len(pipeline.definitions)):
            named = f"version {number}" if alias is None else f"version with the alias {alias}"
            raise self.world.not_found(call.operation, f"Pipeline '{pipeline.arn}' has no {named}.")
        return len(pipeline.definitions) if number is None else int(number)

    def describe_document(self, record: Pipeline) -> dict[str, Any]:
        document = super().describe_document(record)
        document.setdefault("PipelineDisplayName", record.name)
        document["PipelineDefinition"] = record.definitions[-1]
        document["CreatedBy"] = document["LastModifiedBy"] = _NOBODY
        if record.last_run is not None:
            document["LastRunTime"] = document["LastExecutionTime"] = self.world.epoch(record.last_run)
        return document

    def fits(self, record: Pipeline, parameters: Mapping[str, Any]) -> bool:
        managed = parameters.get("ManagedBy", "CUSTOMER")
        return record.name.startswith(parameters.get("PipelineNamePrefix", "")) and managed == "CUSTOMER"

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        definition = self._definition(call)
        for name in ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration"):
            if name in call.parameters:
                record.document[name] = call.parameters[name]
        if definition is not None:
            record.definitions.append(definition)
        record.modified = call.now
        return {"PipelineArn": record.arn, "PipelineVersionId": len(record.definitions)}

    def _describe(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        definition = record.definitions[self.version(call, record) - 1]
        return {**self.describe(call), "PipelineDefinition": definition}

    def _delete(self, call: Call) -> Mapping[str, Any]:
        request = call.region, call.parameters[_TOKEN]
        if request in self._deletions:
            return {"PipelineArn": self._deletions[request]}  # the same request, once more
        record = self.find(call)
        executions = self.world[PipelineExecutions]
        theirs = [execution for execution in executions.records(call.region) if execution.pipeline is record]
        running = [execution for execution in theirs if execution.status not in executions.terminal]
        if running:
            raise AnsweredError(
                "ConflictException", f"Pipeline '{record.arn}' has {len(running)} running executions: stop them first."
            )
        for execution in theirs:
            executions.remove(execution)
        self.remove(record)
        self._deletions[request] = record.arn
        return {"PipelineArn": record.arn}

    def _definition(self, call: Call) -> str | None:
        """From the request or from the embedded S3."""
        text, place = call.parameters.get("PipelineDefinition"), call.parameters.get("PipelineDefinitionS3Location")
        if text is not None and place is not None:
            raise AnsweredError(
                "ValidationException",
                "Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present",
            )
        if place is not None:
            content = self.world.objects.get_object(call.region, place["Bucket"], place["ObjectKey"])
            if content is None:
                raise AnsweredError(
                    "ValidationException",
                    f"Unable to read the pipeline definition: there is no object s3://{place['Bucket']}/{place['ObjectKey']}",
                )
            text = content.decode()
        return text


@dataclass(eq=False, kw_only=True)
class PipelineExecution(Record):
    pipeline: Pipeline
    definition: str
    attempts: int = 1
    requests: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The operations that have been done to it, with their tokens."""

    @property
    def names(self) -> tuple[str, ...]:
        display = self.document.get("PipelineExecutionDisplayName")
        return (*super().names, self.pipeline.name, *((display,) if display else ()))


class PipelineExecutions(Resource[PipelineExecution]):
    """A script's pattern and `advance` may name the pipeline, the display name, the ARN or its last part."""

    kind = "pipeline_execution"
    noun = "PipelineExecution"
    arn_type = "pipeline"
    listing = Listing(
        "PipelineExecutionSummaries", descending=True, keys={"PipelineExecutionArn": lambda record: record.arn}
    )
    status_shape = "PipelineExecutionStatus"
    terminal = frozenset({"Succeeded", "Failed", "Stopped", "CompletedWithFailures"})
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "Step failure: One or multiple steps failed (as scripted)."}
    lives: ClassVar = {
        "create": ["Executing", "Succeeded"],
        "retry": ["Executing", "Succeeded"],
        "stop": ["Stopping", "Stopped"],
    }
    search_member = "PipelineExecution"
    record_type = PipelineExecution

    def operations(self) -> Mapping[str, Handler]:
        return {
            "StartPipelineExecution": self._start,
            "DescribePipelineExecution": self.describe,
            "ListPipelineExecutions": self._list,
            "ListPipelineExecutionSteps": self._list_steps,
            "ListPipelineParametersForExecution": self._list_parameters,
            "DescribePipelineDefinitionForExecution": self._describe_definition,
            "StopPipelineExecution": self._stop,
            "RetryPipelineExecution": self._retry,
            "UpdatePipelineExecution": self._update,
        }

    @property
    def name_member(self) -> str:
        return "PipelineExecutionArn"

    def unknown_message(self, region: str, name: str) -> str:
        return f"Pipeline execution '{name}' does not exist."

    def describe_document(self, record: PipelineExecution) -> dict[str, Any]:
        document = super().describe_document(record)
        document["PipelineExecutionArn"] = record.arn
        document["PipelineArn"] = record.pipeline.arn
        document["StartTime"] = document["CreationTime"]
        document["CreatedBy"] = document["LastModifiedBy"] = _NOBODY
        if record.progress.state.reason is not None:
            document["PipelineExecutionFailureReason"] = record.progress.state.reason
        return document

    def fits(self, record: PipelineExecution, parameters: Mapping[str, Any]) -> bool:
        return parameters["PipelineName"] in (record.pipeline.name, record.pipeline.arn)

    def entered(self, record: PipelineExecution, state: State, moment: int) -> None:
        if record.started is None:
            record.started = moment
        record.ended = moment if state.status in self.terminal else None

    def _start(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.world[Pipelines].find(call)
        request = call.operation, call.parameters[_TOKEN]
        for execution in self.records(call.region):
            if execution.pipeline is pipeline and request in execution.requests:
                return {"PipelineExecutionArn": execution.arn}  # the same request, once more
        version = self.world[Pipelines].version(call, pipeline)
        pipeline.executions += 1
        # As long as the service's own, and the same in each run of a test.
        name = hashlib.sha256(f"{pipeline.arn} {pipeline.executions}".encode()).hexdigest()[:12]
        pipeline.last_run = call.now
        script_names = (pipeline.name, call.parameters.get("PipelineExecutionDisplayName", ""))
        record = self.add(
            call,
            name,
            tail=f"pipeline/{pipeline.name}/execution/{name}",
            also=script_names,
            pipeline=pipeline,
            definition=pipeline.definitions[version - 1],
            requests={request},
        )
        record.document["PipelineVersionId"] = version
        return {"PipelineExecutionArn": record.arn}

    def _list(self, call: Call) -> Mapping[str, Any]:
        pipelines = self.world[Pipelines]
        pipelines.version(call, pipelines.find(call))
        return self.list(call)

    def _stop(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        request = call.operation, call.parameters[_TOKEN]
        if request not in record.requests:
            self.stop(call)
            record.requests.add(request)
        return {"PipelineExecutionArn": record.arn}

    def _retry(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        request = call.operation, call.parameters[_TOKEN]
        if request not in record.requests:
            if record.status not in {"Failed", "Stopped"}:
                raise AnsweredError(
                    "ConflictException",
                    f"Pipeline execution '{record.arn}' is {record.status}: only one that failed or stopped runs again.",
                )
            record.requests.add(request)
            record.attempts += 1
            self.begin(record, "retry", call.now)
        return {"PipelineExecutionArn": record.arn}

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        record.document.update({name: value for name, value in call.parameters.items() if name != self.name_member})
        record.modified = call.now
        return {"PipelineExecutionArn": record.arn}

    def _describe_definition(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        return {"PipelineDefinition": record.definition, "CreationTime": self.world.epoch(record.created)}

    def _list_parameters(self, call: Call) -> Mapping[str, Any]:
        given = enumerate(self.find(call).document.get("PipelineParameters", ()))
        return page_of(
            given,
            call.parameters,
            result_key="PipelineParameters",
            place=lambda pair: (pair[0], ""),
            show=lambda pair: pair[1],
        )

    def _list_steps(self, call: Call) -> Mapping[str, Any]:
        # Optional in the model, and of no use without.
        if "PipelineExecutionArn" not in call.parameters:
            raise AnsweredError("ValidationException", "PipelineExecutionArn must be given")
        record = self.find(call)
        return page_of(
            enumerate(_steps(record.definition)),
            call.parameters,
            result_key="PipelineExecutionSteps",
            place=lambda pair: (pair[0], ""),
            show=lambda pair: self._step(record, pair[1]),
            descending=call.parameters.get("SortOrder") == "Descending",
        )

    def _step(self, record: PipelineExecution, step: Mapping[str, Any]) -> dict[str, Any]:
        status = "Failed" if record.status == "CompletedWithFailures" else record.status
        shown: dict[str, Any] = {
            "StepName": str(step.get("Name", "")),
            "StepStatus": status,
            "AttemptCount": record.attempts,
            "StartTime": self.world.epoch(record.created),
        }
        for member, key in (("StepDisplayName", "DisplayName"), ("StepDescription", "Description")):
            if key in step:
                shown[member] = str(step[key])
        if record.ended is not None:
            shown["EndTime"] = self.world.epoch(record.ended)
        if status == "Failed" and record.progress.state.reason:
            shown["FailureReason"] = record.progress.state.reason
        return shown


def _steps(definition: str) -> list[Mapping[str, Any]]:
    """None of a definition that is no JSON object: CreatePipeline takes any text."""
    try:
        parsed: object = json.loads(definition)
    except ValueError:
        return []
    if not isinstance(parsed, dict):
        return []
    steps: object = cast("dict[str, object]", parsed).get("Steps")
    listed = cast("list[object]", steps) if isinstance(steps, list) else []
    return [cast("Mapping[str, Any]", step) for step in listed if isinstance(step, dict)]

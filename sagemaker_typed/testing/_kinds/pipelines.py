"""Pipelines, their executions and steps. A step runs during its execution, after the steps that it depends on."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._step_jobs import StepJob, UnknownValueError, make_job, read_path, resolved
from sagemaker_typed.testing._kinds._steps import PlannedStep, outcome_of, parameters_of, planned
from sagemaker_typed.testing._kinds._waves import ended_waves
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource, World
from sagemaker_typed.testing._states import State

__all__ = ["PipelineExecutions", "PipelineSteps", "Pipelines"]

_TOKEN = "ClientRequestToken"
_STEP_FAILURE = "Step failure: One or multiple steps failed."
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
        """Return the version in the request, by default the latest. Aliases are not supported."""
        number, alias = call.parameters.get("PipelineVersionId"), call.parameters.get("PipelineVersionAlias")
        if number is not None and alias is not None:
            raise AnsweredError("ValidationException", "Give PipelineVersionId or PipelineVersionAlias, not both.")
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
        """Return the definition from the request or from the embedded S3."""
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


_ENDED = frozenset({"Succeeded", "Failed", "Stopped"})
_EXECUTING = State("Executing")


class PipelineSteps(Resource[Record]):
    """The scripts of steps, whose state is in their execution. A pattern matches `step` or `pipeline/step`."""

    kind = "pipeline_step"
    noun = "PipelineExecutionStep"
    arn_type = "pipeline"
    listing = Listing("PipelineExecutionSteps")
    status_shape = "StepStatus"
    paced = False
    terminal = _ENDED
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "ClientError: the step failed (as scripted)"}
    lives: ClassVar = {"create": ["Executing", "Succeeded"], "retry": ["Executing", "Succeeded"]}

    def operations(self) -> Mapping[str, Handler]:
        return {}

    @classmethod
    def described_shapes(cls, model: ServiceTables) -> Sequence[str]:
        del model
        return ["PipelineExecutionStep"]

    def end_of(self, pipeline: Pipeline, step: PlannedStep, phase: str) -> tuple[State, bool]:
        """Return the final state of a step, and whether a script sets it."""
        script = self._script(phase, (step.name, f"{pipeline.name}/{step.name}"))
        return self._resolve(script.states[-1], {**step.definition, "PipelineName": pipeline.name}), script.given


def _token(record: PipelineExecution, plan: PlannedStep) -> str:
    """As long as the service's own, and the same in each run of a test."""
    return hashlib.sha256(f"{record.arn} {plan.name} {record.attempts}".encode()).hexdigest()[:10]


@dataclass(slots=True)
class _Step:
    """A step that has started."""

    plan: PlannedStep
    end: State
    started: int
    state: State
    scripted: bool = False
    attempts: int = 1
    ended: int | None = None
    token: str = ""
    """The token of a callback step that waits for its call."""
    outputs: Sequence[Mapping[str, str]] = ()
    """The output parameters that a callback step was given."""
    job: StepJob | None = None

    @property
    def waits(self) -> bool:
        """Whether only a call of the user ends the step."""
        if self.state.status != "Executing":
            return False
        return bool(self.token) or (self.job is not None and not self.scripted and self.job.stuck)

    def reach(self, state: State, moment: int) -> None:
        self.state = state
        self.ended = moment if state.status in _ENDED else None
        if self.job is not None:
            self.job.follow(state, moment)

    def finish(self, moment: int) -> None:
        """Enter the final state, or the failure caused by a job that ended differently."""
        turned = None if self.job is None or self.scripted else self.job.end
        self.reach(self.end if turned is None else turned, moment)

    @property
    def metadata(self) -> Mapping[str, Any]:
        if self.plan.calls_back and self.token:
            about: dict[str, Any] = {"CallbackToken": self.token, "OutputParameters": list(self.outputs)}
            queue = self.plan.definition.get("SqsQueueUrl")
            return {"Callback": {**about, **({"SqsQueueUrl": queue} if isinstance(queue, str) else {})}}
        return self.plan.metadata if self.job is None else self.job.metadata


@dataclass(eq=False, kw_only=True)
class PipelineExecution(Record):
    pipeline: Pipeline
    definition: str
    plan: list[PlannedStep] = field(default_factory=list[PlannedStep])
    steps: dict[str, _Step] = field(default_factory=dict[str, _Step])
    """By name, in the order of their start."""
    over: int = 0
    """The number of waves of steps that have ended."""
    attempts: int = 1
    requests: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The operations on the execution and their idempotency tokens."""

    @property
    def names(self) -> tuple[str, ...]:
        display = self.document.get("PipelineExecutionDisplayName")
        return (*super().names, self.pipeline.name, *((display,) if display else ()))

    @property
    def waits(self) -> bool:
        """Whether a step waits for a call of the user."""
        return self.status in {"Executing", "Succeeded"} and any(step.waits for step in self.steps.values())

    def takes(self, plan: PlannedStep) -> bool:
        """Whether a step is on the branch that its condition has chosen."""
        if plan.branch is None:
            return True
        condition = self.steps.get(plan.branch[0])
        return condition is not None and plan.branch[1] == outcome_of(condition.state.members)


class PipelineExecutions(Resource[PipelineExecution]):
    """Executions. Scripts and `advance` match the pipeline, the display name, the ARN or its last part."""

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
            "SendPipelineExecutionStepSuccess": self._step_succeeded,
            "SendPipelineExecutionStepFailure": self._step_failed,
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

    def settle(self, now: int) -> None:
        for record in list(self._moving.values()):
            self._run_on(record, now)
            if not record.waits:
                self._follow(record, record.progress.settle(now))

    def advance(self, name: str | None, now: int) -> int:
        """Move executions by one state, except for those that wait for a call of the user."""
        moved = 0
        for record in list(self._moving.values()):
            if (name is None or name in record.names) and not record.waits:
                moved += self._follow(record, record.progress.advance(now))
        return moved

    def describe(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        self._run_on(record, call.now)
        if record.waits:
            return self.shown(call.operation, {**self.describe_document(record), **record.told})
        return super().describe(call)

    def entered(self, record: PipelineExecution, state: State, moment: int) -> None:
        if record.started is None:
            record.started = moment
        record.ended = moment if state.status in self.terminal else None
        self._run_on(record, moment)
        if state.status == "Succeeded":
            self._run(record, self._waves(record), moment)
            if record.waits:
                record.progress.back(_EXECUTING, moment)
                record.ended = None
        elif state.status in {"Failed", "CompletedWithFailures", "Stopping", "Stopped"}:
            status = "Failed" if state.status == "CompletedWithFailures" else state.status
            for step in record.steps.values():
                if step.state.status not in _ENDED:
                    reason = state.reason if status == "Failed" else None
                    step.reach(State(status, reason), moment)

    # --- its steps ---------------------------------------------------------------------------------------------------

    def _waves(self, record: PipelineExecution) -> int:
        return max((step.wave for step in record.plan), default=0) + 1

    def _run_on(self, record: PipelineExecution, now: int) -> None:
        """Run the steps that are due."""
        if record.status != "Executing":
            return
        waves = self._waves(record)
        over = ended_waves(record.progress.share("Executing", now), waves)
        try:
            # The last wave ends with the execution itself, which may end differently.
            self._run(record, min(over, waves - 1), now)
            if record.status == "Executing":
                self._begin_wave(record, record.over, now)
        except AnsweredError as error:
            # A script's function failed. The current call may concern another resource, so the execution fails instead.
            self._fail(record, error.message, now)

    def _run(self, record: PipelineExecution, over: int, now: int) -> None:
        """End the waves up to this one. A failed step ends the execution."""
        while record.over < over:
            self._begin_wave(record, record.over, now)
            moment = self._moment(record, record.over + 1, now)
            for step in record.steps.values():
                if step.plan.wave == record.over and step.state.status not in _ENDED and not step.waits:
                    step.finish(moment)
            if any(step.waits for step in record.steps.values()):
                return
            record.over += 1
            failed = [step.plan.name for step in record.steps.values() if step.state.status == "Failed"]
            if failed:
                self._fail(record, _STEP_FAILURE, moment)
                return

    def _fail(self, record: PipelineExecution, reason: str, moment: int) -> None:
        record.progress.restart([State("Failed", reason)], moment, self.world.pace)
        self._arrive(record)

    def _begin_wave(self, record: PipelineExecution, wave: int, now: int) -> None:
        moment = self._moment(record, wave, now)
        steps = self.world[PipelineSteps]
        phase = "create" if record.attempts == 1 else "retry"
        for plan in record.plan:
            if plan.wave == wave and plan.name not in record.steps and record.takes(plan):
                end, given = steps.end_of(record.pipeline, plan, phase)
                if plan.failure is not None and end.status == "Succeeded":
                    end = State("Failed", plan.failure, members=end.members)
                step = _Step(plan, end, moment, _EXECUTING, given, record.attempts)
                if plan.calls_back and not given:
                    step.token = _token(record, plan)
                record.steps[plan.name] = step
                self._begin_work(record, step, moment)

    def _begin_work(self, record: PipelineExecution, step: _Step, moment: int) -> None:
        """Create the job of a step. If the service refuses the request, the step fails with the error."""
        arguments: object
        try:
            arguments = resolved(step.plan.definition.get("Arguments", {}), lambda path: self._value(record, path))
        except UnknownValueError:
            return
        if step.plan.definition.get("Type") in {"Condition", "Fail", "Callback"} or not isinstance(arguments, dict):
            return
        try:
            request = cast("dict[str, Any]", arguments)
            step.job = make_job(self.world, record.region, step.plan, record.name, record.attempts, request, moment)
        except AnsweredError as error:
            step.end = State("Failed", error.message, members=step.end.members)

    def _value(self, record: PipelineExecution, path: str) -> Any:
        """Return the value of {"Get": path} in an argument."""
        begin, _, rest = path.partition(".")
        if begin == "Parameters":
            return read_path(parameters_of(record.definition, record.document.get("PipelineParameters", ())), rest)
        if begin == "Execution":
            started = datetime.datetime.fromtimestamp(self.world.epoch(record.created), datetime.UTC).isoformat()
            known = {
                "PipelineName": record.pipeline.name,
                "PipelineArn": record.pipeline.arn,
                "PipelineExecutionId": record.name,
                "PipelineExecutionArn": record.arn,
                "StartDateTime": started,
                "CurrentDateTime": started,
            }
            return read_path(known, rest)
        name, _, rest = rest.partition(".")
        step = record.steps.get(name)
        if begin != "Steps" or step is None:
            raise UnknownValueError(path)
        outputs: dict[str, Any] = {"OutputParameters": list(step.outputs)} if step.outputs else {}
        return read_path(outputs if step.job is None else {**step.job.document(), **outputs}, rest)

    def _moment(self, record: PipelineExecution, wave: int, now: int) -> int:
        moment = record.progress.moment_of("Executing", wave / self._waves(record))
        return now if moment is None else min(moment, now)

    # --- its operations ----------------------------------------------------------------------------------------------

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
            plan=planned(pipeline.definitions[version - 1]),
            requests={request},
        )
        record.document["PipelineVersionId"] = version
        milliseconds = round(self.world.epoch(record.created) * 1000)
        record.document.setdefault("PipelineExecutionDisplayName", f"execution-{milliseconds}")
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
                    f"Pipeline execution '{record.arn}' is {record.status}: only failed and stopped ones can be retried.",
                )
            record.requests.add(request)
            record.attempts += 1
            record.over = 0
            # Succeeded steps do not run again.
            for name in [name for name, step in record.steps.items() if step.state.status != "Succeeded"]:
                del record.steps[name]
            self.begin(record, "retry", call.now)
        return {"PipelineExecutionArn": record.arn}

    def _step_succeeded(self, call: Call) -> Mapping[str, Any]:
        outputs = call.parameters.get("OutputParameters", ())
        return self._called_back(call, State("Succeeded"), outputs)

    def _step_failed(self, call: Call) -> Mapping[str, Any]:
        reason = call.parameters.get("FailureReason", "The callback step was told to fail.")
        return self._called_back(call, State("Failed", reason), ())

    def _called_back(self, call: Call, end: State, outputs: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """End a callback step, so that the execution continues."""
        token = call.parameters["CallbackToken"]
        pairs = ((record, step) for record in self.records(call.region) for step in record.steps.values())
        found = next(((record, step) for record, step in pairs if step.token == token), None)
        if found is None:
            raise self.world.not_found(call.operation, f"Callback token '{token}' does not exist.")
        record, step = found
        request = call.operation, call.parameters.get(_TOKEN, "")
        if request in record.requests:
            return {"PipelineExecutionArn": record.arn}  # the same request, once more
        if not step.waits:
            raise AnsweredError(
                "ConflictException", f"The step '{step.plan.name}' of the token '{token}' is {step.state.status}."
            )
        record.requests.add(request)
        step.outputs = outputs
        step.reach(replace(end, members=step.end.members) if end.status == "Succeeded" else end, call.now)
        if not record.waits:
            record.progress.again(call.now)
        self._run_on(record, call.now)
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
        # Optional in the model, but needed by every operation.
        if "PipelineExecutionArn" not in call.parameters:
            raise AnsweredError("ValidationException", "PipelineExecutionArn must be given")
        record = self.find(call)
        order = {plan.name: index for index, plan in enumerate(record.plan)}
        return page_of(
            record.steps.values(),
            call.parameters,
            result_key="PipelineExecutionSteps",
            place=lambda step: (order[step.plan.name], ""),
            show=self._shown_step,
            descending=call.parameters.get("SortOrder") == "Descending",
        )

    def _shown_step(self, step: _Step) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "StepName": step.plan.name,
            "StepStatus": step.state.status,
            "AttemptCount": step.attempts,
            "StartTime": self.world.epoch(step.started),
        }
        for member, key in (("StepDisplayName", "DisplayName"), ("StepDescription", "Description")):
            if key in step.plan.definition:
                shown[member] = str(step.plan.definition[key])
        if step.metadata:
            shown["Metadata"] = step.metadata
        if step.ended is not None:
            shown["EndTime"] = self.world.epoch(step.ended)
        if step.state.status == "Failed" and step.state.reason:
            shown["FailureReason"] = step.state.reason
        return {**shown, **step.state.members}

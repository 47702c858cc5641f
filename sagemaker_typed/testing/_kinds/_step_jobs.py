"""The resources that pipeline steps create: the job, model or model package that their arguments describe.

A step creates a resource only if its arguments are a complete request. Steps without arguments, as tests write them,
create nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._steps import PlannedStep
from sagemaker_typed.testing._kinds.packages import ModelPackageGroups
from sagemaker_typed.testing._kinds.training import TrainingJob
from sagemaker_typed.testing._resource import Call, Record, Resource, World
from sagemaker_typed.testing._states import Script, State
from sagemaker_typed.testing._validation import check_request

__all__ = ["StepJob", "UnknownValueError", "make_job", "read_path", "resolved"]

_LONGEST_NAME = 63
_MOVES = frozenset({"Training", "Processing", "Transform", "Tuning", "AutoML"})
"""The types of steps that last as long as what they make."""


@dataclass(frozen=True, slots=True)
class _StepWork:
    operation: str
    kind: str
    metadata: str
    """The member of the step's Metadata that names what was made."""
    name: str
    """The member of the request that the pipeline fills in; empty if there is none."""


_WORK: Mapping[str, _StepWork] = {
    "Training": _StepWork("CreateTrainingJob", "training_job", "TrainingJob", "TrainingJobName"),
    "Processing": _StepWork("CreateProcessingJob", "processing_job", "ProcessingJob", "ProcessingJobName"),
    "Transform": _StepWork("CreateTransformJob", "transform_job", "TransformJob", "TransformJobName"),
    "Tuning": _StepWork(
        "CreateHyperParameterTuningJob", "hyper_parameter_tuning_job", "TuningJob", "HyperParameterTuningJobName"
    ),
    "AutoML": _StepWork("CreateAutoMLJob", "auto_ml_job", "AutoMLJob", "AutoMLJobName"),
    "Model": _StepWork("CreateModel", "model", "Model", "ModelName"),
    "RegisterModel": _StepWork("CreateModelPackage", "model_package", "RegisterModel", ""),
}
"""By the type of a step."""


class UnknownValueError(Exception):
    """A value in a step's arguments that cannot be resolved."""


@dataclass(slots=True)
class StepJob:
    """The resource that a step has created."""

    resource: Resource[Any]
    record: Record
    metadata: Mapping[str, Any]
    final: State | None
    """The final state of a job unless the step sets another. None for resources without states."""

    @property
    def there(self) -> bool:
        """Whether the resource still exists; users may delete it."""
        return self.resource.by_arn(self.record.arn) is self.record

    @property
    def stuck(self) -> bool:
        """Whether a script keeps the job in progress until somebody stops it."""
        over = self.final is None or self.final.status in self.resource.terminal
        return not over and self.there and self.record.status == "InProgress"

    @property
    def end(self) -> State | None:
        """The failure that the job's end causes in the step. None if it causes none."""
        final = self.final
        if final is not None and self.there and self.record.status in {"Failed", "Stopping", "Stopped"}:
            final = self.record.progress.state  # somebody else has ended it
        if final is None or final.status not in {"Failed", "Stopping", "Stopped"}:
            return None
        label = f"the {self.resource.label} {self.record.name} is {final.status}"
        return State("Failed", f"ClientError: {final.reason or label}")

    def follow(self, state: State, moment: int) -> None:
        """Move the job to the state that corresponds to the step's state."""
        if self.final is None or not self.there or self.record.status in self.resource.terminal:
            return
        status = {"Succeeded": "Completed"}.get(state.status, state.status)
        target = State(status, state.reason, self.resource.secondaries.get(status, ""))
        if status == self.final.status:
            target = self.final
        _put(self, target, moment)

    def document(self) -> Mapping[str, Any]:
        """Return the members of its Describe, for steps that refer to them."""
        return {**self.resource.describe_document(self.record), **self.record.told}


def make_job(
    world: World,
    region: str,
    step: PlannedStep,
    execution: str,
    attempt: int,
    arguments: Mapping[str, Any],
    moment: int,
) -> StepJob | None:
    """Create the job of a step. Return None if the arguments are not a complete request.

    Raises `AnsweredError` with the failure reason of the step.
    """
    work = _WORK.get(str(step.definition.get("Type", "")))
    if work is None or not arguments:
        return None
    request = dict(arguments)
    if work.name:
        request[work.name] = _job_name(str(request.get(work.name, "")), execution, step.name, attempt)
    try:
        check_request(world.model, work.operation, request, patterns=False)
    except AnsweredError:
        return None
    resource = world.of_kind(work.kind)
    assert resource is not None
    _make_group(world, region, work, request, moment)
    try:
        answer = resource.operations()[work.operation](Call(work.operation, region, request, moment))
    except AnsweredError as error:
        reason = f"ClientError: Failed to invoke sagemaker:{work.operation}. Error Details: {error.message}"
        raise AnsweredError(error.code, reason, error.status) from error
    (arn,) = (answer or {}).values()
    record = resource.by_arn(str(arn))
    assert record is not None
    moves = step.definition.get("Type") in _MOVES
    job = StepJob(resource, record, {work.metadata: {"Arn": arn}}, record.progress.final if moves else None)
    if moves:
        _hold(job, moment)
    return job


def _job_name(given: str, execution: str, step: str, attempt: int) -> str:
    """Return the job's name as the service forms it: with the step's name or the prefix in the arguments."""
    suffix = hashlib.sha256(f"{execution} {step} {attempt}".encode()).hexdigest()[:10]
    head = f"{given}-{execution}" if given else f"pipelines-{execution}-{step.replace('_', '-')[:20]}"
    return f"{head[: _LONGEST_NAME - 11].rstrip('-')}-{suffix}"


def _make_group(world: World, region: str, work: _StepWork, request: Mapping[str, Any], moment: int) -> None:
    """Create the model package group when a step registers its first model."""
    name = request.get("ModelPackageGroupName")
    groups = world[ModelPackageGroups]
    if work.kind == "model_package" and name is not None and groups.get(region, name) is None:
        groups.add(Call("CreateModelPackageGroup", region, {"ModelPackageGroupName": name}, moment), name)


def _hold(job: StepJob, moment: int) -> None:
    """Start the job. It lasts as long as the step and has the step's times, whatever the script for the job says."""
    record = job.record
    if isinstance(record, TrainingJob):
        record.transitions.clear()
    record.told.clear()
    record.metrics.clear()
    record.created, record.started, record.ended = moment, None, None
    _put(job, State("InProgress", secondary=job.resource.secondaries.get("InProgress", "")), moment)


def _put(job: StepJob, state: State, moment: int) -> None:
    job.resource.put(job.record, Script((state,), job.resource.world.pace, given=False), moment)
    job.record.scripted = False


# --- values in arguments ----------------------------------------------------------------------------------------------


def resolved(value: Any, get: Callable[[str], Any]) -> Any:
    """Return the value with references resolved. `get` resolves {"Get": ...} or raises `UnknownValueError`."""
    if isinstance(value, list):
        return [resolved(each, get) for each in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, Any]", value)
    if members.keys() == {"Get"}:
        return get(str(members["Get"]))
    if members.keys() == {"Std:Join"}:
        join = cast("dict[str, Any]", members["Std:Join"])
        return str(join.get("On", "")).join(str(resolved(each, get)) for each in join.get("Values", ()))
    if any(name.startswith("Std:") for name in members):
        raise UnknownValueError(f"LocalSageMaker cannot evaluate {', '.join(members)}")
    return {name: resolved(each, get) for name, each in members.items()}


def read_path(document: Any, path: str) -> Any:
    """Follow a path such as `Outputs['train'].S3Output.S3Uri`: members by name, items by number or by name."""
    found = document
    for name, number, member in re.findall(r"\[(?:['\"]([^'\"]*)['\"]|(\d+))\]|([^.\[\]]+)", path):
        found = _item(found, name or member, int(number) if number else None)
    return found


def _item(found: Any, name: str, number: int | None) -> Any:
    item: Any = None
    if isinstance(found, dict):
        item = cast("dict[str, Any]", found).get(name)
    elif isinstance(found, list):
        items = cast("list[object]", found)
        item = _named(items, name) if number is None else next(iter(items[number : number + 1]), None)
    if item is None:
        raise UnknownValueError(f"there is no {name or number}")
    return item


def _named(items: list[object], name: str) -> Any:
    """Return the named item, such as the output with that OutputName. Of a name-value pair, return the value."""
    for item in items:
        about = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if any(key.endswith("Name") and value == name for key, value in about.items()):
            return about["Value"] if about.keys() == {"Name", "Value"} else about
    return None

"""What a step of a pipeline makes: the job, model or model package that its arguments ask for.

Only where the arguments are a whole request. Tests write steps without any, and nothing is made of those.
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
    """A value in a step's arguments that is known to nobody here."""


@dataclass(slots=True)
class StepJob:
    """What a step has made."""

    resource: Resource[Any]
    record: Record
    metadata: Mapping[str, Any]
    final: State | None
    """What a job comes to if the step does not say otherwise; None for what has no end."""

    @property
    def there(self) -> bool:
        """It may be deleted on its own."""
        return self.resource.by_arn(self.record.arn) is self.record

    @property
    def stuck(self) -> bool:
        """Whether a script leaves the job where it is, until somebody stops it."""
        over = self.final is None or self.final.status in self.resource.terminal
        return not over and self.there and self.record.status == "InProgress"

    @property
    def end(self) -> State | None:
        """What its end is to the step; None: nothing."""
        final = self.final
        if final is not None and self.there and self.record.status in {"Failed", "Stopping", "Stopped"}:
            final = self.record.progress.state  # somebody else has ended it
        if final is None or final.status not in {"Failed", "Stopping", "Stopped"}:
            return None
        label = f"the {self.resource.label} {self.record.name} is {final.status}"
        return State("Failed", f"ClientError: {final.reason or label}")

    def follow(self, state: State, moment: int) -> None:
        """Come to the state that goes with that of the step."""
        if self.final is None or not self.there or self.record.status in self.resource.terminal:
            return
        status = {"Succeeded": "Completed"}.get(state.status, state.status)
        target = State(status, state.reason, self.resource.secondaries.get(status, ""))
        if status == self.final.status:
            target = self.final
        _put(self, target, moment)

    def document(self) -> Mapping[str, Any]:
        """What its Describe gives, for the steps that read from it."""
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
    """None where the arguments are no whole request. Raises `AnsweredError` in the words that the step fails with."""
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
    """As the service makes it: with the name of the step, or with the prefix that the arguments give."""
    suffix = hashlib.sha256(f"{execution} {step} {attempt}".encode()).hexdigest()[:10]
    head = f"{given}-{execution}" if given else f"pipelines-{execution}-{step.replace('_', '-')[:20]}"
    return f"{head[: _LONGEST_NAME - 11].rstrip('-')}-{suffix}"


def _make_group(world: World, region: str, work: _StepWork, request: Mapping[str, Any], moment: int) -> None:
    """A step that registers a model makes the group that it is the first of."""
    name = request.get("ModelPackageGroupName")
    groups = world[ModelPackageGroups]
    if work.kind == "model_package" and name is not None and groups.get(region, name) is None:
        groups.add(Call("CreateModelPackageGroup", region, {"ModelPackageGroupName": name}, moment), name)


def _hold(job: StepJob, moment: int) -> None:
    """Begin the work, which lasts as long as the step. Its times are the step's, whatever the script for it says."""
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
    """The value with what it refers to. `get` finds what {"Get": ...} names, and raises `UnknownValueError`."""
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
        raise UnknownValueError(f"nothing here evaluates {', '.join(members)}")
    return {name: resolved(each, get) for name, each in members.items()}


def read_path(document: Any, path: str) -> Any:
    """`Outputs['train'].S3Output.S3Uri`: members by name, items by number or by the name that they have."""
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
    """The item of a name, such as the output that has it as its OutputName; of one that is a name and a value, the value."""
    for item in items:
        about = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if any(key.endswith("Name") and value == name for key, value in about.items()):
            return about["Value"] if about.keys() == {"Name", "Value"} else about
    return None

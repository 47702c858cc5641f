"""CloudWatch Logs of jobs and endpoints: their default lines, and the lines that tests give them.

The lines are kept here until a program reads logs, so that moto, which answers CloudWatch Logs, is not imported earlier.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Protocol

from sagemaker_typed.testing._resource import Record, World
from sagemaker_typed.testing._states import State

__all__ = ["LogBook", "LogStore"]

_EPOCHS = 3


class LogStore(Protocol):
    """CloudWatch Logs."""

    def write_log(self, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Append to a stream, and create the stream and its group if needed. Times are milliseconds since 1970."""
        ...


class _Voice(Protocol):
    """The default lines of one kind."""

    def __call__(self, record: Record, state: State, clock: Callable[[], str], /) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class _Source:
    """The log group and streams of one kind, when it starts to write, and its default lines."""

    group: str
    streams: Callable[[Record, int], Sequence[str]]
    """Called with a record and its start in milliseconds since 1970."""
    begins: frozenset[str]
    """The statuses and secondary statuses at which a resource starts to write."""
    opening: _Voice
    closing: Mapping[str, _Voice]
    """By status or secondary status."""

    def group_of(self, record: Record) -> str:
        return self.group.format(name=record.name)


@dataclass(eq=False, slots=True)
class _Voices:
    """The logs of one record."""

    streams: Sequence[str]
    told: bool
    """Whether a test has set the lines, so that no default lines are added."""


@dataclass(slots=True)
class _Told:
    kind: str
    pattern: str
    lines: Sequence[str]
    stream: str | None


@dataclass(slots=True)
class _Unwritten:
    region: str
    group: str
    stream: str
    events: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


class LogBook:
    """The log lines of all resources. Not thread-safe: the caller holds the lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._told: list[_Told] = []
        self._begun: weakref.WeakKeyDictionary[Record, _Voices] = weakref.WeakKeyDictionary()
        self._unwritten: dict[tuple[str, str, str], _Unwritten] = {}
        world.listeners.append(self.entered)

    @staticmethod
    def kinds() -> Sequence[str]:
        """Return the kinds that write logs."""
        return list(_SOURCES)

    def clear(self) -> None:
        self._told.clear()
        self._begun.clear()
        self._unwritten.clear()

    # --- what is written ---------------------------------------------------------------------------------------------

    def tell(self, kind: str, pattern: str, lines: Sequence[str], stream: str | None, now: int) -> None:
        """Write to the resources that have started to write, and to others when they start."""
        found = [
            record
            for resource in self._world.resources
            if resource.kind == kind
            for record in resource.records()
            if record in self._begun and any(fnmatchcase(name, pattern) for name in record.names)
        ]
        for record in found:
            self._write(kind, record, lines, now, stream=stream)
        if not found or any(sign in pattern for sign in "*?["):
            self._told.append(_Told(kind, pattern, list(lines), stream))

    def note(self, record: Record, lines: Sequence[str], now: int, *, variant: str) -> None:
        """Write lines of an endpoint in service to the stream of one of its variants."""
        begun = self._begun.get(record)
        if begun is None or begun.told:
            return
        stream = next((name for name in begun.streams if name.startswith(f"{variant}/")), begun.streams[0])
        self._write("endpoint", record, lines, now, stream=stream)

    def entered(self, kind: str, record: Record, state: State, moment: int) -> None:
        """React to a resource that has entered a state."""
        source = _SOURCES.get(kind)
        if source is None:
            return
        words = {state.status, state.secondary}
        ends = next((source.closing[word] for word in words if word in source.closing), None)
        if record not in self._begun and (words & source.begins or ends is not None):
            self._begin(kind, source, record, state, moment)
        begun = self._begun.get(record)
        if begun is None or begun.told or ends is None:
            return
        lines = list(ends(record, state, lambda: self._clock(moment)))
        for stream in begun.streams:
            self._write(kind, record, lines, moment, stream=stream)

    def _begin(self, kind: str, source: _Source, record: Record, state: State, moment: int) -> None:
        streams = source.streams(record, self._milliseconds(moment))
        told = [
            entry
            for entry in self._told
            if entry.kind == kind and any(fnmatchcase(name, entry.pattern) for name in record.names)
        ]
        self._begun[record] = _Voices(streams, bool(told))
        for entry in told:
            self._write(kind, record, entry.lines, moment, stream=entry.stream)
        if told:
            return
        lines = list(source.opening(record, state, lambda: self._clock(moment)))
        for stream in streams:
            self._write(kind, record, lines, moment, stream=stream)

    def _write(self, kind: str, record: Record, lines: Sequence[str], moment: int, *, stream: str | None) -> None:
        group = _SOURCES[kind].group_of(record)
        name = self._begun[record].streams[0] if stream is None else stream
        key = (record.region, group, name)
        waiting = self._unwritten.setdefault(key, _Unwritten(record.region, group, name))
        time = self._milliseconds(moment)
        waiting.events.extend((time, line) for line in lines)

    def _milliseconds(self, moment: int) -> int:
        return round(self._world.epoch(moment) * 1000)

    def _clock(self, moment: int) -> str:
        time = datetime.datetime.fromtimestamp(self._world.epoch(moment), datetime.UTC)
        return f"{time:%Y-%m-%d %H:%M:%S},{time.microsecond // 1000:03d}"

    # --- who reads ---------------------------------------------------------------------------------------------------

    def deliver(self, store: LogStore) -> None:
        """Write all new lines to the log store."""
        waiting, self._unwritten = list(self._unwritten.values()), {}
        for entry in waiting:
            store.write_log(entry.region, entry.group, entry.stream, entry.events)


# --- where it goes -------------------------------------------------------------------------------------------------------


def _on_hosts(member: str, *path: str) -> Callable[[Record, int], Sequence[str]]:
    """Return the stream names `<job>/algo-1-<time>`, one for each instance."""

    def streams(record: Record, began: int) -> Sequence[str]:
        resources: Any = record.document.get(member, {})
        for step in path:
            resources = resources.get(step, {})
        groups = resources.get("InstanceGroups") or [resources]
        count = sum(group.get("InstanceCount", 1) for group in groups)
        return [f"{record.name}/algo-{number}-{began // 1000}" for number in range(1, count + 1)]

    return streams


def _on_transform_instances(record: Record, began: int) -> Sequence[str]:
    count = record.document.get("TransformResources", {}).get("InstanceCount", 1)
    return [f"{record.name}/{_instance(record, str(number))}-{began // 1000}" for number in range(count)]


def _on_variants(record: Record, began: int) -> Sequence[str]:
    del began
    serving = getattr(record, "serving", None)
    variants = [variant.name for variant in serving.variants] if serving is not None else []
    return [f"{variant}/{_instance(record, variant)}" for variant in variants or ["AllTraffic"]]


def _on_component(record: Record, began: int) -> Sequence[str]:
    del began
    return [f"{record.document.get('VariantName', 'AllTraffic')}/{_instance(record, '')}"]


def _named(ending: str = "") -> Callable[[Record, int], Sequence[str]]:
    return lambda record, began: [f"{record.name}{ending}"]


def _instance(record: Record, which: str) -> str:
    """Return an instance id that is always the same for the same resource."""
    return f"i-{hashlib.sha256(f'{record.arn} {record.serial} {which}'.encode()).hexdigest()[:17]}"


# --- what is said ----------------------------------------------------------------------------------------------------


def _training_begins(record: Record, state: State, clock: Callable[[], str]) -> Iterator[str]:
    del state
    resources = record.document.get("ResourceConfig", {})
    count = resources.get("InstanceCount", 1)
    environment = {
        "current_host": "algo-1",
        "hosts": [f"algo-{number}" for number in range(1, count + 1)],
        "hyperparameters": record.document.get("HyperParameters", {}),
        "input_data_config": {
            channel["ChannelName"]: {"TrainingInputMode": channel.get("InputMode", "File")}
            for channel in record.document.get("InputDataConfig", ())
        },
        "job_name": record.name,
        "model_dir": "/opt/ml/model",
    }
    toolkit = f"{clock()} sagemaker-training-toolkit INFO    "
    yield f"{toolkit} No GPUs detected (normal if no gpus installed)"
    yield f"{toolkit} Invoking user script"
    yield "Training Env:"
    yield json.dumps(environment, indent=4)
    yield f"epoch 1/{_EPOCHS} - loss: {_loss(1):.4f}"


def _training_goes_on(record: Record, state: State, clock: Callable[[], str]) -> Iterator[str]:
    del record, state
    for epoch in range(2, _EPOCHS + 1):
        yield f"epoch {epoch}/{_EPOCHS} - loss: {_loss(epoch):.4f}"
    yield f"{clock()} sagemaker-training-toolkit INFO     Reporting training SUCCESS"


def _training_fails(record: Record, state: State, clock: Callable[[], str]) -> Iterator[str]:
    del record
    yield f"{clock()} sagemaker-training-toolkit ERROR    Reporting training FAILURE"
    yield f"{clock()} sagemaker-training-toolkit ERROR    {state.reason or state.status}"


def _loss(epoch: int) -> float:
    return 0.6931 / epoch


def _says(*lines: str) -> _Voice:
    """Return a voice for lines that may use {name}, {status} and {reason}. Each line starts with the time."""

    def voice(record: Record, state: State, clock: Callable[[], str]) -> Iterator[str]:
        words = {"name": record.name, "status": state.status, "reason": state.reason or state.status}
        for line in lines:
            yield f"{clock()} {line.format(**words)}"

    return voice


_STOPPED = _says("INFO Received SIGTERM: {name} is being stopped")
_FAILED = _says("ERROR {reason}")

_SOURCES: Mapping[str, _Source] = {
    "training_job": _Source(
        "/aws/sagemaker/TrainingJobs",
        _on_hosts("ResourceConfig"),
        frozenset({"Training"}),
        _training_begins,
        # A script may omit the status Uploading.
        {"Completed": _training_goes_on, "Failed": _training_fails, "Stopping": _STOPPED},
    ),
    "processing_job": _Source(
        "/aws/sagemaker/ProcessingJobs",
        _on_hosts("ProcessingResources", "ClusterConfig"),
        frozenset({"InProgress"}),
        _says("INFO Starting the processing container of {name}", "INFO Inputs are in /opt/ml/processing/input"),
        {"Completed": _says("INFO Processing finished"), "Failed": _FAILED, "Stopping": _STOPPED},
    ),
    "transform_job": _Source(
        "/aws/sagemaker/TransformJobs",
        _on_transform_instances,
        frozenset({"InProgress"}),
        _says('INFO "GET /ping HTTP/1.1" 200', 'INFO "GET /execution-parameters HTTP/1.1" 404'),
        {"Completed": _says('INFO "POST /invocations HTTP/1.1" 200'), "Failed": _FAILED, "Stopping": _STOPPED},
    ),
    "compilation_job": _Source(
        "/aws/sagemaker/CompilationJobs",
        _named(),
        frozenset({"INPROGRESS"}),
        _says("INFO Compiling the model of {name}"),
        {"COMPLETED": _says("INFO Compilation finished"), "FAILED": _FAILED, "STOPPING": _STOPPED},
    ),
    "endpoint": _Source(
        "/aws/sagemaker/Endpoints/{name}",
        _on_variants,
        frozenset({"InService"}),
        _says("INFO Model server started", 'INFO "GET /ping HTTP/1.1" 200'),
        {"Failed": _FAILED},
    ),
    "inference_component": _Source(
        "/aws/sagemaker/InferenceComponents/{name}",
        _on_component,
        frozenset({"InService"}),
        _says("INFO Model server started", 'INFO "GET /ping HTTP/1.1" 200'),
        {"Failed": _FAILED},
    ),
    "notebook_instance": _Source(
        "/aws/sagemaker/NotebookInstances",
        _named("/jupyter.log"),
        frozenset({"InService"}),
        _says("INFO Serving notebooks from local directory: /home/ec2-user/SageMaker"),
        {"Failed": _FAILED},
    ),
    "labeling_job": _Source(
        "/aws/sagemaker/LabelingJobs",
        _named(),
        frozenset({"InProgress"}),
        _says("INFO Labeling job {name} has started"),
        {"Completed": _says("INFO Labeling job {name} is complete"), "Failed": _FAILED},
    ),
    "inference_recommendations_job": _Source(
        "/aws/sagemaker/InferenceRecommendationsJobs",
        _named("/execution"),
        frozenset({"IN_PROGRESS"}),
        _says("INFO Benchmarking for {name} has started"),
        {"COMPLETED": _says("INFO Benchmarking is complete"), "FAILED": _FAILED},
    ),
}
"""By the name that scripts know them under. Groups and streams:
https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""

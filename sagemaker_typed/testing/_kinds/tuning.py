"""Hyperparameter tuning jobs. They start training jobs while in progress, up to the allowed number at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, ClassVar, TypeVar, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds._usual import ESTIMATED, filled
from sagemaker_typed.testing._kinds._waves import ended_waves
from sagemaker_typed.testing._kinds.training import TrainingJob, TrainingJobs, check_wait
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._outcomes import metric_value
from sagemaker_typed.testing._resource import Call, Handler, Record
from sagemaker_typed.testing._states import Script, State

__all__ = ["HyperParameterTuningJobs"]

_FEWEST = 1
"""Training jobs, where ResourceLimits sets no number."""

_TRAINING = State("InProgress", secondary="Training")
_ALL_FAILED = "All training jobs have failed. Please take a look at the training jobs failures to get more details."
_OBJECTIVE = "_tuning_objective_metric"
"""The service's own hyperparameter: the name of the objective metric."""

_SCALED: Mapping[str, Any] = {
    "ContinuousParameterRanges": [{"ScalingType": "Auto"}],
    "IntegerParameterRanges": [{"ScalingType": "Auto"}],
}
_USUAL: Mapping[str, Any] = {
    "HyperParameterTuningJobConfig": {
        "TrainingJobEarlyStoppingType": "Off",
        "ParameterRanges": _SCALED,
    },
}
_DEFINED: Mapping[str, Any] = {**ESTIMATED, "HyperParameterRanges": _SCALED}

_Number = TypeVar("_Number", int, float)


@dataclass(slots=True)
class _Trained:
    """A training job of a tuning job."""

    job: TrainingJob
    wave: int
    tuned: dict[str, str]
    objective: Mapping[str, Any] | None
    definition: str | None
    end: State
    """What it comes to, if nothing stops it."""

    @property
    def metric(self) -> dict[str, Any] | None:
        """The objective metric, as soon as there is one."""
        if self.objective is None or self.objective["MetricName"] not in self.job.metrics:
            return None
        return {**self.objective, "Value": self.job.metrics[self.objective["MetricName"]][0]}


@dataclass(eq=False, kw_only=True)
class HyperParameterTuningJob(Record):
    trained: list[_Trained] = field(default_factory=list[_Trained])
    over: int = 0
    """How many waves of training jobs have ended."""


class HyperParameterTuningJobs(Jobs[HyperParameterTuningJob]):
    kind = "hyper_parameter_tuning_job"
    noun = "HyperParameterTuningJob"
    arn_type = "hyper-parameter-tuning-job"
    listing = Listing("HyperParameterTuningJobSummaries", sort_by="Name")
    status_shape = "HyperParameterTuningJobStatus"
    reasons: ClassVar[Mapping[str, str]] = {
        "Failed": "All training jobs failed (as scripted)",
        "DeleteFailed": "InternalServerError: the tuning job could not be deleted (as scripted)",
    }
    lives: ClassVar = {**Jobs.lives, "delete": ["Deleting", None]}
    begins: ClassVar[Mapping[str, str]] = {"Deleting": "delete"}
    start_member = ""
    end_member = "HyperParameterTuningEndTime"
    search_member = "HyperParameterTuningJob"
    record_type = HyperParameterTuningJob
    measures = True
    measures_many = True

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateHyperParameterTuningJob": self.create,
            "DescribeHyperParameterTuningJob": self.describe,
            "ListHyperParameterTuningJobs": self.list,
            "StopHyperParameterTuningJob": self.stop,
            "DeleteHyperParameterTuningJob": self._delete,
            "ListTrainingJobsForHyperParameterTuningJob": self._list_trained,
        }

    def unknown_message(self, region: str, name: str) -> str:
        del region
        return f"Amazon SageMaker can't find a tuning job called {name}. Type another name."

    def settle(self, now: int) -> None:
        for record in list(self._moving.values()):
            self._train_on(record, now)
        super().settle(now)

    def describe(self, call: Call) -> Mapping[str, Any]:
        self._train_on(self.find(call), call.now)
        return super().describe(call)

    def entered(self, record: HyperParameterTuningJob, state: State, moment: int) -> None:
        super().entered(record, state, moment)
        self._train_on(record, moment)
        if state.status == "Completed":
            self._run(record, self._waves(record), moment)
            present = self._present(record)
            if not record.scripted and present and all(trained.job.status == "Failed" for trained in present):
                record.progress.state = State("Failed", _ALL_FAILED)
        elif state.status in {"Failed", "Stopping", "Stopped"}:
            self._halt(record, state, moment)

    def describe_document(self, record: HyperParameterTuningJob) -> dict[str, Any]:
        document = filled(super().describe_document(record), _USUAL)
        shown = [
            {
                **self._resources(definition),
                **filled(definition, _DEFINED),
                "StaticHyperParameters": _static(definition, objective),
            }
            for definition, objective in self._definitions(record)
        ]
        if "TrainingJobDefinitions" in document:
            document["TrainingJobDefinitions"] = shown
        elif shown:
            (document["TrainingJobDefinition"],) = shown
        jobs = self._present(record)
        document["TrainingJobStatusCounters"] = {
            "Completed": _count(jobs, "Completed"),
            "InProgress": _count(jobs, "InProgress", "Stopping"),
            "RetryableError": 0,
            "NonRetryableError": _count(jobs, "Failed"),
            "Stopped": _count(jobs, "Stopped"),
        }
        succeeded = sum(_objective_status(trained) == "Succeeded" for trained in jobs)
        pending = _count(jobs, "InProgress", "Stopping")
        failed = len(jobs) - succeeded - pending
        document["ObjectiveStatusCounters"] = {"Succeeded": succeeded, "Pending": pending, "Failed": failed}
        seconds = sum(_seconds(trained.job) for trained in jobs)
        document["ConsumedResources"] = {"RuntimeInSeconds": round(seconds)}
        best = self._best(record)
        if best is not None:
            document["BestTrainingJob"] = self._summary(record, best)
            document["OverallBestTrainingJob"] = document["BestTrainingJob"]
        return document

    def summary_document(self, record: HyperParameterTuningJob) -> Mapping[str, Any]:
        config = record.document["HyperParameterTuningJobConfig"]
        more = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
        return {**self.describe_document(record), **more}

    def _delete(self, call: Call) -> None:
        record = self.find(call)
        if record.status == "DeleteFailed":
            self.begin(record, "delete", call.now)
        else:
            self.delete(call)

    def check(self, call: Call) -> None:
        request = call.parameters
        for definition in [request.get("TrainingJobDefinition", {}), *request.get("TrainingJobDefinitions", ())]:
            check_wait(definition)

    # --- its training jobs -------------------------------------------------------------------------------------------

    def _limits(self, record: HyperParameterTuningJob) -> Mapping[str, Any]:
        limits: Mapping[str, Any] = record.document["HyperParameterTuningJobConfig"]["ResourceLimits"]
        return limits

    def _planned(self, record: HyperParameterTuningJob) -> int:
        limits = self._limits(record)
        return int(limits.get("MaxNumberOfTrainingJobs", max(_FEWEST, limits["MaxParallelTrainingJobs"])))

    def _waves(self, record: HyperParameterTuningJob) -> int:
        """The number of waves of training jobs. A wave has as many jobs as may run at once."""
        return -(-self._planned(record) // int(self._limits(record)["MaxParallelTrainingJobs"]))

    def _train_on(self, record: HyperParameterTuningJob, now: int) -> None:
        """Run the training jobs that are due."""
        if record.status != "InProgress":
            return
        waves = self._waves(record)
        over = ended_waves(record.progress.share("InProgress", now), waves)
        try:
            # The last wave ends with the tuning job itself, which may end differently.
            self._run(record, min(over, waves - 1), now)
            self._start(record, record.over, now)
        except AnsweredError as error:
            # A script's function failed. The current call may concern another resource, so the tuning job fails instead.
            self.put(record, Script((State("Failed", error.message),), self.world.pace, given=True), now)

    def _run(self, record: HyperParameterTuningJob, over: int, now: int) -> None:
        """End the waves up to this one."""
        while record.over < over:
            self._start(record, record.over, now)
            moment = self._moment(record, record.over + 1, now)
            for trained in self._present(record):
                if trained.wave == record.over and trained.job.status == "InProgress":
                    self._finish(trained, trained.end, moment)
            record.over += 1

    def _start(self, record: HyperParameterTuningJob, wave: int, now: int) -> None:
        """Start the training jobs of a wave unless they are running."""
        parallel = self._limits(record)["MaxParallelTrainingJobs"]
        most = min(self._planned(record), (wave + 1) * parallel)
        moment = self._moment(record, wave, now)
        for number in range(len(record.trained) + 1, most + 1):
            record.trained.append(self._train(record, number, wave, moment))

    def _moment(self, record: HyperParameterTuningJob, wave: int, now: int) -> int:
        """Return the start of a wave. That is now if time does not move the tuning job."""
        moment = record.progress.moment_of("InProgress", wave / self._waves(record))
        return now if moment is None else min(moment, now)

    def _halt(self, record: HyperParameterTuningJob, state: State, moment: int) -> None:
        """End the running training jobs together with the tuning job."""
        for trained in self._present(record):
            if trained.job.status in {"InProgress", "Stopping"}:
                reason = self.world[TrainingJobs].reasons["Failed"] if state.status == "Failed" else None
                self._finish(trained, State(state.status, reason, state.status), moment)

    def _finish(self, trained: _Trained, state: State, moment: int) -> None:
        self.world[TrainingJobs].put(trained.job, Script((state,), self.world.pace, given=False), moment)
        trained.job.scripted = False

    def _definitions(
        self, record: HyperParameterTuningJob
    ) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
        """Return the training job definitions with their objectives."""
        document = record.document
        config = document["HyperParameterTuningJobConfig"]
        definitions = document.get("TrainingJobDefinitions") or [document.get("TrainingJobDefinition")]
        for definition in definitions:
            if definition is not None:
                objective = definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")
                yield definition, objective

    def _resources(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Convert a HyperParameterTuningResourceConfig, which the SDK sends, to the ResourceConfig that it reads."""
        resources = definition.get("HyperParameterTuningResourceConfig")
        if resources is None:
            return {}
        first: list[Mapping[str, Any]] = resources.get("InstanceConfigs", [])[:1]
        return {"ResourceConfig": self.world.model.project("ResourceConfig", {**resources, **dict(*first)})}

    def _train(self, record: HyperParameterTuningJob, number: int, wave: int, moment: int) -> _Trained:
        config = record.document["HyperParameterTuningJobConfig"]
        definitions = list(self._definitions(record)) or [({}, config.get("HyperParameterTuningJobObjective"))]
        definition, objective = definitions[(number - 1) % len(definitions)]
        ranges = definition.get("HyperParameterRanges") or config.get("ParameterRanges", {})
        tuned = _tried(ranges, number, self._planned(record))
        # Members of the same name have the same meaning in both structures.
        parameters = self.world.model.project("DescribeTrainingJobResponse", definition)
        parameters |= self._resources(definition)
        parameters["HyperParameters"] = {**_static(definition, objective), **tuned}
        parameters["TuningJobArn"] = record.arn
        jobs = self.world[TrainingJobs]
        name = usual = f"{record.name}-{number:03d}"
        others = count(2)
        while jobs.get(record.region, name) is not None:
            name = f"{usual}-{next(others)}"
        job = jobs.add(Call("CreateTrainingJob", record.region, parameters, moment), name)
        end = self._end(record, job, number, objective)
        # The tuning job sets the times of its training jobs, whatever their scripts say.
        job.transitions.clear()
        job.told.clear()
        job.metrics.clear()
        job.created, job.started = moment, None
        jobs.put(job, Script((_TRAINING,), self.world.pace, given=False), moment)
        job.scripted = False
        return _Trained(job, wave, tuned, objective, definition.get("DefinitionName"), end)

    def _end(
        self, record: HyperParameterTuningJob, job: TrainingJob, number: int, objective: Mapping[str, Any] | None
    ) -> State:
        """Return the final state of a training job, from its own script or from the tuning job's."""
        jobs = self.world[TrainingJobs]
        final = job.progress.final
        if record.progress.final.status == "Failed":
            return State("Failed", jobs.reasons["Failed"], "Failed")
        if final.status != "Completed":
            return final
        values: dict[str, float] = {}
        if objective is not None:
            values[objective["MetricName"]] = number / self._planned(record)
        for name, said in record.progress.final.metrics.items():
            value = _of_job(name, said, number, jobs.request_of(job))
            values.pop(name, None)
            if value is not None:
                values[name] = value
        return replace(final, metrics={**values, **final.metrics})

    def measured(self, name: str, value: Any, request: Mapping[str, Any]) -> Any:
        """Return the value unchanged: it is for the training jobs rather than the tuning job."""
        del name, request
        return value

    def _best(self, record: HyperParameterTuningJob) -> _Trained | None:
        """Return the best training job by the objective. Without an objective, the first to end."""
        ended = [trained for trained in self._present(record) if trained.job.status == "Completed"]
        measured = [(metric, trained) for trained in ended if (metric := trained.metric) is not None]
        if not measured:
            return next((trained for trained in ended if trained.objective is None), None)
        least = measured[0][0]["Type"] == "Minimize"
        return (min if least else max)(measured, key=lambda pair: pair[0]["Value"])[1]

    def _present(self, record: HyperParameterTuningJob) -> list[_Trained]:
        """Return the training jobs that still exist; users may delete them."""
        jobs = self.world[TrainingJobs]
        return [trained for trained in record.trained if jobs.by_arn(trained.job.arn) is trained.job]

    def _summary(self, record: HyperParameterTuningJob, trained: _Trained) -> dict[str, Any]:
        job = trained.job
        summary: dict[str, Any] = {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "TuningJobName": record.name,
            "CreationTime": self.world.epoch(job.created),
            "TrainingJobStatus": job.status,
            "TunedHyperParameters": trained.tuned,
        }
        for member, moment in (("TrainingStartTime", job.started), ("TrainingEndTime", job.ended)):
            if moment is not None:
                summary[member] = self.world.epoch(moment)
        if trained.metric is not None:
            summary["FinalHyperParameterTuningJobObjectiveMetric"] = trained.metric
        if trained.objective is not None:
            summary["ObjectiveStatus"] = _objective_status(trained)
        reason = job.told.get("FailureReason", job.progress.state.reason)
        if reason:
            summary["FailureReason"] = reason
        if trained.definition is not None:
            summary["TrainingJobDefinitionName"] = trained.definition
        return summary

    def _list_trained(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        sort_by = call.parameters.get("SortBy", "Name")
        wanted = call.parameters.get("StatusEquals")
        chosen = [trained for trained in self._present(record) if wanted in (None, trained.job.status)]
        if sort_by == "FinalObjectiveMetricValue":
            chosen = [trained for trained in chosen if trained.metric is not None]

        def place(trained: _Trained) -> tuple[str | float, str]:
            value = trained.metric["Value"] if trained.metric is not None else 0.0
            keys: dict[str, str | float] = {
                "Name": trained.job.name,
                "CreationTime": trained.job.created,
                "Status": trained.job.status,
                "FinalObjectiveMetricValue": value,
            }
            return keys[sort_by], trained.job.arn

        return page_of(
            chosen,
            call.parameters,
            result_key="TrainingJobSummaries",
            place=place,
            show=lambda trained: self._summary(record, trained),
            descending=call.parameters.get("SortOrder") == "Descending",
        )


def _static(definition: Mapping[str, Any], objective: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the hyperparameters that all training jobs of a definition have."""
    tuned_by = {} if objective is None else {_OBJECTIVE: str(objective["MetricName"])}
    return {**tuned_by, **definition.get("StaticHyperParameters", {})}


def _seconds(job: TrainingJob) -> float:
    """Return the training time of a finished job."""
    if job.started is None or job.ended is None:
        return 0.0
    return (job.ended - job.started) / 1_000_000


def _count(jobs: Iterable[_Trained], *statuses: str) -> int:
    return sum(trained.job.status in statuses for trained in jobs)


def _objective_status(trained: _Trained) -> str:
    if trained.job.status in {"InProgress", "Stopping"}:
        return "Pending"
    return "Failed" if trained.job.status == "Failed" or trained.metric is None else "Succeeded"


def _of_job(name: str, said: Any, number: int, request: Mapping[str, Any]) -> float | None:
    """Return the value of one training job: of a list, the item at its number."""
    if not isinstance(said, list):
        return metric_value(name, said, request)
    values = cast("list[float]", said)
    if number > len(values):
        raise AnsweredError(
            "InternalFailure",
            f"the script has {len(values)} values for the metric {name}, but this is training job {number}",
            501,
        )
    return float(values[number - 1])


def _tried(ranges: Mapping[str, Any], number: int, planned: int) -> dict[str, str]:
    """Return a value of each range, from the minimum for the first job to the maximum for the last."""
    share = (number - 1) / max(1, planned - 1)
    tuned: dict[str, str] = {}
    for entry in ranges.get("ContinuousParameterRanges", ()):
        tuned[entry["Name"]] = _between(entry, float, lambda least, most: least + (most - least) * share)
    for entry in ranges.get("IntegerParameterRanges", ()):
        tuned[entry["Name"]] = _between(entry, int, lambda least, most: least + round((most - least) * share))
    for entry in ranges.get("CategoricalParameterRanges", ()):
        tuned[entry["Name"]] = entry["Values"][(number - 1) % len(entry["Values"])]
    for entry in ranges.get("AutoParameters", ()):
        tuned[entry["Name"]] = entry["ValueHint"]
    return tuned


def _between(
    entry: Mapping[str, str], number: Callable[[str], _Number], pick: Callable[[_Number, _Number], _Number]
) -> str:
    """Return a value of a range. The service model allows any text as its ends."""
    try:
        return str(pick(number(entry["MinValue"]), number(entry["MaxValue"])))
    except (ValueError, OverflowError):
        return entry["MinValue"]

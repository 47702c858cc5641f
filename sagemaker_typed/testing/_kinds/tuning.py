"""Hyperparameter tuning jobs. One that completes has run its training jobs: they are there, with the values they tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar, TypeVar

from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds.training import TrainingJob, TrainingJobs
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._resource import Call, Handler, Record
from sagemaker_typed.testing._states import Script, State

__all__ = ["HyperParameterTuningJobs"]

_FEWEST = 1
"""Training jobs, where ResourceLimits sets no number."""

_TRAINING = State("InProgress", secondary="Training")
_TRAINED = State("Completed", secondary="Completed")

_Number = TypeVar("_Number", int, float)


@dataclass(slots=True)
class _Trained:
    """A training job of a tuning job."""

    job: TrainingJob
    tuned: dict[str, str]
    metric: dict[str, Any] | None
    definition: str | None


@dataclass(eq=False, kw_only=True)
class HyperParameterTuningJob(Record):
    trained: list[_Trained] = field(default_factory=list[_Trained])


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

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateHyperParameterTuningJob": self.create,
            "DescribeHyperParameterTuningJob": self.describe,
            "ListHyperParameterTuningJobs": self.list,
            "StopHyperParameterTuningJob": self.stop,
            "DeleteHyperParameterTuningJob": self._delete,
            "ListTrainingJobsForHyperParameterTuningJob": self._list_trained,
        }

    def entered(self, record: HyperParameterTuningJob, state: State, moment: int) -> None:
        super().entered(record, state, moment)
        if state.status == "Completed" and not record.trained:
            for number in range(1, self._planned(record) + 1):
                record.trained.append(self._train(record, number, moment))

    def describe_document(self, record: HyperParameterTuningJob) -> dict[str, Any]:
        document = super().describe_document(record)
        done, running = len(record.trained), 0
        if record.status in {"InProgress", "Stopping"}:
            running = min(self._limits(record)["MaxParallelTrainingJobs"], self._planned(record))
        document["TrainingJobStatusCounters"] = {
            "Completed": done,
            "InProgress": running,
            "RetryableError": 0,
            "NonRetryableError": 0,
            "Stopped": 0,
        }
        document["ObjectiveStatusCounters"] = {"Succeeded": done, "Pending": running, "Failed": 0}
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

    # --- its training jobs -------------------------------------------------------------------------------------------

    def _limits(self, record: HyperParameterTuningJob) -> Mapping[str, Any]:
        limits: Mapping[str, Any] = record.document["HyperParameterTuningJobConfig"]["ResourceLimits"]
        return limits

    def _planned(self, record: HyperParameterTuningJob) -> int:
        limits = self._limits(record)
        return int(limits.get("MaxNumberOfTrainingJobs", max(_FEWEST, limits["MaxParallelTrainingJobs"])))

    def _train(self, record: HyperParameterTuningJob, number: int, moment: int) -> _Trained:
        definitions = record.document.get("TrainingJobDefinitions") or [
            record.document.get("TrainingJobDefinition", {})
        ]
        definition = definitions[(number - 1) % len(definitions)]
        config = record.document["HyperParameterTuningJobConfig"]
        ranges = definition.get("HyperParameterRanges") or config.get("ParameterRanges", {})
        tuned = _tried(ranges, number, self._planned(record))
        # What both have means the same.
        parameters = self.world.model.project("DescribeTrainingJobResponse", definition)
        resources = definition.get("HyperParameterTuningResourceConfig")
        if resources is not None:
            first: list[Mapping[str, Any]] = resources.get("InstanceConfigs", [])[:1]
            parameters["ResourceConfig"] = self.world.model.project("ResourceConfig", {**resources, **dict(*first)})
        parameters["HyperParameters"] = {**definition.get("StaticHyperParameters", {}), **tuned}
        parameters["TuningJobArn"] = record.arn
        objective = definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")
        metric = None
        if objective is not None:
            metric = {**objective, "Value": number / self._planned(record)}
            parameters["FinalMetricDataList"] = [
                {"MetricName": objective["MetricName"], "Value": metric["Value"], "Timestamp": self.world.epoch(moment)}
            ]
        jobs = self.world[TrainingJobs]
        name = usual = f"{record.name}-{number:03d}"
        others = count(2)
        while jobs.get(record.region, name) is not None:
            name = f"{usual}-{next(others)}"
        job = jobs.add(Call("CreateTrainingJob", record.region, parameters, record.created), name)
        # Its way is the tuning job's, and no script's for training jobs.
        job.transitions.clear()
        for state, since in ((_TRAINING, record.created), (_TRAINED, moment)):
            jobs.put(job, Script((state,), self.world.pace, given=False), since)
        job.scripted = False
        return _Trained(job, tuned, metric, definition.get("DefinitionName"))

    def _best(self, record: HyperParameterTuningJob) -> _Trained | None:
        present = self._present(record)
        measured = [trained for trained in present if trained.metric is not None]
        if not measured:
            return present[0] if present else None
        # Values rise with the number.
        return measured[0] if measured[0].metric and measured[0].metric["Type"] == "Minimize" else measured[-1]

    def _present(self, record: HyperParameterTuningJob) -> list[_Trained]:
        """Training jobs may be deleted on their own."""
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
            summary["ObjectiveStatus"] = "Succeeded"
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


def _tried(ranges: Mapping[str, Any], number: int, planned: int) -> dict[str, str]:
    """Values from each range: from its least with the first job to its greatest with the last."""
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
    """A value of a range; the service model lets any texts be its ends."""
    try:
        return str(pick(number(entry["MinValue"]), number(entry["MaxValue"])))
    except (ValueError, OverflowError):
        return entry["MinValue"]

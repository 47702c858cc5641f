"""Training jobs, with their secondary statuses and the model that a completed one leaves in S3."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._artifacts import archive, bucket_and_key
from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds._usual import ESTIMATED, filled
from sagemaker_typed.testing._kinds.experiments import TrialComponents
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record
from sagemaker_typed.testing._states import State

__all__ = ["TrainingJob", "TrainingJobs", "check_wait"]

_LONGEST = 24 * 3600
"""Seconds that a job may run if nothing is said."""

_USUAL: Mapping[str, Any] = {**ESTIMATED, "AlgorithmSpecification": {"EnableSageMakerMetricsTimeSeries": False}}

_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "Pending": ("Waiting for capacity",),
    "Starting": ("Starting the training job", "Preparing the instances for training"),
    "LaunchingMLInstances": ("Launching requested ML instances",),
    "PreparingTrainingStack": ("Preparing the instances for training",),
    "Downloading": ("Downloading input data",),
    "DownloadingTrainingImage": ("Downloading the training image",),
    "Training": ("Training image download completed. Training in progress.",),
    "Uploading": ("Uploading generated training model",),
    "Updating": ("Updating the training job",),
    "Restarting": ("Restarting the training job",),
    "Interrupted": ("Training job interrupted",),
    "Stopping": ("Stopping the training job",),
    "Stopped": ("Training job stopped",),
    "MaxRuntimeExceeded": ("Training job runtime exceeded MaxRuntimeInSeconds provided",),
    "MaxWaitTimeExceeded": ("Training job wait time exceeded MaxWaitTimeInSeconds provided",),
    "Completed": ("Training job completed",),
    "Failed": ("Training job failed",),
}
"""Of a secondary status: the first of the service's messages, and the last one, which stays.

From https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SecondaryStatusTransition.html and from what the
service's SDK prints of jobs. The words for Pending, Updating, Restarting, Interrupted and the time limits are not documented.
"""


@dataclass(eq=False, kw_only=True)
class TrainingJob(Record):
    transitions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of the secondary status, in wire form."""
    artifact: str = ""


class TrainingJobs(Jobs[TrainingJob]):
    kind = "training_job"
    noun = "TrainingJob"
    arn_type = "training-job"
    listing = Listing("TrainingJobSummaries")
    status_shape = "TrainingJobStatus"
    secondary_shape = "SecondaryStatus"
    secondaries: ClassVar[Mapping[str, str]] = {
        "InProgress": "Training",
        "Completed": "Completed",
        "Failed": "Failed",
        "Stopping": "Stopping",
        "Stopped": "Stopped",
        "Deleting": "Stopping",
    }
    lives: ClassVar = {
        "create": [
            "InProgress/Starting",
            "InProgress/Downloading",
            "InProgress/Training",
            "InProgress/Uploading",
            "Completed",
        ],
        "stop": ["Stopping", "Stopped"],
        "delete": ["Deleting", None],
    }
    begins: ClassVar[Mapping[str, str]] = {"Deleting": "delete"}
    start_member = "TrainingStartTime"
    end_member = "TrainingEndTime"
    running = "Training"
    search_member = "TrainingJob"
    record_type = TrainingJob
    measures = True

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateTrainingJob": self.create,
            "DescribeTrainingJob": self.describe,
            "ListTrainingJobs": self.list,
            "StopTrainingJob": self.stop,
            "UpdateTrainingJob": self._update,
            "DeleteTrainingJob": self.delete,
        }

    def unknown(self, call: Call, name: str) -> AnsweredError:
        """Return the error with the code of the real service, which differs from the model's."""
        del call, name
        return AnsweredError("ValidationException", "Requested resource not found.")

    def check(self, call: Call) -> None:
        self.world[TrialComponents].check_config(call)
        algorithm = call.parameters.get("AlgorithmSpecification")
        if algorithm is not None and ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
            raise AnsweredError(
                "ValidationException",
                "Give either TrainingImage or AlgorithmName in AlgorithmSpecification, not both.",
            )
        check_wait(call.parameters)

    def create(self, call: Call) -> Mapping[str, Any]:
        answer = super().create(call)
        self.world[TrialComponents].follow(call, self.by_arn(answer[self.arn_member]), "aws-training-job")
        return answer

    def duplicate_message(self, record: TrainingJob) -> str:
        return (
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({record.arn})"
        )

    def entered(self, record: TrainingJob, state: State, moment: int) -> None:
        super().entered(record, state, moment)
        now = self.world.epoch(moment)
        if record.transitions:
            last = record.transitions[-1]
            last.setdefault("EndTime", now)
            last["StatusMessage"] = _message(last["Status"], over=True)
        # The service gives the reason of a failure in FailureReason only.
        transition: dict[str, Any] = {
            "Status": state.secondary,
            "StartTime": now,
            "StatusMessage": _message(state.secondary, over=False),
        }
        if state.status in self.terminal:
            transition["EndTime"] = now
        record.transitions.append(transition)
        if state.status == "InProgress":
            record.artifact = ""
        if state.status == "Completed":
            record.artifact = self._artifact(record)
            if record.artifact:
                self.world.leave(record.region, *bucket_and_key(record.artifact), _model(record))

    def _artifact(self, record: TrainingJob) -> str:
        """Return the model's location, from the script or below the output path, which a tuning job may leave out."""
        told = record.told.get("ModelArtifacts", {}).get("S3ModelArtifacts")
        if told:
            return str(told)
        if "OutputDataConfig" not in record.document:
            return ""
        return posixpath.join(
            record.document["OutputDataConfig"]["S3OutputPath"], record.name, "output", "model.tar.gz"
        )

    def describe_document(self, record: TrainingJob) -> dict[str, Any]:
        document = filled(super().describe_document(record), _USUAL)
        # Required in the answer, but optional in the request.
        document.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": _LONGEST})
        profiler = document.get("ProfilerConfig", {"DisableProfiler": True})
        document.setdefault("ProfilingStatus", "Disabled" if profiler.get("DisableProfiler") else "Enabled")
        if record.metrics:
            document["FinalMetricDataList"] = [
                {"MetricName": name, "Value": value, "Timestamp": self.world.epoch(moment)}
                for name, (value, moment) in record.metrics.items()
            ]
        document["ModelArtifacts"] = {"S3ModelArtifacts": record.artifact}
        document["SecondaryStatus"] = record.progress.state.secondary
        document["SecondaryStatusTransitions"] = record.transitions
        if record.started is not None and record.ended is not None:
            seconds = round(self.world.epoch(record.ended) - self.world.epoch(record.started))
            # The minimum in the model is one second.
            document["TrainingTimeInSeconds"] = document["BillableTimeInSeconds"] = max(1, seconds)
        return document

    def summary_document(self, record: TrainingJob) -> Mapping[str, Any]:
        resources = record.document.get("ResourceConfig", {})
        plan = {"TrainingPlanArn": resources["TrainingPlanArn"]} if "TrainingPlanArn" in resources else {}
        return {**self.describe_document(record), **plan}

    def fits(self, record: TrainingJob, parameters: Mapping[str, Any]) -> bool:
        resources = record.document.get("ResourceConfig", {})
        plan = parameters.get("TrainingPlanArnEquals")
        # There are no warm pools here, so jobs have no WarmPoolStatus.
        return plan in (None, resources.get("TrainingPlanArn")) and "WarmPoolStatusEquals" not in parameters

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        changes = {name: value for name, value in call.parameters.items() if name != self.name_member}
        for member, change in changes.items():
            # An update has only some members of the structure.
            before = record.document.get(member, {}) if isinstance(change, dict) else None
            record.document[member] = change if before is None else {**before, **change}
        record.modified = call.now
        return {"TrainingJobArn": record.arn}


def check_wait(request: Mapping[str, Any]) -> None:
    """Check how long a job may wait for spot capacity. The messages are the service's, as users have quoted them."""
    condition = request.get("StoppingCondition", {})
    wait, spot = condition.get("MaxWaitTimeInSeconds"), request.get("EnableManagedSpotTraining", False)
    if wait is not None and not spot:
        raise AnsweredError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
        )
    if spot and (wait is None or wait < condition.get("MaxRuntimeInSeconds", _LONGEST)):
        raise AnsweredError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        )


def _message(secondary: str, *, over: bool) -> str:
    """Return the service's message for a secondary status, while it lasts or at its end."""
    return _MESSAGES.get(secondary, (secondary,))[-1 if over else 0]


def _model(job: TrainingJob) -> bytes:
    return archive("model.json", {"trained_by": "sagemaker_typed.testing.LocalSageMaker", "job": job.name})

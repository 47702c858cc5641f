"""Processing jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds._usual import filled
from sagemaker_typed.testing._kinds.experiments import TrialComponents
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record

__all__ = ["ProcessingJobs"]


_USUAL: Mapping[str, Any] = {
    "ProcessingInputs": [
        {
            "AppManaged": False,
            "S3Input": {"S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"},
        }
    ],
    "ProcessingOutputConfig": {"Outputs": [{"AppManaged": False}]},
}
_LONGEST = 24 * 3600
"""Seconds that a job may run if nothing is said."""


class ProcessingJobs(Jobs[Record]):
    kind = "processing_job"
    noun = "ProcessingJob"
    arn_type = "processing-job"
    listing = Listing("ProcessingJobSummaries")
    status_shape = "ProcessingJobStatus"
    start_member = "ProcessingStartTime"
    end_member = "ProcessingEndTime"

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateProcessingJob": self.create,
            "DescribeProcessingJob": self.describe,
            "ListProcessingJobs": self.list,
            "StopProcessingJob": self.stop,
            "DeleteProcessingJob": self.delete,
        }

    def unknown(self, call: Call, name: str) -> AnsweredError:
        """Return the error with the code of the real service, which differs from the model's."""
        arn = self.arn_of(call.region, name)
        return AnsweredError("ValidationException", f"Could not find requested job with name: {arn}")

    def duplicate_message(self, record: Record) -> str:
        return (
            "Processing job names must be unique within an AWS account and region, and a processing job with this name "
            f"already exists ({record.arn})"
        )

    def describe_document(self, record: Record) -> dict[str, Any]:
        document = filled(super().describe_document(record), _USUAL)
        document.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": _LONGEST})
        return document

    def check(self, call: Call) -> None:
        self.world[TrialComponents].check_config(call)

    def create(self, call: Call) -> Mapping[str, Any]:
        answer = super().create(call)
        self.world[TrialComponents].follow(call, self.by_arn(answer[self.arn_member]), "aws-processing-job")
        return answer

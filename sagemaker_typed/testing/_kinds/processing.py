"""Processing jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds.experiments import TrialComponents
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record

__all__ = ["ProcessingJobs"]


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

    def check(self, call: Call) -> None:
        self.world[TrialComponents].check_config(call)

    def create(self, call: Call) -> Mapping[str, Any]:
        answer = super().create(call)
        self.world[TrialComponents].follow(call, self.by_arn(answer[self.arn_member]), "aws-processing-job")
        return answer

"""Batch transform jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._kinds._usual import filled
from sagemaker_typed.testing._kinds.experiments import TrialComponents
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record

__all__ = ["TransformJobs"]


_USUAL: Mapping[str, Any] = {
    "TransformInput": {"CompressionType": "None", "SplitType": "None"},
    "TransformOutput": {"AssembleWith": "None", "KmsKeyId": ""},
    "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"},
}


class TransformJobs(Jobs[Record]):
    kind = "transform_job"
    noun = "TransformJob"
    arn_type = "transform-job"
    listing = Listing("TransformJobSummaries", descending=True)
    status_shape = "TransformJobStatus"
    start_member = "TransformStartTime"
    end_member = "TransformEndTime"

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateTransformJob": self.create,
            "DescribeTransformJob": self.describe,
            "ListTransformJobs": self.list,
            "StopTransformJob": self.stop,
        }

    def unknown(self, call: Call, name: str) -> AnsweredError:
        """Return the error with the code of the real service, which differs from the model's."""
        arn = self.arn_of(call.region, name)
        return AnsweredError("ValidationException", f"Could not find requested job with name: {arn}")

    def describe_document(self, record: Record) -> dict[str, Any]:
        document = super().describe_document(record)
        document.setdefault("DataProcessing", {})
        return filled(document, _USUAL)

    def check(self, call: Call) -> None:
        self.world[TrialComponents].check_config(call)

    def create(self, call: Call) -> Mapping[str, Any]:
        answer = super().create(call)
        self.world[TrialComponents].follow(call, self.by_arn(answer[self.arn_member]), "aws-transform-job")
        return answer

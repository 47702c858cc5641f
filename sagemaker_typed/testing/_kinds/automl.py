"""AutoML jobs of both versions. A completed job has a candidate."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._jobs import Jobs
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._resource import Call, Handler, Record

__all__ = ["AutoMLJobs"]

_USUAL_VALUE = 0.9
"""Of the objective metric, if no script says it."""

_PROBLEM_CONFIGS = {
    "ImageClassificationJobConfig": "ImageClassification",
    "TextClassificationJobConfig": "TextClassification",
    "TimeSeriesForecastingJobConfig": "TimeSeriesForecasting",
    "TabularJobConfig": "Tabular",
    "TextGenerationJobConfig": "TextGeneration",
}


class AutoMLJobs(Jobs[Record]):
    kind = "auto_ml_job"
    noun = "AutoMLJob"
    arn_type = "automl-job"
    listing = Listing("AutoMLJobSummaries", sort_by="Name", descending=True)
    status_shape = "AutoMLJobStatus"
    secondary_shape = "AutoMLJobSecondaryStatus"
    secondaries: ClassVar[Mapping[str, str]] = {
        "InProgress": "ModelTuning",
        "Completed": "Completed",
        "Failed": "Failed",
        "Stopping": "Stopping",
        "Stopped": "Stopped",
    }
    lives: ClassVar = {
        "create": [
            "InProgress/Starting",
            "InProgress/AnalyzingData",
            "InProgress/FeatureEngineering",
            "InProgress/ModelTuning",
            "Completed",
        ],
        "stop": ["Stopping", "Stopped"],
    }
    start_member = ""
    end_member = "EndTime"
    measures = True

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateAutoMLJob": self.create,
            "CreateAutoMLJobV2": self.create,
            "DescribeAutoMLJob": self._describe_first,
            "DescribeAutoMLJobV2": self.describe,
            "ListAutoMLJobs": self.list,
            "StopAutoMLJob": self.stop,
            "ListCandidatesForAutoMLJob": self._list_candidates,
        }

    @property
    def label(self) -> str:
        return "AutoML job"

    def check(self, call: Call) -> None:
        deploy = call.parameters.get("ModelDeployConfig", {})
        if deploy.get("AutoGenerateEndpointName") and "EndpointName" in deploy:
            raise AnsweredError(
                "ValidationException",
                "Validation Error: An EndpointName cannot be provided while AutoGenerateEndpoint name is True.",
            )

    def describe_document(self, record: Record) -> dict[str, Any]:
        document = super().describe_document(record)
        document["AutoMLJobSecondaryStatus"] = record.progress.state.secondary
        # The two versions have different names for the same members.
        if "InputDataConfig" in document:
            document["AutoMLJobInputDataConfig"] = [
                self.world.model.project("AutoMLJobChannel", channel) for channel in document["InputDataConfig"]
            ]
            document["AutoMLProblemTypeConfigName"] = "Tabular"
        else:
            problem = next(iter(document["AutoMLProblemTypeConfig"]), "")
            if problem in _PROBLEM_CONFIGS:
                document["AutoMLProblemTypeConfigName"] = _PROBLEM_CONFIGS[problem]
        output = document["OutputDataConfig"]["S3OutputPath"]
        document["AutoMLJobArtifacts"] = {
            "CandidateDefinitionNotebookLocation": posixpath.join(output, record.name, "candidate-definition.ipynb"),
            "DataExplorationNotebookLocation": posixpath.join(output, record.name, "data-exploration.ipynb"),
        }
        if record.status == "Completed":
            document["BestCandidate"] = self._candidate(record)
        return document

    def _describe_first(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        if "InputDataConfig" not in record.document:
            raise AnsweredError(
                "ValidationException",
                f"The AutoML job {record.name} was created by CreateAutoMLJobV2: describe it with DescribeAutoMLJobV2.",
            )
        return self.describe(call)

    def _candidate(self, record: Record) -> dict[str, Any]:
        objective = record.document.get("AutoMLJobObjective", {"MetricName": "Accuracy"})["MetricName"]
        value, _ = record.metrics.get(objective, (_USUAL_VALUE, 0))
        measured = [
            {"MetricName": name, "StandardMetricName": name, "Value": number, "Set": "Validation"}
            for name, (number, _) in record.metrics.items()
            if name in self.world.model.enum("AutoMLMetricEnum")
        ]
        output = record.document["OutputDataConfig"]["S3OutputPath"]
        registry = f"{self.world.account_id}.dkr.ecr.{record.region}.amazonaws.com"
        return {
            "CandidateName": f"{record.name}-001",
            "InferenceContainers": [
                {
                    "Image": f"{registry}/sagemaker-automl-candidate:latest",
                    "ModelDataUrl": posixpath.join(output, record.name, "model.tar.gz"),
                    "Environment": {},
                }
            ],
            "FinalAutoMLJobObjectiveMetric": {"MetricName": objective, "Value": value},
            **({"CandidateProperties": {"CandidateMetrics": measured}} if measured else {}),
            "ObjectiveStatus": "Succeeded",
            "CandidateSteps": [],
            "CandidateStatus": "Completed",
            "CreationTime": self.world.epoch(record.created),
            "EndTime": self.world.epoch(record.modified),
            "LastModifiedTime": self.world.epoch(record.modified),
        }

    def _list_candidates(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        candidates = [self._candidate(record)] if record.status == "Completed" else []
        wanted = {"CandidateStatus": "StatusEquals", "CandidateName": "CandidateNameEquals"}
        return page_of(
            [
                candidate
                for candidate in candidates
                if all(call.parameters.get(asked) in (None, candidate[name]) for name, asked in wanted.items())
            ],
            call.parameters,
            result_key="Candidates",
            place=lambda candidate: (candidate["CandidateName"], ""),
            show=lambda candidate: candidate,
        )

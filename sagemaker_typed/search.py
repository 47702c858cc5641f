"""Search conditions, written in Python and sent as SageMaker's search expressions.

    from sagemaker_typed.search import TrainingJobFields, field, metric, tag

    good = field("TrainingJobName").contains("resnet") & (metric("accuracy") > 0.9) & tag("team").is_in("a", "b")
    for job in sm.training_jobs.search(where=good, sort_by=metric("accuracy").descending()):
        print(job.training_job_name)

    sm.search(ResourceType.TRAINING_JOB, where=TrainingJobFields.resource_config.instance_type == "ml.m5.large")

Join conditions with `&` and `|`, and negate them with `~`. Python binds these operators tighter than comparisons: put
each comparison in parentheses. `to_expression` checks the condition and returns the typed request member, nested as
little as possible; `parse` reads a search expression back. Classes such as `TrainingJobFields` have the properties of a
kind of resource as attributes, which editors complete.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SearchExpression.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._helpers.conditions import (
    Condition,
    Properties,
    Property,
    Sort,
    Value,
    field,
    hyper_parameter,
    metric,
    nested,
    parse,
    tag,
)

if TYPE_CHECKING:
    from sagemaker_typed.resources.fields import (
        EndpointFields,
        ExperimentFields,
        FeatureGroupFields,
        FeatureMetadataFields,
        HubContentFields,
        HyperParameterTuningJobFields,
        JobFields,
        ModelCardFields,
        ModelFields,
        ModelPackageFields,
        ModelPackageGroupFields,
        PipelineExecutionFields,
        PipelineFields,
        PipelineVersionFields,
        ProjectFields,
        TrainingJobFields,
        TrialComponentFields,
        TrialFields,
    )

__all__ = [
    "Condition",
    "EndpointFields",
    "ExperimentFields",
    "FeatureGroupFields",
    "FeatureMetadataFields",
    "HubContentFields",
    "HyperParameterTuningJobFields",
    "JobFields",
    "ModelCardFields",
    "ModelFields",
    "ModelPackageFields",
    "ModelPackageGroupFields",
    "PipelineExecutionFields",
    "PipelineFields",
    "PipelineVersionFields",
    "ProjectFields",
    "Properties",
    "Property",
    "Sort",
    "TrainingJobFields",
    "TrialComponentFields",
    "TrialFields",
    "Value",
    "field",
    "hyper_parameter",
    "metric",
    "nested",
    "parse",
    "tag",
]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name.endswith("Fields") and name in __all__:
            from sagemaker_typed.resources import fields

            return getattr(fields, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

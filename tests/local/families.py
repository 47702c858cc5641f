"""The kinds of resource that tests run over: how one is made, and what its list does by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from sagemaker_typed.testing._model import load_model

ROLE = "arn:aws:iam::123456789012:role/worker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """One kind, and its operations of a boto3 client."""

    kind: str
    noun: str
    body: Body
    """What Create takes besides the name."""
    results: str
    """The member of the list's answer that holds the items."""
    life: tuple[str, ...] = ()
    """Its statuses if nothing is scripted."""
    sort_by: str = "CreationTime"
    descending: bool = False
    plural: str = ""
    needs: Callable[[Any], None] = field(default=lambda sm: None)
    """Makes what must be there before."""

    @property
    def name_member(self) -> str:
        return f"{self.noun}Name"

    @property
    def status_member(self) -> str:
        return f"{self.noun}Status"

    def call(self, sm: Any, verb: str, name: str, **more: Any) -> Any:
        return getattr(sm, xform_name(f"{verb}{self.noun}"))(**{self.name_member: name}, **more)

    def create(self, sm: Any, name: str, **changes: Any) -> str:
        """Its ARN."""
        return str(self.call(sm, "Create", name, **{**self.body, **changes})[f"{self.noun}Arn"])

    def describe(self, sm: Any, name: str) -> Any:
        return self.call(sm, "Describe", name)

    def status(self, sm: Any, name: str) -> str:
        return str(self.describe(sm, name)[self.status_member])

    @property
    def list_operation(self) -> str:
        return f"List{self.plural or self.noun + 's'}"

    def page(self, sm: Any, **asked: Any) -> Any:
        return getattr(sm, xform_name(self.list_operation))(**asked)

    def listed(self, sm: Any, **asked: Any) -> list[str]:
        """The names on a page."""
        return self.names(self.page(sm, **asked))

    def names(self, page: Body) -> list[str]:
        return [item[self.name_member] for item in page[self.results]]

    def filters(self) -> Mapping[str, Body]:
        """The members of the list's input, by name."""
        shape = load_model().input_shape(self.list_operation)
        assert shape is not None
        return {name: load_model().shape(member["shape"]) for name, member in shape["members"].items()}


def transform_body(**changes: Any) -> dict[str, Any]:
    return {
        "ModelName": "resnet",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://models/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes,
    }


def training_body(**changes: Any) -> dict[str, Any]:
    return {
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **changes,
    }


def processing_body(**changes: Any) -> dict[str, Any]:
    return {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
        },
        **changes,
    }


def tuning_body(
    most: int | None = 3, *, objective: str = "Maximize", definition: Body | None = None, **changes: Any
) -> dict[str, Any]:
    limits = {"MaxParallelTrainingJobs": 2} | ({} if most is None else {"MaxNumberOfTrainingJobs": most})
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": limits,
            "HyperParameterTuningJobObjective": {"Type": objective, "MetricName": "loss"},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.5", "MaxValue": "1.5"}],
                "IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "6"}],
                "CategoricalParameterRanges": [{"Name": "kind", "Values": ["tree", "line"]}],
            },
        },
        "TrainingJobDefinition": {"StaticHyperParameters": {"seed": "7"}, **training_body(), **(definition or {})},
        **changes,
    }


def auto_ml_body(**changes: Any) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}
    return {
        "RoleArn": ROLE,
        "InputDataConfig": [{"DataSource": source, "TargetAttributeName": "label"}],
        "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
        **changes,
    }


def endpoint_config_body(**variant: Any) -> dict[str, Any]:
    usual = {"VariantName": "main", "ModelName": "resnet", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return {"ProductionVariants": [{**usual, **variant}]}


def flow_definition_body(**changes: Any) -> dict[str, Any]:
    return {"RoleArn": ROLE, "OutputConfig": {"S3OutputPath": "s3://models/out"}, **changes}


def make_model(sm: Any, name: str = "resnet") -> None:
    sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})


def make_endpoint_config(sm: Any) -> None:
    make_model(sm)
    sm.create_endpoint_config(EndpointConfigName="config", **endpoint_config_body())


TRANSFORM = Family(
    "transform_job",
    "TransformJob",
    transform_body(),
    "TransformJobSummaries",
    ("InProgress", "Completed"),
    descending=True,
)
TRAINING = Family(
    "training_job",
    "TrainingJob",
    training_body(),
    "TrainingJobSummaries",
    ("InProgress", "InProgress", "InProgress", "InProgress", "Completed"),
)
PROCESSING = Family(
    "processing_job", "ProcessingJob", processing_body(), "ProcessingJobSummaries", ("InProgress", "Completed")
)
TUNING = Family(
    "hyper_parameter_tuning_job",
    "HyperParameterTuningJob",
    tuning_body(),
    "HyperParameterTuningJobSummaries",
    ("InProgress", "Completed"),
    sort_by="Name",
)
AUTO_ML = Family(
    "auto_ml_job",
    "AutoMLJob",
    auto_ml_body(),
    "AutoMLJobSummaries",
    ("InProgress", "InProgress", "InProgress", "InProgress", "Completed"),
    sort_by="Name",
    descending=True,
)
MODEL = Family("model", "Model", {"ExecutionRoleArn": ROLE}, "Models", descending=True)
ENDPOINT_CONFIG = Family(
    "endpoint_config", "EndpointConfig", endpoint_config_body(), "EndpointConfigs", descending=True, needs=make_model
)
ENDPOINT = Family(
    "endpoint",
    "Endpoint",
    {"EndpointConfigName": "config"},
    "Endpoints",
    ("Creating", "InService"),
    descending=True,
    needs=make_endpoint_config,
)
NOTEBOOK = Family(
    "notebook_instance",
    "NotebookInstance",
    {"InstanceType": "ml.t3.medium", "RoleArn": ROLE},
    "NotebookInstances",
    ("Pending", "InService"),
    sort_by="Name",
)
FLOW = Family(
    "flow_definition",
    "FlowDefinition",
    flow_definition_body(),
    "FlowDefinitionSummaries",
    ("Initializing", "Active"),
    descending=True,
)

JOBS = (TRANSFORM, TRAINING, PROCESSING, TUNING, AUTO_ML)
FAMILIES = (*JOBS, MODEL, ENDPOINT_CONFIG, ENDPOINT, NOTEBOOK, FLOW)


def by_kind(family: Family) -> str:
    """The id of a parametrized test."""
    return family.kind

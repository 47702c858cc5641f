"""Facts about resources that the service model lacks, one line for each resource that differs from the usual.

The behaviour of a resource without a line here is read from the model. The forms of ARNs are those of the service
authorization reference; the orders of lists are the defaults in the API reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagemaker_typed.testing._states import StateLike

__all__ = ["FACTS", "Facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The differences of one resource.

    Texts may use {name}, {id}, {arn}, {noun}, {label}, {status} and the members of the request.
    """

    label: str = ""
    """As messages call it, if that is not the noun in small words."""
    key: tuple[str, ...] = ()
    """The members that it is found by, if they are not those that Describe requires."""
    arn: str = ""
    """The end of its ARN, if that is not its type and its name."""
    id: str = ""
    """The form of an id that the service gives: {id} stands for twelve letters and digits."""
    name: str | None = None
    """The member that names it, if that is not read from the model; empty if it has no name."""
    status: str = ""
    status_shape: str = ""
    """The enum of its statuses, where these stand deeper in its description."""
    lives: Mapping[str, Sequence[StateLike]] = field(default_factory=dict[str, "Sequence[StateLike]"])
    needs: Mapping[str, str] = field(default_factory=dict[str, str])
    """The kinds that members of Create must name one of."""
    holds: tuple[str, ...] = ()
    """The kinds whose records stand in the way of its deletion."""
    unique: bool = True
    """Whether a name can be taken."""
    sort_by: str = "CreationTime"
    descending: bool = False
    page: int = 10
    fills: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Members that the service fills in."""
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Members of an answer, and what the request calls them."""
    filters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Members of the list's request, and the member that they are compared with; none where a class looks at them."""
    unknown: str = 'Could not find {label} "{name}".'
    taken: str = 'Cannot create already existing {label} "{arn}".'
    busy: str = 'Cannot update in-progress {label} "{arn}".'
    holding: str = "Cannot delete {label} {name} with {child} associated: {other}."


_RECORD_NOT_FOUND = "RecordNotFound"
_NAMES_ARE_UNIQUE = (
    "{noun} names must be unique within an AWS account and region. {noun} with name ({name}) already exists."
)
_DOES_NOT_EXIST = "{noun} with name {name} does not exist."
_DEFINITION: dict[str, Any] = {"descending": True}

_LINEAGE: dict[str, Any] = {"descending": True, "taken": _NAMES_ARE_UNIQUE}
_STUDIO: dict[str, Any] = {"unknown": _RECORD_NOT_FOUND}

FACTS: Mapping[str, Facts] = {
    # Studio
    "Domain": Facts(
        id="d-{id}",
        arn="domain/{id}",
        holds=("user_profile", "space", "app"),
        fills={
            "Url": "https://{id}.studio.{region}.sagemaker.aws",
            "HomeEfsFileSystemId": "fs-{digits}",
            "AppNetworkAccessType": "PublicInternetOnly",
            "TagPropagation": "DISABLED",
        },
        **_STUDIO,
    ),
    "UserProfile": Facts(
        arn="user-profile/{DomainId}/{name}", holds=("app",), fills={"HomeEfsFileSystemUid": "200005"}, **_STUDIO
    ),
    "Space": Facts(
        arn="space/{DomainId}/{name}",
        holds=("app",),
        fills={
            "HomeEfsFileSystemUid": "200006",
            "Url": "https://{DomainId}.studio.{region}.sagemaker.aws/jupyterlab/default",
        },
        **_STUDIO,
    ),
    "App": Facts(
        key=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
        arn="app/{DomainId}/{owner}/{app_type}/{name}",
        lives={"create": ["Pending", "InService"], "delete": ["Deleting", "Deleted"]},
        **_STUDIO,
    ),
    "AppImageConfig": Facts(
        descending=True, taken="The ID or Name specified is already in use.", unknown=_DOES_NOT_EXIST
    ),
    "StudioLifecycleConfig": Facts(descending=True, unknown=_DOES_NOT_EXIST),
    "NotebookInstanceLifecycleConfig": Facts(
        label="Notebook Instance Lifecycle Config",
        unknown="Unable to {verb} Notebook Instance Lifecycle Config '{arn}'. "
        "(Details: Notebook Instance Lifecycle Config does not exist.)",
        taken="Unable to create Notebook Instance Lifecycle Config '{arn}'. "
        "(Details: Notebook Instance Lifecycle Config already exists.)",
    ),
    "CodeRepository": Facts(sort_by="Name", unknown='Cannot find CodeRepository: "{arn}"'),
    # Images
    "Image": Facts(
        descending=True,
        holds=("image_version",),
        unknown="The Image with ImageName {name} does not exist.",
        taken="The Image with ImageName {name} already exists.",
    ),
    "ImageVersion": Facts(
        name="Version", key=("ImageName", "Version"), unknown="ImageVersion {name} does not exist.", descending=True
    ),
    # Hubs
    "Hub": Facts(
        holds=("hub_content",),
        sort_by="HubName",
        fills={"S3StorageConfig": {"S3OutputPath": "s3://sagemaker-hubs-{region}-{account}/{name}"}},
        unknown="Hub {name} does not exist.",
    ),
    "HubContent": Facts(
        key=("HubName", "HubContentType", "HubContentName"),
        arn="hub-content/{HubName}/{HubContentType}/{name}/{version}",
        sort_by="HubContentName",
        filters=dict.fromkeys(("HubName", "HubContentName", "MinVersion", "MaxSchemaVersion"), ""),
        fills={"DocumentSchemaVersion": "2.3.0", "HubContentDocument": "{{}}", "SupportStatus": "Supported"},
        unknown="HubContent {name} does not exist.",
        taken="The HubContent with HubContentName {name} already exists.",
    ),
    # Monitoring
    "MonitoringSchedule": Facts(
        descending=True,
        lives={
            "create": ["Pending", "Scheduled"],
            "update": ["Pending", "Scheduled"],
            "stop": ["Pending", "Stopped"],
            "start": ["Pending", "Scheduled"],
        },
        busy="Monitoring schedule in status Pending can't be changed: {arn}.",
        unknown="Could not find requested monitoring schedule with name: {name}",
    ),
    "DataQualityJobDefinition": Facts(**_DEFINITION),
    "ModelBiasJobDefinition": Facts(**_DEFINITION),
    "ModelExplainabilityJobDefinition": Facts(**_DEFINITION),
    "ModelQualityJobDefinition": Facts(**_DEFINITION),
    # Lineage
    "Action": Facts(**_LINEAGE),
    "Artifact": Facts(unique=False, id="{id}{id}", arn="artifact/{id}", descending=True),
    "Context": Facts(**_LINEAGE),
    # Hosting
    "InferenceComponent": Facts(
        descending=True,
        needs={"EndpointName": "endpoint"},
        unknown='Could not find inference component "{arn}".',
    ),
    "InferenceExperiment": Facts(
        needs={"EndpointName": "endpoint"},
        renamed={"EndpointMetadata": "EndpointName"},
        lives={
            "create": ["Creating", "Created", "Starting", "Running"],
            "update": ["Updating", "Running"],
            "stop": ["Stopping", "Completed"],
            "start": ["Starting", "Running"],
        },
    ),
    "InferenceRouter": Facts(),
    "InferenceRecommendationsJob": Facts(
        label="inference recommendations job", fills={"JobDescription": ""}, unknown="Could not find {label} {arn!r}."
    ),
    "GlobalInferenceGateway": Facts(arn="global-inference-gateway/{id}"),
    # Governance
    "ModelCard": Facts(
        unknown="Modelcard {name} does not exist.",
        taken="Modelcard {name} already exists",
    ),
    "ModelCardExportJob": Facts(
        arn="model-card/{ModelCardName}/export-job/{name}", needs={"ModelCardName": "model_card"}
    ),
    "Project": Facts(id="p-{id}", arn="project/{name}", unknown="Project {name} does not exist."),
    # MLflow and partner applications
    "MlflowTrackingServer": Facts(
        descending=True,
        fills={
            "TrackingServerSize": "Small",
            "MlflowVersion": "3.0",
            "AutomaticModelRegistration": False,
            "TrackingServerUrl": "https://{region}.experiments.sagemaker.aws/{name}",
        },
        label="tracking server",
    ),
    "MlflowApp": Facts(
        id="app-{ID}", arn="mlflow-app/{id}", descending=True, fills={"MlflowVersion": "3.0"}, label="MLflow app"
    ),
    "PartnerApp": Facts(
        id="app-{ID}", arn="partner-app/{id}", fills={"BaseUrl": "https://{id}.{region}.sagemaker-partner-apps.aws"}
    ),
    # Clusters
    "Cluster": Facts(
        filters={"TrainingPlanArn": ""},
        arn="cluster/{id}",
        holds=("cluster_scheduler_config", "compute_quota", "cluster_extension"),
        fills={"NodeRecovery": "Automatic", "NodeProvisioningMode": "Continuous"},
        unknown="Could not find cluster '{name}'.",
        taken="Resource Already Exists: Cluster with name {name} already exists. Choose a different name.",
    ),
    "ClusterSchedulerConfig": Facts(
        arn="cluster-scheduler-config/{id}", needs={"ClusterArn": "cluster"}, descending=True
    ),
    "ComputeQuota": Facts(
        arn="compute-quota/{id}",
        needs={"ClusterArn": "cluster"},
        descending=True,
        fills={"ActivationState": "Enabled"},
    ),
    "ClusterExtension": Facts(arn="extension/sagemaker-{cluster}/{name}/{id}", key=("ClusterArn", "ExtensionArn")),
    "TrainingPlan": Facts(
        sort_by="TrainingPlanName",
        lives={"create": ["Pending", "Scheduled", "Active"]},
        fills={"CurrencyCode": "USD", "UnhealthyInstanceCount": 0},
    ),
    "TrainingSession": Facts(lives={"create": ["Created", "Running"]}),
    # Edge
    "DeviceFleet": Facts(
        label="device fleet",
        holds=("device",),
        fills={"IotRoleAlias": "SageMakerEdge-{name}"},
        unknown="No devicefleet with name: {name} found in this account.",
    ),
    "EdgeDeploymentPlan": Facts(arn="edge-deployment/{name}", needs={"DeviceFleetName": "device_fleet"}, page=50),
    "EdgePackagingJob": Facts(unknown='Could not find edge packaging job "{arn}".'),
    # People
    "LabelingJob": Facts(
        unknown='Could not find labeling job with name "{name}".',
        fills={
            "LabelCounters": {
                "TotalLabeled": 0,
                "HumanLabeled": 0,
                "MachineLabeled": 0,
                "FailedNonRetryableError": 0,
                "Unlabeled": 0,
            }
        },
    ),
    "Workforce": Facts(
        sort_by="Name",
        holds=("workteam",),
        unknown="No workforce found for given WorkforceName: {name}",
    ),
    "Workteam": Facts(
        arn="workteam/private-crowd/{name}",
        unknown='The work team "{name}" does not exist.',
        needs={"WorkforceName": "workforce"},
    ),
    "HumanTaskUi": Facts(label="human task UI", unknown="HumanTaskUi {name} does not exist."),
    # Jobs
    "Job": Facts(arn="job/{JobCategory}/{name}", page=50, status="JobStatus"),
    "OptimizationJob": Facts(page=50, filters={"OptimizationContains": "OptimizationTypesContains"}),
    "MonitoringExecution": Facts(name="", key=("MonitoringScheduleName",), descending=True),
    "ClusterNode": Facts(
        name="",
        key=("ClusterName", "NodeId"),
        status_shape="ClusterInstanceStatus",
        lives={"create": ["Pending", "Running"]},
        page=100,
        filters={"ClusterName": "", "IncludeNodeLogicalIds": ""},
    ),
    "ClusterOperation": Facts(
        key=("ClusterName", "OperationId"),
        name="",
        id="{uuid}",
        lives={"create": ["InProgress", "Done"], "update": ["Superseded"]},
        filters={"ClusterName": ""},
        descending=True,
    ),
    "SubscribedWorkteam": Facts(key=("WorkteamArn",), name=""),
    "Device": Facts(
        name="DeviceName",
        key=("DeviceFleetName", "DeviceName"),
        arn="device-fleet/{DeviceFleetName}/device/{name}",
        unknown="No device with name: {name} found in this fleet.",
    ),
    "LineageGroup": Facts(name="LineageGroupName", arn="lineage-group/{name}"),
    "ReservedCapacity": Facts(
        key=("ReservedCapacityArn",),
        name="",
        arn="reserved-capacity/{id}",
        lives={"create": ["Pending", "Scheduled", "Active"]},
    ),
    "Association": Facts(key=("SourceArn", "DestinationArn"), name="", descending=True),
    "AIBenchmarkJob": Facts(descending=True, renamed={"AIWorkloadConfigName": "AIWorkloadConfigIdentifier"}),
    "AIRecommendationJob": Facts(descending=True),
    "AIWorkloadConfig": Facts(descending=True),
    "Algorithm": Facts(unknown="Algorithm {arn} does not exist.", taken="Algorithm already exists: {arn}"),
}
"""By the noun of the operations."""

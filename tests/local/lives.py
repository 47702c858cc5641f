"""Resources of every kind, made with all that they belong to. What belongs to what is written down here by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name

from tests.local.checked import service_model
from tests.support import samples

BELONGS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "UserProfile": {"DomainId": ("Domain", "DomainId")},
    "Space": {"DomainId": ("Domain", "DomainId")},
    "App": {"DomainId": ("UserProfile", "DomainId"), "UserProfileName": ("UserProfile", "UserProfileName")},
    "ImageVersion": {"ImageName": ("Image", "ImageName")},
    "HubContent": {"HubName": ("Hub", "HubName")},
    "ModelCardExportJob": {"ModelCardName": ("ModelCard", "ModelCardName")},
    "ClusterExtension": {"ClusterArn": ("Cluster", "ClusterArn")},
    "ClusterSchedulerConfig": {"ClusterArn": ("Cluster", "ClusterArn")},
    "ComputeQuota": {"ClusterArn": ("Cluster", "ClusterArn")},
    "EdgeDeploymentPlan": {"DeviceFleetName": ("DeviceFleet", "DeviceFleetName")},
    "Workteam": {"WorkforceName": ("Workforce", "WorkforceName")},
    "InferenceComponent": {"EndpointName": ("Endpoint", "EndpointName")},
    "InferenceExperiment": {"EndpointName": ("Endpoint", "EndpointName")},
    "Endpoint": {"EndpointConfigName": ("EndpointConfig", "EndpointConfigName")},
    "Trial": {"ExperimentName": ("Experiment", "ExperimentName")},
    "ModelPackage": {"ModelPackageGroupName": ("ModelPackageGroup", "ModelPackageGroupName")},
}
"""Members of a Create, and the resource and the member of its own that they are taken from."""

NOT_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "App": ("SpaceName",),
    "InferenceComponent": ("Specifications",),
    "ModelCardExportJob": ("ModelCardVersion",),
    "ModelPackage": ("ModelPackageName", "Tags"),
    "Pipeline": ("PipelineDefinitionS3Location",),
    "CompilationJob": ("ModelPackageVersionArn",),
    "TrainingSession": (),
    "Job": (),
}
"""Optional members that exclude another one."""

MUST_BE: Mapping[str, Mapping[str, Any]] = {
    "Pipeline": {"PipelineDefinition": '{"Version": "2020-12-01", "Steps": []}'},
}
"""Members that the model calls optional, or any text."""

CREATIONS = {"HubContent": "ImportHubContent"}


class Lives:
    """Makes and names resources through one client."""

    def __init__(self, client: Any, wait: Callable[[], None]) -> None:
        self.client = client
        self._wait = wait
        """Lets all that is on its way arrive."""
        self._made: dict[str, dict[str, Any]] = {}

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.client, xform_name(operation))(**request)
        answer.pop("ResponseMetadata", None)
        return answer

    def request(self, noun: str, *, full: bool = False, variant: int = 0) -> dict[str, Any]:
        """What creates one, with the names of what it belongs to, which is made first."""
        shape = input_of(CREATIONS.get(noun, f"Create{noun}"))
        drawn = (samples.fill if full else samples.minimal)(shape, variant=variant)
        request = {name: value for name, value in drawn.items() if name not in NOT_TOGETHER.get(noun, ())}
        request.update(MUST_BE.get(noun, {}))
        for member, (parent, source) in BELONGS.get(noun, {}).items():
            request[member] = self.one(parent)[source]
        return request

    def one(self, noun: str) -> dict[str, Any]:
        """All that names the one of its kind, which is made where there is none yet, and has settled."""
        if noun not in self._made:
            request = self.request(noun)
            self._made[noun] = {**request, **self.call(CREATIONS.get(noun, f"Create{noun}"), request)}
            self._wait()
        return self._made[noun]

    def wait(self) -> None:
        self._wait()


def input_of(operation: str) -> Any:
    return service_model().operation_model(operation).input_shape


def output_of(operation: str) -> Any:
    return service_model().operation_model(operation).output_shape


def named(operation: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation must be told to find what is known; an App is also told whose it is."""
    shape = input_of(operation)
    wanted = [*shape.required_members, *(["UserProfileName"] if "UserProfileName" in shape.members else [])]
    names = {"Identifier": known.get("Id")}
    return {name: known.get(name, names.get(name)) for name in dict.fromkeys(wanted) if name in {**known, **names}}


def plural(noun: str) -> str:
    return re.sub("y$", "ie", noun) + "s"

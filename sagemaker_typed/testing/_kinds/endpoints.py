"""Models, endpoint configurations and endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._usual import filled
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource
from sagemaker_typed.testing._states import State

__all__ = ["SERVING", "Endpoint", "EndpointConfigs", "Endpoints", "Models"]

_MEMORY = (1024, 2048, 3072, 4096, 5120, 6144)
_ONLY_PENDING = ("InstanceType", "AcceleratorType")
"""What a variant shows of itself as long as it is pending only."""
SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
_USUAL_CONTAINER: Mapping[str, Any] = {"Mode": "SingleModel"}
_USUAL_MODEL: Mapping[str, Any] = {
    "PrimaryContainer": _USUAL_CONTAINER,
    "Containers": [_USUAL_CONTAINER],
    "EnableNetworkIsolation": False,
}
_USUAL_CONFIG: Mapping[str, Any] = {
    "ProductionVariants": [{"InitialVariantWeight": 1.0}],
    "ShadowProductionVariants": [{"InitialVariantWeight": 1.0}],
    "EnableNetworkIsolation": False,
}
_MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


class Models(Resource[Record]):
    kind = "model"
    noun = "Model"
    arn_type = "model"
    listing = Listing("Models", descending=True, created_from=True)
    search_member = "Model"

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateModel": self.create,
            "DescribeModel": self.describe,
            "ListModels": self.list,
            "DeleteModel": self.delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return f'Could not find model "{self.arn_of(region, name)}".'

    def describe_document(self, record: Record) -> dict[str, Any]:
        return filled(super().describe_document(record), _USUAL_MODEL)

    def found_document(self, record: Record) -> Mapping[str, Any]:
        found = self.search_document(record)
        return {**found, "Model": {**found["Model"], **record.told}}

    def search_document(self, record: Record) -> Mapping[str, Any]:
        model = self.world.model.project("Model", super().search_document(record))
        endpoints = [
            self.world.model.project("ModelDashboardEndpoint", endpoint)
            for endpoint in self.world[Endpoints].serving(record)
        ]
        return {"Model": model, "Endpoints": endpoints}


class EndpointConfigs(Resource[Record]):
    kind = "endpoint_config"
    noun = "EndpointConfig"
    arn_type = "endpoint-config"
    listing = Listing("EndpointConfigs", descending=True, created_from=True)

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateEndpointConfig": self.create,
            "DescribeEndpointConfig": self.describe,
            "ListEndpointConfigs": self.list,
            "DeleteEndpointConfig": self.delete,
        }

    def check(self, call: Call) -> None:
        models = self.world[Models]
        for member in ("ProductionVariants", "ShadowProductionVariants"):
            for variant in call.parameters.get(member, ()):
                _check_memory(variant.get("ServerlessConfig", {}))
                name = variant.get("ModelName")
                if name is not None and models.get(call.region, name) is None:
                    raise models.unknown(call, name)
            _check_unique(call.parameters.get(member, ()))

    def unknown_message(self, region: str, name: str) -> str:
        return f'Could not find endpoint configuration "{self.arn_of(region, name)}".'

    def duplicate_message(self, record: Record) -> str:
        return f'Cannot create already existing endpoint configuration "{record.arn}".'

    def describe_document(self, record: Record) -> dict[str, Any]:
        return filled(super().describe_document(record), _USUAL_CONFIG)


@dataclass(slots=True)
class _Variant:
    """One deployed production variant: its desired and its current values.

    A copy, because the configuration and the model may be deleted while the endpoint exists.
    """

    settings: Mapping[str, Any]
    """The settings from the endpoint configuration."""
    images: Sequence[Mapping[str, Any]]
    desired: dict[str, Any]
    current: dict[str, Any]

    @classmethod
    def of(cls, settings: Mapping[str, Any], images: Sequence[Mapping[str, Any]]) -> _Variant:
        desired: dict[str, Any] = {"Weight": settings.get("InitialVariantWeight", 1.0)}
        if "InitialInstanceCount" in settings:
            desired["InstanceCount"] = settings["InitialInstanceCount"]
        if "ServerlessConfig" in settings:
            desired["ServerlessConfig"] = settings["ServerlessConfig"]
        return cls(settings, images, desired, dict(desired))

    @property
    def name(self) -> str:
        return str(self.settings["VariantName"])

    def shown(self, *copied: str) -> dict[str, Any]:
        copied = ("ManagedInstanceScaling", "RoutingConfig", *copied)
        return {
            "VariantName": self.name,
            "DeployedImages": list(self.images),
            **{name: self.settings[name] for name in copied if name in self.settings},
            **{f"Current{what}": value for what, value in self.current.items()},
            **{f"Desired{what}": value for what, value in self.desired.items()},
        }


@dataclass(slots=True)
class _Deployment:
    """The current or the next deployment of an endpoint: a copy of its configuration."""

    config_name: str
    config: Mapping[str, Any]
    variants: list[_Variant]
    shadows: list[_Variant]
    capture: Mapping[str, Any] | None
    moment: int
    settings: Mapping[str, Any] | None = None
    """Its DeploymentConfig."""


@dataclass(eq=False, kw_only=True)
class Endpoint(Record):
    serving: _Deployment
    pending: _Deployment | None = None
    last_settings: Mapping[str, Any] | None = None


class Endpoints(Resource[Endpoint]):
    kind = "endpoint"
    noun = "Endpoint"
    arn_type = "endpoint"
    listing = Listing("Endpoints", descending=True, created_from=True)
    status_shape = "EndpointStatus"
    reasons: ClassVar[Mapping[str, str]] = {
        "Failed": "The primary container for production variant did not pass the ping health check (as scripted).",
        "UpdateRollbackFailed": "The endpoint could neither be updated nor rolled back (as scripted).",
    }
    lives: ClassVar = {
        "create": ["Creating", "InService"],
        "update": ["Updating", "InService"],
        "delete": ["Deleting", None],
    }
    begins: ClassVar[Mapping[str, str]] = {
        "Updating": "update",
        "SystemUpdating": "update",
        "RollingBack": "update",
        "Deleting": "delete",
    }
    search_member = "Endpoint"
    record_type = Endpoint

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateEndpoint": self.create,
            "DescribeEndpoint": self.describe,
            "ListEndpoints": self.list,
            "UpdateEndpoint": self._update,
            "UpdateEndpointWeightsAndCapacities": self._weigh,
            "DeleteEndpoint": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return f'Could not find endpoint "{self.arn_of(region, name)}".'

    def serving(self, model: Record) -> list[dict[str, Any]]:
        """Return the endpoints with a variant of this model."""
        return [
            self.describe_document(endpoint)
            for endpoint in self.records(model.region)
            if any(variant.settings.get("ModelName") == model.name for variant in endpoint.serving.variants)
        ]

    def create(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["EndpointName"]
        existing = self.get(call.region, name)
        if existing is not None:
            raise self.world.in_use(call.operation, self.duplicate_message(existing))
        deployment = self._deployment(call)
        record = self.add(call, name, serving=deployment, last_settings=deployment.settings)
        return {"EndpointArn": record.arn}

    def describe_document(self, record: Endpoint) -> dict[str, Any]:
        document = super().describe_document(record)
        serving, pending = record.serving, record.pending
        document.pop("DeploymentConfig", None)
        document["EndpointConfigName"] = serving.config_name
        if record.status != "Creating":
            # Nothing serves during a creation. After a failed one, the description shows the requested variants.
            document["ProductionVariants"] = [variant.shown() for variant in serving.variants]
            if serving.shadows:
                document["ShadowProductionVariants"] = [variant.shown() for variant in serving.shadows]
        for member in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig"):
            if member in serving.config:
                document[member] = serving.config[member]
        if serving.capture is not None:
            document["DataCaptureConfig"] = _capture_summary(serving.capture, record.status)
        if record.last_settings is not None:
            document["LastDeploymentConfig"] = record.last_settings
        if pending is not None or record.status == "Creating":
            document["PendingDeploymentSummary"] = self._pending_summary(serving if pending is None else pending)
        return document

    def _pending_summary(self, coming: _Deployment) -> dict[str, Any]:
        summary: dict[str, Any] = {
            "EndpointConfigName": coming.config_name,
            "ProductionVariants": [variant.shown(*_ONLY_PENDING) for variant in coming.variants],
            "StartTime": self.world.epoch(coming.moment),
        }
        if coming.shadows:
            summary["ShadowProductionVariants"] = [variant.shown(*_ONLY_PENDING) for variant in coming.shadows]
        return summary

    def entered(self, record: Endpoint, state: State, moment: int) -> None:
        if state.status == "InService" and record.pending is not None:
            record.serving, record.pending = record.pending, None
        if state.status in {"RollingBack", "Failed", "OutOfService", "UpdateRollbackFailed"}:
            record.pending = None
            for variant in record.serving.variants:
                variant.desired = dict(variant.current)
        if state.status == "InService":
            for variant in record.serving.variants:
                variant.current = dict(variant.desired)

    # --- updating ----------------------------------------------------------------------------------------------------

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self._resting(call)
        deployment = self._deployment(call)
        if call.parameters.get("RetainDeploymentConfig"):
            deployment.settings = record.last_settings
        if call.parameters.get("RetainAllVariantProperties"):
            excluded = {
                entry["VariantPropertyType"] for entry in call.parameters.get("ExcludeRetainedVariantProperties", ())
            }
            _retain(record.serving, deployment, excluded)
        record.pending = deployment
        if deployment.settings is not None:
            record.last_settings = deployment.settings
        self.begin(record, "update", call.now)
        return {"EndpointArn": record.arn}

    def _weigh(self, call: Call) -> Mapping[str, Any]:
        record = self._resting(call)
        variants = {variant.name: variant for variant in record.serving.variants}
        wishes = call.parameters["DesiredWeightsAndCapacities"]
        _check_unique(wishes)
        for wish in wishes:
            if wish["VariantName"] not in variants:
                raise AnsweredError(
                    "ValidationException",
                    f'The variant name(s) "{wish["VariantName"]}" is/are not present within endpoint configuration '
                    f'"{record.serving.config_name}".',
                )
        for wish in wishes:
            desired = variants[wish["VariantName"]].desired
            for what in ("Weight", "InstanceCount"):
                if f"Desired{what}" in wish:
                    desired[what] = wish[f"Desired{what}"]
            if "ServerlessUpdateConfig" in wish:
                desired["ServerlessConfig"] = {**desired.get("ServerlessConfig", {}), **wish["ServerlessUpdateConfig"]}
        self.begin(record, "update", call.now)
        return {"EndpointArn": record.arn}

    def _delete(self, call: Call) -> None:
        record = self.find(call)
        if record.status in _MOVING:
            raise _in_progress(record)
        components = self.world.of_kind("inference_component")
        rows = components.records(call.region) if components is not None else iter(())
        if any(row.document.get("EndpointName") == record.name and row.status != "Deleting" for row in rows):
            raise AnsweredError("ValidationException", "Cannot delete endpoint with inference component associated.")
        record.pending = None
        self.begin(record, "delete", call.now)

    def _resting(self, call: Call) -> Endpoint:
        record = self.find(call)
        if record.status in _MOVING:
            raise _in_progress(record)
        if record.status == "Failed":
            raise AnsweredError(
                "ValidationException", f'Cannot update failed endpoint "{record.arn}": it can only be deleted.'
            )
        return record

    def _deployment(self, call: Call) -> _Deployment:
        """Copy the configuration that the request names, which may be deleted while the endpoint exists."""
        config = self.world[EndpointConfigs].find(call)
        document = config.document
        return _Deployment(
            config_name=config.name,
            config=document,
            variants=self._variants(call, document.get("ProductionVariants", ())),
            shadows=self._variants(call, document.get("ShadowProductionVariants", ())),
            capture=document.get("DataCaptureConfig"),
            moment=call.now,
            settings=call.parameters.get("DeploymentConfig"),
        )

    def _variants(self, call: Call, variants: Sequence[Mapping[str, Any]]) -> list[_Variant]:
        return [_Variant.of(variant, self._images(call, variant)) for variant in variants]

    def _images(self, call: Call, variant: Mapping[str, Any]) -> list[dict[str, Any]]:
        model = self.world[Models].get(call.region, str(variant.get("ModelName", "")))
        if model is None:
            return []
        containers = [model.document.get("PrimaryContainer"), *model.document.get("Containers", ())]
        images = [container["Image"] for container in containers if container and "Image" in container]
        now = self.world.epoch(call.now)
        return [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now} for image in images]


def _check_unique(variants: Sequence[Mapping[str, Any]]) -> None:
    for name, times in Counter(variant.get("VariantName") for variant in variants).items():
        if times > 1:
            raise AnsweredError("ValidationException", f'The variant name "{name}" was non-unique within the request.')


def _check_memory(serverless: Mapping[str, Any]) -> None:
    """Check the memory size of a serverless variant: the service model has its bounds, but not its steps."""
    memory = serverless.get("MemorySizeInMB", _MEMORY[0])
    if memory not in _MEMORY:
        raise AnsweredError(
            "ValidationException",
            f"1 validation error detected: Value '{memory}' at 'MemorySizeInMB' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(str(size) for size in _MEMORY)}]",
        )


def _retain(old: _Deployment, new: _Deployment, excluded: set[str]) -> None:
    """Keep the values of the running variants, except for the properties that the configuration should set."""
    before = {variant.name: variant for variant in old.variants}
    for variant in new.variants:
        kept = before.get(variant.name)
        if kept is None:
            continue
        for what in ("Weight", "InstanceCount"):
            if f"Desired{what}" not in excluded and what in kept.desired and what in variant.desired:
                variant.desired[what] = variant.current[what] = kept.desired[what]
    if "DataCaptureConfig" not in excluded:
        new.capture = old.capture


def _capture_summary(capture: Mapping[str, Any], status: str) -> dict[str, Any]:
    enabled = bool(capture.get("EnableCapture", False))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled and status in SERVING else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }


def _in_progress(record: Endpoint) -> AnsweredError:
    return AnsweredError("ValidationException", f'Cannot update in-progress endpoint "{record.arn}".')

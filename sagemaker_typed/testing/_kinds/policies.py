"""Resource policies of endpoints and model package groups, and account-wide settings and catalogs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._kinds.endpoints import Endpoints
from sagemaker_typed.testing._kinds.packages import ModelPackageGroups
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, Record, World

__all__ = ["Catalogs", "Policies"]

_POLICY = "ResourcePolicy"
_FAMILIES = (("Domain", "MACHINE_LEARNING"), ("Framework", "PYTORCH"), ("Task", "IMAGE_CLASSIFICATION"))
_MODELS = ("resnet50", "resnet18", "mobilenet", "bert-base-uncased", "xgboost")


class Policies:
    """Resource policies, which are deleted with their resource."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {
            "PutEndpointPolicy": self._put,
            "GetEndpointPolicy": self._get,
            "DeleteEndpointPolicy": self._delete,
            "PutModelPackageGroupPolicy": self._put,
            "GetModelPackageGroupPolicy": self._get,
            "DeleteModelPackageGroupPolicy": self._delete,
        }

    def _find(self, call: Call) -> tuple[str, Record]:
        """Return the prefix of the members' names, and the resource."""
        if "EndpointName" in call.parameters:
            return "Endpoint", self._world[Endpoints].find(call)
        return "ModelPackageGroup", self._world[ModelPackageGroups].find(call)

    def _with_policy(self, call: Call) -> tuple[str, Record]:
        noun, record = self._find(call)
        if _POLICY not in record.document:
            raise self._world.not_found(call.operation, f"Cannot find resource policy of {record.arn}.")
        return noun, record

    def _put(self, call: Call) -> Mapping[str, Any]:
        noun, record = self._find(call)
        record.document[_POLICY] = call.parameters[_POLICY]
        return {f"{noun}Arn": record.arn}

    def _get(self, call: Call) -> Mapping[str, Any]:
        noun, record = self._with_policy(call)
        known = {f"{noun}Name": record.name, f"{noun}Arn": record.arn, _POLICY: record.document[_POLICY]}
        return self._world.model.project(self._world.model.output_name(call.operation), known)

    def _delete(self, call: Call) -> Mapping[str, Any] | None:
        _, record = self._with_policy(call)
        del record.document[_POLICY]
        return {} if self._world.model.has_output(call.operation) else None


class Catalogs:
    """Resources of the account or the service that no call creates."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._enabled: set[str] = set()

    def operations(self) -> Mapping[str, Handler]:
        return {
            "EnableSagemakerServicecatalogPortfolio": self._enable,
            "DisableSagemakerServicecatalogPortfolio": self._disable,
            "GetSagemakerServicecatalogPortfolioStatus": self._status,
            "ListResourceCatalogs": self._resource_catalogs,
            "ListModelMetadata": self._model_metadata,
            "ListJobSchemaVersions": self._schema_versions,
            "DescribeJobSchemaVersion": self._schema,
        }

    def _enable(self, call: Call) -> Mapping[str, Any]:
        self._enabled.add(call.region)
        return {}

    def _disable(self, call: Call) -> Mapping[str, Any]:
        self._enabled.discard(call.region)
        return {}

    def _status(self, call: Call) -> Mapping[str, Any]:
        return {"Status": "Enabled" if call.region in self._enabled else "Disabled"}

    def _resource_catalogs(self, call: Call) -> Mapping[str, Any]:
        """Return the account's resource catalog of feature groups."""
        name = "DefaultFeatureGroupCatalog"
        catalog = {
            "ResourceCatalogArn": self._world.arn(call.region, f"sagemaker-catalog/{name}"),
            "ResourceCatalogName": name,
            "Description": "The feature groups of this account",
            "CreationTime": self._world.epoch(0),
        }
        fits = call.parameters.get("NameContains", "") in name
        return page_of(
            [catalog] if fits else [],
            call.parameters,
            result_key="ResourceCatalogs",
            place=lambda each: (str(each["ResourceCatalogName"]), 0),
            show=lambda each: each,
        )

    def _model_metadata(self, call: Call) -> Mapping[str, Any]:
        """Return a few of the service's models."""
        models = [{**dict(_FAMILIES), "Model": name, "FrameworkVersion": "1.8.0"} for name in _MODELS]
        filters = call.parameters.get("SearchExpression", {}).get("Filters", ())
        chosen = [each for each in models if all(each.get(one["Name"]) == one["Value"] for one in filters)]
        return page_of(
            chosen,
            call.parameters,
            result_key="ModelMetadataSummaries",
            place=lambda each: (each["Model"], 0),
            show=lambda each: each,
        )

    def _schema_versions(self, call: Call) -> Mapping[str, Any]:
        return page_of(
            ["1.0.0"],
            call.parameters,
            result_key="JobConfigSchemas",
            place=lambda version: (version, 0),
            show=lambda version: {"JobConfigSchemaVersion": version},
            default_size=5,
        )

    def _schema(self, call: Call) -> Mapping[str, Any]:
        version = call.parameters.get("JobConfigSchemaVersion", "1.0.0")
        schema = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}'
        category = call.parameters["JobCategory"]
        return {"JobCategory": category, "JobConfigSchemaVersion": version, "JobConfigSchema": schema}

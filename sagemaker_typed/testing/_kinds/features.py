"""Feature groups. Their records belong to another API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource

__all__ = ["FeatureGroups"]


class FeatureGroups(Resource[Record]):
    kind = "feature_group"
    noun = "FeatureGroup"
    arn_type = "feature-group"
    listing = Listing(
        "FeatureGroupSummaries",
        keys={
            "FeatureGroupStatus": lambda record: record.status,
            "OfflineStoreStatus": lambda record: "Active" if "OfflineStoreConfig" in record.document else "",
        },
    )
    status_shape = "FeatureGroupStatus"
    reasons: ClassVar[Mapping[str, str]] = {
        "CreateFailed": "The feature group could not be created (as scripted)",
        "DeleteFailed": "The feature group could not be deleted (as scripted)",
    }
    lives: ClassVar = {"create": ["Creating", "Created"], "delete": ["Deleting", None]}
    begins: ClassVar[Mapping[str, str]] = {"Deleting": "delete"}
    search_member = "FeatureGroup"

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateFeatureGroup": self.create,
            "DescribeFeatureGroup": self.describe,
            "ListFeatureGroups": self.list,
            "UpdateFeatureGroup": self._update,
            "DeleteFeatureGroup": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        del region
        return f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}"

    def duplicate_message(self, record: Record) -> str:
        return (
            f"Resource Already Exists: FeatureGroup with name {record.name} already exists. Choose a different name.\n"
            f"Info: Feature Group '{record.name}' already exists."
        )

    def describe_document(self, record: Record) -> dict[str, Any]:
        document = super().describe_document(record)
        document["NextToken"] = ""
        offline = document.get("OfflineStoreConfig")
        if offline is not None:
            document["OfflineStoreStatus"] = {"Status": "Active"}
            storage = dict(offline["S3StorageConfig"])
            created = int(self.world.epoch(record.created))
            storage.setdefault(
                "ResolvedOutputS3Uri",
                f"{storage['S3Uri']}/{self.world.account_id}/{record.region}/offline-store/{record.name}-{created}/data",
            )
            catalog = {
                "TableName": f"{record.name.replace('-', '_')}_{created}",
                "Catalog": "AwsDataCatalog",
                "Database": "sagemaker_featurestore",
            }
            usual = {"DisableGlueTableCreation": False, "DataCatalogConfig": catalog}
            document["OfflineStoreConfig"] = {**usual, **offline, "S3StorageConfig": storage}
        return document

    def fits(self, record: Record, parameters: Mapping[str, Any]) -> bool:
        offline = "Active" if "OfflineStoreConfig" in record.document else None
        return parameters.get("FeatureGroupStatusEquals") in (None, record.status) and parameters.get(
            "OfflineStoreStatusEquals"
        ) in (None, offline)

    def _update(self, call: Call) -> Mapping[str, Any]:
        """Update a group. The update is complete at once."""
        record = self.find(call)
        document = record.document
        document["FeatureDefinitions"] = [*document["FeatureDefinitions"], *call.parameters.get("FeatureAdditions", ())]
        for member in ("OnlineStoreConfig", "ThroughputConfig"):
            if member in call.parameters:
                document[member] = {**document.get(member, {}), **call.parameters[member]}
        document["LastUpdateStatus"] = {"Status": "Successful"}
        record.modified = call.now
        return {"FeatureGroupArn": record.arn}

    def _delete(self, call: Call) -> None:
        # A second deletion does not restart the first one.
        if self.find(call).status != "Deleting":
            self.delete(call)

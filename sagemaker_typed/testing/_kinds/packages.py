"""Model package groups, and model packages with and without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource

__all__ = ["ModelPackageGroups", "ModelPackages"]

_MOST_SPECIFICATIONS = 15
_DETAILS = {"Pending": "NotStarted", "InProgress": "InProgress", "Failed": "Failed"}


@dataclass(eq=False, kw_only=True)
class ModelPackageGroup(Record):
    versions: int = 0
    """Ever made: the number of one that was deleted is not given again."""


class ModelPackageGroups(Resource[ModelPackageGroup]):
    kind = "model_package_group"
    noun = "ModelPackageGroup"
    arn_type = "model-package-group"
    listing = Listing("ModelPackageGroupSummaryList")
    status_shape = "ModelPackageGroupStatus"
    lives: ClassVar = {"create": ["Completed"]}
    search_member = "ModelPackageGroup"
    record_type = ModelPackageGroup

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateModelPackageGroup": self.create,
            "DescribeModelPackageGroup": self.describe,
            "ListModelPackageGroups": self.list,
            "DeleteModelPackageGroup": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return f"ModelPackageGroup {self.arn_of(region, name)} does not exist."

    def duplicate_message(self, record: ModelPackageGroup) -> str:
        return f"Model Package Group already exists: {record.arn}"

    def describe_document(self, record: ModelPackageGroup) -> dict[str, Any]:
        return {**super().describe_document(record), "CreatedBy": {}}

    def fits(self, record: ModelPackageGroup, parameters: Mapping[str, Any]) -> bool:
        # There are no other accounts here that could share a group.
        return parameters.get("CrossAccountFilterOption") != "CrossAccount"

    def _delete(self, call: Call) -> None:
        record = self.find(call)
        versions = sum(package.group == record.name for package in self.world[ModelPackages].records(call.region))
        if versions:
            raise AnsweredError(
                "ConflictException",
                f"ModelPackageGroup {record.arn} cannot be deleted: it still holds {versions} model packages.",
            )
        self.remove(record)


@dataclass(eq=False, kw_only=True)
class ModelPackage(Record):
    group: str = ""
    version: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return (*super().names, self.group) if self.group else super().names


class ModelPackages(Resource[ModelPackage]):
    """Model packages. A version of a group is named `group/3`, for scripts too. A script for `group` matches each version."""

    kind = "model_package"
    noun = "ModelPackage"
    arn_type = "model-package"
    # Sort by number rather than text: version 10 comes after version 9.
    listing = Listing(
        "ModelPackageSummaryList",
        keys={"Name": lambda record: f"{record.group}/{record.version:09}" if record.group else record.name},
    )
    status_shape = "ModelPackageStatus"
    # A deletion without a script is complete at once.
    lives: ClassVar = {"create": ["Pending", "InProgress", "Completed"], "delete": ["Deleting", None]}
    begins: ClassVar[Mapping[str, str]] = {"Deleting": "delete"}
    search_member = "ModelPackage"
    record_type = ModelPackage

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateModelPackage": self.create,
            "DescribeModelPackage": self.describe,
            "BatchDescribeModelPackage": self._describe_many,
            "ListModelPackages": self._list,
            "UpdateModelPackage": self._update,
            "DeleteModelPackage": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return f"ModelPackage {self.arn_of(region, name)} does not exist."

    def duplicate_message(self, record: ModelPackage) -> str:
        return f"Model Package already exists: {record.arn}"

    def arn_of(self, region: str, name: str) -> str:
        return super().arn_of(region, name if name.startswith("arn:") else name.lower())

    def create(self, call: Call) -> Mapping[str, Any]:
        name, group_name = call.parameters.get("ModelPackageName"), call.parameters.get("ModelPackageGroupName")
        if name is None and group_name is None:
            raise AnsweredError("ValidationException", "Missing ARN.")
        if name is not None and group_name is not None:
            raise AnsweredError(
                "ValidationException", "Both ModelPackageName and ModelPackageGroupName are provided in the input."
            )
        token = call.parameters.get("ClientToken")
        for package in self.records(call.region) if token is not None else ():
            if package.document.get("ClientToken") == token:
                return {"ModelPackageArn": package.arn}  # the same request, once more
        if group_name is None:
            existing = self.get(call.region, str(name))
            if existing is not None:
                raise self.world.in_use(call.operation, self.duplicate_message(existing))
            return {"ModelPackageArn": self._add(call, str(name)).arn}
        group = self.world[ModelPackageGroups].get(call.region, str(group_name))
        if group is None:
            raise self.world.not_found(call.operation, "Model Package Group does not exist.")
        if call.parameters.get("Tags"):
            raise AnsweredError(
                "ValidationException", "A version has the tags of its group, and takes none of its own."
            )
        group.versions += 1
        name = f"{group.name}/{group.versions}"
        return {"ModelPackageArn": self._add(call, name, group=group.name, version=group.versions).arn}

    def describe_document(self, record: ModelPackage) -> dict[str, Any]:
        document = super().describe_document(record)
        details = _DETAILS.get(record.status, "Completed")
        name = record.group or record.name
        document["ModelPackageName"] = name
        document["ModelPackageStatusDetails"] = {
            "ValidationStatuses": [{"Name": name, "Status": details}],
            "ImageScanStatuses": [{"Name": name, "Status": details}],
        }
        document.setdefault("CertifyForMarketplace", False)
        document.pop("FailureReason", None)
        if record.progress.state.reason:
            for each in document["ModelPackageStatusDetails"].values():
                each[0]["FailureReason"] = record.progress.state.reason
        if record.group:
            document["ModelPackageGroupName"] = record.group
            document["ModelPackageVersion"] = record.version
            document.setdefault("ModelApprovalStatus", "PendingManualApproval")
        return document

    def summary_document(self, record: ModelPackage) -> Mapping[str, Any]:
        document = self.describe_document(record)
        if record.group:
            del document["ModelPackageName"]
        return document

    def fits(self, record: ModelPackage, parameters: Mapping[str, Any]) -> bool:
        group = parameters.get("ModelPackageGroupName")
        kinds = "Versioned" if group is not None else "Unversioned"
        wanted = parameters.get("ModelPackageType", kinds)
        approval = parameters.get("ModelApprovalStatus")
        return (
            wanted in {"Both", "Versioned" if record.group else "Unversioned"}
            and group in (None, record.group)
            and parameters.get("NameContains", "") in (record.group or record.name)
            and approval in (None, self.describe_document(record).get("ModelApprovalStatus"))
        )

    def _add(self, call: Call, name: str, **more: Any) -> ModelPackage:
        also = (more["group"],) if more else ()
        return self.add(call, name, tail=f"{self.arn_type}/{name.lower()}", also=also, **more)

    def _delete(self, call: Call) -> None:
        record = self.find(call)
        if self.world.scripts.find(self.kind, "delete", record.names) is None:
            self.remove(record)
        elif record.status != "Deleting":
            self.begin(record, "delete", call.now)

    def _list(self, call: Call) -> Mapping[str, Any]:
        group = call.parameters.get("ModelPackageGroupName")
        if group is None:
            return self.list(call)
        # The request may name a group by ARN, but the filter compares names.
        named = {**call.parameters, "ModelPackageGroupName": self.world[ModelPackageGroups].find(call).name}
        return self.list(Call(call.operation, call.region, named, call.now))

    def _describe_many(self, call: Call) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for arn in call.parameters["ModelPackageArnList"]:
            record = self.get(call.region, arn)
            if record is None or not record.group:
                # The operation is for versions only: its summary must have a group.
                missing = self.unknown_message(call.region, arn)
                message = missing if record is None else f"ModelPackage {arn} is not a version of a group."
                errors[arn] = {"ErrorCode": "ValidationException", "ErrorResponse": message}
                continue
            summary = self.world.model.project("BatchDescribeModelPackageSummary", self.describe_document(record))
            found[arn] = {"InferenceSpecification": {"Containers": []}, **summary}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call, "ModelPackageArn")
        document = record.document
        member = "AdditionalInferenceSpecifications"
        specifications = [*document.get(member, ()), *call.parameters.get(f"{member}ToAdd", ())]
        if len(specifications) > _MOST_SPECIFICATIONS:
            raise AnsweredError(
                "ValidationException",
                f"A model package has at most {_MOST_SPECIFICATIONS} additional inference specifications; "
                f"this would be {len(specifications)}.",
            )
        if specifications:
            document[member] = specifications
        metadata = {
            **document.get("CustomerMetadataProperties", {}),
            **call.parameters.get("CustomerMetadataProperties", {}),
        }
        for key in call.parameters.get("CustomerMetadataPropertiesToRemove", ()):
            metadata.pop(key, None)
        if metadata or "CustomerMetadataProperties" in document:
            document["CustomerMetadataProperties"] = metadata
        for name in self.world.model.members("DescribeModelPackageOutput"):
            if name in call.parameters and name not in {"ModelPackageArn", "CustomerMetadataProperties"}:
                document[name] = call.parameters[name]
        record.modified = call.now
        return {"ModelPackageArn": record.arn}

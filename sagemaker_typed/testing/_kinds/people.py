"""The private workforce, its teams, and labeling jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["HumanTaskUis", "LabelingJobs", "SubscribedWorkteams", "Workforces", "Workteams"]


class Workforces(GenericResource):
    """Workforces, one in each account and region."""

    def check(self, call: Call) -> None:
        if next(self.records(call.region), None) is not None:
            raise AnsweredError("ValidationException", "Cannot create more than one workforce for account.")

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        known: dict[str, Any] = {"SubDomain": f"{record.identifier}.labeling.{record.region}.sagemaker.aws"}
        oidc = record.document.get("OidcConfig")
        if oidc is not None:
            known["OidcConfig"] = {name: value for name, value in oidc.items() if name != "ClientSecret"}
        return known


class HumanTaskUis(GenericResource):
    """Templates for workers. A description has the template's URL and checksum."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        content = record.document["UiTemplate"]["Content"]
        place = f"https://sagemaker-human-task-ui-{record.region}.s3.{record.region}.amazonaws.com/{record.identifier}"
        return {"UiTemplate": {"Url": place, "ContentSha256": hashlib.sha256(content.encode()).hexdigest()}}


class Workteams(GenericResource):
    """Teams of the private workforce."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        name = record.document.get("WorkforceName", "default")
        return {
            "WorkforceArn": self.world.arn(record.region, f"workforce/{name}"),
            "SubDomain": f"{record.short.lower()}.labeling.{record.region}.sagemaker.aws",
        }

    def take_away(self, call: Call) -> Mapping[str, Any] | None:
        super().take_away(call)
        return {"Success": True}


class LabelingJobs(GenericResource):
    """Labeling jobs. The description of a completed job has the location of its labels."""

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "ListLabelingJobsForWorkteam": self._for_team}

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        document = record.document
        human = document["HumanTaskConfig"]
        consolidation = human.get("AnnotationConsolidationConfig", {})
        known: dict[str, Any] = {
            "JobReferenceCode": record.identifier,
            "WorkRequesterAccountId": self.world.account_id,
            "NumberOfHumanWorkersPerDataObject": human["NumberOfHumanWorkersPerDataObject"],
            "AnnotationConsolidationLambdaArn": consolidation.get("AnnotationConsolidationLambdaArn"),
        }
        if record.status == "Completed":
            path = document["OutputConfig"]["S3OutputPath"].rstrip("/")
            target = f"{path}/{record.short}/manifests/output/output.manifest"
            known["LabelingJobOutput"] = {"OutputDatasetS3Uri": target}
        return known

    def _for_team(self, call: Call) -> Mapping[str, Any]:
        team = call.parameters["WorkteamArn"]
        rows = (row for row in self.records(call.region) if row.document["HumanTaskConfig"]["WorkteamArn"] == team)
        shape = self.world.model.item_shape(call.operation, "LabelingJobSummaryList")
        return self.page(call, rows, "LabelingJobSummaryList", shape)


class SubscribedWorkteams(GenericResource):
    """Vendors' teams from the marketplace. There are none, because nobody can subscribe here."""

    def operations(self) -> Mapping[str, Handler]:
        return {"ListSubscribedWorkteams": self._list_none, "DescribeSubscribedWorkteam": self.describe}

    def _list_none(self, call: Call) -> Mapping[str, Any]:
        return page_in_order([], call.parameters, result_key="SubscribedWorkteams")

    def unknown(self, call: Call, name: str) -> AnsweredError:
        return self.world.not_found(call.operation, f'The work team "{call.parameters["WorkteamArn"]}" does not exist.')

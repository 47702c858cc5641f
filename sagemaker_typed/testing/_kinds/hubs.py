"""The contents of hubs: versions of models, notebooks and references to public models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["HubContents"]

_FIRST = "1.0.0"
_REFERENCE = "ModelReference"


class HubContents(GenericResource):
    """Hub contents, described, listed and deleted by version. The default is the latest version."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "ListHubContentVersions": self._versions,
            "CreateHubContentReference": self._refer,
            "UpdateHubContentReference": self._update_reference,
            "DeleteHubContentReference": self._forget_reference,
            "CreateHubContentPresignedUrls": self._urls,
        }

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        return self.named("HubName", parameters), str(parameters.get("HubContentType", _REFERENCE))

    def store_name(self, call: Call, scope: Sequence[str], short: str) -> str:
        return "/".join([*scope, short, self._version(call)])

    def words(self, call: Call) -> Mapping[str, str]:
        hub, content_type = self.key_of(call.parameters)
        return {"HubName": hub, "HubContentType": content_type, "version": self._version(call)}

    def _version(self, call: Call) -> str:
        return str(call.parameters.get("HubContentVersion", _FIRST))

    def _same_name(self, region: str, scope: Sequence[str], short: str) -> GenericRecord | None:
        return None  # another version

    def check(self, call: Call) -> None:
        version = self._version(call)
        existing = self.lookup(call.region, {**call.parameters, "HubContentVersion": version})
        if existing is not None:
            raise self.world.in_use(call.operation, self.duplicate_message(existing))

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        name = parameters.get("HubContentName")
        rows = [row for row in self._of(region, *self.key_of(parameters)) if row.short == name]
        version = parameters.get("HubContentVersion")
        if version is None:
            return max(rows, key=_age, default=None)
        return next((row for row in rows if _version_of(row) == version), None)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        hub, content_type = self.key_of(record.document)
        known = {
            "HubName": hub,
            "HubArn": self.world.arn(record.region, f"hub/{hub}"),
            "HubContentType": content_type,
            "HubContentVersion": _version_of(record),
        }
        if "MinVersion" in record.document:
            known["ReferenceMinVersion"] = record.document["MinVersion"]
        return known

    def fits(self, record: GenericRecord, parameters: Mapping[str, Any]) -> bool:
        schema = record.document.get("DocumentSchemaVersion", "2.3.0")
        return _numbers(schema) <= _numbers(parameters.get("MaxSchemaVersion", schema)) and _numbers(
            _version_of(record)
        ) >= _numbers(parameters.get("MinVersion", "0"))

    def list(self, call: Call) -> Mapping[str, Any]:
        """List the latest version of each content."""
        self.check_scope(call)
        latest: dict[str, GenericRecord] = {}
        for row in sorted(self._of(call.region, *self.key_of(call.parameters)), key=_age):
            latest[row.short] = row
        return self.page(call, iter(latest.values()), self.plan.result_key, self.plan.summary)

    def _versions(self, call: Call) -> Mapping[str, Any]:
        name = self.find(call).short
        rows = (row for row in self._of(call.region, *self.key_of(call.parameters)) if row.short == name)
        return self.page(call, rows, self.plan.result_key, self.plan.summary)

    def _of(self, region: str, hub: str, content_type: str) -> Sequence[GenericRecord]:
        return [row for row in self.records(region) if self.key_of(row.document) == (hub, content_type)]

    def _refer(self, call: Call) -> Mapping[str, Any]:
        public = str(call.parameters["SageMakerPublicHubContentArn"])
        name = call.parameters.get("HubContentName", public.split("/")[-1])
        named = {**call.parameters, "HubContentName": name, "HubContentType": _REFERENCE}
        return self.create(Call(call.operation, call.region, named, call.now))

    def _update_reference(self, call: Call) -> Mapping[str, Any] | None:
        return self.update(call)

    def _forget_reference(self, call: Call) -> None:
        name = self.find(call).short
        for row in self._of(call.region, *self.key_of(call.parameters)):
            if row.short == name:
                self.remove(row)

    def _urls(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        bucket = f"https://jumpstart-cache-prod-{record.region}.s3.{record.region}.amazonaws.com"
        files = [f"{record.short}/{_version_of(record)}/{name}" for name in ("config.json", "model.tar.gz")]
        return page_of(
            files,
            call.parameters,
            result_key="AuthorizedUrlConfigs",
            place=lambda path: (path, 0),
            show=lambda path: {"Url": f"{bucket}/{path}?X-Amz-Signature=local", "LocalPath": path},
        )

    def unknown(self, call: Call, name: str) -> AnsweredError:
        hubs = self.world.of_kind("hub")
        hub = self.named("HubName", call.parameters)
        if hubs is not None and hubs.get(call.region, hub) is None:
            return hubs.unknown(call, hub)
        return super().unknown(call, name)


def _version_of(record: GenericRecord) -> str:
    return str(record.document.get("HubContentVersion", _FIRST))


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _age(record: GenericRecord) -> tuple[list[int], int]:
    return _numbers(_version_of(record)), record.serial

"""Apps of a domain, which belong to a user profile or a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._resource import Call

__all__ = ["Apps", "Spaces"]

_OVER = frozenset({"Deleted", "Failed"})


class Apps(GenericResource):
    """Apps. Describe shows a deleted app for a while, but its name is free again."""

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        owner = parameters.get("UserProfileName") or parameters.get("SpaceName") or ""
        return (str(parameters.get("DomainId", "")), str(owner), str(parameters.get("AppType", "")))

    def words(self, call: Call) -> Mapping[str, str]:
        _, owner, app_type = self.key_of(call.parameters)
        return {"owner": owner, "app_type": app_type.lower()}

    def check_parents(self, call: Call) -> None:
        owners = [member for member in ("UserProfileName", "SpaceName") if call.parameters.get(member)]
        if len(owners) != 1:
            raise AnsweredError("ValidationException", "An app belongs to a UserProfileName or a SpaceName, not both.")
        domains, owned = self.world.of_kind("domain"), self.world.of_kind(_KINDS[owners[0]])
        domain, name = call.parameters["DomainId"], call.parameters[owners[0]]
        if domains is not None and domains.get(call.region, domain) is None:
            raise domains.unknown(call, domain)
        if owned is not None and owned.get(call.region, f"{domain}/{name}") is None:
            raise owned.unknown(call, name)

    def _same_name(self, region: str, scope: Sequence[str], short: str) -> GenericRecord | None:
        return super()._same_name(region, scope, short)

    def create(self, call: Call) -> Mapping[str, Any]:
        existing = self._same_name(call.region, self.key_of(call.parameters), self.short_name(call))
        if existing is not None and existing.status in _OVER:
            self.remove(existing)
        return super().create(call)

    def take_away(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        if record.status == "Deleted":
            raise self.unknown(call, record.short)
        return super().take_away(call)


_KINDS: Mapping[str, str] = {"UserProfileName": "user_profile", "SpaceName": "space"}


class Spaces(GenericResource):
    """Spaces. A list shows a summary of each space's settings."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        document = record.document
        summaries = {
            "SpaceSettingsSummary": document.get("SpaceSettings"),
            "SpaceSharingSettingsSummary": document.get("SpaceSharingSettings"),
            "OwnershipSettingsSummary": document.get("OwnershipSettings"),
        }
        return {member: value for member, value in summaries.items() if value is not None}

"""Global inference gateways and their members, gateways in clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["GlobalInferenceGateways"]

_PLACE = ("ClusterArn", "Namespace", "Name")


class GlobalInferenceGateways(GenericResource):
    """Global gateways, found by name, id or ARN. Members are added and removed at once."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "AddInferenceGateway": self._add_member,
            "RemoveInferenceGateway": self._remove_member,
            "ListInferenceGateways": self._members,
        }

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"EndpointUrl": f"https://{record.identifier}.inference-gateway.{record.region}.sagemaker.aws"}

    def _member(self, call: Call) -> tuple[GenericRecord, dict[str, Any], bool]:
        """Return the gateway, the member in the request, and whether the member belongs to the gateway."""
        record = self.find(call)
        member = {name: call.parameters[name] for name in ("Name", "Namespace", "ClusterArn")}
        return record, member, member in record.document["Gateways"]

    def _shown(self, record: GenericRecord, member: Mapping[str, Any], status: str) -> Mapping[str, Any]:
        named = {"Arn": record.arn, "Id": record.identifier, "Name": record.short}
        return {**named, "Gateway": dict(member), "Status": status}

    def _add_member(self, call: Call) -> Mapping[str, Any]:
        record, member, there = self._member(call)
        if there:
            raise self.world.in_use(call.operation, f"Inference gateway with name ({member['Name']}) already exists.")
        record.document["Gateways"] = [*record.document["Gateways"], member]
        return self._shown(record, member, "ADDING")

    def _remove_member(self, call: Call) -> Mapping[str, Any]:
        record, member, there = self._member(call)
        if not there:
            raise self.world.not_found(call.operation, f"Could not find inference gateway '{member['Name']}'.")
        record.document["Gateways"] = [each for each in record.document["Gateways"] if each != member]
        return self._shown(record, member, "REMOVING")

    def _members(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        members = [{**member, "Status": "ACTIVE"} for member in record.document["Gateways"]]
        filters = call.parameters.get("Filters", ())
        chosen = [each for each in members if all(each.get(one["Name"]) == one["Value"] for one in filters)]
        return page_of(
            chosen,
            call.parameters,
            result_key="InferenceGatewaySummaries",
            place=lambda member: ("/".join(str(member[name]) for name in _PLACE), 0),
            show=lambda member: member,
        )

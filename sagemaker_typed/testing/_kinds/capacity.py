"""Training plans, their offerings, and the capacity that a plan reserves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler, World
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["ReservedCapacities", "TrainingPlans"]

_DAY = 24
_HOUR_SECONDS = 3600
_INSTANCES = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 1}
_FEE_OF_AN_HOUR = 30


class TrainingPlans(GenericResource):
    """A plan is bought by the id of an offering. An id that was never offered means the smallest offering."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._offered: dict[str, Mapping[str, Any]] = {}
        self._extensions: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def reset(self) -> None:
        super().reset()
        self._offered.clear()
        self._extensions.clear()

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "SearchTrainingPlanOfferings": self._search,
            "ExtendTrainingPlan": self._extend,
            "DescribeTrainingPlanExtensionHistory": self._history,
        }

    @property
    def capacities(self) -> ReservedCapacities:
        return cast("ReservedCapacities", self.world.of_kind("reserved_capacity"))

    def make(self, call: Call, scope: Sequence[str], short: str, **more: Any) -> GenericRecord:
        offering = self._offered.get(call.parameters["TrainingPlanOfferingId"]) or self._offering(call)
        record = super().make(call, scope, short, **more)
        capacity = self.capacities.reserve(record, offering, call.now)
        record.document.update(Offering=dict(offering), Capacity=capacity.arn)
        return record

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        offering = record.document.get("Offering")
        capacity = self.capacities.get(record.region, record.document.get("Capacity", "arn:"))
        if offering is None or capacity is None:
            return {}
        count = offering["ReservedCapacityOfferings"][0]["InstanceCount"]
        shared = ("DurationHours", "DurationMinutes", "UpfrontFee", "CurrencyCode", "TargetResources")
        offered = offering["ReservedCapacityOfferings"][0]
        return {
            **{member: offering[member] for member in shared if member in offering},
            "StartTime": offered["StartTime"],
            "EndTime": record.document.get("End", offered["EndTime"]),
            "TotalInstanceCount": count,
            "AvailableInstanceCount": count,
            "InUseInstanceCount": 0,
            "ReservedCapacitySummaries": [self.capacities.view(capacity, "ReservedCapacitySummary")],
        }

    # --- offerings ---------------------------------------------------------------------------------------------------

    def _offering(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        hours = asked.get("DurationHours", _DAY)
        start = to_epoch(asked["StartTimeAfter"]) if "StartTimeAfter" in asked else self.world.epoch(call.now)
        capacity = {
            "ReservedCapacityType": "Instance",
            **{name: asked.get(name, usual) for name, usual in _INSTANCES.items()},
            "AvailabilityZone": f"{call.region}a",
            "DurationHours": hours,
            "DurationMinutes": 0,
            "StartTime": start,
            "EndTime": start + hours * _HOUR_SECONDS,
        }
        # Different requests get different offerings, so the id covers everything in the request.
        token = hashlib.sha256(repr(sorted(asked.items(), key=str)).encode()).hexdigest()
        return {
            "TrainingPlanOfferingId": f"tpo-{token[:16]}",
            "TargetResources": asked.get("TargetResources", ["training-job"]),
            "DurationHours": hours,
            "DurationMinutes": 0,
            "UpfrontFee": str(hours * capacity["InstanceCount"] * _FEE_OF_AN_HOUR),
            "CurrencyCode": "USD",
            "ReservedCapacityOfferings": [capacity],
        }

    def _search(self, call: Call) -> Mapping[str, Any]:
        plan = call.parameters.get("TrainingPlanArn")
        answer: dict[str, Any] = {"TrainingPlanOfferings": []}
        if plan is None:
            offering = self._offering(call)
            self._offered[offering["TrainingPlanOfferingId"]] = offering
            answer["TrainingPlanOfferings"] = [offering]
            return answer
        record = self.get(call.region, plan)
        if record is None:
            raise self.unknown(call, plan)
        end = float(self.extra(record)["EndTime"])
        offering = {
            "TrainingPlanExtensionOfferingId": f"tpeo-{record.identifier}-{int(end)}",
            "AvailabilityZone": f"{record.region}a",
            "StartDate": end,
            "EndDate": end + _DAY * _HOUR_SECONDS,
            "DurationHours": _DAY,
            "UpfrontFee": str(_DAY * _FEE_OF_AN_HOUR),
            "CurrencyCode": "USD",
        }
        self._extensions[str(offering["TrainingPlanExtensionOfferingId"])] = (record.arn, offering)
        return {**answer, "TrainingPlanExtensionOfferings": [offering]}

    def _extend(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters["TrainingPlanExtensionOfferingId"]
        arn, offering = self._extensions.get(asked, ("arn:", {}))
        record = self.get(call.region, arn)
        if record is None:
            raise self.world.not_found(call.operation, f"Could not find training plan extension offering '{asked}'.")
        paid = {"ExtendedAt": self.world.epoch(call.now), "Status": "Scheduled", "PaymentStatus": "Succeeded"}
        extensions = record.document.setdefault("Extensions", [])
        extensions.append({**offering, **paid})
        record.document["End"] = offering["EndDate"]
        return {"TrainingPlanExtensions": extensions}

    def _history(self, call: Call) -> Mapping[str, Any]:
        record = self.get(call.region, call.parameters["TrainingPlanArn"])
        if record is None:
            raise self.unknown(call, call.parameters["TrainingPlanArn"])
        return page_in_order(
            record.document.get("Extensions", []), call.parameters, result_key="TrainingPlanExtensions"
        )


class ReservedCapacities(GenericResource):
    """The capacity that a training plan reserves."""

    def operations(self) -> Mapping[str, Handler]:
        return {"DescribeReservedCapacity": self.describe, "ListUltraServersByReservedCapacity": self._ultra_servers}

    def reserve(self, plan: GenericRecord, offering: Mapping[str, Any], now: int) -> GenericRecord:
        document = dict(offering["ReservedCapacityOfferings"][0])
        document["TotalInstanceCount"] = document["InstanceCount"]
        document["AvailableInstanceCount"] = document["InstanceCount"]
        return self.make(Call("DescribeReservedCapacity", plan.region, document, now), (), plan.short)

    def _ultra_servers(self, call: Call) -> Mapping[str, Any]:
        """Return the UltraServers of a plan. A plan for instances has none."""
        self.find(call)
        return page_in_order([], call.parameters, result_key="UltraServers")

    def unknown(self, call: Call, name: str) -> AnsweredError:
        asked = call.parameters.get("ReservedCapacityArn", name)
        return self.world.not_found(call.operation, f"Could not find reserved capacity '{asked}'.")

"""Edge Manager: devices of a fleet, and the stages of a deployment plan."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_in_order, page_of
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["DeviceFleets", "Devices", "EdgeDeploymentPlans", "EdgePackagingJobs"]

_UNDECIDED = {"FailureHandlingPolicy": "DO_NOTHING"}


class DeviceFleets(GenericResource):
    """Device fleets, with reports on their devices."""

    def operations(self) -> Mapping[str, Handler]:
        return {**super().operations(), "GetDeviceFleetReport": self._report}

    def _report(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        devices = cast("Devices", self.world.of_kind("device")).of(call.region, record.short)
        report = self.view(record, self.world.model.output_name(call.operation))
        report["ReportGenerated"] = self.world.epoch(call.now)
        report["DeviceStats"] = {"ConnectedDeviceCount": 0, "RegisteredDeviceCount": len(devices)}
        return report


class Devices(GenericResource):
    """Devices of a fleet. They never report, so they have no heartbeat."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            "DescribeDevice": self.describe,
            "ListDevices": self.list,
            "RegisterDevices": self._register,
            "UpdateDevices": self._update_many,
            "DeregisterDevices": self._deregister,
        }

    def of(self, region: str, fleet: str) -> Sequence[GenericRecord]:
        return [row for row in self.records(region) if row.document["DeviceFleetName"] == fleet]

    def _register(self, call: Call) -> None:
        self._fleet(call)
        fleet = call.parameters["DeviceFleetName"]
        wanted = call.parameters["Devices"]
        for device in wanted:
            existing = self.get(call.region, f"{fleet}/{device['DeviceName']}")
            if existing is not None:
                raise AnsweredError("ValidationException", f"Device with name ({existing.short}) already exists.")
        for device in wanted:
            document = {**device, "DeviceFleetName": fleet, "Tags": call.parameters.get("Tags", [])}
            self.make(Call(call.operation, call.region, document, call.now), (fleet,), device["DeviceName"])

    def _update_many(self, call: Call) -> None:
        for record, device in list(self._named(call, [each["DeviceName"] for each in call.parameters["Devices"]])):
            record.document.update(next(each for each in call.parameters["Devices"] if each["DeviceName"] == device))
            record.modified = call.now

    def _deregister(self, call: Call) -> None:
        for record, _ in list(self._named(call, call.parameters["DeviceNames"])):
            self.remove(record)

    def _named(self, call: Call, names: Sequence[str]) -> Iterator[tuple[GenericRecord, str]]:
        self._fleet(call)
        fleet = call.parameters["DeviceFleetName"]
        for name in names:
            record = self.get(call.region, f"{fleet}/{name}")
            if record is None:
                raise self.unknown(call, name)
            yield record, name

    def _fleet(self, call: Call) -> GenericRecord:
        return cast("DeviceFleets", self.world.of_kind("device_fleet")).find(call)

    def fits(self, record: GenericRecord, parameters: Mapping[str, Any]) -> bool:
        return "LatestHeartbeatAfter" not in parameters and "ModelName" not in parameters


class EdgeDeploymentPlans(GenericResource):
    """Deployment plans. Their stages are started and stopped one by one."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "CreateEdgeDeploymentStage": self._add_stages,
            "DeleteEdgeDeploymentStage": self._delete_stage,
            "StartEdgeDeploymentStage": self._start_stage,
            "StopEdgeDeploymentStage": self._stop_stage,
            "ListStageDevices": self._stage_devices,
        }

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        stages = [self._shown(record, stage) for stage in record.document.get("Stages", ())]
        done = [stage["DeploymentStatus"] for stage in stages]
        return {
            "Stages": stages,
            "EdgeDeploymentSuccess": sum(each["EdgeDeploymentSuccessInStage"] for each in done),
            "EdgeDeploymentPending": sum(each["EdgeDeploymentPendingInStage"] for each in done),
            "EdgeDeploymentFailed": 0,
        }

    def describe(self, call: Call) -> Mapping[str, Any]:
        """Describe a plan with one page of its stages."""
        document = dict(super().describe(call))
        return {
            **document,
            **page_in_order(document["Stages"], call.parameters, result_key="Stages", default_size=50),
        }

    def _shown(self, record: GenericRecord, stage: Mapping[str, Any]) -> dict[str, Any]:
        reached = len(self._devices(record, stage)) if "Started" in stage else 0
        status = stage.get("Status", "READYTODEPLOY")
        state: dict[str, Any] = {
            "StageStatus": status,
            "EdgeDeploymentSuccessInStage": reached if status == "DEPLOYED" else 0,
            "EdgeDeploymentPendingInStage": 0,
            "EdgeDeploymentFailedInStage": 0,
        }
        if "Started" in stage:
            state["EdgeDeploymentStageStartTime"] = stage["Started"]
        shown = {name: stage[name] for name in ("StageName", "DeviceSelectionConfig")}
        return {**shown, "DeploymentConfig": stage.get("DeploymentConfig", _UNDECIDED), "DeploymentStatus": state}

    def _devices(self, record: GenericRecord, stage: Mapping[str, Any]) -> Sequence[GenericRecord]:
        devices = cast("Devices", self.world.of_kind("device")).of(record.region, record.document["DeviceFleetName"])
        chosen = stage["DeviceSelectionConfig"]
        names, part = chosen.get("DeviceNames"), chosen.get("DeviceNameContains", "")
        fitting = [
            device
            for device in devices
            if (part in device.short and names in (None, [])) or device.short in (names or ())
        ]
        return fitting[: -(-len(fitting) * chosen.get("Percentage", 100) // 100)]

    def _add_stages(self, call: Call) -> None:
        record = self.find(call)
        present = {stage["StageName"] for stage in record.document.get("Stages", ())}
        for stage in call.parameters["Stages"]:
            if stage["StageName"] in present:
                raise AnsweredError("ValidationException", f"Stage with name ({stage['StageName']}) already exists.")
        record.document["Stages"] = [*record.document.get("Stages", ()), *call.parameters["Stages"]]
        record.modified = call.now

    def _stage(self, call: Call) -> tuple[GenericRecord, dict[str, Any]]:
        record, name = self.find(call), call.parameters["StageName"]
        for stage in record.document.get("Stages", ()):
            if stage["StageName"] == name:
                return record, stage
        raise self.world.not_found(call.operation, f"Could not find stage '{name}'.")

    def _delete_stage(self, call: Call) -> None:
        record, stage = self._stage(call)
        if stage.get("Status") == "DEPLOYED":
            raise self.world.in_use(call.operation, f"The stage {stage['StageName']} is in status DEPLOYED.")
        record.document["Stages"] = [each for each in record.document["Stages"] if each is not stage]

    def _start_stage(self, call: Call) -> None:
        """Start a stage. It ends at once, because no device takes part."""
        record, stage = self._stage(call)
        stage.update(Status="DEPLOYED", Started=self.world.epoch(call.now))
        record.modified = call.now

    def _stop_stage(self, call: Call) -> None:
        record, stage = self._stage(call)
        stage["Status"] = "STOPPED"
        record.modified = call.now

    def _stage_devices(self, call: Call) -> Mapping[str, Any]:
        record, stage = self._stage(call)
        status = stage.get("Status", "READYTODEPLOY")

        def show(device: GenericRecord) -> dict[str, Any]:
            shown = {
                "EdgeDeploymentPlanArn": record.arn,
                "EdgeDeploymentPlanName": record.short,
                "StageName": stage["StageName"],
                "DeviceFleetName": record.document["DeviceFleetName"],
                "DeviceName": device.short,
                "DeviceArn": device.arn,
                "DeviceDeploymentStatus": status,
            }
            started = {"DeployedStageName": stage["StageName"], "DeploymentStartTime": stage.get("Started")}
            return {**shown, **started} if "Started" in stage else shown

        return page_of(
            self._devices(record, stage),
            call.parameters,
            result_key="DeviceDeploymentSummaries",
            place=lambda device: (device.short, device.serial),
            show=show,
        )


class EdgePackagingJobs(GenericResource):
    """Packaging jobs. The description has the location of the packaged model, but no model is written."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        if record.status != "COMPLETED":
            return {}
        document = record.document
        package = f"{document['ModelName']}-{document['ModelVersion']}.tar.gz"
        return {"ModelArtifact": posixpath.join(document["OutputConfig"]["S3OutputLocation"], package)}

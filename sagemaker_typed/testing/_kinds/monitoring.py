"""Monitoring schedules, their executions and their alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._kinds.processing import ProcessingJobs
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler
from sagemaker_typed.testing._states import State

__all__ = ["MonitoringExecutions", "MonitoringSchedules"]

_HOUR = 3_600_000_000
_KEPT = 30 * 24 * _HOUR
_EVERY_SO_MANY_HOURS = re.compile(r"cron\(\S+ \d+/(\d+) ")
_HOURLY = re.compile(r"cron\(\S+ \* ")
_ALERT = {"DatapointsToAlert": 1, "EvaluationPeriod": 1}
_DEFINITIONS = {
    "DataQuality": ("data_quality_job_definition", "DataQualityAppSpecification"),
    "ModelQuality": ("model_quality_job_definition", "ModelQualityAppSpecification"),
    "ModelBias": ("model_bias_job_definition", "ModelBiasAppSpecification"),
    "ModelExplainability": ("model_explainability_job_definition", "ModelExplainabilityAppSpecification"),
}


@dataclass(eq=False, kw_only=True)
class MonitoringSchedule(GenericRecord):
    due: int | None = None
    """When the next execution begins; None while it does not run."""
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


class MonitoringSchedules(GenericResource):
    """Schedules. A Scheduled one starts an execution hourly, every few hours or daily; NOW starts a single one."""

    record_type = MonitoringSchedule

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "ListMonitoringAlerts": self._alerts,
            "UpdateMonitoringAlert": self._update_alert,
            "ListMonitoringAlertHistory": self._history,
        }

    def entered(self, record: GenericRecord, state: State, moment: int) -> None:
        super().entered(record, state, moment)
        schedule = _schedule(record)
        if state.status == "Scheduled":
            period = _period(record)
            schedule.due = moment if period is None else moment + period
        elif state.status in {"Stopped", "Failed"}:
            schedule.due = None

    def settle(self, now: int) -> None:
        super().settle(now)
        for record in self.records():
            self._run(_schedule(record), now)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        latest = max(self._executions(record), key=lambda row: row.serial, default=None)
        shape = "MonitoringExecutionSummary"
        executions = self._execution_kind()
        # A schedule that contains its definition is of the oldest type.
        known: dict[str, Any] = {"MonitoringType": _type_of(record.document["MonitoringScheduleConfig"])}
        endpoint = self._endpoint(record)
        if endpoint is not None:
            known["EndpointName"] = endpoint
        return known if latest is None else {**known, "LastMonitoringExecutionSummary": executions.view(latest, shape)}

    def _endpoint(self, record: GenericRecord) -> str | None:
        """Return the monitored endpoint, from the schedule's own or its named definition."""
        config = record.document["MonitoringScheduleConfig"]
        for source in config.get("MonitoringJobDefinition", {}).get("MonitoringInputs", ()):
            if "EndpointInput" in source:
                return str(source["EndpointInput"]["EndpointName"])
        kind = self.world.of_kind(_DEFINITIONS.get(config.get("MonitoringType", ""), ("", ""))[0])
        definition = None if kind is None else kind.get(record.region, config.get("MonitoringJobDefinitionName", ""))
        document: Mapping[str, Any] = {} if definition is None else definition.document
        for member, value in document.items():
            if member.endswith("JobInput") and "EndpointInput" in value:
                return str(value["EndpointInput"]["EndpointName"])
        return None

    def removed(self, record: GenericRecord) -> None:
        for execution in list(self._executions(record)):
            self._execution_kind().remove(execution)

    def _run(self, schedule: MonitoringSchedule, now: int) -> None:
        while schedule.due is not None and schedule.due <= now:
            moment, period = schedule.due, _period(schedule)
            # If the clock moves by years, only the last 30 days are executed: the service keeps executions that long.
            if moment > now - _KEPT:
                self._execution_kind().execute(schedule, moment)
            schedule.due = None if period is None else max(moment + period, _first_kept(moment, period, now))

    def _executions(self, record: GenericRecord) -> Iterator[GenericRecord]:
        rows = self._execution_kind().records(record.region)
        return (row for row in rows if row.document["MonitoringScheduleName"] == record.short)

    def _execution_kind(self) -> MonitoringExecutions:
        return cast("MonitoringExecutions", self.world.of_kind("monitoring_execution"))

    # --- alerts ------------------------------------------------------------------------------------------------------

    def _alerts(self, call: Call) -> Mapping[str, Any]:
        schedule = _schedule(self.find(call))
        return page_in_order(
            [self._alert(schedule)], call.parameters, result_key="MonitoringAlertSummaries", default_size=100
        )

    def _alert(self, schedule: MonitoringSchedule) -> dict[str, Any]:
        """Return the alert of a schedule. Each schedule has one alert with its name."""
        moments = {"CreationTime": schedule.created, "LastModifiedTime": schedule.modified}
        return {
            "MonitoringAlertName": schedule.short,
            **{name: self.world.epoch(moment) for name, moment in moments.items()},
            "AlertStatus": "OK",
            **_ALERT,
            **schedule.alerts.get(schedule.short, {}),
            "Actions": {"ModelDashboardIndicator": {"Enabled": True}},
        }

    def _update_alert(self, call: Call) -> Mapping[str, Any]:
        schedule = _schedule(self.find(call))
        name = call.parameters["MonitoringAlertName"]
        if name != schedule.short:
            raise self.world.not_found(call.operation, f"Could not find monitoring alert '{name}'.")
        schedule.alerts[name] = {member: call.parameters[member] for member in _ALERT}
        return {"MonitoringScheduleArn": schedule.arn, "MonitoringAlertName": name}

    def _history(self, call: Call) -> Mapping[str, Any]:
        """Return the alert history, which is empty: alerts never fire here."""
        if "MonitoringScheduleName" in call.parameters:
            self.find(call)
        return page_in_order([], call.parameters, result_key="MonitoringAlertHistory")


class MonitoringExecutions(GenericResource):
    """Executions, each with a processing job. A script for "monitoring_execution" matches the schedule's name."""

    def operations(self) -> Mapping[str, Handler]:
        return {"ListMonitoringExecutions": self.list}

    def execute(self, schedule: GenericRecord, moment: int) -> None:
        config = schedule.document["MonitoringScheduleConfig"]
        schedules = self.world.of_kind("monitoring_schedule")
        assert isinstance(schedules, GenericResource)
        document = {
            "MonitoringScheduleName": schedule.short,
            "ScheduledTime": self.world.epoch(moment),
            "MonitoringType": _type_of(config),
        }
        for member in ("EndpointName", "MonitoringJobDefinitionName"):
            value = schedules.known(schedule, schedule.document, member, "")
            if value is not None:
                document[member] = value
        call = Call("ListMonitoringExecutions", schedule.region, document, moment)
        record = self.make(call, (), schedule.short)
        record.document["ProcessingJobArn"] = self._process(record, config, moment)

    def _process(self, record: GenericRecord, config: Mapping[str, Any], moment: int) -> str:
        """Create the processing job of an execution."""
        definition, image = self._definition(record, config)
        resources: Mapping[str, Any] = definition.get("MonitoringResources") or definition.get("JobResources") or {}
        usual: dict[str, Any] = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
        name = f"model-monitoring-{record.identifier}"
        request = {
            "ProcessingJobName": name,
            "RoleArn": definition.get("RoleArn", self._role()),
            "AppSpecification": {"ImageUri": image},
            "ProcessingResources": {"ClusterConfig": {**usual, **resources.get("ClusterConfig", {})}},
        }
        job = self.world[ProcessingJobs].add(Call("CreateProcessingJob", record.region, request, moment), name)
        return job.arn

    def _definition(self, record: GenericRecord, config: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        """Return the schedule's own or named definition, and its image."""
        inner = config.get("MonitoringJobDefinition")
        image = f"{self.world.account_id}.dkr.ecr.{record.region}.amazonaws.com/model-monitor-analyzer"
        if inner is not None:
            return inner, inner["MonitoringAppSpecification"].get("ImageUri", image)
        kind, member = _DEFINITIONS.get(_type_of(config), ("", ""))
        definitions = self.world.of_kind(kind)
        found = definitions.get(record.region, config.get("MonitoringJobDefinitionName", "")) if definitions else None
        return ({}, image) if found is None else (found.document, found.document[member].get("ImageUri", image))

    def _role(self) -> str:
        return f"arn:aws:iam::{self.world.account_id}:role/monitoring"

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"MonitoringScheduleName": record.short, "MonitoringExecutionStatus": record.status}


def _schedule(record: GenericRecord) -> MonitoringSchedule:
    assert isinstance(record, MonitoringSchedule)
    return record


def _type_of(config: Mapping[str, Any]) -> str:
    return str(config.get("MonitoringType", "DataQuality"))


def _period(record: GenericRecord) -> int | None:
    """Return the period of a schedule. None if it runs once."""
    expression = record.document["MonitoringScheduleConfig"].get("ScheduleConfig", {}).get("ScheduleExpression", "NOW")
    if expression == "NOW":
        return None
    several = _EVERY_SO_MANY_HOURS.match(expression)
    if several is not None:
        return max(1, int(several[1])) * _HOUR
    return _HOUR if _HOURLY.match(expression) else 24 * _HOUR


def _first_kept(moment: int, period: int, now: int) -> int:
    """Return the first due moment within the time that executions are kept."""
    skipped = max(0, (now - _KEPT - moment) // period)
    return moment + skipped * period

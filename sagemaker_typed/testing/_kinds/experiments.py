"""Experiments, trials and trial components, and their associations.

A job that is created with an ExperimentConfig creates a trial component with the job as its source. Only these components
have a source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._measures import Measure, summaries
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, RecordT, Resource

__all__ = ["Experiments", "TrialComponents", "Trials"]

_SOURCES = {
    "aws-training-job": "SageMakerTrainingJob",
    "aws-processing-job": "SageMakerProcessingJob",
    "aws-transform-job": "SageMakerTransformJob",
}


class _Entities(Resource[RecordT]):
    """The base of the three kinds. They have no states, and the case of their names does not matter."""

    def get(self, region: str, name_or_arn: str) -> RecordT | None:
        found = super().get(region, name_or_arn)
        if found is not None or name_or_arn.startswith("arn:"):
            return found
        wanted = name_or_arn.lower()
        return next((record for record in self.records(region) if record.name.lower() == wanted), None)

    def create(self, call: Call) -> Mapping[str, Any]:
        existing = self.get(call.region, call.parameters[self.name_member])
        if existing is not None:
            raise self.world.in_use(call.operation, self.duplicate_message(existing))
        return super().create(call)

    def duplicate_message(self, record: RecordT) -> str:
        label = self.label.capitalize()
        return (
            f"{label} names must be unique within an AWS account and region. "
            f"{label} with name ({record.name}) already exists."
        )

    def unknown_message(self, region: str, name: str) -> str:
        return f"{self.noun} '{self.arn_of(region, name)}' does not exist."

    def describe_document(self, record: RecordT) -> dict[str, Any]:
        document = super().describe_document(record)
        document.setdefault("DisplayName", record.name)
        document["CreatedBy"], document["LastModifiedBy"] = dict[str, Any](), dict[str, Any]()
        return document

    def update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        record.document.update({name: value for name, value in call.parameters.items() if name != self.name_member})
        record.modified = call.now
        return {self.arn_member: record.arn}

    def delete_and_say(self, call: Call) -> Mapping[str, Any]:
        """Delete a record and answer with its ARN, as only these three deletions do."""
        record = self.find(call)
        self.delete(call)
        return {self.arn_member: record.arn}


class Experiments(_Entities[Record]):
    kind = "experiment"
    noun = "Experiment"
    arn_type = "experiment"
    listing = Listing("ExperimentSummaries", descending=True)
    search_member = "Experiment"

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateExperiment": self.create,
            "DescribeExperiment": self.describe,
            "ListExperiments": self.list,
            "UpdateExperiment": self.update,
            "DeleteExperiment": self._delete,
        }

    def _delete(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        left = sum(trial.document["ExperimentName"] == record.name for trial in self.world[Trials].records(call.region))
        if left:
            raise AnsweredError(
                "ValidationException", f"Experiment '{record.arn}' has {left} trials: delete them before it."
            )
        return self.delete_and_say(call)


@dataclass(eq=False, kw_only=True)
class TrialComponent(Record):
    source: Record | None = None
    """The job that it came with."""
    source_type: str = ""
    source_status: str = ""
    """The last that the job had, while there was one."""
    measures: list[Measure] = field(default_factory=list[Measure])
    """What programs have put on it."""


@dataclass(eq=False, kw_only=True)
class Trial(Record):
    components: dict[str, TrialComponent] = field(default_factory=dict[str, TrialComponent])
    """By ARN, in the order of their association."""


class Trials(_Entities[Trial]):
    kind = "trial"
    noun = "Trial"
    arn_type = "experiment-trial"
    listing = Listing("TrialSummaries", descending=True)
    search_member = "Trial"
    record_type = Trial

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateTrial": self.create,
            "DescribeTrial": self.describe,
            "ListTrials": self._list,
            "UpdateTrial": self.update,
            "DeleteTrial": self._delete,
        }

    def create(self, call: Call) -> Mapping[str, Any]:
        existing = self.get(call.region, call.parameters["TrialName"])
        return super().create(self._spelt(call) if existing is None else call)

    def fits(self, record: Trial, parameters: Mapping[str, Any]) -> bool:
        experiment, component = parameters.get("ExperimentName"), parameters.get("TrialComponentName")
        return experiment in (None, record.document["ExperimentName"]) and (
            component is None or any(component in part.names for part in record.components.values())
        )

    def search_document(self, record: Trial) -> Mapping[str, Any]:
        components = [
            self.world[TrialComponents].describe_document(component) for component in record.components.values()
        ]
        model = self.world.model
        simple = [model.project("TrialComponentSimpleSummary", component) for component in components]
        return {**super().search_document(record), "TrialComponentSummaries": simple}

    def _list(self, call: Call) -> Mapping[str, Any]:
        return self.list(self._spelt(call))

    def _spelt(self, call: Call) -> Call:
        """Return the request with each name in the case of the resource's creation."""
        parameters = dict(call.parameters)
        for kind in (self.world[Experiments], self.world[TrialComponents]):
            if kind.name_member in parameters:
                parameters[kind.name_member] = kind.find(call).name
        return replace(call, parameters=parameters)

    def _delete(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        if record.components:
            raise AnsweredError(
                "ValidationException",
                f"Trial '{record.arn}' has {len(record.components)} trial components: disassociate them before it goes.",
            )
        return self.delete_and_say(call)


class TrialComponents(_Entities[TrialComponent]):
    kind = "trial_component"
    noun = "TrialComponent"
    arn_type = "experiment-trial-component"
    listing = Listing("TrialComponentSummaries", descending=True)
    search_member = "TrialComponent"
    record_type = TrialComponent

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateTrialComponent": self.create,
            "DescribeTrialComponent": self.describe,
            "ListTrialComponents": self._list,
            "UpdateTrialComponent": self._update,
            "DeleteTrialComponent": self._delete,
            "AssociateTrialComponent": self._associate,
            "DisassociateTrialComponent": self._disassociate,
        }

    @property
    def _statuses(self) -> Sequence[str]:
        return self.world.model.enum("TrialComponentPrimaryStatus")

    # --- the components of jobs --------------------------------------------------------------------------------------

    def check_config(self, call: Call) -> None:
        """Refuse a job whose ExperimentConfig names a resource that does not exist."""
        config = call.parameters.get("ExperimentConfig", {})
        for kind, member in ((self.world[Experiments], "ExperimentName"), (self.world[Trials], "TrialName")):
            if member in config and kind.get(call.region, config[member]) is None:
                raise kind.unknown(call, config[member])

    def follow(self, call: Call, job: Record | None, suffix: str) -> None:
        """Create or update the component of a job that has an ExperimentConfig."""
        config = call.parameters.get("ExperimentConfig")
        if config is None or job is None:
            return
        name = f"{job.name}-{suffix}"
        component = self.get(call.region, name)  # left by a deleted job of the same name
        if component is None:
            members = {
                "TrialComponentName": name,
                "DisplayName": config.get("TrialComponentDisplayName"),
                "RunName": config.get("RunName"),
            }
            parameters = {name: value for name, value in members.items() if value is not None}
            component = self.add(Call("CreateTrialComponent", call.region, parameters, job.created), name)
        component.source, component.source_type, component.source_status = job, _SOURCES[suffix], job.status
        trial = self._trial_for(call, config, name)
        if trial is not None:
            trial.components[component.arn] = component

    def _trial_for(self, call: Call, config: Mapping[str, Any], name: str) -> Trial | None:
        """Return the named trial, or create one in the experiment."""
        trials, experiment = self.world[Trials], config.get("ExperimentName")
        if "TrialName" in config or experiment is None:
            return trials.get(call.region, config["TrialName"]) if "TrialName" in config else None
        found = trials.get(call.region, name)
        if found is not None:
            return found
        parameters = {"TrialName": name, "ExperimentName": experiment}
        trials.create(Call("CreateTrial", call.region, parameters, call.now))
        return trials.get(call.region, name)

    def settle(self, now: int) -> None:
        super().settle(now)
        for component in self.records():
            # The component of a deleted job stays unchanged.
            if component.source is not None and component.source.status in self._statuses:
                component.source_status = component.source.status

    # --- the operations ----------------------------------------------------------------------------------------------

    def describe_document(self, record: TrialComponent) -> dict[str, Any]:
        document = super().describe_document(record)
        for member in ("Parameters", "InputArtifacts", "OutputArtifacts", "CreatedBy", "LastModifiedBy"):
            document.setdefault(member, {})
        document["Metrics"] = summaries(record.measures, record.arn)
        document.setdefault("Sources", [])
        group = self.world.arn(record.region, "lineage-group/sagemaker-default-lineage-group")
        document["LineageGroupArn"] = group
        if record.source is not None:
            document["Source"] = {"SourceArn": record.source.arn, "SourceType": record.source_type}
            document["TrialComponentSource"] = document["Source"]
            job_status = record.source.status
            document["Status"] = {"PrimaryStatus": job_status if job_status in self._statuses else record.source_status}
            measured = [self._summary(record.source, name, *found) for name, found in record.source.metrics.items()]
            document["Metrics"] = measured or document["Metrics"]
            for member, moment in (("StartTime", record.source.started), ("EndTime", record.source.ended)):
                if moment is not None:
                    document[member] = self.world.epoch(moment)
        return document

    def _summary(self, job: Record, name: str, value: float, moment: int) -> dict[str, Any]:
        """Return the summary of a metric that was measured once."""
        same = dict.fromkeys(("Max", "Min", "Last", "Avg"), value)
        time = self.world.epoch(moment)
        return {"MetricName": name, "SourceArn": job.arn, "TimeStamp": time, **same, "StdDev": 0.0, "Count": 1}

    def search_document(self, record: TrialComponent) -> Mapping[str, Any]:
        parents = [
            {"TrialName": trial.name, "ExperimentName": trial.document["ExperimentName"]}
            for trial in self.world[Trials].records(record.region)
            if record.arn in trial.components
        ]
        return {**super().search_document(record), **({"Parents": parents} if parents else {})}

    def _list(self, call: Call) -> Mapping[str, Any]:
        given = [name for name in ("ExperimentName", "TrialName", "SourceArn") if name in call.parameters]
        if len(given) > 1:
            raise AnsweredError("ValidationException", f"Filter by one member only, not by {' and '.join(given)}.")
        parameters = dict(call.parameters)
        for kind in (self.world[Experiments], self.world[Trials]):
            if kind.name_member in given:
                parameters[kind.name_member] = kind.find(call).name
        return self.list(replace(call, parameters=parameters))

    def fits(self, record: TrialComponent, parameters: Mapping[str, Any]) -> bool:
        if "SourceArn" in parameters:
            return record.source is not None and record.source.arn == parameters["SourceArn"]
        trials = self.world[Trials].records(record.region)
        if "TrialName" in parameters:
            return any(parameters["TrialName"] in trial.names and record.arn in trial.components for trial in trials)
        if "ExperimentName" in parameters:
            return any(
                trial.document["ExperimentName"] == parameters["ExperimentName"] and record.arn in trial.components
                for trial in trials
            )
        return True

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        for member in ("Parameters", "InputArtifacts", "OutputArtifacts"):
            kept = {**record.document.get(member, {}), **call.parameters.get(member, {})}
            for key in call.parameters.get(f"{member}ToRemove", ()):
                kept.pop(key, None)
            if member in record.document or kept:
                record.document[member] = kept
        for member in ("DisplayName", "Status", "StartTime", "EndTime"):
            if member in call.parameters:
                record.document[member] = call.parameters[member]
        record.modified = call.now
        return {"TrialComponentArn": record.arn}

    def _delete(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        for trial in self.world[Trials].records(call.region):
            if record.arn in trial.components:
                raise AnsweredError(
                    "ValidationException",
                    f"TrialComponent '{record.arn}' belongs to the trial {trial.name}: disassociate it before it goes.",
                )
        return self.delete_and_say(call)

    def _associate(self, call: Call) -> Mapping[str, Any]:
        trial, component = self.world[Trials].find(call), self.find(call)
        trial.components[component.arn] = component
        return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}

    def _disassociate(self, call: Call) -> Mapping[str, Any]:
        component, trial = self.find(call), self.world[Trials].find(call)
        if component.arn not in trial.components:
            raise self.world.not_found(
                call.operation, f"TrialComponent '{component.arn}' is not associated with Trial '{trial.arn}'."
            )
        del trial.components[component.arn]
        return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}

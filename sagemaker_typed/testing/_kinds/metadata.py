"""Metadata: of a group's features and a pipeline's versions, and the property names for Search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.plan import members_of
from sagemaker_typed.testing._kinds.features import FeatureGroups
from sagemaker_typed.testing._kinds.pipelines import PipelineExecutions, Pipelines
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, Record, World
from sagemaker_typed.testing._search import record_member

__all__ = ["FeatureMetadata", "PipelineVersions", "Suggestions"]

_METADATA = "FeatureMetadata"
_NOTES = "VersionNotes"
_ALIASES = "PipelineVersionAliases"
_MOST_PARAMETERS = 25
_MOST_SUGGESTIONS = 10


class FeatureMetadata:
    """The description and parameters of a feature."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"DescribeFeatureMetadata": self._describe, "UpdateFeatureMetadata": self._update}

    def _find(self, call: Call) -> tuple[Record, Mapping[str, Any], dict[str, Any]]:
        """Return the group, the feature's definition, and the feature's metadata."""
        group = self._world[FeatureGroups].find(call)
        name = call.parameters["FeatureName"]
        for feature in group.document["FeatureDefinitions"]:
            if feature.get("FeatureName") == name:
                return group, feature, group.document.setdefault(_METADATA, {}).setdefault(name, {})
        raise self._world.not_found(call.operation, f"Could not find feature '{name}' of {group.arn}.")

    def _describe(self, call: Call) -> Mapping[str, Any]:
        group, feature, said = self._find(call)
        return {
            "FeatureGroupArn": group.arn,
            "FeatureGroupName": group.name,
            "FeatureName": feature["FeatureName"],
            "FeatureType": feature["FeatureType"],
            "CreationTime": self._world.epoch(group.created),
            "LastModifiedTime": self._world.epoch(said.get("moment", group.created)),
            **{name: said[name] for name in ("Description", "Parameters") if name in said},
        }

    def _update(self, call: Call) -> None:
        _, _, said = self._find(call)
        asked = call.parameters
        parameters = {each["Key"]: each.get("Value", "") for each in said.get("Parameters", ())}
        parameters.update(
            {each["Key"]: each.get("Value", "") for each in asked.get("ParameterAdditions", ()) if "Key" in each}
        )
        for key in asked.get("ParameterRemovals", ()):
            parameters.pop(key, None)
        if len(parameters) > _MOST_PARAMETERS:
            raise AnsweredError("ValidationException", f"A feature has at most {_MOST_PARAMETERS} parameters.")
        if "Description" in asked:
            said["Description"] = asked["Description"]
        said["Parameters"] = [{"Key": key, "Value": value} for key, value in parameters.items()]
        said["moment"] = call.now


class PipelineVersions:
    """Pipeline versions. Each update of a pipeline's definition creates one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"ListPipelineVersions": self._list, "UpdatePipelineVersion": self._update}

    def _list(self, call: Call) -> Mapping[str, Any]:
        pipelines = self._world[Pipelines]
        pipeline = pipelines.find(call)
        latest = len(pipeline.definitions)
        runs = [run for run in self._world[PipelineExecutions].records(call.region) if run.pipeline is pipeline]

        def show(number: int) -> dict[str, Any]:
            moment = pipeline.created if number == 1 else pipeline.modified
            shown = {
                "PipelineArn": pipeline.arn,
                "PipelineVersionId": number,
                "CreationTime": self._world.epoch(moment),
                **pipeline.document.get(_NOTES, {}).get(number, {}),
            }
            last = {"LastExecutionPipelineExecutionArn": runs[-1].arn} if runs and number == latest else {}
            return {**shown, **last}

        return page_of(
            range(1, latest + 1),
            call.parameters,
            result_key="PipelineVersionSummaries",
            place=lambda number: (float(number), 0),
            descending=call.parameters.get("SortOrder", "Descending") == "Descending",
            show=show,
        )

    def _update(self, call: Call) -> Mapping[str, Any]:
        pipeline = self._world[Pipelines].find(call, "PipelineArn")
        number = call.parameters["PipelineVersionId"]
        if not 1 <= number <= len(pipeline.definitions):
            raise self._world.not_found(
                call.operation, f"Pipeline '{pipeline.arn}' has no version {number}: not found."
            )
        notes = pipeline.document.setdefault(_NOTES, {}).setdefault(number, {})
        for member in ("PipelineVersionDisplayName", "PipelineVersionDescription"):
            if member in call.parameters:
                notes[member] = call.parameters[member]
        self._name(call, pipeline.document[_NOTES], number)
        return {"PipelineArn": pipeline.arn, "PipelineVersionId": number}

    def _name(self, call: Call, notes: Mapping[int, dict[str, Any]], number: int) -> None:
        """Add and remove aliases. An alias of another version must first be removed from that version."""
        wishes = call.parameters.get("PipelineVersionAliasOperations", {})
        for other, said in notes.items():
            taken = set(said.get(_ALIASES, ())) & set(wishes.get("Add", ()))
            if other != number and taken:
                raise AnsweredError(
                    "ConflictException", f"The alias {min(taken)} already exists: version {other} has it."
                )
        kept = [name for name in notes[number].get(_ALIASES, ()) if name not in wishes.get("Remove", ())]
        notes[number][_ALIASES] = [*kept, *(name for name in wishes.get("Add", ()) if name not in kept)]


class Suggestions:
    """`GetSearchSuggestions`: the names of searchable properties."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"GetSearchSuggestions": self._suggest}

    def _suggest(self, call: Call) -> Mapping[str, Any]:
        model = self._world.model
        member = record_member(call.parameters["Resource"])
        shape = members_of(model, "SearchRecord").get(member or "")
        query = call.parameters.get("SuggestionQuery", {}).get("PropertyNameQuery", {})
        hint = str(query.get("PropertyNameHint", "")).lower()
        names = (name for name in self._names(shape, "", 3) if name.lower().startswith(hint)) if shape else iter(())
        fitting = sorted(dict.fromkeys(names))[:_MOST_SUGGESTIONS]
        return {"PropertyNameSuggestions": [{"PropertyName": name} for name in fitting]}

    def _names(self, shape: str, prefix: str, depth: int) -> Iterator[str]:
        for name, each in members_of(self._world.model, shape).items():
            yield f"{prefix}{name}"
            if depth and self._world.model.shape(each)["type"] == "structure":
                yield from self._names(each, f"{prefix}{name}.", depth - 1)

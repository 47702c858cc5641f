"""Lineage: artifacts, actions, contexts, the associations between them and trial components, and lineage queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource, World
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Artifacts", "Associations", "LineageEntities", "LineageGroups", "LineageQueries"]

_TYPES = {
    "artifact": "Artifact",
    "action": "Action",
    "context": "Context",
    "experiment-trial-component": "TrialComponent",
}
_DEFAULT_DEPTH = 10


class LineageEntities(GenericResource):
    """Actions and contexts, which cannot be deleted while they have associations."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"LineageGroupArn": self.world.arn(record.region, "lineage-group/sagemaker-default-lineage-group")}

    def refuse_held(self, call: Call, record: GenericRecord) -> None:
        associations = self.world.of_kind("association")
        rows = associations.records(record.region) if isinstance(associations, GenericResource) else iter(())
        for row in rows:
            if record.arn in (row.document["SourceArn"], row.document["DestinationArn"]):
                raise AnsweredError(
                    "ValidationException",
                    f"Cannot delete {self.label} {record.arn} with association associated: disassociate it first.",
                )


class Artifacts(LineageEntities):
    """Artifacts, deleted by ARN or by source."""

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        source = parameters.get("Source")
        if "ArtifactArn" in parameters or source is None:
            return super().lookup(region, parameters)
        rows = self.records(region)
        return next((row for row in rows if row.document["Source"]["SourceUri"] == source["SourceUri"]), None)

    def take_away(self, call: Call) -> Mapping[str, Any] | None:
        if "ArtifactArn" not in call.parameters and "Source" not in call.parameters:
            raise AnsweredError("ValidationException", "ArtifactArn or Source must be given.")
        return super().take_away(call)

    def unknown(self, call: Call, name: str) -> AnsweredError:
        source = call.parameters.get("Source", {}).get("SourceUri")
        return super().unknown(call, name or str(source))


class Associations(GenericResource):
    """Associations, at most one between two entities."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            "AddAssociation": self._add_association,
            "DeleteAssociation": self._delete_association,
            "ListAssociations": self.list,
        }

    def _add_association(self, call: Call) -> Mapping[str, Any]:
        source, destination = call.parameters["SourceArn"], call.parameters["DestinationArn"]
        for arn in (source, destination):
            if self.world.by_arn(arn) is None:
                raise self.world.not_found(call.operation, f"Could not find the resource {arn}.")
        if self.lookup(call.region, call.parameters) is not None:
            raise AnsweredError(
                "ValidationException", f"Association between {source} and {destination} already exists."
            )
        self.make(call, (), "")
        return {"SourceArn": source, "DestinationArn": destination}

    def _delete_association(self, call: Call) -> Mapping[str, Any]:
        record = self.lookup(call.region, call.parameters)
        if record is None:
            both = f"{call.parameters['SourceArn']} and {call.parameters['DestinationArn']}"
            raise self.world.not_found(call.operation, f"Could not find an association between {both}.")
        self.remove(record)
        return dict(call.parameters)

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        ends = [parameters[member] for member in ("SourceArn", "DestinationArn")]
        rows = self.records(region)
        return next((row for row in rows if [row.document[member] for member in _ENDS] == ends), None)

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        known: dict[str, Any] = {}
        for end in ("Source", "Destination"):
            found = self.world.by_arn(record.document[f"{end}Arn"])
            if found is not None:
                known[f"{end}Name"] = getattr(found[1], "short", "") or found[1].name
                known[f"{end}Type"] = type_of(*found)
        return known


_ENDS = ("SourceArn", "DestinationArn")


class LineageGroups(GenericResource):
    """Lineage groups. There is exactly one, as in an account without shared resources."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            "DescribeLineageGroup": self.describe,
            "ListLineageGroups": self.list,
            "GetLineageGroupPolicy": self._policy,
        }

    def _ensure(self, call: Call) -> None:
        name = "sagemaker-default-lineage-group"
        if self.get(call.region, name) is None:
            document = {"LineageGroupName": name, "DisplayName": "Default lineage group"}
            self.make(Call(call.operation, call.region, document, 0), (), name)

    def describe(self, call: Call) -> Mapping[str, Any]:
        self._ensure(call)
        return super().describe(call)

    def list(self, call: Call) -> Mapping[str, Any]:
        self._ensure(call)
        return super().list(call)

    def _policy(self, call: Call) -> Mapping[str, Any]:
        self._ensure(call)
        record = self.find(call)
        return {"LineageGroupArn": record.arn, "ResourcePolicy": '{"Version": "2012-10-17", "Statement": []}'}


class LineageQueries:
    """`QueryLineage`: the entities that can be reached along the associations."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"QueryLineage": self._query}

    def _query(self, call: Call) -> Mapping[str, Any]:
        starts = call.parameters.get("StartArns", [])
        for arn in starts:
            if self._world.by_arn(arn) is None:
                raise self._world.not_found(call.operation, f"Could not find the resource {arn}.")
        reached, edges = self._walk(call, starts)
        filters = call.parameters.get("Filters", {})
        vertices = [vertex for arn in reached if (vertex := self._vertex(arn, filters)) is not None]
        answer = page_in_order(vertices, call.parameters, result_key="Vertices")
        # Without edges, return only the matching entities. With edges, also the path to them.
        return {**answer, "Edges": edges if call.parameters.get("IncludeEdges", True) else []}

    def _walk(self, call: Call, starts: list[str]) -> tuple[list[str], list[dict[str, str]]]:
        """Walk breadth-first to the requested depth. The start entities are not included."""
        direction = call.parameters.get("Direction", "Both")
        depth = call.parameters.get("MaxDepth", _DEFAULT_DEPTH)
        seen, level = list(starts), list(starts)
        edges: list[dict[str, str]] = []
        for _ in range(depth):
            following: list[str] = []
            for arn in level:
                for edge, other in self._neighbours(call.region, arn, direction):
                    if edge not in edges:
                        edges.append(edge)
                    if other not in seen:
                        seen.append(other)
                        following.append(other)
            level = following
        return seen[len(starts) :], edges

    def _neighbours(self, region: str, arn: str, direction: str) -> Iterator[tuple[dict[str, str], str]]:
        associations = self._world.of_kind("association")
        rows = associations.records(region) if associations is not None else iter(())
        for row in rows:
            document = row.document
            edge = {member: document[member] for member in (*_ENDS, "AssociationType") if member in document}
            if direction != "Ascendants" and document["SourceArn"] == arn:
                yield edge, document["DestinationArn"]
            if direction != "Descendants" and document["DestinationArn"] == arn:
                yield edge, document["SourceArn"]

    def _vertex(self, arn: str, filters: Mapping[str, Any]) -> dict[str, str] | None:
        found = self._world.by_arn(arn)
        if found is None:
            return None
        resource, record = found
        lineage = _TYPES.get(arn.split(":")[5].partition("/")[0])
        types = {"Type": type_of(resource, record), "LineageType": lineage}
        of_types = all(own in filters.get(f"{member}s", [own]) for member, own in types.items())
        if not (of_types and self._in_time(record, filters) and _has_property(record, filters)):
            return None
        return {"Arn": arn, **{member: own for member, own in types.items() if own}}

    def _in_time(self, record: Record, filters: Mapping[str, Any]) -> bool:
        """Whether both times of a record are within the bounds, which are exclusive."""
        for name, moment in (("Created", record.created), ("Modified", record.modified)):
            epoch = self._world.epoch(moment)
            if f"{name}After" in filters and epoch <= to_epoch(filters[f"{name}After"]):
                return False
            if f"{name}Before" in filters and epoch >= to_epoch(filters[f"{name}Before"]):
                return False
        return True


def _has_property(record: Record, filters: Mapping[str, Any]) -> bool:
    """Whether a record has one of the wanted properties. True without filters on properties."""
    properties = record.document.get("Properties", {})
    wanted = filters.get("Properties", {})
    return not wanted or any(properties.get(key) == value for key, value in wanted.items())


def type_of(resource: Resource[Any], record: Record) -> str:
    """Return the type of an entity: "DataSet", "Model", ..."""
    return str(record.document.get(f"{resource.noun}Type", "") or resource.noun)

"""Search, over every kind that `SearchRecord` has a member for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagemaker_typed.testing._kinds.features import FeatureGroups
from sagemaker_typed.testing._resource import Call, Handler, World
from sagemaker_typed.testing._search import record_member, search_page

__all__ = ["Search"]


class Search:
    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"Search": self._search}

    def _search(self, call: Call) -> Mapping[str, Any]:
        return search_page(self._world.model, call.parameters, self._documents(call))

    def _documents(self, call: Call) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if call.parameters["Resource"] == "FeatureMetadata":
            yield from self._features(call.region)
        member = record_member(call.parameters["Resource"])
        for resource in self._world.resources:
            if member and resource.search_member == member:
                for record in resource.records(call.region):
                    yield record.arn, resource.found_document(record)

    def _features(self, region: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        groups = self._world[FeatureGroups]
        for group in groups.records(region):
            document = groups.describe_document(group)
            for feature in document["FeatureDefinitions"]:
                times = {name: document[name] for name in ("CreationTime", "LastModifiedTime")}
                owner = {"FeatureGroupArn": group.arn, "FeatureGroupName": group.name}
                said = group.document.get("FeatureMetadata", {}).get(feature.get("FeatureName"), {})
                named = {name: feature[name] for name in ("FeatureName", "FeatureType") if name in feature}
                yield f"{group.arn}/{feature.get('FeatureName')}", {**owner, **named, **times, **said}

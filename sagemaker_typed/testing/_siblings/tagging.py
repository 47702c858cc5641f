"""The Resource Groups Tagging API for the tags of all kinds of SageMaker resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, World

__all__ = ["Tagging"]

_REFUSED = "InvalidParameterException"
_PAGE = 50
_MOST_TAGS = 50


class Tagging:
    """The operations of the API. As in the service, resources without tags are not found."""

    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {
            "GetResources": self._resources,
            "GetTagKeys": self._keys,
            "GetTagValues": self._values,
            "TagResources": self._tag,
            "UntagResources": self._untag,
        }

    # --- reading -----------------------------------------------------------------------------------------------------

    def _tagged(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Return the ARN and tags of each tagged resource in a region."""
        for resource in self._world.resources:
            yield from ((record.arn, record.tags) for record in resource.records(region) if record.tags)
        for arn, tags in self._world.other_tags.items():
            if tags and _region_of(arn) == region:
                yield arn, tags

    def _resources(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        arns = asked.get("ResourceARNList")
        if arns and any(member in asked for member in ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage")):
            raise AnsweredError(_REFUSED, "ResourceARNList cannot be combined with filters or ResourcesPerPage")
        found = (
            (arn, tags)
            for arn, tags in self._tagged(call.region)
            if (not arns or arn in arns)
            and _of_type(arn, asked.get("ResourceTypeFilters", ()))
            and all(_fits(tags, each) for each in asked.get("TagFilters", ()))
        )
        return _paged(
            found,
            asked,
            "ResourceTagMappingList",
            asked.get("ResourcesPerPage", _PAGE),
            show=_mapping,
        )

    def _keys(self, call: Call) -> Mapping[str, Any]:
        keys = {key for _, tags in self._tagged(call.region) for key in tags}
        return _paged(((key, key) for key in keys), call.parameters, "TagKeys", _PAGE)

    def _values(self, call: Call) -> Mapping[str, Any]:
        key = call.parameters["Key"]
        values = {tags[key] for _, tags in self._tagged(call.region) if key in tags}
        return _paged(((value, value) for value in values), call.parameters, "TagValues", _PAGE)

    # --- writing -----------------------------------------------------------------------------------------------------

    def _tag(self, call: Call) -> Mapping[str, Any]:
        failed: dict[str, Any] = {}
        for arn in call.parameters["ResourceARNList"]:
            tags = self._tags_of(call.region, arn)
            if tags is None:
                failed[arn] = _failure(f"Could not find the resource {arn}.")
            elif len({**tags, **call.parameters["Tags"]}) > _MOST_TAGS:
                failed[arn] = _failure(f"A resource has at most {_MOST_TAGS} tags.")
            else:
                tags.update(call.parameters["Tags"])
        return {"FailedResourcesMap": failed}

    def _untag(self, call: Call) -> Mapping[str, Any]:
        failed: dict[str, Any] = {}
        for arn in call.parameters["ResourceARNList"]:
            tags = self._tags_of(call.region, arn)
            if tags is None:
                failed[arn] = _failure(f"Could not find the resource {arn}.")
                continue
            for key in call.parameters["TagKeys"]:
                tags.pop(key, None)
        return {"FailedResourcesMap": failed}

    def _tags_of(self, region: str, arn: str) -> dict[str, str] | None:
        found = self._world.by_arn(arn)
        if found is not None:
            return found[1].tags if found[1].region == region else None
        return self._world.other_tags.get(arn) if _region_of(arn) == region else None


def _paged(
    pairs: Iterator[tuple[str, Any]], asked: Mapping[str, Any], result_key: str, size: int, show: Any = None
) -> dict[str, Any]:
    """Return one page. The service's tokens have another name, and the last page has an empty token."""
    query = {name: value for name, value in asked.items() if name not in {"PaginationToken", "ResourcesPerPage"}}
    token = asked.get("PaginationToken")
    rows = list(pairs)
    try:
        page = page_of(
            rows,
            {**query, "MaxResults": size, **({"NextToken": token} if token else {})},
            result_key=result_key,
            place=lambda pair: (pair[0], ""),
            show=show or (lambda pair: pair[1]),
        )
    except AnsweredError as error:
        raise AnsweredError("PaginationTokenExpiredException", error.message) from error
    return {result_key: page[result_key], "PaginationToken": page.get("NextToken", "")}


def _mapping(pair: tuple[str, Mapping[str, str]]) -> dict[str, Any]:
    arn, tags = pair
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _of_type(arn: str, wanted: Sequence[str]) -> bool:
    """Whether an ARN has a wanted type: `sagemaker` matches all resources, `sagemaker:training-job` those of one type."""
    kind = arn.split(":", 5)[-1].partition("/")[0]
    return not wanted or "sagemaker" in wanted or f"sagemaker:{kind}" in wanted


def _fits(tags: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    key, values = wanted.get("Key"), wanted.get("Values", ())
    if key is None:
        return True
    return key in tags and (not values or tags[key] in values)


def _region_of(arn: str) -> str:
    return arn.split(":")[3]


def _failure(message: str) -> Mapping[str, Any]:
    return {"StatusCode": 400, "ErrorCode": _REFUSED, "ErrorMessage": message}

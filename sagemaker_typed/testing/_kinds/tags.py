"""Tags of resources of every kind, including moto's, because moto loses some tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler, World

__all__ = ["Tags"]

_MOST_TAGS = 50
_PAGE = 50


class Tags:
    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"AddTags": self._add, "ListTags": self._list, "DeleteTags": self._delete}

    def _add(self, call: Call) -> Mapping[str, Any]:
        before = self._find(call)
        tags = {**before, **{tag["Key"]: tag["Value"] for tag in call.parameters["Tags"]}}
        if len(tags) > _MOST_TAGS:
            raise AnsweredError(
                "ValidationException", f"A resource has at most {_MOST_TAGS} tags; this would be {len(tags)}."
            )
        before.update(tags)
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _list(self, call: Call) -> Mapping[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in self._find(call).items()]
        return page_in_order(tags, call.parameters, result_key="Tags", default_size=_PAGE)

    def _delete(self, call: Call) -> Mapping[str, Any]:
        tags = self._find(call)
        for key in call.parameters["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _find(self, call: Call) -> dict[str, str]:
        arn = call.parameters["ResourceArn"]
        found = self._world.by_arn(arn)
        if found is not None and found[1].region == call.region:
            return found[1].tags
        if found is None and arn in self._world.other_tags:
            return self._world.other_tags[arn]
        raise self._world.not_found(call.operation, f"Could not find the resource {arn}.")

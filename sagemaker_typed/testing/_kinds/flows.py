"""Flow definitions of Amazon A2I."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource

__all__ = ["FlowDefinitions"]


class FlowDefinitions(Resource[Record]):
    kind = "flow_definition"
    noun = "FlowDefinition"
    arn_type = "flow-definition"
    # The reference gives no order. Newest first, as in A2I's other lists and in the console.
    listing = Listing("FlowDefinitionSummaries", descending=True, created_from=True)
    status_shape = "FlowDefinitionStatus"
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "ClientError: the flow definition is not valid (as scripted)"}
    lives: ClassVar = {"create": ["Initializing", "Active"], "delete": ["Deleting", None]}
    begins: ClassVar[Mapping[str, str]] = {"Deleting": "delete"}

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateFlowDefinition": self.create,
            "DescribeFlowDefinition": self.describe,
            "ListFlowDefinitions": self.list,
            "DeleteFlowDefinition": self._delete,
        }

    def _delete(self, call: Call) -> Mapping[str, Any]:
        if self.find(call).status != "Deleting":
            self.delete(call)
        return {}

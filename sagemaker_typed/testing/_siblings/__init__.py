"""The other services at the URL of the embedded SageMaker.

`runtime`, `records`, `metrics` and the human loops are REST services that sign as "sagemaker". CloudWatch and the
Resource Groups Tagging API sign under their own names. So do CloudWatch Logs and STS, which moto answers, except for the
caller identity and the content of the logs.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping

from sagemaker_typed.testing._kinds.loops import HumanLoops
from sagemaker_typed.testing._model import service_tables
from sagemaker_typed.testing._resource import Handler, World
from sagemaker_typed.testing._siblings._protocols import cbor_reply, read_message
from sagemaker_typed.testing._siblings._rest import RestOperation, RestRequest, find_operation, rest_operations
from sagemaker_typed.testing._siblings.cloudwatch import CloudWatch
from sagemaker_typed.testing._siblings.logs import LogBook
from sagemaker_typed.testing._siblings.metrics import Metrics
from sagemaker_typed.testing._siblings.records import OnlineStores
from sagemaker_typed.testing._siblings.runtime import AnswerBook, Runtime
from sagemaker_typed.testing._siblings.tagging import Tagging

__all__ = [
    "PEERS",
    "REFUSED",
    "SERVICES",
    "RestOperation",
    "RestRequest",
    "Siblings",
    "cbor_reply",
    "find_operation",
    "neighbour_operations",
    "read_message",
]

SERVICES = (
    "sagemaker",
    "sagemaker-runtime",
    "sagemaker-featurestore-runtime",
    "sagemaker-a2i-runtime",
    "sagemaker-metrics",
    "logs",
    "cloudwatch",
    "resourcegroupstaggingapi",
    "sts",
    "s3",
)
"""What the embedded SageMaker has, under boto3's names."""

PEERS: Mapping[str, str] = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""The services that are answered here and speak no REST: the name that they sign with, and boto3's."""


REFUSED: Mapping[str, str] = {"monitoring": "InvalidParameterValue", "tagging": "InvalidParameterException"}
"""The error code of each service for a request that violates its model."""


class Siblings:
    """The handlers of these services and their state."""

    def __init__(self, world: World, lock: threading.RLock, answers: AnswerBook) -> None:
        self.logs = LogBook(world)
        self._watch = CloudWatch(world)
        self.peers: Mapping[str, Mapping[str, Handler]] = {
            "monitoring": self._watch.operations(),
            "tagging": Tagging(world).operations(),
        }
        self._stores = OnlineStores(world)
        self._under_lock: Mapping[str, Handler] = {
            **self._stores.operations(),
            **Metrics(world).operations(),
            **world[HumanLoops].human_loop_operations(),
        }
        self._free: Mapping[str, Handler] = Runtime(world, lock, answers, self.logs, self._watch).operations()

    def handler(self, operation: str) -> tuple[Handler | None, bool]:
        """Return the handler of an operation, and whether to hold the lock while it runs."""
        if operation in self._free:
            return self._free[operation], False
        return self._under_lock.get(operation), True

    def clear(self) -> None:
        """Delete records, logs and metrics."""
        self.logs.clear()
        self._watch.clear()
        self._stores.clear()


def neighbour_operations() -> Collection[str]:
    """Return the operations of the other services, for which faults can be injected."""
    others = ("logs", "sts", *PEERS.values())
    return {*rest_operations(), *(name for service in others for name in service_tables(service).operations)}

"""The services beside SageMaker that programs reach by the same URL.

`runtime`, `records`, `metrics` and the human loops speak REST, and sign as "sagemaker"; CloudWatch Logs and STS sign as
themselves, and are moto's, except for who calls and for what stands in the logs.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping

from sagemaker_typed.testing._kinds.loops import HumanLoops
from sagemaker_typed.testing._model import service_tables
from sagemaker_typed.testing._resource import Handler, World
from sagemaker_typed.testing._siblings._rest import RestOperation, RestRequest, find_operation, rest_operations
from sagemaker_typed.testing._siblings.logs import LogBook
from sagemaker_typed.testing._siblings.metrics import Metrics
from sagemaker_typed.testing._siblings.records import OnlineStores
from sagemaker_typed.testing._siblings.runtime import AnswerBook, Runtime

__all__ = ["SERVICES", "RestOperation", "RestRequest", "Siblings", "find_operation", "neighbour_operations"]

SERVICES = (
    "sagemaker",
    "sagemaker-runtime",
    "sagemaker-featurestore-runtime",
    "sagemaker-a2i-runtime",
    "sagemaker-metrics",
    "logs",
    "sts",
    "s3",
)
"""What the embedded SageMaker has, under boto3's names."""


class Siblings:
    """What answers for the services that speak REST, and keeps what they know."""

    def __init__(self, world: World, lock: threading.RLock, answers: AnswerBook) -> None:
        self.logs = LogBook(world)
        self._stores = OnlineStores(world)
        self._under_lock: Mapping[str, Handler] = {
            **self._stores.operations(),
            **Metrics(world).operations(),
            **world[HumanLoops].human_loop_operations(),
        }
        self._free: Mapping[str, Handler] = Runtime(world, lock, answers, self.logs).operations()

    def handler(self, operation: str) -> tuple[Handler | None, bool]:
        """Who answers, and whether the lock is to be held meanwhile."""
        if operation in self._free:
            return self._free[operation], False
        return self._under_lock.get(operation), True

    def clear(self) -> None:
        """Forget records and logs."""
        self.logs.clear()
        self._stores.clear()


def neighbour_operations() -> Collection[str]:
    """The operations beside SageMaker's that may be made to fail."""
    return {*rest_operations(), *service_tables("logs").operations, *service_tables("sts").operations}

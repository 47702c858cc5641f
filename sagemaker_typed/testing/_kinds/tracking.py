"""MLflow tracking servers, which can be stopped and started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource

__all__ = ["MlflowTrackingServers"]

_RUNNING = frozenset({"Created", "Updating", "Updated", "Started", "MaintenanceInProgress", "MaintenanceComplete"})


class MlflowTrackingServers(GenericResource):
    """Tracking servers. A running server is active."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"IsActive": "Active" if record.status in _RUNNING else "Inactive"}

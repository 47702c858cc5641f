"""Notebook instances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource

__all__ = ["NotebookInstances"]

_DETACHED = {
    "DisassociateAcceleratorTypes": "AcceleratorTypes",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateLifecycleConfig": "LifecycleConfigName",
}


_USUAL: Mapping[str, Any] = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2023-v1",
    "IpAddressType": "ipv4",
}


class NotebookInstances(Resource[Record]):
    kind = "notebook_instance"
    noun = "NotebookInstance"
    arn_type = "notebook-instance"
    listing = Listing("NotebookInstances", sort_by="Name")
    status_shape = "NotebookInstanceStatus"
    reasons: ClassVar[Mapping[str, str]] = {"Failed": "InternalServerError: the instance failed (as scripted)"}
    lives: ClassVar = {
        "create": ["Pending", "InService"],
        "start": ["Pending", "InService"],
        "stop": ["Stopping", "Stopped"],
        "update": ["Updating", "Stopped"],
        "delete": ["Deleting", None],
    }
    begins: ClassVar[Mapping[str, str]] = {"Stopping": "stop", "Updating": "update", "Deleting": "delete"}

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateNotebookInstance": self.create,
            "DescribeNotebookInstance": self.describe,
            "ListNotebookInstances": self.list,
            "StartNotebookInstance": self._start,
            "StopNotebookInstance": self._stop,
            "UpdateNotebookInstance": self._update,
            "DeleteNotebookInstance": self._delete,
        }

    def unknown_message(self, region: str, name: str) -> str:
        return "RecordNotFound"

    def duplicate_message(self, record: Record) -> str:
        return f"Cannot create a duplicate Notebook Instance ({record.arn})"

    def describe_document(self, record: Record) -> dict[str, Any]:
        document = super().describe_document(record)
        document["Url"] = f"{record.name}.notebook.{record.region}.sagemaker.aws"
        renamed = {"SecurityGroupIds": "SecurityGroups", "LifecycleConfigName": "NotebookInstanceLifecycleConfigName"}
        for asked, answered in renamed.items():
            if asked in document:
                document[answered] = document[asked]
        return {**_USUAL, **document}

    def fits(self, record: Record, parameters: Mapping[str, Any]) -> bool:
        document = record.document
        wanted = parameters.get("AdditionalCodeRepositoryEquals")
        return (
            parameters.get("NotebookInstanceLifecycleConfigNameContains", "") in document.get("LifecycleConfigName", "")
            and parameters.get("DefaultCodeRepositoryContains", "") in document.get("DefaultCodeRepository", "")
            and (wanted is None or wanted in document.get("AdditionalCodeRepositories", ()))
        )

    def _start(self, call: Call) -> None:
        self._pass(call, "start", {"Stopped", "Failed"})

    def _stop(self, call: Call) -> None:
        self._pass(call, "stop", {"InService"})

    def _delete(self, call: Call) -> None:
        self._pass(call, "delete", {"Stopped", "Failed"})

    def _update(self, call: Call) -> Mapping[str, Any]:
        record = self._pass(call, "update", {"Stopped", "Failed"})
        for member, value in call.parameters.items():
            if member in _DETACHED:
                if value:
                    record.document.pop(_DETACHED[member], None)
            elif member != self.name_member:
                record.document[member] = value
        return {}

    def _pass(self, call: Call, phase: str, allowed: Collection[str]) -> Record:
        """Enter another phase if the status allows it."""
        record = self.find(call)
        if record.status not in allowed:
            raise AnsweredError(
                "ValidationException",
                f"Status ({record.status}) not in ([{', '.join(sorted(allowed, reverse=True))}]). "
                f"Unable to transition to ({self._lives[phase][0].status}) for Notebook Instance ({record.arn})",
            )
        self.begin(record, phase, call.now)
        return record

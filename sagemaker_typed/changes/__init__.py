"""Compares two versions of a service model, of SageMaker or of any other service that botocore has.

    from sagemaker_typed.changes import compare

    changes = compare("botocore-1.15.29-py2.py3-none-any.whl", "installed")
    print(changes.page())
    for finding in changes.findings:
        print(finding.severity, finding)

`page()` returns the text that the public pages of API changes show: the additions. `findings` are all differences that a
caller can notice, each with its severity; `verdict` sums them up. Comparing needs no client.

If the models cannot be compared, one of these errors is raised. Each is a `ValueError` with one line that says why::

    ServiceModelError (ValueError)
    |-- ModelNotFoundError       no such file, or no such service in it
    |-- InvalidModelError        not a service model, cut off, or with broken references
    `-- DifferentServicesError   two models of two services

`history()` returns the changes of each release of botocore since 2018, without fetching anything.
`compare_libraries` compares the Python surface of two versions of this library, and raises `SurfaceError`.
"""

from __future__ import annotations

from sagemaker_typed.changes._compare import Finding, Kind, Severity, Side, findings_between
from sagemaker_typed.changes._delta import Delta, UpdatedOperation, new_operations, updated_operations
from sagemaker_typed.changes._errors import (
    DifferentServicesError,
    InvalidModelError,
    ModelError,
    ModelNotFoundError,
    ServiceModelError,
    SurfaceError,
)
from sagemaker_typed.changes._history import ReleaseChanges, history
from sagemaker_typed.changes._library import LibraryBreak, LibraryChanges, compare_libraries
from sagemaker_typed.changes._load import Source, load
from sagemaker_typed.changes._model import CheckedModel
from sagemaker_typed.changes._result import Additions, ModelChanges, Verdict

__all__ = [
    "Additions",
    "Delta",
    "DifferentServicesError",
    "Finding",
    "InvalidModelError",
    "Kind",
    "LibraryBreak",
    "LibraryChanges",
    "ModelChanges",
    "ModelError",
    "ModelNotFoundError",
    "ReleaseChanges",
    "ServiceModelError",
    "Severity",
    "Side",
    "Source",
    "SurfaceError",
    "UpdatedOperation",
    "Verdict",
    "compare",
    "compare_libraries",
    "history",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def compare(old: Source, new: Source, *, service: str = "sagemaker") -> ModelChanges:
    """Compare two models of one service.

    Each model is a path to a `service-2.json`, plain or gzipped, or to a botocore wheel; `"installed"`, the botocore of this
    Python; `"bundled"`, the model that this library was generated from; or a model that is loaded already. `service` selects
    the service of a wheel or of the installed botocore, by botocore's name for it.

    Documentation and the order of members and errors do not count as differences.

    Raises:
        ModelNotFoundError: the file does not exist, or lacks the service.
        InvalidModelError: the source is not a service model, or is damaged.
        DifferentServicesError: the models are of different services.
    """
    before, after = load(old, service), load(new, service)
    _check_same_service(before, after)
    return ModelChanges(
        service=after.title,
        old=before.label,
        new=after.label,
        new_operations=new_operations(before, after),
        updated_operations=updated_operations(before, after),
        findings=findings_between(before, after),
    )


def _check_same_service(old: CheckedModel, new: CheckedModel) -> None:
    """Compare the first name that both have. Models without a common name cannot be told apart."""
    shared = [key for key in old.identity if key in new.identity]
    if not shared or old.identity[shared[0]] == new.identity[shared[0]]:
        return
    # AWS has renamed services, but the ID in the file stays.
    if "uid" in shared and old.identity["uid"] == new.identity["uid"]:
        return
    raise DifferentServicesError(
        f"{old.label} and {new.label} are of different services: {old.identity[shared[0]]} and {new.identity[shared[0]]}"
    )

"""What changed between two versions of a service model, SageMaker's or any other that botocore has.

    from sagemaker_typed.changes import compare

    changes = compare("botocore-1.15.29-py2.py3-none-any.whl", "installed")
    print(changes.page())
    for finding in changes.findings:
        print(finding.severity, finding)

`page()` is the text that the public pages of API changes have, which show what was added. `findings` are all differences
that a caller can notice, each with its severity; `verdict` sums them up. Stands alone: comparing needs no client.

What cannot be compared raises one of these, each a `ValueError` with one line that says why::

    ServiceModelError (ValueError)
    |-- ModelNotFoundError       no such file, or no such service in it
    |-- InvalidModelError        no service model, cut off, or with references that lead nowhere
    `-- DifferentServicesError   two models of two services

`history()` says what changed in each release of botocore since 2018, without fetching anything.
`compare_libraries` compares the Python surface of two versions of this library, and raises `SurfaceError`.
"""

from __future__ import annotations

from sagemaker_typed._core.lazy import offered
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
__dir__ = offered(__name__)


def compare(old: Source, new: Source, *, service: str = "sagemaker") -> ModelChanges:
    """Compare two models of one service.

    Each is a path to a `service-2.json`, plain or gzipped, or to a botocore wheel; `"installed"`, the botocore that this
    Python has; `"bundled"`, the model that this library was generated from; or a model that is loaded already.
    `service` says which service of a wheel or of the installed botocore is meant, by botocore's name for it.

    Neither the documentation nor the order of members and errors counts as a difference.

    Raises:
        ModelNotFoundError: there is no such file, or no such service in it.
        InvalidModelError: it is no service model, or a damaged one.
        DifferentServicesError: the two are not of one service.
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
    """By the first name that both have; what has none in common with the other cannot be told from it."""
    shared = [key for key in old.identity if key in new.identity]
    if not shared or old.identity[shared[0]] == new.identity[shared[0]]:
        return
    # AWS has renamed services; the file's own id stays.
    if "uid" in shared and old.identity["uid"] == new.identity["uid"]:
        return
    raise DifferentServicesError(
        f"{old.label} and {new.label} are of two services: {old.identity[shared[0]]} and {new.identity[shared[0]]}"
    )

"""The changes of each release of botocore, from findings that are bundled with this library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from importlib import resources
from typing import Any

import attrs

from sagemaker_typed.changes._errors import ModelNotFoundError

__all__ = ["ReleaseChanges", "history"]

_FILE = "history.jsonl"
_VERSION = re.compile(r"\d+(\.\d+)*")


@attrs.frozen(kw_only=True)
class ReleaseChanges:
    """The changes that one release of botocore made to SageMaker's model."""

    botocore: str
    """`1.44.8`."""
    since: str
    """The release before it."""
    date: date
    """The date of the model in the wheel. The release appeared on that day or shortly after."""
    operations: tuple[str, ...]
    """New operations."""
    breaking: tuple[str, ...]
    """Changes that may break working code, one line each. Values of the same enum share a line."""
    conditional: tuple[str, ...]
    """Changes that break some code, one line each."""
    compatible: tuple[str, ...]
    """Other changes, such as new members and errors. New operations and new shapes are left out."""

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as values that JSON can contain."""
        return {**attrs.asdict(self), "date": self.date.isoformat()}

    def __str__(self) -> str:
        """Return the release and a line for each change, breaking ones first."""
        lines = [f"botocore {self.botocore} ({self.date})"]
        lines += [f"  new operation {name}" for name in self.operations]
        for severity in ("breaking", "conditional", "compatible"):
            lines += [f"  {severity}: {text}" for text in getattr(self, severity)]
        return "\n".join(lines)


def history(since: str | None = None) -> tuple[ReleaseChanges, ...]:
    """Return the changes after a release of botocore, or since 2018: an entry for each release with changes, oldest first.

    Nothing is fetched. The history ends shortly before this version of the library; for later changes, compare
    `"bundled"` with `"installed"`.

    Raises:
        ModelNotFoundError: `since` is not a version, or it is older or newer than the history.
    """
    lines = resources.files("sagemaker_typed.changes").joinpath(_FILE).read_text(encoding="utf-8").splitlines()
    head: dict[str, Any] = json.loads(lines[0])
    if since is not None:
        if not _VERSION.fullmatch(since):
            raise ModelNotFoundError(f"{since!r} is not a version of botocore")
        if _number(since) < _number(head["first"]):
            raise ModelNotFoundError(f"the history begins with botocore {head['first']}, and {since} is older")
        if _number(since) > _number(head["through"]):
            raise ModelNotFoundError(f"the history ends with botocore {head['through']}, and {since} is newer")
    return tuple(_releases(lines[1:], since))


def _releases(lines: list[str], since: str | None) -> Iterator[ReleaseChanges]:
    for line in lines:
        said: dict[str, Any] = json.loads(line)
        if since is None or _number(said["botocore"]) > _number(since):
            yield ReleaseChanges(
                botocore=said["botocore"],
                since=said["since"],
                date=date.fromisoformat(said["date"]),
                operations=tuple(said["operations"]),
                breaking=tuple(said["breaking"]),
                conditional=tuple(said["conditional"]),
                compatible=tuple(said["compatible"]),
            )


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))

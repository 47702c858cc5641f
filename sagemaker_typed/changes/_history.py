"""What changed in each release of botocore: findings that came with this library, so that no model has to be fetched."""

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
    """What one release of botocore changed in SageMaker's model."""

    botocore: str
    """`1.44.8`."""
    since: str
    """The release before it."""
    date: date
    """The day that the model bears in the wheel; it was published then or shortly after."""
    operations: tuple[str, ...]
    """New operations."""
    breaking: tuple[str, ...]
    """What may break code that worked, a line each; values of one enum share a line."""
    conditional: tuple[str, ...]
    """What depends on the code."""
    compatible: tuple[str, ...]
    """New members, errors and the like, without new operations and new shapes."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON can say it."""
        return {**attrs.asdict(self), "date": self.date.isoformat()}

    def __str__(self) -> str:
        """The release, and a line for each thing, what breaks first."""
        lines = [f"botocore {self.botocore} ({self.date})"]
        lines += [f"  new operation {name}" for name in self.operations]
        for severity in ("breaking", "conditional", "compatible"):
            lines += [f"  {severity}: {text}" for text in getattr(self, severity)]
        return "\n".join(lines)


def history(since: str | None = None) -> tuple[ReleaseChanges, ...]:
    """What changed after a release of botocore, or since 2018: one entry for each release that changed anything.

    The oldest comes first. Nothing is fetched; how far it goes is how new this library is, see `--since-bundled` for the rest.

    Raises:
        ModelNotFoundError: `since` is no version, or older than the history.
    """
    lines = resources.files("sagemaker_typed.changes").joinpath(_FILE).read_text(encoding="utf-8").splitlines()
    head: dict[str, Any] = json.loads(lines[0])
    if since is not None:
        if not _VERSION.fullmatch(since):
            raise ModelNotFoundError(f"{since!r} is no version of botocore")
        if _number(since) < _number(head["first"]):
            raise ModelNotFoundError(f"the history begins with botocore {head['first']}, and {since} is older")
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

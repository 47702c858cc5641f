"""What changed in the Python surface of this library itself, between two versions."""

from __future__ import annotations

import importlib.util
import json
import os
from typing import Any

import attrs

from sagemaker_typed.changes._errors import SurfaceError

__all__ = ["LibraryBreak", "LibraryChanges", "compare_libraries"]


@attrs.frozen(kw_only=True)
class LibraryBreak:
    """Something that code may rely on, and that is no longer so."""

    where: str
    """`sm.compilation_jobs.create`, `types.TargetDevice.ML_M4`."""
    what: str
    """`removed`, `parameter role_arn is now required`."""
    advice: str
    """What to do about it."""

    def __str__(self) -> str:
        """`types.TargetDevice.ML_M4: removed`."""
        return f"{self.where}: {self.what}"


@attrs.frozen(kw_only=True)
class LibraryChanges:
    """What a user of one version of this library must change for another."""

    old: str
    """`sagemaker_typed 0.1.0`."""
    new: str
    """`sagemaker_typed 0.2.0`."""
    breaks: tuple[LibraryBreak, ...]
    """What must be looked at, by name."""
    additions: tuple[str, ...]
    """Names that only the new version has."""
    _page: str = attrs.field(alias="page", repr=False)

    @property
    def verdict(self) -> str:
        """`breaking` if anything must be changed, else `compatible`."""
        return "breaking" if self.breaks else "compatible"

    def to_markdown(self) -> str:
        """One page for people: what to change, the same change in many places once, and what is new."""
        return self._page

    def to_dict(self) -> dict[str, Any]:
        """What `to_json()` writes, as dicts and lists."""
        return {
            "old": self.old,
            "new": self.new,
            "verdict": self.verdict,
            "breaks": [attrs.asdict(each) for each in self.breaks],
            "additions": list(self.additions),
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """All of it as JSON."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)


def compare_libraries(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> LibraryChanges:
    """Compare the Python surface of two versions of this library.

    Each is a path to its wheel, to its source archive, to a folder that holds `sagemaker_typed`, or to a recorded surface
    (`tests/surface/recorded.txt` of a checkout); or `"installed"`. The sources are read, not imported. Needs griffe, which
    the extra `changes` brings.

    Raises:
        SurfaceError: there is no such file, this library is not in it, or griffe is not installed.
    """
    if importlib.util.find_spec("griffe") is None:
        raise SurfaceError(
            "comparing two versions of this library needs griffe: pip install 'sagemaker-typed[changes]'"
        )
    from sagemaker_typed.changes._surface import breaks, load, page  # griffe takes a while

    before, after = load.load_surface(old), load.load_surface(new)
    found = tuple(breaks.breaks(before, after))
    added = page.additions(before, after)
    return LibraryChanges(
        old=before.version,
        new=after.version,
        breaks=tuple(
            LibraryBreak(where=page.shown(each.where), what=each.what, advice=page.advice(before, after, each))
            for each in found
        ),
        additions=added,
        page=page.page(before, after, found, added),
    )

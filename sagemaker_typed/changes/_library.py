"""Compares the Python surface of two versions of this library."""

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
    """One change that may break code which uses the library."""

    where: str
    """`sm.compilation_jobs.create`, `types.TargetDevice.ML_M4`."""
    what: str
    """`removed`, `parameter role_arn is now required`."""
    advice: str
    """How to change the code."""

    def __str__(self) -> str:
        """`types.TargetDevice.ML_M4: removed`."""
        return f"{self.where}: {self.what}"


@attrs.frozen(kw_only=True)
class LibraryChanges:
    """The changes that code needs to move from one version of this library to another."""

    old: str
    """`sagemaker_typed 0.1.0`."""
    new: str
    """`sagemaker_typed 0.2.0`."""
    breaks: tuple[LibraryBreak, ...]
    """The changes that may break code, sorted by name."""
    additions: tuple[str, ...]
    """Names that only the new version has."""
    _page: str = attrs.field(alias="page", repr=False)

    @property
    def verdict(self) -> str:
        """`breaking` if there are any breaks, else `compatible`."""
        return "breaking" if self.breaks else "compatible"

    def to_markdown(self) -> str:
        """Return one page on what to change and what is new. The same change in many places is listed once."""
        return self._page

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `to_json()` as dicts and lists."""
        return {
            "old": self.old,
            "new": self.new,
            "verdict": self.verdict,
            "breaks": [attrs.asdict(each) for each in self.breaks],
            "additions": list(self.additions),
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)


def compare_libraries(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> LibraryChanges:
    """Compare the Python surface of two versions of this library.

    A version is the path of a wheel, of a source archive, of a folder that contains `sagemaker_typed`, or of a recorded
    surface (`tests/surface/recorded.txt` of a checkout); or `"installed"`. The sources are read, not imported. griffe is
    required, from the extra `changes`.

    Raises:
        SurfaceError: The file does not exist, it does not contain this library, or griffe is not installed.
    """
    if importlib.util.find_spec("griffe") is None:
        raise SurfaceError(
            "comparing two versions of this library needs griffe: pip install 'sagemaker-typed[changes]'"
        )
    from sagemaker_typed.changes._surface import breaks, load, page  # griffe takes a while

    before, after = load.load_surface(old), load.load_surface(new)
    found = tuple(breaks.breaks(before, after))
    added = page.additions(before, after, found)
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

"""A hook that hatchling runs when it builds the wheel: it adds the stubs of handwritten modules and makes the wheel small.

`pyproject.toml` names this file. Hatchling loads it by its path, without the package, in a separate environment.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_HOOK: Any = import_module("hatchling.builders.hooks.plugin.interface").BuildHookInterface


class _Wheel(_HOOK):  # type: ignore[misc]  # hatchling is only installed for the build
    """Changes the wheel, but not editable installs, whose users work on the modules."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the files that differ from the repository's to a folder that exists during the build."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        for path, text in _made(_HERE.parent).items():
            file = Path(self._folder.name) / path.replace("/", ".")
            file.write_text(text, encoding="utf-8", newline="\n")
            build_data["force_include"][str(file)] = f"{_HERE.parent.name}/{path}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder, and compress the wheel as far as `zipfile` can."""
        if version != "editable":
            self._folder.cleanup()
            compress(Path(artifact_path))


def compress(wheel: Path) -> None:
    """Write a wheel anew at the highest level, which hatchling does not offer. The files and their times stay."""
    with zipfile.ZipFile(wheel) as old:
        files = [(member, old.read(member)) for member in old.infolist()]
    with zipfile.ZipFile(wheel, "w") as new:
        for member, content in files:
            new.writestr(member, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _made(package: Path) -> dict[str, str]:
    """Return the texts that the wheel has instead of the repository's, or beside them, by their paths in the package."""
    sys.path.insert(0, str(_HERE))
    try:
        faces: Any = import_module("faces")
        lean: Any = import_module("lean")
    finally:
        sys.path.remove(str(_HERE))
    return {**faces.faces(package), **lean.leaner(package)}

"""A hook that hatchling runs when it builds the wheel: it adds the stubs of handwritten modules.

`pyproject.toml` names this file. Hatchling loads it by its path, without the package, in a separate environment.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_HOOK: Any = import_module("hatchling.builders.hooks.plugin.interface").BuildHookInterface


class _Faces(_HOOK):  # type: ignore[misc]  # hatchling is only installed for the build
    """Adds the stubs to the wheel, but not to editable installs, whose users work on the modules."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the stubs to a folder that exists during the build."""
        if version == "editable":
            return
        sys.path.insert(0, str(_HERE))
        try:
            faces: Any = import_module("faces")
        finally:
            sys.path.remove(str(_HERE))
        self._folder = tempfile.TemporaryDirectory()
        for path, text in faces.faces(_HERE.parent).items():
            stub = Path(self._folder.name) / path.replace("/", ".")
            stub.write_text(text, encoding="utf-8")
            build_data["force_include"][str(stub)] = f"{_HERE.parent.name}/{path}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder."""
        if version != "editable":
            self._folder.cleanup()

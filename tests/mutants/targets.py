"""The files that are mutated: what every call, page and wait goes through."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
_PACKAGE = ROOT / "sagemaker_typed"
_FOLDERS = ("_core", "_core/http", "_core/convert", "_waiting")
_MODULES = ("client.py", "aio.py", "enums.py", "errors.py", "structure.py")

TARGETS: tuple[str, ...] = tuple(
    path.relative_to(ROOT).as_posix()
    for path in [
        *(path for folder in _FOLDERS for path in sorted((_PACKAGE / folder).glob("*.py"))),
        *(_PACKAGE / name for name in _MODULES if (_PACKAGE / name).exists()),
    ]
)

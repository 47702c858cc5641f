"""The generator as a person runs it: in a process of its own, on the repository or on a copy of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sagemaker_typed"
GENERATED = ("types", "resources", "services", "model")


def codegen(*args: str | Path, root: Path = ROOT, seed: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sagemaker_typed.codegen", *map(str, args)]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


def copy_of_the_package(folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """A copy of what the generator reads and writes; its package."""
    ignore = shutil.ignore_patterns("__pycache__", "testing", "cli", *without)
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder / PACKAGE.name


def tree(package: Path) -> dict[str, bytes]:
    """Path -> content of everything in the generated folders."""
    return {
        str(path.relative_to(package)): path.read_bytes()
        for folder in GENERATED
        for path in (package / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def names_of(said: str) -> list[str]:
    return [line.removeprefix("not current: ") for line in said.splitlines() if line.startswith("not current: ")]

"""From what a caller names to a surface: a wheel, a source archive, a folder, what is installed, a record of a surface."""

from __future__ import annotations

import importlib.metadata
import os
import tarfile
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from sagemaker_typed.changes._errors import SurfaceError
from sagemaker_typed.changes._surface.entries import Surface, parse
from sagemaker_typed.changes._surface.read import read

__all__ = ["load_surface"]

PACKAGE = "sagemaker_typed"
_NOT_PYTHON = ("cli",)


def load_surface(source: str | os.PathLike[str]) -> Surface:
    """The Python surface of a version of this library, read from its sources; nothing of it is imported.

    Raises:
        SurfaceError: there is no such file, or this library is not in it.
    """
    found = _installed() if source == "installed" else _of(Path(source))
    # Commands are no names of Python; records have them.
    python = {name: entry for name, entry in found.entries.items() if name.partition(".")[0] not in _NOT_PYTHON}
    return replace(found, entries=python)


def _installed() -> Surface:
    folder = Path(__file__).parents[3]
    found = read(folder, PACKAGE)
    return replace(found, version=f"{PACKAGE} {importlib.metadata.version('sagemaker-typed')}")


def _of(path: Path) -> Surface:
    try:
        if path.is_dir():
            return _of_folder(path, str(path))
        if path.suffix == ".txt":
            return parse(path.read_text(encoding="utf-8"))
        if path.suffix in (".whl", ".zip"):
            return _of_wheel(path)
        if path.name.endswith(".tar.gz"):
            return _of_archive(path)
    except FileNotFoundError:
        raise SurfaceError(f"there is no file {path}") from None
    except (OSError, ValueError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        if isinstance(error, SurfaceError):
            raise
        raise SurfaceError(f"{path.name} cannot be read: {error}") from error
    if not path.exists():
        raise SurfaceError(f"there is no file {path}")
    raise SurfaceError(f"{path.name} is no wheel, source archive, folder or recorded surface of sagemaker-typed")


def _of_folder(folder: Path, label: str) -> Surface:
    if not (folder / PACKAGE / "__init__.py").is_file():
        raise SurfaceError(f"{label} does not hold sagemaker_typed")
    return read(folder, PACKAGE)


def _of_wheel(path: Path) -> Surface:
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.startswith(f"{PACKAGE}/") and name.endswith((".py", ".pyi")):
                wheel.extract(name, scratch)
        return _of_folder(Path(scratch), path.name)


def _of_archive(path: Path) -> Surface:
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(path, "r:gz") as archive:
        archive.extractall(scratch, filter="data")
        roots = [each.parents[1] for each in Path(scratch).glob(f"*/{PACKAGE}/__init__.py")]
        return _of_folder(roots[0] if roots else Path(scratch), path.name)

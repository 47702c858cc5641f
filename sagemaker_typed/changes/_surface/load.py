"""Loads a surface from a wheel, a source archive, a folder, the installed library or a recorded surface."""

from __future__ import annotations

import os
import tarfile
import tempfile
import zipfile
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sagemaker_typed.changes._errors import SurfaceError
from sagemaker_typed.changes._surface.entries import Surface, parse
from sagemaker_typed.changes._surface.read import read

__all__ = ["load_surface"]

PACKAGE = "sagemaker_typed"
_NOT_PYTHON = ("cli",)
_SOURCES = (".py", ".pyi")


def load_surface(source: str | os.PathLike[str]) -> Surface:
    """Read the Python surface of a version of this library from its sources, without importing them.

    Raises:
        SurfaceError: The file does not exist, or it does not contain this library.
    """
    found = _installed() if source == "installed" else _of(Path(source))
    # A recorded surface also has the commands of the command line.
    python = {name: entry for name, entry in found.entries.items() if name.partition(".")[0] not in _NOT_PYTHON}
    return replace(found, entries=python)


def _installed() -> Surface:
    package = resources.files(PACKAGE)
    if isinstance(package, Path):
        return read(package.parent, PACKAGE)
    # griffe reads folders, and the library was imported from a zip file. `resources.as_file` copies folders from 3.12 on.
    with tempfile.TemporaryDirectory() as scratch:
        _copy_sources(package, Path(scratch) / PACKAGE)
        return read(Path(scratch), PACKAGE)


def _copy_sources(found: Traversable, target: Path) -> None:
    target.mkdir()
    for each in found.iterdir():
        if each.is_dir():
            _copy_sources(each, target / each.name)
        elif each.name.endswith(_SOURCES):
            (target / each.name).write_bytes(each.read_bytes())


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
    raise SurfaceError(f"{path.name} is not a wheel, source archive, folder or recorded surface of sagemaker-typed")


def _of_folder(folder: Path, label: str) -> Surface:
    if not (folder / PACKAGE / "__init__.py").is_file():
        raise SurfaceError(f"{label} does not contain sagemaker_typed")
    return read(folder, PACKAGE)


def _of_wheel(path: Path) -> Surface:
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.startswith(f"{PACKAGE}/") and name.endswith(_SOURCES):
                wheel.extract(name, scratch)
        return _of_folder(Path(scratch), path.name)


def _of_archive(path: Path) -> Surface:
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(path, "r:gz") as archive:
        archive.extractall(scratch, filter="data")
        roots = [each.parents[1] for each in Path(scratch).glob(f"*/{PACKAGE}/__init__.py")]
        return _of_folder(roots[0] if roots else Path(scratch), path.name)

"""`sagemaker-typed migrate`: rewrites code that uses boto3's SageMaker client."""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sagemaker_typed.cli._common import Exit, misuse, say, write

if TYPE_CHECKING:
    from sagemaker_typed.cli._rewriting import Rewritten

__all__ = ["migrate"]

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


def migrate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A Python file, or a folder with all that it holds.")],
    apply: Annotated[
        bool, typer.Option("--write", help="Write the files, instead of showing what would change.")
    ] = False,
) -> None:
    """Rewrite calls of boto3 into typed ones.

    Uses of boto3.client("sagemaker") are looked at, and the difference is shown.

    What cannot be rewritten goes on through boto3, below a comment that begins with "# sagemaker-typed:".

    Exit codes: 0 rewritten or nothing to rewrite, 1 a file is no Python, 2 usage.

    \b
    Examples:
      sagemaker-typed migrate train.py
      sagemaker-typed migrate src --write
    """
    if find_spec("libcst") is None:
        say("migrate needs libcst: pip install 'sagemaker-typed[migrate]'")
        raise typer.Exit(Exit.USAGE)
    if not path.exists():
        raise misuse("no such file or folder", str(path))
    from sagemaker_typed.cli._rewriting import UnreadableError, rewrite

    changed = remarks = unreadable = 0
    for file in _files(path):
        source = file.read_bytes()
        try:
            found = rewrite(source)
        except UnreadableError as error:
            say(f"{file}: {error}")
            unreadable += 1
            continue
        if found.source != source:
            changed += 1
            remarks += len(found.remarks)
            _show(file, source, found, apply=apply)
    done = "rewritten" if apply else "to rewrite, with --write"
    say(f"{changed} file{'' if changed == 1 else 's'} {done}; {remarks} remark{'' if remarks == 1 else 's'}")
    if unreadable:
        raise typer.Exit(Exit.FAILED)


def _files(path: Path) -> Iterator[Path]:
    """The Python files of a folder, without hidden folders, installed packages and links."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if each[0] != "." and each not in _SKIPPED)
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith(".py") and not file.is_symlink():
                yield file


def _show(file: Path, source: bytes, found: Rewritten, *, apply: bool) -> None:
    if apply:
        for line, remark in found.remarks:
            say(f"{file}:{line}: {remark}")
        _replace(file, found.source)
        return
    old, new = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (source, found.source))
    lines = difflib.unified_diff(old, new, str(file), str(file))
    write("".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines))


def _replace(file: Path, source: bytes) -> None:
    """Write a file whole or not at all, with the permissions that it had."""
    file = file.resolve()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(source)
        os.chmod(name, stat.S_IMODE(file.stat().st_mode))
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise

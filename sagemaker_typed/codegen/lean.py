"""The modules of generated types in the wheel: without the parts that only type checkers read.

A checker or an editor that finds a stub beside a module takes types from the stub. Its docstrings and lines come from the
module, so those stay.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["lean", "leaner"]

# The runtime reads what these modules import for checkers: `typing.get_type_hints` of a method needs it.
_READ_AT_RUN_TIME = ("methods.py",)


def leaner(package: Path) -> dict[str, str]:
    """Return the texts of the modules of a package that the wheel has in another form, by their paths in it."""
    modules = [
        *(package / "types").rglob("*.py"),
        *(path for path in (package / "services").glob("*/*.py") if path.name not in _READ_AT_RUN_TIME),
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(modules) if path.with_suffix(".pyi").is_file()}
    return {path.relative_to(package).as_posix(): lean(text) for path, text in texts.items()}


def lean(text: str) -> str:
    """Return a module without imports and functions under `if TYPE_CHECKING`. Code under `else` is no longer conditional."""
    lines = text.splitlines(keepends=True)
    for block in sorted(_blocks(ast.parse(text).body), key=lambda block: block.lineno, reverse=True):
        last = block.end_lineno or block.lineno
        kept = "".join(lines[block.orelse[0].lineno - 1 : last]) if block.orelse else ""
        lines[block.lineno - 1 : last] = [textwrap.indent(textwrap.dedent(kept), " " * block.col_offset)]
    return "".join(lines)


def _blocks(statements: Iterable[ast.stmt]) -> Iterator[ast.If]:
    for each in statements:
        match each:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
                # A member that an enum keeps for checkers has its docstring only here.
                if not any(isinstance(inner, ast.Assign) for inner in body):
                    yield each
            case ast.ClassDef():
                yield from _blocks(each.body)
            case _:
                pass

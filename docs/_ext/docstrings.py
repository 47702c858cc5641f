"""Lets autodoc read this project's docstrings, which are written for people: `code` in single backticks, examples indented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, get_origin

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def mark_examples(lines: list[str]) -> list[str]:
    """The lines with `::` before each indented block, so that it is shown as it stands."""
    marked: list[str] = []
    inside = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ")
        if indented and not inside and number and not lines[number - 1].strip() and not _announced(marked):
            marked += ["::", ""]
        inside = indented or (inside and not line.strip())
        marked.append(line)
    return marked


def list_arguments(lines: list[str]) -> list[str]:
    """The lines with the section `Args:` as a list, an item for each argument."""
    listed: list[str] = []
    inside = False
    for line in lines:
        if inside and line.startswith("        "):
            listed.append(f"  {line.strip()}")
        elif inside and line.startswith("    "):
            name, _, words = line.strip().partition(": ")
            listed.append(f"- ``{name}``: {words}")
        else:
            inside = line == "Args:"
            listed += [line, ""] if inside else [line]
    return listed


def _announced(lines: list[str]) -> bool:
    """Whether the last line with a text says already that an example follows."""
    return next((line for line in reversed(lines) if line.strip()), "").rstrip().endswith("::")


def _docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if lines[:1] and lines[0].startswith("Alias for field number"):
        lines.clear()  # a NamedTuple's own words
    lines[:] = mark_examples(list_arguments(lines))


def _signature(app: Sphinx, what: str, name: str, obj: Any, options: Any, args: str | None, returns: str | None) -> Any:
    """None for errors, which users catch and do not make, and where the page says `()`."""
    return ("", None) if args and (what == "exception" or args == "()") else None


def _bases(app: Sphinx, name: str, obj: Any, options: Any, bases: list[Any]) -> None:
    """Show public bases only: for a private one, what stands behind it."""
    bases[:] = [base for base in bases if get_origin(base) is not Generic]
    while private := [base for base in bases if getattr(base, "__name__", "").startswith("_")]:
        for base in private:
            at = bases.index(base)
            bases[at : at + 1] = base.__bases__


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-bases", _bases)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The Python blocks of the README and of the documentation, as scripts that a checker can read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Script", "scripts"]

_BLOCK = re.compile(
    r"^( *)```(python|\{testcode\}|\{testsetup\}|\{testcleanup\})[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL
)


_FILE = re.compile(r"# (\w+)\.py\b")


class Script(NamedTuple):
    """The blocks of one page, in their order, each at the line that it has in the page.

    A block that begins with the name of a file, `# conftest.py`, belongs to that file instead.
    """

    page: str
    text: str
    file: str | None = None

    @property
    def name(self) -> str:
        """A name that it can have as a module."""
        return f"{self.file}.py" if self.file else re.sub(r"\W", "_", self.page.removesuffix(".md")) + "_page.py"


def scripts(root: Path, executed_only: Collection[str] = ()) -> list[Script]:
    """The scripts of each page that has blocks; a block continues those above it, as it does when the page is run.

    Pages in `executed_only` have blocks that name what is not there: those that are shown and not run are left out.
    Pages that `make docs` generates are not read: their examples are the methods', which have tests of their own.
    """
    found: list[Script] = []
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        page = path.relative_to(root).as_posix()
        if not page.startswith(("docs/reference/generated/", "docs/_build/")):
            found += _of_page(page, path.read_text(encoding="utf-8"), page in executed_only)
    return found


def _of_page(page: str, text: str, executed_only: bool) -> Iterator[Script]:
    files: dict[str | None, list[str]] = {}
    for block in _BLOCK.finditer(text):
        if executed_only and block[2] == "python":
            continue
        file = _FILE.match(block[3].lstrip())
        lines = files.setdefault(file and file[1], [""] * (text.count("\n") + 1))
        first, indent = text.count("\n", 0, block.start(3)), len(block[1])
        for number, line in enumerate(block[3].splitlines()):
            lines[first + number] = "" if re.match(r"\s*:\w+:", line) else line[indent:]
    for name, lines in files.items():
        yield Script(page, "\n".join(lines) + "\n", name)

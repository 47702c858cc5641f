"""The Python blocks of the README and of the documentation, as scripts that a checker can read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["Script", "scripts"]

_BLOCK = re.compile(
    r"^( *)```(python|\{testcode\}|\{testsetup\}|\{testcleanup\})[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL
)


class Script(NamedTuple):
    """The blocks of one page, in their order, each at the line that it has in the page."""

    page: str
    text: str

    @property
    def name(self) -> str:
        """A name that it can have as a module."""
        return re.sub(r"\W", "_", self.page.removesuffix(".md")) + "_page.py"


def scripts(root: Path) -> list[Script]:
    """One script for each page that has blocks; a block continues those above it, as it does when the page is run."""
    found: list[Script] = []
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        lines = [""] * (text.count("\n") + 1)
        for block in _BLOCK.finditer(text):
            first = text.count("\n", 0, block.start(3))
            indent = len(block[1])
            for number, line in enumerate(block[3].splitlines()):
                lines[first + number] = "" if re.match(r"\s*:\w+:", line) else line[indent:]
        if any(lines):
            found.append(Script(str(path.relative_to(root)), "\n".join(lines) + "\n"))
    return found

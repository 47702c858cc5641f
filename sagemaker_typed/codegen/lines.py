"""The places in the overlay's files of lines to remove, and of missing lines.

tomllib keeps no line numbers, so the table and the key are searched in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from .overlay import FOLDER

ROOT = Path(__file__).parents[2]

_PLACE = re.compile(
    r"overlay/(?P<file>[\w/]+\.toml):"
    r"(?: \[(?P<table>[\w.]+)\])?"
    r"(?: (?P<key>[\w.]+):)?"
    r"(?: there is no .* (?P<gone>'[^']*'|\"[^\"]*\")$)?"
    r"(?: ?(?P<quoted>\"(?:[^\"\\]|\\.)*\"|\w+) =)?"
)
_TABLE = re.compile(r"\s*\[+([^\]]+)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w-]+)\s*=")


def located(said: str, folder: Path = FOLDER) -> str:
    """Return a complaint with the path of the overlay's file and, if found, the number of the line."""
    place = _PLACE.search(said)
    if place is None or not (path := folder / place["file"]).is_file():
        return said
    number = _find(path.read_text(encoding="utf-8"), place["table"], place["key"] or place["quoted"], place["gone"])
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    where = f"{shown.as_posix()}:{number}:" if number else f"{shown.as_posix()}:"
    return said[: place.start()] + where + said[place.start() + len(f"overlay/{place['file']}:") :]


def _find(text: str, table: str | None, key: str | None, gone: str | None) -> int | None:
    """Return the number of the first line with the best rank."""
    mention = re.compile(rf"(?<![\w.]){re.escape(gone[1:-1])}(?![\w.])") if gone else None
    below = f"{table}.{gone[1:-1]}" if table and gone else ""
    sought = _Sought(table or "", key.strip("\"'") if key else "", mention, below)
    ranks = [(sought.rank(line, inside, above), number) for number, line, inside, above in _lines(text)]
    rank, number = max(ranks, key=itemgetter(0), default=(0, 0))
    return number if rank else None


@dataclass(frozen=True)
class _Sought:
    table: str
    key: str
    gone: re.Pattern[str] | None
    below: str
    """The path of the missing element: a key in the table, or a table below it."""

    def _is_it(self, line: str, inside: str, above: str) -> bool:
        """Whether the line is that of the missing element, and no other line that mentions it."""
        if not self.below:
            return False
        named = inside == self.table and f"{self.table}.{_key_of(line)}" == self.below
        return named or inside == self.below != above

    def rank(self, line: str, inside: str, above: str) -> int:
        """Rank a line: it mentions the missing element, has the key, or heads the table. 0 if none of these."""
        within = inside == self.table
        if self._is_it(line, inside, above):
            return 4
        if self.gone and (within or not self.table) and self.gone.search(line.partition("#")[0]):
            return 3
        if within and inside != above:
            return 1 if self.table else 0
        return 2 if within and self.key and _key_of(line) == self.key else 0


def _key_of(line: str) -> str | None:
    match = _KEY.match(line)
    return match[1].strip("\"'") if match else None


def _lines(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield the number and text of each line, its table, and the table of the line above."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        above = table
        if head := _TABLE.match(line):
            table = head[1].strip()
        yield number, line, table, above

"""Where in the overlay's files a line stands that has to go, or one belongs that is missing.

tomllib keeps no line numbers. What names the table and the key is found again in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .overlay import FOLDER

ROOT = Path(__file__).parents[2]

_PLACE = re.compile(
    r"overlay/(?P<file>\w+\.toml):"
    r"(?: \[(?P<table>[\w.]+)\])?"
    r"(?: (?P<key>[\w.]+):)?"
    r"(?: there is no .* (?P<gone>'[^']*'|\"[^\"]*\")$)?"
    r"(?: ?(?P<quoted>\"(?:[^\"\\]|\\.)*\"|\w+) =)?"
)
_TABLE = re.compile(r"\s*\[+([^\]]+)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w-]+)\s*=")


def located(said: str, folder: Path = FOLDER) -> str:
    """The same with the path of the overlay's file and, where there is one to look at, the number of the line."""
    place = _PLACE.search(said)
    if place is None or not (path := folder / place["file"]).is_file():
        return said
    number = _find(path.read_text(encoding="utf-8"), place["table"], place["key"] or place["quoted"], place["gone"])
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    where = f"{shown.as_posix()}:{number}:" if number else f"{shown.as_posix()}:"
    return said[: place.start()] + where + said[place.start() + len(f"overlay/{place['file']}:") :]


def _find(text: str, table: str | None, key: str | None, gone: str | None) -> int | None:
    """The best that there is: what is gone, the key, the head of the table."""
    name = gone[1:-1] if gone else None
    mention = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])") if name else None
    best: tuple[int, int] | None = None
    for number, line, inside, above in _lines(text):
        within = inside == (table or "")
        head = inside != above
        if mention and (within or table is None) and mention.search(line.partition("#")[0]):
            found = (3, number)
        elif key and within and not head and (match := _KEY.match(line)) and match[1].strip("\"'") == key.strip("\"'"):
            found = (2, number)
        elif table and within and head:
            found = (1, number)
        else:
            continue
        if best is None or found[0] > best[0]:
            best = found
    return best[1] if best else None


def _lines(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Number, text, the table that the line is in, and the one that the line above is in."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        above = table
        if head := _TABLE.match(line):
            table = head[1].strip()
        yield number, line, table, above

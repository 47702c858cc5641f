"""What became of each mutant of a seed, written as it is known: a run that is interrupted goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Name = tuple[str, str, str, str]


class Results:
    """A file of JSON lines. Each says for which state of the tree it holds; the last one of a mutant counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, state: str, depth: int) -> dict[Name, dict[str, Any]]:
        """Those that were found in this state of the tree; if nothing noticed one, with as many stages of tests at least."""
        found = (each for each in self._lines() if each["state"] == state)
        return {tuple(each["name"]): each for each in found if each["killed"] or each["depth"] >= depth}

    def survivors(self) -> set[Name]:
        """Those that nothing noticed when they were last tried, whatever the tree was."""
        last = {tuple(each["name"]): each for each in self._lines()}
        return {name for name, each in last.items() if not each["killed"]}

    def add(self, state: str, result: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"state": state, **result}) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)

"""The problems that stop the generator. They are collected and reported together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_PLACE = re.compile(r"overlay/(?P<kind>\w+)\.toml(?P<colon>:?)(?: \[(?P<table>[^]]*)\])?")


def within(file: str, text: str) -> str:
    """Adapt a complaint to a service with one overlay file: there, `overlay/names.toml: [fix]` is a table of the file."""

    def place(found: re.Match[str]) -> str:
        table = f"{found['kind']}.{found['table']}" if found["table"] else found["kind"]
        return f"overlay/{file}.toml{found['colon']} [{table}]"

    return _PLACE.sub(place, text) if file else text


@dataclass(frozen=True)
class Question:
    """What somebody has to decide, for whoever can guess the answer."""

    kind: Literal["group", "word", "secret", "items", "describes", "waits", "status", "identifier", "run"]
    subject: str
    """An operation, a member as `Shape.Member`, or a state as `group.state`."""
    detail: tuple[str, ...] = ()
    """The word, the members, or the text that it is about."""


class Unsettled(Exception):
    """The model has elements that neither a rule nor the overlay decides."""

    def __init__(self, problems: list[str], questions: dict[str, Question] | None = None) -> None:
        self.problems = problems
        self.questions: dict[str, Question] = questions or {}
        """Problem -> the question behind it; nobody can guess the others."""
        super().__init__("\n".join([f"{len(problems)} things need a decision:", *(f"  - {line}" for line in problems)]))


class Problems:
    """Collects the missing decisions. `settle` raises if there are any.

    `file` is the single overlay file of a service; empty for SageMaker, where each kind of decision has a file.
    """

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._lines: list[str] = []
        self._questions: dict[str, Question] = {}

    def add(self, what: str, file: str, line: str, *, how: str = "add to", asks: Question | None = None) -> None:
        """Add the problem `what`, which `line` in `overlay/<file>.toml` would solve. `asks` is the question behind it."""
        self.say(f"{what}; {how} overlay/{file}.toml: {line}", asks=asks)

    def say(self, text: str, *, asks: Question | None = None) -> None:
        """Add a problem that no line of the overlay can solve."""
        text = within(self._file, text)
        if text not in self._lines:
            self._lines.append(text)
        if asks is not None:
            self._questions[text] = asks

    def settle(self) -> None:
        if self._lines:
            raise Unsettled(self._lines, self._questions)

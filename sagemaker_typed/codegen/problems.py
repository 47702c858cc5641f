"""What stops the generator: everything that needs a person is gathered first, and said in one go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_PLACE = re.compile(r"overlay/(?P<kind>\w+)\.toml(?P<colon>:?)(?: \[(?P<table>[^]]*)\])?")


def within(file: str, text: str) -> str:
    """A complaint about a service whose decisions stand in one file: `overlay/names.toml: [fix]` is a table of it."""

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
    """The model holds something that no rule and no overlay line settles."""

    def __init__(self, problems: list[str], questions: dict[str, Question] | None = None) -> None:
        self.problems = problems
        self.questions = questions or {}
        """Problem -> the question behind it; nobody can guess the others."""
        super().__init__("\n".join([f"{len(problems)} things need a decision:", *(f"  - {line}" for line in problems)]))


class Problems:
    """Gathers what needs a decision; `settle` raises if there is any.

    `file` is the one file of the overlay that decides about a service; empty where each kind of decision has a file.
    """

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._lines: list[str] = []
        self._questions: dict[str, Question] = {}

    def add(self, what: str, file: str, line: str, *, how: str = "add to", asks: Question | None = None) -> None:
        """`what` is wrong; adding `line` to `overlay/<file>.toml` would settle it. `asks` says what it is about."""
        self.say(f"{what}; {how} overlay/{file}.toml: {line}", asks=asks)

    def say(self, text: str, *, asks: Question | None = None) -> None:
        """Something is wrong that no overlay line settles."""
        text = within(self._file, text)
        if text not in self._lines:
            self._lines.append(text)
        if asks is not None:
            self._questions[text] = asks

    def settle(self) -> None:
        if self._lines:
            raise Unsettled(self._lines, self._questions)

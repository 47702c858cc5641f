"""What stops the generator: everything that needs a person is gathered first, and said in one go."""

from __future__ import annotations


class Unsettled(Exception):
    """The model holds something that no rule and no overlay line settles."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join([f"{len(problems)} things need a decision:", *(f"  - {line}" for line in problems)]))


class Problems:
    """Gathers what needs a decision; `settle` raises if there is any."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, what: str, file: str, line: str, *, how: str = "add to") -> None:
        """`what` is wrong; adding `line` to `overlay/<file>.toml` would settle it."""
        self.say(f"{what}; {how} overlay/{file}.toml: {line}")

    def say(self, text: str) -> None:
        """Something is wrong that no overlay line settles."""
        if text not in self._lines:
            self._lines.append(text)

    def settle(self) -> None:
        if self._lines:
            raise Unsettled(self._lines)

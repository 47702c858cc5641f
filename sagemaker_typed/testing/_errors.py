"""The one exception that the embedded service answers with."""

from __future__ import annotations

__all__ = ["AnsweredError"]


class AnsweredError(Exception):
    """An error answer: the client sees `code` and `message` under HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

"""The exception that becomes an error answer of the embedded service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["AnsweredError"]


class AnsweredError(Exception):
    """An error answer: the client sees `code` and `message` under HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400, *, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members: Mapping[str, Any] = {} if members is None else members
        """What the error says besides its message."""

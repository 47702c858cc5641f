"""A line of a log."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sagemaker_typed._core.printable import printable

__all__ = ["LogLine"]


class LogLine(NamedTuple):
    """One line of a log. `str(line)` is its time, stream and message on one line, with control characters escaped."""

    timestamp: datetime
    """Time of the line, in UTC."""
    stream: str
    """The log stream: one for each host of a job, one for each instance of an endpoint."""
    message: str
    """The original text, with control characters."""

    def __str__(self) -> str:
        time = self.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return printable(f"{time} {self.stream} {self.message.rstrip()}")

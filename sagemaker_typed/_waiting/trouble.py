"""The failed polls of a wait: counts them, logs them, and says when to give up."""

from __future__ import annotations

import logging
import re

from sagemaker_typed._core.quoting import shortened
from sagemaker_typed.errors import ApiError, ConversionError, SageMakerError

__all__ = ["MOST_TEXT", "Trouble", "text_of_error"]

_log = logging.getLogger("sagemaker_typed.waiting")

MOST_TEXT = 1200
"""Most characters of one text of the service in a message: a FailureReason has up to 1,024."""
_SILENCE = 60.0
"""Seconds without any answer, after which no answer is expected."""
_RETRIES = re.compile(r" \(reached max retries: \d+\)")
"""botocore's note on the attempts of a call. A poll is one attempt, and the wait goes on."""


def text_of_error(error: SageMakerError) -> str:
    """Return the message of a failed poll, bounded."""
    return shortened(_RETRIES.sub("", str(error), count=1), MOST_TEXT)


class Trouble:
    """The failed polls of one wait, on one resource or on many.

    Throttling and server errors count as answers: the service is there. A refused connection, a timeout and a truncated body
    do not.
    """

    def __init__(self, who: str, now: float) -> None:
        self.who = who
        self.heard: bool = False
        """Whether any call was ever answered."""
        self.in_a_row: int = 0
        self.last: SageMakerError | None = None
        """The error of the last poll, if it failed."""
        self._started = now
        self._warned: set[tuple[type[SageMakerError], str | None]] = set()
        self._told = False

    def over(self) -> None:
        """Record an answered poll."""
        if self._told:
            _log.info("%s: answered again, after %d failed polls", self.who, self.in_a_row)
        self.heard, self.in_a_row, self.last, self._told = True, 0, None, False

    def met(self, error: SageMakerError) -> None:
        """Record a failed poll that may succeed next time."""
        self.heard = self.heard or isinstance(error, (ApiError, ConversionError))
        self.in_a_row += 1
        self.last = error
        if self.in_a_row > 1:
            self._told = self.warn(self.who, error, self.in_a_row) or self._told

    def warn(self, who: str, error: SageMakerError, in_a_row: int) -> bool:
        """Log that polls fail, once for each kind of error. Returns whether this call logged it."""
        kind = type(error), error.code
        if kind in self._warned:
            return False
        self._warned.add(kind)
        text = text_of_error(error)
        _log.warning("%s: %d polls in a row failed, the last with %s; polling again", who, in_a_row, text)
        return True

    def lost(self, now: float) -> bool:
        """Whether no call has been answered for so long that none will be."""
        return not self.heard and self.in_a_row > 1 and self.patience(now) <= 0

    def patience(self, now: float) -> float:
        """Return the seconds until a wait without any answer is lost; infinity once something has answered."""
        if self.heard or self.last is None:
            return float("inf")
        return self._started + _SILENCE - now

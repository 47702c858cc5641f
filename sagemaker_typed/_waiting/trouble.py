"""The failed looks of a wait: counts them, logs them, and tells when nobody will answer."""

from __future__ import annotations

import logging

from sagemaker_typed._core.quoting import shortened
from sagemaker_typed.errors import ApiError, ConversionError, SageMakerError

__all__ = ["MOST_TEXT", "Trouble"]

_log = logging.getLogger("sagemaker_typed.waiting")

MOST_TEXT = 1200
"""Characters of one text of the service in a message: a FailureReason has up to 1,024."""
_SILENCE = 60.0
"""Seconds without any answer after which nobody is expected to answer."""


class Trouble:
    """The failed looks of one wait, on one resource or on many.

    Throttling and the errors of a service that fails are answers: the service is there. A refused connection, a timeout
    and a body that was cut off are none.
    """

    def __init__(self, who: str, now: float) -> None:
        self.who = who
        self.heard: bool = False
        """Whether anything ever answered."""
        self.in_a_row: int = 0
        self.last: SageMakerError | None = None
        """The error of the last look, if it failed."""
        self._started = now
        self._warned: set[tuple[type[SageMakerError], str | None]] = set()
        self._told = False

    def over(self) -> None:
        """A look was answered."""
        if self._told:
            _log.info("%s: answered again, after %d failed looks", self.who, self.in_a_row)
        self.heard, self.in_a_row, self.last, self._told = True, 0, None, False

    def met(self, error: SageMakerError) -> None:
        """A look failed, and the next one may not."""
        self.heard = self.heard or isinstance(error, (ApiError, ConversionError))
        self.in_a_row += 1
        self.last = error
        if self.in_a_row > 1:
            self._told = self.warn(self.who, error, self.in_a_row) or self._told

    def warn(self, who: str, error: SageMakerError, in_a_row: int) -> bool:
        """Say that looks at something fail, once for each kind of error. Returns whether it was said now."""
        kind = type(error), error.code
        if kind in self._warned:
            return False
        self._warned.add(kind)
        text = shortened(str(error), MOST_TEXT)
        _log.warning("%s: %d looks in a row failed, the last with %s; looking again", who, in_a_row, text)
        return True

    def lost(self, now: float) -> bool:
        """Whether nothing has ever answered, for so long that nothing will."""
        return not self.heard and self.in_a_row > 1 and self.patience(now) <= 0

    def patience(self, now: float) -> float:
        """Return the seconds until a wait that nothing has answered is lost; without an end once something has."""
        if self.heard or self.last is None:
            return float("inf")
        return self._started + _SILENCE - now

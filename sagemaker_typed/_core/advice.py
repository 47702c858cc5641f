"""Warnings about a request, reported at the caller's line."""

from __future__ import annotations

import sys
import warnings

from sagemaker_typed.errors import InvalidRequestWarning

__all__ = ["advise"]

_PACKAGE = __name__.partition(".")[0] + "."


def advise(text: str) -> None:
    """Warn of a request that the service may refuse. Python shows the warning once per line of the caller."""
    warnings.warn(text, InvalidRequestWarning, stacklevel=_callers_level())


def _callers_level() -> int:
    """The `stacklevel` of the first frame outside this package."""
    frame, level = sys._getframe(1), 1  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level

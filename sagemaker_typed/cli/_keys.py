"""Single keys from the terminal, without Enter."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["KeySource", "keyboard"]

_ESCAPES = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1bOA": "up", b"\x1bOB": "down", b"\x1b": "escape"}
_ARROWS = {"H": "up", "P": "down"}
_PART_SECONDS = 0.05
"""Seconds after which a key is not part of an escape sequence."""


class KeySource(Protocol):
    """A source of keys."""

    def read(self, seconds: float) -> str | None:
        """Return the next key, or None if none has come within `seconds`."""
        ...


@contextmanager
def keyboard() -> Generator[KeySource, None, None]:
    """Read keys from the terminal at standard input, and restore the terminal at the end."""
    if sys.platform == "win32":
        yield _WindowsKeys()
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    tty.setcbreak(number)  # Ctrl-C stays a signal
    try:
        yield _TerminalKeys(number)
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


class _TerminalKeys:
    def __init__(self, number: int) -> None:
        self._number = number

    def read(self, seconds: float) -> str | None:
        if not self._ready(seconds):
            return None
        data = os.read(self._number, 1)
        if not data:  # the terminal has gone
            return "q"
        while data in (b"\x1b", b"\x1b[", b"\x1bO") and self._ready(_PART_SECONDS):
            data += os.read(self._number, 1)
        return _ESCAPES.get(data) or data.decode("utf-8", "replace")

    def _ready(self, seconds: float) -> bool:
        import select

        return bool(select.select([self._number], [], [], max(0.0, seconds))[0])


class _WindowsKeys:
    def read(self, seconds: float) -> str | None:
        import time

        end = time.monotonic() + seconds
        while not self._pressed():
            if time.monotonic() >= end:
                return None
            time.sleep(_PART_SECONDS)
        key = self._next()
        if key in ("\x00", "\xe0"):
            return _ARROWS.get(self._next())
        return "escape" if key == "\x1b" else key

    def _pressed(self) -> bool:
        import importlib

        return bool(importlib.import_module("msvcrt").kbhit())

    def _next(self) -> str:
        import importlib

        return str(importlib.import_module("msvcrt").getwch())

"""The standard streams of the command: closed, full, or without a character that is to be printed."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from types import FrameType
from typing import Any, TextIO

__all__ = ["OutputLost", "Terminated", "guard", "on_terminal"]


class Terminated(KeyboardInterrupt):
    """SIGTERM came. Waits treat it as they treat Ctrl-C."""


class OutputLost(Exception):
    """Standard output takes nothing more. No `OSError`, which click would end the command for with an exit code of its own."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_has_gone = error.errno in (errno.EPIPE, errno.ECONNRESET)


class _Output(io.FileIO):
    """Raises `OutputLost` once, and then discards what comes, also what Python flushes at the end."""

    _lost = False

    def write(self, data: Any, /) -> int | None:  # type: ignore[override]  # typeshed's int leaves out None
        try:
            return len(data) if self._lost else super().write(data)
        except OSError as error:
            self._lost = True
            raise OutputLost(error) from None


class _Errors(io.FileIO):
    """Discards what cannot be written: there is no other place to say so."""

    def write(self, data: Any, /) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError:
            return len(data)


def guard() -> None:
    """Make the streams and SIGTERM end a command with a line and an exit code."""
    sys.stdout = _guarded(sys.stdout, sys.__stdout__, _Output)
    sys.stderr = _guarded(sys.stderr, sys.__stderr__, _Errors)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _guarded(stream: TextIO | None, own: TextIO | None, kind: type[io.FileIO]) -> TextIO:
    if stream is None:
        # Closed before the command began. Taking its number keeps a socket from getting it; a write to it fails.
        raw, encoding = kind(os.open(os.devnull, os.O_RDONLY), "w"), "utf-8"
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors="backslashreplace")
    if stream is not own or not isinstance(stream, io.TextIOWrapper):
        return stream  # somebody's own
    if stream.isatty():
        stream.reconfigure(errors="backslashreplace")
        return stream
    raw = kind(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def on_terminal(stream: Any) -> bool:
    """Whether somebody looks at it."""
    return bool(stream is not None and getattr(stream, "isatty", bool)())

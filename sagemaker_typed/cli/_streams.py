"""Guards the standard streams of the command: they may be closed, full, or lack a character."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from types import FrameType
from typing import Any

__all__ = ["OutputLost", "Terminated", "finish", "guard", "on_terminal", "write_bytes"]


class Terminated(KeyboardInterrupt):
    """SIGTERM was received. Waits treat it like Ctrl-C."""


class OutputLost(Exception):
    """Standard output accepts no more data. Not an `OSError`: click would end the command with its own exit code."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_has_gone = error.errno in (errno.EPIPE, errno.ECONNRESET)


class _Output(io.TextIOWrapper):
    """Raises `OutputLost` once, and then discards all output, including what Python flushes at the end."""

    lost: OSError | None = None

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.lose(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self.lose(error)

    def lose(self, error: OSError) -> None:
        # The rest of the buffer needs a place to go.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        self._tell(error)

    def _tell(self, error: OSError) -> None:
        self.lost = error
        raise OutputLost(error) from None


class _Errors(_Output):
    """Discards what cannot be written: there is no other place to report it."""

    def _tell(self, error: OSError) -> None:
        pass


def guard() -> None:
    """Make the streams and SIGTERM end a command with a line and an exit code."""
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        sys.stdout = sys.__stdout__ = _guarded(sys.stdout, _Output)  # type: ignore[misc]
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = sys.__stderr__ = _guarded(sys.stderr, _Errors)  # type: ignore[misc]
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def finish() -> None:
    """Write the rest. Raises `OutputLost` even if click caught the first one."""
    sys.stdout.flush()
    lost: OSError | None = getattr(sys.stdout, "lost", None)
    if lost is not None:
        raise OutputLost(lost)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _guarded(stream: Any, kind: type[_Output]) -> Any:
    if stream is None:
        # It was closed before the command began. Taking its number keeps a socket from getting it; writes to it fail.
        closed = io.BufferedWriter(io.FileIO(os.open(os.devnull, os.O_RDONLY), "w"))
        return kind(closed, encoding="utf-8", errors="backslashreplace")
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a stream that someone replaced
    settings: dict[str, Any] = {
        "encoding": stream.encoding,
        "errors": "backslashreplace",
        "line_buffering": stream.line_buffering,
        "write_through": stream.write_through,
    }
    settings["buffer"] = stream.detach()  # the old wrapper is unusable after this
    return kind(**settings)


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output unchanged. Raises `OutputLost`, as for texts."""
    sys.stdout.flush()
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        if isinstance(sys.stdout, _Output):
            sys.stdout.lose(error)
        raise


def on_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal."""
    return bool(stream is not None and getattr(stream, "isatty", bool)())

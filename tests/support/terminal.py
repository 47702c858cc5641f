"""A program in a terminal of its own, whose screen can be read and whose keys can be pressed."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from types import TracebackType
from typing import Any

import pyte

_BECOME_LEADER = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
_ALTERNATE = 1049
"""The mode in which a terminal shows a second screen; when it ends, the first is there again."""
_LONGEST = 60.0
"""Seconds after which a program is taken to hang."""


class _TwoScreens(pyte.Screen):
    """A screen that knows the alternate screen, which pyte leaves out.

    Without it, a table that a program has left would stay, and a wait for its text would end at once.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self._first: list[str] = []
        super().__init__(columns, lines)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if _ALTERNATE in modes and kwargs.get("private"):
            self.save_cursor()
            self._first = list(self.display)
            self._show([])
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if _ALTERNATE in modes and kwargs.get("private"):
            self._show(self._first)
            self.restore_cursor()
        super().reset_mode(*modes, **kwargs)

    def _show(self, lines: list[str]) -> None:
        self.erase_in_display(2)
        for at, line in enumerate(lines, 1):
            self.cursor_position(at, 1)
            self.draw(line.rstrip())
        self.cursor_position(1, 1)


class Terminal:
    """Runs a command in a terminal of so many columns and lines."""

    def __init__(self, command: list[str], *, columns: int = 80, lines: int = 24, **environ: str) -> None:
        self.screen: Any = _TwoScreens(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.written = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BECOME_LEADER, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **environ},
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without what is empty at its end."""
        found = [line.rstrip() for line in self.screen.display]
        while found and not found[-1]:
            found.pop()
        return found

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, text: str) -> str:
        """Read on until the text is on the screen; return the screen."""
        end = time.monotonic() + _LONGEST
        while text not in self.text:
            if time.monotonic() > end or not self._read(end):
                raise AssertionError(f"{text!r} did not appear:\n{self.text}")
        return self.text

    def finish(self) -> int:
        """Read on until the program has ended; return its exit code."""
        end = time.monotonic() + _LONGEST
        while self._read(end):
            pass
        return self.process.wait(timeout=_LONGEST)

    def _read(self, end: float) -> bool:
        """Take what was written; False when the program has ended."""
        if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
            raise AssertionError(f"nothing was written for a long time:\n{self.text}")
        try:
            data = os.read(self._master, 65536)
        except OSError:  # how Linux says that nobody has the other end
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)

"""The displays of `progress=True`: a live one in a terminal, plain lines elsewhere. Also prints the lines of `logs=True`.

Progress goes to standard error, so that the output of a script stays clean. Log lines go to standard output. In a notebook,
progress is part of the cell's output and needs no widgets. The live display of a terminal needs rich, which the extra `cli`
installs; without it, progress is plain lines.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.printable import one_line
from sagemaker_typed._core.quoting import shortened
from sagemaker_typed._waiting.trouble import text_of_error
from sagemaker_typed.errors import TransportError

if TYPE_CHECKING:
    from sagemaker_typed._core.log_line import LogLine
    from sagemaker_typed._waiting.many import BatchEvent, Many
    from sagemaker_typed._waiting.one import Progress, WaitEvent

__all__ = ["Display", "display", "show"]


class Display(Protocol):
    def one(self, machine: Progress[Any], event: WaitEvent[Any], /) -> None: ...
    def many(self, event: BatchEvent, machines: Sequence[Many[Any]], /) -> None: ...


@contextmanager
def display() -> Generator[Display, None, None]:
    """Yield the display that fits where standard error goes."""
    cell = _cell()
    if cell is not None:
        yield cell
        return
    live = _live()
    if live is None:
        yield _Lines()
        return
    with live:
        yield live


class _Lines:
    """One line per change."""

    def __init__(self) -> None:
        self._last = ""

    def one(self, machine: Progress[Any], event: WaitEvent[Any], /) -> None:
        if event.changed or machine.done or event.error is not None:
            self._say(text_of_one(machine, event))

    def many(self, event: BatchEvent, machines: Sequence[Many[Any]], /) -> None:
        del machines
        if event.changed or event.done == event.total:
            self._say(text_of_many(event))

    def _say(self, text: str) -> None:
        # The times in the text always change, so compare the states.
        states = text.partition(" (")[0]
        if states != self._last:
            self._last = states
            try:
                print(text, file=sys.stderr, flush=True)
            except (OSError, ValueError):
                # Standard error is full or closed. The wait matters more than its progress.
                return


class _Cell:
    """A display in a notebook's cell, redrawn in place. rich's own display would need ipywidgets."""

    def __init__(self, show: Any) -> None:
        self._show_first = show
        self._handle: Any = None

    def one(self, machine: Progress[Any], event: WaitEvent[Any], /) -> None:
        failed = event.error is None and machine.outcome in ("failure", "stopped")
        colour = "bad" if failed else "good" if machine.done else "busy"
        self._show(text_of_one(machine, event), colour, 1.0 if machine.done or failed else None)

    def many(self, event: BatchEvent, machines: Sequence[Many[Any]], /) -> None:
        del machines
        share = event.done / event.total if event.total else 1.0
        self._show(text_of_many(event), "good" if share == 1 else "busy", share)

    def _show(self, text: str, colour: str, share: float | None) -> None:
        from sagemaker_typed._core.html import bar

        forms = {"text/plain": text, "text/html": bar(text, colour, share)}
        if self._handle is None:
            self._handle = self._show_first(forms, raw=True, display_id=True)
        else:
            self._handle.update(forms, raw=True)


def _cell() -> _Cell | None:
    """Return a cell display; None outside a notebook. IPython in a terminal is not a notebook."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        return None
    display_module: Any = import_module("IPython.display")
    return _Cell(display_module.display)


class _Live:
    """rich's live display in a terminal."""

    def __init__(self, live: Any, *, plain: bool) -> None:
        self._live = live
        # Without Unicode there are no tick marks and no spinner dots.
        self._good, self._bad, self._spinner = ("+", "x", "line") if plain else ("✓", "✗", "dots")

    def __enter__(self) -> _Live:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def one(self, machine: Progress[Any], event: WaitEvent[Any], /) -> None:
        ended = self._bad if event.error is None and machine.outcome in ("failure", "stopped") else None
        self._show(text_of_one(machine, event), self._good if machine.done else ended)

    def many(self, event: BatchEvent, machines: Sequence[Many[Any]], /) -> None:
        del machines
        ended = self._good if event.done == event.total else None
        self._show(text_of_many(event), ended, event.done / event.total if event.total else 1.0)

    def _show(self, text: str, ended: str | None, share: float | None = None) -> None:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.text import Text

        head: Any = Text(f"{ended} {text}") if ended else Spinner(self._spinner, text=Text(text))
        self._live.update(head if share is None else Group(head, ProgressBar(total=1.0, completed=share, width=60)))


def _live() -> _Live | None:
    """Return a live display; None without rich or without a terminal."""
    try:
        from rich.console import Console
        from rich.live import Live
    except ModuleNotFoundError:
        return None
    console = Console(stderr=True)
    # Do not rely on is_terminal: many CI systems set FORCE_COLOR, which makes rich take a file for a terminal.
    if not (console.is_terminal and not console.is_dumb_terminal and sys.stderr.isatty()):
        return None
    # Text that a callback prints goes above the display, but a redirected standard output never goes to standard error.
    both = bool(getattr(sys.stdout, "isatty", bool)())
    plain = not console.encoding.startswith("utf")
    return _Live(Live(console=console, refresh_per_second=8, redirect_stdout=both), plain=plain)


def text_of_one(machine: Progress[Any], event: WaitEvent[Any]) -> str:
    """compilation job 'resnet-c5': INPROGRESS (2m10s, 57m50s left)."""
    # Throttling, errors of the service and broken answers are answers.
    silent = isinstance(event.error, TransportError) and event.error.http_status_code is None
    failed = "no answer" if event.error is None or silent else "poll failed"
    state = shortened(event.status or "") or ("gone" if machine.done else failed)
    if event.error is not None and not machine.done:
        state += f": {text_of_error(event.error)}"
    ended = machine.done or (event.error is None and machine.outcome in ("failure", "stopped"))
    times = duration(event.elapsed) if ended else f"{duration(event.elapsed)}, {duration(event.remaining)} left"
    return one_line(f"{machine.who}: {state} ({times})")


def text_of_many(event: BatchEvent) -> str:
    """312 of 500 done: 312 COMPLETED, 180 INPROGRESS, 8 STARTING (12m30s, 5h47m left; slowest resnet-17)."""
    states = ", ".join(
        f"{count} {shortened(state)}" for state, count in sorted(event.states.items(), key=lambda pair: -pair[1])
    )
    times = duration(event.elapsed)
    if event.done < event.total:
        left = "" if math.isinf(event.remaining) else f", {duration(event.remaining)} left"
        slowest = "" if event.slowest is None else f"; slowest {event.slowest}"
        times += left + slowest
    return one_line(f"{event.done} of {event.total} done{': ' if states else ''}{states} ({times})")


def show(line: LogLine, name: str = "") -> None:
    """Print a line of a log. Control characters, and characters that standard output cannot write, are escaped.

    A name is printed before the line.
    """
    text = f"{one_line(name)}: {line}" if name else str(line)
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)

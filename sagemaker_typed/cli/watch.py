"""`sagemaker-typed watch`: a live table of the newest resources of a kind, or one line per change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from sagemaker_typed import errors
from sagemaker_typed._core.printable import one_line as one_line_of
from sagemaker_typed._core.printable import printable
from sagemaker_typed.cli._board import Board, lasted
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Profile,
    Region,
    Text,
    connect,
    misuse,
    one_line,
    pairs,
    say,
    to_seconds,
    write,
)
from sagemaker_typed.cli._completion import complete_watched
from sagemaker_typed.cli._keys import KeySource, keyboard
from sagemaker_typed.cli._options import AsJson, Query, Texts
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._streams import Terminated, on_terminal
from sagemaker_typed.cli._watched import Watched, WatchedRow

__all__ = ["watch"]

_TICK = 1.0
"""Seconds between two redraws, so that the times advance."""


def watch(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="training-job, endpoint, ...", autocompletion=complete_watched)
    ],
    status: Annotated[Text, typer.Option(help="Show only resources with this status.")] = None,
    name_contains: Annotated[Text, typer.Option(help="Show only resources whose name contains this text.")] = None,
    filters: Annotated[
        Texts,
        typer.Option(
            "--filter", metavar="KEY=VALUE", help="Another argument of the list: pipeline-name=churn. Repeat."
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--max", min=1, help="The most resources to show.")] = 50,
    every: Annotated[str, typer.Option(metavar="DURATION", help="The time between two polls.")] = "5s",
    until_done: Annotated[
        bool, typer.Option("--until-done", help="End when no shown resource is in progress.")
    ] = False,
    as_lines: Annotated[
        bool, typer.Option("--lines", help="Print a line for each change, even on a terminal.")
    ] = False,
    as_json: AsJson = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Watch resources change: status, duration and failure reason.

    Shows the newest resources of a kind: 50, or as many as --max says.

    Keys: up and down (or k and j) select, s stops the selected resource after asking, l follows its log until Ctrl-C, r polls
    now, q quits. Without a terminal, or with --lines, each change is a line; with --json, each is a JSON object.

    \b
    Examples:
      sagemaker-typed watch training-job
      sagemaker-typed watch endpoint --name-contains canary --every 2s
      sagemaker-typed watch pipeline-execution --filter pipeline-name=churn \\
          --until-done | tee changes.txt
      sagemaker-typed watch compilation-job --json --query '[name, status]'
    """
    form = OutputForm(as_json=as_json, query=query)
    seconds = to_seconds(every, "--every") or 0.0
    if seconds <= 0:
        raise misuse("must be greater than 0", "--every")
    arguments: dict[str, Any] = pairs(filters or [], "--filter")
    for name, value in (("status_equals", status), ("name_contains", name_contains)):
        if value is not None:
            arguments[name] = value
    live = on_terminal(sys.stdout) and on_terminal(sys.stdin) and not form.is_document and not as_lines
    with connect(region, profile, endpoint_url) as sm:
        watched = Watched(sm, kind, arguments, limit)
        if live:
            with keyboard() as keys:
                _Screen(watched, keys, seconds, until_done=until_done).run()
        else:
            _print_changes(watched, form, seconds, until_done, sm.clock.sleep)


def _look(watched: Watched, first: bool, tell: Callable[[str], object]) -> list[WatchedRow] | None:
    """Return the rows; None if a poll failed for a reason that may pass. The first poll must succeed."""
    try:
        return watched.rows()
    except errors.SageMakerError as error:
        passing = isinstance(error, errors.ThrottlingError | errors.TransportError) or getattr(
            error, "retryable", False
        )
        if first or not passing:
            raise
        tell(_short(error))
        return None


def _short(error: errors.SageMakerError) -> str:
    """Return the service's message without the operation, which is known. It has one line."""
    return one_line_of(error.message) if isinstance(error, errors.ApiError) else one_line(error)


def _done(rows: list[WatchedRow]) -> bool:
    return not any(row.outcome == "pending" for row in rows)


def _print_changes(
    watched: Watched, form: OutputForm, seconds: float, until_done: bool, sleep: Callable[[float], object]
) -> None:
    """Print a line for each resource at first, then for each whose status changed."""
    before: dict[str, str] = {}
    first = True
    while True:
        rows = _look(watched, first, say)
        first = False
        for row in reversed(rows or []):  # the newest comes last, as in a log
            if before.get(row.name) != row.status:
                before[row.name] = row.status
                _print_row(row, form)
        if until_done and rows is not None and _done(rows):
            return
        sleep(seconds)


def _print_row(row: WatchedRow, form: OutputForm) -> None:
    now = datetime.now(UTC)
    if form.is_document:
        time_taken = row.lasted(now)
        form.show_line(
            {
                "at": now.isoformat(timespec="seconds"),
                "name": row.name,
                "status": row.status,
                "outcome": row.outcome or None,
                "seconds": None if time_taken is None else int(time_taken.total_seconds()),
                "reason": row.reason or None,
            }
        )
        return
    parts = [f"{now.astimezone():%H:%M:%S}", row.name, row.status, lasted(row, now), row.reason]
    write("  ".join(printable(part) for part in parts if part) + "\n")
    sys.stdout.flush()


class _Screen:
    """The live table."""

    def __init__(self, watched: Watched, keys: KeySource, seconds: float, *, until_done: bool) -> None:
        self._watched, self._keys, self._seconds, self._until_done = watched, keys, seconds, until_done
        self._board = Board(watched.kind, can_stop=watched.can_stop, has_log=watched.has_log)
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._next = 0.0

    def run(self) -> None:
        self._refresh(first=True)  # before the screen is taken, so that an error stays visible
        while self._show() == "log":
            self._print_log()

    def _show(self) -> str:
        """Show the table until a key ends it. Returns which end: "quit" or "log"."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while True:
                now = time.monotonic()
                if now >= self._next:
                    self._refresh()
                if self._until_done and _done(self._board.rows):
                    return "quit"
                width, height = self._console.size
                live.update(self._board.screen(width, height, datetime.now(UTC)), refresh=True)
                key = self._keys.read(min(_TICK, max(0.0, self._next - time.monotonic())))
                end = self._press(key) if key is not None else None
                if end is not None:
                    return end

    def _refresh(self, first: bool = False) -> None:
        rows = _look(self._watched, first, self._tell)
        if rows is not None:
            self._board.take(rows, datetime.now(UTC))
            if not first:
                self._board.message = ""
        self._next = time.monotonic() + self._seconds

    def _tell(self, message: str) -> None:
        self._board.message = message

    def _press(self, key: str) -> str | None:
        """Act on a key. Returns the end that it leads to."""
        board = self._board
        if board.asked is not None:
            name, board.asked = board.asked, None
            if key in ("y", "Y"):
                self._stop(name)
            return None
        match key:
            case "q" | "escape":
                return "quit"
            case "up" | "k":
                board.move(-1)
            case "down" | "j":
                board.move(1)
            case "r":
                self._next = 0.0
            case "s" if self._watched.can_stop and board.selected is not None:
                board.asked = board.selected.name
            case "l" if self._watched.has_log and board.selected is not None:
                return "log"
            case _:
                pass
        return None

    def _stop(self, name: str) -> None:
        try:
            self._watched.stop(name)
        except errors.ApiError as error:
            self._tell(_short(error))
            self._next = time.monotonic() + self._seconds  # the message stays for a while
        else:
            self._next = 0.0

    def _print_log(self) -> None:
        """Follow the log of the selected resource until it ends or Ctrl-C; then wait for a key."""
        row = self._board.selected
        if row is None:
            return
        say(f"The log of {row.name}; Ctrl-C returns to the table.")
        try:
            for line in self._watched.lines(row.name):
                write(f"{line}\n")
                sys.stdout.flush()
            say("The log has ended; press any key to return to the table.")
            while self._keys.read(_TICK) is None:
                pass
        except errors.SageMakerError as error:
            self._tell(one_line(error))
        except KeyboardInterrupt as interrupt:
            if isinstance(interrupt, Terminated):
                raise

"""The table of `watch`, and the effect of its keys. Does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.printable import one_line
from sagemaker_typed.cli._watched import WatchedRow

__all__ = ["Board", "clipped", "lasted"]

_STYLES = {"pending": "yellow", "success": "green", "failure": "red", "stopped": "magenta", "": ""}
_NAME_SHARE = 0.45
_GAP = 2
_AROUND = 4
"""The lines besides the rows: the title, the column heads, the message and the keys."""


class Board:
    """Rows, one of them selected."""

    def __init__(self, kind: str, *, can_stop: bool, has_log: bool) -> None:
        self.kind = kind
        self.rows: list[WatchedRow] = []
        self.message = ""
        self.asked: str | None = None
        """The name to stop if the next key is y."""
        self.looked_at: datetime | None = None
        self._can_stop, self._has_log = can_stop, has_log
        self._selected: str | None = None

    @property
    def selected(self) -> WatchedRow | None:
        return next((row for row in self.rows if row.name == self._selected), self.rows[0] if self.rows else None)

    def take(self, rows: Sequence[WatchedRow], at: datetime) -> None:
        """Replace the rows. The same name stays selected, wherever its row moved."""
        chosen = self.selected
        self._selected = None if chosen is None else chosen.name
        self.rows, self.looked_at = list(rows), at

    def move(self, by: int) -> None:
        chosen = self.selected
        if chosen is not None:
            at = self.rows.index(chosen) + by
            self._selected = self.rows[min(max(at, 0), len(self.rows) - 1)].name

    @property
    def keys(self) -> str:
        if self.asked is not None:
            return f"Stop {one_line(self.asked)}?  y yes  n no"
        keys = ["q quit", "up/down select"]
        keys += ["s stop"] if self._can_stop else []
        keys += ["l log"] if self._has_log else []
        return "  ".join([*keys, "r poll now"])

    # --- what it looks like -------------------------------------------------------------------------------------------

    def lines(self, width: int, height: int, now: datetime) -> list[Text]:
        """Return the screen, line by line."""
        shown = self._window(max(1, height - _AROUND))
        cells = [(one_line(row.name), one_line(row.status), lasted(row, now), one_line(row.reason)) for row in shown]
        widths = _widths(cells, width - _GAP)
        lines = [
            self._title(width),
            Text(_line(("NAME", "STATUS", "TIME", "REASON"), widths), style="bold", no_wrap=True),
        ]
        chosen = self.selected
        for row, texts in zip(shown, cells, strict=True):
            mark = "> " if row is chosen else "  "
            line = Text(mark + _line(texts, widths).removeprefix("  "), no_wrap=True)
            begin = _GAP + widths[0] + _GAP
            line.stylize(_STYLES[row.outcome], begin, begin + widths[1])
            if row is chosen:
                line.stylize("reverse")
            lines.append(line)
        lines += [Text()] * (height - 2 - len(lines))
        lines.append(Text(clipped(one_line(self.message), width), style="red", no_wrap=True))
        lines.append(Text(clipped(self.keys, width), style="bold" if self.asked else "dim", no_wrap=True))
        return lines

    def _title(self, width: int) -> Text:
        pending = sum(row.outcome == "pending" for row in self.rows)
        failed = sum(row.outcome == "failure" for row in self.rows)
        parts = [f"{self.kind}: {len(self.rows)}"]
        parts += [f"{pending} in progress"] if pending else []
        parts += [f"{failed} failed"] if failed else []
        parts += [f"at {self.looked_at.astimezone():%H:%M:%S}"] if self.looked_at else []
        return Text(clipped(", ".join(parts), width), style="bold", no_wrap=True)

    def _window(self, room: int) -> list[WatchedRow]:
        """Return as many rows as fit, including the selected one."""
        chosen = self.selected
        at = self.rows.index(chosen) if chosen is not None else 0
        begin = min(max(0, at - room + 1 if at >= room else 0), max(0, len(self.rows) - room))
        return self.rows[begin : begin + room]

    def screen(self, width: int, height: int, now: datetime) -> Group:
        return Group(*self.lines(width, height, now))


def lasted(row: WatchedRow, now: datetime) -> str:
    """Return how long it took, or has taken so far: 12s, 4m10s, 1h02m."""
    found = row.lasted(now)
    return "" if found is None else duration(found.total_seconds())


def _widths(cells: Sequence[tuple[str, ...]], width: int) -> tuple[int, ...]:
    """Return the column widths: the name gets at most its share, status and time what they need, the reason the rest."""
    longest = [
        max([len(head), *(cell_len(row[at]) for row in cells)]) for at, head in enumerate(("NAME", "STATUS", "TIME"))
    ]
    status, time = longest[1], longest[2]
    has_reasons = any(row[3] for row in cells)
    most = int(width * _NAME_SHARE) if has_reasons else width - status - time - 3 * _GAP
    name = max(8, min(longest[0], most))
    return name, status, time, max(0, width - name - status - time - 3 * _GAP)


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    parts = [set_cell_size(clipped(text, width), width) for text, width in zip(texts, widths, strict=True)]
    return (" " * _GAP + (" " * _GAP).join(parts)).rstrip()


def clipped(text: str, width: int) -> str:
    """Return the text cut to `width` cells. The dots are ASCII, which every encoding has."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 3)) + "..."[: max(0, width)]

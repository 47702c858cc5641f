"""Tables for a terminal and a notebook: bounded, and safe to print."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import zip_longest

from sagemaker_typed._core.html import table
from sagemaker_typed._core.printable import one_line, without_passwords
from sagemaker_typed._core.quoting import shortened

__all__ = ["html_table", "text_table"]

_GAP = "  "
_WIDEST = 160
_NARROWEST = 8


def text_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the lines of a table no wider than the terminal, or 100 characters without a terminal.

    Columns of numbers are right-aligned. The widest columns are shortened if the table does not fit.
    """
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    texts = [list(head), *([_safe(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip_longest(*texts, fillvalue="")]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    right = [all(isinstance(row[index], (int, float)) for row in rows) for index in range(len(head))]
    lines: list[str] = []
    for cells in texts:
        cut = [shortened(cell, most) for cell, most in zip(cells, widths, strict=True)]
        shown = [
            cell.rjust(most) if number else cell.ljust(most)
            for cell, most, number in zip(cut, widths, right, strict=True)
        ]
        lines.append(_GAP.join(shown).rstrip())
    return lines


def html_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in HTML, with the same number formats as in a terminal."""
    return table(head, [[f"{value:.1f}" if isinstance(value, float) else value for value in row] for row in rows])


def _safe(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.1f}"
    return one_line(without_passwords(str(value)))

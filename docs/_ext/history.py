"""Draws what `make history` collected: tables and a plot for the page on what changed, before Sphinx reads the sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import BLUE, ORANGE, is_older, plots, table
from reference import code, write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/history"
_PLOT = "growth.svg"
_NAMED = 8


def pages(history: Mapping[str, Any]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    return {
        "summary.md": _summary(history["growth"]),
        "releases.md": _releases(history["releases"]),
        "broken.md": _broken(history["growth"]),
    }


def _summary(growth: Sequence[Mapping[str, Any]]) -> str:
    first, last = growth[0], growth[-1]
    broken = sum(len(each.get("breaking", ())) for each in growth)
    months = sum(bool(each.get("breaking")) for each in growth)
    return (
        f"From botocore {first['botocore']} ({_day(first)}) to {last['botocore']} ({_day(last)}) the API grew from "
        f"{first['operations']:,} operations to {last['operations']:,}, from {first['structures']:,} structures to "
        f"{last['structures']:,}, and from {first['values']:,} enum values to {last['values']:,}. In the same time "
        f"{broken} changes took something back or asked for more, in {months} of {len(growth) - 1} steps of about a month.\n"
    )


def _releases(releases: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            each["botocore"],
            _day(each),
            " ".join(map(code, each["new_operations"])),
            _count(each["new_members"]),
            _count(each["new_values"]),
            _listed(each["breaking"]) or "nothing",
            _count(each["differences"] - len(each["breaking"])),
        )
        for each in releases
    ]
    return table(
        ("botocore", "date", "new operations", "members", "values", "what broke", "other findings"), rows, "lllrrlr"
    )


def _broken(growth: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (f"{each['since']} to {each['botocore']}", _day(each), _listed(each["breaking"]))
        for each in reversed(growth)
        if each.get("breaking")
    ]
    return table(("botocore", "until", "what broke"), rows, "lll")


def _listed(texts: Sequence[str]) -> str:
    """`TargetDevice`: value removed; as many as fit."""
    shown = [f"{code(where)}: {_plain(what)}" for where, _, what in (text.partition(": ") for text in texts[:_NAMED])]
    more = [f"and {len(texts) - _NAMED} more"] if len(texts) > _NAMED else []
    return "<br>".join([*shown, *more])


def _plain(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#{}" else sign for sign in text)


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _day(each: Mapping[str, Any]) -> str:
    """`1 Nov 2023`, on one line."""
    day = date.fromisoformat(each["date"])
    return f"{day.day}&nbsp;{day:%b}&nbsp;{day.year}"


def draw(growth: Sequence[Mapping[str, Any]], target: Path) -> None:
    """Operations and enum values over time; what broke something is marked."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    days = [date.fromisoformat(each["date"]) for each in growth]
    broken = [index for index, each in enumerate(growth) if each.get("breaking")]
    with plots(target, 2, (9, 3.2)) as axes:
        for ax, key, title in zip(axes, ("operations", "values"), ("operations", "enum values"), strict=True):
            counts = [each[key] for each in growth]
            ax.plot(days, counts, color=BLUE)
            marks = [days[index] for index in broken], [counts[index] for index in broken]
            ax.plot(*marks, "o", markersize=5, color=ORANGE, label="something broke")
            ax.set_title(title, fontsize=11)
            ax.set_ylim(bottom=0)
            ax.yaxis.set_major_formatter("{x:,.0f}")
            ax.xaxis.set_major_locator(YearLocator())
            ax.xaxis.set_minor_locator(MonthLocator((4, 7, 10)))
            ax.xaxis.set_major_formatter(DateFormatter("%Y"))
        axes[0].legend(frameon=False, loc="lower right")


def _generate(app: Sphinx) -> None:
    source = Path(app.srcdir)
    data = source / "_data" / "history.json"
    history = json.loads(data.read_text(encoding="utf-8"))
    write(pages(history), source / FOLDER)
    plot = source / FOLDER / _PLOT
    if is_older(plot, data, Path(__file__)):
        draw(history["growth"], plot)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Writes the history that `make history` collected: a summary, a plot, a line and an entry for each release, and a feed.

The entries have a page for each year. One page of all had grown to 450 kB.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from drawing import BLUE, ORANGE, is_older, plots
from reference import code, write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/history"
YEARS = "what-changed"
FEED = "what-changed.xml"
_PLOT = "growth.svg"
_SHOWN = 12
_IN_FEED = 50
_ATOM = "http://www.w3.org/2005/Atom"

Release = Mapping[str, Any]


def read(path: Path) -> list[dict[str, Any]]:
    """Return the releases, oldest first."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def pages(releases: Sequence[Release]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    rows = [_row(each) for each in reversed(releases)]
    head = ["| Release | Date | New operations | Breaking | Conditional | Compatible |", "|---|---|--:|--:|--:|--:|"]
    return {"summary.md": _summary(releases), "releases.md": "\n".join([*head, *rows]) + "\n"}


def years(releases: Sequence[Release]) -> dict[str, str]:
    """Path below the folder of years -> Markdown: a page with the entries of each year, newest first."""
    found = groupby(reversed(releases), key=_year)
    return {f"{year}.md": f"# What changed in {year}\n\n{''.join(map(_entry, entries))}" for year, entries in found}


def _year(each: Release) -> str:
    year: str = each["date"][:4]
    return year


def _row(each: Release) -> str:
    counts = [len(each[kind]) for kind in ("operations", "breaking", "conditional", "compatible")]
    cells = [f"[{each['botocore']}](#{_anchor(each)})", _day(each), *(str(count or "") for count in counts)]
    return f"| {' | '.join(cells)} |"


def _summary(releases: Sequence[Release]) -> str:
    first, last = releases[0], releases[-1]
    grown = [f"from {one:,} to {other:,}" for one, other in zip(first["counts"], last["counts"], strict=True)]
    broken = [each for each in releases if each["breaking"]]
    return (
        f"From botocore {first['botocore']} ({_day(first)}) to {last['botocore']} ({_day(last)}), SageMaker's model "
        f"changed in {len(releases)} releases. It grew {grown[0]} operations, {grown[1]} structures and {grown[2]} enum "
        f"values. {len(broken)} releases removed something or tightened a requirement: "
        f"{sum(len(each['breaking']) for each in broken):,} breaking changes in all.\n"
    )


def _entry(each: Release) -> str:
    """Return the entry of a release: a target for links, and the changes, breaking ones first."""
    lines = [f"({_anchor(each)})=", f"## {each['botocore']}", "", f"{_day(each)}, after {each['since']}.", ""]
    if each["operations"]:
        lines += ["New operations: " + ", ".join(map(code, each["operations"])) + ".", ""]
    for severity in ("breaking", "conditional", "compatible"):
        lines += _listed(severity, each[severity])
    return "\n".join(lines) + "\n"


def _listed(severity: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return []
    shown = [f"- {code(where)}: {_plain(what)}" for where, _, what in (text.partition(": ") for text in texts[:_SHOWN])]
    more = [f"- and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return [f"**{severity.capitalize()}**", "", *shown, *more, ""]


def _plain(text: str) -> str:
    short = text if len(text) <= 200 else f"{text[:197]}..."
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#{}$" else sign for sign in short)


def _anchor(each: Release) -> str:
    return f"botocore-{each['botocore'].replace('.', '-')}"


def _day(each: Release) -> str:
    """`1 Nov 2023`, on one line."""
    day = date.fromisoformat(each["date"])
    return f"{day.day}&nbsp;{day:%b}&nbsp;{day.year}"


def feed(releases: Sequence[Release]) -> str:
    """Return the newest releases as an Atom feed. Its links are relative, so that the site works under any URL."""
    root = ET.Element("feed", {"xmlns": _ATOM})
    ET.SubElement(root, "title").text = "What changed in SageMaker's API"
    ET.SubElement(root, "id").text = "tag:sagemaker-typed,2026:what-changed"
    ET.SubElement(root, "updated").text = f"{releases[-1]['date']}T00:00:00Z"
    author = ET.SubElement(root, "author")
    ET.SubElement(author, "name").text = "sagemaker-typed"
    for each in reversed(releases[-_IN_FEED:]):
        entry = ET.SubElement(root, "entry")
        broken = f", {len(each['breaking'])} breaking" if each["breaking"] else ""
        ET.SubElement(
            entry, "title"
        ).text = f"botocore {each['botocore']}: {len(each['operations'])} new operations{broken}"
        ET.SubElement(entry, "id").text = f"tag:sagemaker-typed,2026:{_anchor(each)}"
        ET.SubElement(entry, "updated").text = f"{each['date']}T00:00:00Z"
        ET.SubElement(entry, "link", {"href": f"{YEARS}/{_year(each)}.html#{_anchor(each)}"})
        said = [f"new operation {name}" for name in each["operations"]]
        said += [
            f"{severity}: {text}" for severity in ("breaking", "conditional", "compatible") for text in each[severity]
        ]
        ET.SubElement(entry, "content", {"type": "text"}).text = "\n".join(said)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def draw(releases: Sequence[Release], target: Path) -> None:
    """Draw the numbers of operations and enum values over time, and mark the releases with breaking changes."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    days = [date.fromisoformat(each["date"]) for each in releases]
    broken = [index for index, each in enumerate(releases) if each["breaking"]]
    with plots(target, 2, (9, 3.2)) as axes:
        for ax, place, title in zip(axes, (0, 2), ("operations", "enum values"), strict=True):
            counts = [each["counts"][place] for each in releases]
            ax.plot(days, counts, color=BLUE)
            marks = [days[index] for index in broken], [counts[index] for index in broken]
            ax.plot(*marks, "o", markersize=2.5, color=ORANGE, label="something broke")
            ax.set_title(title, fontsize=11)
            ax.set_ylim(bottom=0)
            ax.yaxis.set_major_formatter("{x:,.0f}")
            ax.xaxis.set_major_locator(YearLocator(2))
            ax.xaxis.set_minor_locator(MonthLocator((1, 7)))
            ax.xaxis.set_major_formatter(DateFormatter("%Y"))
        axes[0].legend(frameon=False, loc="lower right")


def _generate(app: Sphinx) -> None:
    source = Path(app.srcdir)
    data = source.parent / "sagemaker_typed" / "changes" / "history.jsonl"
    releases = read(data)
    write(pages(releases), source / FOLDER)
    write(years(releases), source / YEARS)
    plot = source / FOLDER / _PLOT
    if is_older(plot, data, Path(__file__)):
        draw(releases, plot)


def _write_feed(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        data = Path(app.srcdir).parent / "sagemaker_typed" / "changes" / "history.jsonl"
        (Path(app.outdir) / FEED).write_text(feed(read(data)), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    app.connect("build-finished", _write_feed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Writes tables and a plot of the results of `make bench-docs`, before Sphinx reads the page on performance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import BLUE, GREEN, ORANGE, is_older, plots, table
from reference import write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/performance"
OURS = "sagemaker_typed"
_PLOT = "growth.svg"
_COLOURS = {"boto3": ORANGE, OURS: BLUE, "capo": GREEN}


def pages(bench: Mapping[str, Any], growth: Mapping[str, Any]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    return {
        "ratios.md": _ratios(bench),
        "peers.md": _peers(bench),
        "measured.md": _measured(bench["environment"]),
        "growth.md": _growth(growth),
    }


_SIGNS = {"most": "≤", "least": "≥"}


def _ratios(bench: Mapping[str, Any]) -> str:
    rows = []
    for row in bench["rows"]:
        ours, base = (row["libraries"][name] for name in (OURS, bench["baseline"]))
        rows.append(
            (
                _what(row),
                _value(ours["value"], row["unit"]),
                _value(base["value"], row["unit"]),
                f"**{ours['ratio']:.2f}**",
                f"{ours['low']:.2f} to {ours['high']:.2f}",
                "" if row["target"] is None else f"{_SIGNS[row['at']]}\u00a0{row['target']:.2f}",
            )
        )
    return table(("", OURS, bench["baseline"], "ratio", "quartiles", "target"), rows)


def _peers(bench: Mapping[str, Any]) -> str:
    names = [name for name in bench["rows"][0]["libraries"] if name != bench["baseline"]]
    rows = []
    for row in bench["rows"]:
        found = (row["libraries"][name] for name in names)
        rows.append((_what(row), *("-" if figures is None else f"{figures['ratio']:.2f}" for figures in found)))
    return table(("", *names), rows)


def _what(row: Mapping[str, Any]) -> str:
    return str(row["what"]) + (f" ({row['bytes'] / 1000:,.0f} kB)" if (row["bytes"] or 0) >= 1000 else "")


def _value(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit == '/s' else ' '}{unit}"


def _measured(environment: Mapping[str, Any]) -> str:
    given = dict(environment)
    cores, pairs = given.pop("cores"), given.pop("pairs")
    versions = ", ".join(f"{name} {version}" for name, version in given.items() if version)
    without = "".join(f", without {name}" for name, version in given.items() if not version)
    return f"Measured with {versions}{without}, on {cores} cores, in {pairs} pairs per row.\n"


def _growth(growth: Mapping[str, Any]) -> str:
    most = growth["items"][-1]
    last = ", ".join(
        f"{name} {figures['cpu_ms'][-1]:,.0f} ms and {figures['held_kb'][-1] / 1000:,.1f} MB"
        for name, figures in growth["libraries"].items()
    )
    return f"For {most:,} jobs: {last}.\n"


def draw(growth: Mapping[str, Any], target: Path) -> None:
    """Draw how CPU time and memory grow with the number of jobs."""
    with plots(target, 2, (9, 3.8)) as axes:
        for ax, key, title in zip(axes, ("cpu_ms", "held_kb"), ("CPU, ms", "memory held, kB"), strict=True):
            for name, figures in growth["libraries"].items():
                ax.loglog(growth["items"], figures[key], marker="o", markersize=3, label=name, color=_COLOURS[name])
            ax.set_title(title, fontsize=11)
            ax.set_xlabel("compilation jobs listed, 100 a page")
            ax.xaxis.set_major_formatter("{x:,.0f}")
            ax.yaxis.set_major_formatter("{x:,.7g}")
        axes[0].legend(frameon=False)


def _generate(app: Sphinx) -> None:
    source = Path(app.srcdir)
    folder = source / FOLDER
    bench, growth = (source / "_data" / f"{name}.json" for name in ("bench", "growth"))
    write(pages(*(json.loads(path.read_text(encoding="utf-8")) for path in (bench, growth))), folder)
    plot = folder / _PLOT
    if is_older(plot, growth, Path(__file__)):
        draw(json.loads(growth.read_text(encoding="utf-8")), plot)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

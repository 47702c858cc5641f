"""Writes and draws the results of `make soak`, before Sphinx reads the page on reliability."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import BLUE, GREEN, ORANGE, is_older, plots
from reference import write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/reliability"
_PLOT = "soak.svg"
_PANELS = {
    "memory, MB": {"rss_mb": ("resident", BLUE)},
    "descriptors and threads": {"descriptors": ("open descriptors", ORANGE), "threads": ("threads", GREEN)},
}


def pages(soak: Mapping[str, Any]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    environment, answered, memory = dict(soak["environment"]), dict(soak["answered"]), soak["series"]["rss_mb"]
    minutes, threads = environment.pop("seconds") / 60, environment.pop("threads")
    requests, polls = answered.pop("requests"), answered.pop("polls")
    versions = ", ".join(f"{name} {version}" for name, version in environment.items())
    troubles = ", ".join(f"{count:,} {name}" for name, count in answered.items())
    return {
        "soak.md": (
            f"In {minutes:,.0f} minutes, {threads} threads sent {requests:,} requests, including {polls:,} polls of waits "
            f"({versions}). Some of the answers were faulty or errors: {troubles}. Resident memory was "
            f"{memory[len(memory) // 3]:,.1f} MB after a third of the calls, and {memory[-1]:,.1f} MB at the end.\n"
        )
    }


def draw(soak: Mapping[str, Any], target: Path) -> None:
    """Draw the memory, descriptors and threads of the process."""
    series = soak["series"]
    with plots(target, len(_PANELS), (9, 3.2)) as axes:
        for ax, (title, lines) in zip(axes, _PANELS.items(), strict=True):
            for name, (label, colour) in lines.items():
                ax.plot(series["calls"], series[name], label=label, color=colour)
            ax.set_ylim(bottom=0)
            ax.set_title(title, fontsize=11)
            ax.set_xlabel("calls made")
            ax.xaxis.set_major_formatter("{x:,.0f}")
        axes[1].legend(frameon=False)


def _generate(app: Sphinx) -> None:
    source = Path(app.srcdir)
    folder, data = source / FOLDER, source / "_data" / "soak.json"
    soak = json.loads(data.read_text(encoding="utf-8"))
    write(pages(soak), folder)
    if is_older(folder / _PLOT, data, Path(__file__)):
        draw(soak, folder / _PLOT)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

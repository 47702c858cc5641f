"""What the pages that are drawn from `docs/_data` share: tables in Markdown, and plots as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["BLUE", "GREEN", "ORANGE", "TEXT", "is_older", "plots", "table"]

BLUE, ORANGE, GREEN = "#2f7fd3", "#d1642e", "#5f9e4a"
TEXT = "#808080"  # readable on the light page and on the dark one


def table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str = "") -> str:
    """A table; `align` has `l` or `r` for each column, numbers to the right unless it says otherwise."""
    marks = [":---" if mark == "l" else "---:" for mark in align or "l" + "r" * (len(head) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, marks, *rows])


def is_older(target: Path, *sources: Path) -> bool:
    """Whether a plot has to be drawn again."""
    return not target.exists() or target.stat().st_mtime < max(source.stat().st_mtime for source in sources)


@contextmanager
def plots(target: Path, columns: int, size: tuple[float, float]) -> Iterator[Any]:
    """Axes side by side, saved as SVG in the end; the same data gives the same bytes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": target.stem,
        "font.family": "sans-serif",
        **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), TEXT),
    }
    with pyplot.rc_context(style):
        figure, axes = pyplot.subplots(1, columns, figsize=size, layout="constrained")
        for ax in axes:
            ax.grid(color=TEXT, alpha=0.25, linewidth=0.5)
            ax.spines[["top", "right"]].set_visible(False)
        yield axes
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)

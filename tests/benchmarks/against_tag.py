"""`make bench-tag`: this version beside that of the last tag, row by row; fails where it has become slower or larger.

Each library is installed in a virtual environment of its own. The calls are those of this version: a row whose call the
older version does not have is left out, and says so.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.benchmarks.libraries import BENCH
from tests.benchmarks.measure import ROOT, Figures, Library, Result, Server, measure, result
from tests.benchmarks.rows import ROWS, UNITS, Row

NOW = Library("now", BENCH, "import sagemaker_typed", "sagemaker_typed")
TAGGED = ROOT / ".venv-bench-tag"
SLACK = 1.10
"""A ratio may be so much worse before it counts. The noise of one run is smaller, even on a busy machine."""


def tag_before(root: Path = ROOT) -> str | None:
    """The last tag before this commit; of a commit that has a tag, the one before. None where there is none."""
    command = ["git", "describe", "--tags", "--abbrev=0", "HEAD^"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # a source archive on a machine without git
        return None
    return done.stdout.strip() or None


def install(tag: str, root: Path = ROOT, venv: Path = TAGGED) -> str:
    """Install the version of a tag, with what `.venv-bench` has beside this version. Return the interpreter."""
    archive = subprocess.run(["git", "archive", tag], cwd=root, check=True, stdout=subprocess.PIPE).stdout
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        requirements = str(root / "tests" / "benchmarks" / "requirements.txt")
        subprocess.run([*pip, folder, "-r", requirements], check=True)
    return python


def figures_of(row: Row, take: Callable[[list[Library]], Figures], then: Library) -> Figures:
    """The figures of both versions, or of this one alone where the other cannot do the row.

    An error of this version alone is raised.
    """
    try:
        return take([then, NOW])
    except (RuntimeError, KeyError) as error:
        alone = take([NOW])
        print(f"{row.what}: {then.name} cannot do it ({error})", flush=True)
        return alone


def worse(row: Row, found: Result) -> bool:
    """Whether three of four pairs are worse by more than the slack."""
    if row.kind == "threads":  # a rate
        return found.high < 1 / SLACK
    return found.low > SLACK


def line(row: Row, found: Result) -> str:
    unit, factor = UNITS[row.kind]
    sign = "WORSE" if worse(row, found) else ""
    value = f"{found.value * factor:,.4g} {unit}"
    return f"{row.what:<52}{value:>14}{found.ratio:>8.3f}{found.low:>8.3f}-{found.high:.3f}  {sign}".rstrip()


def compare(rows: Iterable[Row], then: Library, pairs: int) -> list[Row]:
    """Print a line for each row; return those that are worse."""
    found: list[Row] = []
    with Server() as server:
        for row in rows:
            figures = figures_of(row, lambda some, row=row: measure(row, some, server.url, pairs), then)
            ratio = result(figures, NOW.name, then.name) if then.name in figures and NOW.name in figures else None
            if ratio is not None:
                print(line(row, ratio), flush=True)
                if worse(row, ratio):
                    found.append(row)
    return found


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.against_tag", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=[row.name for row in ROWS], help="a row")
    parser.add_argument("--pairs", type=int, default=15, help="rounds of each row (15)")
    options = parser.parse_args(arguments)
    tag = tag_before(root)
    if tag is None:
        print("There is no tag before this commit to compare with, so nothing is measured.")
        return 0
    print(f"Now, and the ratio to {tag}: the median and the quartiles of the pairs.", flush=True)
    then = Library(tag, install(tag, root), "import sagemaker_typed", "sagemaker_typed")
    slower = compare([row for row in ROWS if not options.only or row.name in options.only], then, options.pairs)
    if slower:
        print(f"Worse than {tag}: {', '.join(row.name for row in slower)}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())

"""What it costs to check and to complete one script: this package against boto3-stubs and types-boto3.

`make bench-typing` runs it. The two sides take turns, and what counts is CPU time, so that a busy machine spoils little.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

CASES = Path(__file__).parent / "typing_cases"
_VARIABLES = ("MYPYPATH", "MYPY_CACHE_DIR", "PYTHONPATH")


class Side(NamedTuple):
    """One of the two: its virtual environments, the second for jedi, and its scripts."""

    python: Path
    editor: Path
    check: str
    complete: str


class Row(NamedTuple):
    what: str
    ours: list[float]
    theirs: list[float]
    target: str
    met: bool

    def text(self) -> str:
        ratios = [mine / other for mine, other in zip(self.ours, self.theirs, strict=True)]
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        verdict = self.target + ("" if self.met else "  MISSED")
        ours, theirs = f"{median(self.ours):.3f} s", f"{median(self.theirs):.3f} s"
        return f"{self.what:34} {ours:>9} {theirs:>9} {median(ratios):6.2f}  {spread:11} {verdict}"


def measured(command: list[str], folder: Path) -> tuple[float, str]:
    """The CPU seconds of a command and of what it started, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def mypy(side: Side) -> tuple[float, float]:
    """Cold, with a cache of its own, and warm, with the cache that the first run wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = scripts(side, Path(scratch))
        command = [str(side.python), "-m", "mypy", "--strict", "--config-file=", "--cache-dir", f"{scratch}/cache"]
        cold, _ = measured([*command, side.check], folder)
        warm, _ = measured([*command, side.check], folder)
    return cold, warm


def pyright(side: Side) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        folder = scripts(side, Path(scratch))
        (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')
        command = [str(side.python), "-m", "pyright", "--pythonpath", str(side.python), "-p", str(folder)]
        seconds, _ = measured(command, folder)
    return seconds


def jedi(side: Side) -> tuple[float, float, float]:
    """The first completion without and with what jedi keeps on disk, and the next one in the same process."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = scripts(side, Path(scratch))
        command = [str(side.editor), str(CASES / "complete.py"), side.complete, f"{scratch}/cache"]
        first, _ = json.loads(measured(command, folder)[1])
        primed, warm = json.loads(measured(command, folder)[1])
    return first, primed, warm


def scripts(side: Side, scratch: Path) -> Path:
    """A folder with the side's scripts and nothing else: this repository's settings are not a user's."""
    folder = scratch / "scripts"
    folder.mkdir()
    for name in (side.check, side.complete):
        (folder / name).write_text((CASES / name).read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ours", type=Path, help="the virtual environment with the wheel of this package")
    parser.add_argument("stubs", type=Path, help="the one with boto3-stubs[sagemaker], which the checkers read")
    parser.add_argument("types", type=Path, help="the one with types-boto3[sagemaker], which jedi reads")
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    # Not resolved: what a virtual environment's python links to knows nothing of the environment.
    mine, stubs, types = (venv.absolute() / "bin/python" for venv in (options.ours, options.stubs, options.types))
    ours = Side(mine, mine, "ours.py", "complete_ours.txt")
    theirs = Side(stubs, types, "stubs.py", "complete_stubs.txt")
    sides = (ours, theirs)
    for side in sides:  # the first run unpacks and compiles
        mypy(side), pyright(side), jedi(side)
    cold: dict[Side, list[tuple[float, float]]] = {side: [] for side in sides}
    checked: dict[Side, list[float]] = {side: [] for side in sides}
    completed: dict[Side, list[tuple[float, float, float]]] = {side: [] for side in sides}
    for number in range(options.pairs):
        for side in sides if number % 2 else sides[::-1]:
            cold[side].append(mypy(side))
            checked[side].append(pyright(side))
            completed[side].append(jedi(side))
        print(f"pair {number + 1} of {options.pairs}", file=sys.stderr)

    def row(what: str, mine: list[float], other: list[float], at_most: float | None, below: float | None = None) -> Row:
        ratio = median(one / two for one, two in zip(mine, other, strict=True))
        if below is not None:
            return Row(what, mine, other, f"below {below * 1000:.0f} ms", median(mine) < below)
        return Row(what, mine, other, "-" if at_most is None else f"at most {at_most:g}", ratio <= (at_most or ratio))

    def column(side: Side, kind: int) -> list[float]:
        return [each[kind] for each in completed[side]]

    rows = [
        row("mypy --strict, cold", [c for c, _ in cold[ours]], [c for c, _ in cold[theirs]], 1),
        row("mypy --strict, warm", [w for _, w in cold[ours]], [w for _, w in cold[theirs]], None),
        row("pyright", checked[ours], checked[theirs], 1),
        row("jedi, first, empty disk cache", column(ours, 0), column(theirs, 0), 1),
        row("jedi, first, primed disk cache", column(ours, 1), column(theirs, 1), 1),
        row("jedi, same process", column(ours, 2), column(theirs, 2), None, below=0.1),
    ]
    print(f"{'CPU seconds, medians':34} {'ours':>9} {'theirs':>9} {'ratio':>6}  {'spread':11} target")
    for each in rows:
        print(each.text())


if __name__ == "__main__":
    main()

"""Which tests run which lines: recorded once, and kept until a file that matters changes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.targets import ROOT

_TESTS = (
    *("tests/unit", "tests/wire", "tests/aio", "tests/services", "tests/logs", "tests/contract", "tests/local"),
    *("tests/seams", "tests/fuzz", "tests/codegen/test_lazy.py", "tests/processes/test_forks.py"),
)
# A wheel, a site or a type checker says nothing of one call, and takes long to say it.
_APART = ("tests/unit/test_wheel.py", "tests/unit/test_demo.py")
_CASES = 40
_COPIED = (
    "sagemaker_typed",
    "tests",
    "docs",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Makefile",
)
_FIRST, _FIRST_OF_ONE = 40, 2
_THEN_OF_ONE, _THEN_SECONDS = 5, 90.0
_LAST_SECONDS = 120.0
_PARAMETERS = re.compile(r"\[.*\]$", re.DOTALL)


def copy_tree(target: Path) -> None:
    """A copy of what the tests need. Nothing else in the tree is touched."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "_build", "_generated", ".hypothesis")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy2(source, target / name)


def environment(tree: Path) -> dict[str, str]:
    """That of the processes that run in a copy: the package is the copy's, in processes that tests start too."""
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Record:
    seconds: dict[str, float]
    """Of each test that passed."""
    tests: dict[str, dict[int, list[str]]]
    """File -> line -> the tests that run it."""
    breadth: dict[str, int]
    """How many lines each test runs: one that runs few says most about each."""

    def stages(self, path: str, line: int, *, without: frozenset[str] = frozenset()) -> list[list[str]]:
        """The tests for a mutant: first those that are likely to notice, then more, then as many as there is time for."""
        lines = self.tests.get(path, {})
        module = {test for tests in lines.values() for test in tests}
        # What runs when the module is imported belongs to no test, and what is cached belongs to the first that came.
        found = lines.get(line) or module
        ranked = sorted((test for test in found if test not in without), key=lambda test: (self.breadth[test], test))
        first = _few(ranked, _FIRST_OF_ONE)[:_FIRST]
        then = self._within([test for test in _few(ranked, _THEN_OF_ONE) if test not in set(first)], _THEN_SECONDS)
        others = {*ranked, *(module if len(ranked) < _FIRST else ())} - {*first, *then} - without
        last = self._within(sorted(others, key=lambda test: (self.seconds[test], test)), _LAST_SECONDS)
        return [first, then, last]

    def _within(self, tests: list[str], most: float) -> list[str]:
        kept, total = [], 0.0
        for test in tests:
            total += self.seconds[test]
            if total > most:
                break
            kept.append(test)
        return kept


def _few(tests: list[str], most: int) -> list[str]:
    """At most so many cases of each test function."""
    counts: defaultdict[str, int] = defaultdict(int)
    kept = []
    for test in tests:
        name = _PARAMETERS.sub("", test)
        counts[name] += 1
        if counts[name] <= most:
            kept.append(test)
    return kept


def record(folder: Path, jobs: int, *, old: bool) -> Record:
    """Read the record of this state of the tree; make it if there is none. With `old`, the last one will do."""
    kept = folder / f"record-{_state()}"
    if old:
        kept = max(folder.glob("record-*/"), key=lambda path: path.stat().st_mtime, default=kept)
    if not kept.exists():
        made = folder / "record-new"
        tree = made / "tree"
        copy_tree(tree)
        _run(tree, made, jobs)
        shutil.rmtree(tree)
        made.rename(kept)
    return _read(kept)


def _run(tree: Path, folder: Path, jobs: int) -> None:
    tests = [test for test in _TESTS if (tree / test).exists()]
    apart = [f"--ignore={test}" for test in _APART]
    options = [
        "-q",
        "-n",
        str(jobs),
        "-m",
        "not slow",
        f"--cases={_CASES}",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    command = [sys.executable, "-m", "pytest", *options, "-p", "tests.mutants.recorder", *apart, *tests]
    where = {**environment(tree), "MUTANTS_RECORD": str(folder)}
    ended = subprocess.run(command, cwd=tree, env=where, capture_output=True, text=True, check=False)
    print("\n".join(ended.stdout.splitlines()[-12:]), flush=True)
    if ended.returncode not in (0, 1):  # tests that fail here are not used
        raise RuntimeError(f"recording ended with {ended.returncode}: {ended.stderr[-2000:]}")


def _read(folder: Path) -> Record:
    seconds: dict[str, float] = {}
    tests: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    breadth: defaultdict[str, int] = defaultdict(int)
    for path in sorted(folder.glob("recorded-*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        names = [name for name, _ in kept["tests"]]
        seconds.update(kept["tests"])
        for file, lines in kept["lines"].items():
            for line, numbers in lines.items():
                tests[file][int(line)] += [names[number] for number in numbers]
                for number in numbers:
                    breadth[names[number]] += 1
    return Record(seconds, {file: dict(lines) for file, lines in tests.items()}, breadth)


def _state() -> str:
    """Changes with any source or test."""
    digest = hashlib.sha256()
    for folder in ("sagemaker_typed", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".json", ".toml") and not {"__pycache__", "mutants", "soak"} & set(path.parts):
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]

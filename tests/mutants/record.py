"""Which tests run which lines: recorded once for each file of tests, and kept until a file that matters changes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.targets import ROOT

_TESTS = (
    *("tests/unit", "tests/wire", "tests/aio", "tests/services", "tests/logs", "tests/contract", "tests/local"),
    *("tests/seams", "tests/fuzz", "tests/codegen/test_kept.py", "tests/codegen/test_lazy.py"),
    "tests/processes/test_forks.py",
)
# A wheel, a site or a type checker says nothing of one call, and takes long to say it.
_APART = ("tests/unit/test_wheel.py", "tests/unit/test_demo.py")
# Tests of sources whose lines are not recorded: they run in processes of their own, or when they are imported and never again.
_ELSEWHERE = {
    f"sagemaker_typed/{path}": ("tests/processes/test_forks.py",)
    for path in ("_core/connection.py", "_core/forking.py", "_core/identity.py", "_core/raw.py", "_core/session.py")
} | {
    "sagemaker_typed/_core/codes.py": ("tests/contract/test_errors.py", "tests/services/test_errors.py"),
    "sagemaker_typed/_core/lazy.py": ("tests/codegen/test_lazy.py", "tests/unit/test_lazy.py"),
    "sagemaker_typed/client.py": ("tests/processes/test_forks.py", "tests/unit/test_lazy.py"),
}
# Tests of defaults and of tables, which need not run a line of the functions.
_DECLARATIONS = ("tests/unit/test_defaults.py", "tests/unit/test_tables.py")
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
_FIRST, _FIRST_OF_ONE, _FIRST_SECONDS = 40, 2, 6.0
_THEN_OF_ONE, _THEN_SECONDS = 5, 30.0
_LAST_SECONDS = 20.0
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

    def stages(
        self, path: str, line: int, *, where: Iterable[int] = (), without: frozenset[str] = frozenset()
    ) -> list[list[str]]:
        """The tests for a mutant: first those that are likely to notice, then more, then as many as there is time for.

        If no test runs its line, they are those that run any line of `where`.
        """
        lines = self.tests.get(path, {})
        module = {test for tests in lines.values() for test in tests}
        # What runs when the module is imported belongs to no test, and what is cached belongs to the first that came.
        own = lines.get(line)
        found = own or {test for near in where for test in lines.get(near, ())} or module
        ranked = sorted((test for test in found if test not in without), key=lambda test: (self.breadth[test], test))
        first = self._within(_few(ranked, _FIRST_OF_ONE), _FIRST_SECONDS)[:_FIRST] or ranked[:1]
        elsewhere = _of_files(self.seconds, (*_ELSEWHERE.get(path, ()), *(() if own else _DECLARATIONS)))
        more = [test for test in [*elsewhere, *_few(ranked, _THEN_OF_ONE)] if test not in {*first, *without}]
        then = self._within(list(dict.fromkeys(more)), _THEN_SECONDS)
        others = {*ranked, *(module if len(ranked) < _FIRST else ())} - {*first, *then} - without
        last = self._within(sorted(others, key=lambda test: (self.seconds[test], test)), _LAST_SECONDS)
        return [first, then, last]

    def _within(self, tests: list[str], most: float) -> list[str]:
        """As many of them, in this order, as there is time for; one that takes too long is passed over."""
        kept, total = [], 0.0
        for test in tests:
            if total + self.seconds[test] <= most:
                total += self.seconds[test]
                kept.append(test)
        return kept


def _of_files(tests: Iterable[str], files: tuple[str, ...]) -> list[str]:
    return [test for test in tests if test.partition("::")[0] in files]


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
    """Read the record of this state of the tree; run the tests of which there is none. With `old`, the last one will do.

    A file of tests is run again when it changes; all of them when anything else does.
    """
    if old and (before := list(folder.glob("record-*/run-*"))):
        return _read(max(before, key=lambda path: path.stat().st_mtime).parent, None)
    kept = folder / f"record-{_state_of(_shared())}"
    now = {path.relative_to(ROOT).as_posix(): _state_of([path]) for path in _files_of_tests()}
    missing = sorted(now.items() - set(_recorded(kept)))
    if missing:
        made = folder / "record-new"
        tree = made / "tree"
        copy_tree(tree)
        _run(tree, made, jobs, [path for path, _ in missing])
        (made / "files.json").write_text(json.dumps(dict(missing)), encoding="utf-8")
        shutil.rmtree(tree)
        kept.mkdir(exist_ok=True)
        made.rename(kept / f"run-{len(list(kept.iterdir())):03}")
    return _read(kept, now)


def _run(tree: Path, folder: Path, jobs: int, tests: list[str]) -> None:
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
    command = [sys.executable, "-m", "pytest", *options, "-p", "tests.mutants.recorder", *tests]
    where = {**environment(tree), "MUTANTS_RECORD": str(folder)}
    ended = subprocess.run(command, cwd=tree, env=where, capture_output=True, text=True, check=False)
    print("\n".join(ended.stdout.splitlines()[-12:]), flush=True)
    if ended.returncode not in (0, 1, 5):  # tests that fail here are not used
        raise RuntimeError(f"recording ended with {ended.returncode}: {ended.stderr[-2000:]}")


def _recorded(folder: Path) -> dict[tuple[str, str], Path]:
    """A file of tests and its state -> the run that recorded it last."""
    return {
        each: path.parent
        for path in sorted(folder.glob("run-*/files.json"))
        for each in json.loads(path.read_text(encoding="utf-8")).items()
    }


def _read(folder: Path, now: dict[str, str] | None) -> Record:
    """Of each file of tests what was recorded of its state `now`, or at last where that is not given."""
    recorded = _recorded(folder)
    runs = {path: run for (path, state), run in recorded.items() if now is None or now.get(path) == state}
    seconds: dict[str, float] = {}
    tests: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    breadth: defaultdict[str, int] = defaultdict(int)
    for path in sorted(folder.glob("run-*/recorded-*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        names = [name for name, _ in kept["tests"]]
        holding = {name: took for name, took in kept["tests"] if runs.get(name.partition("::")[0]) == path.parent}
        seconds.update(holding)
        for file, lines in kept["lines"].items():
            for line, numbers in lines.items():
                found = [names[number] for number in numbers if names[number] in holding]
                tests[file][int(line)] += found
                for name in found:
                    breadth[name] += 1
    return Record(seconds, {file: dict(lines) for file, lines in tests.items()}, breadth)


def state_of_tree() -> str:
    """Changes with any source or test."""
    return _state_of([*_shared(), *_files_of_tests()])


def _files_of_tests() -> list[Path]:
    found = [ROOT / test for test in _TESTS]
    files = [path for test in found for path in ([test] if test.is_file() else test.rglob("test_*.py"))]
    return sorted(path for path in files if path.relative_to(ROOT).as_posix() not in _APART)


def _shared() -> list[Path]:
    """What any test may depend on: the sources, and the modules and data beside the tests."""
    apart = {"__pycache__", "mutants", "soak"}
    return [
        path
        for folder in ("sagemaker_typed", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".json", ".toml", ".txt")
        and not apart & set(path.parts)
        and not path.match("test_*.py")
    ]


def _state_of(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]

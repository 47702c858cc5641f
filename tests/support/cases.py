"""`--cases`: all cases of the tests marked `surface`, or every n-th.

Those tests are parametrised over the generated operations, structures, enums and waits, and most of their cases prove
the same lines of the library again. Every n-th still meets nearly every mistake in these, in a fraction of the time.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

_COUNTED = pytest.StashKey[tuple[int, int]]()


def every_nth(names: Iterable[str], n: int) -> set[str]:
    """Every n-th of the cases of each test, whatever the order: all workers keep the same ones.

    Each test begins at another place, so that the tests of one operation are not all dropped together.
    """
    tests: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        tests[name.partition("[")[0]].append(name)
    kept: set[str] = set()
    for test, cases in tests.items():
        first = zlib.crc32(test.encode()) % min(n, len(cases))
        kept.update(cases[first::n])
    return kept


def parse(text: str) -> int:
    """1 is all of them."""
    if text == "all":
        return 1
    if not text.isdecimal() or int(text) < 1:
        raise pytest.UsageError(f"--cases is 'all' or a number, and not {text!r}")
    return int(text)


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    n = parse(config.getoption("--cases"))
    generated = [item for item in items if item.get_closest_marker("surface")]
    if n == 1 or not generated:
        return
    kept = every_nth((item.nodeid for item in generated), n)
    dropped = {item.nodeid for item in generated} - kept
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in dropped])
    items[:] = [item for item in items if item.nodeid not in dropped]
    report(config, len(generated), n)


def report(config: pytest.Config, generated: int, n: int) -> None:
    """Keep the figures for `summary`. A worker of pytest-xdist hands them to the process that writes the summary."""
    config.stash[_COUNTED] = generated, n
    if hasattr(config, "workeroutput"):
        config.workeroutput["cases"] = generated, n


def take(config: pytest.Config, worker: dict[str, Any]) -> None:
    if "cases" in worker:
        generated, n = worker["cases"]
        config.stash[_COUNTED] = generated, n


def summary(config: pytest.Config) -> str | None:
    if _COUNTED not in config.stash:
        return None
    generated, n = config.stash[_COUNTED]
    return f"Ran every {n}{_ending(n)} of {generated:,} generated cases; CASES=all runs all of them."


def _ending(n: int) -> str:
    return "th" if n // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")

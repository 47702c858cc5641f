"""Tries mutants in one copy of the tree: `python -m tests.mutants.worker`, in that copy.

Each line of its standard input is a task: a file, its new text, stages of tests, each with the seconds that it may take, and
the seconds until the first of them. The answer is a line of JSON. Every stage runs in a fork of this process, which has
imported what the tests need apart from the package and the tests.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.02
_LOG = Path("mutants.log")
_AT = Path("mutants.at")
_IMPORTED = ("pytest", "hypothesis", "boto3", "botocore.session", "cattrs", "tenacity", "orjson")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.dont_write_bytecode = True
    for module in _IMPORTED:
        __import__(module)
    assert "sagemaker_typed" not in sys.modules
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(_try(**task)), flush=True)


def _try(path: str | None, text: str, stages: list[dict[str, float]], start: float) -> dict[str, Any]:
    target = Path(path) if path else None
    before = target.read_bytes() if target else b""
    started, tried = time.monotonic(), 0
    try:
        if target:
            target.write_text(text, encoding="utf-8")
        for stage in stages:
            tried += len(stage)
            killed = _stage(stage, start, stop=target is not None)
            if killed:
                return {"killed": killed, "tried": tried, "seconds": round(time.monotonic() - started, 1)}
    finally:
        if target:
            target.write_bytes(before)
    return {"killed": [], "tried": tried, "seconds": round(time.monotonic() - started, 1)}


def _stage(tests: dict[str, float], start: float, *, stop: bool) -> list[str]:
    """The tests that failed; with `stop`, the first of them."""
    _AT.write_text("", encoding="utf-8")
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        code = 3
        try:
            code = _run(list(tests), stop=stop)
            sys.stdout.flush()  # `_exit` drops what is buffered
        finally:
            os._exit(code)
    at, since, ended = "", time.monotonic(), False
    try:
        while time.monotonic() - since < tests.get(at, start):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                ended = True
                return _verdict(os.waitstatus_to_exitcode(status))
            time.sleep(_POLL_SECONDS)
            if (now := _AT.read_text(encoding="utf-8")) != at:
                at, since = now, time.monotonic()
    finally:
        if not ended:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return [f"{at or 'the start'} did not end"]


def _run(tests: list[str], *, stop: bool) -> int:
    import pytest
    from hypothesis import Phase, settings

    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None, derandomize=True)
    settings.load_profile("mutants")
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=line", "-W", _REWRITTEN]
    return int(pytest.main([*options, *(["-x"] if stop else []), *_files(tests)], plugins=[_Selected(tests)]))


_REWRITTEN = "ignore::pytest.PytestAssertRewriteWarning"


def _files(tests: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(test.partition("::")[0] for test in tests))


class _Selected:
    """Runs the tests of these names, in this order, and says which it is at."""

    def __init__(self, tests: list[str]) -> None:
        self._place = {test: index for index, test in enumerate(tests)}
        self._at = _AT.absolute()  # a test may go to another folder

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._place), key=lambda item: self._place[item.nodeid]
        )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._at.write_text(nodeid, encoding="utf-8")


def _verdict(code: int) -> list[str]:
    if code in (0, 5):  # 5: none of them was there to run
        return []
    lines = _LOG.read_text(errors="replace").splitlines()
    failed = [line.split(" - ")[0].split(" ", 1)[1] for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return failed or [f"pytest ended with {code}: {' '.join(lines)[-200:]}"]


if __name__ == "__main__":
    main()

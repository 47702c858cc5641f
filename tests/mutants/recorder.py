"""A plugin of pytest that records which test runs which lines of the core: `pytest -p tests.mutants.recorder`.

Each process writes a file into the folder that `MUTANTS_RECORD` names: for each test that passed its seconds, and for each
source file and line the numbers of the tests that run it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.mutants.targets import TARGETS


class Recorder:
    def __init__(self, folder: Path, root: Path) -> None:
        self._folder, self._root = folder, root
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        include = [str(root / target) for target in TARGETS]
        data = folder / f"coverage-{os.getpid()}"
        self._coverage = Coverage(data_file=str(data), include=include, config_file=False, messages=False)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        passed = [test for test in self._seconds if test not in self._failed]
        number = {test: index for index, test in enumerate(passed)}
        lines = {
            Path(file).relative_to(self._root).as_posix(): {
                line: sorted(number[test] for test in tests if test in number)
                for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        kept = {"tests": [(test, round(self._seconds[test], 3)) for test in passed], "lines": lines}
        (self._folder / f"recorded-{os.getpid()}.json").write_text(json.dumps(kept), encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Recorder(Path(os.environ["MUTANTS_RECORD"]), config.rootpath.resolve()))

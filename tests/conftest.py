"""What holds for every test: nothing but loopback is reached, and no account of this machine shines through."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support import cases

_LOOPBACK = ("127.", "::1", "localhost")
# As the documentation of `Problem.rule` lists them.
_RULES = {
    "required", "type", "min", "max", "range", "pattern", "enum", "union", "timezone", "finite", "unknown", "operator",
    "botocore", "at_most_one", "exactly_one", "requires", "excludes", "order", "time_order", "product", "unique", "count",
    "suffix", "json", "most",
}  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes minutes; run by `make test-slow`")
    config.addinivalue_line(
        "markers", "surface: a case for each operation, structure, ...; `--cases` says how many run"
    )
    if find_spec("hypothesis"):  # some environments have only what their tests need
        _without_clocks()


def _without_clocks() -> None:
    """Hypothesis fails tests that are slow, as they are on a busy machine and under coverage."""
    from hypothesis import HealthCheck, settings

    current = settings()  # those of CI and of tests/mutants keep what else they say
    settings.register_profile("without clocks", current, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("without clocks")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", default="all", help="of the tests marked surface, run all cases or every n-th")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cases.select(config, items)


def pytest_collection_finish() -> None:
    """All that was collected stays: Python's garbage collector need not go over it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended."""
    cases.take(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    line = cases.summary(config)
    if line is not None:
        terminalreporter.write_line(line)
    seed = getattr(config.option, "randomly_seed", None)
    if exitstatus and seed is not None:  # pytest-randomly names it in the header, which -q leaves out
        terminalreporter.write_line(f"The order was that of --randomly-seed={seed}")


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(_LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def _documented_rules() -> Iterator[None]:
    """Fail where a problem of a request names a rule that is not documented."""
    from sagemaker_typed.errors import InvalidRequestError

    make = InvalidRequestError.__init__

    @wraps(make)
    def checked(self: Any, problems: Any, request: str = "") -> None:
        make(self, problems, request)
        odd = [problem for problem in self.problems if problem.rule not in _RULES]
        assert not odd, f"these problems violate no documented rule: {odd}"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InvalidRequestError, "__init__", checked)
        yield


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No credentials, region, profile or endpoint but those that a test sets."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    nowhere = Path(tmp_path_factory.getbasetemp()) / "no-such-folder"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

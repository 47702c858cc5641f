"""Processes that are forked at the worst moments, and pools of each kind: every answer is that of its own process.

Each scenario runs in an interpreter of its own (`scenarios.py`): it begins with nothing imported, and the fork copies no
test runner.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from tests.processes.scenarios import PATIENCE_SECONDS
from tests.processes.server import KEYS, echoing
from tests.support.certificates import certificate as made_certificate
from tests.support.loopback import Loopback, Reply
from tests.support.model_server import ModelServer

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with echoing() as running:
        yield running


def run(scenario: str, *arguments: str, **environment: str) -> None:
    # Python 3.12 and newer warn of a fork beside threads, which is what is tested here.
    command = [sys.executable, "-W", "error", "-W", "ignore:.*fork.*:DeprecationWarning"]
    done = subprocess.run(
        [*command, "-m", "tests.processes.scenarios", scenario, *arguments],
        cwd=ROOT,
        env={**os.environ, **KEYS, **environment},
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "scenario",
    [
        "before",
        "after",
        "given",
        "inside_a_call",
        "held",
        "while_a_client_is_made",
        "while_a_given_session_makes_one",
        "while_hooks_are_written",
        "with_every_lock_held",
        "closed",
        "another_thread_forks",
    ],
)
def test_a_forked_child_has_its_own_answers(server: ModelServer, scenario: str) -> None:
    run(scenario, server.url)
    assert server.problems == []


@pytest.mark.parametrize("whose", ["given", "default", "own"])
def test_a_fork_while_another_thread_renews_the_credentials(server: ModelServer, whose: str) -> None:
    run("while_credentials_are_renewed", server.url, whose)


@pytest.mark.parametrize(
    "module",
    [
        "sagemaker_typed.resources.compilation_jobs",
        "sagemaker_typed.types.compilation_jobs",
        "sagemaker_typed._core.call",
        "sagemaker_typed._core.convert.hooks",
        "sagemaker_typed._core.session",
        "sagemaker_typed._core.convert.converter",
        "botocore.session",
        "botocore.httpsession",
        "urllib3.connectionpool",
    ],
)
def test_a_fork_while_another_thread_imports(server: ModelServer, module: str) -> None:
    run("during_an_import", server.url, module)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_workers(server: ModelServer, method: str) -> None:
    run("pool", server.url, method)


def test_a_wider_client_is_made_again(server: ModelServer, tmp_path: Path) -> None:
    model: Any = deepcopy(dict(Loader().load_service_model("sagemaker", "service-2")))
    model["operations"]["DescribeGadget"] = {**model["operations"]["DescribeEndpoint"], "name": "DescribeGadget"}
    path = tmp_path / "sagemaker" / "2017-07-24" / "service-2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(model))
    run("widened", server.url, str(tmp_path))


# --- what the parent keeps --------------------------------------------------------------------------------------------


class Counted:
    """A server, over TLS or not, that notes which names came over which connection."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.connections: list[list[str]] = []
        self._of_thread = threading.local()
        self.loopback = Loopback(self._answer, tls=context)

    def _answer(self, headers: Any, body: bytes) -> Reply:
        name = json.loads(body)["CompilationJobName"]
        if not hasattr(self._of_thread, "names"):  # a thread serves one connection
            self._of_thread.names = []
            self.connections.append(self._of_thread.names)
        self._of_thread.names.append(name)
        return Reply(json.dumps({"CompilationJobName": name}).encode())


@pytest.fixture(params=["http", "https"])
def counted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Counted, dict[str, str]]]:
    context, environment = None, {}
    if request.param == "https":
        certificate = made_certificate(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        environment["AWS_CA_BUNDLE"] = str(certificate)
    made = Counted(context)
    yield made, environment
    made.loopback.close()


def test_the_parent_goes_on_with_the_connection_that_it_had(counted: tuple[Counted, dict[str, str]]) -> None:
    server, environment = counted
    run("one_connection", server.loopback.url, **environment)
    assert sorted(server.connections) == [["child-0", "child-1"], ["parent-0", "parent-0", "parent-1"]]

"""`sagemaker-typed logs` against the embedded SageMaker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_typed.cli._completion import complete_logged
from sagemaker_typed.cli.app import app
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import FIRST, TRAINING, write
from tests.support.command_line import runner


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def run(local: LocalSageMaker, *arguments: str) -> Any:
    urls = ["--endpoint-url", local.url, "--logs-endpoint-url", local.url]
    return runner().invoke(app, ["logs", *arguments, "--region", local.region, *urls])


def test_a_log_is_printed(local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, "job/algo-1-7", "one\x1b[2J", at=FIRST)
    write(logs, TRAINING, "job/algo-2-7", "two", at=FIRST + 1)
    result = run(local, "training-job", "job")
    assert (result.exit_code, result.stderr) == (0, "")
    first, second = result.stdout.splitlines()
    assert first.endswith(r" job/algo-1-7 one\x1b[2J")
    assert second.endswith(" job/algo-2-7 two")


def test_as_json(local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, "job/algo-1-7", "one\x9b\n", at=FIRST)
    result = run(local, "training-jobs", "job", "--json")
    assert "\x9b" not in result.stdout
    document = json.loads(result.stdout)
    assert (document["stream"], document["message"]) == ("job/algo-1-7", "one\x9b\n")
    assert document["timestamp"].endswith("+00:00")


def test_since(local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, "job/algo-1-7", "two hours ago", at=FIRST)
    assert run(local, "training-job", "job", "--since", "1h").stdout == ""
    assert "two hours ago" in run(local, "training-job", "job", "--since", "3h").stdout
    assert "two hours ago" in run(local, "training-job", "job", "--since", "2020-01-31T12:00:00").stdout


def test_more_than_a_name(local: LocalSageMaker, logs: Any) -> None:
    write(logs, "/aws/sagemaker/studio", "d-1/s/JupyterLab/a", "hello")
    found = ["--with", "domain-id=d-1", "--with", "app-type=JupyterLab", "--with", "space-name=s"]
    assert run(local, "app", "a", *found).stdout.endswith("d-1/s/JupyterLab/a hello\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["model", "m"], "KIND: model has no log that is known"),
        (["training-job", "j", "--since", "soon"], "--since: 'soon' is no duration"),
        (["training-job", "j", "--since", "20T"], "--since: '20T' is not a time"),
        (["training-job", "j", "--with", "since=3"], "--with: since has an option of its own"),
        (["app", "a"], "--with: missing a required"),
    ],
)
def test_misuse(local: LocalSageMaker, arguments: list[str], text: str) -> None:
    result = run(local, *arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def test_no_access(local: LocalSageMaker) -> None:
    local.fail_next("DescribeLogStreams", "AccessDeniedException", message="not authorized")
    result = run(local, "training-job", "job")
    assert (result.exit_code, result.stdout) == (6, "")
    assert "not authorized" in result.stderr


def test_kinds_are_completed() -> None:
    assert complete_logged("t") == ["training-job", "transform-job"]

"""The command line against the embedded SageMaker: what it prints, and the exit codes that a script branches on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sagemaker_typed.client
from sagemaker_typed.cli.app import app
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock, request
from tests.support.clock import FakeTime
from tests.support.command_line import runner

pytestmark = pytest.mark.own_local

SOON = ["--timeout", "1s", "--poll", "0.01s", "--quiet"]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    """Only pauses take time, so that a text says the same seconds on a busy machine. Commands in other processes wait."""
    made = FakeTime()
    monkeypatch.setattr(sagemaker_typed.client, "SYSTEM_CLOCK", made.clock)
    return made


def on(local: LocalSageMaker) -> list[str]:
    return ["--region", local.region, "--endpoint-url", local.url]


def run(local: LocalSageMaker, *arguments: str) -> Any:
    return runner().invoke(app, [*arguments, *on(local)])


def create(local: LocalSageMaker, name: str, *states: Any) -> None:
    local.script("compilation_job", name, list(states))
    local.boto3_client("sagemaker").create_compilation_job(**request(name))


def test_reached(local: LocalSageMaker) -> None:
    create(local, "done", "COMPLETED")
    result = run(local, "wait", "compilation-job", "done", *SOON)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "done is completed\n", "")


@pytest.mark.parametrize(
    ("state", "code", "text"),
    [
        (("FAILED", "ClientError: bad shape"), 1, "bad shape (last state FAILED)"),
        (("FAILED", ""), 1, "failed after 0s (last state FAILED)"),
        ("STOPPED", 3, "was stopped"),
        ("INPROGRESS", 4, "was not completed within"),
    ],
)
def test_every_bad_end_has_its_code_and_one_line(local: LocalSageMaker, state: Any, code: int, text: str) -> None:
    create(local, "job", state)
    result = run(local, "wait", "compilation-job", "job", "--timeout", "0s", "--quiet")
    assert (result.exit_code, result.stdout) == (code, "")
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("endpont", "did you mean endpoint?"),
        ("compilationjbo", "did you mean compilation-job?"),
        ("nope", "there are "),
        ("no\x1bpe", "there are "),
    ],
)
def test_a_kind_that_there_is_not_is_refused_before_anything_is_sent(
    local: LocalSageMaker, word: str, hint: str
) -> None:
    result = run(local, "wait", word, "name")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "KIND: SageMaker has no resource '" in result.stderr
    assert f"'; {hint}" in result.stderr
    if hint.startswith("there are"):
        told = result.stderr.partition("there are ")[2].strip().split(", ")
        assert len(told) == len(WAITABLE)
        assert {"endpoint", "compilation-job", "model-package"} <= set(told)
        assert "tag" not in told
    assert not local.calls


def test_a_service_that_is_not_there_is_the_first_that_is_said() -> None:
    place = ["--region", "us-west-2", "--endpoint-url", "http://127.0.0.1:9"]
    result = runner().invoke(app, ["wait", "endpoint", "canary", "--timeout", "0s", "--quiet", *place])
    assert result.exit_code == 7
    cause = 'no poll had a usable answer (Could not connect to the endpoint URL: "http://127.0.0.1:9/")'
    assert f"canary: endpoint 'canary' was not in service within 0s: {cause}; it may still be running" in result.stderr


def test_not_found_and_no_access(local: LocalSageMaker) -> None:
    result = run(local, "wait", "endpoint", "none", "--timeout", "0s", "--quiet")
    assert (result.exit_code, result.stderr.count("\n")) == (5, 1)
    local.fail_next("DescribeEndpoint", "AccessDeniedException", message="not authorized")
    result = run(local, "wait", "endpoint", "none", *SOON)
    assert (result.exit_code, result.stderr.count("\n")) == (6, 1)
    assert "not authorized" in result.stderr


def test_a_service_that_only_throttles_was_reached(local: LocalSageMaker) -> None:
    """Exit code 7 is kept for a service that was never reached."""
    create(local, "job", "INPROGRESS")
    local.fail_next("DescribeCompilationJob", "ThrottlingException", message="Rate exceeded", times=1000)
    result = run(local, "wait", "compilation-job", "job", "--timeout", "0s", "--quiet")
    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
    assert "Rate exceeded" in result.stderr


def test_no_credentials(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    result = run(local, "wait", "endpoint", "none", *SOON)
    assert (result.exit_code, result.stderr.count("\n")) == (6, 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["wait", "compilation-jo", "x"], "did you mean compilation-job?"),
        (["wait", "compilation-job", "x", "--until", "in-service"], "none of: completed, stopped, deleted"),
        (["wait", "compilation-job", "x", "--timeout", "soon"], "no duration"),
        (["wait", "compilation-job", "x", "--with", "nothing"], "not KEY=VALUE"),
        (["wait", "endpoint", "x", "--until", "updated"], "endpoint-config-name"),
        (["wait", "user-profile", "x"], "domain-id"),
        (["wait", "model", "x"], "give --until deleted"),
        (["list", "compilation-job", "--filter", "no-such=1"], "no-such"),
        (["list", "compilation-job", "--query", "a["], "--query"),
        (["describe", "tag", "x"], "describing"),
    ],
)
def test_a_wrong_command_is_one_line_and_sends_nothing(local: LocalSageMaker, arguments: list[str], text: str) -> None:
    result = run(local, *arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert result.stderr.count("\n") == 1
    assert local.calls == {}


def test_several_as_json(local: LocalSageMaker) -> None:
    create(local, "done", "COMPLETED")
    create(local, "bad", ("FAILED", "no"))
    result = run(local, "wait", "compilation-job", "done", "bad", "--json", *SOON)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["succeeded"]["done"]["CompilationJobStatus"] == "COMPLETED"
    assert report["failed"]["bad"]["reason"] == "no"
    assert report["stopped"] == report["missing"] == report["pending"] == {}


@pytest.mark.parametrize("group", [name for name, waits in WAITABLE.items() if waits.many])
def test_a_wait_on_several_of_each_kind(local: LocalSageMaker, group: str) -> None:
    """Whatever the kind: a group that cannot be stopped has no `stop_on_interrupt`, one with one state no `until`."""
    state = WAITABLE[group].many[0].replace("_", "-")
    result = run(local, "wait", group, "one", "two", "--until", state, "--json", "--timeout", "0s", "--quiet")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    report = json.loads(result.stdout)
    assert sorted(name for names in report.values() for name in names) == ["one", "two"]


def test_a_wait_that_takes_more_than_a_name(local: LocalSageMaker) -> None:
    result = run(local, "wait", "compilation-job", "gone", "--until", "deleted", *SOON)
    assert (result.exit_code, result.stdout) == (0, "gone is deleted\n")


def test_list_and_describe(local: LocalSageMaker, clock: HandClock) -> None:
    for name in ("one", "two", "three"):
        create(local, name, "COMPLETED")
        clock.forward(1)
    table = run(local, "list", "compilation-job").stdout.splitlines()
    assert table[0].split()[:2] == ["CompilationJobName", "CompilationJobStatus"]
    assert [line.split()[0] for line in table[1:]] == ["three", "two", "one"]
    assert run(local, "list", "compilation-jobs", "--max", "1", "--json").stdout.count('"CompilationJobName"') == 1
    names = run(local, "list", "compilation-job", "--query", "CompilationJobSummaries[].CompilationJobName").stdout
    assert json.loads(names) == ["three", "two", "one"]
    only = run(local, "list", "compilation-job", "--name-contains", "tw", "--status", "COMPLETED").stdout
    assert len(only.splitlines()) == 2
    assert run(local, "describe", "compilation-job", "one", "--query", "CompilationJobStatus").stdout == '"COMPLETED"\n'
    rows = run(local, "describe", "compilation-job", "one").stdout
    assert "OutputConfig.TargetDevice" in rows
    assert json.loads(run(local, "describe", "compilation-job", "one", "--json").stdout)["CompilationJobName"] == "one"
    assert run(local, "describe", "compilation-job", "none").exit_code == 5


def test_help_shows_examples() -> None:
    for command in ("wait", "list", "describe"):
        text = runner().invoke(app, [command, "--help"]).stdout
        assert f"sagemaker-typed {command} " in text
        assert "Examples:" in text


def test_resources_are_completed() -> None:
    environ = {
        **os.environ,
        "_SAGEMAKER_TYPED_COMPLETE": "complete_bash",
        "COMP_WORDS": "sagemaker-typed wait compil",
        "COMP_CWORD": "2",
    }
    script = str(Path(sys.executable).parent / "sagemaker-typed")
    done = subprocess.run([script], capture_output=True, text=True, check=False, env=environ)
    assert done.stdout.split() == ["compilation-job"]


def test_a_shell_script(tmp_path: Path) -> None:
    with LocalSageMaker(every=0.05) as local:
        create(local, "done", "STARTING", "COMPLETED")
        create(local, "bad", "FAILED")
        command = f"{sys.executable} -m sagemaker_typed wait compilation-job"
        script = tmp_path / "script.sh"
        script.write_text(
            f"{command} done --poll 0.1s {' '.join(on(local))} && echo reached\n"
            f"{command} bad --poll 0.1s {' '.join(on(local))} || echo code $?\n"
        )
        done = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["done is completed", "reached", "code 1"]
    assert "compilation job 'done': COMPLETED" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A child inherits it when interrupts are ignored, as they are where a shell runs the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("stop", [False, True])
def test_ctrl_c(stop: bool) -> None:
    with LocalSageMaker(every=0.05) as local:
        create(local, "job", "INPROGRESS")
        command = [
            sys.executable,
            "-m",
            "sagemaker_typed",
            "wait",
            "compilation-job",
            "job",
            "--poll",
            "0.1s",
            *on(local),
        ]
        with subprocess.Popen(
            [*command, *(["--stop-on-interrupt"] if stop else [])], stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert "INPROGRESS" in process.stderr.readline()  # it is waiting
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
        assert process.returncode == (3 if stop else 130)
        assert "Traceback" not in rest
        assert local.calls["StopCompilationJob"] == int(stop)
        if not stop:
            assert "compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it" in rest

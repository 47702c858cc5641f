"""`stop` and `delete`: who is asked, what goes on after a failure, and the exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import COMPILATION, run
from tests.support.terminal import Terminal


def create(local: LocalSageMaker, *names: str, states: tuple[str, ...] = ("COMPLETED",)) -> None:
    for name in names:
        local.script("compilation_job", name, list(states))
        local.boto3_client("sagemaker").create_compilation_job(**{**COMPILATION, "CompilationJobName": name})


def left(local: LocalSageMaker) -> list[str]:
    found = local.boto3_client("sagemaker").list_compilation_jobs()["CompilationJobSummaries"]
    return sorted(job["CompilationJobName"] for job in found)


def test_without_a_terminal_nothing_is_deleted_unasked(local: LocalSageMaker) -> None:
    create(local, "one")
    result = run("delete", "compilation-job", "one")
    assert (result.exit_code, result.stderr) == (
        2,
        "delete: cannot ask for confirmation without a terminal; give --yes\n",
    )
    assert left(local) == ["one"]


def test_several_are_deleted_and_the_missing_one_is_said(local: LocalSageMaker) -> None:
    create(local, "one", "two", "three")
    result = run("delete", "compilation-job", "one", "none", "two", "one", "--yes")
    assert result.exit_code == 5
    assert result.stdout.splitlines() == ["one is deleted", "two is deleted"]
    assert result.stderr.startswith("none: ")
    assert left(local) == ["three"]


def test_the_outcome_as_json(local: LocalSageMaker) -> None:
    create(local, "one")
    result = run("delete", "compilation-job", "one", "none", "--yes", "--json")
    assert result.exit_code == 5
    document = json.loads(result.stdout)
    assert document["one"] == {"error": None}
    assert "none" in document["none"]["error"] or "not" in document["none"]["error"]


def test_delete_and_wait(local: LocalSageMaker) -> None:
    create(local, "one", "two")
    result = run("delete", "compilation-job", "one", "two", "--yes", "--wait", "--quiet")
    assert (result.exit_code, sorted(result.stdout.splitlines())) == (0, ["one is deleted", "two is deleted"])
    assert left(local) == []


def test_stop_and_wait(local: LocalSageMaker) -> None:
    create(local, "one", "two", states=("INPROGRESS",))
    result = run("stop", "compilation-job", "one", "two", "--wait", "--quiet", "--query", "keys(succeeded)")
    assert (result.exit_code, json.loads(result.stdout)) == (0, ["one", "two"])
    result = run("stop", "compilation-job", "one")
    assert result.exit_code in (1, 2)  # it has stopped already


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["stop", "model", "m"], "KIND: there is no way to stop model"),
        (["delete", "user-profile", "ada", "--yes"], "argument: 'domain-id'"),
        (["delete", "compilation-jo", "x", "--yes"], "did you mean compilation-job?"),
        (["stop", "training-job", "x", "--with", "a=b"], "--with: got an unexpected keyword argument 'a'"),
    ],
)
def test_a_wrong_command_is_one_line_and_sends_nothing(local: LocalSageMaker, arguments: list[str], text: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert local.calls == {}


def test_one_access_error_ends_with_its_code(local: LocalSageMaker) -> None:
    create(local, "one")
    local.fail_next("DeleteCompilationJob", "AccessDeniedException", message="not authorized")
    assert run("delete", "compilation-job", "one", "--yes").exit_code == 6


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sagemaker_typed", *arguments]


@pytest.mark.parametrize(("answer", "code", "there"), [("y\r", 0, []), ("\r", 1, ["one"]), ("no\r", 1, ["one"])])
def test_on_a_terminal_somebody_is_asked(local: LocalSageMaker, answer: str, code: int, there: list[str]) -> None:
    create(local, "one")
    with Terminal(command("delete", "compilation-job", "one")) as terminal:
        terminal.wait_for("Delete compilation-job one? [y/N]")
        assert local.calls.get("DeleteCompilationJob", 0) == 0
        terminal.press(answer)
        assert terminal.finish() == code
        assert ("one is deleted" if code == 0 else "nothing was deleted") in terminal.text
    assert left(local) == there


def test_ctrl_c_at_the_question_deletes_nothing(local: LocalSageMaker) -> None:
    create(local, "one")
    with Terminal(command("delete", "compilation-job", "one")) as terminal:
        terminal.wait_for("[y/N]")
        terminal.press("\x03")
        assert terminal.finish() == 130
        assert "Traceback" not in terminal.text
    assert left(local) == ["one"]


def test_names_that_control_a_terminal_are_escaped(local: LocalSageMaker, tmp_path: Path) -> None:
    with Terminal(command("delete", "compilation-job", "a\x1b[2Jb")) as terminal:
        terminal.wait_for(r"a\x1b[2Jb")
        terminal.press("n\r")
        assert terminal.finish() == 1
        assert b"\x1b[2J" not in terminal.written

"""`watch`, in a terminal of 80 columns and without one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagemaker_typed.cli._board import Board, clipped, lasted
from sagemaker_typed.cli._watched import WatchedRow
from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import COMPILATION, TRAINING, run
from tests.support.terminal import Terminal

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
WATCH = [sys.executable, "-m", "sagemaker_typed", "watch"]


def row(
    name: str, status: str = "InProgress", outcome: str = "pending", reason: str = "", seconds: int = 90
) -> WatchedRow:
    ended = None if outcome == "pending" else NOW
    return WatchedRow(name, status, outcome, NOW - timedelta(seconds=seconds), ended, reason)


def board(*rows: WatchedRow) -> Board:
    made = Board("training-job", can_stop=True, has_log=True)
    made.take(rows, NOW)
    return made


def compiled(local: LocalSageMaker, name: str, *states: Any) -> None:
    local.script("compilation_job", name, list(states))
    local.boto3_client("sagemaker").create_compilation_job(**{**COMPILATION, "CompilationJobName": name})


# --- the table, without a terminal ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    rows = [row("n" * 100, "Failed", "failure", "r" * 300), row("日本" * 40, "InProgress"), row("\x1b[2J\nforged", "x")]
    lines = board(*rows).lines(width, 24, NOW)
    assert len(lines) == 24
    assert max(line.cell_len for line in lines) <= width
    assert not any(character in line.plain for line in lines for character in "\x1b\n")


def test_the_selected_row_stays_selected_and_in_sight() -> None:
    rows = [row(f"job-{number}") for number in range(50)]
    made = board(*rows)
    for _ in range(30):
        made.move(1)
    assert made.selected == rows[30]
    assert any(line.plain.startswith("> job-30 ") for line in made.lines(80, 24, NOW))
    made.take([row("new"), *rows], NOW)
    assert made.selected is not None
    assert made.selected.name == "job-30"
    made.move(1000)
    assert made.selected == rows[-1]
    made.take([], NOW)
    assert made.selected is None
    made.move(1)
    assert len(made.lines(80, 24, NOW)) == 24


def test_times() -> None:
    assert lasted(row("a", seconds=5), NOW) == "5s"
    assert lasted(row("a", seconds=250), NOW) == "4m10s"
    assert lasted(row("a", "Completed", "success", seconds=3720), NOW + timedelta(days=1)) == "1h02m"
    assert lasted(WatchedRow("a", "", "", NOW, None), NOW) == ""
    assert clipped("abcdef", 5) == "ab..."


# --- in a terminal ----------------------------------------------------------------------------------------------------


def test_a_job_fails_before_our_eyes(local: LocalSageMaker) -> None:
    compiled(local, "good", "COMPLETED")
    compiled(local, "doomed", "INPROGRESS")
    with Terminal([*WATCH, "compilation-job", "--every", "0.2s"]) as terminal:
        screen = terminal.wait_for("INPROGRESS")
        assert screen.splitlines()[0].startswith("compilation-job: 2, 1 in progress, at ")
        assert screen.splitlines()[1].split() == ["NAME", "STATUS", "TIME", "REASON"]
        assert terminal.lines[-1] == "q quit  up/down select  s stop  l log  r poll now"
        assert len(terminal.lines) == 24
        local.script("compilation_job", "doomed", [("FAILED", "ClientError: the shape is wrong")], on="now")
        terminal.wait_for("FAILED")
        terminal.wait_for("ClientError: the shape is wrong")
        terminal.press("q")
        assert terminal.finish() == 0
        assert terminal.written.endswith(b"\x1b[?1049l\x1b[?25h") or b"\x1b[?1049l" in terminal.written


def test_the_selected_one_is_stopped_after_asking(local: LocalSageMaker) -> None:
    for name in ("one", "two", "three"):
        compiled(local, name, "INPROGRESS")
    with Terminal(
        [*WATCH, "compilation-job", "--every", "0.2s", "--filter", "sort-by=Name", "--filter", "sort-order=Ascending"]
    ) as terminal:
        terminal.wait_for("> one")
        terminal.press("\x1b[B")
        terminal.wait_for("> three")
        terminal.press("j")
        terminal.wait_for("> two")
        terminal.press("s")
        terminal.wait_for("Stop two?  y yes  n no")
        terminal.press("n")
        terminal.wait_for("q quit")
        assert local.calls.get("StopCompilationJob", 0) == 0
        terminal.press("k")
        terminal.wait_for("> three")
        terminal.press("s")
        terminal.wait_for("Stop three?")
        terminal.press("y")
        terminal.wait_for("STOPPED")
        assert local.calls["StopCompilationJob"] == 1
        terminal.press("s")
        terminal.wait_for("Stop three?")
        terminal.press("y")
        terminal.wait_for("STOPPED")  # which cannot be stopped again: a message, and no end
        terminal.press("q")
        assert terminal.finish() == 0
    client = local.boto3_client("sagemaker")
    assert client.describe_compilation_job(CompilationJobName="two")["CompilationJobStatus"] == "INPROGRESS"


def test_the_log_and_back(local: LocalSageMaker) -> None:
    local.log("training_job", "run", ["epoch 1: loss 0.69"])
    local.boto3_client("sagemaker").create_training_job(**TRAINING)
    with Terminal([*WATCH, "training-job", "--every", "0.2s"]) as terminal:
        terminal.wait_for("Completed")
        terminal.press("l")
        terminal.wait_for("epoch 1: loss 0.69")
        terminal.wait_for("The log has ended; press any key to return to the table.")
        terminal.press("x")
        terminal.wait_for("q quit")
        terminal.press("\x03")
        assert terminal.finish() == 130
        assert b"Traceback" not in terminal.written


def test_ctrl_c_leaves_a_log_that_goes_on(local: LocalSageMaker) -> None:
    local.script("training_job", "run", ["InProgress/Training"])
    local.log("training_job", "run", ["epoch 1"])
    local.boto3_client("sagemaker").create_training_job(**TRAINING)
    with Terminal([*WATCH, "training-job", "--every", "0.2s"]) as terminal:
        terminal.wait_for("InProgress")
        terminal.press("l")
        terminal.wait_for("epoch 1")
        terminal.press("\x03")
        terminal.wait_for("q quit")
        terminal.press("q")
        assert terminal.finish() == 0


def test_a_failed_look_is_a_message_and_no_end(local: LocalSageMaker) -> None:
    compiled(local, "one", "INPROGRESS")
    with Terminal([*WATCH, "compilation-job", "--every", "0.2s"], AWS_MAX_ATTEMPTS="1") as terminal:
        terminal.wait_for("> one")
        local.fail_next("ListCompilationJobs", "ThrottlingException", message="Rate exceeded", times=10)
        terminal.wait_for("Rate exceeded")
        terminal.wait_for("> one")
        local.fail_next("ListCompilationJobs", "AccessDeniedException", message="not authorized")
        assert terminal.finish() == 6
        assert "not authorized" in terminal.text


def test_sigterm_puts_the_terminal_back(local: LocalSageMaker) -> None:
    compiled(local, "one", "INPROGRESS")
    with Terminal([*WATCH, "compilation-job"]) as terminal:
        terminal.wait_for("> one")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.finish() == 143
        assert b"\x1b[?1049l" in terminal.written
        assert b"\x1b[?25h" in terminal.written


def test_a_narrow_encoding(local: LocalSageMaker) -> None:
    compiled(local, "one", ("FAILED", "caf\u00e9 " * 30))
    with Terminal([*WATCH, "compilation-job", "--every", "0.2s"], PYTHONIOENCODING="ascii") as terminal:
        terminal.wait_for("caf")
        terminal.press("q")
        assert terminal.finish() == 0
        assert b"Traceback" not in terminal.written


# --- without one ------------------------------------------------------------------------------------------------------


def test_changes_are_lines(local: LocalSageMaker) -> None:
    compiled(local, "good", "INPROGRESS", "COMPLETED")
    compiled(local, "bad", ("FAILED", "no\x1b[2J\nforged"))
    result = run("watch", "compilation-job", "--every", "0.05s", "--until-done")
    assert result.exit_code == 0
    last = {line.split()[1]: line.split(None, 4)[2:] for line in result.stdout.splitlines()}
    assert last["good"][0] == "COMPLETED"
    assert last["bad"][0] == "FAILED"
    assert last["bad"][-1] == r"no\x1b[2J\nforged"


def test_changes_as_json(local: LocalSageMaker) -> None:
    compiled(local, "bad", ("FAILED", "no shape"))
    (line,) = run("watch", "compilation-job", "--until-done", "--json").stdout.splitlines()
    document = json.loads(line)
    assert (document["name"], document["status"], document["outcome"], document["reason"]) == (
        "bad",
        "FAILED",
        "failure",
        "no shape",
    )
    assert run("watch", "compilation-job", "--until-done", "--query", "name").stdout == '"bad"\n'


@pytest.mark.parametrize(
    "kind", ["model", "endpoint", "domain", "tag", "pipeline", "cluster", "experiment", "monitoring-execution"]
)
def test_other_kinds(local: LocalSageMaker, kind: str) -> None:
    result = run("watch", kind, "--until-done")
    assert result.exit_code in ((0, 2) if kind == "tag" else (0,)), result.stderr


def test_wrong_commands(local: LocalSageMaker) -> None:
    assert "--every" in run("watch", "endpoint", "--every", "0s").stderr
    assert "argument: 'pipeline-name'" in run("watch", "pipeline-execution").stderr
    assert run("watch", "endpoin").exit_code == 2
    assert local.calls == {}


def test_a_closed_pipe_ends_it(local: LocalSageMaker) -> None:
    compiled(local, "one", "INPROGRESS")
    local.script("compilation_job", "two", ["STARTING", "INPROGRESS", "COMPLETED"], every=0.5)
    compiled(local, "three", "COMPLETED")
    script = f"{' '.join(WATCH)} compilation-job --every 0.1s --lines | head -1; echo ${{PIPESTATUS[0]}}"
    with subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        while process.poll() is None:  # each change is written, until nobody reads
            name = f"more-{local.calls['CreateCompilationJob']}"
            compiled(local, name, "COMPLETED")
        assert process.stdout.read().strip() == b"141"

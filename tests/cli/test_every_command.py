"""What holds for each command: its help, its entry in the documentation, completion, and hostile names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer

from sagemaker_typed.cli._completion import complete_names, identifier_of, listed_names
from sagemaker_typed.cli._resources import groups
from sagemaker_typed.cli.app import app
from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import TRAINING, program, run
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
COMMANDS: dict[str, Any] = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
WITHOUT_JSON = {"local", "demo"}


def helped(name: str) -> list[str]:
    done = program(name, "--help", env={**os.environ, "COLUMNS": "80", "TERM": "dumb"})
    assert done.returncode == 0
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_and_shows_examples(name: str) -> None:
    lines = helped(name)
    assert max(map(len, lines)) <= 80
    at = lines.index("  Examples:")
    assert any(f"sagemaker-typed {name}" in line for line in lines[at:])


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - WITHOUT_JSON))
def test_json_and_query_are_everywhere(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--json", "--query"} <= options


def test_no_summary_of_a_command_is_cut() -> None:
    done = program("--help", env={**os.environ, "COLUMNS": "80", "TERM": "dumb"})
    summaries = done.stdout.decode().partition("Commands:")[2]
    assert [line.split()[0] for line in summaries.splitlines() if line.strip()] == list(COMMANDS)
    assert "..." not in summaries


def examples() -> Iterator[tuple[str, list[str]]]:
    for name, command in COMMANDS.items():
        text = command.help.partition("Examples:")[2].replace("\\\n", " ")
        for line in text.splitlines():
            found = re.search(r"sagemaker-typed (.*)", line)
            if found:
                lexer = shlex.shlex(found[1], posix=True, punctuation_chars="|>")
                lexer.whitespace_split = True
                yield name, list(takewhile(lambda word: word not in ("|", "||", ">"), lexer))


@pytest.mark.parametrize(("name", "arguments"), list(examples()))
def test_every_example_is_a_command_that_is_parsed(name: str, arguments: list[str]) -> None:
    """Not run: that its options exist and take what they are given."""
    command, *rest = arguments
    assert command in (name, "template", "create")
    COMMANDS[command].make_context(command, rest, resilient_parsing=False).close()


# --- the documentation ------------------------------------------------------------------------------------------------


def test_the_table_of_the_documentation_has_each_command() -> None:
    table = dict(re.findall(r"^\| `([\w-]+)[^`]*` \| (.*) \|$", PAGE, re.MULTILINE))
    assert [name for name in table if name in COMMANDS] == list(COMMANDS)


def test_every_option_that_the_documentation_names_exists() -> None:
    known = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
    known |= {"--help", "--install-completion", "--version", "--no-patterns"}
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", PAGE)) - known == set()


# --- completion -------------------------------------------------------------------------------------------------------


class _Context:
    """As much of click's context as completion reads."""

    def __init__(self, **params: Any) -> None:
        self.params = params


def test_names_complete_from_the_account(local: LocalSageMaker) -> None:
    for name in ("run-1", "run-2", "other-run"):
        local.boto3_client("sagemaker").create_training_job(**{**TRAINING, "TrainingJobName": name})
    context: Any = _Context(kind="training-job")
    assert sorted(complete_names(context, "run")) == ["run-1", "run-2"]
    assert len(complete_names(context, "")) == 3
    assert complete_names(_Context(kind="user-profil"), "") == []  # type: ignore[arg-type]
    assert complete_names(_Context(kind="pipeline-execution"), "") == []  # type: ignore[arg-type]
    local.fail_next("ListTrainingJobs", "AccessDeniedException", message="no")
    assert complete_names(context, "run") == []
    nobody: Any = _Context(kind="training-job", endpoint_url="http://127.0.0.1:9")
    assert complete_names(nobody, "") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wait training-job r", {"run-1"}),
        ("describe training-job r", {"run-1"}),
        ("delete training-job r", {"run-1"}),
        ("stop training-job x r", {"run-1"}),
        ("logs training-job r", {"run-1"}),
        ("create compil", {"compilation-job"}),
        ("template endpoint-", {"endpoint-config"}),
        ("search trai", {"training-job"}),
        ("docs CreateCompil", {"CreateCompilationJob", "CreateCompilationJobRequest", "CreateCompilationJobResponse"}),
        ("wat", {"watch"}),
    ],
)
def test_in_a_shell(local: LocalSageMaker, words: str, found: set[str]) -> None:
    local.boto3_client("sagemaker").create_training_job(**{**TRAINING, "TrainingJobName": "run-1"})
    assert run("list", "training-job").exit_code == 0  # the first answer takes longer than a shell would wait
    line = f"sagemaker-typed {words}"
    environ = {**os.environ, "_SAGEMAKER_TYPED_COMPLETE": "complete_bash", "COMP_WORDS": line}
    environ["COMP_CWORD"] = str(len(line.split()) - 1)
    script = str(Path(sys.executable).parent / "sagemaker-typed")
    done = subprocess.run([script], capture_output=True, text=True, check=False, env=environ)
    assert set(done.stdout.split()) == found, done.stderr


@pytest.mark.surface
@pytest.mark.parametrize("kind", groups())
def test_names_of_every_kind_are_found_or_none(local: LocalSageMaker, kind: str) -> None:
    """Whatever a kind's list takes and its items are called."""
    with local.client() as sm:
        assert [name for name in listed_names(sm, kind) if not isinstance(name, str)] == []
        assert identifier_of(getattr(sm, groups()[kind])) is None or identifier_of(getattr(sm, groups()[kind]))


# --- hostile names, and what a table shows ----------------------------------------------------------------------------


def test_tables_fit_a_terminal_and_cut_nothing(local: LocalSageMaker) -> None:
    name = "longest" * 9
    local.boto3_client("sagemaker").create_training_job(**{**TRAINING, "TrainingJobName": name})
    command = [sys.executable, "-m", "sagemaker_typed"]
    with Terminal([*command, "list", "training-job"]) as terminal:
        assert terminal.finish() == 0
        head = terminal.lines[0].split()
        assert head[:2] == ["TrainingJobName", "TrainingJobStatus"]
        assert name in "".join(line.split()[0] for line in terminal.lines[1:])
    with Terminal([*command, "describe", "training-job", name], lines=80) as terminal:
        assert terminal.finish() == 0
        values = "".join(line[-40:].strip() for line in terminal.lines[:8])
        assert name in "".join(values.split())
        assert "\u2026" not in terminal.text


@pytest.mark.parametrize("command", ["describe", "stop", "update", "start"])
def test_a_hostile_name_is_escaped_in_the_error(local: LocalSageMaker, command: str) -> None:
    result = run(command, "notebook-instance", "a\x1b[2J\nforged")
    assert result.exit_code in (2, 5)
    assert "\x1b" not in result.stderr
    assert result.stderr.count("\n") <= 2


def test_secrets_are_for_those_who_ask_for_the_document(local: LocalSageMaker) -> None:
    job = {**TRAINING, "Environment": {"TOKEN": "s3cr3t-token"}}
    local.boto3_client("sagemaker").create_training_job(**job)
    assert "s3cr3t-token" not in run("describe", "training-job", "run").stdout
    assert "s3cr3t-token" not in run("search", "training-job").stdout
    assert "s3cr3t-token" in run("describe", "training-job", "run", "--yaml").stdout
    assert "s3cr3t-token" in run("describe", "training-job", "run", "--json").stdout


def test_yaml_of_a_hostile_answer(local: LocalSageMaker) -> None:
    import yaml

    text = "a\x1b[2J\u202eb\x9bc: d\n- e"
    local.script("training_job", "run", [("Failed", text)])
    local.boto3_client("sagemaker").create_training_job(**TRAINING)
    assert run("wait", "training-job", "run", "--quiet").exit_code == 1
    done = program("describe", "training-job", "run", "--yaml", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert not set(done.stdout) & set(b"\x1b\x9b")
    assert yaml.safe_load(done.stdout)["FailureReason"] == text
    utf8 = program("describe", "training-job", "run", "--yaml", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert "\u202e" not in utf8.stdout.decode()
    assert yaml.safe_load(utf8.stdout)["FailureReason"] == text


@pytest.mark.parametrize("command", ["list", "describe", "wait", "create", "template", "watch"])
def test_json_and_yaml_exclude_each_other(command: str) -> None:
    if "--yaml" in {option for parameter in COMMANDS[command].params for option in parameter.opts}:
        names = ["x"] if command in ("describe", "wait") else []
        result = run(command, "training-job", *names, "--json", "--yaml")
        assert (result.exit_code, result.stderr) == (2, "--yaml: not together with --json\n")

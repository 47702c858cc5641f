"""`sagemaker-typed changes`: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.changes import compare, history
from sagemaker_typed.cli import changes as command
from sagemaker_typed.cli.app import app
from tests.changes.models import Json, changed, operation, ref, zoo
from tests.support.command_line import runner

BREAKING = changed("shapes/AskKind/enum", ["cat", "cow"])
GROWN = changed("shapes/Ask/members/Extra", ref("String"))


def run(*arguments: str | Path) -> Any:
    return runner().invoke(app, ["changes", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {"old": tmp_path / "old.json", "grown": tmp_path / "grown.json", "breaking": tmp_path / "breaking.json"}
    for path, document in zip(paths.values(), (zoo(), GROWN, BREAKING), strict=True):
        path.write_text(json.dumps(document))
    return paths


def test_the_page_is_printed_unless_another_form_is_asked_for(files: dict[str, Path]) -> None:
    found = compare(files["old"], files["grown"])
    for options, text in (
        ([], found.page() + "\n"),
        (["--format", "page"], found.page() + "\n"),
        (["--format", "json"], found.to_json() + "\n"),
        (["--format", "markdown"], found.to_markdown()),
    ):
        result = run(files["old"], files["grown"], *options)
        assert (result.exit_code, result.stdout, result.stderr) == (0, text, "")


def test_breaking_changes_fail_where_they_are_to(files: dict[str, Path]) -> None:
    assert run(files["old"], files["breaking"]).exit_code == 0
    assert run(files["old"], files["grown"], "--fail-on", "breaking").exit_code == 0
    result = run(files["old"], files["breaking"], "--fail-on", "breaking", "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "breaking: AskKind: value 'dog' removed\n")
    assert json.loads(result.stdout)["verdict"] == "breaking"


def test_another_service_of_the_installed_botocore() -> None:
    result = run("installed", "installed", "--service", "sqs")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Simple Queue Service - no new or updated api methods" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["none.json", "installed"], "there is no file none.json"),
        (["installed", "installed", "--service", "sagemake"], "did you mean sagemaker?"),
        ([], "nothing to compare: give OLD and NEW, --since VERSION, --since-bundled, or --library OLD NEW"),
        (["installed"], "NEW: nothing to compare installed with; `installed` is the library in this environment"),
        (["--library"], "--library: give OLD and NEW: a wheel, a source archive or a folder of this library"),
        (["--library", "a.whl"], "NEW: nothing to compare a.whl with"),
        (["installed", "bundled", "--since-bundled"], "--since-bundled: takes no OLD and NEW"),
        (["--since-bundled", "--service", "sqs"], "--service: --since-bundled only compares sagemaker"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], text: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "content", [b"{}", b"\x1f\x8b\x08cut", b'{"operations": {"Do": {"input": {"shape": "In"}}}, "shapes": {}}']
)
def test_what_is_no_model_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    result = run(tmp_path / "bad", "installed")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("bad is ")


@pytest.mark.parametrize("options", [["--format", "yaml"], ["--fail-on", "additions"]])
def test_a_choice_that_there_is_not(options: list[str]) -> None:
    assert run("installed", "bundled", *options).exit_code == 2


# --- what the library does not know yet -------------------------------------------------------------------------------


def test_what_the_library_was_generated_from_knows_itself() -> None:
    result = run("--since-bundled")
    assert result.exit_code == 0
    assert result.stdout.startswith("Installed: botocore ")


def test_what_is_not_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    new = changed("shapes/Kind/enum", ["cat", "dog", "cow", "ant"], start=GROWN)
    new["operations"]["Feed"] = operation("Feed")
    installed = {"bundled": zoo(), "installed": new}

    def compare_zoos(old: str, new: str, service: str) -> Any:
        return compare(installed[old], installed[new], service=service)

    monkeypatch.setattr(command, "compare", compare_zoos)
    result = run("--since-bundled")
    assert result.stdout.splitlines() == [
        "Installed: the model of Zoo. Generated from: the model of Zoo.",
        "Not known to this library yet: 1 operation, 1 member, 2 enum values.",
        "",
        "Operations",
        "  Feed",
        "",
        "Members",
        "  Ask.Extra",
        "",
        "Enum values",
        "  Kind: ant, cow",
    ]
    document: Json = json.loads(run("--since-bundled", "--format", "json").stdout)
    assert document["unknown"] == {"operations": ["Feed"], "members": ["Ask.Extra"], "values": {"Kind": ["ant", "cow"]}}
    assert document["new"] == ["Feed"]
    assert "# Zoo Service: 1 new" in run("--since-bundled", "--format", "markdown").stdout


# --- the history that came with the library ---------------------------------------------------------------------------


def test_what_changed_since_a_release() -> None:
    result = run("--since", "1.43.6")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("botocore 1.43.7 (2026-")
    assert "  breaking: RealTimeInferenceConfig.InstanceType: values removed: " in result.stdout
    document: list[Json] = json.loads(run("--since", "1.43.6", "--format", "json").stdout)
    assert [each["botocore"] for each in document] == [each.botocore for each in history("1.43.6")]
    assert document[0]["since"] == "1.43.6"
    failing = run("--since", "1.43.6", "--fail-on", "breaking")
    assert failing.exit_code == 1
    assert "breaking: 1.43.7 RealTimeInferenceConfig.InstanceType" in failing.stderr


def test_nothing_changed_since_the_newest() -> None:
    newest = history()[-1].botocore
    assert run("--since", newest).stdout == f"nothing changed after botocore {newest}\n"
    assert history()[0].date.year == 2018


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--since", "newest"], "'newest' is not a version of botocore"),
        (["--since", "1.5.0"], "and 1.5.0 is older"),
        (["--since", "9.9.0"], "and 9.9.0 is newer"),
        (["a", "b", "--since", "1.40.0"], "takes nothing but"),
        (["--since", "1.40.0", "--service", "sqs"], "takes nothing but"),
    ],
)
def test_a_history_that_there_is_not(arguments: list[str], text: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


def test_help_shows_examples() -> None:
    text = run("--help").stdout
    assert "sagemaker-typed changes --since-bundled" in text
    assert "Exit codes: 0 compared, 1 breaking" in text

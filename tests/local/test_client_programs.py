"""How `make test-clients` judges what the programs say, and that the documentation names the versions it runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.clients.run import Known, Outcome, judge, programs_there, read_known, read_outcomes, surroundings

CLIENTS = Path(__file__).parents[1] / "clients"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "programs.md"
KNOWN = Known("aio", "stream", error="(NotImplemented)", reason="not there")
ONLY_STEP = Outcome("aio", "stream", "ClientError: (NotImplemented) no")


def said(*steps: tuple[str, str | None]) -> str:
    lines = [f"STEP {json.dumps({'name': name, 'error': error})}" for name, error in steps]
    return "\n".join([f"PLAN {json.dumps([*dict(steps), 'last'])}", "some other output", *lines])


def test_what_a_program_says_is_read() -> None:
    outcomes = read_outcomes("aio", said(("one", None), ("two", "KeyError: 'x'")))
    assert outcomes == [
        Outcome("aio", "one", None),
        Outcome("aio", "two", "KeyError: 'x'"),
        Outcome("aio", "last", "it was not run to its end"),
    ]


def test_a_list_that_is_exact() -> None:
    assert judge([Outcome("aio", "one", None), ONLY_STEP], [KNOWN]) == []


@pytest.mark.parametrize(
    ("outcomes", "known", "line"),
    [
        ([ONLY_STEP], [], "NOT EXPECTED to fail: aio, stream: ClientError: (NotImplemented) no"),
        ([Outcome("aio", "stream", None)], [KNOWN], "still known to fail, and passes: aio, stream"),
        (
            [Outcome("aio", "stream", "KeyError: 'x'")],
            [KNOWN],
            "fails in another way than '(NotImplemented)': aio, stream: KeyError: 'x'",
        ),
        ([Outcome("aio", "one", None)], [KNOWN], "known to fail, and is no step: aio, stream"),
        ([], [], "no step was run"),
    ],
    ids=["new", "mended", "another error", "gone", "nothing"],
)
def test_a_list_that_is_not_exact(outcomes: list[Outcome], known: list[Known], line: str) -> None:
    assert judge(outcomes, known) == [line]


def test_each_row_that_is_known_names_a_step() -> None:
    for row in read_known((CLIENTS / "known.toml").read_text()):
        assert f'"{row.step}")' in (CLIENTS / "programs" / f"{row.program}.py").read_text(), row
        assert row.reason.endswith("."), row


def test_each_program_has_its_requirements() -> None:
    modules = {path.stem for path in (CLIENTS / "programs").glob("*.py")} - {"steps"}
    assert set(programs_there()) == modules


def test_the_page_names_what_is_run() -> None:
    pins = {
        pin
        for path in (CLIENTS / "requirements").glob("*.txt")
        for pin in re.findall("^(.+)==(.+)$", path.read_text(), re.MULTILINE)
    }
    assert {("sagemaker", "2.257.7"), ("awscli", "1.46.3")} <= pins
    rows = set(re.findall(r"^\| [^|]+ \| (\S+) (\S+) \|", PAGE.read_text(), re.MULTILINE))
    assert rows == pins


def test_nothing_of_the_callers_settings_reaches_a_program(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.com")
    environ = surroundings(local, "/nowhere")
    assert environ["AWS_ENDPOINT_URL"] == local.url
    assert environ["HOME"] == "/nowhere"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3"} & set(environ)

"""mypy --strict and pyright (strict) on scripts as users write them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
PACKAGE = Path(__file__).parents[2]
LINES = {path.name: path.read_text().splitlines() for path in sorted(CASES.glob("*.py"))}
Found = dict[tuple[str, int], list[str]]


def run(command: list[str], folder: Path) -> str:
    # pyright looks for attrs beside the first python on the PATH, whatever else it is told.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {**os.environ, "MYPYPATH": str(PACKAGE), "PYTHONPATH": str(PACKAGE), "PATH": path}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Found]:
    folder = tmp_path_factory.mktemp("mypy")
    cases = [str(CASES / name) for name in LINES]
    options = ["--strict", "--config-file=", "--no-error-summary", "--hide-error-context", "--ignore-missing-imports"]
    text = run([sys.executable, "-m", "mypy", *options, *cases], folder)
    errors: Found = {}
    revealed: Found = {}
    for name, line, kind, message in re.findall(r"(\w+\.py):(\d+): (error|note): (.*)", text):
        place = (name, int(line))
        if kind == "error":
            errors.setdefault(place, []).append(message)
        elif type_ := re.match(r'Revealed type is "(.*)"', message):
            revealed.setdefault(place, []).append(re.sub(r"\b(?:\w+\.)+(?=\w)", "", type_[1]))
    return errors, revealed


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Found]:
    folder = tmp_path_factory.mktemp("pyright")
    for name in LINES:
        shutil.copy(CASES / name, folder)
    config: dict[str, Any] = {"typeCheckingMode": "strict", "extraPaths": [str(PACKAGE)]}
    # What a script of calls would be blamed for beside its types.
    config |= {"reportUnusedExpression": "none", "reportUnusedImport": "none", "reportUnknownVariableType": "none"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    report: dict[str, Any] = json.loads(run(command, folder))
    errors: Found = {}
    revealed: Found = {}
    for each in report["generalDiagnostics"]:
        place = (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        if each["severity"] == "error":
            errors.setdefault(place, []).append(each["message"])
        elif type_ := re.match(r'Type of ".*" is "(.*)"$', each["message"], re.DOTALL):
            revealed.setdefault(place, []).append(type_[1])
    return errors, revealed


def marked(sign: str) -> dict[tuple[str, int], str]:
    return {
        (name, number): line.partition(f"# {sign}")[2].strip()
        for name, lines in LINES.items()
        for number, line in enumerate(lines, 1)
        if re.search(rf"\S.*  # {sign}\b", line)
    }


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_mistakes_are_named_and_nothing_else_is(checker: str, request: pytest.FixtureRequest) -> None:
    errors, _ = request.getfixturevalue(checker)
    assert set(errors) == set(marked("E")), errors


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_types_are_what_a_user_expects(checker: str, request: pytest.FixtureRequest) -> None:
    _, revealed = request.getfixturevalue(checker)
    assert {place: types[0] for place, types in revealed.items()} == marked("R")


def test_every_public_name_has_a_type(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"]
    command += ["--ignoreexternal", "--verifytypes", "sagemaker_typed"]
    report: dict[str, Any] = json.loads(run(command, tmp_path))["typeCompleteness"]
    unknown = [each["name"] for each in report["symbols"] if each["isExported"] and not each["isTypeKnown"]]
    assert unknown == []
    assert report["completenessScore"] == 1

"""Type checkers on scripts as users write them: each names the mistakes and nothing else, and knows the types."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
LINES = {path.name: path.read_text().splitlines() for path in sorted(CASES.glob("*.py"))}
VERSION = "3.13"
"""The first that has `copy.replace`."""
CHECKERS = ("mypy", "pyright", "basedpyright", "ty", "pyrefly", "zuban")
Found = dict[tuple[str, int], list[str]]
Result = tuple[Found, Found]
_REPLACE = (
    "Unexpected keyword argument `framework` in function "
    "`sagemaker_typed.types.compilation_jobs.InputConfig.__replace__`"
)
CANNOT = {
    "pyrefly": {
        'evolved = attrs.evolve(config, framework="ONNX")': [_REPLACE],
        'reveal_type(copy.replace(config, framework="ONNX"))  # R InputConfig': [_REPLACE],
    },
}
"""What a checker says of correct lines. Where the base is an attrs class, pyrefly makes up a `__replace__` from the fields
that the decorator makes; a decorator on each class would make mypy twice as slow (decision 8)."""
OTHER_WORDS: dict[str, dict[str, str]] = {
    "ty": {},
    "pyrefly": {
        'reveal_type(sm.feature_groups.batch_get("g", ["a", 7]).succeeded)  # R dict[str | int, FeatureRecord | None]': (
            "dict[int | str, FeatureRecord | None]"
        )
    },
    "zuban": {},
}
UNNOTICED = {"ty": {'sm.endpoints.invoke_all("e", [1], accepts="text/csv")  # E'}}
"""Mistakes that a checker does not see: ty does not compare the keywords of an unpacked TypedDict."""


def run(command: list[str], folder: Path) -> str:
    # pyright looks for attrs beside the first python on the PATH, whatever else it is told.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def of_lines(text: str, pattern: str, revealing: str) -> Result:
    """What a checker found, from a text with one finding a line: errors, and types revealed."""
    errors: Found = {}
    revealed: Found = {}
    for name, line, message in re.findall(pattern, text, re.MULTILINE):
        shown = re.search(revealing, message)
        found = revealed if shown else errors
        found.setdefault((name, int(line)), []).append(shown[1] if shown else message)
    return errors, revealed


def like_mypy(command: list[str], folder: Path, python: str) -> Result:
    options = ["--strict", f"--config-file={os.devnull}", "--no-error-summary"]
    text = run([*command, *options, "--python-version", VERSION, "--python-executable", python, *LINES], folder)
    errors, _ = of_lines(text, r"^(\w+\.py):(\d+): error: (.*)", "$^")
    _, revealed = of_lines(text, r"^(\w+\.py):(\d+): note: (Revealed .*)", r'^Revealed type is "(.*)"')
    short = {place: [re.sub(r"\b(?:\w+\.)+(?=\w)", "", each) for each in types] for place, types in revealed.items()}
    return errors, short


def like_pyright(command: list[str], folder: Path, python: str) -> Result:
    config: dict[str, Any] = {"typeCheckingMode": "strict", "pythonVersion": VERSION}
    # What a script of calls would be blamed for beside its types.
    config |= {"reportUnusedExpression": "none", "reportUnusedImport": "none", "reportUnknownVariableType": "none"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    report: dict[str, Any] = json.loads(
        run([*command, "--outputjson", "--pythonpath", python, "-p", str(folder)], folder)
    )
    (folder / "pyrightconfig.json").unlink()
    errors: Found = {}
    revealed: Found = {}
    for each in report["generalDiagnostics"]:
        place = (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        if each["severity"] == "error":
            errors.setdefault(place, []).append(each["message"])
        elif type_ := re.match(r'Type of ".*" is "(.*)"$', each["message"], re.DOTALL):
            revealed.setdefault(place, []).append(type_[1])
    return errors, revealed


def check(checker: str, folder: Path, installed: Path) -> Result:
    beside, python = Path(sys.executable).parent, str(installed / "bin" / "python")
    match checker:
        case "mypy":
            return like_mypy([sys.executable, "-m", "mypy"], folder, python)
        case "zuban":
            return like_mypy([str(beside / "zuban"), "mypy"], folder, python)
        case "pyright" | "basedpyright":
            return like_pyright([sys.executable, "-m", checker], folder, python)
        case "ty":
            options = ["--python", str(installed), "--python-version", VERSION, "--output-format", "concise"]
            command = [str(beside / "ty"), "check", *options, "--ignore", "undefined-reveal", "."]
            return of_lines(run(command, folder), r"^(\w+\.py):(\d+):\d+: (.*)", r"Revealed type: `(.*)`")
        case _:
            (folder / "pyrefly.toml").touch()
            options = ["--python-version", VERSION, "--python-interpreter-path", python, "--output-format", "min-text"]
            command = [str(beside / "pyrefly"), "check", "-c", "pyrefly.toml", *options, *LINES]
            text = "\n".join(line for line in run(command, folder).split("\n") if "[unimported-directive]" not in line)
            return of_lines(text, r"^ *(?:ERROR|INFO) (\w+\.py):(\d+):\S* (.*)", r"^revealed type: (.*) \[")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Callable[[str], Result]:
    @cache
    def found(checker: str) -> Result:
        folder = tmp_path_factory.mktemp(checker)
        for name in LINES:
            shutil.copy(CASES / name, folder)
        return check(checker, folder, installed)

    return found


def marked(sign: str) -> dict[tuple[str, int], str]:
    return {
        (name, number): line.partition(f"# {sign}")[2].strip()
        for name, lines in LINES.items()
        for number, line in enumerate(lines, 1)
        if re.search(rf"\S.*  # {sign}\b", line)
    }


@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_named_and_nothing_else_is(checker: str, results: Callable[[str], Result]) -> None:
    errors, _ = results(checker)
    cannot = {place: texts for place, texts in errors.items() if place not in marked("E")}
    unnoticed = {LINES[name][line - 1].strip() for name, line in set(marked("E")) - set(errors)}
    assert unnoticed == UNNOTICED.get(checker, set()), errors
    said = {
        LINES[name][line - 1].strip(): [re.sub(r" \[.*", "", each) for each in texts]
        for (name, line), texts in cannot.items()
    }
    assert said == CANNOT.get(checker, {})


@pytest.mark.parametrize("checker", ["mypy", "pyright", "basedpyright"])
def test_types_are_what_a_user_expects(checker: str, results: Callable[[str], Result]) -> None:
    _, revealed = results(checker)
    assert {place: types[0] for place, types in revealed.items()} == marked("R")


@pytest.mark.parametrize("checker", ["ty", "pyrefly", "zuban"])
def test_the_other_checkers_know_the_types_as_well(checker: str, results: Callable[[str], Result]) -> None:
    """They write some types in other words; each such line is listed."""
    _, revealed = results(checker)
    other = {place: types[0] for place, types in revealed.items() if types[0] != marked("R").get(place)}
    assert revealed.keys() == marked("R").keys()
    assert {LINES[name][line - 1].strip(): type_ for (name, line), type_ in other.items()} == OTHER_WORDS[checker]


def test_every_public_name_has_a_type(tmp_path: Path, installed: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--pythonpath", str(installed / "bin" / "python"), "--outputjson"]
    command += ["--ignoreexternal", "--verifytypes", "sagemaker_typed"]
    report: dict[str, Any] = json.loads(run(command, tmp_path))["typeCompleteness"]
    unknown = [each["name"] for each in report["symbols"] if each["isExported"] and not each["isTypeKnown"]]
    assert unknown == []
    assert report["completenessScore"] == 1

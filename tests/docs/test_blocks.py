"""The Python blocks of the README and of the documentation pass mypy --strict and pyright (strict)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import Script, scripts

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "docs" / "_ext"
"""Modules of the documentation that its examples import."""
EXECUTED_ONLY = {
    "docs/how-to/threads-and-processes.md": "joblib, Ray, Dask and Spark are not installed",
}
"""Pages with blocks that are shown and not run, and that a checker cannot read, and why."""
SCRIPTS = {each.name: each for each in scripts(ROOT, EXECUTED_ONLY)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("blocks")
    for name, each in SCRIPTS.items():
        (made / name).write_text(each.text, encoding="utf-8")
    return made


def run(command: list[str], folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "MYPYPATH": f"{ROOT}{os.pathsep}{HELPERS}"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def placed(script: str, line: int, message: str) -> str:
    each: Script = SCRIPTS[script]
    return f"{each.page}:{line}: {message} | {each.text.splitlines()[line - 1].strip()}"


def test_every_page_with_blocks_is_read_and_no_generated_one() -> None:
    assert EXECUTED_ONLY.keys() <= {each.page for each in SCRIPTS.values()}
    assert len(SCRIPTS) == len(scripts(ROOT)) >= 28  # no name means two scripts
    assert {"compiling.py", "conftest.py", "README_page.py"} <= SCRIPTS.keys()
    assert not [each.page for each in SCRIPTS.values() if "generated" in each.page]


def test_mypy_finds_nothing(folder: Path) -> None:
    # A block may use a name again for something else, as a session in an interpreter does.
    options = ["--strict", f"--config-file={os.devnull}", "--no-error-summary", "--allow-redefinition"]
    options += ["--disable-error-code=import-untyped", "--untyped-calls-exclude=opentelemetry"]  # not ours
    text = run([sys.executable, "-m", "mypy", *options, *SCRIPTS], folder)
    found = re.findall(r"^(\w+\.py):(\d+): error: (.*)", text, re.MULTILINE)
    assert [placed(script, int(line), message) for script, line, message in found] == []


def test_pyright_finds_nothing(folder: Path) -> None:
    config: dict[str, Any] = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT), str(HELPERS)]}
    config |= dict.fromkeys(FROM_BOTO3, "none")
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    found = [each for each in json.loads(run(command, folder))["generalDiagnostics"] if each["severity"] == "error"]
    assert [
        placed(Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"]) for each in found
    ] == []


FROM_BOTO3 = (
    "reportMissingTypeStubs",
    "reportUnknownArgumentType",
    "reportUnknownMemberType",
    "reportUnknownVariableType",
    "reportDuplicateImport",
    "reportUnusedImport",
)
"""What strict pyright says wherever a value comes from boto3, botocore or moto, which have no types; and of imports that stand
in a block for those below it, or twice on a page."""

"""Run real programs against LocalSageMaker, each in a process and a virtual environment of its own: `make test-clients`.

A program is a module of `programs/`. It is led to LocalSageMaker by environment variables and nothing else, and prints a
line for each of its steps. Each step that fails must be in `known.toml`, with the reason, and each that is there must
fail, in the way that it says.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sagemaker_typed.testing import LocalSageMaker

_HERE = Path(__file__).parent
_PROGRAMS = _HERE / "programs"
_REQUIREMENTS = _HERE / "requirements"
_SECONDS = 900
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that does not answer: what a program sends elsewhere than to LocalSageMaker fails at once."""


@dataclass(frozen=True)
class Outcome:
    program: str
    step: str
    error: str | None
    """What the step failed with, or None."""


@dataclass(frozen=True)
class Known:
    """A step that is known to fail."""

    program: str
    step: str
    error: str
    """A text that stands in the error."""
    reason: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", type=Path, help="the folder with a virtual environment for each program")
    parser.add_argument("programs", nargs="*", help="which programs, or all")
    parser.add_argument("--verbose", action="store_true", help="show what the programs print")
    given = parser.parse_args(arguments)
    programs = given.programs or programs_there()
    known = [row for row in read_known((_HERE / "known.toml").read_text()) if row.program in programs]
    unexpected: list[str] = []
    for program in programs:
        outcomes = run(program, given.environments, verbose=given.verbose)
        failed = sum(outcome.error is not None for outcome in outcomes)
        print(f"{versions(program)}: {len(outcomes) - failed} steps pass, {failed} fail", flush=True)
        unexpected += judge(outcomes, [row for row in known if row.program == program])
    for row in known:
        print(f"known to fail: {row.program}, {row.step}: {row.reason}")
    for line in unexpected:
        print(line)
    return int(bool(unexpected))


def programs_there() -> list[str]:
    return sorted(path.stem for path in _REQUIREMENTS.glob("*.txt") if not path.stem.endswith(".alone"))


def versions(program: str) -> str:
    """The pins, as they stand in the requirements."""
    lines = [line for path in sorted(_REQUIREMENTS.glob(f"{program}.*")) for line in path.read_text().splitlines()]
    return ", ".join(line for line in lines if "==" in line)


def read_known(text: str) -> list[Known]:
    rows: list[Known] = []
    for entry in tomllib.loads(text).get("known", []):
        rows += [Known(entry["program"], step, entry["error"], entry["reason"]) for step in entry["steps"]]
    return rows


def run(program: str, environments: Path, *, verbose: bool = False) -> list[Outcome]:
    python = (environments / program / "bin" / "python").absolute()
    with LocalSageMaker(every=0.1) as local, tempfile.TemporaryDirectory() as home:
        prepare(local)
        process = subprocess.run(
            [str(python), str(_PROGRAMS / f"{program}.py")],
            cwd=home,
            env=surroundings(local, home),
            check=False,
            timeout=_SECONDS,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    if verbose:
        print(process.stdout)
    outcomes = read_outcomes(program, process.stdout)
    if process.returncode:
        last = (process.stdout.strip().splitlines() or ["nothing printed"])[-1]
        outcomes.append(Outcome(program, "the program itself", f"exit {process.returncode}: {last}"))
    return outcomes


def prepare(local: LocalSageMaker) -> None:
    """What goes wrong there: the programs have no other way to say so."""
    failure = "AlgorithmError: the loss is not a number"
    local.script("training_job", "*failing*", ["InProgress", ("Failed", failure)])
    local.script("training_job", "fit-analytics", metrics={"validation:auc": 0.93})
    local.script("pipeline_step", "failing/Train", ["Executing", ("Failed", failure)])
    for kind in ("training_job", "processing_job", "transform_job", "auto_ml_job"):
        local.script(kind, "*slow*", ["InProgress"])  # until it is stopped
    local.script("compilation_job", "*slow*", ["INPROGRESS"])
    local.answer("endpoint", "mlflow-*", lambda invocation: {"predictions": [0.5]})
    local.script("processing_job", "*failing*", ["InProgress", ("Failed", failure)])


def surroundings(local: LocalSageMaker, home: str) -> dict[str, str]:
    """Nothing of the caller's AWS settings reaches a program, its home is empty, and its way out is a closed port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    out = dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"], _NOWHERE)
    direct = dict.fromkeys(["NO_PROXY", "no_proxy"], "127.0.0.1")
    return {**kept, **out, **direct, "HOME": home, **local.environment()}


def read_outcomes(program: str, output: str) -> list[Outcome]:
    """What the program said of its steps. One that it had planned and said nothing of has failed."""
    planned: dict[str, str | None] = {}
    for line in output.splitlines():
        if line.startswith("PLAN "):
            planned = dict.fromkeys(json.loads(line.removeprefix("PLAN ")), "it was not run to its end")
        elif line.startswith("STEP "):
            said = json.loads(line.removeprefix("STEP "))
            planned[said["name"]] = said["error"]
    return [Outcome(program, name, error) for name, error in planned.items()]


def judge(outcomes: Sequence[Outcome], known: Sequence[Known]) -> list[str]:
    """What is not as `known` has it, a line for each."""
    rows = {row.step: row for row in known}
    ran = {outcome.step for outcome in outcomes}
    lines: list[str] = []
    for outcome in outcomes:
        row = rows.get(outcome.step)
        where = f"{outcome.program}, {outcome.step}"
        if outcome.error is not None and row is None:
            lines.append(f"NOT EXPECTED to fail: {where}: {outcome.error}")
        elif outcome.error is not None and row is not None and row.error not in outcome.error:
            lines.append(f"fails in another way than {row.error!r}: {where}: {outcome.error}")
        elif outcome.error is None and row is not None:
            lines.append(f"still known to fail, and passes: {where}")
    lines += [f"known to fail, and is no step: {row.program}, {row.step}" for row in known if row.step not in ran]
    return lines if ran else [*lines, "no step was run"]


if __name__ == "__main__":
    sys.exit(main())

"""The examples in docstrings: each runs against the embedded SageMaker, and all pass the type checkers."""

from __future__ import annotations

import builtins
import inspect
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker, fast_forward

ROOT = Path(__file__).parents[2]
EXAMPLES: dict[str, dict[str, Any]] = tomllib.loads(
    (ROOT / "sagemaker_typed/codegen/overlay/examples.toml").read_text(encoding="utf-8")
)
PACKAGES = ("sagemaker_typed.types", "sagemaker_typed.services.featurestore")
"""Where the classes of examples come from, in the order in which they are looked for."""
GIVEN = {
    "role": "arn:aws:iam::123456789012:role/SageMaker",
    "image": "123456789012.dkr.ecr.us-west-2.amazonaws.com/train:1",
}


@pytest.fixture
def sm() -> Iterator[SageMaker]:
    with LocalSageMaker(clock=fast_forward(), every=60) as local:
        s3 = local.boto3_client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        for key in ("model.tar.gz", "train/a.csv", "in/a.csv"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"1,2")
        yield local.client()


def steps(path: str) -> list[str]:
    """What runs for an example: what it needs, each once, then itself."""
    found: list[str] = []
    for needed in EXAMPLES[path].get("needs", ()):
        found += [step for step in steps(needed) if step not in found]
    return [*found, EXAMPLES[path].get("before", ""), EXAMPLES[path]["code"]]


def homes(code: str) -> dict[str, str]:
    """The classes that a piece of code makes, each with its package."""
    names = set(re.findall(r"\b([A-Z]\w+)\(", code))
    indexes = {package: import_module(f"{package}._index").HOMES for package in PACKAGES}
    found = {name: next((each for each in PACKAGES if name in indexes[each]), "") for name in names}
    return {name: package for name, package in found.items() if package}


@pytest.mark.parametrize("path", EXAMPLES)
def test_it_runs(path: str, sm: SageMaker) -> None:
    code = "\n".join(steps(path))
    shown: list[tuple[Any, ...]] = []
    scope: dict[str, Any] = {"sm": sm, **GIVEN, "print": lambda *values: shown.append(values)}
    scope |= {name: getattr(import_module(package), name) for name, package in homes(code).items()}
    exec(compile(code, path, "exec"), scope)
    # What is printed is there: an example that shows None teaches nothing.
    for values in shown:
        assert [value for value in values if value is not None], path


def test_the_docstrings_have_them(sm: SageMaker) -> None:
    for path, example in EXAMPLES.items():
        said = inspect.getdoc(attrgetter(path)(sm)) or ""
        assert textwrap.indent(example["code"].strip(), "    ") in said, path


def test_there_are_enough() -> None:
    assert len(EXAMPLES) >= 60
    for path, example in EXAMPLES.items():
        # One call, and what is done with its result.
        assert len(compile(example["code"], path, "exec", flags=0x400).body) <= 3, path  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All examples, a function each."""
    assert not {name for name in GIVEN if hasattr(builtins, name)}
    lines = ["from sagemaker_typed import SageMaker"]
    by_package: dict[str, set[str]] = {package: set() for package in PACKAGES}
    functions: list[str] = []
    for number, path in enumerate(EXAMPLES):
        code = "\n".join([EXAMPLES[path].get("before", ""), EXAMPLES[path]["code"]])
        for name, package in homes(code).items():
            by_package[package].add(name)
        head = f"def example_{number}(sm: SageMaker, role: str, image: str) -> None:"
        functions.append(f"{head}  # {path}\n{textwrap.indent(code, '    ')}")
    lines += [f"from {package} import {', '.join(sorted(names))}" for package, names in by_package.items()]
    target = tmp_path_factory.mktemp("examples") / "examples.py"
    target.write_text("\n\n".join(["\n".join(lines), *functions]) + "\n", encoding="utf-8")
    return target


def test_mypy_passes(script: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--ignore-missing-imports", str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyright_passes(script: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(script)]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

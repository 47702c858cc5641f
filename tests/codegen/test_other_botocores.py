"""The generator on other versions of botocore than the one that the repository is generated from.

`CODEGEN_BOTOCORES` names the versions, separated by spaces; "newest" is what pip finds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.read import BotocoreModel
from tests.codegen.runs import GENERATED, PACKAGE, ROOT, copy_of_the_package

VERSIONS = os.environ.get("CODEGEN_BOTOCORES", "1.36.0 newest").split()
# As it is before the tests' own fixtures take proxies away: pip may need one.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}

# Runs below the copy: imports all that was generated, and sends every operation's values through it and back.
ROUND_TRIPS = """
import importlib, pkgutil
from botocore.loaders import create_loader
from botocore.model import ServiceModel
import sagemaker_typed.resources, sagemaker_typed.types as types
from sagemaker_typed import from_boto3, to_boto3
from tests.support import samples

for package in (sagemaker_typed.resources, types):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)

model = ServiceModel(create_loader().load_service_model("sagemaker", "service-2"), "sagemaker")
sm = sagemaker_typed.SageMaker(client=object())
count = 0
for name in model.operation_names:
    operation = model.operation_model(name)
    for shape in (operation.input_shape, operation.output_shape):
        for variant in range(samples.union_variants(shape) if shape is not None else 0):
            value = samples.fill(shape, variant=variant)
            typed = from_boto3(getattr(types, shape.name), value)
            assert not typed.unknown_members, shape.name
            assert to_boto3(typed) == value, shape.name
            count += 1
assert len(dir(sm.api)) == len(model.operation_names)
for method in dir(sm.api):
    assert callable(getattr(sm.api, method))
print(count, "round trips")
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[1:4]}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_another_botocore(tmp_path: Path, version: str) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = ["botocore", "boto3"] if version == "newest" else [f"botocore=={version}", f"boto3=={version}"]
    ruff = run(sys.executable, "-c", "from importlib.metadata import version; print(version('ruff'))", cwd=tmp_path)
    run(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        *wanted, "attrs", "cattrs", "packaging", "tenacity", f"ruff=={ruff.strip()}", cwd=tmp_path,
    )  # fmt: skip

    # The generator stands in one copy, as committed; what it makes goes into another, which has nothing generated.
    tools, made = tmp_path / "tools", tmp_path / "made"
    copy_of_the_package(tools)
    package = copy_of_the_package(made, without=(*GENERATED, "codegen"))
    said = run(python, "-m", "sagemaker_typed.codegen", "--out", package, cwd=tools)
    installed = run(python, "-c", "import botocore; print(botocore.__version__)", cwd=tools).strip()
    assert version in (installed, "newest")
    assert f"files from botocore {installed}: " in said

    # The embedded SageMaker draws the values to send through it; without its front, which needs more than is installed.
    shutil.copytree(PACKAGE / "testing", package / "testing", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "testing/__init__.py").write_text("")
    (made / "tests").mkdir()
    shutil.copytree(ROOT / "tests/support", made / "tests/support", ignore=shutil.ignore_patterns("__pycache__"))
    said = run(python, "-W", "error", "-c", ROUND_TRIPS, cwd=made)
    assert int(said.split()[0]) > 600


def test_an_operation_keeps_its_place_when_it_is_the_only_one_of_its_group(
    model: BotocoreModel, overlay: Overlay, plan: Plan
) -> None:
    """An older model has fewer verbs for a noun; the group of an operation must not hang on how many there are."""
    for operation in plan.operations:
        name = operation.name
        reached = model.reach(model.input(name)) | model.reach(model.output(name))
        shapes = {shape: model.shape(shape) for shape in reached}
        (alone,) = build(replace(model, operations={name: model.operations[name]}, shapes=shapes), overlay).operations
        assert (alone.group, alone.verb) == (operation.group, operation.verb)

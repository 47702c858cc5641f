"""The package as users install it: checkers and editors read an installed package in another way than a checkout."""

from __future__ import annotations

import shutil
import sysconfig
import venv
from pathlib import Path

import pytest

from sagemaker_typed.codegen.faces import faces
from sagemaker_typed.codegen.lean import leaner

PACKAGE = Path(__file__).parents[2] / "sagemaker_typed"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with what the wheel has, and the packages of this one."""
    environment = tmp_path_factory.mktemp("installed")
    venv.create(environment, with_pip=False)
    paths = sysconfig.get_paths(vars={"base": str(environment), "platbase": str(environment)})
    packages = Path(paths["purelib"])
    ignored = shutil.ignore_patterns("__pycache__", "codegen")
    shutil.copytree(PACKAGE, packages / PACKAGE.name, ignore=ignored)
    for path, text in {**faces(PACKAGE), **leaner(PACKAGE)}.items():
        (packages / PACKAGE.name / path).write_text(text, encoding="utf-8")
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return environment

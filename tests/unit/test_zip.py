"""The library imported from a zip file, as from a zipapp or PySpark's `--py-files`: its data is not in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sagemaker_typed"

CALLS = """
import sagemaker_typed
assert sagemaker_typed.__file__.startswith(ZIP), sagemaker_typed.__file__
from sagemaker_typed import errors, types
from sagemaker_typed.testing import LocalSageMaker

with LocalSageMaker() as local, local.client() as sm:
    sm.compilation_jobs.create(
        "job", role_arn="arn:aws:iam::123456789012:role/R",
        input_config=types.InputConfig(s3_uri="s3://b/m.tar.gz", framework="PYTORCH", data_input_config="{}"),
        output_config=types.OutputConfig(s3_output_location="s3://b/out", target_device="ml_c5"),
        stopping_condition=types.StoppingCondition(max_runtime_in_seconds=900),
    )
    print(sm.compilation_jobs.describe("job").compilation_job_name)
    print([each.compilation_job_name for each in sm.compilation_jobs.list()])
    print(sm.boto3_client.describe_compilation_job(CompilationJobName="job")["CompilationJobName"])
    try:
        sm.runtime.invoke_endpoint("nope", body=b"{}")
    except errors.ApiError as error:
        print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "sagemaker_typed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for each in sorted(PACKAGE.rglob("*")):
            name = each.relative_to(PACKAGE.parent)
            if each.is_file() and "codegen" not in name.parts and each.suffix != ".pyc":
                archive.write(each, name)
    return path


def run(packed: Path, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**environment, "PYTHONPATH": str(packed), "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "200"},
        cwd=packed.parent,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_clients_and_the_embedded_service(packed: Path) -> None:
    shown = run(packed, "-c", f"ZIP = {str(packed)!r}\n{CALLS}")
    assert shown.splitlines() == ["job", "['job']", "job", "ResourceNotFoundError"]


def test_the_demo(packed: Path) -> None:
    shown = run(packed, "-m", "sagemaker_typed", "demo")
    size = (PACKAGE / "cli" / "iris.h5").stat().st_size
    assert f"iris.h5 ({size:,} bytes) -> s3://" in shown
    assert "12 jobs in 3 pages" in shown


def test_comparisons(packed: Path) -> None:
    assert "compatible: " in run(packed, "-m", "sagemaker_typed", "changes", "--since", "1.44.0")
    assert "api methods" in run(packed, "-m", "sagemaker_typed", "changes", "bundled", "installed")


def test_no_module_looks_for_data_beside_its_file() -> None:
    """`Path(__file__)` leads nowhere in a zip file. What remains asks where code of other libraries is."""
    known = {"aiolines.py", "direct.py", "guard.py", "listeners.py"}
    found = {
        each.name
        for each in PACKAGE.rglob("*.py")
        if "codegen" not in each.parts and "__file__" in each.read_text(encoding="utf-8")
    }
    assert found <= known

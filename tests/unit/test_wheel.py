"""The wheel: small, without the generator, and enough for an empty virtual environment."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
import sagemaker_typed
assert not {"boto3", "botocore", "attr", "cattrs"} & set(sys.modules)
from sagemaker_typed import SageMaker, errors, types
sm = SageMaker(region="us-west-2")
assert "create_compilation_job" in sm.boto3_client.meta.method_to_api_mapping
try:
    sm.compilation_jobs.describe("job")
except errors.CredentialsError as error:
    print(error)
"""


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "build", "--outdir", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 2_500_000
    assert list(tmp_path.glob("*.tar.gz"))
    names = zipfile.ZipFile(wheel).namelist()
    assert "sagemaker_typed/py.typed" in names
    assert not [name for name in names if name.startswith(("sagemaker_typed/codegen", "tests", "docs"))]
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    done = subprocess.run([python, "-c", SCRIPT], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "Unable to locate credentials\n"

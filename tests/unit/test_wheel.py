"""The wheel: small, without the generator, and enough for an empty virtual environment."""

from __future__ import annotations

import hashlib
import os
import shutil
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
    assert wheel.stat().st_size < 3_000_000
    assert list(tmp_path.glob("*.tar.gz"))
    names = zipfile.ZipFile(wheel).namelist()
    assert "sagemaker_typed/py.typed" in names
    assert not [name for name in names if name.startswith(("sagemaker_typed/codegen", "tests", "docs"))]
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    done = subprocess.run([python, "-c", SCRIPT], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "Unable to locate credentials\n"


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """From another folder, with other times and permissions of the files, another time zone and another seed."""
    copy = tmp_path / "elsewhere" / "deeper"
    ignored = shutil.ignore_patterns(".git", ".venv*", ".cache", ".*_cache", "__pycache__", "_build", "dist", "build")
    shutil.copytree(ROOT, copy, ignore=ignored, copy_function=shutil.copyfile)
    shutil.copyfile(ROOT / ".gitignore", copy / ".gitignore")
    for path in copy.rglob("*"):
        # git keeps whether a file is a program, and so does the source distribution.
        path.chmod(0o700 if path.is_dir() or os.access(ROOT / path.relative_to(copy), os.X_OK) else 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    def built(root: Path, name: str, **more: str) -> dict[str, str]:
        out = tmp_path / name
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **more}
        command = [sys.executable, "-m", "build", "--outdir", str(out), str(root)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}

    first = built(ROOT, "first", TZ="UTC", PYTHONHASHSEED="1")
    assert len(first) == 2
    assert built(copy, "second", TZ="Asia/Tokyo", PYTHONHASHSEED="2") == first
    (wheel,) = (tmp_path / "first").glob("*.whl")
    # 1700000000 is 2023-11-14T22:13:20Z
    assert {member.date_time for member in zipfile.ZipFile(wheel).infolist()} == {(2023, 11, 14, 22, 13, 20)}

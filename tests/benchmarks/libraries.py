"""The libraries, and the venvs that `make bench` and `make bench-peers` put them in."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.benchmarks.measure import ROOT, Library

BENCH = str(ROOT / ".venv-bench" / "bin" / "python")
BASELINE = Library("boto3", BENCH, "import boto3")
OURS = Library("sagemaker_typed", BENCH, "import sagemaker_typed")


def _peer(name: str, package: str, imports: str) -> Library:
    return Library(name, str(ROOT / f".venv-peer-{package}" / "bin" / "python"), imports)


PEERS = (
    _peer("capo", "capo-sagemaker", "import capo_sagemaker"),
    _peer("sagemaker-core", "sagemaker-core", "from sagemaker.core.resources import CompilationJob"),
    _peer("boto3-stubs", "boto3-stubs", "import boto3; from mypy_boto3_sagemaker import SageMakerClient"),
)


def environment(pairs: int) -> dict[str, Any]:
    """What the figures were taken with."""
    asked = """
import json, platform
from importlib.metadata import version, PackageNotFoundError
def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
names = "boto3", "botocore", "attrs", "cattrs", "orjson"
print(json.dumps({"Python": platform.python_version(), **{name: installed(name) for name in names}}))
"""
    told = subprocess.run([BENCH, "-I", "-c", asked], capture_output=True, text=True, check=True).stdout
    return {**json.loads(told), "cores": os.cpu_count(), "pairs": pairs}

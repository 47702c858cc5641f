"""The libraries, and the venvs that `make bench` and `make bench-peers` put them in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.measure import ROOT, Library

BENCH = str(ROOT / ".venv-bench" / "bin" / "python")
BASELINE = Library("boto3", BENCH, "import boto3")
OURS = Library("sagemaker_typed", BENCH, "import sagemaker_typed")


_PACKAGES = {"capo": "capo-sagemaker", "sagemaker-core": "sagemaker-core", "boto3-stubs": "boto3-stubs"}


def _peer(name: str, imports: str) -> Library:
    return Library(name, str(ROOT / f".venv-peer-{_PACKAGES[name]}" / "bin" / "python"), imports)


PEERS = (
    _peer("capo", "import capo_sagemaker"),
    _peer("sagemaker-core", "from sagemaker.core.resources import CompilationJob"),
    _peer("boto3-stubs", "import boto3; from mypy_boto3_sagemaker import SageMakerClient"),
)


def environment(pairs: int, libraries: Sequence[Library]) -> dict[str, Any]:
    """What the figures were taken with. What is not installed is None."""
    about = {"Python": _asked(BENCH, "platform.python_version()")}
    about |= {name: _version(BENCH, name) for name in ("boto3", "botocore", "attrs", "cattrs", "orjson")}
    about |= {_PACKAGES[peer.name]: _version(peer.python, _PACKAGES[peer.name]) for peer in PEERS if peer in libraries}
    return {**about, "cores": os.cpu_count(), "pairs": pairs}


def _version(python: str, package: str) -> Any:
    return _asked(python, f"next((each.version for each in metadata.distributions(name={package!r})), None)")


def _asked(python: str, expression: str) -> Any:
    script = f"import json, platform; from importlib import metadata; print(json.dumps({expression}))"
    return json.loads(subprocess.run([python, "-I", "-c", script], capture_output=True, text=True, check=True).stdout)

"""The Python blocks of README.md run, in order, as a reader would type them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed._core.version import __version__
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.types import InputConfig, OutputConfig, StoppingCondition
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock

README = Path(__file__).parents[2] / "README.md"
EXTENSIONS = README.parent / "docs" / "_ext"
_BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
_S3_URI = re.compile(r"s3://(?P<bucket>[\w.-]+)/(?P<key>[\w./-]*)")


def blocks(text: str) -> list[str]:
    """Each block, with as many empty lines before it as bring a traceback to the right line of the README."""
    return ["\n" * text[: match.start("code")].count("\n") + match["code"] for match in _BLOCK.finditer(text)]


def run(path: Path) -> dict[str, Any]:
    """Run every block in one namespace, and close the clients that they made."""
    namespace: dict[str, Any] = {"__name__": "readme"}
    try:
        for block in blocks(path.read_text(encoding="utf-8")):
            exec(compile(block, str(path), "exec"), namespace)
    finally:
        for value in namespace.values():
            if isinstance(value, SageMaker):
                value.close()
    return namespace


def fill_s3(local: LocalSageMaker, text: str) -> None:
    """Make the buckets and the objects that a text speaks of."""
    s3 = local.boto3_client("s3")
    uris = list(_S3_URI.finditer(text))
    for bucket in {uri["bucket"] for uri in uris}:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": local.region})
    for uri in uris:
        if uri["key"] and not uri["key"].endswith("/"):
            s3.put_object(Bucket=uri["bucket"], Key=uri["key"], Body=b"model")


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSageMaker]:
    """An embedded SageMaker where boto3 looks for SageMaker, on a clock that a wait moves instead of sleeping."""
    clock = HandClock()
    hand = Clock(now=clock, sleep=clock.forward, uniform=lambda low, high: high)
    monkeypatch.setattr("sagemaker_typed.client.SYSTEM_CLOCK", hand)
    with LocalSageMaker(clock=clock) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "LOCALSAGEMAKER000000")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local-sagemaker")
        monkeypatch.setenv("AWS_DEFAULT_REGION", running.region)
        yield running


def test_readme(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    text = README.read_text(encoding="utf-8")
    fill_s3(local, text)
    local.script("compilation_job", "resnet-c5", ["COMPLETED"])
    local.client().compilation_jobs.create(
        "resnet-c5",
        role_arn="arn:aws:iam::123456789012:role/SageMaker",
        input_config=InputConfig(s3_uri="s3://models/resnet/model.tar.gz", framework="ONNX", data_input_config="[1]"),
        output_config=OutputConfig(s3_output_location="s3://models/compiled/", target_device="ml_c5"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
    )
    namespace = run(README)
    assert local.calls["CreateCompilationJob"] == 2
    # The two blocks at the top do the same.
    assert (
        namespace["job"].model_artifacts.s3_model_artifacts == namespace["answer"]["ModelArtifacts"]["S3ModelArtifacts"]
    )
    local.stop()  # a test that the README shows starts one of its own, and only one can run
    for name, value in namespace.items():
        if name.startswith("test_") and callable(value):
            value()


def test_the_block_at_the_top_has_eight_lines() -> None:
    first = blocks(README.read_text(encoding="utf-8"))[0]
    assert len(first.strip().splitlines()) == 8


def test_it_is_read_in_three_minutes() -> None:
    text = README.read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```|<!--.*?<!--|\(\S+\)|^\|.*$", "", text, flags=re.DOTALL | re.MULTILINE)
    code = sum(len(block.strip().splitlines()) for block in blocks(text))
    # 200 words a minute, and a second for a line of code, which is not read but looked at.
    assert len(prose.split()) / 200 * 60 + code <= 180


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"\]\((?!\w+:|#)([^)]+)\)", README.read_text(encoding="utf-8"))))
)
def test_its_links_lead_to_files(path: str) -> None:
    assert (README.parent / path).is_file()


def test_its_table_shows_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXTENSIONS)
    bench = json.loads((README.parent / "docs" / "_data" / "bench.json").read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    assert import_module("readme").written(text, bench) == text, "run python docs/_ext/readme.py"
    first = next(row for row in bench["rows"] if row["name"] == "list")["libraries"]
    assert f"| **{first['sagemaker_typed']['ratio']:.2f}** | {first['boto3-stubs']['ratio']:.2f} |" in text
    with pytest.raises(ValueError, match=r"README\.md has no line"):
        import_module("readme").written("# Title", bench)


# --- outside the repository -------------------------------------------------------------------------------------------


def test_a_package_shows_links_to_the_repository() -> None:
    project: dict[str, Any] = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = project["urls"]["Repository"]
    command = (
        "from hatchling.metadata.core import ProjectMetadata; from hatchling.plugin.manager import PluginManager; "
    )
    command += "print(ProjectMetadata('.', PluginManager()).core.readme)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=README.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    links = re.findall(r"\]\(([^)]+)\)", done.stdout)
    assert len(links) > 10
    assert [link for link in links if not link.startswith(("https:", "http:"))] == []
    version = __version__
    assert f"{address}/blob/v{version}/docs/tutorial.md" in links
    assert f"{address}/raw/v{version}/docs/_static/wait.svg" in links


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("[a](docs/b.md)", "[a](https://h/r/blob/v1/docs/b.md)"),
        ("![a](c.svg)", "![a](https://h/r/raw/v1/c.svg)"),
        ("[a](docs/b.md#c)", "[a](https://h/r/blob/v1/docs/b.md#c)"),
        ("[a](https://x/y)", "[a](https://x/y)"),
        ("[a](#b)", "[a](#b)"),
        ("a[0](b c)", "a[0](b c)"),
    ],
)
def test_paths_become_addresses(text: str, whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXTENSIONS)
    assert import_module("build_readme").with_addresses(text, "https://h/r/", "1") == whole


def test_a_block_that_fails_is_shown_at_its_line(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(
        "# Title\n\n```python\na = 1\n```\n\n```console\nno python\n```\n\n```python\nb = a + 1\nassert b == 3\n```\n"
    )
    with pytest.raises(AssertionError) as caught:
        run(readme)
    assert caught.traceback[-1].lineno + 1 == 13

"""The Python blocks of README.md run, in order, as a reader would type them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock

README = Path(__file__).parents[2] / "README.md"
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


def test_readme(local: LocalSageMaker) -> None:
    fill_s3(local, README.read_text(encoding="utf-8"))
    namespace = run(README)
    assert local.calls["CreateCompilationJob"], "the README creates no compilation job"
    local.stop()  # a test that the README shows starts one of its own, and only one can run
    for name, value in namespace.items():
        if name.startswith("test_") and callable(value):
            value()


def test_a_block_that_fails_is_shown_at_its_line(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(
        "# Title\n\n```python\na = 1\n```\n\n```console\nno python\n```\n\n```python\nb = a + 1\nassert b == 3\n```\n"
    )
    with pytest.raises(AssertionError) as caught:
        run(readme)
    assert caught.traceback[-1].lineno + 1 == 13

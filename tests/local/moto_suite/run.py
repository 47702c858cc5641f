"""Run moto's own SageMaker tests against LocalSageMaker, over HTTP: `make test-moto`.

The tests come from the source distribution of the moto that is installed. moto can send its tests to a server
(TEST_SERVER_MODE); here that server is a LocalSageMaker whose statuses settle at once (`every=0`) and that lets
made-up names pass (`check_patterns=False`), for moto's tests use many. Each test that fails must be in
`differences.toml`, with the reason, and each that is there must fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from sagemaker_typed.testing import LocalSageMaker

_HERE = Path(__file__).parent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        source = fetch(Path(folder))
        with LocalSageMaker(every=0, check_patterns=False) as local:
            outcomes = run(source, local.url)
    return judge(outcomes)


def fetch(folder: Path) -> Path:
    """Download and unpack moto's source distribution."""
    wanted = f"moto=={version('moto')}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # Without isolation: a source distribution is asked for its metadata, and that builds nothing.
    command += ["--no-binary", "moto", "--no-build-isolation", "--dest", str(folder), wanted]
    subprocess.run(command, check=True)
    (archive,) = folder.glob("moto-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def run(source: Path, url: str) -> list[tuple[str, str]]:
    """Each case by the name of its test, and its outcome: passed, failed or skipped."""
    report = source / "report.xml"
    environ = {**os.environ, "TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": url}
    command = [sys.executable, "-m", "pytest", "tests/test_sagemaker", "-q", "-p", "no:cacheprovider", "--tb=no"]
    command += [
        "-p",
        "no:randomly",
        f"--junit-xml={report}",
        "--ignore=tests/test_sagemaker/cloudformation_test_configs.py",
    ]
    subprocess.run(command, cwd=source, env=environ, check=False, stdout=subprocess.DEVNULL)
    outcomes: list[tuple[str, str]] = []
    for case in ElementTree.parse(report).iter("testcase"):
        module = case.attrib["classname"].rpartition(".")[2].removeprefix("test_sagemaker_")
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        outcomes.append((f"{module}::{case.attrib['name'].partition('[')[0]}", outcome))
    return outcomes


def judge(outcomes: list[tuple[str, str]]) -> int:
    differences = tomllib.loads((_HERE / "differences.toml").read_text())["difference"]
    expected = {test for difference in differences for test in difference["tests"]}
    failed = {test for test, outcome in outcomes if outcome == "failed"}
    counts = Counter(outcome for _, outcome in outcomes)
    print(
        f"moto {version('moto')}: {counts['passed']} cases pass, {counts['failed']} differ, {counts['skipped']} skipped"
    )
    for difference in differences:
        cases = sum(test in difference["tests"] and outcome == "failed" for test, outcome in outcomes)
        print(f"{cases:4} {difference['reason']}")
    for test in sorted(failed - expected):
        print(f"NOT EXPECTED to fail: {test}")
    for test in sorted(expected - failed):
        print(f"still among the differences, and passes or is no more: {test}")
    return int(failed != expected)


if __name__ == "__main__":
    sys.exit(main())

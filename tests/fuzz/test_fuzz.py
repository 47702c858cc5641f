"""A short run of the fuzzer, and everything that it ever found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_typed import errors
from tests.fuzz import runs
from tests.fuzz.checks import Checks
from tests.fuzz.inputs import HALF, Input

_EXAMPLES = 300
GOOD = b'{"EndpointName": "e", "EndpointArn": "a", "EndpointStatus": "InService", "CreationTime": 1, "LastModifiedTime": 2}'


@pytest.fixture(scope="module")
def running() -> Iterator[Checks]:
    with Checks() as checks:
        yield checks


@pytest.fixture
def checks(running: Checks) -> Checks:
    running.seen.clear()
    return running


@pytest.mark.parametrize("seed", [1, 2])
def test_any_answer_becomes_a_response_or_a_typed_error(seed: int, checks: Checks) -> None:
    runs.run(checks, seed, _EXAMPLES)
    # It is no use to send what is refused at the first look.
    assert checks.seen["response"] > _EXAMPLES / 5
    assert {"ConversionError", "ApiError"} <= set(checks.seen)


FOUND = sorted(runs.FOUND.glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=[path.stem for path in FOUND])
def test_what_was_found_holds(path: Path, checks: Checks) -> None:
    checks.check(Input.from_json(path.read_text(encoding="utf-8")))


# --- the fuzzer itself ------------------------------------------------------------------------------------------------


def test_a_good_answer_is_a_response(checks: Checks) -> None:
    checks.check(Input("DescribeEndpoint", GOOD, valid=True))
    assert checks.seen == {"response": 1}


@pytest.mark.parametrize("framing", ["chunked", "until closed"])
def test_other_framings_arrive_whole(framing: str, checks: Checks) -> None:
    checks.check(Input("DescribeEndpoint", GOOD, framing=framing, valid=True))
    assert checks.seen == {"response": 1}


def test_a_check_that_fails_is_told(checks: Checks) -> None:
    with pytest.raises(AssertionError, match="a valid answer was refused"):
        checks.check(Input("DescribeEndpoint", b"<html>", valid=True))


def test_another_answer_than_boto3s_is_told(checks: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.checks.to_boto3", lambda response: {"EndpointName": "other"})
    with pytest.raises(AssertionError, match="EndpointName: 'other', not 'e'"):
        checks.check(Input("DescribeEndpoint", GOOD))


def test_slow_is_told(checks: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.checks._CPU_SECONDS", -1.0)
    with pytest.raises(AssertionError, match="s of CPU for"):
        checks.check(Input("DescribeEndpoint", GOOD))


def test_a_failure_is_made_small_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checks: Checks) -> None:
    def check(case: Input) -> None:
        assert b'"Tags"' not in case.body, "tags"

    monkeypatch.setattr(checks, "check", check)
    with pytest.raises(runs.BrokenError, match="AssertionError: tags") as found:
        runs.run(checks, 3, 2_000)
    case = found.value.case
    assert b'"Tags"' in case.body
    assert Input.from_json(runs.keep(case, tmp_path).read_text(encoding="utf-8")) == case


@pytest.mark.parametrize("framing", HALF)
def test_half_an_answer_is_an_error(framing: str, checks: Checks) -> None:
    checks.check(Input("DescribeEndpoint", GOOD, framing=framing))
    assert "response" not in checks.seen


def test_the_half_without_orjson_has_none() -> None:
    told = "import sys; sys.modules['orjson'] = None; from sagemaker_typed._core.convert import json; print(json.loads)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("<function loads")


def test_errors_of_answers_say_which_call_failed(checks: Checks) -> None:
    checks.check(Input("DescribeEndpoint", b'{"__type": "ResourceNotFound", "message": "m"}', status=400))
    assert list(checks.seen) == [errors.ResourceNotFoundError.__name__]

"""The pages "Configure" and "Coming from boto3": each example shows something, and the list of differences is whole."""

from __future__ import annotations

import os
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.httpsession import URLLib3Session

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURE = DOCS / "how-to" / "configure.md"
COMING = DOCS / "how-to" / "coming-from-boto3.md"
_FENCE = re.compile(r"^```(?P<kind>\S+)(?:[^\n]*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    return import_module("pretend")


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(fence["kind"], fence["code"]) for fence in _FENCE.finditer(page.read_text(encoding="utf-8"))]


# --- examples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [CONFIGURE, COMING], ids=lambda page: page.stem)
def test_everything_that_is_shown_runs(page: Path) -> None:
    """A profile runs by being read; `tests/docs/test_site.py` runs the others."""
    kinds = {kind for kind, _ in blocks(page)}
    assert kinds <= {"{testsetup}", "{testcode}", "{testoutput}", "{testcleanup}", "{include}", "ini"}


def test_every_example_of_configure_shows_something() -> None:
    shown = [block for block in blocks(CONFIGURE) if block[0] in ("{testcode}", "{testoutput}")]
    for (kind, code), (after, next_code) in zip(shown, [*shown[1:], ("", "")], strict=True):
        if kind == "{testcode}" and not code.startswith(":hide:"):
            checked = after == "{testoutput}" or (next_code.startswith(":hide:") and "assert " in next_code)
            assert checked, code


def test_the_profiles_of_the_page_are_those_of_its_examples(pretend: Any) -> None:
    aws = pretend.PretendAws(CONFIGURE)
    try:
        assert {"default", "research", "deploy", "private"} <= set(boto3.Session().available_profiles)
        assert boto3.Session(profile_name="deploy").region_name == "eu-central-1"
    finally:
        aws.close()


def test_the_pretended_aws_shows_what_boto3_sends(pretend: Any) -> None:
    aws = pretend.PretendAws(CONFIGURE)
    try:
        with aws.environment(AWS_DEFAULT_REGION="eu-west-1"):
            config = Config(proxies={"https": "http://proxy.example.com:3128"})
            boto3.Session().client("sagemaker", config=config).list_endpoints()
        assert str(aws.last) == (
            "ListEndpoints to api.sagemaker.eu-west-1.amazonaws.com, signed by AKIAENVIRONMENT for eu-west-1"
        )
        assert aws.last.connection["proxies"] == {"https": "http://proxy.example.com:3128"}
    finally:
        aws.close()


def test_the_pretended_aws_leaves_everything_as_it_was(pretend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    before = dict(os.environ), vars(URLLib3Session)["send"], vars(URLLib3Session)["__init__"], boto3.DEFAULT_SESSION
    aws = pretend.PretendAws(CONFIGURE)
    assert "AWS_PROFILE" not in os.environ
    assert "HTTPS_PROXY" not in os.environ
    boto3.setup_default_session()
    aws.close()
    after = dict(os.environ), vars(URLLib3Session)["send"], vars(URLLib3Session)["__init__"], boto3.DEFAULT_SESSION
    assert after == before


# --- differences ------------------------------------------------------------------------------------------------------


def test_the_page_lists_every_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    listed = tomllib.loads((DOCS / "_data" / "differences.toml").read_text(encoding="utf-8"))["difference"]
    written = import_module("differences").pages(listed)["list.md"]
    assert "```{include} ../_generated/differences/list.md\n" in COMING.read_text(encoding="utf-8")
    assert written.count("\n") == len(listed) + 2
    for each in listed:
        assert each["boto3"] and each["here"] and each["why"]  # noqa: PT018
        assert f"| {each['boto3']} | {each['here']} | {each['why']} |\n" in written


def test_a_difference_does_not_break_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS / "_ext")
    written = import_module("differences").pages([{"boto3": "a | b", "here": "c", "why": "d"}])["list.md"]
    assert written.splitlines()[2] == r"| a \| b | c | d |"

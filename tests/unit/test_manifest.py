"""Manifests, as AWS's pages print them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_typed.errors import InvalidRequestError
from sagemaker_typed.manifest import Manifest

# The page's example, without its dots, and the URIs that it matches.
PAGE = (
    '[ {"prefix": "s3://customer_bucket/some/prefix/"}, "relative/path/to/custdata-1", "relative/path/custdata-2", '
    '"relative/path/custdata-N" ]'
)
MATCHES = (
    "s3://customer_bucket/some/prefix/relative/path/to/custdata-1 "
    "s3://customer_bucket/some/prefix/relative/path/custdata-2 "
    "s3://customer_bucket/some/prefix/relative/path/custdata-N"
)


def test_the_page() -> None:
    assert Manifest.parse(PAGE).uris == MATCHES.split()
    paths = ["relative/path/to/custdata-1", "relative/path/custdata-2", "relative/path/custdata-N"]
    made = Manifest.of("s3://customer_bucket/some/prefix/", paths)
    assert json.loads(made) == json.loads(PAGE)
    assert (made.prefix, made.paths) == ("s3://customer_bucket/some/prefix/", paths)


@given(st.lists(st.text(min_size=1), min_size=1))
def test_there_and_back(paths: list[str]) -> None:
    made = Manifest.of("s3://b/", paths)
    assert Manifest.parse(made.encode()).paths == paths
    assert made.uris == ["s3://b/" + path for path in paths]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Manifest.of("bucket/", ["a"]), "the first entry must be"),
        (lambda: Manifest.of("s3://b/", []), "at least one path"),
        (lambda: Manifest.of("s3://b/", "a"), "a list of strings"),
        (lambda: Manifest.of("s3://b/", ["a", ""]), r"paths[1]: must be a non-empty string"),
        (lambda: Manifest.parse('["a"]'), "the first entry must be"),
        (lambda: Manifest.parse("[]"), "the first entry must be"),
        (lambda: Manifest.parse('{"prefix": "s3://b/"}'), "is not JSON such as"),
        (lambda: Manifest.parse("[" * 100_000), "is not JSON such as"),
    ],
)
def test_no_manifest(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make()
    assert said in str(caught.value)

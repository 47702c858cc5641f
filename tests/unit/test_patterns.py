"""Patterns that would take for ever are checked by others that mean the same."""

from __future__ import annotations

import copy
import itertools
import re
from typing import Any

import pytest

from sagemaker_typed import errors, types
from sagemaker_typed._core.patterns import lazy_pattern
from sagemaker_typed._core.validate import _SAME_LANGUAGE, check
from sagemaker_typed.structure import Member, Rule, members_of


def _patterns(rule: Member | Rule) -> list[str]:
    inner = [part for part in (rule.items, rule.keys) if part is not None]
    return [*([rule.pattern] if rule.pattern else []), *(text for part in inner for text in _patterns(part))]


@pytest.mark.parametrize("slow", sorted(_SAME_LANGUAGE))
def test_they_mean_the_same(slow: str) -> None:
    prefix, letters = ("https://", "a./") if slow.startswith("https") else ("", "a-A")
    for length in range(9):
        for text in map("".join, itertools.product(letters, repeat=length)):
            whole = prefix + text
            assert bool(re.fullmatch(slow, whole)) == bool(re.fullmatch(_SAME_LANGUAGE[slow], whole)), whole


def test_each_still_stands_in_the_model() -> None:
    classes = (types.CodeRepository, types.ComputeQuotaTarget)
    found = {text for cls in classes for member in members_of(cls) for text in _patterns(member)}
    assert set(_SAME_LANGUAGE) <= found


def test_a_long_text_that_does_not_match_is_told_so_at_once() -> None:
    repository = types.CodeRepository(repository_url="https://" + "a" * 500 + "!")
    request = types.CreateUserProfileRequest(
        domain_id="d-1",
        user_profile_name="user",
        user_settings=types.UserSettings(
            jupyter_server_app_settings=types.JupyterServerAppSettings(code_repositories=[repository])
        ),
    )
    with pytest.raises(errors.InvalidRequestError, match="repository_url"):
        check(request, "strict")


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_lazy_pattern_can_be_copied(copied: Any, used: bool) -> None:
    lazy = lazy_pattern("A(b+)", re.IGNORECASE)
    if used:
        assert lazy.pattern == "A(b+)"
    assert [found.findall("abb") for found in (copied(lazy), lazy)] == [["bb"], ["bb"]]

"""Our service model together with another."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed._core.model import united


@pytest.mark.parametrize("section", ["operations", "pagination", "waiters", "shapes"])
def test_two_models_have_the_names_of_both_and_the_first_counts(section: str) -> None:
    first: dict[str, Any] = {"version": "1", "shapes": {}, section: {"A": {"type": "ours"}, "B": {"type": "ours"}}}
    second: dict[str, Any] = {"version": "2", "shapes": {}, section: {"B": {"type": "theirs"}, "C": {"type": "theirs"}}}
    whole = united(first, second)
    assert {name: item["type"] for name, item in whole[section].items()} == {"A": "ours", "B": "ours", "C": "theirs"}
    assert whole["version"] == "1"
    assert list(first[section]) == ["A", "B"]


def test_a_section_that_neither_has_is_in_neither() -> None:
    assert united({"operations": {}}, {"operations": {}}) == {"operations": {}}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"members": {"a": 1, "b": 1}}, {"members": {"b": 2, "c": 2}}, {"members": {"a": 1, "b": 1, "c": 2}}),
        ({"members": {"a": 1}}, {}, {"members": {"a": 1}}),
        ({"type": "structure"}, {"members": {"c": 2}}, {"type": "structure", "members": {"c": 2}}),
        ({"type": "string"}, {"type": "list"}, {"type": "string"}),
    ],
)
def test_a_shape_of_both_has_the_members_of_both(ours: Any, theirs: Any, expected: Any) -> None:
    assert united({"shapes": {"S": ours}}, {"shapes": {"S": theirs}})["shapes"]["S"] == expected

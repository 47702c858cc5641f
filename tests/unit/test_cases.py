"""Which generated cases run when not all of them do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import every_nth, parse

NAMES = [f"tests/test_a.py::test_{test}[{case}]" for test in "xyz" for case in range(25)]


@given(st.permutations(NAMES), st.integers(1, 60))
def test_the_same_cases_run_whatever_the_order(names: list[str], n: int) -> None:
    assert every_nth(names, n) == every_nth(NAMES, n)


@given(st.integers(1, 60))
def test_each_test_keeps_its_share_and_at_least_one_case(n: int) -> None:
    kept = every_nth(NAMES, n)
    for test in "xyz":
        share = [name for name in kept if f"test_{test}[" in name]
        assert max(1, 25 // n) <= len(share) <= 25 // n + 1


def test_tests_do_not_all_drop_the_same_cases() -> None:
    names = [f"tests/test_a.py::test_{test}[{case:02}]" for test in range(40) for case in range(20)]
    assert {name.partition("[")[2] for name in every_nth(names, 10)} == {f"{case:02}]" for case in range(20)}


@pytest.mark.parametrize(("text", "n"), [("all", 1), ("1", 1), ("10", 10)])
def test_a_number_or_all(text: str, n: int) -> None:
    assert parse(text) == n


@pytest.mark.parametrize("text", ["", "0", "-1", "some", "1.5"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="'all' or a number"):
        parse(text)

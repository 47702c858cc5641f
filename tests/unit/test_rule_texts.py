"""Each kind of rule at its bounds, with the exact problem that it reports."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed._core.between import Between
from sagemaker_typed._core.rules import KINDS, predicate
from sagemaker_typed.errors import Problem
from sagemaker_typed.types import CompilationJobStatus, Filter, NestedFilters, SearchExpression, Tag

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 1, 13, tzinfo=UTC)
NAN = float("nan")
RUNS = CompilationJobStatus.INPROGRESS
FRESH = CompilationJobStatus("NEVER_SEEN")


def value(unknown: dict[str, Any] | None = None, **fields: Any) -> SimpleNamespace:
    return SimpleNamespace(unknown_members=unknown or {}, **fields)


def found(rule: Between, of: Any, path: str = "") -> list[tuple[str, str, str]]:
    problems: list[Problem] = []
    predicate(rule)(of, path, problems.append)
    return [(each.path, each.rule, each.detail) for each in problems]


def test_every_kind_is_below() -> None:
    kinds = {rule.kind for rule, *_ in CASES} | {"exactly_one", "at_most_one", "count", "unique"}
    assert kinds == set(KINDS)


# --- which fields are given -------------------------------------------------------------------------------------------

GIVEN: list[tuple[Any, bool]] = [
    (None, False),
    (False, False),
    ([], False),
    ((), False),
    ({}, False),
    (True, True),
    (0, True),
    (0.0, True),
    ("", True),
    ("x", True),
    ([0], True),
    ({"k": None}, True),
    (Tag(key="k", value="v"), True),
]


@pytest.mark.parametrize(("item", "given"), GIVEN, ids=repr)
def test_what_counts_as_given(item: Any, given: bool) -> None:
    together = [("a", "excludes", "cannot be combined with b: leave one of them out")]
    assert found(Between("excludes", ("a", "b")), value(a="x", b=item)) == (together if given else [])
    assert found(Between("excludes", ("a", "b")), value(a=item, b="x")) == (together if given else [])
    needs = [("a", "requires", f"needs b, which {'is False' if item is False else 'is not given'}")]
    assert found(Between("requires", ("a", "b")), value(a="x", b=item)) == ([] if given else needs)
    needs = [("a", "requires", "needs b, which is not given")]
    assert found(Between("requires", ("a", "b")), value(a=item, b=None)) == (needs if given else [])


ONE = Between("exactly_one", ("a", "b"))
OF_THREE = Between("exactly_one", ("a", "b", "c"))
MOST_ONE = Between("at_most_one", ("a", "b", "c"))
NEITHER = "neither a nor b is given: give exactly one of them"


@pytest.mark.parametrize(
    ("rule", "of", "path", "problems"),
    [
        (ONE, value(a=None, b=None), "", [("a", "exactly_one", NEITHER)]),
        (ONE, value(a=[], b=None), "", []),  # an empty list is sent: one of the two is there
        (ONE, value(a=None, b=[]), "", []),
        (ONE, value(a=[], b=[]), "", [("a", "exactly_one", NEITHER)]),
        (ONE, value({"New": 1}, a=None, b=None), "", []),
        (ONE, value(a="x", b=None), "", []),
        (ONE, value(a=None, b="x"), "", []),
        (ONE, value(a="x", b="y"), "", [("a", "exactly_one", "given together with b: give only one of them")]),
        (ONE, value({"N": 1}, a="x", b="y"), "p", [("p.a", "exactly_one", "given together with p.b: give only one of them")]),
        (
            OF_THREE,
            value(a=None, b=None, c=None),
            "p[0]",
            [("p[0].a", "exactly_one", "neither p[0].a nor p[0].b nor p[0].c is given: give exactly one of them")],
        ),
        (OF_THREE, value(a=None, b="x", c=None), "", []),
        (OF_THREE, value(a=None, b="x", c="y"), "", [("b", "exactly_one", "given together with c: give only one of them")]),
        (
            OF_THREE,
            value(a=1, b=2, c=3),
            "",
            [("a", "exactly_one", "given together with b and c: give only one of them")],
        ),
        (ONE._replace(do="choose"), value(a=None, b=None), "", [("a", "exactly_one", "neither a nor b is given: choose")]),
        (ONE._replace(do="choose"), value(a=1, b=1), "", [("a", "exactly_one", "given together with b: choose")]),
        (MOST_ONE, value(a=None, b=None, c=None), "", []),
        (MOST_ONE, value(a=None, b=None, c=1), "", []),
        (MOST_ONE, value(a=1, b=None, c=1), "p", [("p.a", "at_most_one", "given together with p.c: give only one of them")]),
    ],
)  # fmt: skip
def test_how_many_are_given(rule: Between, of: Any, path: str, problems: list[Any]) -> None:
    assert found(rule, of, path) == problems


# --- one value and another --------------------------------------------------------------------------------------------

WHEN = Between("requires", ("a", "b"), when=("on", True))
TO_BE = Between("requires", ("a", "b", "c.d"), allowed=("InProgress", "Off", True))
KNOWN = Between("requires", ("a", "b"), allowed=("COMPLETED",))
OFF = Between("requires", ("a", "b"), allowed=(False,))
NOT_WITH = Between("excludes", ("a", "b", "c"), when=("on",))
ORDER = Between("order", ("low", "high"))
TIMES = Between("time_order", ("low", "high"))
PRODUCT = Between("product", ("a", "b"), limit=10)
MOST = Between("most", ("a.b",), limit=10)
SUFFIX = Between("suffix", ("a",), allowed=(".json", ".csv"))
JSON = Between("json", ("a",))
NAME = "Expecting property name"
SWAP = ": swap the two, or leave one out"

CASES: list[tuple[Between, Any, str | None, str]] = [
    # the rule, the value, the message of the one problem or None, and its path
    (WHEN, value(a="on", b=None), "'on' needs b, which is not given", "a"),
    (WHEN, value(a=True, b=None), "True needs b, which is not given", "a"),
    (WHEN, value(a="off", b=None), None, ""),
    (WHEN, value(a=1, b=None), None, ""),  # equals True, and is none
    (WHEN, value(a=["on"], b=None), None, ""),
    (WHEN, value(a="on", b="x"), None, ""),
    (WHEN._replace(do="give b"), value(a="on", b=None), "'on' needs b, which is not given: give b", "a"),
    (WHEN._replace(when=(False,)), value(a=False, b=None), "False needs b, which is not given", "a"),
    (WHEN._replace(when=(False,)), value(a=None, b=None), None, ""),
    (TO_BE, value(a="x", b=True, c=value(d=None)), "needs c.d to be 'InProgress' or 'Off' or True, which is not given", "a"),
    (TO_BE, value(a="x", b=False, c=value(d=True)), "needs b to be 'InProgress' or 'Off' or True, which is False", "a"),
    (TO_BE, value(a="x", b=None, c=value(d=True)), "needs b to be 'InProgress' or 'Off' or True, which is not given", "a"),
    (TO_BE, value(a="x", b=True, c=None), "needs c.d to be 'InProgress' or 'Off' or True, which is not given", "a"),
    (TO_BE, value(a="x", b=True, c=value(d=True)), None, ""),
    (TO_BE, value(a="x", b="other", c=value(d=3)), None, ""),  # texts outside of enums, and wrong types
    (KNOWN, value(a="x", b=RUNS), "needs b to be 'COMPLETED', which is 'INPROGRESS'", "a"),
    (KNOWN, value(a="x", b=CompilationJobStatus.COMPLETED), None, ""),
    (KNOWN, value(a="x", b=FRESH), None, ""),
    (OFF, value(a="x", b=True), "needs b to be False, which is not given", "a"),
    (OFF, value(a="x", b=False), None, ""),
    (NOT_WITH, value(a="on", b="x", c=[1]), "'on' cannot be combined with b and c: leave one of them out", "a"),
    (NOT_WITH, value(a="on", b=None, c=0), "'on' cannot be combined with c: leave one of them out", "a"),
    (NOT_WITH._replace(do="choose"), value(a="on", b=None, c=0), "'on' cannot be combined with c: choose", "a"),
    (NOT_WITH, value(a="on", b=None, c=None), None, ""),
    (NOT_WITH, value(a=None, b="x", c=None), None, ""),
    (NOT_WITH, value(a="off", b="x", c=None), None, ""),
    (ORDER, value(low=2, high=1), f"2 is more than high, which is 1{SWAP}", "low"),
    (ORDER._replace(do="turn"), value(low=2, high=1), "2 is more than high, which is 1: turn", "low"),
    (ORDER, value(low=1, high=1), None, ""),
    (ORDER, value(low=1, high=2), None, ""),
    (ORDER, value(low=None, high=1), None, ""),
    (ORDER, value(low=1, high=None), None, ""),
    (ORDER, value(low="10", high="9"), f"10 is more than high, which is 9{SWAP}", "low"),
    (ORDER, value(low="1e3", high="9"), f"1e3 is more than high, which is 9{SWAP}", "low"),
    (ORDER, value(low="9", high="10"), None, ""),
    (ORDER, value(low=0.5, high=Decimal("0.25")), f"0.5 is more than high, which is Decimal('0.25'){SWAP}", "low"),
    (ORDER, value(low="two", high="1"), None, ""),
    (ORDER, value(low="2", high="one"), None, ""),
    (ORDER, value(low=True, high=0), None, ""),
    (ORDER, value(low=1, high=False), None, ""),
    (ORDER, value(low=[2], high=1), None, ""),
    (ORDER, value(low=NAN, high=1), None, ""),
    (ORDER, value(low=1, high=NAN), None, ""),
    (ORDER, value(low=2, high=Decimal("NaN")), None, ""),
    (ORDER, value(low=Decimal("sNaN"), high=1), None, ""),
    (ORDER, value(low="nan", high=1), None, ""),
    (ORDER, value(low="9" * 64, high="1"), f"{'9' * 57}... is more than high, which is 1{SWAP}", "low"),
    (ORDER, value(low="9" * 65, high="1"), None, ""),
    (TIMES, value(low=LATER, high=NOON), f"{LATER} is later than high, which is {NOON}{SWAP}", "low"),
    (TIMES, value(low=NOON, high=NOON), None, ""),
    (TIMES, value(low=NOON, high=LATER), None, ""),
    (TIMES, value(low=None, high=NOON), None, ""),
    (TIMES, value(low="tomorrow", high=NOON), None, ""),
    (TIMES, value(low=LATER, high="yesterday"), None, ""),
    (PRODUCT, value(a=5, b=2), None, ""),
    (PRODUCT, value(a=11, b=1), "11 times b, which is 1, is more than 10: lower one of them", "a"),
    (PRODUCT._replace(do="less"), value(a=3, b=4), "3 times b, which is 4, is more than 10: less", "a"),
    (PRODUCT, value(a=None, b=11), None, ""),
    (PRODUCT, value(a=11, b=None), None, ""),
    (PRODUCT, value(a=11.0, b=2), None, ""),
    (PRODUCT, value(a=11, b="2"), None, ""),
    (PRODUCT, value(a=11, b=True), None, ""),
    (PRODUCT, value(a=True, b=11), None, ""),
    (MOST, value(a=value(b=10)), None, ""),
    (MOST, value(a=value(b=11)), "11 is more than 10", "a.b"),
    (MOST._replace(do="less"), value(a=value(b=11)), "11 is more than 10: less", "a.b"),
    (MOST, value(a=value(b=11.5)), None, ""),
    (MOST._replace(limit=0), value(a=value(b=True)), None, ""),
    (MOST, value(a=None), None, ""),
    (MOST, value(a=value()), None, ""),
    (SUFFIX, value(a="s3://b/x.JSON"), None, ""),
    (SUFFIX, value(a="s3://b/x.csv"), None, ""),
    (SUFFIX, value(a="x.txt"), "'x.txt' does not end in '.json' or '.csv'", "a"),
    (SUFFIX._replace(do="rename"), value(a="x.txt"), "'x.txt' does not end in '.json' or '.csv': rename", "a"),
    (SUFFIX, value(a="x" * 60), f"'{'x' * 60}' does not end in '.json' or '.csv'", "a"),
    (SUFFIX, value(a="y" + "x" * 60), f"'...{'x' * 57}' does not end in '.json' or '.csv'", "a"),
    (SUFFIX, value(a=RUNS), "'INPROGRESS' does not end in '.json' or '.csv'", "a"),
    (SUFFIX, value(a=None), None, ""),
    (SUFFIX, value(a=5), None, ""),
    (JSON, value(a='{"a": 1}'), None, ""),
    (JSON, value(a=None), None, ""),
    (JSON, value(a=5), None, ""),
    (JSON, value(a="{a: 1}"), f"'{{a: 1}}' is not JSON: {NAME} enclosed in double quotes: line 1 column 2 (char 1)", "a"),
    (JSON._replace(do="fix"), value(a="["), "'[' is not JSON: Expecting value: line 1 column 2 (char 1): fix", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "of", "message", "path"), CASES)
def test_one_value_and_another(rule: Between, of: Any, message: str | None, path: str) -> None:
    assert found(rule, of) == ([] if message is None else [(path, rule.kind, message)])


@pytest.mark.parametrize("rule", [WHEN, NOT_WITH, ORDER, PRODUCT, MOST, SUFFIX, JSON], ids=lambda rule: rule.kind)
def test_the_path_of_the_structure_stands_before_the_field(rule: Between) -> None:
    broken = value(a="on", b=None, c=1)
    if rule is MOST:
        broken = value(a=value(b=11))
    elif rule is PRODUCT:
        broken = value(a=4, b=4)
    elif rule is ORDER:
        broken = value(low=2, high=1)
    ((short, _, plain),) = found(rule, broken)
    ((path, _, message),) = found(rule, broken, "jobs[3]")
    assert path == f"jobs[3].{short}"
    for field in rule.fields[1:]:
        if f"{field}," in plain or f"with {field}" in plain:
            assert f"jobs[3].{field}" in message


QUOTES = [
    ("{'a': 1}", "json_quotes"),
    ("['a']", "json_quotes"),
    ('{\\"a\\": 1}', "json_quotes"),
    ("'a'", "json"),  # a Python text is not what somebody meant as JSON
    ("{'a'}", "json"),
    ("{'a': }", "json"),
    ("f(x)", "json"),
    ("\0", "json"),
    ("[" * 100_000, "json"),
]


@pytest.mark.parametrize(("text", "rule"), QUOTES, ids=range(len(QUOTES)))
def test_other_quotes_only_warn(text: str, rule: str) -> None:
    ((path, name, message),) = found(JSON, value(a=text), "p")
    assert (path, name) == ("p.a", rule)
    assert " is not JSON: " in message


# --- what lists hold --------------------------------------------------------------------------------------------------

UNIQUE = Between("unique", ("tags", "key"))


def tags(*names: Any) -> SimpleNamespace:
    return value(tags=[SimpleNamespace(key=name) for name in names])


def again(name: str, at: int, first: int, path: str = "") -> tuple[str, str, str]:
    return f"{path}tags[{at}].key", "unique", f"'{name}' is also in {path}tags[{first}].key: give each its own"


@pytest.mark.parametrize(
    ("of", "path", "problems"),
    [
        (value(tags=None), "", []),
        (value(tags="aa"), "", []),
        (value(tags=[]), "", []),
        (tags("a"), "", []),
        (tags("a", "b"), "", []),
        (tags("a", "a"), "", [again("a", 1, 0)]),
        (tags("b", "a", "a", "a"), "p", [again("a", 2, 1, "p.")]),
        (tags("a", "b", "b", "a"), "", [again("b", 2, 1), again("a", 3, 0)]),
        (tags(RUNS, "INPROGRESS"), "", [again("INPROGRESS", 1, 0)]),
        (tags(1, 1, None, None), "", []),
        (tags(None, "a", "a"), "", [again("a", 2, 1)]),
        (value(tags=[SimpleNamespace(), SimpleNamespace(), *tags("a", "a").tags]), "", [again("a", 3, 2)]),
    ],
)
def test_items_that_repeat(of: Any, path: str, problems: list[Any]) -> None:
    assert found(UNIQUE, of, path) == problems
    if problems:
        advised = [(at, rule, message.replace("give each its own", "rename")) for at, rule, message in problems]
        assert found(UNIQUE._replace(do="rename"), of, path) == advised


COUNT = Between("count", ("search_expression", "filters", "nested_filters", "sub_expressions"), limit=2)
FILTER = Filter(name="n")


@pytest.mark.parametrize(
    ("root", "total"),
    [
        (None, 0),
        ("wrong", 0),
        (SearchExpression(), 0),
        (SearchExpression(filters=[FILTER] * 2), 0),
        (SearchExpression(filters=[FILTER] * 3), 3),
        (SearchExpression(filters=[FILTER, "wrong", FILTER]), 0),  # type: ignore[list-item]
        (SearchExpression(filters="long text"), 0),  # type: ignore[arg-type]
        (SearchExpression(nested_filters=[NestedFilters(nested_property_name="n", filters=[FILTER] * 3)]), 3),
        (SearchExpression(filters=[FILTER], sub_expressions=[SearchExpression(filters=[FILTER] * 2)]), 3),
        (
            SearchExpression(
                filters=[FILTER],
                nested_filters=[NestedFilters(nested_property_name="n", filters=[FILTER])],
                sub_expressions=[
                    SearchExpression(sub_expressions=[SearchExpression(filters=[FILTER])]),
                    SearchExpression(filters=[FILTER]),
                ],
            ),
            4,
        ),
    ],
)
def test_items_at_any_depth(root: Any, total: int) -> None:
    lists = "filters, nested_filters, sub_expressions"
    text = f"{total} items in all in {lists}, at any depth, and at most 2 are allowed"
    of = value(search_expression=root)
    assert found(COUNT, of, "p") == ([("p.search_expression", "count", text)] if total else [])
    if total:
        assert found(COUNT._replace(do="split"), of) == [("search_expression", "count", f"{text}: split")]

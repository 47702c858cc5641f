"""Objects over several lines, by `pprint` and by IPython: which items, how far indented, and how wide."""

from __future__ import annotations

import sys
from pprint import pformat
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed._core.showing import teach_pprint
from sagemaker_typed.types import SearchExpression, Tag

WIDTH = 80


def tag(**members: Any) -> Tag:
    made = Tag(key="k", value="v")
    for name, value in members.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(("count", "more"), [(9, ""), (10, ""), (11, ", ... 1 more"), (30, ", ... 20 more")])
def test_ipython_shows_ten_items_of_a_list(count: int, more: str) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    shown = ", ".join(map(str, range(min(count, 10))))
    assert pretty(tag(value=list(range(count)))) == f"Tag(key='k', value=[{shown}{more}])"
    assert pretty(tag(value=tuple(range(count)))).count("more") == bool(more)


def test_ipython_indents_members_by_four() -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    text = pretty(Tag(key="k" * 50, value="v" * 50))
    assert text == f"Tag(\n    key='{'k' * 50}',\n    value='{'v' * 50}')"


@pytest.mark.parametrize("member", ["key", "value"])
def test_pprint_fills_lines_and_breaks_none_too_late(member: str) -> None:
    """Behind a member stands a comma, and behind the last one a bracket."""
    one_line, longest = {True: set[int](), False: set[int]()}, 0
    for size in range(20, 90):
        # Both members are long, so that the object does not fit into a line.
        other = "value" if member == "key" else "key"
        text = pformat(tag(**{member: ["a", "x" * size], other: "o" * 90}), width=WIDTH)
        lines = [line for line in text.splitlines() if "o" * 90 not in line]
        assert text.startswith("Tag(\n    key=")
        broken = not any("['a', 'x" in line for line in lines)
        one_line[not broken].add(size)
        if not broken:
            longest = max(longest, *map(len, lines))
    assert max(one_line[True]) + 1 == min(one_line[False])
    assert longest == WIDTH


def test_pprint_gives_the_last_member_room_for_what_follows() -> None:
    """Within a list, another bracket follows."""
    for size in range(20, 90):
        text = pformat([tag(key="o" * 90, value=["a", "x" * size])], width=WIDTH)
        assert all(len(line) <= WIDTH for line in text.splitlines() if "['a', 'x" in line)


@pytest.mark.parametrize("member", ["key", "value"])
def test_pprint_lines_items_up(member: str) -> None:
    text = pformat(tag(**{member: ["a" * 50, "b" * 50]}))
    first, second = (line for line in text.splitlines() if "a" * 50 in line or "b" * 50 in line)
    assert first.index("'") == second.index("'")
    assert first.startswith(f"    {member}=['aaa")


@pytest.mark.parametrize("lacks", ["_dispatch", "_format"])
def test_a_pprint_of_another_kind_is_left_alone(lacks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table: dict[Any, Any] = {}
    parts = {"_dispatch": table, "_format": None}
    del parts[lacks]
    monkeypatch.setitem(sys.modules, "pprint", SimpleNamespace(PrettyPrinter=SimpleNamespace(**parts)))
    teach_pprint(Tag.__repr__)
    assert table == {}


def test_what_pprint_knows_already_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = SimpleNamespace(_dispatch={Tag.__repr__: "theirs"}, _format=None)
    monkeypatch.setitem(sys.modules, "pprint", SimpleNamespace(PrettyPrinter=printer))
    teach_pprint(Tag.__repr__)
    teach_pprint(SearchExpression.__str__)
    assert printer._dispatch[Tag.__repr__] == "theirs"
    assert callable(printer._dispatch[SearchExpression.__str__])


@pytest.mark.parametrize("size", [298, 299, 1000])
def test_a_text_in_an_object_that_is_too_long_has_a_hundred_characters(size: int) -> None:
    """Both halves are as long, so an odd number remains."""
    shown = repr(Tag(key="k", value="v" * size)).removeprefix("Tag(key='k', value=").removesuffix(")")
    assert len(shown) == 99
    assert shown == repr("v" * 47 + "..." + "v" * 47)

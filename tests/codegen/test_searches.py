"""Which group searches for which kind of resource: planned, asked for, and said to be gone."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.codegen.searches import render_fields
from sagemaker_typed.codegen.stale import stale
from tests.codegen.sketch import Sketch, blank, complaints, plan_of

TOKEN = {"NextToken": "String"}
SEARCH: dict[str, Any] = {
    "resources": {"Widget": {"group": "widgets", "member": "Widget"}},
    "without": {"Image": "no hit of this kind"},
}
CLIENT = {"client": {"operations": ["Search"]}}


def sketch() -> Sketch:
    """With a search for widgets and images, of which only widgets are described."""
    drawn = Sketch().enum("ResourceKind", "Widget", "Image").resource("Widget")
    drawn.structure("Part", {"PartName": "String", "Whole": "WidgetFound"}).list_of("Part")
    drawn.structure("Tag", {"Key": "String"}).list_of("Tag")
    drawn.structure("WidgetFound", {"WidgetName": "String", "Parts": "PartList", "Tags": "TagList"})
    drawn.structure("Hit", {"Widget": "WidgetFound"}).list_of("Hit")
    asks = {"Resource": "ResourceKind", "SortBy": "String", **TOKEN}
    return drawn.operation("Search", asks, {**TOKEN, "Results": "HitList"}, required=["Resource"])


def test_the_group_of_each_kind() -> None:
    (search,) = plan_of(sketch(), blank(search=SEARCH, groups=CLIENT)).searches
    assert (search.resource, search.group, search.member.name) == ("Widget", "widgets", "widget")


def test_a_kind_that_nobody_has_decided_on() -> None:
    (said,) = complaints(sketch(), blank(search={"resources": SEARCH["resources"]}, groups=CLIENT))
    assert "kind of resource Image has no group that searches for it" in said
    assert "overlay/search.toml: [resources] Image = " in said


def test_the_properties_of_a_kind() -> None:
    """Structures at any depth, also those that hold themselves; a tag is named by its key instead."""
    plan = plan_of(sketch(), blank(search=SEARCH, groups=CLIENT))
    text = render_fields(plan.searches, plan.structures)
    namespace: dict[str, Any] = {"__name__": "drawn"}
    exec(compile(text, "drawn", "exec"), namespace)
    import sys
    from types import ModuleType

    module = sys.modules["drawn"] = ModuleType("drawn")
    try:
        vars(module).update(namespace)
        fields = namespace["WidgetFields"]
        assert fields.widget_name.name == "WidgetName"
        assert fields.parts.whole.parts.part_name.name == "Parts.Whole.Parts.PartName"
        assert not hasattr(fields, "tags")
    finally:
        del sys.modules["drawn"]


@pytest.mark.parametrize(
    ("table", "entry", "said"),
    [
        ("without", {"Gone": "why"}, "search.toml: [without] there is no kind of resource 'Gone'"),
        (
            "resources",
            {"Widget": {"group": "wodgets", "member": "Widget"}},
            "search.toml: [resources] Widget: there is no group 'wodgets'",
        ),
        (
            "resources",
            {"Widget": {"group": "widgets", "member": "Wodget"}},
            "search.toml: [resources] Widget: there is no member 'Wodget'",
        ),
    ],
)
def test_what_is_gone_is_said(table: str, entry: dict[str, Any], said: str) -> None:
    changed = {**SEARCH, table: {**SEARCH[table], **entry}}
    assert stale(sketch().model(), blank(search=SEARCH, groups=CLIENT)) == []
    assert stale(sketch().model(), blank(search=changed, groups=CLIENT)) == [f"overlay/{said}"]

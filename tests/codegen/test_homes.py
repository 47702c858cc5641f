"""Where a class lives, it stays."""

from __future__ import annotations

import tomllib

import pytest

from sagemaker_typed.codegen.homes import EXCEPTIONS, UNREACHED, record
from sagemaker_typed.codegen.overlay import FOLDER, Overlay
from sagemaker_typed.codegen.plan import Plan
from tests.codegen.sketch import Sketch, blank, plan_of


def lonely() -> Sketch:
    return Sketch().structure("Part", {"Size": "Integer"}).resource("Widget", {"Part": "Part"})


def shared() -> Sketch:
    return lonely().resource("Gadget", {"Part": "Part"})


def test_a_class_stands_with_the_one_resource_that_uses_it() -> None:
    homes = plan_of(lonely()).homes
    assert homes == {
        "Part": "widgets",
        "CreateWidgetRequest": "widgets",
        "DescribeWidgetRequest": "widgets",
        "DescribeWidgetResponse": "widgets",
    }


def test_a_class_that_several_resources_use_has_a_module_of_its_own() -> None:
    assert plan_of(shared()).homes["Part"] == "shared.part"


def test_a_class_stays_when_a_second_resource_comes_to_use_it() -> None:
    before = plan_of(lonely()).homes
    after = plan_of(shared(), blank(homes=before)).homes
    assert after["Part"] == "widgets"
    assert before.items() <= after.items()
    assert after["CreateGadgetRequest"] == "gadgets"


def test_a_class_that_is_shared_stays_shared_when_one_resource_is_left() -> None:
    assert plan_of(lonely(), blank(homes={"Part": "shared.part"})).homes["Part"] == "shared.part"


def test_what_search_reaches_stays_with_its_resource() -> None:
    sketch = (
        lonely().structure("Widget", {"Part": "Part"}).operation("Search", {}, {"Widget": "Widget", "Hits": "Integer"})
    )
    homes = plan_of(sketch, blank(groups={"client": {"operations": ["Search"]}})).homes
    assert homes["Part"] == "widgets"  # used by the widgets and by Search
    assert homes["Widget"] == "widgets"  # used by Search alone, and called like the resource
    assert homes["SearchResponse"] == "search"


def test_what_a_searched_resource_is_made_of_stays_with_it() -> None:
    sketch = lonely().structure("Origin", {"Name": "String"}).structure("Widget", {"Origin": "Origin"})
    sketch = sketch.operation("Search", {}, {"Widget": "Widget"})
    homes = plan_of(sketch, blank(groups={"client": {"operations": ["Search"]}})).homes
    assert homes["Origin"] == homes["Widget"] == "widgets"
    sketch = sketch.resource("Gadget").structure("Gadget", {"Origin": "Origin", "Widget": "Widget"})
    sketch = sketch.operation("Search", {}, {"Widget": "Widget", "Gadget": "Gadget"})
    homes = plan_of(sketch, blank(groups={"client": {"operations": ["Search"]}})).homes
    assert (homes["Widget"], homes["Gadget"], homes["Origin"]) == ("widgets", "gadgets", "shared.origin")


def test_what_no_operation_reaches_has_a_place_too() -> None:
    sketch = lonely().structure("WidgetGone", {"Message": "String"}, exception=True).enum("Forgotten", "A")
    homes = plan_of(sketch).homes
    assert homes["WidgetGone"] == EXCEPTIONS
    assert homes["Forgotten"] == UNREACHED


# --- the record -------------------------------------------------------------------------------------------------------


def test_the_record_only_grows() -> None:
    recorded = {"Part": "widgets", "Vanished": "widgets"}
    text = record({"Part": "shared.part", "New": "gadgets"}, recorded)
    assert tomllib.loads(text) == {"homes": {"New": "gadgets", "Part": "widgets", "Vanished": "widgets"}}
    assert list(tomllib.loads(text)["homes"]) == ["New", "Part", "Vanished"]
    again = tomllib.loads(text)["homes"]
    assert record(again, again) == text


def test_the_record_is_what_is_committed(plan: Plan, overlay: Overlay) -> None:
    assert record(plan.homes, overlay.homes) == (FOLDER / "homes.toml").read_text(encoding="utf-8")
    assert plan.homes.items() <= overlay.homes.items()


def test_every_class_is_in_the_module_that_the_record_says(overlay: Overlay, plan: Plan) -> None:
    placed = {enum.name: module.name for module in plan.modules for enum in module.enums}
    placed |= {structure.name: module.name for module in plan.modules for structure in module.structures}
    assert placed == {name: overlay.homes[name] for name in placed}


@pytest.mark.parametrize("home", ["widgets", "shared.part"])
def test_a_class_stands_in_one_module_only(home: str) -> None:
    plan = plan_of(shared(), blank(homes={"Part": home}))
    found = [module.name for module in plan.modules for each in module.structures if each.name == "Part"]
    assert found == [home]

"""Rules between fields: what the generator writes of the overlay, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.codegen.plan import BetweenPlan
from sagemaker_typed.codegen.problems import Unsettled
from sagemaker_typed.codegen.stale import stale
from tests.codegen.sketch import Sketch, blank, plan_of

SOURCE = {"source": "CreateWidget"}


def sketch() -> Sketch:
    drawn = Sketch().structure("Tag", {"Key": "String"}).list_of("Tag")
    members = {
        "MadeAfter": "Timestamp",
        "MadeBefore": "Timestamp",
        "Low": "Integer",
        "High": "Integer",
        "Tags": "TagList",
    }
    return drawn.resource("Widget", members, {})


def between(pairs: list[dict[str, Any]], rules: list[dict[str, Any]]) -> tuple[BetweenPlan, ...]:
    plan = plan_of(sketch(), blank(rules={"pairs": pairs, "rules": rules}))
    found = [each for module in plan.modules for each in module.structures if each.name == "CreateWidgetRequest"]
    return found[0].between


def test_a_pair_is_found_by_its_words() -> None:
    (rule,) = between([{"order": ["After", "Before"], **SOURCE}], [])
    assert (rule.kind, rule.fields) == ("time_order", ("made_after", "made_before"))


def test_members_inside_a_list_are_those_of_its_items() -> None:
    (rule,) = between([{"unique": ["Tags", "Key"], **SOURCE}], [])
    assert (rule.kind, rule.fields) == ("unique", ("tags", "key"))


def test_a_rule_has_the_names_of_the_fields() -> None:
    entry = {"on": ["CreateWidgetRequest"], "kind": "product", "members": ["Low", "High"], "limit": 9, **SOURCE}
    (rule,) = between([], [entry])
    assert (rule.kind, rule.fields, rule.limit, rule.source) == ("product", ("low", "high"), 9, "CreateWidget")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "sometimes"}, "is of no known kind"),
        ({"members": ["Low"]}, "takes 2 to 2 members"),
        ({"limit": 0}, "has no limit"),
        ({"source": " "}, "has no source"),
        ({"tolerance": 1}, "has a key 'tolerance'"),
    ],
)
def test_a_rule_that_makes_no_sense_stops_the_generator(change: dict[str, Any], said: str) -> None:
    entry = {
        "on": ["CreateWidgetRequest"],
        "kind": "product",
        "members": ["Low", "High"],
        "limit": 9,
        **SOURCE,
        **change,
    }
    with pytest.raises(Unsettled, match=said):
        between([], [entry])


def test_what_the_model_does_not_have_is_said_and_left_out() -> None:
    rules = [
        {"on": ["Gadget"], "kind": "order", "members": ["Low", "High"], **SOURCE},
        {"on": ["CreateWidgetRequest"], "kind": "order", "members": ["Low", "Higher"], **SOURCE},
    ]
    pairs = [{"order": ["Since", "Until"], **SOURCE}]
    assert between(pairs, rules) == ()
    said = stale(sketch().model(), blank(rules={"pairs": pairs, "rules": rules}))
    assert [line for line in said if "rules.toml" in line] == [
        "overlay/rules.toml: [rules] order: there is no structure 'Gadget'",
        "overlay/rules.toml: [rules] order: there is no member 'CreateWidgetRequest.Higher'",
        "overlay/rules.toml: [pairs] Since: there is no member 'Until'",
    ]

"""What the generator makes of a resource that can be waited on, beyond what a person decides."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import OUTCOMES, GroupPlan, Plan, WaiterPlan
from sagemaker_typed.codegen.problems import Unsettled
from sagemaker_typed.codegen.read import BotocoreModel
from sagemaker_typed.codegen.waiters import RESERVED, states_of
from tests.codegen.sketch import Sketch, blank, plan_of

NAME: dict[str, Any] = {"WidgetName": "String"}
READY: dict[str, Any] = {"pending": ["Creating"], "success": ["Ready"], "failure": ["Failed"]}
WIDGETS: dict[str, Any] = {"status": "WidgetStatus", "ready": READY}


def widget(takes: dict[str, Any] | None = None, *, required: tuple[str, ...] = ("WidgetName",)) -> Sketch:
    sketch = Sketch().enum("WidgetStatus", "Creating", "Ready", "Failed").resource("Widget")
    gives: dict[str, Any] = {"WidgetArn": "String", "WidgetStatus": "WidgetStatus", "FailureReason": "String"}
    return sketch.operation("DescribeWidget", {**NAME, **(takes or {})}, gives, required=required)


def group_of(sketch: Sketch, **waiters: Any) -> GroupPlan:
    # What follows a creation has tests of its own.
    (group,) = plan_of(sketch, blank(waiters={"runs": {"without": {"CreateWidget": "why"}}, **waiters})).groups
    return group


def the(group: GroupPlan, state: str) -> WaiterPlan:
    (waiter,) = (waiter for waiter in group.waiters if waiter.state == state)
    return waiter


def arguments(waiter: WaiterPlan) -> list[str]:
    return [f"{field.name}{'' if waiter.needs(field) else '='}" for field in waiter.arguments]


# --- what the overlay need not say ------------------------------------------------------------------------------------


def test_what_is_not_said_comes_from_the_model_and_the_defaults() -> None:
    group = group_of(widget(), defaults={"timeout": 7, "ready": {"timeout": 9}}, widgets=WIDGETS)
    waiter = the(group, "ready")
    assert (waiter.noun, waiter.target, waiter.describe.name) == ("widget", "ready", "DescribeWidget")
    assert (waiter.timeout, waiter.poll) == (9, (2, 30))
    assert waiter.status is not None
    assert waiter.reason is not None
    assert waiter.arn is not None
    assert (waiter.status.name, waiter.reason.name, waiter.arn.name) == (
        "widget_status",
        "failure_reason",
        "widget_arn",
    )
    assert (waiter.stop, waiter.log_group, waiter.compare, waiter.gone) == (None, None, None, False)


def test_a_state_has_the_last_word() -> None:
    group = group_of(
        widget(),
        widgets={**WIDGETS, "noun": "gizmo", "timeout": 5, "ready": {**READY, "timeout": 6, "target": "fit for use"}},
    )
    waiter = the(group, "ready")
    assert (waiter.noun, waiter.target, waiter.timeout) == ("gizmo", "fit for use", 6)


@pytest.mark.parametrize(
    ("pattern", "arn_type"),
    [(None, "widget"), ("arn:aws:sagemaker:.*:[0-9]{12}:wonder/.*", "wonder"), (r"arn:aws:.*:odd-one\/.*", "odd-one")],
)
def test_the_type_in_an_arn(pattern: str | None, arn_type: str) -> None:
    sketch = widget()
    sketch.shapes["Arn"] = {"type": "string", **({"pattern": pattern} if pattern else {})}
    sketch.shapes["DescribeWidgetResponse"]["members"]["WidgetArn"] = {"shape": "Arn"}
    assert group_of(sketch, widgets=WIDGETS).arn_type == arn_type
    assert group_of(sketch, widgets={**WIDGETS, "arn_type": "a/*/b"}).arn_type == "a/*/b"


# --- logs -------------------------------------------------------------------------------------------------------------


def test_a_resource_with_a_log_says_which_streams_are_its_own() -> None:
    logged = {**WIDGETS, "log_group": "/widgets", "log_streams": "{box|widget_name}/", "log_goes_on": True}
    sketch = widget().operation("DeleteWidget", NAME, required=[*NAME])
    group = group_of(sketch, widgets={**logged, "deleted": {"pending": ["Creating", "Ready", "Failed"]}})
    ready, deleted = the(group, "ready"), the(group, "deleted")
    assert (ready.log_group, ready.log_streams, ready.log_goes_on) == ("/widgets", "{box|widget_name}/", True)
    assert (ready.shows_log, deleted.shows_log) == (True, False)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"log_group": "/widgets"}, "sm.widgets says only one of log_group and log_streams"),
        ({"log_streams": ""}, "sm.widgets says only one of log_group and log_streams"),
        (
            {"log_group": "/widgets", "log_streams": "{box|lid}/{widget_name}"},
            "the log streams of sm.widgets are named by box|lid, which DescribeWidget does not take",
        ),
    ],
)
def test_streams_that_cannot_be_named_stop_the_generator(more: dict[str, str], problem: str) -> None:
    with pytest.raises(Unsettled, match=re.escape(problem)):
        group_of(widget(), widgets={**WIDGETS, **more})


# --- arguments --------------------------------------------------------------------------------------------------------


def test_several_identifiers() -> None:
    sketch = widget({"Box": "String", "Version": "String", "NextToken": "String"}, required=("Box", "WidgetName"))
    waiter = the(group_of(sketch, widgets=WIDGETS), "ready")
    assert arguments(waiter) == ["widget_name", "box", "version="]
    assert waiter.batch is None  # one name does not tell which


def test_a_state_may_need_more_than_the_description() -> None:
    sketch = widget({"Version": "String"})
    waiter = the(group_of(sketch, widgets={**WIDGETS, "ready": {**READY, "required": ["Version"]}}), "ready")
    assert arguments(waiter) == ["widget_name", "version"]


def test_a_deletion_needs_what_deleting_needs() -> None:
    sketch = widget({"Version": "String"})
    sketch.operation("DeleteWidget", {**NAME, "Version": "String"}, required=["WidgetName", "Version"])
    deleted = {"pending": ["Creating", "Ready", "Failed"]}
    group = group_of(sketch, widgets={**WIDGETS, "deleted": deleted})
    assert arguments(the(group, "ready")) == ["widget_name", "version="]
    assert arguments(the(group, "deleted")) == ["widget_name", "version"]


# --- deletions that are derived ---------------------------------------------------------------------------------------


def plain() -> Sketch:
    return Sketch().resource("Widget").operation("DeleteWidget", NAME, required=[*NAME])


def test_a_resource_without_a_status_can_be_waited_on_until_it_is_deleted() -> None:
    (waiter,) = group_of(plain(), defaults={"deleted": {"timeout": 5}}).waiters
    assert (waiter.state, waiter.gone, waiter.status, waiter.batch) == ("deleted", True, None, None)
    assert (waiter.noun, waiter.timeout, waiter.poll) == ("widget", 5, (2, 30))
    assert not any(waiter.classes.values())


def test_the_overlay_may_correct_what_is_derived() -> None:
    (waiter,) = group_of(plain(), widgets={"noun": "gizmo", "timeout": 5}).waiters
    assert (waiter.noun, waiter.timeout) == ("gizmo", 5)


def test_nothing_is_derived_where_there_is_nothing_to_wait_for() -> None:
    assert group_of(Sketch().resource("Widget")).waiters == ()
    assert group_of(plain(), without={"DeleteWidget": "It is gone at once."}).waiters == ()
    sketch = Sketch().operation("CreateWidget", NAME, required=[*NAME])
    assert group_of(sketch.operation("DeleteWidget", NAME, required=[*NAME])).waiters == ()


def test_an_older_model_in_which_nothing_has_a_status_yet() -> None:
    group = group_of(plain(), widgets={**WIDGETS, "deleted": {"pending": ["Ready"]}})
    assert [(waiter.state, waiter.status) for waiter in group.waiters] == [("deleted", None)]


# --- many at once -----------------------------------------------------------------------------------------------------


def listed(item: dict[str, Any], takes: dict[str, Any] | None = None, *, required: tuple[str, ...] = ()) -> Sketch:
    sketch = widget().structure("WidgetSummary", item).list_of("WidgetSummary")
    token = {"NextToken": "String"}
    return sketch.operation(
        "ListWidgets", {**token, **(takes or {})}, {**token, "Widgets": "WidgetSummaryList"}, required=required
    )


def test_a_list_that_shows_names_and_states_is_swept() -> None:
    item = {**NAME, "Status": "WidgetStatus"}
    batch = the(group_of(listed(item), widgets=WIDGETS), "ready").batch
    assert batch is not None
    assert batch.list is not None
    assert batch.item_name is not None
    assert batch.item_status is not None
    assert (batch.describe.name, batch.name.name, batch.list.name) == ("DescribeWidget", "widget_name", "ListWidgets")
    assert (batch.item_name.name, batch.item_status.name, batch.list_scope) == ("widget_name", "status", ())


def test_a_list_that_has_to_be_told_where_to_look() -> None:
    sketch = listed({**NAME, "Status": "WidgetStatus"}, {"Box": "String"}, required=("Box",))
    batch = the(group_of(sketch, widgets=WIDGETS), "ready").batch
    assert batch is not None
    assert [field.name for field in batch.list_scope] == ["box"]


@pytest.mark.parametrize(
    "item", [{"Status": "WidgetStatus"}, NAME, {**NAME, "Status": "String"}, {**NAME, "Status": "OtherStatus"}]
)
def test_a_list_that_does_not_show_enough_is_not_swept(item: dict[str, Any]) -> None:
    batch = the(group_of(listed(item).enum("OtherStatus", "Ready"), widgets=WIDGETS), "ready").batch
    assert batch is not None
    assert (batch.list, batch.item_name, batch.item_status, batch.list_scope) == (None, None, None, ())


def test_a_list_that_is_not_to_be_swept() -> None:
    sketch = listed({**NAME, "Status": "WidgetStatus"})
    batch = the(group_of(sketch, widgets={**WIDGETS, "list": False}), "ready").batch
    assert batch is not None
    assert batch.list is None


def test_names_that_do_not_tell_one_from_another() -> None:
    group = group_of(widget(), widgets={**WIDGETS, "batch": False})
    assert (the(group, "ready").batch, group.many) == (None, ())


def test_what_compares_is_one_of_the_states_of_many() -> None:
    renewed = {**READY, "compare": "WidgetArn"}
    group = group_of(widget(), widgets={**WIDGETS, "renewed": renewed})
    assert [waiter.state for waiter in group.many] == ["ready", "renewed"]


def test_many_are_stopped_by_name() -> None:
    for takes, stops in ((NAME, True), ({**NAME, "Why": "String"}, False)):
        sketch = widget({"Why": "String"}).operation("StopWidget", takes, required=[*takes])
        group = group_of(sketch, widgets={**WIDGETS, "ready": {**READY, "stop": "StopWidget"}})
        batch = the(group, "ready").batch
        assert batch is not None
        assert bool(batch.stop) is stops


# --- the repository's own ---------------------------------------------------------------------------------------------


def test_every_description_with_a_status_can_be_waited_on(model: BotocoreModel, overlay: Overlay, plan: Plan) -> None:
    """Nothing is left out. The model of botocore 1.44.5 had 49 such descriptions; it only gains more."""
    waited = {waiter.describe.name for group in plan.groups for waiter in group.waiters if waiter.status}
    carrying = {
        name
        for name in model.operations
        if name.startswith("Describe")
        for member, ref in model.members(model.output(name)).items()
        if member.endswith("Status") and "enum" in model.shape(ref["shape"])
    }
    assert waited == carrying
    assert len(waited) >= 49
    assert overlay.waiters["without"] == {}


def test_whatever_is_described_and_deleted_can_be_waited_on_until_it_is_gone(model: BotocoreModel, plan: Plan) -> None:
    gone = {waiter.describe.name for group in plan.groups for waiter in group.waiters if waiter.gone}
    nouns = {name.removeprefix("Delete") for name in model.operations if name.startswith("Delete")}
    assert gone == {f"Describe{noun}" for noun in nouns} & model.operations.keys()


def test_every_status_of_the_model_is_classed_once(model: BotocoreModel, plan: Plan) -> None:
    for group in plan.groups:
        for waiter in group.waiters:
            texts = model.shape(waiter.status.type.shape)["enum"] if waiter.status else []
            classed = [text for outcome in OUTCOMES for text in waiter.classes[outcome]]
            assert sorted(classed) == sorted(texts), (group.name, waiter.state)


def test_the_rules_of_the_overlay_hold(plan: Plan) -> None:
    """What its first lines say of the classes, as far as it can be told from the words."""
    for group in plan.groups:
        for waiter in group.waiters:
            where = (group.name, waiter.state)
            assert 0 < waiter.timeout <= 864000, where
            assert 0 < waiter.poll[0] <= waiter.poll[1] <= waiter.timeout, where
            assert waiter.classes["success"] or waiter.gone, where
            for outcome in OUTCOMES:
                for text in waiter.classes[outcome]:
                    plain = text.lower().replace("_", "")
                    if plain.endswith("ing") and plain != "running" and not plain.startswith(("delet", "pending")):
                        assert outcome == "pending", (where, text)  # it passes of itself
                    if waiter.gone:
                        # What has settled may not have begun to be deleted; what was deleted is the target.
                        last = plain.removeprefix("delete")
                        assert outcome != "stopped", (where, text)
                        assert (outcome == "failure") == (last in ("failed", "rollbackfailed") and last != plain), text
                    elif plain == "stopped" and waiter.state != "updated":  # an update may not have begun either
                        assert outcome in ("success", "stopped"), (where, text)
                    elif "fail" in plain:
                        assert outcome in ("failure", "pending"), (where, text)


def test_the_table_names_what_there_is(overlay: Overlay, plan: Plan) -> None:
    """No state of the overlay gets lost on its way."""
    found = {(group.name, waiter.state) for group in plan.groups for waiter in group.waiters if waiter.status}
    written = {
        (group, state)
        for group, entry in overlay.waiters.items()
        if group not in RESERVED
        for state in states_of(entry)
    }
    assert found == written

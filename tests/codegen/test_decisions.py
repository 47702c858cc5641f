"""What needs a person stops the generator, and the line that it proposes settles it."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.codegen.plan import Plan, StructurePlan
from tests.codegen.sketch import Sketch, blank, complaints, follow, plan_of

WAITER: dict[str, Any] = {
    "status": "WidgetStatus",
    "pending": ["Creating"],
    "success": ["Ready"],
    "failure": ["Failed"],
}


def structure(plan: Plan, name: str) -> StructurePlan:
    return next(each for module in plan.modules for each in module.structures if each.name == name)


def fields(plan: Plan, name: str) -> dict[str, str]:
    return {field.wire: field.name for field in structure(plan, name).fields}


def test_a_model_without_trouble_needs_nobody() -> None:
    plan = plan_of(Sketch().resource("Widget"))
    assert [(group.name, group.class_name) for group in plan.groups] == [("widgets", "Widgets")]
    assert {operation.name: operation.verb for operation in plan.operations} == {
        "CreateWidget": "create",
        "DescribeWidget": "describe",
    }


# --- fields -----------------------------------------------------------------------------------------------------------


def test_two_members_with_one_field_name() -> None:
    sketch = Sketch().resource("Widget", {"RoleARN": "String", "RoleArn": "String"})
    (said,) = complaints(sketch)
    assert said == (
        "CreateWidgetRequest.RoleArn collides with RoleARN as 'role_arn'; "
        'add to overlay/names.toml: [fields] "CreateWidgetRequest.RoleArn" = "..."'
    )
    plan = plan_of(sketch, follow(blank(), said, "role_arn2"))
    assert fields(plan, "CreateWidgetRequest") == {
        "WidgetName": "widget_name",
        "RoleARN": "role_arn",
        "RoleArn": "role_arn2",
    }


@pytest.mark.parametrize(
    ("wire", "field"), [("UnknownMembers", "unknown_members"), ("ResponseMetadata", "response_metadata")]
)
def test_a_member_named_like_a_field_of_the_base_class(wire: str, field: str) -> None:
    sketch = Sketch().resource("Widget", gives={wire: "String"})
    (said,) = complaints(sketch)
    assert said == (
        f"DescribeWidgetResponse.{wire} collides with a field of the base class as '{field}'; "
        f'add to overlay/names.toml: [fields] "DescribeWidgetResponse.{wire}" = "..."'
    )
    plan = plan_of(sketch, follow(blank(), said, f"wire_{field}"))
    assert fields(plan, "DescribeWidgetResponse")[wire] == f"wire_{field}"


@pytest.mark.parametrize("wire", ["List", "Self"])
def test_a_member_named_like_what_the_class_itself_uses(wire: str) -> None:
    sketch = Sketch().resource("Widget", {wire: "String"})
    overlay = blank()
    (said,) = complaints(sketch, overlay)
    assert (
        f"CreateWidgetRequest.{wire} collides with a name that the class itself uses as '{wire.lower()}'; add to"
        in said
    )
    assert not complaints(sketch, follow(overlay, said, f"{wire.lower()}_"))


def test_an_unknown_word_that_is_a_word() -> None:
    sketch = Sketch().resource("Widget", {"S3Uri": "String"})
    (said,) = complaints(sketch)
    assert said.startswith("field 's3_uri' of CreateWidgetRequest.S3Uri has the unknown word 's3'")
    assert said.endswith('; add to overlay/names.toml: [words] known = ["s3"]')
    assert fields(plan_of(sketch, follow(blank(), said)), "CreateWidgetRequest")["S3Uri"] == "s3_uri"


def test_an_unknown_word_that_is_a_piece_of_one() -> None:
    sketch = Sketch().resource("Widget", {"NVMeSize": "Integer"})
    said = complaints(sketch)
    assert len(said) == 2
    assert "the unknown word 'nv'" in said[0]
    assert "the unknown word 'me'" in said[1]
    assert all("CreateWidgetRequest.NVMeSize" in line and "belongs under [fix]" in line for line in said)
    plan = plan_of(sketch, blank(names={"fix": {"NVMe": "nvme"}}))
    assert fields(plan, "CreateWidgetRequest")["NVMeSize"] == "nvme_size"


def test_a_settled_field_is_taken_as_it_is() -> None:
    sketch = Sketch().resource("Widget", {"NVMeSize": "Integer", "From": "String"})
    settled = {"CreateWidgetRequest.NVMeSize": "nvm_size", "CreateWidgetRequest.From": "from"}
    names = fields(plan_of(sketch, blank(names={"fields": settled})), "CreateWidgetRequest")
    assert names["NVMeSize"] == "nvm_size"
    assert names["From"] == "from_"


# --- enums ------------------------------------------------------------------------------------------------------------


def test_two_texts_with_one_member_name() -> None:
    sketch = Sketch().enum("Kind", "ml.c5", "ml-c5").resource("Widget", {"Kind": "Kind"})
    (said,) = complaints(sketch)
    assert said == (
        "enum Kind: text 'ml-c5' gives 'ML_C5', which collides with 'ml.c5'; "
        'add to overlay/names.toml: [enums.Kind] "ml-c5" = "..."'
    )
    plan = plan_of(sketch, follow(blank(), said, "ML_DASH_C5"))
    (enum,) = plan.modules[0].enums
    assert enum.members == {"ml.c5": "ML_C5", "ml-c5": "ML_DASH_C5"}


@pytest.mark.parametrize("text", ["", "*", "日本", '"', "\\"])
def test_a_text_that_gives_no_identifier(text: str) -> None:
    sketch = Sketch().enum("Kind", "Plain", text).resource("Widget", {"Kind": "Kind"})
    (said,) = complaints(sketch)
    assert f"enum Kind: text {text!r} gives '', which is no identifier" in said
    plan = plan_of(sketch, follow(blank(), said, "ODD"))
    assert plan.modules[0].enums[0].members[text] == "ODD"


def test_an_answer_that_is_no_identifier_settles_nothing() -> None:
    sketch = Sketch().enum("Kind", "*").resource("Widget", {"Kind": "Kind"})
    (said,) = complaints(sketch)
    assert "is no identifier" in complaints(sketch, follow(blank(), said))[0]


def test_a_text_that_the_model_gives_twice_is_one_member() -> None:
    plan = plan_of(Sketch().enum("Kind", "A", "B", "A").resource("Widget", {"Kind": "Kind"}))
    assert plan.modules[0].enums[0].members == {"A": "A", "B": "B"}


# --- groups -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["FrobnicateWidget", "StartEngine"])
def test_an_operation_without_a_group(name: str) -> None:
    sketch = Sketch().resource("Widget").operation(name)
    (said,) = complaints(sketch)
    assert said == (
        f'operation {name} belongs to no known group; add to overlay/groups.toml: [operations] {name} = "group.method"'
    )
    plan = plan_of(sketch, follow(blank(), said, "widgets.frobnicate"))
    (group,) = plan.groups
    assert {operation.verb for operation in group.operations} == {"create", "describe", "frobnicate"}


@pytest.mark.parametrize("answer", ["frobnicate", "widgets.", ".frobnicate", "widgets.do-it", "a.b.c"])
def test_an_answer_that_is_no_group_and_method_is_asked_for_again(answer: str) -> None:
    sketch = Sketch().resource("Widget").operation("FrobnicateWidget")
    overlay = blank(groups={"operations": {"FrobnicateWidget": answer}})
    (said,) = complaints(sketch, overlay)
    assert f"FrobnicateWidget is settled as '{answer}', which is no group.method" in said


def test_an_operation_may_stand_on_the_client() -> None:
    sketch = Sketch().operation("Search", {"Resource": "String"}, {"Hit": "String"})
    plan = plan_of(sketch, blank(groups={"client": {"operations": ["Search"]}}))
    assert [operation.method for operation in plan.client_operations] == ["search"]


def test_two_operations_with_one_method() -> None:
    sketch = Sketch().resource("Widget").operation("BuildWidget")
    overlay = blank(groups={"operations": {"BuildWidget": "widgets.create"}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        "BuildWidget and CreateWidget would both be widgets.create; "
        'add to overlay/groups.toml: [operations] CreateWidget = "widgets.method"'
    )
    assert not complaints(sketch, follow(overlay, said, "widgets.create_slowly"))


def test_the_pages_of_a_description_are_a_method_too() -> None:
    sketch = Sketch().list_of("String").resource("Widget").operation("PageWidget")
    token = {"NextToken": "String"}
    sketch.operation(
        "DescribeWidget", {"WidgetName": "String", **token}, {**token, "Parts": "StringList", "A": "String"}
    )
    settled = {"PageWidget": "widgets.describe_pages"}
    overlay = blank(groups={"operations": settled}, paging={"describes": {"operations": ["DescribeWidget"]}})
    (said,) = complaints(sketch, overlay)
    assert "DescribeWidget and PageWidget would both be widgets.describe_pages" in said


@pytest.mark.parametrize("side", ["takes", "gives"])
def test_a_group_class_with_the_name_of_a_shape(side: str) -> None:
    sketch = Sketch().structure("Widgets", {"A": "String"}).list_of("Widgets")
    token = {"NextToken": "String"}
    if side == "takes":
        sketch.resource("Widget", takes={"All": "Widgets"})
    else:
        sketch.resource("Widget").operation("ListWidgets", token, {**token, "All": "WidgetsList"})
    (said,) = complaints(sketch)
    assert said == (
        "group class Widgets has the name of a shape that its methods take or give; "
        'add to overlay/groups.toml: [classes] widgets = "WidgetsGroup"'
    )
    assert plan_of(sketch, follow(blank(), said)).groups[0].class_name == "WidgetsGroup"


def test_two_groups_with_one_class() -> None:
    sketch = Sketch().resource("AIBox").operation("PackBox").operation("SealBox")
    overlay = blank(
        names={"words": {"known": ["ai"]}},
        groups={"operations": {"PackBox": "boxes.pack", "SealBox": "boxes.seal"}, "classes": {"boxes": "AIBoxes"}},
    )
    (said,) = complaints(sketch, overlay)
    assert said.startswith(
        "group class AIBoxes has the name of the class of group ai_boxes; add to overlay/groups.toml"
    )
    assert not complaints(sketch, follow(overlay, said))


@pytest.mark.parametrize("noun", ["Group", "Api"])
def test_a_group_whose_name_is_taken(noun: str) -> None:
    """`resources/groups.py` is the front of all groups; a group of that name would overwrite it."""
    name = "Groups" if noun == "Group" else "api"
    sketch = Sketch().resource(noun)
    overlay = blank()
    if noun == "Api":
        overlay = blank(groups={"operations": {"CreateApi": f"{name}.create", "DescribeApi": f"{name}.describe"}})
    said = complaints(sketch, overlay)
    lines = [line for line in said if "a name that is taken" in line]
    assert len(lines) == 2, said
    for line, method in zip(lines, ("create", "describe"), strict=True):
        overlay = follow(overlay, line, f"things.{method}")
    assert not complaints(sketch, overlay)


def test_a_request_that_two_operations_share() -> None:
    sketch = Sketch().resource("Widget").operation("DeleteWidget")
    sketch.operations["DeleteWidget"]["input"] = {"shape": "DescribeWidgetRequest"}
    (said,) = complaints(sketch)
    assert "DescribeWidgetRequest" in said
    assert "the generator must learn to tell them apart" in said


def test_an_operation_without_input() -> None:
    sketch = Sketch().resource("Widget").operation("DeleteWidget")
    del sketch.operations["DeleteWidget"]["input"]
    assert complaints(sketch) == [
        "operation DeleteWidget takes no input; the generator must learn to make a request for it"
    ]


# --- classes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Rule", "Request", "Any", "None"])
def test_a_class_named_like_what_generated_modules_use(name: str) -> None:
    sketch = Sketch().structure(name, {"shape": "Integer"}).resource("Widget", {"It": {"shape": name}})
    overlay = blank(names={"words": {"known": ["it"]}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        f"class {name} is a name that generated modules use themselves; "
        f'add to overlay/names.toml: [classes] {name} = "..."'
    )
    plan = plan_of(sketch, follow(overlay, said, f"{name}Shape"))
    assert plan.homes[f"{name}Shape"] == "widgets"
    assert plan.renamed == {f"{name}Shape": name}
    assert structure(plan, "CreateWidgetRequest").fields[1].type.classes() == {f"{name}Shape"}


def test_a_class_named_like_the_literal_of_an_enum() -> None:
    sketch = Sketch().enum("Metric", "A").structure("MetricValue", {"Metric": "Metric"})
    sketch.resource("Widget", {"Metric": "MetricValue"})
    (said,) = complaints(sketch)
    assert said == (
        "class MetricValue is what the texts of enum Metric are called; "
        'add to overlay/names.toml: [classes] MetricValue = "..."'
    )
    assert not complaints(sketch, follow(blank(), said, "MetricReading"))


def test_classes_that_differ_by_case_alone_live_side_by_side() -> None:
    """Module names are lower case throughout, so a disk that ignores case makes no difference."""
    sketch = Sketch().structure("ModelARN", {"A": "String"}).structure("ModelArn", {"B": "String"})
    both: dict[str, Any] = {"One": "ModelARN", "Two": "ModelArn"}
    plan = plan_of(sketch.resource("Widget", both).resource("Gadget", both))
    assert plan.homes["ModelARN"] == plan.homes["ModelArn"] == "shared.model_arn"
    (shared,) = (module for module in plan.modules if module.name == "shared.model_arn")
    assert [each.name for each in shared.structures] == ["ModelARN", "ModelArn"]
    names = [module.name for module in plan.modules]
    assert [name.lower() for name in names] == names


# --- paging -----------------------------------------------------------------------------------------------------------


def paged(name: str, **gives: str) -> Sketch:
    token = {"NextToken": "String"}
    sketch = Sketch().list_of("String").resource("Widget")
    return sketch.operation(name, {"WidgetName": "String", **token}, {**token, **gives}, required=["WidgetName"])


def test_a_paged_operation_with_two_lists() -> None:
    sketch = paged("ListWidgets", Names="StringList", Warnings="StringList")
    (said,) = complaints(sketch)
    assert "ListWidgets takes and gives a NextToken, and its response has not one list but Names and Warnings" in said
    assert said.endswith('; add to overlay/paging.toml: [items] ListWidgets = ["Names", "Warnings"]')
    both = plan_of(sketch, follow(blank(), said))
    one = plan_of(sketch, blank(paging={"items": {"ListWidgets": ["Names"]}}))
    assert [operation.paging.items[0].wire for operation in one.operations if operation.paging] == ["Names"]
    assert [len(operation.paging.items) for operation in both.operations if operation.paging] == [2]


def test_a_token_without_a_list() -> None:
    sketch = paged("ListWidgets", Report="String")
    (said,) = complaints(sketch)
    assert "has not one list but none (no list: it does not page)" in said
    plan = plan_of(sketch, follow(blank(), said))
    assert not any(operation.paging for operation in plan.operations)


def test_a_settled_list_that_this_model_lacks_is_asked_for_again() -> None:
    sketch = paged("ListWidgets", Names="StringList", Warnings="StringList")
    (said,) = complaints(sketch, blank(paging={"items": {"ListWidgets": ["Widgets"]}}))
    assert "Names and Warnings" in said


def test_a_description_that_pages() -> None:
    sketch = paged("DescribeWidget", Parts="StringList", Role="String")
    (said,) = complaints(sketch)
    assert said == (
        "DescribeWidget pages and describes a resource; "
        'add to overlay/paging.toml: [describes] operations = ["DescribeWidget"]'
    )
    (paging,) = (each.paging for each in plan_of(sketch, follow(blank(), said)).operations if each.paging)
    assert paging.describes


# --- waiters ----------------------------------------------------------------------------------------------------------


def waited_on(*statuses: str, takes: str = "WidgetName") -> Sketch:
    sketch = Sketch().enum("WidgetStatus", *statuses).resource("Widget")
    return sketch.operation(
        "DescribeWidget", {takes: "String"}, {takes: "String", "WidgetStatus": "WidgetStatus"}, required=[takes]
    )


def test_a_status_that_is_not_classed() -> None:
    sketch = waited_on("Creating", "Ready", "Failed", "Updating")
    overlay = blank(waiters={"widgets": {"ready": WAITER}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        "status 'Updating' of widgets.ready is not classed; "
        'add to overlay/waiters.toml: [widgets.ready] pending = ["Updating"]'
    )
    (waiter,) = plan_of(sketch, follow(overlay, said)).groups[0].waiters
    assert waiter.classes["pending"] == ("Creating", "Updating")


def test_a_status_that_is_classed_twice() -> None:
    sketch = waited_on("Creating", "Ready", "Failed")
    overlay = blank(waiters={"widgets": {"ready": {**WAITER, "stopped": ["Failed"]}}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        "status 'Failed' of widgets.ready is classed as failure already; "
        'take from overlay/waiters.toml: [widgets.ready] stopped = ["Failed"]'
    )
    (waiter,) = plan_of(sketch, follow(overlay, said)).groups[0].waiters
    assert waiter.classes["stopped"] == ()


def test_a_description_without_an_identifier_to_wait_with() -> None:
    sketch = waited_on("Creating", "Ready", "Failed")
    sketch.structure("DescribeWidgetRequest", {"Left": "String", "Right": "String"}, required=["Left", "Right"])
    overlay = blank(waiters={"widgets": {"ready": WAITER}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        "DescribeWidget has no identifier, which sm.widgets.wait_until_ready takes; "
        'add to overlay/groups.toml: [identifiers] DescribeWidget = "..."'
    )
    # What creates the widget does not give both names either, so nothing can wait for what it has created.
    (next_one,) = complaints(sketch, follow(overlay, said, "Left"))
    assert next_one.startswith("CreateWidget does not give all that DescribeWidget needs")


def test_a_status_that_nothing_waits_on() -> None:
    sketch = waited_on("Creating", "Ready")
    (said,) = complaints(sketch)
    assert said == (
        "DescribeWidget gives WidgetStatus, and nothing in sm.widgets waits on it (each state that can be waited for "
        'has to class Creating, Ready; if nothing is to wait, say why: [without] DescribeWidget = "..."); '
        'add to overlay/waiters.toml: [widgets] status = "WidgetStatus"'
    )
    overlay = follow(blank(), said)
    (said,) = complaints(sketch, overlay)
    assert said == (
        "sm.widgets has a status and no state to wait for; "
        'add to overlay/waiters.toml: [widgets.state] success = ["..."]'
    )
    overlay = follow(overlay, said.replace("widgets.state", "widgets.ready"), "Ready")
    (said,) = complaints(sketch, overlay)
    assert said.endswith('is not classed; add to overlay/waiters.toml: [widgets.ready] pending = ["Creating"]')
    (waiter,) = plan_of(sketch, follow(overlay, said)).groups[0].waiters
    assert (waiter.state, waiter.noun, waiter.timeout, waiter.poll) == ("ready", "widget", 3600, (2, 30))


def test_a_status_that_nothing_is_to_wait_on() -> None:
    overlay = blank(waiters={"without": {"DescribeWidget": "A widget is ready when it is made."}})
    assert plan_of(waited_on("Ready"), overlay).groups[0].waiters == ()


def test_a_second_description_with_a_status() -> None:
    sketch = waited_on("Creating", "Ready", "Failed")
    names: dict[str, Any] = {"WidgetName": "String"}
    sketch.operation(
        "DescribeWidgetV2", names, {**names, "State": "String", "V2Status": "WidgetStatus"}, required=[*names]
    )
    overlay = blank(
        names={"words": {"known": ["v2"]}},
        groups={"operations": {"DescribeWidgetV2": "widgets.describe_v2"}},
        waiters={"widgets": {"ready": WAITER}},
    )
    (said,) = complaints(sketch, overlay)
    assert "DescribeWidgetV2 gives V2Status, and nothing in sm.widgets waits on it" in said
    assert said.endswith('add to overlay/waiters.toml: [widgets.state] describe = "DescribeWidgetV2"')


def test_a_resource_with_a_status_that_can_be_deleted() -> None:
    sketch = waited_on("Ready", "Deleting").operation("DeleteWidget", {"WidgetName": "String"}, required=["WidgetName"])
    ready = {"status": "WidgetStatus", "success": ["Ready"], "failure": ["Deleting"]}
    overlay = blank(waiters={"widgets": {"ready": ready}})
    said = complaints(sketch, overlay)
    assert said == [
        f"status '{text}' of widgets.deleted is not classed; "
        f'add to overlay/waiters.toml: [widgets.deleted] pending = ["{text}"]'
        for text in ("Ready", "Deleting")
    ]
    overlay = blank(waiters={"widgets": {"status": "WidgetStatus", "ready": ready}})
    for line in said:
        overlay = follow(overlay, line)
    waiters = plan_of(sketch, overlay).groups[0].waiters
    assert [(waiter.state, waiter.gone) for waiter in waiters] == [("ready", False), ("deleted", True)]
    assert waiters[1].classes["pending"] == ("Ready", "Deleting")

    unwanted = blank(waiters={"without": {"DeleteWidget": "It is gone at once."}, "widgets": {"ready": ready}})
    assert [waiter.state for waiter in plan_of(sketch, unwanted).groups[0].waiters] == ["ready"]


def test_a_stop_that_needs_more_than_the_wait_takes() -> None:
    sketch = waited_on("Creating", "Ready", "Failed")
    sketch.operation("StopWidget", {"WidgetName": "String", "Why": "String"}, required=["WidgetName", "Why"])
    overlay = blank(waiters={"widgets": {"ready": {**WAITER, "stop": "StopWidget"}}})
    assert complaints(sketch, overlay) == ["StopWidget needs Why, which sm.widgets.wait_until_ready does not take"]


def test_an_argument_named_like_what_every_wait_takes() -> None:
    sketch = waited_on("Creating", "Ready", "Failed")
    sketch.structure("DescribeWidgetRequest", {"WidgetName": "String", "Timeout": "Integer"}, required=["WidgetName"])
    overlay = blank(waiters={"widgets": {"ready": WAITER}})
    (said,) = complaints(sketch, overlay)
    assert said == (
        "DescribeWidgetRequest.Timeout has the name of what every wait takes; "
        'add to overlay/names.toml: [fields] "DescribeWidgetRequest.Timeout" = "..."'
    )
    assert not complaints(sketch, follow(overlay, said, "look_timeout"))


# --- all at once ------------------------------------------------------------------------------------------------------


def test_every_problem_is_said_at_once() -> None:
    sketch = waited_on("Creating", "Ready", "Failed", "Updating").enum("Kind", "*")
    sketch.list_of("String").operation("Frobnicate", {"NVMeSize": "Integer"})
    token = {"NextToken": "String"}
    sketch.operation("ListWidgets", token, {**token, "One": "StringList", "Two": "StringList"})
    sketch.structure("Rule", {"RoleARN": "String", "RoleArn": "String", "Kind": "Kind"})
    sketch.operation("CreateWidget", {"Rule": "Rule"})
    said = complaints(sketch, blank(waiters={"widgets": {"ready": WAITER}}))
    expected = (
        "operation Frobnicate belongs to no known group",
        "enum Kind: text '*'",
        "has the unknown word 'nv'",
        "has the unknown word 'me'",
        "Rule.RoleArn collides with RoleARN",
        "ListWidgets takes and gives a NextToken",
        "status 'Updating' of widgets.ready is not classed",
        "class Rule is a name that generated modules use",
        "CreateWidget does not give all that DescribeWidget needs",
    )
    for part in expected:
        assert sum(part in line for line in said) == 1, part
    assert len(said) == len(expected), said


# --- secrets ----------------------------------------------------------------------------------------------------------


def hides(plan: Plan, shape: str, wire: str) -> bool:
    field = next(field for field in structure(plan, shape).fields if field.wire == wire)
    return field.type.rule is not None and field.type.rule.sensitive


@pytest.mark.parametrize(
    "wire", ["PresignedUrl", "HomeURL", "Token", "AccessTokens", "Credential", "DbCredentials", "Secret", "Password"]
)
def test_a_member_that_is_named_like_a_secret(wire: str) -> None:
    words = ["presigned", "url", "home", "token", "access", "tokens", "credential", "db", "credentials", "secret"]
    known = {"words": {"known": [*words, "password"]}}
    sketch = Sketch().resource("Widget", gives={wire: "String"})
    (said,) = complaints(sketch, blank(names=known))
    assert said == (
        f"DescribeWidgetResponse.{wire} may hold a secret, as its name says (if it grants nothing: under [plain]); "
        f'add to overlay/secrets.toml: [secret] "DescribeWidgetResponse.{wire}" = "..."'
    )
    plan = plan_of(sketch, follow(blank(names=known), said, "It opens the widget."))
    assert hides(plan, "DescribeWidgetResponse", wire)
    plain = blank(names=known, secrets={"plain": {wire: "It says where the widget is."}})
    assert not hides(plan_of(sketch, plain), "DescribeWidgetResponse", wire)


def test_a_place_goes_before_a_name_and_only_values_that_may_hold_a_secret_are_asked_for() -> None:
    sketch = Sketch().resource("Widget", {"Token": "String"}, {"Token": "String"})
    decided = {"secret": {"Token": "why"}, "plain": {"CreateWidgetRequest.Token": "why not"}}
    plan = plan_of(sketch, blank(secrets=decided))
    assert (hides(plan, "CreateWidgetRequest", "Token"), hides(plan, "DescribeWidgetResponse", "Token")) == (
        False,
        True,
    )
    assert not complaints(Sketch().resource("Widget", {"Token": "Integer"}))
    assert not complaints(Sketch().resource("Widget", {"Token": {"shape": "String", "idempotencyToken": True}}))


def test_the_values_of_a_map_are_hidden_and_its_keys_are_not() -> None:
    sketch = Sketch().map_of("String", "String", "Variables").list_of("Variables")
    sketch.resource("Widget", {"Environment": "VariablesList"})
    words = {"words": {"known": ["environment"]}}
    plan = plan_of(sketch, blank(names=words, secrets={"secret": {"Environment": "why"}}))
    rule = next(
        field.type.rule for field in structure(plan, "CreateWidgetRequest").fields if field.wire == "Environment"
    )
    assert rule is not None
    assert not rule.sensitive
    assert rule.items is not None
    assert rule.items.items is not None
    assert (rule.items.sensitive, rule.items.items.sensitive, rule.items.keys) == (False, True, None)


def test_a_structure_that_the_model_calls_sensitive_hides_its_members() -> None:
    sketch = Sketch().structure("Part", {"Name": "String"}, sensitive=True).resource("Widget", {"Part": "Part"})
    plan = plan_of(sketch, blank(names={"words": {"known": ["part", "name"]}}))
    assert hides(plan, "Part", "Name")


def test_secrets_that_are_structures_or_decided_twice() -> None:
    sketch = Sketch().structure("Part", {"Name": "String"}).resource("Widget", {"Credentials": "Part"})
    words = {"words": {"known": ["credentials", "part", "name"]}}
    (said,) = complaints(sketch, blank(names=words, secrets={"secret": {"Credentials": "why"}}))
    assert "CreateWidgetRequest.Credentials holds structures; decide their members instead" in said
    both = {"secret": {"Part.Name": "why"}, "plain": {"Part.Name": "why not", "Credentials": "its members are decided"}}
    (said,) = complaints(sketch, blank(names=words, secrets=both))
    assert said == "overlay/secrets.toml: 'Part.Name' stands under [secret] and under [plain]"

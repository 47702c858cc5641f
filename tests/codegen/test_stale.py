"""A line of an overlay that names what the model does not have is said."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.read import BotocoreModel
from sagemaker_typed.codegen.stale import stale
from tests.codegen.sketch import Sketch, blank, plan_of

WAITER: dict[str, Any] = {
    "target": "ready for work",
    "stop": "StopWidget",
    "compare": "FailureReason",
    "required": ["Version"],
    "timeout": 60,
    "poll": [1, 5],
    "pending": ["Creating"],
    "success": ["Ready"],
}
WAITERS: dict[str, Any] = {
    "defaults": {"timeout": 10, "poll": [1, 2], "ready": {"timeout": 20}},
    "without": {"DescribeGadget": "Nobody waits on gadgets."},
    "runs": {
        "without": {"CreateWidget": "Nobody waits for new widgets."},
        "StopWidget": {"state": "ready", "name": ["WidgetName"], "scope": ["WidgetName"], "find": "ListWidgets"},
    },
    "widgets": {
        "noun": "widget",
        "describe": "DescribeWidget",
        "status": "WidgetStatus",
        "reason": "FailureReason",
        "secondary": "FailureReason",
        "transitions": "FailureReason",
        "explain": {
            "when": ["Ready"],
            "list": "ListWidgets",
            "noun": "tag",
            "name": "Key",
            "status": "Kind",
            "failed": ["*"],
            "reason": "Value",
        },
        "arn": "WidgetName",
        "log_group": "/widgets",
        "log_streams": "{widget_name}/",
        "log_goes_on": True,
        "arn_type": "widget",
        "batch": False,
        "list": False,
        "ready": WAITER,
    },
}


def sketch() -> Sketch:
    """A model in which `FITTING` fits."""
    drawn = Sketch().enum("WidgetStatus", "Creating", "Ready").enum("Kind", "A", "*").enum("Size", "ml.m5.large")
    drawn.structure("Tag", {"Key": "String", "Value": "String", "Kind": "Kind"}).list_of("Tag")
    gives: dict[str, Any] = {"WidgetStatus": "WidgetStatus", "FailureReason": "String", "NVMeSize": "Integer"}
    drawn.resource("Widget", {"Tags": "TagList", "Kind": "Kind"}, gives)
    token = {"NextToken": "String"}
    drawn.shapes["DescribeWidgetRequest"]["members"]["Version"] = {"shape": "String"}
    drawn.resource("Gadget", gives={"GadgetStatus": "Kind"})
    drawn.operation("StopWidget", {"WidgetName": "String"}, required=["WidgetName"])
    drawn.operation("ListWidgets", token, {**token, "Tags": "TagList", "More": "TagList"})
    drawn.structure("Rule", {"A": "String"})
    return drawn.operation("Search", {"Rule": "Rule"}, {"Widget": "String"}).operation("TurnWidget")


FITTING: dict[str, dict[str, Any]] = {
    "names": {
        "fix": {"NVMe": "nvme"},
        "fields": {"Tag.Key": "key"},
        "enums": {"Kind": {"*": "ANY"}},
        "classes": {"Rule": "SearchRule"},
    },
    "groups": {
        "operations": {"TurnWidget": "widgets.turn"},
        "client": {"operations": ["Search"]},
        "identifiers": {"StopWidget": "WidgetName", "CreateWidget": ""},
        "classes": {"widgets": "WidgetGroup"},
    },
    "paging": {"items": {"ListWidgets": ["Tags"]}, "describes": {"operations": ["DescribeWidget"]}},
    "optional": {"members": ["FailureReason"], "shapes": {"Tag": ["Value"]}, "always": {"Tag": ["Key"]}},
    "conversions": {
        "mappings": {"TagList": {"key": "Key", "value": "Value"}},
        "json_texts": {"Tag.Value": "{}"},
    },
    "secrets": {"secret": {"Tag.Value": "why"}, "plain": {"NextToken": "why"}},
    "errors": {
        "not_found": {
            "wordings": [
                {"pattern": "No widget", "operations": ["DescribeWidget", "Stop*"], "source": "widgets/widgets #1"}
            ]
        }
    },
    "waiters": WAITERS,
    "words": {
        "operations": {"DescribeWidget": "Words."},
        "shapes": {"SearchRule": "Words.", "Kind": "Words."},
        "members": {"Tag.Key": "Words.", "FailureReason": "Words."},
        "values": {"Kind.*": "Words."},
        "groups": {"widgets": "Words."},
        "families": {"m5": "Words"},
    },
    "homes": {"Vanished": "widgets"},
}


def test_what_fits_is_no_matter() -> None:
    assert stale(sketch().model(), blank(**FITTING)) == []
    plan_of(sketch(), blank(**FITTING))


@pytest.mark.parametrize(
    ("file", "lines", "said"),
    [
        ("names", {"fix": {"XYZ": "xyz"}}, "names.toml: [fix] there is no name with the word 'XYZ'"),
        ("names", {"fields": {"Tag.Kee": "key"}}, "names.toml: [fields] there is no member 'Tag.Kee'"),
        ("names", {"fields": {"Tog.Key": "key"}}, "names.toml: [fields] there is no member 'Tog.Key'"),
        ("names", {"enums": {"Kind": {"+": "PLUS"}}}, "names.toml: [enums.Kind] there is no text '+'"),
        ("names", {"enums": {"Sort": {"+": "PLUS"}}}, "names.toml: [enums.Sort] there is no text '+'"),
        ("names", {"classes": {"Roole": "X"}}, "names.toml: [classes] there is no class 'Roole'"),
        ("names", {"field": {}}, "names.toml: there is no table 'field'"),
        (
            "groups",
            {"operations": {"SpinWidget": "w.s"}},
            "groups.toml: [operations] there is no operation 'SpinWidget'",
        ),
        ("groups", {"client": {"operations": ["Find"]}}, "groups.toml: [client] there is no operation 'Find'"),
        ("groups", {"identifiers": {"Stop": "A"}}, "groups.toml: [identifiers] there is no operation 'Stop'"),
        (
            "groups",
            {"identifiers": {"StopWidget": "Name"}},
            "groups.toml: [identifiers] StopWidget: there is no member 'Name'",
        ),
        ("groups", {"classes": {"gizmos": "G"}}, "groups.toml: [classes] there is no group 'gizmos'"),
        ("groups", {"operation": {}}, "groups.toml: there is no table 'operation'"),
        ("paging", {"items": {"ListAll": ["Tags"]}}, "paging.toml: [items] there is no operation 'ListAll'"),
        (
            "paging",
            {"items": {"ListWidgets": ["Togs"]}},
            "paging.toml: [items] ListWidgets: there is no member 'Togs'",
        ),
        ("paging", {"describes": {"operations": ["X"]}}, "paging.toml: [describes] there is no operation 'X'"),
        ("optional", {"members": ["FailReason"]}, "optional.toml: there is no member 'FailReason'"),
        ("optional", {"shapes": {"Tog": ["Key"]}}, "optional.toml: [shapes] there is no shape 'Tog'"),
        ("optional", {"shapes": {"Tag": ["Kee"]}}, "optional.toml: [shapes] Tag: there is no member 'Kee'"),
        ("optional", {"always": {"Tag": ["Kee"]}}, "optional.toml: [always] Tag: there is no member 'Kee'"),
        ("secrets", {"secret": {"Tag.Kee": "why"}}, "secrets.toml: [secret] there is no member 'Tag.Kee'"),
        ("secrets", {"plain": {"PrevToken": "why"}}, "secrets.toml: [plain] there is no member 'PrevToken'"),
        (
            "conversions",
            {"json_texts": {"Tag.Kee": "{}"}},
            "conversions.toml: [json_texts] there is no member 'Tag.Kee'",
        ),
        ("conversions", {"mappings": {"Tags": {}}}, "conversions.toml: [mappings] there is no list 'Tags'"),
        (
            "conversions",
            {"mappings": {"TagList": {"key": "Kee"}}},
            "conversions.toml: [mappings] TagList: there is no member 'Kee'",
        ),
        (
            "errors",
            {"in_use": {"wordings": [{"pattern": "Busy", "operations": ["Describe"], "source": "widgets/widgets #2"}]}},
            "errors.toml: [in_use.wordings] there is no operation 'Describe'",
        ),
        (
            "errors",
            {"conflict": {"wordings": [{"pattern": "Over", "operations": ["Halt*"], "source": "widgets/widgets #3"}]}},
            "errors.toml: [conflict.wordings] there is no operation 'Halt*'",
        ),
        ("errors", {"in_used": {}}, "errors.toml: there is no table 'in_used'"),
        ("waiters", {"wodgets": {"ready": WAITER}}, "waiters.toml: there is no group 'wodgets'"),
        ("waiters", {"runs": {"RunWidget": {}}}, "waiters.toml: [runs] there is no operation 'RunWidget'"),
        ("waiters", {"runs": {"without": {"X": ""}}}, "waiters.toml: [runs.without] there is no operation 'X'"),
        (
            "waiters",
            {"runs": {"StopWidget": {"name": ["X"]}}},
            "waiters.toml: [runs.StopWidget] there is no member 'X'",
        ),
        (
            "waiters",
            {"runs": {"StopWidget": {"find": "X"}}},
            "waiters.toml: [runs.StopWidget] there is no operation 'X'",
        ),
        ("waiters", {"runs": {"StopWidget": {"nome": ""}}}, "waiters.toml: [runs.StopWidget] there is no key 'nome'"),
        ("waiters", {"widgets": {"nown": "w"}}, "waiters.toml: [widgets] there is no key 'nown'"),
        ("waiters", {"widgets": {"describe": "X"}}, "waiters.toml: [widgets] there is no operation 'X'"),
        ("waiters", {"widgets": {"status": "X"}}, "waiters.toml: [widgets] there is no member 'X'"),
        ("waiters", {"widgets": {"reason": "X"}}, "waiters.toml: [widgets] there is no member 'X'"),
        ("waiters", {"widgets": {"secondary": "X"}}, "waiters.toml: [widgets] there is no member 'X'"),
        ("waiters", {"widgets": {"transitions": "X"}}, "waiters.toml: [widgets] there is no member 'X'"),
        (
            "waiters",
            {"widgets": {"explain": {"list": "ListX"}}},
            "waiters.toml: [widgets] explain: there is no operation 'ListX'",
        ),
        (
            "waiters",
            {"widgets": {"explain": {"status": "X"}}},
            "waiters.toml: [widgets] explain: there is no member 'X'",
        ),
        (
            "waiters",
            {"widgets": {"explain": {"failed": ["X"]}}},
            "waiters.toml: [widgets] explain: there is no status 'X'",
        ),
        (
            "waiters",
            {"widgets": {"explain": {"when": ["Lost"]}}},
            "waiters.toml: [widgets] explain: there is no status 'Lost'",
        ),
        (
            "waiters",
            {"widgets": {"explain": {"items": "X"}}},
            "waiters.toml: [widgets] explain: there is no key 'items'",
        ),
        ("waiters", {"widgets": {"arn": "X"}}, "waiters.toml: [widgets] there is no member 'X'"),
        ("waiters", {"widgets": {"ready": {"stop": "X"}}}, "waiters.toml: [widgets.ready] there is no operation 'X'"),
        (
            "waiters",
            {"widgets": {"ready": {"describe": "X"}}},
            "waiters.toml: [widgets.ready] there is no operation 'X'",
        ),
        ("waiters", {"widgets": {"ready": {"status": "X"}}}, "waiters.toml: [widgets.ready] there is no member 'X'"),
        ("waiters", {"widgets": {"ready": {"compare": "X"}}}, "waiters.toml: [widgets.ready] there is no member 'X'"),
        (
            "waiters",
            {"widgets": {"ready": {"required": ["X"]}}},
            "waiters.toml: [widgets.ready] there is no member 'X'",
        ),
        ("waiters", {"widgets": {"ready": {"failure": ["X"]}}}, "waiters.toml: [widgets.ready] there is no status 'X'"),
        ("waiters", {"widgets": {"ready": {"sucess": []}}}, "waiters.toml: [widgets.ready] there is no key 'sucess'"),
        ("waiters", {"widgets": {"ready": {"batch": False}}}, "waiters.toml: [widgets.ready] there is no key 'batch'"),
        ("waiters", {"without": {"X": "why"}}, "waiters.toml: [without] there is no operation 'X'"),
        ("waiters", {"defaults": {"done": {}}}, "waiters.toml: [defaults] there is no key or state 'done'"),
        ("waiters", {"defaults": {"noun": "w"}}, "waiters.toml: [defaults] there is no key or state 'noun'"),
        (
            "waiters",
            {"defaults": {"ready": {"noun": "w"}}},
            "waiters.toml: [defaults.ready] there is no key 'noun'",
        ),
        ("words", {"operations": {"DescribeIt": ""}}, "words.toml: [operations] there is no operation 'DescribeIt'"),
        ("words", {"shapes": {"Tog": ""}}, "words.toml: [shapes] there is no class 'Tog'"),
        ("words", {"shapes": {"String": ""}}, "words.toml: [shapes] there is no class 'String'"),
        ("words", {"members": {"Kee": ""}}, "words.toml: [members] there is no member 'Kee'"),
        ("words", {"members": {"Tag.Kee": ""}}, "words.toml: [members] there is no member 'Tag.Kee'"),
        ("words", {"values": {"Kind.B": ""}}, "words.toml: [values] there is no text 'Kind.B'"),
        ("words", {"groups": {"gizmos": ""}}, "words.toml: [groups] there is no group 'gizmos'"),
        ("words", {"families": {"m4": ""}}, "words.toml: [families] there is no family of instances 'm4'"),
        ("words", {"member": {}}, "words.toml: there is no table 'member'"),
    ],
)
def test_what_does_not_fit_is_said(file: str, lines: dict[str, Any], said: str) -> None:
    overlay = blank(**FITTING)
    changed = blank(**{name: getattr(overlay, name) for name in FITTING if name != file}, **{file: merged(file, lines)})
    assert stale(sketch().model(), changed) == [f"overlay/{said}"]


def merged(file: str, lines: dict[str, Any]) -> dict[str, Any]:
    """`FITTING[file]` and these lines."""

    def join(old: Any, new: Any) -> Any:
        if isinstance(old, dict) and isinstance(new, dict):
            return {**old, **{key: join(old[key], value) if key in old else value for key, value in new.items()}}
        return new

    result: dict[str, Any] = join(FITTING[file], lines)
    return result


def test_no_line_of_the_repository_is_stale(model: BotocoreModel, overlay: Overlay) -> None:
    assert stale(model, overlay) == []


def test_a_model_that_lacks_what_the_overlay_names_can_still_be_generated() -> None:
    """An older botocore: fewer operations, members, enum texts and shapes."""
    older = Sketch().enum("WidgetStatus", "Creating").resource("Widget", gives={"WidgetStatus": "WidgetStatus"})
    plan = plan_of(older, blank(**FITTING))
    (waiter,) = plan.groups[0].waiters
    assert (waiter.stop, waiter.reason) == (None, None)
    assert stale(older.model(), blank(**FITTING))


@pytest.mark.parametrize("gives", [{}, {"WidgetStatus": "String"}])
def test_a_model_in_which_the_status_is_no_enum_yet(gives: dict[str, Any]) -> None:
    older = Sketch().resource("Widget", gives=gives)
    assert len(plan_of(older, blank(**FITTING)).groups[0].waiters) == len(gives)

"""One made-up pair of models for each kind of finding, and what the pages show of it."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from sagemaker_typed.changes import Finding, Kind, compare
from tests.changes.models import (
    Json,
    changed,
    enum,
    list_of,
    map_of,
    model,
    only,
    operation,
    ref,
    structure,
    told,
    zoo,
)

WRAPPED = ref("GetResponse", resultWrapper="R")
ALL = "shapes/Animal/members/"
BOTH = {"operations": ("Get", "Put"), "sides": ("request", "response")}
PUT = {"operations": ("Put",), "sides": ("request",)}
GET = {"operations": ("Get",), "sides": ("response",)}


def case(path: str, value: Any, severity: str, kind: Kind, where: str, /, **facts: Any) -> Any:
    return pytest.param(zoo(), changed(path, value), severity, kind, where, facts, id=f"{kind}: {path}={value}"[:70])


def back(path: str, value: Any, severity: str, kind: Kind, where: str, /, **facts: Any) -> Any:
    return pytest.param(changed(path, value), zoo(), severity, kind, where, facts, id=f"{kind}: back from {path}"[:70])


CASES = [
    case("operations/Pet", operation("Pet"), "compatible", "operation_added", "Pet", operations=("Pet",)),
    back("operations/Pet", operation("Pet"), "breaking", "operation_removed", "Pet", operations=("Pet",)),
    case("operations/Get/input", ref("Getter"), "compatible", "operation_input_shape_renamed", "Get", new="Getter"),
    case("operations/Get/input", None, "compatible", "operation_input_shape_renamed", "Get", old="GetRequest", new=None),
    case("operations/Put/output", ref("Answer"), "compatible", "operation_output_added", "Put", new="Answer"),
    case("operations/Get/output", None, "breaking", "operation_output_removed", "Get", old="GetResponse"),
    case("operations/Get/errors", [ref("Full")], "compatible", "error_added", "Get", error="Full"),
    case("operations/Put/errors", None, "compatible", "error_removed", "Put", error="Full"),
    case("operations/Get/http", {"method": "GET"}, "breaking", "trait_changed", "Get", value="http"),
    case("operations/Get/deprecated", True, "compatible", "trait_changed", "Get", value="deprecated", old=None, new=True),
    case("operations/Get/output", WRAPPED, "breaking", "trait_changed", "Get", value="output.resultWrapper", old=None),
    case("shapes/New", structure(), "compatible", "shape_added", "New", type="structure", operations=(), sides=()),
    back("shapes/New", structure(), "breaking", "shape_removed", "New", type="structure"),
    back("shapes/New", enum("a"), "breaking", "shape_removed", "New", type="string"),
    back("shapes/New", list_of("String"), "compatible", "shape_removed", "New", type="list"),
    back("shapes/New", {"type": "string"}, "compatible", "shape_removed", "New", type="string"),
    case(ALL + "Fur", ref("String"), "compatible", "member_added", "Animal.Fur", type="string", **BOTH),
    back(ALL + "Fur", ref("String"), "breaking", "member_removed", "Animal.Fur", type="string", **BOTH),
    case("shapes/Animal/required", ["Name", "Age"], "breaking", "member_made_required", "Animal.Age", **BOTH),
    case("shapes/Ask/required", ["Name"], "breaking", "member_made_required", "Ask.Name", **PUT),
    case("shapes/Answer/required", ["Name", "Kind"], "compatible", "member_made_required", "Answer.Kind", **GET),
    case("shapes/Animal/required", None, "conditional", "member_no_longer_required", "Animal.Name", **BOTH),
    case("shapes/Answer/required", None, "conditional", "member_no_longer_required", "Answer.Name", **GET),
    case("shapes/PutRequest/required", None, "compatible", "member_no_longer_required", "PutRequest.Animal", **PUT),
    case(ALL + "Age", ref("String"), "breaking", "member_type_changed", "Animal.Age", old="integer", new="string", **BOTH),
    case("shapes/Age/type", "long", "breaking", "member_type_changed", "Animal.Age", old="integer", new="long"),
    case("shapes/Full/type", "string", "breaking", "member_type_changed", "Full", old="structure", new="string"),
    case("shapes/Legs/member", ref("Integer"), "breaking", "member_type_changed", "Legs.member", old="string", new="integer"),
    case("shapes/Names/value", ref("Age"), "breaking", "member_type_changed", "Names.value", old="string", new="integer"),
    case(ALL + "Name", ref("AskName"), "conditional", "member_shape_renamed", "Animal.Name", new="AskName", **BOTH),
    case("shapes/Names/key", ref("AskKind"), "conditional", "member_shape_renamed", "Names.key", old="Kind", new="AskKind"),
    case(ALL + "Age", ref("Age", location="uri"), "breaking", "member_trait_changed", "Animal.Age", value="location"),
    case(ALL + "Age", ref("Age", box=True), "compatible", "member_trait_changed", "Animal.Age", value="box", new=True),
    case("shapes/Legs/flattened", True, "breaking", "trait_changed", "Legs", value="flattened", old=None, new=True),
    case("shapes/Name/sensitive", True, "compatible", "trait_changed", "Name", value="sensitive", old=None, new=True),
    case("shapes/Kind/enum", ["cat", "cow", "dog"], "conditional", "enum_value_added", "Kind", value="cow", **BOTH),
    case("shapes/AskKind/enum", ["cat", "dog", "cow"], "compatible", "enum_value_added", "AskKind", value="cow", **PUT),
    case("shapes/AnswerKind/enum", ["cat", "dog", "cow"], "conditional", "enum_value_added", "AnswerKind", **GET),
    case("shapes/AskKind/enum", ["cat"], "breaking", "enum_value_removed", "AskKind", value="dog"),
    case("shapes/AnswerKind/enum", ["cat"], "breaking", "enum_value_removed", "AnswerKind", value="dog"),
    case("shapes/Kind/enum", ["dog", "cat"], "compatible", "enum_reordered", "Kind", old=["cat", "dog"], new=["dog", "cat"]),
    case("shapes/AskName/enum", ["a"], "conditional", "enum_introduced", "AskName", new=["a"]),
    case("shapes/AnswerKind/enum", None, "breaking", "enum_dropped", "AnswerKind", old=["cat", "dog"]),
    case("shapes/AskName/min", 2, "breaking", "min_changed", "AskName", old=1, new=2, **PUT),
    case("shapes/AskName/min", None, "compatible", "min_changed", "AskName", old=1, new=None, **PUT),
    case("shapes/AnswerName/min", 2, "compatible", "min_changed", "AnswerName", old=1, new=2, **GET),
    case("shapes/AnswerName/min", 0, "conditional", "min_changed", "AnswerName", old=1, new=0, **GET),
    case("shapes/Age/min", 0, "breaking", "min_changed", "Age", old=None, new=0, **BOTH),
    case("shapes/AskName/max", 9, "breaking", "max_changed", "AskName", old=10, new=9),
    case("shapes/AskName/max", 11, "compatible", "max_changed", "AskName", old=10, new=11),
    case("shapes/Name/max", None, "conditional", "max_changed", "Name", old=10, new=None),
    case("shapes/Age/max", 9, "breaking", "max_changed", "Age", old=None, new=9),
    case("shapes/AnswerName/max", 9, "compatible", "max_changed", "AnswerName", old=10, new=9),
    case("shapes/AskName/max", "10", "breaking", "max_changed", "AskName", old=10, new="10"),
    case("shapes/AskKind/pattern", ".", "breaking", "pattern_changed", "AskKind", old=None, new="."),
    case("shapes/AnswerKind/pattern", ".", "compatible", "pattern_changed", "AnswerKind", old=None, new="."),
    case("shapes/AskName/pattern", "[a-c]", "conditional", "pattern_changed", "AskName", old="[a-z]+", new="[a-c]"),
    case("shapes/AskName/pattern", None, "compatible", "pattern_changed", "AskName", old="[a-z]+", new=None),
    case("shapes/AnswerName/pattern", None, "conditional", "pattern_changed", "AnswerName", old="[a-z]+", new=None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "severity", "kind", "where", "facts"), CASES)
def test_a_finding(old: Json, new: Json, severity: str, kind: str, where: str, facts: dict[str, Any]) -> None:
    found = only(old, new)
    assert (found.severity, found.kind, found.where) == (severity, kind, where)
    assert {name: getattr(found, name) for name in facts} == facts
    assert compare(old, new).verdict == ("breaking" if severity == "breaking" else "compatible")
    told_of = {name: value for name, value in found.to_dict().items() if name in facts}
    assert set(told_of) == set(facts)
    assert str(found).startswith(f"{where}: ")
    assert "{" not in str(found).replace(str(found.old), "").replace(str(found.new), "")
    assert isinstance(hash(found), int)


@pytest.mark.parametrize(
    ("shape", "severity"), [("PutRequest", "breaking"), ("Answer", "compatible"), ("Animal", "breaking")]
)
def test_a_required_member_that_is_added(shape: str, severity: str) -> None:
    new = changed(f"shapes/{shape}/members/Extra", ref("String"))
    new["shapes"][shape]["required"] = [*new["shapes"][shape]["required"], "Extra"]
    assert told(zoo(), new) == [(severity, "required_member_added", f"{shape}.Extra")]


def test_every_kind_is_tested() -> None:
    tested = {param.values[3] for param in CASES} | {"required_member_added"}
    assert tested == set(get_args(Kind))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (zoo(), changed("shapes/Animal/documentation", "Purrs.")),
        (zoo(), changed("operations/Get/documentation", "Gets.")),
        (zoo(), changed(ALL + "Age", ref("Age", documentation="In years.", deprecatedMessage="No.", box=False))),
        (zoo(), changed("shapes/Legs/min", 0)),
        (zoo(), changed("shapes/Animal/members", dict(reversed(zoo()["shapes"]["Animal"]["members"].items())))),
        (
            changed("operations/Put/errors", [ref("Full"), ref("Answer")]),
            changed("operations/Put/errors", [ref("Answer"), ref("Full")]),
        ),
        (changed("shapes/Animal/required", ["Name", "Age"]), changed("shapes/Animal/required", ["Age", "Name"])),
    ],
)
def test_what_is_no_difference(old: Json, new: Json) -> None:
    assert compare(old, new).findings == ()


def test_an_output_that_is_another_went_and_came() -> None:
    assert told(zoo(), changed("operations/Get/output", ref("Answer"))) == [
        ("breaking", "operation_output_removed", "Get"),
        ("breaking", "member_removed", "Get.Animal"),
        ("breaking", "member_removed", "Get.Answer"),
        ("compatible", "operation_output_added", "Get"),
        ("compatible", "member_added", "Get.Kind"),
        ("compatible", "required_member_added", "Get.Name"),
    ]


def test_a_renamed_shape() -> None:
    new = changed(
        "operations/Get/input",
        ref("GetInput"),
        start=changed("shapes/GetInput", structure(Name="String", Extra="String")),
    )
    del new["shapes"]["GetRequest"]
    assert told(zoo(), new) == [
        ("breaking", "shape_removed", "GetRequest"),
        ("compatible", "operation_input_shape_renamed", "Get"),
        ("compatible", "member_added", "Get.Extra"),
        ("compatible", "shape_added", "GetInput"),
    ]
    assert compare(zoo(), new).updated_operations == {}  # the pages compare shapes of one name


# --- pointed at another shape -----------------------------------------------------------------------------------------


def moved(path: str, shape: str, **shapes: Json) -> list[tuple[str, str, str]]:
    """What is told where a reference of the zoo points at another shape, which stood there before."""
    old = zoo()
    old["shapes"] |= shapes
    return [each for each in told(old, changed(path, ref(shape), start=old)) if "renamed" not in each[1]]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("shapes/Ask/members/Kind", "Ask.Kind"),
        ("shapes/Answer/members/Kind", "Answer.Kind"),
        ("shapes/Names/key", "Names.key"),
    ],
)
def test_values_that_another_enum_has(path: str, where: str) -> None:
    added = "compatible" if where.startswith("Ask") else "conditional"
    assert moved(path, "Pets", Pets=enum("cow", "cat", "ant")) == [
        ("breaking", "enum_value_removed", where),
        (added, "enum_value_added", where),
        (added, "enum_value_added", where),
    ]
    assert moved(path, "String") == [("breaking", "enum_dropped", where)]
    assert moved(path, "Same", Same=enum("dog", "cat")) == []  # the order of another enum says nothing


@pytest.mark.parametrize(
    ("path", "shape", "body", "findings"),
    [
        ("shapes/Ask/members/Name", "Free", {"type": "string"}, [
            ("compatible", "max_changed", "Ask.Name"),
            ("compatible", "min_changed", "Ask.Name"),
            ("compatible", "pattern_changed", "Ask.Name"),
        ]),
        ("shapes/Answer/members/Name", "Free", {"type": "string"}, [
            ("conditional", "max_changed", "Answer.Name"),
            ("conditional", "min_changed", "Answer.Name"),
            ("conditional", "pattern_changed", "Answer.Name"),
        ]),
        ("shapes/Animal/members/Age", "Young", {"type": "integer", "max": 3}, [("breaking", "max_changed", "Animal.Age")]),
        ("shapes/Legs/member", "Short", {"type": "string", "max": 3}, [("breaking", "max_changed", "Legs.member")]),
        ("shapes/Names/value", "Same", zoo()["shapes"]["Name"], []),
        ("shapes/Animal/members/Legs", "Arms", list_of("Name"), [
            ("breaking", "max_changed", "Animal.Legs.member"),
            ("breaking", "min_changed", "Animal.Legs.member"),
            ("breaking", "pattern_changed", "Animal.Legs.member"),
        ]),
        ("shapes/PutRequest/members/Ask", "Beg", structure("Name", Name="AskName", More="Kind"), [
            ("breaking", "member_made_required", "PutRequest.Ask.Name"),
            ("breaking", "member_removed", "PutRequest.Ask.Kind"),
            ("compatible", "member_added", "PutRequest.Ask.More"),
        ]),
        ("operations/Get/input", "Getter", structure("Name", "Key", Name="AskName", Key="String"), [
            ("breaking", "max_changed", "Get.Name"),
            ("breaking", "member_made_required", "Get.Name"),
            ("breaking", "min_changed", "Get.Name"),
            ("breaking", "pattern_changed", "Get.Name"),
            ("breaking", "required_member_added", "Get.Key"),
        ]),
    ],
)  # fmt: skip
def test_what_another_shape_allows(path: str, shape: str, body: Json, findings: list[Any]) -> None:
    assert sorted(moved(path, shape, **{shape: body})) == findings


def test_it_is_told_where_it_moved_and_who_reaches_that() -> None:
    old = zoo()
    old["shapes"]["Pets"] = enum("cat", "cow")
    old["shapes"]["GetRequest"]["members"]["Kind"] = ref("Pets")  # asked for by another operation, which did not move
    new = changed("shapes/Answer/members/Kind", ref("Pets"), start=old)
    found = compare(old, new).of("enum_value_removed")
    assert [(each.where, each.value, each.operations, each.sides) for each in found] == [
        ("Answer.Kind", "dog", ("Get",), ("response",))
    ]


def test_shapes_that_hold_themselves_under_another_name_come_to_an_end() -> None:
    old = changed(
        "shapes/Tree", structure(Up="Tree", Name="Name"), start=changed("shapes/Ask/members/Tree", ref("Tree"))
    )
    new = changed("shapes/Ask/members/Tree", ref("Bush"), start=old)
    new["shapes"]["Bush"] = structure(Up="Bush", Name="String")
    assert [each for each in told(old, new) if "shape" not in each[1]] == [
        ("compatible", "max_changed", "Ask.Tree.Name"),
        ("compatible", "min_changed", "Ask.Tree.Name"),
        ("compatible", "pattern_changed", "Ask.Tree.Name"),
    ]


@pytest.mark.parametrize(
    "pattern",
    [".*", "^.*$", "^.*", ".*$", r"[\S\s]*", r"^[\s\S]*$", r"[\w\W]*", "(.*)", "^(?:.*)$", r"(.|\n)*", "(?s).*"],
)
def test_a_pattern_that_every_text_matches_is_no_constraint(pattern: str) -> None:
    path = "shapes/AskName/pattern"
    free, bound, wide = changed(path), zoo(), changed(path, pattern)
    assert told(free, wide) == told(wide, free) == [("compatible", "pattern_changed", "AskName")]
    assert told(wide, bound) == [("breaking", "pattern_changed", "AskName")]
    assert told(bound, wide) == [("compatible", "pattern_changed", "AskName")]
    answer = "shapes/AnswerName/pattern"
    assert told(zoo(), changed(answer, pattern)) == [("conditional", "pattern_changed", "AnswerName")]


@pytest.mark.parametrize(
    "pattern", [".+", "a.*", r"[\S]*", ".{0,8}", "(?!aws).*", r"[\w\s]*", ".*a", r"(.|\d)+", r"\.*"]
)
def test_a_pattern_that_some_text_does_not_match_is_one(pattern: str) -> None:
    path = "shapes/AskName/pattern"
    assert told(changed(path), changed(path, pattern)) == [("breaking", "pattern_changed", "AskName")]


def test_values_that_move_while_others_come_and_go() -> None:
    found = compare(zoo(), changed("shapes/Kind/enum", ["dog", "ant", "cat"])).findings
    assert [(each.kind, each.value) for each in found] == [("enum_value_added", "ant"), ("enum_reordered", None)]
    assert told(zoo(), changed("shapes/Kind/enum", ["ant", "dog"])) == [
        ("breaking", "enum_value_removed", "Kind"),
        ("conditional", "enum_value_added", "Kind"),
    ]


# --- what the pages show ----------------------------------------------------------------------------------------------


def one(old: Json, new: Json) -> Any:
    (update,) = compare(old, new).updated_operations.values()
    (delta,) = update.sides.values()
    return delta


@pytest.mark.parametrize(
    ("shape", "shapes", "notation"),
    [
        ("Integer", {}, "integer"),
        ("String", {}, "string"),
        ("Kind", {}, "cat | dog"),
        ("New", {"New": structure()}, {}),
        ("New", {"New": structure(A="String", B="Legs")}, {"A": "string", "B": ["string"]}),
        ("New", {"New": map_of("Kind", "Legs")}, {"cat | dog": ["string"]}),
        ("New", {"New": list_of("Ask")}, [{"Name": "string", "Kind": "cat | dog"}]),
        ("New", {"New": structure(Again="New", List="News"), "News": list_of("New")}, {"Again": (), "List": [()]}),
        ("New", {"New": list_of("News"), "News": list_of("New")}, [[()]]),
        ("New", {"New": map_of("News", "String"), "News": structure()}, {"string": "string"}),
    ],
)  # fmt: skip
def test_the_notation_of_a_new_member(shape: str, shapes: dict[str, Json], notation: Any) -> None:
    new = changed("shapes/GetRequest/members/Extra", ref(shape))
    new["shapes"] |= shapes
    found = compare(zoo(), new)
    assert one(zoo(), new) == {"Extra": notation}
    assert json.loads(found.to_json())["updated"]["Get"]["request"]["text"] == found.page().splitlines()[-1]


@pytest.mark.parametrize(
    ("path", "value", "delta"),
    [
        ("shapes/AskKind/enum", ["cat", "dog", "cow"], {"Ask": {"Kind": {"cow"}}}),
        ("shapes/AskName/enum", ["a", "b"], {"Ask": {"Name": {"a", "b"}}}),
        ("shapes/Ask/members/Kind", ref("Legs"), None),
        ("shapes/Ask/type", "string", None),
        ("shapes/AskName", list_of("String"), None),
        ("shapes/AskName", structure(A="String"), None),
        ("shapes/Ask/members/Name", None, None),
        ("shapes/AskKind/enum", ["dog"], None),
        ("shapes/Ask/members/Extra", ref("String"), {"Ask": {"Extra": "string"}}),
    ],
)
def test_the_notation_of_what_stood_before(path: str, value: Any, delta: Any) -> None:
    found = compare(zoo(), changed(path, value))
    assert {name: update.request for name, update in found.updated_operations.items()} == (
        {"Put": delta} if delta else {}
    )


def test_through_lists_and_maps_there_are_no_brackets() -> None:
    def of(**members: str) -> Json:
        return model(
            [operation("Do", "DoRequest", "DoResponse")],
            DoRequest=structure(Things="Things"),
            DoResponse=structure(Things="Things"),
            Things=list_of("Named"),
            Named=map_of("Kind", "Thing"),
            Kind=enum("a", *members),  # the keys of a map are not shown
            Thing=structure(A="String", **members),
        )

    found = compare(of(), of(b="String"))
    assert found.updated_operations["Do"].sides == {"both": {"Things": {"b": "string"}}}
    assert found.page().endswith("Do (updated)\nChanges (both)\n{'Things': {'b': 'string'}}")
    assert found.of("enum_value_added")[0].where == "Kind"


def test_an_enum_of_keys_alone_is_a_finding_and_not_shown() -> None:
    def of(*values: str) -> Json:
        return model([operation("Do", "In")], In=structure(Map="Map"), Map=map_of("Key", "String"), Key=enum(*values))

    found = compare(of("a"), of("a", "b"))
    assert found.updated_operations == {}
    assert found.heading == "no new or updated api methods"
    assert told(of("a"), of("a", "b")) == [("compatible", "enum_value_added", "Key")]


def test_a_change_inside_a_recursion() -> None:
    def of(*values: str) -> Json:
        return model(
            [operation("Search", "In")],
            In=structure(Expression="Expression"),
            Expression=structure(Filter="Filter", Inner="Expressions", Not="Expression"),
            Expressions=list_of("Expression"),
            Filter=structure(Operator="Operator", Of="Expression"),
            Operator=enum(*values),
        )

    assert one(of("is"), of("is", "in")) == {"Expression": {"Filter": {"Operator": {"in"}}}}


def test_a_new_operation_is_new_even_where_it_takes_a_shape_that_grew() -> None:
    new = changed(
        "operations/Feed",
        operation("Feed", "GetRequest"),
        start=changed("shapes/GetRequest/members/Extra", ref("String")),
    )
    found = compare(zoo(), new)
    assert (found.heading, found.new_operations, list(found.updated_operations)) == (
        "1 new 1 updated api methods",
        ("Feed",),
        ["Get"],
    )
    assert "Feed (new)\n\nGet (updated)" in found.page()


def test_long_sets_are_sorted_and_broken_into_lines() -> None:
    values = [f"value-{number:02d}" for number in range(12)]
    new = changed("shapes/AskKind/enum", ["cat", "dog", *reversed(values)])
    text = json.loads(compare(zoo(), new).to_json())["updated"]["Put"]["request"]["text"]
    assert [line.strip(" ,{}").rpartition("'")[0].rpartition("'")[2] for line in text.split("\n")] == values
    few = changed("shapes/AskKind/enum", ["dog", "cat", "c", "b", "a"])
    assert compare(zoo(), few).page().endswith("{'Ask': {'Kind': {'a', 'b', 'c'}}}")


# --- the forms --------------------------------------------------------------------------------------------------------


def test_the_json_form() -> None:
    new = changed("shapes/AskKind/enum", ["cat", "dog", "cow"])
    new["shapes"]["Ask"]["members"]["More"] = ref("Asks")
    new["shapes"]["Asks"] = list_of("Ask")
    reach = {"operations": ["Put"], "sides": ["request"]}
    assert json.loads(compare(zoo(), new).to_json()) == {
        "heading": "1 updated api methods",
        "new": [],
        "updated": {
            "Put": {
                "request": {
                    "delta": {
                        "Ask": {
                            "Kind": {"$enum_added": ["cow"]},
                            "More": [{"Name": "string", "Kind": "cat | dog | cow", "More": {"$recursive": True}}],
                        }
                    },
                    "text": "{'Ask': {'Kind': {'cow'},\n"
                    "         'More': [{'Kind': 'cat | dog | cow', 'More': (), 'Name': 'string'}]}}",
                }
            }
        },
        "verdict": "compatible",
        "findings": [
            {"kind": "member_added", "severity": "compatible", "where": "Ask.More", **reach, "type": "list"},
            {"kind": "enum_value_added", "severity": "compatible", "where": "AskKind", **reach, "value": "cow"},
            {"kind": "shape_added", "severity": "compatible", "where": "Asks", **reach, "type": "list"},
        ],
    }


def test_the_markdown_form_begins_with_what_is_to_be_acted_on() -> None:
    new = changed("shapes/AskKind/enum", ["cat", "cow"])
    new["operations"]["Feed"] = operation("Feed")
    new["shapes"]["Name"]["pattern"] = "[a|b]*"
    text = compare(zoo(), new).to_markdown()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Zoo Service: 1 new 1 updated api methods",
        "## Breaking",
        "## Conditional",
        "## New operations",
        "## Updated operations",
        "### Put (request)",
        "## Compatible",
    ]
    assert "- `AskKind`: value 'dog' removed (`Put`; request)" in text
    assert r"- `Name`: pattern '\[a-z\]+' is now '\[a\|b\]\*' (`Get`, `Put`; request, response)" in text
    assert "**breaking**" in text


def test_additions_are_what_generated_code_has_no_name_for() -> None:
    new = changed("shapes/Kind/enum", ["cat", "dog", "cow", "ant"])
    new["operations"]["Feed"] = operation("Feed")
    new["shapes"]["Ask"]["members"]["More"] = ref("Name")
    new["shapes"]["Name"]["enum"] = ["a"]
    added = compare(zoo(), new).additions
    assert (added.operations, added.members) == (("Feed",), ("Ask.More",))
    assert added.values == {"Kind": ("ant", "cow"), "Name": ("a",)}
    assert added.heading == "1 operation, 1 member, 3 enum values"
    assert not compare(zoo(), zoo()).additions
    assert compare(zoo(), zoo()).additions.heading == "nothing new"


def test_nothing_reaches_it() -> None:
    found = only(
        changed("operations/Put", None), changed("operations/Put", None, start=changed("shapes/AskName/min", 5))
    )
    assert found == Finding(kind="min_changed", severity="compatible", where="AskName", old=1, new=5)

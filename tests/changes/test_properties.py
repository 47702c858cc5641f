"""What holds for any two models, recursive ones and such whose types changed among them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_typed.changes import ModelChanges, compare
from tests.changes.models import Json, enum, list_of, map_of, operation, ref

NAMES = [f"S{number}" for number in range(7)]
MEMBERS = ["A", "B", "C", "D"]
names = st.sampled_from(NAMES)
limits = st.one_of(st.none(), st.integers(0, 3))


def with_limits(kind: str) -> st.SearchStrategy[Json]:
    given_ = st.fixed_dictionaries({"min": limits, "max": limits, "pattern": st.sampled_from([None, "a", "b"])})
    return given_.map(
        lambda parts: {"type": kind} | {name: value for name, value in parts.items() if value is not None}
    )


refs = st.builds(lambda shape, box: ref(shape, box=True) if box else ref(shape), names, st.booleans())
structures = st.builds(
    lambda members, required: {"type": "structure", "members": members, "required": required},
    st.dictionaries(st.sampled_from(MEMBERS), refs, max_size=3),
    st.lists(st.sampled_from(MEMBERS), unique=True, max_size=2),
)
shapes = st.one_of(
    structures,
    structures,
    names.map(list_of),
    st.builds(map_of, names, names),
    st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1).map(lambda values: enum(*values)),
    with_limits("string"),
    with_limits("integer"),
)


@st.composite
def models(draw: st.DrawFn) -> Json:
    """All shapes but perhaps some that nothing points at; any of them may be an input, as in no real model."""
    bodies = {name: draw(shapes) for name in NAMES}
    bodies |= draw(st.dictionaries(st.sampled_from(["Extra", "More"]), shapes))
    roots = st.one_of(st.none(), names)
    chosen = draw(st.lists(st.sampled_from(["Get", "Put", "Do"]), unique=True, max_size=3))
    operations = [operation(name, draw(roots), draw(roots), *draw(st.lists(names, max_size=1))) for name in chosen]
    return {"metadata": {}, "operations": {each["name"]: each for each in operations}, "shapes": bodies}


def walked(old: Json, new: Json) -> dict[str, dict[str, Any]]:
    """What the pages show, by walking every path without remembering anything."""

    def notation(shape: str, around: tuple[str, ...]) -> Any:
        if shape in around:
            return ()
        body, inside = new["shapes"][shape], (*around, shape)
        if body["type"] == "structure":
            return {name: notation(each["shape"], inside) for name, each in body["members"].items()}
        if body["type"] == "list":
            return [notation(body["member"]["shape"], inside)]
        if body["type"] == "map":
            key = notation(body["key"]["shape"], inside)
            return {key if isinstance(key, str) else "string": notation(body["value"]["shape"], inside)}
        return " | ".join(body.get("enum", [])) or body["type"]

    def delta(after: str, before: str, around: tuple[str, ...]) -> Any:
        one, two, inside = old["shapes"][before], new["shapes"][after], (*around, after)
        if after in around or one["type"] != two["type"]:
            return None
        if two["type"] == "structure":
            found: dict[str, Any] = {}
            for name, each in two["members"].items():
                if name not in one["members"]:
                    found[name] = notation(each["shape"], ())
                elif inner := delta(each["shape"], one["members"][name]["shape"], inside):
                    found[name] = inner
            return found
        if two["type"] in ("list", "map"):
            part = "member" if two["type"] == "list" else "value"
            return delta(two[part]["shape"], one[part]["shape"], inside)
        return set(two.get("enum", [])) - set(one.get("enum", []))

    updated: dict[str, dict[str, Any]] = {}
    for name in new["operations"].keys() & old["operations"].keys():
        for side, part in (("request", "input"), ("response", "output")):
            root = new["operations"][name].get(part)
            if root and root["shape"] in old["shapes"] and (found := delta(root["shape"], root["shape"], ())):
                updated.setdefault(name, {})[side] = found
    return updated


def mirrored(found: ModelChanges, *kinds: Any) -> set[tuple[Any, ...]]:
    return {(each.where, each.type, each.value, each.error) for each in found.of(*kinds)}


@given(models())
def test_a_model_is_as_itself(model: Json) -> None:
    found = compare(model, model)
    assert (found.findings, found.new_operations, found.updated_operations) == ((), (), {})
    assert found.verdict == "compatible"


@settings(deadline=None)
@given(models(), models())
def test_any_two_models_can_be_compared_and_told_of(old: Json, new: Json) -> None:
    before = json.dumps([old, new])
    found = compare(old, new)
    document = json.loads(found.to_json())
    assert document["heading"] in found.page()
    assert list(document["updated"]) == sorted(document["updated"])
    assert found.to_markdown().endswith("\n")
    assert (found.verdict == "breaking") == any(each["severity"] == "breaking" for each in document["findings"])
    assert document == json.loads(compare(old, new).to_json())
    assert len({json.dumps(each) for each in document["findings"]}) == len(document["findings"])
    assert json.dumps([old, new]) == before
    for each in found.findings:
        assert set(each.operations) <= old["operations"].keys() | new["operations"].keys()


@settings(deadline=None)
@given(models(), models())
def test_what_is_shown_is_what_walking_every_path_finds(old: Json, new: Json) -> None:
    found = {
        name: {side: delta for side in ("request", "response") if (delta := getattr(update, side)) is not None}
        for name, update in compare(old, new).updated_operations.items()
    }
    assert found == walked(old, new)


@given(models(), models())
def test_what_is_added_one_way_is_removed_the_other(old: Json, new: Json) -> None:
    there, back = compare(old, new), compare(new, old)
    for added, removed in (
        (("operation_added",), "operation_removed"),
        (("error_added",), "error_removed"),
        (("shape_added",), "shape_removed"),
        (("member_added", "required_member_added"), "member_removed"),
        (("enum_value_added",), "enum_value_removed"),
        (("operation_output_added",), "operation_output_removed"),
        (("enum_introduced",), "enum_dropped"),
        (("member_made_required",), "member_no_longer_required"),
    ):
        assert mirrored(there, *added) == mirrored(back, removed)
    for kind in ("min_changed", "max_changed", "pattern_changed", "member_type_changed", "member_shape_renamed"):
        assert {(each.where, each.old, each.new) for each in there.of(kind)} == {
            (each.where, each.new, each.old) for each in back.of(kind)
        }
    assert {each.where for each in there.findings} == {each.where for each in back.findings}

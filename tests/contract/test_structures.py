"""Every structure of the model is a class of its name, with the model's members and what the model says of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest

from sagemaker_typed import types
from sagemaker_typed.structure import Member, Rule, Structure, is_union, members_of
from tests.contract import model, type_names

# In requests a caller may give any sequence or mapping, and that is what the attribute then is.
WIDER = (("list[", "Sequence["), ("dict[", "Mapping["))


OVERLAY = Path(__file__).parents[2] / "sagemaker_typed" / "codegen" / "overlay" / "optional.toml"
ALWAYS: dict[str, list[str]] = tomllib.loads(OVERLAY.read_text(encoding="utf-8"))["always"]
"""tests/local/test_always_there.py holds these against answers."""


def shape_of(name: str) -> Any:
    return model.MODEL.shape_for(name)


@pytest.mark.surface
@pytest.mark.parametrize("name", model.STRUCTURES)
def test_a_structure_is_a_class_of_its_name_with_a_field_for_each_member(name: str) -> None:
    cls = model.structure(name)
    assert cls.__name__ == cls.__qualname__ == name
    assert issubclass(cls, Structure)
    assert is_union(cls) == shape_of(name).is_tagged_union
    assert sorted(member.wire for member in members_of(cls)) == sorted(shape_of(name).members)
    own = [field.name for field in attrs.fields(cls) if field.name not in ("unknown_members", "response_metadata")]
    assert [member.field for member in members_of(cls)] == own
    for member in members_of(cls):
        # Which of its letters begin a word is a matter of taste; which letters there are is not.
        assert member.field.replace("_", "") == member.wire.lower()
        assert member.field.isidentifier()
        assert not member.field.startswith("_")
        always = member.wire in ALWAYS.get(name, [])
        assert_type(cls.__annotations__[member.field], shape_of(name).members[member.wire], member, always)
        assert_rules(member, shape_of(name))


def assert_type(annotation: str, shape: Any, member: Member, always: bool) -> None:
    expected = wider = type_names.member(shape)
    for plain, wide in WIDER:
        wider = wider.replace(plain, wide)
    assert annotation.removesuffix(" | None") in (expected, wider), member
    # Some that the model requires are left out by the service all the same, and some that it does not are always there.
    assert annotation.endswith(" | None") or member.required or always, member


def assert_rules(member: Member, holder: Any) -> None:
    shape = holder.members[member.wire]
    assert member.token == bool(shape.metadata.get("idempotencyToken")), member
    assert member.json == bool(shape.serialization.get("jsonvalue")), member
    assert member.required == (member.wire in holder.required_members and not member.token), member
    expected = rule(shape)
    # What the model calls sensitive is hidden; tests/contract/test_secrets.py has what is hidden beside it.
    assert member.sensitive >= expected.sensitive, member
    assert open_rule(rule_of(member)) == open_rule(expected), member


def rule_of(member: Member) -> Rule:
    return Rule(member.min, member.max, member.pattern, member.sensitive, member.items, member.keys)


def open_rule(found: Rule) -> Rule:
    items = open_rule(found.items) if found.items else None
    return found._replace(sensitive=False, items=some(items) if items else None)


def rule(shape: Any) -> Rule:
    """What the model says of the values of `shape`; a minimum that nothing can fall below is no rule."""
    if shape.type_name in ("structure", "boolean", "timestamp") or model.is_enum(shape):
        return Rule()
    facts = shape.metadata
    least = facts.get("min")
    if least == 0 and shape.type_name in ("string", "list", "map"):
        least = None
    pattern = facts.get("pattern")
    items = {"list": "member", "map": "value"}.get(shape.type_name)
    return Rule(
        min=least,
        max=facts.get("max"),
        pattern=pattern if pattern is not None and is_python(pattern) else None,
        sensitive=bool(facts.get("sensitive")),
        items=some(rule(getattr(shape, items))) if items else None,
        keys=some(rule(shape.key)) if shape.type_name == "map" else None,
    )


def some(found: Rule) -> Rule | None:
    return None if found == Rule() else found


def is_python(pattern: str) -> bool:
    """Some are written for another engine: `\\p{L}`, or a range that is out of order here."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def test_the_types_hold_nothing_that_the_model_has_not() -> None:
    known = {*model.STRUCTURES, *model.ENUMS, *(f"{name}Value" for name in model.ENUMS)}
    assert {name for name in dir(types) if not name.startswith("_")} == known

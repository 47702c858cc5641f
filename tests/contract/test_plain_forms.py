"""Every structure as a plain dict, as JSON and as pydantic takes it, and back; its type hints; and how it is shown."""

from __future__ import annotations

import inspect
import io
import json
import types as builtin_types
import typing
from datetime import UTC, datetime
from pprint import pprint
from typing import Any

import attrs
import pytest

from sagemaker_typed import from_boto3, from_dict, from_json, to_boto3, to_dict, to_json, types
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.structure import Request, Response, Structure, members_of
from tests.contract import model, type_names

BOUND = 400
EVERY = pytest.mark.parametrize("name", model.STRUCTURES)
UNKNOWN = {"ZzNew": {"Deep": [1, None, "two"]}}


def shape_of(name: str) -> Any:
    return model.MODEL.shape_for(name)


def values(name: str) -> list[dict[str, Any]]:
    """boto3's forms of a structure, all members set, and with members that no class knows."""
    shape = shape_of(name)

    def with_unknown(_: Any, members: dict[str, Any]) -> dict[str, Any]:
        return {**members, **UNKNOWN}

    filled = model.filled(shape)[:4]
    return [*filled, model.rewrite(shape, filled[0], structure=with_unknown)]


def iso(value: Any) -> Any:
    """boto3's form with times as JSON has them; written down here once more."""
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {key: iso(item) for key, item in value.items()}
    return [iso(item) for item in value] if isinstance(value, list) else value


def fields_of(shape: Any, value: Any) -> Any:
    """boto3's form under the names of the fields, found by walking the model beside the classes."""
    if shape.type_name == "structure":
        names = {member.wire: member.field for member in members_of(model.structure(shape.name))}
        known = {
            names[wire]: fields_of(shape.members[wire], item) for wire, item in value.items() if wire in shape.members
        }
        unknown = {wire: item for wire, item in value.items() if wire not in shape.members}
        return {**known, **({"unknown_members": unknown} if unknown else {})}
    if shape.type_name == "list":
        return [fields_of(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: fields_of(shape.value, item) for key, item in value.items()}
    return value


def assert_plain(value: Any) -> None:
    """Nothing but what Python itself has: no enum, whatever it equals."""
    assert type(value) in (dict, list, str, int, float, bool, datetime)
    for part in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        if part is not None:
            assert_plain(part)


@pytest.mark.surface
@EVERY
def test_dicts_and_json_hold_boto3s_values_and_lead_back(name: str) -> None:
    cls, shape = model.structure(name), shape_of(name)
    for plain in values(name):
        obj = from_boto3(cls, plain)
        as_dict = to_dict(obj)
        assert as_dict == fields_of(shape, plain)
        assert_plain(as_dict)
        assert json.loads(to_json(obj)) == iso(fields_of(shape, plain))
        assert json.loads(to_json(obj, wire=True)) == iso(plain)
        assert (
            from_dict(cls, as_dict)
            == from_json(cls, to_json(obj))
            == from_json(cls, to_json(obj, wire=True), wire=True)
            == obj
        )
        every = json.loads(to_json(obj, exclude_none=False))
        assert {*every} - {"unknown_members"} == {member.field for member in members_of(cls)}
        assert from_json(cls, json.dumps(every)) == obj


@pytest.mark.surface
@EVERY
def test_type_hints_are_the_classes_that_the_annotations_name(name: str) -> None:
    cls, shape = model.structure(name), shape_of(name)
    hints = typing.get_type_hints(cls)
    signature = inspect.signature(cls, eval_str=True)
    attrs.resolve_types(cls)
    for member in members_of(cls):
        hint = hints[member.field]
        assert attrs.fields_dict(cls)[member.field].type == hint
        optional = type(None) in typing.get_args(hint)
        (plain,) = [arg for arg in typing.get_args(hint) if arg is not type(None)] if optional else [hint]
        assert without_packages(plain) in (told := type_names.member(shape.members[member.wire]), wider(told))
        parameter = signature.parameters[member.field]
        assert parameter.kind is parameter.KEYWORD_ONLY
        field = attrs.fields_dict(cls)[member.field]
        assert parameter.default == (parameter.empty if field.default is attrs.NOTHING else None)
        expected = plain | str if isinstance(plain, type) and issubclass(plain, OpenEnum) else plain
        assert parameter.annotation == (expected | None if optional else expected)
    assert [*signature.parameters][: len(members_of(cls))] == [
        member.field for member in members_of(cls)
    ] or issubclass(cls, Request | Response)


def without_packages(type_: Any) -> str:
    if isinstance(type_, builtin_types.GenericAlias) or typing.get_origin(type_):
        args = ", ".join(map(without_packages, typing.get_args(type_)))
        return f"{typing.get_origin(type_).__name__}[{args}]"
    return str(type_.__name__)


def wider(told: str) -> str:
    return told.replace("list[", "Sequence[").replace("dict[", "Mapping[")


@pytest.mark.surface
@EVERY
def test_a_repr_fits_a_screen_and_pprint_has_it_all(name: str) -> None:
    for plain in values(name):
        obj = from_boto3(model.structure(name), plain)
        assert len(repr(obj)) <= BOUND
        assert repr(obj).startswith(f"{name}(")
        written = io.StringIO()
        pprint(obj, stream=written)
        html = obj._repr_html_()
        for field, value in vars_of(obj).items():
            assert f"{field}=" in written.getvalue()
            assert value is not None
        assert name in html


def vars_of(obj: Structure) -> dict[str, Any]:
    return {
        member.field: getattr(obj, member.field)
        for member in members_of(type(obj))
        if getattr(obj, member.field) is not None
    }


@pytest.mark.surface
@EVERY
def test_pydantic_takes_it_and_gives_what_to_dict_gives(name: str) -> None:
    pydantic = pytest.importorskip("pydantic")
    cls = model.structure(name)
    adapter = pydantic.TypeAdapter(cls)
    for plain in values(name)[-2:]:
        obj = from_boto3(cls, plain)
        assert adapter.validate_python(obj) is obj
        assert adapter.dump_python(obj, exclude_none=True) == to_dict(obj)
        assert json.loads(adapter.dump_json(obj)) == json.loads(to_json(obj, exclude_none=False))
        assert adapter.validate_python(to_dict(obj)) == obj
        again = adapter.validate_json(to_json(obj))
        assert again == obj
        assert to_boto3(again) == to_boto3(obj)
    schema = adapter.json_schema()
    schema = schema["$defs"][name] if "$ref" in schema else schema
    assert schema["title"] == name
    assert {*schema.get("properties", {})} == {member.field for member in members_of(cls)}
    required = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}
    assert {*schema.get("required", ())} == required


WORDS = {
    "string": ("string", "minLength", "maxLength"), "list": ("array", "minItems", "maxItems"),
    "map": ("object", "minProperties", "maxProperties"), "integer": ("integer", "minimum", "maximum"),
    "long": ("integer", "minimum", "maximum"), "float": ("number", "minimum", "maximum"),
    "double": ("number", "minimum", "maximum"), "boolean": ("boolean", "", ""),
}  # fmt: skip
NO_PATTERNS_OF_PYTHON = (r"\p{", r"\uD800", "${")
"""Marks of patterns that Python cannot read, of which the schema says nothing."""


def schema_of(shape: Any) -> dict[str, Any]:
    """The JSON schema of a value, written from botocore's model."""
    if shape.type_name == "structure" or (shape.type_name == "string" and shape.enum):
        return {"$ref": f"#/$defs/{shape.name}"}
    if shape.type_name == "timestamp":
        return {"type": "string", "format": "date-time"}
    if shape.type_name == "blob":
        return {"type": "string", "contentEncoding": "base64"}
    word, low, high = WORDS[shape.type_name]
    schema: dict[str, Any] = {"type": word}
    for name, bound in ((low, shape.metadata.get("min")), (high, shape.metadata.get("max"))):
        if bound is not None and (bound or shape.type_name not in ("string", "list", "map")):
            schema[name] = bound
    if "pattern" in shape.metadata and not any(mark in shape.metadata["pattern"] for mark in NO_PATTERNS_OF_PYTHON):
        schema["pattern"] = f"^(?:{shape.metadata['pattern']})$"
    if shape.type_name == "list":
        schema["items"] = schema_of(shape.member)
    if shape.type_name == "map":
        key = schema_of(shape.key)
        pattern = key.pop("pattern", None)
        key.pop("type", None)
        schema["patternProperties" if pattern else "additionalProperties"] = (
            {pattern: schema_of(shape.value)} if pattern else schema_of(shape.value)
        )
        schema |= {"propertyNames": key} if key else {}
    return schema


@pytest.mark.surface
@EVERY
def test_the_schema_of_pydantic_says_what_the_model_says(name: str) -> None:
    pydantic = pytest.importorskip("pydantic")
    shape = shape_of(name)
    schema = pydantic.TypeAdapter(model.structure(name)).json_schema()
    defined = schema.get("$defs", {})
    properties = (defined[name] if "$ref" in schema else schema).get("properties", {})
    for member in members_of(model.structure(name)):
        found = {word: value for word, value in properties[member.field].items() if word not in ("title", "default")}
        expected = schema_of(shape.members[member.wire])
        assert found in (expected, {"anyOf": [expected, {"type": "null"}]}), member.field
    for enum in (each for each in map(shape_of, defined) if each.type_name == "string"):
        assert defined[enum.name]["type"] == "string"
        assert defined[enum.name]["title"] == enum.name
        assert defined[enum.name]["description"].startswith(getattr(types, enum.name).__doc__)
        assert defined[enum.name]["examples"] == enum.enum[:1]
        assert defined[enum.name]["x-extensible-enum"] == enum.enum

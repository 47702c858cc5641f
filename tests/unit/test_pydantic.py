"""What pydantic does with generated classes, beside what it does with models of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagemaker_typed import to_dict
from sagemaker_typed.services.runtime import InvokeEndpointInput
from sagemaker_typed.types import (
    ContainerDefinition,
    CreateModelInput,
    InputConfig,
    ListModelsInput,
    StoppingCondition,
    Tag,
)

pydantic: Any = pytest.importorskip("pydantic")

MODEL = CreateModelInput(
    model_name="m",
    primary_container=ContainerDefinition(image="i", environment={"A": "1", "B": "2"}),
    tags=[Tag(key="a", value="1"), Tag(key="b", value="2"), Tag(key="c", value="3")],
)


class PydanticTag(pydantic.BaseModel):  # type: ignore[misc]
    key: str
    value: str


class PydanticContainer(pydantic.BaseModel):  # type: ignore[misc]
    image: str | None = None
    environment: dict[str, str] | None = None
    mode: str | None = None


class PydanticModel(pydantic.BaseModel):  # type: ignore[misc]
    model_name: str
    primary_container: PydanticContainer | None = None
    tags: list[PydanticTag] | None = None
    execution_role_arn: str | None = None


THEIRS = PydanticModel(
    model_name="m",
    primary_container={"image": "i", "environment": {"A": "1", "B": "2"}},
    tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}, {"key": "c", "value": "3"}],
)

CHOICES: list[dict[str, Any]] = [
    {},
    {"include": {"model_name"}},
    {"include": {"tags", "execution_role_arn"}},
    {"include": set()},
    {"include": {"tags": True}},
    {"include": {"tags": ...}},
    {"include": {"tags": {0}}},
    {"include": {"tags": {0: True, 2: {"value"}}}},
    {"include": {"tags": {"__all__": {"key"}}}},
    {"include": {"tags": {"__all__": True}}},
    {"include": {"primary_container": {"environment": {"A"}}}},
    {"include": {"primary_container": {"environment"}, "model_name": True}},
    {"exclude": {"model_name"}},
    {"exclude": set()},
    {"exclude": {"tags": True, "primary_container": True}},
    {"exclude": {"tags": ...}},
    {"exclude": {"tags": {1}}},
    {"exclude": {"tags": {1: True}}},
    {"exclude": {"tags": {0: {"key"}, 2: True}}},
    {"exclude": {"tags": {"__all__": {"value"}}}},
    {"exclude": {"primary_container": {"environment": {"B"}}}},
    {"exclude": {"no_such_field": True}},
    {"include": {"tags": True, "model_name": True}, "exclude": {"tags": {0: True}}},
    {"include": {"tags": {0: {"key"}, 1: True}}, "exclude": {"tags": {1: {"key"}}}},
    {"include": {"tags", "model_name"}, "exclude": {"tags"}},
]


@pytest.mark.parametrize("choice", CHOICES, ids=range(len(CHOICES)))
def test_parts_are_chosen_as_in_pydantics_own_models(choice: dict[str, Any]) -> None:
    adapter = pydantic.TypeAdapter(CreateModelInput)
    assert adapter.dump_python(MODEL, exclude_none=True, **choice) == THEIRS.model_dump(exclude_none=True, **choice)


def test_a_false_choice_chooses_nothing() -> None:
    """pydantic's own models refuse it."""
    adapter = pydantic.TypeAdapter(CreateModelInput)
    kept = adapter.dump_python(MODEL, exclude_none=True, exclude={"tags": {0: False, 1: True}, "model_name": False})
    assert kept["model_name"] == "m"
    assert [tag["key"] for tag in kept["tags"]] == ["a", "c"]
    assert adapter.dump_python(MODEL, include={"tags": False, "model_name": True}) == {"model_name": "m"}


@pytest.mark.parametrize("without", ["exclude_none", "exclude_unset", "exclude_defaults"])
def test_members_without_a_value_may_be_left_out(without: str) -> None:
    adapter = pydantic.TypeAdapter(Tag)
    config = pydantic.TypeAdapter(StoppingCondition)
    assert config.dump_python(StoppingCondition(max_runtime_in_seconds=0)) == {
        "max_runtime_in_seconds": 0,
        "max_wait_time_in_seconds": None,
        "max_pending_time_in_seconds": None,
    }
    assert config.dump_python(StoppingCondition(max_runtime_in_seconds=0), **{without: True}) == {
        "max_runtime_in_seconds": 0
    }
    assert adapter.dump_python(Tag(key="k", value="v")) == {"key": "k", "value": "v"}


def test_times_are_texts_in_json_alone() -> None:
    adapter = pydantic.TypeAdapter(ListModelsInput)
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    value = ListModelsInput(creation_time_after=noon)
    assert adapter.dump_python(value, exclude_none=True) == {"creation_time_after": noon}
    assert adapter.dump_python(value, mode="json", exclude_none=True) == {"creation_time_after": "2026-01-01T12:00:00Z"}


def test_what_is_valid() -> None:
    adapter = pydantic.TypeAdapter(Tag)
    tag = Tag(key="k", value="v")
    assert adapter.validate_python(tag) is tag
    assert adapter.validate_python({"key": "k", "value": "v"}) == tag
    unknown = adapter.validate_python({"key": "k", "value": "v", "unknown_members": {"New": 1}})
    assert (unknown.key, unknown.unknown_members) == ("k", {"New": 1})
    given = {"key": "k", "value": "v", "unknown_members": {"New": 1}}
    adapter.validate_python(given)
    assert given == {"key": "k", "value": "v", "unknown_members": {"New": 1}}
    for wrong in (
        {"key": "k"},
        {"key": "k", "value": 1},
        {"key": "k", "value": "v", "unknown_members": 5},
        "text",
        None,
    ):
        with pytest.raises(pydantic.ValidationError, match="Tag"):
            adapter.validate_python(wrong)


def test_what_pydantic_did_not_validate_is_written_as_it_is() -> None:
    adapter = pydantic.TypeAdapter(Tag)
    assert adapter.dump_python("text") == "text"


# --- the JSON schema --------------------------------------------------------------------------------------------------


def schema_of(cls: type) -> dict[str, Any]:
    found = pydantic.TypeAdapter(cls).json_schema()
    return found["$defs"][cls.__name__] if "$ref" in found else found  # type: ignore[no-any-return]


def bounds_of(described: dict[str, Any]) -> dict[str, Any]:
    plain = next((each for each in described.get("anyOf", [described]) if each.get("type") != "null"), described)
    return {name: item for name, item in plain.items() if name not in ("title", "default", "$ref")}


def test_the_bounds_of_the_model_stand_in_the_schema() -> None:
    tag = schema_of(Tag)
    assert tag["required"] == ["key", "value"]
    assert "additionalProperties" not in tag
    assert bounds_of(tag["properties"]["key"]) == {"type": "string", "minLength": 1, "maxLength": 128}
    assert bounds_of(tag["properties"]["value"]) == {"type": "string", "maxLength": 256}
    seconds = schema_of(StoppingCondition)["properties"]
    assert bounds_of(seconds["max_runtime_in_seconds"]) == {"type": "integer", "minimum": 1}
    model = schema_of(CreateModelInput)["properties"]
    tags = bounds_of(model["tags"])
    assert (tags["type"], tags.get("minItems"), tags["maxItems"]) == ("array", None, 50)
    environment = bounds_of(schema_of(ContainerDefinition)["properties"]["environment"])
    assert (environment["type"], environment["maxProperties"]) == ("object", 100)
    assert environment["propertyNames"] == {"maxLength": 1024}
    text = {"type": "string", "maxLength": 1024, "pattern": r"^(?:[\S\s]*)$"}
    assert environment["patternProperties"] == {"^(?:[a-zA-Z_][a-zA-Z0-9_]*)$": text}
    name = bounds_of(schema_of(ListModelsInput)["properties"]["name_contains"])
    assert name == {"type": "string", "maxLength": 63, "pattern": "^(?:[a-zA-Z0-9-]+)$"}
    assert bounds_of(schema_of(ListModelsInput)["properties"]["creation_time_after"]) == {
        "type": "string",
        "format": "date-time",
    }


def test_only_what_is_required_is_required() -> None:
    assert schema_of(InputConfig)["required"] == ["s3_uri", "framework"]
    assert schema_of(CreateModelInput)["required"] == ["model_name"]


@pytest.mark.parametrize(("given", "body"), [("Ym9keQ==", b"body"), (b"raw", b"raw"), (None, None)])
def test_bytes_are_base64(given: Any, body: Any) -> None:
    adapter = pydantic.TypeAdapter(InvokeEndpointInput)
    found = adapter.validate_python({"endpoint_name": "e", "body": given})
    assert found.body == body


def test_what_is_no_base64() -> None:
    adapter = pydantic.TypeAdapter(InvokeEndpointInput)
    for wrong in ("no base64!", "Ym9keQ="):
        with pytest.raises(pydantic.ValidationError):
            adapter.validate_python({"endpoint_name": "e", "body": wrong})
    described = schema_of(InvokeEndpointInput)["properties"]["body"]
    assert bounds_of(described) == {"type": "string", "contentEncoding": "base64"}


def test_a_dump_is_what_to_dict_gives() -> None:
    assert pydantic.TypeAdapter(CreateModelInput).dump_python(MODEL, exclude_none=True) == to_dict(MODEL)

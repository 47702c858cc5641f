"""What `from_dict` and `from_json` make of bytes, metadata and odd values; `base64` and `json` of Python know it as well."""

from __future__ import annotations

import binascii
import json
import math
from base64 import b64encode
from typing import Any

import pytest

from sagemaker_typed import from_dict, from_json, to_dict, to_json
from sagemaker_typed.errors import ConversionError
from sagemaker_typed.services.runtime import InvokeEndpointInput, PayloadPart
from sagemaker_typed.structure import ResponseMetadata
from sagemaker_typed.types import (
    ContainerDefinition,
    CreateCompilationJobRequest,
    DescribeModelOutput,
    InputConfig,
    ProfilerConfig,
    SearchExpression,
    Tag,
)

RAW = b"\x00\xff body"


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_bytes_are_read_from_base64() -> None:
    text = b64encode(RAW).decode()
    assert from_dict(PayloadPart, {"bytes": text}).bytes == RAW
    assert from_json(PayloadPart, json.dumps({"bytes": text})).bytes == RAW
    assert from_json(PayloadPart, json.dumps({"Bytes": text}), wire=True).bytes == RAW
    assert from_dict(InvokeEndpointInput, {"endpoint_name": "e", "body": text}).body == RAW


@pytest.mark.parametrize("raw", [b"", b"x", RAW, bytes(range(256))])
def test_bytes_come_back(raw: bytes) -> None:
    part = PayloadPart(bytes=raw)
    for wire in (False, True):
        assert from_json(PayloadPart, to_json(part, wire=wire), wire=wire) == part
    assert from_dict(PayloadPart, to_dict(part)) == part


@pytest.mark.parametrize("value", [RAW, bytearray(RAW), 5, None])
def test_what_is_no_text_is_kept(value: Any) -> None:
    assert from_dict(PayloadPart, {"bytes": value}).bytes is value


@pytest.mark.parametrize("text", ["no base64!", "Ym9keQ=", "Ym9k\neQ==", "é", "Y"])
def test_what_is_no_base64_is_refused_with_its_place(text: str) -> None:
    """A text that is no base64 is no body either: no caller means its characters."""
    try:
        binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        pass
    else:
        raise AssertionError(text)
    told = r"^PayloadPart: bytes: not base64: "
    with pytest.raises(ConversionError, match=told) as caught:
        from_dict(PayloadPart, {"bytes": text})
    assert caught.value.__cause__ is None
    with pytest.raises(ConversionError, match=told):
        from_json(PayloadPart, json.dumps({"bytes": text}))
    with pytest.raises(ConversionError, match=r"^PayloadPart: Bytes: not base64: "):
        from_json(PayloadPart, json.dumps({"Bytes": text}), wire=True)


# --- structures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", [False, True])
def test_none_is_none_at_every_depth(wire: bool) -> None:
    names = ("Filters", "SubExpressions") if wire else ("filters", "sub_expressions")
    text = json.dumps({names[0]: None, names[1]: [None, {names[0]: []}]})
    made = from_json(SearchExpression, text, wire=wire)
    assert made.filters is None
    assert made.sub_expressions == [None, SearchExpression(filters=[])]


def test_an_object_inside_is_taken_as_it_is() -> None:
    config = InputConfig(s3_uri="s", framework="KERAS")
    assert from_dict(CreateCompilationJobRequest, {"input_config": config}).input_config is config


def test_lists_and_maps_are_copied() -> None:
    given = {"profiling_parameters": {"a": "b"}}
    made = from_dict(ProfilerConfig, given)
    assert made.profiling_parameters == {"a": "b"}
    assert made.profiling_parameters is not given["profiling_parameters"]


def test_a_map_in_the_place_of_another_value() -> None:
    with pytest.raises(
        ConversionError, match=r"^ProfilerConfig: profiling_parameters: a list where a mapping was expected$"
    ):
        from_dict(ProfilerConfig, {"profiling_parameters": []})
    with pytest.raises(ConversionError, match=r"^SearchExpression: filters: a dict where a list was expected$"):
        from_dict(SearchExpression, {"filters": {}})


def test_tags_are_a_list_in_awss_form() -> None:
    """Only the library's own form may have a mapping there, which `to_boto3` would not write."""
    with pytest.raises(ConversionError, match=r"^CreateCompilationJobRequest: Tags: a dict where a list was expected$"):
        from_json(CreateCompilationJobRequest, '{"Tags": {"a": "b"}}', wire=True)
    with pytest.raises(ConversionError, match=r"^CreateCompilationJobRequest: tags: a str where a list was expected$"):
        from_dict(CreateCompilationJobRequest, {"tags": "a"})
    assert from_dict(CreateCompilationJobRequest, {"tags": None}).tags is None


def test_unknown_members() -> None:
    made = from_json(Tag, '{"Key": "k", "Value": "v", "New": {"a": 1}}', wire=True)
    assert (made.key, made.value, made.unknown_members) == ("k", "v", {"New": {"a": 1}})
    assert from_dict(Tag, to_dict(made)) == made
    given = {"New": 1}
    kept = from_dict(Tag, {"key": "k", "value": "v", "unknown_members": given})
    assert kept.unknown_members == given
    assert kept.unknown_members is not given
    assert from_json(Tag, '{"unknown_members": 1}', wire=True).unknown_members == {"unknown_members": 1}


def test_missing_members_are_none_whatever_their_type() -> None:
    made = from_dict(InputConfig, {})
    assert {made.s3_uri, made.framework} == {None}
    assert made.unknown_members == {}


# --- metadata ---------------------------------------------------------------------------------------------------------

OWN = {"request_id": "r", "http_status_code": 200, "http_headers": {"a": "b"}, "retry_attempts": 1, "extra": {"H": 1}}
AWS = {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {"a": "b"}, "RetryAttempts": 1, "H": 1}
MADE = ResponseMetadata(request_id="r", http_status_code=200, http_headers={"a": "b"}, retry_attempts=1, extra={"H": 1})


def test_metadata_belong_to_responses() -> None:
    assert from_dict(DescribeModelOutput, {"response_metadata": OWN}).response_metadata == MADE
    response = from_json(DescribeModelOutput, json.dumps({"ResponseMetadata": AWS}), wire=True)
    assert response.response_metadata == MADE
    assert response.unknown_members == {}
    assert from_dict(DescribeModelOutput, {"response_metadata": None}).response_metadata.request_id is None
    with pytest.raises(ConversionError, match="'response_metadata' is not a field of Tag"):
        from_dict(Tag, {"response_metadata": OWN})
    assert from_json(Tag, '{"ResponseMetadata": {}}', wire=True).unknown_members == {"ResponseMetadata": {}}


@pytest.mark.parametrize(("name", "wire"), [("response_metadata", True), ("ResponseMetadata", False)])
def test_each_form_has_its_own_name_of_the_metadata(name: str, wire: bool) -> None:
    text = json.dumps({name: AWS})
    if wire:
        assert from_json(DescribeModelOutput, text, wire=True).unknown_members == {name: AWS}
    else:
        with pytest.raises(ConversionError, match="'ResponseMetadata' is not a field of DescribeModelOutput"):
            from_json(DescribeModelOutput, text)


def test_metadata_that_are_no_mapping() -> None:
    told = r"^DescribeModelOutput: a list where a mapping was expected$"
    with pytest.raises(ConversionError, match=told):
        from_dict(DescribeModelOutput, {"response_metadata": [1]})
    with pytest.raises(ConversionError, match=told):
        from_json(DescribeModelOutput, '{"ResponseMetadata": [1]}', wire=True)


# --- names and errors -------------------------------------------------------------------------------------------------


def test_a_key_that_is_no_text() -> None:
    with pytest.raises(ConversionError) as caught:
        from_dict(Tag, {3: 1})  # type: ignore[dict-item]
    assert str(caught.value) == "Tag: 3 is not a field of Tag"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("kye", "'kye' is not a field of Tag; did you mean key?"),
        ("zzz", "'zzz' is not a field of Tag"),
        (
            "Key",
            "'Key' is not a field of Tag; it is AWS's name of a member: use from_boto3, or from_json(..., wire=True)",
        ),
    ],
)
def test_a_name_that_is_no_field(key: str, told: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_dict(Tag, {key: 1})
    assert str(caught.value) == f"Tag: {told}"


def test_what_is_nested_too_deeply_is_a_typed_error() -> None:
    deep: dict[str, Any] = {}
    for _ in range(20_000):
        deep = {"sub_expressions": [deep]}
    with pytest.raises(ConversionError) as caught:
        from_dict(SearchExpression, deep)
    assert str(caught.value) == "SearchExpression: nested too deeply to be read"
    assert isinstance(caught.value.__cause__, RecursionError)


@pytest.mark.parametrize("text", ["", "{", b"\xff", "[" * 100_000])
def test_what_json_refuses(text: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)) as theirs:
        json.loads(text)
    with pytest.raises(ConversionError) as caught:
        from_json(Tag, text)
    assert str(caught.value) == f"Tag: not a JSON text: {theirs.value}"
    assert type(caught.value.__cause__) is type(theirs.value)


@pytest.mark.parametrize(("cls", "shown"), [(dict, "<class 'dict'>"), ("Tag", "'Tag'"), (None, "None")])
def test_what_is_no_generated_class(cls: Any, shown: str) -> None:
    for function in (from_dict, from_json):
        with pytest.raises(TypeError) as caught:
            function(cls, "{}")  # type: ignore[arg-type]
        assert str(caught.value) == f"{function.__name__} takes a generated class, not {shown}"


@pytest.mark.parametrize("function", [to_dict, to_json])
def test_what_is_no_object_of_a_generated_class(function: Any) -> None:
    for value, name in ((3, "int"), (Tag, "type")):
        with pytest.raises(TypeError) as caught:
            function(value)
        assert str(caught.value).startswith(f"{function.__name__} takes an object of a generated class, not a ")
        assert name in str(caught.value)


# --- the options of to_json -------------------------------------------------------------------------------------------


def test_the_options_of_a_json_text() -> None:
    tag = Tag(key="k", value=None)  # type: ignore[arg-type]
    assert to_json(tag) == '{"key": "k"}'
    assert to_json(tag, exclude_none=False) == '{"key": "k", "value": null}'
    assert to_json(tag, wire=True) == '{"Key": "k"}'
    assert to_json(tag, indent=2) == json.dumps({"key": "k"}, indent=2)
    assert to_json(from_dict(DescribeModelOutput, {"model_name": "m"})) == '{"model_name": "m"}'


def test_a_key_that_json_lacks_is_never_written() -> None:
    tag = Tag(key="k", value="v")
    tag.unknown_members = {"New": {math.nan: 1}}
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(tag)


@pytest.mark.parametrize("function", [to_dict, to_json])
def test_secrets_and_metadata_are_the_callers_choice(function: Any) -> None:
    container = ContainerDefinition(environment={"KEY": "s3cret"})
    assert "s3cret" in str(function(container))
    assert "s3cret" not in str(function(container, mask_secrets=True))
    response = from_dict(DescribeModelOutput, {"response_metadata": OWN})
    assert "response_metadata" not in function(response)
    assert "response_metadata" in function(response, metadata=True)

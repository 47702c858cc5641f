"""Each type that the converter knows, in both directions: what it makes of a value, and the words for what does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from types import MappingProxyType
from typing import Any

import botocore.utils
import pytest

from sagemaker_typed import errors, from_boto3, to_boto3
from sagemaker_typed._core.convert.converter import Converter, from_wire, leaf_hook, read_metadata
from sagemaker_typed.errors import ConversionError, InvalidRequestError
from sagemaker_typed.services.runtime import ModelStreamError, PayloadPart, ResponseStream
from sagemaker_typed.streams import EventStream, StreamedBody
from sagemaker_typed.structure import ResponseMetadata
from sagemaker_typed.types import (
    CompilationJobStatus,
    CreateModelInput,
    DescribeEndpointOutput,
    ListModelsInput,
    SearchExpression,
    Tag,
)

NOON = datetime(2024, 6, 10, 12, tzinfo=UTC)
DONE = CompilationJobStatus.COMPLETED
PLUS_TWO = timezone(timedelta(hours=2))
NAIVE = datetime(2024, 6, 10, 12)


class Text(str):
    """A subclass: a converter that compares classes takes another path."""

    __slots__ = ()


class Items(list[Any]):
    __slots__ = ()


# --- in ---------------------------------------------------------------------------------------------------------------

READ: list[tuple[Any, Any, Any]] = [
    (str, "x", "x"),
    (str, 5, 5),
    (str, None, None),
    (int, "x", "x"),
    (bool, 0, 0),
    (bytes, b"x", b"x"),
    (Any, [1], [1]),
    (float, "Infinity", float("inf")),
    (float, "-Infinity", float("-inf")),
    (float, "other", "other"),
    (float, 1, 1),
    (datetime, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    (datetime, 1718020800.5, NOON + timedelta(milliseconds=500)),
    (datetime, NOON, NOON),
    (datetime, NOON.astimezone(PLUS_TWO), NOON),
    (datetime, NAIVE, NOON),
    (datetime, "2024-06-10T12:00:00Z", NOON),
    (datetime, "2024-06-10T12:00:00", NOON),
    (datetime, "2024-06-10T14:00:00+02:00", NOON),
    (datetime, "1718020800", NOON),
    (datetime, None, None),
    (CompilationJobStatus, "COMPLETED", DONE),
    (CompilationJobStatus, Text("COMPLETED"), DONE),
    (CompilationJobStatus, "NEW", CompilationJobStatus("NEW")),
    (CompilationJobStatus, DONE, DONE),
    (CompilationJobStatus, None, None),
    (list[str], ["a", None], ["a", None]),
    (list[str], ("a",), ["a"]),
    (list[Any], Items(["a"]), ["a"]),
    (Sequence[datetime], [0, None], [datetime(1970, 1, 1, tzinfo=UTC), None]),
    (list[CompilationJobStatus], ("COMPLETED",), [DONE]),
    (list[CompilationJobStatus], Items(["COMPLETED"]), [DONE]),
    (list[list[CompilationJobStatus]], [["COMPLETED"]], [[DONE]]),
    (dict[str, str], {"a": "b"}, {"a": "b"}),
    (Mapping[str, CompilationJobStatus], MappingProxyType({"a": "COMPLETED"}), {"a": DONE}),
    (dict[CompilationJobStatus, list[datetime]], {"COMPLETED": [0]}, {DONE: [datetime(1970, 1, 1, tzinfo=UTC)]}),
]


@pytest.mark.parametrize(("type_", "value", "made"), READ)
def test_what_is_made_of_a_value(type_: Any, value: Any, made: Any) -> None:
    found = Converter().structure(value, type_)
    assert found == made
    assert type(found) is type(made)
    if isinstance(made, datetime):
        assert found.tzinfo is UTC
    if isinstance(made, list) and type_ is not Any:
        assert [type(each) for each in found] == [type(each) for each in made]
        assert found is not value
    if isinstance(made, dict):
        assert {type(name) for name in found} == {type(name) for name in made}


LONG = "9" * 65
UNREADABLE: list[tuple[Any, Any, str]] = [
    (datetime, 1e300, "1e+300 is not a timestamp"),
    (datetime, float("nan"), "nan is not a timestamp"),
    (datetime, 10**17, "100000000000000000 is not a timestamp"),
    (datetime, True, "True is not a timestamp"),
    (datetime, "yesterday", "'yesterday' is not a timestamp"),
    (datetime, "1e300", "'1e300' is not a timestamp"),
    (datetime, "", "'' is not a timestamp"),
    (datetime, LONG, "a text of 65 characters is not a timestamp"),
    (datetime, "x" * 64, f"'{'x' * 57}...' is not a timestamp"),
    (datetime, datetime.min.replace(tzinfo=PLUS_TWO), f"{datetime.min.replace(tzinfo=PLUS_TWO)!r} is not a timestamp"),
    (datetime, [], "[] is not a timestamp"),
    (datetime, ["secret"], "a list is not a timestamp"),
    (datetime, ("secret",), "a tuple is not a timestamp"),
    (datetime, {"a": "secret"}, "a dict is not a timestamp"),
    (datetime, {}, "{} is not a timestamp"),
    (CompilationJobStatus, 5, "5 is not a text, as CompilationJobStatus requires"),
    (CompilationJobStatus, ["secret"], "a list is not a text, as CompilationJobStatus requires"),
    (CompilationJobStatus, {}, "{} is not a text, as CompilationJobStatus requires"),
    (list[str], "text", "a str where a list was expected"),
    (list[str], None, "a NoneType where a list was expected"),
    (list[datetime], {"a": 1}, "a dict where a list was expected"),
    (dict[str, str], ["a"], "a list where a mapping was expected"),
    (dict[str, str], None, "a NoneType where a mapping was expected"),
    (StreamedBody, 5, "a int where a body of bytes was expected"),
    (StreamedBody, "text", "a str where a body of bytes was expected"),
    (EventStream[PayloadPart], "text", "a str where a stream of events was expected"),
    (EventStream[PayloadPart], b"bytes", "a bytes where a stream of events was expected"),
    (EventStream[PayloadPart], {"a": 1}, "a dict where a stream of events was expected"),
    (EventStream[PayloadPart], 5, "a int where a stream of events was expected"),
]


@pytest.mark.parametrize(("type_", "value", "words"), UNREADABLE)
def test_what_cannot_be_read(type_: Any, value: Any, words: str) -> None:
    with pytest.raises(ConversionError) as caught:
        Converter().structure(value, type_)
    assert str(caught.value) == words


@pytest.mark.parametrize("error", [ValueError, OverflowError, RuntimeError, ArithmeticError])
def test_whatever_botocore_says_of_a_text(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> datetime:
        raise error("repeats the text")

    monkeypatch.setattr(botocore.utils, "parse_timestamp", refuse)
    with pytest.raises(ConversionError) as caught:
        Converter().structure("text", datetime)
    assert str(caught.value) == "'text' is not a timestamp"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", [1e300, datetime.max.replace(tzinfo=timezone(-timedelta(hours=2)))])
def test_a_number_that_is_no_time_has_its_cause(value: Any) -> None:
    with pytest.raises(ConversionError) as caught:
        Converter().structure(value, datetime)
    assert isinstance(caught.value.__cause__, (ValueError, OverflowError, OSError))


def test_texts_of_sixty_four_characters_are_read() -> None:
    assert Converter().structure("2024-06-10T12:00:00Z".ljust(64), datetime) == NOON


# --- bodies and events ------------------------------------------------------------------------------------------------


def test_a_body() -> None:
    converter = Converter()
    file = BytesIO(b"body")
    body = converter.structure(file, StreamedBody)
    assert type(body) is StreamedBody
    assert body.raw is file
    assert converter.structure(body, StreamedBody) is body
    assert converter.unstructure(body) is file
    assert converter.structure(b"bytes", StreamedBody).read() == b"bytes"
    assert converter.get_unstructure_hook(StreamedBody)("kept") == "kept"


@pytest.mark.parametrize("type_", [EventStream[PayloadPart | ModelStreamError], EventStream[PayloadPart]])
def test_events(type_: Any) -> None:
    converter = Converter()
    raw = [{"PayloadPart": {"Bytes": b"a"}}, {"New": {}}, {"New": {}, "PayloadPart": {"Bytes": b"b"}}, {}]
    stream = converter.structure(raw, type_)
    assert type(stream) is EventStream
    assert converter.structure(stream, type_) is stream
    assert converter.get_unstructure_hook(type_)(stream) is raw
    assert converter.get_unstructure_hook(type_)("kept") == "kept"
    found = [each for each in stream if each is not None]
    assert [type(each) for each in found] == [PayloadPart, PayloadPart]
    assert [each.bytes for each in found] == [b"a", b"b"]


@pytest.mark.parametrize("raw", [["text"], [{"PayloadPart": "text"}]])
def test_events_that_are_no_mappings(raw: Any) -> None:
    stream = Converter().structure(raw, EventStream[PayloadPart])
    with pytest.raises(ConversionError, match="a str where a mapping was expected"):
        list(stream)


# --- out --------------------------------------------------------------------------------------------------------------

WRITTEN: list[tuple[Any, Any, Any]] = [
    (str, "x", "x"),
    (str, 5, 5),
    (float, float("inf"), float("inf")),
    (int, "x", "x"),
    (bool, False, False),
    (bytes, b"x", b"x"),
    (Any, [DONE], [DONE]),
    (datetime, NOON, NOON),
    (datetime, "2024-06-10T14:00:00+02:00", NOON),
    (datetime, 1718020800, NOON),
    (CompilationJobStatus, DONE, "COMPLETED"),
    (CompilationJobStatus, "any", "any"),
    (CompilationJobStatus, 5, 5),
    (list[CompilationJobStatus], [DONE, "x"], ["COMPLETED", "x"]),
    (list[CompilationJobStatus], (DONE,), ["COMPLETED"]),
    (list[CompilationJobStatus], "text", "text"),
    (dict[CompilationJobStatus, CompilationJobStatus], {DONE: DONE}, {"COMPLETED": "COMPLETED"}),
    (Mapping[str, list[datetime]], {"a": [0]}, {"a": [datetime(1970, 1, 1, tzinfo=UTC)]}),
    (dict[str, str], [1], [1]),
]


@pytest.mark.parametrize(("type_", "value", "made"), WRITTEN)
def test_what_is_sent_for_a_value(type_: Any, value: Any, made: Any) -> None:
    found = Converter().get_unstructure_hook(type_)(value)
    assert found == made
    assert type(found) is type(made)
    if isinstance(made, (list, dict)) and type_ is not Any:
        assert [type(each) for each in found] == [type(each) for each in made]
        if isinstance(made, dict):
            assert [type(each) for each in found.values()] == [type(each) for each in made.values()]


@pytest.mark.parametrize(
    ("value", "rule"),
    [(NAIVE, "timezone"), ("2024-06-10T12:00:00", "timezone"), ("x", "type"), (True, "type"), ([], "type")],
)
def test_times_that_cannot_be_sent(value: Any, rule: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Converter().get_unstructure_hook(datetime)(value)
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("", rule)]


def test_a_place_far_down_is_named_for_what_cannot_be_sent() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        to_boto3(ListModelsInput(creation_time_after=NAIVE))
    assert [problem.path for problem in caught.value.problems] == ["creation_time_after"]
    twice = Tag(key="k", value="v", unknown_members={"Key": "other"})  # type: ignore[call-arg]
    with pytest.raises(InvalidRequestError) as caught:
        to_boto3(CreateModelInput(model_name="m", tags=[twice]))
    text = "given both as a field and as an unknown member"
    assert list(caught.value.problems) == [errors.Problem("tags.Key", "unknown", text)]


def test_unknown_members_are_sent_unchanged() -> None:
    value = object()
    tag = from_boto3(Tag, {"Key": "k", "Value": "v", "New": value, "Other": None})
    assert to_boto3(tag) == {"Key": "k", "Value": "v", "New": value, "Other": None}


# --- hooks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_",
    [str, datetime, Tag, CompilationJobStatus, list[Tag], dict[str, Tag], EventStream[PayloadPart], ResponseStream],
)
def test_each_hook_is_made_once(type_: Any) -> None:
    converter = Converter()
    assert converter.get_structure_hook(type_) is converter.get_structure_hook(type_)
    assert converter.get_unstructure_hook(type_) is converter.get_unstructure_hook(type_)


FOREIGN: list[tuple[Any, Any, Any]] = [
    # types that no generated class has: cattrs finds the hook, and what it contains is converted here
    (set[CompilationJobStatus], ["COMPLETED"], {DONE}),
    (tuple[datetime, ...], [0], (datetime(1970, 1, 1, tzinfo=UTC),)),
    (str | None, None, None),
    (datetime | None, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    (set[float], ["Infinity"], {float("inf")}),
    (tuple[str, int, bool, bytes], (None, None, None, None), (None, None, None, None)),
    (tuple[Any, ...], [[1]], ([1],)),
    (tuple[list[CompilationJobStatus], ...], [("COMPLETED",)], ([DONE],)),
    (tuple[Tag, ...], [{"Key": "k", "Value": "v"}], (Tag(key="k", value="v"),)),
]


@pytest.mark.parametrize(("type_", "value", "made"), FOREIGN, ids=str)
def test_types_of_others(type_: Any, value: Any, made: Any) -> None:
    assert Converter().structure(value, type_) == made


def test_types_of_others_are_sent() -> None:
    converter = Converter()
    assert converter.get_unstructure_hook(tuple[CompilationJobStatus, ...])((DONE,)) == ["COMPLETED"]
    assert type(converter.get_unstructure_hook(tuple[CompilationJobStatus, ...])((DONE,))[0]) is str
    assert converter.get_unstructure_hook(tuple[Tag, ...])((Tag(key="k", value="v"),)) == [{"Key": "k", "Value": "v"}]
    with pytest.raises(InvalidRequestError):
        converter.get_unstructure_hook(tuple[datetime, ...])((NAIVE,))


def test_a_hook_of_a_leaf() -> None:
    assert leaf_hook(CompilationJobStatus)("COMPLETED", CompilationJobStatus) is DONE
    assert leaf_hook(datetime)(0, datetime) == datetime(1970, 1, 1, tzinfo=UTC)


# --- the two functions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "kind"), [({}, "a dict"), (Tag, "a ABCMeta"), (None, "a NoneType")])
def test_what_is_no_object(what: Any, kind: str) -> None:
    kind = f"a {type(what).__name__}"
    with pytest.raises(TypeError) as caught:
        to_boto3(what)
    assert str(caught.value) == f"to_boto3 takes an object of a generated class, not {kind}"


@pytest.mark.parametrize(
    ("what", "kind"),
    [(str, "str"), (Tag(key="k", value="v"), "a Tag"), ("Tag", "a str"), (list[Tag], "a GenericAlias")],
)
def test_what_is_no_class(what: Any, kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        from_boto3(what, {})
    assert str(caught.value) == f"from_boto3 takes a generated class, not {kind}"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("text", "DescribeEndpointOutput: a str where a mapping was expected"),
        (None, "DescribeEndpointOutput: a NoneType where a mapping was expected"),
        ({"CreationTime": "x"}, "DescribeEndpointOutput: CreationTime: 'x' is not a timestamp"),
        (
            {"ProductionVariants": [{}, 5]},
            "DescribeEndpointOutput: ProductionVariants: a int where a mapping was expected",
        ),
    ],
)
def test_an_error_names_the_class_and_the_place(mapping: Any, words: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_boto3(DescribeEndpointOutput, mapping)
    assert str(caught.value) == words


def test_what_is_nested_too_deeply() -> None:
    deep: dict[str, Any] = {}
    for _ in range(20_000):
        deep = {"SubExpressions": [deep]}
    with pytest.raises(ConversionError) as caught:
        from_boto3(SearchExpression, deep)
    assert str(caught.value) == "SearchExpression: nested too deeply to be read"
    assert isinstance(caught.value.__cause__, RecursionError)
    around = SearchExpression()
    around.sub_expressions = [around]
    with pytest.raises(InvalidRequestError) as refused:
        to_boto3(around)
    text = "structures are nested too deeply to be sent, or contain themselves"
    assert list(refused.value.problems) == [errors.Problem("", "type", text)]
    assert isinstance(refused.value.__cause__, RecursionError)


METADATA: list[tuple[dict[str, Any], ResponseMetadata]] = [
    ({}, ResponseMetadata(request_id=None, http_status_code=None, http_headers={}, retry_attempts=0, extra={})),
    (
        {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {"a": "b"}, "RetryAttempts": 2},
        ResponseMetadata(request_id="r", http_status_code=200, http_headers={"a": "b"}, retry_attempts=2, extra={}),
    ),
    (
        {"RequestId": "r", "HostId": "h", "Hooked": None},
        ResponseMetadata(
            request_id="r",
            http_status_code=None,
            http_headers={},
            retry_attempts=0,
            extra={"HostId": "h", "Hooked": None},
        ),
    ),
]


@pytest.mark.parametrize(("value", "made"), METADATA)
def test_metadata(value: dict[str, Any], made: ResponseMetadata) -> None:
    assert read_metadata(value) == made
    response = from_wire(DescribeEndpointOutput, {"EndpointName": "x", "New": 1}, value)
    assert response.response_metadata == made
    assert (response.endpoint_name, response.unknown_members) == ("x", {"New": 1})
    whole: dict[str, Any] = {"RequestId": None, "HTTPStatusCode": None, "HTTPHeaders": {}, "RetryAttempts": 0}
    came = {"ResponseMetadata": {**whole, **value}} if value else {}
    assert to_boto3(response) == {"EndpointName": "x", "New": 1, **came}


def test_metadata_that_are_no_mapping() -> None:
    with pytest.raises(ConversionError, match="a list where a mapping was expected"):
        read_metadata([])  # type: ignore[arg-type]

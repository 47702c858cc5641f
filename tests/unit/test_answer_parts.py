"""Each step from a response to the dict that boto3's method returns, beside botocore's own parser."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import JSONParser, ResponseParserFactory, create_parser

from sagemaker_typed._core.answers import Answers, Received, TypedCall, UnreadAnswer, is_checked, with_unknown
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.streams import EventFrames

DESCRIBE = Operation("DescribeEndpoint", "describe_endpoint", "DescribeEndpointOutput")
CREATE = Operation("CreateEndpoint", "create_endpoint", "CreateEndpointOutput")
LIST = Operation("ListEndpoints", "list_endpoints", "ListEndpointsOutput", ("endpoints",), 100)
ENDPOINT = {
    "EndpointName": "x",
    "EndpointArn": "arn:x",
    "EndpointStatus": "InService",
    "CreationTime": 1718000000,
    "LastModifiedTime": 1718000000,
    "Brand": "new",
}
WHOLE = json.dumps(ENDPOINT).encode()


@cache
def models() -> Any:
    return client("sagemaker").meta.service_model


def client(service: str) -> Any:
    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    return session.client(service)


@cache
def deaf() -> Any:
    return client("sagemaker")


@cache
def listening() -> Any:
    made = client("sagemaker")
    made.meta.events.register("after-call.sagemaker", lambda **_: None)
    return made


def response(body: Any = WHOLE, status: int = 200, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status_code": status, "headers": HeadersDict(named), "body": body, "context": {}}


def shape(name: str = "DescribeEndpointOutput") -> Any:
    return models().shape_for(name)


def call(operation: Operation = DESCRIBE, of: Any = None, **options: Any) -> TypedCall:
    return TypedCall(of or deaf(), operation, {"EndpointName": "x"}, **options)


def ours() -> Any:
    return Answers(ResponseParserFactory()).create_parser("json")


def theirs() -> Any:
    return create_parser("json")


# --- what is received -------------------------------------------------------------------------------------------------

HEADERS: list[dict[str, str]] = [
    {},
    {"Date": "today"},
    {"x_amzn_RequestId": "id"},
    {"X_AMZN_REQUESTID": "id", "Content_Type": "json"},
    {"x_amz_id_2": "2"},
    {"x_amzn_RequestId": "id", "x_amz_id_2": "2"},
]


@pytest.mark.parametrize("protocol", ["json", "rest-json", "query"])
@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("status", [200, 201, 299, 300, 301, 404, 500])
def test_the_metadata_is_that_of_botocores_parser(status: int, headers: dict[str, str], protocol: str) -> None:
    came = response(b"{}", status, **headers)
    if protocol == "query" and status < 301:
        came["body"] = b""
        assert Received(theirs(), came, None).bare() == theirs().parse({**came, "body": b"{}"}, None)
    elif protocol != "query":
        assert Received(create_parser(protocol), came, None).bare() == create_parser(protocol).parse(came, None)


class Counting(JSONParser):  # type: ignore[misc]
    count = 0

    def parse(self, response: Any, shape: Any) -> Any:
        type(self).count += 1
        return super().parse(response, shape)


class Adding(Counting):
    def parse(self, response: Any, shape: Any) -> Any:
        found = super().parse(response, shape)
        found["ResponseMetadata"]["Added"] = True
        return found


def test_botocores_parser_makes_the_metadata_only_where_it_must() -> None:
    Received(Counting(), response(), None).bare()
    Counting.count = 0
    assert Received(Counting(), response(), None).bare()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert Counting.count == 0
    assert Received(Counting(), response(b"", 300), None).bare()["ResponseMetadata"]["HTTPStatusCode"] == 300
    assert Counting.count == 1
    for _ in range(2):
        assert Received(Adding(), response(), None).bare()["ResponseMetadata"]["Added"] is True


@pytest.mark.parametrize("id_of", [{}, {"x_amz_id_2": "2"}, {"x_amzn_RequestId": "id", "Date": "today"}], ids=str)
def test_a_parser_that_makes_other_metadata_of_one_sample_is_asked(id_of: dict[str, str]) -> None:
    """Each of the samples shows something that the others do not."""

    class Odd(JSONParser):  # type: ignore[misc]
        def parse(self, response: Any, shape: Any) -> Any:
            found = super().parse(response, shape)
            names = {name.lower() for name in response["headers"]}
            if names == {name.replace("_", "-").lower() for name in id_of}:
                found["ResponseMetadata"]["Odd"] = True
            return found

    assert Received(Odd(), response(WHOLE, 200, **id_of), None).bare()["ResponseMetadata"]["Odd"] is True


def test_what_a_hook_has_edited() -> None:
    received = Received(theirs(), response(), shape())
    plain = theirs().parse(response(), shape())
    unread = UnreadAnswer(received)
    assert received.edited(unread) is False
    assert unread.unread
    assert received.edited(plain) is False
    assert received.edited({**plain, "ResponseMetadata": {"edited": 1}}) is False
    assert received.edited({**plain, "EndpointName": "y"}) is True
    assert received.edited({**plain, "More": 1}) is True
    assert received.edited({name: item for name, item in plain.items() if name != "EndpointArn"}) is True
    assert unread["EndpointName"] == "x"
    assert received.edited(unread) is False
    unread["EndpointName"] = "y"
    assert received.edited(unread) is True


# --- an answer that is not read ---------------------------------------------------------------------------------------

LEAVES: list[tuple[str, Callable[[Any], Any], Any, bool]] = [
    # a look, what it gives, and whether the body is unread afterwards
    ("get metadata", lambda answer: answer.get("ResponseMetadata")["HTTPStatusCode"], 200, True),
    ("metadata", lambda answer: answer["ResponseMetadata"]["HTTPStatusCode"], 200, True),
    ("in metadata", lambda answer: "ResponseMetadata" in answer, True, True),
    ("set metadata", lambda answer: answer.setdefault("ResponseMetadata", 5)["HTTPStatusCode"], 200, True),
    ("get Error", lambda answer: answer.get("Error"), None, True),
    ("get Error or", lambda answer: answer.get("Error", 5), 5, True),
    ("in Error", lambda answer: "Error" in answer, False, True),
    ("update", lambda answer: [answer.update()], [None], True),
    ("update {}", lambda answer: [answer.update({})], [None], True),
    ("update {} and", lambda answer: (answer.update({}, a=1), answer["a"])[1], 1, False),
    ("update with", lambda answer: (answer.update({"a": 1}), answer["a"])[1], 1, False),
    ("get", lambda answer: answer.get("EndpointName"), "x", False),
    ("get or", lambda answer: answer.get("No", 5), 5, False),
    ("item", lambda answer: answer["EndpointName"], "x", False),
    ("in", lambda answer: "EndpointName" in answer, True, False),
    ("setdefault", lambda answer: answer.setdefault("EndpointName", 5), "x", False),
    ("set new", lambda answer: answer.setdefault("New", 5), 5, False),
    ("len", len, 6, False),
]


@pytest.mark.parametrize(("look", "found", "unread"), [case[1:] for case in LEAVES], ids=[case[0] for case in LEAVES])
def test_what_leaves_it_unread(look: Callable[[Any], Any], found: Any, unread: bool) -> None:
    answer = UnreadAnswer(Received(theirs(), response(), shape()))
    assert look(answer) == found
    assert answer.unread is unread
    assert look(answer) == found  # once read, the same


@pytest.mark.parametrize(
    ("name", "body", "error", "unread"),
    [
        ("DescribePartnerAppResponse", {"Error": {"Code": "c"}}, {"Code": "c"}, False),
        ("DescribePartnerAppResponse", {"Name": "app"}, None, True),
        ("DescribeEndpointOutput", {"Error": {"Code": "c"}}, None, True),
    ],
)
def test_a_member_called_error(name: str, body: Any, error: Any, unread: bool) -> None:
    answer = UnreadAnswer(Received(theirs(), response(json.dumps(body).encode()), shape(name)))
    assert ("Error" in answer, answer.unread) == (error is not None, unread)
    assert (answer.get("Error"), answer.unread) == (error, unread)


def test_metadata_that_a_hook_has_edited_stays_when_it_is_read() -> None:
    answer = UnreadAnswer(Received(theirs(), response(), shape()))
    answer["ResponseMetadata"]["edited"] = 1
    assert answer["EndpointName"] == "x"
    assert answer["ResponseMetadata"]["edited"] == 1


WITH_UNKNOWN: list[tuple[Any, Any, Any, Any]] = [
    # the body, what the parser made of it, what a hook made of that, and the result
    ({"a": 1, "new": 2}, {"a": 1}, {"a": 1}, {"a": 1, "new": 2}),
    ({"a": 1, "new": None}, {"a": 1}, {"a": 1}, {"a": 1}),
    ({"a": 1, "new": 2}, {"a": 1}, {"a": 5, "new": 3}, {"a": 5, "new": 3}),
    ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, {"a": 1}),
    ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 3}),
    ({"a": {"b": 1, "n": 2}}, {"a": {"b": 1}}, {"a": {"b": 5}}, {"a": {"b": 5, "n": 2}}),
    ({"a": {"b": 1, "n": 2}}, {"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
    ([{"b": 1, "n": 2}, {"n": 3}], [{"b": 1}, {}], [{"b": 5}, {}], [{"b": 5, "n": 2}, {"n": 3}]),
    ([{"n": 2}], [{}], [{}, {}], [{}, {}]),
    ([{"n": 2}], [], [{}], [{}]),
    ([{"n": 2}, {}], [{}], [{}], [{}]),
    ({"n": 2}, [{}], [{}], [{}]),
    (1, 1, 2, 2),
    ("ab", "ab", "cd", "cd"),
    (None, {}, {"a": 1}, {"a": 1}),
]


@pytest.mark.parametrize(("raw", "parsed", "current", "result"), WITH_UNKNOWN)
def test_what_the_parser_dropped(raw: Any, parsed: Any, current: Any, result: Any) -> None:
    assert with_unknown(raw, parsed, current) == result


# --- a call that is under way -----------------------------------------------------------------------------------------


def test_checked_arguments_of_the_call_that_is_under_way() -> None:
    assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is False
    with call() as made:
        assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is True
        assert is_checked("DescribeEndpoint", {"EndpointName": "y"}) is False
        assert is_checked("DescribeModel", {"EndpointName": "x"}) is False
        copied = contextvars.copy_context()
        assert copied.run(is_checked, "DescribeEndpoint", {"EndpointName": "x"}) is True
        with call(CREATE):
            assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is False
        assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is True
    assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is False
    assert copied.run(is_checked, "DescribeEndpoint", {"EndpointName": "x"}) is False
    assert made.checked("DescribeEndpoint", {"EndpointName": "x"}) is False
    assert made.takes(shape()) is False


def test_a_call_in_a_context_of_its_own() -> None:
    made = call()
    context = made.context()
    assert is_checked("DescribeEndpoint", {"EndpointName": "x"}) is False
    assert context.run(is_checked, "DescribeEndpoint", {"EndpointName": "x"}) is True
    made.end()
    assert context.run(is_checked, "DescribeEndpoint", {"EndpointName": "x"}) is False


@pytest.mark.parametrize(
    ("operation", "pages", "reads", "takes"),
    [(DESCRIBE, False, True, True), (CREATE, False, False, False), (LIST, True, True, False)],
)
def test_what_a_call_says_of_itself(operation: Operation, pages: bool, reads: bool, takes: bool) -> None:
    made = call(operation)
    assert (made.pages, made.only_reads, made.takes(shape())) == (pages, reads, takes)
    assert made.takes(None) is False
    assert call(operation._replace(output=None)).takes(None) is True


READS = {"DescribeX", "ListX", "SearchX", "GetX", "QueryX", "BatchDescribeX", "BatchGetX"}


@pytest.mark.parametrize("name", sorted(READS | {"CreateX", "StopX", "BatchPutX", "SendX", "DeleteX", "UpdateListX"}))
def test_operations_that_only_read(name: str) -> None:
    assert call(DESCRIBE._replace(name=name)).only_reads is (name in READS)


def test_arguments_are_copied_where_a_hook_may_edit_them() -> None:
    file = BytesIO(b"body")
    arguments: dict[str, Any] = {"EndpointName": "x", "Tags": [{"Key": "k"}], "Body": file}
    deaf_call, heard_call = (TypedCall(each, DESCRIBE, arguments) for each in (deaf(), listening()))
    assert (deaf_call.heard, heard_call.heard) == (False, True)
    assert heard_call.checked("DescribeEndpoint", arguments) is True  # the same file: a copy would not be equal
    arguments["Tags"][0]["Key"] = "edited"
    assert deaf_call.checked("DescribeEndpoint", arguments) is True
    assert heard_call.checked("DescribeEndpoint", arguments) is False


def test_the_source_of_an_answer() -> None:
    made = call()
    received = Received(theirs(), response(), shape())
    one: dict[str, Any] = {}
    made.received += [(one, received), ({}, received._replace(flaw="other"))]
    assert made.received_as(one) is received
    assert made.received_as({}) is None  # equal, and another
    assert made.received_as(UnreadAnswer(received)) is received


# --- the parser -------------------------------------------------------------------------------------------------------

NOT_FOUND = b'{"__type": "ResourceNotFound", "message": "no x"}'


def test_calls_that_are_not_typed_get_what_botocore_makes() -> None:
    for came in (response(), response(NOT_FOUND, 400), response(b'{"__type": "X"}')):
        found = ours().parse(came, shape())
        assert type(found) is dict
        assert found == theirs().parse(came, shape())
        with call(CREATE) as made:
            assert ours().parse(came, shape()) == found
        assert made.received == []


def test_the_parser_and_its_factory_have_what_botocores_have() -> None:
    factory = Answers(ResponseParserFactory())
    assert factory.set_parser_defaults.__self__.__class__ is ResponseParserFactory
    assert factory.create_parser("json").BODY_TRAITS if hasattr(JSONParser, "BODY_TRAITS") else True
    assert factory.create_parser("json").MAP_TYPE is JSONParser.MAP_TYPE if hasattr(JSONParser, "MAP_TYPE") else True
    with pytest.raises(AttributeError):
        _ = factory.create_parser("json").no_such_thing


def test_an_answer_of_the_call_is_left_unread() -> None:
    with call() as made:
        found = ours().parse(response(), shape())
    assert isinstance(found, UnreadAnswer)
    assert found.unread
    assert found.received.found == ENDPOINT
    assert (found.received.flaw, found.received.refused, found.received.foreign, found.received.heard) == (None,) + (
        False,
    ) * 3
    assert made.received == []
    assert made.received_as(found) is found.received


@pytest.mark.parametrize(("of", "unread", "heard"), [("deaf", False, False), ("listening", True, True)])
def test_an_answer_that_is_read_is_a_dict(of: str, unread: bool, heard: bool) -> None:
    with call(of=deaf() if of == "deaf" else listening(), unread=unread) as made:
        found = ours().parse(response(), shape())
    assert type(found) is dict
    assert found == theirs().parse(response(), shape())
    ((kept, received),) = made.received
    assert kept is found
    assert (received.found, received.flaw, received.heard) == (ENDPOINT, None, heard)


def test_an_answer_without_a_shape_is_a_dict() -> None:
    """An operation without an output, such as DeleteEndpoint."""
    with call(Operation("DeleteEndpoint", "delete_endpoint")) as made:
        assert ours().parse(response(b"{}"), None) == theirs().parse(response(b"{}"), None)
    assert len(made.received) == 1


def test_what_botocore_cannot_parse_is_left_unread_even_for_hooks() -> None:
    body = json.dumps({**ENDPOINT, "CreationTime": "not a time"}).encode()
    with call(of=listening()) as made:
        found = ours().parse(response(body), shape())
    assert isinstance(found, UnreadAnswer)
    assert made.received_as(found) is found.received
    assert found.received.heard is True


HTML = b"<html>proxy</html>"
ERRORS: list[tuple[dict[str, Any], dict[str, Any], str, bool, bool, str | None]] = [
    # options of the call, the response, the code, refused, foreign, the beginning of the flaw
    ({}, response(NOT_FOUND, 400), "ResourceNotFound", False, False, None),
    ({}, response(NOT_FOUND, 300), "ResourceNotFound", False, True, None),
    ({}, response(NOT_FOUND, 500), "ResourceNotFound", False, False, None),
    ({}, response(HTML, 404), "404", False, True, None),
    ({}, response(HTML, 302), "302", False, True, None),
    ({}, response(b'{"code": "Gone", "message": "m"}', 404), "404", False, True, None),
    ({"unread": False}, response(b'{"code": "Gone", "message": "m"}', 404), "Gone", False, False, None),
    ({}, response(NOT_FOUND), "ResourceNotFound", True, False, None),
    ({}, response(b"\xef\xbb\xbf" + NOT_FOUND), "ResourceNotFound", True, False, None),
    ({}, response(HTML), "RequestTimeout", False, False, "is not JSON"),
    ({}, response(WHOLE, 200, content_length="999"), "RequestTimeout", False, False, "was cut off"),
    ({"operation": LIST}, response(b""), "RequestTimeout", False, False, "is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "came", "code", "refused", "foreign", "flaw"), ERRORS)
def test_errors(
    options: dict[str, Any], came: dict[str, Any], code: str, refused: bool, foreign: bool, flaw: str | None
) -> None:
    made = call(**options)
    name = made._operation.output
    with made:
        parser = Answers(ResponseParserFactory()).create_parser("json" if made.unread else "rest-json")
        found = parser.parse(came, shape(name))  # type: ignore[arg-type]
    if code != "302" and not (code == "ResourceNotFound" and foreign):
        assert found["Error"]["Code"] == code
    assert found["ResponseMetadata"]["HTTPStatusCode"] == came["status_code"]
    ((kept, received),) = made.received
    assert kept is found
    assert (received.refused, received.foreign) == (refused, foreign)
    assert (received.flaw or "")[: len(flaw or "")] == (flaw or "")
    assert (received.flaw is None) is (flaw is None)


def test_a_broken_answer_to_a_change_is_not_asked_for_again() -> None:
    with call(CREATE) as made:
        found = ours().parse(response(HTML, x_amzn_RequestId="id"), shape("CreateEndpointOutput"))
    assert list(found) == ["ResponseMetadata"]
    assert found["ResponseMetadata"]["RequestId"] == "id"
    assert made.received[0][1].flaw is not None


def test_an_error_shape_is_read_from_a_readable_body() -> None:
    """botocore parses the modeled members of an error with the shape of the error."""
    error = shape("ResourceNotFound")
    sound = response(NOT_FOUND, 400)
    with call():
        assert ours().parse(sound, error) == theirs().parse(sound, error)
        said = response(b'{"Message": "m", "__type": "ResourceNotFound"}', 400)
        assert ours().parse(said, error) == theirs().parse(said, error) == {"Message": "m"}
        for status in (300, 301, 400, 500):
            for body in (b"[1]", b'"text"'):
                # botocore's parser would look for members in what is no object.
                assert "Message" not in ours().parse(response(body, status), error)
        well = response(b'{"Message": "m", "__type": "ResourceNotFound"}')
        assert ours().parse(well, error) == theirs().parse(well, error)
        listed = response(b'{"EndpointArn": "a", "code": 5}', 404)
        assert ours().parse(listed, shape("CreateEndpointOutput")) == theirs().parse(
            listed, shape("CreateEndpointOutput")
        )


# --- bodies that are read after the call ------------------------------------------------------------------------------


class Raw:
    def stream(self, *_: Any) -> Any:
        yield b""

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("operation", "running", "wrapped"),
    [
        ("InvokeEndpointWithResponseStream", True, True),
        ("InvokeEndpointWithResponseStream", False, False),
        ("InvokeEndpoint", True, False),
    ],
)
def test_events_are_wrapped_for_the_typed_call_alone(operation: str, running: bool, wrapped: bool) -> None:
    runtime = client("sagemaker-runtime")
    output = runtime.meta.service_model.operation_model(operation).output_shape
    parser = Answers(ResponseParserFactory()).create_parser("rest-json")
    taken = Operation(operation if running else "InvokeEndpointAsync", "invoke", output.name if running else "Other")
    raw = Raw()
    came = {**response(raw), "context": {"operation_name": operation}}
    with TypedCall(runtime, taken, {}):
        found = parser.parse(came, output)
    body = found["Body"]
    if operation == "InvokeEndpoint":
        assert body is raw
    else:
        assert isinstance(body._raw_stream, EventFrames) is wrapped
        assert (body._raw_stream.raw if wrapped else body._raw_stream) is raw

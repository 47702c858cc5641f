"""Small decisions of the core at their exact bounds, one table for each."""

from __future__ import annotations

import hmac
import http.client
import math
import socket
from http import HTTPStatus
from threading import Timer
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from botocore import exceptions
from botocore.eventstream import ParserError
from botocore.serialize import JSONSerializer

from sagemaker_typed import SageMaker, errors, from_boto3, types
from sagemaker_typed._core.answers import UnreadAnswer, with_unknown
from sagemaker_typed._core.convert.moments import moment
from sagemaker_typed._core.failures import broken_stream, nested, no_answer, not_of_the_service, raised_in, unanswered
from sagemaker_typed._core.frames import _columns, _flat
from sagemaker_typed._core.hints import about_group
from sagemaker_typed._core.http.bound import Abandonable, Bound, _WhileTime
from sagemaker_typed._core.http.sigv4 import Keys
from sagemaker_typed._core.http.wire import _is_plain
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.rules import _values
from sagemaker_typed._core.secrets import shown_document, without_secrets
from sagemaker_typed._core.showing import _cut

NOW = 1000.0


# --- errors -----------------------------------------------------------------------------------------------------------


def raised_by(module: str, error: Exception) -> Exception:
    space: dict[str, Any] = {"__name__": module, "error": error}
    exec("def fail():\n    raise error", space)
    try:
        space["fail"]()
    except Exception as caught:
        return caught
    raise AssertionError


def test_who_has_raised_an_error() -> None:
    assert raised_in(raised_by("botocore.parsers", KeyError("a")), "botocore.parsers")
    assert not raised_in(raised_by("mine", KeyError("a")), "botocore.parsers")
    assert not raised_in(KeyError("a"), "botocore.parsers")


@pytest.mark.parametrize(
    ("error", "typed", "text"),
    [
        (ParserError("bad"), errors.TransportError, "Op: the answer is not an event stream: bad"),
        (TimeoutError("t"), errors.TransportError, "Op: reading the answer timed out"),
        (urllib3.exceptions.ReadTimeoutError(None, "", "t"), errors.TransportError, "Op: reading the answer timed out"),  # type: ignore[arg-type]
        (
            exceptions.ReadTimeoutError(endpoint_url="u", error="t"),
            errors.TransportError,
            "Op: reading the answer timed out",
        ),
        (urllib3.exceptions.ProtocolError("broken"), errors.TransportError, "Op: the answer was cut off: broken"),
        (http.client.HTTPException("broken"), errors.TransportError, "Op: the answer was cut off: broken"),
        (ConnectionResetError("reset"), errors.TransportError, "Op: the answer was cut off: reset"),
        (exceptions.NoCredentialsError(), errors.CredentialsError, "Unable to locate credentials"),
        (ValueError("mine"), None, ""),
        (exceptions.DataNotFoundError(data_path="p"), None, ""),
    ],
)
def test_an_error_while_a_body_is_read(error: Exception, typed: Any, text: str) -> None:
    found = broken_stream(error, "Op")
    assert (found is None) is (typed is None)
    if found is not None:
        assert isinstance(found, typed)
        assert str(found) == text
        assert found.operation == "Op"


@pytest.mark.parametrize(
    ("code", "status", "retryable"),
    [("ThrottlingException", 400, True), ("AccessDenied", 403, False), ("Odd", 400, False), ("Odd", 500, True)],
)
def test_credentials_that_could_not_be_fetched_may_be_fetched_later(code: str, status: int, retryable: bool) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    refused = raised_by("botocore.credentials", exceptions.ClientError(answer, "AssumeRole"))
    found = nested(refused, "DescribeModel")
    assert isinstance(found, errors.CredentialsError)
    assert found.retryable is retryable
    assert str(found).startswith("DescribeModel has no credentials: ")
    assert "the provider of credentials: " in str(found) or "AssumeRole" in str(found)


def test_the_values_of_botocores_error_show_no_password() -> None:
    proxied = no_answer(exceptions.ProxyConnectionError(proxy_url="http://user:pass@p:1", error="x"), "Op")
    assert proxied is not None
    assert vars(proxied)["kwargs"] == {"proxy_url": "http://user:***@p:1", "error": "x"}
    told = "proxy http://user:pass@p refused"
    refused = no_answer(exceptions.EndpointConnectionError(endpoint_url="http://h/", error=told), "Op")
    assert refused is not None
    assert vars(refused)["kwargs"] == {"endpoint_url": "http://h/", "error": "proxy http://user:***@p refused"}


@pytest.mark.parametrize("count", [1, 49, 50, 51, 200])
def test_as_many_differences_are_listed_as_can_be_read(count: int) -> None:
    differences = [errors.Difference(f"field_{number}", "1", "2") for number in range(count)]
    error = errors.ResourceDiffersError("job", "a", differences)
    lines = str(error).splitlines()
    assert lines[0] == "job 'a' exists already with other settings:"
    assert len(lines) == 1 + min(count, 50) + (count > 50)
    assert ("more, in the `differences`" in lines[-1]) is (count > 50)
    assert count <= 50 or f"... and {count - 50} more" in lines[-1]
    assert len(error.differences) == count


def answered(status: int, body: bytes) -> Any:
    response = {"status_code": status, "headers": {}, "body": body}
    bare = {"ResponseMetadata": {"RequestId": "id-2", "HTTPStatusCode": status}}
    return SimpleNamespace(status=status, body=body, response=response, bare=lambda: bare)


@pytest.mark.parametrize(
    ("body", "shown"), [(b"<h1>Bad gateway</h1>", "'<h1>Bad gateway</h1>'"), (b"", None), (b"  \n", None)]
)
def test_a_page_of_a_proxy_says_what_came_and_for_which_request(body: bytes, shown: str | None) -> None:
    metadata = {"RequestId": "id-1", "HTTPStatusCode": 502}
    theirs = exceptions.ClientError({"Error": {"Code": "502"}, "ResponseMetadata": metadata}, "DescribeThing")
    found = not_of_the_service(theirs, Operation("DescribeThing", "describe_thing"), answered(502, body))
    text = "DescribeThing: HTTP 502, but not an error of the service"
    assert str(found) == (text if shown is None else f"{text}: {found.excerpt}")
    assert isinstance(found, errors.TransportError)
    assert isinstance(found, exceptions.ClientError)
    assert (found.operation, found.request_id, found.http_status_code) == ("DescribeThing", "id-1", 502)
    assert (found.excerpt is None) is (shown is None)
    broken = unanswered(Operation("DescribeThing", "describe_thing"), answered(200, body), "is no JSON")
    text = "DescribeThing: the answer (HTTP 200) is no JSON"
    assert str(broken) == (text if shown is None else f"{text}; it begins with {broken.excerpt}")
    assert (broken.operation, broken.request_id, broken.http_status_code) == ("DescribeThing", "id-2", 200)
    assert (broken.excerpt is None) is (shown is None)


# --- calls in time ----------------------------------------------------------------------------------------------------


def test_a_pause_of_a_call_that_may_be_given_up() -> None:
    bound = Abandonable(60.0)
    assert bound.pause(0.001)
    assert not bound.pause(60.0)
    assert bound.ended
    given_up = Abandonable()
    assert given_up.pause(0.001)
    timer = Timer(0.02, given_up.abandon)
    timer.start()
    assert not given_up.pause(60.0)  # it ends with the call, by another thread
    timer.join()


def test_a_socket_that_was_closed_already_needs_no_shutdown() -> None:
    one, other = socket.socketpair()
    for close in (False, True):
        watch = Bound(60.0).watch()
        watch.fire()
        assert not watch.fired  # there is no connection yet
        if close:
            one.close()
        watch.lend(SimpleNamespace(sock=one))
        watch.fire()
        assert watch.fired
    assert other.recv(1) == b""
    other.close()


@pytest.mark.parametrize("options", [[(6, 1, 1)], [], None])
def test_the_options_of_a_socket_are_read_before_each_address(options: Any) -> None:
    bound = Bound(60.0)
    guarded = _WhileTime(options, bound)
    assert guarded  # urllib3 passes over empty options
    assert list(guarded) == (options or [])
    bound._deadline -= 59.0
    with pytest.raises(TimeoutError, match="no time is left to connect"):
        list(guarded)  # the second address needs two seconds
    assert list(_WhileTime(options, bound)) == (options or [])  # the first one has what there is
    bound._deadline -= 2.0
    with pytest.raises(TimeoutError):
        list(_WhileTime(options, bound))


# --- the short way ----------------------------------------------------------------------------------------------------


def operation(**others: Any) -> Any:
    usual = dict.fromkeys(("has_streaming_input", "has_streaming_output", "has_event_stream_output"), False)
    special = {"http_checksum": {}, "http_checksum_required": False, "request_compression": None, "endpoint": None}
    contexts: dict[str, Any] = {"static_context_parameters": [], "context_parameters": []}
    service = SimpleNamespace(resolved_protocol="json", metadata={"protocol": "query"})
    return SimpleNamespace(**{**usual, **special, **contexts, "service_model": service, **others})


PLAIN: Any = SimpleNamespace(_serializer=JSONSerializer())


def test_a_plain_operation() -> None:
    assert _is_plain(PLAIN, operation())
    assert _is_plain(PLAIN, operation(service_model=SimpleNamespace(metadata={"protocol": "json"})))
    assert not _is_plain(PLAIN, operation(service_model=SimpleNamespace(metadata={"protocol": "rest-json"})))
    assert not _is_plain(SimpleNamespace(_serializer=object()), operation())


@pytest.mark.parametrize("name", sorted(vars(operation()).keys() - {"service_model"}))
def test_an_operation_with_anything_special_is_botocores(name: str) -> None:
    assert not _is_plain(PLAIN, operation(**{name: ["special"]}))


def test_the_key_to_sign_with_is_made_anew_when_any_of_its_parts_changes() -> None:
    """As the API reference derives it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"""
    keys, usual = Keys(), ("secret", "20260102", "us-west-2", "sagemaker")
    for index in (None, 0, 1, 2, 3):
        made_of = [f"{part}x" if number == index else part for number, part in enumerate(usual)]
        for secret, *parts in (made_of, usual):
            key = f"AWS4{secret}".encode()
            for part in (*parts, "aws4_request"):
                key = hmac.new(key, part.encode(), "sha256").digest()
            assert keys._key(secret, *parts) == keys._key(secret, *parts) == key
            assert keys._key(secret, *parts) is keys._key(secret, *parts), "a key is kept"


# --- columns and rules ------------------------------------------------------------------------------------------------


def test_a_row_names_members_down_to_twenty_levels() -> None:
    value: Any = {"end": 1}
    for _ in range(30):
        value = {"a": value}
    ((name, rest),) = _flat(value)
    assert name == ".".join("a" * 21)
    assert list(rest) == ["a"]


def test_a_rule_reads_several_fields_also_below_a_structure_that_is_absent() -> None:
    get = _values(["a.b", "c"])
    assert get(SimpleNamespace(a=None, c=1)) == (None, 1)
    assert get(SimpleNamespace(a=SimpleNamespace(b=2), c=None)) == (2, None)


# --- answers ----------------------------------------------------------------------------------------------------------


class Received:
    """An answer whose body has been read by nobody."""

    def __init__(self, body: bytes, *members: str) -> None:
        self.body, self.reads = body, 0
        self.shape = SimpleNamespace(members=dict.fromkeys(members))

    def bare(self) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def parsed(self) -> dict[str, Any]:
        self.reads += 1
        return {"Error": "a member", "Name": "n"}


@pytest.mark.parametrize(
    ("body", "members", "reads"),
    [
        (b'{"Error": "a member"}', ("Error", "Name"), 1),
        (b'{"Name": "n"}', ("Error", "Name"), 0),
        (b'{"Error": "new", "Name": "n"}', ("Name",), 0),
        (b'{"Name": "n"}', ("Name",), 0),
    ],
)
def test_botocores_look_for_an_error_reads_nothing(body: bytes, members: tuple[str, ...], reads: int) -> None:
    received: Any = Received(body, *members)
    answer = UnreadAnswer(received)
    for look in (lambda: answer.get("Error"), lambda: "Error" in answer):
        assert bool(look()) is bool(reads)
    assert received.reads == reads
    assert answer["ResponseMetadata"] == {"HTTPStatusCode": HTTPStatus.OK}
    assert received.reads == reads
    assert answer["Name"] == "n"
    assert received.reads == 1


@pytest.mark.parametrize(
    ("raw", "parsed", "current", "whole"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": None}, {"a": 1}, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 1}, {}, {"b": 2}),  # a hook took it away
        ({"a": 1}, {"a": 1}, {"a": 2, "c": 3}, {"a": 2, "c": 3}),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}, {"a": [{"b": 5}]}, {"a": [{"b": 5, "c": 2}]}),
        ({"a": [{"c": 2}]}, {"a": [{}]}, {"a": []}, {"a": []}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": "x"}, {"a": "x"}),
    ],
)
def test_what_a_hook_edits_and_what_the_model_lacks(raw: Any, parsed: Any, current: Any, whole: Any) -> None:
    assert with_unknown(raw, parsed, current) == whole


@pytest.mark.parametrize("room", range(12, 70))
def test_a_text_is_cut_in_its_middle(room: int) -> None:
    text = "".join(chr(97 + number % 26) for number in range(200))
    shown = _cut(text, room)
    head, tail = shown[1:-1].split("...")
    assert room - 2 <= len(shown) <= room
    assert text.startswith(head)
    assert text.endswith(tail)
    assert abs(len(head) - len(tail)) <= 1


def test_the_columns_of_a_frame_come_in_the_models_order() -> None:
    rows: list[dict[str, Any]] = [{"new": 1, "end_time": None, "status.message": "m"}, {"status.primary_status": "p"}]
    columns, times = _columns([types.TrialComponentSummary], rows)
    assert columns == [
        "trial_component_name", "trial_component_arn", "display_name", "status.message", "status.primary_status",
        "start_time", "end_time", "creation_time", "last_modified_time", "new",
    ]  # fmt: skip
    assert times == ["start_time", "end_time", "creation_time", "last_modified_time"]


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1e13, 1e17, 1e300, -1e17, math.inf, math.nan])
def test_seconds_outside_of_all_years(seconds: float) -> None:
    assert isinstance(moment(seconds, "a"), errors.Problem)
    with pytest.raises(errors.ConversionError, match="CreationTime"):
        from_boto3(types.DescribeCompilationJobResponse, {"CreationTime": seconds})


def test_a_long_text_is_no_time_and_is_not_repeated() -> None:
    problem: Any = moment("x" * 5000, "tags.created")
    assert problem.path == "tags.created"
    assert "a text of 5000 characters" in problem.detail
    assert len(problem.detail) < 500


@pytest.mark.parametrize(
    ("apostrophe", "slash", "quote"),
    [
        ("'", "/", '"'),
        ("'", "/", '\\"'),
        ("'", "\\/", '\\"'),
        *((apostrophe, "/", "&quot;") for apostrophe in ("'", "&#x27;", "&#39;", "&#039;", "&apos;")),
    ],
)
def test_a_secret_is_hidden_however_it_is_escaped(apostrophe: str, slash: str, quote: str) -> None:
    container = types.ContainerDefinition(environment={"TOKEN": 'it\'s/a "word"'})
    request = types.CreateModelInput(model_name="m", primary_container=container)
    secret = 'it\'s/a "word"'.replace("'", apostrophe).replace("/", slash).replace('"', quote)
    assert without_secrets(f"bad: {secret}!", request) == "bad: ***!"


def test_a_document_without_secrets_has_all_else() -> None:
    container = types.ContainerDefinition(environment={"TOKEN": "hush"}, image="i", model_data_url="s3://a")
    request = types.CreateModelInput(model_name="m", primary_container=container, tags=[types.Tag(key="k", value="v")])
    request.unknown_members = {"Brand": {"new": [1]}}
    shown = shown_document(request)
    assert {name: str(value) for name, value in shown["PrimaryContainer"].pop("Environment").items()} == {
        "TOKEN": "***"
    }
    assert shown == {
        "ModelName": "m",
        "PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://a"},
        "Tags": [{"Key": "k", "Value": "v"}],
        "Brand": {"new": [1]},
    }


def test_a_group_hints_at_its_own_operations_first() -> None:
    group = SageMaker(region="us-west-2").endpoints
    paths = {"describe_endpoints": "models.describe", "describe_endpoint_x": "endpoints.describe"}
    assert about_group(group, "describe_endpoint_y", paths) == "did you mean sm.endpoints.describe?"
    assert "models" not in str(about_group(group, "describe_endpoints_", paths))

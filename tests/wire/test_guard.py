"""Whoever looks on while a call goes through botocore sees every call: the short way is taken where nobody does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED, handlers
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSRequestPreparer, AWSResponse
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.history import get_global_history_recorder
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.httpsession import URLLib3Session
from botocore.serialize import JSONSerializer
from botocore.signers import RequestSigner
from botocore.stub import Stubber

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.http.guard import Guard
from sagemaker_typed._core.listeners import without_aliases
from tests.support.raw import RawServer
from tests.wire.roads import config, made, session, taken

ARN = "arn:aws:sagemaker:us-west-2:123456789012:endpoint/e"
EVENTS = (
    *("provide-client-params", "before-parameter-build", "before-endpoint-resolution", "before-call"),
    *("request-created", "choose-signer", "before-sign", "before-send", "before-parse", "response-received"),
    *("needs-retry", "after-call"),
)
SCOPES = (
    "{}.sagemaker.DescribeEndpoint",
    "{}.sagemaker",
    "{}",
    "{}.*.DescribeEndpoint",
    "{}.sagemaker.*",
    "*.sagemaker",
)


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(lambda *_: b'{"EndpointName": "e"}') as running:
        yield running


def describe(sm: SageMaker) -> str | None:
    return sm.endpoints.describe("e").endpoint_name


def is_short(sm: SageMaker) -> bool:
    """Whether a call takes the short way now; it has to succeed either way."""
    before = taken(sm)
    assert describe(sm) == "e"
    return taken(sm) > before


def test_the_short_way_is_taken(server: RawServer) -> None:
    """The counter test: without it, all the others of this folder could compare botocore with itself."""
    sm = SageMaker(session=session(), endpoint_url=server.url)
    for number in range(1, 4):
        describe(sm)
        assert taken(sm) == number


# --- the switch -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "argument", "short"),
    [
        (None, None, True),
        ("0", None, False),
        ("false", None, False),
        ("1", None, True),
        ("0", True, True),
        ("1", False, False),
        (None, False, False),
    ],
)
def test_the_switch(
    variable: str | None, argument: bool | None, short: bool, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("SAGEMAKER_TYPED_SHORT_WAY", variable)
    else:
        monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)
    sm = SageMaker(session=session(), endpoint_url=server.url, short_way=argument)
    assert is_short(sm) is short
    assert is_short(sm.with_options(config=config(read_timeout=9))) is short


def test_a_callers_own_client_goes_through_botocore(server: RawServer) -> None:
    sm = SageMaker(client=session().client("sagemaker", endpoint_url=server.url), short_way=True)
    assert not is_short(sm)


# --- hooks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("event", EVENTS)
def test_a_hook_hears_of_each_call_for_as_long_as_it_is_registered(event: str, scope: str, server: RawServer) -> None:
    sm, long = made(server.url, short=True), made(server.url, short=False)
    name = scope.format(event)
    heard: list[str] = []

    def hook(event_name: str, **_: Any) -> None:
        heard.append(event_name)

    assert is_short(sm)
    for method in ("register", "register_first", "register_last"):
        for each in (sm, long):
            getattr(each._connection.client().meta.events, method)(name, hook)
        assert describe(long) == "e"
        by_botocore = heard.copy()
        heard.clear()
        assert not is_short(sm)
        assert heard == by_botocore
        for each in (sm, long):
            each._connection.client().meta.events.unregister(name, hook)
        heard.clear()
        assert is_short(sm)
        assert not heard


@pytest.mark.parametrize("event", EVENTS)
def test_a_hook_of_the_session_hears_of_the_first_call(event: str, server: RawServer) -> None:
    base = session()
    heard: list[str] = []
    base.events.register(f"{event}.sagemaker", lambda event_name, **_: heard.append(event_name))
    sm = SageMaker(session=base, endpoint_url=server.url)
    assert not is_short(sm)
    assert len(heard) == 1


def test_a_hook_hears_of_an_error(server: RawServer) -> None:
    sm = made("http://127.0.0.1:9", short=True)
    heard: list[Exception] = []
    hook = lambda exception, **_: heard.append(exception)  # noqa: E731
    sm._connection.client().meta.events.register("after-call-error.sagemaker", hook)
    with pytest.raises(Exception, match="Could not connect"):
        describe(sm)
    assert len(heard) == 1
    assert taken(sm) == 0


def test_a_hook_on_another_operation_or_service_changes_nothing(server: RawServer) -> None:
    sm = made(server.url, short=True)
    for name in ("before-call.sagemaker.CreateEndpoint", "before-call.s3", "before-call.sagemaker-runtime"):
        sm._connection.client().meta.events.register(name, lambda **_: None)
    assert is_short(sm)


OF_BOTOCORE = [
    ("choose-signer", "disable_signing"),  # the usual way to call without credentials
    ("before-call", "conditionally_calculate_md5"),  # a header that follows from the body
    ("before-call", "sse_md5"),
    ("before-call", "add_expect_header"),
    ("before-sign", "remove_arn_from_signing_path"),
    ("needs-retry", "check_for_200_error"),
    ("after-call", "enhance_error_msg"),
]


@pytest.mark.parametrize(("event", "name"), [each for each in OF_BOTOCORE if hasattr(handlers, each[1])])
def test_a_hook_that_is_a_function_of_botocore(event: str, name: str, server: RawServer) -> None:
    roads = made(server.url, short=True), made(server.url, short=False)
    bodies = []
    for sm in roads:
        describe(sm)
        sm._connection.client().meta.events.register(f"{event}.sagemaker", getattr(handlers, name))
    for endpoint in ("e", "another"):
        server.taken()
        for sm in roads:
            try:
                sm.endpoints.describe(endpoint)
            except Exception as error:  # some are made for S3's answers alone
                bodies.append(repr(error))
        sent = [_lasting(request) for request in server.taken()]
        assert sent[0] == sent[-1]
    assert bodies[::2] == bodies[1::2]


def _lasting(request: bytes) -> list[bytes]:
    """A request without the times and random numbers in it."""
    lines = request.split(b"\r\n")
    changing = (b"X-Amz-Date", b"Authorization", b"amz-sdk-invocation-id")
    return [line.partition(b":")[0] if line.startswith(changing) else line for line in lines]


# --- patches ----------------------------------------------------------------------------------------------------------

PATCHES = [
    (BaseClient, "_make_api_call"),
    (BaseClient, "_make_request"),
    (Endpoint, "make_request"),
    (Endpoint, "_send_request"),
    (Endpoint, "_send"),
    (Endpoint, "_get_response"),
    (Endpoint, "create_request"),
    (Endpoint, "_needs_retry"),
    (URLLib3Session, "send"),
    (RequestSigner, "sign"),
    (RequestSigner, "get_auth_instance"),
    (SigV4Auth, "add_auth"),
    (HierarchicalEmitter, "_emit"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("cls", "name"), PATCHES, ids=lambda each: getattr(each, "__name__", each))
def test_a_patched_method_sees_each_call(cls: Any, name: str, when: str, server: RawServer) -> None:
    seen: list[str] = []
    original = getattr(cls, name)

    def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(name)
        return original(self, *args, **kwargs)

    sm = made(server.url, short=True)
    if when == "after":
        assert is_short(sm)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cls, name, patched)
        assert not is_short(sm)
        assert seen
    assert is_short(sm)


@pytest.mark.parametrize("of", ["client", "endpoint", "http", "signer", "method", "class"])
def test_what_is_patched_on_an_object_sees_each_call(of: str, server: RawServer) -> None:
    sm = made(server.url, short=True)
    assert is_short(sm)
    client = sm._connection.client()
    target, name = {
        "client": (client, "_make_api_call"),
        "endpoint": (client._endpoint, "make_request"),
        "http": (client._endpoint.http_session, "send"),
        "signer": (client._request_signer, "sign"),
        "method": (client, "describe_endpoint"),
        "class": (type(client), "describe_endpoint"),
    }[of]
    seen: list[str] = []
    original = getattr(target, name)

    def patched(*args: Any, **kwargs: Any) -> Any:
        seen.append(name)
        return original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, name, patched)
        assert not is_short(sm)
        assert seen
    assert is_short(sm)


# --- stubs, mocks and logs --------------------------------------------------------------------------------------------


@contextmanager
def _debug_log() -> Iterator[None]:
    logger = logging.getLogger("botocore.endpoint")
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(logging.NOTSET)


@contextmanager
def _history() -> Iterator[None]:
    recorder = get_global_history_recorder()
    recorder.enable()
    yield
    recorder.disable()


@pytest.mark.parametrize("on", [_debug_log, _history])
def test_a_log_that_is_on(on: Callable[[], AbstractContextManager[None]], server: RawServer) -> None:
    sm = made(server.url, short=True)
    assert is_short(sm)
    with on():
        assert not is_short(sm)
    assert is_short(sm)


def test_a_stub_answers(server: RawServer) -> None:
    sm = made(server.url, short=True)
    assert is_short(sm)
    # The escape hatch may be another client than that of typed calls so far; it is theirs from then on.
    stub = Stubber(sm.boto3_client)
    stub.add_response("describe_endpoint", {"EndpointName": "stubbed", "EndpointArn": ARN, "EndpointStatus": "InService",
                                            "CreationTime": 0, "LastModifiedTime": 0}, {"EndpointName": "e"})  # fmt: skip
    with stub:
        assert describe(sm) == "stubbed"
        stub.assert_no_pending_responses()
    assert is_short(sm)


def test_moto_answers_while_it_is_on_and_counts_as_nobody_while_it_is_off(server: RawServer) -> None:
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        sm = SageMaker(session=boto3.Session(region_name="us-west-2"), endpoint_url=server.url)
        with suppress(errors.SageMakerError):  # moto may know no such endpoint
            sm.endpoints.describe("no-such")
        assert taken(sm) == 0
    sm = made(server.url, short=True)
    assert is_short(sm)
    with moto.mock_aws():
        before = taken(sm)
        sm.endpoints.describe("e")
        assert taken(sm) == before
    assert is_short(sm)


def test_an_answer_of_a_hook_before_anything_is_sent(server: RawServer) -> None:
    sm = made(server.url, short=True)
    assert is_short(sm)
    answer = AWSResponse("http://x", 200, {}, None)
    answer._content = b'{"EndpointName": "of a hook"}'
    sm._connection.client().meta.events.register("before-send.sagemaker", lambda **_: answer)
    server.taken()
    assert describe(sm) == "of a hook"
    assert server.taken() == []


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"signature_version": UNSIGNED},
        {"retries": {"mode": "legacy"}},
        {"retries": {"mode": "adaptive"}},
    ],
    ids=["unsigned", "legacy", "adaptive"],
)
def test_settings_that_take_botocores_way(options: dict[str, Any], server: RawServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, config=config(**options))
    assert not is_short(sm)


def test_a_name_that_this_botocore_lacks_means_botocores_way(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cls, name in [(Endpoint, "_update_retries_context"), (URLLib3Session, "_setup_ssl_cert")]:
        with monkeypatch.context() as patch:
            original = getattr(cls, name)
            patch.delattr(cls, name)
            patch.setattr(cls, "__getattr__", lambda _, name, o=original: o.__get__(_), raising=False)
            assert not is_short(made(server.url, short=True))


# --- each thing that the guard looks at -------------------------------------------------------------------------------

# The methods of botocore that a call goes through, by a reading of it.
METHODS: dict[Any, str] = {
    BaseClient: "_make_api_call _make_request _convert_to_request_dict _emit_api_params _resolve_endpoint_ruleset",
    Endpoint: (
        "make_request create_request prepare_request _send_request _get_response _do_get_response _needs_retry _send "
        "_add_modeled_error_fields _update_retries_context"
    ),
    URLLib3Session: "send _get_connection_manager _setup_ssl_cert",
    RequestSigner: "handler sign get_auth_instance _choose_signer",
    SigV4Auth: "add_auth canonical_request string_to_sign signature",
    AWSRequest: "prepare",
    AWSRequestPreparer: "prepare",
    AWSPreparedRequest: "__init__",
    JSONSerializer: "serialize_to_request _serialize _serialize_type_structure _default_serialize",
    HierarchicalEmitter: "_emit emit emit_until_response",
    EventAliaser: "emit emit_until_response",
}


def guarded() -> tuple[Any, Guard]:
    client = session().client("sagemaker", endpoint_url="http://127.0.0.1:1", config=config())
    return client, Guard(client)


def reason(client: Any, guard: Guard) -> str | None:
    return guard.reason("DescribeEndpoint", client.describe_endpoint)


@pytest.mark.parametrize("asked_before", [False, True])
@pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, name) for cls, names in METHODS.items() for name in names.split()],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_a_method_that_is_patched(cls: Any, name: str, asked_before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    client, guard = guarded()
    if asked_before:
        assert reason(client, guard) is None
    original = getattr(cls, name)
    with monkeypatch.context() as patch:
        patch.setattr(cls, name, lambda *args, **named: original(*args, **named))
        assert reason(client, guard) == "a method of botocore is patched"
    assert reason(client, guard) is None


def _upper(self: Any, serialized: Any, value: Any, shape: Any, key: Any = None) -> None:
    serialized[key] = value.upper()


_WAYS_OF_WRITING: dict[str, Callable[[pytest.MonkeyPatch, Any], object]] = {
    "a method of the serializer": lambda patch, made: patch.setattr(made, "_default_serialize", partial(_upper, made)),
    "a method for texts": lambda patch, made: patch.setattr(
        JSONSerializer, "_serialize_type_string", _upper, raising=False
    ),
    "json": lambda patch, made: patch.setattr(
        "botocore.serialize.json", SimpleNamespace(dumps=lambda body: json.dumps(body).upper())
    ),
}


@pytest.mark.parametrize("called_before", [False, True])
@pytest.mark.parametrize("way", _WAYS_OF_WRITING)
def test_another_way_of_writing_is_obeyed(way: str, called_before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a request of texts alone is written without botocore's serializer."""
    with RawServer(lambda operation, body: b"{}") as server:
        sm = made(server.url, short=True)
        for way_of_writing in (None, _WAYS_OF_WRITING[way])[not called_before :]:
            if way_of_writing is not None:
                way_of_writing(monkeypatch, sm._connection.client()._serializer)
            with suppress(errors.TransportError):  # `{}` is no description
                sm.endpoints.describe("abc")
        assert b"ABC" in server.taken()[-1]


@pytest.mark.parametrize("module", ["auth", "client", "endpoint", "hooks", "parsers", "regions", "retries.standard"])
def test_a_logger_that_is_on(module: str) -> None:
    client, guard = guarded()
    logger = logging.getLogger(f"botocore.{module}")
    logger.setLevel(logging.DEBUG)
    try:
        assert reason(client, guard) == "botocore's debug log is on"
        logger.setLevel(logging.INFO)
        assert reason(client, guard) is None
    finally:
        logger.setLevel(logging.NOTSET)


def test_a_history_that_is_recorded() -> None:
    client, guard = guarded()
    with _history():
        assert reason(client, guard) == "botocore's history is recorded"
    assert reason(client, guard) is None


def test_the_log_says_why_a_call_goes_through_botocore(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    sm = made(server.url, short=True)
    with caplog.at_level(logging.DEBUG, "sagemaker_typed.wire"):
        sm.endpoints.describe("e")
        sm._connection.client().meta.events.register("after-call", lambda **_: None)
        sm.endpoints.describe("e")
    texts = [record.getMessage() for record in caplog.records]
    assert texts[0] == "DescribeEndpoint takes the short way"
    assert texts[-1].startswith("DescribeEndpoint goes through botocore: ")
    assert texts[-1].endswith("listens to after-call")


def test_a_recorder_that_cannot_be_read_may_record(monkeypatch: pytest.MonkeyPatch) -> None:
    client, guard = guarded()
    monkeypatch.delattr(get_global_history_recorder(), "_enabled")
    assert reason(client, guard) == "botocore's history is recorded"


PARTS: dict[str, Callable[[Any], Any]] = {
    "client": lambda client: client,
    "endpoint": lambda client: client._endpoint,
    "http": lambda client: client._endpoint.http_session,
    "signer": lambda client: client._request_signer,
}


@pytest.mark.parametrize("part", PARTS)
def test_an_attribute_of_a_part_that_is_another_one(part: str) -> None:
    client, guard = guarded()
    assert guard.intact()
    PARTS[part](client).something = 1
    assert not guard.intact()
    del PARTS[part](client).something
    assert guard.intact()


def test_an_emitter_with_something_of_its_own_or_another_one() -> None:
    client, guard = guarded()
    emitter = without_aliases(client.meta.events)
    emitter.something = 1
    assert not guard.intact()
    del emitter.something
    assert guard.intact()
    client.meta.events.register("before-send.sagemaker", lambda **_: None)
    assert guard.intact()  # that is for `reason`
    client.meta.events = HierarchicalEmitter()
    assert not guard.intact()


@pytest.mark.parametrize(
    ("part", "name"), [("client", "_endpoint"), ("client", "_request_signer"), ("endpoint", "http_session")]
)
def test_a_part_that_is_none_of_botocores(part: str, name: str) -> None:
    client, _ = guarded()
    target = PARTS[part](client)

    class Other(type(getattr(target, name))):  # type: ignore[misc]
        pass

    own = getattr(target, name)
    other = object.__new__(Other)
    other.__dict__.update(vars(own))
    setattr(target, name, other)
    guard = Guard(client)
    assert reason(client, guard) == "the client is not a plain botocore client, or was modified"
    assert guard.intact()  # it is what it was,
    setattr(target, name, own)
    assert not guard.intact()  # and now it is not


def test_what_is_no_client_of_botocores() -> None:
    class Other:
        def __init__(self, client: Any) -> None:
            self.__dict__.update(vars(client))
            self.meta = client.meta

    client, _ = guarded()
    guard = Guard(Other(client))
    assert reason(client, guard) == "the client is not a plain botocore client, or was modified"
    assert guard.intact()


def test_a_method_of_the_client_that_is_another_one() -> None:
    client, guard = guarded()

    def describe_endpoint(**_: Any) -> None: ...

    text = guard.reason("DescribeEndpoint", describe_endpoint)
    assert text is not None
    assert text.endswith("was replaced")
    bound = describe_endpoint.__get__(client)
    assert guard.reason("DescribeEndpoint", bound) == f"{bound!r} was replaced"
    client.sign = lambda: None  # no name of a method of the client
    assert reason(client, Guard(client)) is None
    client.can_paginate = lambda _: False
    assert reason(client, Guard(client)) == "the client is not a plain botocore client, or was modified"


@pytest.mark.parametrize("event", [*EVENTS, "after-call-error"])
@pytest.mark.parametrize(
    ("module", "events"),
    [
        ("botocore.handlers", ("before-parameter-build", "before-call", "request-created", "choose-signer")),
        ("botocore.signers", ("before-parameter-build", "before-call", "request-created", "choose-signer")),
        ("botocore.useragent", ("before-parameter-build", "before-call", "request-created", "choose-signer")),
        ("sagemaker_typed._core.session", ("before-parameter-build", "before-call", "request-created", "choose-signer")),
        ("botocore.retries.standard", ("before-parameter-build", "before-call", "request-created", "choose-signer",
                                       "needs-retry", "after-call")),
        ("botocore.stub", ()),
        ("somebody.else", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_whose_handlers_may_stay(module: str, events: tuple[str, ...], event: str) -> None:
    def handler(**_: Any) -> None: ...

    handler.__module__ = module
    client, guard = guarded()
    assert reason(client, guard) is None
    client.meta.events.register(f"{event}.sagemaker", handler)
    quiet = event in events or (event == "before-endpoint-resolution" and bool(events))
    assert reason(client, guard) == (None if quiet else f"{handler!r} listens to {event}")
    client.meta.events.unregister(f"{event}.sagemaker", handler)
    assert reason(client, guard) is None


def test_handlers_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    client, guard = guarded()
    emitter = without_aliases(client.meta.events)
    with monkeypatch.context() as patch:
        patch.setattr(emitter, "_handlers", object())
        assert reason(client, guard) == "the handlers of this botocore cannot be read"
    assert reason(client, guard) is None
    monkeypatch.delattr(emitter, "_lookup_cache")
    assert guard.token() is None
    assert reason(client, guard) == "the handlers of this botocore cannot be read"


class BotocoreStubber:
    """Stands for moto's, by its name and module."""

    enabled = False

    def __call__(self, **_: Any) -> None: ...


def test_motos_handler_counts_while_it_is_on() -> None:
    stubber: Any = BotocoreStubber()
    client, guard = guarded()
    client.meta.events.register("before-send", stubber)
    text = reason(client, guard)
    assert text is not None
    assert text.endswith("listens to before-send")  # that of another module is somebody's
    BotocoreStubber.__module__ = "moto.core.botocore_stubber"
    fresh = Guard(client)
    assert reason(client, fresh) is None
    stubber.enabled = True
    assert reason(client, fresh) == "moto answers"
    stubber.enabled = False
    assert reason(client, fresh) is None
    client.meta.events.register("before-call", stubber)
    assert reason(client, fresh) == f"{stubber!r} listens to before-call"


def test_the_experiment_of_botocore_that_adds_a_header_is_botocores(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore reads this variable for each request to a proxy."""
    assert is_short(SageMaker(session=session(), endpoint_url=server.url))
    monkeypatch.setenv("BOTO_EXPERIMENTAL__ADD_PROXY_HOST_HEADER", "1")
    assert not is_short(SageMaker(session=session(), endpoint_url=server.url))

"""Answers that botocore has not parsed: hooks see what boto3 gives them, and calls in the middle of a call are whole."""

from __future__ import annotations

import contextvars
import copy
import json
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import HeadersDict
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserFactory, create_parser

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.answers import Received, UnreadAnswer
from sagemaker_typed.types import ProductionVariant
from tests.support.model_server import ModelServer

ENDPOINT = {
    "EndpointName": "x",
    "EndpointArn": "arn:aws:sagemaker:us-west-2:123456789012:endpoint/x",
    "EndpointConfigName": "c",
    "EndpointStatus": "InService",
    "CreationTime": 1718000000.5,
    "LastModifiedTime": 1718000001,
    "ProductionVariants": [{"VariantName": "v", "CurrentWeight": 1.0, "Fresh": {"a": [1]}}],
    "Brand": "new",
}
APP = "arn:aws:sagemaker:us-west-2:123456789012:partner-app/app-ABCDEFGHIJKL"
CONFIG = {"EndpointConfigName": "c", "EndpointConfigArn": "arn:c", "CreationTime": 1718000000, "Fresh": 2}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")


def typed(server: ModelServer, chosen: boto3.Session) -> SageMaker:
    return SageMaker(session=chosen, endpoint_url=server.url)


def plain(server: ModelServer, chosen: boto3.Session | None = None) -> Any:
    return (chosen or session()).client("sagemaker", endpoint_url=server.url)


def without_metadata(answer: Any) -> Any:
    return {name: item for name, item in answer.items() if name != "ResponseMetadata"}


def answer_of(server: ModelServer) -> tuple[UnreadAnswer, dict[str, Any]]:
    """An answer that nobody has looked into, and the dict that botocore's parser makes of the same body."""
    shape = plain(server).meta.service_model.operation_model("DescribeEndpoint").output_shape
    headers = {"x-amzn-RequestId": "1", "Content-Type": "application/x-amz-json-1.1"}
    response = {"status_code": 200, "headers": HeadersDict(headers), "body": json.dumps(ENDPOINT).encode()}
    received = Received(create_parser("json"), response, shape)
    return UnreadAnswer(received), received.parsed()


# --- a dict like any other --------------------------------------------------------------------------------------------

LOOKS: dict[str, Any] = {
    "==": lambda answer: answer,
    "dict": dict,
    "list": list,
    "sorted": sorted,
    "len": len,
    "bool": bool,
    "reversed": lambda answer: list(reversed(answer)),
    "keys": lambda answer: list(answer.keys()),
    "values": lambda answer: list(answer.values()),
    "items": lambda answer: list(answer.items()),
    "get": lambda answer: (answer.get("EndpointArn"), answer.get("Error"), answer.get("no", 5)),
    "[]": lambda answer: answer["ProductionVariants"][0]["VariantName"],
    "in": lambda answer: ("EndpointArn" in answer, "Error" in answer, "Brand" in answer),
    "**": lambda answer: {**answer},
    "|": lambda answer: answer | {"more": 1},
    "{} |": lambda answer: {"more": 1} | answer,
    "copy": lambda answer: answer.copy(),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda answer: pickle.loads(pickle.dumps(answer)),
    "json": lambda answer: json.dumps(answer, default=str),
    "repr": repr,
    "format": lambda answer: f"{answer}",
    "pop": lambda answer: (answer.pop("EndpointArn"), dict(answer)),
    "del": lambda answer: (answer.__delitem__("EndpointArn"), dict(answer)),
    "set": lambda answer: (answer.__setitem__("EndpointArn", 1), dict(answer)),
    "update": lambda answer: (answer.update({"EndpointArn": 1}), answer.update(more=2), dict(answer)),
    "setdefault": lambda answer: (answer.setdefault("EndpointArn", 1), dict(answer)),
    "clear": lambda answer: (answer.clear(), dict(answer)),
    "fromkeys": lambda answer: dict.fromkeys(answer),
}


@pytest.mark.parametrize("look", LOOKS)
def test_it_looks_like_boto3s_dict(look: str, server: ModelServer) -> None:
    found, expected = answer_of(server)
    assert LOOKS[look](found) == LOOKS[look](expected)


def test_a_copy_is_a_plain_dict(server: ModelServer) -> None:
    found, _ = answer_of(server)
    assert type(copy.copy(found)) is type(copy.deepcopy(found)) is type(pickle.loads(pickle.dumps(found))) is dict


# --- the parser -------------------------------------------------------------------------------------------------------


class Counting(ResponseParserFactory):  # type: ignore[misc]
    """Counts the bodies that botocore parses with a shape."""

    def __init__(self) -> None:
        super().__init__()
        self.parsed = 0

    def create_parser(self, protocol_name: str) -> Any:
        parser = super().create_parser(protocol_name)
        general = parser.parse

        def parse(response: Any, shape: Any) -> Any:
            self.parsed += shape is not None
            return general(response, shape)

        parser.parse = parse
        return parser


@pytest.mark.parametrize("mode", ["standard", "adaptive", "legacy"])
def test_nobody_looks_and_botocores_parser_does_not_run(
    mode: str, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    chosen, counting = session(), Counting()
    chosen._session.register_component("response_parser_factory", counting)
    sm = typed(server, chosen)
    server.respond("DescribeEndpoint", ENDPOINT)
    assert sm.endpoints.describe("x").unknown_members == {"Brand": "new"}
    assert counting.parsed == 0
    chosen.events.register("after-call.sagemaker", lambda parsed, **_: parsed["EndpointArn"])
    server.respond("DescribeEndpoint", ENDPOINT)
    # A hook that was registered after the client was made is not the client's, in boto3 as here.
    assert sm.endpoints.describe("x").unknown_members == {"Brand": "new"}
    assert counting.parsed == 0
    sm.boto3_client.describe_endpoint(EndpointName="x")
    assert counting.parsed == 1


# --- hooks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["after-call", "response-received", "needs-retry"])
def test_hooks_see_the_members(event: str, server: ModelServer) -> None:
    def seen(road: Any) -> list[Any]:
        found: list[Any] = []

        def look(**arguments: Any) -> None:
            whole = arguments.get("parsed") or arguments.get("parsed_response") or arguments["response"][1]
            found.append(without_metadata(whole))

        chosen = session()
        chosen.events.register(f"{event}.sagemaker", look)
        server.respond("DescribeEndpoint", ENDPOINT)
        road(chosen)
        return found

    ours = seen(lambda chosen: typed(server, chosen).endpoints.describe("x"))
    theirs = seen(lambda chosen: plain(server, chosen).describe_endpoint(EndpointName="x"))
    assert ours == theirs
    assert len(ours) == 1


def test_what_a_hook_edits_shows_and_unknown_members_stay(server: ModelServer) -> None:
    def edit(parsed: dict[str, Any], **_: Any) -> None:
        parsed["EndpointStatus"] = "Failed"
        parsed["FailureReason"] = "a hook says so"
        parsed["ProductionVariants"][0]["CurrentWeight"] = 0.5
        del parsed["EndpointConfigName"]

    chosen = session()
    chosen.events.register("after-call.sagemaker.DescribeEndpoint", edit)
    server.respond("DescribeEndpoint", ENDPOINT)
    answer = typed(server, chosen).endpoints.describe("x")
    assert answer.endpoint_status == "Failed"
    assert answer.failure_reason == "a hook says so"
    assert answer.endpoint_config_name is None
    assert answer.creation_time.timestamp() == 1718000000.5
    assert answer.unknown_members == {"Brand": "new"}
    assert answer.production_variants is not None
    (variant,) = answer.production_variants
    assert (variant.current_weight, variant.unknown_members) == (0.5, {"Fresh": {"a": [1]}})


def test_a_hook_may_set_a_member_that_nobody_knows(server: ModelServer) -> None:
    def edit(parsed: dict[str, Any], **_: Any) -> None:
        parsed.update(Brand="the hook's", Further="more")

    chosen = session()
    chosen.events.register("after-call.sagemaker.DescribeEndpoint", edit)
    server.respond("DescribeEndpoint", ENDPOINT)
    answer = typed(server, chosen).endpoints.describe("x")
    assert answer.unknown_members == {"Brand": "the hook's", "Further": "more"}
    plain_answer = plain(server, chosen).describe_endpoint(EndpointName="x")
    assert (plain_answer["Brand"], plain_answer["Further"]) == ("the hook's", "more")


# --- calls in the middle of a call ------------------------------------------------------------------------------------

EVENTS = [
    "provide-client-params.sagemaker.DescribeEndpoint",
    "provide-client-params.sagemaker",
    "before-parameter-build.sagemaker",
    "before-call.sagemaker.DescribeEndpoint",
    "request-created.sagemaker",
    "before-sign.sagemaker",
    "before-send.sagemaker",
    "before-parse.sagemaker",
    "response-received.sagemaker",
    "needs-retry.sagemaker",
    "after-call.sagemaker",
]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("inner", ["raw", "raw, the same", "typed", "typed, the same"])
def test_a_hook_may_call(event: str, inner: str, server: ModelServer) -> None:
    server.respond("DescribeEndpoint", ENDPOINT)
    server.respond("DescribeEndpoint", ENDPOINT)
    server.respond("DescribeEndpointConfig", CONFIG)
    chosen = session()
    sm = typed(server, chosen)
    found: list[Any] = []
    inside = threading.local()

    def hook(**_: Any) -> None:
        if getattr(inside, "now", False) or found:
            return
        inside.now = True
        try:
            if inner == "typed":
                found.append(sm.endpoint_configs.describe("c"))
            elif inner == "typed, the same":
                found.append(sm.endpoints.describe("x"))
            elif inner == "raw":
                found.append(sm.boto3_client.describe_endpoint_config(EndpointConfigName="c"))
            else:
                found.append(sm.boto3_client.describe_endpoint(EndpointName="x"))
        finally:
            inside.now = False

    chosen.events.register(event, hook)
    outer = sm.endpoints.describe("x")
    assert outer.unknown_members == {"Brand": "new"}
    assert outer.endpoint_arn == ENDPOINT["EndpointArn"]
    (answer,) = found
    if inner == "typed":
        assert (answer.endpoint_config_arn, answer.unknown_members) == ("arn:c", {"Fresh": 2})
    elif inner == "typed, the same":
        assert (answer.endpoint_arn, answer.unknown_members) == (ENDPOINT["EndpointArn"], {"Brand": "new"})
    elif inner == "raw":
        assert without_metadata(answer) == without_metadata(
            plain(server).describe_endpoint_config(EndpointConfigName="c")
        ) | {name: item for name, item in answer.items() if name in ("EndpointConfigArn", "CreationTime")}
    else:
        assert sorted(answer) == sorted({*ENDPOINT, "ResponseMetadata"} - {"Brand"})


def test_a_raw_call_in_a_thread_of_its_own(server: ModelServer) -> None:
    sm = typed(server, session())
    sm.endpoints.describe("x")
    server.respond("DescribeEndpoint", ENDPOINT)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(sm.boto3_client.describe_endpoint(EndpointName="x")))
    thread.start()
    thread.join()
    assert type(found[0]) is dict
    assert found[0]["EndpointArn"] == ENDPOINT["EndpointArn"]


@pytest.mark.parametrize("event", ["provide-client-params.sagemaker", "before-send.sagemaker", "after-call.sagemaker"])
def test_a_key_error_of_a_hook_is_the_users_own(event: str, server: ModelServer) -> None:
    def hook(**_: Any) -> None:
        raise KeyError("of the hook")

    chosen = session()
    chosen.events.register(event, hook)
    with pytest.raises(KeyError, match="of the hook"):
        typed(server, chosen).endpoints.describe("x")


def test_the_body_of_an_error_is_made_readable(server: ModelServer) -> None:
    sm = typed(server, session())
    server.respond("DescribeEndpoint", "<html>teapot</html>", status=418)
    with pytest.raises(ClientError, match="HTTP 418") as caught:
        sm.endpoints.describe("x")
    assert isinstance(caught.value, errors.TransportError)


def test_an_answer_with_a_member_called_error(server: ModelServer) -> None:
    """botocore asks each answer for "Error"; DescribePartnerApp has a member of that name."""
    body = {"Arn": APP, "Name": "app", "Error": {"Code": "E1", "Reason": "why"}, "Fresh": 1}
    server.respond("DescribePartnerApp", body)
    answer = typed(server, session()).partner_apps.describe(APP)
    assert answer.error is not None
    assert (answer.error.code, answer.error.reason, answer.unknown_members) == ("E1", "why", {"Fresh": 1})
    seen: list[Any] = []
    chosen = session()
    chosen.events.register("after-call.sagemaker", lambda parsed, **_: seen.append(parsed.get("Error")))
    typed(server, chosen).partner_apps.describe(APP)
    assert seen == [{"Code": "E1", "Reason": "why"}]


# --- where somebody hears of a call -----------------------------------------------------------------------------------


def test_hooks_get_a_dict_and_nothing_but_a_dict(server: ModelServer) -> None:
    """orjson and others read a dict from C, past every method of a subclass."""
    seen: list[Any] = []
    chosen = session()
    for event, name in (("after-call", "parsed"), ("response-received", "parsed_response")):
        chosen.events.register(f"{event}.sagemaker", lambda name=name, **found: seen.append(found[name]))
    server.respond("DescribeEndpoint", ENDPOINT)
    assert typed(server, chosen).endpoints.describe("x").unknown_members == {"Brand": "new"}
    assert [type(each) for each in seen] == [dict, dict]
    assert json.loads(json.dumps(seen[0], default=str))["EndpointArn"] == ENDPOINT["EndpointArn"]


def test_a_wrapper_of_the_call_gets_a_dict(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    original: Any = BaseClient._make_api_call
    seen: list[Any] = []

    def traced(self: Any, operation: str, arguments: Any) -> Any:
        seen.append(original(self, operation, arguments))
        return seen[-1]

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    server.respond("DescribeEndpoint", ENDPOINT)
    assert typed(server, session()).endpoints.describe("x").unknown_members == {"Brand": "new"}
    assert type(seen[0]) is dict
    assert seen[0]["EndpointArn"] == ENDPOINT["EndpointArn"]


@pytest.mark.parametrize("event", EVENTS)
def test_a_raw_call_in_a_hook_gets_a_dict(event: str, server: ModelServer) -> None:
    server.respond("DescribeEndpoint", ENDPOINT)
    sm = typed(server, session())
    found: list[Any] = []
    later: list[Any] = []

    def hook(**_: Any) -> None:
        if found:
            return
        found.append(None)
        found.append(sm.boto3_client.describe_endpoint(EndpointName="x"))
        context = contextvars.copy_context()
        later.append(lambda: context.run(sm.boto3_client.describe_endpoint, EndpointName="x"))

    sm.boto3_client.meta.events.register(event, hook)
    assert sm.endpoints.describe("x").unknown_members == {"Brand": "new"}
    assert type(found[1]) is dict
    assert type(later[0]()) is dict


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceInUse", "ConflictException", "ThrottlingException"])
def test_the_error_of_a_typed_call_in_a_hook_is_that_calls_own(code: str, server: ModelServer) -> None:
    sm = typed(server, session()).with_options(retries=0)
    server.respond_error("DescribeModel", code, "of the inner call")
    sm.boto3_client.meta.events.register("before-call.sagemaker.DescribeEndpoint", lambda **_: sm.models.describe("m"))
    with pytest.raises(errors.ApiError, match="of the inner call") as caught:
        sm.endpoints.describe("x")
    assert caught.value.operation == "DescribeModel"
    assert caught.value.code == code


def test_the_problems_of_a_typed_call_in_a_hook_are_that_calls_own(server: ModelServer) -> None:
    sm = typed(server, session())
    sm.boto3_client.meta.events.register(
        "before-call.sagemaker.DescribeEndpoint", lambda **_: sm.models.list(max_results=0).first()
    )
    with pytest.raises(errors.InvalidRequestError) as caught:
        sm.endpoints.describe("x")
    assert caught.value.operation == "ListModels"
    assert [problem.path for problem in caught.value.problems] == ["max_results"]


SPOILS: dict[str, Any] = {
    "unknown": lambda params: params["ProductionVariants"][0].update(Nope=1),
    "type": lambda params: params["ProductionVariants"][0].update(InitialInstanceCount="one"),
    "required": lambda params: params["ProductionVariants"][0].pop("VariantName"),
    "item": lambda params: params["ProductionVariants"].append({}),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_a_hook_spoils_far_down_is_refused(spoil: str, server: ModelServer) -> None:
    chosen = session()
    chosen.events.register("provide-client-params.sagemaker", lambda params, **_: SPOILS[spoil](params))
    variant = ProductionVariant(variant_name="v", model_name="m", initial_instance_count=1, instance_type="ml.m5.large")
    with pytest.raises(ParamValidationError):
        typed(server, chosen).endpoint_configs.create("c", production_variants=[variant])
    assert server.requests == []

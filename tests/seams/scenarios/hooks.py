"""Handlers of botocore's events: what they see, what they change, and what they may call."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse

from tests.seams.roads import Way
from tests.seams.scenario import ECHO, KEYS, OK, REGION, Answer, Notes, Scenario, refused

BASE = KEYS | REGION | {"AWS_MAX_ATTEMPTS": "3", "AWS_RETRY_MODE": "standard"}
_OPERATION = "sagemaker.DescribeCompilationJob"
_JOB = {"CompilationJobName": "n"}

Handler = Callable[..., Any]
Make = Callable[[Notes], Handler]


# --- what handlers see ------------------------------------------------------------------------------------------------


def _note(*names: str) -> Make:
    """Note the arguments of these names as they are now."""
    return lambda notes: lambda **given: notes.append({name: copy.deepcopy(_shown(given[name])) for name in names})


def _shown(value: Any) -> Any:
    if isinstance(value, tuple):  # an HTTP response, and what was read from it
        return value[1]
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, dict) and "context" in value:  # a request: the rest is the library's own business
        return {name: value[name] for name in ("url_path", "query_string", "method", "body", "url")}
    if isinstance(value, dict) and "headers" in value and "body" in value:
        return {"body": value["body"], "status_code": value["status_code"]}
    return value


_SEEN: Mapping[str, Make] = {
    "provide-client-params": _note("params"),
    "before-parameter-build": _note("params"),
    "before-call": _note("params"),
    "before-parse": _note("response_dict"),
    "response-received": _note("response_dict", "parsed_response", "exception"),
    "needs-retry": _note("response", "attempts", "caught_exception"),
    "after-call": _note("parsed"),
    "after-call-error": _note("exception"),
}


# --- what handlers change ---------------------------------------------------------------------------------------------


def _returns(value: Any) -> Make:
    return lambda notes: lambda **_: copy.deepcopy(value)


def _edits(argument: str, edit: Callable[[Any], object]) -> Make:
    def make(notes: Notes) -> Handler:
        def handler(**given: Any) -> None:
            edit(given[argument])

        return handler

    return make


def _raises(error: Exception) -> Make:
    def make(notes: Notes) -> Handler:
        def handler(**_: Any) -> None:
            raise error

        return handler

    return make


def _once(value: Any) -> Make:
    """Return it the first time only."""

    def make(notes: Notes) -> Handler:
        left = [value]
        return lambda **_: left.pop() if left else None

    return make


def _rename(members: dict[str, Any]) -> None:
    members["CompilationJobName"] = "e"


def _new_id(members: dict[str, Any]) -> None:
    members["ResponseMetadata"]["RequestId"] = "e"


def _new_body(given: dict[str, Any]) -> None:
    given["body"] = b'{"CompilationJobName": "e"}'


def _add_header(request: Any) -> None:
    request.headers.add_header("X-Team", "vision")


class _Http:
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def _answers(status: int, body: bytes) -> Make:
    def handler(request: Any, **_: Any) -> AWSResponse:
        response = AWSResponse(request.url, status, {"x-amzn-RequestId": "hook"}, None)
        response._content = body
        return response

    return lambda notes: handler


_METADATA = {"ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "hook", "HTTPHeaders": {}, "RetryAttempts": 0}}
_IN_USE = {"Error": {"Code": "ResourceInUse", "Message": "hook"}, "ResponseMetadata": {}}
_CHANGED: Mapping[str, tuple[str, Make]] = {
    "provide-client-params-returns": ("provide-client-params", _returns({"CompilationJobName": "other"})),
    "provide-client-params-edits": ("provide-client-params", _edits("params", _rename)),
    "provide-client-params-spoils": ("provide-client-params", _returns({"CompilationJobNam": "typo"})),
    "provide-client-params-spoils-type": ("provide-client-params", _returns({"CompilationJobName": 5})),
    "before-parameter-build-edits": ("before-parameter-build", _edits("params", _rename)),
    "before-call-header": ("before-call", _edits("params", lambda params: params["headers"].update({"X-Team": "vision"}))),
    "before-call-body": ("before-call", _edits("params", _new_body)),
    "before-call-answers": ("before-call", _returns((_Http(200), {"CompilationJobName": "hook"} | _METADATA))),
    "before-call-answers-error": ("before-call", _returns((_Http(400), _IN_USE))),
    "request-created-header": ("request-created", _edits("request", _add_header)),
    "before-sign-header": ("before-sign", _edits("request", _add_header)),
    "choose-signer-none": ("choose-signer", lambda notes: lambda **_: UNSIGNED),
    "before-send-answers": ("before-send", _answers(200, b'{"CompilationJobName": "hook"}')),
    "before-send-answers-error": ("before-send", _answers(400, b'{"__type": "ResourceInUse", "message": "hook"}')),
    "before-send-answers-html": ("before-send", _answers(503, b"<html>busy</html>")),
    "before-parse-body": ("before-parse", _edits("response_dict", _new_body)),
    "before-parse-adds": ("before-parse", _edits("customized_response_dict", lambda given: given.update(Added="by a hook"))),
    "response-received-edits": ("response-received", _edits("parsed_response", _rename)),
    "needs-retry-again": ("needs-retry", _once(0)),
    "needs-retry-later": ("needs-retry", _once(2.5)),
    "after-call-edits": ("after-call", _edits("parsed", _rename)),
    "after-call-removes": ("after-call", _edits("parsed", lambda parsed: parsed.pop("CompilationJobStatus", None))),
    "after-call-adds-metadata": ("after-call", _edits("parsed", _new_id)),
    "provide-client-params-raises": ("provide-client-params", _raises(KeyError("of the hook"))),
    "before-call-raises": ("before-call", _raises(RuntimeError("of the hook"))),
    "before-call-raises-value-error": ("before-call", _raises(ValueError("of the hook"))),
    "before-send-raises": ("before-send", _raises(RuntimeError("of the hook"))),
    "after-call-raises": ("after-call", _raises(RuntimeError("of the hook"))),
    "after-call-raises-key-error": ("after-call", _raises(KeyError("of the hook"))),
}  # fmt: skip


# --- where they are registered ----------------------------------------------------------------------------------------


def _on_session(event: str, make: Make) -> dict[str, Any]:
    return {"before": lambda events, notes: events.register(event, make(notes))}


def _on_client(event: str, make: Make) -> dict[str, Any]:
    return {"after": lambda way, notes: way.client.meta.events.register(event, make(notes))}


def _order(way: Way, notes: Notes) -> None:
    events = way.client.meta.events
    for name in (
        "before-call",
        "before-call.sagemaker",
        f"before-call.{_OPERATION}",
        "before-call.*.DescribeCompilationJob",
    ):
        events.register(name, lambda name=name, **_: notes.append(name))
        events.register_first(name, lambda name=name, **_: notes.append(f"{name} first"))
        events.register_last(name, lambda name=name, **_: notes.append(f"{name} last"))


def _twice(events: Any, notes: Notes) -> None:
    def handler(**_: Any) -> None:
        notes.append("called")

    events.register("before-call.sagemaker", handler, unique_id="one")
    events.register("before-call.sagemaker", handler, unique_id="one")
    events.register("after-call.sagemaker", handler)
    events.unregister("after-call.sagemaker", handler)


def _mixin(events: Any, notes: Notes) -> None:
    def add(class_attributes: dict[str, Any], base_classes: list[type], **_: Any) -> None:
        notes.append(sorted(name for name in class_attributes if "compilation_job" in name))
        class_attributes["describe_twice"] = lambda self, **given: [
            self.describe_compilation_job(**given) for _ in "ab"
        ]

    events.register("creating-client-class.sagemaker", add)


def _call_mixin(way: Way, notes: Notes) -> None:
    notes.append([answer["CompilationJobName"] for answer in way.client.describe_twice(**_JOB)])


# --- calls in the middle of a call ------------------------------------------------------------------------------------

STAGES = ("provide-client-params", "before-call", "before-send", "before-parse", "needs-retry", "after-call")
NESTED = {
    "other": ("DescribeModel", {"ModelName": "m"}),
    "same": ("DescribeCompilationJob", {"CompilationJobName": "inner"}),
}


def nested(stage: str, kind: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A handler that makes a call of its own, once: raw through the client, or as the road makes its calls."""

    def register(way: Way, notes: Notes) -> None:
        left = [arguments]

        def handler(**_: Any) -> None:
            if left:
                given = left.pop()
                if kind == "raw":
                    method = {"DescribeModel": "describe_model"}.get(operation, "describe_compilation_job")
                    notes.append(getattr(way.client, method)(**given))
                else:
                    notes.append(way.call(operation, given))

        way.client.meta.events.register(f"{stage}.{_OPERATION}", handler)

    return {"after": register, "answers": [Answer(ECHO)], "calls": 2}


_ON_SESSIONS = {name: _CHANGED[name][0] for name in (
    "provide-client-params-returns", "before-call-header", "before-send-answers", "needs-retry-again", "after-call-edits",
)}  # fmt: skip

SCENARIOS = [
    *(Scenario(f"hooks/{event}-sees", BASE, **_on_client(f"{event}.{_OPERATION}", make))
      for event, make in _SEEN.items()),
    *(Scenario(f"hooks/session-{event}-sees", BASE, **_on_session(f"{event}.sagemaker", make))
      for event, make in _SEEN.items()),
    *(Scenario(f"hooks/{event}-sees-errors", BASE, **_on_client(f"{event}.{_OPERATION}", _SEEN[event]),
               answers=[refused("ThrottlingException"), refused("ResourceInUse")], calls=1)
      for event in ("before-parse", "response-received", "needs-retry", "after-call", "after-call-error")),
    *(Scenario(f"hooks/{event}-sees-no-answer", BASE, **_on_client(f"{event}.{_OPERATION}", _SEEN[event]),
               answers=[Answer(raises="ConnectionClosedError"), OK])
      for event in ("response-received", "needs-retry", "after-call-error")),
    *(Scenario(f"hooks/{name}", BASE, **_on_client(f"{event}.{_OPERATION}", make), bad_request="spoils" in name)
      for name, (event, make) in _CHANGED.items()),
    *(Scenario(f"hooks/session-{name}", BASE, **_on_session(f"{event}.sagemaker", _CHANGED[name][1]))
      for name, event in _ON_SESSIONS.items()),
    Scenario("hooks/default-session-before-call-header", BASE, default_session={},
             **_on_session("before-call.sagemaker", _CHANGED["before-call-header"][1])),
    Scenario("hooks/order", BASE, after=_order),
    Scenario("hooks/unique-and-unregistered", BASE, before=_twice),
    Scenario("hooks/mixin", BASE, before=_mixin, after=_call_mixin, roads=["session", "client"]),
    Scenario("hooks/loopback-needs-retry", BASE | {"AWS_ENDPOINT_URL": "{url}"}, wire="loopback",
             **_on_client(f"needs-retry.{_OPERATION}", _CHANGED["needs-retry-later"][1])),
    Scenario("hooks/loopback-before-sign-header", BASE | {"AWS_ENDPOINT_URL": "{url}"}, wire="loopback",
             **_on_client(f"before-sign.{_OPERATION}", _CHANGED["before-sign-header"][1])),
    *(Scenario(f"hooks/{kind}-call-of-{which}-in-{stage}", BASE, **nested(stage, kind, *NESTED[which]))
      for stage in STAGES for kind in ("raw", "typed") for which in NESTED),
]  # fmt: skip

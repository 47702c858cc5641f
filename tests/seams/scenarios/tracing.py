"""What tracers, recorders and mocks patch, done as they do it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import botocore.history
import pytest
from botocore.client import BaseClient
from botocore.endpoint import Endpoint

from tests.seams.scenario import KEYS, OK, REGION, Answer, Notes, Scenario, refused

BASE = KEYS | REGION | {"AWS_MAX_ATTEMPTS": "2"}


def _wrapping(owner: Any, name: str, wrap: Callable[..., Any]) -> Callable[[Notes], AbstractContextManager[None]]:
    """Replace a method by `wrap(notes, its original, self, *args)` for as long as the run takes."""

    @contextmanager
    def around(notes: Notes) -> Iterator[None]:
        original = getattr(owner, name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, lambda self, *args, **kwargs: wrap(notes, original, self, *args, **kwargs))
            yield

    return around


def _span(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    """As OpenTelemetry, X-Ray and Datadog do: service, operation, parameters, then the result or the error."""
    notes.append((client.meta.service_model.service_id, client.meta.region_name, operation, copy.deepcopy(arguments)))
    try:
        result = original(client, operation, arguments)
    except Exception as error:
        notes.append((type(error).__name__, copy.deepcopy(getattr(error, "response", None))))
        raise
    notes.append(copy.deepcopy(result))
    return result


def _edit(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    result = original(client, operation, arguments)
    result["CompilationJobName"] = "by a wrapper"
    return result


def _replace_arguments(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    return original(client, operation, arguments | {"CompilationJobName": "by a wrapper"})


def _mock(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    """As `mock.patch("botocore.client.BaseClient._make_api_call")` is used in tests."""
    return {"CompilationJobName": operation, "ResponseMetadata": {"RequestId": "mock", "HTTPStatusCode": 200}}


def _mock_without_metadata(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    return {"CompilationJobName": operation, "ResponseMetadata": {}}


def _mock_error(notes: Notes, original: Any, client: Any, operation: str, arguments: Any) -> Any:
    raise client.exceptions.ResourceInUse({"Error": {"Code": "ResourceInUse", "Message": "mock"}}, operation)


def _inject(notes: Notes, original: Any, endpoint: Any, request: Any) -> Any:
    """As tracers put the trace's header in."""
    request.headers["traceparent"] = "00-1-2-01"
    return original(endpoint, request)


def _note_request(notes: Notes, original: Any, endpoint: Any, operation_model: Any, request_dict: Any) -> Any:
    notes.append((operation_model.name, request_dict["url"]))
    http, parsed = original(endpoint, operation_model, request_dict)
    notes.append((http.status_code, copy.deepcopy(parsed)))
    return http, parsed


def _record(way: Any, notes: Notes) -> None:
    """As placebo records: an answer is put down as JSON after each call."""
    way.client.meta.events.register(
        "after-call.*.*",
        lambda http_response, parsed, model, **_: notes.append(
            (
                model.name,
                http_response.status_code,
                json.dumps(parsed, sort_keys=True, default=lambda when: when.timestamp()),
            )
        ),
    )


def _play(way: Any, notes: Notes) -> None:
    """As placebo plays back."""
    data = {"CompilationJobName": "played", "ResponseMetadata": {"RequestId": "tape", "HTTPStatusCode": 200}}
    response = type("FakeHttpResponse", (), {"status_code": 200})()
    way.client.meta.events.register("before-call.*.*", lambda **_: (response, copy.deepcopy(data)))


@contextmanager
def _history(notes: Notes) -> Iterator[None]:
    """As the AWS CLI keeps its history."""
    recorder = botocore.history.HistoryRecorder()

    class Handler(botocore.history.BaseHistoryHandler):  # type: ignore[misc]
        def emit(self, event_type: str, payload: Any, source: str) -> None:
            if event_type == "HTTP_RESPONSE":
                notes.append((event_type, payload["status_code"], payload["body"]))
            elif event_type != "HTTP_REQUEST":
                notes.append((event_type, copy.deepcopy(payload), source))

    recorder.add_handler(Handler())
    recorder.enable()
    with pytest.MonkeyPatch.context() as patch:
        for module in ("botocore.client", "botocore.endpoint", "botocore.parsers"):
            patch.setattr(f"{module}.history_recorder", recorder, raising=False)
        yield


_WHOLE = [OK, Answer({"CompilationJobName": "second"})]
_REFUSED = [refused("ResourceInUse")]

SCENARIOS = [
    Scenario("tracing/span", BASE, around=_wrapping(BaseClient, "_make_api_call", _span), answers=_WHOLE, calls=2),
    Scenario("tracing/span-of-an-error", BASE, around=_wrapping(BaseClient, "_make_api_call", _span), answers=_REFUSED),
    Scenario("tracing/span-of-no-answer", BASE, around=_wrapping(BaseClient, "_make_api_call", _span),
             answers=[Answer(raises="ReadTimeoutError")]),
    Scenario("tracing/span-of-no-output", BASE, around=_wrapping(BaseClient, "_make_api_call", _span),
             operation="StopCompilationJob"),
    Scenario("tracing/result-edited", BASE, around=_wrapping(BaseClient, "_make_api_call", _edit)),
    Scenario("tracing/arguments-replaced", BASE, around=_wrapping(BaseClient, "_make_api_call", _replace_arguments)),
    Scenario("tracing/mocked", BASE, around=_wrapping(BaseClient, "_make_api_call", _mock)),
    Scenario("tracing/mocked-without-metadata", BASE, around=_wrapping(BaseClient, "_make_api_call", _mock_without_metadata)),
    Scenario("tracing/mocked-error", BASE, around=_wrapping(BaseClient, "_make_api_call", _mock_error)),
    Scenario("tracing/header-injected", BASE, around=_wrapping(Endpoint, "prepare_request", _inject)),
    Scenario("tracing/endpoint", BASE, around=_wrapping(Endpoint, "make_request", _note_request)),
    Scenario("tracing/loopback-header-injected", BASE | {"AWS_ENDPOINT_URL": "{url}"}, wire="loopback",
             around=_wrapping(Endpoint, "prepare_request", _inject)),
    Scenario("tracing/recorded", BASE, after=_record, answers=_WHOLE, calls=2),
    Scenario("tracing/recorded-error", BASE, after=_record, answers=_REFUSED),
    Scenario("tracing/played-back", BASE, after=_play),
    Scenario("tracing/history", BASE, around=_history),
    Scenario("tracing/history-of-an-error", BASE, around=_history, answers=_REFUSED),
]  # fmt: skip

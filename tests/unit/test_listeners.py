"""Whoever is registered for any event of a call is seen to hear of it, and nobody else is."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.hooks import HierarchicalEmitter

from sagemaker_typed._core.listeners import handlers_of, handlers_of_call, heard, token_of, without_aliases
from tests.support.model_server import ModelServer

# As botocore's guide to its events lists them, with those that its sources emit besides.
EVENTS = (
    "provide-client-params",
    "before-parameter-build",
    "before-endpoint-resolution",
    "before-call",
    "request-created",
    "choose-signer",
    "before-sign",
    "before-send",
    "before-parse",
    "response-received",
    "needs-retry",
    "after-call",
    "after-call-error",
)


def client(url: str = "http://127.0.0.1:1") -> Any:
    import boto3
    from botocore.config import Config

    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    return session.client("sagemaker", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


def listen(**_: Any) -> None:
    """A user's handler."""


@pytest.mark.parametrize("event", EVENTS)
def test_a_handler_of_any_event_hears_the_calls_that_it_is_for(event: str) -> None:
    plain = client()
    assert not heard(plain, "DescribeEndpoint")
    plain.meta.events.register(f"{event}.sagemaker.DescribeEndpoint", listen)
    assert heard(plain, "DescribeEndpoint")
    assert not heard(plain, "DescribeModel")
    plain.meta.events.unregister(f"{event}.sagemaker.DescribeEndpoint", listen)
    assert not heard(plain, "DescribeEndpoint")
    plain.meta.events.register(f"{event}.*.*", listen)
    assert heard(plain, "DescribeEndpoint")
    assert heard(plain, "DescribeModel")


def test_they_are_the_events_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    emitted: set[str] = set()
    emit = HierarchicalEmitter._emit

    def noted(self: Any, event: str, *arguments: Any, **named: Any) -> Any:
        emitted.add(event)
        return emit(self, event, *arguments, **named)

    with ModelServer() as server:
        calling = client(server.url)
        monkeypatch.setattr(HierarchicalEmitter, "_emit", noted)
        calling.describe_endpoint(EndpointName="e")
        server.drop("DescribeEndpoint")
        with pytest.raises(Exception, match="Connection was closed"):
            calling.describe_endpoint(EndpointName="e")
    parts = {tuple(event.split(".")) for event in emitted}
    of_calls = {name for name, *where in parts if where in (["sagemaker", "DescribeEndpoint"], ["sagemaker"])}
    assert of_calls == set(EVENTS)


@pytest.mark.parametrize(
    ("module", "quiet"),
    [
        ("botocore.handlers", True),
        ("boto3.session", True),
        ("moto", True),
        ("moto.core.botocore_stubber", True),
        ("sagemaker_typed._core.call", True),
        ("botocore_tracer", False),
        ("boto3extras", False),
        ("aws_xray_sdk.ext.botocore.patch", False),
        ("", False),
    ],
)
def test_handlers_of_these_modules_look_at_nothing(module: str, quiet: bool) -> None:
    def handler(**_: Any) -> None: ...

    handler.__module__ = module
    plain = client()
    plain.meta.events.register("before-send.sagemaker", handler)
    assert heard(plain, "DescribeEndpoint") is not quiet


def test_a_handler_without_a_module_is_somebodys() -> None:
    class Handler:
        def __call__(self, **_: Any) -> None: ...

        def __getattribute__(self, name: str) -> Any:
            if name == "__module__":
                raise AttributeError(name)
            return super().__getattribute__(name)

    plain = client()
    plain.meta.events.register("before-send.sagemaker", Handler())
    assert heard(plain, "DescribeEndpoint")


def test_a_wrapped_call_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = client()
    plain._make_api_call = lambda *_: None
    assert heard(plain, "DescribeEndpoint")
    other = client()
    assert not heard(other, "DescribeEndpoint")
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda self, operation, arguments: None)
    assert heard(other, "DescribeEndpoint")


def test_where_botocore_has_nothing_private_the_answer_is_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = client()
    emitter = without_aliases(plain.meta.events)
    assert type(emitter) is HierarchicalEmitter
    assert token_of(plain) is emitter._lookup_cache
    known = handlers_of_call(plain, "DescribeEndpoint")
    assert known is not None
    assert {event for event, _ in known} <= set(EVENTS)
    assert handlers_of(plain, "choose-signer") == list(emitter._handlers.prefix_search("choose-signer.sagemaker"))
    monkeypatch.setattr(emitter, "_handlers", object())
    assert handlers_of(plain, "choose-signer") is None
    assert handlers_of_call(plain, "DescribeEndpoint") is None
    assert heard(plain, "DescribeEndpoint")
    fresh = client()
    monkeypatch.delattr(without_aliases(fresh.meta.events), "_lookup_cache")
    assert token_of(fresh) is None
    assert heard(fresh, "DescribeEndpoint")


def test_what_was_found_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = client()
    emitter = without_aliases(plain.meta.events)
    asked: list[str] = []
    search = emitter._handlers.prefix_search

    def noted(name: str) -> Any:
        asked.append(name)
        return search(name)

    monkeypatch.setattr(emitter._handlers, "prefix_search", noted)
    for _ in range(3):
        assert not heard(plain, "DescribeEndpoint")
    assert asked == [f"{event}.sagemaker.DescribeEndpoint" for event in EVENTS]
    assert not heard(plain, "DescribeModel")
    assert len(asked) == 2 * len(EVENTS)

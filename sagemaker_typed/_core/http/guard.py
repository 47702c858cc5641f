"""Detects everything that would notice if a call bypassed botocore's machinery.

Hooks, stubs, tracers, patched methods of botocore, its debug log and its history recorder observe calls that go through
botocore. If there are none, the call may take the short way. botocore has no public API to find them. Only this module uses
its private names; if one is missing, calls go through botocore.
"""

from __future__ import annotations

import logging
import os
from operator import itemgetter
from types import FunctionType, MethodType
from typing import Any

import botocore
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSRequestPreparer
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.history import get_global_history_recorder
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.httpsession import URLLib3Session
from botocore.serialize import JSONSerializer
from botocore.signers import RequestSigner

from sagemaker_typed._core.http.copies import class_of
from sagemaker_typed._core.listeners import handlers_of_call, token_of, without_aliases

__all__ = ["Guard"]

_BOTOCORE = os.path.dirname(botocore.__file__)
# For each class, the methods that a call goes through.
_METHODS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        BaseClient,
        (
            "_make_api_call",
            "_make_request",
            "_convert_to_request_dict",
            "_emit_api_params",
            "_resolve_endpoint_ruleset",
        ),
    ),
    (
        Endpoint,
        (
            *("make_request", "create_request", "prepare_request", "_send_request", "_get_response"),
            *("_do_get_response", "_add_modeled_error_fields", "_needs_retry", "_send", "_update_retries_context"),
        ),
    ),
    (URLLib3Session, ("send", "_get_connection_manager", "_setup_ssl_cert")),
    (RequestSigner, ("handler", "sign", "get_auth_instance", "_choose_signer")),
    (SigV4Auth, ("add_auth", "canonical_request", "string_to_sign", "signature")),
    (AWSRequest, ("prepare",)),
    (AWSRequestPreparer, ("prepare",)),
    (AWSPreparedRequest, ("__init__",)),
    (JSONSerializer, ("serialize_to_request", "_serialize", "_serialize_type_structure", "_default_serialize")),
    (HierarchicalEmitter, ("_emit", "emit", "emit_until_response")),
    (EventAliaser, ("emit", "emit_until_response")),
)
# The dicts of the classes, and getters that read all of these methods at once.
_WATCHED: Any = tuple((vars(cls), itemgetter(*names, "__doc__")) for cls, names in _METHODS)
_LOGGERS = tuple(
    logging.getLogger(f"botocore.{module}")
    for module in ("auth", "client", "endpoint", "hooks", "parsers", "regions", "retries.standard")
)
_RECORDER: Any = get_global_history_recorder()
_RETRIES = "botocore.retries.standard"
# Modules whose handlers are allowed: their changes to a request are seen when it is learned, and the others are called
# on the short way too. `botocore.stub` is not among them.
_OWN = (
    *("botocore.handlers", "botocore.signers", "botocore.useragent", _RETRIES),
    "sagemaker_typed._core.session",
)
_OF_RETRIES = ("needs-retry", "after-call")
_UNREADABLE = "the handlers of this botocore cannot be read"
# Events without handlers of botocore; the short way does not emit them.
_UNHEARD = (
    "provide-client-params",
    "before-sign",
    "before-send",
    "before-parse",
    "response-received",
    "after-call-error",
)


class Guard:
    """Checks one client. Safe to share among threads."""

    def __init__(self, client: Any) -> None:
        self._client: Any = client
        self._parts: Any = _parts(client)
        self._known: Any = [dict(part.__dict__) for part in (self._parts or ())[:-1]]
        self._of_emitter = len(self._parts[-1].__dict__) if self._parts is not None else 0
        self._events: Any = client.meta.events
        self._found: dict[str, tuple[object, str | None, tuple[Any, ...]]] = {}
        self._methods: list[Any] | None = None

    def token(self) -> object:
        """Return an object that stays the same until a handler is registered or unregistered."""
        return token_of(self._client)

    def intact(self) -> bool:
        """Whether the client still has the same parts as at the first check."""
        if self._parts is None:
            return _parts(self._client) is None
        same = all(part.__dict__ == known for part, known in zip(self._parts, self._known))  # noqa: B905
        return same and self._client.meta.events is self._events and len(self._parts[-1].__dict__) == self._of_emitter

    def reason(self, operation: str, method: Any) -> str | None:
        """Return the reason why a call of an operation must go through botocore; None if there is none."""
        if self._parts is None:
            return "the client is not a plain botocore client, or was modified"
        if type(method) is not MethodType or not _is_botocores(method.__func__):
            return f"{method!r} was replaced"
        if not self._unpatched():
            return "a method of botocore is patched"
        for logger in _LOGGERS:
            if logger.isEnabledFor(logging.DEBUG):
                return "botocore's debug log is on"
        if _RECORDER.__dict__.get("_enabled", True):
            return "botocore's history is recorded"
        return self._heard(operation)

    def _unpatched(self) -> bool:
        try:
            methods = [taken(of) for of, taken in _WATCHED]
        except KeyError:
            return False
        if methods == self._methods:
            return True
        if not all(_is_botocores(method) for found in methods for method in found[:-1]):
            return False
        self._methods = methods
        return True

    def _heard(self, operation: str) -> str | None:
        token = token_of(self._client)
        if token is None:
            return _UNREADABLE
        before = self._found.get(operation)
        if before is None or before[0] is not token:
            handlers = handlers_of_call(self._client, operation)
            if handlers is None:
                return _UNREADABLE
            awake = tuple(handler for _, handler in handlers if _is_motos(handler))
            before = self._found[operation] = (token, _who_hears(handlers), awake)
        if before[2] and any(getattr(handler, "enabled", True) for handler in before[2]):
            return "moto answers"
        return before[1]


def _parts(client: Any) -> tuple[Any, ...] | None:
    """Return the parts of a client; None for a client with an unknown structure."""
    if not issubclass(class_of(client), BaseClient):
        return None
    held: dict[str, Any] = client.__dict__
    endpoint, signer = held.get("_endpoint"), held.get("_request_signer")
    http: Any = getattr(endpoint, "http_session", None)
    if [class_of(each) for each in (endpoint, http, signer)] != [Endpoint, URLLib3Session, RequestSigner]:
        return None
    parts: tuple[Any, ...] = (client, endpoint, http, signer, without_aliases(client.meta.events))
    return None if any(map(_has_method_of_its_own, parts)) else parts


def _has_method_of_its_own(part: Any) -> bool:
    """Whether an attribute of the instance replaces a method."""
    own: dict[str, Any] = part.__dict__
    return any(isinstance(getattr(class_of(part), name, None), FunctionType) for name in own)


def _is_botocores(function: Any) -> bool:
    return type(function) is FunctionType and function.__code__.co_filename.startswith(_BOTOCORE)


def _is_motos(handler: Any) -> bool:
    cls = class_of(handler)
    return bool(cls.__name__ == "BotocoreStubber" and cls.__module__.startswith("moto."))


def _who_hears(handlers: list[tuple[str, Any]]) -> str | None:
    for event, handler in handlers:
        allowed = () if event in _UNHEARD else (_RETRIES,) if event in _OF_RETRIES else _OWN
        module = getattr(handler, "__module__", "")
        if module not in allowed and not (_is_motos(handler) and event == "before-send"):
            return f"{handler!r} listens to {event}"
    return None

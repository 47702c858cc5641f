"""Detects listeners other than botocore's own on a call: a hook, a tracer, a stub.

botocore has no public API for this. Only this module uses its private names; if one is missing, assume a listener.
"""

from __future__ import annotations

import os
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import botocore
from botocore.client import BaseClient
from botocore.hooks import EventAliaser

__all__ = ["handlers_of", "handlers_of_call", "heard", "token_of", "without_aliases"]

_EVENTS = (
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
# Handlers from these modules read no member of a response. moto, once imported, answers requests before they are sent.
_QUIET = ("botocore.", "boto3.", "moto.", "sagemaker_typed.")
_BOTOCORE = os.path.dirname(botocore.__file__)

# For each client and operation: the emitter's cache of handlers, which botocore replaces when a handler is registered,
# and the result that was computed with that cache.
_FOUND: WeakKeyDictionary[Any, dict[str, tuple[object, bool]]] = WeakKeyDictionary()


def heard(client: Any, operation: str) -> bool:
    """Whether a foreign handler, or a wrapper of the call, would see the call or its response."""
    if _is_wrapped(client):
        return True
    cache = token_of(client)
    if cache is None:
        return True
    found = _FOUND.setdefault(client, {})
    before = found.get(operation)
    if before is None or before[0] is not cache:
        handlers = handlers_of_call(client, operation)
        loud = handlers is None or not all(_is_quiet(handler) for _, handler in handlers)
        before = found[operation] = (cache, loud)
    return before[1]


def token_of(client: Any) -> object:
    """Return an object that is replaced when a handler is added or removed; None if this botocore has none."""
    return getattr(without_aliases(client.meta.events), "_lookup_cache", None)


def handlers_of_call(client: Any, operation: str) -> list[tuple[str, Any]] | None:
    """Return the handlers of all events of a call, each with its event; None if they cannot be determined."""
    found = [(event, handlers_of(client, event, operation)) for event in _EVENTS]
    if any(handlers is None for _, handlers in found):
        return None
    return [(event, handler) for event, handlers in found for handler in handlers or ()]


def handlers_of(client: Any, event: str, operation: str = "") -> list[Any] | None:
    """Return botocore's handlers for an event of one operation or of all; None if they cannot be determined."""
    search = getattr(getattr(without_aliases(client.meta.events), "_handlers", None), "prefix_search", None)
    name = f"{event}.{client.meta.service_model.service_id.hyphenize()}"
    return None if search is None else list(search(f"{name}.{operation}" if operation else name))


def without_aliases(events: Any) -> Any:
    """Return the emitter inside botocore's wrapper for event aliases; a new session wraps it again."""
    while type(events) is EventAliaser and "_emitter" in vars(events):
        events = vars(events)["_emitter"]
    return events


def _is_quiet(handler: Any) -> bool:
    return f"{getattr(handler, '__module__', '')}.".startswith(_QUIET)


def _is_wrapped(client: Any) -> bool:
    function = vars(BaseClient)["_make_api_call"]
    own = type(function) is FunctionType and function.__code__.co_filename.startswith(_BOTOCORE)
    return not own or "_make_api_call" in vars(client)

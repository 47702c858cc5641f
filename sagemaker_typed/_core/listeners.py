"""Whether anybody but botocore hears of a call: a hook, a tracer, a stub.

botocore has no public way to ask. What is private is looked up here alone, and where it is missing the answer is yes.
"""

from __future__ import annotations

import os
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import botocore
from botocore.client import BaseClient
from botocore.hooks import EventAliaser

__all__ = ["handlers_of", "heard", "without_aliases"]

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
# Their handlers look at no member of an answer. moto, once imported, answers requests before they are sent.
_QUIET = ("botocore.", "boto3.", "moto.", "sagemaker_typed.")
_BOTOCORE = os.path.dirname(botocore.__file__)

# For each client and operation: the emitter's cache of handlers, which botocore replaces when one is registered, and what
# was found while that cache stood.
_FOUND: WeakKeyDictionary[Any, dict[str, tuple[object, bool]]] = WeakKeyDictionary()


def heard(client: Any, operation: str) -> bool:
    """Whether a handler of somebody else's, or a wrapper of the call, would see the call or its answer."""
    if _is_wrapped(client):
        return True
    cache, search = _looked_up(client)
    if cache is None:
        return True
    found = _FOUND.setdefault(client, {})
    before = found.get(operation)
    if before is None or before[0] is not cache:
        handlers = [handler for _, handler in _handlers(client, search, operation)]
        before = found[operation] = (cache, any(not _is_quiet(handler) for handler in handlers))
    return before[1]


def handlers_of(client: Any, operations: tuple[str, ...]) -> tuple[object, list[tuple[str, Any]]]:
    """What changes whenever a handler comes or goes, and the handlers of the operations, each with its event.

    The first is None where this botocore keeps its handlers in another way than we know.
    """
    cache, search = _looked_up(client)
    if cache is None:
        return None, []
    return cache, [each for operation in operations for each in _handlers(client, search, operation)]


def _looked_up(client: Any) -> tuple[object, Any]:
    emitter = without_aliases(client.meta.events)
    search = getattr(getattr(emitter, "_handlers", None), "prefix_search", None)
    return (None if search is None else getattr(emitter, "_lookup_cache", None)), search


def _handlers(client: Any, search: Any, operation: str) -> list[tuple[str, Any]]:
    prefix = client.meta.service_model.service_id.hyphenize()
    return [(event, handler) for event in _EVENTS for handler in search(f"{event}.{prefix}.{operation}")]


def without_aliases(events: Any) -> Any:
    """The emitter within botocore's aliases of event names; a session that is given it wraps it again."""
    while type(events) is EventAliaser and "_emitter" in vars(events):
        events = vars(events)["_emitter"]
    return events


def _is_quiet(handler: Any) -> bool:
    return f"{getattr(handler, '__module__', '')}.".startswith(_QUIET)


def _is_wrapped(client: Any) -> bool:
    function = vars(BaseClient)["_make_api_call"]
    own = type(function) is FunctionType and function.__code__.co_filename.startswith(_BOTOCORE)
    return not own or "_make_api_call" in vars(client)

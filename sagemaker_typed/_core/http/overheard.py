"""Calls of a caller's client whose responses go through our parser.

botocore's parser hides broken responses: it returns an empty dict for an HTML page, a truncated body and an error with status
200. Clients of this library have our parser, set by botocore's public API. A caller's client has not, and is never changed: a
call goes through a shallow copy, which differs only in the parser. Only this module uses botocore's private names for that;
without them, the call goes through the client itself.
"""

from __future__ import annotations

from typing import Any

from botocore.client import BaseClient
from botocore.endpoint import Endpoint

from sagemaker_typed._core.answers import Answers
from sagemaker_typed._core.http.copies import shallow

__all__ = ["overheard"]

_ENDPOINT = "_endpoint"
_FACTORY = "_response_parser_factory"


def overheard(client: Any) -> Any:
    """Return the client, or a copy if it has botocore's parser.

    The copy shares everything with the client: connections, hooks, settings, and attributes that a test has patched.
    """
    if not isinstance(client, BaseClient):
        return client
    endpoint = vars(client).get(_ENDPOINT)
    if type(endpoint) is not Endpoint:
        return client
    factory = vars(endpoint).get(_FACTORY)
    if factory is None or isinstance(factory, Answers):
        return client
    return shallow(client, **{_ENDPOINT: shallow(endpoint, **{_FACTORY: Answers(factory)})})

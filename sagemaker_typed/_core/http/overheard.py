"""A caller's own client, as it is, for calls whose answers are received by our parser.

botocore's parser loses what went wrong with an answer: a page of HTML, half a body and an error that comes with status
200 are an empty dict in its hands. The client that this library makes has a parser of ours by botocore's public ways.
A caller's client has not, and is never altered: a call goes through a shallow copy of it, whose one difference is the
parser. Only this module looks up botocore's private names for that; without them, the call goes through the client itself.
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
    """Return the client, or its copy where it has a parser of botocore's.

    The copy shares all that the client holds: its connections, its hooks, its settings, and what a test has patched.
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

"""How requests of one operation get to their address over aiohttp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sagemaker_typed._core.http.post import Post

__all__ = ["Route"]


class Route(NamedTuple):
    """What is known of the way before the first request."""

    name: str
    """The operation's."""
    post: Post
    """The synchronous way to the same address."""
    url: Any
    how: Mapping[str, Any]
    """What aiohttp is told besides: the proxy and TLS."""
    lead: Mapping[str, str]
    """Headers that `http.client` would put before those of the request."""
    trail: Mapping[str, str]
    """Headers that urllib3 would put after them."""
    connect: float | None
    """Seconds that a connection may take; None for any time."""
    read: float | None
    """Seconds that the service may be silent."""
    tunnels: bool
    timeout: Any
    """aiohttp's form of both."""
    whole: bool
    """Whether half a body is an error already to urllib3."""

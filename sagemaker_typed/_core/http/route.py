"""The way of one operation's requests to their address over aiohttp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sagemaker_typed._core.http.post import Post

__all__ = ["Route"]


class Route(NamedTuple):
    """The settings that are known before the first request."""

    name: str
    """Name of the operation."""
    post: Post
    """The synchronous sender to the same address."""
    url: Any
    how: Mapping[str, Any]
    """Other arguments for aiohttp: the proxy and TLS."""
    lead: Mapping[str, str]
    """Headers that `http.client` would write before the request's headers."""
    trail: Mapping[str, str]
    """Headers that urllib3 would write after the request's headers."""
    connect: float | None
    """Connect timeout in seconds; None for no limit."""
    read: float | None
    """Read timeout in seconds."""
    tunnels: bool
    timeout: Any
    """Both timeouts in aiohttp's form."""
    whole: bool
    """Whether a truncated body is an error in urllib3."""

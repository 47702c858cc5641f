"""A frozen description of one operation: all that the call path, paging and errors need to know of it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Operation"]


class Operation(NamedTuple):
    """One operation of a service."""

    name: str
    """The name on the wire, `CreateCompilationJob`."""

    method: str
    """boto3's method, `create_compilation_job`."""

    output: str | None = None
    """The class of the response, or None for an operation that answers with nothing."""

    items: tuple[str, ...] = ()
    """The fields of the response that hold a page's items; empty where the operation does not page."""

    page_size: int | None = None
    """The largest page that the model allows, in items; None where the request takes no size."""

    stream: str | None = None
    """The field of the response that is read after the call: a body of bytes or of events."""

"""A frozen description of one operation, as needed by calls, paging and errors."""

from __future__ import annotations

from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Operation"]


class Operation(NamedTuple):
    """One operation of a service."""

    name: str
    """Wire name, such as `CreateCompilationJob`."""

    method: str
    """Name of boto3's method, such as `create_compilation_job`."""

    output: str | None = None
    """The class of the response; None if the response is empty."""

    items: tuple[str, ...] = ()
    """The fields of the response with a page's items; empty if the operation has no pages."""

    page_size: int | None = None
    """Maximum number of items per page in the model; None if the request takes no page size."""

    stream: str | None = None
    """The field of the response that is read after the call: a body of bytes or of events."""

"""What is particular to one service. Everything else in `_core` and `_waiting` works for any."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sagemaker_typed._core.lazy import Names

__all__ = ["Service", "Wording"]


class Wording(NamedTuple):
    """What the service says when it means more than its error code does; generated from `overlay/errors.toml`."""

    not_found_codes: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()
    already_exists_codes: tuple[str, ...] = ()
    already_exists: tuple[str, ...] = ()


class Service(NamedTuple):
    """One service of AWS; each generated package has its own."""

    name: str
    """botocore's name of it, which `create_client` takes."""
    api_version: str
    protocol: str
    event_prefix: str
    """The part of botocore's event names that means this service: its id in small letters, with hyphens."""
    exceptions: str
    """The name that botocore gives the class of `client.exceptions`."""
    documentation: str
    """The address of AWS's page on an operation or a structure, with `{}` for its name."""
    wording: Wording
    types: Names
    """Finds the generated classes by name."""
    model: Path
    """The folder that holds the service model, in botocore's layout, and the service's part of `endpoints.json`."""

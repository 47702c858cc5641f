"""What is particular to one service. Everything else in `_core` and `_waiting` works for any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sagemaker_typed._core.lazy import Names

__all__ = ["Meaning", "Phrase", "Service", "Wording"]


class Phrase(NamedTuple):
    """One wording of the service."""

    pattern: str
    """A regular expression that a message matches from its start. Its groups `kind`, `name` and `status` tell of what."""
    operations: tuple[str, ...] = ()
    """The operations that say it, `Create*` for all that create; empty for every operation."""


class Meaning(NamedTuple):
    """The wordings that mean the same."""

    codes: tuple[str, ...] = ()
    """The error codes under which they come."""
    phrases: tuple[Phrase, ...] = ()


class Wording(NamedTuple):
    """What the service says when it means more than its error code does; generated from `overlay/errors.toml`."""

    malformed: Meaning = Meaning()
    not_found: Meaning = Meaning()
    already_exists: Meaning = Meaning()
    in_use: Meaning = Meaning()
    conflict: Meaning = Meaning()
    kinds: Mapping[str, str] = {}
    """What a text or an ARN calls a resource -> what the errors call it, where the two differ."""


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
    """The folder that holds the service model, in botocore's layout, with the service's part of `endpoints.json`."""

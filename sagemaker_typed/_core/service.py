"""The data of one service. All other modules of `_core` and `_waiting` work for any service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import Names
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["Meaning", "Phrase", "Service", "Wording"]


class Phrase(NamedTuple):
    """One wording of the service."""

    pattern: str
    """A regular expression for the start of a message. Its groups `kind`, `name` and `status` describe the resource."""
    operations: tuple[str, ...] = ()
    """The operations with this wording, such as `Create*` for all that create; empty for every operation."""


class Meaning(NamedTuple):
    """The wordings with the same meaning."""

    codes: tuple[str, ...] = ()
    """The error codes of these messages."""
    phrases: tuple[Phrase, ...] = ()


class Wording(NamedTuple):
    """Messages that are more specific than their error codes; generated from `overlay/errors.toml`."""

    malformed: Meaning = Meaning()
    not_found: Meaning = Meaning()
    already_exists: Meaning = Meaning()
    in_use: Meaning = Meaning()
    conflict: Meaning = Meaning()
    kinds: Mapping[str, str] = {}
    """Name of a resource type in a message or an ARN -> noun in errors, if the two differ."""


class Service(NamedTuple):
    """An AWS service; each generated package defines one."""

    name: str
    """botocore's name of the service, for `create_client`."""
    api_version: str
    protocol: str
    event_prefix: str
    """The service's part of botocore's event names: the service id in lower case, with hyphens."""
    exceptions: str
    """botocore's class name for `client.exceptions`."""
    documentation: str
    """The URL of AWS's page on an operation or a structure, with `{}` for its name."""
    wording: Wording
    types: Names
    """Finds the generated classes by name."""
    package: str
    """The package whose folder `model` holds the service model."""

    @property
    def model(self) -> Traversable:
        """The folder with the service model, in botocore's layout, and the service's part of `endpoints.json`.

        It may be in a zip file, as in the workers of PySpark.
        """
        from importlib import resources

        return resources.files(self.package) / "model"

"""A rule between the fields of a structure, for generated classes."""

from __future__ import annotations

from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Between"]


class Between(NamedTuple):
    """A rule from `overlay/rules.toml` that AWS documents but its service model cannot express."""

    kind: str
    """The kind of rule; `_core/rules.py` implements each kind."""
    fields: tuple[str, ...]
    """The fields, as paths below the structure: `transform_input.split_type`."""
    when: tuple[str | bool, ...] = ()
    """The values of the first field for which the rule applies. Empty: for all values except None."""
    allowed: tuple[str | bool, ...] = ()
    """The allowed values of the other fields, or the allowed suffixes of a text."""
    limit: int = 0
    do: str = ""
    """Advice to the caller for the error message."""

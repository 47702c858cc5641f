"""A rule between the fields of a structure, as generated classes carry it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Between"]


class Between(NamedTuple):
    """What AWS documents of several fields together, and its service model cannot say; from `overlay/rules.toml`."""

    kind: str
    """What must hold; `_core/rules.py` has a predicate for each kind."""
    fields: tuple[str, ...]
    """The fields, as paths below the structure: `transform_input.split_type`."""
    when: tuple[str | bool, ...] = ()
    """The values of the first field for which the rule holds. Empty: whenever it is given."""
    allowed: tuple[str | bool, ...] = ()
    """What the other fields may be, or how a text may end."""
    limit: int = 0
    do: str = ""
    """What the caller can do about it, in words."""

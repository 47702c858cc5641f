"""Values for reprs, with secrets hidden.

The generated `Member` and `Rule` values say which members are secret, according to `codegen/overlay/secrets.toml`.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, cast

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.patterns import lazy_pattern
from sagemaker_typed._core.printable import HIDDEN, without_passwords

__all__ = ["MASK", "hides", "masked", "masked_unknown", "suspicious"]

# For members unknown to generated classes. For known members with these names, the generator requires a decision.
_SUSPICIOUS = lazy_pattern(
    r"(?:urls?|tokens?|credentials?|secrets?|passwords?|environment(?:variables|parameters)?|hyperparameters)$",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"NextToken", "ClientToken", "ClientRequestToken"})


class Hiding(Protocol):
    """A `Member` or a `Rule`, which says which values are secret."""

    @property
    def sensitive(self) -> bool: ...
    @property
    def items(self) -> Any: ...


class _Mask:
    """The repr of a hidden value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


MASK = _Mask()


def masked(value: Any, rule: Hiding) -> Any:
    """Return the value with secrets hidden; the keys of a map and the number of items stay visible."""
    if rule.sensitive:
        return MASK
    items: Hiding | None = rule.items
    if items is None or not hides(items):
        return _as_it_sounds(value)
    if is_mapping(value):
        return {key: masked(item, items) for key, item in value.items()}
    return [masked(item, items) for item in value] if is_list(value) else MASK


def hides(rule: Hiding) -> bool:
    """Whether the rule hides the value, or values inside it."""
    return rule.sensitive or (rule.items is not None and hides(rule.items))


def suspicious(name: object) -> bool:
    """Whether the wire name suggests that the member is secret."""
    return (
        isinstance(name, str)
        and name[:1].isupper()
        and name not in _HARMLESS
        and _SUSPICIOUS.search(name[-40:]) is not None
    )


def _as_it_sounds(value: Any) -> Any:
    """Return a value of unknown type, with members of dicts hidden if their names suggest secrets."""
    kind = value.__class__
    if kind is str:
        return without_passwords(value)
    if kind is dict:
        members = cast("dict[Any, Any]", value)
        return {key: MASK if suspicious(key) else _as_it_sounds(item) for key, item in members.items()}
    if kind is list:
        return [_as_it_sounds(item) for item in cast("list[Any]", value)]
    return value


def masked_unknown(members: Any) -> Any:
    """Return unknown members, with secrets hidden."""
    return _as_it_sounds(dict(members))

"""Values as reprs show them: what the model data of a member calls secret is hidden.

Which members are secret stands in the generated `Member` and `Rule` values, and comes from `codegen/overlay/secrets.toml`.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, cast

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.printable import HIDDEN, without_passwords

__all__ = ["MASK", "hides", "masked", "masked_unknown", "suspicious"]

# For members that no generated class knows; the generator asks a person about members with these names.
_SUSPICIOUS = re.compile(
    r"(?:urls?|tokens?|credentials?|secrets?|passwords?|environment(?:variables|parameters)?|hyperparameters)$",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"NextToken", "ClientToken", "ClientRequestToken"})


class Hiding(Protocol):
    """What says which values are secret: a `Member` or a `Rule`."""

    @property
    def sensitive(self) -> bool: ...
    @property
    def items(self) -> Any: ...


class _Mask:
    """Stands for a value that is not shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


MASK = _Mask()


def masked(value: Any, rule: Hiding) -> Any:
    """The value to show: secrets are hidden, the keys of a map and the number of items are not."""
    if rule.sensitive:
        return MASK
    items: Hiding | None = rule.items
    if items is None or not hides(items):
        return _as_it_sounds(value)
    if is_mapping(value):
        return {key: masked(item, items) for key, item in value.items()}
    return [masked(item, items) for item in value] if is_list(value) else MASK


def hides(rule: Hiding) -> bool:
    """Whether the rule hides the value, or what it holds."""
    return rule.sensitive or (rule.items is not None and hides(rule.items))


def suspicious(name: object) -> bool:
    """Whether a member of this wire name may hold a secret, as far as its name says."""
    return (
        isinstance(name, str)
        and name[:1].isupper()
        and name not in _HARMLESS
        and _SUSPICIOUS.search(name[-40:]) is not None
    )


def _as_it_sounds(value: Any) -> Any:
    """A value that nothing is known of: members of boto3's dicts are hidden by their names."""
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
    """Members that no class knows."""
    return _as_it_sounds(dict(members))

"""Open enums: string enums that also carry values which this version of the library does not know.

SageMaker gains about seventy enum values every ninety days. An unknown text becomes a member of the same type that
keeps its text, so that an aged library goes on reading what the service sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar, cast

from sagemaker_typed._guards import is_list, is_mapping

__all__ = ["OpenEnum", "as_enum", "as_enum_list", "as_enum_map", "as_pair_list"]


class OpenEnum(StrEnum):
    """The base of every generated enum.

    A member equals its text, hashes like it and serializes as it. `TargetDevice("ml_new")` is a `TargetDevice` whether or
    not the value is known; `is_known` tells.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        # Not entered into the enum's own tables: `is_known` stays true to the model, and a stream of odd texts cannot
        # make the tables grow.
        text = str(value)
        member = str.__new__(cls, text)
        member._name_ = text
        member._value_ = text
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the library knows the value."""
        return self._value_ in type(self)._value2member_map_

    def __repr__(self) -> str:
        if self.is_known:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}({self._value_!r}), not known to this version>"

    # Members are values: a copy is the member itself, also for one that is not in the enum's tables.
    def __copy__(self) -> OpenEnum:
        return self

    def __deepcopy__(self, memo: object) -> OpenEnum:
        return self


E = TypeVar("E", bound=OpenEnum)

# The functions below leave anything that is no text as it is: the check before sending names it with its path, which a
# converter cannot know.


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def as_enum(cls: type[E], value: str) -> E:
    """`value` as a member of `cls`."""
    return cls(value) if value.__class__ is not cls and _is_text(value) else cast(E, value)


def as_enum_list(cls: type[E], value: Sequence[str]) -> list[E]:
    """Each of `value` as a member of `cls`."""
    if not is_list(value):
        return cast("list[E]", value)
    return [as_enum(cls, item) for item in value]


def as_enum_map(value: Any, keys: type[OpenEnum] | None, items: type[OpenEnum] | None) -> Any:
    """A mapping with its keys, its values or both as members of an enum; anything else as it is."""
    if not is_mapping(value):
        return value
    pairs = value.items()
    return {as_enum(keys, key) if keys else key: as_enum(items, item) if items else item for key, item in pairs}


def as_pair_list(value: Any, build: Callable[..., Any], key: str, item: str) -> Any:
    """A list of structures with a key and a value from a plain mapping; anything else as it is."""
    if not is_mapping(value):
        return value
    return [build(**{key: name, item: text}) for name, text in value.items()]

"""Open enums: string enums that also carry values which this version of the library does not know.

SageMaker gains about seventy enum values every ninety days. An unknown text becomes a member of the same type that
keeps its text, so that an aged library goes on reading what the service sends.
"""

from __future__ import annotations

import warnings
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sagemaker_typed._core.lazy import offered

__all__ = ["OpenEnum", "as_enum"]
__dir__ = offered(__name__)


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

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from sagemaker_typed._core.pydantic_enums import core_schema_of_enum

        return core_schema_of_enum(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        from sagemaker_typed._core.pydantic_enums import json_schema_of_enum

        return json_schema_of_enum(cls, schema, handler)

    # Members are values: a copy is the member itself, also for one that is not in the enum's tables.
    def __copy__(self) -> OpenEnum:
        return self

    def __deepcopy__(self, memo: object) -> OpenEnum:
        return self


if not TYPE_CHECKING:

    class _Hinting(EnumType):
        """The class of the enums at run time: a member that does not exist gets a hint."""

        def __getattr__(cls, name: str) -> Any:
            # Python 3.11 finds every member here; later ones come here for what they did not find.
            private = name.startswith("_")
            member = (vars(cls).get("_member_map_", {}) if private else cls._member_map_).get(name)
            if member is not None:
                return member
            leaving = vars(cls).get("__leaving__", {}).get(name)
            if leaving is None:
                raise _no_member(cls, name)
            return _leaving(cls, name, *leaving)

    # Set afterwards: where a class statement names it, jedi no longer takes the class for an enum.
    OpenEnum.__class__ = _Hinting


def _leaving(cls: type[OpenEnum], name: str, text: str, version: str) -> OpenEnum:
    """A member that the service took back, for as long as the library keeps the name."""
    warnings.warn(
        f"{cls.__name__}.{name} was taken back by the service and goes in version {version}; where it is still meant, write "
        f"{cls.__name__}({text!r})",
        DeprecationWarning,
        stacklevel=3,
    )
    return cls(text)


def _no_member(cls: type[OpenEnum], name: str) -> AttributeError:
    from sagemaker_typed._core.hints import about_enum, no_attribute

    if name.startswith("_"):
        return no_attribute(cls, name)
    members = {member.name: member.value for member in cls}
    return no_attribute(cls, name, about_enum(name, members, cls.__name__))


E = TypeVar("E", bound=OpenEnum)


def as_enum(cls: type[E], value: Any) -> Any:
    """A text as a member of `cls`; anything else as it is."""
    return cls(value) if isinstance(value, str) and value.__class__ is not cls else value

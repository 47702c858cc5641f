"""Open enums: string enums that also accept values unknown to this version of the library.

SageMaker gains about seventy enum values every ninety days. An unknown text becomes a member of the same type that
keeps its text, so that an old version of the library can still read new responses.
"""

from __future__ import annotations

import warnings
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sagemaker_typed._core.lazy import offered

__all__ = ["OpenEnum", "as_enum"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


class OpenEnum(StrEnum):
    """The base of every generated enum.

    A member equals its text, and hashes and serializes like it. `TargetDevice("ml_new")` is a `TargetDevice` whether or
    not the value is known; check `is_known`.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        # Unknown members are not added to the enum's tables: `is_known` would become wrong, and many unknown texts
        # would make the tables grow.
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

    # Members are immutable: copying returns the member itself, also for unknown members.
    def __copy__(self) -> OpenEnum:
        return self

    def __deepcopy__(self, memo: object) -> OpenEnum:
        return self


if not TYPE_CHECKING:

    class _Hinting(EnumType):
        """The metaclass of the enums at run time. It adds a hint to the error for a member that does not exist."""

        def __getattr__(cls, name: str) -> Any:
            # Python 3.11 looks up every member here; later versions call this only for missing attributes.
            private = name.startswith("_")
            member = (vars(cls).get("_member_map_", {}) if private else cls._member_map_).get(name)
            if member is not None:
                return member
            leaving = vars(cls).get("__leaving__", {}).get(name)
            if leaving is None:
                raise _no_member(cls, name)
            return _leaving(cls, *leaving)

    # Set after the class statement: with a `metaclass=` there, jedi does not recognize the class as an enum.
    OpenEnum.__class__ = _Hinting


def _leaving(cls: type[OpenEnum], text: str, message: str) -> OpenEnum:
    """A member that the service took back, for as long as the library keeps the name."""
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    return cls(text)


def _no_member(cls: type[OpenEnum], name: str) -> AttributeError:
    from sagemaker_typed._core.hints import about_enum, no_attribute

    if name.startswith("_"):
        return no_attribute(cls, name)
    members = {member.name: member.value for member in cls}
    return no_attribute(cls, name, about_enum(name, members, cls.__name__))


E = TypeVar("E", bound=OpenEnum)


def as_enum(cls: type[E], value: Any) -> Any:
    """Convert a text to a member of `cls`; return anything else unchanged."""
    return cls(value) if isinstance(value, str) and value.__class__ is not cls else value

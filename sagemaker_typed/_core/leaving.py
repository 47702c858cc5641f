"""Names that the service took back and that stay for one minor version: each use of one warns at the user's line.

Type checkers see `typing_extensions.deprecated`, which needs no package at run time: checkers bring its types. At run time a
name warns where code uses it. What the library itself does with a value (read an answer, copy, compare, print) is silent.
"""

from __future__ import annotations

import sys
import warnings
from enum import EnumType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from types import FrameType

    from typing_extensions import deprecated as deprecated

__all__ = ["LeavingMember", "deprecated"]

T = TypeVar("T")

_PACKAGE = __name__.partition(".")[0] + "."
_HOOKS = f"<{_PACKAGE.removesuffix('.')} "
_READERS = f"{_HOOKS}read "
"""How the file names of the functions begin that convert objects, and of those that read answers."""
_ATTRS = ("attr.", "attrs.")
_ATTRS_CODE = "<attrs generated "
_RESTORING = ("slots_setstate", "__setstate__")
"""The functions of attrs that restore a copied or pickled object."""


class LeavingMember:
    """The attribute of a member that the service took back. It stands before the slot that holds the value."""

    __slots__ = ("_message", "_name", "_slot")

    def __init__(self, slot: Any, name: str, message: str) -> None:
        self._slot = slot
        self._name = name
        self._message = message

    def __get__(self, obj: object, cls: type | None = None) -> Any:
        if obj is None:
            return self
        if _names(sys._getframe(1), self._name):  # pyright: ignore[reportPrivateUsage]
            warnings.warn(self._message, DeprecationWarning, stacklevel=2)
        return self._slot.__get__(obj, cls)

    def __set__(self, obj: object, value: Any) -> None:
        self._slot.__set__(obj, value)
        if value is not None:
            _warn_user(self._message)

    def __delete__(self, obj: object) -> None:
        self._slot.__delete__(obj)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)


def _of_user(frame: FrameType) -> bool:
    """Whether a frame is neither of this library nor of attrs, which runs its constructors."""
    module = str(frame.f_globals.get("__name__", ""))
    return not module.startswith((_PACKAGE, *_ATTRS)) and not frame.f_code.co_filename.startswith((_ATTRS_CODE, _HOOKS))


def _names(frame: FrameType, name: str) -> bool:
    """Whether a user's code names an attribute. `attrs.asdict`, `copy` and editors look up every attribute there is."""
    return _of_user(frame) and name in frame.f_code.co_names


def _warn_user(message: str) -> None:
    """Warn at the line of the user who made an object or set an attribute; not where an answer is read or a copy made."""
    frame, level = sys._getframe(1), 2  # pyright: ignore[reportPrivateUsage]
    while (caller := frame.f_back) is not None and not _of_user(frame):
        name = frame.f_code.co_name
        if (
            frame.f_code.co_filename.startswith(_READERS)
            or name in _RESTORING
            or (name == "evolve" and _is_ours(caller))
        ):
            return
        frame, level = caller, level + 1
    warnings.warn(message, DeprecationWarning, stacklevel=level)


if not TYPE_CHECKING:

    def deprecated(message: str) -> Any:
        """Mark a class or a function as deprecated. A class warns when it is used; a function is only marked.

        A function needs no warning of its own: the request that it makes warns.
        """

        def mark(thing: Any) -> Any:
            thing.__deprecated__ = message
            if isinstance(thing, EnumType):
                thing.__class__ = _leaving_enum(type(thing))
            elif isinstance(thing, type):
                thing.__attrs_post_init__ = _warn_of_class
            return thing

        return mark


def _warn_of_class(self: Any) -> None:
    _warn_user(self.__deprecated__)


def _leaving_enum(base: type[EnumType]) -> type[EnumType]:
    """The metaclass of an enum that goes: naming a member of it or making one warns."""

    def __getattribute__(cls: Any, name: str) -> Any:
        known = not name.startswith("_") and name in base.__getattribute__(cls, "_member_map_")
        if known and _names(sys._getframe(1), name):  # pyright: ignore[reportPrivateUsage]
            warnings.warn(str(cls.__deprecated__), DeprecationWarning, stacklevel=2)
        return base.__getattribute__(cls, name)

    def __call__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if _of_user(sys._getframe(1)):  # pyright: ignore[reportPrivateUsage]
            warnings.warn(str(cls.__deprecated__), DeprecationWarning, stacklevel=2)
        return base.__call__(cls, *args, **kwargs)

    return type(f"Leaving{base.__name__}", (base,), {"__getattribute__": __getattribute__, "__call__": __call__})

"""Detects patched methods of a library's classes."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from types import FunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import Any, cast

from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Library"]


class _Seen(NamedTuple):
    """The methods that one class of an inheritance chain defines itself."""

    held: Mapping[str, Any]
    size: int
    """Number of attributes of the class. Another attribute may override a method of a base class."""
    take: Any
    found: tuple[Any, ...]

    @classmethod
    def of(cls, base: Any, names: tuple[str, ...]) -> _Seen:
        held = cast("Mapping[str, Any]", vars(base))
        take: Any = itemgetter("__module__", "__doc__", *(name for name in names if name in held))
        return cls(held, len(held), take, take(held))


class Library:
    """The classes of a library with code in certain folders. Safe to share among threads."""

    def __init__(self, *folders: str) -> None:
        self._folders = folders
        self._seen: dict[Any, list[_Seen]] = {}

    def is_untouched(self, cls: Any, names: tuple[str, ...]) -> bool:
        """Whether these methods of a class and its bases come from the library.

        The result is cached until the classes change. Always pass the same names for a class.
        """
        try:
            for held, size, take, found in self._seen[cls]:
                if take(held) != found or len(held) != size:
                    break
            else:
                return True
        except KeyError:  # first check, or a method is gone
            pass
        bases = [base for base in cls.__mro__[:-1] if base.__module__ not in ("io", "_io")]
        seen = [_Seen.of(base, names) for base in bases]
        if not all(self._is_own(method) for each in seen for method in each.found[2:]):
            return False
        self._seen[cls] = seen
        return True

    def _is_own(self, method: Any) -> bool:
        if type(method) in (MethodDescriptorType, WrapperDescriptorType):  # written in C, cannot be patched
            return True
        return type(method) is FunctionType and method.__code__.co_filename.startswith(self._folders)

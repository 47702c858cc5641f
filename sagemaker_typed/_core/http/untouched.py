"""Whether the methods of classes are those of their library, or somebody has patched one."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from types import FunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import Any, NamedTuple, cast

__all__ = ["Library"]


class _Seen(NamedTuple):
    """What one class of an inheritance has of the methods, by itself."""

    held: Mapping[str, Any]
    size: int
    """How much the class has. One more may be a method that another class has had until now."""
    take: Any
    found: tuple[Any, ...]

    @classmethod
    def of(cls, base: Any, names: tuple[str, ...]) -> _Seen:
        held = cast("Mapping[str, Any]", vars(base))
        take: Any = itemgetter("__module__", "__doc__", *(name for name in names if name in held))
        return cls(held, len(held), take, take(held))


class Library:
    """The classes of a library, whose code lies in some folders. Safe to share among threads."""

    def __init__(self, *folders: str) -> None:
        self._folders = folders
        self._seen: dict[Any, list[_Seen]] = {}

    def is_untouched(self, cls: Any, names: tuple[str, ...]) -> bool:
        """Whether these methods of a class, and of its bases, are the library's.

        What was found holds for as long as the classes stay the same. A class is always asked for with the same names.
        """
        try:
            for held, size, take, found in self._seen[cls]:
                if take(held) != found or len(held) != size:
                    break
            else:
                return True
        except KeyError:  # it was not looked at yet, or a method is gone
            pass
        bases = [base for base in cls.__mro__[:-1] if base.__module__ not in ("io", "_io")]
        seen = [_Seen.of(base, names) for base in bases]
        if not all(self._is_own(method) for each in seen for method in each.found[2:]):
            return False
        self._seen[cls] = seen
        return True

    def _is_own(self, method: Any) -> bool:
        if type(method) in (MethodDescriptorType, WrapperDescriptorType):  # of C, whose classes nobody can patch
            return True
        return type(method) is FunctionType and method.__code__.co_filename.startswith(self._folders)

"""Regular expressions that are compiled when they are first used: most of them serve errors, and a first call has none."""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]


class _LazyPattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # `copy` asks for special methods before there is a pattern
            raise AttributeError(name)
        found = getattr(re.compile(self._pattern, self._flags), name)
        vars(self)[name] = found  # so that `__getattr__` is not called again
        return found


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that is compiled when one of its attributes is first used."""
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))

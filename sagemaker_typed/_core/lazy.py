"""Packages whose names are imported when they are first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["attach"]


def attach(
    package: str, names: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` for `package`.

    `names` tells which of its modules holds each name, "" for a module itself; a large package keeps them in
    `_index.HOMES`, which is read when a name is first asked for.
    """

    def homes() -> Mapping[str, str]:
        index: Mapping[str, str] = names if names is not None else import_module(f"{package}._index").HOMES
        return index

    def __getattr__(name: str) -> Any:
        home = None if name.startswith("_") else homes().get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{home}"), name) if home else import_module(f"{package}.{name}")
        vars(sys.modules[package])[name] = found  # not asked for again
        return found

    def __dir__() -> list[str]:
        return sorted(homes())

    return __getattr__, __dir__

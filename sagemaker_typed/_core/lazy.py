"""Packages whose names are imported when they are first asked for, and what `dir` of a module offers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["Names", "attach", "offered"]


class Names:
    """The names of a lazy package, each imported on first use.

    `homes` maps each name to its module in the package, or to "" if the name is itself a module. A large package keeps the
    mapping in `_index.HOMES`, which is read on first use.
    """

    def __init__(self, package: str, homes: Mapping[str, str] | None = None) -> None:
        self.package = package
        self._homes = homes
        self._found: dict[str, Any] = {}

    @property
    def homes(self) -> Mapping[str, str]:
        if self._homes is None:
            self._homes = import_module(f"{self.package}._index").HOMES
        return self._homes

    def find(self, name: str) -> Any:
        """Import and return the object called `name`. Raise `KeyError` for an unknown name."""
        found = self._found.get(name)
        if found is None:
            home = self.homes[name]
            module = import_module(f"{self.package}.{home or name}")
            found = self._found[name] = getattr(module, name) if home else module
        return found

    def imported(self, name: str) -> bool:
        """Whether the module with `name` is imported already."""
        return f"{self.package}.{self.homes.get(name)}" in sys.modules


def attach(
    package: str, homes: Mapping[str, str] | None = None, *, module: str | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for `package`, or for a `module` of it; `homes` is as in `Names`."""
    names = Names(package, homes)
    module = module or package

    def __getattr__(name: str) -> Any:
        if name == "__all__":  # for star imports, which would otherwise import only the names in use
            return __dir__()
        if name.startswith("_") or name not in names.homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}{_hint(name, names)}")
        found = names.find(name)
        vars(sys.modules[module])[name] = found  # so that `__getattr__` is not called again
        return found

    def __dir__() -> list[str]:
        # `__all__` may have names that are not lazy, such as `__version__`.
        return sorted({*names.homes, *vars(sys.modules[module]).get("__all__", ())})

    return __getattr__, __dir__


def offered(module: str) -> Callable[[], list[str]]:
    """`__dir__` for a module that has `__all__`: the names in it, and neither imports nor private names.

    Interpreters complete with `dir` what follows `errors.` or `waiting.`
    """

    def __dir__() -> list[str]:
        return sorted(vars(sys.modules[module])["__all__"])

    return __dir__


def _hint(name: str, names: Names) -> str:
    if name.startswith("_") or _is_module(names.package, name):
        return ""
    from sagemaker_typed._core.hints import nearest

    near = nearest(name, names.homes)
    return f": did you mean {near}?" if near else ""


def _is_module(package: str, name: str) -> bool:
    """Whether a package has a module with a name. `from package import module` asks for the attribute first."""
    folders: list[str] = getattr(sys.modules[package], "__path__", [])
    return any(os.path.exists(os.path.join(folder, f"{name}{end}")) for folder in folders for end in (".py", ""))

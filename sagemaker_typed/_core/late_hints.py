"""Type hints of functions and classes whose modules import the classes that they name for type checkers only.

Such a module costs nothing where nobody asks for the hints, but `typing.get_type_hints` and `inspect.signature(...,
eval_str=True)` would find names that are not there. Here they are imported when somebody asks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.hints import is_of_library
from sagemaker_typed._core.lazy import Names

if TYPE_CHECKING:
    import ast
    from collections.abc import ItemsView, KeysView

__all__ = ["LateAnnotations", "annotate_late", "late"]

_PACKAGE = __name__.partition(".")[0]
_WITHOUT_SOURCE = (f"{_PACKAGE}.waiting", "datetime", "collections.abc", "types", "typing")
_SPECIAL = ("__init__", "__exit__", "__aexit__")


def late(*found: Callable[..., Any]) -> None:
    """Give `LateAnnotations` to functions, and to classes with their methods."""
    for each in found:
        if isinstance(each, FunctionType):
            _annotate_late(each, None)
        elif isinstance(each, type):
            annotate_late(each, None)
            if annotations := vars(each).get("__annotations__"):
                each.__annotations__ = LateAnnotations(annotations, vars(sys.modules[each.__module__]), None)


def annotate_late(cls: type, types: Names | None) -> None:
    """Give `LateAnnotations` to the constructor, public methods and properties of a class and of its bases.

    Those of a user's subclass stay as they are.
    """
    for base in cls.__mro__:
        if is_of_library(base):
            for name, found in vars(base).items():
                method = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
                if isinstance(method, FunctionType) and (name in _SPECIAL or not name.startswith("_")):
                    _annotate_late(method, types)


def _annotate_late(method: FunctionType, types: Names | None) -> None:
    # attrs compiles its methods in a namespace of their own, which has no name.
    if "__name__" in method.__globals__ and not isinstance(method.__annotations__, LateAnnotations):
        chain = [method]  # `inspect` reads the annotations of a wrapped function, `typing` those of the wrapper
        while isinstance(wrapped := getattr(chain[-1], "__wrapped__", None), FunctionType):
            chain.append(wrapped)
        annotations = LateAnnotations(chain[-1].__annotations__, chain[-1].__globals__, types)
        for each in chain:
            each.__annotations__ = annotations


class LateAnnotations(dict[str, Any]):
    """The annotations of a function or class. Whoever evaluates annotations goes over all of them first: what they name is
    then put into `space`, the names of the module.

    The names are found in the imports of the module's source; where there is no source, among `types`, the generated
    classes of the service, among those of waits, and in Python's own modules.
    """

    __slots__ = ("_globals", "_types")

    def __init__(self, annotations: Mapping[str, Any], space: dict[str, Any], types: Names | None) -> None:
        super().__init__(annotations)
        self._globals = space
        self._types = types

    def _name_types(self) -> None:
        from sagemaker_typed._core.convert.annotations import words

        imports = _imports_for_checkers(self._globals["__name__"])
        for found in super().values():
            annotation = getattr(found, "__forward_arg__", found)  # the annotations of a named tuple are references
            if isinstance(annotation, str):
                for name in words(annotation) & imports.keys() - self._globals.keys():
                    module, attribute = imports[name]
                    holder = import_module(module)
                    self._globals[name] = getattr(holder, attribute) if attribute else holder
                if not imports:
                    self._name_without_source(annotation)

    def _name_without_source(self, annotation: str) -> None:
        from sagemaker_typed._core.convert.annotations import named, words

        if self._types is not None:
            for name, type_ in named(annotation, self._types):
                self._globals.setdefault(name, type_)
        for name in words(annotation) - self._globals.keys():
            holders = map(import_module, _WITHOUT_SOURCE)
            holder = next((each for each in holders if name in getattr(each, "__all__", ())), None)
            if holder is not None:
                self._globals[name] = getattr(holder, name)

    def __iter__(self) -> Iterator[str]:
        self._name_types()
        return super().__iter__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # a view of its own, as a dict gives one
        self._name_types()
        return super().keys()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self._name_types()
        return super().items()

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


@cache
def _imports_for_checkers(module: str) -> Mapping[str, tuple[str, str]]:
    """What a module imports under `if TYPE_CHECKING`: name -> its module, and its name there ("" for the module itself).

    Empty where Python has no source of the module, as in a program that was frozen.
    """
    import ast
    import inspect

    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:
        return {}
    guarded = [
        inner
        for each in ast.parse(source).body
        if isinstance(each, ast.If) and isinstance(each.test, ast.Name) and each.test.id == "TYPE_CHECKING"
        for inner in each.body
    ]
    return dict(entry for each in guarded for entry in _entries(each))


def _entries(statement: ast.stmt) -> Iterator[tuple[str, tuple[str, str]]]:
    import ast

    if isinstance(statement, ast.ImportFrom) and statement.module:
        for each in statement.names:
            yield each.asname or each.name, (statement.module, each.name)
    elif isinstance(statement, ast.Import):
        for each in statement.names:  # `import a.b` binds `a`, `import a.b as c` the module `a.b`
            yield (
                each.asname or each.name.partition(".")[0],
                (
                    each.name if each.asname else each.name.partition(".")[0],
                    "",
                ),
            )

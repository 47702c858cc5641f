"""Type hints of methods whose modules import the classes that they name for type checkers only.

Such a module costs nothing where nobody asks for the hints, but `typing.get_type_hints` and `inspect.signature(...,
eval_str=True)` would find names that are not there. Here they are imported when somebody asks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.lazy import Names

if TYPE_CHECKING:
    import ast
    from collections.abc import ItemsView, KeysView

__all__ = ["LateAnnotations", "annotate_late"]

_PACKAGE = __name__.partition(".")[0]


def annotate_late(cls: type, types: Names | None) -> None:
    """Give `LateAnnotations` to the constructor, public methods and properties of a class and of its bases.

    Those of a user's subclass stay as they are.
    """
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] == _PACKAGE:
            for name, found in vars(base).items():
                method = found.fget if isinstance(found, property) else found
                if isinstance(method, FunctionType) and (name == "__init__" or not name.startswith("_")):
                    _annotate_late(method, types)


def _annotate_late(method: FunctionType, types: Names | None) -> None:
    if not isinstance(method.__annotations__, LateAnnotations):
        chain = [method]  # `inspect` reads the annotations of a wrapped function, `typing` those of the wrapper
        while isinstance(wrapped := getattr(chain[-1], "__wrapped__", None), FunctionType):
            chain.append(wrapped)
        annotations = LateAnnotations(chain[-1], types)
        for each in chain:
            each.__annotations__ = annotations


class LateAnnotations(dict[str, Any]):
    """The annotations of a method. Whoever evaluates annotations goes over all of them first: what they name is then put
    into the method's module.

    The names are found in the imports of the module's source; where there is no source, among `types`, the generated
    classes of the service.
    """

    __slots__ = ("_globals", "_types")

    def __init__(self, method: FunctionType, types: Names | None) -> None:
        super().__init__(method.__annotations__)
        self._globals = method.__globals__
        self._types = types

    def _name_types(self) -> None:
        from sagemaker_typed._core.convert.annotations import named, words

        imports = _imports_for_checkers(self._globals["__name__"])
        for annotation in super().values():
            if isinstance(annotation, str):
                for name in words(annotation) & imports.keys() - self._globals.keys():
                    module, attribute = imports[name]
                    found = import_module(module)
                    self._globals[name] = getattr(found, attribute) if attribute else found
                if self._types is not None and not imports:
                    for name, type_ in named(annotation, self._types):
                        self._globals.setdefault(name, type_)

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

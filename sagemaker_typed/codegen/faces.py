"""The public interface of handwritten modules: stubs in the wheel.

Editors offer every name of a module or an object, including imports and private names. A stub has only the public names,
so users' editors and checkers see no others. The stubs are cut when the wheel is built; in this repository, checkers read
the modules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

__all__ = ["FACES", "cut", "faces"]

FACES = (
    "__init__", "aio", "client", "endpoints", "enums", "errors", "human_review", "logs", "manifest", "neo", "paging",
    "search", "streams", "structure", "waiting", "_core/group", "_core/log_line", "_core/pages", "_core/streams",
    "_data/features", "_data/invoking", "_data/metering", "_data/reviewing", "_data/texts", "_helpers/compiling",
    "_helpers/deploying", "_helpers/trials", "_waiting/afutures", "_waiting/futures", "_waiting/lines", "_waiting/mapping",
    "_waiting/options", "_waiting/pacing", "changes/__init__", "changes/_errors", "changes/_result", "testing/__init__",
)  # fmt: skip
"""The modules that users import, and those of the classes whose objects they hold."""
_GROUPS = ("resources/{}groups.py", "services/siblings.py")
_CLIENTS = {"client": ("SageMaker", ""), "aio": ("AsyncSageMaker", "aio/")}
"""Module -> the client in it, and where its groups stand."""
_DOTS = ast.Constant(...)
_HEADER = "# Cut from the module beside it when the wheel was built.\n"


def faces(package: Path) -> dict[str, str]:
    """Return the stubs of a package by their paths in it."""
    wanted = _imported_names(package)
    made: dict[str, str] = {}
    for name in FACES:
        body = cut((package / f"{name}.py").read_text(encoding="utf-8"), wanted)
        if name in _CLIENTS:
            client, folder = _CLIENTS[name]
            body = _groups_first(body, client, [package / path.format(folder) for path in _GROUPS])
        made[f"{name}.pyi"] = _HEADER + ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n"
    return made


def cut(text: str, imported_elsewhere: Iterable[str] = ()) -> list[ast.stmt]:
    """Return the stub of a module. `imported_elsewhere` are names that other modules import."""
    body = [_face(each) for each in _read_by_checkers(list(_flattened(ast.parse(text).body)))]
    public = _exported(body)
    kept = _reached(body, public)
    hidden = {
        name: f"_{name}"
        for each in kept
        for name in _defined(each)
        if not name.startswith("_") and name not in public and name not in set(imported_elsewhere)
    }
    return [cast("ast.stmt", _Renamed(hidden).visit(each)) for each in _with_imports(kept, public)]


# --- modules ----------------------------------------------------------------------------------------------------------


def _imported_names(package: Path) -> set[str]:
    """Return the names that modules of the package import from each other."""
    names: set[str] = set()
    for path in package.rglob("*.py"):
        for found in re.findall(r"from sagemaker_typed[\w.]* import (\([^)]*\)|.*)", path.read_text(encoding="utf-8")):
            names |= set(re.findall(r"\w+", found))
    return names


def _flattened(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that a checker reads: the block of `if TYPE_CHECKING` without the run-time branch."""
    for each in statements:
        match each:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _flattened(each.body)
            case ast.If() | ast.Expr() | ast.ImportFrom(module="__future__") | ast.Delete():
                pass
            case _:
                yield each


def _read_by_checkers(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements without the implementations of overloads."""
    overloaded = {each.name for each in body if isinstance(each, ast.FunctionDef) and _is_overload(each)}
    for each in body:
        if not isinstance(each, ast.FunctionDef) or each.name not in overloaded or _is_overload(each):
            yield each


def _exported(body: Iterable[ast.stmt]) -> set[str]:
    for each in body:
        if isinstance(each, ast.Assign) and _defined(each) == ["__all__"]:
            return set(ast.literal_eval(each.value))
    raise ValueError("a public module needs `__all__`")


def _defined(statement: ast.stmt) -> list[str]:
    """Return the names that a statement other than an import defines."""
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def _reached(body: list[ast.stmt], public: set[str]) -> list[ast.stmt]:
    """Return the imports, and the definitions that the public ones need."""
    wanted = {"__all__", *public}
    while True:
        read = {name for each in body if wanted & set(_defined(each)) for name in _names(each)}
        if read <= wanted:
            break
        wanted |= read
    return [each for each in body if isinstance(each, (ast.Import, ast.ImportFrom)) or wanted & set(_defined(each))]


def _names(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _with_imports(body: list[ast.stmt], public: set[str]) -> Iterator[ast.stmt]:
    """Return the statements with the imports that they need. Public imports are written as `X as X`."""
    used = {name for each in body for name in _names(each)}
    for each in body:
        if isinstance(each, (ast.Import, ast.ImportFrom)):
            each.names = [alias for alias in each.names if (alias.asname or alias.name) in used | public]
            for alias in each.names:
                if alias.name in public and alias.asname is None:
                    alias.asname = alias.name
            if not each.names:
                continue
        yield each


class _Renamed(ast.NodeTransformer):
    """Adds an underscore to names that are not public, which hides them from completion."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._new = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._new.get(node.id, node.id)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._new.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Constant() as first, *_])):
                if first.value == name:  # a TypeVar gets its own name as an argument
                    first.value = self._new.get(name, name)
            case _:
                pass
        return self.generic_visit(node)


# --- definitions ------------------------------------------------------------------------------------------------------


def _face(statement: ast.stmt) -> ast.stmt:
    """Return a statement without bodies and private members."""
    match statement:
        case ast.ClassDef():
            statement.body = list(_members(statement)) or [ast.Expr(_DOTS)]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _empty(_as_called(statement))
        case _:
            pass
    return statement


def _as_called(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Return the function. An asynchronous generator, known by its body, becomes a function that returns the iterator."""
    if isinstance(function, ast.FunctionDef) or not any(isinstance(node, ast.Yield) for node in ast.walk(function)):
        return function
    fields: dict[str, Any] = {name: getattr(function, name, None) for name in function._fields}
    return ast.copy_location(ast.FunctionDef(**fields), function)


def _empty(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    function.body = [ast.Expr(_DOTS)]
    for defaults in (function.args.defaults, function.args.kw_defaults):
        for number, value in enumerate(defaults):
            if value is not None and not isinstance(value, ast.Constant):
                defaults[number] = _DOTS
    return function


def _is_private(name: str) -> bool:
    return name == "__slots__" or (name.startswith("_") and not name.endswith("__"))


def _has_fields(cls: ast.ClassDef) -> bool:
    """Whether the defaults of attributes are defaults of arguments (attrs classes and dataclasses)."""
    return bool(cls.decorator_list) or any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in cls.bases)


def _members(cls: ast.ClassDef) -> Iterator[ast.stmt]:
    fields = _has_fields(cls)
    body = list(_read_by_checkers(list(_flattened(cls.body))))
    declared = {name for each in body for name in _defined(each)}
    yield from _set_in_init(cls.name, body, declared)
    for each in body:
        if _is_private(next(iter(_defined(each)), "")):
            continue
        match each:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _empty(_as_called(each))
            case ast.AnnAssign():
                each.value = _default(each.value) if fields else None
                yield each
            case ast.Assign() | ast.Pass():
                yield each
            case _:
                raise ValueError(f"{cls.name}: no stub has a form for line {each.lineno}")


def _is_overload(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "overload" for each in function.decorator_list)


def _default(value: ast.expr | None) -> ast.expr | None:
    """Reduce a default to `...`: a checker only needs to know that there is one."""
    match value:
        case None:
            return None
        case ast.Call(func=ast.Attribute(attr="field"), keywords=keywords):
            settings = {each.arg for each in keywords}
            if settings & {"init", "converter", "alias"}:
                return value
            return _DOTS if settings & {"default", "factory"} else None
        case _:
            return _DOTS


def _set_in_init(cls: str, body: Iterable[ast.stmt], declared: set[str]) -> Iterator[ast.stmt]:
    """Return a declaration for each public attribute that `__init__` sets."""
    init = next((each for each in body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if init is None:
        return
    arguments = [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs]
    types = {each.arg: each.annotation for each in arguments}
    for name, annotation in _assigned(init, types):
        if name.startswith("_") or name in declared:
            continue
        if annotation is not None:
            declared.add(name)
            yield ast.AnnAssign(ast.Name(name, ast.Store()), annotation, None, 1)
        elif not cls.startswith("_"):
            raise ValueError(f"the attribute {name} of {cls} needs an annotation")


def _assigned(init: ast.FunctionDef, types: Mapping[str, ast.expr | None]) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the attributes that `__init__` sets with their types: their annotation, or that of the assigned argument."""
    for node in ast.walk(init):
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=annotation):
                yield name, annotation
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                yield name, types.get(value.id) if isinstance(value, ast.Name) else None
            case _:
                pass


# --- clients ----------------------------------------------------------------------------------------------------------


def _groups_first(body: list[ast.stmt], client: str, modules: Iterable[Path]) -> list[ast.stmt]:
    """Return the stub of a client's module, in which the client class has the groups and inherits everything else.

    pyright offers the names of a class before inherited names.
    """
    prefix = client.removesuffix("SageMaker")
    imports: list[ast.stmt] = []
    groups: list[ast.stmt] = []
    for path in modules:
        statements = list(_flattened(ast.parse(path.read_text(encoding="utf-8")).body))
        properties = list(_properties(statements, (f"{prefix}Groups", f"{prefix}Siblings")))
        groups += properties
        imports += _imports_for(statements, properties)
    (own,) = [each for each in body if isinstance(each, ast.ClassDef) and each.name == client]
    own.name = f"_{client}"
    for node in ast.walk(own):  # `__enter__` returns the client class, not the base
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(node.returns, ast.Name):
            node.returns = ast.Name("Self") if node.returns.id == client else node.returns
    face = ast.ClassDef(client, [ast.Name(own.name)], [], groups, [])
    this = ast.ImportFrom("typing", [ast.alias("Self")], 0)
    return [this, *imports, *body, face]


def _properties(statements: Iterable[ast.stmt], classes: Iterable[str]) -> Iterator[ast.stmt]:
    """Return the groups (properties) of classes."""
    for each in statements:
        if isinstance(each, ast.ClassDef) and each.name in classes:
            yield from (
                _told(member) for member in each.body if isinstance(member, ast.FunctionDef) and _is_group(member)
            )


def _imports_for(statements: Iterable[ast.stmt], properties: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the imports that the types of properties need."""
    read = {name for each in properties for name in _names(each)}
    for each in statements:
        if isinstance(each, ast.ImportFrom):
            each.names = [alias for alias in each.names if alias.name in read]
            if each.names:
                yield each


def _is_group(member: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "property" for each in member.decorator_list)


def _told(member: ast.FunctionDef) -> ast.FunctionDef:
    """Return a property with its docstring, because not every editor looks for it in the module."""
    member.body = member.body[:1] if ast.get_docstring(member) else [ast.Expr(_DOTS)]
    return member

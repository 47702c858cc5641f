"""The stubs of generated modules: the parts of a module that a checker needs.

A checker reads every module that a script can reach, which is nearly all of them. Reading a stub takes a fraction of the
time. A stub is cut from its module's text, so that the two cannot differ. Editors find docstrings in the module, so a stub
has only those that the module lacks: of the `__init__` of a class, and of the inherited methods of an asynchronous group.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Modules without types for annotations; api.py and fields.py, whose types are inferred from their bodies; and groups.py
# and siblings.py, where jedi would show the stub as the definition of a property.
_WITHOUT = ("_index.py", "api.py", "fields.py", "groups.py", "siblings.py", "waitable.py", "runs.py", "_service.py")
_DOTS = ast.Expr(ast.Constant(...))
_EXAMPLE = re.compile(r"Example::\n\n(?: .*\n)+\n")
"""An example in a docstring."""


def stub(path: str, text: str, constructors: Mapping[str, str] | None = None) -> str | None:
    """Return the stub of a generated module, before formatting. None if the module has no stub.

    `constructors` has the docstrings for the `__init__` of classes.
    """
    if path.rpartition("/")[2] in _WITHOUT:
        return None
    body = _body(ast.parse(text).body, in_class=False)
    for each in body:
        if isinstance(each, ast.ClassDef) and (said := (constructors or {}).get(each.name)):
            _document(each, said)
    return _written(text, _in_order(body))


def _document(cls: ast.ClassDef, said: str) -> None:
    """Add the docstring to the `__init__` of a class."""
    for each in cls.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            each.body = [_docstring(said, depth=2)]


def _docstring(said: str, depth: int) -> ast.Expr:
    """Return a docstring statement, indented for a function or a class."""
    indent = " " * 4 * depth
    lines = [f"{indent}{line}" if line and number else line for number, line in enumerate(said.splitlines())]
    return ast.Expr(ast.Constant("\n".join([*lines, *([indent] if len(lines) > 1 else [])])))


def _written(text: str, body: list[ast.stmt]) -> str:
    """Return a stub with this body and the header of the module's text."""
    used = {name for each in body for name in _read(each)}
    kept: list[ast.stmt] = []
    for each in body:
        if isinstance(each, ast.ImportFrom):
            # `import X as X` re-exports a name; other imported names are only for annotations.
            each.names = [alias for alias in each.names if alias.asname or alias.name in used]
            if not each.names or each.module == "__future__":
                continue
        kept.append(each)
    header = text.partition("\n")[0]
    plain = "# ruff: noqa\n# isort: skip_file\n# fmt: off\n" if "# fmt: off" in text else ""
    return f"{header}\n{plain}{ast.unparse(ast.Module(kept, []))}\n"


def group_stub(text: str) -> str:
    """Return the stub of the module of a group, with the class of `SageMaker` and that of `AsyncSageMaker`.

    In the module, the second inherits the methods of the first; in the stub it has its own.
    """
    documented = _body(ast.parse(text).body, in_class=False, documented=True)
    groups = {each.name: each for each in documented if isinstance(each, ast.ClassDef)}
    body: list[ast.stmt] = []
    for each in _body(ast.parse(text).body, in_class=False):
        match each:
            case ast.ClassDef(bases=[*bases, ast.Name(id=group)]) if each.name == f"Async{group}":
                handwritten = {name.removeprefix("Async"): name for name in map(ast.unparse, bases)}
                body.append(_Asynchronous({**_RENAMED, **handwritten}).visit(groups[group]))
            case ast.ImportFrom():
                there = {alias.name for alias in each.names}
                each.names += [
                    ast.alias(_RENAMED[name]) for name in there & _RENAMED.keys() if _RENAMED[name] not in there
                ]
                body.append(each)
            case _:
                body.append(each)
    return _written(text, body)


class _Asynchronous(ast.NodeTransformer):
    """Turns the methods of a group into coroutine functions, except for those that return pages or log lines."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = f"Async{node.name}"
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.returns or _DOTS).partition("[")[0] in ("AsyncPages", "AsyncLogLines"):
            return node
        fields: dict[str, Any] = {name: getattr(node, name, None) for name in node._fields}
        return ast.copy_location(ast.AsyncFunctionDef(**fields), node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._renamed.get(node.id, node.id)
        return node


_RENAMED = {"Group": "AsyncGroup", "Pages": "AsyncPages", "LogLines": "AsyncLogLines"}


def _in_order(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements with each class and alias before the bases, fields and aliases that name it.

    mypy analyses a module again if one of these names something further down. It reads signatures later than all classes.
    """
    defined = {name: each for each in body if (name := _defined(each))}
    placed: list[ast.stmt] = []
    begun: set[str] = set()

    def place(statement: ast.stmt) -> None:
        begun.add(_defined(statement))  # a structure may contain itself
        for name in _needed_first(statement):
            if name in defined and name not in begun:
                place(defined[name])
        placed.append(statement)

    for each in body:
        if _defined(each) not in begun or not _defined(each):
            place(each)
    return placed


def _defined(statement: ast.stmt) -> str:
    """Return the name of a class or alias; "" for other statements."""
    match statement:
        case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _needed_first(statement: ast.stmt) -> Iterator[str]:
    """Return the names that mypy looks up when it analyses the statement, which is before it analyses functions."""
    match statement:
        case ast.ClassDef(bases=bases, decorator_list=decorators, body=body):
            parts: list[ast.AST] = [*bases, *decorators]
            parts += [each.annotation for each in body if isinstance(each, ast.AnnAssign)]
        case _:
            parts = [statement]
    for part in parts:
        yield from (node.id for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _read(statement: ast.stmt) -> Iterator[str]:
    """Return the names that a statement reads. An enum member with the name of an import only sets the name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _body(statements: list[ast.stmt], *, in_class: bool, documented: bool = False) -> list[ast.stmt]:
    """Return the statements of a module or class for the stub, with the docstrings of methods if `documented`."""
    kept: list[ast.stmt] = []
    overloaded = {each.name for each in statements if isinstance(each, ast.FunctionDef) and each.decorator_list}
    for each in statements:
        match each:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                kept += _body(each.body, in_class=in_class, documented=documented)
            case ast.FunctionDef(name=name, decorator_list=[]) if name in overloaded:
                pass  # a checker reads only the overloads
            case _:
                if not _only_runs(each, in_class=in_class):
                    kept.append(_cut(each, in_class=in_class, documented=documented))
    return kept


def _only_runs(statement: ast.stmt, *, in_class: bool) -> bool:
    """Whether checkers do not need the statement: a docstring, `__all__`, `__slots__`, a private name of the module."""
    match statement:
        case ast.Expr():
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name.startswith("_")
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name.startswith("_") and not in_class
        case _:
            return False


def _cut(statement: ast.stmt, *, in_class: bool, documented: bool) -> ast.stmt:
    """Return the statement without its bodies and values."""
    match statement:
        case ast.ClassDef():
            # Not `structure`: the `__init__` that it creates is written out.
            statement.decorator_list = [each for each in statement.decorator_list if isinstance(each, ast.Call)]
            statement.bases = [_unquoted(base) for base in statement.bases]
            statement.body = _body(statement.body, in_class=True, documented=documented) or [_DOTS]
        case ast.FunctionDef():
            said = ast.get_docstring(statement, clean=True) if documented else None
            # An example calls the synchronous client.
            statement.body = [_docstring(_EXAMPLE.sub("", said), depth=2)] if said else [_DOTS]
        case ast.AnnAssign(target=ast.Name()) if in_class:
            statement.value = None
        case _:
            pass
    return statement


def _unquoted(base: ast.expr) -> ast.expr:
    """Return `Request["CreateModelResponse"]` without the quotes, which a stub does not need."""
    if isinstance(base, ast.Subscript) and isinstance(base.slice, ast.Constant) and isinstance(base.slice.value, str):
        base.slice = ast.Name(base.slice.value, ast.Load())
    return base

"""What is changed in a source file. Every mutant is one edit of one place, so that all other lines keep their numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_TABLE = 3  # from so many rows on, a literal is a table, of which each row is there for a reason


@dataclass(frozen=True, order=True)
class Mutant:
    path: str
    line: int
    start: int
    """Offset in the bytes of the file."""
    end: int
    operator: str
    inside: str
    """The function or class, `Pages.first`."""
    before: str
    after: str
    at_import: bool = field(default=False, compare=False)
    """Whether the line runs only when the module is imported: a default, a table, a member of a class."""
    where: frozenset[int] = field(default=frozenset(), compare=False)
    """The lines that use the name that the module or class sets, else those of the function or class."""

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What it is called when lines have moved."""
        return self.path, self.inside, self.before, self.after

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.inside or 'the module'}: {self.operator}: `{self.before}` -> `{self.after}`"


def mutants(path: str, source: bytes) -> list[Mutant]:
    """Every mutant of a file."""
    return sorted(set(_Walk(path, source).module()))


class _Walk:
    def __init__(self, path: str, source: bytes) -> None:
        self._path = path
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._tree = ast.parse(source)
        self._at_import = True
        self._where: frozenset[int] = frozenset()

    def module(self) -> Iterator[Mutant]:
        for node in self._tree.body:
            self._where = _uses(self._tree, node)
            yield from self._visit(node, "", inside_function=False, told=False)

    def _visit(self, node: ast.AST, inside: str, *, inside_function: bool, told: bool) -> Iterator[Mutant]:
        """`told`: below a `raise`, a warning or a log line, whose texts are for people."""
        if _is_skipped(node):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from self._definition(node, f"{inside}.{node.name}".lstrip("."))
            return
        if isinstance(node, ast.AnnAssign):
            below: list[ast.AST] = [node.value] if node.value is not None else []
        elif isinstance(node, ast.JoinedStr):
            return  # Python 3.11 does not know where its parts stand
        elif isinstance(node, ast.Subscript) and not inside_function:
            return  # the alias of a type
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "cast":
            below = [*node.args[1:]]  # before it stands a type, which nothing looks at
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "zip":
            below = [*node.args]  # `strict` is a check of the code itself, as `assert` is
        else:
            below = list(ast.iter_child_nodes(node))
        told = told or isinstance(node, ast.Raise) or _is_told(node)
        for operator, place, new in _edits(node, inside_function=inside_function, told=told):
            yield self._mutant(place, inside, operator, new)
        for child in below:
            yield from self._visit(child, inside, inside_function=inside_function, told=told)

    def _definition(self, node: Any, inside: str) -> Iterator[Mutant]:
        function = not isinstance(node, ast.ClassDef)
        before = self._at_import, self._where
        own = frozenset(_lines_of(node))
        self._where = own
        if function:
            for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
                yield from self._visit(default, inside, inside_function=True, told=False)
            self._at_import = False
        for child in node.body:
            self._where = own if function else _uses(self._tree, child) or own
            yield from self._visit(child, inside, inside_function=function, told=False)
        self._at_import, self._where = before

    def _mutant(self, node: Any, inside: str, operator: str, new: str) -> Mutant:
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        before = self._source[start:end].decode()
        # The lines below keep their numbers.
        after = _padded(new, before.count("\n"))
        where = self._at_import, self._where
        return Mutant(self._path, node.lineno, start, end, operator, inside, before, after, *where)


def _uses(tree: ast.Module, node: Any) -> frozenset[int]:
    """The lines that use the names that a module or a class sets, also by way of other names."""
    names, lines = set(_set_by(node)), set[int]()
    while names:
        lines |= {use.lineno for use in ast.walk(tree) if isinstance(use, ast.expr) and _used(use) in names}
        through = {name for other in tree.body if lines & {*_lines_of(other)} for name in _set_by(other)}
        if through <= names:
            break
        names |= through
    return frozenset(lines - {*_lines_of(node)}) if names else frozenset()


def _lines_of(node: Any) -> range:
    return range(node.lineno, node.end_lineno + 1)


def _set_by(node: Any) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def _used(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
            return name
    return None


def _padded(new: str, lines: int) -> str:
    """As many lines as there were: within brackets where there are any, else as empty lines."""
    if not lines:
        return new
    return f"{new[:-1]}{chr(10) * lines}{new[-1]}" if new[-1] in ")]}" else new + "\n" * lines


def _is_skipped(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in ("TypeVar", "ParamSpec"):
            return True
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # docstrings and `...`
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    if isinstance(node, ast.FunctionDef):
        return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.arguments)


def _is_told(node: ast.AST) -> bool:
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return name.split(".")[-1] in ("warn", "debug", "info", "warning", "Problem") or name.endswith("Error")


def _edits(node: Any, *, inside_function: bool, told: bool) -> Iterator[tuple[str, Any, str]]:
    """The operator, the node whose text is replaced, and the new text."""
    match node:
        case ast.Constant():
            yield from ((operator, node, new) for operator, new in _constants(node.value, told))
        case ast.Dict(keys=keys) if len(keys) >= _TABLE:
            for index in range(len(keys)):
                yield "row", node, _changed(node, keys=_without(keys, index), values=_without(node.values, index))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) if _is_table(node, items):
            for index in range(len(items)):
                yield "row", node, _changed(node, elts=_without(items, index))
    if inside_function:
        yield from _expressions(node)
        yield from _statements(node)


def _is_table(node: Any, items: list[ast.expr]) -> bool:
    return len(items) >= _TABLE and not isinstance(node.__dict__.get("ctx"), ast.Store)


def _constants(value: Any, told: bool) -> Iterator[tuple[str, str]]:
    match value:
        case bool():
            yield "constant", repr(not value)
        case int() | float():
            yield "constant", repr(value + 1)
            if value not in (0, -1):
                yield "constant", "0"
        case str() if not told and value:
            yield "constant", repr(f"{value}?")


def _expressions(node: Any) -> Iterator[tuple[str, Any, str]]:
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARISONS[type(op)]:
                yield "comparison", node, _changed(node, ops=[other()])
        case ast.BoolOp(op=op, values=values):
            yield "boolean", node, _changed(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for index in range(len(values)):
                rest = _without(values, index)
                yield "condition", node, f"({ast.unparse(rest[0])})" if len(rest) == 1 else _changed(node, values=rest)
        case ast.UnaryOp(op=ast.Not()):
            yield "negation", node, f"({ast.unparse(node.operand)})"
        case ast.IfExp() | ast.If() | ast.While():
            yield "negation", node.test, f"(not ({ast.unparse(node.test)}))"
        case ast.comprehension(ifs=[condition]):
            yield "negation", condition, f"(not ({ast.unparse(condition)}))"
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            yield "arithmetic", node, _changed(node, op=_ARITHMETIC[type(op)]())
        case ast.Call(func=ast.Name(id="max" | "min"), args=[_, _]):
            pass  # the same whatever comes first
        case ast.Call(args=[first, second, *rest]) if not any(isinstance(each, ast.Starred) for each in node.args):
            if ast.dump(first) != ast.dump(second):
                yield "swap", node, _changed(node, args=[second, first, *rest])
    if isinstance(node, ast.Call) and ast.unparse(node.func) != "zip":
        for index, keyword in enumerate(node.keywords):
            if keyword.arg is not None:
                yield "argument", node, _changed(node, keywords=_without(node.keywords, index))


def _statements(node: Any) -> Iterator[tuple[str, Any, str]]:
    match node:
        # None is as false as False, which becomes True above.
        case ast.Return(value=value) if value is not None and not (_is_none(value) or _is_false(value)):
            yield "return", node, "return None"
        case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Delete():
            if not isinstance(getattr(node, "value", None), ast.Yield | ast.YieldFrom):
                yield "statement", node, "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement", node, "pass"
        case ast.Assign(targets=[ast.Name()], value=value) if not _is_none(value):
            yield "value", value, "None"
        case ast.Break():
            yield "loop", node, "continue"
        case ast.Continue():
            yield "loop", node, "break"
        case ast.ExceptHandler(body=[first, *_]) if not (isinstance(first, ast.Raise) and first.exc is None):
            yield "handler", first, "raise"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _without(items: list[Any], index: int) -> list[Any]:
    return [*items[:index], *items[index + 1 :]]


def _changed(node: Any, **fields: Any) -> str:
    copy = deepcopy(node)
    for name, value in fields.items():
        setattr(copy, name, value)
    text = ast.unparse(ast.fix_missing_locations(copy))
    return f"({text})" if not isinstance(node, ast.Dict | ast.List | ast.Set | ast.Tuple | ast.Call) else text

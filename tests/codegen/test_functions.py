"""Functions stay short: at most 60 lines, and at most 12 ways through.

ruff holds a looser count (C901), which an editor shows at once: it counts statements alone. Here each condition counts, as
radon counts them: in comprehensions, in `and` and `or`, in conditional expressions, in the functions inside a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.codegen.runs import PACKAGE

GENERATED = ("types", "resources", "services", "model")
COMPLEXITY = 12
LINES = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


def complexity(function: ast.AST) -> int:
    """McCabe's number: one, and one for each place where the way parts."""
    return 1 + sum(map(_ways, ast.walk(function)))


def _ways(node: ast.AST) -> int:
    match node:
        case ast.If() | ast.IfExp() | ast.Assert():
            return 1
        case ast.For(orelse=orelse) | ast.AsyncFor(orelse=orelse) | ast.While(orelse=orelse):
            return 1 + bool(orelse)
        case ast.Try(handlers=handlers, orelse=orelse) | ast.TryStar(handlers=handlers, orelse=orelse):
            return len(handlers) + bool(orelse)
        case ast.BoolOp(values=values):
            return len(values) - 1
        case ast.comprehension(ifs=ifs):
            return 1 + len(ifs)
        case ast.Match(cases=cases):
            return sum(not _takes_all(case.pattern) for case in cases)
        case _:
            return 0


def _takes_all(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def functions() -> Iterator[tuple[str, Function]]:
    """The handwritten functions, by module and name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE)
        if module.parts[0] not in GENERATED:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, Function):
                    yield f"{module.as_posix()}:{node.name}", node


FUNCTIONS = list(functions())
LONG = {
    name: (complexity(node), (node.end_lineno or 0) - node.lineno + 1)
    for name, node in FUNCTIONS
    if complexity(node) > COMPLEXITY or (node.end_lineno or 0) - node.lineno + 1 > LINES
}


def test_functions_are_short() -> None:
    assert len(FUNCTIONS) > 700
    assert LONG == {}


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("return 1", 1),
        ("if a: pass\nelif b: pass\nelse: pass", 3),
        ("return 1 if a and b or c else 2", 4),
        ("for x in y: pass\nelse: pass", 3),
        ("while a:\n    assert b", 3),
        ("try: a()\nexcept A: pass\nexcept B: pass", 3),
        ("return [x for x in y if x if z for w in x]", 5),
        ("match a:\n    case 1: pass\n    case 2: pass\n    case _: pass", 3),
        ("def g():\n    return a or b\nreturn g", 2),
    ],
)
def test_how_ways_are_counted(body: str, number: int) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (function,) = ast.parse(f"def f(a, b, c, y, z):\n{lines}").body
    assert complexity(function) == number

"""Whether one annotation accepts every value that another accepts, judged by their texts.

Names are compared by their last part. If the texts do not tell, the types count as different: accepting a false break costs
one line, but a missed break reaches users.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache

__all__ = ["fits"]

_ABOVE = {
    "bool": {"int"},
    "int": {"float"},
    "StrEnum": {"str"},
    "IntEnum": {"int"},
    "dict": {"MutableMapping", "Mapping"},
    "MutableMapping": {"Mapping"},
    "Mapping": {"Collection"},
    "list": {"MutableSequence", "Sequence"},
    "MutableSequence": {"Sequence"},
    "tuple": {"Sequence"},
    "Sequence": {"Collection", "Reversible"},
    "set": {"Set"},
    "frozenset": {"Set"},
    "Set": {"Collection"},
    "Collection": {"Iterable", "Container", "Sized"},
    "Generator": {"Iterator"},
    "Iterator": {"Iterable"},
    "datetime": {"date"},
}
Above = Callable[[str], set[str]]


def fits(part: str | None, whole: str | None, above: Above = lambda _: set()) -> bool:
    """Whether each value of the first type is one of the second; `above` gives the bases of the package's own classes."""
    if part == whole or part is None or whole is None:
        return True
    return _fits(_parsed(part), _parsed(whole), above)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _fits(part: ast.expr, whole: ast.expr, above: Above) -> bool:
    wholes = _alternatives(whole)
    return all(any(_one(each, other, above) for other in wholes) for each in _alternatives(part))


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """Return the alternatives of a union. Each value of a `Literal` is one."""
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_alternatives(left), *_alternatives(right)]
        case ast.Constant(value=str(text)):
            return _alternatives(_parsed(text))
        case ast.Subscript():
            return _of_subscript(node)
        case _:
            return [node]


def _of_subscript(node: ast.Subscript) -> list[ast.expr]:
    arguments = _arguments(node)
    match _name(node.value):
        case "Optional":
            return [*_alternatives(arguments[0]), ast.Constant(None)]
        case "Union":
            return [each for argument in arguments for each in _alternatives(argument)]
        case "Literal" if len(arguments) > 1:
            return [ast.Subscript(node.value, each, node.ctx) for each in arguments]
        case "Annotated" | "Final" | "ClassVar":
            return _alternatives(arguments[0])
        case _:
            return [node]


def _one(part: ast.expr, whole: ast.expr, above: Above) -> bool:
    left, right = _name(part), _name(whole)
    if right in ("Any", "object") or left == "Any":
        return True
    if left == "Literal" and right != "Literal":
        value = _arguments(part)[0]
        return isinstance(value, ast.Constant) and type(value.value).__name__ in (right, "NoneType")
    if left != right:
        return right in _all_above(left, above) and _arguments_fit(part, whole, above)
    if left == "Literal":
        return ast.dump(_arguments(part)[0]) == ast.dump(_arguments(whole)[0])
    return _arguments_fit(part, whole, above)


def _arguments_fit(part: ast.expr, whole: ast.expr, above: Above) -> bool:
    ours, theirs = _arguments(part), _arguments(whole)
    if not ours or not theirs:  # a bare `list` is one of anything
        return True
    if len(ours) != len(theirs):
        return False
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(one, ast.List) and isinstance(other, ast.List):
            if not _taken(one.elts, other.elts, above):
                return False
        elif not _fits(one, other, above):
            return False
    return True


def _taken(part: Sequence[ast.expr], whole: Sequence[ast.expr], above: Above) -> bool:
    """Compare the parameters of a `Callable`, which may accept more than required."""
    return len(part) == len(whole) and all(_fits(other, one, above) for one, other in zip(part, whole, strict=True))


def _name(node: ast.expr) -> str:
    match node:
        case ast.Subscript():
            return _name(node.value)
        case ast.Attribute():
            return node.attr
        case ast.Name():
            return node.id.removeprefix("_")  # stubs hide type variables: `_R` in a wheel is `R` in the sources
        case _:
            return ast.unparse(node)


def _arguments(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return []
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _all_above(name: str, above: Above) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        for each in _ABOVE.get(todo[-1], set()) | above(todo.pop()):
            if each not in found:
                found.add(each)
                todo.append(each)
    return found

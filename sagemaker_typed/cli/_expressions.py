"""Reads a search condition from a text, in the form that conditions print. Never runs the text.

The grammar is a subset of Python's. Besides the form of `sagemaker_typed.search`, a bare name stands for a property,
`and`, `or` and `not` for `&`, `|` and `~`, and `x in ("a", "b")` for `is_in`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sagemaker_typed import search
from sagemaker_typed.cli._common import duration_of

__all__ = ["NotACondition", "parse_condition", "parse_property"]


class NotACondition(Exception):
    """The text is not a search condition."""


_MAKERS: Mapping[str, Callable[[str], search.Property]] = {
    "field": search.field,
    "hyper_parameter": search.hyper_parameter,
    "metric": search.metric,
    "tag": search.tag,
}
_OPERATORS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_TURNED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
}
_ORDERED = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
_METHODS = ("after", "before", "between", "contains", "exists", "is_in")
_LONGEST = 100_000


def parse_condition(text: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> search.Condition:
    """Return the condition of a text. Raises `NotACondition` for another text, and `InvalidRequestError` as conditions do."""
    tree = _tree(text)
    try:
        return _ConditionReader(text, now).condition(tree)
    except RecursionError:
        raise NotACondition("it is nested too deeply") from None


def parse_property(text: str) -> str:
    """Return the wire name of one property: CreationTime, Metrics.accuracy, or metric("accuracy")."""
    try:
        return _ConditionReader(text, lambda: datetime.now(UTC)).prop(_tree(text)).name
    except (NotACondition, RecursionError):
        # Names of tags and metrics need not be names in Python: Metrics.train:loss.
        return text.strip()


def _tree(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise NotACondition("it is too long")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = f" at character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        reason = error.msg if isinstance(error, SyntaxError) else "it is nested too deeply"
        raise NotACondition(f"{reason}{place}") from None


class _ConditionReader:
    def __init__(self, text: str, now: Callable[[], datetime]) -> None:
        self._text, self._now = text, now

    # --- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, node: ast.expr) -> search.Condition:
        match node:
            case ast.BoolOp(op=op, values=values):
                return self._joined(isinstance(op, ast.And), values)
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
                return self._joined(isinstance(op, ast.BitAnd), [left, right])
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                return ~self.condition(operand)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call(func=ast.Name(id="nested"), args=[first, *rest], keywords=[]):
                return search.nested(self._name(first), *map(self.condition, rest))
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args, keywords=[]) if method in _METHODS:
                return self._called(self.prop(owner), method, args)
            case _:
                raise self._refused(node, "is not a condition")

    def _joined(self, both: bool, nodes: list[ast.expr]) -> search.Condition:
        made, *rest = map(self.condition, nodes)
        for each in rest:
            made = made & each if both else made | each
        return made

    def _comparison(self, node: ast.Compare) -> search.Condition:
        if len(node.ops) > 1 or any(_is_joined(part) for part in (node.left, *node.comparators)):
            raise self._refused(node, "joins comparisons by & or |: put each in parentheses, or write and, or")
        op, left, right = node.ops[0], node.left, node.comparators[0]
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.Tuple | ast.List):
                raise self._refused(right, 'is not a list: write ("a", "b")')
            found = self.prop(left).is_in(*map(self._word, right.elts))
            return found if isinstance(op, ast.In) else ~found
        if type(op) not in _OPERATORS:
            raise self._refused(node, "is not a comparison that SageMaker has")
        kind = type(op)
        if not self._is_property(left) and self._is_property(right):
            left, right, kind = right, left, _TURNED[kind]
        made: search.Condition = _OPERATORS[kind](self.prop(left), self._value(right, ordered=kind in _ORDERED))
        return made

    def _called(self, prop: search.Property, method: str, args: list[ast.expr]) -> search.Condition:
        values = [self._value(each, ordered=method in ("after", "before", "between")) for each in args]
        try:
            made: search.Condition = getattr(prop, method)(*values)
        except TypeError as error:  # the number of arguments
            raise NotACondition(f"{prop}.{method}: {str(error).partition(': ')[0]}") from None
        return made

    # --- properties and values ----------------------------------------------------------------------------------------

    def prop(self, node: ast.expr) -> search.Property:
        """Return the property of a name, a dotted name, or a call such as `field(...)`."""
        match node:
            case ast.Call(func=ast.Name(id=maker), args=[ast.Constant(value=str(name))], keywords=[]) if (
                maker in _MAKERS
            ):
                return _MAKERS[maker](name)
            case ast.Name() | ast.Attribute():
                return search.field(self._name(node))
            case _:
                raise self._refused(node, 'is not a property: write a name, field("..."), metric("...") or tag("...")')

    def _is_property(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id in _MAKERS
        return isinstance(node, ast.Attribute) or (isinstance(node, ast.Name) and node.id not in ("true", "false"))

    def _name(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(name)):
                return name
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=owner, attr=name):
                return f"{self._name(owner)}.{name}"
            case _:
                raise self._refused(node, "is not the name of a property")

    def _word(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise self._refused(node, "is not a text: write it in quotes")

    def _value(self, node: ast.expr, *, ordered: bool) -> Any:
        """Return the value that a property is compared with. For < and >, a text is a time: texts have no order."""
        match node:
            case ast.Constant(value=str(text)):
                return self._moment(text) if ordered else text
            case ast.Name(id="true" | "false" as word):
                return word == "true"
            case ast.Constant(value=int() | float() as number):  # includes True and False
                return number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if not isinstance(
                number, bool
            ):
                return -number
            case ast.Call(func=ast.Name(id="ago"), args=[ast.Constant(value=str(text))], keywords=[]):
                return self._ago(node, text)
            case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]) if _is_number(text):
                return Decimal(text)
            case ast.Call(func=ast.Name(id="datetime") | ast.Attribute(attr="datetime"), args=args) if (
                args and _is_moment(node)
            ):
                return self._datetime(node)
            case _:
                raise self._refused(node, 'is not a value: write a number, a text in quotes, or ago("7d")')

    def _ago(self, node: ast.expr, text: str) -> datetime:
        seconds = duration_of(text)
        if seconds is None:
            raise self._refused(node, 'is not a duration: write ago("90m"), ago("7d")')
        return self._now() - timedelta(seconds=seconds)

    def _moment(self, text: str) -> datetime | str:
        if _is_number(text):
            return text
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise NotACondition(f'{text!r} is not a time: write "2026-01-31T12:00:00Z"') from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

    def _datetime(self, node: ast.Call) -> datetime:
        numbers: list[Any] = [each.value for each in node.args if isinstance(each, ast.Constant)]
        try:
            return datetime(*numbers).replace(tzinfo=UTC)
        except (TypeError, ValueError) as error:
            raise self._refused(node, f"is not a time: {error}") from None

    def _refused(self, node: ast.expr, why: str) -> NotACondition:
        source = ast.get_source_segment(self._text.strip(), node) or ast.unparse(node)
        return NotACondition(f"{source[:80]} {why}")


def _is_joined(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_moment(node: ast.Call) -> bool:
    """Whether it is `datetime(2026, 1, 31, tzinfo=UTC)`, as conditions print times."""
    numbers = all(isinstance(each, ast.Constant) and isinstance(each.value, int) for each in node.args)
    named = {each.arg: ast.unparse(each.value) for each in node.keywords}
    named.pop("fold", None)  # has no meaning in UTC
    return numbers and named.keys() <= {"tzinfo"} and named.get("tzinfo", "UTC").endswith(("UTC", "timezone.utc"))

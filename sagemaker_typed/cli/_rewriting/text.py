"""Small pieces of source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

__all__ = ["attribute", "call", "keyword", "name", "or_empty", "parenthesized", "path", "renamed"]


def name(text: str) -> cst.Name:
    return cst.Name(text)


def attribute(value: cst.BaseExpression, field: str, like: Any = None) -> cst.Attribute:
    """`value.field`, in the parentheses of `like`."""
    lpar, rpar = (like.lpar, like.rpar) if like is not None else ((), ())
    return cst.Attribute(value, cst.Name(field), lpar=lpar, rpar=rpar)


def path(value: cst.BaseExpression, dotted: str) -> cst.BaseExpression:
    """`value.a.b` for `a.b`."""
    for part in dotted.split("."):
        value = attribute(value, part)
    return value


_EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def renamed(arg: cst.Arg, keyword_: str) -> cst.Arg:
    """An argument under another keyword."""
    return arg.with_changes(keyword=cst.Name(keyword_), equal=_EQUAL)


def keyword(keyword_: str, value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(value, cst.Name(keyword_), _EQUAL)


def call(function: cst.BaseExpression, args: Sequence[cst.Arg]) -> cst.Call:
    """A call; the last argument has no comma, unless it ends a line."""
    if args and isinstance(args[-1].comma, cst.Comma) and not args[-1].comma.whitespace_after.empty:
        ends = isinstance(args[-1].comma.whitespace_after, cst.ParenthesizedWhitespace)
        if not ends:
            args = [*args[:-1], args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    return cst.Call(function, args)


def parenthesized(node: Any) -> Any:
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def or_empty(node: cst.BaseExpression) -> cst.BaseExpression:
    """`node or []`."""
    return cst.BooleanOperation(node, cst.Or(), cst.List([]))

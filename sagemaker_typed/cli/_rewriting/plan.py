"""Decides how each use of a client, and of what came from it, is written."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import libcst as cst

from sagemaker_typed.cli._rewriting.facts import KnownOperation, ValueType, operation
from sagemaker_typed.cli._rewriting.inference import (
    CLIENT,
    Inference,
    PagesLooped,
    PaginatorMade,
    WaiterMade,
    dotted,
    literal,
    subscript,
)
from sagemaker_typed.cli._rewriting.requests import Requests
from sagemaker_typed.cli._rewriting.text import attribute, call, name, or_empty, parenthesized, renamed

__all__ = ["Edit", "RewritePlan"]

Edit = Callable[[Any], Any]
_CLIENT_OPTIONS = {"region_name": "region", "endpoint_url": "endpoint_url", "config": "config"}
_SHOWN = frozenset({"print", "str", "repr", "bool"})


class RewritePlan(cst.CSTVisitor):
    """The edits of a module, by the nodes that they change, and the comments, by statement."""

    def __init__(self, module: cst.Module, inference: Inference) -> None:
        super().__init__()
        self.know = inference
        self._taken = inference.taken()
        self.edits: dict[cst.CSTNode, list[Edit]] = {}
        self.wraps: dict[cst.CSTNode, Edit] = {}
        """What is done to a node after its edits."""
        self.comments: dict[cst.CSTNode, list[str]] = {}
        self.imports: set[tuple[str, str]] = set()
        self.removed: set[cst.CSTNode] = set()
        self.waits = False
        self.requests = Requests(self)
        module.visit(self)
        if self.waits:
            module.visit(_Handlers(self))

    # --- what the visits note -----------------------------------------------------------------------------------------

    def edit(self, node: cst.CSTNode, change: Edit) -> None:
        self.edits.setdefault(node, []).append(change)

    def use(self, name_: str, module: str = "sagemaker_typed") -> cst.Name:
        """A name of this library, which the module will import."""
        ours = self._taken.get(name_)
        if ours is None:
            self.imports.add((module, name_))
        elif not ours:  # the module has the name for something else
            alias = f"Typed{name_}" if name_[0].isupper() else f"typed_{name_}"
            self.imports.add((module, f"{name_} as {alias}"))
            return name(alias)
        return name(name_)

    def note(self, node: cst.CSTNode, text: str) -> None:
        """Leave a comment above the statement that a node stands in."""
        around = [node, *self.know.above(node)]
        statement = next(each for each in around if hasattr(each, "leading_lines"))
        lines = self.comments.setdefault(statement, [])
        if text not in lines:
            lines.append(text)

    # --- the visit ----------------------------------------------------------------------------------------------------

    def visit_Name(self, node: cst.Name) -> None:
        self._expression(node)

    def visit_Attribute(self, node: cst.Attribute) -> None:
        self._expression(node)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._expression(node)

    def visit_Call(self, node: cst.Call) -> None:
        self._expression(node)

    def _expression(self, node: cst.BaseExpression) -> None:
        if self._is_assigned(node):
            return
        found = self.know.of(node)
        if found == CLIENT:
            self._client(node)
        elif isinstance(found, ValueType):
            self._value(node, found)
        if isinstance(found, PagesLooped) and isinstance(node, cst.Call):
            self._pages(node, found)

    def _is_assigned(self, node: cst.BaseExpression) -> bool:
        parent = self.know.parent(node)
        return isinstance(parent, cst.AssignTarget | cst.For | cst.CompFor) and parent.target is node

    # --- clients ------------------------------------------------------------------------------------------------------

    def _client(self, node: cst.BaseExpression) -> None:
        parent = self.know.parent(node)
        if isinstance(node, cst.Call) and not self._creation(node, parent):
            return
        if isinstance(parent, cst.Attribute) and parent.value is node:
            outer = self.know.parent(parent)
            if isinstance(outer, cst.Call) and outer.func is parent and self._method(node, parent.attr.value, outer):
                return
            self.edit(node, lambda updated: attribute(updated, "boto3_client"))
        elif not isinstance(node, cst.Call):
            self.note(node, "boto3's client goes there, as before")
            self.edit(node, lambda updated: attribute(updated, "boto3_client"))

    def _creation(self, node: cst.Call, parent: cst.CSTNode) -> bool:
        """Write a call that makes a client; False where it stays boto3's."""
        assign = self.know.parent(parent) if isinstance(parent, cst.Assign) else None
        if isinstance(parent, cst.Assign) and assign is not None:
            target = parent.targets[0].target
            if len(parent.targets) != 1 or self.know.of(target) != CLIENT:
                self.note(node, f"this client stays boto3's: `{dotted(target) or 'it'}` is assigned other values too")
                return False
            if isinstance(target, cst.Attribute) and not target.attr.value.startswith("_"):
                self.note(node, f"code outside this class that uses `{target.attr.value}` needs its `boto3_client` now")
        elif not (isinstance(parent, cst.Attribute) and parent.value is node):
            self.note(node, "this client stays boto3's: it is not assigned to a name that is used here")
            return False
        self.edit(node, lambda updated: self._typed_client(node, updated))
        return True

    def _typed_client(self, node: cst.Call, updated: cst.Call) -> cst.Call:
        options = _client_options(updated)
        if not all(_is_keyword(arg, _CLIENT_OPTIONS.keys()) for arg in options):
            return call(self.use("SageMaker"), [renamed(cst.Arg(updated), "client")])
        kept = [renamed(arg, _CLIENT_OPTIONS[arg.keyword.value]) for arg in options if arg.keyword]
        if "boto3.client" not in self.know.qualified(node.func) and isinstance(updated.func, cst.Attribute):
            kept.insert(0, renamed(cst.Arg(updated.func.value), "session"))
        return call(self.use("SageMaker"), kept)

    def _method(self, client: cst.BaseExpression, method: str, node: cst.Call) -> bool:
        """Write `client.method(...)`; False where it stays boto3's."""
        called = self.know.called(node)
        if called is not None:
            self.requests.operation(node, called)
            return True
        found = self.know.of(node)
        if isinstance(found, PaginatorMade | WaiterMade):
            return self._object(node, found)
        self._why_not(node, method)
        return False

    def _why_not(self, node: cst.Call, method: str) -> None:
        known = operation(method)
        if method in ("get_waiter", "get_paginator"):
            self.note(node, "this library has no counterpart of it; `.list()` pages by itself, `wait_until_...` waits")
        elif known is None:
            return  # what every client of boto3 has, such as `close` and `generate_presigned_url`
        elif known.response is None and not isinstance(self.know.parent(node), cst.Expr):
            self.note(node, f"`{known.path}` returns None, and the dict is used here")
        else:
            self.note(node, f"`{known.path}` takes keywords; write them out to make this call typed")

    # --- paginators and waiters ---------------------------------------------------------------------------------------

    def _object(self, node: cst.Call, found: PaginatorMade | WaiterMade) -> bool:
        """A paginator or a waiter itself: dropped if all that is done with it is written in another way."""
        parent = self.know.parent(node)
        if isinstance(parent, cst.Assign):
            target = parent.targets[0].target
            uses = self._uses(target)
            if uses and all(self._is_written(use, found) for use in uses):
                self._remove(self.know.parent(parent))
                if isinstance(found, WaiterMade):
                    for use in uses:
                        self._wait(use)
                return True
        elif self._is_written(node, found):
            if isinstance(found, WaiterMade):
                self._wait(node)
            return True
        what = "the paginator" if isinstance(found, PaginatorMade) else "the waiter"
        self.note(node, f"{what} is used in a way that has no counterpart, and stays boto3's")
        return False

    def _remove(self, statement: cst.CSTNode) -> None:
        """Drop a statement; its comments and empty lines go to the next one."""
        self.removed.add(statement)
        block = self.know.parent(statement)
        following = [*getattr(block, "body", ()), None]
        after = following[following.index(statement) + 1]
        if after is not None and isinstance(statement, cst.SimpleStatementLine):
            lines = statement.leading_lines
            self.edit(after, lambda updated: updated.with_changes(leading_lines=[*lines, *updated.leading_lines]))

    def _uses(self, target: cst.BaseExpression) -> list[cst.BaseExpression]:
        if not isinstance(target, cst.Name):
            return []
        assignments = self.know.assignments(target)
        return [access.node for assignment in assignments for access in assignment.references]

    def _is_written(self, owner: cst.BaseExpression, found: PaginatorMade | WaiterMade) -> bool:
        if isinstance(found, WaiterMade):
            return self.know.all_used(owner, self.know.waited)
        pages = self.know.method_call(owner, "paginate")
        return pages is not None and isinstance(self.know.of(pages), PagesLooped)

    def _wait(self, owner: cst.BaseExpression) -> None:
        node = self.know.method_call(owner, "wait")
        assert node is not None
        made = self.know.maker(owner)
        assert made is not None
        self.waits = True
        self.requests.wait(node, made)

    def _pages(self, node: cst.Call, found: PagesLooped) -> None:
        assert isinstance(node.func, cst.Attribute)
        made = self.know.maker(node.func.value)
        assert made is not None
        inner = self._inner_loop(node, found.operation)
        self.requests.listing(node, made, found.operation, by_page=inner is None)
        if inner is not None:
            loop = self.know.parent(node)
            self.edit(loop, _flattened)

    def _inner_loop(self, node: cst.Call, listing: KnownOperation) -> cst.CSTNode | None:
        """The loop over the items of each page, if the loop over the pages does nothing else."""
        loop: Any = self.know.parent(node)
        inner: Any = _only_loop(loop) if isinstance(loop, cst.For) else _only_clause(loop)
        if inner is None or not isinstance(loop.target, cst.Name):
            return None
        items = self._member_of(inner.iter)
        return inner if len(self._uses(loop.target)) == 1 and items and (items[1],) == listing.items else None

    def _member_of(self, node: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
        """For `page["Items"]` and `page.get("Items", [])`: the page and the field."""
        if isinstance(node, cst.Subscript):
            key = subscript(node)
            member = self.know.member(node.value, literal(key) if not isinstance(key, cst.Slice) else None)
            return (node.value, member.field) if member else None
        got = self.know.got(node) if isinstance(node, cst.Call) else None
        return (got[0], got[1].field) if got else None

    # --- values -------------------------------------------------------------------------------------------------------

    def _value(self, node: cst.BaseExpression, of: ValueType) -> None:
        if self._understood(node, of):
            self._read(node, of)
        else:
            if not of.is_safe:
                member = self._member_of(node)
                self.note(node, f"`{member[1] if member else dotted(node)}` may be None; the dict has no such key then")
            self._as_dict(node, of)

    def _read(self, node: cst.BaseExpression, of: ValueType) -> None:
        """Read a member as an attribute."""
        member = self._member_of(node)
        if member is None:
            return
        loops = of.kind == "list" and (self._is_looped(node) or self._is_stored(node))
        if isinstance(node, cst.Call):
            self._read_or_default(node)
        else:
            self.edit(node, lambda updated: attribute(updated.value, member[1], updated))
            if loops and of.optional:
                self.edit(node, lambda updated: or_empty(updated))

    def _read_or_default(self, node: cst.Call) -> None:
        got = self.know.got(node)
        assert got is not None
        _, member, default = got
        if default is None or not member.type.optional:
            self.edit(node, lambda updated: attribute(updated.func.value, member.field, updated))
            return

        def change(updated: cst.Call) -> cst.BaseExpression:
            read, other = attribute(updated.func.value, member.field), updated.args[1].value  # type: ignore[attr-defined]
            whole: cst.BaseExpression
            if _is_empty(other):
                whole = cst.BooleanOperation(read, cst.Or(), other)
            else:
                test = cst.Comparison(read, [cst.ComparisonTarget(cst.IsNot(), name("None"))])
                whole = cst.IfExp(test=test, body=read, orelse=other)
            return whole if self._is_iterated(node) else parenthesized(whole)

        self.edit(node, change)

    def _is_iterated(self, node: cst.CSTNode) -> bool:
        parent = self.know.parent(node)
        return isinstance(parent, cst.For | cst.CompFor) and parent.iter is node

    def _is_stored(self, node: cst.CSTNode) -> bool:
        """Whether a value gets a name that all uses know the type of."""
        parent = self.know.parent(node)
        return (
            isinstance(parent, cst.Assign)
            and len(parent.targets) == 1
            and self.know.type_of(parent.targets[0].target) is not None
        )

    def _is_looped(self, node: cst.CSTNode) -> bool:
        return self._is_iterated(node) or self._argument_of(node) in ("len", "sorted", "list")

    def _argument_of(self, node: cst.CSTNode) -> str | None:
        """The name of the function whose argument a node is."""
        arg = self.know.parent(node)
        outer = self.know.parent(arg) if isinstance(arg, cst.Arg) else None
        return outer.func.value if isinstance(outer, cst.Call) and isinstance(outer.func, cst.Name) else None

    def _understood(self, node: cst.BaseExpression, of: ValueType) -> bool:
        """Whether what is done with a value can be done with the typed one."""
        parent = self.know.parent(node)
        if isinstance(parent, cst.Subscript) and parent.value is node:
            return self.know.of(parent) is not None
        if isinstance(parent, cst.Attribute) and of.is_converted:
            outer = self.know.parent(parent)
            return isinstance(outer, cst.Call) and self.know.type_of(outer) is not None
        if self._is_iterated(node):
            return self._loops(parent, of)
        if isinstance(node, cst.Call) and isinstance(parent, cst.Expr):
            return True
        if self._is_tested(node) or self.requests.takes(node, of):
            return True
        return self._stored(node, of) if of.is_converted else self._plain(node, of)

    def _loops(self, loop: Any, of: ValueType) -> bool:
        """Whether a loop goes over a list whose items its variable can hold."""
        converted = of.item is not None and of.item.is_converted
        return of.kind == "list" and (not converted or self.know.type_of(loop.target) is not None)

    def _stored(self, node: cst.BaseExpression, of: ValueType) -> bool:
        """Whether the value gets a name, or its length is asked for."""
        parent = self.know.parent(node)
        if isinstance(parent, cst.Assign):
            return self._is_stored(node)
        if isinstance(parent, cst.ComparisonTarget) and isinstance(parent.operator, cst.In | cst.NotIn):
            return self._membership(node, parent)
        return of.kind == "list" and self._argument_of(node) == "len"

    def _plain(self, node: cst.BaseExpression, of: ValueType) -> bool:
        """Whether a text, a number or a time may be None where it is used, or cannot be."""
        if of.is_safe or (of.kind == "list" and self._is_stored(node)):
            return True
        parent = self.know.parent(node)
        if isinstance(parent, cst.FormattedStringExpression) or self._argument_of(node) in _SHOWN:
            return True
        if isinstance(parent, cst.ComparisonTarget):
            return isinstance(parent.operator, cst.Equal | cst.NotEqual)
        if isinstance(parent, cst.Comparison):
            return all(isinstance(each.operator, cst.Equal | cst.NotEqual) for each in parent.comparisons)
        return of.kind == "list" and self._argument_of(node) == "len"

    def _is_tested(self, node: cst.CSTNode) -> bool:
        """Whether only the truth of a value counts."""
        parent = self.know.parent(node)
        if isinstance(parent, cst.BooleanOperation):
            return self._is_tested(parent)
        if isinstance(parent, cst.UnaryOperation):
            return isinstance(parent.operator, cst.Not)
        return isinstance(parent, cst.If | cst.While | cst.IfExp | cst.Assert) and parent.test is node

    def _membership(self, node: cst.BaseExpression, target: cst.ComparisonTarget) -> bool:
        """Write `"Key" in response` as a look at the attribute."""
        whole = self.know.parent(target)
        if not (isinstance(whole, cst.Comparison) and len(whole.comparisons) == 1):
            return False
        member = self.know.member(node, literal(whole.left))
        if member is None:
            return False
        present: type[cst.BaseCompOp] = cst.IsNot if isinstance(target.operator, cst.In) else cst.Is

        def change(updated: cst.Comparison) -> cst.Comparison:
            read = attribute(updated.comparisons[0].comparator, member.field)
            return updated.with_changes(left=read, comparisons=[cst.ComparisonTarget(present(), name("None"))])

        if not self.edits.get(whole):
            self.edit(whole, change)
        return True

    # --- back to dicts ------------------------------------------------------------------------------------------------

    def _as_dict(self, node: cst.BaseExpression, of: ValueType) -> None:
        """Leave an expression as it is, over the dict that boto3 would have given."""
        base = self._member_of(node)
        if of.kind == "structure" and not of.optional:
            self._read(node, of)
            self.wraps[node] = self._to_boto3
        elif base is not None:
            self.wraps[base[0]] = self._to_boto3
        elif of.is_converted and of.kind == "list":
            self.wraps[node] = self._each_to_boto3
        elif of.is_converted:
            self.wraps[node] = self._to_boto3

    def _to_boto3(self, updated: cst.BaseExpression) -> cst.BaseExpression:
        return call(self.use("to_boto3"), [cst.Arg(updated)])

    def _each_to_boto3(self, updated: cst.BaseExpression) -> cst.BaseExpression:
        each = name("each")
        return cst.ListComp(call(self.use("to_boto3"), [cst.Arg(each)]), cst.CompFor(target=each, iter=updated))


_WAITER_ERROR = "botocore.exceptions.WaiterError"


class _Handlers(cst.CSTVisitor):
    """Lets handlers of boto3's `WaiterError` catch what typed waits raise."""

    def __init__(self, plan: RewritePlan) -> None:
        super().__init__()
        self.plan = plan

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        caught = [each.value for each in node.type.elements] if isinstance(node.type, cst.Tuple) else [node.type]
        if not any(each and _WAITER_ERROR in self.plan.know.qualified(each) for each in caught):
            return
        ours = self.plan.use("WaitError", "sagemaker_typed.errors")
        assert node.type is not None

        def change(updated: cst.BaseExpression) -> cst.Tuple:
            elements = list(updated.elements) if isinstance(updated, cst.Tuple) else [cst.Element(updated)]
            elements = [element.with_changes(comma=cst.MaybeSentinel.DEFAULT) for element in elements]
            return cst.Tuple([*elements, cst.Element(ours)], lpar=[cst.LeftParen()], rpar=[cst.RightParen()])

        self.plan.edit(node.type, change)
        self.plan.note(node, "typed waits raise WaitError, which is no WaiterError of boto3")


class _Breaks(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def visit_Break(self, node: cst.Break) -> None:
        self.found = True

    def visit_For(self, node: cst.For) -> bool:
        return False

    def visit_While(self, node: cst.While) -> bool:
        return False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False


def _is_keyword(arg: cst.Arg, names: Container[str]) -> bool:
    return arg.keyword is not None and arg.keyword.value in names


def _client_options(node: cst.Call) -> list[cst.Arg]:
    """What a client is made with, without the name of the service."""
    options = [arg for arg in node.args if not _is_keyword(arg, {"service_name"})]
    if len(options) == len(node.args):  # it is the first argument
        del options[0]
    if options and options[0].keyword is None and not options[0].star:
        options[0] = renamed(options[0], "region_name")
    return options


def _only_loop(loop: cst.For) -> cst.For | None:
    """The loop that is all that a loop does, where leaving it is leaving both."""
    body = loop.body.body
    inner = body[0] if len(body) == 1 else None
    plain = isinstance(inner, cst.For) and not (loop.orelse or inner.orelse or _has_break(inner))
    return inner if isinstance(inner, cst.For) and plain else None


def _only_clause(clause: cst.CompFor) -> cst.CompFor | None:
    return None if clause.ifs else clause.inner_for_in


def _has_break(loop: cst.For) -> bool:
    """Whether a loop can be left early."""
    finder = _Breaks()
    loop.body.visit(finder)
    return finder.found


def _flattened(loop: Any) -> Any:
    """One loop over the items for two, over the pages and the items of each."""
    if isinstance(loop, cst.For):
        inner: Any = loop.body.body[0]
        return loop.with_changes(target=inner.target, body=inner.body)
    inner = loop.inner_for_in
    return loop.with_changes(target=inner.target, ifs=inner.ifs, inner_for_in=inner.inner_for_in)


def _is_empty(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.List | cst.Tuple | cst.Dict):
        return not node.elements
    return literal(node) == ""

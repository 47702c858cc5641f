"""What the expressions of a module are: the client, paginators, waiters, and the values that come from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst
from libcst import helpers, metadata

from sagemaker_typed.cli._rewriting.facts import (
    METADATA,
    KnownOperation,
    KnownWait,
    ValueType,
    WireMember,
    members,
    operation,
    waiter,
)

__all__ = [
    "CLIENT",
    "SESSION",
    "ClientMade",
    "Inference",
    "PagesLooped",
    "PaginatorMade",
    "SessionMade",
    "WaiterMade",
    "arguments",
    "dotted",
    "entries",
    "literal",
    "subscript",
]

PROVIDERS = (metadata.ScopeProvider, metadata.ParentNodeProvider, metadata.QualifiedNameProvider)


@dataclass(frozen=True)
class ClientMade:
    """A client of SageMaker."""


@dataclass(frozen=True)
class SessionMade:
    """A session of boto3."""


@dataclass(frozen=True)
class PaginatorMade:
    operation: KnownOperation


@dataclass(frozen=True)
class WaiterMade:
    waits: KnownWait


@dataclass(frozen=True)
class PagesLooped:
    """What a paginator gives: an iterable of pages."""

    operation: KnownOperation


What = ClientMade | SessionMade | PaginatorMade | WaiterMade | PagesLooped | ValueType
CLIENT, SESSION = ClientMade(), SessionMade()
_SESSIONS = {"boto3.Session", "boto3.session.Session"}
_CLIENTS = {"boto3.client", "boto3.session.Session.client"}
_CHANGING = frozenset(
    {"append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update"}
)
"""The methods that change a dict or a list."""


def literal(node: cst.CSTNode | None) -> str | None:
    """The text of a plain string literal, else None."""
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def dotted(node: cst.BaseExpression) -> str | None:
    """`a.b.c` for names and attributes of names, else None."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return owner and f"{owner}.{node.attr.value}"
    return None


def arguments(call: cst.Call) -> dict[str, cst.BaseExpression] | None:
    """The arguments by keyword, or None where one is positional, unpacked or given twice."""
    found: dict[str, cst.BaseExpression] = {}
    for arg in call.args:
        if arg.star or arg.keyword is None or arg.keyword.value in found:
            return None
        found[arg.keyword.value] = arg.value
    return found


def subscript(node: cst.Subscript) -> cst.BaseExpression | cst.Slice | None:
    """What stands between the brackets: an index, or a slice."""
    if len(node.slice) != 1:
        return None
    inner = node.slice[0].slice
    return inner.value if isinstance(inner, cst.Index) else inner if isinstance(inner, cst.Slice) else None


@dataclass
class Inference:
    """What each expression is, decided once."""

    wrapper: metadata.MetadataWrapper
    _known: dict[cst.CSTNode, What | None] = field(default_factory=dict[cst.CSTNode, "What | None"])
    _referents: dict[cst.CSTNode, frozenset[Any]] = field(default_factory=dict[cst.CSTNode, frozenset[Any]])

    def __post_init__(self) -> None:
        resolved = self.wrapper.resolve_many(PROVIDERS)
        self._scopes, self._parents, self._names = (resolved[provider] for provider in PROVIDERS)
        self.scopes: set[Any] = {scope for scope in self._scopes.values() if scope is not None}
        for scope in self.scopes:
            for access in scope.accesses:
                # All assignments of the name, not those above alone: a loop may come back.
                self._referents[access.node] = frozenset(
                    each for known in access.referents for each in known.scope.assignments[known.name]
                )

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        parents: Any = self._parents
        return parents[node]  # type: ignore[no-any-return]

    def scope(self, node: cst.CSTNode) -> Any:
        return self._scopes.get(node)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, the nearest first."""
        parents: Any = self._parents
        while node in parents:
            node = parents[node]
            yield node

    def taken(self) -> dict[str, bool]:
        """The names of the module; whether each is this library's name already."""
        names: dict[str, bool] = {}
        for scope in self.scopes:
            for assignment in scope.assignments:
                node: Any = getattr(assignment, "node", None)
                module = (
                    helpers.get_full_name_for_node(node.module)
                    if isinstance(node, cst.ImportFrom) and node.module
                    else None
                )
                ours = module is not None and module.partition(".")[0] == "sagemaker_typed"
                names[assignment.name] = ours and names.get(assignment.name, True)
        return names

    def qualified(self, node: cst.CSTNode) -> set[str]:
        """The imported names that a node may be."""
        names: Any = self._names.get(node, ())
        names = names() if callable(names) else names  # computed when it is first needed
        return {name.name for name in names if name.source is metadata.QualifiedNameSource.IMPORT}

    def of(self, node: cst.CSTNode) -> What | None:
        """What an expression is, or None."""
        if node not in self._known:
            self._known[node] = None  # while it is asked for: what depends on itself is unknown
            self._known[node] = self._infer(node)
        return self._known[node]

    def type_of(self, node: cst.CSTNode) -> ValueType | None:
        """The type of a value that came from the client, or None."""
        found = self.of(node)
        return found if isinstance(found, ValueType) else None

    def _infer(self, node: cst.CSTNode) -> What | None:
        if isinstance(node, cst.Name):
            return self._of_name(node)
        if isinstance(node, cst.Attribute):
            return self._of_attribute(node)
        if isinstance(node, cst.Subscript):
            return self._of_subscript(node)
        if isinstance(node, cst.Call):
            return self._of_call(node)
        return None

    # --- names --------------------------------------------------------------------------------------------------------

    def _of_name(self, node: cst.Name) -> What | None:
        referents = self._referents.get(node)
        if not referents:
            return self.binding(self.assignments(node)) if self._is_target(node) else None
        return self.binding(referents)

    def assignments(self, node: cst.Name) -> frozenset[Any]:
        """All assignments of the name that a target binds."""
        scope = self.scope(node)
        return frozenset(scope.assignments[node.value]) if scope is not None else frozenset()

    def _is_target(self, node: cst.Name) -> bool:
        parent = self.parent(node)
        return isinstance(parent, cst.AssignTarget | cst.For | cst.CompFor) and parent.target is node

    def binding(self, assignments: frozenset[Any]) -> What | None:
        """What a name is, if all that it is assigned is the same, and nothing changes it."""
        found: What | None = None
        if self._is_changed(assignments):
            return None
        for assignment in assignments:
            value = self._assigned(getattr(assignment, "node", None))
            if value is None or (found is not None and not _same(found, value)):
                return None
            found = value
        return found

    def _is_changed(self, assignments: frozenset[Any], seen: frozenset[Any] = frozenset()) -> bool:
        """Whether somebody changes a dict or a list that has a name: typed values are copies of it."""
        if assignments <= seen:
            return False
        seen |= assignments
        accesses = [access.node for assignment in assignments for access in getattr(assignment, "references", ())]
        return any(self._changes(self._whole(node), seen) for node in accesses)

    def _whole(self, node: cst.CSTNode) -> cst.CSTNode:
        """`name["Key"][0]` for the name in it."""
        parent = self.parent(node)
        while isinstance(parent, cst.Subscript) and parent.value is node:
            node, parent = parent, self.parent(parent)
        return node

    def _changes(self, node: cst.CSTNode, seen: frozenset[Any]) -> bool:
        parent = self.parent(node)
        if isinstance(parent, cst.AssignTarget | cst.AnnAssign | cst.AugAssign) and parent.target is node:
            return True
        if isinstance(parent, cst.Del):
            return isinstance(node, cst.Subscript)
        if isinstance(parent, cst.Attribute) and parent.attr.value in _CHANGING:
            return isinstance(self.parent(parent), cst.Call)
        if isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, cst.Name):
            return self._is_changed(self.assignments(parent.targets[0].target), seen)
        if isinstance(parent, cst.For | cst.CompFor) and parent.iter is node and isinstance(parent.target, cst.Name):
            return self._is_changed(self.assignments(parent.target), seen)
        return False

    def _assigned(self, target: cst.CSTNode | None) -> What | None:
        if isinstance(target, cst.Param) and target.annotation is not None:
            return SESSION if self.qualified(target.annotation.annotation) & _SESSIONS else None
        if not isinstance(target, cst.Name):
            return None
        parent = self.parent(target)
        if isinstance(parent, cst.AssignTarget):
            assign = self.parent(parent)
            return self._storable(assign.value) if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
        if isinstance(parent, cst.For | cst.CompFor) and parent.target is target:
            return self.each(parent.iter)
        return None

    def values_of(self, node: cst.Name) -> list[cst.BaseExpression | None]:
        """What a name is assigned; None for what is no plain assignment."""
        values: list[cst.BaseExpression | None] = []
        for assignment in self._referents.get(node, frozenset[Any]()):
            target = getattr(assignment, "node", None)
            parent = self.parent(target) if isinstance(target, cst.Name) else None
            assign = self.parent(parent) if isinstance(parent, cst.AssignTarget) else None
            values.append(assign.value if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None)
        return values

    def _storable(self, node: cst.BaseExpression) -> What | None:
        found = self.of(node)
        if isinstance(found, PagesLooped):
            return None
        if isinstance(found, ValueType) and not found.is_safe:
            return replace(found, optional=False) if found.kind == "list" else None  # a list is written `or []`
        return found

    def each(self, node: cst.CSTNode) -> What | None:
        """What a loop over an expression gives each time."""
        found = self.of(node)
        if isinstance(found, PagesLooped):
            return found.operation.response
        return found.item if isinstance(found, ValueType) and found.kind == "list" else None

    def _of_attribute(self, node: cst.Attribute) -> What | None:
        if not (isinstance(node.value, cst.Name) and node.value.value == "self"):
            return None
        around = next((each for each in self.above(node) if isinstance(each, cst.ClassDef)), None)
        if around is None or self._is_used_elsewhere(node.attr.value):
            return None
        values = [self.of(value) if value is not None else None for value in self._stored(around, node.attr.value)]
        return CLIENT if values and all(value == CLIENT for value in values) else None

    def _is_used_elsewhere(self, name: str) -> bool:
        """Whether the module reads an attribute of that name from anything but `self`."""
        return any(
            isinstance(node, cst.Attribute)
            and node.attr.value == name
            and not (isinstance(node.value, cst.Name) and node.value.value == "self")
            and not (isinstance(parent, cst.Call) and parent.func is node)  # a method of that name
            for node, parent in self._parents.items()
        )

    def _stored(self, around: cst.ClassDef, name: str) -> Iterator[cst.BaseExpression | None]:
        """What a class assigns to an attribute of `self`; None where that is no plain assignment."""
        for node, parent in self._parents.items():
            if not (isinstance(node, cst.Attribute) and dotted(node) == f"self.{name}"):
                continue
            if next((each for each in self.above(node) if isinstance(each, cst.ClassDef)), None) is around:
                yield from self._put(node, parent)

    def _put(self, node: cst.Attribute, parent: Any) -> Iterator[cst.BaseExpression | None]:
        if isinstance(parent, cst.AssignTarget):
            assign = self.parent(parent)
            yield assign.value if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
        elif isinstance(parent, cst.AnnAssign | cst.AugAssign | cst.Del) and parent.target is node:
            yield None

    # --- members ------------------------------------------------------------------------------------------------------

    def member(self, base: cst.BaseExpression, key: str | None) -> WireMember | None:
        """The member of a value that a key means."""
        of = self.type_of(base)
        if of is None or key is None or not of.is_safe:
            return None
        if of.kind == "metadata":
            return METADATA.get(key)
        return members(of.cls).get(key) if of.kind == "structure" and of.cls else None

    def _of_subscript(self, node: cst.Subscript) -> What | None:
        key, base = subscript(node), self.type_of(node.value)
        if base is None or key is None or not base.is_safe:
            return None
        if isinstance(key, cst.Slice):
            return base if base.kind == "list" else None
        if base.kind in ("list", "map"):
            return base.item
        member = self.member(node.value, literal(key))
        return member.type if member else None

    def _of_get(self, node: cst.Call) -> What | None:
        found = self.got(node)
        if found is None:
            return None
        _, member, default = found
        return ValueType(member.type.kind, member.type.cls, member.type.item, optional=default is None, asked=True)

    def got(self, node: cst.Call) -> tuple[cst.BaseExpression, WireMember, cst.BaseExpression | None] | None:
        """For `x.get("Key", default)`: x, the member and the default; None for what cannot be written here."""
        function, args = node.func, node.args
        if not (isinstance(function, cst.Attribute) and function.attr.value == "get" and 1 <= len(args) <= 2):
            return None
        if any(arg.star or arg.keyword for arg in args):
            return None
        member = self.member(function.value, literal(args[0].value))
        default = _default(args)
        if member is None or (default is not None and not _fits(default, member.type)):
            return None
        return function.value, member, default

    # --- calls --------------------------------------------------------------------------------------------------------

    def _of_call(self, node: cst.Call) -> What | None:
        if self.makes_client(node):
            return CLIENT
        if self.qualified(node.func) & _SESSIONS:
            return SESSION
        if not isinstance(node.func, cst.Attribute):
            return None
        if node.func.attr.value == "get":
            return self._of_get(node)
        owner, name = self.of(node.func.value), node.func.attr.value
        if isinstance(owner, PaginatorMade) and name == "paginate":
            return PagesLooped(owner.operation) if self.all_used(node.func.value, self._looped) else None
        if not isinstance(owner, ClientMade):
            return None
        if name in ("get_paginator", "get_waiter"):
            return self._named(node, name)
        called = self.called(node)
        return called.response if called else None

    def makes_client(self, node: cst.Call) -> bool:
        """Whether a call makes boto3's client of SageMaker."""
        made = self.qualified(node.func) & _CLIENTS or (
            isinstance(node.func, cst.Attribute)
            and node.func.attr.value == "client"
            and isinstance(self.of(node.func.value), SessionMade)
        )
        service = next((arg.value for arg in node.args if arg.keyword and arg.keyword.value == "service_name"), None)
        if service is None and node.args and node.args[0].keyword is None and not node.args[0].star:
            service = node.args[0].value
        return bool(made) and literal(service) == "sagemaker"

    def _named(self, node: cst.Call, kind: str) -> What | None:
        given = node.args[0].value if len(node.args) == 1 and not node.args[0].star else None
        name = literal(given)
        if name is None:
            return None
        if kind == "get_waiter":
            waits = waiter(name)
            return WaiterMade(waits) if waits else None
        found = operation(name)
        return PaginatorMade(found) if found and found.pages and found.response else None

    def called(self, node: cst.Call) -> KnownOperation | None:
        """The operation that a call of the client's makes, if its arguments can be written here."""
        if not (isinstance(node.func, cst.Attribute) and isinstance(self.of(node.func.value), ClientMade)):
            return None
        found = operation(node.func.attr.value)
        given = arguments(node)
        if found is None or given is None or not given.keys() <= members(found.request).keys():
            return None
        # boto3 gives a dict where there is nothing to say, and this library None.
        unused = isinstance(self.parent(node), cst.Expr)
        return found if found.response is not None or unused else None

    def pages(self, node: cst.Call) -> Mapping[str, cst.BaseExpression] | None:
        """The arguments of `paginate`, those of `PaginationConfig` among them; None for what has no counterpart."""
        given = arguments(node)
        owner = self.of(node.func.value) if isinstance(node.func, cst.Attribute) else None
        if given is None or not isinstance(owner, PaginatorMade):
            return None
        config = given.pop("PaginationConfig", None)
        if config is not None:
            settings = entries(config)
            if settings is None or settings.keys() - {"PageSize"}:
                return None
            for size in settings.values():
                given["MaxResults"] = size
        return given if given.keys() <= members(owner.operation.request).keys() else None

    # --- paginators and waiters ---------------------------------------------------------------------------------------

    def all_used(self, owner: cst.BaseExpression, good: Callable[[cst.CSTNode], bool]) -> bool:
        """Whether all uses of a paginator or a waiter are good, so that the object itself is not needed."""
        if not isinstance(owner, cst.Name):
            return good(owner)
        referents = self._referents.get(owner, frozenset[Any]())
        if len(referents) != 1:
            return False
        (assignment,) = referents
        made = self.made_by(assignment)
        return made is not None and all(
            self.scope(access.node) is assignment.scope and good(access.node) for access in assignment.references
        )

    def made_by(self, assignment: Any) -> cst.Call | None:
        """The call that made a paginator or a waiter that has a name; None where its client has none."""
        parent = self.parent(assignment.node) if isinstance(assignment.node, cst.Name) else None
        assign = self.parent(parent) if isinstance(parent, cst.AssignTarget) else None
        made = assign.value if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
        if not (isinstance(made, cst.Call) and isinstance(made.func, cst.Attribute)):
            return None
        return made if isinstance(made.func.value, cst.Name | cst.Attribute) else None

    def maker(self, owner: cst.BaseExpression) -> cst.Call | None:
        """The call behind a paginator or a waiter, named or not."""
        if isinstance(owner, cst.Call):
            return owner
        referents = self._referents.get(owner, frozenset[Any]())
        return self.made_by(next(iter(referents))) if len(referents) == 1 else None

    def method_call(self, owner: cst.CSTNode, name: str) -> cst.Call | None:
        """The call `owner.name(...)` around an owner."""
        attribute = self.parent(owner)
        if not (isinstance(attribute, cst.Attribute) and attribute.value is owner and attribute.attr.value == name):
            return None
        call = self.parent(attribute)
        return call if isinstance(call, cst.Call) and call.func is attribute else None

    def _looped(self, owner: cst.CSTNode) -> bool:
        """Whether `owner.paginate(...)` is what a loop goes over, and its variable is nothing else."""
        call = self.method_call(owner, "paginate")
        if call is None or self.pages(call) is None:
            return False
        loop = self.parent(call)
        if not (isinstance(loop, cst.For | cst.CompFor) and loop.iter is call and isinstance(loop.target, cst.Name)):
            return False
        return all(self._is_of(assignment, self.of(owner)) for assignment in self.assignments(loop.target))

    def _is_of(self, assignment: Any, paginator: What | None) -> bool:
        """Whether an assignment is that of a loop over the pages of such a paginator."""
        loop = self.parent(assignment.node) if isinstance(assignment.node, cst.Name) else None
        pages = loop.iter if isinstance(loop, cst.For | cst.CompFor) else None
        if not (isinstance(pages, cst.Call) and isinstance(pages.func, cst.Attribute)):
            return False
        return pages.func.attr.value == "paginate" and self.of(pages.func.value) == paginator

    def waited(self, owner: cst.CSTNode) -> bool:
        """Whether `owner.wait(...)` is a statement of its own, whose arguments can be written here."""
        call = self.method_call(owner, "wait")
        return call is not None and isinstance(self.parent(call), cst.Expr) and self.waits(call) is not None

    def waits(
        self, node: cst.Call
    ) -> tuple[KnownWait, dict[str, cst.BaseExpression], dict[str, cst.BaseExpression]] | None:
        """The wait that `waiter.wait(...)` is: its facts, its arguments and its `WaiterConfig`."""
        given = arguments(node)
        owner = self.of(node.func.value) if isinstance(node.func, cst.Attribute) else None
        if given is None or not isinstance(owner, WaiterMade):
            return None
        config = given.pop("WaiterConfig", None)
        settings = entries(config) if config is not None else {}
        known = members(owner.waits.request)
        if settings is None or settings.keys() - {"Delay", "MaxAttempts"} or given.keys() - known.keys():
            return None
        return owner.waits, given, settings


def entries(node: cst.BaseExpression) -> dict[str, cst.BaseExpression] | None:
    """The entries of a dict whose keys are literals, else None."""
    if not isinstance(node, cst.Dict):
        return None
    found: dict[str, cst.BaseExpression] = {}
    for element in node.elements:
        key = literal(element.key) if isinstance(element, cst.DictElement) else None
        if key is None or key in found:
            return None
        found[key] = element.value
    return found


def _default(args: Sequence[cst.Arg]) -> cst.BaseExpression | None:
    """The default of `.get`, or None where it is None."""
    default = args[1].value if len(args) == 2 else None
    return None if isinstance(default, cst.Name) and default.value == "None" else default


def _fits(default: cst.BaseExpression, type_: ValueType) -> bool:
    """Whether a default of the dict is one of the typed value: no dict, and no list of dicts."""
    if type_.kind in ("structure", "metadata", "map"):
        return False
    return not type_.is_converted or (isinstance(default, cst.List | cst.Tuple) and not default.elements)


def _same(one: What, other: What) -> bool:
    return one.same(other if isinstance(other, ValueType) else None) if isinstance(one, ValueType) else one == other

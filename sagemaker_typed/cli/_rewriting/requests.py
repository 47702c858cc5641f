"""Writes calls: boto3's keywords and dicts as arguments and classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol, cast

import libcst as cst

from sagemaker_typed.cli._rewriting.facts import KnownOperation, ValueType, WireMember, members
from sagemaker_typed.cli._rewriting.inference import Inference, entries, literal
from sagemaker_typed.cli._rewriting.text import attribute, call, keyword, name, path, renamed

__all__ = ["Requests"]

TYPES = "sagemaker_typed.types"
_UTC = {"datetime.timezone.utc", "datetime.UTC"}


class _Plan(Protocol):
    """What a plan offers."""

    @property
    def know(self) -> Inference: ...
    def edit(self, node: cst.CSTNode, change: Callable[[Any], Any]) -> None: ...
    def use(self, name_: str, module: str = ...) -> cst.Name: ...
    def note(self, node: cst.CSTNode, text: str) -> None: ...


class Requests:
    """The calls of a module, and what they pass."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._passed: dict[cst.CSTNode, ValueType] = {}
        """Values that came from the client, where a value of that very type is expected."""

    def takes(self, node: cst.CSTNode, of: ValueType) -> bool:
        """Whether a value goes back into a request as it is."""
        wanted = self._passed.get(node)
        return wanted is not None and of.is_safe and wanted.same(of)

    # --- calls --------------------------------------------------------------------------------------------------------

    def operation(self, node: cst.Call, operation: KnownOperation) -> None:
        """Write `client.operation(Key=value)`."""
        known = members(operation.request)
        self._arguments(node.args, known)

        def change(updated: cst.Call) -> cst.Call:
            client: Any = updated.func
            args = [renamed(arg, known[arg.keyword.value].field) for arg in updated.args if arg.keyword]
            if operation.pages:
                request = call(self._plan.use(operation.request.__name__, TYPES), args)
                request = request.with_changes(whitespace_before_args=updated.whitespace_before_args)
                return updated.with_changes(
                    func=attribute(client.value, "send"),
                    args=[cst.Arg(request)],
                    whitespace_before_args=cst.SimpleWhitespace(""),
                )
            args = _positional(args, operation.positional)
            return updated.with_changes(func=path(client.value, operation.path), args=args)

        self._plan.edit(node, change)

    def listing(self, node: cst.Call, made: cst.Call, operation: KnownOperation, *, by_page: bool) -> None:
        """Write `paginator.paginate(Key=value)` as a list, or as its pages."""
        given = self._plan.know.pages(node) or {}
        known = members(operation.request)
        for key, value in given.items():
            self._expect(value, known[key].type, known[key].pairs)

        def change(updated: cst.Call) -> cst.Call:
            args: list[cst.Arg] = []
            for arg in updated.args:
                if arg.keyword and arg.keyword.value == "PaginationConfig":
                    sizes: Any = arg.value
                    args += [arg.with_changes(value=sizes.elements[0].value, keyword=name("max_results"))]
                elif arg.keyword:
                    args.append(renamed(arg, known[arg.keyword.value].field))
            args = _positional([_tight(arg) for arg in args], operation.positional)
            listed = updated.with_changes(func=path(_client(updated, made), operation.path), args=args)
            return cst.Call(attribute(listed, "by_page")) if by_page else listed

        self._plan.edit(node, change)

    def wait(self, node: cst.Call, made: cst.Call) -> None:
        """Write `waiter.wait(Key=value)`."""
        found = self._plan.know.waits(node)
        assert found is not None
        waits, _, settings = found
        known = members(waits.request)
        if waits.remark:
            self._plan.note(node, waits.remark)

        def change(updated: cst.Call) -> cst.Call:
            args = [
                renamed(arg, known[arg.keyword.value].field)
                for arg in updated.args
                if arg.keyword and arg.keyword.value != "WaiterConfig"
            ]
            if settings:
                delay = settings.get("Delay", cst.Integer(str(waits.delay)))
                attempts = settings.get("MaxAttempts", cst.Integer(str(waits.attempts)))
                args += [keyword("poll", delay), keyword("timeout", _product(delay, attempts))]
            args = _positional(args, waits.positional)
            return call(path(_client(updated, made), waits.path), args)

        self._plan.edit(node, change)

    # --- what is passed -----------------------------------------------------------------------------------------------

    def _arguments(self, args: Sequence[cst.Arg], known: Mapping[str, WireMember]) -> None:
        for arg in args:
            if arg.keyword:
                member = known[arg.keyword.value]
                self._expect(arg.value, member.type, member.pairs)

    def _expect(self, node: cst.BaseExpression, wanted: ValueType, pairs: tuple[str, ...] = ()) -> None:
        """Write a value in the form that a member takes."""
        if isinstance(node, cst.IfExp):
            self._expect(node.body, wanted, pairs)
            self._expect(node.orelse, wanted, pairs)
            return
        if isinstance(node, cst.Name) and node.value == "None":
            return
        self._passed[node] = wanted
        came = self._plan.know.type_of(node)
        if came is not None and self.takes(node, came):
            return
        write = {
            "structure": self._structure,
            "list": self._list,
            "map": self._map,
            "enum": self._enum,
            "moment": self._moment,
        }.get(wanted.kind)
        if write is not None:
            write(node, wanted, pairs)

    def _structure(self, node: cst.BaseExpression, wanted: ValueType, _: tuple[str, ...]) -> None:
        assert wanted.cls is not None
        known = members(wanted.cls)
        given = entries(node)
        if given is None or not given.keys() <= known.keys():
            self._from_boto3(node, wanted)
            return
        for key, value in given.items():
            self._expect(value, known[key].type, known[key].pairs)
        self._plan.edit(node, lambda updated: self._built(updated, wanted, known))

    def _built(self, updated: cst.Dict, wanted: ValueType, known: Mapping[str, WireMember]) -> cst.Call:
        args: list[cst.Arg] = []
        for element in updated.elements:
            assert isinstance(element, cst.DictElement)
            args.append(
                keyword(known[literal(element.key) or ""].field, element.value).with_changes(comma=element.comma)
            )
        made = call(self._plan.use(wanted.name, TYPES), args)
        if updated.lpar:  # one pair of parentheses would call it
            made = made.with_changes(lpar=updated.lpar, rpar=updated.rpar)
        return made.with_changes(whitespace_before_args=updated.lbrace.whitespace_after, args=_closing(args, updated))

    def _from_boto3(self, node: cst.BaseExpression, wanted: ValueType) -> None:
        cls = wanted.name
        self._plan.edit(
            node,
            lambda updated: call(
                self._plan.use("from_boto3"), [cst.Arg(self._plan.use(cls, TYPES), comma=_COMMA), cst.Arg(updated)]
            ),
        )

    def _list(self, node: cst.BaseExpression, wanted: ValueType, pairs: tuple[str, ...]) -> None:
        item = wanted.item
        assert item is not None
        if isinstance(node, cst.List | cst.Tuple) and not any(
            isinstance(each, cst.StarredElement) for each in node.elements
        ):
            if pairs and self._entries(node, item, pairs):
                return
            for element in node.elements:
                self._expect(element.value, item)
        elif isinstance(node, cst.ListComp):
            self._expect(node.elt, item)
        elif item.kind in ("structure", "enum"):
            self._each(node, item)

    def _each(self, node: cst.BaseExpression, item: ValueType) -> None:
        """`[from_boto3(Tag, each) for each in tags]`."""

        def change(updated: cst.BaseExpression) -> cst.ListComp:
            cls, each = self._plan.use(item.name, TYPES), name("each")
            made = call(cls, [cst.Arg(each)])
            if item.kind == "structure":
                made = call(self._plan.use("from_boto3"), [cst.Arg(cls, comma=_COMMA), cst.Arg(each)])
            return cst.ListComp(made, cst.CompFor(target=each, iter=updated))

        self._plan.edit(node, change)

    def _entries(self, node: cst.List | cst.Tuple, item: ValueType, pairs: tuple[str, ...]) -> bool:
        """Write `[{"Key": "team", "Value": "vision"}]` as a mapping; False where it is no plain list of that."""
        wires = {member.field: wire for wire, member in members(item.cls).items()}
        key, value = (wires[field] for field in pairs)
        dicts = [entries(element.value) or {} for element in node.elements]
        if not dicts or any(each.keys() != {key, value} for each in dicts):
            return False
        names = [literal(each[key]) for each in dicts]
        if None in names or len(set(names)) < len(names):
            return False
        self._plan.edit(node, lambda updated: _mapping(updated, key, value))
        return True

    def _map(self, node: cst.BaseExpression, wanted: ValueType, _: tuple[str, ...]) -> None:
        item = wanted.item
        assert item is not None
        if isinstance(node, cst.Dict) and all(isinstance(each, cst.DictElement) for each in node.elements):
            for element in node.elements:
                self._expect(element.value, item)
        elif item.kind == "structure":
            cls, pair = item.name, [name("key"), name("each")]

            def change(updated: cst.BaseExpression) -> cst.DictComp:
                made = call(
                    self._plan.use("from_boto3"), [cst.Arg(self._plan.use(cls, TYPES), comma=_COMMA), cst.Arg(pair[1])]
                )
                target = cst.Tuple([cst.Element(pair[0]), cst.Element(pair[1])], lpar=[], rpar=[])
                items = cst.Call(attribute(updated, "items"))
                return cst.DictComp(key=pair[0], value=made, for_in=cst.CompFor(target=target, iter=items))

            self._plan.edit(node, change)

    def _enum(self, node: cst.BaseExpression, wanted: ValueType, _: tuple[str, ...]) -> None:
        assert wanted.cls is not None
        text, known = literal(node), cast("type[StrEnum]", wanted.cls)
        if text is None or text not in {each.value for each in known}:
            cls = wanted.name
            self._plan.edit(node, lambda updated: call(self._plan.use(cls, TYPES), [cst.Arg(updated)]))

    def _moment(self, node: cst.BaseExpression, wanted: ValueType, _: tuple[str, ...]) -> None:
        if not self._is_aware(node):
            self._plan.note(node, "times need a time zone here; boto3 took those without one for UTC")

    def _is_aware(self, node: cst.BaseExpression) -> bool:
        if isinstance(node, cst.BinaryOperation):
            return self._is_aware(node.left)
        if isinstance(node, cst.Name):
            values = self._plan.know.values_of(node)
            return bool(values) and all(value is not None and self._is_aware(value) for value in values)
        if not isinstance(node, cst.Call):
            return False
        given = [arg.value for arg in node.args]
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "astimezone":
            return True
        return any(self._plan.know.qualified(value) & _UTC for value in given)


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _mapping(updated: cst.List | cst.Tuple, key: str, value: str) -> cst.Dict:
    """A mapping for a list of pairs, laid out as the list was."""
    made: list[cst.DictElement] = []
    for element in updated.elements:
        pair: Any = element.value
        by_name = {literal(each.key): each.value for each in pair.elements}
        made.append(cst.DictElement(by_name[key], by_name[value], comma=element.comma))
    left, right = cst.LeftCurlyBrace(), cst.RightCurlyBrace()
    if isinstance(updated, cst.List):
        left = cst.LeftCurlyBrace(updated.lbracket.whitespace_after)
        right = cst.RightCurlyBrace(updated.rbracket.whitespace_before)
    return cst.Dict(made, lbrace=left, rbrace=right)


def _client(updated: cst.Call, made: cst.Call) -> cst.BaseExpression:
    """The client behind `paginator.paginate()` or `waiter.wait()`, in a form of its own."""
    assert isinstance(updated.func, cst.Attribute)
    owner = updated.func.value
    if isinstance(owner, cst.Call) and isinstance(owner.func, cst.Attribute):
        return owner.func.value
    assert isinstance(made.func, cst.Attribute)
    return made.func.value.deep_clone()


def _tight(arg: cst.Arg) -> cst.Arg:
    return arg.with_changes(
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")) if arg.keyword else arg.equal
    )


def _positional(args: list[cst.Arg], fields: tuple[str, ...]) -> list[cst.Arg]:
    """The arguments, the identifier without its keyword where it comes first."""
    for number, (arg, field) in enumerate(zip(args, fields, strict=False)):
        if arg.keyword is None or arg.keyword.value != field:
            break
        args[number] = arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return args


def _closing(args: list[cst.Arg], updated: cst.Dict) -> list[cst.Arg]:
    """The arguments, with what stood before the closing brace after the last of them."""
    if not args or isinstance(updated.rbrace.whitespace_before, cst.SimpleWhitespace):
        return args[:-1] + [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in args[-1:]]
    last, space = args[-1], updated.rbrace.whitespace_before
    if isinstance(last.comma, cst.Comma):
        return [*args[:-1], last.with_changes(comma=last.comma.with_changes(whitespace_after=space))]
    return [*args[:-1], last.with_changes(whitespace_after_arg=space)]


def _product(one: cst.BaseExpression, other: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(one, cst.Integer) and isinstance(other, cst.Integer):
        return cst.Integer(str(one.evaluated_value * other.evaluated_value))
    operands = [each.deep_clone() for each in (one, other)]
    return cst.BinaryOperation(operands[0], cst.Multiply(), operands[1])

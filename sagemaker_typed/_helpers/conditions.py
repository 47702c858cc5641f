"""Search conditions written as Python expressions: compiled into search expressions, and read back."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, NoReturn, TypeVar, overload

import attrs

from sagemaker_typed._core.advice import advise
from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._helpers.properties import (
    HYPER_PARAMETERS,
    METRICS,
    SIGNS,
    TAGS,
    UNKNOWN,
    KnownProperties,
    of_kind,
    of_prefix,
)
from sagemaker_typed._helpers.values import Value, given, moment_of, refuse, rendered
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed.types import NestedFilters, ResourceType, ResourceTypeValue, SearchExpression, SearchSortOrder

__all__ = [
    "Condition",
    "Leaf",
    "Part",
    "Properties",
    "Property",
    "Sort",
    "Value",
    "compiled",
    "field",
    "hyper_parameter",
    "metric",
    "nested",
    "parse",
    "tag",
]

P = TypeVar("P", bound="Properties")

_MOST_CONDITIONS = 50
_MOST_IN_A_LIST = 20
_CONTAINS_AT_WILL = ("FeatureGroup", "FeatureMetadata")
"""The Feature Store's guide has examples for these with several Contains."""
_OPPOSITES = (
    ("Equals", "NotEquals"),
    ("GreaterThan", "LessThanOrEqualTo"),
    ("GreaterThanOrEqualTo", "LessThan"),
    ("Exists", "NotExists"),
)
_INVERSE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}
_PRINTED = {
    "EQUALS": "Equals",
    "NOT_EQUALS": "NotEquals",
    "GREATER_THAN": "GreaterThan",
    "GREATER_THAN_OR_EQUAL_TO": "GreaterThanOrEqualTo",
    "LESS_THAN": "LessThan",
    "LESS_THAN_OR_EQUAL_TO": "LessThanOrEqualTo",
    "CONTAINS": "Contains",
    "EXISTS": "Exists",
    "NOT_EXISTS": "NotExists",
    "IN": "In",
}
"""Operators as AWS's page prints them in its examples, with their names in the API."""
_MAKERS = {METRICS: "metric", HYPER_PARAMETERS: "hyper_parameter", TAGS: "tag"}


# --- fields -----------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Property:
    """A property of a resource. Comparisons with it are conditions."""

    name: str
    """The name on the wire: "TrainingJobName", "InputDataConfig.ChannelName", "Metrics.accuracy"."""

    def __eq__(self, value: Value) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return Comparison(self.name, "Equals", _given(self.name, value))

    def __ne__(self, value: Value) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return Comparison(self.name, "NotEquals", _given(self.name, value))

    def __gt__(self, value: float | Decimal | datetime) -> Condition:
        return Comparison(self.name, "GreaterThan", _given(self.name, value))

    def __ge__(self, value: float | Decimal | datetime) -> Condition:
        return Comparison(self.name, "GreaterThanOrEqualTo", _given(self.name, value))

    def __lt__(self, value: float | Decimal | datetime) -> Condition:
        return Comparison(self.name, "LessThan", _given(self.name, value))

    def __le__(self, value: float | Decimal | datetime) -> Condition:
        return Comparison(self.name, "LessThanOrEqualTo", _given(self.name, value))

    def contains(self, text: str) -> Condition:
        """Match where a word of the property is `text`. SageMaker allows one `contains` in a search."""
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            refuse(self.name, "type", f"contains takes a text, not {quoted(text)}")
        return Comparison(self.name, "Contains", _given(self.name, text))

    def is_in(self, *texts: str) -> Condition:
        """Match if the property is one of the texts, which must not contain commas."""
        for text in texts:
            if not isinstance(text, str) or "," in text:  # pyright: ignore[reportUnnecessaryIsInstance]
                refuse(self.name, "type", f"is_in takes texts without a comma, not {quoted(text)}")
        if not texts:
            refuse(self.name, "min", "is_in needs one text at least")
        return Comparison(self.name, "In", tuple(_given(self.name, text) for text in texts))

    def exists(self) -> Condition:
        """Match if the property has a value."""
        return Comparison(self.name, "Exists", None)

    def after(self, moment: datetime) -> Condition:
        """Match if the property is later than `moment`, which needs a time zone."""
        return self > moment_of(self.name, moment)

    def before(self, moment: datetime) -> Condition:
        """Match if the property is earlier than `moment`, which needs a time zone."""
        return self < moment_of(self.name, moment)

    def between(self, low: float | Decimal | datetime, high: float | Decimal | datetime) -> Condition:
        """Match from `low` to `high`, both included."""
        return (self >= low) & (self <= high)

    def ascending(self) -> Sort:
        """Sort by the property, smallest first."""
        return Sort(self.name, "Ascending")

    def descending(self) -> Sort:
        """Sort by the property, largest first."""
        return Sort(self.name, "Descending")

    def __str__(self) -> str:
        for prefix, maker in _MAKERS.items():
            if self.name.startswith(prefix) and self.name != prefix:
                return f"{maker}({self.name.removeprefix(prefix)!r})"
        return f"field({self.name!r})"

    __repr__ = __str__

    def __bool__(self) -> NoReturn:
        _no_truth(self)


class Properties:
    """The properties of a kind of resource, or of a structure within it, under their Python names.

    The generated classes name them: `TrainingJobFields.resource_config.instance_type`. `str` returns the wire name.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str = "") -> None:
        self._path = path

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path!r})"


def _below(obj: Properties | None, wire: str) -> str:
    path = "" if obj is None else str(obj)
    return f"{path}.{wire}" if path else wire


class Leaf:
    """One property of a generated class of `Properties`."""

    __slots__ = ("_wire",)

    def __init__(self, wire: str) -> None:
        self._wire = wire

    def __get__(self, obj: Properties | None, owner: type) -> Property:
        return Property(_below(obj, self._wire))


class Part(Generic[P]):
    """A structure, or a list of structures, of a generated class of `Properties`."""

    __slots__ = ("_cls", "_wire")

    def __init__(self, wire: str, cls: str) -> None:
        self._wire, self._cls = wire, cls

    def __get__(self, obj: Properties | None, owner: type) -> P:
        cls: type[P] = getattr(sys.modules[owner.__module__], self._cls)
        return cls(_below(obj, self._wire))


class Sort(NamedTuple):
    """The order of the hits of a search: pass `*sort` on as `sort_by` and `sort_order`."""

    by: str
    order: Literal["Ascending", "Descending"]

    @property
    def sort_order(self) -> SearchSortOrder:
        """The order as the request takes it."""
        from sagemaker_typed.types import SearchSortOrder

        return SearchSortOrder(self.order)

    def __str__(self) -> str:
        return f"{Property(self.by)}.{self.order.lower()}()"


def field(name: str) -> Property:
    """Name a property by its name on the wire, such as "TrainingJobName" or "ResourceConfig.InstanceType"."""
    if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
        refuse("field", "type", f"the name of a property is needed, not {quoted(name)}")
    return Property(name)


def metric(name: str) -> Property:
    """Name a metric of a training job, a trial component or a model package."""
    return field(METRICS + name)


def hyper_parameter(name: str) -> Property:
    """Name a hyperparameter of a training job."""
    return field(HYPER_PARAMETERS + name)


def tag(key: str) -> Property:
    """Name the tag with a key."""
    return field(TAGS + key)


def nested(prop: str | Property | Properties, *conditions: Condition) -> Condition:
    """Match if one element of a list meets all conditions.

    The conditions name members of the element: `nested("InputDataConfig", field("ChannelName") == "train")`, or the whole
    property: `nested(TrainingJobFields.input_data_config, TrainingJobFields.input_data_config.channel_name == "train")`.
    Raises `InvalidRequestError` for a condition that is more than a comparison.
    """
    prop = prop.name if isinstance(prop, Property) else str(prop)
    if not prop:
        refuse("nested", "type", "the name of a property is needed, which is a list")
    if not conditions:
        refuse(prop, "min", "nested needs one condition at least")
    parts: list[Comparison] = []
    for condition in conditions:
        for part in _parts_of(condition, And):
            if not isinstance(part, Comparison):
                refuse(prop, "type", f"nested takes comparisons joined by &, not {quoted(str(part))}")
            whole = part.name if part.name.startswith(f"{prop}.") else f"{prop}.{part.name}"
            parts.append(attrs.evolve(part, name=whole))
    return Nested(prop, tuple(parts))


# --- conditions -------------------------------------------------------------------------------------------------------


class Condition(ABC):
    """A condition for the hits of a search. Immutable."""

    def __and__(self, other: Condition) -> Condition:
        return _joined(And, self, other)

    def __or__(self, other: Condition) -> Condition:
        return _joined(Or, self, other)

    @abstractmethod
    def __invert__(self) -> Condition: ...

    def __bool__(self) -> NoReturn:
        _no_truth(self)

    def to_expression(self, resource: ResourceType | ResourceTypeValue | None = None) -> SearchExpression:
        """Return the `search_expression` of a request, with as few levels as possible.

        `resource` is the kind of resource to search for. With it, the names of properties and their values are checked. Raises
        `InvalidRequestError` for more than 50 conditions, a second `contains`, an operator that the property does not
        support, and an unknown property.
        """
        return compiled(self, resource, "strict")


def _joined(cls: type[And | Or], left: Condition, right: Condition) -> Condition:
    if not isinstance(right, Condition):  # pyright: ignore[reportUnnecessaryIsInstance]
        sign = "&" if cls is And else "|"
        raise TypeError(
            f"{quoted(right)} is no condition. Put comparisons in parentheses: (field(...) > 1) {sign} (field(...) == 2)"
        )
    return cls((*_parts_of(left, cls), *_parts_of(right, cls)))


def _parts_of(condition: Condition, cls: type[And | Or]) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, cls) else (condition,)


@attrs.frozen(repr=False)
class Comparison(Condition):
    """A property compared with a value."""

    name: str
    operator: str
    value: Value | tuple[Value, ...] | None = None

    def __invert__(self) -> Condition:
        if self.operator == "In":
            values = self.value if isinstance(self.value, tuple) else ()
            return _all([Comparison(self.name, "NotEquals", value) for value in values])
        inverse = _INVERSE.get(self.operator)
        if inverse is None:
            refuse(
                self.name,
                "operator",
                f"SageMaker cannot turn {self.operator} round: leave its hits out of the others",
            )
        return Comparison(self.name, inverse, self.value)

    def __str__(self) -> str:
        left = str(Property(self.name))
        match self.operator:
            case "Exists":
                return f"{left}.exists()"
            case "NotExists":
                return f"~{left}.exists()"
            case "Contains":
                return f"{left}.contains({self.value!r})"
            case "In":
                return f"{left}.is_in({', '.join(map(repr, self.value if isinstance(self.value, tuple) else ()))})"
            case _:
                return f"({left} {SIGNS.get(self.operator, self.operator)} {self.value!r})"

    __repr__ = __str__


@attrs.frozen(repr=False)
class Nested(Condition):
    """Comparisons that one element of a list must meet."""

    prop: str
    filters: tuple[Comparison, ...]

    def __invert__(self) -> Condition:
        refuse(self.prop, "operator", "SageMaker cannot turn nested round: leave its hits out of the others")

    def __str__(self) -> str:
        inner = [attrs.evolve(each, name=self._within(each.name)) for each in self.filters]
        return f"nested({self.prop!r}, {', '.join(_bare(str(each)) for each in inner)})"

    def _within(self, name: str) -> str:
        """The name as `nested` takes it: a member that is called as the list itself is named in full."""
        prefix = f"{self.prop}."
        short = name.removeprefix(prefix)
        return name if short.startswith(prefix) else short

    __repr__ = __str__


@attrs.frozen(repr=False)
class And(Condition):
    """Conditions that must all hold."""

    parts: tuple[Condition, ...]

    def __invert__(self) -> Condition:
        return reduce(lambda left, right: left | right, [~part for part in self.parts])

    def __str__(self) -> str:
        return " & ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)

    __repr__ = __str__


@attrs.frozen(repr=False)
class Or(Condition):
    """Conditions of which one must hold."""

    parts: tuple[Condition, ...]

    def __invert__(self) -> Condition:
        return _all([~part for part in self.parts])

    def __str__(self) -> str:
        return " | ".join(f"({part})" if isinstance(part, And) else str(part) for part in self.parts)

    __repr__ = __str__


def _all(conditions: Iterable[Condition]) -> Condition:
    return reduce(lambda left, right: left & right, conditions)


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(") else text


def _given(name: str, value: Any) -> Any:
    if isinstance(value, (Condition, Property)):
        raise TypeError(
            f"{Property(name)} is compared with the condition {quoted(str(value))}: "
            "put each comparison in parentheses, as Python binds & and | tighter"
        )
    return given(name, value)


def _no_truth(thing: Condition | Property) -> NoReturn:
    raise TypeError(
        f"{thing} is neither true nor false before the search: join conditions with & and | instead of `and` and `or`, "
        "and turn them round with ~ instead of `not`"
    )


# --- to a search expression -------------------------------------------------------------------------------------------


def compiled(condition: Condition, resource: str | None, level: Validation) -> SearchExpression:
    """Return the search expression of a condition on a kind of resource.

    An unknown property is an error on "strict", and a warning on "standard": the service may have added it since. "off"
    checks nothing.
    """
    if level != "off":
        problems = [*_of_limits(condition, resource), *_of_properties(condition, resource)]
        hard = [problem for problem in problems if level == "strict" or problem.rule != UNKNOWN]
        if hard:
            raise InvalidRequestError(hard, "Search")
        for problem in problems:
            advise(f"Search: {problem}")
    made = _expression(condition)
    count = _count(made)
    if count > _MOST_CONDITIONS and level != "off":
        refuse(
            "search_expression", "max", f"has {count} filters and subexpressions; SageMaker takes {_MOST_CONDITIONS}"
        )
    return made


def _of_properties(condition: Condition, resource: str | None) -> Iterator[Problem]:
    kinds = None if resource is None else KnownProperties(str(resource))
    for leaf in _leaves(condition):
        yield from of_kind(leaf, of_prefix(leaf.name)) if kinds is None else kinds.problems(leaf)


def _leaves(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Nested():
            yield from condition.filters
        case And() | Or():
            for part in condition.parts:
                yield from _leaves(part)
        case _:
            raise TypeError(f"{quoted(condition)} is no condition")


def _of_limits(condition: Condition, resource: str | None) -> Iterator[Problem]:
    leaves = list(_leaves(condition))
    if len(leaves) > _MOST_CONDITIONS:
        yield Problem("search_expression", "max", f"has {len(leaves)} conditions; SageMaker takes {_MOST_CONDITIONS}")
    containing = [leaf.name for leaf in leaves if leaf.operator == "Contains"]
    if len(containing) > 1 and resource not in _CONTAINS_AT_WILL:
        names = ", ".join(dict.fromkeys(containing))
        yield Problem(
            "search_expression", "count", f"uses contains {len(containing)} times ({names}); SageMaker takes one"
        )


def _expression(condition: Condition) -> SearchExpression:
    cls = type(condition) if isinstance(condition, (And, Or)) else And
    parts = _parts_of(condition, cls)
    operator = "Or" if cls is Or else "And" if len(parts) > 1 else None
    filters = [_filter(part) for part in parts if isinstance(part, Comparison)]
    nested_filters = [_nested_filters(part) for part in parts if isinstance(part, Nested)]
    deeper = [_expression(part) for part in parts if not isinstance(part, (Comparison, Nested))]
    # A list holds twenty. The rest goes into subexpressions with the same operator.
    deeper += [_made(operator, filters=chunk) for chunk in _chunks(filters[_MOST_IN_A_LIST:])]
    deeper += [_made(operator, nested_filters=chunk) for chunk in _chunks(nested_filters[_MOST_IN_A_LIST:])]
    deeper = _at_most_twenty(operator, deeper)
    first = slice(_MOST_IN_A_LIST)
    return _made(operator, filters=filters[first], nested_filters=nested_filters[first], sub_expressions=deeper)


def _at_most_twenty(operator: str | None, expressions: list[SearchExpression]) -> list[SearchExpression]:
    while len(expressions) > _MOST_IN_A_LIST:
        grouped = _made(operator, sub_expressions=expressions[:_MOST_IN_A_LIST])
        expressions = [grouped, *expressions[_MOST_IN_A_LIST:]]
    return expressions


def _made(operator: str | None, **lists: Sequence[Any]) -> SearchExpression:
    from sagemaker_typed.types import BooleanOperator, SearchExpression

    members: dict[str, Any] = {name: list(items) for name, items in lists.items() if items}
    return SearchExpression(operator=None if operator is None else BooleanOperator(operator), **members)


def _nested_filters(part: Nested) -> NestedFilters:
    from sagemaker_typed.types import NestedFilters

    return NestedFilters(nested_property_name=part.prop, filters=[_filter(each) for each in part.filters])


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _MOST_IN_A_LIST] for start in range(0, len(items), _MOST_IN_A_LIST))


def _filter(comparison: Comparison) -> Any:
    from sagemaker_typed.types import Filter, Operator

    return Filter(name=comparison.name, operator=Operator(comparison.operator), value=rendered(comparison.value))


def _count(expression: SearchExpression) -> int:
    """Count the filters, nested filters and subexpressions at all levels. The service takes fifty."""
    deeper = expression.sub_expressions or []
    return (
        len(expression.filters or [])
        + sum(len(each.filters) for each in expression.nested_filters or [])
        + len(deeper)
        + sum(map(_count, deeper))
    )


# --- back from a search expression ------------------------------------------------------------------------------------


@overload
def parse(expression: SearchExpression) -> Condition: ...
@overload
def parse(expression: Mapping[str, Any]) -> Condition: ...
def parse(expression: SearchExpression | Mapping[str, Any]) -> Condition:
    """Read the condition of a search expression, typed or in boto3's form.

    Values stay texts, as the expression has them. Raises `InvalidRequestError` for what is no expression, for one without
    any condition, and for a filter without a name.
    """
    from sagemaker_typed._core.convert.converter import from_boto3
    from sagemaker_typed.types import SearchExpression

    typed: Any = from_boto3(SearchExpression, expression) if is_mapping(expression) else expression
    if not isinstance(typed, SearchExpression):
        refuse("search_expression", "type", f"a SearchExpression or its mapping is needed, not {quoted(typed)}")
    return _read(typed)


def _read(expression: Any) -> Condition:
    parts: list[Condition] = [_read_filter(each) for each in expression.filters or ()]
    parts += [
        Nested(each.nested_property_name, tuple(map(_read_filter, each.filters)))
        for each in expression.nested_filters or ()
    ]
    parts += [_read(each) for each in expression.sub_expressions or ()]
    if not parts:
        refuse("search_expression", "min", "has no condition")
    join: Callable[[Condition, Condition], Condition] = _either if expression.operator == "Or" else _both
    return reduce(join, parts)


def _both(left: Condition, right: Condition) -> Condition:
    return left & right


def _either(left: Condition, right: Condition) -> Condition:
    return left | right


def _read_filter(each: Any) -> Comparison:
    # Without an operator, a filter with a value means equality; without a value, it means that the property exists.
    operator = str(each.operator or ("Exists" if each.value is None else "Equals"))
    operator = _PRINTED.get(operator, operator)
    if not each.name:
        refuse("search_expression", "required", f"has a filter without a name: {quoted(each)}")
    if operator == "In" and not each.value:
        refuse(each.name, "min", "In needs one text at least")
    value = tuple(each.value.split(",")) if operator == "In" and each.value is not None else each.value
    return Comparison(each.name, operator, value)


late(Condition, Sort, parse)

"""The engine of `Search`: conditions, order and pages over the documents of one resource. No HTTP, no moto."""

from __future__ import annotations

import enum
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables, Shape
from sagemaker_typed.testing._tokens import make_token, query_of, read_token
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["record_member", "search_page"]

_DEFAULT_PAGE = 10
_MOST_PARTS = 50
_SORTED_TEXT = 256
"""Characters of a text that count for the order: a token holds them, and a token has a greatest length."""

_DEFAULT_ORDER = ("LastModifiedTime", "CreationTime", "Model.CreationTime")
"""The first that the record has; the later ones are for ModelPackageGroup and Model, which lack the documented one."""

_RECORD_MEMBERS: Mapping[str, str | None] = {
    "ExperimentTrial": "Trial",
    "ExperimentTrialComponent": "TrialComponent",
    "Image": None,
    "ImageVersion": None,
}

_ENTRIES = {
    "Tag": ("Key", "Value"),
    "FeatureParameter": ("Key", "Value"),
    "MetricData": ("MetricName", "Value"),
    "TrialComponentMetricSummary": ("MetricName", "Last"),
}
"""Elements that a name in a path picks from their list: the member that holds the name, and the one that is meant."""

_ALIASES = {("TrainingJob", "metrics"): "FinalMetricDataList"}
_ALL_TEXTS = {("FeatureGroup", "alltags"): "Tags", ("FeatureMetadata", "allparameters"): "Parameters"}
"""Names that the Feature Store's guide gives to "a key or a value"."""

_CONTAINS_AT_WILL: Mapping[str, frozenset[str]] = {
    "Experiment": frozenset({"displayname", "experimentname", "tags"}),
    "Trial": frozenset({"displayname", "trialname", "tags"}),
    "TrialComponent": frozenset({"displayname", "trialcomponentname", "tags", "inputartifacts", "outputartifacts"}),
}
_CONTAINS_ALWAYS_AT_WILL = frozenset({"FeatureGroup", "FeatureMetadata"})
"""The guide's own examples for these two use Contains several times over."""

_Condition = Callable[[Any], bool]
_Step = Callable[[Any], Iterable[Any]]
_SortValue = tuple[bool, Any]


class _Kind(enum.Enum):
    """The type of a property's values, which decides how they compare."""

    TEXT = "a text"
    NUMBER = "a number"
    TIME = "a timestamp"
    BOOLEAN = "a Boolean"
    HYPERPARAMETER = "a hyperparameter"
    WHOLE = "a structure, list or map"


_KINDS = {
    "string": _Kind.TEXT,
    "timestamp": _Kind.TIME,
    "boolean": _Kind.BOOLEAN,
    **dict.fromkeys(("integer", "long", "float", "double"), _Kind.NUMBER),
}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


@dataclass(frozen=True, slots=True)
class _Property:
    """One path to a property in a document."""

    kind: _Kind
    steps: tuple[_Step, ...] = ()

    def after(self, step: _Step) -> _Property:
        return _Property(self.kind, (step, *self.steps))

    def values(self, document: Any) -> list[Any]:
        """Yield all values of the property in the document."""
        found = [document]
        for step in self.steps:
            found = [inner for outer in found for inner in step(outer)]
        return [value for value in map(_READERS[self.kind], found) if value is not None]


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    sort_value: _SortValue | None
    document: Mapping[str, Any]


def record_member(resource: str) -> str | None:
    """Return the member of SearchRecord for a type of resource. Without one (None), nothing can be shown."""
    return _RECORD_MEMBERS.get(resource, resource)


def search_page(
    model: ServiceTables, parameters: Mapping[str, Any], documents: Iterable[tuple[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    """Return one page of the matching documents. The token holds the position after the last document."""
    asked = {name: value for name, value in parameters.items() if value is not None}
    member = record_member(asked["Resource"])
    expression = asked.get("SearchExpression", {})
    _check_expression(expression, member)
    records = cast("Mapping[str, Any]", model.shape("SearchRecord")["members"])
    if member is None or member not in records:
        return _answer([], 0)
    shape = records[member]["shape"]
    chosen = _expression(model, shape, expression)
    visible = _visibility(asked.get("VisibilityConditions", ()))
    order = _order(model, shape, asked.get("SortBy"))
    descending = asked.get("SortOrder", "Descending") == "Descending"
    if asked.get("CrossAccountFilterOption") == "CrossAccount":
        documents = ()  # There is no other account that could share resources.
    rows = [
        _Row(key, _sort_value(order, document, descending), document)
        for key, document in documents
        if chosen(document) and visible(document)
    ]
    total = len(rows)
    query = query_of(asked)
    rows = _from_token(rows, asked.get("NextToken"), query, descending)
    page = rows[: asked.get("MaxResults", _DEFAULT_PAGE)]
    answer = _answer([{member: model.project(shape, row.document)} for row in page], total)
    if len(page) < len(rows):
        answer["NextToken"] = make_token(query, [page[-1].sort_value, page[-1].key])
    return answer


def _from_token(rows: list[_Row], token: str | None, query: Mapping[str, Any], descending: bool) -> list[_Row]:
    """Return the sorted rows after the position that the token holds."""
    if token is None:
        return _sorted(rows, descending)
    value, key = read_token(token, query)
    # This row sorts right after the last row of the previous page.
    place = _Row(key, None if value is None else (value[0], value[1]), {})
    rows = _sorted([*rows, place], descending)
    return rows[next(index for index, row in enumerate(rows) if row is place) + 1 :]


def _answer(results: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"Results": results, "TotalHits": {"Value": total, "Relation": "EqualTo"}}


# Conditions


def _check_expression(expression: Mapping[str, Any], member: str | None) -> None:
    """Check the limits that the service model lacks. The first one also bounds the recursion below."""
    parts = contains = 0
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        nested = current.get("NestedFilters") or ()
        inner = current.get("SubExpressions") or ()
        filters = [*(current.get("Filters") or ()), *(item for group in nested for item in group["Filters"])]
        parts += len(filters) + len(nested) + len(inner)
        contains += sum(_is_limited(item, member) for item in filters)
        if parts > _MOST_PARTS:
            raise _invalid(
                f"A SearchExpression can have at most {_MOST_PARTS} Filters, NestedFilters and SubExpressions in all"
            )
        waiting.extend(inner)
    if contains > 1:
        raise _invalid("'CONTAINS' operator usage limit of 1 exceeded.")


def _is_limited(item: Mapping[str, Any], member: str | None) -> bool:
    if item.get("Operator") != "Contains" or member is None or member in _CONTAINS_ALWAYS_AT_WILL:
        return False
    return item["Name"].partition(".")[0].lower() not in _CONTAINS_AT_WILL.get(member, ())


def _expression(model: ServiceTables, shape: str, expression: Mapping[str, Any]) -> _Condition:
    tests = [
        *(_filter(model, shape, item, item["Name"]) for item in expression.get("Filters") or ()),
        *(_nested(model, shape, group) for group in expression.get("NestedFilters") or ()),
        *(_expression(model, shape, inner) for inner in expression.get("SubExpressions") or ()),
    ]
    # An expression without any condition matches everything, whatever its operator.
    combine = any if expression.get("Operator") == "Or" and tests else all
    return lambda document: combine(test(document) for test in tests)


def _nested(model: ServiceTables, shape: str, group: Mapping[str, Any]) -> _Condition:
    """Whether one element of the list passes all filters. A filter names the full path or the path in the element."""
    name = cast("str", group["NestedPropertyName"])
    elements, element_shape = _elements(model, shape, name)
    tests: list[_Condition] = []
    for item in group["Filters"]:
        path = cast("str", item["Name"])
        if path.lower().startswith(f"{name.lower()}."):
            path = path[len(name) + 1 :]
        tests.append(_filter(model, element_shape, item, path))
    return lambda document: any(all(test(element) for test in tests) for element in elements.values(document))


def _filter(model: ServiceTables, shape: str, item: Mapping[str, Any], path: str) -> _Condition:
    name, wanted = item["Name"], item.get("Value")
    properties = _properties(model, shape, path, name)
    # A bare name tests for existence, according to an earlier edition of the API reference.
    how = item.get("Operator") or ("Exists" if wanted is None else "Equals")
    if how in {"Exists", "NotExists"}:
        return lambda document: any(one.values(document) for one in properties) is (how == "Exists")
    if wanted is None:
        raise _invalid(f"A filter with the operator {how} needs a Value: {name}")
    # NotEquals is the exact opposite of Equals: an absent property passes, a list passes if no element is equal.
    opposite = how == "NotEquals"
    tests = [(one, _comparison(one.kind, "Equals" if opposite else how, wanted)) for one in properties]
    if all(test is None for _, test in tests):
        kinds = " or ".join(dict.fromkeys(one.kind.value for one in properties))
        raise _invalid(f"The operator {how} with the value '{wanted}' does not fit {name}, which is {kinds}")
    return lambda document: _passes(tests, document) is not opposite


def _passes(tests: list[tuple[_Property, _Condition | None]], document: Any) -> bool:
    """Whether a value of the first property that the document has meets its test."""
    for one, test in tests:
        values = one.values(document)
        if values:
            return test is not None and any(test(value) for value in values)
    return False


def _comparison(kind: _Kind, how: str, wanted: str) -> _Condition | None:
    """Return the test of one value. None if the operator or the wanted value does not suit the kind."""
    if how == "Contains":
        # A case-sensitive substring. In a structure, list or map: of any text in it.
        if kind is _Kind.WHOLE:
            return lambda value: any(wanted in text for text in _texts(value))
        return (lambda value: wanted in value) if kind in {_Kind.TEXT, _Kind.HYPERPARAMETER} else None
    if how == "In":
        choices = frozenset(wanted.split(","))
        return choices.__contains__ if kind in {_Kind.TEXT, _Kind.HYPERPARAMETER} else None
    compare = _COMPARISONS[how]
    if kind is _Kind.HYPERPARAMETER:
        return _hyperparameter_comparison(compare, wanted)
    target: Any = None
    if kind is _Kind.NUMBER:
        target = _number(wanted)
    elif kind is _Kind.TIME:
        target = _moment(wanted)
    elif compare is operator.eq:
        target = {_Kind.TEXT: wanted, _Kind.BOOLEAN: {"true": True, "false": False}.get(wanted)}.get(kind)
    return None if target is None else lambda value: compare(value, target)


def _hyperparameter_comparison(compare: Callable[[Any, Any], bool], wanted: str) -> _Condition | None:
    """Compare numeric texts as numbers, truncated if the wanted value is an integer."""
    target = _number(wanted)
    if target is None:
        return (lambda value: value == wanted) if compare is operator.eq else None

    def passes(text: str) -> bool:
        number = _number(text)
        if isinstance(target, int) and isinstance(number, float) and math.isfinite(number):
            number = math.trunc(number)
        return number is not None and compare(number, target)

    return passes


def _visibility(conditions: Sequence[Mapping[str, Any]]) -> _Condition:
    """Return a test that a document fails if a tag named by a condition has a value that no condition lists."""
    allowed: dict[str, set[str]] = {}
    for condition in conditions:
        key, value = condition.get("Key") or "", condition.get("Value")
        if not key.startswith("Tags.") or value is None:
            raise _invalid("A visibility condition needs a Key of the form Tags.<key>, and a Value")
        allowed.setdefault(key.removeprefix("Tags."), set()).add(value)
    tags = [
        (values, _Property(_Kind.TEXT, (_member("Tags"), _entries("Key", key), _member("Value"))))
        for key, values in allowed.items()
    ]
    return lambda document: all(values.issuperset(tag.values(document)) for values, tag in tags)


# Property names


def _properties(model: ServiceTables, shape: str, path: str, name: str) -> list[_Property]:
    """Return the possible meanings of the path, best first. The first that a document has counts."""
    first, dot, rest = path.partition(".")
    whole = _ALL_TEXTS.get((shape, path.lower()))
    if whole is not None:
        return [_Property(_Kind.TEXT, (_member(whole), _each, _texts))]
    found = list(_lookups(model, shape, _ALIASES.get((shape, first.lower()), first) + dot + rest))
    if not found:
        raise _unknown(name)
    return found


def _lookups(model: ServiceTables, name: str, path: str | None) -> Iterator[_Property]:
    """Yield every way to follow a path from a value of the named shape. None is the end of the path."""
    shape = model.shape(name)
    if shape["type"] == "list":
        yield from _in_list(model, shape["member"]["shape"], path)
    elif path is None:
        yield from _at_the_end(model, name, shape)
    elif shape["type"] == "structure":
        yield from _in_structure(model, shape, path)
    elif name == "HyperParameters" and path:
        yield _Property(_Kind.HYPERPARAMETER, (_member(path),))
    elif shape["type"] == "map":
        yield from _in_map(model, shape["value"]["shape"], path)


def _in_list(model: ServiceTables, element: str, path: str | None) -> Iterator[_Property]:
    if path and element in _ENTRIES:
        key_member, value_member = _ENTRIES[element]
        for key, rest in _splits(path):
            # After a trial component's metric, the path may name another statistic.
            if rest is None or element == "TrialComponentMetricSummary":
                for inner in _lookups(model, element, rest or value_member):
                    yield inner.after(_entries(key_member, key))
    for inner in _lookups(model, element, path):
        yield inner.after(_each)


def _at_the_end(model: ServiceTables, name: str, shape: Shape) -> Iterator[_Property]:
    if name == "TrialComponentParameterValue":
        for member in shape["members"]:
            yield from _lookups(model, name, member)
    else:
        yield _Property(_KINDS.get(shape["type"], _Kind.WHOLE))


def _in_structure(model: ServiceTables, shape: Shape, path: str) -> Iterator[_Property]:
    first, dot, rest = path.partition(".")
    member = _member_called(shape, first)
    if member is not None:
        for inner in _lookups(model, shape["members"][member]["shape"], rest if dot else None):
            yield inner.after(_member(member))


def _in_map(model: ServiceTables, value_shape: str, path: str) -> Iterator[_Property]:
    for key, rest in _splits(path):
        for inner in _lookups(model, value_shape, rest):
            yield inner.after(_member(key))


def _elements(model: ServiceTables, shape_name: str, name: str) -> tuple[_Property, str]:
    """Return the objects in the list that a nested filter names, and their shape."""
    steps: list[_Step] = []
    shape = model.shape(shape_name)
    for part in name.split("."):
        member = _member_called(shape, part)
        if member is None:
            raise _unknown(name)
        steps.append(_member(member))
        shape_name = shape["members"][member]["shape"]
        shape = model.shape(shape_name)
        while shape["type"] == "list":
            steps.append(_each)
            shape_name = shape["member"]["shape"]
            shape = model.shape(shape_name)
    if _each not in steps or shape["type"] != "structure":
        raise _invalid(f"NestedPropertyName must name a list of objects: {name}")
    return _Property(_Kind.WHOLE, tuple(steps)), shape_name


def _member_called(shape: Shape, name: str) -> str | None:
    """Find a member regardless of case: the service itself suggests names such as `hyperparameters.lr`."""
    members = cast("Mapping[str, Any]", shape.get("members", {}))
    return next((member for member in members if member.lower() == name.lower()), None)


def _splits(path: str) -> Iterator[tuple[str, str | None]]:
    """Yield each split into a key, which may have dots, and the remaining path. The longest key comes first."""
    if path:
        yield path, None
    for index in range(len(path) - 2, 0, -1):
        if path[index] == ".":
            yield path[:index], path[index + 1 :]


# Reading


def _member(name: str) -> _Step:
    def step(value: Any) -> Iterable[Any]:
        found = cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None
        return () if found is None or found == {} or found == [] else (found,)

    return step


def _each(value: Any) -> Iterable[Any]:
    return cast("list[object]", value) if isinstance(value, list) else ()


def _entries(key_member: str, key: str) -> _Step:
    is_key = _member(key_member)
    return lambda value: [element for element in _each(value) if key in is_key(element)]


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value at any depth, except names of members and keys of maps."""
    if isinstance(value, str):
        yield value
    else:
        inner = cast("Mapping[str, object]", value).values() if isinstance(value, Mapping) else _each(value)
        for item in inner:
            yield from _texts(item)


_INTEGER = re.compile(r"[+-]?\d{1,300}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        if _INTEGER.fullmatch(value):
            return int(value)
        return float(value) if _DECIMAL.fullmatch(value) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Any) -> int | float | None:
    """Parse epoch seconds or ISO 8601. The default time zone is UTC."""
    number = _number(value)
    if number is None and isinstance(value, str):
        try:
            return to_epoch(value)
        except (ValueError, OverflowError):
            return None
    return number


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


_READERS: Mapping[_Kind, Callable[[Any], Any]] = {
    _Kind.TEXT: _text,
    _Kind.NUMBER: _number,
    _Kind.TIME: _moment,
    _Kind.BOOLEAN: lambda value: value if isinstance(value, bool) else None,
    _Kind.HYPERPARAMETER: _text,
    _Kind.WHOLE: lambda value: value,
}


# Order and pages


def _order(model: ServiceTables, shape: str, sort_by: str | None) -> list[_Property]:
    if sort_by is None:
        return next(
            (found for name in _DEFAULT_ORDER if (found := list(_lookups(model, shape, name)))), list[_Property]()
        )
    properties = _properties(model, shape, sort_by, sort_by)
    if all(one.kind is _Kind.WHOLE for one in properties):
        raise _invalid(f"Results cannot be sorted by {sort_by}, which is {_Kind.WHOLE.value}")
    return properties


def _sort_value(order: Sequence[_Property], document: Mapping[str, Any], descending: bool) -> _SortValue | None:
    """Return the sort key, of several values the first. Numbers precede texts: a hyperparameter may be either."""
    for one in order:
        values = one.values(document)
        if one.kind is _Kind.HYPERPARAMETER:
            values = [text if (number := _number(text)) is None else number for text in values]
        ranked: list[_SortValue] = [
            (True, value[:_SORTED_TEXT]) if isinstance(value, str) else (False, value)
            for value in values
            if value == value  # NaN cannot be ordered.
        ]
        if ranked:
            return max(ranked) if descending else min(ranked)
    return None


def _sorted(rows: list[_Row], descending: bool) -> list[_Row]:
    """Sort the rows. Rows without a value come last in either order, and equal values are ordered by key."""
    rows = sorted(rows, key=lambda row: row.key)
    present = [row for row in rows if row.sort_value is not None]
    absent = [row for row in rows if row.sort_value is None]
    return [*sorted(present, key=lambda row: row.sort_value or (), reverse=descending), *absent]


def _invalid(message: str) -> AnsweredError:
    return AnsweredError("ValidationException", message)


def _unknown(name: str) -> AnsweredError:
    return _invalid(f"Unknown property name: {name}")

"""Rules between the fields of a structure, which AWS documents but its service model cannot express.

The generated classes hold the rules; this module implements each kind of rule, for any service. A value of a wrong type
violates no rule: the type check reports it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

from sagemaker_typed._core.between import Between
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.moments import moment
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed.errors import Problem
from sagemaker_typed.structure import Structure

__all__ = ["ADVICE", "KINDS", "predicate"]

Report = Callable[[Problem], None]
Predicate = Callable[[Any, str, Report], None]

_QUOTES = "json_quotes"
ADVICE = frozenset({_QUOTES})
"""Rules that only warn even on `strict`: AWS's own pages have examples that violate them."""

_TEXT = 64  # longer than any number


def predicate(rule: Between) -> Predicate:
    """Return the function that checks a rule. It takes the structure, its path and a function that collects problems."""
    return KINDS[rule.kind](rule)


# --- which fields are given -------------------------------------------------------------------------------------------


def _exactly_one(rule: Between) -> Predicate:
    get = _values(rule.fields)

    def check(value: Any, path: str, report: Report) -> None:
        found = get(value)
        if len(found) == 2 and (found[0] is None) is not (found[1] is None):
            return  # the common case
        given = _given(rule.fields, found)
        if not given:
            if value.unknown_members:
                return  # one of them may be a newer alternative
            first, *others = _paths(path, rule.fields)
            text = f"neither {first} nor {' nor '.join(others)} is given"
            report(_problem(rule, first, text, "give exactly one of them"))
        elif len(given) > 1:
            _too_many(rule, path, given, report)

    return check


def _at_most_one(rule: Between) -> Predicate:
    get = _values(rule.fields)

    def check(value: Any, path: str, report: Report) -> None:
        given = _given(rule.fields, get(value))
        if len(given) > 1:
            _too_many(rule, path, given, report)

    return check


def _too_many(rule: Between, path: str, given: list[str], report: Report) -> None:
    first, *others = _paths(path, given)
    report(_problem(rule, first, f"given together with {' and '.join(others)}", "give only one of them"))


def _requires(rule: Between) -> Predicate:
    first, *needed = rule.fields
    get, get_others = _value(first), [(field, _value(field)) for field in needed]

    def check(value: Any, path: str, report: Report) -> None:
        found = get(value)
        if found is None or not _holds_for(rule, found):
            return
        for field, get_other in get_others:
            other = get_other(value)
            if not _is_allowed(rule, other):
                wanted = f" to be {_any_of(rule.allowed)}" if rule.allowed else ""
                now = f"is {quoted(other)}" if other is False or isinstance(other, str) else "is not given"
                text = f"{_said(rule, found)}needs {_path(path, field)}{wanted}, which {now}"
                report(_problem(rule, _path(path, first), text))

    return check


def _is_allowed(rule: Between, value: Any) -> bool:
    if not rule.allowed:
        return _is_given(value)
    # A value newer than this version may be allowed by now; the type check reports a wrong type.
    return (
        value in rule.allowed
        if value is None or isinstance(value, bool)
        else getattr(value, "is_known", None) is not True or value in rule.allowed
    )


def _excludes(rule: Between) -> Predicate:
    first, *excluded = rule.fields
    get, get_others = _value(first), _values(tuple(excluded))

    def check(value: Any, path: str, report: Report) -> None:
        found = get(value)
        if found is None or not _holds_for(rule, found):
            return
        given = _given(excluded, get_others(value))
        if given:
            text = f"{_said(rule, found)}cannot be combined with {' and '.join(_paths(path, given))}"
            report(_problem(rule, _path(path, first), text, "leave one of them out"))

    return check


# --- how values compare -----------------------------------------------------------------------------------------------


def _order(rule: Between) -> Predicate:
    return _in_order(rule, _number, "more")


def _time_order(rule: Between) -> Predicate:
    return _in_order(rule, _moment, "later")


def _in_order(rule: Between, read: Callable[[Any], Any], word: str) -> Predicate:
    get = _values(rule.fields)

    def check(value: Any, path: str, report: Report) -> None:
        low, high = get(value)
        if low is None or high is None:
            return
        less, more = read(low), read(high)
        if less is not None and more is not None and less > more:
            first, second = _paths(path, rule.fields)
            text = f"{_written(low)} is {word} than {second}, which is {_written(high)}"
            report(_problem(rule, first, text, "swap the two, or leave one out"))

    return check


def _number(value: Any) -> Any:
    """Return the value as a number to compare, or None if it is not a number. The bounds of a range are texts."""
    if isinstance(value, str):
        try:
            value = float(value) if len(value) <= _TEXT else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return None if _is_nan(value) else value


def _is_nan(value: float | Decimal) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else value != value


def _moment(value: Any) -> datetime | None:
    found = moment(value)
    return found if isinstance(found, datetime) else None


def _written(value: Any) -> str:
    return shortened(str(value)) if isinstance(value, (datetime, str)) else quoted(value)


def _product(rule: Between) -> Predicate:
    get = _values(rule.fields)

    def check(value: Any, path: str, report: Report) -> None:
        one, other = get(value)
        if _is_whole(one) and _is_whole(other) and one * other > rule.limit:
            first, second = _paths(path, rule.fields)
            text = f"{quoted(one)} times {second}, which is {quoted(other)}, is more than {rule.limit}"
            report(_problem(rule, first, text, "lower one of them"))

    return check


def _most(rule: Between) -> Predicate:
    (field,) = rule.fields
    get = _value(field)

    def check(value: Any, path: str, report: Report) -> None:
        number = get(value)
        if _is_whole(number) and number > rule.limit:
            report(_problem(rule, _path(path, field), f"{quoted(number)} is more than {rule.limit}"))

    return check


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# --- what lists and texts hold ----------------------------------------------------------------------------------------


def _unique(rule: Between) -> Predicate:
    """The items of the first field must have different values in the second; each repeated value is reported once."""
    list_field, item_field = rule.fields
    get = _value(list_field)

    def check(value: Any, path: str, report: Report) -> None:
        items = get(value)
        if items is None or not is_list(items) or len(items) < 2:
            return
        at: dict[str, int] = {}
        told: set[str] = set()
        for index, item in enumerate(items):
            name = getattr(item, item_field, None)
            if not isinstance(name, str):
                continue
            first = at.setdefault(str(name), index)
            if first != index and name not in told:
                told.add(name)
                here, there = (f"{_path(path, list_field)}[{place}].{item_field}" for place in (index, first))
                report(_problem(rule, here, f"{quoted(name)} is also in {there}", "give each its own"))

    return check


def _count(rule: Between) -> Predicate:
    """The lists of the first field may have at most `limit` leaf items in all, counted through the nested lists."""
    root, *lists = rule.fields
    get = _value(root)

    def check(value: Any, path: str, report: Report) -> None:
        total = sum(1 for _ in _leaves(get(value), lists))
        if total > rule.limit:
            text = f"{total} items in all in {', '.join(lists)}, at any depth, and at most {rule.limit} are allowed"
            report(_problem(rule, _path(path, root), text))

    return check


def _leaves(root: Any, lists: list[str]) -> Iterator[Any]:
    # An explicit stack instead of recursion: the type check reports structures that are nested too deeply.
    waiting = [root] if isinstance(root, Structure) else []
    while waiting:
        value = waiting.pop()
        inner = [field for field in lists if hasattr(value, field)]
        if not inner:
            yield value
        for items in filter(is_list, (getattr(value, field) for field in inner)):
            waiting += [item for item in items if isinstance(item, Structure)]


def _suffix(rule: Between) -> Predicate:
    (field,) = rule.fields
    get, ends = _value(field), tuple(map(str, rule.allowed))

    def check(value: Any, path: str, report: Report) -> None:
        text = get(value)
        if isinstance(text, str) and not text.lower().endswith(ends):
            end = str(text) if len(text) <= 60 else f"...{text[-57:]}"
            report(_problem(rule, _path(path, field), f"{end!r} does not end in {_any_of(rule.allowed)}"))

    return check


def _json(rule: Between) -> Predicate:
    (field,) = rule.fields
    get = _value(field)

    def check(value: Any, path: str, report: Report) -> None:
        text = get(value)
        if not isinstance(text, str):
            return
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            at = _path(path, field)
            problem = _problem(rule, at, f"{quoted(text)} is not JSON: {shortened(str(error), 120)}")
            report(problem._replace(rule=_QUOTES) if _has_other_quotes(text) else problem)

    return check


def _has_other_quotes(text: str) -> bool:
    """Whether a text would be JSON with other quotes: it has single quotes, or quotes escaped for a shell."""
    try:
        json.loads(text.replace('\\"', '"'))
    except (ValueError, RecursionError):
        try:
            return isinstance(ast.literal_eval(text), (dict, list))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return False
    return True


# --- words ------------------------------------------------------------------------------------------------------------


def _problem(rule: Between, path: str, text: str, otherwise: str = "") -> Problem:
    do = rule.do or otherwise
    return Problem(path, rule.kind, f"{text}: {do}" if do else text)


def _path(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _paths(path: str, fields: Sequence[str]) -> list[str]:
    return [_path(path, field) for field in fields]


def _any_of(values: tuple[str | bool, ...]) -> str:
    return " or ".join(map(repr, values))


def _said(rule: Between, value: Any) -> str:
    """The value of the first field for messages, if the rule holds only for some values."""
    return f"{quoted(value)} " if rule.when else ""


# --- values -----------------------------------------------------------------------------------------------------------


def _value(field: str) -> Callable[[Any], Any]:
    """Return a getter of one field, which returns None if a structure above the field is None."""
    names = field.split(".")
    if len(names) == 1:
        return attrgetter(field)
    return partial(_below, names)


def _values(fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a getter of several fields."""
    if len(fields) == 1 or any("." in field for field in fields):
        each = [_value(field) for field in fields]
        return lambda value: tuple(get(value) for get in each)
    return attrgetter(*fields)


def _below(names: Sequence[str], value: Any) -> Any:
    for name in names:
        value = getattr(value, name, None)
    return value


def _given(fields: Sequence[str], values: Sequence[Any]) -> list[str]:
    return [fields[at] for at, value in enumerate(values) if _is_given(value)]


def _is_given(value: Any) -> bool:
    """Whether a field counts as given: None, False and empty lists or maps do not."""
    if isinstance(value, (str, Structure)):
        return True
    if value is None or value is False:
        return False
    return bool(value) if is_list(value) or is_mapping(value) else True


def _holds_for(rule: Between, value: Any) -> bool:
    if rule.when:
        return isinstance(value, (str, bool)) and value in rule.when
    return _is_given(value)


KINDS: Mapping[str, Callable[[Between], Predicate]] = {
    "at_most_one": _at_most_one,
    "count": _count,
    "exactly_one": _exactly_one,
    "excludes": _excludes,
    "json": _json,
    "most": _most,
    "order": _order,
    "product": _product,
    "requires": _requires,
    "suffix": _suffix,
    "time_order": _time_order,
    "unique": _unique,
}

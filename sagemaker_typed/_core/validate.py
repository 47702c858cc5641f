"""The three validation levels: how a request is checked before anything is sent.

`standard` refuses requests that cannot be right (a missing required member, a wrong type, a violated minimum). It only warns
if the service may have become less strict (an unknown enum value, a maximum, a pattern, a rule between fields). `strict`
refuses both. `off` checks nothing.

The time of a check is linear in the size of the request, and a problem quotes only a short part of a value.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any, Literal, cast

from sagemaker_typed._core.advice import advise
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.annotations import origin
from sagemaker_typed._core.convert.members import member_types
from sagemaker_typed._core.convert.moments import moment
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._core.rules import ADVICE, KINDS, predicate
from sagemaker_typed._core.streams import Blob, Payload
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import InvalidRequestError, Problem
from sagemaker_typed.structure import Member, Request, Rule, is_union, members_of, operation_of, rules_of

__all__ = ["Validation", "check"]

Validation = Literal["standard", "strict", "off"]

Report = Callable[[Problem], None]
Check = Callable[[Any, str, Report], None]

# The service may have changed these rules: a warning on `standard`, an error on `strict`.
_ADVISORY = frozenset({"enum", "finite", "max", "pattern", *KINDS, *ADVICE})
_NO_RULE = Rule()
_KEY = 2000  # maximum length of a map's key in a path


def check(request: Request[Any], level: Validation) -> None:
    """Raise `InvalidRequestError` with every problem of the request; warn of the advisory ones on `standard`."""
    if level == "off":
        return
    problems: list[Problem] = []
    cls: Any = type(request)
    try:
        _structure(cls)(request, "", problems.append)
    except RecursionError:
        problems = [Problem("", "type", "structures are nested too deeply to be checked, or contain themselves")]
    if not problems:
        return
    operation = operation_of(type(request)).name
    advisory = ADVICE if level == "strict" else _ADVISORY
    hard = [problem for problem in problems if problem.rule not in advisory]
    if hard:
        raise InvalidRequestError(hard, operation)
    for problem in problems:
        advise(f"{operation}: {problem}")


@cache
def _structure(cls: Any) -> Check:
    # Made on first use, because shapes may be recursive; assigned at once, so that other threads see all of it or none.
    plan: tuple[tuple[Member, Check], ...] | None = None
    more = _of_whole(cls)
    name: str = cls.__name__

    def run(value: Any, path: str, report: Report) -> None:
        nonlocal plan
        if not isinstance(value, cls):
            hint = f"; from_boto3({name}, ...) makes one from a boto3 dict" if is_mapping(value) else ""
            report(_type_problem(path, name, value, hint))
            return
        if plan is None:
            plan = tuple((member, _of_member(member, type_)) for member, type_ in member_types(cls))
        for member, test in plan:
            item = getattr(value, member.field)
            if item is not None:
                test(item, f"{path}.{member.field}" if path else member.field, report)
            elif member.required:
                at = f"{path}.{member.field}" if path else member.field
                report(Problem(at, "required", f"required by {name}, but not given"))
        for test in more:
            test(value, path, report)

    return run


def _of_whole(cls: Any) -> tuple[Check, ...]:
    """Return the checks of several members of a structure together."""
    rules = tuple(predicate(rule) for rule in rules_of(cls))
    return (_union(cls), *rules) if is_union(cls) else rules


def _union(cls: Any) -> Check:
    fields = [member.field for member in members_of(cls)]

    def run(value: Any, path: str, report: Report) -> None:
        count = sum(getattr(value, field) is not None for field in fields)
        if count + len(value.unknown_members) != 1:
            text = f"{cls.__name__} is a union: exactly one member must be set, not {count}"
            report(Problem(path, "union", text))

    return run


def _of_member(member: Member, type_: Any) -> Check:
    rule = Rule(member.min, member.max, member.pattern, member.sensitive, member.items, member.keys)
    test = _of_type(type_, rule)
    return _json_text(test) if member.json else test


def _of_type(type_: Any, rule: Rule) -> Check:
    kind, args = origin(type_), typing.get_args(type_)
    if kind is list:
        return _list(_of_type(args[0], rule.items or _NO_RULE), rule)
    if kind is dict:
        return _map(_of_type(args[0], rule.keys or _NO_RULE), _of_type(args[1], rule.items or _NO_RULE), rule)
    if type_ in _SCALARS:
        return _SCALARS[type_](rule)
    if issubclass(type_, OpenEnum):
        return _enum(type_)
    return _structure(type_)


# --- scalars ----------------------------------------------------------------------------------------------------------


# Patterns of the model with nested repetitions: Python's engine tries every way to split a text that does not match,
# which takes exponential time. The replacements match the same texts without the ambiguity.
_SAME_LANGUAGE: Mapping[str, str] = {
    r"https://([.\-_a-zA-Z0-9]+/?){3,1016}": r"https://(?:[.\-_a-zA-Z0-9]/?){3,}",
    r"[a-z0-9]([-a-z0-9]*[a-z0-9]){0,39}?": r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?",
}


def _text(rule: Rule) -> Check:
    pattern = re.compile(_SAME_LANGUAGE.get(rule.pattern, rule.pattern)) if rule.pattern is not None else None

    def shown(value: str) -> str:
        return "a sensitive text" if rule.sensitive else quoted(value)

    def run(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, str):
            report(_type_problem(path, "str", value, _json_hint(value, rule, pattern)))
            return
        size = len(value)
        _bounds(size, rule, path, report, lambda: f"{shown(value)} has {size} characters")
        # Some patterns take polynomial time. The maximum length keeps them fast.
        if pattern is not None and (rule.max is None or size <= rule.max) and pattern.fullmatch(value) is None:
            report(Problem(path, "pattern", f"{shown(value)} does not match {rule.pattern}"))

    return run


def _integer(rule: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report(_type_problem(path, "int", value))
        else:
            _bounds(value, rule, path, report, lambda: quoted(value))

    return run


def _float(rule: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, (float, int, Decimal)) or isinstance(value, bool):
            report(_type_problem(path, "float", value))
            return
        if not _is_nan(value):
            _bounds(cast("float", value), rule, path, report, lambda: quoted(value))
        if not _is_finite(value):
            report(Problem(path, "finite", f"{quoted(value)}, but AWS documents only finite numbers"))

    return run


def _is_nan(value: float | Decimal) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else value != value


def _is_finite(value: float | Decimal) -> bool:
    try:
        return isfinite(value)
    except (OverflowError, ValueError):  # an integer too large for a float; a signaling NaN
        return False


def _bool(_: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, bool):
            report(_type_problem(path, "bool", value))

    return run


def _datetime(_: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if value.__class__ is datetime and value.tzinfo is not None:
            return
        found = moment(value, path)
        if isinstance(found, Problem):
            report(found)

    return run


def _bytes(rule: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if isinstance(value, (bytes, bytearray, str)):
            size = len(value.encode()) if isinstance(value, str) else len(value)
            _bounds(size, rule, path, report, lambda: f"{size} bytes")
        elif not hasattr(value, "read"):
            report(_type_problem(path, "bytes", value, _bytes_hint(value)))

    return run


def _bytes_hint(value: Any) -> str:
    return "; json.dumps(...) makes a JSON text from it" if is_mapping(value) or is_list(value) else ""


def _document(value: Any, path: str, report: Report) -> None:
    """Check a value that must be representable in JSON."""
    if is_list(value):
        for index, item in enumerate(value):
            _document(item, f"{path}[{index}]", report)
    elif is_mapping(value):
        for name, item in value.items():
            if not isinstance(name, str):
                report(_type_problem(f"{path} (key {quoted(name)})", "str", name))
            _document(item, f"{path}[{shortened(repr(name), _KEY)}]", report)
    elif value is not None and not isinstance(value, (str, int, float)):
        report(_type_problem(path, "JSON value", value))


_SCALARS: Mapping[Any, Callable[[Rule], Check]] = {
    str: _text,
    int: _integer,
    float: _float,
    bool: _bool,
    datetime: _datetime,
    Any: lambda _: _document,
    Blob: _bytes,
    Payload: _bytes,
}


def _enum(cls: type[OpenEnum]) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, str):
            report(_type_problem(path, cls.__name__, value))
        elif not (value if isinstance(value, cls) else cls(value)).is_known:
            known = [member.value for member in cls]
            near = nearest(str(value), known)
            hint = f"; did you mean {near!r}?" if near else "."
            allowed = ", ".join(known[:40]) + (f", ... ({len(known)} values)" if len(known) > 40 else "")
            report(Problem(path, "enum", f"{quoted(value)} is not a known {cls.__name__}{hint} Known: {allowed}"))

    return run


def _json_text(test: Check) -> Check:
    # Only a text: botocore converts other JSON values in headers, but refuses them in a body.
    def run(value: Any, path: str, report: Report) -> None:
        test(value, path, report)
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError as error:
                report(Problem(path, "pattern", f"not valid JSON: {error}"))

    return run


def _json_hint(value: Any, rule: Rule, pattern: re.Pattern[str] | None) -> str:
    """Return a hint if the JSON text of a value would be valid here."""
    if not (is_mapping(value) or is_list(value)):
        return ""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return ""
    if (rule.max is not None and len(text) > rule.max) or (pattern is not None and pattern.fullmatch(text) is None):
        return ""
    example = "" if rule.sensitive else f", which gives {quoted(text)}"
    return f"; for a JSON text, use json.dumps(...){example}"


# --- containers -------------------------------------------------------------------------------------------------------


def _list(item: Check, rule: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not is_list(value):
            report(_type_problem(path, "list", value))
            return
        _bounds(len(value), rule, path, report, lambda: f"{len(value)} items")
        for index, element in enumerate(value):
            item(element, f"{path}[{index}]", report)

    return run


def _map(key: Check, item: Check, rule: Rule) -> Check:
    def run(value: Any, path: str, report: Report) -> None:
        if not is_mapping(value):
            report(_type_problem(path, "dict", value))
            return
        _bounds(len(value), rule, path, report, lambda: f"{len(value)} entries")
        for name, element in value.items():
            shown = repr(shortened(str(name), _KEY)) if isinstance(name, str) else quoted(name)
            key(name, f"{path} (key {shown})", report)
            item(element, f"{path}[{shown}]", report)

    return run


# --- words ------------------------------------------------------------------------------------------------------------


def _bounds(size: float, rule: Rule, path: str, report: Report, found: Callable[[], str]) -> None:
    if rule.min is not None and size < rule.min:
        report(Problem(path, "min", f"{found()}, but the minimum is {rule.min:.15g}"))
    if rule.max is not None and size > rule.max:
        report(Problem(path, "max", f"{found()}, but the maximum is {rule.max:.15g}"))


def _type_problem(path: str, wanted: str, value: Any, hint: str = "") -> Problem:
    article = "an" if wanted[0] in "aeioAEIO" else "a"
    return Problem(path, "type", f"{article} {wanted} is expected, not {type(value).__name__}{hint}")

"""The properties that a search can compare, for each kind of resource, and the values each takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeAlias

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import Problem

__all__ = [
    "HYPER_PARAMETERS",
    "METRICS",
    "ORDERED",
    "SIGNS",
    "TAGS",
    "UNKNOWN",
    "Compared",
    "Kind",
    "KnownProperties",
    "of_kind",
    "of_prefix",
]

Kind: TypeAlias = Literal["text", "number", "timestamp", "boolean"]

METRICS, HYPER_PARAMETERS, TAGS = "Metrics.", "HyperParameters.", "Tags."
UNKNOWN = "unknown"
"""The rule of a problem with a property that this version does not know."""
SIGNS = {
    "Equals": "==",
    "NotEquals": "!=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}
ORDERED = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
_OF_TEXT = ("Contains", "In")


class Compared(Protocol):
    """The parts of a comparison that its property is checked by."""

    @property
    def name(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def value(self) -> Any: ...


def of_prefix(name: str) -> Kind | None:
    """Return the kind of a property that its name tells. A hyperparameter is compared as its value is."""
    return "number" if name.startswith(METRICS) else "text" if name.startswith(TAGS) else None


def of_kind(comparison: Compared, kind: Kind | None) -> Iterator[Problem]:
    name, operator, value = comparison.name, comparison.operator, comparison.value
    if kind == "text" and operator in ORDERED:
        yield Problem(name, "operator", f"is a text, for which SageMaker has no {SIGNS[operator]}")
    if kind not in ("text", None) and operator in _OF_TEXT:
        yield Problem(name, "operator", f"is a {kind}, and {operator} is for texts only")
    elif kind == "number" and value is not None and not _is_number(value):
        yield Problem(name, "type", f"is a number, and cannot be compared with {quoted(value)}")
    elif kind == "timestamp" and value is not None and not _is_moment(value):
        yield Problem(
            name, "type", f"is a timestamp: compare it with a datetime that has a time zone, not {quoted(value)}"
        )


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            return math.isfinite(float(value))
        except ValueError:
            return False
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_moment(value: Any) -> bool:
    if isinstance(value, str):
        try:
            datetime.strptime(value, "%Y-%m-%dT%H:%M:%S")
        except ValueError:
            return False
        return True
    return isinstance(value, datetime)


class KnownProperties:
    """The properties of one kind of resource, from the generated class of its hits."""

    def __init__(self, resource: str) -> None:
        self._resource = resource
        self._cls = _class_of_hits(resource)

    def problems(self, comparison: Compared) -> Iterator[Problem]:
        by_prefix = of_prefix(comparison.name)
        if self._cls is None or by_prefix is not None or comparison.name.startswith(HYPER_PARAMETERS):
            yield from of_kind(comparison, by_prefix)
            return
        kind, missing = self._kind(comparison.name)
        if missing is not None:
            yield Problem(comparison.name, UNKNOWN, missing)
        else:
            yield from of_kind(comparison, kind)

    def _kind(self, name: str) -> tuple[Kind | None, str | None]:
        """Return the kind of a property, and what is wrong with its name."""
        from sagemaker_typed._core.convert.members import member_types
        from sagemaker_typed._core.hints import nearest

        here: Any = self._cls
        for part in name.split("."):
            known = {member.wire: found for member, found in member_types(here)} if _is_structure(here) else None
            if known is None:  # below a map or a document, where any name is valid
                return None, None
            if part not in known:
                near = nearest(part, list(known))
                meant = f": did you mean {near}?" if near else ""
                return None, f"{self._resource} has no property {quoted(part)}{meant}"
            here = _item(known[part])
        return _kind_of(here), None


def _class_of_hits(resource: str) -> Any:
    """Return the generated class of the hits; None for a kind of resource that this version does not know."""
    from sagemaker_typed._core.convert.members import member_types
    from sagemaker_typed.types import SearchRecord

    name = resource.removeprefix("Experiment") or resource
    return next((found for member, found in member_types(SearchRecord) if member.wire == name), None)


def _is_structure(cls: Any) -> bool:
    from sagemaker_typed.structure import Structure

    return isinstance(cls, type) and issubclass(cls, Structure)


def _item(found: Any) -> Any:
    """Return the element type of a list, or the type itself if it is not a list."""
    from typing import get_args, get_origin

    return get_args(found)[0] if get_origin(found) is list else found


def _kind_of(found: Any) -> Kind | None:
    if not isinstance(found, type):
        return None
    for cls, kind in _KINDS:
        if issubclass(found, cls):
            return kind
    return None


_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (bool, "boolean"),
    (str, "text"),
    (int, "number"),
    (float, "number"),
    (datetime, "timestamp"),
)

"""Values that search conditions compare with: checked, kept as plain Python values, and rendered as text for the service."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from numbers import Integral, Rational, Real
from typing import Any, NoReturn, TypeAlias

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

__all__ = ["Value", "given", "moment_of", "refuse", "rendered"]

Value: TypeAlias = str | int | float | Decimal | datetime
"""A value to compare a property with. A datetime needs a time zone; it is sent in UTC, in whole seconds."""

_MOST_DIGITS = 1024
"""Characters of a value that the service takes."""


def given(name: str, value: Any) -> Any:
    """Return a value as Python's own type: an enum as its text, a number of numpy as an int or a float.

    Raises `InvalidRequestError` for a value that cannot be sent.
    """
    if isinstance(value, datetime):
        return moment_of(name, value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return _short_enough(name, int(value))
    if isinstance(value, Decimal):
        return _short_enough(name, value) if value.is_finite() else _infinite(name, value)
    if isinstance(value, Rational) or not isinstance(value, Real):
        refuse(name, "type", f"a text, a number or a datetime is needed, not {quoted(value)}")
    return float(value) if math.isfinite(value) else _infinite(name, value)


def _short_enough(name: str, number: int | Decimal) -> int | Decimal:
    # A power of two first: Python turns no integer of many thousand digits into a text or a Decimal quickly.
    digits = number.bit_length() // 4 if isinstance(number, int) else abs(number.adjusted())
    if digits > _MOST_DIGITS:
        refuse(name, "max", f"a number of at most {_MOST_DIGITS} digits is needed, not {quoted(number)}")
    return number


def _infinite(name: str, number: object) -> NoReturn:
    refuse(name, "finite", f"a finite number is needed, not {quoted(number)}")


def moment_of(name: str, moment: datetime) -> datetime:
    """Return a time in UTC. Raises `InvalidRequestError` for a time without a time zone."""
    if not isinstance(moment, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        refuse(name, "type", f"a datetime is needed, not {quoted(moment)}")
    try:
        offset = moment.utcoffset()
    except ValueError:  # pandas' NaT, which is a datetime
        refuse(name, "type", f"a datetime is needed, not {quoted(moment)}")
    if offset is None:
        refuse(name, "timezone", f"needs a time zone, such as datetime(..., tzinfo=UTC): {quoted(moment)}")
    try:
        return datetime.fromisoformat(moment.astimezone(UTC).isoformat(timespec="microseconds"))
    except OverflowError:
        refuse(name, "range", f"is outside of the years 1 to 9999 in UTC: {quoted(moment)}")


def rendered(value: Value | tuple[Value, ...] | None) -> str | None:
    """Return the text of a value as the service reads it."""
    match value:
        case None:
            return None
        case tuple():
            return ",".join(rendered(each) or "" for each in value)
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        case float() | Decimal():
            # The service does not read exponents.
            return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
        case _:
            return str(value)


def refuse(path: str, rule: str, detail: str) -> NoReturn:
    """Raise `InvalidRequestError` with one problem of a search."""
    raise InvalidRequestError([Problem(path, rule, detail)], "Search")

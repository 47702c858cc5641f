"""Numbers that JSON cannot represent. AWS writes them as the texts "NaN", "Infinity" and "-Infinity"."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from math import inf, isfinite, nan
from typing import Any

from sagemaker_typed._core.containers import is_list, is_mapping

__all__ = ["plain_floats", "read_float", "writes_all_floats"]

_NOT_FINITE: Mapping[str, float] = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}


def read_float(value: Any, _: Any = None) -> Any:
    """Convert one of the three texts, which boto3 returns, to its number; return any other value unchanged."""
    return _NOT_FINITE.get(value, value) if value.__class__ is str else value


@cache
def writes_all_floats() -> bool:
    """Whether the installed botocore writes the three texts, and decimals; older versions write invalid JSON."""
    from botocore import serialize

    return hasattr(serialize.JSONSerializer, "_serialize_type_float")


def plain_floats(arguments: dict[str, Any]) -> dict[str, Any]:
    """Convert boto3's arguments so that an older botocore writes them like a newer one."""
    try:
        return {name: _plain(item) for name, item in arguments.items()}
    except RecursionError:
        return arguments  # too deep for botocore as well, whose error becomes a typed error


def _plain(value: Any) -> Any:
    if is_mapping(value):
        return {name: _plain(item) for name, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value

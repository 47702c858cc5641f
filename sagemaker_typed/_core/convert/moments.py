"""The accepted forms of timestamps in requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import Problem

__all__ = ["LONGEST", "moment"]

LONGEST = 64
"""Maximum length of a timestamp text."""

_NAIVE = "has no time zone: use datetime.now(UTC), or .astimezone() for local time"


def moment(value: Any, path: str = "") -> datetime | Problem:
    """Convert a datetime with a time zone, an ISO 8601 text with a zone, or seconds since 1970 to a datetime.

    boto3 treats datetimes and texts without a zone as UTC. They are usually mistakes, and refused here.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else Problem(path, "timezone", f"{value!r} {_NAIVE}")
    if isinstance(value, str):
        return _of_text(value, path)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return Problem(path, "type", "this number of seconds since 1970 is outside the years 1 to 9999")
    return _not_a_time(type(value).__name__, path)


def _of_text(value: str, path: str) -> datetime | Problem:
    if len(value) > LONGEST:
        return _not_a_time(f"a text of {len(value)} characters", path)
    try:
        made = datetime.fromisoformat(value)
    except ValueError:
        return _not_a_time(quoted(value), path)
    if made.tzinfo is None:
        return Problem(path, "timezone", f"{value!r} has no time zone: add Z or an offset such as +02:00")
    return made


def _not_a_time(found: str, path: str) -> Problem:
    accepted = "a datetime with a time zone, an ISO 8601 text with a time zone, or seconds since 1970"
    return Problem(path, "type", f"a datetime is expected, not {found}; accepted are {accepted}")

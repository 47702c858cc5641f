"""Feature records: converts plain Python values to the texts of Feature Store, and back.

https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-quotas.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import attrs

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed.services.featurestore import FeatureValue, TtlDuration
    from sagemaker_typed.types import FeatureDefinition

__all__ = [
    "FailedRow",
    "FeatureRecord",
    "FeatureSchema",
    "FeatureText",
    "IngestReport",
    "identifier_of",
    "moment_of",
    "record_of",
    "rows_of",
    "ttl_of",
]

FeatureText: TypeAlias = str | list[str]
"""A value as the store keeps it: a text, or the texts of a collection."""

_UNITS = (("Weeks", 604800), ("Days", 86400), ("Hours", 3600), ("Minutes", 60), ("Seconds", 1))
_SHOWN, _SHOWN_IN_HTML = 20, 200


# --- what a group defines ---------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class FeatureSchema:
    """The features that a feature group defines, as `sm.feature_groups.schema(name)` returns them."""

    record_identifier: str
    """The feature that identifies a record."""
    event_time: str
    """The feature that holds the event time of a record."""
    types: Mapping[str, str]
    """Feature -> "Integral", "Fractional" or "String"."""
    collections: frozenset[str] = frozenset()
    """The features that are lists, sets or vectors."""

    @classmethod
    def of(cls, record_identifier: str, event_time: str, definitions: Iterable[FeatureDefinition]) -> FeatureSchema:
        """Return the schema of a group with these definitions."""
        known = list(definitions)
        return cls(
            record_identifier=record_identifier,
            event_time=event_time,
            types={each.feature_name: str(each.feature_type) for each in known},
            collections=frozenset(each.feature_name for each in known if each.collection_type is not None),
        )

    def value(self, name: str, text: FeatureText) -> Any:
        """Return the value of a text: an int, a float or the text itself; a list of them for a collection.

        Raises `ValueError` for a text that is not a number if the feature is numeric.
        """
        read: Callable[[str], Any] = {"Integral": int, "Fractional": float}.get(self.types.get(name, ""), str)
        return [read(each) for each in text] if isinstance(text, list) else read(text)

    def problems(self, record: Mapping[str, FeatureValue]) -> Iterator[Problem]:
        """Yield the problems for which the group would reject a record."""
        for name, feature in record.items():
            if name not in self.types:
                yield Problem(f"record[{name!r}]", "unknown", "is no feature of the group")
            elif (feature.value_as_string_list is not None) != (name in self.collections):
                told = "a list" if name in self.collections else "one value, not a list"
                yield Problem(f"record[{name!r}]", "type", f"the feature takes {told}")
        for name in (self.record_identifier, self.event_time):
            if name not in record:
                yield Problem(f"record[{name!r}]", "required", "every record needs it")


class FeatureRecord(Mapping[str, FeatureText]):
    """A record of an online store: feature -> text, or texts of a collection. `typed` converts the numbers."""

    def __init__(self, features: Iterable[FeatureValue], expires_at: str | None = None) -> None:
        self._texts: dict[str, FeatureText] = {}
        for each in features:
            listed = each.value_as_string_list
            self._texts[each.feature_name] = each.value_as_string or "" if listed is None else list(listed)
        self.expires_at: datetime | None = None if expires_at is None else datetime.fromisoformat(expires_at)
        """When the record is removed; None if that was not asked for, or if the record stays."""

    def typed(self, schema: FeatureSchema) -> dict[str, Any]:
        """Return the values as the group defines them: ints for Integral features, floats for Fractional features.

        Raises `ValueError` for a text that is not a number if the feature is numeric.
        """
        return {name: schema.value(name, text) for name, text in self._texts.items()}

    def __getitem__(self, name: str) -> FeatureText:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"<FeatureRecord of {', '.join(self._texts)}>"


# --- plain values as texts --------------------------------------------------------------------------------------------


def record_of(values: object, schema: FeatureSchema | None = None, *, event_time: object = None) -> list[FeatureValue]:
    """Return a typed record of plain values. Missing values are left out.

    Raises `InvalidRequestError` for values that cannot be written as text, and for values that the schema rejects.
    """
    if not is_mapping(values):
        raise InvalidRequestError(
            [Problem("record", "type", f'a mapping such as {{"feature": value}}, not {quoted(values)}')]
        )
    given: dict[Any, Any] = dict(values)
    if event_time is not None and schema is not None and _is_missing(given.get(schema.event_time)):
        given[schema.event_time] = event_time
    problems: list[Problem] = []
    record: dict[str, FeatureValue] = {}
    for name, value in given.items():
        try:
            found = _feature(name, value, schema)
        except ValueError as error:
            problems.append(Problem(f"record[{name!r}]", "type", str(error)))
            continue
        if found is not None:
            record[name] = found
    if schema is not None and not problems:
        problems.extend(schema.problems(record))
    if problems:
        raise InvalidRequestError(problems, "PutRecord")
    return list(record.values())


def _feature(name: Any, value: Any, schema: FeatureSchema | None) -> FeatureValue | None:
    """Return a feature with its value as text; None for a missing value. Raises `ValueError` if there is no text for it."""
    from sagemaker_typed.services.featurestore import FeatureValue

    if not isinstance(name, str):
        raise ValueError("the name of a feature is a text")
    found = _value_of(value, None if schema is None else schema.types.get(name))
    if found is None:
        return None
    if isinstance(found, list):
        return FeatureValue(feature_name=name, value_as_string_list=found)
    return FeatureValue(feature_name=name, value_as_string=found)


def identifier_of(value: object) -> str:
    """Return the identifier of a record as a text. Raises `InvalidRequestError` for a value that cannot be one."""
    try:
        text = _value_of(value, None)
    except ValueError as error:
        raise InvalidRequestError([Problem("record_id", "type", str(error))]) from None
    if not isinstance(text, str):
        raise InvalidRequestError([Problem("record_id", "type", f"a text or a number, not {quoted(value)}")])
    return text


def moment_of(value: object, schema: FeatureSchema | None) -> str:
    """Return an event time as text: ISO 8601 for a datetime, or epoch seconds if the feature is Fractional."""
    try:
        text = _value_of(value, None if schema is None else schema.types.get(schema.event_time))
    except ValueError as error:
        raise InvalidRequestError([Problem("event_time", "type", str(error))]) from None
    if not isinstance(text, str):
        raise InvalidRequestError(
            [Problem("event_time", "type", f"an aware datetime, epoch seconds or a text, not {quoted(value)}")]
        )
    return text


def _value_of(value: Any, kind: str | None) -> FeatureText | None:
    """Return the text of a value, the texts of a collection, or None for a missing value."""
    value = _plain(value)
    if _is_missing(value):
        return None
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_plain(item) for item in cast("Iterable[Any]", value)]
        if any(_is_missing(item) for item in items):
            raise ValueError("a collection has no room for a missing value")
        return [_text_of(item, kind) for item in items]
    return _text_of(value, kind)


def _plain(value: Any) -> Any:
    """Return a number or an array of numpy as Python's own. Times of pandas are datetimes already."""
    if type(value).__module__.partition(".")[0] == "numpy":
        if value.dtype.kind in "mM":
            if not value.shape and value != value:  # numpy's NaT
                return None
            raise ValueError("times of numpy have no time zone: give aware datetimes")
        return value.tolist()  # returns the value of a scalar
    return value


def _is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, Decimal)) and math.isnan(value)


def _text_of(value: Any, kind: str | None) -> str:
    match value:
        case str():
            return str(value)
        case bool():
            return str(int(value))
        case int():
            return str(int(value))
        case float() | Decimal():
            if math.isinf(value):
                raise ValueError("the store has no form for infinity")
            if kind == "Integral":
                return _whole(value)
            return repr(float(value)) if isinstance(value, float) else str(value)
        case datetime():
            return _time_of(value, kind)
        case _:
            raise ValueError(
                f"a text, a number, a bool, an aware datetime, or a list of them is expected, not {quoted(value)}"
            )


def _whole(value: float | Decimal) -> str:
    """The text of a number for an Integral feature: pandas keeps the integers of a column with gaps as floats."""
    if value != int(value):
        raise ValueError(f"the feature is Integral, and {value} is no whole number")
    return str(int(value))


def _time_of(value: datetime, kind: str | None) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: give an aware datetime")
    if kind == "Fractional":
        return repr(value.timestamp())
    if kind == "Integral":
        raise ValueError("the feature is Integral, which has no form for a time")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ttl_of(ttl: timedelta | TtlDuration | None) -> TtlDuration | None:
    """Return how long a record lives. Raises `InvalidRequestError` for a `timedelta` that is not of whole seconds."""
    from sagemaker_typed.services.featurestore import TtlDuration

    if ttl is None or isinstance(ttl, TtlDuration):
        return ttl
    if not isinstance(ttl, timedelta):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError([Problem("ttl", "type", f"a timedelta or a TtlDuration, not {quoted(ttl)}")])
    seconds = ttl.total_seconds()
    if seconds < 1 or not seconds.is_integer():
        raise InvalidRequestError([Problem("ttl", "min", f"whole seconds, at least 1, not {seconds:g}")])
    for unit, length in _UNITS:
        if seconds % length == 0:
            return TtlDuration(unit=unit, value=int(seconds) // length)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    raise AssertionError("every whole number of seconds has a unit")


# --- many rows --------------------------------------------------------------------------------------------------------


def rows_of(rows: Any) -> Any:
    """Return the rows of a DataFrame one by one, as dicts; other rows unchanged.

    Raises `InvalidRequestError` for a single record, and for values that are not iterable.
    """
    columns: Any = getattr(rows, "columns", None)
    if columns is not None and hasattr(rows, "itertuples"):
        names = list(columns)
        return (dict(zip(names, values, strict=True)) for values in rows.itertuples(index=False, name=None))
    if (
        isinstance(rows, (str, bytes))
        or is_mapping(rows)
        or not (hasattr(rows, "__iter__") or hasattr(rows, "__aiter__"))
    ):
        raise InvalidRequestError([Problem("rows", "type", f"several records, or a DataFrame, not {quoted(rows)}")])
    return rows


class FailedRow(NamedTuple):
    """A row that was not written."""

    number: int
    """Its index among the rows, from 0."""
    row: Any
    error: Exception


@attrs.define(kw_only=True)
class IngestReport:
    """The outcome of `sm.feature_groups.ingest`."""

    written: int = 0
    """The number of rows written."""
    failures: int = 0
    """The number of rows that failed."""
    failed: list[FailedRow] = attrs.field(factory=list[FailedRow])
    """The rows that failed, in order, unless `on_error` took them."""
    skipped: int = 0
    """The number of rows taken but not sent, because another one failed. Later rows were not taken."""
    elapsed: float = 0.0
    """Seconds."""

    @property
    def ok(self) -> bool:
        """Whether all rows were written."""
        return not self.failures and not self.skipped

    def __len__(self) -> int:
        return self.written + self.failures + self.skipped

    def rows(self) -> list[tuple[int, str, str]]:
        """Return number, error class and message of each row that failed."""
        return [(each.number, type(each.error).__name__, str(each.error)) for each in self.failed]

    def raise_for_failures(self) -> None:
        """Raise the error of the first row that failed, if any."""
        for each in self.failed:
            raise each.error

    def _counted(self) -> str:
        counts = {"written": self.written, "failed": self.failures, "skipped": self.skipped}
        told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        return f"{told or 'nothing to write'} (after {duration(self.elapsed)})"

    def __str__(self) -> str:
        from sagemaker_typed._core.tables import text_table

        rows = self.rows()
        lines = text_table(["row", "error", "message"], rows[:_SHOWN]) if rows else []
        more = [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
        return "\n".join([self._counted(), *lines, *more])

    def _repr_html_(self) -> str:
        """The HTML that a notebook shows."""
        from sagemaker_typed._core.tables import html_table

        rows: Sequence[tuple[int, str, str]] = self.rows()
        more = f"<p>and {len(rows) - _SHOWN_IN_HTML} more</p>" if len(rows) > _SHOWN_IN_HTML else ""
        table = html_table(["row", "error", "message"], rows[:_SHOWN_IN_HTML]) if rows else ""
        return f"<p>{self._counted()}</p>{table}{more}"

    def note(self, failed: FailedRow, on_error: Callable[[FailedRow], object] | None) -> None:
        """Record a row that was not written."""
        self.failures += 1
        if on_error is None:
            self.failed.append(failed)
        else:
            on_error(failed)

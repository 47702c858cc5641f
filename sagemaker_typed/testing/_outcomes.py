"""What a script sets besides states: members of the description, metrics, and the time of creation.

A value may be a function of the request that created the resource. It is called once, when the resource starts to
follow the script, so that an error of the function becomes an error of that call.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._states import State
from sagemaker_typed.testing._validation import value_problems

__all__ = ["Fields", "Moment", "Told", "check_metrics", "check_moment", "epoch_of", "metric_value", "wire_value"]

Fields = Mapping[str, Any]
"""Members by wire name or by snake_case name. A value is typed, as in boto3, or a function of the request."""

Moment = datetime.datetime | datetime.timedelta | Callable[[Mapping[str, Any]], datetime.datetime | datetime.timedelta]
"""A time of creation: a datetime with a time zone, a timedelta ago, or a function that returns either."""


class Told:
    """The members that scripts of one kind may set."""

    def __init__(self, model: ServiceTables, kind: str, shapes: Sequence[str], fixed: Mapping[str, str]) -> None:
        self._model = model
        self._kind = kind
        self._shapes = {name: member["shape"] for shape in shapes for name, member in _members(model, shape).items()}
        self._fixed = fixed

    def checked(self, fields: Fields, *, allow_unknown: bool = False) -> dict[str, Any]:
        """Return the fields by wire name, in wire form. Functions stay. Raises ValueError if one is invalid."""
        found: dict[str, Any] = {}
        for name, value in fields.items():
            member = self._member(name)
            if member in self._fixed:
                raise ValueError(f"{member} of a {self._kind} cannot be set by a script: {self._fixed[member]}")
            found[member] = value if _is_function(value) else self._value(member, value, allow_unknown)
        return found

    def resolve(self, state: State, request: Mapping[str, Any]) -> State:
        """Return the state with each function replaced by its result."""
        if not any(_is_function(value) for value in state.members.values()):
            return state
        members = {
            name: self._asked(name, value, request) if _is_function(value) else value
            for name, value in state.members.items()
        }
        return replace(state, members={name: value for name, value in members.items() if value is not None})

    def _asked(self, member: str, function: Any, request: Mapping[str, Any]) -> Any:
        value = ask(f"the field {member} of a {self._kind}", function, request)
        try:
            return None if value is None else self._value(member, value, True)
        except ValueError as error:
            raise _broken(f"the script's function for {member}: {error}") from error

    def _member(self, name: str) -> str:
        plain = name.replace("_", "").lower()
        for member in self._shapes:
            if name == member or (("_" in name or name.islower()) and plain == member.lower()):
                return member
        near = difflib.get_close_matches(plain, [member.lower() for member in self._shapes], n=1)
        meant = next((member for member in self._shapes if near == [member.lower()]), None)
        hint = f"did you mean {meant!r}?" if meant else f"it has: {', '.join(self._shapes)}"
        raise ValueError(f"the description of a {self._kind} has no member {name!r}; {hint}")

    def _value(self, member: str, value: Any, allow_unknown: bool) -> Any:
        written = wire_value(value)
        problems = value_problems(self._model, self._shapes[member], written, member, enums=not allow_unknown)
        if problems:
            raise ValueError(f"{member} of a {self._kind} cannot have this value: {'; '.join(problems)}")
        return written


def wire_value(value: Any) -> Any:
    """Return the wire form of a typed structure, a datetime, or a container of them."""
    from sagemaker_typed._core.convert.converter import to_boto3
    from sagemaker_typed.structure import Structure

    if isinstance(value, Structure):
        value = to_boto3(value)
    if isinstance(value, datetime.datetime):
        return _aware(value).timestamp()
    if isinstance(value, Mapping):
        return {str(key): wire_value(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [wire_value(item) for item in cast("Sequence[Any]", value)]
    return str(value) if isinstance(value, str) else value


# --- metrics ----------------------------------------------------------------------------------------------------------


def check_metrics(kind: str, metrics: Mapping[str, Any], *, many: bool) -> dict[str, Any]:
    """Return the checked metrics by name. With `many`, a list has one number for each training job."""
    found: dict[str, Any] = {}
    for name, value in metrics.items():
        if isinstance(value, list | tuple):
            items = list(cast("Sequence[Any]", value))
            if not many or not items or not all(_is_number(item) for item in items):
                raise ValueError(
                    f"the metric {name!r} of a {kind} is a number{', or a list of numbers' * many}: {value!r}"
                )
            found[name] = items
        elif _is_function(value) or _is_number(value):
            found[name] = value
        else:
            raise ValueError(f"the metric {name!r} of a {kind} is a number, or a function of the request: {value!r}")
    return found


def metric_value(name: str, value: Any, request: Mapping[str, Any]) -> float | None:
    """Return the number of a metric, calling its function if it is one. None means that it was not measured."""
    if not _is_function(value):
        return float(value)
    number = ask(f"the metric {name}", value, request)
    if number is None:
        return None
    if not _is_number(number):
        raise _broken(f"the script's function for the metric {name} returned no number: {number!r}")
    return float(number)


# --- times ------------------------------------------------------------------------------------------------------------


def check_moment(created: object) -> None:
    """Raise ValueError unless `created` is a valid time of creation."""
    if created is None or _is_function(created) or isinstance(created, datetime.timedelta):
        return
    if not isinstance(created, datetime.datetime):
        raise ValueError(f"created must be a datetime with a time zone or a timedelta (how long ago), not {created!r}")
    _aware(created)


def epoch_of(created: object, request: Mapping[str, Any], now: float) -> float:
    """Return the time of creation in seconds since 1970, at most `now`."""
    said = ask("created", created, request) if _is_function(created) else created
    try:
        check_moment(said)
    except ValueError as error:
        raise _broken(f"the script's function: {error}") from error
    if isinstance(said, datetime.timedelta):
        return min(now, now - said.total_seconds())
    return min(now, said.timestamp()) if isinstance(said, datetime.datetime) else now


# --- functions --------------------------------------------------------------------------------------------------------


def ask(what: str, function: Any, request: Mapping[str, Any]) -> Any:
    """Return the result of a user's function. If the function raises, the call that needed it ends in an error."""
    try:
        return function(dict(request))
    except Exception as error:
        raise _broken(f"the script's function for {what} raised {type(error).__name__}: {error}") from error


def _broken(message: str) -> AnsweredError:
    # 501 rather than 500: boto3 would retry a 500 several times before it raised.
    return AnsweredError("InternalFailure", message, 501)


def _members(model: ServiceTables, shape: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", model.shape(shape)["members"])


def _is_function(value: object) -> bool:
    return callable(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _aware(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: write datetime.now(datetime.UTC), for example")
    return moment

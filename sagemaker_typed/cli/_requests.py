"""Makes a typed request of a document and of what `--set` says: in AWS's names or ours, checked against the classes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, get_args, get_origin

from sagemaker_typed import errors
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.dicts import from_dict
from sagemaker_typed._core.convert.members import member_types
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.cli._common import misuse, one_line
from sagemaker_typed.cli._documents import Place, Plain, plain_of_text, values_of
from sagemaker_typed.structure import Member, Request, Structure, members_of

__all__ = ["has_member", "request_from"]

_STEP = re.compile(r"([^.\[\]]+)((?:\[\d+\])*)")


class _NotWanted(Exception):
    """A document does not fit the class."""


def request_from(
    cls: type[Request[Any]],
    place: Place | None,
    settings: Sequence[str],
    given: Mapping[str, str] | None = None,
    option: str = "--from",
) -> Request[Any]:
    """The request of a document, with the settings and what else was given laid over it."""
    try:
        document: dict[str, Any] = _structure(cls, {} if place is None else place.document, "")
    except _NotWanted as error:
        raise misuse(f"{place.where if place else cls.__name__}: {error}", option) from None
    for text in settings:
        path, equals, value = text.partition("=")
        if not (path and equals):
            raise misuse(f"{text!r} is not PATH=VALUE", "--set")
        try:
            _put(cls, document, path.strip(), plain_of_text(value))
        except _NotWanted as error:
            raise misuse(str(error), "--set") from None
    document.update(given or {})
    try:
        return from_dict(cls, document)
    except (errors.ConversionError, errors.InvalidRequestError, TypeError) as error:
        raise misuse(f"{place.where if place else cls.__name__}: {one_line(error)}", option) from None


# --- a document in the names of the fields ----------------------------------------------------------------------------


class _Known(NamedTuple):
    """A member that a key means, and its type."""

    member: Member
    type: Any


def _known(cls: Any, key: Any, path: str) -> _Known:
    """The member by either of its names."""
    found = list(member_types(cls))
    for member, type_ in found:
        if key in (member.wire, member.field):
            return _Known(member, type_)
    names = [name for member, _ in found for name in (member.field, member.wire)]
    near = nearest(key, names) if isinstance(key, str) else None
    # In the form in which it was written.
    if near is not None:
        member = next(member for member, _ in found if near in (member.wire, member.field))
        near = member.wire if key[:1].isupper() else member.field
    where = f"{path}: " if path else ""
    raise _NotWanted(f"{where}{cls.__name__} has no {quoted(key)}" + (f"; did you mean {near}?" if near else ""))


def _structure(cls: Any, document: Any, path: str) -> dict[str, Any]:
    document = document.value if isinstance(document, Plain) else document
    if not is_mapping(document):
        raise _NotWanted(
            f"{path or 'the document'} is {_a(document)}; a mapping of the members of {cls.__name__} is needed"
        )
    found: dict[str, Any] = {}
    for key, value in document.items():
        member, type_ = _known(cls, key, path)
        here = _below(path, str(key))
        if member.field in found:
            raise _NotWanted(f"{here} stands twice, as {member.wire} and as {member.field}")
        found[member.field] = _member(member, type_, value, here)
    return found


def _member(member: Member, type_: Any, value: Any, path: str) -> Any:
    if isinstance(value, Plain) and (member.pairs or member.json):
        value = value.value
    if member.pairs and is_mapping(value):  # tags as a mapping: both are texts
        return {str(key): _text(item, f"{path}.{key}") for key, item in value.items()}
    if member.json and (is_mapping(value) or is_list(value)):
        return json.dumps(values_of(value))
    return _value(type_, value, path)


def _value(type_: Any, value: Any, path: str) -> Any:
    if value is None:
        return None
    if _is_structure(type_):
        return _structure(type_, value, path)
    origin = get_origin(type_)
    if origin is None:
        return _leaf(type_, value, path)
    value = value.value if isinstance(value, Plain) else value
    if issubclass(origin, Mapping):
        if not is_mapping(value):
            raise _NotWanted(f"{path} is {_a(value)}; a mapping is needed")
        item_type = get_args(type_)[1]
        return {str(key): _value(item_type, item, f"{path}.{key}") for key, item in value.items()}
    if not is_list(value):
        raise _NotWanted(f"{path} is {_a(value)}; a list is needed")
    (item_type,) = get_args(type_)
    items = value
    return [_value(item_type, item, f"{path}[{index}]") for index, item in enumerate(items)]


def _leaf(type_: Any, value: Any, path: str) -> Any:
    if isinstance(type_, type) and issubclass(type_, str):
        return _text(value, path)
    value = value.value if isinstance(value, Plain) else values_of(value)
    if type_ is datetime:
        return _moment(value, path)
    if type_ in (int, float, bool) and not _is_a(type_, value):
        raise _NotWanted(f"{path} is {_a(value)}; {_NEEDED[type_]} is needed")
    return value


def _text(value: Any, path: str) -> Any:
    """A text. What YAML would read as a number or a time is one as it was written."""
    if isinstance(value, Plain):
        return value.text
    if value is None or isinstance(value, str):
        return value
    raise _NotWanted(f"{path} is {_a(value)}; a text is needed" + _as_text(value))


def _as_text(value: Any) -> str:
    return f': write "{json.dumps(value)}"' if isinstance(value, bool | int | float) else ""


def _moment(value: Any, path: str) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _NotWanted(f"{path} is {quoted(value)}; a time is needed, as 2026-01-31T12:00:00Z") from None
    if isinstance(value, date) and (not isinstance(value, datetime) or value.tzinfo is None):
        raise _NotWanted(f"{path} is {value.isoformat()}, without a time zone: write 2026-01-31T12:00:00Z")
    return value


_NEEDED: Mapping[Any, str] = {int: "a whole number", float: "a number", bool: "true or false"}


def _is_a(type_: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return type_ is bool
    return isinstance(value, int) if type_ is int else isinstance(value, int | float) and type_ is float


def _is_structure(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Structure)


def _a(value: Any) -> str:
    """What a value of a document is called."""
    value = value.value if isinstance(value, Plain) else value
    for kind, word in ((dict, "a mapping"), (list, "a list"), (str, "a text"), (bool, "true or false")):
        if isinstance(value, kind):
            return word
    return "empty" if value is None else "a number" if isinstance(value, int | float) else f"a {type(value).__name__}"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


# --- one member of it -------------------------------------------------------------------------------------------------


def _put(cls: Any, document: dict[str, Any], path: str, value: Any) -> None:
    """Lay one value over the document. `path` names members in either form, and items by number: a.b[0].c."""
    here: Any = document
    type_: Any = cls
    steps, done = list(_steps(cls, path)), ""
    for position, (key, known, type_) in enumerate(steps):
        last = position == len(steps) - 1
        done = f"{done}[{key}]" if isinstance(key, int) else _below(done, key)
        if isinstance(key, int) and key == len(here):
            here.append(None)
        elif isinstance(key, int) and key > len(here):
            raise _NotWanted(f"{done}: the list has {len(here)} items, and the next one is [{len(here)}]")
        if last:
            here[key] = _value(type_, value, done) if known is None else _member(known, type_, value, done)
            return
        inner = here[key] if isinstance(key, int) else here.get(key)
        if inner is None:
            # Of tags, a mapping is made where the next step is a key.
            wants_list = _is_list(type_) and isinstance(steps[position + 1][0], int)
            inner = here[key] = [] if wants_list else {}
        if is_list(inner) != isinstance(steps[position + 1][0], int):
            raise _NotWanted(f"{done} is {_a(inner)}")
        here = inner


def _steps(cls: Any, path: str) -> Iterator[tuple[str | int, Member | None, Any]]:
    """Each step of a path: the key, the member that it names, and the type of what stands there."""
    type_: Any = cls
    member: Member | None = None
    rest = path
    while rest:
        if _is_map(type_) or (member is not None and member.pairs and not rest.startswith("[")):
            # Whatever follows is the key: those of environments and tags may hold dots.
            yield rest, None, get_args(type_)[1] if _is_map(type_) else str
            return
        match = _STEP.match(rest)
        if match is None or not _is_structure(type_):
            raise _NotWanted(f"{path}: there is nothing below it at {rest!r}")
        known = _known(type_, match[1], "")
        member, type_ = known.member, known.type
        yield member.field, member, type_
        for index in re.findall(r"\d+", match[2]):
            if not _is_list(type_):
                raise _NotWanted(f"{path}: {match[1]} is not a list")
            (type_,) = get_args(type_)
            member = None
            yield int(index), None, type_
        rest = rest[match.end() :]
        if rest and not rest.startswith("."):
            raise _NotWanted(f"{path}: {rest!r} is not part of a path; write a.b[0].c")
        rest = rest[1:]


def _is_map(type_: Any) -> bool:
    origin = get_origin(type_)
    return origin is not None and issubclass(origin, Mapping)


def _is_list(type_: Any) -> bool:
    origin = get_origin(type_)
    return origin is not None and not issubclass(origin, Mapping)


def has_member(cls: type[Structure], field: str) -> bool:
    """Whether a class has a field."""
    return any(member.field == field for member in members_of(cls))

"""Converts between typed objects and boto3's dicts. Only this module reads wire names.

A converter finds a hook for each type. The same converter reads the JSON body of a response and the dict that boto3 makes
from it. The two differ only in their timestamps, and both forms are accepted.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar, cast

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.annotations import origin, unchanged
from sagemaker_typed._core.convert.floats import read_float
from sagemaker_typed._core.convert.hooks import Helpers, Hooks, is_structure
from sagemaker_typed._core.convert.moments import LONGEST, moment
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._core.streams import Blob, EventStream, Payload, StreamedBody, streamed
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import ConversionError, InvalidRequestError, Problem
from sagemaker_typed.structure import Response, ResponseMetadata, Structure

__all__ = ["Converter", "from_boto3", "from_wire", "leaf_hook", "read_metadata", "to_boto3"]

S = TypeVar("S", bound=Structure)
R = TypeVar("R", bound=Response)
InHook = Callable[[Any, Any], Any]  # the value and its type
OutHook = Callable[[Any], Any]


# --- in ---------------------------------------------------------------------------------------------------------------


def _datetime_in(value: Any, _: Any = None) -> Any:
    if value.__class__ in (float, int):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise ConversionError(f"{quoted(value)} is not a timestamp") from error
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)
        except OverflowError as error:  # within hours of the earliest or latest datetime
            raise ConversionError(f"{value!r} is not a timestamp") from error
    if isinstance(value, str):
        return _datetime_of_text(value)
    if value is None:
        return None
    raise ConversionError(f"{_quoted(value)} is not a timestamp")


def _datetime_of_text(value: str) -> datetime:
    """Parse a timestamp in another form than SageMaker's, as botocore does. Without a time zone, it is UTC."""
    if len(value) > LONGEST:  # dateutil, which botocore uses, takes quadratic time
        raise ConversionError(f"a text of {len(value)} characters is not a timestamp")
    utils: Any = import_module("botocore.utils")
    try:
        found: datetime = _datetime_in(utils.parse_timestamp(value))
    except (ValueError, OverflowError, RuntimeError, ArithmeticError):
        # Without a cause: botocore's error repeats the value.
        raise ConversionError(f"{quoted(value)} is not a timestamp") from None
    return found


def _enum_in(value: Any, cls: Any) -> Any:
    member = cls._value2member_map_.get(value) if value.__class__ is str else None
    if member is not None or value is None:
        return member
    if isinstance(value, str):
        return cls(value)
    raise ConversionError(f"{_quoted(value)} is not a text, as {cls.__name__} requires")


def _container_hook(type_: Any, converter: Any) -> InHook:
    kind, args = origin(type_), typing.get_args(type_)
    if kind is list:
        item = converter.get_structure_hook(args[0])
        if item is unchanged:
            return _list_of_anything
        item_type = args[0]

        def list_hook(value: Any, _: Any = None) -> Any:
            if value.__class__ is list:
                return [item(element, item_type) for element in value]
            return [item(element, item_type) for element in _list_checked(value)]

        return list_hook
    key_type, item_type = args
    key = converter.get_structure_hook(key_type)
    item = converter.get_structure_hook(item_type)

    def dict_hook(value: Any, _: Any = None) -> Any:
        return {key(name, key_type): item(element, item_type) for name, element in _mapping_checked(value).items()}

    return dict_hook


def _body_in(value: Any, _: Any = None) -> Any:
    body = streamed(value)
    if body is None:
        raise ConversionError(f"{_short(value)} where a body of bytes was expected")
    return body


def _events_hook(type_: Any, converter: Any) -> InHook:
    """Converts boto3's events to typed events. Each is a dict whose only key is the name of the class."""
    (given,) = typing.get_args(type_)
    by_name = {cls.__name__: cls for cls in typing.get_args(given) or (given,)}

    def event(value: Mapping[str, Any]) -> Any:
        for name, members in _mapping_checked(value).items():
            if name in by_name:
                return converter.structure(_mapping_checked(members), by_name[name])
        return None

    def hook(value: Any, _: Any = None) -> Any:
        if isinstance(value, EventStream):
            return cast("Any", value)
        if isinstance(value, (str, bytes)) or is_mapping(value) or not hasattr(value, "__iter__"):
            raise ConversionError(f"{_short(value)} where a stream of events was expected")
        return EventStream(value, event)

    return hook


def _body_out(value: Any) -> Any:
    return value.raw if isinstance(value, (EventStream, StreamedBody)) else value


def _list_of_anything(value: Any, _: Any = None) -> Any:
    return list(_list_checked(value))


def _list_checked(value: Any) -> Sequence[Any]:
    if is_list(value):
        return value
    raise ConversionError(f"{_short(value)} where a list was expected")


def _mapping_checked(value: Any) -> Mapping[Any, Any]:
    if is_mapping(value):
        return value
    raise ConversionError(f"{_short(value)} where a mapping was expected")


def _short(value: Any) -> str:
    return f"a {type(value).__name__}"


def _quoted(value: Any) -> str:
    """Return the error for a value of a wrong type, without its contents, which may be secret."""
    return _short(value) if (is_mapping(value) or is_list(value)) and value else quoted(value)


_NOTED = frozenset({"RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"})


def read_metadata(value: Mapping[str, Any]) -> ResponseMetadata:
    """Convert boto3's `ResponseMetadata`."""
    _mapping_checked(value)
    return ResponseMetadata(
        request_id=value.get("RequestId"),
        http_status_code=value.get("HTTPStatusCode"),
        http_headers=value.get("HTTPHeaders", {}),
        retry_attempts=value.get("RetryAttempts", 0),
        extra={} if value.keys() <= _NOTED else {name: item for name, item in value.items() if name not in _NOTED},
    )


# --- out --------------------------------------------------------------------------------------------------------------


def _datetime_out(value: Any) -> Any:
    if value.__class__ is datetime and value.tzinfo is not None:
        return value
    found = moment(value)
    if isinstance(found, Problem):
        raise InvalidRequestError([found])
    return found


def _enum_out(value: Any) -> Any:
    return value.value if isinstance(value, OpenEnum) else value


def _container_out(type_: Any, converter: Any) -> OutHook:
    kind, args = origin(type_), typing.get_args(type_)
    if kind is list:
        item = converter.get_unstructure_hook(args[0])
        return lambda value: [item(element) for element in value] if is_list(value) else value
    key, item = (converter.get_unstructure_hook(arg) for arg in args)
    return lambda value: {key(name): item(element) for name, element in value.items()} if is_mapping(value) else value


def _add_unknown(result: dict[str, Any], unknown: Mapping[str, Any]) -> None:
    for name, item in unknown.items():
        if name in result:
            raise InvalidRequestError([Problem(name, "unknown", "given both as a field and as an unknown member")])
        result[name] = item


def _below(field: str, error: InvalidRequestError) -> InvalidRequestError:
    return InvalidRequestError(
        [problem._replace(path=f"{field}.{problem.path}".rstrip(".")) for problem in error.problems], error.request
    )


def _metadata_out(metadata: ResponseMetadata) -> dict[str, Any]:
    return {
        "RequestId": metadata.request_id,
        "HTTPStatusCode": metadata.http_status_code,
        "HTTPHeaders": dict(metadata.http_headers),
        "RetryAttempts": metadata.retry_attempts,
        **metadata.extra,
    }


# --- the converter ----------------------------------------------------------------------------------------------------


class Converter:
    """Finds the hooks of types, once for each type. Safe to share among threads.

    It knows every form of type in generated classes. For any other type, cattrs finds the hook, and this converter supplies
    the hooks of the known types inside it. cattrs is imported only then: importing it takes as long as twenty calls.
    """

    def __init__(self) -> None:
        self._hooks = Hooks(self, Helpers(_mapping_checked, read_metadata, _metadata_out, _add_unknown, _below))
        same = dict.fromkeys((str, int, bool, Blob, Any, Payload), unchanged)
        self._in: dict[Any, InHook] = {**same, float: read_float, datetime: _datetime_in, StreamedBody: _body_in}
        self._out: dict[Any, OutHook] = {**same, float: unchanged, datetime: _datetime_out, StreamedBody: _body_out}

    def structure(self, value: Any, type_: Any) -> Any:
        """Convert boto3's form of a value to a type."""
        return self.get_structure_hook(type_)(value, type_)

    def unstructure(self, value: Any) -> Any:
        """Convert a value to boto3's form."""
        return self.get_unstructure_hook(value.__class__)(value)

    def get_structure_hook(self, type_: Any) -> InHook:
        """Return the function that converts boto3's form of a value to a type."""
        found = self._in.get(type_)
        if found is None:
            found = self._in[type_] = self._structuring(type_)
        return found

    def get_unstructure_hook(self, type_: Any) -> OutHook:
        """Return the function that converts a value of a type to boto3's form."""
        found = self._out.get(type_)
        if found is None:
            found = self._out[type_] = self._unstructuring(type_)
        return found

    def _structuring(self, type_: Any) -> InHook:
        if is_structure(type_):
            return self._hooks.structuring(type_)
        if _is_enum(type_):
            return _enum_in
        if _is_events(type_):
            return _events_hook(type_, self)
        if _is_container(type_):
            return _container_hook(type_, self)
        hook: InHook = self._cattrs.get_structure_hook(type_)
        return hook

    def _unstructuring(self, type_: Any) -> OutHook:
        if is_structure(type_):
            return self._hooks.unstructuring(type_)
        if _is_enum(type_):
            return _enum_out
        if _is_events(type_):
            return _body_out
        if _is_container(type_):
            return _container_out(type_, self)
        hook: OutHook = self._cattrs.get_unstructure_hook(type_)
        return hook

    @cached_property
    def _cattrs(self) -> Any:
        """A converter of cattrs with the same hooks."""
        import cattrs

        converter = cattrs.Converter(detailed_validation=False)
        # By class, like cattrs' own hooks for scalars, which take precedence over a predicate and convert None to "None".
        # An enum is a `str`, and the most specific class wins.
        for type_ in (str, int, float, bool, Blob, StreamedBody, datetime):
            converter.register_structure_hook(type_, self._in[type_])
            converter.register_unstructure_hook(type_, self._out[type_])
        converter.register_structure_hook(OpenEnum, _enum_in)
        converter.register_unstructure_hook(OpenEnum, _enum_out)
        converter.register_structure_hook_factory(self._knows, self.get_structure_hook)
        converter.register_unstructure_hook_factory(self._knows, self.get_unstructure_hook)
        return converter

    def _knows(self, type_: Any) -> bool:
        return type_ is Any or type_ == Payload or is_structure(type_) or _is_events(type_) or _is_container(type_)


def _is_enum(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, OpenEnum)


def _is_events(type_: Any) -> bool:
    return typing.get_origin(type_) is EventStream


def _is_container(type_: Any) -> bool:
    return origin(type_) is not None


_CONVERTER = Converter()


def leaf_hook(type_: Any) -> InHook:
    """Return the function that reads a scalar type, such as an enum or a timestamp."""
    hook: InHook = _CONVERTER.get_structure_hook(type_)
    return hook


def to_boto3(obj: Structure) -> dict[str, Any]:
    """Return boto3's dict for `obj`: wire names, plain texts for enums, datetimes with a time zone.

    None is left out; other falsy values are not. Unknown members are included unchanged.
    """
    if not isinstance(obj, Structure):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"to_boto3 takes an object of a generated class, not {_short(obj)}")
    try:
        result: dict[str, Any] = _CONVERTER.unstructure(obj)
    except RecursionError as error:
        text = "structures are nested too deeply to be sent, or contain themselves"
        raise InvalidRequestError([Problem("", "type", text)]) from error
    return result


def from_boto3(cls: type[S], mapping: Mapping[str, Any]) -> S:
    """Return an object of `cls` from boto3's dict.

    Missing members become None, whatever their type. Members that the class does not know are kept in `unknown_members`.
    Raises `ConversionError`, with the path, if a value cannot be converted to a structure, a list, a map, an enum or a
    timestamp. Other texts and numbers are kept unchanged, as in boto3.
    """
    if not (isinstance(cls, type) and issubclass(cls, Structure)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"from_boto3 takes a generated class, not {cls.__name__ if isinstance(cls, type) else _short(cls)}"
        )
    return _structured(cls, mapping)


def from_wire(cls: type[R], body: Mapping[str, Any], metadata: Mapping[str, Any]) -> R:
    """Return a response of `cls` from a JSON body and botocore's `ResponseMetadata`."""
    response = _structured(cls, body)
    response.response_metadata = read_metadata(metadata)
    return response


def _structured(cls: type[S], mapping: Any) -> S:
    try:
        result: S = _CONVERTER.structure(_mapping_checked(mapping), cls)
        return result
    except RecursionError as error:
        raise ConversionError(f"{cls.__name__}: nested too deeply to be read") from error
    except ConversionError as error:
        raise ConversionError(f"{cls.__name__}: {error}") from error.__cause__

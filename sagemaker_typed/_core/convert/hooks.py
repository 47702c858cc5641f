"""The functions that cattrs calls for a generated class: straight-line code, written and compiled for each class.

A page of a hundred summaries holds some thousand members. Walking a table of them costs several times what it costs to run
a line for each, so the lines are written when the first value of a class arrives. What a line does with a value that is not
of the usual form is left to the hook that the converter has for its type; the lines are those hooks, unrolled.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from sagemaker_typed._core.convert.annotations import (
    is_ready,
    member_annotations,
    member_types,
    origin,
    resolve,
    unchanged,
)
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import ConversionError, InvalidRequestError
from sagemaker_typed.structure import NO_METADATA, NO_UNKNOWN_MEMBERS, Response, Structure

__all__ = ["Helpers", "Hooks"]

Hook = Callable[..., Any]
_METADATA = "ResponseMetadata"
_TYPE_MARKER = "__type"  # the protocol's own key; no member of the model
_GENERATED = "sagemaker_typed.types."


class Helpers(typing.NamedTuple):
    """What the lines call, beside the hooks of the types."""

    mapping: Callable[[Any], Mapping[str, Any]]
    """The value itself, or `ConversionError`."""
    metadata_in: Callable[[Mapping[str, Any]], Any]
    metadata_out: Callable[[Any], dict[str, Any]]
    add_unknown: Callable[[dict[str, Any], Mapping[str, Any]], None]
    below: Callable[[str, InvalidRequestError], InvalidRequestError]
    """The same error, with its paths below a field."""


class Hooks:
    """Makes the hooks of one converter."""

    def __init__(self, converter: Any, helpers: Helpers) -> None:
        self._converter = converter
        # The globals of every function made here. A hook stands in it under one name: at first as what makes it, then as
        # what was made, so that functions made earlier call it without a detour.
        self._names: dict[str, Any] = {
            "ConversionError": ConversionError,
            "InvalidRequestError": InvalidRequestError,
            "NO_METADATA": NO_METADATA,
            "NO_UNKNOWN_MEMBERS": NO_UNKNOWN_MEMBERS,
            "Structure": Structure,
            "UTC": UTC,
            "moment": datetime.fromtimestamp,
            "new": object.__new__,
            **helpers._asdict(),
        }
        self._name_of: dict[int, str] = {}
        self._ready: dict[int, Callable[[], Hook]] = {}  # makes what `_made_later` gave
        self._kept: list[Any] = []  # an id means its value for as long as the value lives
        self._lock = RLock()

    def structuring(self, cls: Any) -> Hook:
        """Takes a dict of wire names, gives an object of `cls`."""
        return self._made_later("read", lambda name: self._reader(cls, name))

    def unstructuring(self, cls: Any) -> Hook:
        """Takes an object of `cls`, gives a dict of wire names."""
        return self._made_later("write", lambda name: self._writer(cls, name))

    def _made_later(self, hint: str, make: Callable[[str], Hook]) -> Hook:
        """A hook that is made when the first value comes: shapes may hold themselves, and most are never met."""
        made: Hook | None = None

        def ready() -> Hook:
            nonlocal made
            if made is None:
                with self._lock:
                    if made is None:
                        made = make(name)
                        self._names[name] = made
            return made

        def hook(value: Any, _: Any = None) -> Any:
            return (made or ready())(value)

        name = self._bound(hook, hint)
        self._ready[id(hook)] = ready
        return hook

    def _bound(self, value: Any, hint: str) -> str:
        """The name under which the functions made here find a value."""
        with self._lock:
            name = self._name_of.get(id(value))
            if name is None:
                name = f"{hint}_{len(self._names)}"
                self._names[name] = value
                self._name_of[id(value)] = name
                self._kept.append(value)
            return name

    def _compiled(self, name: str, lines: list[str]) -> Hook:
        space: dict[str, Any] = {}
        exec(compile("\n".join(lines), _file_of(name), "exec"), self._names, space)
        function: Hook = space[name]
        return function

    # --- in -----------------------------------------------------------------------------------------------------------

    def _reader(self, cls: Any, name: str) -> Hook:
        members = member_annotations(cls)
        annotations = {member.wire: annotation for member, annotation in members}
        response = issubclass(cls, Response)
        known = frozenset({_TYPE_MARKER, *annotations, *([_METADATA] if response else [])})

        def unknown(data: Mapping[str, Any]) -> dict[str, Any]:
            return {key: item for key, item in data.items() if key not in known}

        def placed(error: Exception, data: Mapping[str, Any]) -> Exception:
            """The error with the place of the line that raised it; the line has no time to say."""
            trace = error.__traceback__
            assert trace is not None
            at = at_line[trace.tb_lineno]
            if not isinstance(error, ConversionError):
                while trace.tb_next is not None:
                    trace = trace.tb_next
                if trace.tb_frame.f_code.co_filename != _file_of(name):
                    return error  # of somebody's mapping, say
                # A line of this hook takes the usual form for granted. The general hook says what is wrong.
                type_ = resolve(annotations[at])
                try:
                    self._converter.get_structure_hook(type_)(data[at], type_)
                except ConversionError as plain:
                    error = plain
                else:
                    return error
            told = ConversionError(f"{at}: {error}")
            told.__cause__ = error.__cause__
            return told

        blank = _blank(cls)
        target = "self.{}" if blank else "f_{}"
        before = [
            f"def {name}(data, _=None):",
            "    if data.__class__ is not dict:",
            "        if data is None: return None",
            "        data = mapping(data)",
            "    get = data.get",
            f"    self = new({self._bound(blank, 'blank')})" if blank else "    pass",
            "    try:",
            "        pass",
        ]
        at_line = {len(before) + 1 + index: member.wire for index, (member, _) in enumerate(members)}
        body: list[str] = []
        for member, annotation in members:
            field = target.format(member.field)
            line = self._read_now(annotation, "v") if is_ready(annotation) else f"{self._reading_later(annotation)}(v)"
            if line == "v":
                body.append(f"        {field} = get({member.wire!r})")
            else:
                body.append(f"        v = get({member.wire!r}); {field} = None if v is None else {line}")
        known_all, unknown_of = self._bound(known.issuperset, "known"), self._bound(unknown, "unknown")
        own = self._bound(cls, "cls")
        body += [
            "    except (ConversionError, TypeError, ValueError, OverflowError, OSError) as error:",
            f"        raise {self._bound(placed, 'placed')}(error, data)",
        ]
        if blank:
            body.append(f"    self.unknown_members = NO_UNKNOWN_MEMBERS if {known_all}(data) else {unknown_of}(data)")
            if response:
                body.append("    self.response_metadata = NO_METADATA")
            if blank is not cls:
                body.append(f"    self.__class__ = {own}")
        else:
            # An __init__ of the user's own need know no more than the members.
            arguments = ", ".join(f"{member.field}={target.format(member.field)}" for member, _ in members)
            body += [
                f"    if {known_all}(data): self = {own}({arguments})",
                f"    else: self = {own}({arguments + ', ' if arguments else ''}unknown_members={unknown_of}(data))",
            ]
        if response:
            body += [
                f"    v = get({_METADATA!r})",
                "    if v is not None: self.response_metadata = metadata_in(v)",
            ]
        body.append("    return self")
        return self._compiled(name, [*before, *body])

    def _reading_later(self, annotation: str) -> str:
        """The name of a function for a type whose modules nothing has imported yet; many a member never comes."""

        def make(name: str) -> Hook:
            type_ = resolve(annotation)
            ready = self._ready.get(id(self._converter.get_structure_hook(type_)))
            if ready is not None:
                return ready()
            return self._compiled(name, [f"def {name}(v, _=None): return {self._read_now(annotation, 'v')}"])

        return self._bound(self._made_later("later", make), "later")

    def _read_now(self, annotation: str, value: str) -> str:
        type_ = resolve(annotation)
        return self._read(type_, value, self._converter.get_structure_hook(type_))

    def _read(self, type_: Any, value: str, hook: Hook) -> str:
        """The expression that makes a `type_` of what `value` names, which is not None."""
        if hook is unchanged:
            return value
        called = f"{self._bound(hook, 'hook')}({value}, {self._bound(type_, 'type')})"
        kind, args = origin(type_), typing.get_args(type_)
        if type_ is datetime:
            return f"moment({value}, UTC) if {value}.__class__ is float else {called}"
        if kind is not None:
            element = f"{value}_"
            parts = [self._converter.get_structure_hook(arg) for arg in args]
            items = [
                self._read(arg, name, part)
                for arg, part, name in zip(args, parts, (element, f"{element}i"), strict=False)
            ]
            if all(part is unchanged for part in parts):
                made = f"{value}.copy()"
            elif kind is list:
                made = f"[{items[0]} for {element} in {value}]"
            else:
                made = f"{{{items[0]}: {items[1]} for {element}, {element}i in {value}.items()}}"
            return f"{made} if {value}.__class__ is {kind.__name__} else {called}"
        if issubclass(type_, OpenEnum):
            # A member of the empty text is falsy, and the hook finds it again.
            return f"{self._bound(type_._value2member_map_.get, 'known')}({value}) or {called}"
        return f"{self._bound(hook, 'hook')}({value})" if issubclass(type_, Structure) else called

    # --- out ----------------------------------------------------------------------------------------------------------

    def _writer(self, cls: Any, name: str) -> Hook:
        body: list[str] = []
        for member, type_ in member_types(cls):
            hook = self._converter.get_unstructure_hook(type_)
            line = "v" if hook is unchanged else self._write(type_, "v", hook)
            body += [f"        at = {member.field!r}; v = value.{member.field}"]
            body += [f"        if v is not None: result[{member.wire!r}] = {line}"]
        metadata = [
            "    if value.response_metadata != NO_METADATA:",
            f"        result[{_METADATA!r}] = metadata_out(value.response_metadata)",
        ]
        return self._compiled(
            name,
            [
                f"def {name}(value, _=None):",
                "    if not isinstance(value, Structure): return value",
                "    result = {}",
                "    at = ''",
                "    try:",
                *(body or ["        pass"]),
                "    except InvalidRequestError as error:",
                "        raise below(at, error) from None",
                "    if value.unknown_members: add_unknown(result, value.unknown_members)",
                *(metadata if issubclass(cls, Response) else []),
                "    return result",
            ],
        )

    def _write(self, type_: Any, value: str, hook: Hook) -> str:
        """The expression that makes boto3's form of what `value` names, which is not None."""
        called = f"{self._bound(hook, 'hook')}({value})"
        if isinstance(type_, type) and issubclass(type_, OpenEnum):
            return f"{value}._value_ if {value}.__class__ is {self._bound(type_, 'enum')} else {called}"
        if origin(type_) is not list:
            return called
        (arg,) = typing.get_args(type_)
        part = self._converter.get_unstructure_hook(arg)
        element = f"{value}_"
        made = f"{value}[:]" if part is unchanged else f"[{self._write(arg, element, part)} for {element} in {value}]"
        return f"{made} if {value}.__class__ is list else {called}"


def _file_of(name: str) -> str:
    """What a traceback calls the file of a hook."""
    return f"<sagemaker_typed {name}>"


def _blank(cls: Any) -> type | None:
    """The class that a new object begins with, or None where `cls` is not generated.

    Values that come in have been converted, and a slot is stored to ten times faster when no converting `__setattr__`
    stands between. Where attrs made one, an object begins as its class's twin, which has the same slots and no more, and
    becomes one of the class when it is whole.
    """
    if not cls.__module__.startswith(_GENERATED) or "__slots__" not in vars(cls):
        return None  # a user's subclass may add fields, or an __init__ of its own
    if cls.__setattr__ is object.__setattr__:
        found: type = cls
        return found
    return type(
        f"_{cls.__name__}", cls.__bases__, {"__slots__": cls.__dict__["__slots__"], "__module__": cls.__module__}
    )

"""The functions that convert objects of a generated class: straight-line code, generated and compiled per class.

A page of a hundred summaries has about a thousand members. Looping over a table of members is several times slower than a
line of code for each, so this code is generated when the first value of a class arrives. The lines are the converter's
hooks, unrolled; a value of an unusual form is left to the converter's hook for its type.

Tracebacks show the lines, in a file named after the direction and the class.
"""

from __future__ import annotations

import linecache
import re
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from sagemaker_typed._core.convert.annotations import is_ready, origin, resolve, unchanged
from sagemaker_typed._core.convert.members import member_annotations, member_types
from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.lazy import Names
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import ConversionError, InvalidRequestError
from sagemaker_typed.structure import NO_METADATA, NO_UNKNOWN_MEMBERS, Member, Response, Structure, service_of

__all__ = ["Helpers", "Hooks", "is_structure"]

Hook = Callable[..., Any]
_METADATA = "ResponseMetadata"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
_READ = "<sagemaker_typed read "  # start of the file names of all readers
_TYPE_MARKER = "__type"  # the protocol's own key, not a member of the model


class Helpers(typing.NamedTuple):
    """Functions that the generated lines call besides the hooks of the types."""

    mapping: Callable[[Any], Mapping[str, Any]]
    """Returns the value itself, or raises `ConversionError`."""
    metadata_in: Callable[[Mapping[str, Any]], Any]
    metadata_out: Callable[[Any], dict[str, Any]]
    add_unknown: Callable[[dict[str, Any], Mapping[str, Any]], None]
    below: Callable[[str, InvalidRequestError], InvalidRequestError]
    """Returns the same error with its paths below a field."""


class _Hook:
    """A hook that is compiled at its first value: shapes may be recursive, and most are never used."""

    def __init__(self, name: str, hooks: Hooks, space: dict[str, Any], make: Callable[[str], Hook]) -> None:
        self.name = name
        self._hooks = hooks
        self._space = space
        self._make = make
        self._made: Hook | None = None
        space[name] = self

    def __call__(self, value: Any, _: Any = None) -> Any:
        return (self._made or self.ready())(value)

    def ready(self) -> Hook:
        """Compile the function. From now on, all generated code calls it directly."""
        with self._hooks.lock:
            if self._made is None:
                self._made = self._space[self.name] = self._make(self.name)
            return self._made


class Hooks:
    """Makes the hooks of one converter."""

    def __init__(self, converter: Any, helpers: Helpers) -> None:
        self._converter = converter
        # The globals of all compiled functions.
        self._space: dict[str, Any] = {
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
        # (purpose, type) -> name in `_space`. "read" and "write" are directions; other purposes belong to a direction.
        self._names: dict[tuple[str, Any], str] = {}
        self.lock = RLock()
        mend_after_fork(self)

    def after_fork(self) -> None:
        """Renew the lock; another thread may have been making a hook."""
        self.lock = RLock()

    def structuring(self, cls: Any) -> Hook:
        """Return the hook that converts a dict of wire names to an object of `cls`."""
        return self._hook("read", cls, cls.__name__, lambda name: self._reader(cls, name))

    def unstructuring(self, cls: Any) -> Hook:
        """Return the hook that converts an object of `cls` to a dict of wire names."""
        return self._hook("write", cls, cls.__name__, lambda name: self._writer(cls, name))

    def _hook(self, direction: str, type_: Any, hint: str, make: Callable[[str], Hook]) -> Hook:
        with self.lock:
            name = self._names.get((direction, type_))
            if name is None:
                name = self._free(f"{direction}_{hint}")
                _Hook(name, self, self._space, make)
                self._names[direction, type_] = name  # last, so that a fork here leaves no name without a hook
        hook: Hook = self._space[name]
        return hook

    def _bound(self, purpose: str, type_: Any, value: Any) -> str:
        """Bind a value for a type, and return its name for the generated lines."""
        with self.lock:
            name = self._names.get((purpose, type_))
            if name is None:
                name = self._free(purpose)
                self._space[name] = value
                self._names[purpose, type_] = name
            return name

    def _free(self, hint: str) -> str:
        # A user's class may have a name that is not an identifier.
        return f"{_NOT_IN_NAMES.sub('_', hint)}_{len(self._names)}"

    def _compiled(self, name: str, file: str, lines: list[str]) -> Hook:
        text = "\n".join(lines)
        space: dict[str, Any] = {}
        exec(compile(text, file, "exec"), self._space, space)
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        function: Hook = space[name]
        return function

    # --- in -----------------------------------------------------------------------------------------------------------

    def _reader(self, cls: Any, name: str) -> Hook:
        members = member_annotations(cls)
        names = service_of(cls).types
        blank = blank_of(cls)
        file = _file_of("read", cls)
        before = [
            f"def {name}(data, _=None):",
            "    if data.__class__ is not dict:",
            "        if data is None: return None",
            "        data = mapping(data)",
            "    get = data.get",
            f"    self = new({self._bound('blank', cls, blank)})" if blank else "    pass",
            "    try:",
            "        pass",
        ]
        at_line = {len(before) + 1 + index: pair for index, pair in enumerate(members)}
        target = "self.{}" if blank else "f_{}"
        body = [self._member_line(target.format(member.field), member, text, names) for member, text in members]
        placed = self._bound("placed", cls, _placing(self._converter, names, at_line))
        body += [
            "    except (ConversionError, TypeError, ValueError, OverflowError, OSError) as error:",
            f"        raise {placed}(error, data)",
            *self._ending(cls, blank, [member for member, _ in members]),
        ]
        return self._compiled(name, file, [*before, *body])

    def _member_line(self, target: str, member: Member, annotation: str, names: Names) -> str:
        if is_ready(annotation, names):
            line = self._read(resolve(annotation, names), "v")
        else:
            line = f"{self._reading_later(annotation, names)}(v)"
        if line == "v":
            return f"        {target} = get({member.wire!r})"
        return f"        v = get({member.wire!r}); {target} = None if v is None else {line}"

    def _ending(self, cls: Any, blank: type | None, members: list[Member]) -> list[str]:
        """Return the lines after the members, which collect unknown members and finish the object."""
        response = issubclass(cls, Response)
        known = frozenset({_TYPE_MARKER, *(member.wire for member in members), *([_METADATA] if response else [])})

        def unknown(data: Mapping[str, Any]) -> dict[str, Any]:
            return {key: item for key, item in data.items() if key not in known}

        known_all = self._bound("known", cls, known.issuperset)
        unknown_of, own = self._bound("unknown", cls, unknown), self._bound("class", cls, cls)
        if blank:
            lines = [f"    self.unknown_members = NO_UNKNOWN_MEMBERS if {known_all}(data) else {unknown_of}(data)"]
            lines += ["    self.response_metadata = NO_METADATA"] if response else []
            lines += [f"    self.__class__ = {own}"] if blank is not cls else []
        else:
            # A user's own `__init__` may accept only the members.
            arguments = ", ".join(f"{member.field}=f_{member.field}" for member in members)
            more = f"{arguments}, " if arguments else ""
            lines = [
                f"    if {known_all}(data): self = {own}({arguments})",
                f"    else: self = {own}({more}unknown_members={unknown_of}(data))",
            ]
        if response:
            lines += [f"    v = get({_METADATA!r})", "    if v is not None: self.response_metadata = metadata_in(v)"]
        return [*lines, "    return self"]

    def _reading_later(self, annotation: str, names: Names) -> str:
        """Return the name of a lazy hook for a type whose module is not imported yet; many members are never used."""

        def make(name: str) -> Hook:
            type_ = resolve(annotation, names)
            hook = self._converter.get_structure_hook(type_)
            if is_structure(type_):
                return hook.ready() if isinstance(hook, _Hook) else hook
            line = f"def {name}(v, _=None): return {self._read(type_, 'v')}"
            return self._compiled(name, f"{_READ}{annotation}>", [line])

        key = (annotation, names)
        self._hook("later", key, "read", make)
        return self._names["later", key]

    def _read(self, type_: Any, value: str) -> str:
        """Return the expression that converts the expression `value`, which is not None, to `type_`."""
        hook = self._converter.get_structure_hook(type_)
        if hook is unchanged:
            return value
        name = self._bound("read", type_, hook)
        if is_structure(type_):
            return f"{name}({value})"
        called = f"{name}({value}, {self._bound('type', type_, type_)})"
        if type_ is float:
            return f"{called} if {value}.__class__ is str else {value}"
        if type_ is datetime:
            return f"moment({value}, UTC) if {value}.__class__ is float else {called}"
        if (kind := origin(type_)) is not None:
            return f"{self._read_all(type_, value)} if {value}.__class__ is {kind.__name__} else {called}"
        if isinstance(type_, type) and issubclass(type_, OpenEnum):
            # An enum member with an empty text is falsy; the hook looks it up again.
            return f"{self._bound('members', type_, type_._value2member_map_.get)}({value}) or {called}"
        return called

    def _read_all(self, type_: Any, value: str) -> str:
        """Return the expression for a list or a dict of the usual form."""
        args = typing.get_args(type_)
        element = f"{value}_"
        items = [self._read(arg, name) for arg, name in zip(args, (element, f"{element}i"), strict=False)]
        if all(self._converter.get_structure_hook(arg) is unchanged for arg in args):
            return f"{value}.copy()"
        if origin(type_) is list:
            return f"[{items[0]} for {element} in {value}]"
        return f"{{{items[0]}: {items[1]} for {element}, {element}i in {value}.items()}}"

    # --- out ----------------------------------------------------------------------------------------------------------

    def _writer(self, cls: Any, name: str) -> Hook:
        lines = [
            f"def {name}(value, _=None):",
            "    if not isinstance(value, Structure): return value",
            "    result = {}",
            "    at = ''",
            "    try:",
            "        pass",
        ]
        for member, type_ in member_types(cls):
            lines += [f"        at = {member.field!r}; v = value.{member.field}"]
            lines += [f"        if v is not None: result[{member.wire!r}] = {self._write(type_, 'v')}"]
        lines += [
            "    except InvalidRequestError as error:",
            "        raise below(at, error) from None",
            "    if value.unknown_members: add_unknown(result, value.unknown_members)",
        ]
        if issubclass(cls, Response):
            lines += [
                "    if value.response_metadata != NO_METADATA:",
                f"        result[{_METADATA!r}] = metadata_out(value.response_metadata)",
            ]
        return self._compiled(name, _file_of("write", cls), [*lines, "    return result"])

    def _write(self, type_: Any, value: str) -> str:
        """Return the expression that converts the expression `value`, which is not None, to boto3's form."""
        hook = self._converter.get_unstructure_hook(type_)
        if hook is unchanged:
            return value
        called = f"{self._bound('write', type_, hook)}({value})"
        if isinstance(type_, type) and issubclass(type_, OpenEnum):
            return f"{value}._value_ if {value}.__class__ is {self._bound('type', type_, type_)} else {called}"
        if origin(type_) is not list:
            return called
        (arg,) = typing.get_args(type_)
        element = f"{value}_"
        item = self._write(arg, element)
        made = f"{value}[:]" if item == element else f"[{item} for {element} in {value}]"
        return f"{made} if {value}.__class__ is list else {called}"


def is_structure(type_: Any) -> bool:
    """Whether a type is a generated class."""
    return isinstance(type_, type) and issubclass(type_, Structure)


def _file_of(direction: str, cls: Any) -> str:
    """Return the file name of a hook in tracebacks."""
    return f"<sagemaker_typed {direction} {cls.__module__}.{cls.__qualname__}>"


def _placing(
    converter: Any, names: Names, at_line: Mapping[int, tuple[Member, str]]
) -> Callable[[Exception, Mapping[str, Any]], Exception]:
    """Return a function that adds the path to a reader's error, found by the line that raised it."""

    def placed(error: Exception, data: Mapping[str, Any]) -> Exception:
        trace = error.__traceback__
        assert trace is not None
        member, annotation = at_line[trace.tb_lineno]
        if not isinstance(error, ConversionError):
            while trace.tb_next is not None:
                trace = trace.tb_next
            if not trace.tb_frame.f_code.co_filename.startswith(_READ):
                return error  # raised by a user's mapping, for example
            # A line of this hook or a later one got an unusual value. The general hook raises the right error.
            type_ = resolve(annotation, names)
            try:
                converter.get_structure_hook(type_)(data[member.wire], type_)
            except ConversionError as plain:
                error = plain
            else:
                return error
        told = ConversionError(f"{member.wire}: {error}")
        told.__cause__ = error.__cause__
        return told

    return placed


def blank_of(cls: Any) -> type | None:
    """Return the class for constructing objects of `cls`, or None if `cls` is not a generated class.

    The values are converted already, and assigning to a slot is ten times faster without a converting `__setattr__`. If
    attrs made one, an object is first created as an instance of a twin class with the same slots and nothing else, and its
    `__class__` is set at the end. Without the twin, converting a page of 100 summaries takes twice as long.
    """
    if "_service" not in vars(cls):
        return None  # a user's subclass may add fields or define its own `__init__`
    if cls.__setattr__ is object.__setattr__:
        found: type = cls
        return found
    return type(
        f"_{cls.__name__}", cls.__bases__, {"__slots__": cls.__dict__["__slots__"], "__module__": cls.__module__}
    )

"""The public surface of a package as plain values, and as a text to store.

The text is easy to review as a diff: it has a line for each name, sorted, in a form that `ast` can parse. The 1,633
generated classes accept their attributes as keywords. To avoid repetition, `*FIELDS` in `__init__` stands for these
keywords, and an attribute whose keyword accepts more than the attribute holds is `Takes[type, accepted type]`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Alias",
    "Attribute",
    "Class",
    "Entry",
    "Function",
    "Held",
    "Kind",
    "Member",
    "Parameter",
    "Surface",
    "dump",
    "parse",
]

Kind = Literal["positional", "either", "*", "keyword", "**"]


@dataclass(frozen=True)
class Parameter:
    """A parameter. `type` and `default` are source text."""

    name: str
    kind: Kind = "either"
    type: str | None = None
    default: str | None = None


@dataclass(frozen=True)
class Function:
    """A function, or a method without its `self`."""

    parameters: tuple[Parameter, ...] = ()
    returns: str | None = None
    is_async: bool = False


@dataclass(frozen=True)
class Attribute:
    """A field, a property or a constant. `value` is set if the value belongs to the surface."""

    type: str | None = None
    value: str | None = None


Member = Function | Attribute


@dataclass(frozen=True)
class Class:
    """A class: its public bases, and its other members."""

    bases: tuple[str, ...] = ()
    members: Mapping[str, Member] = field(default_factory=dict[str, "Member"])


@dataclass(frozen=True)
class Alias:
    """Another name for an entry."""

    target: str


Entry = Class | Function | Attribute | Alias


@dataclass(frozen=True)
class Held:
    """A name that a public module imports from the package, and does not export. It can be imported from there."""

    entry: Entry
    left_out: bool
    """Whether the module has an `__all__`, without this name."""


@dataclass(frozen=True)
class Surface:
    """All public names of a package, without the name of the package in front."""

    version: str
    entries: Mapping[str, Entry]
    held: Mapping[str, Held] = field(default_factory=dict[str, Held], compare=False)
    """These names are not public, so they are not recorded. Code that imports them still works."""


# --- out --------------------------------------------------------------------------------------------------------------

_FIELDS, _TAKES = "FIELDS", "Takes"


def dump(surface: Surface) -> str:
    """Write a surface as text."""
    lines = [f"# The public surface of {surface.version}, kept by `make surface`."]
    for name, entry in sorted(surface.entries.items()):
        lines += ["", *_entry(name, entry)]
    return "\n".join(lines) + "\n"


def _entry(name: str, entry: Entry) -> Iterator[str]:
    match entry:
        case Class():
            yield f"class {name}({', '.join(entry.bases)})"
            yield from (f"  {line}" for line in _members(entry))
        case Alias():
            yield f"name {name} = {entry.target}"
        case Function() | Attribute():
            yield _member(name, entry)


def _members(entry: Class) -> Iterator[str]:
    init = entry.members.get("__init__")
    folded = _foldable(entry, init) if isinstance(init, Function) else {}
    for name, member in entry.members.items():
        if name == "__init__" and folded:
            assert isinstance(init, Function)
            rest = [Parameter(_FIELDS, "*"), *(each for each in init.parameters if each.name not in folded)]
            yield _member(name, Function(tuple(rest), init.returns))
        elif name in folded:
            assert isinstance(member, Attribute)
            taken = folded[name].type
            shown = member.type if taken == member.type else f"{_TAKES}[{member.type}, {taken}]"
            yield _member(name, Attribute(shown, folded[name].default))
        else:
            yield _member(name, member)


def _foldable(entry: Class, init: Function) -> dict[str, Parameter]:
    """Return the parameters that `*FIELDS` can stand for: keywords for all attributes, in their order."""
    own = [name for name, member in entry.members.items() if isinstance(member, Attribute)]
    given = {each.name: each for each in init.parameters}
    plain = all(each.kind == "keyword" for each in init.parameters)
    typed = all(map(_is_typed, entry.members.values()))
    if not (plain and typed and own and list(given)[: len(own)] == own):
        return {}
    return {name: given[name] for name in own}


def _is_typed(member: Member) -> bool:
    return isinstance(member, Function) or bool(member.type and not member.value)


def _member(name: str, member: Member) -> str:
    match member:
        case Function():
            returns = f" -> {member.returns}" if member.returns else ""
            return f"{'async ' if member.is_async else ''}def {name}({_parameters(member.parameters)}){returns}"
        case Attribute():
            return name + (f": {member.type}" if member.type else "") + (f" = {member.value}" if member.value else "")


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    parts: list[str] = []
    starred = False
    for index, each in enumerate(parameters):
        if each.kind == "keyword" and not starred:
            parts.append("*")
        starred = starred or each.kind in ("*", "keyword")
        shown = f"{each.kind if each.kind in ('*', '**') else ''}{each.name}" + (f": {each.type}" if each.type else "")
        parts.append(shown + (f" = {each.default}" if each.default is not None else ""))
        if each.kind == "positional" and (index + 1 == len(parameters) or parameters[index + 1].kind != "positional"):
            parts.append("/")
    return ", ".join(parts)


# --- in ---------------------------------------------------------------------------------------------------------------


def parse(text: str) -> Surface:
    """Read a text that `dump` wrote.

    Raises `ValueError` with the line that cannot be read.
    """
    head, *lines = text.splitlines()
    entries: dict[str, Entry] = {}
    members: dict[str, Member] = {}
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        try:
            if line.startswith("  "):
                name, member = _read_member(line.strip())
                members[name] = member
            elif line.startswith("class "):
                name, _, bases = line[6:-1].partition("(")
                call = ast.parse(f"_({bases})", mode="eval").body
                assert isinstance(call, ast.Call)
                members = {}
                entries[name] = Class(tuple(map(ast.unparse, call.args)), members)
            elif line.startswith("name "):
                name, _, target = line[5:].partition(" = ")
                entries[name] = Alias(target)
            else:
                name, entry = _read_member(line)
                entries[name] = entry
        except (SyntaxError, AssertionError) as error:
            raise ValueError(f"line {number} of the recorded surface cannot be read: {line}") from error
    version = head.removeprefix("# The public surface of ").partition(",")[0]
    return Surface(
        version, {name: _unfolded(each) if isinstance(each, Class) else each for name, each in entries.items()}
    )


def _read_member(line: str) -> tuple[str, Member]:
    asynchronous = line.startswith("async ")
    line = line.removeprefix("async ")
    if not line.startswith("def "):
        statement = ast.parse(line).body[0]
        if isinstance(statement, ast.AnnAssign):
            value = None if statement.value is None else ast.unparse(statement.value)
            return ast.unparse(statement.target), Attribute(ast.unparse(statement.annotation), value)
        if isinstance(statement, ast.Assign):
            return ast.unparse(statement.targets[0]), Attribute(None, ast.unparse(statement.value))
        return ast.unparse(statement), Attribute()
    name, bracket, rest = line[4:].partition("(")  # a name may have dots
    function = ast.parse(f"def _{bracket}{rest}: ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    returns = None if function.returns is None else ast.unparse(function.returns)
    return name, Function(tuple(_read_parameters(function.args)), returns, asynchronous)


def _read_parameters(found: ast.arguments) -> Iterator[Parameter]:
    def one(kind: Kind, argument: ast.arg, default: ast.expr | None = None) -> Parameter:
        annotation = None if argument.annotation is None else ast.unparse(argument.annotation)
        return Parameter(argument.arg, kind, annotation, None if default is None else ast.unparse(default))

    both = [*found.posonlyargs, *found.args]
    defaults = [None] * (len(both) - len(found.defaults)) + found.defaults
    for index, (argument, default) in enumerate(zip(both, defaults, strict=True)):
        yield one("positional" if index < len(found.posonlyargs) else "either", argument, default)
    if found.vararg:
        yield one("*", found.vararg)
    for argument, default in zip(found.kwonlyargs, found.kw_defaults, strict=True):
        yield one("keyword", argument, default)
    if found.kwarg:
        yield one("**", found.kwarg)


def _unfolded(entry: Class) -> Class:
    init = entry.members.get("__init__")
    if not isinstance(init, Function) or not init.parameters or init.parameters[0] != Parameter(_FIELDS, "*"):
        return entry
    members = dict(entry.members)
    given: list[Parameter] = []
    for name, member in entry.members.items():
        if isinstance(member, Attribute):
            assert member.type is not None
            is_, takes = _both(member.type)
            given.append(Parameter(name, "keyword", takes, member.value))
            members[name] = Attribute(is_)
    members["__init__"] = Function((*given, *init.parameters[1:]), init.returns)
    return Class(entry.bases, members)


def _both(shown: str) -> tuple[str, str]:
    if not shown.startswith(f"{_TAKES}["):
        return shown, shown
    node = ast.parse(shown, mode="eval").body
    assert isinstance(node, ast.Subscript)
    assert isinstance(node.slice, ast.Tuple)
    is_, takes = map(ast.unparse, node.slice.elts)
    return is_, takes

"""Reads the public surface of a package from its sources, with griffe and without importing them.

A module exports the names in its `__all__`, or without one the names that it defines. An exported name is public if neither
it nor its module begins with an underscore, except below INTERNAL. A class of a private module is public if a public module
exports it. Members that a class inherits from private bases count as its own.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import griffe

from sagemaker_typed.changes._surface.entries import (
    Alias,
    Attribute,
    Class,
    Entry,
    Function,
    Held,
    Kind,
    Member,
    Parameter,
    Surface,
)

__all__ = ["read"]

# Importable, but not public: the generator, which is not in the wheel; the modules of `types`, whose names `types` exports;
# the code behind the commands; and the modules of `resources` and `services` that only the runtime reads.
INTERNAL = (
    "codegen.", "types.*.", "cli.", "__main__.", "resources.wording.", "resources.waitable.", "services.siblings.",
    "services.*.*.",
)  # fmt: skip

_KINDS: dict[griffe.ParameterKind, Kind] = {
    griffe.ParameterKind.positional_only: "positional",
    griffe.ParameterKind.positional_or_keyword: "either",
    griffe.ParameterKind.var_positional: "*",
    griffe.ParameterKind.keyword_only: "keyword",
    griffe.ParameterKind.var_keyword: "**",
}


def read(folder: Path, package: str = "sagemaker_typed") -> Surface:
    """Read the surface of the package in a folder."""
    overloads = _StubOverloads()
    extensions = griffe.Extensions(overloads)
    loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False, extensions=extensions)
    root = loader.load(package, try_relative_path=False)  # or griffe would look where it runs first
    assert isinstance(root, griffe.Module)
    loader.resolve_aliases(external=False)
    reader = _SurfaceReader(root, overloads.found)
    return Surface(f"{package} {_version(root)}", reader.entries(), reader.held())


def _version(root: griffe.Module) -> str:
    """Return the value of `__version__`, which may come from another module."""
    found = root.members.get("__version__")
    version = None if found is None else _final(found)
    return (
        str(ast.literal_eval(str(version.value)))
        if isinstance(version, griffe.Attribute) and version.value
        else "0.0.0"
    )


class _StubOverloads(griffe.Extension):
    """Keeps what griffe drops when it merges a stub: overloads of methods that the class itself does not define.

    The asynchronous groups have them. In their sources, these methods are inherited from the synchronous group.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: defaultdict[str, dict[str, griffe.Function]] = defaultdict(dict)
        """The path of a class -> the last overload of each method."""

    def on_class_members(
        self, *, node: ast.AST | griffe.ObjectNode, cls: griffe.Class, agent: Any, **kwargs: Any
    ) -> None:
        for name, overloads in cls.overloads.items():
            if overloads and name not in cls.members:
                self.found[cls.path][name] = overloads[-1]


class _SurfaceReader:
    def __init__(self, root: griffe.Module, overloads: Mapping[str, Mapping[str, griffe.Function]]) -> None:
        self._root = root
        self._overloads = overloads
        self._modules = dict(self._public(root))
        self._names: dict[str, str] = {}  # where a thing is defined -> its public name
        exported = [
            (name, f"{path}.{name}".removeprefix("."), module.members[name])
            for path, module in self._modules.items()
            for name in _exports(module)
            if name in module.members
        ]
        for _, public, found in sorted(exported, key=lambda each: (each[2].is_alias, each[1].count("."), each[1])):
            if (target := _final(found)) is not None and not isinstance(target, griffe.Module):
                self._names.setdefault(target.path, public)
        self._exported = [(public, found) for _, public, found in exported]

    def _public(self, module: griffe.Module) -> Iterator[tuple[str, griffe.Module]]:
        path = module.path.removeprefix(self._root.path).removeprefix(".")
        if any(fnmatchcase(f"{path}.", pattern) for pattern in INTERNAL):
            return
        yield path, module
        for name, member in module.members.items():
            if isinstance(member, griffe.Module) and not name.startswith("_"):
                yield from self._public(member)

    def entries(self) -> dict[str, Entry]:
        """Return what the public modules export."""
        found = {public: self._entry(public, each) for public, each in self._exported}
        return {public: entry for public, entry in found.items() if entry is not None}

    def held(self) -> dict[str, Held]:
        """Return what the public modules import from the package and do not export."""
        found: dict[str, Held] = {}
        for path, module in self._modules.items():
            exported = set(_exports(module))
            for name, each in module.members.items():
                if name in exported or name.startswith("_") or not each.is_alias or _is_module(_final(each)):
                    continue
                public = f"{path}.{name}".removeprefix(".")
                if _final(each) is not None and (entry := self._entry(public, each)) is not None:
                    found[public] = Held(entry, left_out=module.exports is not None)
        return found

    def _entry(self, public: str, each: griffe.Object | griffe.Alias) -> Entry | None:
        target = _final(each)
        if isinstance(target, griffe.Module):
            return Attribute("ModuleType")
        if target is None:  # in another package
            return Alias(str(getattr(each, "target_path", public)))
        if (name := self._names.get(target.path, public)) != public:
            return Alias(name)
        if isinstance(target, griffe.Class):
            return self._class(target)
        if (renamed := self._other_name(target)) is not None:
            return Alias(renamed)
        return self._member(target, None)

    def _other_name(self, found: griffe.Object) -> str | None:
        """Return the public name of the class or function that is assigned to a name: `Old = New`."""
        value = found.value if isinstance(found, griffe.Attribute) and found.annotation is None else None
        if not isinstance(value, griffe.ExprName | griffe.ExprAttribute):
            return None
        target = self._in_package(value.canonical_path)
        return self._names.get(target.path) if isinstance(target, griffe.Class | griffe.Function) else None

    def _class(self, found: griffe.Class) -> Class:
        members: dict[str, Member] = {}
        bases: list[str] = []
        self._collect(found, members, bases, set())
        return Class(tuple(dict.fromkeys(bases)), members)

    def _collect(self, found: griffe.Class, members: dict[str, Member], bases: list[str], seen: set[str]) -> None:
        seen.add(found.path)
        for name, member in found.members.items():
            read_ = self._member(_final(member), found) if _is_shown(name, member) else None
            if read_ is not None:
                members.setdefault(name, read_)
        members.update({**self._inherited_overloads(found), **members})
        if "__init__" not in members and (made := _made_by_attrs(found)) is not None:
            members["__init__"] = made
        for base in found.bases:
            target = self._resolve(base)
            if target is None:
                bases.append(_text(base) or "")
            elif target.path in self._names:
                written = _text(base) or ""
                bases.append(self._names[target.path] + written.removeprefix(written.partition("[")[0]))
            elif target.path not in seen:
                self._collect(target, members, bases, seen)

    def _inherited_overloads(self, found: griffe.Class) -> dict[str, Function]:
        """Return the methods that only the stub has in the class, with the parameters of the inherited methods."""
        read_: dict[str, Function] = {}
        for name, overload in self._overloads.get(found.path, {}).items():
            member = self._member(overload, found)
            if name in found.members or not _is_shown(name, overload) or not isinstance(member, Function):
                continue
            bases = [target for base in found.bases if (target := self._resolve(base)) is not None]
            inherited = next((base.members[name] for base in bases if name in base.members), None)
            whole = None if inherited is None else self._member(_final(inherited), found)
            read_[name] = replace(member, parameters=whole.parameters) if isinstance(whole, Function) else member
        return read_

    def _resolve(self, base: str | griffe.Expr) -> griffe.Class | None:
        """Return the class of the package that a base names, if any."""
        target = self._in_package(base.canonical_path if isinstance(base, griffe.Expr) else base)
        return target if isinstance(target, griffe.Class) else None

    def _in_package(self, path: str) -> griffe.Object | None:
        if not path.startswith(f"{self._root.path}."):
            return None
        try:
            return _final(self._root[path.removeprefix(f"{self._root.path}.")])
        except KeyError:
            return None

    def _member(self, found: griffe.Object | None, owner: griffe.Class | None) -> Member | None:
        match found:
            case griffe.Function():
                parameters = list(found.parameters)
                if owner is not None and "staticmethod" not in found.labels:
                    parameters = parameters[1:]
                return Function(
                    tuple(
                        Parameter(
                            each.name.lstrip("*"),
                            _KINDS[each.kind or griffe.ParameterKind.positional_or_keyword],
                            _text(each.annotation),
                            None if each.kind and each.kind.name.startswith("var_") else _text(each.default),
                        )
                        for each in parameters
                    ),
                    _text(found.returns),
                    "async" in found.labels,
                )
            case griffe.Attribute():
                return Attribute(_text(found.annotation), _promised(found, owner))
            case _:
                return None


def _is_shown(name: str, member: griffe.Object | griffe.Alias) -> bool:
    return not name.startswith("_") or (name.startswith("__") and isinstance(member, griffe.Function))


def _final(found: griffe.Object | griffe.Alias) -> griffe.Object | None:
    """Follow an alias; None if it leads out of the package."""
    if not isinstance(found, griffe.Alias):
        return found
    try:
        return found.final_target
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _is_module(found: griffe.Object | None) -> bool:
    return isinstance(found, griffe.Module)


def _exports(module: griffe.Module) -> list[str]:
    if module.exports is not None:
        return [str(name) for name in module.exports]
    # Names that it defines, and names from its own public submodules.
    return [
        name
        for name, each in module.members.items()
        if not name.startswith("_")
        and not isinstance(each, griffe.Module)
        and (not isinstance(each, griffe.Alias) or _public_part(each.target_path, module.path))
    ]


def _public_part(path: str, of: str) -> bool:
    return path.startswith(f"{of}.") and not any(part.startswith("_") for part in path.removeprefix(of).split("."))


def _text(found: str | griffe.Expr | None) -> str | None:
    """Return an expression as `ast` writes it, whatever the layout and the quotes of the source."""
    if found is None:
        return None
    shown = str(found)
    try:
        return ast.unparse(ast.parse(shown, mode="eval"))
    except SyntaxError:
        return shown


def _promised(found: griffe.Attribute, owner: griffe.Class | None) -> str | None:
    """Return the value of an attribute if it belongs to the surface: of enum members, type aliases and `Final` names."""
    value, type_ = _text(found.value), _text(found.annotation) or ""
    if value is None or "property" in found.labels:
        return None
    if owner is None:
        return _promised_alias(found.name, type_, value)
    return value if type_ == "Final" or (not type_ and _is_enum(owner)) else None


def _promised_alias(name: str, type_: str, value: str) -> str | None:
    """Return the value of a type alias. The `Literal` beside an enum repeats the enum, and is left out."""
    if type_ == "TypeAlias":
        return None if name.endswith("Value") and value.startswith("Literal[") else value
    return value if not type_ and value.startswith("Literal[") else None


def _is_enum(owner: griffe.Class) -> bool:
    return any("Enum" in str(base) for base in owner.bases)


def _made_by_attrs(found: griffe.Class) -> Function | None:
    """Return the `__init__` that `attrs.frozen` or `attrs.define` writes."""
    marks = [ast.parse(str(each.value), mode="eval").body for each in found.decorators]
    mark = next(
        (each for each in marks if ast.unparse(each).partition("(")[0] in ("attrs.frozen", "attrs.define")), None
    )
    if mark is None:
        return None
    keywords = _keywords(mark).get("kw_only") == "True"
    fields = [(name, member) for name, member in found.members.items() if isinstance(member, griffe.Attribute)]
    made = [_parameter(name, member, keywords=keywords) for name, member in fields if _is_field(member)]
    return Function(tuple(each for each in made if each is not None), "None")


def _is_field(member: griffe.Attribute) -> bool:
    if member.annotation is None or "property" in member.labels:
        return False
    return "ClassVar" not in str(member.annotation) and "instance-attribute" in member.labels


def _parameter(name: str, member: griffe.Attribute, *, keywords: bool) -> Parameter | None:
    """Return the parameter of `__init__` for an attribute; None if it has none."""
    default = _text(member.value)
    options: dict[str, str] = {}
    if default is not None and default.startswith("attrs.field("):
        options = _keywords(ast.parse(default, mode="eval").body)
        default = options.get("default", "..." if "factory" in options else None)
    if options.get("init") == "False":
        return None
    kind: Kind = "keyword" if keywords or options.get("kw_only") == "True" else "either"
    alias = options.get("alias")
    return Parameter(ast.literal_eval(alias) if alias else name.lstrip("_"), kind, _text(member.annotation), default)


def _keywords(call: ast.expr) -> dict[str, str]:
    given = call.keywords if isinstance(call, ast.Call) else []
    return {each.arg: ast.unparse(each.value) for each in given if each.arg}

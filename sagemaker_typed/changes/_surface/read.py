"""Reads the public surface of a package from its sources, with griffe: nothing of it is imported.

Public is what a module exports (`__all__`, or without one what it defines) whose name and path have no underscore in front,
apart from INTERNAL. A class in a private module is public where a public one exports it. What a class inherits from
private bases counts as its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import griffe

from sagemaker_typed.changes._surface.entries import (
    Alias,
    Attribute,
    Class,
    Entry,
    Function,
    Kind,
    Member,
    Parameter,
    Surface,
)

__all__ = ["read"]

# Importable, and not public all the same: the generator is not in the wheel, `types` exports what its modules hold, of the
# command line the commands count, and of `resources` the rest is what the runtime looks up.
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
    """The surface of the package in a folder."""
    loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False)
    root = loader.load(package, try_relative_path=False)  # or griffe would look where it runs first
    assert isinstance(root, griffe.Module)
    loader.resolve_aliases(external=False)
    entries = _SurfaceReader(root).entries()
    version = root.members.get("__version__")
    shown = ast.literal_eval(str(version.value)) if isinstance(version, griffe.Attribute) else "0.0.0"
    return Surface(f"{package} {shown}", entries)


class _SurfaceReader:
    def __init__(self, root: griffe.Module) -> None:
        self._root = root
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
        found: dict[str, Entry] = {}
        for public, each in self._exported:
            target = _final(each)
            if isinstance(target, griffe.Module):
                found[public] = Attribute("ModuleType")
            elif target is None:  # of another package
                found[public] = Alias(str(getattr(each, "target_path", public)))
            elif (name := self._names[target.path]) != public:
                found[public] = Alias(name)
            elif isinstance(target, griffe.Class):
                found[public] = self._class(target)
            elif (member := self._member(target, None)) is not None:
                found[public] = member
        return found

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

    def _resolve(self, base: str | griffe.Expr) -> griffe.Class | None:
        """The class that a base names, if it is one of the package."""
        path = base.canonical_path if isinstance(base, griffe.Expr) else base
        if not path.startswith(f"{self._root.path}."):
            return None
        try:
            target = _final(self._root[path.removeprefix(f"{self._root.path}.")])
        except KeyError:
            return None
        return target if isinstance(target, griffe.Class) else None

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
    """What an alias leads to; None for what is not of the package."""
    if not isinstance(found, griffe.Alias):
        return found
    try:
        return found.final_target
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _exports(module: griffe.Module) -> list[str]:
    if module.exports is not None:
        return [str(name) for name in module.exports]
    # What it defines, and what it takes from public modules of its own.
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
    """As `ast` writes it, however the source is laid out and quoted."""
    if found is None:
        return None
    shown = str(found)
    try:
        return ast.unparse(ast.parse(shown, mode="eval"))
    except SyntaxError:
        return shown


def _promised(found: griffe.Attribute, owner: griffe.Class | None) -> str | None:
    """The value of a member of an enum, of a type alias, and of a name that is another's (`Final`)."""
    value, type_ = _text(found.value), _text(found.annotation) or ""
    if value is None or "property" in found.labels:
        return None
    if owner is None:
        return _promised_alias(found.name, type_, value)
    return value if type_ == "Final" or (not type_ and _is_enum(owner)) else None


def _promised_alias(name: str, type_: str, value: str) -> str | None:
    """What an enum's texts are, the enum says."""
    if type_ == "TypeAlias":
        return None if name.endswith("Value") and value.startswith("Literal[") else value
    return value if not type_ and value.startswith("Literal[") else None


def _is_enum(owner: griffe.Class) -> bool:
    return any("Enum" in str(base) for base in owner.bases)


def _made_by_attrs(found: griffe.Class) -> Function | None:
    """The `__init__` that `attrs.frozen` and `attrs.define` write."""
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
    """What an attribute is in `__init__`; None where it is not in it."""
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

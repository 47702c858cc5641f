"""What of one surface does not hold in another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from sagemaker_typed.changes._surface.annotations import fits
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

__all__ = ["Break", "breaks"]


@dataclass(frozen=True, order=True)
class Break:
    """Something that code may rely on, and that is no longer so."""

    where: str
    what: str

    def __str__(self) -> str:
        """`types.TargetDevice.ML_M4: removed`."""
        return f"{self.where}: {self.what}"


def breaks(old: Surface, new: Surface) -> list[Break]:
    """All of them, by name. What was added is none, unless everyone has to give it."""
    return sorted(set(_Comparison(old, new).breaks()))


class _Comparison:
    def __init__(self, old: Surface, new: Surface) -> None:
        self._old, self._new = old, new
        self._bases: dict[str, set[str]] = {}
        for name, entry in new.entries.items():
            if isinstance(entry, Class):
                self._bases.setdefault(_last(name), set()).update(map(_last, entry.bases))
        self._given = _reached(old, "Request") | _reached(new, "Request")
        self._got = _reached(old, "Response") | _reached(new, "Response")
        self._fits = partial(fits, above=lambda name: self._bases.get(name, set()))

    def breaks(self) -> Iterator[Break]:
        for name, before in self._old.entries.items():
            after = self._new.entries.get(name)
            if after is None:
                yield Break(name, "removed")
            elif isinstance(before, Alias) or isinstance(after, Alias):
                yield from self._alias(name, before, after)
            else:
                yield from self._entry(name, before, after)

    def _entry(self, name: str, before: Entry, after: Entry) -> Iterator[Break]:
        match before, after:
            case Class(), Class():
                yield from self._class(name, before, after)
            case Function(), Function():
                yield from self._function(name, before, after)
            case Attribute(), Attribute():
                yield from self._attribute(name, before, after)
            case _:
                yield Break(name, f"was {_kind(before)}, is now {_kind(after)}")

    def _alias(self, name: str, before: Entry, after: Entry) -> Iterator[Break]:
        """A name may stand for what another module defines; it must be the same thing."""
        was, is_ = _target(self._old, name), _target(self._new, name)
        if _last(was) != _last(is_):
            yield Break(name, f"was {was}, is now {is_}")
        elif not isinstance(before, Alias) and is_ in self._new.entries:  # an alias's target is compared by itself
            yield from self._entry(name, before, self._new.entries[is_])

    def _class(self, name: str, before: Class, after: Class) -> Iterator[Break]:
        for base in sorted(_ancestors(self._old, before) - _ancestors(self._new, after) - {"Generic"}):
            yield Break(name, f"is no longer {_article(base)}")
        for base in before.bases:
            for other in after.bases:
                if _head(base) == _head(other) and not self._fits(other, base):
                    yield Break(name, f"was {_article(base)}, is now {_article(other)}")
        yield from self._members_of(name, before, after)

    def _members_of(self, name: str, before: Class, after: Class) -> Iterator[Break]:
        was, is_ = _members(self._old, before), _members(self._new, after)
        structure = "Structure" in _ancestors(self._old, before)
        for each, member in was.items():
            found = is_.get(each)
            # Nobody has to make what is in no request, nor to read what is in no response: the other is compared.
            idle = structure and _last(name) not in (self._given if each == "__init__" else self._got)
            if idle and (each == "__init__" or isinstance(found, Attribute)):
                continue
            if found is None:
                yield Break(f"{name}.{each}", "removed")
            else:
                yield from self._entry(f"{name}.{each}", member, found)

    def _attribute(self, name: str, before: Attribute, after: Attribute) -> Iterator[Break]:
        if before.type == "TypeAlias" or (before.value or "").startswith("Literal["):
            if not self._fits(before.value, after.value):
                yield Break(name, f"{before.value} is now {after.value}")
        elif before.value is not None and before.value != after.value:
            yield Break(name, f"value {before.value} is now {after.value}")
        elif not self._fits(after.type, before.type):
            yield Break(name, f"type {before.type} is now {after.type}")

    def _function(self, name: str, before: Function, after: Function) -> Iterator[Break]:
        if before.is_async != after.is_async:
            yield Break(name, "is now async" if after.is_async else "is no longer async")
        # Who got nothing was promised nothing.
        if before.returns != "None" and not self._fits(after.returns, before.returns):
            yield Break(name, f"returned {before.returns}, now {after.returns}")
        for what in self._parameters(before, after):
            yield Break(name, what)

    def _parameters(self, before: Function, after: Function) -> Iterator[str]:
        named = {each.name for each in before.parameters}
        anything: set[Kind] = {each.kind for each in after.parameters}
        taken: set[str] = set()
        for each in before.parameters:
            if each.kind in ("*", "**"):
                yield from [] if each.kind in anything else [f"no longer takes {each.kind}{each.name}"]
            elif (found := _successor(each, before, after)) is not None:
                if each.kind == "positional":  # its name is nobody's business
                    taken.add(found.name)
                else:
                    yield from _moved(each, found, before, after)
                yield from self._parameter(each, found)
            elif (renamed := self._renamed(each, before, after, named)) is not None:
                taken.add(renamed)
                yield f"parameter {each.name} renamed to {renamed}"
            elif not _swallowed(each, anything):
                yield f"parameter {each.name} removed"
        yield from _demands(after, named | taken)

    def _parameter(self, before: Parameter, after: Parameter) -> Iterator[str]:
        demanded = before.default is not None and after.default is None
        if demanded:
            yield f"parameter {before.name} is now required"
        elif (
            before.default is not None
            and before.default != after.default
            and "..." not in (before.default, after.default)
        ):
            yield f"parameter {before.name}: default {before.default} is now {after.default}"
        # That None is no longer taken goes without saying where it meant "not given".
        takes = f"{after.type} | None" if demanded and before.default == "None" and after.type else after.type
        if not self._fits(before.type, takes):
            yield f"parameter {before.name}: type {before.type} is now {after.type}"

    def _renamed(self, gone: Parameter, before: Function, after: Function, named: set[str]) -> str | None:
        """A new one of the same type in its place, if there is one."""
        anything: set[Kind] = {each.kind for each in after.parameters}
        if gone.kind == "positional" or _swallowed(gone, anything) or len(before.parameters) != len(after.parameters):
            return None
        found = after.parameters[before.parameters.index(gone)]
        alike = found.name not in named and (found.type, found.kind) == (gone.type, gone.kind)
        return found.name if alike else None


def _successor(each: Parameter, before: Function, after: Function) -> Parameter | None:
    """What takes the place of a parameter: the one of its name, or where names do not count the one at its place."""
    if each.kind == "positional":
        place, order = _positional(before).index(each.name), _positional(after)
        wanted = order[place] if place < len(order) else None
    else:
        wanted = each.name
    found = next((one for one in after.parameters if one.name == wanted), None)
    return None if found is None or (each.kind != "positional" and found.kind in ("*", "**")) else found


def _moved(each: Parameter, found: Parameter, before: Function, after: Function) -> Iterator[str]:
    """Whether a parameter can still be given as it could."""
    order, reordered = _positional(before), _positional(after)
    place = order.index(each.name) if each.name in order else None
    if found.kind == "positional":
        yield f"parameter {each.name} is now positional only"
    if place is not None and found.name not in reordered:
        yield f"parameter {each.name} is now keyword only"
    elif place is not None and reordered.index(found.name) != place:
        yield f"parameter {each.name} was at place {place + 1}, is now at {reordered.index(found.name) + 1}"


def _demands(after: Function, known: set[str]) -> Iterator[str]:
    for each in after.parameters:
        if each.name not in known and each.kind not in ("*", "**") and each.default is None:
            yield f"parameter {each.name} added, and required"


def _swallowed(each: Parameter, anything: set[Kind]) -> bool:
    """Whether what was given to a parameter that is gone is still taken, by `*args` and `**kwargs`."""
    if each.kind == "positional":
        return "*" in anything
    return "**" in anything and (each.kind == "keyword" or "*" in anything)


def _reached(surface: Surface, root: str) -> set[str]:
    """The structures that requests, or responses, are made of."""
    classes = {name: entry for name, entry in surface.entries.items() if isinstance(entry, Class)}
    parts = {_last(name): entry for name, entry in classes.items()}
    found: set[str] = set()
    todo = [_last(name) for name, entry in classes.items() if root in _ancestors(surface, entry)]
    while todo:
        name = todo.pop()
        if name not in found and name in parts:
            found.add(name)
            todo += _mentioned(parts[name])
    return found


def _mentioned(entry: Class) -> list[str]:
    """The words of the types of its attributes."""
    types = [each.type or "" for each in entry.members.values() if isinstance(each, Attribute)]
    return [word for each in types for word in re.findall(r"\w+", each)]


def _members(surface: Surface, entry: Class) -> dict[str, Member]:
    """A class's members with those that it inherits from public classes of the package."""
    found: dict[str, Member] = dict(entry.members)
    for base in entry.bases:
        above = surface.entries.get(_target(surface, _head(base)))
        if isinstance(above, Class):
            found = _members(surface, above) | found
    return found


def _ancestors(surface: Surface, entry: Class) -> set[str]:
    found: set[str] = set()
    for base in entry.bases:
        found.add(_last(base))
        above = surface.entries.get(_target(surface, _head(base)))
        if isinstance(above, Class):
            found |= _ancestors(surface, above)
    return found


def _target(surface: Surface, name: str) -> str:
    """The entry behind a name."""
    entry = surface.entries.get(name)
    return _target(surface, entry.target) if isinstance(entry, Alias) else name


def _positional(function: Function) -> list[str]:
    return [each.name for each in function.parameters if each.kind in ("positional", "either")]


def _head(name: str) -> str:
    return name.partition("[")[0]


def _last(name: str) -> str:
    return _head(name).rpartition(".")[2]


def _kind(entry: Entry) -> str:
    return {Class: "a class", Function: "a function", Attribute: "an attribute", Alias: "another name"}[type(entry)]


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"

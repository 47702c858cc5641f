"""Finds the changes between two surfaces that may break code."""

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
    """One change that may break code."""

    where: str
    what: str

    def __str__(self) -> str:
        """`types.TargetDevice.ML_M4: removed`."""
        return f"{self.where}: {self.what}"


def breaks(old: Surface, new: Surface) -> list[Break]:
    """Return all breaks, sorted by name. An addition is a break only if it is a required parameter."""
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
        self._places: dict[str, list[str]] = {}
        self._other_names: dict[str, set[str]] = {}
        for name, entry in new.entries.items():
            self._places.setdefault(_last(name), []).append(name)
            if isinstance(entry, Alias):
                self._other_names.setdefault(_last(name), set()).add(_last(entry.target))

    def breaks(self) -> Iterator[Break]:
        for name, before in self._old.entries.items():
            after = self._new.entries.get(name)
            if after is None:
                yield from self._gone(name, before)
            elif isinstance(before, Alias) or isinstance(after, Alias):
                yield from self._alias(name, before, after)
            else:
                yield from self._entry(name, before, after)

    def _gone(self, name: str, before: Entry) -> Iterator[Break]:
        """Yield the breaks of a name that is no longer exported. Code can still import it if it is kept or has moved."""
        held, place = self._new.held.get(name), self._moved_to(name, before)
        if held is not None:
            if held.left_out:
                yield Break(name, "no longer in __all__")
            after = held.entry
        elif place is not None:
            yield Break(name, f"moved to {place}")
            after = self._new.entries[place]
        else:
            yield Break(name, "removed")
            return
        yield from self._alias(name, before, after, place)

    def _moved_to(self, name: str, before: Entry) -> str | None:
        """Return the public name under which the new version has the class or function, the shortest if there are several."""
        was = _target(self._old, name)
        kind = type(self._old.entries.get(was, before))
        if kind not in (Class, Function):
            return None
        found = [
            place
            for place in self._places.get(_last(name), ())
            if isinstance(self._new.entries.get(_target(self._new, place)), kind)
            # What the old version had under that name, too, must be the same.
            and (place not in self._old.entries or _target(self._old, place) == was)
        ]
        return min(found, key=lambda place: (place.count("."), place), default=None)

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

    def _alias(self, name: str, before: Entry, after: Entry, place: str | None = None) -> Iterator[Break]:
        """Compare what a name stands for, where one side is another name for it. `place` is its name in the new version."""
        was = _target(self._old, name)
        is_ = _target(self._new, after.target) if isinstance(after, Alias) else place or name
        if _last(was) != _last(is_) and not self._is_renamed(name, was, is_):
            yield Break(name, f"was {was}, is now {is_}")
            return
        found = self._new.entries.get(is_, after)
        # The target of another name is compared by itself.
        if not isinstance(before, Alias) and not isinstance(found, Alias):
            yield from self._entry(name, before, found)

    def _is_renamed(self, name: str, was: str, is_: str) -> bool:
        """Whether the thing got a new name, and the old name still leads to it."""
        return is_ not in self._old.entries and (was == name or _target(self._new, was) == is_)

    def _class(self, name: str, before: Class, after: Class) -> Iterator[Break]:
        above = _ancestors(self._new, after)
        above |= {name for name, others in self._other_names.items() if not above.isdisjoint(others)}
        for base in sorted(_ancestors(self._old, before) - above - {"Generic"}):
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
            # Users do not construct structures that are in no request, or read those that are in no response.
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
        # A function that returned None made no promise.
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
                if each.kind == "positional":  # the name does not matter
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
        # If None meant "not given", a parameter that is required now need not accept it.
        takes = f"{after.type} | None" if demanded and before.default == "None" and after.type else after.type
        if not self._fits(before.type, takes):
            yield f"parameter {before.name}: type {before.type} is now {after.type}"

    def _renamed(self, gone: Parameter, before: Function, after: Function, named: set[str]) -> str | None:
        """Return the name of a new parameter of the same type at the same place; None without one."""
        anything: set[Kind] = {each.kind for each in after.parameters}
        if gone.kind == "positional" or _swallowed(gone, anything) or len(before.parameters) != len(after.parameters):
            return None
        found = after.parameters[before.parameters.index(gone)]
        alike = found.name not in named and (found.type, found.kind) == (gone.type, gone.kind)
        return found.name if alike else None


def _successor(each: Parameter, before: Function, after: Function) -> Parameter | None:
    """Return the parameter that replaces another: the one with its name, or at its place if it is positional only."""
    if each.kind == "positional":
        place, order = _positional(before).index(each.name), _positional(after)
        wanted = order[place] if place < len(order) else None
    else:
        wanted = each.name
    found = next((one for one in after.parameters if one.name == wanted), None)
    return None if found is None or (each.kind != "positional" and found.kind in ("*", "**")) else found


def _moved(each: Parameter, found: Parameter, before: Function, after: Function) -> Iterator[str]:
    """Yield the changes in how a parameter can be passed."""
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
    """Whether `*args` or `**kwargs` accept what was passed to a removed parameter."""
    if each.kind == "positional":
        return "*" in anything
    return "**" in anything and (each.kind == "keyword" or "*" in anything)


def _reached(surface: Surface, root: str) -> set[str]:
    """Return the structures in requests, or in responses."""
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
    """Return the words in the types of the attributes of a class."""
    types = [each.type or "" for each in entry.members.values() if isinstance(each, Attribute)]
    return [word for each in types for word in re.findall(r"\w+", each)]


def _members(surface: Surface, entry: Class) -> dict[str, Member]:
    """Return the members of a class, including those inherited from public classes of the package."""
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
    """Follow other names to the name of an entry."""
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

"""The additions that the pages show, in the notation of the pages.

A new scalar is the name of its type, a new enum `'A | B'`, a new structure `{...}`, a list `[...]`, a map
`{key: value}`, and a shape that recurs inside itself `()`. Existing shapes appear only as the path to an addition: through a
list without brackets, through a map by its value. Values added to an enum are a set.
"""

from __future__ import annotations

from typing import TypeAlias, Union

import attrs

from sagemaker_typed.changes._errors import InvalidModelError
from sagemaker_typed.changes._model import CheckedModel

__all__ = ["Delta", "UpdatedOperation", "as_json", "new_operations", "updated_operations"]

# A union object, not a text: `Delta | None` is evaluated by who asks for type hints.
Delta: TypeAlias = Union[dict[str, "Delta"], list["Delta"], set[str], tuple[()], str]  # noqa: UP007
"""A change as the pages print it: dicts, lists, texts, sets of added enum values, and `()` where a shape recurs."""

_DEEPEST = 100  # the deepest model of botocore nests to 18


@attrs.frozen(kw_only=True)
class UpdatedOperation:
    """An operation with additions to its request or response.

    A change, a `Delta`, has the notation of the pages: `{member: change}` on the path to an addition; a set of added enum
    values; for a new member the name of its type, `'A | B'` for an enum, `{...}`, `[...]` or `{key: value}`, and `()` for a
    shape that recurs inside itself.
    """

    name: str
    """`CreateCompilationJob`."""
    request: Delta | None
    """The additions to the request; None if there are none."""
    response: Delta | None
    """The additions to the response; None if there are none."""

    @property
    def sides(self) -> dict[str, Delta]:
        """Return the changes by the pages' names: `request`, `response`, or `both` if they are equal."""
        if self.request is not None and self.request == self.response:
            return {"both": self.request}
        pairs = {"request": self.request, "response": self.response}
        return {side: delta for side, delta in pairs.items() if delta is not None}


def new_operations(old: CheckedModel, new: CheckedModel) -> tuple[str, ...]:
    """Return the operations that only the new model has."""
    return tuple(sorted(new.operations.keys() - old.operations.keys()))


def updated_operations(old: CheckedModel, new: CheckedModel) -> dict[str, UpdatedOperation]:
    """Return the operations of both models whose input or output reaches an addition."""
    deltas = _Deltas(old, new)
    found: dict[str, UpdatedOperation] = {}
    for name in sorted(new.operations.keys() & old.operations.keys()):
        request, response = (deltas.of_root(new.root(name, part)) for part in ("input", "output"))
        if request is not None or response is not None:
            found[name] = UpdatedOperation(name=name, request=request, response=response)
    return found


class _Deltas:
    """The changes between the shapes of two models.

    The result for a shape depends on the shapes around it, but only on those of its own knot (a strongly connected
    component), which can recur inside it. So it is computed once per path into the knot, and within the knot per path.
    """

    def __init__(self, old: CheckedModel, new: CheckedModel) -> None:
        self._old = old
        self._new = new
        self._notations: dict[str, Delta] = {}
        self._made: dict[tuple[str, str], Delta | None] = {}
        self._changed: dict[tuple[str, str], bool] = {}

    def of_root(self, shape: str | None) -> Delta | None:
        """Return the additions to an input or an output. Shapes are compared with shapes of the same name."""
        return None if shape is None or shape not in self._old.shapes else self._between(shape, shape, ())

    def _between(self, new: str, old: str, around: tuple[str, ...]) -> Delta | None:
        if new in around or not self._leads_to_a_change(new, old):
            return None
        if self._inside_its_knot(new, around):
            return self._compared(new, old, around)
        if (new, old) not in self._made:
            self._made[new, old] = self._compared(new, old, around)
        return self._made[new, old]

    def _compared(self, new: str, old: str, around: tuple[str, ...]) -> Delta | None:
        if len(around) > _DEEPEST:
            raise InvalidModelError(f"{self._new.label} nests deeper than {_DEEPEST} shapes at {new}")
        kind = self._new.type(new)
        if kind != self._old.type(old):
            return None
        if kind == "string":
            return set(self._new.enum(new)).difference(self._old.enum(old)) or None
        before, after, inside = self._old.targets(old), self._new.targets(new), (*around, new)
        if kind in ("list", "map"):
            part = "member" if kind == "list" else "value"
            return self._between(after[part], before[part], inside)
        found: dict[str, Delta] = {}
        for member, target in after.items():
            delta = self._between(target, before[member], inside) if member in before else self._notation(target, ())
            if delta is not None:
                found[member] = delta
        return found or None

    def _notation(self, shape: str, around: tuple[str, ...]) -> Delta:
        if shape in around:
            return ()
        if self._inside_its_knot(shape, around):
            return self._written(shape, around)
        if shape not in self._notations:
            self._notations[shape] = self._written(shape, around)
        return self._notations[shape]

    def _written(self, shape: str, around: tuple[str, ...]) -> Delta:
        if len(around) > _DEEPEST:
            raise InvalidModelError(f"{self._new.label} nests deeper than {_DEEPEST} shapes at {shape}")
        kind = self._new.type(shape)
        if kind == "string":
            return " | ".join(self._new.enum(shape)) or "string"
        if kind not in ("structure", "list", "map"):
            return kind
        parts = {name: self._notation(target, (*around, shape)) for name, target in self._new.targets(shape).items()}
        if kind == "list":
            return [parts["member"]]
        if kind == "map":
            key = parts["key"]
            return {key if isinstance(key, str) else "string": parts["value"]}
        return parts

    def _inside_its_knot(self, shape: str, around: tuple[str, ...]) -> bool:
        knots = self._new.knots
        return any(knots[each] == knots[shape] for each in around)

    def _leads_to_a_change(self, new: str, old: str) -> bool:
        """Whether a shape leads to an addition. Without this check, every path through recursive shapes would be walked."""
        if (new, old) in self._changed:
            return self._changed[new, old]
        below: dict[tuple[str, str], list[tuple[str, str]]] = {}
        todo, grown = [(new, old)], list[tuple[str, str]]()
        while todo:
            pair = todo.pop()
            if pair in below:
                continue
            grows, below[pair] = self._step(*pair)
            if grows:
                grown.append(pair)
            todo.extend(below[pair])
        above: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for pair, inner in below.items():
            for each in inner:
                above.setdefault(each, []).append(pair)
        changed: set[tuple[str, str]] = set()
        while grown:
            pair = grown.pop()
            if pair not in changed:
                changed.add(pair)
                grown.extend(above.get(pair, ()))
        self._changed.update({pair: pair in changed for pair in below})
        return self._changed[new, old]

    def _step(self, new: str, old: str) -> tuple[bool, list[tuple[str, str]]]:
        """Return whether something was added right here, and the pairs below."""
        kind = self._new.type(new)
        if kind != self._old.type(old):
            return False, []
        if kind == "string":
            return bool(set(self._new.enum(new)).difference(self._old.enum(old))), []
        before, after = self._old.targets(old), self._new.targets(new)
        after.pop("key" if kind == "map" else "", None)
        return bool(after.keys() - before.keys()), [(after[name], before[name]) for name in after if name in before]


def as_json(delta: Delta) -> object:
    """Return the delta in a form that JSON can represent."""
    if isinstance(delta, set):
        return {"$enum_added": sorted(delta)}
    if isinstance(delta, tuple):
        return {"$recursive": True}
    if isinstance(delta, dict):
        return {name: as_json(part) for name, part in delta.items()}
    if isinstance(delta, list):
        return [as_json(part) for part in delta]
    return delta

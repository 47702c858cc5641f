"""A service model, checked once, so that other code need not check whether a shape exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from sagemaker_typed.changes._errors import InvalidModelError

__all__ = ["LEAVING", "PROSE", "CheckedModel", "Json", "Side"]

Json = Mapping[str, Any]
Side = Literal["request", "response"]

PROSE: frozenset[str] = frozenset({"documentation", "documentationUrl", "deprecatedMessage"})
"""Texts for people: never compared, and not in the bundled model."""

LEAVING = "leaving"
"""The key that marks an element of the bundled model which AWS has removed. The generator writes it, to keep the element for
one more minor version, and a comparison leaves the element out."""

_PARTS = {"list": ("member",), "map": ("key", "value")}
_RELEASE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class CheckedModel:
    """The shapes and operations of one service.

    Raises `InvalidModelError` for a document that is not a service model, or has dangling references.
    """

    def __init__(self, document: Any, label: str) -> None:
        if not isinstance(document, Mapping):
            raise InvalidModelError(f"{label} is not a service model: it is not a JSON object")
        sections = cast("Json", document)
        missing = [name for name in ("operations", "shapes") if not isinstance(sections.get(name), Mapping)]
        if missing:
            raise InvalidModelError(f"{label} is not a service model: it has no {' and no '.join(missing)}")
        self.label = label
        self._reach: Mapping[str, set[tuple[str, Side]]] | None = None
        self._knots: Mapping[str, int] | None = None
        self.metadata: Json = _mapping(sections.get("metadata"))
        self.operations: Mapping[str, Json] = sections["operations"]
        self.shapes: Mapping[str, Json] = sections["shapes"]
        problems = list(_problems(self.shapes, self.operations))
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise InvalidModelError(f"{label} is not a valid service model: {problems[0]}{more}")

    @property
    def title(self) -> str:
        """The service's name, as the pages print it."""
        names = (self.metadata.get(key) for key in ("serviceFullName", "serviceId", "endpointPrefix"))
        return next((str(name) for name in names if name), "unnamed service")

    @property
    def identity(self) -> dict[str, str]:
        """The names that tell services apart. Models of 2018 have no `serviceId`, and endpoints were renamed since."""
        found = {
            "serviceId": self.metadata.get("serviceId"),
            "uid": _RELEASE.sub("", str(self.metadata.get("uid") or "")),
            "endpointPrefix": self.metadata.get("endpointPrefix"),
        }
        return {key: str(value) for key, value in found.items() if value}

    def type(self, shape: str) -> str:
        return str(self.shapes[shape]["type"])

    def enum(self, shape: str) -> list[str]:
        return list(self.shapes[shape].get("enum") or ())

    def refs(self, shape: str) -> dict[str, Json]:
        """Return the members of a structure; the `member` of a list, the `key` and the `value` of a map."""
        body = self.shapes[shape]
        if body["type"] == "structure":
            return dict(body.get("members") or {})
        return {part: body[part] for part in _PARTS.get(body["type"], ())}

    def targets(self, shape: str) -> dict[str, str]:
        """Return the members with the shape that each points at."""
        return {name: str(ref["shape"]) for name, ref in self.refs(shape).items()}

    def root(self, operation: str, part: Literal["input", "output"]) -> str | None:
        """Return the shape of an operation's input or output."""
        ref = self.operations[operation].get(part)
        return None if ref is None else str(ref["shape"])

    def errors(self, operation: str) -> set[str]:
        return {str(ref["shape"]) for ref in self.operations[operation].get("errors") or ()}

    # Not `functools.cached_property`: before Python 3.12 it has a lock that a thread may hold while another one forks.
    @property
    def reach(self) -> Mapping[str, set[tuple[str, Side]]]:
        """Shape -> the operations that reach it, and on which side. An error is a response."""
        if self._reach is None:
            self._reach = self._reached()
        return self._reach

    def _reached(self) -> Mapping[str, set[tuple[str, Side]]]:
        found: dict[str, set[tuple[str, Side]]] = {shape: set() for shape in self.shapes}
        for operation in self.operations:
            request, response = self.root(operation, "input"), self.root(operation, "output")
            self._mark(found, [request] if request else [], (operation, "request"))
            errors = sorted(self.errors(operation))
            self._mark(found, [*errors, response] if response else errors, (operation, "response"))
        return found

    def _mark(self, found: dict[str, set[tuple[str, Side]]], roots: list[str], by: tuple[str, Side]) -> None:
        todo = list(roots)
        while todo:
            shape = todo.pop()
            if by not in found[shape]:
                found[shape].add(by)
                todo.extend(self.targets(shape).values())

    @property
    def knots(self) -> Mapping[str, int]:
        """Shape -> a number shared by all shapes that reach each other."""
        if self._knots is None:
            search = _KnotSearch(self)
            for shape in self.shapes:
                search.start(shape)
            self._knots = search.knots
        return self._knots


class _KnotSearch:
    """Tarjan's algorithm with its own stack: a model may nest deeper than Python's stack."""

    def __init__(self, model: CheckedModel) -> None:
        self.knots: dict[str, int] = {}
        self._model = model
        self._index: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: list[str] = []
        self._path: list[tuple[str, Iterator[str]]] = []

    def start(self, shape: str) -> None:
        if shape in self._index:
            return
        self._enter(shape)
        while self._path:
            entered = self._next()
            if entered is None:
                self._leave()
            else:
                self._enter(entered)

    def _enter(self, shape: str) -> None:
        self._index[shape] = self._low[shape] = len(self._index)
        self._open.append(shape)
        self._path.append((shape, iter(self._model.targets(shape).values())))

    def _next(self) -> str | None:
        """Return the next unvisited shape that the last one on the path points at."""
        shape, rest = self._path[-1]
        for target in rest:
            if target not in self._index:
                return target
            if target not in self.knots:
                self._low[shape] = min(self._low[shape], self._index[target])
        return None

    def _leave(self) -> None:
        shape, _ = self._path.pop()
        if self._path:
            above, _ = self._path[-1]
            self._low[above] = min(self._low[above], self._low[shape])
        if self._low[shape] == self._index[shape]:
            while shape not in self.knots:
                self.knots[self._open.pop()] = self._index[shape]


def _problems(shapes: Json, operations: Json) -> Iterator[str]:
    """Yield the problems of a model, one line each."""
    for name, operation in operations.items():
        yield from _problems_of_operation(name, operation, shapes)
    for name, shape in shapes.items():
        yield from _problems_of_shape(name, _mapping(shape), shapes)


def _problems_of_operation(name: str, operation: object, shapes: Json) -> Iterator[str]:
    body = _mapping(operation)
    if body is not operation:
        yield f"the operation {name} is not an object"
    for part in ("input", "output"):
        if body.get(part) is not None:
            yield from _problems_of_ref(body[part], f"the {part} of {name}", shapes)
    errors = _list(body.get("errors") or ())
    if errors is None:
        yield f"the errors of {name} are not a list"
    for ref in errors or ():
        yield from _problems_of_ref(ref, f"an error of {name}", shapes)


def _problems_of_shape(name: str, body: Json, shapes: Json) -> Iterator[str]:
    if not isinstance(body.get("type"), str):
        yield f"the shape {name} has no type"
        return
    for part in _PARTS.get(body["type"], ()):
        yield from _problems_of_ref(body.get(part), f"{name}.{part}", shapes)
    if body["type"] == "structure":
        if not isinstance(body.get("members") or {}, Mapping):
            yield f"the members of {name} are not an object"
        for member, ref in _mapping(body.get("members")).items():
            yield from _problems_of_ref(ref, f"{name}.{member}", shapes)
    for part in ("enum", "required"):
        texts = _list(body.get(part) or ())
        if texts is None or not all(isinstance(text, str) for text in texts):
            yield f"the {part} of {name} is not a list of texts"


def _problems_of_ref(ref: Any, place: str, shapes: Json) -> Iterator[str]:
    name = _mapping(ref).get("shape")
    if not isinstance(name, str):
        yield f"{place} does not refer to a shape"
    elif name not in shapes:
        yield f"{place} refers to the shape {name}, which does not exist"


def _mapping(value: object) -> Json:
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any] | None:
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else None

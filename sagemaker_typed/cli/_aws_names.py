"""Finds a name in the service models of the installed botocore: an operation, a structure, an enum or a member."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple, cast

import attrs
from botocore.session import Session

__all__ = ["DocumentedMember", "Found", "InstalledModels", "folded"]


@attrs.frozen
class DocumentedMember:
    """A member of a structure, as AWS documents it."""

    name: str
    type: str
    required: bool
    html: str


@attrs.frozen(kw_only=True)
class Found:
    """The meaning of a name."""

    kind: str
    """operation, structure, enum, member, ..."""
    name: str
    service: str
    html: str
    type: str = ""
    page: str = ""
    """The name of AWS's page about it."""
    request: tuple[DocumentedMember, ...] = ()
    answer: tuple[DocumentedMember, ...] = ()
    members: tuple[DocumentedMember, ...] = ()
    values: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """All members of this name with this text: `CreateModel.ExecutionRoleArn`."""
    uses: tuple[Found, ...] = ()
    """For a shape without a text: the members of its name, which have texts."""


class _Shape(NamedTuple):
    name: str
    shape: Mapping[str, Any]


def folded(name: str) -> str:
    """Return a name in a form equal for CreateCompilationJob, create_compilation_job and create-compilation-job."""
    return "".join(filter(str.isalnum, name)).lower()


class InstalledModels:
    """The service models of SageMaker and of the services beside it, SageMaker's first; each is read when it is needed."""

    def __init__(self, session: Session | None = None) -> None:
        botocore_session: Any = session or cast("Any", Session())
        self._loader: Any = botocore_session.get_component("data_loader")
        known: list[str] = [
            name for name in self._loader.list_available_services("service-2") if name.startswith("sagemaker")
        ]
        self.services: list[str] = sorted(known, key=lambda name: (name != "sagemaker", name))
        self._models: dict[str, ServiceText] = {}

    def of(self, service: str) -> ServiceText:
        """Return the texts of one service. Raises `DataNotFoundError` for a service that botocore lacks."""
        if service not in self._models:
            self._models[service] = ServiceText(service, self._loader.load_service_model(service, "service-2"))
        return self._models[service]

    def find(self, name: str, services: list[str]) -> list[Found]:
        """Return the meanings of a name in the first service that knows it."""
        for look in (ServiceText.named, ServiceText.with_member):
            for service in services:
                found = look(self.of(service), name)
                if found:
                    return found
        return []

    def near(self, name: str, services: list[str]) -> list[str]:
        """Return names that may have been meant. For a path such as `InputConfig.DataInputConfg`, they are paths."""
        first, *rest = name.split(".")
        texts = [self.of(service) for service in services]
        near = _near(first, chain.from_iterable(map(ServiceText.names, texts)))
        if rest:
            members = next(filter(None, (text.near_members(first, rest) for text in texts)), None)
            return members or self._with_rest(near, rest, services) or near
        return near or _near(first, chain.from_iterable(map(ServiceText.members, texts)))

    def _with_rest(self, names: list[str], rest: list[str], services: list[str]) -> list[str]:
        """Return the paths that begin at one of the names and exist."""
        paths = (".".join([each, *rest]) for each in names)
        return [path for path in paths if self.find(path, services)]


def _near(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that are spelt like a name, or begin with it."""
    known = {folded(each): each for each in names}
    wanted = folded(name)
    begun = [each for key, each in known.items() if wanted and key.startswith(wanted)]
    close = [known[key] for key in difflib.get_close_matches(wanted, known, n=3)]
    return list(dict.fromkeys([*close, *begun]))[:3]


class ServiceText:
    """The documentation of one service."""

    def __init__(self, service: str, model: Mapping[str, Any]) -> None:
        self.service = service
        self._shapes: Mapping[str, Mapping[str, Any]] = model["shapes"]
        self._operations: Mapping[str, Mapping[str, Any]] = model["operations"]
        self._by_fold = {folded(name): name for name in [*self._shapes, *self._operations]}
        """Operations come last, so that they take precedence."""
        self._operation_of = {
            operation[end]["shape"]: name
            for name, operation in self._operations.items()
            for end in ("input", "output")
            if end in operation
        }
        """The request or answer of an operation -> the operation."""

    def names(self) -> list[str]:
        return [*self._operations, *self._shapes]

    def members(self) -> Iterator[str]:
        for shape in self._shapes.values():
            yield from shape.get("members", ())

    def near_members(self, first: str, path: list[str]) -> list[str]:
        """Return paths like one that ends at a member that does not exist; none if it does not begin at a known name."""
        whole = self._by_fold.get(folded(first))
        if whole is None:
            return []
        stops = [self._stop(start, whole, path) for start in self._starts(whole)]
        deepest = max((depth for depth, _ in stops), default=0)
        known = {name: place for depth, places in stops if depth == deepest for name, place in places.items()}
        return [known[name] for name in _near(path[deepest], known)]

    def _stop(self, here: _Shape, said: str, path: list[str]) -> tuple[int, dict[str, str]]:
        """Return how many members of a path there are, and the members that could be the next, with their paths."""
        for depth, part in enumerate(path):
            here = self._items(here)
            members: Mapping[str, Mapping[str, str]] = here.shape.get("members", {})
            key = next((each for each in members if folded(each) == folded(part)), None)
            if key is None:
                return depth, {each: f"{said}.{each}" for each in members}
            said = f"{said}.{key}"
            here = _Shape(members[key]["shape"], self._shapes[members[key]["shape"]])
        return len(path) - 1, {}

    # --- by name ------------------------------------------------------------------------------------------------------

    def named(self, name: str) -> list[Found]:
        """Find an operation, a shape, or a member below one, such as InputConfig.Framework."""
        first, *rest = name.split(".")
        whole = self._by_fold.get(folded(first))
        if whole is None:
            return []
        if not rest:
            return [self._operation(whole) if whole in self._operations else self._shape(whole)]
        for start in self._starts(whole):
            found = self._below(start, rest, whole)
            if found is not None:
                return [found]
        return []

    def _starts(self, name: str) -> list[_Shape]:
        """Return the structures whose members are below a name. For an operation: its request and its answer."""
        if name not in self._operations:
            return [_Shape(name, self._shapes[name])]
        operation = self._operations[name]
        refs = [operation[end]["shape"] for end in ("input", "output") if end in operation]
        return [_Shape(ref, self._shapes[ref]) for ref in refs]

    def _below(self, start: _Shape, path: list[str], said: str) -> Found | None:
        here, names = self._items(start), [said]
        found: Found | None = None
        for part in path:
            members = {folded(key): (key, ref) for key, ref in here.shape.get("members", {}).items()}
            if folded(part) not in members:
                return None
            key, ref = members[folded(part)]
            names.append(key)
            found = self._member(".".join(names), here, key, ref)
            here = self._items(_Shape(ref["shape"], self._shapes[ref["shape"]]))
        return found

    def _items(self, each: _Shape) -> _Shape:
        """Return the structure inside lists and maps."""
        seen = {each.name}
        while each.shape["type"] in ("list", "map"):
            ref = each.shape["member" if each.shape["type"] == "list" else "value"]
            each = _Shape(ref["shape"], self._shapes[ref["shape"]])
            if each.name in seen:
                break
            seen.add(each.name)
        return each

    def with_member(self, name: str) -> list[Found]:
        """Find all members of a name. Members with the same text are merged; the text of the most members comes first."""
        wanted = folded(name)
        found: dict[str, Found] = {}
        places: dict[str, dict[str, None]] = {}
        for shape_name, shape in self._shapes.items():
            owner = self._operation_of.get(shape_name, shape_name)
            for key, ref in shape.get("members", {}).items():
                if folded(key) == wanted:
                    here = self._member(f"{owner}.{key}", _Shape(shape_name, shape), key, ref)
                    found.setdefault(here.html, here)
                    places.setdefault(here.html, {})[here.name] = None
        if len(found) > 1:
            found.pop("", None)
        merged = [attrs.evolve(each, places=tuple(places[text])) for text, each in found.items()]
        return sorted(merged, key=lambda each: -len(each.places))

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _operation(self, name: str) -> Found:
        operation = self._operations[name]
        request, answer = (
            tuple(self._members(operation[end]["shape"])) if end in operation else () for end in ("input", "output")
        )
        return Found(
            kind="operation",
            name=name,
            service=self.service,
            html=operation.get("documentation", ""),
            page=name,
            request=request,
            answer=answer,
            errors=tuple(error["shape"] for error in operation.get("errors", ())),
        )

    def _shape(self, name: str) -> Found:
        shape = self._shapes[name]
        kind: str = "error" if shape.get("exception") else "enum" if "enum" in shape else shape["type"]
        html: str = shape.get("documentation", "")
        type_ = self._type(name) if shape["type"] in ("list", "map") else _limits(shape)
        return Found(
            kind=kind,
            name=name,
            service=self.service,
            html=html,
            type="" if type_ == kind else type_,
            page=name if shape["type"] == "structure" else "",
            members=tuple(self._members(name)),
            values=tuple(shape.get("enum", ())),
            uses=() if html else tuple(self._uses(name)),
        )

    def _uses(self, name: str) -> Iterator[Found]:
        """Yield the members of a shape's name. Values that the shape shows are not repeated."""
        for each in self.with_member(name):
            if each.html:
                same = each.values == tuple(self._shapes[name].get("enum", ()))
                yield attrs.evolve(each, values=()) if same else each

    def _members(self, name: str) -> Iterator[DocumentedMember]:
        shape = self._shapes[name]
        for key, ref in shape.get("members", {}).items():
            yield DocumentedMember(key, self._type(ref["shape"]), key in shape.get("required", ()), self._html(ref))

    def _member(self, name: str, owner: _Shape, key: str, ref: Mapping[str, Any]) -> Found:
        shape = self._shapes[ref["shape"]]
        required = key in owner.shape.get("required", ())
        described = f"{self._type(ref['shape'])}{', required' if required else ''}"
        inner = self._items(_Shape(ref["shape"], shape))
        return Found(
            kind="member",
            name=name,
            service=self.service,
            html=self._html(ref),
            type=described,
            page=owner.name if not owner.name.endswith(("Request", "Input", "Response", "Output")) else "",
            members=tuple(self._members(inner.name)) if inner.shape["type"] == "structure" else (),
            values=tuple(inner.shape.get("enum", ())),
        )

    def _html(self, ref: Mapping[str, Any]) -> str:
        text: str = ref.get("documentation") or self._shapes[ref["shape"]].get("documentation", "")
        return text

    def _type(self, name: str) -> str:
        shape = self._shapes[name]
        match shape["type"]:
            case "structure":
                return name
            case "list":
                return f"list of {self._type(shape['member']['shape'])}"
            case "map":
                return f"map of {self._type(shape['key']['shape'])} to {self._type(shape['value']['shape'])}"
            case _ if "enum" in shape:
                return f"enum {name}"
            case _:
                return _limits(shape)


def _limits(shape: Mapping[str, Any]) -> str:
    """Return the type and the limits of a value."""
    low, high = shape.get("min"), shape.get("max")
    kind: str = shape["type"]
    if low is None and high is None:
        return kind
    of = " characters" if kind == "string" else ""
    if high is None:
        return f"{kind}, at least {low}{of}"
    return f"{kind}, at most {high}{of}" if low is None else f"{kind}, {low} to {high}{of}"

"""Finds a name in the service models of the installed botocore: an operation, a structure, an enum or a member."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
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
        """Return names that may have been meant."""
        known = {folded(each): each for service in services for each in self.of(service).names()}
        wanted = folded(name.partition(".")[0])
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

    def names(self) -> list[str]:
        return [*self._operations, *self._shapes]

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
        """Find all members of a name. Members with the same text are merged."""
        wanted = folded(name)
        found: dict[str, Found] = {}
        for shape_name, shape in self._shapes.items():
            for key, ref in shape.get("members", {}).items():
                if folded(key) == wanted:
                    here = self._member(f"{shape_name}.{key}", _Shape(shape_name, shape), key, ref)
                    found.setdefault(here.html, here)
        return list(found.values())

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
        return Found(
            kind=kind,
            name=name,
            service=self.service,
            html=shape.get("documentation", ""),
            type="" if kind == shape["type"] else _limits(shape),
            page=name if shape["type"] == "structure" else "",
            members=tuple(self._members(name)),
            values=tuple(shape.get("enum", ())),
        )

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

"""What the library knows of boto3's operations and dicts: methods, classes, members."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Literal, get_args

from botocore import xform_name  # pyright: ignore[reportUnknownVariableType]
from botocore.session import Session

from sagemaker_typed import types
from sagemaker_typed._core.convert.annotations import origin
from sagemaker_typed._core.convert.members import member_annotations, member_types
from sagemaker_typed.resources import groups
from sagemaker_typed.resources.api import Api
from sagemaker_typed.structure import Request, Structure, operation_of

__all__ = [
    "METADATA",
    "Kind",
    "KnownOperation",
    "KnownWait",
    "ValueType",
    "WireMember",
    "members",
    "operation",
    "waiter",
]

Kind = Literal["plain", "enum", "moment", "structure", "metadata", "list", "map"]


@dataclass(frozen=True)
class ValueType:
    """The type of a value, as far as a rewrite needs it."""

    kind: Kind
    cls: type[Any] | None = None
    item: ValueType | None = None
    optional: bool = False
    """The value may be None here; in boto3's dict its key is missing then."""
    asked: bool = False
    """The code reads it with `.get`, and so expects None."""

    @property
    def is_converted(self) -> bool:
        """Whether boto3 has dicts where the library has objects."""
        return self.kind in ("structure", "metadata") or (self.item is not None and self.item.is_converted)

    @property
    def is_safe(self) -> bool:
        """Whether the value may be used as if it were never None."""
        return self.asked or not self.optional

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.cls.__name__ if self.cls else ""

    def same(self, other: ValueType | None) -> bool:
        """Whether both describe one type, None aside."""
        return other is not None and replace(self, optional=False, asked=False) == replace(
            other, optional=False, asked=False
        )


@dataclass(frozen=True)
class WireMember:
    """A member of a class: the field, its type, and the fields of an item that may be written as an entry of a mapping."""

    field: str
    type: ValueType
    pairs: tuple[str, ...] = ()


METADATA: Mapping[str, WireMember] = {
    "RequestId": WireMember("request_id", ValueType("plain", optional=True, asked=True)),
    "HTTPStatusCode": WireMember("http_status_code", ValueType("plain", optional=True, asked=True)),
}
"""The members of `response_metadata`."""


def members(cls: Any) -> Mapping[str, WireMember]:
    """The members of a class, by their names on the wire."""
    return _members(cls)


@cache
def _members(cls: Any) -> Mapping[str, WireMember]:
    found = {
        member.wire: WireMember(
            member.field, replace(_type(type_), optional=annotation.endswith("| None")), member.pairs
        )
        for (member, annotation), (_, type_) in zip(member_annotations(cls), member_types(cls), strict=True)
    }
    if any(base.__name__ == "Response" for base in cls.__mro__):
        found["ResponseMetadata"] = WireMember("response_metadata", ValueType("metadata"))
    return found


def _type(of: Any) -> ValueType:
    container = origin(of)
    if container is not None:
        return ValueType("list" if container is list else "map", item=_type(get_args(of)[-1]))
    if not isinstance(of, type):
        return ValueType("plain")
    if issubclass(of, Structure):
        return ValueType("structure", of)
    if issubclass(of, Enum):
        return ValueType("enum", of)
    return ValueType("moment" if issubclass(of, datetime) else "plain")


@dataclass(frozen=True)
class KnownOperation:
    """One operation, from boto3's name to the method here."""

    method: str
    path: str
    """The group and its method, such as `endpoints.describe`."""
    request: type[Structure]
    response: ValueType | None
    positional: tuple[str, ...]
    """The fields that may be given without their names."""
    items: tuple[str, ...]
    """The fields of a page that hold its items."""
    pages: bool
    """The method returns pages; `send` returns one."""


@cache
def operation(method: str) -> KnownOperation | None:
    """The operation that boto3 calls `method`, or None."""
    path = Api._paths.get(method)  # pyright: ignore[reportPrivateUsage]
    if path is None:
        return None
    function = _function(path)
    request = _request(function)
    facts = operation_of(request)
    signature = inspect.signature(function)
    return KnownOperation(
        method=method,
        path=path,
        request=request,
        response=ValueType("structure", getattr(types, facts.output)) if facts.output else None,
        positional=tuple(_positional(signature)),
        items=facts.items,
        pages=str(signature.return_annotation).startswith("Pages["),
    )


def _request(function: Any) -> type[Request[Any]]:
    """The class of the request that a method sends."""
    names = [name for name in inspect.unwrap(function).__code__.co_names if name in _generated()]
    classes = (getattr(types, name) for name in names)
    requests: list[Any] = [each for each in classes if isinstance(each, type) and issubclass(each, Request)]
    return requests[0]  # type: ignore[no-any-return]


@cache
def _generated() -> frozenset[str]:
    return frozenset(dir(types))


def _function(path: str) -> Any:
    group, _, verb = path.rpartition(".")
    if not group:
        return vars(groups.Groups)[verb]
    module = import_module(f"sagemaker_typed.resources.{group}")
    return getattr(getattr(module, module.__all__[0]), verb, None)


def _positional(signature: inspect.Signature) -> Iterator[str]:
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            yield parameter.name


@dataclass(frozen=True)
class KnownWait:
    """One of boto3's waiters, and the method here."""

    path: str
    request: type[Structure]
    positional: tuple[str, ...]
    delay: int
    attempts: int
    """How often boto3 looks, so many seconds apart, unless it is told otherwise."""
    remark: str | None
    """What the method does in another way."""


_STATES = ("deleted", "in_service", "created", "updated", "stopped", "completed")
_OR_STOPPED = "_or_stopped"


@cache
def waiter(name: str) -> KnownWait | None:
    """The wait that boto3 calls `name`, or None."""
    session: Any = Session()
    model = session.get_waiter_model("sagemaker")
    found = next((each for each in model.waiter_names if xform_name(each) == name), None)
    if found is None:
        return None
    config = model.get_waiter(found)
    described = operation(xform_name(config.operation))
    state = next((state for state in _STATES if name.removesuffix(_OR_STOPPED).endswith(f"_{state}")), None)
    if described is None or state is None:
        return None
    path = f"{described.path.partition('.')[0]}.wait_until_{state}"
    function = _function(path)
    if function is None:
        return None
    return KnownWait(
        path=path,
        request=described.request,
        positional=tuple(_positional(inspect.signature(function))),
        delay=config.delay,
        attempts=config.max_attempts,
        remark=f"{path.rpartition('.')[2]} raises WaitStoppedError where boto3's waiter returned, if the job was stopped"
        if name.endswith(_OR_STOPPED)
        else None,
    )

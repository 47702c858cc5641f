"""The base of every generated class, and the facts that each class holds about its members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import attrs

from sagemaker_typed._core.between import Between
from sagemaker_typed._core.hints import about_item, about_member, explaining_at_first, no_attribute
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.masks import MASK, masked, masked_unknown
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.service import Service
from sagemaker_typed._core.tuples import NamedTuple

__all__ = [
    "Member",
    "Request",
    "Response",
    "ResponseMetadata",
    "Rule",
    "Structure",
    "is_union",
    "members_of",
    "operation_of",
    "rules_of",
    "service_of",
    "structure",
]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)

C = TypeVar("C")
R_co = TypeVar("R_co", covariant=True)


class Rule(NamedTuple):
    """The model's rules for a value: its bounds, its pattern, and the rules for its keys and items."""

    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    sensitive: bool = False
    items: Rule | None = None
    keys: Rule | None = None


class Member(NamedTuple):
    """One member of a structure: its field name, its wire name, and the model's rules for its value."""

    field: str
    wire: str
    required: bool = False
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    sensitive: bool = False
    items: Rule | None = None
    keys: Rule | None = None
    json: bool = False
    """The value is a JSON text."""
    token: bool = False
    """Filled with a fresh UUID when it is left out (an idempotency token)."""
    enum: bool = False
    """The value is or contains enum members, which may be given as texts."""
    pairs: tuple[str, ...] = ()
    """The fields for key and value of the items, if the list may be given as a mapping."""
    dumps: bool = False
    """The value is a JSON text, which may be given as a mapping."""


class _NoUnknownMembers(Mapping[str, Any]):
    """The empty mapping that all objects without unknown members share. Unlike `MappingProxyType({})`, it pickles."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"

    def __reduce__(self) -> str:
        return "NO_UNKNOWN_MEMBERS"


NO_UNKNOWN_MEMBERS: Mapping[str, Any] = _NoUnknownMembers()


class _NamedTypes:
    """Descriptor for `__no_type_check__` that is False and adds the names in a class's annotations to its module.

    `typing.get_type_hints`, and through it `attrs.resolve_types`, reads `__no_type_check__` first. Generated modules
    import each other for type checkers only, because importing all of them at run time would slow down the first call.
    """

    def __get__(self, obj: object, cls: type) -> bool:
        from sagemaker_typed._core.convert.members import name_types

        for base in cls.__mro__:
            if "_service" in vars(base):
                name_types(base)
        return False


class _LazySignature:
    """The signature of a generated class, made on first access."""

    def __get__(self, obj: object, cls: type) -> Any:
        if "_service" not in vars(cls):  # a user's subclass may define its own `__init__`
            raise AttributeError("__signature__")
        from sagemaker_typed._core.convert.signatures import signature_of

        return signature_of(cls)


@attrs.define(kw_only=True, eq=False, repr=False)
class Structure:
    """The base of every generated class.

    Objects are mutable, compare by value, and can be pickled and copied. The repr has the members that are set, and is cut
    to a few hundred characters; `pprint` and rich print all of them. Credentials, environment variables and
    hyperparameters are printed as `***`; the attributes have the values.
    """

    _members: ClassVar[tuple[Member, ...]] = ()
    _between: ClassVar[tuple[Between, ...]] = ()
    _union: ClassVar[bool] = False
    _service: ClassVar[Service]
    _leaving: ClassVar[Mapping[str, str]]
    """Field -> the warning, for members that the service took back."""

    unknown_members: Mapping[str, Any] = NO_UNKNOWN_MEMBERS
    """Members that this version of the library does not know, by wire name, unconverted."""

    if TYPE_CHECKING:
        # Type checkers do not see that generated classes are attrs classes; these declarations tell them.
        __attrs_attrs__: ClassVar[tuple[Any, ...]]

        def __init__(self) -> None: ...

        def __replace__(self, **changes: Any) -> Self: ...

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__ or not isinstance(other, Structure):
            return NotImplemented
        for member in self._members:
            if getattr(self, member.field) != getattr(other, member.field):
                return False
        return self.unknown_members == other.unknown_members

    __hash__: ClassVar[None]  # type: ignore[assignment]  # mutable values do not hash

    def __repr__(self) -> str:
        from sagemaker_typed._core.showing import line, teach_pprint

        teach_pprint(type(self).__repr__)
        return line(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the members that are set, over several lines if needed, for IPython."""
        from sagemaker_typed._core.showing import pretty

        pretty(self, printer, cycle)

    def _repr_html_(self) -> str:
        """Return a table of the members that are set, or of the items of a page, for notebooks."""
        from sagemaker_typed._core.notebook import html

        return html(self)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """Yield the members that are set, with `***` for secrets, for rich."""
        for member in self._members:
            value = getattr(self, member.field)
            if value is not None:
                yield member.field, masked(value, member)
        if self.unknown_members:
            yield "unknown_members", masked_unknown(self.unknown_members)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from sagemaker_typed._core.pydantic_structures import core_schema_of_structure

        return core_schema_of_structure(cls, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        from sagemaker_typed._core.pydantic_structures import json_schema_of_structure

        return json_schema_of_structure(schema, handler)

    if not TYPE_CHECKING:
        __no_type_check__ = _NamedTypes()
        __signature__ = _LazySignature()

    if not TYPE_CHECKING:  # so that type checkers report unknown names and `[...]`

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise no_attribute(self, name)
            raise no_attribute(self, name, about_member(name, _fields(type(self))))

        def __getitem__(self, key: object) -> Any:
            raise about_item(self, key, _fields(type(self)))


def _fields(cls: type[Structure]) -> dict[str, str]:
    """Wire name -> field, for all members."""
    return {member.wire: member.field for member in cls._members}  # pyright: ignore[reportPrivateUsage]


def structure(cls: type[C]) -> type[C]:
    """Make a generated class an attrs class.

    Type checkers and editors read the `__init__` that each class declares for them. Its parameters accept more types than
    the fields return, and reading it is much faster for a type checker than inferring it from the fields.
    """
    own = vars(cls)
    for member in own.get("_members", ()):
        if member.enum or member.pairs or member.dumps:
            # Quicker than a `field_transformer`, which would copy each field.
            converter = _converter(cls, own["__annotations__"][member.field], member)
            default = own.get(member.field, attrs.NOTHING)
            setattr(cls, member.field, attrs.field(default=default, converter=converter))
    made = attrs.define(cls, kw_only=True, eq=False, repr=False)
    if "_leaving" in vars(made):
        from sagemaker_typed._core.leaving import LeavingMember

        for name, message in vars(made)["_leaving"].items():
            setattr(made, name, LeavingMember(vars(made)[name], name, message))
    return explaining_at_first(made)


def _converter(cls: Any, annotation: str, member: Member) -> Callable[[Any], Any]:
    """Return the converter of a field. It looks up the field's type at the first value."""
    found: list[Callable[[Any], Any]] = []

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if not found:
            from sagemaker_typed._core.convert.annotations import coercion

            found.append(coercion(annotation, service_of(cls).types, member.pairs, dumps=member.dumps))
        return found[0](value)

    # attrs reads the signature when it makes the class; computing it would take a fifth of that time.
    vars(convert)["__signature__"] = _any_to_any()
    return convert


@cache
def _any_to_any() -> Any:
    from inspect import Parameter, Signature

    return Signature([Parameter("value", Parameter.POSITIONAL_ONLY, annotation="Any")])


class Request(Structure, Generic[R_co]):
    """The base of every request; `R_co` is the type of its response."""

    __slots__ = ()

    _operation: ClassVar[Operation]


# Some other headers are members of a response, and may be secret.
_SHOWN_HEADERS = frozenset(
    {
        "connection", "content-encoding", "content-length", "content-type", "date", "retry-after", "server",
        "transfer-encoding", "via", "x-amz-id-2", "x-amz-request-id", "x-amzn-errortype", "x-amzn-requestid",
    }
)  # fmt: skip


def _shown_headers(headers: Mapping[str, str]) -> str:
    return repr({name: value if name.lower() in _SHOWN_HEADERS else MASK for name, value in headers.items()})


@attrs.frozen(kw_only=True)
class ResponseMetadata:
    """The metadata of a response."""

    request_id: str | None = None
    """The id to give to AWS support."""

    http_status_code: int | None = None
    http_headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=_shown_headers)
    retry_attempts: int = 0
    """Number of attempts before the successful one."""
    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """Other metadata that botocore records, such as `MaxAttemptsReached`."""


NO_METADATA = ResponseMetadata()


@structure
class Response(Structure):
    """The base of every response."""

    response_metadata: ResponseMetadata = NO_METADATA
    """The request id, the HTTP status and the headers. It is ignored when responses are compared."""

    if TYPE_CHECKING:

        def __init__(self, *, response_metadata: ResponseMetadata = ...) -> None: ...


def members_of(cls: type[Structure]) -> tuple[Member, ...]:
    """Return the members of a generated class, in the model's order."""
    return cls._members  # pyright: ignore[reportPrivateUsage]


def rules_of(cls: type[Structure]) -> tuple[Between, ...]:
    """Return the rules between the fields of a generated class."""
    return cls._between  # pyright: ignore[reportPrivateUsage]


def is_union(cls: type[Structure]) -> bool:
    """Whether the class is a union, of which exactly one member is set."""
    return cls._union  # pyright: ignore[reportPrivateUsage]


def operation_of(cls: type[Request[Any]]) -> Operation:
    """Return the operation of a request class."""
    return cls._operation  # pyright: ignore[reportPrivateUsage]


def service_of(cls: type[Structure]) -> Service:
    """Return the service of a generated class."""
    return cls._service  # pyright: ignore[reportPrivateUsage]

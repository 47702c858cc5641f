"""The plan of the generated code, as plain values. The renderers only write it down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from .kept import Leaving
from .targets import MAIN, Target

Kind = Literal[
    "string", "integer", "float", "boolean", "timestamp", "json", "enum", "structure", "list", "map",
    "blob", "document", "events", "payload", "stream",
]  # fmt: skip
"""`payload` is the body of a request, `stream` that of a response, and `events` a response that comes event by event."""

KINDS: dict[str, Kind] = {
    "string": "string",
    "integer": "integer",
    "long": "integer",
    "float": "float",
    "double": "float",
    "blob": "blob",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "structure": "structure",
    "list": "list",
    "map": "map",
}
"""A type of a service model -> the kind of value that it becomes."""

Role = Literal["request", "response", "plain"]

_JOB = re.compile(r"(Job|Execution)(V\d+)?$")
OUTCOMES = ("pending", "success", "failure", "stopped")
"""What a status can mean to whoever waits."""


@dataclass(frozen=True)
class Type:
    """The type of a value."""

    kind: Kind
    shape: str
    """The wire shape's name; the class's name for an enum or a structure."""
    item: Type | None = None
    key: Type | None = None
    rule: RulePlan | None = None
    from_mapping: tuple[str, ...] = ()
    """The item's fields for key and value, where a plain mapping may stand for this list."""
    dumps: bool = False
    """Whether a mapping may stand for this text, which is its JSON."""
    events: tuple[Type, ...] = ()
    """What a stream of events gives, beside errors."""

    def classes(self) -> set[str]:
        """The generated classes in this type."""
        own = {self.shape} if self.kind in ("enum", "structure") else set[str]()
        return own.union(*(part.classes() for part in (self.item, self.key, *self.events) if part))

    @property
    def converted(self) -> bool:
        """Whether a field accepts another form than it returns: texts for enums, a mapping for a structure."""
        parts = [part for part in (self.item, self.key) if part is not None]
        return bool(self.from_mapping) or self.dumps or self.kind == "enum" or any(part.converted for part in parts)


@dataclass(frozen=True)
class RulePlan:
    """The bounds and pattern of a value and of its items."""

    min: int | float | None = None
    max: int | float | None = None
    pattern: str | None = None
    sensitive: bool = False
    items: RulePlan | None = None
    keys: RulePlan | None = None


@dataclass(frozen=True)
class Field:
    """One member of a structure."""

    name: str
    wire: str
    type: Type
    required: bool
    """As the model says."""
    optional: bool
    """As the type says: required members that the service leaves out are optional too."""
    token: bool
    deprecated: bool
    words: str | None = None
    leaving: Leaving | None = None
    """Set where the service took it back."""


@dataclass(frozen=True)
class EnumPlan:
    name: str
    members: dict[str, str]
    """Text -> member name, in the model's order."""
    words: str | None
    used_by: tuple[str, ...]
    """The operations that reach it."""
    meanings: dict[str, str] = field(default_factory=dict[str, str])
    """Text -> what it means, as far as that is said."""
    kept: dict[str, tuple[str, Leaving]] = field(default_factory=dict[str, tuple[str, Leaving]])
    """Member -> its text and how long it stays, of those that the service took back."""
    leaving: Leaving | None = None
    """Set where the service took back the whole enum."""


@dataclass(frozen=True)
class BetweenPlan:
    """A rule between the fields of a structure."""

    kind: str
    fields: tuple[str, ...]
    """As paths below the structure."""
    when: tuple[str | bool, ...]
    allowed: tuple[str | bool, ...]
    limit: int
    do: str
    source: str
    """The page of AWS that says so."""


@dataclass(frozen=True)
class StructurePlan:
    name: str
    fields: tuple[Field, ...]
    union: bool
    role: Role
    operation: str | None
    used_by: tuple[str, ...]
    """The operations that reach it."""
    words: str | None
    between: tuple[BetweenPlan, ...] = ()
    leaving: Leaving | None = None
    """Set where the service took it back."""

    @property
    def plain_fields(self) -> tuple[Field, ...]:
        """The fields that the service has."""
        return tuple(field for field in self.fields if not field.leaving)

    @property
    def leaving_fields(self) -> tuple[Field, ...]:
        """The fields that the service took back."""
        return tuple(field for field in self.fields if field.leaving)


@dataclass(frozen=True)
class Paging:
    """The paging of an operation."""

    items: tuple[Field, ...]
    size: int | None
    describes: bool
    """The operation describes one resource; its pages are a second method."""


@dataclass(frozen=True)
class OperationPlan:
    name: str
    method: str
    """boto3's method name."""
    group: str | None
    """None for an operation that stands on the client itself."""
    verb: str
    request: StructurePlan
    response: StructurePlan | None
    identifier: Field | None
    """The argument that may be given by position."""
    paging: Paging | None
    errors: tuple[str, ...]
    words: str | None
    leaving: Leaving | None = None
    """Set where the service took it back."""

    @property
    def path(self) -> str:
        """The method: `sm.endpoints.create`."""
        return ".".join(filter(None, ["sm", self.group, self.verb]))

    @property
    def stream(self) -> Field | None:
        """The member of the response that is read after the call: a body or events."""
        fields = self.response.fields if self.response else ()
        return next((field for field in fields if field.type.kind in ("stream", "events")), None)


@dataclass(frozen=True)
class BatchPlan:
    """The way to poll many resources of a kind by name."""

    describe: OperationPlan
    name: Field
    """Its identifier in the request of `describe`."""
    list: OperationPlan | None
    """Its items carry name and status."""
    item_name: Field | None
    item_status: Field | None
    list_scope: tuple[Field, ...]
    """What the list cannot be asked without."""
    list_sort: str | None
    """The value of its SortBy that means the time of creation."""
    stop: OperationPlan | None


@dataclass(frozen=True)
class ExplanationPlan:
    """The list that shows which part of a failed resource failed."""

    when: tuple[str, ...]
    """The texts of the resource's status with which the list is asked for."""
    list: OperationPlan
    scope: Field
    """The argument that takes the identifier of the resource."""
    noun: str
    """What one item is called."""
    name: Field
    status: Field
    reason: Field
    failed: tuple[str, ...]
    """The texts of the status that mean that the item failed."""


@dataclass(frozen=True)
class WaiterPlan:
    """One `wait_until_<state>` method."""

    group: str
    state: str
    target: str
    """The state in the words of a message."""
    noun: str
    describe: OperationPlan
    required: tuple[Field, ...]
    """What the description can do without and the wait cannot."""
    stop: OperationPlan | None
    status: Field | None
    """None for a resource without one."""
    reason: Field | None
    secondary: Field | None
    transitions: Field | None
    explanation: ExplanationPlan | None
    arn: Field | None
    log_group: str | None
    log_streams: str | None
    """The names of the streams of the log group that belong to the resource; None without a log group."""
    log_goes_on: bool
    """Whether the log has no end but that of the resource."""
    timeout: int | float
    poll: tuple[float, float]
    classes: dict[str, tuple[str, ...]]
    """Outcome -> the texts of the status."""
    gone: bool
    """It is over when the resource is no longer there."""
    compare: Field | None
    """The field of the description that must be what the caller asked for, beside the status."""
    batch: BatchPlan | None
    """None where one name does not tell which resource is meant."""

    @property
    def arguments(self) -> tuple[Field, ...]:
        """The arguments that find the resource: the identifier, then the required ones, then the others."""
        identifier = self.describe.identifier
        assert identifier is not None
        rest = [field for field in self.describe.request.fields if field is not identifier]
        rest = [field for field in rest if field.wire not in ("NextToken", "MaxResults")]
        rest.sort(key=lambda field: not (field.required or field in self.required))
        return (identifier, *rest)

    @property
    def shows_log(self) -> bool:
        """Whether the wait can show a log. A deleted resource writes none."""
        return self.log_streams is not None and not self.gone

    def needs(self, field: Field) -> bool:
        """Whether an argument has no default."""
        return field.required or field in self.required


@dataclass(frozen=True)
class SearchPlan:
    """The search of one kind of resource."""

    resource: str
    """The text of ResourceType."""
    group: str
    operation: OperationPlan
    member: Field
    """The field of a hit that holds the resource."""


@dataclass(frozen=True)
class GroupPlan:
    name: str
    """The attribute of `SageMaker`, `compilation_jobs`."""
    class_name: str
    operations: tuple[OperationPlan, ...]
    waiters: tuple[WaiterPlan, ...]
    words: str | None = None
    arn_type: str = ""
    """The resource part of the ARN without the names; empty for a group without waiters."""
    short_forms: tuple[str, ...] = ()
    """The classes of methods written by hand, with their modules: `_data.invoking.Invoking`."""

    @property
    def many(self) -> tuple[WaiterPlan, ...]:
        """The waiters that `wait_all` chooses from. The first is the default."""
        return tuple(waiter for waiter in self.waiters if waiter.batch and waiter.status)


@dataclass(frozen=True)
class Module:
    """One module of `types/`."""

    name: str
    """`compilation_jobs` or `shared.tag`."""
    enums: tuple[EnumPlan, ...]
    structures: tuple[StructurePlan, ...]


@dataclass(frozen=True)
class PhrasePlan:
    """One message of the service."""

    pattern: str
    operations: tuple[str, ...]
    """Empty for every operation; `Create*` for all that create."""


@dataclass(frozen=True)
class MeaningPlan:
    """The messages with one meaning, and their error codes."""

    codes: tuple[str, ...]
    phrases: tuple[PhrasePlan, ...]


@dataclass(frozen=True)
class WordingPlan:
    """The meanings of the service's messages."""

    meanings: dict[str, MeaningPlan]
    kinds: dict[str, str]
    """What a text or an ARN calls a resource -> its kind."""


@dataclass(frozen=True)
class FindPlan:
    """The way to find a resource that only its answer identifies."""

    list: OperationPlan
    scope: tuple[Field, ...]
    item_name: Field
    item_identifier: Field


@dataclass(frozen=True)
class RunPlan:
    """A request that creates or starts a resource, and the wait that follows it."""

    operation: OperationPlan
    waiter: WaiterPlan
    fields: tuple[Field, ...]
    """Of the request: those that the description takes as well."""
    name: tuple[Field, ...]
    """Of the request: those that name the resource."""
    answer: Field | None
    """Of the answer: the one that identifies the resource, where no field of the request does."""
    into: Field | None
    """Of the description's request: the one that takes the answer's."""
    find: FindPlan | None

    @property
    def is_job(self) -> bool:
        """Whether the resource is work that ends by itself, so that it can be `run`."""
        return _JOB.search(self.operation.name) is not None and self.waiter.state.startswith("completed")

    @property
    def method(self) -> str:
        """The name of the method that also waits: `run`, or `run_v2` for `create_v2`."""
        return re.sub(r"^(create|start)", "run", self.operation.verb)

    @property
    def starts(self) -> bool:
        """Whether the operation starts an existing resource."""
        return self.operation.verb == "start" and self.answer is None


@dataclass(frozen=True)
class Plan:
    version: str
    api_version: str
    groups: tuple[GroupPlan, ...]
    client_operations: tuple[OperationPlan, ...]
    modules: tuple[Module, ...]
    homes: dict[str, str]
    """Class -> module of `types/`."""
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    """Class -> shape, where a person gave the class another name."""
    wording: WordingPlan = field(default_factory=lambda: WordingPlan({}, {}))
    target: Target = MAIN
    examples: dict[str, str] = field(default_factory=dict[str, str])
    """The path of a method below `SageMaker`, `compilation_jobs.create` -> its example."""
    runs: tuple[RunPlan, ...] = ()
    searches: tuple[SearchPlan, ...] = ()

    @property
    def structures(self) -> dict[str, StructurePlan]:
        return {structure.name: structure for module in self.modules for structure in module.structures}

    @property
    def operations(self) -> list[OperationPlan]:
        found = [operation for group in self.groups for operation in group.operations]
        return sorted([*found, *self.client_operations], key=lambda operation: operation.name)

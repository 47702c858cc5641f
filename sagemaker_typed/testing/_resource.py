"""The base of every kind of embedded resource: create, describe, list, change state, delete.

A kind is a subclass of `Resource` in `_kinds/`, listed in `_kinds/__init__.py`. Its class attributes add what the
service model lacks: the states of its life, the defaults of its list. A record keeps one document, and each operation
returns the members of it that the model's output shape has.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._listing import Listing, list_page
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._outcomes import Told, epoch_of, metric_value
from sagemaker_typed.testing._states import (
    GONE,
    Pace,
    Script,
    ScriptBook,
    ScriptProgress,
    State,
    StateLike,
    Timeline,
    Vocabulary,
    parse_states,
    with_outcome,
)

__all__ = ["Call", "Handler", "ObjectStore", "Operations", "Record", "RecordT", "Resource", "World", "partition"]


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that passed the checks against the service model."""

    operation: str
    region: str
    parameters: Mapping[str, Any]
    now: int


Handler = Callable[[Call], Mapping[str, Any] | None]
"""Answers one operation: the output members, or None for an operation without output. Raises `AnsweredError`."""


Listener: TypeAlias = "Callable[[str, Record, State, int], None]"
"""Hears of a resource's kind, the resource, the state that it has come into, and the moment."""


class Operations(Protocol):
    """An object that answers operations."""

    def operations(self) -> Mapping[str, Handler]: ...


class ObjectStore(Protocol):
    """The embedded S3."""

    def bucket_exists(self, region: str, bucket: str) -> bool: ...
    def object_exists(self, region: str, bucket: str, key: str) -> bool: ...
    def create_bucket(self, region: str, bucket: str) -> None:
        """Raises ValueError for a name that no bucket can have."""
        ...

    def put_object(self, region: str, bucket: str, key: str, content: bytes) -> None: ...
    def get_object(self, region: str, bucket: str, key: str) -> bytes | None: ...


@dataclass(eq=False, kw_only=True)
class Record:
    """One resource: the request that created it, and its current state."""

    region: str
    name: str
    arn: str
    document: dict[str, Any]
    """The request that made it, with what came later."""
    progress: ScriptProgress
    scripted: bool
    """Whether its states come from a script that was given."""
    created: int
    modified: int
    serial: int
    """Where it stands in the order of creation: two may be created at one moment."""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    started: int | None = None
    ended: int | None = None
    told: dict[str, Any] = field(default_factory=dict[str, Any])
    """Members of its description that a script has set."""
    metrics: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])
    """What a script has measured, by name: the value, and the moment."""

    @property
    def status(self) -> str:
        return self.progress.state.status

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which a script's pattern and `advance` find the resource."""
        return self.name, self.arn


RecordT = TypeVar("RecordT", bound=Record)
ResourceT = TypeVar("ResourceT", bound="Resource[Any]")


class World:
    """The state that all kinds share, including the kinds themselves."""

    def __init__(
        self,
        *,
        model: ServiceTables,
        objects: ObjectStore,
        account_id: str,
        scripts: ScriptBook,
        timeline: Timeline,
        every: float,
    ) -> None:
        self.model = model
        self.objects = objects
        self.account_id = account_id
        self.scripts = scripts
        self.timeline = timeline
        self.pace = Pace.of(every, None, False)
        self._made_buckets: set[str] = set()
        self._created = 0
        self.other_tags: dict[str, dict[str, str]] = {}
        """By ARN, the tags of what is not held here: moto's resources, and samples."""
        self.listeners: list[Listener] = []
        """Told of every state that a resource comes into."""
        self._kinds: dict[type[Resource[Any]], Resource[Any]] = {}
        self._naming: dict[str, str] = {}

    def populate(self, kinds: Iterable[type[Resource[Any]]]) -> None:
        self._kinds = {kind: kind(self) for kind in kinds}

    def reset(self) -> None:
        self._made_buckets.clear()
        self._created = 0
        self.other_tags.clear()
        for resource in self._kinds.values():
            resource.reset()

    def next_serial(self) -> int:
        self._created += 1
        return self._created

    def leave(self, region: str, bucket: str, key: str, content: bytes) -> bool:
        """Write a job's output to S3, creating the bucket if needed. Return False if the bucket cannot be created."""
        if not self.objects.bucket_exists(region, bucket):
            try:
                self.objects.create_bucket(region, bucket)
            except ValueError:
                logger.warning("%s/%s was not written: no bucket can have this name", bucket, key)
                return False
            self._made_buckets.add(bucket)
        self.objects.put_object(region, bucket, key, content)
        return True

    def lacks_object(self, region: str, bucket: str, key: str) -> bool:
        """Whether an object is missing from a bucket of the user's.

        The answer is False for a bucket that does not exist here, which may belong to another account, and for a bucket
        that `leave` created.
        """
        ours = bucket not in self._made_buckets and self.objects.bucket_exists(region, bucket)
        return ours and not self.objects.object_exists(region, bucket, key)

    @property
    def resources(self) -> Sequence[Resource[Any]]:
        return list(self._kinds.values())

    def __getitem__(self, kind: type[ResourceT]) -> ResourceT:
        return cast("ResourceT", self._kinds[kind])

    def of_kind(self, kind: str) -> Resource[Any] | None:
        """Return the kind by the name that scripts use."""
        return next((resource for resource in self._kinds.values() if resource.kind == kind), None)

    def parents_of(self, members: Iterable[str]) -> Mapping[str, str]:
        """Map each member that names another resource to the kind of that resource."""
        if not self._naming:
            for resource in self._kinds.values():
                self._naming.update(dict.fromkeys(resource.naming_members(), resource.kind))
        return {member: self._naming[member] for member in members if member in self._naming}

    def settle(self) -> int:
        """Bring all resources to their current states, and return the current moment."""
        now = self.timeline.now()
        for resource in self.resources:
            resource.settle(now)
        return now

    def by_arn(self, arn: str) -> tuple[Resource[Any], Record] | None:
        for resource in self._kinds.values():
            record = resource.by_arn(arn)
            if record is not None:
                return resource, record
        return None

    def arn(self, region: str, tail: str) -> str:
        return f"arn:{partition(region)}:sagemaker:{region}:{self.account_id}:{tail}"

    def epoch(self, moment: int) -> float:
        return self.timeline.epoch(moment)

    def not_found(self, operation: str, message: str) -> AnsweredError:
        """Return a not-found error with the code that the operation declares, by default ValidationException."""
        code = "ResourceNotFound"
        return AnsweredError(code if code in self.model.errors(operation) else "ValidationException", message)

    def in_use(self, operation: str, message: str) -> AnsweredError:
        declared = self.model.errors(operation)
        code = next(
            (code for code in ("ResourceInUse", "ConflictException") if code in declared), "ValidationException"
        )
        return AnsweredError(code, message)


class Resource(ABC, Generic[RecordT]):
    """One kind: its records and their scripts. Not thread-safe: the caller holds the lock."""

    kind: ClassVar[str]
    """The name in `LocalSageMaker.script(kind, ...)`."""
    noun: ClassVar[str]
    """As operations and members spell it: TrainingJob."""
    arn_type: ClassVar[str]
    """What stands before the name in an ARN."""
    listing: ClassVar[Listing]
    status_shape: ClassVar[str] = ""
    """The enum of its statuses in the service model; empty if it has none."""
    secondary_shape: ClassVar[str] = ""
    terminal: ClassVar[frozenset[str]] = frozenset()
    """Statuses after which nothing comes."""
    secondaries: ClassVar[Mapping[str, str]] = {}
    reasons: ClassVar[Mapping[str, str]] = {}
    usual_reason: ClassVar[str | None] = None
    lives: ClassVar[Mapping[str, Sequence[StateLike]]] = {}
    """The states of each phase ("create", "stop", ...) if no script was given."""
    begins: ClassVar[Mapping[str, str]] = {}
    """The phase that a script is for, by its first status, if it is not said. All others are for "create"."""
    search_member: ClassVar[str] = ""
    """The member of `SearchRecord`; empty if Search does not know the kind."""

    measures: ClassVar[bool] = False
    """Whether a script may give it metrics."""
    paced: ClassVar[bool] = True
    """Whether it moves by itself, and not with what it is a part of."""
    measures_many: ClassVar[bool] = False
    """Whether these may be lists: a value for each of its parts."""

    record_type: ClassVar[type[Record]] = Record

    def __init__(self, world: World) -> None:
        self.world = world
        words = self.vocabulary(world.model)
        self._told = self.may_be_told(world.model)
        self._lives = {phase: parse_states(states, words) for phase, states in self.lives.items()}
        self._records: dict[str, dict[str, RecordT]] = {}
        self._by_arn: dict[str, RecordT] = {}
        self._moving: dict[str, RecordT] = {}

    # --- what a subclass says ----------------------------------------------------------------------------------------

    @abstractmethod
    def operations(self) -> Mapping[str, Handler]:
        """Return the handlers of this kind's operations. moto answers the others."""

    def entered(self, record: RecordT, state: State, moment: int) -> None:
        """React to a record that has entered this state."""

    def describe_document(self, record: RecordT) -> dict[str, Any]:
        """Return everything known about the record, by the member names of its Describe."""
        state = record.progress.state
        document = {
            **record.document,
            self.name_member: record.name,
            self.arn_member: record.arn,
            "CreationTime": self.world.epoch(record.created),
            "LastModifiedTime": self.world.epoch(record.modified),
        }
        if self.status_shape:
            document[self.status_member] = state.status
        if state.reason is not None:
            document["FailureReason"] = state.reason
        return document

    def summary_document(self, record: RecordT) -> Mapping[str, Any]:
        return self.describe_document(record)

    def search_document(self, record: RecordT) -> Mapping[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in record.tags.items()]
        return {**self.describe_document(record), **({"Tags": tags} if tags else {})}

    def found_document(self, record: RecordT) -> Mapping[str, Any]:
        """Return the document of a record for `Search`."""
        return {**self.search_document(record), **record.told}

    def fits(self, record: RecordT, parameters: Mapping[str, Any]) -> bool:
        """Whether a record passes the list filters that only this kind has."""
        del record, parameters
        return True

    def check(self, call: Call) -> None:
        """Refuse invalid requests that the service model allows."""

    # --- names -------------------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        return self.kind.replace("_", " ")

    @property
    def name_member(self) -> str:
        return f"{self.noun}Name"

    @property
    def arn_member(self) -> str:
        return f"{self.noun}Arn"

    @property
    def status_member(self) -> str:
        return f"{self.noun}Status"

    def naming_members(self) -> Iterable[str]:
        """Return the members by which other requests name a resource of this kind."""
        return self.name_member, self.arn_member

    @classmethod
    def vocabulary(cls, model: ServiceTables) -> Vocabulary:
        return Vocabulary(
            statuses=model.enum(cls.status_shape) if cls.status_shape else (),
            terminal=cls.terminal,
            secondaries=cls.secondaries,
            known_secondaries=model.enum(cls.secondary_shape) if cls.secondary_shape else (),
            reasons=cls.reasons,
            usual_reason=cls.usual_reason,
        )

    @classmethod
    def may_be_told(cls, model: ServiceTables) -> Told:
        """Return the members that a script may set."""
        from_states = "it comes from the states"
        from_call = "it comes from the call that creates it"
        fixed = {
            f"{cls.noun}Status": from_states,
            f"{cls.noun}Name": from_call,
            f"{cls.noun}Arn": from_call,
            "CreationTime": "say created=",
        }
        return Told(model, cls.kind, cls.described_shapes(model), fixed)

    @classmethod
    def described_shapes(cls, model: ServiceTables) -> Sequence[str]:
        """Return the structures that describe a record. A script may set all their members."""
        describes = (f"Describe{cls.noun}", f"Describe{cls.noun}V2")
        return [model.output_name(operation) for operation in describes if operation in model.operations]

    # --- the operations that all have --------------------------------------------------------------------------------

    def create(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters[self.name_member]
        existing = self._records.get(call.region, {}).get(name)
        if existing is not None:
            raise self.world.in_use(call.operation, self.duplicate_message(existing))
        self.check(call)
        record = self.add(call, name)
        return {self.arn_member: record.arn}

    def describe(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        self._follow(record, record.progress.described(call.now))
        if record.progress.state is GONE:
            raise self.unknown(call, call.parameters[self.name_member])
        return self.shown(call.operation, {**self.describe_document(record), **record.told})

    def list(self, call: Call) -> Mapping[str, Any]:
        summary = self.world.model.item_shape(call.operation, self.listing.result_key)
        return list_page(
            (record for record in self.records(call.region) if self.fits(record, call.parameters)),
            call.parameters,
            self.listing,
            epoch=self.world.epoch,
            show=lambda record: self.world.model.project(summary, {**self.summary_document(record), **record.told}),
        )

    def stop(self, call: Call) -> None:
        """Stop a job through the states of the phase "stop". A second stop in the meantime changes nothing."""
        record = self.find(call)
        if record.status in self.terminal:
            raise AnsweredError(
                "ValidationException",
                f"The request was rejected because the {self.label} {record.name} is in status {record.status}.",
            )
        if record.status != self._lives["stop"][0].status:
            self.begin(record, "stop", call.now)

    def delete(self, call: Call) -> None:
        record = self.find(call)
        if self.terminal and record.status not in self.terminal:
            raise self.world.in_use(
                call.operation,
                f'Cannot update in-progress {self.label} "{record.arn}": it is {record.status}, and can be deleted in '
                f"{', '.join(sorted(self.terminal))}.",
            )
        if "delete" in self._lives:
            self.begin(record, "delete", call.now)
        else:
            self.remove(record)

    # --- for the operations of a subclass ----------------------------------------------------------------------------

    def shown(self, operation: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of the document that the operation's output has."""
        return self.world.model.project(self.world.model.output_name(operation), document)

    def add(self, call: Call, name: str, *, tail: str | None = None, also: Sequence[str] = (), **more: Any) -> RecordT:
        """Create and store a record. `more` are fields of `record_type`.

        `tail` replaces the default end of the ARN (type and name). `also` are more names for a script's pattern.
        """
        parameters = dict(call.parameters)
        tags = {tag["Key"]: tag["Value"] for tag in parameters.pop("Tags", ())}
        arn = self.world.arn(call.region, f"{self.arn_type}/{name}" if tail is None else tail)
        script = self._script("create", (name, arn, *also))
        request = {**parameters, self.name_member: name}
        created = call.now
        if script.created is not None:
            created = self.world.timeline.moment(epoch_of(script.created, request, self.world.epoch(call.now)))
        made = self.record_type(
            region=call.region,
            name=name,
            arn=arn,
            document=parameters,
            progress=ScriptProgress(self._resolved(script, request), script.pace, created),
            scripted=script.given,
            created=created,
            modified=created,
            serial=self.world.next_serial(),
            tags=tags,
            **more,
        )
        record = cast("RecordT", made)
        self._records.setdefault(call.region, {})[name] = record
        self._by_arn[arn] = record
        self._arrive(record)
        return record

    def remove(self, record: RecordT) -> None:
        self._records[record.region].pop(record.name, None)
        self._by_arn.pop(record.arn, None)
        self._moving.pop(record.arn, None)

    def begin(self, record: RecordT, phase: str, now: int) -> None:
        """Enter another phase of life, as scripted for that phase, or by default in the usual states at the usual pace.

        The pace of the creation script does not apply, so that a job that is scripted to hang can be stopped.
        """
        script = self._script(phase, record.names)
        record.progress.restart(self._resolved(script, self.request_of(record)), now, script.pace)
        self._arrive(record)

    def put(self, record: RecordT, script: Script, now: int) -> None:
        """Start a script on a record now, in any state."""
        record.progress.restart(self._resolved(script, self.request_of(record)), now, script.pace)
        record.scripted = True
        self._arrive(record)

    def request_of(self, record: RecordT) -> Mapping[str, Any]:
        """Return the request that the functions of a script get."""
        return {**record.document, self.name_member: record.name}

    def put_all(self, pattern: str, script: Script, now: int) -> int:
        """Start a script on all records whose name matches. Return how many there are."""
        chosen = [record for record in self.records() if any(fnmatchcase(name, pattern) for name in record.names)]
        for record in chosen:
            if script.states:
                self.put(record, script, now)
            else:
                self._tell(record, self._resolve(script.outcome, self.request_of(record)), now)
        return len(chosen)

    def reset(self) -> None:
        self._records.clear()
        self._by_arn.clear()
        self._moving.clear()

    def records(self, region: str | None = None) -> Iterator[RecordT]:
        """Return the records of one region or of all regions."""
        regions = self._records.values() if region is None else [self._records.get(region, {})]
        return (record for records in regions for record in list(records.values()))

    def get(self, region: str, name_or_arn: str) -> RecordT | None:
        if name_or_arn.startswith("arn:"):
            record = self._by_arn.get(name_or_arn)
            return record if record is not None and record.region == region else None
        return self._records.get(region, {}).get(name_or_arn)

    def by_arn(self, arn: str) -> RecordT | None:
        return self._by_arn.get(arn)

    def find(self, call: Call, member: str | None = None) -> RecordT:
        """Return the record that the request names. Raises the operation's error for an unknown resource."""
        name = call.parameters[member or self.name_member]
        record = self.get(call.region, name)
        if record is None:
            raise self.unknown(call, name)
        return record

    def unknown(self, call: Call, name: str) -> AnsweredError:
        return self.world.not_found(call.operation, self.unknown_message(call.region, name))

    def unknown_message(self, region: str, name: str) -> str:
        del region
        return f"Could not find {self.label} '{name}'."

    def duplicate_message(self, record: RecordT) -> str:
        return f'Cannot create already existing {self.label} "{record.arn}".'

    def arn_of(self, region: str, name: str) -> str:
        return name if name.startswith("arn:") else self.world.arn(region, f"{self.arn_type}/{name}")

    # --- moving ------------------------------------------------------------------------------------------------------

    def settle(self, now: int) -> None:
        """Bring the records to their states at `now`."""
        for record in list(self._moving.values()):
            self._follow(record, record.progress.settle(now))

    def advance(self, name: str | None, now: int) -> int:
        """Move the named record, or all, to the next state. Return how many moved."""
        moved = 0
        for record in list(self._moving.values()):
            if name is None or name in record.names:
                moved += self._follow(record, record.progress.advance(now))
        return moved

    def knows(self, name: str) -> bool:
        """Whether a record of this name exists in any region."""
        return any(name in record.names for record in self.records())

    def _script(self, phase: str, names: Sequence[str]) -> Script:
        usual = self._lives.get(phase, (State("", None),))
        found = self.world.scripts.find(self.kind, phase, names)
        if found is None:
            return Script(usual, self.world.pace, given=False)
        return found if found.states else replace(found, states=with_outcome(usual, found.outcome))

    def _resolved(self, script: Script, request: Mapping[str, Any]) -> Sequence[State]:
        """Return the script's states with each function replaced by its result."""
        return [self._resolve(state, request) for state in script.states]

    def _resolve(self, state: State, request: Mapping[str, Any]) -> State:
        found = self._told.resolve(state, request)
        if not found.metrics:
            return found
        values = {name: self.measured(name, value, request) for name, value in found.metrics.items()}
        return replace(found, metrics={name: value for name, value in values.items() if value is not None})

    def measured(self, name: str, value: Any, request: Mapping[str, Any]) -> Any:
        """Return the value of a metric for this request. None means that it was not measured."""
        return metric_value(name, value, request)

    def _arrive(self, record: RecordT) -> None:
        """Enter the record's current state, and track the record while more states follow."""
        self._enter(record, record.progress.state, record.progress.entered)
        if record.progress.finished:
            self._moving.pop(record.arn, None)
        else:
            self._moving[record.arn] = record

    def _follow(self, record: RecordT, states: Iterable[tuple[State, int]]) -> int:
        moved = 0
        for state, moment in states:
            self._enter(record, state, moment)
            moved += 1
        if record.progress.finished:
            self._moving.pop(record.arn, None)
        return moved

    def _enter(self, record: RecordT, state: State, moment: int) -> None:
        if state is GONE:
            self.remove(record)
            return
        record.modified = moment
        self._tell(record, state, moment)
        self.entered(record, state, moment)
        for listener in self.world.listeners:
            listener(self.kind, record, state, moment)

    def _tell(self, record: RecordT, state: State, moment: int) -> None:
        """Keep the values that a script sets in this state. A failure reason holds for one state, all others stay."""
        record.told.pop("FailureReason", None)
        record.told.update(state.members)
        record.metrics.update({name: (value, moment) for name, value in state.metrics.items()})


def partition(region: str) -> str:
    """Return the partition of an ARN."""
    for prefix, name in {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
    }.items():
        if region.startswith(prefix):
            return name
    return "aws"

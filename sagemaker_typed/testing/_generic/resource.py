"""The shared implementation of resources that are alike, driven by a plan from the service model.

Create stores a record. Describe returns the members that both structures share, with ARN, times and status. List
filters, sorts and pages, Update merges, Delete removes, Stop and Start change the state. Kinds with more behaviour are
subclasses in `_kinds/`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from sagemaker_typed.testing import _texts as texts
from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.listing import condition, ordered_by
from sagemaker_typed.testing._generic.plan import KindPlan, members_of
from sagemaker_typed.testing._generic.shapes import Fitter
from sagemaker_typed.testing._listing import Listing, page_of
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource, World
from sagemaker_typed.testing._states import GONE, State

__all__ = ["GenericRecord", "GenericResource", "own_class"]

_CREATED = re.compile(r"(Creation|Created|Create|Registration)(Time|At|Date)")
_MODIFIED = re.compile(r"Last(Modified|Updated?)(Time|At|Date)")
_STARTED = re.compile(r"(\w*)StartTime")
_ENDED = re.compile(r"(\w*EndTime|CompletionTime)")
_WHO = frozenset({"CreatedBy", "LastModifiedBy"})
_GONE = frozenset({"Deleted", "Deleting"})
_ID_FORMS = ("{id}", "d-{id}", "app-{ID}", "{uuid}")


@dataclass(eq=False, kw_only=True)
class GenericRecord(Record):
    """A resource whose name is unique within its scope, with an optional id."""

    short: str = ""
    """Its name alone: what `name` has in front is what the name is unique within."""
    identifier: str = ""
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (self.name, self.short, self.identifier, self.arn) if name))


class GenericResource(Resource[GenericRecord]):
    """A kind without a handwritten class."""

    plan: ClassVar[KindPlan]
    record_type = GenericRecord

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._conditions: dict[tuple[str, str], Any] = {}

    def operations(self) -> Mapping[str, Handler]:
        handlers: Mapping[str, Handler] = {
            "create": self.create,
            "describe": self.describe,
            "list": self.list,
            "update": self.update,
            "delete": self.take_away,
            "stop": self.halt,
            "start": self.launch,
        }
        return {operation: handlers[verb] for verb, operation in self.plan.verbs.items()}

    # --- what a subclass may say -------------------------------------------------------------------------------------

    def key_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the scope within which the name of a new record is unique."""
        return tuple(self.named(member, parameters) for member in self.plan.scope)

    def short_name(self, call: Call) -> str:
        return str(call.parameters.get(self.plan.name_member, ""))

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        """Return members of a record that neither its request nor its state sets."""
        del record
        return {}

    def merge(self, record: GenericRecord, parameters: Mapping[str, Any]) -> None:
        """Apply an update request to a record."""
        for member, value in parameters.items():
            if member in self.plan.key or member in {"ClientToken", "TargetVersion"}:
                continue
            if member == self.plan.name_member:
                record.short = value  # a request that names the record by id or ARN may rename it
            elif member == "Tags":
                record.tags.update({tag["Key"]: tag["Value"] for tag in value})
            elif member.endswith("ToRemove"):
                _take_out(record.document, member.removesuffix("ToRemove"), value)
            else:
                _put(record.document, member.removesuffix("ForUpdate"), value)

    def removed(self, record: GenericRecord) -> None:
        """React to the removal of a record."""

    # --- names -------------------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        return self.plan.label

    @property
    def name_member(self) -> str:
        return self.plan.name_member or self.plan.key[0]

    @property
    def arn_member(self) -> str:
        return self.plan.arn_member

    @property
    def status_member(self) -> str:
        return self.plan.status_member

    def naming_members(self) -> Iterable[str]:
        shared = {"Name", "Arn", "Id", "Identifier", "JobName", "JobDefinitionName"}
        own = [self.plan.arn_member, *(self.plan.key if len(self.plan.key) == 1 else ())]
        return [member for member in own if member not in shared]

    # --- operations --------------------------------------------------------------------------------------------------

    def create(self, call: Call) -> Mapping[str, Any]:
        self.check_parents(call)
        scope, short = self.key_of(call.parameters), self.short_name(call)
        existing = self._same_name(call.region, scope, short) if self.plan.facts.unique else None
        if existing is not None:
            token = call.parameters.get("ClientToken")
            if token is not None and existing.document.get("ClientToken") == token:
                return self.answer(call, existing) or {}  # the same request, repeated
            raise self._taken(call, existing)
        self.check(call)
        return self.answer(call, self.make(call, scope, short)) or {}

    def describe(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        self._follow(record, record.progress.described(call.now))
        if record.progress.state is GONE:
            raise self.unknown(call, self.asked(call.parameters))
        return self.answer(call, record) or {}

    def list(self, call: Call) -> Mapping[str, Any]:
        self.check_scope(call)
        return self.page(call, self.records(call.region), self.plan.result_key, self.plan.summary)

    def update(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        self.refuse_busy(call, record)
        target = call.parameters.get("TargetVersion", record.version)
        if target != record.version:
            raise self.conflict(
                call,
                f"Resource was modified concurrently: {record.arn} has the version {record.version}, not {target}.",
            )
        self.merge(record, call.parameters)
        record.version += 1
        record.modified = call.now
        if "update" in self._lives:
            self.begin(record, "update", call.now)
        return self.answer(call, record)

    def take_away(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        phase = self._lives.get("delete")
        if phase is None or record.status != phase[0].status:
            self.refuse_busy(call, record)
            self.refuse_held(call, record)
            if phase is None:
                self.remove(record)
            else:
                self.begin(record, "delete", call.now)
        return self.answer(call, record)

    def halt(self, call: Call) -> Mapping[str, Any] | None:
        """Stop a record. A second stop in the meantime changes nothing."""
        record = self.find(call)
        phase = self._lives["stop"]
        if record.status in self.terminal or record.status == phase[-1].status:
            raise self.conflict(call, self._wrong_status(record))
        # A creation may begin with the same status, such as Pending, so the status alone does not show a stop.
        if record.status != phase[0].status or record.status in self._made_states:
            if not self.terminal:
                self.refuse_busy(call, record)
            self.begin(record, "stop", call.now)
        return self.answer(call, record)

    @property
    def _made_states(self) -> Collection[str]:
        return {state.status for state in self._lives.get("create", ())}

    def launch(self, call: Call) -> Mapping[str, Any] | None:
        record = self.find(call)
        phase = self._lives["start"]
        self.refuse_busy(call, record)
        if record.status == phase[-1].status:
            raise self.conflict(call, self._wrong_status(record))
        self.begin(record, "start", call.now)
        return self.answer(call, record)

    # --- finding -----------------------------------------------------------------------------------------------------

    def asked(self, parameters: Mapping[str, Any]) -> str:
        """Return the name, id or ARN by which the request names a resource."""
        return "/".join(str(parameters[member]) for member in self.plan.key if member in parameters)

    def find(self, call: Call, member: str | None = None) -> GenericRecord:
        asked = call.parameters if member is None else {self.plan.key[-1]: call.parameters[member]}
        record = self.lookup(call.region, asked)
        if record is None:
            raise self.unknown(call, str(asked.get(self.plan.key[-1], "")))
        return record

    def lookup(self, region: str, parameters: Mapping[str, Any]) -> GenericRecord | None:
        plan = self.plan
        if plan.arn_member in plan.key:
            found = self.get(region, str(parameters.get(plan.arn_member)))
        elif plan.named:
            scope = self.key_of(parameters)
            given = str(parameters.get(plan.name_member, ""))
            return self.get(region, given) if given.startswith("arn:") else self._same_name(region, scope, given)
        else:
            found = self.get(region, str(parameters.get(plan.key[-1])))
        return found

    def get(self, region: str, name_or_arn: str) -> GenericRecord | None:
        """Return the record by name, id or ARN."""
        found = super().get(region, name_or_arn)
        if found is not None or name_or_arn.startswith("arn:"):
            return found
        rows = self.records(region)
        return next((row for row in rows if name_or_arn in (row.identifier, row.short) and name_or_arn), None)

    def named(self, member: str, parameters: Mapping[str, Any]) -> str:
        """Return the name in a member's value, which may be an ARN."""
        return str(parameters.get(member, "")).rpartition("/")[2]

    def _same_name(self, region: str, scope: Sequence[str], short: str) -> GenericRecord | None:
        if self.plan.named:
            return super().get(region, "/".join([*scope, short]))
        rows = self.records(region)
        return next((row for row in rows if short and row.short == short), None)

    def check_parents(self, call: Call) -> None:
        """Refuse to create a resource whose parent does not exist."""
        wanted = {**self.world.parents_of(self.plan.scope), **self.plan.facts.needs}
        for member, kind in wanted.items():
            self._check_there(call, member, kind)

    def check_scope(self, call: Call) -> None:
        """Refuse to list resources of a parent that does not exist."""
        shape = self.world.model.input_shape(call.operation) or {}
        required = [member for member in shape.get("required", ()) if member in self.plan.scope]
        for member, kind in self.world.parents_of(required).items():
            self._check_there(call, member, kind)

    def _check_there(self, call: Call, member: str, kind: str) -> None:
        parent = self.world.of_kind(kind)
        value = call.parameters.get(member)
        if parent is not None and value is not None and parent.get(call.region, value) is None:
            raise parent.unknown(call, value)

    # --- making ------------------------------------------------------------------------------------------------------

    def make(self, call: Call, scope: Sequence[str], short: str, **more: Any) -> GenericRecord:
        identifier = self._identifier(call.region)
        name = self.store_name(call, scope, short) if self.plan.named else identifier
        tail = self.arn_tail(call, short, identifier)
        return self.add(call, name, tail=tail, also=(short, identifier), short=short, identifier=identifier, **more)

    def store_name(self, call: Call, scope: Sequence[str], short: str) -> str:
        """Return the unique key of a record in the store."""
        del call
        return "/".join([*scope, short])

    def arn_tail(self, call: Call, short: str, identifier: str) -> str:
        form = self.plan.facts.arn
        words = {**{key: value for key, value in call.parameters.items() if isinstance(value, str)}, "name": short}
        if form:
            return form.format_map({**words, "id": identifier, **self.words(call)})
        kind = self._arn_kind
        tails = [
            f"{kind}/{'/'.join([*self.key_of(call.parameters), short])}",
            f"{kind}/{short}",
            f"{kind}/{identifier}",
        ]
        if not (short and self.plan.named):
            tails.reverse()
        fits = (tail for tail in tails if texts.fits(self._arn_pattern, self.world.arn(call.region, tail), None))
        return next(fits, tails[0])

    def words(self, call: Call) -> Mapping[str, str]:
        """Return more words that the form of an ARN may use."""
        del call
        return {}

    @property
    def _arn_pattern(self) -> str:
        shown = members_of(self.world.model, self.plan.described)
        shape = shown.get(self.plan.arn_member)
        return str(self.world.model.shape(shape).get("pattern", ".*")) if shape else ".*"

    @property
    def _arn_kind(self) -> str:
        return texts.kind_in(self._arn_pattern) or self.plan.kind.replace("_", "-")

    def _identifier(self, region: str) -> str:
        """Return a unique id that is the same in each run."""
        seed = f"{self.plan.noun} {region} {self.world.next_serial()}"
        digest = hashlib.sha256(seed.encode()).hexdigest()
        words = {"id": digest[:12], "ID": digest[:12].upper(), "digits": digest[:12]}
        forms = [self.plan.facts.id] if self.plan.facts.id else _ID_FORMS
        uuid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
        pattern = self._id_pattern
        made = [form.format(**words, uuid=uuid) for form in forms]
        return next((each for each in made if texts.fits(pattern, each, None)), made[0])

    @property
    def _id_pattern(self) -> str:
        shown = members_of(self.world.model, self.plan.described)
        shape = shown.get(self.plan.id_member)
        return str(self.world.model.shape(shape).get("pattern", ".*")) if shape else ".*"

    # --- refusing ----------------------------------------------------------------------------------------------------

    def say(self, form: str, region: str, name: str, **more: str) -> str:
        known = self.get(region, name)
        short = name.rpartition("/")[2] if known is None else known.short
        arn = self.arn_of(region, name) if known is None else known.arn
        words = {"label": self.label, "noun": self.plan.noun, "name": short, "arn": arn, **more}
        return form.format_map(words)

    def arn_of(self, region: str, name: str) -> str:
        return name if name.startswith("arn:") else self.world.arn(region, f"{self._arn_kind}/{name}")

    def unknown(self, call: Call, name: str) -> AnsweredError:
        verb = re.sub(r"(?<=[a-z])[A-Z].*", "", call.operation).lower()
        return self.world.not_found(call.operation, self.say(self.plan.facts.unknown, call.region, name, verb=verb))

    def duplicate_message(self, record: GenericRecord) -> str:
        return self.say(self.plan.facts.taken, record.region, record.arn)

    def _taken(self, call: Call, existing: GenericRecord) -> AnsweredError:
        message = self.duplicate_message(existing)
        if "ResourceAlreadyExists" in self.world.model.errors(call.operation):
            return AnsweredError("ResourceAlreadyExists", message)
        return self.world.in_use(call.operation, message)

    def refuse_busy(self, call: Call, record: GenericRecord) -> None:
        """Refuse to change a record that is in a transitional state."""
        if record.status in self.plan.life.passing:
            raise self.world.in_use(call.operation, self.say(self.plan.facts.busy, record.region, record.arn))

    def refuse_held(self, call: Call, record: GenericRecord) -> None:
        """Refuse to delete a record that other records belong to."""
        for kind in self.plan.facts.holds:
            holder = self.world.of_kind(kind)
            rows = holder.records(record.region) if isinstance(holder, GenericResource) else iter(())
            mine = (row for row in rows if holder_of(row, self.plan, record))
            other = next((row for row in mine if row.status not in _GONE), None)
            if other is not None and holder is not None:
                form = self.plan.facts.holding
                message = self.say(form, record.region, record.arn, child=holder.label, other=other.short)
                raise self.world.in_use(call.operation, message)

    def conflict(self, call: Call, message: str) -> AnsweredError:
        code = "ConflictException"
        return AnsweredError(
            code if code in self.world.model.errors(call.operation) else "ValidationException", message
        )

    def _wrong_status(self, record: GenericRecord) -> str:
        return f"The request was rejected because the {self.label} {record.short} is in status {record.status}."

    # --- showing -----------------------------------------------------------------------------------------------------

    def answer(self, call: Call, record: GenericRecord) -> dict[str, Any] | None:
        """Return the output of an operation on one record."""
        model = self.world.model
        if not model.has_output(call.operation):
            return None
        output = model.output_name(call.operation)
        wrapped = members_of(model, output).get(self.plan.wrapper) == self.plan.described
        if self.plan.wrapper and wrapped:
            return {self.plan.wrapper: self.view(record, self.plan.described)}
        return self.view(record, output)

    def view(self, record: GenericRecord, shape: str) -> dict[str, Any]:
        """Return the known values of a record that a structure has members for."""
        known = self.knowledge(record)
        fitter = Fitter(self.world.model, lambda each, member: self.sample(record, each, member))
        found = fitter.structure(shape, lambda member, each: self.known(record, known, member, each))
        return {**found, **self.world.model.project(shape, record.told)}

    def sample(self, record: GenericRecord, shape: str, member: str) -> Any:
        """Return a sample of a member that the service would fill in."""
        from sagemaker_typed.testing._samples import least_sample  # rarely needed

        now = self.world.epoch(record.modified)
        region, account = record.region, self.world.account_id
        return least_sample(self.world.model, shape, member, region=region, account_id=account, now=now)

    def knowledge(self, record: GenericRecord) -> dict[str, Any]:
        """Return everything known about a record: its request, the members that the service adds, and its state."""
        facts, words = self.plan.facts, self._words(record)
        fills = {member: _written(value, words) for member, value in facts.fills.items()}
        known: dict[str, Any] = {**fills, **record.document}
        renamed = {member: known.get(source) for member, source in facts.renamed.items()}
        known.update({member: value for member, value in renamed.items() if value is not None})
        return {**known, **self._names_and_state(record), **self.extra(record)}

    def _names_and_state(self, record: GenericRecord) -> dict[str, Any]:
        plan, reason = self.plan, record.progress.state.reason
        known: dict[str, Any] = {}
        if plan.name_member and record.short:
            known[plan.name_member] = record.short
        known[plan.arn_member] = record.arn
        if plan.id_member:
            known[plan.id_member] = record.identifier
        known["CreationTime"] = self.world.epoch(record.created)
        known["LastModifiedTime"] = self.world.epoch(record.modified)
        if plan.status_member:
            known[plan.status_member] = record.status
        if plan.reason_member and reason is not None:
            known[plan.reason_member] = reason
        if record.tags:
            known["Tags"] = [{"Key": key, "Value": value} for key, value in record.tags.items()]
        return known

    def describe_document(self, record: GenericRecord) -> dict[str, Any]:
        return self.view(record, self.plan.described)

    def search_document(self, record: GenericRecord) -> Mapping[str, Any]:
        shape = members_of(self.world.model, "SearchRecord")[self.search_member]
        return self.view(record, shape)

    def known(self, record: GenericRecord, document: Mapping[str, Any], member: str, shape: str) -> Any:
        """Return the known value of a member, whose name may be spelt differently here."""
        if member in document:
            return document[member]
        deeper = _below(document, self.plan.paths[member]) if member in self.plan.paths else None
        if deeper is not None:
            return deeper
        for source in (self.plan.name_member, self.plan.arn_member):
            if source and (member.endswith(source) or member == source[len(self.plan.noun) :]):
                return document.get(source)
        return self._by_shape(record, member, shape) if shape else None

    def _by_shape(self, record: GenericRecord, member: str, shape: str) -> Any:
        """Return the value that follows from a member's shape: a status, a time, a user, a version."""
        kind = self.world.model.shape(shape)["type"]
        if shape == self.plan.status_shape:
            return record.status
        if kind == "timestamp":
            return self._time(record, member)
        if kind == "structure" and member in _WHO:
            return {}
        if kind in {"integer", "long"} and member in {"Version", f"{self.plan.noun}Version"}:
            return record.version
        return None

    def _time(self, record: GenericRecord, member: str) -> float | None:
        moments = (
            (_CREATED, record.created),
            (_MODIFIED, record.modified),
            (_STARTED, record.started),
            (_ENDED, record.ended),
        )
        moment = next((moment for pattern, moment in moments if pattern.fullmatch(member)), None)
        return None if moment is None else self.world.epoch(moment)

    def _words(self, record: GenericRecord) -> Mapping[str, str]:
        given = {member: value for member, value in record.document.items() if isinstance(value, str)}
        digits = re.sub(r"\D", "", record.identifier).ljust(8, "0")[:8]
        home = {"region": record.region, "account": self.world.account_id, "digits": digits}
        return {**given, **home, "name": record.short, "id": record.identifier}

    @classmethod
    def described_shapes(cls, model: ServiceTables) -> Sequence[str]:
        del model
        return [cls.plan.described]

    # --- lists -------------------------------------------------------------------------------------------------------

    def page(
        self,
        call: Call,
        rows: Iterator[GenericRecord],
        result_key: str,
        summary: str,
        show: Callable[[GenericRecord], Any] | None = None,
    ) -> dict[str, Any]:
        """Return one page of the rows that match the request."""
        facts = self.plan.facts
        asked = call.parameters
        shape = self.world.model.input_shape(call.operation) or {}
        default = facts.sort_by if "SortBy" in shape.get("members", {}) else "CreationTime"
        members = [*members_of(self.world.model, summary), *members_of(self.world.model, self.plan.described)]
        key = ordered_by(asked.get("SortBy", default), self._value, members, name_member=self.plan.name_member)
        order = str(asked.get("SortOrder", "Descending" if facts.descending else "Ascending")).lower()
        return page_of(
            [row for row in rows if self.row_fits(row, call)],
            asked,
            result_key=result_key,
            place=lambda row: (key(row), row.serial),
            descending=order == "descending",
            default_size=facts.page,
            show=show or (lambda row: self.view(row, summary)),
        )

    def row_fits(self, row: GenericRecord, call: Call) -> bool:
        for member, wanted in call.parameters.items():
            test = self._condition(call.operation, member)
            if test is not None and not test(row, wanted):
                return False
        return self.fits(row, call.parameters)

    def _condition(self, operation: str, member: str) -> Any:
        if (operation, member) not in self._conditions:
            shape = (self.world.model.input_shape(operation) or {})["members"][member]["shape"]
            is_status = bool(shape) and shape == self.plan.status_shape
            compared = self.plan.facts.filters.get(member, member)
            self._conditions[operation, member] = condition(
                compared, self._value, name_member=self.plan.name_member, is_status=is_status
            )
        return self._conditions[operation, member]

    def _value(self, row: GenericRecord, member: str) -> Any:
        document = self.knowledge(row)
        shown = members_of(self.world.model, self.plan.described)
        found = self.known(row, document, member, shown.get(member, ""))
        if found is None and member not in document:
            # Members such as ApplicationTypeEquals omit the first words of the filtered member.
            longer = [name for name in document if name.endswith(member)]
            found = document[longer[0]] if len(longer) == 1 else None
        return found

    # --- moving ------------------------------------------------------------------------------------------------------

    def entered(self, record: GenericRecord, state: State, moment: int) -> None:
        life = self.plan.life
        if record.started is None and state.status in life.working:
            record.started = moment
        if state.status in life.terminal:
            record.ended = moment
            if record.started is None and state.status.lower() == "completed":
                record.started = moment
        elif state.status in life.working:
            record.ended = None

    def remove(self, record: GenericRecord) -> None:
        super().remove(record)
        self.removed(record)


def holder_of(row: GenericRecord, plan: KindPlan, record: GenericRecord) -> bool:
    """Whether a row names the record as its parent."""
    for member in (f"{plan.noun}Name", f"{plan.noun}Id", f"{plan.noun}Arn"):
        value = row.document.get(member)
        if value is not None and value in record.names:
            # User profiles of different domains may have the same name.
            return all(row.document.get(each) == record.document.get(each) for each in plan.scope)
    return False


def own_class(plan: KindPlan, base: type[GenericResource], search_members: Mapping[str, str]) -> type[GenericResource]:
    """Return the class of one kind, with the class attributes of `Resource` set from the plan."""
    life = plan.life
    attributes: dict[str, Any] = {
        "__module__": base.__module__,
        "__doc__": f"{plan.noun}, by the service model.",
        "plan": plan,
        "kind": plan.kind,
        "noun": plan.noun,
        "arn_type": plan.kind.replace("_", "-"),
        "listing": Listing(plan.result_key),
        "status_shape": plan.status_shape,
        "terminal": life.terminal,
        "reasons": life.reasons,
        "lives": life.phases,
        "begins": life.begins,
        "search_member": plan.noun if plan.noun in search_members else "",
    }
    return cast("type[GenericResource]", type(f"{plan.noun}Kind", (base,), attributes))


def _take_out(document: dict[str, Any], member: str, keys: Collection[str]) -> None:
    document[member] = {key: item for key, item in document.get(member, {}).items() if key not in keys}


def _put(document: dict[str, Any], member: str, value: Any) -> None:
    """Merge settings with the old ones, or replace any other value."""
    old = document.get(member)
    merges = member.endswith("Settings") and isinstance(old, dict) and isinstance(value, dict)
    document[member] = {**cast("dict[str, Any]", old), **value} if merges else value


def _below(document: Mapping[str, Any], path: Iterable[str]) -> Any:
    """Return the value at the end of a path of members. None if the path breaks off."""
    found: Any = document
    for step in path:
        found = cast("dict[str, Any]", found).get(step) if isinstance(found, dict) else None
    return found


def _written(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(words)
    if isinstance(value, dict):
        return {key: _written(item, words) for key, item in cast("dict[str, Any]", value).items()}
    return value

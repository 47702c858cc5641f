"""Makes the `Plan` from the model and the overlay."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .checks import check, refuse
from .homes import CLIENT, find_flat_homes, find_homes
from .kept import Leaving, kept_of
from .names import Namer, escape, plural, xform_name
from .overlay import Overlay
from .plan import (
    KINDS,
    EnumPlan,
    Field,
    GroupPlan,
    Kind,
    Module,
    OperationPlan,
    Paging,
    Plan,
    Role,
    RulePlan,
    StructurePlan,
    Type,
)
from .problems import Problems, Question
from .read import BotocoreModel, Json
from .rules import with_rules
from .runs import runs_of
from .searches import searches_of
from .secrets import Secrets, hidden
from .targets import MAIN, Target
from .waiters import Waiters
from .wording import wording
from .words import FieldNames, Words

_RULE_VERBS = ("Create", "Describe", "List", "Update", "Delete", "Stop", "Start")
# A field of these names would hide a name that a class body or a method signature uses.
_MENTIONED = ("bool", "datetime", "dict", "float", "int", "list", "self", "str")
_TAKEN: dict[str, str] = {
    "unknown_members": "a field of the base class",
    "response_metadata": "a field of the base class",
    **dict.fromkeys(_MENTIONED, "a name that the class itself uses"),
}


def build(model: BotocoreModel, overlay: Overlay, target: Target = MAIN, *, notes: list[str] | None = None) -> Plan:
    """Return the plan. Raises `Unsettled` with all missing decisions. `notes` collects messages for the user."""
    return _Builder(model, overlay, target, [] if notes is None else notes).plan()


def places(model: BotocoreModel, overlay: Overlay, target: Target = MAIN) -> dict[str, tuple[str, str]]:
    """Return the group and the method of each operation that belongs to a group."""
    builder = _Builder(model, overlay, target, [])
    found = {operation: builder.place(operation) for operation in builder.model.operations}
    return {operation: (group, verb) for operation, (group, verb) in found.items() if group}


class _Builder:
    def __init__(self, model: BotocoreModel, overlay: Overlay, target: Target, notes: list[str]) -> None:
        model = model.without(overlay.groups.get("without", {})).renamed(overlay.names.get("classes", {}))
        self.model = model
        self.target = target
        self.overlay = overlay
        self.problems = Problems(target.overlay)
        self.notes = notes
        self.namer = Namer(overlay.names, self.problems)
        self.words = Words(overlay.words)
        self._with_fields = FieldNames(model, self.namer)
        self.secrets = Secrets(overlay.secrets, self.problems)
        self.requests = {model.input(name): name for name in model.operations}
        self.responses = {model.output(name): name for name in model.operations if model.output(name)}
        self.requested = {shape for root in self.requests for shape in model.reach(root)}
        self.users: defaultdict[str, set[str]] = defaultdict(set)
        for operation in model.operations:
            for shape in model.reach(model.input(operation)) | model.reach(model.output(operation)):
                self.users[shape].add(operation)
        self.known_groups = set(overlay.homes.values())
        self.group_classes: dict[str, str] = {}

    def plan(self) -> Plan:
        self._check_requests()
        places = {name: self.place(name) for name in sorted(self.model.operations)}
        homes = self._homes({name: group or CLIENT for name, (group, _) in places.items()})
        enums = {name: self._enum(name) for name in homes if "enum" in self.model.shape(name)}
        plain = {name: self._structure(name) for name in homes if name not in enums}
        structures = with_rules(plain, self.requested, self.overlay.rules, self.problems)
        operations = {name: self._operation(name, group, verb, structures) for name, (group, verb) in places.items()}
        waiters = Waiters(self.model, self.overlay.waiters, operations, structures, self.namer, self.problems)
        groups = tuple(self._groups(operations, waiters))
        plan = Plan(
            version=self.model.version,
            api_version=self.model.api_version,
            groups=groups,
            client_operations=tuple(operation for operation in operations.values() if operation.group is None),
            modules=tuple(_modules(homes, enums, structures)),
            homes=homes,
            wording=wording(self.overlay.errors, groups, self.problems),
            renamed={name: shape for shape, name in self.overlay.names.get("classes", {}).items()},
            target=self.target,
            examples=_codes(self.overlay.examples),
            runs=tuple(runs_of(groups, self.overlay.waiters, structures, self.problems)),
            searches=tuple(searches_of(self.model, self.overlay.search, operations, structures, self.problems)),
        )
        check(plan, self.problems)
        self.problems.settle()
        return plan

    def _homes(self, groups: Mapping[str, str]) -> dict[str, str]:
        """Map each class to its module. `groups` maps an operation to its group, or to CLIENT."""
        if self.target.attribute:
            return find_flat_homes(self.model)
        client_module = str(self.overlay.groups["client"]["module"])
        return find_homes(self.model, groups, self.overlay.homes, self.namer, client_module)

    def _groups(self, operations: Mapping[str, OperationPlan], waiters: Waiters) -> Iterator[GroupPlan]:
        for group in sorted({operation.group for operation in operations.values() if operation.group}):
            yield GroupPlan(
                name=group,
                class_name=self.overlay.groups["classes"].get(group, self.group_classes[group]),
                operations=tuple(operation for operation in operations.values() if operation.group == group),
                waiters=waiters.of(group),
                words=self.words.group(group),
                arn_type=waiters.arn_type(group),
                short_forms=tuple(self.overlay.groups.get("short_forms", {}).get(group, ())),
            )

    def _check_requests(self) -> None:
        """Check that each operation has its own writable request shape, because a request class knows its operation."""
        refuse(self.model, self.problems)
        for name in sorted(self.model.operations):
            request = self.model.input(name)
            if request is None:
                self.problems.say(f"operation {name} takes no input; the generator must learn to make a request for it")
            elif (other := self.requests[request]) != name:
                self.problems.say(
                    f"operations {name} and {other} share {request}; the generator must learn to tell them apart"
                )
        self.problems.settle()

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    # --- groups -------------------------------------------------------------------------------------------------------

    def place(self, operation: str) -> tuple[str | None, str]:
        """Return the group and the method of an operation. Methods of the client have no group."""
        groups = self.overlay.groups
        if self.target.attribute:
            self.group_classes[self.target.attribute] = self.target.class_name
            return self.target.attribute, xform_name(operation)
        if operation in groups["client"]["operations"]:
            return None, xform_name(operation)
        settled: str | None = groups["operations"].get(operation)
        if settled is not None:
            group, dot, method = settled.partition(".")
            if not (dot and group.isidentifier() and method.isidentifier()):
                return self._unsettled(operation, f"is settled as {settled!r}, which is no group.method")
            self.group_classes.setdefault(group, "".join(part.capitalize() for part in group.split("_")))
            return group, method
        noun = self._noun(operation)
        # A known group stays a group even if an older model has only one verb for it.
        if noun is None or (self._verbs_of(noun) < 2 and self.namer.snake(noun) not in self.known_groups):
            return self._unsettled(operation, "belongs to no known group")
        group = self.namer.snake(noun)
        self.group_classes[group] = noun
        return group, xform_name(_verb(operation))

    def _unsettled(self, operation: str, why: str) -> tuple[str, str]:
        """Report a problem and return a provisional place, so that one run finds all problems."""
        self.problems.add(
            f"operation {operation} {why}",
            "groups",
            f'[operations] {operation} = "group.method"',
            asks=Question("group", operation) if operation not in self.overlay.groups["operations"] else None,
        )
        # The lines in other complaints then also say "group", like the line above.
        self.group_classes["group"] = "Unsettled"
        return "group", operation

    def _noun(self, operation: str) -> str | None:
        """Return the plural noun of `<Verb><Noun>`."""
        verb = _verb(operation)
        if not verb:
            return None
        noun = operation[len(verb) :]
        return noun if verb == "List" else plural(noun)

    def _verbs_of(self, noun: str) -> int:
        return sum(1 for other in self.model.operations if _verb(other) and self._noun(other) == noun)

    # --- types --------------------------------------------------------------------------------------------------------

    def _enum(self, name: str) -> EnumPlan:
        texts = self.model.shape(name)["enum"]
        kept = kept_of(name, self.overlay.kept, texts, self.namer)
        told = [*texts, *(text for text, _ in kept.values())]
        return EnumPlan(
            name=name,
            members=self.namer.enum_members(name, texts),
            words=self._with_fields(self.words.shape(name), name),
            used_by=tuple(sorted(self.users[name])),
            kept=kept,
            meanings={text: self._with_fields(said) for text in told if (said := self.words.value(name, text))},
            leaving=Leaving.of(self.model.shape(name)),
        )

    def _type(self, shape: str, seen: tuple[str, ...] = ()) -> Type:
        body = self.model.shape(shape)
        if "enum" in body:
            return Type("enum", shape)
        kind = KINDS[body["type"]]
        if body.get("document"):
            return Type("document", shape)
        if kind == "structure":
            return Type("structure", shape)
        item = key = None
        if kind == "list":
            item = self._type(body["member"]["shape"])
        elif kind == "map":
            item, key = self._type(body["value"]["shape"]), self._type(body["key"]["shape"])
        mapping = self.overlay.conversions["mappings"].get(shape)
        pair = (
            tuple(self.namer.field(item.shape, mapping[part]) for part in ("key", "value")) if mapping and item else ()
        )
        return Type(kind, shape, item=item, key=key, rule=self._rule(shape, body, item, key), from_mapping=pair)

    def _rule(self, shape: str, body: Json, item: Type | None, key: Type | None) -> RulePlan | None:
        pattern = body.get("pattern")
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                self._note(f"pattern of {shape} does not compile in Python and is not checked: {error}")
                pattern = None
        low = body.get("min") if body["type"] in ("integer", "long", "float", "double") else body.get("min") or None
        rule = RulePlan(
            min=low,
            max=body.get("max"),
            pattern=pattern,
            sensitive=bool(body.get("sensitive")),
            items=item.rule if item else None,
            keys=key.rule if key else None,
        )
        return None if rule == RulePlan() else rule

    def _member_type(self, name: str, wire: str, ref: Json) -> Type:
        type_ = self._type(ref["shape"])
        if (body := self._body_type(name, wire, ref)) is not None:
            type_ = replace(type_, kind=body, events=self._events(ref["shape"]) if body == "events" else ())
        elif ref.get("jsonvalue") and type_.kind == "string":
            type_ = Type("json", ref["shape"], rule=type_.rule)
        if f"{name}.{wire}" in self.overlay.conversions["json_texts"]:
            type_ = replace(type_, dumps=True)
        token = bool(ref.get("idempotencyToken"))
        secret = self.model.shape(name).get("sensitive") or self.secrets.is_secret(name, wire, type_, token=token)
        return hidden(type_) if secret else type_

    def _body_type(self, name: str, wire: str, ref: Json) -> Kind | None:
        """Return the type of a member that is the body itself. None for other members."""
        shape = self.model.shape(ref["shape"])
        if shape.get("eventstream"):
            return "events"
        if shape["type"] != "blob" or self.model.shape(name).get("payload") != wire:
            return None
        return "payload" if name in self.requests else "stream"

    def _events(self, stream: str) -> tuple[Type, ...]:
        members = self.model.members(stream).values()
        return tuple(
            Type("structure", ref["shape"]) for ref in members if not self.model.shape(ref["shape"]).get("exception")
        )

    def _structure(self, name: str) -> StructurePlan:
        body = self.model.shape(name)
        fields: list[Field] = []
        taken = dict(_TAKEN)
        for wire, ref in body.get("members", {}).items():
            field = self._field(name, wire, ref)
            if field.name in taken:
                self.problems.add(
                    f"{name}.{wire} collides with {taken[field.name]} as {field.name!r}",
                    "names",
                    f'[fields] "{name}.{wire}" = "..."',
                )
            taken[field.name] = wire
            fields.append(field)
        role: Role = "request" if name in self.requests else "response" if name in self.responses else "plain"
        return StructurePlan(
            name=name,
            fields=tuple(fields),
            union=bool(body.get("union")),
            role=role,
            operation=self.requests.get(name) or self.responses.get(name),
            used_by=tuple(sorted(self.users[name])),
            words=self._with_fields(self.words.shape(name), name),
            leaving=Leaving.of(body),
        )

    def _field(self, name: str, wire: str, ref: Json) -> Field:
        decided = self.overlay.optional
        left_out = wire in decided["members"] or wire in decided["shapes"].get(name, [])
        always = wire in decided["always"].get(name, []) and name not in self.requested
        token = bool(ref.get("idempotencyToken"))
        leaving = Leaving.of(ref)
        # boto3 fills in a token, required or not, and the service no longer asks for what it took back.
        required = wire in self.model.shape(name).get("required", ()) and not token and not leaving
        return Field(
            name=self.namer.field(name, wire),
            wire=wire,
            type=self._member_type(name, wire, ref),
            required=required,
            optional=(not required and (not always or leaving is not None))
            or (left_out and name not in self.requested),
            token=token,
            deprecated=bool(ref.get("deprecated")),
            words=self._with_fields(self.words.member(name, wire), name),
            leaving=leaving,
        )

    # --- operations ---------------------------------------------------------------------------------------------------

    def _operation(
        self, name: str, group: str | None, verb: str, structures: dict[str, StructurePlan]
    ) -> OperationPlan:
        request = structures[self.model.input(name) or ""]
        output = self.model.output(name)
        response = structures[output] if output else None
        return OperationPlan(
            name=name,
            method=xform_name(name),
            group=group,
            verb=escape(verb),
            request=request,
            response=response,
            identifier=self._identifier(name, group, request),
            paging=self._paging(name, request, response),
            errors=tuple(error["shape"] for error in self.model.operations[name].get("errors", [])),
            words=self._with_fields(self.words.operation(name), self.model.input(name)),
            leaving=Leaving.of(self.model.operations[name]),
        )

    def _identifier(self, operation: str, group: str | None, request: StructurePlan) -> Field | None:
        settled: str | None = self.overlay.groups["identifiers"].get(operation)
        if settled is not None:
            return next((field for field in request.fields if field.wire == settled), None)
        required = [field for field in request.fields if field.required and field.type.kind in ("string", "enum")]
        named = _named_after(self.group_classes[group], required) if group else None
        return named or (required[0] if len(required) == 1 else None)

    def _paging(self, name: str, request: StructurePlan, response: StructurePlan | None) -> Paging | None:
        if response is None or not _has(request, "NextToken") or not _has(response, "NextToken"):
            return None
        settled: list[str] | None = self.overlay.paging["items"].get(name)
        if settled == []:
            return None
        return Paging(
            items=self._items(name, response, settled or []),
            size=_page_size(request),
            describes=self._describes_a_resource(name, response),
        )

    def _items(self, name: str, response: StructurePlan, settled: list[str]) -> tuple[Field, ...]:
        """Return the lists with the items of a page."""
        lists = [field for field in response.fields if field.type.kind == "list"]
        named = [field for wire in settled for field in lists if field.wire == wire]
        if not named and len(lists) != 1:
            wires = tuple(field.wire for field in lists)
            self.problems.add(
                f"{name} takes and gives a NextToken, and its response has not one list but {' and '.join(wires) or 'none'} "
                "(no list: it does not page)",
                "paging",
                f"[items] {name} = {json.dumps(wires)}",
                asks=Question("items", name, wires),
            )
        return tuple(named or lists)

    def _describes_a_resource(self, name: str, response: StructurePlan) -> bool:
        if name in self.overlay.paging["describes"]["operations"]:
            return True
        if name.startswith("Describe") and len(response.fields) > 2:
            self.problems.add(
                f"{name} pages and describes a resource",
                "paging",
                f'[describes] operations = ["{name}"]',
                asks=Question("describes", name),
            )
        return False


def _codes(examples: Json) -> dict[str, str]:
    return {path: str(example["code"]) for path, example in examples.items()}


def _modules(
    homes: Mapping[str, str], enums: Mapping[str, EnumPlan], structures: Mapping[str, StructurePlan]
) -> Iterator[Module]:
    for module in sorted(set(homes.values())):
        yield Module(
            name=module,
            enums=tuple(enums[name] for name in sorted(enums) if homes[name] == module),
            structures=tuple(structures[name] for name in sorted(structures) if homes[name] == module),
        )


def _named_after(noun: str, required: list[Field]) -> Field | None:
    """Return the field with a resource's name: `CompilationJobName`, or shorter: `JobDefinitionName`, `Name`."""
    singular = next((n for n in _singulars(noun) if plural(n) == noun), noun)
    named = [
        field
        for suffix in ("Name", "Id", "Arn", "Identifier", "")
        for field in required
        if f"{singular}{suffix}".endswith(field.wire)
    ]
    return max(named, key=lambda field: len(field.wire) if field.wire.startswith(singular) else 0, default=None)


def _page_size(request: StructurePlan) -> int | None:
    """Return the size of the largest page that the model allows."""
    for field in request.fields:
        if field.wire == "MaxResults" and field.type.rule and field.type.rule.max is not None:
            return int(field.type.rule.max)
    return None


def _verb(operation: str) -> str:
    return next((verb for verb in _RULE_VERBS if operation.startswith(verb)), "")


def _singulars(noun: str) -> list[str]:
    return [noun[:-3] + "y" if noun.endswith("ies") else noun, noun[:-2], noun[:-1]]


def _has(structure: StructurePlan, wire: str) -> bool:
    return any(field.wire == wire for field in structure.fields)

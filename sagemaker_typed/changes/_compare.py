"""Every difference between two models that a caller can notice, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

import attrs

from sagemaker_typed.changes._model import PROSE, CheckedModel, Json, Side

__all__ = ["Finding", "Kind", "Severity", "Side", "findings_between"]

Severity = Literal["breaking", "conditional", "compatible"]
Kind = Literal[
    "operation_added",
    "operation_removed",
    "operation_input_shape_renamed",
    "operation_output_added",
    "operation_output_removed",
    "error_added",
    "error_removed",
    "shape_added",
    "shape_removed",
    "member_added",
    "required_member_added",
    "member_removed",
    "member_made_required",
    "member_no_longer_required",
    "member_type_changed",
    "member_shape_renamed",
    "member_trait_changed",
    "trait_changed",
    "enum_value_added",
    "enum_value_removed",
    "enum_reordered",
    "enum_introduced",
    "enum_dropped",
    "min_changed",
    "max_changed",
    "pattern_changed",
]


@attrs.frozen(kw_only=True)
class Finding:
    """One difference between two models."""

    kind: Kind
    """What happened."""
    severity: Severity
    """`breaking`: code that worked may fail; `conditional`: it depends on the code; `compatible`: it goes on working."""
    where: str
    """The operation, the shape, or `Shape.Member`. The members of a list are `Shape.member`, those of a map `Shape.key`
    and `Shape.value`."""
    operations: tuple[str, ...] = ()
    """The operations that reach it, in either model, in order."""
    sides: tuple[Side, ...] = ()
    """Whether requests or responses reach it. An error is a response."""
    value: str | None = None
    """The enum value, or the name of the trait."""
    old: Any = attrs.field(default=None, hash=False)
    """What it was, None where there was nothing: a limit, a pattern, a type, the name of a shape, a trait's value, an
    enum's values."""
    new: Any = attrs.field(default=None, hash=False)
    """What it is now."""
    type: str | None = None
    """The type of the shape or the member that was added or removed: `structure`, `string`, ..."""
    error: str | None = None
    """The error that an operation may now end in, or no longer does."""

    def __str__(self) -> str:
        """One line, without the severity: `TargetDevice: value 'ml_m4' removed`."""
        return f"{self.where}: {_WORDS[self.kind].format(self)}"

    def to_dict(self) -> dict[str, Any]:
        """As the JSON form has it: with those of `value`, `old`, `new`, `type` and `error` that its kind has."""
        document: dict[str, Any] = {
            "kind": self.kind,
            "severity": self.severity,
            "where": self.where,
            "operations": list(self.operations),
            "sides": list(self.sides),
        }
        return document | {part: getattr(self, part) for part in _parts(self.kind)}


_WORDS: Mapping[Kind, str] = {
    "operation_added": "operation added",
    "operation_removed": "operation removed",
    "operation_input_shape_renamed": "input {0.old} is now {0.new}",
    "operation_output_added": "output {0.new} added",
    "operation_output_removed": "output {0.old} removed",
    "error_added": "error {0.error} added",
    "error_removed": "error {0.error} removed",
    "shape_added": "{0.type} added",
    "shape_removed": "{0.type} removed",
    "member_added": "member added ({0.type})",
    "required_member_added": "required member added ({0.type})",
    "member_removed": "member removed ({0.type})",
    "member_made_required": "is now required",
    "member_no_longer_required": "is no longer required",
    "member_type_changed": "type {0.old} is now {0.new}",
    "member_shape_renamed": "shape {0.old} is now {0.new}",
    "member_trait_changed": "{0.value}: {0.old!r} is now {0.new!r}",
    "trait_changed": "{0.value}: {0.old!r} is now {0.new!r}",
    "enum_value_added": "value {0.value!r} added",
    "enum_value_removed": "value {0.value!r} removed",
    "enum_reordered": "values in another order",
    "enum_introduced": "is now an enum",
    "enum_dropped": "is no longer an enum",
    "min_changed": "min {0.old} is now {0.new}",
    "max_changed": "max {0.old} is now {0.new}",
    "pattern_changed": "pattern {0.old!r} is now {0.new!r}",
}


def _parts(kind: Kind) -> tuple[str, ...]:
    """Which facts findings of a kind have; of these, None is said too, for it means something."""
    match kind:
        case "operation_added" | "operation_removed" | "member_made_required" | "member_no_longer_required":
            return ()
        case "shape_added" | "shape_removed" | "member_added" | "required_member_added" | "member_removed":
            return ("type",)
        case "error_added" | "error_removed":
            return ("error",)
        case "enum_value_added" | "enum_value_removed":
            return ("value",)
        case "operation_output_added" | "enum_introduced":
            return ("new",)
        case "operation_output_removed" | "enum_dropped":
            return ("old",)
        case "member_trait_changed" | "trait_changed":
            return ("value", "old", "new")
        case _:
            return ("old", "new")


# --- how much it matters ----------------------------------------------------------------------------------------------

# What decides how a value travels. The other traits tell clients how to behave (box, sensitive, deprecated, ...).
_WIRE = frozenset(
    {
        "document", "error", "event", "eventheader", "eventpayload", "eventstream", "exception", "flattened", "hostLabel",
        "jsonvalue", "location", "locationName", "payload", "queryName", "streaming", "timestampFormat", "wrapper",
        "xmlAttribute", "xmlNamespace", "xmlOrder",
        # of operations
        "authtype", "endpoint", "http", "httpChecksum", "httpChecksumRequired", "resultWrapper", "signatureVersion",
    }
)  # fmt: skip
_SIDES: tuple[Side, ...] = ("request", "response")


def _tightens(part: Literal["min", "max"], old: Any, new: Any) -> bool:
    if old is None or new is None:
        return old is None
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return True  # nobody can say; rather too strict
    return new > old if part == "min" else new < old


def _trait_severity(trait: str) -> Severity:
    return "breaking" if trait.rpartition(".")[2] in _WIRE else "compatible"


# --- what happened ----------------------------------------------------------------------------------------------------


def findings_between(old: CheckedModel, new: CheckedModel) -> tuple[Finding, ...]:
    """All findings, the breaking ones first, then by place."""
    severities: list[Severity] = ["breaking", "conditional", "compatible"]
    found = [*_of_operations(old, new), *_ShapeFindings(old, new).findings()]
    found.sort(
        key=lambda each: (severities.index(each.severity), each.where, each.kind, each.value or each.error or "")
    )
    return tuple(found)


def _of_operations(old: CheckedModel, new: CheckedModel) -> Iterator[Finding]:
    for name in old.operations.keys() | new.operations.keys():
        if name not in old.operations:
            yield Finding(kind="operation_added", severity="compatible", where=name, operations=(name,))
        elif name not in new.operations:
            yield Finding(kind="operation_removed", severity="breaking", where=name, operations=(name,))
        else:
            yield from _of_operation(name, old, new)


def _of_operation(name: str, old: CheckedModel, new: CheckedModel) -> Iterator[Finding]:
    before, after = old.root(name, "input"), new.root(name, "input")
    operations = (name,)
    if before != after:
        yield Finding(
            kind="operation_input_shape_renamed",
            severity="compatible",
            where=name,
            operations=operations,
            sides=("request",),
            old=before,
            new=after,
        )
    before, after = old.root(name, "output"), new.root(name, "output")
    # Another output is one that went and one that came: what is read from it need not be there.
    if before != after and before is not None:
        yield Finding(
            kind="operation_output_removed",
            severity="breaking",
            where=name,
            operations=operations,
            sides=("response",),
            old=before,
        )
    if before != after and after is not None:
        yield Finding(
            kind="operation_output_added",
            severity="compatible",
            where=name,
            operations=operations,
            sides=("response",),
            new=after,
        )
    for error in old.errors(name) ^ new.errors(name):
        yield Finding(
            kind="error_added" if error in new.errors(name) else "error_removed",
            severity="compatible",
            where=name,
            operations=operations,
            sides=("response",),
            error=error,
        )
    for trait, was, now in _differences(_operation_traits(old, name), _operation_traits(new, name)):
        yield Finding(
            kind="trait_changed",
            severity=_trait_severity(trait),
            where=name,
            operations=operations,
            value=trait,
            old=was,
            new=now,
        )


class _ShapeFindings:
    def __init__(self, old: CheckedModel, new: CheckedModel) -> None:
        self._old = old
        self._new = new

    def findings(self) -> Iterator[Finding]:
        old, new = self._old, self._new
        yield from self._added_and_removed()
        common = [name for name in new.shapes if name in old.shapes]
        retyped = {name for name in common if old.type(name) != new.type(name)}
        changed = [name for name in common if name not in retyped and self._is_changed(name, retyped)]
        for name in changed:
            yield from self._of_members(name)
            yield from self._of_shape(name)
        # A change of type is told where members point at the shape; here, where none does.
        pointed_at = {target for name in changed for _, target in new.targets(name).items() & old.targets(name).items()}
        for name in retyped - pointed_at:
            types = {"old": old.type(name), "new": new.type(name)}
            yield self._found("member_type_changed", "breaking", name, **types)

    def _added_and_removed(self) -> Iterator[Finding]:
        old, new = self._old, self._new
        for name in new.shapes.keys() - old.shapes.keys():
            yield self._found("shape_added", "compatible", name, type=new.type(name))
        for name in old.shapes.keys() - new.shapes.keys():
            named = old.type(name) == "structure" or old.enum(name)  # what typed code has a name for
            yield self._found("shape_removed", "breaking" if named else "compatible", name, type=old.type(name))

    def _is_changed(self, name: str, retyped: set[str]) -> bool:
        """Whether a shape, or the type of a shape that it points at, is another than before."""
        points_at = self._new.targets(name).values()
        return self._old.shapes[name] != self._new.shapes[name] or not retyped.isdisjoint(points_at)

    def _found(self, kind: Kind, severity: Severity, shape: str, member: str = "", **facts: Any) -> Finding:
        operations, sides = self._reached(shape)
        where = f"{shape}.{member}" if member else shape
        return Finding(kind=kind, severity=severity, where=where, operations=operations, sides=sides, **facts)

    def _reached(self, shape: str) -> tuple[tuple[str, ...], tuple[Side, ...]]:
        by = self._old.reach.get(shape, set()) | self._new.reach.get(shape, set())
        sides = {side for _, side in by}
        return tuple(sorted({operation for operation, _ in by})), tuple(side for side in _SIDES if side in sides)

    def _is_on(self, side: Side, shape: str) -> bool:
        return side in self._reached(shape)[1]

    def _limit_severity(self, tightened: bool, shape: str) -> Severity:
        if tightened:
            return "breaking" if self._is_on("request", shape) else "compatible"
        return "conditional" if self._is_on("response", shape) else "compatible"

    def _of_members(self, name: str) -> Iterator[Finding]:
        before, after = self._old.refs(name), self._new.refs(name)
        for member in before.keys() | after.keys():
            if member not in before:
                yield self._of_new_member(name, member, after[member])
            elif member not in after:
                was = self._old.type(str(before[member]["shape"]))
                yield self._found("member_removed", "breaking", name, member, type=was)
            else:
                yield from self._of_target(name, member, str(before[member]["shape"]), str(after[member]["shape"]))
                yield from self._of_requirement(name, member)
                yield from self._of_member_traits(name, member, before[member], after[member])

    def _of_new_member(self, name: str, member: str, ref: Json) -> Finding:
        type_ = self._new.type(str(ref["shape"]))
        if member not in _required(self._new.shapes[name]):
            return self._found("member_added", "compatible", name, member, type=type_)
        severity: Severity = "breaking" if self._is_on("request", name) else "compatible"
        return self._found("required_member_added", severity, name, member, type=type_)

    def _of_target(self, name: str, member: str, was: str, now: str) -> Iterator[Finding]:
        types = {"old": self._old.type(was), "new": self._new.type(now)}
        if types["old"] != types["new"]:
            yield self._found("member_type_changed", "breaking", name, member, **types)
        elif was != now:
            yield self._found("member_shape_renamed", "conditional", name, member, old=was, new=now)

    def _of_requirement(self, name: str, member: str) -> Iterator[Finding]:
        was, now = (member in _required(model.shapes[name]) for model in (self._old, self._new))
        if now and not was:
            severity: Severity = "breaking" if self._is_on("request", name) else "compatible"
            yield self._found("member_made_required", severity, name, member)
        if was and not now:
            severity = "conditional" if self._is_on("response", name) else "compatible"
            yield self._found("member_no_longer_required", severity, name, member)

    def _of_member_traits(self, name: str, member: str, before: Json, after: Json) -> Iterator[Finding]:
        for trait, was, now in _differences(_traits(before, {"shape"}), _traits(after, {"shape"})):
            facts = {"value": trait, "old": was, "new": now}
            yield self._found("member_trait_changed", _trait_severity(trait), name, member, **facts)

    def _of_shape(self, name: str) -> Iterator[Finding]:
        """What happened to a shape itself, whose type is the same as before."""
        before, after = self._old.shapes[name], self._new.shapes[name]
        yield from self._of_enum(name)
        yield from self._of_limits(name, before, after)
        for trait, was, now in _differences(_traits(before, _OWN), _traits(after, _OWN)):
            yield self._found("trait_changed", _trait_severity(trait), name, value=trait, old=was, new=now)

    def _of_enum(self, name: str) -> Iterator[Finding]:
        before, after = self._old.enum(name), self._new.enum(name)
        if before == after:
            return
        if not before:
            yield self._found("enum_introduced", "conditional", name, new=after)
        elif not after:
            yield self._found("enum_dropped", "breaking", name, old=before)
        else:
            yield from self._of_values(name, before, after)

    def _of_values(self, name: str, before: list[str], after: list[str]) -> Iterator[Finding]:
        severity: Severity = "conditional" if self._is_on("response", name) else "compatible"
        for value in dict.fromkeys(after):
            if value not in before:
                yield self._found("enum_value_added", severity, name, value=value)
        for value in dict.fromkeys(before):
            if value not in after:
                yield self._found("enum_value_removed", "breaking", name, value=value)
        if [value for value in before if value in after] != [value for value in after if value in before]:
            yield self._found("enum_reordered", "compatible", name, old=before, new=after)

    def _of_limits(self, name: str, before: Json, after: Json) -> Iterator[Finding]:
        parts: tuple[Literal["min", "max"], ...] = ("min", "max")
        for part in parts:
            was, now = before.get(part), after.get(part)
            if _limit(part, was, before) != _limit(part, now, after):
                severity = self._limit_severity(_tightens(part, was, now), name)
                yield self._found("min_changed" if part == "min" else "max_changed", severity, name, old=was, new=now)
        was, now = before.get("pattern"), after.get("pattern")
        if was != now:
            severity = "conditional" if was and now else self._limit_severity(not was, name)
            yield self._found("pattern_changed", severity, name, old=was, new=now)


# --- reading a model --------------------------------------------------------------------------------------------------

# What is compared by itself; whatever else a shape, a member or an operation has is a trait.
_OWN = {"type", "members", "member", "key", "value", "required", "enum", "min", "max", "pattern"}
_OF_OPERATION = {"name", "input", "output", "errors"}
_LENGTHS = ("blob", "list", "map", "string")


def _limit(part: str, limit: Any, body: Json) -> Any:
    """A length is never less than 0, whether the model says so or not."""
    return 0 if part == "min" and limit is None and body["type"] in _LENGTHS else limit


def _required(body: Json) -> set[str]:
    return set(cast("list[str]", body.get("required") or []))


def _traits(body: Json, without: set[str]) -> Json:
    """A flag that is off is as one that is not there."""
    return {
        name: value
        for name, value in body.items()
        if name not in without and name not in PROSE and value is not False and value is not None
    }


def _operation_traits(model: CheckedModel, name: str) -> Json:
    body = model.operations[name]
    found = dict(_traits(body, _OF_OPERATION))
    for part in ("input", "output"):
        if body.get(part) is not None:
            found |= {f"{part}.{trait}": value for trait, value in _traits(body[part], {"shape"}).items()}
    return found


def _differences(before: Json, after: Json) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)

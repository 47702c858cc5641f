"""Finds every difference between two models that a caller can notice, and its severity."""

from __future__ import annotations

from collections.abc import Iterator

from sagemaker_typed.changes._finding import SIDES, Finding, Kind, Severity, Site
from sagemaker_typed.changes._model import CheckedModel, Json, Side
from sagemaker_typed.changes._values import is_required, of_member, of_operation_traits, of_requirement, of_values

__all__ = ["Finding", "Kind", "Severity", "Side", "findings_between"]


def findings_between(old: CheckedModel, new: CheckedModel) -> tuple[Finding, ...]:
    """Return all findings, breaking ones first, then by place."""
    severities: list[Severity] = ["breaking", "conditional", "compatible"]
    found = [*_Operations(old, new).findings(), *_Shapes(old, new).findings()]
    found.sort(
        key=lambda each: (severities.index(each.severity), each.where, each.kind, each.value or each.error or "")
    )
    return tuple(found)


class _Operations:
    def __init__(self, old: CheckedModel, new: CheckedModel) -> None:
        self._old = old
        self._new = new

    def findings(self) -> Iterator[Finding]:
        for name in self._old.operations.keys() | self._new.operations.keys():
            place = Site(where=name, operations=(name,), sides=())
            if name not in self._old.operations:
                yield place.found("operation_added", "compatible")
            elif name not in self._new.operations:
                yield place.found("operation_removed", "breaking")
            else:
                yield from self._of(name)
                yield from of_operation_traits(self._old, self._new, place)

    def _of(self, name: str) -> Iterator[Finding]:
        asked = Site(where=name, operations=(name,), sides=("request",))
        answered = Site(where=name, operations=(name,), sides=("response",))
        before, after = self._old.root(name, "input"), self._new.root(name, "input")
        if before != after:
            yield asked.found("operation_input_shape_renamed", "compatible", old=before, new=after)
            yield from self._through(before, after, asked)
        before, after = self._old.root(name, "output"), self._new.root(name, "output")
        # A renamed output counts as removed and added: code that imports the old class breaks.
        if before != after and before is not None:
            yield answered.found("operation_output_removed", "breaking", old=before)
        if before != after and after is not None:
            yield answered.found("operation_output_added", "compatible", new=after)
        if before != after:
            yield from self._through(before, after, answered)
        for error in self._old.errors(name) ^ self._new.errors(name):
            added = error in self._new.errors(name)
            yield answered.found("error_added" if added else "error_removed", "compatible", error=error)

    def _through(self, before: str | None, after: str | None, place: Site) -> Iterator[Finding]:
        if before is not None and after is not None:
            yield from _through(self._old, self._new, before, after, place)


class _Shapes:
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
            place = self._place(name)
            yield from self._of_members(name, place)
            yield from of_values(old.shapes[name], new.shapes[name], place)
        # A changed type is reported at the members that refer to the shape. Report it here if no member does.
        pointed_at = {target for name in changed for _, target in new.targets(name).items() & old.targets(name).items()}
        for name in retyped - pointed_at:
            yield self._place(name).found("member_type_changed", "breaking", old=old.type(name), new=new.type(name))

    def _added_and_removed(self) -> Iterator[Finding]:
        old, new = self._old, self._new
        for name in new.shapes.keys() - old.shapes.keys():
            yield self._place(name).found("shape_added", "compatible", type=new.type(name))
        for name in old.shapes.keys() - new.shapes.keys():
            named = old.type(name) == "structure" or old.enum(name)  # generated code has a class for it
            severity: Severity = "breaking" if named else "compatible"
            yield self._place(name).found("shape_removed", severity, type=old.type(name))

    def _is_changed(self, name: str, retyped: set[str]) -> bool:
        """Whether a shape changed, or the type of a shape that it refers to."""
        points_at = self._new.targets(name).values()
        return self._old.shapes[name] != self._new.shapes[name] or not retyped.isdisjoint(points_at)

    def _place(self, shape: str) -> Site:
        by = self._old.reach.get(shape, set()) | self._new.reach.get(shape, set())
        sides = {side for _, side in by}
        return Site(
            where=shape,
            operations=tuple(sorted({operation for operation, _ in by})),
            sides=tuple(side for side in SIDES if side in sides),
        )

    def _of_members(self, name: str, place: Site) -> Iterator[Finding]:
        for member, target in _members_between(self._old, self._new, name, name, place):
            yield from member
            if target is not None:
                yield from _through(self._old, self._new, *target)


def _members_between(
    old: CheckedModel, new: CheckedModel, before: str, after: str, place: Site
) -> Iterator[tuple[list[Finding], tuple[str, str, Site] | None]]:
    """Yield the findings on each member of two structures, lists or maps.

    If a member now refers to another shape of the same type, yield the two shapes with them.
    """
    was, now = old.refs(before), new.refs(after)
    for member in sorted(was.keys() | now.keys()):
        at = place.at(member)
        if member not in was:
            yield [_of_new_member(new, after, member, now[member], at)], None
        elif member not in now:
            yield [at.found("member_removed", "breaking", type=old.type(str(was[member]["shape"])))], None
        else:
            found = [
                *of_requirement(is_required(old.shapes[before], member), is_required(new.shapes[after], member), at),
                *of_member(was[member], now[member], at),
            ]
            one, two = str(was[member]["shape"]), str(now[member]["shape"])
            types = {"old": old.type(one), "new": new.type(two)}
            if types["old"] != types["new"]:
                yield [*found, at.found("member_type_changed", "breaking", **types)], None
            elif one != two:
                yield [*found, at.found("member_shape_renamed", "conditional", old=one, new=two)], (one, two, at)
            else:
                yield found, None


def _of_new_member(new: CheckedModel, shape: str, member: str, ref: Json, at: Site) -> Finding:
    type_ = new.type(str(ref["shape"]))
    if not is_required(new.shapes[shape], member):
        return at.found("member_added", "compatible", type=type_)
    return at.found("required_member_added", at.if_asked("breaking"), type=type_)


def _through(old: CheckedModel, new: CheckedModel, before: str, after: str, place: Site) -> Iterator[Finding]:
    """Compare the old and the new shape of a place that now refers to another shape.

    The findings name the place and not the shapes, which may be used elsewhere. Shapes below it with the same name in both
    models are compared on their own. A pair of shapes that occurs several times below a place is compared once.
    """
    todo, seen = [(before, after, place)], {(before, after)}
    for one, two, at in todo:
        if old.type(one) != new.type(two):
            yield at.found("member_type_changed", "breaking", old=old.type(one), new=new.type(two))
            continue
        yield from of_values(old.shapes[one], new.shapes[two], at, moved=True)
        for found, target in _members_between(old, new, one, two, at):
            yield from found
            if target is not None and target[:2] not in seen:
                seen.add(target[:2])
                todo.append(target)

"""Plans the rules between fields from `overlay/rules.toml`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .plan import BetweenPlan, Field, StructurePlan
from .problems import Problems
from .read import BotocoreModel, Json

TABLES = ("pairs", "rules")

# Kind -> the minimum and maximum number of members, and the other keys that it needs.
_KINDS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "at_most_one": (2, 9, ()),
    "count": (2, 9, ("limit",)),
    "exactly_one": (2, 9, ()),
    "excludes": (2, 9, ()),
    "json": (1, 1, ()),
    "most": (1, 1, ("limit",)),
    "order": (2, 2, ()),
    "product": (2, 2, ("limit",)),
    "requires": (2, 9, ()),
    "suffix": (1, 1, ("allowed",)),
    "unique": (2, 2, ()),
}
# In these kinds, the members after the first belong to the structure in the first.
_INSIDE = ("count", "unique")
_KEYS = ("on", "kind", "members", "when", "allowed", "limit", "do", "source")
_PAIR_KEYS = ("order", "unique", "do", "source")


def with_rules(
    structures: Mapping[str, StructurePlan], requested: Container[str], rules: Json, problems: Problems
) -> dict[str, StructurePlan]:
    """Add the rules to the structures of requests. `stale` reports rules about missing members."""
    pairs, others = _sound(rules, problems)
    found: defaultdict[str, list[BetweenPlan]] = defaultdict(list)
    for name, structure in structures.items():
        if name in requested:
            found[name] += [plan for pair in pairs for plan in _of_pair(pair, structure, structures)]
    for rule in others:
        for name in rule["on"]:
            if name in requested and (plan := _of_rule(rule, structures[name], structures)) is not None:
                found[name].append(plan)
    return {name: replace(plan, between=tuple(found.get(name, ()))) for name, plan in structures.items()}


def _sound(rules: Json, problems: Problems) -> tuple[list[Json], list[Json]]:
    """Return the valid pairs and rules, and report the others."""
    pairs: list[Json] = []
    for pair in rules["pairs"]:
        wrong = [*_wrong_keys(pair, _PAIR_KEYS)]
        if len(pair.get("order", ())) + len(pair.get("unique", ())) != 2:
            wrong.append("names not the two members of one kind")
        for text in wrong:
            problems.say(f"overlay/rules.toml: [pairs] {pair.get('order') or pair.get('unique')} {text}")
        pairs += [] if wrong else [pair]
    others: list[Json] = []
    for rule in rules["rules"]:
        wrong = [*_wrong_keys(rule, _KEYS), *_wrong_kind(rule)]
        for text in wrong:
            problems.say(f"overlay/rules.toml: [rules] {rule.get('kind')} {rule.get('members')} {text}")
        others += [] if wrong else [rule]
    return pairs, others


def _wrong_keys(entry: Json, known: Container[str]) -> Iterator[str]:
    for key in entry:
        if key not in known:
            yield f"has a key {key!r}"
    if not str(entry.get("source", "")).strip():
        yield "has no source"


def _wrong_kind(rule: Json) -> Iterator[str]:
    kind = rule.get("kind")
    if kind not in _KINDS:
        yield f"is of no known kind; the kinds are {', '.join(_KINDS)}"
        return
    least, most, needed = _KINDS[kind]
    if not least <= len(rule.get("members", ())) <= most:
        yield f"takes {least} to {most} members"
    yield from (f"has no {key}" for key in needed if not rule.get(key))


def _of_pair(pair: Json, structure: StructurePlan, structures: Mapping[str, StructurePlan]) -> Iterator[BetweenPlan]:
    by_wire = {field.wire: field for field in structure.fields}
    if "unique" in pair:
        lists, item = pair["unique"]
        rule = {"kind": "unique", "members": [lists, item], **pair}
        if lists in by_wire and (plan := _of_rule(rule, structure, structures)) is not None:
            yield plan
        return
    for first, second in _ordered(pair["order"], by_wire):
        yield _plan(pair, _order_of(first), (first.name, second.name))


def _ordered(words: list[str], by_wire: Mapping[str, Field]) -> Iterator[tuple[Field, Field]]:
    """Yield pairs of members whose names differ only in the two words. For timestamps, the word may be part of the name."""
    low, high = words
    for wire, field in by_wire.items():
        other = by_wire.get(wire.replace(low, high)) if low in wire else None
        alike = other is not None and other.type.kind == field.type.kind
        if other is not None and alike and (wire == low or field.type.kind == "timestamp"):
            yield field, other


def _of_rule(rule: Json, structure: StructurePlan, structures: Mapping[str, StructurePlan]) -> BetweenPlan | None:
    """Return the plan of a rule. None if the model lacks a member."""
    kind, (first, *rest) = rule["kind"], rule["members"]
    inside = _held(structure, first, structures) if kind in _INSIDE else structure
    if inside is None:
        return None
    paths = [_steps(structure, first, structures), *(_steps(inside, wire, structures) for wire in rest)]
    if any(None in path for path in paths):
        return None
    fields = tuple(".".join(field.name for field in path if field) for path in paths)
    ordered = paths[0][-1] if kind == "order" else None
    return _plan(rule, _order_of(ordered) if ordered else kind, fields)


def _held(structure: StructurePlan, wire: str, structures: Mapping[str, StructurePlan]) -> StructurePlan | None:
    """Return the structure of a member or of its items."""
    field = _steps(structure, wire, structures)[-1]
    return structures.get((field.type.item or field.type).shape) if field else None


def _order_of(field: Field) -> str:
    return "time_order" if field.type.kind == "timestamp" else "order"


def _steps(structure: StructurePlan, wire: str, structures: Mapping[str, StructurePlan]) -> list[Field | None]:
    """Return the field at each step of a path, None from the first step that the model lacks."""
    inside: StructurePlan | None = structure
    found: list[Field | None] = []
    for part in wire.split("."):
        field = next((field for field in inside.fields if field.wire == part), None) if inside else None
        inside = structures.get(field.type.shape) if field else None
        found.append(field)
    return found


def _plan(entry: Mapping[str, Any], kind: str, fields: tuple[str, ...]) -> BetweenPlan:
    return BetweenPlan(
        kind=kind,
        fields=fields,
        when=tuple(entry.get("when", ())),
        allowed=tuple(entry.get("allowed", ())),
        limit=entry.get("limit", 0),
        do=entry.get("do", ""),
        source=entry["source"],
    )


# --- what the model does not have -------------------------------------------------------------------------------------


def without_member(rules: Json, model: BotocoreModel) -> Iterator[str]:
    """Yield each structure and member in a rule that the model does not have."""
    for rule in rules["rules"]:
        where = f"[rules] {rule['kind']}:"
        for name in rule["on"]:
            if name not in model.shapes:
                yield f"{where} there is no structure {name!r}"
            else:
                yield from (f"{where} there is no member {gone!r}" for gone in _gone(rule, name, model))
    for pair in rules["pairs"]:
        first, second = pair.get("order") or pair["unique"]
        if not any(_has_pair(pair, first, second, model.members(name), model) for name in model.shapes):
            yield f"[pairs] {first}: there is no member {second!r}"


def _has_pair(pair: Json, first: str, second: str, members: Json, model: BotocoreModel) -> bool:
    if "order" in pair:
        return any(first in wire and wire.replace(first, second) in members for wire in members)
    return first in members and second in _inside(members[first]["shape"], model)


def _gone(rule: Json, name: str, model: BotocoreModel) -> Iterator[str]:
    inside = model.members(name)
    for position, wire in enumerate(rule["members"]):
        members = inside
        for part in wire.split("."):
            if part not in members:
                yield f"{name}.{wire}"
                break
            members = _inside(members[part]["shape"], model)
        else:
            if position == 0 and rule["kind"] in _INSIDE:
                inside = members


def _inside(shape: str, model: BotocoreModel) -> Json:
    """Return the members of a structure, or of the items of a list."""
    body = model.shape(shape)
    return model.members(body["member"]["shape"] if body["type"] == "list" else shape)

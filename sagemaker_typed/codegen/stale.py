"""Overlay lines about elements that the model does not have: a typo, or a leftover.

Homes are not checked: they are a record, which keeps removed classes too. A misspelt word shows at once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from . import kept, rules, searches, wording
from . import words as sentences
from .build import places
from .homes import classes
from .names import xform_name
from .overlay import Overlay, SiblingList
from .plan import OUTCOMES
from .problems import within
from .read import BotocoreModel, Json
from .runs import stale_runs
from .targets import MAIN, Target
from .waiters import EXPLAIN, RESERVED, states_of

_TABLES = {
    "names": ("fix", "words", "fields", "enums", "classes"),
    "groups": ("operations", "without", "client", "identifiers", "classes", "short_forms"),
    "paging": ("items", "describes"),
    "optional": ("members", "shapes", "always"),
    "kept": kept.TABLES,
    "conversions": ("mappings", "json_texts"),
    "secrets": ("secret", "plain"),
    "errors": wording.TABLES,
    "rules": rules.TABLES,
    "search": searches.TABLES,
}
_DEFAULTS = ("timeout", "poll")
_LOGS = ("log_group", "log_streams", "log_goes_on")
_SHARED = (*_DEFAULTS, "noun", "describe", "status", "reason", "secondary", "transitions", "arn", *_LOGS)
_GROUP = (*_SHARED, "arn_type", "batch", "list", EXPLAIN)
_STATE = (*_SHARED, "target", "stop", "compare", "required", *OUTCOMES)


def stale(model: BotocoreModel, overlay: Overlay, target: Target = MAIN) -> list[str]:
    """Return the overlay's entries without an element in a model, each with the place of its line."""
    return [within(target.overlay, line) for line in _stale(model, overlay, target)]


def not_there(siblings: SiblingList, available: Container[str]) -> list[str]:
    """Return the services of the overlay that the installed botocore lacks."""
    return [
        line
        for table, said in (("generated", siblings.generated), ("without", siblings.without))
        for line in _unknown(f"services.toml: [{table}]", said, available, "service")
    ]


def _stale(model: BotocoreModel, overlay: Overlay, target: Target) -> list[str]:
    renamed = overlay.names.get("classes", {})
    lines = [
        line
        for file, tables in _TABLES.items()
        for line in _unknown(f"{file}.toml:", getattr(overlay, file), tables, "table")
    ]
    lines += _unknown("names.toml: [classes]", renamed, classes(model), "class")
    model = kept.with_values(model, overlay.kept).renamed(renamed)
    placed = places(model, overlay, target)
    groups = {group for group, _ in placed.values()}
    lines += _names(model, overlay.names)
    lines += _groups(model, overlay.groups, groups)
    lines += _paging(model, overlay.paging)
    lines += _optional(model, overlay.optional)
    for table, what in (("values", "enum"), ("members", "structure")):
        owners = {key.partition(".")[0] for key in overlay.kept[table]}
        lines += _unknown(f"kept.toml: [{table}]", owners, model.shapes, what)
    lines += _mappings(model, overlay.conversions["mappings"])
    lines += _unknown(
        "conversions.toml: [json_texts]", overlay.conversions["json_texts"], _members_everywhere(model), "member"
    )
    lines += _secrets(model, overlay.secrets)
    lines += [f"overlay/errors.toml: {line}" for line in wording.without_operation(overlay.errors, model.operations)]
    lines += [f"overlay/rules.toml: {line}" for line in rules.without_member(overlay.rules, model)]
    lines += searches.stale_searches(model, overlay.search, groups)
    lines += _waiters(model, overlay.waiters, placed)
    lines += _words(model, overlay, groups)
    lines += _examples(model, overlay, placed)
    for where, names, known, what in stale_runs(model, overlay.waiters):
        lines += _unknown(where, names, known, what)
    return lines


def _unknown(where: str, names: Iterable[str], known: Container[str], what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"overlay/{where} there is no {what} {name!r}"


def _words(model: BotocoreModel, overlay: Overlay, groups: set[str]) -> Iterator[str]:
    """Yield the keys of sentences about missing elements, each with its file."""
    texts = [(name, text) for name, body in model.shapes.items() for text in body.get("enum", ())]
    known: dict[str, tuple[Container[str], str]] = {
        "operations": (model.operations, "operation"),
        "shapes": (set(classes(model)), "class"),
        "members": (_members_everywhere(model), "member"),
        "values": ({f"{name}.{text}" for name, text in texts}, "text"),
        "groups": (groups, "group"),
        "families": (sentences.families(text for _, text in texts), "family of instances"),
    }
    for table, said in overlay.words.items():
        if table not in known:
            file = overlay.word_files.get(table, sentences.FOLDER)
            yield from _unknown(f"{file}.toml:", [table], known, "table")
            continue
        for key in said:
            file = overlay.word_files.get(f"{table}.{key}", sentences.FOLDER)
            yield from _unknown(f"{file}.toml: [{table}]", [key], *known[table])


def _examples(model: BotocoreModel, overlay: Overlay, placed: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield examples of methods that do not exist. Examples of waits and runs are checked by the waits' states."""
    methods = {f"{group}.{verb}" for group, verb in placed.values()}
    methods |= {xform_name(operation) for operation in model.operations.keys() - placed.keys()}
    methods |= {f"{said['group']}.{searches.flat_name()}" for said in overlay.search["resources"].values()}
    called = [path for path in overlay.examples if ".wait_" not in path and not path.endswith(".run")]
    yield from _unknown("examples.toml:", called, methods, "method")
    for path, said in overlay.examples.items():
        yield from _unknown(f"examples.toml: [{path}]", said, ("code", "before", "needs"), "key")


def _members_everywhere(model: BotocoreModel) -> set[str]:
    """Return the members, each by its name and with its structure."""
    pairs = [(shape, name) for shape in model.shapes for name in model.members(shape)]
    return {name for _, name in pairs} | {f"{shape}.{name}" for shape, name in pairs}


def _names(model: BotocoreModel, names: dict[str, Any]) -> Iterator[str]:
    wire = {name for shape in model.shapes for name in (shape, *model.members(shape))}
    words = {word for word in names["fix"] if any(word in name for name in wire)}
    yield from _unknown("names.toml: [fix]", names["fix"], words, "name with the word")
    members = {f"{shape}.{name}" for shape in model.shapes for name in model.members(shape)}
    yield from _unknown("names.toml: [fields]", names["fields"], members, "member")
    for shape, settled in names["enums"].items():
        texts = model.shapes.get(shape, {}).get("enum", ())
        yield from _unknown(f"names.toml: [enums.{shape}]", settled, texts, "text")


def _groups(model: BotocoreModel, groups: dict[str, Any], names: set[str]) -> Iterator[str]:
    yield from _unknown("groups.toml: [operations]", groups["operations"], model.operations, "operation")
    yield from _unknown("groups.toml: [without]", groups.get("without", {}), model.operations, "operation")
    yield from _unknown("groups.toml: [client]", groups["client"]["operations"], model.operations, "operation")
    yield from _unknown("groups.toml: [identifiers]", groups["identifiers"], model.operations, "operation")
    for operation, member in groups["identifiers"].items():
        if member and operation in model.operations:
            members = model.members(model.input(operation))
            yield from _unknown(f"groups.toml: [identifiers] {operation}:", [member], members, "member")
    yield from _unknown("groups.toml: [classes]", groups["classes"], names, "group")
    yield from _unknown("groups.toml: [short_forms]", groups.get("short_forms", {}), names, "group")


def _paging(model: BotocoreModel, paging: dict[str, Any]) -> Iterator[str]:
    yield from _unknown("paging.toml: [items]", paging["items"], model.operations, "operation")
    for operation, items in paging["items"].items():
        if operation in model.operations:
            members = model.members(model.output(operation))
            yield from _unknown(f"paging.toml: [items] {operation}:", items, members, "member")
    describes = paging["describes"]["operations"]
    yield from _unknown("paging.toml: [describes]", describes, model.operations, "operation")


def _optional(model: BotocoreModel, optional: dict[str, Any]) -> Iterator[str]:
    everywhere = {name for shape in model.shapes for name in model.members(shape)}
    yield from _unknown("optional.toml:", optional["members"], everywhere, "member")
    for table in ("shapes", "always"):
        yield from _unknown(f"optional.toml: [{table}]", optional[table], model.shapes, "shape")
        for shape, members in optional[table].items():
            if shape in model.shapes:
                yield from _unknown(f"optional.toml: [{table}] {shape}:", members, model.members(shape), "member")


def _mappings(model: BotocoreModel, mappings: dict[str, Any]) -> Iterator[str]:
    lists = {name for name, body in model.shapes.items() if body["type"] == "list"}
    yield from _unknown("conversions.toml: [mappings]", mappings, lists, "list")
    for name in lists & mappings.keys():
        members = model.members(model.shape(name)["member"]["shape"])
        yield from _unknown(f"conversions.toml: [mappings] {name}:", mappings[name].values(), members, "member")


def _secrets(model: BotocoreModel, secrets: dict[str, Any]) -> Iterator[str]:
    for table, decided in secrets.items():
        yield from _unknown(f"secrets.toml: [{table}]", decided, _members_everywhere(model), "member")


def _waiters(model: BotocoreModel, waiters: Json, placed: dict[str, tuple[str, str]]) -> Iterator[str]:
    own = {group: entry for group, entry in waiters.items() if group not in RESERVED}
    described = {group: operation for operation, (group, verb) in placed.items() if verb == "describe"}
    yield from _unknown("waiters.toml:", own, {group for group, _ in placed.values()}, "group")
    yield from _unknown("waiters.toml: [without]", waiters.get("without", {}), model.operations, "operation")
    yield from _defaults(waiters.get("defaults", {}), {state for entry in own.values() for state in states_of(entry)})
    for group, entry in own.items():
        yield from _of_group(model, group, entry, described.get(group))


def _of_group(model: BotocoreModel, group: str, entry: Json, described: str | None) -> Iterator[str]:
    """`described` is the operation that the group calls `describe`."""
    states = states_of(entry)
    shared = {key: value for key, value in entry.items() if key not in states}
    yield from _unknown(f"waiters.toml: [{group}]", shared, _GROUP, "key")
    yield from _of_table(model, f"waiters.toml: [{group}]", shared, shared, described)
    if EXPLAIN in entry:
        yield from _explanation(
            model, f"waiters.toml: [{group}] {EXPLAIN}:", entry[EXPLAIN], _statuses(model, shared, described)
        )
    for state, table in states.items():
        where = f"waiters.toml: [{group}.{state}]"
        yield from _unknown(where, table, _STATE, "key")
        yield from _of_table(model, where, table, {**shared, **table}, described)


def _statuses(model: BotocoreModel, shared: Json, described: str | None) -> list[str] | None:
    """Return the statuses in a group's description. None if the model has no such description or status."""
    describe = shared.get("describe", described)
    members = model.members(model.output(describe)) if describe in model.operations else {}
    status = members.get(shared.get("status", ""))
    return model.shape(status["shape"]).get("enum", []) if status else None


def _explanation(model: BotocoreModel, where: str, table: Json, statuses: list[str] | None) -> Iterator[str]:
    if statuses is not None:
        yield from _unknown(where, table["when"], statuses, "status")
    yield from _unknown(where, table, ("when", "list", "noun", "name", "status", "failed", "reason"), "key")
    yield from _unknown(where, [table["list"]], model.operations, "operation")
    if table["list"] not in model.operations:
        return
    lists = [ref["shape"] for ref in model.members(model.output(table["list"])).values()]
    items = [model.shape(name)["member"]["shape"] for name in lists if model.shape(name)["type"] == "list"]
    members = {name: ref for item in items for name, ref in model.members(item).items()}
    yield from _unknown(where, [table[key] for key in ("name", "status", "reason")], members, "member")
    if table["status"] in members:
        texts = model.shape(members[table["status"]]["shape"]).get("enum", ())
        yield from _unknown(where, table["failed"], texts, "status")


def _of_table(model: BotocoreModel, where: str, table: Json, context: Json, described: str | None) -> Iterator[str]:
    operations = [table[key] for key in ("describe", "stop") if key in table]
    yield from _unknown(where, operations, model.operations, "operation")
    describe = context.get("describe", described)
    if describe in model.operations:
        yield from _members(model, where, table, describe, context.get("status", ""))


def _defaults(defaults: Json, states: set[str]) -> Iterator[str]:
    yield from _unknown("waiters.toml: [defaults]", defaults, {*_DEFAULTS, *states}, "key or state")
    for state, entry in states_of(defaults).items():
        yield from _unknown(f"waiters.toml: [defaults.{state}]", entry, _DEFAULTS, "key")


def _members(model: BotocoreModel, where: str, table: Json, describe: str, status: str) -> Iterator[str]:
    """Yield the members and statuses in `table` that the description does not have."""
    members = model.members(model.output(describe))
    keys = ("status", "reason", "secondary", "transitions", "arn", "compare")
    named = [table[key] for key in keys if key in table]
    yield from _unknown(where, named, members, "member")
    yield from _unknown(where, table.get("required", ()), model.members(model.input(describe)), "member")
    if status in members:
        texts = model.shape(members[status]["shape"]).get("enum", ())
        classed = [text for outcome in OUTCOMES for text in table.get(outcome, ())]
        yield from _unknown(where, classed, texts, "status")

"""Overlay lines that settle nothing, because the model has no such thing: a typo, or a leftover.

The homes are no decisions but a record, which also keeps what is gone. An unknown word that is misspelt shows at once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from .build import group_names
from .homes import classes
from .overlay import Overlay
from .plan import OUTCOMES
from .read import Model

_TABLES = {
    "names": ("fix", "words", "fields", "enums", "classes"),
    "groups": ("operations", "client", "identifiers", "classes"),
    "paging": ("items", "describes"),
    "optional": ("members", "shapes"),
    "conversions": ("mappings",),
    "errors": ("not_found", "already_exists"),
    "words": ("operations", "shapes"),
}
_WAITER = ("noun", "describe", "stop", "status", "reason", "arn", "log_group", "timeout", "poll", *OUTCOMES)


def stale(model: Model, overlay: Overlay) -> list[str]:
    """What stands in the overlay and in no model, each with the place of its line."""
    renamed = overlay.names.get("classes", {})
    lines = [
        line
        for file, tables in _TABLES.items()
        for line in _unknown(f"{file}.toml:", getattr(overlay, file), tables, "table")
    ]
    lines += _unknown("names.toml: [classes]", renamed, classes(model), "class")
    model = model.renamed(renamed)
    groups = group_names(model, overlay)
    lines += _names(model, overlay.names)
    lines += _groups(model, overlay.groups, groups)
    lines += _paging(model, overlay.paging)
    lines += _optional(model, overlay.optional)
    lines += _mappings(model, overlay.conversions["mappings"])
    not_found = overlay.errors["not_found"]["operations"]
    lines += _unknown("errors.toml: [not_found.operations]", not_found, model.operations, "operation")
    lines += _waiters(model, overlay.waiters, groups)
    lines += _unknown("words.toml: [operations]", overlay.words["operations"], model.operations, "operation")
    lines += _unknown("words.toml: [shapes]", overlay.words["shapes"], classes(model), "class")
    return lines


def _unknown(where: str, names: Iterable[str], known: Container[str], what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"overlay/{where} there is no {what} {name!r}"


def _names(model: Model, names: dict[str, Any]) -> Iterator[str]:
    wire = {name for shape in model.shapes for name in (shape, *model.members(shape))}
    words = {word for word in names["fix"] if any(word in name for name in wire)}
    yield from _unknown("names.toml: [fix]", names["fix"], words, "name with the word")
    members = {f"{shape}.{name}" for shape in model.shapes for name in model.members(shape)}
    yield from _unknown("names.toml: [fields]", names["fields"], members, "member")
    for shape, settled in names["enums"].items():
        texts = model.shapes.get(shape, {}).get("enum", ())
        yield from _unknown(f"names.toml: [enums.{shape}]", settled, texts, "text")


def _groups(model: Model, groups: dict[str, Any], names: set[str]) -> Iterator[str]:
    yield from _unknown("groups.toml: [operations]", groups["operations"], model.operations, "operation")
    yield from _unknown("groups.toml: [client]", groups["client"]["operations"], model.operations, "operation")
    yield from _unknown("groups.toml: [identifiers]", groups["identifiers"], model.operations, "operation")
    for operation, member in groups["identifiers"].items():
        if member and operation in model.operations:
            members = model.members(model.input(operation))
            yield from _unknown(f"groups.toml: [identifiers] {operation}:", [member], members, "member")
    yield from _unknown("groups.toml: [classes]", groups["classes"], names, "group")


def _paging(model: Model, paging: dict[str, Any]) -> Iterator[str]:
    yield from _unknown("paging.toml: [items]", paging["items"], model.operations, "operation")
    for operation, items in paging["items"].items():
        if operation in model.operations:
            members = model.members(model.output(operation))
            yield from _unknown(f"paging.toml: [items] {operation}:", items, members, "member")
    describes = paging["describes"]["operations"]
    yield from _unknown("paging.toml: [describes]", describes, model.operations, "operation")


def _optional(model: Model, optional: dict[str, Any]) -> Iterator[str]:
    everywhere = {name for shape in model.shapes for name in model.members(shape)}
    yield from _unknown("optional.toml:", optional["members"], everywhere, "member")
    yield from _unknown("optional.toml: [shapes]", optional["shapes"], model.shapes, "shape")
    for shape, members in optional["shapes"].items():
        if shape in model.shapes:
            yield from _unknown(f"optional.toml: [shapes] {shape}:", members, model.members(shape), "member")


def _mappings(model: Model, mappings: dict[str, Any]) -> Iterator[str]:
    lists = {name for name, body in model.shapes.items() if body["type"] == "list"}
    yield from _unknown("conversions.toml: [mappings]", mappings, lists, "list")
    for name in lists & mappings.keys():
        members = model.members(model.shape(name)["member"]["shape"])
        yield from _unknown(f"conversions.toml: [mappings] {name}:", mappings[name].values(), members, "member")


def _waiters(model: Model, waiters: dict[str, Any], groups: set[str]) -> Iterator[str]:
    yield from _unknown("waiters.toml:", waiters, groups, "group")
    for group, states in waiters.items():
        for state, entry in states.items():
            where = f"waiters.toml: [{group}.{state}]"
            yield from _unknown(where, entry, _WAITER, "key")
            operations = [entry[key] for key in ("describe", "stop") if key in entry]
            yield from _unknown(where, operations, model.operations, "operation")
            if entry["describe"] not in model.operations:
                continue
            members = model.members(model.output(entry["describe"]))
            named = [entry[key] for key in ("status", "reason", "arn") if key in entry]
            yield from _unknown(where, named, members, "member")
            if entry["status"] in members:
                texts = model.shape(members[entry["status"]]["shape"]).get("enum", ())
                classed = [text for outcome in OUTCOMES for text in entry.get(outcome, ())]
                yield from _unknown(where, classed, texts, "status")

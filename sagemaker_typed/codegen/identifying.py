"""Guesses which optional members of a response every answer has: those that identify the resource."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from .guesses import Guess
from .overlay import Overlay
from .read import BotocoreModel, Json

_CHANGES = ("Create", "Start", "Stop", "Update")
_ADDRESS = re.compile("(Arn|Url)$")
_IDENTIFIES = re.compile("(Arn|Id|Identifier|Name|Type)$")
_ITEM = re.compile("(Details|Summary)$")
_VERB = re.compile("[A-Z][a-z]+")


def always_there(model: BotocoreModel, before: Json, overlay: Overlay) -> Iterator[Guess]:
    """Yield a line for each shape with new members that every answer has. `before` is the model that is not new."""
    decided = overlay.optional["always"]
    requested = {shape for operation in model.operations for shape in model.reach(model.input(operation))}
    for shape, found in identifying(model).items():
        old = before["shapes"].get(shape, {}).get("members", {})
        new = {wire: why for wire, why in found.items() if wire not in old and wire not in decided.get(shape, ())}
        if new and shape not in requested:
            yield Guess("optional", ("always",), {shape: [*new]}, "; ".join(dict.fromkeys(new.values())))


def identifying(model: BotocoreModel) -> dict[str, dict[str, str]]:
    """Shape -> its optional members that every answer has, each with the reason."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for operation in model.operations:
        verb, noun = _split(operation)
        output = model.output(operation)
        if output is None:
            continue
        if verb in _CHANGES:
            found[output] |= _only_member(model, output)
        elif verb == "Describe":
            asked = model.shape(model.input(operation) or "").get("required", ())
            given = {wire: "the request has it too" for wire in asked if _IDENTIFIES.search(wire)}
            found[output] |= _optional(model, output, {**given, **_names(model, noun)})
        elif verb == "List":
            for item in _items(model, output):
                found[item] |= _optional(model, item, _names(model, _ITEM.sub("", item)))
    return {shape: members for shape, members in found.items() if members}


def _split(operation: str) -> tuple[str, str]:
    """The verb of an operation, and what it is about."""
    match = _VERB.match(operation)
    verb = match[0] if match else ""
    return verb, operation[len(verb) :]


def _only_member(model: BotocoreModel, output: str) -> dict[str, str]:
    members = [*model.members(output)]
    if len(members) != 1 or not _ADDRESS.search(members[0]):
        return {}
    return _optional(model, output, {members[0]: "the response has no other member"})


def _names(model: BotocoreModel, noun: str) -> dict[str, str]:
    """The members that identify a resource: its ARN, and its name where it cannot be created without one."""
    create = f"Create{noun}"
    given = model.shape(model.input(create) or "").get("required", ()) if create in model.operations else ()
    names = {wire: f"{create} requires it" for wire in (f"{noun}Name", "Name") if wire in given}
    return {f"{noun}Arn": "it identifies the resource", "Arn": "it identifies the resource", **names}


def _items(model: BotocoreModel, output: str) -> Iterator[str]:
    for ref in model.members(output).values():
        body = model.shape(ref["shape"])
        if body["type"] == "list" and model.shape(body["member"]["shape"])["type"] == "structure":
            yield str(body["member"]["shape"])


def _optional(model: BotocoreModel, shape: str, wanted: dict[str, str]) -> dict[str, str]:
    """Those of the members that the shape has and does not require."""
    required = model.shape(shape).get("required", ())
    return {wire: why for wire, why in wanted.items() if wire in model.members(shape) and wire not in required}

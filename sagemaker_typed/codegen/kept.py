"""What AWS took back and the library keeps, deprecated, for one minor version: `overlay/kept.toml`.

`overlay/kept.json` has what the service's model said of it. That goes back into the model before anything is planned, so that
the code is generated, and requests are written, as if the service still had it; a mark says that it is about to go.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Self, cast

from packaging.version import InvalidVersion, Version

from sagemaker_typed.changes._model import LEAVING as MARK

from .names import Namer
from .overlay import Overlay
from .problems import within
from .read import BotocoreModel, Json, read_installed, targets_of
from .targets import MAIN, Target

TABLES = ("values", "members", "shapes", "operations")
"""`Enum.text`, `Shape.Member`, a structure or an enum, an operation."""

_WORDS = ("since", "until", "botocore", "instead")


class Leaving(NamedTuple):
    """How long a name stays, and why it goes."""

    since: str
    """The version of the library in which it is deprecated."""
    until: str
    """The version that no longer has it."""
    botocore: str
    """The first version of botocore without it."""
    instead: str = ""
    """What users do instead, where a person has said it."""

    @classmethod
    def of(cls, marked: Mapping[str, Any]) -> Self | None:
        """Return what the model says of a kept element; None for an element that the service has."""
        said = marked.get(MARK)
        return cls(**said) if said else None

    def message(self, what: str, default: str) -> str:
        """Return the warning. `default` is what users do where nobody has said it."""
        return (
            f"{what} is deprecated since {self.since} and goes in {self.until}: AWS took it out of the API (botocore "
            f"{self.botocore}). {self.instead or default}"
        )


# --- the kept values of enums -----------------------------------------------------------------------------------------


def kept_of(enum: str, kept: Mapping[str, Any], texts: list[str], namer: Namer) -> dict[str, tuple[str, Leaving]]:
    """Member -> its text and how long it stays, for the values of an enum that its model no longer has."""
    found = {key.partition(".")[2]: said for key, said in kept["values"].items() if key.startswith(f"{enum}.")}
    gone = {text: Leaving(**said) for text, said in found.items() if text not in texts}
    return {name: (text, gone[text]) for text, name in namer.enum_members(enum, list(gone)).items()}


# --- back into the model ----------------------------------------------------------------------------------------------


def restored(model: BotocoreModel, kept: Mapping[str, Any], parts: Mapping[str, Any]) -> BotocoreModel:
    """Return the model with what is kept. What the service has again is the service's own."""
    if not any(kept[table] for table in TABLES[1:]):
        return model
    shapes, operations = dict(model.shapes), dict(model.operations)
    for name in _reached(kept, parts):
        body = parts["shapes"].get(name)
        if name not in shapes and body is not None:
            shapes[name] = _marked(body, kept["shapes"].get(name))
    for key in sorted(kept["members"].keys() & parts["members"].keys()):
        owner, _, wire = key.partition(".")
        members = shapes.get(owner, {}).get("members", {})
        if owner in shapes and wire not in members:
            ref = _marked(parts["members"][key], kept["members"][key])
            shapes[owner] = {**shapes[owner], "members": {**members, wire: ref}}
    for name, said in kept["operations"].items():
        if name not in operations and name in parts["operations"]:
            operations[name] = _marked(parts["operations"][name], said)
    document = {**model.raw["service-2"], "shapes": shapes, "operations": operations}
    return replace(model, shapes=shapes, operations=operations, raw={**model.raw, "service-2": document})


def with_values(model: BotocoreModel, kept: Mapping[str, Any]) -> BotocoreModel:
    """Return the model with the kept values in their enums: what is decided about them stands until they go."""
    shapes = dict(model.shapes)
    for key in kept["values"]:
        enum, _, text = key.partition(".")
        if text not in shapes.get(enum, {}).get("enum", [text]):
            shapes[enum] = {**shapes[enum], "enum": [*shapes[enum]["enum"], text]}
    return replace(model, shapes=shapes)


def _marked(body: Json, said: Mapping[str, Any] | None) -> Json:
    return {**body, MARK: dict(said)} if said else dict(body)


def parts_of(before: Json, model: BotocoreModel, kept: Mapping[str, Any]) -> Json:
    """Return what the older model says of all that is kept, and of the shapes that it is made of."""
    old: dict[str, Json] = before["shapes"]
    members = {
        key: ref
        for key in kept["members"]
        if (ref := old.get(key.partition(".")[0], {}).get("members", {}).get(key.partition(".")[2])) is not None
    }
    operations = {name: before["operations"][name] for name in kept["operations"] if name in before["operations"]}
    found: Json = {"operations": operations, "members": members, "shapes": old}
    gone = {name: old[name] for name in sorted(_reached(kept, found)) if name not in model.shapes and name in old}
    return cast("Json", _unmarked({**found, "shapes": gone}))


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unmarked(item) for key, item in cast("Json", value).items() if key != MARK}
    if isinstance(value, list):
        return [_unmarked(item) for item in cast("Sequence[Any]", value)]
    return value


def _reached(kept: Mapping[str, Any], parts: Mapping[str, Any]) -> set[str]:
    """Return the shapes that what is kept is made of, as far as the parts have them."""
    refs = [parts["members"][key] for key in kept["members"] if key in parts["members"]]
    for name in kept["operations"]:
        body = parts["operations"].get(name, {})
        refs += [body[part] for part in ("input", "output") if part in body] + body.get("errors", [])
    todo = [*kept["shapes"], *(str(ref["shape"]) for ref in refs)]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += targets_of(parts["shapes"].get(name, {}))
    return seen


def with_parts(text: str, service: str, parts: Json) -> str:
    """Return the text of `kept.json` with the parts of a service."""
    said = {**json.loads(text), service: parts}
    found = {name: each for name, each in sorted(said.items()) if any(each.values())}
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def installed(overlay: Overlay, target: Target = MAIN) -> BotocoreModel:
    """Return the installed botocore's model of a service, with what is kept."""
    return restored(read_installed(target.service), overlay.kept, overlay.parts)


# --- what stands in the overlay ---------------------------------------------------------------------------------------


def complaints(
    kept: Mapping[str, Any], parts: Mapping[str, Any], model: BotocoreModel, version: str, target: Target = MAIN
) -> list[str]:
    """Lines that are done: the service has the element again, or the version has come that no longer has it.

    `model` is the service's own, without what is kept.
    """
    return [
        within(target.overlay, line) for table in TABLES for line in _complaints(table, kept, parts, model, version)
    ]


def _complaints(
    table: str, kept: Mapping[str, Any], parts: Mapping[str, Any], model: BotocoreModel, version: str
) -> Iterator[str]:
    for key, said in kept[table].items():
        line = f"overlay/kept.toml: [{table}] {json.dumps(key)} ="
        if (wrong := _malformed(said)) is not None:
            yield f"{line} {wrong}"
        elif _is_there(table, key, model):
            yield f"{line} is there again; take the line out"
        elif Version(said["until"]) <= Version(version):
            yield f"{line} was kept until {said['until']}, and this is {version}; take the line out"
        elif table != "values" and key not in parts.get(table, ()):
            yield f"{line} overlay/kept.json does not say what it was; take the line out, or the file from git"


def _malformed(said: object) -> str | None:
    """What is wrong with a line; None if it can be read."""
    table = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    if not {"since", "until", "botocore"} <= table.keys() <= {*_WORDS} or not all(
        isinstance(each, str) for each in table.values()
    ):
        return "is not { since, until, botocore }, or these and instead"
    try:
        for word in _WORDS[:3]:
            Version(str(table[word]))
    except InvalidVersion as error:
        return f"has a version that is none: {error}"
    return None


def _is_there(table: str, key: str, model: BotocoreModel) -> bool:
    owner, _, name = key.partition(".")
    match table:
        case "values":
            return name in model.shapes.get(owner, {}).get("enum", ())
        case "members":
            return name in model.shapes.get(owner, {}).get("members", ())
        case "shapes":
            return key in model.shapes
        case _:
            return key in model.operations


def gone(
    before: Json, model: BotocoreModel, kept: Mapping[str, Any], without: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the table and the key of all that an older model has and the newer one has not, as far as it has a name here.

    `without` are the operations that are left out of the library.
    """
    old = replace(model, shapes=before["shapes"], operations=before["operations"]).without(without)
    for table, key in _gone(old, model):
        if key not in kept[table]:
            yield table, key


def _gone(old: BotocoreModel, new: BotocoreModel) -> Iterator[tuple[str, str]]:
    for name, body in old.operations.items():
        if name not in new.operations and MARK not in body:
            yield "operations", name
    for name, body in old.shapes.items():
        if name not in new.shapes:
            if (body["type"] == "structure" or "enum" in body) and MARK not in body:
                yield "shapes", name
            continue
        yield from _gone_of(name, body, new.shapes[name])


def _gone_of(name: str, old: Json, new: Json) -> Iterator[tuple[str, str]]:
    """The members or the values of a shape that is still there."""
    for wire, ref in old.get("members", {}).items() if new["type"] == "structure" else ():
        if wire not in new.get("members", {}) and MARK not in ref:
            yield "members", f"{name}.{wire}"
    for text in old.get("enum", ()) if "enum" in new else ():
        if text not in new["enum"]:
            yield "values", f"{name}.{text}"

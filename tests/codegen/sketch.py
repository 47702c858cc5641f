"""Small service models and overlays, drawn in a test, and the road from a complaint to the overlay line that settles it."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.problems import Unsettled
from sagemaker_typed.codegen.read import BotocoreModel, Json

_SCALARS = ("string", "integer", "boolean", "timestamp")

# What every overlay has, without a single decision in it.
_EMPTY: dict[str, dict[str, Any]] = {
    "names": {"fix": {}, "words": {"known": ["a", "b", "by", "id", "of"]}, "fields": {}, "enums": {}},
    "groups": {
        "operations": {},
        "without": {},
        "client": {"operations": [], "module": "search"},
        "identifiers": {},
        "classes": {},
    },
    "paging": {"items": {}, "describes": {"operations": []}},
    "optional": {"members": [], "shapes": {}, "always": {}},
    "kept": {"values": {}, "members": {}, "shapes": {}, "operations": {}},
    "conversions": {"mappings": {}, "json_texts": {}},
    "secrets": {"secret": {}, "plain": {"NextToken": "the next page"}},
    "errors": {
        **{
            meaning: {"codes": ["ValidationException"], "wordings": []}
            for meaning in ("malformed", "not_found", "already_exists", "in_use", "conflict")
        },
        "kinds": {},
    },
    "rules": {"pairs": [], "rules": []},
    "waiters": {"defaults": {"timeout": 3600, "poll": [2, 30]}},
    "examples": {},
    "search": {"resources": {}, "without": {}},
    "words": {"operations": {}, "shapes": {}, "members": {}, "values": {}, "groups": {}, "families": {}},
    "word_files": {},
    "homes": {},
}


class Sketch:
    """A service model of a few shapes. `String`, `Integer`, `Boolean` and `Timestamp` are there from the start."""

    def __init__(self) -> None:
        self.shapes: dict[str, Json] = {kind.capitalize(): {"type": kind} for kind in _SCALARS}
        self.operations: dict[str, Json] = {}
        self.metadata: Json = {
            "endpointPrefix": "api.sagemaker",
            "jsonVersion": "1.1",
            "protocol": "json",
            "serviceId": "SageMaker",
        }

    def structure(
        self, name: str, members: Mapping[str, str | Json], *, required: Sequence[str] = (), **traits: Any
    ) -> Sketch:
        """`members` maps a wire name to a shape, or to a whole reference."""
        refs = {wire: {"shape": ref} if isinstance(ref, str) else ref for wire, ref in members.items()}
        self.shapes[name] = {"type": "structure", "members": refs, "required": list(required), **traits}
        return self

    def enum(self, name: str, *texts: str) -> Sketch:
        self.shapes[name] = {"type": "string", "enum": list(texts)}
        return self

    def list_of(self, item: str, name: str = "") -> Sketch:
        self.shapes[name or f"{item}List"] = {"type": "list", "member": {"shape": item}}
        return self

    def map_of(self, key: str, value: str, name: str) -> Sketch:
        self.shapes[name] = {"type": "map", "key": {"shape": key}, "value": {"shape": value}}
        return self

    def operation(
        self,
        name: str,
        takes: Mapping[str, str | Json] | None = None,
        gives: Mapping[str, str | Json] | None = None,
        *,
        required: Sequence[str] = (),
    ) -> Sketch:
        """An operation with its `<Name>Request` and, if it gives something, its `<Name>Response`."""
        self.structure(f"{name}Request", takes or {}, required=required)
        self.operations[name] = {"name": name, "input": {"shape": f"{name}Request"}}
        if gives is not None:
            self.structure(f"{name}Response", gives)
            self.operations[name]["output"] = {"shape": f"{name}Response"}
        return self

    def resource(
        self, noun: str, takes: Mapping[str, str | Json] | None = None, gives: Mapping[str, str | Json] | None = None
    ) -> Sketch:
        """A resource with the least that makes it a group: Create, which takes `takes`, and Describe, which gives `gives`."""
        name: dict[str, str | Json] = {f"{noun}Name": "String"}
        self.operation(f"Create{noun}", {**name, **(takes or {})}, required=list(name))
        return self.operation(f"Describe{noun}", name, {**name, **(gives or {})}, required=list(name))

    def model(self) -> BotocoreModel:
        return BotocoreModel(
            version="0",
            api_version="2017-07-24",
            shapes=self.shapes,
            operations=self.operations,
            paginators={},
            endpoints={"partitions": []},
            raw={
                "service-2": {
                    "metadata": self.metadata,
                    "operations": self.operations,
                    "shapes": self.shapes,
                }
            },
        )


def blank(**files: Any) -> Overlay:
    """An overlay without decisions, but for what is given: `blank(homes={"Tag": "shared.tag"})`."""
    return Overlay(**{name: _merged(table, files.get(name, {})) for name, table in _EMPTY.items()})


def plan_of(sketch: Sketch, overlay: Overlay | None = None) -> Plan:
    return build(sketch.model(), overlay or blank())


def complaints(sketch: Sketch, overlay: Overlay | None = None) -> list[str]:
    """What the generator says needs a person."""
    try:
        plan_of(sketch, overlay)
    except Unsettled as error:
        return error.problems
    return []


_ADVICE = re.compile(
    r"; (?P<how>add to|change in|take from) overlay/(?P<file>\w+)\.toml: \[(?P<table>[\w.]+)\] (?P<line>.+)$"
)


def follow(overlay: Overlay, complaint: str, answer: str | None = None) -> Overlay:
    """The overlay after a person has done what a complaint says, with `answer` as the last text of its line."""
    advice = _ADVICE.search(complaint)
    assert advice is not None, complaint
    line = advice["line"]
    if answer is not None:
        line = re.sub(r'"[^"]*"(\]?)$', rf'"{answer}"\1', line)
    change = tomllib.loads(f"[{advice['table']}]\n{line}")
    file = advice["file"]
    if file == "homes":
        change = change["homes"]
    settle = _without if advice["how"] == "take from" else _merged
    return replace(overlay, **{file: settle(getattr(overlay, file), change)})


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            key: _merged(old[key], new[key]) if key in old and key in new else copy.deepcopy({**old, **new}[key])
            for key in {**old, **new}
        }
    return [*old, *new] if isinstance(old, list) else new


def _without(old: Any, gone: Any) -> Any:
    if isinstance(old, dict):
        return {key: _without(value, gone[key]) if key in gone else value for key, value in old.items()}
    return [item for item in old if item not in gone]

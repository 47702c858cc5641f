"""Our own descriptions of operations, classes, members and values, read from `overlay/words/`.

SageMaker's words are in one file per resource; each service of the data plane has one file in `services/`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, overload

from .homes import classes
from .names import Namer
from .read import BotocoreModel
from .targets import Target

TABLES = ("operations", "shapes", "members", "values", "groups", "families")
"""`members` has names of members, which mean the same in all structures, and `Structure.Member`, which takes precedence.
`families` has families of instances; the sizes of a family have no words of their own."""

FOLDER = "words"
_QUOTED = re.compile(r"`([A-Z]\w+)`")
_INSTANCE = re.compile(r"(?:ml\.)?(?P<family>[a-z0-9-]+)\.(?P<size>[a-z0-9-]+)$")


class Words:
    """The words on one service."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._said: dict[str, dict[str, str]] = {table: tables.get(table, {}) for table in TABLES}

    def operation(self, name: str) -> str | None:
        """An imperative sentence: "Start a job that compiles a model.\""""
        return self._said["operations"].get(name)

    def shape(self, name: str) -> str | None:
        """The meaning of a structure or an enum."""
        return self._said["shapes"].get(name)

    def group(self, name: str) -> str | None:
        """The description of a group's resources."""
        return self._said["groups"].get(name)

    def member(self, structure: str, wire: str) -> str | None:
        """The meaning of a member in this structure, or else its general meaning."""
        members = self._said["members"]
        return members.get(f"{structure}.{wire}") or members.get(wire)

    def value(self, enum: str, text: str) -> str | None:
        """The meaning of an enum value; for an instance type, the description of its family."""
        said = self._said["values"].get(f"{enum}.{text}")
        instance = _INSTANCE.match(text)
        if said or not instance or (family := self._said["families"].get(instance["family"])) is None:
            return said
        return f"{family}, size `{instance['size']}`."


class FieldNames:
    """Replaces AWS's names of members in sentences by the names of fields: `FailureReason` by `failure_reason`."""

    def __init__(self, model: BotocoreModel, namer: Namer) -> None:
        self._namer = namer
        self._members = {name: frozenset(model.members(name)) for name in model.shapes}
        texts = {text for body in model.shapes.values() for text in body.get("enum", ())}
        # These are ambiguous: a sentence may mean a class, an operation or a value of the same name.
        taken = {*classes(model), *model.operations, *texts}
        self._anywhere = {
            wire: shape for shape, members in self._members.items() for wire in members if wire not in taken
        }

    @overload
    def __call__(self, said: str, structure: str | None = None) -> str: ...
    @overload
    def __call__(self, said: str | None, structure: str | None = None) -> str | None: ...
    def __call__(self, said: str | None, structure: str | None = None) -> str | None:
        """Return the sentence with names of fields. Members of `structure` take precedence over others of the same name."""

        def name(found: re.Match[str]) -> str:
            wire = found[1]
            if wire in self._members.get(structure or "", ()):
                return f"`{self._namer.field(structure or '', wire)}`"
            shape = self._anywhere.get(wire)
            return f"`{self._namer.field(shape, wire)}`" if shape else found[0]

        return _QUOTED.sub(name, said) if said else said


def families(texts: Iterable[str]) -> set[str]:
    """Return the instance families among the texts of enums."""
    return {instance["family"] for text in texts if (instance := _INSTANCE.match(text))}


def read(folder: Path, target: Target) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the words on a service by table, and the file of each: `shapes.InputConfig` -> `words/compilation_jobs`."""
    tables: dict[str, Any] = {table: {} for table in TABLES}
    files: dict[str, str] = {}
    for path in paths(folder, target):
        file = path.relative_to(folder).with_suffix("").as_posix()
        for table, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            files.setdefault(table, file)
            into = tables.setdefault(table, {})
            for key, text in said.items():
                place = f"{table}.{key}"
                if place in files:
                    raise ValueError(f"overlay/{file}.toml: [{table}] {key} = ... stands in {files[place]}.toml too")
                files[place] = file
                into[key] = text
    return tables, files


def paths(folder: Path, target: Target) -> list[Path]:
    """Return the files with the words on a service."""
    words = folder / FOLDER
    if target.overlay:
        path = words / "services" / f"{target.overlay}.toml"
        return [path] if path.exists() else []
    return sorted(words.glob("*.toml"))

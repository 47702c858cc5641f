"""People's decisions, read from `overlay/*.toml`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import words
from .targets import MAIN, Target, sibling

FOLDER = Path(__file__).parent / "overlay"
KEPT_PARTS = "kept.json"
"""What the models said of what `kept.toml` keeps; `make update` writes it."""

_EMPTY: dict[str, dict[str, Any]] = {
    "names": {"fix": {}, "words": {"known": []}, "fields": {}, "enums": {}},
    "groups": {
        "operations": {},
        "without": {},
        "client": {"operations": [], "module": ""},
        "identifiers": {},
        "classes": {},
    },
    "paging": {"items": {}, "describes": {"operations": []}},
    "optional": {"members": [], "shapes": {}, "always": {}},
    "kept": {"values": {}, "members": {}, "shapes": {}, "operations": {}},
    "conversions": {"mappings": {}, "json_texts": {}},
    "secrets": {"secret": {}, "plain": {}},
    "errors": {
        **{
            meaning: {"codes": [], "wordings": []}
            for meaning in ("malformed", "not_found", "already_exists", "in_use", "conflict")
        },
        "kinds": {},
    },
    "rules": {"pairs": [], "rules": []},
    "waiters": {},
    "examples": {},
    "search": {"resources": {}, "without": {}},
}
"""What stands in no file decides nothing."""


NO_PARTS: dict[str, dict[str, Any]] = {"operations": {}, "members": {}, "shapes": {}}


@dataclass(frozen=True)
class Overlay:
    """The parsed decisions on one service, one attribute for each kind."""

    names: dict[str, Any]
    groups: dict[str, Any]
    paging: dict[str, Any]
    optional: dict[str, Any]
    kept: dict[str, Any]
    conversions: dict[str, Any]
    secrets: dict[str, Any]
    errors: dict[str, Any]
    rules: dict[str, Any]
    waiters: dict[str, Any]
    examples: dict[str, Any]
    search: dict[str, Any]
    words: dict[str, Any]
    homes: dict[str, str]
    word_files: dict[str, str] = field(default_factory=dict[str, str])
    """Table and key of a sentence, `shapes.InputConfig` -> its file."""
    parts: dict[str, Any] = field(default_factory=lambda: dict(NO_PARTS))
    """What the model said of the operations, members and shapes that are kept."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Overlay:
        """Load the decisions about SageMaker, which has a file for each kind."""
        kinds = {kind: _read(folder, kind) for kind in _EMPTY}
        kinds["examples"] = _examples(folder, MAIN)
        said, files = words.read(folder, MAIN)
        homes = _read(folder, "homes").get("homes", {})
        return cls(**kinds, words=said, word_files=files, homes=homes, parts=_parts(folder, MAIN))

    @classmethod
    def of(cls, target: Target, folder: Path = FOLDER) -> Overlay:
        """Load the decisions about a service. A sibling of SageMaker has one file with a table for each kind."""
        if not target.overlay:
            return cls.load(folder)
        said = _read(folder, target.overlay)
        kinds = {kind: {**table, **said.get(kind, {})} for kind, table in _EMPTY.items()}
        kinds["examples"] = _examples(folder, target)
        sentences, files = words.read(folder, target)
        return cls(**kinds, words=sentences, word_files=files, homes={}, parts=_parts(folder, target))

    def reading(self, other: Overlay) -> Overlay:
        """Return these decisions with the word list of `other`: the splitting of words is the same for all services."""
        names = {
            **self.names,
            "fix": {**other.names["fix"], **self.names["fix"]},
            "words": {"known": [*other.names["words"]["known"], *self.names["words"]["known"]]},
        }
        return replace(self, names=names)


@dataclass(frozen=True)
class SiblingList:
    """The sibling services to generate, and those to leave out."""

    generated: dict[str, str]
    """botocore's name -> the attribute of `SageMaker`, and the file of the overlay."""
    without: dict[str, str]
    """botocore's name -> why it is left out."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> SiblingList:
        said = _read(folder, "services")
        return cls(generated=said["generated"], without=said["without"])

    def targets(self, folder: Path = FOLDER) -> list[Target]:
        """Return the services to generate, in the order of the file, except those of `unwritten`."""
        lacking = self.unwritten(folder)
        return [
            sibling(service, attribute, _read(folder, attribute)["service"])
            for service, attribute in self.generated.items()
            if service not in lacking
        ]

    def unwritten(self, folder: Path = FOLDER) -> dict[str, str]:
        """Return the services to generate that have no file of decisions yet: botocore's name -> the attribute."""
        return {
            service: attribute
            for service, attribute in self.generated.items()
            if not (folder / f"{attribute}.toml").is_file()
        }


def _read(folder: Path, name: str) -> dict[str, Any]:
    with (folder / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _parts(folder: Path, target: Target) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / KEPT_PARTS).read_text(encoding="utf-8"))
    return {**NO_PARTS, **said.get(target.service, {})}


def _examples(folder: Path, target: Target) -> dict[str, Any]:
    """Return the examples of a service. Examples that belong to no sibling are SageMaker's."""
    beside = set(_read(folder, "services")["generated"].values())
    said = _read(folder, "examples")
    owners = {path: path.partition(".")[0] for path in said}
    return {
        path: said[path]
        for path, owner in owners.items()
        if (owner == target.attribute if target.attribute else owner not in beside)
    }


def kinds() -> tuple[str, ...]:
    """The kinds of decisions."""
    return tuple(_EMPTY)

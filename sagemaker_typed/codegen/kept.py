"""Enum values that AWS took back and that stay, deprecated, for one minor version: `overlay/kept.toml`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .names import Namer
from .read import BotocoreModel

TABLES = ("values",)


def kept_of(enum: str, kept: Mapping[str, Any], texts: list[str], namer: Namer) -> dict[str, tuple[str, str]]:
    """Member -> its text and the version in which it goes, for the values of an enum that its model no longer has."""
    found = {
        key.partition(".")[2]: str(version) for key, version in kept["values"].items() if key.startswith(f"{enum}.")
    }
    gone = {text: version for text, version in found.items() if text not in texts}
    return {name: (text, gone[text]) for text, name in namer.enum_members(enum, list(gone)).items()}


def complaints(kept: Mapping[str, Any], model: BotocoreModel, version: tuple[int, int]) -> Iterator[str]:
    """Lines that have done what they were for: the value is back, or the version has come in which it goes."""
    for key, until in kept["values"].items():
        enum, _, text = key.partition(".")
        if text in model.shapes.get(enum, {}).get("enum", ()):
            yield f"overlay/kept.toml: [values] {json.dumps(key)} = is there again; take the line out"
        elif (major_minor := tuple(map(int, str(until).split(".")[:2]))) <= version:
            shown = ".".join(map(str, version))
            yield (
                f"overlay/kept.toml: [values] {json.dumps(key)} = was kept until {'.'.join(map(str, major_minor))}, and this "
                f"is {shown}; take the line out"
            )

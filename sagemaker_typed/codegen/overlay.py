"""The decisions that people made, read from `overlay/*.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "overlay"


@dataclass(frozen=True)
class Overlay:
    """The parsed overlay files, one attribute a file."""

    names: dict[str, Any]
    groups: dict[str, Any]
    paging: dict[str, Any]
    optional: dict[str, Any]
    conversions: dict[str, Any]
    secrets: dict[str, Any]
    errors: dict[str, Any]
    rules: dict[str, Any]
    waiters: dict[str, Any]
    words: dict[str, Any]
    homes: dict[str, str]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Overlay:
        def read(name: str) -> dict[str, Any]:
            with (folder / f"{name}.toml").open("rb") as file:
                return tomllib.load(file)

        return cls(
            names=read("names"),
            groups=read("groups"),
            paging=read("paging"),
            optional=read("optional"),
            conversions=read("conversions"),
            secrets=read("secrets"),
            errors=read("errors"),
            rules=read("rules"),
            waiters=read("waiters"),
            words=read("words"),
            homes=read("homes").get("homes", {}),
        )

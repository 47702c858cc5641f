"""Keeps what AWS took back: writes the lines of `overlay/kept.toml`, and the parts of the model behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .guesses import Guess
from .kept import gone, parts_of, with_parts
from .overlay import FOLDER, KEPT_PARTS, Overlay
from .proposals import write
from .read import BotocoreModel, Json
from .release.changelog import Changelog
from .release.git import released
from .release.versions import FindingRecord
from .targets import MAIN, Target


class Stay(NamedTuple):
    """The versions between which a name that AWS took back stays."""

    since: str
    until: str


def stay(root: Path) -> Stay:
    """Return how long a name stays that the API loses now: from the version that is made to the next that may break."""
    removed: FindingRecord = {"kind": "member_removed", "severity": "breaking", "where": ""}
    log = Changelog.parse((root / "CHANGELOG.md").read_text(encoding="utf-8"), released(root))
    version = log.next_version([removed])
    return Stay(str(version), str(version.raised("major")))


def taken_back(
    before: Json, model: BotocoreModel, overlay: Overlay, stays: Stay, target: Target = MAIN
) -> Iterator[Guess]:
    """Yield a line for each name that an older model gave the library and the newer one does not."""
    for table, key in gone(before, model, overlay.kept, overlay.groups.get("without", {})):
        said = {**stays._asdict(), "botocore": model.version}
        file, inside = (target.overlay, ("kept", table)) if target.overlay else ("kept", (table,))
        yield Guess(file, inside, {key: said}, f"botocore {model.version} no longer has it")


def keep(before: Json, model: BotocoreModel, target: Target, root: Path, folder: Path = FOLDER) -> list[Guess]:
    """Write into the overlay what the model lost since `before`, the model that the library has. Return the new lines."""
    overlay = Overlay.of(target, folder)
    if not any(gone(before, model, overlay.kept, overlay.groups.get("without", {}))):
        return []
    found = list(taken_back(before, model, overlay, stay(root), target))
    for each in found:
        write(each, folder)
    path = folder / KEPT_PARTS
    parts = parts_of(before, model, Overlay.of(target, folder).kept)
    path.write_text(with_parts(path.read_text(encoding="utf-8"), target.service, parts), encoding="utf-8", newline="\n")
    return found


def bundled(package: Path, service: str) -> Json | None:
    """Return the model of a service that the library has; None for a new service."""
    found = sorted((package / "model" / service).glob("*/service-2.json"))
    document: Json | None = json.loads(found[-1].read_text(encoding="utf-8")) if found else None
    return document

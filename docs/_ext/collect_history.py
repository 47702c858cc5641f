"""Compares the SageMaker models of past botocore releases and writes `docs/_data/history.json`: `make history`.

Two rows of releases. `growth` has one in every STEP of the last three years, about one a month, with what its model holds and
how it differs from the one before. `releases` has the last ones in which the model changed at all, with what is new and what
breaks. A release's date is the one that the model bears in the wheel, for an index need not tell dates.

Wheels are large and models small: a model that was fetched once stays in `.cache/models`.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from sagemaker_typed.changes import ModelChanges, compare

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "models"
TARGET = ROOT / "docs" / "_data" / "history.json"

YEARS = 3
STEP = 20  # botocore is released on each working day
CHANGED = 15
_MODEL = re.compile(r"botocore/data/sagemaker/[\d-]+/service-2\.json(\.gz)?")


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def versions() -> list[str]:
    """All releases of botocore, the newest first."""
    listed = re.search(r"^Available versions: (.*)$", _pip("index", "versions", "botocore"), re.MULTILINE)
    if listed is None:
        raise SystemExit("pip does not tell which releases of botocore there are")
    return listed[1].split(", ")


class Release:
    """A release of botocore: its model of SageMaker, and when that was packed."""

    def __init__(self, version: str, day: date, model: dict[str, Any]) -> None:
        self.version, self.day, self.model = version, day, model

    def counts(self) -> dict[str, Any]:
        """What the model holds."""
        shapes = self.model["shapes"].values()
        structures = [shape for shape in shapes if shape["type"] == "structure"]
        return {
            "botocore": self.version,
            "date": self.day.isoformat(),
            "operations": len(self.model["operations"]),
            "structures": len(structures),
            "members": sum(len(shape.get("members", ())) for shape in structures),
            "values": sum(len(shape.get("enum", ())) for shape in shapes),
        }


@cache
def fetch(version: str) -> Release:
    """A release, from the cache or with pip."""
    kept = list(CACHE.glob(f"botocore-{version}_*.json.gz"))
    if not kept:
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            _pip("download", "--no-deps", "--only-binary=:all:", "--dest", folder, f"botocore=={version}")
            kept = [_unpack(version, next(Path(folder).glob("*.whl")))]
    day = kept[0].name.removesuffix(".json.gz").rpartition("_")[2]
    return Release(version, date.fromisoformat(day), json.loads(gzip.decompress(kept[0].read_bytes())))


def _unpack(version: str, path: Path) -> Path:
    with zipfile.ZipFile(path) as wheel:
        entry = max(
            (each for each in wheel.infolist() if _MODEL.fullmatch(each.filename)), key=lambda each: each.filename
        )
        content = wheel.read(entry)
    target = CACHE / f"botocore-{version}_{date(*entry.date_time[:3])}.json.gz"
    target.write_bytes(content if entry.filename.endswith(".gz") else gzip.compress(content, mtime=0))
    return target


def _difference(old: Release, new: Release) -> dict[str, Any]:
    """What a release brought, and what it may break."""
    found: ModelChanges = compare(old.model, new.model)
    added = found.additions
    return {
        "since": old.version,
        "new_operations": list(added.operations),
        "new_members": len(added.members),
        "new_values": sum(map(len, added.values.values())),
        "breaking": [str(each) for each in found.findings if each.severity == "breaking"],
        "differences": len(found.findings),
    }


def growth(newest_first: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One release in every STEP, the newest first, and the newest itself."""
    newest = fetch(newest_first[0]).day
    later: Release | None = None
    for version in newest_first[::STEP]:
        release = fetch(version)
        if later is not None:
            yield {**later.counts(), **_difference(release, later)}
        if (newest - release.day).days > YEARS * 365.25:
            yield release.counts()
            return
        later = release


def changed(newest_first: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The last releases whose model differs from the one before in what a caller can notice, the newest first."""
    left = CHANGED
    for new, old in pairwise(newest_first):
        if fetch(new).model == fetch(old).model:
            continue
        if not compare(fetch(old).model, fetch(new).model).findings:
            continue  # documentation only
        yield {"botocore": new, "date": fetch(new).day.isoformat(), **_difference(fetch(old), fetch(new))}
        left -= 1
        if not left:
            return


def main() -> None:
    """Collect, and write the file."""
    found = versions()
    document = {"growth": list(growth(found))[::-1], "releases": list(changed(found))}
    TARGET.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(document['growth'])} and {len(document['releases'])} releases of botocore")


if __name__ == "__main__":
    main()

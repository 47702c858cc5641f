"""Compares the SageMaker models of past botocore releases and writes `sagemaker_typed/changes/history.jsonl`: `make history`.

The first line says how far it goes; a line for each release in which a caller could notice a change follows, the oldest
first. Lines that stand there stay: only newer releases are compared, unless `--anew` is given. A release's date is the one
that the model bears in the wheel, for an index need not tell dates.

Wheels are large and models small: a model that was fetched once stays in `.cache/models`.
"""

from __future__ import annotations

import argparse
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
TARGET = ROOT / "sagemaker_typed" / "changes" / "history.jsonl"

FIRST = "1.8.29"  # the first release of 2018 whose model was packed in that year
STEP = 16
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

    def counts(self) -> list[int]:
        """How many operations, structures and enum values the model holds."""
        shapes = self.model["shapes"].values()
        structures = [shape for shape in shapes if shape["type"] == "structure"]
        values = sum(len(shape.get("enum", ())) for shape in shapes)
        return [len(self.model["operations"]), len(structures), values]


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


# New operations are named by themselves, and a new shape shows in what points at it.
_SAID_ELSEWHERE = ("operation_added", "shape_added", "enum_reordered")


def _difference(old: Release, new: Release) -> dict[str, Any]:
    """What a release brought, and what it may break: lines by severity, those about the values of one enum as one."""
    found: ModelChanges = compare(old.model, new.model)
    lines: dict[str, dict[tuple[str, str], list[str]]] = {"breaking": {}, "conditional": {}, "compatible": {}}
    for each in found.findings:
        if each.kind in _SAID_ELSEWHERE:
            continue
        if each.kind in ("enum_value_added", "enum_value_removed"):
            lines[each.severity].setdefault((each.where, each.kind), []).append(str(each.value))
        else:
            lines[each.severity][str(each), each.kind] = []
    said = {severity: [_line(*key, values) for key, values in table.items()] for severity, table in lines.items()}
    return {"operations": list(found.new_operations), **said}


def _line(text: str, kind: str, values: list[str]) -> str:
    if not values:
        return text
    verb = "added" if kind == "enum_value_added" else "removed"
    return f"{text}: {'value' if len(values) == 1 else 'values'} {verb}: {', '.join(sorted(values))}"


def pairs(newest_first: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Releases next to each other whose models differ, the oldest first.

    Between two releases with the same model nothing is looked at: a change that was taken back word for word within
    STEP releases goes unseen. What is in the cache already is looked at first.
    """
    kept = {path.name.removeprefix("botocore-").partition("_")[0] for path in CACHE.glob("botocore-*.json.gz")}
    oldest_first = newest_first[::-1]
    last = len(oldest_first) - 1
    looked_at = {index for index, version in enumerate(oldest_first) if version in kept}
    points = sorted({*range(0, last, STEP), *looked_at, last})
    for low, high in pairwise(points):
        yield from _between(oldest_first, low, high)


def _between(versions: Sequence[str], low: int, high: int) -> Iterator[tuple[str, str]]:
    if fetch(versions[low]).model == fetch(versions[high]).model:
        return
    if high - low == 1:
        yield versions[low], versions[high]
        return
    middle = (low + high) // 2
    yield from _between(versions, low, middle)
    yield from _between(versions, middle, high)


def changed(newest_first: Sequence[str], after: str) -> Iterator[dict[str, Any]]:
    """The releases after one whose model differs from the one before in what a caller can notice, the oldest first."""
    for old, new in pairs(newest_first[: newest_first.index(after) + 1]):
        found = _difference(fetch(old), fetch(new))
        if any(found.values()):  # or else the documentation alone
            release = fetch(new)
            yield {
                "botocore": new,
                "since": old,
                "date": release.day.isoformat(),
                **found,
                "counts": release.counts(),
            }


def main(argv: Sequence[str] | None = None) -> None:
    """Collect, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anew", action="store_true", help="compare all releases, and not only those that are newer")
    anew = parser.parse_args(argv).anew or not TARGET.exists()
    lines = [] if anew else TARGET.read_text(encoding="utf-8").splitlines()
    head = {"first": FIRST, "through": FIRST} if anew else json.loads(lines[0])
    found = versions()
    new = [json.dumps(each, ensure_ascii=False) for each in changed(found, head["through"])]
    text = "\n".join([json.dumps({**head, "through": found[0]}), *lines[1:], *new])
    TARGET.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(
        f"{TARGET.relative_to(ROOT)}: {len(lines[1:]) + len(new)} releases through botocore {found[0]}, {len(new)} of them new"
    )


if __name__ == "__main__":
    main()

"""Makes the pairs of models in `fixtures/`: `python -m tests.changes.make_fixtures FOLDER`.

FOLDER holds the botocore wheels of the versions below (`pip download --no-deps botocore==VERSION`). Kept is each operation
that reaches anything that differs between the two models of a pair, and every eighth of the others, with all the shapes
that these reach; prose is left out. What differs is told by comparing the JSON here, not by what is to be tested.
"""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
PAIRS = [("1.11.4", "1.11.5"), ("1.13.50", "1.14.0"), ("1.15.7", "1.15.8"), ("1.15.29", "1.15.30")]
_MODEL = "botocore/data/sagemaker/2017-07-24/service-2.json"
_EVERY = 8


def read(folder: Path, version: str) -> dict[str, Any]:
    with zipfile.ZipFile(folder / f"botocore-{version}-py2.py3-none-any.whl") as wheel:
        return bare(json.loads(wheel.read(_MODEL)))


def bare(value: Any, names: bool = False) -> Any:
    """Without prose; a member may be called `documentation`, and then it stays."""
    if isinstance(value, dict):
        return {
            key: bare(item, not names and key in ("members", "operations", "shapes"))
            for key, item in value.items()
            if names or key != "documentation"
        }
    return [bare(item) for item in value] if isinstance(value, list) else value


def reached(model: dict[str, Any], operation: str) -> set[str]:
    found: set[str] = set()
    body = model["operations"].get(operation, {})
    todo = [ref["shape"] for ref in [body.get("input"), body.get("output"), *body.get("errors", [])] if ref]
    while todo:
        shape = todo.pop()
        if shape not in found:
            found.add(shape)
            inner = model["shapes"][shape]
            refs = [
                *inner.get("members", {}).values(),
                *(inner[part] for part in ("member", "key", "value") if part in inner),
            ]
            todo += [ref["shape"] for ref in refs]
    return found


def kept(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The operations that stay in both."""
    names = sorted(old["operations"].keys() | new["operations"].keys())
    differ = {
        name
        for name in old["shapes"].keys() | new["shapes"].keys()
        if old["shapes"].get(name) != new["shapes"].get(name)
    }
    return [
        name
        for number, name in enumerate(names)
        if number % _EVERY == 0
        or old["operations"].get(name) != new["operations"].get(name)
        or differ & (reached(old, name) | reached(new, name))
    ]


def cut(model: dict[str, Any], operations: list[str]) -> dict[str, Any]:
    stay = [name for name in operations if name in model["operations"]]
    shapes = set().union(*(reached(model, name) for name in stay))
    return {
        "metadata": model["metadata"],
        "operations": {name: model["operations"][name] for name in stay},
        "shapes": {name: model["shapes"][name] for name in sorted(shapes)},
    }


def main(folder: Path) -> None:
    for versions in PAIRS:
        models = [read(folder, version) for version in versions]
        operations = kept(*models)
        for version, model in zip(versions, models, strict=True):
            text = json.dumps(cut(model, operations), separators=(",", ":"))
            (FIXTURES / f"{version}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

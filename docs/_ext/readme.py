"""Writes the table of README.md from `docs/_data/bench.json`: `make bench-docs` calls it after it has measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drawing import table

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- written by docs/_ext/readme.py -->\n", "<!-- until here -->"
ROWS = {
    "import": "import",
    "first-call": "import, client and first call",
    "list": "list 100 compilation jobs",
    "describe-training": "describe a training job",
    "create": "create a compilation job",
    "memory": "memory of a listed job",
}
LIBRARIES = {
    "sagemaker_typed": "sagemaker_typed",
    "boto3-stubs": "boto3-stubs",
    "sagemaker-core": "sagemaker-core",
    "capo": "capo-sagemaker",
}


def figures(bench: Mapping[str, Any]) -> str:
    """The table: boto3's figure, and the others as multiples of it."""
    measured = {row["name"]: row for row in bench["rows"]}
    rows = [(what, _base(measured[name]), *_ratios(measured[name])) for name, what in ROWS.items()]
    return table(("", "boto3", *LIBRARIES.values()), rows)


def _base(row: Mapping[str, Any]) -> str:
    value, unit = row["libraries"]["boto3"]["value"], row["unit"]
    return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"


def _ratios(row: Mapping[str, Any]) -> list[str]:
    found = [row["libraries"][name] for name in LIBRARIES]
    cells = ["-" if each is None else f"{each['ratio']:.2f}" for each in found]
    return [f"**{cells[0]}**", *cells[1:]]


def written(readme: str, bench: Mapping[str, Any]) -> str:
    """The README with the table of these figures."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has no line {BEGIN.strip()!r}, or none {END!r} below it")
    return f"{before}{BEGIN}\n{figures(bench)}\n{END}{after}"


def main() -> None:
    """Write README.md."""
    path = ROOT / "README.md"
    bench = json.loads((ROOT / "docs" / "_data" / "bench.json").read_text(encoding="utf-8"))
    path.write_text(written(path.read_text(encoding="utf-8"), bench), encoding="utf-8")


if __name__ == "__main__":
    main()

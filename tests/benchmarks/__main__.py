"""`python -m tests.benchmarks`: measure, print a table, and keep the figures if asked."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import ROOT, Figures, Library, Server, measure, result
from tests.benchmarks.rows import ROWS, UNITS, Row

_BENCH = str(ROOT / ".venv-bench" / "bin" / "python")
_BASELINE = Library("boto3", _BENCH, "import boto3")
_OURS = Library("sagemaker_typed", _BENCH, "import sagemaker_typed")


def _peer(name: str, package: str, imports: str) -> Library:
    return Library(name, str(ROOT / f".venv-peer-{package}" / "bin" / "python"), imports)


_PEERS = (
    _peer("capo", "capo-sagemaker", "import capo_sagemaker"),
    _peer("sagemaker-core", "sagemaker-core", "from sagemaker.core.resources import CompilationJob"),
    _peer("boto3-stubs", "boto3-stubs", "import boto3; from mypy_boto3_sagemaker import SageMakerClient"),
)


def main() -> None:
    options = _options()
    libraries = [_BASELINE, _OURS, *(_PEERS if options.peers else ())]
    environment = _environment(options.pairs)
    print(", ".join(f"{name} {value}" for name, value in environment.items()), flush=True)
    rows: list[dict[str, Any]] = []
    with Server() as server:
        print("Bytes of an answer:", ", ".join(f"{name} {size:,}" for name, size in server.sizes.items()))
        print("CPU is user + system; x is to boto3: the median and the quartiles of the pairs.\n")
        print(_header(libraries), flush=True)
        for row in ROWS:
            if options.only and row.name not in options.only:
                continue
            record = _record(row, measure(row, libraries, server.url, options.pairs), libraries, server.sizes)
            rows.append(record)
            print(_line(row, record, libraries), flush=True)
    if options.json:
        kept = {"environment": environment, "baseline": _BASELINE.name, "rows": rows}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=[row.name for row in ROWS], help="a row")
    parser.add_argument("--pairs", type=int, default=20, help="rounds of each row (20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--peers", action="store_true", help="measure the peers as well")
    return parser.parse_args()


def _environment(pairs: int) -> dict[str, Any]:
    asked = """
import json, platform
from importlib.metadata import version, PackageNotFoundError
def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
names = "boto3", "botocore", "attrs", "cattrs", "orjson"
print(json.dumps({"Python": platform.python_version(), **{name: installed(name) for name in names}}))
"""
    told = subprocess.run([_BENCH, "-I", "-c", asked], capture_output=True, text=True, check=True).stdout
    return {**json.loads(told), "cores": os.cpu_count(), "pairs": pairs}


def _record(row: Row, figures: Figures, libraries: Sequence[Library], sizes: dict[str, int]) -> dict[str, Any]:
    results = {library.name: result(figures, library.name, _BASELINE.name) for library in libraries}
    unit, factor = UNITS[row.kind]
    ours = results[_OURS.name]
    return {
        "name": row.name,
        "what": row.what,
        "bytes": sizes.get(row.operation),
        "unit": unit,
        "at": "least" if row.kind == "threads" else "most",
        "target": row.target,
        "met": None if ours is None else row.met(ours.ratio),
        "libraries": {
            name: None
            if found is None
            else {
                key: float(f"{value * (factor if key == 'value' else 1):.4g}") for key, value in asdict(found).items()
            }
            for name, found in results.items()
        },
    }


_WIDTHS = "{:<52}{:>14}"


def _header(libraries: Sequence[Library]) -> str:
    if len(libraries) > 2:
        return _WIDTHS.format("", "boto3") + "".join(f"{library.name + ' x':>19}" for library in libraries[1:])
    return _WIDTHS.format("", "ours") + f"{'boto3':>14}{'x':>8}{'quartiles':>15}{'target':>10}  met"


def _line(row: Row, record: dict[str, Any], libraries: Sequence[Library]) -> str:
    found, unit = record["libraries"], record["unit"]
    if len(libraries) > 2:
        ratios = (found[library.name] for library in libraries[1:])
        shown = "".join(f"{'-' if ratio is None else format(ratio['ratio'], '.3f'):>19}" for ratio in ratios)
        return _WIDTHS.format(row.what, f"{found[_BASELINE.name]['value']:,.4g} {unit}") + shown
    ours, base = found[_OURS.name], found[_BASELINE.name]
    sign = ">=" if record["at"] == "least" else "<="
    target = "" if row.target is None else f"{sign} {row.target:.2f}"
    met = {True: "yes", False: "NO", None: ""}[record["met"]]
    return (
        _WIDTHS.format(row.what, f"{ours['value']:,.4g} {unit}")
        + f"{base['value']:,.4g} {unit}".rjust(14)
        + f"{ours['ratio']:>8.3f}{ours['low']:>8.3f}-{ours['high']:.3f}{target:>10}  {met}"
    )


if __name__ == "__main__":
    sys.exit(main())

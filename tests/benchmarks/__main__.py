"""`python -m tests.benchmarks`: measure, print a table, and keep the figures if asked."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.libraries import BASELINE, OURS, PEERS, environment
from tests.benchmarks.measure import Figures, Library, Server, measure, result
from tests.benchmarks.rows import ROWS, UNITS, Row


def main() -> None:
    options = _options()
    libraries = [BASELINE, OURS, *(PEERS if options.peers else ())]
    about = environment(options.pairs, libraries)
    print(", ".join(f"{name} {value or 'absent'}" for name, value in about.items()), flush=True)
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
        kept = {"environment": about, "baseline": BASELINE.name, "rows": rows}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=[row.name for row in ROWS], help="a row")
    parser.add_argument("--pairs", type=int, default=30, help="rounds of each row (30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--peers", action="store_true", help="measure the peers as well")
    return parser.parse_args()


def _record(row: Row, figures: Figures, libraries: Sequence[Library], sizes: dict[str, int]) -> dict[str, Any]:
    results = {library.name: result(figures, library.name, BASELINE.name) for library in libraries}
    unit, factor = UNITS[row.kind]
    ours = results[OURS.name]
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
        return _WIDTHS.format(row.what, f"{found[BASELINE.name]['value']:,.4g} {unit}") + shown
    ours, base = found[OURS.name], found[BASELINE.name]
    sign = ">=" if record["at"] == "least" else "<="
    target = "" if row.target is None else f"{sign} {row.target:.2f}"
    met = {True: "yes", False: "NO", None: ""}[record["met"]]
    return (
        _WIDTHS.format(row.what, f"{ours['value']:,.4g} {unit}")
        + f"{base['value']:,.4g} {unit}".rjust(14)
        + f"{ours['ratio']:>8.3f}{ours['low']:>8.3f}-{ours['high']:.3f}{target:>10}  {met}"
    )


if __name__ == "__main__":
    main()

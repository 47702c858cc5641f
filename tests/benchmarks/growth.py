"""How cost grows with the number of items listed: `python -m tests.benchmarks.growth FILE`. The plot in the docs shows it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.libraries import BASELINE, OURS, PEERS, environment
from tests.benchmarks.measure import Library, Server, Worker, batch, in_rounds

ITEMS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
_ROUNDS = 9
_LIBRARIES = (BASELINE, OURS, *(peer for peer in PEERS if peer.name == "capo"))


def main(target: Path) -> None:
    with Server() as server:
        cpu = _cpu(_LIBRARIES, server.url)
        held = _held(_LIBRARIES, server.url)
    libraries = {library.name: {"cpu_ms": cpu[library.name], "held_kb": held[library.name]} for library in _LIBRARIES}
    kept = {"environment": environment(_ROUNDS, _LIBRARIES), "items": ITEMS, "libraries": libraries}
    target.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for name, figures in libraries.items():
        print(name, *(f"{items:,}: {ms} ms" for items, ms in zip(ITEMS, figures["cpu_ms"], strict=True)), sep="  ")


def _cpu(libraries: Sequence[Library], url: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {library.name: [] for library in libraries}
    with ExitStack() as stack:
        workers = {library.name: Worker(library, url) for library in libraries}
        for worker in workers.values():
            stack.callback(worker.close)
        for items in ITEMS:
            takers = {name: _lists(worker, items) for name, worker in workers.items()}
            for name, figures in in_rounds(takers, _ROUNDS).items():
                found[name].append(_short(median(figures) * 1e3))
    return found


def _lists(worker: Worker, items: int) -> Callable[[], float]:
    def cpu(times: int) -> float:
        answer = worker.order("list", count=items, times=times)
        assert answer["witness"] == items
        return float(answer["cpu"])

    times = batch(cpu)
    return lambda: cpu(times) / times


def _held(libraries: Sequence[Library], url: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for library in libraries:
        worker = Worker(library, url)
        hold = partial(worker.order, "hold")
        found[library.name] = [_short(_kilobytes(hold(count=items))) for items in ITEMS]
        worker.close()
    return found


def _kilobytes(answer: dict[str, Any]) -> float:
    return float(answer["bytes"]) / 1000


def _short(value: float) -> float:
    return float(f"{value:.4g}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

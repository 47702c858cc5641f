"""Runs libraries side by side and takes the figures. Knows processes, not libraries.

Each library has a process of its own, so that none pays for another's heap. A round asks every library once; rounds go
through them forwards and backwards in turn, so that whoever comes second is not always the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.rows import HELD, THREADS, Row

ROOT = Path(__file__).parents[2]
_WORKER = Path(__file__).parent / "clients" / "worker.py"
_BATCH_SECONDS = 0.03  # short, so that noise falls on both sides of a pair alike
_NOWHERE = os.devnull

# All that a measured process sees: nothing of the user's own AWS settings, proxies or Python variables.
ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": _NOWHERE,
    "AWS_CONFIG_FILE": _NOWHERE,
    "AWS_SHARED_CREDENTIALS_FILE": _NOWHERE,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "AKIDBENCHMARK",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_REGION": "us-west-2",
}

Figures = dict[str, list[float]]
"""By library, one figure a round; a library that cannot do a row is left out."""


@dataclass(frozen=True)
class Library:
    name: str
    python: str
    """The interpreter of the venv that has it."""
    imports: str
    client: str = ""
    """Which of clients/with_*.py calls it, where that is not its name."""


class Server:
    """The server of prepared answers."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(_line(self._process))
        self.url = f"http://127.0.0.1:{told['port']}"
        self.sizes: dict[str, int] = told["sizes"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _end(self._process)


class Worker:
    """A process that has one library and does as told."""

    def __init__(self, library: Library, url: str) -> None:
        self._process = subprocess.Popen(
            [library.python, "-I", str(_WORKER), _module(library), url],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.calls: list[str] = json.loads(_line(self._process))

    def order(self, do: str, **details: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **details}), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(_line(self._process))
        return answer

    def close(self) -> None:
        _end(self._process)


def _module(library: Library) -> str:
    return library.client or library.name.replace("-", "_")


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    return line


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def measure(row: Row, libraries: Sequence[Library], url: str, rounds: int) -> Figures:
    """The figures of one row."""
    match row.kind:
        case "import":
            return _imports(libraries, rounds)
        case "first" | "peak":
            return _first_calls(row, libraries, url, rounds)
        case "held":
            return _held(libraries, url, rounds=min(rounds, 3))
        case "wait":  # each takes seconds
            return _calls(row, libraries, url, rounds=min(rounds, 5))
        case _:
            return _calls(row, libraries, url, rounds)


# --- fresh processes --------------------------------------------------------------------------------------------------


def _imports(libraries: Sequence[Library], rounds: int) -> Figures:
    def once(library: Library) -> float:
        bare, _ = _fresh([library.python, "-I", "-c", "pass"])
        return _fresh([library.python, "-I", "-c", library.imports])[0] - bare

    return in_rounds({library.name: _bound(once, library) for library in libraries}, rounds)


def _first_calls(row: Row, libraries: Sequence[Library], url: str, rounds: int) -> Figures:
    def once(library: Library) -> float:
        cpu, peak = _fresh([library.python, "-I", str(_WORKER), _module(library), url, "first"])
        return cpu if row.kind == "first" else peak

    return in_rounds({library.name: _bound(once, library) for library in libraries}, rounds)


def _fresh(command: Sequence[str]) -> tuple[float, float]:
    """CPU, user and system, and peak kilobytes of a process from its start to its end.

    The peak counts from the fork on: this process, which it begins as, is smaller than any that is measured.
    """
    process = subprocess.Popen(command, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command!r} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def _held(libraries: Sequence[Library], url: str, rounds: int) -> Figures:
    def once(library: Library) -> float:
        worker = Worker(library, url)
        try:
            return float(worker.order("hold", count=HELD)["bytes"]) / HELD
        finally:
            worker.close()

    def iterates(library: Library) -> bool:
        # Whoever cannot iterate over so many in a useful time cannot hold them either.
        worker = Worker(library, url)
        worker.close()
        return "iterate" in worker.calls

    able = [library for library in libraries if iterates(library)]
    return in_rounds({library.name: _bound(once, library) for library in able}, rounds)


# --- processes that go on ---------------------------------------------------------------------------------------------


def _calls(row: Row, libraries: Sequence[Library], url: str, rounds: int) -> Figures:
    workers = {library.name: Worker(library, url) for library in libraries}
    try:
        able = {name: worker for name, worker in workers.items() if row.call in worker.calls}
        _same_results(row.call, able)
        takers = {name: _taker(row, worker) for name, worker in able.items()}
        return in_rounds(takers, rounds)
    finally:
        for worker in workers.values():
            worker.close()


def _same_results(call: str, workers: Mapping[str, Worker]) -> None:
    witnesses = {name: worker.order("run", call=call, times=1)["witness"] for name, worker in workers.items()}
    if len(set(witnesses.values())) != 1:
        raise RuntimeError(f"{call}: not the same result: {witnesses}")


def _taker(row: Row, worker: Worker) -> Callable[[], float]:
    """Takes the figure of one batch. Batches are as many calls as take about the same time; the first warms up."""
    if row.kind == "wait":
        return lambda: float(worker.order("run", call=row.call, times=1)["cpu"])
    times = batch(lambda times: float(worker.order("run", call=row.call, times=times)["cpu"]))
    each = max(1, 4 * times // THREADS)

    def in_turn() -> float:
        return float(worker.order("run", call=row.call, times=times)["cpu"]) / times

    def in_threads() -> float:
        took = worker.order("threads", call=row.call, times=each, threads=THREADS)
        calls = each * THREADS
        return calls / float(took["wall"]) if row.kind == "threads" else float(took["cpu"]) / calls

    def on_a_loop() -> float:
        calls = max(4 * times, 2 * row.at_once)
        details = {"times": calls, "at_once": row.at_once, "aiohttp": row.kind == "async"}
        return float(worker.order("async", call=row.call, **details)["cpu"]) / calls

    take = {"calls": in_turn, "async": on_a_loop, "async-threads": on_a_loop}.get(row.kind, in_threads)
    take()
    return take


def batch(cpu: Callable[[int], float]) -> int:
    """How many calls make a batch, where `cpu` says what a number of them takes."""
    cpu(1)
    return max(1, round(_BATCH_SECONDS / (cpu(3) / 3)))


# --- rounds and ratios ------------------------------------------------------------------------------------------------


def _bound(function: Callable[[Any], float], argument: Any) -> Callable[[], float]:
    return lambda: function(argument)


def in_rounds(takers: Mapping[str, Callable[[], float]], rounds: int) -> Figures:
    """A figure of each taker in every round: A B, B A, A B, ..."""
    figures: Figures = {name: [] for name in takers}
    order = list(takers)
    for _ in range(rounds):
        for name in order:
            figures[name].append(takers[name]())
        order.reverse()
    return figures


@dataclass(frozen=True)
class Result:
    """One library in one row."""

    value: float
    ratio: float
    low: float
    high: float
    """The quartiles of the ratios, one a round."""


def result(figures: Figures, name: str, baseline: str) -> Result | None:
    if name not in figures:
        return None
    ratios = sorted(mine / base for mine, base in zip(figures[name], figures[baseline], strict=True))
    last = len(ratios) - 1
    return Result(median(figures[name]), median(ratios), ratios[round(last / 4)], ratios[round(last * 3 / 4)])

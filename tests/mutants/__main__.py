"""`python -m tests.mutants --sample 200 --seed 7`."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.operators import Mutant, mutants
from tests.mutants.record import Record, copy_tree, environment, record, state_of_tree
from tests.mutants.results import Results
from tests.mutants.targets import ROOT, TARGETS

_NEEDED = 0.92
_START = 240.0  # so many seconds may pass until what the tests need is imported
_PATIENCE = 60.0  # other work on the machine may slow a mutant down
_SLOWER = 8.0  # a test of a mutant may take so many times what it took, and is then taken to hang
_HUNG = " did not end"
_CACHE = ROOT / ".cache" / "mutants"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="drawn if it is not given")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="take mutants of files whose path holds this")
    parser.add_argument("--all", action="store_true", help="take every mutant and not a sample")
    parser.add_argument(
        "--survivors", action="store_true", help="of an earlier run of this seed, those that nothing noticed"
    )
    parser.add_argument("--depth", type=int, default=3, help="how many of the three stages of tests a mutant meets")
    parser.add_argument("--old-record", action="store_true", help="do not record anew where only tests have changed")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    pool = [each for each in _pool() if asked.only in each.path]
    results, state = Results(_CACHE / f"results-{seed}.jsonl"), state_of_tree()
    if asked.survivors:
        names = results.survivors()
        chosen = [each for each in pool if each.name in names]
    else:
        chosen = pool if asked.all else random.Random(seed).sample(pool, min(asked.sample, len(pool)))
    counted = [each for each in chosen if each.name not in EQUIVALENT]
    left_out = len(chosen) - len(counted)
    print(f"{len(counted)} of {len(pool)} mutants, SEED={seed}; besides, {left_out} equivalent ones", flush=True)
    _CACHE.mkdir(parents=True, exist_ok=True)
    known = record(_CACHE, asked.jobs, old=asked.old_record)
    earlier = results.of(state, asked.depth)
    found = [earlier[each.name] for each in counted if each.name in earlier]
    if found:
        print(f"{len(found)} were tried before an interruption", flush=True)
    for result in _tried([each for each in counted if each.name not in earlier], known, asked.jobs, asked.depth):
        results.add(state, result)
        found.append(result)
    return _report(found, left_out)


def _pool() -> list[Mutant]:
    return [each for target in TARGETS for each in mutants(target, (ROOT / target).read_bytes())]


class _Worker:
    """A process with a copy of the tree."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        self._tree = self._folder / "tree"
        copy_tree(self._tree)
        self._ended = False
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.mutants.worker"]
        where = environment(self._tree)
        return subprocess.Popen(
            command, cwd=self._tree, env=where, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def end(self) -> None:
        self._ended = True
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, **task: Any) -> dict[str, Any]:
        """Answer a task; in a process anew where a mutant has ended the first one."""
        line = self._line(task)
        if not line and not self._ended:
            self._process.communicate()
            self._process = self._started()
            line = self._line(task)
        if not line:
            raise RuntimeError(f"a worker has ended at a mutant of {task['path']}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _line(self, task: dict[str, Any]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(task), file=self._process.stdin, flush=True)
        return self._process.stdout.readline()


def _tried(chosen: list[Mutant], known: Record, jobs: int, depth: int) -> Iterator[dict[str, Any]]:
    idle: SimpleQueue[_Worker] = SimpleQueue()
    # As they were when the mutants were made; the tree may be worked on meanwhile.
    sources = {mutant.path: (ROOT / mutant.path).read_bytes() for mutant in chosen}
    workers = [_Worker() for _ in range(jobs)]
    for worker in workers:
        idle.put(worker)

    trials = _Trials(known, depth)

    def attempt(mutant: Mutant) -> dict[str, Any]:
        worker = idle.get()
        try:
            text = mutant.applied(sources[mutant.path]).decode()
            return {"mutant": str(mutant), "name": mutant.name, **trials.result(worker, mutant, text)}
        finally:
            idle.put(worker)

    try:
        with ThreadPoolExecutor(jobs) as pool, _ending(pool, workers):
            tries = [pool.submit(attempt, mutant) for mutant in chosen]
            for number, result in enumerate((each.result() for each in as_completed(tries)), start=1):
                verdict = f"noticed by {result['killed'][0]}" if result["killed"] else "SURVIVED"
                print(f"{number}/{len(chosen)} {result['mutant']}: {verdict} ({result['seconds']} s)", flush=True)
                yield result
    finally:
        for worker in workers:
            worker.end()


@contextmanager
def _ending(pool: ThreadPoolExecutor, workers: list[_Worker]) -> Iterator[None]:
    """Where it is left by an exception, as by Ctrl-C, nothing else is tried."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.end()
        raise


class _Trials:
    """Tries mutants, and what noticed one on the sources as they are: a test that fails there too says nothing."""

    def __init__(self, known: Record, depth: int) -> None:
        self._known, self._depth = known, depth
        self._fit: set[str] = set()
        self._unfit: set[str] = set()

    def result(self, worker: _Worker, mutant: Mutant, text: str) -> dict[str, Any]:
        while True:
            stages = self._stages(mutant)
            result = worker.ask(path=mutant.path, text=text, stages=stages, start=_START)
            if not result["killed"] or self._holds(worker, result["killed"][0], stages):
                return {**result, "depth": self._depth}

    def _holds(self, worker: _Worker, noticed: str, stages: list[dict[str, float]]) -> bool:
        """Whether what ran until then ends well on the sources as they are."""
        test = noticed.removesuffix(_HUNG)
        if test in self._fit:
            return True
        stage = next((stage for stage in stages if test in stage), stages[0])
        names = list(stage)
        until = names[: names.index(test) + 1] if test in stage else names
        failed = worker.ask(path=None, text="", stages=[{name: stage[name] for name in until}], start=_START)["killed"]
        if not failed:
            self._fit.add(test)
            return True
        failed_tests = {name.removesuffix(_HUNG) for name in failed}
        if not failed_tests <= {*until} - self._unfit:
            raise RuntimeError(f"the tests do not run here: {failed}")
        print("\n".join(f"  left out: {name}" for name in sorted(failed_tests)), flush=True)
        self._unfit |= failed_tests
        return False

    def _stages(self, mutant: Mutant) -> list[dict[str, float]]:
        """Of each stage the tests, and how many seconds each may take."""
        # What runs at import was recorded for the first test that imported it.
        line = 0 if mutant.at_import else mutant.line
        found = self._known.stages(mutant.path, line, where=mutant.where, without=frozenset(self._unfit))
        return [
            {test: _PATIENCE + _SLOWER * self._known.seconds[test] for test in tests}
            for tests in found[: self._depth]
            if tests
        ]


def _report(results: list[dict[str, Any]], left_out: int) -> int:
    survivors = [result for result in results if not result["killed"]]
    noticed = len(results) - len(survivors)
    score = noticed / len(results)
    print(f"\n{noticed} of {len(results)} noticed: {score:.1%}; {left_out} equivalent ones are not counted")
    for result in survivors:
        print(f"  survived {result['tried']} tests: {result['mutant']}")
    return 0 if score >= _NEEDED else 1


if __name__ == "__main__":
    sys.exit(main())

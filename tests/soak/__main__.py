"""`python -m tests.soak docs/_data/soak.json`: 100,000 calls and 10,000 polls, and what they left behind."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from tests.soak import flat
from tests.soak.server import COUNTS
from tests.soak.work import THREADS, Running

_ROOT = Path(__file__).parents[2]
_ROUNDS = 60
_POLLS_OF_ONE = 40
_JOBS = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--polls", type=int, default=10_000)
    asked = parser.parse_args()
    if not Path("/proc/self/fd").exists():
        parser.error("memory and descriptors are read from /proc, which only Linux has")
    kept = soak(asked.calls, asked.polls)
    asked.target.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    first, last = ({name: figures[at] for name, figures in kept["series"].items()} for at in (0, -1))
    print(f"answered: {kept['answered']}\nfirst sample: {first}\nlast sample: {last}")
    found = flat.problems(kept["series"])
    print("\n".join(found) or "flat")
    return 1 if found else 0


def soak(calls: int, polls: int, rounds: int = _ROUNDS) -> dict[str, Any]:
    """Do the work in rounds, with a sample after each. At least so many calls and polls are made."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[variable]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.soak.server"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        series: dict[str, list[float]] = {name: [] for name in ("calls", *flat.GROWTH)}
        running = Running(url)
        with ThreadPoolExecutor(THREADS) as pool:
            for number in range(1, rounds + 1):
                _round(running, pool, calls * (number - 1) // rounds, calls * number // rounds, -(-polls // rounds))
                series["calls"].append(calls * number // rounds)
                for name, figure in sample().items():
                    series[name].append(figure)
        running.close()
        answered = _counts(url)
        server.stdin.close()
    return {
        "environment": {
            "Python": platform.python_version(),
            **{name: version(name) for name in ("botocore", "urllib3")},
            "threads": THREADS,
            "seconds": round(time.monotonic() - started),
        },
        "answered": {
            "requests": sum(count for name, count in answered.items() if name[0].isupper()),
            **{name: count for name, count in sorted(answered.items()) if name[0].islower()},
        },
        "series": series,
    }


def _round(running: Running, pool: ThreadPoolExecutor, start: int, end: int, polls: int) -> None:
    list(pool.map(running.call, range(start + 1, end + 1)))
    many = _JOBS * (_JOBS + 1) // 2
    running.wait_for_many(_JOBS)
    for left in range(max(polls - many, 1), 0, -_POLLS_OF_ONE):
        running.wait(min(left, _POLLS_OF_ONE))


def sample() -> dict[str, float]:
    """What this process holds now. Memory is the system's figure: tracing allocations would take some of its own."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return {
        "rss_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 2),
        "objects": len(gc.get_objects()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": int(status.partition("Threads:")[2].split()[0]),
    }


def _counts(url: str) -> dict[str, int]:
    asked = Request(url, data=b"{}", headers={"X-Amz-Target": f"SageMaker.{COUNTS}"})
    with build_opener(ProxyHandler({})).open(asked) as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


if __name__ == "__main__":
    sys.exit(main())

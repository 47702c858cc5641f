"""`python -m tests.fuzz --minutes 15`: two processes at once, one of which reads JSON without orjson."""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import subprocess
import sys
import time
import warnings

_EXAMPLES = 400
_WITHOUT = "without orjson"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="of each half")
    parser.add_argument("--seed", type=int, default=None, help="of the first round; drawn if it is not given")
    parser.add_argument("--half", choices=["with orjson", _WITHOUT], help="run one half, in this process")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    if asked.half is not None:
        return _half(asked.half, asked.minutes, seed)
    if importlib.util.find_spec("orjson") is None:
        parser.error("orjson is not installed, so both halves would be the same")
    command = [sys.executable, "-m", "tests.fuzz", "--minutes", str(asked.minutes), "--seed", str(seed), "--half"]
    halves = [subprocess.Popen([*command, half]) for half in ("with orjson", _WITHOUT)]
    try:
        return max(half.wait() for half in halves)
    finally:
        for half in halves:
            half.terminate()


def _half(name: str, minutes: float, seed: int) -> int:
    if name == _WITHOUT:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # importing it fails, as where it is not installed
    for variable in list(os.environ):
        if variable.startswith("AWS_"):
            del os.environ[variable]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    warnings.simplefilter("error")

    from tests.fuzz import runs
    from tests.fuzz.checks import Checks

    end, rounds = time.monotonic() + minutes * 60, 0
    with Checks() as checks:
        while time.monotonic() < end:
            try:
                runs.run(checks, seed + rounds, _EXAMPLES)
            except runs.BrokenError as broken:
                print(f"{name}, seed {seed + rounds}: {broken}\n  kept in {runs.keep(broken.case)}", flush=True)
                return 1
            rounds += 1
    ended = ", ".join(f"{count:,} {kind}" for kind, count in checks.seen.most_common())
    print(f"{name}: {checks.seen.total():,} answers from seed {seed}, clean ({ended})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the programs of this folder share: steps that are run one by one, each with its outcome on a line.

A program is run by the Python of its own virtual environment, which has nothing of this repository: only the standard
library is imported here.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

_STEPS: dict[str, Callable[[], None]] = {}
_SECONDS = 120
"""How long a step may take before it counts as hung."""
_NAP = 0.02
"""How long a sleep lasts: programs look every 5 to 60 seconds, and here a state lasts a fraction of one."""


def step(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Make a function a step of the program."""

    def keep(function: Callable[[], None]) -> Callable[[], None]:
        if name in _STEPS:
            raise ValueError(f"two steps are named {name!r}")
        _STEPS[name] = function
        return function

    return keep


def run() -> None:
    """Run the steps in their order, or those that the command line names."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, _NAP))
    wanted = sys.argv[1:] or list(_STEPS)
    print(f"PLAN {json.dumps(wanted)}", flush=True)
    for name in wanted:
        outcome = _outcome(_STEPS[name])
        # Programs print dots while they wait, and do not end the line.
        print(f"\nSTEP {json.dumps({'name': name, 'error': outcome})}", flush=True)


def expect(condition: object, seen: Any = None) -> None:
    """Like assert, with what was seen."""
    if not condition:
        raise AssertionError(f"not as expected: {seen!r}")


def _outcome(function: Callable[[], None]) -> str | None:
    def hang(number: int, frame: object) -> None:
        raise TimeoutError(f"no end within {_SECONDS} seconds")

    signal.signal(signal.SIGALRM, hang)
    signal.alarm(_SECONDS)
    try:
        function()
    except (Exception, SystemExit) as error:  # a program may raise whatever it likes, or exit
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    return None

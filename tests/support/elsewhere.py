"""Pickles that another interpreter reads, which has imported nothing and knows nothing of this one."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_CODE = """
import pickle, sys
protocol = int(sys.argv[1])
found = [pickle.loads(each) for each in pickle.load(sys.stdin.buffer)]
told = [(type(each).__module__, type(each).__qualname__, str(each), repr(each)) for each in found]
pickle.dump((told, [pickle.dumps(each, protocol) for each in found]), sys.stdout.buffer)
"""
PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)

Told = tuple[str, str, str, str]
"""Module and name of a class, text and representation."""


def there_and_back(values: list[Any], protocol: int) -> list[tuple[Told, Any]]:
    """For each value, how it presents itself in the other interpreter, and the value that came back from there."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _CODE, str(protocol)],
        input=pickle.dumps([pickle.dumps(each, protocol) for each in values]),
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told, back = pickle.loads(done.stdout)
    return [(each, pickle.loads(value)) for each, value in zip(told, back, strict=True)]


def told(value: Any) -> Told:
    return type(value).__module__, type(value).__qualname__, str(value), repr(value)

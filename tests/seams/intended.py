"""What is meant to differ: `docs/_data/differences.toml`, which the documentation renders."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.seams.scenario import Scenario

_FILE = Path(__file__).parents[2] / "docs" / "_data" / "differences.toml"
DIFFERENCES: Sequence[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["difference"]

# Those that `compare.py` puts in the place of boto3's default, or does not compare.
IN_THE_COMPARISON = frozenset({"user-agent", "connections", "attempts"})


@dataclass(frozen=True)
class _Seen:
    scenarios: str
    aspects: Sequence[str]
    roads: Sequence[str] = ("own", "session", "client")


_SEEN = [_Seen(**seen) for difference in DIFFERENCES for seen in difference.get("seen", ())]


def intended(scenario: Scenario, road: str) -> frozenset[str]:
    """The aspects in which this run is meant to differ."""
    return frozenset(
        aspect
        for seen in _SEEN
        if road in seen.roads and fnmatchcase(scenario.name, seen.scenarios)
        for aspect in seen.aspects
    )

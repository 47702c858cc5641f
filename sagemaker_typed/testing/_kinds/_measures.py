"""Values of metrics over time, and their statistics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Measure", "statistic", "summaries"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of a metric."""

    name: str
    value: float
    moment: float
    """Seconds since 1970."""
    step: int | None = None


_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Max": max,
    "Min": min,
    "Last": lambda values: values[-1],
    "Count": len,
    "Avg": lambda values: math.fsum(values) / len(values),
    "StdDev": statistics.pstdev,
}


def statistic(name: str, measures: Sequence[Measure]) -> float:
    """Return one statistic of at least one measure."""
    return _STATISTICS[name]([measure.value for measure in sorted(measures, key=_place)])


def summaries(measures: Sequence[Measure], source_arn: str) -> list[dict[str, Any]]:
    """Return the summary of each metric as a trial component shows it."""
    by_name: dict[str, list[Measure]] = {}
    for measure in measures:
        by_name.setdefault(measure.name, []).append(measure)
    return [
        {
            "MetricName": name,
            "SourceArn": source_arn,
            "TimeStamp": max(measure.moment for measure in found),
            **{kind: statistic(kind, found) for kind in _STATISTICS},
        }
        for name, found in by_name.items()
    ]


def _place(measure: Measure) -> tuple[float, int]:
    return measure.moment, -1 if measure.step is None else measure.step

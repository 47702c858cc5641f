"""Whether a series of samples is flat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

# How much more of a thing the last third of a run may hold than the third before, by medians. Of memory, some per cent come
# and go with what the allocator gives back; a leak of 100 bytes a call would be 3 MB between the two. Descriptors and
# threads do not vary at all once the connections of each thread are open.
GROWTH: Mapping[str, float] = {"rss_mb": 0.02, "objects": 0.01, "descriptors": 0.0, "threads": 0.0}


def growth(samples: Sequence[float]) -> float:
    """How much more the last third holds than the second, as a part of it. The first third is for warming up."""
    third = len(samples) // 3
    if third < 3:
        raise ValueError(f"{len(samples)} samples are too few to tell")
    before, after = median(samples[third : 2 * third]), median(samples[2 * third :])
    return after / before - 1


def problems(series: Mapping[str, Sequence[float]]) -> list[str]:
    """A line for each series that grows."""
    found = []
    for name, most in GROWTH.items():
        grown = growth(series[name])
        if grown > most:
            found.append(f"{name} grew by {grown:.1%} from the second third to the last; {most:.0%} is allowed")
    return found

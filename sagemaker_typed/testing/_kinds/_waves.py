"""Parts of a resource that run in waves: training jobs of a tuning job, steps of a pipeline execution."""

from __future__ import annotations

__all__ = ["ended_waves"]

_ROUNDING = 1e-9
"""Thirds do not add up to one."""


def ended_waves(share: float, waves: int) -> int:
    """Return how many of the waves are over after this share of the time."""
    return min(waves, int(share * waves + _ROUNDING))

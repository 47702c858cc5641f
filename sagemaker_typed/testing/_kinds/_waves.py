"""Parts of a resource that run in waves while it does: training jobs of a tuning job, steps of a pipeline execution."""

from __future__ import annotations

__all__ = ["ended_waves"]

_ROUNDING = 1e-9
"""Thirds do not add up to one."""


def ended_waves(share: float, waves: int) -> int:
    """How many of the waves are over when this share of the time is."""
    return min(waves, int(share * waves + _ROUNDING))

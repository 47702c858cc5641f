"""Waiting until a resource, or many, reach a state.

The `wait_until_...` and `wait_all` methods of the groups stand on this module. `wait`, `wait_deleted`, `wait_all` and
`wait_many` make tasks, which do no I/O: a client takes their steps. The decisions are those of two state machines,
`Progress` for one resource and `Many` for many. `Runner`, `RunFuture` and `MapReport` are what `sm.runner` and `sm.map` give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_typed._waiting.many import BatchEvent
from sagemaker_typed._waiting.one import Progress, WaitEvent, duration
from sagemaker_typed._waiting.options import WaitOptions
from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, Pacing
from sagemaker_typed._waiting.spec import Batch, Explanation, Run, Runnable, Waiter, chosen
from sagemaker_typed._waiting.wait_many import wait_all, wait_many
from sagemaker_typed._waiting.wait_one import wait, wait_deleted
from sagemaker_typed.errors import ReportRow, WaitReport

if TYPE_CHECKING:
    from sagemaker_typed._waiting.afutures import AsyncRunFuture, AsyncRunner
    from sagemaker_typed._waiting.futures import RunFuture, Runner
    from sagemaker_typed._waiting.mapping import MapReport
else:

    def __getattr__(name: str) -> Any:
        # Most programs that import a group run nothing; these import asyncio and concurrent.futures.
        if name in ("AsyncRunFuture", "AsyncRunner"):
            from sagemaker_typed._waiting import afutures as home
        elif name in ("RunFuture", "Runner"):
            from sagemaker_typed._waiting import futures as home
        elif name == "MapReport":
            from sagemaker_typed._waiting import mapping as home
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(home, name)


__all__ = [
    "SYSTEM_CLOCK",
    "AsyncRunFuture",
    "AsyncRunner",
    "Batch",
    "BatchEvent",
    "Clock",
    "Explanation",
    "MapReport",
    "Pacing",
    "Progress",
    "ReportRow",
    "Run",
    "RunFuture",
    "Runnable",
    "Runner",
    "WaitEvent",
    "WaitOptions",
    "WaitReport",
    "Waiter",
    "chosen",
    "duration",
    "wait",
    "wait_all",
    "wait_deleted",
    "wait_many",
]

"""Waiting until one or many resources reach a state.

The `wait_until_...` and `wait_all` methods of the groups use this module. `wait`, `wait_deleted`, `wait_all` and
`wait_many` make tasks, which do no I/O: a client performs their steps. Two state machines make the decisions: `Progress`
for one resource and `Many` for many. See the client for `sm.run_all`, `sm.runner` and `sm.map`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import attach

if TYPE_CHECKING:
    from sagemaker_typed._core.log_line import LogLine
    from sagemaker_typed._waiting.following import log_lines
    from sagemaker_typed._waiting.lines import AsyncLogLines, LogLines
    from sagemaker_typed._waiting.many import BatchEvent
    from sagemaker_typed._waiting.one import Progress, WaitEvent, duration
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, Pacing
    from sagemaker_typed._waiting.run_one import run_one
    from sagemaker_typed._waiting.spec import Batch, Explanation, LogStreams, Run, Runnable, Waiter, chosen
    from sagemaker_typed._waiting.wait_many import wait_all, wait_many
    from sagemaker_typed._waiting.wait_one import wait, wait_deleted
    from sagemaker_typed.errors import ReportRow, WaitReport

__all__ = [
    "SYSTEM_CLOCK",
    "AsyncLogLines",
    "Batch",
    "BatchEvent",
    "Clock",
    "Explanation",
    "LogLine",
    "LogLines",
    "LogStreams",
    "Pacing",
    "Progress",
    "ReportRow",
    "Run",
    "Runnable",
    "WaitEvent",
    "WaitOptions",
    "WaitReport",
    "Waiter",
    "chosen",
    "duration",
    "log_lines",
    "run_one",
    "wait",
    "wait_all",
    "wait_deleted",
    "wait_many",
]
if not TYPE_CHECKING:
    # Every group imports this module, and most programs never wait.
    __getattr__, __dir__ = attach(
        "sagemaker_typed",
        {
            "AsyncLogLines": "_waiting.lines",
            "Batch": "_waiting.spec",
            "BatchEvent": "_waiting.many",
            "Clock": "_waiting.pacing",
            "Explanation": "_waiting.spec",
            "LogLine": "_core.log_line",
            "LogLines": "_waiting.lines",
            "LogStreams": "_waiting.spec",
            "Pacing": "_waiting.pacing",
            "Progress": "_waiting.one",
            "ReportRow": "errors",
            "Run": "_waiting.spec",
            "Runnable": "_waiting.spec",
            "SYSTEM_CLOCK": "_waiting.pacing",
            "WaitEvent": "_waiting.one",
            "WaitOptions": "_waiting.options",
            "WaitReport": "errors",
            "Waiter": "_waiting.spec",
            "chosen": "_waiting.spec",
            "duration": "_waiting.one",
            "log_lines": "_waiting.following",
            "run_one": "_waiting.run_one",
            "wait": "_waiting.wait_one",
            "wait_all": "_waiting.wait_many",
            "wait_deleted": "_waiting.wait_one",
            "wait_many": "_waiting.wait_many",
        },
        module=__name__,
    )

"""Waiting until one or many resources reach a state.

The `wait_until_...` and `wait_all` methods of the groups use this module. `wait`, `wait_deleted`, `wait_all` and
`wait_many` make tasks, which do no I/O: a client performs their steps. Two state machines make the decisions: `Progress`
for one resource and `Many` for many. See the client for `sm.run_all`, `sm.runner` and `sm.map`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import offered
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
    __dir__ = offered(__name__)

"""Follows the log of one resource: by itself, until the resource has ended, or beside a wait.

The last lines of a job come to CloudWatch Logs some seconds after the job has ended. So the log is read for another
`LAG` seconds, and then until a look brings nothing new, for `LONGEST_LAG` seconds at most.
"""

from __future__ import annotations

import logging
import math
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._waiting.logs import LogReader, Place, Reading, Since, handed, start_of
from sagemaker_typed._waiting.one import Progress
from sagemaker_typed._waiting.pacing import Clock, Timed, backoff
from sagemaker_typed._waiting.steps import Look, Sleep
from sagemaker_typed._waiting.trouble import MOST_TEXT
from sagemaker_typed.errors import (
    ConversionError,
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    ThrottlingError,
)

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.spec import Waiter
    from sagemaker_typed.structure import Request

"""Logs: the results of the `logs()` methods of the groups, and the lines of any other log group.

Methods such as `sm.training_jobs.logs(name, follow=True)` read the log of one resource, from all of its hosts, merged by
time. `lines` reads a log group by its name, with the session of a client::

    from sagemaker_typed import logs

    for line in logs.lines(sm, "/aws/sagemaker/groundtruth/WorkerActivity", since=3600):
        print(line)

CloudWatch Logs is read with boto3, with the session that signs for `sm`. It requires the permissions
`logs:DescribeLogStreams` and `logs:GetLogEvents`. The `endpoint_url` of `SageMaker` does not apply: the endpoint comes from
`endpoint_urls={"logs": ...}`, the environment (`AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`, `AWS_ENDPOINT_URL`) or the profile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._waiting.following import LAG, LONGEST_LAG, group_lines
from sagemaker_typed._waiting.lines import AsyncLogLines, LogLines

if TYPE_CHECKING:
    from sagemaker_typed.aio import AsyncSageMaker
    from sagemaker_typed.client import SageMaker

__all__ = ["LAG", "LONGEST_LAG", "AsyncLogLines", "LogLine", "LogLines", "lines"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


@overload
def lines(
    sm: SageMaker,
    log_group: str,
    *,
    stream_prefix: str = "",
    follow: bool = False,
    since: datetime | timedelta | float | None = None,
) -> LogLines: ...
@overload
def lines(
    sm: AsyncSageMaker,
    log_group: str,
    *,
    stream_prefix: str = "",
    follow: bool = False,
    since: datetime | timedelta | float | None = None,
) -> AsyncLogLines: ...
def lines(
    sm: SageMaker | AsyncSageMaker,
    log_group: str,
    *,
    stream_prefix: str = "",
    follow: bool = False,
    since: datetime | timedelta | float | None = None,
) -> LogLines | AsyncLogLines:
    """Return the lines of a log group, from all streams whose names begin with `stream_prefix`, merged by time.

    `since` is the time of the oldest line: a datetime with a time zone, or seconds or a `timedelta` before now. With
    `follow`, the iteration never ends; leave the loop with `break`. A group that does not exist yet is empty.

    Raises `InvalidRequestError` for an invalid group name or `since`. The iteration raises an `ApiError` such as
    `AccessDeniedError`, and the errors that any call may raise.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    """
    sender: Any = sm
    found: LogLines | AsyncLogLines = sender._lines(group_lines(log_group, stream_prefix, follow=follow, since=since))
    return found


late(lines)

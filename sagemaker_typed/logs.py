"""Logs: what the `logs()` methods of the groups give, and the lines of any other log group.

`sm.training_jobs.logs(name, follow=True)` and its like read the log of one resource, from all of its hosts, merged by time.
`lines` reads a log group by its name, on the session of a client::

    from sagemaker_typed import logs

    for line in logs.lines(sm, "/aws/sagemaker/groundtruth/WorkerActivity", since=3600):
        print(line)

CloudWatch Logs is read with boto3, on the session that signs for `sm`. It takes the permissions `logs:DescribeLogStreams` and
`logs:GetLogEvents`. `endpoint_url` of `SageMaker` is not for it: its endpoint is that of `endpoint_urls={"logs": ...}`, of the
environment (`AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`, `AWS_ENDPOINT_URL`) or of the profile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._waiting.following import LAG, LONGEST_LAG, group_lines
from sagemaker_typed._waiting.lines import AsyncLogLines, LogLines

if TYPE_CHECKING:
    from sagemaker_typed.aio import AsyncSageMaker
    from sagemaker_typed.client import SageMaker

__all__ = ["LAG", "LONGEST_LAG", "AsyncLogLines", "LogLine", "LogLines", "lines"]
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

    `since` leaves out what is older: an aware datetime, or seconds or a `timedelta` before now. With `follow`, the iteration
    goes on until it is left. A group that does not exist yet is empty.

    Raises `InvalidRequestError` for a group or a `since` that cannot be; while iterating, an `ApiError` such as
    `AccessDeniedError`, and what every call may raise.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    """
    sender: Any = sm
    found: LogLines | AsyncLogLines = sender._lines(group_lines(log_group, stream_prefix, follow=follow, since=since))
    return found

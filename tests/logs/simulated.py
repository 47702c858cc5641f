"""CloudWatch Logs as its documentation describes it, cut into pages as a test says.

Pages cover spans of time, so that some are empty in the middle of a stream; a token that comes back is the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._waiting.logs import Lines
from sagemaker_typed.errors import ResourceNotFoundError, ThrottlingError, ValidationError
from sagemaker_typed.logs import LogLine

Event = tuple[int, str]


class Streams:
    """The streams of one group: name -> events in the order of their times."""

    def __init__(self, sizes: Callable[[], int] = lambda: 3, fails: Callable[[], bool] = lambda: False) -> None:
        self.events: dict[str, list[Event]] = {}
        self.calls: list[str] = []
        self._sizes = sizes
        self._fails = fails

    def write(self, stream: str, *events: Event) -> None:
        """Add events; their times are not before those that are there."""
        self.events.setdefault(stream, []).extend(events)

    def ask(self, call: RawCall) -> dict[str, Any]:
        """Answer a call."""
        assert (call.service, call.arguments["logGroupName"]) == ("logs", "group")
        self.calls.append(call.operation)
        if self._fails():
            raise ThrottlingError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, call.operation)
        answer: dict[str, Any] = getattr(self, f"_{call.method}")(dict(call.arguments))
        assert answer.keys() >= set(call.members)
        return answer

    def _describe_log_streams(self, arguments: dict[str, Any]) -> dict[str, Any]:
        names = sorted(name for name in self.events if name.startswith(arguments.get("logStreamNamePrefix", "")))
        begin = int(arguments.get("nextToken", 0))
        end = begin + max(1, self._sizes())
        page: dict[str, Any] = {"logStreams": [{"logStreamName": name} for name in names[begin:end]]}
        return {**page, "nextToken": str(end)} if end < len(names) else page

    def _get_log_events(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["logStreamName"] not in self.events:
            raise ResourceNotFoundError({"Error": {"Code": "ResourceNotFoundException"}}, "GetLogEvents")
        events = self.events[arguments["logStreamName"]]
        if arguments["startFromHead"]:
            start = next(
                (at for at, event in enumerate(events) if event[0] >= arguments.get("startTime", 0)), len(events)
            )
            begin = int(arguments["nextToken"][2:]) if "nextToken" in arguments else start
            end = min(len(events), begin + self._sizes())
            # An empty page in the middle has a token of its own.
            empty = end == begin < len(events)
            token = f"f/{begin}" if not empty else f"f/{begin:0{2 + len(arguments.get('nextToken', ''))}}"
            token = token if empty else f"f/{end}"
            return {"events": _shown(events[begin:end]), "nextForwardToken": token, "nextBackwardToken": f"b/{begin}"}
        end = int(arguments["nextToken"][2:]) if "nextToken" in arguments else len(events)
        begin = max(0, end - min(self._sizes(), arguments["limit"]))
        return {"events": _shown(events[begin:end]), "nextForwardToken": f"f/{end}", "nextBackwardToken": f"b/{begin}"}


def _shown(events: list[Event]) -> list[dict[str, Any]]:
    return [{"timestamp": time, "message": message, "ingestionTime": time} for time, message in events]


def drive(steps: Any, streams: Streams) -> Iterator[list[LogLine]]:
    """The lines that a reader gives, answered by the streams."""
    resume: Callable[[], Any] = lambda: next(steps)  # noqa: E731
    while True:
        try:
            step = resume()
        except StopIteration:
            return
        if isinstance(step, Lines):
            yield step.lines
            resume = lambda: next(steps)  # noqa: E731
            continue
        try:
            answer = streams.ask(step)
        except (ThrottlingError, ResourceNotFoundError, ValidationError) as error:
            resume = lambda error=error: steps.throw(error)  # type: ignore[misc]  # noqa: E731
        else:
            resume = lambda answer=answer: steps.send(answer)  # type: ignore[misc]  # noqa: E731

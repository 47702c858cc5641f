"""Reads logs of CloudWatch Logs as generators that do no I/O, for `logs()` and for waits that show the log.

A `LogReader` polls the streams of one resource. Each poll yields the new lines of all streams, merged by time, as `Lines`
steps between the calls. Its position survives a failed call, so that the next poll continues there.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from re import Pattern
from typing import Any, NamedTuple, TypeVar

from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._core.options import seconds_of
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._core.raw import RawCall
from sagemaker_typed.errors import (
    InvalidRequestError,
    PaginationError,
    Problem,
    ResourceNotFoundError,
    ValidationError,
)

__all__ = ["Lines", "LogPlace", "LogReader", "Since", "handed", "start_of"]

T = TypeVar("T")

_PAGE = 10_000
"""The most events of a page."""
_EMPTY = 100
"""Empty pages in a row, after which a stream is left until the next poll: pages cover spans of time."""
_MANY = 20
"""Streams above which silent ones are not read in each poll."""
_RARELY = 16
"""Polls after which a silent stream is read again."""
_STALE = timedelta(hours=2)
"""How late the listing of streams may show an event. AWS says that it takes less than an hour."""

Since = datetime | timedelta | float | int | None


class Lines(NamedTuple):
    """A step of a reader: lines for the caller."""

    lines: list[LogLine]


Reading = Generator[Any, Any, T]


class LogPlace(NamedTuple):
    """The place of one resource's log."""

    group: str
    prefix: str
    """The prefix of the names of its streams."""
    pattern: Pattern[str]
    """A pattern that matches the names of its streams from their start."""


# --- when it begins ---------------------------------------------------------------------------------------------------


def start_of(since: Since) -> Callable[[], int | None]:
    """Return a function that returns the time of the first wanted line, in milliseconds since 1970; None for all lines.

    Raises `InvalidRequestError` for an invalid `since`, such as a datetime without a time zone.
    """
    if since is None:
        return lambda: None
    if isinstance(since, datetime):
        if since.tzinfo is None:
            text = f"a datetime with a time zone, not {quoted(since)}: datetime.now(UTC), for example"
            raise InvalidRequestError([Problem("since", "type", text)])
        moment = max(0, math.floor(since.timestamp() * 1000))
        return lambda: moment
    seconds = seconds_of(since, "since", zero=True)
    return lambda: max(0, math.floor((_now() - seconds) * 1000))


def _now() -> float:
    """Return the seconds since 1970 by the wall clock, the only clock that the service knows."""
    return datetime.now(UTC).timestamp()


# --- what is new ------------------------------------------------------------------------------------------------------


class _Stream:
    """One stream: how far it was read, and which events are read but not yet yielded."""

    def __init__(self, name: str, start: int | None) -> None:
        self.name = name
        self.start = start
        self.events: deque[LogLine] = deque()
        self.more = True
        """Whether this poll may fetch another page."""
        self.token: str | None = None
        self.empty = 0
        self.silent = 0
        """Polls in a row without a new line."""
        self.turn = 0
        """Polls until the stream is read again."""
        self._last = -1
        self._at_last = 0
        """The time of the last event, and how many events read so far have that time."""
        self._skip = 0

    def arguments(self) -> dict[str, Any]:
        known = {"startTime": self.start, "nextToken": self.token}
        return {name: value for name, value in known.items() if value is not None}

    def take(self, page: Mapping[str, Any]) -> None:
        """Take a page. A token that repeats the one before marks the end."""
        token: str = page["nextForwardToken"]
        found = False
        for event in page["events"]:
            found = self._take(event) or found
        self.empty = 0 if found else self.empty + 1
        self.more = token != self.token and self.empty < _EMPTY
        self.token = token

    def _take(self, event: Mapping[str, Any]) -> bool:
        time: int = event.get("timestamp", max(0, self._last))
        if self._skip and time == self._last:
            self._skip -= 1
            return False
        self._at_last = self._at_last + 1 if time == self._last else 1
        self._last = time
        self.events.append(LogLine(_moment(time), self.name, event.get("message", "")))
        return True

    def renew(self) -> None:
        """Start again at the last event: the service keeps a token for a day."""
        self.token = None
        if self._last >= 0:
            self.start, self._skip = self._last, self._at_last


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


class LogReader:
    """Reads the streams of one place, poll by poll."""

    def __init__(self, place: LogPlace, start: int | None, bounded: Callable[[RawCall], Any]) -> None:
        """`bounded` makes the step that sends a call."""
        self.place = place
        self.pages = 0
        """The pages with lines so far, a measure of progress."""
        self._start = start
        self._bounded = bounded
        self._streams: dict[str, _Stream] = {}

    def look(self, *, every: bool = False) -> Reading[bool]:
        """Read what is new. Returns whether there was anything. With `every`, silent streams are read too.

        Yields the steps that send calls, and `Lines`. A group that does not exist yet counts as empty. Raises the error of a
        call.
        """
        for name in (yield from self._names()):
            if name not in self._streams:
                self._streams[name] = _Stream(name, self._start)
        due = self._due(every)
        heard: set[str] = set()
        yield from self._read(due, heard)
        for stream in due:
            stream.silent = 0 if stream.name in heard else stream.silent + 1
            stream.turn = min(_RARELY, 2**stream.silent) - 1
        return bool(heard)

    def _read(self, due: list[_Stream], heard: set[str]) -> Reading[None]:
        """Read the streams to their ends, page by page as the merge needs them. Adds streams with new lines to `heard`."""
        for stream in due:
            stream.more, stream.empty = True, 0
        while True:
            for stream in due:
                while stream.more and not stream.events:
                    yield from self._page(stream)
            lines = _ready(due)
            if not lines:
                return
            heard.update(line.stream for line in lines)
            yield Lines(lines)

    def tail(self, count: int) -> Reading[list[LogLine]]:
        """Return up to `count` of the last lines, in the order of their times."""
        lines: list[LogLine] = []
        for name in (yield from self._names()):
            lines = sorted([*lines, *(yield from self._last(name, count))], key=_ORDER)[-count:]
        return lines

    # --- calls --------------------------------------------------------------------------------------------------------

    def _ask(self, operation: str, method: str, members: tuple[str, ...], **arguments: Any) -> Reading[Any]:
        call = RawCall("logs", operation, method, {"logGroupName": self.place.group, **arguments}, members)
        return (yield self._bounded(call))

    def _names(self) -> Reading[list[str]]:
        """Return the names of the streams of the place."""
        arguments: dict[str, Any] = {"logStreamNamePrefix": self.place.prefix} if self.place.prefix else {}
        names: list[str] = []
        seen: set[str] = set()
        while True:
            try:
                page = yield from self._ask(
                    "DescribeLogStreams", "describe_log_streams", ("logStreams",), limit=50, **arguments
                )
            except ResourceNotFoundError:  # the group
                return names
            names += [each["logStreamName"] for each in page["logStreams"] if self._is_wanted(each)]
            token = page.get("nextToken")
            if not token:
                return names
            if token in seen:
                raise PaginationError(f"DescribeLogStreams gave the token {token!r} twice")
            seen.add(token)
            arguments["nextToken"] = token

    def _is_wanted(self, stream: Mapping[str, Any]) -> bool:
        """Whether a stream belongs to the resource and may have lines of the wanted time."""
        if self.place.pattern.match(stream["logStreamName"]) is None:
            return False
        written: int | None = stream.get("lastIngestionTime")
        if self._start is None or written is None or stream["logStreamName"] in self._streams:
            return True
        return written / 1000 >= self._start / 1000 - _STALE.total_seconds()

    def _page(self, stream: _Stream) -> Reading[None]:
        try:
            page = yield from self._ask(
                "GetLogEvents",
                "get_log_events",
                ("events", "nextForwardToken"),
                logStreamName=stream.name,
                startFromHead=True,
                limit=_PAGE,
                **stream.arguments(),
            )
        except ResourceNotFoundError:  # the stream was deleted
            stream.more = False
            self._streams.pop(stream.name, None)
        except ValidationError:
            if stream.token is None:
                raise
            stream.renew()
        else:
            stream.take(page)
            self.pages += 1

    def _last(self, name: str, count: int) -> Reading[list[LogLine]]:
        """Return the last lines of one stream. Its last page may be empty, since pages cover spans of time."""
        lines: list[LogLine] = []
        token: str | None = None
        for _ in range(_EMPTY):
            arguments = {} if token is None else {"nextToken": token}
            try:
                page = yield from self._ask(
                    "GetLogEvents",
                    "get_log_events",
                    ("events", "nextBackwardToken"),
                    logStreamName=name,
                    startFromHead=False,
                    limit=min(count, _PAGE),
                    **arguments,
                )
            except ResourceNotFoundError:
                break
            lines = [
                LogLine(_moment(each["timestamp"]), name, each.get("message", "")) for each in page["events"]
            ] + lines
            if len(lines) >= count or page["nextBackwardToken"] == token:
                break
            token = page["nextBackwardToken"]
        return lines[-count:]

    def _due(self, every: bool) -> list[_Stream]:
        """Return the streams to read. Of many streams, silent ones are read rarely."""
        streams = list(self._streams.values())
        if every or len(streams) <= _MANY:
            return streams
        due = [stream for stream in streams if stream.turn <= 0 or stream.events]
        for stream in streams:
            stream.turn -= 1
        return due


_ORDER = attrgetter("timestamp", "stream")


def _ready(streams: list[_Stream]) -> list[LogLine]:
    """Take the earliest lines of all streams, until a stream runs out whose next page may have earlier lines."""
    heap = [(*_ORDER(stream.events[0]), index) for index, stream in enumerate(streams) if stream.events]
    heapq.heapify(heap)
    lines: list[LogLine] = []
    while heap:
        *_, index = heapq.heappop(heap)
        stream = streams[index]
        lines.append(stream.events.popleft())
        if stream.events:
            heapq.heappush(heap, (*_ORDER(stream.events[0]), index))
        elif stream.more:
            break
    return lines


# --- handing over the lines --------------------------------------------------------------------------------------


def handed(steps: Reading[T], take: Callable[[list[LogLine]], object]) -> Reading[T]:
    """Return the steps of a reader without its `Lines`, which are passed to `take`."""
    resume: Callable[[], Any] = partial(next, steps)
    try:
        while True:
            try:
                step = resume()
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(step, Lines):
                take(step.lines)
                resume = partial(next, steps)
                continue
            try:
                answer = yield step
            except Exception as error:
                resume = partial(steps.throw, error)
            else:
                resume = partial(steps.send, answer)
    finally:
        del resume
        steps.close()

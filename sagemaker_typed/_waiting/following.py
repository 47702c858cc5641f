"""Follows the log of one resource: by itself until the resource has finished, or beside a wait.

The last lines of a job reach CloudWatch Logs some seconds after the job has finished. So the log is read until nothing new
has come for `LAG` seconds, and for `LONGEST_LAG` seconds at most.
"""

from __future__ import annotations

import logging
import math
import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.log_line import LogLine
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._waiting.logs import LogPlace, LogReader, Reading, Since, handed, start_of
from sagemaker_typed._waiting.one import Progress
from sagemaker_typed._waiting.pacing import Clock, Timed, backoff
from sagemaker_typed._waiting.steps import LONGEST, Look, Sleep, describe
from sagemaker_typed._waiting.trouble import MOST_TEXT
from sagemaker_typed.errors import (
    InvalidRequestError,
    Problem,
    ResourceNotFoundError,
    SageMakerError,
    ThrottlingError,
    WaitError,
)

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._core.raw import RawCall
    from sagemaker_typed._waiting.options import WaitOptions
    from sagemaker_typed._waiting.spec import Waiter
    from sagemaker_typed.structure import Request

__all__ = ["LAG", "LONGEST_LAG", "LastLines", "LogEcho", "group_lines", "log_lines", "place_of"]

_log = logging.getLogger("sagemaker_typed.waiting")

LAG = 10.0
"""Seconds without a new line, after a job has finished, after which its log counts as complete."""
LONGEST_LAG = 60.0
"""Seconds after a job has finished, after which its log counts as complete."""
_PAUSES = (2.0, 10.0)
"""Seconds between two polls of a log: right after lines, and after a while without any."""
_DESCRIBES = 20.0
"""The most seconds between two polls of the resource whose log is followed."""
_PATIENCE = 120.0
"""Seconds without an answer after which a reader gives up."""
_BACKOFF = (1.0, 30.0)
"""Seconds after a failed poll: the first pause and the longest one."""
_PROMPT = 10.0
"""Seconds that a call for a log may take beside a wait, whose own polls it delays."""
_TRIES = 3
_SLACK = 60.0
"""Seconds by which the clock of this machine and that of the service may differ."""
_ENDED = ("success", "failure", "stopped")


# --- where ------------------------------------------------------------------------------------------------------------


def place_of(waiter: Waiter[Any], name: str, request: Request[Any], response: Any) -> LogPlace | None:
    """Return where the log of a resource is; None if that takes a description and there is none yet."""
    arn = getattr(response, waiter.arn, None) if waiter.arn else None
    group = waiter.log_group_of(name, arn)
    if group is None or waiter.logs is None:
        return None
    parts = [_filled(part, request) for part in waiter.logs.names.split("#")]
    return _place(group, parts)


def _place(group: str, parts: list[str]) -> LogPlace:
    pattern = r"\d+".join(map(re.escape, parts))
    whole = parts[-1] and parts[-1][-1] not in "/-"
    return LogPlace(group, parts[0], re.compile(f"{pattern}(?:/|$)" if whole else pattern))


def _filled(part: str, request: Request[Any]) -> str:
    def value(match: re.Match[str]) -> str:
        given = (getattr(request, field, None) for field in match[1].split("|"))
        return str(next((each for each in given if each is not None), ""))

    return re.sub(r"\{([\w|]+)\}", value, part)


# --- by itself --------------------------------------------------------------------------------------------------------


def log_lines(
    waiter: Waiter[Any], name: str, request: Request[Any], *, follow: bool = False, since: Since = None
) -> Task[None]:
    """Return a task that reads the log of a resource, and with `follow` keeps reading until the resource has finished.

    Raises `InvalidRequestError` for an invalid name or `since`.
    """
    if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError([Problem("name", "type", f"the name of a {waiter.noun}, not {quoted(name)}")])
    start = start_of(since)
    return lambda client: _Follower(client, waiter, name, request, start(), follow).steps()


def group_lines(group: str, prefix: str, *, follow: bool = False, since: Since = None) -> Task[None]:
    """Return a task that reads the streams of a log group whose names begin with `prefix`. Following never ends."""
    if not isinstance(group, str) or not group:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError([Problem("log_group", "type", f"the name of a log group, not {quoted(group)}")])
    start = start_of(since)
    place = LogPlace(group, prefix, re.compile(re.escape(prefix)))
    return lambda client: _Reading(client.clock, f"log group {group!r}", start(), follow, place).steps()


class LastLines:
    """Says how long to wait for the last lines of a resource that has finished."""

    def __init__(self) -> None:
        self._ended = math.inf
        self._heard = math.inf
        self._latest = math.inf

    @property
    def begun(self) -> bool:
        return self._ended < math.inf

    @property
    def due(self) -> float:
        """When the last poll is due, unless one before it brings new lines."""
        return min(self._heard + LAG, self._latest)

    def begin(self, now: float, latest: float = math.inf) -> None:
        self._ended = self._heard = now
        self._latest = max(now, min(now + LONGEST_LAG, latest))

    def over(self, heard: bool, now: float) -> bool:
        """Take the result of a poll of the log. Returns whether it was the last one."""
        if not self.begun:
            return False
        if heard:
            self._heard = now
        return now >= self.due


class _Patience:
    """Counts the polls of a log that failed in a row: how long to pause after each, and when to give up."""

    def __init__(self, who: str, clock: Clock) -> None:
        self._who = who
        self._clock = clock
        self._row = 0
        self._since = math.inf
        self._pages = 0

    def over(self) -> None:
        """Record an answered poll."""
        self._row, self._since = 0, math.inf

    def failed(self, error: SageMakerError, pages: int, *, endless: bool) -> float:
        """Return the seconds to pause after a failed poll. Raises its error if another poll is pointless.

        `pages` counts the pages so far. A poll takes many calls, so a throttled one may still make progress.
        """
        if not error.retryable:
            raise error
        now = self._clock.now()
        if pages > self._pages:
            self._pages, self._row, self._since = pages, 0, math.inf
        self._row += 1
        self._since = min(self._since, now)
        if now - self._since >= _PATIENCE and not (endless and isinstance(error, ThrottlingError)):
            raise error
        if self._row == 2:
            _log.warning("the log of %s: 2 polls in a row failed, the last with %s; polling again", self._who, error)
        return backoff(*_BACKOFF, self._row)


class _Reading:
    """The reading of one log."""

    def __init__(self, clock: Clock, who: str, start: int | None, follow: bool, place: LogPlace | None) -> None:
        self._clock = clock
        self._start = start
        self._follow = follow
        self._patience = _Patience(who, clock)
        self._reader: LogReader | None = None
        self._quiet = 0
        self._look_at = -math.inf
        if place is not None:
            self._open(place)

    def _open(self, place: LogPlace) -> None:
        self._reader = LogReader(place, self._start, lambda call: Look(call, LONGEST))

    def steps(self) -> Reading[None]:
        """Read what is there, and with `follow` what comes later."""
        while True:
            heard = yield from self._look()
            if heard is not None and not self._follow:
                return
            yield Sleep(self._look_at - self._clock.now())

    def _look(self, *, last: bool = False) -> Reading[bool | None]:
        """Poll the log and set when to poll again. Returns whether there were new lines; None if the poll failed."""
        assert self._reader is not None
        try:
            heard = yield from self._reader.look(every=last)
        except SageMakerError as error:
            pause = self._patience.failed(error, self._reader.pages, endless=self._follow and not last)
            self._look_at = self._clock.now() + pause
            return None
        self._patience.over()
        self._quiet = 0 if heard else self._quiet + 1
        self._look_at = self._clock.now() + backoff(*_PAUSES, self._quiet + 1)
        return heard


class _Follower(_Reading):
    """The reading of a resource's log, which ends when the resource has finished."""

    def __init__(
        self,
        client: Timed,
        waiter: Waiter[Any],
        name: str,
        request: Request[Any],
        start: int | None,
        follow: bool,
    ) -> None:
        clock = client.clock
        super().__init__(clock, f"{waiter.noun} {name!r}", start, follow, place_of(waiter, name, request, None))
        self._waiter = waiter
        self._request = request
        self._progress: Progress[Any] = Progress(
            waiter, name, timeout=math.inf, poll=None, now=clock.now(), clock=clock
        )
        self._describe_at = -math.inf
        self._last = LastLines()

    def steps(self) -> Reading[None]:
        if self._reader is None:
            yield from self._find()
            if self._reader is None:
                return
        if not self._follow:
            yield from super().steps()
            return
        while True:
            if self._clock.now() >= self._describe_at and not self._last.begun:
                yield from self._describe()
            if self._clock.now() >= min(self._look_at, self._last.due):
                heard = yield from self._look(last=self._last.begun)
                if heard is not None and self._last.over(heard, self._clock.now()):
                    return
            due = self._last.due if self._last.begun else self._describe_at
            yield Sleep(max(0.0, min(self._look_at, due) - self._clock.now()))

    def _find(self) -> Reading[None]:
        """Describe the resource until the description says where the log is."""
        while self._progress.response is None:
            yield from self._describe()
            if self._progress.response is None:
                yield Sleep(max(0.0, self._describe_at - self._clock.now()))
        place = place_of(self._waiter, self._progress.name, self._request, self._progress.response)
        if place is not None:
            self._open(place)

    def _describe(self) -> Reading[None]:
        """Describe the resource and set when to do so again."""
        progress = self._progress
        try:
            response = yield from describe(self._waiter, Look(self._request, LONGEST))
        except SageMakerError as error:
            now = self._clock.now()
            if isinstance(error, ResourceNotFoundError) and progress.response is not None:
                self._end(now)  # it was deleted
                return
            progress.unanswered(error, now)
        else:
            now = self._clock.now()
            progress.answered(response, now)
            goes_on = self._waiter.logs is not None and self._waiter.logs.goes_on
            if not goes_on and self._waiter.outcome(progress.status) in _ENDED:
                self._end(now)
        self._describe_at = now + min(_DESCRIBES, progress.delay(now))

    def _end(self, now: float) -> None:
        self._last.begin(now)
        self._look_at = now
        self._quiet = 0


# --- beside a wait ----------------------------------------------------------------------------------------------------


class LogEcho:
    """Shows the log of a resource between the polls of a wait, and adds its last lines to the error that ends the wait.

    Errors of the log are warned of once and never end the wait.
    """

    def __init__(
        self,
        clock: Clock,
        waiter: Waiter[Any],
        name: str,
        request: Request[Any],
        options: WaitOptions[Any],
        bounded: Callable[[Request[Any] | RawCall], Look],
    ) -> None:
        self._clock = clock
        self._waiter = waiter
        self._name = name
        self._request = request
        self._take: Callable[[LogLine], object] | None = options.line_taker()
        self._count = options.log_tail
        self._bounded = bounded
        self._goes_on = waiter.logs is not None and waiter.logs.goes_on
        # The log of an endpoint holds its whole history. Only what it writes from now on belongs to the wait.
        self._start = start_of(_SLACK)() if self._goes_on and self._take else None
        self._reader: LogReader | None = None
        self._pending: deque[LogLine] = deque()
        self._off = self._take is None
        self._failures = 0
        self._quiet = 0
        self._look_at = -math.inf

    @property
    def off(self) -> bool:
        """Whether the log is no longer polled."""
        return self._off

    @property
    def look_at(self) -> float:
        """When the next poll is due."""
        return self._look_at

    @property
    def goes_on(self) -> bool:
        """Whether the resource keeps writing its log after the wait has reached its state."""
        return self._goes_on

    # --- between the polls --------------------------------------------------------------------------------------------

    def rest(self, seconds: float, response: Any) -> Reading[None]:
        """Sleep `seconds` and poll the log meanwhile."""
        end = self._clock.now() + seconds
        while not self._off and self._clock.now() < end:
            if self._clock.now() >= self._look_at:
                yield from self.look(response)
            else:
                yield Sleep(min(self._look_at, end) - self._clock.now())
        if self._off:
            yield Sleep(max(0.0, end - self._clock.now()))

    def drain(self, response: Any, deadline: float, *, succeeded: bool) -> Reading[None]:
        """Show the last lines, which come some seconds after the end. Stops at the deadline."""
        now = self._clock.now()
        last = LastLines()
        last.begin(now, now if succeeded and self._goes_on else deadline)
        self._quiet = 0
        while not self._off:
            heard = yield from self.look(response, last=True)
            now = self._clock.now()
            if self._off or last.over(heard, now):
                return
            yield Sleep(max(0.0, min(self._look_at, last.due) - now))

    def look(self, response: Any, *, last: bool = False) -> Reading[bool]:
        """Poll the log and set when to poll again. Returns whether there were new lines."""
        self._give()
        reader = self._open(response)
        heard = False
        if reader is not None:
            try:
                heard = yield from handed(reader.look(every=last), self._given)
            except SageMakerError as error:
                self._failed(error)
                return False
        self._failures = 0
        self._quiet = 0 if heard else self._quiet + 1
        self._look_at = self._clock.now() + backoff(*_PAUSES, self._quiet + 1)
        return heard

    def _open(self, response: Any) -> LogReader | None:
        if self._reader is None:
            place = place_of(self._waiter, self._name, self._request, response)
            self._reader = None if place is None else LogReader(place, self._start, self._step)
        return self._reader

    def _step(self, call: RawCall) -> Look:
        look = self._bounded(call)
        return look._replace(seconds=min(look.seconds, _PROMPT))

    def _given(self, lines: list[LogLine]) -> None:
        self._pending.extend(lines)
        self._give()

    def _give(self) -> None:
        """Hand over the lines one by one, so that an interrupt in between keeps the others for later."""
        while self._pending and self._take is not None:
            self._take(self._pending.popleft())

    def _failed(self, error: SageMakerError) -> None:
        self._failures += 1
        text = shortened(str(error), MOST_TEXT)
        if not error.retryable:
            self._off = True
            _log.warning("the log of %s %r cannot be read and is not shown: %s", self._waiter.noun, self._name, text)
            return
        if self._failures == 2:
            _log.warning(
                "the log of %s %r: 2 polls in a row failed, the last with %s; polling again",
                self._waiter.noun,
                self._name,
                text,
            )
        self._look_at = self._clock.now() + backoff(*_BACKOFF, self._failures)

    # --- at the end ---------------------------------------------------------------------------------------------------

    def add_tail(self, error: WaitError, deadline: float) -> Reading[None]:
        """Add the last lines of the log to an error, if the caller wants them. Waits for lines that were not shown."""
        place = place_of(self._waiter, self._name, self._request, error.response) if self._count else None
        if place is None:
            return
        if self._take is None:
            yield Sleep(max(0.0, min(LAG, deadline - self._clock.now())))
        reader = LogReader(place, None, self._step)
        for attempt in range(1, _TRIES + 1):
            try:
                error.log_tail = tuple((yield from reader.tail(self._count)))
                break
            except SageMakerError as failure:
                text = shortened(str(failure), MOST_TEXT)
                if attempt == _TRIES or not failure.retryable:
                    _log.warning("the log of %s %r cannot be read: %s", self._waiter.noun, self._name, text)
                    error.add_note(f"its log in {place.group} cannot be read: {text}")
                    return
            yield Sleep(backoff(*_BACKOFF, attempt))
        error.add_note(_note(error.log_tail, place.group))


def _note(lines: tuple[LogLine, ...], group: str) -> str:
    if not lines:
        return f"its log in {group} is empty"
    texts = [f"  {shortened(str(line), MOST_TEXT)}" for line in lines]
    return "\n".join([f"the last {len(lines)} lines of its log in {group}:", *texts])


late(log_lines)

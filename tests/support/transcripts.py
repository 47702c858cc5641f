"""What a wait or a run does, as lines of text: each call with its moment and its time, each tick, each log record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sagemaker_typed.structure import Request
from sagemaker_typed.waiting import BatchEvent, WaitEvent, WaitReport
from tests.support.account import Account
from tests.support.simulated import Service

BEGIN = 1000.0
_LOGGER = logging.getLogger("sagemaker_typed.waiting")


class Transcript(logging.Handler):
    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._now = now

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"    {record.levelname}: {record.getMessage()}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        level = _LOGGER.level
        _LOGGER.addHandler(self)
        _LOGGER.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            _LOGGER.setLevel(level)
            _LOGGER.removeHandler(self)

    def call(self, request: Request[Any], seconds: float, send: Callable[[], Any]) -> Any:
        what = type(request).__name__.partition("Compilation")[0]
        name = getattr(request, "compilation_job_name", "") or getattr(request, "next_token", "") or ""
        line = f"{self._now() - BEGIN:g} {what} {name}".rstrip() + f" within {seconds:g}"
        try:
            answer = send()
        except BaseException as error:
            self.lines.append(f"{line}: {type(error).__name__}")
            raise
        self.lines.append(line)
        return answer

    def tick(self, event: BatchEvent) -> None:
        states = ", ".join(f"{count} {state}" for state, count in sorted(event.states.items()))
        changed = ", ".join(f"{name} {state}" for name, state in sorted(event.changed.items()))
        calls = f"{event.list_calls}+{event.describe_calls} calls"
        self.lines.append(
            f"  = {event.elapsed:g}, {event.remaining:g} left: {event.done} of {event.total}: {states or '-'}; "
            f"{changed or '-'}; slowest {event.slowest}; {calls}"
        )

    def look(self, event: WaitEvent[Any]) -> None:
        """A poll of a wait on one."""
        said = f", {type(event.error).__name__}" if event.error is not None else ""
        changed = ", changed" if event.changed else ""
        self.lines.append(
            f"  = {event.elapsed:g}, {event.remaining:g} left: {event.name} {event.status}{changed}{said}; {event.polls} polls"
        )

    def report(self, report: WaitReport[Any]) -> None:
        for place in ("succeeded", "failed", "stopped", "missing", "pending"):
            for name, outcome in getattr(report, place).items():
                said = ": " + str(outcome).replace("\n", " | ") if isinstance(outcome, Exception) else ""
                self.lines.append(f"{place}: {name}{said}")
        counts = (report.list_calls, report.describe_calls, report.create_calls)
        self.lines.append(f"{report.elapsed:g} seconds, calls: {', '.join(map(str, counts))}")


class ToldAccount(Account):
    """An account whose calls are written down."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told = Transcript(lambda: self.time.now)

    def _look(self, request: Request[Any], seconds: float) -> Any:
        return self.told.call(request, seconds, lambda: super(ToldAccount, self)._look(request, seconds))


class ToldService(Service):
    """A service whose calls are written down."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told = Transcript(lambda: self.time.now)

    def look(self, request: Request[Any], seconds: float) -> Any:
        return self.told.call(request, seconds, lambda: super(ToldService, self).look(request, seconds))


def transcript(told: Transcript, act: Callable[[], Any]) -> list[str]:
    """The lines of what `act` does, its report or the last description, and the error that it ends with."""
    with told.listening():
        try:
            report: Any = act()
        except BaseException as error:
            notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
            told.lines.append(f"{type(error).__name__}: {error}{notes}".replace("\n", " | "))
            report = getattr(error, "report", None)
    if isinstance(report, WaitReport):
        told.report(report)
    elif report is not None:
        told.lines.append(f"{report.compilation_job_name} is {report.compilation_job_status}")
    return told.lines

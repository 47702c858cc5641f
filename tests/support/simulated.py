"""Compilation jobs that live by a clock, without HTTP: descriptions, pages of a list, time that calls take, and faults."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sagemaker_typed import errors, from_boto3
from sagemaker_typed._core.failures import api_error
from sagemaker_typed._core.group import Task
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._waiting.run import run
from sagemaker_typed.resources.compilation_jobs import CompilationJobs
from sagemaker_typed.structure import Request
from sagemaker_typed.types import (
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    ListCompilationJobsRequest,
    ListCompilationJobsResponse,
    StopCompilationJobRequest,
)
from sagemaker_typed.types._service import SERVICE
from sagemaker_typed.waiting import Clock, Pacing

R = TypeVar("R")
Fault = BaseException | None

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def api(
    code: str, message: str = "no", status: int = 400, operation: str = "DescribeCompilationJob"
) -> errors.ApiError:
    """The typed error that an error of the service becomes."""
    from botocore.exceptions import ClientError

    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return api_error(ClientError(response, operation), Operation(operation, "x"), SERVICE)


class JumpyTime:
    """Time that passes when somebody sleeps, now and then more of it than was asked for; and a user who presses Ctrl-C."""

    def __init__(
        self, *, share: float = 1.0, jumps: Mapping[int, float] | None = None, interrupts: Iterable[int] = ()
    ) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._jumps = jumps or {}
        self._interrupts = set(interrupts)
        self.clock = Clock(
            now=lambda: self.now, sleep=self._sleep, uniform=lambda low, high: low + (high - low) * share
        )

    def _sleep(self, seconds: float) -> None:
        turn = len(self.slept)
        self.slept.append(seconds)
        if turn in self._interrupts:
            raise KeyboardInterrupt
        self.now += seconds + self._jumps.get(turn, 0.0)


class Job(NamedTuple):
    """What becomes of one job, and when, in seconds since the beginning."""

    states: tuple[tuple[float, str | None], ...]
    """(since when, status); None is gone. Before the first it is not there."""
    created: float = -60.0
    listed_late: float = 0.0
    """The list shows each state so much later."""


class Service:
    """A sender: answers Describe, List and Stop for its jobs."""

    def __init__(
        self,
        time: JumpyTime,
        jobs: Mapping[str, Job],
        *,
        latency: float = 0.0,
        page: int = 100,
        fault: Callable[[int, Request[Any]], Fault] = lambda turn, request: None,
        pacing: Pacing | None = None,
    ) -> None:
        self.time = time
        self.clock = time.clock
        self.pacing = pacing or Pacing()
        self.jobs = dict(jobs)
        self.calls: Counter[str] = Counter()
        self.begun: list[float] = []
        self.lists: dict[tuple[str | None, str | None, datetime | None], None] = {}
        """What its lists were sorted by and how, and after which time: each once, in the order in which they came."""
        self.stopped: list[str] = []
        self._start = time.now
        self._latency = latency
        self._page = page
        self._fault = fault
        # By time of creation; the sort is of Python, and stable.
        self._order = sorted(self.jobs, key=lambda name: self.jobs[name].created)

    @property
    def group(self) -> CompilationJobs:
        sender: Any = self
        return CompilationJobs(sender)

    def status(self, name: str, *, late: float = 0.0) -> str | None:
        """What is true now."""
        job, now = self.jobs.get(name), self.time.now - self._start - late
        if job is None:
            return None
        reached = [status for since, status in job.states if since <= now]
        return reached[-1] if reached else None

    def _run(self, task: Task[R], /) -> R:
        return run(task(self), self.send, self.look, self.clock.sleep)

    def send(self, request: Request[R], /) -> R:
        return self.look(request, math.inf)

    def look(self, request: Request[R], seconds: float) -> R:
        self.begun.append(self.time.now)
        turn = sum(self.calls.values())
        self.calls[type(request).__name__.removesuffix("Request").removesuffix("CompilationJobs")] += 1
        self.time.now += min(self._latency, seconds)
        if self._latency > seconds:
            raise errors.TransportError(f"no answer within {seconds:.1f} seconds")
        fault = self._fault(turn, request)
        if fault is not None:
            raise copy.copy(fault)  # notes are for one
        answer: Any = None
        if isinstance(request, DescribeCompilationJobRequest):
            answer = self._describe(request.compilation_job_name)
        elif isinstance(request, ListCompilationJobsRequest):
            answer = self._list(request)
        elif isinstance(request, StopCompilationJobRequest):
            self._stop(request.compilation_job_name)
        else:
            raise AssertionError(request)
        return answer  # type: ignore[no-any-return]

    def _describe(self, name: str) -> DescribeCompilationJobResponse:
        status = self.status(name)
        if status is None:
            raise api("ResourceNotFound", f"Could not find compilation job '{name}'.")
        return from_boto3(
            DescribeCompilationJobResponse,
            {"CompilationJobName": name, "CompilationJobStatus": status, "CreationTime": self._created(name)},
        )

    def _list(self, request: ListCompilationJobsRequest) -> ListCompilationJobsResponse:
        self.lists[request.sort_by, request.sort_order, request.creation_time_after] = None
        after = request.creation_time_after
        names = sorted(self._order, key=self._sort_key(str(request.sort_by or "CreationTime")))
        if request.sort_order == "Descending":
            names.reverse()
        begin = int(request.next_token or 0)
        shown: list[dict[str, Any]] = []
        position = begin
        for position in range(begin, len(names)):
            if len(shown) == self._page:
                break
            name = names[position]
            status = self.status(name, late=self.jobs[name].listed_late)
            if status is None or (after is not None and self._created(name) <= after):
                continue
            shown.append(
                {"CompilationJobName": name, "CompilationJobStatus": status, "CreationTime": self._created(name)}
            )
        else:
            position = len(names)
        token = {"NextToken": str(position)} if position < len(names) else {}
        return from_boto3(ListCompilationJobsResponse, {"CompilationJobSummaries": shown, **token})

    def _sort_key(self, sort_by: str) -> Callable[[str], Any]:
        return {
            "CreationTime": lambda name: self.jobs[name].created,
            "Name": lambda name: name,
            "Status": lambda name: str(self.status(name)),
        }[sort_by]

    def _stop(self, name: str) -> None:
        status = self.status(name)
        if status is None:
            raise api("ResourceNotFound", operation="StopCompilationJob")
        if status not in ("STARTING", "INPROGRESS"):
            raise api("ValidationException", "it has ended", operation="StopCompilationJob")
        self.stopped.append(name)
        now = self.time.now - self._start
        job = self.jobs[name]
        past = tuple(state for state in job.states if state[0] <= now)
        self.jobs[name] = job._replace(states=(*past, (now, "STOPPING"), (now + 30, "STOPPED")))

    def _created(self, name: str) -> datetime:
        return EPOCH + timedelta(seconds=self.jobs[name].created)


def steady(*states: str | None, every: float = 300.0, first: float = -60.0, created: float = -60.0) -> Job:
    """One state after the other, at a steady pace."""
    since = (first, *(every * step for step in range(1, len(states))))
    return Job(tuple(zip(since, states, strict=True)), created=created)

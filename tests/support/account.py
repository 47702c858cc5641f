"""An account in which compilation jobs are created, live and end, without HTTP: quotas, lost answers, interruptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from sagemaker_typed import errors, from_boto3, to_boto3
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.creating import Kinds
from sagemaker_typed._waiting.run import run
from sagemaker_typed._waiting.running import run_all
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.structure import Request
from sagemaker_typed.types import (
    CreateCompilationJobRequest,
    CreateCompilationJobResponse,
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    InputConfig,
    ListCompilationJobsRequest,
    ListCompilationJobsResponse,
    OutputConfig,
    StopCompilationJobRequest,
    StoppingCondition,
)
from sagemaker_typed.waiting import Pacing, WaitReport
from tests.support.simulated import EPOCH, JumpyTime, api

R = TypeVar("R")


class Killed(BaseException):
    """The end of a process."""


class Life(NamedTuple):
    """How long a job runs, in seconds, and how it ends."""

    seconds: float = 100.0
    end: str = "COMPLETED"


class Fault(NamedTuple):
    """What happens to a call: an error, before the service acts or after."""

    error: Callable[[], BaseException]
    after: bool = False


THROTTLED = Fault(lambda: api("ThrottlingException", "Rate exceeded", operation="CreateCompilationJob"))
LOST = Fault(lambda: errors.TransportError("cut off"), after=True)
NEVER_SENT = Fault(lambda: errors.TransportError("refused"))
FAILED_AFTER = Fault(lambda: api("InternalFailure", status=500, operation="CreateCompilationJob"), after=True)
FAILED_BEFORE = Fault(lambda: api("ServiceUnavailable", status=503, operation="CreateCompilationJob"))
KILLED = Fault(Killed)
KILLED_AFTER = Fault(Killed, after=True)
CTRL_C = Fault(KeyboardInterrupt)
CTRL_C_AFTER = Fault(KeyboardInterrupt, after=True)


class _Job(NamedTuple):
    request: CreateCompilationJobRequest
    begun: float
    ends: float
    end: str


def request(name: str, *, framework: str = "PYTORCH") -> CreateCompilationJobRequest:
    return CreateCompilationJobRequest(
        compilation_job_name=name,
        role_arn="arn:aws:iam::123456789012:role/neo",
        input_config=InputConfig(s3_uri=f"s3://models/{name}.tar.gz", framework=framework),  # type: ignore[arg-type]
        output_config=OutputConfig(s3_output_location="s3://models/out", target_device="ml_c5"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision"},
    )


class Account:
    """A sender for compilation jobs."""

    def __init__(
        self,
        time: JumpyTime,
        *,
        life: Callable[[str], Life] = lambda name: Life(),
        quota: int = 1000,
        faults: Iterable[Fault | None] = (),
        shown_after: float = 0.0,
        at_once: int = 1,
    ) -> None:
        """`faults` come call by call; a new job is described and listed only `shown_after` so many seconds."""
        self.time, self.clock = time, time.clock
        self.pacing = Pacing(at_once=at_once)
        self.quota = quota
        self.calls: Counter[str] = Counter()
        self.accepted: list[str] = []
        self.refused: Counter[str] = Counter()
        """Why creations were refused: taken, quota."""
        self.most = 0
        """The most jobs that ran at the same time."""
        self.jobs: dict[str, _Job] = {}
        self._life, self._faults, self._shown_after = life, iter(faults), shown_after

    # --- the client ---------------------------------------------------------------------------------------------------

    def run_all(self, requests: Iterable[Any], **options: Any) -> WaitReport[DescribeCompilationJobResponse]:
        from sagemaker_typed._waiting.options import RunOptions

        chosen = RunOptions(**options)
        kinds = Kinds(RUNS, waiter_of, look=chosen.exist_ok is not False)
        return self._run(run_all(kinds.creations(requests), chosen))

    def _run(self, task: Task[R], /) -> R:
        return run(task(self), self.send, self._look, self.clock.sleep, at_once=self.pacing.at_once)

    def send(self, request: Request[R], /) -> R:
        return self._look(request, 60)

    def _look(self, request: Request[R], seconds: float) -> R:
        self.calls[type(request).__name__.partition("Compilation")[0]] += 1
        fault = next(self._faults, None)
        if fault is not None and not fault.after:
            raise fault.error()
        answer = self._answer(request)
        if fault is not None:
            raise fault.error()
        return answer  # type: ignore[no-any-return]

    def _answer(self, request: Any) -> Any:
        if isinstance(request, CreateCompilationJobRequest):
            return self._create(request)
        if isinstance(request, DescribeCompilationJobRequest):
            return self._describe(request.compilation_job_name)
        if isinstance(request, ListCompilationJobsRequest):
            return self._list(request)
        assert isinstance(request, StopCompilationJobRequest)
        return self._stop(request.compilation_job_name)

    # --- the service --------------------------------------------------------------------------------------------------

    def running(self) -> list[str]:
        return [name for name, job in self.jobs.items() if job.ends > self.time.now]

    def put(self, request: CreateCompilationJobRequest, *, ago: float = 0.0) -> None:
        """Have a job there that somebody created a while ago."""
        life = self._life(request.compilation_job_name)
        begun = self.time.now - ago
        self.jobs[request.compilation_job_name] = _Job(request, begun, begun + life.seconds, life.end)

    def _create(self, request: CreateCompilationJobRequest) -> CreateCompilationJobResponse:
        name = request.compilation_job_name
        if name in self.jobs:
            self.refused["taken"] += 1
            raise api("ResourceInUse", f"Cannot create already existing job {name}", operation="CreateCompilationJob")
        running = len(self.running())
        if running >= self.quota:
            self.refused["quota"] += 1
            said = (
                f"The account-level service limit 'Compilation jobs' is {self.quota} Jobs, with current utilization of "
                f"{running} Jobs and a request delta of 1 Jobs. Please contact AWS support."
            )
            raise api("ResourceLimitExceeded", said, operation="CreateCompilationJob")
        self.put(request)
        self.accepted.append(name)
        self.most = max(self.most, len(self.running()))
        return from_boto3(CreateCompilationJobResponse, {"CompilationJobArn": f"arn:aws:sagemaker:::{name}"})

    def _shown(self, name: str) -> _Job | None:
        job = self.jobs.get(name)
        return None if job is None or job.begun + self._shown_after > self.time.now else job

    def status(self, name: str) -> str:
        job = self.jobs[name]
        return job.end if job.ends <= self.time.now else "INPROGRESS"

    def _describe(self, name: str) -> DescribeCompilationJobResponse:
        job = self._shown(name)
        if job is None:
            raise api("ResourceNotFound", f"Could not find compilation job '{name}'.")
        said = {key: value for key, value in to_boto3(job.request).items() if key != "Tags"}
        times = {"CreationTime": EPOCH + timedelta(seconds=job.begun)}
        return from_boto3(DescribeCompilationJobResponse, {**said, **times, "CompilationJobStatus": self.status(name)})

    def _list(self, request: ListCompilationJobsRequest) -> ListCompilationJobsResponse:
        names = [name for name in self.jobs if self._shown(name) is not None]
        names.sort(key=lambda name: self.jobs[name].begun, reverse=str(request.sort_order) == "Descending")
        after = request.creation_time_after
        items = [
            {
                "CompilationJobName": name,
                "CompilationJobStatus": self.status(name),
                "CreationTime": EPOCH + timedelta(seconds=self.jobs[name].begun),
            }
            for name in names
            if after is None or EPOCH + timedelta(seconds=self.jobs[name].begun) > after
        ]
        begin = int(request.next_token or 0)
        token = {"NextToken": str(begin + 100)} if begin + 100 < len(items) else {}
        page = {"CompilationJobSummaries": items[begin : begin + 100], **token}
        return from_boto3(ListCompilationJobsResponse, page)

    def _stop(self, name: str) -> None:
        job = self._shown(name)
        if job is None:
            raise api("ResourceNotFound", operation="StopCompilationJob")
        if job.ends <= self.time.now:
            raise api("ValidationException", "it has ended", operation="StopCompilationJob")
        self.jobs[name] = job._replace(ends=self.time.now + 5, end="STOPPED")

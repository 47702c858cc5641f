"""Waiting, driven by a clock of its own: no test sleeps."""

from __future__ import annotations

import logging
import pickle
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed import Pacing, SageMaker, WaitEvent, errors, from_boto3
from sagemaker_typed._core.failures import api_error
from sagemaker_typed._core.group import Task
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._waiting.run import run
from sagemaker_typed.resources.compilation_jobs import CompilationJobs
from sagemaker_typed.structure import Request
from sagemaker_typed.types import (
    CompilationJobStatus,
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    StopCompilationJobRequest,
)
from sagemaker_typed.types._service import SERVICE
from tests.support.clock import FakeTime
from tests.support.model_server import ModelServer

R = TypeVar("R")
Step = str | Exception | type[BaseException] | dict[str, Any]


class Script:
    """A sender that answers Describe with one step after the other; the last one stays."""

    def __init__(self, *steps: Step, time: FakeTime | None = None) -> None:
        self.steps = list(steps)
        self.time = time or FakeTime()
        self.clock = self.time.clock
        self.pacing = Pacing()
        self.requests: list[Request[Any]] = []
        self.stops: list[Exception | None] = []
        self.bounds: list[float] = []
        """The seconds that each look had."""

    def _run(self, task: Task[R], /) -> R:
        return run(task(self), self.send, self.look, self.clock.sleep)

    def send(self, request: Request[R], /) -> R:
        self.requests.append(request)
        if isinstance(request, StopCompilationJobRequest):
            if self.stops and (step := self.stops.pop(0)) is not None:
                raise step
            return None  # type: ignore[return-value]
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception) or (isinstance(step, type) and issubclass(step, BaseException)):
            raise step
        body = step if isinstance(step, dict) else {"CompilationJobStatus": step}
        return from_boto3(DescribeCompilationJobResponse, {"CompilationJobName": "job", **body})  # type: ignore[return-value]

    def look(self, request: Request[R], seconds: float) -> R:
        self.bounds.append(seconds)
        return self.send(request)

    @property
    def describes(self) -> int:
        return sum(isinstance(request, DescribeCompilationJobRequest) for request in self.requests)


def jobs(script: Script) -> CompilationJobs:
    sender: Any = script
    return CompilationJobs(sender)


def api(code: str, message: str = "no", status: int = 400) -> errors.ApiError:
    from botocore.exceptions import ClientError

    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return api_error(ClientError(response, "DescribeCompilationJob"), Operation("DescribeCompilationJob", "x"), SERVICE)


def test_success_returns_the_last_description_without_a_further_call() -> None:
    script = Script("STARTING", "INPROGRESS", "COMPLETED")
    job = jobs(script).wait_until_completed("job")
    assert job.compilation_job_status is CompilationJobStatus.COMPLETED
    assert script.describes == 3


def test_failure_carries_what_is_known() -> None:
    body = {
        "CompilationJobStatus": "FAILED",
        "FailureReason": "ClientError: InputConfiguration: bad shape",
        "CompilationJobArn": "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/job",
    }
    script = Script("STARTING", body)
    with pytest.raises(errors.WaitFailedError) as caught:
        jobs(script).wait_until_completed("job", poll=250)
    error = caught.value
    assert str(error) == (
        "compilation job 'job' failed after 4m10s: ClientError: InputConfiguration: bad shape (last state FAILED)"
    )
    assert (error.name, error.status, error.reason) == ("job", "FAILED", "ClientError: InputConfiguration: bad shape")
    assert error.arn == body["CompilationJobArn"]
    assert (error.elapsed, error.polls, error.log_group) == (250, 2, "/aws/sagemaker/CompilationJobs")
    assert isinstance(error.response, DescribeCompilationJobResponse)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.response, again.polls, type(again)) == (str(error), error.response, 2, type(error))


def test_an_empty_reason_is_none() -> None:
    with pytest.raises(errors.WaitFailedError, match=r"failed after 0s \(last state FAILED\)") as caught:
        jobs(Script({"CompilationJobStatus": "FAILED", "FailureReason": ""})).wait_until_completed("job")
    assert caught.value.reason is None


def test_stopped_is_an_outcome_of_its_own() -> None:
    with pytest.raises(errors.WaitStoppedError, match="was stopped"):
        jobs(Script("STOPPING", "STOPPED")).wait_until_completed("job")


def test_the_last_look_falls_on_the_deadline() -> None:
    script = Script("INPROGRESS")
    with pytest.raises(errors.WaitTimeoutError, match="was not completed within 1m40s") as caught:
        jobs(script).wait_until_completed("job", timeout=100, poll=30)
    assert script.time.slept == [30, 30, 30, 10]
    assert script.describes == 5
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.elapsed == 100


def test_a_timeout_of_zero_looks_once() -> None:
    script = Script("INPROGRESS")
    with pytest.raises(errors.WaitTimeoutError):
        jobs(script).wait_until_completed("job", timeout=0)
    assert (script.describes, script.time.slept) == (1, [])


def test_the_default_timeout_is_finite() -> None:
    script = Script("INPROGRESS")
    with pytest.raises(errors.WaitTimeoutError) as caught:
        jobs(script).wait_until_completed("job")
    assert caught.value.elapsed == 7200


def test_the_delay_grows_to_its_ceiling() -> None:
    script = Script("INPROGRESS")
    with pytest.raises(errors.WaitTimeoutError):
        jobs(script).wait_until_completed("job", timeout=120)
    assert script.time.slept == [2, 4, 8, 16, 30, 30, 30]


def test_the_delay_is_drawn_between_the_floor_and_the_ceiling() -> None:
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    with pytest.raises(errors.WaitTimeoutError):
        jobs(Script("INPROGRESS", time=FakeTime(draw=draw))).wait_until_completed("job", timeout=8)
    assert drawn == [(2, 2), (2, 4), (2, 8), (2, 16)]


@pytest.mark.parametrize("poll", [5, timedelta(seconds=5)])
def test_poll_fixes_the_delay(poll: float | timedelta) -> None:
    script = Script("STARTING", "INPROGRESS", "COMPLETED")
    jobs(script).wait_until_completed("job", timeout=timedelta(minutes=1), poll=poll)
    assert script.time.slept == [5, 5]


@pytest.mark.parametrize(
    "error",
    [
        api("ThrottlingException"),
        api("InternalFailure", status=500),
        api("ServiceUnavailable", status=503),
        errors.TransportError("cut off"),
    ],
    ids=str,
)
def test_what_can_heal_does_not_end_the_wait(error: errors.SageMakerError) -> None:
    script = Script("STARTING", error, error, "COMPLETED")
    job = jobs(script).wait_until_completed("job")
    assert job.compilation_job_status == "COMPLETED"
    assert script.describes == 4


def test_an_answer_that_never_comes_ends_in_a_timeout_that_says_so() -> None:
    with pytest.raises(
        errors.WaitTimeoutError, match=r"the last poll failed with .*Throttling.* \(last state none seen\)"
    ):
        jobs(Script(api("ThrottlingException"))).wait_until_completed("job", timeout=60)


def test_a_failed_look_after_a_failed_job_is_not_mixed_up() -> None:
    # The status seen before the error must not be judged again as if it had just been seen.
    script = Script("INPROGRESS", errors.TransportError("cut off"), "FAILED")
    with pytest.raises(errors.WaitFailedError):
        jobs(script).wait_until_completed("job")


@pytest.mark.parametrize(
    "error",
    [
        api("AccessDeniedException"),
        api("ExpiredTokenException"),
        api("ValidationException"),
        errors.CredentialsError("none"),
    ],
    ids=str,
)
def test_what_cannot_heal_ends_the_wait_at_once(error: errors.SageMakerError) -> None:
    script = Script("STARTING", error, "COMPLETED")
    with pytest.raises(type(error)):
        jobs(script).wait_until_completed("job")
    assert script.describes == 2


def test_a_job_just_created_may_not_be_visible_yet() -> None:
    script = Script(api("ResourceNotFound"), api("ResourceNotFound"), "COMPLETED")
    assert jobs(script).wait_until_completed("job").compilation_job_status == "COMPLETED"


def test_the_grace_is_short() -> None:
    script = Script(api("ResourceNotFound"))
    with pytest.raises(errors.ResourceNotFoundError):
        jobs(script).wait_until_completed("job")
    assert script.time.now - 1000 < 30


def test_a_slow_poll_looks_once_more_when_the_grace_is_over() -> None:
    script = Script(api("ResourceNotFound"))
    with pytest.raises(errors.ResourceNotFoundError):
        jobs(script).wait_until_completed("job", poll=300)
    assert script.time.slept == [10]
    script = Script(api("ResourceNotFound"))
    with pytest.raises(errors.ResourceNotFoundError):
        jobs(script).wait_until_completed("job", poll=4)
    assert script.time.slept == [4, 4, 2]


def test_a_job_that_was_there_and_is_gone_is_an_error_at_once() -> None:
    script = Script("STARTING", api("ResourceNotFound"))
    with pytest.raises(errors.ResourceNotFoundError):
        jobs(script).wait_until_completed("job")
    assert script.describes == 2


@pytest.mark.parametrize(
    ("seen", "slept"),
    [
        (["InService old", "Updating old", "InService new"], [4, 4]),
        # It was updating, and is back with what it had: the update was rolled back.
        (["Updating old", "InService old", "InService new"], [4]),
        # The update may begin late, but not later than the grace.
        (["InService old"], [4, 4, 4]),
    ],
)
def test_an_update_is_over_when_the_new_configuration_is_in_service(seen: list[str], slept: list[float]) -> None:
    time = FakeTime()
    with ModelServer() as server:
        sm = SageMaker(client=server.client())
        sm.clock = time.clock
        for look in [*seen, *seen[-1:] * 9]:
            status, config = look.split()
            answer = server.sample("DescribeEndpoint") | {"EndpointStatus": status, "EndpointConfigName": config}
            server.respond("DescribeEndpoint", answer, times=1)
        if len(seen) == 3 and seen[1].startswith("Updating"):
            assert (
                sm.endpoints.wait_until_updated("e", endpoint_config_name="new", poll=4).endpoint_config_name == "new"
            )
        else:
            with pytest.raises(
                errors.WaitFailedError, match="it is back with endpoint_config_name 'old' and not 'new'"
            ):
                sm.endpoints.wait_until_updated("e", endpoint_config_name="new", poll=4)
    assert time.slept == slept


def test_long_texts_of_the_service_are_cut_in_messages_and_whole_in_attributes(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "r" * 1024
    failed = {"CompilationJobStatus": "FAILED", "FailureReason": reason}
    with pytest.raises(errors.WaitFailedError, match=f": {reason} "):  # the most that SageMaker sends
        jobs(Script(failed)).wait_until_completed("job")
    large = "no " * 100_000
    caplog.set_level(logging.DEBUG, "sagemaker_typed.waiting")
    with pytest.raises(errors.WaitFailedError) as ended:
        jobs(Script({**failed, "FailureReason": large})).wait_until_completed("job", progress=True)
    assert ended.value.reason == large
    with pytest.raises(errors.WaitTimeoutError) as unknown:
        jobs(Script("PONDERING" * 10_000)).wait_until_completed("job", timeout=10, progress=True)
    assert unknown.value.status == "PONDERING" * 10_000
    assert "which this version does not know" in str(unknown.value)
    with pytest.raises(errors.WaitTimeoutError, match="the last poll failed with") as throttled:
        jobs(Script(api("ThrottlingException", large))).wait_until_completed("job", timeout=100, progress=True)
    texts = [str(caught.value) for caught in (ended, unknown, throttled)]
    texts += [record.getMessage() for record in caplog.records]
    texts += capsys.readouterr().err.splitlines()
    assert max(map(len, texts)) < 1500


def test_a_status_nobody_knows_is_neither_success_nor_failure(caplog: pytest.LogCaptureFixture) -> None:
    script = Script("STARTING", "PONDERING", "PONDERING", "COMPLETED")
    with caplog.at_level(logging.WARNING, "sagemaker_typed"):
        jobs(script).wait_until_completed("job")
    assert [record.getMessage() for record in caplog.records if "PONDERING" in record.getMessage()] == [
        "compilation job 'job' has the status 'PONDERING', which this version does not know; still waiting"
    ]
    with pytest.raises(errors.WaitTimeoutError, match="last state PONDERING, which this version does not know"):
        jobs(Script("PONDERING")).wait_until_completed("job", timeout=10)


def test_one_line_a_change_and_an_event_a_look(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    events: list[WaitEvent[DescribeCompilationJobResponse]] = []
    script = Script("STARTING", "STARTING", errors.TransportError("cut off"), "COMPLETED")
    with caplog.at_level(logging.INFO, "sagemaker_typed"):
        jobs(script).wait_until_completed("job", poll=1, timeout=60, on_poll=events.append)
    assert [record.getMessage() for record in caplog.records] == [
        "compilation job 'job': STARTING",
        "compilation job 'job': COMPLETED",
    ]
    assert [(event.status, event.changed, event.polls) for event in events] == [
        ("STARTING", True, 1),
        ("STARTING", False, 2),
        (None, False, 3),
        ("COMPLETED", True, 4),
    ]
    assert events[0].remaining == 60
    assert isinstance(events[2].error, errors.TransportError)
    assert events[3].response is not None
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_leaves_the_job_running_and_says_how_to_stop_it() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    script = Script("INPROGRESS", time=time)
    with pytest.raises(KeyboardInterrupt) as caught:
        jobs(script).wait_until_completed("job")
    assert caught.value.__notes__ == ["compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"]
    assert not any(isinstance(request, StopCompilationJobRequest) for request in script.requests)


def test_an_interrupt_says_that_a_missing_job_was_not_found() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    with pytest.raises(KeyboardInterrupt) as caught:
        jobs(Script(api("ResourceNotFound"), time=time)).wait_until_completed("job")
    assert caught.value.__notes__ == ["compilation job 'job' was not found"]


def test_stop_on_interrupt_stops_the_job_and_waits_until_it_has() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    script = Script("INPROGRESS", "STOPPING", "STOPPED", time=time)
    with pytest.raises(errors.WaitStoppedError):
        jobs(script).wait_until_completed("job", stop_on_interrupt=True)
    assert [type(request).__name__ for request in script.requests[1:3]] == [
        "StopCompilationJobRequest",
        "DescribeCompilationJobRequest",
    ]


def test_a_stop_that_is_throttled_is_tried_again() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    script = Script("INPROGRESS", "INPROGRESS", "STOPPING", "STOPPED", time=time)
    script.stops = [api("ThrottlingException")]
    with pytest.raises(errors.WaitStoppedError):
        jobs(script).wait_until_completed("job", stop_on_interrupt=True)
    assert sum(isinstance(request, StopCompilationJobRequest) for request in script.requests) == 2


def test_a_stop_that_came_too_late_does_not_hide_the_result() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    script = Script("INPROGRESS", "COMPLETED", time=time)
    script.stops = [api("ValidationException")]
    assert jobs(script).wait_until_completed("job", stop_on_interrupt=True).compilation_job_status == "COMPLETED"


def test_a_stop_that_is_refused_is_said() -> None:
    time = FakeTime()
    time.interrupts.append(0)
    script = Script("INPROGRESS", time=time)
    script.stops = [api("AccessDeniedException")]
    with pytest.raises(errors.AccessDeniedError) as caught:
        jobs(script).wait_until_completed("job", stop_on_interrupt=True)
    assert caught.value.__notes__ == ["compilation job 'job' continues: it could not be stopped"]


def test_a_second_interrupt_is_heard() -> None:
    time = FakeTime()
    time.interrupts += [0, 0]
    with pytest.raises(KeyboardInterrupt):
        jobs(Script("INPROGRESS", time=time)).wait_until_completed("job", stop_on_interrupt=True)


@pytest.mark.parametrize(
    "arguments", [{"timeout": -1}, {"timeout": float("nan")}, {"timeout": "10m"}, {"poll": 0}, {"poll": True}]
)
def test_bad_times_are_refused_before_anything_is_sent(arguments: dict[str, Any]) -> None:
    script = Script("COMPLETED")
    with pytest.raises(errors.InvalidRequestError, match=next(iter(arguments))):
        jobs(script).wait_until_completed("job", **arguments)
    assert script.requests == []


_STEPS = st.one_of(
    st.sampled_from(["STARTING", "INPROGRESS", "STOPPING", "STOPPED", "FAILED", "COMPLETED", "PONDERING", ""]),
    st.sampled_from([api("ThrottlingException"), api("InternalFailure", status=500), errors.TransportError("cut off")]),
    st.sampled_from([api("AccessDeniedException"), api("ResourceNotFound")]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nothing is timed here
@given(steps=st.lists(_STEPS, min_size=1, max_size=30), timeout=st.floats(0, 500), share=st.floats(0, 1))
def test_every_wait_ends_in_time_and_never_calls_success_what_is_not(
    steps: list[Step], timeout: float, share: float
) -> None:
    time = FakeTime(draw=lambda low, high: low + (high - low) * share)
    script = Script(*steps, time=time)
    try:
        job = jobs(script).wait_until_completed("job", timeout=timeout)
    except errors.SageMakerError:
        pass
    else:
        assert job.compilation_job_status == "COMPLETED"
    assert time.now - 1000 <= timeout + 1e-6
    assert all(seconds >= 0 for seconds in time.slept)

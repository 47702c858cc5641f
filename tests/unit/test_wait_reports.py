"""Whatever leaves a wait on many carries its report; looks at many run at the same time, and in the caller's order."""

from __future__ import annotations

import _thread
import contextvars
import gc
import pickle
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed import Pacing, WaitReport, errors, from_boto3
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.many import carry
from sagemaker_typed._waiting.run import run
from sagemaker_typed._waiting.steps import Look, Sleep, Steps, Together
from sagemaker_typed.resources.compilation_jobs import _COMPLETED
from sagemaker_typed.resources.endpoints import Endpoints
from sagemaker_typed.structure import Request
from sagemaker_typed.types import (
    DescribeCompilationJobRequest,
    DescribeEndpointInput,
    DescribeEndpointOutput,
    ListCompilationJobsRequest,
    ListEndpointsInput,
    ListEndpointsOutput,
)
from sagemaker_typed.waiting import BatchEvent, WaitOptions, wait_all
from tests.support.clock import FakeTime
from tests.support.simulated import Job, JumpyTime, Service, api, steady

R = TypeVar("R")
PATIENCE = 20.0
"""Seconds after which a test that hangs fails."""


class OddError(Exception):
    """Of a callback."""


@attrs.frozen
class FrozenError(Exception):
    """Refuses attributes."""


class ReportingError(Exception):
    """Has a report of its own."""

    report = "mine"


class UnsettableError(Exception):
    @property
    def report(self) -> None:
        """Cannot be set."""


def names(count: int) -> list[str]:
    return [f"job-{number}" for number in range(count)]


def mixed(count: int = 20, **options: Any) -> Service:
    """Half of them end soon, and in each way."""
    ends = ("COMPLETED", "FAILED", "STOPPED", None)
    jobs = {
        name: Job(((-60, "INPROGRESS"), (10.0, ends[number % 4]))) if number % 2 else steady("INPROGRESS")
        for number, name in enumerate(names(count))
    }
    return Service(JumpyTime(), jobs, **options)


def places(report: WaitReport[Any]) -> list[str]:
    groups: list[dict[str, Any]] = [report.succeeded, report.failed, report.stopped, report.pending, report.missing]
    return sorted(name for group in groups for name in group)


# --- what carries a report --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, 20])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(3), OddError("odd"), FrozenError(), api("ResourceInUse")], ids=repr
)
def test_an_error_of_a_callback_carries_the_report(error: BaseException, count: int) -> None:
    def on_poll(event: BatchEvent) -> None:
        if event.elapsed > 20:
            raise error

    with pytest.raises(type(error)) as caught:
        mixed(count).group.wait_all([*names(count), "none"], on_poll=on_poll)
    report: WaitReport[Any] = cast("Any", caught.value).report
    assert places(report) == sorted([*names(count), "none"])
    assert "none" in report.missing
    assert report.failed
    assert set(report.pending) >= {"job-0", "job-2"}
    left = report.pending["job-0"]
    assert type(left) is errors.WaitError
    assert left.status == "INPROGRESS"
    assert f"was not waited for any longer, as the wait ended with {type(error).__name__}, after" in str(left)


def test_credentials_that_expire_leave_the_report() -> None:
    def expired(turn: int, request: Any) -> Any:
        return api("ExpiredTokenException") if service.time.now > 1020 else None

    service = mixed(20, fault=expired)
    with pytest.raises(errors.ExpiredCredentialsError) as caught:
        service.group.wait_all(names(20))
    assert caught.value.report is not None
    assert places(caught.value.report) == sorted(names(20))
    assert len(caught.value.report.pending) < 20
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.report.counts == caught.value.report.counts


def test_an_error_of_the_display_carries_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: Any) -> str:
        raise OddError

    monkeypatch.setattr("sagemaker_typed._waiting.display.text_of_many", broken)
    with pytest.raises(OddError) as caught:
        mixed().group.wait_all(names(20), progress=True)
    assert places(cast("Any", caught.value).report) == sorted(names(20))


@pytest.mark.parametrize("error", [ReportingError(), UnsettableError()], ids=repr)
def test_an_error_with_a_report_of_its_own_keeps_it_and_has_the_text_as_a_note(error: Exception) -> None:
    before: Any = cast("Any", error).report
    carry(error, WaitReport())
    assert cast("Any", error).report == before
    assert error.__notes__ == ["of the wait: nothing to wait for (after 0s, 0 List and 0 Describe calls)"]


def test_an_error_that_leaves_two_waits_has_the_report_of_the_last() -> None:
    error = OddError()
    for count in (3, 5):

        def on_poll(event: BatchEvent) -> None:
            raise error

        with pytest.raises(OddError):
            mixed(count).group.wait_all(names(count), on_poll=on_poll)
        assert len(cast("Any", error).report) == count


def test_other_errors_have_no_report() -> None:
    assert errors.SageMakerError("x").report is None
    with pytest.raises(errors.InvalidRequestError) as caught:
        mixed().group.wait_all("job")
    assert caught.value.report is None


def test_a_wait_that_is_given_up_is_not_reported() -> None:
    steps: Any = wait_all(_COMPLETED, names(3), WaitOptions())(mixed(3))
    next(steps)
    steps.close()


def test_a_callback_runs_in_the_thread_of_the_caller() -> None:
    seen: set[int] = set()
    Threads(mixed(20)).group.wait_all(names(20), timeout=100, on_poll=lambda event: seen.add(threading.get_ident()))
    assert seen == {threading.get_ident()}


ANYTHING = st.sampled_from([KeyboardInterrupt, SystemExit, OddError, FrozenError, MemoryError])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(
    kind=ANYTHING,
    turn=st.integers(0, 80),
    where=st.sampled_from(["send", "sleep", "on_poll"]),
    count=st.integers(1, 30),
    stop=st.booleans(),
)
def test_each_name_is_in_one_place_whatever_is_raised_when(
    kind: type[BaseException], turn: int, where: str, count: int, stop: bool
) -> None:
    turns = iter(range(10_000))

    def raise_in(place: str) -> None:
        if place == where and next(turns) == turn:
            raise kind

    def fault(turn: int, request: Any) -> None:
        raise_in("send")

    service = mixed(count, fault=fault, latency=0.1)
    sleep = service.clock.sleep

    def interrupted_sleep(seconds: float) -> None:
        raise_in("sleep")
        sleep(seconds)

    service.clock = service.clock._replace(sleep=interrupted_sleep)
    try:
        report = service.group.wait_all(
            [*names(count), "none"], timeout=500, on_poll=lambda event: raise_in("on_poll"), stop_on_interrupt=stop
        )
    except kind as error:
        report = cast("Any", error).report
    assert places(report) == sorted([*names(count), "none"])
    assert len(report) == count + 1


def test_each_name_is_in_one_place_wherever_ctrl_c_strikes() -> None:
    """Between any two lines of the library: as a signal does, and not only where a step is taken."""
    import sys

    from sagemaker_typed._waiting import many, one, steps

    files = {module.__file__ for module in (many, one, steps)}

    def at(line: int) -> Callable[..., Any]:
        count = 0

        def trace(frame: Any, event: str, arg: Any) -> Any:
            nonlocal count
            if frame.f_code.co_filename not in files or frame.f_code.co_name in ("carry", "end", "_left", "together"):
                return None
            if event == "line":
                count += 1
                if count == line:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        return trace

    struck = 0
    for line in range(1, 4000, 19):
        service = mixed(8)
        previous = sys.gettrace()
        try:
            sys.settrace(at(line))
            service.group.wait_all(names(8), timeout=15)
        except KeyboardInterrupt as interrupt:
            report = getattr(interrupt, "report", None)
            if report is not None:  # it had begun, and had not ended
                struck += 1
                assert places(report) == sorted(names(8))
        finally:
            sys.settrace(previous)
    assert struck > 30


# --- at the same time -------------------------------------------------------------------------------------------------


class Threads(Service):
    """Looks in threads, as the client does."""

    def __init__(self, service: Service, at_once: int = 8) -> None:
        super().__init__(service.time, service.jobs, pacing=service.pacing)
        self.at_once = at_once
        self.lock = threading.Lock()
        self.meet: Callable[[Any], None] = lambda request: None
        self.threads: set[int] = set()

    def _run(self, task: Task[R], /) -> R:
        return run(task(self), self.send, self.look, self.clock.sleep, at_once=self.at_once)

    def look(self, request: Request[R], seconds: float) -> R:
        self.meet(request)
        with self.lock:
            self.threads.add(threading.get_ident())
            return super().look(request, seconds)


def idle_threads() -> set[threading.Thread]:
    return set(threading.enumerate())


def test_the_last_descriptions_of_3000_jobs_come_eight_at_a_time() -> None:
    service = Threads(Service(JumpyTime(), {name: steady("COMPLETED") for name in names(3000)}))
    barrier = threading.Barrier(8)

    def meet(request: Any) -> None:
        if isinstance(request, DescribeCompilationJobRequest):
            barrier.wait(PATIENCE)  # broken, and an error, if fewer than eight are under way

    service.meet = meet
    before = idle_threads()
    report = service.group.wait_all(names(3000), timeout=7200)
    assert report.counts["succeeded"] == 3000
    assert all(response.compilation_job_name == name for name, response in report.succeeded.items())
    assert service.calls["DescribeCompilationJob"] == 3000
    assert len(service.threads) <= 9
    assert idle_threads() <= before


def test_looks_at_the_same_time_keep_the_pace() -> None:
    pacing = Pacing(describe_per_second=5, most_describes=5)
    service = Threads(Service(JumpyTime(), {name: steady("COMPLETED") for name in names(200)}, pacing=pacing))
    service.group.wait_all(names(200))
    begun = sorted(service.begun)
    # After what the bucket lets through at once, five a second and no more.
    assert begun[-1] - begun[0] >= (200 - 10) / 5 - 1
    rate = max(sum(moment <= other < moment + 1 for other in begun) for moment in begun)
    assert rate <= 10 + 6 + 5 + 8


def test_throttling_slows_down_looks_at_the_same_time() -> None:
    def throttled(turn: int, request: Any) -> Any:
        return api("ThrottlingException") if isinstance(request, DescribeCompilationJobRequest) and turn < 30 else None

    service = Threads(Service(JumpyTime(), {name: steady("COMPLETED") for name in names(50)}))
    service._fault = throttled
    assert service.group.wait_all(names(50)).ok
    assert service.pacing.describe.rate < 200


def test_the_report_is_that_of_one_look_after_the_other() -> None:
    reports = [Threads(mixed(60), at_once).group.wait_all([*names(60), "none"], timeout=500) for at_once in (1, 8)]
    assert [report.counts for report in reports] == [reports[0].counts] * 2
    assert places(reports[1]) == places(reports[0])
    assert reports[1].failed.keys() == reports[0].failed.keys()


def test_ctrl_c_does_not_wait_for_looks_that_hang() -> None:
    hung, release = threading.Event(), threading.Event()
    service = Threads(mixed(40))
    count = iter(range(1000))

    def meet(request: Any) -> None:
        if isinstance(request, ListCompilationJobsRequest):
            return
        turn = next(count)
        if turn < 3:
            return
        if turn == 5:
            hung.set()
            _thread.interrupt_main()
        release.wait(PATIENCE)

    service.meet = meet
    before = idle_threads()
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(names(40), timeout=7200)
    assert hung.is_set()
    assert not release.is_set()
    report = cast("Any", caught.value).report
    assert places(report) == sorted(names(40))
    assert len(report.pending) < 40  # what was answered is kept
    release.set()
    for thread in idle_threads() - before:
        thread.join(PATIENCE)
    assert idle_threads() <= before


def test_a_look_sees_the_context_of_the_caller() -> None:
    span = contextvars.ContextVar("span", default="none")
    span.set("of the caller")
    seen: set[str] = set()
    service = Threads(mixed(20))
    threads: set[str] = set()

    def meet(request: object) -> None:
        seen.add(span.get())
        threads.add(threading.current_thread().name)

    service.meet = meet
    service.group.wait_all(names(20), timeout=100)
    assert seen == {"of the caller"}
    assert threads - {"MainThread"} == {"sagemaker_typed-poll"}


def test_parts_are_asked_for_when_there_is_a_hand_free() -> None:
    """So that a part sees what those before it were answered, and one that raises ends the step."""
    begun: list[int] = []
    answers: list[Any] = []

    def part(number: int) -> Steps[None]:
        begun.append(number)
        yield Sleep(1)
        try:
            answers.append((yield Look(cast("Any", number), 5.0)))
        except OddError as error:
            answers.append(error)
        yield Sleep(1)
        if number == 30:
            raise ValueError(number)

    def steps() -> Steps[str]:
        try:
            yield Together(part(number) for number in range(1000))
        except ValueError as error:
            return f"ended by {error}"
        return "not reached"

    def look(request: int, seconds: float) -> int:
        if request == 7:
            raise OddError
        return request * 10

    time = FakeTime()
    assert run(steps(), print, look, time.clock.sleep, at_once=4) == "ended by 30"
    assert 30 < len(begun) <= 30 + 1 + 4
    assert sorted(answer for answer in answers if isinstance(answer, int))[:5] == [0, 10, 20, 30, 40]
    assert [type(answer) for answer in answers].count(OddError) == 1
    gc.collect()


# --- until updated ----------------------------------------------------------------------------------------------------


class Fleet:
    """Endpoints that are updated: (status, configuration) of each, by the time of the clock."""

    def __init__(self, endpoints: dict[str, list[tuple[float, str, str]]]) -> None:
        self.time = FakeTime()
        self.clock, self.pacing = self.time.clock, Pacing()
        self.endpoints = endpoints
        self.calls: list[str] = []

    @property
    def group(self) -> Endpoints:
        return Endpoints(cast("Any", self))

    def _run(self, task: Task[R], /) -> R:
        return run(task(self), self.look, self.look, self.clock.sleep)

    def look(self, request: Any, seconds: float = 0.0) -> Any:
        self.calls.append(type(request).__name__)
        if isinstance(request, ListEndpointsInput):
            shown = [self._body(name) for name in self.endpoints]
            return from_boto3(ListEndpointsOutput, {"Endpoints": shown})
        assert isinstance(request, DescribeEndpointInput)
        return from_boto3(DescribeEndpointOutput, self._body(request.endpoint_name))

    def _body(self, name: str) -> dict[str, str]:
        now = self.time.now - 1000
        _, status, config = [state for state in self.endpoints[name] if state[0] <= now][-1]
        return {"EndpointName": name, "EndpointStatus": status, "EndpointConfigName": config}


UPDATED = [(0.0, "InService", "old"), (4.0, "Updating", "old"), (60.0, "InService", "new")]
ROLLED_BACK = [(0.0, "Updating", "old"), (60.0, "RollingBack", "old"), (90.0, "InService", "old")]
NEVER_BEGUN = [(0.0, "InService", "old")]


@pytest.mark.parametrize("count", [1, 6, 30])
def test_many_are_waited_for_until_they_are_updated(count: int) -> None:
    stories = {"updated": UPDATED, "back": ROLLED_BACK, "same": NEVER_BEGUN}
    fleet = Fleet({f"{what}-{number}": story for number in range(count) for what, story in stories.items()})
    report = fleet.group.wait_all(fleet.endpoints, until="updated", endpoint_config_name="new")
    assert sorted(report.succeeded) == sorted(name for name in fleet.endpoints if name.startswith("updated"))
    assert {description.endpoint_config_name for description in report.succeeded.values()} == {"new"}
    assert len(report.failed) == 2 * count
    assert "it is back with endpoint_config_name 'old' and not 'new'" in str(report.failed["back-0"])
    if count == 30:
        assert "ListEndpointsInput" in fleet.calls


def test_each_may_have_a_configuration_of_its_own() -> None:
    configs = {"a": "a-2", "b": "b-2"}
    fleet = Fleet({name: [(0.0, "Updating", "old"), (60.0, "InService", config)] for name, config in configs.items()})
    report = fleet.group.wait_all(configs, until="updated", endpoint_config_name=configs)
    assert sorted(report.succeeded) == ["a", "b"]
    swapped = {"a": "b-2", "b": "a-2"}
    assert len(fleet.group.wait_all(configs, until="updated", endpoint_config_name=swapped).failed) == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"until": "updated"}, "endpoint_config_name: needed where until is 'updated'"),
        ({"until": "updated", "endpoint_config_name": {"a": "a-2"}}, r"endpoint_config_name\['b'\]"),
        ({"until": "deleted", "endpoint_config_name": "a-2"}, "only where until is 'updated', not 'deleted'"),
        ({"endpoint_config_name": "a-2"}, "only where until is 'updated', not 'in_service'"),
    ],
)
def test_what_an_endpoint_is_updated_to_is_given_with_that_state_alone(options: Any, problem: str) -> None:
    fleet = Fleet({"a": UPDATED, "b": UPDATED})
    with pytest.raises(errors.InvalidRequestError, match=problem):
        fleet.group.wait_all(["a", "b"], **options)
    assert fleet.calls == []

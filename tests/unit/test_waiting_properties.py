"""Whatever a service does and a clock says: a wait ends, in time, and never calls success what is not."""

from __future__ import annotations

import logging
import math
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sagemaker_typed import errors
from sagemaker_typed.resources.compilation_jobs import _COMPLETED
from sagemaker_typed.types import DescribeCompilationJobResponse, ListCompilationJobsRequest, StopCompilationJobRequest
from sagemaker_typed.waiting import BatchEvent, Progress, WaitEvent, WaitReport
from tests.support.simulated import Job, JumpyTime, Service, api


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("sagemaker_typed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nothing is timed here

PASSING = [
    api("ThrottlingException"),
    api("InternalFailure", status=500),
    api("ServiceUnavailable", status=503),
    errors.TransportError("cut off"),
]
LASTING = [api("AccessDeniedException"), api("ValidationException"), errors.ConversionError("what is this")]
FATAL = [api("ExpiredTokenException"), errors.CredentialsError("none")]

times = st.builds(
    JumpyTime,
    share=st.floats(0, 1),
    jumps=st.dictionaries(st.integers(0, 20), st.floats(0, 5000), max_size=3),
    interrupts=st.lists(st.integers(0, 15), max_size=2),
)
statuses = st.sampled_from(["STARTING", "INPROGRESS", "STOPPING", "STOPPED", "FAILED", "COMPLETED", "PONDERING", ""])


@st.composite
def lives(draw: st.DrawFn) -> Job:
    """Some states, with a taste for such as make sense, and an end that may be a deletion."""
    seconds = st.floats(0, 400, allow_subnormal=False)
    start = draw(st.sampled_from([-60.0, -60.0, -60.0, 0.0, 5.0, 50.0]))
    ends = st.sampled_from(["COMPLETED", "COMPLETED", "FAILED", "STOPPED", "INPROGRESS", None])
    odd = st.lists(st.one_of(statuses, st.none()), max_size=3)
    middle = draw(st.one_of(st.just(["INPROGRESS"]), odd))
    at, states = start, []
    for status in ["STARTING", *middle, draw(ends)]:
        states.append((at, status))
        at += draw(seconds)
    return Job(tuple(states), created=min(start, draw(st.floats(-5000, 0))), listed_late=draw(st.floats(0, 30)))


patient = st.lists(st.one_of(st.none(), st.sampled_from(PASSING)), max_size=40)


@st.composite
def troubles(draw: st.DrawFn) -> list[BaseException | None]:
    """What goes wrong, call by call: much that heals, and now and then something that does not."""
    script: list[BaseException | None] = [*draw(patient)]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        hard = st.sampled_from([*LASTING, *FATAL, KeyboardInterrupt()])
        script.insert(draw(st.integers(0, len(script))), draw(hard))
    return script


timeouts = st.one_of(st.just(0.0), st.floats(0.001, 2000))
latencies = st.sampled_from([0.0, 0.0, 0.05, 3.0, 70.0])


def in_turn(script: list[Any]) -> Any:
    """One fault a call; none after the last."""
    return lambda turn, request: script[turn] if turn < len(script) else None


def ever(service: Service, name: str) -> set[str | None]:
    """All that a job is or was."""
    job = service.jobs.get(name)
    return {None} if job is None else {status for _, status in job.states} | {None}


# --- one --------------------------------------------------------------------------------------------------------------


@relaxed
@given(
    time=times,
    job=st.one_of(lives(), lives(), lives(), st.none()),
    script=troubles(),
    timeout=timeouts,
    poll=st.one_of(st.none(), st.floats(0.5, 100)),
    latency=latencies,
    stop=st.booleans(),
)
def test_a_wait_on_one(
    time: JumpyTime,
    job: Job | None,
    script: list[Any],
    timeout: float,
    poll: float | None,
    latency: float,
    stop: bool,
) -> None:
    service = Service(time, {} if job is None else {"job": job}, latency=latency, fault=in_turn(script))
    events: list[WaitEvent[DescribeCompilationJobResponse]] = []
    begin = time.now
    ended: BaseException | None = None
    try:
        found = service.group.wait_until_completed(
            "job", timeout=timeout, poll=poll, on_poll=events.append, stop_on_interrupt=stop
        )
    except (errors.SageMakerError, KeyboardInterrupt) as error:
        ended = error
    event(type(ended).__name__)
    describes = service.calls["DescribeCompilationJob"]
    if ended is None:
        assert found.compilation_job_status == "COMPLETED"
        assert "COMPLETED" in ever(service, "job")
    elif isinstance(ended, errors.WaitError):
        expected = {errors.WaitFailedError: "FAILED", errors.WaitStoppedError: "STOPPED"}.get(type(ended))
        if expected is None:
            assert type(ended) is errors.WaitTimeoutError
            assert time.now >= begin + timeout
        else:
            assert ended.status == ended.response.compilation_job_status == expected
        assert ended.name == "job"
        assert ended.polls == len(events) <= describes
        assert ended.elapsed == time.now - begin
        again = pickle.loads(pickle.dumps(ended))
        assert (str(again), again.polls, again.response) == (str(ended), ended.polls, ended.response)
    elif isinstance(ended, errors.TransportError):
        # Nothing ever answered, for a minute.
        # A call that takes too long meets no fault of the script.
        assert latency > 30 or not any(isinstance(fault, errors.ApiError) for fault in script[:describes])
        assert all(isinstance(look.error, errors.TransportError) for look in events)
        assert begin + 60 <= time.now < begin + timeout
        assert "no usable answer ever came" in ended.__notes__[0]
    elif isinstance(ended, errors.SageMakerError):
        assert not ended.retryable
        if isinstance(ended, errors.ResourceNotFoundError):
            assert None in ever(service, "job")
            assert (ended.name, ended.elapsed) == ("job", time.now - begin)
            assert pickle.loads(pickle.dumps(ended)).polls == ended.polls <= describes
    else:
        assert "'job'" in ended.__notes__[0]
        assert stop or not service.stopped
    late = [moment for moment in service.begun if moment > begin + timeout]
    # A late look that Ctrl-C ended is made again, after the stop.
    interrupted = stop and any(isinstance(fault, KeyboardInterrupt) for fault in script)
    assert len(late) <= 1 + service.calls["StopCompilationJob"] + interrupted
    assert all(seconds >= 0 for seconds in time.slept)
    assert stop or not service.calls["StopCompilationJob"]


@relaxed
@given(job=lives(), script=patient, timeout=timeouts, share=st.floats(0, 1))
def test_what_can_heal_never_ends_a_wait(job: Job, script: list[Any], timeout: float, share: float) -> None:
    time = JumpyTime(share=share)
    job = job._replace(states=((-60, "INPROGRESS"),))
    with_faults = Service(time, {"job": job}, fault=in_turn([None, *script]))  # an answer, and then what can heal
    with pytest.raises(errors.WaitTimeoutError):
        with_faults.group.wait_until_completed("job", timeout=timeout)
    assert time.now == pytest.approx(1000 + timeout)


@relaxed
@given(
    looks=st.lists(st.sampled_from(["INPROGRESS", "PONDERING", *PASSING]), min_size=1, max_size=60),
    share=st.floats(0, 1),
    poll=st.one_of(st.none(), st.floats(0.5, 100)),
)
def test_a_failed_look_never_makes_the_next_one_come_sooner(looks: list[Any], share: float, poll: float | None) -> None:
    clock = JumpyTime(share=share).clock
    machine: Progress[Any] = Progress(_COMPLETED, "job", timeout=1e9, poll=poll, now=0.0, clock=clock)
    now, usual, failed = 0.0, 0.0, 0
    for look in ["INPROGRESS", *looks]:
        if isinstance(look, str):
            body = DescribeCompilationJobResponse(**_nothing() | {"compilation_job_status": look})
            machine.answered(body, now)
            failed = 0
        else:
            machine.unanswered(look, now)
            failed += 1
        machine.settle(now)
        delay = machine.delay(now)
        ceiling = poll if poll is not None else min(30.0, 2.0 * 2 ** (machine.polls - 1))
        if failed:
            assert delay >= min(max(30.0, poll or 0), (poll or 2) * 2 ** (failed - 1))
            assert delay <= max(30.0, poll or 0)
        else:
            assert (poll or 2) <= delay <= ceiling
        usual = max(usual, delay)
        now += delay


def _nothing() -> dict[str, Any]:
    from sagemaker_typed.structure import members_of

    return {member.field: None for member in members_of(DescribeCompilationJobResponse)}


# --- many -------------------------------------------------------------------------------------------------------------

NAMES = [f"job-{number}" for number in range(40)]


@st.composite
def crowds(draw: st.DrawFn) -> dict[str, Job]:
    count = draw(st.integers(0, 36))
    return dict(zip(NAMES, draw(st.lists(lives(), min_size=count, max_size=count)), strict=False))


others = st.integers(0, 60)


def crowd(jobs: dict[str, Job], strangers: int, spread: float) -> dict[str, Job]:
    """Among as many others, that are nobody's business here."""
    return jobs | {
        f"other-{number}": Job(((-90, "COMPLETED"),), created=-spread * number) for number in range(strangers)
    }


def check_report(
    report: WaitReport[Any], service: Service, names: list[str], begin: float, timeout: float, *, cut: bool = False
) -> None:
    groups: list[dict[str, Any]] = [
        report.succeeded,
        report.failed,
        report.stopped,
        report.pending,
        report.missing,
    ]
    assert sorted(name for group in groups for name in group) == sorted(set(names))
    assert len(report) == sum(report.counts.values()) == len(set(names))
    for name, response in report.succeeded.items():
        assert (response.compilation_job_name, response.compilation_job_status) == (name, "COMPLETED")
        assert "COMPLETED" in ever(service, name)
    for name, error in report.failed.items():
        if isinstance(error, errors.WaitFailedError):
            assert error.response.compilation_job_status == "FAILED"
            assert name in str(error)
        else:
            assert isinstance(error, errors.ApiError)
            assert not error.retryable
    for name, error in report.stopped.items():
        assert (error.name, error.response.compilation_job_status) == (name, "STOPPED")
    for name, error in report.pending.items():
        assert error.name == name
        assert cut or type(error) is errors.WaitTimeoutError
    for name, error in report.missing.items():
        assert None in ever(service, name)
        assert error.name == name
    assert report.ok == (len(report.succeeded) == len(report))
    assert len(report.summary.splitlines()) <= 7
    assert len(str(report).splitlines()) <= 23
    assert [row.name for row in report.rows()] == list(dict.fromkeys(names))
    again = pickle.loads(pickle.dumps(report))
    assert (str(again), again.counts) == (str(report), report.counts)
    if timeout:
        assert sum(moment > begin + timeout for moment in service.begun) <= 1


@settings(relaxed, max_examples=150)
@given(
    time=times,
    jobs=crowds(),
    strangers=others,
    missing=st.integers(0, 3),
    script=troubles(),
    timeout=timeouts,
    poll=st.one_of(st.none(), st.floats(0.5, 100)),
    latency=latencies,
    page=st.sampled_from([3, 7, 100]),
    fail_fast=st.booleans(),
    stop=st.booleans(),
)
def test_a_wait_on_many(
    time: JumpyTime,
    jobs: dict[str, Job],
    strangers: int,
    missing: int,
    script: list[Any],
    timeout: float,
    poll: float | None,
    latency: float,
    page: int,
    fail_fast: bool,
    stop: bool,
) -> None:
    service = Service(time, crowd(jobs, strangers, 50), latency=latency, page=page, fault=in_turn(script))
    names = [*NAMES[: len(jobs) + missing], *NAMES[:missing]]
    ticks: list[BatchEvent] = []
    begin = time.now
    ended: BaseException | None = None
    try:
        report = service.group.wait_all(
            names, timeout=timeout, poll=poll, on_poll=ticks.append, fail_fast=fail_fast, stop_on_interrupt=stop
        )
    except (errors.SageMakerError, KeyboardInterrupt) as error:
        ended = error
    if ended is None:
        event(str([what for what, count in report.counts.items() if count]))
        check_report(report, service, names, begin, timeout, cut=fail_fast or stop)
        assert report.elapsed == time.now - begin
        assert report.list_calls <= service.calls["List"]  # one that was interrupted has no answer
        assert report.describe_calls <= service.calls["DescribeCompilationJob"]
    elif isinstance(ended, KeyboardInterrupt):
        event("KeyboardInterrupt")
        assert len(ended.__notes__) == 1
        assert stop or not service.calls["StopCompilationJob"]
    else:
        event(type(ended).__name__)
        assert isinstance(ended, (errors.ExpiredCredentialsError, errors.CredentialsError, errors.TransportError))
    if ended is not None:
        left: Any = ended
        check_report(left.report, service, names, begin, timeout, cut=True)
        assert left.report.elapsed == time.now - begin
    for tick in ticks:
        assert sum(tick.states.values()) == tick.total == len(set(names))
        assert tick.done <= tick.total
        assert tick.remaining <= timeout + 1e-6
    assert set(service.stopped) <= set(names)


@settings(relaxed, max_examples=60)
@given(jobs=crowds(), strangers=others, script=patient, page=st.sampled_from([3, 7, 100]), share=st.floats(0.5, 1))
def test_with_time_enough_each_gets_its_own_end(
    jobs: dict[str, Job], strangers: int, script: list[Any], page: int, share: float
) -> None:
    """Whatever can heal goes wrong, and those that end in no known state are the only ones that are left."""
    time = JumpyTime(share=share)
    ended = {"COMPLETED", "FAILED", "STOPPED"}
    # One life, one end: what ends stays as it is.
    jobs = {name: job for name, job in jobs.items() if not {status for _, status in job.states[:-1]} & {*ended, None}}
    jobs = {name: job for name, job in jobs.items() if job.states[0][0] < 0}
    service = Service(time, crowd(jobs, strangers, 50), page=page, fault=in_turn(script))
    report = service.group.wait_all(list(jobs), timeout=6000)
    check_report(report, service, list(jobs), 1000.0, 6000)
    places: list[tuple[dict[str, Any], set[str | None]]] = [
        (report.succeeded, {"COMPLETED"}),
        (report.failed, {"FAILED"}),
        (report.stopped, {"STOPPED"}),
        (report.missing, {None}),
        (report.pending, {"INPROGRESS"}),
    ]
    for place, last in places:
        assert all(jobs[name].states[-1][1] in last for name in place)


@settings(relaxed, max_examples=60)
@given(
    jobs=crowds(),
    missing=st.integers(0, 3),
    script=patient,
    page=st.sampled_from([3, 100]),
    latency=st.sampled_from([0.0, 0.05, 3.0, 20.0]),
)
def test_deleted_is_only_what_is_gone(
    jobs: dict[str, Job], missing: int, script: list[Any], page: int, latency: float
) -> None:
    names = NAMES[: len(jobs) + missing]
    service = Service(JumpyTime(), jobs, page=page, fault=in_turn(script), latency=latency)
    try:
        report = service.group.wait_all(names, until="deleted", timeout=3000)
    except errors.TransportError as lost:  # nothing has answered for a minute
        assert latency * len(script) >= 60
        left = lost.report.pending if lost.report else {}
        assert sorted(left) == sorted(set(names))
        return
    assert sorted([*report.succeeded, *report.pending]) == sorted(set(names))
    assert all(None in ever(service, name) for name in report.succeeded)
    if latency < 3:  # there is time enough
        assert all(service.status(name) is not None for name in report.pending)


@settings(relaxed, max_examples=20)
@given(
    share=st.floats(0.5, 1),
    count=st.integers(11, 40),
    strangers=others,
    outage=st.sampled_from(["List", "Describe"]),
    fault=st.sampled_from(PASSING),
)
def test_an_operation_that_never_answers_holds_nobody_for_ever(
    share: float, count: int, strangers: int, outage: str, fault: errors.SageMakerError
) -> None:
    time = JumpyTime(share=share)
    jobs = {name: Job(((-60, "INPROGRESS"), (100, "COMPLETED"))) for name in NAMES[:count]}

    def broken(turn: int, request: Any) -> errors.SageMakerError | None:
        return fault if (outage == "List") == isinstance(request, ListCompilationJobsRequest) else None

    service = Service(time, crowd(jobs, strangers, 50), fault=broken)
    report = service.group.wait_all(jobs, timeout=5000)
    if outage == "List":
        assert report.counts["succeeded"] == count
    else:
        assert report.counts["pending"] == count
        assert time.now == pytest.approx(6000)


@settings(relaxed, max_examples=40)
@given(bad=st.sets(st.sampled_from(NAMES[:20]), max_size=19), fault=st.sampled_from([*PASSING, *LASTING]))
def test_some_that_never_answer_do_not_hold_up_the_others(bad: set[str], fault: errors.SageMakerError) -> None:
    jobs = {name: Job(((-60, "INPROGRESS"), (100, "COMPLETED"))) for name in NAMES[:20]}

    def broken(turn: int, request: Any) -> errors.SageMakerError | None:
        return fault if getattr(request, "compilation_job_name", None) in bad else None

    service = Service(JumpyTime(), jobs, fault=broken)
    report = service.group.wait_all(jobs, timeout=5000)
    assert set(report.succeeded) == set(jobs) - bad
    unread = isinstance(fault, errors.ConversionError)
    assert set(report.pending if fault.retryable or unread else report.failed) == bad


@relaxed
@given(
    when=st.integers(0, 12), count=st.integers(1, 30), stop=st.booleans(), refused=st.sets(st.sampled_from(NAMES[:30]))
)
def test_an_interrupt_stops_what_runs_or_says_what_goes_on(
    when: int, count: int, stop: bool, refused: set[str]
) -> None:
    jobs = {name: Job(((-60, "INPROGRESS"), (20_000, "COMPLETED"))) for name in NAMES[:count]}
    jobs[NAMES[0]] = Job(((-60, "INPROGRESS"), (30, "COMPLETED")))

    def no(turn: int, request: Any) -> errors.SageMakerError | None:
        refuses = isinstance(request, StopCompilationJobRequest) and request.compilation_job_name in refused
        return api("AccessDeniedException") if refuses else None

    service = Service(JumpyTime(interrupts=[when]), jobs, fault=no)
    if not stop:
        if count > 1 or when == 0:
            with pytest.raises(KeyboardInterrupt) as caught:
                service.group.wait_all(jobs, timeout=10_000)
            assert "sm.compilation_jobs.stop(" in caught.value.__notes__[0]
        assert service.stopped == []
        return
    try:
        report = service.group.wait_all(jobs, timeout=10_000, stop_on_interrupt=True)
    except KeyboardInterrupt:
        assert not set(jobs) - refused or when > 0
        return
    assert set(report.stopped) == set(service.stopped)
    assert not set(service.stopped) & refused
    assert set(report.pending) <= refused
    assert all(type(error) is errors.WaitError for error in report.pending.values())


def test_the_numbers_that_are_no_times_are_refused() -> None:
    service = Service(JumpyTime(), {})
    for bad in (-1, math.nan, "1h", True):
        with pytest.raises(errors.InvalidRequestError):
            service.group.wait_all(["job"], timeout=bad)  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidRequestError, match="several names"):
        service.group.wait_all("job")
    assert service.begun == []

"""A wait ends in time whatever the service does, and tells of trouble: simulated, so that no test sleeps."""

from __future__ import annotations

import logging
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed import errors
from sagemaker_typed.types import DescribeCompilationJobRequest, ListCompilationJobsRequest
from tests.support.simulated import Job, JumpyTime, Service, api, steady
from tests.unit.test_waiting import Script, jobs

NAMES = [f"job-{number}" for number in range(40)]
CUT_OFF = errors.TransportError("cut off")
THROTTLED = api("ThrottlingException")
FAILED = api("InternalFailure", status=500)


def running(count: int) -> dict[str, Job]:
    return {name: steady("INPROGRESS") for name in NAMES[:count]}


def always(fault: errors.SageMakerError) -> Callable[[int, Any], errors.SageMakerError]:
    return lambda turn, request: fault


# --- the time that a look has -----------------------------------------------------------------------------------------


def test_each_look_has_the_time_left_and_a_grace_and_never_more_than_half_a_minute() -> None:
    script = Script("INPROGRESS")
    with pytest.raises(errors.WaitTimeoutError):
        jobs(script).wait_until_completed("job", timeout=100, poll=30)
    assert script.bounds == [30, 30, 30, 11.5, 1.5]


def test_a_wait_without_an_end_has_looks_that_end() -> None:
    script = Script("INPROGRESS", "INPROGRESS", "COMPLETED")
    jobs(script).wait_until_completed("job", timeout=math.inf)
    assert script.bounds == [30, 30, 30]
    service = Service(JumpyTime(), {name: steady("INPROGRESS", "COMPLETED") for name in NAMES})
    assert service.group.wait_all(NAMES, timeout=math.inf).ok


@pytest.mark.parametrize("timeout", [0, 1, 5, 29, 45])
@pytest.mark.parametrize("count", [1, 5, 40])
@pytest.mark.parametrize("latency", [1.4, 3, math.inf])
def test_a_service_that_is_slow_or_silent_holds_nobody_past_the_deadline(
    timeout: float, count: int, latency: float
) -> None:
    service = Service(JumpyTime(), running(count), latency=latency)
    report = service.group.wait_all(NAMES[:count], timeout=timeout)
    assert list(report.pending) == NAMES[:count]
    if timeout or latency > 1.5:
        assert service.time.now - 1000 <= timeout + 2
    service = Service(JumpyTime(), running(1), latency=latency)
    with pytest.raises(errors.WaitTimeoutError):
        service.group.wait_until_completed("job-0", timeout=timeout)
    assert service.time.now - 1000 <= timeout + 2


@pytest.mark.parametrize("fault", [CUT_OFF, THROTTLED, FAILED], ids=str)
@pytest.mark.parametrize("count", [1, 5, 40])
def test_a_timeout_of_zero_ends_at_once_where_nothing_is_answered_well(
    fault: errors.SageMakerError, count: int
) -> None:
    service = Service(JumpyTime(), running(count), latency=0.2, fault=always(fault))
    assert len(service.group.wait_all(NAMES[:count], timeout=0).pending) == count
    assert service.time.now - 1000 <= 2


def test_a_timeout_of_zero_looks_at_each_of_many_while_the_service_answers() -> None:
    service = Service(JumpyTime(), {name: steady("COMPLETED") for name in NAMES}, latency=0.3)
    assert service.group.wait_all(NAMES, timeout=0).ok
    assert service.time.now - 1000 > 2


def test_a_stop_that_hangs_leaves_the_last_look_a_moment() -> None:
    def hanging(request: Any, seconds: float) -> Any:
        bounds.append(seconds)
        service.time.now += seconds
        raise CUT_OFF

    bounds: list[float] = []
    service = Service(JumpyTime(interrupts=[0]), running(1))
    service.look = hanging  # type: ignore[method-assign]
    with pytest.raises(errors.WaitTimeoutError):
        service.group.wait_until_completed("job-0", timeout=5, stop_on_interrupt=True)
    assert bounds[0] == 6.5
    assert service.time.now - 1000 <= 7


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(
    timeout=st.floats(0.01, 300),
    latency=st.sampled_from([0.0, 0.3, 2.0, 70.0]),
    count=st.integers(1, 30),
    share=st.floats(0, 1),
    poll=st.one_of(st.none(), st.floats(0.5, 100)),
    script=st.lists(st.sampled_from([None, CUT_OFF, THROTTLED, FAILED]), max_size=60),
    interrupts=st.lists(st.integers(0, 10), max_size=1),
)
def test_no_wait_is_longer_than_its_timeout_and_two_seconds(
    timeout: float,
    latency: float,
    count: int,
    share: float,
    poll: float | None,
    script: list[Any],
    interrupts: list[int],
) -> None:
    def fault(turn: int, request: Any) -> Any:
        return script[turn % len(script)] if script else None

    def service() -> Service:
        time = JumpyTime(share=share, interrupts=interrupts)
        return Service(time, running(count), latency=latency, fault=fault)

    one, many = service(), service()
    with pytest.raises((errors.WaitTimeoutError, errors.TransportError, errors.WaitStoppedError)):
        one.group.wait_until_completed("job-0", timeout=timeout, poll=poll, stop_on_interrupt=True)
    try:
        many.group.wait_all(NAMES[:count], timeout=timeout, poll=poll, stop_on_interrupt=True)
    except errors.TransportError:
        assert many.time.now - 1000 >= 60
    for each in (one, many):
        assert each.time.now - 1000 <= timeout + 2


# --- nothing answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("poll", [None, 1, 45, 300])
def test_a_wait_that_nothing_ever_answers_ends_within_about_a_minute(poll: float | None) -> None:
    service = Service(JumpyTime(), running(20), fault=always(CUT_OFF))
    with pytest.raises(errors.TransportError) as caught:
        service.group.wait_until_completed("job-0", poll=poll)
    assert service.time.now - 1000 == 60
    polls = service.calls["DescribeCompilationJob"]
    assert caught.value.__notes__ == [
        f"no usable answer ever came while waiting for compilation job 'job-0', for 1m00s and {polls} polls"
    ]
    service = Service(JumpyTime(), running(20), fault=always(CUT_OFF))
    with pytest.raises(errors.TransportError) as caught:
        service.group.wait_all(NAMES[:20], poll=poll)
    assert 60 <= service.time.now - 1000 <= 75
    assert caught.value.__notes__[0].startswith(
        "no usable answer ever came while waiting for 20 compilation jobs, for 1m"
    )
    assert caught.value.report is not None
    assert list(caught.value.report.pending) == NAMES[:20]


def test_silence_counts_as_no_answer() -> None:
    service = Service(JumpyTime(), running(1), latency=math.inf)
    with pytest.raises(errors.TransportError, match=r"no answer within 30\.0 seconds"):
        service.group.wait_until_completed("job-0")
    assert 62 <= service.time.now - 1000 <= 64  # two looks, and a pause


@pytest.mark.parametrize("first", [None, THROTTLED, FAILED], ids=str)
def test_a_service_that_has_answered_once_is_waited_for_until_the_deadline(
    first: errors.SageMakerError | None,
) -> None:
    def fault(turn: int, request: Any) -> Any:
        return CUT_OFF if turn else first

    service = Service(JumpyTime(), running(1), fault=fault)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        service.group.wait_until_completed("job-0", timeout=1000)
    goes_on = "it continues" if first is None else "it may still be running"
    state = "INPROGRESS" if first is None else "none seen"
    assert str(caught.value) == (
        f"compilation job 'job-0' was not completed within 16m40s: {goes_on}; "
        f"the last poll failed with cut off (last state {state})"
    )
    service = Service(JumpyTime(), running(3), fault=fault)
    report = service.group.wait_all(NAMES[:3], timeout=1000)
    assert "; the last poll failed with cut off (last state" in str(report.pending["job-2"])


def test_a_timeout_says_what_becomes_of_the_resource() -> None:
    service = Service(JumpyTime(), running(1))
    with pytest.raises(errors.WaitTimeoutError) as caught:
        service.group.wait_until_completed("job-0", timeout=300)
    assert str(caught.value) == (
        "compilation job 'job-0' was not completed within 5m00s: it continues (last state INPROGRESS)"
    )
    with pytest.raises(errors.WaitTimeoutError, match=r"was not deleted within .*: it is still there \("):
        Service(JumpyTime(), running(1)).group.wait_until_deleted("job-0", timeout=300)


# --- what the log says ------------------------------------------------------------------------------------------------


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if "failed" in record.getMessage() or "again" in record.getMessage()
    ]


def test_the_second_failure_in_a_row_is_warned_of_once_a_kind_and_the_recovery_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks: list[Any] = ["INPROGRESS", CUT_OFF, "INPROGRESS", CUT_OFF, CUT_OFF, CUT_OFF, THROTTLED, FAILED, "INPROGRESS"]
    script = Script(*looks, CUT_OFF, CUT_OFF, "COMPLETED")
    with caplog.at_level(logging.INFO, "sagemaker_typed"):
        jobs(script).wait_until_completed("job", poll=1)
    assert lines(caplog) == [
        ("WARNING", "compilation job 'job': 2 polls in a row failed, the last with cut off; polling again"),
        ("WARNING", f"compilation job 'job': 4 polls in a row failed, the last with {THROTTLED}; polling again"),
        ("WARNING", f"compilation job 'job': 5 polls in a row failed, the last with {FAILED}; polling again"),
        ("INFO", "compilation job 'job': answered again, after 5 failed polls"),
    ]


def test_a_wait_on_many_warns_once_for_all(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(JumpyTime(), running(40), fault=lambda turn, request: CUT_OFF if 2 <= turn < 30 else None)
    with caplog.at_level(logging.INFO, "sagemaker_typed"):
        service.group.wait_all(NAMES, timeout=2000)
    assert [level for level, _ in lines(caplog)] == ["WARNING", "INFO"]
    assert lines(caplog)[0][1].startswith("40 compilation jobs: 2 polls in a row failed, the last with cut off")


def test_one_of_many_that_alone_is_never_answered_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    def broken(turn: int, request: Any) -> Any:
        return FAILED if getattr(request, "compilation_job_name", "") == "job-1" else None

    service = Service(JumpyTime(), running(4), fault=broken)
    report = service.group.wait_all(NAMES[:4], timeout=600)
    assert [(level, text.partition(":")[0]) for level, text in lines(caplog)] == [
        ("WARNING", "compilation job 'job-1'")
    ]
    assert "the last poll failed with" in str(report.pending["job-1"])


# --- answers that are none --------------------------------------------------------------------------------------------


UNREADABLE = errors.ConversionError("what is this")


def test_a_description_that_cannot_be_read_ends_no_wait_unless_it_comes_three_times() -> None:
    script = Script("INPROGRESS", UNREADABLE, UNREADABLE, "INPROGRESS", UNREADABLE, "COMPLETED")
    assert jobs(script).wait_until_completed("job").compilation_job_status == "COMPLETED"
    script = Script("INPROGRESS", UNREADABLE)
    with pytest.raises(errors.ConversionError):
        jobs(script).wait_until_completed("job")
    assert script.describes == 4


def test_what_cannot_be_read_is_never_called_failed() -> None:
    def odd(turn: int, request: Any) -> Any:
        return UNREADABLE if getattr(request, "compilation_job_name", "") == "job-1" else None

    service = Service(JumpyTime(), {name: steady("INPROGRESS", "COMPLETED") for name in NAMES[:4]}, fault=odd)
    report = service.group.wait_all(NAMES[:4])
    assert report.counts == {"succeeded": 3, "failed": 0, "stopped": 0, "pending": 1, "missing": 0}
    left = report.pending["job-1"]
    assert type(left) is errors.WaitError
    assert "may still be running, but its description cannot be read, after" in str(left)
    assert isinstance(left.__cause__, errors.ConversionError)
    assert str(pickle.loads(pickle.dumps(left))) == str(left)


@pytest.mark.parametrize("fault", [CUT_OFF, UNREADABLE, FAILED], ids=str)
@pytest.mark.parametrize("bad", [range(1), range(1, 2), range(4), range(2, 6)], ids=str)
def test_bad_pages_of_the_list_do_not_end_the_sweeps(fault: errors.SageMakerError, bad: range) -> None:
    """60 jobs over 7 ticks: each is described when it has ended, and once more in a tick that has no list at all."""
    pages: list[ListCompilationJobsRequest] = []

    def broken(turn: int, request: Any) -> Any:
        if not isinstance(request, ListCompilationJobsRequest):
            return None
        pages.append(request)
        return fault if len(pages) - 1 in bad else None

    names = [f"job-{number}" for number in range(60)]
    service = Service(JumpyTime(), {name: steady("INPROGRESS", "COMPLETED") for name in names}, fault=broken, page=20)
    assert service.group.wait_all(names).ok
    whole_ticks = 1 if len(bad) == 4 else 0
    assert service.calls["DescribeCompilationJob"] <= 60 * (1 + whole_ticks)
    assert len(pages) > 20


def test_a_list_that_never_answers_does_not_keep_the_others_from_being_described() -> None:
    def silent(turn: int, request: Any) -> Any:
        return None if isinstance(request, DescribeCompilationJobRequest) else CUT_OFF

    service = Service(JumpyTime(), {name: steady("INPROGRESS", "COMPLETED") for name in NAMES}, fault=silent)
    assert service.group.wait_all(NAMES).ok

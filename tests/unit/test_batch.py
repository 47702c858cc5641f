"""Waiting on many, call by call: which are made, what the report says, and what it leaves out."""

from __future__ import annotations

import gc
import logging
import pickle
import tracemalloc
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from sagemaker_typed import SageMaker, WaitReport, errors
from sagemaker_typed._waiting.many import Many
from sagemaker_typed._waiting.targets import kinds_of
from sagemaker_typed.resources.compilation_jobs import _COMPLETED
from sagemaker_typed.resources.waitable import WAITABLE, main_waiter
from sagemaker_typed.types import ListCompilationJobsRequest, StopCompilationJobRequest
from sagemaker_typed.waiting import BatchEvent, WaitOptions, wait_many
from tests.support.simulated import EPOCH, Job, JumpyTime, Service, api, steady


def names(count: int) -> list[str]:
    return [f"job-{number}" for number in range(count)]


def window(count: int, *states: str, every: float = 300.0) -> dict[str, Job]:
    """Jobs created one second after the other, just now."""
    return {
        name: steady(*states, every=every, created=-60 - count + position) for position, name in enumerate(names(count))
    }


def per_tick(ticks: list[BatchEvent]) -> list[int]:
    """List calls of each tick."""
    counts = [0, *(tick.list_calls for tick in ticks)]
    return [after - before for before, after in pairwise(counts)]


# --- calls ------------------------------------------------------------------------------------------------------------


def test_500_jobs_in_a_window_of_500() -> None:
    ticks: list[BatchEvent] = []
    jobs = {
        name: job._replace(states=((-60, "INPROGRESS"), (20.0 * position, "COMPLETED")))
        for position, (name, job) in enumerate(window(500, "INPROGRESS").items())
    }
    service = Service(JumpyTime(share=0.5), jobs)
    report = service.group.wait_all(names(500), timeout=20_000, on_poll=ticks.append)
    assert report.counts["succeeded"] == 500
    assert len(ticks) > 500
    assert max(per_tick(ticks)) <= 6
    assert service.calls["DescribeCompilationJob"] == 500
    assert (report.list_calls, report.describe_calls) == (service.calls["List"], 500)


def test_a_sweep_goes_by_time_of_creation() -> None:
    """From the newest on at first; then from the oldest that is pending, a second earlier, as the bound is left out."""
    service = Service(JumpyTime(), window(150, "STARTING", "COMPLETED"))
    service.group.wait_all(names(150))
    oldest = EPOCH + timedelta(seconds=-60 - 150)
    assert list(service.lists) == [
        ("CreationTime", "Descending", None),
        ("CreationTime", "Ascending", oldest - timedelta(seconds=1)),
    ]


def test_5000_jobs() -> None:
    ticks: list[BatchEvent] = []
    service = Service(JumpyTime(), window(5000, "STARTING", "INPROGRESS", "COMPLETED", every=60))
    report = service.group.wait_all(names(5000), on_poll=ticks.append)
    assert report.counts["succeeded"] == 5000
    assert max(per_tick(ticks)) <= 51
    assert service.calls["DescribeCompilationJob"] == 5000
    assert len(ticks) < 20


def test_a_few_are_described_and_no_history_is_gone_over() -> None:
    history = {f"old-{number}": steady("COMPLETED", created=-100.0 * number) for number in range(10_000)}
    service = Service(JumpyTime(), {**history, **window(3, "INPROGRESS", "COMPLETED")})
    assert service.group.wait_all(names(3)).ok
    assert service.calls["List"] == 0


def test_many_scattered_over_a_long_history_are_described() -> None:
    jobs = {f"old-{number}": steady("COMPLETED", created=-100.0 * number) for number in range(5000)}
    mine = [f"old-{number}" for number in range(150, 5000, 300)]
    for name in mine:
        jobs[name] = jobs[name]._replace(states=((-600_000, "INPROGRESS"), (300, "COMPLETED")))
    service = Service(JumpyTime(), jobs)
    ticks: list[BatchEvent] = []
    assert service.group.wait_all(mine, on_poll=ticks.append).ok
    # A few pages until two show none of them, then once from the oldest on; from then on one call for each.

    assert service.calls["List"] <= 4 + len(mine)
    assert service.calls["DescribeCompilationJob"] <= len(mine) * len(ticks) + len(mine)


def test_the_last_few_of_thousands_are_described() -> None:
    jobs = window(3000, "INPROGRESS", "COMPLETED", every=30)
    for number in (0, 1500, 2999):
        jobs[f"job-{number}"] = jobs[f"job-{number}"]._replace(states=((-60, "INPROGRESS"), (3000, "COMPLETED")))
    ticks: list[BatchEvent] = []
    service = Service(JumpyTime(), jobs)
    assert service.group.wait_all(names(3000), on_poll=ticks.append).ok
    assert per_tick(ticks)[-10:] == [0] * 10


def test_the_first_and_the_last_of_a_window_are_found_on_its_pages() -> None:
    """However few are pending, as many pages are asked for as all of them would take."""
    jobs = window(250, "INPROGRESS", "COMPLETED", every=30)
    for number in (0, 249):
        jobs[f"job-{number}"] = jobs[f"job-{number}"]._replace(states=((-60, "INPROGRESS"), (3000, "COMPLETED")))
    ticks: list[BatchEvent] = []
    service = Service(JumpyTime(), jobs)
    assert service.group.wait_all(names(250), on_poll=ticks.append).ok
    assert per_tick(ticks)[-10:] == [3] * 10
    assert service.calls["DescribeCompilationJob"] == 250


def test_what_the_list_does_not_show_is_described() -> None:
    jobs = {name: job._replace(listed_late=1e9) if name == "job-7" else job for name, job in window(20, "A").items()}
    jobs = {name: job._replace(states=((-60, "INPROGRESS"), (100, "COMPLETED"))) for name, job in jobs.items()}
    service = Service(JumpyTime(), jobs)
    assert service.group.wait_all(names(20)).ok
    assert service.calls["DescribeCompilationJob"] < 20 + 20


def test_listing_that_is_not_allowed_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    # A page that cannot be read is asked for again in this tick, and in the next one.
    for error, lists in (
        (api("AccessDeniedException"), 1),
        (api("ValidationException"), 1),
        (errors.ConversionError("odd"), 8),
    ):
        caplog.clear()

        def no(turn: int, request: Any, error: Any = error) -> Any:
            return error if isinstance(request, ListCompilationJobsRequest) else None

        service = Service(JumpyTime(), window(20, "INPROGRESS", "COMPLETED"), fault=no)
        assert service.group.wait_all(names(20)).ok
        assert service.calls["List"] == lists
        assert [record.levelname for record in caplog.records if "described instead" in record.getMessage()] == [
            "WARNING"
        ]


def test_a_throttled_page_is_asked_for_again_and_not_the_pages_before_it() -> None:
    asked: list[str | None] = []

    def throttled(turn: int, request: Any) -> Any:
        if not isinstance(request, ListCompilationJobsRequest):
            return None
        asked.append(request.next_token)
        return api("ThrottlingException") if len(asked) == 3 else None

    service = Service(JumpyTime(), window(400, "COMPLETED"), fault=throttled)
    assert service.group.wait_all(names(400)).ok
    assert asked == [None, "100", "200", "200", "300"]
    assert service.pacing.list.rate < 1


@pytest.mark.parametrize(
    "error", [api("ExpiredTokenException", "the token has expired"), errors.CredentialsError("none")]
)
@pytest.mark.parametrize("count", [3, 20])
def test_credentials_that_are_gone_end_it_at_once(error: errors.SageMakerError, count: int) -> None:
    service = Service(
        JumpyTime(), window(count, "INPROGRESS"), fault=lambda turn, request: error if turn >= 10 else None
    )
    with pytest.raises(type(error), match=str(error).rpartition(":")[2]):
        service.group.wait_all(names(count))
    assert sum(service.calls.values()) == 11


def test_no_region_is_one_error_and_not_one_for_each() -> None:
    service = Service(
        JumpyTime(), {}, fault=lambda turn, request: errors.ConfigurationError("You must specify a region.")
    )
    with pytest.raises(errors.ConfigurationError):
        service.group.wait_all(names(3))
    assert sum(service.calls.values()) == 1


# --- the deadline -----------------------------------------------------------------------------------------------------


def test_a_timeout_of_zero_looks_at_each_once() -> None:
    jobs = {**window(4, "INPROGRESS"), "done": steady("COMPLETED")}
    service = Service(JumpyTime(), jobs, latency=0.1)
    report = service.group.wait_all(jobs, timeout=0)
    assert (list(report.succeeded), list(report.pending)) == (["done"], names(4))
    assert {error.status for error in report.pending.values()} == {"INPROGRESS"}
    assert service.calls == {"DescribeCompilationJob": 5}


def test_what_ends_shortly_before_the_deadline_is_still_seen() -> None:
    # A tick takes four seconds here; one that began at the deadline could make one call.
    jobs = {
        name: job._replace(states=((-60, "INPROGRESS"), (570, "COMPLETED"))) for name, job in window(8, "A").items()
    }
    service = Service(JumpyTime(), jobs, latency=0.5)
    assert service.group.wait_all(names(8), timeout=600).ok


def test_what_has_ended_and_could_not_be_described_says_so() -> None:
    service = Service(JumpyTime(), window(60, "COMPLETED"), latency=1.0)
    report = service.group.wait_all(names(60), timeout=5)
    left = report.pending["job-59"]
    assert type(left) is errors.WaitTimeoutError
    assert "has finished, but could not be described within" in str(left)
    assert left.status == "COMPLETED"


# --- the report -------------------------------------------------------------------------------------------------------

MIXED = {
    "good": steady("INPROGRESS", "COMPLETED"),
    "bad": steady("INPROGRESS", "FAILED"),
    "halted": steady("STOPPING", "STOPPED"),
    "long": steady("INPROGRESS"),
}


def mixed(**options: Any) -> WaitReport[Any]:
    return Service(JumpyTime(), MIXED).group.wait_all([*MIXED, "none", "good"], **{"timeout": 1000, **options})


def test_each_name_is_in_one_of_five_places() -> None:
    report = mixed()
    assert report.counts == {"succeeded": 1, "failed": 1, "stopped": 1, "pending": 1, "missing": 1}
    assert len(report) == 5
    assert not report.ok
    assert [next(iter(place)) for place in (report.succeeded, report.failed, report.stopped, report.pending)] == [
        "good",
        "bad",
        "halted",
        "long",
    ]
    assert report.succeeded["good"].compilation_job_status == "COMPLETED"
    assert isinstance(report.failed["bad"], errors.WaitFailedError)
    assert isinstance(report.missing["none"], errors.ResourceNotFoundError)
    assert report.missing["none"].name == "none"
    assert list(report.problems) == ["bad", "halted", "long", "none"]
    assert report.summary == (
        "1 succeeded, 1 failed, 1 stopped, 1 pending, 1 missing (after 16m40s, 0 List and "
        f"{report.describe_calls} Describe calls)\n"
        "  bad: compilation job 'bad' failed after 5m00s (last state FAILED)\n"
        "  halted: compilation job 'halted' was stopped after 5m00s (last state STOPPED)\n"
        "  long: compilation job 'long' was not completed within 16m40s: it continues (last state INPROGRESS)\n"
        "  none: An error occurred (ResourceNotFound) when calling the DescribeCompilationJob operation: "
        "Could not find compilation job 'none'."
    )


def test_raise_for_failures() -> None:
    report = mixed()
    with pytest.raises(errors.WaitReportError, match="1 failed") as caught:
        report.raise_for_failures()
    assert caught.value.report is report
    caught.value.add_note("in the nightly run")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.__notes__) == (report.summary, ["in the nightly run"])
    assert again.report.counts == report.counts
    assert again.report.failed["bad"].status == "FAILED"
    for error in (caught.value, again):
        assert isinstance(error, errors.WaitError)
        assert (error.name, error.status, error.reason, error.arn, error.log_group, error.response) == ("", *[None] * 5)
        assert (error.elapsed, error.polls, error.retryable) == (0.0, 0, False)
        assert (error.message, error.code, error.operation) == (report.summary, None, None)
    Service(JumpyTime(), {"a": steady("COMPLETED")}).group.wait_all(["a"]).raise_for_failures()


def test_a_long_report_is_cut() -> None:
    service = Service(JumpyTime(), window(30, "FAILED"))
    report = service.group.wait_all(names(30))
    lines = report.summary.splitlines()
    assert len(lines) == 7
    assert lines[-1] == "  and 25 more"
    assert len(str(report).splitlines()) == 23
    assert str(report).endswith("\nand 10 more")


def test_nothing_to_wait_for() -> None:
    ticks: list[BatchEvent] = []
    report = Service(JumpyTime(), {}).group.wait_all([], on_poll=ticks.append)
    assert report.ok
    assert str(report) == "nothing to wait for (after 0s, 0 List and 0 Describe calls)"
    assert [(tick.done, tick.total) for tick in ticks] == [(0, 0)]
    assert Service(JumpyTime(), {})._run(wait_many([], WaitOptions())).ok


def test_fail_fast_ends_with_the_first() -> None:
    report = mixed(fail_fast=True)
    assert report.elapsed < 310
    assert report.counts["pending"] + report.counts["missing"] >= 1
    assert all(type(error) is errors.WaitError for error in report.pending.values())
    report = Service(JumpyTime(), {**MIXED, "soon": steady("FAILED")}).group.wait_all(
        ["good", "soon", "none"], fail_fast=True
    )
    assert report.counts == {"succeeded": 0, "failed": 1, "stopped": 0, "pending": 1, "missing": 1}
    assert str(report.pending["good"]) == (
        "compilation job 'good' was not waited for any longer, as another one did not succeed, after 0s "
        "(last state INPROGRESS)"
    )
    assert report.missing["none"].name == "none"


def test_a_malformed_name_ends_itself_only() -> None:
    service = Service(
        JumpyTime(),
        {"good": steady("COMPLETED")},
        fault=lambda turn, request: api("ValidationException", "1 validation error") if turn == 0 else None,
    )
    report = service.group.wait_all(["not_a_name", "good"])
    assert isinstance(report.failed["not_a_name"], errors.ValidationError)
    assert list(report.succeeded) == ["good"]


def test_until_deleted_and_until_stopped() -> None:
    jobs = {"gone": steady("STOPPING", None), "stays": steady("COMPLETED")}
    report = Service(JumpyTime(), jobs).group.wait_all([*jobs, "never"], until="deleted", timeout=500)
    assert report.counts == {"succeeded": 2, "failed": 0, "stopped": 0, "pending": 1, "missing": 0}
    assert report.succeeded["never"] is None
    assert report.succeeded["gone"].compilation_job_status == "STOPPING"
    report = Service(JumpyTime(), {"a": steady("STOPPED"), "b": steady("COMPLETED")}).group.wait_all(
        ["a", "b"], until="stopped"
    )
    assert list(report.succeeded) == ["a"]
    assert str(report.failed["b"]) == ("compilation job 'b' can no longer be stopped, after 0s (last state COMPLETED)")
    with pytest.raises(errors.InvalidRequestError, match="one of completed, stopped, deleted, not 'done'"):
        Service(JumpyTime(), {}).group.wait_all(["a"], until="done")  # type: ignore[arg-type]


def test_a_kind_that_is_not_known_by_one_name_is_refused() -> None:
    with pytest.raises(TypeError, match="one of many"):
        Many(_COMPLETED._replace(batch=None), ["a"], timeout=1, poll=None, now=0, clock=JumpyTime().clock)


# --- what is told meanwhile -------------------------------------------------------------------------------------------


def test_events_and_lines(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    ticks: list[BatchEvent] = []
    with caplog.at_level(logging.INFO, "sagemaker_typed"):
        service = Service(JumpyTime(), window(12, "STARTING", "COMPLETED"))
        service.group.wait_all(names(12), on_poll=ticks.append)
    lines = [record.getMessage() for record in caplog.records]
    assert sorted(lines) == sorted(
        f"compilation job '{name}': {status}" for name in names(12) for status in ("STARTING", "COMPLETED")
    )
    assert ticks[0].states == {"STARTING": 12}
    assert ticks[0].changed == dict.fromkeys(names(12), "STARTING")
    assert ticks[1].changed == {}
    assert ticks[0].slowest == "job-0"
    assert (ticks[-1].states, ticks[-1].done, ticks[-1].slowest) == ({"COMPLETED": 12}, 12, None)
    assert capsys.readouterr() == ("", "")


def test_what_is_gone_is_counted_as_gone() -> None:
    ticks: list[BatchEvent] = []
    service = Service(JumpyTime(), {"a": steady("STOPPING", None), "b": steady("INPROGRESS")})
    service.group.wait_all(["a", "b"], until="deleted", timeout=400, on_poll=ticks.append)
    assert ticks[0].states == {"STOPPING": 1, "INPROGRESS": 1}
    assert ticks[-1].states == {"gone": 1, "INPROGRESS": 1}


def test_a_status_nobody_knows_is_told_once_and_waited_out(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(JumpyTime(), window(12, "PONDERING", "COMPLETED"))
    assert service.group.wait_all(names(12)).ok
    assert sum("PONDERING" in record.getMessage() for record in caplog.records) == 12


@pytest.mark.parametrize("count", [5, 30])
def test_memory_does_not_grow_with_the_polls(count: int) -> None:
    service = Service(JumpyTime(), window(count, "INPROGRESS"))
    marks, sizes = [1000.0, 2000.0, 30_000.0], list[int]()

    def look(tick: BatchEvent) -> None:
        service.begun.clear()  # the simulated service's own diary
        service.time.slept.clear()
        if marks and tick.elapsed > marks[0]:
            marks.pop(0)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        service.group.wait_all(names(count), timeout=31_000, poll=100, on_poll=look)
    finally:
        tracemalloc.stop()
    assert len(sizes) == 3
    assert sizes[2] - sizes[1] < 30_000


# --- Ctrl-C -----------------------------------------------------------------------------------------------------------


def test_an_interrupt_names_those_that_go_on() -> None:
    service = Service(JumpyTime(interrupts=[0]), window(8, "INPROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(names(8))
    assert caught.value.__notes__ == [
        "8 compilation jobs continue: 'job-0', 'job-1', 'job-2', 'job-3', 'job-4' and 3 more; "
        "sm.compilation_jobs.stop(name) stops one"
    ]
    service = Service(JumpyTime(interrupts=[0]), window(1, "INPROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(names(1))
    assert caught.value.__notes__ == [
        "1 compilation job continues: 'job-0'; sm.compilation_jobs.stop('job-0') stops it"
    ]


def test_an_interrupt_does_not_say_that_a_missing_job_goes_on() -> None:
    service = Service(JumpyTime(interrupts=[0]), window(1, "INPROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(["job-0", "nope"])
    assert caught.value.__notes__ == [
        "1 compilation job continues: 'job-0'; sm.compilation_jobs.stop('job-0') stops it; 1 compilation job was not found"
    ]


def test_stop_on_interrupt_stops_those_that_run_and_waits_for_them() -> None:
    jobs = {**window(12, "INPROGRESS"), "done": steady("COMPLETED")}
    service = Service(JumpyTime(interrupts=[2]), jobs)
    report = service.group.wait_all(jobs, stop_on_interrupt=True)
    assert report.counts == {"succeeded": 1, "failed": 0, "stopped": 12, "pending": 0, "missing": 0}
    assert sorted(service.stopped) == sorted(names(12))


def test_stops_keep_a_pace_and_a_throttled_one_is_sent_again() -> None:
    seen: list[float] = []

    def throttled(turn: int, request: Any) -> Any:
        if not isinstance(request, StopCompilationJobRequest):
            return None
        seen.append(service.time.now)
        return api("ThrottlingException") if len(seen) == 5 else None

    service = Service(JumpyTime(interrupts=[1]), window(60, "INPROGRESS"), fault=throttled)
    report = service.group.wait_all(names(60), stop_on_interrupt=True)
    assert report.counts["stopped"] == 60
    assert len(seen) == 61
    assert len(set(seen)) > 20


def test_an_interrupt_with_nothing_to_stop_is_heard() -> None:
    service = Service(JumpyTime(interrupts=[0]), window(2, "INPROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(names(2), until="deleted", stop_on_interrupt=True)
    assert caught.value.__notes__ == ["2 compilation jobs continue: 'job-0', 'job-1'"]
    assert service.stopped == []


def test_a_second_interrupt_ends_it_and_says_what_was_told_to_stop() -> None:
    service = Service(JumpyTime(interrupts=[0, 1]), window(3, "INPROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        service.group.wait_all(names(3), stop_on_interrupt=True)
    assert caught.value.__notes__ == ["3 were told to stop and may not have stopped yet; 0 were not told"]


def test_those_that_cannot_be_stopped_are_not_waited_for() -> None:
    def no(turn: int, request: Any) -> Any:
        refused = isinstance(request, StopCompilationJobRequest) and request.compilation_job_name == "job-1"
        return api("AccessDeniedException") if refused else None

    service = Service(JumpyTime(interrupts=[0]), window(3, "INPROGRESS"), fault=no)
    report = service.group.wait_all(names(3), stop_on_interrupt=True)
    assert sorted(report.stopped) == ["job-0", "job-2"]
    assert "was not waited for any longer, as the wait was interrupted" in str(report.pending["job-1"])
    assert report.elapsed < 100


# --- over kinds -------------------------------------------------------------------------------------------------------


def offline() -> SageMaker:
    return SageMaker(region="us-west-2")


def arn(tail: str, region: str = "us-west-2") -> str:
    return f"arn:aws:sagemaker:{region}:123456789012:{tail}"


def test_items_are_sorted_by_kind() -> None:
    items = [
        arn("compilation-job/a"),
        ("endpoints", "b"),
        arn("endpoint/c"),
        ("compilation_jobs", "d"),
        arn("compilation-job/e"),
        arn("model-package/group/3"),
        arn("pipeline/p/execution/xyz"),
        arn("model-card/card/export-job/xyz"),
    ]
    kinds = kinds_of(items, WAITABLE, main_waiter, lambda: "us-west-2")
    found = [(prefix, waiter.group, waiter.target, names) for prefix, waiter, names in kinds]
    assert found == [
        (arn("compilation-job/"), "compilation_jobs", "completed", ["a", "e"]),
        ("endpoints/", "endpoints", "in service", ["b"]),
        (arn("endpoint/"), "endpoints", "in service", ["c"]),
        ("compilation_jobs/", "compilation_jobs", "completed", ["d"]),
        ("", "model_packages", "completed", [arn("model-package/group/3")]),
        ("", "pipeline_executions", "completed", [arn("pipeline/p/execution/xyz")]),
        ("", "model_card_export_jobs", "completed", [arn("model-card/card/export-job/xyz")]),  # with one state alone
    ]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("compilation-job", "several resources"),
        (["resnet"], "the ARN of a resource that can be waited on"),
        ([arn("model/m")], "the ARN of a resource"),
        ([("models", "m")], "a group that can be waited on, not 'models': actions, "),
        ([("compilation_jobs", "a", "b")], "an ARN or"),
        ([3], "an ARN or"),
        ([arn("compilation-job/a", "eu-west-1")], "a resource in us-west-2"),
    ],
)
def test_what_cannot_be_waited_on_is_refused(items: Any, message: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=message):
        offline().wait_all(items)


def test_two_kinds_share_the_ticks_and_one_report() -> None:
    service = Service(JumpyTime(), {**window(3, "INPROGRESS", "COMPLETED"), "x": steady("FAILED")})
    ticks: list[BatchEvent] = []
    kinds = [("first/", _COMPLETED, names(3)), ("second/", _COMPLETED, ["x", "none"])]
    report = service._run(wait_many(kinds, WaitOptions(timeout=1000, on_poll=ticks.append)))
    assert report.counts == {"succeeded": 3, "failed": 1, "stopped": 0, "pending": 0, "missing": 1}
    assert list(report.failed) == ["second/x"]
    assert (ticks[0].total, ticks[0].done) == (5, 1)
    assert ticks[0].states == {"INPROGRESS": 3, "FAILED": 1, "?": 1}
    assert set(ticks[0].changed) == {"first/job-0", "first/job-1", "first/job-2", "second/x"}
    assert len(report.summary.splitlines()) == 3

"""`sm.run_all`: what is submitted when, what becomes of refusals, and what leaves by an exception."""

from __future__ import annotations

import logging
import math
from itertools import repeat
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3
from sagemaker_typed._core.quoting import shortened
from sagemaker_typed._waiting.creating import ABSENT, LOST, QUEUED, SENT, UNKNOWN, Kinds
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed._waiting.running import Running, run_all
from sagemaker_typed._waiting.steps import Look
from sagemaker_typed._waiting.trouble import MOST_TEXT
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.types import (
    CreateCompilationJobRequest,
    CreateModelCardRequest,
    CreateUserProfileRequest,
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    DescribeUserProfileRequest,
    StartPipelineExecutionRequest,
)
from sagemaker_typed.waiting import BatchEvent, Pacing
from tests.support import account as acc
from tests.support.account import Account, Fault, Life, request
from tests.support.simulated import JumpyTime, api

NAMES = [f"job-{number:02}" for number in range(30)]


def requests(names: list[str] = NAMES) -> list[CreateCompilationJobRequest]:
    return [request(name) for name in names]


# --- before anything is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([DescribeCompilationJobRequest(compilation_job_name="a")], r"not DescribeCompilationJob"),
        (
            [request("a"), request("b"), request("a")],
            r"requests\[2\]: a unique name: requests\[0\] already creates the comp",
        ),
        (["a"], r"requests\[0\]: a request, not 'a'"),
        (request("a"), "several requests, not a CreateCompilationJobRequest"),
        ([StartPipelineExecutionRequest(pipeline_name="p")] * 2, r"pipeline execution 'p'"),
        ([CreateModelCardRequest(model_card_name="c", content="{}", model_card_status="Draft")], "not CreateModelCard"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_sent(given: Any, said: str) -> None:
    account = Account(JumpyTime())
    with pytest.raises(errors.InvalidRequestError, match=said):
        account.run_all(given)
    assert not account.calls


@pytest.mark.parametrize(
    ("options", "said"),
    [({"max_running": 0}, "max_running"), ({"max_running": True}, "max_running"), ({"exist_ok": "some"}, "exist_ok")],
)
def test_options_are_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=said):
        SageMaker(region="us-west-2").run_all([], **options)


def test_nothing_to_run() -> None:
    report = Account(JumpyTime()).run_all([])
    assert report.ok
    assert len(report) == 0


# --- calls ------------------------------------------------------------------------------------------------------------


def test_a_run_costs_one_creation_and_one_description_each_and_few_lists() -> None:
    account = Account(JumpyTime())
    report = account.run_all(requests(), max_running=10)
    assert report.ok
    assert account.most == 10
    assert (account.calls["Create"], account.calls["Describe"]) == (30, 30)
    assert account.calls["List"] <= 30
    assert (report.create_calls, report.describe_calls) == (30, 30)


@pytest.mark.parametrize(("count", "lists"), [(3, False), (4, True)])
def test_up_to_three_are_described_and_more_are_listed(count: int, lists: bool) -> None:
    account = Account(JumpyTime(), life=lambda name: Life(100))
    assert account.run_all(requests(NAMES[:count]), max_running=count).ok
    assert (account.calls["List"] > 0) == lists


def test_each_kind_of_call_that_is_answered_speeds_up_the_next_ones() -> None:
    account = Account(JumpyTime())
    before = Pacing()
    account.run_all(requests(), max_running=30)
    for kind in ("create", "list", "describe"):
        assert getattr(account.pacing, kind).rate > getattr(before, kind).rate, kind


def test_a_restart_describes_each_name_and_creates_what_is_missing() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(1000))
    for name in NAMES[-8:]:  # those that run are the last
        account.put(request(name), ago=100)
    report = account.run_all(requests(), max_running=10, exist_ok="same")
    assert report.ok
    assert account.most == 10
    assert account.calls["Create"] == 22


def test_a_name_that_cannot_be_looked_up_holds_the_others_up_until_it_is() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(5000), faults=[Fault(lambda: api("ThrottlingException"))])
    for name in NAMES[:2]:
        account.put(request(name), ago=100)
    account.run_all(requests(NAMES[:4]), max_running=2, exist_ok=True)
    assert account.most == 2


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_quota_is_waited_out_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(JumpyTime(), quota=4)
    ticks: list[BatchEvent] = []
    with caplog.at_level(logging.WARNING, "sagemaker_typed.waiting"):
        report = account.run_all(requests(), max_running=10, on_poll=ticks.append)
    assert report.ok
    assert account.most == 4
    told = [record for record in caplog.records if "waits for the quota, and so do others" in record.getMessage()]
    assert len(told) == 1
    assert "service limit 'Compilation jobs' is 4 Jobs" in told[0].getMessage()
    assert any(tick.states.get("held by a quota") for tick in ticks)
    assert account.refused["quota"] < 40  # one try for each that ends, and not one for each that waits


def test_a_quota_is_waited_out_until_the_timeout() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(10**6), quota=2)
    report = account.run_all(requests(NAMES[:3]), timeout=500)
    (late,) = (error for name, error in report.pending.items() if name not in account.accepted)
    assert isinstance(late, errors.WaitTimeoutError)
    assert isinstance(late.__cause__, errors.ResourceLimitExceededError)
    assert "was not submitted within 8m20s: the last answer was" in str(late)


def test_a_quota_that_is_too_small_for_the_request_is_a_failure() -> None:
    report = Account(JumpyTime(), quota=0).run_all(requests(NAMES[:2]))
    assert {type(error) for error in report.failed.values()} == {errors.ResourceLimitExceededError}
    assert report.elapsed < 60


def test_quotas_of_one_instance_type_do_not_hold_up_another() -> None:
    from sagemaker_typed._waiting.creating import quota_of
    from sagemaker_typed.types import CreateTransformJobRequest, TransformResources

    def asks(instance: str) -> CreateTransformJobRequest:
        resources = TransformResources(instance_type=instance, instance_count=1)  # type: ignore[arg-type]
        none: Any = None
        return CreateTransformJobRequest(
            transform_job_name="t", model_name="m", transform_input=none, transform_output=none,
            transform_resources=resources,
        )  # fmt: skip

    assert quota_of(asks("ml.m5.large")) == ("CreateTransformJob", "ml.m5.large")
    assert quota_of(asks("ml.m5.large")) != quota_of(asks("ml.c5.large"))


def test_throttling_slows_the_pace_of_submissions_and_fails_nothing() -> None:
    account = Account(JumpyTime(), faults=[acc.THROTTLED] * 3)
    report = account.run_all(requests(NAMES[:5]), max_running=5)
    assert report.ok
    assert account.calls["Create"] == 8
    assert account.refused["taken"] == 0


@pytest.mark.parametrize("fault", [acc.LOST, acc.FAILED_AFTER])
@pytest.mark.parametrize("shown_after", [0.0, 6.0])
def test_a_lost_answer_makes_no_second_job(fault: Fault, shown_after: float) -> None:
    account = Account(JumpyTime(), faults=[fault], shown_after=shown_after)
    report = account.run_all(requests(NAMES[:1]))
    assert report.ok
    assert account.accepted == NAMES[:1]


@pytest.mark.parametrize("fault", [acc.NEVER_SENT, acc.FAILED_BEFORE])
def test_a_creation_that_did_not_arrive_is_sent_again(fault: Fault) -> None:
    account = Account(JumpyTime(), faults=[fault])
    assert account.run_all(requests(NAMES[:1])).ok
    assert account.calls["Create"] == 2


def test_an_answer_that_there_is_none_shows_that_the_service_is_there() -> None:
    account = Account(JumpyTime(), faults=[acc.NEVER_SENT, None] * 10)
    report = account.run_all(requests(NAMES[:1]))
    assert report.ok
    assert report.elapsed > 300  # minutes in which no submission was answered
    assert report.create_calls == account.calls["Create"] == 11


def test_a_lost_answer_about_somebody_elses_job_is_a_failure() -> None:
    account = Account(JumpyTime(), faults=[acc.NEVER_SENT])
    account.put(request("job-00", framework="ONNX"))
    error = account.run_all(requests(NAMES[:1])).failed["job-00"]
    assert isinstance(error, errors.ResourceDiffersError)
    assert str(error) == (
        "compilation job 'job-00' exists already with other settings:\n"
        "  input_config.framework: requested 'PYTORCH', found 'ONNX'"
    )


def test_a_name_that_is_taken_is_a_failure_unless_it_may_be() -> None:
    account = Account(JumpyTime())
    account.put(request("job-00"))
    error = account.run_all(requests(NAMES[:2])).failed["job-00"]
    assert isinstance(error, errors.ResourceInUseError)
    assert account.run_all(requests(NAMES[:2]), exist_ok="same").ok
    assert account.calls["Create"] == 2


def test_where_nothing_ever_answers_the_run_ends_with_a_report() -> None:
    account = Account(JumpyTime(), faults=repeat(acc.NEVER_SENT))
    with pytest.raises(errors.TransportError) as caught:
        account.run_all(requests(NAMES[:3]))
    assert caught.value.report is not None
    assert list(caught.value.report.pending) == NAMES[:3]
    assert account.time.now - 1000 < 120


# --- what leaves by an exception --------------------------------------------------------------------------------------


def test_ctrl_c_says_what_goes_on_and_what_was_not_submitted() -> None:
    account = Account(JumpyTime(interrupts=[3]), life=lambda name: Life(5000))
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all(requests(NAMES[:6]), max_running=4)
    report = caught.value.report  # type: ignore[attr-defined]
    assert list(report.pending) == NAMES[:6]
    assert "4 compilation jobs continue" in caught.value.__notes__[0]
    assert "2 were not submitted" in caught.value.__notes__[0]
    assert "was not submitted, as the run ended with KeyboardInterrupt" in str(report.pending[NAMES[5]])


CONTINUES = (
    "1 compilation job continues: 'job-00'; sm.compilation_jobs.stop('job-00') stops it; 1 may have been created"
)


@pytest.mark.parametrize(
    ("answers", "count", "note"),
    [
        ([acc.CTRL_C_AFTER], 1, "1 may have been created"),
        ([None, acc.CTRL_C_AFTER], 2, CONTINUES),
        ([None, acc.CTRL_C_AFTER], 3, f"{CONTINUES}; 1 was not submitted"),
        ([None, acc.CTRL_C_AFTER], 4, f"{CONTINUES}; 2 were not submitted"),
    ],
)
def test_ctrl_c_tells_what_may_exist(answers: list[Fault | None], count: int, note: str) -> None:
    account = Account(JumpyTime(), life=lambda name: Life(5000), faults=answers)
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all(requests(NAMES[:count]), max_running=2)
    assert caught.value.__notes__ == [note]
    pending = list(caught.value.report.pending.values())  # type: ignore[attr-defined]
    told = {str(error).partition("' ")[2] for error in pending[len(answers) - 1 :]}
    lost = "was sent, and no answer came: it may have been created (after 0s)"
    unsent = "was not submitted, as the run ended with KeyboardInterrupt (after 0s)"
    assert told == ({lost, unsent} if count > 2 else {lost})


def test_ctrl_c_stops_what_runs_if_asked() -> None:
    account = Account(JumpyTime(interrupts=[3]), life=lambda name: Life(5000))
    report = account.run_all(requests(NAMES[:6]), max_running=4, stop_on_interrupt=True)
    assert list(report.stopped) == NAMES[:4]
    assert list(report.pending) == NAMES[4:6]
    assert account.calls["Stop"] == 4


def test_a_job_whose_creation_was_interrupted_is_stopped_as_well() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(5000), faults=[None, acc.CTRL_C_AFTER])
    report = account.run_all(requests(NAMES[:3]), max_running=2, stop_on_interrupt=True)
    assert list(report.stopped) == NAMES[:2]
    assert list(report.pending) == NAMES[2:3]


def test_a_job_whose_creation_was_lost_is_not_sent_again_after_an_interrupt() -> None:
    account = Account(JumpyTime(interrupts=[1]), faults=[acc.NEVER_SENT])
    report = account.run_all(requests(NAMES[:1]), stop_on_interrupt=True)
    assert list(report.pending) == NAMES[:1]
    assert report.elapsed < 60
    assert (account.calls["Create"], account.calls["Stop"]) == (1, 0)


def test_a_job_whose_creation_was_lost_may_exist() -> None:
    account = Account(JumpyTime(interrupts=[1]), faults=[acc.NEVER_SENT])
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all(requests(NAMES[:1]))
    assert caught.value.__notes__ == ["1 may have been created"]


def test_several_kinds_have_their_group_in_their_names() -> None:
    kinds = Kinds(RUNS, waiter_of, look=False)
    both = kinds.creations(
        [request("a"), StartPipelineExecutionRequest(pipeline_name="p", client_request_token="t" * 32)]
    )
    run_all(both, RunOptions())
    assert [each.name for each in both] == ["compilation_jobs/a", f"pipeline_executions/p/{'t' * 32}"]
    alike = kinds.creations(requests(NAMES[:2]))
    run_all(alike, RunOptions())
    assert [each.name for each in alike] == NAMES[:2]


def test_a_kind_without_a_single_name_is_described_by_requests_of_its_own() -> None:
    creation = Kinds(RUNS, waiter_of, look=False).creation(
        CreateUserProfileRequest(domain_id="d", user_profile_name="u")
    )
    account: Any = Account(JumpyTime())
    running = Running(account, RunOptions(poll=7), timeout=50)
    machine = running._machine(creation)
    assert machine.batch.describe is DescribeUserProfileRequest
    assert machine.deadline == account.time.now + 50
    assert running._machine(creation) is machine


def test_an_error_of_on_poll_leaves_with_the_report() -> None:
    def fails(event: BatchEvent) -> None:
        if event.done == 2:
            raise ValueError("enough")

    account = Account(JumpyTime(), life=lambda name: Life(50 + 400 * NAMES.index(name)))
    with pytest.raises(ValueError, match="enough") as caught:
        account.run_all(requests(NAMES[:6]), max_running=2, on_poll=fails)
    report = caught.value.report  # type: ignore[attr-defined]
    assert list(report.succeeded) == NAMES[:2]
    assert sorted([*report.succeeded, *report.pending]) == NAMES[:6]


def test_fail_fast_submits_no_more() -> None:
    account = Account(JumpyTime(), life=lambda name: Life(50, "FAILED" if name == "job-01" else "COMPLETED"))
    report = account.run_all(requests(NAMES[:10]), max_running=2, fail_fast=True)
    assert list(report.failed) == ["job-01"]
    assert len(account.accepted) <= 4
    assert "as another one did not succeed" in str(report.pending["job-09"])


def test_requests_of_several_kinds_are_told_apart_by_their_group() -> None:
    account = Account(JumpyTime())
    with pytest.raises(AssertionError):  # the account knows compilation jobs only
        account.run_all([request("a"), StartPipelineExecutionRequest(pipeline_name="p")])
    assert account.accepted == ["a"]


# --- the parts of a run -----------------------------------------------------------------------------------------------


def under_way(*states: str, poll: float | None = None, timeout: float = math.inf, **options: Any) -> tuple[Any, Any]:
    """A run of creations in these states, and the clock that it goes by."""
    account: Any = Account(JumpyTime())
    running: Any = Running(account, RunOptions(poll=poll, **options), timeout=timeout)
    kinds = Kinds(RUNS, waiter_of, look=False)
    for number, state in enumerate(states):
        creation = kinds.creation(request(f"job-{number}"))
        running.add(creation)
        creation.state = state
    return running, account.time


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize(
    ("state", "why", "cls", "text"),
    [
        (QUEUED, None, errors.WaitTimeoutError, "was not submitted within 1m05s{}"),
        (UNKNOWN, None, errors.WaitTimeoutError, "was not submitted within 1m05s{}"),
        (QUEUED, "was not waited for any longer, as it rains,", errors.WaitError,
         "was not submitted, as it rains{} (after 1m05s)"),
        (QUEUED, "was not submitted, as it rains,", errors.WaitError, "was not submitted, as it rains{} (after 1m05s)"),
        *((state, why, cls, "was sent, and no answer came: it may have been created{} (after 1m05s)")
          for state in (SENT, LOST, ABSENT)
          for why, cls in ((None, errors.WaitTimeoutError), ("was not waited for any longer,", errors.WaitError))),
    ],
)  # fmt: skip
def test_what_is_said_of_a_creation_that_never_ran(state: str, why: Any, cls: Any, text: str, refused: bool) -> None:
    running, time = under_way(state)
    creation = running._all["job-0"]
    refusal = api("ThrottlingException", "no" * 1000) if refused else None
    creation.refusal = refusal
    time.now += 65
    error = running._unfinished(creation, why)
    assert type(error) is cls
    shown = "" if refusal is None else f": the last answer was {shortened(str(refusal), MOST_TEXT)}"
    assert str(error) == f"compilation job 'job-0' {text.format(shown)}"
    assert (error.name, error.elapsed, error.__cause__) == ("job-0", 65.0, refusal)


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ([], "nothing is left running"),
        ([QUEUED], "1 was not submitted"),
        ([QUEUED, UNKNOWN], "2 were not submitted"),
        ([SENT], "1 may have been created"),
        ([SENT, LOST, ABSENT], "3 may have been created"),
        ([LOST, UNKNOWN], "1 may have been created; 1 was not submitted"),
    ],
)
def test_what_goes_on_after_a_run(states: list[str], text: str) -> None:
    running, _ = under_way(*states)
    assert running._goes_on() == text
    running._watch(running._all.setdefault("more", Kinds(RUNS, waiter_of, look=False).creation(request("more"))))
    more = "1 compilation job continues: 'more'; sm.compilation_jobs.stop('more') stops it"
    assert running._goes_on() == (f"{more}; {text}" if states else more)


@pytest.mark.parametrize("state", [QUEUED, UNKNOWN, SENT, LOST, ABSENT])
def test_only_what_was_not_submitted_can_be_withdrawn(state: str) -> None:
    ended: list[str] = []
    running, _ = under_way(state)
    running._ended = lambda name, outcome: ended.append(name)
    running.withdraw("another")
    assert running.unsubmitted == (["job-0"] if state in (QUEUED, UNKNOWN) else [])
    running.withdraw("job-0")
    assert ended == (["job-0"] if state in (QUEUED, UNKNOWN) else [])
    assert running.over is (state in (QUEUED, UNKNOWN))
    running.withdraw("job-0")
    assert len(ended) <= 1


@pytest.mark.parametrize("state", [QUEUED, UNKNOWN, SENT, LOST, ABSENT])
def test_what_an_interrupted_run_gives_up(state: str) -> None:
    """A request that was sent may have made its resource, which is looked for and stopped."""
    running, _ = under_way(state)
    running._give_up()
    given_up = state in (QUEUED, UNKNOWN, ABSENT)
    assert list(running.snapshot().pending) == (["job-0"] if given_up else [])
    if given_up:
        said = str(running.snapshot().pending["job-0"])
        assert ("may have been created" if state == ABSENT else "was not submitted, as the run was interrupted") in said


def test_a_run_wakes_up_for_the_first_of_what_is_due() -> None:
    running, time = under_way(QUEUED, QUEUED, poll=10**6)
    first, second = running._all.values()
    running._next_poll = time.now + 3000
    running._watch(first)
    assert running._next_poll == time.now + 2  # soon, as it is the first one
    running._next_poll = time.now + 3000
    second.deadline, second.bounded = time.now + 50, True
    running._watch(second)
    assert running._next_poll == time.now + 3000
    assert running._wake() == time.now + 50
    time.now += 50
    running._expire()
    assert list(running.snapshot().pending) == ["job-1"]
    assert running._wake() == time.now + 2950
    running._next_poll = time.now - 5
    assert running._wake() == time.now + 0.05
    running._next_poll = time.now + 7200
    assert running._wake() == time.now + 3600
    running._trouble.met(errors.TransportError("no route"))
    assert running._wake() == pytest.approx(time.now + 10)  # a minute after the beginning
    ends, clock = under_way(QUEUED, timeout=0.01)
    assert ends._wake() == clock.now + 0.01


def test_the_report_of_a_run_so_far() -> None:
    running, time = under_way(QUEUED, QUEUED, QUEUED)
    time.now += 7
    first, second, _ = running._all.values()
    running._watch(first)
    done = from_boto3(
        DescribeCompilationJobResponse, {"CompilationJobName": "job-1", "CompilationJobStatus": "COMPLETED"}
    )
    running._watch(second, done)
    so_far = running.snapshot()
    assert (list(so_far.succeeded), len(so_far), so_far.elapsed) == (["job-1"], 1, 7.0)
    assert (so_far.list_calls, so_far.describe_calls, so_far.create_calls) == (0, 0, 0)
    assert (running._done, running._running, running.over) == (1, 1, False)
    event = running._event(time.now)
    assert (event.total, event.done, event.elapsed, event.remaining) == (3, 1, 7.0, math.inf)
    assert event.states == {"COMPLETED": 1, "?": 1, "queued": 1}


def test_ctrl_c_in_the_last_callback_of_a_run_is_raised_as_it_is() -> None:
    def press(event: BatchEvent) -> None:
        if event.done == event.total:
            raise KeyboardInterrupt

    account = Account(JumpyTime(), life=lambda name: Life(5))
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all([request("a")], on_poll=press, stop_on_interrupt=True)
    assert getattr(caught.value, "__notes__", []) == []
    assert list(caught.value.report.succeeded) == ["a"]  # type: ignore[attr-defined]


def test_each_kind_that_cannot_be_stopped_is_left_and_the_others_are_stopped() -> None:
    running, _ = under_way(QUEUED, QUEUED, QUEUED)
    for creation in running._all.values():
        running._watch(creation)
    machine = running._machine(creation)
    machine._requests["job-1"] = machine._requests["job-1"][0], None
    sent: list[Any] = [step.request for step in running._stop_all() if isinstance(step, Look)]
    assert [each.compilation_job_name for each in sent] == ["job-0", "job-2"]
    assert running._stopped == 2
    assert not running._all_stopped()
    assert [step for step in running._stop_all() if isinstance(step, Look)] == []  # each is told once
    for name in ("job-0", "job-2"):
        machine.leave_alone(name)
    assert running._all_stopped()
    late = Kinds(RUNS, waiter_of, look=False).creation(request("late"))
    running.add(late)
    assert not running._all_stopped()
    late.state = SENT
    running._options = RunOptions(stop_on_interrupt=True)
    assert running._left_alone() is None
    assert (late.state, late.lost, running._stopping) == (LOST, True, True)
    assert running._left_alone() == f"2 were told to stop and may not have stopped yet; {running._goes_on()}"


@pytest.mark.parametrize(("seconds", "polls", "lost"), [(59, 2, False), (60, 1, False), (60, 2, True), (100, 2, False)])
def test_when_a_run_gives_up_for_lack_of_answers(seconds: float, polls: int, lost: bool) -> None:
    running, time = under_way(QUEUED, timeout=100)
    running._raise_if_lost()
    error = errors.TransportError("no route")
    for _ in range(polls):
        running._trouble.met(error)
    time.now += seconds
    if not lost:
        running._raise_if_lost()
        return
    with pytest.raises(errors.TransportError) as caught:
        running._raise_if_lost()
    assert caught.value is error
    assert error.__notes__ == ["no usable answer ever came in a run of 1, for 1m00s"]


def test_a_tick_tells_what_changed_since_the_last_one() -> None:
    changed: list[dict[str, str]] = []
    account = Account(JumpyTime(), life=lambda name: Life(30))
    account.run_all(
        [request("a"), request("b")], max_running=1, on_poll=lambda event: changed.append(dict(event.changed))
    )
    assert [each for each in changed if each] == [
        {"a": "submitted"}, {"a": "INPROGRESS"}, {"a": "COMPLETED", "b": "submitted"}, {"b": "INPROGRESS"},
        {"b": "COMPLETED"},
    ]  # fmt: skip

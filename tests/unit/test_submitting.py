"""What a run does with a creation in each of its states: what is due, what is sent or looked up, and what an answer means."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors, from_boto3, to_boto3, types
from sagemaker_typed._waiting.calls import Calls
from sagemaker_typed._waiting.creating import ABSENT, LOST, QUEUED, SENT, UNKNOWN, Creation, Kinds, quota_of
from sagemaker_typed._waiting.options import RunOptions
from sagemaker_typed._waiting.quotas import Quotas
from sagemaker_typed._waiting.steps import Look, Sleep
from sagemaker_typed._waiting.submitting import RunNeeds, Submitter
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.waiting import Pacing
from tests.support.account import request as compilation
from tests.support.simulated import api

NOW = 1000.0
EXECUTION = "arn:aws:sagemaker:us-west-2:1:pipeline/p/execution/"
STATES = (UNKNOWN, QUEUED, SENT, LOST, ABSENT)
NOT_FOUND = api("ResourceNotFound")
NO_ANSWER = errors.TransportError("no answer", "Operation")
THROTTLED = api("ThrottlingException")
DENIED = api("AccessDeniedException")
TAKEN = api("ResourceInUse")
QUOTA = api("ResourceLimitExceeded")


class Clock:
    """Stands still; what is random is the highest value that may come."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    def uniform(self, low: float, high: float) -> float:
        assert low <= high
        return high


class World:
    """A submitter, and what it tells its run."""

    def __init__(self, *requests: Any, running: int = 0, wanted: bool = True, **options: Any) -> None:
        self.clock = Clock()
        self.begun: list[str] = []
        self.watched: list[tuple[str, Any]] = []
        self.closed: list[tuple[str, str, Any]] = []
        self.trouble = Trouble("a run", NOW)
        self.pacing = Pacing()
        client: Any = SimpleNamespace(clock=self.clock, pacing=self.pacing)
        self.calls = Calls(client, self.trouble, NOW + 3600, once=False)
        self.wanted = wanted
        needs = RunNeeds(self._begin, self._watch, self._close, lambda: running)
        clock: Any = self.clock
        self.submitter = Submitter(clock, self.calls, self.trouble, RunOptions(**options), needs)
        kinds = Kinds(RUNS, waiter_of, look=True)
        self.creations = [kinds.creation(each) for each in requests]
        self.submitter.open = {each.name: each for each in self.creations}

    @property
    def first(self) -> Creation:
        return self.creations[0]

    def _begin(self, creation: Creation) -> bool:
        self.begun.append(creation.name)
        return self.wanted

    def _watch(self, creation: Creation, response: Any) -> None:
        self.watched.append((creation.name, response))

    def _close(self, creation: Creation, place: str, outcome: Any) -> None:
        self.closed.append((creation.name, place, outcome))

    def take(self, parts: Iterable[Any], *answers: Any) -> list[Any]:
        """Take the steps of the parts; return the requests. An answer is a response or an error."""
        sent, left = list[Any](), [*answers]
        for part in parts:
            step = next(part, None)
            while step is not None:
                answer = None
                if isinstance(step, Look):
                    sent.append(step.request)
                    answer = left.pop(0)
                else:
                    assert isinstance(step, Sleep)
                    self.clock.at += step.seconds
                try:
                    step = part.throw(answer) if isinstance(answer, Exception) else part.send(answer)
                except StopIteration:
                    step = None
        assert left == []
        return sent


def world(state: str, *names: str, **options: Any) -> World:
    made = World(*(compilation(name) for name in names or ("a",)), **options)
    for creation in made.creations:
        creation.state = state
        creation.lost = state in (LOST, ABSENT)
    return made


def execution(name: str = "nightly") -> Any:
    return types.StartPipelineExecutionRequest(pipeline_name="p", pipeline_execution_display_name=name)


def domain() -> Any:
    settings = types.UserSettings(execution_role="r")
    return types.CreateDomainRequest(domain_name="d", auth_mode="IAM", default_user_settings=settings)


# --- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "doubtful", "shown", "is_looked_up", "is_sent"),
    [
        (UNKNOWN, 0, "looked up", True, False),
        (QUEUED, 0, "queued", False, True),
        (SENT, 1, "being submitted", False, False),
        (LOST, 1, "being submitted", True, False),
        (ABSENT, 1, "being submitted", False, True),
    ],
)
def test_what_is_done_in_each_state(state: str, doubtful: int, shown: str, is_looked_up: bool, is_sent: bool) -> None:
    made = world(state)
    assert made.submitter.doubtful == doubtful
    assert made.submitter.shown(made.first) == shown
    assert len(list(made.submitter.searches())) == is_looked_up
    assert len(list(made.submitter.submissions())) == is_sent
    assert made.begun == (["a"] if state in (UNKNOWN, QUEUED) else [])


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_done_before_its_time(state: str) -> None:
    made = world(state)
    made.first.retry_at = NOW + 5
    assert [*made.submitter.searches(), *made.submitter.submissions()] == []
    made.clock.at += 5
    assert len([*made.submitter.searches(), *made.submitter.submissions()]) == (state != SENT)


@pytest.mark.parametrize(
    ("state", "running", "due"),
    [
        (UNKNOWN, 1, [NOW + 9, NOW + 5]),
        (LOST, 1, [NOW + 9, NOW + 5]),
        (QUEUED, 0, [NOW + 9, NOW + 5]),
        (QUEUED, 1, [NOW + 9]),
        (ABSENT, 1, [NOW + 9, NOW + 5]),
        (SENT, 1, [NOW + 9]),
    ],
)
def test_when_there_is_work_again(state: str, running: int, due: list[float]) -> None:
    made = world(state, running=running, max_running=1)
    made.first.retry_at, made.first.deadline = NOW + 5, NOW + 9
    assert list(made.submitter.due()) == due


def test_a_quota_holds_back_what_is_due() -> None:
    made = world(QUEUED)
    quota = quota_of(made.first.request)
    made.submitter.quotas.exceeded(quota, NOW)
    assert list(made.submitter.due()) == [math.inf, NOW + 5]
    assert made.submitter.shown(made.first) == "held by a quota"
    assert list(made.submitter.submissions()) == []
    made.clock.at = NOW + 5
    assert made.submitter.shown(made.first) == "queued"
    made.first.refusal = QUOTA
    assert made.submitter.shown(made.first) == "held by a quota"
    made.first.refusal = THROTTLED
    assert made.submitter.shown(made.first) == "queued"


def test_submissions_wait_until_it_is_known_how_many_run() -> None:
    made = world(QUEUED, "a", "b")
    made.creations[1].state = UNKNOWN
    assert list(made.submitter.submissions()) == []
    assert list(made.submitter.due()) == [math.inf, math.inf, -math.inf]
    made.creations[1].failures = 2
    assert list(made.submitter.submissions()) == []
    made.creations[1].failures = 3
    assert len(list(made.submitter.submissions())) == 1


@pytest.mark.parametrize(("running", "most", "sent"), [(0, 2, 2), (1, 2, 1), (2, 2, 0), (3, 2, 0), (0, 20, 3)])
def test_no_more_are_submitted_than_may_run(running: int, most: int, sent: int) -> None:
    made = world(QUEUED, "a", "b", "c", running=running, max_running=most)
    assert len(made.take(made.submitter.submissions(), *[NO_ANSWER] * sent)) == sent
    assert [each.state for each in made.creations] == [LOST] * sent + [QUEUED] * (3 - sent)


def test_what_may_run_already_is_sent_again_whatever_runs() -> None:
    made = world(ABSENT, "a", running=20)
    assert len(list(made.submitter.submissions())) == 1


@pytest.mark.parametrize("why", ["sent", "later", "full", "quota", "cancelled"])
def test_a_creation_that_cannot_be_submitted_does_not_hold_up_the_next(why: str) -> None:
    made = World(compilation("a"), execution(), running=20 if why == "full" else 0, wanted=why != "cancelled")
    first, second = made.creations
    first.state, second.state = SENT if why == "sent" else QUEUED, ABSENT
    if why == "later":
        first.retry_at = NOW + 1
    if why == "quota":
        made.submitter.quotas.exceeded(quota_of(first.request), NOW)
    assert made.take(made.submitter.submissions(), NO_ANSWER) == [second.request]
    assert second.lost


@pytest.mark.parametrize("state", [UNKNOWN, QUEUED])
def test_a_creation_that_was_cancelled_is_withdrawn(state: str) -> None:
    made = world(state, wanted=False)
    assert [*made.submitter.searches(), *made.submitter.submissions()] == []
    ((name, place, error),) = made.closed
    assert (name, place, type(error), error.name) == ("a", "pending", errors.WaitError, "a")
    assert "compilation job 'a' was not submitted: its future was cancelled" in str(error)


@pytest.mark.parametrize("why", ["late", "lost"])
@pytest.mark.parametrize("state", [UNKNOWN, QUEUED, LOST])
def test_nothing_begins_once_the_run_is_over(state: str, why: str) -> None:
    made = world(state)
    made.clock.at += 3601 if why == "late" else 61
    for _ in range(2):
        made.trouble.met(NO_ANSWER)
    if why == "late":
        made.trouble.over()
    assert [*made.submitter.searches(), *made.submitter.submissions()] == []
    assert made.closed == []


@pytest.mark.parametrize("kind", ["describe", "list", "create"])
@pytest.mark.parametrize("error", [THROTTLED, NO_ANSWER, None])
def test_each_kind_of_call_has_a_pace_of_its_own(kind: str, error: Any) -> None:
    made = World(execution()) if kind == "list" else world(UNKNOWN if kind == "describe" else QUEUED)
    answers = {"describe": described("a"), "list": page(None), "create": None}
    before = {each: getattr(made.pacing, each).rate for each in answers}
    parts = made.submitter.submissions() if kind == "create" else made.submitter.searches()
    made.take(parts, answers[kind] if error is None else error)
    changed = {each for each, rate in before.items() if getattr(made.pacing, each).rate != rate}
    assert changed == (set() if error is NO_ANSWER else {kind})
    assert (getattr(made.pacing, kind).rate < before[kind]) is (error is THROTTLED)


# --- looking up -------------------------------------------------------------------------------------------------------


def described(name: str = "a", framework: str = "PYTORCH") -> Any:
    said = to_boto3(compilation(name, framework=framework))
    return from_boto3(types.DescribeCompilationJobResponse, said)


@pytest.mark.parametrize("exist_ok", [False, True, "same"])
@pytest.mark.parametrize("framework", ["PYTORCH", "ONNX"])
def test_a_resource_that_exists(exist_ok: Any, framework: str) -> None:
    made = world(LOST, exist_ok=exist_ok)
    made.first.failures, made.first.taken = 2, TAKEN
    found = described(framework=framework)
    (sent,) = made.take(made.submitter.searches(), found)
    assert sent == types.DescribeCompilationJobRequest(compilation_job_name="a")
    assert made.submitter.report.describe_calls == 1
    assert made.first.failures == 0
    if framework == "ONNX" and exist_ok is not True:
        ((_, place, error),) = made.closed
        assert place == "failed"
        assert isinstance(error, errors.ResourceDiffersError)
        assert error.__cause__ is TAKEN
        assert made.watched == []
    else:
        assert made.watched == [("a", found)]
        assert made.closed == []


@pytest.mark.parametrize(
    ("state", "error", "after"),
    [
        (UNKNOWN, NOT_FOUND, (QUEUED, 0, None)),
        (LOST, NOT_FOUND, (ABSENT, 1, None)),
        (UNKNOWN, NO_ANSWER, (UNKNOWN, 1, NO_ANSWER)),
        (LOST, THROTTLED, (LOST, 1, THROTTLED)),
    ],
)
def test_a_look_up_without_a_resource(state: str, error: Any, after: tuple[Any, ...]) -> None:
    made = world(state)
    made.take(made.submitter.searches(), error)
    assert (made.first.state, made.first.failures, made.first.refusal) == after
    assert made.first.retry_at == (NOW + 1 if after[1] else -math.inf)
    assert made.closed == []
    assert made.watched == []
    assert made.trouble.last is after[2]
    assert made.trouble.heard is (error is not NO_ANSWER)


@pytest.mark.parametrize(("state", "notes"), [(UNKNOWN, 0), (LOST, 1)])
def test_a_look_up_that_fails_for_good(state: str, notes: int) -> None:
    error = api("ValidationException", "no")
    made = world(state)
    made.trouble.met(NO_ANSWER)
    made.take(made.submitter.searches(), error)
    assert made.closed == [("a", "failed", error)]
    assert made.trouble.last is None
    told = getattr(error, "__notes__", [])
    assert len(told) == notes
    assert all("compilation job 'a' was sent, and no answer came: it may have been created" in note for note in told)


@pytest.mark.parametrize("call", ["searches", "submissions"])
def test_an_error_that_meets_every_call_ends_the_run(call: str) -> None:
    expired = api("ExpiredTokenException")
    made = world(UNKNOWN if call == "searches" else ABSENT)
    with pytest.raises(type(expired)):
        made.take(getattr(made.submitter, call)(), expired)
    assert made.first.state == (UNKNOWN if call == "searches" else ABSENT)
    assert made.closed == []


def test_a_name_that_is_taken_and_not_found_fails_at_last() -> None:
    made = world(LOST)
    made.first.taken = TAKEN
    for number, seconds in enumerate((1, 2, 4)):
        made.take(made.submitter.searches(), NOT_FOUND)
        assert (made.first.failures, made.first.retry_at) == (number + 1, made.clock.at + seconds)
        assert made.closed == []
        made.clock.at = made.first.retry_at
    made.take(made.submitter.searches(), NOT_FOUND)
    assert made.closed == [("a", "failed", TAKEN)]


def page(token: str | None, *names: str) -> Any:
    items = [
        types.PipelineExecutionSummary(pipeline_execution_arn=EXECUTION + name, pipeline_execution_display_name=name)
        for name in names
    ]
    return types.ListPipelineExecutionsResponse(pipeline_execution_summaries=items, next_token=token)


def test_an_execution_is_found_in_the_list_however_many_pages_that_takes() -> None:
    made = World(execution())
    answer = from_boto3(
        types.DescribePipelineExecutionResponse,
        {
            "PipelineArn": "arn:aws:sagemaker:us-west-2:1:pipeline/p",
            "PipelineExecutionArn": EXECUTION + "nightly",
            "PipelineExecutionDisplayName": "nightly",
        },
    )
    sent = made.take(made.submitter.searches(), page("2", "daily"), page("3"), page("", "x", "nightly"), answer)
    lists = [types.ListPipelineExecutionsRequest] * 3
    assert [type(each) for each in sent] == [*lists, types.DescribePipelineExecutionRequest]
    assert [each.next_token for each in sent[:3]] == [None, "2", "3"]
    assert {each.pipeline_name for each in sent[:3]} == {"p"}
    assert sent[3].pipeline_execution_arn == EXECUTION + "nightly"
    assert (made.submitter.report.list_calls, made.submitter.report.describe_calls) == (3, 1)
    assert made.watched == [(made.first.name, answer)]


@pytest.mark.parametrize(
    ("last", "state", "failures"),
    [(page(None, "x"), QUEUED, 0), (page(""), QUEUED, 0), (NO_ANSWER, UNKNOWN, 1), (NOT_FOUND, QUEUED, 0)],
)
def test_an_execution_that_no_page_has(last: Any, state: str, failures: int) -> None:
    made = World(execution())
    made.take(made.submitter.searches(), page("2", "daily"), last)
    assert (made.first.state, made.first.failures) == (state, failures)
    assert made.submitter.report.list_calls == 2
    assert made.closed == []
    assert made.watched == []


@pytest.mark.parametrize(
    ("request_", "states"),
    [
        (execution(), [ABSENT]),  # its token lets the service know it again
        (domain(), [LOST, LOST, LOST, ABSENT]),  # two domains may have one name
    ],
)
def test_a_lost_creation_that_no_page_has(request_: Any, states: list[str]) -> None:
    made = World(request_)
    made.first.state, made.first.lost = LOST, True
    for state in states:
        made.take(
            made.submitter.searches(), SimpleNamespace(next_token=None, domains=[], pipeline_execution_summaries=[])
        )
        assert made.first.state == state
        assert made.first.retry_at > made.clock.at
        made.clock.at = made.first.retry_at
    assert made.closed == []


@pytest.mark.parametrize(("status", "runs"), [("Pending", True), ("InService", True), ("Stopped", False)])
def test_a_notebook_that_was_started_before(status: str, runs: bool) -> None:
    made = World(types.StartNotebookInstanceInput(notebook_instance_name="n"))
    said = {"NotebookInstanceName": "n", "NotebookInstanceStatus": status}
    answer = from_boto3(types.DescribeNotebookInstanceOutput, said)
    made.take(made.submitter.searches(), answer)
    assert made.watched == ([("n", answer)] if runs else [])
    assert made.first.state == (UNKNOWN if runs else QUEUED)


# --- submitting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [math.inf, NOW + 50])
def test_an_accepted_request_is_watched(bound: float) -> None:
    made = world(QUEUED)
    made.first.deadline = bound
    made.trouble.met(NO_ANSWER)
    (sent,) = made.take(made.submitter.submissions(), types.CreateCompilationJobResponse(compilation_job_arn="arn"))
    assert sent is made.first.request
    assert made.watched == [("a", None)]
    assert made.submitter.changed == {"a": "submitted"}
    assert made.submitter.report.create_calls == 1
    assert made.first.deadline == (NOW + made.first.waiter.timeout if bound == math.inf else bound)
    assert made.trouble.last is None


@pytest.mark.parametrize(
    ("error", "before", "options", "after"),
    [
        (QUOTA, QUEUED, {}, (QUEUED, False, None, -math.inf)),
        (QUOTA, ABSENT, {}, (ABSENT, False, None, -math.inf)),
        (THROTTLED, QUEUED, {}, (QUEUED, False, None, NOW + 1)),
        (THROTTLED, ABSENT, {}, (ABSENT, False, None, NOW + 1)),
        (NO_ANSWER, QUEUED, {}, (LOST, True, None, NOW + 1)),
        (TAKEN, QUEUED, {"exist_ok": True}, (LOST, False, TAKEN, -math.inf)),
        (TAKEN, QUEUED, {"exist_ok": "same"}, (LOST, False, TAKEN, -math.inf)),
    ],
)
def test_a_refusal_that_may_pass(error: Any, before: str, options: Any, after: tuple[Any, ...]) -> None:
    made = world(QUEUED, **options)
    made.first.state = before
    made.take(made.submitter.submissions(), error)
    assert (made.first.state, made.first.lost, made.first.taken, made.first.retry_at) == after
    assert made.first.refusal is error
    assert made.closed == []
    assert made.watched == []
    assert made.submitter.changed == ({"a": "held by a quota"} if error is QUOTA else {})
    assert made.trouble.in_a_row == (error in (THROTTLED, NO_ANSWER))


@pytest.mark.parametrize(("error", "options"), [(TAKEN, {}), (DENIED, {"exist_ok": True})])
def test_a_refusal_that_does_not_pass(error: Any, options: Any) -> None:
    made = world(QUEUED, **options)
    made.trouble.met(NO_ANSWER)
    made.take(made.submitter.submissions(), error)
    assert made.closed == [("a", "failed", error)]
    assert made.trouble.last is None


@pytest.mark.parametrize("error", [TAKEN, api("ValidationException")])
def test_any_refusal_after_a_lost_answer_may_be_due_to_what_was_created(error: Any) -> None:
    made = world(ABSENT)
    made.take(made.submitter.submissions(), error)
    assert (made.first.state, made.first.taken) == (LOST, error)
    assert made.closed == []


def test_a_repeatable_request_is_sent_again_without_a_look() -> None:
    made = World(types.CreateImageVersionRequest(image_name="i", base_image="b", client_token="t" * 32))
    made.take(made.submitter.submissions(), NO_ANSWER)
    assert (made.first.state, made.first.lost) == (ABSENT, True)
    made.clock.at += 1
    assert len(list(made.submitter.submissions())) == 1


@pytest.mark.parametrize(
    ("request_", "state"),
    [
        (compilation("a"), LOST),  # its name finds it, and a second one of this name is refused
        (types.CreatePipelineRequest(pipeline_name="p", role_arn="r", client_request_token="t" * 32), LOST),
        (execution(), ABSENT),
        (types.CreateImageVersionRequest(image_name="i", base_image="b", client_token="t" * 32), ABSENT),
        (domain(), LOST),
    ],
)
def test_what_has_a_name_to_describe_is_looked_up_before_it_is_sent_again(request_: Any, state: str) -> None:
    made = World(request_)
    made.first.state = QUEUED
    made.take(made.submitter.submissions(), NO_ANSWER)
    assert made.first.state == state


@pytest.mark.parametrize("answer", ["description", "page", "last page", "not found"])
def test_any_answer_to_a_look_up_ends_the_trouble(answer: str) -> None:
    made = World(execution()) if "page" in answer else world(LOST)
    made.trouble.met(NO_ANSWER)
    answers = {
        "description": [described()],
        "page": [page("2", "daily"), NO_ANSWER],
        "last page": [page(None, "daily")],
        "not found": [NOT_FOUND],
    }[answer]
    made.take(made.submitter.searches(), *answers)
    assert made.trouble.heard
    assert made.trouble.in_a_row == (answer == "page")  # the next page did not come


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    ("error", "in_a_row"),
    [(QUOTA, 0), (TAKEN, 0), (DENIED, 0), (THROTTLED, 2), (NO_ANSWER, 2), (api("InternalFailure"), 2)],
)
def test_a_refusal_of_a_submission_ends_the_trouble_unless_it_may_heal(error: Any, in_a_row: int, lost: bool) -> None:
    made = world(ABSENT if lost else QUEUED, exist_ok=True)
    made.trouble.met(NO_ANSWER)
    made.take(made.submitter.submissions(), error)
    assert made.trouble.in_a_row == in_a_row
    assert made.trouble.last is (error if in_a_row else None)


# --- quotas -----------------------------------------------------------------------------------------------------------

CPU, GPU = ("CreateTrainingJob", "ml.c5.large"), ("CreateTrainingJob", "ml.p3.2xlarge")


def test_a_quota_that_is_used_up_is_tried_ever_later() -> None:
    quotas = Quotas()
    assert (quotas.admits(CPU, NOW), quotas.until(CPU)) == (True, -math.inf)
    now = NOW
    for number, seconds in enumerate((5, 10, 20, 40, 80, 120, 120)):
        assert quotas.exceeded(CPU, now) is (number == 0)  # which is told once
        assert quotas.until(CPU) == now + seconds
        assert quotas.exceeded(CPU, now + seconds - 0.1) is False  # those under way together count once
        assert quotas.until(CPU) == now + seconds
        assert not quotas.admits(CPU, now + seconds - 0.1)
        assert quotas.admits(CPU, now + seconds)
        assert (quotas.admits(GPU, now), quotas.until(GPU)) == (True, -math.inf)
        now += seconds


def test_while_a_quota_is_used_up_one_request_at_a_time_is_tried() -> None:
    quotas = Quotas()
    quotas.sent(CPU)
    quotas.refused(CPU)
    quotas.accepted(CPU)  # nothing is known of it yet
    quotas.exceeded(CPU, NOW)
    later = NOW + 5
    for end in (quotas.refused, quotas.accepted):
        quotas.sent(CPU)
        assert not quotas.admits(CPU, later)
        end(CPU)
        assert quotas.admits(CPU, later)
    quotas.accepted(CPU)
    quotas.refused(CPU)  # more ends than beginnings: these were sent before
    for end in (quotas.accepted, quotas.refused):
        for _ in range(2):
            quotas.sent(CPU)
        end(CPU)
        assert not quotas.admits(CPU, later)  # the second is still under way
        end(CPU)


@pytest.mark.parametrize(("outcomes", "free"), [("aa", False), ("aaa", True), ("aara", False), ("aaraaa", True)])
def test_a_quota_is_trusted_after_three_requests_in_a_row(outcomes: str, free: bool) -> None:
    quotas = Quotas()
    quotas.exceeded(CPU, NOW)
    for outcome in outcomes:
        quotas.sent(CPU)
        (quotas.accepted if outcome == "a" else quotas.refused)(CPU)
    for _ in range(2):
        quotas.sent(CPU)
    assert quotas.admits(CPU, NOW + 5) is free
    assert quotas.exceeded(CPU, NOW + 9) is False  # told of before
    assert quotas.until(CPU) == NOW + 9 + (5 if free else 10)


def test_a_resource_that_has_finished_frees_its_quota_and_no_other() -> None:
    quotas = Quotas()
    quotas.freed(CPU)
    for quota in (CPU, GPU):
        quotas.exceeded(quota, NOW)
    quotas.freed(CPU)
    assert (quotas.admits(CPU, NOW), quotas.admits(GPU, NOW)) == (True, False)
    assert (quotas.until(CPU), quotas.until(GPU)) == (-math.inf, NOW + 5)
    quotas.exceeded(CPU, NOW)
    assert quotas.until(CPU) == NOW + 10

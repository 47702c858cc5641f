"""One wait as a state machine, look by look: every bound at its exact moment, every word, every log line."""

from __future__ import annotations

import logging
import math
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed._waiting.many import Many, counted
from sagemaker_typed._waiting.one import Progress
from sagemaker_typed._waiting.pacing import Clock, Pacing, TokenBucket, backoff
from sagemaker_typed._waiting.spec import Waiter
from sagemaker_typed._waiting.trouble import Trouble
from tests.support.simulated import api

START = 1000.0
HIGHEST = Clock(uniform=lambda low, high: high)
LOWEST = Clock(uniform=lambda low, high: low)
OUTCOMES = {"Busy": "pending", "Fine": "success", "Failed": "failure", "Over": "failure", "Stopped": "stopped"}


def waiter(**others: Any) -> Waiter[Any]:
    usual = {"group": "things", "noun": "thing", "target": "fine", "status": "state", "outcomes": OUTCOMES}
    return Waiter(**{**usual, "timeout": 100, "poll": (4, 30), "reason": "reason", "arn": "arn", **others})


def wait(clock: Clock = HIGHEST, *, timeout: float = 100.0, poll: float | None = None, **others: Any) -> Progress[Any]:
    own = {name: others.pop(name) for name in ("expected", "trouble") if name in others}
    return Progress(waiter(**others), "x", timeout=timeout, poll=poll, now=START, clock=clock, **own)


def said(state: str | None, **others: Any) -> Any:
    return SimpleNamespace(**{"state": state, "reason": None, "arn": None, **others})


LOST = errors.TransportError("no route", "DescribeThing")
MISSING = errors.ResourceNotFoundError(
    {"Error": {"Code": "ResourceNotFound", "Message": "no such thing"}}, "DescribeThing"
)
UNREADABLE = errors.ConversionError("no date")


# --- the outcome ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "outcome", "done"),
    [("Busy", "pending", False), ("Fine", "success", True), ("Failed", "failure", False), ("Stopped", "stopped", False),
     ("New", None, False), (None, "pending", False), ("", "pending", False)],
)  # fmt: skip
def test_what_a_status_means(state: str | None, outcome: str | None, done: bool) -> None:
    progress = wait()
    event = progress.answered(said(state), START + 5)
    assert (progress.outcome, progress.done, progress.polls) == (outcome, done, 1)
    assert (event.name, event.status, event.polls, event.elapsed, event.remaining) == ("x", state or "", 1, 5.0, 95.0)
    assert event.response is progress.response
    assert event.error is None


def test_what_is_left_is_never_less_than_nothing() -> None:
    assert wait().answered(said("Busy"), START + 200).remaining == 0.0


def test_changes() -> None:
    progress = wait()
    assert [progress.answered(said(state), START).changed for state in ("Busy", "Busy", "Fine", None, None)] == [
        True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "seconds", "outcome"),
    [
        (["Fine"], 10.0, "pending"),  # the update may not have begun to show,
        (["Fine"], 10.1, "failure"),  # but not for long
        (["Busy", "Fine"], 1.0, "failure"),
        (["Busy", "Fine", "Fine"], 1.0, "failure"),
        (["Busy"], 1.0, "pending"),
        (["Failed"], 1.0, "failure"),
    ],
)
def test_an_update_that_is_back_with_the_old(states: list[str], seconds: float, outcome: str) -> None:
    progress = wait(compare="config", expected="new")
    for state in states:
        progress.answered(said(state, config="old"), START + seconds)
    assert progress.outcome == outcome
    progress.answered(said("Fine", config="new"), START + seconds)
    assert progress.done


def test_a_list_that_showed_it_under_way_counts() -> None:
    progress = wait(compare="config", expected="new")
    progress.listed("Busy")
    progress.answered(said("Fine", config="old"), START + 1)
    assert progress.outcome == "failure"
    other = wait(compare="config", expected="new")
    other.listed("Fine")
    other.answered(said("Fine", config="old"), START + 1)
    assert other.outcome == "pending"


def test_what_a_list_says(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_typed.waiting")
    progress = wait()
    progress.unanswered(LOST, START)
    caplog.clear()
    for state in ("Busy", "Busy", "", "New", "New"):
        progress.listed(state)
    assert (progress.status, progress.error, progress.polls) == ("New", None, 1)
    assert [record.getMessage() for record in caplog.records] == [
        "thing 'x': Busy",
        "thing 'x': (no status)",
        "thing 'x': New",
    ]
    caplog.clear()
    for _ in range(2):
        (fresh := wait()).listed("New")
        fresh.listed("New")
    assert [record.getMessage() for record in caplog.records] == 2 * [
        "thing 'x': New",
        "thing 'x' has the status 'New', which this version does not know; still waiting",
    ]


def test_what_a_wait_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_typed.waiting")
    progress = wait()
    for state in ("Busy", "Busy", None, "New", "Busy", "New"):
        progress.answered(said(state), START)
    progress.unanswered(LOST, START)
    wait(status=None).answered(said("Busy"), START)
    wait(gone=True).unanswered(MISSING, START)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "thing 'x': Busy"),
        ("INFO", "thing 'x': (no status)"),
        ("INFO", "thing 'x': New"),
        ("WARNING", "thing 'x' has the status 'New', which this version does not know; still waiting"),
        ("INFO", "thing 'x': Busy"),
        ("INFO", "thing 'x': New"),
        ("DEBUG", "thing 'x': no route; polling again"),
        ("INFO", "thing 'x': there"),
        ("INFO", "thing 'x': gone"),
    ]


def test_without_a_status_it_is_there_or_not() -> None:
    progress = wait(status=None, outcomes={"": "success"})
    assert progress.answered(said("Busy"), START).status == ""
    assert progress.outcome == "pending"
    assert wait().answered(said("Busy"), START).changed


# --- errors -----------------------------------------------------------------------------------------------------------


def test_an_error_that_may_heal() -> None:
    progress = wait()
    progress.answered(said("Busy"), START)
    event = progress.unanswered(LOST, START + 3)
    assert (event.status, event.response, event.error, event.changed, event.polls) == (None, None, LOST, False, 2)
    assert progress.status == "Busy"


def test_gone_is_what_was_wanted() -> None:
    progress = wait(gone=True)
    event = progress.unanswered(MISSING, START)
    assert progress.done
    assert (event.changed, event.error, event.status) == (True, MISSING, None)
    with pytest.raises(errors.AccessDeniedError):
        wait(gone=True).unanswered(api("AccessDeniedException"), START)


@pytest.mark.parametrize(("seconds", "heals"), [(0.0, True), (9.9, True), (10.0, False), (60.0, False)])
def test_what_was_just_created_may_not_be_there_yet(seconds: float, heals: bool) -> None:
    progress = wait()
    if heals:
        assert progress.unanswered(MISSING, START + seconds).error is MISSING
    else:
        with pytest.raises(errors.ResourceNotFoundError):
            progress.unanswered(MISSING, START + seconds)
    seen = wait()
    seen.answered(said("Busy"), START)
    with pytest.raises(errors.ResourceNotFoundError):
        seen.unanswered(MISSING, START + seconds)


def test_what_cannot_be_read_three_times_in_a_row_ends_the_wait() -> None:
    progress = wait()
    for _ in range(3):  # each of these rows is broken by something that can be read, or that is no answer
        progress.unanswered(UNREADABLE, START)
        progress.unanswered(UNREADABLE, START)
        progress.unanswered(LOST, START)
        progress.unanswered(UNREADABLE, START)
        progress.unanswered(UNREADABLE, START)
        progress.answered(said("Busy"), START)
    progress.unanswered(UNREADABLE, START)
    progress.unanswered(UNREADABLE, START)
    with pytest.raises(errors.ConversionError):
        progress.unanswered(UNREADABLE, START)


def test_an_error_of_the_service_carries_the_wait() -> None:
    error = api("AccessDeniedException")
    progress = wait()
    progress.answered(said("Busy"), START)
    with pytest.raises(errors.AccessDeniedError):
        progress.unanswered(error, START + 61)
    assert error.__notes__ == ["while waiting for thing 'x', for 1m01s and 2 polls"]


def test_what_is_missing_carries_what_was_known_of_it() -> None:
    missing = errors.ResourceNotFoundError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeThing")
    progress = wait()
    progress.answered(last := said("Failed", reason="bad", arn="arn:x"), START)
    with pytest.raises(errors.ResourceNotFoundError):
        progress.unanswered(missing, START + 20)
    assert (missing.kind, missing.name, missing.arn) == ("thing", "x", "arn:x")
    assert (missing.status, missing.reason, missing.last_response) == ("Failed", "bad", last)
    assert (missing.elapsed, missing.polls) == (20.0, 2)
    named = errors.ResourceNotFoundError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeThing")
    named.kind, named.name, named.arn = "thing", "theirs", "arn:theirs"
    wait().tell(named, START)
    assert (named.kind, named.name, named.arn, named.status) == ("thing", "theirs", "arn:theirs", None)
    other = errors.ResourceNotFoundError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeThing")
    other.kind = "domain"
    progress.tell(other, START)
    assert (other.kind, other.name, other.arn) == ("domain", None, None)


def test_nothing_ever_answered() -> None:
    progress = wait(timeout=1000.0)
    progress.unanswered(LOST, START)
    progress.unanswered(LOST, START + 59.9)
    silent = errors.TransportError("no route", "DescribeThing")
    with pytest.raises(errors.TransportError):
        progress.unanswered(silent, START + 60)
    assert silent.__notes__ == ["no usable answer ever came while waiting for thing 'x', for 1m00s and 3 polls"]
    # At its deadline a wait says that it is late, not that nothing answers.
    late = wait(timeout=60.0)
    late.unanswered(LOST, START)
    assert late.unanswered(LOST, START + 60).error is LOST
    # One of many leaves it to the whole wait.
    one = wait(timeout=1000.0, trouble=Trouble("3 things", START))
    one.unanswered(LOST, START)
    assert one.unanswered(LOST, START + 100).error is LOST


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "seconds", "cls", "text"),
    [
        ("Busy", 99.9, None, ""),
        ("Busy", 100.0, errors.WaitTimeoutError,
         "thing 'x' was not fine within 1m40s: it continues; because (last state Busy)"),
        ("Failed", 0.0, errors.WaitFailedError, "thing 'x' failed after 0s: because (last state Failed)"),
        ("Over", 0.0, errors.WaitFailedError, "thing 'x' can no longer be fine, after 0s: because (last state Over)"),
        ("Stopped", 0.0, errors.WaitStoppedError, "thing 'x' was stopped after 0s: because (last state Stopped)"),
        ("Fine", 200.0, None, ""),
        ("New", 100.0, errors.WaitTimeoutError,
         "thing 'x' was not fine within 1m40s: it continues; "
         "because (last state New, which this version does not know)"),
    ],
)  # fmt: skip
def test_how_a_wait_ends(state: str, seconds: float, cls: Any, text: str) -> None:
    progress = wait(log_group="/logs/{name}/{id}")
    progress.answered(last := said(state, reason="because", arn="arn:thing/id-1"), START)
    if cls is None:
        progress.settle(START + seconds)
        return
    with pytest.raises(cls) as caught:
        progress.settle(START + seconds)
    error = caught.value
    assert type(error) is cls
    assert str(error) == text
    assert (error.name, error.status, error.reason, error.arn) == ("x", state, "because", "arn:thing/id-1")
    assert (error.elapsed, error.polls, error.log_group) == (seconds, 1, "/logs/x/id-1")
    assert error.response is last


def test_what_was_never_there_is_said_at_the_deadline() -> None:
    progress = wait(timeout=5.0)
    progress.unanswered(missing := errors.ResourceNotFoundError({"Error": {}}, "DescribeThing"), START)
    progress.settle(START + 4.9)
    with pytest.raises(errors.ResourceNotFoundError) as caught:
        progress.settle(START + 5)
    assert caught.value is missing
    assert missing.__notes__ == ["while waiting for thing 'x', for 5s and 1 polls"]


def test_a_timeout_says_what_failed_last() -> None:
    progress = wait()
    progress.unanswered(LOST, START)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        progress.settle(START + 100)
    assert str(caught.value) == (
        "thing 'x' was not fine within 1m40s: no poll had a usable answer (no route); it may still be running "
        "(last state none seen)"
    )
    assert caught.value.__cause__ is LOST
    assert caught.value.status is None
    failed = wait()
    failed.answered(said("Failed"), START)
    failed.unanswered(LOST, START)
    failed.settle(START + 99)  # the last look may have been about another state
    with pytest.raises(errors.WaitTimeoutError) as caught:
        failed.settle(START + 100)
    assert str(caught.value) == (
        "thing 'x' was not fine within 1m40s: the last poll failed with no route (last state Failed)"
    )


@pytest.mark.parametrize("state", ["Fine", "Failed", "Stopped", "Busy"])
def test_only_what_may_still_run_is_said_to_continue(state: str) -> None:
    progress = wait()
    progress.listed(state)
    progress.unanswered(LOST, START)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        progress.settle(START + 100)
    assert ("it continues; " in str(caught.value)) is (state == "Busy")


def test_a_deletion_that_takes_too_long() -> None:
    progress = wait(gone=True, target="deleted", outcomes={"Busy": "pending"})
    progress.answered(said("Busy"), START)
    with pytest.raises(errors.WaitTimeoutError, match="was not deleted within 1m40s: it is still there"):
        progress.settle(START + 100)


def test_without_a_status_none_is_told() -> None:
    progress = wait(status=None)
    progress.answered(said(None), START)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        progress.settle(START + 100)
    assert str(caught.value) == "thing 'x' was not fine within 1m40s: it continues"


def test_an_update_that_was_undone() -> None:
    progress = wait(compare="config", expected="new")
    progress.answered(said("Busy", config="old"), START)
    progress.answered(said("Fine", config="old"), START)
    with pytest.raises(errors.WaitFailedError) as caught:
        progress.settle(START)
    assert str(caught.value) == (
        "thing 'x' was not updated: it is back with config 'old' and not 'new', after 0s (last state Fine)"
    )
    progress = wait(compare="config", expected="new")
    progress.answered(said("Failed", config="new"), START)
    with pytest.raises(errors.WaitFailedError, match="thing 'x' failed after 0s"):
        progress.settle(START)


@pytest.mark.parametrize(
    ("state", "members", "reason"),
    [
        ("Stopped", {"finer": "MaxRuntime"}, "MaxRuntime"),
        ("Failed", {"finer": "MaxRuntime"}, "MaxRuntime"),
        ("Busy", {"finer": "Starting"}, None),
        ("Stopped", {"finer": "Stopped"}, None),
        ("Stopped", {"finer": None}, None),
        ("Stopped", {"finer": "MaxRuntime", "reason": "told"}, "told"),
        ("Busy", {"finer": "x", "reason": "told"}, "told"),
        ("Stopped", {"finer": "A", "history": None}, "A"),
        (
            "Stopped",
            {"finer": "A", "history": [SimpleNamespace(status="A", status_message=text) for text in ("1", "2", None)]
             + [None, SimpleNamespace(status="B", status_message="3")]},
            "A: 2",
        ),
    ],
)  # fmt: skip
def test_why(state: str, members: dict[str, Any], reason: str | None) -> None:
    progress = wait(secondary="finer", transitions="history")
    progress.answered(said(state, **{"history": None, **members}), START)
    assert progress.ended(errors.WaitFailedError, "ended", START).reason == reason


@pytest.mark.parametrize(
    ("cls", "state", "reason", "tells"),
    [
        (errors.WaitFailedError, "Failed", "r", False),
        (errors.WaitFailedError, "Failed", None, True),
        (errors.WaitTimeoutError, "Busy", "r", True),
        (errors.WaitTimeoutError, "Busy", None, True),
    ],
)
def test_the_error_of_the_last_look_is_told_where_it_may_be_the_cause(
    cls: type[errors.WaitError], state: str, reason: str | None, tells: bool
) -> None:
    progress = wait()
    progress.answered(said(state, reason=reason), START)
    text = "the last poll failed with no route"
    assert text not in str(progress.ended(cls, "ended", START))
    progress.unanswered(LOST, START)
    assert (text in str(progress.ended(cls, "ended", START))) is tells


@pytest.mark.parametrize(("state", "back"), [("Fine", True), ("Failed", False), ("Busy", False)])
def test_an_update_that_was_rolled_back(state: str, back: bool) -> None:
    progress = wait(compare="config", expected="new")
    progress.answered(said(state, config="old"), START)
    error = progress.ended(errors.WaitFailedError, "ended", START)
    assert error.rolled_back == (errors.Rollback("new", "old") if back else None)
    assert not hasattr(progress.ended(errors.WaitTimeoutError, "ended", START), "rolled_back")
    same = wait()
    same.answered(said("Fine"), START)
    assert same.ended(errors.WaitFailedError, "ended", START).rolled_back is None


def test_several_reasons_may_be_longer() -> None:
    explanation: Any = SimpleNamespace(text=lambda page, otherwise: f"{page}|{otherwise}")
    progress = wait(explanation=explanation)
    progress.answered(said("Failed", reason="r" * 5000), START)
    assert progress.ended(errors.WaitFailedError, "ended", START).reason == "r" * 5000
    assert 1200 < len(str(progress.ended(errors.WaitFailedError, "ended", START))) < 1300
    progress.explained = "p" * 5000
    error = progress.ended(errors.WaitFailedError, "ended", START)
    assert error.reason == "p" * 5000 + "|" + "r" * 5000
    assert 4800 < len(str(error)) < 4900


# --- the pace ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 4.0), (2, 8.0), (3, 16.0), (4, 30.0), (9, 30.0)])
def test_the_delay_grows(attempts: int, seconds: float) -> None:
    assert backoff(4, 30, attempts) == seconds
    highest, lowest = wait(timeout=1000.0), wait(LOWEST, timeout=1000.0)
    for _ in range(attempts):
        highest.answered(said("Busy"), START)
        lowest.answered(said("Busy"), START)
    assert highest.delay(START) == seconds
    assert lowest.delay(START) == 4.0


def test_the_last_look_falls_on_the_deadline_and_none_before_now() -> None:
    for progress in (wait(), wait(poll=50.0)):
        progress.answered(said("Busy"), START)
        assert progress.delay(START + 97) == 3.0
        assert progress.delay(START + 100) == 0.0
        assert progress.delay(START + 101) == 0.0
        progress.unanswered(api("ThrottlingException"), START)
        assert progress.delay(START + 97) == 3.0
        assert progress.delay(START + 101) == 0.0


def test_a_missing_one_is_looked_at_when_the_grace_is_over() -> None:
    for progress in (wait(), wait(poll=50.0)):
        progress.unanswered(MISSING, START)
        assert progress.delay(START + 8) == 2.0
    assert wait(poll=50.0).delay(START) == 50.0


@pytest.mark.parametrize(
    ("poll", "failures", "low", "high"),
    [(None, 1, 4.0, 8.0), (None, 2, 8.0, 16.0), (None, 3, 16.0, 30.0), (None, 5, 30.0, 30.0),
     (50.0, 1, 50.0, 50.0), (10.0, 1, 10.0, 20.0), (10.0, 2, 20.0, 30.0)],
)  # fmt: skip
def test_after_failures_the_delay_is_longer(poll: float | None, failures: int, low: float, high: float) -> None:
    for clock, seconds in ((LOWEST, low), (HIGHEST, high)):
        progress = wait(clock, timeout=1000.0, poll=poll)
        for _ in range(failures):
            progress.unanswered(api("ThrottlingException"), START)
        assert progress.delay(START) == seconds
        progress.answered(said("Busy"), START)
        assert progress.delay(START) <= max(high, 30.0)
        assert progress.delay(START) == (poll or (4.0 if clock is LOWEST else min(30.0, 4.0 * 2**failures)))


def test_errors_that_are_no_trouble_of_the_service_widen_nothing() -> None:
    progress = wait(timeout=1000.0)
    progress.unanswered(api("ThrottlingException"), START)
    progress.unanswered(UNREADABLE, START)
    assert progress.delay(START) == 8.0  # as after any second look


def test_while_nothing_answers_a_look_falls_on_the_moment_of_giving_up() -> None:
    progress = wait(timeout=1000.0, poll=300.0)
    progress.unanswered(LOST, START)
    assert progress.delay(START + 10) == 50.0
    progress.unanswered(api("ThrottlingException"), START + 10)  # an answer, and no good one
    assert progress.delay(START + 10) == 300.0
    one = wait(timeout=1000.0, poll=300.0, trouble=Trouble("3 things", START))
    one.unanswered(LOST, START)
    assert one.delay(START + 10) == 300.0


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_each_kind_of_trouble_is_told_once_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_typed.waiting")
    trouble = Trouble("thing 'x'", START)
    trouble.met(LOST)
    assert not caplog.records  # one alone is nothing to speak of
    trouble.met(LOST)
    trouble.met(LOST)
    trouble.met(api("ThrottlingException"))
    trouble.met(api("ServiceUnavailable"))
    trouble.over()
    trouble.over()
    trouble.met(LOST)
    trouble.met(LOST)
    trouble.over()
    throttled = str(api("ThrottlingException"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "thing 'x': 2 polls in a row failed, the last with no route; polling again"),
        ("WARNING", f"thing 'x': 4 polls in a row failed, the last with {throttled}; polling again"),
        ("WARNING", "thing 'x': 5 polls in a row failed, the last with "
         f"{api('ServiceUnavailable')}; polling again"),
        ("INFO", "thing 'x': answered again, after 5 failed polls"),
    ]  # fmt: skip
    assert trouble.warn("y", LOST, 3) is False
    assert trouble.warn("y", api("AccessDeniedException"), 3) is True


def test_when_nobody_will_answer() -> None:
    trouble = Trouble("thing 'x'", START)
    assert trouble.patience(START) == math.inf
    trouble.met(LOST)
    assert trouble.patience(START + 10) == 50.0
    assert not trouble.lost(START + 100)  # one look is not enough
    trouble.met(LOST)
    assert not trouble.lost(START + 59.9)
    assert trouble.lost(START + 60)
    trouble.met(UNREADABLE)
    assert trouble.heard
    assert not trouble.lost(START + 100)
    assert trouble.patience(START + 100) == math.inf
    heard = Trouble("thing 'x'", START)
    heard.over()
    heard.met(LOST)
    heard.met(LOST)
    assert not heard.lost(START + 100)
    assert (heard.in_a_row, heard.last) == (2, LOST)


# --- one of many ------------------------------------------------------------------------------------------------------


def many(names: list[str], **options: Any) -> Many[Any]:
    batch: Any = SimpleNamespace(list=None, list_scope=(), describe=None, stop=None)
    settings: dict[str, Any] = {"timeout": 100.0, "poll": None, "now": START, "clock": HIGHEST, **options}
    return Many(waiter(batch=batch), names, **settings)


def test_the_time_of_one_is_over_at_its_deadline() -> None:
    waits = many(["a"])
    waits.add("key", "b", None, None, timeout=50.0, now=START)  # type: ignore[arg-type]
    assert waits.next_deadline == START + 50
    waits.expire(START + 49.9)
    assert waits.pending == ["a", "key"]
    waits.expire(START + 50)
    assert waits.pending == ["a"]
    assert list(waits.report.pending) == ["b"]
    assert (waits.total, waits.event(START + 60).done, waits.event(START + 60).states) == (2, 1, {"?": 1, "gone": 1})
    assert waits.next_deadline == START + 100
    waits.end(START + 60)
    assert list(waits.report.pending) == ["a", "b"]
    assert many([]).next_deadline == math.inf


def test_what_one_of_many_leaves_in_the_report() -> None:
    placed: list[tuple[str, type]] = []
    waits = many(
        ["fine", "failed", "stopped", "new", "missing", "refused", "unreadable"],
        placed=lambda name, ended: placed.append((name, type(ended))),
    )
    waits.begin()
    for name, state in (("fine", "Fine"), ("failed", "Failed"), ("stopped", "Stopped"), ("new", "New")):
        waits.described(name, said(state), START + 3)
    waits.undescribed("missing", MISSING, START + 20)
    waits.undescribed("refused", api("ValidationException"), START + 20)
    for _ in range(3):
        waits.undescribed("unreadable", errors.ConversionError("no date"), START + 20)
    waits.described("fine", said("Fine"), START + 30)  # twice changes nothing
    report = waits.end(START + 40, "was left,")
    assert waits.changed == {"fine": "Fine", "failed": "Failed", "stopped": "Stopped", "new": "New"}
    assert {place: list(getattr(report, place)) for place in ("succeeded", "failed", "stopped", "missing", "pending")} == {
        "succeeded": ["fine"], "failed": ["failed", "refused"], "stopped": ["stopped"], "missing": ["missing"],
        "pending": ["new", "unreadable"],
    }  # fmt: skip
    assert dict(report.statuses) == {"fine": "Fine", "failed": "Failed", "stopped": "Stopped", "new": "New"}
    assert dict(report.seconds) == {
        "fine": 3.0, "failed": 3.0, "stopped": 3.0, "new": 40.0, "missing": 20.0, "refused": 20.0, "unreadable": 20.0,
    }  # fmt: skip
    assert str(report.pending["unreadable"]).startswith(
        "thing 'unreadable' may still be running, but its description cannot be read, after 20s"
    )
    assert isinstance(report.pending["unreadable"].__cause__, errors.ConversionError)
    assert str(report.pending["new"]) == (
        "thing 'new' was left, after 40s (last state New, which this version does not know)"
    )
    assert report.elapsed == 40.0
    assert report.describe_calls == 10
    assert dict(placed)["failed"] is errors.WaitFailedError
    assert [name for name, _ in placed] == ["fine", "failed", "stopped", "missing", "refused", "unreadable", "new"]


def test_one_that_was_not_there_yet_is_missing_and_says_so() -> None:
    missing = errors.ResourceNotFoundError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeThing")
    waits = many(["a"])
    waits.begin()
    waits.undescribed("a", missing, START + 1)
    assert waits.pending == ["a"]
    assert waits.end(START + 5).missing == {"a": missing}
    assert missing.__notes__ == ["while waiting for thing 'a', for 5s and 1 polls"]
    assert (missing.status, missing.elapsed, missing.polls) == (None, 5.0, 1)


def test_without_a_status_an_error_has_none() -> None:
    progress = wait()
    progress.answered(said(""), START)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        progress.settle(START + 100)
    assert caught.value.status is None


def test_what_would_meet_every_call_is_raised() -> None:
    waits = many(["a"])
    with pytest.raises(errors.CredentialsError):
        waits.undescribed("a", errors.CredentialsError("none", "DescribeThing"), START)
    assert waits.report.describe_calls == 1


def test_after_looks_without_an_answer_a_tick_ends() -> None:
    waits = many(list("abcdef"))
    waits.begin()
    for name in "abc":
        waits.undescribed(name, LOST, START)
    assert not waits.silent
    assert waits.pending == ["d", "e", "f", "a", "b", "c"]  # the others come first the next time
    waits.undescribed("d", LOST, START)
    assert waits.silent
    waits.described("e", said("Busy"), START)
    assert not waits.silent
    assert waits.calls == 5


def test_what_goes_on_is_named_up_to_some() -> None:
    assert many(["a"]).goes_on() == "1 thing continues: 'a'"
    text = many([str(number) for number in range(30)]).goes_on()
    shown = text.partition(" and ")[0].count("'") // 2
    assert text.startswith("30 things continue: '0', '1'")
    assert text.endswith(f" and {30 - shown} more")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "job", "1 job"),
        (2, "job", "2 jobs"),
        (0, "job", "0 jobs"),
        (2, "policy", "2 policies"),
        (1, "policy", "1 policy"),
    ],
)
def test_counted(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    ("group", "arn", "found"),
    [
        (None, "arn:x/1", None),
        ("/logs/{name}", None, "/logs/n"),
        ("/logs/{id}", None, None),
        ("/logs/{id}", "", None),
        ("/logs/{id}", "arn:x/1", "/logs/1"),
        ("/logs/{name}/{id}", "arn:x/y/1", "/logs/n/1"),
    ],
)
def test_the_log_group(group: str | None, arn: str | None, found: str | None) -> None:
    assert waiter(log_group=group).log_group_of("n", arn) == found


# --- the pace of many -------------------------------------------------------------------------------------------------


def test_tokens() -> None:
    bucket = TokenBucket(2.0, 100.0, burst=3)
    assert [bucket.take(START) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert bucket.take(START + 10) == 0.0  # no more than the burst is kept
    assert [bucket.take(START + 10) for _ in range(3)] == [0.0, 0.0, 0.5]
    assert bucket.take(START + 5) == 1.0  # a clock that another thread read earlier
    bucket.give_back()
    assert bucket.take(START + 10) == 1.0


def test_throttling_halves_and_success_speeds_up_within_bounds() -> None:
    bucket = TokenBucket(2.0, 2.5, burst=3)
    bucket.throttled(START, START + 1)
    assert bucket.rate == 1.0
    bucket.throttled(START + 1, START + 2)  # it began before that: the same burst
    assert bucket.rate == 1.0
    bucket.throttled(START + 1.1, START + 2)
    assert bucket.rate == 0.5
    for _ in range(9):
        bucket.throttled()
    assert bucket.rate == 0.1
    bucket.succeeded()
    assert bucket.rate == 0.1 * 1.125
    for _ in range(99):
        bucket.succeeded()
    assert bucket.rate == 2.5
    fresh = TokenBucket(2.0, 2.5, burst=4)
    fresh.throttled()
    assert fresh.take(START) == 1.0  # nothing is left of the burst,
    fresh.take(START + 100)
    assert [fresh.take(START + 100) for _ in range(2)] == [0.0, 1.0]  # and half of it comes back


def test_a_turn_after_the_deadline_is_given_back() -> None:
    pacing = Pacing(create_per_second=1.0)
    for _ in range(10):
        assert pacing.delay("create", START, START) == 0.0
    assert pacing.delay("create", START, START + 0.9) is None
    assert pacing.delay("create", START, START + 1.0) == 1.0
    assert pacing.bucket("create") is pacing.create
    assert pacing.bucket("list") is pacing.list
    assert pacing.bucket("describe") is pacing.describe
    assert Pacing(at_once=1).at_once == 1
    assert Pacing(describe_per_second=300.0).describe.rate == 300.0
    for _ in range(3):
        pacing.list.succeeded()
    fast = Pacing(list_per_second=30.0)
    fast.list.succeeded()
    assert fast.list.rate == 30.0
    for what, burst in (("list", 6), ("describe", 10), ("create", 10)):
        name: Any = what
        fresh = Pacing()
        assert [fresh.delay(name, START, START) for _ in range(burst + 1)] == [0.0] * burst + [None]


@pytest.mark.parametrize("name", ["list_per_second", "describe_per_second", "create_per_second"])
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_a_pace_of_nothing_is_refused(name: str, value: float) -> None:
    options: Any = {name: value}
    with pytest.raises(ValueError, match=f"^{name} must be greater than 0: {value}$"):
        Pacing(**options)


@pytest.mark.parametrize("value", [0, -1])
def test_nothing_at_once_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=f"^at_once must be 1 or more: {value}$"):
        Pacing(at_once=value)

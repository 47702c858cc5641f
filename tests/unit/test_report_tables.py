"""Reports as tables: rows, pandas, a terminal, a notebook."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any

import pytest

from sagemaker_typed import WaitReport, errors
from sagemaker_typed._core.tables import text_table
from sagemaker_typed.waiting import ReportRow
from tests.support import account as acc
from tests.support.account import Account, Life, request
from tests.support.simulated import JumpyTime

LIVES = {"good": Life(100), "bad": Life(50, "FAILED"), "halted": Life(50, "STOPPED"), "long": Life(10**6)}


def report() -> WaitReport[Any]:
    account = Account(JumpyTime(), life=LIVES.__getitem__)
    return account.run_all([request(name) for name in LIVES], timeout=600)


def test_rows_come_in_the_order_of_the_requests() -> None:
    made = report()
    rows = made.rows()
    assert [(row.name, row.outcome, row.status) for row in rows] == [
        ("good", "succeeded", "COMPLETED"),
        ("bad", "failed", "FAILED"),
        ("halted", "stopped", "STOPPED"),
        ("long", "pending", "INPROGRESS"),
    ]
    assert rows[0].response is made.succeeded["good"]
    assert rows[1].response is not None
    assert rows[1].response.compilation_job_status == "FAILED"
    assert rows[0].reason is None
    assert "was not completed within" in str(rows[3].reason)
    assert 100 <= (rows[0].seconds or 0) <= 140
    assert 590 <= (rows[3].seconds or 0) <= 601


def test_the_table_has_those_first_that_did_not_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    lines = str(report()).splitlines()
    assert lines[0].startswith("1 succeeded, 1 failed, 1 stopped, 1 pending (after 10m00s, 4 submissions, ")
    assert lines[1].split() == ["name", "outcome", "status", "seconds", "reason"]
    assert [line.split()[0] for line in lines[2:]] == ["bad", "halted", "long", "good"]
    assert all(len(line) <= 70 for line in lines[1:])


def test_a_table_is_safe_to_print() -> None:
    made: WaitReport[Any] = WaitReport()
    told = "clone of https://user:hush@host/x\x1b[31m\nfailed"
    made.failed["a\x1b]0;b"] = errors.WaitFailedError("it failed", name="a", reason=told)
    for text in (str(made), made._repr_html_()):
        assert "hush" not in text
        assert "\x1b" not in text
    assert len(str(made).splitlines()) == 3


def test_a_row_has_what_the_error_knows_unless_the_report_knows_better() -> None:
    failed = errors.WaitFailedError("it\n failed", name="a", status="Failed", elapsed=3.0, reason="no disk")
    made: errors.WaitReport[Any] = errors.WaitReport(failed={"a": failed, "b": errors.SageMakerError("odd\n text")})
    assert made.rows() == [
        ReportRow("a", "failed", "Failed", "no disk", 3.0, None),
        ReportRow("b", "failed", None, "odd text", None, None),
    ]
    made.statuses, made.seconds = {"a": "Stopping"}, {"a": 0.0, "b": 7.0}
    assert [(row.status, row.seconds) for row in made.rows()] == [("Stopping", 0.0), (None, 7.0)]
    failed.reason = None
    assert made.rows()[0].reason == "it failed"


def test_a_notebook_shows_a_table_in_html() -> None:
    made = report()
    made.failed["<b>"] = errors.WaitFailedError("<script>", name="<b>")
    html = made._repr_html_()
    assert html.count("<tr>") == 6
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_row_of_numbers_is_aligned_to_the_right() -> None:
    assert text_table(["a", "n"], [["x", 1.0], ["yy", 10.0]]) == ["a      n", "x    1.0", "yy  10.0"]
    assert text_table(["a"], []) == ["a"]


def test_without_pandas_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape("to_pandas() needs pandas: pip install pandas")):
        report().to_pandas()


def test_pandas_is_given_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas: Any = ModuleType("pandas")
    pandas.DataFrame = lambda rows, columns: (rows, columns)
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    rows, columns = report().to_pandas()
    assert columns == list(ReportRow._fields) == ["name", "outcome", "status", "reason", "seconds", "response"]
    assert [row["name"] for row in rows] == list(LIVES)


def test_progress_without_a_timeout_says_nothing_of_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(JumpyTime(), quota=1)
    assert account.run_all([request(f"job-{number}") for number in range(3)], progress=True).ok
    shown = capsys.readouterr().err
    assert "held by a quota" in shown
    assert "left" not in shown
    assert "inf" not in shown
    assert "3 of 3 done: 3 COMPLETED" in shown


def test_a_submission_without_an_answer_is_told_of() -> None:
    account = Account(JumpyTime(), faults=[acc.CTRL_C_AFTER])
    with pytest.raises(KeyboardInterrupt) as caught:
        account.run_all([request("a")])
    row = caught.value.report.rows()[0]  # type: ignore[attr-defined]
    assert (row.outcome, row.status) == ("pending", None)
    assert "was sent, and no answer came: it may have been created" in row.reason


# --- what a report knows ----------------------------------------------------------------------------------------------


def filled(*, first: int = 0, elapsed: float = 5.0) -> Any:
    """A report with an outcome of each kind, named by numbers from `first` on."""
    made: Any = WaitReport(elapsed=elapsed, list_calls=1, describe_calls=20, create_calls=300)
    names = [str(first + number) for number in range(5)]
    for place, name in zip(made._places(), names, strict=True):
        place[name] = errors.WaitError(f"of {name}", name=name)
        made.statuses[name], made.seconds[name] = f"status {name}", float(name)
    made.sort(names)
    return made


def test_a_report_takes_in_another() -> None:
    whole, other = filled(elapsed=5.0), filled(first=5, elapsed=9.0)
    whole.take(other)
    assert whole.counts == dict.fromkeys(("succeeded", "failed", "stopped", "pending", "missing"), 2)
    assert [list(place) for place in whole._places()] == [[str(number), str(number + 5)] for number in range(5)]
    assert len(whole) == 10
    assert whole.statuses == {str(number): f"status {number}" for number in range(10)}
    assert whole.seconds == {str(number): float(number) for number in range(10)}
    assert (whole.elapsed, whole.list_calls, whole.describe_calls, whole.create_calls) == (9.0, 2, 40, 600)
    assert [row.name for row in whole.rows()] == [str(number) for number in range(10)]
    whole.take(filled(elapsed=2.0))
    assert (whole.elapsed, len(whole)) == (9.0, 10)
    assert "3" in whole
    assert "11" not in whole
    assert list(whole.problems) == ["1", "6", "2", "7", "3", "8", "4", "9"]


def test_outcomes_are_sorted_as_the_names_were_given() -> None:
    made: Any = WaitReport()
    for name in "cab":
        made.failed[name] = errors.WaitError(name, name=name)
        made.missing[f"{name}{name}"] = errors.WaitError(name, name=name)
    assert [row.name for row in made.rows()] == ["c", "a", "b", "cc", "aa", "bb"]
    made.sort(["bb", "b", "aa", "a", "elsewhere", "c", "cc"])
    assert (list(made.failed), list(made.missing)) == (["b", "a", "c"], ["bb", "aa", "cc"])
    assert [row.name for row in made.rows()] == ["bb", "b", "aa", "a", "c", "cc"]
    made.pending["later"] = errors.WaitError("x", name="later")
    assert [row.name for row in made.rows()][-1] == "later"


@pytest.mark.parametrize("known", [False, True])
def test_a_row_has_what_the_report_knows_or_else_what_the_error_says(known: bool) -> None:
    made: Any = WaitReport()
    response = object()
    failed = errors.WaitFailedError(
        "it\n failed", name="a", status="Failed", reason="because", elapsed=3.0, response=response
    )
    differs = errors.ResourceDiffersError("job", "b", [errors.Difference("x", "1", "2")], response)
    refused = errors.ApiError({"Error": {"Code": "C", "Message": "no\n\nmore"}}, "CreateThing")
    made.failed.update(a=failed, b=differs, c=refused)
    made.succeeded["d"] = response
    if known:
        made.statuses.update(dict.fromkeys("abcd", "Seen"))
        made.seconds.update(dict.fromkeys("abcd", 0.0))
    rows = {row.name: row for row in made.rows()}
    status, seconds = ("Seen", 0.0) if known else (None, None)
    assert rows["a"] == ("a", "failed", status or "Failed", "because", 0.0 if known else 3.0, response)
    assert rows["b"] == (
        "b", "failed", status, "job 'b' exists already with other settings: x: requested 1, found 2", seconds, response,
    )  # fmt: skip
    said = "An error occurred (C) when calling the CreateThing operation: no more"
    assert rows["c"] == ("c", "failed", status, said, seconds, None)
    assert rows["d"] == ("d", "succeeded", status, None, seconds, response)


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7])
def test_a_summary_names_the_first_five(count: int) -> None:
    made: Any = WaitReport(elapsed=61)
    for number in range(count):
        made.pending[str(number)] = errors.WaitError(f"late\n{number}", name=str(number))
    assert made.summary.split("\n") == [
        f"{count} pending (after 1m01s, 0 List and 0 Describe calls)",
        *(f"  {number}: late {number}" for number in range(min(count, 5))),
        *([f"  and {count - 5} more"] if count > 5 else []),
    ]
    assert not made.ok
    with pytest.raises(errors.WaitReportError) as caught:
        made.raise_for_failures()
    assert (str(caught.value), caught.value.report) == (made.summary, made)


# --- errors that list what is wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", ["", "CreateThing"])
@pytest.mark.parametrize("count", [1, 2, 49, 50, 51, 60])
def test_an_invalid_request_lists_the_first_fifty_problems(count: int, request_: str) -> None:
    problems = [errors.Problem(f"f{number}" if number else "", "type", f"d{number}") for number in range(count)]
    error = errors.InvalidRequestError(problems, request_)
    head = f"{request_}: " if request_ else ""
    texts = ["d0", *(f"f{number}: d{number}" for number in range(1, count))]
    more = [f"... and {count - 50} more, in the `problems` of this error"] if count > 50 else []
    expected = head + texts[0] if count == 1 else "\n  ".join([f"{head}{count} problems", *texts[:50], *more])
    assert str(error) == expected
    assert (error.problems, error.request, error.operation) == (tuple(problems), request_, request_ or None)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 60])
def test_a_resource_that_differs_lists_the_first_fifty_differences(count: int) -> None:
    differences = [errors.Difference(f"f{number}", "a", "b") for number in range(count)]
    error = errors.ResourceDiffersError("job", "j", differences)
    lines = [f"f{number}: requested a, found b" for number in range(min(count, 50))]
    more = [f"... and {count - 50} more, in the `differences` of this error"] if count > 50 else []
    assert str(error) == "\n  ".join(["job 'j' exists already with other settings:", *lines, *more])
    assert (error.kind, error.name, error.differences, error.response) == ("job", "j", tuple(differences), None)

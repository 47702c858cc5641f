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
    assert "was not completed in time" in str(rows[3].reason)
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

"""Whatever befalls a run: never more than were asked for at once, nothing twice, each name once in the report, and an end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sagemaker_typed import errors
from sagemaker_typed.waiting import WaitReport
from tests.support import account as acc
from tests.support.account import Account, Life, request
from tests.support.simulated import JumpyTime, api


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("sagemaker_typed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nothing is timed here

NAMES = [f"job-{number:02}" for number in range(25)]
HEALS = [acc.THROTTLED, acc.LOST, acc.NEVER_SENT, acc.FAILED_AFTER, acc.FAILED_BEFORE]
ENDS = [acc.KILLED, acc.KILLED_AFTER, acc.CTRL_C, acc.CTRL_C_AFTER]

times = st.builds(
    JumpyTime,
    share=st.floats(0, 1),
    jumps=st.dictionaries(st.integers(0, 30), st.floats(0, 400), max_size=3),
    interrupts=st.lists(st.integers(0, 25), max_size=2),
)
lives = st.lists(
    st.builds(Life, st.floats(0, 900), st.sampled_from(["COMPLETED", "COMPLETED", "FAILED", "STOPPED"])),
    min_size=len(NAMES),
    max_size=len(NAMES),
)
calm = st.one_of(st.none(), st.none(), st.none(), st.sampled_from(HEALS))
faults = st.lists(st.one_of(calm, calm, calm, st.sampled_from(ENDS)), max_size=60)


def names_once(report: WaitReport[Any], names: list[str]) -> None:
    places = [report.succeeded, report.failed, report.stopped, report.pending, report.missing]
    assert sorted(name for place in places for name in place) == sorted(names)
    assert [row.name for row in report.rows()] == names


def agrees(report: WaitReport[Any], account: Account) -> None:
    """What a report says has happened."""
    for name, response in report.succeeded.items():
        assert account.status(name) == response.compilation_job_status == "COMPLETED"
    for name, error in report.failed.items():
        assert isinstance(error, errors.WaitFailedError), error
        assert account.status(name) == error.status == "FAILED"
    for name in report.stopped:
        assert account.status(name) == "STOPPED"


@relaxed
@given(
    time=times,
    ends=lives,
    count=st.integers(1, len(NAMES)),
    max_running=st.integers(1, 12),
    quota=st.integers(1, 12),
    script=faults,
    shown_after=st.sampled_from([0.0, 0.0, 2.0]),
    stop=st.booleans(),
    poll=st.one_of(st.none(), st.floats(0.5, 60)),
)
def test_a_run_that_is_killed_and_restarted_until_it_is_over(
    time: JumpyTime,
    ends: list[Life],
    count: int,
    max_running: int,
    quota: int,
    script: list[acc.Fault | None],
    shown_after: float,
    stop: bool,
    poll: float | None,
) -> None:
    life = dict(zip(NAMES, ends, strict=True))
    account = Account(time, life=life.__getitem__, quota=quota, faults=script, shown_after=shown_after)
    names = NAMES[:count]
    requests = [request(name) for name in names]
    exist_ok: Any = False
    restarts = 0
    for restarts in range(len(script) + 4):  # noqa: B007
        try:
            report = account.run_all(
                requests, max_running=max_running, exist_ok=exist_ok, poll=poll, stop_on_interrupt=stop
            )
        except (KeyboardInterrupt, acc.Killed) as error:
            names_once(error.report, names)  # type: ignore[union-attr]
            agrees(error.report, account)  # type: ignore[union-attr]
            exist_ok = "same"
            continue
        names_once(report, names)
        agrees(report, account)
        if not report.pending:
            break
        assert stop, report  # it was interrupted, and stopped what ran
        exist_ok = "same"
    else:
        raise AssertionError("it does not end")
    event(f"{min(restarts, 3)} restarts, {'quota met' if account.refused['quota'] else 'no quota'}")
    assert account.most <= min(max_running, quota)
    assert sorted(account.accepted) == sorted(names)  # each once
    if not any(fault is not None and fault not in (acc.THROTTLED, acc.NEVER_SENT) for fault in script) and not restarts:
        assert account.refused["taken"] == 0


@relaxed
@given(
    time=times,
    ends=lives,
    count=st.integers(1, len(NAMES)),
    there=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans(), st.floats(0, 2000)), max_size=12),
    exist_ok=st.sampled_from([False, True, "same"]),
    script=st.lists(calm, max_size=40),
    timeout=st.floats(1, 4000),
    fail_fast=st.booleans(),
)
def test_a_run_among_what_is_there_already(
    time: JumpyTime,
    ends: list[Life],
    count: int,
    there: list[tuple[str, bool, float]],
    exist_ok: Any,
    script: list[acc.Fault | None],
    timeout: float,
    fail_fast: bool,
) -> None:
    life = dict(zip(NAMES, ends, strict=True))
    account = Account(time, life=life.__getitem__, faults=script)
    for name, same, ago in there:
        account.put(request(name, framework="PYTORCH" if same else "ONNX"), ago=ago)
    others = set(account.jobs)
    differs = {name for name, job in account.jobs.items() if str(job.request.input_config.framework) == "ONNX"}  # type: ignore[union-attr]
    names = NAMES[:count]
    begun = time.now
    try:
        report = account.run_all(
            [request(name) for name in names], max_running=5, exist_ok=exist_ok, timeout=timeout, fail_fast=fail_fast
        )
    except KeyboardInterrupt as interrupt:
        report = interrupt.report  # type: ignore[attr-defined]
    names_once(report, names)
    assert set(account.accepted).isdisjoint(others)
    assert len(account.accepted) == len(set(account.accepted))
    for name, error in report.failed.items():
        if isinstance(error, errors.ResourceDiffersError):
            assert name in differs
            assert [each.path for each in error.differences] == ["input_config.framework"]
        elif isinstance(error, errors.ApiError):
            assert name in others
            assert exist_ok is False
        else:
            assert account.status(name) == "FAILED"
    for name in report.succeeded:
        assert account.status(name) == "COMPLETED"
        assert exist_ok is True or name not in differs
    assert time.now <= begun + timeout + 1 + sum(time._jumps.values())


@relaxed
@given(time=times, count=st.integers(1, 12), script=faults)
def test_each_exception_carries_a_whole_report(time: JumpyTime, count: int, script: list[acc.Fault | None]) -> None:
    expired = acc.Fault(lambda: api("ExpiredTokenException", operation="CreateCompilationJob"))
    account = Account(time, faults=[*script, expired, expired])
    names = NAMES[:count]
    try:
        account.run_all([request(name) for name in names], max_running=3, timeout=20000)
    except (errors.ExpiredCredentialsError, KeyboardInterrupt, acc.Killed) as error:
        names_once(error.report, names)  # type: ignore[union-attr,arg-type]
        agrees(error.report, account)  # type: ignore[union-attr,arg-type]

"""Whole waits and runs, call by call: `transcripts/*.txt` say what happens when, and each was read by a person.

Jobs poll from 2 seconds on, twice as long each time, up to 30; drawn delays are the longest that they may be.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.waiting import WaitReport
from tests.support import account as acc
from tests.support.account import Fault, Life, request
from tests.support.simulated import JumpyTime, api, steady
from tests.support.transcripts import ToldAccount, ToldService, transcript

NAMES = [f"job-{number}" for number in range(11)]
FOLDER = Path(__file__).parent / "transcripts"


def expected(file: str) -> dict[str, list[str]]:
    parts = (FOLDER / file).read_text(encoding="utf-8").split("## ")[1:]
    return {part.splitlines()[0]: part.splitlines()[1:] for part in parts}


# --- runs -------------------------------------------------------------------------------------------------------------


USUAL, LONG = Life(5), Life(5000)


def account(*faults: Fault | None, interrupts: Any = (), life: Any = USUAL, **options: Any) -> ToldAccount:
    lives = (lambda name: life) if isinstance(life, Life) else life
    return ToldAccount(JumpyTime(interrupts=interrupts), life=lives, faults=faults, **options)


def with_one(made: ToldAccount, **options: Any) -> ToldAccount:
    made.put(request("job-0", **options))
    return made


def on(operation: str, code: str) -> Fault:
    return Fault(lambda: api(code, operation=f"{operation}CompilationJob"))


def one_fails(name: str) -> Life:
    return Life(3, "FAILED") if name == "job-0" else Life(9)


RUNS: dict[str, tuple[int, Callable[[], ToldAccount], dict[str, Any]]] = {
    "as usual": (3, lambda: account(), {"max_running": 2}),
    "an answer is lost": (1, lambda: account(acc.LOST), {}),
    "an answer is lost, and the job shows late": (1, lambda: account(acc.LOST, shown_after=6.0, life=Life(20)), {}),
    "a creation did not arrive": (1, lambda: account(acc.NEVER_SENT), {}),
    "throttled": (2, lambda: account(acc.THROTTLED, acc.THROTTLED), {}),
    "a quota": (3, lambda: account(quota=1, life=Life(12)), {}),
    "a quota until the deadline": (2, lambda: account(quota=1, life=LONG), {"timeout": 8}),
    "one fails": (3, lambda: account(life=one_fails), {}),
    "one fails, and others are left alone": (3, lambda: account(life=one_fails), {"fail_fast": True, "max_running": 2}),
    "one is there": (2, lambda: with_one(account(life=Life(8))), {"exist_ok": "same", "max_running": 1}),
    "a name is taken": (2, lambda: with_one(account()), {}),
    "one is there with other settings": (1, lambda: with_one(account(), framework="ONNX"), {"exist_ok": "same"}),
    "one is there, whatever its settings": (1, lambda: with_one(account(), framework="ONNX"), {"exist_ok": True}),
    "a creation is refused": (2, lambda: account(on("Create", "ValidationException")), {}),
    "the credentials have expired": (2, lambda: account(on("Create", "ExpiredTokenException")), {}),
    "the credentials expire": (2, lambda: account(None, None, on("Describe", "ExpiredTokenException")), {}),
    "a look-up is throttled": (2, lambda: account(on("Describe", "ThrottlingException")), {"exist_ok": "same"}),
    "a look-up is refused": (2, lambda: account(on("Describe", "ValidationException")), {"exist_ok": "same"}),
    "an answer is lost, and a look-up refused": (
        1,
        lambda: account(acc.LOST, on("Describe", "ValidationException")),
        {},
    ),
    "Ctrl-C": (3, lambda: account(acc.LOST, interrupts=[0], life=LONG), {"max_running": 2}),
    "Ctrl-C stops": (3, lambda: account(interrupts=[1], life=LONG), {"max_running": 2, "stop_on_interrupt": True}),
    "Ctrl-C twice": (3, lambda: account(interrupts=[1, 2], life=LONG), {"max_running": 2, "stop_on_interrupt": True}),
    "Ctrl-C within a creation": (
        3,
        lambda: account(None, acc.CTRL_C_AFTER, life=LONG),
        {"max_running": 2, "stop_on_interrupt": True},
    ),
    "stops fail": (
        2,
        lambda: account(
            *[None] * 4,
            on("Stop", "ThrottlingException"),
            on("Stop", "ValidationException"),
            interrupts=[1],
            life=Life(60),
        ),
        {"stop_on_interrupt": True},
    ),
    "the deadline": (2, lambda: account(life=LONG), {"max_running": 1, "timeout": 20}),
    "nothing is heard until the deadline": (1, lambda: account(acc.LOST, *[acc.NEVER_SENT] * 9), {"timeout": 20}),
    "nothing ever answers": (2, lambda: account(*[acc.NEVER_SENT] * 40), {}),
    "a fixed pace": (1, lambda: account(life=Life(12)), {"poll": 5}),
}


def run(name: str) -> list[str]:
    count, make, options = RUNS[name]
    made = make()

    def act() -> WaitReport[Any]:
        return made.run_all([request(each) for each in NAMES[:count]], on_poll=made.told.tick, **options)

    return transcript(made.told, act)


@pytest.mark.parametrize("name", RUNS)
def test_a_run(name: str) -> None:
    assert run(name) == expected("runs.txt")[name]


# --- waits on many ----------------------------------------------------------------------------------------------------


def service(count: int = 2, *, interrupts: Any = (), **options: Any) -> ToldService:
    ends = [("COMPLETED", 5.0), ("FAILED", 12.0)]
    jobs = {
        name: steady("INPROGRESS", ends[number % 2][0], every=ends[number % 2][1], created=-60.0 - number)
        for number, name in enumerate(NAMES[:count])
    }
    return ToldService(JumpyTime(interrupts=interrupts), jobs, **options)


def failing(kind: str, turns: Any, error: Callable[[], BaseException]) -> Callable[[int, Any], BaseException | None]:
    return lambda turn, asked: error() if turn in turns and type(asked).__name__.startswith(kind) else None


def throttled() -> BaseException:
    return api("ThrottlingException")


def denied() -> BaseException:
    return api("ValidationException")


def expired() -> BaseException:
    return api("ExpiredTokenException")


def cut_off() -> BaseException:
    from sagemaker_typed.errors import TransportError

    return TransportError("cut off")


SWEPT = 11
"""From so many on, a wait goes over the list."""
WAITS: dict[str, tuple[int, Callable[[], ToldService], dict[str, Any]]] = {
    "a few": (2, service, {}),
    "many": (SWEPT, lambda: service(SWEPT), {}),
    "many by pages": (SWEPT, lambda: service(SWEPT, page=4), {}),
    "one is not there": (3, service, {}),
    "of many one is not there": (SWEPT, lambda: service(SWEPT - 1), {}),
    "one fails, and others are left alone": (3, lambda: service(3), {"fail_fast": True}),
    "the deadline": (2, lambda: service(), {"timeout": 7}),
    "a look once": (2, lambda: service(), {"timeout": 0}),
    "a look once at many": (SWEPT, lambda: service(SWEPT), {"timeout": 0}),
    "a fixed pace": (2, lambda: service(), {"poll": 10}),
    "the list is throttled": (SWEPT, lambda: service(SWEPT, fault=failing("List", {0, 2}, throttled)), {}),
    "the list stays throttled": (SWEPT, lambda: service(SWEPT, fault=failing("List", range(99), throttled)), {}),
    "the list is refused": (SWEPT, lambda: service(SWEPT, fault=failing("List", range(99), denied)), {}),
    "descriptions are throttled": (2, lambda: service(fault=failing("Describe", {0, 3}, throttled)), {}),
    "a description is refused": (2, lambda: service(fault=failing("Describe", {1}, denied)), {}),
    "nothing ever answers": (2, lambda: service(fault=failing("", range(99), cut_off)), {}),
    "of many nothing ever answers": (SWEPT, lambda: service(SWEPT, fault=failing("", range(99), cut_off)), {}),
    "nothing answers until the deadline": (2, lambda: service(fault=failing("", range(99), cut_off)), {"timeout": 30}),
    "the credentials expire": (2, lambda: service(fault=failing("", range(3, 99), expired)), {}),
    "Ctrl-C": (2, lambda: service(interrupts=[1]), {}),
    "Ctrl-C stops": (2, lambda: service(interrupts=[0]), {"stop_on_interrupt": True}),
    "Ctrl-C twice": (2, lambda: service(interrupts=[0, 1]), {"stop_on_interrupt": True}),
    "stops fail": (
        2,
        lambda: service(interrupts=[0], fault=failing("Stop", range(5), throttled)),
        {"stop_on_interrupt": True},
    ),
    "stops are refused": (
        2,
        lambda: service(interrupts=[0], fault=failing("Stop", range(99), denied)),
        {"stop_on_interrupt": True},
    ),
}


def wait(name: str) -> list[str]:
    count, make, options = WAITS[name]
    made = make()

    def act() -> WaitReport[Any]:
        return made.group.wait_all(NAMES[:count], on_poll=made.told.tick, **options)

    return transcript(made.told, act)


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_on_many(name: str) -> None:
    assert wait(name) == expected("waits.txt")[name]


def test_no_transcript_is_left_over() -> None:
    assert (set(expected("runs.txt")), set(expected("waits.txt"))) == (set(RUNS), set(WAITS))

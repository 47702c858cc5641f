"""Whole waits and runs, call by call: `transcripts/*.txt` say what happens when, and each was read by a person.

Jobs poll from 2 seconds on, twice as long each time, up to 30; drawn delays are the longest that they may be.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.resources.compilation_jobs import CompilationJobs
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


def with_another(made: ToldAccount) -> ToldAccount:
    made.put(request("another"))
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


# --- waits on one -----------------------------------------------------------------------------------------------------


def lone(*states: str | None, first: float = -60.0, **options: Any) -> ToldService:
    interrupts = options.pop("interrupts", ())
    jobs = {"job": steady(*(states or ("STARTING", "COMPLETED")), every=5.0, first=first)}
    return ToldService(JumpyTime(interrupts=interrupts), jobs, **options)


def always(kind: str, error: Callable[[], BaseException]) -> dict[str, Any]:
    return {"fault": failing(kind, range(99), error)}


def undue() -> BaseException:
    return api("ResourceNotFound", operation="StopCompilationJob")


ONES: dict[str, tuple[str, Callable[[], ToldService], dict[str, Any]]] = {
    "as usual": ("completed", lambda: lone("STARTING", "INPROGRESS", "COMPLETED"), {}),
    "it fails": ("completed", lambda: lone("INPROGRESS", "FAILED"), {}),
    "it is stopped": ("completed", lambda: lone("INPROGRESS", "STOPPING", "STOPPED"), {}),
    "it has ended before": ("completed", lambda: lone("COMPLETED"), {}),
    "a status that nobody knows": ("completed", lambda: lone("PONDERING", "COMPLETED"), {}),
    "it shows late": ("completed", lambda: lone(None, "INPROGRESS", "COMPLETED"), {}),
    "it is not there": ("completed", lambda: lone(None), {}),
    "it is gone meanwhile": ("completed", lambda: lone("INPROGRESS", None), {}),
    "until it is stopped": ("stopped", lambda: lone("STOPPING", "STOPPED"), {}),
    "until it is stopped, and it completes": ("stopped", lambda: lone("STOPPING", "COMPLETED"), {}),
    "until it is gone": ("deleted", lambda: lone("COMPLETED", None), {}),
    "until it is gone, and it never was there": ("deleted", lambda: lone(None), {}),
    "until it is gone, and it stays": ("deleted", lambda: lone("COMPLETED"), {"timeout": 9}),
    "the deadline": ("completed", lambda: lone("INPROGRESS"), {"timeout": 9}),
    "a look once": ("completed", lambda: lone("INPROGRESS"), {"timeout": 0}),
    "a fixed pace": ("completed", lambda: lone(), {"poll": 3}),
    "throttled": ("completed", lambda: lone(fault=failing("Describe", {0, 1, 3}, throttled)), {}),
    "a description is refused": ("completed", lambda: lone(fault=failing("Describe", {1}, denied)), {}),
    "nothing ever answers": ("completed", lambda: lone(**always("", cut_off)), {}),
    "nothing answers until the deadline": ("completed", lambda: lone(**always("", cut_off)), {"timeout": 20}),
    "the credentials expire": ("completed", lambda: lone("INPROGRESS", fault=failing("", {2}, expired)), {}),
    "Ctrl-C": ("completed", lambda: lone("INPROGRESS", interrupts=[1]), {}),
    "Ctrl-C, and it is not there": ("completed", lambda: lone(None, interrupts=[0]), {}),
    "Ctrl-C stops": ("completed", lambda: lone("INPROGRESS", interrupts=[1]), {"stop_on_interrupt": True}),
    "Ctrl-C twice": ("completed", lambda: lone("INPROGRESS", interrupts=[0, 1]), {"stop_on_interrupt": True}),
    "a stop is throttled": (
        "completed",
        lambda: lone("INPROGRESS", interrupts=[0], fault=failing("Stop", range(3), throttled)),
        {"stop_on_interrupt": True},
    ),
    "a stop comes too early": (
        "completed",
        lambda: lone("INPROGRESS", interrupts=[0], fault=failing("Stop", range(2), undue)),
        {"stop_on_interrupt": True},
    ),
    "a stop is refused": (
        "completed",
        lambda: lone("INPROGRESS", interrupts=[0], **always("Stop", denied)),
        {"stop_on_interrupt": True},
    ),
    "a stop comes too late": (
        "completed",
        lambda: lone("INPROGRESS", "COMPLETED", interrupts=[0], latency=2.0, **always("Stop", denied)),
        {"stop_on_interrupt": True},
    ),
    "a stop is throttled, and Ctrl-C again": (
        "completed",
        lambda: lone("INPROGRESS", interrupts=[0, 1], **always("Stop", throttled)),
        {"stop_on_interrupt": True},
    ),
    "Ctrl-C cannot stop a deletion": ("deleted", lambda: lone("COMPLETED", interrupts=[0]), {}),
}


def one(name: str) -> list[str]:
    until, make, options = ONES[name]
    made = make()
    wait_until = getattr(made.group, f"wait_until_{until}")
    return transcript(made.told, lambda: wait_until("job", on_poll=made.told.look, **options))


@pytest.mark.parametrize("name", ONES)
def test_a_wait_on_one(name: str) -> None:
    assert one(name) == expected("ones.txt")[name]


# --- a creation and its wait ------------------------------------------------------------------------------------------

RUN_ONES: dict[str, tuple[Callable[[], ToldAccount], dict[str, Any]]] = {
    "as usual": (lambda: account(), {}),
    "it fails": (lambda: account(life=Life(3, "FAILED")), {}),
    "one is there": (lambda: with_one(account(life=Life(3))), {"exist_ok": "same"}),
    "one is there with other settings": (lambda: with_one(account(), framework="ONNX"), {"exist_ok": "same"}),
    "the name is taken": (lambda: with_one(account()), {"exist_ok": False}),
    "an answer is lost": (lambda: account(acc.LOST), {"exist_ok": False}),
    "a creation did not arrive": (lambda: account(acc.NEVER_SENT), {"exist_ok": False}),
    "throttled": (lambda: account(acc.THROTTLED, acc.THROTTLED), {"exist_ok": False}),
    "it is refused": (lambda: account(on("Create", "ValidationException")), {"exist_ok": False}),
    "a quota that is too small": (lambda: account(quota=0), {}),
    "a quota until the deadline": (lambda: with_another(account(quota=1, life=LONG)), {"timeout": 20}),
    "a quota for a while": (lambda: with_another(account(quota=1, life=Life(9))), {}),
    "the deadline": (lambda: account(acc.THROTTLED, life=LONG), {"exist_ok": False, "timeout": 9}),
    "nothing ever answers": (lambda: account(*[acc.NEVER_SENT] * 40), {"exist_ok": False}),
    "nothing is heard until the deadline": (lambda: account(*[acc.NEVER_SENT] * 40), {"exist_ok": False, "timeout": 9}),
    "Ctrl-C before it is sent": (lambda: account(acc.THROTTLED, interrupts=[0]), {"exist_ok": False}),
    "Ctrl-C after it was lost": (lambda: account(acc.LOST, interrupts=[0]), {"exist_ok": False}),
    "Ctrl-C": (lambda: account(interrupts=[1], life=LONG), {}),
    "Ctrl-C stops": (lambda: account(interrupts=[1], life=LONG), {"stop_on_interrupt": True}),
}


def run_one(name: str) -> list[str]:
    make, options = RUN_ONES[name]
    made, wanted = make(), request("job-0")
    sender: Any = made

    def act() -> Any:
        return CompilationJobs(sender).run(
            "job-0",
            role_arn=wanted.role_arn,
            input_config=wanted.input_config,
            output_config=wanted.output_config,
            stopping_condition=wanted.stopping_condition,
            on_poll=made.told.look,
            **options,
        )

    return transcript(made.told, act)


@pytest.mark.parametrize("name", RUN_ONES)
def test_a_creation_and_its_wait(name: str) -> None:
    assert run_one(name) == expected("run_ones.txt")[name]


def test_no_transcript_is_left_over() -> None:
    files: dict[str, Any] = {"runs.txt": RUNS, "waits.txt": WAITS, "ones.txt": ONES, "run_ones.txt": RUN_ONES}
    assert {file: set(expected(file)) for file in files} == {file: set(cases) for file, cases in files.items()}
    assert {path.name for path in FOLDER.iterdir()} == set(files)

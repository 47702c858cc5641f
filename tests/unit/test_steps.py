"""Waits as generators: what they yield, where Ctrl-C may reach them, and that any runner can drive them."""

from __future__ import annotations

import ast
import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed import Pacing, WaitReport, _waiting, errors
from sagemaker_typed._core.group import Task
from sagemaker_typed._waiting.arun import arun as run_in_loop
from sagemaker_typed._waiting.run import run
from sagemaker_typed._waiting.steps import Look, Sleep, Steps, Together
from sagemaker_typed.resources.compilation_jobs import _COMPLETED, _DELETED, CompilationJobs
from sagemaker_typed.types import (
    DescribeCompilationJobRequest,
    DescribeCompilationJobResponse,
    ListCompilationJobsRequest,
    StopCompilationJobRequest,
)
from sagemaker_typed.waiting import Clock, WaitOptions, wait, wait_all, wait_deleted, wait_many
from tests.support.simulated import Job, JumpyTime, Service, api, steady

NAMES = [f"job-{number:02}" for number in range(16)]
LOOK = DescribeCompilationJobRequest(compilation_job_name="job")


def one(**options: Any) -> Task[DescribeCompilationJobResponse]:
    stop = StopCompilationJobRequest(compilation_job_name="job")
    return wait(_COMPLETED, "job", LOOK, WaitOptions(**options), stop=stop)


def many(names: list[str], **options: Any) -> Task[WaitReport[DescribeCompilationJobResponse]]:
    return wait_all(_COMPLETED, names, WaitOptions(**options))


def lone(**options: Any) -> Service:
    return Service(JumpyTime(), {"job": steady("STARTING", "INPROGRESS", "COMPLETED", every=40)}, **options)


def crowd(**options: Any) -> Service:
    """Enough for sweeps, and a pace slow enough for sleeps between the calls of one tick."""
    jobs = {name: steady("INPROGRESS", "COMPLETED", every=200) for name in NAMES}
    return Service(JumpyTime(), jobs, page=10, pacing=Pacing(list_per_second=0.5, describe_per_second=1), **options)


class Interrupted:
    """A client whose user presses Ctrl-C at some steps, before each is taken or after."""

    def __init__(self, service: Service, *turns: int, after: bool = False) -> None:
        self.service, self.turns, self.after = service, turns, after
        self.kinds: list[str] = []

    def run(self, task: Task[Any]) -> Any:
        return run(task(self.service), self.service.send, self._look, self._sleep)

    def _look(self, request: Any, seconds: float) -> Any:
        return self._take(type(request).__name__, partial(self.service.look, request, seconds))

    def _sleep(self, seconds: float) -> object:
        return self._take("Sleep", partial(self.service.clock.sleep, seconds))

    def _take(self, kind: str, step: Callable[[], Any]) -> Any:
        turn = len(self.kinds)
        self.kinds.append(kind)
        if turn not in self.turns:
            return step()
        if self.after:
            step()
        raise KeyboardInterrupt


def kinds_of(service: Service, task: Task[Any]) -> list[str]:
    """The steps of a wait that nobody interrupts."""
    client = Interrupted(service)
    client.run(task)
    return client.kinds


STEPS_OF_ONE = kinds_of(lone(), one())
STEPS_OF_MANY = kinds_of(crowd(), many(NAMES))
STOPPED_AT = 2
STEPS_OF_A_STOP = 12


# --- the steps --------------------------------------------------------------------------------------------------------


class Time:
    """A clock and a pace without a client: nothing can be sent, and a sleep is a mistake."""

    def __init__(self) -> None:
        def sleep(seconds: float) -> None:
            raise AssertionError("the steps sleep")

        self.clock = Clock(now=lambda: 0.0, sleep=sleep, uniform=lambda low, high: high)
        self.pacing = Pacing()


def described(status: str) -> DescribeCompilationJobResponse:
    from sagemaker_typed import from_boto3

    return from_boto3(DescribeCompilationJobResponse, {"CompilationJobName": "job", "CompilationJobStatus": status})


def test_a_wait_is_a_generator_of_requests_and_sleeps() -> None:
    steps = one(timeout=20)(Time())
    assert next(steps) == Look(LOOK, 21.5)
    assert steps.send(described("STARTING")) == Sleep(2)
    assert steps.send(None) == Look(LOOK, 21.5)
    assert steps.throw(errors.TransportError("cut off")) == Sleep(4)
    assert steps.send(None) == Look(LOOK, 21.5)
    with pytest.raises(StopIteration) as end:
        steps.send(described("COMPLETED"))
    assert end.value.value == described("COMPLETED")


def test_a_deletion_returns_the_last_description_that_was_seen() -> None:
    steps = wait_deleted(_DELETED, "job", LOOK, WaitOptions())(Time())
    next(steps)
    steps.send(described("STOPPING"))
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.throw(api("ResourceNotFound"))
    assert end.value.value == described("STOPPING")


def test_a_task_may_be_run_more_than_once() -> None:
    task = many(NAMES)
    assert crowd()._run(task).counts == crowd()._run(task).counts == many_counts(succeeded=16)


def many_counts(**counts: int) -> dict[str, int]:
    return {**dict.fromkeys(("succeeded", "failed", "stopped", "pending", "missing"), 0), **counts}


def test_all_kinds_of_steps_are_seen_below() -> None:
    assert set(STEPS_OF_ONE) == {"DescribeCompilationJobRequest", "Sleep"}
    assert set(STEPS_OF_MANY) == {"DescribeCompilationJobRequest", "ListCompilationJobsRequest", "Sleep"}
    ticks: list[Any] = []
    crowd()._run(many(NAMES, on_poll=ticks.append))
    assert STEPS_OF_MANY.count("Sleep") > len(ticks)  # some are of the pace, between the calls of one tick


# --- Ctrl-C at every step of one --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(len(STEPS_OF_ONE)))
def test_an_interrupt_of_one_leaves_it_running(turn: int, after: bool) -> None:
    client = Interrupted(lone(), turn, after=after)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(one())
    assert caught.value.__notes__ == ["compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"]
    assert len(client.kinds) == turn + 1
    assert client.service.stopped == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(len(STEPS_OF_ONE) - 2))
def test_an_interrupt_of_one_stops_it_with_the_next_step(turn: int, after: bool) -> None:
    client = Interrupted(lone(), turn, after=after)
    with pytest.raises(errors.WaitStoppedError) as caught:
        client.run(one(stop_on_interrupt=True))
    assert client.kinds[turn + 1 : turn + 3] == ["StopCompilationJobRequest", "DescribeCompilationJobRequest"]
    assert client.service.stopped == ["job"]
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("turn", "after"), [(-2, True), (-1, False), (-1, True)])
def test_an_interrupt_once_it_has_completed_does_not_hide_that(turn: int, after: bool) -> None:
    client = Interrupted(lone(), len(STEPS_OF_ONE) + turn, after=after)
    assert client.run(one(stop_on_interrupt=True)).compilation_job_status == "COMPLETED"
    assert client.service.stopped == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(STOPPED_AT + 1, STOPPED_AT + 5))
def test_a_second_interrupt_of_one_says_whether_it_was_told_to_stop(turn: int, after: bool) -> None:
    client = Interrupted(lone(), STOPPED_AT, turn, after=after)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(one(stop_on_interrupt=True))
    # What became of a stop whose answer was not waited for is not known.
    told = turn > STOPPED_AT + 1
    assert caught.value.__notes__ == [
        "compilation job 'job' was told to stop and may not have stopped yet"
        if told
        else "compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"
    ]


def at(turn: int) -> tuple[list[Any], Callable[[Any], None]]:
    """A callback that interrupts at one look, and the events that it was given."""
    events: list[Any] = []

    def on_poll(event: Any) -> None:
        events.append(event)
        if len(events) == turn + 1:
            raise KeyboardInterrupt

    return events, on_poll


@pytest.mark.parametrize("turn", range(STEPS_OF_ONE.count("DescribeCompilationJobRequest")))
def test_an_interrupt_in_a_callback_of_one(turn: int) -> None:
    events, on_poll = at(turn)
    with pytest.raises(KeyboardInterrupt) as caught:
        lone()._run(one(on_poll=on_poll))
    ended = turn == STEPS_OF_ONE.count("DescribeCompilationJobRequest") - 1
    goes_on = [] if ended else ["compilation job 'job' continues; sm.compilation_jobs.stop('job') stops it"]
    assert getattr(caught.value, "__notes__", []) == goes_on
    assert len(events) == turn + 1
    service = lone()
    events, on_poll = at(turn)
    if ended:  # by the time it is told to stop, it has completed
        assert service._run(one(on_poll=on_poll, stop_on_interrupt=True)).compilation_job_status == "COMPLETED"
    else:
        with pytest.raises(errors.WaitStoppedError):
            service._run(one(on_poll=on_poll, stop_on_interrupt=True))
    assert service.stopped == ([] if ended else ["job"])


# --- Ctrl-C at every step of many -------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(len(STEPS_OF_MANY)))
def test_an_interrupt_of_many_leaves_them_running(turn: int, after: bool) -> None:
    client = Interrupted(crowd(), turn, after=after)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(many(NAMES))
    (note,) = caught.value.__notes__
    described = client.kinds[:turn].count("DescribeCompilationJobRequest")
    left = len(NAMES) - described
    assert note.startswith(f"{left} compilation jobs continue: " if left > 1 else "1 compilation job continues: ")
    assert "sm.compilation_jobs.stop(" in note
    assert len(client.kinds) == turn + 1
    assert client.service.stopped == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(len(STEPS_OF_MANY)))
def test_an_interrupt_of_many_stops_those_that_run(turn: int, after: bool) -> None:
    client = Interrupted(crowd(), turn, after=after)
    report = client.run(many(NAMES, stop_on_interrupt=True))
    # They run for 200 seconds; whoever had completed by the time of its stop stays completed.
    assert sorted(report.stopped) == sorted(client.service.stopped)
    assert sorted([*report.stopped, *report.succeeded]) == NAMES
    sent = [kind for kind in client.kinds[turn + 1 :] if kind != "Sleep"]
    assert sent[0] == "StopCompilationJobRequest"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("turn", range(STOPPED_AT + 1, STOPPED_AT + STEPS_OF_A_STOP))
def test_a_second_interrupt_of_many_counts_those_that_were_told(turn: int, after: bool) -> None:
    client = Interrupted(crowd(), STOPPED_AT, turn, after=after)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(many(NAMES, stop_on_interrupt=True))
    told = client.kinds[:turn].count("StopCompilationJobRequest")
    assert caught.value.__notes__ == [
        f"{told} were told to stop and may not have stopped yet; {len(NAMES) - told} were not told"
    ]


@pytest.mark.parametrize("turn", range(4))
def test_an_interrupt_in_a_callback_of_many(turn: int) -> None:
    events, on_poll = at(turn)
    with pytest.raises(KeyboardInterrupt) as caught:
        crowd()._run(many(NAMES, on_poll=on_poll))
    assert "16 compilation jobs continue" in caught.value.__notes__[0]
    assert len(events) == turn + 1
    service = crowd()
    report = service._run(many(NAMES, on_poll=at(turn)[1], stop_on_interrupt=True))
    assert sorted(report.stopped) == sorted(service.stopped) == NAMES


# --- other runners, and other errors ----------------------------------------------------------------------------------


async def arun(
    steps: Steps[Any], look: Callable[[Any, float], Awaitable[Any]], sleep: Callable[[float], Awaitable[Any]]
) -> Any:
    """The runner again, with `await`, and without looks at the same time."""

    async def take(step: Any) -> Any:
        match step:
            case Sleep(seconds):
                return await sleep(seconds)
            case Together(parts):
                for part in parts:
                    await arun(part, look, sleep)
            case Look(request, seconds):
                return await look(request, seconds)
        return None

    resume = partial(next, steps)
    try:
        while True:
            step = resume()
            try:
                answer = await take(step)
            except BaseException as error:
                resume = partial(steps.throw, error)
            else:
                resume = partial(steps.send, answer)
    except StopIteration as end:
        return end.value
    finally:
        del resume
        steps.close()


class Loop:
    """An asynchronous client on a simulated service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def look(self, request: Any, seconds: float) -> Any:
        await asyncio.sleep(0)
        return self.service.look(request, seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.service.clock.sleep(seconds)

    async def run(self, task: Task[Any]) -> Any:
        return await arun(task(self.service), self.look, self.sleep)


def throttled(turn: int, request: Any) -> errors.SageMakerError | None:
    return api("ThrottlingException") if turn % 5 == 1 else None


def test_an_asynchronous_runner_makes_the_same_calls() -> None:
    for make, task in ((lone, one()), (crowd, many(NAMES))):
        ours, theirs = make(fault=throttled), make(fault=throttled)
        result: Any = ours._run(task)
        assert asyncio.run(Loop(theirs).run(task)) == result
        assert theirs.calls == ours.calls
        assert theirs.begun == ours.begun
        assert theirs.time.slept == ours.time.slept


def test_two_waits_in_one_loop() -> None:
    service = Service(JumpyTime(), {"job": steady("INPROGRESS", "COMPLETED"), **crowd().jobs})

    async def both() -> Any:
        client = Loop(service)
        return await asyncio.gather(client.run(one()), client.run(many(NAMES)))

    job, report = asyncio.run(both())
    assert job.compilation_job_status == "COMPLETED"
    assert report.counts == many_counts(succeeded=16)


def test_a_wait_that_is_cancelled_ends_there(capsys: pytest.CaptureFixture[str]) -> None:
    service = lone()

    async def cancelled() -> None:
        task = asyncio.create_task(Loop(service).run(one(progress=True, stop_on_interrupt=True)))
        while not service.begun:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert service.calls == {"DescribeCompilationJob": 1}
    assert service.stopped == []


class OddError(Exception):
    """Of a hook, or a callback."""


def test_the_error_of_a_hook_passes_through_and_closes_the_display() -> None:
    closed: list[str] = []

    class Shown:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *error: Any) -> None:
            closed.append(error[0].__name__)

        def one(self, *arguments: Any) -> None: ...

        many = one

    class Options(WaitOptions[Any]):
        def display(self) -> Any:
            return Shown()

    def fault(turn: int, request: Any) -> Any:
        return OddError() if turn == 2 else None

    stop = StopCompilationJobRequest(compilation_job_name="job")
    for service, task in (
        (lone(fault=fault), wait(_COMPLETED, "job", LOOK, Options(stop_on_interrupt=True), stop=stop)),
        (crowd(fault=fault), wait_all(_COMPLETED, NAMES, Options(stop_on_interrupt=True))),
    ):
        with pytest.raises(OddError):
            service._run(task)
        assert service.stopped == []
    assert closed == ["OddError", "OddError"]


def test_an_answer_that_came_meanwhile_is_taken_before_another_part_begins() -> None:
    told: list[str] = []

    def part(name: str, pause: float) -> Steps[None]:
        told.append(f"{name} begins")
        try:
            if pause:
                yield Sleep(pause)
            told.append(f"{name} got {(yield Look(name, 7.0))}")  # type: ignore[arg-type]
        except OddError:
            told.append(f"{name} failed")

    def steps() -> Steps[str]:
        yield Together(part(name, pause) for name, pause in (("a", 0.0), ("b", 1.0), ("c", 0.0), ("d", 60.0)))
        return "done"

    async def look(request: str, seconds: float) -> str:
        if request == "b":
            raise OddError
        return f"{request} in {seconds}"

    async def sleep(seconds: float) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        if seconds == 60.0:
            raise OddError

    async def none(request: Any) -> Any:
        raise AssertionError("nothing else is sent")

    assert asyncio.run(run_in_loop(steps(), none, look, sleep, at_once=8)) == "done"
    assert told == [
        *("a begins", "b begins", "a got a in 7.0", "c begins", "d begins", "d failed", "b failed", "c got c in 7.0")
    ]
    told.clear()
    assert asyncio.run(run_in_loop(steps(), none, look, sleep, at_once=1)) == "done"
    assert told == [
        *("a begins", "a got a in 7.0", "b begins", "b failed", "c begins", "c got c in 7.0", "d begins", "d failed")
    ]


def test_the_error_of_a_callback_is_not_blamed_on_the_look_before() -> None:
    def on_poll(event: Any) -> None:
        if event.error is not None:
            raise OddError

    with pytest.raises(OddError) as caught:
        lone(fault=throttled)._run(one(on_poll=on_poll))
    assert caught.value.__context__ is None


def test_an_error_does_not_keep_the_runner_alive() -> None:
    def refused(request: Any, seconds: float = 0.0) -> Any:
        raise OddError

    def steps() -> Steps[None]:
        yield LOOK

    generator = steps()
    gone = weakref.ref(generator)
    gc.disable()
    try:
        with pytest.raises(OddError):
            run(generator, refused, refused, refused)
        del generator
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("at_once", [1, 8])
@pytest.mark.parametrize("in_loop", [False, True])
def test_an_error_that_a_part_has_handled_is_not_kept(in_loop: bool, at_once: int) -> None:
    """Without the garbage collector: an error holds the frames that it went through, and what these hold."""
    met: list[weakref.ref[OddError]] = []

    def part(step: Any) -> Steps[None]:
        try:
            yield step
        except OddError as error:
            met.append(weakref.ref(error))

    def steps() -> Steps[None]:
        yield Together(part(step) for step in (Sleep(1.0), LOOK, Look(LOOK, 1.0)))

    def refused(*_: Any) -> Any:
        raise OddError

    async def arefused(*_: Any) -> Any:
        raise OddError

    async def main() -> None:
        gc.disable()  # asyncio itself leaves some garbage before
        await run_in_loop(steps(), arefused, arefused, arefused, at_once=at_once)
        assert [error() for error in met] == [None] * 3

    try:
        if in_loop:
            asyncio.run(main())
        else:
            gc.disable()
            run(steps(), refused, refused, refused, at_once=at_once)
        assert [error() for error in met] == [None] * 3
    finally:
        gc.enable()


def test_a_stop_iteration_of_a_hook_is_not_the_end_of_the_wait() -> None:
    """PEP 479: it leaves a generator as a RuntimeError, which names it as its cause."""
    with pytest.raises(RuntimeError) as caught:
        lone(fault=lambda turn, request: StopIteration("odd"))._run(one())
    assert isinstance(caught.value.__cause__, StopIteration)


# --- without I/O ------------------------------------------------------------------------------------------------------

HERE = Path(_waiting.__file__ or "").parent
PLAIN = (
    "calls", "creating", "echoing", "following", "logs", "looks", "many", "one", "options", "quotas", "run_one", "running",
    "same", "spec", "steps", "submitting", "targets", "trouble", "wait_many", "wait_one",
)  # fmt: skip
MAY_IMPORT = {
    "__future__", "attrs", "collections", "contextlib", "copy", "datetime", "functools", "heapq", "json", "logging", "math",
    "operator", "re", "sagemaker_typed", "typing", "uuid",
}  # fmt: skip


@pytest.mark.parametrize("module", PLAIN)
def test_the_logic_imports_nothing_that_does_io(module: str) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert imported <= MAY_IMPORT


def test_every_module_of_waiting_is_logic_or_one_of_eight() -> None:
    """Something happens in the clock, the display, the runners, the threads and tasks, and the lines that are asked for."""
    doers = {"pacing", "display", "run", "arun", "futures", "afutures", "mapping", "lines"}
    assert {path.stem for path in HERE.glob("*.py")} - {"__init__"} == {*PLAIN, *doers}


def test_making_a_task_does_nothing() -> None:
    service = crowd()
    wait_many([("", _COMPLETED, NAMES)], WaitOptions(timeout=5))
    steps = many(NAMES)(service)
    assert (service.begun, service.time.slept) == ([], [])
    step: Any = next(steps)
    assert isinstance(step.request, ListCompilationJobsRequest)
    assert service.begun == []


def test_ctrl_c_in_the_last_callback_leaves_nothing_that_goes_on() -> None:
    """The job has ended when the callback is interrupted: nothing is stopped, and no note says that it goes on."""
    seen: list[Any] = []

    def interrupted(event: Any) -> None:
        seen.append(event)
        if event.status == "COMPLETED":
            raise KeyboardInterrupt

    sender: Any = Service(JumpyTime(), {"job": Job(((0.0, "COMPLETED"),))})
    jobs = CompilationJobs(sender)
    with pytest.raises(KeyboardInterrupt) as caught:
        jobs.wait_until_completed("job", on_poll=interrupted)
    assert getattr(caught.value, "__notes__", []) == []
    assert len(seen) == 1

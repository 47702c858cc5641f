"""When a log is polled: soon after new lines, less often the longer it is silent, and again after polls that failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors, from_boto3
from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._waiting.echoing import LogEchoes
from sagemaker_typed._waiting.following import LastLines, LogEcho, _Patience, group_lines, log_lines
from sagemaker_typed._waiting.logs import Lines
from sagemaker_typed._waiting.options import WaitOptions
from sagemaker_typed._waiting.steps import Look, Sleep
from sagemaker_typed.errors import WaitError, WaitFailedError
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.types import DescribeTrainingJobRequest, DescribeTrainingJobResponse
from sagemaker_typed.waiting import Pacing, wait
from tests.logs.simulated import Streams
from tests.support.simulated import JumpyTime, api

SILENT = [4.0, 8.0, 10.0, 10.0]
"""Seconds between the polls of a log without new lines."""


def driven(
    steps: Any, time: JumpyTime, streams: Streams, most: int = 99, described: Callable[[], Any] | None = None
) -> list[float | str]:
    """The sleeps and the lines of a reader, in their order. `described` gives the description of the resource."""
    told: list[float | str] = []
    resume: Callable[[], Any] = lambda: next(steps)  # noqa: E731
    while len(told) < most:
        try:
            step = resume()
        except StopIteration:
            break
        resume = lambda: next(steps)  # noqa: E731
        if isinstance(step, Sleep):
            told.append(step.seconds)
            time.clock.sleep(step.seconds)
        elif isinstance(step, Lines):
            told += [line.message for line in step.lines]
        else:
            assert isinstance(step, Look)
            call: Any = step.request
            if described is not None and not isinstance(call, RawCall):
                response = described()
                resume = lambda answer=response: steps.send(answer)  # type: ignore[misc]  # noqa: E731
                continue
            assert isinstance(call, RawCall)
            try:
                answer = streams.ask(call)
            except errors.SageMakerError as error:
                resume = lambda error=error: steps.throw(error)  # type: ignore[misc]  # noqa: E731
            else:
                resume = lambda answer=answer: steps.send(answer)  # type: ignore[misc]  # noqa: E731
    return told


def written_at(time: JumpyTime, lines: dict[float, str], failing: tuple[float, float] = (0, 0)) -> Streams:
    """Streams of one log, whose lines are there from a time on; every call fails between two others."""

    class Growing(Streams):
        def ask(self, call: RawCall) -> dict[str, Any]:
            while due and due[0] <= time.now - 1000:
                self.write("job/a", (int(due[0]) + 1, lines[due.pop(0)]))
            return super().ask(call)

    due = sorted(lines)
    streams = Growing(sizes=lambda: 50, fails=lambda: failing[0] <= time.now - 1000 < failing[1])
    streams.write("job/a")
    return streams


def test_a_silent_log_is_polled_less_often_and_one_with_lines_at_once() -> None:
    time = JumpyTime()
    client: Any = SimpleNamespace(clock=time.clock)
    steps = group_lines("group", "", follow=True)(client)
    told = driven(steps, time, written_at(time, {0: "zero", 25: "one"}), 12)
    assert told == ["zero", 2.0, *SILENT, "one", 2.0, *SILENT[:4]]


def test_polls_that_fail_are_repeated_ever_later_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    time = JumpyTime()
    client: Any = SimpleNamespace(clock=time.clock)
    steps = group_lines("group", "job", follow=True)(client)
    told = driven(steps, time, written_at(time, {0: "zero"}, (1, 60)), 12)
    assert told == ["zero", 2.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, *SILENT[:4]]
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("the log of log group 'group': 2 polls in a row failed, the last with ")
    assert warnings[0].endswith("; polling again")


def followed(time: JumpyTime) -> Any:
    client: Any = SimpleNamespace(clock=time.clock)
    waiter = waiter_of("training_jobs", "completed")._replace(log_group="group")
    return log_lines(waiter, "job", DescribeTrainingJobRequest(training_job_name="job"), follow=True)(client)


def training(status: str, **more: Any) -> DescribeTrainingJobResponse:
    return from_boto3(DescribeTrainingJobResponse, {"TrainingJobName": "job", "TrainingJobStatus": status, **more})


def test_a_log_that_is_always_throttled_is_waited_for_while_its_job_runs_and_no_longer() -> None:
    time = JumpyTime()
    ends = 1000.0 + 3600
    with pytest.raises(errors.ThrottlingError):
        driven(
            followed(time),
            time,
            Streams(fails=lambda: True),
            10_000,
            lambda: training("InProgress" if time.now < ends else "Completed"),
        )
    assert 0 <= time.now - ends < 30


def test_the_last_poll_of_a_followed_log_reads_all_streams() -> None:
    """Of many streams, silent ones are otherwise read rarely."""
    time = JumpyTime()
    streams = Streams(sizes=lambda: 50)
    for number in range(21):
        streams.write(f"job/{number:02}", (number, f"first {number}"))
    ends = 1000.0 + 300

    def described() -> Any:
        if time.now >= ends and len(streams.events["job/07"]) == 1:
            streams.write("job/07", (400, "last"))
        return training("InProgress" if time.now < ends else "Completed")

    told = driven(followed(time), time, streams, 999, described)
    assert told[-1] != "last"
    assert [each for each in told if isinstance(each, str)] == [*(f"first {number}" for number in range(21)), "last"]


def echo(time: JumpyTime, lines: list[str], **options: Any) -> LogEcho:
    return LogEcho(
        time.clock,
        waiter_of("training_jobs", "completed")._replace(log_group="group"),
        "job",
        DescribeTrainingJobRequest(training_job_name="job"),
        WaitOptions(logs=lambda line: lines.append(line.message), **options),
        lambda request: Look(request, 99.0),
    )


def test_a_wait_shows_lines_between_its_polls() -> None:
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)
    streams = written_at(time, {0: "zero", 25: "one"})
    assert driven(made.rest(45.0, None), time, streams) == [2.0, *SILENT, 2.0, 4.0, 5.0]
    assert lines == ["zero", "one"]
    assert time.now == 1045.0
    assert driven(made.rest(1.0, None), time, streams) == [1.0]  # the next poll is due later


def test_polls_of_a_wait_that_fail_are_said_once_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)
    streams = written_at(time, {0: "zero"}, (0, 40))
    assert driven(made.rest(100.0, None), time, streams) == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 2.0, *SILENT, 5.0]
    assert lines == ["zero"]
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.startswith("the log of training job 'job': 2 polls in a row failed, the last with ")
    assert not made.off


def test_a_log_that_is_nowhere_yet_is_looked_for_less_often() -> None:
    """Where a log is may stand in the description of its resource."""
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)
    made._waiter = made._waiter._replace(log_group="group/{id}", arn="training_job_arn")
    assert driven(made.rest(30.0, None), time, Streams()) == [*SILENT[:3], 8.0]
    streams = Streams(sizes=lambda: 50)
    streams.write("job/algo", (1, "one"))
    arn = training("InProgress", TrainingJobArn="arn:aws:sagemaker:us-west-2:1:training-job/x")

    class Elsewhere(Streams):
        def ask(self, call: RawCall) -> dict[str, Any]:
            assert call.arguments["logGroupName"] == "group/x"
            return streams.ask(call._replace(arguments={**call.arguments, "logGroupName": "group"}))

    assert driven(made.rest(10.0, arn), time, Elsewhere()) == [2.0, 2.0, 4.0, 2.0]
    assert lines == ["one"]


def test_a_log_that_cannot_be_read_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)

    class Denied(Streams):
        def ask(self, call: RawCall) -> dict[str, Any]:
            raise api("AccessDeniedException")

    assert driven(made.rest(60.0, None), time, Denied()) == [60.0]
    assert made.off
    assert driven(made.rest(5.0, None), time, Denied()) == [5.0]
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.startswith("the log of training job 'job' cannot be read and is not shown: ")


@pytest.mark.parametrize(("seconds", "sleeps"), [(2000.0, [2.0, 4.0, 4.0]), (6.0, [2.0, 4.0]), (0.0, [])])
def test_the_last_lines_are_waited_for_until_the_deadline(seconds: float, sleeps: list[float]) -> None:
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)
    told = driven(made.drain(None, time.now + seconds, succeeded=True), time, written_at(time, {0: "zero"}))
    assert (told, lines) == (sleeps, ["zero"])


def test_the_last_lines_of_a_log_that_was_silent_are_looked_for_soon() -> None:
    time, lines = JumpyTime(), list[str]()
    made, streams = echo(time, lines), written_at(time, {0: "zero"})
    driven(made.rest(100.0, None), time, streams)
    assert driven(made.drain(None, time.now + 2000, succeeded=True), time, streams) == [4.0, 6.0]
    assert lines == ["zero"]


def test_polls_that_fail_again_later_are_repeated_soon_and_said_again(caplog: pytest.LogCaptureFixture) -> None:
    time, lines = JumpyTime(), list[str]()
    made = echo(time, lines)
    assert driven(made.rest(5.0, None), time, written_at(time, {}, (0, 5))) == [1.0, 2.0, 2.0]
    assert driven(made.rest(7.0, None), time, written_at(time, {5: "five"})) == [2.0, 2.0, 3.0]
    assert driven(made.rest(5.0, None), time, written_at(time, {}, (0, 99))) == [1.0, 1.0, 2.0, 1.0]
    assert len(caplog.records) == 2


@pytest.mark.parametrize("writes", [True, False])
def test_a_look_says_whether_there_were_new_lines(writes: bool) -> None:
    """The wait for the last lines begins anew with each new line."""
    time, lines = JumpyTime(), list[str]()
    made, streams, found = echo(time, lines), written_at(time, {0: "zero"} if writes else {}), list[bool]()

    def looked() -> Any:
        found.append((yield from made.look(None, last=True)))

    driven(looked(), time, streams)
    assert found == [writes]
    assert lines == ["zero"] * writes


@pytest.mark.parametrize(("seconds", "given"), [(99.0, 10.0), (10.0, 10.0), (3.0, 3.0)])
def test_a_poll_of_the_log_does_not_hold_up_the_wait(seconds: float, given: float) -> None:
    made = echo(JumpyTime(), [])
    made._bounded = lambda request: Look(request, seconds)
    assert made._step(RawCall("logs", "FilterLogEvents", "filter_log_events", {})).seconds == given


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize(
    ("error", "throttled"),
    [(api("ThrottlingException"), True), (api("InternalFailure"), False)],
    ids=["slow", "broken"],
)
def test_only_throttling_is_borne_for_ever_by_who_asks_for_it(error: Any, throttled: bool, endless: bool) -> None:
    time = JumpyTime()
    patience = _Patience("job", time.clock)
    patience.failed(error, 0, endless=endless)
    time.now += 10**6
    if endless and throttled:
        assert patience.failed(error, 0, endless=endless) > 0
    else:
        with pytest.raises(type(error)) as caught:
            patience.failed(error, 0, endless=endless)
        assert caught.value is error


FAILED: Any = SimpleNamespace(response=None)


def tail(time: JumpyTime, left: float, streams: Streams, *, shown: bool = False) -> tuple[list[float | str], WaitError]:
    """What is slept for the last lines of a failed job, and its error."""
    taker = {"logs": lambda line: None} if shown else {}
    made = LogEcho(
        time.clock,
        waiter_of("training_jobs", "completed")._replace(log_group="group"),
        "job",
        DescribeTrainingJobRequest(training_job_name="job"),
        WaitOptions(log_tail=2, **taker),  # type: ignore[arg-type]
        lambda request: Look(request, 99.0),
    )
    error = WaitError("it failed", name="job")
    return driven(made.add_tail(error, time.now + left), time, streams), error


@pytest.mark.parametrize(
    ("left", "shown", "slept"),
    [(100.0, False, [10.0]), (4.0, False, [4.0]), (0.0, False, [0.0]), (-5.0, False, [0.0]), (100.0, True, [])],
)
def test_the_tail_waits_for_lines_that_were_not_shown(left: float, shown: bool, slept: list[float]) -> None:
    streams = Streams()
    streams.write("job/a", (1, "one"), (2, "two"), (3, "three"))
    told, error = tail(JumpyTime(), left, streams, shown=shown)
    assert told == slept
    assert [line.message for line in error.log_tail] == ["two", "three"]
    assert error.__notes__ == [
        "the last 2 lines of its log in group:\n  1970-01-01T00:00:00.002Z job/a two\n"
        "  1970-01-01T00:00:00.003Z job/a three"
    ]


@pytest.mark.parametrize("fails", [0, 1, 2, 3, 9])
def test_a_tail_that_is_throttled_is_tried_three_times(fails: int, caplog: pytest.LogCaptureFixture) -> None:
    left = [fails]

    def throttled() -> bool:
        left[0] -= 1
        return left[0] >= 0

    streams = Streams(fails=throttled)
    streams.write("job/a", (1, "one"))
    told, error = tail(JumpyTime(), 0.0, streams, shown=True)
    assert told == [1.0, 2.0][: min(fails, 2)]
    assert len(error.log_tail) == (fails < 3)
    (note,) = error.__notes__
    assert note.startswith("its log in group cannot be read: " if fails >= 3 else "the last 1 lines of its log")
    assert len(caplog.records) == (fails >= 3)


def test_a_tail_that_may_not_be_read_is_tried_once() -> None:
    class Denied(Streams):
        def ask(self, call: RawCall) -> dict[str, Any]:
            self.calls.append(call.operation)
            raise api("AccessDeniedException")

    streams = Denied()
    told, error = tail(JumpyTime(), 0.0, streams, shown=True)
    assert (told, streams.calls, error.log_tail) == ([], ["DescribeLogStreams"], ())


def test_when_the_last_poll_is_due() -> None:
    last = LastLines()
    assert not last.begun
    assert last.over(False, 5.0) is False
    last.begin(100.0)
    assert (last.begun, last.due) == (True, 110.0)
    assert last.over(False, 109.9) is False
    assert last.over(True, 109.9) is False
    assert last.due == pytest.approx(119.9)
    assert last.over(True, 155.0) is False
    assert last.due == 160.0  # never more than a minute after the end
    assert last.over(True, 160.0) is True
    bounded = LastLines()
    bounded.begin(100.0, 95.0)
    assert bounded.due == 100.0


class Polled(Streams):
    """Says when which log was polled: the first letter of its streams."""

    def __init__(self, time: JumpyTime) -> None:
        super().__init__(sizes=lambda: 50)
        self.time, self.polls = time, list[tuple[float, str]]()

    def ask(self, call: RawCall) -> dict[str, Any]:
        if call.operation == "DescribeLogStreams":
            self.polls.append((self.time.now - 1000, call.arguments["logStreamNamePrefix"][0]))
        return super().ask(call)

    def taken(self) -> list[tuple[float, str]]:
        taken, self.polls = self.polls, []
        return taken


@pytest.mark.parametrize(("deadline", "last"), [(200.0, 30.0), (25.0, 25.0)])
def test_the_logs_of_many_are_polled_in_turn_and_to_their_ends(deadline: float, last: float) -> None:
    time, lines = JumpyTime(), list[tuple[str, str]]()
    streams = Polled(time)
    for name in "ab":
        streams.write(f"{name}/algo", (1, f"{name} begins"))
    machine: Any = SimpleNamespace(
        waiter=waiter_of("training_jobs", "completed")._replace(log_group="group"),
        names=["a", "b"],
        pending=["a", "b"],
        title=lambda name: f"jobs/{name}",
        describe_request=lambda name: DescribeTrainingJobRequest(training_job_name=name),
        last_response=lambda name: None,
    )
    silent: Any = SimpleNamespace(waiter=machine.waiter._replace(logs=None), names=["c"])
    options = WaitOptions[Any](logs=lambda name, line: lines.append((name, line.message)))
    made = LogEchoes(time.clock, [machine, silent], options, lambda request: Look(request, 99.0))
    deadline += 1000.0
    assert driven(made.rest(12.0, deadline), time, streams) == [2.0, 4.0, 6.0]
    assert streams.taken() == [(0, "a"), (0, "b"), (2, "a"), (2, "b"), (6, "a"), (6, "b")]
    assert lines == [("jobs/a", "a begins"), ("jobs/b", "b begins")]
    machine.pending = ["b"]
    assert driven(made.rest(8.0, deadline), time, streams) == [2.0, 6.0]
    assert streams.taken() == [(14, "a"), (14, "b")]
    machine.pending = []
    assert driven(made.drain(deadline), time, streams) == [2.0, 2.0, last - 24]
    assert streams.taken() == [(22, "a"), (24, "b"), (last, "b")]
    assert driven(made.rest(7.0, deadline), time, streams) == [7.0]
    assert driven(made.drain(deadline), time, streams) == []


@pytest.mark.parametrize("end", ["Completed", "Failed"])
@pytest.mark.parametrize(("shows", "tail_of"), [(False, 0), (True, 0), (False, 2), (True, 2)])
def test_a_wait_on_one_shows_its_log_and_adds_its_tail(shows: bool, tail_of: int, end: str) -> None:
    time, lines = JumpyTime(), list[str]()
    client: Any = SimpleNamespace(clock=time.clock, pacing=Pacing())
    streams = written_at(time, {0: "zero", 5: "five", 104: "last"})
    request = DescribeTrainingJobRequest(training_job_name="job")
    options: dict[str, Any] = {"logs": lambda line: lines.append(line.message)} if shows else {}
    waiter = waiter_of("training_jobs", "completed")._replace(log_group="group")
    steps = wait(waiter, "job", request, WaitOptions(log_tail=tail_of, **options), stop=None)(client)
    failed: WaitError | None = None
    try:
        driven(steps, time, streams, 999, lambda: training("InProgress" if time.now < 1100 else end))
    except WaitFailedError as error:
        failed = error
    assert (failed is None) is (end == "Completed")
    assert lines == (["zero", "five", "last"] if shows else [])
    if failed is not None:
        assert [line.message for line in failed.log_tail] == (["five", "last"] if tail_of else [])
        notes = getattr(failed, "__notes__", [])
        assert [note.partition(":")[0] for note in notes] == (
            ["the last 2 lines of its log in group"] if tail_of else []
        )
    assert bool(streams.calls) is (shows or (tail_of > 0 and end == "Failed"))


def test_ctrl_c_while_the_last_lines_come_tells_how_the_wait_ended() -> None:
    time = JumpyTime()
    client: Any = SimpleNamespace(clock=time.clock, pacing=Pacing())
    options: WaitOptions[Any] = WaitOptions(logs=lambda line: None)
    request = DescribeTrainingJobRequest(training_job_name="job")
    waiter = waiter_of("training_jobs", "completed")._replace(log_group="group")
    steps: Any = wait(waiter, "job", request, options, stop=None)(client)
    assert isinstance(next(steps), Look)
    asked = steps.send(training("Failed"))
    assert asked.request.operation == "DescribeLogStreams"
    with pytest.raises(KeyboardInterrupt) as caught:
        steps.throw(KeyboardInterrupt())
    assert caught.value.__notes__ == ["training job 'job' failed after 0s (last state Failed)"]

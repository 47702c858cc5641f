"""The reader of a log, over streams that are cut into pages at random and fail at random."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._waiting.logs import LogPlace, LogReader, start_of
from sagemaker_typed.errors import InvalidRequestError, ThrottlingError, ValidationError
from sagemaker_typed.logs import LogLine
from tests.logs.simulated import Streams, drive

EVERYTHING = LogPlace("group", "", re.compile(""))


def reader(place: LogPlace = EVERYTHING, start: int | None = None) -> LogReader:
    return LogReader(place, start, lambda call: call)


def looked(made: LogReader, streams: Streams, *, every: bool = False) -> tuple[list[LogLine], bool]:
    """What one look gives, and whether it went through."""
    lines: list[LogLine] = []
    try:
        for each in drive(made.look(every=every), streams):
            lines += each
    except ThrottlingError:
        return lines, False
    return lines, True


Batches = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(0, 50), max_size=8), max_size=5),
    min_size=1,
    max_size=4,
)
"""What is written before each look: stream -> steps between the times of its lines."""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(Batches, st.integers())
def test_each_line_comes_once_and_each_look_is_in_order(batches: list[dict[str, list[int]]], seed: int) -> None:
    chance = Random(seed)
    streams = Streams(sizes=lambda: chance.randrange(5), fails=lambda: chance.random() < 0.1)
    made = reader()
    written: list[tuple[str, str]] = []
    given_lines: list[LogLine] = []
    last: dict[str, int] = {}
    for batch in batches:
        for stream, steps in batch.items():
            for step in steps or [0]:
                last[stream] = last.get(stream, 0) + step
                message = str(len(written))
                streams.write(stream, (last[stream], message))
                written.append((stream, message))
        for _ in range(200):
            lines, whole = looked(made, streams)
            given_lines += lines
            if whole:
                assert lines == sorted(lines, key=lambda line: (line.timestamp, line.stream))
                break
        else:
            raise AssertionError("no look ever went through")
    assert sorted((line.stream, line.message) for line in given_lines) == sorted(written)
    for stream in last:
        of_stream = [int(line.message) for line in given_lines if line.stream == stream]
        assert of_stream == sorted(of_stream)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 30), max_size=12)),
    st.integers(1, 15),
    st.integers(),
)
def test_the_tail_is_the_end_of_all(written: dict[str, list[int]], count: int, seed: int) -> None:
    chance = Random(seed)
    streams = Streams(sizes=lambda: chance.randrange(1, 5))
    for stream, times in written.items():
        streams.write(stream, *((time, f"{stream}{number}") for number, time in enumerate(sorted(times))))
    steps = reader().tail(count)
    result: Any = None
    answer: Any = None
    while result is None:
        try:
            answer = streams.ask(steps.send(answer))
        except StopIteration as ended:
            result = ended.value
    whole = sorted((time, stream) for stream, times in written.items() for time in times)
    assert [(round(line.timestamp.timestamp() * 1000), line.stream) for line in result] == whole[-count:]


def test_empty_pages_in_the_middle_are_not_the_end() -> None:
    sizes = iter([0, 0, 1, 0, 2, 0, 0, 0, 5] + [5] * 20)
    streams = Streams(sizes=lambda: next(sizes))
    streams.write("a", *((number, str(number)) for number in range(6)))
    # The first size is that of the page of names.
    lines, whole = looked(reader(), streams)
    assert whole
    assert [line.message for line in lines] == list("012345")


def test_a_stream_of_empty_pages_does_not_hold_the_others_up() -> None:
    class Endless(Streams):
        def _get_log_events(self, arguments: dict[str, Any]) -> dict[str, Any]:
            if arguments["logStreamName"] == "a":
                token = f"f/{len(self.calls)}"
                return {"events": [], "nextForwardToken": token, "nextBackwardToken": token}
            return super()._get_log_events(arguments)

    streams = Endless()
    streams.write("a")
    streams.write("b", (1, "one"))
    lines, whole = looked(reader(), streams)
    assert whole
    assert [line.message for line in lines] == ["one"]
    assert streams.calls.count("GetLogEvents") < 120


def test_pages_that_hold_lines_are_read_to_the_end_however_many_they_are() -> None:
    streams = Streams(sizes=lambda: 1)
    streams.write("a", *((number, str(number)) for number in range(150)))
    lines, whole = looked(reader(), streams)
    assert whole
    assert [line.message for line in lines] == [str(number) for number in range(150)]


def test_a_stream_that_was_deleted_and_comes_again_is_read_from_its_start() -> None:
    streams, made = Streams(), reader()
    streams.write("a", (1, "one"))
    assert [line.message for line in looked(made, streams, every=True)[0]] == ["one"]
    del streams.events["a"]
    assert looked(made, streams, every=True) == ([], True)
    streams.write("a", (5, "two"), (6, "three"))
    assert [line.message for line in looked(made, streams, every=True)[0]] == ["two", "three"]


def reads(made: LogReader, streams: Streams, looks: int, **options: bool) -> list[int]:
    """How many pages of events each look reads."""
    counts = []
    for _ in range(looks):
        before = streams.calls.count("GetLogEvents")
        looked(made, streams, **options)
        counts.append(streams.calls.count("GetLogEvents") - before)
    return counts


def test_of_many_streams_the_silent_ones_are_read_rarely() -> None:
    streams, made = Streams(sizes=lambda: 50), reader()
    for number in range(21):
        streams.write(f"{number:02}", (number, "first"))
    assert reads(made, streams, 1) == [42]  # a page with lines, and one that shows that there are no more
    rarely = [21, 0, 21, *[0] * 3, 21, *[0] * 7, 21, *[0] * 15, 21, *[0] * 15]
    assert reads(made, streams, len(rarely)) == rarely
    assert reads(made, streams, 2, every=True) == [21, 21]
    streams.write("07", (100, "second"))
    assert sum(reads(made, streams, 16)) == 22  # all of them once, and the one with a line to its end
    assert reads(made, streams, 1)[0] <= 1  # which is read again at once


def test_pages_with_lines_are_counted() -> None:
    streams, made = Streams(sizes=lambda: 2), reader()
    assert made.pages == 0
    streams.write("a", *((number, "line") for number in range(5)))
    looked(made, streams)
    assert made.pages == streams.calls.count("GetLogEvents") == 4


def test_of_a_few_streams_each_is_read_in_each_look() -> None:
    streams, made = Streams(sizes=lambda: 50), reader()
    for number in range(20):
        streams.write(f"{number:02}", (number, "first"))
    assert reads(made, streams, 5) == [40, 20, 20, 20, 20]


def sent(steps: Any, streams: Streams) -> list[tuple[str, dict[str, Any]]]:
    """The calls that a reader sends: operation and arguments."""
    calls: list[tuple[str, dict[str, Any]]] = []
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration:
            return calls
        answer = None
        if isinstance(step, RawCall):
            calls.append((step.operation, dict(step.arguments)))
            answer = streams.ask(step)


def test_what_is_asked_of_the_service() -> None:
    streams = Streams(sizes=lambda: 2)
    for name in ("job/a", "job/b", "job/c", "other"):
        streams.write(name, (5, "one"))
    place = LogPlace("group", "job/", re.compile("job/[ac]"))
    group, prefix = {"logGroupName": "group"}, {"logStreamNamePrefix": "job/"}
    names = [
        ("DescribeLogStreams", {**group, **prefix, "limit": 50}),
        ("DescribeLogStreams", {**group, **prefix, "limit": 50, "nextToken": "2"}),
    ]
    events = {**group, "startFromHead": True, "limit": 10_000}

    def pages(name: str, **others: Any) -> list[tuple[str, dict[str, Any]]]:
        asked = {**events, "logStreamName": name, **others}
        return [("GetLogEvents", asked), ("GetLogEvents", {**asked, "nextToken": "f/1"})]

    first, second = pages("job/a"), pages("job/c")
    assert sent(reader(place).look(), streams) == [*names, first[0], second[0], first[1], second[1]]
    first, second = pages("job/a", startTime=3), pages("job/c", startTime=3)
    assert sent(reader(place, 3).look(), streams) == [*names, first[0], second[0], first[1], second[1]]
    last = {**group, "startFromHead": False, "limit": 7}
    assert sent(reader(place).tail(7), streams) == [
        *names,
        *(
            ("GetLogEvents", {**last, "logStreamName": name, **token})
            for name in ("job/a", "job/c")
            for token in ({}, {"nextToken": "b/0"})
        ),
    ]
    assert {
        asked["limit"] for operation, asked in sent(reader(place).tail(99_999), streams) if operation == "GetLogEvents"
    } == {10_000}


def test_lines_are_given_before_the_whole_log_is_read() -> None:
    streams = Streams(sizes=lambda: 10)
    for name in "abc":
        streams.write(name, *((number, name) for number in range(1000)))
    first = next(drive(reader().look(), streams))
    assert len(first) >= 10
    assert len(streams.calls) < 10


def test_since_is_asked_for_and_old_streams_are_not() -> None:
    class Dated(Streams):
        def _describe_log_streams(self, arguments: dict[str, Any]) -> dict[str, Any]:
            found = [
                {"logStreamName": "old", "lastIngestionTime": 0},
                {"logStreamName": "new", "lastIngestionTime": 10**8},
            ]
            return {"logStreams": [*found, {"logStreamName": "unknown"}]}

    streams = Dated()
    for name in ("old", "new", "unknown"):
        streams.write(name, (5, f"before, {name}"), (10**8, f"after, {name}"))
    lines, _ = looked(reader(start=10**8), streams)
    assert [line.message for line in lines] == ["after, new", "after, unknown"]


class Forgetful(Streams):
    """Refuses tokens while `forgets` is set, as the service does after a day."""

    forgets = False

    def _get_log_events(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if self.forgets and "nextToken" in arguments:
            self.forgets = False
            raise ValidationError({"Error": {"Code": "InvalidParameterException"}}, "GetLogEvents")
        return super()._get_log_events(arguments)


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize("times", [[1, 5, 5], [5], [5, 5, 5], [1, 2, 3]])
def test_a_token_that_is_forgotten_loses_and_repeats_no_line(times: list[int], size: int) -> None:
    streams, made = Forgetful(sizes=lambda: size), reader()
    streams.write("a", *((time, f"{time} before") for time in times))
    for _ in range(2):
        streams.write("a", (times[-1], "again"))
        streams.write("b")
        before = [line.message for line in looked(made, streams)[0]]
        assert before[-1] == "again"
        streams.forgets = True
        assert looked(made, streams) == ([], True)
        streams.forgets = True
        streams.write("a", (times[-1], "at the same time"), (times[-1] + 1, "later"), (times[-1] + 1, "as late"))
        times = [times[-1] + 1]
        assert [line.message for line in looked(made, streams)[0]] == ["at the same time", "later", "as late"]


def test_a_token_that_is_refused_at_the_first_page_is_an_error() -> None:
    class Refusing(Streams):
        def _get_log_events(self, arguments: dict[str, Any]) -> dict[str, Any]:
            raise ValidationError({"Error": {"Code": "InvalidParameterException"}}, "GetLogEvents")

    streams = Refusing()
    streams.write("a")
    with pytest.raises(ValidationError):
        looked(reader(), streams)
    assert streams.calls == ["DescribeLogStreams", "GetLogEvents"]


def test_lines_without_a_time_have_that_of_the_line_before() -> None:
    class Odd(Streams):
        def _get_log_events(self, arguments: dict[str, Any]) -> dict[str, Any]:
            events = [
                {"message": "first"},
                {"timestamp": 7, "message": "second"},
                {"message": "third"},
                {"timestamp": 7},
            ]
            return {"events": events if "nextToken" not in arguments else [], "nextForwardToken": "end"}

    streams = Odd()
    streams.write("a")
    lines, _ = looked(reader(), streams)
    assert [(round(line.timestamp.timestamp() * 1000), line.message) for line in lines] == [
        (0, "first"), (7, "second"), (7, "third"), (7, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("since", "problem"),
    [
        (
            datetime(2026, 1, 2),
            "a datetime with a time zone, not datetime.datetime(2026, 1, 2, 0, 0): datetime.now(UTC), for example",
        ),
        (-1, None),
        ("yesterday", None),
    ],
)
def test_a_since_that_is_no_time_names_what_is_wrong(since: Any, problem: str | None) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        start_of(since)
    (found,) = caught.value.problems
    assert found.path == "since"
    assert problem is None or (found.rule, found.detail) == ("type", problem)


def test_since_in_milliseconds() -> None:
    assert start_of(None)() is None
    assert start_of(datetime(2026, 1, 2, tzinfo=UTC))() == 1767312000000
    assert start_of(datetime(1960, 1, 1, tzinfo=UTC))() == 0
    assert start_of(timedelta(days=40_000))() == 0
    before = math.floor(datetime.now(UTC).timestamp() * 1000)
    for since, seconds in ((0, 0), (90, 90), (timedelta(minutes=1), 60), (1.5, 1.5)):
        found = start_of(since)()
        assert found is not None
        assert before - seconds * 1000 <= found <= math.floor((datetime.now(UTC).timestamp() - seconds) * 1000)

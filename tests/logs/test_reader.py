"""The reader of a log, over streams that are cut into pages at random and fail at random."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed._waiting.logs import LogPlace, LogReader
from sagemaker_typed.errors import ThrottlingError
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

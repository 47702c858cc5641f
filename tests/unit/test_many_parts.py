"""The parts of a wait on many, one by one: sweeps, ticks, calls, reports of one, and several kinds together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors, from_boto3, resources, to_boto3, types
from sagemaker_typed._waiting.calls import Calls
from sagemaker_typed._waiting.following import place_of
from sagemaker_typed._waiting.looks import Looks
from sagemaker_typed._waiting.many import Many, checked_expected, checked_names
from sagemaker_typed._waiting.spec import LogStreams, Waiter
from sagemaker_typed._waiting.steps import Sleep, Together
from sagemaker_typed._waiting.trouble import Trouble
from sagemaker_typed._waiting.wait_many import _Crowd, _pause, _WaitOnMany
from sagemaker_typed.waiting import Pacing, WaitOptions
from tests.contract import model
from tests.support.simulated import api

NOW = 1000.0


def _waiters() -> Iterator[tuple[str, Waiter[Any]]]:
    for module in walk_packages(resources.__path__, f"{resources.__name__}."):
        for value in vars(import_module(module.name)).values():
            if (
                isinstance(value, Waiter)
                and value.batch is not None
                and value.batch.list
                and not value.batch.list_scope
            ):
                yield value.batch.list.__name__, value


LISTED = dict(_waiters())


@pytest.mark.parametrize("name", LISTED)
def test_a_sweep_lists_the_newest_first_and_then_from_the_oldest_that_is_pending(name: str) -> None:
    """What a list can sort by and leave out stands in the model."""
    clock: Any = SimpleNamespace(uniform=lambda low, high: high)
    many = Many(LISTED[name], ["a", "b"], timeout=100, poll=None, now=NOW, clock=clock)
    assert many.batch.list is not None
    operation = many.batch.list.__name__.removesuffix("Request").removesuffix("Input")
    members = model.input_shape(operation).members.keys()
    first = to_boto3(many.list_request(None))
    assert first.keys() == members & {"MaxResults", "SortOrder"} | ({"SortBy"} & first.keys())
    assert first.get("SortOrder", "Descending") == "Descending"
    assert first.get("MaxResults", 100) == 100
    assert first.get("SortBy", "CreationTime") in ("CreationTime", "CREATION_TIME")
    assert to_boto3(many.list_request("t")) == {**first, "NextToken": "t"}
    oldest = datetime(2026, 1, 2, tzinfo=UTC)
    for one, created in zip(many._pending.values(), (oldest + timedelta(1), oldest), strict=True):
        one.created = created
    many.begin()
    bounds = members & {"CreationTimeAfter", "CreatedAfter"}
    order = {"SortOrder": "Ascending"} if "SortOrder" in members else {}
    assert to_boto3(many.list_request(None)) == first | order | dict.fromkeys(bounds, oldest - timedelta(seconds=1))


def test_when_the_next_page_of_a_sweep_is_worth_a_call() -> None:
    clock: Any = SimpleNamespace(uniform=lambda low, high: high, now=lambda: NOW)
    many = Many(LISTED["ListCompilationJobsRequest"], ["a", "b"], timeout=100, poll=None, now=NOW, clock=clock, few=1)

    def item(name: str, status: str | None) -> Any:
        return SimpleNamespace(compilation_job_name=name, compilation_job_status=status)

    assert many.sweeps
    many.begin()
    assert many.listed([item("x", "COMPLETED")], last=True) is False
    many.begin()
    assert many.listed([item("x", "COMPLETED")], last=False) is True
    assert many.listed([item("x", "COMPLETED")], last=False) is False  # two pages in a row without one of ours
    many.begin()
    assert many.listed([item("a", None), item("a", "FAILED")], last=False) is True  # the first one counts
    assert many.event(NOW).states == {"?": 2}
    assert many.listed([item("b", "INPROGRESS")], last=False) is False
    assert many.event(NOW).states == {"?": 1, "INPROGRESS": 1}
    assert many.pending == ["a", "b"]


JOBS: Waiter[Any] = import_module("sagemaker_typed.resources.compilation_jobs")._COMPLETED
STILL: Any = SimpleNamespace(uniform=lambda low, high: high, now=lambda: NOW)


def jobs(count: int, waiter: Waiter[Any] = JOBS, **options: Any) -> Many[Any]:
    names = [f"job-{number}" for number in range(count)]
    return Many(waiter, names, **{"timeout": 100, "poll": None, "now": NOW, "clock": STILL, **options})


def summary(name: str, status: str = "INPROGRESS", **more: Any) -> Any:
    return SimpleNamespace(compilation_job_name=name, compilation_job_status=status, **more)


def description(name: str, status: str = "COMPLETED") -> Any:
    said = {"CompilationJobName": name, "CompilationJobStatus": status}
    return from_boto3(types.DescribeCompilationJobResponse, said)


@pytest.mark.parametrize(
    ("count", "pages"), [(1, 2), (99, 2), (100, 2), (101, 3), (300, 4), (500, 6), (501, 6), (5000, 6)]
)
def test_a_sweep_may_take_as_many_pages_as_all_would_take_or_as_are_pending(count: int, pages: int) -> None:
    for pending in (1, min(count, 4), min(count, 9)):
        many = jobs(count)
        for name in many.names[pending:]:
            many.described(name, description(name), NOW)
        for one in many._pending.values():
            one.created = datetime(2026, 1, 2, tzinfo=UTC)
        many.begin()
        taken = 1
        while many.listed([], last=False):
            taken += 1
        assert taken == max(pending, pages)
        many.begin()
        assert not many.sweeps  # too many others lie between them


@pytest.mark.parametrize(
    ("count", "few", "sweeps"), [(10, {}, False), (11, {}, True), (3, {"few": 3}, False), (4, {"few": 3}, True)]
)
def test_when_a_list_is_worth_it(count: int, few: Any, sweeps: bool) -> None:
    many = jobs(count, **few)
    assert many.sweeps is sweeps
    if sweeps:
        for name in many.names[1:]:
            many.described(name, description(name), NOW)
        assert many.sweeps is True  # however few are left of them
        many.described(many.names[0], description(many.names[0]), NOW)
        assert many.sweeps is False
    for batch in (many.batch._replace(list=None), many.batch._replace(list_scope=("domain_id",))):
        assert jobs(count, JOBS._replace(batch=batch), **few).sweeps is False


def test_a_first_sweep_ends_after_two_pages_without_any_of_ours() -> None:
    many = jobs(500)
    many.begin()
    others = [summary("other")]
    assert [many.listed(others, last=False) for _ in range(2)] == [True, False]
    many.begin()
    assert many.listed(others, last=False)
    assert many.listed([summary("job-7")], last=False)  # which begins the count anew
    assert [many.listed(others, last=False) for _ in range(2)] == [True, False]
    assert many.sweeps


def conversion(*, retryable: bool) -> errors.ConversionError:
    error = errors.ConversionError("odd", "ListThings")
    error.retryable = retryable
    return error


@pytest.mark.parametrize(
    ("error", "gives_up"),
    [
        (conversion(retryable=False), 8),
        (conversion(retryable=True), None),
        (errors.TransportError("lost"), None),
        (api("ThrottlingException"), None),
        (api("ValidationException"), 1),
    ],
    ids=["unreadable", "half", "lost", "throttled", "refused"],
)
def test_when_the_list_is_given_up(error: Any, gives_up: int | None) -> None:
    """A page is asked for four times in a tick; then what is pending is described."""
    many = jobs(20)
    for turn in range(1, 21):
        goes_on = many.unlisted(error)
        assert many.report.list_calls == turn
        assert goes_on is (turn % 4 == 0 or turn == gives_up)
        assert many.sweeps is (gives_up is None or turn < gives_up)
        if turn == gives_up:
            break
    assert many._trouble.last is (None if gives_up else error)


def test_pages_that_can_be_read_in_between_begin_the_count_anew() -> None:
    many, odd = jobs(500), conversion(retryable=False)
    for _ in range(3):
        many.begin()
        for _ in range(7):
            many.unlisted(odd)
        many.listed([summary("job-1")], last=True)
    for _ in range(7):
        many.unlisted(odd)
    many.unlisted(errors.TransportError("lost"))
    assert many.sweeps
    with pytest.raises(errors.CredentialsError):
        many.unlisted(errors.CredentialsError("none", "ListThings"))


def test_a_resource_that_is_added_later_has_its_own_requests_title_and_time() -> None:
    trouble = Trouble("a run", NOW)
    many = jobs(0, trouble=trouble, poll=7.0)
    describe = types.DescribeCompilationJobRequest(compilation_job_name="other")
    many.add("key", "title", describe, None, timeout=50.0, now=NOW + 5)
    assert many.describe_request("key") is describe
    assert many.stop_request("key") is None
    assert (many.title("key"), many.names, many.pending, many.total) == ("title", ["key"], ["key"], 1)
    assert many.next_deadline == NOW + 55
    assert many._all["key"].progress.delay(NOW + 5) == 7.0
    many.begin()
    for _ in range(2):
        many.undescribed("key", errors.TransportError("lost", "Describe"), NOW + 6)
    assert trouble.in_a_row == 2
    stop = types.StopCompilationJobRequest(compilation_job_name="other")
    many.add("second", "title 2", describe, stop, timeout=5.0, now=NOW)
    assert many.stop_request("second") is stop


def test_the_requests_for_one_of_many() -> None:
    many = jobs(1)
    assert many.describe_request("a") == types.DescribeCompilationJobRequest(compilation_job_name="a")
    assert many.stop_request("a") == types.StopCompilationJobRequest(compilation_job_name="a")
    for waiter in (JOBS._replace(stop=None), JOBS._replace(batch=many.batch._replace(stop=None))):
        assert jobs(1, waiter).stop_request("a") is None
    with pytest.raises(TypeError, match="a compilation job has no single name, so it cannot be one of many"):
        jobs(1, JOBS._replace(batch=None))


def test_what_a_sweep_has_settled_is_not_described() -> None:
    many = jobs(5, few=1)
    many.begin()
    assert list(many.to_describe()) == many.names
    job = summary("job-0"), summary("job-1", "COMPLETED"), summary("job-2", ""), summary("other")
    many.listed(job, last=True)
    assert list(many.to_describe()) == ["job-1", "job-3", "job-4"]
    many.described("job-1", description("job-1", "INPROGRESS"), NOW)  # the list was ahead of it
    assert list(many.to_describe()) == ["job-3", "job-4"]
    many.begin()
    assert list(many.to_describe()) == many.names


def test_an_item_of_a_list_without_the_status_that_each_has_is_described() -> None:
    many = jobs(2, few=1)
    many.begin()
    item = types.CompilationJobSummary(
        compilation_job_name="job-0",
        compilation_job_arn="arn",
        creation_time=datetime(2026, 1, 2, tzinfo=UTC),
        compilation_job_status=None,  # type: ignore[arg-type]
    )
    many.listed([item], last=True)
    assert list(many.to_describe()) == ["job-0", "job-1"]
    assert many.event(NOW).states == {"?": 2}


def test_when_each_was_created() -> None:
    """By the list, else by the description: the oldest is the slowest one."""
    first, second = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    many = jobs(3, few=1)
    assert many.event(NOW).slowest == "job-0"
    many.begin()
    many.listed([summary("job-1", creation_time=second), summary("job-2", start_time=first)], last=True)
    assert many.event(NOW).slowest == "job-2"
    response = description("job-0", "INPROGRESS")
    response.creation_time = datetime(2026, 1, 1, tzinfo=UTC)
    many.described("job-0", response, NOW)
    assert many.event(NOW).slowest == "job-0"
    many.begin()
    many.listed([summary("job-0", creation_time=None)], last=True)
    assert many.event(NOW).slowest == "job-0"  # as it is known already
    assert jobs(0).event(NOW).slowest is None


def test_after_the_end_nothing_is_pending() -> None:
    many = jobs(3)
    assert list(many.end(NOW + 5).pending) == many.names
    assert (many.pending, many.next_deadline, many.goes_on()) == ([], math.inf, "")


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("ab", ("names", "type", "several names, not one text: write ['ab']")),
        (["a", ""], ("names[1]", "type", "a name, not ''")),
        ([3], ("names[0]", "type", "a name, not 3")),
        (["a", "b", None], ("names[2]", "type", "a name, not None")),
    ],
)
def test_names_that_are_none(names: Any, problem: tuple[str, str, str]) -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        checked_names(names)
    assert [(each.path, each.rule, each.detail) for each in caught.value.problems] == [problem]
    assert checked_names(iter(["a", "b", "a"])) == ["a", "b", "a"]


def test_what_each_is_updated_to() -> None:
    compared = JOBS._replace(compare="endpoint_config_name")
    assert checked_expected(JOBS, ["a"], "new") == {}
    assert checked_expected(compared, ["a", "b", "a"], "new") == {"a": "new", "b": "new"}
    assert checked_expected(compared, ["a"], {"a": "new", "c": "other"}) == {"a": "new", "c": "other"}
    with pytest.raises(errors.InvalidRequestError) as caught:
        checked_expected(compared, ["a", "b", "c", "b"], {"a": "new", "c": None})
    assert [(each.path, each.rule, each.detail) for each in caught.value.problems] == [
        (f"endpoint_config_name['{name}']", "required", f"what '{name}' is updated to") for name in "bc"
    ]


def test_a_tick_in_figures() -> None:
    many = jobs(3, prefix="jobs/")
    many.begin()
    many.described("job-0", description("job-0"), NOW + 5)
    many.described("job-1", description("job-1", "STARTING"), NOW + 5)
    assert many.event(NOW + 10) == (
        3, 1, {"COMPLETED": 1, "STARTING": 1, "?": 1}, {"jobs/job-0": "COMPLETED", "jobs/job-1": "STARTING"},
        "jobs/job-1", 10.0, 90.0, 0, 2,
    )  # fmt: skip
    assert many.event(NOW + 101).remaining == 0.0
    many.begin()
    assert many.event(NOW + 10).changed == {}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 compilation job continues: 'j0'; sm.compilation_jobs.stop('j0') stops it"),
        (2, "2 compilation jobs continue: 'j0', 'j1'; sm.compilation_jobs.stop(name) stops one"),
        (5, "5 compilation jobs continue: 'j0', 'j1', 'j2', 'j3', 'j4'; sm.compilation_jobs.stop(name) stops one"),
        (
            6,
            "6 compilation jobs continue: 'j0', 'j1', 'j2', 'j3', 'j4' and 1 more; sm.compilation_jobs.stop(name) stops one",
        ),
    ],
)
def test_what_continues_is_named(count: int, text: str) -> None:
    clock: Any = SimpleNamespace(uniform=lambda low, high: high)
    names = [f"j{number}" for number in range(count)]
    waiter = import_module("sagemaker_typed.resources.compilation_jobs")._COMPLETED
    assert Many(waiter, names, timeout=100, poll=None, now=NOW, clock=clock).goes_on() == text
    without: Many[Any] = Many(waiter._replace(stop=None), names, timeout=100, poll=None, now=NOW, clock=clock)
    assert without.goes_on() == text.partition("; ")[0]


ENDPOINT: Waiter[Any] = import_module("sagemaker_typed.resources.endpoints")._IN_SERVICE


def wait(*crowds: tuple[Waiter[Any], str, list[str]], **options: Any) -> tuple[_WaitOnMany, Any]:
    """A wait on several kinds, and the clock that it goes by."""
    clock: Any = SimpleNamespace(at=NOW, uniform=lambda low, high: high)
    clock.now = lambda: clock.at
    client: Any = SimpleNamespace(clock=clock, pacing=Pacing())
    kinds = [_Crowd(prefix, waiter, names, {}) for waiter, prefix, names in crowds]
    return _WaitOnMany(client, kinds, WaitOptions(**options)), clock


SLOW, FAST = JOBS._replace(poll=(10.0, 60.0), timeout=50.0), ENDPOINT._replace(poll=(3.0, 90.0), timeout=70.0)
TWO = ((FAST, "endpoints/", ["e"]), (SLOW, "jobs/", ["a", "b", "a"]))


@pytest.mark.parametrize("kinds", [TWO, TWO[::-1]])
def test_a_wait_on_several_kinds_keeps_the_pace_of_the_slowest_and_the_longest_time(kinds: Any) -> None:
    waits, _ = wait(*kinds)
    assert waits._pace is not None
    assert waits._pace.waiter is SLOW
    assert waits._pace.delay(NOW) == 10.0
    assert waits._deadline == waits._pace.deadline == NOW + 70
    assert {machine.deadline for machine in waits._machines} == {NOW + 70}
    nouns = ["1 endpoint", "2 compilation jobs"]
    assert waits._trouble.who == ", ".join(nouns if kinds is TWO else nouns[::-1])
    given, _ = wait(*kinds, timeout=5, poll=2)
    assert given._pace is not None
    assert (given._deadline, given._pace.delay(NOW)) == (NOW + 5, 2.0)
    none, _ = wait()
    assert (none._pace, none._deadline, none._machines) == (None, NOW, [])


def test_what_continues_of_several_kinds() -> None:
    waits, _ = wait(*TWO)
    assert (waits._done, waits._goes_on()) == (
        0,
        "1 endpoint continues: 'e'; 2 compilation jobs continue: 'a', 'b'; sm.compilation_jobs.stop(name) stops one",
    )
    jobs_of = waits._machines[1]
    jobs_of.described("a", description("a"), NOW)
    jobs_of.described("b", description("b"), NOW)
    assert (waits._done, waits._goes_on()) == (2, "1 endpoint continues: 'e'")


@pytest.mark.parametrize(("seconds", "polls", "lost"), [(59, 2, False), (60, 1, False), (60, 2, True), (70, 2, False)])
def test_when_a_wait_on_many_gives_up_for_lack_of_answers(seconds: float, polls: int, lost: bool) -> None:
    waits, clock = wait(*TWO)
    waits._raise_if_lost(0.0)
    error = errors.TransportError("no route")
    for _ in range(polls):
        waits._trouble.met(error)
    waits._machines[0].report.describe_calls = 3
    waits._machines[1].report.list_calls = 4
    clock.at += seconds
    if not lost:
        waits._raise_if_lost(seconds)
        return
    with pytest.raises(errors.TransportError) as caught:
        waits._raise_if_lost(65.0)
    assert caught.value is error
    assert error.__notes__ == [
        "no usable answer ever came while waiting for 1 endpoint, 2 compilation jobs, for 1m05s and 7 calls"
    ]


@pytest.mark.parametrize(
    ("fail_fast", "bad", "short"), [(False, True, False), (True, False, False), (True, True, True)]
)
def test_whether_a_wait_is_cut_short(fail_fast: bool, bad: bool, short: bool) -> None:
    waits, _ = wait(*TWO, fail_fast=fail_fast)
    if bad:
        waits._machines[1].described("a", description("a", "FAILED"), NOW)
    assert waits._cut_short() == ("was not waited for any longer, as another one did not succeed," if short else None)


def test_the_stops_of_an_interrupted_wait() -> None:
    """Endpoints cannot be stopped: they go on, and are not waited for."""
    waits, _ = wait(*TWO, stop_on_interrupt=True)
    assert waits._left_alone() is None
    stops: Any = waits._stops
    assert [name for _, name in stops.unsent] == ["a", "b"]
    assert waits._cut_short() is None
    assert waits._left_alone() == "0 were told to stop and may not have stopped yet; 2 were not told"
    steps = stops.steps(waits._calls)
    assert next(steps).request == types.StopCompilationJobRequest(compilation_job_name="a")
    second = steps.send(None)
    assert second.request == types.StopCompilationJobRequest(compilation_job_name="b")
    with pytest.raises(StopIteration):
        steps.throw(api("ThrottlingException"))
    assert stops.words == "1 were told to stop and may not have stopped yet; 1 were not told"
    steps = stops.steps(waits._calls)
    assert isinstance(next(steps), Sleep)  # as it was throttled
    assert steps.send(None).request == second.request
    with pytest.raises(StopIteration):
        steps.throw(api("ValidationException"))
    assert (list(stops.unsent), stops.over) == ([], False)
    waits._machines[1].described("a", description("a", "STOPPED"), NOW)
    assert stops.over
    assert waits._cut_short() == "was not waited for any longer, as the wait was interrupted,"
    only, _ = wait(TWO[0], stop_on_interrupt=True)
    assert only._left_alone() == "1 endpoint continues: 'e'"
    kept, _ = wait(*TWO)
    assert kept._left_alone() == kept._goes_on()


@pytest.mark.parametrize(
    ("deadline", "once", "now", "seconds"),
    [(100.0, False, 0.0, 30.0), (20.0, False, 0.0, 21.5), (20.0, False, 20.0, 1.5), (20.0, False, 50.0, 1.5)],
)
def test_how_long_a_call_of_a_wait_may_take(deadline: float, once: bool, now: float, seconds: float) -> None:
    clock = SimpleNamespace(now=lambda: NOW + now)
    client: Any = SimpleNamespace(clock=clock, pacing=Pacing())
    calls = Calls(client, Trouble("a", NOW), NOW + deadline, once=once)
    request = types.DescribeCompilationJobRequest(compilation_job_name="a")
    assert calls.look(request) == (request, seconds)
    assert calls.late is (now > deadline)


def turns(calls: Calls, count: int) -> list[Any]:
    """The sleeps before so many calls, and whether each may begin."""
    told: list[Any] = []
    for _ in range(count):
        steps: Any = calls.turn("describe")
        try:
            told.append(next(steps).seconds)
            next(steps)
        except StopIteration as ended:
            told.append(ended.value)
    return told


@pytest.mark.parametrize(
    ("deadline", "now", "taken", "told", "late"),
    [
        (100.0, 0.0, 0, [True, True], False),
        (100.0, 0.0, 10, [1.0, True, 2.0, True], False),
        (1.5, 0.0, 10, [1.0, True, False], True),
        (0.5, 0.0, 10, [0.5, True, False], True),  # the first comes, whatever the pace
        (0.0, 0.0, 10, [True, False], True),
        (0.0, 5.0, 20, [True, False], True),
    ],
)
def test_when_calls_of_a_wait_begin(deadline: float, now: float, taken: int, told: list[Any], late: bool) -> None:
    client: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW + now), pacing=Pacing(describe_per_second=1))
    for _ in range(taken):
        client.pacing.describe.take(NOW + now)
    calls = Calls(client, Trouble("a", NOW), NOW + deadline, once=False)
    assert calls.now == NOW + now
    assert turns(calls, 2) == told
    assert calls.late is late
    calls.begin()
    assert calls.late is (now > deadline)
    assert calls.one_first(5) is False


@pytest.mark.parametrize(
    ("heard", "failed", "at", "late"),
    [
        (False, False, 0.5, False), (False, False, 0.6, True), (True, False, 99.0, False), (True, True, 0.5, False),
        (True, True, 0.6, True),
    ],
)  # fmt: skip
def test_with_a_timeout_of_zero_calls_begin_while_the_service_answers(
    heard: bool, failed: bool, at: float, late: bool
) -> None:
    client: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW + at), pacing=Pacing())
    trouble = Trouble("a", NOW)
    if heard:
        trouble.over()
    if failed:
        trouble.met(errors.TransportError("lost"))
    assert Calls(client, trouble, NOW, once=True).late is late


def test_only_throttling_slows_calls_down() -> None:
    client: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW), pacing=Pacing())
    calls = Calls(client, Trouble("a", NOW), NOW, once=False)
    for name in ("list", "describe", "create"):
        what: Any = name
        bucket = client.pacing.bucket(name)
        before = bucket.rate
        calls.failed(what, errors.TransportError("lost"), NOW)
        assert bucket.rate == before
        calls.failed(what, api("ThrottlingException"), NOW)
        assert bucket.rate == before / 2
        calls.succeeded(what)
        assert bucket.rate == before / 2 * 1.125


class Polling:
    """The polls of one machine, by a clock that stands still."""

    def __init__(self, machine: Many[Any], *, deadline: float = 100.0, once: bool = False, **pacing: Any) -> None:
        self.at = NOW
        clock = SimpleNamespace(now=lambda: self.at, uniform=lambda low, high: high)
        client: Any = SimpleNamespace(clock=clock, pacing=Pacing(**pacing))
        self.machine, self.trouble = machine, machine._trouble
        self.calls = Calls(client, self.trouble, NOW + deadline, once=once)
        self.looks = Looks(client, self.calls, self.trouble)
        self.steps: list[str] = []

    def tick(self, *answers: Any) -> list[str]:
        """Take a tick; return its steps: requests by operation and name, and the number of the parts that come together."""
        left, self.steps = [*answers], []
        self._take(self.looks.tick([self.machine]), left)
        assert left == []
        return self.steps

    def _take(self, steps: Any, left: list[Any]) -> None:
        step = next(steps, None)
        while step is not None:
            answer: Any = None
            if isinstance(step, Together):
                parts = list(step.parts)
                self.steps.append(f"together {len(parts)}")
                for part in parts:
                    self._take(part, left)
            elif isinstance(step, Sleep):
                self.steps.append(f"sleep {step.seconds:g}")
                self.at += step.seconds
            else:
                request: Any = step.request
                name = getattr(request, "compilation_job_name", None) or getattr(request, "next_token", None) or ""
                self.steps.append(f"{type(request).__name__.partition('Compilation')[0]} {name}".strip())
                answer = left.pop(0)
            try:
                step = steps.throw(answer) if isinstance(answer, Exception) else steps.send(answer)
            except StopIteration:
                return


def listing(token: str | None, *items: Any) -> Any:
    return SimpleNamespace(compilation_job_summaries=[*items], next_token=token)


def test_a_tick_lists_and_describes_what_the_list_did_not_settle() -> None:
    polling = Polling(jobs(3, few=1))
    shown = summary("job-0"), summary("job-1", "COMPLETED")
    assert polling.tick(
        listing("2", *shown), listing("", summary("x")), description("job-1"), description("job-2", "INPROGRESS")
    ) == ["List", "List 2", "together 2", "Describe job-1", "Describe job-2"]
    assert polling.machine.pending == ["job-0", "job-2"]
    assert polling.tick(listing(None, summary("job-0"), summary("job-2"))) == ["List", "together 0"]


def test_a_tick_of_a_few_describes_each() -> None:
    polling = Polling(jobs(2))
    assert polling.tick(description("job-0", "INPROGRESS"), description("job-1")) == [
        "together 2", "Describe job-0", "Describe job-1",
    ]  # fmt: skip
    assert polling.tick(errors.TransportError("lost")) == ["together 1", "Describe job-0"]
    assert polling.trouble.in_a_row == 1


def test_a_page_without_an_answer_is_asked_for_again_until_the_tick_ends() -> None:
    polling, lost = Polling(jobs(3, few=1)), errors.TransportError("lost")
    assert polling.tick(lost, lost, lost, lost, *[description(f"job-{n}", "INPROGRESS") for n in range(3)]) == [
        *["List"] * 4, "together 3", *(f"Describe job-{n}" for n in range(3)),
    ]  # fmt: skip
    polling.at += 60
    polling.trouble.heard = False
    polling.trouble.in_a_row = 2
    assert polling.tick(lost) == ["List"]  # nothing was answered for a minute


@pytest.mark.parametrize("sweeps", [False, True])
def test_a_tick_ends_where_no_call_may_begin(sweeps: bool) -> None:
    """After a first call, which comes whatever the pace."""
    polling = Polling(jobs(3, few=1 if sweeps else 9), deadline=10.0, list_per_second=0.01, describe_per_second=0.01)
    for bucket in (polling.calls._pacing.list, polling.calls._pacing.describe):
        for _ in range(10):
            bucket.take(NOW)
    pending = description("job-0", "INPROGRESS")
    begun = polling.tick(listing("2") if sweeps else pending)
    assert begun == (["sleep 10", "List"] if sweeps else ["together 3", "sleep 10", "Describe job-0"])
    assert polling.calls.late
    polling.at = NOW
    for bucket in (polling.calls._pacing.list, polling.calls._pacing.describe):
        bucket._left = 10.0
    more = [listing(None, *map(summary, polling.machine.names))] if sweeps else [pending] * 3
    assert polling.tick(*more) == (
        ["List", "together 0"] if sweeps else ["together 3", *(f"Describe {name}" for name in polling.machine.names)]
    )


EXECUTIONS: Waiter[Any] = import_module("sagemaker_typed.resources.pipeline_executions")._COMPLETED
ARN = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/p/execution/abc"


@pytest.mark.parametrize("told", [True, False])
def test_a_failed_execution_is_followed_by_its_steps_and_no_other_is(told: bool) -> None:
    clock: Any = SimpleNamespace(uniform=lambda low, high: high)
    polling = Polling(Many(EXECUTIONS, [ARN, f"{ARN}d"], timeout=100, poll=None, now=NOW, clock=clock))
    failed = SimpleNamespace(pipeline_execution_status="Failed", failure_reason="see the steps")
    ended = SimpleNamespace(pipeline_execution_status="Succeeded", failure_reason=None)
    step = types.PipelineExecutionStep(
        step_name="train", step_status=types.StepStatus("Failed"), failure_reason="no data"
    )
    page = SimpleNamespace(pipeline_execution_steps=[step])
    asked = polling.tick(failed, page if told else errors.TransportError("lost"), ended)
    described, listed = "DescribePipelineExecutionRequest", "ListPipelineExecutionStepsRequest"
    assert asked == ["together 2", described, listed, described]
    reason = polling.machine.report.failed[ARN].reason
    assert reason == ("step 'train' failed: no data" if told else "see the steps")
    assert [*polling.machine.report.succeeded] == [f"{ARN}d"]


def test_steps_are_not_requested_after_the_deadline() -> None:
    clock: Any = SimpleNamespace(uniform=lambda low, high: high)
    polling = Polling(Many(EXECUTIONS, [ARN], timeout=100, poll=None, now=NOW, clock=clock), describe_per_second=0.001)
    polling.calls._pacing.describe._left = 1.0
    failed = SimpleNamespace(pipeline_execution_status="Failed", failure_reason="see the steps")
    assert [each.partition(" ")[0] for each in polling.tick(failed)] == [
        "together",
        "DescribePipelineExecutionRequest",
    ]
    assert polling.machine.report.failed[ARN].reason == "see the steps"


@pytest.mark.parametrize(("count", "alone"), [(0, False), (3, False), (11, True)])
def test_with_a_timeout_of_zero_one_answer_is_awaited_where_the_pace_holds_others_back(count: int, alone: bool) -> None:
    polling = Polling(jobs(count, few=99), deadline=0.0, once=True, at_once=99, describe_per_second=1)
    told = polling.tick(*[description(name, "INPROGRESS") for name in polling.machine.names])
    assert told[: 1 + alone] == (["Describe job-0", "together 10"] if alone else [f"together {count}"])
    assert [each for each in told if each.startswith("Describe")] == [
        f"Describe {each}" for each in polling.machine.names
    ]


@pytest.mark.parametrize(
    ("deadline", "delay", "spent", "pause"),
    [(100, 30, 0, 30), (100, 300, 0, 100), (100, 300, 10, 90), (100, 30, 80, 20), (100, 30, 99, 1), (10, 30, 10, 10),
     (10, 30, 20, 10), (10, 3, 20, 3), (math.inf, 30, 5, 30)],
)  # fmt: skip
def test_the_last_tick_begins_early_enough(deadline: float, delay: float, spent: float, pause: float) -> None:
    pace: Any = SimpleNamespace(deadline=NOW + deadline, delay=lambda now: delay)
    assert _pause(pace, NOW, spent) == pause


@pytest.mark.parametrize(
    ("names", "fields", "prefix", "matches", "others"),
    [
        ("{name}/", {"name": "a"}, "a/", ["a/x", "a/algo-1"], ["b/x"]),
        (
            "{name}/algo-#-",
            {"name": "a.b"},
            "a.b/algo-",
            ["a.b/algo-1-9", "a.b/algo-12-x"],
            ["a.b/algo-x-1", "aXb/algo-1-9"],
        ),
        ("{name}", {"name": "a"}, "a", ["a", "a/x"], ["ab"]),
        ("{one|other}/", {"one": None, "other": "o"}, "o/", ["o/1"], ["None/1"]),
        ("{one|other}/", {"one": "1", "other": "o"}, "1/", ["1/1"], ["o/1"]),
    ],
)
def test_the_streams_of_a_resource(
    names: str, fields: dict[str, Any], prefix: str, matches: list[str], others: list[str]
) -> None:
    waiter: Any = SimpleNamespace(arn=None, log_group_of=lambda name, arn: f"/aws/{name}", logs=LogStreams(names))
    request: Any = SimpleNamespace(**fields)
    place = place_of(waiter, "job", request, None)
    assert place is not None
    assert (place.group, place.prefix) == ("/aws/job", prefix)
    assert [bool(place.pattern.match(name)) for name in matches] == [True] * len(matches)
    assert [bool(place.pattern.match(name)) for name in others] == [False] * len(others)
    waiter.logs = None
    assert place_of(waiter, "job", request, None) is None

"""The forms in which a moment may be written: each puts on the wire what boto3 puts there for the same value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker, from_boto3, to_boto3, types
from sagemaker_typed.errors import InvalidRequestError
from tests.contract import model
from tests.contract.places import Place, places
from tests.support.model_server import ModelServer

FORMS: list[Any] = [
    datetime(2024, 6, 10, 6, 13, 20, tzinfo=UTC),
    datetime(2024, 6, 10, 6, 13, 20, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    "2024-06-10T06:13:20Z",
    "2024-06-10T06:13:20.5Z",
    "2024-06-10T06:13:20.123456+00:00",
    "2024-06-10T06:13:20+02:00",
    "2024-06-10T06:13:20-0930",
    "2024-06-10T06:13+01",
    "2024-06-10 06:13:20Z",
    "20240610T061320Z",
    "1969-12-31T23:59:59Z",
    "2100-02-28T23:59:59-12:00",
    1718000000,
    1718000000.0,
    1718000000.25,
    1718000000.999999,
    0,
    -1,
    -1.5,
    4102444800,
]
SAME: list[tuple[Any, datetime]] = [
    ("2024-06-10T06:13:20+02:00", datetime(2024, 6, 10, 4, 13, 20, tzinfo=UTC)),
    (1718000000.25, datetime(2024, 6, 10, 6, 13, 20, 250000, tzinfo=UTC)),
]
NAIVE: list[Any] = [
    datetime(2024, 6, 10, 6, 13, 20),
    "2024-06-10",
    "2024-06-10T06:13:20",
    "2024-06-10 06:13",
    "20240610",
]
NO_TIMES: list[Any] = [
    "yesterday",
    "",
    "1718000000",
    "Mon, 10 Jun 2024 06:13:20 GMT",
    "2024-13-01T00:00:00Z",
    b"2024-06-10T06:13:20Z",
    date(2024, 6, 10),
    Decimal(1718000000),
    True,
    1e300,
    float("nan"),
    float("inf"),
    10**400,
    {"seconds": 1},
    [1718000000],
]


def moments(operation: str) -> Iterator[tuple[Any, list[Place]]]:
    """Each filled request of an operation, with its places for timestamps."""
    shape = model.input_shape(operation)
    for plain in model.filled(shape):
        request = from_boto3(model.request_class(operation), plain)
        found = [place for place in places(shape, request) if place.shape.type_name == "timestamp"]
        if found:
            yield request, found


TAKES_TIMES = tuple(name for name in model.OPERATIONS if next(moments(name), None))


def bodies(server: ModelServer) -> list[bytes]:
    found = [request.raw_body for request in server.requests]
    server.requests.clear()
    return found


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_every_form_is_sent_as_boto3_sends_it(
    form: Any, server: ModelServer, boto: Any, sm: SageMaker, strict: SageMaker
) -> None:
    boto.list_compilation_jobs(CreationTimeAfter=form)
    (expected,) = bodies(server)
    assert b"CreationTimeAfter" in expected
    for client in (sm, strict):
        client.send(types.ListCompilationJobsRequest(creation_time_after=form))
        client.send(from_boto3(types.ListCompilationJobsRequest, {"CreationTimeAfter": form}))
    assert bodies(server) == [expected] * 4


@pytest.mark.parametrize("operation", TAKES_TIMES)
def test_every_member_that_is_a_timestamp_takes_them(
    operation: str, server: ModelServer, boto: Any, strict: SageMaker
) -> None:
    for request, found in moments(operation):
        for place in found:
            for form, moment in SAME:
                with place.holding(form):
                    strict.send(request)
                with place.holding(moment):
                    getattr(boto, xform_name(operation))(**to_boto3(request))
                ours, theirs = bodies(server)
                assert ours == theirs


def test_lists_take_times() -> None:
    assert "ListCompilationJobs" in TAKES_TIMES


@pytest.mark.parametrize("value", NAIVE, ids=repr)
def test_a_moment_without_a_time_zone_is_not_guessed(value: Any, checked: SageMaker, sm: SageMaker) -> None:
    request = types.ListCompilationJobsRequest(creation_time_after=value)
    for client in (checked, sm):
        with pytest.raises(InvalidRequestError, match="has no time zone") as caught:
            client.send(request)
        (problem,) = caught.value.problems
        assert (problem.path, problem.rule) == ("creation_time_after", "timezone")
        advice = ("datetime.now(UTC)", ".astimezone()") if isinstance(value, datetime) else ("+02:00",)
        assert all(words in problem.detail for words in advice)


@pytest.mark.parametrize("value", NO_TIMES, ids=lambda value: repr(value)[:30])
def test_what_is_no_time_is_told_what_is(value: Any, checked: SageMaker, sm: SageMaker) -> None:
    request = types.ListCompilationJobsRequest(creation_time_after=value)
    for client in (checked, sm):
        with pytest.raises(InvalidRequestError) as caught:
            client.send(request)
        (problem,) = caught.value.problems
        assert (problem.path, problem.rule) == ("creation_time_after", "type")
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        accepted = "outside the years" if number else "ISO 8601 text with a time zone, or seconds since 1970"
        assert accepted in problem.detail


def test_the_value_stays_as_it_was_given() -> None:
    after: Any = "2024-06-10T06:13:20Z"
    request = types.ListCompilationJobsRequest(creation_time_after=after)
    assert to_boto3(request) == {"CreationTimeAfter": datetime(2024, 6, 10, 6, 13, 20, tzinfo=UTC)}
    assert request.creation_time_after == after

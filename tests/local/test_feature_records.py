"""`sm.feature_groups.put_record` and its like, against the embedded online store, with boto3 beside them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._data.records import FeatureRecord, FeatureSchema, identifier_of, record_of, ttl_of
from sagemaker_typed.services.featurestore import TtlDuration
from sagemaker_typed.testing import LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import HandClock
from tests.local.test_online_store import group

NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)
SCHEMA = FeatureSchema(
    record_identifier="id",
    event_time="at",
    types={"id": "String", "at": "Fractional", "age": "Integral", "tags": "String"},
    collections=frozenset({"tags"}),
)


@pytest.fixture
def store(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker-featurestore-runtime", config=no_retries())


@pytest.fixture
def client(local: LocalSageMaker) -> Iterator[SageMaker]:
    with local.client() as sagemaker:
        yield sagemaker


@pytest.fixture
def customers(sm: Any, clock: HandClock) -> str:
    name = group(sm)
    clock.forward(1)
    return name


@pytest.fixture
def visits(sm: Any, clock: HandClock) -> str:
    """Its event time is a text."""
    texts = [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at", "note")]
    name = group(sm, "visits", FeatureDefinitions=[*texts, {"FeatureName": "score", "FeatureType": "Fractional"}])
    clock.forward(1)
    return name


def seen(store: Any, name: str, identifier: str, **more: Any) -> dict[str, Any]:
    """What boto3 finds."""
    answer = store.get_record(FeatureGroupName=name, RecordIdentifierValueAsString=identifier, **more)
    return {
        each["FeatureName"]: each.get("ValueAsString", each.get("ValueAsStringList"))
        for each in answer.get("Record", ())
    }


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é", "é"),
        ("", ""),
        (True, "1"),
        (False, "0"),
        (0, "0"),
        (2**62, "4611686018427387904"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (Decimal("1.10"), "1.10"),
        (NOON, "2026-01-02T12:00:00.250Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-01-02T12:00:00.250Z"),
        ([1, 2.5, "a"], ["1", "2.5", "a"]),
        ((), []),
        ({"x"}, ["x"]),
    ],
)
def test_values_become_texts(value: Any, text: Any) -> None:
    (feature,) = record_of({"f": value})
    assert (feature.value_as_string_list if isinstance(text, list) else feature.value_as_string) == text


@pytest.mark.parametrize("value", [None, math.nan, Decimal("NaN")])
def test_what_is_missing_is_left_out(value: Any) -> None:
    assert [each.feature_name for each in record_of({"f": value, "id": "a"})] == ["id"]


@pytest.mark.parametrize(
    "value",
    [math.inf, -math.inf, Decimal("Infinity"), NOON.replace(tzinfo=None), b"bytes", {"a": 1}, object(), [None], [[1]]],
)
def test_what_has_no_text_is_refused(value: Any) -> None:
    with pytest.raises(errors.InvalidRequestError) as found:
        record_of({"f": value})
    assert [problem.path for problem in found.value.problems] == ["record['f']"]


def test_numbers_and_times_of_numpy_and_pandas() -> None:
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    values = {
        "int": numpy.int64(5),
        "float": numpy.float32(0.5),
        "bool": numpy.bool_(True),
        "vector": numpy.array([1.0, 2.0]),
        "time": pandas.Timestamp("2026-01-02T12:00:00.25", tz="UTC"),
        "nan": numpy.float64("nan"),
        "nat": pandas.NaT,
        "na": pandas.NA,
        "numpys-nat": numpy.datetime64("NaT", "s"),
    }
    found = {each.feature_name: each.value_as_string or each.value_as_string_list for each in record_of(values)}
    assert found == {
        "int": "5",
        "float": "0.5",
        "bool": "1",
        "vector": ["1.0", "2.0"],
        "time": "2026-01-02T12:00:00.250Z",
    }
    for naive in (pandas.Timestamp("2026-01-02"), numpy.datetime64("2026-01-02")):
        with pytest.raises(errors.InvalidRequestError, match="time zone"):
            record_of({"at": naive})


def test_a_schema_finds_what_a_group_will_not_take() -> None:
    assert {each.feature_name: each.value_as_string for each in record_of({"id": "a", "at": NOON}, SCHEMA)} == {
        "id": "a",
        "at": repr(NOON.timestamp()),
    }
    with pytest.raises(errors.InvalidRequestError) as found:
        record_of({"id": "a", "other": 1, "age": [1], "tags": "one"}, SCHEMA)
    assert [(problem.path, problem.rule) for problem in found.value.problems] == [
        ("record['other']", "unknown"),
        ("record['age']", "type"),
        ("record['tags']", "type"),
        ("record['at']", "required"),
    ]
    with pytest.raises(errors.InvalidRequestError, match="Integral"):
        record_of({"id": "a", "at": NOON, "age": NOON}, SCHEMA)


def test_values_are_read_as_the_group_defines_them(client: SageMaker, customers: str) -> None:
    schema = client.feature_groups.schema(customers)
    assert schema == SCHEMA
    record = FeatureRecord(record_of({"id": "a", "at": 5.5, "age": 3, "tags": ["x"]}))
    assert dict(record) == {"id": "a", "at": "5.5", "age": "3", "tags": ["x"]}
    assert record.typed(schema) == {"id": "a", "at": 5.5, "age": 3, "tags": ["x"]}
    with pytest.raises(ValueError, match="three"):
        FeatureRecord(record_of({"age": "three"})).typed(schema)


@pytest.mark.parametrize(
    ("ttl", "unit", "value"),
    [
        (timedelta(seconds=90), "Seconds", 90),
        (timedelta(minutes=90), "Minutes", 90),
        (timedelta(hours=25), "Hours", 25),
        (timedelta(days=8), "Days", 8),
        (timedelta(days=14), "Weeks", 2),
        (TtlDuration(unit="Days", value=1), "Days", 1),
    ],
)
def test_how_long_a_record_lives(ttl: Any, unit: str, value: int) -> None:
    found = ttl_of(ttl)
    assert found is not None
    assert (str(found.unit), found.value) == (unit, value)


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1), timedelta(seconds=1.5), 60])
def test_no_time_to_live(ttl: Any) -> None:
    with pytest.raises(errors.InvalidRequestError, match="ttl"):
        ttl_of(ttl)


@pytest.mark.parametrize("value", [None, [], math.nan, object()])
def test_what_identifies_no_record(value: Any) -> None:
    with pytest.raises(errors.InvalidRequestError, match="record_id"):
        identifier_of(value)


# --- single records ---------------------------------------------------------------------------------------------------


def test_a_record_goes_in_and_comes_back(client: SageMaker, store: Any, visits: str) -> None:
    groups = client.feature_groups
    groups.put_record(visits, {"id": 7, "at": NOON, "score": Decimal("0.50"), "note": None})
    assert seen(store, visits, "7") == {"id": "7", "at": "2026-01-02T12:00:00.250Z", "score": "0.50"}
    record = groups.get_record(visits, 7)
    assert record is not None
    assert dict(record) == seen(store, visits, "7")
    assert record.expires_at is None
    only = groups.get_record(visits, "7", feature_names=["score"])
    assert only is not None
    assert dict(only) == {"score": "0.50"}
    assert groups.get_record(visits, "absent") is None
    with pytest.raises(errors.ResourceNotFoundError):
        groups.get_record("absent", "7")


def test_a_part_of_a_record_is_updated(client: SageMaker, store: Any, visits: str) -> None:
    if not hasattr(store, "update_record"):
        pytest.skip("the installed botocore has no UpdateRecord")
    with pytest.raises(errors.ResourceNotFoundError):
        client.feature_groups.update_record(visits, 7, {"note": "x"})
    client.feature_groups.put_record(visits, {"id": 7, "at": NOON, "score": 1})
    client.feature_groups.update_record(visits, 7, {"note": "x"})
    assert seen(store, visits, "7") == {"id": "7", "at": "2026-01-02T12:00:00.250Z", "score": "1", "note": "x"}


def test_deletions(client: SageMaker, local: LocalSageMaker, store: Any, visits: str, customers: str) -> None:
    groups = client.feature_groups
    for identifier in ("soft", "hard", "kept"):
        groups.put_record(visits, {"id": identifier, "at": NOON})
    groups.delete_record(visits, "soft", event_time=NOON + timedelta(seconds=1))
    groups.delete_record(visits, "hard", event_time=NOON + timedelta(seconds=1), deletion_mode="HardDelete")
    groups.delete_record(visits, "kept", event_time=NOON - timedelta(seconds=1))  # which is older
    assert groups.get_record(visits, "kept") is not None
    for identifier in ("soft", "hard"):
        assert seen(store, visits, identifier) == {}
        groups.put_record(visits, {"id": identifier, "at": NOON})
    assert groups.get_record(visits, "soft") is None  # its place is kept, so that what is older does not come back
    assert groups.get_record(visits, "hard") is not None
    groups.put_record(customers, {"id": "a", "at": NOON}, schema=SCHEMA)
    groups.delete_record(customers, "a", event_time=NOON + timedelta(seconds=1), schema=SCHEMA)
    assert groups.get_record(customers, "a") is None
    before = local.calls["DeleteRecord"]
    with pytest.raises(errors.InvalidRequestError, match="time zone"):
        groups.delete_record(visits, "kept", event_time=datetime(2026, 1, 3))
    assert local.calls["DeleteRecord"] == before


def test_records_that_expire(client: SageMaker, visits: str) -> None:
    now = datetime.now(UTC)
    client.feature_groups.put_record(
        visits, {"id": "a", "at": now}, ttl=timedelta(days=7), target_stores=["OnlineStore"]
    )
    record = client.feature_groups.get_record(visits, "a", expiration=True)
    assert record is not None
    assert record.expires_at is not None
    assert abs(record.expires_at - now - timedelta(days=7)) < timedelta(milliseconds=2)


def test_many_records_are_read_a_hundred_at_a_time(client: SageMaker, local: LocalSageMaker, customers: str) -> None:
    client.feature_groups.ingest(customers, ({"id": str(n), "at": n} for n in range(150)))
    before = local.calls["BatchGetRecord"]
    report = client.feature_groups.batch_get(customers, [*range(150), "absent", 5], feature_names=["id", "at"])
    assert local.calls["BatchGetRecord"] - before == 2
    assert report.ok
    assert report.succeeded["absent"] is None
    assert {given: dict(record) for given, record in report.succeeded.items() if record is not None} == {
        n: {"id": str(n), "at": str(n)} for n in range(150)
    }
    local.fail_next("BatchGetRecord", "AccessForbidden")
    report = client.feature_groups.batch_get(customers, range(150))
    assert (len(report.failed), len(report.succeeded)) == (100, 50)
    with pytest.raises(errors.AccessDeniedError):
        report.raise_for_failures()
    assert len(client.feature_groups.batch_get("absent-group", ["a"]).failed) == 1
    with pytest.raises(errors.InvalidRequestError, match="record_ids"):
        client.feature_groups.batch_get(customers, "ada")


# --- many records -----------------------------------------------------------------------------------------------------


def test_ten_thousand_records_in_little_memory(client: SageMaker, local: LocalSageMaker, customers: str) -> None:
    """A generator is taken as its rows can be sent: at most twice as many are taken as calls may be under way."""
    sent = local.calls["PutRecord"]
    ahead: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(10_000):
            ahead.append(number - (local.calls["PutRecord"] - sent))
            yield {"id": f"c{number}", "at": number, "age": number % 90}

    report = client.feature_groups.ingest(customers, rows(), max_concurrency=4)
    assert (report.written, report.failures, report.skipped, report.ok) == (10_000, 0, 0, True)
    assert local.calls["PutRecord"] - sent == 10_000
    assert max(ahead) <= 8
    record = client.feature_groups.get_record(customers, "c9999")
    assert record is not None
    assert record["age"] == "9"


def test_rows_that_fail_are_told_and_the_others_go_on(client: SageMaker, local: LocalSageMaker, customers: str) -> None:
    rows: list[Any] = [{"id": str(n), "at": n} for n in range(20)]
    rows[3] = {"id": "3"}
    rows[7] = "no row"
    local.fail_next("PutRecord", "AccessForbidden")
    report = client.feature_groups.ingest(customers, rows, max_concurrency=1)
    assert [(each.number, each.row) for each in report.failed] == [(0, rows[0]), (3, rows[3]), (7, "no row")]
    assert [type(each.error).__mro__[-1] for each in report.failed] == [object] * 3
    assert isinstance(report.failed[0].error, errors.AccessDeniedError)
    assert isinstance(report.failed[1].error, errors.InvalidRequestError)
    assert (report.written, report.failures, len(report), report.ok) == (17, 3, 20, False)
    assert [row[0] for row in report.rows()] == [0, 3, 7]
    assert "17 written, 3 failed" in str(report)
    shown = report._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert shown.count("<tr>") == 4
    with pytest.raises(errors.AccessDeniedError):
        report.raise_for_failures()
    handed: list[int] = []
    report = client.feature_groups.ingest(customers, rows[3:8], on_error=lambda each: handed.append(each.number))
    assert (handed, report.failures, report.failed) == ([0, 4], 2, [])


def test_fail_fast_sends_no_more(client: SageMaker, local: LocalSageMaker, customers: str) -> None:
    before = local.calls["PutRecord"]
    local.fail_next("PutRecord", "AccessForbidden")
    taken: list[int] = []
    rows = ({"id": str(taken.append(n) or n), "at": n} for n in range(1000))  # type: ignore[func-returns-value]
    report = client.feature_groups.ingest(customers, rows, max_concurrency=1, fail_fast=True)
    assert local.calls["PutRecord"] - before == 1
    assert report.failures == 1
    assert len(report) == len(taken) <= 2
    assert not report.ok


def test_credentials_that_expire_end_it(client: SageMaker, local: LocalSageMaker, customers: str) -> None:
    local.fail_next("PutRecord", "ExpiredTokenException")
    with pytest.raises(errors.ExpiredCredentialsError) as found:
        client.feature_groups.ingest(customers, [{"id": str(n), "at": n} for n in range(50)], max_concurrency=1)
    report: Any = found.value.report
    assert (report.written, report.failures) == (0, 1)


def test_a_data_frame(client: SageMaker, store: Any, visits: str) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": ["a", "b"],
            "at": pandas.to_datetime(["2026-01-02T12:00:00.25", None], utc=True),
            "score": [0.5, math.nan],
            "note": ["x", None],
        }
    )
    report = client.feature_groups.ingest(visits, frame, event_time=NOON)
    assert report.ok, report
    assert seen(store, visits, "a") == {"id": "a", "at": "2026-01-02T12:00:00.250Z", "score": "0.5", "note": "x"}
    assert seen(store, visits, "b") == {"id": "b", "at": "2026-01-02T12:00:00.250Z"}


@pytest.mark.parametrize("rows", [{"id": "a"}, "rows", 5])
def test_what_is_no_rows(client: SageMaker, local: LocalSageMaker, customers: str, rows: Any) -> None:
    before = dict(local.calls)
    with pytest.raises(errors.InvalidRequestError, match="rows"):
        client.feature_groups.ingest(customers, rows)
    assert dict(local.calls) == before


def test_rows_that_break_off(client: SageMaker, customers: str) -> None:
    """What came before is written, and told."""

    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"id": str(n), "at": n} for n in range(30))
        raise OSError("the file is cut off")

    with pytest.raises(OSError, match="cut off") as found:
        client.feature_groups.ingest(customers, rows())
    assert found.value.report.written == 30  # type: ignore[attr-defined]


def test_on_an_event_loop(local: LocalSageMaker, store: Any, visits: str) -> None:
    async def rows() -> AsyncIterator[dict[str, Any]]:
        for number in range(200):
            yield {"id": f"r{number}", "at": NOON}
        yield {"id": "bad"}

    async def run() -> None:
        async with local.async_client() as sm:
            groups = sm.feature_groups
            schema = await groups.schema(visits)
            await groups.put_record(visits, {"id": "a", "at": NOON, "score": 1}, schema=schema)
            record = await groups.get_record(visits, "a")
            assert record is not None
            assert record.typed(schema)["score"] == 1.0
            if hasattr(store, "update_record"):
                await groups.update_record(visits, "a", {"note": "n"})
                assert seen(store, visits, "a")["note"] == "n"
            await groups.delete_record(visits, "a", event_time=NOON + timedelta(seconds=1), deletion_mode="HardDelete")
            report = await groups.ingest(visits, rows(), schema=schema)
            assert (report.written, [each.number for each in report.failed]) == (200, [200])
            assert (await groups.ingest(visits, [{"id": "s", "at": NOON}])).ok
            found = await groups.batch_get(visits, ["a", "r7"])
            assert found.succeeded["a"] is None
            assert found.succeeded["r7"] is not None

    asyncio.run(run())


def test_integers_of_a_column_with_gaps_are_written_as_integers(client: SageMaker, customers: str) -> None:
    """pandas keeps them as floats, and the store takes no "36.0" for an Integral feature."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": ["a", "b", "c"], "age": [36, None, 1.5]})
    assert str(frame.age.dtype) == "float64"
    report = client.feature_groups.ingest(customers, frame, event_time=NOON)
    assert (report.written, [row.number for row in report.failed]) == (2, [2])
    assert isinstance(report.failed[0].error, errors.InvalidRequestError)
    assert "no whole number" in str(report.failed[0].error)
    found = client.feature_groups.get_record(customers, "a")
    assert found is not None
    assert found["age"] == "36"

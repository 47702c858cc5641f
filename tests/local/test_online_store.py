"""Records of feature groups: event time decides, deletions, times to live, and what is refused."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import HandClock, error_of

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def store(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker-featurestore-runtime", config=no_retries())


def group(sm: Any, name: str = "customers", **changes: Any) -> str:
    """A feature group that is being created."""
    whole = {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "Fractional"},
            {"FeatureName": "age", "FeatureType": "Integral"},
            {"FeatureName": "tags", "FeatureType": "String", "CollectionType": "Set"},
        ],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "RoleArn": ROLE,
        **changes,
    }
    sm.create_feature_group(**{member: value for member, value in whole.items() if value is not None})
    return name


@pytest.fixture
def customers(sm: Any, clock: HandClock) -> str:
    name = group(sm)
    clock.forward(1)
    return name


def record(identifier: str = "ada", at: float | str = 100, **more: str) -> list[dict[str, Any]]:
    values = {"id": identifier, "at": str(at), **more}
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]


def got(store: Any, name: str, identifier: str = "ada", **more: Any) -> dict[str, str] | None:
    answer = store.get_record(FeatureGroupName=name, RecordIdentifierValueAsString=identifier, **more)
    if "Record" not in answer:
        return None
    return {feature["FeatureName"]: feature["ValueAsString"] for feature in answer["Record"]}


def test_what_was_put_comes_back(store: Any, sm: Any, customers: str) -> None:
    tags = {"FeatureName": "tags", "ValueAsStringList": ["a", "b"]}
    store.put_record(FeatureGroupName=customers, Record=[*record(age="36"), tags])
    answer = store.get_record(FeatureGroupName=customers, RecordIdentifierValueAsString="ada")
    assert answer["Record"] == [*record(age="36"), tags]
    arn = sm.describe_feature_group(FeatureGroupName=customers)["FeatureGroupArn"]
    assert store.get_record(FeatureGroupName=arn, RecordIdentifierValueAsString="ada")["Record"] == answer["Record"]
    assert got(store, customers, "nobody") is None


def test_only_the_features_that_are_asked_for(store: Any, customers: str) -> None:
    store.put_record(FeatureGroupName=customers, Record=record(age="36"))
    assert got(store, customers, FeatureNames=["age", "id"]) == {"id": "ada", "age": "36"}
    code, message, _ = error_of(
        store.get_record, FeatureGroupName=customers, RecordIdentifierValueAsString="ada", FeatureNames=["height"]
    )
    assert code == "ValidationError"
    assert "height" in message


@pytest.mark.parametrize(("at", "age"), [(99, "36"), (100, "36"), (101, "37")])
def test_only_a_later_event_overwrites(store: Any, customers: str, at: float, age: str) -> None:
    store.put_record(FeatureGroupName=customers, Record=record(at=100, age="36"))
    store.put_record(FeatureGroupName=customers, Record=record(at=at, age="37"))
    found = got(store, customers)
    assert found is not None
    assert found["age"] == age


def test_a_put_replaces_the_whole_record(store: Any, customers: str) -> None:
    store.put_record(FeatureGroupName=customers, Record=record(at=100, age="36"))
    store.put_record(FeatureGroupName=customers, Record=record(at=101))
    assert got(store, customers) == {"id": "ada", "at": "101"}


def test_event_times_as_texts(store: Any, sm: Any, clock: HandClock) -> None:
    definitions = [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")]
    name = group(sm, FeatureDefinitions=definitions)
    clock.forward(1)
    for at in ("2026-01-02T00:00:00Z", "2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00.001Z"):
        store.put_record(FeatureGroupName=name, Record=record(at=at))
    assert got(store, name) == {"id": "ada", "at": "2026-01-02T00:00:00.001Z"}
    assert error_of(store.put_record, FeatureGroupName=name, Record=record(at="yesterday"))[0] == "ValidationError"


def delete(store: Any, name: str, at: float, **more: Any) -> None:
    store.delete_record(FeatureGroupName=name, RecordIdentifierValueAsString="ada", EventTime=str(at), **more)


def test_a_soft_deletion_keeps_what_is_older_away(store: Any, customers: str) -> None:
    store.put_record(FeatureGroupName=customers, Record=record(at=100))
    delete(store, customers, 99)
    assert got(store, customers) is not None
    delete(store, customers, 110)
    assert got(store, customers) is None
    store.put_record(FeatureGroupName=customers, Record=record(at=105))
    assert got(store, customers) is None
    store.put_record(FeatureGroupName=customers, Record=record(at=111))
    assert got(store, customers) == {"id": "ada", "at": "111"}


def test_a_hard_deletion_leaves_nothing(store: Any, customers: str) -> None:
    store.put_record(FeatureGroupName=customers, Record=record(at=100))
    with pytest.raises(store.exceptions.ValidationError):
        delete(store, customers, 99, DeletionMode="HardDelete")
    delete(store, customers, 110, DeletionMode="HardDelete")
    assert got(store, customers) is None
    store.put_record(FeatureGroupName=customers, Record=record(at=50))
    assert got(store, customers) == {"id": "ada", "at": "50"}


def test_a_record_expires(store: Any, sm: Any, clock: HandClock) -> None:
    name = group(sm, OnlineStoreConfig={"EnableOnlineStore": True, "TtlDuration": {"Unit": "Hours", "Value": 2}})
    clock.forward(1)
    now = sm.describe_feature_group(FeatureGroupName=name)["CreationTime"].timestamp()
    store.put_record(FeatureGroupName=name, Record=record("usual", now))
    store.put_record(FeatureGroupName=name, Record=record("short", now), TtlDuration={"Unit": "Seconds", "Value": 10})
    answer = store.get_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="usual", ExpirationTimeResponse="Enabled"
    )
    expires = datetime.datetime.fromisoformat(answer["ExpiresAt"]).timestamp()
    assert expires == pytest.approx(now + 7200, abs=0.01)
    assert "ExpiresAt" not in store.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="usual")
    clock.forward(60)
    assert got(store, name, "short") is None
    assert got(store, name, "usual") is not None
    clock.forward(7200)
    assert got(store, name, "usual") is None


def test_many_at_once(store: Any, sm: Any, customers: str, clock: HandClock) -> None:
    offline = {"S3StorageConfig": {"S3Uri": "s3://models/offline"}}
    group(sm, "history", OnlineStoreConfig=None, OfflineStoreConfig=offline)
    clock.forward(1)
    entry = {"FeatureGroupName": customers, "Record": record("eve", 1)}
    bad = {"FeatureGroupName": customers, "Record": record("eve", 1, age="old")}
    if hasattr(store, "batch_write_record"):  # newer than the oldest botocore that is supported
        answer = store.batch_write_record(Entries=[entry, bad])
        assert [error["Entry"] for error in answer["Errors"]] == [bad]
        assert answer["Errors"][0]["ErrorCode"] == "ValidationError"
    else:
        store.put_record(**entry)
    store.put_record(FeatureGroupName=customers, Record=record("ada", 1, age="36"))
    answer = store.batch_get_record(
        Identifiers=[
            {
                "FeatureGroupName": customers,
                "RecordIdentifiersValueAsString": ["ada", "nobody", "eve"],
                "FeatureNames": ["id"],
            },
            {"FeatureGroupName": "history", "RecordIdentifiersValueAsString": ["ada"]},
            {"FeatureGroupName": "absent", "RecordIdentifiersValueAsString": ["ada"]},
        ]
    )
    found = {detail["RecordIdentifierValueAsString"]: detail["Record"] for detail in answer["Records"]}
    assert found == {name: [{"FeatureName": "id", "ValueAsString": name}] for name in ("ada", "eve")}
    errors = {error["FeatureGroupName"]: error["ErrorCode"] for error in answer["Errors"]}
    assert errors == {"history": "ValidationError", "absent": "ResourceNotFound"}
    assert answer["UnprocessedIdentifiers"] == []


def test_a_part_of_a_record_is_updated(store: Any, customers: str) -> None:
    if not hasattr(store, "update_record"):
        pytest.skip("the installed botocore has no UpdateRecord")
    place = {"FeatureGroupName": customers, "RecordIdentifierValueAsString": "ada"}
    features = [{"FeatureName": "age", "ValueAsString": "37"}]
    assert error_of(store.update_record, **place, Features=features)[0] == "ResourceNotFound"
    store.put_record(FeatureGroupName=customers, Record=record(at=100))
    store.update_record(**place, Features=features)
    assert got(store, customers) == {"id": "ada", "at": "100", "age": "37"}


def test_identifiers_are_listed(store: Any, customers: str) -> None:
    if not hasattr(store, "list_records"):
        pytest.skip("the installed botocore has no ListRecords")
    for name in ("ada", "bob", "eve"):
        store.put_record(FeatureGroupName=customers, Record=record(name))
    delete(store, customers, 200)
    first = store.list_records(FeatureGroupName=customers, MaxResults=1)
    second = store.list_records(FeatureGroupName=customers, MaxResults=1, NextToken=first["NextToken"])
    assert (first["RecordIdentifiers"], second["RecordIdentifiers"]) == (["bob"], ["eve"])
    whole = store.list_records(FeatureGroupName=customers, IncludeSoftDeletedRecords=True)
    assert whole["RecordIdentifiers"] == ["ada", "bob", "eve"]


@pytest.mark.parametrize(
    ("features", "says"),
    [
        (record()[:1], "at"),
        (record()[1:], "id"),
        ([*record(), *record()[:1]], "twice"),
        (record(height="2"), "height"),
        (record(age="old"), "Integral"),
        (record(tags="a"), "ValueAsStringList"),
        (record(at="soon"), "Fractional"),
    ],
)
def test_records_that_are_refused(store: Any, customers: str, features: list[Any], says: str) -> None:
    code, message, status = error_of(store.put_record, FeatureGroupName=customers, Record=features)
    assert (code, status) == ("ValidationError", 400)
    assert says in message


def test_a_group_must_be_there(store: Any, sm: Any, clock: HandClock) -> None:
    text = "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name customers"
    absent = {"FeatureGroupName": "customers", "RecordIdentifierValueAsString": "ada"}
    assert error_of(store.get_record, **absent) == ("ResourceNotFound", text, 404)
    assert error_of(store.put_record, FeatureGroupName="customers", Record=record()) == ("ValidationError", text, 400)
    group(sm)
    assert "Creating" in error_of(store.get_record, **absent)[1]
    clock.forward(1)
    store.put_record(FeatureGroupName="customers", Record=record())
    sm.delete_feature_group(FeatureGroupName="customers")
    clock.forward(2)
    group(sm)
    clock.forward(1)
    assert got(store, "customers") is None


def test_a_group_without_an_online_store(store: Any, sm: Any, clock: HandClock) -> None:
    offline = {"S3StorageConfig": {"S3Uri": "s3://models/offline"}}
    name = group(sm, OnlineStoreConfig=None, OfflineStoreConfig=offline)
    clock.forward(1)
    store.put_record(FeatureGroupName=name, Record=record())
    for call in (
        lambda: got(store, name),
        lambda: store.put_record(FeatureGroupName=name, Record=record(), TargetStores=["OnlineStore"]),
    ):
        code, message, _ = error_of(call)
        assert code == "ValidationError"
        assert name in message


def test_a_write_to_the_offline_store_alone(store: Any, sm: Any, clock: HandClock) -> None:
    name = group(sm, OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://models/offline"}})
    clock.forward(1)
    store.put_record(FeatureGroupName=name, Record=record(), TargetStores=["OfflineStore"])
    assert got(store, name) is None

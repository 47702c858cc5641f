"""The engine behind Search, without a service around it: documents in, one page out."""

from __future__ import annotations

import base64
import json
import operator
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import load_model
from sagemaker_typed.testing._search import record_member, search_page

MODEL = load_model()
NEW_YEAR = 1577836800  # 2020-01-01T00:00:00Z
DAY = 86400

JOBS: Mapping[str, Mapping[str, Any]] = {
    "alpha": {
        "TrainingJobName": "alpha",
        "TrainingJobStatus": "Completed",
        "BillableTimeInSeconds": 60,
        "EnableManagedSpotTraining": True,
        "CreationTime": NEW_YEAR,
        "LastModifiedTime": NEW_YEAR + 5 * DAY,
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "HyperParameters": {"learning_rate": "0.1", "net.depth": "18", "optimizer": "sgd"},
        "FinalMetricDataList": [
            {"MetricName": "accuracy", "Value": 0.91, "Timestamp": NEW_YEAR},
            {"MetricName": "train:loss", "Value": 0.5, "Timestamp": NEW_YEAR},
        ],
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://cats/train"}}},
            {"ChannelName": "test", "DataSource": {"S3DataSource": {"S3Uri": "s3://dogs/test"}}},
        ],
        "VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
        "Tags": [{"Key": "team", "Value": "vision"}, {"Key": "a.b", "Value": "dotted"}],
    },
    "beta": {
        "TrainingJobName": "beta",
        "TrainingJobStatus": "Failed",
        "FailureReason": "Out of memory",
        "BillableTimeInSeconds": 300,
        "EnableManagedSpotTraining": False,
        "CreationTime": NEW_YEAR + DAY,
        "LastModifiedTime": NEW_YEAR + 4 * DAY,
        "ResourceConfig": {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 4},
        "HyperParameters": {"learning_rate": "0.75", "net.depth": "50.9", "optimizer": "adam"},
        "FinalMetricDataList": [{"MetricName": "accuracy", "Value": 0.5, "Timestamp": NEW_YEAR}],
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://dogs/train"}}},
            {"ChannelName": "validation", "DataSource": {"S3DataSource": {"S3Uri": "s3://cats/validation"}}},
        ],
        "Tags": [{"Key": "team", "Value": "speech"}],
    },
    "gamma": {
        "TrainingJobName": "gamma",
        "TrainingJobStatus": "InProgress",
        "CreationTime": NEW_YEAR + 2 * DAY + 0.5,
        "LastModifiedTime": NEW_YEAR + 3 * DAY,
    },
}

COMPONENTS: Mapping[str, Mapping[str, Any]] = {
    "fit": {
        "TrialComponentName": "fit",
        "Parameters": {
            "lr": {"NumberValue": 0.25},
            "kernel.size": {"NumberValue": 3},
            "optimizer": {"StringValue": "adam"},
        },
        "Metrics": [
            {"MetricName": "test:acc", "Max": 0.9, "Min": 0.1, "Avg": 0.5, "Last": 0.8, "Count": 10, "StdDev": 0.02},
            {"MetricName": "loss", "Max": 3.0, "Min": 0.3, "Avg": 1.0, "Last": 0.4, "Count": 2, "StdDev": 1.5},
        ],
        "InputArtifacts": {"data": {"Value": "s3://cats/in", "MediaType": "text/csv"}},
        "OutputArtifacts": {"model": {"Value": "s3://cats/out"}},
        "Parents": [{"TrialName": "t1", "ExperimentName": "e1"}, {"TrialName": "t2", "ExperimentName": "e2"}],
        "Tags": [{"Key": "key-name", "Value": "some-value"}],
    },
    "prepare": {
        "TrialComponentName": "prepare",
        "Parameters": {"lr": {"StringValue": "auto"}},
        "Metrics": [{"MetricName": "test:acc", "Max": 0.6, "Last": 0.2, "Count": 10}],
    },
}


def search(
    documents: Mapping[str, Mapping[str, Any]], resource: str = "TrainingJob", **request: Any
) -> Mapping[str, Any]:
    return search_page(MODEL, {"Resource": resource, **request}, documents.items())


def names(page: Mapping[str, Any]) -> list[str]:
    """The first member that ends in Name, of each record."""
    records = [next(iter(result.values())) for result in page["Results"]]
    return [next(value for member, value in record.items() if member.endswith("Name")) for record in records]


def condition(name: str, how: str | None = None, value: str | None = None) -> dict[str, str]:
    whole = {"Name": name, "Operator": how, "Value": value}
    return {member: given for member, given in whole.items() if given is not None}


def jobs(*filters: Mapping[str, str], **expression: Any) -> list[str]:
    return sorted(names(search(JOBS, SearchExpression={"Filters": list(filters), **expression})))


def components(*filters: Mapping[str, str]) -> list[str]:
    found = search(COMPONENTS, "ExperimentTrialComponent", SearchExpression={"Filters": list(filters)})
    return sorted(names(found))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(AnsweredError) as caught:
        call()
    assert (caught.value.code, caught.value.status) == ("ValidationException", 400)
    return caught.value.message


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("Equals", "beta", ["beta"]),
        ("Equals", "Beta", []),
        ("Equals", "bet", []),
        ("NotEquals", "beta", ["alpha", "gamma"]),
        ("Contains", "amm", ["gamma"]),
        ("Contains", "a", ["alpha", "beta", "gamma"]),
        ("Contains", "AMM", []),
        ("In", "alpha,gamma,delta", ["alpha", "gamma"]),
        ("In", "alpha", ["alpha"]),
        ("In", "alpha, gamma", ["alpha"]),
        ("Exists", None, ["alpha", "beta", "gamma"]),
        ("NotExists", None, []),
        (None, "gamma", ["gamma"]),
    ],
)
def test_text(how: str | None, value: str | None, expected: list[str]) -> None:
    assert jobs(condition("TrainingJobName", how, value)) == expected


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("Equals", "60", ["alpha"]),
        ("Equals", "60.0", ["alpha"]),
        ("Equals", "6e1", ["alpha"]),
        ("Equals", "60.5", []),
        ("NotEquals", "60", ["beta", "gamma"]),
        ("GreaterThan", "60", ["beta"]),
        ("GreaterThan", "9", ["alpha", "beta"]),  # As texts, "60" and "300" would not both pass.
        ("GreaterThanOrEqualTo", "60", ["alpha", "beta"]),
        ("LessThan", "300", ["alpha"]),
        ("LessThanOrEqualTo", "300", ["alpha", "beta"]),
        ("LessThanOrEqualTo", "-1", []),
        ("Exists", None, ["alpha", "beta"]),
        ("NotExists", None, ["gamma"]),
    ],
)
def test_number(how: str, value: str | None, expected: list[str]) -> None:
    assert jobs(condition("BillableTimeInSeconds", how, value)) == expected


@pytest.mark.parametrize("spelt", ["2020-01-02T00:00:00", "2020-01-02T00:00:00Z", "2020-01-02T02:00:00+02:00"])
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("Equals", ["beta"]),
        ("NotEquals", ["alpha", "gamma"]),
        ("GreaterThan", ["gamma"]),
        ("GreaterThanOrEqualTo", ["beta", "gamma"]),
        ("LessThan", ["alpha"]),
        ("LessThanOrEqualTo", ["alpha", "beta"]),
    ],
)
def test_time(how: str, expected: list[str], spelt: str) -> None:
    assert jobs(condition("CreationTime", how, spelt)) == expected


def test_time_in_other_spellings() -> None:
    assert jobs(condition("CreationTime", "Equals", str(NEW_YEAR))) == ["alpha"]
    assert jobs(condition("CreationTime", "Equals", f"{NEW_YEAR + 2 * DAY}.5")) == ["gamma"]
    assert jobs(condition("CreationTime", "Equals", "2020-01-03T00:00:00.500Z")) == ["gamma"]
    assert jobs(condition("CreationTime", "LessThan", "2020-01-02")) == ["alpha"]
    assert jobs(condition("TrainingEndTime", "NotExists")) == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("Equals", "true", ["alpha"]),
        ("Equals", "false", ["beta"]),
        ("NotEquals", "true", ["beta", "gamma"]),
        ("Exists", None, ["alpha", "beta"]),
        ("NotExists", None, ["gamma"]),
    ],
)
def test_boolean(how: str, value: str | None, expected: list[str]) -> None:
    assert jobs(condition("EnableManagedSpotTraining", how, value)) == expected


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("Equals", "x", []),
        ("NotEquals", "x", ["alpha", "beta", "gamma"]),
        ("NotEquals", "Out of memory", ["alpha", "gamma"]),
        ("Contains", "", []),
        ("In", "x,y", []),
        ("Exists", None, ["beta"]),
        ("NotExists", None, ["alpha", "gamma"]),
        (None, None, ["beta"]),  # A bare name asks for its existence.
    ],
)
def test_absent_property(how: str | None, value: str | None, expected: list[str]) -> None:
    if value == "":
        value = "no such text"
    assert jobs(condition("FailureReason", how, value)) == expected


def test_an_empty_or_null_property_is_absent() -> None:
    documents = {
        "a": {"TrainingJobName": "a", "HyperParameters": {}, "InputDataConfig": [], "FailureReason": None},
        "b": {"TrainingJobName": "b", "HyperParameters": {"x": "1"}, "FailureReason": ""},
    }
    for name, expected in (("HyperParameters", ["b"]), ("InputDataConfig", []), ("FailureReason", ["b"])):
        assert names(search(documents, SearchExpression={"Filters": [condition(name, "Exists")]})) == expected


@pytest.mark.parametrize("how", ["Exists", "NotExists"])
def test_a_value_beside_exists_says_nothing(how: str) -> None:
    assert jobs(condition("FailureReason", how, "whatever")) == jobs(condition("FailureReason", how))


def test_paths_through_structures_and_lists() -> None:
    assert jobs(condition("ResourceConfig.InstanceType", "Equals", "ml.p3.2xlarge")) == ["beta"]
    assert jobs(condition("ResourceConfig.InstanceCount", "GreaterThan", "1")) == ["beta"]
    assert jobs(condition("ResourceConfig", "Exists")) == ["alpha", "beta"]
    assert jobs(condition("InputDataConfig.ChannelName", "Equals", "train")) == ["alpha", "beta"]
    assert jobs(condition("InputDataConfig.ChannelName", "Equals", "test")) == ["alpha"]
    assert jobs(condition("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "cats/v")) == ["beta"]
    assert jobs(condition("VpcConfig.Subnets", "Equals", "subnet-2")) == ["alpha"]
    assert jobs(condition("VpcConfig.Subnets", "In", "subnet-2,subnet-3")) == ["alpha"]
    assert jobs(condition("InputDataConfig", "NotExists")) == ["gamma"]


def test_not_equals_on_a_list_is_the_opposite_of_equals() -> None:
    assert jobs(condition("InputDataConfig.ChannelName", "NotEquals", "test")) == ["beta", "gamma"]


def test_members_but_not_keys_are_known_in_any_case() -> None:
    assert jobs(condition("hyperparameters.optimizer", "Equals", "sgd")) == ["alpha"]
    assert jobs(condition("metrics.accuracy", "GreaterThan", "0.9")) == ["alpha"]
    assert jobs(condition("resourceConfig.instancetype", "Equals", "ml.m5.large")) == ["alpha"]
    assert jobs(condition("HyperParameters.Optimizer", "Exists")) == []
    assert jobs(condition("Tags.Team", "Exists")) == []


@pytest.mark.parametrize(
    ("name", "how", "value", "expected"),
    [
        ("learning_rate", "LessThan", "0.5", ["alpha"]),
        ("learning_rate", "Equals", "0.10", ["alpha"]),
        ("learning_rate", "Equals", "1e-1", ["alpha"]),
        ("learning_rate", "Equals", "0", ["alpha", "beta"]),  # An integer is wanted: fractions are cut off.
        ("learning_rate", "Equals", "0.0", []),
        ("learning_rate", "LessThan", "1", ["alpha", "beta"]),
        ("learning_rate", "GreaterThan", "0", []),
        ("net.depth", "Equals", "50", ["beta"]),
        ("net.depth", "Equals", "18", ["alpha"]),
        ("net.depth", "NotEquals", "18", ["beta", "gamma"]),
        ("net.depth", "GreaterThan", "9", ["alpha", "beta"]),
        ("net.depth", "Contains", "0.", ["beta"]),
        ("net.depth", "In", "18,19", ["alpha"]),
        ("net", "Exists", None, []),
        ("optimizer", "Equals", "adam", ["beta"]),
        ("optimizer", "NotEquals", "adam", ["alpha", "gamma"]),
        ("optimizer", "GreaterThan", "1", []),
        ("optimizer", "Equals", "1", []),
        ("optimizer", "NotEquals", "1", ["alpha", "beta", "gamma"]),
    ],
)
def test_hyperparameters(name: str, how: str, value: str | None, expected: list[str]) -> None:
    assert jobs(condition(f"HyperParameters.{name}", how, value)) == expected


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 5000, "1" * 2500 + "x", "nan", "inf", "\u0661", "1_0", " 1"])
def test_odd_hyperparameters_do_no_harm(text: str) -> None:
    documents = {"a": {"TrainingJobName": "a", "HyperParameters": {"x": text}}}
    for how in ("Equals", "GreaterThan", "LessThan"):
        for value in ("1", "1.5"):
            search(documents, SearchExpression={"Filters": [condition("HyperParameters.x", how, value)]})
    equal = search(documents, SearchExpression={"Filters": [condition("HyperParameters.x", "Equals", text)]})
    assert names(equal) == ["a"]
    assert names(search(documents, SortBy="HyperParameters.x")) == ["a"]


def test_tags() -> None:
    assert jobs(condition("Tags.team", "Equals", "vision")) == ["alpha"]
    assert jobs(condition("Tags.team", "NotEquals", "vision")) == ["beta", "gamma"]
    assert jobs(condition("Tags.team", "In", "vision,speech")) == ["alpha", "beta"]
    assert jobs(condition("Tags.team", "NotExists")) == ["gamma"]
    assert jobs(condition("Tags.a.b", "Equals", "dotted")) == ["alpha"]
    assert jobs(condition("Tags.a", "Exists")) == []
    assert jobs(condition("Tags.team.Value", "Exists")) == []
    assert jobs(condition("Tags", "Contains", "spee")) == ["beta"]


def test_tags_key_and_value_name_members_if_no_tag_is_called_so() -> None:
    documents = {
        "plain": {"TrainingJobName": "plain", "Tags": [{"Key": "team", "Value": "x"}]},
        "meta": {"TrainingJobName": "meta", "Tags": [{"Key": "Key", "Value": "team"}, {"Key": "y", "Value": "z"}]},
    }

    def tagged(name: str, value: str) -> list[str]:
        found = search(documents, SearchExpression={"Filters": [condition(name, "Equals", value)]})
        return sorted(names(found))

    assert tagged("Tags.Key", "team") == ["meta", "plain"]
    assert tagged("Tags.Key", "y") == []
    assert tagged("Tags.Value", "z") == ["meta"]


def test_metrics_of_training_jobs() -> None:
    assert jobs(condition("Metrics.accuracy", "GreaterThan", "0.9")) == ["alpha"]
    assert jobs(condition("Metrics.accuracy", "LessThanOrEqualTo", "0.91")) == ["alpha", "beta"]
    assert jobs(condition("Metrics.train:loss", "Equals", "0.5")) == ["alpha"]
    assert jobs(condition("Metrics.none", "Exists")) == []


def test_metrics_of_trial_components() -> None:
    assert components(condition("Metrics.test:acc.Max", "GreaterThan", "0.6")) == ["fit"]
    assert components(condition("Metrics.test:acc.max", "GreaterThanOrEqualTo", "0.6")) == ["fit", "prepare"]
    assert components(condition("Metrics.test:acc.Min", "Exists")) == ["fit"]
    assert components(condition("Metrics.test:acc.Count", "Equals", "10")) == ["fit", "prepare"]
    assert components(condition("Metrics.loss.StdDev", "Equals", "1.5")) == ["fit"]
    assert components(condition("Metrics.loss.Avg", "Equals", "1")) == ["fit"]
    assert components(condition("Metrics.test:acc", "Equals", "0.8")) == ["fit"]  # Without a statistic: the last.
    assert components(condition("Metrics.MetricName", "Equals", "loss")) == ["fit"]


def test_parameters_of_trial_components() -> None:
    assert components(condition("Parameters.lr", "LessThan", "0.5")) == ["fit"]
    assert components(condition("Parameters.lr", "Equals", "0.25")) == ["fit"]
    assert components(condition("Parameters.lr", "Equals", "0")) == []
    assert components(condition("Parameters.lr", "Equals", "auto")) == ["prepare"]
    assert components(condition("Parameters.lr", "NotEquals", "auto")) == ["fit"]
    assert components(condition("Parameters.lr", "Exists")) == ["fit", "prepare"]
    assert components(condition("Parameters.kernel.size", "Equals", "3")) == ["fit"]
    assert components(condition("Parameters.kernel.size.NumberValue", "Equals", "3")) == ["fit"]
    assert components(condition("Parameters.optimizer", "Contains", "da")) == ["fit"]


def test_parents_and_artifacts_of_trial_components() -> None:
    assert components(condition("Parents.TrialName", "Equals", "t2")) == ["fit"]
    assert components(condition("Parents.ExperimentName", "Equals", "e3")) == []
    assert components(condition("InputArtifacts.data.Value", "Equals", "s3://cats/in")) == ["fit"]
    assert components(condition("InputArtifacts", "Contains", "cats/in")) == ["fit"]
    assert components(condition("OutputArtifacts", "Contains", "cats/in")) == []


def test_all_tags_and_all_parameters_of_the_feature_store() -> None:
    groups = {"g": {"FeatureGroupName": "g", "Tags": [{"Key": "owner", "Value": "me"}]}, "h": {"FeatureGroupName": "h"}}
    features = {
        "f": {"FeatureName": "f", "FeatureGroupName": "g", "Parameters": [{"Key": "org", "Value": "Sage"}]},
        "e": {"FeatureName": "e", "FeatureGroupName": "g"},
    }
    for value, expected in (("own", ["g"]), ("me", ["g"]), ("you", [])):
        expression = {"Filters": [condition("AllTags", "Contains", value)]}
        assert names(search(groups, "FeatureGroup", SearchExpression=expression)) == expected
    for name, value in (("AllParameters", "or"), ("AllParameters", "age"), ("Parameters.org", "Sage")):
        expression = {"Filters": [condition(name, "Contains", value), condition("FeatureGroupName", "Contains", "g")]}
        assert len(search(features, "FeatureMetadata", SearchExpression=expression)["Results"]) == 1
    assert refused(lambda: jobs(condition("AllTags", "Contains", "x"))) == "Unknown property name: AllTags"


UNKNOWN = [
    "Nothing",
    "ExperimentName",
    "TrainingJobName.More",
    "ResourceConfig.Nothing",
    "ResourceConfig..InstanceType",
    "ResourceConfig.",
    ".",
    "HyperParameters.",
    "InputDataConfig.Nothing",
    "InputDataConfig.DataSource.Nothing",
    "TrainingJob.TrainingJobName",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_names(name: str) -> None:
    expected = f"Unknown property name: {name}"
    assert refused(lambda: jobs(condition(name, "Equals", "x"))) == expected
    assert refused(lambda: jobs(condition(name, "Exists"))) == expected
    assert refused(lambda: search(JOBS, SortBy=name)) == expected
    assert refused(lambda: search({}, SearchExpression={"Filters": [condition(name)]})) == expected


@pytest.mark.parametrize(
    ("name", "how", "value"),
    [
        *(("TrainingJobName", how, "x") for how in ("GreaterThan", "GreaterThanOrEqualTo", "LessThan")),
        ("Tags.team", "LessThanOrEqualTo", "1"),
        ("BillableTimeInSeconds", "Contains", "6"),
        ("BillableTimeInSeconds", "In", "60,61"),
        ("BillableTimeInSeconds", "Equals", "many"),
        ("BillableTimeInSeconds", "Equals", "nan"),
        ("CreationTime", "Contains", "2020"),
        ("CreationTime", "In", "2020-01-01T00:00:00"),
        ("CreationTime", "GreaterThan", "yesterday"),
        ("CreationTime", "GreaterThan", "2020-13-01T00:00:00"),
        ("EnableManagedSpotTraining", "Equals", "yes"),
        ("EnableManagedSpotTraining", "GreaterThan", "true"),
        ("HyperParameters.learning_rate", "GreaterThan", "small"),
        ("ResourceConfig", "Equals", "x"),
        ("Metrics.accuracy", "Contains", "9"),
    ],
)
def test_operators_and_values_that_do_not_fit(name: str, how: str, value: str) -> None:
    message = refused(lambda: jobs(condition(name, how, value)))
    assert name in message
    assert how in message
    assert value in message


@pytest.mark.parametrize(
    "how",
    ["Equals", "NotEquals", "Contains", "In", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"],
)
def test_an_operator_without_its_value(how: str) -> None:
    assert how in refused(lambda: jobs(condition("BillableTimeInSeconds", how)))


COMPLETED = condition("TrainingJobStatus", "Equals", "Completed")
FAILED = condition("TrainingJobStatus", "Equals", "Failed")
LONG = condition("BillableTimeInSeconds", "GreaterThan", "100")


def test_and_or() -> None:
    assert jobs(COMPLETED, LONG) == []
    assert jobs(COMPLETED, LONG, Operator="And") == []
    assert jobs(FAILED, LONG) == ["beta"]
    assert jobs(COMPLETED, LONG, Operator="Or") == ["alpha", "beta"]
    assert jobs(COMPLETED, Operator="Or") == ["alpha"]


def test_the_operator_joins_filters_nested_filters_and_sub_expressions() -> None:
    parts = {
        "Filters": [condition("TrainingJobStatus", "Equals", "InProgress")],
        "NestedFilters": [
            {"NestedPropertyName": "InputDataConfig", "Filters": [condition("ChannelName", "Equals", "test")]}
        ],
        "SubExpressions": [{"Filters": [FAILED]}],
    }
    assert sorted(names(search(JOBS, SearchExpression={**parts, "Operator": "Or"}))) == ["alpha", "beta", "gamma"]
    assert names(search(JOBS, SearchExpression={**parts, "Operator": "And"})) == []
    for left_out, job in (("Filters", "gamma"), ("NestedFilters", "alpha"), ("SubExpressions", "beta")):
        some = {name: part for name, part in parts.items() if name != left_out}
        found = sorted(names(search(JOBS, SearchExpression={**some, "Operator": "Or"})))
        assert found == sorted({"alpha", "beta", "gamma"} - {job})


def test_recursion() -> None:
    either = {"Filters": [COMPLETED, FAILED], "Operator": "Or"}
    assert jobs(LONG, SubExpressions=[either]) == ["beta"]
    inner = {"SubExpressions": [either, {"Filters": [LONG]}]}
    last = condition("TrainingJobStatus", "Equals", "InProgress")
    assert jobs(last, SubExpressions=[inner], Operator="Or") == ["beta", "gamma"]
    deep: dict[str, Any] = {"Filters": [FAILED]}
    for _ in range(49):
        deep = {"SubExpressions": [deep]}
    assert names(search(JOBS, SearchExpression=deep)) == ["beta"]


@pytest.mark.parametrize("expression", [None, {}, {"Operator": "Or"}, {"Filters": None}, {"SubExpressions": [{}]}])
def test_no_condition_at_all(expression: Any) -> None:
    assert sorted(names(search(JOBS, SearchExpression=expression))) == ["alpha", "beta", "gamma"]


CATS = condition("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "cats")
TRAIN = condition("InputDataConfig.ChannelName", "Equals", "train")


def nested(name: str, *filters: Mapping[str, str]) -> dict[str, Any]:
    return {"NestedFilters": [{"NestedPropertyName": name, "Filters": list(filters)}]}


def test_nested_filters_hold_within_one_element() -> None:
    # Both jobs have a train channel and a channel with cats; only in alpha are they one and the same.
    assert jobs(CATS, TRAIN) == ["alpha", "beta"]
    assert names(search(JOBS, SearchExpression=nested("InputDataConfig", CATS, TRAIN))) == ["alpha"]


def test_nested_filters_with_names_from_the_element_on() -> None:
    relative = [condition("DataSource.S3DataSource.S3Uri", "Contains", "cats"), condition("ChannelName", None, "train")]
    assert names(search(JOBS, SearchExpression=nested("InputDataConfig", *relative))) == ["alpha"]
    assert names(search(JOBS, SearchExpression=nested("InputDataConfig", relative[0], TRAIN))) == ["alpha"]


def test_nested_filters_about_absent_things() -> None:
    not_train = condition("InputDataConfig.ChannelName", "NotEquals", "train")
    assert sorted(names(search(JOBS, SearchExpression=nested("InputDataConfig", not_train)))) == ["alpha", "beta"]
    bare = condition("InputDataConfig.ContentType", "NotExists")
    assert sorted(names(search(JOBS, SearchExpression=nested("InputDataConfig", bare)))) == ["alpha", "beta"]


def test_nested_filters_further_down() -> None:
    within = "InputDataConfig.DataSource.S3DataSource"
    uri = condition(f"{within}.S3Uri", "Equals", "s3://dogs/test")
    assert names(search(JOBS, SearchExpression=nested(within, uri))) == ["alpha"]
    best = [condition("Metrics.MetricName", None, "loss"), condition("Metrics.Last", "LessThan", "0.5")]
    found = search(COMPONENTS, "ExperimentTrialComponent", SearchExpression=nested("Metrics", *best))
    assert names(found) == ["fit"]
    worst = [condition("Metrics.MetricName", None, "test:acc"), condition("Metrics.Last", "Equals", "0.4")]
    assert not search(COMPONENTS, "ExperimentTrialComponent", SearchExpression=nested("Metrics", *worst))["Results"]


def test_nested_filters_on_tags() -> None:
    pair = [condition("Tags.Key", "Equals", "team"), condition("Tags.Value", "Equals", "vision")]
    assert names(search(JOBS, SearchExpression=nested("Tags", *pair))) == ["alpha"]
    mixed = [condition("Tags.Key", "Equals", "team"), condition("Tags.Value", "Equals", "dotted")]
    assert names(search(JOBS, SearchExpression=nested("Tags", *mixed))) == []


@pytest.mark.parametrize(
    ("list_name", "name", "unknown"),
    [
        ("Nothing", "Nothing.X", "Nothing"),
        ("InputDataConfig.Nothing", "ChannelName", "InputDataConfig.Nothing"),
        ("HyperParameters.x", "x", "HyperParameters.x"),
        ("InputDataConfig", "InputDataConfig.Nothing", "InputDataConfig.Nothing"),
        ("InputDataConfig", "InputDataConfig", "InputDataConfig"),
        ("InputDataConfig", "TrainingJobName", "TrainingJobName"),
    ],
)
def test_unknown_names_in_nested_filters(list_name: str, name: str, unknown: str) -> None:
    expression = nested(list_name, condition(name, "Equals", "x"))
    assert refused(lambda: search(JOBS, SearchExpression=expression)) == f"Unknown property name: {unknown}"


@pytest.mark.parametrize("name", ["TrainingJobName", "ResourceConfig", "HyperParameters", "VpcConfig.Subnets"])
def test_nested_filters_need_a_list_of_objects(name: str) -> None:
    expression = nested(name, condition("x", "Exists"))
    assert name in refused(lambda: search(JOBS, SearchExpression=expression))


def test_fifty_parts_and_no_more() -> None:
    some = {"Filters": [COMPLETED] * 16}
    full: dict[str, Any] = {"SubExpressions": [some, some], "Filters": [COMPLETED] * 11}
    whole = {**full, **nested("InputDataConfig", *[TRAIN] * 4)}  # 2 + 2 x 16 + 11 + 1 + 4
    assert names(search(JOBS, SearchExpression=whole)) == ["alpha"]
    for more in (
        {**whole, "Filters": [COMPLETED] * 12},
        {**whole, **nested("InputDataConfig", *[TRAIN] * 5)},
        {**whole, "SubExpressions": [some, some, {}]},
        {**whole, "SubExpressions": [some, {"Filters": [COMPLETED] * 17}]},
    ):
        assert "50" in refused(lambda more=more: search(JOBS, SearchExpression=more))


def test_an_endless_expression_is_refused_and_not_followed() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"SubExpressions": [deep]}
    assert "50" in refused(lambda: search(JOBS, SearchExpression=deep))
    while deep:  # Else the interpreter takes it apart recursively.
        deep = deep["SubExpressions"].pop()


def test_contains_is_for_one_property_at_a_time_unless_listed() -> None:
    limit = "'CONTAINS' operator usage limit of 1 exceeded."
    name, status = condition("TrainingJobName", "Contains", "a"), condition("TrainingJobStatus", "Contains", "o")
    assert refused(lambda: jobs(name, status)) == limit
    assert refused(lambda: jobs(name, SubExpressions=[{"Filters": [status]}])) == limit
    assert refused(lambda: jobs(name, **nested("InputDataConfig", CATS))) == limit
    assert jobs(name, condition("TrainingJobStatus", "Equals", "Failed")) == ["beta"]
    free = [condition(f"Tags.{key}", "Contains", "v") for key in ("key-name", "key-name")]
    free += [condition("InputArtifacts", "Contains", "cats"), condition("TrialComponentName", "Contains", "f")]
    assert components(*free) == ["fit"]
    assert components(*free[2:], condition("Parents.TrialName", "Contains", "t")) == ["fit"]
    twice = [condition("Parents.TrialName", "Contains", "t")] * 2
    assert refused(lambda: components(*twice)) == limit
    assert refused(lambda: jobs(*[condition("Tags.team", "Contains", "v")] * 2)) == limit


def test_the_newest_change_comes_first_unless_told() -> None:
    assert names(search(JOBS)) == ["alpha", "beta", "gamma"]
    assert names(search(JOBS, SortOrder="Ascending")) == ["gamma", "beta", "alpha"]


@pytest.mark.parametrize(
    ("sort_by", "ascending", "descending"),
    [
        ("TrainingJobName", "alpha beta gamma", "gamma beta alpha"),
        ("CreationTime", "alpha beta gamma", "gamma beta alpha"),
        ("BillableTimeInSeconds", "alpha beta gamma", "beta alpha gamma"),
        ("Metrics.accuracy", "beta alpha gamma", "alpha beta gamma"),
        ("Metrics.train:loss", "alpha beta gamma", "alpha beta gamma"),
        ("EnableManagedSpotTraining", "beta alpha gamma", "alpha beta gamma"),
        ("ResourceConfig.InstanceType", "alpha beta gamma", "beta alpha gamma"),
        ("HyperParameters.net.depth", "alpha beta gamma", "beta alpha gamma"),
        ("Tags.team", "beta alpha gamma", "alpha beta gamma"),
        # The least element counts upwards, the greatest downwards: test < train, validation > train.
        ("InputDataConfig.ChannelName", "alpha beta gamma", "beta alpha gamma"),
        ("Tags.nothing", "alpha beta gamma", "alpha beta gamma"),
    ],
)
def test_order(sort_by: str, ascending: str, descending: str) -> None:
    assert names(search(JOBS, SortBy=sort_by, SortOrder="Ascending")) == ascending.split()
    assert names(search(JOBS, SortBy=sort_by, SortOrder="Descending")) == descending.split()
    assert names(search(JOBS, SortBy=sort_by)) == descending.split()


def test_the_element_that_comes_first_decides_the_order() -> None:
    elements = {"wide": ["a", "z"], "narrow": ["m"]}
    documents = {
        key: {"TrainingJobName": key, "InputDataConfig": [{"ChannelName": name} for name in channels]}
        for key, channels in elements.items()
    }
    for order in ("Ascending", "Descending"):
        assert names(search(documents, SortBy="InputDataConfig.ChannelName", SortOrder=order)) == ["wide", "narrow"]


def test_order_of_parameters_and_of_hyperparameters_that_are_not_all_numbers() -> None:
    values = {"a": "10", "b": "9", "c": "auto", "d": "9.5", "e": "None"}
    documents = {key: {"TrainingJobName": key, "HyperParameters": {"x": text}} for key, text in values.items()}
    assert names(search(documents, SortBy="HyperParameters.x", SortOrder="Ascending")) == list("bdaec")
    found = search(COMPONENTS, "ExperimentTrialComponent", SortBy="Parameters.lr", SortOrder="Ascending")
    assert names(found) == ["fit", "prepare"]
    by_best = search(COMPONENTS, "ExperimentTrialComponent", SortBy="metrics.test:acc.max", SortOrder="Ascending")
    assert names(by_best) == ["prepare", "fit"]


def test_nan_has_no_place_in_the_order() -> None:
    numbers = {"a": 1.0, "b": float("nan"), "c": 2.0, "d": float("inf"), "e": float("nan")}
    documents = {
        key: {"TrainingJobName": key, "FinalMetricDataList": [{"MetricName": "m", "Value": number}]}
        for key, number in numbers.items()
    }
    assert names(search(documents, SortBy="Metrics.m", SortOrder="Ascending")) == list("acdbe")
    assert paged(documents, 1, SortBy="Metrics.m") == list("dcabe")


def test_ties_are_in_the_order_of_the_keys() -> None:
    documents = {key: {"TrainingJobName": key, "BillableTimeInSeconds": 1} for key in "cab"}
    for order in ("Ascending", "Descending"):
        assert names(search(documents, SortBy="BillableTimeInSeconds", SortOrder=order)) == list("abc")


@pytest.mark.parametrize("name", ["ResourceConfig", "InputDataConfig", "HyperParameters"])
def test_a_whole_structure_is_no_order(name: str) -> None:
    assert name in refused(lambda: search(JOBS, SortBy=name))


def test_records_without_the_usual_time_are_sorted_by_another() -> None:
    groups = {key: {"ModelPackageGroupName": key, "CreationTime": time} for key, time in (("a", 1), ("b", 2))}
    assert names(search(groups, "ModelPackageGroup")) == ["b", "a"]
    models = {key: {"Model": {"ModelName": key, "CreationTime": time}} for key, time in (("a", 1), ("b", 2))}
    found = search(models, "Model")["Results"]
    assert [result["Model"]["Model"]["ModelName"] for result in found] == ["b", "a"]
    message = refused(lambda: search(groups, "ModelPackageGroup", SortBy="LastModifiedTime"))
    assert message == "Unknown property name: LastModifiedTime"


def many(count: int) -> dict[str, dict[str, Any]]:
    return {f"key-{number:03}": {"TrainingJobName": f"job-{number:03}"} for number in range(count)}


def paged(documents: Mapping[str, Mapping[str, Any]], size: int, **request: Any) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = search(documents, MaxResults=size, **token, **request)
        assert len(page["Results"]) <= size
        found += names(page)
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def test_a_page_has_ten_unless_told() -> None:
    assert len(search(many(11))["Results"]) == 10
    assert "NextToken" in search(many(11))
    assert "NextToken" not in search(many(10))
    assert "NextToken" not in search(many(100), MaxResults=100)
    assert search({})["Results"] == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("sort_by", ["TrainingJobName", "BillableTimeInSeconds", "HyperParameters.optimizer"])
def test_pages_join_up(sort_by: str, order: str, size: int) -> None:
    whole = names(search(JOBS, SortBy=sort_by, SortOrder=order))
    assert paged(JOBS, size, SortBy=sort_by, SortOrder=order) == whole


def test_what_is_created_or_deleted_between_pages_shifts_nothing() -> None:
    documents = {f"key-{n}": {"TrainingJobName": f"job-{n}", "CreationTime": NEW_YEAR + n} for n in range(0, 10, 2)}
    first = search(documents, SortBy="CreationTime", MaxResults=2)
    assert names(first) == ["job-8", "job-6"]
    documents["key-9"] = {"TrainingJobName": "job-9", "CreationTime": NEW_YEAR + 9}
    documents["key-3"] = {"TrainingJobName": "job-3", "CreationTime": NEW_YEAR + 3}
    del documents["key-6"]
    second = search(documents, SortBy="CreationTime", MaxResults=2, NextToken=first["NextToken"])
    assert names(second) == ["job-4", "job-3"]
    third = search(documents, SortBy="CreationTime", MaxResults=5, NextToken=second["NextToken"])
    assert names(third) == ["job-2", "job-0"]
    assert "NextToken" not in third


def test_a_token_of_another_query() -> None:
    token = search(JOBS, MaxResults=1)["NextToken"]
    assert names(search(JOBS, MaxResults=2, NextToken=token)) == ["beta", "gamma"]
    for other in (
        {"SortBy": "TrainingJobName"},
        {"SortOrder": "Ascending"},
        {"SearchExpression": {"Filters": [LONG]}},
        {"CrossAccountFilterOption": "SameAccount"},
    ):
        assert "token" in refused(lambda other=other: search(JOBS, NextToken=token, **other))
    assert "token" in refused(lambda: search(COMPONENTS, "ExperimentTrialComponent", NextToken=token))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "ü", "===="),
        *(encoded(value) for value in (7, "abc", {}, [1, 2], ["0" * 16, None, "a"], ["0" * 16, [[]], {}])),
        *(base64.b64encode(content).decode() for content in (b"[" * 6000, b"\xff\xfe")),
    ],
)
def test_a_token_that_is_none(token: str) -> None:
    assert "token" in refused(lambda: search(JOBS, NextToken=token))


def test_a_token_with_any_damage() -> None:
    token = cast("str", search(JOBS, MaxResults=1)["NextToken"])
    for index, letter in enumerate(token):
        damaged = token[:index] + ("A" if letter != "A" else "B") + token[index + 1 :]
        assert "token" in refused(lambda damaged=damaged: search(JOBS, NextToken=damaged))
    assert "token" in refused(lambda: search(JOBS, NextToken=token[:-4]))
    assert "token" in refused(lambda: search(JOBS, NextToken=token + token))


def test_a_token_stays_within_its_greatest_length() -> None:
    documents = {
        f"arn:{n}": {"HubContentName": str(n), "HubContentDocument": "\U0001f600" * 9000 + str(n)} for n in range(3)
    }
    page = search(documents, "HubContent", SortBy="HubContentDocument", MaxResults=2)
    assert len(page["NextToken"]) <= 8192
    rest = search(documents, "HubContent", SortBy="HubContentDocument", NextToken=page["NextToken"])
    assert names(page) + names(rest) == ["0", "1", "2"]


def test_total_hits_count_all_pages() -> None:
    assert search(many(25))["TotalHits"] == {"Value": 25, "Relation": "EqualTo"}
    first = search(many(25), MaxResults=5)
    assert search(many(25), MaxResults=5, NextToken=first["NextToken"])["TotalHits"]["Value"] == 25
    assert search(JOBS, SearchExpression={"Filters": [FAILED]})["TotalHits"]["Value"] == 1


def test_record_members() -> None:
    assert record_member("ExperimentTrial") == "Trial"
    assert record_member("ExperimentTrialComponent") == "TrialComponent"
    assert record_member("TrainingJob") == "TrainingJob"
    without = [resource for resource in MODEL.enum("ResourceType") if record_member(resource) is None]
    assert without == ["Image", "ImageVersion"]
    members = {record_member(resource) for resource in MODEL.enum("ResourceType")} - {None}
    assert members == set(MODEL.shape("SearchRecord")["members"])


@pytest.mark.parametrize("resource", MODEL.enum("ResourceType"))
def test_every_resource_can_be_searched(resource: str) -> None:
    page = search({"key": {}}, resource)
    member = record_member(resource)
    assert page["Results"] == ([] if member is None else [{member: {}}])
    assert page["TotalHits"]["Value"] == (member is not None)


def test_a_result_has_what_the_shape_has_and_nothing_else() -> None:
    document = {"TrainingJobName": "a", "NoSuchMember": 1, "Tags": [{"Key": "k", "Value": "v"}]}
    page = search({"key": document})
    assert page["Results"] == [{"TrainingJob": {"TrainingJobName": "a", "Tags": [{"Key": "k", "Value": "v"}]}}]
    assert "NoSuchMember" in document


def test_nothing_is_shared_by_other_accounts() -> None:
    assert search(JOBS, CrossAccountFilterOption="CrossAccount")["Results"] == []
    assert search(JOBS, CrossAccountFilterOption="CrossAccount")["TotalHits"]["Value"] == 0
    assert len(search(JOBS, CrossAccountFilterOption="SameAccount")["Results"]) == 3


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("Tags.team", "vision")], ["alpha", "gamma"]),
        ([("Tags.team", "vision"), ("Tags.team", "speech")], ["alpha", "beta", "gamma"]),
        ([("Tags.team", "none")], ["gamma"]),
        ([("Tags.a.b", "other")], ["beta", "gamma"]),
        ([("Tags.team", "vision"), ("Tags.a.b", "other")], ["gamma"]),
        ([("Tags.nothing", "x")], ["alpha", "beta", "gamma"]),
    ],
)
def test_visibility_conditions(pairs: list[tuple[str, str]], expected: list[str]) -> None:
    conditions = [{"Key": key, "Value": value} for key, value in pairs]
    page = search(JOBS, VisibilityConditions=conditions)
    assert names(page) == expected
    assert page["TotalHits"]["Value"] == len(expected)


@pytest.mark.parametrize("given", [{}, {"Key": "team", "Value": "x"}, {"Value": "x"}, {"Key": "Tags.team"}])
def test_visibility_conditions_that_are_none(given: dict[str, str]) -> None:
    refused(lambda: search(JOBS, VisibilityConditions=[given]))


def test_documents_that_are_not_as_the_model_says_do_no_harm() -> None:
    odd: Iterable[Any] = (None, 1, True, "2", "x", [], [None], {}, {"x": None}, [{"Key": 1}], 10**400)
    members = MODEL.shape("TrainingJob")["members"]
    documents = {str(index): dict.fromkeys(members, value) for index, value in enumerate(odd)}
    tried = [
        condition("TrainingJobName", "Contains", "x"),
        condition("BillableTimeInSeconds", "LessThan", "1.5"),
        condition("CreationTime", "LessThan", "2020-01-01T00:00:00"),
        condition("EnableManagedSpotTraining", "Equals", "true"),
        condition("InputDataConfig.DataSource.S3DataSource.S3Uri", "Equals", "x"),
        condition("HyperParameters.x", "Equals", "2"),
        condition("Tags.x", "NotEquals", "2"),
        condition("Metrics.x", "Equals", "2"),
    ]
    for item in tried:
        search(documents, SortBy=item["Name"], SearchExpression={"Filters": [item]})
    search(documents, VisibilityConditions=[{"Key": "Tags.x", "Value": "y"}])


def test_numbers_and_times_may_come_as_texts() -> None:
    documents = {"a": {"TrainingJobName": "a", "BillableTimeInSeconds": "60", "CreationTime": "2020-01-01T00:00:00Z"}}
    filters = [condition("BillableTimeInSeconds", "LessThan", "61"), condition("CreationTime", None, str(NEW_YEAR))]
    assert names(search(documents, SearchExpression={"Filters": filters})) == ["a"]


def test_what_moto_expects_of_experiments() -> None:
    experiments = {"arn": {"ExperimentName": "experiment_name", "CreationTime": NEW_YEAR}}
    for how, value, count in (
        ("Contains", "_DEV", 0),
        ("Contains", "_name", 1),
        ("Equals", "_name", 0),
        ("Equals", "experiment_name", 1),
        ("NotEquals", "experiment_name", 0),
        ("NotEquals", "else", 1),
    ):
        expression = {"Filters": [condition("ExperimentName", how, value)]}
        assert len(search(experiments, "Experiment", SearchExpression=expression)["Results"]) == count
    assert components(condition("Tags.key-name", "Equals", "some-value")) == ["fit"]
    message = refused(lambda: components(condition("ExperimentName", "Equals", "x")))
    assert message == "Unknown property name: ExperimentName"


def test_a_thousand_documents_and_forty_eight_conditions_are_no_work() -> None:
    documents = {str(number): {**JOBS["alpha"], "TrainingJobName": str(number)} for number in range(1000)}
    kinds = [
        condition("HyperParameters.learning_rate", "LessThan", "0.5"),
        condition("InputDataConfig.DataSource.S3DataSource.S3Uri", "NotEquals", "x"),
        condition("Metrics.accuracy", "GreaterThan", "0.5"),
        condition("CreationTime", "LessThan", "2021-01-01T00:00:00"),
    ]
    expression = {"SubExpressions": [{"Filters": kinds * 4} for _ in range(2)], "Filters": kinds * 4}
    start = time.process_time()
    assert search(documents, SearchExpression=expression, SortBy="Metrics.accuracy")["TotalHits"]["Value"] == 1000
    assert time.process_time() - start < 2


# The same question put to a plain loop over the documents.

TEXTS = st.sampled_from(["a", "b", "ab", "ba", "A"])
NUMBERS = st.integers(-2, 3) | st.sampled_from([0.5, -1.5, 2.0])
ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}

DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "TrainingJobStatus": TEXTS,
            "BillableTimeInSeconds": NUMBERS,
            "CreationTime": st.integers(NEW_YEAR - 2, NEW_YEAR + 2),
            "EnableManagedSpotTraining": st.booleans(),
            "Tags": st.lists(st.builds(lambda text: {"Key": "x", "Value": text}, TEXTS), max_size=1),
        },
    ),
    max_size=8,
).map(lambda given: {str(n): {"TrainingJobName": str(n), **document} for n, document in enumerate(given)})

TEXT_FILTERS = st.builds(
    condition, st.sampled_from(["TrainingJobStatus", "Tags.x"]), st.sampled_from(["Equals", "NotEquals"]), TEXTS
) | st.builds(
    lambda name, values: condition(name, "In", ",".join(values)),
    st.sampled_from(["TrainingJobStatus", "Tags.x"]),
    st.lists(TEXTS, min_size=1, max_size=3),
)
NUMBER_FILTERS = st.builds(
    condition,
    st.just("BillableTimeInSeconds"),
    st.sampled_from(["Equals", "NotEquals", *ORDERINGS]),
    NUMBERS.map(str),
)
TIME_FILTERS = st.builds(
    condition,
    st.just("CreationTime"),
    st.sampled_from(["Equals", "NotEquals", *ORDERINGS]),
    st.sampled_from([str(NEW_YEAR), "2020-01-01T00:00:00", "2020-01-01T00:00:01Z", "2019-12-31T23:59:59+00:00"]),
)
BOOLEAN_FILTERS = st.builds(
    condition,
    st.just("EnableManagedSpotTraining"),
    st.sampled_from(["Equals", "NotEquals"]),
    st.sampled_from(["true", "false"]),
)
EXISTENCE_FILTERS = st.builds(
    condition,
    st.sampled_from(["TrainingJobStatus", "BillableTimeInSeconds", "Tags.x", "FailureReason"]),
    st.sampled_from(["Exists", "NotExists"]),
)
FILTERS = TEXT_FILTERS | NUMBER_FILTERS | TIME_FILTERS | BOOLEAN_FILTERS | EXISTENCE_FILTERS


def expressions(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"SubExpressions": st.lists(inner, min_size=1, max_size=3)},
        optional={"Filters": st.lists(FILTERS, min_size=1, max_size=2), "Operator": st.sampled_from(["And", "Or"])},
    )


EXPRESSIONS = st.recursive(
    st.fixed_dictionaries(
        {"Filters": st.lists(FILTERS, min_size=1, max_size=3)}, optional={"Operator": st.sampled_from(["And", "Or"])}
    ),
    expressions,
    max_leaves=6,
)

MOMENTS = {
    str(NEW_YEAR): NEW_YEAR,
    "2020-01-01T00:00:00": NEW_YEAR,
    "2020-01-01T00:00:01Z": NEW_YEAR + 1,
    "2019-12-31T23:59:59+00:00": NEW_YEAR - 1,
}


def oracle_filter(document: Mapping[str, Any], item: Mapping[str, str]) -> bool:
    name, how, wanted = item["Name"], item["Operator"], item.get("Value", "")
    actual = document.get(name)
    if name == "Tags.x":
        actual = next((tag["Value"] for tag in document.get("Tags", [])), None)
    if how == "Exists":
        return actual is not None
    if how == "NotExists":
        return actual is None
    if actual is None:
        return how == "NotEquals"
    if how == "In":
        return actual in wanted.split(",")
    read: Callable[[str], Any] = {
        "BillableTimeInSeconds": float,
        "CreationTime": MOMENTS.__getitem__,
        "EnableManagedSpotTraining": lambda text: text == "true",
    }.get(name, str)
    if how in {"Equals", "NotEquals"}:
        return (actual == read(wanted)) is (how == "Equals")
    return ORDERINGS[how](actual, read(wanted))


def oracle(document: Mapping[str, Any], expression: Mapping[str, Any]) -> bool:
    answers = [oracle_filter(document, item) for item in expression.get("Filters", [])]
    answers += [oracle(document, inner) for inner in expression.get("SubExpressions", [])]
    return True in answers if expression.get("Operator") == "Or" else False not in answers


@settings(deadline=None, max_examples=300)
@given(DOCUMENTS, EXPRESSIONS)
def test_conditions_agree_with_a_plain_loop(documents: dict[str, dict[str, Any]], expression: dict[str, Any]) -> None:
    expected = [key for key, document in documents.items() if oracle(document, expression)]
    page = search(documents, SearchExpression=expression, SortBy="TrainingJobName", SortOrder="Ascending")
    assert names(page) == expected
    assert page["TotalHits"]["Value"] == len(expected)


@settings(deadline=None, max_examples=150)
@given(
    DOCUMENTS,
    st.sampled_from(["TrainingJobStatus", "BillableTimeInSeconds", "CreationTime", "EnableManagedSpotTraining"]),
    st.booleans(),
    st.integers(1, 4),
)
def test_order_and_pages_agree_with_a_plain_sort(
    documents: dict[str, dict[str, Any]], sort_by: str, descending: bool, size: int
) -> None:
    values = sorted({document[sort_by] for document in documents.values() if sort_by in document}, reverse=descending)
    expected = [key for value in values for key, given in documents.items() if given.get(sort_by) == value]
    expected += [key for key, given in documents.items() if sort_by not in given]
    order = "Descending" if descending else "Ascending"
    assert paged(documents, size, SortBy=sort_by, SortOrder=order) == expected

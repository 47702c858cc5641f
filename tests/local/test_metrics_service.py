"""Metrics that programs put: on trial components, and read back by period and by step."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker

BEGIN = datetime.datetime(2026, 1, 1, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def metrics(local: LocalSageMaker) -> Any:
    return local.boto3_client("sagemaker-metrics")


@pytest.fixture
def component(sm: Any) -> str:
    arn: str = sm.create_trial_component(TrialComponentName="run-1")["TrialComponentArn"]
    return arn


def put(metrics: Any, *values: float, name: str = "loss", component: str = "run-1") -> Any:
    data = [
        {
            "MetricName": name,
            "Timestamp": BEGIN + datetime.timedelta(seconds=40 * step),
            "Step": step,
            "Value": value,
        }
        for step, value in enumerate(values)
    ]
    return metrics.batch_put_metrics(TrialComponentName=component, MetricData=data)


def test_a_component_shows_what_was_put(sm: Any, metrics: Any, component: str) -> None:
    assert "Errors" not in put(metrics, 3.0, 1.0, 2.0)
    put(metrics, 0.5, name="accuracy")
    shown = {
        metric["MetricName"]: metric for metric in sm.describe_trial_component(TrialComponentName="run-1")["Metrics"]
    }
    assert shown.keys() == {"loss", "accuracy"}
    loss = shown["loss"]
    assert (loss["Min"], loss["Max"], loss["Last"], loss["Count"], loss["Avg"]) == (1.0, 3.0, 2.0, 3, 2.0)
    assert loss["StdDev"] == pytest.approx(0.8165, abs=1e-4)
    assert loss["TimeStamp"] == BEGIN + datetime.timedelta(seconds=80)
    assert loss["SourceArn"] == component


def test_search_finds_a_run_by_its_metric(sm: Any, metrics: Any, component: str) -> None:
    put(metrics, 3.0, 1.0)
    found = sm.search(
        Resource="ExperimentTrialComponent",
        SearchExpression={"Filters": [{"Name": "Metrics.loss.min", "Operator": "LessThan", "Value": "2"}]},
    )["Results"]
    assert [result["TrialComponent"]["TrialComponentName"] for result in found] == ["run-1"]


def test_metrics_are_read_back(metrics: Any, component: str) -> None:
    put(metrics, 3.0, 1.0, 2.0)
    query = {"MetricName": "loss", "ResourceArn": component, "MetricStat": "Avg"}
    steps = {"Period": "IterationNumber", "XAxisType": "IterationNumber"}
    minutes = {"Period": "OneMinute", "XAxisType": "Timestamp"}
    by_step, some, by_minute, mixed, absent = metrics.batch_get_metrics(
        MetricQueries=[
            {**query, **steps},
            {**query, **steps, "Start": 1, "End": 1},
            {**query, **minutes},
            {**query, **steps, "Period": "OneHour"},
            {**query, **steps, "ResourceArn": f"{component}-absent"},
        ]
    )["MetricQueryResults"]
    assert (by_step["Status"], by_step["XAxisValues"], by_step["MetricValues"]) == (
        "Complete",
        [0, 1, 2],
        [3.0, 1.0, 2.0],
    )
    assert (some["XAxisValues"], some["MetricValues"]) == ([1], [1.0])
    noon = int(BEGIN.timestamp())
    assert (by_minute["XAxisValues"], by_minute["MetricValues"]) == ([noon, noon + 60], [2.0, 2.0])
    assert mixed["Status"] == absent["Status"] == "ValidationError"
    assert "absent" in absent["Message"]


def test_metrics_of_no_component(metrics: Any, local: LocalSageMaker) -> None:
    errors = put(metrics, 1.0, 2.0, component="nobody")["Errors"]
    assert errors == [{"Code": "VALIDATION_ERROR", "MetricIndex": index} for index in (0, 1)]

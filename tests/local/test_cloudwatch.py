"""CloudWatch on the URL of SageMaker: metrics of training jobs, of invocations, and what programs put there."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.serialize import SERIALIZERS

from sagemaker_typed.testing import ContainerError, LocalSageMaker
from sagemaker_typed.testing._siblings._cbor import BrokenCborError, decode, encode
from tests.local.conftest import no_retries
from tests.local.support import HandClock, error_of
from tests.local.test_logs_and_identity import train

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
OURS: Mapping[str, Any] = {"Namespace": "Mine", "MetricName": "loss"}


CBOR = "smithy-rpc-v2-cbor"


def client_that_speaks(local: LocalSageMaker, service: str, protocol: str) -> Any:
    """A boto3 client of another time: botocore chooses among the protocols that its model lists."""
    if protocol not in SERIALIZERS:
        pytest.skip(f"this botocore speaks no {protocol}")
    loader: Any = botocore.session.Session().get_component("data_loader")
    plain = loader.load_service_model(service, "service-2")
    about = {"xmlNamespace": "http://monitoring.amazonaws.com/doc/2010-08-01/", **plain["metadata"]}
    changed = {**plain, "metadata": {**about, "protocol": protocol, "protocols": [protocol]}}

    class Loader:
        def __getattr__(self, name: str) -> Any:
            return getattr(loader, name)

        def load_service_model(self, name: str, kind: str, api_version: str | None = None) -> Any:
            if (name, kind) == (service, "service-2"):
                return changed
            return loader.load_service_model(name, kind, api_version)

    session: Any = local.session()
    session._session.register_component("data_loader", Loader())
    client = session.client(service, endpoint_url=local.url, config=no_retries())
    local._clients.add(client)
    return client


@pytest.fixture(params=["as installed", "query", CBOR])
def watch(request: pytest.FixtureRequest, local: LocalSageMaker) -> Any:
    """All ways in which SDKs speak with CloudWatch."""
    if request.param == "as installed":
        return local.boto3_client("cloudwatch", config=no_retries())
    return client_that_speaks(local, "cloudwatch", request.param)


def put(watch: Any, *values: float, at: datetime.datetime = NOON, **more: Any) -> None:
    data = [{"MetricName": "loss", "Timestamp": at, "Value": value, **more} for value in values]
    watch.put_metric_data(Namespace="Mine", MetricData=data)


def test_statistics_of_what_was_put(watch: Any) -> None:
    put(watch, 1.0, 2.0, 6.0)
    put(watch, 5.0, at=NOON + 2 * MINUTE)
    put(watch, 99.0, at=NOON + 3 * MINUTE)  # the end is not in it
    answer = watch.get_metric_statistics(
        **OURS,
        StartTime=NOON,
        EndTime=NOON + 3 * MINUTE,
        Period=60,
        Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
    )
    first, second = answer["Datapoints"]
    assert answer["Label"] == "loss"
    assert first == {
        "Timestamp": NOON,
        "SampleCount": 3.0,
        "Sum": 9.0,
        "Average": 3.0,
        "Minimum": 1.0,
        "Maximum": 6.0,
        "Unit": "None",
    }
    assert (second["Timestamp"], second["Average"]) == (NOON + 2 * MINUTE, 5.0)


def test_percentiles_counts_and_sums(watch: Any) -> None:
    watch.put_metric_data(
        Namespace="Mine",
        MetricData=[
            {"MetricName": "loss", "Timestamp": NOON, "Values": [1.0, 2.0, 3.0], "Counts": [8.0, 1.0, 1.0]},
            {
                "MetricName": "sums",
                "Timestamp": NOON,
                "StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 2, "Maximum": 9},
            },
        ],
    )
    window: dict[str, Any] = {"StartTime": NOON, "EndTime": NOON + MINUTE, "Period": 60}
    (point,) = watch.get_metric_statistics(**OURS, **window, ExtendedStatistics=["p50", "p90", "p99.9"])["Datapoints"]
    assert point["ExtendedStatistics"] == {"p50": 1.0, "p90": 2.0, "p99.9": 3.0}
    statistics = ["SampleCount", "Sum", "Minimum", "Maximum"]
    (point,) = watch.get_metric_statistics(Namespace="Mine", MetricName="sums", **window, Statistics=statistics)[
        "Datapoints"
    ]
    assert [point[name] for name in statistics] == [4.0, 20.0, 2.0, 9.0]


def test_data_of_several_queries(watch: Any) -> None:
    put(watch, 1.0, Dimensions=[{"Name": "host", "Value": "a"}])
    put(watch, 3.0, at=NOON + MINUTE, Dimensions=[{"Name": "host", "Value": "a"}])
    put(watch, 7.0, Dimensions=[{"Name": "host", "Value": "b"}])

    def query(host: str, **more: Any) -> dict[str, Any]:
        metric = {**OURS, "Dimensions": [{"Name": "host", "Value": host}]}
        return {"Id": host, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}, **more}

    asked: dict[str, Any] = {"StartTime": NOON, "EndTime": NOON + 5 * MINUTE}
    queries = [query("a"), query("b", Label="second"), query("c"), {**query("a"), "Id": "hidden", "ReturnData": False}]
    results = watch.get_metric_data(MetricDataQueries=queries, **asked)["MetricDataResults"]
    assert [result["Id"] for result in results] == ["a", "b", "c"]
    assert results[0]["Values"] == [3.0, 1.0]  # the latest first, unless the request says otherwise
    assert results[0]["Timestamps"] == [NOON + MINUTE, NOON]
    assert (results[1]["Label"], results[1]["Values"], results[2]["Values"]) == ("second", [7.0], [])
    assert {result["StatusCode"] for result in results} == {"Complete"}
    ascending = watch.get_metric_data(MetricDataQueries=[query("a")], ScanBy="TimestampAscending", **asked)
    assert ascending["MetricDataResults"][0]["Values"] == [1.0, 3.0]
    code, message, status = error_of(
        watch.get_metric_data, MetricDataQueries=[{"Id": "sum", "Expression": "SUM(METRICS())"}], **asked
    )
    assert (code, status) == ("NotImplemented", 501)
    assert "'sum'" in message


def test_the_metrics_of_a_training_job(local: LocalSageMaker, sm: Any, watch: Any, clock: HandClock) -> None:
    local.script("training_job", "fit", metrics={"validation:loss": 0.25})
    train(sm, "fit")
    clock.forward(10)
    job = sm.describe_training_job(TrainingJobName="fit")
    # The window that the sagemaker SDK asks for.
    answer = watch.get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="validation:loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "fit"}],
        StartTime=job["TrainingStartTime"],
        EndTime=job["TrainingEndTime"] + MINUTE,
        Period=60,
        Statistics=["Average"],
    )
    assert [point["Average"] for point in answer["Datapoints"]] == [0.25]
    assert watch.list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"] == [
        {
            "Namespace": "/aws/sagemaker/TrainingJobs",
            "MetricName": "validation:loss",
            "Dimensions": [{"Name": "TrainingJobName", "Value": "fit"}],
        }
    ]


def test_invocations_are_counted(local: LocalSageMaker, sm: Any, watch: Any, clock: HandClock) -> None:
    sm.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/r", PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    clock.forward(5)
    runtime = local.boto3_client("sagemaker-runtime", config=no_retries())

    def answer(invocation: Any) -> bytes:
        if invocation.body == b"bad":
            raise ContainerError("no", status=400)
        return b"ok"

    local.answer("endpoint", "e", answer)
    for _ in range(3):
        runtime.invoke_endpoint(EndpointName="e", Body=b"good")
    with pytest.raises(runtime.exceptions.ModelError):
        runtime.invoke_endpoint(EndpointName="e", Body=b"bad")
    now = sm.describe_endpoint(EndpointName="e")["LastModifiedTime"]

    def total(metric: str) -> float:
        (point,) = watch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": "VariantName", "Value": "v"}, {"Name": "EndpointName", "Value": "e"}],
            StartTime=now - 5 * MINUTE,
            EndTime=now + 5 * MINUTE,
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(point["Sum"])

    names = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationsPerInstance")
    assert [total(name) for name in names] == [4.0, 1.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Statistics": None}, "InvalidParameterCombination"),
        ({"EndTime": NOON - MINUTE}, "InvalidParameterValue"),
        ({"Period": 61}, "InvalidParameterValue"),
        ({"EndTime": NOON + 1441 * MINUTE}, "InvalidParameterCombination"),
        ({"Statistics": None, "ExtendedStatistics": ["tm90"]}, "InvalidParameterValue"),
    ],
)
def test_what_cannot_be_asked_is_refused(watch: Any, changes: Mapping[str, Any], code: str) -> None:
    put(watch, 1.0)
    usual = {**OURS, "StartTime": NOON, "EndTime": NOON + MINUTE, "Period": 60, "Statistics": ["Sum"]}
    asked = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    found, _, status = error_of(watch.get_metric_statistics, **asked)
    assert (found, status) == (code, 400)


def test_many_of_one_value_in_a_second_are_one(watch: Any) -> None:
    second = datetime.timedelta(seconds=1)
    for part in range(5):
        put(watch, 1.0, 1.0, at=NOON + part * second / 5)
    (point,) = watch.get_metric_statistics(
        **OURS, StartTime=NOON, EndTime=NOON + second, Period=1, Statistics=["SampleCount", "Sum"]
    )["Datapoints"]
    assert (point["SampleCount"], point["Sum"]) == (10.0, 10.0)


def test_what_is_large_comes_compressed(watch: Any) -> None:
    watch.put_metric_data(
        Namespace="Mine",
        MetricData=[
            {"MetricName": "loss", "Timestamp": NOON, "Value": float(n), "Dimensions": [{"Name": "n", "Value": str(n)}]}
            for n in range(300)
        ],
    )
    assert len(watch.get_paginator("list_metrics").paginate(Namespace="Mine").build_full_result()["Metrics"]) == 300


def test_operations_without_behaviour_say_so(watch: Any) -> None:
    assert error_of(watch.describe_alarms)[0] == "NotImplemented"


def test_a_reset_forgets_the_metrics(local: LocalSageMaker, watch: Any) -> None:
    put(watch, 1.0)
    assert len(watch.list_metrics()["Metrics"]) == 1
    local.reset()
    assert watch.list_metrics()["Metrics"] == []


def test_the_tagging_api_in_cbor(local: LocalSageMaker, sm: Any) -> None:
    tagging = client_that_speaks(local, "resourcegroupstaggingapi", CBOR)
    image = {"Image": "image"}
    tags = [{"Key": "team", "Value": "vision"}]
    role = "arn:aws:iam::123456789012:role/r"
    arn = sm.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer=image, Tags=tags)["ModelArn"]
    assert tagging.get_resources()["ResourceTagMappingList"] == [{"ResourceARN": arn, "Tags": tags}]
    assert tagging.tag_resources(ResourceARNList=[f"{arn}-2"], Tags={"a": "b"})["FailedResourcesMap"].keys() == {
        f"{arn}-2"
    }
    code, _, status = error_of(tagging.get_resources, ResourceARNList=[arn], TagFilters=[{"Key": "team"}])
    assert (code, status) == ("InvalidParameterException", 400)


@pytest.mark.parametrize(
    ("text", "value"),
    # The examples of RFC 8949, appendix A, that a service may see.
    [
        ("1864", 100),
        ("1bffffffffffffffff", 18446744073709551615),
        ("3903e7", -1000),
        ("f93c00", 1.0),
        ("fa47c35000", 100000.0),
        ("fb7e37e43c8800759c", 1.0e300),
        ("f4", False),
        ("f6", None),
        ("c11a514b67b0", 1363896240),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("62c3bc", "\u00fc"),
        ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", list(range(1, 26))),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)
def test_cbor_by_the_examples_of_its_standard(text: str, value: object) -> None:
    assert decode(bytes.fromhex(text)) == value
    if not isinstance(value, bytes):
        assert decode(encode(value)) == value


@pytest.mark.parametrize(
    "text",
    ["", "18", "62c3", "8201", "ff", "82ff", "1c", "f800", "0000", "61ff", "bf6161ff", "9fc1ff", "7f01ff", "81" * 100],
)
def test_what_is_no_cbor_is_said(text: str) -> None:
    with pytest.raises(BrokenCborError):
        decode(bytes.fromhex(text))

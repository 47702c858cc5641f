"""Random conditions: compiled, sent to the embedded service, and compared with a plain evaluator of Python objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed import SageMaker, search
from sagemaker_typed.search import Condition, TrainingJobFields, field, hyper_parameter, metric, nested, parse, tag
from sagemaker_typed.testing import LocalSageMaker, fast_forward

ROLE = "arn:aws:iam::123456789012:role/neo"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/model:1"


class Job(NamedTuple):
    """A training job, as the evaluator knows it."""

    name: str
    instances: int
    accuracy: float
    rate: str
    team: str
    channels: tuple[tuple[str, str], ...]
    """Name and content type of each."""
    failed: bool


JOBS = (
    Job("resnet-cats", 1, 0.25, "0.1", "a", (("train", "text/csv"), ("test", "image/png")), False),
    Job("resnet-dogs", 2, 0.5, "0.2", "b", (("train", "image/png"),), False),
    Job("bert-cats", 3, 0.75, "0.3", "c", (("test", "text/csv"), ("eval", "text/csv")), True),
    Job("bert-dogs", 2, 0.75, "0.1", "a", (("train", "image/png"), ("eval", "text/csv")), False),
)
Holds = Callable[[Job], bool]
Both = tuple[Condition, Holds]


@pytest.fixture(scope="module")
def sm() -> Iterator[SageMaker]:
    with LocalSageMaker(clock=fast_forward(), every=1) as local, local.client() as client:
        s3 = local.boto3_client("s3")
        s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        s3.put_object(Bucket="models", Key="in/data", Body=b"1")
        boto3_client = client.boto3_client
        for job in JOBS:
            end: Any = ("Failed", "AlgorithmError: seven") if job.failed else "Completed"
            local.script("training_job", job.name, ["InProgress", end], metrics={"accuracy": job.accuracy})
            boto3_client.create_training_job(
                TrainingJobName=job.name,
                RoleArn=ROLE,
                AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                HyperParameters={"rate": job.rate},
                InputDataConfig=[
                    {
                        "ChannelName": name,
                        "ContentType": kind,
                        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in/data"}},
                    }
                    for name, kind in job.channels
                ],
                OutputDataConfig={"S3OutputPath": "s3://models/out"},
                ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": job.instances, "VolumeSizeInGB": 5},
                StoppingCondition={"MaxRuntimeInSeconds": 60},
                Tags=[{"Key": "team", "Value": job.team}],
            )
        client.training_jobs.wait_all([job.name for job in JOBS])
        yield client


# --- conditions, each with its meaning --------------------------------------------------------------------------------

COMPARE: tuple[Callable[[Any, Any], Any], ...] = (
    lambda one, other: one == other,
    lambda one, other: one != other,
    lambda one, other: one < other,
    lambda one, other: one <= other,
    lambda one, other: one > other,
    lambda one, other: one >= other,
)


def count(compare: Callable[[Any, Any], Any], number: int) -> Both:
    prop = TrainingJobFields.resource_config.instance_count
    return compare(prop, number), lambda job: compare(job.instances, number)


def accuracy(compare: Callable[[Any, Any], Any], number: float) -> Both:
    return compare(metric("accuracy"), number), lambda job: compare(job.accuracy, number)


def rate(compare: Callable[[Any, Any], Any], number: float) -> Both:
    return compare(hyper_parameter("rate"), number), lambda job: compare(float(job.rate), number)


def named(name: str, equal: bool) -> Both:
    prop = field("TrainingJobName")
    return (prop == name, lambda job: job.name == name) if equal else (prop != name, lambda job: job.name != name)


def team(texts: list[str]) -> Both:
    return tag("team").is_in(*texts), lambda job: job.team in texts


def failed() -> Both:
    return TrainingJobFields.failure_reason.exists(), lambda job: job.failed


def channel(name: str, kind: str) -> Both:
    data = TrainingJobFields.input_data_config
    return nested(
        data, data.channel_name == name, field("ContentType") == kind
    ), lambda job: (name, kind) in job.channels


NUMBERS = st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 0.9])
KINDS = st.sampled_from(["text/csv", "image/png"])
# What can be turned round, and what cannot.
PLAIN = st.one_of(
    st.builds(count, st.sampled_from(COMPARE), st.integers(0, 4)),
    st.builds(accuracy, st.sampled_from(COMPARE), NUMBERS),
    st.builds(rate, st.sampled_from(COMPARE), NUMBERS),
    st.builds(named, st.sampled_from([*(job.name for job in JOBS), "none"]), st.booleans()),
    st.builds(team, st.lists(st.sampled_from("abcd"), min_size=1, max_size=3)),
    st.builds(failed),
)
NESTED = st.builds(channel, st.sampled_from(["train", "test", "eval"]), KINDS)


def joined(inner: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    pairs = st.tuples(inner, inner)
    return pairs.map(lambda two: (two[0][0] & two[1][0], lambda job: two[0][1](job) and two[1][1](job))) | pairs.map(
        lambda two: (two[0][0] | two[1][0], lambda job: two[0][1](job) or two[1][1](job))
    )


def turned(inner: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    return inner.map(lambda one: (~one[0], lambda job: not one[1](job)))


TURNED = st.recursive(PLAIN, lambda inner: joined(inner) | turned(inner), max_leaves=12)
CONDITIONS = st.recursive(TURNED | NESTED, joined, max_leaves=3)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS)
def test_the_service_finds_what_the_evaluator_does(sm: SageMaker, both: Both) -> None:
    condition, holds = both
    expected = {job.name for job in JOBS if holds(job)}
    assert {job.training_job_name for job in sm.training_jobs.search(where=condition)} == expected
    again = parse(condition.to_expression("TrainingJob"))
    assert {job.training_job_name for job in sm.training_jobs.search(where=again)} == expected
    source = eval(str(condition), {name: getattr(search, name) for name in search.__all__ if name.islower()})
    assert source.to_expression() == condition.to_expression()


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TURNED, st.sampled_from(["resnet", "bert", "cats", "dogs", "mice"]))
def test_a_word_of_a_name(sm: SageMaker, both: Both, word: str) -> None:
    condition, holds = both
    expected = {job.name for job in JOBS if holds(job) and word in job.name.split("-")}
    where = condition & field("TrainingJobName").contains(word)
    assert {job.training_job_name for job in sm.training_jobs.search(where=where)} == expected


@pytest.mark.parametrize("descending", [False, True])
def test_an_order(sm: SageMaker, descending: bool) -> None:
    prop = TrainingJobFields.training_job_name
    found = sm.training_jobs.search(
        where=prop.exists(), sort_by=prop.descending() if descending else prop.ascending(), max_results=3
    )
    assert [job.training_job_name for job in found] == sorted((job.name for job in JOBS), reverse=descending)

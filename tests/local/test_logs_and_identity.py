"""What jobs and endpoints write to CloudWatch Logs, who calls, and which clients there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import HandClock, error_of, request

TRAINING = "/aws/sagemaker/TrainingJobs"
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def logs(local: LocalSageMaker) -> Any:
    return local.boto3_client("logs", config=no_retries())


def train(sm: Any, name: str, instances: int = 1) -> None:
    sm.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models/trained"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        HyperParameters={"epochs": "3"},
    )


def streams(logs: Any, job: str, group: str = TRAINING) -> list[str]:
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/", orderBy="LogStreamName")
    return [stream["logStreamName"] for stream in found["logStreams"]]


def lines(logs: Any, stream: str, group: str = TRAINING) -> list[str]:
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    return [event["message"] for event in events]


def test_no_group_before_a_job_has_begun(sm: Any, logs: Any) -> None:
    train(sm, "job")
    code, _, status = error_of(logs.describe_log_streams, logGroupName=TRAINING)
    assert (code, status) == ("ResourceNotFoundException", 400)


def test_a_training_job_writes_as_it_goes(sm: Any, logs: Any, clock: HandClock) -> None:
    train(sm, "job", instances=2)
    clock.forward(2)
    began = sm.describe_training_job(TrainingJobName="job")["TrainingStartTime"]
    first, second = streams(logs, "job")
    seconds = int(began.timestamp())
    assert (first, second) == (f"job/algo-1-{seconds}", f"job/algo-2-{seconds}")
    before = lines(logs, first)
    assert any('"epochs": "3"' in line for line in before)
    assert any(line.startswith("epoch 1/3") for line in before)
    assert lines(logs, second) == before
    clock.forward(2)
    after = lines(logs, first)
    assert after[: len(before)] == before
    assert "Reporting training SUCCESS" in after[-1]
    assert any(line.startswith("epoch 3/3") for line in after)


def test_events_have_the_time_of_the_local_clock(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock) -> None:
    clock.forward(40 * 24 * 3600)  # where CloudWatch itself would refuse the times
    train(sm, "job")
    clock.forward(4)
    job = sm.describe_training_job(TrainingJobName="job")
    began, ended = (round(job[f"Training{which}Time"].timestamp() * 1000) for which in ("Start", "End"))
    events = logs.filter_log_events(logGroupName=TRAINING, logStreamNamePrefix="job/")["events"]
    assert {event["timestamp"] for event in events} == {began, ended}
    early = logs.get_log_events(logGroupName=TRAINING, logStreamName=streams(logs, "job")[0], endTime=began)["events"]
    assert 0 < len(early) < len(events)


def test_a_failure_stands_in_the_log(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock) -> None:
    local.script("training_job", "job", ["InProgress/Training", ("Failed", "AlgorithmError: NaN loss")])
    train(sm, "job")
    clock.forward(1)
    written = lines(logs, streams(logs, "job")[0])
    assert "AlgorithmError: NaN loss" in written[-1]
    found = logs.filter_log_events(logGroupName=TRAINING, filterPattern="NaN")["events"]
    assert [event["message"] for event in found] == written[-1:]


def test_a_test_says_what_is_in_a_log(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock) -> None:
    local.log("training_job", "job-*", ["loss=0.5", "loss=0.25"])
    local.log("training_job", "job-1", "two\nlines")
    train(sm, "job-1")
    train(sm, "other")
    clock.forward(2)
    (stream,) = streams(logs, "job-1")
    said = ["loss=0.5", "loss=0.25", "two", "lines"]
    assert lines(logs, stream) == said
    local.log("training_job", "job-1", ["more"])
    local.log("training_job", "job-1", ["elsewhere"], stream="job-1/algo-2-7")
    clock.forward(2)
    assert lines(logs, stream) == [*said, "more"]
    assert lines(logs, "job-1/algo-2-7") == ["elsewhere"]
    assert "loss=0.5" not in lines(logs, streams(logs, "other")[0])


def test_logs_are_read_page_by_page(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock) -> None:
    local.log("training_job", "job", [f"line {number}" for number in range(25)])
    train(sm, "job")
    clock.forward(2)
    place = {"logGroupName": TRAINING, "logStreamName": streams(logs, "job")[0], "startFromHead": True, "limit": 10}
    page = logs.get_log_events(**place)
    read: list[str] = []
    while page["events"]:
        read += [event["message"] for event in page["events"]]
        page = logs.get_log_events(**place, nextToken=page["nextForwardToken"])
    assert read == [f"line {number}" for number in range(25)]
    token = page["nextForwardToken"]
    assert logs.get_log_events(**place, nextToken=token)["nextForwardToken"] == token
    local.log("training_job", "job", ["late"])
    assert [event["message"] for event in logs.get_log_events(**place, nextToken=token)["events"]] == ["late"]


@pytest.mark.parametrize("many", [2500])
def test_a_long_log(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock, many: int) -> None:
    local.log("training_job", "job", [f"line {number}" for number in range(many)])
    train(sm, "job")
    clock.forward(2)
    assert lines(logs, streams(logs, "job")[0]) == [f"line {number}" for number in range(many)]


def test_other_kinds_write_too(sm: Any, s3: Any, logs: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("neo"))
    sm.create_processing_job(
        ProcessingJobName="prep",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": "image"},
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
        },
    )
    sm.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    sm.create_transform_job(
        TransformJobName="batch",
        ModelName="m",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in/"}}},
        TransformOutput={"S3OutputPath": "s3://models/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    clock.forward(5)
    groups = {found["logGroupName"] for found in logs.describe_log_groups()["logGroups"]}
    assert groups == {f"/aws/sagemaker/{kind}Jobs" for kind in ("Compilation", "Processing", "Transform")}
    assert lines(logs, "neo", "/aws/sagemaker/CompilationJobs")
    prepared = streams(logs, "prep", "/aws/sagemaker/ProcessingJobs")
    assert [re.sub(r"\d{10}$", "T", name) for name in prepared] == ["prep/algo-1-T", "prep/algo-2-T"]
    (transformed,) = streams(logs, "batch", "/aws/sagemaker/TransformJobs")
    assert re.fullmatch(r"batch/i-[0-9a-f]{17}-\d{10}", transformed)


def test_logs_outlive_the_job_and_not_a_reset(local: LocalSageMaker, sm: Any, logs: Any, clock: HandClock) -> None:
    train(sm, "job")
    clock.forward(4)
    assert streams(logs, "job")
    local.reset()
    assert logs.describe_log_groups()["logGroups"] == []
    train(sm, "job")
    clock.forward(2)
    local.reset()
    assert logs.describe_log_groups()["logGroups"] == []


def test_programs_write_logs_of_their_own(logs: Any) -> None:
    logs.create_log_group(logGroupName="mine")
    logs.create_log_stream(logGroupName="mine", logStreamName="s")
    assert lines(logs, "s", "mine") == []


def test_log_calls_fail_and_are_counted(local: LocalSageMaker, logs: Any) -> None:
    local.fail_next("DescribeLogGroups", "ThrottlingException")
    assert error_of(logs.describe_log_groups)[0] == "ThrottlingException"
    logs.describe_log_groups()
    assert local.calls["DescribeLogGroups"] == 2


def test_misuse_of_log(local: LocalSageMaker) -> None:
    with pytest.raises(ValueError, match="'model' writes no logs; these do: training_job"):
        local.log("model", "*", ["line"])


# --- who calls, and which clients there are ------------------------------------------------------------------------------


def test_who_calls(local: LocalSageMaker) -> None:
    identity = local.boto3_client("sts").get_caller_identity()
    assert identity["Account"] == local.account_id
    # The sagemaker SDK makes its execution role of this.
    assert re.fullmatch(r"arn:aws:sts::123456789012:assumed-role/[\w-]+/[\w-]+", identity["Arn"])
    assert identity["UserId"]


def test_an_assumed_role_is_who_calls(local: LocalSageMaker) -> None:
    role = local.boto3_client("sts").assume_role(RoleArn=ROLE, RoleSessionName="session")["Credentials"]
    client = local.boto3_client(
        "sts",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert client.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/r/session"


def test_there_is_a_client_for_each_service(local: LocalSageMaker) -> None:
    with pytest.raises(ValueError, match=r"no 'sagemaker-runtme' \(did you mean 'sagemaker-runtime'\?\); it has: "):
        local.boto3_client("sagemaker-runtme")
    with pytest.raises(ValueError, match="no 'dynamodb'; it has: sagemaker, sagemaker-runtime"):
        local.boto3_client("dynamodb")


def test_what_is_not_there_says_so(local: LocalSageMaker) -> None:
    session: Any = local.session()
    code, message, status = error_of(session.client("iam", config=no_retries()).list_roles)
    assert (code, status) == ("NotImplemented", 501)
    assert message.endswith("and no iam")

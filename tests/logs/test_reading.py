"""What `logs()` gives, held against what boto3 finds in the same log group."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed import logs as public
from sagemaker_typed._waiting.logs import LogReader
from sagemaker_typed.logs import LogLine
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import FIRST, TRAINING, Stage, there, train, write

HOSTS = ("job/algo-1-7", "job/algo-2-7", "job/algo-3-7")


def messages(lines: Any) -> list[str]:
    return [line.message for line in lines]


# --- three hosts ------------------------------------------------------------------------------------------------------


def test_the_streams_of_three_hosts_are_merged_by_time(sm: SageMaker, logs: Any) -> None:
    first = FIRST
    for number, stream in enumerate(HOSTS):
        for minute in range(5):
            write(logs, TRAINING, stream, f"{stream} {minute}", at=first + 60_000 * minute + 100 * number)
    found = list(sm.training_jobs.logs("job"))
    assert [tuple(line) for line in found] == there(logs, TRAINING, "job/")
    assert [line.stream for line in found] == list(HOSTS) * 5
    assert found[0] == LogLine(datetime.fromtimestamp(FIRST / 1000, UTC), HOSTS[0], "job/algo-1-7 0")
    assert all(line.timestamp.tzinfo is UTC for line in found)


def test_lines_of_the_same_moment_are_in_the_order_of_the_streams(sm: SageMaker, logs: Any) -> None:
    for stream in reversed(HOSTS):
        write(logs, TRAINING, stream, "a", at=FIRST)
    assert [line.stream for line in sm.training_jobs.logs("job")] == list(HOSTS)


def test_ten_thousand_lines_and_more(sm: SageMaker, logs: Any, local: LocalSageMaker) -> None:
    first = FIRST
    for number, stream in enumerate(HOSTS):
        for batch in range(5):
            lines = [f"{stream} {batch} {each}" for each in range(2500)]
            write(logs, TRAINING, stream, *lines, at=first + number + 2500 * batch)
    before = local.calls
    found = list(sm.training_jobs.logs("job"))
    assert len(found) == 37_500
    assert [tuple(line) for line in found] == there(logs, TRAINING, "job/")
    # A page of 10,000, a page of 2,500 and the page that ends it, for each host.
    assert local.calls["GetLogEvents"] - before["GetLogEvents"] == 9
    assert local.calls["DescribeLogStreams"] - before["DescribeLogStreams"] == 1


def test_more_streams_than_a_page_lists(sm: SageMaker, logs: Any) -> None:
    first = FIRST
    for number in range(60):
        write(logs, TRAINING, f"job/algo-{number}-7", str(number), at=first + 1000 - number)
    assert messages(sm.training_jobs.logs("job")) == [str(number) for number in reversed(range(60))]


# --- whose lines ------------------------------------------------------------------------------------------------------

TABLE: list[tuple[str, dict[str, Any], str, list[str], list[str]]] = [
    ("training_jobs", {}, TRAINING, ["a/algo-1-7"], ["a-b/algo-1-7", "ab/algo-1-7", "b/a/algo"]),
    ("processing_jobs", {}, "/aws/sagemaker/ProcessingJobs", ["a/algo-1-7"], ["a-b/algo-1-7"]),
    ("transform_jobs", {}, "/aws/sagemaker/TransformJobs", ["a/i-1-7", "a/i-1-7/data-log"], ["ab/i-1-7"]),
    ("compilation_jobs", {}, "/aws/sagemaker/CompilationJobs", ["a"], ["a-b", "ab"]),
    ("labeling_jobs", {}, "/aws/sagemaker/LabelingJobs", ["a"], ["a-b", "ab"]),
    (
        "inference_recommendations_jobs",
        {},
        "/aws/sagemaker/InferenceRecommendationsJobs",
        ["a/CompilationJob/c", "a/Endpoint/e", "a/execution"],
        ["ab/execution"],
    ),
    ("endpoints", {}, "/aws/sagemaker/Endpoints/a", ["AllTraffic/i-1", "AllTraffic/i-1/data-log"], []),
    ("inference_components", {}, "/aws/sagemaker/InferenceComponents/a", ["AllTraffic/i-1"], []),
    ("notebook_instances", {}, "/aws/sagemaker/NotebookInstances", ["a/jupyter.log"], ["ab/jupyter.log"]),
    (
        "hyper_parameter_tuning_jobs",
        {},
        TRAINING,
        ["a-001-0f00/algo-1-7", "a-1024-0f00/algo-1-7"],
        ["a-b-001-0f00/algo-1-7", "a/algo-1-7", "ab-001-0f00/algo-1-7"],
    ),
    (
        "apps",
        {"domain_id": "d-1", "app_type": "JupyterLab", "space_name": "s"},
        "/aws/sagemaker/studio",
        ["d-1/s/JupyterLab/a", "d-1/s/JupyterLab/a/LifecycleConfigOnStart"],
        ["d-1/s/JupyterLab/ab", "d-1/t/JupyterLab/a", "d-2/s/JupyterLab/a"],
    ),
]
"""Group, arguments, log group, its own streams, those of others; after AWS's table of log groups and streams."""


@pytest.mark.parametrize(("group", "more", "log_group", "own", "others"), TABLE, ids=[row[0] for row in TABLE])
def test_each_group_reads_its_own_streams(
    sm: SageMaker, logs: Any, group: str, more: dict[str, Any], log_group: str, own: list[str], others: list[str]
) -> None:
    for stream in [*own, *others]:
        write(logs, log_group, stream, f"in {stream}", at=FIRST)
    found = list(getattr(sm, group).logs("a", **more))
    assert [(line.stream, line.message) for line in found] == [(stream, f"in {stream}") for stream in own]


def test_the_log_group_of_a_cluster_takes_its_id(sm: SageMaker, boto: Any, logs: Any) -> None:
    arn: str = boto.create_cluster(
        ClusterName="pod",
        InstanceGroups=[
            {
                "InstanceCount": 1,
                "InstanceGroupName": "group",
                "InstanceType": "ml.c5.large",
                "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-pod", "OnCreate": "on_create.sh"},
                "ExecutionRole": "arn:aws:iam::123456789012:role/r",
            }
        ],
    )["ClusterArn"]
    group = f"/aws/sagemaker/Clusters/pod/{arn.rpartition('/')[2]}"
    write(logs, group, "LifecycleConfig/group/i-1", "installed")
    assert messages(sm.clusters.logs("pod")) == ["installed"]
    with pytest.raises(errors.ResourceNotFoundError):
        list(sm.clusters.logs("nowhere"))


def test_who_else_has_logs() -> None:
    from sagemaker_typed.resources.groups import Groups

    names = {name for name in dir(Groups) if not name.startswith("_")}
    logged = {row[0] for row in TABLE} | {"clusters"}
    sm = SageMaker()
    assert {name for name in names if "logs" in dir(getattr(sm, name))} == logged


def test_any_log_group_can_be_read(sm: SageMaker, logs: Any) -> None:
    write(logs, "/mine", "web/1", "one")
    write(logs, "/mine", "db/1", "two")
    assert messages(public.lines(sm, "/mine", stream_prefix="web/")) == ["one"]
    assert sorted(messages(public.lines(sm, "/mine"))) == ["one", "two"]
    with pytest.raises(errors.InvalidRequestError, match="log_group"):
        public.lines(sm, "")


# --- nothing there ----------------------------------------------------------------------------------------------------


def test_a_log_that_does_not_exist_yet_is_empty(sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker) -> None:
    assert list(sm.training_jobs.logs("nowhere")) == []
    train(boto, "job")
    assert list(sm.training_jobs.logs("job")) == []
    logs.create_log_group(logGroupName=TRAINING)
    logs.create_log_stream(logGroupName=TRAINING, logStreamName="job/algo-1-7")
    assert list(sm.training_jobs.logs("job")) == []
    assert local.calls["DescribeTrainingJob"] == 0


def test_a_stream_that_is_deleted_meanwhile_is_left_out(sm: SageMaker, logs: Any, local: LocalSageMaker) -> None:
    for stream in HOSTS:
        write(logs, TRAINING, stream, stream)
    local.fail_next("GetLogEvents", "ResourceNotFoundException", message="The specified log stream does not exist.")
    assert sorted(messages(sm.training_jobs.logs("job"))) == list(HOSTS[1:])


def test_nothing_is_sent_before_the_first_line_is_asked_for(sm: SageMaker, local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, HOSTS[0], "a")
    before = local.calls
    lines = sm.training_jobs.logs("job")
    assert local.calls == before
    assert messages(lines) == messages(lines) == ["a"]


# --- since ------------------------------------------------------------------------------------------------------------


def test_since_leaves_out_what_is_older(sm: SageMaker, logs: Any) -> None:
    now = datetime.now(UTC)
    for hours in (5, 3, 1):
        moment = round((now - timedelta(hours=hours)).timestamp() * 1000)
        write(logs, TRAINING, HOSTS[0], f"{hours} hours ago", at=moment)
    for since in (timedelta(hours=4), 4 * 3600, 4.0 * 3600, now - timedelta(hours=4)):
        assert messages(sm.training_jobs.logs("job", since=since)) == ["3 hours ago", "1 hours ago"]
    exactly = datetime.fromtimestamp(round((now - timedelta(hours=1)).timestamp() * 1000) / 1000, UTC)
    assert messages(sm.training_jobs.logs("job", since=exactly)) == ["1 hours ago"]
    assert messages(sm.training_jobs.logs("job", since=0)) == []
    assert len(list(sm.training_jobs.logs("job", since=datetime(1960, 1, 1, tzinfo=UTC)))) == 3


@pytest.mark.parametrize("since", [datetime(2026, 1, 1), -1, "1h", True, float("inf"), float("nan"), timedelta(-1)])
def test_a_since_that_cannot_be(sm: SageMaker, since: Any) -> None:
    with pytest.raises(errors.InvalidRequestError, match="since"):
        sm.training_jobs.logs("job", since=since)


@pytest.mark.parametrize("name", ["", None, 7])
def test_a_name_that_cannot_be(sm: SageMaker, name: Any) -> None:
    with pytest.raises(errors.InvalidRequestError, match="the name of a training job, not"):
        sm.training_jobs.logs(name)


# --- errors -----------------------------------------------------------------------------------------------------------


def test_throttling_backs_off_and_loses_nothing(sm: SageMaker, logs: Any, local: LocalSageMaker, stage: Stage) -> None:
    for stream in HOSTS:
        write(logs, TRAINING, stream, *map(str, range(20)))
    expected = there(logs, TRAINING, "job/")
    local.fail_next("GetLogEvents", "ThrottlingException", times=4)
    local.fail_next("DescribeLogStreams", "ThrottlingException", times=2)
    assert [tuple(line) for line in sm.training_jobs.logs("job")] == expected
    assert stage.slept == [1, 2, 4, 8, 16, 30]


def test_a_reader_gives_up_on_a_service_that_throttles_for_ever(
    sm: SageMaker, local: LocalSageMaker, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    local.fail_next("DescribeLogStreams", "ThrottlingException", times=1000)
    with pytest.raises(errors.ThrottlingError):
        list(sm.training_jobs.logs("job"))
    assert 120 <= sum(stage.slept) < 200
    assert [record.levelname for record in caplog.records if record.name == "sagemaker_typed.waiting"] == ["WARNING"]


@pytest.mark.parametrize(
    ("code", "error", "boto3s"),
    [
        ("AccessDeniedException", errors.AccessDeniedError, "ClientError"),
        ("InvalidParameterException", errors.ValidationError, "InvalidParameterException"),
        ("UnrecognizedClientException", errors.AccessDeniedError, "UnrecognizedClientException"),
    ],
)
def test_errors_are_typed_and_boto3s_too(
    sm: SageMaker, local: LocalSageMaker, stage: Stage, code: str, error: type[errors.ApiError], boto3s: str
) -> None:
    local.fail_next("DescribeLogStreams", code, message="User is not authorized to read \x1b[31mlogs")
    with pytest.raises(error, match=r"read \\x1b\[31mlogs") as caught:
        list(sm.training_jobs.logs("job"))
    assert (caught.value.code, caught.value.operation, caught.value.http_status_code) == (
        code,
        "DescribeLogStreams",
        400,
    )
    assert boto3s in {cls.__name__ for cls in type(caught.value).__mro__}
    assert stage.slept == []
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, error)
    assert str(again) == str(caught.value)


def test_an_iteration_after_an_error_begins_anew(sm: SageMaker, local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, HOSTS[0], "a")
    lines = sm.training_jobs.logs("job")
    local.fail_next("GetLogEvents", "AccessDeniedException")
    with pytest.raises(errors.AccessDeniedError):
        list(lines)
    assert messages(lines) == ["a"]


# --- which session, which endpoint ------------------------------------------------------------------------------------


def test_the_same_session_signs(local: LocalSageMaker, logs: Any) -> None:
    """The embedded service keeps what it has by region, and reads the region from the signature."""
    write(logs, TRAINING, HOSTS[0], "in the west")
    session: Any = local.session("eu-west-1")
    east = session.client("logs", endpoint_url=local.url)
    write(east, TRAINING, HOSTS[0], "in the east")
    assert messages(local.client().training_jobs.logs("job")) == ["in the west"]
    assert messages(local.client(region="eu-west-1").training_jobs.logs("job")) == ["in the east"]


def test_endpoint_url_is_not_for_logs(local: LocalSageMaker, logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(logs, TRAINING, HOSTS[0], "a")
    for name, value in local.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", local.url)
    with SageMaker(endpoint_url="http://127.0.0.1:9") as sm:
        assert messages(sm.training_jobs.logs("job")) == ["a"]


def test_endpoint_urls_name_it(local: LocalSageMaker, logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(logs, TRAINING, HOSTS[0], "a")
    for name, value in local.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with SageMaker(endpoint_urls={"logs": local.url}) as sm:
        assert messages(sm.training_jobs.logs("job")) == ["a"]
        assert messages(sm.with_options(validation="off").training_jobs.logs("job")) == ["a"]
        from botocore.config import Config

        with sm.with_options(config=Config(read_timeout=5)) as view:
            assert messages(view.training_jobs.logs("job")) == ["a"]
        with pickle.loads(pickle.dumps(sm)) as again:
            assert messages(again.training_jobs.logs("job")) == ["a"]


def test_a_client_of_the_callers_signs_as_it_does(local: LocalSageMaker, logs: Any) -> None:
    write(logs, TRAINING, HOSTS[0], "a")
    client = local.boto3_client("sagemaker")
    with SageMaker(client=client, endpoint_urls={"logs": local.url}) as sm:
        assert messages(sm.training_jobs.logs("job")) == ["a"]
    odd = SageMaker(client=object(), endpoint_urls={"logs": local.url})
    with pytest.raises(errors.ConfigurationError, match="pass a session= instead"):
        list(odd.training_jobs.logs("job"))


def test_without_credentials(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    sm = SageMaker(session=boto3.Session(region_name="us-west-2"), endpoint_urls={"logs": local.url})
    with pytest.raises(errors.CredentialsError):
        list(sm.training_jobs.logs("job"))


FORKS = """
import os
from sagemaker_typed import SageMaker
from sagemaker_typed.testing import LocalSageMaker
from tests.logs.support import TRAINING, write

with LocalSageMaker() as local:
    write(local.boto3_client("logs"), TRAINING, "job/a", *map(str, range(50)))
    sm = SageMaker(session=local.session(), endpoint_url=local.url)
    assert len(list(sm.training_jobs.logs("job"))) == 50
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os._exit(len(list(sm.training_jobs.logs("job"))))
        children.append(child)
    assert len(list(sm.training_jobs.logs("job"))) == 50
    print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_client_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "[50, 50, 50]\n"), done.stderr


# --- the end ----------------------------------------------------------------------------------------------------------


def test_leaving_early_leaves_nothing_behind(sm: SageMaker, logs: Any, local: LocalSageMaker) -> None:
    write(logs, TRAINING, HOSTS[0], *map(str, range(100)))
    threads = set(threading.enumerate())
    for line in sm.training_jobs.logs("job"):
        assert line.message == "0"
        break
    gc.collect()
    left = {each.name for each in set(threading.enumerate()) - threads if each.name.startswith("sagemaker_typed")}
    assert left <= {"sagemaker_typed-alarms"}  # the one of the process, which ends by itself
    assert not [each for each in gc.get_objects() if isinstance(each, LogReader)]


def test_a_closed_client_reads_no_logs(local: LocalSageMaker) -> None:
    sm = local.client()
    sm.close()
    with pytest.raises(RuntimeError, match="closed"):
        list(sm.training_jobs.logs("job"))


def test_a_line_prints_on_one_line() -> None:
    line = LogLine(datetime(2026, 11, 26, 7, 3, 14, 5000, tzinfo=UTC), "job/algo-1", "loss\t1\r\x1b[2Jgone\nend\n")
    assert str(line) == r"2026-11-26T07:03:14.005Z job/algo-1 loss\t1\r\x1b[2Jgone\nend"
    assert pickle.loads(pickle.dumps(line)) == line

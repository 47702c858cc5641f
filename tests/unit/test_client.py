"""Every road to SageMaker: sessions, a caller's client, moto, the Stubber, the standard chain; and what they leave alone."""

from __future__ import annotations

import json
import pickle
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.credentials import CredentialProvider
from botocore.exceptions import ClientError, EndpointConnectionError, UnknownSignatureVersionError
from botocore.stub import Stubber
from moto import mock_aws

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import (
    CompilationJobStatus,
    InputConfig,
    OutputConfig,
    StopCompilationJobRequest,
    StoppingCondition,
    TargetDevice,
)
from tests.support.model_server import ModelServer

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server: ModelServer) -> None:
    server.clear()


def session(key: str = "AKIDONE", region: str = "us-west-2") -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key="secret", region_name=region)


def create(sm: SageMaker) -> str:
    return sm.compilation_jobs.create(
        "resnet-c5",
        role_arn=ROLE,
        input_config=InputConfig(s3_uri="s3://bucket/model.tar.gz", framework="KERAS", data_input_config="{}"),
        output_config=OutputConfig(s3_output_location="s3://bucket/out", target_device=TargetDevice.ML_C5),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision"},
    ).compilation_job_arn


# --- who signs --------------------------------------------------------------------------------------------------------


def test_two_sessions_sign_with_two_identities(server: ModelServer) -> None:
    one = SageMaker(session=session("AKIDONE", "us-west-2"), endpoint_url=server.url)
    two = SageMaker(session=session("AKIDTWO", "eu-west-1"), endpoint_url=server.url)
    for sm in (one, two, one):
        sm.compilation_jobs.describe("job")
    assert [(request.access_key, request.region) for request in server.requests] == [
        ("AKIDONE", "us-west-2"),
        ("AKIDTWO", "eu-west-1"),
        ("AKIDONE", "us-west-2"),
    ]


def test_a_region_of_its_own_wins_over_the_session(server: ModelServer) -> None:
    SageMaker(session=session(), region="ap-south-1", endpoint_url=server.url).compilation_jobs.describe("job")
    assert server.requests[0].region == "ap-south-1"


def test_the_standard_chain_from_the_environment(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", server.url)
    SageMaker().compilation_jobs.describe("job")
    assert (server.requests[0].access_key, server.requests[0].region) == ("AKIDENV", "eu-north-1")


def test_the_standard_chain_from_a_profile(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[vision]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n")
    (tmp_path / "config").write_text(f"[profile vision]\nregion = sa-east-1\nendpoint_url = {server.url}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    SageMaker(profile="vision").compilation_jobs.describe("job")
    assert (server.requests[0].access_key, server.requests[0].region) == ("AKIDPROFILE", "sa-east-1")
    with pytest.raises(errors.ConfigurationError, match="no-such"):
        SageMaker(profile="no-such").compilation_jobs.describe("job")


def test_credentials_are_looked_up_once_by_the_session_that_was_given(server: ModelServer) -> None:
    from botocore.credentials import Credentials

    asked: list[str] = []

    class Counting(boto3.Session):
        pass

    own: Any = Counting(region_name="us-west-2")
    bare = own._session

    def load(*_: object, **__: object) -> Credentials:
        asked.append("credentials")
        return Credentials("AKIDLATE", "secret")

    bare.get_component("credential_provider").load_credentials = load
    sm = SageMaker(session=own, endpoint_url=server.url)
    assert asked == []
    sm.compilation_jobs.describe("job")
    own.client("sagemaker")
    assert asked == ["credentials"]
    assert server.requests[0].access_key == "AKIDLATE"


# --- what is left alone -----------------------------------------------------------------------------------------------


def test_the_callers_session_stays_as_it_was(server: ModelServer) -> None:
    own: Any = session()
    loader = own._session.get_component("data_loader")
    paths = list(loader.search_paths)
    sm = SageMaker(session=own, endpoint_url=server.url)
    create(sm)
    assert own._session.get_component("data_loader") is loader
    assert loader.search_paths == paths
    raw = own.client("sagemaker", endpoint_url=server.url)
    server.respond("DescribeCompilationJob", {"CompilationJobName": "job", "CreationTime": 1.5, "Brand": "new"})
    answer = raw.describe_compilation_job(CompilationJobName="job")
    assert answer["CreationTime"] == datetime.fromtimestamp(1.5, UTC)
    assert "Brand" not in answer
    assert sm.compilation_jobs.describe("job").unknown_members == {"Brand": "new"}


def test_a_callers_client_is_used_as_it_is(server: ModelServer) -> None:
    raw = server.client()
    before = raw.describe_compilation_job(CompilationJobName="job")
    sm = SageMaker(client=raw)
    assert sm.boto3_client is raw
    job = sm.compilation_jobs.describe("job")
    after = raw.describe_compilation_job(CompilationJobName="job")
    for answer in (before, after):
        del answer["ResponseMetadata"]
    assert before == after
    assert job.compilation_job_status == after["CompilationJobStatus"]
    sm.close()
    raw.describe_compilation_job(CompilationJobName="job")


def test_what_the_callers_client_refuses_is_one_typed_error(server: ModelServer) -> None:
    sm = SageMaker(client=server.client(parameter_validation=True), validation="off")
    request: Any = InputConfig(s3_uri=3, framework="KERAS")  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidRequestError, match="S3Uri"):
        sm.compilation_jobs.create(
            "job",
            role_arn=ROLE,
            input_config=request,
            output_config=OutputConfig(s3_output_location="s3://bucket/out"),
            stopping_condition=StoppingCondition(),
        )
    assert server.requests == []


def test_without_validation_a_client_of_our_own_sends_what_botocore_would_refuse(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, validation="off")
    with pytest.raises(errors.ValidationError):
        sm.compilation_jobs.describe(3)  # type: ignore[arg-type]
    assert [request.body for request in server.requests] == [{"CompilationJobName": 3}]


# --- mocks ------------------------------------------------------------------------------------------------------------


def test_under_mock_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        sm = SageMaker(region="us-west-2")
        arn = create(sm)
        assert arn.endswith(":compilation-job/resnet-c5")
        job = sm.compilation_jobs.describe("resnet-c5")
        assert job.input_config is not None
        assert job.input_config.framework == "KERAS"
        assert [item.compilation_job_name for item in sm.compilation_jobs.list()] == ["resnet-c5"]
        with pytest.raises(errors.ResourceNotFoundError):
            sm.compilation_jobs.describe("no-such-job")


def test_with_botocores_stubber() -> None:
    raw = session().client("sagemaker")
    now = datetime(2026, 3, 26, 12, 0, 0, 123456, tzinfo=UTC)
    with Stubber(raw) as stub:
        stub.add_response(
            "describe_compilation_job",
            {
                "CompilationJobName": "job",
                "CompilationJobArn": "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/job",
                "CompilationJobStatus": "FAILED",
                "StoppingCondition": {"MaxRuntimeInSeconds": 900},
                "CreationTime": now,
                "LastModifiedTime": now,
                "FailureReason": "",
                "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/out"},
                "RoleArn": ROLE,
                "InputConfig": {"S3Uri": "s3://bucket/in.tar.gz", "Framework": "KERAS"},
                "OutputConfig": {"S3OutputLocation": "s3://bucket/out"},
            },
            {"CompilationJobName": "job"},
        )
        stub.add_client_error("stop_compilation_job", "ResourceNotFound", "gone")
        sm = SageMaker(client=raw)
        job = sm.compilation_jobs.describe("job")
        assert job.compilation_job_status is CompilationJobStatus.FAILED
        assert job.creation_time == now
        assert job.failure_reason == ""
        with pytest.raises(errors.ResourceNotFoundError) as caught:
            sm.send(StopCompilationJobRequest(compilation_job_name="job"))
        assert (caught.value.code, caught.value.operation) == ("ResourceNotFound", "StopCompilationJob")
        stub.assert_no_pending_responses()


# --- the object itself ------------------------------------------------------------------------------------------------


def test_nothing_happens_before_the_first_call() -> None:
    sm = SageMaker(profile="no-such-profile", endpoint_url="nonsense")
    assert sm.compilation_jobs is sm.compilation_jobs
    assert sm.api is sm.api
    pages = sm.compilation_jobs.list()
    assert pages.next_token is None


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"validation": "loose"}, ValueError),
        ({"client": object(), "region": "us-west-2"}, TypeError),
        ({"session": object(), "profile": "vision"}, TypeError),
        ({"regoin": "us-west-2"}, TypeError),
    ],
)
def test_arguments_that_contradict_each_other(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        SageMaker(**arguments)


def test_a_signature_that_cannot_be_made_is_a_matter_of_configuration(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, config=Config(signature_version="v4a"))
    with pytest.raises(errors.ConfigurationError, match="v4a") as caught:
        sm.compilation_jobs.describe("job")
    assert isinstance(caught.value, UnknownSignatureVersionError)
    assert server.requests == []


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": "Sign in again."}}, "GetRoleCredentials"), False),
        (EndpointConnectionError(endpoint_url="https://portal.sso"), True),
        (json.JSONDecodeError("Expecting value", "Sign in first.", 0), False),  # what a credential_process printed
    ],
)
def test_a_provider_of_credentials_that_fails_while_the_client_is_made(
    error: Exception, retryable: bool, server: ModelServer
) -> None:
    class Provider(CredentialProvider):
        METHOD = CANONICAL_NAME = "ours"

        def load(self) -> Any:
            raise error

    below = botocore.session.Session()
    below.get_component("credential_provider").insert_before("env", Provider())
    sm = SageMaker(session=boto3.Session(botocore_session=below), region="us-west-2", endpoint_url=server.url)
    with pytest.raises(errors.CredentialsError, match=re.escape(str(error))) as caught:
        sm.compilation_jobs.describe("job")
    assert isinstance(caught.value, type(error))
    assert caught.value.retryable is retryable
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_token_file_that_is_not_there_is_a_matter_of_credentials(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "none"))
    sm = SageMaker(region="us-west-2", endpoint_url=server.url)
    with pytest.raises(FileNotFoundError, match="none") as caught:
        sm.compilation_jobs.describe("job")
    assert isinstance(caught.value, errors.CredentialsError)
    assert not caught.value.retryable
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_no_region_no_credentials_no_url(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ConfigurationError, match="region"):
        SageMaker().compilation_jobs.describe("job")
    with pytest.raises(errors.CredentialsError):
        SageMaker(region="us-west-2", endpoint_url=server.url).compilation_jobs.describe("job")
    with pytest.raises(errors.ConfigurationError, match="nonsense"):
        SageMaker(region="us-west-2", endpoint_url="nonsense").compilation_jobs.describe("job")
    assert server.requests == []


def test_an_endpoint_that_refuses_is_one_typed_error() -> None:
    with ModelServer() as gone:
        url = gone.url
    sm = SageMaker(session=session(), endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(errors.TransportError) as caught:
        sm.compilation_jobs.describe("job")
    assert caught.value.operation == "DescribeCompilationJob"
    assert caught.value.retryable


def test_an_answer_that_is_no_json_is_one_typed_error(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    server.respond("DescribeCompilationJob", {"CreationTime": "soon"})
    with pytest.raises(
        errors.ConversionError, match=r"DescribeCompilationJobResponse: CreationTime: 'soon' is not a timestamp"
    ):
        sm.compilation_jobs.describe("job")


def test_it_is_a_context_manager_and_closed_means_closed(server: ModelServer) -> None:
    with SageMaker(session=session(), endpoint_url=server.url) as sm:
        sm.compilation_jobs.describe("job")
    with pytest.raises(RuntimeError, match="closed"):
        sm.compilation_jobs.describe("job")


def test_threads_share_one_client(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    start = threading.Barrier(8)
    clients: set[int] = set()
    names: list[str] = []

    def work(number: int) -> None:
        start.wait()
        clients.add(id(sm.boto3_client))
        clients.add(id(sm.boto3_client))
        names.append(sm.compilation_jobs.describe(f"job-{number}").compilation_job_name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 1
    assert len(names) == 8
    assert sorted(request.body["CompilationJobName"] for request in server.requests) == [f"job-{n}" for n in range(8)]


# --- attempts ---------------------------------------------------------------------------------------------------------


def attempts(sm: SageMaker) -> int:
    return int(sm.boto3_client.meta.config.retries["total_max_attempts"])


def test_attempts_are_five_unless_somebody_chose(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert attempts(SageMaker(session=session(), endpoint_url=server.url)) == 5
    chosen = Config(retries={"total_max_attempts": 2})
    assert attempts(SageMaker(session=session(), endpoint_url=server.url, config=chosen)) == 2
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    assert attempts(SageMaker(session=session(), endpoint_url=server.url)) == 7
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    (tmp_path / "config").write_text("[default]\nmax_attempts = 4\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert attempts(SageMaker(session=session(), endpoint_url=server.url)) == 4


def test_a_config_without_retries_keeps_ours(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, config=Config(connect_timeout=3))
    assert attempts(sm) == 5
    assert sm.boto3_client.meta.config.connect_timeout == 3


def test_throttling_is_retried_and_then_typed(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, config=Config(retries={"total_max_attempts": 1}))
    server.respond_error("DescribeCompilationJob", "ThrottlingException", "Rate exceeded", times=1, request_id="abc")
    with pytest.raises(errors.ThrottlingError) as caught:
        sm.compilation_jobs.describe("job")
    assert (caught.value.message, caught.value.request_id, caught.value.http_status_code) == (
        "Rate exceeded",
        "abc",
        400,
    )


# --- members that only a newer model has ------------------------------------------------------------------------------


def test_unknown_members_that_cannot_be_sent_are_named(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    with pytest.raises(errors.InvalidRequestError) as caught:
        sm.compilation_jobs.create(
            "job",
            role_arn=ROLE,
            output_config=OutputConfig(s3_output_location="s3://bucket/out", unknown_members={"Knob": 3}),
            stopping_condition=StoppingCondition(),
        )
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("output_config.Knob", "unknown")]
    assert server.requests == []


# --- the way out ------------------------------------------------------------------------------------------------------


def test_our_own_client_is_raw_boto3_to_whoever_calls_it(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    raw = sm.boto3_client.describe_compilation_job(CompilationJobName="job")
    del raw["ResponseMetadata"]
    expected = server.client().describe_compilation_job(CompilationJobName="job")
    del expected["ResponseMetadata"]
    assert raw == expected
    page = {"CompilationJobSummaries": [{"CompilationJobName": "a"}]}
    server.respond("ListCompilationJobs", page | {"NextToken": "more"}, times=1)
    server.respond("ListCompilationJobs", page, times=1)
    found = sm.boto3_client.get_paginator("list_compilation_jobs").paginate().build_full_result()
    assert [job["CompilationJobName"] for job in found["CompilationJobSummaries"]] == ["a", "a"]
    server.respond("DescribeEndpoint", {"EndpointStatus": "InService"})
    sm.boto3_client.get_waiter("endpoint_in_service").wait(EndpointName="endpoint", WaiterConfig={"MaxAttempts": 1})


def test_a_thread_that_made_no_typed_call_gets_boto3s_answers(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    sm.compilation_jobs.describe("job")  # so that the client is there, and hands over bodies
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(sm.boto3_client.describe_compilation_job, CompilationJobName="job").result()
    expected = server.client().describe_compilation_job(CompilationJobName="job")
    for answer in (found, expected):
        del answer["ResponseMetadata"]
    assert found == expected


@pytest.mark.parametrize("event", ["before-parameter-build", "before-call", "before-send", "after-call"])
def test_an_error_of_the_users_handler_is_the_users(event: str, server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    errors_of_their_own = iter([KeyError("mine"), ValueError("mine"), ZeroDivisionError("mine")])

    def handler(**_: Any) -> None:
        raise next(errors_of_their_own)

    sm.boto3_client.meta.events.register(f"{event}.sagemaker.DescribeCompilationJob", handler)
    for kind in (KeyError, ValueError, ZeroDivisionError):
        with pytest.raises(kind, match="mine") as caught:
            sm.compilation_jobs.describe("job")
        assert type(caught.value) is kind


def test_odd_error_bodies_are_typed_all_the_same(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url, config=Config(retries={"total_max_attempts": 1}))
    bodies: list[Any] = [None, [], "text", {"__type": 5}, {"__type": None, "message": None}]
    for body in bodies:
        server.respond("DescribeCompilationJob", body, status=503, times=1)
        with pytest.raises(errors.ServiceError):
            sm.compilation_jobs.describe("job")


@pytest.mark.parametrize("stamp", [1e30, -1e30, 1718000000000 * 1000, float("nan")])
def test_a_timestamp_that_no_calendar_has_is_a_conversion_error(server: ModelServer, stamp: float) -> None:
    server.respond("DescribeCompilationJob", {"CreationTime": stamp})
    sm = SageMaker(session=session(), endpoint_url=server.url)
    with pytest.raises(errors.ConversionError, match="CreationTime") as caught:
        sm.compilation_jobs.describe("job")
    assert caught.value.operation == "DescribeCompilationJob"
    assert caught.value.request_id is not None


def test_what_is_no_request_or_no_sagemaker_client_is_said(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    for wrong in ({}, StoppingCondition(), StopCompilationJobRequest):
        with pytest.raises(TypeError, match="send takes a request object"):
            sm.send(wrong)  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="no method describe_compilation_job"):
        SageMaker(client=session().client("s3")).compilation_jobs.describe("job")
    with pytest.raises(TypeError, match=r"boto3\.Session"):
        SageMaker(session=session()._session)  # type: ignore[arg-type]


def test_another_services_error_keeps_its_name(server: ModelServer) -> None:
    from botocore.exceptions import ClientError

    def refuse(**_: object) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDenied", "Message": "not authorized to sts:AssumeRole"}}, "AssumeRole"
        )

    raw = server.client()
    raw.meta.events.register("before-sign.sagemaker", refuse)
    with pytest.raises(errors.AccessDeniedError) as caught:
        SageMaker(client=raw).compilation_jobs.describe("job")
    assert caught.value.operation == "AssumeRole"


def test_classes_can_be_subclassed() -> None:
    class Mine(InputConfig):
        """A user's own."""

    from sagemaker_typed import to_boto3

    assert to_boto3(Mine(s3_uri="s3://b/k", framework="KERAS")) == {"S3Uri": "s3://b/k", "Framework": "KERAS"}


def test_an_unknown_member_cannot_stand_in_for_a_known_one() -> None:
    from sagemaker_typed import to_boto3

    with pytest.raises(errors.InvalidRequestError, match="both as a field and as an unknown member"):
        to_boto3(StoppingCondition(max_runtime_in_seconds=1, unknown_members={"MaxRuntimeInSeconds": 2}))

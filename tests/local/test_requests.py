"""What is counted, refused, made to fail, or not there."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import error_of, request, status

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(url: str, body: bytes, headers: dict[str, str], method: str = "POST") -> tuple[int, str, bytes]:
    """HTTP without boto3: status, content type, body."""
    try:
        with _NO_PROXY.open(urllib.request.Request(url, body, headers, method=method)) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


def signed(region: str = "us-west-2", service: str = "sagemaker", **headers: str) -> dict[str, str]:
    scope = f"AKIDEXAMPLE/20260101/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0", **headers}


def target(operation: str) -> dict[str, str]:
    return {"X-Amz-Target": f"SageMaker.{operation}", "Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture
def unchecked(local: LocalSageMaker) -> Any:
    """A client that sends whatever it is given."""
    return local.boto3_client("sagemaker", config=Config(parameter_validation=False, retries={"max_attempts": 0}))


def test_calls_are_counted(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    sm.create_compilation_job(**request("job"))
    for _ in range(3):
        status(sm, "job")
    error_of(sm.describe_compilation_job, CompilationJobName="none")
    error_of(sm.update_endpoint, EndpointName="e", EndpointConfigName="c")
    assert local.calls == {"CreateCompilationJob": 1, "DescribeCompilationJob": 4, "UpdateEndpoint": 1}
    assert local.calls["ListCompilationJobs"] == 0


def test_failing_on_order(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    sm.create_compilation_job(**request("job"))
    local.fail_next("DescribeCompilationJob", "ThrottlingException", message="Rate exceeded", times=2)
    local.fail_next("DescribeCompilationJob", "InternalFailure", status=500)
    describe = {"CompilationJobName": "job"}
    assert error_of(sm.describe_compilation_job, **describe) == ("ThrottlingException", "Rate exceeded", 400)
    assert error_of(sm.describe_compilation_job, **describe) == ("ThrottlingException", "Rate exceeded", 400)
    code, message, http = error_of(sm.describe_compilation_job, **describe)
    assert (code, http) == ("InternalFailure", 500)
    assert "fail_next" in message
    assert status(sm, "job") == "STARTING"
    assert sm.list_compilation_jobs()["CompilationJobSummaries"]


def test_a_declared_error_is_raised_as_declared(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    local.fail_next("CreateCompilationJob", "ResourceLimitExceeded", message="too many")
    with pytest.raises(sm.exceptions.ResourceLimitExceeded) as caught:
        sm.create_compilation_job(**request("job"))
    assert caught.value.response["Message"] == "too many"


def test_boto3_retries_what_it_always_retries(local: LocalSageMaker, s3: Any, monkeypatch: Any) -> None:
    def sleep(seconds: float) -> None:
        pass

    monkeypatch.setattr("time.sleep", sleep)
    config = Config(retries={"mode": "standard", "total_max_attempts": 4})
    sm = local.boto3_client("sagemaker", config=config)
    sm.create_compilation_job(**request("job"))
    local.fail_next("DescribeCompilationJob", "ThrottlingException", times=3)
    assert status(sm, "job") == "STARTING"
    assert local.calls["DescribeCompilationJob"] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"operation": "describe_compilation_job"}, "no operation 'describe_compilation_job'"),
        ({"status": 200}, "between 400 and 599"),
        ({"times": 0}, "at least 1"),
    ],
)
def test_a_failure_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    whole: dict[str, Any] = {"operation": "DescribeCompilationJob", "code": "ThrottlingException", **arguments}
    with pytest.raises(ValueError, match=message):
        LocalSageMaker().fail_next(**whole)


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"RoleArn": None}, "roleArn", "must not be null"),
        ({"RoleArn": "neo"}, "roleArn", "greater than or equal to 20"),
        ({"RoleArn": "arn:aws:iam::12:role/neo-compiler"}, "roleArn", "regular expression"),
        ({"CompilationJobName": "not_a_name"}, "compilationJobName", "regular expression"),
        ({"CompilationJobName": "n" * 64}, "compilationJobName", "less than or equal to 63"),
        ({"CompilationJobName": 5}, "compilationJobName", "must be a string"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": "900"}}, "stoppingCondition.maxRuntimeInSeconds", "an integer"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": True}}, "stoppingCondition.maxRuntimeInSeconds", "an integer"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "stoppingCondition.maxRuntimeInSeconds", "equal to 1"),
        ({"StoppingCondition": []}, "stoppingCondition", "a structure"),
        ({"InputConfig": {"S3Uri": "s3://b/k", "Framework": "TORCH"}}, "inputConfig.framework", "enum value set"),
        ({"InputConfig": {"Framework": "PYTORCH"}}, "inputConfig.s3Uri", "must not be null"),
        ({"Tags": [{"Key": "a"}]}, "tags.1.member.value", "must not be null"),
        ({"Tags": {"a": "b"}}, "tags", "a list"),
        ({"VpcConfig": {"SecurityGroupIds": [], "Subnets": ["s-1"]}}, "vpcConfig.securityGroupIds", "equal to 1"),
    ],
)
def test_the_model_is_enforced(local: LocalSageMaker, changes: dict[str, Any], path: str, rule: str) -> None:
    # Without boto3, which would trip over some of these itself.
    body = json.dumps(request("job", **changes)).encode()
    http, _, answer = send(local.url, body, signed(**target("CreateCompilationJob")))
    error = json.loads(answer)
    assert (http, error["__type"]) == (400, "ValidationException")
    assert error["message"].startswith("1 validation error detected: ")
    assert f"'{path}'" in error["message"]
    assert rule in error["message"]


def test_all_that_is_wrong_is_said_at_once(unchecked: Any) -> None:
    _, message, _ = error_of(unchecked.create_compilation_job, **request("job", RoleArn=None, OutputConfig={}))
    assert message.startswith("2 validation errors detected: ")


def test_operations_of_moto_are_checked_too(unchecked: Any) -> None:
    assert error_of(unchecked.create_endpoint, EndpointName="e")[0] == "ValidationException"


def test_an_unknown_member(local: LocalSageMaker) -> None:
    # boto3 never sends what it does not know.
    headers = signed(**target("DescribeCompilationJob"))
    http, _, body = send(local.url, b'{"CompilationJobName": "job", "Nmae": 1}', headers)
    assert http == 400
    assert json.loads(body) == {
        "__type": "ValidationException",
        "message": "1 validation error detected: Unknown member 'nmae'",
    }


def test_moto_answers_the_rest(sm: Any) -> None:
    sm.create_model(
        ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/neo", PrimaryContainer={"Image": "i"}
    )
    assert sm.describe_model(ModelName="m")["ModelName"] == "m"


@pytest.mark.parametrize(
    ("service", "method", "operation"),
    [
        ("cloudwatch", "describe_alarms", "DescribeAlarms"),
        ("resourcegroupstaggingapi", "get_compliance_summary", "GetComplianceSummary"),
    ],
)
def test_what_has_no_behaviour_is_said_at_once(
    local: LocalSageMaker, service: str, method: str, operation: str
) -> None:
    # With boto3's retries as they are: none may happen.
    code, message, http = error_of(getattr(local.boto3_client(service), method))
    assert (code, http) == ("NotImplemented", 501)
    assert operation in message
    assert local.calls == {operation: 1}


@pytest.mark.parametrize("tail", ["compilation-job/none", "domain/none", "hub/none", "nonsense"])
def test_tags_of_nothing(local: LocalSageMaker, sm: Any, tail: str) -> None:
    arn = f"arn:aws:sagemaker:us-west-2:123456789012:{tail}"
    for call in (
        lambda: sm.list_tags(ResourceArn=arn),
        lambda: sm.add_tags(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}]),
        lambda: sm.delete_tags(ResourceArn=arn, TagKeys=["k"]),
    ):
        code, message, http = error_of(call)
        assert (code, http) == ("ValidationException", 400)
        assert message == f"Could not find the resource {arn}."


def test_an_unsigned_request(local: LocalSageMaker) -> None:
    http, kind, body = send(local.url, b"{}", target("ListCompilationJobs"))
    assert (http, kind) == (403, "application/x-amz-json-1.1")
    assert json.loads(body)["__type"] == "MissingAuthenticationTokenException"
    assert local.calls == {}
    http, kind, body = send(f"{local.url}/models/key", b"data", {}, "PUT")
    assert (http, kind) == (403, "application/xml")
    assert b"<Code>AccessDenied</Code>" in body


def test_a_presigned_url_is_signed(local: LocalSageMaker, s3: Any) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "models", "Key": "in/resnet.tar.gz"})
    with _NO_PROXY.open(url) as answer:
        assert answer.read() == b"weights"


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("NoSuchThing", b"{}", "UnknownOperationException"),
        ("ListCompilationJobs", b"{", "SerializationException"),
        ("ListCompilationJobs", b"[]", "SerializationException"),
    ],
)
def test_a_request_that_makes_no_sense(local: LocalSageMaker, operation: str, body: bytes, code: str) -> None:
    http, _, answer = send(local.url, body, signed(**target(operation)))
    assert http == 400
    assert json.loads(answer)["__type"] == code


def test_an_unknown_region(local: LocalSageMaker) -> None:
    http, _, body = send(local.url, b"{}", signed(region="moon-1", **target("ListCompilationJobs")))
    assert http == 403
    assert "moon-1" in json.loads(body)["message"]


def test_a_body_nested_too_deeply(local: LocalSageMaker) -> None:
    deep = b'{"SearchExpression":' + b'{"SubExpressions":[' * 20_000 + b"]}" * 20_000 + b"}"
    http, kind, body = send(local.url, deep, {**target("Search"), **signed()})
    assert (http, kind) == (400, "application/x-amz-json-1.1")
    assert json.loads(body)["__type"] == "SerializationException"

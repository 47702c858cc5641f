"""An answer that cannot be what the operation gives is an error that says where; never a half-made object."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3, to_boto3, types
from tests.contract import model
from tests.support.loopback import Loopback, Reply
from tests.support.model_server import ModelServer


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"ModelArtifacts": "s3://b/o"}, "ModelArtifacts"),
        ({"OutputConfig": {"TargetPlatform": [1]}}, "OutputConfig: TargetPlatform"),
        ({"VpcConfig": {"Subnets": "subnet-1"}}, "VpcConfig: Subnets"),
        ({"CompilationJobStatus": 7}, "CompilationJobStatus"),
        ({"CreationTime": "yesterday"}, "CreationTime"),
        ({"CreationTime": {"Seconds": 1}}, "CreationTime"),
    ],
)
def test_a_value_that_is_not_what_its_member_is(
    body: dict[str, Any], path: str, server: ModelServer, sm: SageMaker
) -> None:
    with pytest.raises(errors.ConversionError, match=f"DescribeCompilationJobResponse: {path}: "):
        from_boto3(types.DescribeCompilationJobResponse, body)
    server.respond("DescribeCompilationJob", {"CompilationJobName": "resnet", **body})
    with pytest.raises(errors.ConversionError, match=f"DescribeCompilationJobResponse: {path}: "):
        sm.compilation_jobs.describe("resnet")


@pytest.mark.parametrize("time", [1700000000.123456, 1700000000, "1700000000.123456", "2023-11-14T22:13:20.123456Z"])
def test_a_time_in_each_form_that_boto3_reads(time: Any, server: ModelServer, sm: SageMaker, boto: Any) -> None:
    server.respond("DescribeCompilationJob", {"CompilationJobName": "resnet", "CreationTime": time})
    expected = boto.describe_compilation_job(CompilationJobName="resnet")["CreationTime"]
    assert sm.compilation_jobs.describe("resnet").creation_time == expected


@pytest.mark.parametrize("body", [b"not JSON", b"[1, 2]", b'"text"', b"7", b"null"])
def test_a_body_that_is_no_json_object(body: bytes) -> None:
    loopback = Loopback(lambda headers, request: Reply(body))
    with (
        closing(loopback),
        SageMaker(session=model.session(), endpoint_url=loopback.url, config=model.quiet()) as sm,
        pytest.raises(
            errors.TransportError, match=r"DescribeCompilationJob: the answer \(HTTP 200\) is not (JSON|a JSON object) "
        ) as caught,
    ):
        sm.compilation_jobs.describe("resnet")
    assert caught.value.retryable


def test_what_is_no_generated_class_is_not_converted() -> None:
    anything: Any = dict
    with pytest.raises(TypeError):
        from_boto3(anything, {})
    with pytest.raises(TypeError):
        to_boto3(anything())
    with pytest.raises(errors.ConversionError):
        from_boto3(types.Tag, anything.fromkeys)

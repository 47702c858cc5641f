"""What a response holds is what boto3 gives for the same answer, whichever road it came by."""

from __future__ import annotations

import pickle
from datetime import UTC, timedelta
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed.errors import ConversionError
from sagemaker_typed.structure import Response, ResponseMetadata
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support import samples
from tests.support.model_server import ModelServer

# boto3 adds notes on its retries to these.


def variants(operation: str) -> range:
    return range(samples.union_variants(model.output_shape(operation)))


def boto3_answer(boto: Any, operation: str) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(boto, xform_name(operation))(**model.minimal_request(operation))
    return answer


def request(operation: str) -> Any:
    return from_boto3(model.request_class(operation), model.minimal_request(operation))


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITH_OUTPUT)
def test_a_response_is_boto3s_leaf_by_leaf_on_every_road(
    operation: str, server: ModelServer, boto: Any, sm: SageMaker, borrowed: SageMaker
) -> None:
    shape, cls = model.output_shape(operation), model.response_class(operation)
    for variant in variants(operation):
        server.variant = variant
        answer = boto3_answer(boto, operation)
        plain = model.without_metadata(answer)
        assert plain == samples.fill(shape, variant=variant)
        own, from_callers_client = sm.send(request(operation)), borrowed.send(request(operation))
        from_dict = from_boto3(cls, answer)
        for response in (own, from_callers_client, from_dict):
            assert type(response) is cls
            assert list(differences(shape, response, plain)) == []
            assert list(unlike(model.without_metadata(to_boto3(response)), plain)) == []
        assert own == from_callers_client == from_dict
        # What came beside the body comes along, and goes out again.
        assert to_boto3(from_dict)["ResponseMetadata"] == answer["ResponseMetadata"]
        for response in (own, from_callers_client):
            assert_metadata(response)


def assert_metadata(response: Response) -> None:
    metadata = response.response_metadata
    assert metadata.http_status_code == 200
    assert metadata.request_id is not None
    assert metadata.request_id == metadata.http_headers["x-amzn-requestid"]
    assert metadata.http_headers["content-type"] == "application/x-amz-json-1.1"
    assert metadata.retry_attempts == 0
    assert pickle.loads(pickle.dumps(response)).response_metadata == metadata


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITHOUT_OUTPUT)
def test_without_an_output_there_is_none(
    operation: str, server: ModelServer, sm: SageMaker, borrowed: SageMaker
) -> None:
    assert sm.send(request(operation)) is None
    assert borrowed.send(request(operation)) is None
    server.respond(operation, {"ZzNew": 1})
    assert sm.send(request(operation)) is None
    assert [each.operation for each in server.requests] == [operation] * 3


def test_two_responses_with_equal_members_are_equal_whatever_came_beside_them() -> None:
    cls = model.response_class("DescribeEndpoint")
    one = from_boto3(cls, {"EndpointName": "e", "ResponseMetadata": {"RequestId": "1", "HTTPStatusCode": 200}})
    other = from_boto3(cls, {"EndpointName": "e"})
    assert one == other
    assert one.response_metadata == ResponseMetadata(request_id="1", http_status_code=200)
    assert other.response_metadata == ResponseMetadata()
    assert to_boto3(other) == {"EndpointName": "e"}


MOMENTS = [
    1606172400.123457, 1606172400.1234567, 1.606172400123e9, 1606172400, 0, 0.0, -1.5, 5e-07, 1.5e-06, 1e11,
    253402300799.999, 1606172399.9999999, 1700000000.0000005, 1699999999.9999995,
    "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456Z", "2024-01-01T01:00:00+02:00", "20240101T000000Z",
    "2024-01-01", "1606172400.5", "1.5E9", "Tue, 24 Nov 2026 00:00:00 GMT",
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_moments_are_boto3s_to_the_microsecond(
    moment: Any, server: ModelServer, boto: Any, sm: SageMaker, borrowed: SageMaker
) -> None:
    server.respond("DescribeCompilationJob", {"CreationTime": moment}, times=3)
    theirs = boto.describe_compilation_job(CompilationJobName="n")["CreationTime"]
    for each in (sm, borrowed):
        ours = each.compilation_jobs.describe("n").creation_time
        assert ours == (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
        assert ours.utcoffset() == timedelta(0)


@pytest.mark.parametrize("moment", [1e300, -1e12, 253402300800.0, "1e300", "-1e300", "soon", "nan", True, {}, []])
def test_what_is_no_moment_is_an_error_and_names_its_place(moment: Any, server: ModelServer, sm: SageMaker) -> None:
    server.respond("DescribeCompilationJob", {"CreationTime": moment})
    with pytest.raises(ConversionError, match=r"DescribeCompilationJobResponse: CreationTime: .* is not a timestamp"):
        sm.compilation_jobs.describe("n")

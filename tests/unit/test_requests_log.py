"""The logger `sagemaker_typed.requests` has one DEBUG line for each request."""

from __future__ import annotations

import logging
import re
import types
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import DescribeCompilationJobRequest
from tests.support.model_server import ModelServer

DESCRIBE = DescribeCompilationJobRequest(compilation_job_name="job")
LOGGER = "sagemaker_typed.requests"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.clear()
    # botocore backs off between the attempts of a call.
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture
def sm(server: ModelServer) -> Iterator[SageMaker]:
    chosen = boto3.Session("AKID", "secret", region_name="us-west-2")
    with SageMaker(session=chosen, endpoint_url=server.url) as made:
        yield made


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, logger=LOGGER):
        yield caplog


def lines(seen: pytest.LogCaptureFixture) -> list[str]:
    """The lines, with N for the milliseconds, which are a whole number."""
    ours = [record for record in seen.records if record.name == LOGGER]
    assert {record.levelno for record in ours} <= {logging.DEBUG}
    return [re.sub(r"in \d+ ms", "in N ms", record.getMessage()) for record in ours]


def test_an_answer(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    request_id = sm.send(DESCRIBE).response_metadata.request_id
    assert lines(seen) == [f"DescribeCompilationJob 200 in N ms, 1 attempt, request id {request_id}"]


def test_an_operation_without_an_output(sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    sm.compilation_jobs.stop("job")
    (line,) = lines(seen)
    assert re.fullmatch(r"StopCompilationJob 200 in N ms, 1 attempt, request id [-0-9a-f]{36}", line)


def test_an_error_of_the_service(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    server.respond_error("DescribeCompilationJob", "ResourceNotFound", "no such job", request_id="abc")
    with pytest.raises(errors.ResourceNotFoundError):
        sm.send(DESCRIBE)
    assert lines(seen) == ["DescribeCompilationJob 400 ResourceNotFound in N ms, 1 attempt, request id abc"]


def test_attempts_are_counted(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    server.respond_error("DescribeCompilationJob", "ServiceUnavailable", "later", status=503, times=2)
    request_id = sm.send(DESCRIBE).response_metadata.request_id
    server.respond_error("DescribeCompilationJob", "ServiceUnavailable", "later", status=503, request_id="abc")
    with pytest.raises(errors.ServiceError):
        sm.send(DESCRIBE, retries=1)
    assert lines(seen) == [
        f"DescribeCompilationJob 200 in N ms, 3 attempts, request id {request_id}",
        "DescribeCompilationJob 503 ServiceUnavailable in N ms, 2 attempts, request id abc",
    ]


def test_no_answer(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    server.drop("DescribeCompilationJob")
    with pytest.raises(errors.TransportError):
        sm.send(DESCRIBE, retries=0)
    assert lines(seen) == ["DescribeCompilationJob no answer TransportError in N ms"]


def test_no_credentials(server: ModelServer, seen: pytest.LogCaptureFixture) -> None:
    with pytest.raises(errors.CredentialsError):
        SageMaker(region="us-west-2", endpoint_url=server.url).send(DESCRIBE)
    assert lines(seen) == ["DescribeCompilationJob no answer CredentialsError in N ms"]


def test_an_error_of_the_users_handler(sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    def handler(**_: Any) -> None:
        raise KeyError("mine")

    sm.boto3_client.meta.events.register("before-call.sagemaker", handler)
    with pytest.raises(KeyError, match="mine"):
        sm.send(DESCRIBE)
    assert lines(seen) == ["DescribeCompilationJob no answer KeyError in N ms"]


def test_an_answer_that_cannot_be_read(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    server.respond("DescribeCompilationJob", {"CreationTime": "soon"}, headers={"x-amzn-RequestId": "abc"})
    with pytest.raises(errors.ConversionError):
        sm.send(DESCRIBE)
    assert lines(seen) == ["DescribeCompilationJob 200 in N ms, 1 attempt, request id abc"]


def test_each_page_is_a_request(server: ModelServer, sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    for token in ("a", "b", None):
        body: dict[str, Any] = {"CompilationJobSummaries": []}
        server.respond("ListCompilationJobs", body if token is None else body | {"NextToken": token}, times=1)
    assert list(sm.compilation_jobs.list()) == []
    assert [line.split(" in ")[0] for line in lines(seen)] == ["ListCompilationJobs 200"] * 3


def test_a_request_that_is_refused_here_is_none(sm: SageMaker, seen: pytest.LogCaptureFixture) -> None:
    with pytest.raises(errors.InvalidRequestError):
        sm.compilation_jobs.describe(3)  # type: ignore[arg-type]
    assert lines(seen) == []


def test_a_callers_client_is_logged_too(server: ModelServer, seen: pytest.LogCaptureFixture) -> None:
    SageMaker(client=server.client()).send(DESCRIBE)
    assert [line.split(" in ")[0] for line in lines(seen)] == ["DescribeCompilationJob 200"]


def test_nothing_is_logged_above_debug(server: ModelServer, sm: SageMaker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger=LOGGER):
        sm.send(DESCRIBE)
        server.drop("DescribeCompilationJob")
        with pytest.raises(errors.TransportError):
            sm.with_options(config=Config(retries={"total_max_attempts": 1})).send(DESCRIBE)
    assert lines(caplog) == []

"""Descriptions without the status that the model requires of them, and stubs whose status is not a text."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest import mock

import boto3
import pytest
from botocore.config import Config

from sagemaker_typed import AsyncSageMaker, SageMaker, errors, types
from sagemaker_typed.types import CompilationJobSummary, ListCompilationJobsResponse
from tests.support import faults
from tests.support.clock import FakeTime
from tests.support.faults import REQUEST_ID, FaultServer, answer

ARN = "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/n"
LACKING = {"CompilationJobName": "n", "CompilationJobArn": ARN, "FailureReason": ""}
RUNNING = {**LACKING, "CompilationJobStatus": "INPROGRESS"}
DONE = {**LACKING, "CompilationJobStatus": "COMPLETED"}
TEXT = "DescribeCompilationJob: the answer (HTTP 200) lacks its required member CompilationJobStatus"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(params=["SageMaker", "AsyncSageMaker"])
def made(request: pytest.FixtureRequest, server: FaultServer) -> Any:
    """A client, with time that passes when a wait sleeps."""
    cls: Any = {"SageMaker": SageMaker, "AsyncSageMaker": AsyncSageMaker}[request.param]
    session = boto3.Session("AKID", "secret", region_name="us-west-2")
    client = cls(session=session, endpoint_url=server.url, config=Config(proxies={}))
    client.clock = FakeTime().clock
    return client


def ended(client: Any, wait: Callable[[], Any]) -> Any:
    if isinstance(client, SageMaker):
        return wait()

    async def main() -> Any:
        async with client:
            return await wait()

    return asyncio.run(main())


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]


# --- the service ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [LACKING, {**LACKING, "CompilationJobStatus": ""}], ids=["absent", "empty"])
def test_it_is_a_failed_poll(
    made: Any, server: FaultServer, caplog: pytest.LogCaptureFixture, without: dict[str, Any]
) -> None:
    server.script("DescribeCompilationJob", *map(answer, (RUNNING, without, without, DONE)))
    seen: list[Any] = []
    job = ended(made, partial(made.compilation_jobs.wait_until_completed, "n", on_poll=seen.append))
    assert job.compilation_job_status == "COMPLETED"
    assert [each.status for each in seen] == ["INPROGRESS", None, None, "COMPLETED"]
    error = seen[1].error
    assert isinstance(error, errors.TransportError)
    assert (error.operation, error.request_id, error.http_status_code) == ("DescribeCompilationJob", REQUEST_ID, 200)
    assert str(error).startswith(f"{TEXT}: DescribeCompilationJobResponse(compilation_job_name='n'")
    assert len(error.excerpt or "") <= 200
    (warning,) = warnings_of(caplog)
    assert warning.startswith(f"compilation job 'n': 2 polls in a row failed, the last with {TEXT}")


def test_a_wait_on_one_that_never_sees_a_status_raises(made: Any, server: FaultServer) -> None:
    server.always("DescribeCompilationJob", answer(LACKING))
    begun = made.clock.now()
    with pytest.raises(errors.TransportError, match="lacks its required member") as caught:
        ended(made, partial(made.compilation_jobs.wait_until_completed, "n", timeout=7200))
    assert 60 <= made.clock.now() - begun <= 120
    assert caught.value.__notes__[0].startswith("no usable answer ever came while waiting for compilation job 'n'")


def test_a_wait_on_many_that_never_sees_a_status_raises(made: Any, server: FaultServer) -> None:
    server.always("DescribeCompilationJob", answer(LACKING))
    with pytest.raises(errors.TransportError, match="lacks its required member") as caught:
        ended(made, partial(made.compilation_jobs.wait_all, ["n", "m"], timeout=7200))
    report: Any = vars(caught.value)["report"]
    assert sorted(report.pending) == ["m", "n"]


def test_many_go_on_without_it(made: Any, server: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    server.script("DescribeCompilationJob", *map(answer, (LACKING, LACKING, DONE)))
    report = ended(made, partial(made.compilation_jobs.wait_all, ["n"], timeout=7200))
    assert list(report.succeeded) == ["n"]
    assert any("2 polls in a row failed" in text and TEXT in text for text in warnings_of(caplog))


def test_a_wait_for_the_end_of_a_resource_is_no_exception(made: Any, server: FaultServer) -> None:
    gone = faults.service_error("ResourceNotFound", "Could not find it")
    server.script("DescribeCompilationJob", answer(RUNNING), answer(LACKING), gone)
    seen: list[Any] = []
    ended(made, partial(made.compilation_jobs.wait_until_deleted, "n", on_poll=seen.append))
    assert [type(each.error).__name__ for each in seen] == ["NoneType", "TransportError", "ResourceNotFoundError"]


@pytest.mark.parametrize("body", [{"NotebookInstanceName": "n"}, {"NotebookInstanceStatus": None}, {}])
def test_a_status_that_the_model_calls_optional_may_be_absent(made: Any, body: Any, server: FaultServer) -> None:
    server.script("DescribeNotebookInstance", answer(body), answer({"NotebookInstanceStatus": "InService"}))
    seen: list[Any] = []
    ended(made, partial(made.notebook_instances.wait_until_in_service, "n", on_poll=seen.append))
    assert [(each.status, each.error) for each in seen] == [("", None), ("InService", None)]


def test_an_item_of_a_list_without_its_status_is_described(made: Any, server: FaultServer) -> None:
    """A list of more than ten is swept; what a sweep does not tell, a description does."""
    names = [f"n{number}" for number in range(12)]
    now = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    item = {"CompilationJobArn": ARN, "CreationTime": now}
    shown = [{**item, "CompilationJobName": name, "CompilationJobStatus": "INPROGRESS"} for name in names[1:]]
    server.always(
        "ListCompilationJobs", answer({"CompilationJobSummaries": [{**item, "CompilationJobName": "n0"}, *shown]})
    )
    server.always("DescribeCompilationJob", answer(DONE))
    report = ended(made, partial(made.compilation_jobs.wait_all, names, timeout=0))
    assert list(report.succeeded) == ["n0"]
    assert server.operations.count("DescribeCompilationJob") == 1


# --- stubs ------------------------------------------------------------------------------------------------------------


class _Stubbed(SageMaker):
    """A client whose calls give what a test says."""

    given: ClassVar[Any] = None

    def _look(self, request: Any, seconds: float) -> Any:
        return self.given


@contextmanager
def stubbed(given: Any) -> Iterator[SageMaker]:
    sm = _Stubbed(region="us-west-2")
    sm.clock = FakeTime().clock
    with mock.patch.object(_Stubbed, "given", given):
        yield sm


@pytest.mark.parametrize("status", [mock.Mock(), mock.MagicMock(), 5, ["COMPLETED"]])
def test_a_status_that_is_no_text_ends_the_wait_at_once(status: Any) -> None:
    text = f"compilation_job_status is a {type(status).__name__}, not a text: a stub must return a response"
    with stubbed(SimpleNamespace(compilation_job_status=status)) as sm:
        with pytest.raises(errors.ConversionError, match=text):
            sm.compilation_jobs.wait_until_completed("n")
        with pytest.raises(errors.ConversionError, match=text) as caught:
            sm.compilation_jobs.wait_all(["n"])
        assert list(vars(caught.value)["report"].pending) == ["n"]


def test_a_mock_in_place_of_a_description_ends_the_wait_at_once() -> None:
    with stubbed(mock.MagicMock()) as sm, pytest.raises(errors.ConversionError, match="is a MagicMock, not a text"):
        sm.compilation_jobs.wait_until_completed("n")


def test_a_mock_in_a_list_ends_the_wait_at_once() -> None:
    names = [f"n{number}" for number in range(12)]
    item = CompilationJobSummary(
        compilation_job_name="n0",
        compilation_job_arn=ARN,
        creation_time=datetime(2024, 1, 1, tzinfo=UTC),
        compilation_job_status="COMPLETED",
    )
    setattr(item, "compilation_job_status", mock.Mock())  # noqa: B010  # no checker lets it pass
    page = ListCompilationJobsResponse(compilation_job_summaries=[item])
    with stubbed(page) as sm, pytest.raises(errors.ConversionError, match="compilation_job_status is a Mock"):
        sm.compilation_jobs.wait_all(names)


@pytest.mark.parametrize("status", ["COMPLETED", types.CompilationJobStatus.COMPLETED])
def test_a_stub_may_give_a_text_or_an_enum(status: Any) -> None:
    given = SimpleNamespace(compilation_job_status=status)
    with stubbed(given) as sm:
        found: Any = sm.compilation_jobs.wait_until_completed("n")
    assert found is given


@pytest.mark.parametrize(
    "answered", [mock.MagicMock(), {"CompilationJobStatus": mock.Mock()}, {"OutputConfig": [1]}, None, "COMPLETED"]
)
def test_a_mocked_boto3_client_whose_answer_does_not_fit_ends_the_wait_at_once(answered: Any) -> None:
    client = mock.MagicMock()
    client.describe_compilation_job.return_value = answered
    sm = SageMaker(client=client)
    sm.clock = FakeTime().clock
    with pytest.raises(errors.ConversionError) as caught:
        sm.compilation_jobs.wait_until_completed("n")
    assert caught.value.operation == "DescribeCompilationJob"
    assert caught.value.retryable is False
    assert client.describe_compilation_job.call_count == 1
    report = sm.compilation_jobs.wait_all(["n"])
    assert list(report.pending) == ["n"]
    assert client.describe_compilation_job.call_count == 2


@pytest.mark.parametrize("name", ["wait", "wait_deleted", "wait_all"])
def test_a_mock_in_place_of_the_steps_of_a_wait_is_an_error(name: str) -> None:
    sm = SageMaker(region="us-west-2")
    aio = AsyncSageMaker(region="us-west-2")
    method, given = {
        "wait": ("wait_until_completed", "n"),
        "wait_deleted": ("wait_until_deleted", "n"),
        "wait_all": ("wait_all", ["n"]),
    }[name]
    text = (
        "a task returned a MagicMock instead of its steps: to replace a wait in a test, patch the method of its group"
    )
    with mock.patch(f"sagemaker_typed.waiting.{name}"):
        with pytest.raises(TypeError, match=text):
            getattr(sm.compilation_jobs, method)(given)
        with pytest.raises(TypeError, match=text):
            asyncio.run(getattr(aio.compilation_jobs, method)(given))


def test_a_mock_in_place_of_a_log_is_an_error() -> None:
    sm = SageMaker(region="us-west-2")
    with mock.patch("sagemaker_typed.waiting.log_lines"), pytest.raises(TypeError, match="instead of its steps"):
        list(sm.training_jobs.logs("n"))

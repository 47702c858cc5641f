"""Tests of users replace methods of one object or of a class with `unittest.mock.patch`."""

from __future__ import annotations

import asyncio
import pickle
from unittest import mock

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker
from sagemaker_typed.resources.compilation_jobs import CompilationJobs


@pytest.fixture
def sm() -> SageMaker:
    return SageMaker(region="us-west-2", endpoint_url="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("compilation_jobs.describe", {}),
        ("endpoints.wait_until_in_service", {}),
        ("runtime.invoke_endpoint", {"body": b""}),
    ],
)
def test_a_method_of_one_group(sm: SageMaker, path: str, more: dict[str, bytes]) -> None:
    group, name = path.split(".")
    other = SageMaker(region="us-west-2")
    with mock.patch.object(getattr(sm, group), name, autospec=True, return_value="patched") as patched:
        assert getattr(getattr(sm, group), name)("n", **more) == "patched"
        patched.assert_called_once_with("n", **more)
        assert not isinstance(getattr(getattr(other, group), name), mock.Mock)
    assert vars(getattr(sm, group)) == {}


def test_a_flat_method_is_the_method_of_the_group(sm: SageMaker) -> None:
    with mock.patch.object(sm.compilation_jobs, "describe", return_value="patched"):
        assert sm.api.describe_compilation_job("n") == "patched"
    with mock.patch.object(sm.api, "describe_compilation_job", return_value="flat"):
        assert sm.api.describe_compilation_job("n") == "flat"


def test_a_method_of_one_asynchronous_group() -> None:
    sm = AsyncSageMaker(region="us-west-2")
    with mock.patch.object(sm.compilation_jobs, "describe", return_value="patched") as patched:
        assert isinstance(patched, mock.AsyncMock)
        assert asyncio.run(sm.compilation_jobs.describe("n")) == "patched"


def test_a_method_of_the_class(sm: SageMaker) -> None:
    with mock.patch.object(CompilationJobs, "describe", autospec=True, return_value="patched") as patched:
        assert sm.compilation_jobs.describe("n") == "patched"
        patched.assert_called_once_with(sm.compilation_jobs, "n")


def test_a_whole_group(sm: SageMaker) -> None:
    group = mock.create_autospec(CompilationJobs, instance=True)
    with mock.patch.object(SageMaker, "compilation_jobs", group):
        assert sm.compilation_jobs.describe("n") is group.describe.return_value


def test_send_is_what_every_call_goes_through(sm: SageMaker) -> None:
    with mock.patch.object(sm, "send", return_value="sent") as send:
        assert sm.compilation_jobs.describe("n") == "sent"
    assert send.call_args.args[0].compilation_job_name == "n"


def test_a_group_still_goes_with_its_client(sm: SageMaker) -> None:
    arrived = pickle.loads(pickle.dumps(sm.compilation_jobs))
    assert type(arrived) is CompilationJobs

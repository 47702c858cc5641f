"""Advice is given once for each place of the caller, and points at it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import ListCompilationJobsRequest
from tests.support.model_server import ModelServer


@pytest.fixture(scope="module")
def sm() -> Iterator[SageMaker]:
    with ModelServer() as server, SageMaker(client=server.client()) as client:
        yield client


def test_it_points_at_the_callers_line_on_every_road(sm: SageMaker) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sm.compilation_jobs.list(status_equals="COMPLETE").first()  # type: ignore[arg-type]
        sm.api.list_compilation_jobs(status_equals="COMPLETE").first()  # type: ignore[arg-type]
        sm.send(ListCompilationJobsRequest(status_equals="COMPLETE"))  # type: ignore[arg-type]
    ours = [warning for warning in caught if warning.category is errors.InvalidRequestWarning]
    assert [warning.filename for warning in ours] == [__file__] * 3
    assert str(ours[0].message).startswith(
        "ListCompilationJobs: status_equals: 'COMPLETE' is not a known CompilationJobStatus; did you mean 'COMPLETED'?"
    )


def test_python_shows_it_once_for_each_place(sm: SageMaker) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            sm.send(ListCompilationJobsRequest(name_contains="x" * 64))
    assert [warning.category for warning in caught].count(errors.InvalidRequestWarning) == 1

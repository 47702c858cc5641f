"""The list that says which step of a failed pipeline execution failed: when it is requested, and what is read from it."""

from __future__ import annotations

import logging
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed._waiting.spec import Explanation, Waiter
from sagemaker_typed._waiting.steps import Look, explain, explanation_of
from sagemaker_typed.types import ListPipelineExecutionStepsRequest, ListTagsInput, PipelineExecutionStep

WAITER: Waiter[Any] = import_module("sagemaker_typed.resources.pipeline_executions")._COMPLETED
ARN = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/p/execution/abc"


def explanation() -> Explanation:
    found = WAITER.explanation
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "explained"),
    [("Failed", True), ("CompletedWithFailures", True), ("Stopped", False), ("Succeeded", False), (None, False)],
)
def test_a_failure_is_explained_and_nothing_else(status: Any, explained: bool) -> None:
    response = SimpleNamespace(pipeline_execution_status=status)
    assert explanation_of(WAITER, response) == (WAITER.explanation if explained else None)
    assert explanation_of(WAITER._replace(explanation=None), response) is None
    assert explanation_of(WAITER._replace(status=None), response) is None


def test_a_resource_that_is_gone_is_not_explained() -> None:
    assert explanation_of(WAITER, None) is None


def test_the_latest_items_are_asked_for_as_many_as_fit_a_page() -> None:
    assert explanation().request(ARN) == ListPipelineExecutionStepsRequest(
        pipeline_execution_arn=ARN, sort_order="Descending", max_results=100
    )


def test_a_list_without_an_order_is_asked_for_without_one() -> None:
    tags = explanation()._replace(list=ListTagsInput, scope="resource_arn")
    assert tags.request(ARN) == ListTagsInput(resource_arn=ARN)


def test_a_list_that_cannot_be_had_is_told_of_and_hides_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[Any] = []

    def bounded(request: Any) -> Look:
        asked.append(request)
        return Look(request, 30)

    steps = explain(explanation(), ARN, bounded)
    assert next(steps) == Look(asked[0], 30)
    with caplog.at_level(logging.WARNING, "sagemaker_typed.waiting"), pytest.raises(StopIteration) as end:
        steps.throw(errors.TransportError("no answer", "ListPipelineExecutionSteps"))
    assert end.value.value is None
    assert f"{ARN!r} failed, and it is not known which step failed: no answer" in caplog.text
    answered = explain(explanation(), ARN, bounded)
    next(answered)
    with pytest.raises(StopIteration) as end:
        answered.send("page")
    assert end.value.value == "page"


def step(name: str, status: str, reason: str | None = None) -> PipelineExecutionStep:
    return PipelineExecutionStep(step_name=name, step_status=status, failure_reason=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "otherwise", "text"),
    [
        ([step("c", "Failed", "r3"), step("b", "Succeeded"), step("a", "Failed", "r1")], "all",
         "step 'a' failed: r1; step 'c' failed: r3"),
        ([step("a", "Failed")], "all", "step 'a' failed: all"),
        ([step("a", "Failed")], None, "step 'a' failed"),
        ([None, step("a", "Failed", "r")], None, "step 'a' failed: r"),
        ([step("a", "Executing", "r")], "all", "all"),
        ([], None, None),
        (None, "all", "all"),
    ],
)  # fmt: skip
def test_what_failed_comes_first_to_last(steps: Any, otherwise: str | None, text: str | None) -> None:
    page = SimpleNamespace(pipeline_execution_steps=steps)
    assert explanation().text(page, otherwise) == text

"""What an argument is where it is left out, as the documentation says it: written down once more, by hand."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors, to_dict, to_json
from sagemaker_typed._waiting.afutures import AsyncRunner
from sagemaker_typed._waiting.futures import Runner
from sagemaker_typed.waiting import Pacing

NOTHING = (None, inspect.Parameter.empty)
WAIT = {"progress": False, "fail_fast": False, "stop_on_interrupt": False}
RUN = {**WAIT, "max_running": 20, "exist_ok": False}
MAP = {"max_concurrency": 8, "fail_fast": False}
PLAIN = {"exclude_none": True, "mask_secrets": False, "metadata": False}


def defaults(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in parameters if each.default not in NOTHING}


@pytest.mark.parametrize("client", [SageMaker, AsyncSageMaker])
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("__init__", {"validation": "standard"}),
        ("wait_all", {**WAIT, "logs": False}),
        ("run_all", RUN),
        ("runner", RUN),
        ("map", MAP),
        ("with_options", {}),
    ],
)
def test_defaults_of_the_clients(client: Any, method: str, expected: dict[str, Any]) -> None:
    assert defaults(getattr(client, method)) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (to_dict, PLAIN),
        (to_json, {**PLAIN, "wire": False}),
        (Runner.shutdown, {"wait": True, "cancel_futures": False}),  # those of concurrent.futures
        (AsyncRunner.shutdown, {"cancel_futures": False}),
        (
            Pacing,
            {
                "list_per_second": 1.0,
                "describe_per_second": 5.0,
                "create_per_second": 2.0,
                "most_lists": 20.0,
                "most_describes": 500.0,
                "most_creates": 50.0,
                "at_once": 8,
            },
        ),
    ],
)
def test_defaults_of_functions(function: Any, expected: dict[str, Any]) -> None:
    assert defaults(function) == expected


def test_an_error_that_is_made_of_little_says_little() -> None:
    assert str(errors.SageMakerError()) == ""
    late = errors.WaitTimeoutError("late", name="x")
    assert (late.elapsed, late.polls) == (0.0, 0)

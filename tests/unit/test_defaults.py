"""What an argument is where it is left out, as the documentation says it: written down once more, by hand."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, MapReport, SageMaker, errors, from_json, to_dict, to_json
from sagemaker_typed._waiting.afutures import AsyncRunner
from sagemaker_typed._waiting.futures import Runner
from sagemaker_typed._waiting.options import RunOptions, WaitOptions
from sagemaker_typed.structure import Member, ResponseMetadata, Rule
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
        (from_json, {"wire": False}),
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
    missing = errors.ResourceNotFoundError({"Error": {}}, "DescribeModel")  # outside of a wait
    assert (missing.elapsed, missing.polls) == (0.0, 0)


RETRYABLE = {
    "ThrottlingError",
    "ModelNotReadyError",
    "ServiceError",
    "TransportError",
    "CallTimeoutError",
    "WaitTimeoutError",
}


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name.endswith("Error")])
def test_whether_the_same_call_may_succeed_later(name: str) -> None:
    assert getattr(errors, name).retryable is (name in RETRYABLE)


WAIT_OPTIONS = {
    "timeout": None,
    "poll": None,
    "on_poll": None,
    "progress": False,
    "stop_on_interrupt": False,
    "logs": False,
    "log_tail": 0,
    "fail_fast": False,
}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (WaitOptions(), WAIT_OPTIONS),
        (RunOptions(), {**WAIT_OPTIONS, "max_running": 20, "exist_ok": False}),
        (
            ResponseMetadata(),
            {"request_id": None, "http_status_code": None, "http_headers": {}, "retry_attempts": 0, "extra": {}},
        ),
        (MapReport(), {"succeeded": {}, "failed": {}, "skipped": [], "elapsed": 0.0}),
        (
            errors.WaitReport(),
            {
                "succeeded": {}, "failed": {}, "stopped": {}, "pending": {}, "missing": {},
                "elapsed": 0.0, "list_calls": 0, "describe_calls": 0, "create_calls": 0,
                "statuses": {}, "seconds": {}, "_order": [],
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_an_object_has_that_is_made_of_nothing(made: Any, expected: dict[str, Any]) -> None:
    names: list[str] = [each.name for each in type(made).__attrs_attrs__]
    assert {name: getattr(made, name) for name in names} == expected


def test_a_member_has_no_rule_unless_the_model_has_one() -> None:
    assert {name for name, value in Rule()._asdict().items() if value} == set()
    assert {name for name, value in Member("a", "A")._asdict().items() if value} == {"field", "wire"}
    assert errors.Rollback("new", "old").complete is True


def test_reports_are_compared_and_shown_by_their_outcomes() -> None:
    one: Any = errors.WaitReport(succeeded={"a": 1}, statuses={"a": "Fine"}, seconds={"a": 1.5})
    other: Any = errors.WaitReport(succeeded={"a": 1}, statuses={"a": "Fine"}, seconds={"a": 1.5})
    one.sort(["a"])
    assert one == other
    for shown in (repr(one), str(one)):
        assert "statuses" not in shown
        assert "_order" not in shown

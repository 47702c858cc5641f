"""What each error knows, by default and when it is told, and that copies and pickles know the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from botocore import exceptions

from sagemaker_typed import WaitReport, errors
from sagemaker_typed._core.failures import no_answer
from sagemaker_typed.errors import Problem, Rollback

COPIES: list[Callable[[Any], Any]] = [
    lambda error: error,
    copy.copy,
    copy.deepcopy,
    *(lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol)) for protocol in range(6)),
]
COMMON = ("code", "message", "operation", "request_id", "http_status_code", "retryable", "reason", "report", "excerpt")


def known(error: Any, *more: str) -> dict[str, Any]:
    return {name: getattr(error, name) for name in (*COMMON, *more)}


def told(error: Any, *more: str) -> list[dict[str, Any]]:
    made = [each(error) for each in COPIES]
    assert {type(each) for each in made} == {type(error)}
    assert {str(each) for each in made} == {str(error)}
    return [known(each, *more) for each in made]


NOTHING: dict[str, Any] = dict.fromkeys(COMMON) | {"retryable": False, "message": ""}


def test_an_error_that_knows_nothing() -> None:
    assert told(errors.SageMakerError()) == [NOTHING] * len(COPIES)
    assert errors.SageMakerError().args == ()
    assert told(errors.PaginationError("twice\x1b")) == [NOTHING | {"message": "twice\\x1b"}] * len(COPIES)


RESPONSE: dict[str, Any] = {
    "Error": {"Code": "ValidationException", "Message": "no"},
    "ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 400},
    "OriginalStatusCode": 500,
    "OriginalMessage": "of the model",
    "LogStreamArn": "arn:logs",
    "ErrorCode": "StreamBroken",
}
PLACE = ("kind", "name", "arn", "status")
SPECIAL: dict[type[errors.ApiError], tuple[dict[str, Any], bool]] = {
    errors.ApiError: ({}, False),
    errors.ResourceNotFoundError: (
        {**dict.fromkeys(PLACE), "elapsed": 0.0, "polls": 0, "last_response": None},
        False,
    ),
    errors.ResourceInUseError: (dict.fromkeys(PLACE), False),
    errors.ResourceAlreadyExistsError: (dict.fromkeys(PLACE), False),
    errors.ConflictError: (dict.fromkeys(PLACE), False),
    errors.ResourceLimitExceededError: ({}, False),
    errors.ThrottlingError: ({}, True),
    errors.AccessDeniedError: ({}, False),
    errors.ExpiredCredentialsError: ({}, False),
    errors.ValidationError: ({}, False),
    errors.ModelError: (
        {"original_status_code": 500, "original_message": "of the model", "log_stream_arn": "arn:logs"},
        False,
    ),
    errors.ModelStreamError: ({"error_code": "StreamBroken"}, False),
    errors.ModelNotReadyError: ({}, True),
    errors.ServiceError: ({}, True),
}


def test_every_error_of_the_service_is_below() -> None:
    named = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.ApiError)}
    assert named == set(SPECIAL)


@pytest.mark.parametrize("cls", SPECIAL)
def test_what_the_service_said(cls: type[errors.ApiError]) -> None:
    special, retryable = SPECIAL[cls]
    expected = NOTHING | special | {
        "code": "ValidationException", "message": "no", "operation": "CreateModel", "request_id": "r",
        "http_status_code": 400, "retryable": retryable,
    }  # fmt: skip
    error = cls(RESPONSE, "CreateModel")
    assert told(error, *special) == [expected] * len(COPIES)
    assert str(error) == "An error occurred (ValidationException) when calling the CreateModel operation: no"
    assert error.response == RESPONSE
    assert error.response is not RESPONSE
    empty = cls({}, "CreateModel")
    assert (empty.code, empty.message, empty.request_id, empty.http_status_code) == ("Unknown", "", None, None)
    assert copy.copy(error).response == RESPONSE


def test_what_was_noted_on_an_error_goes_with_it() -> None:
    error = errors.ResourceNotFoundError(RESPONSE, "DescribeModel")
    error.kind, error.name, error.polls, error.excerpt = "model", "m", 3, "text"
    error.add_note("a note")
    for made in (each(error) for each in COPIES):
        assert (made.kind, made.name, made.polls, made.excerpt, made.__notes__) == ("model", "m", 3, "text", ["a note"])
    assert errors.ResourceNotFoundError(RESPONSE, "DescribeModel").kind is None


@pytest.mark.parametrize(
    ("cls", "retryable"),
    [
        (errors.TransportError, True),
        (errors.CallTimeoutError, True),
        (errors.CredentialsError, False),
        (errors.ConfigurationError, False),
    ],
)
def test_what_is_known_without_an_answer(cls: Any, retryable: bool) -> None:
    expected = NOTHING | {"message": "no answer\\x1b", "retryable": retryable}
    assert told(cls("no answer\x1b")) == [expected] * len(COPIES)
    assert told(cls("no answer\x1b", "CreateModel")) == [expected | {"operation": "CreateModel"}] * len(COPIES)
    assert cls("m").kwargs == {}


def test_what_came_in_place_of_an_answer() -> None:
    error = errors.TransportError("m", "CreateModel")
    error.came("r", 502, "<html>")
    came = {"request_id": "r", "http_status_code": 502, "excerpt": "<html>", "operation": "CreateModel"}
    assert told(error) == [NOTHING | {"message": "m", "retryable": True} | came] * len(COPIES)


def test_only_plain_values_of_botocores_errors_are_pickled() -> None:
    kwargs = {"text": "t", "int": 1, "float": 0.5, "bool": True, "none": None, "list": [1], "error": OSError("x")}
    error: Any = no_answer(exceptions.HTTPClientError(error="e"), "CreateModel")
    error.kwargs = kwargs
    error.request, error.response = object(), object()
    made = pickle.loads(pickle.dumps(error))
    assert made.kwargs == {"text": "t", "int": 1, "float": 0.5, "bool": True, "none": None}
    assert not hasattr(made, "request") or made.request is None
    assert "response" not in vars(made)
    error.response = {"Error": {}}
    assert pickle.loads(pickle.dumps(error)).response == {"Error": {}}
    assert isinstance(made, exceptions.HTTPClientError)
    assert error.kwargs is kwargs


def test_an_invalid_request() -> None:
    problems = [Problem("a.b", "type", "d"), Problem("", "min", "e")]
    error = errors.InvalidRequestError(problems, "CreateModel")
    for made in (each(error) for each in COPIES):
        assert (made.problems, made.request, made.operation) == (tuple(problems), "CreateModel", "CreateModel")
        assert str(made) == "CreateModel: 2 problems\n  a.b: d\n  e"
        assert made.kwargs == {"report": str(made)}
    bare = errors.InvalidRequestError(problems[:1])
    assert (str(bare), bare.operation, bare.request) == ("a.b: d", None, "")
    error.mine = 1  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(error)).mine == 1


@pytest.mark.parametrize("of", ["a mapping", "an answer"])
def test_a_conversion(of: str) -> None:
    if of == "a mapping":
        assert told(errors.ConversionError("m")) == [NOTHING | {"message": "m"}] * len(COPIES)
        return
    error = errors.ConversionError("m", "DescribeModel", "r", 200)
    facts = {"operation": "DescribeModel", "request_id": "r", "http_status_code": 200, "retryable": True}
    assert [known(error)] == [NOTHING | {"message": "m"} | facts]


WAIT: dict[str, Any] = {
    "name": "n", "status": "Failed", "reason": "r", "arn": "arn", "elapsed": 2.0, "polls": 3, "log_group": "/g",
    "response": ("described",), "log_tail": (),
}  # fmt: skip
FRESH: dict[str, Any] = dict.fromkeys(WAIT) | {"name": "n", "elapsed": 0.0, "polls": 0, "log_tail": ()}


@pytest.mark.parametrize(
    "cls", [errors.WaitError, errors.WaitFailedError, errors.WaitStoppedError, errors.WaitTimeoutError]
)
def test_the_end_of_a_wait(cls: Any) -> None:
    given = {name: value for name, value in WAIT.items() if name != "log_tail"}
    retryable = cls is errors.WaitTimeoutError
    assert told(cls("m", **given), *WAIT) == [NOTHING | {"message": "m", "retryable": retryable} | WAIT] * len(COPIES)
    assert told(cls("m", name="n"), *WAIT) == [NOTHING | {"message": "m", "retryable": retryable} | FRESH] * len(COPIES)


def test_an_update_that_was_rolled_back() -> None:
    error: errors.WaitFailedError[Any] = errors.WaitFailedError("m", name="n")
    assert error.rolled_back is None
    error.rolled_back = Rollback("new", "old")
    assert error.rolled_back.complete is True
    for made in (each(error) for each in COPIES):
        assert made.rolled_back == Rollback("new", "old", True)


def test_a_report_with_failures_is_raised() -> None:
    fine: WaitReport[Any] = WaitReport(succeeded={"a": 1})
    fine.raise_for_failures()
    for place, problem in (
        ("failed", errors.SageMakerError("m")),
        ("stopped", errors.WaitStoppedError("m", name="b")),
        ("pending", errors.WaitTimeoutError("m", name="b")),
        ("missing", errors.ResourceNotFoundError({}, "DescribeModel")),
    ):
        report: WaitReport[Any] = WaitReport(succeeded={"a": 1}, **{place: {"b": problem}})  # type: ignore[arg-type]
        assert (report.ok, report.problems) == (False, {"b": problem})
        with pytest.raises(errors.WaitReportError) as caught:
            report.raise_for_failures()
        assert (str(caught.value), caught.value.report, caught.value.name) == (report.summary, report, "")
        for made in (each(caught.value) for each in COPIES):
            assert str(made) == report.summary
            assert (made.report.counts, list(getattr(made.report, place))) == (report.counts, ["b"])
            assert (made.name, made.status, made.polls) == ("", None, 0)


def test_a_resource_that_differs() -> None:
    differences = [errors.Difference("a.b", "1", "2"), errors.Difference("c", "nothing", "'x'")]
    error = errors.ResourceDiffersError("training job", "n", differences, ("described",))
    error.mine = 1  # type: ignore[attr-defined]
    for made in (each(error) for each in COPIES):
        assert (made.kind, made.name, made.differences) == ("training job", "n", tuple(differences))
        assert (made.response, made.mine) == (("described",), 1)
        lines = ["training job 'n' exists already with other settings:", "a.b: requested 1, found 2"]
        assert str(made) == "\n  ".join([*lines, "c: requested nothing, found 'x'"])
    assert errors.ResourceDiffersError("job", "n", []).response is None

"""What a caller or a service sends costs time that grows with its size and no faster, and messages quote a short piece.

The limits on time are guards against a hang: what they guard against took minutes, or for ever.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import FrameType
from typing import Any

import botocore.session
import pytest

from sagemaker_typed import SageMaker, from_boto3, to_boto3, types
from sagemaker_typed._core.convert.floats import plain_floats
from sagemaker_typed._core.hints import nearest
from sagemaker_typed._core.messages import meaning_of, read
from sagemaker_typed._core.options import Options
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._core.validate import check
from sagemaker_typed._waiting.options import WaitOptions
from sagemaker_typed.errors import (
    ConversionError,
    InvalidRequestError,
    InvalidRequestWarning,
    Problem,
)
from sagemaker_typed.types._service import SERVICE
from tests.contract import model
from tests.support.adversary import texts
from tests.support.model_server import ModelServer

MEGABYTE = 1_000_000
MESSAGE = 1_500
"""Characters that a message about one value may have."""


def named(value: object) -> str:
    """The id of a case whose value is long."""
    return type(value).__name__


@contextmanager
def no_hang(seconds: float = 20) -> Iterator[None]:
    """Fail where the block takes that long; `re` looks for signals while it matches."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- patterns ---------------------------------------------------------------------------------------------------------


def _patterns() -> dict[str, int | None]:
    """Each pattern of the model that Python can compile, and the longest maximum that comes with it; None without one."""
    found: dict[str, int | None] = {}
    service: Any = botocore.session.get_session().get_service_model("sagemaker")
    for name in service.shape_names:
        metadata = service.shape_for(name).metadata
        pattern, most = metadata.get("pattern"), metadata.get("max")
        if pattern is None or service.shape_for(name).type_name != "string":
            continue
        try:
            re.compile(pattern)
        except re.error:
            continue
        before = found.get(pattern, 0)
        found[pattern] = None if most is None or before is None else max(before, most)
    return found


PATTERNS = _patterns()


def _check_of(pattern: str, most: int | None) -> Callable[[str], list[Problem]]:
    """The check of a text with this pattern."""
    from sagemaker_typed._core.validate import _text
    from sagemaker_typed.structure import Rule

    test = _text(Rule(pattern=pattern, max=most))

    def problems(text: str) -> list[Problem]:
        found: list[Problem] = []
        test(text, "x", found.append)
        return found

    return problems


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_no_pattern_of_the_model_can_be_made_to_hang(pattern: str) -> None:
    most = PATTERNS[pattern]
    problems = _check_of(pattern, most)
    with no_hang():
        for text in texts(pattern, min(most or 3_000, 3_000)):
            problems(text)
        # Long ones: a few, as they also cost time to make.
        for number, text in enumerate(texts(pattern, 100_000)):
            for found in problems(text):
                assert len(str(found)) < MESSAGE + len(pattern)
            if number > 20:
                break


def _match_all(compiled: re.Pattern[str], tried: Iterator[str]) -> None:
    for text in tried:
        compiled.fullmatch(text)


def test_the_texts_would_find_a_pattern_that_hangs() -> None:
    for pattern in (r"[a-z0-9]([-a-z0-9]*[a-z0-9]){0,39}?", r"(a+)+", r"([a-z]+/?){3,1016}", r"[0-9]*.[0-9]*.[0-9]*x"):
        compiled = re.compile(pattern)
        with pytest.raises(TimeoutError), no_hang(1):
            _match_all(compiled, texts(pattern, 20_000))


def test_a_text_above_the_maximum_is_not_held_against_the_pattern() -> None:
    """`[0-9]*.[0-9]*.[0-9]*` takes a time that grows with the cube of the length."""
    request = types.CreateMlflowTrackingServerRequest(
        tracking_server_name="t",
        artifact_store_uri="s3://b/k",
        role_arn="arn:aws:iam::123456789012:role/SageMaker",
        mlflow_version="1" * MEGABYTE + "!",
    )
    with no_hang(), pytest.raises(InvalidRequestError) as caught:
        check(request, "strict")
    assert [problem.rule for problem in caught.value.problems] == ["max"]
    assert len(str(caught.value)) < MESSAGE


# --- texts of the service ---------------------------------------------------------------------------------------------

MEANINGS = ("malformed", "not_found", "already_exists", "in_use", "conflict")
PHRASES = sorted({phrase.pattern for name in MEANINGS for phrase in getattr(SERVICE.wording, name).phrases})


@pytest.mark.parametrize("pattern", PHRASES)
def test_no_message_of_the_service_can_make_reading_hang(pattern: str) -> None:
    with no_hang(60):
        for number, message in enumerate(texts(pattern, MEGABYTE)):
            for code in ("ValidationException", "ResourceInUse", "ConflictException"):
                meaning_of(message, code, "CreateModel", SERVICE.wording)
            said = read(message, "CreateModel", SERVICE.wording)
            assert all(len(part or "") <= 2_000 for part in said)
            if number >= 10:
                break
        for message in texts(pattern, 2_000):
            meaning_of(message, "ValidationException", "CreateModel", SERVICE.wording)


def test_a_message_that_is_an_arn_after_an_arn_does_not_hang() -> None:
    with no_hang():
        for text in ("arn:aws:" * 100_000, "arn:aws:sagemaker:a:1:" + "b/" * MEGABYTE, "arn:" + "-" * MEGABYTE):
            read(text, "DescribeModel", SERVICE.wording)


@pytest.mark.parametrize(
    "text", ["1" * 400_000, "2026-01-01T00:00:00." + "0" * 400_000 + "Z", "Mon " * 100_000, "9" * 65], ids=named
)
def test_a_long_text_is_no_timestamp(text: str) -> None:
    with no_hang():
        with pytest.raises(ConversionError) as read_as:
            from_boto3(types.DescribeModelOutput, {"ModelName": "m", "CreationTime": text})
        request: Any = types.ListModelsInput(creation_time_after=text)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequestError) as sent:
            check(request, "standard")
        with pytest.raises(InvalidRequestError) as converted:
            to_boto3(request)
    assert all(len(str(caught.value)) < MESSAGE for caught in (read_as, sent, converted))


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), 10**5000, 1e300, float("nan"), float("inf"), [0] * MEGABYTE, object()], ids=named
)
def test_what_is_no_timestamp_is_a_short_typed_error(value: Any) -> None:
    with pytest.raises(ConversionError) as caught:
        from_boto3(types.DescribeModelOutput, {"CreationTime": value})
    assert "CreationTime" in str(caught.value)
    assert len(str(caught.value)) < MESSAGE
    with pytest.raises(InvalidRequestError) as refused:
        check(types.ListModelsInput(creation_time_after=value), "standard")
    assert len(str(refused.value)) < MESSAGE


def test_an_enum_of_a_megabyte_is_read_and_a_wrong_one_is_quoted_short() -> None:
    text = "Comp" * (MEGABYTE // 4)
    with no_hang():
        status = from_boto3(types.DescribeCompilationJobResponse, {"CompilationJobStatus": text}).compilation_job_status
        assert status == text
        request = types.ListCompilationJobsRequest(status_equals=text)  # type: ignore[arg-type]
        with pytest.warns(InvalidRequestWarning) as told:
            check(request, "standard")
        assert nearest(text, ["COMPLETED"]) is None
    assert len(str(told[0].message)) < MESSAGE
    for value in ([text], {text: text}, 10**5000):
        with pytest.raises(ConversionError) as caught:
            from_boto3(types.DescribeCompilationJobResponse, {"CompilationJobStatus": value})
        assert len(str(caught.value)) < MESSAGE


def test_a_name_of_a_megabyte_is_no_attribute() -> None:
    sm = SageMaker(region="us-west-2")
    with no_hang():
        for owner in (sm, sm.api, sm.compilation_jobs, types.TargetDevice):
            with pytest.raises(AttributeError) as caught:
                getattr(owner, "describe_" * (MEGABYTE // 9))
            assert len(str(caught.value)) < 5_000


# --- depth and numbers ------------------------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    expression: Any = types.SearchExpression(filters=[types.Filter(name="x")])
    for _ in range(levels):
        expression = types.SearchExpression(sub_expressions=[expression])
    return types.SearchRequest(resource="TrainingJob", search_expression=expression)


def test_structures_nested_too_deeply_are_refused(sm: SageMaker) -> None:
    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        check(deep(5_000), "standard")
    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        to_boto3(deep(5_000))
    body: dict[str, Any] = {}
    for _ in range(5_000):
        body = {"SubExpressions": [body]}
    with pytest.raises(ConversionError, match="nested too deeply"):
        from_boto3(types.SearchExpression, body)
    for levels in (100, 200, 300, 400, 600, 900, 5_000):  # somewhere between, botocore recurses deeper than we do
        with suppress(InvalidRequestError):
            sm.send(deep(levels))


def test_a_structure_that_holds_itself_is_refused() -> None:
    request: Any = deep(1)
    request.search_expression.sub_expressions = [request.search_expression]
    with pytest.raises(InvalidRequestError, match="contain themselves"):
        check(request, "standard")


def test_an_integer_of_thousands_of_digits_is_refused_by_whoever_finds_it(sm: SageMaker) -> None:
    request = types.ListModelsInput(max_results=10**5000)
    with pytest.warns(InvalidRequestWarning, match="an integer of 16610 bits"):
        check(request, "standard")
    with pytest.raises(InvalidRequestError, match="cannot be written as JSON"):
        sm.send(request)


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), 10**5000, 1e300, "1" * MEGABYTE, [0] * MEGABYTE, float("nan")], ids=named
)
def test_what_is_no_time_is_a_short_typed_error(value: Any) -> None:
    for make in (lambda: Options.of(value, None), lambda: WaitOptions(timeout=value), lambda: WaitOptions(poll=value)):
        with pytest.raises(InvalidRequestError) as caught:
            make()
        assert len(str(caught.value)) < MESSAGE


def test_an_error_of_many_problems_lists_some_and_has_all() -> None:
    tags: Any = [types.Tag(key=None, value=None) for _ in range(5_000)]  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError) as caught:
        check(types.AddTagsInput(resource_arn="arn", tags=tags), "strict")
    assert len(caught.value.problems) > 10_000
    assert len(str(caught.value)) < 10_000
    assert "more, in the `problems` of this error" in str(caught.value)


@pytest.mark.parametrize(
    "value", ["x" * MEGABYTE, b"x" * MEGABYTE, [["x" * 999] * 999] * 999, {"x": "y" * MEGABYTE}, 10**9999], ids=named
)
def test_a_quotation_is_short(value: Any) -> None:
    assert len(quoted(value)) < 500


def test_a_short_value_is_quoted_as_python_writes_it() -> None:
    for value in (
        "a'b",
        b"ab",
        7,
        -1.5,
        None,
        True,
        [1, "a"],
        {"a": [1]},
        (),
        Decimal("1.5"),
        datetime(2026, 1, 1, tzinfo=UTC),
    ):
        assert quoted(value) == repr(value)
    assert quoted(types.TargetDevice.ML_C5) == "'ml_c5'"


# --- numbers that JSON lacks ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(model.MODEL) as running:
        yield running


@pytest.fixture
def sm(server: ModelServer) -> Iterator[SageMaker]:
    server.clear()
    with SageMaker(session=model.session(), endpoint_url=server.url, validation="off") as made:
        yield made


NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or (one != one and other != other))


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize("number", [float, Decimal])
def test_they_are_sent_as_texts(text: str, number: type, server: ModelServer, sm: SageMaker) -> None:
    weights: Any = [types.DesiredWeightAndCapacity(variant_name="A", desired_weight=number(text))]
    server.respond("UpdateEndpointWeightsAndCapacities", {"EndpointArn": "arn"})
    sm.send(types.UpdateEndpointWeightsAndCapacitiesInput(endpoint_name="cats", desired_weights_and_capacities=weights))
    (sent,) = server.requests
    assert b"NaN," not in sent.raw_body.replace(b'"NaN"', b"")
    assert sent.body["DesiredWeightsAndCapacities"] == [{"VariantName": "A", "DesiredWeight": text}]


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize("number", [float, Decimal])
def test_an_older_botocore_is_given_the_texts(text: str, number: type) -> None:
    odd = number(text)
    given = {"A": [1, odd, {"B": odd}], "C": odd, "D": 1.5, "E": "x", "F": Decimal("2.5"), "G": True}
    found = plain_floats(given)
    assert found == {"A": [1, text, {"B": text}], "C": text, "D": 1.5, "E": "x", "F": 2.5, "G": True}
    assert type(found["F"]) is float
    looped: dict[str, Any] = {}
    looped["A"] = looped
    assert plain_floats(looped) is looped


@pytest.mark.parametrize("text", NUMBERS)
def test_and_read_of_texts(text: str, server: ModelServer, sm: SageMaker) -> None:
    value = {"StringValue": "x"}
    body = {
        "TrialComponentName": "c",
        "Parameters": {"a": {"NumberValue": text}, "b": value},
        "Metrics": [{"Max": text}],
    }
    server.respond("DescribeTrialComponent", body)
    answer = sm.trial_components.describe("c")
    assert answer.parameters is not None
    assert answer.metrics is not None
    assert same(answer.parameters["a"].number_value, NUMBERS[text])
    assert same(answer.metrics[0].max, NUMBERS[text])
    assert answer.parameters["b"].string_value == "x"
    told = from_boto3(types.DescribeTrialComponentResponse, body)
    assert told.parameters is not None
    assert same(told.parameters["a"].number_value, NUMBERS[text])
    # Back out, boto3's form is the number.
    assert same(to_boto3(told)["Parameters"]["a"]["NumberValue"], NUMBERS[text])


def test_a_text_member_with_such_a_text_stays_a_text() -> None:
    value = from_boto3(types.TrialComponentParameterValue, {"StringValue": "NaN"})
    assert value.string_value == "NaN"


def test_a_list_of_floats_reads_them() -> None:
    """No list of the model holds floats; the hook is that of every type."""
    from sagemaker_typed._core.convert.converter import Converter

    read_as: Any = Converter().structure(["NaN", 1.5, "Infinity"], list[float])
    assert [str(item) for item in read_as] == ["nan", "1.5", "inf"]


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 10**400, 10**5000], ids=named)
def test_odd_numbers_are_spoken_of(value: Any) -> None:
    weight = types.DesiredWeightAndCapacity(variant_name="A", desired_weight=value)
    request = types.UpdateEndpointWeightsAndCapacitiesInput(endpoint_name="e", desired_weights_and_capacities=[weight])
    with pytest.raises(InvalidRequestError) as caught:
        check(request, "strict")
    assert "finite" in {problem.rule for problem in caught.value.problems}

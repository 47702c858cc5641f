"""What each level of validation refuses, and of what it only warns, by the rule that a value breaks."""

from __future__ import annotations

import math
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest

from sagemaker_typed import from_boto3
from sagemaker_typed._core.streams import Payload
from sagemaker_typed._core.validate import _of_type, check
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.errors import InvalidRequestError, InvalidRequestWarning, Problem
from sagemaker_typed.structure import Rule
from sagemaker_typed.types import (
    AddTagsInput,
    AutoMLProblemTypeConfig,
    CreateCompilationJobRequest,
    CreateModelInput,
    SearchExpression,
    SearchRequest,
    TabularJobConfig,
    TextGenerationJobConfig,
    UpdateEndpointWeightsAndCapacitiesInput,
)

ARN = "arn:aws:sagemaker:us-west-2:123456789012:endpoint/e"
ROLE = "arn:aws:iam::123456789012:role/SageMaker"


def tags(**tag: Any) -> Any:
    return from_boto3(AddTagsInput, {"ResourceArn": ARN, "Tags": [{"Key": "k", "Value": "v", **tag}]})


def weight(value: Any) -> Any:
    desired = [{"VariantName": "A", "DesiredWeight": value}]
    plain = {"EndpointName": "e", "DesiredWeightsAndCapacities": desired}
    return from_boto3(UpdateEndpointWeightsAndCapacitiesInput, plain)


def compilation(**config: Any) -> Any:
    inputs = {"S3Uri": "s3://b/model.tar.gz", "Framework": "PYTORCH", "DataInputConfig": '{"input0": [1]}', **config}
    plain = {"CompilationJobName": "a", "RoleArn": ROLE, "InputConfig": inputs, "StoppingCondition": {}}
    output = {"S3OutputLocation": "s3://b/out/", "TargetDevice": "ml_c5"}
    return from_boto3(CreateCompilationJobRequest, {**plain, "OutputConfig": output})


# The model refuses what cannot be right; of what the service may have loosened since, `standard` only warns.
BROKEN = [
    (tags(Key=5), "type", "tags[0].key", False),
    (tags(Key=""), "min", "tags[0].key", False),
    (tags(Key=None), "required", "tags[0].key", False),
    (tags(Key="k" * 129), "max", "tags[0].key", True),
    (CreateModelInput(model_name="!!"), "pattern", "model_name", True),
    (compilation(Framework="NEWER"), "enum", "input_config.framework", True),
    (weight(math.inf), "finite", "desired_weights_and_capacities[0].desired_weight", True),
    (compilation(S3Uri="s3://b/model.zip"), "suffix", "input_config.s3_uri", True),
    (compilation(DataInputConfig="{'input0': [1]}"), "json_quotes", "input_config.data_input_config", True),
]


@pytest.mark.parametrize(("request_", "rule", "path", "warned"), BROKEN, ids=[rule for _, rule, *_ in BROKEN])
def test_each_level_and_each_rule(request_: Any, rule: str, path: str, warned: bool) -> None:
    check(request_, "off")
    for level, refused in (("standard", not warned), ("strict", rule != "json_quotes")):
        if refused:
            with pytest.raises(InvalidRequestError) as caught:
                check(request_, level)  # type: ignore[arg-type]
            assert [(problem.path, problem.rule) for problem in caught.value.problems] == [(path, rule)]
            assert type(request_).__name__.startswith(caught.value.request or "?")
        else:
            with pytest.warns(InvalidRequestWarning) as told:
                check(request_, level)  # type: ignore[arg-type]
            (warning,) = told
            operation = type(request_).__name__.removesuffix("Request").removesuffix("Input")
            assert str(warning.message).startswith(f"{operation}: {path}: ")


def test_an_error_has_only_what_cannot_be_right() -> None:
    """On `standard` nothing is warned of beside an error; `strict` lists both."""
    request = tags(Key="k" * 129, Value=5)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(InvalidRequestError) as caught:
            check(request, "standard")
    assert told == []
    assert [problem.rule for problem in caught.value.problems] == ["type"]
    with pytest.raises(InvalidRequestError) as caught:
        check(request, "strict")
    assert [problem.rule for problem in caught.value.problems] == ["max", "type"]


def test_each_problem_is_a_warning_of_its_own() -> None:
    with pytest.warns(InvalidRequestWarning) as told:
        check(tags(Key="k" * 129, Value="v" * 257), "standard")
    assert len(told) == 2


@pytest.mark.parametrize("level", ["standard", "strict"])
def test_what_is_right_is_neither_refused_nor_warned_of(level: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for request in (tags(), weight(0.5), compilation(), CreateModelInput(model_name="m")):
            check(request, level)


@pytest.mark.parametrize("level", ["standard", "strict"])
def test_what_holds_itself_is_refused(level: Any) -> None:
    loop = SearchExpression()
    loop.sub_expressions = [loop]
    with pytest.raises(InvalidRequestError) as caught:
        check(SearchRequest(resource="Experiment", search_expression=loop), level)
    text = "structures are nested too deeply to be checked, or contain themselves"
    assert list(caught.value.problems) == [("", "type", text)]
    check(SearchRequest(resource="Experiment", search_expression=loop), "off")


# --- parts ------------------------------------------------------------------------------------------------------------


def found(type_: Any, value: Any, rule: Rule | None = None) -> list[tuple[str, str]]:
    problems: list[Problem] = []
    _of_type(type_, rule or Rule())(value, "at", problems.append)
    return [(problem.path, problem.rule) for problem in problems]


SHORT = Rule(max=1)


def test_rules_of_items_and_keys() -> None:
    assert found(list[str], ["a", "bc"], Rule(items=SHORT)) == [("at[1]", "max")]
    assert found(list[list[str]], [["a"], ["bc"]], Rule(items=Rule(items=SHORT))) == [("at[1][0]", "max")]
    assert found(dict[str, str], {"a": "bc"}, Rule(items=SHORT)) == [("at['a']", "max")]
    assert found(dict[str, str], {"ab": "c"}, Rule(keys=SHORT)) == [("at (key 'ab')", "max")]
    assert found(dict[str, str], {"ab": "cd"}) == found(list[str], ["ab"]) == []


def test_a_union_has_one_member() -> None:
    """Of those that this version does not know as well: https://smithy.io/2.0/spec/aggregate-types.html#union"""
    one = {"tabular_job_config": TabularJobConfig(target_attribute_name="t")}
    two = {**one, "text_generation_job_config": TextGenerationJobConfig()}
    for members, unknown, broken in (
        (one, {}, False), ({}, {}, True), (two, {}, True), ({}, {"New": 1}, False), (one, {"New": 1}, True),
    ):  # fmt: skip
        union = AutoMLProblemTypeConfig(**members)
        union.unknown_members = unknown
        assert found(AutoMLProblemTypeConfig, union) == ([("at", "union")] if broken else [])
    problems: list[Problem] = []
    _of_type(AutoMLProblemTypeConfig, Rule())(AutoMLProblemTypeConfig(**two), "at", problems.append)  # type: ignore[arg-type]
    (problem,) = problems
    assert problem.detail == "AutoMLProblemTypeConfig is a union: exactly one member must be set, not 2"


def test_times() -> None:
    noon = datetime(2026, 1, 1, 12)
    assert found(datetime, noon.replace(tzinfo=UTC)) == found(datetime, 5) == found(datetime, "2026-01-01T12:00Z") == []
    assert found(datetime, noon) == found(datetime, "2026-01-01T12:00") == [("at", "timezone")]
    assert found(datetime, "noon") == found(datetime, b"") == [("at", "type")]


def test_bodies() -> None:
    for body in (b"x", bytearray(b"x"), "x", BytesIO(b"x"), StringIO("x")):
        assert found(Payload, body) == []
    for wrong in (5, {"a": 1}, [b"x"], memoryview(b"x")):
        assert found(Payload, wrong) == [("at", "type")]


def test_a_number_that_is_none_has_no_bounds() -> None:
    for nan in (math.nan, Decimal("NaN"), Decimal("sNaN")):
        assert found(float, nan, Rule(min=1, max=2)) == [("at", "finite")]


@pytest.mark.parametrize(("count", "end"), [(39, "V38"), (40, "V39"), (41, "V39, ... (41 values)")])
def test_forty_values_of_an_enum_are_listed(count: int, end: str) -> None:
    metaclass: Any = type(OpenEnum)
    values: Any = metaclass("Values", (OpenEnum,), _members(count))
    problems: list[Problem] = []
    _of_type(values, Rule())("zz", "at", problems.append)
    (problem,) = problems
    assert problem.detail.endswith(f", {end}")


def _members(count: int) -> Any:
    space: Any = type(OpenEnum).__prepare__("Values", (OpenEnum,))
    for number in range(count):
        space[f"V{number}"] = f"V{number}"
    return space

"""What this version does not know passes through it: members, enum values and union variants, at every depth."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from sagemaker_typed import SageMaker, from_boto3, to_boto3, types
from sagemaker_typed.errors import InvalidRequestError
from sagemaker_typed.structure import is_union
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support import samples
from tests.support.model_server import ModelServer

NEW = "ZzNew"
VALUE = {"Deep": [1, None, {"x": 2.5}], "Time": 1700000000.5}
TEXT = "zz.New-Value/1"


def with_unknown_members(shape: Any, value: Any) -> Any:
    """With one more member in each structure."""
    return model.rewrite(shape, value, structure=lambda _, members: {**members, NEW: VALUE})


def with_unknown_variants(shape: Any, value: Any) -> Any:
    """With a variant that nobody knows in place of each union."""
    return model.rewrite(
        shape, value, structure=lambda shape, members: {NEW: VALUE} if shape.is_tagged_union else members
    )


def with_unknown_values(shape: Any, value: Any) -> Any:
    """With a text that nobody knows in place of each enum value."""
    return model.rewrite(shape, value, leaf=lambda shape, value: TEXT if model.is_enum(shape) else value)


def send(sm: SageMaker, operation: str) -> Any:
    return sm.send(from_boto3(model.request_class(operation), model.minimal_request(operation)))


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITH_OUTPUT)
def test_members_of_a_response_are_kept_where_they_stand(operation: str, server: ModelServer, sm: SageMaker) -> None:
    shape = model.output_shape(operation)
    for plain in model.filled(shape):
        expected = with_unknown_members(shape, plain)
        server.respond(operation, with_unknown_members(shape, samples.to_wire(shape, plain)))
        response = send(sm, operation)
        assert list(differences(shape, response, expected)) == []
        assert [dict(each.unknown_members) for each in model.structures_in(response)] == [
            {NEW: VALUE} for _ in model.structures_in(response)
        ]
        assert list(unlike(model.without_metadata(to_boto3(response)), expected)) == []


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_members_of_a_request_are_kept_but_cannot_be_sent(operation: str, server: ModelServer, sm: SageMaker) -> None:
    """boto3 sends nothing that its model does not know."""
    shape = model.input_shape(operation)
    for plain in model.filled(shape):
        expected = with_unknown_members(shape, plain)
        request = from_boto3(model.request_class(operation), expected)
        assert list(differences(shape, request, expected)) == []
        assert list(unlike(to_boto3(request), expected)) == []
        with pytest.raises(InvalidRequestError) as caught:
            sm.send(request)
        assert len(caught.value.problems) == len(list(model.structures_in(request)))
        for problem in caught.value.problems:
            assert problem.rule == "unknown"
            assert problem.path.rpartition(".")[2] == NEW
        assert caught.value.request == operation
    assert server.requests == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({NEW: 1}, (f"optimization_configs[0].{NEW}", "unknown")),
        ({NEW: 1, f"{NEW}er": 1}, ("optimization_configs[0]", "union")),
        ({NEW: 1, "ModelCompilationConfig": {}}, ("optimization_configs[0]", "union")),
        ({}, ("optimization_configs[0]", "union")),
    ],
)
def test_an_unknown_variant_is_the_one_that_a_union_has(
    config: dict[str, Any], problem: tuple[str, str], server: ModelServer, strict: SageMaker
) -> None:
    """It cannot be sent, but nothing is wrong with the union: a newer botocore would send it."""
    plain = {**model.minimal_request("CreateOptimizationJob"), "OptimizationConfigs": [config]}
    with pytest.raises(InvalidRequestError) as caught:
        strict.send(from_boto3(model.request_class("CreateOptimizationJob"), plain))
    assert [(each.path, each.rule) for each in caught.value.problems] == [problem]
    assert server.requests == []


def test_a_path_leads_to_an_unknown_member(server: ModelServer, sm: SageMaker, borrowed: SageMaker) -> None:
    shape = model.input_shape("CreateAutoMLJobV2")
    plain = {
        "AutoMLProblemTypeConfig": {
            "TimeSeriesForecastingJobConfig": {"CandidateGenerationConfig": {"AlgorithmsConfig": [{}, {NEW: 1}]}}
        },
        "Tags": [{"Key": "a", NEW: 1}],
    }
    request = from_boto3(model.request_class("CreateAutoMLJobV2"), plain)
    assert list(differences(shape, request, plain)) == []
    for client in (sm, borrowed):
        with pytest.raises(InvalidRequestError) as caught:
            client.send(request)
        assert {problem.path for problem in caught.value.problems} == {
            "auto_ml_problem_type_config.time_series_forecasting_job_config.candidate_generation_config"
            f".algorithms_config[1].{NEW}",
            f"tags[0].{NEW}",
        }
    assert server.requests == []


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_enum_values_of_a_request_are_kept(operation: str) -> None:
    """What is kept is sent: the body is what boto3 makes of this dict."""
    shape = model.input_shape(operation)
    for plain in model.filled(shape):
        params = with_unknown_values(shape, plain)
        request = from_boto3(model.request_class(operation), params)
        assert list(differences(shape, request, params)) == []
        assert list(unlike(to_boto3(request), params)) == []


def test_an_enum_value_of_a_request_is_sent(server: ModelServer, sm: SageMaker, checked: SageMaker) -> None:
    device: Any = "zz.New-Value/1"
    config = types.OutputConfig(s3_output_location="s3://b/o", target_device=device)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        for client in (sm, checked):
            client.compilation_jobs.create(
                "resnet",
                role_arn="arn:aws:iam::123456789012:role/role",
                output_config=config,
                stopping_condition=types.StoppingCondition(),
            )
    for request in server.requests:
        assert request.body["OutputConfig"] == {"S3OutputLocation": "s3://b/o", "TargetDevice": "zz.New-Value/1"}
    assert len(server.requests) == 2


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITH_OUTPUT)
def test_enum_values_of_a_response_are_kept(operation: str, server: ModelServer, sm: SageMaker) -> None:
    shape = model.output_shape(operation)
    for plain in model.filled(shape):
        expected = with_unknown_values(shape, plain)
        body = samples.to_wire(shape, expected)
        server.respond(operation, body)
        own = send(sm, operation)
        from_dict = from_boto3(model.response_class(operation), model.boto3_reads(operation, body))
        assert own == from_dict
        for response in (own, from_dict):
            assert list(differences(shape, response, expected)) == []
            assert list(unlike(model.without_metadata(to_boto3(response)), expected)) == []


UNIONS = tuple(
    name
    for name in model.WITH_OUTPUT
    if any(
        with_unknown_variants(model.output_shape(name), plain) != plain
        for plain in model.filled(model.output_shape(name))
    )
)


@pytest.mark.parametrize("operation", UNIONS)
def test_union_variants_are_tolerated(operation: str, server: ModelServer, sm: SageMaker, borrowed: SageMaker) -> None:
    shape = model.output_shape(operation)
    for plain in model.filled(shape):
        expected = with_unknown_variants(shape, plain)
        server.respond(operation, with_unknown_variants(shape, samples.to_wire(shape, plain)))
        own = send(sm, operation)
        assert list(differences(shape, own, expected)) == []
        unions = [each for each in model.structures_in(own) if is_union(type(each))]
        assert [dict(each.unknown_members) for each in unions] == [{NEW: VALUE}] * len(unions)
        assert list(unlike(model.without_metadata(to_boto3(own)), expected)) == []
        # boto3 would keep the variant's name alone.
        assert list(differences(shape, send(borrowed, operation), expected)) == []


def test_there_are_unions_in_responses() -> None:
    assert len(UNIONS) >= 10

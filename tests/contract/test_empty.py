"""None is absent; what is empty, zero or false is not. And null is None, wherever it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3, to_boto3
from sagemaker_typed.structure import Response, members_of
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support import samples
from tests.support.model_server import ModelServer

EMPTY = {
    "string": "",
    "integer": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "boolean": False,
    "timestamp": datetime(1970, 1, 1, tzinfo=UTC),
}


def hollow(shape: Any, value: Any) -> Any:
    """Every member there, and each as empty as its type allows; lists and maps keep what holds structures."""

    def leaf(shape: Any, value: Any) -> Any:
        return EMPTY[shape.type_name]

    return model.rewrite(shape, value, leaf=leaf)


def bare(shape: Any, value: Any) -> Any:
    """Every member there, and every list and map empty; of the structures below no more than there has to be."""
    return {name: _bare(shape.members[name], member) for name, member in value.items()}


def _bare(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "list":
            return []
        case "map":
            return {}
        case "structure":
            needed = {
                name: each for name, each in value.items() if shape.is_tagged_union or name in shape.required_members
            }
            return bare(shape, needed)
        case scalar:
            return EMPTY[scalar]


def with_nulls(shape: Any, value: Any) -> Any:
    """In each structure every member that holds no other is null. A union holds one that is not: boto3 insists."""

    def nulled(shape: Any, members: dict[str, Any]) -> dict[str, Any]:
        if shape.is_tagged_union:
            return members
        return {name: value if holds_structures(shape.members[name]) else None for name, value in members.items()}

    return model.rewrite(shape, value, structure=nulled)


def holds_structures(shape: Any) -> bool:
    while shape.type_name in ("list", "map"):
        shape = shape.member if shape.type_name == "list" else shape.value
    return bool(shape.type_name == "structure")


def send(sm: SageMaker, operation: str) -> Any:
    return sm.send(from_boto3(model.request_class(operation), model.minimal_request(operation)))


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_what_is_empty_in_a_request_is_sent(operation: str, server: ModelServer, sm: SageMaker) -> None:
    shape = model.input_shape(operation)
    for plain in model.filled(shape):
        for params in (hollow(shape, plain), bare(shape, plain)):
            request = from_boto3(model.request_class(operation), params)
            assert list(differences(shape, request, params)) == []
            assert list(unlike(to_boto3(request), params)) == []
        sm.send(request)  # the barer one
        body = server.requests[-1].body
        assert body == model.boto3_writes(operation, params)
        assert body.keys() == params.keys()


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITH_OUTPUT)
def test_what_is_empty_in_a_response_is_not_none(operation: str, server: ModelServer, sm: SageMaker) -> None:
    shape = model.output_shape(operation)
    for plain in model.filled(shape):
        for expected in (hollow(shape, plain), bare(shape, plain)):
            body = samples.to_wire(shape, expected)
            from_dict = from_boto3(model.response_class(operation), model.boto3_reads(operation, body))
            assert list(differences(shape, from_dict, expected)) == []
            assert list(unlike(to_boto3(from_dict), expected)) == []
        server.respond(operation, body)  # the barer one
        own = send(sm, operation)
        assert own == from_dict
        assert list(unlike(model.without_metadata(to_boto3(own)), expected)) == []


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.WITH_OUTPUT)
def test_what_is_null_in_a_response_is_none(operation: str, server: ModelServer, sm: SageMaker) -> None:
    shape, cls = model.output_shape(operation), model.response_class(operation)
    for plain in model.filled(shape):
        expected = with_nulls(shape, plain)
        read = from_boto3(cls, model.boto3_reads(operation, expected))
        assert list(differences(shape, read, expected)) == []
        server.respond(operation, expected)
        if shape.required_members and all(expected[name] is None for name in shape.required_members):
            with pytest.raises(errors.TransportError, match="none of its required members"):
                send(sm, operation)
        else:
            assert send(sm, operation) == read


def assert_holds_nothing(response: Response) -> None:
    assert not any(getattr(response, member.field) is not None for member in members_of(type(response)))
    assert not response.unknown_members
    assert model.without_metadata(to_boto3(response)) == {}


def test_an_answer_of_nulls_or_of_nothing_holds_nothing(
    server: ModelServer, sm: SageMaker, borrowed: SageMaker
) -> None:
    shape = model.output_shape("ListTags")  # which requires nothing of it
    assert not shape.required_members
    for body in ({}, dict.fromkeys(shape.members)):
        server.respond("ListTags", body)
        for client in (sm, borrowed):
            assert_holds_nothing(send(client, "ListTags"))


def test_null_stands_for_an_item_too(server: ModelServer, sm: SageMaker) -> None:
    server.respond(
        "ListCompilationJobs", {"CompilationJobSummaries": [None, {"CompilationJobName": "c"}], "NextToken": None}
    )
    page: Any = send(sm, "ListCompilationJobs")
    assert page.compilation_job_summaries[0] is None
    assert page.compilation_job_summaries[1].compilation_job_name == "c"
    assert page.next_token is None


def test_null_stands_for_an_item_of_every_kind() -> None:
    """Also of a list or a map whose items need no conversion: None is not the text \"None\"."""
    for name, wire, items in (
        ("NeoVpcConfig", "Subnets", ["a", None]),
        ("DescribeModelOutput", "Containers", [None]),
        ("ContainerDefinition", "Environment", {"A": None}),
        ("CreateNotebookInstanceInput", "AcceleratorTypes", [None]),
    ):
        value = from_boto3(model.structure(name), {wire: items})
        assert to_boto3(value) == {wire: items}


def test_a_scalar_of_another_type_is_kept_as_it_is() -> None:
    """As boto3 keeps it: what the service sends is not bent to what the model says."""
    for name, wire, item in (
        ("FinalHyperParameterTuningJobObjectiveMetric", "Value", 1),
        ("MetricData", "Value", "0.5"),
        ("NeoVpcConfig", "Subnets", [7]),
        ("Tag", "Value", 7),
        ("CreateModelInput", "EnableNetworkIsolation", "false"),
    ):
        value = from_boto3(model.structure(name), {wire: item})
        assert list(unlike(to_boto3(value), {wire: item})) == []

"""What a request puts on the wire is what boto3 puts there for the same dict."""

from __future__ import annotations

import inspect
from typing import Any
from uuid import UUID

import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from sagemaker_typed import Pages, SageMaker, from_boto3, to_boto3
from sagemaker_typed.structure import Request, members_of
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support import samples
from tests.support.model_server import ModelServer


def sent(server: ModelServer) -> tuple[str, Any]:
    """The one request since the last look."""
    (request,) = server.requests
    server.requests.clear()
    return request.operation, request.body


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_a_dict_becomes_a_request_and_the_same_dict_again(operation: str) -> None:
    shape = model.input_shape(operation)
    for params in model.requests(operation):
        request = from_boto3(model.request_class(operation), params)
        assert list(differences(shape, request, params)) == []
        assert list(unlike(to_boto3(request), params)) == []
        report = ParamValidator().validate(to_boto3(request), shape)
        assert report.generate_report() == ""


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_a_request_and_a_method_send_what_boto3_sends(
    operation: str, server: ModelServer, boto: Any, sm: SageMaker, strict: SageMaker
) -> None:
    """With no checks and with the strictest, which find what the usual ones find and more: none of it is refused."""
    for params in model.requests(operation):
        getattr(boto, xform_name(operation))(**params)
        name, expected = without_tokens(operation, params, sent(server))
        assert name == operation
        request = from_boto3(model.request_class(operation), params)
        sm.send(request)
        assert without_tokens(operation, params, sent(server)) == (name, expected)
        result = getattr(strict.api, xform_name(operation))(**arguments(request))
        if isinstance(result, Pages):
            assert server.requests == []
            next(iter(result.by_page()))
            if size := model.page_size(operation):
                expected.setdefault("MaxResults", size)
        assert without_tokens(operation, params, sent(server)) == (name, expected)


def arguments(request: Request[Any]) -> dict[str, Any]:
    """Every argument of the method that sends `request`; what is not given is None, as it is by default."""
    return {member.field: getattr(request, member.field) for member in members_of(type(request))}


def without_tokens(operation: str, params: dict[str, Any], found: tuple[str, Any]) -> tuple[str, Any]:
    """A token that was not given is made up, a new one for each call."""
    name, body = found
    for token in model.MODEL.operation_model(operation).idempotent_members:
        if token not in params:
            UUID(body.pop(token))
    return name, body


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_first_argument_may_be_given_by_position(operation: str, server: ModelServer, sm: SageMaker) -> None:
    params, required = model.minimal_request(operation), model.required(operation)
    request = from_boto3(model.request_class(operation), params)
    given = {
        member.field: getattr(request, member.field) for member in members_of(type(request)) if member.wire in required
    }
    method = getattr(sm.api, xform_name(operation))
    parameters = inspect.signature(method).parameters.values()
    positional = [given.pop(each.name) for each in parameters if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    result = method(*positional, **given)
    if isinstance(result, Pages):
        next(iter(result.by_page()))
    name, body = sent(server)
    assert name == operation
    shape = model.input_shape(operation)
    assert {wire: body[wire] for wire in required} == {
        wire: samples.to_wire(shape.members[wire], params[wire]) for wire in required
    }


TAGGED = tuple(name for name in model.OPERATIONS if "Tags" in model.input_shape(name).members)


@pytest.mark.surface
@pytest.mark.parametrize("operation", TAGGED)
def test_a_mapping_may_stand_for_the_tags(operation: str, server: ModelServer, sm: SageMaker) -> None:
    request: Any = from_boto3(model.request_class(operation), model.minimal_request(operation))
    method = getattr(sm.api, xform_name(operation))
    method(**{**arguments(request), "tags": {"team": "vision", "stage": ""}})
    request.tags = {"team": "vision", "stage": ""}
    sm.send(request)
    for each in server.requests:
        assert each.body["Tags"] == [{"Key": "team", "Value": "vision"}, {"Key": "stage", "Value": ""}]

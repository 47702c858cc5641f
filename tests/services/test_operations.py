"""Every operation of every service beside SageMaker sends what boto3 sends, and gives what boto3 gives."""

from __future__ import annotations

import inspect
import json
import re
from operator import attrgetter
from typing import Any

import attrs
import pytest
from botocore.loaders import Loader

from sagemaker_typed import Pages, SageMaker, from_boto3, to_boto3
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.services.siblings import ATTRIBUTES, METHODS
from sagemaker_typed.structure import members_of, operation_of
from tests.services import siblings
from tests.services.siblings import OPERATIONS, SERVICES, SHAPES, Operation
from tests.services.wire import Sent, Told, Wire

TOKEN = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_every_service_of_the_installed_botocore_is_here() -> None:
    found = {name for name in Loader().list_available_services("service-2") if name.startswith("sagemaker")}
    assert found - {"sagemaker"} <= ATTRIBUTES.keys() == SERVICES.keys()
    assert {service: len(siblings.model(service).operation_names) for service in SERVICES} == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_the_methods_are_those_of_boto3(service: str, sm: SageMaker) -> None:
    client = siblings.boto(service, "http://127.0.0.1:9")
    group = getattr(sm, ATTRIBUTES[service])
    found = {name for name, _ in inspect.getmembers(type(group), inspect.isfunction) if name[0] != "_"}
    waits = {name for name in found if name.startswith("wait_")}
    assert found - waits == set(client.meta.method_to_api_mapping)
    assert getattr(sm, ATTRIBUTES[service]) is group


@pytest.mark.parametrize(("service", "name"), SHAPES)
def test_every_structure_and_enum_has_its_class(service: str, name: str) -> None:
    shape = siblings.model(service).shape_for(name)
    if shape.type_name != "structure" and not shape.metadata.get("enum"):
        return
    cls = Operation(service, "").cls(name)
    if shape.type_name == "structure":
        assert sorted(member.wire for member in members_of(cls)) == sorted(shape.members)
    else:
        assert issubclass(cls, OpenEnum)
        assert [member.value for member in cls] == list(dict.fromkeys(shape.metadata["enum"]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_method_takes_every_member_of_the_input(operation: Operation, sm: SageMaker) -> None:
    signature = inspect.signature(getattr(getattr(sm, operation.attribute), operation.method))
    fields = {member.wire: member.field for member in members_of(operation.request_class)}
    shape = operation.model.input_shape
    assert list(signature.parameters.keys() ^ {fields[wire] for wire in shape.members}) == []
    needed = set(shape.required_members) - set(operation.model.idempotent_members)
    for wire, field in fields.items():
        assert (signature.parameters[field].default is inspect.Parameter.empty) == (wire in needed)
    described = operation_of(operation.request_class)
    assert (described.name, described.method) == (operation.name, operation.method)


def spend(answer: Any) -> None:
    """Close the body of an answer that nobody reads."""
    plain = answer if isinstance(answer, dict) or answer is None else to_boto3(answer)
    for value in (plain or {}).values():
        if hasattr(value, "close"):
            value.close()


def usual(operation: Operation) -> Told:
    return next((told for told, _ in siblings.answers(operation)), Told(b""))


def sent(server: Wire) -> tuple[Any, ...]:
    """The one request since the last look, without what no two requests have in common."""
    return _comparable(server.taken())


def _comparable(request: Sent) -> tuple[Any, ...]:
    method, target, headers, body = request.lasting
    return method, target, headers, TOKEN.sub(b"(token)", body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_request_and_a_method_send_what_boto3_sends(operation: Operation, server: Wire, sm: SageMaker) -> None:
    client = siblings.boto(operation.service, server.url)
    server.tell(usual(operation))
    for params in operation.requests():
        request = from_boto3(operation.request_class, params)
        assert to_boto3(request) == params
        spend(getattr(client, operation.method)(**to_boto3(request)))  # in its order, in which JSON is written
        expected = sent(server)
        spend(sm.send(request))
        assert sent(server) == expected
        fields = {member.field: getattr(request, member.field) for member in members_of(type(request))}
        result = getattr(getattr(sm, operation.attribute), operation.method)(**fields)
        if isinstance(result, Pages):
            assert server.sent == []
            next(iter(result.by_page()))
            if size := operation_of(type(request)).page_size:  # the largest page there is, unless told otherwise
                getattr(client, operation.method)(
                    **to_boto3(attrs.evolve(request, max_results=request.max_results or size))
                )
                expected = _comparable(server.sent.pop())
        else:
            spend(result)
        assert sent(server) == expected


def read(value: Any) -> Any:
    """What boto3 gives, with bodies read."""
    if hasattr(value, "read"):
        return value.read()
    return {name: read(item) for name, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_response_is_boto3s(operation: Operation, server: Wire, sm: SageMaker) -> None:
    client = siblings.boto(operation.service, server.url)
    params = list(operation.requests())[-1]
    for told, value in siblings.answers(operation):
        server.tell(told)
        theirs = getattr(client, operation.method)(**params)
        plain = read(siblings.without_metadata(theirs))
        assert plain == value
        ours = sm.send(from_boto3(operation.request_class, params))
        if operation.model.output_shape is None:
            assert ours is None
            continue
        assert type(ours) is operation.cls(operation.model.output_shape.name)
        assert read(siblings.without_metadata(to_boto3(ours))) == plain
        assert ours.response_metadata.request_id == theirs["ResponseMetadata"]["RequestId"]
        assert ours.response_metadata.http_status_code == told.status


@pytest.mark.filterwarnings("ignore::sagemaker_typed.errors.InvalidRequestWarning")  # of patterns
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_check_refuses_what_the_model_allows(operation: Operation, server: Wire, checked: SageMaker) -> None:
    server.tell(usual(operation))
    for params in operation.requests():
        spend(checked.send(from_boto3(operation.request_class, params)))
    assert server.sent


JSON_ANSWERS = [
    each
    for each in OPERATIONS
    if each.model.output_shape is not None
    and "payload" not in each.model.output_shape.serialization
    and each.model.output_shape.members
]


@pytest.mark.parametrize("operation", JSON_ANSWERS, ids=str)
def test_members_that_this_version_does_not_know_are_kept(operation: Operation, server: Wire, sm: SageMaker) -> None:
    told, value = next(siblings.answers(operation))
    assert isinstance(told.body, bytes)
    server.tell(Told(json.dumps({**json.loads(told.body), "ZzNew": [{"Deep": 1}]}).encode(), told.status, told.headers))
    ours = sm.send(from_boto3(operation.request_class, list(operation.requests())[-1]))
    assert ours.unknown_members == {"ZzNew": [{"Deep": 1}]}
    assert siblings.without_metadata(to_boto3(ours)) == {**value, "ZzNew": [{"Deep": 1}]}


def test_the_streams_are_told_apart() -> None:
    """`answers` leaves out event streams alone, which have tests of their own."""
    without = {str(each) for each in OPERATIONS if not list(siblings.answers(each))}
    assert without == {
        "sagemaker-runtime.InvokeEndpointWithResponseStream",
        "sagemaker-gateway-runtime.InvokeGlobalInferenceGatewayWithResponseStream",
    }


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("invoke_endpoint", r"use sm\.runtime\.invoke_endpoint\(\.\.\.\)"),
        ("runtim", r"did you mean sm\.runtime\?"),
        ("runtime.invoke_endpont", r"did you mean sm\.runtime\.invoke_endpoint\?"),
    ],
)
def test_a_wrong_name_says_which_is_meant(wrong: str, hint: str, sm: SageMaker) -> None:
    with pytest.raises(AttributeError, match=hint):
        attrgetter(wrong)(sm)


def test_every_method_is_found_by_its_name() -> None:
    assert {each.method: each.attribute for each in OPERATIONS} == METHODS
    assert len(METHODS) == len(OPERATIONS)


def test_pages_follow_the_token(server: Wire, sm: SageMaker) -> None:
    first = {"RecordIdentifiers": ["a", "b"], "NextToken": "t"}
    server.tell(Told(json.dumps(first).encode()), Told(b'{"RecordIdentifiers": ["c"]}'))
    assert list(sm.featurestore.list_records("group")) == ["a", "b", "c"]
    one, two = (json.loads(each.body) for each in server.sent)
    assert two == {**one, "NextToken": "t"}

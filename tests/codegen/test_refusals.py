"""The generator refuses what the runtime can neither send nor read, and says which operation has it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.checks import refuse
from sagemaker_typed.codegen.problems import Problems, Unsettled
from sagemaker_typed.codegen.read import BotocoreModel, Json
from tests.codegen.sketch import Sketch, blank, complaints, follow, plan_of


def widgets(takes: dict[str, str | Json] | None = None, gives: dict[str, str | Json] | None = None) -> Sketch:
    return Sketch().resource("Widget", takes, gives)


def with_shape(sketch: Sketch, name: str, **body: Any) -> Sketch:
    sketch.shapes[name] = body
    return sketch


def the_advice(operation: str) -> str:
    return (
        ", which the runtime cannot send or read: teach it, or leave the operation out and say why; "
        f'add to overlay/groups.toml: [without] {operation} = "..."'
    )


@pytest.mark.parametrize("location", ["header", "headers", "querystring", "uri"])
def test_a_member_of_a_request_outside_the_body(location: str) -> None:
    said = complaints(widgets({"Part": {"shape": "String", "location": location}}))
    assert said == [
        f'operation CreateWidget has a member outside the body (CreateWidgetRequest.Part, location "{location}")'
        + the_advice("CreateWidget")
    ]


def test_a_member_of_a_response_outside_the_body() -> None:
    said = complaints(widgets(gives={"Code": {"shape": "Integer", "location": "statusCode"}}))
    assert said == [
        'operation DescribeWidget has a member outside the body (DescribeWidgetResponse.Code, location "statusCode")'
        + the_advice("DescribeWidget")
    ]


def test_a_member_under_another_name() -> None:
    (said,) = complaints(widgets({"Part": {"shape": "String", "locationName": "part"}}))
    assert 'CreateWidget has a member under another name (CreateWidgetRequest.Part, locationName "part")' in said


@pytest.mark.parametrize("operation", ["CreateWidget", "DescribeWidget"])
def test_a_payload(operation: str) -> None:
    sketch = widgets(gives={"Part": "Part"}).structure("Part", {"Size": "Integer"})
    shape = "CreateWidgetRequest" if operation == "CreateWidget" else "DescribeWidgetResponse"
    sketch.shapes[shape]["payload"] = "Part"
    (said,) = complaints(sketch)
    assert f'operation {operation} has a payload ({shape}, payload "Part")' in said


@pytest.mark.parametrize(
    ("takes", "gives", "operation"),
    [({"Body": "Blob"}, {}, "CreateWidget"), ({}, {"Body": "Blob"}, "DescribeWidget")],
)
def test_a_blob(takes: dict[str, str | Json], gives: dict[str, str | Json], operation: str) -> None:
    (said,) = complaints(with_shape(widgets(takes, gives), "Blob", type="blob"))
    assert f"operation {operation} has a value of type blob (Blob)" in said


def test_a_blob_far_below_a_request() -> None:
    sketch = widgets({"Parts": "Parts"}).structure("Part", {"ByName": "ByName"})
    sketch = with_shape(sketch.list_of("Part", "Parts").map_of("String", "Blob", "ByName"), "Blob", type="blob")
    (said,) = complaints(sketch)
    assert "operation CreateWidget has a value of type blob (Blob)" in said


def test_a_streamed_body() -> None:
    said = complaints(with_shape(widgets(gives={"Body": "Body"}), "Body", type="blob", streaming=True))
    assert [line.partition(", which")[0] for line in said] == [
        "operation DescribeWidget has a streamed body (Body, streaming true)",
        "operation DescribeWidget has a value of type blob (Body)",
    ]


def test_an_event_stream() -> None:
    sketch = widgets(gives={"Events": "Events"}).structure("Events", {"Part": "Part"}, eventstream=True)
    sketch = sketch.structure("Part", {"Bytes": {"shape": "String", "eventpayload": True}}, event=True)
    said = complaints(sketch)
    assert [line.partition(", which")[0] for line in said] == [
        "operation DescribeWidget has an event stream (Events, eventstream true)",
        "operation DescribeWidget has an event's payload (Part.Bytes, eventpayload true)",
    ]


def test_a_value_of_any_form() -> None:
    (said,) = complaints(widgets({"Any": "Any"}).structure("Any", {}, document=True))
    assert "operation CreateWidget has a value of any form (Any, document true)" in said


def test_a_host_of_its_own() -> None:
    sketch = widgets()
    sketch.operations["CreateWidget"]["endpoint"] = {"hostPrefix": "{WidgetName}."}
    (said,) = complaints(sketch)
    assert 'CreateWidget has a host of its own (operation, endpoint {"hostPrefix": "{WidgetName}."})' in said


@pytest.mark.parametrize(
    "http", [{"method": "GET", "requestUri": "/"}, {"method": "POST", "requestUri": "/widgets/{WidgetName}"}]
)
def test_an_address_of_its_own(http: Json) -> None:
    sketch = widgets()
    sketch.operations["CreateWidget"]["http"] = http
    (said,) = complaints(sketch)
    assert f"CreateWidget has an address of its own ({http['method']} {http['requestUri']})" in said


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"protocol": "rest-xml"}, "rest-xml"),
        ({"protocol": "rest-json", "protocols": ["rest-json", "json"]}, "json 1.1 and rest-json"),
        ({"protocol": "query"}, "query"),
        ({"protocol": "json", "jsonVersion": "1.0"}, "json 1.0"),
        ({"protocol": "json", "protocols": ["json", "jsonl"]}, "jsonl"),
        ({"protocol": "json", "protocols": ["smithy-rpc-v2-cbor", "json"]}, "smithy-rpc-v2-cbor"),
    ],
)
def test_another_protocol(metadata: Json, found: str) -> None:
    sketch = widgets()
    sketch.metadata |= metadata
    assert complaints(sketch) == [
        f"operation CreateWidget, like all of the service, is offered in {found}, and the runtime speaks one of json 1.1 and "
        "rest-json: leave the service out, or teach the runtime"
    ]


def test_everything_is_said_in_one_go() -> None:
    sketch = with_shape(widgets({"Body": "Blob"}, {"Body": "Blob"}), "Blob", type="blob")
    assert len(complaints(sketch)) == 2


# --- what to do about it ----------------------------------------------------------------------------------------------


def test_an_operation_that_is_left_out_is_not_planned() -> None:
    sketch = with_shape(widgets().operation("StopWidget", {"Body": "Blob", "Part": "Part"}), "Blob", type="blob")
    sketch = sketch.structure("Part", {"Body": "Blob"}).structure("Kept", {"WidgetName": "String"})
    (said,) = complaints(sketch)
    plan = plan_of(sketch, follow(blank(), said, "its body is bytes"))
    assert [operation.name for operation in plan.operations] == ["CreateWidget", "DescribeWidget"]
    assert "Kept" in plan.homes
    assert plan.homes.keys().isdisjoint({"StopWidgetRequest", "Part", "Blob"})


def test_what_other_operations_share_with_it_stays() -> None:
    sketch = with_shape(widgets({"Part": "Part"}).structure("Part", {"Size": "Integer"}), "Blob", type="blob")
    sketch = sketch.operation("StopWidget", {"Body": "Blob", "Part": "Part"})
    plan = plan_of(sketch, blank(groups={"without": {"StopWidget": "its body is bytes"}}))
    assert plan.homes["Part"] == "widgets"


# --- real models ------------------------------------------------------------------------------------------------------


def test_the_service_itself_has_nothing_that_is_refused(model: BotocoreModel) -> None:
    problems = Problems()
    refuse(model, problems)
    problems.settle()
    traits = {trait for body in model.shapes.values() for ref in body.get("members", {}).values() for trait in ref}
    assert traits >= {"jsonvalue", "idempotencyToken"}  # looked at, and let through


def test_a_trait_that_the_runtime_reads_is_let_through() -> None:
    token: Json = {"shape": "String", "idempotencyToken": True}
    plan = plan_of(widgets({"Token": token, "Text": {"shape": "String", "jsonvalue": True}}))
    assert len(plan.operations) == 2


@pytest.mark.parametrize(
    ("service", "protocol"),
    [("iam", "query"), ("dynamodb", "json 1.0"), ("s3", "rest-xml")],
)
def test_another_service_is_refused(service: str, protocol: str) -> None:
    found: Json = Loader().load_service_model(service, "service-2")
    with pytest.raises(Unsettled) as refused:
        build(_model(found), blank())
    assert f"in {protocol}, and the runtime" in str(refused.value)


@pytest.mark.parametrize(
    ("service", "operation", "what"),
    [
        ("sagemaker-runtime", "InvokeEndpoint", 'location "header"'),
        ("sagemaker-runtime", "InvokeEndpoint", 'payload "Body"'),
        ("sagemaker-runtime", "InvokeEndpoint", "type blob"),
        ("sagemaker-runtime", "InvokeEndpointWithResponseStream", "an event stream"),
        ("kinesis", "PutRecord", "type blob"),
        ("kinesis", "SubscribeToShard", "an event stream"),
        ("sagemaker-geospatial", "GetTile", "a streamed body"),
        ("dynamodb", "PutItem", "type blob"),
    ],
)
def test_what_real_operations_have_is_found(service: str, operation: str, what: str) -> None:
    found: Json = Loader().load_service_model(service, "service-2")
    metadata = {**found["metadata"], "protocol": "json", "protocols": ["json"], "jsonVersion": "1.1"}
    problems = Problems()
    refuse(_model({**found, "metadata": metadata}), problems)
    with pytest.raises(Unsettled) as refused:
        problems.settle()
    assert any(f"operation {operation} has" in line and what in line for line in refused.value.problems)


def _model(service: Json) -> BotocoreModel:
    return BotocoreModel(
        version="0",
        api_version=service["metadata"]["apiVersion"],
        shapes=service["shapes"],
        operations=service["operations"],
        paginators={},
        raw={"service-2": service},
        endpoints={"partitions": []},
    )

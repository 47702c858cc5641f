"""`sm.boto3_client`, used as a boto3 client: it knows and checks what the installed botocore does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.loaders import create_loader

from tests.seams.roads import Way
from tests.seams.scenario import ECHO, KEYS, REGION, Answer, Notes, Scenario, refused
from tests.support.model_server import installed_model

BASE = KEYS | REGION


def _raw(method: str, **arguments: Any) -> Callable[[Way, Notes], None]:
    return lambda way, notes: notes.append(getattr(way.client, method)(**arguments))


def _caught(way: Way, notes: Notes) -> None:
    try:
        way.client.describe_compilation_job(CompilationJobName="n")
    except way.client.exceptions.ResourceNotFound as error:
        notes.append((error.response, error.operation_name))


def _lacks(way: Way, notes: Notes) -> None:
    client = way.client
    notes.append([name for name in installed_model().operation_names if not hasattr(client, xform_name(name))])
    notes.append(
        [name for name in ("endpoint_in_service", "notebook_instance_deleted") if name not in client.waiter_names]
    )
    notes.append([client.can_paginate(name) for name in ("list_models", "describe_model")])
    notes.append([shape.name for shape in installed_model().error_shapes if not hasattr(client.exceptions, shape.name)])


def _pages(way: Way, notes: Notes) -> None:
    pages = way.client.get_paginator("list_models").paginate(PaginationConfig={"PageSize": 7, "MaxItems": 3})
    notes.append([len(page["Models"]) for page in pages])


def _waiter(way: Way, notes: Notes) -> None:
    way.client.get_waiter("endpoint_in_service").wait(EndpointName="n", WaiterConfig={"Delay": 3, "MaxAttempts": 4})


def _url(way: Way, notes: Notes) -> None:
    url: str = way.client.generate_presigned_url("describe_model", Params={"ModelName": "m"})
    notes.append(url.partition("?")[0])


@cache
def _newer_model() -> str:
    """The installed model with an operation and a member more, as a later botocore or a preview brings them."""
    model = copy.copy(create_loader().load_service_model("sagemaker", "service-2"))
    new = {"name": "ParkModel", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "DeleteModelInput"}}
    model["operations"] = model["operations"] | {"ParkModel": new}
    shapes = model["shapes"] = dict(model["shapes"])
    for name in ("DescribeModelInput", "DescribeModelOutput"):
        shapes[name] = shapes[name] | {"members": shapes[name]["members"] | {"Altitude": {"shape": "String"}}}
    shapes.setdefault("String", {"type": "string"})
    return json.dumps(model)


_NEWER: dict[str, Any] = {
    "env": BASE | {"AWS_DATA_PATH": "{home}/data"},
    "files": {"data/sagemaker/2017-07-24/service-2.json": _newer_model},
    "answers": [Answer(ECHO)],
    "roads": ["own", "client"],
}
_MODELS = [Answer({"Models": [{"ModelName": name} for name in "ab"], "NextToken": "t"})]

SCENARIOS = [
    Scenario("escape/answer", BASE, after=_raw("describe_compilation_job", CompilationJobName="n"), calls=0),
    Scenario("escape/raw-then-typed", BASE, after=_raw("describe_compilation_job", CompilationJobName="n")),
    Scenario("escape/error", BASE, answers=[refused("ResourceNotFound")], after=_caught, calls=0),
    Scenario("escape/unchecked-typo", BASE, after=_raw("describe_endpoint", EndpointNam="x"), calls=0),
    Scenario("escape/unchecked-nothing-given", BASE, after=_raw("describe_endpoint"), calls=0),
    Scenario("escape/unchecked-text-for-a-number", BASE, after=_raw("list_endpoints", MaxResults="5"), calls=0),
    Scenario("escape/unchecked-none", BASE, after=_raw("list_endpoints", NextToken=None), calls=0),
    Scenario("escape/unchecked-too-small", BASE, after=_raw("list_endpoints", MaxResults=0), calls=0),
    Scenario("escape/knows-what-botocore-knows", BASE, after=_lacks, calls=0),
    Scenario("escape/paginator", BASE, after=_pages, calls=0, answers=_MODELS),
    Scenario("escape/waiter", BASE, after=_waiter, calls=0, answers=[
        Answer({"EndpointName": "n", "EndpointStatus": status}) for status in ("Creating", "Creating", "InService")]),
    Scenario("escape/waiter-fails", BASE, after=_waiter, calls=0,
             answers=[Answer({"EndpointName": "n", "EndpointStatus": "Failed"})]),
    Scenario("escape/presigned-url", BASE, after=_url, calls=0),
    Scenario("escape/no-such-attribute", BASE, after=_raw("describe_nothing"), calls=0),
    Scenario("escape/newer-operation", **_NEWER, after=_raw("park_model", ModelName="m"), calls=0),
    Scenario("escape/newer-member", **_NEWER, after=_raw("describe_model", ModelName="m", Altitude="3"), calls=0),
    Scenario("escape/newer-member-typed", **_NEWER, operation="DescribeModel",
             arguments={"ModelName": "m", "Altitude": "3"}),
]  # fmt: skip

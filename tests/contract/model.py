"""The service model that the library was generated from, and ways to walk through it.

It is the one that ships with the library, so that the contract also holds with a botocore that is older or newer than
the one it came from; `test_model.py` holds it against the installed one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

import sagemaker_typed
from sagemaker_typed import types
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.structure import Request, Response, Structure, members_of
from tests.contract.sound import choices, sound
from tests.support import samples
from tests.support.model_server import ACCESS_KEY, REGION

FOLDER = Path(sagemaker_typed.__file__).parent / "model"
LOADER = Loader(extra_search_paths=[str(FOLDER)])

MODEL = ServiceModel(LOADER.load_service_model("sagemaker", "service-2"), "sagemaker")
PAGINATORS: Mapping[str, Mapping[str, Any]] = LOADER.load_service_model("sagemaker", "paginators-1")["pagination"]

OPERATIONS = tuple(sorted(MODEL.operation_names))
STRUCTURES = tuple(sorted(name for name in MODEL.shape_names if MODEL.shape_for(name).type_name == "structure"))
ENUMS: Mapping[str, tuple[str, ...]] = dict(sorted(samples.enums(MODEL)))

WITH_OUTPUT = tuple(name for name in OPERATIONS if MODEL.operation_model(name).output_shape is not None)
WITHOUT_OUTPUT = tuple(name for name in OPERATIONS if MODEL.operation_model(name).output_shape is None)


def input_shape(operation: str) -> Any:
    """The shape of what `operation` takes; every operation of SageMaker takes something."""
    return MODEL.operation_model(operation).input_shape


def output_shape(operation: str) -> Any:
    return MODEL.operation_model(operation).output_shape


def required(operation: str) -> set[str]:
    """The members that a caller has to give. boto3 makes the tokens up, whatever the model says of them."""
    return set(input_shape(operation).required_members) - set(MODEL.operation_model(operation).idempotent_members)


def _takes_a_token(operation: str) -> bool:
    output = output_shape(operation)
    return output is not None and "NextToken" in output.members and "NextToken" in input_shape(operation).members


PAGED = tuple(name for name in OPERATIONS if _takes_a_token(name))


# Page by page these give one list of the resource that they describe; the method itself gives the description.
DESCRIPTIONS = ("DescribeDevice", "DescribeEdgeDeploymentPlan", "DescribeFeatureGroup")

# Of the outputs with two lists that botocore's paginators do not know.
_ITEMS = {"QueryLineage": ["Vertices", "Edges"], "DescribeEdgeDeploymentPlan": ["Stages"]}


def items(operation: str) -> list[str]:
    """The members of the output that hold the items of a page."""
    known = PAGINATORS.get(operation, {}).get("result_key")
    if known is not None:
        return [known] if isinstance(known, str) else list(known)
    lists = [name for name, shape in output_shape(operation).members.items() if shape.type_name == "list"]
    settled = _ITEMS.get(operation, lists)
    assert len(lists) == 1 or operation in _ITEMS, operation
    return settled


def page_size(operation: str) -> int | None:
    """The largest page that the model allows."""
    size = input_shape(operation).members.get("MaxResults")
    largest: int | None = None if size is None else size.metadata.get("max")
    return largest


@cache
def structure(name: str) -> type[Structure]:
    """The class that was generated for the structure of this name."""
    found: type[Structure] = getattr(types, name)
    return found


@cache
def enum(name: str) -> type[OpenEnum]:
    found: type[OpenEnum] = getattr(types, name)
    return found


def request_class(operation: str) -> type[Request[Any]]:
    found: Any = structure(input_shape(operation).name)
    return found  # type: ignore[no-any-return]


def response_class(operation: str) -> type[Response]:
    found: Any = structure(output_shape(operation).name)
    return found  # type: ignore[no-any-return]


def is_enum(shape: Any) -> bool:
    return bool(shape.metadata.get("enum"))


def filled(shape: Any) -> list[Any]:
    """Enough filled values that every member of every union appears, and every one of those that exclude each other."""
    variants = range(max(samples.union_variants(shape), choices(shape)))
    return [_sound(shape, samples.fill(shape, variant=variant), variant) for variant in variants]


def minimal_request(operation: str) -> dict[str, Any]:
    shape = input_shape(operation)
    found: dict[str, Any] = _sound(shape, samples.minimal(shape), 0)
    return found


def _sound(shape: Any, value: Any, choice: int) -> Any:
    return rewrite(shape, value, structure=lambda inner, members: sound(inner, members, choice))


def requests(operation: str) -> list[dict[str, Any]]:
    """What boto3 may be called with: every member, in each variant; and the required members alone."""
    return [*filled(input_shape(operation)), minimal_request(operation)]


Change = Callable[[Any, dict[str, Any]], dict[str, Any]]


def rewrite(
    shape: Any,
    value: Any,
    *,
    structure: Change = lambda shape, members: members,
    leaf: Callable[[Any, Any], Any] = lambda shape, value: value,
) -> Any:
    """A copy of `value` in which `leaf` has changed each scalar and map key, and `structure` each structure.

    Serves values in boto3's form and in wire form. Structures are changed from the inside out.
    """

    def below(shape: Any, value: Any) -> Any:
        return rewrite(shape, value, structure=structure, leaf=leaf)

    match shape.type_name:
        case "structure":
            return structure(shape, {name: below(shape.members[name], member) for name, member in value.items()})
        case "list":
            return [below(shape.member, item) for item in value]
        case "map":
            return {leaf(shape.key, key): below(shape.value, item) for key, item in value.items()}
        case _:
            return leaf(shape, value)


def structures_in(value: Any) -> Iterator[Structure]:
    """Every typed structure in a typed value, itself included."""
    if isinstance(value, Structure):
        yield value
        parts = [getattr(value, member.field) for member in members_of(type(value))]
    elif isinstance(value, Mapping):
        parts = list(value.values())
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        parts = []
    for part in parts:
        yield from structures_in(part)


# --- clients ----------------------------------------------------------------------------------------------------------


def quiet() -> Any:
    """One attempt, and no proxies: those of the environment would be asked for 127.0.0.1."""
    return Config(retries={"total_max_attempts": 1}, proxies={})


@cache
def session() -> Any:
    """A boto3 session whose SageMaker is that of `MODEL`, whichever botocore is installed."""
    core = botocore.session.Session()
    core.register_component("data_loader", LOADER)
    core.set_credentials(ACCESS_KEY, "not-a-secret")
    return boto3.Session(botocore_session=core, region_name=REGION)


def boto3_client(url: str) -> Any:
    """boto3 as it is. Its own check is off, for a test also sends what that would refuse."""
    return session().client("sagemaker", endpoint_url=url, config=quiet().merge(Config(parameter_validation=False)))


def without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in answer.items() if name != "ResponseMetadata"}


def boto3_writes(operation: str, params: Mapping[str, Any]) -> Any:
    """The body that boto3 sends for `params`, without sending it."""
    serializer = create_serializer(MODEL.metadata["protocol"], include_validation=False)
    return json.loads(serializer.serialize_to_request(params, MODEL.operation_model(operation))["body"])


def boto3_reads(operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What boto3 gives for the answer `body`: what a client gets that somebody else made."""
    parser = create_parser(MODEL.metadata["protocol"])
    response = {"body": json.dumps(body).encode(), "status_code": 200, "headers": {}}
    return without_metadata(parser.parse(response, output_shape(operation)))

"""The service models of the siblings, as the library ships them, and values drawn from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.model import ServiceModel

from sagemaker_typed import SageMaker
from sagemaker_typed.services.siblings import ATTRIBUTES
from tests.contract.model import LOADER, quiet
from tests.services.wire import Told
from tests.support import samples

REGION = "us-west-2"

# By hand, from botocore's list of services: not from the overlay under test.
SERVICES = {
    "sagemaker-a2i-runtime": 5,
    "sagemaker-edge": 3,
    "sagemaker-featurestore-runtime": 7,
    "sagemaker-gateway-runtime": 2,
    "sagemaker-geospatial": 19,
    "sagemaker-inference-router-runtime": 2,
    "sagemaker-metrics": 2,
    "sagemaker-runtime": 3,
    "sagemakerjobruntime": 4,
    "sagemakertrainingsessionruntime": 6,
}
"""botocore's name -> how many operations."""


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


@dataclass(frozen=True)
class Operation:
    service: str
    name: str

    @property
    def model(self) -> Any:
        return model(self.service).operation_model(self.name)

    @property
    def method(self) -> str:
        """boto3's name."""
        return str(xform_name(self.name))

    @property
    def attribute(self) -> str:
        return ATTRIBUTES[self.service]

    @property
    def package(self) -> Any:
        return import_module(f"sagemaker_typed.services.{self.attribute}")

    def cls(self, name: str) -> Any:
        """The generated class of a shape. One has another name, as a generated module uses its own."""
        return getattr(self.package, {"Operation": "BandMathOperation"}.get(name, name))

    @property
    def request_class(self) -> Any:
        return self.cls(self.model.input_shape.name)

    def requests(self) -> Iterator[dict[str, Any]]:
        """What boto3 may be called with: every member, each variant of each union; and what is required alone."""
        shape = self.model.input_shape
        for variant in range(samples.union_variants(shape)):
            yield _plain(shape, samples.fill(shape, variant=variant))
        yield _plain(shape, samples.minimal(shape))

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"


OPERATIONS = [Operation(service, name) for service in SERVICES for name in sorted(model(service).operation_names)]
SHAPES = [(service, name) for service in SERVICES for name in sorted(model(service).shape_names)]


def _plain(shape: Any, value: Any) -> Any:
    """A sample that can stand in headers and addresses."""
    for name, member in shape.members.items():
        in_head = member.serialization.get("location") and member.type_name == "string"
        if in_head and name in value and not member.metadata.get("enum"):
            value[name] = _short(value[name])
    return value


def _short(text: str) -> str:
    return "".join(each for each in text if each.isascii() and each.isprintable()).strip() or "a"


# --- clients ----------------------------------------------------------------------------------------------------------


@cache
def session() -> Any:
    return boto_session()


def boto_session() -> Any:
    """A boto3 session whose services are those of the bundled models, whichever botocore is installed."""
    core = botocore.session.Session()
    core.register_component("data_loader", LOADER)
    core.set_credentials("AKIDSIBLINGS", "not-a-secret")
    return boto3.Session(botocore_session=core, region_name=REGION)


def boto(service: str, url: str, **config: Any) -> Any:
    options = quiet().merge(Config(parameter_validation=False, **config))
    return session().client(service, endpoint_url=url, config=options)


def connected(url: str, **options: Any) -> SageMaker:
    """A `SageMaker` whose data plane is at `url`, and whose SageMaker is nowhere."""
    urls = dict.fromkeys(SERVICES, url)
    options.setdefault("config", quiet())
    return SageMaker(session=session(), endpoint_url="http://127.0.0.1:9", endpoint_urls=urls, **options)


# --- answers ----------------------------------------------------------------------------------------------------------


def answers(operation: Operation) -> Iterator[tuple[Told, dict[str, Any]]]:
    """What the service may answer, with what boto3 makes of it; streams excepted, which are told apart."""
    shape = operation.model.output_shape
    status = operation.model.http.get("responseCode", 200)
    if shape is None:
        yield Told(b"", status), {}
        return
    for variant in range(samples.union_variants(shape)):
        value = samples.fill(shape, variant=variant)
        headers = {
            member.serialization.get("name", name): str(value[name])
            for name, member in shape.members.items()
            if member.serialization.get("location") == "header"
        }
        payload = shape.serialization.get("payload")
        if payload is None:
            inside = {n: m for n, m in shape.members.items() if "location" not in m.serialization}
            body = {name: wire(member, value[name]) for name, member in inside.items()}
            yield Told(json.dumps(body).encode(), status, headers), value
        elif shape.members[payload].type_name == "blob":
            yield Told(value[payload], status, headers), value


def wire(shape: Any, value: Any) -> Any:
    """A value as a REST service writes it in JSON."""
    match shape.type_name:
        case "structure" if shape.is_document_type:
            return value
        case "structure":
            return {name: wire(shape.members[name], member) for name, member in value.items()}
        case "list":
            return [wire(shape.member, item) for item in value]
        case "map":
            return {key: wire(shape.value, item) for key, item in value.items()}
        case "timestamp":
            if shape.serialization.get("timestampFormat") == "iso8601":
                assert isinstance(value, datetime)
                return value.isoformat().replace("+00:00", "Z")
            return samples.to_wire(shape, value)
        case _:
            return value


def without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

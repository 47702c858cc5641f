"""Every operation of the service model as a request to the embedded SageMaker, and what may be answered to it."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._backend import Backend
from sagemaker_typed.testing._kinds import populate
from sagemaker_typed.testing._model import load_model
from sagemaker_typed.testing._resource import World
from sagemaker_typed.testing._states import ScriptBook, Timeline
from tests.local.checked import checked_client, service_model
from tests.local.support import HandClock
from tests.support import samples

ACCOUNT = "123456789012"
THERE = "ap-south-1"
OPERATIONS = sorted(service_model().operation_names)
CREATIONS = [operation for operation in OPERATIONS if operation.startswith(("Create", "Register", "Add"))]

BUILDS_ON = {"CreateTrial": "CreateExperiment", "CreateModelPackage": "CreateModelPackageGroup"}
"""Creations that name something that has to be there."""

RULES = re.compile(
    r"(?i)could not find|RecordNotFound|does not exist|do not exist|not found|already exist|duplicate|is in status"
    r"|Unable to|not both|not by |Missing ARN|are provided in the input|should be provided|shouldn't be present"
    r"|must be given|can.t be changed|in-progress|modified concurrently|invalid state|more than one|No (device|workforce)"
    r"|Cannot (find|delete)|trials: delete them|components: disassociate|belongs to the trial|not associated|usage limit"
    r"|Invalid MaxWaitTimeInSeconds|can't find a tuning job"
    r"|\bStatus \(\w+\) not in|needs a Value|does not fit|not valid|Value '\d+' at 'MemorySizeInMB'"
)
"""What a legal request can be refused for: something is not there, there already, or not to be had together."""


class Wire:
    """Requests as they are, without boto3's opinion."""

    def __init__(self, local: LocalSageMaker) -> None:
        self.local = local
        self._connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=20)

    @cached_property
    def boto(self) -> Any:
        return checked_client(self.local, THERE)

    @cached_property
    def typed(self) -> Any:
        return self.local.client(region=THERE)

    def send(self, operation: str, body: Mapping[str, Any], region: str = "us-west-2") -> tuple[int, str, bytes]:
        """Status, content type and body of the answer."""
        scope = f"AKIDEXAMPLE/20260101/{region}/sagemaker/aws4_request"
        headers = {
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }
        self._connection.request("POST", "/", json.dumps(body), headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()

    def close(self) -> None:
        self._connection.close()


def drawn(operation: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The smallest legal request and a full one, each with a region of its own."""
    shape = service_model().operation_model(operation).input_shape
    yield samples.to_wire(shape, samples.minimal(shape)), "us-west-2"
    full = samples.to_wire(shape, samples.fill(shape))
    yield {name: value for name, value in full.items() if name != "NextToken"}, "eu-west-1"


def error_in(body: bytes) -> tuple[str, str]:
    error = json.loads(body)
    return error["__type"], error.get("message") or error.get("Message") or ""


def groundwork(operation: str) -> list[str]:
    """The creations without which an operation finds nothing: of its own resource, and of those that it has to name."""
    if operation in CREATIONS:
        return [BUILDS_ON[operation]] if operation in BUILDS_ON else []
    found: list[str] = []
    for creation in CREATIONS:
        if _noun(creation) == _noun(operation) or _names(creation) & _names(operation):
            found += [*groundwork(creation), creation]
    return list(dict.fromkeys(found))


def _noun(operation: str) -> str:
    """`ListTrialComponents` -> `TrialComponent`."""
    noun = re.sub(r"^[A-Z][a-z]+(?=[A-Z])", "", operation)
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


def _names(operation: str) -> set[str]:
    required = service_model().operation_model(operation).input_shape.required_members
    return {name for name in required if name.endswith(("Name", "Id"))}


@cache
def handled() -> set[str]:
    """The operations that are answered here, and not by moto or by a sample."""
    world = World(
        model=load_model(),
        objects=Backend(ACCOUNT),
        account_id=ACCOUNT,
        scripts=ScriptBook(),
        timeline=Timeline(HandClock()),
        every=1,
    )
    return {name for desk in populate(world) for name in desk.operations()}

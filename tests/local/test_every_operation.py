"""All operations of the service model, over HTTP: an answer, or an error that means something. Never anything else."""

from __future__ import annotations

import http.client
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from sagemaker_typed._core.convert.converter import from_boto3
from sagemaker_typed.errors import SageMakerError
from sagemaker_typed.paging import Pages
from sagemaker_typed.structure import Request, Response, members_of
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._backend import Backend
from sagemaker_typed.testing._kinds import populate
from sagemaker_typed.testing._model import load_model
from sagemaker_typed.testing._resource import World
from sagemaker_typed.testing._states import ScriptBook, Timeline
from tests.contract import model as contract
from tests.local.checked import checked_client, service_model, wrong_with
from tests.local.support import HandClock
from tests.support import samples

ACCOUNT = "123456789012"
THERE = "ap-south-1"
FIRST, LAST = ("Create", "Register", "Add"), ("Stop", "Delete", "Deregister")


def _turn(operation: str) -> tuple[int, str]:
    """In one process, what is created is there when it is described, and goes last. No test depends on it."""
    return (-1 if operation.startswith(FIRST) else 1 if operation.startswith(LAST) else 0), operation


OPERATIONS = sorted(service_model().operation_names, key=_turn)
every_operation = pytest.mark.parametrize("operation", OPERATIONS)

RULES = re.compile(
    r"(?i)could not find|RecordNotFound|does not exist|do not exist|not found|already exist|duplicate|is in status"
    r"|Unable to|not both|not by |Missing ARN|are provided in the input|should be provided|shouldn't be present"
    r"|must be given|trials: delete them|components: disassociate|belongs to the trial|not associated|usage limit"
    r"|\bStatus \(\w+\) not in|needs a Value|does not fit|not valid|Value '\d+' at 'MemorySizeInMB'"
)
"""What a legal request can be refused for: something is not there, there already, or not to be had together."""

MOTO_REFUSES = {"CreateCluster"}
"""Legal requests that moto knows less of than the model: instance types."""
MOTO_FAILS = {"CreateCluster", "CreateModelExplainabilityJobDefinition", "CreateModelQualityJobDefinition"}
"""moto takes members for required that are not."""
MOTO_LEAVES_OUT = {"DescribeDataQualityJobDefinition", "DescribeModelBiasJobDefinition"}
"""moto's answer has a StoppingCondition without its required member."""


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


@pytest.fixture(scope="module", params=[False, True], ids=["samples", "strict"])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """One service for all tests of a mode."""
    with LocalSageMaker(strict=request.param, clock=HandClock(), every=1) as local:
        connection = Wire(local)
        yield connection
        connection.close()


with_samples = pytest.mark.parametrize("wire", [False], ids=["samples"], indirect=True)
strictly = pytest.mark.parametrize("wire", [True], ids=["strict"], indirect=True)


def drawn(operation: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The smallest legal request and a full one, each with a region of its own."""
    shape = service_model().operation_model(operation).input_shape
    yield samples.to_wire(shape, samples.minimal(shape)), "us-west-2"
    full = samples.to_wire(shape, samples.fill(shape))
    yield {name: value for name, value in full.items() if name != "NextToken"}, "eu-west-1"


def error_in(body: bytes) -> tuple[str, str]:
    error = json.loads(body)
    return error["__type"], error.get("message") or error.get("Message") or ""


@every_operation
def test_a_legal_request_is_answered(wire: Wire, operation: str, caplog: pytest.LogCaptureFixture) -> None:
    for request, region in drawn(operation):
        status, content_type, body = wire.send(operation, request, region)
        assert content_type == "application/x-amz-json-1.1"
        if status == 501:
            assert wire.local.strict
            code, message = error_in(body)
            if operation in MOTO_FAILS and code == "InternalFailure":
                continue
            assert code == "NotImplemented"
            assert operation in message
            assert "strict=False" in message
            continue
        wrong = wrong_with(operation, status, body)
        assert wrong == [] or operation in MOTO_LEAVES_OUT
        if status == 200:
            continue
        code, message = error_in(body)
        declared = load_model().errors(operation)
        assert code == "ValidationException" or code in declared
        assert RULES.search(message) or operation in MOTO_REFUSES, message
        if re.search(r"(?i)could not find|RecordNotFound|does not exist|not found", message):
            assert code == ("ResourceNotFound" if "ResourceNotFound" in declared else "ValidationException")
    failed = [record for record in caplog.records if "moto failed" in record.getMessage()]
    assert not failed or operation in MOTO_FAILS


@every_operation
def test_what_breaks_the_model_is_refused(wire: Wire, operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    request, _ = next(drawn(operation))
    broken: list[Mapping[str, Any]] = [{**request, "NoSuchMember": 1}]
    broken += [{other: request[other] for other in request if other != name} for name in shape.required_members]
    if request:
        broken += [{**request, next(iter(request)): {"no": ["such", "type"]}}]
    for each in broken:
        status, content_type, body = wire.send(operation, each)
        assert (status, content_type) == (400, "application/x-amz-json-1.1")
        assert error_in(body)[0] == "ValidationException"
        assert re.match(r"\d+ validation errors? detected: ", error_in(body)[1])


@with_samples
@every_operation
def test_the_typed_client_reads_the_answer(wire: Wire, operation: str) -> None:
    request: Request[Any] = from_boto3(contract.request_class(operation), contract.minimal_request(operation))
    arguments = {member.field: getattr(request, member.field) for member in members_of(type(request))}
    method = getattr(wire.typed.api, xform_name(operation))
    try:
        result = method(**arguments)
        if isinstance(result, Pages):
            pages: Any = result
            result = next(iter(pages.by_page()))
    except SageMakerError as error:
        refused = str(error)
        assert RULES.search(refused) or operation in MOTO_REFUSES
        return
    assert result is None or isinstance(result, Response)


@with_samples
@pytest.mark.parametrize("operation", [name for name in contract.PAGED if name not in contract.DESCRIPTIONS])
def test_a_token_that_was_made_up_is_refused(wire: Wire, operation: str) -> None:
    request, region = next(drawn(operation))
    status, _, body = wire.send(operation, {**request, "NextToken": "bWFkZSB1cA=="}, region)
    if status == 200:
        assert operation not in handled()  # a sample has no second page, whatever the token
    else:
        assert (status, error_in(body)[0]) in ((400, "ValidationException"), (400, "ResourceNotFound"))


@pytest.mark.parametrize(
    ("creation", "without", "described", "named"),
    [
        ("CreateExperiment", (), "DescribeExperiment", {"ExperimentName": "mine"}),
        ("CreateTrialComponent", (), "DescribeTrialComponent", {"TrialComponentName": "mine"}),
        ("CreateModelPackageGroup", (), "DescribeModelPackageGroup", {"ModelPackageGroupName": "mine"}),
        ("CreateModelPackage", ("ModelPackageGroupName",), "DescribeModelPackage", {"ModelPackageName": "mine"}),
        ("CreatePipeline", ("PipelineDefinitionS3Location",), "DescribePipeline", {"PipelineName": "mine"}),
        ("CreateFeatureGroup", (), "DescribeFeatureGroup", {"FeatureGroupName": "mine"}),
    ],
)
def test_all_that_was_asked_for_is_described(
    wire: Wire, creation: str, without: tuple[str, ...], described: str, named: dict[str, str]
) -> None:
    shape = service_model().operation_model(creation).input_shape
    full = {**samples.to_wire(shape, samples.fill(shape)), **named}
    request = {name: value for name, value in full.items() if name not in without}
    assert wire.send(creation, request)[0] == 200
    status, _, body = wire.send(described, named)
    assert wrong_with(described, status, body) == []
    kept = set(request) & set(service_model().operation_model(described).output_shape.members)
    answer = json.loads(body)
    assert {name: answer[name] for name in kept} == {name: request[name] for name in kept}
    assert len(kept) >= 2


# --- pages ------------------------------------------------------------------------------------------------------------

PAGINATORS = contract.PAGINATORS
MANY = 13
MOST_PAGES = 40


@pytest.fixture(scope="module")
def crowded(wire: Wire) -> Wire:
    """With several of everything that can be created just so."""
    for operation in OPERATIONS:
        if operation.startswith("Create"):
            shape = service_model().operation_model(operation).input_shape
            for variant in range(MANY):
                wire.send(operation, samples.to_wire(shape, samples.minimal(shape, variant=variant)), THERE)
    return wire


@with_samples
@pytest.mark.parametrize("operation", sorted(PAGINATORS))
def test_paginators_come_to_an_end(crowded: Wire, operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    rules = PAGINATORS[operation]
    config = {"PageSize": 50 if operation == "ListTags" else 4} if "limit_key" in rules else {}
    pages = crowded.boto.get_paginator(xform_name(operation)).paginate(
        **samples.minimal(shape), PaginationConfig=config
    )
    counted, items = 0, Counter[str]()
    try:
        for page in pages:
            counted += 1
            assert counted <= MOST_PAGES
            if isinstance(rules.get("result_key"), str):
                items.update(json.dumps(item, sort_keys=True, default=str) for item in page[rules["result_key"]])
    except ClientError as error:
        answer: Any = error.response
        assert RULES.search(answer["Error"]["Message"])
        return
    if operation in handled():
        assert [item for item, times in items.items() if times > 1] == []
        assert counted == max(1, -(-items.total() // 4)) or operation in ("ListTags", "Search")


@with_samples
@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("ListExperiments", "ExperimentSummaries"),
        ("ListTrialComponents", "TrialComponentSummaries"),
        ("ListModelPackageGroups", "ModelPackageGroupSummaryList"),
        ("ListFeatureGroups", "FeatureGroupSummaries"),
        ("ListModels", "Models"),
        ("ListTrainingJobs", "TrainingJobSummaries"),
    ],
)
def test_there_are_many_pages_to_come_to_an_end(crowded: Wire, operation: str, key: str) -> None:
    pages = crowded.boto.get_paginator(xform_name(operation)).paginate(PaginationConfig={"PageSize": 4})
    assert [len(page[key]) for page in pages] == [4, 4, 4, 1]


# --- whose answer it is -----------------------------------------------------------------------------------------------


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


@strictly
def test_how_many_operations_have_behaviour(wire: Wire) -> None:
    """What is ours, and what is ours or moto's: these numbers only grow."""
    ours, without = handled(), set[str]()
    for operation in OPERATIONS:
        status, _, body = wire.send(operation, next(drawn(operation))[0])
        if status == 501 and error_in(body)[0] == "NotImplemented":
            without.add(operation)
    assert ours <= set(OPERATIONS)
    assert not ours & without
    assert len(ours) >= 108
    assert len(OPERATIONS) - len(without) >= 108 + 35

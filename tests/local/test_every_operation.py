"""All operations of the service model, over HTTP: an answer, or an error that means something. Never anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import from_boto3
from sagemaker_typed.errors import SageMakerError
from sagemaker_typed.paging import Pages
from sagemaker_typed.structure import Request, Response, members_of
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.contract import model as contract
from tests.local.checked import service_model, wrong_with
from tests.local.every import OPERATIONS, RULES, THERE, Wire, drawn, error_in, groundwork, handled
from tests.local.support import HandClock
from tests.support import samples

every_operation = pytest.mark.parametrize("operation", OPERATIONS)


@pytest.fixture(scope="module", params=[False, True], ids=["samples", "strict"])
def running(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """One service for all tests of a mode; starting one takes longer than most of them."""
    with LocalSageMaker(strict=request.param, clock=HandClock(), every=1) as local:
        connection = Wire(local)
        yield connection
        connection.close()


@pytest.fixture
def wire(running: Wire) -> Wire:
    """A service without a past."""
    running.local.reset()
    return running


with_samples = pytest.mark.parametrize("running", [False], ids=["samples"], indirect=True)
strictly = pytest.mark.parametrize("running", [True], ids=["strict"], indirect=True)

_REFUSED_OTHERWISE = ("TrainingJob", "ProcessingJob", "TransformJob")


@pytest.mark.surface
@every_operation
def test_a_legal_request_is_answered(wire: Wire, operation: str, caplog: pytest.LogCaptureFixture) -> None:
    for creation in groundwork(operation):
        for request, region in drawn(creation):
            wire.send(creation, request, region)
    caplog.clear()
    for request, region in drawn(operation):
        status, content_type, body = wire.send(operation, request, region)
        assert content_type == "application/x-amz-json-1.1"
        if status == 501:
            assert wire.local.strict
            code, message = error_in(body)
            assert code == "NotImplemented"
            assert operation in message
            assert "strict=False" in message
            continue
        wrong = wrong_with(operation, status, body)
        assert wrong == []
        if status == 200:
            continue
        code, message = error_in(body)
        declared = load_model().errors(operation)
        assert code == "ValidationException" or code in declared
        assert RULES.search(message), message
        if re.search(r"(?i)could not find|RecordNotFound|does not exist|not found", message):
            # The service refuses unknown jobs of these kinds by another error than its model declares.
            otherwise = operation.endswith(_REFUSED_OTHERWISE) and not operation.startswith("Create")
            named = "ResourceNotFound" in declared and not otherwise
            assert code == ("ResourceNotFound" if named else "ValidationException")
    assert not [record for record in caplog.records if "moto failed" in record.getMessage()]


@pytest.mark.surface
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
@pytest.mark.surface
@every_operation
def test_the_typed_client_reads_the_answer(wire: Wire, operation: str) -> None:
    request: Request[Any] = from_boto3(contract.request_class(operation), contract.minimal_request(operation))
    arguments = {member.field: getattr(request, member.field) for member in members_of(type(request))}
    for creation in groundwork(operation):
        wire.send(creation, next(drawn(creation))[0], THERE)
    method = getattr(wire.typed.api, xform_name(operation))
    try:
        result = method(**arguments)
        if isinstance(result, Pages):
            pages: Any = result
            result = next(iter(pages.by_page()))
    except SageMakerError as error:
        refused = str(error)
        assert RULES.search(refused)
        return
    assert result is None or isinstance(result, Response)


@with_samples
@pytest.mark.surface
@pytest.mark.parametrize("operation", [name for name in contract.PAGED if name not in contract.DESCRIPTIONS])
def test_a_token_that_was_made_up_is_refused(wire: Wire, operation: str) -> None:
    request, region = next(drawn(operation))
    for creation in groundwork(operation):
        wire.send(creation, next(drawn(creation))[0], region)
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


# --- whose answer it is -----------------------------------------------------------------------------------------------


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
    assert without == set()
    assert len(ours) >= 434


def test_many_operations_find_what_they_are_about(wire: Wire) -> None:
    """Otherwise the tests above would see little but refusals. This number only grows, too."""
    answered = 0
    for operation in handled():
        wire.local.reset()
        for creation in groundwork(operation):
            wire.send(creation, next(drawn(creation))[0])
        answered += wire.send(operation, next(drawn(operation))[0])[0] == 200
    assert answered >= 220

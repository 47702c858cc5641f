"""Each resource that the service model describes: made, described, listed, updated and deleted, over HTTP, by boto3.

What is expected is what was sent: members of one structure in a request and in an answer. Every answer is held against
the model by the client.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_typed import errors, from_boto3
from sagemaker_typed.testing import LocalSageMaker
from tests.contract.model import minimal_request, request_class
from tests.local.checked import checked_client, service_model
from tests.local.lives import CREATIONS, Lives, input_of, named, output_of, plural
from tests.local.support import HandClock
from tests.support import samples

OPERATIONS = set(service_model().operation_names)
NOUNS = sorted(
    noun
    for operation in OPERATIONS
    for noun in [operation.removeprefix("Create").removeprefix("Import")]
    if operation.startswith(("Create", "Import")) and f"Describe{noun}" in OPERATIONS and not noun.endswith("V2")
)
HANDWRITTEN = {
    *("CompilationJob", "TransformJob", "TrainingJob", "ProcessingJob", "HyperParameterTuningJob", "AutoMLJob"),
    *("Model", "EndpointConfig", "Endpoint", "NotebookInstance", "FlowDefinition", "ModelPackageGroup", "ModelPackage"),
    *("Pipeline", "Experiment", "Trial", "TrialComponent", "FeatureGroup"),
}
"""Those whose families have tests of their own."""
GENERIC = [noun for noun in NOUNS if noun not in HANDWRITTEN]

LATER = {
    "Cluster": {"InstanceGroups"},
    "InferenceComponent": {"Specification", "RuntimeConfig"},
    "InferenceExperiment": {"ModelVariants"},
    "EdgeDeploymentPlan": {"Stages"},
    "Workforce": {"OidcConfig"},
}
"""Members that an answer shows with more in it than the request has."""


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def running(clock: HandClock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker(clock=clock, every=1) as local:
        yield local


@pytest.fixture
def lives(running: LocalSageMaker, clock: HandClock) -> Lives:
    running.reset()
    return Lives(checked_client(running), lambda: clock.forward(20))


def description(answer: dict[str, Any], operation: str) -> dict[str, Any]:
    """The description itself, where the answer holds nothing else."""
    only = wrapper(operation)
    inner: dict[str, Any] = answer[only] if only else answer
    return inner


def wrapper(operation: str) -> str:
    shape = output_of(operation)
    if operation == "DescribeClusterExtension":
        return "ExtensionDetails"
    return next(iter(shape.members)) if len(shape.members) == 1 else ""


def shared(noun: str, source: Any) -> list[str]:
    """The members that a request and the description have of one shape."""
    shown = output_of(f"Describe{noun}").members
    only = wrapper(f"Describe{noun}")
    if only:
        shown = shown[only].members
    same = [name for name in source.members if name in shown and shown[name].name == source.members[name].name]
    return [name for name in same if name not in LATER.get(noun, ())]


@pytest.mark.parametrize("noun", GENERIC)
def test_what_was_sent_is_described(lives: Lives, noun: str) -> None:
    creation = CREATIONS.get(noun, f"Create{noun}")
    request = lives.request(noun, full=True)
    known = {**request, **lives.call(creation, request)}
    answer = description(lives.call(f"Describe{noun}", named(f"Describe{noun}", known)), f"Describe{noun}")
    names = [name for name in shared(noun, input_of(creation)) if name in request and name != "Tags"]
    assert {name: answer.get(name) for name in names} == {name: request[name] for name in names}
    assert len(names) >= (1 if noun in ("TrainingPlan", "HumanTaskUi", "ClusterExtension") else 2)


@pytest.mark.parametrize("noun", [noun for noun in GENERIC if f"List{plural(noun)}" in OPERATIONS])
def test_it_is_listed_with_what_belongs_to_it_and_not_without(lives: Lives, noun: str) -> None:
    known = lives.one(noun)
    operation = f"List{plural(noun)}"
    scope = named(operation, known)
    page = lives.call(operation, scope)
    [items] = [value for value in page.values() if isinstance(value, list)]
    assert len(items) == 1
    described = description(lives.call(f"Describe{noun}", named(f"Describe{noun}", known)), f"Describe{noun}")
    both = {name for name in items[0] if name in described}
    assert {name: items[0][name] for name in both} == {name: described[name] for name in both}
    if noun.endswith("JobDefinition"):
        assert items[0]["MonitoringJobDefinitionName"] == known["JobDefinitionName"]
        assert items[0]["MonitoringJobDefinitionArn"] == known["JobDefinitionArn"]
    else:
        assert len(both) >= 2
    filters = input_of(operation).members
    for name in ("NameContains", "CreationTimeBefore", "CreatedBefore"):
        if name in filters:
            nothing = "no-such-name" if name == "NameContains" else 1
            page = lives.call(operation, {**scope, name: nothing})
            assert [value for value in page.values() if isinstance(value, list)] == [[]]


UPDATED = [noun for noun in GENERIC if f"Update{noun}" in OPERATIONS]


@pytest.mark.parametrize("noun", UPDATED)
def test_an_update_is_described(lives: Lives, noun: str) -> None:
    known = lives.one(noun)
    operation = f"Update{noun}"
    shape = input_of(operation)
    drawn = samples.fill(shape, variant=3)
    excluded = {"ModelCard": ["ModelCardStatus"], "InferenceComponent": ["Specifications"]}.get(noun, [])
    versions = {"TargetVersion": 1} if "TargetVersion" in shape.members else {}
    removals = [name for name in drawn if name.endswith(("ToRemove", "ToDelete", "DeleteProperties"))]
    changes = {name: value for name, value in drawn.items() if name not in (*excluded, *removals, "Alias", "Version")}
    request = {**changes, **named(operation, {"HubContentVersion": "1.0.0", **known}), **versions}
    lives.call(operation, request)
    lives.wait()
    answer = description(lives.call(f"Describe{noun}", named(f"Describe{noun}", known)), f"Describe{noun}")
    names = [name for name in shared(noun, shape) if name in request and name != "Tags"]
    merged = [name for name in names if name.endswith("Settings")]
    plain = [name for name in names if name not in merged]
    assert {name: answer.get(name) for name in plain} == {name: request[name] for name in plain}
    for name in merged:
        assert request[name].items() <= answer[name].items()
    assert names


@pytest.mark.parametrize("noun", [noun for noun in GENERIC if f"Delete{noun}" in OPERATIONS])
def test_what_was_deleted_is_not_found_and_its_name_is_free(lives: Lives, noun: str) -> None:
    request = lives.request(noun)
    creation = CREATIONS.get(noun, f"Create{noun}")
    known = {"HubContentVersion": "1.0.0", **request, **lives.call(creation, request)}
    lives.wait()
    lives.call(f"Delete{noun}", named(f"Delete{noun}", {**known, "Version": 1}) or named(f"Describe{noun}", known))
    lives.wait()
    if noun == "App":
        assert lives.call("DescribeApp", named("DescribeApp", known))["Status"] == "Deleted"
    else:
        with pytest.raises(ClientError) as caught:
            lives.call(f"Describe{noun}", named(f"Describe{noun}", known))
        declared = [shape.name for shape in service_model().operation_model(f"Describe{noun}").error_shapes]
        code = "ResourceNotFound" if "ResourceNotFound" in declared else "ValidationException"
        answer: Any = caught.value.response
        assert answer["Error"]["Code"] == code
    lives.call(creation, request)


NOT_UNIQUE = {"Artifact", "ImageVersion"}


@pytest.mark.parametrize("noun", [noun for noun in GENERIC if noun not in NOT_UNIQUE])
def test_a_name_is_given_once(lives: Lives, noun: str) -> None:
    request = lives.request(noun)
    creation = CREATIONS.get(noun, f"Create{noun}")
    lives.call(creation, request)
    tokens = service_model().operation_model(creation).idempotent_members
    again = {name: value for name, value in request.items() if name not in tokens}
    with pytest.raises(ClientError) as caught:
        lives.call(creation, again)
    answer: Any = caught.value.response
    declared = [shape.name for shape in service_model().operation_model(creation).error_shapes]
    codes = [code for code in ("ResourceInUse", "ConflictException", "ResourceAlreadyExists") if code in declared]
    assert answer["Error"]["Code"] in (codes or ["ValidationException"])


@pytest.mark.parametrize("noun", GENERIC)
def test_tags_by_its_arn(lives: Lives, noun: str) -> None:
    creation = CREATIONS.get(noun, f"Create{noun}")
    request = lives.request(noun)
    if "Tags" in input_of(creation).members:
        request["Tags"] = [{"Key": "team", "Value": "vision"}]
    known = {**request, **lives.call(creation, request)}
    answer = description(lives.call(f"Describe{noun}", named(f"Describe{noun}", known)), f"Describe{noun}")
    arns = [f"{noun}Arn", "Arn", *(name for name in answer if name.endswith("Arn") and noun.endswith(name[:-3]))]
    arn = next({**answer, **known}[name] for name in arns if name in {**answer, **known})
    before = lives.call("ListTags", {"ResourceArn": arn})["Tags"]
    assert before == request.get("Tags", [])
    lives.call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "stage", "Value": "test"}]})
    lives.call("DeleteTags", {"ResourceArn": arn, "TagKeys": ["team"]})
    assert lives.call("ListTags", {"ResourceArn": arn})["Tags"] == [{"Key": "stage", "Value": "test"}]


@pytest.mark.parametrize("noun", GENERIC)
def test_the_typed_client_knows_what_is_missing_and_what_is_taken(
    running: LocalSageMaker, lives: Lives, noun: str
) -> None:
    typed = running.client()
    with pytest.raises(errors.ResourceNotFoundError):
        typed.send(from_boto3(request_class(f"Describe{noun}"), minimal_request(f"Describe{noun}")))
    if noun in NOT_UNIQUE:
        return
    creation = CREATIONS.get(noun, f"Create{noun}")
    request = lives.request(noun)
    lives.call(creation, request)
    tokens = service_model().operation_model(creation).idempotent_members
    again = from_boto3(request_class(creation), {name: value for name, value in request.items() if name not in tokens})
    with pytest.raises(errors.ResourceAlreadyExistsError):
        typed.send(again)


def test_how_many_there_are() -> None:
    assert set(NOUNS) >= HANDWRITTEN
    assert len(GENERIC) >= 50

"""The answers that are drawn from the service model, of every operation that it has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from sagemaker_typed import types
from sagemaker_typed._core.convert.converter import from_boto3, to_boto3
from sagemaker_typed.testing import _samples
from sagemaker_typed.testing._model import ServiceTables, botocore_loader, load_model
from tests.support import samples, wire_check

# Neither those of the requests, nor those that the texts have by default.
REGION, ACCOUNT = "eu-central-1", "210987654321"
NOW = 1_700_000_000.25

MODEL = load_model()
SERVICE = ServiceModel(MODEL.document, "sagemaker")
OPERATIONS = tuple(sorted(SERVICE.operation_names))
WITH_OUTPUT = tuple(name for name in OPERATIONS if SERVICE.operation_model(name).output_shape is not None)
LISTS = tuple(name for name in WITH_OUTPUT if name.startswith("List"))

UNSETTLED = re.compile(
    r"(?i)fail|error|stop|delet|pending|progress|outofservice|unknown|disabled|(?<!runn)ing$|ingTraffic$"
)
FAILURES = {"FailureReason", "FailureMessage", "ErrorMessage", "ErrorDetails", "Failed", "Errors", "Error"}

every_operation = pytest.mark.parametrize("operation", WITH_OUTPUT)


def answer(operation: str, *, model: ServiceTables = MODEL, region: str = REGION, **parameters: Any) -> Any:
    return _samples.sample_answer(model, operation, parameters, region=region, account_id=ACCOUNT, now=NOW)


def input_shape(operation: str) -> Any:
    return SERVICE.operation_model(operation).input_shape


def output_shape(operation: str) -> Any:
    return SERVICE.operation_model(operation).output_shape


@cache
def drawn(operation: str) -> list[tuple[dict[str, Any], Any]]:
    """Requests and their answers: with the required members alone, and with all."""
    shape = input_shape(operation)
    requests = [samples.to_wire(shape, make(shape)) for make in (samples.minimal, samples.fill)]
    return [(request, answer(operation, **request)) for request in requests]


class Leaf(NamedTuple):
    """A scalar in a value, or a key of a map."""

    path: tuple[str, ...]
    shape: Any
    value: Any

    @property
    def member(self) -> str:
        return next(step for step in reversed(self.path) if not step.isdigit())


def leaves(shape: Any, value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                yield from leaves(shape.members[name], member, (*path, name))
        case "list":
            for index, item in enumerate(value):
                yield from leaves(shape.member, item, (*path, str(index)))
        case "map":
            for index, (key, item) in enumerate(value.items()):
                yield Leaf((*path, str(index)), shape.key, key)
                yield from leaves(shape.value, item, (*path, str(index)))
        case _:
            yield Leaf(path, shape, value)


def drawn_leaves(operation: str) -> Iterator[Leaf]:
    """Of the answers, what was not just taken over from the request."""
    for request, given in drawn(operation):
        taken = [leaf.value for leaf in leaves(input_shape(operation), request)]
        for leaf in leaves(output_shape(operation), given):
            if leaf.path[0] not in request and leaf.member not in request and leaf.value not in taken:
                yield leaf


def sizes(shape: Any, value: Any) -> Iterator[str]:
    """Lists and maps that are too short or too long."""
    if shape.type_name in ("list", "map"):
        rules = shape.metadata
        if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
            yield f"{shape.name} has {len(value)} items"
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                yield from sizes(shape.members[name], member)
        case "list":
            for item in value:
                yield from sizes(shape.member, item)
        case "map":
            for item in value.values():
                yield from sizes(shape.value, item)


def allows(shape: Any, value: Any) -> bool:
    rules = shape.metadata
    if isinstance(value, str):
        pattern = rules.get("pattern", "(?s).*")
        size = len(value)
        fits = value in rules.get("enum", [value]) and (not understood(pattern) or re.fullmatch(pattern, value))
    else:
        size, fits = value, True
    return bool(fits) and rules.get("min", size) <= size <= rules.get("max", size)


def understood(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


# --- every operation --------------------------------------------------------------------------------------------------


@pytest.mark.surface
@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - set(WITH_OUTPUT)))
def test_an_operation_without_output_has_no_answer(operation: str) -> None:
    assert answer(operation, **samples.to_wire(input_shape(operation), samples.minimal(input_shape(operation)))) is None


@pytest.mark.surface
@every_operation
def test_answers_are_valid(operation: str) -> None:
    shape = output_shape(operation)
    for _, given in drawn(operation):
        assert list(wire_check.problems(shape, given)) == []
        assert list(sizes(shape, given)) == []
        assert [leaf for leaf in leaves(shape, given) if not allows(leaf.shape, leaf.value)] == []


@pytest.mark.surface
@every_operation
def test_answers_say_as_much_as_makes_sense(operation: str) -> None:
    """What is left out at the top are tokens, failures, and a status that has no good end."""
    shape = output_shape(operation)
    for _, given in drawn(operation):
        left_out = set(shape.members) - set(given)
        assert all(re.search(r"Token$|Fail|Error|Reason|Message|Status$", name) for name in left_out), left_out


@pytest.mark.surface
@every_operation
def test_there_is_no_next_page(operation: str) -> None:
    pages = botocore_loader().load_service_model("sagemaker", "paginators-1")["pagination"].get(operation, {})
    tokens = {pages.get("output_token"), "NextToken", "PaginationToken"}
    for _, given in drawn(operation):
        assert not [token for token in tokens if given.get(token)]


@pytest.mark.surface
@every_operation
def test_what_the_request_names_comes_back(operation: str) -> None:
    asked, told = input_shape(operation).members, output_shape(operation).members
    for request, given in drawn(operation):
        for name in set(request) & set(given) - {"NextToken"}:
            if asked[name].name == told[name].name:
                assert given[name] == request[name], name
            elif asked[name].type_name == told[name].type_name and given[name] != request[name]:
                # An ARN where only a name may stand.
                assert given[name] in request[name].split("/"), name
                assert not allows(told[name], request[name])


@pytest.mark.surface
@every_operation
def test_arns_are_of_the_region_and_the_account(operation: str) -> None:
    for leaf in drawn_leaves(operation):
        if not str(leaf.value).startswith("arn:"):
            # Some ARNs may also be names, by their patterns; none has to be one.
            assert not (leaf.member.endswith(("Arn", "Arns")) and allows(leaf.shape, "arn:aws:sagemaker:x:1:y/z")), leaf
            continue
        _, partition, service, region, account, _ = leaf.value.split(":", 5)
        assert partition == "aws"
        if (service, region, account) == ("sso", "", ""):
            continue
        assert account == ACCOUNT or (account == "aws" and "hub-content" in leaf.value), leaf
        if service in ("iam", "sso"):
            assert region == "", leaf
        elif region != REGION:
            assert region == "eu-central", leaf
            assert not allows(leaf.shape, leaf.value.replace(region, REGION, 1)), leaf


@pytest.mark.surface
@every_operation
def test_all_has_come_to_a_good_end(operation: str) -> None:
    for leaf in drawn_leaves(operation):
        values = leaf.shape.metadata.get("enum")
        if values and (leaf.member.endswith("Status") or leaf.shape.name.endswith("Status")):
            unsettled = [value for value in values if UNSETTLED.search(value)]
            assert leaf.value not in unsettled or unsettled == values, leaf
        if FAILURES & set(leaf.path):
            assert not leaf.value, leaf  # required, or it would not be there


@pytest.mark.surface
@every_operation
def test_times_are_now(operation: str) -> None:
    times = {leaf.value for leaf in drawn_leaves(operation) if leaf.shape.type_name == "timestamp"}
    assert times <= {NOW}


@pytest.mark.surface
@every_operation
def test_the_same_request_has_the_same_answer(operation: str) -> None:
    for request, given in drawn(operation):
        assert answer(operation, **request) == given


@pytest.mark.surface
@pytest.mark.parametrize("operation", LISTS)
def test_lists_are_short(operation: str) -> None:
    shape = output_shape(operation)
    for _, given in drawn(operation):
        [items] = [given[name] for name, member in shape.members.items() if member.type_name == "list"]
        assert 1 <= len(items) <= 2
    if "MaxResults" in input_shape(operation).members:
        given = answer(operation, **{**drawn(operation)[0][0], "MaxResults": 1})
        assert [len(items) for items in given.values()] == [1]


@pytest.mark.surface
@every_operation
def test_boto3_and_the_typed_classes_read_it(operation: str) -> None:
    shape = output_shape(operation)
    parser = create_parser(SERVICE.metadata["protocol"])
    for _, given in drawn(operation):
        response = {"body": json.dumps(given).encode(), "status_code": 200, "headers": {}}
        parsed = parser.parse(response, shape)
        parsed.pop("ResponseMetadata")
        assert set(parsed) == set(given)
        cls: Any = getattr(types, shape.name, None)  # an installed botocore that is newer has more of them
        if cls is not None:
            assert to_boto3(from_boto3(cls, parsed)) == parsed


# --- waiting ----------------------------------------------------------------------------------------------------------

WAITERS = botocore_loader().load_service_model("sagemaker", "waiters-2")["waiters"]


@pytest.mark.parametrize("name", sorted(name for name in WAITERS if not name.endswith(("Deleted", "InstanceStopped"))))
def test_boto3_stops_waiting(name: str) -> None:
    waiter = WAITERS[name]
    [(_, given), _] = drawn(waiter["operation"])
    states = {
        acceptor["state"]
        for acceptor in waiter["acceptors"]
        if acceptor["matcher"] == "path" and given[acceptor["argument"]] == acceptor["expected"]
    }
    assert states == {"success"}


# --- answers that are known -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "parameters", "arn"),
    [
        ("CreateHub", {"HubName": "mine", "HubDescription": "d"}, "hub/mine"),
        ("CreateNotebookInstance", {"NotebookInstanceName": "n"}, "notebook-instance/n"),
        ("CreateDataQualityJobDefinition", {"JobDefinitionName": "j"}, "data-quality-job-definition/j"),
        ("CreateAutoMLJobV2", {"AutoMLJobName": "a"}, "automl-job/a"),
        ("CreateTrial", {"TrialName": "t", "ExperimentName": "e"}, "experiment-trial/t"),
        ("StartInferenceExperiment", {"Name": "i"}, "inference-experiment/i"),
        ("CreateMlflowApp", {"Name": "m"}, "mlflow-app/m"),
        ("CreateImageVersion", {"ImageName": "i", "BaseImage": "b", "ClientToken": "c"}, "image-version/i/1"),
    ],
)
def test_a_new_thing_has_the_arn_of_its_name(operation: str, parameters: dict[str, Any], arn: str) -> None:
    [given] = answer(operation, **parameters).values()
    assert given == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{arn}"


def test_each_part_of_the_world_has_its_arns() -> None:
    assert answer("CreateHub", HubName="h", region="cn-north-1") == {
        "HubArn": f"arn:aws-cn:sagemaker:cn-north-1:{ACCOUNT}:hub/h"
    }


def test_a_name_that_an_arn_cannot_hold_still_tells_two_apart() -> None:
    one, other = (answer("CreateCluster", ClusterName=name)["ClusterArn"] for name in ("Pool", "Reef"))
    assert one != other
    assert answer("DescribeCluster", ClusterName="Pool")["ClusterArn"] == one


def test_a_thing_may_be_asked_for_by_its_arn() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:cluster/abcdefghijkl"
    given = answer("DescribeCluster", ClusterName=arn)
    assert (given["ClusterName"], given["ClusterArn"]) == ("abcdefghijkl", arn)


def test_the_name_comes_back_in_a_wrapping_too() -> None:
    workteam = answer("DescribeWorkteam", WorkteamName="team")["Workteam"]
    assert workteam["WorkteamName"] == "team"
    assert workteam["WorkteamArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/team"


def test_names_and_arns_in_a_list_agree() -> None:
    for model in answer("ListModels")["Models"]:
        assert model["ModelArn"].endswith(f":model/{model['ModelName']}")


def test_small_things() -> None:
    assert answer("DeleteWorkteam", WorkteamName="team") == {"Success": True}
    assert answer("DescribeCompilationJob", CompilationJobName="c")["FailureReason"] == ""
    assert answer("RenderUiTemplate")["Errors"] == []
    # The one token that is required. An empty one ends the pages.
    assert answer("DescribeFeatureGroup", FeatureGroupName="f", NextToken="t")["NextToken"] == ""
    assert answer("CreatePresignedNotebookInstanceUrl")["AuthorizedUrl"].startswith("https://")
    assert json.loads(answer("GetModelPackageGroupPolicy")["ResourcePolicy"]) == {}


def test_a_model_to_come() -> None:
    """Types and patterns that SageMaker's answers do not have today."""
    text = {"type": "string"}
    model = ServiceTables(
        {
            "metadata": {"serviceId": "SageMaker"},
            "operations": {
                "DescribeThing": {
                    "name": "DescribeThing",
                    "http": {"method": "POST", "requestUri": "/"},
                    "input": {"shape": "Asked"},
                    "output": {"shape": "Told"},
                },
                "Ping": {"name": "Ping", "http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Pong"}},
            },
            "shapes": {
                "Asked": {
                    "type": "structure",
                    "members": {"When": {"shape": "Time"}, "Count": {"shape": "Number"}, "Mood": {"shape": "Text"}},
                },
                "Told": {
                    "type": "structure",
                    "members": {
                        "When": {"shape": "Time"},
                        "Count": {"shape": "Few"},
                        "Mood": {"shape": "Number"},
                        "Data": {"shape": "Bytes"},
                        "Odd": {"shape": "Odd"},
                        "PhaseStatus": {"shape": "Text"},
                        "MoodStatus": {"shape": "Mood"},
                    },
                },
                "Pong": {"type": "structure", "required": ["MoodStatus"], "members": {"MoodStatus": {"shape": "Mood"}}},
                "Time": {"type": "timestamp"},
                "Number": {"type": "integer"},
                "Few": {"type": "integer", "max": 5},
                "Bytes": {"type": "blob"},
                "Odd": {**text, "pattern": r"\p{L}+"},
                "Mood": {**text, "enum": ["Grumpy"]},
                "Text": text,
            },
        }
    )
    given = answer("DescribeThing", model=model, When="2024-01-01T00:00:00Z", Count=4, Mood="good")
    assert given["When"] == 1704067200.0
    assert given["Count"] == 4
    assert isinstance(given["Mood"], int)
    assert isinstance(given["Data"], str)
    assert given["Odd"].startswith("Odd ")
    assert given["PhaseStatus"] == "Completed"
    assert "MoodStatus" not in given
    assert answer("DescribeThing", model=model, Count=6)["Count"] <= 5
    assert answer("Ping", model=model) == {"MoodStatus": "Grumpy"}


# --- other processes --------------------------------------------------------------------------------------------------


def _python(code: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True
    ).stdout


def test_another_process_gives_the_same_answer() -> None:
    code = (
        "import json; from tests.local import test_samples; "
        "print(json.dumps(test_samples.answer('DescribeEndpoint', EndpointName='e')))"
    )
    assert json.loads(_python(code)) == answer("DescribeEndpoint", EndpointName="e")


def test_importing_it_does_not_import_botocore() -> None:
    assert _python("import sys, sagemaker_typed.testing._samples; print('botocore' in sys.modules)") == "False\n"

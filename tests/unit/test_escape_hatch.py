"""`sm.boto3_client` knows what the installed botocore and the user's models know beyond ours, and checks as boto3 does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.types import ContainerDefinition, CreateModelInput
from tests.support.loopback import Loopback, Reply

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
ARN = "arn:aws:sagemaker:us-west-2:123456789012:model/m"


class Willing:
    """A server that takes every request and answers with what the calls below need."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self._loopback = Loopback(self._answer)
        self.url = self._loopback.url

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        self.requests.append((headers["x-amz-target"].removeprefix("SageMaker."), json.loads(body)))
        return Reply(json.dumps({"ModelArn": ARN, "Endpoints": []}).encode())

    def close(self) -> None:
        self._loopback.close()


@pytest.fixture
def server() -> Iterator[Willing]:
    running = Willing()
    yield running
    running.close()


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in AWS_DATA_PATH that has an operation, a member and a member far down beyond ours."""
    model = Loader().load_service_model("sagemaker", "service-2")
    model = json.loads(json.dumps(model))
    model["operations"]["ParkModel"] = {
        "name": "ParkModel",
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "DeleteModelInput"},
    }
    for shape in ("CreateModelInput", "ContainerDefinition"):
        model["shapes"][shape]["members"]["Altitude"] = {"shape": "Url"}
    folder = tmp_path / "sagemaker" / "2017-07-24"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))


def sagemaker(server: Willing, **options: Any) -> SageMaker:
    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    return SageMaker(session=session, endpoint_url=server.url, **options)


def create(**unknown: Any) -> CreateModelInput:
    return CreateModelInput(model_name="m", execution_role_arn=ROLE, **unknown)


@pytest.mark.usefixtures("newer")
def test_it_has_newer_operations_and_members(server: Willing) -> None:
    client = sagemaker(server).boto3_client
    client.park_model(ModelName="m")
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE, Altitude="3")
    assert [(operation, body.get("Altitude")) for operation, body in server.requests] == [
        ("ParkModel", None),
        ("CreateModel", "3"),
    ]


@pytest.mark.usefixtures("newer")
def test_what_it_knows_is_sent_typed(server: Willing) -> None:
    sm = sagemaker(server)
    sm.send(create(unknown_members={"Altitude": "3"}))
    container = ContainerDefinition(image="i", unknown_members={"Altitude": "4"})
    sm.send(create(primary_container=container))
    assert [body.get("Altitude") for _, body in server.requests] == ["3", None]
    assert server.requests[1][1]["PrimaryContainer"]["Altitude"] == "4"
    with pytest.raises(errors.InvalidRequestError, match="Depth"):
        sm.send(create(unknown_members={"Depth": "3"}))
    assert len(server.requests) == 2


@pytest.mark.usefixtures("newer")
def test_a_first_call_does_not_read_it(server: Willing) -> None:
    sm = sagemaker(server)
    sm.models.describe("m")
    assert not hasattr(sm._connection.client(), "park_model")
    hatch = sm.boto3_client
    assert hasattr(hatch, "park_model")
    assert sm.boto3_client is hatch
    assert sm._connection.client() is hatch


def test_hooks_on_it_see_typed_calls(server: Willing) -> None:
    sm = sagemaker(server)
    seen: list[str] = []
    sm.boto3_client.meta.events.register("before-call.sagemaker", lambda model, **_: seen.append(model.name))
    sm.models.describe("m")
    assert seen == ["DescribeModel"]


MISTAKES: dict[str, Any] = {
    "typo": lambda client: client.describe_endpoint(EndpointNam="x"),
    "nothing": lambda client: client.describe_endpoint(),
    "text for a number": lambda client: client.list_endpoints(MaxResults="5"),
    "None": lambda client: client.list_endpoints(NextToken=None),
    "too small": lambda client: client.list_endpoints(MaxResults=0),
    "far down": lambda client: client.create_model(ModelName="m", PrimaryContainer={"Image": 5}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_checks_as_boto3_does(mistake: str, server: Willing) -> None:
    with pytest.raises(ParamValidationError) as theirs:
        MISTAKES[mistake](boto3.client("sagemaker", region_name="us-west-2", endpoint_url=server.url))
    with pytest.raises(ParamValidationError) as ours:
        MISTAKES[mistake](sagemaker(server).boto3_client)
    assert str(ours.value) == str(theirs.value)
    assert server.requests == []


def test_it_does_not_check_where_the_user_says_so(server: Willing) -> None:
    unchecked: Any = Config(parameter_validation=False)
    sagemaker(server, config=unchecked).boto3_client.list_endpoints(MaxResults="5")
    assert server.requests[0][1] == {"MaxResults": "5"}


@pytest.mark.parametrize("validation", ["standard", "off"])
def test_typed_calls_are_checked_as_before(validation: Any, server: Willing) -> None:
    sm = sagemaker(server, validation=validation)
    _ = sm.boto3_client
    if validation == "off":
        sm.endpoints.list(max_results=0).first()
        assert server.requests[0][1] == {"MaxResults": 0}
    else:
        with pytest.raises(errors.InvalidRequestError, match="the minimum is 1"):
            sm.endpoints.list(max_results=0).first()

"""A resource that the service model has and nothing here was told of: it lives all the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import ServiceTables, load_model
from tests.local.support import HandClock, error_of

ARN = "arn:aws:sagemaker:us-west-2:123456789012"


def structure(required: str = "", **members: str) -> dict[str, Any]:
    shapes = {name: {"shape": shape} for name, shape in members.items()}
    return {"type": "structure", "required": required.split(), "members": shapes}


SHAPES: dict[str, Any] = {
    "GizmoName": {"type": "string", "max": 63, "min": 0, "pattern": "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"},
    "GizmoArn": {"type": "string", "max": 256, "pattern": "arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:gizmo/.*"},
    "GizmoStatus": {
        "type": "string",
        "enum": ["Creating", "Active", "Updating", "Failed", "Stopping", "Stopped", "Deleting"],
    },
    "GizmoSortBy": {"type": "string", "enum": ["Name", "CreationTime", "Status"]},
    "GizmoSettings": structure(Colour="String", Size="Integer"),
    "CreateGizmoRequest": structure(
        "GizmoName Teeth", GizmoName="GizmoName", Teeth="Integer", GizmoSettings="GizmoSettings", Tags="TagList"
    ),
    "CreateGizmoResponse": structure("GizmoArn", GizmoArn="GizmoArn"),
    "DescribeGizmoRequest": structure("GizmoName", GizmoName="GizmoName"),
    "DescribeGizmoResponse": structure(
        "GizmoName GizmoArn GizmoStatus CreationTime Maker",
        GizmoName="GizmoName",
        GizmoArn="GizmoArn",
        GizmoStatus="GizmoStatus",
        Teeth="Integer",
        GizmoSettings="GizmoSettings",
        FailureReason="String",
        CreationTime="Timestamp",
        LastModifiedTime="Timestamp",
        Maker="String",
    ),
    "GizmoSummary": structure(
        "GizmoName GizmoArn GizmoStatus",
        GizmoName="GizmoName",
        GizmoArn="GizmoArn",
        GizmoStatus="GizmoStatus",
        Teeth="Integer",
    ),
    "GizmoSummaries": {"type": "list", "member": {"shape": "GizmoSummary"}},
    "ListGizmosRequest": structure(
        NameContains="GizmoName",
        StatusEquals="GizmoStatus",
        Teeth="Integer",
        CreationTimeAfter="Timestamp",
        SortBy="GizmoSortBy",
        SortOrder="SortOrder",
        MaxResults="MaxResults",
        NextToken="NextToken",
    ),
    "ListGizmosResponse": structure("GizmoSummaries", GizmoSummaries="GizmoSummaries", NextToken="NextToken"),
    "UpdateGizmoRequest": structure("GizmoName", GizmoName="GizmoName", Teeth="Integer", GizmoSettings="GizmoSettings"),
}


def newer() -> dict[str, Any]:
    document = copy.deepcopy(dict(load_model().document))
    document["shapes"].update(SHAPES)
    for verb in ("Create", "Describe", "Update", "Delete", "Stop"):
        request = f"{verb}GizmoRequest" if verb in ("Create", "Describe", "Update") else "DescribeGizmoRequest"
        operation: dict[str, Any] = {
            "name": f"{verb}Gizmo",
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": request},
            "errors": [{"shape": "ResourceInUse"} if verb == "Create" else {"shape": "ResourceNotFound"}],
        }
        if verb in ("Create", "Update"):
            operation["output"] = {"shape": "CreateGizmoResponse"}
        if verb == "Describe":
            operation["output"] = {"shape": "DescribeGizmoResponse"}
        document["operations"][f"{verb}Gizmo"] = operation
    document["operations"]["ListGizmos"] = {
        "name": "ListGizmos",
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "ListGizmosRequest"},
        "output": {"shape": "ListGizmosResponse"},
    }
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    place = folder / "sagemaker" / "2017-07-24"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text(json.dumps(newer()))
    return folder


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def local(folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSageMaker]:
    text = (folder / "sagemaker" / "2017-07-24" / "service-2.json").read_text()
    model = ServiceTables(json.loads(text))
    monkeypatch.setattr("sagemaker_typed.testing.local.load_model", lambda: model)
    with LocalSageMaker(clock=clock, every=1) as running:
        yield running


@pytest.fixture
def sm(local: LocalSageMaker, folder: Path) -> Any:
    session: Any = local.session()
    session._session.register_component("data_loader", Loader(extra_search_paths=[str(folder)]))
    client = session.client("sagemaker", endpoint_url=local.url)
    local._clients.add(client)
    return client


def test_its_whole_life(sm: Any, clock: HandClock) -> None:
    made = sm.create_gizmo(
        GizmoName="cog", Teeth=12, GizmoSettings={"Colour": "red"}, Tags=[{"Key": "k", "Value": "v"}]
    )
    assert made["GizmoArn"] == f"{ARN}:gizmo/cog"
    first = sm.describe_gizmo(GizmoName="cog")
    assert (first["GizmoStatus"], first["Teeth"], first["GizmoSettings"]) == ("Creating", 12, {"Colour": "red"})
    assert isinstance(first["Maker"], str)  # required, so it is there
    clock.forward(1)
    assert sm.describe_gizmo(GizmoName="cog")["GizmoStatus"] == "Active"
    assert sm.list_tags(ResourceArn=made["GizmoArn"])["Tags"] == [{"Key": "k", "Value": "v"}]

    sm.update_gizmo(GizmoName="cog", Teeth=13, GizmoSettings={"Size": 3})
    assert error_of(sm.update_gizmo, GizmoName="cog", Teeth=14)[0] == "ValidationException"
    clock.forward(1)
    changed = sm.describe_gizmo(GizmoName="cog")
    assert (changed["GizmoStatus"], changed["Teeth"]) == ("Active", 13)
    assert changed["GizmoSettings"] == {"Colour": "red", "Size": 3}
    assert changed["LastModifiedTime"] > first["LastModifiedTime"]

    sm.stop_gizmo(GizmoName="cog")
    clock.forward(1)
    assert sm.describe_gizmo(GizmoName="cog")["GizmoStatus"] == "Stopped"
    sm.delete_gizmo(GizmoName="cog")
    assert sm.describe_gizmo(GizmoName="cog")["GizmoStatus"] == "Deleting"
    clock.forward(1)
    assert error_of(sm.describe_gizmo, GizmoName="cog")[:2] == ("ResourceNotFound", 'Could not find gizmo "cog".')
    assert sm.list_gizmos()["GizmoSummaries"] == []


def test_a_name_that_is_taken(sm: Any) -> None:
    sm.create_gizmo(GizmoName="cog", Teeth=12)
    code, message, _ = error_of(sm.create_gizmo, GizmoName="cog", Teeth=12)
    assert (code, message) == ("ResourceInUse", f'Cannot create already existing gizmo "{ARN}:gizmo/cog".')


def test_lists_filter_sort_and_page(sm: Any, clock: HandClock) -> None:
    for number, name in enumerate(("delta", "alpha", "charlie", "bravo")):
        sm.create_gizmo(GizmoName=name, Teeth=number)
        clock.forward(0.5)

    def names(**asked: Any) -> list[str]:
        return [item["GizmoName"] for item in sm.list_gizmos(**asked)["GizmoSummaries"]]

    assert names(SortBy="Name") == ["alpha", "bravo", "charlie", "delta"]
    assert names(SortBy="CreationTime", SortOrder="Descending") == ["bravo", "charlie", "alpha", "delta"]
    assert names(NameContains="l") == ["delta", "alpha", "charlie"]
    assert names(StatusEquals="Creating") == ["bravo"]
    assert names(Teeth=2) == ["charlie"]
    second = sm.describe_gizmo(GizmoName="alpha")["CreationTime"]
    assert names(CreationTimeAfter=second) == ["charlie", "bravo"]
    page = sm.list_gizmos(MaxResults=3, SortBy="Name")
    assert [item["GizmoName"] for item in page["GizmoSummaries"]] == ["alpha", "bravo", "charlie"]
    assert names(MaxResults=3, SortBy="Name", NextToken=page["NextToken"]) == ["delta"]


def test_scripts_know_it(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("gizmo", "bad-*", ["Creating", ("Failed", "out of brass")])
    sm.create_gizmo(GizmoName="bad-cog", Teeth=1)
    assert local.advance("gizmo", "bad-cog") == 1
    shown = sm.describe_gizmo(GizmoName="bad-cog")
    assert (shown["GizmoStatus"], shown["FailureReason"]) == ("Failed", "out of brass")
    with pytest.raises(ValueError, match="did you mean 'Failed'"):
        local.script("gizmo", "*", ["Creating", "Faild"])

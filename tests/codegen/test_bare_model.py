"""`model/`: botocore's service model without its prose, and with nothing else gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

import sagemaker_typed
from sagemaker_typed.codegen.read import FILES, BotocoreModel
from sagemaker_typed.codegen.render_model import model_files
from tests.codegen.sketch import Sketch
from tests.support import samples

MODEL = Path(sagemaker_typed.__file__).parent / "model"


def loader() -> Any:
    return Loader(extra_search_paths=[str(MODEL)])


@pytest.fixture(scope="module")
def bare() -> ServiceModel:
    return ServiceModel(loader().load_service_model("sagemaker", "service-2"), "sagemaker")


@pytest.fixture(scope="module")
def full() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


def test_botocore_finds_it_before_its_own() -> None:
    for name in FILES:
        version = loader().determine_latest_version("sagemaker", "service-2")
        _, path = loader().load_data_with_path(f"sagemaker/{version}/{name}")
        assert Path(path).is_relative_to(MODEL)


def test_it_has_no_prose(bare: ServiceModel) -> None:
    for name in bare.shape_names:
        shape = bare.shape_for(name)
        assert shape.documentation == ""
        members: dict[str, Any] = getattr(shape, "members", {})
        assert [member for member, inner in members.items() if inner.documentation] == []
    for name in bare.operation_names:
        assert bare.operation_model(name).documentation == ""
    assert bare.documentation == ""
    text = (MODEL / "sagemaker" / "2017-07-24" / "service-2.json").read_text()
    assert "<p>" not in text


def test_it_has_everything_else(model: BotocoreModel) -> None:
    """Read side by side with the full one: what is missing is documentation, and what is there is equal."""
    version = loader().determine_latest_version("sagemaker", "service-2")
    for name in FILES:
        missing = list(lost(model.raw[name], loader().load_service_model("sagemaker", name, version), name))
        assert {path.rsplit("/", 1)[1] for path in missing} <= {"documentation", "deprecatedMessage"}
        # Under these, keys are names: one of them that is gone is a member, and no prose.
        assert [path for path in missing if path.rsplit("/", 2)[1] in ("members", "shapes", "operations")] == []


def lost(full: Any, bare: Any, path: str) -> Any:
    if isinstance(full, dict):
        assert bare.keys() <= full.keys(), path
        for key, value in full.items():
            if key in bare:
                yield from lost(value, bare[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}"
    elif isinstance(full, list):
        assert len(full) == len(bare), path
        for index, (one, other) in enumerate(zip(full, bare, strict=True)):
            yield from lost(one, other, f"{path}/{index}")
    else:
        assert full == bare, path


NAMES = ("documentation", "deprecatedMessage", "members", "shapes", "operations", "shape")


def test_what_is_only_called_like_prose_stays() -> None:
    sketch = Sketch()
    for name in NAMES:
        sketch.structure(name, {member: {"shape": "String", "documentation": "<p>Prose</p>"} for member in NAMES})
        sketch.shapes[name]["documentation"] = "<p>Prose</p>"
        sketch.operation(name)
        sketch.operations[name]["documentation"] = "<p>Prose</p>"
    (text,) = (text for path, text in model_files(sketch.model()).items() if path.endswith("service-2.json"))
    assert "Prose" not in text
    bare = json.loads(text)
    assert bare["operations"].keys() == set(NAMES)
    assert set(NAMES) < bare["shapes"].keys()
    for name in NAMES:
        assert bare["shapes"][name]["members"] == {member: {"shape": "String"} for member in NAMES}


def test_a_client_on_it_has_the_same_operations_and_says_the_same(bare: ServiceModel, full: ServiceModel) -> None:
    session: Any = botocore.session.Session()
    account = {"region_name": "us-west-2", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    plain = session.create_client("sagemaker", **account)
    session.register_component("data_loader", loader())
    ours = session.create_client("sagemaker", **account)
    assert ours.meta.service_model.documentation == ""
    assert ours.meta.method_to_api_mapping == plain.meta.method_to_api_mapping
    assert ours.waiter_names == plain.waiter_names
    paged = [name for name in plain.meta.method_to_api_mapping if plain.can_paginate(name)]
    assert paged
    assert all(ours.can_paginate(name) for name in paged)
    serializer: Any = create_serializer("json")
    for name in full.operation_names:
        operation = full.operation_model(name)
        value = samples.fill(operation.input_shape)
        assert serializer.serialize_to_request(value, bare.operation_model(name)) == serializer.serialize_to_request(
            value, operation
        )


@pytest.mark.parametrize("path", sorted(MODEL.glob("*/methods.json")), ids=lambda path: path.parent.name)
def test_methods_have_the_names_that_botocore_gives_them(path: Path) -> None:
    methods = json.loads(path.read_text())
    description = loader().load_service_model(path.parent.name, "service-2")
    assert methods == {name: botocore.xform_name(name, "_", {}) for name in description["operations"]}

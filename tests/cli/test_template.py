"""`template`: what it prints is what `create` takes, for each kind, and has every member that botocore knows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from sagemaker_typed import SageMaker, to_boto3
from sagemaker_typed.cli._documents import Written, documents_of_yaml
from sagemaker_typed.cli._requests import request_from
from sagemaker_typed.cli._resources import group_of, groups, request_of
from sagemaker_typed.cli._skeleton import skeleton
from sagemaker_typed.structure import operation_of
from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import COMPILATION, run

SM = SageMaker()
KINDS = sorted(
    (verb, kind)
    for kind in groups()
    for verb in ("create", "update", "start")
    if hasattr(type(getattr(SM, group_of(kind))), verb)
)
SERVICE: Any = botocore.session.Session().get_service_model("sagemaker")
PROSE = re.compile(r"#* *# ")


def class_of(verb: str, kind: str) -> Any:
    name = group_of(kind)
    return request_of(getattr(SM, name), name, verb, kind)


def settled(text: str, level: int) -> str:
    """The template with so many # taken away from each member."""
    return "\n".join(line[min(level, _off(line)) :] for line in text.splitlines())


def _off(line: str) -> int:
    """How many # stand before a line: that of prose begins with one more."""
    hashes = len(line) - len(line.lstrip("#"))
    return hashes - 1 if re.match(r"#+ \S", line) else hashes


def keys(shape: Any, around: tuple[str, ...] = ()) -> set[str]:
    """The dotted names of all members of a shape, as botocore has them."""
    if shape.type_name == "list":
        return keys(shape.member, around)
    if shape.type_name != "structure" or shape.name in around:
        return set()
    found: set[str] = set()
    for name, member in shape.members.items():
        found |= {name, *(f"{name}.{each}" for each in keys(member, (*around, shape.name)))}
    return found


def named(document: Any) -> set[str]:
    """The dotted names in a document."""
    if isinstance(document, list):
        return set().union(*map(named, document)) if document else set()
    if not isinstance(document, dict):
        return set()
    return set(document) | {f"{key}.{each}" for key, value in document.items() for each in named(value)}


@pytest.mark.surface
@pytest.mark.parametrize(("verb", "kind"), KINDS)
def test_the_template_of_each_kind_has_every_member(verb: str, kind: str) -> None:
    cls = class_of(verb, kind)
    shape = SERVICE.operation_model(operation_of(cls).name).input_shape
    text = skeleton(cls, wire=True)
    assert all(len(line) <= 80 or PROSE.match(line) is None for line in text.splitlines())
    whole = yaml.safe_load(settled(text, 20)) or {}
    members = {name for name in keys(shape) if not _is_pair(shape, name)}
    assert named(whole) == members
    required = yaml.safe_load(text) or {}
    # The library fills in tokens.
    tokens = {name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")}
    assert set(required) == set(shape.required_members) - tokens


def _is_pair(shape: Any, name: str) -> bool:
    """Whether a name is the key or the value of tags, which templates write as a mapping."""
    *path, last = name.split(".")
    return bool(path) and path[-1].endswith("Tags") and last in ("Key", "Value")


@pytest.mark.surface
@pytest.mark.parametrize(("verb", "kind"), KINDS)
def test_the_template_of_each_kind_is_read_back(verb: str, kind: str) -> None:
    """As it stands, and with one # taken away after the other. What has no value is not sent."""
    cls = class_of(verb, kind)
    text = skeleton(cls)
    for level in range(4):
        for place in documents_of_yaml("template", settled(text, level), "--from"):
            request = request_from(cls, place, [])
            assert not list(_leaves(to_boto3(request)))


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def test_it_is_filled_in_and_created(local: LocalSageMaker, tmp_path: Path) -> None:
    text = run("template", "compilation-job").stdout
    for line in ("input_config:", "  s3_uri:", "  framework:", "  target_device:"):
        # The members that are optional where they stand have one # before them.
        assert f"\n#{line}\n" in text
    filled = text
    values = {
        "compilation_job_name:": "resnet",
        "role_arn:": COMPILATION["RoleArn"],
        "  s3_output_location:": "s3://models/out",
        "#  target_device:": "ml_c5",
        "#  max_runtime_in_seconds:": "900",
        "#input_config:": "",
        "#  s3_uri:": "s3://models/in/resnet.tar.gz",
        "#  framework:": "PYTORCH",
        "##  data_input_config:": """'{"input0": [1, 3, 224, 224]}'""",
        "##  framework_version:": "1.10",
    }
    for line, value in values.items():
        filled = filled.replace(f"\n{line}\n", f"\n{line.lstrip('#')} {value}\n")
    (tmp_path / "job.yaml").write_text(filled, encoding="utf-8")
    result = run("create", "compilation-job", "--from", str(tmp_path / "job.yaml"))
    assert (result.exit_code, result.stderr) == (0, "")
    found = local.boto3_client("sagemaker").describe_compilation_job(CompilationJobName="resnet")
    for member in ("InputConfig", "OutputConfig", "StoppingCondition"):
        assert found[member] == COMPILATION[member]


def test_it_says_what_a_member_means_and_what_bounds_it() -> None:
    text = run("template", "compilation-job").stdout
    prose = " ".join(text.replace("#", " ").split())
    assert "# Name of the compilation job, unique in an account and region. 1 to 63\n# characters.\n" in text
    assert "A whole number. At least 1." in prose
    assert "One of TENSORFLOW, KERAS, MXNET," in prose


def test_required_wire_and_json() -> None:
    lines = run("template", "compilation-job", "--required").stdout.splitlines()
    assert not [line for line in lines if line.startswith("#") and not line.startswith("# ") and line != "#"]
    assert "\nCompilationJobName:\n" in run("template", "compilation-job", "--wire").stdout
    document = json.loads(run("template", "compilation-job", "--json").stdout)
    assert document["compilation_job_name"] is None
    assert json.loads(run("template", "endpoint", "--for", "update", "--query", "keys(@)").stdout) == [
        "endpoint_name",
        "endpoint_config_name",
    ]


def test_a_kind_without_one() -> None:
    result = run("template", "monitoring-execution")
    assert (result.exit_code, result.stderr) == (2, "KIND: there is no way to create monitoring-execution\n")


def test_a_placeholder_is_not_sent(local: LocalSageMaker, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(run("template", "compilation-job").stdout, encoding="utf-8")
    result = run("create", "compilation-job", "--from", str(tmp_path / "job.yaml"))
    assert result.exit_code == 2
    assert "compilation_job_name: required" in result.stderr
    assert local.calls == {}
    assert request_from(class_of("create", "compilation-job"), Written("x", {}), []).unknown_members == {}

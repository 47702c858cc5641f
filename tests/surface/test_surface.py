"""The public surface holds what was recorded of it at the last release.

A break is either mended, or accepted with its reason in `accepted.toml`; see `docs/versions.md`.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from sagemaker_typed.changes._surface.breaks import breaks
from sagemaker_typed.changes._surface.entries import Attribute, Class, Function, Surface, dump, parse
from tests.surface.__main__ import ACCEPTED, RECORD, ROOT, recorded, version_of
from tests.surface.accepted import Accepted
from tests.surface.read import read


@pytest.fixture(scope="module")
def surface() -> Surface:
    return read(ROOT)


def test_nothing_broke_that_was_not_accepted(surface: Surface) -> None:
    old = recorded()
    problems = Accepted.load(ACCEPTED).problems(breaks(old, surface), version_of(old))
    assert not problems, "\n".join(["mend these, or accept them in tests/surface/accepted.toml:", *problems])


def test_the_text_holds_all_of_it(surface: Surface) -> None:
    assert parse(dump(surface)) == surface
    assert dump(recorded()) == RECORD.read_text(encoding="utf-8")


def test_lazy_and_generated_names_are_seen(surface: Surface) -> None:
    entries = surface.entries
    assert {"SageMaker", "Pages", "from_boto3", "types", "errors"} <= entries.keys()
    request = entries["types.CreateCompilationJobRequest"]
    assert isinstance(request, Class)
    assert request.bases == ("structure.Request['CreateCompilationJobResponse']",)
    init = request.members["__init__"]
    assert isinstance(init, Function)
    role = next(each for each in init.parameters if each.name == "role_arn")
    assert (role.kind, role.type, role.default) == ("keyword", "str", None)
    device = entries["types.TargetDevice"]
    assert isinstance(device, Class)
    assert device.members["ML_C5"] == Attribute(None, "'ml_c5'")
    groups = entries["resources.groups.Groups"]
    assert isinstance(groups, Class)
    assert groups.members["compilation_jobs"] == Attribute("CompilationJobs")
    command = entries["cli.changes"]
    assert isinstance(command, Function)
    assert "__fail_on" in {each.name for each in command.parameters}


def test_what_modules_export_is_what_was_read(surface: Surface) -> None:
    """The sources were read, nothing was imported: this imports, and finds the same names."""
    for module in ("", "client", "enums", "errors", "paging", "structure", "types", "waiting", "changes"):
        found = import_module(f"sagemaker_typed.{module}".rstrip("."))
        names = getattr(found, "__all__", None) or [name for name in dir(found) if not name.startswith("_")]
        prefix = f"{module}." if module else ""
        read_ = {
            name.removeprefix(prefix)
            for name, entry in surface.entries.items()
            if name.startswith(prefix) and "." not in name.removeprefix(prefix)
            if prefix or name != "cli"
        }
        assert read_ == set(names), module


def test_nothing_private_is_in_it(surface: Surface) -> None:
    private = [
        name
        for name in surface.entries
        if any(part.startswith("_") and not part.endswith("__") for part in name.split("."))
    ]
    assert private == []

"""What an import costs: only what is used is imported. Each case runs in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from sagemaker_typed.codegen.overlay import SiblingList
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.targets import Target
from tests.codegen.runs import ROOT


def loaded_after(*lines: str) -> set[str]:
    """The modules that are loaded once these lines have run."""
    script = "\n".join([*lines, "import json, sys", "print(json.dumps(sorted(sys.modules)))"])
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def ours(modules: set[str], piece: str) -> set[str]:
    """The modules of one piece of the package, by their names below it; "" for the piece itself."""
    prefix = f"sagemaker_typed.{piece}"
    return {
        name.removeprefix(prefix).lstrip(".") for name in modules if name == prefix or name.startswith(f"{prefix}.")
    }


HEAVY = ("boto3", "botocore", "cattrs", "cattr", "attrs", "attr", "tenacity", "dateutil", "urllib3")
MAKE = "import sagemaker_typed; sm = sagemaker_typed.SageMaker(region='us-west-2')"


def test_the_front_door_imports_nothing() -> None:
    modules = loaded_after("import sagemaker_typed")
    assert modules.isdisjoint(HEAVY)
    assert {name for name in modules if name.startswith("sagemaker_typed")} == {
        "sagemaker_typed",
        "sagemaker_typed._core",
        "sagemaker_typed._core.lazy",
        "sagemaker_typed._core.version",
    }


def test_a_lazy_package_knows_which_of_its_names_are_imported() -> None:
    """A name whose module is imported costs nothing, so that the hooks call the hook of its class without a detour."""
    loaded_after(
        "from sagemaker_typed._core.lazy import Names",
        "names = Names('sagemaker_typed.types')",
        "assert names.imported('DescribeModelInput') is False",
        "names.find('DescribeModelInput')",
        "assert names.imported('DescribeModelInput') is True",
        "assert names.imported('NoSuchName') is False",
    )


def test_the_client_imports_no_generated_class() -> None:
    modules = loaded_after(MAKE)
    assert modules.isdisjoint({"boto3", "cattrs", "botocore.session", "botocore.client"})
    assert ours(modules, "types") == {"", "_service"}
    assert ours(modules, "resources") == {"", "groups"}


@pytest.mark.parametrize(
    "use",
    ["sm.compilation_jobs", "sm.compilation_jobs.list()", "sm.compilation_jobs.create", "sm.compilation_jobs, sm.api"],
)
def test_a_resource_imports_its_own_modules_only(use: str) -> None:
    modules = loaded_after(MAKE, use)
    assert modules.isdisjoint({"boto3", "cattrs", "botocore.session", "botocore.client"})
    assert ours(modules, "resources") - {"api"} == {"", "groups", "compilation_jobs"}
    types = ours(modules, "types")
    assert "compilation_jobs" in types
    assert {name for name in types if not name.startswith("shared")} <= {"", "_index", "_service", "compilation_jobs"}


def test_a_type_imports_its_own_module_only() -> None:
    modules = loaded_after("from sagemaker_typed.types import CreateCompilationJobRequest")
    assert ours(modules, "resources") == set()
    types = ours(modules, "types")
    assert {name for name in types if not name.startswith("shared")} == {"", "_index", "_service", "compilation_jobs"}
    # Structures of other modules are not needed to make this one's classes.
    assert "shared.stopping_condition" not in types
    assert modules.isdisjoint({"boto3", "botocore", "cattrs"})


def test_the_client_imports_no_sibling() -> None:
    for use in ("None", "sm.endpoints.list()", "dir(sm)"):
        assert ours(loaded_after(MAKE, use), "services") == {"", "siblings"}


def test_a_sibling_imports_its_own_modules_only() -> None:
    modules = loaded_after(MAKE, "sm.runtime.invoke_endpoint")
    assert modules.isdisjoint({"boto3", "cattrs", "botocore.session", "botocore.client"})
    own = {"runtime", "runtime._service", "runtime._index", "runtime.messages", "runtime.methods", "siblings", ""}
    assert ours(modules, "services") <= own
    assert ours(modules, "types") == {"", "_service"}


def test_a_type_of_a_sibling_imports_its_own_module_only() -> None:
    modules = loaded_after("from sagemaker_typed.services.featurestore import FeatureValue")
    assert {name for name in ours(modules, "services") if name} == {
        "featurestore",
        "featurestore._index",
        "featurestore._service",
        "featurestore.structures",
    }
    assert modules.isdisjoint({"boto3", "botocore", "cattrs"})


@pytest.mark.parametrize("target", SiblingList.load().targets(), ids=lambda target: target.attribute)
def test_every_name_of_a_siblings_front_is_found(target: Target) -> None:
    package = import_module(target.package)
    names = dir(package)
    assert {target.class_name, f"Async{target.class_name}"} <= set(names)
    assert all(getattr(package, name) is not None for name in names)


def test_every_name_of_the_front_is_found(plan: Plan) -> None:
    script = "from sagemaker_typed import types; print(len([getattr(types, name) for name in dir(types)]))"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    enums = sum(len(module.enums) for module in plan.modules)
    structures = sum(len(module.structures) for module in plan.modules)
    assert int(done.stdout) == 2 * enums + structures


@pytest.mark.parametrize("statement", ["types.NoSuchThing", "types._index_of", "NoSuchThing"])
def test_a_name_that_is_not_there_is_an_attribute_error(statement: str) -> None:
    package = import_module("sagemaker_typed")
    *path, last = statement.split(".")
    for name in path:
        package = getattr(package, name)
    with pytest.raises(AttributeError, match="has no attribute"):
        getattr(package, last)

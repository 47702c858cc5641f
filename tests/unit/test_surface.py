"""What is public: the names, in order, and nothing else."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sagemaker_typed
from sagemaker_typed import errors, types

_PACKAGE = Path(sagemaker_typed.__file__).parent
_FACES = sorted(
    path.relative_to(_PACKAGE.parent).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")
    for pattern in ("[a-z]*.py", "changes/__init__.py", "testing/__init__.py")
    for path in _PACKAGE.glob(pattern)
)
"""The modules that users import by name."""
_MODULES = ("errors", "paging", "waiting", "enums", "structure", "client", "changes", "testing", "cli")


def test_the_front_door_is_sorted_and_each_name_is_there() -> None:
    assert sagemaker_typed.__all__ == sorted(sagemaker_typed.__all__)
    for name in sagemaker_typed.__all__:
        assert getattr(sagemaker_typed, name) is not None
    assert dir(sagemaker_typed) == sagemaker_typed.__all__


@pytest.mark.parametrize("module", _MODULES)
def test_each_name_of_all_is_there_once(module: str) -> None:
    found = import_module(f"sagemaker_typed.{module}")
    assert len(found.__all__) == len(set(found.__all__))
    for name in found.__all__:
        assert hasattr(found, name), name


@pytest.mark.parametrize("module", _FACES)
def test_dir_of_a_module_offers_its_public_names_alone(module: str) -> None:
    found = import_module(module)
    assert dir(found) == sorted(found.__all__)
    assert not [name for name in dir(found) if name.startswith("_")]


@pytest.mark.filterwarnings("ignore:.*Completer.complete.*:PendingDeprecationWarning")
def test_ipython_without_jedi_offers_no_imports() -> None:
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell()
    shell.Completer.use_jedi = False
    shell.push({"errors": errors})
    offered = {name.rpartition(".")[2] for name in shell.complete("errors.")[1]}
    assert {"ApiError", "WaitError"} <= offered
    assert not offered & {"attrs", "cast", "Any", "TYPE_CHECKING", "annotations"}


@pytest.mark.parametrize("module", [sagemaker_typed, types])
def test_a_name_that_is_not_there_is_an_attribute_error(module: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoSuchName'"):
        module.NoSuchName  # type: ignore[attr-defined]  # noqa: B018


def test_every_error_is_drawn_in_the_tree() -> None:
    drawn = errors.__doc__ or ""
    assert [name for name in errors.__all__ if name not in drawn] == [
        "Difference", "Problem", "ReportRow", "Rollback", "Wording",
    ]  # fmt: skip


def test_every_error_carries_the_same_facts_and_keeps_its_notes() -> None:
    made: list[errors.SageMakerError] = [
        errors.ResourceNotFoundError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeEndpoint"),
        errors.TransportError("cut off", "DescribeEndpoint"),
        errors.InvalidRequestError([errors.Problem("name", "min", "too short")], "DescribeEndpoint"),
        errors.ConversionError("no timestamp", "DescribeEndpoint", "abc"),
        errors.PaginationError("twice"),
        errors.WaitTimeoutError("late", name="endpoint"),
    ]
    for error in made:
        error.add_note("seen")
        again = pickle.loads(pickle.dumps(error))
        for one in (error, again):
            assert isinstance(one.message, str)
            assert one.code in (None, "ResourceNotFound")
            assert one.operation in (None, "DescribeEndpoint")
            assert one.http_status_code is None
            assert one.__notes__ == ["seen"]
        assert (type(again), str(again), again.request_id) == (type(error), str(error), error.request_id)


def test_the_converters_are_whole_whichever_thread_uses_them_first() -> None:
    code = """
import sys, threading
sys.setswitchinterval(1e-6)
from sagemaker_typed import from_boto3, to_boto3, types
from sagemaker_typed._core.validate import check
names = ["StoppingCondition", "OutputConfig", "TrainingJob", "DescribeTrainingJobResponse", "VpcConfig"]
for name in names:
    cls = getattr(types, name)
    from sagemaker_typed.structure import members_of
    obj = cls(**{member.field: None for member in members_of(cls)})
    for member in members_of(cls):
        object.__setattr__(obj, member.field, "2024-06-10T06:13:20Z")
    found, barrier = [], threading.Barrier(8)
    def work():
        barrier.wait()
        found.append(len(to_boto3(obj)))
    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert found == [len(members_of(cls))] * 8, (name, found)
"""
    subprocess.run([sys.executable, "-c", code], check=True)

"""`typing.get_type_hints` of functions and classes whose modules import what they name for type checkers only."""

from __future__ import annotations

import copy
import decimal
import inspect
import pickle
import subprocess
import sys
import typing
import xml.dom.minidom
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

import attrs
import pytest

import sagemaker_typed
from sagemaker_typed import AsyncRunner, AsyncSageMaker, Runner, SageMaker
from sagemaker_typed._core.late_hints import LateAnnotations, _imports_for_checkers, late
from sagemaker_typed.resources.api import Api
from sagemaker_typed.services.siblings import ATTRIBUTES
from sagemaker_typed.types import TargetDevice
from sagemaker_typed.types._service import SERVICE
from sagemaker_typed.waiting import WaitEvent

PACKAGE = Path(sagemaker_typed.__file__).parent


def test_type_hints_of_short_forms_and_of_the_client_are_real_types_in_a_fresh_process() -> None:
    script = """
import inspect, sys, typing
from collections.abc import Callable, Iterable
from sagemaker_typed import AsyncSageMaker, SageMaker
from sagemaker_typed.resources.feature_groups import FeatureGroups
assert "sagemaker_typed._data.records" not in sys.modules
hints = typing.get_type_hints(FeatureGroups.schema)
records = sys.modules["sagemaker_typed._data.records"]
assert hints["return"] is records.FeatureSchema, hints
for client in (SageMaker, AsyncSageMaker):
    signature = inspect.signature(client.map, eval_str=True)
    assert typing.get_origin(signature.parameters["fn"].annotation) is Callable, signature
    assert typing.get_type_hints(client.__init__)["region"] == str | None
from sagemaker_typed.structure import Request
assert typing.get_origin(typing.get_type_hints(SageMaker.send)["request"]) is Request
assert typing.get_type_hints(SageMaker.feature_groups.fget)["return"] is FeatureGroups
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_type_hints_without_the_source_are_those_of_generated_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_source(_: object) -> str:
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", no_source)
    _imports_for_checkers.cache_clear()
    try:
        script = "def create(self, target: TargetDevice, at: Unheard, event: WaitEvent, longest: timedelta): ..."
        space: dict[str, Any] = {"__name__": __name__}
        exec(f"from __future__ import annotations\n{script}", space)
        annotations = LateAnnotations(space["create"].__annotations__, space, SERVICE.types)
        assert [*annotations] == ["target", "at", "event", "longest"]
        assert (space["TargetDevice"], space["WaitEvent"], space["timedelta"]) == (TargetDevice, WaitEvent, timedelta)
        assert "Unheard" not in space
        others = {"work": "Callable[[], Literal[1]]", "trace": typing.ForwardRef("TracebackType"), "own": "Context"}
        space = {"__name__": __name__, "Context": Decimal}
        assert dict(LateAnnotations(others, space, SERVICE.types).items()) == others
        # `collections.abc` comes before `typing`, which has a `Callable` too.
        assert (space["Callable"], space["Literal"]) == (Callable, typing.Literal)
        assert (space["TracebackType"], space["Context"]) == (TracebackType, Decimal)
    finally:
        _imports_for_checkers.cache_clear()


GUARDED = """
from __future__ import annotations
from typing import TYPE_CHECKING
import json
if TYPE_CHECKING:
    import xml.dom
    import xml.dom.minidom as mini
    from . import nothing
    from decimal import Context, Decimal as Number
    alias = int
if not TYPE_CHECKING:
    import csv
if json:
    import zlib
def work(a: Number, b: Context, c: mini.Document, d: xml.dom.Node, e: bytes) -> None: ...
"""


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module with source that imports names for type checkers only."""
    (tmp_path / "guarded_names.py").write_text(GUARDED)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("guarded_names")
    del sys.modules["guarded_names"]
    _imports_for_checkers.cache_clear()


def test_what_a_module_imports_for_type_checkers(guarded: Any) -> None:
    assert _imports_for_checkers(guarded.__name__) == {
        "xml": ("xml", ""),
        "mini": ("xml.dom.minidom", ""),
        "Context": ("decimal", "Context"),
        "Number": ("decimal", "Decimal"),
    }


@pytest.mark.parametrize("evaluate", ["typing", "inspect"])
def test_a_function_of_such_a_module_has_type_hints(guarded: Any, evaluate: str) -> None:
    late(guarded.work)
    if evaluate == "typing":
        hints = typing.get_type_hints(guarded.work)
    else:
        parameters = inspect.signature(guarded.work, eval_str=True).parameters
        hints = {name: parameter.annotation for name, parameter in parameters.items()}
    expected = {
        "a": decimal.Decimal,
        "b": decimal.Context,
        "c": xml.dom.minidom.Document,
        "d": xml.dom.Node,
        "e": bytes,
    }
    assert {name: hint for name, hint in hints.items() if name != "return"} == expected


@pytest.mark.parametrize("read", [iter, LateAnnotations.keys, LateAnnotations.items])
@pytest.mark.parametrize("annotation", ["Number | None", typing.ForwardRef("Number | None")])
def test_whoever_goes_over_the_annotations_finds_the_names(guarded: Any, read: Any, annotation: Any) -> None:
    """The annotations of a named tuple are references."""
    space = vars(guarded)
    found = [*read(LateAnnotations({"at": annotation, "size": 3}, space, None))]
    assert found == ([("at", annotation), ("size", 3)] if read is LateAnnotations.items else ["at", "size"])
    assert space["Number"] is Decimal
    assert not {"Context", "mini", "xml"} & space.keys()  # nobody asked for these


def test_a_name_that_the_module_has_is_left_alone(guarded: Any) -> None:
    guarded.Number = int
    assert [*LateAnnotations({"at": "Number"}, vars(guarded), None)] == ["at"]
    assert guarded.Number is int


@pytest.mark.parametrize(
    ("cls", "name"),
    [(Runner, "__init__"), (Runner, "__exit__"), (AsyncRunner, "__aexit__"), (SageMaker, "__init__")],
)
def test_special_methods_have_late_annotations(cls: type, name: str) -> None:
    annotations = vars(cls)[name].__annotations__
    assert isinstance(annotations, LateAnnotations)
    if name != "__init__":
        assert typing.get_type_hints(vars(cls)[name])["trace"] == TracebackType | None


def test_annotations_are_copied_and_pickled_as_a_dict() -> None:
    annotations = SageMaker.send.__annotations__
    assert isinstance(annotations, LateAnnotations)
    for made in (pickle.loads(pickle.dumps(annotations)), copy.copy(annotations), copy.deepcopy(annotations)):
        assert type(made) is dict
        assert made == dict(annotations)
        assert "request" in made


def test_a_subclass_of_a_user_keeps_its_annotations() -> None:
    class Mine(SageMaker):
        def send_twice(self, name: str) -> str:
            return name

    assert type(Mine.send_twice.__annotations__) is dict
    assert typing.get_type_hints(Mine.send)["return"] is not None


def _public_methods(cls: type) -> Iterator[Callable[..., Any]]:
    for name in dir(cls):
        if name in ("__init__", "__exit__", "__aexit__") or not name.startswith("_"):
            found = inspect.getattr_static(cls, name)
            method = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
            if inspect.isfunction(method):
                yield method


MODULES = sorted(
    {"changes", "testing", "types", *(f"services.{name}" for name in ATTRIBUTES.values())}
    | {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("_")}
)


def _public(module: str) -> Iterator[tuple[str, Any]]:
    """The classes and functions that a module offers, and the methods of these classes."""
    found = import_module(f"{PACKAGE.name}.{module}")
    for name in dir(found):
        each = getattr(found, name)
        if inspect.isfunction(each) or inspect.isclass(each):
            yield name, each
        if inspect.isclass(each) and each.__module__.startswith(PACKAGE.name):
            for method in _public_methods(each):
                # attrs writes this one, with the annotations of the fields: those of the class are asked for instead.
                if method.__name__ != "__init__" or not attrs.has(each):
                    yield f"{name}.{method.__name__}", method


@pytest.mark.parametrize("module", MODULES)
def test_every_public_class_and_function_has_type_hints(module: str) -> None:
    wrong: dict[str, str] = {}
    for name, each in _public(module):
        try:
            hints = typing.get_type_hints(each)
        except (NameError, TypeError) as error:
            wrong[name] = str(error)
            continue
        if unread := [key for key, hint in hints.items() if isinstance(hint, str | typing.ForwardRef)]:
            wrong[name] = f"no types: {', '.join(unread)}"
    assert wrong == {}


def test_type_hints_name_the_classes_in_a_fresh_process() -> None:
    script = """
import sys, typing
from sagemaker_typed import Runner, logs, search, waiting
assert "sagemaker_typed.client" not in sys.modules
assert typing.get_type_hints(logs.lines)["sm"].__args__[0].__name__ == "SageMaker"
from sagemaker_typed.types import SearchExpression
assert SearchExpression in typing.get_type_hints(search.parse)["expression"].__args__
from sagemaker_typed.structure import Request
assert typing.get_type_hints(waiting.Batch)["describe"].__args__[0].__origin__ is Request
assert typing.get_type_hints(Runner.submit)["return"].__name__ == "RunFuture"
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_every_method_of_every_group_and_of_the_clients_has_type_hints() -> None:
    sm, asm = SageMaker(region="us-west-2"), AsyncSageMaker(region="us-west-2")
    groups = {path.partition(".")[0] for path in Api._paths.values() if "." in path} | set(ATTRIBUTES.values())
    classes = {type(getattr(each, group)) for group in groups for each in (sm, asm)} | {SageMaker, AsyncSageMaker}
    methods = [method for cls in classes for method in _public_methods(cls)]
    assert len(methods) > 1500
    for method in methods:
        parameters = set(inspect.signature(method, eval_str=True).parameters) - {"self"}
        hints = typing.get_type_hints(method)
        assert hints.keys() - {"return"} == parameters, method
        assert not [hint for hint in hints.values() if isinstance(hint, str | typing.ForwardRef)], method

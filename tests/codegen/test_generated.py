"""What is generated from shapes that SageMaker does not have yet can be imported and used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.write import render, write
from tests.codegen.runs import GENERATED, copy_of_the_package
from tests.codegen.sketch import Sketch, blank, plan_of


def run(sketch: Sketch, overlay: Overlay, folder: Path, script: str) -> list[str]:
    """What a script prints that uses a package generated from the sketch."""
    package = copy_of_the_package(folder, without=(*GENERATED, "codegen"))
    write(render(plan_of(sketch, overlay), sketch.model(), overlay), package)
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


EVERYTHING = """
import importlib, pkgutil
import sagemaker_typed.resources, sagemaker_typed.types
for package in (sagemaker_typed.resources, sagemaker_typed.types):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""


def test_a_map_between_enums_of_two_modules(tmp_path: Path) -> None:
    sketch = Sketch().enum("Ink", "black").enum("Paper", "ruled").map_of("Ink", "Paper", "Usage")
    sketch.resource("Widget", {"Ink": "Ink", "Usage": "Usage"}).resource("Gadget", {"Paper": "Paper"})
    script = """
from sagemaker_typed.types import CreateWidgetRequest
print(CreateWidgetRequest(widget_name="w", usage={"black": "ruled"}).usage)
"""
    overlay = blank(homes={"Ink": "widgets", "Paper": "gadgets"})
    assert run(sketch, overlay, tmp_path, EVERYTHING + script) == ["{<Ink.BLACK: 'black'>: <Paper.RULED: 'ruled'>}"]


def test_modules_that_name_each_others_enums(tmp_path: Path) -> None:
    sketch = Sketch().enum("Ink", "black").enum("Paper", "ruled")
    sketch.structure("Pen", {"Ink": "Ink", "For": "Paper"}).structure("Pad", {"Paper": "Paper", "For": "Ink"})
    sketch.resource("Widget", {"Pen": "Pen"}).resource("Gadget", {"Pad": "Pad"})
    overlay = blank(homes={"Ink": "widgets", "Pen": "widgets", "Paper": "gadgets", "Pad": "gadgets"})
    script = """
from sagemaker_typed.types import Pad, Pen
print(Pen(ink="black", for_="ruled"), Pad(paper="ruled", for_="black"))
"""
    assert run(sketch, overlay, tmp_path, EVERYTHING + script) == [
        "Pen(ink=<Ink.BLACK: 'black'>, for_=<Paper.RULED: 'ruled'>) "
        "Pad(paper=<Paper.RULED: 'ruled'>, for_=<Ink.BLACK: 'black'>)"
    ]


def test_a_class_with_another_name_than_its_shape(tmp_path: Path) -> None:
    sketch = Sketch().structure("Rule", {"Kind": "Kind"}).enum("Kind", "plain").list_of("Rule")
    sketch.resource("Widget", {"Rules": "RuleList"}, {"Rules": "RuleList"})
    overlay = blank(names={"classes": {"Rule": "WidgetRule"}})
    script = """
from sagemaker_typed import from_boto3, to_boto3
from sagemaker_typed.types import DescribeWidgetResponse, WidgetRule
response = from_boto3(DescribeWidgetResponse, {"Rules": [{"Kind": "plain"}]})
print(response, to_boto3(response))
print(WidgetRule.__doc__)
"""
    said = run(sketch, overlay, tmp_path, EVERYTHING + script)
    assert said[0] == (
        "DescribeWidgetResponse(rules=[WidgetRule(kind=<Kind.PLAIN: 'plain'>)]) {'Rules': [{'Kind': 'plain'}]}"
    )
    assert any(line.strip().endswith("/API_Rule.html") for line in said)


def test_a_list_from_a_mapping_whose_fields_have_names_of_their_own(tmp_path: Path) -> None:
    sketch = Sketch().structure("Label", {"Lambda": "String", "Text": "String"}).list_of("Label")
    sketch.resource("Widget", {"Labels": "LabelList"})
    overlay = blank(
        conversions={"mappings": {"LabelList": {"key": "Lambda", "value": "Text"}}},
        names={"fields": {"Label.Text": "words"}},
    )
    script = """
from sagemaker_typed.types import CreateWidgetRequest
print(CreateWidgetRequest(widget_name="w", labels={"a": "b"}).labels)
"""
    assert run(sketch, overlay, tmp_path, EVERYTHING + script) == ["[Label(lambda_='a', words='b')]"]

"""The words of our own: how much of the model has some, that none is AWS's, and what becomes of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.codegen.coverage import Coverage, coverage, lacking
from sagemaker_typed.codegen.overlay import FOLDER, Overlay, SiblingList
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.read import BotocoreModel, read_installed
from sagemaker_typed.codegen.render_resources import ResourcesRenderer
from sagemaker_typed.codegen.render_types import TypesRenderer
from sagemaker_typed.codegen.targets import MAIN, Target
from sagemaker_typed.codegen.words import read
from tests.codegen.sketch import Sketch, blank, plan_of

RUN = 8
"""Words in a row that no sentence has in common with AWS's text on the same thing."""
SIBLINGS = SiblingList.load().targets()


# --- coverage ---------------------------------------------------------------------------------------------------------


def test_everything_is_worded(plan: Plan) -> None:
    shares = {each.kind: each for each in coverage(plan)}
    whole = ("operations", "groups", "waits", "errors", "structures", "enums")
    assert {kind: shares[kind].missing for kind in whole if shares[kind].missing} == {}
    assert shares["members"].share >= 0.9, shares["members"].missing
    assert shares["values"].share >= 0.9, shares["values"].missing


def test_every_operation_of_the_services_beside_is_worded() -> None:
    for target in SIBLINGS:
        missing = read_installed(target.service).operations.keys() - Overlay.of(target).words["operations"].keys()
        assert missing == set(), target.attribute


def drawn() -> Sketch:
    sketch = Sketch().enum("WidgetStatus", "Creating", "Ready", "ml.m5.large")
    sketch.structure("Part", {"Size": "Integer", "WidgetStatus": "WidgetStatus"})
    return sketch.resource("Widget", {"Part": "Part"}, {"WidgetStatus": "WidgetStatus", "FailureReason": "String"})


def said(**tables: dict[str, str]) -> Plan:
    return plan_of(drawn(), blank(words=tables, waiters={"without": {"DescribeWidget": "Nobody waits."}}))


def test_what_lacks_words_is_counted_and_named() -> None:
    plan = said(operations={"CreateWidget": "Make a widget."}, members={"Part.Size": "Height, in metres."})
    found = {each.kind: each for each in coverage(plan)}
    assert found["operations"] == Coverage("sagemaker", "operations", 2, ("DescribeWidget",))
    assert found["operations"].share == 0.5
    assert found["structures"].missing == ("Part",)
    assert "Part.Size" not in found["members"].missing
    assert "Part.WidgetStatus" in found["members"].missing
    line = lacking(plan)
    assert line is not None
    assert "1 operations (DescribeWidget)" in line
    assert line.endswith("; `make words` lists all")


# --- no sentence is AWS's ---------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", re.sub(r"<[^>]+>", " ", html.unescape(text)).lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}


def theirs(model: BotocoreModel, table: str, key: str) -> Iterator[str]:
    """AWS's texts on a thing."""
    owner, _, name = key.partition(".")
    bodies: list[Any] = []
    if table == "operations":
        bodies = [model.operations[key]]
    elif table == "shapes":
        bodies = [model.shapes[key]]
    elif table == "values":
        bodies = [model.shapes[owner]]
    elif table == "members":
        shapes = [owner] if name else model.shapes
        bodies = [ref for shape in shapes for wire, ref in model.members(shape).items() if wire == (name or key)]
    for body in bodies:
        yield body.get("documentation", "")


@pytest.mark.parametrize("target", [MAIN, *SIBLINGS], ids=lambda target: target.service)
def test_no_sentence_is_copied(target: Target) -> None:
    model, overlay = read_installed(target.service), Overlay.of(target)
    checked = 0
    for table, sentences in overlay.words.items():
        for key, sentence in sentences.items():
            mine = runs(sentence)
            checked += 1
            for text in theirs(model, table, key):
                assert mine.isdisjoint(runs(text)), f"[{table}] {key}"
    assert checked >= len(model.operations)


def test_a_copied_sentence_would_be_found(model: BotocoreModel) -> None:
    (text,) = theirs(model, "operations", "CreateCompilationJob")
    assert not runs(" ".join(words(text)[3:14])).isdisjoint(runs(text))


def test_a_sentence_is_one() -> None:
    for target in (MAIN, *SIBLINGS):
        for table, sentences in Overlay.of(target).words.items():
            for key, sentence in sentences.items():
                where = f"{target.service} [{table}] {key}: {sentence}"
                assert table == "families" or sentence.endswith("."), where
                assert not sentence[0].islower(), where
                assert len(sentence.split()) <= 26, where
                assert "\n" not in sentence, where
                assert "<" not in sentence or ">" not in sentence or "`" in sentence, where


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_sentence_stands_once(tmp_path: Path) -> None:
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "a.toml").write_text('[operations]\nStop = "Stop it."\n')
    (folder / "b.toml").write_text('[operations]\nStop = "Stop it now."\n')
    with pytest.raises(ValueError, match=r"overlay/words/b\.toml: \[operations\] Stop .* words/a\.toml too"):
        read(tmp_path, MAIN)


def test_every_file_is_read() -> None:
    beside = {f"{target.overlay}.toml" for target in SIBLINGS}
    assert {path.name for path in (FOLDER / "words" / "services").iterdir()} == beside
    assert {path.suffix for path in (FOLDER / "words").iterdir() if path.is_file()} == {".toml"}


# --- in docstrings ----------------------------------------------------------------------------------------------------


def rendered(plan: Plan, name: str) -> str:
    from sagemaker_typed.codegen.names import Namer
    from sagemaker_typed.codegen.problems import Problems

    overlay = blank()
    types = TypesRenderer(plan, Namer(overlay.names, Problems()))
    if name == "resources":
        (group,) = plan.groups
        return ResourcesRenderer(plan, types, Namer(overlay.names, Problems())).group(group)
    return "".join(types.module(module) for module in plan.modules)


def test_words_come_first_and_fields_have_their_names() -> None:
    plan = said(
        operations={"CreateWidget": "Make a widget."},
        shapes={"Part": "A part of a widget.", "WidgetStatus": "States of a widget."},
        members={"Size": "Height, unless `WidgetStatus` or `FailureReason` says so.", "Part": "First part."},
        values={"WidgetStatus.Ready": "It works; `FailureReason` is empty."},
        families={"m5": "Instance with Intel CPUs"},
    )
    text = rendered(plan, "types")
    assert (
        '    """Height, unless `widget_status` or `failure_reason` says so.\n\n    Wire name `Size`.\n    """\n' in text
    )
    assert '    READY = "Ready"\n    """It works; `failure_reason` is empty."""\n' in text
    assert '    ML_M5_LARGE = "ml.m5.large"\n    """Instance with Intel CPUs, size `large`."""\n' in text
    assert '"""Request of `CreateWidget`: make a widget.\n' in text
    assert '"""A part of a widget.\n\n    Used by `CreateWidget`.\n' in text
    methods = rendered(plan, "resources")
    assert '        """Make a widget.\n\n        Args:\n            widget_name: `WidgetName`.\n' in methods
    assert "            part: First part.\n" in methods


def test_what_has_no_words_says_what_is_known() -> None:
    text = rendered(said(), "types")
    assert '"""Request of `CreateWidget`.\n' in text
    assert '"""Response of `DescribeWidget`, with `widget_name`, `widget_status` and `failure_reason`.\n' in text
    assert '    """Wire name `Size`."""\n' in text


@pytest.mark.parametrize("empty", ["Call `", "The arguments' rules stand at", "whatever every call may raise"])
def test_no_docstring_says_nothing(empty: str) -> None:
    package = Path(__file__).parents[2] / "sagemaker_typed"
    generated = [path for folder in ("types", "resources", "services") for path in (package / folder).rglob("*.py*")]
    texts = (path for path in generated if path.suffix in (".py", ".pyi"))
    assert [path for path in texts if empty in path.read_text(encoding="utf-8")] == []

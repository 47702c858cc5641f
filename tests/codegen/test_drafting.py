"""What `make update` says of new members, classes and operations: sentences for docstrings, and members of every answer."""

from __future__ import annotations

import copy
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.coverage import coverage
from sagemaker_typed.codegen.drafting import drafts
from sagemaker_typed.codegen.guesses import Guess
from sagemaker_typed.codegen.identifying import always_there, identifying
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.proposals import MARK, standing, write_drafts
from sagemaker_typed.codegen.read import BotocoreModel, Json
from sagemaker_typed.codegen.targets import MAIN
from tests.codegen.runs import PACKAGE
from tests.codegen.sketch import Sketch, blank
from tests.codegen.test_words import runs, theirs

NOTHING: Json = {"shapes": {}, "operations": {}}
NEW = "MlflowApp"
"""The operations with this in their name are new in these tests."""


def older(model: BotocoreModel) -> Json:
    """The model before the new operations."""
    before = model.without([name for name in model.operations if NEW in name])
    return {"shapes": before.shapes, "operations": before.operations}


def without_words(overlay: Overlay, before: Json) -> Overlay:
    """The decisions without sentences on what the model of before lacks."""

    def is_old(table: str, key: str) -> bool:
        owner, dot, wire = key.partition(".")
        if table == "operations":
            return key in before["operations"]
        if table == "members" and dot:
            return wire in before["shapes"].get(owner, {}).get("members", {})
        return table not in ("shapes", "values") or owner in before["shapes"]

    said = {
        table: {key: text for key, text in each.items() if is_old(table, key)} for table, each in overlay.words.items()
    }
    said["groups"] = {name: text for name, text in overlay.words["groups"].items() if name != "mlflow_apps"}
    return replace(overlay, words=said)


@pytest.fixture(scope="module")
def found(model: BotocoreModel, overlay: Overlay) -> list[Guess]:
    before = older(model)
    bare = without_words(overlay, before)
    return list(drafts(build(model, bare), model, bare, before))


# --- sentences --------------------------------------------------------------------------------------------------------


def test_everything_new_has_a_sentence(model: BotocoreModel, overlay: Overlay, found: list[Guess]) -> None:
    before = older(model)
    bare = without_words(overlay, before)
    assert sum(len(each.missing) for each in coverage(build(model, bare))) > 20
    said = copy.deepcopy(bare.words)
    for each in found:
        said[each.table[0]].update(each.lines)
    whole = ("operations", "groups", "waits", "errors", "structures", "enums", "members")
    shares = {each.kind: each for each in coverage(build(model, replace(bare, words=said)))}
    assert {kind: shares[kind].missing for kind in whole if shares[kind].missing} == {}


def test_they_are_sentences_and_none_is_a_copy(model: BotocoreModel, found: list[Guess]) -> None:
    for each in found:
        ((key, sentence),) = each.lines.items()
        assert sentence.endswith("."), sentence
        assert sentence[0].isupper(), sentence
        assert len(sentence.split()) <= 26, sentence
        assert each.reason
        for text in theirs(model, each.table[0], key):
            assert runs(sentence).isdisjoint(runs(text)), key


def test_they_stand_where_such_sentences_stand(model: BotocoreModel, overlay: Overlay, found: list[Guess]) -> None:
    files = {next(iter(each.lines)): each.file for each in found}
    assert files["CreateMlflowApp"] == "words/mlflow_apps"
    assert files["mlflow_apps"] == "words/groups"
    for key, file in files.items():
        place = overlay.word_files.get(f"members.{key}") or overlay.word_files.get(f"shapes.{key}")
        assert place in (None, file, "words/glossary_a", "words/glossary_b", "words/exceptions"), key


def sketch() -> Sketch:
    drawn = Sketch().enum("KiteStatus", "Flying", "Landed").structure("Tail", {"BowCount": "Integer"})
    members: dict[str, str | Json] = {
        "Tail": "Tail", "LineArn": "String", "MaxHeight": "Integer", "EnableLights": "Boolean", "LandingTime": "Timestamp",
        "Colour": "String", "Kite": "String", "Filters": "KiteFilter", "Error": "MoveKitesError",
    }  # fmt: skip
    drawn.enum("KiteFilterName", "Colour").enum("MoveKitesErrorCode", "Gone")
    drawn.structure("KiteFilter", {"Name": "KiteFilterName"}).structure(
        "MoveKitesError", {"Code": "MoveKitesErrorCode"}
    )
    drawn.resource("Kite", members, {"KiteStatus": "KiteStatus", "Colour": "String"})
    return drawn.resource("Balloon", {"Colour": "String"})


def drawn_drafts(**words: dict[str, str]) -> dict[str, str]:
    overlay = blank(words=words, waiters={"without": {"DescribeKite": "-", "DescribeBalloon": "-"}})
    model = sketch().model()
    return {
        key: text for each in drafts(build(model, overlay), model, overlay, NOTHING) for key, text in each.lines.items()
    }


def test_a_name_gives_a_sentence() -> None:
    said = drawn_drafts()
    assert said["CreateKite"] == "Create a kite."
    assert said["DescribeBalloon"] == "Look up a balloon."
    assert said["KiteStatus"] == "States of a kite."
    assert said["CreateKiteRequest.LineArn"] == "ARN of the line."
    assert said["CreateKiteRequest.MaxHeight"] == "Largest height."
    assert said["CreateKiteRequest.EnableLights"] == "Whether to enable lights."
    assert said["CreateKiteRequest.LandingTime"] == "Time of the landing."
    assert said["Tail.BowCount"] == "Number of bows."
    assert said["CreateKiteRequest.Kite"] == "The kite."
    assert said["KiteFilter"] == "A condition on listed kites."
    assert said["MoveKitesError"] == "What went wrong for one of the items."
    assert said["MoveKitesErrorCode"] == "Codes of what went wrong."
    assert said["KiteFilterName"] == "Properties by which a list can be filtered."


def test_the_reason_says_that_a_sentence_is_a_draft() -> None:
    overlay = blank(waiters={"without": {"DescribeKite": "-", "DescribeBalloon": "-"}})
    model = sketch().model()
    reasons = {each.reason for each in drafts(build(model, overlay), model, overlay, NOTHING)}
    assert reasons == {"drafted from its name"}


@pytest.mark.parametrize(
    ("status", "outcome", "sentence"),
    [
        ("ACTIVE", "success", "The kite is active."),
        ("DELETING", "failure", "The kite is being deleted."),
        ("Updating", "failure", "The kite is being changed."),
        ("Circling", "failure", "The kite is in the state `Circling`."),
        ("CREATE_FAILED", "failure", "A final state: something went wrong with the kite."),
    ],
)
def test_a_status_gives_a_sentence(status: str, outcome: str, sentence: str) -> None:
    drawn = Sketch().enum("KiteStatus", status, "Other").resource("Kite", {}, {"KiteStatus": "KiteStatus"})
    waiter = {
        "status": "KiteStatus",
        "done": {outcome: [status], "success" if outcome == "failure" else "pending": ["Other"]},
    }
    overlay = blank(waiters={"kites": waiter})
    model = drawn.model()
    found = [each.lines for each in drafts(build(model, overlay), model, overlay, NOTHING) if each.table == ("values",)]
    assert {f"KiteStatus.{status}": sentence} in found


def test_a_sibling_knows_better() -> None:
    said = drawn_drafts(members={"CreateBalloonRequest.Colour": "Colour of the balloon's skin, as a name."})
    assert said["CreateKiteRequest.Colour"] == "Colour of the kite's skin, as a name."


def test_a_type_knows_better() -> None:
    said = drawn_drafts(shapes={"Tail": "What keeps the nose up."})
    assert said["CreateKiteRequest.Tail"] == "What keeps the nose up."
    assert (
        drawn_drafts(members={"CreateKiteRequest.Tail": "What keeps it straight."})["Tail"] == "What keeps it straight."
    )


def test_what_is_awss_is_left_out() -> None:
    drawn = sketch()
    text = "What keeps the nose of any kite up and its flight straight"
    drawn.shapes["CreateKiteRequest"]["members"]["Tail"] = {"shape": "Tail", "documentation": f"<p>{text}.</p>"}
    overlay = blank(
        words={"shapes": {"Tail": f"{text}."}}, waiters={"without": {"DescribeKite": "-", "DescribeBalloon": "-"}}
    )
    model = drawn.model()
    said = {key for each in drafts(build(model, overlay), model, overlay, NOTHING) for key in each.lines}
    assert "CreateKiteRequest.Tail" not in said
    assert "CreateKiteRequest.Colour" in said


def test_nothing_is_said_of_what_is_not_new(model: BotocoreModel, overlay: Overlay) -> None:
    bare = without_words(overlay, older(model))
    before = {"shapes": model.shapes, "operations": model.operations}
    tables = {each.table[0] for each in drafts(build(model, bare), model, bare, before)}
    assert tables <= {"operations", "groups", "values"}


# --- members of every answer ------------------------------------------------------------------------------------------


def test_people_decided_the_same(model: BotocoreModel, overlay: Overlay) -> None:
    """On all shapes that there are: nine in ten guesses are what stands in the overlay."""
    decided = overlay.optional["always"]
    requested = {shape for operation in model.operations for shape in model.reach(model.input(operation))}
    guessed = [(shape, wire) for shape, wires in identifying(model).items() if shape not in requested for wire in wires]
    kept = [each for each in guessed if each[1] in decided.get(each[0], ())]
    assert len(kept) > 100
    assert len(kept) / len(guessed) >= 0.9
    assert len(kept) / sum(map(len, decided.values())) >= 0.85


def test_only_new_members_are_proposed(model: BotocoreModel, overlay: Overlay) -> None:
    none = replace(overlay, optional={**overlay.optional, "always": {}})
    shapes = copy.deepcopy(model.shapes)
    assert list(always_there(model, {"shapes": shapes}, none)) == []
    del shapes["DescribePipelineResponse"]["members"]["PipelineArn"]
    (found,) = always_there(model, {"shapes": shapes}, none)
    assert (found.file, found.table, found.lines) == (
        "optional",
        ("always",),
        {"DescribePipelineResponse": ["PipelineArn"]},
    )
    assert list(always_there(model, {"shapes": shapes}, overlay)) == []


def test_an_answer_with_one_address_has_it() -> None:
    drawn = Sketch().operation("CreateKite", {"KiteName": "String"}, {"KiteArn": "String"})
    drawn.operation("UpdateKite", {"KiteName": "String"}, {"KiteArn": "String", "Height": "Integer"})
    assert identifying(drawn.model()) == {"CreateKiteResponse": {"KiteArn": "the response has no other member"}}


# --- the files --------------------------------------------------------------------------------------------------------


def test_they_are_written_and_marked(tmp_path: Path, model: BotocoreModel) -> None:
    folder = tmp_path / "sagemaker_typed/codegen/overlay"
    shutil.copytree(PACKAGE / "codegen/overlay", folder)
    (folder / "words/mlflow_apps.toml").unlink()
    before = list(standing(folder))  # those that nobody has reviewed since the last update
    found = write_drafts(older(model), MAIN, folder)
    said: dict[str, Any] = tomllib.loads((folder / "words/mlflow_apps.toml").read_text(encoding="utf-8"))
    assert said["operations"]["DescribeMlflowApp"] == "Look up an MLflow app."
    assert len(found) > 20
    marked = [line for line in standing(folder) if MARK in line]
    assert len(marked) == len(before) + len(found)
    assert "# Words of our own on mlflow apps." in (folder / "words/mlflow_apps.toml").read_text(encoding="utf-8")
    assert write_drafts(older(model), MAIN, folder) == []

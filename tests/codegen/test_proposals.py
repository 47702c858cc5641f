"""What `make update` writes into the overlay where somebody has to decide, and where it leaves that to a person."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.codegen.guesses import Guess, guess
from sagemaker_typed.codegen.overlay import FOLDER, Overlay
from sagemaker_typed.codegen.problems import Question
from sagemaker_typed.codegen.proposals import MARK, answers, questions, standing, write
from sagemaker_typed.codegen.statuses import outcome, sense, states_for
from tests.codegen.sketch import Sketch, blank, plan_of


def proposed(sketch: Sketch, overlay: Overlay | None = None) -> dict[str, Any]:
    """Key -> value of every line that is proposed."""
    found = answers(sketch.model(), overlay or blank())
    return {key: value for _, each in found for part in each.parts() for key, value in part.lines.items()}


def settled(sketch: Sketch, overlay: Overlay | None = None) -> Overlay:
    """The overlay with every proposal, which then settles all."""
    overlay = overlay or blank()
    for _, each in list(answers(sketch.model(), overlay)):
        each.added_to(overlay)
    return overlay


# --- groups and methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        ("AttachClusterNodeVolume", "cluster_nodes.attach_volume"),
        ("BatchRebootClusterNodes", "cluster_nodes.batch_reboot"),
        ("ListRollbacksForCluster", "clusters.list_rollbacks"),
        ("CreatePresignedClusterUrl", "clusters.create_presigned_url"),
        ("ImportCluster", "clusters.import_"),
        ("AddKite", "kites.add"),
        ("DescribeKiteMetadata", "kite_metadata.describe"),
    ],
)
def test_the_group_is_the_longest_that_the_name_says(operation: str, place: str) -> None:
    sketch = Sketch().resource("Cluster").resource("ClusterNode").operation(operation)
    assert proposed(sketch)[operation] == place


def test_a_member_that_must_be_given_names_the_group() -> None:
    sketch = Sketch().resource("Image").operation("ListAliases", {"ImageName": "String"}, required=["ImageName"])
    assert proposed(sketch) == {"ListAliases": "images.list_aliases"}


def test_operations_about_one_thing_become_a_group_together() -> None:
    sketch = Sketch().operation("AddKite").operation("RemoveKite")
    assert proposed(sketch) == {"AddKite": "kites.add", "RemoveKite": "kites.remove"}


def test_two_operations_are_never_proposed_for_one_method() -> None:
    sketch = Sketch().resource("Cluster").operation("AttachClusterVolume").operation("AttachVolumeForCluster")
    taken = blank(groups={"operations": {"AttachClusterVolume": "clusters.attach_volume"}})
    assert proposed(sketch, taken) == {}
    assert [each.subject for each in questions(sketch.model(), taken)] == ["AttachVolumeForCluster"]


# --- words, secrets, pages --------------------------------------------------------------------------------------------


def test_a_short_word_is_known_from_now_on() -> None:
    sketch = Sketch().resource("Kite", {"GpuXyCount": "Integer", "XyName": "String"})
    assert proposed(sketch) == {"known": ["xy"]}


def test_what_aws_writes_as_one_word_is_kept_whole() -> None:
    sketch = Sketch().resource("Kite", {"OAuthMode": {"shape": "String", "documentation": "How OAuth is used."}})
    assert proposed(sketch) == {"OAuth": "oauth"}
    fields = {field.name for field in plan_of(sketch, settled(sketch)).groups[0].operations[0].request.fields}
    assert "oauth_mode" in fields


@pytest.mark.parametrize(
    ("member", "table"),
    [
        ("ClientToken", "plain"),
        ("AccessToken", "secret"),
        ("Environment", "secret"),
        ("RepositoryUrl", "plain"),
        ("PresignedUrl", "secret"),
        ("AdminPassword", "secret"),
    ],
)
def test_what_may_be_a_secret_is_hidden_unless_it_grants_nothing(member: str, table: str) -> None:
    sketch = Sketch().resource("Kite", {member: "String"})
    tables = {part.table for _, each in answers(sketch.model(), blank()) for part in each.parts()}
    assert tables == {(table,)}


def test_the_list_that_the_operation_is_called_after_has_the_items() -> None:
    token = {"NextToken": "String"}
    sketch = Sketch().list_of("String").resource("Kite")
    sketch.operation("ListKites", token, {**token, "KiteSummaries": "StringList", "Warnings": "StringList"})
    sketch.operation("DeleteKite", token, token)
    assert proposed(sketch) == {"ListKites": ["KiteSummaries"], "DeleteKite": []}


# --- statuses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "text", "means"),
    [
        ("completed", "IN_PROGRESS", "pending"),
        ("completed", "Completed", "success"),
        ("completed", "CompletedWithFailures", "failure"),
        ("completed", "Stopped", "stopped"),
        ("completed", "Deleting", "failure"),
        ("in_service", "RollingBack", "pending"),
        ("in_service", "UpdateRollbackFailed", "failure"),
        ("in_service", "OutOfService", "failure"),
        ("stopped", "Stopping", "pending"),
        ("stopped", "Completed", "failure"),
        ("deleted", "DeleteFailed", "failure"),
        ("deleted", "Failed", "pending"),
        ("deleted", "InService", "pending"),
        ("deleted", "Deleted", "success"),
        ("completed", "Superseded", None),
        ("approved", "Draft", None),
    ],
)
def test_the_words_of_a_status_say_what_it_means(state: str, text: str, means: str | None) -> None:
    assert outcome(state, text, []) == means


def test_the_words_say_what_people_decided() -> None:
    """Every status of every wait that stands in the overlay, guessed as if it were new."""
    right = wrong = 0
    for place, texts in _classed(Overlay.load()):
        for means, text in texts:
            others = [other for outcome_, other in texts if outcome_ == "success" and other != text]
            found = outcome(place.partition(".")[2], text, others)
            right += found == means
            wrong += found not in (means, None)
    assert right > 700
    assert wrong / (right + wrong) < 0.02


def _classed(overlay: Overlay) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for group, entry in overlay.waiters.items():
        if group in ("defaults", "without", "runs"):
            continue
        for state, table in entry.items():
            if isinstance(table, dict) and state != "explain":
                yield (
                    f"{group}.{state}",
                    [
                        (means, text)
                        for means in ("pending", "success", "failure", "stopped")
                        for text in table.get(means, ())
                    ],
                )


def test_a_new_resource_gets_its_waits() -> None:
    sketch = Sketch().enum("KiteStatus", "Creating", "Active", "Deleting", "CreateFailed", "DeleteFailed")
    sketch.resource("Kite", gives={"KiteStatus": "KiteStatus", "StatusReason": "String"})
    sketch.operation("DeleteKite", {"KiteName": "String"}, required=["KiteName"])
    (group,) = plan_of(sketch, settled(sketch)).groups
    assert {waiter.state: waiter.classes for waiter in group.waiters} == {
        "active": {
            "pending": ("Creating",),
            "success": ("Active",),
            "failure": ("Deleting", "CreateFailed", "DeleteFailed"),
            "stopped": (),
        },
        "deleted": {
            "pending": ("Creating", "Active", "Deleting", "CreateFailed"),
            "success": (),
            "failure": ("DeleteFailed",),
            "stopped": (),
        },
    }
    assert group.waiters[0].reason is not None


def test_a_status_of_unknown_class_is_left_to_a_person() -> None:
    assert sense("Quarantined") is None
    assert states_for(["Creating", "Active", "Quarantined"], stops=False, updates=False) is None
    sketch = Sketch().enum("KiteStatus", "Creating", "Active", "Quarantined")
    sketch.resource("Kite", gives={"KiteStatus": "KiteStatus"})
    assert proposed(sketch) == {}
    active = blank(
        waiters={"kites": {"status": "KiteStatus", "active": {"pending": ["Creating"], "success": ["Active"]}}}
    )
    assert proposed(sketch, active) == {}


# --- the files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "a" / "b" / "overlay")
    return tmp_path / "a" / "b" / "overlay"


CASES = [
    Guess("groups", ("operations",), {"AddZebra": "zebras.add"}, "its name"),
    Guess("groups", ("classes",), {"zebras": "ZebraGroup"}, "its name"),
    Guess("names", ("words",), {"known": ["zz"]}, "a word"),
    Guess("names", ("fix",), {"ZeBra": "zebra"}, "one word"),
    Guess("secrets", ("secret",), {"Zebra.Token": 'It says "token".'}, "its name"),
    Guess("paging", ("items",), {"ListZebras": ["A", "B"]}, "two lists"),
    Guess("paging", ("describes",), {"operations": ["DescribeZebra"]}, "it describes"),
    Guess("waiters", ("training_jobs", "completed"), {"failure": ["Zapped"]}, "its words"),
    Guess("waiters", ("runs", "CreateZebra"), {"answer": "ZebraArn"}, "its answer"),
    Guess("kept", ("values",), {"TargetDevice.zebra": "0.9.0"}, "gone"),
    Guess("optional", (), {"members": ["ZebraReason"]}, "its name"),
    Guess(
        "waiters", ("zebras",), {"status": "Status"}, "a status",
        (Guess("waiters", ("zebras", "active"), {"pending": ["Creating"], "success": ["Active"]}, "its words"),),
    ),
]  # fmt: skip


@pytest.mark.parametrize("found", CASES, ids=lambda each: f"{each.file}.{'.'.join(each.table)}")
def test_what_is_written_is_what_was_guessed(found: Guess, folder: Path) -> None:
    before = {path: path.read_text().splitlines() for path in folder.rglob("*.toml")}
    expected = Overlay.load(folder)
    found.added_to(expected)
    write(found, folder)
    written = Overlay.load(folder)
    for part in found.parts():
        assert getattr(written, part.file) == getattr(expected, part.file)
    said = [line for path in folder.rglob("*.toml") for line in path.read_text().splitlines() if MARK in line]
    assert len(said) == len(list(standing(folder)))
    assert len(said) >= sum(len(part.lines) for part in found.parts())
    places = [line.partition(".toml:")[2].partition(": ")[2] for line in standing(folder)]
    for part in found.parts():
        table = f"[{'.'.join(part.table)}] " if part.table else ""
        assert any(each.startswith(table) and MARK in each for each in places)
    # What people wrote stays, comments too; a list grows within its line.
    for path, lines in before.items():
        gone = [line for line in lines if line not in path.read_text().splitlines()]
        assert len(gone) <= 1
        assert all("[" in line for line in gone)


def test_a_proposal_is_written_once(folder: Path) -> None:
    sketch = Sketch().resource("Kite", {"GpuXyCount": "Integer", "XyName": "String", "OtherXy": "String"})
    found = [each for _, each in answers(sketch.model(), blank())]
    assert len(found) == 1


def test_a_question_that_nobody_can_guess_stays_one() -> None:
    sketch = Sketch().operation("Fly")
    assert questions(sketch.model(), blank()) == [Question("group", "Fly")]
    assert guess(Question("group", "Fly"), sketch.model(), blank()) is None

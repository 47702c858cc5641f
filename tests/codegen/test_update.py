"""`make update`: what it writes, how far versions move, and what it says about the overlay."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from sagemaker_typed.changes import Kind, compare
from sagemaker_typed.codegen.keeping import Stay, taken_back
from sagemaker_typed.codegen.kept import TABLES
from sagemaker_typed.codegen.lines import located
from sagemaker_typed.codegen.overlay import Overlay, SiblingList
from sagemaker_typed.codegen.read import BotocoreModel, read_installed
from sagemaker_typed.codegen.release import update
from sagemaker_typed.codegen.release.changelog import ApiNames, Changelog, ChangelogError, sections, summary
from sagemaker_typed.codegen.release.git import git, released
from sagemaker_typed.codegen.release.record import gathered, names, names_of_all, record
from sagemaker_typed.codegen.release.update import TreeState, UpdateError, chosen
from sagemaker_typed.codegen.release.versions import (
    FindingRecord,
    Level,
    Version,
    VersionError,
    level_of,
    pins,
    repinned,
    with_module_version,
)
from sagemaker_typed.codegen.targets import MAIN
from tests.codegen.runs import ROOT
from tests.codegen.sketch import Sketch, blank

DAY = date(2026, 11, 24)
NAMES = ApiNames(operation=lambda name: f"sm.group.{name.lower()}", shape=str, member=lambda where: where.split(".")[1])


def finding(kind: str, where: str, severity: str = "compatible", **more: Any) -> FindingRecord:
    made: Any = {"kind": kind, "severity": severity, "where": where, **more}
    return made  # type: ignore[no-any-return]


ADDED = finding("operation_added", "Turn")
MEMBER = finding("member_added", "Widget.size", type="integer")
VALUE = finding("enum_value_added", "Ink", "conditional", value="red")
REMOVED = finding("enum_value_removed", "Ink", "breaking", value="black")


# --- versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "before_1", "from_1"),
    [
        ([ADDED, REMOVED], "0.5.0", "2.0.0"),
        ([VALUE, MEMBER], "0.5.0", "1.5.0"),
        ([ADDED], "0.5.0", "1.5.0"),
        ([finding("member_no_longer_required", "Widget.size", "conditional")], "0.5.0", "1.5.0"),
        ([VALUE], "0.4.3", "1.4.3"),
        ([finding("max_changed", "Name", "conditional", old=1, new=2)], "0.4.3", "1.4.3"),
        ([], "0.4.3", "1.4.3"),
    ],
)
def test_the_policy(findings: list[FindingRecord], before_1: str, from_1: str) -> None:
    level: Level = level_of(findings)
    assert str(Version.parse("0.4.2").raised(level)) == before_1
    assert str(Version.parse("1.4.2").raised(level)) == from_1


def test_versions_compare_as_numbers() -> None:
    assert Version.parse("1.9.10") < Version.parse("1.10.9\n")
    for text in ("1.44", "1.44.0rc1", "1.44.0.1", "newest"):
        with pytest.raises(VersionError, match="is no version like"):
            Version.parse(text)


def test_the_pins_move_and_nothing_else() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {"botocore": Version("9.8.7"), "boto3": Version("9.8.6")}
    moved = repinned(text, wanted)
    assert pins(moved) == wanted
    changed = [line for line, old in zip(moved.splitlines(), text.splitlines(), strict=True) if line != old]
    assert changed == ['    "botocore==9.8.7",', '    "boto3==9.8.6",']
    assert repinned(moved, wanted) == moved


def test_a_file_in_another_form_is_said() -> None:
    with pytest.raises(VersionError, match='the pin "botocore==" stands 0 times'):
        repinned('dev = ["botocore>=1.44"]', {"botocore": Version("1.2.3"), "boto3": Version("1.2.3")})
    with pytest.raises(VersionError, match="__version__ stands 0 times"):
        with_module_version("version = '1'", Version("1.2.3"))


def test_what_pip_would_install_is_what_is_wanted() -> None:
    report = {"install": [{"metadata": {"name": n, "version": v}} for n, v in (("boto3", "1.45.1"), ("six", "1.17"))]}
    report["install"].append({"metadata": {"name": "botocore", "version": "1.45.2"}})
    assert chosen(report) == {"botocore": Version("1.45.2"), "boto3": Version("1.45.1")}


# --- the entry --------------------------------------------------------------------------------------------------------

FIRST = "# Changelog\n\n## 0.1.0 (unreleased)\n\nGenerated from botocore 1.40.0.\n\n- All that there is.\n"


def updated(text: str, findings: list[FindingRecord], *tags: str, botocore: str = "1.44.5") -> str:
    return Changelog.parse(text, [Version.parse(tag) for tag in tags]).updated(
        Version.parse(botocore), findings, NAMES, DAY
    )


def test_the_first_version_gets_one_above_it() -> None:
    assert updated(FIRST, [REMOVED, ADDED, MEMBER, VALUE]) == (
        "# Changelog\n\n"
        "## 0.2.0 (2026-11-24)\n\n"
        "Generated from botocore 1.44.5 (was 1.40.0): 1 breaking change, 1 new operation, 1 new member and 1 new enum value."
        "\n\n"
        "### API: breaking\n\n- `Ink`: `black` removed\n\n"
        "### API: new operations\n\n- `sm.group`: `turn`\n\n"
        "### API: new members\n\n- `Widget`: `size`\n\n"
        "### API: new enum values\n\n- `Ink`: `red`\n\n" + FIRST.removeprefix("# Changelog\n\n")
    )


def test_an_update_without_anything_new_says_so() -> None:
    text = updated(FIRST, [])
    assert (
        "## 0.1.1 (2026-11-24)\n\nGenerated from botocore 1.44.5 (was 1.40.0): nothing changed for SageMaker.\n" in text
    )


def test_writing_it_again_changes_nothing() -> None:
    once = updated(FIRST, [ADDED, VALUE])
    assert updated(once, [ADDED, VALUE]) == once


def test_a_version_without_a_tag_is_not_raised_twice_and_keeps_what_people_wrote() -> None:
    once = updated(FIRST, [VALUE]).replace("### API", "- By hand.\n\n### Also by hand\n\n- More.\n\n### API", 1)
    assert "## 0.1.1 (" in once
    twice = updated(once, [VALUE, ADDED], botocore="1.45.0")
    assert "## 0.1.1 (" not in twice
    assert twice.count("## 0.2.0 (") == 1
    assert "Generated from botocore 1.45.0 (was 1.40.0): 1 new operation and 1 new enum value.\n\n- By hand.\n" in twice
    assert twice.count("### Also by hand\n\n- More.\n") == 1
    assert twice.count("### API: new enum values") == 1
    assert "Generated from botocore 1.44.5" not in twice
    assert updated(twice, [VALUE], botocore="1.45.1").count("## 0.2.0 (") == 1  # what was promised stays


def test_a_version_with_a_tag_gets_one_above_it() -> None:
    once = updated(FIRST, [ADDED])
    twice = updated(once, [VALUE], "0.1.0", "0.2.0", botocore="1.45.0")
    assert "## 0.2.1 (2026-11-24)\n\nGenerated from botocore 1.45.0 (was 1.44.5): 1 new enum value.\n" in twice
    assert twice.endswith(once.removeprefix("# Changelog\n\n"))


def test_a_changelog_that_says_too_little() -> None:
    with pytest.raises(ChangelogError, match="has no entry"):
        Changelog.parse("# Changelog\n", [])
    with pytest.raises(ChangelogError, match="no entry of the changelog says 'Generated from"):
        updated("## 0.1.0 (2026-01-01)\n\n- By hand.\n", [])


def test_long_lists_and_equal_ones_are_put_together() -> None:
    values = [finding("enum_value_added", ink, value=f"c{n:02}") for ink in ("Ink", "Dye") for n in range(20)]
    (block,) = sections(values, NAMES)
    assert block.count("\n- ") == 1
    assert "- `Dye`, `Ink`: `c00`, `c01`" in block
    assert "`c11` and 8 more" in block
    assert "`c12`" not in block
    assert summary(values) == "40 new enum values"


def test_what_a_comparison_finds_is_told() -> None:
    before = Sketch().enum("Ink", "black", "blue").structure("Pen", {"Ink": "Ink", "Size": "Integer"})
    before.resource("Widget", {"Pen": "Pen"}).operation("TurnWidget", {"Name": "String"})
    after = Sketch().enum("Ink", "blue", "red").structure("Pen", {"Ink": "Ink", "Size": "String"}, required=["Ink"])
    after.resource("Widget", {"Pen": "Pen"}).resource("Gadget")
    found = compare(document(before), document(after))
    findings: list[FindingRecord] = found.to_dict()["findings"]
    called = names(after.model(), blank())
    text = "\n".join(sections(findings, called))
    for line in (
        "- `Ink`: `black` removed",
        "- `Pen`: `ink` now required; `size` now `string`, was `integer`",
        "- `TurnWidget`, `TurnWidgetRequest`: removed",
        "- `sm.gadgets`: `create`, `describe`",
        "- `Ink`: `red`",
    ):
        assert line in text, text
    assert found.verdict == "breaking"
    assert level_of(findings) == "major"


def test_what_the_library_keeps_is_deprecated_and_not_removed() -> None:
    before = Sketch().enum("Ink", "black", "blue", "red").structure("Pen", {"Ink": "Ink", "Size": "Integer"})
    before.resource("Widget", {"Pen": "Pen"}).operation("TurnWidget", {"Name": "String"})
    after = Sketch().enum("Ink", "red").structure("Pen", {"Ink": "Ink"}).resource("Widget", {"Pen": "Pen"})
    stays = Stay("0.3.0", "0.4.0")
    lines = list(taken_back(document(before), after.model(), blank(), stays))
    kept: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    for line in lines:
        kept[line.table[0]].update(line.lines)
    assert {key for table in kept.values() for key in table} == {
        "Ink.black", "Ink.blue", "Pen.Size", "TurnWidget", "TurnWidgetRequest",
    }  # fmt: skip
    del kept["values"]["Ink.blue"]  # somebody has decided so
    comparison = {"sagemaker": compare(document(before), document(after)).to_dict()}
    called = names(after.model(), blank())
    findings = gathered(comparison, [MAIN], {"": kept})
    assert summary(findings) == "1 breaking change and 4 deprecated names"
    assert "\n\n".join(sections(findings, called)) == (
        "### API: breaking\n\n"
        "- `Ink`: `blue` removed\n\n"
        "### API: deprecated\n\n"
        "- `Ink`: `black` deprecated, kept until 0.4.0\n"
        "- `Pen`: `size` deprecated, kept until 0.4.0\n"
        "- `TurnWidget`, `TurnWidgetRequest`: deprecated, kept until 0.4.0"
    )
    # The version in which the names are deprecated is the one that `make update` writes.
    assert level_of(findings) == "major"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_of_finding_can_be_told(kind: str) -> None:
    told = finding(kind, "Widget.size", "breaking", value="v", old="a", new=["b"], type="string", error="E")
    text = "\n".join(sections([told], NAMES))
    assert text.startswith("### API: breaking\n\n- `")
    assert "_" not in text


def document(sketch: Sketch) -> dict[str, Any]:
    model = sketch.model()
    return {"metadata": {"serviceId": "Sketch"}, "operations": model.operations, "shapes": model.shapes}


def test_names_are_those_of_the_generated_code(model: BotocoreModel, overlay: Overlay) -> None:
    called = names(model, overlay)
    assert called.operation("CreateCompilationJob") == "sm.compilation_jobs.create"
    assert called.operation("AddTags") == "sm.tags.add"
    assert called.operation("Search") == "sm.search"
    assert called.operation("NoSuchOperation") == "NoSuchOperation"
    assert called.member("InputConfig.S3Uri") == "s3_uri"
    assert called.member("TagList.member") == "member"


def test_the_findings_of_siblings_are_told_with_their_attribute(model: BotocoreModel, overlay: Overlay) -> None:
    targets = [MAIN, *SiblingList.load().targets()]
    comparison = {
        "sagemaker": {"findings": [{"kind": "operation_added", "severity": "compatible", "where": "AddTags"}]},
        "sagemaker-runtime": {
            "findings": [
                {"kind": "operation_added", "severity": "compatible", "where": "InvokeEndpointAsync"},
                {"kind": "member_added", "severity": "compatible", "where": "InvokeEndpointInput.TargetModel"},
            ]
        },
    }
    findings = gathered(comparison, targets, {})
    runtime = next(target for target in targets if target.attribute == "runtime")
    called = names_of_all(
        {
            "": names(model, overlay),
            "runtime": names(read_installed(runtime.service), Overlay.of(runtime).reading(overlay), runtime),
        }
    )
    text = "\n".join(sections(findings, called))
    for line in (
        "- `sm.tags`: `add`",
        "- `sm.runtime`: `invoke_endpoint_async`",
        "- `runtime.InvokeEndpointInput`: `target_model`",
    ):
        assert line in text, text
    assert summary(findings) == "2 new operations and 1 new member"


# --- the tree ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What an update writes by itself, committed."""
    for folder in ("model", "_core"):
        (tmp_path / "sagemaker_typed" / folder).mkdir(parents=True)
    for name, text in (
        ("CHANGELOG.md", FIRST),
        ("pyproject.toml", 'dev = ["botocore==1.40.0", "boto3==1.40.0"]\n'),
        ("sagemaker_typed/_core/version.py", '__version__ = "0.1.0"\n'),
        ("sagemaker_typed/model/botocore-version", "1.40.0\n"),
    ):
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "As it was")
    return tmp_path


def test_the_version_stands_in_the_entry_and_in_one_module(repository: Path) -> None:
    for _ in range(2):
        assert record(repository, Version("1.44.5"), [ADDED], NAMES, DAY) == Version("0.2.0")
        assert (repository / "CHANGELOG.md").read_text().count("## 0.2.0 (2026-11-24)") == 1
        assert (repository / "sagemaker_typed/_core/version.py").read_text() == '__version__ = "0.2.0"\n'
    git(repository, "tag", "v0.2.0")
    git(repository, "tag", "moved")
    assert released(repository) == {Version("0.2.0")}
    assert record(repository, Version("1.44.6"), [VALUE], NAMES, DAY) == Version("0.2.1")


def test_nothing_is_written_where_a_file_is_in_another_form(repository: Path) -> None:
    (repository / "sagemaker_typed/_core/version.py").write_text("")
    with pytest.raises(VersionError):
        record(repository, Version("1.44.5"), [ADDED], NAMES, DAY)
    assert (repository / "CHANGELOG.md").read_text() == FIRST


def test_what_is_left_to_do_shows_in_the_files(repository: Path) -> None:
    wanted = {"botocore": Version("1.44.5"), "boto3": Version("1.44.4")}
    state = TreeState.read(repository)
    assert state.current(state.pinned)
    assert not state.current(wanted)
    project = repository / "pyproject.toml"
    project.write_text(repinned(project.read_text(), wanted))
    assert not TreeState.read(repository).current(wanted)
    (repository / update.STAMP).write_text("1.44.5\n")
    assert not TreeState.read(repository).current(wanted)
    record(repository, Version("1.44.5"), [ADDED], NAMES, DAY)
    assert TreeState.read(repository).under_way
    assert not TreeState.read(repository).current(wanted)  # its checks may have failed
    git(repository, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-am", "Updated")
    assert TreeState.read(repository).current(wanted)


def offline(
    monkeypatch: pytest.MonkeyPatch, repository: Path, version: Version, fails: str = "generate"
) -> list[tuple[str, ...]]:
    """pip finds this version; what else would be run is gathered."""
    ran: list[tuple[str, ...]] = []

    def run(*command: str) -> int:
        ran.append(command)
        return int(fails in command)

    monkeypatch.setattr(update, "ROOT", repository)
    monkeypatch.setattr(update, "newest", lambda botocore: {"botocore": version, "boto3": version})
    monkeypatch.setattr(update, "_run", run)
    return ran


def test_nothing_newer(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = offline(monkeypatch, repository, Version("1.40.0"))
    assert update.main([]) == 0
    assert capsys.readouterr().out == "botocore 1.40.0 is what the library is generated from: nothing is newer.\n"
    assert ran == []
    assert git(repository, "status", "--short") == ""


def test_an_older_one_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(monkeypatch, repository, Version("1.39.9"))
    with pytest.raises(UpdateError, match=r"1\.39\.9 is older than 1\.40\.0"):
        update.update("1.39.9", "make")
    assert git(repository, "status", "--short") == ""


def test_where_the_generator_stops_the_pins_have_moved_and_it_can_go_on(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = offline(monkeypatch, repository, Version("1.44.5"))
    for _ in range(2):
        assert update.main(["--make", "gmake"]) == 1
        said = capsys.readouterr().err
        assert "`make update` then goes on from here" in said
        assert "git restore pyproject.toml .ci/dev.txt sagemaker_typed/codegen/overlay && git clean -f " in said
        assert git(repository, "status", "--short") == " M pyproject.toml\n"
    assert (
        ran
        == [("gmake", "--no-print-directory", "lock"), ("gmake", "--no-print-directory", "generate", "PROPOSE=0")] * 2
    )


def test_guesses_are_asked_for(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = offline(monkeypatch, repository, Version("1.44.5"))
    assert update.main(["--make", "gmake", "--propose", "1"]) == 1
    assert ran[1:] == [("gmake", "--no-print-directory", "generate", "PROPOSE=1")]


@pytest.mark.parametrize(
    ("arguments", "fails", "code", "checks"),
    [
        ([], "", 0, ["check", "test-quick"]),
        ([], "check", 1, ["check", "test-quick"]),
        ([], "test-quick", 1, ["check", "test-quick"]),
        (["--check", "0"], "check", 0, []),
    ],
)
def test_the_checks_run_unless_the_caller_does_them(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    fails: str,
    code: int,
    checks: list[str],
) -> None:
    ran = offline(monkeypatch, repository, Version("1.44.5"), fails=fails)
    monkeypatch.setattr(update, "compare", lambda base: {})
    monkeypatch.setattr(update, "standing", list)
    assert update.main(["--make", "gmake", *arguments]) == code
    assert [command[-1] for command in ran[3:]] == checks


def test_a_lock_that_fails_stops_before_anything_is_generated(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = offline(monkeypatch, repository, Version("1.44.5"), fails="lock")
    assert update.main(["--make", "gmake"]) == 1
    assert ran == [("gmake", "--no-print-directory", "lock")]
    assert "`make lock` failed" in capsys.readouterr().err


def test_a_failing_program_is_shown(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(update, "ROOT", repository)
    monkeypatch.setattr(update, "_pip", lambda command: ["sh", "-c", "echo no such index >&2; exit 3"])
    assert update.main([]) == 1
    assert capsys.readouterr().err == "looking for botocore failed:\nno such index\n"


# --- the lines of the overlay -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("overlay/waiters.toml: there is no group 'jobs'", 6),
        ("overlay/waiters.toml: [jobs.completed] there is no status 'Gone'", 11),
        ("overlay/waiters.toml: [jobs] there is no key 'nuon'", 8),
        ("overlay/waiters.toml: [ghosts] there is no key 'nuon'", None),
        ('status; add to overlay/waiters.toml: [jobs.completed] pending = ["New"]', 10),
        ('status; add to overlay/waiters.toml: [jobs.completed] failure = ["New"]', 9),
        ('waits; add to overlay/waiters.toml: [others] status = "Status"', None),
        ("overlay/waiters.toml: [without] there is no operation 'DescribeGone'", 4),
    ],
)
def test_a_line_is_found(tmp_path: Path, said: str, number: int | None) -> None:
    path = tmp_path / "waiters.toml"
    path.write_text(
        '[defaults]\ntimeout = 1\n[without]\nDescribeGone = "Gone."\n\n'
        '[jobs]\nstatus = "JobStatus"\nnuon = "job"\n[jobs.completed]\npending = ["Busy", "NotGone",\n    "Gone"]\n'
    )
    place = f"{path.as_posix()}:{number}:" if number else f"{path.as_posix()}:"
    assert located(said, tmp_path) == said.replace("overlay/waiters.toml:", place)


def test_a_line_of_a_wording_is_found(tmp_path: Path) -> None:
    path = tmp_path / "errors.toml"
    path.write_text(
        "[in_use]\n[[in_use.wordings]]\npattern = 'A'\noperations = [\"Gone*\"]\n"
        "[[conflict.wordings]]\npattern = 'B'\n[[conflict.wordings]]\noperations = [\"Gone*\"]\n"
    )
    said = "overlay/errors.toml: [conflict.wordings] there is no operation 'Gone*'"
    assert located(said, tmp_path).startswith(f"{path.as_posix()}:8:")


def test_what_names_no_overlay_stays_as_it_is() -> None:
    assert located("2 things need a decision:") == "2 things need a decision:"

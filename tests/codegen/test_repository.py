"""What looks after the repository: workflows, dependency groups, the lock, and what no file may say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from sagemaker_typed._core.version import __version__
from sagemaker_typed.codegen.release.changelog import Changelog
from sagemaker_typed.codegen.release.told import newer, told
from sagemaker_typed.codegen.release.versions import Version
from tests.codegen.runs import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
LOCK = (ROOT / ".ci/dev.txt").read_text(encoding="utf-8")

if not WORKFLOWS:
    pytest.skip("the source archive has no workflows", allow_module_level=True)


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_of_the_makefile_alone(path: Path) -> None:
    for job in jobs(path).values():
        for step in job["steps"]:
            command = step.get("run")
            if command is None:
                continue
            assert command.startswith("make "), command
            (named,) = [word for word in command.split(" > ")[0].split()[1:] if not re.match(r"--|[A-Z]+=", word)][
                :1
            ] or [""]
            matrix = job.get("strategy", {}).get("matrix", {}).get("target", [])
            for target in matrix if "matrix.target" in command else [named]:
                assert target in TARGETS, f"{path.name}: there is no target {target!r}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_no_more_than_they_need(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text(encoding="utf-8")
    for job in jobs(path).values():
        for step in job["steps"]:
            assert "uses" not in step or "@" in step["uses"]


def test_an_archive_is_published_by_the_workflow_that_is_trusted() -> None:
    release = jobs(ROOT / ".github/workflows/release.yml")
    assert release["publish"]["permissions"] == {"id-token": "write"}
    assert release["publish"]["environment"] == "release"
    built = [step.get("run", step.get("uses", "")) for step in release["build"]["steps"]]
    (ready,) = (step for step in release["build"]["steps"] if step.get("run") == "make check-release")
    assert ready["env"] == {"TAG": "${{ github.ref_name }}"}
    assert built.index("make check-release") < built.index("make check-wheel") < built.index("make test-wheel")
    assert any(each.startswith("actions/attest-build-provenance@") for each in built)
    assert not any("run" in step for step in release["publish"]["steps"])


# --- dependencies -----------------------------------------------------------------------------------------------------


def test_what_developers_need_is_no_extra() -> None:
    assert sorted(PROJECT["project"]["optional-dependencies"]) == ["async", "changes", "cli", "migrate", "testing"]
    assert "dev" in PROJECT["dependency-groups"]


def group(*names: str) -> list[Requirement]:
    command = [sys.executable, str(ROOT / ".ci/group.py"), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [Requirement(line) for line in done.stdout.splitlines()]


def test_a_group_is_read_with_those_that_it_includes() -> None:
    names = {each.name for each in group("dev")}
    assert {"pytest", "sphinx", "uv", "typer", "moto", "aiohttp", "griffelib"} <= names
    assert "pytest" not in {each.name for each in group("docs")}


def test_the_lock_holds_what_the_groups_ask_for_with_hashes() -> None:
    locked = {found[0]: found[1] for found in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)}
    for each in group("dev"):
        assert each.specifier.contains(locked[each.name], prereleases=True), each
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert len(blocks) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE))


@pytest.mark.parametrize("hook", ["ruff-format", "ruff"])
def test_a_hook_leaves_alone_what_ruff_does_not_look_at(hook: str) -> None:
    """pre-commit names the files, and ruff takes a named file even if it is excluded."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (entry,) = [each["entry"] for repo in config["repos"] for each in repo["hooks"] if each["id"] == hook]
    excluded = [
        path for each in PROJECT["tool"]["ruff"]["extend-exclude"] for path in sorted((ROOT / each).glob("*.py"))
    ]
    before = [path.read_bytes() for path in excluded]
    command = [str(Path(sys.executable).parent / "ruff"), *entry.split()[1:], *map(str, excluded)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert excluded
    assert [path.read_bytes() for path in excluded] == before


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "sagemaker_typed/_core/version.py"
    assert __version__ in (ROOT / "sagemaker_typed/_core/version.py").read_text(encoding="utf-8")


def test_no_file_names_a_package_index() -> None:
    address = re.compile(r"(?:index-url|find-links)[ =]|https?://[^\s\"']*/simple\b")
    for path in (*WORKFLOWS, *ROOT.glob(".ci/*"), ROOT / "pyproject.toml", ROOT / "Makefile", *ROOT.glob(".*.yaml")):
        if path.is_file():
            assert not address.search(path.read_text(encoding="utf-8")), path


# --- the pull request of an update ------------------------------------------------------------------------------------

LOG = "# Changelog\n\n## 0.2.0 (2026-11-26)\n\nGenerated from botocore 1.44.8 (was 1.44.5).\n\n" + (
    "By hand.\n\n### By hand too\n\n- More.\n\n### API: new operations\n\n- `sm.kites`: `move`\n\n"
    "## 0.1.0\n\nGenerated from botocore 1.44.5.\n"
)
RELEASE: dict[str, Any] = {
    "botocore": "1.44.8",
    "operations": ["MoveKite"],
    "breaking": ["Kind: value removed: a"],
    "conditional": [],
    "compatible": ["A.B: member added (string)"],
}


def test_the_text_of_a_pull_request_says_what_a_person_has_to_look_at() -> None:
    proposals = [
        "codegen/overlay/words/kites.toml:3: FLYING = 'Is in `FLYING`.'",
        "codegen/overlay/groups.toml:7: MoveKite = ...",
    ]
    text = told(Changelog.parse(LOG, []), [RELEASE], proposals)
    assert text.splitlines()[0] == "Generate from botocore 1.44.8"
    decision, sentence = "- [ ] `codegen/overlay/groups.toml:7: MoveKite = ...`", f"- [ ] `` {proposals[0]} ``"
    assert f"## Proposed decisions\n\n{decision}\n\n## Drafted sentences for docstrings\n\n{sentence}\n" in text
    assert "- new operation MoveKite\n- **breaking** Kind: value removed: a\n- 1 compatible change\n" in text
    assert text.endswith(
        "entry for 0.2.0\n\nGenerated from botocore 1.44.8 (was 1.44.5).\n\n"
        "### API: new operations\n\n- `sm.kites`: `move`\n"
    )
    assert "Nothing had to be decided." in told(Changelog.parse(LOG, []), [], [])


def test_a_pull_request_names_the_run_in_which_checks_failed() -> None:
    address = "https://git.example.org/o/r/actions/runs/7"
    assert address in told(Changelog.parse(LOG, []), [], [], failed=address).split("\n\n")[1]
    assert "failed" not in told(Changelog.parse(LOG, []), [], [])


def test_a_pull_request_is_opened_also_where_checks_fail() -> None:
    """The checks come after what generates, and the steps after them run whatever the checks say."""
    steps = jobs(ROOT / ".github/workflows/update.yml")["update"]["steps"]
    place = next(n for n, step in enumerate(steps) if step.get("id") == "checks")
    assert steps[place]["run"] == "make --keep-going check test-quick"
    assert "continue-on-error" not in steps[place]
    assert [step["run"] for step in steps[:place] if "run" in step] == [
        "make setup",
        "make update CHECK=0",
        "make history",
    ]
    after = steps[place + 1 :]
    assert [step["if"] for step in after] == [
        f"${{{{ !cancelled() && steps.{before}.outcome == 'success' }}}}" for before in ("generated", "text")
    ]
    assert after[-1]["uses"].startswith("peter-evans/create-pull-request@")


def test_findings_are_those_of_the_releases_since() -> None:
    lines = ['{"first": "1.8.29"}', '{"botocore": "1.44.5"}', '{"botocore": "1.44.8"}']
    assert [each["botocore"] for each in newer(lines, Version("1.44.5"))] == ["1.44.8"]

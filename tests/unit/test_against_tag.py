"""`make bench-tag`: which tag is compared with, what counts as worse, and what an older version cannot do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks import against_tag
from tests.benchmarks.measure import Figures, Library, Result
from tests.benchmarks.rows import ROWS, Row

THEN = Library("v0.1.0", "python", "import sagemaker_typed", "sagemaker_typed")
CALLS = next(row for row in ROWS if row.kind == "calls")
RATE = next(row for row in ROWS if row.kind == "threads")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "commit", "--quiet", "--allow-empty", "-m", "more")


def test_without_a_tag_it_says_so_and_ends_well(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(repository)
    assert against_tag.main([], repository) == 0
    assert capsys.readouterr().out == "There is no tag before this commit to compare with, so nothing is measured.\n"


def test_without_a_history_and_outside_of_git_there_is_no_tag(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repository, "tag", "v0.1.0")
    assert against_tag.main([], repository) == 0
    assert against_tag.main([], tmp_path_factory.mktemp("elsewhere")) == 0


def test_the_last_tag_before_this_commit_is_compared_with(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    commit(repository)
    git(repository, "tag", "v0.2.0")
    assert against_tag.tag_before(repository) == "v0.1.0"
    commit(repository)
    assert against_tag.tag_before(repository) == "v0.2.0"


@pytest.mark.parametrize(
    ("row", "low", "high", "worse"),
    [
        (CALLS, 0.90, 1.00, False),
        (CALLS, 1.05, 1.30, False),
        (CALLS, 1.11, 1.30, True),
        (RATE, 1.11, 1.30, False),
        (RATE, 0.80, 0.95, False),
        (RATE, 0.80, 0.90, True),
    ],
)
def test_three_of_four_pairs_have_to_be_worse(row: Row, low: float, high: float, worse: bool) -> None:
    found = Result(0.001, (low + high) / 2, low, high)
    assert against_tag.worse(row, found) is worse
    assert against_tag.line(row, found).endswith("WORSE") is worse


def test_a_row_that_the_older_version_cannot_do_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def take(libraries: list[Library]) -> Figures:
        if THEN in libraries:
            raise RuntimeError("a worker ended with 1")
        return {each.name: [1.0] for each in libraries}

    assert against_tag.figures_of(CALLS, take, THEN) == {"now": [1.0]}
    assert capsys.readouterr().out == f"{CALLS.what}: v0.1.0 cannot do it (a worker ended with 1)\n"


def test_a_row_that_this_version_cannot_do_is_an_error() -> None:
    def take(libraries: list[Library]) -> Figures:
        raise RuntimeError("a worker ended with 1")

    with pytest.raises(RuntimeError, match="ended with 1"):
        against_tag.figures_of(CALLS, take, THEN)

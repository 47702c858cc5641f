"""What keeps a version from being published, and the one command that puts a publisher in."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sagemaker_typed.codegen.release import publisher, ready
from sagemaker_typed.codegen.release.publisher import CITATION, OWNERS, PROJECT, PublisherError
from tests.codegen.runs import ROOT

if not (ROOT / OWNERS).exists():
    pytest.skip("the source archive has no CODEOWNERS", allow_module_level=True)

ADDRESS = "https://github.com/acme/sagemaker-typed"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that the library could be published from: the files of this one, with a publisher and a surface."""
    texts = ready.files()
    texts |= publisher.written(publisher.files(), ADDRESS)
    version = re.findall(r'^__version__ = "(.*)"$', texts[ready.MODULE], re.MULTILINE)[0]
    texts[ready.SURFACE] = f"# The public surface of sagemaker_typed {version}, kept by `make surface`.\n"
    texts[ready.CHANGELOG] = f"# Changelog\n\n## {version} (2026-11-26)\n\nGenerated from botocore 1.44.8.\n"
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "tag").write_text(f"v{version}", encoding="utf-8")
    return tmp_path


def edit(repository: Path, path: str, old: str, new: str) -> None:
    text = (repository / path).read_text(encoding="utf-8")
    assert old in text
    (repository / path).write_text(text.replace(old, new), encoding="utf-8")


def tag(repository: Path) -> str:
    return (repository / "tag").read_text(encoding="utf-8")


def told(repository: Path, tag: str) -> list[str]:
    return ready.problems(tag, ready.files(repository))


def test_nothing_stands_in_the_way_of_a_whole_version(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "standing", list)  # between two releases, the overlay may have proposals
    assert ready.main([tag(repository)], repository) == 0
    assert capsys.readouterr().out == f"{tag(repository)} can be published\n"


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (PROJECT, ADDRESS, "https://example.org/sagemaker-typed", r"pyproject.toml: .* is a placeholder: run `make pub"),
        (PROJECT, ADDRESS, "https://git.example.com/acme/library", r"pyproject.toml: .* is a placeholder"),
        (PROJECT, ADDRESS, "https://github.com", r"pyproject.toml: .* is no address like"),
        (CITATION, ADDRESS, "https://example.org/sagemaker-typed", r"CITATION.cff does not name https://github.com/acme"),
        (OWNERS, "@acme/maintainers", "@sagemaker-typed/maintainers", r"CODEOWNERS asks @sagemaker-typed/maintainers, which"),
        (ready.CHANGELOG, "(2026-11-26)", "(unreleased)", r"the entry of .* has no date"),
        (ready.CHANGELOG, "\n## ", "\n## 99.0.0 (2027-01-01)\n\n## ", r"the first entry of CHANGELOG.md is not that of"),
        (ready.SURFACE, "sagemaker_typed ", "sagemaker_typed 0.0.1 and ", r"recorded.txt is that of 0.0.1: run `make surf"),
    ],
)  # fmt: skip
def test_a_version_with_a_fault_is_refused(
    repository: Path, capsys: pytest.CaptureFixture[str], path: str, old: str, new: str, problem: str
) -> None:
    if path == ready.SURFACE:
        (repository / path).write_text("# The public surface of sagemaker_typed 0.0.1, kept.\n", encoding="utf-8")
    else:
        edit(repository, path, old, new)
    (found,) = told(repository, tag(repository))
    assert re.search(problem, found), found
    assert ready.main([tag(repository)], repository) == 1
    assert found in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["v99.0.0", "99.0.0", ""])
def test_a_tag_names_the_version(repository: Path, wrong: str) -> None:
    (found,) = told(repository, wrong)
    assert found.startswith(f"the tag is {wrong or 'not given'}, and the version ")


def test_a_version_with_proposals_is_refused(repository: Path) -> None:
    (found,) = ready.problems(tag(repository), ready.files(repository), ["overlay/groups.toml:7: MoveKite"])
    assert found == "1 proposals that nobody has looked at: see `make proposals`"


def test_a_version_that_stands_nowhere_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ready.MODULE).write_text("", encoding="utf-8")
    assert ready.main(["v1.0.0"], repository) == 1
    assert "- __version__ stands 0 times where it should stand once" in capsys.readouterr().out


# --- the publisher ----------------------------------------------------------------------------------------------------


def test_one_command_puts_a_publisher_in(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = "https://gitlab.example-company.com/ml-tools/typed"
    assert publisher.main([other], repository) == 0
    assert capsys.readouterr().out.split() == [PROJECT, CITATION, OWNERS]
    texts = publisher.files(repository)
    assert not [path for path, text in texts.items() if "acme" in text]
    assert publisher.repository(texts) == other
    urls = tomllib.loads(texts[PROJECT])["project"]["urls"]
    assert (urls["Changelog"], urls["Issues"]) == (f"{other}/blob/main/CHANGELOG.md", f"{other}/issues")
    assert texts[OWNERS].count("@ml-tools/maintainers") == texts[OWNERS].count("@") > 1
    assert publisher.problems(texts) == []
    assert publisher.main([], repository) == 0
    assert capsys.readouterr().out == ""


def test_a_publisher_without_a_team_names_a_person(repository: Path) -> None:
    assert publisher.main([ADDRESS.replace("acme", "ada"), "--team", "@ada"], repository) == 0
    assert publisher.problems(publisher.files(repository)) == []


def test_what_a_publisher_changes_stands_nowhere_else() -> None:
    """The placeholder, or the publisher's address and team, are in the three files alone."""
    names = re.compile("|".join(map(re.escape, {publisher.repository(publisher.files()), "@sagemaker-typed/"})))
    own = {Path(__file__).resolve(), *((ROOT / path).resolve() for path in publisher.files())}
    texts = [
        path
        for folder in (ROOT, ROOT / ".ci", *(each for each in (ROOT / ".github").rglob("*") if each.is_dir()))
        for path in (*folder.iterdir(), *(ROOT / "docs").rglob("*.md"))
        if path.is_file() and path.resolve() not in own and path.suffix in (".md", ".toml", ".txt", ".yml", ".cff", "")
    ]
    assert len(texts) > 30
    assert [path for path in texts if names.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("address", ["https://example.com/acme/library", "https://localhost/acme/library", "acme", ""])
def test_no_placeholder_is_put_in(repository: Path, capsys: pytest.CaptureFixture[str], address: str) -> None:
    before = publisher.files(repository)
    edit(repository, PROJECT, ADDRESS, "https://example.org/sagemaker-typed")
    assert publisher.main([address], repository) == 1
    assert capsys.readouterr().err
    assert {**publisher.files(repository), PROJECT: before[PROJECT]} == before


def test_a_file_without_a_place_is_told(repository: Path) -> None:
    texts = publisher.files(repository)
    with pytest.raises(PublisherError, match=r"CITATION\.cff must name the publisher once"):
        publisher.written({**texts, CITATION: "title: ours\n"}, ADDRESS)
    with pytest.raises(PublisherError, match="CODEOWNERS must name the publisher at least once"):
        publisher.written({**texts, OWNERS: "# nobody\n"}, ADDRESS)
